"""Which arguments of a graph are data with an index, and how many numbers they need.

The one rule kept here: it is read off the formula once, as plain numbers, so that a
saved module can check its data and find the bounds without symgrad.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Add, Expr, Integer, Symbol

from symgrad.errors import RuleError
from symgrad.graph import Graph
from symgrad.indexed import (
    Chosen,
    Delta,
    Element,
    Index,
    IndexedProduct,
    Reduction,
    by_all_data,
    other_side,
    taken_apart,
)
from symgrad.symbols import symbols_of

Reach = tuple[Symbol | None, int]
"""The last place that an index comes to: a name (None for 0) plus a number."""


@dataclass
class Uses:
    """How the elements of one name are used, for each of its indices.

    ``first`` is the place of the first number: 1, or less where the formula reaches
    y_0. ``last`` holds every reach; it is None where one of them is not plain.
    """

    first: list[int]
    last: list[set[Reach] | None]


@dataclass
class Found:
    """What the formulas of a graph say of data, of counts, and of chosen elements."""

    uses: dict[Symbol, Uses] = field(default_factory=dict)
    counts: dict[Symbol, bool] = field(default_factory=dict)
    chosen: dict[Symbol, tuple[Symbol, tuple[Expr, ...]]] = field(default_factory=dict)
    nests: set[tuple[Reach | None, ...]] = field(default_factory=set)

    def count(self, bound: Any, graph: Graph) -> None:
        """Note the names of a bound: whole numbers; behind stages, single numbers."""
        todo = [(name, True) for name in symbols_of(bound)]
        while todo:
            name, whole = todo.pop()
            if name in graph.stage_of:
                todo += [(s, False) for s in graph.stage_of[name].arguments]
            else:
                self.counts[name] = self.counts.get(name, False) or whole


Scope = Mapping[Index, tuple[int | None, Reach | None]]


def data_of(graph: Graph, swept: bool = True) -> Found:
    """Find the data of a graph, whose derivatives may be asked for where ``swept``.

    >>> from symgrad.formulas import formula
    >>> found = data_of(formula("sum(x_i, i, 1, n)"))
    >>> [(x.name, uses.first, uses.last) for x, uses in found.uses.items()]
    [('x', [1], [{(n, 0)}])]
    """
    found = Found()
    todo: list[tuple[Any, Scope]] = [(s.expr, {}) for s in graph.stages]
    seen: set[tuple[int, int]] = set()
    kept: list[Scope] = []  # so that no two scopes have one identity
    while todo:
        node, scope = todo.pop()
        if (id(node), id(scope)) in seen:
            continue
        seen.add((id(node), id(scope)))
        kept.append(scope)
        if isinstance(node, Reduction):
            found.count(node.lower, graph)
            found.count(node.upper, graph)
            inner = _first(node.lower, scope), _last(node.upper, scope)
            todo += [(side, scope) for side in (node.lower, node.upper)]
            todo.append((node.body, {**scope, node.index: inner}))
            if swept or not _is_of_others(node, inner, scope):
                found.nests.add((*(last for _, last in scope.values()), inner[1]))
            continue
        if isinstance(node, Element | Chosen):
            indices = node.indices
            _note_element(found, node.base, indices, scope)
            for index in indices:
                found.count(index, graph)
        if isinstance(node, Chosen):
            found.chosen[node.element] = (node.base, node.places)
        if isinstance(node, Delta):
            found.count(node, graph)
        todo.extend((arg, scope) for arg in node.args)
    return found


def _is_of_others(
    node: Reduction, inner: tuple[int | None, Reach | None], scope: Scope
) -> bool:
    """Whether it is Π_{j≠i} over the range of i, which needs no axis of its own."""
    _, unequal = taken_apart(node)
    others = (other_side(each, node.index) for each in unequal)
    return (
        isinstance(node, IndexedProduct)
        and None not in inner
        and any(isinstance(i, Index) and scope.get(i) == inner for i in others)
    )


def _note_element(
    found: Found, base: Symbol, indices: Sequence[Expr], scope: Scope
) -> None:
    count = len(indices)
    if base not in found.uses:
        found.uses[base] = Uses([1] * count, [set() for _ in indices])
    uses = found.uses[base]
    if len(uses.first) != count:
        fewer, more = sorted((count, len(uses.first)))
        raise RuleError(
            f"{base.name!r} stands with {fewer} and with {more} indices; give it the "
            "same number everywhere"
        )
    for dim, index in enumerate(indices):
        low, high = _first(index, scope), _last(index, scope)
        if low is not None:
            uses.first[dim] = min(uses.first[dim], low)
        known = uses.last[dim]
        if symbols_of(index):  # y_k: some place, checked when k is known
            continue
        uses.last[dim] = None if high is None or known is None else {*known, high}


def _shifted(expr: Any) -> tuple[Any, int] | None:
    """Give the name or the index and the whole number of i + 1, n - 1, 3; else None."""
    if isinstance(expr, Integer):
        return None, int(expr)
    if isinstance(expr, Symbol | Index):
        return expr, 0
    if isinstance(expr, Add) and len(expr.args) == 2:
        number, name = expr.args
        if isinstance(name, Integer):
            number, name = name, number
        if isinstance(number, Integer) and isinstance(name, Symbol | Index):
            return name, int(number)
    return None


def _first(expr: Any, scope: Scope) -> int | None:
    parts = _shifted(expr)
    if parts is None or isinstance(parts[0], Symbol):
        return None
    low = 0 if parts[0] is None else scope.get(parts[0], (None, None))[0]
    return None if low is None else low + parts[1]


def _last(expr: Any, scope: Scope) -> Reach | None:
    parts = _shifted(expr)
    if parts is None:
        return None
    name, shift = parts
    if isinstance(name, Index):
        high = scope.get(name, (None, None))[1]
        return None if high is None else (high[0], high[1] + shift)
    return name, shift


def check_variables(found: Found, wrt: Sequence[Symbol]) -> None:
    """Refuse a derivative by all data at once, or by what counts the terms."""
    for name in wrt:
        if name in found.uses:
            raise by_all_data(name)
        places = {each for _, own in found.chosen.values() for each in own}
        if found.counts.get(name) or name in places:
            raise RuleError(
                f"{name.name!r} is a bound or a place, a whole number; there is no "
                "derivative by it, differentiate by a name in the terms"
            )


def as_table(found: Found, leaves: Sequence[Symbol]) -> tuple[Any, ...]:
    """Write what was found as plain numbers, the arguments by their places.

    ``(arrays, counts, elements, nests)``: arrays are (place, indices), an index being
    (place of its first number, needs), a need (place of a count or -1, offset) for
    count + offset numbers; counts are (place, is whole); elements are (place, place of
    the data, needs that are the places which choose it); nests are the last places of
    the indices of sums in sums, as needs, (-2, 0) where the formula does not tell one.
    """
    place = {leaf: k for k, leaf in enumerate(leaves)}
    arrays = tuple(
        (
            place[base],
            tuple(
                (first, _needs(last, first, place))
                for first, last in zip(uses.first, uses.last, strict=True)
            ),
        )
        for base, uses in sorted(found.uses.items(), key=lambda item: place[item[0]])
    )
    counts = tuple(sorted((place[name], whole) for name, whole in found.counts.items()))
    elements = tuple(
        sorted(
            (place[element], place[base], tuple(_end(_shifted(p), place) for p in own))
            for element, (base, own) in found.chosen.items()
        )
    )
    nests = tuple(
        sorted(tuple(_end(reach, place) for reach in nest) for nest in found.nests)
    )
    return arrays, counts, elements, nests


def _end(reach: Reach | None, place: Mapping[Symbol, int]) -> tuple[int, int]:
    if reach is None or (reach[0] is not None and reach[0] not in place):
        return -2, 0
    return -1 if reach[0] is None else place[reach[0]], reach[1]


def _needs(
    last: set[Reach] | None, first: int, place: Mapping[Symbol, int]
) -> tuple[tuple[int, int], ...]:
    """The numbers that are needed; none where the formula does not tell them."""
    if last is None or any(name is not None and name not in place for name, _ in last):
        return ()
    return tuple(
        sorted(
            (-1 if name is None else place[name], shift - first + 1)
            for name, shift in last
        )
    )
