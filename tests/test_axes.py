"""Compiled sums and products, judged by plain loops of autograd's numbers.

The oracle walks the expression and runs every sum as a Python loop; its derivatives
are autograd's. It shares nothing with the tape but the reader.
"""

from __future__ import annotations

import math
import pickle
import warnings
from typing import Any

import autograd
import autograd.numpy
import numpy as np
import pytest
import sympy as sp
from toolchains import output_of

import symgrad as sg
from symgrad.cli import main
from symgrad.errors import ArgumentTypeError, ArgumentValueError, RuleError
from symgrad.indexed import Element, Index, IndexedSum, Reduction

TOLERANCE = 1e-12  # a few hundred roundings of numbers near 1

FORMULAS = [
    "sum((y_i - w*x_i)^2, i, 1, n)",
    "1/n*sum((y_i - tanh(w*x_i + b))^2, i, 1, n) + c*w^2",
    "sum(abs(y_i - w*x_i), i, 1, n)",
    "product(1 + w^2*x_k^2, k, 1, n)",
    "product(w + x_i, i, 1, n)",
    "product(w*b, i, 1, n)",
    "product(w*x_i, i, 2, n)^2 + sum(x_j, j, 1, n)*b",
    "sum(w^2, i, 1, n)",
    "sum(w*b, i, 2, n)",
    "sum(x_j*w^j, j, 0, n)",
    "sum(j^2*x_j*w^(j + 1), j, 0, n)",
    "exp(-sum(w*x_i*sum(x_j*w^j, j, 1, i), i, 1, n)/50)",
    "sum(w*x_i, i, 1, n)/sum(x_i^2 + w^2, i, 1, n)",
    "log(sum(exp(w*x_i), i, 1, n))",
    "z = sum(w*x_i, i, 1, n)/n; L = sum((x_i - z)^2*b, i, 1, n)",
    "sum(product(w + x_j, j, 1, i), i, 1, n)",
    "sum(product(w + x_j + i, j, i, n)*b^i, i, 1, n)",
    "product(sum(w*x_j + b, j, 1, i), i, 1, n)",
    "sum(y_i*sin(w*x_i + i), i, 1, n)",
    "sum(max(0, 1 - y_i*(w*x_i + b)), i, 1, n)/n + w^2",
    "sum(if(x_i > 0, w*x_i, b*log(w - x_i)), i, 1, n)",
    "sum(sum(exp(-(w - x_i + x_j)^2), j, 1, n), i, 1, n)",
    "sum(sum(if(j < i, w*x_i*x_j, b), j, 1, i), i, 1, n - 1 + 1)",
    "sum(sum(sum(w*x_i*y_j + k*b, k, j, i), j, 1, i), i, 1, n)",
    "sum(w*i + b, i, 3, 9) + b*sum(x_i, i, 1, n)",
    "sum(sum(w*x_i, j, 2, i) + product(b*x_j, j, i, 1), i, 1, n)",
    "sum(sum(w*x_i*b^j, j, i, n - 1), i, 1, n)",
    "sum(product(product(j*w, k, i, j)*b, j, 2, n), i, 1, n)",
    "sum((x_{i+1} - w*x_i - b*x_{i-1})^2, i, 2, n - 1)",
    "sum(sum(a_{i,j}*tanh(w*x_i + b*a_{j,i}), j, 1, n), i, 1, n)",
    "sum(w*a_{i,i}*a_{i,1}*b, i, 1, n) + product(w + a_{1,i}, i, 1, n)",
    "sum(sum(a_{i,j}*w^j*x_i, j, 1, i), i, 1, n)",
    "sum(sum(max(w*a_{j,i}, b*x_{j}), j, i, n), i, 1, n)",
    "sum(w^i*b, i, 1, 0) + product(w*i, i, 2, 1) + w",
]


