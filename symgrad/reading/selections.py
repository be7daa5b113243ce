"""Choices between formulas: comparisons, and, or, not, if, where and piecewise.

The one rule kept here: every choice is one SymPy Piecewise, unevaluated; ``not`` is
moved inwards to the comparisons, so no condition is ever a Not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp
from sympy import And, Or, Piecewise

from symgrad.errors import BoundError, FormulaError
from symgrad.reading.values import ZERO, Machine, Value, check_branch, other, part

MAX_CASES = 200
_CONNECTIONS = {"and": And, "or": Or}

_RELATIONS: dict[str, Any] = {
    "<": sp.Lt,
    "<=": sp.Le,
    ">": sp.Gt,
    ">=": sp.Ge,
    "==": sp.Eq,
    "!=": sp.Ne,
}
_OPPOSITES: dict[Any, Any] = {
    sp.Lt: sp.Ge,
    sp.Le: sp.Gt,
    sp.Gt: sp.Le,
    sp.Ge: sp.Lt,
    sp.Eq: sp.Ne,
    sp.Ne: sp.Eq,
    And: Or,
    Or: And,
}


def _condition(made: Any, operands: list[Value]) -> Value:
    return Value("condition", ZERO, [made], [], _levels(made, operands))


def _levels(made: Any, operands: list[Value]) -> int:
    """A chain of and, of or, of else is one level deep, however long."""
    chained = (And, Or, Piecewise)
    is_chain = isinstance(made, chained)
    return max(
        (
            value.levels
            + (not (is_chain and value.upper and type(value.upper[0]) is type(made)))
            for value in operands
        ),
        default=1,
    )


def _compare(machine: Machine, operands: list[Value]) -> Value:
    """``a < b <= c``: each two neighbours are compared."""
    for value in operands:
        _name_choices(machine, value)
    signs = machine.word.split()
    made = [
        _relation(machine, _RELATIONS[sign], left, right)
        for sign, left, right in zip(signs, operands[:-1], operands[1:], strict=True)
    ]
    return _condition(_joined(And, made), operands)


def _name_choices(machine: Machine, value: Value) -> None:
    """Name a side that holds a choice: SymPy turns it into logic of its own (ITE)."""
    expr = part(machine, value)
    if expr.has(Piecewise):
        named = machine.cutting.name(expr)
        value.kind, value.upper, value.lower, value.levels = "other", [named], [], 0


def _relation(machine: Machine, relation: Any, left: Value, right: Value) -> Any:
    """A comparison of constants is decided, any other one stays as it is."""
    sides = part(machine, left), part(machine, right)
    if left.constant is None or right.constant is None:
        return relation(*sides, evaluate=False)
    if left.kind == right.kind == "number":
        return relation(*sides)
    if math.isclose(left.constant, right.constant, rel_tol=1e-9, abs_tol=1e-12):
        machine.fail(
            "compares constants too close to tell apart; write the answer", FormulaError
        )
    return relation(sp.Float(left.constant), sp.Float(right.constant))


def _joined(connect: Any, conditions: list[Any]) -> Any:
    """Join conditions with and, or: those of one kind are one list, none twice."""
    absorbing = sp.false if connect is And else sp.true
    neutral = sp.true if connect is And else sp.false
    found: dict[Any, None] = {}
    for each in conditions:
        inner = each.args if isinstance(each, connect) else (each,)
        found.update(dict.fromkeys(inner))
    if absorbing in found:
        return absorbing
    found.pop(neutral, None)
    if not found:
        return neutral
    return next(iter(found)) if len(found) == 1 else connect(*found, evaluate=False)


def _connect(kind: str) -> Callable[[Machine, list[Value]], Value]:
    def made(machine: Machine, operands: list[Value]) -> Value:
        """Conditions wait in a list, so that a chain is joined once."""
        parts: list[Any] = []
        for value in operands:
            parts += value.upper if value.kind == kind else [_test(machine, value)]
        _check_cases(machine, len(parts))
        levels = max(value.levels + (value.kind != kind) for value in operands)
        return Value(kind, ZERO, parts, [], levels)

    return made


def _test(machine: Machine, value: Value) -> Any:
    """The finished condition of a value."""
    if value.kind in _CONNECTIONS:
        joined = _joined(_CONNECTIONS[value.kind], value.upper)
        return _checked(machine, _condition(joined, [value])).upper[0]
    return value.upper[0]


def _check_cases(machine: Machine, count: int) -> None:
    if count > MAX_CASES:
        machine.fail(
            f"has more cases than the bound MAX_CASES ({MAX_CASES}); define its parts "
            "by names",
            BoundError,
        )


def _checked(machine: Machine, value: Value) -> Value:
    check_branch(machine, value, value.upper[0])
    return value


def _not(machine: Machine, operands: list[Value]) -> Value:
    return _condition(_opposite(_test(machine, operands[0])), operands)


def _opposite(condition: Any) -> Any:
    """The opposite of a condition; ``check_branch`` has bounded how deep it is."""
    if condition in (sp.true, sp.false):
        return sp.false if condition == sp.true else sp.true
    opposite = _OPPOSITES[type(condition)]
    if isinstance(condition, And | Or):
        return _joined(opposite, [_opposite(each) for each in condition.args])
    return opposite(*condition.args, evaluate=False)


def _truth(machine: Machine, operands: list[Value]) -> Value:
    return _condition(sp.true if machine.word == "True" else sp.false, [])


def _choose(machine: Machine, operands: list[Value]) -> Value:
    value, condition, rest = operands
    always = Value("condition", ZERO, [sp.true])
    return _select(machine, [value, condition, rest, always])


def _where(machine: Machine, operands: list[Value]) -> Value:
    condition, value, rest = operands
    return _choose(machine, [value, condition, rest])


def _select(machine: Machine, operands: list[Value]) -> Value:
    """The Piecewise of pairs of a value and its condition, without dead branches."""
    cases: list[tuple[Any, Any]] = []
    for value, condition in zip(operands[::2], operands[1::2], strict=True):
        test = _test(machine, condition)
        if test != sp.false:
            cases.extend(_case(_branch(machine, value), test))
        if test == sp.true:
            break
    if not cases:
        machine.fail(
            "has no branch whose condition can hold; change a condition", FormulaError
        )
    if cases[0][1] == sp.true:
        return _only(cases[0][0], operands)
    _check_cases(machine, len(cases))
    made = Piecewise(*cases, evaluate=False)
    return other(made, _levels(made, operands[::2]), None)


def _case(expr: Any, test: Any) -> Sequence[tuple[Any, Any]]:
    """One case, or the cases of a choice that stands where all others fail."""
    if test == sp.true and isinstance(expr, Piecewise):
        return [(each.expr, each.cond) for each in expr.args]
    return [(expr, test)]


def _branch(machine: Machine, value: Value) -> Any:
    inside, machine.inside = machine.inside, True
    expr = part(machine, value)
    machine.inside = inside
    return expr


def _only(expr: Any, operands: list[Value]) -> Value:
    """The one branch that is always taken."""
    levels = max(value.levels for value in operands)
    if expr.is_Number:
        return Value("number", expr, levels=levels, constant=float(expr))
    return other(expr, levels, None)


SELECTING: Mapping[str, Callable[[Machine, list[Value]], Value]] = {
    "compare": _compare,
    "and": _connect("and"),
    "or": _connect("or"),
    "not": _not,
    "truth": _truth,
    "choose": _choose,
    "where": _where,
    "piecewise": _select,
}
