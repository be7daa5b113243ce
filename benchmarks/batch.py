"""A batch: value and nine partials of the notes' network at a million samples.

Claims: the back end numpy is at least 1.8 times as fast as ``sympy.lambdify(cse=True)``
on whole arrays; the back end llvm is as fast as C written by hand with the same tanh.
With ``--threads 1`` the process is bound to one core, so that jax has one thread too.
Usage: python benchmarks/batch.py [--samples 1000000] [--threads 2] [--loss]
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import peers
import sympy as sp
from timing import PARAMETERS, interleave, print_versions

import symgrad as sg
from symgrad.graph import Graph, Stage
from symgrad.symbols import symbol


def batch_calls(at: Any, threads: int) -> dict[str, Callable[[], Any]]:
    """Value and partials of every sample."""
    graph = sg.network([2, 2, 1])
    formula = graph.closed_form()
    order = [*graph.inputs, *graph.parameters]
    wanted = [formula, *(formula.diff(p) for p in graph.parameters)]
    by_sympy = sp.lambdify(order, wanted, "numpy", cse=True)
    by_numpy = sg.lambdify(graph, backend="numpy")
    fast = sg.lambdify(graph, backend="llvm")
    faster = sg.lambdify(graph, backend="llvm", accuracy="fast")
    out = np.empty(len(at[0])), np.empty((9, len(at[0])))
    memory = np.empty(len(at[0])), np.empty((9, len(at[0])))
    known = {
        "C by hand": peers.c_batch(*memory),
        "jax.jit(vmap)": peers.jax_batch(),
        "torch.compile(vmap)": peers.torch_batch(),
    }
    calls: dict[str, Callable[[], Any]] = {
        "symgrad, llvm, out=": lambda: fast(*at, out=out, threads=threads),
        "symgrad, llvm, fast, out=": lambda: faster(*at, out=out, threads=threads),
        "symgrad, llvm": lambda: fast(*at, threads=threads),
        "symgrad, numpy": lambda: by_numpy(*at),
        "sympy.lambdify, cse": lambda: split(by_sympy(*at)),
    }
    return calls | {n: bound(peer, at) for n, peer in known.items() if peer}


def loss_calls(at: Any, threads: int) -> dict[str, Callable[[], Any]]:
    """The sum of squares over the samples and its nine partials."""
    graph = sg.network([2, 2, 1])
    loss, target = symbol("loss"), symbol("y")
    stage = Stage(loss, (target - graph.outputs[0]) ** 2)
    inputs = (*graph.inputs, target)
    whole = Graph((*graph.stages, stage), (loss,), inputs, graph.parameters)
    by_numpy = sg.lambdify(whole, backend="numpy", reduce="sum")
    fast = sg.lambdify(whole, backend="llvm", reduce="sum")
    faster = sg.lambdify(whole, backend="llvm", reduce="sum", accuracy="fast")
    formula = whole.closed_form()
    wanted = [formula, *(formula.diff(p) for p in graph.parameters)]
    order = [*inputs, *graph.parameters]
    by_sympy = sp.lambdify(order, wanted, "numpy", cse=True)
    known = {
        "C by hand": peers.c_loss(),
        "jax.jit": peers.jax_loss(),
        "torch.compile": peers.torch_loss(),
    }
    calls: dict[str, Callable[[], Any]] = {
        "symgrad, llvm": lambda: fast(*at, threads=threads),
        "symgrad, llvm, fast": lambda: faster(*at, threads=threads),
        "symgrad, numpy": lambda: by_numpy(*at),
        "sympy.lambdify, cse": lambda: split([r.sum() for r in by_sympy(*at)]),
    }
    return calls | {n: bound(peer, at) for n, peer in known.items() if peer}


def split(rows: Any) -> Any:
    return rows[0], rows[1:]


def bound(peer: Callable[..., Any], at: Any) -> Callable[[], Any]:
    return lambda: peer(*at)


def check(calls: dict[str, Callable[[], Any]]) -> None:
    """Compare all with the first, before any is timed."""
    value, grad = (np.array(part) for part in next(iter(calls.values()))())
    for name, call in calls.items():
        found, rows = call()
        np.testing.assert_allclose(np.array(found), value, rtol=1e-9, err_msg=name)
        for mine, theirs in zip(grad, rows, strict=True):
            scale = 1e-11 * np.abs(grad).max()
            np.testing.assert_allclose(np.array(theirs), mine, 1e-7, scale, name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--loss", action="store_true", help="the summed loss instead")
    options = parser.parse_args()
    if options.threads == 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    peers.set_threads(options.threads)
    rows = 3 if options.loss else 2
    data = np.random.default_rng(0).standard_normal((rows, options.samples))
    make = loss_calls if options.loss else batch_calls
    calls = make((*data, *PARAMETERS), options.threads)
    check(calls)
    print_versions("symgrad", "sympy", "numpy", "llvmlite", "jax", "torch")
    times = interleave(calls, rounds=options.rounds)
    ours = times[next(iter(times))]
    print(f"{options.threads} threads, {options.samples:,} samples")
    for name, seconds in sorted(times.items(), key=lambda item: item[1]):
        each = seconds / options.samples * 1e9
        print(f"{name:24} {each:7.2f} ns a sample   {seconds / ours:5.2f}")


if __name__ == "__main__":
    main()
