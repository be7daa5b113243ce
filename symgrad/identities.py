"""Identities between functions: sin² + cos² = 1, 1 − tanh² = sech², and their kin.

The one rule kept here: an identity is a row of a table, true wherever both of its
sides are real, and is used only where it fits to the letter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy import Add, Expr, Integer, Mul

_One: Any = None


@dataclass(frozen=True)
class Identity:
    """``first² + sign·second² = factor·result²``; None in place of a function is 1."""

    first: Any
    sign: int
    second: Any
    factor: int
    result: Any


SHORTER: tuple[Identity, ...] = (
    Identity(sp.sin, 1, sp.cos, 1, _One),
    Identity(sp.cosh, -1, sp.sinh, 1, _One),
    Identity(sp.sin, -1, _One, -1, sp.cos),
    Identity(sp.cos, -1, _One, -1, sp.sin),
    Identity(sp.cosh, -1, _One, 1, sp.sinh),
    Identity(sp.sinh, 1, _One, 1, sp.cosh),
    Identity(sp.sec, -1, sp.tan, 1, _One),
    Identity(sp.csc, -1, sp.cot, 1, _One),
)
"""What makes every formula shorter."""

SECANTS: tuple[Identity, ...] = (
    Identity(sp.tan, 1, _One, 1, sp.sec),
    Identity(sp.cot, 1, _One, 1, sp.csc),
)
HYPERBOLIC_SECANTS: tuple[Identity, ...] = (
    Identity(sp.tanh, -1, _One, -1, sp.sech),
    Identity(sp.coth, -1, _One, 1, sp.csch),
)


def use(expr: Expr, rows: Sequence[Identity]) -> Expr:
    """Use identities in every sum of an expression, from the inside outwards.

    >>> from symgrad.symbols import symbol
    >>> x = symbol("x")
    >>> use(x - x * sp.tanh(2 * x) ** 2, HYPERBOLIC_SECANTS)
    x*sech(2*x)**2
    """
    if not any(row.first is not None and expr.has(row.first) for row in rows):
        return expr
    return change_inside(expr, Add, lambda node: _in_sum(node, rows))


def change_inside(expr: Expr, kind: Any, change: Callable[[Any], Expr]) -> Expr:
    made: Expr = expr.replace(lambda node: isinstance(node, kind), change)
    return made


def _in_sum(whole: Add, rows: Sequence[Identity]) -> Expr:
    for row in rows:
        whole_or_less: Expr = whole
        while isinstance(whole_or_less, Add):
            found = _once(whole_or_less, row)
            if found is None:
                break
            whole_or_less = found
        if not isinstance(whole_or_less, Add):
            return whole_or_less
        whole = whole_or_less
    return whole


def _once(whole: Add, row: Identity) -> Expr | None:
    """Use a row for one pair of terms whose other factors agree."""
    terms = set(whole.args)
    for term in whole.args:
        for node in Mul.make_args(term):
            base, power = node.as_base_exp()
            if not isinstance(base, row.first) or not power.is_Integer or power < 2:
                continue
            u = base.args[0]
            rest = term / base**2
            other = row.sign * rest * _square(row.second, u)
            if other in terms and other != term:
                kept = (t for t in whole.args if t not in (term, other))
                return Add(*kept, row.factor * rest * _square(row.result, u))
    return None


def _square(function: Any, u: Expr) -> Expr:
    return Integer(1) if function is None else function(u) ** 2


PRODUCTS: dict[Any, tuple[Any, Any]] = {
    sp.tan: (sp.cos, sp.sin),
    sp.cot: (sp.sin, sp.cos),
    sp.tanh: (sp.cosh, sp.sinh),
    sp.coth: (sp.sinh, sp.cosh),
    sp.sec: (sp.cos, _One),
    sp.csc: (sp.sin, _One),
    sp.sech: (sp.cosh, _One),
    sp.csch: (sp.sinh, _One),
}
"""function -> another one, and what their product is; None is 1"""


def with_products(expr: Expr) -> Expr:
    """Write tan u·cos u as sin u, u·sign(u) as |u|, and their kin."""
    if expr.has(*PRODUCTS):
        expr = change_inside(expr, Mul, _product)
    return change_inside(expr, Mul, _absolute) if expr.has(sp.sign) else expr


def _product(node: Mul) -> Expr:
    factors = dict(node.as_powers_dict())
    for base in list(factors):
        pair = PRODUCTS.get(type(base))
        if pair is None:
            continue
        u = base.args[0]
        other, result = pair[0](u), Integer(1) if pair[1] is None else pair[1](u)
        powers = (factors.get(base, Integer(0)), factors.get(other, Integer(0)))
        if all(power.is_Integer and power > 0 for power in powers):
            count = min(powers)
            factors[base] -= count
            factors[other] -= count
            factors[result] = factors.get(result, Integer(0)) + count
    return Mul(*(base**power for base, power in factors.items()))


def _absolute(node: Mul) -> Expr:
    """Write u·sign(u) as |u|, and sign(u)/|u| as 1/u."""
    factors = dict(node.as_powers_dict())
    for base, power in list(factors.items()):
        if not isinstance(base, sp.sign) or power != 1:
            continue
        u = base.args[0]
        if factors.get(u) == 1:
            del factors[base], factors[u]
            factors[sp.Abs(u)] = factors.get(sp.Abs(u), Integer(0)) + 1
        elif factors.get(sp.Abs(u)) == -1:
            del factors[base], factors[sp.Abs(u)]
            factors[u] = factors.get(u, Integer(0)) - 1
    return Mul(*(base**power for base, power in factors.items()))
