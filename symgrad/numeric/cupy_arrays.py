"""The back end ``cupy``: arrays of a GPU in and out.

The one rule kept here: only names that NumPy has too are used, so that the same code
runs over NumPy, where tests have no GPU.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from symgrad.errors import MissingPackageError
from symgrad.numeric.package_calls import (
    Job,
    compiled,
    refused_dtype,
    taken,
    unequal_shapes,
)
from symgrad.numeric.package_data import checked
from symgrad.numeric.package_sums import Arrays, run_pieces


@cache
def load_cupy() -> Any:
    """Load CuPy; raises ``MissingPackageError``."""
    try:
        import cupy
    except ImportError:
        raise MissingPackageError(
            "the back end 'cupy' needs CuPy; pip install 'symgrad[cupy]'"
        ) from None
    return cupy


def cupy_call(job: Job) -> Callable[..., Any]:
    """Make the function that users call."""
    if job.tape.data:
        return _sums_call(job)
    cupy = load_cupy()
    programs = compiled(job.source)
    names = job.tape.arguments

    def call(*args: Any, **named: Any) -> Any:
        arrays = _arrays(cupy, names, job.settled(args, named))
        try:
            shape = cupy.broadcast(*arrays).shape if arrays else ()
        except ValueError:
            raise unequal_shapes(names, [a.shape for a in arrays]) from None
        real = arrays[0].dtype if arrays else cupy.float64
        found = []
        for name, tape in job.parts.items():
            rows = cupy.empty((len(tape.values), *shape), real)
            for k, row in enumerate(programs[name](*arrays)):
                rows[k] = row
            found.append(rows)
        return job.results(found, shape)

    return call


def _sums_call(job: Job) -> Callable[..., Any]:
    """Make the function of a tape with sums over an index."""
    cupy, tape = load_cupy(), job.tape
    programs = compiled(job.source)

    def rows_of(program: Callable[..., Any]) -> Callable[..., Any]:
        def rows(*args: Any) -> Any:
            shape = cupy.broadcast(*args).shape if args else ()
            found = program(*args)
            return cupy.stack([cupy.broadcast_to(row, shape) for row in found])

        return rows

    found = enumerate(job.pieces, start=1)
    pieces = [(piece, rows_of(programs[f"piece_{k}"])) for k, piece in found]

    def call(*args: Any, **named: Any) -> Any:
        values = job.settled(args, named)
        _, like = checked(tape, values)
        arrays = _arrays(cupy, tape.arguments, values)
        shapes = job.batch_shapes(arrays)
        try:
            shape = cupy.broadcast(*(cupy.empty(s) for s in shapes)).shape
        except ValueError:
            raise unequal_shapes(tape.arguments, shapes) from None
        real = arrays[0].dtype
        package = Arrays(cupy, lambda a: cupy.asarray(a, real), cupy.asarray)
        rows = run_pieces(tape, pieces, arrays, like, package)
        whole = cupy.empty((len(rows), *shape), real)
        whole[...] = rows
        return job.given(whole, shape)

    return call


def _arrays(cupy: Any, names: Any, values: list[Any]) -> list[Any]:
    """Bring arguments to arrays of float64, or of float32 where all arrays are so."""
    arrays = []
    kinds = set()
    for name, value in zip(names, values, strict=True):
        array = taken(name, value, "cupy", cupy.asarray)
        if array.dtype.kind not in "biuf":
            raise refused_dtype(name, array.dtype)
        arrays.append(array)
        if type(value) not in (int, float, bool):
            kinds.add(array.dtype if array.dtype.kind == "f" else cupy.float64)
    small = kinds and all(cupy.dtype(kind).itemsize <= 4 for kind in kinds)
    real = cupy.float32 if small else cupy.float64
    return [array.astype(real, copy=False) for array in arrays]
