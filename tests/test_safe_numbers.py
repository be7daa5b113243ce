"""Patterns that people write by hand, judged by mpmath from 1e-300 to 1e308."""

from __future__ import annotations

import math
from collections.abc import Callable

import mpmath
import numpy as np
import pytest

import symgrad as sg
from symgrad.numeric.code_notes import code_notes

mp = mpmath.mp.clone()
mp.dps = 60
POINTS = [
    sign * size
    for size in (1e-300, 1e-20, 1e-5, 0.1, 1.0, 3.0, 30.0, 400.0, 710.0, 1e4, 1e300)
    for sign in (1, -1)
]
FINITE = ("numpy", "math", "llvm", "jax", "torch")


def log_two(u: mpmath.mpf) -> mpmath.mpf:
    """log(1 + exp(u)), from the side on which exp is small"""
    return mp.log1p(mp.exp(-abs(u))) + max(u, mp.mpf(0))


def share(u: mpmath.mpf) -> mpmath.mpf:
    return 1 / (1 + mp.exp(-u)) if u > -1e5 else mp.mpf(0)


def slope(u: mpmath.mpf) -> mpmath.mpf:
    return share(u) * share(-u)


def bend(u: mpmath.mpf) -> mpmath.mpf:
    return slope(u) * (share(-u) - share(u))


def tanh(u: mpmath.mpf) -> mpmath.mpf:
    return mp.tanh(u) if abs(u) < 1e5 else mp.sign(u)


def root(u: mpmath.mpf) -> mpmath.mpf:
    return mp.sqrt(1 + u * u)


Truth = tuple[Callable[..., mpmath.mpf], ...]
PATTERNS: dict[str, Truth] = {
    "1/(1+exp(-x))": (share, slope, bend),
    "1/(1+e^x)": (lambda u: share(-u), lambda u: -slope(u), lambda u: -bend(u)),
    "exp(x)/(1+exp(x))": (share, slope, bend),
    "exp(x)/(1+exp(x))^2": (slope, bend),
    "log(1+exp(x))": (log_two, share, slope),
    "-log(1/(1+exp(-x)))": (lambda u: log_two(-u), lambda u: -share(-u)),
    "log(1-sigmoid(x))": (lambda u: -log_two(u), lambda u: -share(u)),
    "log(exp(x)+exp(2))": (lambda u: 2 + log_two(u - 2), lambda u: share(u - 2)),
    "exp(x)/(exp(x)+exp(2)+exp(-3))": (),
    "x/abs(x)": (mp.sign, lambda u: 0),
    "x/sqrt(x^2)": (mp.sign, lambda u: 0),
    "sqrt(x^2+1)": (root, lambda u: u / root(u), lambda u: root(u) ** -3),
    "log(1+exp(x)*exp(-x))": (),
    "exp(x)-1": (mp.expm1, mp.exp),
    "log(cosh(x))": (
        lambda u: abs(u) + mp.log1p(mp.expm1(-2 * abs(u)) / 2),
        tanh,
    ),
    "(1-cos(x))/x^2": (lambda u: 2 * mp.sin(u / 2) ** 2 / u**2,),
    "sin(x)/x": (lambda u: mp.sin(u) / u,),
    "(exp(x)-exp(-x))/(exp(x)+exp(-x))": (tanh, lambda u: 1 - tanh(u) ** 2),
    "(exp(2*x)-1)/(exp(2*x)+1)": (tanh, lambda u: 1 - tanh(u) ** 2),
    "log(exp(x))": (lambda u: u, lambda u: 1, lambda u: 0),
}
PATTERNS = {text: truth for text, truth in PATTERNS.items() if truth}


def computed(text: str, order: int, backend: str, points: list[float]) -> list[float]:
    """The derivatives of one order, at each of some points."""
    source = sg.hessian(text, "x") if order == 2 else text
    f = sg.lambdify(source, "x" if order < 2 else None, backend=backend)
    if backend == "math":
        results = [f(point) for point in points]
        return [float(np.squeeze(r[min(order, 1)])) for r in results]
    if backend == "jax":
        jax = pytest.importorskip("jax")

        with jax.enable_x64(True):
            found = f(np.array(points))
    elif backend == "torch":
        import torch

        found = f(torch.tensor(points, dtype=torch.float64))
    else:
        with np.errstate(all="ignore"):
            found = f(np.array(points))
    return np.squeeze(np.asarray(found[min(order, 1)])).tolist()


