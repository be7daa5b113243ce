"""Where a row of items is cut into lines.

The one rule kept here: a line ends where the formula is least nested, unless that
would leave the line half empty; what has no place to break stays whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import ceil

from symgrad.renderers.flow import Bracket, Item

_COST_OF_LEVEL = 0.12


def break_lines(
    items: Sequence[Item], widths: Sequence[float], first: float, rest: float
) -> list[Sequence[Item]]:
    """Cut a row into lines no wider than ``first`` and then ``rest``."""
    ends = [0.0, *accumulate(widths)]
    lines: list[Sequence[Item]] = []
    start, room = 0, first
    while start < len(items):
        if ends[-1] - ends[start] <= room:
            lines.append(items[start:])
            break
        end = _best_end(items, ends, start, room)
        lines.append(items[start:end])
        start, room = end, rest
    return lines or [items]


def _best_end(
    items: Sequence[Item], ends: Sequence[float], start: int, room: float
) -> int:
    """The cheapest place to end a line: shallow, and not far from its full width."""
    best, best_cost = 0, float("inf")
    for place in range(start + 1, len(items)):
        level = items[place].level
        if level is None:
            continue
        used = ends[place] - ends[start]
        if used > room:
            return best or place
        cost = _COST_OF_LEVEL * level + 1 - used / room
        if cost <= best_cost:
            best, best_cost = place, cost
    return best or len(items)


def kept_together(
    items: Sequence[Item], widths: Sequence[float], room: float
) -> list[bool]:
    """At which items no line may end, as what stands around them fits in ``room``.

    That is the row up to the next shallower places or the brackets around: a term of
    a sum, a short bracket.
    """
    return [
        item.level is not None and _around(items, widths, place, room) <= room
        for place, item in enumerate(items)
    ]


def _around(
    items: Sequence[Item], widths: Sequence[float], place: int, room: float
) -> float:
    """How wide the row around a place is, or a little over ``room``."""
    here = items[place].level
    assert here is not None
    used = 0.0
    for side in (range(place, len(items)), range(place - 1, -1, -1)):
        is_ahead = side.step > 0
        depth = 0
        for near in side:
            item = items[near]
            if isinstance(item, Bracket):
                depth += 1 if item.opens is is_ahead else -1
            is_shallower = item.level is not None and item.level < here
            if depth < 0 or used > room or (is_shallower and is_ahead):
                break
            used += widths[near]
            if is_shallower:
                break
    return used


def share(natural: Sequence[float], room: float, least: int) -> list[int]:
    """Share the width of a table among its columns, in whole units.

    Narrow columns get what they need, wide ones equal parts of what is left.

    >>> share([5, 40, 90], 100, 8)
    [8, 40, 52]
    """
    shares = [0] * len(natural)
    left = int(room)
    order = sorted(range(len(natural)), key=natural.__getitem__)
    for done, place in enumerate(order):
        part = left // (len(shares) - done)
        shares[place] = max(least, min(ceil(natural[place]), part))
        left -= shares[place]
    return shares
