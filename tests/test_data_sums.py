"""Sums over data in machine code, judged by autograd, exact sums and NumPy."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.errors import ArgumentTypeError, ArgumentValueError, RuleError
from symgrad.numeric.llvm import data_sums

pytest.importorskip("llvmlite", reason="llvmlite is not installed")

from test_axes import FORMULAS, expected, numbers, sized

TOLERANCE = 1e-12  # a few hundred roundings of numbers near 1
SQUARES = "sum((y_i - w*x_i - b)^2, i, 1, n)/n"
ABLE = [
    text
    for text in FORMULAS
    if not data_sums.beyond(sg.lambdify(text, backend="numpy").tape)
]


def needs(backend: str) -> None:
    if backend == "torch":
        pytest.importorskip("torch", reason="PyTorch is not installed")


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Machine code for sums of any length."""
    monkeypatch.setattr(data_sums, "FEW", 0)


def test_most_sums_have_machine_code() -> None:
    assert len(ABLE) > 10


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("text", ABLE)
@pytest.mark.usefixtures("always")
def test_values_and_gradients_are_those_of_autograd(text: str, n: int) -> None:
    function = sg.lambdify(text, backend="llvm")
    at = sized(text, numbers(function.graph, n, n))
    value, grad = function(**at)
    whole, slopes = expected(text, at, function.wrt)
    assert value.shape == () and grad.shape == (len(function.wrt),)
    assert value == pytest.approx(whole, rel=TOLERANCE, abs=TOLERANCE)
    assert grad == pytest.approx(slopes, rel=TOLERANCE, abs=TOLERANCE)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("n", [1024, 1031, 100_003])
def test_long_data(n: int, threads: int) -> None:
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=(2, n))
    function = sg.lambdify(SQUARES, ["w", "b"], backend="llvm")
    value, grad = function(x=x, y=y, w=1.5, b=0.25, threads=threads)
    r = y - 1.5 * x - 0.25
    exact = [math.fsum(r * r) / n, -2 * math.fsum(r * x) / n, -2 * math.fsum(r) / n]
    assert np.allclose([value, *grad], exact, rtol=1e-13, atol=1e-15)


def test_rounding_does_not_grow_with_the_terms() -> None:
    x = np.full(300_000, 0.1)
    value, _ = sg.lambdify("sum(w*x_i, i, 1, n)", backend="llvm")(x=x, w=1.0)
    assert abs(value / math.fsum(x) - 1) < 1e-15


CASES: dict[str, Any] = {
    "strided": lambda x: np.repeat(x, 2)[::2],
    "backward": lambda x: x[::-1].copy()[::-1],
    "read-only": lambda x: np.broadcast_to(x, x.shape),
    "swapped bytes": lambda x: x.astype(">f8"),
    "list": list,
    "integers": lambda x: np.arange(len(x)),
    "float32": lambda x: x.astype(np.float32),
    "unaligned": lambda x: np.frombuffer(b"." + x.tobytes(), np.uint8)[1:].view(float),
}


@pytest.mark.parametrize("case", CASES)
def test_data_in_any_memory(case: str) -> None:
    x = CASES[case](np.linspace(-1.0, 2.0, 2001))
    function = sg.lambdify(SQUARES, ["w", "b"], backend="llvm")
    value, grad = function(x=x, y=np.ones(2001), w=1.5, b=0.25)
    r = 1.0 - 1.5 * np.asarray(x, float) - 0.25
    assert value == pytest.approx(r @ r / 2001, rel=1e-12)
    assert grad[1] == pytest.approx(-2 * r.mean(), rel=1e-12)


def test_single_precision_stays() -> None:
    x = np.linspace(0, 1, 5000, dtype=np.float32)
    function = sg.lambdify("sum(w*x_i^2, i, 1, n)", backend="llvm")
    value, grad = function(x=x, w=np.float32(2))
    assert value.dtype == grad.dtype == np.float32
    assert value == pytest.approx(2 * np.square(x, dtype=float).sum(), rel=1e-6)


