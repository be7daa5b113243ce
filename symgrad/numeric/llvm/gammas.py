"""The gamma function, its logarithm and the derivative of that, in double precision.

The one rule kept here: near 0, 1 and 2 the distance to the nearest whole number, which
is exact, goes through a polynomial; further out Stirling's formula holds, its exponent
in two parts; below, Euler's reflection with sin(πu) of that distance.
"""

from __future__ import annotations

import math

from symgrad.numeric.codegen.coefficients import DIGAMMA_BOTTOM, DIGAMMA_TOP
from symgrad.numeric.llvm.code import Code, Value
from symgrad.numeric.llvm.coefficients import POLYNOMIALS
from symgrad.numeric.llvm.exponentials import exp
from symgrad.numeric.llvm.logarithms import log
from symgrad.numeric.llvm.powers import Double, long_log

NEAR = 2.5
LARGEST = 190.0  # beyond, gamma is infinite, and 0 below the negative of it
HALF_LOG_2_PI = (0.9189385332046728, -3.8782941580672716e-17)
ROOT_2_PI = (
    2.5066282746310007,
    -7.312045493924427e-17,
)  # rounded, and how far, of itself
ROOT_HALF_PI = (1.2533141373155003, -7.312045493924427e-17)
ROOT = (1.4616321446374059, 3.3095646883275584e-10, 9.016312093258695e-20)
BOOST = 0.99558162689208984


def from_whole(c: Code, u: Value) -> Value:
    """What lies between u and the whole number next to it."""
    return u - c.intrinsic("rint", u)


def sinpi(c: Code, u: Value) -> Double:
    """sin(πu), and what its last rounding lost."""
    near = c.intrinsic("rint", u)
    half = near * 0.5
    odd = c.compare("one", c.intrinsic("floor", half), half)
    r = u - near
    r = c.where(odd, -r, r)
    ratio = c.polynomial(r * r, POLYNOMIALS["sinpi"][0])
    wave = r * ratio
    return Double(wave, c.fma(r, ratio, -wave))


def reflected(c: Code, a: Value) -> Double:
    """−√(π/2)/(a·sin(πa)), and how far that is rounded, of itself."""
    wave = sinpi(c, a)
    bottom = a * wave.high
    more = c.fma(a, wave.low, c.fma(a, wave.high, -bottom))
    factor = -ROOT_HALF_PI[0] / bottom
    left = c.fma(factor, bottom, ROOT_HALF_PI[0])
    lost = c.fma(factor, more, left) * (1.0 / ROOT_HALF_PI[0])
    return Double(factor, lost + ROOT_HALF_PI[1])


def is_pole(c: Code, u: Value) -> Value:
    return c.equal(c.intrinsic("floor", u), u) & (u <= 0.0)


def exponent(c: Code, a: Value) -> Double:
    """log Γ(a) − log √(2π) for a ≥ 2.5 (Stirling), in two parts."""
    logarithm = long_log(c, a)
    h = a - 0.5
    high = h * logarithm.high
    low = c.fma(h, logarithm.low, c.fma(h, logarithm.high, -high))
    inverse = 1.0 / a
    rest = inverse * c.polynomial(inverse * inverse, POLYNOMIALS["stirling"][0])
    total = high - a
    back = total - high
    lost = (high - (total - back)) - (a + back)
    return Double(total, (lost + low) + rest)


def gamma_near(c: Code, u: Value) -> Value:
    """Γ(u) for |u| < 2.5: n + f by Γ(1 + f), whose inverse has no pole."""
    f = from_whole(c, u)
    inverse = c.polynomial(f, POLYNOMIALS["inverse_gamma"][0])
    top = c.where(u >= 1.5, u - 1.0, 1.0)
    bottom = c.where(u > 0.5, 1.0, u)
    bottom = bottom * c.where(u < -0.5, u + 1.0, 1.0)
    bottom = bottom * c.where(u <= -1.5, u + 2.0, 1.0)
    return top / (bottom * inverse)


def gamma(c: Code, u: Value) -> Value:
    """Γ(u); −π/(a·sin(πa)·Γ(a)) at u = −a."""
    a = c.at_most(c.at_least(c.abs(u), NEAR), LARGEST)
    y = exponent(c, a)
    below = u < 0.0
    turned = reflected(c, a)
    factor = c.where(below, turned.high, ROOT_2_PI[0])
    low = c.where(below, turned.low - y.low, y.low + ROOT_2_PI[1])
    far = exp(c, c.where(below, -y.high, y.high), factor, low, bottom=-900.0)
    far = c.where(u < -LARGEST, 0.0, far)
    result = c.where(c.abs(u) < NEAR, gamma_near(c, u), far)
    result = c.where(is_pole(c, u), math.nan, result)
    result = c.where(c.equal(u, 0.0), 1.0 / u, result)
    return c.where(u < math.inf, result, u)


def factorial(c: Code, u: Value) -> Value:
    """Γ(u + 1)."""
    return gamma(c, u + 1.0)


def loggamma(c: Code, u: Value) -> Value:
    """log Γ(u) for u > 0: f·P(f) next to 2, less log(u) or log(u(u + 1)) below."""
    lowest, low = u < 0.5, u < 1.25
    f = u - c.where(lowest, 0.0, c.where(low, 1.0, 2.0))
    series = f * c.polynomial(f, POLYNOMIALS["loggamma"][0])
    under = c.where(lowest, u * (u + 1.0), c.where(low, u, 1.0))
    near = series - log(c, under)
    a = c.at_most(c.at_least(u, NEAR), 1e306)
    y = exponent(c, a)
    far = y.high + (HALF_LOG_2_PI[0] + (y.low + HALF_LOG_2_PI[1]))
    result = c.where(u < NEAR, near, c.where(u < 1e306, far, u * 1e3))
    result = c.where(u < 0.0, math.nan, result)
    return c.where(c.equal(u, 0.0), math.inf, result)


def digamma_above(c: Code, a: Value) -> Value:
    """ψ(a) for a > 0; on [1, 2] through its root there (Maddock, the Boost library)."""
    low, high = a < 1.0, a > 2.0
    z = c.where(low, a + 1.0, c.where(high, a - 1.0, a))
    added = c.where(low, -1.0 / a, c.where(high, 1.0 / z, 0.0))
    g = z - 1.0
    top = c.polynomial(g, DIGAMMA_TOP[::-1])
    bottom = c.polynomial(g, DIGAMMA_BOTTOM[::-1])
    root = ((z - ROOT[0]) - ROOT[1]) - ROOT[2]
    near = c.fma(root, BOOST, root * (top / bottom)) + added
    y = c.at_least(a, 3.0)
    inverse = 1.0 / y
    t = inverse * inverse
    rest = t * c.polynomial(t, POLYNOMIALS["digamma"][0])
    far = log(c, y) - c.fma(inverse, 0.5, rest)
    return c.where(a < 3.0, near, far)


def digamma(c: Code, u: Value) -> Value:
    """The derivative of log Γ(u), by reflection where u < 0."""
    a = c.abs(u)
    above = digamma_above(c, a)
    r = from_whole(c, u)
    z = r * r
    sine = r * c.polynomial(z, POLYNOMIALS["sinpi"][0])
    cotangent = c.polynomial(z, POLYNOMIALS["cospi"][0]) * math.pi / sine
    below = above + 1.0 / a - cotangent
    result = c.where(u < 0.0, below, above)
    result = c.where(is_pole(c, u), math.nan, result)
    result = c.where(c.equal(u, 0.0), -1.0 / u, result)
    return c.where(c.is_nan(u), u, result)
