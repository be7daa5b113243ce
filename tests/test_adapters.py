"""SciPy's solvers on formulas, against answers known otherwise; what is passed on."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import scipy.integrate
import scipy.optimize

import symgrad as sg

ROSENBROCK = "(1 - x)^2 + 100*(y - x^2)^2"
START = {"x": -1.2, "y": 1.0}
METHODS = [
    *(None, "Nelder-Mead", "Powell", "CG", "BFGS", "Newton-CG", "L-BFGS-B", "TNC"),
    *("COBYLA", "SLSQP", "trust-constr", "dogleg", "trust-ncg", "trust-exact"),
    "trust-krylov",
]


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_minimize_by_every_method(method: str | None) -> None:
    near = method in ("dogleg", "COBYLA")  # H > 0 there; and a slow method
    start = {"x": 0.8, "y": 0.6} if near else START
    options = {"maxfun" if method == "TNC" else "maxiter": 5000}
    tolerance = 0.2 if method == "COBYLA" else 1e-3
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing passed that the method ignores
        found = sg.minimize(ROSENBROCK, start, method=method, options=options)
    assert list(found.at) == ["x", "y"]
    assert found.at == pytest.approx({"x": 1, "y": 1}, abs=tolerance)


def test_derivatives_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    def spy(fun, x0, **options):
        seen.update(options)
        return scipy.optimize.OptimizeResult(x=np.asarray(x0))

    monkeypatch.setattr(scipy.optimize, "minimize", spy)
    sg.minimize(ROSENBROCK, START, method="trust-ncg")
    truth = scipy.optimize.rosen_hess_prod([0.3, 0.4], [1.0, -2.0])
    product = seen["hessp"](np.array([0.3, 0.4]), np.array([1.0, -2.0]))
    np.testing.assert_allclose(product, truth, rtol=1e-12)
    assert seen["jac"] is True
    sg.minimize(ROSENBROCK, START, method="trust-exact")
    truth = scipy.optimize.rosen_hess([0.3, 0.4])
    np.testing.assert_allclose(seen["hess"](np.array([0.3, 0.4])), truth, rtol=1e-12)


def test_bounds_by_name() -> None:
    bounds = {"y": (None, 0.25)}
    found = sg.minimize(ROSENBROCK, {"x": 0.0, "y": 0.0}, bounds=bounds)
    # on y = 1/4 the minimum is the real root of 2(x − 1) + 400x(x² − 1/4) near 1/2
    roots = np.roots([400, 0, 2 - 100, -2])
    x = roots[np.argmin(abs(roots - 0.5))].real
    assert found.at == pytest.approx({"x": x, "y": 0.25}, abs=1e-5)


def test_minimize_a_loss_over_samples() -> None:
    x = np.linspace(-1, 1, 30)
    data = {"x": x, "y": np.exp(x)}
    loss = "(y - (w*x + b))^2"
    found = sg.minimize(loss, {"w": 0, "b": 0}, data, reduce="mean")
    slope, intercept = np.polyfit(x, np.exp(x), 1)
    assert found.at == pytest.approx({"w": slope, "b": intercept}, rel=1e-5)
    summed = "sum((y_i - (w*x_i + b))^2, i, 1, n)"
    found = sg.minimize(summed, {"w": 0, "b": 0}, data, method="Newton-CG")
    assert found.at == pytest.approx({"w": slope, "b": intercept}, rel=1e-5)
    with pytest.raises(sg.ArgumentValueError, match=r"30 values.*reduce='sum'"):
        sg.minimize(loss, {"w": 0, "b": 0}, data)


# --- least squares and fits -----------------------------------------------------------


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_least_squares_of_a_line(method: str) -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, 40)
    y = 2 * x + 1 + 0.1 * rng.normal(size=40)
    found = sg.least_squares("y - (a*x + b)", {"a": 0, "b": 0}, {"x": x, "y": y},
                             method=method)  # fmt: skip
    slope, intercept = np.polyfit(x, y, 1)
    assert found.at == pytest.approx({"a": slope, "b": intercept}, rel=1e-6)
    np.testing.assert_allclose(found.jac, -np.stack([x, np.ones(40)], 1), atol=1e-12)


def test_least_squares_of_several_formulas_and_bounds() -> None:
    residuals = ["10*(y - x^2)", "1 - x"]
    found = sg.least_squares(residuals, START)
    assert found.at == pytest.approx({"x": 1, "y": 1}, abs=1e-6)
    found = sg.least_squares(residuals, START, bounds={"x": (None, 0.5)})
    assert found.at == pytest.approx({"x": 0.5, "y": 0.25}, abs=1e-4)


def test_curve_fit_is_scipys() -> None:
    rng = np.random.default_rng(2)
    x = np.linspace(0, 4, 50)
    y = 2.5 * np.exp(-1.3 * x) + 0.5 + 0.02 * rng.normal(size=50)
    found = sg.curve_fit("a*exp(-b*x) + c", {"x": x}, y)
    best, covariance = scipy.optimize.curve_fit(
        lambda x, a, b, c: a * np.exp(-b * x) + c, x, y
    )
    np.testing.assert_allclose(list(found.at.values()), best, rtol=1e-5)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-3)
    assert found.names == ("a", "b", "c")
    assert str(found).splitlines()[0].startswith("a = 2.49523 ± 0.012")
    assert found.errors["a"] == pytest.approx(covariance[0, 0] ** 0.5, rel=1e-3)
    bounded = sg.curve_fit(
        "a*exp(-b*x) + c", {"x": x}, y, {"a": 1, "b": 1, "c": 1}, bounds={"b": (0, 1)}
    )
    assert bounded.at["b"] == pytest.approx(1, abs=1e-6)


# --- equations ------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["hybr", "lm", "krylov", "broyden1"])
def test_root_by_several_methods(method: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = sg.root(["x^2 + y^2 = r^2", "x - 2*y"], {"x": 1.5, "y": 1},
                        {"r": 2}, method=method)  # fmt: skip
    assert found.success
    truth = {"x": 4 / 5**0.5, "y": 2 / 5**0.5}
    assert found.at == pytest.approx(truth, rel=1e-4)


def test_root_of_one_equation() -> None:
    assert sg.root("cos(x) = x", {"x": 1}).at["x"] == pytest.approx(0.7390851332151607)
    assert sg.root(["u - 2; u = x^2"], {"x": 1}).at["x"] == pytest.approx(2**0.5)


# --- differential equations -----------------------------------------------------------


@pytest.mark.parametrize("method", ["RK45", "DOP853", "Radau", "BDF", "LSODA"])
def test_solve_a_damped_oscillation(method: str) -> None:
    found = sg.solve_ivp({"x": "v", "v": "-k*x - 2*c*v"}, (0, 5), {"x": 1, "v": 0},
                         {"k": 4, "c": 0.5}, method=method, rtol=1e-8, atol=1e-10,
                         t_eval=np.linspace(0, 5, 11))  # fmt: skip
    w = np.sqrt(4 - 0.25)
    t = found.t
    truth = np.exp(-t / 2) * (np.cos(w * t) + np.sin(w * t) / (2 * w))
    np.testing.assert_allclose(found.at["x"], truth, atol=1e-6)


def test_the_jacobian_helps_stiff_methods() -> None:
    robertson = {
        "a": "-0.04*a + 1e4*b*c",
        "b": "0.04*a - 1e4*b*c - 3e7*b^2",
        "c": "3e7*b^2",
    }
    start = {"a": 1, "b": 0, "c": 0}
    found = sg.solve_ivp(robertson, (0, 40), start, method="BDF", rtol=1e-8, atol=1e-12)
    # Hairer and Wanner, Solving Ordinary Differential Equations II, IV.10: t = 40
    end = {name: float(row[-1]) for name, row in found.at.items()}
    truth = {"a": 0.7158270688, "b": 0.9185534765e-5, "c": 0.2841637457}
    assert end == pytest.approx(truth, rel=1e-5)


def test_time_a_single_state_and_a_state_in_no_formula() -> None:
    found = sg.solve_ivp({"y": "-2*t*y"}, (0, 1), {"y": 1}, rtol=1e-9, atol=1e-12)
    assert found.at["y"][-1] == pytest.approx(np.exp(-1), rel=1e-7)
    for method in ("RK45", "Radau"):
        found = sg.solve_ivp({"x": "v", "v": "0 - g"}, (0, 2), {"x": 1, "v": 3},
                             {"g": 9.81}, method=method)  # fmt: skip
        assert found.at["x"][-1] == pytest.approx(1 + 6 - 9.81 * 2, rel=1e-6)
        found = sg.solve_ivp({"x": "cos(t)"}, (0, 2), {"x": 0}, method=method)
        assert found.at["x"][-1] == pytest.approx(np.sin(2), abs=1e-3)


# --- errors ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: sg.minimize("x^2", [1.0]), sg.ArgumentTypeError, "start is"),
        (lambda: sg.minimize("x^2", {"x": "a"}), sg.ArgumentTypeError, "one number"),
        (lambda: sg.minimize("x^2", {"z": 1}), sg.UnknownNameError, "'z'"),
        (lambda: sg.minimize("a*x^2", {"x": 1}), sg.ArgumentTypeError, "missing.*a"),
        (
            lambda: sg.minimize("x^2", {"x": 1}, bounds={"y": (0, 1)}),
            sg.UnknownNameError,
            "variable in bounds 'y'",
        ),
        (
            lambda: sg.minimize("x^2", {"x": 1}, bounds={"x": 3}),
            sg.ArgumentTypeError,
            r"expected \(low, high\)",
        ),
        (lambda: sg.minimize("x", {"x": 1}, [1]), sg.ArgumentTypeError, "data is"),
        (
            lambda: sg.root(["x + y"], {"x": 1, "y": 1}),
            sg.ArgumentValueError,
            "1 equations for 2 unknowns",
        ),
        (
            lambda: sg.solve_ivp({"x": "v", "v": "x"}, (0, 1), {"x": 1}),
            sg.ArgumentValueError,
            "no number for the state 'v'",
        ),
        (
            lambda: sg.solve_ivp({"x": "x"}, (0, 1), {"x": 1, "v": 2}),
            sg.UnknownNameError,
            "state 'v'",
        ),
        (lambda: sg.solve_ivp([1], (0, 1), {"x": 1}), sg.ArgumentTypeError, "mapping"),
    ],
    ids=range(11),
)  # fmt: skip
def test_errors(call, error, said: str) -> None:
    with pytest.raises(error, match=said):
        call()


WRONG = {
    "unknown-variable": (
        lambda: sg.minimize("x^2", {"y": 1}),
        "variable 'y'; known: x",
    ),
    "unknown-in-root": (lambda: sg.root("x^2 = 2", {"z": 1}), "variable 'z'; known: x"),
    "unknown-parameter": (
        lambda: sg.curve_fit("a*x", {"x": [1]}, [1], {"b": 1}),
        "variable 'b'; known: a, x",
    ),
    "unknown-data": (
        lambda: sg.curve_fit("a*x", {"z": [1]}, [1]),
        "variable in data 'z'; known: a, x",
    ),
    "nothing-to-fit": (lambda: sg.curve_fit("x", {"x": [1]}, [1]), "no parameter"),
    "other-length": (
        lambda: sg.curve_fit("a*x", {"x": [1, 2, 3]}, [1, 2]),
        "y has 2 numbers and the data 3",
    ),
    "no-numbers": (lambda: sg.curve_fit("a*x", {"x": [1]}, ["q"]), "array of numbers"),
    "method": (
        lambda: sg.minimize("x^2", {"x": 1}, method="bfsg"),
        "did you mean 'bfgs'",
    ),
    "root-method": (lambda: sg.root("x", {"x": 1}, method=3), "unknown method 3"),
    "ivp-method": (
        lambda: sg.solve_ivp({"x": "x"}, (0, 1), {"x": 1}, method="RK54"),
        "did you mean 'RK45'",
    ),
    "span": (lambda: sg.solve_ivp({"x": "x"}, 1, {"x": 1}), "span is 1; expected"),
    "span-end": (
        lambda: sg.solve_ivp({"x": "x"}, (0, math.inf), {"x": 1}),
        "two finite times",
    ),
    "start": (lambda: sg.solve_ivp({"x": "x"}, (0, 1), 1), "start is 1; expected"),
    "ivp-data": (
        lambda: sg.solve_ivp({"x": "a*x"}, (0, 1), {"x": 1}, 3),
        "data is 3; expected a mapping",
    ),
    "bounds": (lambda: sg.minimize("x^2", {"x": 1}, bounds=3), "bounds is 3"),
    "bound": (
        lambda: sg.minimize("x^2", {"x": 1}, bounds={"x": (0, "a")}),
        r"expected \(low, high\)",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_arguments_of_solvers(case):
    call, words = WRONG[case]
    with pytest.raises(sg.SymgradError, match=words):
        call()
