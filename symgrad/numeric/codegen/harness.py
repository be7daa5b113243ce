"""What stands between a caller's arguments and a generated program.

The one rule kept here: these functions need NumPy and nothing of symgrad but the two
kinds of error, because their source is copied into every module that is saved.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symgrad.errors import ArgumentTypeError, ArgumentValueError


def bind(
    names: Sequence[str], args: Sequence[Any], named: Mapping[str, Any]
) -> Sequence[Any]:
    """Put arguments given by position and by name into the order of ``names``."""
    if len(args) == len(names) and not named:
        return args
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    if len(args) > len(names):
        raise ArgumentTypeError(
            f"{len(args)} arguments given; expected {len(names)}: {listed}"
        )
    values = dict(zip(names, args, strict=False))
    for name, value in named.items():
        if name not in names:
            raise ArgumentTypeError(f"unknown argument {name!r}; expected {listed}")
        if name in values:
            raise ArgumentTypeError(f"argument {name!r} is given twice")
        values[name] = value
    missing = [name for name in names if name not in values]
    if missing:
        shown = ", ".join(missing[:12]) + (", …" if len(missing) > 12 else "")
        raise ArgumentTypeError(f"missing arguments: {shown}; expected {listed}")
    return [values[name] for name in names]


def as_float(name: str, value: Any) -> float:
    """Give a single number, of Python's or of another library's, as a float."""
    try:
        return float(value)
    except OverflowError:
        raise ArgumentValueError(f"argument {name!r} is beyond all floats") from None
    except (TypeError, ValueError, RuntimeError):
        raise ArgumentTypeError(
            f"argument {name!r} is of type {type(value).__name__}; "
            "expected a real number or an array"
        ) from None


def refuse_masked(name: str, value: Any) -> None:
    """Refuse an array with masked values; NumPy would show what is under the mask."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise ArgumentValueError(
            f"argument {name!r} has masked values, which are no numbers; "
            "leave them out, or fill them"
        )


def as_real(name: str, value: Any) -> Any:
    """Give an argument as a float or as an array of float64 or float32."""
    kind = type(value)
    if kind is float:
        return value
    if kind is int or kind is bool:
        return as_float(name, value)
    if value is None or isinstance(value, (set, frozenset, dict, str, bytes)):
        raise ArgumentTypeError(
            f"argument {name!r} is of type {kind.__name__}; "
            "expected a real number or an array"
        )
    refuse_masked(name, value)
    try:
        array = np.asarray(value)
    except ValueError:
        raise ArgumentValueError(
            f"argument {name!r} is a ragged list; expected rows of one length"
        ) from None
    except (TypeError, RuntimeError) as error:  # of a package with arrays of its own
        why = str(error).partition("\n")[0].rstrip(".")
        raise ArgumentTypeError(
            f"argument {name!r} is of type {kind.__name__}, which NumPy does not take: "
            f"{why}"
        ) from None
    if array.dtype == object and not array.ndim:  # a Fraction, a Decimal, SymPy's 1/2
        return as_float(name, value)
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind != "f":
        raise ArgumentTypeError(
            f"argument {name!r} has dtype {array.dtype}; expected real numbers"
        )
    if array.dtype in (np.float64, np.float32):
        return array
    return array.astype(np.float32 if array.dtype.itemsize < 4 else np.float64)


def as_floats(names: Sequence[str], values: Sequence[Any]) -> list[float]:
    """Give single numbers as floats, and refuse arrays."""
    floats = []
    for name, value in zip(names, values, strict=True):
        real = as_real(name, value)
        if type(real) is not float:
            if real.ndim:
                raise ArgumentTypeError(
                    f"argument {name!r} is an array of shape {real.shape}; backend "
                    "'math' takes single numbers, backend 'numpy' takes arrays"
                )
            real = float(real)
        floats.append(real)
    return floats


def as_tuples(result: Any) -> Any:
    """Turn arrays into floats and tuples of floats."""
    if isinstance(result, tuple):
        return tuple(as_tuples(part) for part in result)
    items = result.tolist()
    if not isinstance(items, list):
        return items
    return tuple(tuple(item) if isinstance(item, list) else item for item in items)


def vector_of(names: Sequence[str], count: int, args: Sequence[Any]) -> Any:
    """Take the first argument, the vector of the first ``count`` names."""
    if not args:
        raise ArgumentTypeError(f"missing the vector of {', '.join(names[:count])}")
    vector = np.atleast_1d(as_real("vector", args[0]))
    if vector.shape != (count,):
        raise ArgumentValueError(
            f"the vector has shape {vector.shape}; expected ({count},), "
            f"one number each for {', '.join(names[:count][:12])}"
        )
    return vector


def unpack(
    names: Sequence[str], count: int, args: Sequence[Any], named: Mapping[str, Any]
) -> tuple[list[Any], Any]:
    """Take the vector of the first ``count`` names apart; give its dtype too."""
    vector = vector_of(names, count, args)
    rest = bind(names[count:], args[1:], named)
    return [*vector.tolist(), *rest], vector.dtype


