"""Choices and loops of a Python function: what is read in which order.

The one rule kept here: every way through the function is read, none is taken. Branches
of an ``if`` are read apart and joined by a Piecewise; a loop is written out.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

import sympy as sp
from sympy import Expr

from symgrad.cutting import MAX_LEVELS
from symgrad.errors import BoundError
from symgrad.lengths import measure
from symgrad.python.conditions import condition
from symgrad.python.expressions import expression, piecewise
from symgrad.python.lists import bind, items
from symgrad.python.names import Missing
from symgrad.python.statements import (
    SIMPLE,
    UNDERSTOOD,
    Reader,
    define,
    forget,
    outputs,
    refuse_statement,
    returned,
)

MAX_STATEMENTS = 10_000
MAX_BRANCHES = 60


@dataclass(frozen=True)
class _Bind:
    """A loop variable that takes its next value."""

    value: Any
    loop: ast.For


@dataclass(frozen=True)
class _End:
    """Where a loop ends."""

    loop: ast.For


_Item: TypeAlias = "ast.stmt | _Bind | _End"


def block(reader: Reader, statements: Sequence[_Item]) -> Any:
    """Read statements up to the return; give what is returned, None without return."""
    todo: list[_Item] = [*reversed(statements)]
    while todo:
        item = todo.pop()
        _count(reader, item)
        if isinstance(item, _Bind):
            bind(reader, item.loop.target, item.value)
        elif isinstance(item, _End):
            pass
        elif isinstance(item, ast.Break | ast.Continue):
            _leave(reader, item, todo)
        elif isinstance(item, ast.Return):
            return returned(reader, item)
        elif isinstance(item, ast.For):
            todo.extend(reversed(_unrolled(reader, item)))
        elif isinstance(item, ast.If):
            cases = _cases(reader, item)
            if len(cases) == 1:
                todo.extend(reversed(cases[0][1]))
            elif any(_returns(body) for _, body in cases):
                return _returning(reader, item, cases, todo[::-1])
            else:
                _joining(reader, item, cases)
        else:
            SIMPLE.get(type(item), refuse_statement)(reader, item)
    return None


def _count(reader: Reader, item: _Item) -> None:
    reader.statements += 1
    if reader.statements > MAX_STATEMENTS:
        node = item.loop if isinstance(item, _Bind | _End) else item
        reader.source.fail(
            node,
            f"makes the function longer than the bound MAX_STATEMENTS "
            f"({MAX_STATEMENTS:,}) once loops are written out; use fewer rounds",
            BoundError,
        )


# Loops


def _unrolled(reader: Reader, node: ast.For) -> list[_Item]:
    """A loop written out: the loop variable and the body, once for each round."""
    if node.orelse:
        reader.source.fail(node, f"has an else, which is not read; {UNDERSTOOD}")
    values = items(reader, node.iter, expression)
    if len(values) * (1 + len(node.body)) > MAX_STATEMENTS:
        _count_rounds(reader, node, len(values))
    found: list[_Item] = []
    for value in values:
        found += [_Bind(value, node), *node.body]
    return [*found, _End(node)]


def _leave(reader: Reader, node: ast.Break | ast.Continue, todo: list[_Item]) -> None:
    """Leave a round, or the loop; a condition on it was decided beforehand."""
    while todo and not isinstance(todo[-1], _Bind | _End):
        todo.pop()
    if not todo:
        refuse_statement(reader, node)
    loop = todo[-1].loop  # type: ignore[union-attr]
    while isinstance(node, ast.Break) and todo[-1] != _End(loop):
        todo.pop()


def _count_rounds(reader: Reader, node: ast.For, rounds: int) -> NoReturn:
    reader.source.fail(
        node,
        f"has {rounds:,} rounds; written out they are longer than the bound "
        f"MAX_STATEMENTS ({MAX_STATEMENTS:,}), use fewer",
        BoundError,
    )


# Choices

_Cases: TypeAlias = list[tuple[Any, "list[ast.stmt]"]]


def _cases(reader: Reader, node: ast.If) -> _Cases:
    """The branches of an if with their conditions; what is decided is left out."""
    found: _Cases = []
    rest: list[ast.stmt] = [node]
    while len(rest) == 1 and isinstance(rest[0], ast.If):
        here = rest[0]
        decided = condition(reader, here.test, expression)
        if decided == sp.true:
            return [*found, (sp.true, here.body)]
        if decided != sp.false:
            found.append((decided, here.body))
        rest = here.orelse
    return [*found, (sp.true, rest)]


def _returns(body: Sequence[ast.stmt]) -> bool:
    """Whether a return stands anywhere in the statements."""
    return any(isinstance(n, ast.Return) for each in body for n in ast.walk(each))


def _ends(body: Sequence[ast.stmt]) -> bool:
    """Whether the statements return on every way."""
    last = body[-1] if body else None
    if isinstance(last, ast.If):
        return _ends(last.body) and _ends(last.orelse)
    return isinstance(last, ast.Return)


def _deeper(reader: Reader, node: ast.If) -> None:
    reader.depth += 1
    if reader.depth > MAX_BRANCHES:
        reader.source.fail(
            node,
            f"is over {MAX_BRANCHES} choices deep (the bound MAX_BRANCHES); use fewer",
            BoundError,
        )


def _returning(reader: Reader, node: ast.If, cases: _Cases, rest: list[_Item]) -> Any:
    """Read branches that return; the statements after the if end the others."""
    _deeper(reader, node)
    before = reader.names
    values: list[tuple[list[Expr], Any]] = []
    for decided, body in cases:
        reader.names = dict(before)
        ways: list[_Item] = [*body] if _ends(body) else [*body, *rest]
        made = block(reader, ways)
        if made is None:
            reader.source.fail(node, "does not return on every way; add a return")
        parts = outputs(reader, node, made)
        if values and len(parts) != len(values[0][0]):
            reader.source.fail(node, "does not return equally many values on every way")
        values.append((parts, decided))
    reader.depth -= 1
    chosen = tuple(
        piecewise([(parts[k], decided) for parts, decided in values])
        for k in range(len(values[0][0]))
    )
    return chosen if len(chosen) > 1 else chosen[0]


def _joining(reader: Reader, node: ast.If, cases: _Cases) -> None:
    """Read branches that give names values, and join those values."""
    _deeper(reader, node)
    before = reader.names
    start = len(reader.cutting.stages)
    ways: list[dict[str, Any]] = []
    for _, body in cases:
        reader.names = dict(before)
        block(reader, body)
        ways.append(reader.names)
    reader.names = dict(before)
    changed = {n: None for way in ways for n in way if way[n] is not before.get(n)}
    for name in changed:
        values = [way.get(name) for way in ways]
        if all(value is values[0] for value in values):
            reader.names[name] = values[0]
        elif all(isinstance(value, Expr) for value in values):
            parts = [_inlined(reader, v, name, start, ways) for v in values]
            cuts = [(p, on) for p, (on, _) in zip(parts, cases, strict=True)]
            reader.names[name] = define(reader, name, piecewise(cuts))
        else:
            reader.names[name] = Missing(node.lineno)
    reader.depth -= 1


def _inlined(
    reader: Reader, value: Any, name: str, start: int, ways: Sequence[dict[str, Any]]
) -> Any:
    """The formula of a stage that only this choice uses; the stage goes away."""
    stages = reader.cutting.stages
    made = [k for k in range(start, len(stages)) if stages[k].symbol == value]
    if not made:
        return value
    place = made[0]
    stage = stages[place]
    is_used = any(value in later.arguments for later in stages[place + 1 :])
    bound = sum(each is value for way in ways for each in way.values())
    is_large = measure(stage.expr)[1] > MAX_LEVELS
    if is_used or is_large or bound > 1 or value.name not in reader.used:
        return value
    del stages[place]
    forget(reader, value)
    if reader.cutting.known.get(stage.expr) == value:
        del reader.cutting.known[stage.expr]
    return stage.expr
