"""Sums made shorter: the terms that Kronecker's δ leaves, and what goes before the Σ.

The one rule kept here: a term that is left only where its place is between the bounds
says so, as a choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sympy import (
    Add,
    And,
    Expr,
    Integer,
    Le,
    Mul,
    Piecewise,
    S,
    Symbol,
    false,
    true,
)
from sympy.logic.boolalg import Boolean

from symgrad.derivation import Text
from symgrad.indexed import (
    Delta,
    Index,
    IndexedSum,
    at_place,
    has_index,
)
from symgrad.rules.parts import times

_SPREAD = 64


class _Single(NamedTuple):
    """The term that δ leaves of a sum, where it is left, and how that is told."""

    term: Expr
    condition: Boolean
    mark: Delta
    place: Expr
    is_assumed: bool


def resolved(expr: IndexedSum) -> tuple[Expr, Text] | None:
    """Take the terms that δ leaves of a sum; None where there is no δ.

    In a sum from 1 to n, ``k`` is one of 1, …, n. In another one, or for δ_{i+1,k}, the
    term is there where its place is between the bounds.
    """
    single: list[_Single] = []
    rest: list[Expr] = []
    for term in spread_terms(expr.body, expr.index):
        found = single_term(term, expr)
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
        parts.append(taken_out(IndexedSum(Add(*rest), *expr.bounds))[0])
    reason: list[str | Expr] = []
    for mark, place in dict.fromkeys((each.mark, each.place) for each in single):
        reason += [", " if reason else "", mark, " leaves the term of ", expr.index]
        reason += [" = ", place]
    if not reason[0]:
        del reason[0]
    return Add(*parts), (*reason, " alone")


def single_term(term: Expr, expr: IndexedSum) -> _Single | None:
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


def spread_terms(body: Expr, index: Index) -> list[Expr]:
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


def place_notes(expr: IndexedSum) -> tuple[Text, ...]:
    """Say which places δ means, where its sum is resolved."""
    found = [single_term(term, expr) for term in spread_terms(expr.body, expr.index)]
    places = {each.place for each in found if each and each.is_assumed}
    last: Text = (", …",) if expr.upper is S.Infinity else (", …, ", expr.upper)
    return tuple(
        (place, f" is one of {expr.lower}", *last) for place in sorted(places, key=str)
    )


def taken_out(expr: IndexedSum) -> tuple[Expr, Text]:
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
