"""SymPy's ``Sum``, ``Product`` and ``Indexed`` as sums over an index and their data.

The one rule kept here: a sum over several indices becomes one sum in another, and what
has no whole bounds, or no single plain index, is refused.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from symgrad.errors import FormulaError, short
from symgrad.indexed import Element, Index, IndexedProduct, IndexedSum, Reduction
from symgrad.symbols import symbol

MAX_LEVELS = 50


def with_reductions(expr: Any) -> Any:
    """Write ``Sum``, ``Product`` and ``Indexed`` in symgrad's own nodes.

    >>> i, n, w = sp.symbols("i n w")
    >>> with_reductions(sp.Sum(w * sp.IndexedBase("x")[i], (i, 1, n)))
    sum(w*x_i, i, 1, n)

    Raises ``FormulaError`` for an ``Indexed`` that no sum around it binds.
    """
    return _made(expr, {}, 0) if _has_sums(expr) else expr


def _has_sums(expr: Any) -> bool:
    seen: set[int] = set()
    todo: list[Any] = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, sp.Sum | sp.Product | sp.Indexed):
            return True
        if id(node) not in seen:
            seen.add(id(node))
            todo.extend(node.args)
    return False


def _made(node: Any, bound: dict[Any, Index], level: int) -> Any:
    if level > MAX_LEVELS:
        raise FormulaError(
            f"a formula with sums nested deeper than the bound MAX_LEVELS "
            f"({MAX_LEVELS}); name its parts as stages"
        )
    if node in bound:
        return bound[node]
    if isinstance(node, sp.Indexed):
        return _datum(node, bound)
    if isinstance(node, sp.Sum | sp.Product):
        return _reduction(node, bound, level)
    if not node.args or isinstance(node, Reduction):
        return node
    parts = [_made(arg, bound, level + 1) for arg in node.args]
    if all(a is b for a, b in zip(parts, node.args, strict=True)):
        return node
    return node.func(*parts)


def _datum(node: Any, bound: dict[Any, Index]) -> Element:
    if len(node.indices) != 1 or node.indices[0] not in bound:
        raise FormulaError(
            f"{short(node)} is of type Indexed and no datum of a sum; expected one "
            "index that a Sum or a Product around it runs over"
        )
    return Element(symbol(str(node.base.label)), bound[node.indices[0]])


def _reduction(node: Any, bound: dict[Any, Index], level: int) -> Reduction:
    kind = IndexedSum if isinstance(node, sp.Sum) else IndexedProduct
    if any(len(limit) != 3 for limit in node.limits):
        raise FormulaError(f"{short(node)} has no bounds; expected (i, 1, n)")
    *inner, (name, lower, upper) = node.limits  # the last one is the outermost sum
    if any(name.name == index.name for index in bound.values()):
        raise FormulaError(
            f"{short(node)} has the index of a sum around it; take another letter"
        )
    body = node.func(node.function, *inner) if inner else node.function
    for side in (lower, upper):
        if not side.is_finite and side.is_number:
            raise FormulaError(f"{short(node)} is endless; expected finite bounds")
    sides = [_made(side, bound, level + 1) for side in (lower, upper)]
    index = Index(name.name)
    return kind(_made(body, {**bound, name: index}, level + 1), index, *sides)
