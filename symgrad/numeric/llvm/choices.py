"""Functions with bends and jumps, and arithmetic, as branch-free code.

The one rule kept here: a nan stays a nan, as NumPy's maximum and minimum keep it.
"""

from __future__ import annotations

import math

from symgrad.numeric.llvm.code import Code, Value

LEAKY_SLOPE = 0.01


def absolute(c: Code, u: Value) -> Value:
    return c.abs(u)


def sign(c: Code, u: Value) -> Value:
    return c.where(u > 0.0, 1.0, c.where(u < 0.0, -1.0, u))


def floor(c: Code, u: Value) -> Value:
    return c.intrinsic("floor", u)


def ceiling(c: Code, u: Value) -> Value:
    return c.intrinsic("ceil", u)


def frac(c: Code, u: Value) -> Value:
    return u - c.intrinsic("floor", u)


def heaviside(c: Code, u: Value, at_zero: Value) -> Value:
    """The unit step; a nan stays."""
    flat = c.where(c.equal(u, 0.0), at_zero, u)
    return c.where(u > 0.0, 1.0, c.where(u < 0.0, 0.0, flat))


def maximum(c: Code, u: Value, v: Value) -> Value:
    return c.where(c.compare("ogt", u, v) | c.is_nan(u), u, v)


def minimum(c: Code, u: Value, v: Value) -> Value:
    return c.where(c.compare("olt", u, v) | c.is_nan(u), u, v)


def relu(c: Code, u: Value) -> Value:
    return c.where(u < 0.0, 0.0, u)


def leaky_relu(c: Code, u: Value) -> Value:
    return c.where(u < 0.0, u * LEAKY_SLOPE, u)


def softsign(c: Code, u: Value) -> Value:
    """u/(1 + |u|), ±1 at infinity."""
    a = c.abs(u)
    finite = a < math.inf
    ratio = u / (a + 1.0)
    return c.where(finite, ratio, c.where(c.is_nan(u), u, c.copysign(1.0, u)))


def sqrt(c: Code, u: Value) -> Value:
    return c.sqrt(u)
