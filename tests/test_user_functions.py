"""A user's own function, from its definition to pages, programs and files."""

from __future__ import annotations

import copy
import importlib.util
import math
import pickle
from pathlib import Path

import mpmath
import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.user_functions import _class_of

SAT = sg.function("sat", "u/(1+u^2)", derivative="(1-u^2)/(1+u^2)^2")
x = sp.Symbol("x", real=True)


def by_hand(a: float, t: float) -> tuple[float, float]:
    """a·sat(t²) and its derivative by t, written by hand."""
    s = t * t
    return a * s / (1 + s * s), a * (1 - s * s) / (1 + s * s) ** 2 * 2 * t


@pytest.fixture(scope="module")
def graph() -> sg.Graph:
    return sg.formula("a*sat(t^2)", functions=[SAT])


@pytest.mark.parametrize("backend", ["numpy", "math"])
def test_a_program_has_the_value_and_the_derivative(
    graph: sg.Graph, backend: str
) -> None:
    f = sg.lambdify(graph, ["t"], backend=backend)
    for a, t in ((2.0, 0.3), (-1.0, 1.7), (0.5, -40.0)):
        value, grad = f(a, t)
        assert (float(value), float(grad[0])) == pytest.approx(by_hand(a, t), rel=1e-14)


@pytest.mark.parametrize("backend", ["numpy", "math"])
def test_a_saved_module_and_a_pickle_have_it(
    graph: sg.Graph, backend: str, tmp_path: Path
) -> None:
    f = sg.lambdify(graph, ["t"], backend=backend)
    f.save(tmp_path / "own.py")
    spec = importlib.util.spec_from_file_location("own", tmp_path / "own.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    saved = module.f
    for each in (saved, pickle.loads(pickle.dumps(f))):
        assert float(each(2.0, 0.3)[1][0]) == pytest.approx(by_hand(2.0, 0.3)[1])


def test_the_given_derivative_is_the_one_that_runs() -> None:
    """By its formula the derivative at 0 is 0·∞; the derivative given is not."""
    own = sg.function("own", "sqrt(u^4)", derivative="2*u")
    graph = sg.formula("own(x)", functions=[own])
    plain = sg.formula("sqrt(x^4)")
    for backend in ("numpy", "math"):
        assert float(sg.lambdify(graph, backend=backend)(0.0)[1][0]) == 0.0
        assert math.isnan(float(sg.lambdify(plain, backend=backend)(0.0)[1][0]))


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_the_page_says_the_function_and_its_derivative(
    graph: sg.Graph, mode: str
) -> None:
    gradient = sg.differentiate(graph, "t", mode=mode)
    page = sg.explain(gradient, detail="full")
    text = str(page)
    assert "derivative of sat" in text
    assert "sat(u) = u/(u² + 1)" in text
    assert page.checks and "NOT TRUE" not in text
    told = sp.lambdify(sp.symbols("a t", real=True), gradient.closed_form("t"))
    assert told(2.0, 0.3) == pytest.approx(by_hand(2.0, 0.3)[1])


@pytest.mark.parametrize("format", ["text", "markdown", "latex", "mathml", "html"])
def test_every_renderer_writes_its_name(graph: sg.Graph, format: str) -> None:
    assert "sat" in sg.render(sg.explain(graph, "t"), format)


def test_a_page_comes_back_from_json(graph: sg.Graph, tmp_path: Path) -> None:
    page = sg.explain(graph, "t", detail="full")
    page.save(tmp_path / "page.json")
    assert str(sg.load(tmp_path / "page.json")) == str(page)


@pytest.mark.parametrize(
    "again", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))]
)
def test_graphs_and_nodes_can_be_copied(graph: sg.Graph, again: object) -> None:
    assert callable(again)
    assert again(graph) == graph
    assert again(SAT) == SAT
    node = 3 * SAT(2 * x) + 1
    assert again(node) == node


