"""SymPy's ``Sum``, ``Product``, ``Integral`` and ``Indexed`` in symgrad's own nodes.

The one rule kept here: a sum over several indices becomes one sum in another, and so do
integrals; what has no bounds, or no single plain index, is refused.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from symgrad.errors import FormulaError, short
from symgrad.indexed import Binder, Element, Index, IndexedProduct, IndexedSum
from symgrad.integrals import DefiniteIntegral, IntegrationVariable
from symgrad.symbols import symbol

MAX_LEVELS = 50
_BINDERS: dict[type, tuple[type[Binder], type[Index]]] = {
    sp.Sum: (IndexedSum, Index),
    sp.Product: (IndexedProduct, Index),
    sp.Integral: (DefiniteIntegral, IntegrationVariable),
}


def with_reductions(expr: Any) -> Any:
    """Write ``Sum``, ``Product``, ``Integral`` and ``Indexed`` in symgrad's own nodes.

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
        if isinstance(node, (*_BINDERS, sp.Indexed)):
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
    if isinstance(node, tuple(_BINDERS)):
        return _binder(node, bound, level)
    if not node.args or isinstance(node, Binder):
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


def _binder(node: Any, bound: dict[Any, Index], level: int) -> Binder:
    make, make_index = _BINDERS[type(node)]
    if any(len(limit) != 3 for limit in node.limits):
        raise FormulaError(f"{short(node)} has no bounds; expected {_expected(node)}")
    *inner, (name, lower, upper) = node.limits  # the last one is the outermost sum
    if any(name.name == index.name for index in bound.values()):
        raise FormulaError(
            f"{short(node)} has the index of a sum or an integral around it; take "
            "another letter"
        )
    body = node.func(node.function, *inner) if inner else node.function
    for side in (lower, upper):
        if make is not DefiniteIntegral and not side.is_finite and side.is_number:
            raise FormulaError(f"{short(node)} is endless; expected finite bounds")
    sides = [_made(side, bound, level + 1) for side in (lower, upper)]
    index = make_index(name.name)
    return make(_made(body, {**bound, name: index}, level + 1), index, *sides)


def _expected(node: Any) -> str:
    if isinstance(node, sp.Integral):
        return "(t, 0, x); without them it is known up to a constant only"
    return "(i, 1, n)"
