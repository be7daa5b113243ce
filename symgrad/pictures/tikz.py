"""Pictures as TikZ, for papers: ``\\input`` it where ``\\usepackage{tikz}`` was said.

The one rule kept here: nothing but TikZ itself is needed, no library of it, and what is
written is ASCII, so that every LaTeX reads it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from sympy import Symbol

from symgrad.derivation import Edge, Node, Picture
from symgrad.layout.scene import NODE_RADIUS, figure
from symgrad.pictures.marks import (
    FACTORS,
    FILL,
    GROUND,
    INK,
    QUIET,
    Figures,
    factor_place,
)
from symgrad.renderers.names import read_name
from symgrad.renderers.tex_names import name_tex
from symgrad.renderers.tex_words import escape

_RAISED = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "01234567890123456789-")
_SCRIPTS = re.compile("([₀-₉]+)|([⁰¹²³⁴-⁹⁻]+)")
_SIGNS = {"⋮": r"$\vdots$", "Σ": r"$\Sigma$"}


def picture_tikz(picture: Picture) -> str:
    r"""Write a laid-out picture as a ``tikzpicture``.

    >>> print(picture_tikz(Picture("Nothing", "An empty picture.", 20, 10, (), ())))
    % Nothing
    % An empty picture.
    % needs \usepackage{tikz}
    \begin{tikzpicture}[x=0.75bp,y=-0.75bp,every node/.style={inner sep=1bp}]
    \end{tikzpicture}
    <BLANKLINE>
    """
    nodes = {node.name: node for node in picture.nodes}
    figures = Figures(dict(picture.values), dict(picture.adjoints))
    edges = sorted(picture.edges, key=lambda edge: edge.on_path)
    lines = [
        *(f"% {_comment(text)}" for text in (picture.title, picture.description)),
        r"% needs \usepackage{tikz}",
        r"\begin{tikzpicture}[x=0.75bp,y=-0.75bp,every node/.style={inner sep=1bp}]",
        *(line for e in edges for line in _edge(e, nodes[e.source], nodes[e.target])),
        *(line for node in picture.nodes for line in _node(node, picture, figures)),
        *(line for e in picture.edges for line in _label(e, picture, figures)),
        *(
            _text(x, picture.height - 16, rf"\footnotesize\textsf{{{escape(words)}}}")
            for x, words in picture.captions
        ),
        r"\end{tikzpicture}",
    ]
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    return escape(text).replace("\n", " ")


def _edge(edge: Edge, source: Node, target: Node) -> Iterator[str]:
    if source.width:
        start = (source.x + source.width / 2, source.y)
        end = (target.x - target.width / 2, target.y + edge.port)
        yield from _arrow([start, *edge.via, end], 0.0, edge.factor)
        return
    angle = math.atan2(target.y - source.y, target.x - source.x)
    dx, dy = math.cos(angle) * NODE_RADIUS, math.sin(angle) * NODE_RADIUS
    ends = [(source.x + dx, source.y + dy), (target.x - dx, target.y - dy)]
    yield from _arrow(ends, angle, edge.factor)


def _arrow(
    points: Sequence[tuple[float, float]], angle: float, factor: int = 0
) -> Iterator[str]:
    """A line that arrives in a triangle, at ``angle`` to the right."""
    colour, width, length, dash = QUIET, 0.8, 9.0, ""
    if factor:
        colour, dashes = FACTORS[factor_place(factor)]
        width, length = 2.4, 14.0
        parts = zip(("on", "off") * 4, dashes, strict=False)
        dash = " ".join(f"{word} {0.75 * size:g}bp" for word, size in parts)
        dash = f",dash pattern={dash}" if dash else ""
    tip_x, tip_y = points[-1]
    cos, sin = math.cos(angle), math.sin(angle)
    back = (tip_x - length * cos, tip_y - length * sin)
    half = 0.36 * length
    way = _point(*points[0])
    if angle:
        way += f" -- {_point(*back)}"
    else:
        for (x0, y0), (x1, y1) in pairwise([*points[:-1], back]):
            middle = (x0 + x1) / 2
            turn = f"{_point(middle, y0)} and {_point(middle, y1)}"
            way += f" .. controls {turn} .. {_point(x1, y1)}"
    yield rf"\draw[draw={_rgb(colour)},line width={width}bp{dash}] {way};"
    corners = (
        (tip_x, tip_y),
        (back[0] + half * sin, back[1] - half * cos),
        (back[0] - half * sin, back[1] + half * cos),
    )
    tip = " -- ".join(_point(*corner) for corner in corners)
    yield rf"\fill[fill={_rgb(colour)}] {tip} -- cycle;"


def _node(node: Node, picture: Picture, figures: Figures) -> Iterator[str]:
    if node.kind == "ellipsis":
        yield _text(node.x, node.y, _SIGNS.get(node.text, escape(node.text)))
        return
    yield _shape(node)
    chosen = node.name in picture.chosen
    if node.text:
        sign = _SIGNS.get(node.text, rf"\small\textsf{{{escape(node.text)}}}")
        yield _text(node.x, node.y, sign)
    elif node.width and node.caption:
        words = rf"\scriptsize\textsf{{{_scripts(node.caption)}}}"
        yield _text(node.x, node.y - 7, _name(node.name, chosen))
        yield _text(node.x, node.y + 11, words)
    else:
        yield _text(node.x, node.y, _name(node.name, chosen))
    if node.kind == "output":
        right = node.x + (node.width / 2 or NODE_RADIUS)
        yield from _arrow([(right, node.y), (right + 26, node.y)], 0.0)
        label = node.label or (node.name if node.text else None)
        if label is not None:
            yield _text(right + 29, node.y, _name(label), ",anchor=west")
    below = node.y + (node.height / 2 or NODE_RADIUS)
    for k, (_, line) in enumerate(figures.at(node.name)):
        yield _text(node.x, below + 10 + 15 * k, _small(line))
    if node.bias is not None:
        top = node.y - NODE_RADIUS
        ends = [(node.x, top - 18), (node.x, top)]
        yield from _arrow(ends, math.pi / 2, node.factor)
        chosen = node.bias in picture.chosen
        lines = _lines(node.bias, chosen, figures.at(node.bias), node.factor)
        for k, line in enumerate(reversed(lines)):
            yield _text(node.x, top - 27 - 16 * k, line)


def _shape(node: Node) -> str:
    width, fill = (2.0, FILL) if node.on_path else (1.0, GROUND)
    style = f"draw={_rgb(INK)},fill={_rgb(fill)},line width={width}bp"
    if not node.width:
        centre = _point(node.x, node.y)
        return rf"\draw[{style}] {centre} circle[radius={0.75 * NODE_RADIUS:g}bp];"
    is_stage = node.kind in ("stage", "output")
    corners = 3.0 if is_stage else 0.37 * node.height
    left, top = node.x - node.width / 2, node.y - node.height / 2
    end = _point(left + node.width, top + node.height)
    rounded = f"rounded corners={corners:g}bp"
    return rf"\draw[{style},{rounded}] {_point(left, top)} rectangle {end};"


def _label(edge: Edge, picture: Picture, figures: Figures) -> Iterator[str]:
    """The name of an edge and its numbers, on a white ground."""
    ground = f",fill={_rgb(GROUND)}"
    if edge.label is not None:
        chosen = edge.label in picture.chosen
        lines = r"\\".join(_lines(edge.label, chosen, figures.on(edge), edge.factor))
        yield _text(edge.label_x, edge.label_y, lines, ground)
    elif edge.adjoint is not None:
        written = _small(figure(edge.adjoint))
        yield _text(edge.label_x, edge.label_y, written, ground)


def _lines(
    name: Symbol, chosen: bool, figures: list[tuple[str, str]], factor: int
) -> list[str]:
    """A name with its value, and its adjoint as a line of its own."""
    colour = FACTORS[factor_place(factor)][0] if factor else ""
    shown = _name(name, chosen, colour)
    value, *adjoint = [_small(line) for _, line in figures] or [""]
    return [f"{shown} {value}".strip(), *adjoint]


def _name(name: Symbol, chosen: bool = False, colour: str = "") -> str:
    written = name_tex(read_name(name.name))
    written = rf"\mbox{{\boldmath${written}$}}" if chosen else f"${written}$"
    if not colour:
        return written
    parts = ",".join(map(str, _parts(colour)))
    return rf"\textcolor[RGB]{{{parts}}}{{{written}}}"


def _small(words: str) -> str:
    return rf"\footnotesize\textsf{{{_scripts(words)}}}"


def _scripts(words: str) -> str:
    """Words with small figures in ASCII: u₁² is u$_{1}$$^{2}$."""
    found = ""
    for part in _SCRIPTS.split(words):
        if part and _SCRIPTS.fullmatch(part):
            sign = "_" if part[0] in "₀₁₂₃₄₅₆₇₈₉" else "^"
            found += f"${sign}{{{part.translate(_RAISED)}}}$"
        elif part:
            found += escape(part)
    return found


def _text(x: float, y: float, words: str, style: str = "") -> str:
    return rf"\node[align=center{style}] at {_point(x, y)} {{{words}}};"


def _rgb(colour: str) -> str:
    red, green, blue = _parts(colour)
    return f"{{rgb,255:red,{red};green,{green};blue,{blue}}}"


def _parts(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return red, green, blue


def _point(x: float, y: float) -> str:
    return f"({round(x, 1) + 0.0:g},{round(y, 1) + 0.0:g})"
