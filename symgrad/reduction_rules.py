"""The rules for sums and products over an index.

The one rule kept here: the index is bound, so only the body is differentiated; what
the bounds and the data themselves would mean as variables is an error, never a 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Expr, Integer, Mul, Pow, Symbol

from symgrad.derivation import Step, Text
from symgrad.errors import RuleError
from symgrad.indexed import (
    Chosen,
    Delta,
    Element,
    IndexedProduct,
    IndexedSum,
    Reduction,
    at_place,
    has_index,
)
from symgrad.rule_parts import Scope, d, depends, step_of, times
from symgrad.symbols import Chain

_LISTED_DATA = 6


def is_sum(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, IndexedSum)


def is_product(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, IndexedProduct)


def is_element(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, Element | Chosen)


def _check_bounds(expr: Reduction, by: Symbol) -> None:
    if depends(expr.lower, by) or depends(expr.upper, by):
        raise RuleError(
            f"{by.name!r} is a bound of {expr}, a whole number; there is no derivative "
            "by it, differentiate by a name in the terms"
        )


def is_chosen(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, Chosen) and by == expr.element


def chosen(expr: Chosen, by: Symbol, scope: Scope) -> Step:
    """∂x_i/∂x_k is Kronecker's δ_{i,k}."""
    reason: Text = ("1 where ", expr.index, " = ", expr.place, ", else 0")
    return step_of("one datum", expr, by, (Delta(expr.index, expr.place), reason))


def _resolved(expr: IndexedSum) -> tuple[Expr, Text] | None:
    """Take the one term that δ leaves of a sum from 1 to n; None where there is no δ.

    ``k`` is one of 1, …, n; in a sum with other bounds δ stays, which is always true.
    """
    if expr.lower != 1 or not isinstance(expr.upper, Symbol):
        return None
    index = expr.index
    single, rest = [], []
    for term in Add.make_args(expr.body):
        factors = Mul.make_args(term)
        marks = [f for f in factors if isinstance(f, Delta) and f.args[0] == index]
        if not marks:
            rest.append(term)
            continue
        place = marks[0].args[1]
        others = [f for f in factors if f is not marks[0]]
        single.append(times(*(at_place(f, index, place) for f in others)))
    if not single:
        return None
    delta = Delta(index, place)
    reason: Text = (delta, " leaves the term of ", index, " = ", place, " alone")
    left = [IndexedSum(Add(*rest), *expr.bounds)] if rest else []
    return Add(*single, *left), reason


def element(expr: Element | Chosen, by: Symbol, scope: Scope) -> Step:
    raise RuleError(
        f"{by.name!r} stands for all the data {expr.base.name}_1, {expr.base.name}_2, "
        "…; differentiate by a name without index"
    )


def sum_rule(expr: IndexedSum, by: Symbol, scope: Scope) -> Step:
    """The derivative of a sum is the sum of the derivatives, however many terms."""
    _check_bounds(expr, by)
    inner = scope.derive(expr.body, by, scope)
    told: Text = ("differentiate the term of ", expr.index)
    summed = IndexedSum(inner.result, *expr.bounds)
    result, reason = _resolved(summed) or _taken_out(summed)
    return step_of(
        "sum over an index",
        expr,
        by,
        (
            IndexedSum(d(expr.body, by), *expr.bounds),
            ("sum rule, term by term",),
        ),
        (summed, told),
        (result, reason),
        notes=(*_data_notes(expr, by), *_place_note(summed)),
        substeps=(inner,),
    )


def _place_note(expr: IndexedSum) -> tuple[Text, ...]:
    """Say which places δ means, where its sum is resolved."""
    if _resolved(expr) is None:
        return ()
    places: set[Expr] = {mark.args[1] for mark in expr.body.atoms(Delta)}
    return tuple(
        (place, " is one of 1, …, ", expr.upper) for place in sorted(places, key=str)
    )


def _data_notes(expr: Reduction, by: Symbol) -> tuple[Text, ...]:
    """Say which names of the terms are given numbers."""
    found: dict[Expr, None] = {}
    todo: list[Expr] = [expr.body]
    while todo:
        node = todo.pop()
        if isinstance(node, Element):
            found[node] = None
        todo.extend(reversed(node.args))
    if not found or len(found) > _LISTED_DATA:
        return ()
    listed: list[str | Expr] = []
    for datum in found:
        listed += [", ", datum] if listed else [datum]
    do = "do" if len(found) > 1 else "does"
    return ((*listed, f" {do} not depend on ", by),)


def _taken_out(expr: IndexedSum) -> tuple[Expr, Text]:
    """Write what does not move with the index before the sum."""
    factors: Sequence[Expr] = Mul.make_args(expr.body)
    index = expr.index
    free = [f for f in factors if not has_index(f, index)]
    rest = [f for f in factors if has_index(f, index)]
    if not rest and expr.lower in (0, 1):
        count = expr.upper - expr.lower + 1
        return times(*free, count), ("all ", count, " terms are equal")
    if not free or not rest:
        return expr, ()
    reason: Text = ("what has no ", index, " goes before the sum")
    return times(*free, IndexedSum(Mul(*rest), *expr.bounds)), reason


def product_rule(expr: IndexedProduct, by: Symbol, scope: Scope) -> Step:
    """The derivative of a product by that of its logarithm, Σ ln f_i."""
    _check_bounds(expr, by)
    inner = scope.derive(expr.body, by, scope)

    def relative(part: Expr) -> Expr:
        return IndexedSum(
            Mul(part, Pow(expr.body, Integer(-1)), evaluate=False), *expr.bounds
        )

    summed = IndexedSum(inner.result / expr.body, *expr.bounds)
    told: Text = ("differentiate the factor of ", expr.index)
    shorter, reason = _resolved(summed) or _taken_out(summed)
    return step_of(
        "product over an index",
        expr,
        by,
        (
            Chain(expr, relative(d(expr.body, by))),
            ("product rule, factor by factor",),
        ),
        (Mul(expr, summed), told),
        (Mul(expr, shorter), reason),
        notes=(
            *_data_notes(expr, by),
            *_place_note(summed),
            ("this form needs every factor to be other than 0",),
        ),
        substeps=(inner,),
    )
