"""Pictures as SVG: one self-contained file, text as text, no script, no reference.

The one rule kept here: every node, edge and bias says by its class and ``data-``
attributes what it stands for, so that a page can light it up. ``data-of`` and
``data-by`` are the two names of a local derivative, ``data-weight`` that of an edge.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from html import escape
from itertools import pairwise

from sympy import Symbol

from symgrad.derivation import Edge, Node, Picture
from symgrad.layout.scene import NODE_RADIUS, figure, name_parts, text_width
from symgrad.pictures.marks import (
    FACTORS,
    FILL,
    GROUND,
    INK,
    QUIET,
    Figures,
    factor_place,
)

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def picture_svg(picture: Picture) -> str:
    """Write a laid-out picture as SVG.

    >>> print(picture_svg(Picture("Nothing", "An empty picture.", 20, 10, (), ())))
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10" width="20" height="10" \
role="img" aria-label="Nothing" font-family="serif" font-size="17" \
style="max-width:100%;height:auto">
    <title>Nothing</title>
    <desc>An empty picture.</desc>
    <rect class="ground" width="20" height="10" rx="6" fill="#ffffff"/>
    </svg>
    <BLANKLINE>
    """
    size = f"{_number(picture.width)} {_number(picture.height)}"
    title = _text(picture.title)
    figures = Figures(dict(picture.values), dict(picture.adjoints))
    nodes = {node.name: node for node in picture.nodes}
    edges = sorted(picture.edges, key=lambda edge: edge.on_path)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" '
        f'width="{_number(picture.width)}" height="{_number(picture.height)}" '
        f'role="img" aria-label="{title}" font-family="serif" font-size="17" '
        'style="max-width:100%;height:auto">',
        f"<title>{title}</title>",
        f"<desc>{_text(picture.description)}</desc>",
        f'<rect class="ground" width="{_number(picture.width)}" '
        f'height="{_number(picture.height)}" rx="6" fill="{GROUND}"/>',
        *(_edge(edge, nodes[edge.source], nodes[edge.target]) for edge in edges),
        *(line for node in picture.nodes for line in _node(node, picture, figures)),
        *(line for e in picture.edges for line in _edge_label(e, picture, figures)),
        *(
            _words(words, x, picture.height - 12, 13, QUIET, "caption")
            for x, words in picture.captions
        ),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _edge(edge: Edge, source: Node, target: Node) -> str:
    """An arrow between two nodes: straight in a network, level at boxes."""
    if source.width:
        start = (source.x + source.width / 2, source.y)
        end = (target.x - target.width / 2, target.y + edge.port)
        arrow = _arrow([start, *edge.via, end], 0.0, edge.factor)
        return _group("edge", arrow, edge.factor, **_edge_data(edge))
    angle = math.atan2(target.y - source.y, target.x - source.x)
    dx, dy = math.cos(angle) * NODE_RADIUS, math.sin(angle) * NODE_RADIUS
    ends = [(source.x + dx, source.y + dy), (target.x - dx, target.y - dy)]
    arrow = _arrow(ends, angle, edge.factor)
    return _group("edge", arrow, edge.factor, **_edge_data(edge))


def _edge_data(edge: Edge) -> dict[str, Symbol | None]:
    weight = None if edge.label == edge.source else edge.label
    return {"of": edge.target, "by": edge.source, "weight": weight}


def _group(kind: str, inside: str, factor: int = 0, **data: Symbol | None) -> str:
    """A part of the picture with its names, and the class of its factor."""
    mark = f" factor-{factor_place(factor) + 1}" if factor else ""
    names = "".join(
        f' data-{key}="{_text(name.name)}"' for key, name in data.items() if name
    )
    return f'<g class="{kind}{mark}"{names}>{inside}</g>'


def _arrow(points: list[tuple[float, float]], angle: float, factor: int = 0) -> str:
    """A line that arrives in a triangle, at ``angle`` to the right."""
    colour, width, length, dash = QUIET, "1.1", 9.0, ""
    if factor:
        colour, dashes = FACTORS[factor_place(factor)]
        width, length = "3.2", 14.0
        if dashes:
            dash = f' stroke-dasharray="{" ".join(map(str, dashes))}"'
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
        f'<path class="line" d="{way}" fill="none" stroke="{colour}" '
        f'stroke-width="{width}"{dash}/>'
        f'<path class="tip" d="M{triangle}Z" fill="{colour}"/>'
    )


def _node(node: Node, picture: Picture, figures: Figures) -> Iterator[str]:
    """The shape of a node, its name, and what stands beside it."""
    if node.kind == "ellipsis":
        yield _group("ellipsis", _words(node.text, node.x, node.y + 10, 30))
        return
    inside = _shape(node)
    chosen = node.name in picture.chosen
    if node.text:
        inside += _words(
            node.text, node.x, node.y + 5, 22 if len(node.text) == 1 else 14
        )
    elif node.width and node.caption:
        inside += _name(node.name, node.x, node.y - 2, chosen)
        inside += _words(node.caption, node.x, node.y + 15, 11, QUIET, "caption")
    else:
        inside += _name(node.name, node.x, node.y + 5, chosen)
    if node.kind == "output":
        right = node.x + (node.width / 2 or NODE_RADIUS)
        inside += _arrow([(right, node.y), (right + 26, node.y)], 0.0)
        label = node.label or (node.name if node.text else None)
        if label is not None:
            inside += _name(label, right + 31, node.y + 5, anchor="start")
    below = node.y + (node.height / 2 or NODE_RADIUS)
    for k, (kind, line) in enumerate(figures.at(node.name)):
        inside += _words(line, node.x, below + 15 + 15 * k, 12, INK, kind)
    path = " on-path" if node.on_path else ""
    yield _group(f"node {node.kind}{path}", inside, name=node.name)
    if node.bias is not None:
        yield _bias(node, node.bias, picture, figures)


def _shape(node: Node) -> str:
    width, fill = ("2.6", FILL) if node.on_path else ("1.3", GROUND)
    style = f'class="shape" fill="{fill}" stroke="{INK}" stroke-width="{width}"'
    if not node.width:
        return (
            f'<circle cx="{_number(node.x)}" cy="{_number(node.y)}" '
            f'r="{_number(NODE_RADIUS)}" {style}/>'
        )
    left, top = node.x - node.width / 2, node.y - node.height / 2
    return (
        f'<rect x="{_number(left)}" y="{_number(top)}" rx="{_corner(node)}" '
        f'width="{_number(node.width)}" height="{_number(node.height)}" {style}/>'
    )


def _corner(node: Node) -> str:
    """Boxes of stages are square, those of inputs and parameters round."""
    return "4" if node.kind in ("stage", "output") else _number(node.height / 2)


def _bias(node: Node, bias: Symbol, picture: Picture, figures: Figures) -> str:
    """The arrow of a bias into its neuron, the name above it."""
    top = node.y - NODE_RADIUS
    inside = _arrow([(node.x, top - 18), (node.x, top)], math.pi / 2, node.factor)
    lines = figures.at(bias)
    height = top - 24 - 15 * (len(lines) > 1)
    chosen = bias in picture.chosen
    value = "".join(f" {line}" for _, line in lines[:1])
    inside += _name(bias, node.x, height, chosen, node.factor, value=value)
    for kind, line in lines[1:]:
        inside += _words(line, node.x, height + 17, 12, INK, kind)
    return _group("bias", inside, node.factor, of=node.name, by=bias)


def _edge_label(edge: Edge, picture: Picture, figures: Figures) -> Iterator[str]:
    """The name of an edge, on a white ground that interrupts the line."""
    lines: list[tuple[str, str]] = []
    if edge.label is not None:
        base, index = name_parts(edge.label.name)
        width = 10.0 * len(base) + 6.0 * len(index) - 3.0 * index.count(",") + 3
        lines = figures.on(edge)
        value = "".join(f" {line}" for _, line in lines[:1])
        adjoint = "".join(line for _, line in lines[1:])
        width = max(width + text_width(value), text_width(adjoint))
    elif edge.adjoint is not None:
        width = text_width(figure(edge.adjoint)) + 4
    else:
        return
    height = 36 if len(lines) > 1 else 20 if edge.label is not None else 16
    left, top = edge.label_x - width / 2, edge.label_y - height / 2
    inside = (
        f'<rect class="ground" x="{_number(left)}" y="{_number(top)}" '
        f'width="{_number(width)}" height="{height}" fill="{GROUND}"/>'
    )
    if edge.label is None:
        written = figure(edge.adjoint or 0.0)
        inside += _words(written, edge.label_x, edge.label_y + 4, 12, INK, "adjoint")
        yield _group("flow", inside, edge.factor, **_edge_data(edge))
        return
    chosen = edge.label in picture.chosen
    inside += _name(
        edge.label, edge.label_x, top + 15, chosen, edge.factor, value=value
    )
    for kind, line in lines[1:]:
        inside += _words(line, edge.label_x, top + 32, 12, INK, kind)
    yield _group("weight", inside, edge.factor, **_edge_data(edge))


def _words(
    words: str,
    x: float,
    y: float,
    size: int,
    colour: str = INK,
    kind: str = "sign",
) -> str:
    return (
        f'<text class="{kind}" x="{_number(x)}" y="{_number(y)}" '
        f'text-anchor="middle" font-size="{size}" font-family="sans-serif" '
        f'fill="{colour}">{_text(words)}</text>'
    )


def _name(
    name: Symbol,
    x: float,
    y: float,
    chosen: bool = False,
    factor: int = 0,
    anchor: str = "middle",
    value: str = "",
) -> str:
    """A name: italic letter, hat on top, indices below the line; then its value."""
    base, index = name_parts(name.name)
    colour = FACTORS[factor_place(factor)][0] if factor else INK
    bold = ' font-weight="bold"' if chosen else ""
    small = (
        f'<tspan font-size="12" font-style="normal" dy="4">{_text(index)}</tspan>'
        if index
        else ""
    )
    if value:
        up = ' dy="-4"' if index else ""
        small += (
            f'<tspan class="value" font-size="12" font-style="normal" '
            f'font-weight="normal" font-family="sans-serif" fill="{INK}"{up}>'
            f"{_text(value)}</tspan>"
        )
    return (
        f'<text class="name" x="{_number(x)}" y="{_number(y)}" '
        f'text-anchor="{anchor}" font-style="italic"{bold} fill="{colour}">'
        f"{_text(base)}{small}</text>"
    )


def _text(words: str) -> str:
    """Escape for XML; characters that XML cannot hold become a question mark."""
    return escape(_NOT_XML.sub("\ufffd", words))


def _number(value: float) -> str:
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def _point(x: float, y: float) -> str:
    return f"{_number(x)},{_number(y)}"
