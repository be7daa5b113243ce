"""Batches of samples through machine code: the contract of every back end, and out=.

The one rule kept here: nothing reaches the machine code but the addresses of memory
that is aligned, contiguous, of the right size and type, and kept alive meanwhile.
"""

from __future__ import annotations

import ctypes
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symgrad.errors import ArgumentTypeError, ArgumentValueError, short
from symgrad.numeric.codegen import harness
from symgrad.numeric.llvm.binding import Machine, machine
from symgrad.numeric.llvm.programs import FORMATS, Layout, room_bytes, write_batch
from symgrad.numeric.tape import Tape

MAX_PATTERNS_OPERATIONS = 2000
"""above, arguments are brought to the usual layout instead of compiling another"""
MIN_PART = 1 << 14
OPTIONS = ("out", "threads")

_BATCH = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4, *[ctypes.c_int64] * 2)


@dataclass(frozen=True)
class Program:
    """A compiled batch: ``call(arrays, singles, results, room, low, high)``."""

    layout: Layout
    machine: Machine
    call: Callable[..., None]


@dataclass
class Arrays:
    """The machine code of one tape for batches, compiled when first needed."""

    tape: Tape
    listed: bool
    vector: int
    programs: dict[Layout, Program] = field(default_factory=dict)
    spare: tuple[list[Any], list[Any]] = field(default_factory=lambda: ([], []))

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of outputs and of variables."""
        rows = self.tape.partials
        return len(self.tape.values), len(rows[0]) if rows else 0

    @property
    def usual(self) -> tuple[int, ...]:
        """The arguments that are arrays where nothing else is said: the data."""
        learned = set(self.tape.parameters)
        data = tuple(k for k in range(len(self.tape.arguments)) if k not in learned)
        return data or tuple(range(len(self.tape.arguments)))

    def source(self) -> str:
        """The program for the usual layout in double precision."""
        return write_batch(self.tape, Layout(FORMATS[8], self.usual))

    def program(self, layout: Layout) -> Program:
        found = self.programs.get(layout)
        if found is None:
            made = machine(write_batch(self.tape, layout), ("run",))
            found = Program(layout, made, _BATCH(made.addresses["run"]))
            self.programs[layout] = found
        return found

    # --- one call -----------------------------------------------------------------

    def __call__(self, /, *args: Any, **named: Any) -> Any:
        options = {
            name: named.pop(name)
            for name in OPTIONS
            if name in named and name not in self.tape.arguments
        }
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
        workers = _count(threads)
        size = math.prod(shape)
        results = self.results(flat, places, real, shape, out)
        if size:
            layout = self.layout(real, places)
            arrays = [_flat(flat[k], size, real) for k in layout.arrays]
            single = [flat[k] for k in range(len(flat)) if k not in layout.arrays]
            rows = [row for part in results.parts for row in part]
            self.compute(self.program(layout), arrays, single, rows, size, workers)
        return results.finish()

    def layout(self, real: Any, places: Sequence[int]) -> Layout:
        """Choose the program: one for this very layout where that is cheap to make."""
        chosen = tuple(places)
        if self.tape.operations > MAX_PATTERNS_OPERATIONS:
            usual = set(places) <= set(self.usual)
            every = tuple(range(len(self.tape.arguments)))
            chosen = self.usual if usual else every
        return Layout(FORMATS[real().itemsize], chosen)

    def compute(
        self,
        program: Program,
        arrays: Sequence[Any],
        single: Sequence[Any],
        rows: Sequence[Any],
        size: int,
        workers: int,
    ) -> None:
        """Call the machine code, in parts that threads compute at the same time."""
        real = rows[0].dtype
        numbers = np.array([*single, 0.0], real)
        inputs = _addresses(arrays)
        outputs = _addresses(rows)
        room = room_bytes(program.layout, len(rows))
        step = -(-size // max(1, min(workers, size // MIN_PART)))
        step += -step % program.layout.lanes

        def part(low: int) -> None:
            memory = np.empty(room + 64, np.uint8)
            program.call(
                inputs.ctypes.data,
                numbers.ctypes.data,
                outputs.ctypes.data,
                memory.ctypes.data + -memory.ctypes.data % 64,
                low,
                min(low + step, size),
            )

        others = [
            threading.Thread(target=part, args=(low,))
            for low in range(step, size, step)
        ]
        for other in others:
            other.start()
        part(0)
        for other in others:
            other.join()

    # --- results ------------------------------------------------------------------

    def results(
        self,
        flat: Sequence[Any],
        places: Sequence[int],
        real: Any,
        shape: tuple[int, ...],
        out: Any,
    ) -> Results:
        """Take the caller's memory, or our own where that cannot be written to."""
        outputs, variables = self.shape
        size = math.prod(shape)
        shapes = [(outputs, *shape)[not self.listed :]]
        if variables:
            shapes.append((outputs, variables, *shape)[not self.listed :])
        given = _given(out, len(shapes))
        for wanted, target in zip(shapes, given, strict=True):
            _check(target, wanted, np.dtype(real))
        if len(given) == 2 and _share(*given):
            raise ArgumentValueError("out has two parts that share memory")
        parts, finals = [], []
        for k, (wanted, target) in enumerate(zip(shapes, given, strict=True)):
            if target is None:
                memory = harness.claim(self.spare[k], wanted, real)
                target = memory
            elif _usable(target, [flat[p] for p in places], given[:k]):
                memory = target
            else:
                memory = np.empty(wanted, real)
            parts.append(memory.reshape(-1, size) if size else [])
            finals.append((memory, target))
        return Results(parts, finals)


@dataclass(frozen=True)
class Results:
    """The rows to write, and what becomes of them."""

    parts: list[Any]
    finals: list[tuple[Any, Any]]

    def finish(self) -> Any:
        for memory, target in self.finals:
            if memory is not target:
                target[...] = memory
        if len(self.finals) == 1:
            return self.finals[0][1]
        return tuple(target for _, target in self.finals)


def _flat(value: Any, size: int, real: Any) -> Any:
    """Give an argument as aligned, contiguous numbers."""
    if np.ndim(value) == 0:
        return np.full(size, value, real)
    return np.require(value, real, ["C", "A"])


def _addresses(rows: Sequence[Any]) -> Any:
    return np.array([row.ctypes.data for row in rows] + [0], np.uintp)


def _count(threads: Any) -> int:
    if isinstance(threads, bool) or not isinstance(threads, int | np.integer):
        raise ArgumentTypeError(f"threads is {short(threads)}; expected a whole number")
    if threads < 1:
        raise ArgumentValueError(f"threads is {threads}; expected 1 or more")
    return min(int(threads), 1024)


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


def _usable(target: Any, arrays: Sequence[Any], earlier: Sequence[Any]) -> bool:
    """Whether rows can be written straight into memory that a caller gave."""
    flags = target.flags
    if not (flags.c_contiguous and flags.aligned) or type(target) is not np.ndarray:
        return False
    others = [*arrays, *(part for part in earlier if part is not None)]
    return not any(np.may_share_memory(target, other) for other in others)
