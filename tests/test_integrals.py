"""Integrals judged by mpmath's quadrature and SymPy's own derivatives of integrals."""

from __future__ import annotations

import pickle
import random
from typing import Any

import mpmath
import pytest
import sympy as sp

import symgrad as sg
from symgrad import trees
from symgrad.derivation import Line, Step
from symgrad.errors import FormulaError, RuleError
from symgrad.indexed import Index
from symgrad.integrals import DefiniteIntegral, IntegrationVariable
from symgrad.numeric.double_exponential import integral
from symgrad.numeric.equalities import check_steps
from symgrad.numeric.high_precision import context, mpf
from symgrad.rules.integrals import FUNDAMENTAL, LEIBNIZ, UNDER_THE_SIGN
from symgrad.symbols import Partial, symbol

# text, variable, the rule of the integral, a point
FORMULAS = [
    ("integral(exp(-t^2), t, 0, x)", "x", FUNDAMENTAL, {"x": 0.7}),
    ("integral(exp(-t^2), t, -inf, x)", "x", FUNDAMENTAL, {"x": 0.7}),
    ("integral(cos(t^2), t, 1, x^3)", "x", FUNDAMENTAL, {"x": 1.1}),
    ("integral(exp(-t^2), t, x, 1)", "x", LEIBNIZ, {"x": 0.4}),
    ("integral(log(t), t, x, x^2)", "x", LEIBNIZ, {"x": 1.8}),
    ("integral(sin(x t)/t, t, 0, x)", "x", LEIBNIZ, {"x": 1.3}),
    ("integral(sin(x t)/t, t, x, x^2)", "x", LEIBNIZ, {"x": 1.3}),
    ("integral(t^(s-1) exp(-t), t, 0, ∞)", "s", UNDER_THE_SIGN, {"s": 2.3}),
    ("integral(sqrt(1 - k^2 sin(t)^2), t, 0, π/2)", "k", UNDER_THE_SIGN, {"k": 0.6}),
    (
        "integral(cos(n t - x sin t), t, 0, π)/π",
        "x",
        UNDER_THE_SIGN,
        {"n": 2.0, "x": 1.7},
    ),
    (
        "integral(nu^3/(exp(b nu/T) - 1), nu, 0, inf)",
        "T",
        UNDER_THE_SIGN,
        {"b": 1.2, "T": 0.8},
    ),
    ("integral(exp(-a t^2), t, -oo, oo)", "a", UNDER_THE_SIGN, {"a": 1.6}),
    ("integral(x t + x^2, t, a, b)", "x", UNDER_THE_SIGN, {"x": 1.0, "a": 0, "b": 2}),
    ("integral(x^2, t, 0, x)", "x", LEIBNIZ, {"x": 1.5}),
    ("integral(t^(s-1)/(exp(t) - 1), t, 0, inf)", "s", UNDER_THE_SIGN, {"s": 2.5}),
    ("integral(abs(x - t), t, 0, 1)", "x", UNDER_THE_SIGN, {"x": 0.25}),
]
IDS = [row[0] for row in FORMULAS]


def number(expr: Any, at: dict[str, float]) -> Any:
    """The oracle: mpmath computes the expression, its integrals by mpmath.quad."""
    return computer(expr)({name: mpmath.mpf(value) for name, value in at.items()})


def computer(expr: Any) -> Any:
    if isinstance(expr, DefiniteIntegral):
        body, lower, upper = map(computer, (expr.body, expr.lower, expr.upper))
        name = expr.index.name

        def quad(at: dict[str, Any]) -> Any:
            span = [lower(at), upper(at)]
            if expr.has(sp.Abs, sp.sign, sp.Piecewise) and span[0] < at["x"] < span[1]:
                span.insert(1, at["x"])  # where abs(x - t) bends
            return mpmath.quad(lambda t: body({**at, name: t}), span)

        return quad
    if isinstance(expr, Index | sp.Symbol):
        name = expr.name
        return lambda at: at[name]
    letters = sp.symbols(f"z:{len(expr.args)}")
    parts = [computer(arg) for arg in expr.args] if not is_choice(expr) else []
    if is_choice(expr):
        return choice(expr)
    whole = expr.func(*letters) if letters else expr
    function = sp.lambdify(letters, whole, "mpmath")
    return lambda at: function(*(part(at) for part in parts))


