"""SymPy's ``Sum``, ``Product``, ``Integral`` and ``Indexed`` in symgrad's own nodes.

The one rule kept here: a sum over several indices becomes one sum in another, and so do
integrals; what has no bounds is refused. An element that no sum runs over is a name of
its own: ``x[1]`` is x_1, ``A[0, 1]`` is A_0_1.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from symgrad.errors import FormulaError, short
from symgrad.indexed import Binder, Element, Index, IndexedProduct, IndexedSum
from symgrad.integrals import DefiniteIntegral, IntegrationVariable
from symgrad.symbols import symbol

MAX_LEVELS = 50
_ELEMENTS = (sp.Indexed, sp.matrices.expressions.matexpr.MatrixElement)
_BINDERS: dict[type, tuple[type[Binder], type[Index]]] = {
    sp.Sum: (IndexedSum, Index),
    sp.Product: (IndexedProduct, Index),
    sp.Integral: (DefiniteIntegral, IntegrationVariable),
}
_SUMMED = (*_BINDERS, *_ELEMENTS)


def with_reductions(expr: Any) -> Any:
    """Write ``Sum``, ``Product``, ``Integral`` and ``Indexed`` in symgrad's own nodes.

    >>> i, n, w = sp.symbols("i n w")
    >>> with_reductions(sp.Sum(w * sp.IndexedBase("x")[i], (i, 1, n)))
    sum(w*x_i, i, 1, n)

    Raises ``FormulaError`` for an index that is neither bound, a number nor a letter.
    """
    if not _has_sums(expr):
        return expr
    made = _made(expr, {}, 0)
    _check_elements(expr, {each.base.name for each in made.atoms(Element)})
    return made


def _has_sums(expr: Any) -> bool:
    seen: set[int] = set()
    todo: list[Any] = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, _SUMMED):
            return True
        if id(node) not in seen:
            seen.add(id(node))
            todo.extend(node.args)
    return False


def _check_elements(expr: Any, data: set[str]) -> None:
    """Refuse x[1] beside the sum of all x[i]: a derivative by it would miss that."""
    running = {limit[0] for s in expr.atoms(sp.Sum, sp.Product) for limit in s.limits}
    for element in expr.atoms(*_ELEMENTS):
        base, *indices = element.args
        if str(getattr(base, "label", base)) in data and not running & {*indices}:
            raise FormulaError(
                f"{short(element)} stands alone and a sum runs over its kin; write the "
                "sum without that term, or give the element a name"
            )


def _made(node: Any, bound: dict[Any, Index], level: int) -> Any:
    if level > MAX_LEVELS:
        raise FormulaError(
            f"a formula with sums nested deeper than the bound MAX_LEVELS "
            f"({MAX_LEVELS}); name its parts as stages"
        )
    if node in bound:
        return bound[node]
    if isinstance(node, _ELEMENTS):
        return _datum(node, bound)
    if isinstance(node, tuple(_BINDERS)):
        return _binder(node, bound, level)
    if not node.args or isinstance(node, Binder):
        return node
    parts = [_made(arg, bound, level + 1) for arg in node.args]
    if all(a is b for a, b in zip(parts, node.args, strict=True)):
        return node
    return node.func(*parts)


def _datum(node: Any, bound: dict[Any, Index]) -> Any:
    base, *indices = node.args
    name = str(getattr(base, "label", base))
    is_bound = any(index.has(*bound) for index in indices if bound)
    places = [_place(index, bound) for index in indices]
    if is_bound and all(place is not None for place in places):
        return Element(symbol(name), *places)
    if is_bound or not all(_is_fixed(index) for index in indices):
        raise FormulaError(
            f"{short(node)} is of type {type(node).__name__} and no datum of a sum; "
            "expected an index that a Sum or a Product around it runs over, plus a "
            "whole number perhaps, or indices that are whole numbers or letters"
        )
    return symbol("_".join([name, *map(str, indices)]))


def _place(index: Any, bound: dict[Any, Index]) -> Any:
    """The place of a datum: an index, one plus a whole number, or that; else None."""
    shift, letter = index.as_coeff_Add()
    if isinstance(index, sp.Integer):
        return index
    if letter in bound and isinstance(shift, sp.Integer):
        return bound[letter] + shift
    return None


def _is_fixed(index: Any) -> bool:
    return isinstance(index, sp.Symbol | sp.Idx) or (
        isinstance(index, sp.Integer) and index >= 0
    )


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
