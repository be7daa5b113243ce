"""SymPy expressions of odd kinds: read with their value, or refused by name."""

from __future__ import annotations

import math
from typing import Any

import pytest
import sympy as sp

import symgrad as sg
from symgrad.errors import ArgumentTypeError, SymgradError

x, y = sp.symbols("x y", real=True)

READ: dict[str, sp.Expr] = {
    "step": sp.Heaviside(x),
    "step with a value at 0": sp.Heaviside(x, 0) + sp.Heaviside(y, 1),
    "largest of many": sp.Max(x, y, 2, x**2),
    "smallest of many": sp.Min(x, sp.sin(y), -x, 3),
    "nested choice": sp.Piecewise(
        (sp.Piecewise((x, y > 0), (1, True)), x > 0), (y, True)
    ),
    "joined conditions": sp.Piecewise(
        (x, sp.Or(x > 1, sp.Not(sp.Eq(x, y)))), (0, True)
    ),
    "guarded pole": sp.Piecewise((1 / x, sp.Ne(x, 0)), (0, True)),
    "rational power": sp.Abs(x) ** sp.Rational(2, 3) + (x**2) ** sp.Rational(-1, 2),
    "real root": sp.real_root(x, 3),
    "secant and its kin": sp.sec(x) * sp.csc(y) + sp.cot(x) + sp.sech(x) - sp.csch(y),
    "unevaluated exp": sp.exp(x, evaluate=False),
    "unevaluated exp of log": sp.exp(sp.log(x**2 + 1, evaluate=False), evaluate=False),
    "power of e": sp.E**x + sp.E,
    "log to a base": sp.log(x**2 + 1, 2),
    "sinc": sp.sinc(x),
    "constants": sp.pi * x + sp.GoldenRatio + sp.EulerGamma - sp.Catalan,
    "cube of abs": sp.Abs(x) ** 3 * sp.sign(x),
    "number": sp.Integer(3) / 7,
    "unevaluated product": sp.Mul(2, x + y, evaluate=False),
}


@pytest.mark.parametrize("name", READ)
def test_the_value_is_that_of_sympy(name: str) -> None:
    expr = READ[name]
    graph = sg.formula(expr, name="z")
    compared = 0
    for at in ({x: 0.7, y: -1.3}, {x: -0.4, y: 0.9}, {x: 2.5, y: 1.5}):
        wanted = expr.subs(at).evalf()
        point = {symbol.name: at[symbol] for symbol in graph.inputs}
        found = sg.evaluate(graph, point)["z"]
        assert math.isclose(found, float(wanted), rel_tol=1e-12, abs_tol=1e-12)
        compared += 1
    assert compared == 3


REFUSED: dict[str, tuple[Any, str]] = {
    "imaginary": (sp.I * x, "I is complex"),
    "infinite": (sp.oo * x, "oo is no real number"),
    "undefined": (sp.nan, "nan is no real number"),
    "pole": (sp.zoo, "zoo is no real number"),
    "variable value at 0": (sp.Heaviside(x, y), "needs a number as its value at 0"),
    "no real symbol": (sp.Symbol("z", real=False), "z is not real"),
    "no commuting symbol": (sp.Symbol("A", commutative=False), "A does not commute"),
    "two symbols of one name": (x + sp.Symbol("x"), "two different symbols"),
    "delta": (sp.DiracDelta(x), "DiracDelta.* is no function with values"),
    "too large": (sp.Float("1e400") * x, "no number that a float can hold"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_understood_is_named(name: str) -> None:
    source, match = REFUSED[name]
    with pytest.raises(SymgradError, match=match):
        sg.formula(source)


@pytest.mark.parametrize(
    "source",
    [x > 0, sp.Eq(x, y), sp.And(x > 0, y > 0), sp.true],
    ids=str,
)
def test_a_condition_is_no_formula(source: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="no formula"):
        sg.formula(source)
