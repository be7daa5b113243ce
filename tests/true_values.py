"""True values and slopes of every function by mpmath, and where to ask for them.

The one rule kept here: that of units.py; a slope is a formula of DLMF or Abramowitz and
Stegun written down once more, and every number is computed at more and more digits
until two runs agree.
"""

from __future__ import annotations

import numpy as np
from units import (
    HALF_PI,
    ORACLES,
    M,
    arguments,
    logistic,
    mpf,
    takes_two,
    units,
    within,
)

PI = M.pi


def _erfcinv(u):
    """The inverse of erfc, 1 − u with all its digits."""
    with M.workprec(M.prec + max(0, -int(M.mag(u))) if u else M.prec):
        return M.erfinv(1 - u)


def _whole(u):
    return u == M.floor(u)


def _binomial(n, k):
    if n < 0 and _whole(n) and not (k >= 0 and _whole(k)):
        return M.nan
    return M.binomial(n, k)


def _gammainc(lower):
    """mpmath's incomplete gamma function of an order > 0."""

    def call(s, u):
        if not (s > 0 and u >= 0):
            return M.nan
        return M.gammainc(s, 0, u) if lower else M.gammainc(s, u, M.inf)

    return call


def _bessel(name):
    call = getattr(M, name)
    return lambda n, u: call(n, u) if u > 0 or _whole(n) else M.nan


def _positive(function):
    return within(lambda u: u > 0, function)


VALUES = {
    **ORACLES,
    "leaky_relu": lambda u: u if u > 0 else u / 100,
    "erfi": M.erfi,
    "erfinv": within(lambda u: abs(u) <= 1, M.erfinv),
    "erfcinv": within(lambda u: 0 <= u <= 2, _erfcinv),
    "Si": M.si,
    "Ci": _positive(M.ci),
    "Shi": M.shi,
    "Chi": _positive(M.chi),
    "Ei": M.ei,
    "li": _positive(M.li),
    "fresnels": M.fresnels,
    "fresnelc": M.fresnelc,
    "elliptic_k": within(lambda u: u < 1, M.ellipk),
    "elliptic_e": within(lambda u: u <= 1, M.ellipe),
    "gamma": M.gamma,
    "factorial": M.factorial,
    "binomial": _binomial,
    "loggamma": _positive(M.loggamma),
    "digamma": M.digamma,
    "polygamma": lambda n, u: M.polygamma(int(n), u),
    "lowergamma": _gammainc(True),
    "uppergamma": _gammainc(False),
    "beta": within(lambda a, b: a > 0 and b > 0, M.beta),
    "zeta": M.zeta,
    **{n: _bessel(n) for n in ("besselj", "bessely", "besseli", "besselk")},
    "airyai": M.airyai,
    "airybi": M.airybi,
    "airyaiprime": lambda u: M.airyai(u, derivative=1),
    "airybiprime": lambda u: M.airybi(u, derivative=1),
}


def _step(u):
    return mpf(u > 0) if u else mpf(0.5)


def _sinc_slope(u):
    if abs(u) < mpf("1e-30"):  # where the difference below has no digits left
        return -u / 3
    return (M.cos(u) - M.sin(u) / u) / u


def _gelu_slope(u):
    if abs(u) > 1e5:
        return mpf(u > 0)
    return M.erfc(-u / M.sqrt(2)) / 2 + u * M.exp(-u * u / 2) / M.sqrt(2 * PI)


def _silu_slope(u):
    return logistic(u) * (1 + u * logistic(-u)) if abs(u) < 1e5 else mpf(u > 0)


def _bell(sign, scale=1):
    return lambda u: sign * 2 * scale * M.exp(-u * u) / M.sqrt(PI)


def _inverse_bell(function, sign):
    return lambda u: sign * M.sqrt(PI) / 2 * M.exp(function(u) ** 2)


def _even(hyperbolic):
    return (lambda u: M.sinh(u) / u if u else mpf(1)) if hyperbolic else VALUES["sinc"]


def _gamma_slope(u):
    return M.gamma(u) * M.digamma(u)


def _elliptic_k_slope(u):
    if not u:
        return PI / 8
    return (M.ellipe(u) - (1 - u) * M.ellipk(u)) / (2 * u * (1 - u))


def _power_slopes(u, v):
    f = ORACLES["power"](u, v)
    return (v * f / u, f * M.log(u) if u > 0 else M.nan)


