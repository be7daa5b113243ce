"""Which abstract functions a graph has, and what their arguments are called.

The one rule kept here: ∂f/∂x names an argument of f only where f stands at the same
distinct names everywhere in the graph, and no variable is called f; where that is not
so, nobody may write it so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Basic, Symbol

from symgrad.errors import RuleError, short
from symgrad.graph import Graph
from symgrad.symbols import Abstract

Formals = Mapping[tuple[str, int], tuple[Symbol, ...]]
"""(letter, number of arguments) -> the arguments' names, () where they have none"""


def abstract_parts(expr: Basic) -> tuple[Abstract, ...]:
    """List the abstract functions in an expression, once each, outer ones first.

    >>> from symgrad.symbols import symbol
    >>> x = symbol("x")
    >>> abstract_parts(2 * Abstract("f", (1,), x))
    (df(x)/dx,)
    """
    found: dict[Abstract, None] = {}
    todo: list[Any] = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, Abstract):
            found[node] = None
            todo.extend(reversed(node.arguments))
        else:
            todo.extend(reversed(node.args))
    return tuple(found)


def abstract_functions(graph: Graph) -> tuple[Abstract, ...]:
    """List the abstract functions in the stages of a graph, in order."""
    return tuple(
        dict.fromkeys(
            part for stage in graph.stages for part in abstract_parts(stage.expr)
        )
    )


def formals(graph: Graph) -> Formals:
    """Give the names of the arguments of each function of a graph.

    >>> from symgrad.graph import Stage
    >>> from symgrad.symbols import symbol
    >>> x, y, z = symbol("x"), symbol("y"), symbol("z")
    >>> graph = Graph((Stage(z, Abstract("f", (0, 0), x, y)),), (z,), (x, y))
    >>> formals(graph)
    {('f', 2): (x, y)}
    """
    uses: dict[tuple[str, int], set[tuple[Any, ...]]] = {}
    for part in abstract_functions(graph):
        key = part.letter, len(part.arguments)
        uses.setdefault(key, set()).add(part.arguments)
    return {
        key: arguments
        if not others and are_names(arguments) and key[0] not in graph.names
        else ()
        for key, (arguments, *others) in ((k, tuple(v)) for k, v in uses.items())
    }


def without_formula(expr: Abstract) -> RuleError:
    """Word the error for an abstract function where a number is wanted."""
    names = ", ".join("xyzuvw"[: len(expr.arguments)]) or "…"
    bare = Abstract(expr.letter, (0,) * len(expr.orders), *expr.arguments)
    return RuleError(
        f"{short(bare)} has no value: the function {expr.letter} is abstract; fill it "
        f"in first, as in fill(source, {{{expr.letter!r}: '{expr.letter}({names}) = "
        "…'})"
    )


def check_filled(graph: Graph) -> None:
    """Refuse a graph with an abstract function where numbers are wanted."""
    for part in abstract_functions(graph):
        raise without_formula(part)


def are_names(arguments: tuple[Any, ...], *others: type) -> bool:
    """Whether all arguments are symbols (or of the ``others``), each another one."""
    distinct = len(set(arguments)) == len(arguments)
    return distinct and all(isinstance(a, (Symbol, *others)) for a in arguments)


def lettered(graph: Graph) -> Mapping[Symbol, Abstract]:
    """Give the stages whose partial derivatives are written ∂f/∂x: z of z = f(x, y).

    A function of one argument has none: for y = g(x) its one derivative is dy/dx.
    """
    known = formals(graph)
    return {
        stage.symbol: stage.expr
        for stage in graph.stages
        if isinstance(stage.expr, Abstract)
        and not any(stage.expr.orders)
        and len(stage.expr.arguments) > 1
        and known.get((stage.expr.letter, len(stage.expr.arguments)))
        == stage.expr.arguments
    }
