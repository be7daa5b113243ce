"""The rules for constants, sums, products and quotients."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sympy import Add, Expr, Integer, Mul, Pow, Symbol

from symgrad.decimals import total
from symgrad.derivation import Step, Text
from symgrad.rules.domains import denominator_notes, denominators
from symgrad.rules.parts import (
    Scope,
    brief_reason,
    d,
    depends,
    is_linear,
    moves,
    rules_used,
    step_of,
    sum_of,
    terms_with,
    times,
)
from symgrad.symbols import Chain

_LISTED_TERMS = 4


def constant(expr: Expr, by: Symbol, scope: Scope) -> Step:
    reason = (by, " does not occur") if expr.free_symbols else ("a number",)
    return step_of("constant", expr, by, (Integer(0), reason))


def variable(expr: Expr, by: Symbol, scope: Scope) -> Step:
    return step_of("variable", expr, by, (Integer(1), ("the variable itself",)))


def _split(expr: Mul, by: Symbol) -> tuple[list[Expr], list[Expr]]:
    free = [a for a in expr.args if not depends(a, by)]
    bound = [a for a in expr.args if depends(a, by)]
    return free, bound


def has_constant(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, Mul) and bool(_split(expr, by)[0])


def constant_multiple(expr: Expr, by: Symbol, scope: Scope) -> Step:
    free, bound = _split(expr, by)
    constant, rest = times(*free), Mul(*bound)
    inner = scope.derive(rest, by, scope)
    return step_of(
        "constant multiple",
        expr,
        by,
        (Chain(constant, d(rest, by)), ("constant multiple",)),
        (times(constant, inner.result), brief_reason(inner, by)),
        substeps=(inner,),
        notes=denominator_notes(denominators(free)),
    )


def sum_rule(expr: Add, by: Symbol, scope: Scope) -> Step:
    dependent = terms_with(expr).get(by, [])
    listed = dependent
    if len(expr.args) <= _LISTED_TERMS:
        listed = [t for t in expr.args if depends(t, by) or not moves(t, scope)]
    inner = tuple(scope.derive(term, by, scope) for term in listed)
    others: Text = ("sum rule",)
    if len(listed) < len(expr.args):
        others = ("sum rule; the terms without ", by, " are constant")
    found = [step.result for step in inner]
    numbers = [each for each in found if each.is_Number]
    result = Add(total(*numbers), *(each for each in found if not each.is_Number))
    reason: Text = ("term by term",)
    if all(map(is_linear, inner)):
        reason = ("coefficient of ", by)
    elif used := rules_used(inner, by):
        reason = ("term by term: " + ", ".join(used),)
    derivatives = sum_of(*(d(term, by) for term in listed))
    return step_of(
        "sum", expr, by, (derivatives, others), (result, reason), substeps=inner
    )


def _fraction(expr: Expr) -> tuple[list[Expr], list[Expr]]:
    above, below = [], []
    for factor in expr.args:
        if isinstance(factor, Pow) and factor.exp.is_Rational and factor.exp < 0:
            below.append(Pow(factor.base, -factor.exp))
        else:
            above.append(factor)
    return above, below


def is_quotient(expr: Expr, by: Symbol) -> bool:
    if not isinstance(expr, Mul):
        return False
    above, below = _fraction(expr)
    return bool(above) and bool(below)


def quotient(expr: Mul, by: Symbol, scope: Scope) -> Step:
    above, below = _fraction(expr)
    top, bottom = Mul(*above), Mul(*below)
    dtop, dbottom = scope.derive(top, by, scope), scope.derive(bottom, by, scope)

    def rule(a: Expr, b: Expr, join: Callable[..., Expr]) -> Expr:
        numerator = Add(
            join(a, bottom), Mul(-1, join(top, b), evaluate=False), evaluate=False
        )
        return Mul(numerator, Pow(bottom, -2), evaluate=False)

    result = (times(dtop.result, bottom) - times(top, dbottom.result)) * bottom**-2
    return step_of(
        "quotient",
        expr,
        by,
        (rule(d(top, by), d(bottom, by), Chain), ("quotient rule",)),
        (result, ("differentiate numerator and denominator",)),
        substeps=(dtop, dbottom),
        notes=denominator_notes(below),
    )


def is_product(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, Mul)


def product(expr: Mul, by: Symbol, scope: Scope) -> Step:
    factors = list(expr.args)
    inner = tuple(scope.derive(factor, by, scope) for factor in factors)

    def terms(parts: Sequence[Expr], join: Callable[..., Expr]) -> list[Expr]:
        return [
            join(*factors[:k], part, *factors[k + 1 :]) for k, part in enumerate(parts)
        ]

    return step_of(
        "product",
        expr,
        by,
        (sum_of(*terms([d(a, by) for a in factors], Chain)), ("product rule",)),
        (
            Add(*terms([step.result for step in inner], times)),
            ("differentiate each factor",),
        ),
        substeps=inner,
    )
