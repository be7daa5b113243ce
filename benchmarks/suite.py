"""All works with all peers: a table, a plot and the raw times.

Every peer is checked before it is timed; calls take turns (A B A B …), so that a busy
machine slows all alike; a row is the median with its quartiles. Each work runs in a
process of its own, with one thread bound to one core.
Usage: python benchmarks/suite.py [--out folder] [--only batch loss] [--rounds 15]
With ``--docs`` docs/speed.md and its picture are written from the results;
``--results folder/results.json --docs`` does that without running anything.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import speed_page
import timing

Times = dict[str, list[float]]


def times_of(work: str, threads: int, samples: int, rounds: int) -> dict[str, Any]:
    """Run one work here, and give its title, its unit and the times in that unit."""
    if threads == 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    import peers
    import processes
    import works
    from limits import limits

    peers.set_threads(threads)
    if work in works.WORKS:
        chosen = works.WORKS[work]
        calls = chosen.calls(samples, threads)
        works.check(calls)
        title, unit, scale = chosen.title, chosen.unit, chosen.scale
        scale /= samples if chosen.per_sample else 1
        repeat = chosen.repeat
    elif work == "limits":
        title, unit, repeat = "the machine's limits", "ns a sample", 1
        calls, scale = limits(samples, threads), 1e9 / samples
    else:
        unit, scale, repeat, rounds = "s", 1.0, 1, max(3, rounds // 3)
        title = PROCESSES[work]
        if work == "import":
            calls = processes.imports()
        elif work == "network":
            calls = processes.ready([16, 32, 32, 1], ("symgrad", "casadi", "jax"))
        else:
            calls = processes.ready([64, 128, 128, 1], ("symgrad", "casadi"))
    found = timing.sample(calls, rounds, repeat)
    return {
        "work": work,
        "title": title,
        "unit": unit,
        "threads": threads,
        "times": {name: [t * scale for t in each] for name, each in found.items()},
    }


PROCESSES = {
    "import": "a process that imports it",
    "network": "16-32-32-1: a process, to the first value and gradient",
    "large network": "64-128-128-1: a process, to the first value and gradient",
}
PLAN = [
    ("limits", 1),
    ("batch", 1),
    ("batch", 2),
    ("loss", 1),
    ("loss", 2),
    ("point", 1),
    ("large", 1),
    *((name, 2) for name in PROCESSES),
]
PACKAGES = ("symgrad", "sympy", "numpy", "llvmlite", "jax", "torch", "casadi", "numba",
            "numexpr", "symengine", "heyoka", "autograd")  # fmt: skip


def quartiles(times: list[float]) -> tuple[float, float, float]:
    low, middle, high = statistics.quantiles(times, n=4, method="inclusive")
    return low, middle, high


def table(runs: list[dict[str, Any]]) -> str:
    """All runs in Markdown, each from the fastest to the slowest."""
    lines = []
    for run in runs:
        ours = statistics.median(next(iter(run["times"].values())))
        lines += [
            f"### {title_of(run)}",
            "",
            f"| | {run['unit']} | quartiles | to the first |",
            "|---|---:|---:|---:|",
        ]
        first = next(iter(run["times"]))
        for name, each in sorted(run["times"].items(), key=_median):
            low, middle, high = quartiles(each)
            title = f"**{name}**" if name == first else name
            lines.append(
                f"| {title} | {shown(middle)} | {shown(low)} to {shown(high)} "
                f"| {middle / ours:.2f} |"
            )
        lines.append("")
    return "\n".join(lines)


def title_of(run: dict[str, Any]) -> str:
    """The work, and its threads where it is one process."""
    if run["work"] in PROCESSES:
        return str(run["title"])
    return f"{run['title']}, {run['threads']} thread{'s' * (run['threads'] > 1)}"


def shown(number: float) -> str:
    """Three digits, no powers of ten."""
    return f"{number:,.0f}" if number >= 100 else f"{number:#.3g}"


def _median(item: tuple[str, list[float]]) -> float:
    return statistics.median(item[1])


def plot(runs: list[dict[str, Any]], path: Path) -> None:
    """Draw the medians as points, symgrad's darker; whiskers are the quartiles."""
    import matplotlib

    matplotlib.use("agg")
    matplotlib.rcParams.update({"svg.hashsalt": "symgrad", "svg.fonttype": "none"})
    from matplotlib import pyplot

    heights = [len(run["times"]) + 1.5 for run in runs]
    figure, axes = pyplot.subplots(
        len(runs),
        1,
        figsize=(8, 0.24 * sum(heights)),
        gridspec_kw={"height_ratios": heights},
        layout="constrained",
        squeeze=False,
    )
    for axis, run in zip(axes[:, 0], runs, strict=True):
        rows = sorted(run["times"].items(), key=_median, reverse=True)
        spread = [quartiles(each) for _, each in rows]
        middles = [middle for _, middle, _ in spread]
        errors = [
            [middle - low for low, middle, _ in spread],
            [high - middle for _, middle, high in spread],
        ]
        places = range(len(rows))
        axis.hlines(places, 0, middles, color="#dddddd", lw=0.8)
        axis.errorbar(middles, places, xerr=errors, fmt="none", ecolor="#555555", lw=1)
        ours = ["symgrad" in name for name, _ in rows]
        colours = ["#1f4e79" if own else "#9aa7b5" for own in ours]
        axis.scatter(middles, places, c=colours, s=22, zorder=3)
        axis.set_yticks(places, [name for name, _ in rows])
        for place, middle in enumerate(middles):
            axis.annotate(
                shown(middle),
                (spread[place][2], place),
                (6, 0),
                textcoords="offset points",
                va="center",
                fontsize=7,
            )
        if max(middles) > 20 * min(middles):
            axis.set_xscale("log")
        else:
            axis.set_xlim(left=0)
        axis.margins(x=0.12)
        axis.set_ylim(-0.7, len(rows) - 0.3)
        axis.xaxis.set_minor_formatter("")
        axis.tick_params(labelsize=7)
        axis.spines[["top", "right"]].set_visible(False)
        count = "1 thread" if run["threads"] == 1 else f"{run['threads']} threads"
        axis.set_title(
            f"{run['title']}, {count} ({run['unit']})", fontsize=9, loc="left"
        )
    figure.savefig(path, metadata={"Date": None})


