"""The precedence parser: the tokens of one formula to postfix instructions.

The one rule kept here: every token is dealt with where it stands, by its kind; what
may stand side by side without a sign is decided in juxtaposition.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from symgrad.errors import short
from symgrad.reading.brackets import (
    check_closed,
    close_bracket,
    open_bracket,
    open_floor,
    read_bar,
    read_comma,
)
from symgrad.reading.calls import fail_pairs
from symgrad.reading.conditions import branches_of
from symgrad.reading.connectives import CONNECTIVES
from symgrad.reading.index_calls import indexed, uses_of
from symgrad.reading.juxtaposition import (
    bare_length,
    check_signed,
    make_room,
    power_of_function,
    read_bare,
)
from symgrad.reading.postfix import (
    OPENING,
    OPERAND,
    Pending,
    Program,
    State,
    Vocabulary,
)
from symgrad.spellings import table_name
from symgrad.tokens import Token, fail
from symgrad.vocabulary import (
    ABSTRACT,
    CONSTANTS,
    RESERVED,
    TRUTHS,
    find_call,
    is_bare,
    looks_like_symbol,
)


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
    check_closed(state)
    branches = branches_of(text, state.out)
    has_bound = any(step.op in ("reduce", "integrate") for step in state.out)
    for index in indices:
        state.out = [indexed(state, step, index) for step in state.out]
    uses = uses_of(state, indices) if has_bound or indices else state.uses
    if "∞" in uses:
        state.fail(uses["∞"], "∞ is no number; it stands as the bound of an integral")
    return Program(tuple(state.out), uses, state.calls, branches)


def _number(state: State, token: Token) -> None:
    make_room(state, token)
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
    make_room(state, token)
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
    make_room(state, token)
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
    make_room(state, token)
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


def _equals(state: State, token: Token) -> None:
    fail(state.text, token.start, "unexpected '='; write == to compare two values")


_PARSERS: dict[str, Callable[[State, Token], None]] = {
    "number": _number,
    "name": _name,
    "operator": _operator,
    "root": _root,
    "compare": _compare,
    "open": open_bracket,
    "floor": open_floor,
    "close": close_bracket,
    "bar": read_bar,
    "factorial": _factorial,
    "comma": read_comma,
    "equals": _equals,
}
