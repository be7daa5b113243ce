"""The rules inside one stage, by name: an expression and a symbol give a Step.

``RULES`` is tried in order and the first rule that fits makes the Step. What a
function's derivative is stands in ``DERIVATIVES`` (derivatives.py), nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from dataclasses import replace as changed
from functools import lru_cache

import sympy as sp
from sympy import Add, Expr, Integer, Mul, Pow, Symbol

from symgrad.derivation import Step
from symgrad.derivatives import DERIVATIVES, f, u, v
from symgrad.errors import RuleError, short
from symgrad.graph import MAX_DEPTH
from symgrad.lengths import measure
from symgrad.rules import abstract, arithmetic, functions, integrals, powers, reductions
from symgrad.rules.parts import (
    Scope,
    brief_reason,
    d,
    depends,
    namer,
    sum_of,
    times,
)
from symgrad.symbols import Chain, symbol, symbols_of

__all__ = [
    "DERIVATIVES",
    "RULES",
    "Rule",
    "brief_reason",
    "derive",
    "f",
    "times",
    "u",
    "v",
]


@dataclass(frozen=True)
class Rule:
    """One named rule: its formula in general letters, when it fits, what it makes."""

    name: str
    formula: tuple[Expr, Expr] | None
    fits: Callable[[Expr, Symbol], bool]
    apply: Callable[[Expr, Symbol, Scope], Step]


def derive(
    expr: Expr,
    by: Symbol,
    value: Symbol | None = None,
    local: Callable[[Expr], Symbol] | None = None,
    stages: Container[Symbol] = (),
) -> Step:
    """Differentiate one expression by one symbol, every rule named.

    >>> x = symbol("x")
    >>> derive(3 * x**2, by=x).result
    6*x

    ``value`` is a symbol that stands for the whole expression, ``local`` names
    compound arguments, ``stages`` are symbols held here that may move elsewhere.

    Raises ``RuleError`` that names the sub-expression no rule fits, or where the
    expression is nested too deep to be explained.
    """
    depth = _depth(expr)
    if depth > MAX_DEPTH:
        raise RuleError(
            f"an expression nested {depth} levels deep (the bound MAX_DEPTH is "
            f"{MAX_DEPTH}); name its parts as stages of their own"
        )
    name = local or namer(symbols_of(expr))
    return _derive(expr, by, Scope(expr, value, name, _derive, stages))


@lru_cache(maxsize=256)
def _depth(expr: Expr) -> int:
    return measure(expr)[1]


def _derive(expr: Expr, by: Symbol, scope: Scope) -> Step:
    for rule in RULES:
        if rule.fits(expr, by):
            step = rule.apply(expr, by, scope)
            return step if step.formula else changed(step, formula=rule.formula)
    raise RuleError(
        f"no rule differentiates {short(expr)} (a {type(expr).__name__}); the known "
        "functions are the rows of symgrad.functions.FUNCTIONS"
    )


# --- the table --------------------------------------------------------------------

_x, _w, _c, _n, _a = (symbol(name) for name in "xwcna")


def _general(left: Expr, right: Expr) -> tuple[Expr, Expr]:
    return d(left, _x), right


_quotient_formula = Mul(
    Add(
        Chain(d(u, _x), v),
        Mul(-1, Chain(u, d(v, _x)), evaluate=False),
        evaluate=False,
    ),
    Pow(v, -2),
    evaluate=False,
)

# u, v and w are functions of x; c, n and a are constants; the first that fits counts.
RULES: tuple[Rule, ...] = (
    Rule(
        "constant",
        _general(_c, Integer(0)),
        lambda expr, by: not depends(expr, by),
        arithmetic.constant,
    ),
    Rule(
        "variable",
        _general(_x, Integer(1)),
        lambda expr, by: bool(expr == by),
        arithmetic.variable,
    ),
    Rule(
        "sum",
        _general(u + v, sum_of(d(u, _x), d(v, _x))),
        lambda expr, by: isinstance(expr, Add),
        arithmetic.sum_rule,
    ),
    Rule(
        "constant multiple",
        _general(_c * u, Chain(_c, d(u, _x))),
        arithmetic.has_constant,
        arithmetic.constant_multiple,
    ),
    Rule(
        "quotient",
        _general(u / v, _quotient_formula),
        arithmetic.is_quotient,
        arithmetic.quotient,
    ),
    Rule(
        "product",
        _general(u * v, sum_of(Chain(d(u, _x), v), Chain(u, d(v, _x)))),
        arithmetic.is_product,
        arithmetic.product,
    ),
    Rule(
        "power",
        _general(_x**_n, Chain(_n, _x ** (_n - 1))),
        powers.is_power,
        powers.power,
    ),
    Rule(
        "exponential",
        _general(_a**_x, _a**_x * sp.log(_a)),
        powers.is_exponential,
        powers.exponential,
    ),
    Rule(
        "general power",
        _general(u**v, Chain(u**v, d(v * sp.log(u), _x))),
        powers.is_general_power,
        powers.general_power,
    ),
    Rule("one datum", None, reductions.is_chosen, reductions.chosen),
    Rule("data", None, reductions.is_element, reductions.element),
    Rule(
        "sum over the samples",
        None,
        reductions.is_sample_sum,
        reductions.sample_sum,
    ),
    Rule("sum over an index", None, reductions.is_sum, reductions.sum_rule),
    Rule("product over an index", None, reductions.is_product, reductions.product_rule),
    Rule("integral", None, integrals.is_integral, integrals.leibniz),
    Rule("function", None, functions.is_function, functions.function),
    Rule("piecewise", None, functions.is_piecewise, functions.piecewise),
    Rule(
        "abstract function", None, abstract.is_known_slot, abstract.partial_derivative
    ),
    Rule(
        "chain rule of abstract functions", None, abstract.is_abstract, abstract.chain
    ),
    Rule(
        "chain rule",
        _general(_w, Chain(d(_w, u), d(u, _x))),
        functions.has_inner,
        functions.chain,
    ),
)
