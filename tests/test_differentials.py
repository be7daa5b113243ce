"""Total differentials and directional derivatives, against SymPy and differences."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

import symgrad as sg
from symgrad.errors import ArgumentTypeError, ArgumentValueError, UnknownNameError

FORMULAS = {
    "product": "z = x^2*sin(y)",
    "one variable": "y = exp(x)*x",
    "stages": "z = u*v; u = x*y; v = cos(u) + x",
    "three": "x*y^2*w^3",
    "quotient": "x/(y + 2)",
    "constant direction": "x + 2*y",
}
POINT = {"x": 0.7, "y": 1.3, "w": 0.4}


def point_of(expr: sp.Expr, more: dict[str, float]) -> dict[sp.Symbol, sp.Float]:
    values = {**POINT, **more}
    return {s: sp.Float(values[s.name], 30) for s in expr.free_symbols}


@pytest.mark.parametrize("name", FORMULAS)
def test_the_total_differential_agrees_with_sympy(name: str) -> None:
    found = sg.total_differential(FORMULAS[name])
    whole = sg.formula(FORMULAS[name]).closed_form()
    oracle = sum(
        sp.diff(whole, by) * step
        for by, step in zip(found.gradient.wrt, found.increments, strict=True)
    )
    assert sp.simplify(found.expr - oracle) == 0
    steps = {f"d{v.name}": 0.1 * (k + 1) for k, v in enumerate(found.gradient.wrt)}
    number = sg.lambdify(found, wrt=[])
    arguments = {a: {**POINT, **steps}[a] for a in number.args}
    expected = float(sp.N(oracle.subs(point_of(oracle, steps))))
    assert number(**arguments) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_direction_is_a_slope_along_a_line(name: str) -> None:
    graph = sg.formula(FORMULAS[name])
    direction = {v.name: 2 - 3 * k for k, v in enumerate(graph.inputs)}
    found = sg.directional(graph, direction)
    whole = graph.closed_form()
    along = sp.lambdify(list(graph.inputs), whole, "mpmath")
    with mpmath.workdps(30):
        expected = mpmath.diff(
            lambda t: along(
                *(
                    mpmath.mpf(POINT[v.name]) + t * direction[v.name]
                    for v in graph.inputs
                )
            ),
            0,
        )
    mine = float(sp.N(found.expr.subs(point_of(found.expr, {}))))
    assert mine == pytest.approx(float(expected), rel=1e-12)
    number = sg.lambdify(found, wrt=[])
    value = number(**{a: POINT[a] for a in number.args})
    assert value == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
@pytest.mark.parametrize("name", FORMULAS)
def test_pages_hold(name: str, detail: str) -> None:
    for found in (
        sg.total_differential(FORMULAS[name]),
        sg.directional(FORMULAS[name], {"x": 3}, unit=True),
        sg.directional(FORMULAS[name], {"x": "v"}),
    ):
        page = sg.explain(found, detail=detail)
        assert str(page.checks[0][0]).startswith("✓"), page.checks


def test_names_are_fresh() -> None:
    found = sg.total_differential("dz = x*dx")
    assert [s.name for s in found.increments] == ["dx_1", "ddx"]
    assert found.symbol.name == "ddz"


def test_a_unit_direction_has_length_one() -> None:
    found = sg.directional("z = x^2*y", {"x": 3, "y": 4}, unit=True)
    assert found.increments == (sp.Rational(3, 5), sp.Rational(4, 5))
    again = sg.directional("z = x^2*y", [3, 4], unit=True)
    assert again.expr == found.expr


def test_a_direction_may_have_names() -> None:
    found = sg.directional("z = x^2*y", {"x": "v_x", "y": "v_y"})
    assert [s.name for s in found.extra] == ["v_x", "v_y"]
    assert sg.lambdify(found, wrt=[]).args == ("x", "y", "v_x", "v_y")


def test_the_page_reads_as_a_textbook() -> None:
    text = str(sg.explain(sg.total_differential("z = x^2*sin(y)")))
    assert "dz = ∂z/∂x · dx + ∂z/∂y · dy" in text
    assert "= 2 x sin(y) · dx + x² cos(y) · dy" in text


def test_the_network_has_a_differential() -> None:
    graph = sg.network([2, 2, 1])
    found = sg.directional(graph, {"w_111": 1, "b_3": -1})
    values = {name: 0.3 for name in sg.lambdify(graph).args}
    gradient = sg.lambdify(graph, wrt=["w_111", "b_3"])(**values)[1]
    mine = sg.lambdify(found, wrt=[])(**values)
    assert mine == pytest.approx(gradient[0] - gradient[1], rel=1e-13)


@pytest.mark.parametrize(
    ("direction", "kind"),
    [
        ({"q": 1}, UnknownNameError),
        ([1, 2, 3], ArgumentValueError),
        ({"x": True}, ArgumentTypeError),
        ({"x": None}, ArgumentTypeError),
        ({"x": float("nan")}, ArgumentValueError),
        ("x", ArgumentTypeError),
        ({1, 2}, ArgumentTypeError),
    ],
)
def test_mistakes_are_named(direction: object, kind: type) -> None:
    with pytest.raises(kind):
        sg.directional("z = x^2*y", direction)  # type: ignore[arg-type]


def test_no_length_is_an_error() -> None:
    with pytest.raises(ArgumentValueError, match="no length"):
        sg.directional("z = x^2*y", {"x": 0}, unit=True)


# --- logarithmic differentiation ------------------------------------------------------

POWERS = {
    "x to the x": ("x^x", "x^x*(log(x) + 1)"),
    "product": ("x^2*sin(x)*exp(x)", None),
    "quotient": ("(x + 1)^2*sqrt(x + 2)/(x + 3)^3", None),
    "tower": ("sin(x)^cos(x)", None),
    "number before": ("3*x^x", None),
    "negative": ("-2*x^(2*x)*cos(x)", None),
    "parameter": ("a^x*x^a", None),
    "stages": ("y = u^v; u = x^2 + 1; v = sin(x)", None),
    "root of x": ("x^(1/x)", None),
}


@pytest.mark.parametrize("name", POWERS)
def test_logarithmic_differentiation_agrees_with_sympy(name: str) -> None:
    formula, _ = POWERS[name]
    page = sg.explain(formula, "x", method="logarithmic")
    assert str(page.checks[0][0]).startswith("✓"), page.checks
    result = page.sections[-1].steps[-1].result
    whole = sg.formula(formula).closed_form()
    x = next(s for s in whole.free_symbols if s.name == "x")
    point = {
        s: sp.Rational(7 + k, 10)
        for k, s in enumerate(sorted(whole.free_symbols, key=str))
    }
    difference = sp.N((result - sp.diff(whole, x)).subs(point), 30)
    assert abs(difference) < 1e-25


def test_the_condition_is_said() -> None:
    text = str(sg.explain("x^x", "x", method="logarithmic"))
    for line in ("where x > 0", "l = x log(x)", "1/y · dy/dx", "= x^x (log(x) + 1)"):
        assert line in text


@pytest.mark.parametrize("formula", ["x + 1", "sin(x)", "log(x) + x^x"])
def test_sums_are_refused(formula: str) -> None:
    with pytest.raises(ArgumentValueError, match="products"):
        sg.explain(formula, "x", method="logarithmic")


def test_an_unknown_method_is_an_error() -> None:
    with pytest.raises(UnknownNameError, match="logarithmic"):
        sg.explain("x^x", "x", method="logaritmic")
    with pytest.raises(ArgumentValueError, match="one output by one variable"):
        sg.explain("x^y", method="logarithmic")
