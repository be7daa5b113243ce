"""Batches through NumPy's program with out= and threads=, as machine code has them.

The one rule kept here: the numbers are those of a call without them, but for the last
digit of a sum over the samples, which threads add in parts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from symgrad.numeric.codegen import harness, sum_harness
from symgrad.numeric.llvm import results

MIN_LINE = 16
"""samples that fill whole cache lines, of 64 bytes, in any format"""
MIN_PART = 1 << 16
"""samples that are worth a thread: blocks below take NumPy's calls, one at a time"""

Spreaded = tuple[list[Any], list[int], Any, tuple[int, ...]]


def run_into(
    programs: tuple[Callable[..., None], Any, tuple[int, int, int]],
    spreaded: Spreaded,
    spare: tuple[list[Any], list[Any]],
    out: Any,
    workers: int,
) -> Any:
    """Compute a batch into the caller's memory, in parts at the same time.

    Large ones begin where a cache line does: stores across two take half as long again.
    ``programs`` are ``block``, ``once`` and ``sizes`` of ``harness.run_blocks``.
    """
    flat, arrays, real, shape = spreaded
    outputs, variables, _ = programs[2]
    shapes = [(outputs, *shape), (outputs, variables, *shape)][: 1 + bool(variables)]
    shapes = [wanted[not outputs :] for wanted in shapes]
    given = [flat[k] for k in arrays]
    found = results.prepare(shapes, shape, real, out, given, spare)
    size = math.prod(shape)
    rows = [part.reshape(outputs or 1, -1, size) for part in found.parts if size]
    if size:
        rows[0] = rows[0][:, 0]
        rows += [rows[0][:, None][:, :0]] * (not variables)

    def part(low: int, high: int) -> None:
        cut = _cut(spreaded, low, high)
        harness.fill_blocks(*programs, cut, *(each[..., low:high] for each in rows))

    lead = 0
    if size > programs[2][2]:  # for less another block costs more
        lead = results.table_of(found.parts, size, real().itemsize).lead
        part(0, lead)
    if size:
        _in_parts(part, lead, size, workers)
    return found.finish()


def sum_into(
    programs: tuple[Callable[..., None], Any, tuple[int, int, int]],
    spreaded: Spreaded,
    reduce: str,
    out: Any,
    workers: int,
) -> Any:
    """Add or average over the samples, in parts at the same time."""
    size = math.prod(spreaded[3])

    def part(low: int, high: int) -> Any:
        cut = _cut(spreaded, low, high)
        return sum_harness.run_sums(*programs, cut, "sum")

    if workers == 1 or size < 2 * MIN_PART:
        return into(sum_harness.run_sums(*programs, spreaded, reduce), out)
    found = _in_parts(part, 0, size, workers)
    pairs = [each if isinstance(each, tuple) else (each,) for each in found]
    count = size if reduce == "mean" else 1
    sums = tuple(sum(each) / count for each in zip(*pairs, strict=True))
    real = spreaded[2]
    sums = tuple(each.astype(real) for each in sums)
    return into(sums if len(sums) > 1 else sums[0], out)


def into(result: Any, out: Any) -> Any:
    """Copy results into the caller's memory."""
    if out is None:
        return result
    made: Sequence[Any] = result if isinstance(result, tuple) else (result,)
    shapes = [each.shape for each in made]
    found = results.prepare(shapes, (), made[0].dtype.type, out, (), ([], []))
    for (_, target), each in zip(found.finals, made, strict=True):
        target[...] = each
    targets = [target for _, target in found.finals]
    return targets[0] if len(targets) == 1 else tuple(targets)


def _cut(spreaded: Spreaded, low: int, high: int) -> Spreaded:
    flat, arrays, real, _ = spreaded
    part = list(flat)
    for k in arrays:
        part[k] = flat[k][low:high]
    return part, arrays, real, (high - low,)


def _in_parts(
    part: Callable[[int, int], Any], start: int, end: int, workers: int
) -> list[Any]:
    """Call ``part(low, high)`` for about equal parts of the samples, in threads."""
    size = end - start
    count = max(1, min(workers, size // MIN_PART))
    if count == 1:
        return [part(start, end)]
    places = [start + size * k // count // MIN_LINE * MIN_LINE for k in range(count)]
    places.append(end)
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(part, places[:-1], places[1:]))
