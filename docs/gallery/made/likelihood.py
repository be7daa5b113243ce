from numpy import (
    any, arange, asarray, ascontiguousarray, floor, inf, log, maximum, moveaxis, nan,
    subtract, where, zeros,
)


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


def total(terms, axis):
    """The sum over an axis, in pairs: its rounding hardly grows with the terms."""
    return ascontiguousarray(moveaxis(terms, axis, -1)).sum(-1)


def block(x, n, w, value, grad):
    i = places(1.0, n)
    x_i = elements(x, 'x', (i, 1))
    L = total(x_i*log(w)[..., None] - w[..., None], -1)
    value[...] = L
    subtract(where(w >= 0.0, total(x_i, -1)/w, nan), maximum(0.0, n - 1.0 + 1.0), out=grad[0])
