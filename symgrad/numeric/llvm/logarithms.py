"""Logarithms and the inverse hyperbolic functions as branch-free code.

The one rule kept here: log(1 + f) is taken of 1 + f = m between √½ and √2 as FreeBSD's
msun does (e_log.c), f − (f²/2 − s(f²/2 + R(s²))), s = f/(2 + f); whoever knows f more
exactly than 1 + f hands it in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from symgrad.numeric.llvm.code import Code, Value
from symgrad.numeric.llvm.coefficients import POLYNOMIALS
from symgrad.numeric.llvm.exponentials import LOG_2, exp, limits

ROOT_HALF = 0.7071067811865476
LOG10_E = 0.4342944819032518
LOG2_E = 1.4426950408889634
LOG10_2 = (0.3010299956639812, -2.8037281277851704e-18)
SMALLEST = {"double": 2.0**-1022, "float": 2.0**-126}


@dataclass(frozen=True)
class Parts:
    """u = 2^k·(1 + f)."""

    k: Value
    f: Value


def parts(c: Code, u: Value, scaled: bool = True) -> Parts:
    """Take a positive number apart; ``scaled`` where it may be subnormal."""
    form = c.format
    offset = form.pattern(form.rounded(ROOT_HALF))
    below = float(form.digits + 2)
    tiny = u < SMALLEST[form.name]
    if scaled:
        u = c.where(tiny, u * 2.0**below, u)
    moved = c.bits(u) + (form.pattern(1.0) - offset)
    m = c.from_bits((moved & (2**form.digits - 1)) + offset)
    exponent = c.from_bits(moved >> form.digits | form.pattern(2.0**form.digits))
    k = exponent - (2.0**form.digits + form.bias)
    if scaled:
        k = k - c.where(tiny, below, 0.0)
    return Parts(k, m - 1.0)


def rest(c: Code, f: Value, s: Value, low: Value | None = None) -> Value:
    """f − log(1 + f) (− low)."""
    z = s * s
    square = f * f * 0.5
    r = z * c.polynomial(z, POLYNOMIALS["log"][c.format.row])
    inner = c.fma(s, square + r, low) if low is not None else s * (square + r)
    return square - inner


def finish(c: Code, u: Value, result: Value, pole: float = 0.0) -> Value:
    """−∞ at the pole, nan below it; infinity and nan stay."""
    result = c.where(u < math.inf, result, u)
    result = c.where(u > pole, result, c.where(u < pole, math.nan, u))
    return c.where(c.equal(u, pole), -math.inf, result)


def log_of_positive(c: Code, u: Value, scaled: bool = True) -> Value:
    high, low = LOG_2[c.format.name]
    found = parts(c, u, scaled)
    k, f = found.k, found.f
    return c.fma(k, high, f - rest(c, f, f / (f + 2.0), k * low))


def log(c: Code, u: Value) -> Value:
    return finish(c, u, log_of_positive(c, u))


def log2(c: Code, u: Value) -> Value:
    found = parts(c, u)
    f = found.f
    return finish(c, u, c.fma(f - rest(c, f, f / (f + 2.0)), LOG2_E, found.k))


def log10(c: Code, u: Value) -> Value:
    found = parts(c, u)
    f, k = found.f, found.k
    small = c.fma(f - rest(c, f, f / (f + 2.0)), LOG10_E, k * LOG10_2[1])
    return finish(c, u, c.fma(k, LOG10_2[0], small))


def log1p_of(c: Code, u: Value) -> Value:
    """log(1 + u) for −1 < u < ∞: what 1 + u loses in rounding is added again."""
    high, low = LOG_2[c.format.name]
    form = c.format
    whole = u + 1.0
    moved = whole - 1.0
    lost = (1.0 - (whole - moved)) + (u - moved)
    found = parts(c, whole, scaled=False)
    k = found.k
    near = c.equal(k, 0.0)
    f = c.where(near, u, found.f)
    # 2^-k: the exponent of m, which is 0 or -1, less that of the whole.
    shrink = c.from_bits((c.bits(form.rounder - k) + form.bias) << form.digits)
    s = f / (f + 2.0)
    correction = c.where(near, 0.0, lost * shrink)
    correction = correction * c.fma(s, c.fma(s, 2.0, -2.0), 1.0)  # about 1/(1 + f)
    t = rest(c, f, s, c.fma(k, low, correction))
    return c.copysign(c.fma(k, high, f - t), u)


def log1p(c: Code, u: Value) -> Value:
    return finish(c, u, log1p_of(c, u), -1.0)


def softplus(c: Code, u: Value) -> Value:
    """max(u, 0) + log(1 + exp(−|u|))."""
    e = exp(c, -c.abs(u))
    return c.at_least(u, 0.0) + log1p_of(c, e)


def asinh(c: Code, u: Value) -> Value:
    """log1p(|u| + u²/(1 + √(1 + u²))), and log(2|u|) far out."""
    a = c.abs(u)
    far = a > limits(c.format).tiny ** -0.5
    near = c.at_most(a, 2.0**30 if c.format.bits == 64 else 2.0**15)
    square = near * near
    small = near + square / (c.sqrt(square + 1.0) + 1.0)
    found = log1p_of(c, c.where(far, a - 1.0, small)) + c.where(
        far, LOG_2["double"][0], 0.0
    )
    return c.copysign(c.where(a < math.inf, found, a), u)


def acosh(c: Code, u: Value) -> Value:
    """log1p(t + √(t(t + 2))) with t = u − 1, and log(2u) far out."""
    far = u > limits(c.format).tiny ** -0.5
    t = c.at_most(u, 2.0**30 if c.format.bits == 64 else 2.0**15) - 1.0
    small = t + c.sqrt(t * (t + 2.0))
    found = log1p_of(c, c.where(far, u - 1.0, small)) + c.where(
        far, LOG_2["double"][0], 0.0
    )
    found = c.where(u < math.inf, found, u)
    return c.where(u < 1.0, math.nan, found)


def atanh(c: Code, u: Value) -> Value:
    """log1p(2|u|/(1 − |u|))/2."""
    a = c.abs(u)
    found = log1p_of(c, (a + a) / (1.0 - a)) * 0.5
    found = c.where(a < limits(c.format).tiny, a, found)
    found = c.where(a < 1.0, found, c.where(a > 1.0, math.nan, a))
    return c.copysign(c.where(c.equal(a, 1.0), math.inf, found), u)


def acoth(c: Code, u: Value) -> Value:
    """log1p(2/(|u| − 1))/2."""
    a = c.abs(u)
    found = log1p_of(c, 2.0 / (a - 1.0)) * 0.5
    found = c.where(a > 1.0, found, c.where(a < 1.0, math.nan, a))
    return c.copysign(c.where(c.equal(a, 1.0), math.inf, found), u)


def asech(c: Code, u: Value) -> Value:
    """2·asinh(√((1 − u)/2u)), as accurate next to 1 as elsewhere."""
    return c.abs(asinh(c, c.sqrt(1.0 - u) / c.sqrt(u + u)) * 2.0)


def acsch(c: Code, u: Value) -> Value:
    """asinh(1/u), u scaled where its inverse could overflow."""
    tiny = c.abs(u) < 2.0**-900
    found = asinh(c, 1.0 / c.where(tiny, u * 2.0**60, u))
    return found + c.copysign(c.where(tiny, 60.0 * LOG_2["double"][0], 0.0), u)
