"""What a numeric function shall compute, read from what users give.

The one rule kept here: a name is checked before anything is computed, and keeps the
place that it was given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sympy import Symbol

from symgrad.elements import with_elements
from symgrad.errors import ArgumentTypeError, ArgumentValueError, check_name, short
from symgrad.formulas import formula
from symgrad.graph import Graph, as_graph
from symgrad.indexed import data_and_counts
from symgrad.numeric.tape import Tape
from symgrad.samples import indexed_form

LAYOUTS = ("names", "vector")
REDUCTIONS = ("sum", "mean")


@dataclass(frozen=True)
class Task:
    """What shall be computed: outputs and variables of a graph, and its arguments.

    ``listed`` says that results have an axis for the outputs.
    """

    graph: Graph
    outputs: tuple[Symbol, ...]
    variables: tuple[Symbol, ...]
    arguments: tuple[Symbol, ...]
    listed: bool
    mode: str


def read_task(source: Any, wrt: Any, args: Any, layout: str = "names") -> Task:
    """Read the arguments that all functions of this kind share."""
    gradient = source if hasattr(source, "row_names") else None
    graph = as_graph(source)
    if graph is None:
        graph = formula(source)
    samples = graph.samples
    if gradient is None:
        graph, wrt = with_elements(indexed_form(graph), wrt)
    elif graph.samples is not None:
        graph = indexed_form(graph.select(*gradient.outputs))
    outputs = graph.outputs if gradient is None else tuple(gradient.outputs)
    listed = len(outputs) > 1 or bool(getattr(gradient, "row_names", ()))
    variables = _variables(graph, wrt, gradient)
    if samples is not None and args is None:  # the number of samples comes last
        leaves = (*graph.inputs, *graph.parameters)
        args = sorted(leaves, key=lambda name: name == samples.upper)
    check_name("layout", layout, LAYOUTS)
    arguments = _arguments(graph, args)
    if layout == "vector":
        arguments = _vector_first(graph, variables, arguments)
    mode = getattr(gradient, "mode", "reverse")
    if listed and mode == "reverse":  # not asked for: several outputs have no best one
        mode = "cheapest"
    return Task(graph, outputs, variables, arguments, listed, mode)


def checked_reduction(reduce: str | None, backend: str, tape: Tape) -> str:
    """Check what shall be done over the samples."""
    if reduce is None:
        return ""
    check_name("reduce", reduce, REDUCTIONS)
    if backend == "math":
        raise ArgumentValueError(
            "backend 'math' has but one point, nothing to reduce; use backend 'numpy'"
        )
    if tape.data:
        raise ArgumentValueError(
            f"reduce is {reduce!r}, but the formula has data with an index and sums of "
            "its own; leave reduce out"
        )
    return reduce


def _variables(graph: Graph, wrt: Any, gradient: Any) -> tuple[Symbol, ...]:
    if wrt is None:
        if gradient is not None:
            return tuple(gradient.wrt)
        if graph.parameters:
            return graph.parameters
        fixed = set().union(*data_and_counts([s.expr for s in graph.stages]))
        return tuple(name for name in graph.inputs if name not in fixed)
    return _symbols(graph, "wrt", [wrt] if isinstance(wrt, str | Symbol) else wrt)


def _symbols(graph: Graph, what: str, names: Any) -> tuple[Symbol, ...]:
    """Find the symbols of a list of names, each once."""
    if isinstance(names, set | frozenset):
        raise ArgumentTypeError(
            f"{what} is a set, which has no order; expected a list or a tuple of names"
        )
    if isinstance(names, str | Symbol) or not isinstance(names, Iterable):
        raise ArgumentTypeError(
            f"{what} is {short(names)}; expected a list or a tuple of names"
        )
    found: dict[Symbol, None] = {}
    for name in names:
        symbol = graph.symbol(name)
        if symbol in found:
            raise ArgumentValueError(f"{what} has {symbol.name!r} twice")
        found[symbol] = None
    return tuple(found)


def _arguments(graph: Graph, args: Any) -> tuple[Symbol, ...]:
    leaves = (*graph.inputs, *graph.parameters)
    if args is None:
        return leaves
    chosen = _symbols(graph, "args", args)
    for symbol in chosen:
        if symbol not in leaves:
            raise ArgumentValueError(
                f"args has {symbol.name!r}, which is a stage; "
                "expected inputs and parameters"
            )
    missing = [leaf.name for leaf in leaves if leaf not in chosen]
    if missing:
        raise ArgumentValueError(
            f"args lacks {short(', '.join(missing))}; name every input and parameter"
        )
    return chosen


def _vector_first(
    graph: Graph, variables: tuple[Symbol, ...], arguments: tuple[Symbol, ...]
) -> tuple[Symbol, ...]:
    if not variables:
        raise ArgumentValueError("layout 'vector' needs at least one variable in wrt")
    for variable in variables:
        if variable in graph.stage_of:
            raise ArgumentValueError(
                f"stage {variable.name!r} is no argument, so it has no place in a "
                "vector; use layout 'names'"
            )
    return (*variables, *(a for a in arguments if a not in variables))
