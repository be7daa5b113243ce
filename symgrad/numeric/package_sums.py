"""Sums and products over an index with arrays of a package: JAX, PyTorch or CuPy.

The one rule kept here: a term is a program without an index, run over an axis for each
index; the package itself does no more than slice data and add or multiply terms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.errors import ArgumentValueError
from symgrad.numeric.codegen.dialects import DIALECTS
from symgrad.numeric.codegen.reductions import NEUTRAL, axes_spec, slices_in
from symgrad.numeric.entries import INDEXED, LEAVES, operands
from symgrad.numeric.interpreter import entry_values
from symgrad.numeric.nests import KEPT, Nest, schedule
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.rows import FLAT
from symgrad.numeric.tape import Tape, finish

_SUMS = DIALECTS["numpy"].helpers
_MADE_ANEW = ("constant", "truth", *FLAT)  # a condition is no number to be handed on
Axes = tuple[int, ...]


@dataclass(frozen=True)
class Piece:
    """A program without an index, of some entries of the tape; its values are others.

    ``axes`` are those that its arguments are brought to.
    """

    tape: Tape
    sources: tuple[int, ...]
    numbers: tuple[int, ...]
    axes: Axes = ()


def pieces_of(tape: Tape) -> list[Piece]:
    """Take a tape apart at its sums; the last piece gives its results."""
    pieces: list[Piece] = []
    nests: list[Nest] = []
    for step in [*schedule(tape), None]:
        if isinstance(step, Nest):
            nests.append(step)
        elif nests:
            pieces += _level(tape, nests)
            nests = []
    return [*pieces, _piece(tape, tape.roots, {*KEPT})]


def _level(tape: Tape, nests: Sequence[Nest]) -> list[Piece]:
    """The terms of some sums, and before them the single numbers that they need."""
    found = []
    for nest in nests:
        if nest.results:
            axes = tuple(sorted(nest.loops))
            found.append(_piece(tape, nest.results, {*KEPT, *INDEXED}, axes))
    inner = {k for piece in found for k in piece.sources}
    single = [k for k in sorted(inner) if k not in tape.axes]
    plain = [k for k in single if tape.entries[k][0] not in (*KEPT, "argument")]
    return [_piece(tape, plain, {*KEPT}), *found] if plain else found


def _piece(
    tape: Tape, numbers: Sequence[int], known: set[str], axes: Axes = ()
) -> Piece:
    """The program of some entries, or of the terms of some sums."""
    recorder, entries = Recorder(), tape.entries
    roots = [(entries[k][1], *entries[k][3:]) if axes else (k,) for k in numbers]
    order, sources = _needed(tape, [k for row in roots for k in row], known, bool(axes))
    new = {k: recorder.record("argument", place) for place, k in enumerate(sources)}
    for number in order:
        entry = entries[number]
        if entry[0] in LEAVES:
            new[number] = recorder.record(*entry)
        elif entry[0] == "integral":
            new[number] = recorder.record(*entry[:2], *(new[k] for k in entry[2:]))
        else:
            new[number] = recorder.record(entry[0], *(new[k] for k in entry[1:]))
    values = []
    for number, (body, *masks) in zip(numbers, roots, strict=True):
        value = new[body]
        for mask in masks:
            neutral = recorder.constant(NEUTRAL[entries[number][0]])
            value = recorder.select(new[mask], value, neutral)
        values.append(value)
    names = [f"s_{k}" for k in range(len(sources))]
    made = finish(recorder, names, values)
    return Piece(made, tuple(sources), tuple(numbers), axes)


def _needed(
    tape: Tape, roots: Sequence[int], known: set[str], within: bool
) -> tuple[list[int], list[int]]:
    """The entries to compute, in order, and those that are given."""
    order: set[int] = set()
    sources: set[int] = set()
    todo = list(roots)
    while todo:
        number = todo.pop()
        entry = tape.entries[number]
        if number in order or number in sources:
            continue
        single = number not in tape.axes and entry[0] not in _MADE_ANEW
        if entry[0] in (*known, "argument") or (within and single):
            sources.add(number)
            continue
        order.add(number)
        todo += operands(entry)
    return sorted(order), sorted(sources)


# --- running ------------------------------------------------------------------


def others(package: Any, factors: Any, axis: int) -> Any:
    """For each factor the product of all others, right where factors are 0."""
    factors = package.moveaxis(factors, axis, -1)
    if factors.shape[-1]:
        one = package.ones_like(factors[..., :1])
        before = package.cumprod(factors[..., :-1], -1)
        after = package.cumprod(package.flip(factors[..., 1:], (-1,)), -1)
        after = package.flip(after, (-1,))
        both = [one, before], [after, one]
        before, after = (package.concatenate(parts, -1) for parts in both)
        factors = before * after
    return package.moveaxis(factors, -1, axis)


def largest(package: Any, terms: Any, axis: int) -> Any:
    """The largest over an axis; 0 where that is infinite or nan, or there is none."""
    terms = package.moveaxis(terms, axis, -1)
    if not terms.shape[-1]:
        return terms.sum(-1)
    found = package.amax(terms, -1)
    return package.where(package.isfinite(found), found, package.zeros_like(found))


@dataclass(frozen=True)
class Arrays:
    """A package, and how it takes arrays of NumPy's: as real and as whole numbers."""

    package: Any
    array: Callable[[Any], Any]
    whole: Callable[[Any], Any]


