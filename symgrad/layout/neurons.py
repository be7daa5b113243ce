"""Networks in layers, from left to right, every weight on its edge.

The one rule kept here: no label lies on another label or on a node. The labels of one
source share a strip of their own, where its edges are a label's height apart. Over 300
lines, as layers, edges and labels are placed by one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
    describe_numbers,
    describe_paths,
    figure_lines,
    kind_of,
    label_width,
    text_width,
    title_of,
)
from symgrad.symbols import symbol

_ROW, _HEAD, _FOOT = 100.0, 78.0, 62.0
# Layers are drawn whole up to so many neurons, or, where two beside each other have
# more than so many edges between them, up to the shorter bound.
_MAX_LAYER, _MAX_CROSSING, _SHORT_LAYER = 12, 48, 5
_MAX_CHOSEN = 2
_CLOSE = 16.0
_TIP = 14.0
# Where a source's labels may begin: its edges are a label's height apart from there.
_FIRST_SHARE = 0.24
_Wires: TypeAlias = Mapping[Symbol, "Wire"]
_Places: TypeAlias = Mapping[Symbol, tuple[float, float]]


@dataclass(frozen=True)
class Wire:
    """What a neuron is made of: the weight of each source, the bias, the activation.

    ``text`` is written in the place of its name.
    """

    weights: Mapping[Symbol, Symbol]
    bias: Symbol | None
    activation: str
    text: str = ""


def wires_of(graph: Graph) -> dict[Symbol, Wire] | None:
    """Read a graph as layers of neurons; None where it is anything else."""
    depths = depths_of(graph)
    parameters = set(graph.parameters)
    wires: dict[Symbol, Wire] = {}
    used: set[Symbol] = set()
    for stage in graph.stages:
        wire = wire_of(stage.expr, parameters)
        if wire is None:
            return None
        own = {*wire.weights.values(), *([wire.bias] if wire.bias else [])}
        levels = {depths[source] for source in wire.weights}
        if own & used or levels != {depths[stage.symbol] - 1}:
            return None
        used |= own
        wires[stage.symbol] = wire
    return wires or None


def wire_of(expr: Expr, parameters: set[Symbol]) -> Wire | None:
    """Read an expression as a neuron; None where it is anything else."""
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


def network_picture(
    scene: Scene, wires: _Wires, captions: Sequence[str] = ()
) -> Picture:
    """Lay out a network: inputs, hidden layers, outputs; long layers are shortened."""
    layers = columns_of(scene.graph, wires)
    columns = _shortened(scene, wires, layers)
    names = [[name for name in column if name is not None] for column in columns]
    kept = {name for column in names for name in column}
    wires = {
        name: replace(
            wire, weights={s: w for s, w in wire.weights.items() if s in kept}
        )
        for name, wire in wires.items()
        if name in kept
    }
    gaps = [_gap(scene, wires, column, right) for column, right in pairwise(names)]
    places, dots, width = _stand(scene, columns, [*gaps, 0.0])
    edges: list[Edge] = []
    for column, right in pairwise(names):
        shares = _shares(scene, wires, places, column, right)
        edges += _layer_edges(scene, wires, places, shares, right)
    sizes = "-".join(str(len(layer)) for layer in layers)
    told = f"A {sizes} network, drawn from the inputs on the left to the right."
    if captions:
        told = "One neuron: its inputs, their weighted sum, its activation, its output."
    if dots:
        told += " Shortened: " + "; ".join(_left_out(layers, names)) + "."
    words = captions or _captions(wires, layers, names)
    nodes = (*(_neuron(scene, name, wires, places[name]) for name in places), *dots)
    head, row, foot = _room(scene)
    picture = Picture(
        title_of(scene, "neuron" if captions else "network"),
        told + describe_paths(scene) + describe_numbers(scene),
        width + NODE_RADIUS + TAIL,
        head + (max(map(len, columns)) - 1) * row + foot,
        nodes,
        tuple(edges),
        scene.chosen,
        tuple((places[c[0]][0], text) for c, text in zip(names, words, strict=True)),
    )
    return scene.with_figures(picture)


def _stand(
    scene: Scene, columns: Sequence[Sequence[Symbol | None]], gaps: Sequence[float]
) -> tuple[dict[Symbol, tuple[float, float]], list[Node], float]:
    """Where each neuron stands, the dots of those left out, and the last column's x."""
    head, row, _ = _room(scene)
    tallest = max(map(len, columns))
    places: dict[Symbol, tuple[float, float]] = {}
    dots: list[Node] = []
    x = MARGIN + NODE_RADIUS
    for column, gap in zip(columns, gaps, strict=True):
        top = head + (tallest - len(column)) * row / 2
        for k, name in enumerate(column):
            place = (x, top + k * row)
            if name is None:
                dot = symbol(f"⋮_{len(dots) + 1}")
                dots.append(Node(dot, "ellipsis", *place, text="⋮"))
            else:
                places[name] = place
        x += gap
    return places, dots, x