def is_choice(expr: Any) -> bool:
    return isinstance(expr, sp.Piecewise)


def choice(expr: Any) -> Any:
    cases = [(computer(value), computer(test)) for value, test in expr.args]
    return lambda at: next(value(at) for value, test in cases if test(at))


@pytest.mark.parametrize(("text", "by", "rule", "at"), FORMULAS, ids=IDS)
def test_the_derivative_is_that_of_quad(
    text: str, by: str, rule: str, at: dict[str, float]
) -> None:
    gradient = sg.differentiate(text, by)
    whole = gradient.graph.closed_form()
    with mpmath.workdps(20):
        step = mpmath.mpf("1e-5")
        sides = [number(whole, {**at, by: at[by] + d}) for d in (step, -step)]
        expected = (sides[0] - sides[1]) / (2 * step)
        found = number(gradient.closed_form(by), at)
        # the central difference is good to about step**2
        assert abs(found - expected) < 1e-8 * (1 + abs(expected))


@pytest.mark.parametrize(("text", "by", "rule", "at"), FORMULAS, ids=IDS)
def test_every_line_is_recomputed_and_the_rule_is_named(
    text: str, by: str, rule: str, at: dict[str, float]
) -> None:
    page = sg.explain(text, by, detail="full")
    (check,) = page.checks
    assert str(check[0]).startswith("✓") and "left out" not in str(check[0])
    assert rule in str(page)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("integral(x*t, t, 0, 1)", "integral(t*x, t, 0, 1)"),
        ("integrate(x t, t, 0, π)", "integral(t*x, t, 0, pi)"),
        ("int(x_t*t, t, -inf, 2x)", "integral(t*x_t, t, -oo, 2*x)"),
        ("integral(t, t, -∞, +oo)", "integral(t, t, -oo, oo)"),
        ("integral(1/t, t, (x), [x+1])", "integral(1/t, t, x, x + 1)"),
        ("g(s) = s^2 x; integral(g(t), t, 0, 1)", "integral(t**2*x, t, 0, 1)"),
        ("integral(f(x t, t), t, 0, 1)", "integral(f(t*x, t), t, 0, 1)"),
        (
            "integral(integral(s t, t, 0, s), s, 0, x)",
            "integral(integral(s*t, t, 0, s), s, 0, x)",
        ),
        (
            "integral(sum(w t^i, i, 1, n), t, 0, 1)",
            "integral(sum(t**i*w, i, 1, n), t, 0, 1)",
        ),
    ],
)
def test_reading(text: str, form: str) -> None:
    assert str(sg.formula(text).stages[-1].expr) == form


def test_the_output_does_not_take_the_name_of_a_bound_variable() -> None:
    text = "integral(integral(x y f, f, 0, 1), y, 0, 1)"
    assert sg.formula(text).output.name == "F"
    x, y = sp.symbols("x y")
    assert sg.formula(sp.Integral(x * y, (y, 0, 1))).output.name == "f"


