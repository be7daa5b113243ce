"""Generated source: right against mpmath, readable, bounded, the same twice."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings

import mpmath
import numpy as np
import pytest
import sympy as sp

from symgrad.functions import FUNCTIONS
from symgrad.graph import Graph, Stage
from symgrad.networks import network
from symgrad.numeric.backends import lambdify
from symgrad.numeric.codegen.identifiers import Identifiers
from symgrad.numeric.llvm.functions import has_no_code
from symgrad.symbols import symbol

# The others give arrays of their own packages: see test_package_backends.py.
BACKENDS = ("numpy", "math", "scipy", "llvm")

x, y, z = symbol("x"), symbol("y"), symbol("z")
out = symbol("out")


def graph_of(expr, *inputs):
    return Graph((Stage(out, expr),), (out,), inputs)


# --- every function ---------------------------------------------------------------


def real(function):
    """An mpmath function that gives nan where its value is not real or infinite."""

    def checked(*at):
        try:
            value = function(*at)
        except (ZeroDivisionError, ValueError):
            return mpmath.nan
        if isinstance(value, mpmath.mpc):
            return value.real if value.imag == 0 else mpmath.nan
        return value

    return checked


M = mpmath
# Judged on points of their own in test_special_functions.py.
SPECIAL = (
    "erfi erfinv erfcinv gamma loggamma digamma polygamma beta zeta besselj bessely "
    "besseli besselk airyai airybi airyaiprime airybiprime Si Ci Shi Chi Ei li "
    "binomial fresnels fresnelc elliptic_k elliptic_e lowergamma uppergamma"
).split()
ELEMENTARY = [name for name in FUNCTIONS if name not in SPECIAL]
PAIRS = [
    (name, backend)
    for name in ELEMENTARY
    for backend in BACKENDS
    if not (backend == "llvm" and has_no_code(name))
]
ORACLES = {
    "log2": lambda u: M.log(u, 2) if u > 0 else M.nan,
    "log10": lambda u: M.log10(u) if u > 0 else M.nan,
    "log": lambda u: M.log(u) if u > 0 else M.nan,
    "cbrt": lambda u: M.sign(u) * M.cbrt(abs(u)),
    "sinc": M.sinc,
    "acot": lambda u: M.atan(1 / u) if u else M.pi / 2,
    "asech": lambda u: M.asech(u) if 0 < u <= 1 else M.nan,
    "LambertW": M.lambertw,
    "Abs": abs,
    "ceiling": M.ceil,
    "frac": lambda u: u - M.floor(u),
    "Heaviside": lambda u: (1 + M.sign(u)) / 2,
    "Max": max,
    "Min": min,
    "logistic": lambda u: 1 / (1 + M.exp(-u)),
    "relu": lambda u: max(u, 0),
    "leaky_relu": lambda u: u if u > 0 else u / 100,
    "elu": lambda u: u if u > 0 else M.expm1(u),
    "softplus": lambda u: M.log1p(M.exp(u)),
    "gelu": lambda u: u * M.erfc(-u / M.sqrt(2)) / 2,
    "silu": lambda u: u / (1 + M.exp(-u)),
    "softsign": lambda u: u / (1 + abs(u)),
}
POINTS = [-800.0, -25.0, -3.7, -2.0, -1.25, -0.9, -0.3, -1e-3, -1e-9, -1e-200]
POINTS += [-p for p in reversed(POINTS)] + [1.0000001, 0.9999999, 30.5, 1e6, 5.75]
INTEGERS = {-800.0, -25.0, -2.0, 2.0, 25.0, 800.0, 1e6}

# What the last place of the argument is worth, in units of the last place of the
# value, is added to this many: libm promises about one, a helper is a few such calls.
ULPS = 6


def oracle(name):
    return real(ORACLES.get(name, getattr(mpmath, name, None)))


def exact(name, at):
    with mpmath.workdps(60):
        value = oracle(name)(*(mpmath.mpf(u) for u in at))
        return float(value)


def arguments_of(name):
    if FUNCTIONS[name].arity == 2 or name in ("Max", "Min"):
        return (x, y)
    return (x,)


def points_of(name):
    if len(arguments_of(name)) == 2:
        return [(a, b) for a in POINTS[::5] for b in POINTS[1::5] if a != b]
    return [(a,) for a in POINTS]


def built(name):
    return graph_of(FUNCTIONS[name].make(*arguments_of(name)), *arguments_of(name))


@pytest.mark.parametrize(("name", "backend"), PAIRS)
def test_values_of_every_function(name, backend):
    f = lambdify(built(name), [], backend=backend)
    points = points_of(name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if backend != "math":
            got = f(*np.array(points).T)
        else:
            got = [f(*at) for at in points]
    wanted = np.array([exact(name, at) for at in points])
    # cosh(800) and the like are beyond all floats: infinite here and there.
    # erfc(17.7) multiplies the rounding of its argument by 2·17.7².
    rtol = 1e-13 if name == "gelu" else ULPS * 2.3e-16
    np.testing.assert_allclose(got, wanted, rtol=rtol, atol=1e-320)


def slope(name, at, place):
    """The derivative by mpmath's differences at 60 digits, or nan."""
    with mpmath.workdps(60):
        order = tuple(int(k == place) for k in range(len(at)))
        try:
            value = mpmath.diff(oracle(name), tuple(map(mpmath.mpf, at)), order,
                                h=mpmath.mpf(10) ** -25)  # fmt: skip
        except (ZeroDivisionError, ValueError):
            return float("nan")
        return float(value)


