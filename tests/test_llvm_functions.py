"""Every function of the machine code against mpmath, over its whole range.

An error is counted in units of the last place of the true value, those of subnormal
numbers included. The judge is mpmath at 250 bits; it shares nothing with what it
judges.
"""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from symgrad.numeric.llvm.arrays import Arrays
from symgrad.numeric.llvm.functions import FUNCTIONS
from symgrad.numeric.tape import Tape

pytest.importorskip("llvmlite", reason="llvmlite is not installed")

M = mpmath.mp.clone()
M.prec = 250
mpf = M.mpf
HALF_PI = np.pi / 2


def erfc(u):
    """mpmath's own gives up beyond 1e300."""
    return M.erfc(u) if abs(u) < 1e5 else mpf(0 if u > 0 else 2)


def logistic(u):
    return 1 / (1 + M.exp(-u)) if u > -1e5 else mpf(0)


def within(inside, function):
    """The function where it is real, else nan."""
    return lambda *at: function(*at) if inside(*at) else M.nan


ORACLES = {
    "exp": M.exp,
    "expm1": M.expm1,
    "tanh": M.tanh,
    "logistic": logistic,
    "silu": lambda u: u * logistic(u),
    "elu": lambda u: M.expm1(u) if u < 0 else u,
    "sinh": M.sinh,
    "cosh": M.cosh,
    "sech": M.sech,
    "csch": M.csch,
    "coth": M.coth,
    "log": within(lambda u: u >= 0, M.log),
    "log2": within(lambda u: u >= 0, lambda u: M.log(u) / M.log(2)),
    "log10": within(lambda u: u >= 0, lambda u: M.log(u) / M.log(10)),
    "log1p": within(lambda u: u >= -1, M.log1p),
    "softplus": lambda u: max(u, mpf(0)) + M.log1p(M.exp(-abs(u))),
    "asinh": M.asinh,
    "acosh": within(lambda u: u >= 1, M.acosh),
    "atanh": within(lambda u: abs(u) < 1, M.atanh),
    "acoth": within(lambda u: abs(u) > 1, M.acoth),
    "asech": within(lambda u: 0 < u <= 1, M.asech),
    "acsch": M.acsch,
    "sin": M.sin,
    "cos": M.cos,
    "tan": M.tan,
    "cot": M.cot,
    "sec": M.sec,
    "csc": M.csc,
    "sinc": lambda u: M.sin(u) / u if u else mpf(1),
    "atan": M.atan,
    "acot": M.acot,
    "atan2": M.atan2,
    "asin": within(lambda u: abs(u) <= 1, M.asin),
    "acos": within(lambda u: abs(u) <= 1, M.acos),
    "asec": within(lambda u: abs(u) >= 1, M.asec),
    "acsc": within(lambda u: abs(u) >= 1, M.acsc),
    "power": within(lambda u, v: u > 0 or v == M.floor(v), M.power),
    "cbrt": lambda u: M.sign(u) * M.cbrt(abs(u)),
    "LambertW": within(lambda u: u >= -M.exp(-1), M.lambertw),
    "hypot": M.hypot,
    "erf": M.erf,
    "erfc": erfc,
    "gelu": lambda u: u * erfc(-u / M.sqrt(2)) / 2,
    "sqrt": within(lambda u: u >= 0, M.sqrt),
    "Abs": abs,
    "sign": M.sign,
    "floor": M.floor,
    "ceiling": M.ceil,
    "frac": lambda u: u - M.floor(u),
    "Heaviside": lambda u, v: mpf(u > 0) if u else v,
    "Max": max,
    "Min": min,
    "relu": lambda u: max(u, mpf(0)),
    "leaky_relu": lambda u: u if u > 0 else u * mpf(0.01),
    "softsign": lambda u: u / (1 + abs(u)),
}
# Next to -1/e the inverse of w·exp(w) multiplies the rounding of its argument.
BOUNDS = {"LambertW": 12.0}
BOUND = 3.0


def compiled(name):
    """The function alone, as machine code for arrays."""
    count = FUNCTIONS[name].arity
    entries = (*(("argument", k) for k in range(count)), (name, *range(count)))
    return Arrays(Tape(entries, ("u", "v")[:count], (count,)), False, 0)


def points(real, count, seed=1):
    """Arguments of every size, dense where functions bend or change their formula."""
    rng = np.random.default_rng(seed)
    low, high = (-1074, 1023.9) if real is np.float64 else (-149, 127.9)
    parts = [
        2.0 ** rng.uniform(low, high, count),
        2.0 ** rng.uniform(-30, 12, 2 * count),
        rng.uniform(0, 1.2, count),
        rng.uniform(0.9, 1.1, count),
        rng.uniform(0, 50, count),
        rng.uniform(600, 760, count),
        rng.uniform(80, 110, count),
        HALF_PI * rng.integers(1, 10**6, count),
        1 + 2.0 ** rng.uniform(-52, 0, count),
        1 - 2.0 ** rng.uniform(-53, -1, count),
    ]
    found = np.concatenate(parts)
    with np.errstate(over="ignore", under="ignore"):
        return rng.permutation(np.concatenate([found, -found])).astype(real)


