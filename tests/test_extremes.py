"""Derivatives of short formulas at extremes, every float from 1e-300 to 1e308.

Oracles are textbook derivatives, by mpmath at 700 digits and more.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symgrad as sg
from symgrad.derivatives import SAFER

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


Number = mpmath.mpf
Real = Callable[[Number], Number]


def share(u: Number) -> Number:
    return 1 / (1 + exp(-u))


def csch(u: Number) -> Number:
    return 2 * exp(-abs(u)) / (1 - exp(-2 * abs(u))) * mp.sign(u)


def normal(u: Number) -> Number:
    return exp(-u * u / 2) / mp.sqrt(2 * mp.pi)


def exp(u: Number) -> Number:
    """exp, which mpmath does not come to an end with far out"""
    return mp.exp(u) if abs(u) < 1e5 else mp.mpf(0) if u < 0 else mp.inf


def tanh(u: Number) -> Number:
    return mp.tanh(u) if abs(u) < 1e5 else mp.sign(u)


def over(g: Real, first: Real, second: Real) -> tuple[Real, Real]:
    """The derivatives of g(u)/u, from those of g."""

    def slope(u: Number) -> Number:
        return (first(u) - g(u) / u) / u

    return slope, lambda u: (second(u) - 2 * slope(u)) / u


def bell(u: Number) -> Number:
    return 2 * exp(-u * u) / mp.sqrt(mp.pi)


def versine(u: Number) -> tuple[Number, Number]:
    g, first, second = (1 - mp.cos(u)) / u, mp.sin(u), mp.cos(u)
    one = (first - 2 * g) / u**2
    two = (second - 4 * u * one - 2 * g / u) / u**2
    return one, two


def cosh_2(u: Number) -> Number:
    return 1 - tanh(u) ** 2


QUOTIENTS: dict[str, tuple[Real, Real]] = {
    "x/abs(x)": (lambda x: mp.mpf(0), lambda x: mp.mpf(0)),
    "x/sqrt(x^2)": (lambda x: mp.mpf(0), lambda x: mp.mpf(0)),
    "sqrt(x^2+1)": (
        lambda x: x / mp.sqrt(x * x + 1),
        lambda x: 1 / mp.sqrt(x * x + 1) ** 3,
    ),
    "x/sqrt(1+x^2)": (
        lambda x: 1 / mp.sqrt(x * x + 1) ** 3,
        lambda x: -3 * x / mp.sqrt(x * x + 1) ** 5,
    ),
    "-3*x/sqrt(x^2+4+9)": (
        lambda x: -3 * 13 / mp.sqrt(x * x + 13) ** 3,
        lambda x: 9 * 13 * x / mp.sqrt(x * x + 13) ** 5,
    ),
    "x/(1+abs(x))": (
        lambda x: 1 / (1 + abs(x)) ** 2,
        lambda x: -2 * mp.sign(x) / (1 + abs(x)) ** 3,
    ),
    "sin(x)/x": over(mp.sin, mp.cos, lambda u: -mp.sin(u)),
    "(1-cos(x))/x^2": (lambda u: versine(u)[0], lambda u: versine(u)[1]),
    "tanh(x)/x": over(tanh, cosh_2, lambda u: -2 * tanh(u) * cosh_2(u)),
    "atan(x)/x": over(
        mp.atan, lambda u: 1 / (1 + u * u), lambda u: -2 * u / (1 + u * u) ** 2
    ),
    "asinh(x)/x": over(
        mp.asinh,
        lambda u: 1 / mp.sqrt(1 + u * u),
        lambda u: -u / mp.sqrt(1 + u * u) ** 3,
    ),
    "erf(x)/x": over(
        lambda u: mp.erf(u) if abs(u) < 100 else mp.sign(u),
        bell,
        lambda u: -2 * u * bell(u),
    ),
    "log(1+x)/x": over(
        lambda u: mp.log(1 + u), lambda u: 1 / (1 + u), lambda u: -1 / (1 + u) ** 2
    ),
    "(exp(x)-1)/x": over(lambda u: exp(u) - 1, exp, exp),
    "sinh(x)/x": over(
        lambda u: (exp(u) - exp(-u)) / 2,
        lambda u: (exp(u) + exp(-u)) / 2,
        lambda u: (exp(u) - exp(-u)) / 2,
    ),
    "exp(-x^2)": (
        lambda u: -2 * u * exp(-u * u),
        lambda u: (4 * u * u - 2) * exp(-u * u),
    ),
    "1/(1+x^2)": (
        lambda u: -2 * u / (1 + u * u) ** 2,
        lambda u: (6 * u * u - 2) / (1 + u * u) ** 3,
    ),
}
"""formula -> its first and its second derivative"""
OVERFLOWING = {"exp(-x^2)", "1/(1+x^2)", "erf(x)/x", "atan(x)/x"}
"""whose derivatives hold 2*x, which is infinite at 1e308"""


@cache
def true(text: str, order: int, point: float) -> float:
    with mp.workdps(1500 if abs(point) < 1e-9 else 700):
        return float(QUOTIENTS[text][order - 1](mp.mpf(point)))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("text", QUOTIENTS)
def test_derivatives_of_quotients_are_right_everywhere(text: str, backend: str) -> None:
    points = [sign * size for size in SIZES for sign in (1, -1)]
    if text.startswith("log"):
        points = [x for x in points if x > -1]
    if text in OVERFLOWING:
        points = [x for x in points if abs(x) < 1e300]
    for order in (1, 2):
        truths = [true(text, order, point) for point in points]
        finite = [x for x, y in zip(points, truths, strict=True) if math.isfinite(y)]
        found = derivatives(text, order, backend, finite)
        for point, got in zip(finite, found, strict=True):
            wanted = truths[points.index(point)]
            assert abs(got - wanted) <= 1e-13 * abs(wanted) + 1e-290, (order, point)


@cache
def compiled(text: str) -> tuple[Callable[..., np.ndarray], ...]:
    sources = ((text, "x"), (sg.hessian(text, "x"), None))
    return tuple(
        sg.lambdify(source, wrt, backend="numpy", results="gradient")
        for source, wrt in sources
    )


@pytest.mark.parametrize("text", QUOTIENTS)
@settings(max_examples=80, derandomize=True, deadline=None)
@given(exponent=st.floats(-299, 299), sign=st.sampled_from([1, -1]), near=st.booleans())
def test_any_float_will_do(text: str, exponent: float, sign: int, near: bool) -> None:
    """1e-13 of both derivatives together: alone, each is 0 somewhere."""
    point = sign * 10.0 ** (exponent / 100 if near else exponent)
    if text.startswith("log") and point <= -1:
        return
    wanted = [true(text, order, point) for order in (1, 2)]
    if not all(map(math.isfinite, wanted)):
        return
    with np.errstate(all="ignore"):
        found = [float(np.squeeze(f(point))) for f in compiled(text)]
    allowed = 5e-13 if text in ("exp(-x^2)", "erf(x)/x") else 1e-13
    error = max(abs(a - b) for a, b in zip(found, wanted, strict=True))
    lost = 1e-320 * abs(point) if text == "1/(1+x^2)" else 1e-290
    assert error <= allowed * sum(map(abs, wanted)) + lost  # f/(1 + x²) vanishes first


def share_1(u: Number) -> Number:
    return share(u) * share(-u)


def share_2(u: Number) -> Number:
    return share_1(u) * (share(-u) - share(u))


SECH = (
    lambda u: -tanh(u) / mp.cosh(u),
    lambda u: (tanh(u) ** 2 - 1 / mp.cosh(u) ** 2) / mp.cosh(u),
)
GELU = (
    lambda u: mp.erfc(-u / mp.sqrt(2)) / 2 + u * normal(u),
    lambda u: (2 - u * u) * normal(u),
)
TAILS: dict[str, tuple[Real, Real]] = {
    "1/(1+exp(-x))": (share_1, share_2),
    "sigmoid(x)": (share_1, share_2),
    "1/(1+exp(x))": (lambda u: -share_1(u), lambda u: -share_2(u)),
    "log(1+exp(x))": (share, share_1),
    "softplus(x)": (share, share_1),
    "x/(1+exp(-x))": (
        lambda u: share(u) + u * share_1(u),
        lambda u: 2 * share_1(u) + u * share_2(u),
    ),
    "silu(x)": (
        lambda u: share(u) + u * share_1(u),
        lambda u: 2 * share_1(u) + u * share_2(u),
    ),
    "softsign(x)": (
        lambda u: 1 / (1 + abs(u)) ** 2,
        lambda u: -2 * mp.sign(u) / (1 + abs(u)) ** 3,
    ),
    "coth(x)": (
        lambda u: -(csch(u) ** 2),
        lambda u: 2 * csch(u) ** 2 * mp.coth(u),
    ),
    "sech(x)": SECH,
    "erf(x)": (bell, lambda u: -2 * u * bell(u)),
    "erfc(x)": (lambda u: -bell(u), lambda u: 2 * u * bell(u)),
    "(1+erf(x/sqrt(2)))/2": (normal, lambda u: -u * normal(u)),
    "gelu(x)": GELU,
}
TAIL_POINTS = [s * x for x in (1.5, 5.0, 12.0, 20.0, 25.0, 37.0) for s in (1, -1)]
FAR_POINTS = [s * x for x in (100.0, 300.0, 700.0) for s in (1, -1)]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("text", TAILS)
def test_derivatives_keep_their_digits_in_the_tails(text: str, backend: str) -> None:
    """1e-13; but exp(-u²) multiplies the rounding of u² by u², 1369 at most here."""
    bells = any(name in text for name in ("erf", "gelu"))
    points = TAIL_POINTS if bells else TAIL_POINTS + FAR_POINTS
    for order, truth in enumerate(TAILS[text], 1):
        found = derivatives(text, order, backend, points)
        for point, got in zip(points, found, strict=True):
            with mp.workdps(700):
                wanted = float(truth(mp.mpf(point)))
            allowed = 5e-13 if bells else 1e-13
            assert abs(got - wanted) <= allowed * abs(wanted) + 1e-300, (order, point)


@pytest.mark.parametrize("text", ["(1+erf(x))/2", "(1-erf(-x))/2", "0.5+erf(x)/2"])
def test_the_normal_distribution_keeps_its_digits(text: str) -> None:
    value = sg.lambdify(text, [])(np.array([-5.0, -20.0, 3.0]))
    wanted = [float(mp.erfc(-x) / 2) for x in (-5, -20, 3)]
    assert value.tolist() == pytest.approx(wanted, rel=1e-14, abs=0)


@pytest.mark.parametrize("text", ["asin(x)", "acos(x)", "atanh(x)", "acoth(x)"])
def test_slopes_keep_their_digits_next_to_one(text: str) -> None:
    """The slopes are 1/√(1 - x²) and 1/(1 - x²), up to the sign."""
    points = [1 - 2**-50, -1 + 2**-50, 1 - 2**-30]
    if text == "acoth(x)":
        points = [1 / x for x in points]
    _, grad = sg.lambdify(text, "x")(np.array(points))
    with mp.workdps(50):
        rooms = [1 - mp.mpf(x) ** 2 for x in points]
        if text in ("asin(x)", "acos(x)"):
            rooms = [mp.sqrt(room) for room in rooms]
        sign = -1 if text == "acos(x)" else 1
        wanted = [float(sign / room) for room in rooms]
    assert grad[0].tolist() == pytest.approx(wanted, rel=1e-14, abs=0)


SAFER_POINTS = {
    **dict.fromkeys(("asin", "acos", "atanh"), (-0.9, 0.3, 0.6)),
    "asech": (0.2, 0.5, 0.9),
    "acoth": (-3.0, 1.1, 2.0),
}


@pytest.mark.parametrize("name", [name for name in SAFER if name != "atan2"])
def test_a_safer_row_is_the_row(name: str) -> None:
    """mpmath's back end keeps to the rows that pages show."""
    points = SAFER_POINTS.get(name, (-2.0, -0.3, 0.1, 0.7, 3.0))
    safe = sg.lambdify(f"{name}(x)", "x", backend="numpy", results="gradient")
    plain = sg.lambdify(f"{name}(x)", "x", backend="mpmath", results="gradient")
    for point in points:
        wanted = float(plain(point)[0])
        assert float(safe(point)[0]) == pytest.approx(wanted, rel=2e-14)


