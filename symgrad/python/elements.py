"""Elements of lists and of parameters in a Python function.

The one rule kept here: an element of a parameter is an input of its own (``x[0]`` is
x_0, ``w["a"]`` is w_a, ``m[0][1]`` is m_0_1), under a name that nothing else has.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

from sympy import Expr, Symbol

from symgrad.errors import short
from symgrad.python.names import Context, as_expr
from symgrad.symbols import symbol

Read: TypeAlias = Callable[[Context, ast.expr], Expr]
"""How a number is read."""


def key_of(context: Context, node: ast.expr, read: Read) -> int | str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    value = read(context, node)
    if not value.is_Integer:
        context.source.fail(
            node, "is no index known beforehand; expected a whole number, as in x[0]"
        )
    return int(value)


def element_of(context: Context, node: ast.expr, owner: Any, key: int | str) -> Any:
    if isinstance(owner, dict):
        if key not in owner:
            context.source.fail(node, "is not there; the keys are those it has now")
        return as_expr(owner[key])
    if isinstance(owner, tuple):
        if not isinstance(key, int) or not -len(owner) <= key < len(owner):
            context.source.fail(node, f"is out of the list, which has {len(owner)}")
        return owner[key]
    if isinstance(owner, Symbol) and owner in context.shared.elements:
        return of_parameter(context, node, owner, key)
    context.source.fail(node, "is an element of what is no list and no parameter")


def of_parameter(
    context: Context, node: ast.expr, owner: Symbol, key: int | str
) -> Symbol:
    """``x[0]`` as the input x_0."""
    length = context.shared.lengths.get(owner)
    if length is not None and isinstance(key, int):
        if not -length <= key < length:
            context.source.fail(node, f"is out of the list, which has {length}")
        key %= length
    if isinstance(key, int) and key < 0:
        context.source.fail(
            node, "counts from an end that is not known; count from the front"
        )
    if isinstance(key, str) and not key.isidentifier():
        context.source.fail(node, f"has the key {short(key)}, which is no name")
    known = context.shared.elements[owner]
    if key not in known:
        name = f"{owner.name}_{key}"
        if name in context.cutting.taken:
            context.source.fail(
                node, f"is the input {name}, and the function has that name too; rename"
            )
        context.cutting.taken.add(name)
        known[key] = symbol(name)
        context.shared.elements[known[key]] = {}
    return known[key]


def no_length(context: Context, node: ast.expr, owner: Symbol) -> NoReturn:
    context.source.fail(
        node,
        f"needs the length of {owner.name}, which is not known; write range(3) and "
        f"{owner.name}[i], or a default such as {owner.name}=(0, 0, 0)",
    )
