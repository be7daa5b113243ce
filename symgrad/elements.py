"""One datum of many as a variable: x_k, where the sums of a graph run over x_i.

The one rule kept here: x_k is a name of its own. Each x_i in a sum becomes a choice,
x_k where i is k and the datum x_i elsewhere, so that no rule needs to know more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sympy import Expr, Integer, Symbol, Tuple

from symgrad.decimals import EVALUATED
from symgrad.errors import FormulaError, short
from symgrad.graph import Graph, Stage
from symgrad.indexed import Chosen, Element, Reduction, data_and_counts
from symgrad.substitution import bottom_up, is_same
from symgrad.symbols import symbol, symbols_of

_BRACKETS = re.compile(r"_?[\[{]([^\[\]{}]*)[\]}]")


def with_elements(graph: Graph, wrt: Any) -> tuple[Graph, Any]:
    """Make the data among ``wrt`` inputs of the graph, where it has such data.

    Gives the graph, and ``wrt`` with such data in one spelling: ``x[3]`` is ``x_3``.
    Raises ``FormulaError`` where the index of one is the index of a sum, or a name.
    """
    names = [wrt] if isinstance(wrt, str | Symbol) else wrt
    before = graph
    if not isinstance(names, list | tuple) or not names:
        return graph, wrt
    spelled: list[Any] = []
    for name in names:
        text = name.name if isinstance(name, Symbol) else name
        if isinstance(text, str) and text not in graph.names:
            text = _BRACKETS.sub(_joined, text)
            if text not in graph.names:
                graph = _with_element(graph, text, before)
            name = text if text in graph.names else name
        spelled.append(name)
    return graph, spelled[0] if isinstance(wrt, str | Symbol) else type(names)(spelled)


def _joined(found: re.Match[str]) -> str:
    return "_" + "_".join(found.group(1).replace(" ", "").split(","))


def _with_element(graph: Graph, name: str, before: Graph) -> Graph:
    data = _dimensions(graph)
    parts = name.split("_")
    cut = next(
        (k for k in range(len(parts) - 1, 0, -1) if "_".join(parts[:k]) in data), 0
    )
    if not cut:
        return graph
    base_name, places = "_".join(parts[:cut]), parts[cut:]
    base, count = data[base_name]
    if len(places) == 1 and len(places[0]) == count > 1 and places[0].isalpha():
        places = [*places[0]]  # W_kl
    if len(places) != count:
        raise FormulaError(
            f"{short(name)} is to be one of the data {base_name}, which have {count} "
            f"{'index' if count == 1 else 'indices'}; differentiate by "
            f"{_example(base_name, count, graph)}, or by a name without index"
        )
    found = [_place(place, before) for place in places]
    if any(place is None for place in found):
        wrong = places[found.index(None)]
        raise FormulaError(
            f"{short(name)} is to be one of the data {base_name}_1, {base_name}_2, …, "
            f"but {short(wrong)} is no place, an index or a name of the formula; take "
            f"another letter, such as {_example(base_name, count, graph)}"
        )
    for each in (e for s in graph.stages for e in s.expr.atoms(Chosen)):
        if each.base == base:
            raise FormulaError(
                f"{short(name)} and {short(each.element.name)} may be one and the same "
                "of the data; differentiate by one of them, then by the other"
            )
    element = symbol(name)
    stages = [
        Stage(
            s.symbol, _chosen(s.expr, base, element, [p for p in found if p]), s.label
        )
        for s in graph.stages
    ]
    new = dict.fromkeys(
        s for s in symbols_of(Tuple(*found)) if s not in graph.names.values()
    )
    inputs = (*graph.inputs, *new, element)
    return replace(graph, stages=tuple(stages), inputs=inputs)


def _dimensions(graph: Graph) -> dict[str, tuple[Symbol, int]]:
    """The data of a graph: name -> its symbol, and how many indices it has."""
    return {
        each.base.name: (each.base, len(each.indices))
        for stage in graph.stages
        for each in stage.expr.atoms(Element, Chosen)
    }


def _place(text: str, graph: Graph) -> Expr | None:
    """A place as a number or a name; None for an index, or a name of other use."""
    if text.isdecimal():
        return Integer(text)
    if not text.isalpha() or text in _indices(graph):
        return None
    known = graph.names.get(text)
    if known is not None and known not in _whole(graph):
        return None
    return symbol(text) if known is None else known


def _whole(graph: Graph) -> set[Symbol]:
    """The names that stand in bounds and in places: whole numbers."""
    found = data_and_counts([stage.expr for stage in graph.stages])[1]
    for stage in graph.stages:
        for each in stage.expr.atoms(Element, Chosen):
            found.update(symbols_of(Tuple(*each.indices)))
    return found


def _example(base: str, count: int, graph: Graph) -> str:
    taken = {*graph.names, *_indices(graph)}
    free = [letter for letter in "kmpqrstuvwxyz" if letter not in taken][:count]
    return f"{base}_{free[0]}" if count == 1 else f"{base}_{{{','.join(free)}}}"


def _indices(graph: Graph) -> set[str]:
    found: set[str] = set()
    todo: list[Any] = [stage.expr for stage in graph.stages]
    while todo:
        node = todo.pop()
        if isinstance(node, Reduction):
            found.add(node.index.name)
        todo.extend(node.args)
    return found


def _chosen(expr: Any, base: Symbol, element: Symbol, places: Sequence[Expr]) -> Any:
    """Put the choice in the place of every datum of ``base``."""

    def make(node: Any, parts: list[Any]) -> Any:
        if isinstance(node, Element) and node.base == base:
            return Chosen(base, *node.indices, element, *places)
        if is_same(node, parts):
            return node
        held = {"evaluate": False} if isinstance(node, EVALUATED) else {}
        return node.func(*parts, **held)  # held: 0·d_i and d_i/d_i still have d_i

    return bottom_up(expr, make)
