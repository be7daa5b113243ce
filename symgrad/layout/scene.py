"""What every layout shares: names by column, kinds, and the words of a picture.

The one rule kept here: nothing in this module knows where anything stands.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sympy import Symbol

from symgrad.derivation import Picture
from symgrad.graph import Graph

_GREEK = {
    **{
        unicodedata.name(letter).split()[-1].lower(): letter
        for letter in "αβγδεζηθικμνξπρστυφχψω"
    },
    **{unicodedata.name(letter).split()[-1].title(): letter for letter in "ΓΔΘΞΠΣΥΦΨΩ"},
    "lambda": "λ",
    "Lambda": "Λ",
    "hbar": "ħ",
}
_ACCENTS = {
    "hat": "\u0302",
    "tilde": "\u0303",
    "bar": "\u0304",
    "dot": "\u0307",
    "vec": "\u20d7",
}
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

NODE_RADIUS = 24.0
BOX_HEIGHT = 44.0
MARGIN = 40.0
TAIL = 70.0
"""The room right of the outputs, for an arrow and a label."""


@dataclass(frozen=True)
class Numbers:
    """The values of names, the output's derivatives by them (its adjoints; empty where
    there are several outputs) and the local derivatives, (of, by) -> number."""

    values: Mapping[Symbol, float]
    adjoints: Mapping[Symbol, float]
    partials: Mapping[tuple[Symbol, Symbol], float]

    def flow(self, of: Symbol, by: Symbol) -> float | None:
        """What flows back from ``of`` to ``by``; None where that is not known."""
        if of not in self.adjoints or (of, by) not in self.partials:
            return None
        return self.adjoints[of] * self.partials[of, by]


@dataclass(frozen=True)
class Scene:
    """A graph, the names that were chosen, and all names on a path from those to an
    output. ``factors`` numbers the factors of these paths, (of, by) -> 1, 2, …;
    ``captions`` are the words on what each stage does."""

    graph: Graph
    chosen: tuple[Symbol, ...]
    live: frozenset[Symbol]
    factors: Mapping[tuple[Symbol, Symbol], int]
    captions: Mapping[Symbol, str] = field(default_factory=dict)
    numbers: Numbers | None = None

    def with_figures(self, picture: Picture) -> Picture:
        """The same picture, with the values and adjoints of the scene."""
        if self.numbers is None:
            return picture
        return replace(
            picture,
            values=tuple(self.numbers.values.items()),
            adjoints=tuple(self.numbers.adjoints.items()),
        )


def figure_lines(value: float | None, adjoint: float | None) -> tuple[str, ...]:
    """Write the value of a name and the output's derivative by it.

    >>> figure_lines(-0.25, 1e-9)
    ('= −0.25', '∂ = 1e−9')
    """
    found = [] if value is None else [f"= {figure(value)}"]
    return (*found, *([] if adjoint is None else [f"∂ = {figure(adjoint)}"]))


def figure(value: float) -> str:
    """Write a number in four digits.

    >>> [figure(value) for value in (0.123456, -3.0, 1e-9, 12345678.0)]
    ['0.1235', '−3', '1e−9', '1.235e7']
    """
    text = f"{value:.4g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
    return text.replace("-", "−")


def text_width(text: str, size: float = 12.0) -> float:
    """The room that words in a sans-serif of a size take, generously."""
    return 0.57 * size * len(text)


def make_scene(
    graph: Graph,
    chosen: tuple[Symbol, ...],
    captions: Mapping[Symbol, str] | None = None,
    numbers: Numbers | None = None,
) -> Scene:
    """Find the names that some path from ``chosen`` to an output passes."""
    reached = set(chosen)
    for stage in graph.stages:
        if not reached.isdisjoint(stage.arguments):
            reached.add(stage.symbol)
    needed = set(graph.outputs)
    for stage in reversed(graph.stages):
        if stage.symbol in needed:
            needed.update(stage.arguments)
    live = frozenset(reached & needed)
    factors = _factors(graph, live)
    return Scene(graph, chosen, live, factors, captions or {}, numbers)


def _factors(graph: Graph, live: frozenset[Symbol]) -> dict[tuple[Symbol, Symbol], int]:
    """Number the factors in the order in which the paths name them, output first."""
    found: dict[tuple[Symbol, Symbol], int] = {}
    seen: set[Symbol] = set()
    todo = [(name, name) for name in reversed(graph.outputs) if name in live]
    while todo:
        of, by = todo.pop()
        if of != by:
            found[of, by] = len(found) + 1
        if by not in seen:
            seen.add(by)
            inner = [name for name in graph.parents(by) if name in live]
            todo.extend((by, name) for name in reversed(inner))
    return found


def depths_of(graph: Graph) -> dict[Symbol, int]:
    """Give the column of each name: the longest path from the inputs and parameters."""
    depths = dict.fromkeys((*graph.inputs, *graph.parameters), 0)
    for stage in graph.stages:
        depths[stage.symbol] = 1 + max(
            (depths[argument] for argument in stage.arguments), default=-1
        )
    return depths


def label_width(name: Symbol) -> float:
    """The room a label takes, generously: subscripts are set in small type."""
    base, index = name_parts(name.name)
    return 10.0 * len(base) + 7.0 * len(index) + 8


def kind_of(graph: Graph, name: Symbol) -> str:
    """Say whether a name is an input, a parameter, a stage or an output."""
    if name in graph.outputs:
        return "output"
    if name in graph.stage_of:
        return "stage"
    return "parameter" if name in graph.parameters else "input"


def title_of(scene: Scene, what: str) -> str:
    """Say in one line what the picture shows."""
    outputs = listed(scene.graph.shown(output) for output in scene.graph.outputs)
    if not scene.chosen:
        return f"The {what} of {outputs}"
    return f"The {what} of {outputs}, with the paths from {listed(scene.chosen)}"


def describe_paths(scene: Scene) -> str:
    """Say in words which paths are marked, for those who cannot see them."""
    if not scene.chosen:
        return ""
    chosen = listed(scene.chosen)
    through = [s.symbol for s in scene.graph.stages if s.symbol in scene.live]
    if not through:
        return f" No path leads from {chosen} to an output."
    names = [scene.graph.shown(name) for name in through]
    shown = listed(names[:12]) + (", …" if len(names) > 12 else "")
    end = "" if shown.endswith("…") else "."
    return f" Marked: the paths from {chosen}, through {shown}{end}"


def describe_numbers(scene: Scene) -> str:
    """Say in words which numbers are written, with those of the outputs."""
    if scene.numbers is None:
        return ""
    graph, values = scene.graph, scene.numbers.values
    outputs = [name for name in graph.outputs if name in values]
    told = ", ".join(
        f"{spelled(graph.shown(name))} = {figure(values[name])}" for name in outputs
    )
    if not scene.numbers.adjoints:
        return f" The values are written at the names: {told}."
    shown = spelled(graph.shown(graph.outputs[0]))
    return (
        f" The values are written at the names ({told}), and after ∂ the derivatives "
        f"of {shown} by them."
    )


def listed(names: Iterable[Symbol]) -> str:
    """Join names by commas, as they are read: u₁, ŷ, w_10,2,1."""
    return ", ".join(spelled(name) for name in names)


def spelled(name: Symbol) -> str:
    """Write a name in plain characters, its index below the line where there are some.

    >>> [spelled(Symbol(name)) for name in ("u_1", "y_hat", "w_10_2_1", "x_k")]
    ['u₁', 'ŷ', 'w_10,2,1', 'x_k']
    """
    base, index = name_parts(name.name)
    if index.isdecimal() and index.isascii():
        return base + index.translate(_LOWERED)
    return f"{base}_{index}" if index else base


_RAISED = str.maketrans("0123456789()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾")


def name_parts(name: str) -> tuple[str, str]:
    """Split a name into its letter, accents set, and its indices.

    >>> name_parts("w_10_2_1"), name_parts("y_hat_1"), name_parts("lambda")
    (('w', '10,2,1'), ('ŷ', '1'), ('λ', ''))
    >>> name_parts("w^(2)_11")
    ('w⁽²⁾', '11')
    """
    stem = name.rstrip("'")
    first, *rest = stem.split("_")
    base, _, raised = first.partition("^")
    if not base.isalpha() or "" in rest:
        return name, ""
    base = _GREEK.get(base, base)
    while rest and rest[0] in _ACCENTS:
        base = unicodedata.normalize("NFC", base + _ACCENTS[rest.pop(0)])
    base += raised.translate(_RAISED) + "′" * (len(name) - len(stem))
    return base, ",".join(rest)
