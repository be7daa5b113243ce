"""The colours and dashes of the chain rule's factors, the same in every format.

The one rule kept here: what is said by colour is also said by dashes and width, so
that it reads in black and white. Each colour has a contrast of over 4.5 on white.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Symbol

from symgrad.derivation import Edge
from symgrad.layout.scene import figure_lines

INK, QUIET, FILL, GROUND = "#1f2328", "#6e7781", "#eef1f4", "#ffffff"

FACTORS: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("#b3261e", ()),
    ("#0b5cad", (9, 4)),
    ("#1a7f37", (2, 3)),
    ("#8250df", (14, 4, 2, 4)),
    ("#8a5300", (5, 3)),
    ("#00707a", (18, 5)),
    ("#b0197e", (2, 6)),
    ("#3d4450", (9, 3, 2, 3, 2, 3)),
)
"""The colour of each factor and its dashes, in pixels on and off; then once again."""

LIGHT = (
    *("#ff8a80", "#79b8ff", "#5fd38d", "#c9a6ff"),
    *("#f2b866", "#4fd0d9", "#ff8fd0", "#b6c2cf"),
)
"""The same colours on a dark ground, each with a contrast of over 4.5 there."""


def factor_place(factor: int) -> int:
    """Give the row of ``FACTORS`` for a factor, numbered from 1."""
    return (factor - 1) % len(FACTORS)


@dataclass(frozen=True)
class Figures:
    """The numbers of a picture, by name."""

    values: Mapping[Symbol, float]
    adjoints: Mapping[Symbol, float]

    def at(self, name: Symbol) -> list[tuple[str, str]]:
        """What is written at a name: ("value", "= 0.5"), ("adjoint", "∂ = 0.1")."""
        value = figure_lines(self.values.get(name), None)
        adjoint = figure_lines(None, self.adjoints.get(name))
        found = [("value", line) for line in value]
        return found + [("adjoint", line) for line in adjoint]

    def on(self, edge: Edge) -> list[tuple[str, str]]:
        """What is written at the label of an edge, if it is not its source's."""
        if edge.label is None or edge.label == edge.source:
            return []
        return self.at(edge.label)
