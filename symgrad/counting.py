"""An honest count of operations: a derivative written out, and with shared stages.

The one rule kept here: both numbers count alike (``written_operations``), so that
what sharing saves is the difference, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sympy import Expr, Symbol

from symgrad.chain_rule import differentiate, jacobian
from symgrad.formulas import formula
from symgrad.gradient import Gradient
from symgrad.graph import Graph
from symgrad.lengths import written_operations
from symgrad.symbols import Total


class OperationCount(NamedTuple):
    """Operations of a derivative in inputs and parameters, and stage by stage."""

    written: int
    shared: int


def operation_counts(source: Any, wrt: Any = None) -> Mapping[Any, OperationCount]:
    """Count for each derivative its operations, written out and with shared stages.

    >>> operation_counts("tanh(w*x + b)", "w")
    {w: OperationCount(written=6, shared=6)}
    >>> operation_counts("z = u^3*sin(u); u = exp(x*y)", "x")
    {x: OperationCount(written=20, shared=12)}

    A sum or a product of n parts counts n − 1, a quotient, a power and a function one
    each; signs and numbers alone nothing. Written out, a stage is counted wherever it
    is used; shared, it is counted once. ``source`` and ``wrt`` as in ``differentiate``
    (or a Gradient); the keys are those of the Gradient.
    """
    if isinstance(source, Gradient) and wrt is None:
        gradient = source
    else:
        graph = formula(source)
        make = jacobian if len(graph.outputs) > 1 else differentiate
        gradient = make(graph, wrt)
    graph = gradient.derivative_graph
    written = _written(graph)
    totals = [Total(o, w) for o in gradient.outputs for w in gradient.wrt]
    return {
        key: OperationCount(written.get(total, 0), _shared(graph, total))
        for key, total in zip(gradient, totals, strict=True)
    }


def _written(graph: Graph) -> dict[Symbol, int]:
    """stage -> its operations with every stage in it written out."""
    found: dict[Symbol, int] = {}
    for stage in graph.stages:
        inside = sum(
            found.get(name, 0) * times for name, times in _uses(stage.expr).items()
        )
        found[stage.symbol] = written_operations(stage.expr) + inside
    return found


def _uses(expr: Expr) -> dict[Symbol, int]:
    """name -> how often it stands in an expression."""
    found: dict[Symbol, int] = {}
    todo: list[Any] = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, Symbol):
            found[node] = found.get(node, 0) + 1
        else:
            todo.extend(node.args)
    return found


def _shared(graph: Graph, total: Symbol) -> int:
    """The operations of every stage that is needed, each once."""
    needed: set[Symbol] = set()
    todo = [total]
    while todo:
        name = todo.pop()
        if name in graph.stage_of and name not in needed:
            needed.add(name)
            todo.extend(graph.stage_of[name].arguments)
    return sum(written_operations(graph.stage_of[name].expr) for name in needed)
