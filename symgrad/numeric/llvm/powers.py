"""Powers and roots as branch-free code.

The one rule kept here: log|u| is taken to some 65 digits of base two before it is
multiplied, as an exponent of 700 multiplies its error by as much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from symgrad.numeric.llvm.code import Code, Value
from symgrad.numeric.llvm.coefficients import POLYNOMIALS
from symgrad.numeric.llvm.exponentials import exp
from symgrad.numeric.llvm.logarithms import log1p_of, parts

LOG_2_SHORT = (6.93147180369123816490e-01, 1.9082149292705877e-10)
TWO_THIRDS = (0.6666666666666666, 3.700743415417188e-17)
BEYOND = 800.0


@dataclass(frozen=True)
class Double:
    """The unrounded sum of two numbers, the second far smaller."""

    high: Value
    low: Value


def product(c: Code, a: Double, b: Double) -> Double:
    high = a.high * b.high
    low = c.fma(a.high, b.high, -high)
    return Double(high, c.fma(a.high, b.low, c.fma(a.low, b.high, low)))


def long_log(c: Code, u: Value) -> Double:
    """log(u) for finite u > 0: 2s(1 + s²/3 + …) + k·ln 2, s = f/(2 + f)."""
    found = parts(c, u)
    f, k = found.f, found.k
    bottom = f + 2.0
    lost = f - (bottom - 2.0)
    high = f / bottom
    s = Double(high, (c.fma(high, -bottom, f) - high * lost) / bottom)
    z = product(c, s, s)
    more = z.high * c.polynomial(z.high, POLYNOMIALS["more_log"][0])
    total = more + TWO_THIRDS[0]
    third = Double(total, (TWO_THIRDS[0] - total) + more + TWO_THIRDS[1])
    t = product(c, z, third)
    sum_high = t.high + 2.0
    factor = Double(sum_high, ((2.0 - sum_high) + t.high) + t.low)
    series = product(c, s, factor)
    whole = k * LOG_2_SHORT[0]
    high = whole + series.high
    low = (whole - high) + series.high
    low = low + c.fma(k, LOG_2_SHORT[1], series.low)
    nearest = high + low
    return Double(nearest, (high - nearest) + low)


def power_of_positive(c: Code, u: Value, v: Value) -> Value:
    """u^v for u > 0."""
    logarithm = long_log(c, u)
    high = v * logarithm.high
    low = c.fma(v, logarithm.low, c.fma(v, logarithm.high, -high))
    e = exp(c, high)
    finite = (c.abs(high) < BEYOND) & (e < math.inf)
    return c.where(finite, c.fma(e, low, e), e)


def power(c: Code, u: Value, v: Value) -> Value:
    """u^v by the rules of C's pow."""
    a = c.abs(u)
    inner = (a > 0.0) & (a < math.inf)
    result = power_of_positive(c, c.where(inner, a, 1.0), v)
    # At 0 and infinity: 0 or infinity, as the exponent's sign says.
    grows = (a > 1.0) ^ (v < 0.0)
    result = c.where(inner, result, c.where(grows, math.inf, 0.0))
    whole = c.equal(c.intrinsic("floor", v), v)
    half = v * 0.5
    odd = c.compare("one", c.intrinsic("floor", half), half) & whole
    negative = c.compare("slt", c.bits(u), 0)
    result = c.where(negative & odd, -result, result)
    outside = (u < 0.0) & ~whole & inner
    result = c.where(outside, math.nan, result)
    result = c.where(c.compare("uno", u, v), u + v, result)
    unit = c.equal(a, 1.0) & c.equal(c.abs(v), math.inf)
    one = c.equal(v, 0.0) | c.equal(u, 1.0) | unit
    return c.where(one, 1.0, result)


