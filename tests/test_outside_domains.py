"""Every function in every back end at the edges of the numbers: nan, never an alarm."""

import itertools
import math
import warnings

import numpy as np
import pytest

import symgrad as sg
from symgrad.functions import FUNCTIONS
from symgrad.numeric.backends import BACKENDS

EDGES = (0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 20.0, -20.0, 800.0, -800.0)
EDGES += (1e-300, -1e-300, 1e300, 5e-324, math.inf, -math.inf, math.nan)
ORDERED = ("besselj", "bessely", "besseli", "besselk", "polygamma")
ORDERED += ("lowergamma", "uppergamma")
OUTSIDE = {
    "log(x)": -1.0,
    "log1p(x)": -2.0,
    "sqrt(x)": -1.0,
    "x^1.5": -1.0,
    "asin(x)": 1.5,
    "acosh(x)": 0.5,
    "atanh(x)": 2.0,
    "asech(x)": 1.5,
    "erfinv(x)": 2.0,
    "LambertW(x)": -1.0,
    "loggamma(x)": -0.5,
    "gamma(x)": -2.0,
    "Ci(x)": -1.0,
    "Chi(x)": -1.0,
    "li(x)": -1.0,
    "elliptic_k(x)": 1.5,
    "elliptic_e(x)": 1.5,
    "uppergamma(2.5, x)": -1.0,
    "bessely(1, x)": -1.0,
}


def formula_of(name: str) -> str:
    if name in ORDERED:
        return f"{name}(2, x)"
    return f"{name}(x, y)" if FUNCTIONS[name].arity != 1 else f"{name}(x)"


@pytest.mark.parametrize("backend", ["math", "numpy", "scipy"])
@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n != "Heaviside"])
def test_edges_raise_no_exception_and_no_warning(name: str, backend: str) -> None:
    assert backend in BACKENDS
    graph = sg.formula(formula_of(name))
    try:
        f = sg.lambdify(graph, backend=backend, wrt=[] if name == "zeta" else None)
    except sg.RuleError as error:
        assert "use backend='scipy'" in str(error)
        return
    points = list(itertools.product(EDGES, repeat=len(f.args)))
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        singles = [f(*point) for point in points]
        if backend != "math":
            f(*map(np.array, zip(*points, strict=True)))
    values = [single if name == "zeta" else single[0] for single in singles]
    inside = points.index((0.5,) * len(f.args))
    if name not in ("asec", "acsc", "acosh", "acoth"):
        assert math.isfinite(float(np.squeeze(values[inside])))


@pytest.mark.parametrize("formula", OUTSIDE)
def test_outside_the_domain_the_value_is_nan(formula: str) -> None:
    f = sg.lambdify(formula, wrt=[])
    assert np.isnan(f(OUTSIDE[formula]))
    assert np.isnan(f(np.array([OUTSIDE[formula]] * 3))).all()


def test_a_root_of_what_cancels_has_no_slope() -> None:
    value, slope = sg.lambdify("cbrt(y - y) + y", "y", backend="math")(2.0)
    assert (value, slope) == (2.0, (1.0,))


@pytest.mark.parametrize("backend", ["numpy", "math"])
def test_no_limit_is_taken_at_the_edge_of_a_domain(backend):
    value, grad = sg.lambdify("u^v", ["u", "v"], backend=backend)(0.0, 2.0)
    assert value == 0 and grad[0] == 0 and np.isnan(grad[1])
    value, grad = sg.lambdify("u*log(u)", "u", backend=backend)(0.0)
    assert np.isnan(value) and np.isnan(grad[0])
    value, grad = sg.lambdify("x - x + y", "x", backend=backend)(np.inf, 1.0)
    assert value == 1 and grad[0] == 0
