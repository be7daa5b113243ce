"""Every row of the formulary against differences and against SymPy's own calculus."""

from __future__ import annotations

import pytest
import sympy as sp

from symgrad.derivatives import DERIVATIVES, derivative_row, f, u, v
from symgrad.errors import RuleError
from symgrad.functions import FUNCTIONS
from symgrad.named_functions import LEAKY_SLOPE

ARITHMETIC = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "negate": lambda a: -a,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
}
MAKE = {name: row.make for name, row in FUNCTIONS.items()} | ARITHMETIC

# Points inside every domain at hand; each function uses those at which it is real.
FIRST = ["-2.3", "-0.7", "-0.1", "0.3", "0.9", "1.7", "4.2"]
SECOND = "0.6"


def rows():
    for name, row in DERIVATIVES.items():
        for place in range(len(row)):
            if row[place] is None:
                continue
            yield pytest.param(name, place, id=f"{name}-{place}")


def written_out(expr: sp.Expr) -> sp.Expr:
    """The function by its formula, so that SymPy and mpmath know it."""
    return sp.expand_func(expr).rewrite(sp.Piecewise)


@pytest.mark.parametrize(("name", "place"), list(rows()))
def test_row_against_a_numeric_derivative(name, place):
    arity = len(DERIVATIVES[name])
    function = written_out(MAKE[name](*(u, v)[:arity]))
    partial = DERIVATIVES[name][place].subs(f, function)
    by = (u, v)[place]
    step = sp.Rational(1, 10**15)
    seen = 0
    for number in FIRST:
        point = {u: sp.Rational(number), v: sp.Rational(SECOND)}
        if not written_real(function, point) or not written_real(partial, point):
            continue
        above = function.subs({**point, by: point[by] + step}).evalf(70)
        below = function.subs({**point, by: point[by] - step}).evalf(70)
        expected = (above - below) / (2 * step)
        found = written_out(partial).subs(point).evalf(40)
        # a central difference with step 1e-15 is good to about 1e-30
        assert abs(found - expected) < 1e-25 * max(1, abs(expected)), number
        seen += 1
    assert seen >= 2


def written_real(expr: sp.Expr, point: dict) -> bool:
    try:
        value = written_out(expr).subs(point).evalf(30)
    except ValueError:  # erfinv outside its domain
        return False
    return bool(value.is_real and value.is_finite)


SMOOTH = [n for n in FUNCTIONS if not FUNCTIONS[n].kink_note and n in DERIVATIVES]


@pytest.mark.parametrize(
    "name", [n for n in SMOOTH if len(DERIVATIVES[n]) == 1 and n != "zeta"]
)
def test_row_against_sympy(name):
    """The same derivative as sympy.diff finds, at a point where both are real."""
    function = written_out(MAKE[name](u))
    ours = written_out(DERIVATIVES[name][0].subs(f, function))
    theirs = sp.diff(function, u)
    for number in ("0.3", "1.7", "-0.6"):
        at = {u: sp.Rational(number)}
        if not written_real(function, at):
            continue
        left, right = ours.subs(at).evalf(30), theirs.subs(at).evalf(30)
        if left.is_real and right.is_real:
            assert abs(left - right) < 1e-25


@pytest.mark.parametrize(
    ("name", "at", "slope"),
    [
        ("Abs", 0, 0),
        ("sign", 0, 0),
        ("relu", 0, 0),
        ("leaky_relu", 0, LEAKY_SLOPE),
        ("Heaviside", 0, 0),
        ("elu", 0, 1),
        ("softsign", 0, 1),
        ("sinc", 0, 0),
    ],
)
def test_documented_values_at_kinks(name, at, slope):
    partial = DERIVATIVES[name][0].subs(f, FUNCTIONS[name].make(u))
    assert sp.expand_func(partial).subs(u, at) == slope


@pytest.mark.parametrize("name", ["Max", "Min"])
def test_ties_count_one_half_each(name):
    assert [row.subs({u: 3, v: 3}) for row in DERIVATIVES[name]] == [sp.S.Half] * 2


def test_a_missing_derivative_is_said():
    with pytest.raises(RuleError, match="zeta has no derivative in known functions"):
        derivative_row("zeta", 0)
    for name in ("polygamma", "besselj", "bessely", "besseli", "besselk"):
        with pytest.raises(RuleError, match=f"{name} .* by its order"):
            derivative_row(name, 0)


def test_every_function_has_a_row():
    missing = set(FUNCTIONS) - set(DERIVATIVES)
    assert not missing
