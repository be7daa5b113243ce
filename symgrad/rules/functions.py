"""The rules for functions, and for functions of functions.

The one rule kept here: what a function's derivative is stands in ``DERIVATIVES``,
nowhere else.
"""

from __future__ import annotations

from dataclasses import replace as changed
from functools import lru_cache

import sympy as sp
from sympy import Add, Expr, Integer, Mul, Piecewise, Pow, Symbol
from sympy.functions.special.bessel import BesselBase

from symgrad.derivation import Step, Text
from symgrad.derivatives import DERIVATIVES, derivative_row, f, has_rows, u, v
from symgrad.errors import BoundError
from symgrad.functions import FUNCTIONS, function_name, known_as
from symgrad.rules.branch_points import branch_notes
from symgrad.rules.domains import (
    domain_note,
    in_names,
)
from symgrad.rules.parts import (
    Derive,
    Scope,
    brief_reason,
    d,
    depends,
    moves,
    namer,
    step_of,
    sum_of,
    times,
)
from symgrad.substitution import replace
from symgrad.symbols import Chain, symbols_of
from symgrad.user_functions import LETTERS, UserCall

MAX_FOLDED = 40
"""How many arguments max or min has on a page: its partials grow with the square."""


def own_value(expr: Expr, scope: Scope) -> Expr:
    """The name of the stage where an expression is all of it, else the expression."""
    return scope.value if scope.value is not None and expr == scope.whole else expr


def from_table(name: str, rule: str, expr: Expr, by: Symbol, scope: Scope) -> Step:
    """Take the derivative of a function of ``by`` itself from its row."""
    place = next(k for k, a in enumerate(expr.args) if depends(a, by))
    row, arguments = _row(name, expr, place)
    forms = dict(zip(LETTERS, arguments, strict=False))
    plain = replace(row, {**forms, f: expr})
    told = replace(row, {**forms, f: own_value(expr, scope)})
    why: Text = (rule,) if rule.startswith("derivative") else (f"{rule} rule",)
    return step_of(
        rule,
        expr,
        by,
        (plain, why),
        (told, ("as ", own_value(expr, scope), " = ", expr)),
        *_whole_orders(told),
        notes=_notes(name, by),
        formula=_formula(name, expr),
    )


def _whole_orders(expr: Expr) -> tuple[tuple[Expr, Text], ...]:
    """Write a Bessel function of the order -1 as that of the order 1."""
    for node in expr.atoms(BesselBase):
        if node.order == -1:
            made = node.func(*node.args)
            return ((expr.xreplace({node: made}), ("as ", node, " = ", made)),)
    return ()


def _row(name: str, expr: Expr, place: int) -> tuple[Expr, tuple[Expr, ...]]:
    if isinstance(expr, UserCall):
        return expr.definition.derivatives[place], expr.args
    if name in ("Max", "Min") and len(expr.args) != 2:
        rows = (derivative_row(name, 0), derivative_row(name, 1))
        return _folded(expr, place, rows), expr.args
    return derivative_row(name, place), expr.args


def _folded(expr: Expr, place: int, row: tuple[Expr, ...]) -> Expr:
    """The partial of max(max(a, b), c) by one argument, folded as programs fold it."""
    arguments = expr.args
    if len(arguments) > MAX_FOLDED:
        raise BoundError(
            f"{_name(expr)} of {len(arguments)} arguments is over the bound MAX_FOLDED "
            f"({MAX_FOLDED}) of a page; give parts of it names of their own, or call "
            "lambdify for numbers"
        )

    def first(count: int) -> Expr:
        if count == 1:
            return arguments[0]
        # SymPy would try to compare them
        return expr.func(*arguments[:count], evaluate=False)

    factors = []
    if place:
        factors.append(replace(row[1], {u: first(place), v: arguments[place]}))
    for k in range(place + 1, len(arguments)):
        factors.append(replace(row[0], {u: first(k), v: arguments[k]}))
    return times(*factors)


def _formula(name: str, expr: Expr) -> tuple[Expr, Expr] | None:
    if isinstance(expr, UserCall):
        own = expr.definition
        return (d(own(u), u), own.derivatives[0]) if own.arity == 1 else None
    if len(DERIVATIVES[name]) != 1:
        return None
    general = sp.sqrt(u) if name == "sqrt" else FUNCTIONS[name].make(u)
    return d(general, u), replace(derivative_row(name, 0), {f: general})


def _notes(name: str, by: Symbol) -> tuple[Text, ...]:
    row = FUNCTIONS.get(name)
    if row is None:  # a user's
        return ()
    kinks: tuple[Text, ...] = ((row.kink_note,),) if row.kink_note else ()
    domain = f"{row.domain}; {row.edge}" if row.edge else row.domain
    return kinks + domain_note(known_as(name), domain, by)


