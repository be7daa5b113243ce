"""Functions of one or two numbers by mpmath, and errors in units of the last place.

The one rule kept here: nothing is shared with what is judged but the names of the
functions.
"""

from __future__ import annotations

import mpmath
import numpy as np

from symgrad.functions import FUNCTIONS

M = mpmath.mp.clone()
M.prec = 250
mpf = M.mpf
HALF_PI = np.pi / 2


def erfc(u):
    """mpmath's own gives up beyond 1e300."""
    return M.erfc(u) if abs(u) < 1e5 else mpf(0 if u > 0 else 2)


def logistic(u):
    return 1 / (1 + M.exp(-u)) if u > -1e5 else mpf(0)


def gamma(u):
    """Far out only its size and its poles matter, which mpmath takes long for."""
    if abs(u) < 1e4:
        return M.gamma(u)
    if u > 0:
        return M.inf
    return M.nan if u == M.floor(u) else mpf(0)


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
    "gamma": gamma,
    "factorial": lambda u: gamma(u + 1),
    "loggamma": within(lambda u: u > 0, M.loggamma),
    "digamma": M.digamma,
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


def takes_two(name):
    return name in ("power", "Max", "Min", "Heaviside") or FUNCTIONS[name].arity == 2


def arguments(name, real, count):
    first = points(real, count)
    if not takes_two(name):
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
