"""Gamma, zeta, Bessel, Airy and inverse error functions, each on its own ground.

Values and derivatives are judged by mpmath at 40 digits: what the last place of the
argument is worth is allowed on top of the stated number of units in the last place.
"""

from __future__ import annotations

import re
import warnings
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.derivatives import DERIVATIVES
from symgrad.functions import FUNCTIONS
from symgrad.graph import Graph, Stage
from symgrad.numeric import availability
from symgrad.numeric.interpreter import run_tape
from symgrad.numeric.llvm.functions import has_no_code
from symgrad.symbols import symbol

# The others give arrays of their own packages: see test_package_backends.py.
BACKENDS = ("numpy", "math", "scipy", "llvm")

M = mpmath
x, out = symbol("x"), symbol("out")
RANDOM = np.random.default_rng(7)
SMALL = 10.0 ** RANDOM.uniform(-9, 0, 40)
MIDDLE = RANDOM.uniform(0.1, 30, 80)
ROUND = np.array(
    [0.25, 0.5, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 7.5, 10.0, 14.0, 14.5, 20.0]
)
POSITIVE = np.concatenate([SMALL, MIDDLE, ROUND])
NEGATIVE = -RANDOM.uniform(0, 30, 60)
BOTH = np.concatenate([POSITIVE, NEGATIVE])


def erfcinv(u):
    with mpmath.workdps(60):
        return mpmath.erfinv(1 - u)


# name -> (constant first arguments, points, oracle, ulps of value and of derivative)
CASES = {
    "gamma": ((), BOTH, M.gamma, 8, 16),
    # halves, for which u + 1 is exact: its rounding costs (u + 1)·digamma(u + 1) ulps
    "factorial": ((), np.arange(0, 60) / 2, M.factorial, 8, 16),
    "loggamma": ((), np.append(POSITIVE, [1e3, 1e10, 1e200]), M.loggamma, 12, 8),
    "digamma": ((), BOTH, M.digamma, 8, 8),
    "zeta": ((), np.concatenate([POSITIVE[POSITIVE != 1], NEGATIVE, -SMALL,
                                [-1e-17, -1e-300]]), M.zeta, 60, None),
    "erfi": ((), RANDOM.uniform(-26, 26, 60), M.erfi, 6, 6),
    "erfinv": ((), np.append(RANDOM.uniform(-1, 1, 60), [1e-300, 1e-9, 0.999999]),
               M.erfinv, 8, 24),
    "erfcinv": ((), np.append(RANDOM.uniform(0, 2, 60), [1e-9, 0.01, 1.99]), erfcinv, 8,
                24),
    "airyai": ((), RANDOM.uniform(-8, 8, 40), M.airyai, 200, 200),
    "airybi": ((), RANDOM.uniform(-8, 8, 40), M.airybi, 200, 200),
    "airyaiprime": ((), RANDOM.uniform(-8, 8, 40),
                    lambda u: M.airyai(u, derivative=1), 200, 200),
    "airybiprime": ((), RANDOM.uniform(-8, 8, 40),
                    lambda u: M.airybi(u, derivative=1), 200, 200),
    **{f"polygamma {n}": ((n,), BOTH[::2], lambda u, n=n: M.polygamma(n, u), 16, 16)
       for n in (0, 1, 2, 3, 7)},
    **{f"beta {a}": ((a,), POSITIVE[::2], lambda u, a=a: M.beta(a, u), 40, 60)
       for a in (1, 2.5)},
    **{f"binomial {n}": ((n,), np.concatenate([MIDDLE, range(45)]),
                         lambda u, n=n: M.binomial(n, u), bound, 2 * bound)
       for n, bound in ((45, 300), (150.5, 600), (1000, 1000), (10**6, 2000))},
    **{f"{name} {n}": ((n,), MIDDLE[::2],
                       lambda u, n=n, k=name: getattr(M, k)(n, u), 400, 400)
       for name in ("besselj", "bessely", "besseli", "besselk") for n in (0, 1, 2.5)},
}  # fmt: skip


def graph_of(case):
    constants = [sp.Rational(*Fraction(c).as_integer_ratio()) for c in CASES[case][0]]
    expr = FUNCTIONS[case.split()[0]].make(*constants, x, evaluate=False)
    return Graph((Stage(out, expr),), (out,), (x,))