def test_the_variable_of_integration_is_no_name_of_the_graph() -> None:
    graph = sg.formula("a*integral(x*t, t, 0, b)")
    assert [s.name for s in graph.inputs] == ["a", "x", "b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("integral(x)", "4 arguments"),
        ("integral(x, t)", "without bounds"),
        ("integral(x t, 2, 0, 1)", "its variable, a name such as t"),
        ("integral(x t, t, 0, t)", "in its own bound"),
        ("integral(t, t, 0, 1) + t", "a variable elsewhere"),
        ("integral(integral(t, t, 0, 1), t, 0, x)", "bound twice"),
        ("integral(t, t, 0, 1 + oo)", "expected oo or -oo alone"),
        ("x + ∞", "no number"),
        ("h = x t; y = integral(h, t, 0, 1)", "a name elsewhere"),
        ("f(x) = integral(x t, t, 0, 1); integral(f(t), t, 0, 1)", "another letter"),
        ("integral(t > x, t, 0, 1)", "is a condition"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, said: str) -> None:
    with pytest.raises(FormulaError) as caught:
        sg.formula(text)
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "integral(sign(x - t), t, 0, 1)",
        "integral(t if t < x else 0, t, 0, 1)",
        "integral(floor(x t), t, 0, 3)",
        "integral(Heaviside(t - x) exp(-t), t, 0, 2)",
        "integral(1 if x t < 1 else 2, t, 0, 2)",
    ],
)
def test_a_jump_that_moves_is_refused(text: str) -> None:
    """The integral of the derivative would be 0, which is wrong."""
    with pytest.raises(RuleError, match="two integrals"):
        sg.differentiate(text, "x")["x"]


def test_a_choice_that_does_not_jump_is_derived() -> None:
    gradient = sg.differentiate("integral(x - t if t < x else 0, t, 0, 1)", "x")
    with mpmath.workdps(15):
        found = number(gradient.closed_form("x"), {"x": 0.3})
    assert abs(found - 0.3) < 1e-12  # the integral is x^2/2


def page_of(text: str, by: str, **options: Any) -> str:
    return str(sg.explain(text, by, **options))


def test_a_page_tells_the_three_terms_and_what_must_hold() -> None:
    text = page_of("integral(f(x, t), t, g(x), h(x))", "x")
    assert "f(x, h(x)) · d h(x)/dx − f(x, g(x)) · d g(x)/dx" in text
    assert "∫_{g(x)}^{h(x)} ∂ f(x, t)/∂x dt" in text
    for word in ("upper bound", "lower bound", "continuous for t from g(x) to h(x)"):
        assert word in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FORMULAS[0][0], "the bound 0 does not depend on x: no term of this bound"),
        (FORMULAS[0][0], "the integrand does not depend on x: no integral is left"),
        (FORMULAS[0][0], "holds where the integrand is continuous at t = x"),
        ("integral(x t, t, 0, 1)", "the bounds 0 and 1 do not depend on x"),
        ("integral(exp(-x t), t, 0, oo)", "by x converges uniformly in x"),
    ],
)
def test_what_is_zero_and_what_must_hold_is_said(text: str, said: str) -> None:
    assert said in " ".join(page_of(text, "x").split())


def test_a_held_stage_is_not_said_to_be_independent() -> None:
    text = page_of("y = integral(x t, t, 0, u); u = x^2", "x")
    assert "u are held" in text and "u does not depend on x" not in text


@pytest.mark.parametrize(
    ("form", "piece"),
    [
        ("text", "∫_0^{π/2} √(1 − k² sin²(t)) dt"),
        ("latex", r"\int_{0}^{\pi/2}\,\sqrt{1 - k^{2}"),
        ("markdown", r"\int_{0}^{\pi/2}"),
        ("mathml", "<msubsup><mo>∫</mo>"),
        ("html", "<msubsup><mo>∫</mo>"),
        ("json", '"DefiniteIntegral"'),
    ],
)
def test_pages_are_written_in_every_format(form: str, piece: str) -> None:
    assert piece in sg.render(sg.explain(FORMULAS[8][0], "k"), form)


def test_an_integral_is_bracketed_where_it_would_go_on() -> None:
    text = page_of("integral(x t, t, 0, 1)^2/integral(x, t, 0, 1)", "x")
    assert "(∫_0^1 x t dt)²/(∫_0^1 x dt)" in text


@pytest.mark.parametrize(("text", "by", "rule", "at"), FORMULAS, ids=IDS)
def test_expressions_are_stored(
    text: str, by: str, rule: str, at: dict[str, float]
) -> None:
    expr = sg.differentiate(text, by)[by]
    assert trees.from_tree(trees.to_tree(expr)) == expr
    assert pickle.loads(pickle.dumps(expr)) == expr


