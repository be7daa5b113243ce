"""The words between the parts of a formula: and, or, not, if, else.

The one rule kept here: they bind looser than any sign, and an if has its else.
"""

from __future__ import annotations

from collections.abc import Callable

from symgrad.errors import short
from symgrad.reading.postfix import OPENING, OPERAND, Pending, State
from symgrad.tokens import Token


def _connect(state: State, token: Token) -> None:
    """``and``, ``or``, and the ``if`` of ``a if c else b``."""
    if state.operand_next:
        hint = "write a if c else b, or if(c, a, b)" if token.text == "if" else OPERAND
        state.fail(token.start, f"unexpected {short(token.text)}; {hint}")
    state.push(token.text, token.start, token.end)
    state.barred = False


def _not(state: State, token: Token) -> None:
    if not state.operand_next:
        state.fail(token.start, "unexpected 'not'; expected and, or, or the end")
    state.hold(Pending("not", token.start, token.end))


def _else(state: State, token: Token) -> None:
    if state.operand_next:
        state.fail(token.start, f"unexpected 'else'; {OPERAND}")
    while state.pending and state.pending[-1].symbol not in ("if", *OPENING):
        state.write(state.pending.pop())
    if not state.pending or state.pending[-1].symbol != "if":
        state.fail(token.start, "an else without its if; write a if c else b")
    opened = state.pending.pop()
    state.hold(opened._replace(symbol="else"))
    state.operand_next, state.barred = True, False


CONNECTIVES: dict[str, Callable[[State, Token], None]] = {
    "and": _connect,
    "or": _connect,
    "if": _connect,
    "not": _not,
    "else": _else,
}
