"""Where results go: into memory of the caller's, or into new memory of our own.

The one rule kept here: machine code writes only to memory that is contiguous, aligned,
writeable, of the right type and shared with nothing else; where a caller's is not, it
gets a copy at the end.
"""

from __future__ import annotations

import functools
import math
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.errors import ArgumentTypeError, ArgumentValueError
from symgrad.numeric.codegen import harness


@dataclass(frozen=True)
class Results:
    """Rows to write, and (memory, what the caller gets) for each result."""

    parts: list[Any]
    finals: list[tuple[Any, Any]]

    def finish(self) -> Any:
        for memory, target in self.finals:
            if memory is not target:
                target[...] = memory
        if len(self.finals) == 1:
            return self.finals[0][1]
        return tuple(target for _, target in self.finals)


def prepare(
    shapes: Sequence[tuple[int, ...]],
    batch: tuple[int, ...],
    real: Any,
    out: Any,
    arrays: Sequence[Any],
    spare: Sequence[list[Any]],
) -> Results:
    """Take memory for results of the shapes given, the batch's being the last axes."""
    given = _given(out, len(shapes))
    for wanted, target in zip(shapes, given, strict=True):
        _check(target, wanted, np.dtype(real))
    if len(given) == 2 and _share(*given):
        raise ArgumentValueError("out has two parts that share memory")
    size = math.prod(batch)
    parts, finals = [], []
    for k, (wanted, target) in enumerate(zip(shapes, given, strict=True)):
        if target is None:
            memory = target = harness.claim(spare[k], wanted, real)
        elif _usable(target, [*arrays, *given[:k]]):
            memory = target
        else:
            memory = np.empty(wanted, real)
        parts.append(memory.reshape(-1, size) if size else [])
        finals.append((memory, target))
    return Results(parts, finals)


LINE = 64
STREAM_BYTES, STREAM_ROWS = 1 << 25, 32
"""from how many bytes on, in how many rows at most, results go past the caches"""


@dataclass(frozen=True)
class Table:
    """The addresses of all rows, and how they are best written.

    ``lead`` is the first sample that begins a cache line in most rows: a vector stored
    across two lines takes half as long again. Results that no cache holds are
    ``streamed``: else each line would be read before it is written.
    """

    rows: Any
    lead: int
    streamed: bool

    @property
    def address(self) -> int:
        return int(self.rows.buffer_info()[0])


def table_of(parts: Sequence[Any], size: int, itemsize: int) -> Table:
    """Look where the rows of some matrices are."""
    places = tuple(
        (address(part), part.strides[0], len(part)) for part in parts if len(part)
    )
    return _table(places, size, itemsize, STREAM_BYTES)


@functools.lru_cache(maxsize=256)
def _table(
    places: tuple[tuple[int, int, int], ...], size: int, itemsize: int, many: int
) -> Table:
    rows = [start + k * step for start, step, count in places for k in range(count)]
    offsets = Counter(-row % LINE for row in rows)
    usual, count = offsets.most_common(1)[0]
    lead, large = usual // itemsize, size * len(rows) * itemsize >= many
    if 2 * count <= len(rows) or usual % itemsize or size <= LINE:
        lead, large = 0, False
    streamed = large and count == len(rows) <= STREAM_ROWS
    return Table(array("Q", rows), lead, streamed)


def address(memory: Any) -> int:
    return int(memory.__array_interface__["data"][0])


def _given(out: Any, count: int) -> tuple[Any, ...]:
    """Take ``out`` apart: one array for each result, or None."""
    if out is None:
        return (None,) * count
    if count == 1 and not isinstance(out, tuple | list):
        return (out,)
    if not isinstance(out, tuple | list) or len(out) != count:
        expected = "(value, grad), two arrays" if count == 2 else "one array"
        raise ArgumentTypeError(f"out is {_described(out)}; expected {expected}")
    return tuple(out)


def _described(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return f"of type {type(value).__name__}"


def _check(target: Any, shape: tuple[int, ...], dtype: Any) -> None:
    if target is None:
        return
    if not isinstance(target, np.ndarray):
        raise ArgumentTypeError(
            f"out has a part {_described(target)}; expected an array or None"
        )
    if target.dtype != dtype:
        raise ArgumentTypeError(
            f"out has dtype {target.dtype}; expected {dtype}, that of the arguments"
        )
    if target.shape != shape:
        raise ArgumentValueError(f"out has shape {target.shape}; expected {shape}")
    if not target.flags.writeable:
        raise ArgumentValueError("out is read-only; expected memory to write to")


def _share(first: Any, second: Any) -> bool:
    """Whether two arrays share memory; where that is hard to tell, no."""
    if first is None or second is None:
        return False
    try:
        return bool(np.shares_memory(first, second, 1000))  # type: ignore[arg-type]
    except np.exceptions.TooHardError:
        return False


def _usable(target: Any, others: Sequence[Any]) -> bool:
    """Whether rows can be written straight into memory that a caller gave."""
    flags = target.flags
    if not (flags.c_contiguous and flags.aligned) or type(target) is not np.ndarray:
        return False
    return not any(
        np.may_share_memory(target, other) for other in others if other is not None
    )
