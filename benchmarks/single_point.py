"""One point: value and nine partials of the notes' network, floats in, floats out.

Claim: ``backend="math"`` is no slower than ``sympy.lambdify(…, "math", cse=True)``.
Usage: python benchmarks/single_point.py
"""

from __future__ import annotations

import numpy as np
import sympy as sp
from timing import PARAMETERS, POINT, interleave, print_versions

import symgrad as sg


def main() -> None:
    graph = sg.network([2, 2, 1])
    formula = graph.closed_form()
    order = [*graph.inputs, *graph.parameters]
    wanted = [formula, *(formula.diff(p) for p in graph.parameters)]
    peer = sp.lambdify(order, wanted, "math", cse=True)
    f = sg.lambdify(graph, backend="math")
    arrays = sg.lambdify(graph, backend="numpy")
    at = [*POINT, *PARAMETERS]
    value, grad = f(*at)
    np.testing.assert_allclose([value, *grad], peer(*at), rtol=1e-12)

    print_versions("symgrad", "sympy")
    times = interleave(
        {
            "sympy.lambdify, math": lambda: peer(*at),
            "symgrad, math": lambda: f(*at),
            "symgrad, numpy, one point": lambda: arrays(*at),
        },
        rounds=41,
        repeat=5000,
    )
    ours = times["symgrad, math"]
    for name, seconds in times.items():
        print(f"{name:28} {seconds * 1e9:8.0f} ns a call   {seconds / ours:5.2f}")


if __name__ == "__main__":
    main()
