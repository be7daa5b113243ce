"""Networks in layers, from left to right, every weight on its edge.

The one rule kept here: no label lies on another label or on a node. The labels of one
source share a strip of their own, where its edges are a label's height apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import TypeAlias

from sympy import Add, Expr, Mul, Symbol

from symgrad.derivation import Edge, Node, Picture
from symgrad.functions import function_name
from symgrad.graph import Graph
from symgrad.layout.scene import (
    MARGIN,
    NODE_RADIUS,
    TAIL,
    Scene,
    depths_of,
    describe_paths,
    kind_of,
    label_width,
    title_of,
)

_ROW, _HEAD, _FOOT = 100.0, 78.0, 62.0
_CLOSE = 16.0
_TIP = 14.0
# Where a source's labels may begin: its edges are a label's height apart from there.
_FIRST_SHARE = 0.24
_Wires: TypeAlias = Mapping[Symbol, "Wire"]
_Places: TypeAlias = Mapping[Symbol, tuple[float, float]]


@dataclass(frozen=True)
class Wire:
    """What a neuron is made of: the weight of each source, the bias, the activation."""

    weights: Mapping[Symbol, Symbol]
    bias: Symbol | None
    activation: str


def wires_of(graph: Graph) -> dict[Symbol, Wire] | None:
    """Read a graph as layers of neurons; None where it is anything else."""
    depths = depths_of(graph)
    parameters = set(graph.parameters)
    wires: dict[Symbol, Wire] = {}
    used: set[Symbol] = set()
    for stage in graph.stages:
        wire = _wire(stage.expr, parameters)
        if wire is None:
            return None
        own = {*wire.weights.values(), *([wire.bias] if wire.bias else [])}
        levels = {depths[source] for source in wire.weights}
        if own & used or levels != {depths[stage.symbol] - 1}:
            return None
        used |= own
        wires[stage.symbol] = wire
    return wires or None


def _wire(expr: Expr, parameters: set[Symbol]) -> Wire | None:
    name = function_name(expr)
    weighted = expr.args[0] if name and len(expr.args) == 1 else expr
    weights: dict[Symbol, Symbol] = {}
    bias = None
    for term in weighted.args if isinstance(weighted, Add) else (weighted,):
        if term in parameters and bias is None:
            bias = term
            continue
        pair = sorted(term.args, key=lambda s: s not in parameters)
        if not isinstance(term, Mul) or len(pair) != 2:
            return None
        weight, source = pair
        if weight not in parameters or not isinstance(source, Symbol):
            return None
        if source in parameters or source in weights:
            return None
        weights[source] = weight
    return Wire(weights, bias, name or "identity") if weights else None


def network_picture(scene: Scene, wires: _Wires) -> Picture:
    """Lay out a network: inputs, hidden layers, outputs."""
    columns = columns_of(scene.graph, wires)
    tallest = max(len(column) for column in columns)
    places: dict[Symbol, tuple[float, float]] = {}
    x = MARGIN + NODE_RADIUS
    gaps = [_gap(wires, column, right) for column, right in pairwise(columns)]
    for column, gap in zip(columns, [*gaps, 0.0], strict=True):
        top = _HEAD + (tallest - len(column)) * _ROW / 2
        for row, name in enumerate(column):
            places[name] = (x, top + row * _ROW)
        x += gap
    edges: list[Edge] = []
    for column, right in pairwise(columns):
        shares = _shares(wires, places, column, right)
        edges += _layer_edges(scene, wires, places, shares, right)
    sizes = "-".join(str(len(column)) for column in columns)
    return Picture(
        title_of(scene, "network"),
        f"A {sizes} network, drawn from the inputs on the left to the right."
        + describe_paths(scene),
        x + NODE_RADIUS + TAIL,
        _HEAD + (tallest - 1) * _ROW + _FOOT,
        tuple(_neuron(scene, name, wires, places[name]) for name in places),
        tuple(edges),
        scene.chosen,
        tuple((places[column[0]][0], _caption(wires, column)) for column in columns),
    )


def columns_of(graph: Graph, wires: _Wires) -> list[list[Symbol]]:
    """List the inputs, then the neurons of each layer."""
    depths = depths_of(graph)
    columns: list[list[Symbol]] = [list(graph.inputs)]
    for name in wires:
        if depths[name] == len(columns):
            columns.append([])
        columns[depths[name]].append(name)
    return columns


def _caption(wires: _Wires, column: Sequence[Symbol]) -> str:
    names = dict.fromkeys(wires[n].activation for n in column if n in wires)
    return ", ".join(names) or "inputs"


def _gap(wires: _Wires, column: Sequence[Symbol], right: Sequence[Symbol]) -> float:
    """The distance to the next layer: one strip of labels for each source."""
    strip = _strip(wires, right)
    inner = (len(column) - 1) * strip
    beside = NODE_RADIUS + strip / 2 + _TIP
    return max(190.0, inner + 2 * beside, (inner + beside) / (1 - _FIRST_SHARE))


def _strip(wires: _Wires, right: Sequence[Symbol]) -> float:
    weights = [w for target in right for w in wires[target].weights.values()]
    return max(label_width(weight) for weight in weights)


def _neuron(
    scene: Scene, name: Symbol, wires: _Wires, place: tuple[float, float]
) -> Node:
    wire = wires.get(name)
    return Node(
        name,
        kind_of(scene.graph, name),
        *place,
        on_path=name in scene.live,
        label=scene.graph.labels.get(name),
        bias=wire.bias if wire else None,
        caption=wire.activation if wire else "",
        factor=scene.factors.get((name, wire.bias), 0) if wire and wire.bias else 0,
    )


def _layer_edges(
    scene: Scene,
    wires: _Wires,
    places: _Places,
    shares: Mapping[Symbol, float],
    right: Sequence[Symbol],
) -> Iterator[Edge]:
    """The edges that end in a layer, each with its label at its source's share."""
    for target in right:
        for source, weight in wires[target].weights.items():
            by_source = scene.factors.get((target, source), 0)
            factor = by_source or scene.factors.get((target, weight), 0)
            yield Edge(
                source,
                target,
                weight,
                factor > 0,
                _between(places[source][0], places[target][0], shares[source]),
                _between(places[source][1], places[target][1], shares[source]),
                factor=factor,
            )


