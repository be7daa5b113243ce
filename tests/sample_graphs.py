"""Small graphs that several test files judge, and one gradient written by hand.

The one rule kept here: a graph is put together stage by stage, so that no reader of
text or networks stands between it and what is tested.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from symgrad.graph import Graph, Stage
from symgrad.symbols import symbol


def one_stage(expr: sp.Expr, name: str = "f") -> Graph:
    """One stage, its symbols the inputs in the order of their names."""
    inputs = tuple(sorted(expr.free_symbols, key=str))
    output = symbol(name)
    return Graph((Stage(output, expr),), (output,), inputs)


def chain(length: int) -> Graph:
    """h_k = tanh(w_k·h_(k-1)), the weights the parameters."""
    stages, weights, before = [], [], (x := symbol("x"))
    for k in range(length):
        weight, stage = symbol(f"w_{k}"), symbol(f"h_{k}")
        stages.append(Stage(stage, sp.tanh(weight * before, evaluate=False)))
        weights.append(weight)
        before = stage
    return Graph(tuple(stages), (before,), (x,), tuple(weights))


def notes_by_hand(x_1, x_2, w111, w121, b1, w211, w221, b2, w311, w321, b3):
    """The notes' network and its gradient, written out by a person."""
    f3 = np.tanh(w111 * x_1 + w121 * x_2 + b1)
    f2 = np.tanh(w211 * x_1 + w221 * x_2 + b2)
    f1 = np.tanh(w311 * f3 + w321 * f2 + b3)
    g1 = 1 - f1**2
    g3, g2 = g1 * w311 * (1 - f3**2), g1 * w321 * (1 - f2**2)
    rows = [g3 * x_1, g3 * x_2, g3, g2 * x_1, g2 * x_2, g2, g1 * f3, g1 * f2, g1]
    return f1, np.array(np.broadcast_arrays(*rows))
