"""Pictures as SVG: one self-contained file, text as text, no script, no reference.

The one rule kept here: what a picture says by colour it also says by width, so that
it reads in black and white. Where things stand is decided in layout.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import pairwise
from typing import Any

from sympy import Symbol

from symgrad.derivation import Edge, Node, Picture
from symgrad.formulas import formula
from symgrad.graph import as_graph
from symgrad.layout import picture_of
from symgrad.layout.scene import BOX_HEIGHT, NODE_RADIUS, name_parts

__all__ = ["draw", "picture_of", "picture_svg"]

_INK, _QUIET, _PATH, _PATH_FILL = "#1f2328", "#6e7781", "#b3261e", "#fdecea"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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


def picture_svg(picture: Picture) -> str:
    """Write a laid-out picture as SVG.

    >>> print(picture_svg(Picture("Nothing", "An empty picture.", 20, 10, (), ())))
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10" width="20" height="10" \
role="img" aria-label="Nothing" font-family="serif" font-size="17" \
style="max-width:100%;height:auto">
    <title>Nothing</title>
    <desc>An empty picture.</desc>
    <rect width="20" height="10" rx="6" fill="#fff"/>
    </svg>
    <BLANKLINE>
    """
    size = f"{_number(picture.width)} {_number(picture.height)}"
    title = _text(picture.title)
    nodes = {node.name: node for node in picture.nodes}
    edges = sorted(picture.edges, key=lambda edge: edge.on_path)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" '
        f'width="{_number(picture.width)}" height="{_number(picture.height)}" '
        f'role="img" aria-label="{title}" font-family="serif" font-size="17" '
        'style="max-width:100%;height:auto">',
        f"<title>{title}</title>",
        f"<desc>{_text(picture.description)}</desc>",
        f'<rect width="{_number(picture.width)}" height="{_number(picture.height)}" '
        'rx="6" fill="#fff"/>',
        *(_edge(edge, nodes[edge.source], nodes[edge.target]) for edge in edges),
        *(line for node in picture.nodes for line in _node(node, picture)),
        *(line for edge in picture.edges for line in _edge_label(edge, picture)),
        *(
            f'<text x="{_number(x)}" y="{_number(picture.height - 12)}" '
            'text-anchor="middle" font-size="13" font-family="sans-serif" '
            f'fill="{_QUIET}">{_text(words)}</text>'
            for x, words in picture.captions
        ),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _edge(edge: Edge, source: Node, target: Node) -> str:
    """An arrow between two nodes: straight in a network, level at boxes."""
    if source.width:
        start = (source.x + source.width / 2, source.y)
        end = (target.x - target.width / 2, target.y)
        return _arrow([start, *edge.via, end], 0.0, edge.on_path)
    angle = math.atan2(target.y - source.y, target.x - source.x)
    dx, dy = math.cos(angle) * NODE_RADIUS, math.sin(angle) * NODE_RADIUS
    ends = [(source.x + dx, source.y + dy), (target.x - dx, target.y - dy)]
    return _arrow(ends, angle, edge.on_path)


def _arrow(
    points: list[tuple[float, float]], angle: float, on_path: bool = False
) -> str:
    """A line that arrives in a triangle, at ``angle`` to the right."""
    colour, width, length = (_PATH, "3.2", 14.0) if on_path else (_QUIET, "1.1", 9.0)
    tip_x, tip_y = points[-1]
    cos, sin = math.cos(angle), math.sin(angle)
    back = (tip_x - length * cos, tip_y - length * sin)
    half = 0.36 * length
    corners = (
        (tip_x, tip_y),
        (back[0] + half * sin, back[1] - half * cos),
        (back[0] - half * sin, back[1] + half * cos),
    )
    way = "M" + _point(*points[0])
    if angle:
        way += "L" + _point(*back)
    else:
        for (x0, y0), (x1, y1) in pairwise([*points[:-1], back]):
            middle = (x0 + x1) / 2
            way += f"C{_point(middle, y0)} {_point(middle, y1)} {_point(x1, y1)}"
    triangle = "L".join(_point(*corner) for corner in corners)
    return (
        f'<path d="{way}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
        f'<path d="M{triangle}Z" fill="{colour}"/>'
    )


def _node(node: Node, picture: Picture) -> Iterator[str]:
    """The shape of a node, its name, and what stands beside it."""
    colour, width = (_PATH, "3.2") if node.on_path else (_INK, "1.3")
    fill = _PATH_FILL if node.on_path else "#fff"
    style = f'fill="{fill}" stroke="{colour}" stroke-width="{width}"'
    if node.width:
        left, top = node.x - node.width / 2, node.y - BOX_HEIGHT / 2
        yield (
            f'<rect x="{_number(left)}" y="{_number(top)}" rx="{_corner(node)}" '
            f'width="{_number(node.width)}" height="{_number(BOX_HEIGHT)}" {style}/>'
        )
    else:
        yield (
            f'<circle cx="{_number(node.x)}" cy="{_number(node.y)}" '
            f'r="{_number(NODE_RADIUS)}" {style}/>'
        )
    chosen = node.name in picture.chosen
    if node.width and node.caption:
        yield _name(node.name, node.x, node.y - 2, chosen)
        yield (
            f'<text x="{_number(node.x)}" y="{_number(node.y + 15)}" '
            'text-anchor="middle" font-size="11" font-family="sans-serif" '
            f'fill="{_QUIET}">{_text(node.caption)}</text>'
        )
    else:
        yield _name(node.name, node.x, node.y + 5, chosen)
    if node.bias is not None:
        live = node.bias in picture.chosen
        top = node.y - NODE_RADIUS
        yield _arrow([(node.x, top - 18), (node.x, top)], math.pi / 2, live)
        yield _name(node.bias, node.x, top - 24, live)
    if node.kind == "output":
        right = node.x + (node.width / 2 or NODE_RADIUS)
        yield _arrow([(right, node.y), (right + 26, node.y)], 0.0, node.on_path)
        if node.label is not None:
            yield _name(node.label, right + 31, node.y + 5, False, "start")


def _corner(node: Node) -> str:
    """Boxes of stages are square, those of inputs and parameters round."""
    return "4" if node.kind in ("stage", "output") else _number(BOX_HEIGHT / 2)


def _edge_label(edge: Edge, picture: Picture) -> Iterator[str]:
    """The name of an edge, on a white ground that interrupts the line."""
    if edge.label is None:
        return
    base, index = name_parts(edge.label.name)
    commas = index.count(",")
    width = 10.0 * len(base) + 6.0 * len(index) - 3.0 * commas + 3
    left, top = edge.label_x - width / 2, edge.label_y - 10
    yield (
        f'<rect x="{_number(left)}" y="{_number(top)}" width="{_number(width)}" '
        'height="20" fill="#fff"/>'
    )
    chosen = edge.label in picture.chosen
    yield _name(edge.label, edge.label_x, edge.label_y + 5, chosen)


def _name(
    name: Symbol, x: float, y: float, chosen: bool, anchor: str = "middle"
) -> str:
    """A name: italic letter, hat on top, indices below the line."""
    base, index = name_parts(name.name)
    emphasis = f' font-weight="bold" fill="{_PATH}"' if chosen else f' fill="{_INK}"'
    small = (
        f'<tspan font-size="12" font-style="normal" dy="4">{_text(index)}</tspan>'
        if index
        else ""
    )
    return (
        f'<text x="{_number(x)}" y="{_number(y)}" text-anchor="{anchor}" '
        f'font-style="italic"{emphasis}>{_text(base)}{small}</text>'
    )


def _text(words: str) -> str:
    """Escape for XML; characters that XML cannot hold become a question mark."""
    return escape(_NOT_XML.sub("\ufffd", words))


def _number(value: float) -> str:
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def _point(x: float, y: float) -> str:
    return f"{_number(x)},{_number(y)}"