def _between(start: float, end: float, share: float) -> float:
    return start + share * (end - start)


def _shares(
    wires: _Wires,
    places: _Places,
    column: Sequence[Symbol],
    right: Sequence[Symbol],
) -> dict[Symbol, float]:
    """How far along its edges each source has its labels, lying on few other edges."""
    strip = _strip(wires, right)
    gap = places[right[0]][0] - places[column[0]][0]
    beside = (NODE_RADIUS + strip / 2 + _TIP) / gap
    first, last = max(_FIRST_SHARE, beside), 1 - beside
    apart = (last - first) / max(len(column) - 1, 1)
    if apart * gap > 2 * strip:
        apart = 2 * strip / gap
        first = max(first, 0.5 - apart * (len(column) - 1) / 2)
    strips = [first + k * apart for k in range(len(column))]
    edges = [(s, t) for t in right for s in wires[t].weights]
    orders: Iterable[tuple[float, ...]] = (
        permutations(strips) if len(column) <= 4 else [tuple(strips)]
    )
    heights = {edge: (places[edge[0]][1], places[edge[1]][1]) for edge in edges}

    def crossings(order: tuple[float, ...]) -> int:
        """Count the labels that lie on an edge that is not theirs."""
        count = 0
        for source, share in zip(column, order, strict=True):
            crossed = {edge: _between(*ends, share) for edge, ends in heights.items()}
            for edge, own in crossed.items():
                if edge[0] == source:
                    near = (abs(y - own) < _CLOSE for y in crossed.values())
                    count += sum(near) - 1
        return count

    best: tuple[float, ...] = min(orders, key=crossings)
    return dict(zip(column, best, strict=True))
