"""One update of the weights: gradient descent, momentum, Adam, each as it is printed.

The one rule kept here: what is printed is what was computed, from the same numbers.

Momentum is v ← μ v + ∂L/∂w, w ← w − η v (B. Polyak, 1964, in the form of
PyTorch's SGD); Adam that of D. Kingma and J. Ba, Adam: a method for stochastic
optimization (2015), algorithm 1, with β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


@dataclass
class State:
    """What an optimizer remembers: the step, and its running means."""

    step: int = 0
    means: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)

    def mean(self, name: str, like: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """A running mean, 0 at the start."""
        return self.means.setdefault(name, np.zeros_like(like))


def _plain(w: Any, g: Any, state: State, rate: float, momentum: float) -> Any:
    return w - rate * g


def _momentum(w: Any, g: Any, state: State, rate: float, momentum: float) -> Any:
    state.means["v"] = momentum * state.mean("v", w) + g
    return w - rate * state.means["v"]


def _adam(w: Any, g: Any, state: State, rate: float, momentum: float) -> Any:
    m = state.means["m"] = BETA_1 * state.mean("m", w) + (1 - BETA_1) * g
    v = state.means["v"] = BETA_2 * state.mean("v", w) + (1 - BETA_2) * g * g
    m_hat = m / (1 - BETA_1**state.step)
    v_hat = v / (1 - BETA_2**state.step)
    return w - rate * m_hat / (np.sqrt(v_hat) + EPSILON)


METHODS: Mapping[str, Callable[[Any, Any, State, float, float], Any]] = {
    "gradient descent": _plain,
    "momentum": _momentum,
    "adam": _adam,
}
"""name -> the new weights from the old, the gradient and what is remembered"""


@dataclass(frozen=True)
class Update:
    """One step of all weights: before, slopes, after; ``str`` prints a line for each.

    ``means`` holds what the optimizer remembers after the step (v, or m and v).
    """

    step: int
    method: str
    rate: float
    momentum: float
    names: tuple[str, ...]
    before: tuple[float, ...]
    slopes: tuple[float, ...]
    after: tuple[float, ...]
    means: Mapping[str, tuple[float, ...]]

    def __str__(self) -> str:
        lines = [f"step {self.step}"]
        for k, name in enumerate(self.names):
            lines += [f"  {line}" for line in _PRINTED[self.method](self, k, name)]
        return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:.10g}".replace("-", "−")


def _factor(value: float) -> str:
    told = _number(value)
    return f"({told})" if told.startswith("−") else told


def _print_plain(u: Update, k: int, name: str) -> list[str]:
    return [
        f"{name} ← {name} − η ∂L/∂{name} = {_number(u.before[k])} − "
        f"{_number(u.rate)}·{_factor(u.slopes[k])} = {_number(u.after[k])}"
    ]


def _print_momentum(u: Update, k: int, name: str) -> list[str]:
    v = u.means["v"][k]
    old = (v - u.slopes[k]) / u.momentum if u.momentum else 0.0
    return [
        f"v ← μ v + ∂L/∂{name} = {_number(u.momentum)}·{_factor(old)} + "
        f"{_factor(u.slopes[k])} = {_number(v)}",
        f"{name} ← {name} − η v = {_number(u.before[k])} − "
        f"{_number(u.rate)}·{_factor(v)} = {_number(u.after[k])}",
    ]


def _print_adam(u: Update, k: int, name: str) -> list[str]:
    m, v = u.means["m"][k], u.means["v"][k]
    m_hat, v_hat = m / (1 - BETA_1**u.step), v / (1 - BETA_2**u.step)
    return [
        f"∂L/∂{name} = {_number(u.slopes[k])}, m = {_number(m)}, v = {_number(v)}",
        f"{name} ← {name} − η m/(1 − β₁^{u.step})/(√(v/(1 − β₂^{u.step})) + ε) = "
        f"{_number(u.before[k])} − {_number(u.rate)}·{_factor(m_hat)}"
        f"/(√{_factor(v_hat)} + {EPSILON:g}) = {_number(u.after[k])}".replace(
            "1e-08", "1e−08"
        ),
    ]


_PRINTED: Mapping[str, Callable[[Update, int, str], list[str]]] = {
    "gradient descent": _print_plain,
    "momentum": _print_momentum,
    "adam": _print_adam,
}
