"""A graph as a tree of text, to be printed: every stage under those that use it.

The one rule kept here: a stage is written out once; where it is used again stands its
name alone.
"""

from __future__ import annotations

from sympy import Symbol

from symgrad.graph import Graph
from symgrad.renderers.notation import layout, notation_of
from symgrad.renderers.plain import plain

MAX_TREE_LINES = 200
"""After so many lines the rest is only counted."""
MAX_TREE_DEPTH = 20
_WIDTH = 100


def render_tree(graph: Graph) -> str:
    """Write a graph as a tree, its outputs at the left.

    >>> from symgrad.formulas import formula
    >>> print(render_tree(formula("y = sin(u)*u; u = x^2 + 1")))
    y = u sin(u)
    └─ u = x² + 1
    """
    notation = notation_of(graph)
    lines: list[str] = []
    seen: set[Symbol] = set()
    todo = [(output, "", "", 0) for output in reversed(graph.outputs)]
    while todo and len(lines) < MAX_TREE_LINES:
        name, start, rest, depth = todo.pop()
        if not depth and name in seen:
            continue
        stage = graph.stage_of.get(name)
        shown = graph.shown(name).name
        if stage is None or name in seen:
            lines.append(f"{start}{shown}" + (" (see above)" if stage else ""))
            continue
        seen.add(name)
        own = "" if shown == name.name else f"{name.name} = "
        lines.append(
            _cut(f"{start}{shown} = {own}{plain(layout(stage.expr, notation))}")
        )
        stages = [p for p in graph.parents(name) if p in graph.stage_of]
        if stages and depth == MAX_TREE_DEPTH:
            lines.append(f"{rest}└─ …")
            continue
        for place, parent in enumerate(stages):
            fork, line = ("└─ ", "   ") if not place else ("├─ ", "│  ")
            todo.append((parent, rest + fork, rest + line, depth + 1))
    left = sum(stage.symbol not in seen for stage in graph.stages)
    if left:
        lines.append(f"… and {left:,} more stages")
    return "\n".join(lines)


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
