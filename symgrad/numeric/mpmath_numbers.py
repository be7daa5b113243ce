"""What every operation of a tape is worth in mpmath, at any precision.

The one rule kept here: a result is real or nan, at the edges of domains as NumPy and
SciPy have it; which precision is enough is not decided here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import mpmath
from mpmath import MPContext

from symgrad.errors import ArgumentValueError
from symgrad.named_functions import LEAKY_SLOPE
from symgrad.numeric.entries import OPERATORS

_LARGEST = 4096
"""binary digits before the point, beyond which a function sees infinity"""
_PLAIN = (
    "exp log sqrt sin cos tan cot sec csc asin acos atan acot asec acsc "
    "sinh cosh tanh coth sech csch asinh acosh atanh acoth asech acsch "
    "erf erfc erfi erfinv gamma log10 log1p expm1 hypot floor sign zeta "
    "besselj bessely besseli besselk airyai airybi fresnels fresnelc"
).split()
_RENAMED = {
    **{name: name.lower() for name in ("Si", "Ci", "Shi", "Chi", "Ei", "li")},
    **{"elliptic_k": "ellipk", "elliptic_e": "ellipe", "ceiling": "ceil"},
    **{"LambertW": "lambertw", "digamma": "digamma", "loggamma": "loggamma"},
}
_POSITIVE = ("Ci", "Chi", "li", "loggamma", "log", "log10", "log2")
NAMES = {
    **{"pi": "pi", "E": "e", "EulerGamma": "euler"},
    **{"GoldenRatio": "phi", "Catalan": "catalan"},
}
"""number -> its name in mpmath"""
_ARITHMETIC: dict[str, Callable[..., Any]] = {
    **OPERATORS,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "not": operator.not_,
    "select": lambda condition, u, v: u if condition else v,
}

Operation = Callable[..., Any]


def operations_of(context: MPContext) -> Mapping[str, Operation]:
    """Give all operations at the precision that a context has.

    >>> context = MPContext()
    >>> context.dps = 30
    >>> print(operations_of(context)["sqrt"](context.mpf(2)))
    1.41421356237309504880168872421
    >>> print(operations_of(context)["log"](context.mpf(-1)))
    nan
    """
    functions = {
        **{name: getattr(context, name) for name in _PLAIN},
        **{name: getattr(context, known) for name, known in _RENAMED.items()},
        **_activations(context),
        **_chosen(context),
        **_special(context),
    }
    found = {name: _guarded(context, name, call) for name, call in functions.items()}
    named = {name: _named(context, known) for name, known in NAMES.items()}
    return {**found, **_ARITHMETIC, **named, "divide": _quotient(context)}


def _named(context: MPContext, name: str) -> Operation:
    return lambda: +getattr(context, name)


def _quotient(context: MPContext) -> Operation:
    def divide(u: Any, v: Any) -> Any:
        if v:
            return u / v
        if u != u or v != v or not u:
            return context.nan
        return context.inf if u > 0 else context.ninf

    return divide


def _activations(context: MPContext) -> dict[str, Operation]:
    exp, one, zero = context.exp, context.mpf(1), context.mpf(0)

    def logistic(u: Any) -> Any:
        return 1 / (1 + exp(-u))

    def gelu(u: Any) -> Any:
        return u * context.erfc(-u / context.sqrt(2)) / 2 if u + one != u else _bent(u)

    def _bent(u: Any) -> Any:
        return u if u > 0 else zero

    def softplus(u: Any) -> Any:
        return max(u, zero) + context.log1p(exp(-abs(u)))

    return {
        "logistic": logistic,
        "relu": lambda u: max(u, zero),
        "leaky_relu": lambda u: u if u > 0 else u * LEAKY_SLOPE.p / LEAKY_SLOPE.q,
        "elu": lambda u: u if u > 0 else context.expm1(u),
        "softplus": softplus,
        "gelu": gelu,
        "silu": lambda u: u * logistic(u) if context.isfinite(u) else _bent(u),
        "softsign": lambda u: (
            u / (1 + abs(u)) if context.isfinite(u) else context.sign(u)
        ),
    }


def _chosen(context: MPContext) -> dict[str, Operation]:
    def heaviside(u: Any, at_zero: Any) -> Any:
        return at_zero if u == 0 else context.mpf(u > 0)

    def atan2(y: Any, x: Any) -> Any:
        if context.isinf(y) and context.isinf(x):
            y, x = context.sign(y), context.sign(x)
        return context.atan2(y, x) if x or y else context.zero

    return {
        "Abs": abs,
        "frac": lambda u: u - context.floor(u),
        "Heaviside": heaviside,
        "Max": max,
        "Min": min,
        "cbrt": lambda u: context.sign(u) * context.cbrt(abs(u)),
        "log2": lambda u: context.log(u, 2),
        "power": lambda u, v: _power(context, u, v),
        "atan2": atan2,
        "sinc": lambda u: context.sinc(u) if context.isfinite(u) else context.nan,
    }


def _power(context: MPContext, u: Any, v: Any) -> Any:
    if v == 0:
        return context.one
    if u == 0:
        return context.zero if v > 0 else context.inf
    if u < 0 and not context.isint(v):
        return context.nan
    return u**v


def _special(context: MPContext) -> dict[str, Operation]:
    nan = context.nan

    def beta(u: Any, v: Any) -> Any:
        return context.beta(u, v) if u > 0 and v > 0 else nan

    def binomial(n: Any, k: Any) -> Any:
        if n < 0 and context.isint(n) and not (k >= 0 and context.isint(k)):
            return nan
        return context.binomial(n, k)

    def incomplete(order: Any, lower: Any, upper: Any) -> Any:
        inside = order > 0 and (upper if lower == 0 else lower) >= 0
        return context.gammainc(order, lower, upper) if inside else nan

    def polygamma(order: Any, u: Any) -> Any:
        if order < 0 or not context.isint(order):
            return nan
        return context.polygamma(int(order), u)

    def erfcinv(u: Any) -> Any:
        if not 0 < u < 1:
            return context.erfinv(1 - u)
        with context.extradps(20 - min(0, context.mag(u)) // 3):  # 1 - u is nearly 1
            return context.erfinv(1 - u)

    return {
        "factorial": context.factorial,
        "beta": beta,
        "binomial": binomial,
        "polygamma": polygamma,
        "erfcinv": erfcinv,
        "lowergamma": lambda s, u: incomplete(s, 0, u),
        "uppergamma": lambda s, u: incomplete(s, u, context.inf),
        "airyaiprime": lambda u: context.airyai(u, derivative=1),
        "airybiprime": lambda u: context.airybi(u, derivative=1),
    }


def _guarded(context: MPContext, name: str, function: Operation) -> Operation:
    """Real results of real arguments; nan outside a domain and for nan."""

    def settled(arg: Any) -> Any:
        if context.mag(arg) <= _LARGEST or not context.isfinite(arg):
            return arg
        return context.inf if arg > 0 else context.ninf

    def call(*args: Any) -> Any:
        if any(arg != arg for arg in args):
            is_long = name == "hypot" and any(context.isinf(arg) for arg in args)
            return context.inf if is_long else context.nan
        if name not in _ANY_SIZE:
            args = tuple(settled(arg) for arg in args)
        first = args[0]
        if name in _POSITIVE and not first > 0:
            at_zero = first == 0 and name.startswith("log")
            return context.ninf if at_zero else context.nan
        if (name == "sqrt" and first < 0) or (name == "elliptic_k" and first > 1):
            return context.nan
        try:
            found = function(*args)
        except context.NoConvergence:
            shown = ", ".join(mpmath.nstr(arg, 6) for arg in args)
            raise ArgumentValueError(
                f"mpmath finds no value of {name}({shown}) at this precision; "
                "use fewer digits"
            ) from None
        except (ArithmeticError, ValueError, NotImplementedError):
            return _POLES.get(name, {}).get(first, context.nan)
        if isinstance(found, context.mpc):
            return found.real if found.imag == 0 else context.nan
        return context.convert(found)

    return call


_ANY_SIZE = (
    *("Abs", "sign", "Max", "Min", "relu", "leaky_relu", "Heaviside", "floor"),
    *("ceiling", "frac", "sqrt", "cbrt", "hypot", "log", "log2", "log10"),
)
_INF = float("inf")
_POLES: dict[str, dict[Any, float]] = {
    **{name: {0: _INF} for name in "cot csc coth csch asech acsch gamma".split()},
    "digamma": {0: -_INF},
    "atanh": {1: _INF, -1: -_INF},
    "erfinv": {1: _INF, -1: -_INF},
    "log1p": {-1: -_INF},
}
"""function -> its infinite values at poles, where mpmath has an error"""