def _named_rule(expr: Expr) -> str:
    if isinstance(expr, sp.log):
        return "logarithm"
    return f"derivative of {known_as(_name(expr))}"


def _name(expr: Expr) -> str:
    if isinstance(expr, UserCall):
        return expr.definition.name
    return str(function_name(expr))


def is_function(expr: Expr, by: Symbol) -> bool:
    if not has_rows(expr):
        return False
    return [a for a in expr.args if depends(a, by)] == [by]


def function(expr: Expr, by: Symbol, scope: Scope) -> Step:
    return from_table(_name(expr), _named_rule(expr), expr, by, scope)


def _inner(expr: Expr, by: Symbol) -> list[int]:
    """The slots of a function or a power in which ``by`` occurs."""
    if isinstance(expr, Pow) or has_rows(expr):
        return [k for k, a in enumerate(expr.args) if depends(a, by)]
    return []


def has_inner(expr: Expr, by: Symbol) -> bool:
    slots = _inner(expr, by)
    if isinstance(expr, Pow) and len(slots) == 2:
        return False
    return bool(slots)


def chain(expr: Expr, by: Symbol, scope: Scope) -> Step:
    """df(u)/dx as the sum over the slots in which x occurs of df/du · du/dx."""
    slots = _inner(expr, by)
    names = {
        k: scope.local(expr.args[k], expr.args[:k].count(expr.args[k])) for k in slots
    }
    arguments = [names.get(k, a) for k, a in enumerate(expr.args)]
    if expr.is_Function:
        outer = expr.func(*arguments, evaluate=False)
    else:
        outer = expr.func(*arguments)
    value = scope.value if expr == scope.whole else None
    outers, inners, rules, results = [], [], [], []
    back = {name: expr.args[k] for k, name in names.items()}
    for k, name in names.items():
        outer_step = _outer_step(outer, name, value, scope.derive)
        outer_step = in_names(outer_step, back)
        inner_step = scope.derive(expr.args[k], by, scope)
        inner_step = changed(inner_step, lhs=d(name, by))
        outers.append(outer_step)
        inners.append(inner_step)
        rules.append(Chain(d(outer, name), d(name, by)))
        results.append(_chained(outer_step.result, inner_step.result))
    products = [
        times(*(replace(a, back) for a in _factors(o.result)), *_factors(i.result))
        for o, i in zip(outers, inners, strict=True)
    ]
    why = (*brief_reason(outers[0], by), "; ", *brief_reason(inners[0], by))
    if len(slots) > 1:
        why = ("each derivative by its own rule",)
    return step_of(
        "chain rule",
        expr,
        by,
        (sum_of(*rules), ("chain rule",)),
        (sum_of(*results), why),
        (Add(*products), ("multiply the factors",)),
        definitions=tuple(back.items()),
        substeps=(*outers, *inners),
    )


def _chained(*factors: Expr) -> Expr:
    """The factors in their order, the ones that are 1 left out."""
    kept = [factor for factor in factors if factor != 1]
    return Chain(*kept) if kept else Integer(1)


@lru_cache(maxsize=512)
def _outer_step(
    outer: Expr, name: Symbol, value: Symbol | None, derive: Derive
) -> Step:
    """Derive f(u_1) by u_1: the same for every argument of a stage."""
    scope = Scope(outer, value, namer(symbols_of(outer)), derive)
    return derive(outer, name, scope)


def _factors(expr: Expr) -> tuple[Expr, ...]:
    return expr.args if isinstance(expr, Mul) else (expr,)


def is_piecewise(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, Piecewise)


def piecewise(expr: Piecewise, by: Symbol, scope: Scope) -> Step:
    rules: list[tuple[Expr, Expr]] = []
    results: list[tuple[Expr, Expr]] = []
    inner: list[Step] = []
    said: Text = ("each branch by itself",)
    for branch, condition in ((case.expr, case.cond) for case in expr.args):
        if not depends(branch, by) and moves(branch, scope):
            said = ("each branch by itself; one without ", by, " is constant")
            rules.append((Integer(0), condition))
            results.append((Integer(0), condition))
            continue
        inner.append(scope.derive(branch, by, scope))
        rules.append((d(branch, by), condition))
        results.append((inner[-1].result, condition))
    result = Piecewise(*results, evaluate=False)
    if expr.args[-1].cond == True and len({value for value, _ in results}) == 1:  # noqa: E712
        result = results[0][0]  # the branches differ by a constant
    return step_of(
        "piecewise",
        expr,
        by,
        (Piecewise(*rules, evaluate=False), said),
        (result, ("differentiate each branch",)),
        substeps=tuple(inner),
        notes=(
            ("where branches meet, the branch that its condition selects counts",),
            *branch_notes(expr, [value for value, _ in results], by),
        ),
    )
