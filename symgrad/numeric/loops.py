"""Sums and products with symbolic bounds, term by term, for the checks alone.

The one rule kept here: a sum is its terms, computed one after the other with data that
are given or made up for it; nothing here knows a rule for sums.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from sympy import Basic

from symgrad.numeric.high_precision import NAN, Number, context, mpf

MAX_TERMS = 10_000
ENDLESS_TERMS = 600
UNSETTLED = f"a series that does not settle in {ENDLESS_TERMS} terms"
_SETTLED = 4  # so many terms that do not count follow one another
_SHRINKING = mpf("0.97")
_SHOWN = 6


class _Part(Protocol):
    """The program of one term; its first leaf is the index."""

    @property
    def leaves(self) -> tuple[Basic, ...]: ...

    @property
    def slots(self) -> Mapping[Basic, int]: ...

    @property
    def watches(
        self,
    ) -> tuple[tuple[str, Callable[..., bool], tuple[int, ...]], ...]: ...

    def run(self, values: Mapping[Basic, Any]) -> list[Any]: ...


@dataclass(frozen=True, eq=False)
class Loop:
    """Adds, or multiplies, the values of ``part`` from the lower to the upper bound."""

    part: _Part
    result: Basic
    adds: bool

    def _terms(self, args: Sequence[Number]) -> Iterator[list[Any]]:
        lower, upper, *rest = args
        for k in range(int(lower), int(upper) + 1):
            values = (mpf(k), *rest)
            yield self.part.run(dict(zip(self.part.leaves, values, strict=True)))

    def __call__(self, *args: Number) -> Number:
        if context.isinf(args[1]) and context.isfinite(args[0]):
            return self._endless(args)
        if not _are_bounds(*args[:2]):
            return NAN
        slot = self.part.slots[self.result]
        values = [found[slot] for found in self._terms(args)]
        return context.fsum(values) if self.adds else context.fprod(values)

    def _endless(self, args: Sequence[Number]) -> Number:
        """A series whose terms shrink at least geometrically; nan for any other."""
        lower, _, *rest = args
        slot = self.part.slots[self.result]
        total, small, before = mpf(0 if self.adds else 1), 0, None
        for k in range(int(lower), int(lower) + ENDLESS_TERMS):
            values = (mpf(k), *rest)
            found = self.part.run(dict(zip(self.part.leaves, values, strict=True)))
            term = found[slot]
            if not context.isfinite(term):
                return NAN
            total = total + term if self.adds else total * term
            change = abs(term if self.adds else (term - 1) * total)
            shrinks = before is None or change <= before * _SHRINKING
            tiny = change <= abs(total) * context.eps and shrinks
            small = small + 1 if tiny else 0
            if small == _SETTLED:
                return total
            before = change or before
        return NAN

    def is_unsettled(self, *args: Number) -> bool:
        """Whether a series without end does not settle in so many terms."""
        return bool(context.isinf(args[1])) and not context.isfinite(self(*args))

    def is_near_kink(self, *args: Number) -> bool:
        """Whether a term is near a place where it bends or jumps."""
        return _are_bounds(*args[:2]) and any(
            near(*(found[slot] for slot in slots))
            for found in self._terms(args)
            for _, near, slots in self.part.watches
            if all(is_known(found[slot]) for slot in slots)
        )


def _are_bounds(lower: Number, upper: Number) -> bool:
    if not (context.isfinite(lower) and context.isfinite(upper)):
        return False
    whole = lower == int(lower) and upper == int(upper)
    return bool(whole and upper - lower < MAX_TERMS)


@dataclass(frozen=True)
class Data:
    """The numbers of data with an index, for the place of the first one (x_1, …)."""

    first: tuple[int, ...]
    numbers: tuple[Any, ...]

    def at(self, *places: Number) -> Number:
        """The element at a place; nan where there is none."""
        found: Any = self.numbers
        for place, first in zip(places, self.first, strict=True):
            k = int(place) - first
            if not 0 <= k < len(found):
                return NAN
            found = found[k]
        return mpf(found)

    def __abs__(self) -> Number:
        """The size of the largest, as a number would have it."""
        rows = self.numbers if len(self.first) == 1 else sum(self.numbers, ())
        return max((abs(mpf(x)) for x in rows), default=mpf(0))

    def __format__(self, form: str) -> str:
        rows = self.numbers[:_SHOWN]
        cells = [
            f"({', '.join(f'{x:{form}}' for x in row)})"
            if isinstance(row, tuple)
            else f"{row:{form}}"
            for row in rows
        ]
        more = ", …" if len(self.numbers) > len(rows) else ""
        return f"({', '.join(cells)}{more})"


def as_number(value: Any) -> Number:
    """A number of a point as the programs take it; data stay what they are."""
    return value if isinstance(value, Data) else mpf(value)


def is_known(value: Any) -> bool:
    """Whether a value is a finite number, or data."""
    return isinstance(value, Data) or bool(context.isfinite(value))


@lru_cache(maxsize=512)
def datum(name: str) -> Callable[..., Number]:
    """Give the elements of the data ``name``: those given, or random ones near a level.

    Random ones have the sign of the level and half to one and a half times its size,
    so that a range in which a formula is real holds for all of them.

    >>> y = datum("y")
    >>> bool(y(mpf(2), mpf(1)) == y(mpf(2), mpf(1)) != y(mpf(2), mpf(3)))
    True
    """

    def element(level: Any, *places: Number) -> Number:
        if any(not context.isfinite(p) or p != int(p) for p in places):
            return NAN
        if isinstance(level, Data):
            return level.at(*places)
        where = "/".join(str(int(place)) for place in places)
        random_numbers = random.Random(f"{name}/{where}")
        return level * mpf(round(random_numbers.uniform(0.5, 1.5), 4))

    return element


@dataclass(frozen=True)
class OneDatum:
    """The elements of data one of which, at ``where``, is a variable.

    The others stay where that one moves, and nothing is lost in rounding.
    """

    name: str

    def __call__(self, level: Number, *rest: Number) -> Number:
        count = len(rest) // 2
        places, own, where = rest[:count], rest[count], rest[count + 1 :]
        return own if places == where else datum(self.name)(level, *places)


def delta(place: Number, where: Number) -> Number:
    return mpf(1 if place == where else 0)
