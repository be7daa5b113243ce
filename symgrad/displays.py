"""What a notebook shows of a graph, a gradient or a page, in every form it may ask for.

The one rule kept here: HTML needs nothing else, no widget and no script; LaTeX,
Markdown and text say the same where there is no HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symgrad.derivation import Derivation
from symgrad.drawing import draw
from symgrad.errors import BoundError, SymgradError
from symgrad.gradient import Gradient
from symgrad.graph import Graph
from symgrad.lengths import measure
from symgrad.renderers import render
from symgrad.renderers.mathml_core import math, with_tags
from symgrad.renderers.nodes import Layout, Relation, Word
from symgrad.renderers.notation import Notation, layout, notation_of
from symgrad.renderers.plain import plain
from symgrad.renderers.tex import tex
from symgrad.renderers.tree import render_tree
from symgrad.symbols import Total

MAX_ROWS = 30
"""Of more equalities the rest is counted."""
MAX_SHOWN = 1_000
"""A derivative of more nodes is not written out."""


def show_page(page: Derivation) -> dict[str, str]:
    """A derivation by MIME type."""
    formats = {"text/html": "html-fragment", "text/latex": "latex-fragment"}
    formats |= {"text/markdown": "markdown", "text/plain": "text"}
    return {kind: render(page, name) for kind, name in formats.items()}


def show_graph(graph: Graph) -> dict[str, str]:
    """A graph by MIME type: its picture and its stages."""
    try:
        picture = f"<div>{draw(graph)}</div>"
    except SymgradError:
        picture = ""  # too large to be read as a picture
    notation = notation_of(graph)
    rows = [
        (layout(graph.shown(s.symbol), notation), layout(s.expr, notation))
        for s in graph.stages[::-1][:MAX_ROWS]
    ]
    found = _rows(rows, len(graph.stages))
    found["text/html"] = picture + found["text/html"]
    return {**found, "text/plain": render_tree(graph)}


def show_gradient(gradient: Gradient) -> dict[str, str]:
    """A gradient by MIME type: each derivative in stage names."""
    notation = notation_of(gradient.graph)
    rows: list[tuple[Layout, Layout]] = []
    outputs = dict(zip(gradient.row_names, gradient.outputs, strict=False))
    for key in list(gradient)[:MAX_ROWS]:
        row, variable = key if gradient.row_names else (None, key)
        output = outputs[row] if row is not None else gradient.outputs[0]
        left = layout(Total(output, variable), notation)
        rows.append((left, _shown(gradient, key, notation)))
    return _rows(rows, len(gradient))


def _shown(gradient: Gradient, key: Any, notation: Notation) -> Layout:
    try:
        expr = gradient[key]
    except BoundError:
        return Word("…")
    return layout(expr, notation) if measure(expr)[0] <= MAX_SHOWN else Word("…")


def _rows(rows: Sequence[tuple[Layout, Layout]], count: int) -> dict[str, str]:
    more = [f"… and {count - len(rows):,} more"] if count > len(rows) else []
    whole = [Relation(row, "=") for row in rows]
    shown = [math(row, display=True) for row in whole]
    aligned = " \\\\\n".join(f"{tex(left)} &= {tex(right)}" for left, right in rows)
    html = "".join(f"<p>{row}</p>" for row in [*shown, *more])
    return {
        "text/html": with_tags(html, {}),
        "text/latex": f"\\begin{{align*}}\n{aligned}\n\\end{{align*}}",
        "text/plain": "\n".join([*map(plain, whole), *more]),
    }
