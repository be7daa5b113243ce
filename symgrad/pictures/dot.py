"""Pictures as Graphviz source: the same nodes and edges, for its tools to lay out.

The one rule kept here: every node has its place as ``pos`` too, which ``neato -n``
takes; ``dot`` finds places of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from sympy import Symbol

from symgrad.derivation import Edge, Node, Picture
from symgrad.layout.scene import figure, name_parts
from symgrad.pictures.marks import FACTORS, FILL, GROUND, QUIET, Figures, factor_place

_STYLES = ("solid", "dashed", "dotted", "bold")


def picture_dot(picture: Picture) -> str:
    """Write a picture as a directed graph in Graphviz's language.

    >>> print(picture_dot(Picture("Nothing", "An empty picture.", 20, 10, (), ())))
    // An empty picture.
    digraph {
      graph [rankdir=LR, label="Nothing", fontname="sans-serif"];
      node [fontname="serif", style=filled, fillcolor="#ffffff"];
      edge [fontname="serif", color="#6e7781"];
    }
    <BLANKLINE>
    """
    figures = Figures(dict(picture.values), dict(picture.adjoints))
    told = " ".join(picture.description.split())
    lines = [
        f"// {told}",
        "digraph {",
        f'  graph [rankdir=LR, label={_quoted(picture.title)}, fontname="sans-serif"];',
        f'  node [fontname="serif", style=filled, fillcolor="{GROUND}"];',
        f'  edge [fontname="serif", color="{QUIET}"];',
        *(line for node in picture.nodes for line in _node(node, picture, figures)),
        *(_edge(edge, picture, figures) for edge in picture.edges),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _node(node: Node, picture: Picture, figures: Figures) -> Iterator[str]:
    own = _quoted(node.name.name)
    place = f'pos="{node.x:g},{picture.height - node.y:g}!"'
    if node.kind == "ellipsis":
        yield f'  {own} [label="{node.text}", shape=plaintext, {place}];'
        return
    lines = [escape(node.text) or _name(node.name, node.name in picture.chosen)]
    lines += [escape(node.caption)] if node.width and node.caption else []
    lines += [escape(line) for _, line in figures.at(node.name)]
    shape = "circle"
    if node.width:
        is_stage = node.kind in ("stage", "output")
        shape = "box" if is_stage else 'box, style="rounded,filled"'
    mark = f', penwidth=2.6, fillcolor="{FILL}"' if node.on_path else ""
    yield f"  {own} [label=<{'<BR/>'.join(lines)}>, shape={shape}{mark}, {place}];"
    if node.bias is not None:
        name = node.bias
        bias = _quoted(name.name)
        label = _lines(name, name in picture.chosen, figures.at(name))
        yield f"  {bias} [label=<{label}>, shape=plaintext];"
        yield f"  {bias} -> {own}{_style(node.factor)};"
    label_of = node.label or (node.name if node.text else None)
    if node.kind == "output" and label_of is not None:
        end = _quoted(f"{node.name.name} out")
        yield f"  {end} [label=<{_name(label_of)}>, shape=plaintext];"
        yield f"  {own} -> {end};"


def _edge(edge: Edge, picture: Picture, figures: Figures) -> str:
    label = ""
    if edge.label is not None:
        label = _lines(edge.label, edge.label in picture.chosen, figures.on(edge))
    elif edge.adjoint is not None:
        label = escape(figure(edge.adjoint))
    ends = f"{_quoted(edge.source.name)} -> {_quoted(edge.target.name)}"
    return f"  {ends}{_style(edge.factor, label)};"


def _style(factor: int, label: str = "") -> str:
    said = [f"label=<{label}>"] if label else []
    if factor:
        place = factor_place(factor)
        style = _STYLES[place % len(_STYLES)]
        said += [f'color="{FACTORS[place][0]}"', f"style={style}", "penwidth=3"]
    return f" [{', '.join(said)}]" if said else ""


def _lines(name: Symbol, chosen: bool, figures: list[tuple[str, str]]) -> str:
    lines = [escape(line) for _, line in figures]
    first = " ".join([_name(name, chosen), *lines[:1]])
    return "<BR/>".join([first, *lines[1:]])


def _name(name: Symbol, chosen: bool = False) -> str:
    base, index = name_parts(name.name)
    written = f"<I>{escape(base)}</I>"
    written += f"<SUB>{escape(index)}</SUB>" if index else ""
    return f"<B>{written}</B>" if chosen else written


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
