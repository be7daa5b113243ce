"""Integrals at fifty digits, for the checks alone: the double exponential rule.

The one rule kept here: the nodes depend on the bounds alone, and which of them are used
never on the integrand's last digits, so that difference quotients of an integral judge
its derivative; where two step sizes do not agree, the value is nan.

Source: H. Takahasi and M. Mori, Double exponential formulas for numerical integration,
Publ. RIMS, Kyoto Univ. 9 (1974), 721-741.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from sympy import Basic

from symgrad.numeric.high_precision import NAN, Number, context, mpf

LEVELS = 5
"""The step sizes tried: 1/4, 1/8, …, 1/64."""
NODES = 100
"""About how many nodes a smooth integrand takes."""
_REACH = 6.2  # beyond it an end is nearer than 1e-300
_AGREED = mpf(10) ** -10  # each halving doubles the digits: then 1e-20 is reached
_NEGLIGIBLE = mpf(10) ** -40
_FAINT = mpf(10) ** -16  # so small may be the last term before there are no more
_QUIET = 3  # negligible terms in a row, after which a side is done


class _Part(Protocol):
    """The program of an integrand; its first leaf is the variable."""

    @property
    def leaves(self) -> tuple[Basic, ...]: ...

    @property
    def slots(self) -> Mapping[Basic, int]: ...

    def run(self, values: Mapping[Basic, Any]) -> list[Any]: ...


@dataclass(frozen=True, eq=False)
class Quadrature:
    """The integral of ``part`` between two bounds, the first two arguments."""

    part: _Part
    result: Basic

    def __call__(self, *args: Number) -> Number:
        lower, upper, *rest = args
        if context.isnan(lower) or context.isnan(upper):
            return NAN
        if lower == upper:
            return mpf(0)
        slot = self.part.slots[self.result]
        at = dict(zip(self.part.leaves[1:], rest, strict=True))

        def integrand(t: Number) -> Number:
            return self.part.run({self.part.leaves[0]: t, **at})[slot]

        return integral(integrand, lower, upper)


def integral(f: Callable[[Number], Number], lower: Number, upper: Number) -> Number:
    """Integrate f; nan where that does not converge.

    >>> bool(abs(integral(lambda t: 1 / (1 + t * t), mpf(0), context.inf) * 2
    ...          - context.pi) < 1e-25)
    True
    """
    if lower > upper:
        return -integral(f, upper, lower)
    rule = _rule(lower, upper)
    total = weight = mpf(0)
    before: Number = NAN
    for level in range(LEVELS):
        for side in (1, -1):
            found, size = _side(f, rule, side, level, weight)
            total, weight = total + found, weight + size
        if not context.isfinite(total):
            return NAN
        value = total / 2 ** (level + 2)
        if level and abs(value - before) * 2 ** (level + 2) <= _AGREED * weight:
            return value
        before = value
    return NAN


def _side(
    f: Callable[[Number], Number],
    rule: Callable[[int, int], tuple[Number, Number]],
    side: int,
    level: int,
    seen: Number,
) -> tuple[Number, Number]:
    """Add the nodes that are new at a level, from the middle to one end."""
    total, size, quiet, last = mpf(0), mpf(0), 0, context.inf
    for place in _places(side, level):
        t, factor = rule(place, level)
        if t is None:  # nearer to an end than fifty digits tell
            break
        term = f(t) * factor
        if not context.isfinite(term):  # as 1/(exp(t) - 1) where exp(t) is 1
            return (total, size) if last <= _FAINT * (size + seen) else (NAN, NAN)
        last = abs(term)
        total, size = total + term, size + last
        quiet = quiet + 1 if abs(term) <= _NEGLIGIBLE * (size + seen) else 0
        if quiet == _QUIET:
            break
    return total, size


def _places(side: int, level: int) -> Iterator[int]:
    """The nodes k/2^(level + 2): all of them at first, then the odd ones."""
    first, step = (1, 2) if level else (int(side < 0), 1)
    for k in range(first, int(_REACH * 2 ** (level + 2)), step):
        yield side * k


Rule = Callable[[int, int], "tuple[Number, Number]"]


def _rule(lower: Number, upper: Number) -> Rule:
    """Nodes and weights between two bounds: tanh-sinh, exp-sinh or sinh-sinh."""
    if context.isfinite(lower) and context.isfinite(upper):
        return lambda place, level: _finite(lower, upper, *_ends(place, level))
    if context.isfinite(lower):
        return lambda place, level: _half(lower, 1, *_powers(place, level))
    if context.isfinite(upper):
        return lambda place, level: _half(upper, -1, *_powers(place, level))
    return _whole


def _finite(a: Number, b: Number, near: Number, slope: Number) -> tuple[Any, Number]:
    """``near`` is the distance to the nearer end: to b where it is negative."""
    width = b - a
    t = a + width * near if near > 0 else b + width * near
    return (None if t in (a, b) else t), width * slope


def _half(a: Number, sign: int, power: Number, slope: Number) -> tuple[Any, Number]:
    t = a + sign * power
    return (None if t == a else t), slope


@cache
def _ends(place: int, level: int) -> tuple[Number, Number]:
    u = mpf(place) / 2 ** (level + 2)
    tail = context.exp(-context.pi * context.sinh(abs(u)))
    distance = tail / (1 + tail)
    slope = context.pi * context.cosh(u) * distance / (1 + tail)
    return (distance if place < 0 else -distance), slope


@cache
def _powers(place: int, level: int) -> tuple[Number, Number]:
    u = mpf(place) / 2 ** (level + 2)
    power = context.exp(context.pi / 2 * context.sinh(u))
    return power, power * context.pi / 2 * context.cosh(u)


@cache
def _whole(place: int, level: int) -> tuple[Number, Number]:
    u = mpf(place) / 2 ** (level + 2)
    inner = context.pi / 2 * context.sinh(u)
    slope = context.cosh(inner) * context.pi / 2 * context.cosh(u)
    return context.sinh(inner), slope


def sample(lower: Number, upper: Number, place: int) -> Number:
    """A number between two bounds, for what holds wherever t is."""
    share = mpf(2 + place % 3) / 7
    if context.isfinite(lower) and context.isfinite(upper):
        return lower + (upper - lower) * share
    if context.isfinite(lower):
        return lower + 2 * share
    return upper - 2 * share if context.isfinite(upper) else 2 * share - mpf(1) / 3