def described() -> dict[str, str]:
    """The machine, the versions and the day, as the page gives them."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text(encoding="utf-8").splitlines()
        names = [line.split(":")[1].strip() for line in lines if "model name" in line]
        model = names[0] if names else model
    return {
        "machine": f"{os.cpu_count()} cores ({model}), {platform.system()}",
        "versions": timing.versions(*PACKAGES),
        "date": datetime.date.today().isoformat(),
    }


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = list(dict.fromkeys(work for work, _ in PLAN))
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--out", type=Path, default=Path("benchmark-results"))
    parser.add_argument("--one", nargs=2, metavar=("WORK", "THREADS"),
                        help="run one work and print its times as JSON")  # fmt: skip
    parser.add_argument("--docs", action="store_true",
                        help="write docs/speed.md and docs/speed.svg")  # fmt: skip
    parser.add_argument("--results", type=Path,
                        help="take these results.json, run nothing")  # fmt: skip
    return parser.parse_args()


def main() -> None:
    options = parsed()
    if options.results:
        results = json.loads(options.results.read_text(encoding="utf-8"))
        print(f"written: {speed_page.write(results, table(results['runs']))}")
        return
    if options.one:
        work, threads = options.one
        run = times_of(work, int(threads), options.samples, options.rounds)
        print(json.dumps(run))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    runs = []
    for work, threads in PLAN:
        if work not in options.only:
            continue
        size = ["--samples", str(options.samples), "--rounds", str(options.rounds)]
        words = [sys.executable, __file__, *size, "--one", work, str(threads)]
        done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            print(f"{work}, {threads} threads: failed, see above")
            continue
        runs.append(json.loads(done.stdout.splitlines()[-1]))
        print(table(runs[-1:]), flush=True)
    if not runs:
        raise SystemExit("no work ran to its end")
    results = {**described(), "runs": runs}
    text = f"{results['machine']}, {results['versions']}\n\n{table(runs)}"
    (options.out / "results.md").write_text(text, encoding="utf-8")
    (options.out / "results.json").write_text(json.dumps(results), encoding="utf-8")
    if options.docs:
        speed_page.write(results, table(runs))
    if find_spec("matplotlib"):
        plot(runs, options.out / "results.svg")
    else:
        print('no plot: pip install "symgrad[benchmarks]" for matplotlib')
    print(f"written to {options.out}")


if __name__ == "__main__":
    main()
