# mypy: allow-untyped-defs, allow-untyped-calls
"""Sums and products over an index for single numbers: places, elements, all others.

The one rule kept here: that of numpy_sums.py, whose errors these are.
"""

from __future__ import annotations

from math import floor, isfinite, nan


def span(lower, upper):
    """The whole numbers between two bounds."""
    if not (isfinite(lower) and floor(lower) == lower):
        raise IndexError("a bound of a sum is no whole number")
    if not (isfinite(upper) and floor(upper) == upper):
        raise IndexError("a bound of a sum is no whole number")
    if upper - lower >= 134217728.0:
        terms = f"{upper - lower + 1:,.0f}"
        raise IndexError(f"a sum has {terms} terms, over 134,217,728")
    return range(int(lower), int(upper) + 1)


def within(name, count, first, places, shift):
    """See that all places of a loop, shifted, are those of data."""
    last = count - 1 + first
    if places and (places[0] + shift < first or places[-1] + shift > last):
        place = places[0] + shift
        place = place if place < first else places[-1] + shift
        raise IndexError(f"{name}_{place} is not among {name}_{first} … {name}_{last}")


def chosen(x, name, *places):
    """The datum at any place: (i, 1) is the place i, the first being x_1."""
    for i, first in places:
        if i != i:
            return nan
        if floor(i) != i:
            raise IndexError(f"an index of {name} is no whole number")
        within(name, len(x), first, (int(i),), 0)
        x = x[int(i) - first]
    return x


def largest(terms):
    """The largest; 0 where that is infinite or nan, or there is none."""
    found = max(terms, default=0.0)
    return found if isfinite(found) else 0.0


def others(factors):
    """For each factor the product of all others, right where factors are 0."""
    before, product = [], 1.0
    for factor in factors:
        before.append(product)
        product *= factor
    product = 1.0
    for k in range(len(factors) - 1, -1, -1):
        before[k] *= product
        product *= factors[k]
    return before
