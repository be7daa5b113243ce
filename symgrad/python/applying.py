"""Calls of functions whose source is read too, in the place where they are called.

The one rule kept here: a called function is read as if it stood there. Its parameters
are what it is given, its assignments are stages, its value is a stage of its name.
"""

from __future__ import annotations

import ast
import numbers
from typing import Any

from sympy import Expr

from symgrad.errors import BoundError
from symgrad.python.expressions import expression
from symgrad.python.flow import block
from symgrad.python.lists import value_of
from symgrad.python.names import Callee, Context, as_expr
from symgrad.python.source import Definition, Source, defaults_of, find_source
from symgrad.python.statements import Reader

MAX_CALLS = 30
"""How deep calls may stand inside calls."""


def call(context: Context, node: ast.Call, callee: Callee) -> Any:
    """Read a function where it is called; give what it returns."""
    assert isinstance(context, Reader)
    source = _source(context, node, callee)
    key = callee.function or callee.node
    if key in context.calls:
        context.source.fail(
            node, "calls itself; recursion is not read, write a for over range(...)"
        )
    if len(context.calls) >= MAX_CALLS:
        context.source.fail(
            node, f"is over {MAX_CALLS} calls deep (the bound MAX_CALLS)", BoundError
        )
    given = _given(context, node, source, callee)
    uses = (str(id(key)), given) if callee.node is None else None
    known = _known(context, uses)
    if known is not None:
        return known
    value = _read(context, node, source, callee, given)
    if uses is not None and _is_hashable(given):
        context.cutting.uses[uses] = value
    return value


def _known(context: Reader, uses: Any) -> Any:
    """What the same call gave before, outside of choices."""
    if uses is None or not _is_hashable(uses[1]):
        return None
    return context.cutting.uses.get(uses)


def _is_hashable(values: Any) -> bool:
    if isinstance(values, tuple):
        return all(_is_hashable(each) for each in values)
    return isinstance(values, Expr)


def _source(context: Reader, node: ast.Call, callee: Callee) -> Source:
    if callee.function is not None:
        return find_source(callee.function)
    assert callee.home is not None and callee.node is not None
    home = callee.home.source
    return Source(home.text, callee.node, home.function, home.instance)


def _given(
    context: Reader, node: ast.Call, source: Source, callee: Callee
) -> tuple[Any, ...]:
    """The values of the parameters, in their order."""
    args = source.node.args
    if args.vararg or args.kwarg:
        context.source.fail(
            node, "calls a function of any number of arguments; name each parameter"
        )
    placed = [each.arg for each in (*args.posonlyargs, *args.args)]
    names = [*placed, *(each.arg for each in args.kwonlyargs)]
    values = [*callee.bound]
    for arg in node.args:
        if isinstance(arg, ast.Starred):
            context.source.fail(node, "has arguments by *, write them by place")
        values.append(value_of(context, arg, expression))
    if len(values) > len(placed):
        context.source.fail(
            node, f"gives {len(values)} arguments, it takes {len(placed)}"
        )
    given = dict(zip(placed, values, strict=False))
    for keyword in node.keywords:
        if keyword.arg not in names or keyword.arg in given:
            context.source.fail(
                node, f"gives {keyword.arg or '**'}, which it does not take, or twice"
            )
        given[keyword.arg] = value_of(context, keyword.value, expression)
    _fill(context, node, source, callee, given, names)
    return tuple(_plain(context, given[name]) for name in names)


def _fill(
    context: Reader,
    node: ast.Call,
    source: Source,
    callee: Callee,
    given: dict[str, Any],
    names: list[str],
) -> None:
    """Give the parameters that are left out their defaults."""
    defaults: dict[str, Any] = {}
    if callee.function is not None:
        defaults = defaults_of(callee.function)
    elif callee.home is not None:
        for name, value in _written_defaults(source.node).items():
            if name not in given:
                defaults[name] = value_of(callee.home, value, expression)
    for name in names:
        if name not in given:
            default = defaults.get(name)
            if not isinstance(default, numbers.Real | Expr | tuple):
                context.source.fail(
                    node, f"gives no {name}, which has no number as its default"
                )
            given[name] = _numbers(default)


def _numbers(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_numbers(each) for each in value)
    return as_expr(value)


def _written_defaults(node: Definition) -> dict[str, ast.expr]:
    args = node.args
    placed = [*args.posonlyargs, *args.args]
    first = len(placed) - len(args.defaults)
    found = {a.arg: v for a, v in zip(placed[first:], args.defaults, strict=True)}
    for each, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        if default is not None:
            found[each.arg] = default
    return found


def _plain(context: Reader, value: Any) -> Any:
    """An argument as a name or a number."""
    if isinstance(value, tuple):
        return tuple(_plain(context, each) for each in value)
    if isinstance(value, Expr) and value.args and not value.is_Number:
        return context.cutting.name(value)
    return value


def _read(
    context: Reader,
    node: ast.Call,
    source: Source,
    callee: Callee,
    given: tuple[Any, ...],
) -> Any:
    written = identifiers(source.node)
    context.cutting.taken |= written
    stages = {stage.symbol.name for stage in context.cutting.stages}
    context.used |= stages & written
    args = source.node.args
    names = dict(callee.home.names) if callee.home is not None else {}
    for each, value in zip(
        (*args.posonlyargs, *args.args, *args.kwonlyargs), given, strict=True
    ):
        names[each.arg] = value
    inner = Reader(
        source,
        context.cutting,
        names,
        context.shared,
        context.versions,
        context.written | written,
        context.used,
        changing(source.node),
        context.statements,
        context.depth,
        (*context.calls, callee.function or callee.node),
    )
    if isinstance(source.node, ast.Lambda):
        value = value_of(inner, source.node.body, expression)
    else:
        value = block(inner, source.node.body)
    context.statements = inner.statements
    if value is None:
        context.source.fail(node, "calls a function that does not return on every way")
    word = "" if isinstance(source.node, ast.Lambda) else source.node.name.strip("_")
    return _named(context, value, word or "u")


def _named(context: Reader, value: Any, word: str) -> Any:
    """What is returned: stages under the name of the function, ``norm_1``, …"""
    if isinstance(value, tuple):
        return tuple(_named(context, each, word) for each in value)
    value = as_expr(value)
    if isinstance(value, Expr) and value.args:
        return context.cutting.name(value, word)
    return value


def identifiers(node: ast.AST) -> set[str]:
    """The names that are written in a function."""
    found = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return found | {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}


def changing(node: ast.AST) -> frozenset[str]:
    """The names that are given a value more than once."""
    counts: dict[str, int] = {}
    for loop in ast.walk(node):
        weight = 2 if isinstance(loop, ast.For) else 1
        inner = ast.walk(loop) if weight == 2 else [loop]
        for each in inner:
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                counts[each.id] = counts.get(each.id, 0) + weight
    return frozenset(name for name, count in counts.items() if count > 1)