def _room(scene: Scene) -> tuple[float, float, float]:
    """The room above the first neuron, from one to the next, and under the last."""
    return (_HEAD, _ROW, _FOOT) if scene.numbers is None else (96.0, 170.0, 92.0)


def _shortened(
    scene: Scene, wires: _Wires, layers: Sequence[Sequence[Symbol]]
) -> list[list[Symbol | None]]:
    """The layers, of long ones the first, the last and those that were chosen."""
    crossing = max(len(a) * len(b) for a, b in pairwise(layers))
    bound = _MAX_LAYER if crossing <= _MAX_CROSSING else _SHORT_LAYER
    wanted = _chosen_neurons(scene, wires)
    found: list[list[Symbol | None]] = []
    for layer in layers:
        if len(layer) <= bound:
            found.append(list(layer))
            continue
        places = [k for k, name in enumerate(layer) if name in wanted][:_MAX_CHOSEN]
        places = sorted({0, 1, 2, len(layer) - 1, *places})
        column: list[Symbol | None] = [layer[0]]
        for before, place in pairwise(places):
            if place > before + 1:
                column.append(None)
            column.append(layer[place])
        found.append(column)
    return found


def _chosen_neurons(scene: Scene, wires: _Wires) -> set[Symbol]:
    """The chosen neurons, and the two ends of every chosen weight."""
    chosen = set(scene.chosen)
    found = set(chosen)
    for name, wire in wires.items():
        ends = [s for s, weight in wire.weights.items() if weight in chosen]
        if ends or wire.bias in chosen:
            found.update((name, *ends))
    return found


def _left_out(
    layers: Sequence[Sequence[Symbol]], names: Sequence[Sequence[Symbol]]
) -> Iterator[str]:
    for place, (layer, shown) in enumerate(zip(layers, names, strict=True)):
        if len(shown) < len(layer):
            what = "neurons" if place else "inputs"
            where = f" of layer {place}" if place else ""
            yield f"{len(shown)} of the {len(layer)} {what}{where} are drawn"


def _captions(
    wires: _Wires, layers: Sequence[Sequence[Symbol]], names: Sequence[Sequence[Symbol]]
) -> list[str]:
    found = []
    for layer, shown in zip(layers, names, strict=True):
        kinds = dict.fromkeys(wires[n].activation for n in shown if n in wires)
        few = f" ({len(shown)} of {len(layer)})" if len(shown) < len(layer) else ""
        found.append((", ".join(kinds) or "inputs") + few)
    return found


def columns_of(graph: Graph, wires: _Wires) -> list[list[Symbol]]:
    """List the inputs, then the neurons of each layer."""
    depths = depths_of(graph)
    columns: list[list[Symbol]] = [list(graph.inputs)]
    for name in wires:
        if depths[name] == len(columns):
            columns.append([])
        columns[depths[name]].append(name)
    return columns


def _gap(
    scene: Scene, wires: _Wires, column: Sequence[Symbol], right: Sequence[Symbol]
) -> float:
    """The distance to the next layer: one strip of labels for each source."""
    strip = _strip(scene, wires, right)
    inner = (len(column) - 1) * strip
    beside = _reach(scene) + strip / 2 + _TIP
    return max(190.0, inner + 2 * beside, (inner + beside) / (1 - _FIRST_SHARE))


def _reach(scene: Scene) -> float:
    """How far a neuron reaches to its sides, with what is written at it."""
    return NODE_RADIUS if scene.numbers is None else 2 * NODE_RADIUS


def _strip(scene: Scene, wires: _Wires, right: Sequence[Symbol]) -> float:
    weights = [w for target in right for w in wires[target].weights.values()]
    return max((_label_room(scene, weight) for weight in weights), default=0.0)


def _label_room(scene: Scene, weight: Symbol) -> float:
    """The width of a weight's name, with its value beside and its adjoint under it."""
    if scene.numbers is None:
        return label_width(weight)
    values, adjoints = scene.numbers.values, scene.numbers.adjoints
    value = "".join(figure_lines(values.get(weight), None))
    adjoint = "".join(figure_lines(None, adjoints.get(weight)))
    return max(label_width(weight) + text_width(value), text_width(adjoint)) + 8


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
        text=wire.text if wire else "",
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
    scene: Scene,
    wires: _Wires,
    places: _Places,
    column: Sequence[Symbol],
    right: Sequence[Symbol],
) -> dict[Symbol, float]:
    """How far along its edges each source has its labels, lying on few other edges."""
    strip = _strip(scene, wires, right)
    gap = places[right[0]][0] - places[column[0]][0]
    beside = (_reach(scene) + strip / 2 + _TIP) / gap
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
