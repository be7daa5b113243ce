"""Expressions of Python as the reader's instructions, choices as a Piecewise.

The one rule kept here: what is not of the table below is an error that shows the line;
no name is guessed. The work on operators needs no recursion.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, TypeAlias

import sympy as sp
from sympy import Expr, Integer, Piecewise

from symgrad.cutting import is_plain
from symgrad.python.calls import CONSTANTS, Member, formula_of
from symgrad.python.conditions import condition, is_condition
from symgrad.python.folds import folded
from symgrad.python.lists import value_of
from symgrad.python.names import (
    Context,
    as_expr,
    callee_of,
    meaning,
    refuse,
    without_formula,
)
from symgrad.python.operands import number, operand, step
from symgrad.reading.assembly import assemble
from symgrad.reading.postfix import Instruction, Program
from symgrad.user_functions import UserFunction

Case: TypeAlias = tuple[Expr, Any]
_Part: TypeAlias = "ast.expr | Instruction"


def expression(context: Context, node: ast.expr) -> Expr:
    """Read an expression, adding the stages that it is cut into."""
    if isinstance(node, ast.IfExp):
        return piecewise(_cases(context, node))
    direct = _direct(context, node)
    if direct is not None:
        return direct
    if is_condition(context, node):
        return _truth(condition(context, node, expression))
    program = Program(tuple(_instructions(context, node)), {}, {})
    added = context.shared.added
    return assemble(context.source.text, program, context.cutting, None, added)


def _direct(context: Context, node: ast.expr) -> Expr | None:
    """An element, a call whose source is read, or one about lists; None for others."""
    if isinstance(node, ast.Call):
        callee = callee_of(context, node)
        if isinstance(callee, UserFunction):
            return None
        if isinstance(callee, Member):
            made = folded(context, node, expression)
            return _special(context, node) if made is None else made
    elif not isinstance(node, ast.Subscript):
        return None
    found = as_expr(value_of(context, node, expression))
    if not isinstance(found, Expr):
        context.source.fail(node, "is a list where a number is expected")
    return found


def _instructions(context: Context, node: ast.expr) -> list[Instruction]:
    """Give the postfix instructions of an expression."""
    out: list[Instruction] = []
    todo: list[_Part] = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, Instruction):
            out.append(part)
        else:
            todo.extend(reversed(_parts(context, part)))
    return out


def _parts(context: Context, node: ast.expr) -> Sequence[_Part]:
    """What an expression is made of: the operands, then the instruction."""
    match node:
        case ast.Constant():
            return number(context, node, node.value)
        case ast.Name() | ast.Attribute():
            return operand(context, node, meaning(context, node))
        case ast.UnaryOp(op=ast.UAdd()):
            return [node.operand]
        case ast.UnaryOp(op=ast.USub()):
            return [node.operand, step(context, node, "negate", 1)]
        case ast.BinOp(op=ast.FloorDiv() | ast.Mod()):
            return _whole(context, node)
        case ast.BinOp(op=ast.Pow()) if _is_euler(context, node.left):
            base = step(context, node.left, "euler", 0)
            return [base, node.right, step(context, node, "power", 2)]
        case ast.BinOp() if type(node.op) in _OPERATORS:
            word = _OPERATORS[type(node.op)]
            return [node.left, node.right, step(context, node, word, 2)]
        case ast.IfExp():
            return operand(context, node, _named(context, expression(context, node)))
        case ast.Call() | ast.Subscript():
            direct = _direct(context, node)
            if direct is not None:
                return operand(context, node, _named(context, direct))
            if isinstance(node, ast.Call):
                return _call(context, node)
    if is_condition(context, node):
        truth = _truth(condition(context, node, expression))
        return operand(
            context, node, truth if is_plain(truth) else _named(context, truth)
        )
    return refuse(context, node)


_OPERATORS = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
}


def _is_euler(context: Context, node: ast.expr) -> bool:
    if not isinstance(node, ast.Name | ast.Attribute):
        return False
    meant = meaning(context, node)
    return isinstance(meant, Member) and CONSTANTS.get(meant) == "e"


def _named(context: Context, expr: Expr) -> Expr:
    return expr if is_plain(expr) else context.cutting.name(expr)


# Calls


def _call(context: Context, node: ast.Call) -> list[_Part]:
    """A call, with the arguments put into the formula of the function."""
    member = callee_of(context, node)
    if node.keywords or any(isinstance(arg, ast.Starred) for arg in node.args):
        context.source.fail(node, "has arguments by keyword or *, write them by place")
    if isinstance(member, UserFunction):
        return _added(context, node, member)
    try:
        reading = formula_of(member, len(node.args))
    except KeyError as error:
        context.source.fail(node, f"is not read: {error}")
    if reading is None:
        context.source.fail(
            node, f"gives {member.name} {len(node.args)} arguments, it takes others"
        )
    operands = dict(zip(reading.names, node.args, strict=True))
    start, end = context.source.span(node)
    return [
        operands[each.value]
        if each.op == "name"
        else each._replace(start=start, end=end)
        for each in reading.statements[0].program.instructions
    ]


def _added(context: Context, node: ast.Call, own: UserFunction) -> list[_Part]:
    """A call of a function that the user made by ``symgrad.function``."""
    if context.shared.added.setdefault(own.name, own) != own:
        context.source.fail(node, f"is another function of the name {own.name}; rename")
    if len(node.args) != own.arity:
        plural = "" if own.arity == 1 else "s"
        context.source.fail(
            node, f"gives {len(node.args)}, not {own.arity} argument{plural}"
        )
    return [*node.args, step(context, node, "apply", own.arity, own.name)]


def _whole(context: Context, node: ast.BinOp) -> list[_Part]:
    """``a // b`` and ``a % b``, of whole numbers at once."""
    left, right = expression(context, node.left), expression(context, node.right)
    is_mod = isinstance(node.op, ast.Mod)
    if left.is_Integer and right.is_Integer and right != 0:
        whole = left % right if is_mod else left // right
        return [*number(context, node, whole)]
    a, b = (operand(context, node, _named(context, side)) for side in (left, right))
    quotient = [
        *a,
        *b,
        step(context, node, "divide", 2),
        step(context, node, "call", 1, "floor"),
    ]
    if not is_mod:
        return [*quotient]
    multiply = step(context, node, "multiply", 2)
    return [*a, *b, *quotient, multiply, step(context, node, "subtract", 2)]


