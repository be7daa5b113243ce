# mypy: allow-untyped-defs, allow-untyped-calls
"""Functions that NumPy lacks, for arrays and single numbers, float64 and float32.

The one rule kept here: a helper names only ``numpy`` and other helpers, because its
source is copied into the programs that use it (hence no annotations: they would
have to be imported there).
"""

from __future__ import annotations

from numpy import (
    abs,
    arcsinh,
    arctan,
    asarray,
    copysign,
    cos,
    cosh,
    exp,
    expm1,
    float64,
    inf,
    isinf,
    log1p,
    maximum,
    minimum,
    pi,
    polyval,
    rint,
    sign,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
    where,
)
from numpy import floor as whole_below

from symgrad.numeric.codegen.coefficients import (
    ERF_BOTTOM,
    ERF_TOP,
    ERFC_BOTTOM,
    ERFC_FAR_BOTTOM,
    ERFC_FAR_TOP,
    ERFC_TOP,
    LAMBERTW_SERIES,
)


def cot(u):
    return 1.0 / tan(u)


def sec(u):
    return 1.0 / cos(u)


def csc(u):
    return 1.0 / sin(u)


def sinc(u):
    """sin(u)/u, and 1 at 0."""
    return where(u == 0.0, 1.0 + u, sin(u) / u)


def acot(u):
    return arctan(1.0 / u)


def asec(u):
    """An arctangent, as accurate next to 1 as elsewhere."""
    angle = arctan(sqrt(abs(u) - 1.0) * sqrt(abs(u) + 1.0))
    return where(u < 0.0, pi - angle, angle)


def acsc(u):
    angle = arctan(1.0 / (sqrt(abs(u) - 1.0) * sqrt(abs(u) + 1.0)))
    return copysign(angle, u)


def coth(u):
    return 1.0 / tanh(u)


def sech(u):
    return 1.0 / cosh(u)


def csch(u):
    return 1.0 / sinh(u)


def acoth(u):
    return copysign(0.5 * log1p(2.0 / (abs(u) - 1.0)), u)


def asech(u):
    """2·asinh(√((1 - u)/2u)), as accurate next to 1 as elsewhere."""
    return 2.0 * arcsinh(sqrt((1.0 - u) / (2.0 * u + 0.0)))


def acsch(u):
    return arcsinh(1.0 / u)


def frac(u):
    return u - whole_below(u)


def lambertw(u):
    """The principal branch, by Halley's method (Corless et al. 1996, eq. 5.9).

    About the branch point a series in p = √(2(e·u + 1)) (eq. 4.22).
    """
    dtype = u.dtype
    u = asarray(u, dtype=float64)
    t = u + 0.36787944117144233
    p = sqrt(5.43656365691809 * where(t == 0.0, t, t - 1.2428753672788363e-17))
    series = polyval(LAMBERTW_SERIES, minimum(p, 1.0))
    w = where(u > 0.0, log1p(u), series)
    w = where(u > 1.0, w * (1.0 - log1p(w) / (2.0 + w)), w)
    for _ in range(5):
        r = w - u * exp(-w)  # for w·exp(w) would be beyond all floats at 1e308
        w = w - r / (w + 1.0 - (w + 2.0) * r / (2.0 * w + 2.0))
    return where(p < 0.03, series, where(u == inf, u, w)).astype(dtype)


def erfc_tail(y):
    """erfc(y) for 0.46875 < y (Cody 1969, Math. Comp. 23, 631-637)."""
    z = 1.0 / (y * y)
    far = (
        0.5641895835477563 - z * polyval(ERFC_FAR_TOP, z) / polyval(ERFC_FAR_BOTTOM, z)
    ) / y
    rational = where(y > 4.0, far, polyval(ERFC_TOP, y) / polyval(ERFC_BOTTOM, y))
    near = rint(y * 16.0) / 16.0  # its square is exact
    tail = exp(-near * near) * exp((near - y) * (near + y)) * rational
    return where(y > 30.0, 0.0, tail)


def erf_centre(u):
    """erf(u) for |u| up to 0.46875 (Cody 1969)."""
    return u * polyval(ERF_TOP, u * u) / polyval(ERF_BOTTOM, u * u)


def erf(u):
    """The error function, to a few units in the last place."""
    x = asarray(u, dtype=float64)
    y = abs(x)
    tail = copysign(1.0 - erfc_tail(maximum(y, 0.46875)), x)
    return where(y > 0.46875, tail, erf_centre(minimum(y, 1.0) * sign(x))).astype(
        u.dtype
    )


def erfc(u):
    """1 - erf(u), without cancellation."""
    x = asarray(u, dtype=float64)
    y = abs(x)
    tail = erfc_tail(maximum(y, 0.46875))
    tail = where(x < 0.0, 2.0 - tail, tail)
    return where(y > 0.46875, tail, 1.0 - erf_centre(minimum(y, 1.0) * sign(x))).astype(
        u.dtype
    )


def logistic(u):
    """1/(1 + exp(-u)); exp may overflow, and 1/inf is right."""
    return 1.0 / (1.0 + exp(-u))


def relu(u):
    return maximum(u, 0.0)


def leaky_relu(u):
    return maximum(u, 0.01 * u)


def elu(u):
    return where(u < 0.0, expm1(minimum(u, 0.0)), u)


def softplus(u):
    """log(1 + exp(u)) that never overflows."""
    return maximum(u, 0.0) + log1p(exp(-abs(u)))


def gelu(u):
    value = 0.5 * u * erfc(-0.7071067811865476 * u)
    return where(isinf(u), maximum(u, 0.0), value)


def silu(u):
    """u·logistic(u); -1000 stands for -inf, as inf/inf is nan."""
    return maximum(u, -1000.0) / (1.0 + exp(-u))


def softsign(u):
    """u/(1 + |u|), which is ±1 from 1e30 on, up to infinity."""
    u = maximum(minimum(u, 1e30), -1e30)
    return u / (1.0 + abs(u))
