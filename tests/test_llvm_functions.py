"""Every function of the machine code against mpmath, over its whole range.

An error is counted in units of the last place of the true value, those of subnormal
numbers included. The judge (units.py) is mpmath at 250 bits.
"""

from __future__ import annotations

import numpy as np
import pytest
from true_values import VALUES, judged, points_of, settled, sway
from units import HALF_PI, ORACLES, M, arguments, mpf, true_value, units

from symgrad.numeric.llvm.arrays import Arrays
from symgrad.numeric.llvm.functions import FUNCTIONS
from symgrad.numeric.tape import Tape

pytest.importorskip("llvmlite", reason="llvmlite is not installed")

# Next to -1/e the inverse of w·exp(w) multiplies the rounding of its argument.
BOUNDS = {"LambertW": 12.0}
BOUND = 3.0
# Next to zeros and poles the last place of the argument decides.
BY_ARGUMENT = ("factorial", "digamma")


def compiled(name, fast=False):
    """The function alone, as machine code for arrays."""
    count = FUNCTIONS[name].arity
    entries = (*(("argument", k) for k in range(count)), (name, *range(count)))
    return Arrays(Tape(entries, ("u", "v")[:count], (count,)), False, 0, fast=fast)


@pytest.mark.parametrize("real", [np.float64, np.float32], ids=["double", "single"])
@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in BY_ARGUMENT])
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


@pytest.mark.parametrize("real", [np.float64, np.float32], ids=["double", "single"])
@pytest.mark.parametrize("name", ["gamma", "loggamma", *BY_ARGUMENT])
def test_gamma_and_its_kin_stay_within_three_units(name, real):
    (at,) = points_of(name, real, 30)
    if name == "digamma":
        at = at[at > -200]
    errors = []
    for number, u in zip(compiled(name)(at), at, strict=True):
        point = (mpf(float(u)),)
        value = settled(VALUES[name], point)
        moved = sway(VALUES[name], point, real) if name in BY_ARGUMENT else 0
        errors.append((judged(number, value, moved, real), u))
    assert max(errors)[0] <= BOUND, max(errors)


@pytest.mark.parametrize("name", [n for n, row in FUNCTIONS.items() if row.fast])
def test_fast_functions_stay_within_five_units(name):
    at = arguments(name, np.float64, 60)
    got = compiled(name, fast=True)(*at)
    errors = [
        (units(number, true_value(name, point), np.float64), point)
        for number, *point in zip(got, *at, strict=True)
    ]
    assert max(errors)[0] <= 5.0, max(errors)
    special = np.array([NAN, INF, -INF, 0.0, -0.0])
    found = compiled(name, fast=True)(special)
    np.testing.assert_allclose(found, UNUSUAL[name], rtol=6e-16)
    np.testing.assert_array_equal(np.signbit(found[1:]), np.signbit(UNUSUAL[name][1:]))


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
    "gamma": (NAN, INF, NAN, INF, -INF),
    "factorial": (NAN, INF, NAN, 1.0, 1.0),
    "loggamma": (NAN, INF, NAN, INF, INF),
    "digamma": (NAN, INF, NAN, -INF, INF),
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
        ("gamma", [-3.0], NAN),
        ("gamma", [-0.5], -3.5449077018110318),
        ("gamma", [1.5], 0.886226925452758),
        ("gamma", [-1.5], 2.3632718012073544),
        ("gamma", [171.7], INF),
        ("gamma", [-200.5], 0.0),
        ("factorial", [170.0], 7.257415615307999e306),
        ("loggamma", [1.0], 0.0),
        ("loggamma", [2.0], 0.0),
        ("loggamma", [1e306], INF),
        ("digamma", [-1.0], NAN),
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