def _hypot_slopes(u, v):
    return (u / M.hypot(u, v), v / M.hypot(u, v))


def _atan2_slopes(u, v):
    square = u * u + v * v
    return (v / square, -u / square)


def _beta_slopes(a, b):
    value = VALUES["beta"](a, b)
    both = M.digamma(a + b)
    return (value * (M.digamma(a) - both), value * (M.digamma(b) - both))


def _binomial_slopes(n, k):
    value = _binomial(n, k)
    rest = M.digamma(n - k + 1)
    return (value * (M.digamma(n + 1) - rest), value * (rest - M.digamma(k + 1)))


def _bessel_slope(name, sign):
    """DLMF 10.6.2 and 10.29.2."""
    call = getattr(M, name)
    return lambda n, u: n * call(n, u) / u + sign * call(n + 1, u)


def _by_argument(slope):
    return lambda n, u: (None, slope(n, u))


SLOPES = {
    "exp": M.exp,
    "log": _positive(lambda u: 1 / u),
    "log2": _positive(lambda u: 1 / (u * M.log(2))),
    "log10": _positive(lambda u: 1 / (u * M.log(10))),
    "log1p": within(lambda u: u > -1, lambda u: 1 / (1 + u)),
    "expm1": M.exp,
    "sqrt": _positive(lambda u: 1 / (2 * M.sqrt(u))),
    "hypot": _hypot_slopes,
    "cbrt": lambda u: 1 / (3 * M.cbrt(u * u)),
    "LambertW": within(
        lambda u: u > -M.exp(-1), lambda u: M.exp(-M.lambertw(u)) / (1 + M.lambertw(u))
    ),
    "sin": M.cos,
    "cos": lambda u: -M.sin(u),
    "tan": lambda u: M.sec(u) ** 2,
    "cot": lambda u: -(M.csc(u) ** 2),
    "sec": lambda u: M.sec(u) * M.tan(u),
    "csc": lambda u: -M.csc(u) * M.cot(u),
    "sinc": _sinc_slope,
    "asin": within(lambda u: abs(u) < 1, lambda u: 1 / M.sqrt((1 - u) * (1 + u))),
    "acos": within(lambda u: abs(u) < 1, lambda u: -1 / M.sqrt((1 - u) * (1 + u))),
    "atan": lambda u: 1 / (1 + u * u),
    "acot": lambda u: -1 / (1 + u * u),
    "asec": within(
        lambda u: abs(u) > 1, lambda u: 1 / (abs(u) * M.sqrt((u - 1) * (u + 1)))
    ),
    "acsc": within(
        lambda u: abs(u) > 1, lambda u: -1 / (abs(u) * M.sqrt((u - 1) * (u + 1)))
    ),
    "atan2": _atan2_slopes,
    "sinh": M.cosh,
    "cosh": M.sinh,
    "tanh": lambda u: M.sech(u) ** 2,
    "coth": lambda u: -(M.csch(u) ** 2),
    "sech": lambda u: -M.sech(u) * M.tanh(u),
    "csch": lambda u: -M.csch(u) * M.coth(u),
    "asinh": lambda u: 1 / M.sqrt(1 + u * u),
    "acosh": within(lambda u: u > 1, lambda u: 1 / M.sqrt((u - 1) * (u + 1))),
    "atanh": within(lambda u: abs(u) < 1, lambda u: 1 / ((1 - u) * (1 + u))),
    "acoth": within(lambda u: abs(u) > 1, lambda u: 1 / ((1 - u) * (1 + u))),
    "asech": within(
        lambda u: 0 < u < 1, lambda u: -1 / (u * M.sqrt((1 - u) * (1 + u)))
    ),
    "acsch": lambda u: -1 / (abs(u) * M.sqrt(1 + u * u)),
    "erf": _bell(1),
    "erfc": _bell(-1),
    "erfi": lambda u: 2 * M.exp(u * u) / M.sqrt(PI),
    "erfinv": within(lambda u: abs(u) < 1, _inverse_bell(M.erfinv, 1)),
    "erfcinv": within(
        lambda u: 0 < u < 2, _inverse_bell(_erfcinv, -1)
    ),
    "Si": _even(False),
    "Ci": _positive(lambda u: M.cos(u) / u),
    "Shi": _even(True),
    "Chi": _positive(lambda u: M.cosh(u) / u),
    "Ei": lambda u: M.exp(u) / u,
    "li": _positive(lambda u: 1 / M.log(u)),
    "fresnels": lambda u: M.sin(PI * u * u / 2),
    "fresnelc": lambda u: M.cos(PI * u * u / 2),
    "elliptic_k": within(lambda u: u < 1, _elliptic_k_slope),
    "elliptic_e": within(
        lambda u: u < 1,
        lambda u: (M.ellipe(u) - M.ellipk(u)) / (2 * u) if u else -PI / 8,
    ),
    "gamma": _gamma_slope,
    "factorial": lambda u: _gamma_slope(u + 1),
    "binomial": _binomial_slopes,
    "loggamma": _positive(M.digamma),
    "digamma": lambda u: M.polygamma(1, u),
    "polygamma": _by_argument(lambda n, u: M.polygamma(int(n) + 1, u)),
    "lowergamma": _by_argument(
        lambda s, u: u ** (s - 1) * M.exp(-u) if s > 0 and u > 0 else M.nan
    ),
    "uppergamma": _by_argument(
        lambda s, u: -(u ** (s - 1)) * M.exp(-u) if s > 0 and u > 0 else M.nan
    ),
    "beta": _beta_slopes,
    "besselj": _by_argument(_bessel_slope("besselj", -1)),
    "bessely": _by_argument(_bessel_slope("bessely", -1)),
    "besseli": _by_argument(_bessel_slope("besseli", +1)),
    "besselk": _by_argument(_bessel_slope("besselk", -1)),
    "airyai": VALUES["airyaiprime"],
    "airybi": VALUES["airybiprime"],
    "airyaiprime": lambda u: u * M.airyai(u),
    "airybiprime": lambda u: u * M.airybi(u),
    "Abs": M.sign,
    "sign": lambda u: mpf(0),
    "floor": lambda u: mpf(0),
    "ceiling": lambda u: mpf(0),
    "frac": lambda u: mpf(1),
    "Heaviside": lambda u, v: (mpf(0), None),
    "Max": lambda u, v: (_step(u - v), _step(v - u)),
    "Min": lambda u, v: (_step(v - u), _step(u - v)),
    "logistic": lambda u: logistic(u) * logistic(-u),
    "relu": lambda u: mpf(u > 0),
    "leaky_relu": lambda u: mpf(1) if u > 0 else mpf(1) / 100,
    "elu": lambda u: mpf(1) if u > 0 else M.exp(u),
    "softplus": logistic,
    "gelu": _gelu_slope,
    "silu": _silu_slope,
    "softsign": lambda u: 1 / (1 + abs(u)) ** 2,
    "power": _power_slopes,
}  # fmt: skip
"""function -> its slope, or those by all its arguments; None where none is known"""

