"""Which names stand in an expression of a page, and in which order they are known.

The one rule kept here: an unevaluated derivative is a name like any other, unless what
is within it is asked for.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from sympy import Basic, Expr, Symbol

from symgrad.indexed import Binder, Index, free_leaves
from symgrad.symbols import LocalDerivative

Scope = Mapping[Symbol, Expr]
"""local name -> what it stands for, of a step and the steps around it"""


def leaves_of(expr: Basic, inside: bool = False) -> list[Any]:
    """List the names of an expression and its unevaluated derivatives, once each.

    With ``inside``, the names within the unevaluated derivatives instead of them.
    """
    found: dict[Basic, None] = {}
    todo: list[Basic] = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, Symbol) or (
            isinstance(node, LocalDerivative) and not inside
        ):
            found[node] = None
        elif isinstance(node, Index | Binder):
            found.update(dict.fromkeys(free_leaves(node)))
        else:
            todo.extend(reversed(node.args))
    return list(found)


def local_names(
    expr: Expr, by: Symbol | None, scope: Scope, held: Container[Symbol]
) -> tuple[Symbol, ...]:
    """List the local names that ``expr`` is made of, each after those it uses.

    Names in ``held`` are not looked into, unless one is the whole of ``expr``; ``by``
    is never.
    """
    found: dict[Symbol, None] = {}
    started: set[Symbol] = {by} if by is not None else set()
    todo: list[tuple[Symbol, bool]] = [
        (leaf, False)
        for leaf in leaves_of(expr)
        if leaf in scope and (leaf not in held or leaf == expr)
    ]
    while todo:
        name, ready = todo.pop()
        if ready:
            found[name] = None
        elif name not in started:
            started.add(name)
            todo.append((name, True))
            inner = leaves_of(scope[name])
            todo.extend((s, False) for s in inner if s in scope and s not in held)
    return tuple(found)
