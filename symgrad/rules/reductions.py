"""The rules for sums and products over an index.

The one rule kept here: the index is bound, so only the body is differentiated; what
the bounds and the data themselves would mean as variables is an error, never a 0.
"""

from __future__ import annotations

from dataclasses import replace as changed

from sympy import (
    Add,
    Expr,
    Mul,
    Ne,
    Pow,
    S,
    Symbol,
)

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
    SampleSum,
    at_place,
    but,
    by_all_data,
    has_index,
    taken_apart,
)
from symgrad.rules.kronecker import place_notes, resolved, taken_out
from symgrad.rules.parts import Scope, d, depends, step_of, times
from symgrad.symbols import Chain, is_sampled, symbols_of

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
    pairs = [p for p in zip(expr.indices, expr.places, strict=True) if p[0] != p[1]]
    told: list[str | Expr] = []
    for index, place in pairs:
        told += [" and " if told else "1 where ", index, " = ", place]
    marks = times(*(Delta(*pair) for pair in pairs))
    return step_of("one datum", expr, by, (marks, (*told, ", else 0")))


def element(expr: Element | Chosen, by: Symbol, scope: Scope) -> Step:
    raise by_all_data(by)


def is_sample_sum(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, SampleSum)


def sample_sum(expr: SampleSum, by: Symbol, scope: Scope) -> Step:
    """By a value of one sample only its own term counts; else every term does."""
    _check_bounds(expr, by)
    inner = scope.derive(expr.body, by, scope)
    first: tuple[Expr, Text] = (
        expr.over(d(expr.body, by)),
        ("sum rule, sample by sample",),
    )
    result = expr.over(inner.result)
    if is_sampled(by):
        first = d(expr.body, by), ("only the term of its own sample has ", by)
        result = inner.result
    why: Text = ("differentiate the term of one sample",)
    return step_of(
        "sum over the samples", expr, by, first, (result, why), substeps=(inner,)
    )


def sum_rule(expr: IndexedSum, by: Symbol, scope: Scope) -> Step:
    """The derivative of a sum is the sum of the derivatives, however many terms."""
    _check_bounds(expr, by)
    plain, unequal = taken_apart(expr)
    inner = scope.derive(plain.body, by, scope)
    told: Text = ("differentiate the term of ", expr.index)
    summed = IndexedSum(inner.result, *expr.bounds)
    result, reason = resolved(summed) or taken_out(summed)
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
            *place_notes(summed),
        ),
        substeps=(inner,),
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
    shorter, reason = resolved(whole) or taken_out(whole)
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
            *place_notes(whole),
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
        total = (resolved(summed) or taken_out(summed))[0]
        short, reason = Mul(expr, total), ("the whole product divided by one factor",)
    note: Text = ("where no factor is 0",)
    return Step("in short", derived, (Line(short, reason),), notes=(note,))
