"""One datum of many as a variable: x_k, where the sums of a graph run over x_i.

The one rule kept here: x_k is a name of its own. Each x_i in a sum becomes a choice,
x_k where i is k and the datum x_i elsewhere, so that no rule needs to know more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sympy import Symbol

from symgrad.errors import FormulaError, short
from symgrad.graph import Graph, Stage
from symgrad.indexed import Chosen, Element, Reduction, data_and_counts
from symgrad.symbols import symbol


def with_elements(graph: Graph, wrt: Any) -> Graph:
    """Make the data among ``wrt`` inputs of the graph, where it has such data.

    Raises ``FormulaError`` where the index of one is the index of a sum, or a name.
    """
    names = [wrt] if isinstance(wrt, str | Symbol) else wrt or ()
    before = graph.names
    if not isinstance(names, list | tuple):
        return graph
    for name in names:
        text = name.name if isinstance(name, Symbol) else name
        if isinstance(text, str) and text not in graph.names:
            graph = _with_element(graph, text, before)
    return graph


def _with_element(graph: Graph, name: str, taken: Mapping[str, Symbol]) -> Graph:
    base_name, _, index = name.rpartition("_")
    base = graph.names.get(base_name)
    if base not in data_and_counts([stage.expr for stage in graph.stages])[0]:
        return graph
    if not index.isalpha() or index in taken or index in _indices(graph):
        raise FormulaError(
            f"{short(name)} is to be one of the data {base_name}_1, {base_name}_2, …, "
            f"but {short(index)} is a number, an index or a name of the formula; take "
            f"another letter, such as {base_name}_{_free_letter(graph)}"
        )
    for each in (e for s in graph.stages for e in s.expr.atoms(Element)):
        if each.base == base and len(each.indices) > 1:
            raise FormulaError(
                f"{short(name)} is to be one of the data {base_name}, which have "
                f"{len(each.indices)} indices; differentiate by a name without index"
            )
    place, element = symbol(index), symbol(name)
    stages = [
        Stage(s.symbol, _chosen(s.expr, base, element, place), s.label)
        for s in graph.stages
    ]
    inputs = (*graph.inputs, *(() if place in graph.inputs else (place,)), element)
    return Graph(tuple(stages), graph.outputs, inputs, graph.parameters)


def _indices(graph: Graph) -> set[str]:
    found: set[str] = set()
    todo: list[Any] = [stage.expr for stage in graph.stages]
    while todo:
        node = todo.pop()
        if isinstance(node, Reduction):
            found.add(node.index.name)
        todo.extend(node.args)
    return found


def _free_letter(graph: Graph) -> str:
    taken = {*graph.names, *_indices(graph)}
    return next(letter for letter in "kmpqrstuvwxyz" if letter not in taken)


def _chosen(expr: Any, base: Symbol | None, element: Symbol, place: Symbol) -> Any:
    """Put the choice in the place of every datum of ``base``."""
    done: list[Any] = []
    todo: list[tuple[Any, bool]] = [(expr, False)]
    while todo:
        node, ready = todo.pop()
        if ready:
            count = len(node.args)
            parts: Sequence[Any] = done[len(done) - count :]
            del done[len(done) - count :]
            done.append(_rebuilt(node, parts))
        elif isinstance(node, Element) and node.base == base:
            done.append(Chosen(node.base, node.index, element, place))
        elif not node.args or not node.has(Element):
            done.append(node)
        else:
            todo.append((node, True))
            todo.extend((arg, False) for arg in reversed(node.args))
    return done[0]


def _rebuilt(node: Any, parts: Sequence[Any]) -> Any:
    same = all(a is b for a, b in zip(parts, node.args, strict=True))
    if same:
        return node
    plain = isinstance(node, Reduction) or not (node.is_Function or node.is_Add)
    return node.func(*parts) if plain else node.func(*parts, evaluate=False)