# Derivatives whose formula in the table cancels; they are good to this absolutely.
# mpmath's differences of erf lose what lies 30 digits below the value.
CANCELLING = {"gelu": 1e-15, "sinc": 2e-8, "softsign": 1e-12, "erf": 1e-30,
              "erfc": 1e-30}  # fmt: skip
# 1 - u² next to u = 1 has but the digits that the subtraction leaves.
NEXT_TO_ONE = 1e-8
# The last place of tanh(25) is all that 1 - tanh² has to tell, and so on.
BY_OWN_VALUE = ("tanh", "coth", "logistic", "silu", "elu", "sech", "csch")


@pytest.mark.parametrize(("name", "backend"), PAIRS)
def test_derivatives_of_every_function(name, backend):
    variables = arguments_of(name)
    f = lambdify(built(name), list(variables), backend=backend)
    # Left out: integers where the function jumps, and points so near a pole or a
    # kink that differences with a step of 1e-25 do not see the function's slope.
    points = [at for at in points_of(name) if all(1e-10 < abs(u) < 1e7 for u in at)]
    if name in ("floor", "ceiling", "frac"):
        points = [at for at in points if not INTEGERS & set(at)]
    rows = f(*np.array(points).T)[1] if backend != "math" else np.array(
        [f(*at)[1] for at in points]).T  # fmt: skip
    for place in range(len(variables)):
        wanted = np.array([slope(name, at, place) for at in points])
        got = rows[place]
        known = np.isfinite(wanted)
        known &= np.isfinite([exact(name, at) for at in points])
        assert known.any()
        scale = CANCELLING.get(name, 0) or (4e-16 if name in BY_OWN_VALUE else 1e-300)
        near = np.array([min(abs(abs(u) - 1) for u in at) < 1e-6 for at in points])
        for chosen, rtol in ((known & ~near, 2e-13), (known & near, NEXT_TO_ONE)):
            np.testing.assert_allclose(
                got[chosen], wanted[chosen], rtol=rtol, atol=scale
            )


KINKS = {
    "Abs": 0.0, "sign": 0.0, "relu": 0.0, "leaky_relu": 0.01, "Heaviside": 0.0,
    "elu": 1.0, "sinc": 0.0,
}  # fmt: skip


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", KINKS)
def test_the_values_at_kinks(name, backend):
    f = lambdify(built(name), ["x"], backend=backend)
    assert float(f(0.0)[1][0]) == KINKS[name]
    assert lambdify(built(name), ["x"])(np.zeros(3))[1].tolist() == [[KINKS[name]] * 3]


SAFE = [("logistic", -800.0, 0.0), ("logistic", 800.0, 1.0), ("softplus", 800.0, 800.0),
        ("softplus", -800.0, 0.0), ("silu", -800.0, 0.0), ("gelu", -800.0, 0.0),
        ("gelu", 800.0, 800.0), ("elu", -800.0, -1.0), ("elu", 800.0, 800.0),
        ("softsign", 1e300, 1.0), ("tanh", 800.0, 1.0),
        ("sech", 800.0, 0.0)]  # fmt: skip


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "at", "wanted"), SAFE)
def test_safe_numbers(name, at, wanted, backend):
    f = lambdify(built(name), ["x"], backend=backend)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, grad = f(at)
        if backend == "numpy":
            values, grads = f(np.array([at, at], np.float32 if at < 1e30 else float))
            assert values[0] == wanted and np.isfinite(grads).all()
    assert float(value) == wanted
    assert float(grad[0]) in (0.0, 1.0)


