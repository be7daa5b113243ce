"""Whether two sides of an equality have the same value at the points of a page.

The one rule kept here: an error counts only where fifty digits can tell it from
rounding; where they cannot, ``Hidden`` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Expr

from symgrad.numeric.page_names import Scope
from symgrad.numeric.page_values import Hidden, PageValues

TOLERANCE = 1e-12
_SMALLEST = 1e-18  # a difference quotient is good to about 1e-33 of its function
_SMALLEST_PLAIN = 1e-38  # fifty digits, less what a page's sums may cancel
_NOISE = 1e-28
_MARGIN = 10
_LOST = 1e-45  # a product with UNSEEN in it


def worst_error(lhs: Expr, rhs: Expr, scope: Scope, values: PageValues) -> float:
    """The worst relative error over the points at which both sides have a value."""
    errors: list[float] = []
    is_small = is_lost = False
    exact = [not values.is_quotient(side) for side in (lhs, rhs)]
    for place in values.places():
        left = values.value(lhs, scope, place)
        right = values.value(rhs, scope, place)
        if not (values.is_finite(left) and values.is_finite(right)):
            continue
        error = _relative(left, right, exact)
        is_small = is_small or error is None
        if error is not None and error > TOLERANCE:
            sides = (lhs, left), (rhs, right)
            if any(_is_lost(error, *side, scope, values, place) for side in sides):
                is_lost = True
                continue
        if error is not None:
            errors.append(error)
        if len(errors) == values.wanted:
            break
    if not errors and is_lost:
        raise Hidden("nearly all of 50 digits cancel")
    if not errors and is_small:
        raise Hidden("too small to be seen at 50 digits")
    if not errors:
        raise Hidden("outside its domain at every point tried")
    return max(errors)


def _is_lost(
    error: float, expr: Expr, value: Any, scope: Scope, values: PageValues, place: int
) -> bool:
    """Whether what is not known of the names in it moves a side by all of its error."""
    bound = error / _MARGIN * abs(value)
    return any(
        bool(abs(values.value(expr, scope, place, True, shorter) - value) > bound)
        for shorter in (False, True)
    )


def _relative(left: Any, right: Any, exact: Sequence[bool]) -> float | None:
    """The relative error, or None where the sides are too small to be told apart."""
    largest = max(abs(left), abs(right))
    if largest == 0:
        return 0.0
    error = float(abs(left - right) / largest)
    plain = all(exact)
    if largest >= (_SMALLEST_PLAIN if plain else _SMALLEST):
        return error
    if error <= TOLERANCE and (plain or largest > _LOST):
        return error
    is_zero = any(
        sure and side == 0 for side, sure in zip((left, right), exact, strict=True)
    )
    return float(largest) if is_zero and _LOST < largest < _NOISE else None
