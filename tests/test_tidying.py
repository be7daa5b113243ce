"""Tidied forms are equal to what they were: judged by mpmath at random points.

Left out: points outside a domain, and formulas that are not tidied (over the bounds).
"""

from __future__ import annotations

from random import Random

import corpora
import mpmath as M
import pytest
import sympy as sp
from judges import close, stage_values
from oracles import Outside, expr_value

import symgrad as sg
from symgrad.forms import rewrite
from symgrad.tidying import tidy

POWERS = [
    "x**a*x**b*(a + b)/x",
    "a*x**(a - 1)*x**b + b*x**a*x**(b - 1)",
    "x**(x**x)*(x**x*(log(x) + 1)*log(x) + x**x/x)",
    "x**a*y**a/x + x**(2*a)/x",
    "x**(a + b)/x**b - x**a*x**(2*b)/x**2",
]
PARTS = 20
EVERY = [
    entry
    for path in sorted(corpora.DATA.glob("*.txt"))
    for entry in corpora.entries(path)
    if not entry.refused and ";" not in entry.meant
]


def compare(expr: sp.Expr, tidied: sp.Expr, pick: Random, free: set[str]) -> int:
    """How many of three points were compared."""
    compared = 0
    with M.workdps(40):
        for _ in range(12):
            at = {name: M.mpf(pick.uniform(0.1, 2.5)) for name in sorted(free)}
            try:
                values = expr_value(expr, at), expr_value(tidied, at)
            except Outside:
                continue
            assert close(*values, 1e-12), (expr, tidied, at)
            compared += 1
            if compared == 3:
                break
    return compared


@pytest.mark.parametrize("text", POWERS)
def test_powers_with_letters(text: str) -> None:
    x, y, a, b = sp.symbols("x y a b", real=True)
    expr = sp.sympify(text, {"x": x, "y": y, "a": a, "b": b})
    assert compare(expr, tidy(expr), Random(1), {"x", "y", "a", "b"}) == 3


@pytest.mark.parametrize("part", range(PARTS))
def test_derivatives_of_the_corpus(part: int) -> None:
    pick, compared = Random(part), 0
    for entry in EVERY[part :: PARTS * 3]:
        gradient = sg.differentiate(entry.text)
        for symbol, slope in list(gradient.items())[:2]:
            names = {each.name for each in slope.free_symbols}
            compared += compare(slope, tidy(slope), pick, names) > 0
            assert symbol in gradient.wrt
    assert compared > 10


def test_second_derivatives_of_powers() -> None:
    found = sg.derivative("x^a*x^b", "x", order=2)
    at = {"x": M.mpf("1.3"), "a": M.mpf("0.7"), "b": M.mpf("1.9")}
    seen = expr_value(found["x"], stage_values(found.graph, at))
    assert close(seen, M.diff(lambda x: x ** M.mpf("2.6"), at["x"], 2), 1e-6)


HEAVY = [
    f"{call}*x^2*({part})"
    for call in ("zeta(9!)", "zeta(1e6)", "polygamma(2, 9!)", "zeta(gamma(10))")
    for part in ("1 + 0.5*x", "x + sum(y_i, i, 1, n)", "(x + 1)^3 - x^3")
] + ["loggamma(1e6)*x^2", "polygamma(10^6, x)*x", "beta(1e6, 1e6)*x*(x + 1)"]


@pytest.mark.parametrize("text", HEAVY)
def test_huge_numbers_are_not_counted_out(text: str) -> None:
    """SymPy would write ζ(9!) as a fraction of a million digits and never end."""
    gradient = sg.differentiate(text, "x")
    for form in ("short", "factored", "expanded", "fraction"):
        assert rewrite(gradient["x"], form, "x").free_symbols
    assert "NOT TRUE" not in str(sg.explain(gradient, detail="full"))