def test_pages_are_stored(tmp_path: Any) -> None:
    page = sg.explain(FORMULAS[6][0], "x", detail="full")
    assert str(sg.load(page.save(tmp_path / "page.json"))) == str(page)


def wrong(expr: Any) -> bool:
    graph = sg.formula("y = integral(exp(-x*t), t, 0, x)")
    step = Step("integral", Partial(graph.output, symbol("x")), (Line(expr),))
    return bool(check_steps(graph, [step]).failures)


def test_the_check_finds_a_wrong_line() -> None:
    x, t = symbol("x"), IntegrationVariable("t")
    inner = DefiniteIntegral(-t * sp.exp(-x * t), t, sp.S.Zero, x)
    assert not wrong(sp.exp(-(x**2)) + inner)
    assert wrong(inner)
    assert wrong(sp.exp(-(x**2)) - inner)
    assert wrong(sp.exp(-(x**2)) + inner * (1 + sp.Float(1e-9)))
    assert wrong(sp.exp(-(x**2)) + DefiniteIntegral(inner.body, t, sp.S.One, x))


def test_an_integral_that_diverges_is_not_checked_and_that_is_said() -> None:
    ((check,),) = sg.explain("integral(t^2, t, -oo, x)", "x").checks
    assert "not checked" in str(check) and "integrals converge" in str(check)


# --- SymPy ------------------------------------------------------------------------

X, T, S = sp.symbols("x t s")
SYMPY = [
    sp.Integral(sp.exp(-X * T**2), (T, 0, sp.oo)),
    sp.Integral(sp.sin(X * T) / (1 + T), (T, X, X**2)),
    sp.Integral(S * T * X, (T, 0, S), (S, 0, X)),
    X * sp.Integral(sp.exp(-(T**2)), (T, 0, X)) + 1,
    sp.sin(sp.Integral(T**X, (T, 1, 2))),
]


@pytest.mark.parametrize("expr", SYMPY, ids=str)
def test_sympys_integrals(expr: Any) -> None:
    found = sg.differentiate(expr, "x").closed_form("x")
    at = {"x": 0.6}
    expected = sp.diff(expr, X)
    with mpmath.workdps(15):
        told = expected.doit() if expr.has(S) else expected
        told = told.subs(X, sp.Float(0.6, 15)).evalf(15)
        assert abs(number(found, at) - told) < 1e-10 * (1 + abs(told))


@pytest.mark.parametrize(
    "expr",
    [
        sp.Integral(T * X, T),
        sp.Integral(T * X, (T, X)),
        sp.Integral(X, (X, 0, X)),
    ],
    ids=str,
)
def test_sympys_integrals_without_bounds_are_refused(expr: Any) -> None:
    with pytest.raises(FormulaError, match=r"bounds|rename"):
        sg.formula(expr)


def test_an_abstract_integrand_is_filled_in_later() -> None:
    gradient = sg.differentiate("integral(f(x, t), t, 0, x)", "x")
    filled = sg.fill(gradient, f="f(a, b) = exp(-a*b)*sin(a + b)")
    whole = filled.closed_form("x")
    t = sp.Symbol("t", real=True)
    x = sp.Symbol("x", real=True)
    expected = sp.diff(sp.Integral(sp.exp(-x * t) * sp.sin(x + t), (t, 0, x)), x)
    with mpmath.workdps(15):
        told = expected.subs(x, sp.Float(0.8, 15)).evalf(15)
        assert abs(number(whole, {"x": 0.8}) - told) < 1e-10


@pytest.mark.parametrize(
    "text",
    [
        "integral(sin(x t)/t, t, x, x^2)",
        "integral(exp(-x t^2), t, 0, oo)",
        "integral(integral(exp(x s t), t, 0, s), s, 0, x)",
    ],
)
def test_second_derivatives(text: str) -> None:
    gradient = sg.derivative(text, "x", order=2)
    whole = gradient.closed_form("x")
    first = gradient.before.closed_form("x")  # type: ignore[union-attr]
    with mpmath.workdps(20):
        step = mpmath.mpf("1e-5")
        sides = [number(first, {"x": 0.9 + d}) for d in (step, -step)]
        expected = (sides[0] - sides[1]) / (2 * step)
        assert abs(number(whole, {"x": 0.9}) - expected) < 1e-8 * (1 + abs(expected))