def _special(context: Context, node: ast.Call) -> Expr | None:
    """``np.where`` and ``sympy.Piecewise``; None for any other call."""
    member = without_formula(context, node)
    if member is None:
        return None
    if member.name == "where" and len(node.args) == 3 and not node.keywords:
        test, yes, no = node.args
        return piecewise(_chosen(context, [(test, yes)], no))
    if member.name == "Piecewise" and node.args and not node.keywords:
        cases: list[tuple[ast.expr, ast.expr]] = []
        for case in node.args:
            if not isinstance(case, ast.Tuple) or len(case.elts) != 2:
                context.source.fail(case, "is no pair (value, condition)")
            cases.append((case.elts[1], case.elts[0]))
        return piecewise(_chosen(context, cases, None))
    if is_condition(context, node):
        return None
    context.source.fail(
        node, f"is not read; expected {member.name} in its usual form, by place"
    )


def _truth(decided: Any) -> Expr:
    """A condition as a number: 1 or 0."""
    return piecewise([(Integer(1), decided), (Integer(0), sp.true)])


# Choices


def _cases(context: Context, node: ast.expr) -> list[Case]:
    """The cases of a conditional expression; those in its 'else' are its own."""
    cases = []
    while isinstance(node, ast.IfExp):
        cases.append((node.test, node.body))
        node = node.orelse
    return _chosen(context, cases, node)


def _chosen(
    context: Context,
    cases: Sequence[tuple[ast.expr, ast.expr]],
    otherwise: ast.expr | None,
) -> list[Case]:
    found: list[Case] = []
    for test, value in cases:
        decided = condition(context, test, expression)
        if decided != sp.false:
            found.append((expression(context, value), decided))
        if decided == sp.true:
            return found
    if otherwise is not None:
        found.append((expression(context, otherwise), sp.true))
    return found


def piecewise(cases: Sequence[Case]) -> Expr:
    """Build the choice between cases; the first whose condition holds counts."""
    live: list[Case] = []
    for value, decided in cases:
        if decided != sp.false:
            live.append((value, decided))
        if decided == sp.true:
            break
    if not live:
        return sp.nan
    last, decided = live[-1]
    if decided == sp.true and isinstance(last, Piecewise):
        live[-1:] = [tuple(case.args) for case in last.args]
    if live[0][1] == sp.true:
        return live[0][0]
    return Piecewise(*live, evaluate=False)
