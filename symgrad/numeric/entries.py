"""What one operation of a tape is: its name, and the numbers of what it is made of.

The one rule kept here: which parts of an entry are other entries is told here alone.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Entry = tuple[Any, ...]
"""(operation, argument numbers …); see ``operands`` for those that differ."""

LEAVES = ("argument", "constant", "truth")
REDUCTIONS = ("sum", "product")
"""of terms over an index, with a derivative"""
OVER_INDEX = (*REDUCTIONS, "largest")
"""what has no longer the axis of its terms"""
INDEXED = ("index", "element")
NAMED = ("pi", "E", "EulerGamma", "GoldenRatio", "Catalan")
"""numbers that stay names where nothing is rounded"""
UNCOUNTED = (*LEAVES, *INDEXED, *NAMED)
COMMUTATIVE = ("add", "multiply", "Max", "Min", "equal", "not_equal", "and", "or")
OPERATORS: Mapping[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "negate": operator.neg,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
}
"""operation -> Python's own, for whatever kind of numbers"""


def operands(entry: Entry) -> tuple[int, ...]:
    """Give the numbers of the entries that an entry uses."""
    if entry[0] in LEAVES:
        return ()
    if entry[0] in ("integer_power", "hold"):
        return entry[1:2]
    if entry[0] in ("index", "integral"):  # its letter or integrand, its bounds, …
        return entry[2:]
    if entry[0] == "user":  # its value, its definition, its arguments
        return (entry[1], *entry[3:])
    return entry[1:]


def reachable(entries: Sequence[Entry], roots: Iterable[int]) -> list[int]:
    """List the entries that the roots need, in order."""
    found: set[int] = set()
    todo = list(roots)
    while todo:
        number = todo.pop()
        if number not in found:
            found.add(number)
            todo.extend(operands(entries[number]))
    return sorted(found)


Axes = dict[int, tuple[int, ...]]
"""entry -> the indices it runs over, each by its own entry; none for a single number"""


def place_on_axes(axes: Axes, number: int, entry: Entry) -> None:
    """Note the axes of an entry: those of all that it is made of.

    An index is an axis of its own, and a sum or a product over one has it no more.
    """
    if entry[0] == "index":
        axes[number] = (number,)
        return
    found = {axis for k in operands(entry) for axis in axes.get(k, ())}
    if entry[0] in OVER_INDEX:
        found.discard(entry[2])
    if found or entry[0] == "element":
        axes[number] = tuple(sorted(found))
