"""Pictures of graphs for users: any source -> laid out -> written.

The one rule kept here: where things stand is decided in layout, what they look like
in pictures.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Symbol

from symgrad.formulas import formula
from symgrad.graph import as_graph
from symgrad.layout import picture_of
from symgrad.pictures.svg import picture_svg


def draw(source: Any, wrt: str | Symbol | Iterable[str | Symbol] | None = None) -> str:
    """Draw a graph as an SVG picture, the paths from ``wrt`` to the outputs marked.

    >>> draw("tanh(w*x + b)", "w").startswith("<svg xmlns=")
    True

    ``source`` is a Graph, a Gradient (``wrt`` is then optional: what a single-variable
    gradient is taken by) or whatever ``formula`` takes.

    Raises ``UnknownNameError`` for a name that the graph does not have, and
    ``BoundError`` for a graph too large to be read as a picture.
    """
    graph = as_graph(source)
    if graph is None:
        graph = formula(source)
    elif wrt is None and graph is not source:
        variables = tuple(getattr(source, "wrt", ()))
        wrt = variables if len(variables) == 1 else None
    return picture_svg(picture_of(graph, wrt))
