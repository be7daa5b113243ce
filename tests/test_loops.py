"""Sums and products for single numbers: loops judged by autograd, exact sums, NumPy."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
from test_axes import FORMULAS, expected, numbers, sized
from toolchains import output_of

import symgrad as sg
from symgrad.errors import ArgumentTypeError, ArgumentValueError

TOLERANCE = 1e-12  # a few hundred roundings of numbers near 1
SQUARES = "sum((y_i - w*x_i - b)^2, i, 1, n)/n"


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("text", FORMULAS)
def test_values_and_gradients_are_those_of_autograd(text: str, n: int) -> None:
    function = sg.lambdify(text, backend="math")
    at = sized(text, numbers(function.graph, n, n))
    value, grad = function(**at)
    whole, slopes = expected(text, at, function.wrt)
    assert type(value) is float and all(type(slope) is float for slope in grad)
    assert value == pytest.approx(whole, rel=TOLERANCE, abs=TOLERANCE)
    assert grad == pytest.approx(slopes, rel=TOLERANCE, abs=TOLERANCE)


@pytest.mark.parametrize("kind", [list, tuple, np.array], ids=lambda k: k.__name__)
def test_data_may_be_lists_tuples_and_arrays(kind: Any) -> None:
    function = sg.lambdify(SQUARES, ["w", "b"], backend="math")
    x, y = kind([1.0, 2.0, 4.0]), kind([2.0, 1.0, 0.5])
    assert function(y=y, x=x, w=0.5, b=1.0) == function.point(
        n=3, y=y, x=x, w=0.5, b=1.0
    )
    assert function(y=y, x=x, w=0.5, b=1.0)[0] == pytest.approx((0.25 + 1 + 6.25) / 3)


def test_rounding_does_not_grow_with_the_terms() -> None:
    x = [0.1] * 100_000 + [1e16, 1.0, -1e16]
    value, (slope,) = sg.lambdify("sum(w*x_i, i, 1, n)", backend="math")(x=x, w=1.0)
    assert value == slope == math.fsum(x)


def test_a_matrix_is_a_list_of_lists() -> None:
    function = sg.lambdify(
        "sum(sum(w*a_{i,j}*x_j*i, j, 1, m), i, 1, n)", backend="math"
    )
    a = [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert function(a=a, x=(1.0, 10.0, 100.0), w=1.0)[0] == 210 + 2 * 543


def test_the_vector_of_scipy() -> None:
    function = sg.lambdify(SQUARES, ["w", "b"], layout="vector", backend="math")
    x, y = [1.0, 2.0, 4.0], [2.0, 1.0, 0.5]
    numpy = sg.lambdify(SQUARES, ["w", "b"], layout="vector", backend="numpy")
    value, grad = function([0.5, 1.0], y=y, x=x)
    assert value == pytest.approx(numpy([0.5, 1.0], y=y, x=x)[0], rel=TOLERANCE)
    assert grad == pytest.approx(numpy([0.5, 1.0], y=y, x=x)[1], rel=TOLERANCE)


@pytest.mark.parametrize("place", [1, 2, 4])
def test_derivatives_by_one_datum(place: int) -> None:
    x, y = [1.0, 2.0, 0.5, -0.3], [2.0, 1.0, 0.0, 1.0]
    text = "product(x_i + w*y_i, i, 1, n)"
    function = sg.lambdify(text, ["x_k", "w"], backend="math")
    _, grad = function(x=x, y=y, w=0.3, k=place)
    others = [x[i] + 0.3 * y[i] for i in range(4) if i != place - 1]
    assert grad[0] == pytest.approx(math.prod(others))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("sum(log(w*x_i), i, 1, n)", {"x": [1.0, -1.0], "w": 1.0}),
        ("sum(exp(w*x_i), i, 1, n)", {"x": [1000.0, 1.0], "w": 1.0}),
        ("sum(w/x_i, i, 1, n)", {"x": [0.0, 1.0], "w": 1.0}),
        ("sum(w*x_i, i, 1, n)", {"x": [math.inf, 1.0], "w": 1.0}),
        ("sum(w*x_i, i, 1, n)", {"x": [math.inf, -math.inf], "w": 1.0}),
        ("sum(w*x_i, i, 1, n)", {"x": [], "w": 1.0}),
    ],
    ids=["log", "overflow", "division", "infinite", "opposite", "empty"],
)
def test_where_math_gives_up_the_numbers_are_those_of_numpy(text: str, at: Any) -> None:
    value, grad = sg.lambdify(text, backend="math")(**at)
    same, slopes = sg.lambdify(text, backend="numpy")(**at)
    assert np.array_equal([value, *grad], [same, *slopes], equal_nan=True)


REFUSED: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    ("x_i", {"x": [1.0, 2.0], "n": 3}, ArgumentValueError, "'x' has 2 numbers"),
    ("x_i", {"x": [1.0], "n": 1.5}, ArgumentValueError, "'n' is 1.5"),
    ("x_i", {"x": [[1.0], [2.0]]}, ArgumentTypeError, "one point"),
    ("x_i", {"x": [1.0, "a"]}, ArgumentTypeError, "dtype"),
    ("x_i", {"x": None, "n": 1}, ArgumentTypeError, "NoneType"),
    ("x_i", {"n": 1}, ArgumentTypeError, "missing arguments: x"),
    ("x_{i - 2}", {"x": [1.0] * 3, "n": 2}, ArgumentValueError, "'x' has 3"),
    ("i", {"n": 10**9}, ArgumentValueError, "134,217,728"),
]


@pytest.mark.parametrize(
    ("term", "at", "kind", "said"), REFUSED, ids=lambda x: str(x)[:30]
)
def test_what_does_not_fit_is_said(term: str, at: Any, kind: Any, said: str) -> None:
    with pytest.raises(kind, match=said):
        sg.lambdify(f"sum(w*{term}, i, 1, n)", backend="math")(**at, w=1.0)


def test_no_place_before_the_first_is_read() -> None:
    function = sg.lambdify("sum(w*x_i, i, m, n)", backend="math")
    assert function(x=[1.0, 2.0, 4.0], m=2, n=3, w=1.0)[0] == 6.0
    with pytest.raises(ArgumentValueError, match="x_-1 is not among x_1 … x_3"):
        function(x=[1.0, 2.0, 4.0], m=-1, n=3, w=1.0)


def test_modules_and_pickles_keep_the_contract(tmp_path: Any) -> None:
    text = "sum(product(w + x_j, j, 1, i), i, 1, n)"
    function = sg.lambdify(text, backend="math")
    again = pickle.loads(pickle.dumps(function))
    x = [1.0, 2.0, 3.0]
    assert again(x=x, w=0.5) == function(x=x, w=0.5)
    function.save(tmp_path / "module.py")
    code = f"print(module.f(x={x}, w=0.5), module.f(x=[1e200, 1e200], w=1.0)[0])\n"
    assert output_of(code, tmp_path) == f"{function(x=x, w=0.5)} inf"


def test_the_source_reads_like_the_formula() -> None:
    source = sg.lambdify("sum((y_i - w*x_i)^2, i, 1, n)", backend="math").source
    assert "    for i in places_1:\n        x_i = x[i - 1]\n" in source
    assert "y_i - w*x_i" in source and "fsum(" in source


def test_names_of_helpers_are_free() -> None:
    text = "sum(span*others_i + within, i, 1, fsum)"
    function = sg.lambdify(text, backend="math")
    assert function(span=2.0, others=[1.0, 3.0], within=1.0) == (10.0, (4.0, 2.0))
