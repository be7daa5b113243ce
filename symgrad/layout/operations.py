"""The operations of a graph as a graph of their own: one operation a stage.

The one rule kept here: an operation that occurs twice is one stage, so that what is
shared is drawn once.
"""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Add, Expr, Function, Integer, Mul, Pow, Symbol

from symgrad.graph import Graph, Stage
from symgrad.indexed import Reduction
from symgrad.integrals import DefiniteIntegral
from symgrad.symbols import Abstract, numbered, symbol

_WHOLE = (Reduction, DefiniteIntegral, Abstract)


def operation_graph(graph: Graph) -> Graph:
    """Cut every stage into single operations of names and numbers, called v_1, v_2, …

    >>> from symgrad.formulas import formula
    >>> graph = operation_graph(formula("y = u^2 + 3*sin(u^2)"))
    >>> [(stage.symbol, stage.expr) for stage in graph.stages]
    [(u_1, u**2), (v_1, sin(u_1)), (v_2, 3*v_1), (y, u_1 + v_2)]

    A difference and a quotient are one operation each; choices, sums over an index and
    integrals stay whole.
    """
    new = (symbol(name) for name in numbered("v") if name not in graph.names)
    stages: list[Stage] = []
    known: dict[Expr, Symbol] = {}
    for stage in graph.stages:
        names: dict[Expr, Expr] = {}
        for expr in _inner_first(stage.expr):
            single = _single(expr, names)
            is_stage = expr == stage.expr
            if is_stage or single not in known:
                name = stage.symbol if is_stage else next(new)
                known.setdefault(single, name)
                stages.append(Stage(name, single, stage.label if is_stage else None))
            names[expr] = known[single]
    return Graph(tuple(stages), graph.outputs, graph.inputs, graph.parameters)


def _inner_first(expr: Expr) -> list[Expr]:
    """The operations of an expression, each once, after those that it is made of."""
    found: dict[Expr, None] = {}
    todo = [(expr, False)]
    while todo:
        node, is_ready = todo.pop()
        if is_ready:
            found[node] = None
        elif node not in found:
            todo.append((node, True))
            inner = [part for part, _, _ in _parts(node) if not _is_leaf(part)]
            todo.extend((part, False) for part in reversed(inner))
    return list(found)


def _is_leaf(expr: Expr) -> bool:
    return isinstance(expr, Symbol) or not expr.free_symbols


def _parts(expr: Expr) -> list[tuple[Expr, int, int]]:
    """The operands of one operation, each with its sign and with its exponent 1 or −1.

    Nothing for what is kept whole.
    """
    if isinstance(expr, Add):
        return [_signed(term) for term in expr.args]
    if isinstance(expr, Mul):
        return [_inverse(factor) for factor in expr.args]
    is_call = isinstance(expr, Function) and not isinstance(expr, _WHOLE)
    if isinstance(expr, Pow) or is_call:
        if all(isinstance(part, Expr) for part in expr.args):
            return [(part, 1, 1) for part in expr.args]
    return []


def _signed(term: Expr) -> tuple[Expr, int, int]:
    if isinstance(term, Mul) and term.args[0] == -1 and len(term.args) > 1:
        return Mul(*term.args[1:]), -1, 1
    return term, 1, 1


def _inverse(factor: Expr) -> tuple[Expr, int, int]:
    if isinstance(factor, Pow) and factor.exp.is_Number and factor.exp < 0:
        return Pow(factor.base, -factor.exp), 1, -1
    return factor, 1, 1


def _single(expr: Expr, names: Mapping[Expr, Expr]) -> Expr:
    """One operation, its operands by their names."""
    parts = [
        Mul(Integer(sign), Pow(names.get(part, part), exponent))
        for part, sign, exponent in _parts(expr)
    ]
    return expr.func(*parts) if parts else expr
