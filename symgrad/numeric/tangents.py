"""Derivatives that flow upwards: through entries, and through integrals by Leibniz.

The one rule kept here: an integral is never differenced, and its quadrature never
differentiated: its derivative is the integrand at a bound, or an integral of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from symgrad.errors import RuleError
from symgrad.numeric import rows
from symgrad.numeric.axes import along_reduction
from symgrad.numeric.entries import REDUCTIONS, reachable
from symgrad.numeric.integrands import Integrand
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.rows import slots


@dataclass(frozen=True)
class _Call:
    """An integral on a tape: its integrand, its bounds, its arguments."""

    integrand: Integrand
    bounds: tuple[int, int]
    arguments: tuple[int, ...]


def local_times(recorder: Recorder, seed: int, number: int, place: int) -> int:
    """Record seed·∂entry/∂(its argument number ``place``), for an integral too.

    Raises ``RuleError`` where an integrand jumps at a place that moves.
    """
    entry = recorder.entries[number]
    if entry[0] != "integral":
        return rows.local_times(recorder, seed, number, place)
    call = _Call(entry[1], entry[2:4], entry[4:])
    if place < 2:
        at = _at(recorder, call, call.bounds[place])
        product = recorder.multiply(seed, at)
        return product if place else recorder.negate(product)
    slope = _slope(recorder, call, place - 2)
    return recorder.multiply(seed, slope)


def _at(recorder: Recorder, call: _Call, bound: int) -> int:
    """Record the integrand at a bound."""
    integrand = call.integrand
    ids = (bound, *call.arguments)
    inner = integrand.recorder(type(recorder))
    new: dict[int, int] = {}
    for k in reachable(inner.entries, [integrand.value]):
        entry = inner.entries[k]
        if entry[0] == "integral":
            arguments = (new[argument] for argument in entry[2:])
            new[k] = recorder.record("integral", entry[1], *arguments)
        else:
            new[k] = rows.repeat(recorder, entry, new, ids)
    return new[integrand.value]


def _slope(recorder: Recorder, call: _Call, place: int) -> int:
    """Record the integral of the integrand's derivative by one of its arguments."""
    integrand = call.integrand
    if integrand.jumps[place]:
        raise RuleError(integrand.jumps[place])
    inner = integrand.recorder(type(recorder))
    # the arguments were written first, so they bear the first numbers
    (slope,) = forward(inner, [integrand.value], 1 + place)
    if inner.value(slope) == 0:
        return recorder.constant(0)
    found = integrand.with_value(inner, slope)
    return recorder.record("integral", found, *call.bounds, *call.arguments)


def forward(recorder: Recorder, outputs: Sequence[int], wrt: int) -> list[int]:
    """Append the derivatives of all outputs by one entry, in one pass upwards."""
    return push(recorder, outputs, {wrt: recorder.constant(1)})


def push(
    recorder: Recorder, outputs: Sequence[int], seeds: Mapping[int, int]
) -> list[int]:
    """Append the tangents of all outputs where entries move with those of ``seeds``."""
    first = min(seeds, default=0)
    order = [k for k in reachable(recorder.entries, outputs) if k >= first]
    tangents = dict(seeds)
    zero = recorder.constant(0)
    for number in order:
        if number in seeds:
            continue
        entry = recorder.entries[number]
        parts = [(place, u) for place, u in slots(entry) if u in tangents]
        if not parts:
            continue
        if entry[0] == "select":
            _, condition, a, b = entry
            tangents[number] = recorder.select(
                condition,
                *(tangents.get(k, rows.constant_slope(recorder, k)) for k in (a, b)),
            )
            continue
        if entry[0] in REDUCTIONS:
            tangents[number] = along_reduction(recorder, tangents[entry[1]], number)
            continue
        total = zero
        for place, u in parts:
            total = recorder.add(
                total, local_times(recorder, tangents[u], number, place)
            )
        tangents[number] = total
    return [tangents.get(output, zero) for output in outputs]
