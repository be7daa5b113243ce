"""Where the nodes, edges and labels of a picture go: Graph -> Picture.

The one rule kept here: a layout is data, in pixels, and depends on the graph alone.
A network stands in layers with every weight on its edge; any other graph stands in
columns of boxes, each one column to the right of what it is made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import TypeAlias

from sympy import Add, Expr, Mul, Pow, Symbol

from symgrad.derivation import Edge, Node, Picture
from symgrad.errors import BoundError
from symgrad.functions import function_name
from symgrad.graph import Graph

MAX_PICTURE_NODES = 400
MAX_PICTURE_EDGES = 2_000
MAX_TURNS = 4_000
NODE_RADIUS = 24.0
BOX_HEIGHT = 44.0

_ROW, _MARGIN, _HEAD, _FOOT, _TAIL = 100.0, 40.0, 78.0, 62.0, 70.0
_BOX_ROW, _BOX_GAP = 62.0, 64.0
_LABEL_HEIGHT = 20.0
# Where a source's labels may begin: its edges are a label's height apart from there.
_FIRST_SHARE = 0.24


def picture_of(
    graph: Graph, wrt: Iterable[str | Symbol] | str | None = None
) -> Picture:
    """Lay out a graph, the paths from ``wrt`` to the outputs marked.

    >>> from symgrad.networks import network
    >>> picture = picture_of(network([2, 2, 1]), "w_111")
    >>> [(edge.label, edge.on_path) for edge in picture.edges][:3]
    [(w_111, True), (w_121, False), (w_211, False)]

    Raises ``UnknownNameError`` for a name that the graph does not have, and
    ``BoundError`` over ``MAX_PICTURE_NODES`` nodes or ``MAX_PICTURE_EDGES`` edges.
    """
    names = [] if wrt is None else [wrt] if isinstance(wrt, str | Symbol) else list(wrt)
    chosen = tuple(graph.symbol(name) for name in names)
    _check_size(graph)
    live = _on_paths(graph, chosen)
    wires = _wires_of(graph)
    if wires is None:
        return _box_picture(graph, chosen, live)
    return _network_picture(graph, wires, chosen, live)


def _check_size(graph: Graph) -> None:
    nodes = len(graph.stages) + len(graph.inputs)
    edges = sum(len(stage.arguments) for stage in graph.stages)
    for count, bound, what, name in (
        (nodes, MAX_PICTURE_NODES, "nodes", "MAX_PICTURE_NODES"),
        (edges, MAX_PICTURE_EDGES, "edges", "MAX_PICTURE_EDGES"),
    ):
        if count > bound:
            raise BoundError(
                f"a picture with {count:,} {what} could not be read (the bound {name} "
                f"is {bound:,}); draw a smaller graph of the same shape"
            )


def _on_paths(graph: Graph, chosen: Sequence[Symbol]) -> set[Symbol]:
    """The names that some path from ``chosen`` to an output passes."""
    reached = set(chosen)
    for stage in graph.stages:
        if not reached.isdisjoint(stage.arguments):
            reached.add(stage.symbol)
    needed = set(graph.outputs)
    for stage in reversed(graph.stages):
        if stage.symbol in needed:
            needed.update(stage.arguments)
    return reached & needed


@dataclass(frozen=True)
class _Wire:
    """What a neuron is made of: the weight of each source, the bias, the activation."""

    weights: Mapping[Symbol, Symbol]
    bias: Symbol | None
    activation: str


def _wires_of(graph: Graph) -> dict[Symbol, _Wire] | None:
    """Read a graph as layers of neurons; None where it is anything else."""
    depths = _depths(graph)
    parameters = set(graph.parameters)
    wires: dict[Symbol, _Wire] = {}
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


def _wire(expr: Expr, parameters: set[Symbol]) -> _Wire | None:
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
    return _Wire(weights, bias, name or "identity") if weights else None


def _depths(graph: Graph) -> dict[Symbol, int]:
    """The column of each name: the longest path from the inputs and parameters."""
    depths = dict.fromkeys((*graph.inputs, *graph.parameters), 0)
    for stage in graph.stages:
        depths[stage.symbol] = 1 + max(
            (depths[argument] for argument in stage.arguments), default=-1
        )
    return depths


def _columns(
    depths: Mapping[Symbol, int], names: Iterable[Symbol]
) -> list[list[Symbol]]:
    columns: list[list[Symbol]] = [[] for _ in range(max(depths.values()) + 1)]
    for name in names:
        columns[depths[name]].append(name)
    return columns


# Networks


def _network_picture(
    graph: Graph,
    wires: Mapping[Symbol, _Wire],
    chosen: tuple[Symbol, ...],
    live: set[Symbol],
) -> Picture:
    names = (*graph.inputs, *(stage.symbol for stage in graph.stages))
    columns = _columns(_depths(graph), names)
    tallest = max(len(column) for column in columns)
    height = _HEAD + (tallest - 1) * _ROW + _FOOT
    places: dict[Symbol, tuple[float, float]] = {}
    x = _MARGIN + NODE_RADIUS
    gaps = [_gap(column, wires, right) for column, right in _neighbours(columns)]
    for column, gap in zip(columns, [*gaps, 0.0], strict=True):
        top = _HEAD + (tallest - len(column)) * _ROW / 2
        for row, name in enumerate(column):
            places[name] = (x, top + row * _ROW)
        x += gap
    nodes = [_neuron(graph, name, wires, places[name], live) for name in names]
    edges: list[Edge] = []
    for column, right in _neighbours(columns):
        edges += _layer_edges(column, right, wires, places, chosen, live)
    return Picture(
        _title(graph, "network", chosen),
        _describe_network(graph, columns, chosen, live),
        x + NODE_RADIUS + _TAIL,
        height,
        tuple(nodes),
        tuple(edges),
        chosen,
        tuple(_captions(columns, wires, places)),
    )


def _neighbours(columns: list[list[Symbol]]) -> list[tuple[list[Symbol], list[Symbol]]]:
    return list(pairwise(columns))


def label_width(name: Symbol) -> float:
    """The room a label takes, generously: subscripts are set in small type."""
    base, _, index = name.name.partition("_")
    return 10.0 * len(base) + 7.0 * len(index) + 8


def _gap(
    column: Sequence[Symbol], wires: Mapping[Symbol, _Wire], right: Sequence[Symbol]
) -> float:
    """The distance to the next layer: one strip of labels for each source."""
    strip = _strip(wires, right)
    inner = (len(column) - 1) * strip
    beside = NODE_RADIUS + strip / 2 + 4
    return max(190.0, inner + 2 * beside, (inner + beside) / (1 - _FIRST_SHARE))


def _strip(wires: Mapping[Symbol, _Wire], right: Sequence[Symbol]) -> float:
    weights = [w for target in right for w in wires[target].weights.values()]
    return max(label_width(weight) for weight in weights)


def _neuron(
    graph: Graph,
    name: Symbol,
    wires: Mapping[Symbol, _Wire],
    place: tuple[float, float],
    live: set[Symbol],
) -> Node:
    bias = wires[name].bias if name in wires else None
    caption = wires[name].activation if name in wires else ""
    return Node(
        name,
        _kind(graph, name),
        *place,
        on_path=name in live,
        label=graph.labels.get(name),
        bias=bias,
        caption=caption,
    )


def _kind(graph: Graph, name: Symbol) -> str:
    if name in graph.outputs:
        return "output"
    if name in graph.stage_of:
        return "stage"
    return "parameter" if name in graph.parameters else "input"


def _layer_edges(
    column: Sequence[Symbol],
    right: Sequence[Symbol],
    wires: Mapping[Symbol, _Wire],
    places: Mapping[Symbol, tuple[float, float]],
    chosen: Sequence[Symbol],
    live: set[Symbol],
) -> list[Edge]:
    """The edges between two layers; the labels of one source share one strip."""
    strip = _strip(wires, right)
    shares = _shares(column, right, wires, places, strip)
    edges = []
    for target in right:
        for source, weight in wires[target].weights.items():
            (x0, y0), (x1, y1) = places[source], places[target]
            share = shares[source]
            edges.append(
                Edge(
                    source,
                    target,
                    weight,
                    target in live and (source in live or weight in chosen),
                    x0 + share * (x1 - x0),
                    y0 + share * (y1 - y0),
                )
            )
    return edges


def _shares(
    column: Sequence[Symbol],
    right: Sequence[Symbol],
    wires: Mapping[Symbol, _Wire],
    places: Mapping[Symbol, tuple[float, float]],
    strip: float,
) -> dict[Symbol, float]:
    """How far along its edges each source has its labels, lying on few other edges."""
    gap = places[right[0]][0] - places[column[0]][0]
    beside = (NODE_RADIUS + strip / 2 + 4) / gap
    first, last = max(_FIRST_SHARE, beside), 1 - beside
    apart = (last - first) / max(len(column) - 1, 1)
    if apart * gap > 2 * strip:
        apart = 2 * strip / gap
        first = max(first, 0.5 - apart * (len(column) - 1) / 2)
    strips = [first + k * apart for k in range(len(column))]
    edges = [(s, t) for t in right for s in wires[t].weights]
    orders = permutations(strips) if len(column) <= 4 else [tuple(strips)]

    def crossings(order: Sequence[float]) -> int:
        share = dict(zip(column, order, strict=True))
        count = 0
        for source, target in edges:
            y = _height_at(places, source, target, share[source])
            for other in edges:
                if other != (source, target):
                    distance = abs(_height_at(places, *other, share[source]) - y)
                    count += distance < 0.8 * _LABEL_HEIGHT
        return count

    return dict(zip(column, min(orders, key=crossings), strict=True))


def _height_at(
    places: Mapping[Symbol, tuple[float, float]],
    source: Symbol,
    target: Symbol,
    share: float,
) -> float:
    return places[source][1] + share * (places[target][1] - places[source][1])


def _captions(
    columns: Sequence[Sequence[Symbol]],
    wires: Mapping[Symbol, _Wire],
    places: Mapping[Symbol, tuple[float, float]],
) -> list[tuple[float, str]]:
    found = []
    for depth, column in enumerate(columns):
        if depth == 0:
            text = "inputs"
        else:
            text = ", ".join(dict.fromkeys(wires[name].activation for name in column))
        found.append((places[column[0]][0], text))
    return found


def _title(graph: Graph, what: str, chosen: Sequence[Symbol]) -> str:
    outputs = _listed(graph.shown(output) for output in graph.outputs)
    if not chosen:
        return f"The {what} of {outputs}"
    return f"The {what} of {outputs}, with the paths from {_listed(chosen)}"


def _describe_network(
    graph: Graph,
    columns: Sequence[Sequence[Symbol]],
    chosen: Sequence[Symbol],
    live: set[Symbol],
) -> str:
    sizes = "-".join(str(len(column)) for column in columns)
    text = f"A {sizes} network, drawn from the inputs on the left to the right."
    return text + _describe_paths(graph, chosen, live)


def _describe_paths(graph: Graph, chosen: Sequence[Symbol], live: set[Symbol]) -> str:
    if not chosen:
        return ""
    through = [stage.symbol for stage in graph.stages if stage.symbol in live]
    if not through:
        return f" No path leads from {_listed(chosen)} to an output."
    names = [graph.shown(name) for name in through]
    shown = _listed(names[:12]) + (", …" if len(names) > 12 else "")
    return f" Marked: the paths from {_listed(chosen)}, through {shown}."


def _listed(names: Iterable[Symbol]) -> str:
    return ", ".join(name.name for name in names)


# Any other graph


def _box_picture(
    graph: Graph, chosen: tuple[Symbol, ...], live: set[Symbol]
) -> Picture:
    depths = _depths(graph)
    for leaf in (*graph.inputs, *graph.parameters):
        depths[leaf] = min((depths[user] for user in graph.users(leaf)), default=1) - 1
    names = [n for n in depths if n in graph.stage_of or graph.users(n) or n in live]
    routes = _routes(graph, depths)
    columns = _ordered(_slots(depths, names, routes), routes)
    tallest = max(len(column) for column in columns)
    places: dict[_Slot, tuple[float, float]] = {}
    x = _MARGIN
    for column in columns:
        width = max(_box_width(slot) for slot in column)
        top = _MARGIN + (tallest - len(column)) * _BOX_ROW / 2 + BOX_HEIGHT / 2
        for row, slot in enumerate(column):
            places[slot] = (x + width / 2, top + row * _BOX_ROW)
        x += width + _BOX_GAP
    nodes = [
        Node(
            name,
            _kind(graph, name),
            *places[name],
            on_path=name in live,
            label=graph.labels.get(name),
            width=_box_width(name),
            caption=_operation(graph, name),
        )
        for name in names
    ]
    edges = [
        Edge(
            source,
            target,
            on_path=source in live and target in live,
            via=tuple(places[turn] for turn in turns),
        )
        for (source, target), turns in routes.items()
    ]
    return Picture(
        _title(graph, "stages", chosen),
        f"{len(graph.stages)} stages, each to the right of what it is made of."
        + _describe_paths(graph, chosen, live),
        x - _BOX_GAP + _TAIL,
        2 * _MARGIN + (tallest - 1) * _BOX_ROW + BOX_HEIGHT,
        tuple(nodes),
        tuple(edges),
        chosen,
    )


_Slot: TypeAlias = Symbol | tuple[Symbol, Symbol, int]
"""A place in a column: a name, or the turn of an edge that passes the column."""

_Routes: TypeAlias = dict[tuple[Symbol, Symbol], list[tuple[Symbol, Symbol, int]]]


def _routes(graph: Graph, depths: Mapping[Symbol, int]) -> _Routes:
    """The turns of every edge, one in each column between its two ends."""
    routes: _Routes = {}
    count = 0
    for stage in graph.stages:
        target = stage.symbol
        for source in graph.parents(target):
            between = range(depths[source] + 1, depths[target])
            count += len(between)
            turns = between if count <= MAX_TURNS else range(0)
            routes[source, target] = [(source, target, depth) for depth in turns]
    return routes


def _slots(
    depths: Mapping[Symbol, int], names: Sequence[Symbol], routes: _Routes
) -> list[list[_Slot]]:
    columns: list[list[_Slot]] = [[] for _ in range(max(depths.values()) + 1)]
    for name in names:
        columns[depths[name]].append(name)
    for turns in routes.values():
        for turn in turns:
            columns[turn[2]].append(turn)
    return [column for column in columns if column]


def _ordered(columns: list[list[_Slot]], routes: _Routes) -> list[list[_Slot]]:
    """Sort each column by the mean place of its neighbours, to and fro."""
    left: dict[_Slot, list[_Slot]] = {}
    right: dict[_Slot, list[_Slot]] = {}
    for (source, target), turns in routes.items():
        chain: list[_Slot] = [source, *turns, target]
        for a, b in pairwise(chain):
            right.setdefault(a, []).append(b)
            left.setdefault(b, []).append(a)
    for beside, order in ((left, 1), (right, -1), (left, 1), (right, -1)):
        rank: dict[_Slot, float] = {}
        for column in columns[::order]:
            column.sort(key=_means(column, beside, rank).__getitem__)
            rank.update(_ranks(column))
    return columns


def _ranks(column: Sequence[_Slot]) -> dict[_Slot, float]:
    middle = (len(column) - 1) / 2
    return {slot: place - middle for place, slot in enumerate(column)}


def _means(
    column: Sequence[_Slot],
    beside: Mapping[_Slot, Sequence[_Slot]],
    rank: Mapping[_Slot, float],
) -> dict[_Slot, float]:
    """The mean rank of each slot's neighbours; its own where it has none."""
    means = _ranks(column)
    for slot in column:
        known = [rank[s] for s in beside.get(slot, ()) if s in rank]
        if known:
            means[slot] = sum(known) / len(known)
    return means


def _box_width(slot: _Slot) -> float:
    return label_width(slot) + 28 if isinstance(slot, Symbol) else 0.0


def _operation(graph: Graph, name: Symbol) -> str:
    """One word on what a stage does with its arguments."""
    if name not in graph.stage_of:
        return ""
    expr = graph.stage_of[name].expr
    known = function_name(expr)
    words = {Add: "sum", Mul: "product", Pow: "power"}
    return known or words.get(type(expr), "")
