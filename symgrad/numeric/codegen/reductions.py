"""Entries of a tape that run over an index, as text for arrays.

The one rule kept here: an array has an axis for each index of its entry, the outer
ones first, after those of the batch; what has fewer gets them as ``[..., None]``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from symgrad.numeric.entries import operands
from symgrad.numeric.tape import Tape

if TYPE_CHECKING:
    from symgrad.numeric.codegen.python import Writer

HELPERS = {
    *("places", "elements", "chosen", "total", "product", "others", "largest"),
    "where",
}
NEUTRAL = {"sum": 0.0, "product": 1.0, "others": 1.0, "largest": -math.inf}
"""what a term is worth that a mask leaves out"""
_FIXED = ("constant", "truth")


def axes_spec(own: Sequence[int], over: Sequence[int]) -> str:
    """Write the subscript that gives an array the axes it lacks; nothing if none.

    >>> axes_spec((5,), (3, 5)), axes_spec((), (3,)), axes_spec((3,), (3,))
    ('[..., None, :]', '[..., None]', '')
    """
    if tuple(own) == tuple(over):
        return ""
    marks = [":" if axis in own else "None" for axis in over]
    return f"[..., {', '.join(marks[marks.index('None') :])}]"


def lifted(writer: Writer, number: int, over: Sequence[int]) -> str:
    """Write an entry with all of some axes, in brackets where it needs them."""
    text = writer.texts[number]
    own = writer.axes.get(number, ())
    if writer.tape.entries[number][0] in _FIXED:
        return text.code
    spec = axes_spec(own, over)
    return (text.code if text.strength == 9 or not spec else f"({text.code})") + spec


def _index(writer: Writer, number: int) -> str:
    bounds = operands(writer.tape.entries[number])
    over = sorted({axis for k in bounds for axis in writer.axes.get(k, ())})
    lower, upper = (lifted(writer, k, over) for k in bounds)
    writer.need("places")
    return f"places({lower}, {upper})"


def slices_of(writer: Writer, number: int) -> list[tuple[int, int]] | None:
    """What ``slices_in`` says of a datum that is written."""
    return slices_in(writer.tape, number)


def slices_in(tape: Tape, number: int) -> list[tuple[int, int]] | None:
    """The index and the shift of each place of x_{i+1}; None where one is not plain."""
    found = []
    entries = tape.entries
    for k in entries[number][2:]:
        entry, shift = entries[k], 0
        if entry[0] in ("add", "subtract"):
            sign = 1 if entry[0] == "add" else -1
            index, other = entry[1:]
            if entry[0] == "add" and entries[index][0] == "constant":
                index, other = other, index
            if entries[other][0] != "constant" or entries[index][0] != "index":
                return None
            k, shift = index, sign * int(entries[other][1])
        elif entry[0] != "index":
            return None
        found.append((k, shift))
    axes = [k for k, _ in found]
    return found if len(set(axes)) == len(axes) else None


def _element(writer: Writer, number: int) -> str:
    tape = writer.tape
    argument, *indices = tape.entries[number][1:]
    place = tape.entries[argument][1]
    firsts = [first for first, _ in dict(tape.data[0])[place]]
    head = f"{writer.texts[argument].code}, {tape.arguments[place]!r}"
    slices = slices_of(writer, number)
    if slices is None:
        over = writer.axes.get(number, ())
        pairs = [
            f"({lifted(writer, k, over)}, {first})"
            for k, first in zip(indices, firsts, strict=True)
        ]
        writer.need("chosen")
        return f"chosen({head}, {', '.join(pairs)})"
    pairs = [
        f"({writer.texts[axis].code}, {first - shift})"
        for (axis, shift), first in zip(slices, firsts, strict=True)
    ]
    writer.need("elements")
    axes = [axis for axis, _ in slices]
    turn = "" if axes == sorted(axes) else ".swapaxes(-1, -2)"
    return f"elements({head}, {', '.join(pairs)}){turn}"


def _reduction(writer: Writer, number: int) -> str:
    kind, body, axis, *masks = writer.tape.entries[number]
    over = {axis}.union(*(writer.axes.get(k, ()) for k in (body, *masks)))
    order = sorted(over)
    neutral = repr(NEUTRAL[kind])
    text = writer.texts[body].code if not masks else lifted(writer, body, order)
    if tuple(order) != writer.axes.get(body, ()):
        text = lifted(writer, body, order)
    for mask in masks:
        writer.need("where")
        if kind == "largest":
            writer.need("inf")
        text = f"where({lifted(writer, mask, order)}, {text}, {neutral})"
    name = "total" if kind == "sum" else str(kind)
    writer.need(name)
    return f"{name}({text}, {order.index(axis) - len(order)})"


REDUCING: dict[str, Callable[[Any, int], str]] = {
    "index": _index,
    "element": _element,
    "sum": _reduction,
    "product": _reduction,
    "others": _reduction,
    "largest": _reduction,
}
"""operation -> how it is written"""


def hint(writer: Writer, number: int) -> str | None:
    """The name of an index or of data, as the formula has it: i, x_i."""
    tape = writer.tape
    entry = tape.entries[number]
    if entry[0] == "index":
        return str(entry[1])
    if entry[0] != "element":
        return None
    slices = slices_of(writer, number)
    base = tape.arguments[tape.entries[entry[1]][1]]
    if slices is None:
        return base
    marks = {-1: "_before", 0: "", 1: "_after"}
    if any(shift not in marks for _, shift in slices):
        return base
    return f"{base}_" + "_".join(
        f"{tape.entries[axis][1]}{marks[shift]}" for axis, shift in slices
    )
