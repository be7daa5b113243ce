"""Jacobians by eliminating one operation after the other: a mix of both sweeps.

The one rule kept here: every product of local derivatives is recorded once, whichever
paths share it (Griewank and Walther, Evaluating Derivatives, chapter 10; the order is
Markowitz's, the cheapest operation first).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from symgrad.numeric.entries import reachable
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.rows import slots
from symgrad.numeric.tangents import local_times


def eliminate(
    recorder: Recorder, outputs: Sequence[int], wrt: Sequence[int], limit: int
) -> list[list[int]] | None:
    """Append the Jacobian, or give None: a choice, sums over indices, too many entries.

    ``limit`` is how many entries may be recorded at most. A choice between branches is
    left to the sweeps, which keep apart what is not taken.
    """
    if recorder.axes:
        return None
    entries = recorder.entries
    graph = _linearised(recorder, reachable(entries, outputs), wrt)
    if graph is None:
        return None
    into, users = graph
    ends = {-1 - k: out for k, out in enumerate(outputs)}
    one, zero = recorder.constant(1), recorder.constant(0)
    for end, out in ends.items():
        into[end] = {}
        if out in into:
            into[end][out] = one
            users[out].add(end)

    def price(number: int) -> int:
        return len(users[number]) * len(into[number])

    wanted = set(wrt)
    heap = [(price(k), -k) for k in into if k >= 0 and k not in wanted]
    heapq.heapify(heap)
    done: set[int] = set()
    start = len(entries)
    while heap:
        cost, number = heapq.heappop(heap)
        number = -number
        if number in done:
            continue
        if (now := price(number)) != cost:
            heapq.heappush(heap, (now, -number))
            continue
        done.add(number)
        for user in sorted(users[number]):
            edges = into[user]
            edge = edges.pop(number)
            for below, part in into[number].items():
                through = recorder.multiply(edge, part)
                known = edges.get(below)
                edges[below] = (
                    through if known is None else recorder.add(known, through)
                )
                users[below].add(user)
        for below in into.pop(number):
            users[below].discard(number)
        if len(entries) - start > limit:
            return None
    return [[into[end].get(k, zero) for k in wrt] for end in ends]


def _linearised(
    recorder: Recorder, order: Sequence[int], wrt: Sequence[int]
) -> tuple[dict[int, dict[int, int]], dict[int, set[int]]] | None:
    """The local derivatives: entry -> (argument -> derivative), and who uses whom."""
    into: dict[int, dict[int, int]] = {k: {} for k in wrt}
    users: dict[int, set[int]] = {k: set() for k in wrt}
    one = recorder.constant(1)
    for number in order:
        if number in into:
            continue
        entry = recorder.entries[number]
        parts = [(place, u) for place, u in slots(entry) if u in into]
        if not parts:
            continue
        if entry[0] == "select":
            return None
        edges: dict[int, int] = {}
        for place, u in parts:
            part = local_times(recorder, one, number, place)
            edges[u] = recorder.add(edges[u], part) if u in edges else part
            users[u].add(number)
        into[number], users[number] = edges, set()
    return into, users
