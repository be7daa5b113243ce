"""Choices in the reverse sweep: branches are swept apart and selected last.

The one rule kept here: nothing flows out of a branch that is not taken. To multiply
an adjoint by 0 would not do, as 0·inf is nan; so each branch gets a seed of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from symgrad.numeric.axes import into_reduction, summed_to
from symgrad.numeric.entries import LEAVES, REDUCTIONS, Entry, operands
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.rows import constant_slope, slots
from symgrad.numeric.tangents import local_times

MAX_NESTED_SELECTS = 500


class Branches:
    """What a select is worth by the entries that are computed in any case.

    An entry is in common when the output needs it whichever branches are taken, or
    when it is a sum over an index;
    whatever only some branch needs is swept inside that branch, with a seed of 1.
    Beyond ``MAX_NESTED_SELECTS`` that would no longer be linear, and every entry
    counts as common.
    """

    def __init__(
        self,
        recorder: Recorder,
        order: list[int],
        dependent: set[int],
        wanted: set[int],
        output: int,
    ) -> None:
        self.recorder, self.dependent = recorder, dependent
        selects = [k for k in order if recorder.entries[k][0] == "select"]
        self.common: set[int] | None = None
        self.worth: dict[int, dict[int, int]] = {}
        if not selects:
            return
        if len(selects) > MAX_NESTED_SELECTS:
            self.common = set(order)
        else:
            self.common = _common(recorder, order, output) | wanted
        for number in selects:
            if number in dependent:
                self.worth[number] = self._select(number)

    def parts(self, number: int, seed: int) -> list[tuple[int, int]]:
        """The (argument, contribution) pairs that an adjoint sends down, with axes."""
        recorder = self.recorder
        entry = recorder.entries[number]
        if entry[0] in REDUCTIONS:
            return [(entry[1], into_reduction(recorder, seed, number))]
        return [
            (argument, summed_to(recorder, part, number, argument))
            for argument, part in self.local_parts(number, seed)
        ]

    def local_parts(self, number: int, seed: int) -> list[tuple[int, int]]:
        """These pairs, each on all the axes of the entry that sends it.

        Where nothing has axes, they are the whole of what is sent.
        """
        recorder = self.recorder
        if number in self.worth:
            return [
                (argument, recorder.multiply(seed, worth))
                for argument, worth in self.worth[number].items()
            ]
        return [
            (argument, local_times(recorder, seed, number, place))
            for place, argument in slots(recorder.entries[number])
            if argument in self.dependent
        ]

    def _select(self, number: int) -> dict[int, int]:
        _, condition, a, b = self.recorder.entries[number]
        first, second = self._branch(a), self._branch(b)
        one, other = (constant_slope(self.recorder, k) for k in (a, b))
        return {
            k: self.recorder.select(condition, first.get(k, one), second.get(k, other))
            for k in sorted({*first, *second}, reverse=True)
        }

    def _branch(self, root: int) -> dict[int, int]:
        """The derivatives of one branch by the common entries it uses."""
        recorder, common = self.recorder, self.common or set()
        if root not in self.dependent:
            return {}
        found, todo = {root}, [root]
        while todo:
            number = todo.pop()
            if number in common:
                continue
            below = self.worth.get(number) or operands(recorder.entries[number])
            new = [k for k in below if k in self.dependent and k not in found]
            found.update(new)
            todo.extend(new)
        adjoints = {root: recorder.constant(1)}
        for number in sorted(found, reverse=True):
            if number in common or number not in adjoints:
                continue
            for argument, part in self.local_parts(number, adjoints.pop(number)):
                known = adjoints.get(argument)
                adjoints[argument] = (
                    part if known is None else recorder.add(known, part)
                )
        return adjoints


def _common(recorder: Recorder, order: list[int], output: int) -> set[int]:
    """The entries needed whichever branches are taken, and all leaves."""
    entries = recorder.entries
    apart = (*LEAVES, *REDUCTIONS)  # a sum needs the adjoint of all its terms at once
    common = {k for k in order if entries[k][0] in apart} | {output}
    for number in reversed(order):
        if number not in common:
            continue
        entry = entries[number]
        if entry[0] == "select":
            common.add(entry[1])
            common |= _reach(entries, entry[2], common) & _reach(
                entries, entry[3], common
            )
        else:
            common.update(operands(entry))
    return common


def _reach(entries: Sequence[Entry], root: int, common: set[int]) -> set[int]:
    found, todo = {root}, [root]
    while todo:
        number = todo.pop()
        if entries[number][0] == "select" or number in common:
            continue
        new = [k for k in operands(entries[number]) if k not in found]
        found.update(new)
        todo.extend(new)
    return found
