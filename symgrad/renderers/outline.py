"""A derivation as the numbered rows that every format writes.

The one rule kept here: what is said, in which order and under which number, is decided
once; a format only chooses its type.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from sympy import Expr

from symgrad.derivation import Derivation, Line, Reference, Step, Text
from symgrad.progress import watched
from symgrad.renderers.nodes import Layout, Relation
from symgrad.renderers.notation import (
    Notation,
    in_numbers,
    layout,
    notation_of,
    within,
)
from symgrad.renderers.numerals import number_layout

_INVERSES = re.compile(r"\ba(sin|cos|tan)\b")
Words = Sequence["str | Layout"]
"""A text with its expressions laid out."""


@dataclass(frozen=True)
class Row:
    """``sign`` is = or ≈; ``reason`` says why this row equals the one above.

    ``expr`` is what ``node`` is the layout of, unless that is a number of the page.
    """

    sign: str
    node: Layout
    reason: Words = ()
    expr: Expr | None = None


@dataclass(frozen=True)
class Entry:
    """One ``step`` as it stands on the page; ``number`` is empty for a definition."""

    number: str
    depth: int
    rule: str
    lhs: Layout
    definitions: tuple[tuple[Layout, Layout], ...]
    rows: tuple[Row, ...]
    notes: tuple[Words, ...]
    formula: tuple[Layout, Layout] | None
    step: Step

    @property
    def is_one_line(self) -> bool:
        """Whether the step has nothing but one equality to say."""
        return len(self.rows) == 1 and not (self.definitions or self.notes)


@dataclass(frozen=True)
class Outline:
    """A derivation with the notation that it is written in.

    Words call a function as the formulas beside them do: asin, or arcsin where
    ``is_set`` says that formulas are set as in print.
    """

    derivation: Derivation
    is_set: bool = True

    @cached_property
    def notation(self) -> Notation:
        """How expressions look outside any step."""
        return notation_of(self.derivation.program, self.derivation.notation)

    @cached_property
    def values(self) -> Mapping[Expr, float]:
        """The numbers that stand under the symbols."""
        return dict(self.derivation.values)

    def words(self, text: Text, notation: Notation | None = None) -> Words:
        """Lay out the expressions of a text."""
        used = notation or self.notation
        return [
            self._named(part) if isinstance(part, str) else layout(part, used)
            for part in text
        ]

    def _named(self, words: str) -> str:
        is_plain = isinstance(words, Reference) or not self.is_set
        return words if is_plain else _INVERSES.sub(r"arc\1", words)

    def entries(self, steps: Sequence[Step]) -> Iterator[Entry]:
        """Number the steps and their parts, in the order of reading.

        On a long page a terminal has a bar meanwhile.
        """
        return watched(self._entries(steps), "steps written", _count(steps))

    def _entries(self, steps: Sequence[Step]) -> Iterator[Entry]:
        todo: list[tuple[Step, str, int, Notation]] = []
        todo += _numbered(steps, "", 0, self.notation)
        while todo:
            step, number, depth, outer = todo.pop()
            notation = within(outer, step.definitions)
            yield self._entry(step, number, depth, notation)
            todo += _numbered(step.substeps, f"{number}.", depth + 1, notation)

    def groups(self, steps: Sequence[Step]) -> Iterator[list[Entry]]:
        """Each numbered entry alone, and lists of those without a number together."""
        for numbered, run in groupby(self.entries(steps), lambda e: e.number != ""):
            group = list(run)
            yield from ([entry] for entry in group) if numbered else [group]

    def _entry(self, step: Step, number: str, depth: int, notation: Notation) -> Entry:
        formula = step.formula
        return Entry(
            number,
            depth,
            step.rule,
            layout(step.lhs, notation),
            tuple(
                (layout(n, notation), layout(e, notation)) for n, e in step.definitions
            ),
            tuple(row for line in step.lines for row in self._rows(line, notation)),
            tuple(self.words(note, notation) for note in step.notes),
            formula and (layout(formula[0], notation), layout(formula[1], notation)),
            step,
        )

    def _rows(self, line: Line, notation: Notation) -> Iterator[Row]:
        reason = self.words(line.reason, notation)
        yield Row("=", layout(line.expr, notation), reason, line.expr)
        if line.value is None or line.expr.is_Number:
            return
        value = number_layout(line.value)
        numbers = in_numbers(line.expr, notation, self.values)
        has_number = not math.isnan(line.value)  # 1/(−1) is one, where log has none
        if has_number and numbers is not None and numbers != value:
            value = Relation((numbers, value), "≈")
        yield Row("≈", value)


def _count(steps: Sequence[Step]) -> int:
    """How many steps there are, with their parts."""
    count = 0
    todo = [*steps]
    while todo:
        step = todo.pop()
        count += 1
        todo += step.substeps
    return count


def _numbered(
    steps: Sequence[Step], prefix: str, depth: int, notation: Notation
) -> list[tuple[Step, str, int, Notation]]:
    """The steps with their numbers, last first; definitions have none."""
    found = []
    count = 0
    for step in steps:
        is_definition = step.rule == "definition" and not step.substeps
        count += not is_definition
        number = "" if is_definition else f"{prefix}{count}"
        found.append((step, number, depth, notation))
    return found[::-1]
