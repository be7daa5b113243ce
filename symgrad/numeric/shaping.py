"""Which results a compiled function gives, and in which form: tapes cut to measure.

The one rule kept here: only what is asked for is computed; an entry of a matrix that
is zero for every point is found on the tape and left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from symgrad.errors import ArgumentValueError
from symgrad.numeric.codegen.form_harness import formed, joined
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.scipy_door import scipy_part
from symgrad.numeric.tape import Tape, finish

RESULTS = ("both", "value", "gradient")
ROWS = ("variable", "sample")

Part = tuple[int, int, tuple[int, ...], Any]
"""(first row, last row, shape, (indices, indptr) of a sparse one or None)"""


@dataclass(frozen=True)
class Form:
    """How the rows of a tape without partials become results.

    ``vectors`` are the lengths of the two vectors that stand first, where there are
    two; ``names`` those of all arguments, for errors; ``results`` says which there are.
    """

    parts: tuple[Part, ...]
    by_sample: bool = False
    vectors: tuple[int, int] | None = None
    names: tuple[str, ...] = field(default=())
    results: str = "both"

    @property
    def sparse(self) -> bool:
        return any(pattern is not None for *_, pattern in self.parts)

    def at_a_point(self) -> Form:
        """The form where arguments are numbers in order: no vectors to join."""
        return Form(self.parts)

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap what computes the rows, so that it gives the results."""
        parts, by_sample = self.parts, self.by_sample
        kind = scipy_part("sparse").csr_array if self.sparse else None
        vectors, names = self.vectors, self.names

        def shaped(*args: Any, **named: Any) -> Any:
            if vectors is not None:
                args = tuple(joined(args, *vectors, names))
            return formed(call(*args, **named), parts, by_sample, kind)

        return shaped


def shape_tape(
    tape: Tape, listed: bool, results: str, by_sample: bool, sparse: bool
) -> tuple[Tape, Form]:
    """Give a tape whose values are the rows of all results, and their form.

    Raises ``ArgumentValueError`` where there are no partials to give.
    """
    count = len(tape.partials[0]) if tape.partials else 0
    if results == "gradient" and not count:
        raise ArgumentValueError(
            "results is 'gradient', and wrt is empty; name a variable in wrt"
        )
    lead = (max(len(tape.values), len(tape.partials)),) if listed else ()
    roots: list[int] = []
    parts: list[Part] = []
    if results != "gradient":
        roots += tape.values
        parts.append((0, len(roots), lead, None))
    if results != "value" and count:
        start = len(roots)
        if sparse:
            kept, pattern = _pattern(tape)
            roots += kept
            shape = (len(tape.partials), count)
        else:
            roots += [k for row in tape.partials for k in row]
            shape, pattern = (*lead, count), None
        parts.append((start, len(roots), shape, pattern))
    return flat_tape(tape, roots), Form(tuple(parts), by_sample, results=results)


def flat_tape(tape: Tape, roots: Sequence[int]) -> Tape:
    """Keep what some entries need; they are the values of the tape that is left."""
    return finish(
        Recorder(list(tape.entries)),
        tape.arguments,
        roots,
        names=tape.names,
        hints=tape.hints,
        parameters=tape.parameters,
        data=tape.data,
    )


def _pattern(tape: Tape) -> tuple[list[int], tuple[tuple[int, ...], tuple[int, ...]]]:
    """The entries of a matrix that are not zero everywhere, row by row, and where."""
    kept: list[int] = []
    indices: list[int] = []
    indptr = [0]
    for row in tape.partials:
        for place, number in enumerate(row):
            entry = tape.entries[number]
            if entry[0] == "constant" and entry[1] == 0:
                continue
            kept.append(number)
            indices.append(place)
        indptr.append(len(kept))
    return kept, (tuple(indices), tuple(indptr))
