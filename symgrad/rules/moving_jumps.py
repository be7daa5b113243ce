"""Integrands that jump at a place which moves: there Leibniz' rule would be wrong.

The one rule kept here: d/dx ∫_0^1 sign(x − t) dt is 2, and no integral of a derivative
gives it; such an integral is refused, with the way to write it in two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sympy as sp
from sympy import Expr, Piecewise, Symbol

from symgrad.errors import RuleError, short
from symgrad.functions import function_name
from symgrad.indexed import at_place, has_index
from symgrad.integrals import DefiniteIntegral
from symgrad.rules.parts import depends

JUMPING = frozenset({"sign", "Heaviside", "floor", "ceiling", "frac"})


def check_jumps(expr: DefiniteIntegral, by: Symbol) -> None:
    """Raise ``RuleError`` where the integrand jumps at a place that moves with ``by``.

    >>> from symgrad.integrals import IntegrationVariable
    >>> x, t = Symbol("x", real=True), IntegrationVariable("t")
    >>> check_jumps(DefiniteIntegral(abs(x - t), t, sp.S.Zero, sp.S.One), x)
    """
    for node in _nodes(expr.body):
        if not has_index(node, expr.index) or not depends(node, by):
            continue
        if function_name(node) in JUMPING:
            _fail(expr, node, by)
        if isinstance(node, Piecewise):
            _check_piecewise(expr, node, by)


def _nodes(expr: Any) -> Iterator[Any]:
    todo = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, Expr):
            yield node
        todo.extend(node.args)


def _check_piecewise(expr: DefiniteIntegral, node: Piecewise, by: Symbol) -> None:
    """A choice may change at a moving place where both its values agree there."""
    cases = node.args
    for (value, condition), after in zip(cases, [*cases[1:], None], strict=True):
        if not (has_index(condition, expr.index) and depends(condition, by)):
            continue
        place = _place(condition, expr)
        if place is None or after is None or len(cases) > 2:
            _fail(expr, node, by)
        values = [at_place(v, expr.index, place) for v in (value, after.args[0])]
        if values[0] - values[1] != 0:
            _fail(expr, node, by)


def _place(condition: Any, expr: DefiniteIntegral) -> Expr | None:
    """Where t < g(x) changes: g(x); None where t does not stand alone."""
    if not isinstance(condition, sp.core.relational.Relational):
        return None
    sides: Sequence[Expr] = condition.args
    for this, other in (sides, sides[::-1]):
        if this == expr.index and not has_index(other, expr.index):
            return other
    return None


def _fail(expr: DefiniteIntegral, node: Any, by: Symbol) -> None:
    raise RuleError(
        f"{short(node)} may jump at a place between the bounds that moves with "
        f"{by.name!r}, where {short(expr)} cannot be differentiated under the integral "
        f"sign; write it as two integrals that meet at that place"
    )