def test_equal_definitions_are_one_function() -> None:
    node = SAT(x)
    _class_of.cache_clear()
    twin = sg.function("sat", "t/(1+t^2)", derivative="(1-t^2)/(1+t^2)^2")
    assert twin == SAT
    assert twin(x) == node
    assert hash(twin(x)) == hash(node)
    other = sg.function("sat", "u/(2+u^2)")
    assert other(x) != node


def test_it_works_in_sympy_expressions() -> None:
    graph = sg.formula(x * SAT(x) ** 2)
    assert sg.evaluate(graph, {"x": 3})["y"] == pytest.approx(3 * 0.09)
    assert sg.check_gradient(graph)
    assert float(SAT(3).evalf()) == pytest.approx(0.3)
    assert float(SAT(x).diff(x).subs(x, 3)) == pytest.approx(-0.08)


def test_without_a_derivative_it_is_derived() -> None:
    soft = sg.function("soft", "log(1 + exp(k*t))")
    graph = sg.formula("soft(b, c)", functions=[soft])
    found = sg.lambdify(graph, ["b", "c"])(0.4, 1.5)[1]
    # the arguments are k and t, in the order of their first appearance
    for place, value in enumerate(found):
        true = mpmath.diff(
            lambda k, t: mpmath.log(1 + mpmath.exp(k * t)),
            (0.4, 1.5),
            (1 - place, place),
        )
        assert float(value) == pytest.approx(float(true), rel=1e-12)


def test_the_order_of_the_arguments_can_be_fixed() -> None:
    own = sg.function("own", "own(v, u) = u*v^2", derivative=["2*u*v", "v^2"])
    graph = sg.formula("own(x, y)", functions=[own])
    value, grad = sg.lambdify(graph, ["x", "y"])(2.0, 5.0)
    assert (float(value), *map(float, grad)) == (20.0, 20.0, 4.0)
    assert sg.check_gradient(graph)


def test_functions_may_use_functions() -> None:
    double = sg.function("double", "2*sat(u)", functions=[SAT])
    graph = sg.formula("z = double(y); y = sat(x)", functions=[SAT, double])
    assert sg.check_gradient(graph)
    assert pickle.loads(pickle.dumps(graph)) == graph
    hessian = sg.hessian(graph, ["x"])

    def plain(t: float) -> float:
        inner = t / (1 + t * t)
        return 2 * inner / (1 + inner * inner)

    found = sg.lambdify(hessian, backend="math")(0.7)[1]
    second = float(mpmath.diff(plain, 0.7, 2))
    assert float(np.ravel(found)[0]) == pytest.approx(second, rel=1e-8)


def test_both_sweeps_agree_inside_branches() -> None:
    graph = sg.formula("sat(x)*y if x > 0 else sat(x*y)", functions=[SAT])
    f = sg.lambdify(graph, ["x", "y"])
    xs = np.array([-2.0, -0.3, 0.4, 3.0])
    _, grad = f(xs, 1.3)
    for k, t in enumerate(xs):
        s = t if t > 0 else 1.3 * t
        slope = (1 - s * s) / (1 + s * s) ** 2 * 1.3
        assert grad[0][k] == pytest.approx(slope, rel=1e-13)


# --- without a formula --------------------------------------------------------------


def test_without_a_formula_it_can_be_derived_but_not_run() -> None:
    own = sg.function("own", derivative="1/(s^4 + 1)")
    graph = sg.formula("own(3*x)", functions=[own])
    page = sg.explain(graph, "x", detail="full")
    assert "derivative of own" in str(page)
    assert "own has no formula" in str(page)
    assert str(sg.differentiate(graph, "x").closed_form("x")) == "3/(81*x**4 + 1)"
    for call in (
        lambda: sg.lambdify(graph),
        lambda: sg.evaluate(graph, {"x": 1}),
    ):
        with pytest.raises(sg.RuleError, match="own has no value"):
            call()
    with pytest.raises(sg.SymgradError):
        sg.check_gradient(graph)


