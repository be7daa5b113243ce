"""Numbers that stay exact while they are short, and never overflow.

The one rule kept here: no sum or product of two numbers takes long or raises.
"""

from __future__ import annotations

import math
from fractions import Fraction

MAX_EXACT_BITS = 256

Number = int | float | Fraction


def to_float(value: Number) -> float:
    """Give the nearest float, infinite where the number is beyond all floats."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def normal(value: Number) -> Number:
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return normal(value.numerator)
        bits = value.numerator.bit_length() + value.denominator.bit_length()
        return value if bits <= MAX_EXACT_BITS else to_float(value)
    if isinstance(value, int):
        return int(value) if value.bit_length() <= MAX_EXACT_BITS else to_float(value)
    return float(value)


def _both(a: Number, b: Number) -> tuple[Number, Number]:
    """Both as exact numbers, or both as floats, so that nothing overflows."""
    if isinstance(a, float) or isinstance(b, float):
        return to_float(a), to_float(b)
    return a, b


def add(a: Number, b: Number) -> Number:
    a, b = _both(a, b)
    return a + b


def multiply(a: Number, b: Number) -> Number:
    a, b = _both(a, b)
    return normal(a * b)


def divide(a: Number, b: Number) -> Number:
    a, b = _both(a, b)
    if b == 0:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a)
    return a / b if isinstance(a, float) else Fraction(a) / Fraction(b)
