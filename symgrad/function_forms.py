"""One function in place of another: sec for 1/cos, tanh for sinh/cosh, exp for sinh.

The one rule kept here: each is an exact rewriting, used only where it fits to the
letter; which of them a reader may ask for is said in forms.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy import Expr, Integer, Mul, Pow

from symgrad.identities import HYPERBOLIC_SECANTS, SECANTS, change_inside, use
from symgrad.named_functions import logistic


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

    return change_inside(expr, Pow, change)


def with_tangents(expr: Expr) -> Expr:
    """Write sec² u as 1 + tan² u, csc² u as 1 + cot² u, sin u/cos u as tan u."""
    pairs = {sp.sec: (1, sp.tan), sp.csc: (1, sp.cot), sp.cos: (-1, sp.tan)}
    return _quotients(_squares(expr, pairs), sp.sin, sp.cos, sp.tan, sp.cot)


def with_hyperbolic_tangents(expr: Expr) -> Expr:
    """Write sech² u as 1 − tanh² u, csch² u as coth² u − 1, sinh u/cosh u as tanh u."""
    made = change_inside(expr, Pow, _hyperbolic_square)
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

    return change_inside(expr, Pow, change)


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

    return change_inside(expr, Mul, change)


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

    return change_inside(change_inside(expr, Pow, one), Mul, _logistic_product)


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
