"""Sine, cosine and their kin as branch-free code.

The one rule kept here: u − n·π/2 is taken with π/2 in three parts (Cody, Waite 1980).
With fused multiplications the first difference is exact and the others lose half a
unit of what is left, so it is good up to 2^40; lanes beyond go to the C library.
"""

from __future__ import annotations

from dataclasses import dataclass

from symgrad.numeric.llvm.code import Code, Value
from symgrad.numeric.llvm.coefficients import POLYNOMIALS

HALF_PI = (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33)
TWO_OVER_PI = 0.6366197723675814
HUGE = 2.0**40


@dataclass(frozen=True)
class Turned:
    """Sine and cosine of the rest r of an angle, and the whole quarters before it."""

    sine: Value
    cosine: Value
    quarters: Value


def turned(c: Code, u: Value) -> Turned:
    rounder = c.format.rounder
    shifted = c.fma(u, TWO_OVER_PI, rounder)
    n = shifted - rounder
    first = c.fma(n, -HALF_PI[0], u)
    second = n * HALF_PI[1]
    r = first - second
    # What the second difference and its product lost (Knuth), and the third part.
    moved = r - first
    lost = (first - (r - moved)) - (second + moved)
    lost = lost - c.fma(n, HALF_PI[1], -second)
    low = c.fma(n, -HALF_PI[2], lost)
    z = r * r
    cube = r * z
    sine = c.polynomial(z, POLYNOMIALS["sin"][0])
    sine = r + c.fma(cube, sine, low)
    fourth = c.polynomial(z, POLYNOMIALS["cos"][0])
    half = z * 0.5
    whole = 1.0 - half
    error = (1.0 - whole) - half
    cosine = whole + c.fma(z * z, fourth, c.fma(r, -low, error))
    return Turned(sine, cosine, c.bits(shifted))


def _quarter(c: Code, found: Turned, ahead: int) -> Value:
    """sin of the angle and ``ahead`` quarters more."""
    quarters = found.quarters + ahead if ahead else found.quarters
    odd = c.compare("ne", quarters & 1, 0)
    value = c.where(odd, found.cosine, found.sine)
    sign = (quarters & 2) << (c.format.bits - 2)
    return c.from_bits(c.bits(value) ^ sign)


def _is_huge(c: Code, u: Value) -> Value:
    return c.abs(u) > HUGE


def sin(c: Code, u: Value) -> Value:
    usual = c.where(c.equal(u, 0.0), u, _quarter(c, turned(c, u), 0))
    return c.rarely(_is_huge(c, u), usual, "sin", u)


def cos(c: Code, u: Value) -> Value:
    return c.rarely(_is_huge(c, u), _quarter(c, turned(c, u), 1), "cos", u)


def _odd_and_ratio(c: Code, u: Value, flipped: bool) -> Value:
    """tan, or with ``flipped`` its inverse: one division for all quarters."""
    found = turned(c, u)
    odd = c.compare("ne", found.quarters & 1, 1 if flipped else 0)
    top = c.where(odd, found.cosine, found.sine)
    bottom = c.where(odd, found.sine, found.cosine)
    ratio = top / bottom
    turned_sign = c.compare("ne", found.quarters & 1, 0)
    return c.where(turned_sign, -ratio, ratio)


def tan(c: Code, u: Value) -> Value:
    usual = c.where(c.equal(u, 0.0), u, _odd_and_ratio(c, u, False))
    return c.rarely(_is_huge(c, u), usual, "tan", u)


def cot(c: Code, u: Value) -> Value:
    usual = c.where(c.equal(u, 0.0), 1.0 / u, _odd_and_ratio(c, u, True))
    huge = _is_huge(c, u)
    return c.where(huge, 1.0 / c.rarely(huge, usual, "tan", u), usual)


def sec(c: Code, u: Value) -> Value:
    return 1.0 / cos(c, u)


def csc(c: Code, u: Value) -> Value:
    return 1.0 / sin(c, u)


def sinc(c: Code, u: Value) -> Value:
    """sin(u)/u, and 1 at 0."""
    return c.where(c.equal(u, 0.0), 1.0, sin(c, u) / u)
