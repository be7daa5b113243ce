"""Leibniz' rule for integrals, and the fundamental theorem of calculus within it.

The one rule kept here: each of the three terms (upper bound, lower bound, integrand) is
told, as a step of its own or as a note that it is 0, and so is what must hold.

Source: M. H. Protter and C. B. Morrey, Intermediate Calculus, 2nd ed. (1985), pp.
421-426, "Differentiation under the integral sign".
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Add, Expr, Integer, Mul, Symbol

from symgrad.derivation import Line, Step, Text
from symgrad.indexed import at_place, has_index
from symgrad.integrals import DefiniteIntegral, IntegrationVariable
from symgrad.rules.moving_jumps import check_jumps
from symgrad.rules.parts import Scope, d, depends, moves, step_of, sum_of, times
from symgrad.symbols import Abstract, Chain, symbol

UNDER_THE_SIGN = "differentiation under the integral sign"
FUNDAMENTAL = "fundamental theorem of calculus"
LEIBNIZ = "Leibniz' rule"
_ABSTRACT = "abstract function"


@dataclass(frozen=True)
class _Term:
    """One term of the rule: as the rule has it, worked out, and how that was done.

    There is no step where ∂f/∂x stays as it is, f having no formula.
    """

    told: Expr
    value: Expr
    step: Step | None


def is_integral(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, DefiniteIntegral)


def leibniz(expr: DefiniteIntegral, by: Symbol, scope: Scope) -> Step:
    """d/dx ∫_a^b f dt = f(b) db/dx − f(a) da/dx + ∫_a^b ∂f/∂x dt."""
    is_inside = depends(expr.body, by)
    is_lower = depends(expr.lower, by)
    check_jumps(expr, by)
    if is_inside and not is_lower and not depends(expr.upper, by):
        return _under_the_sign(expr, by, scope)
    if not is_inside and not is_lower:
        return _fundamental(expr, by, scope)
    terms = []
    if depends(expr.upper, by):
        terms.append(_at_bound("upper bound", expr, expr.upper, by, scope))
    if is_lower:
        lower = _at_bound("lower bound", expr, expr.lower, by, scope)
        minus = Mul(Integer(-1), lower.told, evaluate=False)
        terms.append(_Term(minus, times(Integer(-1), lower.value), lower.step))
    if is_inside:
        terms.append(_integrand(expr, by, scope))
    return step_of(
        LEIBNIZ,
        expr,
        by,
        (sum_of(*(term.told for term in terms)), (LEIBNIZ,)),
        (Add(*(term.value for term in terms)), ("work the terms out",)),
        notes=(*_zeros(expr, by, scope), *_conditions(expr, by)),
        substeps=tuple(term.step for term in terms if term.step is not None),
        formula=_FORMULAS[LEIBNIZ],
    )


# --- the terms --------------------------------------------------------------------


def _at_bound(
    name: str, expr: DefiniteIntegral, side: Expr, by: Symbol, scope: Scope
) -> _Term:
    """f at a bound, times the derivative of that bound."""
    at = at_place(expr.body, expr.index, side)
    inner = scope.derive(side, by, scope)
    told = Chain(at, d(side, by))
    value = times(inner.result, at)
    reason: Text = ("the integrand at ", expr.index, " = ", side)
    step = Step(name, told, (Line(value, reason),), substeps=(inner,))
    return _Term(told, value, step)


def _integrand(expr: DefiniteIntegral, by: Symbol, scope: Scope) -> _Term:
    """∫ ∂f/∂x dt, between the bounds as they are."""
    inner = scope.derive(expr.body, by, scope)
    told = DefiniteIntegral(d(expr.body, by), *expr.bounds)
    if inner.rule == _ABSTRACT:
        whole = DefiniteIntegral(inner.result, *expr.bounds)
        return _Term(whole, whole, None)
    lines = _integrated(inner, expr)
    step = Step("integrand", told, lines, substeps=(inner,))
    return _Term(told, lines[-1].expr, step)


def _integrated(inner: Step, expr: DefiniteIntegral) -> tuple[Line, ...]:
    """The integral of a derivative that is found, and a shorter form of it."""
    whole = DefiniteIntegral(inner.result, *expr.bounds)
    shorter, reason = shortened(whole)
    first = Line(whole, ("differentiate the integrand",))
    return (first,) if shorter == whole else (first, Line(shorter, reason))


def shortened(expr: DefiniteIntegral) -> tuple[Expr, Text]:
    """Write what has no t before the integral; the integral of a constant, out."""
    if expr.body == 0:
        return Integer(0), ("the integrand is 0",)
    factors = Mul.make_args(expr.body)
    free = [factor for factor in factors if not has_index(factor, expr.index)]
    rest = [factor for factor in factors if has_index(factor, expr.index)]
    if not rest:
        if expr.is_improper:
            return expr, ()
        length = expr.upper - expr.lower
        return times(*free, length), ("the integrand has no ", expr.index)
    if not free:
        return expr, ()
    reason: Text = ("what has no ", expr.index, " goes before the integral")
    return times(*free, DefiniteIntegral(Mul(*rest), *expr.bounds)), reason


# --- the special cases ------------------------------------------------------------


def _under_the_sign(expr: DefiniteIntegral, by: Symbol, scope: Scope) -> Step:
    """Fixed bounds: the derivative of the integral is the integral of ∂f/∂x."""
    inner = scope.derive(expr.body, by, scope)
    told = DefiniteIntegral(d(expr.body, by), *expr.bounds)
    reason: Text = (f"{LEIBNIZ} with fixed bounds",)
    lines: list[tuple[Expr, Text]] = [(told, reason)]
    lines += [(line.expr, line.reason) for line in _integrated(inner, expr)]
    is_kept = inner.rule == _ABSTRACT
    return step_of(
        UNDER_THE_SIGN,
        expr,
        by,
        *([(lines[1][0], reason)] if is_kept else lines),
        notes=(*_zeros(expr, by, scope), *_conditions(expr, by)),
        substeps=() if is_kept else (inner,),
        formula=_FORMULAS[UNDER_THE_SIGN],
    )


def _fundamental(expr: DefiniteIntegral, by: Symbol, scope: Scope) -> Step:
    """Only the upper bound moves: the integrand there, times its derivative."""
    term = _at_bound("upper bound", expr, expr.upper, by, scope)
    assert term.step is not None
    notes = (*_zeros(expr, by, scope), *_conditions(expr, by))
    if expr.upper == by:
        at: Text = (f"{FUNDAMENTAL}: the integrand at ", expr.index, " = ", by)
        line = (term.value, at)
        formula = _FORMULAS[FUNDAMENTAL]
        return step_of(FUNDAMENTAL, expr, by, line, notes=notes, formula=formula)
    return step_of(
        f"{FUNDAMENTAL}, chain rule",
        expr,
        by,
        (term.told, ("the integrand at ", expr.index, " = ", expr.upper)),
        (term.value, ("differentiate the upper bound",)),
        notes=notes,
        substeps=term.step.substeps,
        formula=_FORMULAS[f"{FUNDAMENTAL}, chain rule"],
    )


# --- what is said -----------------------------------------------------------------


def _zeros(expr: DefiniteIntegral, by: Symbol, scope: Scope) -> tuple[Text, ...]:
    """Say which terms are 0, and why; what moves elsewhere on the page is held."""
    sides = (expr.upper, expr.lower)
    notes: list[Text] = []
    fixed = [side for side in sides if not depends(side, by)]
    if fixed:
        is_held = any(moves(side, scope) for side in fixed)
        parts: list[str | Expr] = [fixed[0]]
        if len(fixed) == 2 and fixed[0] != fixed[1]:
            parts = [fixed[1], " and ", fixed[0]]
        word = "bounds " if len(parts) > 1 else "bound "
        plural = len(parts) > 1
        verb = " are" if plural else " is"
        dependence = " do not depend on " if plural else " does not depend on "
        said: Text = (f"{verb} held",) if is_held else (dependence, by)
        terms = ": no terms of the bounds" if plural else ": no term of this bound"
        notes.append((f"the {word}", *parts, *said, terms))
    if not depends(expr.body, by):
        why: Text = (" does not depend on ", by)
        if moves(expr.body, scope):
            why = (" is held",)
        notes.append(("the integrand", *why, ": no integral is left"))
    return tuple(notes)


def _conditions(expr: DefiniteIntegral, by: Symbol) -> tuple[Text, ...]:
    """What must hold for the rule to be true."""
    variable = expr.index
    if not depends(expr.body, by):
        moving = [side for side in (expr.upper, expr.lower) if depends(side, by)]
        ends: list[str | Expr] = [variable, " = ", moving[0]]
        ends += [" and ", variable, " = ", moving[1]] if len(moving) > 1 else []
        return (("holds where the integrand is continuous at ", *ends),)
    if expr.is_improper:
        said = "holds where the integral of the derivative by "
        return ((said, by, " converges uniformly in ", by),)
    said = "holds where the integrand and its derivative by "
    between: Text = (" are continuous for ", variable, " from ")
    return ((said, by, *between, expr.lower, " to ", expr.upper),)


_x, _t = symbol("x"), IntegrationVariable("t")
_a, _b = (symbol(name) for name in "ab")


def _f(*arguments: Expr) -> Abstract:
    return Abstract("f", (0,) * len(arguments), *arguments)


def _of_x(letter: str) -> Abstract:
    return Abstract(letter, (0,), _x)


def _formula(
    integrand: Expr, lower: Expr, upper: Expr, result: Expr
) -> tuple[Expr, Expr]:
    return d(DefiniteIntegral(integrand, _t, lower, upper), _x), result


_FORMULAS: dict[str, tuple[Expr, Expr]] = {
    FUNDAMENTAL: _formula(_f(_t), _a, _x, _f(_x)),
    f"{FUNDAMENTAL}, chain rule": _formula(
        _f(_t), _a, _of_x("b"), Chain(_f(_of_x("b")), d(_of_x("b"), _x))
    ),
    UNDER_THE_SIGN: _formula(
        _f(_x, _t), _a, _b, DefiniteIntegral(d(_f(_x, _t), _x), _t, _a, _b)
    ),
    LEIBNIZ: _formula(
        _f(_x, _t),
        _of_x("a"),
        _of_x("b"),
        sum_of(
            Chain(_f(_x, _of_x("b")), d(_of_x("b"), _x)),
            Mul(-1, Chain(_f(_x, _of_x("a")), d(_of_x("a"), _x)), evaluate=False),
            DefiniteIntegral(d(_f(_x, _t), _x), _t, _of_x("a"), _of_x("b")),
        ),
    ),
}
