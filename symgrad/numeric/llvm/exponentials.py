"""The exponential function and its kin as branch-free code.

The one rule kept here: an argument is reduced to n·ln 2 + r once, and every function
is put together from 2^n and exp(r) − 1, so that none loses digits near 0.
"""

from __future__ import annotations

from dataclasses import dataclass

from symgrad.numeric.llvm.code import Code, Value
from symgrad.numeric.llvm.coefficients import POLYNOMIALS
from symgrad.numeric.llvm.formats import Format

LOG2_E = 1.4426950408889634
SATURATED = 19.0615
LOG_2 = {
    "double": (0.6931471805599453, 2.3190468138462996e-17),
    "float": (0.6931471824645996, -1.9046542121259336e-09),
}


@dataclass(frozen=True)
class Limits:
    """Arguments beyond which the functions of a format are constant.

    ``top`` is just above the logarithm of the largest number, ``double_top`` above
    that of its double, ``bottom`` far below that of the smallest one; at ``flat``
    exp(−u) is nothing beside 1, below ``tiny`` u² is nothing beside 1.
    """

    top: float
    double_top: float
    bottom: float
    flat: float
    tiny: float


LIMITS = {
    "double": Limits(709.9, 710.6, -760.0, 45.0, 2.0**-60),
    "float": Limits(88.8, 89.5, -112.0, 21.0, 2.0**-30),
}


def limits(form: Format) -> Limits:
    return LIMITS[form.name]


def reduced(c: Code, u: Value, more: Value | None = None) -> tuple[Value, Value]:
    """Give n with the rounder still added, and exp(r) − 1, where u = n·ln 2 + r.

    ``more`` is far smaller than u and belongs to r.
    """
    high, low = LOG_2[c.format.name]
    rounder = c.format.rounder
    shifted = c.fma(u, LOG2_E, rounder)
    n = shifted - rounder
    r = c.fma(n, -high, u)
    r = c.fma(n, -low, r if more is None else r + more)
    rest = c.polynomial(r, POLYNOMIALS["exp"][c.format.row])
    return shifted, c.fma(rest, r * r, r)


def power_of_two(c: Code, shifted: Value) -> Value:
    """Give 2^n for a number with the rounder added, -bias < n ≤ bias + 1."""
    return c.from_bits((c.bits(shifted) + c.format.bias) << c.format.digits)


def exp(
    c: Code,
    u: Value,
    factor: Value | None = None,
    more: Value | None = None,
    bottom: float | None = None,
) -> Value:
    """exp(u + more), times a factor; 2^n is two factors.

    So results below 2^-1022 are right too: they are rounded once, at the end. A factor
    that is huge wants a ``bottom`` further down.
    """
    bound = limits(c.format)
    rounder = c.format.rounder
    u = c.at_least(c.at_most(u, bound.top), bound.bottom if bottom is None else bottom)
    shifted, e = reduced(c, u, more)
    n = shifted - rounder
    half = c.fma(n, 0.5, rounder)
    first = power_of_two(c, half)
    second = power_of_two(c, (n - (half - rounder)) + rounder)
    result = c.fma(e, first, first)
    return (result if factor is None else result * factor) * second


def expm1_part(c: Code, u: Value, down: int) -> Value:
    """(exp(u) − 1)/2^down for u ≤ top, which does not overflow for down = 2."""
    shifted, e = reduced(c, c.at_least(u, -limits(c.format).flat))
    scale = power_of_two(c, shifted - float(down) if down else shifted)
    return c.fma(scale, e, scale - 0.5**down)


def expm1(c: Code, u: Value) -> Value:
    bound = limits(c.format)
    result = expm1_part(c, c.at_most(u, bound.top), 1) * 2.0
    return c.where(c.abs(u) < bound.tiny, u, result)


def tanh(c: Code, u: Value) -> Value:
    """e/(e + 2) with e = exp(2|u|) − 1."""
    e = expm1_part(c, c.at_most(c.abs(u) * 2.0, limits(c.format).flat), 0)
    return c.copysign(e / (e + 2.0), u)


def fast_tanh(c: Code, u: Value) -> Value:
    """u·P(u²)/Q(u²), whose error is 5 units at most; constant from ``SATURATED`` on."""
    x = c.at_least(c.at_most(u, SATURATED), -SATURATED)
    square = x * x
    top = c.polynomial(square, POLYNOMIALS["tanh_top"][0])
    return x * (top / c.polynomial(square, POLYNOMIALS["tanh_bottom"][0]))


def logistic(c: Code, u: Value) -> Value:
    """1/(1 + exp(−u)), from exp(−|u|), which does not overflow."""
    e = exp(c, -c.abs(u))
    return c.where(u < 0.0, e, 1.0) / (e + 1.0)


def silu(c: Code, u: Value) -> Value:
    """u·logistic(u), −0 at −∞."""
    v = c.at_least(u, 2.0 * limits(c.format).bottom)
    below = c.at_most(v, 0.0)
    e = exp(c, -c.abs(v))
    return c.where(v < 0.0, exp(c, below, below / (e + 1.0)), v / (e + 1.0))


def sinh(c: Code, u: Value) -> Value:
    """(e + e/(e + 1))/2 with e = exp(|u|) − 1, in quarters."""
    bound = limits(c.format)
    a = c.abs(u)
    q = expm1_part(c, c.at_most(a, bound.double_top), 2)
    result = (q + q / c.fma(q, 4.0, 1.0)) * 2.0
    return c.where(a < bound.tiny, u, c.copysign(result, u))


def cosh(c: Code, u: Value) -> Value:
    """h + 1/(4h) with h = exp(|u|)/2."""
    shifted, e = reduced(c, c.at_most(c.abs(u), limits(c.format).double_top))
    quarter = power_of_two(c, shifted - 2.0)
    q = c.fma(e, quarter, quarter)
    return c.fma(q, 2.0, 0.125 / q)


def sech(c: Code, u: Value) -> Value:
    """2e/(1 + e²) with e = exp(−|u|)."""
    e = exp(c, -c.abs(u))
    return (e + e) / c.fma(e, e, 1.0)


def csch(c: Code, u: Value) -> Value:
    """2/(e + e/(e + 1)) in quarters, and beyond their range 2·exp(−|u|)."""
    bound = limits(c.format)
    a = c.abs(u)
    q = expm1_part(c, c.at_most(a, bound.top - 1.0), 2)
    near = 0.5 / (q + q / c.fma(q, 4.0, 1.0))
    e = exp(c, -a)
    result = c.where(a > bound.flat, e + e, near)
    return c.copysign(c.where(a < bound.tiny, 1.0 / a, result), u)


def coth(c: Code, u: Value) -> Value:
    """(e + 2)/e with e = exp(2|u|) − 1."""
    bound = limits(c.format)
    a = c.abs(u)
    e = expm1_part(c, c.at_most(a * 2.0, bound.flat), 0)
    return c.copysign(c.where(a < bound.tiny, 1.0 / a, (e + 2.0) / e), u)


def elu(c: Code, u: Value) -> Value:
    return c.where(u < 0.0, expm1(c, c.at_most(u, 0.0)), u)
