"""Sums and products over an index on the tape, and how adjoints pass through them.

The one rule kept here: an entry lives on the axes of all that it is made of, and an
adjoint that reaches an entry with fewer axes is summed over those it lacks. Nothing
is unrolled: a sum of a million terms is one entry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from symgrad.numeric.entries import REDUCTIONS, operands
from symgrad.numeric.recorder import Recorder

MAX_FACTORS = 8
MAX_LOOKED_AT = 64
_TAME = (
    *("argument", "constant", "element", "index", "hold", "sum"),
    *("add", "subtract", "multiply", "negate", "integer_power"),
    *("sin", "cos", "tanh", "logistic", "atan", "erf"),
)
"""what is finite where its operands are"""


def index(recorder: Recorder, letter: str, lower: int, upper: int) -> int:
    """Record an index: all whole numbers from the least to the greatest bound.

    Where the bounds move with another index, a mask tells which of them are meant.
    """
    number = recorder.record_indexed("index", letter, lower, upper)
    axes = recorder.axes
    if number not in recorder.masks and (axes.get(lower) or axes.get(upper)):
        sides = [
            recorder.relation("less_equal", *pair)
            for pair, bound in (((lower, number), lower), ((number, upper), upper))
            if axes.get(bound)
        ]
        mask = sides[0]
        for other in sides[1:]:
            mask = recorder.connect("and", mask, other)
        recorder.masks[number] = mask
    return number


def masks_over(recorder: Recorder, over: Collection[int]) -> list[tuple[int, set[int]]]:
    """List the masks that can be told on some axes, each with the axes it has."""
    found = []
    for axis in sorted(over):
        mask = recorder.masks.get(axis)
        if mask is not None and {*recorder.axes[mask]} <= {*over}:
            found.append((mask, {*recorder.axes[mask]}))
    return found


def reduction(
    recorder: Recorder, kind: str, body: int, axis: int, over: Iterable[int] = ()
) -> int:
    """Record the sum or product of ``body`` over an axis, itself on ``over`` too."""
    axes = {*recorder.axes.get(body, ()), *over, axis}
    masks = [mask for mask, its in masks_over(recorder, axes) if axis in its]
    return _with_masks(recorder, kind, body, axis, masks)


def repeated(recorder: Recorder, kind: str, body: int, number: int) -> int:
    """Record ``kind`` of another body over the axis of a sum, with its masks."""
    _, _, axis, *masks = recorder.entries[number]
    return _with_masks(recorder, kind, body, axis, masks)


def others(recorder: Recorder, body: int, axis: int) -> int:
    """Record, for each place of an axis, the product of ``body`` at all the others."""
    axes = {*recorder.axes.get(body, ()), axis}
    masks = [mask for mask, its in masks_over(recorder, axes) if axis in its]
    return _with_masks(recorder, "others", body, axis, masks)


def _with_masks(
    recorder: Recorder, kind: str, body: int, axis: int, masks: Iterable[int]
) -> int:
    masks = list(masks)
    if not any(axis in recorder.axes.get(k, ()) for k in (body, *masks)):
        lower, upper = recorder.entries[axis][2:]
        if kind == "sum":
            return recorder.multiply(body, _count(recorder, lower, upper))
        masks.append(recorder.record("less_equal", lower, axis))
    if kind == "sum":
        return _sum(recorder, body, axis, masks)
    return recorder.record(kind, body, axis, *masks)


def _count(recorder: Recorder, lower: int, upper: int) -> int:
    one = recorder.constant(1)
    span = recorder.add(recorder.subtract(upper, lower), one)
    return recorder.function("Max", recorder.constant(0), span)


def _sum(recorder: Recorder, body: int, axis: int, masks: list[int]) -> int:
    """A sum, a sign and the factors before it taken out that are the same in it."""
    entry = recorder.entries[body]
    if recorder.value(body) == 0:
        return body
    if entry[0] == "negate":
        return recorder.negate(_sum(recorder, entry[1], axis, masks))
    if entry[0] == "multiply" and recorder.value(entry[1]) is not None:
        return recorder.multiply(entry[1], _sum(recorder, entry[2], axis, masks))
    if entry[0] == "multiply" and (apart := _apart(recorder, body, axis)):
        outer, inner = (_product(recorder, each) for each in apart)
        return recorder.multiply(outer, _sum(recorder, inner, axis, masks))
    return recorder.record("sum", body, axis, *masks)


def _apart(
    recorder: Recorder, body: int, axis: int
) -> tuple[list[int], list[int]] | None:
    """The factors that do not move with an index, and the others; None if none may go.

    One that may be infinite where its operands are not stays: of no terms the sum is 0.
    """
    fixed: list[int] = []
    moving: list[int] = []
    todo = [body]
    while todo:
        number = todo.pop()
        entry = recorder.entries[number]
        if axis not in recorder.axes.get(number, ()):
            (fixed if _is_tame(recorder, number) else moving).append(number)
        elif entry[0] == "multiply":
            todo += [entry[2], entry[1]]
        elif entry[0] == "negate":
            todo += [entry[1], recorder.constant(-1)]
        else:
            moving.append(number)
        if len(fixed) + len(moving) + len(todo) > MAX_FACTORS:
            return None
    # without one that moves the sum would be a count of equal terms
    runs = any(axis in recorder.axes.get(k, ()) for k in moving)
    return (fixed, moving) if fixed and runs else None


def _product(recorder: Recorder, factors: Iterable[int]) -> int:
    number = recorder.constant(1)
    for factor in factors:
        number = recorder.multiply(number, factor)
    return number


def _is_tame(recorder: Recorder, number: int) -> bool:
    """Whether an entry is finite where arguments are, but for overflow."""
    todo, seen = [number], 0
    while todo:
        entry = recorder.entries[todo.pop()]
        seen += 1
        if entry[0] not in _TAME or seen > MAX_LOOKED_AT:
            return False
        todo += operands(entry)[: 1 if entry[0] in REDUCTIONS else None]
    return True


def summed_to(recorder: Recorder, part: int, source: int, target: int) -> int:
    """Sum what ``source`` hands to ``target`` over the axes that this one lacks."""
    over = {*recorder.axes.get(part, ()), *recorder.axes.get(source, ())}
    own = {*recorder.axes.get(target, ())}
    for axis in sorted(over - own, reverse=True):
        part = reduction(recorder, "sum", part, axis, over)
        over.discard(axis)
    return part


def into_reduction(recorder: Recorder, seed: int, number: int) -> int:
    """The adjoint that a sum or a product hands to its body.

    A sum hands on its own; a product the product of all other factors, which is right
    where factors are 0.
    """
    kind, body, axis, *masks = recorder.entries[number]
    if kind == "product":
        seed = recorder.multiply(seed, recorder.record("others", body, axis, *masks))
    over = {axis}.union(*(recorder.axes.get(k, ()) for k in (seed, number, *masks)))
    own = recorder.axes.get(body, ())
    for outer in sorted(over.difference(own), reverse=True):
        seed = reduction(recorder, "sum", seed, outer, over)
        over.discard(outer)
    return seed


def along_reduction(recorder: Recorder, tangent: int, number: int) -> int:
    """The derivative of a sum or a product whose body moves with ``tangent``."""
    kind, body, axis, *masks = recorder.entries[number]
    if kind == "product":
        others = recorder.record("others", body, axis, *masks)
        tangent = recorder.multiply(others, tangent)
    return _with_masks(recorder, "sum", tangent, axis, masks)
