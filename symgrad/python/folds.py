"""Numbers made of lists in a Python function: sums, products, lengths, extremes.

The one rule kept here: the sum of a list is the sum as if it were written out, and a
list has the length that the source gives it.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import sympy as sp
from sympy import Expr, Integer

from symgrad import cutting
from symgrad.functions import FUNCTIONS
from symgrad.python.calls import Member
from symgrad.python.elements import Read
from symgrad.python.lists import items, value_of
from symgrad.python.names import Context, as_expr, callee_of, refuse


def _terms(context: Context, node: ast.Call, read: Read, place: int = 0) -> list[Expr]:
    """The numbers of a list."""
    found = [as_expr(each) for each in items(context, node.args[place], read)]
    for each in found:
        if not isinstance(each, Expr):
            context.source.fail(node, "is of lists inside a list; expected numbers")
    return found


def add(terms: Sequence[Expr]) -> Expr:
    """The sum of numbers and formulas, unevaluated."""
    number = sum((t for t in terms if t.is_Number), Integer(0))
    return cutting.make_sum(number, [t for t in terms if not t.is_Number])


def multiply(factors: Sequence[Expr]) -> Expr:
    """The product of numbers and formulas, unevaluated."""
    number: Expr = Integer(1)
    for each in factors:
        number = number * each if each.is_Number else number
    return cutting.make_product(number, [f for f in factors if not f.is_Number])


def _sum(context: Context, node: ast.Call, read: Read) -> Expr:
    start = [read(context, arg) for arg in node.args[1:2]]
    return add([*start, *_terms(context, node, read)])


def _mean(context: Context, node: ast.Call, read: Read) -> Expr:
    terms = _terms(context, node, read)
    if not terms:
        context.source.fail(node, "is of nothing; expected numbers")
    return multiply([sp.Rational(1, len(terms)), context.cutting.name(add(terms))])


def _dot(context: Context, node: ast.Call, read: Read) -> Expr:
    sides = _pairs(context, node, read)
    return add([multiply(pair) for pair in sides])


def _dist(context: Context, node: ast.Call, read: Read) -> Expr:
    squares = []
    for a, b in _pairs(context, node, read):
        difference = add([a, multiply([Integer(-1), b])])
        named = context.cutting.name(difference) if difference.args else difference
        squares.append(cutting.power(named, Integer(2)))
    return FUNCTIONS["sqrt"].make(context.cutting.name(add(squares)), evaluate=False)


def _pairs(context: Context, node: ast.Call, read: Read) -> list[tuple[Expr, Expr]]:
    if len(node.args) != 2:
        refuse(context, node)
    values = [value_of(context, arg, read) for arg in node.args]
    counts = [len(value) for value in values if isinstance(value, tuple)]
    many = counts[0] if counts else None
    a, b = (items(context, arg, read, many) for arg in node.args)
    if len(a) != len(b):
        context.source.fail(node, "is of lists that are not equally long")
    return [(as_expr(u), as_expr(v)) for u, v in zip(a, b, strict=True)]


def _length(context: Context, node: ast.Call, read: Read) -> Expr:
    return Integer(len(items(context, node.args[0], read)))


def _extreme(name: str) -> Callable[[Context, ast.Call, Read], Expr]:
    def make(context: Context, node: ast.Call, read: Read) -> Expr:
        terms = [
            t if not t.args else context.cutting.name(t)
            for t in _terms(context, node, read)
        ]
        if not terms:
            context.source.fail(node, "is of nothing; expected numbers")
        return (
            terms[0]
            if len(terms) == 1
            else FUNCTIONS[name].make(*terms, evaluate=False)
        )

    return make


def _whole(function: Callable[..., int]) -> Callable[[Context, ast.Call, Read], Expr]:
    def make(context: Context, node: ast.Call, read: Read) -> Expr:
        values = [read(context, arg) for arg in node.args]
        if not all(value.is_Integer and 0 <= value <= 170 for value in values):
            context.source.fail(
                node, "is read of whole numbers from 0 to 170 only; gamma(x + 1) is x!"
            )
        return Integer(function(*map(int, values)))

    return make


FOLDS: Mapping[str, Callable[[Context, ast.Call, Read], Expr]] = MappingProxyType(
    {
        "sum": _sum,
        "fsum": _sum,
        "prod": lambda context, node, read: multiply(_terms(context, node, read)),
        "mean": _mean,
        "dot": _dot,
        "inner": _dot,
        "dist": _dist,
        "len": _length,
        "max": _extreme("Max"),
        "min": _extreme("Min"),
        "factorial": _whole(math.factorial),
        "comb": _whole(math.comb),
        "perm": _whole(math.perm),
    }
)
"""What makes a number of a list."""


def folded(context: Context, node: ast.Call, read: Read) -> Expr | None:
    """A number made of a list; None for any other call."""
    found = callee_of(context, node)
    if not isinstance(found, Member) or found.name not in FOLDS or node.keywords:
        return None
    if found.module not in ("builtins", "math", "numpy") or not node.args:
        return None
    if found.name in ("max", "min") and len(node.args) > 1:
        return None
    return FOLDS[found.name](context, node, read)