ORDERS = {
    "polygamma": (1, 2, 5),
    "lowergamma": (0.5, 1, 2.5, 10),
    "uppergamma": (0.5, 1, 2.5, 10),
    "binomial": (4, 10, 45, 150.5),
    "beta": (0.5, 1, 2.5, 20),
    **dict.fromkeys(("besselj", "bessely", "besseli", "besselk"), (0, 1, 2, 2.5)),
}
"""first arguments of functions of an order"""

# name -> the largest argument (and the lowest, if it is not its negative)
RANGES = {
    "erfi": (30, -30),
    "erfinv": (1, -1),
    "erfcinv": (2, 0),
    "Si": (1e6, -1e6),
    "Ci": (1e6, 0),
    "Shi": (700, -700),
    "Chi": (700, 0),
    "Ei": (700, -700),
    "li": (1e30, 0),
    "fresnels": (1e4, -1e4),
    "fresnelc": (1e4, -1e4),
    "elliptic_k": (1, -1e30),
    "elliptic_e": (1, -1e30),
    "gamma": (180, -185),
    "factorial": (180, -185),
    "binomial": (60, -20),
    "loggamma": (1e30, 0),
    "digamma": (1e30, -1e4),
    "polygamma": (1e4, -30),
    "lowergamma": (100, 0),
    "uppergamma": (100, 0),
    "beta": (200, 0),
    "zeta": (100, -100),
    "besselj": (1e3, 0),
    "bessely": (1e3, 0),
    "besseli": (700, 0),
    "besselk": (700, 0),
    **dict.fromkeys(("airyai", "airybi", "airyaiprime", "airybiprime"), (100, -100)),
}
"""function -> the largest and the lowest argument that it is asked for"""

