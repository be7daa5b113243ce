"""What the notes' network is compared with, one function for each peer and work.

Each function gives a callable of the arguments in order (x_1, x_2, the target where
there is one, nine parameters) whose result is the value and its nine partials.
``found`` leaves out what is not installed: ``pip install "symgrad[benchmarks]"``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import c_peers
import numpy as np

Call = Callable[..., Any]


def network(tanh: Call) -> Call:
    """The notes' network, written with somebody's tanh."""

    def y_hat(x_1: Any, x_2: Any, *w: Any) -> Any:
        a = tanh(w[0] * x_1 + w[1] * x_2 + w[2])
        b = tanh(w[3] * x_1 + w[4] * x_2 + w[5])
        return tanh(w[6] * a + w[7] * b + w[8])

    return y_hat


def squared(y_hat: Call) -> Call:
    """The square of what is missing to the target."""
    return lambda x_1, x_2, y, *w: (y - y_hat(x_1, x_2, *w)) ** 2


# --- jax, torch, autograd: the function itself is differentiated -------------------


def jax_batch() -> Call:
    """jax.jit of vmap of value_and_grad, nine scalar parameters."""
    jax, jnp = _jax()
    one = jax.value_and_grad(network(jnp.tanh), argnums=tuple(range(2, 11)))
    many = jax.jit(jax.vmap(one, in_axes=(0, 0, *[None] * 9)))
    return lambda *at: jax.block_until_ready(many(*at))


def jax_loss() -> Call:
    jax, jnp = _jax()
    each = squared(network(jnp.tanh))
    both = jax.value_and_grad(lambda *at: each(*at).sum(), argnums=tuple(range(3, 12)))
    compiled = jax.jit(both)
    return lambda *at: jax.block_until_ready(compiled(*at))


def jax_point() -> Call:
    jax, jnp = _jax()
    one = jax.jit(jax.value_and_grad(network(jnp.tanh), argnums=tuple(range(2, 11))))
    return lambda *at: jax.block_until_ready(one(*at))


def _jax() -> Any:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    return jax, jnp


def torch_batch() -> Call:
    """torch.compile of vmap of grad_and_value, nine scalar parameters."""
    import torch

    one = torch.func.grad_and_value(network(torch.tanh), argnums=tuple(range(2, 11)))
    many = torch.compile(torch.vmap(one, in_dims=(0, 0, *[None] * 9)))
    return _torch_call(many, arrays=2)


def torch_loss() -> Call:
    import torch

    each = squared(network(torch.tanh))
    both = torch.func.grad_and_value(
        lambda *at: each(*at).sum(), argnums=tuple(range(3, 12))
    )
    return _torch_call(torch.compile(both), arrays=3)


def torch_point() -> Call:
    import torch

    one = torch.func.grad_and_value(network(torch.tanh), argnums=tuple(range(2, 11)))
    return _torch_call(torch.compile(one), arrays=0)


def _torch_call(both: Call, arrays: int) -> Call:
    import torch

    def call(*at: Any) -> Any:
        tensors = [torch.from_numpy(a) for a in at[:arrays]]
        numbers = [torch.tensor(p, dtype=torch.float64) for p in at[arrays:]]
        grads, value = both(*tensors, *numbers)
        return value, grads

    return call


def autograd_loss() -> Call:
    import autograd
    import autograd.numpy as anp

    each = squared(network(anp.tanh))
    both = autograd.value_and_grad(lambda w, *data: anp.sum(each(*data, *w)), argnum=0)
    return lambda x_1, x_2, y, *w: both(np.array(w), x_1, x_2, y)


def autograd_point() -> Call:
    import autograd
    import autograd.numpy as anp

    y_hat = network(anp.tanh)
    both = autograd.value_and_grad(lambda w, *data: y_hat(*data, *w), argnum=0)
    return lambda x_1, x_2, *w: both(np.array(w), x_1, x_2)


# --- SymPy's expressions, compiled by others ---------------------------------------


def expressions(loss: bool = False) -> tuple[Any, list[Any]]:
    """The arguments as SymPy's symbols; the value and its partials by sympy.diff."""
    import sympy as sp

    names = ["x_1", "x_2", *["y"] * loss, *(f"p_{k}" for k in range(9))]
    order = [sp.Symbol(name, real=True) for name in names]
    value = network(sp.tanh)(*order[:2], *order[-9:])
    if loss:
        value = (order[2] - value) ** 2
    return order, [value, *(value.diff(p) for p in order[-9:])]


def lambdify_batch() -> Call:
    import sympy as sp

    order, wanted = expressions()
    return _split(sp.lambdify(order, wanted, "numpy", cse=True))


def lambdify_loss() -> Call:
    import sympy as sp

    order, wanted = expressions(loss=True)
    rows = sp.lambdify(order, wanted, "numpy", cse=True)
    return _split(lambda *at: [row.sum() for row in rows(*at)])


def lambdify_point() -> Call:
    import sympy as sp

    order, wanted = expressions()
    return _split(sp.lambdify(order, wanted, "math", cse=True))


