"""Functions that Python's math module lacks, for one point at a time.

The one rule kept here: a helper names only ``math`` and other helpers, because its
source is copied into the programs that use it.
"""

from __future__ import annotations

from math import (
    asinh,
    atan,
    copysign,
    cos,
    cosh,
    erfc,
    exp,
    expm1,
    inf,
    isfinite,
    log1p,
    nan,
    pi,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)
from math import floor as whole_below

from symgrad.numeric.codegen.coefficients import LAMBERTW_SERIES


def polynomial(coefficients: tuple[float, ...], x: float) -> float:
    """The value at x; the highest power comes first (Horner)."""
    total = 0.0
    for c in coefficients:
        total = total * x + c
    return total


def cbrt(u: float) -> float:
    """The real cube root: a power, then one step of Newton's method."""
    if u == 0.0 or not isfinite(u):
        return u
    r = copysign(abs(u) ** (1.0 / 3.0), u)
    return r - (r - u / (r * r)) / 3.0


def cot(u: float) -> float:
    return 1.0 / tan(u)


def sec(u: float) -> float:
    return 1.0 / cos(u)


def csc(u: float) -> float:
    return 1.0 / sin(u)


def sinc(u: float) -> float:
    """sin(u)/u, and 1 at 0."""
    return sin(u) / u if u else 1.0


def acot(u: float) -> float:
    return atan(1.0 / u)


def asec(u: float) -> float:
    """An arctangent, as accurate next to 1 as elsewhere."""
    if abs(u) < 1.0:
        return nan
    angle = atan(sqrt(abs(u) - 1.0) * sqrt(abs(u) + 1.0))
    return angle if u > 0.0 else pi - angle


def acsc(u: float) -> float:
    if abs(u) < 1.0:
        return nan
    root = sqrt(abs(u) - 1.0) * sqrt(abs(u) + 1.0)
    return copysign(atan(1.0 / root) if root else 0.5 * pi, u)


def coth(u: float) -> float:
    return 1.0 / tanh(u)


def sech(u: float) -> float:
    """1/cosh(u), where that is infinite too."""
    return 1.0 / cosh(u) if abs(u) < 40.0 else 2.0 * exp(-abs(u))


def csch(u: float) -> float:
    """1/sinh(u), where that is infinite too."""
    return 1.0 / sinh(u) if abs(u) < 40.0 else copysign(2.0 * exp(-abs(u)), u)


def acoth(u: float) -> float:
    return copysign(0.5 * log1p(2.0 / (abs(u) - 1.0)), u)


def asech(u: float) -> float:
    """2·asinh(√((1 - u)/2u)), as accurate next to 1 as elsewhere."""
    return 2.0 * asinh(sqrt((1.0 - u) / (2.0 * u + 0.0)))


def acsch(u: float) -> float:
    return asinh(1.0 / u)


def lambertw(u: float) -> float:
    """The principal branch, by Halley's method (Corless et al. 1996, eq. 5.9).

    About the branch point a series in p = √(2(e·u + 1)) (eq. 4.22).
    """
    if u == inf:
        return inf
    t = u + 0.36787944117144233
    p = sqrt(5.43656365691809 * (t - 1.2428753672788363e-17)) if t else 0.0
    if p < 0.03:
        return polynomial(LAMBERTW_SERIES, p)
    w = log1p(u) if u > 0.0 else polynomial(LAMBERTW_SERIES, min(p, 1.0))
    if u > 1.0:
        w *= 1.0 - log1p(w) / (2.0 + w)
    for _ in range(5):
        r = w - u * exp(-w)  # for w·exp(w) would be beyond all floats at 1e308
        w -= r / (w + 1.0 - (w + 2.0) * r / (2.0 * w + 2.0))
    return w


def sign(u: float) -> float:
    return copysign(1.0, u) if u < 0.0 or u > 0.0 else u


def floor(u: float) -> float:
    return float(whole_below(u))


def ceiling(u: float) -> float:
    return -float(whole_below(-u))


def frac(u: float) -> float:
    return u - whole_below(u)


def heaviside(u: float, at_zero: float) -> float:
    """The unit step; nan stays nan."""
    if u > 0.0:
        return 1.0
    return 0.0 if u < 0.0 else at_zero + u


def maximum(u: float, v: float) -> float:
    """The larger one; a nan on either side stays."""
    return u if u > v or u != u else v


def minimum(u: float, v: float) -> float:
    return u if u < v or u != u else v


def logistic(u: float) -> float:
    """1/(1 + exp(-u)) that never overflows."""
    if u < 0.0:
        e = exp(u)
        return e / (1.0 + e)
    return 1.0 / (1.0 + exp(-u))


def relu(u: float) -> float:
    return 0.0 if u < 0.0 else u


def leaky_relu(u: float) -> float:
    return 0.01 * u if u < 0.0 else u


def elu(u: float) -> float:
    return expm1(u) if u < 0.0 else u


def softplus(u: float) -> float:
    """log(1 + exp(u)) that never overflows."""
    return u + log1p(exp(-u)) if u > 0.0 else log1p(exp(u))


def gelu(u: float) -> float:
    return 0.5 * u * erfc(-0.7071067811865476 * u) if u != -inf else -0.0


def silu(u: float) -> float:
    return u * logistic(u) if u != -inf else -0.0


def softsign(u: float) -> float:
    return u / (1.0 + abs(u)) if isfinite(u) else sign(u)


def quadrature(*given: object) -> float:
    """An integral is left to NumPy's program, by which such a point is redone."""
    raise ValueError("an integral is left to NumPy's program")
