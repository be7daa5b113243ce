"""The page of speed: goals, tables and a picture from the results of ``suite.py``.

The one rule kept here: every figure of docs/speed.md between its marks comes from
results.json, and a goal that is missed is said to be, with the reason.
"""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

DOCS = Path(__file__).resolve().parents[1] / "docs"
Times = dict[tuple[str, int], dict[str, list[float]]]


@dataclass(frozen=True)
class Goal:
    """``peer`` shall take ``least`` times as long as ``ours``, in each of ``threads``.

    Without a peer ``ours`` shall take ``most`` at most; ``beside`` is taken off it.
    """

    work: str
    ours: str
    peer: str = ""
    least: float = 0.0
    why: str = ""
    threads: tuple[int, ...] = (1, 2)
    most: float = 0.0
    beside: str = ""


NO_STREAM = "NumPy's own functions bound it: see [below](#what-bounds-numpys-back-end)"
BUSY = "two threads share the memory of a busy machine"
GOALS = (
    Goal("batch", "symgrad, llvm, out=", "jax.jit(vmap)", 6, (
        "the time of JAX, mostly new memory, differs between runs by a factor of two; "
        "ours is bounded by memory and the three tanh, see "
        "[below](#what-bounds-machine-code)")),
    Goal("batch", "symgrad, llvm, out=", "torch.compile(vmap)", 2.5),
    Goal("batch", "symgrad, llvm, out=", "C by hand", 1.0, threads=(1,)),
    Goal("batch", "symgrad, llvm, fast, out=", "torch.compile(vmap)", 3.0, BUSY),
    Goal("batch", "symgrad, numpy, out=", "sympy.lambdify, cse", 2.0, NO_STREAM),
    Goal("batch", "symgrad, numpy, out=", "jax.jit(vmap)", 1.8, NO_STREAM),
    Goal("loss", "symgrad, llvm", "jax.jit", 2.6),
    Goal("loss", "symgrad, llvm", "torch.compile", 2.6, (
        "the three tanh alone, in cache, take two fifths of the time")),
    Goal("loss", "symgrad, numpy", "sympy.lambdify, cse", 3.0),
    Goal("point", "symgrad, llvm, f.point", "C extension by hand", 1 / 1.5, "", (1,)),
    Goal("point", "symgrad, math, f.point", "sympy.lambdify, math", 1 / 0.9, (
        "the peer takes the same lines of arithmetic; ours checks its arguments "
        "besides"), (1,)),
    Goal("large", "symgrad, llvm", most=8.0, threads=(1,)),
    Goal("import", "symgrad", most=0.1, threads=(2,), beside="sympy"),
    Goal("network", "symgrad", most=1.2, threads=(2,)),
    Goal("large network", "symgrad", most=5.0, threads=(2,)),
)  # fmt: skip


def write(results: dict[str, Any], tables: str, folder: Path = DOCS) -> Path:
    """Write the page's marked parts anew, and the picture beside it."""
    runs = {(run["work"], run["threads"]): run["times"] for run in results["runs"]}
    page = folder / "speed.md"
    text = page.read_text(encoding="utf-8")
    machine = f"{results['machine']}; {results['versions']}. {results['date']}."
    for mark, part in (
        ("machine", machine + "\n"),
        ("goals", goals(runs, results["runs"])),
        ("tables", tables.rstrip("\n") + "\n"),
    ):
        whole = rf"(<!-- {mark} -->\n).*?(<!-- end of {mark} -->)"
        text, count = re.subn(
            whole, lambda m, part=part: m[1] + part + m[2], text, flags=re.S
        )
        if count != 1:
            raise SystemExit(f"{page} has {count} marks {mark!r}; expected 1")
    page.write_text(text, encoding="utf-8")
    (folder / "speed.svg").write_text(picture(runs), encoding="utf-8")
    return page