def backends_of(case):
    only = ("bessel", "airy")
    lacks = {"scipy": False, "llvm": has_no_code(case.split()[0])}
    return [b for b in BACKENDS if not lacks.get(b, case.startswith(only))]


PAIRS = [(case, backend) for case in CASES for backend in backends_of(case)]


def ulps(got, at, oracle, order=0):
    """The error of one number, less what half the argument's last place is worth."""
    with mpmath.workdps(40):
        u = mpmath.mpf(float(at))
        h = mpmath.mpf(float(np.spacing(abs(at)))) / 2

        def exact(t):
            if order:
                return (oracle(t + h / 10**9) - oracle(t - h / 10**9)) / (2 * h / 10**9)
            return oracle(t)

        wanted = exact(u)
        worth = max(abs(exact(u + h) - wanted), abs(exact(u - h) - wanted))
        if abs(wanted) > 1.7e308:
            return 0.0 if np.isinf(got) else np.inf
        # where a derivative is a difference, what cancels is not counted
        floor = max(abs(wanted), abs(oracle(u)) * (1 if order else 0))
        error = max(abs(float(got) - wanted) - worth, 0)
        return float(error / floor) / 2.2e-16 if error else 0.0


def computed(f, points):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if f.backend != "math":
            return f(points)
        results = [f(at) for at in points.tolist()]
        return results if not f.wrt else tuple(map(list, zip(*results, strict=True)))


@pytest.mark.parametrize(("case", "backend"), PAIRS)
def test_values_to_the_stated_ulps(case, backend):
    _, points, oracle, bound, _ = CASES[case]
    got = computed(sg.lambdify(graph_of(case), [], backend=backend), points)
    errors = [ulps(g, at, oracle) for g, at in zip(got, points, strict=True)]
    assert max(errors) <= bound, (points[np.argmax(errors)], max(errors))


# The derivative of digamma is polygamma, which has no machine code.
SLOPED = [p for p in PAIRS if CASES[p[0]][4] and p != ("digamma", "llvm")]


@pytest.mark.parametrize(("case", "backend"), SLOPED)
def test_derivatives_to_the_stated_ulps(case, backend):
    _, points, oracle, _, bound = CASES[case]
    points = points[abs(points) > 1e-6]
    _, rows = computed(sg.lambdify(graph_of(case), ["x"], backend=backend), points)
    got = np.array(rows).reshape(-1)
    with mpmath.workdps(40):
        errors = [ulps(g, at, oracle, 1) for g, at in zip(got, points, strict=True)]
    assert max(errors) <= bound, (points[np.argmax(errors)], max(errors))


