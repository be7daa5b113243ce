"""Conditions in a Python function as SymPy's, decided where they are of numbers alone.

The one rule kept here: a condition is what Python takes it for; what only looks like
logic (``3 & x`` works on bits) is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import sympy as sp
from sympy import Expr, Integer

from symgrad.python.names import Context, meaning, refuse, without_formula

Read: TypeAlias = Callable[[Context, ast.expr], Expr]
"""How the sides of a comparison are read."""


def is_condition(context: Context, node: ast.expr) -> bool:
    match node:
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not() | ast.Invert()):
            return True
        case ast.Constant():
            return isinstance(node.value, bool)
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
            return True
        case ast.Call():
            member = without_formula(context, node)
            return member is not None and member.name in _CONNECTIVES
    return False


_RELATIONS: Mapping[type, Callable[..., Any]] = {
    ast.Lt: sp.StrictLessThan,
    ast.LtE: sp.LessThan,
    ast.Gt: sp.StrictGreaterThan,
    ast.GtE: sp.GreaterThan,
    ast.Eq: sp.Equality,
    ast.NotEq: sp.Unequality,
}
_CONNECTIVES = {
    "logical_and": sp.And,
    "logical_or": sp.Or,
    "logical_not": sp.Not,
    "And": sp.And,
    "Or": sp.Or,
    "Not": sp.Not,
}


def condition(context: Context, node: ast.expr, read: Read) -> Any:
    """Read a condition; one of numbers alone is decided."""
    match node:
        case ast.Constant(value=bool()):
            return sp.true if node.value else sp.false
        case ast.Compare():
            return _comparison(context, node, read)
        case ast.BoolOp():
            parts = [_boolean(context, node, value, read) for value in node.values]
            return connect(sp.And if isinstance(node.op, ast.And) else sp.Or, parts)
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
            sides = [
                _boolean(context, node, side, read) for side in (node.left, node.right)
            ]
            return connect(sp.And if isinstance(node.op, ast.BitAnd) else sp.Or, sides)
        case ast.UnaryOp(op=ast.Not()):
            return invert(condition(context, node.operand, read))
        case ast.UnaryOp(op=ast.Invert()):
            context.source.fail(node, "turns bits; write not (…) or np.logical_not(…)")
        case ast.Call() if is_condition(context, node):
            parts = [_boolean(context, node, arg, read) for arg in node.args]
            connective = _CONNECTIVES[meaning(context, node.func).name]
            if connective is sp.Not and len(parts) == 1:
                return invert(parts[0])
            if connective is not sp.Not and parts:
                return connect(connective, parts)
            refuse(context, node)
    value = _side(context, read(context, node))
    if value.is_Number:
        return sp.false if value == 0 else sp.true
    return sp.Unequality(value, Integer(0), evaluate=False)


def _boolean(context: Context, whole: ast.expr, node: ast.expr, read: Read) -> Any:
    """A part of a condition, which must be one itself: 3 & x is bits, not logic."""
    if not is_condition(context, node):
        context.source.fail(
            whole, "joins what is no comparison; write the comparison out, as in x != 0"
        )
    return condition(context, node, read)


def _comparison(context: Context, node: ast.Compare, read: Read) -> Any:
    for op in node.ops:
        if type(op) not in _RELATIONS:
            context.source.fail(node, "compares by something else than < <= > >= == !=")
    sides = [_side(context, read(context, n)) for n in (node.left, *node.comparators)]
    parts = []
    for op, a, b in zip(node.ops, sides, sides[1:], strict=False):
        decided = bool(a.is_Number and b.is_Number)
        parts.append(_RELATIONS[type(op)](a, b, evaluate=decided))
    return connect(sp.And, parts)


def _side(context: Context, expr: Expr) -> Expr:
    """A side of a comparison; SymPy would unfold a Piecewise there."""
    return context.cutting.name(expr) if expr.has(sp.Piecewise) else expr


def connect(connective: Any, parts: Sequence[Any]) -> Any:
    """Join conditions; those that are decided are left out."""
    decisive = sp.false if connective is sp.And else sp.true
    if decisive in parts:
        return decisive
    rest = [part for part in parts if part not in (sp.true, sp.false)]
    if len(rest) < 2:
        return rest[0] if rest else sp.Not(decisive)
    return connective(*rest, evaluate=False)


def invert(part: Any) -> Any:
    if part in (sp.true, sp.false):
        return sp.Not(part)
    return sp.Not(part, evaluate=False)
