"""The inverse trigonometric functions as branch-free code.

The one rule kept here: polynomials see arguments up to tan(π/8) or 1/2 only, and the
constant that is added back has a second part.
"""

from __future__ import annotations

import math

from symgrad.numeric.llvm.code import Code, Value
from symgrad.numeric.llvm.coefficients import POLYNOMIALS

PI = (3.141592653589793, 1.2246467991473532e-16)
EIGHTH = 0.4142135623730951  # tan(π/8)
NEARLY_ALL = 2.414213562373095  # tan(3π/8)


def atan_of_ratio(c: Code, top: Value, bottom: Value) -> Value:
    """atan(top/bottom) in 0 … π/2, for numbers ≥ 0, one of them finite and not 0."""
    far = top > bottom * NEARLY_ALL
    middle = top > bottom * EIGHTH
    upper = c.where(far, -bottom, c.where(middle, top - bottom, top))
    lower = c.where(far, top, c.where(middle, top + bottom, bottom))
    t = upper / lower
    z = t * t
    series = c.fma(t * z, c.polynomial(z, POLYNOMIALS["atan"][0]), t)
    base = c.where(far, PI[0] / 2, c.where(middle, PI[0] / 4, 0.0))
    more = c.where(far, PI[1] / 2, c.where(middle, PI[1] / 4, 0.0))
    return base + (series + more)


def atan(c: Code, u: Value) -> Value:
    a = c.abs(u)
    one = c.where(c.is_nan(u), u, 1.0)
    found = atan_of_ratio(
        c, c.where(a < math.inf, a, 1.0), c.where(a < math.inf, one, 0.0)
    )
    return c.copysign(c.where(c.is_nan(u), u, found), u)


def acot(c: Code, u: Value) -> Value:
    """atan(1/u) without rounding 1/u."""
    a = c.abs(u)
    finite = a < math.inf
    found = atan_of_ratio(c, c.where(finite, 1.0, 0.0), c.where(finite, a, 1.0))
    return c.copysign(c.where(c.is_nan(u), u, found), u)


def atan2(c: Code, y: Value, x: Value) -> Value:
    """The angle of the point (x, y), with the signs of C's atan2 at 0 and infinity."""
    a, b = c.abs(y), c.abs(x)
    infinite = c.equal(c.where(a > b, a, b), math.inf)
    a, b = (
        c.where(infinite, c.where(c.equal(v, math.inf), 1.0, 0.0), v) for v in (a, b)
    )
    # Far apart or tiny numbers are scaled, so that no product overflows or vanishes.
    large = c.where(a > b, a, b)
    scale = c.where(large > 2.0**1000, 2.0**-60, c.where(large < 2.0**-900, 2.0**60, 1))
    a, b = a * scale, b * scale
    found = atan_of_ratio(c, a, b)
    left = c.compare("slt", c.bits(x), 0)
    none = c.equal(large, 0.0)
    found = c.where(none, 0.0, found)
    found = c.where(left, PI[0] - (found - PI[1]), found)
    found = c.copysign(found, y)
    return c.where(c.compare("uno", y, x), y + x, found)


def _half_angle(c: Code, u: Value) -> tuple[Value, Value, Value, Value]:
    """Whether |u| > 1/2; s = √((1 − |u|)/2) there, else |u|; asin(s) − s; s's error."""
    a = c.abs(u)
    far = a > 0.5
    z = c.where(far, (1.0 - a) * 0.5, a * a)
    s = c.where(far, c.sqrt(z), a)
    # What the root lost, from its square; 1 stands for a root of 0.
    lost = c.fma(s, -s, z) / c.where(c.equal(s, 0.0), 1.0, s + s)
    return far, s, s * z * c.polynomial(z, POLYNOMIALS["asin"][0]), lost


def asin(c: Code, u: Value) -> Value:
    """Above 1/2, π/2 − 2·asin(√((1 − |u|)/2))."""
    far, s, rest, lost = _half_angle(c, u)
    near = s + rest
    whole = PI[0] / 2 - (s + s)
    low = ((PI[0] / 2 - whole) - (s + s)) - ((rest + lost) * 2.0 - PI[1] / 2)
    return c.copysign(c.where(far, whole + low, near), u)


def acos(c: Code, u: Value) -> Value:
    """2·asin(√((1 − |u|)/2)) above 1/2, π less that below −1/2, else π/2 − asin(u)."""
    far, s, rest, lost = _half_angle(c, u)
    right = (s + (rest + lost)) * 2.0
    left = PI[0] - (right - PI[1])
    signed = c.copysign(s, u)
    middle = PI[0] / 2 - (signed + (c.copysign(rest, u) - PI[1] / 2))
    return c.where(far, c.where(u < 0.0, left, right), middle)


def _leg(c: Code, u: Value) -> Value:
    """√(u² − 1)."""
    a = c.abs(u)
    return c.sqrt(a - 1.0) * c.sqrt(a + 1.0)


def asec(c: Code, u: Value) -> Value:
    """An arctangent, as accurate next to 1 as elsewhere."""
    angle = atan(c, _leg(c, u))
    return c.where(u < 0.0, PI[0] - (angle - PI[1]), angle)


def acsc(c: Code, u: Value) -> Value:
    leg = _leg(c, u)
    return c.copysign(acot(c, leg), u)
