"""Sums and products over an index with JAX, PyTorch and CuPy's stand-in.

Judged by plain loops of PyTorch numbers (test_axes.py) and by the derivatives that JAX
and PyTorch take themselves of functions written by hand here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.errors import ArgumentTypeError, ArgumentValueError

pytest.importorskip("torch", reason="PyTorch is not installed")

import torch
from test_axes import FORMULAS, expected, numbers, sized

TOLERANCE = 1e-12  # a few hundred roundings of numbers near 1
TEXT = "sum((y_i - tanh(w*x_i + b))^2, i, 1, n)/n + product(w + x_i, i, 1, n)"
X, Y = np.random.default_rng(5).uniform(-0.9, 0.9, (2, 6))
SOME = [*FORMULAS[:6], *FORMULAS[9:30:4], FORMULAS[28], FORMULAS[-1]]


@pytest.fixture
def jax() -> Any:
    package = pytest.importorskip("jax", reason="JAX is not installed")
    package.config.update("jax_enable_x64", True)
    return package


@pytest.fixture
def cupy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """NumPy for CuPy, as no GPU is at hand."""
    from symgrad.numeric import cupy_arrays

    monkeypatch.setitem(__import__("sys").modules, "cupy", np)
    cupy_arrays.load_cupy.cache_clear()
    yield
    cupy_arrays.load_cupy.cache_clear()


def judge(text: str, backend: str, n: int) -> None:
    function = sg.lambdify(text, backend=backend)
    at = sized(text, numbers(function.graph, n, n))
    value, grad = function(**at)
    whole, slopes = expected(text, at, function.wrt)
    assert value.shape == () and grad.shape == (len(function.wrt),)
    close(value, whole)
    close(grad, slopes)


def close(found: Any, wanted: Any) -> None:
    assert np.allclose(np.asarray(found), wanted, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("text", FORMULAS)
def test_pytorch_has_the_values_of_loops(text: str) -> None:
    judge(text, "torch", 5)


@pytest.mark.parametrize("text", SOME)
def test_jax_has_the_values_of_loops(text: str, jax: Any) -> None:
    with jax.disable_jit():  # single operations, which compile faster
        judge(text, "jax", 5)


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.usefixtures("cupy")
def test_cupy_has_the_values_of_loops(text: str) -> None:
    judge(text, "cupy", 5)


def by_hand(package: Any, w: Any, b: Any, x: Any) -> Any:
    squares = (package.asarray(Y) - package.tanh(w * x + b)) ** 2
    return squares.sum() / 6 + package.prod(w + x)


def test_jax_transforms_them(jax: Any) -> None:
    f = sg.lambdify(TEXT, ["w", "b"], backend="jax")
    x = jax.numpy.asarray(X)

    def value(w: Any, b: Any, x: Any) -> Any:
        return f(y=Y, x=x, w=w, b=b)[0]

    def same(w: Any, b: Any, x: Any) -> Any:
        return by_hand(jax.numpy, w, b, x)

    every = (0, 1, 2)  # by all data at once too
    found = jax.jit(jax.grad(value, every))(0.7, 0.2, x)
    for got, wanted in zip(found, jax.grad(same, every)(0.7, 0.2, x), strict=True):
        close(got, wanted)
    close(jax.hessian(value)(0.7, 0.2, x), jax.hessian(same)(0.7, 0.2, x))
    many = jax.numpy.asarray([0.1, 0.7, 0.9])
    one_by_one = jax.vmap(value, (0, None, None))(many, 0.2, x)
    close(one_by_one, f(y=Y, x=x, w=many, b=0.2)[0])
    close(one_by_one, [same(w, 0.2, x) for w in many])


def test_bounds_are_known_when_jax_traces(jax: Any) -> None:
    f = sg.lambdify("sum(w*x_i, i, m, n)", "w", backend="jax")
    assert float(f(x=X, w=2.0, m=3, n=6)[0]) == pytest.approx(2 * X[2:].sum())
    with pytest.raises(ArgumentTypeError, match="'m' has no number yet"):
        jax.jit(lambda m: f(x=X, w=2.0, m=m, n=6)[0])(3)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of PyTorch's own
def test_pytorch_differentiates_them() -> None:
    f = sg.lambdify(TEXT, ["w", "b"], backend="torch")
    at = [torch.tensor(v, dtype=torch.float64) for v in (0.7, 0.2, X)]

    def value(w: Any, b: Any, x: Any) -> Any:
        return f(y=Y, x=x, w=w, b=b)[0]

    def same(w: Any, b: Any, x: Any) -> Any:
        return by_hand(torch, w, b, x)

    for take in (torch.func.grad, torch.func.jacfwd):
        found = take(value, (0, 1, 2))(*at)
        for got, wanted in zip(found, take(same, (0, 1, 2))(*at), strict=True):
            close(got, wanted)
    leaves = [each.clone().requires_grad_() for each in at]
    value(*leaves).backward()
    wanted = torch.func.grad(same, (0, 1, 2))(*at)
    for leaf, slope in zip(leaves, wanted, strict=True):
        close(leaf.grad, slope)
    second = torch.func.hessian(value)(*at), torch.func.hessian(same)(*at)
    close(*second)


@pytest.mark.parametrize("backend", ["jax", "torch", "cupy"])
def test_batches_vectors_and_places(backend: str, request: Any) -> None:
    if backend != "torch":
        request.getfixturevalue(backend)
    own = torch.as_tensor if backend == "torch" else np.asarray
    f = sg.lambdify(TEXT, ["w", "b"], backend=backend)
    g = sg.lambdify(TEXT, ["w", "b"], backend="numpy")
    rows = np.stack([X, X / 2, -X])
    at = {"x": rows, "y": Y, "w": np.array([[0.5], [0.7]]), "b": 0.2}
    mine = f(**{name: own(np.array(value)) for name, value in at.items()})
    for got, wanted in zip(mine, g(**at), strict=True):
        assert got.shape == wanted.shape
        close(got, wanted)
    vector = sg.lambdify(TEXT, ["w", "b"], backend=backend, layout="vector")
    whole = vector(own(np.array([0.7, 0.2])), x=own(X), y=own(Y))[0]
    close(whole, g(y=Y, x=X, w=0.7, b=0.2)[0])
    by_one = sg.lambdify("sum(w*x_i^2, i, 1, n)", "x_k", backend=backend)
    close(by_one(x=own(X), w=3.0, k=2)[1], [6 * X[1]])
    assert "def piece_1" in f.source


@pytest.mark.parametrize("backend", ["jax", "torch", "cupy"])
def test_what_does_not_fit_is_said(backend: str, request: Any) -> None:
    if backend != "torch":
        request.getfixturevalue(backend)
    f = sg.lambdify("sum(w*x_i, i, m, n)", "w", backend=backend)
    with pytest.raises(ArgumentValueError, match="'x' has 6 numbers"):
        f(x=X, m=1, n=7, w=1.0)
    with pytest.raises(ArgumentValueError, match="x_-1 is not among x_1 … x_6"):
        f(x=X, m=-1, n=6, w=1.0)
    with pytest.raises(ArgumentValueError, match=r"'m' is 1\.5"):
        f(x=X, m=1.5, n=6, w=1.0)
    with pytest.raises(ArgumentTypeError, match="missing arguments: m"):
        f(x=X, w=1.0)
    with pytest.raises(ArgumentValueError, match="do not broadcast"):
        f(x=np.stack([X, X]), m=1, n=6, w=np.ones(3))
    g = sg.lambdify("sum(x_i^2, i, 1, n)", "x_k", backend=backend)
    with pytest.raises(ArgumentValueError, match="'x_k' is none of the 6 data"):
        g(x=X, k=7)
