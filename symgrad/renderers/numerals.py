"""How numbers and constants look.

The one rule kept here: a layout number has no sign of its own; a minus is always a
term of a sum, so that brackets come out right.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from symgrad.renderers.nodes import (
    Call,
    Fraction,
    Layout,
    Number,
    Power,
    Product,
    Sum,
    Word,
)

CONSTANTS = {
    "pi": "π",
    "E": "e",
    "oo": "∞",
    "zoo": "∞",
    "EulerGamma": "γ",
    "GoldenRatio": "φ",
    "Catalan": "G",
    "True": "true",
    "False": "false",
}


def number_layout(value: float, digits: int = 6) -> Layout:
    """Lay a float out in at most ``digits`` significant digits."""
    if value != value:
        return Word("nan")
    mantissa, _, exponent = f"{abs(value):.{digits}g}".partition("e")
    node: Layout = Word("∞") if mantissa == "inf" else Number(mantissa)
    if exponent:
        power = Power(Number("10"), integer_layout(int(exponent)))
        node = power if mantissa == "1" else Product((node, power), "·")
    return Sum(((True, node),)) if value < 0 else node


def integer_layout(value: int) -> Layout:
    """Lay a whole number out, a negative one with its minus."""
    node = Number(str(abs(value)))
    return Sum(((True, node),)) if value < 0 else node


def exact_layout(expr: Any) -> Layout:
    """Lay an Integer, a Rational or a Float out."""
    if isinstance(expr, sp.Integer):
        return integer_layout(int(expr))
    if isinstance(expr, sp.Rational):
        top = Fraction(Number(str(abs(expr.p))), Number(str(expr.q)))
        return Sum(((True, top),)) if expr.p < 0 else top
    return number_layout(float(expr), digits=17 if expr._prec > 53 else 15)


def is_one(expr: Any) -> bool:
    """Whether a factor need not be written: 0.5 · 2 is a Float, and 1."""
    return bool(expr.is_Float and float(expr) == 1)


def as_quotient(expr: sp.Float) -> tuple[sp.Integer, Any] | None:
    """Give a double as a whole number over a short decimal: x/3.7 is folded to one.

    >>> as_quotient(sp.Float(3 / 7)), as_quotient(sp.Float(0.54))
    ((3, 7), None)
    """
    value = abs(float(expr))
    if expr._prec > 53 or not 1e-12 < value < 1e12 or _is_short(value, 10):
        return None
    for whole in range(1, _MAX_WHOLE):
        below = float(f"{whole / value:.15g}")
        if _is_short(below, 5) and abs(whole / below - value) <= _ULPS * value:
            number = sp.Integer(below) if below.is_integer() else sp.Float(below)
            return sp.Integer(whole if expr > 0 else -whole), number
    return None


_MAX_WHOLE = 25
_ULPS = 4e-16  # a quotient and a product round once each


def _is_short(value: float, digits: int) -> bool:
    return float(f"{value:.{digits}g}") == value


def constant_layout(expr: Any, *, e_is_taken: bool) -> Layout:
    """Lay a constant out; e is exp(1) where the user has a variable called e."""
    if expr is sp.S.NegativeInfinity:
        return Sum(((True, Word("∞")),))
    if expr is sp.E and e_is_taken:
        return Call("exp", (Number("1"),), spelled=True)
    return Word(CONSTANTS.get(str(expr), str(expr)))