def test_results_are_written_where_they_are_wanted() -> None:
    x = np.linspace(0.0, 1.0, 3000)
    function = sg.lambdify(SQUARES, ["w", "b"], backend="llvm")
    out = np.empty(()), np.empty(2)
    found = function(x=x, y=x, w=1.5, b=0.25, out=out)
    assert found[0] is out[0] and found[1] is out[1]
    assert out[0] == function(x=x, y=x, w=1.5, b=0.25)[0]
    few = {"x": x[:4], "y": x[:4], "w": 1.5, "b": 0.25}
    assert function(**few, out=out)[1] is out[1]
    assert np.array_equal(out[1], function(**few)[1])
    with pytest.raises(ArgumentValueError, match="out has shape"):
        function(x=x, y=x, w=1.5, b=0.25, out=(np.empty(2), np.empty(2)))


@pytest.mark.parametrize("few", [True, False], ids=["few", "many"])
@pytest.mark.parametrize(
    ("at", "kind", "said"),
    [
        ({"x": 1.0}, ArgumentTypeError, "missing arguments"),
        ({"x": [1.0] * 2000, "n": 3}, ArgumentValueError, "'x' has 2000 numbers"),
        ({"x": [[[1.0]]] * 2, "n": 0}, ArgumentValueError, "expected 0"),
        ({"x": [1.0] * 2000, "n": 1e300}, ArgumentValueError, "numbers along"),
        ({"x": [1j] * 2000}, ArgumentTypeError, "complex"),
        ({"x": [1.0] * 2000, "threads": 0}, ArgumentValueError, "threads is 0"),
        ({"x": [1.0] * 2000, "threads": "2"}, ArgumentTypeError, "threads is"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_said(at: Any, kind: Any, said: str, few: bool) -> None:
    function = sg.lambdify("sum(w*x_i, i, 1, n)", backend="llvm")
    given = dict(at, w=1.0)
    if few and isinstance(given["x"], list) and len(given["x"]) > 2 and "n" not in at:
        given["x"] = given["x"][:3]
    with pytest.raises(kind, match=said):
        function(**given)


def test_places_outside_the_data_are_refused() -> None:
    function = sg.lambdify("sum(w*x_i, i, m, n)", backend="llvm")
    x = np.ones(3000)
    assert function(x=x, m=2, n=3000, w=1.0)[0] == 2999.0
    with pytest.raises(ArgumentValueError, match="x_-1 is not among x_1 … x_3000"):
        function(x=x, m=-1, n=3000, w=1.0)


@pytest.mark.parametrize("n", [0, 1, 3])
@pytest.mark.usefixtures("always")
def test_short_and_empty_data(n: int) -> None:
    function = sg.lambdify("sum((x_i - w)^2, i, 1, n) + w", backend="llvm")
    value, (slope,) = function(x=np.arange(float(n)), w=0.5)
    assert value == sum((k - 0.5) ** 2 for k in range(n)) + 0.5
    assert slope == sum(-2 * (k - 0.5) for k in range(n)) + 1


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_pass_through(bad: float) -> None:
    x = np.ones(2000)
    x[1234] = bad
    function = sg.lambdify("sum(w*x_i, i, 1, n)", backend="llvm")
    assert np.array_equal(function(x=x, w=1.0)[0], bad, equal_nan=True)


def test_batches_are_their_points() -> None:
    x, w = np.linspace(-1, 1, 2000), np.array([[0.5], [1.5]])
    function = sg.lambdify(SQUARES, ["w", "b"], backend="llvm")
    value, grad = function(x=x, y=x**2, w=w, b=[0.0, 1.0, 2.0])
    assert value.shape == (2, 3) and grad.shape == (2, 2, 3)
    one, slopes = function(x=x, y=x**2, w=1.5, b=2.0)
    assert value[1, 2] == pytest.approx(one) and grad[:, 1, 2] == pytest.approx(slopes)


def test_the_vector_of_scipy() -> None:
    x = np.linspace(-1, 1, 2000)
    function = sg.lambdify(SQUARES, ["w", "b"], layout="vector", backend="llvm")
    value, grad = function(np.array([1.5, 0.25]), y=x**2, x=x)
    r = x**2 - 1.5 * x - 0.25
    assert value == pytest.approx(r @ r / 2000) and grad.shape == (2,)


@pytest.mark.parametrize("place", [1, 700, 2000])
def test_derivatives_by_one_datum(place: int) -> None:
    x, y = np.random.default_rng(1).normal(size=(2, 2000))
    function = sg.lambdify("sum((x_i - w*y_i)^2, i, 1, n)", "x_k", backend="llvm")
    _, (slope,) = function(x=x, y=y, w=0.3, k=place)
    assert slope == pytest.approx(2 * (x - 0.3 * y)[place - 1])


def test_points_pickles_and_modules(tmp_path: Any) -> None:
    x = np.linspace(-1, 1, 2000)
    function = sg.lambdify(SQUARES, ["w", "b"], backend="llvm")
    at = {"x": x, "y": x**2, "w": 1.5, "b": 0.25}
    value, grad = function(**at)
    again = pickle.loads(pickle.dumps(function))(**at)
    assert again[0] == value and np.array_equal(again[1], grad)
    single, slopes = function.point(**at)
    assert type(single) is float and single == pytest.approx(float(value))
    assert slopes == pytest.approx(grad)
    assert "fadd" in function.source and "def block" in function.to_source("python")
    assert function.save(tmp_path / "f.py").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("product(w*x_i, i, 1, n)", "others, product"),
        ("sum(sum(w*x_j, j, 1, i), i, 1, n)", "sums in sums"),
        ("sum(sum(w*a_{i,j}, j, 1, n), i, 1, n)", "data with two indices"),
    ],
)
def test_what_has_no_machine_code_is_named(text: str, said: str) -> None:
    with pytest.raises(RuleError, match=f"no code for .*{said}.*'numpy'"):
        sg.lambdify(text, backend="llvm")
    assert sg.lambdify(text).backend == "numpy"
    assert sg.lambdify(SQUARES, ["w", "b"]).backend == "llvm"


@pytest.mark.parametrize("backend", ["llvm", "numpy"])
def test_no_term_is_lost_beyond_the_whole_numbers_of_single_precision(
    backend: str,
) -> None:
    x = np.zeros((1 << 24) + 1, np.float32)
    x[-1] = 1.0
    value, _ = sg.lambdify("sum(w*x_i, i, 1, n)", backend=backend)(x=x, w=np.float32(3))
    assert value == 3.0 and value.dtype == np.float32


@pytest.mark.parametrize("backend", ["llvm", "torch"])
@pytest.mark.parametrize("n", [3, 2000])
def test_sums_of_what_differs_from_a_sum(n: int, backend: str) -> None:
    needs(backend)
    text = "L = sum((w*x_i - m)^2, i, 1, n); m = sum(x_i^2*w, i, 1, n)"
    x = np.random.default_rng(0).normal(size=n)
    value, grad = sg.lambdify(text, "w", backend=backend)(x=x, w=0.01)
    s = x @ x
    whole = ((0.01 * x - 0.01 * s) ** 2).sum()
    assert float(value) == pytest.approx(whole, rel=1e-11)
    assert float(grad[0]) == pytest.approx(2 * whole / 0.01, rel=1e-11)


@pytest.mark.parametrize("backend", ["llvm", "torch"])
def test_second_derivatives(backend: str) -> None:
    needs(backend)
    text = "1/n*sum((y_i - tanh(w*x_i + b))^2, i, 1, n) + b*w^2"
    x, y = np.random.default_rng(1).normal(size=(2, 2000))
    hessian = sg.hessian(text, ["w", "b"])
    at = {"x": x, "y": y, "w": 0.3, "b": 0.2}
    found = sg.lambdify(hessian, backend=backend)(**at)
    wanted = sg.lambdify(hessian, backend="numpy")(**at)
    for got, same in zip(found, wanted, strict=True):
        assert np.allclose(np.asarray(got), same, rtol=1e-11, atol=1e-13)
