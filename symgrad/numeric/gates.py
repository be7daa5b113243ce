"""Adjoints that are 0 because a branch is not taken, in the products of chain rules.

The one rule kept here: nothing flows through a dead branch, so its 0 is the product,
whatever the other factors are there (0·inf would be nan). Only a 0 that is written
counts: where a value merely happens to be 0, the product stays a product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symgrad.numeric.entries import operands
from symgrad.numeric.recorder import Recorder

MAX_GATES = 32
MAX_FACTORS = 3  # of one product, each of which multiplies its length
_JOINED = ("add", "subtract")
_SCALED = ("multiply", "divide", "negate")


def is_gate(recorder: Recorder, number: int) -> bool:
    """Whether an entry is 0 by a choice in it, and small enough to be multiplied out.

    >>> recorder = Recorder()
    >>> x, zero = recorder.record("argument", 0), recorder.constant(0)
    >>> chosen = recorder.select(recorder.relation("less", zero, x), x, zero)
    >>> is_gate(recorder, chosen), is_gate(recorder, x)
    (True, False)
    """
    seen = 0
    todo = [number]
    while todo:
        entry = recorder.entries[todo.pop()]
        if entry[0] in ("select", *_JOINED, *_SCALED):
            seen += 1
            todo.extend(operands(entry)[entry[0] == "select" :])
        if seen > MAX_GATES:
            return False
    return _has_zero(recorder, number)


def _has_zero(recorder: Recorder, number: int) -> bool:
    entry = recorder.entries[number]
    if entry[0] == "select":
        return any(recorder.value(k) == 0 or _has_zero(recorder, k) for k in entry[2:])
    if entry[0] in _JOINED:
        return all(_has_zero(recorder, k) for k in entry[1:])
    if entry[0] == "divide":
        return _has_zero(recorder, entry[1])
    return entry[0] in _SCALED and any(_has_zero(recorder, k) for k in entry[1:])


def gated(recorder: Recorder, number: int, times: Callable[[int], int]) -> int:
    """Multiply a gate by other factors in the branches where it is not 0."""
    entry = recorder.entries[number]
    if recorder.value(number) == 0:
        return recorder.constant(0)
    if entry[0] == "select":
        first, second = (gated(recorder, k, times) for k in entry[2:])
        return recorder.select(entry[1], first, second)
    if not _has_zero(recorder, number):
        return times(number)
    if entry[0] in _JOINED:
        join = recorder.add if entry[0] == "add" else recorder.subtract
        return join(*(gated(recorder, k, times) for k in entry[1:]))
    if entry[0] == "negate":
        return gated(recorder, entry[1], lambda u: times(recorder.negate(u)))
    u, v = entry[1:]
    if entry[0] == "divide":
        return gated(recorder, u, lambda k: times(recorder.divide(k, v)))
    if not _has_zero(recorder, u):
        u, v = v, u
    return gated(
        recorder,
        u,
        lambda k: gated(recorder, v, lambda j: times(recorder.multiply(k, j))),
    )


def through_gates(
    recorder: Recorder,
    memo: dict[Any, int],
    gates: Sequence[Any],
    product: Callable[[], int],
) -> int:
    """Record a product once for each branch of its gates, which stand in ``memo``."""

    def opened(left: int) -> int:
        if not left:
            return product()
        gate = gates[left - 1]
        whole = memo[gate]

        def times(number: int) -> int:
            memo[gate] = number
            return opened(left - 1)

        found = gated(recorder, whole, times)
        memo[gate] = whole
        return found

    return opened(min(len(gates), MAX_FACTORS))
