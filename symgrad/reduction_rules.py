"""The rules for sums and products over an index.

The one rule kept here: the index is bound, so only the body is differentiated; what
the bounds and the data themselves would mean as variables is an error, never a 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as changed
from typing import NamedTuple

from sympy import (
    Add,
    And,
    Expr,
    Integer,
    Le,
    Mul,
    Ne,
    Piecewise,
    Pow,
    S,
    Symbol,
    false,
    true,
)
from sympy.logic.boolalg import Boolean

from symgrad.derivation import Line, Step, Text
from symgrad.errors import RuleError
from symgrad.indexed import (
    Chosen,
    Delta,
    Element,
    Index,
    IndexedProduct,
    IndexedSum,
    Reduction,
    at_place,
    but,
    by_all_data,
    has_index,
    taken_apart,
)
from symgrad.rule_parts import Scope, d, depends, step_of, times
from symgrad.symbols import Chain, symbols_of

_LISTED_DATA = 6
_SPREAD = 64


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
    pairs = [p for p in zip(expr.indices, expr.places, strict=True) if p[0] != p[1]]
    told: list[str | Expr] = []
    for index, place in pairs:
        told += [" and " if told else "1 where ", index, " = ", place]
    marks = times(*(Delta(*pair) for pair in pairs))
    return step_of("one datum", expr, by, (marks, (*told, ", else 0")))


class _Single(NamedTuple):
    """The term that δ leaves of a sum, where it is left, and how that is told."""

    term: Expr
    condition: Boolean
    mark: Delta
    place: Expr
    is_assumed: bool


def _resolved(expr: IndexedSum) -> tuple[Expr, Text] | None:
    """Take the terms that δ leaves of a sum; None where there is no δ.

    In a sum from 1 to n, ``k`` is one of 1, …, n. In another one, or for δ_{i+1,k}, the
    term is there where its place is between the bounds.
    """
    single: list[_Single] = []
    rest: list[Expr] = []
    for term in _spread(expr.body, expr.index):
        found = _single(term, expr)
        if found is None:
            rest.append(term)
        else:
            single.append(found)
    if not single:
        return None
    groups: dict[Boolean, list[Expr]] = {}
    for each in single:
        groups.setdefault(each.condition, []).append(each.term)
    parts = [
        Add(*terms)
        if condition == true
        else Piecewise((Add(*terms), condition), (0, True))
        for condition, terms in groups.items()
        if condition != false
    ]
    if rest:
        parts.append(_taken_out(IndexedSum(Add(*rest), *expr.bounds))[0])
    reason: list[str | Expr] = []
    for mark, place in dict.fromkeys((each.mark, each.place) for each in single):
        reason += [", " if reason else "", mark, " leaves the term of ", expr.index]
        reason += [" = ", place]
    if not reason[0]:
        del reason[0]
    return Add(*parts), (*reason, " alone")


def _single(term: Expr, expr: IndexedSum) -> _Single | None:
    factors = Mul.make_args(term)
    index = expr.index
    for mark in factors:
        if isinstance(mark, Delta) and has_index(mark.args[0], index):
            shift = mark.args[0] - index
            place = mark.args[1] - shift
            if has_index(shift, index):
                continue
            others = [f for f in factors if f is not mark]
            left = times(*(at_place(f, index, place) for f in others))
            ends = isinstance(expr.upper, Symbol | Integer) or expr.upper is S.Infinity
            plain = ends and expr.lower in (0, 1) and not _is_shifted(expr)
            if plain and not shift and isinstance(place, Symbol):
                return _Single(left, true, mark, place, True)
            within = And(
                *(
                    side
                    for side in (
                        Le(expr.lower + shift, mark.args[1]),
                        Le(mark.args[1], expr.upper + shift),
                    )
                    if side != true
                )
            )
            return _Single(left, within, mark, place, False)
    return None


def _is_shifted(expr: IndexedSum) -> bool:
    """Whether δ_{i+1,k} stands in a sum: then k may be the place after the last i."""
    marks = expr.body.atoms(Delta)
    return any(
        has_index(mark.args[0], expr.index) and mark.args[0] != expr.index
        for mark in marks
    )


def _spread(body: Expr, index: Index) -> list[Expr]:
    """The terms of a body, the sums that hold δ multiplied out."""
    done: list[Expr] = []
    todo = list(reversed(Add.make_args(body)))
    while todo:
        term = todo.pop()
        factors = list(Mul.make_args(term))
        inner = next(
            (f for f in factors if isinstance(f, Add) and _has_mark(f, index)), None
        )
        if inner is None or len(done) + len(todo) > _SPREAD:
            done.append(term)
            continue
        rest = [f for f in factors if f is not inner]
        todo += [Mul(*rest, each) for each in reversed(inner.args)]
    return _gathered(done, index)


def _gathered(terms: list[Expr], index: Index) -> list[Expr]:
    """Put the terms without δ together again, as they stood."""
    marked = [term for term in terms if _has_mark(term, index)]
    return [*marked, *(term for term in terms if not _has_mark(term, index))]


def _has_mark(expr: Expr, index: Index) -> bool:
    return any(has_index(mark.args[0], index) for mark in expr.atoms(Delta))


def element(expr: Element | Chosen, by: Symbol, scope: Scope) -> Step:
    raise by_all_data(by)


def sum_rule(expr: IndexedSum, by: Symbol, scope: Scope) -> Step:
    """The derivative of a sum is the sum of the derivatives, however many terms."""
    _check_bounds(expr, by)
    plain, unequal = taken_apart(expr)
    inner = scope.derive(plain.body, by, scope)
    told: Text = ("differentiate the term of ", expr.index)
    summed = IndexedSum(inner.result, *expr.bounds)
    result, reason = _resolved(summed) or _taken_out(summed)
    if unequal:
        summed = result = but(summed, *unequal)
    return step_of(
        "sum over an index",
        expr,
        by,
        (
            but(IndexedSum(d(plain.body, by), *expr.bounds), *unequal),
            ("sum rule, term by term",),
        ),
        (summed, told),
        (result, reason),
        notes=(
            *_series_notes(expr),
            *_data_notes(expr, by),
            *_place_note(summed),
        ),
        substeps=(inner,),
    )


def _place_note(expr: IndexedSum) -> tuple[Text, ...]:
    """Say which places δ means, where its sum is resolved."""
    found = [_single(term, expr) for term in _spread(expr.body, expr.index)]
    places = {each.place for each in found if each and each.is_assumed}
    last: Text = (", …",) if expr.upper is S.Infinity else (", …, ", expr.upper)
    return tuple(
        (place, f" is one of {expr.lower}", *last) for place in sorted(places, key=str)
    )


def _series_notes(expr: Reduction) -> tuple[Text, ...]:
    """Say when a series may be differentiated term by term (Rudin, theorem 7.17)."""
    if expr.upper is not S.Infinity:
        return ()
    return (("holds where the series of the derivatives converges uniformly",),)


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
    if expr.body == 0:
        return Integer(0), ("no term is left",)
    free = [f for f in factors if not has_index(f, index)]
    rest = [f for f in factors if has_index(f, index)]
    if not rest and expr.lower in (0, 1) and expr.upper is not S.Infinity:
        count = expr.upper - expr.lower + 1
        return times(*free, count), ("all ", count, " terms are equal")
    if not free or not rest:
        return expr, ()
    reason: Text = ("what has no ", index, " goes before the sum")
    return times(*free, IndexedSum(Mul(*rest), *expr.bounds)), reason


def product_rule(expr: IndexedProduct, by: Symbol, scope: Scope) -> Step:
    """Σ f_i′ Π_{j≠i} f_j: no division, so that factors may be 0."""
    _check_bounds(expr, by)
    plain, unequal = taken_apart(expr)
    index, factor = expr.index, plain.body
    inner = scope.derive(factor, by, scope)
    letter = _free_index(scope.whole, expr)
    kept = (*(at_place(each, index, letter) for each in unequal), Ne(letter, index))
    bounds = (letter, expr.lower, expr.upper)
    rest = but(IndexedProduct(at_place(factor, index, letter), *bounds), *kept)

    def summed(term: Expr) -> IndexedSum:
        return IndexedSum(term, *expr.bounds)

    whole = summed(times(inner.result, rest))
    shorter, reason = _resolved(whole) or _taken_out(whole)
    if unequal:
        shorter, reason = but(whole, *unequal), ()
    told: Text = ("differentiate the factor of ", index)
    result = step_of(
        "product over an index",
        expr,
        by,
        (
            but(summed(Chain(d(factor, by), rest)), *unequal),
            ("product rule, factor by factor",),
        ),
        (but(whole, *unequal), told),
        (shorter, reason),
        notes=(
            *_series_notes(expr),
            *_data_notes(expr, by),
            *_place_note(whole),
        ),
        substeps=(inner,),
    )
    if unequal:
        return result
    return changed(
        result, substeps=(inner, _shorter_form(expr, inner.result, result.result))
    )


def _free_index(whole: Expr, expr: Reduction) -> Index:
    """An index that stands nowhere in the formula: j beside i."""
    taken = {part.name for part in (*whole.atoms(Index), *expr.atoms(Index))}
    taken |= {name.name for name in symbols_of(whole)}
    letters = (*"jklmpqrs", *(f"j_{k}" for k in range(1, len(taken) + 2)))
    return Index(next(letter for letter in letters if letter not in taken))


def _quotient(slope: Expr, body: Expr) -> Expr:
    """f'/f, divided term by term where more falls away so: 1/λ − x for λ e^{−λ x}."""
    whole, parts = slope / body, Add(*(t / body for t in Add.make_args(slope)))
    return parts if parts.count_ops() < whole.count_ops() else whole


def _shorter_form(expr: IndexedProduct, slope: Expr, derived: Expr) -> Step:
    """The same as the product times Σ f_i′/f_i, which divides by the factors."""
    body = expr.body
    is_equal = not has_index(body, expr.index) and not has_index(slope, expr.index)
    if is_equal and expr.upper is not S.Infinity:
        count = expr.upper - expr.lower + 1
        short = times(count, slope, Pow(body, count - 1))
        reason: Text = ("all factors are equal",)
    else:
        summed = IndexedSum(_quotient(slope, body), *expr.bounds)
        total = (_resolved(summed) or _taken_out(summed))[0]
        short, reason = Mul(expr, total), ("the whole product divided by one factor",)
    note: Text = ("where no factor is 0",)
    return Step("in short", derived, (Line(short, reason),), notes=(note,))
