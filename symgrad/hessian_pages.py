"""The page of a Hessian: the gradient, then each second derivative said once.

The one rule kept here: a derivative above the diagonal is derived, the one below it is
named its equal, and the check recomputes both.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Symbol

from symgrad.bodies import Body, Part
from symgrad.derivation import Line, Section, Step, Text
from symgrad.gradient import Gradient
from symgrad.graph import Graph, Stage
from symgrad.higher import MAX_STAGE_NODES
from symgrad.method_pages import order_sections
from symgrad.page import Page
from symgrad.page_parts import MAX_COLUMNS, matrix_section
from symgrad.symbols import Partial, Total
from symgrad.tidying import tidy

_SYMMETRIC: Text = (
    "mixed derivatives are equal where they are continuous: the theorem of Schwarz "
    "and Clairaut",
)


def hessian_body(
    gradient: Gradient, look: tuple[str, str, str], before: Sequence[Section]
) -> Body | None:
    """The gradient's page (``before``), then the second derivatives and their matrix.

    None where there are too many for a page of their own.
    """
    first = gradient.before
    names = gradient.wrt
    if first is None or len(names) > MAX_COLUMNS:
        return None
    if any(first.expanded_size(name, MAX_STAGE_NODES) is None for name in names):
        return None
    edges = ((s.symbol, by) for s in first.graph.stages for by in s.arguments)
    said = {Partial(of, by) for of, by in edges}  # all of them stand in ``before``
    parts = [Part((*before, *_shortened(first)), first.graph)]
    found: dict[tuple[Symbol, Symbol], Expr] = {}
    for place, name in enumerate(names):
        for by in names[place:]:
            page = Page(_again(first, [name], by), *look, said=said)
            if not page.is_short(Total(first.outputs[0], name)):
                return None
            parts.append(Part(order_sections(page), page.gradient.graph))
            found[name, by] = found[by, name] = page.gradient[by]
    parts.append(_matrix_part(first, found))
    title: Text = ("The Hessian of ", first.graph.shown(first.outputs[0]))
    return Body(title, tuple(parts), gradient.graph)


def _shortened(first: Gradient) -> tuple[Section, ...]:
    """The first derivatives as they are differentiated again, where that is new."""
    steps = []
    for name in first.wrt:
        shorter = tidy(first[name])
        if shorter != first.factored(name):
            total = Total(first.outputs[0], name)
            steps.append(Step("collect like terms", total, (Line(shorter),)))
    title: Text = ("The first derivatives, to be differentiated again",)
    return (Section(title, (), tuple(steps)),) if steps else ()


def _again(first: Gradient, names: Sequence[Symbol], by: Symbol) -> Gradient:
    """The derivatives by ``names``, in the stages' names, differentiated again."""
    before, output = first.graph, first.outputs[0]
    own = tuple(Stage(Total(output, name), tidy(first[name])) for name in names)
    symbols = tuple(stage.symbol for stage in own)
    stages = (*before.stages, *own)
    graph = Graph(stages, symbols, before.inputs, before.parameters)
    return Gradient(graph, symbols, (by,), first.mode, (), first)


def _matrix_part(first: Gradient, found: dict[tuple[Symbol, Symbol], Expr]) -> Part:
    """What is symmetric, and all second derivatives with their rows and columns."""
    output, names = first.outputs[0], first.wrt
    totals = [Total(output, name) for name in names]
    steps = tuple(
        Step("symmetry", Total(totals[j], names[i]), (Line(Total(totals[i], by)),))
        for i in range(len(names))
        for j, by in enumerate(names)
        if i < j
    )
    rows = [[found[row, by] for by in names] for row in names]
    matrix = matrix_section("Hessian", totals, names, rows)
    text = (_SYMMETRIC,) if steps else ()
    symmetric = Section(("Mixed derivatives",), text, steps)
    graph = _again(first, names, names[0]).graph
    return Part((symmetric, matrix) if steps else (matrix,), graph)
