"""Integrals as numbers, judged by scipy.integrate, scipy.special and closed forms."""

from __future__ import annotations

import pickle
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.errors import RuleError
from symgrad.numeric.codegen.numpy_quadrature import quadrature

special = pytest.importorskip("scipy.special")
integrate = pytest.importorskip("scipy.integrate")
INF = np.inf

# --- the rule itself --------------------------------------------------------------

# name: integrand, bounds, value, relative tolerance
KNOWN: dict[str, tuple[Any, float, float, float, float]] = {
    "smooth": (
        lambda t: np.exp(-t * t),
        0,
        1.3,
        0.8862269254527580 * 0.934007944940652,
        1e-14,
    ),
    "root at the lower end": (lambda t: t**-0.5, 0, 2, 2 * np.sqrt(2), 1e-14),
    "nearly 1/t": (lambda t: t**-0.9, 0, 2, 10 * 2**0.1, 1e-13),
    "roots at both ends": (lambda t: np.sqrt(1 - t * t), -1, 1, np.pi / 2, 1e-14),
    # t - 1 has no more digits than t: only about half of them are left
    "root at 1": (lambda t: (t - 1) ** -0.5, 1, 2, 2.0, 3e-8),
    "to infinity": (
        lambda t: np.exp(-t) * t**1.7,
        0,
        INF,
        float(special.gamma(2.7)),
        1e-13,
    ),
    "slowly to infinity": (lambda t: t**-1.5, 1, INF, 2.0, 1e-13),
    "from minus infinity": (lambda t: np.exp(t), -INF, 2, np.exp(2.0), 1e-13),
    "over the whole line": (lambda t: 1 / (1 + t * t), -INF, INF, np.pi, 1e-13),
    "waves": (lambda t: np.cos(200 * t), 0, 1, np.sin(200.0) / 200, 1e-11),
    "kink": (lambda t: np.abs(t - 0.3), 0, 1, 0.29, 1e-13),
    "jump": (lambda t: np.sign(t - 0.3), 0, 1, 0.4, 1e-11),
    "no number at infinity": (
        lambda t: t**4 * np.exp(t) / np.expm1(t) ** 2,
        0,
        INF,
        4 * np.pi**4 / 15,
        1e-13,
    ),
    "backwards": (lambda t: t * t, 3, 1, -26 / 3, 1e-14),
    "constant": (lambda t: 2.0, 0, 3, 6.0, 1e-14),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_integrals(name: str) -> None:
    f, lower, upper, value, tolerance = KNOWN[name]
    assert quadrature(f, lower, upper) == pytest.approx(value, rel=tolerance)


@pytest.mark.parametrize(
    ("f", "lower", "upper"),
    [
        (lambda t: 1 / t, 0, 1),
        (lambda t: 1 / t, 1, INF),
        (lambda t: 1 / (t - 0.3), 0, 1),
        (lambda t: t * t, 0, INF),
        (lambda t: np.sin(t) / t, 0, INF),
        (lambda t: np.log(t), -1, 1),
        (lambda t: np.exp(t), 0, np.nan),
    ],
    ids=["pole", "1/t", "pole inside", "growth", "waves", "no number", "no bound"],
)
def test_what_does_not_converge_is_nan_without_a_warning(
    f: Any, lower: float, upper: float
) -> None:
    assert np.isnan(quadrature(f, lower, upper))


def test_kinks_and_jumps_wherever_they_are() -> None:
    """Rules without nodes at the ends do not see a jump close to them."""
    at = np.random.default_rng(0).uniform(0, 3, 2000)
    jump = quadrature(lambda t, x: np.sign(x - t), 0.0, 3.0, at)
    assert np.max(np.abs(jump - (2 * at - 3))) < 1e-9
    kink = quadrature(lambda t, x: np.abs(x - t), 0.0, 3.0, at)
    assert np.max(np.abs(kink - (at**2 + (3 - at) ** 2) / 2)) < 1e-7


def test_an_empty_interval_and_a_zero_integrand_give_0() -> None:
    assert quadrature(lambda t: 1 / t, 1.0, 1.0) == 0
    assert quadrature(lambda t: 0 * t, 0.0, 1.0) == 0


def test_samples_do_not_disturb_each_other() -> None:
    powers = np.array([-0.5, -2.0, 1.0, -0.5])  # t^-2 has no integral
    found = quadrature(lambda t, p: t**p, 0.0, 1.0, powers)
    assert np.isnan(found[1]) and found[0] == found[3]
    alone = quadrature(lambda t, p: t**p, 0.0, 1.0, powers[:1])
    assert found[0] == alone[0]


def test_shapes_and_precision_are_those_of_the_arguments() -> None:
    x = np.linspace(0.1, 3, 3000, dtype=np.float32).reshape(3, 1000)
    found = quadrature(lambda t, x: x * t, 0.0, 2.0, x)
    assert found.shape == x.shape and found.dtype == np.float32
    assert np.allclose(found, 2 * x, rtol=1e-6)


# --- formulas ---------------------------------------------------------------------

x = np.linspace(0.2, 2.5, 7)
FORMULAS: dict[str, tuple[str, Any, Any]] = {
    "erf": (
        "2/sqrt(π)*integral(exp(-t^2), t, 0, x)",
        special.erf,
        lambda x: 2 / np.sqrt(np.pi) * np.exp(-x * x),
    ),
    "gamma": (
        "integral(t^(x-1) exp(-t), t, 0, ∞)",
        special.gamma,
        lambda x: special.gamma(x) * special.digamma(x),
    ),
    "elliptic": (
        "integral(sqrt(1 - (x/3)^2 sin(t)^2), t, 0, π/2)",
        lambda x: special.ellipe(x**2 / 9),
        lambda x: (special.ellipe(x**2 / 9) - special.ellipk(x**2 / 9)) / x,
    ),
    "Bessel": (
        "integral(cos(2t - x sin t), t, 0, π)/π",
        lambda x: special.jv(2, x),
        lambda x: special.jvp(2, x),
    ),
    "sine integral": (
        "integral(sin(t)/t, t, 0, x)",
        lambda x: special.sici(x)[0],
        lambda x: np.sin(x) / x,
    ),
    "Gauss": (
        "integral(exp(-x t^2), t, -oo, oo)",
        lambda x: np.sqrt(np.pi / x),
        lambda x: -np.sqrt(np.pi / x) / (2 * x),
    ),
    "both bounds": (
        "integral(log(t), t, x, x^2)",
        lambda x: (x * x * (np.log(x * x) - 1)) - x * (np.log(x) - 1),
        lambda x: 2 * x * np.log(x * x) - np.log(x),
    ),
    "kink": (
        "integral(abs(x - t), t, 0, 3)",
        lambda x: (x**2 + (3 - x) ** 2) / 2,
        lambda x: 2 * x - 3,
    ),
    "nested": (
        "integral(integral(x s t^2, t, 0, s), s, 0, x)",
        lambda x: x**6 / 15,
        lambda x: 6 * x**5 / 15,
    ),
    "through a stage": (
        "y = integral(t u, t, 0, u); u = x^2",
        lambda x: x**6 / 2,
        lambda x: 3 * x**5,
    ),
    "in a function": (
        "exp(-integral(x t, t, 0, 1))^2",
        lambda x: np.exp(-x),
        lambda x: -np.exp(-x),
    ),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_values_and_derivatives(name: str) -> None:
    text, value, slope = FORMULAS[name]
    found, (grad,) = sg.lambdify(text)(x)
    # a derivative may be a small difference of terms near 1; at a kink of the integrand
    # two rules may agree by chance, as docs/derivatives.md tells
    loose = 1e-7 if name == "kink" else 0.0
    assert np.allclose(found, value(x), rtol=1e-12, atol=1e-13 + loose)
    assert np.allclose(grad, slope(x), rtol=1e-11, atol=1e-12 + loose)
    alone, _ = sg.lambdify(text)(float(x[2]))
    assert alone.shape == () and alone == found[2]


@pytest.mark.parametrize("name", FORMULAS)
def test_evaluate_agrees(name: str) -> None:
    text, value, _ = FORMULAS[name]
    found = sg.evaluate(text, {"x": 0.7})
    assert list(found.values())[-1] == pytest.approx(value(0.7), rel=1e-11)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(
    "text",
    [
        "integral(sin(x t)/t, t, x, x^2)",
        "a*integral(nu^3/(exp(b nu/c) - 1), nu, 0, inf)",
        "integral(a t if t < 1 else b*t^2, t, 0, c)",
        "integral(x - t if t < x else 0, t, 0, 1)",
        "integral(besselj(0, x t), t, 0, 1)",
    ],
)
def test_gradients_are_those_of_difference_quotients(text: str, mode: str) -> None:
    check = sg.check_gradient(sg.lambdify(sg.differentiate(text, mode=mode)))
    assert check.passed, str(check)


def test_page_and_program_agree() -> None:
    """The Gradient's own expression, compiled, against the sweep of the tape."""
    gradient = sg.differentiate("integral(exp(-x t) sin(t), t, x, 2)", "x")
    program = sg.lambdify(gradient.program, wrt=[])
    _, swept = sg.lambdify(gradient)(x)
    assert np.allclose(program(x), swept[0], rtol=1e-12)


def test_second_derivatives_are_compiled() -> None:
    hessian = sg.lambdify(sg.derivative("integral(exp(-x t^2), t, 0, oo)", order=2))
    _, (second,) = hessian(x) if hessian.wrt else (0, (hessian(x),))
    assert second.shape == x.shape


def test_integrals_in_sums_over_data() -> None:
    text = "sum((y_i - integral(exp(-w t x_i), t, 0, 1))^2, i, 1, n)"
    data = np.array([0.1, 0.5, 1.0]), np.array([1.0, 2.0, 3.0])

    def whole(w: float) -> Any:
        return sum(
            (b - (1 - np.exp(-w * a)) / (w * a)) ** 2
            for a, b in zip(*data, strict=True)
        )

    value, (grad,) = sg.lambdify(text)(x=data[0], y=data[1], n=3, w=0.3)
    assert value == pytest.approx(whole(0.3), rel=1e-13)
    quotient = (whole(0.3 + 1e-5) - whole(0.3 - 1e-5)) / 2e-5
    assert grad == pytest.approx(quotient, rel=1e-8)


def test_numbers_stand_under_the_symbols() -> None:
    page = sg.explain("integral(exp(-x t), t, 0, 1)", at={"x": 2.0})
    values = {str(name): value for name, value in page.values}
    assert values["y"] == pytest.approx((1 - np.exp(-2)) / 2, rel=1e-13)


def test_names_of_the_user_and_of_the_program_are_kept_apart() -> None:
    text = "integrand_1*integral(exp(-quadrature t where_), t, 0, value)"
    text = text.replace("quadrature t where_", "quadrature*t*total")
    f = sg.lambdify(text)
    found, _ = f(integrand_1=2.0, quadrature=0.5, total=1.0, value=1.0)
    assert found == pytest.approx(4 * (1 - np.exp(-0.5)), rel=1e-13)


def test_functions_are_pickled_and_saved(tmp_path: Path) -> None:
    f = sg.lambdify("integral(sin(x t) if t < 1 else exp(-t^2), t, 0, x)")
    again = pickle.loads(pickle.dumps(f))
    assert np.array_equal(again(x)[1], f(x)[1])
    path = f.save(tmp_path / "area.py")
    code = "import area, sys; print(area.f([0.7, 1.5])[0].tolist(), "
    code += "'symgrad' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        cwd=path.parent,
    )
    assert done.stdout.split("] ")[1] == "False\n", done.stderr
    assert done.stdout.startswith(str(f([0.7, 1.5])[0].tolist()))


def test_a_saved_function_of_scipys(tmp_path: Path) -> None:
    f = sg.lambdify("integral(besselj(0, x t), t, 0, 1)")
    value, _ = f(2.0)
    assert value == pytest.approx(
        integrate.quad(lambda t: special.jv(0, 2 * t), 0, 1)[0]
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("integral(sign(x - t), t, 0, 1)", "two integrals"),
        ("integral(integral(floor(x t), t, 0, s), s, 0, 1)", "two integrals"),
        ("integral(sum(w x_i t^i, i, 1, n), t, 0, 1)", "sum of the integrals"),
    ],
)
def test_what_has_no_derivative_or_no_program_is_told(text: str, said: str) -> None:
    with pytest.raises(RuleError, match=said):
        sg.lambdify(text)


