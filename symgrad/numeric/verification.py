"""Gradients judged by arithmetic that shares no code with what computes them.

The one rule kept here: the expected value is a difference quotient of the plain
forward pass in mpmath at fifty digits; no rule, no chain rule, no tape. What could
not be judged is told, and nothing judged means not passed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from typing import Any

import numpy as np
from sympy import Symbol

from symgrad.abstract_functions import check_filled
from symgrad.errors import ArgumentTypeError, ArgumentValueError, short
from symgrad.gradient import Gradient
from symgrad.graph import Graph, as_graph
from symgrad.numeric.backends import lambdify
from symgrad.numeric.differences import Program, graph_program, slopes
from symgrad.numeric.equalities import Failure, StepsCheck, check_steps
from symgrad.numeric.general_formulas import check_formula
from symgrad.numeric.given_data import written_data
from symgrad.numeric.gradient_report import GradientCheck, GradientRow
from symgrad.numeric.high_precision import context, mpf
from symgrad.numeric.indexed_data import data_of
from symgrad.numeric.loops import Data, as_number
from symgrad.numeric.sampling import (
    LeftOut,
    Point,
    Sample,
    evaluate_at,
    given_point,
    random_points,
    read_point,
)
from symgrad.progress import watched
from symgrad.symbols import name_of

__all__ = [
    "Failure",
    "GradientCheck",
    "GradientRow",
    "StepsCheck",
    "check_formula",
    "check_gradient",
    "check_steps",
]

POINTS = 3
MAX_VARIABLES = 300
MAX_WORK = 3_000_000
"""The bound on one check, in arithmetic operations of 50 digits (about 1 µs each)."""

_SEED = 0
_FEW = 20
_FLOOR = 1e-6


@dataclass(frozen=True)
class _Judged:
    """What is judged; ``compute`` takes a point and the places of chosen variables,
    and gives the m values and an m × n matrix of derivatives."""

    graph: Graph
    wrt: tuple[Symbol, ...]
    outputs: tuple[str, ...]
    text: str
    compute: Callable[[Sequence[Point], Sequence[int]], list[tuple[Any, Any]]]


def check_gradient(source: Any, at: Mapping[Any, Any] | None = None) -> GradientCheck:
    """Compare a gradient with difference quotients of the plain forward pass.

    >>> check = check_gradient("tanh(w*x + b)")
    >>> check.passed, [row.variable for row in check.rows]
    (True, ['w', 'x', 'b'])

    ``source`` is a numeric function, a Gradient (its chain-rule sums are judged as
    written), or whatever ``lambdify`` takes, whose numeric function is then judged.
    ``at`` maps every input and parameter to a number; by default three random points
    (always the same) are looked for where all stages are real, finite and smooth.
    Over ``MAX_VARIABLES`` variables or ``MAX_WORK`` operations an evenly spread choice
    is judged and the rest counted in ``unchecked``.

    Raises ``ArgumentTypeError``, ``ArgumentValueError`` or ``UnknownNameError`` for a
    bad ``at``, and ``RuleError`` where the formula has a function that is not known.
    """
    judged = _judged(source)
    check_filled(judged.graph)
    program = graph_program(judged.graph)
    sample = _sample(judged.graph, program, at)
    chosen, count = _choose(judged, program, len(sample.points))
    points = sample.points[:count]
    computed = judged.compute(points, chosen)
    rows: dict[tuple[str, str], GradientRow] = {}
    rough: list[LeftOut] = []
    value_error = 0.0
    for point, base, (values, matrix) in zip(
        points, sample.values, computed, strict=False
    ):
        truth = _truth(judged, program, base, chosen)
        for value, expected in zip(values, truth.values, strict=True):
            value_error = _worse(value_error, truth.error(value, expected))
        for row in truth.rows(judged, chosen, point, matrix):
            key = row.output, row.variable
            if not context.isfinite(row.expected):
                rough.append(LeftOut(point, f"no smooth slope by {row.variable}"))
            elif key not in rows or not row.error <= rows[key].error:
                rows[key] = row
    return GradientCheck(
        judged.text,
        tuple(rows.values()),
        points,
        value_error,
        (*sample.left_out, *rough),
        len(judged.wrt) * len(judged.outputs) - len(rows),
    )


def _worse(first: float, second: float) -> float:
    """The larger error, nan being the worst of all."""
    return second if second != second or second > first else first


# --- what is judged -----------------------------------------------------------------


def _judged(source: Any) -> _Judged:
    if isinstance(source, Gradient):
        return _judge_gradient(source)
    if callable(source) and hasattr(source, "wrt"):
        if as_graph(source) is None:
            raise ArgumentTypeError(
                f"{short(source)} does not know its graph; give the formula, or a "
                "function made by lambdify"
            )
        if getattr(getattr(source, "kernel", None), "form", None) is not None:
            raise ArgumentValueError(
                f"{short(source)} has results of another form than value and partials; "
                "check the function that lambdify makes of the same formula"
            )
        return _judge_function(source)
    return _judge_function(lambdify(source))


def _judge_function(function: Any) -> _Judged:
    graph: Graph = function.graph
    wrt = tuple(graph.symbol(name) for name in function.wrt)
    names = [name_of(name) for name in function.args]
    vector = [s.name for s in wrt] if function.layout == "vector" else None

    def compute(points: Sequence[Point], chosen: Sequence[int]) -> list[Any]:
        return [_call(function, names, vector, p, chosen) for p in points]

    text = f"numeric function, back end {function.backend}"
    return _Judged(graph, wrt, _shown(graph, graph.outputs), text, compute)


def _call(
    function: Any,
    names: Sequence[str],
    vector: Sequence[str] | None,
    point: Point,
    chosen: Sequence[int],
) -> tuple[Any, Any]:
    """Call a numeric function at one point, in the layout it has."""
    point = {n: v.numbers if isinstance(v, Data) else v for n, v in point.items()}
    args: list[Any] = [point[name] for name in names]
    if vector is not None:
        args = [point[name] for name in names if name not in vector]
        args.insert(0, np.array([point[name] for name in vector]))
    result = function(*args)
    value, gradient = result if function.wrt else (result, [])
    values = np.asarray(value, dtype=float).reshape(-1)
    matrix = np.asarray(gradient, dtype=float).reshape(len(values), -1)
    return values, matrix[:, list(chosen)]


def _judge_gradient(gradient: Gradient) -> _Judged:
    graph = gradient.graph
    rows = gradient.row_names or gradient.outputs

    def compute(points: Sequence[Point], chosen: Sequence[int]) -> list[Any]:
        wrt = tuple(gradient.wrt[k] for k in chosen)
        whole = changed(gradient, wrt=wrt).program
        program = graph_program(whole)
        found = []
        for point in points:
            slots = program.run({s: as_number(point[s.name]) for s in program.leaves})
            values = [slots[program.slots[o]] for o in gradient.outputs]
            partials = [slots[program.slots[o]] for o in whole.outputs]
            matrix = np.array(partials, dtype=object).reshape(len(values), -1)
            found.append((values, matrix))
        return found

    text = f"gradient, {gradient.mode} mode"
    return _Judged(graph, gradient.wrt, _shown(graph, rows), text, compute)


def _shown(graph: Graph, symbols: Sequence[Symbol]) -> tuple[str, ...]:
    return tuple(graph.shown(symbol).name for symbol in symbols)


# --- where, and how much ------------------------------------------------------------


def _sample(graph: Graph, program: Program, at: Mapping[Any, Any] | None) -> Sample:
    stages = [stage.symbol for stage in graph.stages]
    if at is None:
        sample = random_points(program, [*stages, *graph.outputs], POINTS, _SEED)
        return _written(graph, program, sample) if data_of(graph).uses else sample
    return given_point(program, graph.outputs, read_point(graph, at))


def _written(graph: Graph, program: Program, sample: Sample) -> Sample:
    """The points with their made-up data as the floats that a function is given."""
    points, values = [], []
    for point in sample.points:
        written = written_data(graph, point)
        if written is None:
            names = ", ".join(name.name for name in data_of(graph).uses)
            raise ArgumentValueError(
                f"the formula does not tell how many numbers {names} have; give data "
                "with at="
            )
        found, reason = evaluate_at(program, written, graph.outputs)
        if reason is None:
            points.append(written)
            values.append(found)
    return Sample(tuple(points), tuple(values), sample.left_out)


def _choose(judged: _Judged, program: Program, points: int) -> tuple[list[int], int]:
    """Choose variables evenly and a number of points, within the bounds."""
    count = len(judged.wrt)
    quotient = 2 * max(1, program.cost)
    for used in range(max(points, 1), 0, -1):
        affordable = max(1, min(MAX_VARIABLES, MAX_WORK // (quotient * used)))
        if affordable >= min(count, _FEW):
            break
    affordable = min(affordable, count)
    chosen = [k * count // affordable for k in range(affordable)]
    return chosen, min(points, used)


# --- what is true -------------------------------------------------------------------


@dataclass(frozen=True)
class _Truth:
    """The values and derivatives at one point, and the size below which is rounding."""

    values: tuple[Any, ...]
    matrix: tuple[tuple[Any, ...], ...]
    floor: Any

    def error(self, computed: Any, expected: Any) -> float:
        """The relative error; nan where nothing finite was computed."""
        size = max(abs(expected), self.floor)
        return float(abs(mpf(computed) - expected) / size) if size else 0.0

    def rows(
        self, judged: _Judged, chosen: Sequence[int], point: Point, computed: Any
    ) -> list[GradientRow]:
        """One row for each derivative at this point."""
        return [
            GradientRow(
                variable=judged.wrt[k].name,
                output=output,
                error=self.error(computed[m][n], self.matrix[m][n]),
                point=point,
                computed=float(computed[m][n]),
                expected=float(self.matrix[m][n]),
            )
            for n, k in enumerate(chosen)
            for m, output in enumerate(judged.outputs)
        ]


def _truth(
    judged: _Judged, program: Program, base: Sequence[Any], chosen: Sequence[int]
) -> _Truth:
    outputs = judged.graph.outputs
    columns = [
        slopes(program, base, judged.wrt[k], outputs)
        for k in watched(chosen, "derivatives checked")
    ]
    matrix = tuple(tuple(column[o] for column in columns) for o in outputs)
    sizes = [abs(base[slot]) for slot in program.slots.values()]
    sizes += [abs(slope) for row in matrix for slope in row]
    largest = max((s for s in sizes if context.isfinite(s)), default=mpf(0))
    values = tuple(base[program.slots[o]] for o in outputs)
    return _Truth(values, matrix, _FLOOR * largest)
