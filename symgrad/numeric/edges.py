"""Derivatives that stand in a graph as formulas: nan where what they differentiate is.

The one rule kept here: 1/x, as the derivative of log(x), has no number where log(x) has
none. What the sweeps make keeps that by itself (``INSIDE``); a formula is told here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sympy import Symbol

from symgrad.derivatives import INSIDE
from symgrad.functions import FUNCTIONS
from symgrad.graph import Graph
from symgrad.numeric.entries import reachable
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.rows import slots
from symgrad.symbols import Partial, Total

_EDGED = {
    "power",
    *INSIDE,
    *(name for name, row in FUNCTIONS.items() if row.domain and "≠" not in row.domain),
}
"""what is nan beyond an edge; a pole is a point alone"""


def flows(recorder: Recorder, order: Sequence[int], wrt: set[int]) -> set[int]:
    """The entries among ``order`` that a derivative by ``wrt`` flows through."""
    found = set()
    for number in order:
        if number in wrt or any(
            argument in found for _, argument in slots(recorder.entries[number])
        ):
            found.add(number)
    return found


def inside(
    graph: Graph, numbers: Mapping[Symbol, int], output: Symbol
) -> list[tuple[int, set[int]]]:
    """Where a derivative is one: (a value that must not be nan, by whom it flows).

    Nothing for an output that is no derivative and holds none.
    """
    used = [output] if output in numbers else []
    if output in graph.stage_of and not isinstance(output, Partial | Total):
        used = list(graph.stage_of[output].arguments)
    found = []
    for symbol in used:
        names: set[Symbol] = set()
        while isinstance(symbol, Partial | Total):
            names.add(symbol.by)
            symbol = symbol.of
        if names and symbol in numbers and names <= numbers.keys():
            found.append((numbers[symbol], {numbers[name] for name in names}))
    return found


def kept_inside(
    recorder: Recorder,
    number: int,
    conditions: Sequence[tuple[int, set[int]]],
    variables: Sequence[int] = (),
) -> int:
    """Record a derivative that is nan where one of ``inside`` says so; 0 stays 0."""
    if recorder.value(number) == 0:
        return number
    for value, names in conditions:
        order = reachable(recorder.entries, [value])
        edged = {k for k in order if recorder.entries[k][0] in _EDGED}
        if edged and edged & flows(recorder, order, names.union(variables)):
            exists = recorder.relation("equal", value, value)
            number = recorder.select(exists, number, recorder.constant(math.nan))
    return number
