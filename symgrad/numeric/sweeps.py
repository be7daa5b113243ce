"""The two sweeps that append derivatives to a recorded program.

The one rule kept here: a local derivative comes from the formulary (``row_of``); a
sweep only multiplies and adds. A branch that is not taken leaks nothing: branches of
a ``select`` are swept apart, each with a seed of its own, and selected last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Symbol

from symgrad.errors import unknown_name
from symgrad.graph import Graph
from symgrad.numeric.reading import record_graph, row_of
from symgrad.numeric.tape import (
    LEAVES,
    Entry,
    Recorder,
    Tape,
    finish,
    operands,
    reachable,
)

MODES = ("reverse", "forward")
MAX_NESTED_SELECTS = 500
_FLAT = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
_FLAT += ("and", "or", "not")


def gradient_tape(
    graph: Graph,
    wrt: Sequence[Symbol] = (),
    mode: str = "reverse",
    *,
    outputs: Sequence[Symbol] | None = None,
    arguments: Sequence[Symbol] | None = None,
) -> Tape:
    """Flatten a graph with the derivatives of its outputs by ``wrt``.

    >>> from symgrad.networks import network
    >>> graph = network([2, 2, 1])
    >>> gradient_tape(graph, graph.parameters).operations
    31

    ``wrt`` may hold stages: the derivative by one is taken with it held independent.
    Raises ``RuleError`` for a node without a rule, ``UnknownNameError`` for a mode.
    """
    if mode not in MODES:
        raise unknown_name("mode", mode, MODES)
    chosen = graph.outputs if outputs is None else tuple(outputs)
    leaves = (*graph.inputs, *graph.parameters) if arguments is None else arguments
    held = [s for s in wrt if s in graph.stage_of]
    recording = record_graph(graph, leaves, held)
    recorder, numbers = recording.recorder, recording.numbers
    values = [numbers[output] for output in chosen]
    variables = [numbers[variable] for variable in wrt]
    names = [(numbers[stage.symbol], stage.symbol.name) for stage in graph.stages]
    hints: list[tuple[int, str]] = []
    if mode == "forward":
        columns = [forward(recorder, values, k) for k in variables]
        rows = [list(row) for row in zip(*columns, strict=True)] or [[] for _ in values]
    else:
        rows = []
        for value in values if variables else ():
            row, adjoints = reverse(recorder, value, variables)
            rows.append(row)
            if len(values) == 1:
                hints = [
                    (adjoints[k], f"d_{name}") for k, name in names if k in adjoints
                ]
        rows = rows or [[] for _ in values]
    if len(values) == 1:
        hints += [(k, f"d_{s.name}") for k, s in zip(rows[0], wrt, strict=True)]
    learned = set(graph.parameters)
    return finish(
        recorder,
        [leaf.name for leaf in leaves],
        values,
        rows,
        names=names,
        hints=hints,
        parameters=[k for k, leaf in enumerate(leaves) if leaf in learned],
    )


def local_times(recorder: Recorder, seed: int, number: int, place: int) -> int:
    """Record seed·∂entry/∂(its argument number ``place``), as cheaply as it goes."""
    entry = recorder.entries[number]
    operation = entry[0]
    if operation == "hold":
        return seed
    ids = (*entry[1:], number)
    if operation == "integer_power":
        ids = (entry[1], recorder.constant(entry[2]), number)
        operation = "power"
    elif len(entry) == 2:
        ids = (entry[1], -1, number)
    row = row_of(operation, place)
    new: dict[int, int] = {}
    for k, step in row.steps:
        new[k] = _repeat(recorder, step, new, ids)
    numerator, denominator = new[row.numerator], new[row.denominator]
    if recorder.value(seed) == 1:
        product = recorder.divide(numerator, denominator)
    else:
        product = recorder.multiply(recorder.divide(seed, denominator), numerator)
    return recorder.negate(product) if row.negative else product


def _repeat(
    recorder: Recorder, step: Entry, new: dict[int, int], ids: tuple[int, ...]
) -> int:
    """Record one entry of a row anew, its letters standing for ``ids``."""
    name = step[0]
    if name == "argument":
        return ids[step[1]]
    if name in LEAVES:
        return recorder.record(*step)
    if name == "integer_power":
        return recorder.integer_power(new[step[1]], step[2])
    arguments = [new[k] for k in step[1:]]
    if name in ("add", "subtract", "negate", "multiply", "divide", "power", "select"):
        number: int = getattr(recorder, name)(*arguments)
        return number
    if name in _FLAT:
        return recorder.relation(name, *arguments)
    return recorder.function(name, *arguments)


def _slots(entry: Entry) -> Sequence[tuple[int, int]]:
    """The (place, argument) pairs through which a derivative flows."""
    if entry[0] in _FLAT or entry[0] in LEAVES:
        return ()
    if entry[0] == "select":
        return ((1, entry[2]), (2, entry[3]))
    if entry[0] == "Heaviside":
        return ()
    return tuple(enumerate(operands(entry)))


def _dependent(recorder: Recorder, order: Iterable[int], wrt: set[int]) -> set[int]:
    """The entries among ``order`` that a derivative by ``wrt`` flows through."""
    found = set()
    for number in order:
        if number in wrt or any(
            argument in found for _, argument in _slots(recorder.entries[number])
        ):
            found.add(number)
    return found


# --- forward ----------------------------------------------------------------------


def forward(recorder: Recorder, outputs: Sequence[int], wrt: int) -> list[int]:
    """Append the derivatives of all outputs by one entry, in one pass upwards."""
    order = [k for k in reachable(recorder.entries, outputs) if k >= wrt]
    tangents = {wrt: recorder.constant(1)}
    zero = recorder.constant(0)
    for number in order:
        if number == wrt:
            continue
        entry = recorder.entries[number]
        parts = [(place, u) for place, u in _slots(entry) if u in tangents]
        if not parts:
            continue
        if entry[0] == "select":
            _, condition, a, b = entry
            tangents[number] = recorder.select(
                condition, tangents.get(a, zero), tangents.get(b, zero)
            )
            continue
        total = zero
        for place, u in parts:
            total = recorder.add(
                total, local_times(recorder, tangents[u], number, place)
            )
        tangents[number] = total
    return [tangents.get(output, zero) for output in outputs]


# --- reverse ----------------------------------------------------------------------


def reverse(
    recorder: Recorder, output: int, wrt: Sequence[int]
) -> tuple[list[int], dict[int, int]]:
    """Append the derivatives of one output by all of ``wrt``, in one pass downwards.

    Gives them and the adjoint of every entry that has one.
    """
    order = reachable(recorder.entries, [output])
    wanted = set(wrt)
    dependent = _dependent(recorder, order, wanted)
    zero, one = recorder.constant(0), recorder.constant(1)
    branches = _Branches(recorder, order, dependent, wanted, output)
    adjoints: dict[int, int] = {output: one} if output in dependent else {}
    for number in reversed(order):
        seed = adjoints.get(number)
        if seed is None:
            continue
        for argument, part in branches.parts(number, seed):
            known = adjoints.get(argument)
            adjoints[argument] = part if known is None else recorder.add(known, part)
    return [adjoints.get(k, zero) for k in wrt], adjoints


class _Branches:
    """What a select is worth by the entries that are computed in any case.

    An entry is in common when the output needs it whichever branches are taken;
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
        """The (argument, contribution) pairs that an adjoint sends down."""
        recorder = self.recorder
        if number in self.worth:
            return [
                (argument, recorder.multiply(seed, worth))
                for argument, worth in self.worth[number].items()
            ]
        return [
            (argument, local_times(recorder, seed, number, place))
            for place, argument in _slots(recorder.entries[number])
            if argument in self.dependent
        ]

    def _select(self, number: int) -> dict[int, int]:
        _, condition, a, b = self.recorder.entries[number]
        first, second = self._branch(a), self._branch(b)
        zero = self.recorder.constant(0)
        return {
            k: self.recorder.select(condition, first.get(k, zero), second.get(k, zero))
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
            for argument, part in self.parts(number, adjoints.pop(number)):
                known = adjoints.get(argument)
                adjoints[argument] = (
                    part if known is None else recorder.add(known, part)
                )
        return adjoints


def _common(recorder: Recorder, order: list[int], output: int) -> set[int]:
    """The entries needed whichever branches are taken, and all leaves."""
    entries = recorder.entries
    common = {k for k in order if entries[k][0] in LEAVES} | {output}
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
