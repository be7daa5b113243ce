"""Where a fit starts: many points, scaled to the data, the same in every process.

The one rule kept here: parameters in which the model is linear are solved for, so only
the others are searched (separable least squares, Golub and Pereyra, SIAM J. Numer.
Anal. 10 (1973) 413). What is found here is only a start; the solver has the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Model = Callable[[Any, Any], tuple[Any, Any]]
"""(parameters of shape (p, m), places of the points) -> values (m, n) and partials
(p, m, n)"""

TRIALS = 2000
MAX_POINTS = 100


def first_points(
    model: Model,
    weighted: tuple[Any, Any],
    bounds: tuple[Any, Any],
    scales: Sequence[float],
    count: int,
) -> list[Any]:
    """Give up to ``count`` starts, the best of many trials first.

    ``weighted`` are the measured values and their weights, ``bounds`` the lower and
    the upper ones, ``scales`` the sizes of the model's variables.
    """
    y, weights = weighted
    places = np.unique(np.linspace(0, y.size - 1, min(y.size, MAX_POINTS)).astype(int))
    size = len(bounds[0])
    trials = _trials(size, scales, bounds)
    straight = linear_places(model, places, size)
    if straight:
        if len(straight) == size:
            trials = trials[:, :1]
        trials = _solved(model, trials, straight, (y, weights), places)
        trials = np.clip(trials, bounds[0][:, None], bounds[1][:, None])
    values = model(trials, places)[0]
    costs = np.sum(((values - y[places]) * weights[places]) ** 2, axis=1)
    order = np.argsort(np.where(np.isfinite(costs), costs, np.inf), kind="stable")
    found: list[Any] = []
    for place in order:
        if len(found) == count or not np.isfinite(costs[place]):
            break
        if all(_differ(trials[:, place], other) for other in found):
            found.append(trials[:, place].copy())
    return found


def _differ(one: Any, other: Any) -> bool:
    """Whether some parameter differs by a tenth."""
    return bool(np.any(abs(one - other) > 0.1 * (abs(one) + abs(other))))


def _trials(size: int, scales: Sequence[float], bounds: tuple[Any, Any]) -> Any:
    """Points of all magnitudes, and of those of the variables and their inverses."""
    rng = np.random.default_rng(0)
    units = np.array([1.0, *scales, *(1 / scale for scale in scales)])
    lows, highs = (bound[:, None] for bound in bounds)
    shape = (size, TRIALS)
    magnitudes = 10.0 ** np.where(
        rng.random(shape) < 0.5, rng.uniform(-1, 1, shape), rng.uniform(-4, 4, shape)
    )
    signs = np.where(rng.random(shape) < 0.75, 1.0, -1.0)
    trials = signs * magnitudes * rng.choice(units, shape)
    trials[:, 0] = 1.0
    both = np.isfinite(highs - lows)
    within = np.where(both, lows, 0) + np.where(both, highs - lows, 0) * rng.random(
        shape
    )
    outside = (trials < lows) | (trials > highs)
    mirrored = np.where(np.isfinite(lows), lows + abs(trials), highs - abs(trials))
    return np.where(outside, np.where(both, within, mirrored), trials)


def linear_places(model: Model, places: Any, size: int) -> list[int]:
    """The parameters in which the model is linear together, found by its partials.

    A set is linear where none of its partials changes when its members do.
    """
    found: list[int] = []
    base = _finite_base(model, places, size)
    if base is None:
        return found
    for place in range(size):
        tried = [*found, place]
        moved = np.stack([base, base], 1)
        moved[tried, 1] = 1.7 * base[tried] + 0.3
        with np.errstate(all="ignore"):
            rows = model(moved, places)[1][tried]
        gap = np.max(abs(rows[:, 0] - rows[:, 1]), axis=-1, initial=0.0)
        if np.all(gap <= 1e-9 * np.max(abs(rows), axis=(1, 2), initial=0.0)):
            found = tried
    return found


def _finite_base(model: Model, places: Any, size: int) -> Any:
    """A point of no special numbers at which values and partials are finite."""
    base = np.random.default_rng(1).uniform(0.5, 1.5, size)
    for factor in (1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-6, 1e2, 1e4):
        with np.errstate(all="ignore"):
            values, rows = model((factor * base)[:, None], places)
        if np.all(np.isfinite(values)) and np.all(np.isfinite(rows)):
            if np.all(np.any(rows != 0, axis=-1)):
                return factor * base
    return None


def _solved(
    model: Model, trials: Any, straight: list[int], weighted: tuple[Any, Any], at: Any
) -> Any:
    """Trials with the linear parameters at their least squares, by normal equations."""
    y, weights = weighted[0][at], weighted[1][at]
    trials = trials.copy()
    trials[straight] = 0.0
    with np.errstate(all="ignore"):
        rest, rows = model(trials, at)
        columns = np.moveaxis(rows[straight], 0, -1) * weights[:, None]
        sizes = np.sqrt(np.sum(columns**2, axis=1))
        sizes[sizes == 0] = 1.0
        columns = columns / sizes[:, None, :]
        wanted = (y - rest) * weights
        square = np.einsum("mni,mnj->mij", columns, columns)
        right = np.einsum("mni,mn->mi", columns, wanted)
        good = np.isfinite(square).all((1, 2)) & np.isfinite(right).all(1)
        square[~good], right[~good] = 0.0, 0.0
        square += 1e-12 * np.eye(len(straight))
        solved = np.linalg.solve(square, right[..., None])[..., 0] / sizes
    solved[~good] = np.nan
    trials[straight] = solved.T
    return trials
