"""Whole programs in LLVM's language from a tape: for batches and for one point.

The one rule kept here: a program computes entry by entry what the tape says, a vector
of samples at a time; what is left over at the end goes through the same code, padded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from symgrad.numeric.llvm.bodies import Body, address, store
from symgrad.numeric.llvm.code import Code, Value
from symgrad.numeric.llvm.drivers import (
    ATTRIBUTES,
    MEMORY,
    POINT,
    RUN,
    STEPS,
    SUMS,
)
from symgrad.numeric.llvm.formats import DOUBLE
from symgrad.numeric.llvm.functions import define
from symgrad.numeric.llvm.pieces import Piece, Pieces
from symgrad.numeric.llvm.plans import Layout, Plan, plan, point_plan
from symgrad.numeric.tape import Tape


def _roots_by_entry(tape: Tape) -> dict[int, list[int]]:
    """entry -> the places among the results that it is for."""
    found: dict[int, list[int]] = {}
    for place, number in enumerate(tape.roots):
        found.setdefault(number, []).append(place)
    return found


def _due(tape: Tape, pieces: Pieces) -> list[dict[int, list[int]]]:
    """For each piece the results it delivers; leaves are delivered by the last."""
    roots = _roots_by_entry(tape)
    due: list[dict[int, list[int]]] = []
    done: set[int] = set()
    for piece in pieces.pieces:
        mine = {k: roots[k] for k in piece.numbers if k in roots}
        done |= mine.keys()
        due.append(mine)
    due[-1] |= {k: places for k, places in roots.items() if k not in done}
    return due


@dataclass
class Writer:
    """The functions of one program, a piece each."""

    tape: Tape
    plan: Plan
    single: dict[int, int]
    used: dict[str, None] = field(default_factory=dict)
    declared: dict[str, str] = field(default_factory=dict)

    def pieces(self) -> list[str]:
        due = _due(self.tape, self.plan.pieces)
        return [
            self.piece(k, piece, due[k])
            for k, piece in enumerate(self.plan.pieces.pieces)
        ]

    def _body(self, lanes: int) -> Body:
        layout = self.plan.layout
        code = Code(layout.format, lanes, flags=" contract")
        entry = Code(layout.format, lanes, names=code.names)
        arrays = {k: row for row, k in enumerate(layout.arrays)}
        pieces = self.plan.pieces
        block = self.plan.block if lanes > 1 else 1
        return Body(self.tape, pieces, entry, code, block, arrays, self.single)

    def _finish(self, body: Body) -> None:
        self.used |= body.used
        self.declared |= body.code.declared

    def piece(self, k: int, piece: Piece, due: dict[int, list[int]]) -> str:
        """A loop over the samples of a block, whole vectors, one at least."""
        layout = self.plan.layout
        body = self._body(layout.lanes)
        kept = dict(piece.kept)
        rest = [number for number in due if number not in set(piece.numbers)]
        sums: list[tuple[str, Value, int]] = []
        for number in (*piece.numbers, *rest):
            value = body.compute(number) if number not in rest else body.value(number)
            if number in kept:
                body.keep(number, kept[number])
            for place in due.get(number, ()):
                if layout.summed:
                    sums.append((f"%sum{place}", value, place))
                else:
                    row = address(body.entry, "%results", place)
                    kind = layout.format.name
                    text = f"getelementptr {kind}, ptr {row}, i64 %at"
                    spot = body.code.emit(text, "ptr").name
                    store(body.code, value, spot, layout.streamed)
        self._finish(body)
        return _loop(k, body, layout, sums)

    def point(self, k: int, piece: Piece, due: dict[int, list[int]]) -> str:
        """Straight code for one sample."""
        body = self._body(1)
        c = body.code
        kept = dict(piece.kept)
        rest = [number for number in due if number not in set(piece.numbers)]
        for number in (*piece.numbers, *rest):
            value = body.compute(number) if number not in rest else body.value(number)
            if number in kept:
                body.keep(number, kept[number])
            for place in due.get(number, ()):
                kind = c.format.name
                text = f"getelementptr {kind}, ptr %results, i64 {place}"
                store(c, value, c.emit(text, "ptr").name)
        self._finish(body)
        head = "ptr %singles, ptr %results, ptr %work, i64 %i"
        lines = [f"define internal void @piece{k}({head}) #1 {{", "entry:"]
        lines += [f"  {line}" for line in c.lines]
        return "\n".join([*lines, "  ret void", "}"]) + "\n"


_HEAD = "ptr %arrays, ptr %singles, ptr %results, ptr %work, i64 %low, i64 %count"


def _loop(
    k: int, body: Body, layout: Layout, sums: Sequence[tuple[str, Value, int]]
) -> str:
    entry, c = body.entry, body.code
    head = _HEAD + (", i64 %valid" if layout.summed else "")
    begin: list[str] = []
    end: list[str] = []
    finish: list[str] = []
    if sums:
        mask = _mask(entry)
        zero = c.constant(0.0).name
        for name, value, place in sums:
            start = f"[ {zero}, %entry ], [ {name}.next, %loop ]"
            begin.append(f"{name} = phi {c.number} {start}")
            old = Value(c, name, c.format.name)
            new = c.where(Value(c, mask, "i1"), old + value, old)
            end.append(f"{name}.next = bitcast {c.number} {new.name} to {c.number}")
            finish.append(_add_up(c, name, place))
    lines = [f"define internal void @piece{k}({head}) #1 {{", "entry:"]
    lines += [f"  {line}" for line in entry.lines]
    lines += ["  br label %loop", "loop:"]
    lines.append("  %i = phi i64 [ 0, %entry ], [ %next, %loop ]")
    lines += [f"  {line}" for line in begin]
    lines.append("  %at = add nuw nsw i64 %low, %i")
    lines += [f"  {line}" for line in (*c.lines, *end)]
    lines += [
        f"  %next = add nuw nsw i64 %i, {c.lanes}",
        "  %more = icmp ult i64 %next, %count",
        "  br i1 %more, label %loop, label %done",
        "done:",
        *(f"  {line}" for line in finish),
        "  ret void",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _mask(c: Code) -> str:
    """Which lanes hold samples."""
    t = f"<{c.lanes} x i64>"
    one = c.emit(f"insertelement {t} poison, i64 %valid, i64 0", "i64").name
    every = c.emit(
        f"shufflevector {t} {one}, {t} poison, <{c.lanes} x i32> zeroinitializer", "i64"
    ).name
    numbers = ", ".join(f"i64 {k}" for k in range(c.lanes))
    return c.emit(f"icmp ult {t} <{numbers}>, {every}", "i1").name


def _add_up(c: Code, name: str, place: int) -> str:
    """Hand a block's sums to the compensated totals."""
    kind = c.format.name
    start = place * 2 * c.lanes
    return (
        f"%total{place} = getelementptr {kind}, ptr %results, i64 {start}\n"
        f"  call void @add_up(ptr %total{place}, {c.number} {name}.next)"
    )


