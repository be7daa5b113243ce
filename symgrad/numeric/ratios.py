"""Quotients g(u)/u of functions that vanish at 0, whose slopes cancel there.

The one rule kept here: near 0 a slope is the power series of the quotient, so that it
and what is made of it, of any order, keeps its digits; at 0 itself, where nothing is
defined, it is nan. Series: Abramowitz and Stegun, sections 4.1 to 4.6 and 7.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import sympy as sp
from sympy import Abs, Expr, Piecewise, Rational

from symgrad.numeric.safe_parts import FormRecorder
from symgrad.user_functions import LETTERS, UserFunction

_u = LETTERS[0]
_QUARTER = Rational(1, 4)


@dataclass(frozen=True)
class _Series:
    """A function as Σ cₖ·uᵏ, times a number; its slope; how far and long a sum serves.

    ``last`` is the power from which on third derivatives have no digit to gain.
    """

    function: Callable[[Expr], Expr]
    slope: Expr
    coefficient: Callable[[int], Rational]
    last: int
    near: Rational = _QUARTER
    scale: Expr = sp.S.One


def _turn(k: int) -> int:
    """1 for k = 1, -1 for k = 3, and so on; 0 for the even ones"""
    return (0, 1, 0, -1)[k % 4]


def _tanh(k: int) -> Rational:
    n = k + 1
    return Rational(2**n * (2**n - 1), math.factorial(n)) * sp.bernoulli(n)


def _asinh(k: int) -> Rational:
    half = (k - 1) // 2
    return Rational(_turn(k) * math.comb(2 * half, half), 4**half * k)


_SERIES: dict[str, _Series] = {
    "sin": _Series(
        sp.sin, sp.cos(_u), lambda k: Rational(_turn(k), math.factorial(k)), 17
    ),
    "sinh": _Series(
        sp.sinh, sp.cosh(_u), lambda k: Rational(k % 2, math.factorial(k)), 17
    ),
    "tanh": _Series(sp.tanh, 1 - sp.tanh(_u) ** 2, _tanh, 29),
    "atan": _Series(sp.atan, 1 / (1 + _u**2), lambda k: Rational(_turn(k), k), 35),
    "asinh": _Series(sp.asinh, 1 / sp.sqrt(1 + _u**2), _asinh, 35),
    "erf": _Series(
        sp.erf,
        2 * sp.exp(-(_u**2)) / sp.sqrt(sp.pi),
        lambda k: Rational(_turn(k), k * math.factorial(k // 2)),
        21,
        scale=2 / sp.sqrt(sp.pi),
    ),
    "expm1": _Series(
        lambda u: sp.exp(u) - 1,
        sp.exp(_u),
        lambda k: Rational(1, math.factorial(k)),
        15,
        Rational(1, 8),
    ),
    "log1p": _Series(
        lambda u: sp.log(1 + u),
        1 / (1 + _u),
        lambda k: Rational((-1) ** (k + 1), k),
        24,
        Rational(1, 8),
    ),
}


def _near(series: _Series) -> Expr:
    """The slope Σ (k - 1)·cₖ·u^(k - 2), nested as Horner has it."""
    found = [(k, (k - 1) * series.coefficient(k)) for k in range(2, series.last + 1)]
    (power, total), *rest = [pair for pair in reversed(found) if pair[1]]
    for k, c in rest:
        inner = sp.Mul(_u ** (power - k), total, evaluate=False)
        power, total = k, sp.Add(c, inner, evaluate=False)
    for factor in (_u ** (power - 2), series.scale):
        if factor != 1:
            total = sp.Mul(factor, total, evaluate=False)
    return total


@cache
def _ratio_of(name: str) -> UserFunction:
    """The quotient as a function with a slope of its own."""
    series = _SERIES[name]
    ratio = series.function(_u) / _u
    slope = Piecewise(
        (sp.nan, sp.Eq(_u, 0)),
        (_near(series), Abs(_u) < series.near),
        (sp.Mul(series.slope - ratio, 1 / _u, evaluate=False), True),
    )
    return UserFunction(f"{name}_ratio", None, (slope,))


def ratio(recorder: FormRecorder, number: int) -> int | None:
    """Record g(u)/u of the entry g(u) of one of these functions, else nothing."""
    name, *arguments = recorder.entries[number]
    if name not in _SERIES:
        return None
    (u,) = arguments
    value = recorder.record("divide", number, u)
    made = recorder.record("user", value, _ratio_of(name), u)
    written = {"expm1": "(exp(u) - 1)/u", "log1p": "log(1 + u)/u"}.get(
        name, f"{name}(u)/u"
    )
    return recorder.told(f"the slope of {written} near 0", "a series", made)
