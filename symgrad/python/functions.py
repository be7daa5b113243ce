"""Python functions as graphs, read from their source without running them.

The one rule kept here: the graph gives what the function returns. Parameters are the
inputs in their order, assignments are stages under their own names.
"""

from __future__ import annotations

import ast
import numbers
from collections.abc import Callable, Sequence
from typing import Any

from sympy import Expr, Integer, Symbol

from symgrad.cutting import Cutting
from symgrad.errors import ArgumentValueError, BoundError, short
from symgrad.graph import Graph, Stage
from symgrad.python.flow import block
from symgrad.python.names import Instance
from symgrad.python.source import Source, find_source
from symgrad.python.statements import Reader, define, outputs
from symgrad.symbols import fresh, symbol


def read_function(
    function: Callable[..., Any],
    names: Sequence[str],
    output_name: Callable[[Sequence[str]], str],
) -> Graph:
    """Read the source of a function into a Graph.

    ``names`` are the outputs' names, where they are asked for; ``output_name`` chooses
    that of a single formula when it is told the names in use. A parameter is an input,
    except where its default bounds a ``range`` or is a truth value: then it is that.

    Raises ``FormulaError`` with the line that cannot be read, ``BoundError`` where the
    function is too long once its loops are written out.
    """
    source = find_source(function)
    try:
        return _read(source, names, output_name)
    except RecursionError:
        raise BoundError(
            f"{short(function.__qualname__)} is nested too deeply; name the inner "
            "parts by assignments"
        ) from None


def _read(
    source: Source, names: Sequence[str], output_name: Callable[[Sequence[str]], str]
) -> Graph:
    written = _identifiers(source.node)
    reader = Reader(source, Cutting({*written}), written=frozenset(written))
    inputs = _inputs(reader)
    reader.changing = _changing(source.node)
    node = source.node
    if isinstance(node, ast.Lambda):
        values: list[Expr] | None = outputs(reader, node.body)
    else:
        values = block(reader, node.body)
    if values is None:
        source.fail(node, "does not return on every way; add a return")
    chosen = _outputs(reader, values, names, output_name)
    return Graph(_needed(reader.cutting.stages, chosen), tuple(chosen), tuple(inputs))


def _identifiers(node: ast.AST) -> set[str]:
    found = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return found | {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}


def _changing(node: ast.AST) -> frozenset[str]:
    """The names that are given a value more than once."""
    counts: dict[str, int] = {}
    for loop in ast.walk(node):
        weight = 2 if isinstance(loop, ast.For) else 1
        inner = ast.walk(loop) if weight == 2 else [loop]
        for each in inner:
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                counts[each.id] = counts.get(each.id, 0) + weight
    return frozenset(name for name, count in counts.items() if count > 1)


def _inputs(reader: Reader) -> list[Symbol]:
    """The parameters as inputs; ``self`` and bounds of loops as what they are."""
    source, args = reader.source, reader.source.node.args
    if args.vararg or args.kwarg:
        source.fail(
            args.vararg or args.kwarg,
            "takes any number of arguments; name each parameter",
        )
    parameters = [*args.posonlyargs, *args.args]
    if source.instance is not None and parameters:
        reader.names[parameters.pop(0).arg] = Instance(source.instance)
    bounds = _bounds(source.node)
    defaults = _defaults(source)
    found = []
    for each in (*parameters, *args.kwonlyargs):
        default = defaults.get(each.arg)
        is_bound = each.arg in bounds or isinstance(default, bool)
        if is_bound and isinstance(default, numbers.Integral):
            reader.names[each.arg] = Integer(int(default))
        else:
            found.append(symbol(each.arg))
            reader.names[each.arg] = found[-1]
            reader.used.add(each.arg)
    if not found:
        source.fail(source.node, "has no parameter to differentiate by; add one")
    return found


def _bounds(node: ast.AST) -> set[str]:
    """The names that stand in a range(...)."""
    return {
        name.id
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "range"
        for arg in call.args
        for name in ast.walk(arg)
        if isinstance(name, ast.Name)
    }


def _defaults(source: Source) -> dict[str, Any]:
    """The defaults that the function itself holds, by parameter."""
    code, function = source.function.__code__, source.function
    by_place = function.__defaults__ or ()
    count = code.co_argcount
    placed = code.co_varnames[count - len(by_place) : count]
    found = dict(zip(placed, by_place, strict=True))
    return {**found, **(function.__kwdefaults__ or {})}


def _outputs(
    reader: Reader,
    values: Sequence[Expr],
    names: Sequence[str],
    output_name: Callable[[Sequence[str]], str],
) -> list[Symbol]:
    """Name what is returned: a returned name keeps it, a formula gets one."""
    if names and len(names) != len(values):
        raise ArgumentValueError(
            f"{len(names)} names for {len(values)} returned values; give one for each"
        )
    stages = {stage.symbol for stage in reader.cutting.stages}
    chosen: list[Symbol] = []
    for k, value in enumerate(values):
        keeps = value in stages and value not in chosen
        if keeps and names[k : k + 1] in ([], [getattr(value, "name", "")]):
            chosen.append(value)
            continue
        taken = [*reader.cutting.taken, *(s.symbol.name for s in reader.cutting.stages)]
        if names or len(values) == 1:
            name = output_name(taken) if len(values) == 1 else names[k]
        else:
            name = fresh(f"y_{k + 1}", taken)
        chosen.append(define(reader, name, value))
    return chosen


def _needed(stages: Sequence[Stage], chosen: Sequence[Symbol]) -> tuple[Stage, ...]:
    """The stages that the outputs are made of."""
    wanted = set(chosen)
    found = []
    for stage in reversed(stages):
        if stage.symbol in wanted:
            found.append(stage)
            wanted.update(stage.arguments)
    return tuple(reversed(found))
