"""What the machine itself can do: memory read and written, tanh within the cache.

The one rule kept here: the figures are the best that simple code reaches, per sample
of the notes' network, so that they stand beside the times of the works.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import symgrad as sg


def limits(samples: int, threads: int) -> dict[str, Callable[[], object]]:
    """What a sample costs at least: 72 bytes written, 16 read; three tanh.

    ``samples`` make arrays larger than the caches; tanh runs over 16,000 numbers in
    cache, again and again, until as many were computed. The bytes are written by
    machine code that computes next to nothing, 8 bytes being read.
    """
    rows, columns = np.empty((9, samples)), np.ones((2, samples))
    writer = sg.lambdify([f"x + {k}" for k in range(9)], [], backend="llvm")
    here, out = np.linspace(-3, 3, 16_000), np.empty(16_000)
    tanh = sg.lambdify("tanh(x)", [], backend="llvm")
    fast = sg.lambdify("tanh(x)", [], backend="llvm", accuracy="fast")
    times = 3 * samples // len(here)

    def repeated(f: Callable[..., object]) -> Callable[[], object]:
        def call() -> None:
            for _ in range(times):
                f(here, out=out)

        return call

    return {
        "72 bytes written": lambda: writer(columns[0], out=rows, threads=threads),
        "16 bytes read": lambda: columns.sum(),
        "three tanh, llvm, in cache": repeated(tanh),
        "three tanh, llvm, fast, in cache": repeated(fast),
        "three tanh, numpy, in cache": repeated(np.tanh),
    }
