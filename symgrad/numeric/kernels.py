"""Tapes made callable: the generated programs compiled, each when first needed.

The one rule kept here: what runs is the source that is shown and saved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from symgrad.numeric import block_runs
from symgrad.numeric.call_options import OPTIONS, taken_options, thread_count
from symgrad.numeric.codegen import data_harness, harness, programs, sum_harness
from symgrad.numeric.codegen.programs import Program
from symgrad.numeric.exact_calls import ExactJob
from symgrad.numeric.llvm.arrays import Arrays
from symgrad.numeric.llvm.data_sums import DataSums
from symgrad.numeric.package_calls import Job
from symgrad.numeric.shaping import Form
from symgrad.numeric.tape import Tape

MIN_BLOCK, MAX_BLOCK = 512, 16384
BLOCK_BYTES = 1 << 21  # what a block works on should stay in the second cache
_FLOATING = (ValueError, OverflowError, ZeroDivisionError)


@dataclass(frozen=True)
class Kernel:
    """One tape with its programs. ``vector`` counts the arguments of a vector layout.

    ``listed`` says that values and partials have an axis for the outputs; ``package``
    is the dialect for arrays. What has a second package has no program for one point.
    ``reduce`` adds results over the samples ("sum") or averages them ("mean");
    ``form`` says what becomes of rows that are not a value and its partials;
    ``accuracy`` "fast" allows errors of 5 units in the last place;
    ``digits`` are those of the back end ``mpmath``.
    """

    tape: Tape
    listed: bool = False
    vector: int = 0
    package: str = "numpy"
    reduce: str = ""
    form: Form | None = None
    accuracy: str = "default"
    digits: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        return self.tape.arguments

    @property
    def has_integrals(self) -> bool:
        """Whether there is no program for one point, integrals being for arrays."""
        return any(entry[0] == "integral" for entry in self.tape.entries)

    @cached_property
    def point_program(self) -> Program:
        return programs.write_point(self.tape, self.listed)

    @cached_property
    def block_program(self) -> Program:
        return programs.write_block(self.tape, self.listed, self.package)

    @cached_property
    def point_source(self) -> str:
        return programs.point_source(self.point_program)

    @cached_property
    def block_source(self) -> str:
        return programs.block_source(self.block_program, self.sizes)

    @cached_property
    def sizes(self) -> tuple[int, int, int]:
        """The outputs (0 for one that is not listed), variables, samples in a block."""
        tape = self.tape
        named = 1 + len(self.block_program.lines)
        step = BLOCK_BYTES // (8 * named)
        step = 1 << max(step, 1).bit_length() - 1
        return (
            len(tape.values) if self.listed else 0,
            len(tape.partials[0]) if tape.partials else 0,
            min(max(step, MIN_BLOCK), MAX_BLOCK),
        )

    @cached_property
    def guarded_point(self) -> Callable[..., Any]:
        """The program for one point; whatever is unusual goes to ``careful_point``."""
        if self.tape.data:
            return self.data_point
        source = programs.guarded_source(self.point_program)
        return _compile(source, {"careful": self.careful_point})["point"]

    @cached_property
    def quick_point(self) -> Callable[..., Any]:
        """The same for ``f.point``: Python binds the arguments."""
        if self.tape.data:
            return self.data_point
        source = programs.guarded_source(self.point_program, named=False)
        return _compile(source, {"careful": self.careful_point})["point"]

    @cached_property
    def point(self) -> Callable[..., Any]:
        return _compile(self.point_source)["point"]

    @cached_property
    def block(self) -> Callable[..., None]:
        return self._blocks["block"]

    @cached_property
    def once(self) -> Callable[..., tuple[Any, ...]] | None:
        return self._blocks.get("once")

    @cached_property
    def machine_code(self) -> Arrays:
        """The same tape for the back end ``llvm``."""
        fast = self.accuracy == "fast"
        return Arrays(self.tape, self.listed, self.vector, self.reduce, fast)

    @cached_property
    def data_code(self) -> DataSums:
        """The same for sums over data."""
        fast = self.accuracy == "fast"
        return DataSums(self.tape, self.listed, fast, self.settled, self.run)

    @cached_property
    def machine_call(self) -> Callable[..., Any]:
        return self.data_code if self.tape.data else self.machine_code.arrays

    @cached_property
    def job(self) -> Job:
        """The same tape for the array package ``self.package``."""
        return Job(self.tape, self.listed, self.vector, self.package, self.reduce)

    def exact_job(self, backend: str) -> ExactJob:
        """The same tape on numbers of mpmath or SymPy."""
        return ExactJob(
            self.tape, self.listed, self.vector, self.reduce, backend, self.digits
        )

    @property
    def package_source(self) -> str:
        return self.job.source

    @property
    def machine_source(self) -> str:
        code = self.data_code if self.tape.data else self.machine_code
        return code.source()

    @cached_property
    def spare(self) -> tuple[list[Any], list[Any]]:
        """Memory of earlier results, see ``harness.claim``."""
        return [], []

    @cached_property
    def _blocks(self) -> dict[str, Any]:
        return _compile(self.block_source)

    def careful_point(
        self, args: Sequence[Any], more: Sequence[Any], named: Mapping[str, Any]
    ) -> Any:
        """Bind, convert and compute one point; where ``math`` gives up, with NumPy."""
        given = list(args)
        while given and given[-1] is None and not more:
            given.pop()
        values = harness.bind(self.names, [*given, *more], named)
        return self.float_point(values)

    def data_point(self, /, *args: Any, **named: Any) -> Any:
        """Compute one point whose sums have data: lists, tuples or arrays."""
        return self.float_point(self.settled(args, named)[0])

    def float_point(self, values: Sequence[Any]) -> Any:
        if self.tape.data:
            return data_harness.run_point(
                self.point, self.run, self.names, values, self.tape.data
            )
        floats = harness.as_floats(self.names, values)
        try:
            return self.point(*floats)
        except _FLOATING:
            return harness.as_tuples(self.run(floats))

    def __reduce__(self) -> Any:
        return Kernel, (
            self.tape,
            self.listed,
            self.vector,
            self.package,
            self.reduce,
            self.form,
            self.accuracy,
            self.digits,
        )  # source is made anew

    def run(self, args: Sequence[Any], dtype: Any = None) -> Any:
        """Compute a batch of samples with NumPy."""
        if self.tape.data:
            return data_harness.run_data(
                self.block,
                self.sizes,
                self.names,
                args,
                dtype,
                self.tape.data,
                self.spare,
            )
        spreaded = harness.spread(self.names, args, dtype)
        return harness.run_blocks(
            self.block, self.once, self.sizes, spreaded, self.spare
        )

    def batch(self, /, *args: Any, **named: Any) -> Any:
        """Compute arrays of samples; single numbers take the program for one point."""
        if not named.keys().isdisjoint(OPTIONS):
            options = taken_options(named, self.names)
            if options:
                return self._batch_into(args, named, **options)
        if self.tape.data:
            return self.run(*self.settled(args, named))
        dtype = None
        values: Sequence[Any] = args
        if self.vector:
            values, dtype = harness.unpack(self.names, self.vector, args, named)
        elif named or len(args) != len(self.names):
            values = harness.bind(self.names, args, named)
        if self.reduce:
            spreaded = harness.spread(self.names, values, dtype)
            return sum_harness.run_sums(
                self.block, self.once, self.sizes, spreaded, self.reduce
            )
        if not all(type(value) is float for value in values):
            spreaded = harness.spread(self.names, values, dtype)
            if spreaded[3] != () or spreaded[2] is not np.float64:
                return harness.run_blocks(
                    self.block, self.once, self.sizes, spreaded, self.spare
                )
            values = [float(value) for value in spreaded[0]]
        elif dtype == np.float32:
            return self.run(values, dtype)
        return self._arrays(values)

    def _batch_into(
        self, args: Any, named: Any, out: Any = None, threads: Any = 1
    ) -> Any:
        """Compute a batch into memory of the caller's, or in threads."""
        workers = thread_count(threads)
        if self.tape.data:
            return block_runs.into(self.run(*self.settled(args, named)), out)
        values, dtype = args, None
        if self.vector:
            values, dtype = harness.unpack(self.names, self.vector, args, named)
        elif named or len(args) != len(self.names):
            values = harness.bind(self.names, args, named)
        spreaded = harness.spread(self.names, values, dtype)
        programs = self.block, self.once, self.sizes
        if self.reduce:
            return block_runs.sum_into(programs, spreaded, self.reduce, out, workers)
        return block_runs.run_into(programs, spreaded, self.spare, out, workers)

    def settled(self, args: Any, named: Any) -> tuple[list[Any], Any]:
        """The arguments in order where some are data, and the dtype of a vector."""
        names, data = self.names, self.tape.data
        if self.vector:
            return data_harness.settle_vector(names, self.vector, args, named, data)
        return data_harness.settle(names, args, named, data), None

    def _arrays(self, values: Sequence[float]) -> Any:
        if self.package != "numpy" or self.has_integrals:
            return self.run(values)
        try:
            result = self.point(*values)
        except _FLOATING:
            return self.run(values)
        if not (self.tape.partials and self.tape.partials[0]):
            return np.array(result)
        return np.array(result[0]), np.array(result[1])

    def single(self, /, *args: Any, **named: Any) -> Any:
        """Compute one point given as a vector and the remaining arguments."""
        if self.tape.data:
            return self.data_point(*args, **named)
        values, _ = harness.unpack(self.names, self.vector, args, named)
        return self.float_point(values)


def _compile(source: str, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    namespace: dict[str, Any] = dict(known or {})
    exec(compile(source, "<symgrad>", "exec"), namespace)  # our own text, no user's
    return namespace