def arguments(name, real, count):
    first = points(real, count)
    if FUNCTIONS[name].arity == 1:
        return (first,)
    second = points(real, count, seed=2)
    if name == "power":  # most exponents such that the result is a number
        rng = np.random.default_rng(3)
        reach = 745 if real is np.float64 else 104
        with np.errstate(all="ignore"):
            log = np.log(np.abs(first.astype(np.float64)))
            fitting = rng.uniform(-reach, reach, first.size) / log
        second = np.where(rng.random(first.size) < 0.8, fitting, np.rint(second))
        second = np.where(np.abs(second) < 1e9, second, 3.0).astype(real)
        first = np.where(rng.random(first.size) < 0.7, abs(first), first).astype(real)
    return first, second


def true_value(name, at):
    try:
        found = ORACLES[name](*(mpf(float(u)) for u in at))
    except (ZeroDivisionError, ValueError):
        return M.nan
    return found.real if isinstance(found, M.mpc) else found


def units(got, true, real):
    """The error in units of the last place; infinite where nan or infinity is wrong."""
    digits, lowest = (53, -1074) if real is np.float64 else (24, -149)
    largest = mpf(float(np.finfo(real).max))
    if M.isnan(true) or np.isnan(got):
        return 0.0 if M.isnan(true) and np.isnan(got) else np.inf
    if abs(true) > largest * (1 + mpf(2) ** -(digits - 2)):
        return 0.0 if np.isinf(got) and (got > 0) == (true > 0) else np.inf
    if np.isinf(got):
        return 0.0 if abs(true) > largest * (1 - mpf(2) ** -(digits - 2)) else np.inf
    if not true:
        return 0.0 if got == 0 else np.inf
    place = max(int(M.floor(M.log(abs(true), 2))) - digits + 1, lowest)
    return float(abs(mpf(float(got)) - true) / mpf(2) ** place)


