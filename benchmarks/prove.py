"""Judge formulas made up at random: values, gradients, pages and programs by oracles.

    python benchmarks/prove.py --count 1000 --seed 1 --seconds 100
    python benchmarks/prove.py --kind networks --seconds 100

Kinds beside formulas: networks, curves (implicit), inverses, directions, orders (second
and mixed), outputs (Jacobians).

Every formula has its own seed, printed with what failed, so that
``--seed N --count 1 --show`` repeats it. One that takes over ``LIMIT`` seconds is
killed, told, and the next one tried. The oracles (mpmath at 50 digits, sympy.diff)
are those of tests/test_generated_formulas.py.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from generated import make_formula
from judged_kinds import KINDS, judge_kind
from judges import judge
from round_trips import MODULES
from spelling import texts
from watchdog import watched

import symgrad as sg

LIMIT = 90  # seconds, of a machine that may be busy
LAST = -1  # no seed: what is left over is done
MANY = 200  # modules, run together
REFUSED = (sg.BoundError, sg.FormulaError, sg.RuleError, sg.ArgumentValueError)
REASONS = (
    *("divides by zero", "no real, finite value", "is not real", "MAX_"),
    *("both a function and", "too close to tell apart", "can be read in two ways"),
)


def judge_formula(seed: int, page: bool, show: bool) -> tuple[Counter, set[str], str]:
    """What was compared of one formula, what it is made of, and its text."""
    pick = Random(seed)
    formula = make_formula(pick, pick.randint(1, 4), pick.randint(3, 24))
    text = texts(formula)
    if show:
        print(f"{seed}: {text}", flush=True)
    try:
        return judge(formula, pick, page), formula.constructs, text
    except Exception as error:
        error.add_note(text[:600])
        raise


def try_one(options: argparse.Namespace, seed: int) -> tuple[Counter, Counter]:
    """Judge one thing; print what failed."""
    told, made, kind = Counter(), Counter(), options.kind
    if seed == LAST or MODULES.count > MANY:
        run_modules(made)
    if seed == LAST:
        return told, made
    try:
        if kind == "formulas":
            page = not options.no_pages
            found, constructs, _ = judge_formula(seed, page, options.show)
            told += found
            made.update(constructs)
        else:
            told += judge_kind(kind, seed)
    except Exception as error:
        why = next((each for each in REASONS if each in str(error)), "")
        if isinstance(error, REFUSED) and why:
            told[f"refused: {why}"] += 1
            return told, made
        made[f"FAILED {type(error).__name__}"] += 1
        notes = "".join(getattr(error, "__notes__", []))
        print(f"{kind}, seed {seed}: {notes}")
        print(f"    {type(error).__name__}: {str(error)[:900]}", flush=True)
    return told, made


def seeds(options: argparse.Namespace) -> Iterator[int]:
    """The seeds, as long as there is time, and ``LAST``."""
    started = time.perf_counter()
    for seed in range(options.seed, options.seed + options.count):
        if time.perf_counter() - started > options.seconds:
            break
        yield seed
    yield LAST


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=100)
    parser.add_argument("--kind", default="formulas", choices=["formulas", *KINDS])
    parser.add_argument("--no-pages", action="store_true", help="skip the pages")
    parser.add_argument("--show", action="store_true", help="print each formula")
    options = parser.parse_args()
    told, made, tried = Counter(), Counter(), 0
    started = before = time.perf_counter()
    slowest = (0.0, 0)
    for seed, result in watched(partial(try_one, options), seeds(options), LIMIT):
        now = time.perf_counter()
        slowest, before = max(slowest, (now - before, seed)), now
        tried += seed != LAST
        if result is None:
            print(f"{options.kind}, seed {seed}: killed after {LIMIT} s", flush=True)
            made["FAILED killed"] += 1
        else:
            told.update(result[0])
            made.update(result[1])
    print(
        f"{tried:,} {options.kind} in {before - started:.0f} s, slowest "
        f"{slowest[0]:.1f} s (seed {slowest[1]})"
    )
    failed = {kind: n for kind, n in made.items() if kind.startswith("FAILED")}
    print("compared:", ", ".join(f"{k} {n:,}" for k, n in told.most_common()))
    print("constructs:", ", ".join(f"{k} {n}" for k, n in made.most_common()))
    print("failed:", ", ".join(f"{k} {n}" for k, n in failed.items()) or "nothing")


def run_modules(made: Counter) -> None:
    """Run what was saved as modules in a fresh process."""
    try:
        MODULES.run()
    except Exception as error:
        made["FAILED modules"] += 1
        print(str(error)[:3000], flush=True)


if __name__ == "__main__":
    main()
