"""A branch that is not taken leaks no nan and no warning, at any order."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator

import mpmath
import numpy as np
import pytest

import symgrad as sg

ln, root, power = mpmath.log, mpmath.sqrt, mpmath.power
Live = Callable[[float], Callable[..., mpmath.mpf]]

# name: (text, the formula of the branch that is live at x, points)
CASES: dict[str, tuple[str, Live, tuple[float, ...]]] = {
    "nested": (
        "(log(x) if x > 1 else 1/x) if x > 0 else (sqrt(-x) if x < -1 else x^2)",
        lambda x: (
            (ln if x > 1 else lambda t: 1 / t)
            if x > 0
            else ((lambda t: root(-t)) if x < -1 else (lambda t: t**2))
        ),
        (-3.0, -0.5, 0.0, 0.25, 3.0),
    ),
    "a stage": (
        "y = a if x > 0 else b; a = log(x); b = x^2",
        lambda x: ln if x > 0 else lambda t: t**2,
        (-2.0, 0.0, 1.5),
    ),
    "a chain of stages": (
        "y = a*2 if x > 0 else b; a = c^1.5; c = log(x); b = exp(x)",
        lambda x: (lambda t: 2 * power(ln(t), 1.5)) if x > 0 else mpmath.exp,
        (-5.0, 0.0, 2.5),
    ),
    "stages in nested choices": (
        "y = (a if x > 1 else d) if x > 0 else b; "
        "a = sqrt(x - 1)*log(x - 1); d = 1/x; b = x*w; w = exp(x)",
        lambda x: (
            (lambda t: root(t - 1) * ln(t - 1))
            if x > 1
            else (lambda t: 1 / t)
            if x > 0
            else (lambda t: t * mpmath.exp(t))
        ),
        (-2.0, 0.0, 0.5, 1.0, 2.5),
    ),
    "a stage in two choices": (
        "y = (a if x > 0 else 0) + 3*(a*x if x > 0 else 1); a = log(x)",
        lambda x: (
            (lambda t: ln(t) + 3 * t * ln(t)) if x > 0 else (lambda t: mpmath.mpf(3))
        ),
        (-2.0, 0.0, 1.5),
    ),
    "overflow": (
        "y = a if x > 0 else 1; a = exp(1/x)*s; s = sqrt(x)",
        lambda x: (
            (lambda t: mpmath.exp(1 / t) * root(t))
            if x > 0
            else (lambda t: mpmath.mpf(1))
        ),
        (-1e-3, 0.0, 0.5),
    ),
    "a choice that goes on": (
        "y = z^2 + 2*z; z = -a if x > 0 else x; a = x^(3/2)*log(x)",
        lambda x: (
            (lambda t: (power(t, 1.5) * ln(t)) ** 2 - 2 * power(t, 1.5) * ln(t))
            if x > 0
            else (lambda t: t**2 + 2 * t)
        ),
        (-2.0, 0.0, 1.5),
    ),
}


@pytest.fixture(autouse=True)
def loud() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        yield


def expected(live: Live, x: float, order: int) -> float:
    """A derivative of the live branch by differences at 30 digits."""
    with mpmath.workdps(30):
        return float(mpmath.diff(live(x), mpmath.mpf(x), order).real)


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("backend", ["numpy", "math"])
@pytest.mark.parametrize("name", CASES)
def test_no_derivative_leaks(name: str, backend: str, mode: str) -> None:
    text, live, points = CASES[name]
    graph = sg.formula(text, name="y")
    first = sg.differentiate(graph, "x", mode=mode)
    functions = [sg.lambdify(graph, ["x"], backend=backend)]
    functions.append(sg.lambdify(first.derivative_graph, ["x"], backend=backend))
    functions.append(sg.lambdify(first.program, ["x"], backend=backend))
    for order, f in ((0, functions[0]), (1, functions[1]), (1, functions[2])):
        for x in points:
            value, grad = f(x)
            found = float(np.ravel(value)[0]), float(np.ravel(grad)[0])
            for k in (0, 1):
                true = expected(live, x, order + k)
                assert found[k] == pytest.approx(true, rel=1e-9, abs=1e-9), (x, order)


@pytest.mark.parametrize("name", CASES)
def test_no_array_leaks(name: str) -> None:
    """All branches live at once: the dead ones of each point stay silent."""
    text, live, points = CASES[name]
    f = sg.lambdify(sg.formula(text, name="y"), ["x"], backend="numpy")
    _, grad = f(np.array(points))
    true = [expected(live, x, 1) for x in points]
    assert grad[0] == pytest.approx(true, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("backend", ["numpy", "math"])
def test_outside_the_domain_it_is_nan_all_the_same(backend: str) -> None:
    """A 0 that merely happens is no dead branch: nan stays nan."""
    graph = sg.formula("y = u^2; u = sqrt(x)")
    f = sg.lambdify(sg.differentiate(graph, "x").derivative_graph, [], backend=backend)
    value = f(-1.0)[0] if isinstance(f(-1.0), tuple) else f(-1.0)
    assert math.isnan(float(np.ravel(value)[0]))
