"""Data with an index at one point: those a user gives, and made-up ones written down.

The one rule kept here: lists are judged by what numeric functions ask of theirs, so
that a page, a check and a compiled function take the same data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from symgrad.errors import ArgumentValueError, BoundError
from symgrad.graph import Graph
from symgrad.numeric.codegen.data_harness import (
    as_count,
    cells_of,
    checked_data,
    told_by_data,
)
from symgrad.numeric.high_precision import mpf
from symgrad.numeric.indexed_data import as_table, data_of
from symgrad.numeric.loops import MAX_TERMS, Data, datum


def with_data(graph: Graph, given: Mapping[str, Any]) -> dict[str, Any]:
    """Read the lists of a point as data, and tell the counts that are left out.

    Raises ``ArgumentValueError`` for data of a wrong shape or length, ``BoundError``
    for more terms than are computed at fifty digits.
    """
    found = data_of(graph)
    if not (found.uses or found.counts):
        return dict(given)
    leaves = (*graph.inputs, *graph.parameters)
    names = [leaf.name for leaf in leaves]
    table = as_table(found, leaves)
    values = told_by_data(names, given, table)
    for place, whole in table[1]:
        if names[place] in values:
            values[names[place]] = as_count(names[place], values[names[place]], whole)
    if any(names[place] not in values for place, _ in (*table[0], *table[1])):
        return values  # what is missing is told by the caller
    in_order = [values.get(name) for name in names]
    shapes = []
    for place, dims in table[0]:
        array = checked_data(names, in_order, place, dims)
        if array.ndim > len(dims) or not np.isfinite(array).all():
            raise ArgumentValueError(
                f"at gives {names[place]!r} data of shape {array.shape}; expected "
                f"finite numbers in a list{' of lists' if len(dims) > 1 else ''}"
            )
        shapes.append(array.shape)
        rows = [tuple(r) if len(dims) > 1 else r for r in array.tolist()]
        values[names[place]] = Data(tuple(first for first, _ in dims), tuple(rows))
    terms = cells_of(in_order, table, shapes)
    if terms > MAX_TERMS:
        raise BoundError(
            f"the sums have about {terms:,.0f} terms at this point; "
            f"pages and checks compute {MAX_TERMS:,} (the bound MAX_TERMS), "
            "lambdify and evaluate any number"
        )
    return values


def written_data(graph: Graph, point: Mapping[str, Any]) -> dict[str, Any] | None:
    """Write out the made-up data of a random point, as a numeric function takes them.

    None where the formula does not tell how many there are.
    """
    found = data_of(graph)
    told = dict(point)
    for base, uses in found.uses.items():
        sizes = [
            _size(last, first, point)
            for last, first in zip(uses.last, uses.first, strict=True)
        ]
        if None in sizes:
            return None
        numbers = np.empty(sizes)  # type: ignore[arg-type]
        level, element = mpf(point[base.name]), datum(base.name)
        for places in np.ndindex(numbers.shape):
            at = (mpf(k + first) for k, first in zip(places, uses.first, strict=True))
            numbers[places] = float(element(level, *at))
        rows = [tuple(r) if len(sizes) > 1 else r for r in numbers.tolist()]
        told[base.name] = Data(tuple(uses.first), tuple(rows))
    return told


def _size(last: Any, first: int, point: Mapping[str, Any]) -> int | None:
    if not last:
        return None
    ends = ((0 if name is None else point[name.name]) + shift for name, shift in last)
    return max(0, int(max(ends)) - first + 1)