def by_loops(expr: Any, at: dict[str, Any], bound: dict[str, int]) -> Any:
    """The oracle: an expression of autograd's numbers, every sum a loop."""
    if isinstance(expr, Reduction):
        sides = (by_loops(side, at, bound) for side in (expr.lower, expr.upper))
        lower, upper = (int(side) for side in sides)
        adds = isinstance(expr, IndexedSum)
        result = 0.0 if adds else 1.0
        for k in range(lower, upper + 1):
            term = by_loops(expr.body, at, {**bound, expr.index.name: k})
            result = result + term if adds else result * term
        return result
    if isinstance(expr, Element):
        places = [int(by_loops(index, at, bound)) for index in expr.args[1:]]
        found = at[expr.base.name]
        for place in places:
            found = found[place - at["first"]]
        return found
    if isinstance(expr, Index):
        return bound[expr.name]
    if isinstance(expr, sp.Symbol):
        return at[expr.name]
    if isinstance(expr, sp.Integer):
        return int(expr)
    if isinstance(expr, sp.Rational):
        return float(expr)
    if isinstance(expr, sp.Piecewise):
        for value, condition in expr.args:
            if condition == sp.true or by_loops(condition, at, bound):
                return by_loops(value, at, bound)
    parts = [by_loops(arg, at, bound) for arg in expr.args]
    return OPERATIONS[expr.func.__name__](*parts)


OPERATIONS = {
    "Add": lambda *terms: sum(terms),
    "Mul": lambda *factors: math.prod(factors),
    "Pow": lambda u, v: (1.0 * u) ** v,
    "exp": autograd.numpy.exp,
    "log": autograd.numpy.log,
    "sin": autograd.numpy.sin,
    "tanh": autograd.numpy.tanh,
    "Abs": lambda u: abs(u),
    "Max": lambda *u: max(u),
    "StrictGreaterThan": lambda u, v: u > v,
    "StrictLessThan": lambda u, v: u < v,
}


def expected(text: str, at: dict[str, Any], wrt: Any) -> tuple[float, list[float]]:
    """The value and the derivatives of a formula, by loops and by autograd."""
    graph = sg.formula(text)
    first = 0 if ", 0, n)" in text else 1

    def value_of(leaves: dict[str, float]) -> Any:
        names = {**at, **leaves, "first": first}
        for stage in graph.stages:
            names[stage.symbol.name] = by_loops(stage.expr, names, {})
        return names[graph.output.name] * 1.0

    leaves = {name: float(at[name]) for name in wrt}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Output seems independent of input")
        value, slopes = autograd.value_and_grad(value_of)(leaves)
    return float(value), [float(slopes[name]) for name in wrt]


def numbers(graph: Any, seed: int, n: int) -> dict[str, Any]:
    """Random data for a formula; a few of the numbers are 0."""
    chosen = np.random.default_rng(seed)
    at: dict[str, Any] = {"n": n, "w": 1.25, "b": 0.5, "c": 0.25}
    for name in "xy":
        at[name] = chosen.uniform(-1.0, 1.2, n)
    at["a"] = chosen.uniform(-1.0, 1.2, (n, n))
    return {name: at[name] for name in (s.name for s in inputs_of(graph))}


def inputs_of(graph: Any) -> list[Any]:
    return [*graph.inputs, *graph.parameters]


