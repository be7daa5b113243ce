"""Data with an index as arrays of a package: what they tell, and whether they fit.

The one rule kept here: only shapes are looked at, and numbers that stand in a bound; so
a package that traces a function meets nothing that it has no number for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symgrad.errors import ArgumentTypeError, ArgumentValueError
from symgrad.numeric.codegen.data_harness import (
    MAX_CELLS,
    as_count,
    cells_of,
    checked_data,
)
from symgrad.numeric.tape import Tape


def told(
    tape: Tape, vector: int, args: Sequence[Any], named: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments by name, with counts and x_k that the data tell of themselves."""
    names, (arrays, _, elements, _) = tape.arguments, tape.data
    given = dict(zip(names[vector:], args[bool(vector) :], strict=False))
    values = {**given, **named}
    for place, dims in arrays:
        for axis, (_, needs) in enumerate(dims, -len(dims)):
            asked = {count for count, _ in needs if count >= 0}
            shape = np.shape(values.get(names[place], 0.0))
            if len(asked) == 1 and len(shape) >= -axis:
                where = asked.pop()
                most = max(offset for count, offset in needs if count == where)
                values.setdefault(names[where], float(shape[axis] - most))
    for element, place, chosen in elements:
        if names[element] not in values and names[place] in values:
            x = values[names[place]]
            x = x if hasattr(x, "dtype") else np.asarray(x)
            places = []
            for (count, offset), (first, _) in zip(
                chosen, dict(arrays)[place], strict=True
            ):
                k = (
                    _concrete(names[count], values.get(names[count]))
                    if count >= 0
                    else 0
                )
                places.append(int(k) + offset - first)
            shape = np.shape(x)[-len(places) :]
            if not all(0 <= k < size for k, size in zip(places, shape, strict=True)):
                raise ArgumentValueError(
                    f"{names[element]!r} is none of the {shape[0]} data of "
                    f"{names[place]!r}; expected a place among them"
                )
            values[names[element]] = x[tuple([..., *places])]
    return {k: value for k, value in values.items() if k in named or k not in given}


def _concrete(name: str, value: Any) -> float:
    try:
        return as_count(name, value if np.ndim(value) else float(value))
    except (TypeError, RuntimeError):
        raise ArgumentTypeError(
            f"argument {name!r} has no number yet; expected one that is known when "
            "the function is traced, as it stands in a bound or an index"
        ) from None


def checked(tape: Tape, values: Sequence[Any]) -> tuple[tuple[float, ...], Any]:
    """Check data and counts; give the counts, and data of the same shapes.

    Raises ``ArgumentValueError`` where something does not fit.
    """
    arrays, counts, _, _ = tape.data
    names = tape.arguments
    plain: list[Any] = [0.0] * len(values)
    for place, _ in counts:
        plain[place] = _concrete(names[place], values[place])
    for place, _ in arrays:
        shape = np.shape(values[place])
        plain[place] = np.broadcast_to(np.float64(0.0), shape)
    for place, dims in arrays:
        plain[place] = checked_data(names, plain, place, dims)
    shapes = [plain[place].shape for place, _ in arrays]
    cells = cells_of(plain, tape.data, shapes)
    if cells > MAX_CELLS:
        raise ArgumentValueError(
            f"the sums have {cells:.2g} terms at once, over the bound of {MAX_CELLS:,}"
        )
    return tuple(plain[place] for place, _ in counts), plain
