"""One point of a formula through machine code, compiled when first needed.

The one rule kept here: the entries of CPython's kind take over only once the program is
there; what they cannot take stays on the way through the checks of a batch.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from symgrad.numeric.llvm import entries
from symgrad.numeric.llvm.binding import machine
from symgrad.numeric.llvm.formats import DOUBLE
from symgrad.numeric.llvm.plans import LONG, Layout, point_plan
from symgrad.numeric.llvm.programs import write_point
from symgrad.numeric.tape import Tape

MAX_BATCH = 1 << 17
"""results of a batch that is computed in one call; for more memory is used again"""
MAX_WORK = 1 << 20
"""operations that are done while the interpreter's lock is held: 0.2 ms at most"""

_POINT = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3)


@dataclass
class Points:
    """The program of one point; ``shapes`` are those of its value and partials.

    ``vector`` counts the arguments that the entry for arrays takes as a vector.
    """

    tape: Tape
    listed: bool
    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    fast: bool = False
    vector: int = 0

    def compute(self, flat: Sequence[Any]) -> Any:
        """Give the results for single numbers, one after the other, and one spare."""
        call, count = self.program
        numbers = np.array([*flat, 0.0], np.float64)
        found = np.empty(len(self.tape.roots) + 1)
        work = np.empty(count + 1)
        call(numbers.ctypes.data, found.ctypes.data, work.ctypes.data)
        return found

    @cached_property
    def program(self) -> tuple[Callable[..., None], int]:
        """The program for one point, and the numbers of working memory it needs.

        Once it is there, the entries call it without coming here.
        """
        level = 2 if self.tape.operations <= LONG else 0
        made = machine(write_point(self.tape, self.fast), ("point",), level)
        rows = point_plan(self.tape, self.fast).pieces.rows
        call = _POINT(made.addresses["point"])
        call.machine = made  # type: ignore[attr-defined]  # as long as it is called
        numbers = len(self.tape.arguments) + len(self.tape.roots) + rows
        if numbers <= entries.MAX_NUMBERS:
            for told in self.told.values():
                told[entries.WORK] = rows
                told[entries.POINT] = made.addresses["point"]
        return call, rows

    @cached_property
    def told(self) -> dict[str, Any]:
        """What each entry must know, see ``entries``."""
        table = np.zeros(14, np.int64)
        table[entries.ARGUMENTS] = len(self.tape.arguments)
        table[entries.OUTPUTS] = len(self.tape.values)
        table[entries.VARIABLES] = self.shapes[1][-1] if self.shapes[1] else 0
        table[entries.LISTED] = self.listed
        arrays = table.copy()
        arrays[entries.ARRAY] = id(np.ndarray)
        arrays[entries.DOUBLE] = id(np.dtype(np.float64))
        if entries.OUT_NAME not in self.tape.arguments:
            arrays[entries.OUT] = id(entries.OUT_NAME)
        if self.vector:
            arrays[entries.ARGUMENTS] += 1 - self.vector
            arrays[entries.VECTOR] = self.vector
        return {"floats_entry": table, "arrays_entry": arrays}

    def tell_batch(self, run: int, layout: Layout, room_bytes: int) -> None:
        """Let the entry for arrays call a batch's program, where batches are small.

        What it needs stands on the stack, and the interpreter's lock is held.
        """
        if self.vector or layout.format is not DOUBLE or layout.summed:
            return
        count, rows = len(self.tape.arguments), len(self.tape.roots)
        room = room_bytes + 8 * (2 * count + rows)
        if layout.streamed or count > 62 or room > 8 * entries.MAX_NUMBERS:
            return
        longest = min(MAX_BATCH // rows, MAX_WORK // max(1, self.tape.operations))
        mask = sum(1 << k for k in layout.arrays)
        told = self.told["arrays_entry"]
        # at once, as another thread may be in a call or come here
        told[entries.RUN : entries.ROOM + 1] = run, mask, longest, room_bytes

    def entry(self, name: str, general: Callable[..., Any]) -> Callable[..., Any]:
        """Make an entry of machine code, or of Python where that cannot be."""
        found = entries.entry(name, general, self.told[name], self.shapes)
        return found or (
            lambda *args, **named: general((*args, *named.values()), named)
        )