FAR = [("silu", 1e16, 1.0), ("silu", 1e12, 1.0), ("silu", -800.0, 0.0),
       ("acsch", 1e-160, -1e160), ("acsch", -1e-200, -1e200)]  # fmt: skip


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "at", "slope"), FAR)
def test_derivatives_far_out(name, at, slope, backend):
    grad = lambdify(built(name), ["x"], backend=backend)(at)[1]
    assert float(grad[0]) == pytest.approx(slope, rel=1e-12)


AT_INFINITY = [("silu", -np.inf, 0.0), ("softsign", np.inf, 1.0),
               ("softsign", -np.inf, -1.0), ("softsign", 1e38, 1.0)]  # fmt: skip


@pytest.mark.parametrize(("name", "at", "wanted"), AT_INFINITY)
def test_arrays_and_single_numbers_agree_at_infinity(name, at, wanted):
    f = lambdify(built(name), ["x"])
    for argument in (at, [at, at], np.full(2, at, np.float32)):
        value, grad = f(argument)
        assert np.all(value == wanted) and np.all(abs(grad) < 1e-30)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("at", [1e300, 1e308, 1.7976931348623157e308])
def test_lambertw_of_the_largest_numbers(at, backend):
    value = lambdify(built("LambertW"), [], backend=backend)(at)
    assert float(value) == pytest.approx(float(mpmath.lambertw(at)), rel=1e-15)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("name", ELEMENTARY)
def test_functions_of_numbers_alone(name, kind):
    """They are computed once, as NumPy does: a pole is infinite and no error."""
    count = len(arguments_of(name))
    for number in (sp.Integer(0), sp.Rational(1, 2), sp.Integer(2)):
        call = FUNCTIONS[name].make(*[number] * count, evaluate=False)
        graph = graph_of(sp.Mul(x, call, evaluate=False), x)
        value, grad = lambdify(graph)(np.ones(3, kind))
        expected = lambdify(built(name), [])(*[np.full(3, float(number))] * count)
        np.testing.assert_allclose(value, expected, rtol=1e-6)
        np.testing.assert_allclose(grad, [expected], rtol=1e-6)
        assert value.dtype == grad.dtype == kind


@pytest.mark.parametrize("name", ELEMENTARY)
def test_functions_take_nan_and_float32(name):
    f = lambdify(built(name), [])
    count = len(arguments_of(name))
    assert np.isnan(f(*np.full((count, 2), np.nan))).all()
    assert np.isnan(lambdify(built(name), [], backend="math")(*[np.nan] * count))
    points = np.array([[0.5] * 3, [0.25] * 3], np.float32)[:count]
    value = f(*points)
    assert value.dtype == np.float32
    wanted = exact(name, [float(p[0]) for p in points])
    np.testing.assert_allclose(value, wanted, rtol=2e-6)


# --- the text ---------------------------------------------------------------------


NOTES_SOURCE = """\
from math import tanh


def point(x_1, x_2, w_111, w_121, b_1, w_211, w_221, b_2, w_311, w_321, b_3):
    f_3 = tanh(w_111*x_1 + w_121*x_2 + b_1)
    f_2 = tanh(w_211*x_1 + w_221*x_2 + b_2)
    f_1 = tanh(w_311*f_3 + w_321*f_2 + b_3)
    d_b_3 = 1.0 - f_1*f_1
    d_b_2 = d_b_3*w_321*(1.0 - f_2*f_2)
    d_b_1 = d_b_3*w_311*(1.0 - f_3*f_3)
    return f_1, (
        d_b_1*x_1, d_b_1*x_2, d_b_1, d_b_2*x_1, d_b_2*x_2, d_b_2, d_b_3*f_3, d_b_3*f_2,
        d_b_3,
    )
"""


def test_the_source_of_the_notes_network():
    source = lambdify(network([2, 2, 1]), backend="math").source
    assert source == NOTES_SOURCE


