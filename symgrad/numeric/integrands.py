"""The integrand of an integral on a tape: a small program of its own.

The one rule kept here: an integrand is finished data, SymPy-free and picklable, as the
tape is that holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Symbol

from symgrad.errors import RuleError
from symgrad.integrals import DefiniteIntegral
from symgrad.moving_jumps import check_jumps
from symgrad.numeric.recorder import Entry, Recorder
from symgrad.numeric.tape import Tape, finish


@dataclass(frozen=True)
class Integrand:
    """Entries whose first argument is the variable of integration, and its result.

    ``names`` are those of the arguments; ``jumps`` holds, for each argument after the
    first, why there is no derivative by it, or nothing.
    """

    entries: tuple[Entry, ...]
    value: int
    names: tuple[str, ...]
    jumps: tuple[str, ...]

    @cached_property
    def tape(self) -> Tape:
        """The integrand as a tape, ready to be run or written."""
        return finish(self.recorder(), self.names, [self.value])

    def recorder(self) -> Recorder:
        """The entries in a recorder, to which more can be added."""
        found = Recorder()
        for entry in self.entries:
            found.record(*entry)
        return found

    def with_value(self, recorder: Recorder, value: int) -> Integrand:
        """The same arguments, another result."""
        return Integrand(tuple(recorder.entries), value, self.names, self.jumps)


def jumps_of(node: DefiniteIntegral, free: Sequence[Any]) -> tuple[str, ...]:
    """Why the integral has no derivative by each of its free names, or nothing."""
    found = []
    for name in free:
        try:
            if isinstance(name, Symbol):
                check_jumps(node, name)
        except RuleError as problem:
            found.append(str(problem))
        else:
            found.append("")
    return tuple(found)
