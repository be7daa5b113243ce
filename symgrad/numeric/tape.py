"""A graph as a tape: operations on plain whole numbers, each recorded once.

The one rule kept here: a tape is finished data, SymPy-free and picklable; whoever
runs, prints or counts it needs nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from symgrad.numeric.entries import (
    INDEXED,
    LEAVES,
    UNCOUNTED,
    Axes,
    Entry,
    place_on_axes,
    reachable,
)
from symgrad.numeric.recorder import Recorder


@dataclass(frozen=True)
class Tape:
    """A straight-line program of operations, SymPy-free and picklable.

    ``values`` are the entries of the outputs, ``partials`` one row of entries for
    each output. ``names`` are (entry, name) pairs for the stages, ``hints`` for their
    adjoints; ``parameters`` are the places in ``arguments`` of what is learned;
    ``data`` tells which arguments are arrays with an index (see indexed_data.py).
    """

    entries: tuple[Entry, ...]
    arguments: tuple[str, ...]
    values: tuple[int, ...]
    partials: tuple[tuple[int, ...], ...] = ()
    names: tuple[tuple[int, str], ...] = ()
    hints: tuple[tuple[int, str], ...] = ()
    parameters: tuple[int, ...] = ()
    data: tuple[Any, ...] = ()

    @property
    def operations(self) -> int:
        """Count the operations: constants, arguments, indices and data are none.

        What stands in a sum is counted once, as it is written, not once a term.
        """
        return sum(entry[0] not in UNCOUNTED for entry in self.entries)

    @cached_property
    def axes(self) -> Axes:
        """The indices that each entry runs over, outer ones first."""
        axes: Axes = {}
        for number, entry in enumerate(self.entries):
            if axes or entry[0] in INDEXED:
                place_on_axes(axes, number, entry)
        return axes

    @property
    def roots(self) -> tuple[int, ...]:
        """All entries that are results, values first."""
        return (*self.values, *(k for row in self.partials for k in row))


def finish(
    recorder: Recorder,
    arguments: Sequence[str],
    values: Sequence[int],
    partials: Sequence[Sequence[int]] = (),
    *,
    names: Iterable[tuple[int, str]] = (),
    hints: Iterable[tuple[int, str]] = (),
    parameters: Iterable[int] = (),
    data: tuple[Any, ...] = (),
) -> Tape:
    """Keep what the results need, with whole powers as multiplications.

    Held stages and users' functions become what they hold: they cost nothing.
    """
    roots = [*values, *(k for row in partials for k in row)]
    lowered = Recorder()
    new: dict[int, int] = {}
    for number in reachable(recorder.entries, roots):
        entry = recorder.entries[number]
        if entry[0] in LEAVES:
            new[number] = lowered.record(*entry)
        elif entry[0] in ("hold", "user"):
            new[number] = new[entry[1]]
        elif entry[0] in ("index", "integral"):
            new[number] = lowered.record(*entry[:2], *(new[k] for k in entry[2:]))
        elif entry[0] == "integer_power":
            new[number] = _squarings(lowered, new[entry[1]], entry[2])
        else:
            new[number] = lowered.record(entry[0], *(new[k] for k in entry[1:]))
    return Tape(
        tuple(lowered.entries),
        tuple(arguments),
        tuple(new[k] for k in values),
        tuple(tuple(new[k] for k in row) for row in partials),
        _first_names(names, new),
        _first_names(hints, new),
        tuple(parameters),
        data,
    )


def _first_names(
    names: Iterable[tuple[int, str]], new: dict[int, int]
) -> tuple[tuple[int, str], ...]:
    """Give each entry that is kept the first of its names."""
    found: dict[int, str] = {}
    for number, name in names:
        if number in new:
            found.setdefault(new[number], name)
    return tuple(found.items())


def _squarings(recorder: Recorder, u: int, n: int) -> int:
    """Record u**n as the binary digits of n say, the highest first."""
    power = u
    for digit in bin(n)[3:]:
        power = recorder.record("multiply", power, power)
        if digit == "1":
            power = recorder.record("multiply", power, u)
    return power
