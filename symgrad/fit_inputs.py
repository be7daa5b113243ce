"""What a fit is given, read and checked: columns of data, weights, first values.

The one rule kept here: nothing is guessed; what cannot be used is named, with the row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    check_name,
    short,
)
from symgrad.graph import Graph
from symgrad.indexed import data_and_counts
from symgrad.solver_inputs import bound_rows, is_number
from symgrad.symbols import name_of


@dataclass(frozen=True)
class Columns:
    """The data of a fit: the measured values, the variables' columns, the weights.

    ``weights`` are 1/sigma for each point, ``names`` the parameters to be fitted.
    """

    target: str
    y: Any
    variables: dict[str, Any]
    weights: Any
    names: tuple[str, ...]


def read_columns(
    graph: Graph, data: Any, target: Any, sigma: Any, weights: Any
) -> Columns:
    """Read the data of a fit.

    Raises ``ArgumentTypeError`` and ``ArgumentValueError`` for data that are no
    mapping, of different lengths, not finite, or too few; ``UnknownNameError`` for a
    column that the model does not have.
    """
    given = _mapping(data)
    lists = whole_data(graph)
    if lists:
        raise ArgumentValueError(
            f"{lists[0]} is a list of data in the model, {lists[0]}_1, {lists[0]}_2, "
            "…; a model has a number for each name: write its terms out, as in "
            f"{lists[0]}_0 + {lists[0]}_1*x"
        )
    leaves = [leaf.name for leaf in (*graph.inputs, *graph.parameters)]
    own = sigma if isinstance(sigma, str) else None
    if own is not None:
        check_name("column for sigma", own, given)
    target = _target(graph, target, [n for n in given if n not in (*leaves, own)])
    for name in given:
        check_name("column in data", name, [*leaves, target, *([own] if own else [])])
    if target not in given:
        raise ArgumentValueError(
            f"data has no column {target!r}, the values that the model should have; "
            "expected such a column, or its name as target="
        )
    y = _numbers(target, given[target], None)
    variables = {n: _numbers(n, given[n], y.size) for n in leaves if n in given}
    names = tuple(name for name in leaves if name not in given)
    if not names:
        raise ArgumentValueError(
            "every name of the model has data; no parameter is left to be fitted"
        )
    if y.size <= len(names):
        raise ArgumentValueError(
            f"{y.size} points for {len(names)} parameters ({', '.join(names[:9])}); "
            f"expected {len(names) + 1} points or more, or numbers in data for some "
            "of the parameters"
        )
    return Columns(target, y, variables, _weights(sigma, weights, given, y.size), names)


def read_variables(names: list[str], data: Any) -> dict[str, Any]:
    """Read the points at which a fitted model is wanted; more columns do no harm."""
    given = _mapping(data)
    for name in names:
        if name not in given:
            raise ArgumentValueError(
                f"data has no column {name!r}; the model needs {', '.join(names)}"
            )
    sizes = [np.size(given[name]) for name in names]
    return {name: _numbers(name, given[name], max(sizes)) for name in names}


def read_start(
    names: tuple[str, ...], start: Any, bounds: Any
) -> tuple[dict[str, float], tuple[Any, Any]]:
    """Read the first values, for some of the parameters or all, and the bounds."""
    if start is not None and not isinstance(start, Mapping):
        raise ArgumentTypeError(
            f"start is {short(start)}; expected a mapping of parameters to numbers"
        )
    rows = ([], []) if bounds is None else bound_rows(bounds, names)
    empty = bounds is None
    lows = np.full(len(names), -np.inf) if empty else np.array(rows[0], float)
    highs = np.full(len(names), np.inf) if empty else np.array(rows[1], float)
    for name, low, high in zip(names, lows, highs, strict=True):
        if not low < high:
            raise ArgumentValueError(
                f"the bounds of {name!r} are ({low:g}, {high:g}); expected low < high"
            )
    found = {}
    for variable, value in (start or {}).items():
        name = name_of(variable)
        check_name("parameter in start", name, names)
        if not is_number(value) or not np.isfinite(float(value)):
            raise ArgumentTypeError(
                f"start has {short(value)} for {name!r}; expected a finite number"
            )
        place = names.index(name)
        found[name] = min(max(float(value), lows[place]), highs[place])
    return found, (lows, highs)


def whole_data(graph: Graph) -> list[str]:
    """The names of a model that stand for lists of numbers."""
    names, _ = data_and_counts([stage.expr for stage in graph.stages])
    return sorted(name.name for name in names)


def _mapping(data: Any) -> dict[str, Any]:
    """A mapping or a table such as a DataFrame, by names."""
    if not hasattr(data, "keys") or not hasattr(data, "__getitem__"):
        raise ArgumentTypeError(
            f"data is {short(data)}; expected a mapping of names to arrays, such as "
            "{'x': [0, 1, 2], 'y': [1, 3, 5]}"
        )
    return {name_of(name): data[name] for name in data.keys()}


def _target(graph: Graph, target: Any, left: list[str]) -> str:
    """The name of the measured values: given, the formula's, or the one that is left.

    A column that is no name of the model can be nothing else.
    """
    if target is not None:
        return name_of(target)
    if len(graph.outputs) != 1:
        raise ArgumentValueError(
            f"the model has {len(graph.outputs)} outputs; expected one to be fitted"
        )
    own = graph.shown(graph.output).name
    return left[0] if own not in left and len(left) == 1 else own


def _numbers(name: str, values: Any, size: int | None) -> Any:
    """One column as floats; a single number stands for all points."""
    try:
        row = np.asarray(values, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentTypeError(
            f"column {name!r} of data is {short(values)}; expected real numbers"
        ) from None
    if row.ndim > 1 or (size is None and row.ndim == 0):
        raise ArgumentValueError(
            f"column {name!r} of data has shape {row.shape}; expected a list of "
            "numbers, one for each point"
        )
    bad = np.flatnonzero(~np.isfinite(row))
    if bad.size:
        raise ArgumentValueError(
            f"column {name!r} of data has {row.ravel()[bad[0]]} in row {bad[0] + 1}"
            f"{f' and {bad.size - 1} more' if bad.size > 1 else ''}; expected finite "
            "numbers, leave such rows out"
        )
    if row.ndim and size is not None and row.size != size:
        raise ArgumentValueError(
            f"column {name!r} of data has {row.size} numbers, others {size}; expected "
            "as many in each column"
        )
    return row


def _weights(sigma: Any, weights: Any, given: dict[str, Any], size: int) -> Any:
    """1/sigma for each point; weights are 1/sigma²."""
    if sigma is not None and weights is not None:
        raise ArgumentValueError(
            "sigma and weights are both given; expected one: weights are 1/sigma^2"
        )
    if sigma is None and weights is None:
        return np.ones(size)
    name = "sigma" if weights is None else "weights"
    values = weights if sigma is None else sigma
    row = _numbers(name, given[values] if isinstance(values, str) else values, size)
    if not np.all(row > 0):
        raise ArgumentValueError(
            f"{name} has {np.min(row):g}; expected numbers above 0; leave points out "
            "that shall not count"
        )
    return np.broadcast_to(1 / row if weights is None else np.sqrt(row), (size,))
