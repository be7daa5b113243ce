"""What a learning rate does: too small, right and too large on one model.

The one rule kept here: each rate goes the same number of steps of gradient descent from
the same weights; what becomes of the loss is told in words and numbers.

The right rate is looked for by a line search: Armijo's rule (L. Armijo, 1966) with the
constant 1/2 at the first step, then halved until all the steps lead down.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from symgrad.errors import ArgumentTypeError, ArgumentValueError, short
from symgrad.graph import Graph
from symgrad.plots import figure_of, saved
from symgrad.training import (
    GROWTH,
    Objective,
    check_number,
    check_whole,
    first_weights,
    objective,
)

SMALL = 30
"""the rate that is too small goes this many times slower than the right one"""
MAX_DOUBLINGS = 40
_GRID = 41


@dataclass(frozen=True)
class RateRun:
    """One learning rate: its losses before each step and at the end, and its way.

    ``path`` holds the weights, of shape (steps + 1, weights); both end early where the
    loss grew beyond bounds.
    """

    rate: float
    losses: tuple[float, ...]
    path: Any
    verdict: str

    @property
    def diverged(self) -> bool:
        """Whether the loss grew beyond bounds."""
        return self.verdict.startswith("diverges")


@dataclass(frozen=True)
class LearningRateStudy:
    """The runs of a study; ``str`` is the table, ``plot`` the curves and the way."""

    runs: tuple[RateRun, ...]
    right: float
    objective: Objective

    def __str__(self) -> str:
        lines = [f"{'learning rate':>13}  {'first loss':>10}  {'last loss':>10}"]
        for run in self.runs:
            lines.append(
                f"{run.rate:13.4g}  {run.losses[0]:10.4g}  {run.losses[-1]:10.4g}  "
                f"{run.verdict}"
            )
        return "\n".join(lines)

    def plot(self, path: str | Path, weights: tuple[str, str] | None = None) -> None:
        """Draw the losses by step, and the ways over the contours of the loss.

        ``weights`` are the two whose plane is drawn, the others as the right rate
        leaves them; by default those that move most. Needs matplotlib.
        """
        names = self.objective.names
        best = next(run for run in self.runs if run.rate == self.right)
        if weights is None:
            moved = np.ptp(best.path, axis=0)
            chosen = np.sort(np.argsort(-moved)[:2])
        else:
            for name in weights:
                if name not in names:
                    raise ArgumentValueError(
                        f"{short(name)} is no weight; known: {short(', '.join(names))}"
                    )
            chosen = np.array([names.index(name) for name in weights])
        if len(chosen) < 2 or chosen[0] == chosen[1]:
            raise ArgumentValueError("contours need two different weights")
        figure = figure_of(9, 3.8)
        curves, plane = figure.subplots(1, 2)
        for run in self.runs:
            label = f"η = {run.rate:.3g}: {run.verdict.split(',')[0]}"
            curves.plot(run.losses, label=label)
        curves.set(xlabel="step", ylabel="loss", yscale="log")
        curves.legend(frameon=False, fontsize=8)
        self._contours(plane, chosen, best)
        saved(figure, path)

    def _contours(self, plane: Any, chosen: Any, best: RateRun) -> None:
        ways = [run.path[:, chosen] for run in self.runs if not run.diverged]
        points = np.vstack(ways)
        low, high = points.min(axis=0), points.max(axis=0)
        margin = 0.3 * np.maximum(high - low, 0.1)
        axes = [
            np.linspace(a - m, b + m, _GRID)
            for a, b, m in zip(low, high, margin, strict=True)
        ]
        at = best.path[-1].copy()
        losses = np.empty((_GRID, _GRID))
        for row, second in enumerate(axes[1]):
            for column, first in enumerate(axes[0]):
                at[chosen] = first, second
                losses[row, column] = self.objective(at)[0]
        bottom, top = losses.min(), losses.max()
        levels = bottom + (top - bottom) * np.linspace(0.03, 1, 20) ** 2
        plane.contour(*axes, losses, levels, colors="0.65", linewidths=0.7)
        for run in self.runs:
            plane.plot(*run.path[:, chosen].T, marker=".", markersize=3, linewidth=1)
        names = self.objective.names
        plane.set(xlabel=names[chosen[0]], ylabel=names[chosen[1]])
        plane.set(xlim=axes[0][[0, -1]], ylim=axes[1][[0, -1]])


def learning_rate_study(
    graph: Graph,
    data: Any,
    rates: Sequence[float] | None = None,
    *,
    epochs: int = 50,
    loss: str | None = None,
    start: Mapping[str, float] | None = None,
    seed: int = 0,
    backend: str = "auto",
) -> LearningRateStudy:
    """Descend with a learning rate that is too small, right, and too large.

    >>> from symgrad.networks import network
    >>> x = np.linspace(-1, 1, 21)
    >>> print(learning_rate_study(network([1, 1], "identity"), (x, 2 * x), seed=1))
    learning rate  first loss   last loss
          0.01667       1.679      0.3162  too small, the loss still falls
              0.5       1.679   1.461e-20  right, found by a line search
                2       1.679   3.229e+06  diverges at step 7

    Arguments as in ``train``; ``rates`` are others to compare with the right one.
    Divergence is a verdict, no error.
    """
    check_whole("epochs", epochs)
    goal = objective(graph, data, loss, backend)
    weights = first_weights(goal, start, seed)
    right = _line_search(goal, weights, epochs)
    if rates is None:
        rates = (right / SMALL, right, _too_large(goal, weights, right, epochs))
    if isinstance(rates, str) or not isinstance(rates, Sequence):
        raise ArgumentTypeError(
            f"rates is {short(rates)}; expected a list of numbers, such as [0.01, 0.1]"
        )
    for rate in rates:
        check_number("rates", rate)
    found = {float(rate) for rate in rates} | {right}
    runs = [_descend(goal, weights, rate, epochs) for rate in sorted(found)]
    least = next(run for run in runs if run.rate == right).losses[-1]
    told = [_judged(run, right, least) for run in runs]
    return LearningRateStudy(tuple(told), right, goal)


def _descend(goal: Objective, weights: Any, rate: float, epochs: int) -> RateRun:
    losses: list[float] = []
    path = [weights]
    for step in range(epochs + 1):
        value, grad = goal(path[-1])
        losses.append(value)
        if not (math.isfinite(value) and abs(value) <= GROWTH * max(losses[0], 1e-12)):
            verdict = f"diverges at step {step}"
            return RateRun(rate, tuple(losses), np.array(path), verdict)
        if step < epochs:
            path.append(path[-1] - rate * grad)
    return RateRun(rate, tuple(losses), np.array(path), "")


def _judged(run: RateRun, right: float, least: float) -> RateRun:
    if run.diverged:
        return run
    if run.rate == right:
        verdict = "right, found by a line search"
    elif run.losses[-1] > run.losses[0]:
        verdict = "too large, the loss ends above its start"
    elif any(b > a for a, b in zip(run.losses, run.losses[1:], strict=False)):
        verdict = "large, the loss goes up at times"
    elif run.losses[-1] > 2 * least:
        verdict = "too small, the loss still falls"
    else:
        verdict = "leads down"
    return RateRun(run.rate, run.losses, run.path, verdict)


def _leads_down(run: RateRun) -> bool:
    falls = (b <= a for a, b in zip(run.losses, run.losses[1:], strict=False))
    return not run.diverged and all(falls)


def _line_search(goal: Objective, weights: Any, epochs: int) -> float:
    value, grad = goal(weights)
    slope = float(grad @ grad)
    if not (math.isfinite(value) and math.isfinite(slope)):
        raise ArgumentValueError(
            f"the loss is {value:.3g} at the start; give other weights with start"
        )
    rate = 1.0
    if slope == 0:
        return rate

    def fits(rate: float) -> bool:
        after = goal(weights - rate * grad)[0]
        return bool(after <= value - rate * slope / 2)

    tries = 0
    while fits(2 * rate) and tries < MAX_DOUBLINGS:
        rate, tries = 2 * rate, tries + 1
    while not fits(rate) and tries < MAX_DOUBLINGS:
        rate, tries = rate / 2, tries + 1
    for _ in range(MAX_DOUBLINGS):
        if _leads_down(_descend(goal, weights, rate, epochs)):
            break
        rate /= 2
    return rate


def _too_large(goal: Objective, weights: Any, right: float, epochs: int) -> float:
    """The first doubling that diverges or ends above its start; else the last tried."""
    rate = right
    for _ in range(MAX_DOUBLINGS):
        rate *= 2
        run = _descend(goal, weights, rate, epochs)
        if run.diverged or run.losses[-1] > run.losses[0]:
            break
    return rate
