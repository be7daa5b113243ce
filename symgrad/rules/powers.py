"""The rules for powers and exponentials.

The one rule kept here: what a derivative is stands in ``DERIVATIVES``, nowhere else.
"""

from __future__ import annotations

import sympy as sp
from sympy import Expr, Mul, Pow, Symbol

from symgrad.derivation import Step
from symgrad.derivatives import derivative_row, f, u, v
from symgrad.rules.domains import (
    base_notes,
    domain_note,
    power_notes,
    without_note,
)
from symgrad.rules.functions import from_table, own_value
from symgrad.rules.parts import (
    Scope,
    d,
    depends,
    step_of,
    times,
)
from symgrad.substitution import replace
from symgrad.symbols import Chain

_HALF = sp.Rational(1, 2)


def is_power(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, Pow) and expr.base == by and not depends(expr.exp, by)


def power(expr: Pow, by: Symbol, scope: Scope) -> Step:
    if expr.exp == _HALF:
        return from_table("sqrt", "square root", expr, by, scope)
    row = derivative_row("power", 0)
    result = replace(row, {u: expr.base, v: expr.exp})
    notes = power_notes(by, expr.exp)
    return step_of("power", expr, by, (result, ("power rule",)), notes=notes)


def is_exponential(expr: Expr, by: Symbol) -> bool:
    if isinstance(expr, sp.exp):
        return bool(expr.args[0] == by)
    return isinstance(expr, Pow) and expr.exp == by and not depends(expr.base, by)


def exponential(expr: Expr, by: Symbol, scope: Scope) -> Step:
    if isinstance(expr, sp.exp):
        return from_table("exp", "exponential", expr, by, scope)
    row = derivative_row("power", 1)
    forms, value = {u: expr.args[0]}, own_value(expr, scope)
    return step_of(
        "exponential",
        expr,
        by,
        (replace(row, {**forms, f: expr}), ("exponential rule",)),
        (replace(row, {**forms, f: value}), ("as ", value, " = ", expr)),
        notes=base_notes(expr.args[0]),
    )


def is_general_power(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, Pow) and depends(expr.exp, by) and depends(expr.base, by)


def general_power(expr: Pow, by: Symbol, scope: Scope) -> Step:
    base, exponent = expr.args
    log = sp.log(base, evaluate=False)
    inner = scope.derive(Mul(exponent, log), by, scope)
    inner = without_note(inner, domain_note("log", "u > 0", base))
    return step_of(
        "general power",
        expr,
        by,
        (
            Chain(expr, d(Mul(exponent, log), by)),
            ("general power rule: ", expr, " = exp(", Mul(exponent, log), ")"),
        ),
        (times(own_value(expr, scope), inner.result), ("differentiate the exponent",)),
        substeps=(inner,),
        notes=base_notes(base),
    )
