"""Initial weights of a network, drawn from a seeded generator.

The one rule kept here: weights are drawn one by one in the order of the graph's
parameters, so that a seed gives the same numbers everywhere.

- ``standard_normal``: mean 0, standard deviation 1, for weights and biases.
- ``glorot``: standard deviation √(2/(fan_in + fan_out)) (X. Glorot and Y. Bengio,
  Understanding the difficulty of training deep feedforward neural networks, 2010).
- ``he``: standard deviation √(2/fan_in) (K. He et al., Delving deep into rectifiers,
  2015).

The scaled ones start biases at 0. fan_in counts the values that a neuron takes, fan_out
the neurons that take the same values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from sympy import Symbol

from symgrad.errors import ArgumentTypeError, ArgumentValueError, check_name, short
from symgrad.graph import Graph

KINDS: Mapping[str, Any] = {
    "standard_normal": lambda fan_in, fan_out: 1.0,
    "glorot": lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
    "he": lambda fan_in, fan_out: math.sqrt(2 / fan_in),
}
"""kind -> the standard deviation of a weight, from the fans of its neuron"""


def initial_weights(
    graph: Graph, kind: str = "standard_normal", seed: int | np.random.Generator = 0
) -> dict[str, float]:
    """Draw the weights and biases of a network, by name.

    >>> from symgrad.networks import network
    >>> drawn = initial_weights(network([2, 2, 1]), seed=1)
    >>> list(drawn)[:3], round(drawn["w_111"], 4)
    (['w_111', 'w_121', 'b_1'], 0.3456)

    ``kind`` is ``"standard_normal"``, ``"glorot"`` or ``"he"``; ``seed`` a number of 0
    or more or a ``numpy.random.Generator``, which is then drawn from.
    Raises ``UnknownNameError`` for another kind, ``ArgumentValueError`` for a graph
    without parameters.
    """
    if not isinstance(graph, Graph):
        raise ArgumentTypeError(
            f"graph is {short(graph)}; expected a Graph, such as network([2, 2, 1])"
        )
    check_name("kind", kind, KINDS)
    if not graph.parameters:
        raise ArgumentValueError(
            "the graph has no parameters to draw; take a network, or give the numbers"
        )
    random = generator(seed)
    fans = _fans(graph)
    found: dict[str, float] = {}
    for name in graph.parameters:
        is_bias = name.name.startswith("b_")
        if is_bias and kind != "standard_normal":
            found[name.name] = 0.0
        else:
            spread = KINDS[kind](*fans.get(name, (1, 1)))
            found[name.name] = float(spread * random.standard_normal())
    return found


def generator(seed: Any) -> np.random.Generator:
    """Give the generator of a seed, or the generator that was given."""
    if isinstance(seed, np.random.Generator):
        return seed
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ArgumentValueError(
            f"seed is {short(seed)}; expected a whole number of 0 or more, or a "
            "numpy.random.Generator"
        )
    return np.random.default_rng(int(seed))


def _fans(graph: Graph) -> dict[Symbol, tuple[int, int]]:
    """parameter -> how many values its neuron takes, and how many neurons do so."""
    learned = set(graph.parameters)
    neurons = {s.symbol: s for s in graph.stages if learned & set(s.arguments)}
    found: dict[Symbol, tuple[int, int]] = {}
    for stage in neurons.values():
        taken = [name for name in stage.arguments if name not in learned]
        if not taken:
            continue  # a penalty takes weights only
        beside = sum(user in neurons for user in graph.users(taken[0]))
        for name in stage.arguments:
            if name in learned:
                found[name] = (len(taken), beside)
    return found
