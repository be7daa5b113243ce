"""Random smooth functions that stand in for abstract ones while a page is checked.

The one rule kept here: the same letter is the same function on every page, in every
process, and its derivatives come from its own closed form, not from the rules.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import lru_cache

from symgrad.numeric.high_precision import NAN, Number, context, mpf

_WAVES = 3
_LARGEST = 32  # binary digits before the point: beyond, no difference sees a wave


@lru_cache(maxsize=512)
def stand_in(
    letter: str, orders: tuple[int, ...], seed: int = 0
) -> Callable[..., Number]:
    """Give a random function of ``len(orders)`` arguments, or a derivative of it.

    f(a) = c + b·a + Σ cⱼ sin(ωⱼ·a + φⱼ), a the vector of arguments; each derivative by
    the i-th argument multiplies a wave by its ωᵢ and moves it by a quarter turn.

    >>> f, f_1 = stand_in("f", (0, 0)), stand_in("f", (1, 0))
    >>> x, y, h = mpf(1), mpf(2), mpf(10) ** -15
    >>> bool(abs((f(x + h, y) - f(x - h, y)) / (2 * h) - f_1(x, y)) < 1e-25)
    True
    """
    random_numbers = random.Random(f"{letter}/{len(orders)}/{seed}")
    count = len(orders)

    def number(low: float, high: float) -> Number:
        return mpf(round(random_numbers.uniform(low, high), 4))

    shift = number(-0.5, 1.0)
    plane = [number(-0.8, 0.8) for _ in range(count)]
    waves = [
        (
            number(0.3, 0.9),
            [number(0.4, 1.7) * random_numbers.choice((-1, 1)) for _ in range(count)],
            number(-3.0, 3.0),
        )
        for _ in range(_WAVES)
    ]
    total = sum(orders)
    turn = total * context.pi / 2
    heights = [height * _power(speeds, orders) for height, speeds, _ in waves]

    def value(*args: Number) -> Number:
        if not all(context.mag(arg) <= _LARGEST for arg in args):
            return NAN  # also where an argument is not finite
        found = [
            height * context.sin(_dot(speeds, args) + phase + turn)
            for height, (_, speeds, phase) in zip(heights, waves, strict=True)
        ]
        if total == 0:
            found += [shift, _dot(plane, args)]
        elif total == 1:
            found.append(plane[orders.index(1)])
        return context.fsum(found)

    return value


def _power(speeds: Sequence[Number], orders: Sequence[int]) -> Number:
    return context.fprod(
        s**order for s, order in zip(speeds, orders, strict=True) if order
    )


def _dot(factors: Sequence[Number], args: Sequence[Number]) -> Number:
    return context.fdot(factors, args)
