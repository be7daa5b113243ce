"""The precedence parser: the tokens of one formula to postfix instructions.

The one rule kept here: every token is dealt with where it stands, by its kind; what
may stand side by side without a sign is decided in juxtaposition.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from symgrad.calls import CALLS, fail_pairs, write_call
from symgrad.conditions import branches_of
from symgrad.connectives import CONNECTIVES
from symgrad.errors import short
from symgrad.index_calls import indexed, uses_of
from symgrad.juxtaposition import (
    bare_length,
    check_signed,
    multiply,
    power_of_function,
    read_bare,
)
from symgrad.postfix import OPENING, OPERAND, Pending, Program, State, Vocabulary
from symgrad.spellings import table_name
from symgrad.tokens import Token, fail, place
from symgrad.vocabulary import (
    ABSTRACT,
    CONSTANTS,
    RESERVED,
    TRUTHS,
    find_call,
    is_bare,
    looks_like_symbol,
)

_CLOSING = {"(": ")", "[": "]", "{": "}", "⌊": "⌋", "⌈": "⌉"}
_FLOORS = {"⌊": "floor", "⌈": "ceiling"}


def parse(
    text: str, tokens: list[Token], words: Vocabulary, indices: Sequence[str] = ()
) -> Program:
    """Put the tokens of one formula, a part of ``text``, into postfix order.

    ``indices`` are those of a formula that holds for every i, as ``r_i = y_i - x_i``.

    Raises ``FormulaError`` with the column, ``UnknownNameError`` for an unknown
    function, ``BoundError`` over ``MAX_NESTING``.
    """
    state = State(text, tokens, words)
    while state.at < len(tokens):
        token = tokens[state.at]
        if state.after_case and token.kind not in ("comma", "close"):
            fail_pairs(state, token)
        _PARSERS[token.kind](state, token)
        state.at += 1
    _finish(state)
    branches = branches_of(text, state.out)
    has_bound = any(step.op in ("reduce", "integrate") for step in state.out)
    for index in indices:
        state.out = [indexed(state, step, index) for step in state.out]
    uses = uses_of(state, indices) if has_bound or indices else state.uses
    if "∞" in uses:
        state.fail(uses["∞"], "∞ is no number; it stands as the bound of an integral")
    return Program(tuple(state.out), uses, state.calls, branches)


def _operand(state: State, token: Token) -> None:
    """Make room for a value: right after another one, it is a factor."""
    if not state.operand_next:
        multiply(state, token)


def _number(state: State, token: Token) -> None:
    _operand(state, token)
    state.add("number", token.text, 0, token.start, token.end)
    state.operand_next = False


def _name(state: State, token: Token) -> None:
    is_call = state.kind(1) == "open" and token.text not in CONSTANTS
    is_call = is_call and not _is_exponent(state, token)
    if token.text in RESERVED and not (
        token.text == "if" and is_call and state.operand_next
    ):
        CONNECTIVES.get(token.text, _truth)(state, token)
        return
    _operand(state, token)
    if is_call or (is_bare(token.text) and state.kind(1) == "bar"):  # ln|x|
        call = find_call(state.text, token, state.words.functions)
        state.call = Pending("(", token.start, token.end, call)
        state.calls.setdefault(token.text, token.start)
        return
    power = power_of_function(state, token)
    own = token.text in state.words.functions
    if not own and is_bare(token.text) and (length := bare_length(state)):
        _bare(state, token, power, length)
    elif power is not None:
        call = find_call(state.text, token, state.words.functions)
        state.call = Pending("(", token.start, token.end, call, power=power)
        state.calls.setdefault(token.text, token.start)
        state.at += 2
    else:
        check_signed(state, token)
        _value(state, token)


def _is_exponent(state: State, token: Token) -> bool:
    """The x of ``e^x (x + 1)``, which a blank sets apart from its factor."""
    opened = state.token(1)
    waiting = [p.symbol for p in state.pending[-2:] if p.symbol != "negate"]
    is_set_apart = opened is not None and token.end < opened.start
    is_variable = looks_like_symbol(token.text) and token.text not in ABSTRACT
    return (
        (waiting or [""])[-1] == "^"
        and state.operand_next
        and is_set_apart
        and is_variable
        and token.text not in state.words.functions
    )


def _value(state: State, token: Token) -> None:
    """A variable or a constant."""
    op, value = "name", token.text
    if value in CONSTANTS:
        op, value = "constant", CONSTANTS[value]
    elif value == "e" and state.words.euler:
        op = "euler"
    elif re.fullmatch("[a-z]e", value) and state.word(1) == "^":
        _check_euler(state, token)
    if value in state.words.functions:
        state.fail(
            token.start,
            f"{short(value)} is a function of this text; write {value}( ), or rename",
        )
    if op == "name":
        state.uses.setdefault(value, token.start)
    state.add(op, value, 0, token.start, token.end)
    state.operand_next = False


def _check_euler(state: State, token: Token) -> None:
    """Refuse ``xe^x``, which is a product for its reader."""
    if state.kind(2) != "number":
        shown = f"{token.text[0]}*e^…"
        state.fail(
            token.start,
            f"{short(token.text)} is one name; write {shown} for a product, or rename",
        )


def _bare(state: State, token: Token, power: Token | None, length: int) -> None:
    """``sin 2x`` or ``sin^2 x``: a function whose argument has no brackets."""
    argument, last = read_bare(state, token, length)
    state.calls.setdefault(token.text, token.start)
    for part in argument:
        if part.kind == "number":
            state.add("number", part.text, 0, part.start, part.end)
        else:
            _value(state, part)
        if part is not argument[0]:
            state.add("multiply", "multiply", 2, last.start, last.end)
    if token.text.startswith("log_"):
        state.add("number", token.text[4:], 0, token.start, token.end)
        state.add("log_base", token.text[4:], 2, token.start, last.end)
    else:
        name = table_name(token.text) or token.text
        state.add("call", name, 1, token.start, last.end)
    if power is not None:
        state.add("number", power.text, 0, power.start, power.end)
        state.add("power", "power", 2, token.start, last.end)
    state.at += length + (0 if power is None else 2)
    state.operand_next = False


def _truth(state: State, token: Token) -> None:
    _operand(state, token)
    state.add("truth", str(TRUTHS[token.text]), 0, token.start, token.end)
    state.operand_next = False


def _operator(state: State, token: Token) -> None:
    if not state.operand_next:
        _check_root(state, token)
        _check_half(state, token)
        state.push(token.text, token.start, token.end)
        state.barred = False
    elif token.text == "-":
        state.hold(Pending("negate", token.start, token.end))
    elif token.text != "+":
        state.fail(token.start, f"unexpected {short(token.text)}; {OPERAND}")


def _check_root(state: State, token: Token) -> None:
    """Refuse ``√x^2``."""
    waiting = state.pending[-1] if state.pending else None
    if token.text == "^" and waiting and waiting.symbol in ("sqrt", "cbrt"):
        name, inner = waiting.symbol, state.text[waiting.end : token.start].strip()
        state.fail(
            waiting.start,
            f"a root before '^' can be read in two ways; write "
            f"{name}({inner})^… or {name}({inner}^…)",
        )


def _check_half(state: State, token: Token) -> None:
    """Refuse ``x^1/2``."""
    one, after = state.token(-1), state.token(1)
    if token.text != "/" or state.word(-2) != "^" or one is None or after is None:
        return
    is_tight = one.start < one.end == token.start and token.end == after.start
    if one.text == "1" and state.text[one.start] == "1" and is_tight:
        half = f"1/{after.text}"
        state.fail(
            one.start,
            f"^{half} can be read in two ways; write ^({half}), or (…^1)/{after.text}",
        )


def _factorial(state: State, token: Token) -> None:
    """``x!``, which binds tighter than every sign."""
    if state.operand_next:
        state.fail(
            token.start, "unexpected '!'; a factorial follows a value, and not is"
        )
    if state.kind(1) == "factorial":
        state.fail(
            token.start, "'!!' can be read in two ways; write (x!)! or a product"
        )
    waiting = state.pending[-1].symbol if state.pending else ""
    if waiting in ("^", "sqrt", "cbrt"):
        around = {"^": ("x^(n!)", "(x^n)!")}.get(waiting, ("sqrt(x!)", "sqrt(x)!"))
        state.fail(
            token.start,
            f"a factorial after a power or a root can be read in two ways; write "
            f"{' or '.join(around)}",
        )
    state.add("call", "factorial", 1, token.start, token.end)


def _root(state: State, token: Token) -> None:
    _operand(state, token)
    state.hold(Pending(token.text, token.start, token.end))
    state.operand_next = True
    if state.word(1) in ("-", "+"):
        state.fail(token.start, f"a root before a sign; write {token.text}( )")


def _compare(state: State, token: Token) -> None:
    if state.operand_next:
        state.fail(token.start, f"unexpected {short(token.text)}; {OPERAND}")
    while state.pending and state.pending[-1].symbol not in (
        *("compare", "not", "and", "or", "if", "else"),
        *OPENING,
    ):
        state.write(state.pending.pop())
    signs, count = token.text, 1
    if state.pending and state.pending[-1].symbol == "compare":
        chain = state.pending.pop()
        signs, count = f"{chain.call[1] if chain.call else ''} {signs}", chain.size + 1
    state.hold(Pending("compare", token.start, token.end, ("compare", signs), count))
    state.operand_next, state.barred = True, False


def _open(state: State, token: Token) -> None:
    opened = Pending(token.text, token.start, token.end)
    if state.call is not None:
        opened = state.call._replace(symbol=token.text, end=token.end)
        state.call = None
    else:
        around = state.pending[-1] if state.pending else None
        is_list = bool(around and around.call and around.call[0] == "piecewise")
        if state.operand_next and is_list and around and around.symbol in "([{":
            opened = opened._replace(call=("case", "case"))
        _operand(state, token)
    state.hold(opened._replace(barred=state.barred))
    state.operand_next, state.barred = True, False


def _floor(state: State, token: Token) -> None:
    """``⌊x⌋`` and ``⌈x⌉``."""
    _operand(state, token)
    call = ("call", _FLOORS[token.text])
    opened = Pending(token.text, token.start, token.end, call)
    state.hold(opened._replace(barred=state.barred))
    state.operand_next, state.barred = True, False


def _close(state: State, token: Token) -> None:
    if state.operand_next:
        empty = state.kind(-1) == "open"
        what = "nothing in the brackets" if empty else f"unexpected {token.text!r}"
        state.fail(token.start, f"{what}; {OPERAND}")
    opened = state.pop_bracket()
    if opened is None:
        state.fail(token.start, f"{token.text!r} closes nothing; take it away")
    if _CLOSING.get(opened.symbol, "|") != token.text:
        state.fail(
            token.start,
            f"{token.text!r} where {opened.symbol!r} of "
            f"{place(state.text, opened.end - 1)} is open; close that first",
        )
    state.barred = opened.barred
    op, name = opened.call or ("group", "")
    if op == "group":
        state.add("group", "", 1, opened.start, token.end)
    elif op == "case":
        if opened.size != 2:
            fail_pairs(state, token)
        state.after_case = True
    else:
        CALLS.get(op, write_call)(state, opened, token, name)


def _bar(state: State, token: Token) -> None:
    around = state.opened()
    inside = around is not None and around.symbol == "|"
    if not state.operand_next and inside:
        opened = state.pop_bracket()
        assert opened is not None
        state.add("call", "Abs", 1, opened.start, token.end)
        if opened.call is not None:
            _call_bars(state, opened, token)
        state.barred = True
        return
    before = state.token(-1)
    is_next = before is not None and before.kind == "bar" and before.end == token.start
    if not state.operand_next and state.barred and not is_next:  # |x||y| is clear
        state.fail(
            token.start,
            "unexpected '|', which can be read in two ways; write * between the "
            "factors, or abs( )",
        )
    _operand(state, token)
    opened = state.call or Pending("|", token.start, token.end)
    state.call = None
    state.hold(opened._replace(symbol="|", end=token.end))
    state.operand_next, state.barred = True, False


def _call_bars(state: State, opened: Pending, token: Token) -> None:
    """The ln of ``ln|x|``, whose power could be that of the bars too."""
    assert opened.call is not None
    inner = state.text[opened.end : token.start]
    name = state.text[opened.start : opened.end - 1].strip()
    if state.word(1) == "^":
        state.fail(
            opened.start,
            f"the power after {short(f'{name}|{inner}|')} can be read in two ways; "
            f"write {name}(|…|)^… or {name}(|…|^…)",
        )
    op, table_name = opened.call
    CALLS.get(op, write_call)(state, opened, token, table_name)


def _comma(state: State, token: Token) -> None:
    if state.operand_next:
        state.fail(token.start, f"unexpected ','; {OPERAND}")
    opened = state.pop_bracket()
    if opened is None or opened.call is None:
        state.fail(
            token.start,
            "unexpected ','; a comma parts the arguments of a function, and a decimal "
            "number has a point",
        )
    if opened.call[0] == "piecewise" and not state.after_case:
        fail_pairs(state, token)
    state.after_case = False
    state.hold(opened._replace(size=opened.size + 1))
    state.operand_next, state.barred = True, False


def _equals(state: State, token: Token) -> None:
    fail(state.text, token.start, "unexpected '='; write == to compare two values")


def _finish(state: State) -> None:
    last = state.tokens[-1]
    if state.operand_next:
        state.fail(last.end, f"the formula ends after {short(last.text)}; {OPERAND}")
    opened = state.pop_bracket()
    if opened is not None:
        state.fail(
            opened.end - 1,
            f"{opened.symbol!r} is never closed; close it or take it away",
        )


_PARSERS: dict[str, Callable[[State, Token], None]] = {
    "number": _number,
    "name": _name,
    "operator": _operator,
    "root": _root,
    "compare": _compare,
    "open": _open,
    "floor": _floor,
    "close": _close,
    "bar": _bar,
    "factorial": _factorial,
    "comma": _comma,
    "equals": _equals,
}
