"""A tape computed entry by entry with NumPy, without compiling anything.

The one rule kept here: the functions are those of the ``numpy`` dialect, so that a
number seen once on a page is the number of the compiled program; what NumPy lacks is
computed by mpmath, whether SciPy is installed or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from symgrad.errors import ArgumentValueError
from symgrad.numeric.codegen import data_harness, harness
from symgrad.numeric.codegen.dialects import DIALECTS
from symgrad.numeric.codegen.reductions import NEUTRAL
from symgrad.numeric.entries import OPERATORS, OVER_INDEX, Entry, operands
from symgrad.numeric.exact import to_float
from symgrad.numeric.high_precision import number_function
from symgrad.numeric.tape import Tape

_FIXED = ("constant", "truth")
_SUMS = DIALECTS["numpy"].helpers


def run_tape(tape: Tape, args: Sequence[Any]) -> list[Any]:
    """Give the values of a tape's outputs, each of the batch shape of ``args``."""
    if tape.data:
        spreaded, _ = data_harness.spread_data(tape.arguments, args, None, tape.data)
    else:
        spreaded = harness.spread(tape.arguments, args)
    flat, _, real, shape = spreaded
    with np.errstate(all="ignore"):
        values = _values(tape, flat, real)
    size = int(np.prod(shape, dtype=np.int64))
    return [
        np.broadcast_to(np.reshape(values[k], -1), size).astype(real).reshape(shape)
        for k in tape.values
    ]


def fold_constants(tape: Tape) -> Tape:
    """Compute what depends on no argument, so that no compiler has to refuse 1/0."""
    entries = list(tape.entries)
    with np.errstate(all="ignore"):
        for number, entry in enumerate(entries):
            used = [entries[k] for k in operands(entry)]
            moves = number in tape.axes or any(e[0] not in _FIXED for e in used)
            if not used or moves:
                continue
            given = [
                np.bool_(each[1])
                if each[0] == "truth"
                else np.float64(to_float(each[1]))
                for each in used
            ]
            value = _function(entry)(*given)
            if np.asarray(value).dtype == bool:
                entries[number] = ("truth", int(value))
            else:
                entries[number] = ("constant", float(value))
    return replace(tape, entries=tuple(entries))


def _values(tape: Tape, flat: Sequence[Any], real: Any) -> list[Any]:
    """The value of every entry; that of an integrand is computed in the same way."""
    found = entry_values(tape, flat, range(len(tape.entries)), real)
    return list(found.values())


def entry_values(
    tape: Tape, flat: Sequence[Any], numbers: Iterable[int], real: Any = np.float64
) -> dict[int, Any]:
    """The value of some entries, each behind those that it is made of."""
    values: dict[int, Any] = {}
    for number in numbers:
        entry = tape.entries[number]
        if entry[0] == "argument":
            values[number] = flat[entry[1]]
        elif entry[0] == "constant":
            values[number] = real(to_float(entry[1]))
        elif entry[0] == "truth":
            values[number] = np.bool_(entry[1])
        elif number in tape.axes or entry[0] in OVER_INDEX:
            values[number] = _on_axes(tape, number, values)
        else:
            function = _function(entry)
            values[number] = function(*(values[k] for k in operands(entry)))
    return values


def _on_axes(tape: Tape, number: int, values: Mapping[int, Any]) -> Any:
    """An entry that runs over an index, or a sum or a product over one."""
    kind, *rest = tape.entries[number]
    over = sorted({a for k in operands(tape.entries[number]) for a in _axes(tape, k)})
    if kind in ("index", "integral"):
        rest = rest[1:]
    lifted = [_lifted(values[k], _axes(tape, k), over) for k in rest]
    try:
        if kind == "index":
            return _SUMS.places(*lifted)
        if kind == "element":
            place = tape.entries[rest[0]][1]
            firsts = [first for first, _ in dict(tape.data[0])[place]]
            pairs = zip(lifted[1:], firsts, strict=True)
            return _SUMS.chosen(values[rest[0]], tape.arguments[place], *pairs)
    except IndexError as error:
        raise ArgumentValueError(str(error)) from None
    if kind not in NEUTRAL:
        return _function(tape.entries[number])(*lifted)
    body, _, *masks = lifted
    for mask in masks:
        body = np.where(mask, body, NEUTRAL[kind])
    axis = over.index(rest[1]) - len(over)
    return (_SUMS.total if kind == "sum" else getattr(_SUMS, kind))(body, axis)


def _axes(tape: Tape, number: int) -> tuple[int, ...]:
    return tape.axes.get(number, ())


def _lifted(value: Any, own: Sequence[int], over: Sequence[int]) -> Any:
    if tuple(own) == tuple(over):
        return value
    marks = (slice(None) if axis in own else None for axis in over)
    return np.asarray(value)[tuple([..., *marks])]


def _quadrature(tape: Tape) -> Callable[..., Any]:
    def integrand(*arguments: Any) -> Any:
        return _values(tape, arguments, np.float64)[tape.values[0]]

    return lambda *args: _SUMS.quadrature(integrand, *args)


def _function(entry: Entry) -> Callable[..., Any]:
    name = entry[0]
    if name == "integral":
        return _quadrature(entry[1].tape)
    if name in OPERATORS:
        return OPERATORS[name]
    dialect = DIALECTS["numpy"]
    if name in dialect.lacks:
        return np.vectorize(number_function(name), otypes=[float])
    spelled = dialect.functions.get(name, name)
    helper = getattr(dialect.helpers, spelled, None)
    return helper if helper is not None else getattr(np, spelled)
