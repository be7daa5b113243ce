"""Fifty digits against SymPy: values, slopes, and where there are none."""

from __future__ import annotations

import pytest
import sympy as sp

from symgrad.errors import RuleError
from symgrad.functions import FUNCTIONS
from symgrad.numeric.differences import compile_program, fault, slopes
from symgrad.numeric.high_precision import context, mpf
from symgrad.symbols import symbol

x, y = symbol("x"), symbol("y")
RESULT = symbol("result")


# where each function of one argument is real and smooth, as rationals
PLACES = {
    "acosh": ("7/5", "3"),
    "asec": ("7/5", "3"),
    "acsc": ("7/5", "3"),
    "acoth": ("-7/5", "3"),
    "asech": ("1/7", "6/7"),
    "asin": ("-6/7", "1/7"),
    "acos": ("-6/7", "1/7"),
    "atanh": ("-6/7", "1/7"),
    "erfinv": ("-6/7", "1/7"),
    "erfcinv": ("1/7", "12/7"),
    "log": ("1/7", "30"),
    "log2": ("1/7", "30"),
    "log10": ("1/7", "30"),
    "log1p": ("-6/7", "5/2"),
    "loggamma": ("1/7", "30"),
    "sqrt": ("1/7", "30"),
    "LambertW": ("-1/7", "3"),
    "Ci": ("1/7", "5/2"),
    "Chi": ("1/7", "5/2"),
    "li": ("1/7", "5/2"),
    "elliptic_k": ("-12/7", "1/7"),
    "elliptic_e": ("-12/7", "1/7"),
}
UNARY = [
    pytest.param(name, place, id=f"{name}({place})")
    for name, row in FUNCTIONS.items()
    if row.arity == 1 or name == "Heaviside"
    for place in PLACES.get(name, ("-12/7", "1/7", "5/2"))
]


def plain(expr: sp.Expr) -> sp.Expr:
    """An expression in SymPy's own functions only."""
    return sp.expand_func(expr)


def evaluated(expr: sp.Expr, at: dict) -> tuple[list, object]:
    program = compile_program(tuple(at), [(RESULT, expr)])
    values = program.run({s: mpf(r.p) / r.q for s, r in at.items()})
    return values, program


@pytest.mark.parametrize(("name", "place"), UNARY)
def test_value_and_slope_of_every_function_agree_with_sympy(name, place):
    at = {x: sp.Rational(place)}
    expr = FUNCTIONS[name].make(x)
    values, program = evaluated(expr, at)
    expected = plain(expr).subs(at).evalf(60)
    # 50 digits are kept; a few are lost where a sum cancels
    assert abs(values[program.slots[RESULT]] - mpf(str(expected))) < mpf(10) ** -45
    if name not in ("floor", "ceiling", "frac", "zeta"):  # sympy has no zeta'
        slope = slopes(program, values, x, [RESULT])[RESULT]
        expected = sp.diff(plain(expr), x).subs(at).doit().evalf(40)
        # h**2·f'''/6 with h = 2**-57 and a third derivative below 1e4
        assert abs(slope - mpf(str(expected))) < mpf(10) ** -29


@pytest.mark.parametrize("name", ["floor", "ceiling", "frac"])
def test_jumping_functions_have_the_slope_of_their_steps(name):
    values, program = evaluated(FUNCTIONS[name].make(x), {x: sp.Rational(5, 3)})
    slope = slopes(program, values, x, [RESULT])[RESULT]
    assert abs(slope - (1 if name == "frac" else 0)) < 1e-30


TWO_ARGUMENTS = {
    "max": (sp.Max(x, y), sp.Rational(5, 3)),
    "min": (sp.Min(x, y), sp.Rational(-2, 7)),
    "atan2": (sp.atan2(x, y), None),
    "power": (x**y, None),
    "quotient": (x / y, None),
    "constants": (sp.pi * x + sp.E * y + sp.Float("0.1") * x * y, None),
    "piecewise below": (sp.Piecewise((x, x < y), (y**2, True)), None),
    "piecewise, and": (sp.Piecewise((x, (x > 1) & (y > 0)), (sp.sin(y), True)), None),
    "piecewise, or not": (sp.Piecewise((x, (x < 1) | ~(y > 0)), (x * y, True)), None),
}


