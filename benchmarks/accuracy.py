"""The worst error of every function and its derivative, by back end and precision.

Run ``python benchmarks/accuracy.py --write`` to write the tables of docs/accuracy.md
and the domains and kinks of docs/functions.md (two minutes on two cores); names of
functions print their rows alone. Which back ends are measured is what is installed;
the judge is mpmath (tests/true_values.py). The one rule kept here: the same points in
every run.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import symgrad as sg
from symgrad.functions import FUNCTIONS
from symgrad.graph import Graph, Stage
from symgrad.numeric.llvm.functions import FUNCTIONS as MACHINE_CODE
from symgrad.symbols import symbol

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from true_values import (
    BY_ARGUMENT,
    ORDERS,
    POLES,
    RANGES,
    SLOPES,
    VALUES,
    judged,
    points_of,
    settled,
    slope_functions,
    sway,
)
from units import M, mpf, takes_two

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "functions.md"
TABLES = ROOT / "docs" / "accuracy.md"
BEGIN, END = "<!-- tables -->\n", "<!-- end of tables -->\n"
PARTS = ("value", "derivative")
REALS = {"double": np.float64, "single": np.float32}
COLUMNS = ("numpy", "math", "llvm", "jax", "torch")
COUNT = 10
NAMES = [*VALUES]
FAST = {f"{name}, fast": name for name, row in MACHINE_CODE.items() if row.fast}
x, y, out = symbol("x"), symbol("y"), symbol("out")

Errors = list[float]


@dataclass(frozen=True)
class Truth:
    """A function's points, and for each result its true numbers and what is allowed.

    ``results[0]`` are the values, the others the slopes that are known; each is a list
    of (true number, how far the last place of the argument moves it).
    """

    at: tuple[np.ndarray, ...]
    results: tuple[list[tuple[Any, Any]], ...]


@cache
def graph_of(name: str) -> tuple[Graph, list[str]]:
    """The function as a graph, and by what it is differentiated."""
    if name == "power":
        expr, inputs = y**x, (y, x)
    elif takes_two(name) or name in ORDERS:
        expr, inputs = FUNCTIONS[name].make(y, x, evaluate=False), (y, x)
    else:
        expr, inputs = FUNCTIONS[name].make(x, evaluate=False), (x,)
    known = slope_functions(name)
    wrt = [one.name for one, slope in zip(inputs, known, strict=True) if slope]
    return Graph((Stage(out, expr),), (out,), inputs), wrt


@cache
def truth(name: str, precision: str, keep: int = 24 * COUNT) -> Truth:
    """True values and slopes at the first ``keep`` of all points."""
    real = REALS[precision]
    at = tuple(u[:keep] for u in points_of(name, real, COUNT))
    found = []
    for function in (VALUES[name], *filter(None, slope_functions(name))):
        numbers = []
        for point in zip(*at, strict=True):
            exact = tuple(mpf(float(u)) for u in point)
            value = settled(function, exact)
            loose = name in BY_ARGUMENT and M.isfinite(value)
            numbers.append((value, sway(function, exact, real) if loose else mpf(0)))
        found.append(numbers)
    return Truth(at, tuple(found))


def called(name: str, column: str, real: type, at: Any) -> list[np.ndarray] | None:
    """Values and slopes by one back end, one array each; None where it has no code."""
    graph, wrt = graph_of(name.removesuffix(", fast"))
    accuracy = "fast" if name in FAST else "default"
    function = None
    backends = ("numpy", "scipy") if column == "numpy" else (column,)
    for asked, backend in [(a, b) for a in (wrt, []) for b in backends]:
        try:
            function = sg.lambdify(graph, asked, backend=backend, accuracy=accuracy)
            wrt = asked
            break
        except sg.RuleError:
            continue
    if function is None:
        return None
    if column == "math":
        pairs = [function(*map(float, point)) for point in zip(*at, strict=True)]
        rows = [(p[0], *p[1]) if wrt else (p,) for p in pairs]
        return [np.array(row) for row in zip(*rows, strict=True)]
    with np.errstate(all="ignore"):
        results = function(*map(ARRAYS.get(column, np.asarray), at))
    value, grad = results if wrt else (results, ())
    return [np.asarray(value), *map(np.asarray, grad)]


def _jax_array(u: np.ndarray) -> Any:
    import jax

    jax.config.update("jax_enable_x64", True)
    return jax.numpy.asarray(u)


def _torch_array(u: np.ndarray) -> Any:
    import torch

    return torch.from_numpy(u)


ARRAYS: dict[str, Callable[[np.ndarray], Any]] = {
    "jax": _jax_array,
    "torch": _torch_array,
}


def measured(
    name: str, column: str, precision: str, keep: int = 24 * COUNT
) -> list[tuple[float, Any]] | None:
    """The worst errors of value and derivative, each with its point.

    None where the back end has no code.
    """
    if column == "math" and precision == "single":
        return None
    real, true = REALS[precision], truth(FAST.get(name, name), precision, keep)
    got = called(name, column, real, true.at)
    if got is None:
        return None
    points = list(zip(*true.at, strict=True))
    errors = [
        [
            (judged(float(number), *wanted, real), point)
            for number, wanted, point in zip(numbers, wanteds, points, strict=True)
            if float(point[0]) not in POLES.get(name, ())
        ]
        for numbers, wanteds in zip(got, true.results, strict=False)
    ]
    slopes = [pair for one in errors[1:] for pair in one]
    worst = [max(errors[0], key=lambda pair: pair[0])]
    return [*worst, max(slopes, key=lambda pair: pair[0])] if slopes else worst


Row = dict[tuple[str, str, str], tuple[float, Any]]


def row_of(name: str) -> tuple[str, Row]:
    """All numbers of a function: (part, precision, column) -> (error, point)."""
    found: Row = {}
    for precision in REALS:
        for column in ("llvm",) if name in FAST else COLUMNS:
            for part, pair in zip(
                PARTS, measured(name, column, precision) or (), strict=False
            ):
                found[part, precision, column] = pair
    return name, found


def shown(number: float | None) -> str:
    """A number as the tables have it, rounded upwards."""
    if number is None:
        return "–"
    if number == math.inf:
        return "lost"
    if number < 100:
        return f"{math.ceil(number * 100) / 100:.2f}"
    return f"{math.ceil(number)}" if number < 1e4 else f"{number * 1.05:.0e}"


def number(text: str) -> float | None:
    """What ``shown`` wrote."""
    return {"–": None, "lost": math.inf}[text] if text in "–lost" else float(text)


def range_of(name: str) -> str:
    """The arguments that a row is for."""
    if name not in RANGES:
        return "all"
    high, low = RANGES[name]
    return f"{low:g} … {high:g}".replace("-", "−").replace("e+", "e")


def table(rows: dict[str, Row], part: str, precision: str) -> Iterator[str]:
    """One of the tables, line by line."""
    columns = [c for c in COLUMNS if c != "math" or precision == "double"]
    yield f"## {part.capitalize()}, {precision} precision\n"
    yield f"| function | arguments | {' | '.join(columns)} |"
    yield "|---|---|" + "---|" * len(columns)
    for name, row in rows.items():
        if part == "derivative" and FAST.get(name, name) not in SLOPES:
            continue
        pairs = [row.get((part, precision, column)) for column in columns]
        numbers = " | ".join(shown(pair[0] if pair else None) for pair in pairs)
        star = "\\*" if FAST.get(name, name) in BY_ARGUMENT else ""
        yield f"| `{name}`{star} | {range_of(name)} | {numbers} |"
    yield ""


def faults(rows: dict[str, Row]) -> Iterator[str]:
    """Where a row is above 16 units in NumPy or machine code."""
    yield "## Where they are worst\n"
    yield "| function | of | back end | units | at |"
    yield "|---|---|---|---|---|"
    for name, row in rows.items():
        for (part, precision, column), (most, point) in row.items():
            if precision == "double" and column in ("numpy", "llvm") and most > 16:
                at = ", ".join(f"{float(u):.6g}" for u in point)
                yield f"| `{name}` | {part} | {column} | {shown(most)} | {at} |"
    yield ""


def exact_line() -> str:
    """The worst error of the back end mpmath, in units of its last digit."""
    worst = 0.0
    digits = 30
    for name in NAMES:
        graph, _ = graph_of(name)
        at = tuple(u[:4] for u in points_of(name, np.float64, COUNT))
        function = sg.lambdify(graph, [], backend="mpmath", digits=digits)
        for point in zip(*at, strict=True):
            true = settled(VALUES[name], tuple(mpf(float(u)) for u in point), 150)
            if M.isfinite(true) and true:
                got = M.convert(function(*map(float, point)))
                place = mpf(10) ** (M.floor(M.log10(abs(true))) - digits + 1)
                worst = max(worst, float(abs(got - true) / place))
    return (
        f"`mpmath` at {digits} digits: {worst:.2f} units of the last digit at most.\n"
    )


def functions_page() -> str:
    """The page of domains and kinks."""
    lines = ["| function | domain, kinks |", "|---|---|"]
    for name, row in FUNCTIONS.items():
        words = "; ".join(filter(None, (row.domain, row.edge, row.kink_note)))
        words = (words or "everywhere").replace("|", "\\|")
        lines.append(f"| `{name}` | {words} |")
    before = PAGE.read_text(encoding="utf-8").split("| function |")[0]
    return before + "\n".join(lines) + "\n"


def all_rows(names: list[str]) -> dict[str, Row]:
    """The rows in order, computed by two processes."""
    with ProcessPoolExecutor(2) as pool:
        return dict(pool.map(row_of, names))


def main(names: list[str], write: bool) -> None:
    rows = all_rows(names or [*NAMES, *FAST])
    lines = [
        line for part in PARTS for real in REALS for line in table(rows, part, real)
    ]
    text = "\n".join([*lines, *faults(rows), exact_line()])
    print(text)
    if write:
        before, rest = TABLES.read_text(encoding="utf-8").split(BEGIN)
        after = rest.split(END)[1]
        whole = before + BEGIN + text + END + after
        TABLES.write_text(whole, encoding="utf-8")
        PAGE.write_text(functions_page(), encoding="utf-8")


if __name__ == "__main__":
    options = [one for one in sys.argv[1:] if one.startswith("--")]
    main([one for one in sys.argv[1:] if one not in options], "--write" in options)
