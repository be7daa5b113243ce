"""Where the nodes, edges and labels of a picture go: Graph -> Picture.

The one rule kept here: a layout is data, in pixels, and depends on the graph and the
numbers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sympy import Symbol

from symgrad.derivation import Picture
from symgrad.errors import (
    ArgumentTypeError,
    BoundError,
    GraphError,
    check_name,
    short,
)
from symgrad.graph import Graph
from symgrad.layout.boxes import box_picture
from symgrad.layout.neurons import network_picture, wires_of
from symgrad.layout.operations import operation_graph
from symgrad.layout.scene import Numbers, make_scene
from symgrad.layout.schematic import CAPTIONS, neuron_graph

KINDS = ("auto", "neuron", "network", "stages", "operations")
MAX_PICTURE_NODES = 400
MAX_PICTURE_EDGES = 2_000


def picture_of(
    graph: Graph,
    wrt: Iterable[str | Symbol] | str | None = None,
    kind: str = "auto",
    *,
    numbers_of: Callable[[Graph], Numbers] | None = None,
    captions_of: Callable[[Graph], Mapping[Symbol, str]] | None = None,
) -> Picture:
    """Lay out a graph, the paths from ``wrt`` to the outputs marked.

    >>> from symgrad.networks import network
    >>> picture = picture_of(network([2, 2, 1]), "w_111")
    >>> [(edge.label, edge.on_path) for edge in picture.edges][:3]
    [(w_111, True), (w_121, False), (w_211, False)]

    ``kind`` is one of ``KINDS``; "auto" draws a network as one, anything else by its
    stages. ``numbers_of`` gives the numbers of what is drawn, ``captions_of`` the words
    in its boxes.

    Raises ``UnknownNameError`` for a name or kind that is not known, ``GraphError`` for
    a kind that the graph is not, and ``BoundError`` over ``MAX_PICTURE_NODES`` nodes or
    ``MAX_PICTURE_EDGES`` edges.
    """
    check_name("kind", kind, KINDS)
    chosen = _chosen(graph, wrt)
    wires, captions = None, tuple[str, ...]()
    if kind == "neuron":
        graph, wires = neuron_graph(graph, chosen)
        captions = CAPTIONS
        chosen = tuple(name for name in chosen if name in graph.positions)
    elif kind == "operations":
        _check_size(graph, kind)
        graph = operation_graph(graph)
    elif kind != "stages":
        wires = wires_of(graph)
    if kind == "network" and wires is None:
        raise GraphError(
            "the graph is no network in layers; draw kind 'stages' or 'operations'"
        )
    if wires is None:
        _check_size(graph, kind)
    words = captions_of(graph) if captions_of and wires is None else None
    numbers = numbers_of(graph) if numbers_of else None
    scene = make_scene(graph, chosen, words, numbers)
    if wires is None:
        return box_picture(scene, "operations" if kind == "operations" else "stages")
    return network_picture(scene, wires, captions)


def _chosen(
    graph: Graph, wrt: Iterable[str | Symbol] | str | None
) -> tuple[Symbol, ...]:
    if isinstance(wrt, str | Symbol):
        wrt = [wrt]
    if wrt is not None and not isinstance(wrt, Iterable):
        raise ArgumentTypeError(
            f"wrt is {short(wrt)}; expected a name, a Symbol or a list of them"
        )
    return tuple(graph.symbol(name) for name in (() if wrt is None else wrt))


def _check_size(graph: Graph, kind: str) -> None:
    nodes = len(graph.stages) + len(graph.inputs) + len(graph.parameters)
    edges = sum(len(stage.arguments) for stage in graph.stages)
    way_out = "draw a smaller graph of the same shape"
    if kind == "operations":
        way_out = "draw kind 'stages', or " + way_out.removeprefix("draw ")
    for count, bound, what, name in (
        (nodes, MAX_PICTURE_NODES, "nodes", "MAX_PICTURE_NODES"),
        (edges, MAX_PICTURE_EDGES, "edges", "MAX_PICTURE_EDGES"),
    ):
        if count > bound:
            raise BoundError(
                f"a picture with {count:,} {what} could not be read (the bound {name} "
                f"is {bound:,}); {way_out}"
            )
