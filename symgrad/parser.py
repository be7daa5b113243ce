"""The precedence parser: the tokens of one formula to postfix instructions.

The one rule kept here: brackets and operators wait in a list, so no formula, however
deep, overflows Python's own stack (Dijkstra's shunting yard, 1961).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from symgrad.errors import BoundError, short
from symgrad.tokens import Token, fail, place
from symgrad.vocabulary import CONSTANTS, check_arity, find_function, is_function

MAX_NESTING = 10_000
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "negate": 3, "^": 4}
_WORDS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "^": "power"}
_CLOSING = {"(": ")", "[": "]"}
_OPERAND = "expected a number, a name or a bracket"


class Instruction(NamedTuple):
    """One postfix instruction: what to do with the last ``arity`` values.

    ``op`` is number, name, constant, euler, add, subtract, multiply, divide, power,
    negate, call, or group (brackets, which only widen the place in the text).
    """

    op: str
    value: str
    arity: int
    start: int
    end: int


@dataclass(frozen=True)
class Program:
    """Postfix instructions; ``uses``: variables, ``calls``: functions as spelled,
    each with the place where it first stands."""

    instructions: tuple[Instruction, ...]
    uses: Mapping[str, int]
    calls: Mapping[str, int]


@dataclass
class _State:
    """The parser between two tokens: ``pending`` holds operators and open brackets."""

    text: str
    tokens: list[Token]
    euler: bool
    at: int = 0
    operand_next: bool = True
    call: str | None = None
    pending: list[_Pending] = field(default_factory=list)
    out: list[Instruction] = field(default_factory=list)
    uses: dict[str, int] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)

    def token(self, offset: int) -> Token | None:
        """The token that many places from the current one, if there is one."""
        place_ = self.at + offset
        return self.tokens[place_] if 0 <= place_ < len(self.tokens) else None

    def fail(self, start: int, message: str) -> NoReturn:
        fail(self.text, start, message)


class _Pending(NamedTuple):
    """An operator, an open bracket or an open bar that waits for what follows."""

    symbol: str
    start: int
    end: int
    call: str | None = None
    commas: int = 0


def parse(text: str, tokens: list[Token], euler: bool) -> Program:
    """Put the tokens of one formula, a part of ``text``, into postfix order.

    ``euler`` says whether ``e`` is Euler's number. Raises ``FormulaError`` with the
    column, ``UnknownNameError`` for an unknown function, ``BoundError`` over
    ``MAX_NESTING``.
    """
    state = _State(text, tokens, euler)
    for place_, token in enumerate(tokens):
        state.at = place_
        _PARSERS[token.kind](state, token)
    _finish(state)
    return Program(tuple(state.out), state.uses, state.calls)


def _number(state: _State, token: Token) -> None:
    _check_operand(state, token)
    state.out.append(Instruction("number", token.text, 0, token.start, token.end))
    state.operand_next = False
    after = state.token(1)
    if after is not None and after.kind in ("name", "open"):
        _multiply_silently(state, token, after)


def _multiply_silently(state: _State, token: Token, after: Token) -> None:
    """``2x`` and ``2(x + 1)`` are products, but not after ``/`` or ``^``."""
    before = next((p for p in reversed(state.pending) if p.symbol != "negate"), None)
    if before is not None and before.symbol in "/^":
        state.fail(
            token.start,
            f"{short(before.symbol + token.text)} before {short(after.text)} can be "
            "read in two ways; write * and brackets",
        )
    _push(state, Token("operator", "*", token.end, token.end))


def _name(state: _State, token: Token) -> None:
    _check_operand(state, token)
    after = state.token(1)
    if after is not None and after.kind == "open":
        state.call = find_function(state.text, token)
        state.calls.setdefault(token.text, token.start)
        return
    _check_power_of_function(state, token)
    op, value = "name", token.text
    if token.text in CONSTANTS:
        op, value = "constant", CONSTANTS[token.text]
    elif token.text == "e" and state.euler:
        op = "euler"
    elif token.text.startswith("π") and token.text[1] != "_":
        rest = token.text[1:]
        state.fail(token.start, f"{short(token.text)} is one name; write π*{rest}")
    else:
        state.uses.setdefault(value, token.start)
    state.out.append(Instruction(op, value, 0, token.start, token.end))
    state.operand_next = False


def _check_power_of_function(state: _State, token: Token) -> None:
    power, bracket = state.token(1), state.token(3)
    if is_function(token.text) and power is not None and power.text == "^":
        if bracket is not None and bracket.kind in ("open", "name"):
            name = token.text
            state.fail(token.start, f"a power of {name} itself; write {name}(x)^2")


def _check_operand(state: _State, token: Token) -> None:
    """Refuse a value, or an opening bracket, right after a value."""
    if state.operand_next:
        return
    before = state.token(-1)
    name = before.text if before is not None else ""
    if is_function(name):
        state.fail(
            token.start,
            f"unexpected {short(token.text)} after the function {name}; "
            f"write {name}( ) with brackets",
        )
    state.fail(
        token.start,
        f"unexpected {short(token.text)} after {short(name)}; expected an operator "
        "or the end, write * for a product",
    )


def _operator(state: _State, token: Token) -> None:
    if not state.operand_next:
        _push(state, token)
    elif token.text == "-":
        state.pending.append(_Pending("negate", token.start, token.end))
        _check_nesting(state, token)
    elif token.text != "+":
        state.fail(token.start, f"unexpected {short(token.text)}; {_OPERAND}")


def _push(state: _State, token: Token) -> None:
    """Emit what binds tighter than the operator, then let the operator wait."""
    precedence = _PRECEDENCE[token.text]
    while state.pending:
        waiting = _PRECEDENCE.get(state.pending[-1].symbol, 0)
        if waiting < precedence or (waiting == precedence and token.text == "^"):
            break
        _emit(state, state.pending.pop())
    state.pending.append(_Pending(token.text, token.start, token.end))
    _check_nesting(state, token)
    state.operand_next = True


def _emit(state: _State, operator: _Pending) -> None:
    op = _WORDS.get(operator.symbol, "negate")
    count = 1 if op == "negate" else 2
    state.out.append(Instruction(op, op, count, operator.start, operator.end))


def _check_nesting(state: _State, token: Token) -> None:
    if len(state.pending) > MAX_NESTING:
        fail(
            state.text,
            token.start,
            f"brackets and operators nest deeper than the bound MAX_NESTING "
            f"({MAX_NESTING:,}); name the inner parts, as in 'y = tanh(u); u = …'",
            BoundError,
        )


def _open(state: _State, token: Token) -> None:
    _check_operand(state, token)
    start = token.start
    if state.call is not None:
        name = state.token(-1)
        start = name.start if name is not None else start
    state.pending.append(_Pending(token.text, start, token.end, state.call))
    state.call = None
    _check_nesting(state, token)


def _close(state: _State, token: Token) -> None:
    before = state.token(-1)
    if state.operand_next:
        empty = before is not None and before.kind == "open"
        what = "nothing in the brackets" if empty else f"unexpected {token.text!r}"
        state.fail(token.start, f"{what}; {_OPERAND}")
    opened = _pop_to_bracket(state)
    if opened is None:
        state.fail(token.start, f"{token.text!r} closes nothing; take it away")
    if _CLOSING.get(opened.symbol, "|") != token.text:
        state.fail(
            token.start,
            f"{token.text!r} where {opened.symbol!r} of "
            f"{place(state.text, opened.end - 1)} is open; close that first",
        )
    op, value, count = "group", "", 1
    if opened.call is not None:
        op, value, count = "call", opened.call, opened.commas + 1
        check_arity(state.text, opened.start, value, count)
    state.out.append(Instruction(op, value, count, opened.start, token.end))


def _bar(state: _State, token: Token) -> None:
    if state.operand_next:
        state.pending.append(_Pending("|", token.start, token.end))
        _check_nesting(state, token)
        return
    opened = _pop_to_bracket(state)
    if opened is None or opened.symbol != "|":
        state.fail(
            token.start,
            "unexpected '|'; expected an operator, write * before |x| or use abs(x)",
        )
    state.out.append(Instruction("call", "Abs", 1, opened.start, token.end))


def _comma(state: _State, token: Token) -> None:
    if state.operand_next:
        state.fail(token.start, f"unexpected ','; {_OPERAND}")
    opened = _pop_to_bracket(state)
    if opened is None or opened.call is None:
        state.fail(
            token.start,
            "unexpected ','; a comma parts the arguments of a function, and a decimal "
            "number has a point",
        )
    state.pending.append(opened._replace(commas=opened.commas + 1))
    state.operand_next = True


def _pop_to_bracket(state: _State) -> _Pending | None:
    """Emit the operators since the innermost bracket or bar, and take that off."""
    while state.pending:
        waiting = state.pending.pop()
        if waiting.symbol not in _PRECEDENCE:
            return waiting
        _emit(state, waiting)
    return None


def _finish(state: _State) -> None:
    last = state.tokens[-1]
    if state.operand_next:
        state.fail(last.end, f"the formula ends after {short(last.text)}; {_OPERAND}")
    opened = _pop_to_bracket(state)
    if opened is not None:
        state.fail(
            opened.end - 1,
            f"{opened.symbol!r} is never closed; close it or take it away",
        )


_PARSERS: dict[str, Callable[[_State, Token], None]] = {
    "number": _number,
    "name": _name,
    "operator": _operator,
    "open": _open,
    "close": _close,
    "bar": _bar,
    "comma": _comma,
}