def sized(text: str, at: dict[str, Any]) -> dict[str, Any]:
    """Sums from 0 have one datum more."""
    if ", 0, n)" in text:
        at["x"] = np.concatenate([at["x"], [0.75]])
    return at


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("text", FORMULAS)
def test_values_and_gradients_are_those_of_loops(text: str, n: int) -> None:
    function = sg.lambdify(text)
    at = sized(text, numbers(function.graph, n, n))
    value, grad = function(**at)
    whole, slopes = expected(text, at, function.wrt)
    assert value.shape == ()
    assert np.allclose(value, whole, rtol=TOLERANCE, atol=TOLERANCE)
    assert np.allclose(grad, slopes, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("text", FORMULAS)
def test_forward_and_reverse_agree(text: str) -> None:
    reverse = sg.lambdify(text)
    gradient = sg.differentiate(text, list(reverse.wrt), mode="forward")
    at = sized(text, numbers(reverse.graph, 3, 4))
    forward = sg.lambdify(gradient)
    assert np.allclose(reverse(**at)[1], forward(**at)[1], rtol=TOLERANCE, atol=1e-13)


@pytest.mark.parametrize("text", FORMULAS)
def test_batches_are_their_points(text: str) -> None:
    function = sg.lambdify(text)
    at = sized(text, numbers(function.graph, 1, 3))
    chosen = np.random.default_rng(2)
    many = {
        name: chosen.uniform(0.7, 1.5, (4, 1)) if name == "w" else value
        for name, value in at.items()
    }
    if "x" in at:
        many["x"] = at["x"] * chosen.uniform(0.5, 0.9, (3, 1))
    value, grad = function(**many)
    shape = np.broadcast_shapes((4, 1) if "w" in at else (), (3,) if "x" in at else ())
    assert value.shape == shape and grad.shape == (len(function.wrt), *shape)
    for place in np.ndindex(shape):
        one = dict(at, w=float(many["w"][place[0], 0]))
        if "x" in at:
            one["x"] = many["x"][place[1]]
        single, slopes = function(**one)
        assert np.allclose(value[place], single, rtol=TOLERANCE)
        assert np.allclose(grad[(slice(None), *place)], slopes, rtol=TOLERANCE)


@pytest.mark.parametrize("text", FORMULAS)
def test_gradients_are_judged_at_fifty_digits(text: str) -> None:
    check = sg.check_gradient(text)
    assert check.passed and check.rows and not check.unchecked


@pytest.mark.parametrize("text", FORMULAS)
def test_stages_have_the_values_of_the_function(text: str) -> None:
    function = sg.lambdify(text, wrt=[])
    at = sized(text, numbers(function.graph, 5, 4))
    found = sg.evaluate(text, at)
    output = function.graph.output.name
    assert np.allclose(found[output], function(**at), rtol=TOLERANCE)


@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_a_product_has_its_derivative_where_factors_are_zero(zeros: int) -> None:
    x = np.array([-0.5] * zeros + [2.0, 3.0])
    value, grad = sg.lambdify("product(w + x_i, i, 1, n)")(x=x, w=0.5)
    whole, slopes = expected(
        "product(w + x_i, i, 1, n)", {"x": x, "n": len(x), "w": 0.5}, ["w"]
    )
    assert float(value) == pytest.approx(whole) and grad == pytest.approx(slopes)


def test_a_polynomial_has_its_derivatives_at_zero() -> None:
    text = "sum(a_j*w^j, j, 0, n)"
    a = [5.0, 3.0, 2.0, 7.0]
    value, grad = sg.lambdify(text)(a=a, w=0.0)
    assert (float(value), grad.tolist()) == (5.0, [3.0])
    second = sg.lambdify(sg.derivative(text, "w", order=2))
    value, grad = second(a=a, w=0.0)
    assert (float(value), grad.tolist()) == (3.0, [4.0])
    assert sg.lambdify("sum(i^0*w, i, 0, n)")(n=3, w=2.0)[0] == 8.0


@pytest.mark.parametrize("power", range(2, 33))
def test_a_power_beside_a_sum_has_its_own_slope(power: int) -> None:
    """An exponent is no entry of the program, such as the index of the sum."""
    text = f"v^{power} + sum(a*i^2*w, i, 2, 3)*v"
    _, grad = sg.lambdify(text, ["v", "w"], backend="numpy")(v=0.75, a=2.0, w=3.0)
    expected = [power * 0.75 ** (power - 1) + 13 * 2.0 * 3.0, 13 * 2.0 * 0.75]
    assert grad.tolist() == pytest.approx(expected, rel=1e-12)


def test_a_million_terms_are_one_array() -> None:
    n = 1_000_000
    x = np.linspace(0.0, 1.0, n)
    y = 2 * x + 1
    function = sg.lambdify("sum((y_i - w*x_i - b)^2, i, 1, n)/n")
    value, grad = function(x=x, y=y, w=1.5, b=0.0)
    r = y - 1.5 * x
    exact = [math.fsum(r * r) / n, -2 * math.fsum(r * x) / n, -2 * math.fsum(r) / n]
    assert np.allclose([value, *grad], exact, rtol=1e-14)
    assert function.operations < 20


@pytest.mark.parametrize("axis", ["inner", "outer"])
def test_rounding_does_not_grow_with_the_terms(axis: str) -> None:
    n = 200_000
    x = np.full(n, 0.1)
    text = {
        "inner": "sum(w*x_i, i, 1, n)",
        "outer": "sum(sum(w*x_i, j, 1, 2), i, 1, n)",
    }[axis]
    value, _ = sg.lambdify(text)(x=x, w=1.0)
    factor = 1 if axis == "inner" else 2
    assert abs(value / (factor * math.fsum(x)) - 1) < 1e-14  # naive: 1e-12 and more


def test_second_derivatives() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(2, 9))
    function = sg.lambdify(sg.hessian("sum((y_i - w*x_i - b)^2, i, 1, n)", ["w", "b"]))
    _, matrix = function(x=x, y=y, w=0.3, b=0.1)
    assert np.allclose(matrix, 2 * np.array([[x @ x, x.sum()], [x.sum(), 9]]))
    text = "a = sum(w*x_i, i, 1, n); b = product(w + y_i, i, 1, n)"
    graph = sg.formula(text, name=["a", "b"])
    values, rows = sg.lambdify(sg.jacobian(graph, "w"))(x=x, y=y, w=0.3)
    assert values.shape == (2,) and rows.shape == (2, 1)
    assert np.allclose(rows[0], x.sum())


