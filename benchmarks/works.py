"""The works that are timed: each gives symgrad's calls and its peers', and a unit.

The one rule kept here: all calls of a work compute the same numbers, which ``check``
compares before anything is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import peers
from timing import PARAMETERS, POINT

import symgrad as sg
from symgrad.graph import Graph, Stage
from symgrad.symbols import symbol

Calls = dict[str, Callable[[], Any]]


@dataclass(frozen=True)
class Work:
    """What is timed: ``calls(samples, threads)``; ``scale`` makes seconds the unit."""

    title: str
    unit: str
    calls: Callable[[int, int], Calls]
    scale: float
    per_sample: bool
    repeat: int
    tolerance: float = 1e-9


def batch(samples: int, threads: int) -> Calls:
    """Value and nine partials of every sample."""
    at = (*_data(2, samples), *PARAMETERS)
    graph = sg.network([2, 2, 1])
    fast = sg.lambdify(graph, backend="llvm")
    faster = sg.lambdify(graph, backend="llvm", accuracy="fast")
    by_numpy = sg.lambdify(graph, backend="numpy")
    out = np.empty(samples), np.empty((9, samples))
    return {
        "symgrad, llvm, out=": lambda: fast(*at, out=out, threads=threads),
        "symgrad, llvm, fast, out=": lambda: faster(*at, out=out, threads=threads),
        "symgrad, llvm": lambda: fast(*at, threads=threads),
        "symgrad, numpy, out=": lambda: by_numpy(*at, out=out, threads=threads),
        **_bound("batch", at),
    }


def loss(samples: int, threads: int) -> Calls:
    """The sum of squares over the samples and its nine partials."""
    at = (*_data(3, samples), *PARAMETERS)
    graph = sg.network([2, 2, 1])
    value, target = symbol("loss"), symbol("y")
    stage = Stage(value, (target - graph.outputs[0]) ** 2)
    inputs = (*graph.inputs, target)
    whole = Graph((*graph.stages, stage), (value,), inputs, graph.parameters)
    fast = sg.lambdify(whole, backend="llvm", reduce="sum")
    faster = sg.lambdify(whole, backend="llvm", reduce="sum", accuracy="fast")
    by_numpy = sg.lambdify(whole, backend="numpy", reduce="sum")
    return {
        "symgrad, llvm": lambda: fast(*at, threads=threads),
        "symgrad, llvm, fast": lambda: faster(*at, threads=threads),
        "symgrad, numpy": lambda: by_numpy(*at, threads=threads),
        **_bound("loss", at),
    }


def point(samples: int, threads: int) -> Calls:
    """One point, floats in and floats out."""
    at = (*POINT, *PARAMETERS)
    graph = sg.network([2, 2, 1])
    fast = sg.lambdify(graph, backend="llvm")
    by_math = sg.lambdify(graph, backend="math")
    by_numpy = sg.lambdify(graph, backend="numpy")
    ours = {
        "symgrad, llvm, f.point": fast.point,
        "symgrad, llvm": fast,
        "symgrad, math, f.point": by_math.point,
        "symgrad, math": by_math,
        "symgrad, numpy": by_numpy,
    }
    return {n: partial(f, *at) for n, f in ours.items()} | _bound("point", at)


def large(samples: int, threads: int) -> Calls:
    """The network 16-32-32-1, its 1,633 partials at one point."""
    graph = sg.network([16, 32, 32, 1])
    count = 16 + len(graph.parameters)
    at = np.random.default_rng(0).normal(size=count).tolist()
    calls: Calls = {}
    for backend in ("llvm", "math"):
        f = sg.lambdify(graph, backend=backend)
        calls[f"symgrad, {backend}, f.point"] = partial(f.point, *at)
    calls["symgrad, llvm"] = partial(sg.lambdify(graph, backend="llvm"), *at)
    vector = sg.lambdify(graph, backend="llvm", layout="vector")
    calls["symgrad, llvm, vector"] = partial(vector, np.array(at[16:]), *at[:16])
    return calls


WORKS = {
    "batch": Work(
        "value and nine partials of every sample", "ns a sample", batch, 1e9, True, 1
    ),
    "loss": Work(
        "sum of squares and its nine partials", "ns a sample", loss, 1e9, True, 1
    ),
    "point": Work(
        "value and nine partials of one point", "ns", point, 1e9, False, 2000
    ),
    "large": Work(
        "16-32-32-1: value and 1,633 partials of one point", "µs", large, 1e6, False, 20
    ),
}


def _data(rows: int, samples: int) -> Any:
    return np.random.default_rng(0).standard_normal((rows, samples))


def _bound(work: str, at: Any) -> Calls:
    return {name: partial(call, *at) for name, call in peers.found(work).items()}


def check(calls: Calls) -> None:
    """Compare all with the first; raises ``AssertionError``, which names the peer."""
    value, grad = (np.array(part) for part in next(iter(calls.values()))())
    for name, call in calls.items():
        found, rows = call()
        np.testing.assert_allclose(np.array(found), value, rtol=1e-9, err_msg=name)
        scale = 1e-11 * np.abs(grad).max()
        for mine, theirs in zip(grad, rows, strict=True):
            np.testing.assert_allclose(np.array(theirs), mine, 1e-7, scale, name)
