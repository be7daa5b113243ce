"""The back end ``dask``: arrays in blocks, larger than memory or spread over machines.

The one rule kept here: a block is computed by the same program as an array in memory;
Dask decides where and when, and adds what blocks give along a fixed tree.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np

from symgrad.errors import ArgumentValueError, MissingPackageError, RuleError
from symgrad.numeric.availability import able_backend
from symgrad.numeric.codegen import harness
from symgrad.numeric.kernels import Kernel
from symgrad.numeric.package_calls import unequal_shapes
from symgrad.numeric.shaping import Form
from symgrad.numeric.tape import Tape

FAN_IN = 8
"""how many sums one task adds"""


@cache
def load_dask() -> Any:
    """Load Dask's arrays; raises ``MissingPackageError``."""
    try:
        import dask.array
    except ImportError:
        raise MissingPackageError(
            "the back end 'dask' needs Dask; pip install 'symgrad[dask]'"
        ) from None
    return dask.array


def check_blocks(tape: Tape, form: Form | None) -> None:
    """Refuse what cannot be put together from blocks of samples."""
    if form is not None and form.sparse:
        raise ArgumentValueError(
            "the back end 'dask' has no sparse matrices; leave sparse out"
        )
    if tape.data:
        raise RuleError(
            "the back end 'dask' adds over samples, not over an index; give the "
            "formula of one sample and reduce='sum', or use another back end"
        )


def computed(results: Any) -> Any:
    """Compute all arrays of a result together, each block once."""
    from dask import compute

    return compute(results)[0]


@dataclass(frozen=True)
class Block:
    """What is computed of one block: the rows of the values, then of the partials.

    ``numbers`` are the arguments by place, None where an array comes. The kernel
    travels as bytes, so that a process compiles it once, not once a block.
    """

    kernel: bytes
    machine: bool
    numbers: tuple[Any, ...]
    rows: int
    real: Any

    def __call__(self, *arrays: Any) -> Any:
        given = iter(arrays)
        kernel, call = _unpickled(self.kernel, self.machine)
        values = [next(given) if n is None else n for n in self.numbers]
        shape = np.broadcast_shapes(*map(np.shape, values))
        found = call(*values)
        parts = found if isinstance(found, tuple) else (found,)
        inner = (1,) * len(shape) if kernel.reduce else shape
        rows = np.empty((self.rows, *inner), self.real)
        low = 0
        for part in parts:
            count = (
                part.size
                if kernel.reduce
                else math.prod(part.shape[: -len(shape) or None])
            )
            rows[low : low + count] = part.reshape(count, *inner)
            low += count
        return rows


@lru_cache(maxsize=32)
def _unpickled(kernel: bytes, machine: bool) -> tuple[Kernel, Callable[..., Any]]:
    made: Kernel = pickle.loads(kernel)
    return made, made.machine_code if machine else made.batch


def dask_call(kernel: Kernel) -> Callable[..., Any]:
    """Make the function that users call."""
    load_dask()
    machine = able_backend(kernel.tape, "auto") == "llvm"
    outputs = len(kernel.tape.values)
    variables = len(kernel.tape.partials[0]) if kernel.tape.partials else 0
    inner = replace(kernel, vector=0, form=None, reduce="sum" if kernel.reduce else "")
    pickled = pickle.dumps(inner)

    def call(*args: Any, **named: Any) -> Any:
        values = _settled(kernel, args, named)
        real = _real(kernel.names, values)
        shape = _shape(kernel, values)
        numbers = tuple(None if np.ndim(v) else v for v in values)
        block = Block(pickled, machine, numbers, outputs * (1 + variables), real)
        rows = _rows(block, [v for v in values if np.ndim(v)], len(shape))
        if kernel.reduce:
            rows = rows.sum(tuple(range(1, rows.ndim)), split_every=FAN_IN)
        if kernel.reduce == "mean":
            count = math.prod(shape)
            rows = rows / real(count) if count else rows * real(np.nan)
        value = rows[:outputs] if kernel.listed else rows[0]
        if not variables:
            return value
        grad = rows[outputs:]
        if kernel.listed:
            grad = grad.reshape((outputs, variables, *rows.shape[1:]))
        return value, grad

    return call


def _settled(
    kernel: Kernel, args: Sequence[Any], named: Mapping[str, Any]
) -> list[Any]:
    """Give the arguments in order: floats, arrays without axes, and Dask's arrays."""
    names, vector = kernel.names, kernel.vector
    if vector:
        dtype = harness.unpack(names, vector, args, named)[1]
        first = np.asarray(args[0], dtype).reshape(-1)
        args, named = [*first, *harness.bind(names[vector:], args[1:], named)], {}
    values = []
    for name, value in zip(names, harness.bind(names, args, named), strict=True):
        if not hasattr(value, "__dask_graph__"):
            value = harness.as_real(name, value)
        values.append(load_dask().asanyarray(value) if np.ndim(value) else value)
    return values


def _real(names: Sequence[str], values: Sequence[Any]) -> Any:
    """Give the dtype of the results, by the rule for arrays in memory."""
    small = [np.ones((1,) * v.ndim, v.dtype) if np.ndim(v) else v for v in values]
    return harness.spread(names, small)[2]


def _shape(kernel: Kernel, values: Sequence[Any]) -> tuple[int, ...]:
    """Give the shape of the batch; blocks may be of unknown length in a plain sum."""
    shapes = [np.shape(value) for value in values]
    for name, shape in zip(kernel.names, shapes, strict=True):
        if any(map(math.isnan, shape)):
            if kernel.listed or kernel.reduce == "mean":
                raise ArgumentValueError(
                    f"argument {name!r} has blocks of unknown length; "
                    "call its compute_chunk_sizes() before"
                )
            return max(shapes, key=len)
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise unequal_shapes(kernel.names, shapes) from None


def _rows(block: Block, arrays: Sequence[Any], axes: int) -> Any:
    """Give the rows of all samples, or of one sum for each block."""
    reduces = _unpickled(block.kernel, block.machine)[0].reduce
    return load_dask().blockwise(
        block,
        range(axes + 1)[::-1],
        *(part for a in arrays for part in (a, range(a.ndim)[::-1])),
        new_axes={axes: block.rows},
        adjust_chunks=dict.fromkeys(range(axes), _one) if reduces else None,
        dtype=block.real,
        meta=np.empty((0,) * (axes + 1), block.real),
    )


def _one(length: int) -> int:
    return 1