@pytest.mark.parametrize("place", [1, 2, 4])
def test_derivatives_by_one_datum(place: int) -> None:
    x, y = [1.0, 2.0, 0.5, -0.3], [2.0, 1.0, 0.0, 1.0]
    function = sg.lambdify("product(x_i + w*y_i, i, 1, n)", ["x_k", "w"])
    value, grad = function(x=x, y=y, w=0.3, k=place)
    others = [x[i] + 0.3 * y[i] for i in range(4) if i != place - 1]
    assert grad[0] == pytest.approx(math.prod(others))
    moved = function(x=x, y=y, w=0.3, k=place, x_k=x[place - 1] + 1)[0]
    assert moved - value == pytest.approx(math.prod(others))


def test_float32_stays() -> None:
    x = np.ones((3, 5), np.float32)
    value, grad = sg.lambdify("sum(w*x_i, i, 1, n)")(x=x, w=np.float32(2))
    assert value.dtype == grad.dtype == np.float32 and value.tolist() == [10.0] * 3


def test_the_vector_of_scipy() -> None:
    x = np.array([1.0, 2.0, 4.0])
    text = "sum((y_i - w*x_i - b)^2, i, 1, n)"
    function = sg.lambdify(text, ["w", "b"], layout="vector")
    value, grad = function(np.array([0.5, 1.0]), y=2 * x, x=x)
    assert function.args == ("w", "b", "y", "x", "n")
    assert value == pytest.approx(sum((1.5 * x - 1) ** 2)) and grad.shape == (2,)


def test_modules_and_pickles_keep_the_contract(tmp_path: Any) -> None:
    function = sg.lambdify("sum(product(w + x_j, j, 1, i), i, 1, n)")
    again = pickle.loads(pickle.dumps(function))
    x = [[1.0, 2.0, 3.0], [0.0, -0.5, 1.0]]
    value, grad = function(x=x, w=0.5)
    assert np.array_equal(again(x=x, w=0.5)[1], grad)
    function.save(tmp_path / "module.py")
    code = f"value, grad = module.f(x={x}, w=0.5)\nprint(value.tolist(), grad.tolist())"
    assert output_of(code, tmp_path) == f"{value.tolist()} {grad.tolist()}"


def test_the_source_reads_like_the_formula() -> None:
    source = sg.lambdify("sum((y_i - w*x_i)^2, i, 1, n)", backend="numpy").source
    assert "i = places(1.0, n)" in source
    assert "x_i = elements(x, 'x', (i, 1))" in source
    assert "y_i - w[..., None]*x_i" in source


