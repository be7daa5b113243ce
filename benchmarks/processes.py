"""Whole processes, from the interpreter's start to its end: imports, networks ready.

The one rule kept here: every program is run by a fresh interpreter; each computes the
network's value and all partials once, where it is named so. Bytecode is kept, as for an
installed package, in a folder of the suite's own; machine code is compiled anew.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec
from itertools import pairwise

SYMGRAD = """
import symgrad as sg
f = sg.lambdify(sg.network({sizes}))
value, grad = f(*[0.01] * len(f.args))
assert len(grad) == {weights}
"""
CASADI = """
import casadi as ca
import numpy as np
sizes = {sizes}
layer, w = ca.SX.sym("x", sizes[0]), []
for fan_in, fan_out in zip(sizes, sizes[1:]):
    w += [ca.SX.sym("w", fan_out, fan_in), ca.SX.sym("b", fan_out)]
    layer = ca.tanh(w[-2] @ layer + w[-1])
p = ca.vertcat(*map(ca.vec, w))
x = ca.symvar(layer)
f = ca.Function("f", [ca.vertcat(*x)], [layer, ca.gradient(layer, p)])
value, grad = f(np.full(len(x), 0.01))
assert grad.numel() == {weights}
"""
JAX = """
import jax
import jax.numpy as jnp
jax.config.update("jax_enable_x64", True)
sizes = {sizes}
def network(p, x):
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        w, b, p = p[: fan_in * fan_out], p[fan_in * fan_out :][:fan_out], p[
            fan_in * fan_out + fan_out :]
        x = [jnp.tanh(sum(w[i * fan_in + j] * x[j] for j in range(fan_in)) + b[i])
             for i in range(fan_out)]
    return x[0]
f = jax.jit(jax.value_and_grad(network))
value, grad = f([0.01] * {weights}, [0.01] * sizes[0])
assert len(grad) == {weights}
"""
READY = {"symgrad": SYMGRAD, "casadi": CASADI, "jax": JAX}
IMPORTS = ("sympy", "symgrad", "numpy", "casadi", "jax", "torch")


def imports() -> dict[str, Callable[[], None]]:
    """An interpreter that does nothing, and one that imports each package."""
    names = [name for name in IMPORTS if find_spec(name)]
    known = {name: partial(run, f"import {name}") for name in names}
    return {"nothing": partial(run, "pass")} | known


def ready(sizes: list[int], peers: tuple[str, ...]) -> dict[str, Callable[[], None]]:
    """From the start of a process to the first value and gradient of a network."""
    weights = sum((a + 1) * b for a, b in pairwise(sizes))
    return {
        name: partial(run, READY[name].format(sizes=sizes, weights=weights))
        for name in peers
        if find_spec(name)
    }


def run(program: str) -> None:
    """Run a program in a fresh interpreter; raises where it fails."""
    subprocess.run([sys.executable, "-c", program], check=True, env=_environment())


@cache
def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    folder = tempfile.mkdtemp(prefix="symgrad-benchmarks-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return kept | {"PYTHONPYCACHEPREFIX": folder, "SYMGRAD_CACHE": "off"}
