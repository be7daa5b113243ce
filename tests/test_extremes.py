"""Derivatives of short formulas at extremes, every float from 1e-300 to 1e308.

Oracles are mpmath's Taylor coefficients of the formula, at hundreds of digits.
"""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import symgrad as sg

mp = mpmath.mp.clone()
BACKENDS = ("numpy", "math", "llvm", "jax", "torch")
SIZES = (1e-300, 1e-8, 1e-3, 0.3, 1.0, 7.0, 40.0, 1e4, 1e8, 1e154, 1e200, 1e308)


def derivatives(
    source: str, order: int, backend: str, points: list[float]
) -> list[float]:
    """The derivative of the first or the second order by x at each point."""
    graph = source if order == 1 else sg.hessian(source, "x")
    f = sg.lambdify(graph, "x" if order == 1 else None, backend=backend)
    if backend == "math":
        return [float(np.squeeze(f(point)[1])) for point in points]
    if backend == "jax":
        jax = pytest.importorskip("jax")

        with jax.enable_x64(True):
            found = f(np.array(points))[1]
    elif backend == "torch":
        reason = "PyTorch is not installed"
        torch = pytest.importorskip("torch", reason=reason)

        found = f(torch.tensor(points, dtype=torch.float64))[1]
    else:
        with np.errstate(all="ignore"):
            found = f(np.array(points))[1]
    return list(np.squeeze(np.asarray(found)).tolist())


QUOTIENTS = {
    "x/abs(x)": (lambda x: mp.mpf(0), lambda x: mp.mpf(0)),
    "sqrt(x^2+1)": (
        lambda x: x / mp.sqrt(x * x + 1),
        lambda x: (x * x + 1) ** mp.mpf(-1.5),
    ),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("text", QUOTIENTS)
def test_derivatives_of_quotients_are_right_everywhere(text: str, backend: str) -> None:
    mp.dps = 700
    points = [sign * size for size in SIZES for sign in (1, -1)]
    for order, true in enumerate(QUOTIENTS[text], 1):
        found = derivatives(text, order, backend, points)
        for point, got in zip(points, found, strict=True):
            wanted = float(true(mp.mpf(point)))
            assert abs(got - wanted) <= 1e-13 * abs(wanted) + 1e-290, (order, point)
