"""What a language is: a row of spellings, and what a program in it is made of.

The one rule kept here: a row holds no mathematics but the functions that the language
has of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

LINE = 88


@dataclass(frozen=True)
class Language:
    """One language, as the translator and the writer need it.

    ``functions`` spells the functions that it has, as names or as templates; ``own``
    holds sources of helpers that cannot be written in the portable subset (name ->
    source, with ``{name}`` for its name); ``forms`` are templates of statements;
    ``number`` writes a float. ``prefixed`` puts the program's name before those of
    helpers, ``helper_words`` are reserved words that helpers use as names, ``width`` is
    where the language itself breaks lines, ``base`` the place of the first number of an
    array, ``knows_lengths`` says that arrays know theirs, ``companion`` a second file:
    its suffix and who writes it.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    reserved: frozenset[str]
    functions: Mapping[str, str]
    constants: Mapping[str, str]
    forms: Mapping[str, str]
    operators: Mapping[str, str]
    function: Callable[[Header], tuple[list[str], list[str]]]
    program: Callable[[Program], str]
    number: Callable[[float], str] = repr
    own: Mapping[str, str] = field(default_factory=dict)
    ignores_case: bool = False
    width: int = 0
    prefixed: bool = False
    helper_words: frozenset[str] = frozenset()
    base: int = 0
    knows_lengths: bool = False
    companion: tuple[str, Callable[[Program], str]] | None = None


@dataclass(frozen=True)
class Header:
    """A helper's name, its parameters and locals as (identifier, type) pairs.

    ``result`` is its type; types are "float", "int", "bool", "floats" (a table) and
    "work:7" (seven numbers that change); ``about`` says what it computes.
    """

    name: str
    parameters: Sequence[tuple[str, str]]
    locals: Sequence[tuple[str, str]]
    result: str
    about: str


@dataclass(frozen=True)
class Indexed:
    """What a program with sums over an index has more.

    ``counts`` are the arguments that are whole numbers; ``data`` those that are arrays,
    with the length of each axis, "" where the formula does not tell it; ``columns`` the
    extra arguments that tell the length of rows; ``checks`` are (data, axis, length)
    where an array must have that; ``tables`` are what the program needs memory for;
    the first ``told_lines`` lines give the counts that data tell.
    """

    counts: frozenset[str]
    data: Mapping[str, tuple[str, ...]]
    columns: Mapping[str, str]
    checks: Sequence[tuple[str, int, str]]
    tables: Sequence[str]
    told_lines: int = 0


@dataclass(frozen=True)
class Program:
    """All that a file holds: the doc comment, helpers, and the program for one point.

    ``shared`` are the arguments that are one number for a whole batch, ``vector`` the
    identifier of the vector of all variables and its length, where there is one;
    ``lines`` compute, ``locals`` are what they declare, ``values`` and ``rows`` the
    results, either of which may be empty; ``listed`` says that there is an axis for the
    outputs. A program with ``indexed`` has no batch.
    """

    language: Language
    name: str
    doc: Sequence[str]
    helpers: Sequence[Sequence[str]]
    used: Sequence[str]
    arguments: Sequence[str]
    shared: frozenset[str]
    vector: tuple[str, int] | None
    unused: Sequence[str]
    lines: Sequence[str]
    locals: Sequence[tuple[str, str]]
    values: Sequence[str]
    rows: Sequence[Sequence[str]]
    listed: bool
    indexed: Indexed | None = None

    @property
    def given(self) -> list[str]:
        """The arguments, and the lengths of rows that nothing else tells."""
        extra = {} if self.indexed is None else self.indexed.columns
        found = []
        for name in self.arguments:
            found += [name, *([extra[name]] if name in extra else [])]
        return found

    def kind(self, name: str) -> str:
        """Tell an argument's kind: "count", "row", "matrix" or "number"."""
        if self.indexed is None:
            return "number"
        if name in self.indexed.data:
            return "row" if len(self.indexed.data[name]) == 1 else "matrix"
        counts = {*self.indexed.counts, *self.indexed.columns.values()}
        return "count" if name in counts else "number"

    @property
    def outputs(self) -> int:
        return len(self.values) or len(self.rows)

    @property
    def variables(self) -> int:
        return len(self.rows[0]) if self.rows else 0

    @property
    def partials(self) -> list[str]:
        """All partials, row after row."""
        return [code for row in self.rows for code in row]


def fill(before: str, items: Sequence[str], after: str, indent: str = "    ") -> str:
    """Write a list in one line where it fits, else filled into several.

    >>> fill("f(", ["x", "y"], ")")
    'f(x, y)'
    """
    line = f"{before}{', '.join(items)}{after}"
    if len(line) <= LINE:
        return line
    lines = [before, indent]
    for k, item in enumerate(items):
        piece = item + ("," if k + 1 < len(items) else "")
        if len(lines[-1]) + len(piece) + 1 > LINE and lines[-1].strip():
            lines.append(indent)
        lines[-1] += piece if lines[-1] == indent else f" {piece}"
    return "\n".join([*lines, after.lstrip()])


def indented(lines: Sequence[str], by: str = "    ") -> list[str]:
    """Indent lines, also those within a text of several."""
    return [by + each if each else "" for line in lines for each in line.split("\n")]


def with_checks(lines: Sequence[str], checks: Sequence[str], p: Program) -> list[str]:
    """Put the checks of data behind the lines that tell their lengths."""
    told = p.indexed.told_lines if p.indexed is not None else 0
    return [*lines[:told], *checks, *lines[told:]]
