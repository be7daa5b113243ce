"""What a check of a gradient found, as data and as a table that a person reads.

The one rule kept here: a report says what was not judged before it says anything good.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from symgrad.numeric.high_precision import DIGITS
from symgrad.numeric.sampling import LeftOut, Point, reasons

TOLERANCE = 1e-8
WIDTH = 100

_SHOWN_ROWS = 40
_SHOWN_NAMES = 24
_METHOD = f"central differences of the forward pass, {DIGITS} digits"


@dataclass(frozen=True)
class GradientRow:
    """One derivative: its worst relative error, where that was, by which method."""

    variable: str
    output: str
    error: float
    point: Point
    computed: float
    expected: float
    method: str = _METHOD


@dataclass(frozen=True)
class GradientCheck:
    """How well a gradient agrees with difference quotients, variable by variable.

    ``error`` of a row is ``|computed - expected| / max(|expected|, 1e-6*s)``, where s
    is the largest magnitude met at the point: what is far below that is rounding.
    ``value_error`` is the error of the function's own value; ``left_out`` tells the
    points passed over, ``unchecked`` counts the derivatives that were not judged.
    """

    judged: str
    rows: tuple[GradientRow, ...]
    points: tuple[Point, ...]
    value_error: float
    left_out: tuple[LeftOut, ...] = ()
    unchecked: int = 0
    tolerance: float = TOLERANCE

    @property
    def worst(self) -> float:
        """The largest relative error of all; nan where nothing was judged."""
        errors = [self.value_error, *(row.error for row in self.rows)]
        if not self.points or any(error != error for error in errors):
            return float("nan")
        return max(errors)

    @property
    def passed(self) -> bool:
        """Whether something was judged and all of it is within the tolerance."""
        judged = bool(self.points) and bool(self.rows or not self.unchecked)
        return judged and self.worst <= self.tolerance

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        parts = (_headline(self), _table(self), _places(self))
        return "\n".join(line for part in parts for line in part)


def _headline(check: GradientCheck) -> list[str]:
    count = len(check.rows)
    told = f"{count:,} derivative{'' if count == 1 else 's'}"
    where = f"{len(check.points)} point{'' if len(check.points) == 1 else 's'}"
    if not check.points:
        verdict = "not checked: no point could be used"
    else:
        word = "passed" if check.passed else "FAILED"
        verdict = f"{word}: {told} at {where}, worst relative error {check.worst:.1e}"
        verdict += f" (tolerance {check.tolerance:.0e})"
    lines = [verdict]
    if check.unchecked:
        lines.append(f"not judged: {check.unchecked:,} further derivatives")
    lines += [
        f"left out: {number} point{'' if number == 1 else 's'}, {reason}"
        for reason, number in reasons(check.left_out)[:8]
    ]
    lines.append(f"judged: {check.judged}")
    lines.append(f"against: {_METHOD}")
    return _wrapped(lines)


def _table(check: GradientCheck) -> list[str]:
    """The rows, the worst first where not all of them are shown."""
    rows = check.rows
    if len(rows) > _SHOWN_ROWS:
        rows = tuple(sorted(rows, key=lambda r: -r.error))[:_SHOWN_ROWS]
    if not rows:
        return []
    several = len({row.output for row in check.rows}) > 1
    numbers = {id(point): n for n, point in enumerate(check.points, start=1)}
    cells = [("variable", "worst error", "at point", "computed", "expected")]
    for row in rows:
        name = f"{row.output}, {row.variable}" if several else row.variable
        cells.append(
            (
                _cut(name),
                f"{row.error:.1e}",
                str(numbers.get(id(row.point), "")),
                f"{row.computed:.10g}",
                f"{row.expected:.10g}",
            )
        )
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(
            [line[0].ljust(widths[0])]
            + [c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True)]
        ).rstrip()
        for line in cells
    ]
    if len(rows) < len(check.rows):
        lines.append(f"… and {len(check.rows) - len(rows):,} with smaller errors")
    return ["", *lines]


def _places(check: GradientCheck) -> list[str]:
    if not check.points:
        return []
    lines = [
        f"point {n}: {_point_text(point)}"
        for n, point in enumerate(check.points, start=1)
    ]
    return ["", *_wrapped(lines)]


def _point_text(point: Mapping[str, float]) -> str:
    shown = [f"{name} = {value:g}" for name, value in point.items()][:_SHOWN_NAMES]
    if len(point) > _SHOWN_NAMES:
        shown.append(f"… and {len(point) - _SHOWN_NAMES:,} more")
    return ", ".join(shown) or "no variables"


def _cut(name: str, width: int = 32) -> str:
    return name if len(name) <= width else name[: width - 1] + "…"


def _wrapped(lines: list[str]) -> list[str]:
    return [
        part
        for line in lines
        for part in textwrap.wrap(line, WIDTH, subsequent_indent="    ")
    ]