def cbrt(c: Code, u: Value) -> Value:
    """Newton's method for m^(-1/3), 1 ≤ m < 2, then one step for the root itself."""
    a = c.abs(u)
    tiny = a < 2.0**-1022
    x = c.where(tiny, a * 2.0**54, a)
    form = c.format
    pattern = c.bits(x)
    m = c.from_bits((pattern & (2**form.digits - 1)) | form.pattern(1.0))
    exponent = c.from_bits(pattern >> form.digits | form.pattern(2.0**form.digits))
    k = exponent - (2.0**form.digits + form.bias)
    third = c.intrinsic("floor", c.fma(k, 1.0 / 3.0, 1e-9))
    left = c.fma(third, -3.0, k)  # 0, 1 or 2
    r = c.polynomial(m, POLYNOMIALS["inverse_cbrt"][0])
    for _ in range(2):
        r = c.fma(r, c.fma(m * r, -(r * r), 1.0) * (1.0 / 3.0), r)
    root = m * r * r
    root = c.fma(c.fma(-root, root * root, m), r * r * (1.0 / 3.0), root)
    scaled = c.where(
        left > 1.5, 2.0 ** (2 / 3), c.where(left > 0.5, 2.0 ** (1 / 3), 1.0)
    )
    third = third - c.where(tiny, 18.0, 0.0)
    size = c.from_bits((c.bits(third + form.rounder) + form.bias) << form.digits)
    result = c.copysign(root * scaled * size, u)
    return c.where((a > 0.0) & (a < math.inf), result, u)


def hypot(c: Code, u: Value, v: Value) -> Value:
    """√(u² + v²), scaled by powers of two so that no square overflows or vanishes."""
    a, b = c.abs(u), c.abs(v)
    large = c.where(a > b, a, b)
    small = c.where(a > b, b, a)
    down = large > 2.0**500
    up = large < 2.0**-450
    scale = c.where(down, 2.0**-600, c.where(up, 2.0**600, 1.0))
    back = c.where(down, 2.0**600, c.where(up, 2.0**-600, 1.0))
    large, small = large * scale, small * scale
    square = large * large
    root = c.sqrt(c.fma(small, small, square))
    # One correction: what the square, the sum and the root have lost.
    lost = c.fma(large, large, -square)
    left = c.fma(-root, root, square) + c.fma(small, small, lost)
    root = c.where(c.equal(root, 0.0), root, root + left * 0.5 / root) * back
    infinite = c.equal(a, math.inf) | c.equal(b, math.inf)
    result = c.where(c.compare("uno", u, v), u + v, root)
    return c.where(infinite, math.inf, result)


BRANCH_SERIES = (
    *(-1.0, 1.0, -0.3333333333333333, 0.1527777777777778, -0.07962962962962963),
    *(0.044502314814814814, -0.02598471487360376, 0.01563563253233392),
    *(-0.009616892024299432, 0.006014543252956118),
)


def lambertw(c: Code, u: Value) -> Value:
    """The principal branch, by Halley's method (Corless et al. 1996, eq. 5.9).

    Next to −1/e the series in p = √(2(e·u + 1)) (eq. 4.22) serves.
    """
    t = u + 0.36787944117144233
    inside = c.where(c.equal(t, 0.0), t, t - 1.2428753672788363e-17)
    p = c.sqrt(inside * 5.43656365691809)
    series = c.polynomial(c.at_most(p, 1.0), BRANCH_SERIES)
    above = c.at_most(c.at_least(u, 0.0), 1e308)
    first = log1p_of(c, above)
    second = first * (1.0 - log1p_of(c, first) / (first + 2.0))
    w = c.where(u > 1.0, second, c.where(u > 0.0, first, series))
    w = c.where(c.abs(u) < 0.1, u - u * u, w)
    for _ in range(4):
        r = w - u * exp(c, -w)  # for w·exp(w) would be beyond all floats at 1e308
        w = w - r / (w + 1.0 - (w + 2.0) * r / (w * 2.0 + 2.0))
    w = c.where(c.abs(u) < 1e-300, u, c.where(p < 0.03, series, w))
    return c.where(u < math.inf, w, u)