def goals(runs: Times, each: list[dict[str, Any]]) -> str:
    """One row for each goal: what was reached, and why not more."""
    units = {run["work"]: run["unit"] for run in each}
    titles = {run["work"]: run["title"] for run in each}
    lines = ["| work | goal | measured | |", "|---|---|---|---|"]
    for goal in GOALS:
        found = [reached(goal, runs[goal.work, k], units[goal.work])
                 for k in goal.threads if (goal.work, k) in runs]  # fmt: skip
        found = [each for each in found if each is not None]
        if not found:
            continue
        shown = ", ".join(text for text, _ in found)
        good = [good for _, good in found]
        verdict = "reached" if all(good) else "missed" if not any(good) else "in part"
        if not all(good) and goal.why:
            verdict += f": {goal.why}"
        lines.append(
            f"| {titles[goal.work]} | {described(goal, units[goal.work])} | {shown} "
            f"| {verdict} |"
        )
    return "\n".join(lines) + "\n"


def described(goal: Goal, unit: str) -> str:
    if goal.peer:
        return f"{goal.ours}: ≥ {goal.least:.3g} × as fast as {goal.peer}"
    more = f" more than {goal.beside}" if goal.beside else ""
    return f"{goal.ours}: ≤ {goal.most:g} {unit}{more}"


def reached(
    goal: Goal, times: dict[str, list[float]], unit: str
) -> tuple[str, bool] | None:
    """The figure of a goal, and whether it is good; None where a peer is missing."""
    if {goal.ours, goal.peer or goal.ours, goal.beside or goal.ours} - times.keys():
        return None
    ours = statistics.median(times[goal.ours])
    if goal.peer:
        ratio = statistics.median(times[goal.peer]) / ours
        return f"{ratio:.2f} ×", ratio >= goal.least
    ours -= statistics.median(times[goal.beside]) if goal.beside else 0.0
    return f"{ours:.3g} {unit}", ours <= goal.most


# --- the picture ------------------------------------------------------------------

ROW, LEFT, WIDTH = 26, 190, 720
COLOURS = {True: ("#1f4e79", "#7fa6cc"), False: ("#8a8f98", "#c9cdd3")}
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
    'width="{width}" height="{height}" font-family="sans-serif" font-size="12" '
    'role="img" aria-label="{title}">\n'
    '<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
)
PANELS = (
    ("batch", "Value and nine partials of every sample"),
    ("loss", "Sum of squares and its nine partials"),
)


def picture(runs: Times) -> str:
    """Draw nanoseconds a sample as bars: one thread, and lighter below it two."""
    parts: list[str] = []
    top = 8
    for work, title in PANELS:
        one, two = runs.get((work, 1), {}), runs.get((work, 2), {})
        if not one:
            continue
        top += 20
        parts.append(
            f'<text x="8" y="{top}" font-size="14" font-weight="bold" fill="#222222">'
            f"{title}, ns a sample</text>"
        )
        top += 10
        both = [statistics.median(t) for each in (one, two) for t in each.values()]
        scale = (WIDTH - LEFT - 60) / max(both)
        for name in sorted(one, key=lambda name: statistics.median(one[name])):
            parts += _bars(name, [one[name], two.get(name, [])], top, scale)
            top += ROW
    top += 22
    parts.append(
        f'<text x="{LEFT}" y="{top}" fill="#444444">upper bar one thread, lower bar '
        "two; symgrad blue; shorter is faster</text>"
    )
    title = "nanoseconds a sample, symgrad and its peers"
    head = HEAD.format(width=WIDTH, height=top + 12, title=title)
    return head + "\n".join(parts) + "\n</svg>\n"


def _bars(name: str, times: list[list[float]], top: int, scale: float) -> list[str]:
    colours = COLOURS[name.startswith("symgrad")]
    parts = [
        f'<text x="{LEFT - 8}" y="{top + 15}" text-anchor="end" fill="#222222">'
        f"{escape(name)}</text>"
    ]
    for place, (each, colour) in enumerate(zip(times, colours, strict=True)):
        if not each:
            continue
        middle, y = statistics.median(each), top + 1 + 11 * place
        width = middle * scale
        parts += [
            f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="10" '
            f'fill="{colour}"/>',
            f'<text x="{LEFT + width + 5:.1f}" y="{y + 9}" font-size="10" '
            f'fill="#222222">{middle:#.3g}</text>',
        ]
    return parts
