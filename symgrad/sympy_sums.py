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
from symgrad.substitution import is_same
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

    Beside such a sum ``x[1]`` and ``x[k]`` are data of one place, else names. Raises
    ``FormulaError`` for an index that is neither bound, a number nor a letter.
    """
    if not _has_sums(expr):
        return expr
    return _made(expr, {}, 0, _data_of(expr))


def _data_of(expr: Any) -> frozenset[str]:
    """The names whose elements a sum runs over."""
    running = {limit[0] for s in expr.atoms(sp.Sum, sp.Product) for limit in s.limits}
    return frozenset(
        _name_of(element.args[0])
        for element in expr.atoms(*_ELEMENTS)
        if any(index.has(*running) for index in element.args[1:] if running)
    )


def _name_of(base: Any) -> str:
    return str(getattr(base, "label", base))


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


def _made(node: Any, bound: dict[Any, Index], level: int, data: frozenset[str]) -> Any:
    if level > MAX_LEVELS:
        raise FormulaError(
            f"a formula with sums nested deeper than the bound MAX_LEVELS "
            f"({MAX_LEVELS}); name its parts as stages"
        )
    if node in bound:
        return bound[node]
    if isinstance(node, _ELEMENTS):
        return _datum(node, bound, data)
    if isinstance(node, tuple(_BINDERS)):
        return _binder(node, bound, level, data)
    if not node.args or isinstance(node, Binder):
        return node
    parts = [_made(arg, bound, level + 1, data) for arg in node.args]
    if is_same(node, parts):
        return node
    return node.func(*parts)


def _datum(node: Any, bound: dict[Any, Index], data: frozenset[str]) -> Any:
    base, *indices = node.args
    name = _name_of(base)
    places = [_place(index, bound) for index in indices]
    if None in places:
        raise FormulaError(
            f"{short(node)} is of type {type(node).__name__} and no datum of a sum; "
            "expected an index that a Sum or a Product around it runs over, plus a "
            "whole number perhaps, or indices that are whole numbers or letters"
        )
    if name in data:
        return Element(symbol(name), *places)
    if not all(_is_fixed(index) for index in indices):
        raise FormulaError(
            f"{short(node)} is of type {type(node).__name__} and no datum of a sum; "
            "expected indices that are whole numbers or letters"
        )
    return symbol("_".join([name, *map(str, indices)]))


def _place(index: Any, bound: dict[Any, Index]) -> Any:
    """The place of a datum: an index, a letter or 0, plus a whole number; else None."""
    shift, letter = index.as_coeff_Add()
    if isinstance(index, sp.Integer):
        return index
    if isinstance(letter, sp.Symbol | sp.Idx) and isinstance(shift, sp.Integer):
        name = getattr(letter, "label", letter)
        return bound.get(letter, name) + shift
    return None


def _is_fixed(index: Any) -> bool:
    return isinstance(index, sp.Symbol | sp.Idx) or (
        isinstance(index, sp.Integer) and index >= 0
    )


def _binder(
    node: Any, bound: dict[Any, Index], level: int, data: frozenset[str]
) -> Binder:
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
    if make is not DefiniteIntegral and not lower.is_finite and lower.is_number:
        raise FormulaError(
            f"{short(node)} has no beginning; write two sums, from 0 up and from 1 down"
        )
    sides = [_made(side, bound, level + 1, data) for side in (lower, upper)]
    index = make_index(name.name)
    return make(_made(body, {**bound, name: index}, level + 1, data), index, *sides)


def _expected(node: Any) -> str:
    if isinstance(node, sp.Integral):
        return "(t, 0, x); without them it is known up to a constant only"
    return "(i, 1, n)"
