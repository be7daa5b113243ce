"""Every function in every back end at the edges of the numbers: nan, never an alarm."""

import itertools
import math
import warnings

import numpy as np
import pytest

import symgrad as sg
from symgrad.functions import FUNCTIONS
from symgrad.numeric.numeric_functions import BACKENDS

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


TINY = 5e-324
BELOW_ZERO = (-2.0, -0.5, -1.0, -800.0, -1e300, -TINY, -math.inf)
BEYOND_ONE = (1.5, -1.5, 2.0, -800.0, 1 + 2**-52, math.inf, -math.inf)
POINTS: dict[str, tuple[float, ...]] = {
    "u > 0": BELOW_ZERO,
    "u > 0 and u ≠ 1": BELOW_ZERO,
    "u ≥ 0": BELOW_ZERO,
    "u > −1": (-2.0, -1.5, -1 - 2**-52, -800.0, -math.inf),
    "−1 ≤ u ≤ 1": BEYOND_ONE,
    "−1 < u < 1": BEYOND_ONE,
    "|u| ≥ 1": (0.0, -0.0, 0.5, -0.5, 1 - 2**-53, TINY),
    "|u| > 1": (0.0, -0.0, 0.5, -0.5, 1 - 2**-53, TINY),
    "u ≥ 1": (0.5, 0.0, -0.5, -2.0, -800.0, -math.inf),
    "0 < u ≤ 1": (-0.5, -TINY, -2.0, 1.5, 800.0, math.inf, -math.inf),
    "0 < u < 2": (-0.5, -TINY, -800.0, 2.5, 800.0, math.inf, -math.inf),
    "u < 1": (1.5, 2.0, 800.0),
    "u ≤ 1": (1.5, 2.0, 800.0),
    "u ≥ −1/e": (-0.5, -1.0, -800.0, -math.inf),
    "an order > 0 and an argument ≥ 0": (-2.0, -0.5, -20.0, -math.inf),
    "an argument > 0": (-2.0, -0.5, -20.0),
    "arguments > 0": (-2.0, -0.5, -20.5),
}
"""domain -> arguments outside it"""
PARTS = {n: row for n, row in FUNCTIONS.items() if row.domain in POINTS}
COMPOUND = {
    "log(x)*y": BELOW_ZERO,
    "log(1 + 2x)*log(x + 3)": (-2.0, -800.0),
    "tanh(log(x))": BELOW_ZERO,
    "sqrt(x)*sqrt(x)*x": BELOW_ZERO[:5],
    "z = u*v; u = log(x); v = exp(x)": BELOW_ZERO[:4],
    "x^1.5": BELOW_ZERO[:5],
    "x^(-0.5)": BELOW_ZERO[:5],
    "x^y": (-2.5, -0.5, -1e-300),
    "piecewise((x^2, x > 0), (log(x), x > -1))": (-0.5, -1.0, -2.0),
    "lowergamma(x, 2)*log(x)": (-2.0, -0.5),
}


def compiled(source, backend, **options):
    """The numeric function, or None where the back end says that it lacks one."""
    try:
        return sg.lambdify(source, backend=backend, **options)
    except sg.RuleError as error:
        if "has no derivative" not in str(error):
            assert "has no code for" in str(error)
        return None


def results(f, points):
    """Value and partials at each point, the other arguments 1.5, as one array."""
    found = []
    for x in points:
        parts = f(**{name: x if name == "x" else 1.5 for name in f.args})
        found.append([np.asarray(part, dtype=float).ravel() for part in parts])
    return np.array([np.concatenate(row) for row in found])


def cases():
    for name, row in PARTS.items():
        yield pytest.param(formula_of(name).replace("y)", "1.5)"), row.domain, id=name)
    for formula, points in COMPOUND.items():
        yield pytest.param(formula, points, id=formula.replace(" ", ""))


@pytest.mark.parametrize("backend", ["scipy", "math", "llvm", "jax", "torch"])
@pytest.mark.parametrize("formula, points", list(cases()))
def test_outside_the_domain_no_derivative_is_a_number(formula, points, backend):
    if backend == "torch":
        pytest.importorskip("torch", reason="PyTorch is not installed")
    points = POINTS.get(points, points)
    if backend == "jax":  # computes in single precision by default
        with np.errstate(over="ignore"):
            points = tuple(x for x in points if x == float(np.float32(x)))
    first = compiled(formula, backend, wrt="x")
    if first is None:
        return  # the error has named what it lacks
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        assert np.isnan(results(first, points)).all()
        for mode in ("reverse", "forward") if backend in ("scipy", "math") else ():
            gradient = sg.differentiate(formula, "x", mode)
            assert np.isnan(results(compiled(gradient, backend), points)).all()
            try:
                hessian = sg.hessian(formula, "x", mode)
                second = compiled(hessian, backend, wrt="x")
            except sg.RuleError:
                second = None
            if second is not None:
                assert np.isnan(results(second, points)).all()