OUTSIDE = {
    "gamma": (-1.0, -7.0, -np.inf),
    "loggamma": (-0.5, -3.0, -np.inf),
    "digamma": (-1.0, -40.0, -np.inf),
    "zeta": (1.0, -np.inf),
    "erfinv": (1.5, -2.0, np.inf),
    "erfcinv": (-0.5, 2.5, np.inf),
    "polygamma 1": (0.0, -1.0, -3.0, -np.inf),
    "beta 2.5": (-0.5, -3.0),
    "binomial 45": (np.inf, -np.inf, np.nan),
    "bessely 0": (-1.0,),
    "besselk 1": (-2.5,),
    "besselj 2.5": (-1.0,),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", OUTSIDE)
def test_outside_the_domain_is_nan(case, backend):
    if backend not in backends_of(case):
        return
    f = sg.lambdify(graph_of(case), [], backend=backend)
    assert np.isnan(computed(f, np.array(OUTSIDE[case]))).all()


@pytest.mark.parametrize("case", [c for c in CASES if CASES[c][4]])
def test_extreme_arguments_raise_no_warning(case):
    ends = np.array([0.0, -0.0, 5e-324, 1e308, -1e308, np.inf, -np.inf, np.nan, -0.5])
    for backend in backends_of(case):
        part = backend == "llvm" and case == "digamma"  # whose derivative it lacks
        f = sg.lambdify(graph_of(case), [] if part else ["x"], backend=backend)
        value = computed(f, ends) if part else computed(f, ends)[0]
        assert np.isnan(value[7])
        assert not any(isinstance(v, complex) for v in value)


@pytest.mark.parametrize("case", CASES)
def test_float32_stays_float32(case):
    points = np.array([0.25, 0.5, 0.75], np.float32)
    value = sg.lambdify(graph_of(case), [])(points)
    assert value.dtype == np.float32
    with mpmath.workdps(30):
        wanted = [float(CASES[case][2](mpmath.mpf(float(p)))) for p in points]
    np.testing.assert_allclose(value, wanted, rtol=2e-6)


@pytest.mark.parametrize("case", CASES)
def test_pages_compute_without_scipy(case):
    tape = sg.lambdify(graph_of(case), []).tape
    with mpmath.workdps(30):
        wanted = float(CASES[case][2](mpmath.mpf(0.75)))
    assert abs(float(run_tape(tape, [0.75])[0]) - wanted) <= 1e-14 * abs(wanted)


# --- binomial coefficients ------------------------------------------------------------

UPPER = [-2.5, -2.5, -0.5, -0.5, -7.0, 0.0, 5.0, 5.0, 1e3, 1e6, 1e6, 1e6, 3e9]
LOWER = [1e6, -30.0, 2.0, -0.5, 4.0, 0.0, 7.0, -1.0, 500, 49, 50, 33.25, 25]
UPPER = np.append(RANDOM.uniform(-40, 150, 60), [*UPPER, *RANDOM.integers(0, 1000, 40)])
LOWER = np.append(RANDOM.uniform(-40, 150, 60), [*LOWER, *RANDOM.integers(0, 1000, 40)])


@pytest.mark.parametrize("backend", ["numpy", "math", "scipy"])
def test_binomial_coefficients_of_any_arguments(backend):
    """Within 1e-12 of the value, what the arguments' last places are worth apart."""
    f = sg.lambdify("binomial(n, k)", backend=backend)
    points = list(zip(UPPER.tolist(), LOWER.tolist(), strict=True))
    for n, k in points:
        value, (by_n, by_k) = f(n, k)
        with mpmath.workdps(40):
            exact = M.binomial(n, k)
            if abs(exact) > 1.7e308:
                assert np.isinf(value), (n, k)
                continue
            if n - k < 0 and (n - k) == int(n - k):  # a pole of digamma
                assert abs(value - exact) <= 1e-14 * abs(exact), (n, k)
                assert np.isnan(by_n) or n == int(n) != n - k, (n, k)
                continue
            if k < 0 and k == int(k):
                assert value == 0, (n, k)
                continue
            slopes = [
                exact * (M.digamma(n + 1) - M.digamma(n - k + 1)),
                exact * (M.digamma(n - k + 1) - M.digamma(k + 1)),
            ]
            worth = sum(abs(s * u) for s, u in zip(slopes, (n, k), strict=True)) / 2**52
            wanted = [exact, *slopes]
        for got, right in zip((value, by_n, by_k), wanted, strict=True):
            bound = 2e-12 * max(abs(exact), abs(right)) + worth * 40
            assert abs(got - right) <= bound, (n, k, got, right)


def test_binomials_of_whole_numbers_are_whole():
    f = sg.lambdify("binomial(n, k)", [], backend="math")
    wanted = {(n, k): sp.binomial(n, k) for n in range(-9, 50) for k in range(12)}
    assert {at: sp.Integer(f(*at)) for at in wanted} == wanted
    assert sg.formula("binomial(-3, 2)*x").closed_form() == 6 * x
    with pytest.raises(sg.FormulaError, match="no real, finite value; rescale"):
        sg.formula("binomial(10^6, 500)")


def test_the_derivative_of_a_binomial_coefficient():
    n, k = sp.symbols("n k", real=True)
    gradient = sg.differentiate("binomial(n, k)")
    for name, symbol_ in (("n", n), ("k", k)):
        wanted = sp.binomial(n, k).diff(symbol_).subs({n: 1000, k: sp.Rational(7, 2)})
        got = sg.lambdify("binomial(n, k)", name)(1000.0, 3.5)[1][0]
        assert abs(got / float(wanted) - 1) < 1e-12
        assert gradient[name].has(FUNCTIONS["digamma"].make)
    page = sg.explain("binomial(n, k)", "n")
    assert "✓" in str(page)
    assert "ψ(n + 1) − ψ(n − k + 1)" in str(page)
    assert r"\binom{n}{k}" in sg.render(page, "latex")
    assert '<mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac>' in sg.render(
        page, "mathml"
    )


# --- which back end ------------------------------------------------------------------


def test_the_back_ends_that_have_a_function_are_named():
    for backend in ("numpy", "math"):
        with pytest.raises(sg.RuleError, match=r"no code for besselj; use .*'scipy'"):
            sg.lambdify("besselj(0, x)", [], backend=backend)
    assert sg.lambdify("besselj(0, x)").backend == "scipy"
    assert sg.lambdify("digamma(x)").backend == "numpy"


def test_a_missing_scipy_is_said(monkeypatch):
    monkeypatch.setattr(availability, "find_spec", lambda name: None)
    with pytest.raises(sg.MissingPackageError, match="airyai needs SciPy; pip install"):
        sg.lambdify("airyai(x)", [])
    with pytest.raises(sg.MissingPackageError, match="back end 'scipy' needs SciPy"):
        sg.lambdify("sin(x)", [], backend="scipy")


def test_a_saved_module_names_what_it_imports(tmp_path):
    path = sg.lambdify("besselj(1, x) + airyai(x)").save(tmp_path / "waves.py")
    text = path.read_text(encoding="utf-8")
    assert "from scipy.special import airy, jv" in text
    assert "needs NumPy and SciPy" in text
    namespace: dict = {"__name__": "waves"}
    exec(compile(text, "waves", "exec"), namespace)
    value, grad = namespace["f"](np.array([0.5, 1.0]))
    wanted = [float(M.besselj(1, u) + M.airyai(u)) for u in (0.5, 1.0)]
    np.testing.assert_allclose(value, wanted, rtol=1e-14)
    assert grad.shape == (1, 2)


def test_an_order_that_varies_is_an_error_that_names_it():
    with pytest.raises(sg.RuleError, match=r"besselj .* by its order"):
        sg.differentiate("besselj(n, x)", "n")["n"]
    with pytest.raises(sg.RuleError, match=r"polygamma .* by its order"):
        sg.lambdify("polygamma(n, x)", "n")
    with pytest.raises(sg.RuleError, match="zeta has no derivative"):
        sg.differentiate("zeta(x)", "x")["x"]
    assert str(sg.differentiate("besselj(0, x)", "x")["x"]) == "-besselj(1, x)"


@pytest.mark.parametrize(
    "text",
    ["gamma(x)^2", "loggamma(x*y)", "x*besselj(n, x)", "beta(x, y)", "airyai(x)^2",
     "log2(x) + log10(x) + log1p(x)*expm1(y)", "hypot(x, y)", "polygamma(2, x)",
     "erfinv(x)*erfcinv(y)", "digamma(x)/erfi(x)"],
)  # fmt: skip
def test_every_line_of_the_page_is_true(text):
    page = sg.explain(text, "x", detail="full")
    assert "✓" in str(page)
    assert sg.check_gradient(text if "n" not in text else "x*besselj(2, x)").passed


@pytest.mark.parametrize(
    ("text", "latex", "mathml"),
    [("log2(x)", r"\log_{2}", "log2"), ("gamma(x)", r"\Gamma(x)", ">Γ<"),
     ("loggamma(x)", r"\psi\mathopen{}(x)", ">ψ<")],
)  # fmt: skip
def test_functions_have_the_letters_of_books(text, latex, mathml):
    page = sg.explain(text, "x", detail="full", check=False)
    assert latex in sg.render(page, "latex")
    assert mathml in sg.render(page, "mathml")


# --- every function, everywhere -------------------------------------------------------

ENDS = [-np.inf, -1e308, -30.5, -2.0, -1.0, -0.5, -5e-324, -0.0, 0.0, 5e-324, 0.5, 1.0,
        2.0, 30.5, 1e308, np.inf, np.nan]  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_argument_raises_or_warns(name):
    row = FUNCTIONS[name]
    several = row.arity == 2 or name in ("Max", "Min")
    ordered = DERIVATIVES[name][0] is None and several
    arguments = (2, x) if ordered else (x + 1, x) if several else (x,)
    expr = row.make(*arguments, evaluate=False)
    graph = Graph((Stage(out, expr),), (out,), (x,))
    wrt = [] if name == "zeta" else ["x"]
    array = sg.lambdify(graph, wrt)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        array(np.array(ENDS))
        if array.backend == "numpy":
            single = sg.lambdify(graph, wrt, backend="math")
            results = [single(at) for at in ENDS]
            value = results[-1][0] if wrt else results[-1]
            assert value != value or name == "Heaviside"


def test_the_page_of_functions_has_every_row():
    page = Path(__file__).parent.parent / "docs" / "functions.md"
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == list(FUNCTIONS)
    for row in FUNCTIONS.values():
        assert row.domain.replace("|", "\\|") in text
