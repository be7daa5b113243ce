"""Sums over data with an index in machine code: one loop over the data after the other.

The one rule kept here: a loop is a program that adds its terms over samples, which are
the places of the index; what stands between the loops are a few single numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from symgrad.errors import ArgumentValueError
from symgrad.numeric.call_options import taken_options, thread_count
from symgrad.numeric.codegen import data_harness
from symgrad.numeric.codegen.dialects import DIALECTS
from symgrad.numeric.codegen.reductions import slices_in
from symgrad.numeric.entries import LEAVES, operands, reachable
from symgrad.numeric.interpreter import run_tape
from symgrad.numeric.llvm import results
from symgrad.numeric.llvm.arrays import Arrays
from symgrad.numeric.nests import KEPT, Nest, reads, schedule
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.tape import Tape, finish

_SUMS = DIALECTS["numpy"].helpers
FEW = 1024
"""with fewer terms, and for batches of them, NumPy's program is as fast"""
LARGEST_BLOCK = 1 << 16
"""terms that are computed before their largest is looked for, which fit the cache"""


def beyond(tape: Tape) -> list[str]:
    """What machine code has no loops for; nothing where it can do all sums of a tape.

    >>> from symgrad.formulas import formula
    >>> from symgrad.numeric.sweeps import gradient_tape
    >>> beyond(gradient_tape(formula("product(w*sum(x_i, i, 1, k), k, 1, n)")))
    ['product', 'sums in sums']
    """
    found: set[str] = set()
    for number, entry in enumerate(tape.entries):
        if entry[0] in ("product", "others"):
            found.add(entry[0])
        if entry[0] in KEPT and (number in tape.axes or len(entry) > 3):
            found.add("sums in sums")
        if entry[0] == "element" and slices_in(tape, number) is None:
            found.add("data at places other than i + 1")
        if entry[0] == "element" and len(entry) > 3:
            found.add("data with two indices")
    return sorted(found)


@dataclass(frozen=True)
class Loop:
    """One loop: its program, and which entries of the tape are its arguments."""

    nest: Nest
    code: Arrays
    sources: tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """Single numbers, from arguments and sums that are known, and the loops they serve.

    ``given`` are the sums that the tape takes after the arguments; ``numbers`` the
    entries that are its values.
    """

    tape: Tape
    given: tuple[int, ...]
    numbers: tuple[int, ...]
    loops: tuple[Loop, ...]


