"""What every SymPy node is worth in mpmath at fifty digits, for the checks alone.

The one rule kept here: nothing in this module knows a derivative, and it shares no
code with the rules, the chain rule or the tape that it helps to judge.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp
from mpmath import MPContext
from sympy import Basic, Expr

from symgrad import functions
from symgrad.errors import RuleError, short
from symgrad.symbols import Chain

DIGITS = 50
KINK_DISTANCE = 1e-6
_STRIDE = 1e10
FUNCTION_COST = 12
_SLOW: dict[str, int] = {
    **dict.fromkeys(("digamma", "beta", "erfi", "fresnels", "fresnelc"), 40),
    **dict.fromkeys(("Shi", "Chi", "besseli", "lowergamma"), 50),
    **dict.fromkeys(("airyai", "airybi", "airyaiprime", "airybiprime"), 75),
    **dict.fromkeys(("erf", "erfc", "gelu", "LambertW"), 100),
    **dict.fromkeys(("zeta", "erfinv", "erfcinv", "elliptic_k", "elliptic_e"), 400),
    **{"polygamma": 400, "bessely": 3000, "besselk": 3000},
}
"""function -> what it costs at fifty digits, where that is more"""

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


def _sum(*terms: Number) -> Number:
    return context.fsum(terms)


def _product(*factors: Number) -> Number:
    return context.fprod(factors)


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


_FUNCTIONS: dict[str, Callable[..., Number]] = {
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


def _compare(holds: Callable[[Number, Number], bool]) -> Callable[..., bool | None]:
    def compare(left: Number, right: Number) -> bool | None:
        return None if left != left or right != right else holds(left, right)

    return compare


def _and(*conditions: bool | None) -> bool | None:
    if False in conditions:
        return False
    return None if None in conditions else True


def _or(*conditions: bool | None) -> bool | None:
    if True in conditions:
        return True
    return None if None in conditions else False


def _not(condition: bool | None) -> bool | None:
    return None if condition is None else not condition


def _select(*cases: tuple[Number, bool | None]) -> Number:
    for value, condition in cases:
        if condition is None:
            return NAN
        if condition:
            return value
    return NAN


ARITHMETIC: dict[type, Callable[..., Any]] = {
    sp.Add: _sum,
    sp.Mul: _product,
    Chain: _product,
    sp.Piecewise: _select,
    sp.functions.elementary.piecewise.ExprCondPair: lambda value, when: (value, when),
    sp.StrictGreaterThan: _compare(lambda a, b: a > b),
    sp.GreaterThan: _compare(lambda a, b: a >= b),
    sp.StrictLessThan: _compare(lambda a, b: a < b),
    sp.LessThan: _compare(lambda a, b: a <= b),
    sp.Equality: _compare(lambda a, b: a == b),
    sp.Unequality: _compare(lambda a, b: a != b),
    sp.And: _and,
    sp.Or: _or,
    sp.Not: _not,
}


def _guarded(function: Callable[..., Number]) -> Callable[..., Number]:
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


CALLS: dict[type, Callable[..., Any]] = {
    **ARITHMETIC,
    sp.Pow: _guarded(operator.pow),
    **{
        row.make: _guarded(_FUNCTIONS[name])
        for name, row in functions.FUNCTIONS.items()
        if isinstance(row.make, type)
    },
}


COSTS: dict[type, int] = {
    sp.Pow: FUNCTION_COST,
    **{
        row.make: _SLOW.get(name, FUNCTION_COST)
        for name, row in functions.FUNCTIONS.items()
        if isinstance(row.make, type)
    },
}
"""node -> what it costs, in sums and products; what is not here is one of these"""


def _near_kink(kinks: Sequence[Expr]) -> Callable[..., bool]:
    places = [mpf(int(k)) if k.is_Integer else constant(k) for k in kinks]
    return lambda u, *rest: any(abs(u - place) < KINK_DISTANCE for place in places)


def _near_integer(u: Number) -> bool:
    # where a number is so large that a step goes over integers, each is near
    return bool(abs(u) > _STRIDE or abs(u - context.nint(u)) < KINK_DISTANCE)


def _near_tie(sign: int) -> Callable[..., bool]:
    def near(*args: Number) -> bool:
        first, second, *_ = sorted((sign * a for a in args), reverse=True)
        return bool(first - second < KINK_DISTANCE)

    return near


def constant(node: Basic) -> Any:
    """Give the value of a SymPy number, or of true and false."""
    if isinstance(node, sp.Rational):
        return mpf(node.p) / node.q
    if isinstance(node, sp.Float):
        return context.make_mpf(node._mpf_)
    if isinstance(node, sp.NumberSymbol):
        return context.make_mpf(node._as_mpf_val(context.prec))
    if node in (sp.true, sp.false):
        return bool(node)
    if node in (sp.oo, -sp.oo, sp.nan, sp.zoo):
        return {sp.oo: context.inf, -sp.oo: -context.inf}.get(node, NAN)
    raise RuleError(
        f"{short(node)} has no value at high precision; use real numbers and the "
        "functions of symgrad.FUNCTIONS"
    )


RELATIONS = (
    sp.StrictGreaterThan,
    sp.GreaterThan,
    sp.StrictLessThan,
    sp.LessThan,
    sp.Equality,
    sp.Unequality,
)

NEAR: dict[type, tuple[str, Callable[..., bool]]] = {
    **{
        row.make: (f"near a kink of {name}", _near_kink(row.kinks))
        for name, row in functions.FUNCTIONS.items()
        if isinstance(row.make, type) and row.kinks
    },
    **{
        make: (f"near a jump of {make.__name__}", _near_integer)
        for make in (sp.floor, sp.ceiling, sp.frac)
    },
    sp.Max: ("near a tie of Max", _near_tie(1)),
    sp.Min: ("near a tie of Min", _near_tie(-1)),
    **dict.fromkeys(RELATIONS, ("near a boundary of a Piecewise", _near_tie(1))),
}

_FLAT = (*RELATIONS, sp.And, sp.Or, sp.Not, sp.Piecewise, sp.Max, sp.Min)
_FLAT_NAMES = ("floor", "ceiling", "sign", "Heaviside", "relu")

STEPS = frozenset(
    CALLS[kind]
    for kind in (*_FLAT, *(functions.FUNCTIONS[name].make for name in _FLAT_NAMES))
)
"""What may give the same value for other arguments: elsewhere that is rounding."""


def number_function(name: str) -> Callable[..., float]:
    """Give a function of floats that is right to the last place, if slowly."""
    function = _guarded(_FUNCTIONS[name])
    return lambda *args: float(function(*map(mpf, args)))