@pytest.mark.parametrize(
    ("expr", "code"),
    [
        (sp.Add(x, sp.Mul(-1, y - z, evaluate=False), evaluate=False), "x + (z - y)"),
        (x / (y * z), "x/(y*z)"),
        (x * (y + z), "x*(y + z)"),
        (sp.Mul(-1, x + y, z, evaluate=False), "-z*(x + y)"),
        (x - 2 * y, "x - 2.0*y"),
        (-2 * x, "-2.0*x"),
        (x**2 + y, "x*x + y"),
        (sp.exp(-x), "exp(-x)"),
        (1 / x, "1.0/x"),
        (x ** sp.Rational(1, 2), "sqrt(x)"),
        (x**y, "pow(x, y)"),
        (sp.Piecewise((x, x > 0), (0, True)), "(x if x > 0.0 else 0.0)"),
    ],
    ids=str,
)
def test_brackets_stand_only_where_needed(expr, code):
    inputs = [s for s in (x, y, z) if s in expr.free_symbols]
    source = lambdify(graph_of(expr, *inputs), [], backend="math").source
    lines = [line.strip() for line in source.splitlines()[-2:]]
    assert code in lines[-1] or f"out = {code}" in lines[0]


def chain(length):
    weights = [symbol(f"w_{k}") for k in range(length)]
    stages, value = [], x
    for k in range(length):
        name = symbol(f"h_{k}")
        stages.append(Stage(name, sp.tanh(weights[k] * value, evaluate=False)))
        value = name
    return Graph(tuple(stages), (value,), (x,), tuple(weights))


@pytest.mark.parametrize("backend", BACKENDS)
def test_five_thousand_stages_compile(backend):
    f = lambdify(chain(5000), backend=backend)
    value, grad = f(0.5, *[1.0] * 5000)
    # h <- tanh(h) shrinks like sqrt(3/2n); by hand, in one loop:
    h = 0.5
    for _ in range(5000):
        h = np.tanh(h)
    np.testing.assert_allclose(value, h, rtol=1e-10)
    assert len(grad) == 5000


def test_a_wide_sum_and_a_deep_expression_compile():
    many = [symbol(f"a_{k}") for k in range(3000)]
    graph = graph_of(sp.Add(*(a * x for a in many)), x, *many)
    for backend in BACKENDS:
        assert lambdify(graph, many, backend=backend)(2.0, *[1.0] * 3000)[0] == 6000.0
    deep = x
    for _ in range(300):
        deep = sp.sin(deep + y, evaluate=False)
    f = lambdify(graph_of(deep, x, y), backend="math")
    value = 0.3
    for _ in range(300):
        value = np.sin(value + 0.2)
    np.testing.assert_allclose(f(0.3, 0.2)[0], value, rtol=1e-12)


def test_twenty_five_thousand_parameters_compile():
    graph = network([64, 128, 128, 1])
    f = lambdify(graph)
    assert len(f.wrt) == 24_961 and f.operations == 107_907
    value, grad = f(*np.zeros((64, 3)), *[0.01] * 24_961)
    assert value.shape == (3,) and grad.shape == (24_961, 3)


def test_lines_are_short_and_single():
    source = lambdify(network([9, 12, 3], activation="silu")).source
    assert max(map(len, source.splitlines())) < 220


def test_the_source_is_the_same_in_every_process():
    code = (
        "import sympy as sp\n"
        "from symgrad.networks import network\n"
        "from symgrad.numeric.backends import lambdify\n"
        "print(lambdify(network([3, 4, 2], activation=['gelu', 'elu'])).source)\n"
        "x, y, z = sp.symbols('x y z', real=True)\n"
        "e = sp.Max(x, y, z) + sp.Piecewise((x*y*z + sp.erf(y), sp.And(x > 0, y > 0,"
        " z > 1)), (sp.sin(x + y) + z, True))\n"
        "f = lambdify(e, backend='math')\n"
        "print(f.source, f.args)\n"
    )
    texts = set()
    for seed in ("0", "1", "77"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True,
                              check=True, text=True, env=environment)  # fmt: skip
        texts.add(done.stdout)
    assert len(texts) == 1


def test_identifiers_are_one_to_one():
    names = ["x'", "x_prime", "lambda", "lambda_1", "ﬁ", "fi", "2x", "", "φ", "a-b",
             "a_b", "match", "x'"]  # fmt: skip
    found = Identifiers(["tanh"]).claim_all(names[:-1])
    assert len(set(found)) == len(names) - 1
    assert all(name.isidentifier() for name in found)
    assert found[1] == "x_prime" and found[3] == "lambda_1" and found[8] == "φ"