def test_a_value_needs_no_derivative() -> None:
    value = sg.lambdify("integral(sign(x - t), t, 0, 1)", wrt=[])(0.3)
    assert value == pytest.approx(-0.4, abs=1e-11)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a + integral(exp(-a t^2)/sqrt(t), t, 0, ∞)", {"a": 1.5}),
        ("sum(integral(exp(-a t^2 x_i), t, 0, 1), i, 1, n)", {"a": 2.0, "x": [1, 3]}),
        ("integral(1/t, t, 0, a)", {"a": 1.0}),
    ],
)
def test_single_points_are_those_of_numpy(text: str, at: Any, tmp_path: Path) -> None:
    f = sg.lambdify(text, "a", backend="math")
    value, (slope,) = f(**at)
    wanted, (by_a,) = sg.lambdify(text, "a", backend="numpy")(**at)
    assert type(value) is type(slope) is float
    assert repr((value, slope)) == repr((float(wanted), float(by_a)))
    saved = runpy.run_path(str(f.save(tmp_path / "saved.py")))
    assert repr(saved["f"](**at)) == repr((value, (slope,)))
    with pytest.raises(RuleError, match="integral"):
        f.to_source("c")


@pytest.mark.parametrize(
    "text",
    [
        "integral(sum(w^k t^k, k, 0, 3), t, 0, 1)",
        "integral(exp(-sum(w x_i t^i, i, 1, 3)), t, 0, w)",
        "integral(product(1 + w t/k, k, 1, 3), t, 0, 1)",
        "integral(sum(sum(w^j t^k, j, 1, k), k, 1, 3), t, 0, 1)",
        "integral(w + sum(w^k, k, 3, 2), t, 0, 1)",
    ],
)
def test_sums_of_a_known_length_within_an_integral(text: str) -> None:
    at = {"w": 0.7, "x": [1.0, 2.0, 3.0]}
    given = {name: at[name] for name in at if name == "w" or "x_i" in text}
    check = sg.check_gradient(text, given)  # against differences at fifty digits
    assert check.passed and "left out" not in str(check)


@pytest.mark.parametrize("end", ["n", "500"])
def test_longer_sums_within_an_integral_are_refused(end: str) -> None:
    with pytest.raises(RuleError, match="write the sum of the integrals"):
        sg.lambdify(f"integral(sum(w^k t^k, k, 0, {end}), t, 0, 1)", "w")


def test_random_formulas_against_scipy() -> None:
    chosen = np.random.default_rng(5)
    for _ in range(12):
        a, b, c = chosen.uniform(0.2, 2.0, 3)
        f = sg.lambdify("integral(exp(-a t) cos(b t + c) + t^2 c, t, a b, c + 3)")

        def g(t: float, a: float = a, b: float = b, c: float = c) -> Any:
            return np.exp(-a * t) * np.cos(b * t + c) + t**2 * c

        value, grad = f(a=a, b=b, c=c)
        assert value == pytest.approx(integrate.quad(g, a * b, c + 3)[0], rel=1e-10)
        by_a = (
            -g(a * b) * b
            + integrate.quad(
                lambda t, a=a, b=b, c=c: -t * np.exp(-a * t) * np.cos(b * t + c),
                a * b,
                c + 3,
            )[0]
        )
        assert grad[0] == pytest.approx(by_a, rel=1e-9)