def test_an_angle_has_slopes_at_every_distance() -> None:
    size = np.array([1e-300, 1e-160, 1.0, 1e160, 1e300])
    f = sg.lambdify("atan2(y, x)", ["y", "x"])
    _, grad = f(y=3 * size, x=-4 * size)
    assert (grad[0] * size).tolist() == pytest.approx([-4 / 25] * 5, rel=1e-15)
    assert (grad[1] * size).tolist() == pytest.approx([-3 / 25] * 5, rel=1e-15)
    _, far = f(y=[math.inf, 1.0], x=[1.0, -math.inf])
    assert far.tolist() == [[0, 0], [0, 0]]


def test_the_slopes_of_sinc_keep_their_digits() -> None:
    points = [1e-300, 1e-8, 0.01, 0.24, 0.26, 1.0]
    for order in (1, 2):
        found = derivatives("sinc(x)", order, "numpy", points)
        wanted = [true("sin(x)/x", order, point) for point in points]
        assert found == pytest.approx(wanted, rel=1e-13, abs=0)


@pytest.mark.parametrize("name", ["sech", "csch"])
def test_single_points_keep_what_is_below_the_normal_numbers(name: str) -> None:
    f = sg.lambdify(f"{name}(x)", [], backend="math")
    for point in (-39.9, 40.1, 712.0, -740.0):
        wanted = float(getattr(mp, name)(point))
        assert f(point) == pytest.approx(wanted, rel=1e-15, abs=5e-324)


def test_networks_of_tanh_have_the_operations_they_had() -> None:
    graph = sg.network([2, 2, 1])
    assert sg.lambdify(graph).operations == 31
