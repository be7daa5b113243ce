"""One neuron as textbooks draw it: inputs, weighted sum, activation, output.

The one rule kept here: the drawing is a graph too, with the weighted sum as a stage of
its own, so that numbers and paths are found as for any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Expr, Symbol

from symgrad.errors import GraphError
from symgrad.functions import function_name
from symgrad.graph import Graph, Stage
from symgrad.layout.neurons import Wire, wire_of
from symgrad.symbols import fresh, symbol

CAPTIONS = ("inputs", "weighted sum", "activation")
_LONGEST = 6


def neuron_graph(
    graph: Graph, chosen: Sequence[Symbol]
) -> tuple[Graph, dict[Symbol, Wire]]:
    """Cut one neuron out of a graph: that of a chosen name, else that of the output.

    Where a formula tells no parameters apart, names that begin with w or W are its
    weights and those that begin with b are its biases.

    Raises ``GraphError`` where there is no neuron with these names.
    """
    parameters = graph.parameters or tuple(
        name for name in graph.inputs if name.name[0] in "wWb"
    )
    for stage in reversed(graph.stages):
        found = _cut(graph, stage, set(parameters))
        if found is None:
            continue
        weighted, wire, function = found
        own = {stage.symbol, *wire.weights, *wire.weights.values(), wire.bias}
        own |= set(graph.parents(stage.symbol))
        is_wanted = own & set(chosen) if chosen else stage.symbol in graph.outputs
        if is_wanted:
            return _drawn(graph, stage, weighted, wire, function)
    asked = f"{chosen[0].name!r} belongs to" if chosen else "the output is"
    raise GraphError(
        f"{asked} no neuron; expected an activation of a weighted sum, such as "
        "tanh(w_1*x_1 + w_2*x_2 + b), or draw kind 'stages'"
    )


def _cut(
    graph: Graph, stage: Stage, parameters: set[Symbol]
) -> tuple[Stage, Wire, Expr] | None:
    """The weighted sum of a neuron as a stage, what it is made of, the activation."""
    expr = stage.expr
    name = function_name(expr)
    inner = expr.args[0] if name and len(expr.args) == 1 else None
    if inner is None:
        return None
    if isinstance(inner, Symbol) and inner in graph.stage_of:
        weighted = graph.stage_of[inner]
    else:
        index = stage.symbol.name.partition("_")[2]
        own = fresh(f"u_{index}" if index else "u", graph.names)
        weighted = Stage(symbol(own), inner)
    wire = wire_of(weighted.expr, parameters)
    if wire is None or wire.activation != "identity":
        return None
    sources = sorted(wire.weights, key=lambda name: graph.positions[name][1])
    wire = replace(wire, weights={name: wire.weights[name] for name in sources})
    return weighted, wire, expr.func(weighted.symbol, evaluate=False)


def _drawn(
    graph: Graph, stage: Stage, weighted: Stage, wire: Wire, function: Expr
) -> tuple[Graph, dict[Symbol, Wire]]:
    label = stage.label
    parameters = [*wire.weights.values(), *([wire.bias] if wire.bias else [])]
    own = Graph(
        (weighted, Stage(stage.symbol, function, label)),
        (stage.symbol,),
        tuple(wire.weights),
        tuple(parameters),
    )
    name = str(function_name(function))
    text = name if len(name) <= _LONGEST else ""
    last = Wire({weighted.symbol: weighted.symbol}, None, name, text)
    return own, {
        weighted.symbol: replace(wire, text="Σ"),
        stage.symbol: last,
    }