def test_second_derivatives_are_tidied() -> None:
    found = sg.derivative("integral(sin(x t)/t, t, x, x^2)", "x", order=2)["x"]
    x = symbol("x")
    assert found.coeff(sp.cos(x**3)) == 8 * x and found.coeff(sp.cos(x**2)) == -3
    assert len(found.args) == 5


def random_formula(chosen: random.Random) -> str:
    bodies = [
        "exp(-x t)",
        "sin(x t + a)",
        "t^2 x",
        "log(1 + x t^2)",
        "1/(1 + x^2 + t^2)",
        "sqrt(2 + a t)",
        "cosh(t/2)",
        "x t exp(-t^2)",
    ]
    sides = ["0", "1", "x", "-x", "x^2", "a", "a x", "sin(x)", "2 - x", "exp(-x)"]
    body = chosen.choice(["({}) ({})", "({}) + {}"]).format(*chosen.sample(bodies, 2))
    lower, upper = chosen.sample(sides, 2)
    return f"integral({body}, t, {lower}, {upper})"


@pytest.mark.parametrize("seed", range(24))
def test_random_integrands_and_bounds(seed: int) -> None:
    text = random_formula(random.Random(seed))
    gradient = sg.differentiate(text, ["x", "a"] if "a" in text[9:] else ["x"])
    whole = gradient.graph.closed_form()
    at = {"x": 0.83, "a": 0.47}
    with mpmath.workdps(20):
        step = mpmath.mpf("1e-5")
        for name in gradient.wrt:
            by = name.name
            sides = [number(whole, {**at, by: at[by] + d}) for d in (step, -step)]
            expected = (sides[0] - sides[1]) / (2 * step)
            found = number(gradient.closed_form(by), at)
            assert abs(found - expected) < 1e-8 * (1 + abs(expected)), text


# --- the quadrature of the checks ---------------------------------------------------


@pytest.mark.parametrize(
    ("body", "lower", "upper", "value"),
    [
        (lambda t: t ** mpf(-0.5), 0, 2, 2 * context.sqrt(2)),
        (lambda t: context.sqrt(1 - t * t), -1, 1, context.pi / 2),
        (
            lambda t: context.exp(-t * t),
            -context.inf,
            context.inf,
            context.sqrt(context.pi),
        ),
        (lambda t: t**3 * context.exp(-t), 0, context.inf, 6),
        (lambda t: context.exp(t), -context.inf, 2, context.exp(2)),
        (lambda t: context.cos(40 * t), 0, 1, context.sin(40) / 40),
        (lambda t: context.sin(t), -1, 1, 0),
        (lambda t: t * t, 3, 1, -mpf(26) / 3),
    ],
    ids=["root", "circle", "gauss", "gamma", "left", "waves", "odd", "backwards"],
)
def test_the_double_exponential_rule(
    body: Any, lower: Any, upper: Any, value: Any
) -> None:
    found = integral(body, mpf(lower), mpf(upper))
    assert abs(found - value) < 1e-16


@pytest.mark.parametrize(
    ("body", "lower", "upper"),
    [
        (lambda t: context.sin(t) / t, 0, context.inf),
        (lambda t: 1 / t, 0, 1),
        (lambda t: 1 / t, 1, context.inf),
        (lambda t: abs(t - mpf(0.3)), 0, 1),
        (lambda t: 1 / (t - mpf(0.3)), 0, 1),
    ],
    ids=["waves", "pole", "log", "kink", "pole inside"],
)
def test_what_does_not_converge_is_nan(body: Any, lower: Any, upper: Any) -> None:
    assert context.isnan(integral(body, mpf(lower), mpf(upper)))
