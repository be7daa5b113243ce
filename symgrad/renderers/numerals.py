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


def constant_layout(expr: Any, *, e_is_taken: bool) -> Layout:
    """Lay a constant out; e is exp(1) where the user has a variable called e."""
    if expr is sp.S.NegativeInfinity:
        return Sum(((True, Word("∞")),))
    if expr is sp.E and e_is_taken:
        return Call("exp", (Number("1"),), spelled=True)
    return Word(CONSTANTS.get(str(expr), str(expr)))