def test_names_of_helpers_are_free() -> None:
    text = "sum(total*places_i + where, i, 1, elements)"
    value, grad = sg.lambdify(text)(total=2.0, places=[1.0, 3.0], where=1.0)
    assert value == 10.0 and grad.tolist() == [4.0, 2.0]


REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"x": [1.0, 2.0], "n": 3, "w": 1.0}, ArgumentValueError, "'x' has 2 numbers"),
    ({"x": [1.0, 2.0], "n": 1, "w": 1.0}, ArgumentValueError, "'x' has 2 numbers"),
    ({"x": [1.0], "n": 1.5, "w": 1.0}, ArgumentValueError, "'n' is 1.5"),
    ({"x": [1.0], "n": [1, 1], "w": 1.0}, ArgumentValueError, "'n' has shape"),
    ({"x": 1.0, "w": 1.0}, ArgumentTypeError, "missing arguments: n"),
    ({"x": 1.0, "n": 1, "w": 1.0}, ArgumentValueError, "last axis is its index"),
    ({"n": 1, "w": 1.0}, ArgumentTypeError, "missing arguments: x"),
    ({"x": [[1.0], [2.0]], "w": [1.0, 2, 3]}, ArgumentValueError, "broadcast"),
    ({"x": [1.0], "n": math.nan, "w": 1.0}, ArgumentValueError, "'n' is nan"),
]


@pytest.mark.parametrize(("at", "kind", "said"), REFUSED, ids=lambda x: str(x)[:40])
def test_what_does_not_fit_is_said(at: Any, kind: Any, said: str) -> None:
    with pytest.raises(kind, match=said):
        sg.lambdify("sum(w*x_i, i, 1, n)")(**at)


def test_no_length_is_guessed() -> None:
    text = "sum(w*x_i, i, 1, n) + sum(x_i, i, 1, m)"
    function = sg.lambdify(text)
    with pytest.raises(ArgumentTypeError, match="missing arguments: n, m"):
        function(x=[1.0, 2.0], w=1.0)
    assert function(x=[1.0, 2.0], w=1.0, n=2, m=1)[0] == 4.0


def test_two_lengths_that_disagree() -> None:
    with pytest.raises(ArgumentValueError, match="'x' has 2 numbers along axis -1"):
        sg.lambdify("sum(y_i - w*x_i, i, 1, n)")(y=[1.0, 2.0, 3.0], x=[1.0, 2.0], w=1.0)


@pytest.mark.parametrize(
    "text", ["sum(sum(w*i*j, i, 1, n), j, 1, n)", "sum(w*i, i, 1, n)"]
)
def test_memory_is_bounded(text: str) -> None:
    with pytest.raises(ArgumentValueError, match="134,217,728"):
        sg.lambdify(text)(n=10**9, w=1.0)


@pytest.mark.parametrize("by", ["x", "n"])
def test_all_data_and_bounds_are_no_variables(by: str) -> None:
    with pytest.raises(RuleError, match=repr(by)):
        sg.lambdify("sum(w*x_i, i, 1, n)", by)


def test_numbers_stand_under_the_symbols_of_a_page() -> None:
    at = {"x": [1.0, 2.0, 3.0], "y": [2.0, 3.0, 5.0], "w": 1.5}
    page = sg.explain("sum((y_i - w*x_i)^2, i, 1, n)", "w", at=at)
    text = str(page)
    assert "x = (1, 2, 3)" in text
    assert "Σ_{i=1}^{3} (y_i − 1.5 · x_i)² ≈ 0.5" in text
    assert "≈ −2 · Σ_{i=1}^{3} x_i · (y_i − 1.5 · x_i) ≈ −4" in text
    assert "∑" in sg.render(page, "html") and sg.render(page, "latex")
    assert str(pickle.loads(pickle.dumps(page))) == text


