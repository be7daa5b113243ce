"""Where the nodes, edges and labels of a picture go: Graph -> Picture.

The one rule kept here: a layout is data, in pixels, and depends on the graph alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Symbol

from symgrad.derivation import Picture
from symgrad.errors import ArgumentTypeError, BoundError, short
from symgrad.graph import Graph
from symgrad.layout.boxes import box_picture
from symgrad.layout.neurons import network_picture, wires_of
from symgrad.layout.scene import make_scene

MAX_PICTURE_NODES = 400
MAX_PICTURE_EDGES = 2_000


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
    if isinstance(wrt, str | Symbol):
        wrt = [wrt]
    if wrt is not None and not isinstance(wrt, Iterable):
        raise ArgumentTypeError(
            f"wrt is {short(wrt)}; expected a name, a Symbol or a list of them"
        )
    names = [] if wrt is None else list(wrt)
    chosen = tuple(graph.symbol(name) for name in names)
    _check_size(graph)
    scene = make_scene(graph, chosen)
    wires = wires_of(graph)
    return box_picture(scene) if wires is None else network_picture(scene, wires)


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
