"""What every operation of a tape is worth in SymPy: exact numbers, nothing rounded.

The one rule kept here: a decimal shadow of 100 digits stands beside each number and
decides what is a question of size (a branch, a domain); it never enters a result.
Where it cannot decide, SymPy is asked, and then the user.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp
from mpmath import MPContext
from sympy import Expr

from symgrad.errors import ArgumentValueError, BoundError, short
from symgrad.functions import FUNCTIONS
from symgrad.named_functions import DEFINITIONS, LEAKY_SLOPE
from symgrad.numeric.mpmath_numbers import NAMES, operations_of

_DIGITS = 100
_SURE = 1e-60
"""A shadow of this size has a sign; what is smaller may be what rounding left."""
_MAX_BITS = 1_000_000
_MAX_WHOLE = 1_000
_WRITTEN_OUT = (
    *("gamma", "factorial", "loggamma", "beta", "digamma", "polygamma", "zeta"),
    *("binomial", "lowergamma", "uppergamma"),
)
"""what SymPy evaluates at whole numbers, in numbers that grow with them"""

context = MPContext()
context.dps = _DIGITS


@dataclass(frozen=True, slots=True, eq=False)
class Exact:
    """A real number: as SymPy writes it, and to 100 digits. nan is unequal to all."""

    expr: Expr
    shadow: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exact) and _is("equal", self, other)

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return str(self.expr)


def exact(expr: Expr) -> Exact:
    """Put the shadow beside a number of SymPy's.

    >>> print(exact(sp.sqrt(2)))
    sqrt(2)
    """
    if isinstance(expr, sp.Rational):
        return Exact(expr, context.mpf(expr.p) / expr.q)
    if expr in (sp.oo, -sp.oo):
        return Exact(expr, context.inf if expr is sp.oo else context.ninf)
    value = expr.evalf(_DIGITS)
    if not isinstance(value, sp.Float):
        return Exact(sp.nan, context.nan)
    return Exact(expr, context.make_mpf(value._mpf_))


def number(value: int | float | Fraction) -> Exact:
    """Make a number; of floats only those that are infinite or nan come here."""
    if isinstance(value, float):
        if value != value:
            return _nan()
        return exact(sp.oo if value > 0 else -sp.oo)
    return exact(sp.Rational(value.numerator, value.denominator))


def _nan() -> Exact:
    return Exact(sp.nan, context.nan)


def sign(u: Exact) -> int:
    """Give the sign of a number that is not nan.

    Raises ``ArgumentValueError`` where not even SymPy can tell it.
    """
    if isinstance(u.expr, sp.Rational) or abs(u.shadow) > _SURE:
        return int(context.sign(u.shadow))
    if u.expr.is_zero:
        return 0
    value = u.expr.evalf(10, maxn=1000)
    if isinstance(value, sp.Float) and value._prec > 1 and value != 0:
        return 1 if value > 0 else -1
    raise ArgumentValueError(
        f"SymPy cannot tell whether {short(u.expr)} is 0; give other numbers, or use "
        "backend='mpmath'"
    )


_HOLDS: dict[str, Callable[[int], bool]] = {
    "less": lambda s: s < 0,
    "less_equal": lambda s: s <= 0,
    "greater": lambda s: s > 0,
    "greater_equal": lambda s: s >= 0,
    "equal": lambda s: s == 0,
    "not_equal": lambda s: s != 0,
}


def _is(relation: str, u: Exact, v: Exact) -> bool:
    if u.expr is sp.nan or v.expr is sp.nan:
        return relation == "not_equal"
    if not (context.isfinite(u.shadow) and context.isfinite(v.shadow)):
        return _HOLDS[relation]((u.shadow > v.shadow) - (u.shadow < v.shadow))
    return _HOLDS[relation](sign(Exact(u.expr - v.expr, u.shadow - v.shadow)))


def _relation(name: str) -> Callable[[Exact, Exact], bool]:
    return lambda u, v: _is(name, u, v)


def _below_zero(u: Exact) -> bool:
    return sign(u) < 0


def _greater(u: Exact, v: Exact) -> Exact:
    return v if _is("less", u, v) else u


def _cbrt(u: Exact) -> Expr:
    root = sp.cbrt(-u.expr if _below_zero(u) else u.expr)
    return -root if _below_zero(u) else root


def _heaviside(u: Exact, at_zero: Exact) -> Expr:
    return {-1: sp.Integer(0), 0: at_zero.expr, 1: sp.Integer(1)}[sign(u)]


_BENT: dict[str, Callable[..., Expr]] = {
    "Abs": lambda u: -u.expr if _below_zero(u) else u.expr,
    "sign": lambda u: sp.Integer(sign(u)),
    "cbrt": _cbrt,
    "Heaviside": _heaviside,
    "Max": lambda u, v: _greater(u, v).expr,
    "Min": lambda u, v: (v if _greater(u, v) is u else u).expr,
    "relu": lambda u: sp.Integer(0) if _below_zero(u) else u.expr,
    "leaky_relu": lambda u: u.expr * (LEAKY_SLOPE if _below_zero(u) else 1),
    "elu": lambda u: sp.exp(u.expr) - 1 if _below_zero(u) else u.expr,
    "softsign": lambda u: u.expr / (1 + (-u.expr if _below_zero(u) else u.expr)),
}
"""functions whose form is a question of sizes"""
_PLAIN: dict[str, Callable[..., Expr]] = {
    "add": lambda u, v: u + v,
    "subtract": lambda u, v: u - v,
    "multiply": lambda u, v: u * v,
    "divide": lambda u, v: u / v,
    "negate": lambda u: -u,
    "power": sp.Pow,
    **{name: row.make for name, row in FUNCTIONS.items() if name not in DEFINITIONS},
    **DEFINITIONS,
    "binomial": sp.binomial,
}


def _operation(name: str, shadow: Callable[..., Any]) -> Callable[..., Exact]:
    """Both forms of one operation; nan where the shadow is."""
    bent, plain = _BENT.get(name), _PLAIN.get(name)

    def call(*args: Exact) -> Exact:
        near = shadow(*(arg.shadow for arg in args))
        if near != near:
            return _nan()
        if not context.isfinite(near):
            return exact(sp.oo if near > 0 else -sp.oo)
        if not all(context.isfinite(arg.shadow) for arg in args):
            return _limit(near)
        _check_size(name, args)
        if bent is not None:
            expr = bent(*args)
        else:
            assert plain is not None
            expr = plain(*(arg.expr for arg in args))
        if isinstance(expr, sp.Rational):
            return exact(expr)
        if expr in (sp.zoo, sp.nan) or expr.is_extended_real is False:
            return _nan()
        return Exact(expr, near)

    return call


def _limit(near: Any) -> Exact:
    """What a function is at infinity: tanh 1, atan π/2, S 1/2."""
    for unit in (sp.Rational(1, 2), sp.pi / 4):
        times = context.nint(near / exact(unit).shadow)
        found = exact(int(times) * unit)
        if abs(found.shadow - near) < _SURE:
            return found
    return _nan()


def _check_size(name: str, args: tuple[Exact, ...]) -> None:
    """Raises ``BoundError`` for what would be written out in millions of digits."""
    exprs = [arg.expr for arg in args]
    if name == "power":
        base, exponent = exprs
        if isinstance(base, sp.Rational) and isinstance(exponent, sp.Rational):
            bits = max(abs(base.p), base.q).bit_length()
            if bits > 1 and bits * abs(exponent) > _MAX_BITS:
                raise BoundError(
                    f"({short(base)})^({short(exponent)}) is beyond the bound of "
                    f"{_MAX_BITS:,} binary digits; use backend='mpmath'"
                )
    if name in _WRITTEN_OUT:
        for expr in exprs:
            if isinstance(expr, sp.Rational) and abs(expr) > _MAX_WHOLE:
                raise BoundError(
                    f"{name} of {short(expr)} is beyond the bound of {_MAX_WHOLE:,} "
                    "for exact values; use backend='mpmath'"
                )


def whole(u: Exact) -> int | None:
    """The Python integer behind a number, None where it is none."""
    return int(u.expr) if isinstance(u.expr, sp.Integer) else None


@cache
def exact_operations() -> Mapping[str, Callable[..., Any]]:
    """Give all operations on exact numbers.

    >>> tanh = exact_operations()["tanh"]
    >>> print(tanh(number(Fraction(1, 2))), exact_operations()["log"](number(-1)))
    tanh(1/2) nan
    """
    shadows = operations_of(context)
    names = {*_BENT, *_PLAIN} & {*shadows}
    return {
        **{name: _operation(name, shadows[name]) for name in sorted(names)},
        **{name: _relation(name) for name in _HOLDS},
        **{name: shadows[name] for name in ("and", "or", "not", "select")},
        **{name: _named(name) for name in NAMES},
    }


def _named(name: str) -> Callable[[], Exact]:
    return lambda: exact(getattr(sp, name))