@pytest.mark.parametrize("real", [np.float64, np.float32], ids=["double", "single"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_errors_stay_within_three_units(name, real):
    at = arguments(name, real, 12)
    got = compiled(name)(*at)
    assert got.dtype == real
    errors = []
    for number, *point in zip(got, *at, strict=True):
        if name in ("atanh", "acoth", "log", "log1p") and abs(point[0]) in (0, 1):
            continue  # poles, see the test of what is unusual
        errors.append((units(number, true_value(name, point), real), point))
    assert max(errors)[0] <= BOUNDS.get(name, BOUND), max(errors)


NAN, INF = np.nan, np.inf
UNUSUAL = {
    # name: (value at nan, at inf, at -inf, at 0, at -0)
    "exp": (NAN, INF, 0.0, 1.0, 1.0),
    "expm1": (NAN, INF, -1.0, 0.0, -0.0),
    "tanh": (NAN, 1.0, -1.0, 0.0, -0.0),
    "logistic": (NAN, 1.0, 0.0, 0.5, 0.5),
    "silu": (NAN, INF, -0.0, 0.0, -0.0),
    "elu": (NAN, INF, -1.0, 0.0, -0.0),
    "sinh": (NAN, INF, -INF, 0.0, -0.0),
    "cosh": (NAN, INF, INF, 1.0, 1.0),
    "sech": (NAN, 0.0, 0.0, 1.0, 1.0),
    "csch": (NAN, 0.0, -0.0, INF, -INF),
    "coth": (NAN, 1.0, -1.0, INF, -INF),
    "log": (NAN, INF, NAN, -INF, -INF),
    "log2": (NAN, INF, NAN, -INF, -INF),
    "log10": (NAN, INF, NAN, -INF, -INF),
    "log1p": (NAN, INF, NAN, 0.0, -0.0),
    "softplus": (NAN, INF, 0.0, np.log(2), np.log(2)),
    "asinh": (NAN, INF, -INF, 0.0, -0.0),
    "acosh": (NAN, INF, NAN, NAN, NAN),
    "atanh": (NAN, NAN, NAN, 0.0, -0.0),
    "acoth": (NAN, 0.0, -0.0, NAN, NAN),
    "asech": (NAN, NAN, NAN, INF, INF),
    "acsch": (NAN, 0.0, -0.0, INF, -INF),
    "sin": (NAN, NAN, NAN, 0.0, -0.0),
    "cos": (NAN, NAN, NAN, 1.0, 1.0),
    "tan": (NAN, NAN, NAN, 0.0, -0.0),
    "cot": (NAN, NAN, NAN, INF, -INF),
    "sec": (NAN, NAN, NAN, 1.0, 1.0),
    "csc": (NAN, NAN, NAN, INF, -INF),
    "sinc": (NAN, NAN, NAN, 1.0, 1.0),
    "atan": (NAN, HALF_PI, -HALF_PI, 0.0, -0.0),
    "acot": (NAN, 0.0, -0.0, HALF_PI, -HALF_PI),
    "asin": (NAN, NAN, NAN, 0.0, -0.0),
    "acos": (NAN, NAN, NAN, HALF_PI, HALF_PI),
    "asec": (NAN, HALF_PI, HALF_PI, NAN, NAN),
    "acsc": (NAN, 0.0, -0.0, NAN, NAN),
    "cbrt": (NAN, INF, -INF, 0.0, -0.0),
    "LambertW": (NAN, INF, NAN, 0.0, -0.0),
    "erf": (NAN, 1.0, -1.0, 0.0, -0.0),
    "erfc": (NAN, 0.0, 2.0, 1.0, 1.0),
    "gelu": (NAN, INF, -0.0, 0.0, -0.0),
    "sqrt": (NAN, INF, NAN, 0.0, -0.0),
    "Abs": (NAN, INF, INF, 0.0, 0.0),
    "sign": (NAN, 1.0, -1.0, 0.0, -0.0),
    "floor": (NAN, INF, -INF, 0.0, -0.0),
    "ceiling": (NAN, INF, -INF, 0.0, -0.0),
    "frac": (NAN, NAN, NAN, 0.0, 0.0),
    "relu": (NAN, INF, 0.0, 0.0, -0.0),
    "leaky_relu": (NAN, INF, -INF, 0.0, -0.0),
    "softsign": (NAN, 1.0, -1.0, 0.0, -0.0),
}


@pytest.mark.parametrize("real", [np.float64, np.float32], ids=["double", "single"])
@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_arguments(name, real):
    got = compiled(name)(np.array([NAN, INF, -INF, 0.0, -0.0], real))
    wanted = np.array(UNUSUAL[name], real)
    np.testing.assert_allclose(got, wanted, rtol=4e-16)
    with_sign = ~np.isnan(wanted)
    np.testing.assert_array_equal(
        np.signbit(got[with_sign]), np.signbit(wanted[with_sign])
    )


def test_every_function_is_judged():
    assert set(ORACLES) == set(FUNCTIONS)
    assert set(UNUSUAL) == {name for name, row in FUNCTIONS.items() if row.arity == 1}


@pytest.mark.parametrize(
    ("name", "at", "wanted"),
    [
        ("log1p", [-1.0], -INF),
        ("atanh", [1.0], INF),
        ("atanh", [-1.0], -INF),
        ("acoth", [1.0], INF),
        ("acosh", [-3.0], NAN),
        ("acosh", [1.0], 0.0),
        ("asech", [1.0], 0.0),
        ("asec", [1.0], 0.0),
        ("acos", [1.0], 0.0),
        ("acos", [-1.0], np.pi),
        ("Max", [NAN, 1.0], NAN),
        ("Max", [1.0, NAN], NAN),
        ("Min", [NAN, 1.0], NAN),
        ("Min", [1.0, NAN], NAN),
        ("Heaviside", [0.0, 0.5], 0.5),
        ("Heaviside", [NAN, 0.5], NAN),
        ("hypot", [INF, NAN], INF),
        ("hypot", [0.0, 0.0], 0.0),
        ("hypot", [3e300, 4e300], 5e300),
        ("hypot", [3e-320, 4e-320], 5e-320),
    ],
)
def test_poles_ends_and_ties(name, at, wanted):
    got = compiled(name)(*(np.array([u, u]) for u in at))
    np.testing.assert_allclose(got, [wanted] * 2, rtol=4e-16)


@pytest.mark.parametrize("name", ["power", "atan2"])
def test_two_unusual_arguments_follow_c(name):
    special = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0]
    special += [1e300, -1e300, 5e-324, 2.0**53 + 2]
    u, v = (grid.ravel() for grid in np.meshgrid(special, special))
    with np.errstate(all="ignore"):
        wanted = (np.power if name == "power" else np.arctan2)(u, v)
    got = compiled(name)(u, v)
    np.testing.assert_allclose(got, wanted, rtol=1e-15, atol=5e-324)
    keep = ~np.isnan(wanted)
    np.testing.assert_array_equal(np.signbit(got[keep]), np.signbit(wanted[keep]))


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_huge_angles_are_reduced_exactly(name):
    rng = np.random.default_rng(5)
    at = 2.0 ** rng.uniform(39, 1023.9, 200) * rng.choice([-1.0, 1.0], 200)
    M.prec = 1300
    try:
        errors = [
            units(number, true_value(name, [u]), np.float64)
            for number, u in zip(compiled(name)(at), at, strict=True)
        ]
    finally:
        M.prec = 250
    assert max(errors) <= BOUND