@pytest.mark.parametrize("formula", ["log(x)", "atanh(x)*x", "log(x)*tanh(y*x)"])
@pytest.mark.parametrize("make", ["derivative", "program", "differential", "hvp"])
def test_every_way_to_a_derivative_is_nan_outside(make, formula):
    if make == "derivative":
        f = sg.lambdify(sg.derivative(formula, "x", order=3), "x")
    elif make == "program":
        program = sg.differentiate(formula, "x", "forward").program
        f = sg.lambdify(program, "x")
    elif make == "differential":
        f = sg.lambdify(sg.total_differential(formula, "x").graph, "x")
    else:
        f = sg.hvp(formula, "x")
    assert np.isnan(results(f, (-2.0, -800.0))).all()
    assert np.isfinite(results(f, (0.25, 0.5))).all()


@pytest.mark.parametrize("backend", ["numpy", "math", "llvm"])
def test_what_falls_away_on_paper_or_is_a_dead_branch_stays(backend):
    total = {
        "log(x^2)": -1.0,
        "log(|x|)": -0.5,
        "log(x) if x > 0 else x": 1.0,
        "log(-x)": -0.5,
        "log(y) + x": 1.0,
        "log(x)^0*x": 1.0,
        "log(x^4)/2": -1.0,
    }
    with np.errstate(all="raise"):
        for formula, slope in total.items():
            f = sg.lambdify(formula, "x", backend=backend)
            parts = f(**{name: -2.0 for name in f.args})
            assert float(parts[1][0]) == slope, formula


@pytest.mark.parametrize("backend", ["numpy", "math", "llvm"])
@pytest.mark.parametrize(
    "formula, at, slope",
    [
        ("log(x)", 0.0, math.inf),
        ("log2(x)", 0.0, math.inf),
        ("log1p(x)", -1.0, math.inf),
        ("atanh(x)", 1.0, math.inf),
        ("atanh(x)", -1.0, math.inf),
        ("acoth(x)", 1.0, -math.inf),
        ("asech(x)", 0.0, -math.inf),
        ("sqrt(x)", 0.0, math.inf),
        ("1/x", 0.0, -math.inf),
    ],
)
def test_a_pole_at_the_edge_keeps_its_infinite_derivative(formula, at, slope, backend):
    value, grad = sg.lambdify(formula, "x", backend=backend)(at)
    if formula == "acoth(x)":
        assert abs(grad[0]) == math.inf
    else:
        assert grad[0] == slope
    assert not np.isnan(value)


INF = math.inf
AT_INFINITY = [
    *(("gelu(x)", (x,), (float(x > 0),)) for x in (INF, -INF, 1e308, -1e308, 1e200)),
    *(("silu(x)", (x,), (float(x > 0),)) for x in (INF, -INF, 1e308, -1e308, 800.0)),
    ("hypot(x, y)", (INF, 2.0), (1.0, 0.0)),
    ("hypot(x, y)", (-INF, 0.0), (-1.0, 0.0)),
    ("hypot(x, y)", (-1e300, INF), (0.0, 1.0)),
    ("hypot(x, y)", (3e200, -4e200), (0.6, -0.8)),
    ("hypot(x, y)", (3e-200, 4e-200), (0.6, 0.8)),
    ("hypot(x, y)", (INF, INF), (math.nan, math.nan)),
    ("hypot(x, y)", (0.0, 0.0), (math.nan, math.nan)),
    ("hypot(x, y)", (math.nan, 1.0), (math.nan, math.nan)),
    ("gelu(x)", (math.nan,), (math.nan,)),
    ("silu(x)", (math.nan,), (math.nan,)),
]


@pytest.mark.parametrize("backend", ["numpy", "math", "llvm", "torch"])
@pytest.mark.parametrize("formula, at, slopes", AT_INFINITY)
def test_where_a_limit_exists_at_infinity_it_is_given(formula, at, slopes, backend):
    if backend == "torch":
        pytest.importorskip("torch", reason="PyTorch is not installed")
    _, grad = sg.lambdify(formula, backend=backend)(*at)
    np.testing.assert_allclose(np.asarray(grad, dtype=float), slopes, rtol=4e-16)


def test_the_choice_is_one_comparison_and_one_selection_more():
    assert sg.lambdify("log(x)", "x").operations == 4  # log, ≥, /, select
    assert sg.lambdify("log(x)*y", results="gradient").operations == 4
    assert sg.lambdify("polygamma(2, x)", "x", backend="scipy").operations == 2
    assert sg.lambdify(sg.network([2, 2, 1])).operations == 31


def test_saved_source_is_nan_outside_the_domain(tmp_path):
    path = sg.lambdify("log(x)*x", "x", backend="math").save(tmp_path / "saved.py")
    space: dict = {}
    exec(compile(path.read_text(), "saved.py", "exec"), space)
    value, grad = space["f"](-2.0)
    assert math.isnan(value) and math.isnan(grad[0])


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
