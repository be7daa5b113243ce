"""Decimal numbers: exact where they were written, floats where they were computed."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.decimals import exactly, product, settled, whole

x = sp.Symbol("x", real=True)

# formula -> its first and its second derivative by x, as str has them
SLOPES = {
    "0.5 x^2": ("x", "1"),
    "0.5 x^2 + 2.0 x": ("x + 2", "1"),
    "x^2.0": ("2*x", "2"),
    "x^2.5": ("2.5*x**1.5", "3.75*x**0.5"),
    "0.1 x^3": ("0.3*x**2", "0.6*x"),
    "1.5 x^4/3": ("2*x**3", "6*x**2"),
    "0.25 x^4 - 0.5 x^2": ("x**3 - x", "3*x**2 - 1"),
    "x*(0.5*x + 1.0)": ("x + 1", "1"),
    "0.044715 x^3": ("0.134145*x**2", "0.26829*x"),
    "6.02e23 x^2": ("1.204e+24*x", "1.20400000000000e+24"),
    "x/0.5": ("2", "0"),
    "x^2/3 + 0.5 x": ("2*x/3 + 0.5", "2/3"),
}


@pytest.mark.parametrize("text", SLOPES)
def test_decimals_differentiate_exactly(text: str) -> None:
    first, second = SLOPES[text]
    assert str(sg.differentiate(text, "x")["x"]) == first
    assert str(sg.derivative(text, "x", order=2)["x"]) == second


@pytest.mark.parametrize("text", SLOPES)
def test_pages_with_decimals_are_true(text: str) -> None:
    page = str(sg.explain(text, "x"))
    assert "✓" in page
    assert " 1.0 " not in page.partition("✓")[0].rpartition("dy/dx")[2]


@pytest.mark.parametrize("text", SLOPES)
def test_programs_have_the_same_slope(text: str) -> None:
    at = np.array([0.7, 1.3])
    _, grad = sg.lambdify(text, "x")(at)
    wanted = sp.diff(sp.nsimplify(sg.formula(text).closed_form()), x)
    exact = [float(wanted.subs(x, sp.Rational(str(u)))) for u in at]
    # a few roundings of one unit in the last place each
    np.testing.assert_allclose(grad[0], exact, rtol=1e-15)


def test_like_terms_with_decimals_are_collected() -> None:
    second = sg.derivative("2.5*x*exp(-0.4*x)", "x", order=2)
    assert str(second.closed_form("x")) == "0.4*(x - 5)*exp(-0.4*x)"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (sp.Float("2.0"), sp.Integer(2)),
        (sp.Float("0.5"), sp.Float("0.5")),
        (sp.Float("1e300"), sp.Float("1e300")),
        (sp.Float("9007199254740993.0"), sp.Float("9007199254740993.0")),
        (sp.Float(-0.0), sp.Integer(0)),
        (sp.pi, sp.pi),
    ],
    ids=str,
)
def test_whole_floats_are_integers(number: sp.Expr, expected: sp.Expr) -> None:
    assert whole(number) == expected
    assert type(whole(number)) is type(expected)


def test_products_of_computed_floats_round_as_floats_do() -> None:
    third = sp.Float(1 / 3.7)
    assert product(third, sp.Integer(3)) == third * 3
    assert product(sp.Float("0.1"), sp.Rational(1, 3)) == sp.Rational(1, 30)
    assert product(sp.Float("0.1"), sp.pi) == sp.Float("0.1") * sp.pi


def test_long_floats_are_left_alone() -> None:
    expr = sp.Float(1 / 3.7) * x + sp.Float(1 / 3.7) * x**2
    assert exactly(lambda told: sp.Integer(0), expr) == expr


def test_exponents_and_brackets_stay() -> None:
    bracket = sp.Mul(sp.Float("3.0"), x + 1, evaluate=False)
    assert str(settled(bracket)) == "3*(x + 1)"
    assert exactly(lambda told: told + 1, sp.Float("0.5") * sp.sqrt(x)).has(sp.sqrt(x))


@pytest.mark.parametrize(
    "text",
    [
        "x^integral(product(sqrt(gamma(exp(0.5))) + i, i, 1, 9)*x_1*t, t, 0, 1)",
        "0.5*log(log(f(product(|x| + i, i, 1, 9)^x)) + f(x))",
        "besselj(2, f(|sum(exp((x + 1)*0.5)*y_i, i, 1, n)!|))",
        "f(f(sqrt(|x|))^0.5)",
        "(Heaviside(sqrt(x))*0.5/f'(x) if x > 0 else 0)*exp(x)",
    ],
    ids=["integral", "product", "data", "abstract", "choice"],
)
def test_decimals_stand_in_nodes_that_never_evaluate(text):
    assert "NOT TRUE" not in str(sg.explain(text, detail="brief").checks)


# formula -> its exact value at x = 1
EXACT_VALUES = {
    "x/0.3": "10/3",
    "0.1/3*x": "1/30",
    "0.7*x/9": "7/90",
    "0.1*0.1*0.3*x": "3/1000",
    "x + 0.1 + 0.2": "13/10",
    "0.25^0.5*x": "1/2",
    "0.1^(-3)*x": "1000",
    "2^0.1*x": "2**(1/10)",
    "x*sqrt(0.1)": "sqrt(10)/10",
    "x*2.5^0.5": "sqrt(10)/2",
}


@pytest.mark.parametrize("text", EXACT_VALUES)
def test_folded_decimals_are_exact(text: str) -> None:
    wanted = sp.S(EXACT_VALUES[text])
    assert sp.simplify(sg.lambdify(text, [], backend="sympy")(x=1) - wanted) == 0
    seen = sg.lambdify(text, [], backend="mpmath")(x=1)
    assert abs(seen - mpmath.mpf(str(sp.N(wanted, 20)))) < 1e-15
    number = float(sg.lambdify(text, [], backend="math")(1.0))
    assert number == pytest.approx(float(wanted), rel=1e-15)


@pytest.mark.parametrize("text", ["6.02e23/3*x", "1.05^10*x", "0.5^1000*x"])
def test_long_fractions_of_decimals_are_rounded_and_said(text: str) -> None:
    assert sg.formula(text).closed_form().atoms(sp.Float)
    with pytest.raises(sg.RuleError, match="is a rounded number"):
        sg.lambdify(text, backend="sympy")
