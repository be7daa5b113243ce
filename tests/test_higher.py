"""Derivatives of higher order and mixed ones, against SymPy's own diff."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

import symgrad as sg
from symgrad.errors import ArgumentTypeError, ArgumentValueError, BoundError
from symgrad.method_pages import orders_of
from symgrad.tidying import tidy

FORMULAS = {
    "product": ("x^2*sin(x)", "xxx"),
    "tanh": ("tanh(w*x + b)", "xxx"),
    "mixed": ("x^3*y^2*exp(x*y)", "xxy"),
    "mixed three": ("sin(x*y*z)", "xyz"),
    "quotient": ("x/(1 + x^2)", "xxx"),
    "logarithm": ("log(x)", "xxxx"),
    "nested": ("exp(sin(x))", "xxxx"),
    "root": ("sqrt(x^2 + 1)", "xxxx"),
    "stages": ("z = x*y; y = sin(u); u = x^2", "xxx"),
    "polynomial": ("x^9 - 3*x^4", "xxxxx"),
    "logistic": ("1/(1 + exp(-x))", "xxxx"),
    "power": ("x^w", "xxw"),
    "arctangent": ("atan(x/y)", "xyx"),
    "two paths": ("z = x*y + y^2; y = cos(x)", "xx"),
}
POINT = {"x": 0.7, "y": 1.3, "z": 0.4, "w": 1.9, "b": -0.2}


def oracle(formula: str, names: str) -> mpmath.mpf:
    """SymPy's diff of the closed form, at the point, with 30 digits."""
    expr = sg.formula(formula).closed_form()
    by = {s.name: s for s in expr.free_symbols}
    for name in names:
        expr = sp.diff(expr, by[name])
    values = {s: sp.Float(POINT[s.name], 30) for s in expr.free_symbols}
    return mpmath.mpf(sp.N(expr.subs(values), 30))


@pytest.mark.parametrize("name", FORMULAS)
def test_values_agree_with_sympy(name: str) -> None:
    formula, names = FORMULAS[name]
    gradient = sg.derivative(formula, list(names))
    assert [g.wrt[0].name for g in orders_of(gradient)] == list(names)
    expr = gradient.closed_form(names[-1])
    values = {s: sp.Float(POINT[s.name], 30) for s in expr.free_symbols}
    found = mpmath.mpf(sp.N(expr.subs(values), 30))
    assert mpmath.almosteq(found, oracle(formula, names), rel_eps=1e-13)


@pytest.mark.parametrize("name", FORMULAS)
def test_the_program_agrees(name: str) -> None:
    formula, names = FORMULAS[name]
    gradient = sg.derivative(formula, list(names))
    value = sg.lambdify(gradient.derivative_graph, wrt=[])
    point = {arg: POINT[arg] for arg in value.args}
    assert value(**point) == pytest.approx(float(oracle(formula, names)), rel=1e-9)


@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
@pytest.mark.parametrize("name", FORMULAS)
def test_every_order_has_its_section_and_checks(name: str, detail: str) -> None:
    formula, names = FORMULAS[name]
    page = sg.explain(sg.derivative(formula, list(names)), detail=detail)
    assert len(page.sections) == 1 + len(names)
    assert str(page.checks[0][0]).startswith("✓")


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_order_is_the_same_as_a_list(mode: str) -> None:
    formula = "x^3*exp(x)"
    first = sg.derivative(formula, "x", order=3, mode=mode)
    assert first["x"] == sg.derivative(formula, ["x"] * 3)["x"]
    assert first["x"] == sg.derivative(formula, order=3)["x"]


def test_titles_name_the_order() -> None:
    titles = {
        2: "The second derivative of y by x",
        8: "The 8th derivative of y by x",
    }
    for order, title in titles.items():
        page = sg.explain(sg.derivative("exp(2*x)", "x", order=order), check=False)
        assert str(page).splitlines()[0] == title
    mixed = sg.explain(sg.derivative("x*y", ["x", "y"]), check=False)
    assert "by x, then y" in str(mixed).splitlines()[0]


@pytest.mark.parametrize("format", ["text", "markdown", "latex", "mathml", "html"])
def test_pages_are_written_in_every_format(format: str) -> None:
    page = sg.explain(sg.derivative("x^2*y", ["x", "y"]))
    assert len(sg.render(page, format)) > 100


def test_a_page_goes_through_json() -> None:
    page = sg.explain(sg.derivative("x^2*sin(x)", "x", order=2))
    from symgrad.renderers.json import dump, load

    assert str(load(dump(page))) == str(page)


FORMS = {
    "second of a product": ("x^2*sin(x)", 2, "-x**2*sin(x) + 4*x*cos(x) + 2*sin(x)"),
    "rational": ("x/(1 + x^2)", 2, "2*x*(x**2 - 3)/(x**2 + 1)**3"),
    "logarithm": ("log(x)", 4, "-6/x**4"),
    "own value": ("exp(2*x)", 5, "32*y"),
    "polynomial": ("x^50", 50, str(sp.factorial(50))),
}


@pytest.mark.parametrize("name", FORMS)
def test_results_read_as_in_a_textbook(name: str) -> None:
    formula, order, shown = FORMS[name]
    assert str(sg.derivative(formula, "x", order=order)["x"]) == shown


@pytest.mark.parametrize("notation", ["textbook", "notes"])
def test_both_notations(notation: str) -> None:
    gradient = sg.derivative("x^2*sin(x)", "x", order=2)
    text = str(sg.explain(gradient, notation=notation))
    assert ("∂²y/∂x²" if notation == "notes" else "d²y/dx²") in text


def test_swelling_is_bounded() -> None:
    with pytest.raises(BoundError, match="MAX_ORDER_NODES"):
        sg.derivative("exp(sin(x*cos(x)))*tan(x^2)/(1 + x)", "x", order=40)
    with pytest.raises(BoundError, match="MAX_ORDER"):
        sg.derivative("x", "x", order=101)


@pytest.mark.parametrize(
    ("wrt", "order", "kind"),
    [
        ("x", 0, ArgumentValueError),
        ("x", True, ArgumentTypeError),
        (["x", "y"], 3, ArgumentValueError),
        ([], None, ArgumentValueError),
        ({"x"}, None, ArgumentTypeError),
        (None, 2, ArgumentValueError),
        ("q", 2, KeyError),
        (["x", "q"], None, KeyError),
    ],
)
def test_mistakes_are_named(wrt: object, order: object, kind: type) -> None:
    with pytest.raises(kind):
        sg.derivative("x*y", wrt, order)  # type: ignore[arg-type]


TIDY = {
    "like terms": "2*x*cos(x) + 2*(x*cos(x) + sin(x))",
    "fraction": "-1/y - x^2/y^3",
    "cancelled": "x*(x + 1)/(x^2 - 1)",
    "common factor": "exp(x)*(x + 1) + exp(x)",
    "negative": "(-x - y)/(-x*y)",
    "root": "x/sqrt(x^2 + 1) - x^3/(x^2 + 1)^(3/2)",
    "two functions": "sin(x)^2*cos(x) - cos(x)*(1 + sin(x)^2)",
}


@pytest.mark.parametrize("name", TIDY)
def test_tidy_keeps_the_value_and_is_not_longer(name: str) -> None:
    expr = sg.formula(TIDY[name]).closed_form()
    shorter = tidy(expr)
    values = {s: sp.Float(POINT[s.name], 40) for s in expr.free_symbols}
    difference = sp.N((expr - shorter).subs(values), 30)
    assert abs(difference) < 1e-28
    assert shorter != expr
    assert sp.count_ops(shorter) <= sp.count_ops(expr)