@pytest.mark.parametrize("backend", FINITE)
@pytest.mark.parametrize("text", PATTERNS)
def test_no_pattern_is_lost_where_its_true_value_is_finite(
    text: str, backend: str
) -> None:
    """An error of 1e-13 of the value, or of the largest derivative, is rounding.

    1 - f² and f·(1 - f) have only digits of that size; numbers below 2^-1022 may be
    lost. nan and inf are never near.
    """
    if backend == "torch":
        pytest.importorskip("torch", reason="PyTorch is not installed")
    for order, truth in enumerate(PATTERNS[text]):
        points = [p for p in POINTS if abs(truth(mp.mpf(p))) < 1.79e308]
        for point, got in zip(
            points, computed(text, order, backend, points), strict=True
        ):
            true = float(truth(mp.mpf(point)))
            scale = abs(true) if order == 0 else max(abs(true), 1e-1)
            assert abs(got - true) <= 1e-13 * max(scale, 1e-294), (order, point)


def test_two_sides_far_apart_or_alike() -> None:
    value, grad = sg.lambdify("log(exp(a)+exp(b))", ["a", "b"])(
        [900.0, -900.0, 3.0, 1e300], [800.0, -900.0, 3.0, 1.0]
    )
    two = math.log(2)
    assert value.tolist() == pytest.approx([900, -900 + two, 3 + two, 1e300])
    assert grad.tolist() == [pytest.approx(r) for r in ([1, 0.5, 0.5, 1], grad[1])]
    assert grad.sum(0).tolist() == pytest.approx([1, 1, 1, 1])


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_a_length_neither_overflows_nor_vanishes(size: float) -> None:
    value, grad = sg.lambdify("sqrt(x^2+y^2+z^2)")(2 * size, 3 * size, 6 * size)
    assert float(value) == pytest.approx(7 * size, rel=1e-15)
    assert grad.tolist() == pytest.approx([2 / 7, 3 / 7, 6 / 7], rel=1e-15)


def test_a_difference_of_roots_keeps_its_digits() -> None:
    value, grad = sg.lambdify("sqrt(x+1)-sqrt(x)", "x")(1e16)
    assert float(value) == pytest.approx(5e-9, rel=1e-15)
    assert float(grad[0]) == pytest.approx(-2.5e-25, rel=1e-15)


@pytest.mark.parametrize("text", ["x/abs(x)", "x/sqrt(x^2)", "sin(x)/x"])
def test_what_is_undefined_stays_nan(text: str) -> None:
    assert np.isnan(sg.lambdify(text, [])(0.0))


def test_slopes_near_zero_do_not_cancel() -> None:
    _, grad = sg.lambdify("sin(x)/x", "x")(np.array([1e-8, 0.01, 0.124, 0.126]))
    true = [(mp.cos(u) - mp.sin(u) / u) / u for u in map(mp.mpf, (0.01, 0.124, 0.126))]
    assert grad[0].tolist() == pytest.approx(
        [-1e-8 / 3, *map(float, true)], rel=1e-13, abs=0
    )


def test_the_page_says_what_the_code_does_otherwise() -> None:
    note = "code computes log(1 + exp(u)) as softplus(u)"
    assert note in str(sg.explain("log(1 + exp(x))", "x"))
    assert "code computes" not in str(sg.explain("tanh(w*x + b)", "w"))
    assert code_notes(sg.formula("f(x) + exp(x)")) == ()


def test_networks_have_no_more_operations() -> None:
    for name in ("logistic", "tanh", "softplus", "silu"):
        graph = sg.network([3, 4, 1], activation=name)
        assert code_notes(graph) == ()


def test_exact_numbers_keep_the_form_that_was_written() -> None:
    value, _ = sg.lambdify("1/(1+exp(-x))", "x", backend="sympy")(1)
    assert str(value) == "1/(exp(-1) + 1)"
