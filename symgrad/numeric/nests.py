"""Sums and products over an index as loops: which, in which order, what stands in them.

The one rule kept here: what is a sum itself is kept, by the places of the indices it
moves with, and read again; all else in a loop is computed where it is used. So loops
stand one after the other, never a sum within a sum, and nothing grows but by those.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from symgrad.numeric.entries import OVER_INDEX, operands
from symgrad.numeric.tape import Tape

KEPT = (*OVER_INDEX, "others")


@dataclass(frozen=True)
class Nest:
    """Loops over some indices, the outermost first, and what they are for.

    The results run over the last index; where they are none, the bounds of the index
    ``wide`` are looked for, the least and the greatest one. ``exact`` says of each loop
    that its bounds are known when it starts, and are not to be looked for; ``depths``
    are the entries to compute before the first loop, in it, …, those for the masks
    first; the innermost ones are behind the masks, ``tests`` before them.
    """

    loops: tuple[int, ...]
    exact: tuple[bool, ...]
    masks: tuple[int, ...]
    results: tuple[int, ...]
    wide: int | None
    depths: tuple[tuple[int, ...], ...]
    tests: tuple[int, ...]


Step = int | Nest


def schedule(tape: Tape, sized: bool = False) -> list[Step]:
    """Order single numbers and loops, with as few loops over the same as there can be.

    ``sized`` looks for the bounds of all indices by whose places something is kept.

    >>> from symgrad.formulas import formula
    >>> from symgrad.numeric.sweeps import gradient_tape
    >>> graph = formula("sum((x_i - m)^2, i, 1, n); m = sum(x_i, i, 1, n)/n")
    >>> [step.results for step in schedule(gradient_tape(graph)) if type(step) is Nest]
    [(5,), (9,)]
    """
    levels = _levels(tape)
    groups: dict[tuple[int, tuple[int, ...], tuple[int, ...]], list[int]] = {}
    for number, entry in enumerate(tape.entries):
        if entry[0] in KEPT:
            axis = entry[2]
            outer = [k for k in tape.axes.get(number, ()) if k != axis]
            key = (levels[number], (*outer, axis), entry[3:])
            groups.setdefault(key, []).append(number)
    nests = [
        (level, _nest(tape, loops, masks, results))
        for (level, loops, masks), results in groups.items()
    ]
    ranges = _ranges(tape, [nest for _, nest in nests], sized)
    steps: list[Step] = []
    for level in range(1 + max(levels, default=0)):
        steps += [
            number
            for number, entry in enumerate(tape.entries)
            if levels[number] == level
            and not tape.axes.get(number)  # a datum at a place runs over none
            and entry[0] not in KEPT
        ]
        steps += [ranges[axis] for axis in sorted(ranges) if levels[axis] == level]
        steps += [nest for its, nest in nests if its == level + 1]
    return steps


def reads(tape: Tape, nest: Nest) -> set[int]:
    """The entries that the lines of a nest use, its own among them."""
    used = [k for row in nest.depths for k in row]
    found = {
        k for number in (*used, *nest.loops) for k in operands(tape.entries[number])
    }
    return found.union(nest.masks, (tape.entries[k][1] for k in nest.results))


def _levels(tape: Tape) -> list[int]:
    """How many loops must have been run before each entry is there."""
    levels: list[int] = []
    for entry in tape.entries:
        level = max((levels[k] for k in operands(entry)), default=0)
        levels.append(level + (entry[0] in KEPT))
    return levels


def _nest(
    tape: Tape,
    loops: Sequence[int],
    masks: Sequence[int] = (),
    results: Sequence[int] = (),
    wide: int | None = None,
) -> Nest:
    depth_of = {axis: k for k, axis in enumerate(loops, start=1)}
    axes = tape.axes
    bounds = [_bounds_axes(tape, axis) for axis in loops]
    exact = tuple({*loops[:k]}.issuperset(its) for k, its in enumerate(bounds))
    asked = [tape.entries[k][1] for k in results]
    if wide is not None:
        asked += tape.entries[wide][2:]
    for axis, is_exact in zip(loops, exact, strict=True):
        asked += tape.entries[axis][2:] if is_exact else ()
    held = [axis for axis, is_exact in zip(loops, exact, strict=True) if is_exact]
    masks = [mask for mask in masks if not _is_sure(tape, mask, held)]
    tests = _inner(tape, masks)
    depths: list[list[int]] = [[] for _ in range(len(loops) + 1)]
    for number in sorted({*_inner(tape, asked), *tests}):
        depth = max(depth_of[axis] for axis in axes[number])
        depths[depth].append(number)
    last = {*depths[-1]}
    return Nest(
        tuple(loops),
        exact,
        tuple(masks),
        tuple(results),
        wide,
        tuple(map(tuple, depths)),
        tuple(sorted(last.intersection(tests))) if masks else (),
    )


def _bounds_axes(tape: Tape, axis: int) -> set[int]:
    return {k for bound in tape.entries[axis][2:] for k in tape.axes.get(bound, ())}


def _inner(tape: Tape, asked: Iterable[int]) -> set[int]:
    """What is computed in loops to have some entries; what is kept is not."""
    found: set[int] = set()
    todo = list(asked)
    while todo:
        number = todo.pop()
        name = tape.entries[number][0]
        if number in found or not tape.axes.get(number) or name in (*KEPT, "index"):
            continue
        found.add(number)
        todo += operands(tape.entries[number])
    return found


def _is_sure(tape: Tape, mask: int, held: Sequence[int]) -> bool:
    """Whether a mask says no more than that indices are between their own bounds."""
    todo = [mask]
    while todo:
        name, *sides = tape.entries[todo.pop()]
        if name == "and":
            todo += sides
        elif name != "less_equal" or not any(
            sides in ([tape.entries[axis][2], axis], [axis, tape.entries[axis][3]])
            for axis in held
        ):
            return False
    return True


def _ranges(tape: Tape, nests: Iterable[Nest], sized: bool) -> dict[int, Nest]:
    """For each index that a loop meets before its bounds are known, those to look for.

    They are the least and the greatest one, over all that they move with.
    """
    found: dict[int, Nest] = {}
    todo = list(nests)
    while todo:
        nest = todo.pop()
        wanted = {
            axis
            for axis, is_exact in zip(nest.loops, nest.exact, strict=True)
            if not is_exact
        }
        if sized:
            wanted.update(
                k for number in nest.results for k in tape.axes.get(number, ())
            )
        for axis in sorted(wanted):
            outer = sorted(_bounds_axes(tape, axis))
            if outer and axis not in found:
                found[axis] = _nest(tape, outer, wide=axis)
                todo.append(found[axis])
    return found
