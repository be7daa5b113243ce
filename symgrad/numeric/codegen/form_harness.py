"""Results in the form that a caller asked for, and two vectors taken as one.

The one rule kept here: as in harness.py, these functions need NumPy alone, because
their source is copied into modules; they move numbers and compute none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symgrad.errors import ArgumentTypeError, ArgumentValueError


def formed(
    rows: Any,
    parts: Sequence[tuple[int, int, tuple[int, ...], Any]],
    by_sample: bool = False,
    sparse: Callable[..., Any] | None = None,
) -> Any:
    """Cut the rows of all results into parts, each of a shape of its own.

    A part is (first row, last row, shape, pattern). A pattern, the (indices, indptr)
    of compressed rows, makes it a matrix of the kind ``sparse``. ``by_sample`` puts
    the axes of the samples first, as a view.
    """
    found = []
    for low, high, shape, pattern in parts:
        part = rows[low:high]
        if pattern is not None and sparse is not None:
            data = np.asarray(part)
            if data.ndim > 1:
                raise ArgumentValueError(
                    f"arguments have the shape {data.shape[1:]}; a sparse matrix is "
                    "made at one point, or of a batch with reduce="
                )
            indices, indptr = (np.array(each, np.int32) for each in pattern)
            found.append(sparse((data, indices, indptr), shape=shape))
        elif isinstance(rows, tuple):
            step = shape[-1] if len(shape) > 1 else 0
            if step:
                part = tuple(part[k : k + step] for k in range(0, len(part), step))
            found.append(part if shape else part[0])
        else:
            part = part.reshape((*shape, *rows.shape[1:]))
            part = part if part.dtype != object or part.ndim else part[()]
            if by_sample and shape:
                part = np.moveaxis(part, range(len(shape)), range(-len(shape), 0))
            found.append(part)
    return found[0] if len(found) == 1 else tuple(found)


def joined(
    args: Sequence[Any], first: int, second: int, what: Sequence[str]
) -> list[Any]:
    """Take the two vectors that stand first as one, and leave the rest."""
    if len(args) < 2:
        raise ArgumentTypeError(
            f"{len(args)} of the two vectors given; expected one of {first} and one "
            f"of {second} numbers ({', '.join(what[first : first + 6])})"
        )
    vectors = [np.atleast_1d(np.asarray(each)) for each in args[:2]]
    for vector, count in zip(vectors, (first, second), strict=True):
        if vector.shape != (count,):
            raise ArgumentValueError(
                f"a vector has shape {vector.shape}; expected ({first},) for the "
                f"first and ({second},) for the second"
            )
    return [np.concatenate(vectors), *args[2:]]