POLES = {
    **{name: (0.0, 1.0, -1.0) for name in ("atanh", "acoth", "log", "log1p")},
}
"""arguments whose value is infinite, which is judged elsewhere"""

BY_ARGUMENT = (
    *("LambertW", "erfinv", "erfcinv", "Ci", "Chi", "Ei", "li", "fresnels"),
    *("fresnelc", "elliptic_k", "gamma", "factorial", "binomial", "digamma"),
    *("polygamma", "beta", "zeta", "besselj", "bessely", "airyai", "airybi"),
    *("airyaiprime", "airybiprime", "Si", "lowergamma", "uppergamma"),
    *("besseli", "besselk", "erfi"),
)
"""functions whose error may be as large as what the last place of the argument does"""


def points_of(name, real, count):
    """Arguments of every size in the range, and next to whole and half numbers."""
    if name not in RANGES:
        return arguments(name, real, count)
    high, low = RANGES[name]
    rng = np.random.default_rng(11)
    size = np.log2(float(np.finfo(real).tiny)), np.log2(high)
    halves = rng.integers(-40, 41, 4 * count) / 2
    found = [
        2.0 ** rng.uniform(*size, 2 * count),
        2.0 ** rng.uniform(-20, size[1], 3 * count),
        rng.uniform(0, min(high, 3.0), 3 * count),
        rng.uniform(0, min(high, 30.0), 4 * count),
        abs(halves) * (1 + 2.0 ** rng.uniform(-20, -3, 4 * count)),
        abs(halves) * (1 - 2.0 ** rng.uniform(-20, -3, 4 * count)),
        1 - 2.0 ** rng.uniform(-23, -2, 2 * count),
        HALF_PI * rng.integers(1, 40, count),
    ]
    one = np.concatenate(found)
    both = np.concatenate([one, -one]).astype(real)
    inside = (both > low) & (both < high) & (both != 0)
    both = rng.permutation(both[inside])[: 24 * count]
    if name not in ORDERS:
        return (both,)
    first = np.resize(np.array(ORDERS[name], real), both.size)
    return first, both


def settled(function, at, bits=70):
    """A number to 70 bits at least: two runs agree. nan where there is none."""
    before = None
    M.prec = bits + 50
    try:
        while M.prec < 40_000:
            try:
                found = M.convert(function(*at))
            except (ZeroDivisionError, ValueError):
                return M.nan
            if isinstance(found, M.mpc):
                if found.imag:
                    return M.nan
                found = found.real
            if before is not None and (
                found == before
                or M.isnan(found)
                or abs(found - before) <= abs(found) * mpf(2) ** -bits
            ):
                return found
            before = found
            M.prec *= 2
        raise AssertionError(f"no two runs agree at {at}")
    finally:
        M.prec = 250


def slope_functions(name):
    """One function of all arguments for each slope that is known, else None."""
    if name not in SLOPES:
        return [None]
    slopes = SLOPES[name]
    if not (takes_two(name) or name in ORDERS):
        return [slopes]
    known = slopes(mpf(7), mpf(3))
    return [
        None if slope is None else (lambda *at, k=k: slopes(*at)[k])
        for k, slope in enumerate(known)
    ]


def sway(function, at, real):
    """How far the value moves where the arguments move by their last places."""
    digits = 53 if real is np.float64 else 24
    total = mpf(0)
    for k, u in enumerate(at):
        if k == 0 and len(at) == 2:
            continue  # orders are exact
        h = abs(u) * mpf(2) ** -60
        moved = [
            settled(function, (*at[:k], u + step, *at[k + 1 :])) for step in (h, -h)
        ]
        total += abs(moved[0] - moved[1]) / 2 * mpf(2) ** (60 - digits)
    return total if M.isfinite(total) else mpf(0)


def judged(got, value, moved, real):
    """Units in the last place, or of what the last place of the argument does."""
    found = units(got, value, real)
    if not moved or not np.isfinite(found):
        return found
    digits, lowest = (53, -1074) if real is np.float64 else (24, -149)
    place = max(int(M.floor(M.log(abs(value), 2))) - digits + 1, lowest) if value else 0
    return found * float(min(1, mpf(2) ** place / moved))