def run_pieces(
    tape: Tape,
    pieces: Sequence[tuple[Piece, Callable[..., Any]]],
    args: Sequence[Any],
    like: Sequence[Any],
    package: Arrays,
) -> Any:
    """Compute all results, an array (results, *S); ``like`` is as ``checked`` has it.

    Raises ``ArgumentValueError`` for places outside the data.
    """
    fixed, known, rows = _fixed(tape, like), dict[int, Any](), None
    for piece, program in pieces:
        given = []
        for number in piece.sources:
            if number not in known:
                known[number] = _source(tape, number, args, like, fixed, package)
            spec = axes_spec(tape.axes.get(number, ()), piece.axes)
            given.append(_lifted(known[number], spec))
        rows = program(*given)
        for number, row in zip(piece.numbers, rows, strict=True):
            known[number] = row
            if piece.axes:
                kind, _, axis = tape.entries[number][:3]
                place = piece.axes.index(axis) - len(piece.axes)
                known[number] = _reduced(package.package, kind, row, place)
    return rows


def _reduced(package: Any, kind: str, terms: Any, axis: int) -> Any:
    if kind == "others":
        return others(package, terms, axis)
    if kind == "largest":
        return largest(package, terms, axis)
    return terms.sum(axis) if kind == "sum" else terms.prod(axis)


def _lifted(array: Any, spec: str) -> Any:
    """Give an array the axes it lacks, as a subscript says."""
    if not spec:
        return array
    marks = [slice(None) if m == ":" else None for m in spec[6:-1].split(", ")]
    return array[tuple([..., *marks])]


def _fixed(tape: Tape, like: Sequence[Any]) -> dict[int, Any]:
    """The entries that depend on nothing but indices and counts, as NumPy's arrays."""
    counts = {place for place, _ in tape.data[1]}
    found: set[int] = set()
    for number, entry in enumerate(tape.entries):
        if entry[0] == "argument":
            good = entry[1] in counts
        else:
            good = entry[0] not in ("element", *KEPT) and all(
                k in found for k in operands(entry)
            )
        if good:
            found.add(number)
    with np.errstate(all="ignore"):
        return entry_values(tape, like, sorted(found))


def _source(
    tape: Tape,
    number: int,
    args: Sequence[Any],
    like: Sequence[Any],
    fixed: Mapping[int, Any],
    package: Arrays,
) -> Any:
    """An argument, places of an index, or data at places of indices."""
    kind, *rest = tape.entries[number]
    if kind == "argument":
        return args[rest[0]]
    if kind == "index":
        return package.array(fixed[number])
    place = tape.entries[rest[0]][1]
    name, x = tape.arguments[place], args[place]
    firsts = [first for first, _ in dict(tape.data[0])[place]]
    slices = slices_in(tape, number)
    try:
        if slices is None:
            over = tape.axes[number]
            ks = [
                _lifted(fixed[k], axes_spec(tape.axes.get(k, ()), over))
                for k in rest[1:]
            ]
            pairs = list(zip(ks, firsts, strict=True))
            _SUMS.chosen(like[place], name, *pairs)
            spots = [np.where(np.isnan(k), f, k).astype(int) - f for k, f in pairs]
            return x[tuple([..., *(package.whole(k) for k in spots)])]
        starts = [
            (fixed[axis], first - shift)
            for (axis, shift), first in zip(slices, firsts, strict=True)
        ]
        _SUMS.elements(like[place], name, *starts)
    except IndexError as error:
        raise ArgumentValueError(str(error)) from None
    cuts = [
        slice(int(i[0]) - first, int(i[-1]) - first + 1) if i.size else slice(0)
        for i, first in starts
    ]
    axes = [axis for axis, _ in slices]
    found = x[tuple([..., *cuts])]
    return found if axes == sorted(axes) else found.swapaxes(-1, -2)
