"""One point: value and nine partials of the notes' network, floats in, floats out.

Claims: ``backend="math"`` is no slower than ``sympy.lambdify(…, "math", cse=True)``,
``f.point`` of the back end llvm no slower than a C extension written by hand. A large
network is computed once for comparison with what its generated Python takes.
Usage: python benchmarks/single_point.py
"""

from __future__ import annotations

import time
from functools import partial

import numpy as np
import peers
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
    fast = sg.lambdify(graph, backend="llvm")
    at = [*POINT, *PARAMETERS]
    by_hand = peers.c_point()
    for call in filter(None, (f, fast.point, fast, arrays, by_hand)):
        value, grad = call(*at)
        np.testing.assert_allclose([value, *grad], peer(*at), rtol=1e-12)

    print_versions("symgrad", "sympy", "llvmlite")
    point = fast.point
    times = interleave(
        {
            "sympy.lambdify, math": lambda: peer(*at),
            "symgrad, math": lambda: f(*at),
            "symgrad, llvm, f.point": lambda: point(*at),
            "symgrad, llvm": lambda: fast(*at),
            **({"C extension by hand": lambda: by_hand(*at)} if by_hand else {}),
            "symgrad, numpy, one point": lambda: arrays(*at),
        },
        rounds=41,
        repeat=5000,
    )
    ours = times["symgrad, math"]
    for name, seconds in times.items():
        print(f"{name:28} {seconds * 1e9:8.0f} ns a call   {seconds / ours:5.2f}")
    large()


def large() -> None:
    """The network 16-32-32-1, its 1,633 partials at one point."""
    graph = sg.network([16, 32, 32, 1])
    at = np.random.default_rng(0).normal(size=16 + len(graph.parameters)).tolist()
    calls = {}
    for backend in ("math", "llvm"):
        f = sg.lambdify(graph, backend=backend)
        start = time.perf_counter()
        f.point(*at)
        print(f"16-32-32-1, {backend}: ready in {time.perf_counter() - start:.2f} s")
        calls[backend] = partial(f.point, *at)
    for name, seconds in interleave(calls, rounds=21, repeat=50).items():
        print(f"16-32-32-1, {name:5} {seconds * 1e6:8.1f} µs a call")


if __name__ == "__main__":
    main()
