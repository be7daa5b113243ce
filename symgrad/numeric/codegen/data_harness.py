"""What stands between a caller's data with an index and a generated program.

The one rule kept here: as in harness.py, these functions need NumPy and nothing of
symgrad but the two kinds of error, because their source is copied into modules.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symgrad.errors import ArgumentTypeError, ArgumentValueError
from symgrad.numeric.codegen.harness import (
    as_real,
    as_tuples,
    bind,
    run_blocks,
    spread,
    vector_of,
)

MAX_CELLS = 1 << 27
BLOCK_CELLS = 1 << 20


def settle(
    names: Sequence[str], args: Sequence[Any], named: Mapping[str, Any], data: Any
) -> list[Any]:
    """Put arguments in order, with those that the data tell of themselves."""
    given = dict(zip(names, args, strict=False))
    values = told_by_data(names, {**named, **given}, data)
    filled = {n: v for n, v in values.items() if n in named or n not in given}
    return list(bind(names, args, filled))


def told_by_data(
    names: Sequence[str], values: Mapping[str, Any], data: Any
) -> dict[str, Any]:
    """Add the counts that are left out, by the length of the data; x_k by x and k."""
    arrays, _, elements, _ = data
    values = dict(values)
    for place, dims in arrays:
        name = names[place]
        for axis, (_, needs) in enumerate(dims, -len(dims)):
            asked = {count for count, _ in needs if count >= 0}
            if len(asked) != 1 or name not in values:
                continue
            where = asked.pop()
            if names[where] not in values and np.ndim(values[name]) >= -axis:
                length = np.shape(values[name])[axis]
                most = max(offset for count, offset in needs if count == where)
                values[names[where]] = float(length - most)
    for element, place, chosen in elements:
        name, asked = names[place], {names[count] for count, _ in chosen if count >= 0}
        if names[element] in values or not {name, *asked} <= {*values}:
            continue
        known = as_real(name, values[name])
        if np.ndim(known) >= len(chosen):
            given = {k: values[names[k]] for k, _ in chosen if k >= 0}
            own = known.shape[-len(chosen) :]
            where = places_of(names, (element, place, chosen), given, arrays, own)
            batch = known.shape[: -len(chosen)]
            shape = np.broadcast_shapes(batch, *(k.shape for k in where))
            rows = np.broadcast_to(known, (*shape, *own)).reshape(-1, *own)
            flat = [np.broadcast_to(k, shape).reshape(-1) for k in where]
            picked = rows[tuple([np.arange(len(rows)), *flat])]
            values[names[element]] = picked.reshape(shape)
    return values


def places_of(
    names: Sequence[str],
    who: tuple[int, int, Any],
    values: Mapping[int, Any],
    arrays: Any,
    shape: Sequence[int],
) -> list[Any]:
    """Give the positions of some x_k; refuse one that is none of the data."""
    element, data, chosen = who
    name, found = names[data], []
    for (count, offset), (first, _), length in zip(
        chosen, dict(arrays)[data], shape, strict=True
    ):
        known = count >= 0
        given = np.asarray(as_real(names[count], values[count]) if known else 0.0)
        k = given + offset
        good = (first <= k) & (k < first + length) & (k % 1 == 0)
        if not good.all():
            what = f"argument {names[count]!r}" if known else "the place"
            raise ArgumentValueError(
                f"{what} is {k[~good].reshape(-1)[0]:g}; expected a whole number, the "
                f"place of {names[element]!r} among "
                f"{name}_{first} … {name}_{first + length - 1}"
            )
        found.append(k.astype(int) - first)
    return found


def as_count(name: str, value: Any, whole: bool = True) -> float:
    """Give the number behind a bound: one for the whole batch, and a whole one."""
    real = as_real(name, value)
    if type(real) is not float:
        if real.size != 1:
            raise ArgumentValueError(
                f"argument {name!r} has shape {real.shape}; expected one number, as "
                "it stands in a bound or an index"
            )
        real = float(real.reshape(-1)[0])
    if not math.isfinite(real) or (whole and real != math.floor(real)):
        raise ArgumentValueError(
            f"argument {name!r} is {real:g}; expected a whole number, as it stands in "
            "a bound or an index"
        )
    return real


def spread_data(
    names: Sequence[str], values: Sequence[Any], dtype: Any, data: Any
) -> tuple[tuple[list[Any], list[int], Any, tuple[int, ...]], int]:
    """Bring arguments to one dtype and one batch; the last axes of data stay.

    Gives what ``spread`` gives, and how many samples fit a block.
    """
    arrays, counts, elements, _ = data
    reals: dict[int, Any] = {}
    plain = list(values)
    for place, whole in counts:
        plain[place] = as_count(names[place], values[place], whole)
    for place, dims in arrays:
        reals[place] = array = checked_data(names, plain, place, dims)
        plain[place] = np.broadcast_to(array.dtype.type(0), array.shape[: -len(dims)])
    for element, place, chosen in elements:
        given = {count: plain[count] for count, _ in chosen if count >= 0}
        own = reals[place].shape[-len(chosen) :]
        places_of(names, (element, place, chosen), given, arrays, own)
    cells = cells_of(plain, data, [array.shape for array in reals.values()])
    if cells > MAX_CELLS:
        raise ArgumentValueError(
            f"the sums have {cells:.2g} terms at once, over the bound of {MAX_CELLS:,}"
        )
    flat, places, real, shape = spread(names, plain, dtype)
    for place, _ in counts:
        if float(flat[place]) != plain[place]:  # single precision ends at 16,777,216
            flat[place] = np.float64(plain[place])
    for place, dims in arrays:
        array, own = reals[place], reals[place].shape[-len(dims) :]
        if math.prod(array.shape[: -len(dims)]) == 1:
            flat[place] = array.reshape(own).astype(real, copy=False)
            continue
        whole_batch = np.broadcast_to(array, (*shape, *own))
        flat[place] = whole_batch.astype(real, copy=False).reshape(-1, *own)
        if place not in places:
            places.append(place)
    step = max(1, int(BLOCK_CELLS // cells))
    return (flat, places, real, shape), step


def cells_of(values: Sequence[Any], data: Any, shapes: Sequence[Any]) -> float:
    """Estimate the terms of sums in sums, all of which are computed at once."""
    _, counts, _, nests = data
    known = [abs(values[place]) for place, _ in counts]
    longest = max([1.0, *known, *(size for shape in shapes for size in shape[-2:])])
    cells = 1.0
    for nest in nests:
        ends = [
            longest if count == -2 else offset + (values[count] if count >= 0 else 0)
            for count, offset in nest
        ]
        cells = max(cells, math.prod(max(1.0, end + 1.0) for end in ends))
    return cells


def checked_data(
    names: Sequence[str], values: Sequence[Any], place: int, dims: Any
) -> Any:
    """Give data as an array whose last axes have the lengths that are needed."""
    name = names[place]
    array = np.asarray(as_real(name, values[place]))
    if array.ndim < len(dims):
        raise ArgumentValueError(
            f"argument {name!r} has shape {array.shape}; expected an array whose last "
            f"{'axis is its index' if len(dims) == 1 else 'two axes are its indices'}"
        )
    for axis, (first, needs) in enumerate(dims, -len(dims)):
        if not needs:
            continue
        wanted = [
            (offset + (values[count] if count >= 0 else 0), count)
            for count, offset in needs
        ]
        length, count = max(wanted)
        length = max(0, int(length))
        if array.shape[axis] != length:
            why = f", as {names[count]} is {values[count]:g}" if count >= 0 else ""
            to = first + length - 1
            raise ArgumentValueError(
                f"argument {name!r} has {array.shape[axis]} numbers along axis {axis}; "
                f"expected {length}, for {name}_{first} to {name}_{to}{why}"
            )
    return array


def run_data(
    block: Callable[..., None],
    sizes: tuple[int, int, int],
    names: Sequence[str],
    values: Sequence[Any],
    dtype: Any,
    data: Any,
    spare: tuple[list[Any], list[Any]],
) -> Any:
    """Compute all samples of a program with sums over an index."""
    spreaded, step = spread_data(names, values, dtype, data)
    try:
        return run_blocks(
            block, None, (*sizes[:2], min(step, sizes[2])), spreaded, spare
        )
    except IndexError as error:
        raise ArgumentValueError(str(error)) from None


def run_point(
    point: Callable[..., Any],
    run: Callable[..., Any],
    names: Sequence[str],
    values: Sequence[Any],
    data: Any,
) -> Any:
    """Compute one point with lists as data; where ``math`` gives up, with NumPy."""
    (flat, _, _, shape), _ = spread_data(names, values, np.float64, data)
    if shape:
        raise ArgumentTypeError(
            f"the arguments are a batch of shape {shape}; backend 'math' takes one "
            "point, backend 'numpy' takes arrays"
        )
    try:
        return point(*(each.tolist() for each in flat))
    except IndexError as error:
        raise ArgumentValueError(str(error)) from None
    except (ValueError, OverflowError, ZeroDivisionError):
        return as_tuples(run(values))


def settle_vector(
    names: Sequence[str],
    count: int,
    args: Sequence[Any],
    named: Mapping[str, Any],
    data: Any,
) -> tuple[list[Any], Any]:
    """Take the vector of the first ``count`` names apart, and settle the rest."""
    vector = vector_of(names, count, args)
    return settle(names, [*vector.tolist(), *args[1:]], named, data), vector.dtype
