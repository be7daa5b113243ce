"""The error function and its kin as branch-free code, in double precision.

The one rule kept here: far out everything is exp(−x²) times a polynomial in
t = (x − 3)/(x + 3) over 1 + 2x (Shepherd, Laframboise 1981), the square of x with what
its rounding lost.
"""

from __future__ import annotations

from symgrad.numeric.llvm.code import Code, Operand, Value
from symgrad.numeric.llvm.coefficients import POLYNOMIALS
from symgrad.numeric.llvm.exponentials import exp

LAST = 27.4  # erfc is nothing beyond
ROOT_HALF = (0.7071067811865476, -4.833646656726457e-17)


def scaled_erfc(c: Code, x: Value, top: Operand, bottom: tuple[Value, Value]) -> Value:
    """exp(x²)·erfc(x)·(1 + 2x)·top/bottom for 0.49 ≤ x ≤ 27.5, bottom in two parts."""
    t = (x - 3.0) / (x + 3.0)
    series = c.polynomial(t, POLYNOMIALS["scaled_erfc"][0])
    inverse = 1.0 / bottom[0]
    ratio = inverse * top
    left = c.fma(-ratio, bottom[0], top) - ratio * bottom[1]
    return c.fma(series, ratio, series * (left * inverse))


def line(c: Code, x: Value, slope: float, start: float) -> tuple[Value, Value]:
    """slope·x + start, and what its rounding lost."""
    total = c.fma(x, slope, start)
    return total, c.fma(x, slope, -total) + start


def tail(c: Code, x: Value) -> Value:
    """erfc(x) for x ≥ 0.49."""
    x = c.at_most(x, LAST)
    square = x * x
    lost = c.fma(x, x, -square)
    return exp(c, -square, scaled_erfc(c, x, 1.0, line(c, x, 2.0, 1.0)), -lost)


def centre(c: Code, x: Value) -> Value:
    """erf(x) for |x| ≤ 1."""
    return x * c.polynomial(x * x, POLYNOMIALS["erf"][0])


def erf(c: Code, u: Value) -> Value:
    a = c.abs(u)
    far = 1.0 - tail(c, c.at_least(a, 1.0))
    return c.where(a > 1.0, c.copysign(far, u), centre(c, u))


def erfc(c: Code, u: Value) -> Value:
    a = c.abs(u)
    far = tail(c, c.at_least(a, 0.5))
    far = c.where(u < 0.0, 2.0 - far, far)
    return c.where(a > 0.5, far, 1.0 - centre(c, u))


def gelu(c: Code, u: Value) -> Value:
    """u·erfc(−u/√2)/2; the exponent of the tail is −u²/2 itself."""
    a = c.abs(u)
    x = c.at_most(a * ROOT_HALF[0], LAST)
    b = c.at_most(a, 38.7)
    square = b * b
    lost = c.fma(b, b, -square)
    v = c.copysign(b, u)
    factor = scaled_erfc(c, c.at_least(x, 0.5), v, line(c, b, 2.0 * 2.0**0.5, 2.0))
    tail = exp(c, square * -0.5, factor, lost * -0.5)
    far = c.where(u < 0.0, tail, u - tail)
    near = u * c.fma(centre(c, u * ROOT_HALF[0]), 0.5, 0.5)
    return c.where(x > 0.5, far, near)
