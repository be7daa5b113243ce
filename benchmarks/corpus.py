"""Judge thousands of formulas of textbooks and of other tools' tests by oracles.

    python benchmarks/corpus.py --part 0/4 --pages --seconds 170

Each formula of tests/data is differentiated in both modes, computed in two back ends
and compared with mpmath's run of what it means; ``--second`` adds the Hessian,
``--pages`` the pages at three details in every format.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import corpora

import symgrad as sg


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", help="names of files of tests/data")
    parser.add_argument("--part", default="0/1", help="k/n: every n-th from the k-th")
    parser.add_argument("--seconds", type=float, default=100)
    parser.add_argument("--pages", action="store_true")
    parser.add_argument("--second", action="store_true")
    options = parser.parse_args()
    names = options.files or sorted(p.name for p in corpora.DATA.glob("*.txt"))
    every = [e for name in names for e in corpora.entries(corpora.DATA / name)]
    first, step = map(int, options.part.split("/"))
    told: Counter[str] = Counter()
    started, slowest, tried = time.perf_counter(), (0.0, ""), 0
    for entry in every[first::step]:
        if time.perf_counter() - started > options.seconds:
            print("stopped: out of time")
            break
        before = time.perf_counter()
        _judge(entry, options, told)
        slowest = max(slowest, (time.perf_counter() - before, entry.where))
        tried += 1
    print(
        f"{tried:,} of {len(every):,} formulas in {time.perf_counter() - started:.0f} s"
    )
    print(f"slowest {slowest[0]:.1f} s: {slowest[1]}")
    print(", ".join(f"{what} {n:,}" for what, n in told.most_common()))


def _judge(
    entry: corpora.Entry, options: argparse.Namespace, told: Counter[str]
) -> None:
    try:
        if entry.refused:
            told += corpora.judge_refusal(entry)
            return
        found = corpora.judge_values(entry, second=options.second)
        if found["no point"]:
            print(f"{entry.where} {entry.text[:200]}\n    no point")
        told += found
        if options.pages:
            told += corpora.judge_pages(entry)
    except Exception as error:
        kind = "refused" if isinstance(error, sg.SymgradError) else "failed"
        told[kind] += 1
        print(f"{entry.where} {entry.text[:300]}")
        print(f"    {type(error).__name__}: {str(error)[:500]}", flush=True)


if __name__ == "__main__":
    main()
