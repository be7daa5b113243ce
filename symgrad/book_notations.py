"""The parts of a network by the names of three books, instead of those of the notes.

The books write the weighted sum and the activation of a neuron as two quantities, so
here they are two stages. The one rule kept here: only the names change, by a table
that the page shows; a formula of the user's own keeps its names.

- ``nielsen``: a^l_j = σ(z^l_j), z^l_j = Σ_k w^l_jk a^(l−1)_k + b^l_j, inputs being
  layer 1 (M. Nielsen, Neural Networks and Deep Learning, chapter 2).
- ``bishop``: z^(l)_j = h(a^(l)_j), a^(l)_j = Σ_i w^(l)_ji z_i + w^(l)_j0, the bias
  being a weight with the index 0, outputs y_k (C. Bishop, Pattern Recognition and
  Machine Learning, section 5.1; the layer is written on all quantities, as there may be
  more than two).
- ``goodfellow``: h^(l)_j = f(a^(l)_j), a^(l) = b^(l) + W^(l) h^(l−1) (I. Goodfellow et
  al., Deep Learning, algorithm 6.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Add, Mul, Symbol

from symgrad.derivation import Section, Table, Text
from symgrad.errors import ArgumentValueError, short
from symgrad.functions import function_name
from symgrad.graph import Graph, Stage
from symgrad.page import MAX_ROWS
from symgrad.substitution import replace
from symgrad.symbols import name_of, symbol


@dataclass(frozen=True)
class Book:
    """How a book writes layers (from 1, the inputs being 0) and what stands in them."""

    layer: Callable[[int], str]
    weight: str
    bias: str
    total: str
    value: str
    output: str = ""


BOOKS: Mapping[str, Book] = {
    "nielsen": Book(lambda depth: str(depth + 1), "w", "b", "z", "a"),
    "bishop": Book(lambda depth: f"({depth})", "w", "w", "a", "z", "y"),
    "goodfellow": Book(lambda depth: f"({depth})", "W", "b", "a", "h", "y_hat"),
}
"""notation -> how its book names the parts of a network"""


@dataclass(frozen=True)
class Renamed:
    """A network in the names of a book; ``names`` maps the notes' names to those."""

    graph: Graph
    names: Mapping[Symbol, Symbol]

    def given(self, name: Any) -> Any:
        """The book's name of what was given by the notes' name."""
        found = {old.name: new for old, new in self.names.items()}.get(name_of(name))
        return name if found is None else found

    def section(self) -> Section:
        """The table of the names."""
        pairs = [(new, old) for old, new in self.names.items() if old != new]
        rows: tuple[tuple[Text, ...], ...] = tuple(
            ((new,), (old,)) for new, old in pairs[:MAX_ROWS]
        )
        left = len(pairs) - len(rows)
        text = ((f"{left:,} further rows are left out",),) if left else ()
        return Section(
            ("Names",), text, (), Table((("here",), ("in the notes",)), rows)
        )


def in_book(graph: Graph, notation: str) -> Renamed:
    """Write a network of layers in the names of a book.

    >>> from symgrad.networks import network
    >>> for stage in in_book(network([2, 1]), "nielsen").graph.stages:
    ...     print(stage.symbol, "=", stage.expr)
    z^2_1 = b^2_1 + w^2_11*x_1 + w^2_12*x_2
    a^2_1 = tanh(z^2_1)

    Raises ``ArgumentValueError`` for a graph that is no network of layers.
    """
    book = BOOKS[notation]
    names: dict[Symbol, Symbol] = {x: x for x in graph.inputs}
    stages: list[Stage] = []
    before: Sequence[Symbol] = graph.inputs
    for depth, layer in enumerate(_layers(graph, notation), 1):
        for unit, stage in enumerate(layer, 1):
            label = _label(book, graph, stage)
            stages += _neuron(book, (depth, unit), stage, before, names, label)
        before = [stage.symbol for stage in layer]
    outputs = tuple(names[output] for output in graph.outputs)
    parameters = tuple(names[old] for old in graph.parameters)
    return Renamed(Graph(tuple(stages), outputs, graph.inputs, parameters), names)


def _neuron(
    book: Book,
    place: tuple[int, int],
    stage: Stage,
    before: Sequence[Symbol],
    names: dict[Symbol, Symbol],
    label: str | None,
) -> tuple[Stage, Stage]:
    """The weighted sum of a neuron, and its activation; their names are noted."""
    depth, unit = place
    up = book.layer(depth)
    named = function_name(stage.expr)
    argument = stage.expr if named is None else stage.expr.args[0]
    for term in Add.make_args(argument):
        known = [before.index(f) for f in Mul.make_args(term) if f in before]
        own = next(f for f in Mul.make_args(term) if f not in before)
        if known:
            names[own] = symbol(_indexed(book.weight, up, unit, known[0] + 1))
        elif book.bias == book.weight:
            names[own] = symbol(_indexed(book.bias, up, unit, 0))
        else:
            names[own] = symbol(f"{book.bias}^{up}_{unit}")
    total = symbol(f"{book.total}^{up}_{unit}")
    names[stage.symbol] = symbol(f"{book.value}^{up}_{unit}")
    value = total if named is None else stage.expr.func(total, evaluate=False)
    first = Stage(total, replace(argument, names))
    return first, Stage(names[stage.symbol], value, label)


def _indexed(letter: str, up: str, unit: int, place: int) -> str:
    """w^2_11, and w^2_10_2 where an index has two digits."""
    apart = "_" if max(unit, place) > 9 else ""
    return f"{letter}^{up}_{unit}{apart}{place}"


def _label(book: Book, graph: Graph, stage: Stage) -> str | None:
    if stage.symbol not in graph.outputs or not book.output:
        return None
    if len(graph.outputs) == 1:
        return book.output
    return f"{book.output}_{graph.outputs.index(stage.symbol) + 1}"


def _layers(graph: Graph, notation: str) -> list[list[Stage]]:
    """The stages by layers, each a function of a weighted sum of the layer before."""
    depths = dict.fromkeys(graph.inputs, 0)
    layers: list[list[Stage]] = []
    for stage in graph.stages:
        below = {depths[a] for a in stage.arguments if a in depths}
        if len(below) != 1 or not graph.parameters or stage.expr.is_Atom:
            raise ArgumentValueError(
                f"the notation {notation!r} is that of networks of layers, as "
                f"symgrad.network makes them; {stage.symbol} = {short(stage.expr)} is "
                "not of that form, take 'textbook' or 'notes'"
            )
        depth = below.pop()
        depths[stage.symbol] = depth + 1
        if len(layers) <= depth:
            layers.append([])
        layers[depth].append(stage)
    return layers
