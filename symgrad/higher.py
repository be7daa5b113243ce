"""Derivatives of any order, mixed ones too: a derivative differentiated again.

The one rule kept here: every order is a Gradient of its own, whose graph holds the
order before it as a stage; so each is explained, compiled and checked like the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Symbol

from symgrad.chain_rule import differentiate
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    BoundError,
    check_order,
    short,
)
from symgrad.gradient import Gradient
from symgrad.graph import Graph, Stage
from symgrad.lengths import measure
from symgrad.symbols import Total
from symgrad.tidying import tidy

MAX_ORDER = 100
MAX_ORDER_NODES = 4_000
MAX_STAGE_NODES = 640

__all__ = ["derivative"]


def derivative(
    source: Any,
    wrt: str | Symbol | Sequence[str | Symbol] | None = None,
    order: int | None = None,
    mode: str = "reverse",
) -> Gradient:
    """Differentiate several times: by one variable, or by a list of them in turn.

    >>> derivative("x^2*sin(x)", "x", order=2)["x"]
    -x**2*sin(x) + 4*x*cos(x) + 2*sin(x)
    >>> derivative("x^3*y^2", ["x", "x", "y"]).closed_form("y")
    12*x*y

    ``source`` is a Graph or whatever ``formula`` takes, ``wrt`` a name (by default
    the only variable) with an ``order`` of 1 or more, or a list of names, one for each
    time. The last derivative is the only value of the Gradient, under the name of its
    last variable; the orders before it are ``gradient.before``.

    Raises ``BoundError`` where an order would have over ``MAX_ORDER_NODES`` nodes, or
    for an order over ``MAX_ORDER``; otherwise as ``differentiate``.
    """
    names = _names(wrt, order)
    gradient = differentiate(source, names[0] if names else None, mode)
    if not names:
        if len(gradient.wrt) != 1:
            listed = ", ".join(v.name for v in gradient.wrt[:6]) or "none"
            raise ArgumentValueError(
                f"wrt is not given, and the variables are {listed}; name one of them"
            )
        names = [gradient.wrt[0]] * _order(order)
    for name in names[1:]:
        graph = _again(gradient)
        variable = gradient.graph.symbol(name)
        gradient = Gradient(graph, graph.outputs, (variable,), mode, (), gradient)
    return gradient


def _names(wrt: Any, order: int | None) -> list[str | Symbol]:
    if wrt is None:
        return []
    if isinstance(wrt, str | Symbol):
        return [wrt] * _order(order)
    if isinstance(wrt, set | frozenset) or not isinstance(wrt, Sequence):
        raise ArgumentTypeError(
            f"wrt is a {type(wrt).__name__}; expected a name or a list of names"
        )
    names = list(wrt)
    if not names:
        raise ArgumentValueError("wrt is an empty list; expected at least one name")
    if len(names) == 1:
        return names * _order(order)
    if order is not None and order != len(names):
        raise ArgumentValueError(
            f"order is {short(order)}, but wrt names {len(names)} variables; a list "
            "names one for each time, leave order out"
        )
    _order(len(names))
    return names


def _order(order: int | None) -> int:
    if order is None:
        return 1
    check_order(order)
    if order > MAX_ORDER:
        raise BoundError(f"order {order:,} is over the bound MAX_ORDER of {MAX_ORDER}")
    return order


def _again(gradient: Gradient) -> Graph:
    """The graph with the derivative as its output, a stage in the stages' names."""
    variable, output = gradient.wrt[0], gradient.outputs[0]
    total = Total(output, variable)
    if gradient.expanded_size(variable, MAX_STAGE_NODES) is None:
        graph = gradient.derivative_graph
    else:
        before = gradient.graph
        stages = (*before.stages, Stage(total, tidy(gradient[variable])))
        graph = Graph(stages, (total,), before.inputs, before.parameters)
    nodes = sum(measure(stage.expr)[0] for stage in graph.stages)
    if nodes > MAX_ORDER_NODES:
        raise BoundError(
            f"the derivatives up to {short(total)} would have {nodes:,} nodes (the "
            f"bound MAX_ORDER_NODES is {MAX_ORDER_NODES:,}); ask for a lower order, or "
            "name the parts of the formula"
        )
    return graph
