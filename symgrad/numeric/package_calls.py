"""What callers give to the back end of an array package, in order and by place.

The one rule kept here: names, order and shapes are those of the NumPy back end; only
the arrays are the package's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from symgrad.errors import ArgumentTypeError, ArgumentValueError
from symgrad.numeric.codegen.harness import as_real, bind, refuse_masked
from symgrad.numeric.codegen.root_programs import write_roots
from symgrad.numeric.derived_tapes import partials_of, values_of
from symgrad.numeric.package_data import told
from symgrad.numeric.package_sums import Piece, pieces_of
from symgrad.numeric.tape import Tape

Program = Callable[..., tuple[Any, ...]]
REFUSED = (set, frozenset, dict, str, bytes, type(None), complex)


@dataclass(frozen=True)
class Job:
    """One tape to be run by an array package; the fields are those of ``Kernel``."""

    tape: Tape
    listed: bool
    vector: int
    package: str
    reduce: str

    @cached_property
    def parts(self) -> dict[str, Tape]:
        """The tape of the values, and that of the partials where there are some."""
        parts = {"value": values_of(self.tape)}
        if self.variables:
            parts["grad"] = partials_of(self.tape)
        return parts

    @cached_property
    def pieces(self) -> list[Piece]:
        """The programs between the sums of a tape that has some."""
        return pieces_of(self.tape)

    def batch_shapes(self, arrays: Sequence[Any]) -> list[tuple[int, ...]]:
        """The shapes of arguments without the indices of data."""
        data = dict(self.tape.data[0]) if self.tape.data else {}
        return [
            tuple(a.shape[: len(a.shape) - len(data.get(place, ()))])
            for place, a in enumerate(arrays)
        ]

    @cached_property
    def source(self) -> str:
        """The program that runs."""
        if self.tape.data:
            pieces = enumerate(self.pieces, start=1)
            tapes = {f"piece_{k}": piece.tape for k, piece in pieces}
            return write_roots(tapes, self.package)
        return write_roots(self.parts, self.package)

    @property
    def variables(self) -> int:
        return len(self.tape.partials[0]) if self.tape.partials else 0

    def results(self, found: Sequence[Any], shape: Sequence[int]) -> Any:
        """Give all values and all partials of a batch the shapes of the contract."""
        if self.reduce:
            flat = [rows.reshape(len(rows), -1) for rows in found]
            found = [f.sum(1) if self.reduce == "sum" else f.mean(1) for f in flat]
            shape = ()
        outputs = (len(self.tape.values),) if self.listed else ()
        value = found[0].reshape((*outputs, *shape))
        if len(found) == 1:
            return value
        return value, found[1].reshape((*outputs, self.variables, *shape))

    def given(self, rows: Any, shape: Sequence[int]) -> Any:
        """Value and partials as callers get them, from an array (results, *S)."""
        count = len(self.tape.values)
        parts = [rows[:count], rows[count:]] if self.variables else [rows]
        return self.results(parts, shape)

    def settled(self, args: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
        """Arguments in order; of a vector layout the vector's numbers first."""
        names = self.tape.arguments
        if self.tape.data:
            named = told(self.tape, self.vector, args, named)
        if not self.vector:
            values = list(bind(names, args, named))
        else:
            values = self._unpacked(args, named)
        for name, value in zip(names, values, strict=True):
            if isinstance(value, REFUSED):
                raise ArgumentTypeError(
                    f"argument {name!r} is of type {type(value).__name__}; "
                    "expected a real number or an array"
                )
        return values

    def _unpacked(self, args: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
        names, count = self.tape.arguments, self.vector
        if not args:
            raise ArgumentTypeError(f"missing the vector of {', '.join(names[:count])}")
        if not hasattr(args[0], "shape") and not isinstance(args[0], list | tuple):
            raise ArgumentTypeError(
                f"the vector is of type {type(args[0]).__name__}; expected an array "
                f"of {count} numbers"
            )
        shape = tuple(args[0].shape if hasattr(args[0], "shape") else (len(args[0]),))
        if shape != (count,):
            raise ArgumentValueError(
                f"the vector has shape {shape}; expected ({count},), "
                f"one number each for {', '.join(names[:count][:12])}"
            )
        rest = bind(names[count:], args[1:], named)
        return [*(args[0][k] for k in range(count)), *rest]


def compiled(source: str) -> dict[str, Program]:
    """Run a generated program, and give the functions it defines."""
    namespace: dict[str, Any] = {}
    exec(compile(source, "<symgrad>", "exec"), namespace)  # our own text, no user's
    return namespace


def taken(name: str, value: Any, package: str, asarray: Callable[[Any], Any]) -> Any:
    """Bring an argument to an array of the package, or say why that cannot be."""
    if hasattr(value, "shape") and not isinstance(value, np.ndarray):
        return asarray(value)
    refuse_masked(name, value)
    if isinstance(value, np.ndarray):
        kind = value.dtype
        if kind.kind in "OUSMm" or kind.itemsize > 8 or not kind.isnative:
            value = as_real(name, value) if kind.kind != "c" else value
        value = np.asarray(value, order="C")
    elif type(value) in (int, float, bool):
        value = as_real(name, value)  # a plain float, whose dtype is the package's
    elif not isinstance(value, list | tuple):
        value = np.asarray(as_real(name, value))
    try:
        return asarray(value)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        why = str(error).partition("\n")[0].rstrip(".")
        raise ArgumentTypeError(
            f"argument {name!r} is of type {type(value).__name__}, which {package} "
            f"does not take: {why}"
        ) from None


def refused_dtype(name: str, dtype: Any) -> ArgumentTypeError:
    """The error for an argument that is not real."""
    return ArgumentTypeError(
        f"argument {name!r} has dtype {dtype}; expected real numbers"
    )


def unequal_shapes(
    names: Sequence[str], shapes: Sequence[Sequence[int]]
) -> ArgumentValueError:
    """The error for arguments that have no batch shape in common."""
    found = [f"{n} {tuple(s)}" for n, s in zip(names, shapes, strict=True) if s]
    return ArgumentValueError(
        f"arguments do not broadcast to one shape: {', '.join(found[:12])}"
    )