@dataclass
class DataSums:
    """The function that users call; ``run`` is the program of NumPy for a batch.

    ``settled`` gives the arguments in order and the dtype of a vector.
    """

    tape: Tape
    listed: bool
    fast: bool
    settled: Callable[[Any, Any], tuple[list[Any], Any]]
    run: Callable[[Sequence[Any], Any], Any]

    def __call__(self, /, *args: Any, **named: Any) -> Any:
        options = taken_options(named, self.tape.arguments)
        values, dtype = self.settled(args, named)
        spreaded, _ = data_harness.spread_data(
            self.tape.arguments, values, dtype, self.tape.data
        )
        flat, _, real, shape = spreaded
        out, threads = options.get("out"), options.get("threads", 1)
        longest = max((np.size(each) for each in flat), default=0)
        if shape or longest < FEW:
            return self._with_numpy(values, dtype, real, out, threads)
        numbers = self.compute(flat, threads)
        found = self._room(shape, real, out, flat)
        for row, number in zip(_rows(found), numbers, strict=True):
            row[...] = number
        return found.finish()

    def _room(self, shape: Any, real: Any, out: Any, flat: Sequence[Any]) -> Any:
        like = Arrays(self.tape, self.listed, 0)
        arrays = [each for each in flat if np.ndim(each)]
        return results.prepare(like.shapes(shape), shape, real, out, arrays, ([], []))

    def _with_numpy(
        self, values: Sequence[Any], dtype: Any, real: Any, out: Any, threads: Any
    ) -> Any:
        thread_count(threads)
        found = self.run(values, dtype)
        if out is None:
            return found
        parts = found if isinstance(found, tuple) else (found,)
        shape = parts[0].shape[self.listed :]
        room = self._room(shape, real, out, ())
        for rows, part in zip(room.parts, parts, strict=True):
            if len(rows):
                rows[...] = part.reshape(rows.shape)
        return room.finish()

    # --- one point ----------------------------------------------------------------

    def compute(self, flat: Sequence[Any], threads: Any) -> list[Any]:
        """Give all results, with the data of one point."""
        sums: dict[int, float] = {}
        singles = [float(v) if np.ndim(v) == 0 else 0.0 for v in flat]
        for part in self.parts:
            given = [*singles, *(sums[k] for k in part.given)]
            numbers = [float(each) for each in run_tape(part.tape, given)]
            known = dict(zip(part.numbers, numbers, strict=True))
            for loop in part.loops:
                sums |= self._sums(loop, flat, known, threads)
        return numbers

    def _sums(
        self, loop: Loop, flat: Sequence[Any], known: Mapping[int, float], threads: Any
    ) -> dict[int, float]:
        """Run one loop."""
        tape, axis = self.tape, loop.nest.loops[0]
        try:
            index = _SUMS.places(
                *(np.float64(known[k]) for k in operands(tape.entries[axis]))
            )
            given = [self._source(k, index, flat, known) for k in loop.sources]
        except IndexError as error:
            raise ArgumentValueError(str(error)) from None
        arrays = [k for k, each in enumerate(given) if np.ndim(each)]
        real = np.float64
        if all(given[k].dtype == np.float32 for k in arrays):
            real = np.float32  # the terms; they are added without loss
        given = [np.require(g, real, ["C", "A"]) if np.ndim(g) else g for g in given]
        if not loop.code.reduce:
            found = _largest(loop.code, given, arrays, index.size, threads)
        else:
            found = loop.code.run((given, arrays, real, index.shape), threads=threads)
        return dict(zip(loop.nest.results, map(float, found), strict=True))

    def _source(
        self,
        number: int,
        index: Any,
        flat: Sequence[Any],
        known: Mapping[int, float],
    ) -> Any:
        """An argument of a loop: data, the places themselves, or a single number."""
        tape = self.tape
        if tape.entries[number][0] == "index":
            return index
        if number in known:
            return known[number]
        place = tape.entries[tape.entries[number][1]][1]
        ((_, shift),) = slices_in(tape, number) or ((0, 0),)
        ((first, _),) = dict(tape.data[0])[place]
        return _SUMS.elements(
            flat[place], tape.arguments[place], (index, first - shift)
        )

    # --- programs -----------------------------------------------------------------

    def source(self) -> str:
        """The machine code of all loops."""
        return "\n".join(
            loop.code.source() for part in self.parts for loop in part.loops
        )

    @cached_property
    def parts(self) -> list[Part]:
        """The single numbers and loops in turn; the last part gives the results."""
        parts: list[Part] = []
        nests: list[Nest] = []
        given: list[int] = []
        for step in [*schedule(self.tape), None]:
            made = {k for nest in nests for k in nest.results}
            new = [step] if isinstance(step, Nest) else []
            if nests and not (new and made.isdisjoint(reads(self.tape, new[0]))):
                parts.append(self._part(given, nests))
                given += [k for nest in nests for k in nest.results]
                nests = []
            nests += new
        return [*parts, self._part(given, ())]

    def _part(self, given: Sequence[int], nests: Sequence[Nest]) -> Part:
        loops = tuple(loop for nest in nests for loop in self._loops(nest))
        numbers: list[int] = []
        for loop in loops:
            axis = loop.nest.loops[0]
            numbers += operands(self.tape.entries[axis])
            numbers += [k for k in loop.sources if k not in self.tape.axes]
        numbers = list(dict.fromkeys(numbers)) if nests else list(self.tape.roots)
        count = len(self.tape.arguments)
        known = {k: count + place for place, k in enumerate(given)}
        tape = self._cut(numbers, known, count)
        return Part(tape, tuple(given), tuple(numbers), loops)

    def _cut(self, roots: Sequence[int], known: Mapping[int, int], count: int) -> Tape:
        """The program of some entries, from arguments and from what is known."""
        recorder, new = Recorder(), dict[int, int]()
        todo = list(roots)
        needed: set[int] = set()
        while todo:
            number = todo.pop()
            if number not in needed:
                needed.add(number)
                if number not in known:
                    todo += operands(self.tape.entries[number])
        for number in sorted(needed):
            entry = self.tape.entries[number]
            if number in known:
                new[number] = recorder.record("argument", known[number])
            elif entry[0] in LEAVES:
                new[number] = recorder.record(*entry)
            else:
                new[number] = recorder.record(entry[0], *(new[k] for k in entry[1:]))
        more = [f"s_{k}" for k in range(len(self.tape.arguments) + len(known))]
        size = max([count, *(place + 1 for place in known.values())])
        return finish(recorder, more[:size], [new[k] for k in roots])

    def _loops(self, nest: Nest) -> list[Loop]:
        """What is added, and what the largest is looked for of."""
        found = []
        for kind in ("sum", "largest"):
            results = [k for k in nest.results if self.tape.entries[k][0] == kind]
            if results:
                found.append(self._loop(replace(nest, results=tuple(results)), kind))
        return found

    def _loop(self, nest: Nest, kind: str) -> Loop:
        """The terms as a program of data, places and single numbers."""
        entries = self.tape.entries
        needed = reachable(entries, [entries[k][1] for k in nest.results])
        body = {k for row in nest.depths for k in row}.intersection(needed)
        inner = {k for k in body if entries[k][0] != "element"}
        used = {k for number in inner for k in operands(entries[number])}
        used |= {entries[k][1] for k in nest.results}
        fixed = ("constant", "truth")
        sources = sorted(k for k in used - inner if entries[k][0] not in fixed)
        known = {k: place for place, k in enumerate(sources)}
        roots = [entries[k][1] for k in nest.results]
        reduce = "sum" if kind == "sum" else ""
        code = Arrays(self._cut(roots, known, 0), True, 0, reduce, self.fast)
        return Loop(nest, code, tuple(sources))


def _largest(
    code: Arrays, given: Sequence[Any], arrays: list[int], size: int, threads: Any
) -> Any:
    """The largest of each term, block by block; 0 where it is not finite."""
    count = len(code.tape.values)
    found = np.full(count, -np.inf)
    for low in range(0, size, LARGEST_BLOCK):
        part = list(given)
        for k in arrays:
            part[k] = given[k][low : low + LARGEST_BLOCK]
        shape = (min(LARGEST_BLOCK, size - low),)
        real = part[arrays[0]].dtype.type if arrays else np.float64
        rows = code.run((part, arrays, real, shape), threads=threads)
        found = np.maximum(found, rows.max(-1))
    return np.where(np.isfinite(found), found, 0.0)


def _rows(found: results.Results) -> list[Any]:
    return [row for part in found.parts for row in part]
