"""Real functions in mpmath at fifty digits, for the checks alone.

The one rule kept here: nothing in this module knows a derivative, and it shares no
code with the rules, the chain rule or the tape that it helps to judge.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpmath import MPContext

DIGITS = 50

context = MPContext()  # our own: the user's mpmath.mp keeps its precision
context.dps = DIGITS
mpf = context.mpf
NAN = context.nan
STEP = context.ldexp(mpf(1), -57)
_LARGEST = 4096  # binary digits before the point; beyond it exp and sin would stall
_LARGEST_ORDER, _LARGEST_ARGUMENT = 200, 10**4

Number = Any
"""An mpf, or None where a condition cannot be decided."""


def real(value: Any) -> Number:
    """Give a result as an mpf, or nan where it is not real."""
    if isinstance(value, context.mpc):
        return value.real if value.imag == 0 else NAN
    return value


def _cbrt(u: Number) -> Number:
    return context.sign(u) * context.cbrt(abs(u))


def _logistic(u: Number) -> Number:
    return 1 / (1 + context.exp(-u))


def _gelu(u: Number) -> Number:
    return u * context.erfc(-u / context.sqrt(2)) / 2


def _softplus(u: Number) -> Number:
    return max(u, 0) + context.log1p(context.exp(-abs(u)))


def _atan2(y: Number, x: Number) -> Number:
    return context.atan2(y, x) if x or y else NAN


def _erfcinv(u: Number) -> Number:
    if not 0 < u < 1:
        return context.erfinv(1 - u)
    with context.extradps(20 - min(0, context.mag(u)) // 3):  # 1 - u is nearly 1
        return context.erfinv(1 - u)


def _beta(u: Number, v: Number) -> Number:
    return context.beta(u, v) if u > 0 and v > 0 else NAN


def _binomial(n: Number, k: Number) -> Number:
    if n < 0 and context.isint(n) and not (k >= 0 and context.isint(k)):
        return NAN
    return context.binomial(n, k)


def _bounded(name: str) -> Callable[..., Number]:
    """A function, but nan for orders and arguments at which mpmath takes minutes."""
    function = getattr(context, name)

    def call(*args: Number) -> Number:
        *orders, u = args
        if abs(u) > _LARGEST_ARGUMENT or any(abs(n) > _LARGEST_ORDER for n in orders):
            return NAN
        return function(*args)

    return call


_INTEGRALS = {
    **{name: name.lower() for name in ("Si", "Ci", "Shi", "Chi", "Ei", "li")},
    **{"fresnels": "fresnels", "fresnelc": "fresnelc"},
    **{"elliptic_k": "ellipk", "elliptic_e": "ellipe"},
}
"""function -> its name in mpmath"""


def _incomplete_gamma(order: Number, lower: Number, upper: Number) -> Number:
    u = upper if lower == 0 else lower
    if not (0 < order <= _LARGEST_ORDER and 0 <= u <= _LARGEST_ARGUMENT):
        return NAN
    return context.gammainc(order, lower, upper)


def _airy_prime(name: str) -> Callable[[Number], Number]:
    function = getattr(context, name)
    return lambda u: NAN if abs(u) > _LARGEST_ARGUMENT else function(u, derivative=1)


def _polygamma(order: Number, u: Number) -> Number:
    """Of whole orders only; SymPy and others differ on the rest."""
    if not 0 <= order <= _LARGEST_ORDER or order != int(order):
        return NAN
    return context.polygamma(int(order), u)


def _heaviside(u: Number, at_zero: Number) -> Number:
    return at_zero if u == 0 else mpf(1 if u > 0 else 0)


FUNCTIONS: dict[str, Callable[..., Number]] = {
    **{
        name: getattr(context, name)
        for name in (
            "exp log sqrt sin cos tan cot sec csc sinc asin acos atan acot asec acsc "
            "sinh cosh tanh coth sech csch asinh acosh atanh acoth asech acsch "
            "erf erfc erfi erfinv gamma loggamma digamma log10 log1p expm1 "
            "hypot floor sign"
        ).split()
    },
    **{
        name: _bounded(name)
        for name in "besselj bessely besseli besselk airyai airybi".split()
    },
    **{name: _bounded(known) for name, known in _INTEGRALS.items()},
    "zeta": lambda u: mpf(1) if u > _LARGEST_ARGUMENT else _bounded("zeta")(u),
    "lowergamma": lambda s, u: _incomplete_gamma(s, 0, u),
    "uppergamma": lambda s, u: _incomplete_gamma(s, u, context.inf),
    "log2": lambda u: context.log(u, 2),
    "factorial": context.factorial,
    "beta": _beta,
    "binomial": _binomial,
    "erfcinv": _erfcinv,
    "polygamma": _polygamma,
    "airyaiprime": _airy_prime("airyai"),
    "airybiprime": _airy_prime("airybi"),
    "LambertW": context.lambertw,
    "cbrt": _cbrt,
    "atan2": _atan2,
    "Abs": abs,
    "ceiling": context.ceil,
    "frac": lambda u: u - context.floor(u),
    "Heaviside": _heaviside,
    "Max": lambda *args: max(args),
    "Min": lambda *args: min(args),
    "logistic": _logistic,
    "relu": lambda u: max(u, mpf(0)),
    "leaky_relu": lambda u: u if u > 0 else u / 100,
    "elu": lambda u: u if u > 0 else context.expm1(u),
    "softplus": _softplus,
    "gelu": _gelu,
    "silu": lambda u: u * _logistic(u),
    "softsign": lambda u: u / (1 + abs(u)),
}


def guarded(function: Callable[..., Number]) -> Callable[..., Number]:
    """Give nan for arguments that are not finite or far too large, and for errors."""

    def call(*args: Number) -> Number:
        for arg in args:
            if not context.mag(arg) <= _LARGEST:
                return NAN
        try:
            return real(function(*args))
        except (ArithmeticError, ValueError, context.NoConvergence):
            return NAN

    return call


def number_function(name: str) -> Callable[..., float]:
    """Give a function of floats that is right to the last place, if slowly."""
    function = guarded(FUNCTIONS[name])
    return lambda *args: float(function(*map(mpf, args)))
