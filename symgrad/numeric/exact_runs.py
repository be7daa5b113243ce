"""A tape run on numbers of any kind: mpmath's, or SymPy's exact ones.

The one rule kept here: nothing is rounded here; a number is only handed to the
operations of its kind. Data with an index are arrays of such numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.errors import ArgumentValueError, BoundError
from symgrad.numeric.entries import REDUCTIONS, operands
from symgrad.numeric.exact import Number
from symgrad.numeric.tape import Tape

MAX_CELLS = 1_000_000
"""The most terms of sums in sums, all of which are computed at once."""


@dataclass(frozen=True)
class Arithmetic:
    """A kind of numbers: how one is made, and its operations by their names.

    ``whole`` gives the Python integer behind a number, None where it is no whole one;
    ``integral`` takes an integrand as a function, and its bounds.
    """

    number: Callable[[Number], Any]
    operations: Mapping[str, Callable[..., Any]]
    whole: Callable[[Any], int | None]
    integral: Callable[..., Any]


def run_exactly(tape: Tape, given: Sequence[Any], kind: Arithmetic) -> list[Any]:
    """Give the values of all roots of a tape; data are object arrays."""
    values = run_entries(tape, given, kind)
    return [values[k] for k in tape.roots]


def run_entries(tape: Tape, given: Sequence[Any], kind: Arithmetic) -> list[Any]:
    """Give the values of all entries of a tape."""
    values: list[Any] = []
    for number, entry in enumerate(tape.entries):
        name = entry[0]
        if name == "argument":
            values.append(given[entry[1]])
        elif name == "constant":
            values.append(kind.number(entry[1]))
        elif name == "truth":
            values.append(bool(entry[1]))
        elif number in tape.axes or name in REDUCTIONS:
            values.append(_on_axes(tape, number, values, kind))
        else:
            function = _function(entry, kind)
            values.append(function(*(values[k] for k in operands(entry))))
    return values


def _function(entry: Any, kind: Arithmetic) -> Callable[..., Any]:
    if entry[0] != "integral":
        return kind.operations[entry[0]]
    inner: Tape = entry[1].tape

    def integral(lower: Any, upper: Any, *rest: Any) -> Any:
        return kind.integral(
            lambda t: run_exactly(inner, (t, *rest), kind)[0], lower, upper
        )

    return integral


def _on_axes(tape: Tape, number: int, values: Sequence[Any], kind: Arithmetic) -> Any:
    """An entry that runs over an index, or a sum or a product over one."""
    name, *rest = entry = tape.entries[number]
    over = sorted({a for k in operands(entry) for a in tape.axes.get(k, ())})
    if name in ("index", "integral"):
        rest = rest[1:]
    lifted = [_lifted(values[k], tape.axes.get(k, ()), over) for k in rest]
    if name == "index":
        return _places(lifted[0], lifted[1], kind)
    if name == "element":
        return _elements(tape, rest, values, lifted, kind)
    if name in (*REDUCTIONS, "others"):
        axis = over.index(rest[1])
        return _reduced(name, lifted, axis, [_size(values[k]) for k in over], kind)
    count = len(lifted)
    if np.prod([_size(values[k]) for k in over], dtype=float) > MAX_CELLS:
        raise BoundError(f"the sums have over {MAX_CELLS:,} terms at once")
    return np.frompyfunc(_function(entry, kind), count, 1)(*lifted)


def _size(places: Any) -> int:
    return int(np.size(places))


def _lifted(value: Any, own: Sequence[int], over: Sequence[int]) -> Any:
    """A value with an axis of length 1 for each index that it does not run over."""
    if not own or tuple(own) == tuple(over):
        return value
    return value[tuple(slice(None) if axis in own else None for axis in over)]


def _places(lower: Any, upper: Any, kind: Arithmetic) -> Any:
    """All whole numbers from the least lower to the greatest upper bound."""
    pairs = np.broadcast(_object(lower), _object(upper))
    bounds = [(_whole(a, kind), _whole(b, kind)) for a, b in pairs]
    meant = [(a, b) for a, b in bounds if a <= b]
    first = min((a for a, _ in meant), default=0)
    last = max((b for _, b in meant), default=-1)
    if last - first >= MAX_CELLS:
        raise BoundError(
            f"a sum has {last - first + 1:,} terms, over the bound of {MAX_CELLS:,}"
        )
    return _array([kind.number(k) for k in range(first, last + 1)])


def _whole(number: Any, kind: Arithmetic) -> int:
    found = kind.whole(number)
    if found is None:
        raise ArgumentValueError(
            f"a bound of a sum is {number}; expected a whole number"
        )
    return found


def _object(value: Any) -> Any:
    return value if isinstance(value, np.ndarray) else _array([value]).reshape(())


def _array(values: Sequence[Any]) -> Any:
    found = np.empty(len(values), dtype=object)
    for k, value in enumerate(values):
        found[k] = value
    return found


def _elements(
    tape: Tape,
    rest: Sequence[int],
    values: Sequence[Any],
    lifted: Sequence[Any],
    kind: Arithmetic,
) -> Any:
    """The data at places; a place that is nan stands where nothing counts."""
    data = values[rest[0]]
    place = tape.entries[rest[0]][1]
    firsts = [first for first, _ in dict(tape.data[0])[place]]

    def chosen(*indices: Any) -> Any:
        where = []
        for index, first, length in zip(indices, firsts, data.shape, strict=True):
            k = first if index != index else kind.whole(index)
            if k is None or not first <= k < first + length:
                raise ArgumentValueError(
                    f"{tape.arguments[place]}_{index if k is None else k} is not among "
                    f"{tape.arguments[place]}_{first} … "
                    f"{tape.arguments[place]}_{first + length - 1}"
                )
            where.append(k - first)
        return data[tuple(where)]

    return np.frompyfunc(chosen, len(firsts), 1)(*lifted[1:])


def _reduced(
    name: str, lifted: Sequence[Any], axis: int, sizes: list[int], kind: Arithmetic
) -> Any:
    """A sum, a product, or for each place the product at all others."""
    body, _, *masks = lifted
    neutral = kind.number(0 if name == "sum" else 1)
    for mask in masks:
        body = np.frompyfunc(lambda m, u: u if m else neutral, 2, 1)(mask, body)
    body = _object(body)
    if body.ndim < len(sizes):
        body = body.reshape((1,) * len(sizes))
    shape = list(body.shape)
    shape[axis] = sizes[axis]
    terms = np.moveaxis(np.broadcast_to(body, shape), axis, 0)
    combine = np.frompyfunc(
        kind.operations["add" if name == "sum" else "multiply"], 2, 1
    )
    if name != "others":
        total: Any = np.full(terms.shape[1:], neutral, dtype=object)
        for term in terms:
            total = combine(total, term)
        return total if np.ndim(total) else _object(total)[()]
    before = [np.full(terms.shape[1:], neutral, dtype=object)]
    after = list(before)
    for term in terms[:-1]:
        before.append(combine(before[-1], term))
    for term in terms[:0:-1]:
        after.append(combine(after[-1], term))
    found = [combine(a, b) for a, b in zip(before, reversed(after), strict=False)]
    if not len(terms):
        return np.broadcast_to(body, shape)
    stacked = np.stack([_object(each) for each in found])
    return np.moveaxis(stacked, 0, axis)