def test_points_with_data_are_checked() -> None:
    at = {"x": [1.0, 2.0, 3.0], "y": [2.0, 3.0, 5.0], "w": 1.5}
    check = sg.check_gradient("sum((y_i - w*x_i)^2, i, 1, n)", at)
    assert check.passed and check.rows[0].expected == pytest.approx(-4.0)
    gradient = sg.differentiate("sum((y_i - w*x_i)^2, i, 1, n)", "w")
    assert sg.check_gradient(gradient, at).passed


def test_a_wrong_gradient_of_a_sum_is_found() -> None:
    function = sg.lambdify("sum((y_i - w*x_i)^2, i, 1, n)")
    wrong = sg.lambdify("sum((y_i - w*x_i)^2 + 1e-6*w, i, 1, n)")
    wrong.graph = function.graph
    assert not sg.check_gradient(wrong).passed


def test_places_of_data_are_read() -> None:
    graph = sg.formula("sum(sum(w_i_j*x_{j + 1}, j, 1, m), i, 1, n)")
    assert [name.name for name in graph.inputs] == ["w", "x", "m", "n"]
    assert {str(e) for e in graph.stages[0].expr.atoms(Element)} == {
        "w_{i,j}",
        "x_{j+1}",
    }
    assert sg.formula(str(graph.stages[0].expr)).stages == graph.stages
    page = sg.explain("sum((x_{i+1} - w*x_i)^2, i, 1, n-1)", "w")
    assert "x_{i+1} − w x_i" in str(page)
    assert "x_{i+1}" in sg.render(page, "latex")
    assert "<mi>i</mi><mo>+</mo><mn>1</mn>" in sg.render(page, "mathml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x_{i+1} + 2", "datum of a sum over i"),
        ("x_{i-1} = 3", "cannot be defined"),
        ("sum(x_{i,b}*w, i, 1, n)", "has the index b"),
    ],
)
def test_places_without_a_sum_are_refused(text: str, said: str) -> None:
    with pytest.raises(sg.FormulaError, match=said):
        sg.formula(text)


def test_data_need_one_number_of_indices() -> None:
    with pytest.raises(RuleError, match="with 1 and with 2 indices"):
        sg.lambdify("sum(w*x_i, i, 1, n) + sum(sum(x_{i,j}, i, 1, n), j, 1, n)")


def test_matrices_are_filled_by_row() -> None:
    a = np.arange(6.0).reshape(2, 3)
    function = sg.lambdify("sum(sum(w*a_{i,j}*x_j*i, j, 1, m), i, 1, n)")
    value, _ = function(a=a, x=[1.0, 10.0, 100.0], w=1.0)
    assert value == 210 + 2 * 543
    many, _ = function(a=np.stack([a, 2 * a]), x=[1.0, 10.0, 100.0], w=1.0)
    assert many.tolist() == [value, 2 * value]
    with pytest.raises(ArgumentValueError, match="two axes"):
        function(a=[1.0], x=[1.0], w=1.0, m=1, n=1)


def test_derivatives_of_recurrences_by_one_datum() -> None:
    x = [1.0, 3.0, -2.0, 5.0]
    function = sg.lambdify("sum((x_{i+1} - x_i)^2, i, 1, n - 1)", "x_k")
    slopes = [float(function(x=x, k=k)[1][0]) for k in (1, 2, 3, 4)]
    assert slopes == [-4.0, 2 * (2 + 5), -2 * (5 + 7), 14.0]


def test_operations_count_once_for_all_terms() -> None:
    text = "sum((y_i - w*x_i)^2, i, 1, n)"
    assert sg.lambdify(text, wrt=[]).operations == 4  # *, −, ², Σ
    counts = sg.operation_counts(text, "w")
    assert list(counts.values()) == [(5, 5)]  # −2 Σ x_i (y_i − w x_i)


def test_points_of_the_command_line(capsys: Any) -> None:
    text = "sum(w*x_i, i, 1, n)"
    assert main(["check", text, "--at", "x=[1, 2.5], w=3"]) == 0
    assert "x = (1, 2.5), n = 2, w = 3" in capsys.readouterr().out
    assert main(["check", text, "--at", "x=[1, true], w=3"]) == 2
    assert "not of the form" in capsys.readouterr().err


