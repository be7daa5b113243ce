"""Functions that are formulas under a name, against SciPy, mpmath and PyTorch."""

import math

import mpmath
import numpy as np
import pytest
import scipy.special as special

import symgrad as sg
from symgrad.named_formulas import MAX_DEGREE, NAMED_FORMULAS

POINTS = np.array([-2.4, -0.7, -0.2, 0.3, 0.6, 0.9, 1.7])
INSIDE = np.array([0.02, 0.3, 0.6, 0.98])

ORACLES = {
    "versin(x)": (lambda t: 1 - mpmath.cos(t), POINTS),
    "coversin(x)": (lambda t: 1 - mpmath.sin(t), POINTS),
    "haversin(x)": (lambda t: (1 - mpmath.cos(t)) / 2, POINTS),
    "hav(x)": (lambda t: (1 - mpmath.cos(t)) / 2, POINTS),
    "gd(x)": (lambda t: mpmath.asin(mpmath.tanh(t)), POINTS),
    "logit(x)": (lambda t: mpmath.log(t / (1 - t)), INSIDE),
    "normpdf(x)": (mpmath.npdf, POINTS),
    "normcdf(x)": (mpmath.ncdf, POINTS),
    "exp2(x)": (lambda t: mpmath.mpf(2) ** t, POINTS),
    "exp10(x)": (lambda t: mpmath.mpf(10) ** t, POINTS),
    "exp1(x)": (mpmath.e1, INSIDE),
    "step(x)": (lambda t: mpmath.mpf(t > 0), POINTS),
    "rect(x)": (lambda t: mpmath.mpf(abs(t) < 0.5), POINTS),
    "tri(x)": (lambda t: max(0, 1 - abs(t)), POINTS),
    "clip(x, -1, 0.5)": (lambda t: min(max(t, -1), mpmath.mpf("0.5")), POINTS),
    "lerp(3, 5, x)": (lambda t: 3 + 2 * t, POINTS),
    "logsigmoid(x)": (lambda t: -mpmath.log(1 + mpmath.exp(-t)), POINTS),
    "mish(x)": (lambda t: t * mpmath.tanh(mpmath.log(1 + mpmath.exp(t))), POINTS),
    "tanhshrink(x)": (lambda t: t - mpmath.tanh(t), POINTS),
    "relu6(x)": (lambda t: min(max(t, 0), 6), 4 * POINTS),
    "hardtanh(x)": (lambda t: max(-1, min(1, t)), POINTS),
    "hardsigmoid(x)": (lambda t: min(max(t + 3, 0), 6) / 6, 2 * POINTS),
    "hardswish(x)": (lambda t: t * min(max(t + 3, 0), 6) / 6, 2 * POINTS),
    "logaddexp(x, 1)": (lambda t: mpmath.log(mpmath.exp(t) + mpmath.e), POINTS),
    "logsumexp(x, 1, 2x)": (
        lambda t: mpmath.log(mpmath.exp(t) + mpmath.e + mpmath.exp(2 * t)),
        POINTS,
    ),
}


@pytest.mark.parametrize("text", ORACLES)
def test_values_and_slopes(text: str) -> None:
    function, points = ORACLES[text]
    value, grad = sg.lambdify(text, "x")(points)
    with mpmath.workdps(40):
        wanted = [float(function(mpmath.mpf(t))) for t in points]
        slopes = [float(mpmath.diff(function, mpmath.mpf(t))) for t in points]
    # a handful of operations, each of one rounding, and cancellation by up to 20
    np.testing.assert_allclose(value, wanted, rtol=5e-15, atol=1e-15)
    np.testing.assert_allclose(grad[0], slopes, rtol=2e-14, atol=1e-14)


def test_every_named_formula_is_judged() -> None:
    used = {text.partition("(")[0] for text in ORACLES}
    assert set(NAMED_FORMULAS) - used == {"selu"}


def test_selu_is_that_of_pytorch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    at = torch.tensor(POINTS, requires_grad=True)
    found = torch.nn.functional.selu(at)
    found.sum().backward()
    value, grad = sg.lambdify("selu(x)", "x")(POINTS)
    np.testing.assert_allclose(value, found.detach().numpy(), rtol=1e-14)
    np.testing.assert_allclose(grad[0], at.grad.numpy(), rtol=1e-14)


FAMILIES = {
    "chebyshevt": (special.eval_chebyt, "chebyt"),
    "chebyshevu": (special.eval_chebyu, "ChebyshevU"),
    "legendre": (special.eval_legendre, "LegendreP"),
    "hermite": (special.eval_hermite, "HermiteH"),
    "hermite_prob": (special.eval_hermitenorm, "eval_hermitenorm"),
    "laguerre": (special.eval_laguerre, "LaguerreL"),
}


@pytest.mark.parametrize("degree", [0, 1, 2, 3, 6, 7, 12, MAX_DEGREE])
@pytest.mark.parametrize("family", FAMILIES)
def test_orthogonal_polynomials(family: str, degree: int) -> None:
    oracle, other = FAMILIES[family]
    at = np.linspace(-0.95, 0.95, 7)
    text = f"{family}({degree}, x) + 0*x"
    value = sg.lambdify(text, [])(at)
    wanted = np.array([oracle(degree, t) for t in at])
    scale = 1 + np.abs(wanted).max()
    # the recurrence loses a digit or two of the largest value between −1 and 1
    np.testing.assert_allclose(value / scale, wanted / scale, atol=2e-14)
    assert sg.lambdify(f"{other}({degree}, x) + 0*x", [])(0.3) == sg.lambdify(text, [])(
        0.3
    )


@pytest.mark.parametrize("degree", [3, 9])
def test_slopes_of_polynomials(degree: int) -> None:
    at = np.array([-0.8, 0.1, 0.7])
    _, grad = sg.lambdify(f"legendre({degree}, x)", "x")(at)
    below = [special.eval_legendre(degree - 1, t) for t in at]
    here = [special.eval_legendre(degree, t) for t in at]
    pairs = zip(at, below, here, strict=True)
    wanted = [degree * (t * p - q) / (t * t - 1) for t, q, p in pairs]
    np.testing.assert_allclose(grad[0], wanted, rtol=1e-12)


def test_the_page_shows_the_definition() -> None:
    page = str(sg.explain("x*legendre(3, x)", "x"))
    assert "legendre_3_1 = (5 x³ − 3 x)/2" in page
    assert "✓" in page


def test_logsumexp_neither_overflows_nor_has_a_kink() -> None:
    f = sg.lambdify("logsumexp(a, b, c)")
    value, grad = f(a=1000.0, b=1000.0, c=-2000.0)
    assert value == pytest.approx(1000 + math.log(2), rel=1e-15)
    np.testing.assert_allclose(grad, [0.5, 0.5, 0], atol=1e-15)


def test_a_definition_of_the_text_wins() -> None:
    assert sg.differentiate("clip(t) = t^3; y = clip(x)", "x").closed_form("x") == (
        3 * sg.formula("x").inputs[0] ** 2
    )


ERRORS = {
    "legendre(n, x)": "takes its degree first, a whole number from 0 to 30",
    "hermite(31, x)": "takes its degree first",
    "laguerre(2)": "takes its degree first",
    "logsumexp(x)": "takes 2 to 20 arguments, not 1",
    "x + clip(x)": "clip is defined with 3 arguments, not 1",
}


@pytest.mark.parametrize("text", ERRORS)
def test_errors_say_what_was_expected(text: str) -> None:
    with pytest.raises(sg.FormulaError, match=ERRORS[text]):
        sg.formula(text)
