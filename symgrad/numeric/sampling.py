"""Points at which a graph can be judged: real, finite and away from kinks.

The one rule kept here: a point that is not used is told, with the reason. The same
graph and seed give the same points in every process.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy import Basic, Symbol

from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    short,
    unknown_name,
)
from symgrad.graph import Graph
from symgrad.numeric.differences import Program, fault
from symgrad.numeric.given_data import with_data
from symgrad.numeric.loops import Data, as_number
from symgrad.symbols import name_of

RANGES = ((-1.5, 1.5), (0.2, 1.5), (1.1, 3.0), (-0.9, 0.9), (0.05, 0.95), (2.0, 9.0))
FAR = ((9.0, 40.0), (30.0, 200.0), (-200.0, -5.0), (0.2, 1.5))
"""where else: log(x - 12) has no value in RANGES"""
TERMS = (2, 5)
"""How many terms a sum with a symbolic bound has at a random point."""
TRIES = 12
MIXED_TRIES = 240
FAR_TRIES = 60
_NODES = 1_000_000

Point = Mapping[str, Any]
"""name of an input or parameter -> its number, or its Data"""


@dataclass(frozen=True)
class LeftOut:
    """A point (name -> number) that was not used, and why."""

    point: Point
    reason: str


@dataclass(frozen=True)
class Sample:
    """The points found, the values of every slot there, and what was passed over."""

    points: tuple[Point, ...]
    values: tuple[list[Any], ...]
    left_out: tuple[LeftOut, ...]


def random_points(
    program: Program,
    names: Sequence[Basic],
    count: int,
    seed: int,
    between: Sequence[tuple[float, float]] = RANGES,
) -> Sample:
    """Find up to ``count`` random points at which all of ``names`` are smooth.

    One range of ``between`` for all variables is tried first, then one for each.
    """
    random_numbers = random.Random(seed)
    limit = max(count, _NODES // max(1, program.cost))
    points: list[Point] = []
    values: list[list[Any]] = []
    passed_over: list[LeftOut] = []
    for ranges in _proposals(program, random_numbers, between):
        if len(points) == count or len(points) + len(passed_over) >= limit:
            break
        point = {
            _name(leaf): random_numbers.randint(*TERMS)
            if leaf in program.counts
            else random_numbers.randint(1, TERMS[0])
            if leaf in program.places
            else round(random_numbers.uniform(*span), 4)
            for leaf, span in zip(program.leaves, ranges, strict=True)
        }
        found, reason = evaluate_at(program, point, names)
        if reason is None:
            points.append(point)
            values.append(found)
        else:
            passed_over.append(LeftOut(point, reason))
    return Sample(tuple(points), tuple(values), tuple(passed_over))


def given_point(program: Program, names: Sequence[Basic], point: Point) -> Sample:
    """Use one point of the user's own, or tell why it cannot be used."""
    found, reason = evaluate_at(program, point, names)
    if reason is not None:
        return Sample((), (), (LeftOut(point, reason),))
    return Sample((point,), (found,), ())


def evaluate_at(
    program: Program, point: Point, names: Iterable[Basic]
) -> tuple[list[Any], str | None]:
    """Run the forward pass at a point; the second part says what is wrong with it."""
    values = program.run(
        {leaf: as_number(point[_name(leaf)]) for leaf in program.leaves}
    )
    return values, fault(program, values, names)


def _proposals(
    program: Program,
    random_numbers: random.Random,
    between: Sequence[tuple[float, float]],
) -> Iterable[Sequence[tuple[float, float]]]:
    """Yield ranges for all leaves, the likeliest first.

    Where hundreds of terms are added, all are made smaller: no tanh saturates.
    """
    reach = min(1.0, math.sqrt(8 / max(1, program.widest)))
    count = len(program.leaves)
    for low, high in between:
        scale = reach if low < 0 else 1.0
        yield from [[(low * scale, high * scale)] * count] * TRIES
    for _ in range(MIXED_TRIES):
        yield [random_numbers.choice(RANGES) for _ in range(count)]
    for _ in range(FAR_TRIES):
        yield [random_numbers.choice(FAR) for _ in range(count)]


def _name(leaf: Basic) -> str:
    return leaf.name if isinstance(leaf, Symbol) else str(leaf)


def read_point(graph: Graph, at: Mapping[Any, Any]) -> dict[str, Any]:
    """Read a user's point, name (or Symbol) -> number, in the order of the graph.

    Data with an index are lists; the number of their terms may be left out.

    Raises ``ArgumentTypeError`` for what is no mapping to real numbers,
    ``UnknownNameError`` for a name the graph does not take, ``ArgumentValueError``
    for a missing, doubled or infinite value.
    """
    if not isinstance(at, Mapping):
        raise ArgumentTypeError(
            f"at is {short(at)}; expected a mapping of names to numbers, "
            "such as {'x': 0.5}"
        )
    leaves = [leaf.name for leaf in (*graph.inputs, *graph.parameters)]
    given: dict[str, Any] = {}
    for key, value in at.items():
        name = name_of(key)
        if name not in leaves:
            raise unknown_name("input or parameter", name, leaves)
        if name in given:
            raise ArgumentValueError(f"at gives {name!r} twice; give it once")
        given[name] = value
    found = {
        name: value if isinstance(value, Data) else _number(name, value)
        for name, value in with_data(graph, given).items()
    }
    missing = [name for name in leaves if name not in found]
    if missing:
        listed = ", ".join(missing[:10]) + (", …" if len(missing) > 10 else "")
        raise ArgumentValueError(
            f"at has no value for {listed}; give every input and parameter a number"
        )
    return {name: found[name] for name in leaves}


def _number(name: str, value: Any) -> float:
    kinds = (int, float, sp.Integer, sp.Rational, sp.Float)
    is_scalar = getattr(value, "shape", None) == ()
    item = value.item() if is_scalar else value  # a NumPy number
    if isinstance(item, bool) or not isinstance(item, kinds):
        raise ArgumentTypeError(
            f"at gives {name!r} the value {short(value)}; expected a real number"
        )
    try:
        number = float(item)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ArgumentValueError(
            f"at gives {name!r} the value {short(value)}; expected a finite number"
        )
    return number


def reasons(left_out: Iterable[LeftOut]) -> tuple[tuple[str, int], ...]:
    """Count the points left out by reason, the commonest first."""
    return tuple(Counter(one.reason for one in left_out).most_common())
