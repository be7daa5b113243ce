"""The precedence parser: the tokens of one formula to postfix instructions.

The one rule kept here: every token is dealt with where it stands, by its kind; what
may stand side by side without a sign is decided in juxtaposition.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from symgrad.calls import CALLS, fail_pairs, write_call
from symgrad.conditions import branches_of
from symgrad.connectives import CONNECTIVES
from symgrad.errors import short
from symgrad.functions import ALIASES
from symgrad.index_calls import uses_of
from symgrad.juxtaposition import bare_length, multiply, power_of_function, read_bare
from symgrad.postfix import OPERAND, Pending, Program, State, Vocabulary
from symgrad.tokens import Token, fail, place
from symgrad.vocabulary import (
    BARE,
    CONSTANTS,
    RESERVED,
    TRUTHS,
    find_call,
)

_CLOSING = {"(": ")", "[": "]"}


def parse(text: str, tokens: list[Token], words: Vocabulary) -> Program:
    """Put the tokens of one formula, a part of ``text``, into postfix order.

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
    uses = uses_of(state) if has_bound else state.uses
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
    is_call = state.kind(1) == "open"
    if token.text in RESERVED and not (
        token.text == "if" and is_call and state.operand_next
    ):
        CONNECTIVES.get(token.text, _truth)(state, token)
        return
    _operand(state, token)
    if is_call:
        call = find_call(state.text, token, state.words.functions)
        state.call = Pending("(", token.start, token.end, call)
        state.calls.setdefault(token.text, token.start)
        return
    power = power_of_function(state, token)
    if token.text in BARE and (length := bare_length(state)):
        _bare(state, token, power, length)
    elif power is not None:
        call = find_call(state.text, token, state.words.functions)
        state.call = Pending("(", token.start, token.end, call, power=power)
        state.calls.setdefault(token.text, token.start)
        state.at += 2
    else:
        _value(state, token)


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
    if length == 2:
        state.add("multiply", "multiply", 2, last.start, last.end)
    name = ALIASES.get(token.text, token.text)
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
        *("(", "[", "|"),
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
        if state.operand_next and is_list and around and around.symbol in "([":
            opened = opened._replace(call=("case", "case"))
        _operand(state, token)
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
        state.barred = True
        return
    if not state.operand_next and state.barred:
        state.fail(
            token.start,
            "unexpected '|', which can be read in two ways; write * between the "
            "factors, or abs( )",
        )
    _operand(state, token)
    state.hold(Pending("|", token.start, token.end))
    state.operand_next, state.barred = True, False


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
    "close": _close,
    "bar": _bar,
    "comma": _comma,
    "equals": _equals,
}
