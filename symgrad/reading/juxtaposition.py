"""Values side by side, and functions without brackets: ``2x``, ``sin x``, ``sin^2 x``.

The one rule kept here: what a careful reader could take in two ways is an error that
offers both. After ``/`` nothing stands side by side (``1/2x``), after ``^`` only what a
blank or a bracket sets apart (``x^2 y``), and only letters with their indices are
factors without a sign (``w_1 x_1``, not ``hello world``).
"""

from __future__ import annotations

from symgrad.errors import short
from symgrad.reading.postfix import Pending, State
from symgrad.spellings import table_name
from symgrad.tokens import Token
from symgrad.vocabulary import (
    ABSTRACT,
    CONSTANTS,
    INVERSES,
    RESERVED,
    is_bare,
    looks_like_symbol,
)

_SUPERSCRIPTS = set("⁰¹²³⁴⁵⁶⁷⁸⁹")
_UNCLEAR = "can be read in two ways"


def _is_function(word: str) -> bool:
    return table_name(word) is not None


def make_room(state: State, token: Token) -> None:
    """Make room for a value: right after another one, it is a factor."""
    if state.operand_next:
        return
    before = state.token(-1)
    assert before is not None
    if before.kind == "name" and is_bare(before.text):
        state.fail(
            token.start,
            f"unexpected {short(token.text)} after the function {before.text}; "
            f"write {before.text}( ) with brackets",
        )
    if not _may_stand_together(state, before, token):
        state.fail(
            token.start,
            f"unexpected {short(token.text)} after {short(before.text)}; expected an "
            "operator or the end, write * for a product",
        )
    _check_divisor(state, before, token)
    _check_glued(state, before, token)
    state.push("*", token.start, token.start)


def _may_stand_together(state: State, before: Token, token: Token) -> bool:
    if token.kind == "number":
        return False
    if before.kind != "name" or token.kind != "name":
        return True
    if before.text in CONSTANTS:
        return True
    is_call = state.kind(1) == "open" or is_bare(token.text)
    both = is_call or token.text in CONSTANTS or looks_like_symbol(token.text)
    return both and looks_like_symbol(before.text)


def _check_divisor(state: State, before: Token, token: Token) -> None:
    """Refuse ``1/2x``."""
    tight = ("negate", "^", "sqrt", "cbrt")
    over = next((p for p in reversed(state.pending) if p.symbol not in tight), None)
    if over is None or over.symbol != "/":
        return
    top = _base(state, over)
    below = state.text[over.end : before.end].strip()
    factor = _shown(state, token)
    state.fail(
        over.start,
        f"{short('/' + below)} before {short(token.text)} {_UNCLEAR}; write "
        f"({top}/{below})*{factor} or {top}/({below}*{factor})",
    )


_ATOMS = ("number", "name")


def _base(state: State, operator: Pending) -> str:
    """What stands left of an operator, as an error offers it."""
    for place in range(state.at - 1, -1, -1):
        token = state.tokens[place]
        if token.end <= operator.start:
            if place and state.tokens[place - 1].text == "^":
                return "(…)"
            return token.text if token.kind in _ATOMS else "(…)"
    return "(…)"


def _shown(state: State, token: Token) -> str:
    """A factor as an error offers it."""
    if token.kind != "name":
        return "(…)"
    return f"{token.text}(…)" if state.kind(1) == "open" else token.text


def _check_glued(state: State, before: Token, token: Token) -> None:
    """Refuse ``2^3x`` and ``√2x``, where nothing sets the factor apart."""
    waiting = state.pending[-1].symbol if state.pending else ""
    if waiting == "negate" and len(state.pending) > 1:
        waiting = state.pending[-2].symbol
    is_root = waiting in ("sqrt", "cbrt")
    if not (is_root or waiting == "^") or before.end != token.start:
        return
    written = state.text[before.start : before.end]
    is_letter = before.kind == "name" and token.text in CONSTANTS and not is_root
    if not is_letter and (before.kind != "number" or _SUPERSCRIPTS & set(written)):
        return
    if token.kind == "open" and not is_root:
        return
    factor = _shown(state, token)
    start, written = state.pending[-1].start, before.text
    if is_root:
        ways = f"{waiting}({written})*{factor} or {waiting}({written}*{factor})"
    else:
        operator = next(p for p in reversed(state.pending) if p.symbol == "^")
        start, base = operator.start, _base(state, operator)
        written = state.text[operator.end : before.end].strip()
        ways = f"{base}^{written}*{factor} or {base}^({written}*{factor})"
    shown = short(state.text[start : before.end])
    state.fail(start, f"{shown} before {short(token.text)} {_UNCLEAR}; write {ways}")


def bare_length(state: State) -> int:
    """How many tokens of ``sin 2πx`` its argument has: 0 where it is no such call."""
    first = 1 if _power_of(state) is None else 3
    last = first + (state.kind(first) == "number")
    last += state.kind(last) == "name" and state.word(last) in CONSTANTS
    if last == first:
        is_name = state.kind(first) == "name" and state.word(first) not in RESERVED
        return int(is_name)
    is_product = state.kind(last) == "name" and not _ends_argument(state, last)
    return last - first + is_product


def _ends_argument(state: State, offset: int) -> bool:
    """Whether the argument of a function without brackets is over there for sure."""
    kind, word = state.kind(offset), state.word(offset)
    if kind == "name":
        return is_bare(word) or word in RESERVED
    if kind == "bar":
        opened = state.opened()
        return opened is not None and opened.symbol == "|"
    if word in ("*", "/") and is_bare(state.word(offset + 1)):
        return True  # sin x * cos x
    return kind in ("", "close", "comma", "compare") or word in ("+", "-")


