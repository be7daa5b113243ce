"""The rules for a function without a formula: its derivative stays, the chain goes on.

The one rule kept here: derivatives are counted by slot, never by the name that stands
in it, so that f(x, x) and f(x, x^2) come out right.
"""

from __future__ import annotations

from dataclasses import replace as changed

from sympy import Add, Expr, Symbol

from symgrad.derivation import Step, Text
from symgrad.rules.parts import Scope, d, depends, step_of, sum_of, times
from symgrad.substitution import replace
from symgrad.symbols import Abstract, Chain, symbol


def _slots(expr: Abstract, by: Symbol) -> list[int]:
    """The slots in which ``by`` occurs."""
    return [k for k, a in enumerate(expr.arguments) if depends(a, by)]


def is_known_slot(expr: Expr, by: Symbol) -> bool:
    """Whether ``by`` itself fills one slot and occurs in no other."""
    if not isinstance(expr, Abstract):
        return False
    return [expr.arguments[k] for k in _slots(expr, by)] == [by]


def partial_derivative(expr: Abstract, by: Symbol, scope: Scope) -> Step:
    """∂f/∂x stays as it is."""
    (slot,) = _slots(expr, by)
    reason: Text = (symbol(expr.letter), " has no formula")
    return step_of("abstract function", expr, by, (expr.differentiated(slot), reason))


def is_abstract(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, Abstract)


def chain(expr: Abstract, by: Symbol, scope: Scope) -> Step:
    """df(u, v)/dx as the sum over the slots in which x occurs of ∂f/∂u · du/dx."""
    slots = _slots(expr, by)
    named = {k: scope.local(expr.arguments[k]) for k in slots if _is_compound(expr, k)}
    arguments = [named.get(k, a) for k, a in enumerate(expr.arguments)]
    told = Abstract(expr.letter, expr.orders, *arguments)
    back = {name: expr.arguments[k] for k, name in named.items()}
    inner = {}
    for k, name in named.items():
        step = scope.derive(expr.arguments[k], by, scope)
        inner[k] = changed(step, lhs=d(name, by))
    outer = {k: told.differentiated(k) for k in slots}
    rules = [
        Chain(outer[k], d(named[k], by)) if k in named else outer[k] for k in slots
    ]
    results = [
        Chain(outer[k], inner[k].result) if k in named else outer[k] for k in slots
    ]
    products = [
        times(
            *([inner[k].result] if k in named else []),
            replace(outer[k], back),
        )
        for k in slots
    ]
    lines: list[tuple[Expr, Text]] = [(sum_of(*rules), ("chain rule",))]
    if named:
        lines += [
            (sum_of(*results), ("differentiate the arguments",)),
            (Add(*products), ("put the arguments in their places",)),
        ]
    return step_of(
        "chain rule",
        expr,
        by,
        *lines,
        definitions=tuple(dict.fromkeys(back.items())),
        substeps=tuple(dict.fromkeys(inner.values())),
        notes=_slot_note(expr),
    )


def _slot_note(expr: Abstract) -> tuple[Text, ...]:
    """Say what ∂_1 f means; g′ of one argument needs no word."""
    if len(expr.arguments) < 2:
        return ()
    f = symbol(expr.letter)
    by_slots = Abstract(f.name, [0] * len(expr.arguments), *expr.arguments)
    first = by_slots.differentiated(0)
    return ((first, " is the derivative of ", f, " by its first argument there"),)


def _is_compound(expr: Abstract, slot: int) -> bool:
    return bool(expr.arguments[slot].args)
