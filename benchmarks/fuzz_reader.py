"""Fuzz the reader: any string gets its Graph or a symgrad error, within two seconds.

With atheris installed (`pip install atheris`) the run is guided by coverage; without
it, strings are drawn at random from the pieces that formulas are made of. Nothing of a
string is executed.

    python benchmarks/fuzz_reader.py --runs 20000 --seconds 60
    python benchmarks/fuzz_reader.py --latex --seconds 60
    python benchmarks/fuzz_reader.py --pipeline --random --seconds 120

``--pipeline`` takes each string on to its derivatives and its brief page, and reports
the slowest string that is answered and the slowest that is refused. A random string
that takes over ``KILLED`` seconds is killed, told, and the next one tried; with
``--log FILE`` each is written before it is tried.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from watchdog import watched

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
KILLED = 25
PIECES = (
    "+ - * / ^ ** ( ) [ ] | , ; = \n x y e f g pi π √ ∛ 2 0 .5 1e3 9^9^9 1e299 sin "
    "cos^2 log( Max( Min( atan2( Heaviside( LambertW( gamma( if else and or not < <= "
    "== != ≥ if( where( piecewise(( true otherwise f(x)= f(x,y)= f( g( φ( root( log_2( "
    "x_{1} x₁ ² ⁻¹ x' ω αβ Δt λ lambda I _ { } ! % $ \\ ' \" # @ : := . ... "
    "__import__ import eval( u_1 f_1 a= b= a b (x+1) (x, (y, |x| ∧ ¬ ≠ − × é 变 \x00 "
    "\u2028 \t \r 007 0x1 x! ! { } ⌊x⌋ ½ np. f'( f''(x) y_i y[i] sum( ,i,1,n) "
    "sum(x_i,i,1,n) integral( binomial( Sin[ inf ∞ ２ 𝑥 \u200b ax xy sinx dy/dx "
    "e^x tg log_b("
).split(" ")


LATEX = (
    r"\frac \dfrac \frac12 {x} {y} { } ^ _ ^2 ^{2} _1 _{i} \sin \sin^2 \ln \log_2 "
    r"\exp \sqrt \sqrt[3] \left( \right) \left| \right| \bigl( \bigr) ( ) [ ] | + - "
    r"= < \le \ge \ne \cdot \times \, \; \quad \pi e x y x_1 w_{11} \alpha \hat{y} "
    r"\mathbf{w} \mathrm{erf} \operatorname{softplus} \text{if} \sum_{i=1}^{n} "
    r"\prod_{k=1}^3 x_i y_k \int_0^1 \int \,dt dt dx t \begin{cases} \end{cases} "
    r"\begin{align} \end{align} & \\ % $ $$ \[ \] ! \binom{n}{k} n! \infty \partial "
    r"\frac{d}{dx} \lim \vec{x} 2 0.5 10^ 1{,}000 \max \min , ; : ' ^\prime \lvert "
    r"\rvert \lfloor x \rfloor \over \tag \label \limits \nolimits \displaystyle "
    r"\newcommand \input \def ~ # é 变 \ \{ \} \mid"
).split(" ")


def read_latex(text: str) -> None:
    sg.formula(text, syntax="latex")


def read_only(text: str) -> None:
    sg.formula(text)


def whole_pipeline(text: str) -> None:
    graph = sg.formula(text)
    sg.differentiate(graph)
    str(sg.explain(graph, detail="brief"))


def outcome(steps: Callable[[str], None], text: str) -> tuple[str, float, str]:
    """What came of a string, in how many seconds, and what is wrong with that."""
    started = time.process_time()  # other work of the machine is not counted
    wrong = ""
    try:
        steps(text)
        kind = "accepted"
    except sg.SymgradError as error:
        kind = type(error).__name__
        message = str(error)
        if not message or "\n" in message or not message.isprintable():
            wrong = "a bad message"
    except Exception as error:
        kind, wrong = "CRASHED", f"{type(error).__name__}: {error}"
    return kind, time.process_time() - started, wrong


class Record:
    """What came out: how many of each kind, and the slowest strings."""

    def __init__(self, steps: Callable[[str], None], is_guided: bool) -> None:
        self.steps, self.is_guided = steps, is_guided
        self.kinds: Counter[str] = Counter()
        self.slowest = {"accepted": (0.0, ""), "rejected": (0.0, "")}

    def try_one(self, text: str) -> None:
        self.add(text, outcome(self.steps, text))

    def add(self, text: str, result: tuple[str, float, str] | None) -> None:
        """Count what came out of a string: its kind, seconds, and what is wrong."""
        kind, seconds, wrong = result or ("KILLED", KILLED, "")
        self.kinds[kind] += 1
        if not kind.isupper():
            which = "accepted" if kind == "accepted" else "rejected"
            self.slowest[which] = max(self.slowest[which], (seconds, text))
        if seconds > LIMIT and self.steps is not whole_pipeline:
            wrong = f"{seconds:.1f} s"
        if wrong and self.is_guided:
            raise AssertionError(f"{wrong} for {text[:300]!r} of {len(text):,}")
        if wrong or kind.isupper():
            print(f"{kind} {wrong} for {text!r}", flush=True)

    def report(self, how: str, seconds: float) -> None:
        total = sum(self.kinds.values())
        print(f"{total:,} strings ({how}) in {seconds:.0f} s")
        for kind, count in self.kinds.most_common():
            print(f"  {kind:18} {count:9,}")
        for outcome, (slow, text) in self.slowest.items():
            print(f"  slowest {outcome} {slow:.3f} s: {text[:100]!r}")


OPERANDS = (
    "x y 2 0 .5 1e300 -1 pi e^x |x| x! √x 10^10 (x+1) f(x) f'(x) x_1 ½ 9!"
).split()
WRAPS = (
    "sin({}) gamma({}) exp({}) log({}) ({})! Max({},y) besselj(2,{}) "
    "({}·if·x>0·else·0) sum({}*y_i,i,1,n) sum({},i,1,10^12) product({}+i,i,1,9) "
    "integral({}*t,t,0,1) |{}| √({}) zeta({}) f({}) atan2({},x) "
    "binomial({},3) Heaviside({})"
).split()


def random_formula(draw: random.Random) -> str:
    """A string that is likely to be read: functions, powers and quotients in nests."""
    text = draw.choice(OPERANDS)
    for _ in range(draw.randint(1, 8)):
        if draw.random() < 0.5:
            text = draw.choice(WRAPS).replace("·", " ").replace("{}", text)
        else:
            text = f"({text}){draw.choice('+-*/^')}{draw.choice(OPERANDS)}"
    return text if draw.random() < 0.9 else "+".join([text] * draw.randint(2, 9))


def random_text(
    draw: random.Random, longest: int, source: Sequence[str] = PIECES
) -> str:
    """A string of pieces, one in ten with a piece repeated many times."""
    pieces = draw.choices(source, k=draw.randint(1, 30))
    if draw.random() < 0.1:
        place = draw.randrange(len(pieces))
        pieces[place] = pieces[place] * draw.randint(longest // 30, longest)
    return draw.choice(["", " "]).join(pieces)


def strings(
    options: argparse.Namespace, kinds: Sequence[str], is_over: Callable[[], bool]
) -> Iterator[str]:
    """Random strings, each written to the log before it is tried."""
    draw = random.Random(options.seed)
    longest = 60 if options.pipeline else 3000
    for _ in range(options.runs):
        if is_over():
            return
        is_likely = options.pipeline and draw.random() < 0.8
        text = random_formula(draw) if is_likely else random_text(draw, longest, kinds)
        if options.log:
            with options.log.open("a") as log:
                print(repr(text), file=log)
        yield text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--random", action="store_true", help="do not use atheris")
    parser.add_argument("--latex", action="store_true", help="read LaTeX")
    parser.add_argument("--pipeline", action="store_true", help="derive and explain")
    parser.add_argument("--log", type=Path, help="file for each string, before it runs")
    options = parser.parse_args()
    steps = whole_pipeline if options.pipeline else read_only
    steps, kinds = (read_latex, LATEX) if options.latex else (steps, PIECES)
    is_guided = atheris is not None and not options.random
    record, started = Record(steps, is_guided), time.perf_counter()

    def is_over() -> bool:
        return time.perf_counter() - started > options.seconds

    if atheris is None or options.random:
        work = partial(outcome, steps)
        for text, result in watched(work, strings(options, kinds, is_over), KILLED):
            record.add(text, result)
        record.report("random", time.perf_counter() - started)
        return

    def one_input(data: bytes) -> None:
        source = atheris.FuzzedDataProvider(data)
        count = source.ConsumeIntInRange(1, 30)
        pieces = [
            kinds[source.ConsumeIntInRange(0, len(kinds) - 1)] for _ in range(count)
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
