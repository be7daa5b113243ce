# mypy: allow-untyped-defs, allow-untyped-calls
"""Sums and products over an index with NumPy: places, elements, terms put together.

The one rule kept here: as in numpy_helpers.py, a helper names only ``numpy`` and other
helpers. A place outside the data is an IndexError, which the harness words for users.
"""

from __future__ import annotations

from numpy import (
    arange,
    asarray,
    ascontiguousarray,
    cumprod,
    floor,
    inf,
    isfinite,
    isnan,
    moveaxis,
    ones_like,
    where,
    zeros,
)


def places(lower, upper):
    """The whole numbers from the least lower to the greatest upper bound."""
    meant = asarray(lower <= upper)
    if not asarray((floor(lower) == lower) & (floor(upper) == upper)).all():
        raise IndexError("a bound of a sum is no whole number")
    if not meant.any():
        return zeros(0)
    first = where(meant, lower, inf).min()
    last = where(meant, upper, -inf).max()
    if last - first >= 134217728.0:
        raise IndexError(f"a sum has {last - first + 1:,.0f} terms, over 134,217,728")
    return arange(first, last + 1.0)


def elements(x, name, *slices):
    """The data of consecutive places: (i, 1) starts at i[0], the first being x_1."""
    for axis, (i, first) in enumerate(slices, -len(slices)):
        if not i.size:
            start, stop = 0, 0
        else:
            start, stop = int(i[0]) - first, int(i[-1]) - first + 1
        if start < 0 or stop > x.shape[axis]:
            last = x.shape[axis] - 1 + first
            place = start + first if start < 0 else stop - 1 + first
            raise IndexError(
                f"{name}_{place} is not among {name}_{first} … {name}_{last}"
            )
        x = x[tuple([..., slice(start, stop), *[slice(None)] * (-1 - axis)])]
    return x


def chosen(x, name, *places):
    """The data of any places: (i, 1) are the places i, the first being x_1."""
    found = []
    for axis, (i, first) in enumerate(places, -len(places)):
        k = where(isnan(i), first, i)
        if not (floor(k) == k).all():
            raise IndexError(f"an index of {name} is no whole number")
        k = k.astype(int) - first
        if k.size and (k.min() < 0 or k.max() >= x.shape[axis]):
            last = x.shape[axis] - 1 + first
            place = (k.min() if k.min() < 0 else k.max()) + first
            raise IndexError(
                f"{name}_{place} is not among {name}_{first} … {name}_{last}"
            )
        found.append(k)
    return x[tuple([..., *found])]


def total(terms, axis):
    """The sum over an axis, in pairs: its rounding hardly grows with the terms."""
    return ascontiguousarray(moveaxis(terms, axis, -1)).sum(-1)


def product(factors, axis):
    return factors.prod(axis)


def largest(terms, axis):
    """The largest over an axis; 0 where that is infinite or nan, or there is none."""
    found = terms.max(axis, initial=-inf)
    return where(isfinite(found), found, 0.0)


def others(factors, axis):
    """For each factor the product of all others, right where factors are 0."""
    factors = moveaxis(factors, axis, -1)
    before, after = ones_like(factors), ones_like(factors)
    before[..., 1:] = cumprod(factors[..., :-1], -1)
    after[..., :-1] = cumprod(factors[..., :0:-1], -1)[..., ::-1]
    return moveaxis(before * after, -1, axis)
