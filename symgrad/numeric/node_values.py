"""What every SymPy node is worth and costs at fifty digits, and where it has an edge.

The one rule kept here: as in high_precision.py, nothing knows a derivative; where a
difference quotient says nothing is a row of ``NEAR``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp
from sympy import Basic, Expr

from symgrad import functions
from symgrad.errors import RuleError, short
from symgrad.numeric.high_precision import FUNCTIONS, NAN, Number, context, guarded, mpf
from symgrad.symbols import Chain

KINK_DISTANCE = 1e-6
_STRIDE = 1e10
FUNCTION_COST = 12
_SLOW: dict[str, int] = {
    **dict.fromkeys(("digamma", "beta", "erfi", "fresnels", "fresnelc"), 40),
    **dict.fromkeys(("binomial", "Shi", "Chi", "besseli", "lowergamma"), 50),
    **dict.fromkeys(("airyai", "airybi", "airyaiprime", "airybiprime"), 75),
    **dict.fromkeys(("erf", "erfc", "gelu", "LambertW"), 100),
    **dict.fromkeys(("zeta", "erfinv", "erfcinv", "elliptic_k", "elliptic_e"), 400),
    **{"polygamma": 400, "bessely": 3000, "besselk": 3000},
}
"""function -> what it costs at fifty digits, where that is more"""


def _sum(*terms: Number) -> Number:
    return context.fsum(terms)


def _product(*factors: Number) -> Number:
    return context.fprod(factors)


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


CALLS: dict[type, Callable[..., Any]] = {
    **ARITHMETIC,
    sp.Pow: guarded(operator.pow),
    **{
        row.make: guarded(FUNCTIONS[name])
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
