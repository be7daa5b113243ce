"""The cheapest program for many derivatives, found by trial and counted.

The one rule kept here: every candidate is the same mathematics, the fewest operations
win, and how much is tried is bounded by counts, never by a clock, so that the same
formula gives the same program everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import fields

from symgrad.numeric.collection import collected
from symgrad.numeric.elimination import eliminate
from symgrad.numeric.entries import reachable
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.rows import slots
from symgrad.numeric.tape import Tape

MAX_TRIAL = 10_000
"""a sweep that is expected to record more is not tried where another one is cheaper"""
MAX_COLLECTED = 6_000
"""the operations up to which like terms are looked for"""

REORDERED_BADLY = frozenset(("exp", "divide", "power"))
"""what may be so small or large that its products are only safe in a sweep's order"""
MAX_IN_ORDER = 200
"""the operations of second derivatives up to which that order is kept for them"""

Sweep = Callable[[Recorder], list[list[int]] | None]


def cheapest(
    recorder: Recorder,
    values: Sequence[int],
    variables: Sequence[int],
    sweeps: dict[str, Sweep],
    finish: Callable[[Recorder, list[list[int]]], Tape],
    again: bool = False,
) -> Tape:
    """Give the tape with the fewest operations of all that are tried.

    ``sweeps`` has ``"reverse"`` and ``"forward"``, each from a recorder to the rows of
    derivatives; ``finish`` makes a tape of both; ``again`` says that these are second
    derivatives.
    """
    forward, reverse = expected(recorder, values, variables)
    prices = {"forward": forward, "reverse": reverse}
    order = sorted(prices, key=lambda name: (prices[name], name))
    tapes: list[Tape] = []
    for name in order:
        if tapes and prices[name] > MAX_TRIAL:
            continue
        trial = _copy(recorder)
        rows = sweeps[name](trial)
        if rows is not None:
            tapes.append(finish(trial, rows))
    best = min(tapes, key=lambda tape: tape.operations)
    if again and best.operations <= MAX_IN_ORDER:
        if any(entry[0] in REORDERED_BADLY for entry in best.entries):
            return best
    if min(prices.values()) <= MAX_TRIAL:
        trial = _copy(recorder)
        mixed = eliminate(trial, values, variables, 2 * best.operations + 100)
        if mixed is not None:
            tapes.append(finish(trial, mixed))
    tapes.sort(key=lambda tape: tape.operations)
    for tape in tapes[:2]:
        if tape.operations <= MAX_COLLECTED:
            tapes += [collected(tape), collected(tape, expand=True)]
    return min(tapes, key=lambda tape: tape.operations)


def expected(
    recorder: Recorder, values: Sequence[int], variables: Sequence[int]
) -> tuple[int, int]:
    """Estimate the products of a forward and of a reverse sweep.

    Each is the number of edges of the program that a tangent of each variable, or an
    adjoint of each output, passes.
    """
    order = reachable(recorder.entries, values)
    below = {k: 1 << place for place, k in enumerate(variables)}
    for number in order:
        if number not in below:
            found = 0
            for _, u in slots(recorder.entries[number]):
                found |= below.get(u, 0)
            below[number] = found
    above = dict.fromkeys(order, 0)
    for place, k in enumerate(values):
        above[k] |= 1 << place
    forward = reverse = 0
    for number in reversed(order):
        if not below[number]:
            continue
        for _, u in slots(recorder.entries[number]):
            if below[u]:
                above[u] |= above[number]
                forward += below[u].bit_count()
                reverse += above[number].bit_count()
    return forward, reverse


def _copy(recorder: Recorder) -> Recorder:
    return type(recorder)(
        **{each.name: copy(getattr(recorder, each.name)) for each in fields(recorder)}
    )
