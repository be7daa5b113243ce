"""Judge formulas made up at random: values, gradients, pages and programs by oracles.

    python benchmarks/prove.py --count 1000 --seed 1 --seconds 100

Every formula has its own seed, printed with what failed, so that
``--seed N --count 1 --show`` repeats it. The oracles (mpmath at 50 digits, sympy.diff)
are those of tests/test_generated_formulas.py.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from generated import make_formula, texts
from judges import judge

import symgrad as sg

REFUSED = (sg.BoundError, sg.FormulaError)
REASONS = (
    *("divides by zero", "no real, finite value", "is not real", "MAX_"),
    *("both a function and", "too close to tell apart"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=100)
    parser.add_argument("--no-pages", action="store_true", help="skip the pages")
    parser.add_argument("--show", action="store_true", help="print each formula")
    options = parser.parse_args()
    told, constructs, kinds = Counter(), Counter(), Counter()
    started, slowest, tried = time.perf_counter(), (0.0, 0), 0
    for seed in range(options.seed, options.seed + options.count):
        if time.perf_counter() - started > options.seconds:
            break
        pick = Random(seed)
        formula = make_formula(pick, pick.randint(1, 4), pick.randint(3, 24))
        if options.show:
            print(f"{seed}: {texts(formula)}", flush=True)
        before = time.perf_counter()
        try:
            told += judge(formula, pick, not options.no_pages)
        except REFUSED as error:
            reason = next((each for each in REASONS if each in str(error)), "")
            told[f"refused: {reason or 'other'}"] += 1
            if not reason:
                print(f"seed {seed}: {texts(formula)[:600]}")
                print(f"    refused: {error}", flush=True)
        except Exception as error:
            kinds[type(error).__name__] += 1
            print(f"seed {seed}: {texts(formula)[:300]}")
            print(f"    {type(error).__name__}: {str(error)[:700]}", flush=True)
        slowest = max(slowest, (time.perf_counter() - before, seed))
        constructs.update(formula.constructs)
        tried += 1
    seconds = time.perf_counter() - started
    print(
        f"{tried:,} formulas in {seconds:.0f} s, slowest {slowest[0]:.1f} s "
        f"(seed {slowest[1]})"
    )
    print("compared:", ", ".join(f"{k} {n:,}" for k, n in told.most_common()))
    print("constructs:", ", ".join(f"{k} {n}" for k, n in constructs.most_common()))
    print("failed:", ", ".join(f"{k} {n}" for k, n in kinds.items()) or "nothing")


if __name__ == "__main__":
    main()
