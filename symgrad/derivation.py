"""What a page says, as data: lines, steps, sections, tables, pictures.

A text is a tuple of ``str`` and ``Expr``, so that no renderer has to parse anything.
Nothing here computes; only the display hooks reach upward, when they are called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sympy import Expr, Symbol

from symgrad.errors import ArgumentValueError

if TYPE_CHECKING:
    from symgrad.graph import Graph

Text = tuple["str | Expr", ...]


class Reference(str):
    """Words of a text that point at a section, by its title.

    They are read like any other words; the page makes a link of them where it has the
    section.
    """

    target: Text

    def __new__(cls, words: str, target: Text) -> Reference:
        made = super().__new__(cls, words)
        made.target = target
        return made

    def __reduce__(self) -> Any:
        return Reference, (str(self), self.target)


def listed(names: Sequence[Expr]) -> Text:
    """Names as a text lists them: x, y and z."""
    parts: list[str | Expr] = []
    for place, name in enumerate(names):
        joint = " and " if place == len(names) - 1 else ", "
        parts += [joint, name] if place else [name]
    return tuple(parts)


@dataclass(frozen=True)
class Line:
    """One member of a chain of equalities: the expression and why it is equal.

    ``value`` is its number at the point of the page, where the page has one.
    """

    expr: Expr
    reason: Text = ()
    value: float | None = None


@dataclass(frozen=True)
class Step:
    """``lhs = lines[0] = lines[1] = …``, each equality for its own reason.

    ``rule`` names the rule; ``formula`` is that rule in general letters, as a pair
    (left, right); ``definitions`` are local names (``u_1 = …``); ``substeps`` derive
    the parts that the lines use.
    """

    rule: str
    lhs: Expr
    lines: tuple[Line, ...]
    definitions: tuple[tuple[Symbol, Expr], ...] = ()
    notes: tuple[Text, ...] = ()
    substeps: tuple[Step, ...] = ()
    formula: tuple[Expr, Expr] | None = None

    def __post_init__(self) -> None:
        if not self.lines:
            raise ArgumentValueError(f"step {self.rule!r} has no line")

    @property
    def result(self) -> Expr:
        """The expression of the last line."""
        return self.lines[-1].expr


@dataclass(frozen=True)
class Table:
    """Rows of texts under a header; every row is as long as the header."""

    header: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.header):
                raise ArgumentValueError(
                    f"a row of {len(row)} cells under {len(self.header)} headings"
                )


@dataclass(frozen=True)
class Node:
    """A node of a picture. kind: input, parameter, stage or output.

    It is a circle, or a box where ``width`` is not 0; of kind ``ellipsis`` it stands
    for nodes that are left out. ``label`` is its second name (``y_hat``), ``bias`` the
    parameter that is added inside it, ``caption`` a word on what it does, ``text``
    what is written in the place of its name, ``factor`` the number of the chain rule's
    factor by the bias.
    """

    name: Symbol
    kind: str
    x: float
    y: float
    on_path: bool = False
    label: Symbol | None = None
    bias: Symbol | None = None
    width: float = 0
    caption: str = ""
    factor: int = 0
    height: float = 0
    text: str = ""


@dataclass(frozen=True)
class Edge:
    """An arrow of a picture, from the node ``source`` to the node ``target``.

    Its ``label`` is written with its middle at (``label_x``, ``label_y``); ``via`` are
    points that it passes on its way, and it ends ``port`` below the middle of its
    target. ``factor`` numbers the factors of the chain rule in the order in which its
    paths name them, from 1; 0 is no factor. ``adjoint`` is what flows back along it:
    the output's derivative by the target, times the target's by the source.
    """

    source: Symbol
    target: Symbol
    label: Symbol | None = None
    on_path: bool = False
    label_x: float = 0
    label_y: float = 0
    via: tuple[tuple[float, float], ...] = ()
    factor: int = 0
    port: float = 0
    adjoint: float | None = None


@dataclass(frozen=True)
class Picture:
    """A graph laid out in the plane, in units of one pixel, y pointing down.

    ``chosen`` are the names whose derivative the picture is about; ``captions`` are
    words under a column, each with the x of its middle. Where numbers were given,
    ``values`` are those of the names, ``adjoints`` the output's derivatives by them.
    """

    title: str
    description: str
    width: float
    height: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    chosen: tuple[Symbol, ...] = ()
    captions: tuple[tuple[float, str], ...] = ()
    values: tuple[tuple[Symbol, float], ...] = ()
    adjoints: tuple[tuple[Symbol, float], ...] = ()


@dataclass(frozen=True)
class Section:
    """A titled part of the page: text, then steps, then a table or a picture."""

    title: Text
    text: tuple[Text, ...] = ()
    steps: tuple[Step, ...] = ()
    table: Table | None = None
    picture: Picture | None = None


@dataclass(frozen=True)
class Route:
    """What the derivative by one variable is made of.

    ``factors`` are the local derivatives on its paths, from the output inwards, each
    with the totals that equal it; ``names`` are the derivatives by the variable and the
    stages on the way.
    """

    variable: Symbol
    factors: tuple[tuple[Symbol, ...], ...]
    names: tuple[Symbol, ...]


@dataclass(frozen=True)
class Script:
    """A program in JavaScript for every number of a page.

    Its function ``values`` takes ``arguments`` and gives a list: what ``results``
    name, in this order. ``start`` are the first values of the arguments, a list of
    numbers where an argument is one.
    """

    source: str
    arguments: tuple[Symbol, ...]
    start: tuple[float | tuple[float, ...], ...]
    results: tuple[Expr, ...]


@dataclass(frozen=True)
class Derivation:
    """A whole worked derivation, ready to be written in any format.

    ``checks`` says which equalities were recomputed, where and how well.
    ``program`` is the graph that the page explains. ``values`` holds the numbers of
    the symbols, where numbers were given; ``notation`` is ``textbook`` or ``notes``.
    ``routes`` and ``script`` are what a page needs to be played with, ``remarks`` say
    what of that it does without.
    """

    title: Text
    sections: tuple[Section, ...]
    checks: tuple[Text, ...]
    program: Graph
    notation: str = "textbook"
    values: tuple[tuple[Expr, float], ...] = field(default=())
    routes: tuple[Route, ...] = ()
    script: Script | None = None
    remarks: tuple[Text, ...] = ()

    def __str__(self) -> str:
        from symgrad.renderers import render

        return render(self, "text")

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from symgrad.displays import show_page

        return show_page(self)

    def _repr_html_(self) -> str:
        return self._repr_mimebundle_()["text/html"]

    def save(self, path: str | Path, format: str | None = None) -> Path:
        """Write the page to a file; its suffix chooses the format, or ``format`` does.

        Slides are ``d.save("talk.tex", "beamer")``. Raises ``UnknownNameError`` where
        no format has that suffix or name.
        """
        from symgrad.renderers import save

        return save(self, path, format)

    def __reduce__(self) -> Any:
        """Pickle through the JSON tree: unevaluated SymPy does not survive pickling."""
        from symgrad.renderers.json import dump, load

        return load, (dump(self),)
