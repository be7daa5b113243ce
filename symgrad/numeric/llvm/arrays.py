"""Batches of samples through machine code: the contract of every back end, and out=.

The one rule kept here: nothing reaches the machine code but the addresses of memory
that is aligned, contiguous, of the right size and type, and kept alive meanwhile.
"""

from __future__ import annotations

import ctypes
import math
import threading
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from symgrad.numeric.call_options import taken_options, thread_count
from symgrad.numeric.codegen import harness
from symgrad.numeric.llvm import results
from symgrad.numeric.llvm.binding import Machine, machine
from symgrad.numeric.llvm.plans import FORMATS, SHORT, SUM_BLOCK, Layout, Plan, plan
from symgrad.numeric.llvm.points import Points
from symgrad.numeric.llvm.programs import write_batch
from symgrad.numeric.tape import Tape

MAX_PATTERNS_OPERATIONS = 2000
"""above, arguments are brought to the usual layout instead of compiling another"""
MIN_PART = 1 << 14

_BATCH = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4, *[ctypes.c_int64] * 2)


@dataclass(frozen=True)
class Program:
    """A compiled batch: ``call(arrays, singles, results, room, low, high)``."""

    plan: Plan
    machine: Machine
    call: Callable[..., None]
    room_bytes: int


@dataclass
class Arrays:
    """The machine code of one tape for batches, compiled when first needed.

    ``listed`` says that results have an axis for the outputs, ``vector`` counts the
    arguments of a vector layout, ``reduce`` adds ("sum") or averages ("mean"),
    ``fast`` allows errors of 5 units in the last place.
    """

    tape: Tape
    listed: bool
    vector: int
    reduce: str = ""
    fast: bool = False
    programs: dict[Layout, Program] = field(default_factory=dict)
    spare: tuple[list[Any], list[Any]] = field(default_factory=lambda: ([], []))

    @property
    def usual(self) -> tuple[int, ...]:
        """The arguments that are arrays where nothing else is said: the data."""
        learned = set(self.tape.parameters)
        data = tuple(k for k in range(len(self.tape.arguments)) if k not in learned)
        return data or tuple(range(len(self.tape.arguments)))

    def source(self) -> str:
        """The program for the usual layout in double precision."""
        return write_batch(self.tape, self.layout(np.float64, self.usual))

    def program(self, layout: Layout) -> Program:
        found = self.programs.get(layout)
        if found is None:
            made = machine(write_batch(self.tape, layout), ("run",))
            call = _BATCH(made.addresses["run"])
            chosen = plan(self.tape, layout)
            # the first of several threads: once called, a program stays
            new = Program(chosen, made, call, chosen.room_bytes)
            found = self.programs.setdefault(layout, new)
        return found

    def shapes(self, batch: tuple[int, ...]) -> list[tuple[int, ...]]:
        """The shapes of the value and of the partials, if there are any."""
        rows = self.tape.partials
        outputs, variables = len(self.tape.values), len(rows[0]) if rows else 0
        found = [(outputs, *batch)[not self.listed :]]
        if variables:
            found.append((outputs, variables, *batch)[not self.listed :])
        return found

    # --- one call -----------------------------------------------------------------

    def __call__(self, /, *args: Any, **named: Any) -> Any:
        options = taken_options(named, self.tape.arguments)
        names, dtype = self.tape.arguments, None
        values: Sequence[Any] = args
        if self.vector:
            values, dtype = harness.unpack(names, self.vector, args, named)
        elif named or len(args) != len(names):
            values = harness.bind(names, args, named)
        return self.run(harness.spread(names, values, dtype), **options)

    def run(
        self,
        spreaded: tuple[list[Any], list[int], Any, tuple[int, ...]],
        out: Any = None,
        threads: Any = 1,
    ) -> Any:
        """Compute a batch whose arguments have been spread."""
        flat, places, real, shape = spreaded
        workers = thread_count(threads)
        size = math.prod(shape)
        batch = () if self.reduce else shape
        arrays = [flat[p] for p in places]
        found = results.prepare(
            self.shapes(batch), batch, real, out, arrays, self.spare
        )
        if not places and size == 1:
            with np.errstate(over="ignore", under="ignore"):
                numbers = self.points.compute(flat).astype(real)
            for row, number in zip(_rows(found), numbers, strict=False):
                row[...] = number
        elif self.reduce:
            self._sums(flat, places, real, size, _rows(found), workers)
        elif size:
            table = results.table_of(found.parts, size, real().itemsize)
            program, inputs = self._inputs(flat, places, real, size, table.streamed)
            tables = [table.address] * workers
            self._parts(program, inputs, tables, (table.lead, size), workers)
        return found.finish()

    @cached_property
    def is_long(self) -> bool:
        return self.tape.operations > MAX_PATTERNS_OPERATIONS

    @cached_property
    def is_short(self) -> bool:
        return self.tape.operations <= SHORT

    def layout(
        self, real: Any, places: Sequence[int], streamed: bool = False
    ) -> Layout:
        """Choose the program: one for this very layout where that is cheap to make."""
        chosen = tuple(places)
        if self.is_long:
            usual = set(places) <= set(self.usual)
            every = tuple(range(len(self.tape.arguments)))
            chosen = self.usual if usual else every
        return Layout(
            FORMATS[real().itemsize],
            chosen,
            self.reduce != "",
            self.fast,
            streamed and not self.is_long,
            self.is_short,
        )

    def _inputs(
        self,
        flat: Sequence[Any],
        places: Sequence[int],
        real: Any,
        size: int,
        streamed: bool = False,
    ) -> tuple[Program, tuple[Any, ...]]:
        """The program, and the memory it reads: a table, single numbers, arrays."""
        layout = self.layout(real, places, streamed)
        arrays = [_flat(flat[k], size, real) for k in layout.arrays]
        many = set(layout.arrays)
        single = [number for k, number in enumerate(flat) if k not in many]
        numbers = np.array([*single, 0.0], real)
        table = array("Q", [results.address(each) for each in arrays])
        program = self.program(layout)
        run = program.machine.addresses["run"]
        self.points.tell_batch(run, layout, program.room_bytes)
        return program, (table, numbers, arrays)

    def _parts(
        self,
        program: Program,
        inputs: tuple[Any, ...],
        tables: Sequence[int],
        places: tuple[int, int],
        workers: int,
    ) -> None:
        """Call the machine code, in parts that threads compute at the same time.

        ``places`` are the first sample that is written to a cache line's beginning,
        and the end.
        """
        lead, end = places
        size = end - lead
        step = -(-size // max(1, min(workers, size // MIN_PART)))
        step += -step % max(program.plan.layout.lanes, SUM_BLOCK)
        arrays, singles = inputs[0].buffer_info()[0], results.address(inputs[1])

        def part(number: int) -> None:
            memory = np.empty(program.room_bytes + 64, np.uint8)
            start = results.address(memory)
            start += -start % 64
            low = lead + number * step
            if lead and not number:
                program.call(arrays, singles, tables[0], start, 0, lead)
            high = min(low + step, end)
            program.call(arrays, singles, tables[number], start, low, high)

        others = [
            threading.Thread(target=part, args=(number,))
            for number in range(1, -(-size // step))
        ]
        for other in others:
            other.start()
        part(0)
        for other in others:
            other.join()

    # --- sums, one point ----------------------------------------------------------

    def _sums(
        self,
        flat: Sequence[Any],
        places: Sequence[int],
        real: Any,
        size: int,
        rows: Sequence[Any],
        workers: int,
    ) -> None:
        """Add the results over the samples, each thread into totals of its own."""
        totals: list[Any] = []
        if size:
            program, inputs = self._inputs(flat, places, real, size)
            shape = (len(self.tape.roots), 2, program.plan.layout.lanes)
            totals = [np.zeros(shape, real) for _ in range(workers)]
            tables = [results.address(total) for total in totals]
            self._parts(program, inputs, tables, (0, size), workers)
        for place, row in enumerate(rows):
            total = exact_sum([part[place] for part in totals])
            if self.reduce == "mean":
                total = total / size if size else math.nan
            row[...] = total

    def shapes_of_a_point(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        first, *rest = self.shapes(())
        return first, rest[0] if rest else ()

    @cached_property
    def points(self) -> Points:
        """The program for one point."""
        shapes = self.shapes_of_a_point()
        return Points(self.tape, self.listed, shapes, self.fast, self.vector)

    @cached_property
    def arrays(self) -> Callable[..., Any]:
        """The function itself: the fast entry, behind which all is checked."""

        def general(values: Any, names: Any = ()) -> Any:
            if not names:
                return self(*values)
            count = len(values) - len(names)
            return self(
                *values[:count], **dict(zip(names, values[count:], strict=True))
            )

        return self.points.entry("arrays_entry", general)

    @cached_property
    def floats(self) -> Callable[..., Any]:
        """One point: floats in, floats and tuples of floats out."""

        def general(values: Any, names: Any = ()) -> Any:
            count = len(values) - len(names)
            named = dict(zip(names, values[count:], strict=True))
            given = harness.bind(self.tape.arguments, values[:count], named)
            numbers = harness.as_floats(self.tape.arguments, given)
            return harness.as_tuples(self.run((numbers, [], np.float64, ())))

        return self.points.entry("floats_entry", general)


def exact_sum(totals: Sequence[Any]) -> float:
    """Add compensated totals: vectors of sums, each beside what it lacks."""
    sums = [number for total in totals for number in total[0].tolist()]
    plain = sum(sums)
    if not math.isfinite(plain):
        return plain
    return math.fsum(sums + [n for total in totals for n in total[1].tolist()])


def _rows(found: results.Results) -> list[Any]:
    return [row for part in found.parts for row in part]


def _flat(value: Any, size: int, real: Any) -> Any:
    """Give an argument as aligned, contiguous numbers."""
    if np.ndim(value) == 0:
        return np.full(size, value, real)
    flags = value.flags
    if type(value) is np.ndarray and flags.c_contiguous and flags.aligned:
        return value  # of the dtype already
    return np.require(value, real, ["C", "A"])
