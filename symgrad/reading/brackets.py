"""Brackets, bars and commas of one formula: what encloses values, and what parts them.

The one rule kept here: what is opened is closed by its own sign, and knows the call
that it holds the arguments of.
"""

from __future__ import annotations

from symgrad.errors import short
from symgrad.reading.calls import CALLS, fail_pairs, write_call
from symgrad.reading.juxtaposition import (
    make_room,
)
from symgrad.reading.postfix import OPERAND, Pending, State
from symgrad.tokens import Token, place

_CLOSING = {"(": ")", "[": "]", "{": "}", "⌊": "⌋", "⌈": "⌉"}


_FLOORS = {"⌊": "floor", "⌈": "ceiling"}


def open_bracket(state: State, token: Token) -> None:
    """Open a bracket, of the call before it where there is one."""
    opened = Pending(token.text, token.start, token.end)
    if state.call is not None:
        opened = state.call._replace(symbol=token.text, end=token.end)
        state.call = None
    else:
        around = state.pending[-1] if state.pending else None
        is_list = bool(around and around.call and around.call[0] == "piecewise")
        if state.operand_next and is_list and around and around.symbol in "([{":
            opened = opened._replace(call=("case", "case"))
        make_room(state, token)
    state.hold(opened._replace(barred=state.barred))
    state.operand_next, state.barred = True, False


def open_floor(state: State, token: Token) -> None:
    """``⌊x⌋`` and ``⌈x⌉``."""
    make_room(state, token)
    call = ("call", _FLOORS[token.text])
    opened = Pending(token.text, token.start, token.end, call)
    state.hold(opened._replace(barred=state.barred))
    state.operand_next, state.barred = True, False


def close_bracket(state: State, token: Token) -> None:
    """Write down what a bracket holds: a group, a case, the arguments of a call."""
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


def read_bar(state: State, token: Token) -> None:
    """``|x|``: open where a value is expected, else close."""
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
    make_room(state, token)
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


def read_comma(state: State, token: Token) -> None:
    """Go on to the next argument of the call that is open."""
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


def check_closed(state: State) -> None:
    """Refuse a formula that ends in the middle of something."""
    last = state.tokens[-1]
    if state.operand_next:
        state.fail(last.end, f"the formula ends after {short(last.text)}; {OPERAND}")
    opened = state.pop_bracket()
    if opened is not None:
        state.fail(
            opened.end - 1,
            f"{opened.symbol!r} is never closed; close it or take it away",
        )
