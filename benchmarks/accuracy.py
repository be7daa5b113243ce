"""The worst relative error of every function and its derivative in float64.

Run ``python benchmarks/accuracy.py`` to print the table, and with ``--write`` to put
it, with domains and kinks, into docs/functions.md. The judge is mpmath at 50 digits;
derivatives are judged by difference quotients of the function. ``--units`` does the
same for the table of docs/running.md: functions over their whole range, in units of
the last place, by back end and precision (needs llvmlite).
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import numpy as np

import symgrad as sg
from symgrad.derivatives import DERIVATIVES
from symgrad.functions import FUNCTIONS
from symgrad.graph import Graph, Stage
from symgrad.numeric.differences import graph_program, slopes
from symgrad.numeric.high_precision import context, mpf
from symgrad.symbols import symbol

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from units import ORACLES, arguments, true_value, units

PAGE = Path(__file__).parent.parent / "docs" / "functions.md"
RUNNING = PAGE.parent / "running.md"
BEGIN, END = "<!-- units -->\n", "<!-- end of units -->\n"
POLES = ("atanh", "acoth", "log", "log1p")
POINTS = 60
HEAD = """# Functions

Every function that symgrad knows, where it is real (u is its argument), and the worst
relative error of its value and derivative in float64 at {points} points between -20
and 20 inside its domain, next to mpmath at 50 digits. Bessel and incomplete gamma
functions and polygamma are of order 2, differentiated by their argument; functions of
two arguments by the second. An error is large where the value itself is nearly 0, or
where the derivative has but the digits that a subtraction leaves (1 − tanh² far out).
Written by `python benchmarks/accuracy.py --write`.

| function | domain, kinks | value, math | value, arrays | derivative, math \
| derivative, arrays |
|---|---|---|---|---|---|
"""
x, y, out = symbol("x"), symbol("y"), symbol("out")
POWER = Graph((Stage(out, y**x),), (out,), (y, x))


def graph_of(name: str) -> tuple[Graph, int]:
    """The function as a graph, and how many arguments vary."""
    make = FUNCTIONS[name].make
    if FUNCTIONS[name].arity == 2 or name in ("Max", "Min"):
        ordered = DERIVATIVES[name][0] is None
        expr = make(2, x, evaluate=False) if ordered else make(y, x, evaluate=False)
        inputs = (x,) if ordered else (y, x)
    else:
        expr, inputs = make(x), (x,)
    return Graph((Stage(out, expr),), (out,), inputs), len(inputs)


def judged_points(graph: Graph, count: int, name: str) -> list[tuple]:
    """Points in the domain, with the true value and slope (None where unknown)."""
    program = graph_program(graph)
    numbers = random.Random(name)
    found: list[tuple] = []
    for k in range(40 * POINTS):
        if len(found) == POINTS:
            break
        reach = (1.0, 3.0, 20.0)[k % 3]
        point = [numbers.uniform(-reach, reach) for _ in range(count)]
        at = dict(zip(graph.inputs, map(mpf, point), strict=True))
        values = program.run(at)
        value = values[program.slots[out]]
        if not context.isfinite(value) or abs(value) < 1e-300:
            continue
        slope = slopes(program, values, x, [out])[out]
        found.append((point, value, slope if context.isfinite(slope) else None))
    return found


def worst(name: str, backend: str) -> tuple[float, float]:
    """The worst relative errors of value and derivative; nan where there is none."""
    graph, count = graph_of(name)
    wrt = [] if DERIVATIVES[name] == (None,) else ["x"]
    f = None
    for one in ("numpy", "scipy") if backend == "arrays" else (backend,):
        try:
            f = f or sg.lambdify(graph, wrt, backend=one)
        except sg.RuleError:
            continue
    if f is None:
        return float("nan"), float("nan")
    errors, slope_errors = [0.0], [0.0] if wrt else []
    for point, value, slope in judged_points(graph, count, name):
        result = f(*point) if backend == "math" else f(*np.array(point)[:, None])
        got, grad = result if wrt else (result, None)
        errors.append(float(abs(mpf(float(np.squeeze(got))) - value) / abs(value)))
        if wrt and slope is not None and abs(slope) > 1e-25:
            number = mpf(float(np.squeeze(grad)))
            slope_errors.append(float(abs(number - slope) / abs(slope)))
    return max(errors), max(slope_errors, default=float("nan"))


def table() -> str:
    """One row for each function."""
    lines = []
    for name, row in FUNCTIONS.items():
        single, batch = worst(name, "math"), worst(name, "arrays")
        words = (
            "; ".join(filter(None, (row.domain, row.edge, row.kink_note)))
            or "everywhere"
        )
        words = words.replace("|", "\\|")
        numbers = (single[0], batch[0], single[1], batch[1])
        shown = " | ".join("–" if e != e else f"{e:.1e}" for e in numbers)
        lines.append(f"| `{name}` | {words} | {shown} |")
    return "\n".join(lines) + "\n"


def units_of(name: str, backend: str, real: type) -> str:
    """The worst error of a function over its whole range, in units."""
    graph, _ = graph_of(name) if name != "power" else (POWER, 2)
    try:
        f = sg.lambdify(graph, [], backend=backend)
    except sg.RuleError:
        return "–"
    at = arguments(name, real, 60)
    with np.errstate(all="ignore"):
        got = f(*at)
    errors = [
        units(number, true_value(name, point), real)
        for number, *point in zip(got, *at, strict=True)
        if name not in POLES or abs(point[0]) not in (0, 1)
    ]
    return f"{max(errors):.2f}" if max(errors) < 1e4 else "> 10000"


def units_table() -> str:
    """One row for each function that machine code has."""
    lines = []
    for name in (name for name in ORACLES if name != "Heaviside"):
        numbers = [
            units_of(name, backend, real)
            for backend in ("llvm", "numpy")
            for real in (np.float64, np.float32)
        ]
        lines.append(f"| `{name}` | {' | '.join(numbers)} |")
        print(lines[-1], flush=True)
    return "\n".join(lines) + "\n"


def write_units() -> None:
    """Put the table between its marks."""
    text = RUNNING.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    head = "| function | llvm, double | llvm, single | numpy, double | numpy, single |"
    written = f"{head}\n|---|---|---|---|---|\n{units_table()}"
    RUNNING.write_text(before + BEGIN + written + END + after, encoding="utf-8")


if __name__ == "__main__":
    if "--units" in sys.argv:
        write_units()
        sys.exit()
    found = table()
    print(found, end="")
    if "--write" in sys.argv:
        PAGE.write_text(HEAD.format(points=POINTS) + found, encoding="utf-8")
