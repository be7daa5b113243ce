"""What a fit says of itself: lines of text, and a section of tables for its page.

The one rule kept here: a value is written with as many digits as its error allows.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from symgrad.derivation import Section, Table, Text
from symgrad.symbols import symbol

MAX_CORRELATIONS = 12
MAX_STAGES = 8
HIGH = 0.95


def correlations(covariance: Any) -> Any:
    """The correlation matrix of a covariance matrix."""
    sizes = np.sqrt(np.diag(covariance))
    with np.errstate(all="ignore"):
        return covariance / np.outer(sizes, sizes)


def measured_value(value: float, error: float) -> str:
    """Write a value and its error, the error with two digits.

    >>> measured_value(2.49523, 0.01234)
    '2.495 ± 0.012'
    >>> measured_value(6181.3463, 233.09)
    '6180 ± 230'
    >>> measured_value(5.501564e-4, 7.26e-6)
    '0.0005502 ± 7.3e-06'
    """
    if not math.isfinite(error) or error <= 0:
        return _number(value)
    place = 1 - math.floor(math.log10(error))
    if float(f"{error:.1e}") != float(f"{error:.2e}") and f"{error:.1e}"[0] == "1":
        place = 1 - math.floor(math.log10(float(f"{error:.1e}")))
    if abs(value) >= 1e6 or 0 < abs(value) < 1e-4 or error >= 1e6:
        digits = max(0, place + _exponent(value))
        return f"{value:.{min(digits, 16)}e} ± {error:.1e}"
    shown = f"{round(value, place):.{max(place, 0)}f}".replace("-", "−")
    if place > 4:
        return f"{shown} ± {error:.1e}"
    return f"{shown} ± {round(error, place):.{max(place, 0)}f}"


def _exponent(value: float) -> int:
    return math.floor(math.log10(abs(value))) if value else 0


def _number(value: float) -> str:
    return f"{value:.5g}".replace("-", "−")


def _level(level: float) -> str:
    return f"{100 * level:g} %"


def summary(fit: Any) -> list[str]:
    """How well the model fits, and what the reader must know of it."""
    weighted = bool(np.ptp(fit.columns.weights)) or fit.absolute
    lines = []
    if fit.absolute:
        chi = fit.sum_of_squares
        lines.append(f"χ² = {chi:.4g} with {fit.degrees} degrees of freedom")
    else:
        kind = "weighted residuals" if weighted else "residuals"
        lines.append(
            f"standard deviation of the {kind} {fit.scale:.3g}, R² = "
            f"{fit.r_squared:.4f}".replace("-", "−")
        )
    if fit.loss != "linear":
        lines.append(f"robust loss {fit.loss}: outliers weigh less")
    for name in fit.at_bounds:
        lines.append(f"{name} is at its bound; it was held there for the errors")
    lines += strong_correlations(fit)
    if not fit.converged:
        lines.append("not converged: this is no minimum; give start= or bounds=")
    return lines


def strong_correlations(fit: Any) -> list[str]:
    """The pairs of parameters that the data hardly tell apart."""
    matrix, names = fit.correlation, fit.names
    return [
        f"{names[i]} and {names[j]} are correlated: {matrix[i, j]:.3f}".replace(
            "-", "−"
        )
        for i in range(len(names))
        for j in range(i)
        if abs(matrix[i, j]) > HIGH
    ]


def fit_text(fit: Any) -> str:
    """The result as lines of text."""
    head = _headline(fit)
    rows = [
        f"{name} = {measured_value(value, fit.errors[name])}"
        for name, value in fit.at.items()
    ]
    return "\n".join([head, *rows, *summary(fit)])


def _headline(fit: Any) -> str:
    graph = fit.graph
    count = fit.columns.y.size
    shown = f"{fit.columns.target} at {count} points"
    if len(graph.stages) <= MAX_STAGES:
        formula = graph.closed_form()
        return f"{graph.shown(graph.output)} = {formula}, fitted to {shown}"
    stages = "; ".join(f"{stage.symbol} = {stage.expr}" for stage in graph.stages)
    return f"{stages}, fitted to {shown}"


def fit_section(fit: Any, interval: Any, level: float) -> tuple[Section, ...]:
    """The result as sections of a page."""
    header: tuple[Text, ...] = (
        ("parameter",),
        ("value",),
        ("standard error",),
        (f"{_level(level)} interval",),
    )
    rows: list[tuple[Text, ...]] = []
    for name, value in fit.at.items():
        low, high = interval[name]
        between = f"{_number(low)} to {_number(high)}" if low == low else "at its bound"
        shown, _, error = measured_value(value, fit.errors[name]).partition(" ± ")
        error = error or "–"
        rows.append(((symbol(name),), (shown,), (error,), (between,)))
    tried, same = fit.starts
    facts: list[str] = [
        f"{fit.columns.y.size} points, {len(fit.names)} parameters, {fit.degrees} "
        f"degrees of freedom; {same} of {tried} starts ended here",
        *summary(fit),
    ]
    text = tuple((fact,) for fact in facts)
    sections = [Section(("The fit",), text, (), Table(header, tuple(rows)))]
    if 1 < len(fit.names) <= MAX_CORRELATIONS:
        matrix = fit.correlation
        names: tuple[Text, ...] = tuple((symbol(name),) for name in fit.names)
        cells = tuple(
            (name, *((f"{cell:.3f}".replace("-", "−"),) for cell in row))
            for name, row in zip(names, matrix, strict=True)
        )
        title = ("The correlations of the parameters",)
        sections.append(Section(title, (), (), Table((("",), *names), cells)))
    return tuple(sections)
