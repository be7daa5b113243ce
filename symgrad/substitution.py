"""Expressions made anew from their innermost parts outwards, and symbols replaced so.

The one rule kept here: no recursion, and what stood unevaluated stays so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sympy import And, Expr, Not, Or, Piecewise, Symbol, default_sort_key


def bottom_up(
    expr: Any,
    make: Callable[[Any, list[Any]], Any],
    parts_of: Callable[[Any], Sequence[Any]] = lambda node: node.args,
) -> Any:
    """Make an expression anew: ``make`` has each node with its parts made already.

    >>> from sympy.abc import x
    >>> bottom_up(x * (x + 1), lambda node, parts: 1 + sum(parts))
    5

    A part that is shared is made once.
    """
    done: dict[int, Any] = {}  # by identity: hashing a deep expression recurses
    todo: list[tuple[Any, bool]] = [(expr, False)]
    while todo:
        node, is_ready = todo.pop()
        if id(node) in done:
            continue
        parts = parts_of(node)
        if is_ready or not parts:
            done[id(node)] = make(node, [done[id(part)] for part in parts])
        else:
            todo.append((node, True))
            todo.extend((part, False) for part in reversed(parts))
    return done[id(expr)]


def is_same(node: Any, parts: Sequence[Any]) -> bool:
    """Whether a node would be made of just the parts that it has."""
    return all(a is b for a, b in zip(parts, node.args, strict=True))


def replace(expr: Any, forms: Mapping[Symbol, Expr]) -> Any:
    """Substitute symbols, keeping everything unevaluated that was unevaluated."""

    def make(node: Any, parts: list[Any]) -> Any:
        if not parts:
            return forms.get(node, node)
        return node if is_same(node, parts) else _rebuild(node, parts)

    return bottom_up(expr, make) if forms else expr


def _rebuild(node: Any, parts: list[Any]) -> Any:
    if node.is_Function and not node.is_Piecewise:
        return node.func(*parts, evaluate=False)
    if node.is_Relational and any(part.has(Piecewise) for part in parts):
        return _by_branch(node.func(*parts, evaluate=False))
    return node.func(*parts)


def _by_branch(relation: Any) -> Any:
    """A comparison of choices, said for each branch: SymPy would try to solve it."""
    choices = sorted(relation.atoms(Piecewise), key=default_sort_key)
    choice = next(c for c in choices if not any(a.has(Piecewise) for a in c.args))
    cases: list[Any] = []
    before: list[Any] = []
    for value, test in choice.args:
        chosen = relation.xreplace({choice: value})
        if chosen.has(Piecewise):
            chosen = _by_branch(chosen)
        cases.append(And(*before, test, chosen))
        before.append(Not(test))
    return Or(*cases)