def test_a_formula_of_data_alone_has_a_value_and_no_variable() -> None:
    function = sg.lambdify("sum(x_i^2, i, 1, n)/n")
    assert function.wrt == () and function(x=[3.0, 4.0]) == 12.5


@pytest.mark.parametrize("form", ["one point", "a batch of data"])
def test_an_array_of_places_gives_the_whole_gradient(form: str) -> None:
    text = "sum((y_i - w*x_i)^2, i, 1, n)/n + b*product(x_i, i, 1, n)"
    chosen = np.random.default_rng(3)
    rows = chosen.uniform(0.5, 1.5, (1 if form == "one point" else 3, 5))
    y = chosen.uniform(0.5, 1.5, 5)
    function = sg.lambdify(text, "x_k")
    data = rows[0] if form == "one point" else rows[:, None]
    _, (grad,) = function(y=y, x=data, w=0.5, b=2.0, k=np.arange(1, 6))
    for row, found in zip(rows, np.atleast_2d(grad), strict=True):
        wanted = -(y - 0.5 * row) / 5 + 2.0 * row.prod() / row
        assert found == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("k", [0, 4, 1.5, [1, 4], math.nan], ids=str)
def test_places_that_are_none_of_the_data_are_refused(k: Any) -> None:
    function = sg.lambdify("sum(x_i^2, i, 1, n)", "x_k")
    with pytest.raises(ArgumentValueError, match=r"'k' is .* among x_1 … x_3"):
        function(x=[1.0, 2.0, 3.0], k=k)


def test_the_error_names_the_call_that_works() -> None:
    text = "sum(x_i^2, i, 1, n)"
    for call in (lambda: sg.lambdify(text, "x"), lambda: sg.explain(text, "x")):
        with pytest.raises(RuleError, match=r"wrt='x_k'.*lambdify.*k=…"):
            call()


@pytest.mark.parametrize(
    ("order", "slope"), [(1, "3"), (2, "4"), (3, "42")], ids=["1st", "2nd", "3rd"]
)
def test_numbers_at_zero_stand_under_the_powers_of_an_index(
    order: int, slope: str
) -> None:
    gradient = sg.derivative("sum(a_j*w^j, j, 0, n)", "w", order=order)
    page = str(sg.explain(gradient, at={"a": [5.0, 3.0, 2.0, 7.0], "w": 0.0}))
    assert "nan" not in page and f"≈ {slope}\n" in page


def test_zero_to_the_power_of_an_index_has_its_number() -> None:
    text = "sum(i^0*w^i, i, 0, n)"
    page = str(sg.explain(text, "w", at={"n": 3, "w": 0.0}))
    assert "nan" not in page and "≈ 1\n" in page


@pytest.mark.parametrize(
    ("text", "operations"),
    [("sum(A*exp(-k*x_i)*y_i, i, 1, n)", 10), ("sum(A*w^2*x_i*y_i, i, 1, n)", 9)],
)
def test_factors_that_stay_are_multiplied_once(text: str, operations: int) -> None:
    names = [name for name in "Akw" if name in text.replace("exp", "")]
    assert sg.lambdify(text, names, backend="numpy").operations == operations


@pytest.mark.parametrize(
    ("text", "at", "value"),
    [
        ("sum(x_i/m, i, 1, n)", {"x": np.zeros(0), "m": 0.0}, 0.0),
        ("sum(x_i*exp(m), i, 1, n)", {"x": np.zeros(0), "m": 1e3}, 0.0),
        ("sum(sum(x_j/(i-1), j, 1, i-1), i, 1, 3)", {"x": [4.0, 2.0]}, 7.0),
    ],
)
def test_what_may_be_infinite_stays_in_a_sum_of_no_terms(
    text: str, at: dict[str, Any], value: float
) -> None:
    f = sg.lambdify(text, [], backend="numpy")
    assert float(f(**at)) == value
