"""What may stand in a SymPy expression: the checks of its nodes and leaves.

The one rule kept here: a node that symgrad does not know is an error that names it.
"""

from __future__ import annotations

from typing import Any, NoReturn

import sympy as sp
from sympy import Add, Basic, Expr, Mul, Pow, Symbol
from sympy.functions.elementary.piecewise import ExprCondPair

from symgrad import cutting
from symgrad.cutting import Fail
from symgrad.errors import BoundError, FormulaError, SymgradError, short
from symgrad.functions import FUNCTIONS, function_name
from symgrad.indexed import Binder, Element, Index
from symgrad.integrals import INFINITE
from symgrad.lengths import measure
from symgrad.symbols import Abstract
from symgrad.sympy_forms import UNREAD
from symgrad.sympy_reading import Derived
from symgrad.trees import RELATIONS
from symgrad.user_functions import UserCall

MAX_PIECEWISE_LEVELS = 100
_SHOWN_NODES = 60
WHOLE = (sp.Piecewise, Binder, Element)
"""What is never cut."""

_CONSTANTS = (sp.pi, sp.E, sp.EulerGamma, sp.GoldenRatio, sp.Catalan)
_UNDONE = (sp.Limit,)
_KEPT = (*WHOLE, ExprCondPair)
_CONDITIONS = (*RELATIONS, sp.And, sp.Or, sp.Not)


def failing(expr: Basic) -> Fail:
    def fail(message: str, kind: type[SymgradError] = FormulaError) -> NoReturn:
        raise kind(f"{_shown(expr)} {message}")

    return fail


def _shown(expr: Basic) -> str:
    """Quote an expression in a message; a large one, by its kind alone."""
    nodes, levels = 0, [expr]
    while levels and nodes <= _SHOWN_NODES:
        nodes += 1
        levels.extend(levels.pop().args)
    return short(expr) if nodes <= _SHOWN_NODES else f"a large {type(expr).__name__}"


def parts_of(node: Basic) -> tuple[Any, ...]:
    if isinstance(node, Derived):
        return node.inner, node.result
    return node.arguments if isinstance(node, Abstract) else node.args


def check_known(node: Basic) -> None:
    """Refuse a node with arguments that no part of symgrad understands."""
    name = function_name(node) if isinstance(node, Expr) else None
    if name is not None:
        _check_arguments(node, name)
    elif not isinstance(node, Add | Mul | Pow | Abstract | UserCall | Derived):
        fail = failing(node)
        kind = type(node).__name__
        if kind in UNREAD:
            fail(UNREAD[kind], FormulaError)
        if isinstance(node, _UNDONE):
            fail(f"is of type {kind}; call .doit() first", FormulaError)
        fail(
            f"is of type {kind}, which is not understood; expected names, numbers, "
            "+ - * / powers, Piecewise and the functions of symgrad.functions",
            FormulaError,
        )


def _check_arguments(node: Basic, name: str) -> None:
    arity = FUNCTIONS[name].arity
    if arity not in (-1, len(node.args)):
        failing(node)(
            f"gives {name} {len(node.args)} arguments; expected {arity}", FormulaError
        )
    if name == "Heaviside" and not node.args[1].is_Number:
        failing(node)("needs a number as its value at 0", FormulaError)


def check_leaf(leaf: Basic) -> float | None:
    """Refuse what is no real name or number; give a number's float."""
    fail = failing(leaf)
    if isinstance(leaf, Symbol):
        if not leaf.is_commutative:
            fail("does not commute; expected symbols of real numbers", FormulaError)
        if leaf.is_real is False:
            fail("is not real; expected real symbols", FormulaError)
        if not leaf.name:
            fail("is a symbol without a name; expected one with a name", FormulaError)
        return None
    if leaf in _CONSTANTS:
        return float(leaf)
    if leaf is sp.I:
        fail("is complex; symgrad works with real numbers", FormulaError)
    if isinstance(leaf, sp.NumberSymbol):
        fail(
            "is a constant with a unit, or one that is not known; put a Symbol in its "
            "place and give it a value of your units",
            FormulaError,
        )
    if not isinstance(leaf, sp.Number) or not leaf.is_finite:
        fail("is no real number; expected finite, real numbers", FormulaError)
    return cutting.check_number(leaf, fail)


def piecewise_symbols(piecewise: Expr) -> list[Symbol]:
    """Check what stands in a Piecewise, which is never cut; give its symbols."""
    _, levels = measure(piecewise)
    if levels > MAX_PIECEWISE_LEVELS:
        raise BoundError(
            f"a Piecewise nested {levels} levels deep (the bound MAX_PIECEWISE_LEVELS "
            f"is {MAX_PIECEWISE_LEVELS}); name its parts as stages"
        )
    found: dict[Symbol, None] = {}
    todo: list[Basic] = [piecewise]
    while todo:
        node = todo.pop()
        if isinstance(node, Symbol):
            found[node] = None
        if isinstance(node, sp.logic.boolalg.BooleanAtom | Index):
            continue
        if isinstance(node, Binder):
            sides = (side for side in (node.upper, node.lower) if side not in INFINITE)
            todo.extend((*sides, node.body))
            continue
        if not node.args:
            check_leaf(node)
        elif not isinstance(node, (*_CONDITIONS, *_KEPT)):
            check_known(node)
        todo.extend(reversed(parts_of(node)))
    return list(found)
