"""The two sweeps that append derivatives to a recorded program.

The one rule kept here: a local derivative comes from the formulary (``row_of``); a
sweep only multiplies and adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from sympy import Symbol

from symgrad.errors import check_name
from symgrad.graph import Graph
from symgrad.numeric.branches import Branches
from symgrad.numeric.edges import flows, inside, kept_inside
from symgrad.numeric.entries import reachable
from symgrad.numeric.indexed_data import (
    Found,
    as_table,
    check_variables,
    data_of,
)
from symgrad.numeric.reading import Recording, record_graph
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.safe_parts import FormRecorder
from symgrad.numeric.tangents import forward
from symgrad.numeric.tape import Tape, finish
from symgrad.numeric.trials import Sweep, cheapest
from symgrad.symbols import Total

MODES = ("reverse", "forward", "cheapest")
MAX_SWEPT_AGAIN = 200
"""entries of a derivative up to which it is differentiated as a program"""


def gradient_tape(
    graph: Graph,
    wrt: Sequence[Symbol] = (),
    mode: str = "reverse",
    *,
    outputs: Sequence[Symbol] | None = None,
    arguments: Sequence[Symbol] | None = None,
    with_values: bool = True,
    recorder: Recorder | None = None,
) -> Tape:
    """Flatten a graph with the derivatives of its outputs by ``wrt``.

    >>> from symgrad.networks import network
    >>> graph = network([2, 2, 1])
    >>> gradient_tape(graph, graph.parameters).operations
    31

    ``wrt`` may hold stages: the derivative by one is taken with it held independent.
    The mode ``"cheapest"`` tries the sweeps, a mix of both, and like terms collected.
    Without values only the derivatives are kept. ``recorder`` is an empty one that is
    to be used, such as one that rounds no number.
    Raises ``RuleError`` for a node without a rule, ``UnknownNameError`` for a mode.
    """
    check_name("mode", mode, MODES)
    chosen = graph.outputs if outputs is None else tuple(outputs)
    leaves = (*graph.inputs, *graph.parameters) if arguments is None else arguments
    held = [s for s in wrt if s in graph.stage_of]
    slopes = _Slopes(graph, {*leaves, *held})
    recording = record_graph(graph, leaves, held, bool(wrt), recorder, slopes)
    recorder, numbers = recording.recorder, recording.numbers
    data = _data(graph, wrt) if recorder.axes else None
    values = [numbers[output] for output in chosen]
    variables = [numbers[variable] for variable in wrt]
    names = [(numbers[stage.symbol], stage.symbol.name) for stage in graph.stages]
    learned = set(graph.parameters)
    table = () if data is None else as_table(data, leaves)
    symmetric = _is_symmetric(graph, chosen, wrt)
    edges = [inside(graph, numbers, output) for output in chosen]

    def made(
        recorder: Recorder, rows: Sequence[Sequence[int]], adjoints: dict[int, int]
    ) -> Tape:
        hints = [(adjoints[k], f"d_{name}") for k, name in names if k in adjoints]
        if len(values) == 1:
            hints += [(k, f"d_{s.name}") for k, s in zip(rows[0], wrt, strict=True)]
        if symmetric:
            rows = [
                [rows[min(i, k)][max(i, k)] for k in range(len(rows))]
                for i in range(len(rows))
            ]
        if any(edges):
            rows = [
                [
                    kept_inside(recorder, k, e, [w])
                    for k, w in zip(row, variables, strict=True)
                ]
                for e, row in zip(edges, rows, strict=True)
            ]
        told = zip(values, edges, strict=True) if with_values else ()
        return finish(
            recorder,
            [leaf.name for leaf in leaves],
            [kept_inside(recorder, k, e) for k, e in told],
            rows,
            names=names,
            hints=hints,
            parameters=[k for k, leaf in enumerate(leaves) if leaf in learned],
            data=table,
        )

    if mode != "cheapest" or not variables:
        mode = "reverse" if mode == "cheapest" else mode
        return made(recorder, *_rows(recorder, values, variables, mode))
    sweeps: dict[str, Sweep] = {
        name: partial(_only_rows, values=values, variables=variables, mode=name)
        for name in ("forward", "reverse")
    }
    return cheapest(
        recorder,
        values,
        variables,
        sweeps,
        lambda recorder, rows: made(recorder, rows, {}),
        symmetric,
    )


@dataclass
class _Slopes:
    """Derivatives in a graph of derivatives, swept anew from what they differentiate.

    Their formulas are the page's, tidied to be read: a quotient rule there overflows or
    cancels where the rows of a recorded form do not. Those of a product over an index
    are left to the page, as its second derivative has no row; so are those of the third
    order and higher, which swell, unless a form was taken and they are small.
    """

    graph: Graph
    leaves: set[Symbol]
    found: dict[Symbol, int] = field(default_factory=dict)

    def __call__(self, recording: Recording, slope: Symbol) -> int | None:
        recorder, numbers = recording.recorder, recording.numbers
        if not isinstance(slope, Total) or not isinstance(recorder, FormRecorder):
            return None
        of: Symbol = slope
        while isinstance(of, Total):
            of = of.of
        if slope.by not in self.leaves or of not in self.graph.stage_of:
            return None  # of an equation, where y, a leaf, moves with x
        if slope.of not in numbers:
            return None
        if slope not in self.found:
            if self._is_left(recorder, slope.of, numbers[slope.of]):
                return None
            wanted = [
                stage.symbol
                for stage in self.graph.stages
                if isinstance(stage.symbol, Total)
                and stage.symbol.of == slope.of
                and stage.symbol.by in self.leaves
            ]
            variables = [numbers[each.by] for each in wanted]
            row, _ = reverse(recorder, numbers[slope.of], variables)
            self.found.update(zip(wanted, row, strict=True))
        return self.found[slope]

    def _is_left(self, recorder: FormRecorder, of: Symbol, number: int) -> bool:
        entries = recorder.entries
        order = reachable(entries, [number])
        small = bool(recorder.forms) and len(order) <= MAX_SWEPT_AGAIN
        if isinstance(of, Total) and not small:
            return True
        return any(entries[k][0] in ("product", "others") for k in order)


def _only_rows(
    recorder: Recorder, values: Sequence[int], variables: Sequence[int], mode: str
) -> list[list[int]]:
    return _rows(recorder, values, variables, mode)[0]


def _is_symmetric(
    graph: Graph, outputs: Sequence[Symbol], wrt: Sequence[Symbol]
) -> bool:
    """Whether these are second derivatives: both halves of a Hessian are the same."""
    return (
        all(isinstance(output, Total) for output in outputs)
        and [getattr(output, "by", None) for output in outputs] == list(wrt)
        and len({getattr(output, "of", None) for output in outputs}) == 1
        and not any(variable in graph.stage_of for variable in wrt)
    )


def _data(graph: Graph, wrt: Sequence[Symbol]) -> Found:
    found = data_of(graph, bool(wrt))
    check_variables(found, wrt)
    return found


def _rows(
    recorder: Recorder, values: Sequence[int], variables: Sequence[int], mode: str
) -> tuple[list[list[int]], dict[int, int]]:
    """The rows of derivatives; the adjoints, where a single output has them."""
    if not variables:
        return [[] for _ in values], {}
    if mode == "forward":
        columns = [forward(recorder, values, k) for k in variables]
        return [list(row) for row in zip(*columns, strict=True)], {}
    swept = [reverse(recorder, value, variables) for value in values]
    return [row for row, _ in swept], swept[0][1] if len(swept) == 1 else {}


# --- reverse ----------------------------------------------------------------------


def reverse(
    recorder: Recorder, output: int, wrt: Sequence[int]
) -> tuple[list[int], dict[int, int]]:
    """Append the derivatives of one output by all of ``wrt``, in one pass downwards.

    Gives them and the adjoint of every entry that has one.
    """
    order = reachable(recorder.entries, [output])
    wanted = set(wrt)
    dependent = flows(recorder, order, wanted)
    zero, one = recorder.constant(0), recorder.constant(1)
    branches = Branches(recorder, order, dependent, wanted, output)
    parts = branches.parts if recorder.axes else branches.local_parts
    adjoints: dict[int, int] = {output: one} if output in dependent else {}
    for number in reversed(order):
        seed = adjoints.get(number)
        if seed is None:
            continue
        for argument, part in parts(number, seed):
            known = adjoints.get(argument)
            adjoints[argument] = part if known is None else recorder.add(known, part)
    return [adjoints.get(k, zero) for k in wrt], adjoints
