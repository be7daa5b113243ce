"""Scaling: operations and seconds for networks and chains, all partials.

Claims: 31 operations for 2-2-1, 7,011 for 16-32-32-1 and ready in under 1 s; linear
in the size of the graph; 8L - 2 operations for L nested stages, up to 5,000 of them.
5 operations a row for Rosenbrock's Hessian.
Usage: python benchmarks/scaling.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import sympy as sp
from timing import versions

import symgrad as sg
from symgrad.graph import Graph, Stage
from symgrad.numeric.sweeps import gradient_tape
from symgrad.symbols import symbol

NETWORKS = ([2, 2, 1], [4, 8, 1], [8, 16, 16, 1], [16, 32, 32, 1], [32, 64, 64, 1],
            [64, 128, 128, 1])  # fmt: skip
CHAINS = (5, 50, 500, 5000)


def chain(length: int) -> Graph:
    """Build ``length`` nested stages tanh(w·h + b)."""
    names = [(symbol(f"w_{k}"), symbol(f"b_{k}")) for k in range(1, length + 1)]
    value, stages = symbol("x"), []
    for k, (weight, bias) in enumerate(names, start=1):
        name = symbol(f"h_{k}")
        stages.append(Stage(name, sp.tanh(weight * value + bias, evaluate=False)))
        value = name
    parameters = [p for pair in names for p in pair]
    return Graph(tuple(stages), (value,), (symbol("x"),), tuple(parameters))


def measure(name: str, build: Callable[..., Graph], *arguments: object) -> None:
    """Print one row: build the graph, record and sweep, compile, call."""
    times = [time.perf_counter()]
    graph = build(*arguments)
    times.append(time.perf_counter())
    tape = gradient_tape(graph, graph.parameters)
    times.append(time.perf_counter())
    f = sg.lambdify(graph, backend="math")
    point = [0.01] * len(f.args)
    f(*point)
    times.append(time.perf_counter())
    for _ in range(5):
        f(*point)
    times.append(time.perf_counter())
    build_s, tape_s, ready_s, call_s = (b - a for a, b in pairwise(times))
    print(
        f"{name:14} {len(graph.parameters):9,} {tape.operations:11,} {build_s:8.3f} "
        f"{tape_s:8.3f} {ready_s:8.3f} {call_s / 5 * 1e6:10.1f}"
    )


def rosenbrock(count: int) -> sg.Gradient:
    """Build the Hessian of Rosenbrock's function."""
    terms = [f"100*(x_{k + 1} - x_{k}^2)^2 + (1 - x_{k})^2" for k in range(1, count)]
    return sg.hessian(" + ".join(terms), [f"x_{k}" for k in range(1, count + 1)])


def network_hessian(*sizes: int) -> sg.Gradient:
    """Build the Hessian of a network by all its parameters."""
    return sg.hessian(sg.network(list(sizes)))


def measure_matrix(name: str, gradient: sg.Gradient) -> None:
    """Print one row of a matrix alone: by the cheapest program, and the sweeps'."""
    start = time.perf_counter()
    f = sg.lambdify(gradient, results="gradient")
    seconds = time.perf_counter() - start
    counts = [
        gradient_tape(
            gradient.graph, gradient.wrt, mode, outputs=gradient.outputs,
            with_values=False,
        ).operations
        for mode in ("reverse", "forward")
    ]  # fmt: skip
    print(f"{name:24} {f.operations:9,} {counts[0]:9,} {counts[1]:9,} {seconds:8.3f}")


def main() -> None:
    print(versions("symgrad", "sympy"))
    print(f"{'':14} {'partials':>9} {'operations':>11} {'graph s':>8} {'tape s':>8} "
          f"{'ready s':>8} {'call µs':>10}")  # fmt: skip
    for sizes in NETWORKS:
        measure("-".join(map(str, sizes)), sg.network, sizes)
    for length in CHAINS:
        measure(f"chain {length:,}", chain, length)
    print(f"{'':24} {'cheapest':>9} {'reverse':>9} {'forward':>9} {'tape s':>8}")
    for count in (10, 100, 200):
        measure_matrix(f"Rosenbrock-{count} Hessian", rosenbrock(count))
    for shape in ((2, 2, 1), (3, 4, 1), (4, 8, 1)):
        name = "-".join(map(str, shape))
        measure_matrix(f"{name} Hessian", network_hessian(*shape))
    print("ready: from the graph to the first result, recording included")


if __name__ == "__main__":
    main()