@pytest.mark.parametrize(
    "expr", [pytest.param(e, id=k) for k, (e, _) in TWO_ARGUMENTS.items()]
)
def test_value_of_expressions_in_two_names(expr):
    at = {x: sp.Rational(5, 3), y: sp.Rational(-2, 7)}
    if expr == x**y:
        at[y] = sp.Rational(2, 7)
    values, program = evaluated(expr, at)
    exact = expr.replace(lambda e: e.is_Float, lambda e: sp.Rational(e))
    expected = exact.subs(at).evalf(50)  # a Float is the binary number that it is
    assert abs(values[program.slots[RESULT]] - mpf(str(expected))) < mpf(10) ** -44


OUTSIDE = {
    "log of a negative number": (sp.log(x), -1),
    "square root of a negative number": (sp.sqrt(x), -1),
    "root of a negative number": (x ** sp.Rational(1, 3), -8),
    "division by zero": (1 / x, 0),
    "asin of 2": (sp.asin(x), 2),
    "tower of exponentials": (sp.exp(sp.exp(sp.exp(sp.exp(sp.exp(x))))), 50),
    "sine of a tower": (sp.sin(sp.exp(sp.exp(sp.exp(x)))), 50),
    "undecided condition": (sp.Piecewise((x, sp.log(x) > 0), (x**2, True)), -1),
    "no case fits": (sp.Piecewise((x, x > 0)), -1),
}


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=key) for key, row in OUTSIDE.items()]
)
def test_what_is_not_real_or_far_too_large_is_outside_the_domain(row):
    expr, place = row
    values, program = evaluated(expr, {x: sp.Integer(place)})
    assert fault(program, values, [RESULT]) == "outside the domain of result"


@pytest.mark.parametrize("expr", [sp.log(x), sp.sqrt(x), sp.sin(x)], ids=str)
def test_large_numbers_are_no_fault(expr):
    values, program = evaluated(expr, {x: sp.Integer(2) ** 900})
    expected = expr.subs(x, sp.Integer(2) ** 900).evalf(50)
    error = abs(values[program.slots[RESULT]] / mpf(str(expected)) - 1)
    assert error < mpf(10) ** -47


def test_a_dead_branch_outside_its_domain_does_no_harm():
    expr = sp.Piecewise((sp.log(x), x > 0), (x**2, True))
    values, program = evaluated(expr, {x: sp.Integer(-3)})
    assert fault(program, values, [RESULT]) is None
    assert values[program.slots[RESULT]] == 9


NEAR = sp.Rational(1, 10**7)
KINKS = {
    "Abs": (sp.Abs(x - 1), 1 + NEAR, "near a kink of Abs"),
    "relu": (FUNCTIONS["relu"].make(x), NEAR, "near a kink of relu"),
    "Heaviside": (sp.Heaviside(x), -NEAR, "near a kink of Heaviside"),
    "floor": (sp.floor(2 * x), sp.Rational(3, 2) - NEAR, "near a jump of floor"),
    "frac": (sp.frac(x), 7 + NEAR, "near a jump of frac"),
    "Max": (sp.Max(x, 2, 1 - x), 2 + NEAR, "near a tie of Max"),
    "Min": (sp.Min(x, 2, 5), 2 - NEAR, "near a tie of Min"),
    "Piecewise": (
        sp.Piecewise((x, x < 3), (x**2, True)),
        3 + NEAR,
        "near a boundary of a Piecewise",
    ),
    "Abs, far": (sp.Abs(x - 1), sp.Rational(11, 10), None),
    "Max, tie of the small ones": (sp.Max(x, 9, 1 - x), sp.Rational(1, 2), None),
    "Abs of a number": (sp.Abs(0, evaluate=False) + x, sp.Integer(1), None),
}


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=key) for key, row in KINKS.items()]
)
def test_kinks_are_named(row):
    expr, place, reason = row
    values, program = evaluated(expr, {x: sp.Rational(place)})
    assert fault(program, values, [RESULT]) == reason


@pytest.mark.parametrize(
    "row",
    [
        pytest.param((abs(x), 0), id="kink"),
        pytest.param((sp.sqrt(x), sp.Rational(1, 10**16)), id="beside a pole"),
        pytest.param((sp.sqrt(x), 0), id="end of the domain"),
    ],
)
def test_a_slope_that_is_none_is_nan(row):
    expr, place = row
    values, program = evaluated(expr, {x: sp.Rational(place)})
    assert not context.isfinite(slopes(program, values, x, [RESULT])[RESULT])


def test_a_horizontal_tangent_is_no_kink():
    values, program = evaluated(x**2, {x: sp.Integer(0)})
    assert slopes(program, values, x, [RESULT])[RESULT] == 0


def test_an_unknown_function_is_named():
    with pytest.raises(RuleError, match=r"dirichlet_eta\(x\) cannot be checked"):
        compile_program((x,), [(RESULT, sp.dirichlet_eta(x))])
