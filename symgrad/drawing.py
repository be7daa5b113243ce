"""Pictures of graphs for users: any source -> laid out -> written.

The one rule kept here: where things stand is decided in layout, what they look like
in pictures; here are the words and the numbers that both write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sympy import Symbol

from symgrad.chain_rule import differentiate
from symgrad.derivation import Picture
from symgrad.errors import (
    ArgumentTypeError,
    check_name,
    check_path,
    short,
    unknown_name,
)
from symgrad.formulas import formula
from symgrad.graph import Graph, as_graph
from symgrad.layout import picture_of
from symgrad.layout.scene import Numbers, spelled
from symgrad.numeric.evaluation import evaluate
from symgrad.pictures.conversion import CONVERTERS
from symgrad.pictures.dot import picture_dot
from symgrad.pictures.svg import picture_svg
from symgrad.pictures.tikz import picture_tikz
from symgrad.renderers import write_file
from symgrad.renderers.notation import layout, notation_of
from symgrad.renderers.plain import plain
from symgrad.symbols import Partial, Total, name_of

FORMATS = {"svg": picture_svg, "tikz": picture_tikz, "dot": picture_dot}
"""Every format by its name."""

SUFFIXES = {".svg": "svg", ".tex": "tikz", ".tikz": "tikz", ".dot": "dot", ".gv": "dot"}
"""The format of a file by its suffix; those of CONVERTERS are made from SVG."""

MAX_CAPTION = 40
_WORD = re.compile(r"[^\W\d_]+(?:_[A-Za-z0-9]+)*")


class Drawing(str):
    """A picture in one of ``FORMATS``: the text itself, which Jupyter shows as SVG.

    ``picture`` is the same as data.
    """

    picture: Picture

    def __new__(cls, picture: Picture, format: str = "svg") -> Drawing:
        made = super().__new__(cls, FORMATS[format](picture))
        made.picture = picture
        return made

    def __reduce__(self) -> Any:
        return _restored, (str(self), self.picture)

    def _repr_svg_(self) -> str:
        return picture_svg(self.picture)

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file; its suffix chooses the format.

        .svg, .tex (or .tikz), .dot (or .gv), and .png and .pdf with CairoSVG. Raises
        ``UnknownNameError`` for another suffix, ``MissingPackageError`` without
        CairoSVG.
        """
        check_path(path)
        suffix = Path(path).suffix.lower()
        if suffix in CONVERTERS:
            return write_file(path, CONVERTERS[suffix](picture_svg(self.picture)))
        if suffix not in SUFFIXES:
            raise unknown_name("suffix", suffix, [*SUFFIXES, *CONVERTERS])
        return write_file(path, FORMATS[SUFFIXES[suffix]](self.picture).encode())


def _restored(text: str, picture: Picture) -> Drawing:
    made = str.__new__(Drawing, text)
    made.picture = picture
    return made


def draw(
    source: Any,
    wrt: str | Symbol | Iterable[str | Symbol] | None = None,
    *,
    kind: str = "auto",
    at: Mapping[Any, Any] | None = None,
    format: str = "svg",
) -> Drawing:
    """Draw a graph as a picture, the paths from ``wrt`` to the outputs marked.

    >>> drawing = draw("tanh(w*x + b)", "w")
    >>> drawing.startswith("<svg xmlns=")
    True
    >>> path = drawing.save("neuron.svg")  # doctest: +SKIP

    ``source`` is a Graph, a Gradient (``wrt`` is then optional: what a single-variable
    gradient is taken by) or whatever ``formula`` takes. ``kind`` is "neuron" (one
    neuron: that of ``wrt``, else that of the output), "network", "stages" or
    "operations"; "auto" draws a network as one, anything else by its stages. With
    numbers for all inputs and parameters, ``at``, values stand at the names and, of one
    output, its derivatives by them; ``format`` is "svg", "tikz" or "dot". The result
    is a string with ``save``, which writes files by their suffix, PNG and PDF too.

    Raises ``UnknownNameError`` for a name, kind or format that is not known,
    ``GraphError`` for a kind that the graph is not, and ``BoundError`` for a graph too
    large to be read as a picture.
    """
    check_name("format", format, FORMATS)
    graph = as_graph(source)
    if graph is None:
        graph = formula(source)
    elif wrt is None and graph is not source:
        variables = tuple(getattr(source, "wrt", ()))
        wrt = variables if len(variables) == 1 else None
    whole = graph
    picture = picture_of(
        graph,
        wrt,
        kind,
        numbers_of=None if at is None else lambda drawn: _numbers(whole, drawn, at),
        captions_of=_captions if kind == "operations" else None,
    )
    return Drawing(picture, format)


def _captions(graph: Graph) -> dict[Symbol, str]:
    """The operation of every stage, in plain letters."""
    notation = notation_of(graph)
    written = {
        s.symbol: _WORD.sub(_lowered, plain(layout(s.expr, notation)))
        for s in graph.stages
    }
    return {
        name: text if len(text) <= MAX_CAPTION else text[: MAX_CAPTION - 1] + "…"
        for name, text in written.items()
    }


def _lowered(word: re.Match[str]) -> str:
    return spelled(Symbol(word[0]))


def _numbers(whole: Graph, drawn: Graph, at: Mapping[Any, Any]) -> Numbers:
    """The numbers of a drawn graph at a point of the whole one."""
    found = evaluate(whole, at)
    known = {name_of(name): value for name, value in at.items()} | found
    leaves = (*drawn.inputs, *drawn.parameters)
    point = {name.name: known[name.name] for name in leaves}
    program = drawn
    if len(drawn.outputs) == 1 and leaves:
        program = differentiate(drawn, leaves).program
    numbers = {**point, **evaluate(program, point)}
    values: dict[Symbol, float] = {}
    adjoints: dict[Symbol, float] = {}
    partials: dict[tuple[Symbol, Symbol], float] = {}
    if program is not drawn:
        adjoints[drawn.output] = 1.0
    for name in (*leaves, *(stage.symbol for stage in program.stages)):
        number = numbers[name.name]
        if np.ndim(number):
            raise ArgumentTypeError(
                f"{name.name!r} is {short(number)}; a picture shows one number for a "
                "name, give one sample and no data with an index"
            )
        if isinstance(name, Partial):
            partials[name.of, name.by] = float(number)
        elif isinstance(name, Total):
            adjoints[name.by] = float(number)
        else:
            values[name] = float(number)
    return Numbers(values, adjoints, partials)
