"""Identities between functions: sin² + cos² = 1, 1 − tanh² = sech², and their kin.

The one rule kept here: an identity is a row of a table, true wherever both of its
sides are real, and is used only where it fits to the letter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy import Add, Expr, Integer, Mul, Pow

from symgrad.functions import logistic

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
    return _inside(expr, Add, lambda node: _in_sum(node, rows))


def _inside(expr: Expr, kind: Any, change: Callable[[Any], Expr]) -> Expr:
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


# --- one function in place of another -------------------------------------------


def with_secants(expr: Expr) -> Expr:
    """Write 1/cos u as sec u, 1/sin u as csc u, 1 + tan² u as sec² u."""
    return use(_inverted(expr, {sp.cos: sp.sec, sp.sin: sp.csc}), SECANTS)


def with_hyperbolic_secants(expr: Expr) -> Expr:
    """Write 1/cosh u as sech u, 1/sinh u as csch u, 1 − tanh² u as sech² u."""
    pairs = {sp.cosh: sp.sech, sp.sinh: sp.csch}
    return use(_inverted(expr, pairs), HYPERBOLIC_SECANTS)


def _inverted(expr: Expr, pairs: dict[Any, Any]) -> Expr:
    def change(node: Pow) -> Expr:
        below = node.exp.is_Integer and node.exp.is_negative
        other = pairs.get(type(node.base))
        if not below or other is None:
            return node
        made: Expr = other(node.base.args[0]) ** -node.exp
        return made

    return _inside(expr, Pow, change)


def with_tangents(expr: Expr) -> Expr:
    """Write sec² u as 1 + tan² u, csc² u as 1 + cot² u, sin u/cos u as tan u."""
    pairs = {sp.sec: (1, sp.tan), sp.csc: (1, sp.cot), sp.cos: (-1, sp.tan)}
    return _quotients(_squares(expr, pairs), sp.sin, sp.cos, sp.tan, sp.cot)


def with_hyperbolic_tangents(expr: Expr) -> Expr:
    """Write sech² u as 1 − tanh² u, csch² u as coth² u − 1, sinh u/cosh u as tanh u."""
    made = _inside(expr, Pow, _hyperbolic_square)
    return _quotients(made, sp.sinh, sp.cosh, sp.tanh, sp.coth)


def _squares(expr: Expr, pairs: dict[Any, tuple[int, Any]]) -> Expr:
    """Write sec^2n as (1 + tan²)^n, and what is below the bar alike."""

    def change(node: Pow) -> Expr:
        sign, other = pairs.get(type(node.base), (0, None))
        power = sign * node.exp
        if not sign or not power.is_Integer or power < 2 or power % 2:
            return node
        made: Expr = (1 + other(node.base.args[0]) ** 2) ** (power // 2)
        return made

    return _inside(expr, Pow, change)


def _hyperbolic_square(node: Pow) -> Expr:
    signs = {sp.sech: 1, sp.csch: 1, sp.cosh: -1}
    power = signs.get(type(node.base), 0) * node.exp
    if not power.is_Integer or power < 2 or power % 2:
        return node
    u = node.base.args[0]
    made: Expr = sp.coth(u) ** 2 - 1
    if not isinstance(node.base, sp.csch):
        made = 1 - sp.tanh(u) ** 2
    return made ** (power // 2)


def _quotients(expr: Expr, top: Any, bottom: Any, over: Any, under: Any) -> Expr:
    """Write top(u)/bottom(u) as one function, and its inverse as the other."""

    def change(node: Mul) -> Expr:
        powers = node.as_powers_dict()
        factors = dict(powers)
        for base, power in powers.items():
            if not isinstance(base, top):
                continue
            partner = bottom(base.args[0])
            other = powers.get(partner, Integer(0))
            if power.is_Integer and other == -power:
                made = over if power > 0 else under
                del factors[base], factors[partner]
                factors[made(base.args[0])] = abs(power)
        return Mul(*(base**power for base, power in factors.items()))

    return _inside(expr, Mul, change)


def with_logistic(expr: Expr) -> Expr:
    """Write 1/(1 + exp(−u)) as σ(u), and exp(−u)·σ²(u) as σ(u)(1 − σ(u)).

    >>> from symgrad.symbols import symbol
    >>> e = sp.exp(-symbol("x"))
    >>> with_logistic(e / (1 + e) ** 2)
    (1 - logistic(x))*logistic(x)
    """

    def one(node: Pow) -> Expr:
        below = node.exp.is_Integer and node.exp.is_negative
        inner = node.base - 1
        if not below or not isinstance(inner, sp.exp):
            return node
        made: Expr = logistic(-inner.args[0]) ** -node.exp
        return made

    return _inside(_inside(expr, Pow, one), Mul, _logistic_product)


def _logistic_product(node: Mul) -> Expr:
    powers = dict(node.as_powers_dict())
    for base, power in list(powers.items()):
        if not isinstance(base, logistic) or not power.is_Integer or power < 1:
            continue
        u = base.args[0]
        exponent = sum(b.args[0] * p for b, p in powers.items() if type(b) is sp.exp)
        count = sp.cancel(exponent / -u) if exponent else Integer(0)
        if powers.get(sp.E) is not None and not count:
            count = sp.cancel(powers[sp.E] / -u)
        if count.is_Integer and 0 < count <= power:
            rest = (b**p for b, p in powers.items() if _is_other(b, base))
            return Mul(*rest, base ** (power - count), (1 - base) ** count)
    return node


def _is_other(base: Expr, logistic_call: Expr) -> bool:
    return base not in (logistic_call, sp.E) and type(base) is not sp.exp


def with_exponentials(expr: Expr) -> Expr:
    """Write hyperbolic functions and logistic by exp."""
    made: Expr = expr.rewrite(_HYPERBOLIC, sp.exp)
    made = made.replace(logistic, lambda u: 1 / (1 + sp.exp(-u)))
    return made


_HYPERBOLIC = [sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch]


def with_sines(expr: Expr) -> Expr:
    """Write tan, cot, sec and csc by sin and cos."""
    made = expr
    for kind, change in _SINES.items():
        made = made.replace(kind, change)
    return made


_SINES: dict[Any, Callable[[Expr], Expr]] = {
    sp.tan: lambda u: sp.sin(u) / sp.cos(u),
    sp.cot: lambda u: sp.cos(u) / sp.sin(u),
    sp.sec: lambda u: 1 / sp.cos(u),
    sp.csc: lambda u: 1 / sp.sin(u),
}


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
        expr = _inside(expr, Mul, _product)
    return _inside(expr, Mul, _absolute) if expr.has(sp.sign) else expr


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
