"""Values under construction: what the instructions of the reader work on.

The one rule kept here: a sum or product under construction is a list, so the work is
linear in the text, and a value becomes an expression once, when it is sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NoReturn

import sympy as sp
from sympy import Expr, Integer

from symgrad import cutting
from symgrad.cutting import Cutting
from symgrad.errors import BoundError, FormulaError, SymgradError, located, short
from symgrad.reading.postfix import Program
from symgrad.tokens import place
from symgrad.user_functions import UserFunction

ONE, ZERO = Integer(1), Integer(0)
MAX_BRANCH_LEVELS = 50
MAX_BRANCH_NODES = 10_000


@dataclass
class Value:
    """A value on the stack of the machine, under construction.

    A ``sum`` is ``number`` plus the sum of ``upper``; a ``product`` is ``number`` times
    ``upper`` over ``lower``; a ``number`` is its number; any other kind is the one
    expression in ``upper``. ``levels`` are those of the deepest part; ``constant`` is
    the value where there is no name in it; ``start``, ``end``: its place in the text.
    A ``condition`` is the one relation in ``upper``.
    """

    kind: str
    number: Expr
    upper: list[Expr] = field(default_factory=list)
    lower: list[Expr] = field(default_factory=list)
    levels: int = 0
    constant: float | None = None
    start: int = 0
    end: int = 0


@dataclass
class Frame:
    """A program being run: a statement, or the body of a function at one use.

    ``bound`` holds the arguments of a use, ``key`` what it is of which arguments,
    ``inside`` whether it stands in a choice; ``at`` is the next instruction.
    """

    program: Program
    bound: Mapping[str, Value] = field(default_factory=dict)
    key: tuple[str, tuple[Expr, ...]] | None = None
    inside: bool = False
    start: int = 0
    end: int = 0
    at: int = 0


@dataclass
class Machine:
    """What the instructions work on; ``word`` and place are those of the current.

    ``inside`` says whether the current one stands in a choice between formulas, which
    is kept in one piece: a branch that is not taken is never computed.
    """

    text: str
    cutting: Cutting
    functions: Mapping[str, tuple[tuple[str, ...], Program]]
    added: Mapping[str, UserFunction] = field(default_factory=dict)
    word: str = ""
    inside: bool = False
    stack: list[Value] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    start: int = 0
    end: int = 0

    def fail(self, message: str, kind: type[SymgradError] = FormulaError) -> NoReturn:
        """Raise an error about the part of the text from ``start`` to ``end``."""
        shown = short(self.text[self.start : self.end])
        told = kind(f"{place(self.text, self.start)}: {shown} {message}")
        raise located(told, self.text, self.start)


def sealed(value: Value) -> Expr:
    """The finished expression of a value."""
    if value.kind == "number":
        return value.number
    if value.kind == "sum":
        return cutting.make_sum(value.number, value.upper)
    if value.kind == "product":
        lower = [cutting.make_inverse(expr) for expr in value.lower]
        return cutting.make_product(value.number, [*value.upper, *lower])
    return value.upper[0]


def part(machine: Machine, value: Value) -> Expr:
    """The expression of a value, to stand inside another; a deep one gets a name."""
    expr = sealed(value)
    if machine.inside:
        check_branch(machine, value, expr)
        return expr
    if value.levels >= cutting.MAX_LEVELS:
        value.levels = 0
        return machine.cutting.name(expr)
    return expr


def argument(machine: Machine, value: Value) -> Expr:
    """The expression of a value as an argument: a name if it is compound."""
    if value.constant is not None or machine.inside:
        return part(machine, value)
    expr = sealed(value)
    value.levels = 0
    return expr if cutting.is_plain(expr) else machine.cutting.name(expr)


def check_branch(machine: Machine, value: Value, expr: Expr) -> None:
    """Refuse a branch that is too deep or too large to be kept in one piece."""
    if value.levels > MAX_BRANCH_LEVELS:
        machine.fail(
            f"nests deeper than the bound MAX_BRANCH_LEVELS ({MAX_BRANCH_LEVELS}) in a "
            "branch; define its parts by names",
            BoundError,
        )
    nodes, todo = 0, [expr]
    while todo and nodes <= MAX_BRANCH_NODES:
        nodes += 1
        todo.extend(todo.pop().args)
    if nodes > MAX_BRANCH_NODES:
        machine.fail(
            f"is larger than the bound MAX_BRANCH_NODES ({MAX_BRANCH_NODES:,}) in a "
            "branch; define its parts by names",
            BoundError,
        )


def other(expr: Expr, levels: int, constant: float | None) -> Value:
    return Value("other", ZERO, [expr], [], levels, constant)


def from_number(machine: Machine, number: Expr) -> Value:
    constant = cutting.check_number(number, machine.fail)
    return Value("number", number, constant=constant)


def as_terms(machine: Machine, value: Value) -> Value:
    """Any value as a sum."""
    if value.kind == "sum":
        return value
    if value.kind == "number":
        return replace(value, kind="sum")
    expr = part(machine, value)
    levels = value.levels + 1
    if isinstance(expr, sp.Add):
        number, terms = expr.as_coeff_add()
        return Value("sum", number, list(terms), [], levels, value.constant)
    return Value("sum", ZERO, [expr], [], levels, value.constant)


def as_factors(machine: Machine, value: Value) -> Value:
    """Any value as a product."""
    if value.kind == "product":
        return value
    if value.kind == "number":
        return replace(value, kind="product")
    expr = part(machine, value)
    levels = value.levels + 1
    if isinstance(expr, sp.Mul):
        number = expr.args[0] if expr.args[0].is_Number else ONE
        factors = [a for a in expr.args if not a.is_Number]
        return Value("product", number, factors, [], levels, value.constant)
    return Value("product", ONE, [expr], [], levels, value.constant)