# --- what is refused ---------------------------------------------------------------


def test_a_wrong_derivative_is_an_error_that_shows_the_point() -> None:
    with pytest.raises(
        sg.FormulaError, match=r"disagrees .* at u = -?[\d.]+: "
    ) as told:
        sg.function("sat", "u/(1+u^2)", derivative="(1+u^2)/(1+u^2)^2")
    assert "was found by differences" in str(told.value)
    with pytest.raises(sg.FormulaError, match="by v disagrees"):
        sg.function("g2", "u*v^2", derivative=["v^2", "u*v"])


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: sg.function("tanh", "u"), "meaning already"),
        (lambda: sg.function("a b", "u"), "no name"),
        (lambda: sg.function("own"), "neither"),
        (lambda: sg.function("own", "a+b+c+d+p+q+r+s+t"), "9 arguments"),
        (lambda: sg.function("own", "3"), "0 arguments"),
        (lambda: sg.function("own", "u*v", derivative="v"), "1 derivatives"),
        (lambda: sg.function("own", "u^2", derivative="2*w"), "no argument"),
        (lambda: sg.function("own", "u^2", derivative=object()), "derivative is"),
        (lambda: sg.formula("sat(x, y)", functions=[SAT]), "1 argument"),
        (lambda: sg.formula("sat + 1", functions=[SAT]), "function"),
        (lambda: sg.formula("sat = 2*x", functions=[SAT]), "rename"),
        (lambda: sg.formula("sat(t) = t; sat(x)", functions=[SAT]), "rename"),
        (lambda: sg.formula("sat(x)", functions=[SAT, SAT]), "same name"),
        (lambda: sg.formula("sat(x)", functions=SAT), "list of functions"),
        (lambda: sg.formula("sat(x)", functions=["sat"]), "symgrad.function"),
        (lambda: sg.formula(x**2, functions=[SAT]), "for a text"),
        (lambda: SAT(x, x), "takes 1 argument"),
        (lambda: SAT("x"), "expected SymPy"),
    ],
)
def test_what_is_refused(call: object, match: str) -> None:
    assert callable(call)
    with pytest.raises(sg.SymgradError, match=match):
        call()


def test_nothing_is_registered() -> None:
    with pytest.raises(sg.UnknownNameError):
        sg.formula("sat(x)")


def test_functions_of_many_arguments() -> None:
    box = sg.function("box", "box(a, b, c, d) = a*b^2*sin(c) + d^3")
    graph = sg.formula("box(x, 2x, x^2, z)", functions=[box])
    x, z = 0.7, 0.4
    value, (slope,) = sg.lambdify(graph, "x", backend="math")(x, z)
    inner = 4 * x**3 * math.sin(x**2)
    assert value == pytest.approx(inner + z**3, rel=1e-14)
    true = 12 * x**2 * math.sin(x**2) + 8 * x**4 * math.cos(x**2)
    assert slope == pytest.approx(true, rel=1e-13)
    assert "∂ box(u, v, w, p)/∂w = u v² cos(w)" in str(sg.explain(graph, "x"))
    second = sg.hessian(sg.formula("box(x, y, z, t)", functions=[box]))
    assert str(second.closed_form(("y", "z"))) == "2*x*y*cos(z)"


def test_second_derivatives_come_from_the_derivative_that_was_given() -> None:
    rows = ["b*sin(c)", "a*sin(c)", "cos(c)*a*b"]
    three = sg.function("three", "three(a, b, c) = a*b*sin(c)", derivative=rows)
    second = sg.hessian(sg.formula("three(x, y, z)", functions=[three]))
    assert str(second.closed_form(("z", "z"))) == "-x*y*sin(z)"


def test_too_many_arguments_are_counted() -> None:
    with pytest.raises(sg.ArgumentValueError, match="9 arguments; expected 1 to 8"):
        sg.function("many", "a+b+c+d+p+q+r+s+t")
