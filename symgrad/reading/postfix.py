"""What the parser makes, postfix instructions, and what it works on while it does.

The one rule kept here: operators and brackets wait in a list, so no formula, however
deep, overflows Python's own stack (Dijkstra's shunting yard, 1961).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from symgrad.errors import BoundError
from symgrad.tokens import Token, fail

MAX_NESTING = 10_000
OPERAND = "expected a number, a name or a bracket"
PRECEDENCE = {
    "else": 1,
    "if": 1,
    "or": 2,
    "and": 3,
    "not": 4,
    "compare": 5,
    "+": 6,
    "-": 6,
    "*": 7,
    "/": 7,
    "negate": 8,
    "^": 9,
    "sqrt": 10,
    "cbrt": 10,
}
_WORDS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "^": "power"}
_PREFIX = {"negate", "not"}
RIGHT = {"^", "if", "else"}
OPENING = "([{|⌊⌈"


class Instruction(NamedTuple):
    """One postfix instruction: what to do with the last ``arity`` values.

    ``op`` is number, name, constant, euler, truth, add, subtract, multiply, divide,
    power, negate, call, log_base, root, apply, abstract, compare, and, or, not, choose,
    where, piecewise, index, element, reduce, variable, infinity, integrate, or group
    (brackets, which only widen the place in the text).
    """

    op: str
    value: str
    arity: int
    start: int
    end: int


@dataclass(frozen=True)
class Program:
    """Postfix instructions; ``uses``: variables, ``calls``: functions as spelled,
    each with the place where it first stands; ``branches``: the instructions that
    stand inside a choice between formulas, which is kept in one piece."""

    instructions: tuple[Instruction, ...]
    uses: Mapping[str, int]
    calls: Mapping[str, int]
    branches: frozenset[int] = frozenset()


def bound_names(program: Program) -> set[str]:
    """The indices and the variables of integration of a program."""
    bound = (s for s in program.instructions if s.op in ("reduce", "integrate"))
    return {step.value.split()[1] for step in bound}


@dataclass(frozen=True)
class Vocabulary:
    """What the names of one text mean.

    ``euler``: whether ``e`` is Euler's number; ``functions``: those defined in the
    text, with their number of arguments; ``letters``: the same for the abstract
    functions met so far.
    """

    euler: bool
    functions: Mapping[str, int] = field(default_factory=dict)
    letters: dict[str, int] = field(default_factory=dict)


class Pending(NamedTuple):
    """An operator, an open bracket or an open bar that waits for what follows.

    ``size`` counts the arguments of a call so far, or the signs of a chain such as
    ``a < b < c``; ``call`` is the operation and the name before a bracket, ``power``
    the exponent of ``sin^2(``, ``barred`` whether a bar had closed in the term around
    the bracket.
    """

    symbol: str
    start: int
    end: int
    call: tuple[str, str] | None = None
    size: int = 1
    power: Token | None = None
    barred: bool = False


@dataclass
class State:
    """The parser between two tokens; ``pending`` holds operators and open brackets."""

    text: str
    tokens: list[Token]
    words: Vocabulary
    at: int = 0
    operand_next: bool = True
    call: Pending | None = None
    barred: bool = False
    after_case: bool = False
    pending: list[Pending] = field(default_factory=list)
    out: list[Instruction] = field(default_factory=list)
    uses: dict[str, int] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)

    def token(self, offset: int) -> Token | None:
        """The token that many places from the current one, if there is one."""
        place = self.at + offset
        return self.tokens[place] if 0 <= place < len(self.tokens) else None

    def kind(self, offset: int) -> str:
        """The kind of that token; empty where there is none."""
        token = self.token(offset)
        return "" if token is None else token.kind

    def word(self, offset: int) -> str:
        """The text of that token; empty where there is none."""
        token = self.token(offset)
        return "" if token is None else token.text

    def fail(self, start: int, message: str) -> NoReturn:
        fail(self.text, start, message)

    def add(self, op: str, value: str, arity: int, start: int, end: int) -> None:
        """Write one instruction."""
        self.out.append(Instruction(op, value, arity, start, end))

    def hold(self, pending: Pending) -> None:
        """Let an operator or a bracket wait."""
        self.pending.append(pending)
        if len(self.pending) > MAX_NESTING:
            fail(
                self.text,
                pending.start,
                f"brackets and operators nest deeper than the bound MAX_NESTING "
                f"({MAX_NESTING:,}); name the inner parts, as in 'y = tanh(u); u = …'",
                BoundError,
            )

    def push(self, symbol: str, start: int, end: int) -> None:
        """Write what binds tighter than an operator, then let the operator wait."""
        self.reduce(symbol)
        self.hold(Pending(symbol, start, end))
        self.operand_next = True

    def reduce(self, symbol: str) -> None:
        """Write the waiting operators that bind tighter than ``symbol``."""
        mine = PRECEDENCE[symbol]
        while self.pending:
            waiting = PRECEDENCE.get(self.pending[-1].symbol, 0)
            if waiting < mine or (waiting == mine and symbol in RIGHT):
                break
            self.write(self.pending.pop())

    def write(self, waiting: Pending) -> None:
        """Write the instruction of an operator that has all its operands."""
        symbol, place = waiting.symbol, (waiting.start, waiting.end)
        if symbol == "if":
            self.fail(waiting.start, "an if without its else; write a if c else b")
        if symbol == "else":
            self.add("choose", "choose", 3, *place)
        elif symbol == "compare":
            signs = waiting.call[1] if waiting.call else ""
            self.add("compare", signs, waiting.size + 1, *place)
        elif symbol in ("sqrt", "cbrt"):
            self.add("call", symbol, 1, *place)
        elif symbol in _PREFIX:
            self.add(symbol, symbol, 1, *place)
        else:
            op = _WORDS.get(symbol, symbol)
            self.add(op, op, 2, *place)

    def opened(self) -> Pending | None:
        """The innermost open bracket or bar."""
        return next((p for p in reversed(self.pending) if p.symbol in OPENING), None)

    def pop_bracket(self) -> Pending | None:
        """Write the operators since the innermost bracket or bar, and take that off."""
        while self.pending:
            waiting = self.pending.pop()
            if waiting.symbol not in PRECEDENCE:
                return waiting
            self.write(waiting)
        return None
