"""Any graph as boxes in columns, each to the right of what it is made of.

The one rule kept here: an edge that passes a column has a place of its own there, so
that it does not run through a box (Sugiyama, Tagawa, Toda 1981).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    describe_paths,
    kind_of,
    label_width,
    title_of,
)
from symgrad.symbols import Abstract
from symgrad.user_functions import UserCall

MAX_TURNS = 4_000
_WORDS = {Add: "sum", Mul: "product", Pow: "power", Piecewise: "cases"}
_WORDS[DefiniteIntegral] = "integral"
_SIGNS = {"Σ": "sum", "Π": "product"}
_BOX_ROW, _BOX_GAP = 62.0, 64.0

_Slot: TypeAlias = Symbol | tuple[Symbol, Symbol, int]
"""A place in a column: a name, or the turn of an edge that passes the column."""

_Routes: TypeAlias = dict[tuple[Symbol, Symbol], list[tuple[Symbol, Symbol, int]]]


def box_picture(scene: Scene) -> Picture:
    """Lay out the stages of a graph as boxes."""
    graph, live = scene.graph, scene.live
    depths = depths_of(graph)
    for leaf in (*graph.inputs, *graph.parameters):
        depths[leaf] = min((depths[user] for user in graph.users(leaf)), default=1) - 1
    names = [n for n in depths if n in graph.stage_of or graph.users(n) or n in live]
    routes = _routes(graph, depths)
    columns = _ordered(_slots(depths, names, routes), routes)
    places, width = _places(graph, columns)
    return Picture(
        title_of(scene, "stages"),
        _told(len(graph.stages)) + describe_paths(scene),
        width + TAIL,
        max(y for _, y in places.values()) + BOX_HEIGHT / 2 + MARGIN,
        tuple(_box(scene, name, places[name]) for name in names),
        tuple(
            Edge(
                source,
                target,
                on_path=source in live and target in live,
                via=tuple(places[turn] for turn in turns),
                factor=scene.factors.get((target, source), 0),
            )
            for (source, target), turns in routes.items()
        ),
        scene.chosen,
    )


def _told(count: int) -> str:
    several = "1 stage," if count == 1 else f"{count} stages, each"
    return f"{several} to the right of what it is made of."


def _places(
    graph: Graph,
    columns: Sequence[Sequence[_Slot]],
) -> tuple[dict[_Slot, tuple[float, float]], float]:
    """The middle of every slot, and the right end of the last column."""
    tallest = max(len(column) for column in columns)
    places: dict[_Slot, tuple[float, float]] = {}
    x = MARGIN
    for column in columns:
        width = max(_box_width(graph, slot) for slot in column)
        top = MARGIN + (tallest - len(column)) * _BOX_ROW / 2 + BOX_HEIGHT / 2
        for row, slot in enumerate(column):
            places[slot] = (x + width / 2, top + row * _BOX_ROW)
        x += width + _BOX_GAP
    return places, x - _BOX_GAP


def _box(scene: Scene, name: Symbol, place: tuple[float, float]) -> Node:
    return Node(
        name,
        kind_of(scene.graph, name),
        *place,
        on_path=name in scene.live,
        label=scene.graph.labels.get(name),
        width=_box_width(scene.graph, name),
        caption=_operation(scene.graph, name),
    )


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


def _box_width(graph: Graph, slot: _Slot) -> float:
    """The room for the name and the word under it; turns take none."""
    if not isinstance(slot, Symbol):
        return 0.0
    caption = 6.5 * len(_operation(graph, slot))
    return max(label_width(slot) + 16, caption) + 16


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
