"""Values and partials added over the samples, block by block, without storing them.

The one rule kept here: as in harness.py, these functions need NumPy alone, because
their source is copied into modules; the error of a sum does not grow with the number
of samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np


def run_sums(
    block: Callable[..., None],
    once: Callable[..., tuple[Any, ...]] | None,
    sizes: tuple[int, int, int],
    spreaded: tuple[list[Any], list[int], Any, tuple[int, ...]],
    reduce: str,
) -> Any:
    """Add ("sum") or average ("mean") what ``run_blocks`` would give for each sample.

    A block is added pairwise, blocks by Knuth's sum without loss (TAOCP 4.2.2).
    """
    flat, arrays, real, shape = spreaded
    outputs, variables, step = sizes
    count, size = outputs or 1, math.prod(shape)
    values = np.empty((count, step), real)
    grads = np.empty((count, variables, step), real)
    total = np.zeros(count * (1 + variables))
    lacking = np.zeros(count * (1 + variables))
    with np.errstate(all="ignore"):
        if once is not None:
            flat = [*flat, *once(*flat)]
            arrays = [k for k, value in enumerate(flat) if np.ndim(value)]
        for low in range(0, size, step):
            part, used = list(flat), min(step, size - low)
            for k in arrays:
                part[k] = flat[k][low : low + used]
            both = values[:, :used], grads[:, :, :used]
            results = both if outputs else [rows[0] for rows in both]
            block(*part, *results[: 1 + bool(variables)])
            more = np.concatenate([rows.sum(-1, float).ravel() for rows in both])
            new = total + more
            moved = new - total
            lacking += (total - (new - moved)) + (more - moved)
            total = new
        found = np.where(np.isfinite(total), total + lacking, total)
        if reduce == "mean":
            found = found / size if size else np.full_like(found, np.nan)
        found = found.astype(real)
    value = found[:count].reshape((outputs,) if outputs else ())
    if not variables:
        return value
    return value, found[count:].reshape((outputs, variables)[not outputs :])
