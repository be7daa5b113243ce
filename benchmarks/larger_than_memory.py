"""A mean loss and its gradient over more data than the process may hold.

The one rule kept here: the limit is the system's own (``RLIMIT_AS``): were more than a
few blocks in memory at once, the run would end in a MemoryError.
Usage: python benchmarks/larger_than_memory.py [--samples 1_000_000_000] [--limit 1.5]
Needs: pip install "symgrad[dask,llvm]"; Linux or macOS
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from typing import Any

import dask
import dask.array as da
import numpy as np

import symgrad as sg
from symgrad.graph import Graph, Stage
from symgrad.symbols import symbol

PARAMETERS = [0.3, -0.7, 0.1, 0.9, 0.4, -0.2, 1.1, -0.6, 0.05]
BLOCK = 1_000_000


def loss_of(backend: str) -> Any:
    """The notes' network and the mean of its squared differences."""
    graph = sg.network([2, 2, 1])
    value, target = symbol("loss"), symbol("y")
    stage = Stage(value, (target - graph.outputs[0]) ** 2)
    inputs = (*graph.inputs, target)
    whole = Graph((*graph.stages, stage), (value,), inputs, graph.parameters)
    return sg.lambdify(whole, backend=backend, reduce="mean")


def data(samples: int) -> list[Any]:
    """Two inputs and a target, each block made when it is needed."""
    random = da.random.default_rng(0)
    return [random.standard_normal(samples, chunks=BLOCK) for _ in range(3)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=1_000_000_000)
    parser.add_argument("--limit", type=float, default=1.5, help="GB of memory")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    loss = loss_of("dask")
    arrays = data(options.samples)
    few = [np.asarray(each[:BLOCK]) for each in arrays]
    here = loss_of("auto")(*few, *PARAMETERS)
    there = dask.compute(*loss(*(each[:BLOCK] for each in arrays), *PARAMETERS))
    for mine, theirs in zip(here, there, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)
    del few

    limit = int(options.limit * 1e9)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    start = time.perf_counter()
    with dask.config.set(scheduler="threads", num_workers=options.threads):
        value, grad = dask.compute(*loss(*arrays, *PARAMETERS))
    seconds = time.perf_counter() - start
    unit = 1 if sys.platform == "darwin" else 1024  # bytes, elsewhere kilobytes
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    size = sum(each.nbytes for each in arrays)
    print(f"loss {value:.6f}, gradient {np.array2string(grad, precision=6)}")
    print(
        f"{size / 1e9:.1f} GB of data, at most {options.limit:g} GB of memory allowed: "
        f"{seconds:.1f} s with {options.threads} threads, {peak / 1e6:.0f} MB at most"
    )


if __name__ == "__main__":
    main()