def spread(
    names: Sequence[str], args: Sequence[Any], dtype: Any = None
) -> tuple[list[Any], list[int], Any, tuple[int, ...]]:
    """Bring arguments to one dtype and one flat length; single numbers stay single.

    Gives them, the places of those that are arrays, the dtype and the batch shape.
    """
    values: list[Any] = [
        value if type(value) is float else as_real(name, value)
        for name, value in zip(names, args, strict=True)
    ]
    others = [value for value in values if type(value) is not float]
    dtypes = {value.dtype for value in others}
    dtypes |= {dtype} if dtype is not None else set()
    single = dtypes == {np.dtype(np.float32)}
    real = np.float32 if single else np.float64
    shapes = {value.shape for value in others}
    if len(shapes) > 1:
        try:
            shape = np.broadcast_shapes(*shapes)
        except ValueError:
            found = {
                n: v.shape for n, v in zip(names, values, strict=True) if np.ndim(v)
            }
            listed = ", ".join(f"{n} {s}" for n, s in list(found.items())[:12])
            raise ArgumentValueError(
                f"arguments do not broadcast to one shape: {listed}"
            ) from None
    else:
        shape = next(iter(shapes), ())
    flat: list[Any] = []
    arrays: list[int] = []
    for value in values:
        if type(value) is float:
            flat.append(real(value))
            continue
        if value.size == 1:
            flat.append(real(value.item()))
            continue
        arrays.append(len(flat))
        if value.shape != shape:
            value = np.broadcast_to(value, shape)
        if value.dtype != real:
            value = value.astype(real)
        flat.append(value if value.ndim == 1 else value.reshape(-1))
    return flat, arrays, real, shape


def claim(spare: list[Any], shape: tuple[int, ...], real: Any) -> Any:
    """Give memory for results: that of the last ones, if the caller let go of them.

    To get 80 MB from the operating system takes as long as a fifth of the work. Small
    results are always new. An array that anybody still holds, in whole or in part, is
    never used again: only one reference to it is left here, and it is ours.
    """
    size = math.prod(shape)
    if size < 1 << 17:
        return np.empty(shape, real)
    room = size + 64 // real().itemsize
    try:
        memory = spare.pop()
    except IndexError:  # the first call, or another thread is at work
        memory = None
    # Two references: the name above and the argument of the call.
    if (
        memory is None
        or sys.getrefcount(memory) > 2
        or memory.size != room
        or memory.dtype != real
    ):
        memory = np.empty(room, real)
    spare.append(memory)
    # From a cache line on: stores across two of them take 15 % longer.
    start = -memory.ctypes.data % 64 // memory.itemsize
    return memory[start : start + size].reshape(shape)


def run_blocks(
    block: Callable[..., None],
    once: Callable[..., tuple[Any, ...]] | None,
    sizes: tuple[int, int, int],
    spreaded: tuple[list[Any], list[int], Any, tuple[int, ...]],
    spare: tuple[list[Any], list[Any]],
) -> Any:
    """Compute all samples, one block that fits the cache after the other.

    ``sizes`` are the number of outputs (0 for one that is not a list), the number of
    variables, and the samples in a block.
    """
    _, _, real, shape = spreaded
    outputs, variables, _ = sizes
    size = math.prod(shape)
    values = claim(spare[0], (outputs or 1, size), real)
    grads = claim(spare[1], (outputs or 1, variables, size), real)
    fill_blocks(block, once, sizes, spreaded, values, grads)
    if not outputs:
        values, grads = values[0], grads[0]
    value = values.reshape((outputs, *shape)[not outputs :])
    if not variables:
        return value
    return value, grads.reshape((outputs, variables, *shape)[not outputs :])


def fill_blocks(
    block: Callable[..., None],
    once: Callable[..., tuple[Any, ...]] | None,
    sizes: tuple[int, int, int],
    spreaded: tuple[list[Any], list[int], Any, tuple[int, ...]],
    values: Any,
    grads: Any,
) -> None:
    """Compute all samples into rows: (outputs, samples), (outputs, variables, …)."""
    flat, arrays, _, shape = spreaded
    outputs, variables, step = sizes
    size = math.prod(shape)

    def results(*both: Any) -> Any:
        return (both if outputs else [rows[0] for rows in both])[: 1 + bool(variables)]

    with np.errstate(all="ignore"):
        if once is not None:
            flat = [*flat, *once(*flat)]
            arrays = [k for k, value in enumerate(flat) if np.ndim(value)]
        if 0 < size <= step:
            block(*flat, *results(values, grads))
        for low in range(0, size if size > step else 0, step):
            places = slice(low, low + step)
            part = list(flat)
            for k in arrays:
                part[k] = flat[k][places]
            value = [row[places] for row in values]
            grad = [[row[places] for row in rows] for rows in grads]
            block(*part, *results(value, grad))