def read_bare(state: State, name: Token, length: int) -> tuple[list[Token], Token]:
    """The argument of a function without brackets, and the last token used.

    Raises ``FormulaError`` where it is not clear how far the argument goes.
    """
    first = 1 if _power_of(state) is None else 3
    argument = [t for k in range(length) if (t := state.token(first + k)) is not None]
    last = argument[-1]
    power = _power_of(state)
    function = name.text if power is None else f"{name.text}^{power.text}"
    inner = "*".join(t.text for t in argument)
    glued = power is not None and argument[0].start == power.end
    written = "" if power is None else state.text[power.start : power.end]
    if any(is_bare(t.text) or _is_function(t.text) for t in argument):
        state.fail(
            name.start,
            f"unexpected {short(last.text)} after the function {name.text}; "
            f"write {name.text}( ) with brackets",
        )
    if glued and not _SUPERSCRIPTS & set(written):
        state.fail(
            name.start,
            f"{function}{inner} {_UNCLEAR}; write {function}({inner}) with brackets",
        )
    if not _ends_argument(state, first + length):
        follows = state.word(first + length)
        sign = follows if state.kind(first + length) == "operator" else "*"
        rest = "…" if sign == follows else f"{follows}"
        state.fail(
            name.start,
            f"{short(function + ' ' + inner)} before {short(follows)} {_UNCLEAR}; "
            f"write {function}({inner}){sign}{rest} or {function}({inner}{sign}{rest})",
        )
    return argument, last


def _power_of(state: State) -> Token | None:
    """The 2 of ``sin^2`` at the current token."""
    if state.word(1) == "^" and state.kind(1) == "operator":
        exponent = state.token(2)
        if exponent is not None and exponent.kind == "number":
            return exponent
    return None


def power_of_function(state: State, name: Token) -> Token | None:
    """The exponent of ``sin^2(x)`` or ``sin^2 x``, at the name of the function.

    ``None`` where the name is a variable, as in ``exp^2 + 1``. ``sin^-1 x`` and
    ``f^2(x)`` have two meanings each, and are errors.
    """
    if state.word(1) != "^" or state.kind(1) != "operator":
        return None
    is_called = _is_function(name.text) or name.text in ABSTRACT
    if not is_called and name.text not in state.words.functions:
        return None
    if state.word(2) == "-" and state.kind(3) == "number":
        if state.kind(4) in ("open", "name"):
            _fail_inverse(state, name, 3)
        return None
    if state.kind(2) == "open":
        _check_bracketed(state, name)
        return None
    follows = state.kind(3)
    is_applied = follows == "open" or (is_bare(name.text) and follows in _ATOMS)
    if not is_applied or state.word(3) in RESERVED:
        return None
    power = _power_of(state)
    if _is_function(name.text) and name.text not in state.words.functions:
        if power is not None:
            return power
        if state.kind(2) == "name" and state.word(2) not in CONSTANTS:
            exponent = state.word(2)
            state.fail(
                name.start,
                f"a power of {name.text} itself; write {name.text}(…)^{exponent}",
            )
    elif power is not None and (
        name.text in state.words.functions or name.text in ABSTRACT
    ):
        state.fail(
            name.start,
            f"{name.text}^{power.text}(…) {_UNCLEAR}; write {name.text}(…)^"
            f"{power.text} or {name.text}^{power.text}*(…)",
        )
    return None


def _check_bracketed(state: State, name: Token) -> None:
    """Refuse ``sin^(-1)(x)`` and ``f^(2)(x)``, which is a derivative for some."""
    last = next((k for k in range(3, 8) if state.kind(k) == "close"), 0)
    applied = ("open", "name") if is_bare(name.text) else ("open",)
    if not last or state.kind(last + 1) not in applied:
        return
    if state.word(last + 1) in RESERVED:
        return
    if state.word(3) == "-":
        _fail_inverse(state, name, last)
    opened, closed = state.tokens[state.at + 2], state.tokens[state.at + last]
    power = state.text[opened.end : closed.start].strip()
    state.fail(
        name.start,
        f"{name.text}^({power})(…) {_UNCLEAR}; write {name.text}(…)^({power})",
    )


def check_signed(state: State, name: Token) -> None:
    """Refuse ``exp -x``, which is no difference for its reader."""
    sign = state.token(1)
    if name.text == "exp" and sign is not None and sign.text == "^":
        state.fail(name.start, f"exp^… {_UNCLEAR}; write exp(…) or e^…, or rename it")
    if is_bare(name.text) and sign is not None and sign.text in ("-", "+"):
        after = state.token(2)
        if name.end < sign.start and after is not None and sign.end == after.start:
            word = f"{sign.text}{after.text}"
            state.fail(
                name.start,
                f"{name.text} {word} {_UNCLEAR}; write {name.text}({word}) for the "
                f"function, or {name.text} {sign.text} {after.text} for a variable",
            )


def _fail_inverse(state: State, name: Token, last: int) -> None:
    inverse = INVERSES.get(table_name(name.text) or "")
    ways = [f"{inverse}(…)"] if inverse else []
    ways.append(f"1/{name.text}(…)")
    written = state.text[name.start : state.tokens[state.at + last].end]
    state.fail(name.start, f"{short(written)} {_UNCLEAR}; write {' or '.join(ways)}")