# --- whole programs ---------------------------------------------------------------


def write_batch(tape: Tape, layout: Layout) -> str:
    """Write ``@run(arrays, singles, results, room, low, high)`` for a batch.

    ``results`` is a table of rows; with ``summed`` it is two vectors for each result,
    the total and what it lacks.
    """
    chosen = plan(tape, layout)
    others = [k for k in range(len(tape.arguments)) if k not in layout.arrays]
    writer = Writer(tape, chosen, {k: row for row, k in enumerate(others)})
    functions = writer.pieces()
    form, inputs = layout.format, len(layout.arrays)
    names = {
        "lanes": layout.lanes,
        "mask": -layout.lanes,
        "size": form.bits // 8,
        "number": form.name,
        "vector": layout.vector_bytes,
        "vector_type": f"<{layout.lanes} x {form.name}>",
        "inputs": inputs,
        "outputs": 0 if layout.summed else chosen.outputs,
        "table": (inputs + chosen.outputs) * layout.vector_bytes,
        "work": chosen.padded_bytes,
        "block": chosen.block or 1 << 62,
        "head": _HEAD.replace("%count", "%high")
        + (", i64 %valid" if layout.summed else ""),
        "valid": ", i64 %valid" if layout.summed else "",
        "all_valid": f", i64 {layout.lanes}" if layout.summed else "",
        "some_valid": ", i64 %left" if layout.summed else "",
        "fence": "  fence seq_cst\n" if layout.streamed else "",
        "results_of_rest": "%results" if layout.summed else "%made",
    }
    calls = "".join(
        f"  call void @piece{k}(ptr %arrays, ptr %singles, ptr %results, ptr %work, "
        f"i64 %from, i64 %count{names['valid']})\n"
        for k in range(len(functions))
    )
    functions.append(STEPS.format(calls=calls, **names) + RUN.format(**names))
    if layout.summed:
        functions.insert(0, SUMS.format(**names))
    return _module(writer, Code(form, layout.lanes), MEMORY, functions)


def write_point(tape: Tape, fast: bool = False) -> str:
    """Write ``@point(singles, results, work)`` for one sample in double precision."""
    chosen = point_plan(tape, fast)
    writer = Writer(tape, chosen, {k: k for k in range(len(tape.arguments))})
    due = _due(tape, chosen.pieces)
    functions = [
        writer.point(k, piece, due[k]) for k, piece in enumerate(chosen.pieces.pieces)
    ]
    calls = "".join(
        f"  call void @piece{k}(ptr %singles, ptr %results, ptr %work, i64 0)\n"
        for k in range(len(functions))
    )
    functions.append(POINT.format(calls=calls))
    return _module(writer, Code(DOUBLE, 1), {}, functions)


def _module(
    writer: Writer, like: Code, more: dict[str, str], functions: Sequence[str]
) -> str:
    """Put a program together, with the functions it calls."""
    declared = dict(more)
    defined = []
    for name in writer.used:
        own = Code(like.format, like.lanes, fast=writer.plan.layout.fast)
        defined.append(define(name, own))
        declared |= own.declared
    declared |= writer.declared
    parts = ["; Written by symgrad.\n", *defined, *functions]
    parts.append("\n".join(declared[name] for name in sorted(declared)) + "\n")
    return "\n".join(parts) + ATTRIBUTES
