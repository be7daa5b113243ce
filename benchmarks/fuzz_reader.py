"""Fuzz the reader: any string gets its Graph or a symgrad error, within two seconds.

With atheris installed (`pip install atheris`) the run is guided by coverage; without
it, strings are drawn at random from the pieces that formulas are made of. Nothing of a
string is executed.

    python benchmarks/fuzz_reader.py --runs 20000 --seconds 60
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter

try:
    import atheris
except ImportError:
    atheris = None

if atheris is not None:
    with atheris.instrument_imports(include=["symgrad"]):
        import symgrad as sg
else:
    import symgrad as sg

LIMIT = 2.0
PIECES = (
    "+ - * / ^ ** ( ) [ ] | , ; = \n x y e f g pi π √ ∛ 2 0 .5 1e3 9^9^9 1e299 sin "
    "cos^2 log( Max( Min( atan2( Heaviside( LambertW( gamma( if else and or not < <= "
    "== != ≥ if( where( piecewise(( true otherwise f(x)= f(x,y)= f( g( φ( root( log_2( "
    "x_{1} x₁ ² ⁻¹ x' ω αβ Δt λ lambda I _ { } ! % $ \\ ' \" # @ : := . ... "
    "__import__ import eval( u_1 f_1 a= b= a b (x+1) (x, (y, |x| ∧ ¬ ≠ − × é 变 \x00 "
    "\u2028 \t \r 007 0x1"
).split(" ")


class Record:
    """What came out: how many of each kind, and the slowest string."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.slowest = (0.0, "")

    def try_one(self, text: str) -> None:
        started = time.perf_counter()
        try:
            sg.formula(text)
            kind = "Graph"
        except sg.SymgradError as error:
            kind = type(error).__name__
            message = str(error)
            if not message or "\n" in message or not message.isprintable():
                raise AssertionError(f"a bad message for {text!r}") from error
        seconds = time.perf_counter() - started
        self.kinds[kind] += 1
        self.slowest = max(self.slowest, (seconds, text))
        if seconds > LIMIT:
            raise AssertionError(f"{seconds:.1f} s for {text!r}")

    def report(self, how: str, seconds: float) -> None:
        total = sum(self.kinds.values())
        print(f"{total:,} strings ({how}) in {seconds:.0f} s")
        for kind, count in self.kinds.most_common():
            print(f"  {kind:18} {count:9,}")
        print(f"  slowest {self.slowest[0]:.3f} s: {self.slowest[1][:100]!r}")


def random_text(draw: random.Random) -> str:
    """A string of pieces, one in ten with a piece repeated many times."""
    pieces = draw.choices(PIECES, k=draw.randint(1, 30))
    if draw.random() < 0.1:
        place = draw.randrange(len(pieces))
        pieces[place] = pieces[place] * draw.randint(100, 3000)
    return draw.choice(["", " "]).join(pieces)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--random", action="store_true", help="do not use atheris")
    options = parser.parse_args()
    record, started = Record(), time.perf_counter()

    def is_over() -> bool:
        return time.perf_counter() - started > options.seconds

    if atheris is None or options.random:
        draw = random.Random(options.seed)
        for _ in range(options.runs):
            if is_over():
                break
            record.try_one(random_text(draw))
        record.report("random", time.perf_counter() - started)
        return

    def one_input(data: bytes) -> None:
        source = atheris.FuzzedDataProvider(data)
        count = source.ConsumeIntInRange(1, 30)
        pieces = [
            PIECES[source.ConsumeIntInRange(0, len(PIECES) - 1)] for _ in range(count)
        ]
        record.try_one("".join(pieces) + source.ConsumeUnicode(20))
        done = sum(record.kinds.values())
        if done == options.runs or is_over():
            record.report("atheris", time.perf_counter() - started)
            sys.stdout.flush()
            os._exit(0)  # libFuzzer takes any other exit for a crash

    atheris.Setup(
        [
            sys.argv[0],
            f"-seed={options.seed}",
            "-max_len=200",
            "-verbosity=0",
            f"-artifact_prefix={tempfile.mkdtemp()}/",
        ],
        one_input,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
