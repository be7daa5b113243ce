"""What recomputing a page costs, and the choice of equalities that keeps it bounded.

The one rule kept here: costs are counted in operations, not in seconds, so that every
machine chooses the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Basic, Expr, preorder_traversal

from symgrad.integrals import DefiniteIntegral
from symgrad.lengths import measure
from symgrad.numeric.double_exponential import NODES
from symgrad.numeric.node_values import COSTS, FUNCTION_COST
from symgrad.numeric.page_names import Scope, leaves_of
from symgrad.numeric.page_values import MAX_WORK, PageValues
from symgrad.symbols import LocalDerivative, Partial, Total

_OVERHEAD = 30  # of any value, however short its expression


@dataclass(frozen=True)
class Cost:
    """What a value costs: operations of its own, and the forward passes it needs."""

    own: int
    passes: frozenset[Basic]

    def plus(self, other: Cost) -> Cost:
        return Cost(self.own + other.own, self.passes | other.passes)


def even_choice(costs: Sequence[Cost], pass_cost: int) -> list[int]:
    """Take every place, or an even choice of them, so that the work is bounded.

    Those about single stages come first: they need no forward pass of the graph.
    """
    local = [k for k, cost in enumerate(costs) if not cost.passes]
    through = [k for k, cost in enumerate(costs) if cost.passes]
    work = 0
    chosen: list[int] = []
    for places in (local, through):
        kept, spent = _every_nth(places, costs, pass_cost, MAX_WORK - work)
        chosen += kept
        work += spent
    return sorted(chosen)


def _every_nth(
    places: list[int], costs: Sequence[Cost], pass_cost: int, bound: int
) -> tuple[list[int], int]:
    """Every place, or every second, third, …; and what that choice costs."""
    stride = 1
    while True:
        passes: set[Any] = set()
        work = 0
        for place in places[::stride]:
            cost = costs[place]
            work += cost.own + pass_cost * len(cost.passes - passes)
            passes |= cost.passes
        if work <= bound:
            return places[::stride], work
        if stride >= len(places):
            return [], 0
        stride = max(stride + 1, min(stride * 2, stride * work // max(1, bound)))


def cost_of(expr: Expr, scope: Scope, values: PageValues) -> Cost:
    """Estimate the work of one value at all points."""
    own, passes = _size(expr), set()
    for leaf in leaves_of(expr):
        if isinstance(leaf, LocalDerivative):
            inside = [
                leaf.expr,
                *(scope[n] for n in values.in_order(leaf.expr, leaf.by, scope)),
            ]
            own += 3 * sum(_size(part) for part in inside)
        elif isinstance(leaf, Partial) and (of := values.graph_symbol(leaf.of)):
            stage = values.graph.stage_of.get(of)
            own += 6 * len(stage.arguments) + FUNCTION_COST if stage else 0
        elif isinstance(leaf, Total):
            passes.add(values.graph_symbol(leaf.by) or leaf.by)
    return Cost((own + _OVERHEAD) * 2 * max(1, values.wanted), frozenset(passes))


def _size(expr: Any) -> int:
    """The nodes of an expression, those of an integrand as often as it is computed."""
    size = measure(expr)[0]
    if size > MAX_WORK:
        return size
    if not isinstance(expr, Expr) or not expr.has(DefiniteIntegral):
        return size + sum(COSTS.get(type(n), 0) for n in preorder_traversal(expr))
    if isinstance(expr, DefiniteIntegral):
        inner = NODES * (1 + _size(expr.body))
        return inner + _size(expr.lower) + _size(expr.upper)
    return 1 + sum(map(_size, expr.args))
