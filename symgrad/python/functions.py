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
from symgrad.python.applying import call, changing, identifiers
from symgrad.python.expressions import expression
from symgrad.python.flow import block
from symgrad.python.lists import value_of
from symgrad.python.names import Instance, Shared
from symgrad.python.source import Source, defaults_of, find_source
from symgrad.python.statements import Reader, define, outputs
from symgrad.symbols import fresh, symbol
from symgrad.user_functions import UserFunction


def read_function(
    function: Callable[..., Any],
    names: Sequence[str],
    output_name: Callable[[Sequence[str]], str],
    added: Sequence[UserFunction] = (),
) -> Graph:
    """Read the source of a function into a Graph.

    ``names`` are the outputs' names, where they are asked for; ``output_name`` chooses
    that of a single formula when it is told the names in use. A parameter is an input,
    except where its default bounds a ``range`` or is a truth value: then it is that.
    Of a parameter that is a list, its elements are inputs. ``added`` are functions of
    the user's own, under their names.

    Raises ``FormulaError`` with the line that cannot be read, ``BoundError`` where the
    function is too long once its loops are written out.
    """
    source = find_source(function)
    try:
        return _read(source, names, output_name, added)
    except RecursionError:
        raise BoundError(
            f"{short(function.__qualname__)} is nested too deeply; name the inner "
            "parts by assignments"
        ) from None


def _read(
    source: Source,
    names: Sequence[str],
    output_name: Callable[[Sequence[str]], str],
    added: Sequence[UserFunction],
) -> Graph:
    written = identifiers(source.node)
    shared = Shared(call, added={each.name: each for each in added})
    reader = Reader(source, Cutting({*written}), {}, shared, written=frozenset(written))
    reader.calls = (source.function,)
    inputs = _inputs(reader)
    reader.changing = changing(source.node)
    node = source.node
    if isinstance(node, ast.Lambda):
        value: Any = value_of(reader, node.body, expression)
    else:
        value = block(reader, node.body)
    if value is None:
        source.fail(node, "does not return on every way; add a return")
    values = outputs(reader, node, value)
    chosen = _outputs(reader, values, names, output_name)
    stages = _needed(reader.cutting.stages, chosen)
    return Graph(stages, tuple(chosen), _leaves(reader, inputs, stages, chosen))


def _leaves(
    reader: Reader,
    inputs: Sequence[Symbol],
    stages: Sequence[Stage],
    chosen: Sequence[Symbol],
) -> tuple[Symbol, ...]:
    """The inputs; of a parameter whose elements are used, these, in their order."""
    used = {*chosen}.union(*(stage.arguments for stage in stages))
    found: list[Symbol] = []
    todo = [*reversed(inputs)]
    while todo:
        each = todo.pop()
        parts = reader.shared.elements[each]
        if parts and each in used:
            reader.source.fail(
                reader.source.node,
                f"uses {each.name} as a number and {next(iter(parts.values())).name} "
                "as its element; rename one",
            )
        if parts:
            keys = sorted(parts, key=lambda k: (isinstance(k, str), k))
            order = keys if all(isinstance(k, int) for k in keys) else list(parts)
            todo.extend(parts[key] for key in reversed(order))
        else:
            found.append(each)
    return tuple(found)


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
    defaults = defaults_of(source.function)
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
            reader.shared.elements[found[-1]] = {}
            if isinstance(default, tuple | list):
                reader.shared.lengths[found[-1]] = len(default)
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
    named = [each for each in reader.names.values() if isinstance(each, Symbol)]
    for k, value in enumerate(values):
        keeps = value in stages and value in named and value not in chosen
        if len(values) == 1 and not keeps:
            value = _unnamed(reader, value)
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


def _unnamed(reader: Reader, value: Expr) -> Expr:
    """The formula of the last stage, where that has but a generated name."""
    last = reader.cutting.stages[-1] if reader.cutting.stages else None
    if last is None or last.symbol != value:
        return value
    reader.cutting.stages.pop()
    reader.cutting.taken.discard(last.symbol.name)
    return last.expr


def _needed(stages: Sequence[Stage], chosen: Sequence[Symbol]) -> tuple[Stage, ...]:
    """The stages that the outputs are made of."""
    wanted = set(chosen)
    found = []
    for stage in reversed(stages):
        if stage.symbol in wanted:
            found.append(stage)
            wanted.update(stage.arguments)
    return tuple(reversed(found))
