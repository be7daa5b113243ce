"""Any graph as boxes in columns, each to the right of what it is made of.

The one rule kept here: an edge that passes a column has a place of its own there, so
that it does not run through a box (Sugiyama, Tagawa, Toda 1981).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

from sympy import Add, Expr, Mul, Piecewise, Pow, Symbol

from symgrad.derivation import Edge, Node, Picture
from symgrad.functions import function_name, known_as
from symgrad.graph import Graph
from symgrad.indexed import Reduction
from symgrad.integrals import DefiniteIntegral
from symgrad.layout.scene import (
    BOX_HEIGHT,
    MARGIN,
    TAIL,
    Scene,
    depths_of,
    describe_numbers,
    describe_paths,
    figure,
    figure_lines,
    kind_of,
    label_width,
    text_width,
    title_of,
)
from symgrad.symbols import Abstract
from symgrad.user_functions import UserCall

MAX_TURNS = 4_000
_WORDS = {Add: "sum", Mul: "product", Pow: "power", Piecewise: "cases"}
_WORDS[DefiniteIntegral] = "integral"
_SIGNS = {"Σ": "sum", "Π": "product"}
_BOX_ROW, _BOX_GAP, _PORT, _TIP = 62.0, 64.0, 17.0, 16.0

_Slot: TypeAlias = Symbol | tuple[Symbol, Symbol, int]
"""A place in a column: a name, or the turn of an edge that passes the column."""

_Routes: TypeAlias = dict[tuple[Symbol, Symbol], list[tuple[Symbol, Symbol, int]]]


def box_picture(scene: Scene, what: str = "stages") -> Picture:
    """Lay out the stages of a graph as boxes."""
    graph, live = scene.graph, scene.live
    depths = depths_of(graph)
    for leaf in (*graph.inputs, *graph.parameters):
        depths[leaf] = min((depths[user] for user in graph.users(leaf)), default=1) - 1
    names = [n for n in depths if n in graph.stage_of or graph.users(n) or n in live]
    routes = _routes(graph, depths)
    columns = _ordered(_slots(depths, names, routes), routes)
    places, width = _places(scene, columns)
    boxes = {name: _box(scene, name, places[name]) for name in names}
    foot = max(box.y + box.height / 2 for box in boxes.values()) + _figures_room(scene)
    picture = Picture(
        title_of(scene, what),
        _told(len(graph.stages), what)
        + describe_paths(scene)
        + describe_numbers(scene),
        width + TAIL,
        foot + MARGIN,
        tuple(boxes.values()),
        tuple(_edges(scene, boxes, routes, places)),
        scene.chosen,
    )
    return scene.with_figures(picture)


def _edges(
    scene: Scene,
    boxes: Mapping[Symbol, Node],
    routes: _Routes,
    places: Mapping[_Slot, tuple[float, float]],
) -> Iterator[Edge]:
    """The edges; where they bear numbers, each ends at a place of its own."""
    ports = _ports(scene, boxes, routes, places)
    for (source, target), turns in routes.items():
        port = ports.get((source, target), 0.0)
        via = tuple(places[turn] for turn in turns)
        flow = scene.numbers.flow(target, source) if scene.numbers else None
        left = boxes[target].x - boxes[target].width / 2 - _TIP
        room = _flow_width(flow)
        if flow is not None:
            via = (*via, (left - room - 8, boxes[target].y + port))
        yield Edge(
            source,
            target,
            on_path=source in scene.live and target in scene.live,
            via=via,
            factor=scene.factors.get((target, source), 0),
            label_x=left - room / 2,
            label_y=boxes[target].y + port,
            port=port,
            adjoint=flow,
        )


def _ports(
    scene: Scene,
    boxes: Mapping[Symbol, Node],
    routes: _Routes,
    places: Mapping[_Slot, tuple[float, float]],
) -> dict[tuple[Symbol, Symbol], float]:
    """How far below a box's middle each edge ends: a label's height apart."""
    if scene.numbers is None:
        return {}
    arriving: dict[Symbol, list[tuple[float, Symbol]]] = {}
    for (source, target), turns in routes.items():
        height = places[turns[-1] if turns else source][1]
        arriving.setdefault(target, []).append((height, source))
    ports: dict[tuple[Symbol, Symbol], float] = {}
    for target, ends in arriving.items():
        ends.sort(key=lambda end: end[0])
        for place, (_, source) in enumerate(ends):
            ports[source, target] = (place - (len(ends) - 1) / 2) * _PORT
    return ports


def _told(count: int, what: str) -> str:
    several = f"1 {what[:-1]}," if count == 1 else f"{count} {what}, each"
    return f"{several} to the right of what it is made of."


def _places(
    scene: Scene,
    columns: Sequence[Sequence[_Slot]],
) -> tuple[dict[_Slot, tuple[float, float]], float]:
    """The middle of every slot, and the right end of the last column."""
    tallest = max(len(column) for column in columns)
    names = [slot for column in columns for slot in column if isinstance(slot, Symbol)]
    highest = max(_box_height(scene, name) for name in names)
    row_height = max(_BOX_ROW, highest + 18 + _figures_room(scene))
    places: dict[_Slot, tuple[float, float]] = {}
    x = MARGIN
    for column in columns:
        width = max(_box_width(scene, slot) for slot in column)
        if x > MARGIN:
            x += max(_flows_room(scene, slot) for slot in column)
        top = MARGIN + (tallest - len(column)) * row_height / 2 + highest / 2
        for row, slot in enumerate(column):
            places[slot] = (x + width / 2, top + row * row_height)
        x += width + _BOX_GAP
    return places, x - _BOX_GAP


def _flow_width(flow: float | None) -> float:
    return 0.0 if flow is None else text_width(figure(flow)) + 6


def _flows_room(scene: Scene, slot: _Slot) -> float:
    """The room left of a box for the numbers on the edges that arrive there."""
    if scene.numbers is None or not isinstance(slot, Symbol):
        return 0.0
    flows = [scene.numbers.flow(slot, by) for by in scene.graph.parents(slot)]
    return max(map(_flow_width, flows), default=0.0)


def _figures_room(scene: Scene) -> float:
    """The room under a box for its value and its adjoint."""
    return 0.0 if scene.numbers is None else 34.0


def _box_height(scene: Scene, name: Symbol) -> float:
    if scene.numbers is None:
        return BOX_HEIGHT
    return max(BOX_HEIGHT, _PORT * len(scene.graph.parents(name)) + 6)


def _box(scene: Scene, name: Symbol, place: tuple[float, float]) -> Node:
    return Node(
        name,
        kind_of(scene.graph, name),
        *place,
        on_path=name in scene.live,
        label=scene.graph.labels.get(name),
        width=_box_width(scene, name),
        caption=_caption(scene, name),
        height=_box_height(scene, name),
    )


def _caption(scene: Scene, name: Symbol) -> str:
    return scene.captions.get(name) or _operation(scene.graph, name)


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


def _box_width(scene: Scene, slot: _Slot) -> float:
    """The room for the name, the words under it and the numbers; turns take none."""
    if not isinstance(slot, Symbol):
        return 0.0
    caption = 6.5 * len(_caption(scene, slot))
    figures: tuple[str, ...] = ()
    if scene.numbers is not None:
        values, adjoints = scene.numbers.values, scene.numbers.adjoints
        figures = figure_lines(values.get(slot), adjoints.get(slot))
    widest = max((text_width(line) for line in figures), default=0.0)
    return max(label_width(slot) + 16, caption, widest) + 16


def _operation(graph: Graph, name: Symbol) -> str:
    """One word on what a stage does with its arguments."""
    if name not in graph.stage_of:
        return ""
    expr = graph.stage_of[name].expr
    known = function_name(expr)
    known = known and known_as(known).removeprefix("the ")
    if isinstance(expr, UserCall):
        known = expr.definition.name
    if isinstance(expr, Abstract):
        known = expr.letter
    if isinstance(expr, Reduction):
        known = f"{_SIGNS[expr.sign]} over {expr.index}"
    if isinstance(expr, Mul) and any(_is_below(factor) for factor in expr.args):
        known = "quotient"
    return known or _WORDS.get(type(expr), "")


def _is_below(factor: Expr) -> bool:
    return isinstance(factor, Pow) and bool(factor.exp.is_negative)
