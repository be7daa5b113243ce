"""Interleaved timing (A B A B …), so that a busy machine slows both alike."""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

POINT = [0.37, -1.21]
PARAMETERS = [0.3, -0.7, 0.1, 0.9, 0.4, -0.2, 1.1, -0.6, 0.05]


def interleave(
    calls: dict[str, Callable[[], object]], rounds: int, repeat: int = 1
) -> dict[str, float]:
    """Give the median seconds of one call for each name, after one warm-up round."""
    times = sample(calls, rounds, repeat)
    return {name: statistics.median(values) for name, values in times.items()}


def sample(
    calls: dict[str, Callable[[], object]], rounds: int, repeat: int = 1
) -> dict[str, list[float]]:
    """Give the seconds of one call in every round, for each name."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for count in range(rounds + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            for _ in range(repeat):
                result = call()
            if count:
                times[name].append((time.perf_counter() - start) / repeat)
            del result
    return times


def versions(*packages: str) -> str:
    """What was measured: Python and packages."""
    parts = [f"python {platform.python_version()}"]
    for package in packages:
        try:
            parts.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            parts.append(f"{package} (not installed)")
    return ", ".join(parts)
