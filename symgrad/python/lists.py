"""Lists, tuples and elements in a Python function, all of a length known beforehand.

The one rule kept here: a list is written out, element by element; of a parameter, the
elements are inputs of their own (``x[0]`` is x_0, ``w["a"]`` is w_a).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import sympy as sp
from sympy import Integer, Symbol

from symgrad.errors import BoundError
from symgrad.python.calls import Member
from symgrad.python.conditions import condition
from symgrad.python.elements import (
    Read,
    element_of,
    key_of,
    no_length,
    of_parameter,
)
from symgrad.python.names import (
    Callee,
    Context,
    Instance,
    as_expr,
    callee_of,
    meaning,
    refuse,
)
from symgrad.user_functions import UserFunction

MAX_ITEMS = 10_000
_LIST: Any = tuple | dict


def value_of(context: Context, node: ast.expr, read: Read) -> Any:
    """Read a number, a list (as a tuple), or a function that is passed on."""
    match node:
        case ast.Tuple() | ast.List():
            return _written(context, node, read)
        case ast.ListComp() | ast.GeneratorExp():
            return tuple(_comprehended(context, node, read))
        case ast.Lambda():
            return Callee(node=node, home=context)
        case ast.Subscript():
            return element(context, node, read)
        case ast.Name() | ast.Attribute():
            found = meaning(context, node)
            is_list = type(found) in (tuple, dict)  # a Member is a tuple too
            is_other = isinstance(found, Callee | Instance | UserFunction)
            return found if is_list or is_other else read(context, node)
        case ast.BinOp(op=ast.Mult() | ast.Add()):
            return _joined(context, node, read)
        case ast.Call():
            return _called(context, node, read)
    return read(context, node)


def _written(context: Context, node: ast.Tuple | ast.List, read: Read) -> Any:
    found: list[Any] = []
    for each in node.elts:
        if isinstance(each, ast.Starred):
            found.extend(items(context, each.value, read))
        else:
            found.append(value_of(context, each, read))
    return tuple(found)


def _joined(context: Context, node: ast.BinOp, read: Read) -> Any:
    """``[0]*3`` and ``a + b`` of lists; anything else is a number."""
    if not any(_may_be_list(context, side) for side in (node.left, node.right)):
        return read(context, node)
    left, right = (value_of(context, side, read) for side in (node.left, node.right))
    if isinstance(node.op, ast.Add):
        if isinstance(left, tuple) and isinstance(right, tuple):
            return left + right
    elif isinstance(left, tuple) and isinstance(right, Integer):
        return left * _bounded(context, node, int(right) * len(left), int(right))
    elif isinstance(right, tuple) and isinstance(left, Integer):
        return right * _bounded(context, node, int(left) * len(right), int(left))
    if isinstance(left, _LIST) or isinstance(right, _LIST):
        context.source.fail(node, "computes with a list; write it out for each element")
    return read(context, node)


def _may_be_list(context: Context, node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return isinstance(context.names.get(node.id), tuple)
    return isinstance(node, ast.List | ast.Tuple | ast.ListComp)


def _bounded(context: Context, node: Any, count: int, value: int) -> int:
    if count > MAX_ITEMS:
        context.source.fail(
            node, f"is longer than the bound MAX_ITEMS ({MAX_ITEMS:,})", BoundError
        )
    return value


# Elements


def element(context: Context, node: ast.Subscript, read: Read) -> Any:
    """Read an element or a part of a list, or an element of a parameter."""
    if isinstance(node.slice, ast.Slice):
        return _part(context, node, node.slice, read)
    owner = value_of(context, node.value, read)
    several = isinstance(node.slice, ast.Tuple)
    keys = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if several and not isinstance(owner, Symbol | tuple):
        refuse(context, node)
    for each in keys:
        owner = element_of(context, node, owner, key_of(context, each, read))
    return owner


def _part(
    context: Context, node: ast.Subscript, part: ast.Slice, read: Read
) -> tuple[Any, ...]:
    ends = [
        None if each is None else key_of(context, each, read)
        for each in (part.lower, part.upper, part.step)
    ]
    if any(isinstance(end, str) for end in ends) or ends[2] == 0:
        refuse(context, node)
    owner = value_of(context, node.value, read)
    if isinstance(owner, Symbol) and owner in context.shared.elements:
        stop = ends[1] if isinstance(ends[1], int) and ends[1] >= 0 else None
        count = context.shared.lengths.get(owner, stop)
        if count is None:
            no_length(context, node, owner)
        _bounded(context, node, count, 0)
        owner = tuple(of_parameter(context, node, owner, k) for k in range(count))
    if not isinstance(owner, tuple):
        context.source.fail(node, "is a part of what is no list")
    return tuple(owner[slice(ends[0], ends[1], ends[2])])  # type: ignore[arg-type]


# Lists that are gone through


def items(
    context: Context, node: ast.expr, read: Read, count: int | None = None
) -> tuple[Any, ...]:
    """Read what is gone through, or unpacked into ``count`` names."""
    found = value_of(context, node, read)
    if isinstance(found, Symbol) and found in context.shared.elements:
        length = context.shared.lengths.get(found, count)
        if length is None:
            no_length(context, node, found)
        return tuple(of_parameter(context, node, found, k) for k in range(length))
    if not isinstance(found, tuple):
        context.source.fail(
            node, "is no list; expected range(...), zip(...), a tuple or a list"
        )
    return found


def bind(context: Context, target: ast.expr, value: Any) -> None:
    """Give the names of a loop their values."""
    if isinstance(target, ast.Name):
        context.names[target.id] = as_expr(value)
        return
    if not isinstance(target, ast.Tuple | ast.List):
        context.source.fail(target, "is no name; only names are given values")
    if isinstance(value, Symbol) and value in context.shared.elements:
        many = range(len(target.elts))
        value = tuple(of_parameter(context, target, value, k) for k in many)
    if not isinstance(value, tuple) or len(value) != len(target.elts):
        context.source.fail(target, "takes apart what has not as many values")
    for each, part in zip(target.elts, value, strict=True):
        bind(context, each, part)


def _comprehended(
    context: Context, node: ast.ListComp | ast.GeneratorExp, read: Read
) -> list[Any]:
    """A comprehension written out; its names are its own."""
    before = dict(context.names)
    found: list[Any] = []

    def run(place: int) -> None:
        if place == len(node.generators):
            found.append(value_of(context, node.elt, read))
            _bounded(context, node, len(found), 0)
            return
        clause = node.generators[place]
        if clause.is_async:
            refuse(context, node)
        for value in items(context, clause.iter, read):
            bind(context, clause.target, value)
            if all(_holds(context, test, read) for test in clause.ifs):
                run(place + 1)

    run(0)
    context.names = before
    return found


def _holds(context: Context, test: ast.expr, read: Read) -> bool:
    decided = condition(context, test, read)
    if decided not in (sp.true, sp.false):
        context.source.fail(
            test, "chooses elements by a value; expected a condition on indices"
        )
    return bool(decided == sp.true)


# Calls about lists


def _called(context: Context, node: ast.Call, read: Read) -> Any:
    found = callee_of(context, node)
    if isinstance(found, Callee):
        assert context.shared.call is not None
        return context.shared.call(context, node, found)
    words = {keyword.arg for keyword in node.keywords}
    if isinstance(found, Member) and found.name in MAKERS:
        if words - _KEYWORDS.get(found.name, set()):
            context.source.fail(node, "has arguments by keyword, write them by place")
        return MAKERS[found.name](context, node, read)
    return read(context, node)


_KEYWORDS = {"zip": {"strict"}, "enumerate": {"start"}}


def _range(context: Context, node: ast.Call, read: Read) -> tuple[Any, ...]:
    bounds = []
    for arg in node.args:
        value = read(context, arg)
        if not value.is_Integer:
            context.source.fail(
                arg,
                "is no whole number known beforehand; a loop needs literal bounds, or "
                "a parameter with a default",
            )
        bounds.append(int(value))
    if not 1 <= len(bounds) <= 3 or bounds[2:] == [0]:
        context.source.fail(node, "is no range of numbers")
    numbers = range(*bounds)
    if len(numbers) > MAX_ITEMS:
        context.source.fail(
            node,
            f"has {len(numbers):,} rounds; the bound MAX_ITEMS is {MAX_ITEMS:,}, use "
            "fewer",
            BoundError,
        )
    return tuple(Integer(k) for k in numbers)


def _enumerate(context: Context, node: ast.Call, read: Read) -> tuple[Any, ...]:
    given = [*node.args[1:], *(keyword.value for keyword in node.keywords)]
    start = read(context, given[0]) if given else Integer(0)
    return tuple(
        (start + k, each) for k, each in enumerate(items(context, node.args[0], read))
    )


def _zip(context: Context, node: ast.Call, read: Read) -> tuple[Any, ...]:
    """The parameters among the lists are as long as the others."""
    values = [value_of(context, arg, read) for arg in node.args]
    lengths = [len(value) for value in values if isinstance(value, tuple)]
    count = min(lengths) if lengths else None
    lists = [items(context, arg, read, count) for arg in node.args]
    strict = [keyword.value for keyword in node.keywords]
    if strict and getattr(strict[0], "value", None) is True:
        if len({len(each) for each in lists}) > 1:
            context.source.fail(node, "is of lists that are not equally long")
    return tuple(zip(*lists, strict=False))


def _same(context: Context, node: ast.Call, read: Read) -> tuple[Any, ...]:
    return items(context, node.args[0], read)


MAKERS: Mapping[str, Callable[[Context, ast.Call, Read], Any]] = MappingProxyType(
    {
        "range": _range,
        "enumerate": _enumerate,
        "zip": _zip,
        "reversed": lambda context, node, read: _same(context, node, read)[::-1],
        "list": _same,
        "tuple": _same,
        "array": _same,
    }
)
"""What makes a list."""