def numba_batch() -> Call:
    """numba's loop over the samples, of the source that lambdify writes."""
    import numba
    import sympy as sp

    order, wanted = expressions()
    one = numba.njit(sp.lambdify(order, tuple(wanted), "math", cse=True))

    @numba.njit
    def loop(x_1: Any, x_2: Any, w: Any, out: Any) -> None:
        for k in range(len(x_1)):
            row = one(x_1[k], x_2[k], w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7],
                      w[8])  # fmt: skip
            for j in range(10):
                out[j, k] = row[j]

    memory: dict[int, Any] = {}

    def call(x_1: Any, x_2: Any, *w: float) -> Any:
        out = memory.setdefault(len(x_1), np.empty((10, len(x_1))))
        loop(x_1, x_2, np.array(w), out)
        return out[0], out[1:]

    return call


def numba_point() -> Call:
    import numba
    import sympy as sp

    order, wanted = expressions()
    return _split(numba.njit(sp.lambdify(order, tuple(wanted), "math", cse=True)))


def numexpr_batch() -> Call:
    """numexpr, one call for each common subexpression and each result."""
    import numexpr
    import sympy as sp

    order, wanted = expressions()
    parts, results = sp.cse(wanted)

    def call(*at: Any) -> Any:
        known = dict(zip(map(str, order), at, strict=True))
        for name, part in parts:
            known[str(name)] = numexpr.evaluate(str(part), known, {})
        rows = [numexpr.evaluate(str(result), known, {}) for result in results]
        return rows[0], rows[1:]

    return call


def symengine_point() -> Call:
    import symengine

    order, wanted = expressions()
    f = symengine.Lambdify(order, wanted, cse=True, backend="llvm", real=True)
    return _split(lambda *at: f(at))


def casadi_point() -> Call:
    """casadi's virtual machine, through its buffer."""
    import casadi

    order = casadi.SX.sym("v", 11)
    value = network(casadi.tanh)(*(order[k] for k in range(11)))
    both = casadi.vertcat(value, casadi.gradient(value, order)[2:])
    f = casadi.Function("f", [order], [both])
    buffer, run = f.buffer()
    given, found = np.zeros(11), np.zeros(10)
    buffer.set_arg(0, memoryview(given))
    buffer.set_res(0, memoryview(found))

    def call(*at: float, keep: Any = (f, buffer)) -> Any:  # nobody else does
        given[:] = at
        run()
        return found[0], found[1:]

    return call


def heyoka_batch() -> Call:
    """heyoka's compiled function over all samples, parameters as its parameters."""
    import heyoka

    x_1, x_2 = heyoka.make_vars("x_1", "x_2")
    w = [heyoka.par[k] for k in range(9)]
    value = network(heyoka.tanh)(x_1, x_2, *w)
    tensors = heyoka.diff_tensors([value], diff_args=w)
    rows = [value, *tensors.gradient]
    f = heyoka.cfunc(rows, vars=[x_1, x_2], compact_mode=False, fast_math=True)

    def call(first: Any, second: Any, *p: float) -> Any:
        count = len(first)
        pars = np.repeat(np.array(p)[:, None], count, axis=1)
        found = f(np.array([first, second]), pars=pars)
        return found[0], found[1:]

    return call


def _split(rows: Call) -> Call:
    def call(*at: Any) -> Any:
        found = rows(*at)
        return found[0], found[1:]

    return call


PEERS: dict[str, dict[str, Callable[[], Call | None]]] = {
    "batch": {
        "C by hand": c_peers.c_batch,
        "jax.jit(vmap)": jax_batch,
        "torch.compile(vmap)": torch_batch,
        "sympy.lambdify, cse": lambdify_batch,
        "numba of lambdify": numba_batch,
        "numexpr": numexpr_batch,
        "heyoka": heyoka_batch,
    },
    "loss": {
        "C by hand": c_peers.c_loss,
        "jax.jit": jax_loss,
        "torch.compile": torch_loss,
        "sympy.lambdify, cse": lambdify_loss,
        "autograd": autograd_loss,
    },
    "point": {
        "C extension by hand": c_peers.c_point,
        "sympy.lambdify, math": lambdify_point,
        "numba of lambdify": numba_point,
        "symengine, llvm": symengine_point,
        "casadi, buffer": casadi_point,
        "jax.jit": jax_point,
        "torch.compile": torch_point,
        "autograd": autograd_point,
    },
}


def found(work: str) -> dict[str, Call]:
    """The peers of a work that are installed."""
    calls = {}
    for name, make in PEERS[work].items():
        try:
            call = make()
        except ImportError:
            continue
        if call is not None:
            calls[name] = call
    return calls


def set_threads(count: int) -> None:
    """Let torch and numexpr use so many threads; jax has as many as it has cores."""
    for package, name in (("torch", "set_num_threads"), ("numexpr", "set_num_threads")):
        try:
            module = __import__(package)
        except ImportError:
            continue
        getattr(module, name)(count)
