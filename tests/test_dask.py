"""The back end ``dask``: blocks, trees of sums, clusters of real processes.

Values are judged by the network of the notes written by hand in NumPy, and sums by
``math.fsum``.
"""

from __future__ import annotations

import io
import math
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import symgrad as sg
from symgrad.errors import ArgumentTypeError, ArgumentValueError, RuleError

dask = pytest.importorskip("dask", reason="Dask is not installed")
da = pytest.importorskip("dask.array", reason="Dask is not installed")

NOTES = sg.network([2, 2, 1])
WEIGHTS = [0.3, -0.7, 0.1, 0.9, 0.4, -0.2, 1.1, -0.6, 0.05]
RANDOM = np.random.default_rng(20261123)


def by_hand(x1, x2):
    """Value and nine partials of the notes' network at WEIGHTS."""
    w111, w121, b1, w211, w221, b2, w311, w321, b3 = WEIGHTS
    f3 = np.tanh(w111 * x1 + w121 * x2 + b1)
    f2 = np.tanh(w211 * x1 + w221 * x2 + b2)
    f1 = np.tanh(w311 * f3 + w321 * f2 + b3)
    out = 1 - f1**2
    left, right = out * w311 * (1 - f3**2), out * w321 * (1 - f2**2)
    rows = [left * x1, left * x2, left, right * x1, right * x2, right]
    return f1, np.array([*rows, out * f3, out * f2, out])


def data(*shape):
    return RANDOM.normal(size=shape), RANDOM.normal(size=shape)


# --- results -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "chunks"),
    [
        ((1000,), 100),
        ((1000,), ((1, 2, 997),)),
        ((40, 30), (7, 30)),
        ((40, 30), (40, 11)),
        ((6, 5, 4), (2, 3, 4)),
        ((3,), 5),
        ((0,), 1),
    ],
    ids=str,
)
def test_values_and_partials_by_block(shape, chunks) -> None:
    f = sg.lambdify(NOTES, backend="dask")
    x1, x2 = data(*shape)
    value, grad = f(da.from_array(x1, chunks), da.from_array(x2, chunks), *WEIGHTS)
    assert isinstance(value, da.Array) and isinstance(grad, da.Array)
    assert value.shape == shape and grad.shape == (9, *shape)
    found = dask.compute(value, grad)
    for one, true in zip(found, by_hand(x1, x2), strict=True):
        np.testing.assert_allclose(one, true, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("reduce", ["sum", "mean"])
@pytest.mark.parametrize("shape", [(5000,), (50, 40)], ids=str)
def test_sums_and_means_over_all_blocks(reduce: str, shape) -> None:
    f = sg.lambdify(NOTES, backend="dask", reduce=reduce)
    x1, x2 = data(*shape)
    value, grad = f(da.from_array(x1, 17), da.from_array(x2, 17), *WEIGHTS)
    assert value.shape == () and grad.shape == (9,)
    value, grad = dask.compute(value, grad)
    true_value, true_grad = by_hand(x1, x2)
    count = 1 if reduce == "sum" else x1.size
    assert value == pytest.approx(math.fsum(true_value.ravel()) / count, rel=1e-12)
    for one, row in zip(grad, true_grad, strict=True):
        assert one == pytest.approx(math.fsum(row.ravel()) / count, rel=1e-11)


def test_sums_are_added_along_a_tree() -> None:
    f = sg.lambdify("w*x", "w", backend="dask", reduce="sum")
    value, _ = f(w=2.0, x=da.ones(640, chunks=10))
    most = max(len(each) for each in value.dask.get_all_dependencies().values())
    assert most <= 8
    assert float(value.compute()) == 1280.0


def test_arguments_broadcast_and_numbers_are_no_arrays() -> None:
    f = sg.lambdify("a*x + b*y", ["a", "b"], backend="dask")
    x, y = np.arange(12.0).reshape(4, 3), np.arange(3.0)
    value, grad = dask.compute(
        f(a=2.0, b=np.array(3.0), x=da.from_array(x, (2, 2)), y=da.from_array(y, 2))
    )[0]
    np.testing.assert_array_equal(value, 2 * x + 3 * y)
    np.testing.assert_array_equal(grad, [x, np.broadcast_to(y, x.shape)])


def test_numbers_alone_give_arrays_without_axes() -> None:
    value, grad = sg.lambdify("a*x", "a", backend="dask")(2.0, 3.0)
    assert (value.shape, grad.shape) == ((), (1,))
    assert (float(value.compute()), grad.compute().tolist()) == (6.0, [3.0])


def test_arrays_in_memory_are_taken_too() -> None:
    f = sg.lambdify("a*x", "a", backend="dask")
    value, _ = f(2.0, [1.0, 2.0])
    assert value.compute().tolist() == [2.0, 4.0]


def test_the_mean_of_no_samples_is_nan_without_a_warning() -> None:
    mean = sg.lambdify("w*x", "w", backend="dask", reduce="mean")
    value, grad = mean(w=2.0, x=da.zeros(0))
    assert np.isnan(value.compute()) and np.isnan(grad.compute()).all()


def test_blocks_of_unknown_length() -> None:
    x = da.arange(20.0, chunks=6)
    some = x[x > 4.5]
    f = sg.lambdify("w*x", "w", backend="dask", reduce="sum")
    assert float(f(w=2.0, x=some)[0].compute()) == 2.0 * sum(range(5, 20))
    mean = sg.lambdify("w*x", "w", backend="dask", reduce="mean")
    with pytest.raises(ArgumentValueError, match=r"'x' has blocks of unknown length"):
        mean(w=2.0, x=some)
    some.compute_chunk_sizes()
    assert float(mean(w=2.0, x=some)[0].compute()) == 24.0


@pytest.mark.parametrize(
    ("dtype", "result"), [("f4", "f4"), ("f8", "f8"), ("i4", "f8"), ("?", "f8")]
)
def test_dtypes_are_those_of_arrays_in_memory(dtype: str, result: str) -> None:
    f = sg.lambdify("w*x", "w", backend="dask")
    for found in f(w=2.0, x=da.ones(5, chunks=2, dtype=dtype)):
        assert found.dtype == found.compute().dtype == np.dtype(result)


def test_a_jacobian_and_its_forms() -> None:
    jacobian = sg.jacobian(["x*y^2", "x + y"], ["x", "y"])
    x, y = data(30)
    blocks = [da.from_array(x, 7), da.from_array(y, 7)]
    true = np.array([[y**2, 2 * x * y], [np.ones(30), np.ones(30)]])
    value, grad = dask.compute(*sg.lambdify(jacobian, backend="dask")(*blocks))
    np.testing.assert_allclose(value, [x * y**2, x + y], rtol=1e-15)
    np.testing.assert_allclose(grad, true, rtol=1e-15)
    rows = sg.lambdify(jacobian, backend="dask", results="gradient", rows="sample")
    np.testing.assert_allclose(
        rows(*blocks).compute(), np.moveaxis(true, 2, 0), rtol=1e-15
    )


def test_products_and_vectors() -> None:
    f = sg.hvp("x*y^2*c", ["x", "y"], layout="vector", backend="dask")
    c = da.arange(1.0, 5.0, chunks=3)
    grad, product = dask.compute(*f([2.0, 3.0], [1.0, 0.5], c))
    numbers = np.arange(1.0, 5.0)
    np.testing.assert_allclose(grad, [9 * numbers, 12 * numbers])
    np.testing.assert_allclose(product, [3 * numbers, 8 * numbers])


def test_special_functions_take_scipy_in_every_block() -> None:
    f = sg.lambdify("besselj(0, x)", "x", backend="dask")
    x = da.linspace(0.5, 3.0, 9, chunks=4)
    value, grad = dask.compute(*f(x))
    from scipy.special import j0, j1

    np.testing.assert_allclose(value, j0(x.compute()), rtol=1e-13)
    np.testing.assert_allclose(grad[0], -j1(x.compute()), rtol=1e-12)


def test_a_function_pickles_and_tells_what_runs(tmp_path: Path) -> None:
    f = sg.lambdify("w*x", "w", backend="dask")
    assert f.backend == "dask" and "multiply(w, x" in f.source
    value, _ = pickle.loads(pickle.dumps(f))(2.0, da.ones(3, chunks=2))
    assert value.compute().tolist() == [2.0] * 3
    f.save(tmp_path / "module.py")
    space: dict = {}
    exec((tmp_path / "module.py").read_text(), space)
    assert space["f"](2.0, 3.0)[0] == 6.0


def test_a_solver_takes_arrays_in_blocks() -> None:
    x = da.linspace(-1, 1, 400, chunks=50)
    found = sg.minimize(
        "(y - a*x - b)^2",
        {"a": 0, "b": 0},
        {"x": x, "y": 2 * x + 0.5},
        reduce="mean",
        backend="dask",
    )
    assert found.at == pytest.approx({"a": 2.0, "b": 0.5}, abs=1e-6)


# --- what is refused ---------------------------------------------------------------

REFUSED = {
    "shapes": (lambda f: f(da.ones(3), da.ones(4)), r"one shape: w \(3,\), x \(4,\)"),
    "complex": (lambda f: f(da.ones(3) * 1j, 1.0), "'w' has dtype complex128"),
    "text": (lambda f: f("a", 1.0), "'w' is of type str"),
    "missing": (lambda f: f(da.ones(3)), "missing arguments: x"),
    "unknown": (lambda f: f(w=da.ones(3), z=1.0), "unknown argument 'z'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_arguments_are_refused_before_anything_runs(case: str) -> None:
    call, said = REFUSED[case]
    f = sg.lambdify("w*x", "w", backend="dask")
    with pytest.raises((ArgumentTypeError, ArgumentValueError), match=said):
        call(f)


def test_sums_over_an_index_and_sparse_matrices_are_refused() -> None:
    with pytest.raises(RuleError, match="adds over samples, not over an index"):
        sg.lambdify("sum(w*x_i, i, 1, n)", "w", backend="dask")
    with pytest.raises(ArgumentValueError, match="no sparse matrices"):
        sg.lambdify(sg.hessian("x^2*y"), backend="dask", sparse=True)


# --- memory and processes ----------------------------------------------------------

LARGE = """
import resource, dask, dask.array as da, symgrad as sg
f = sg.lambdify("(y - w*x)^2", "w", backend="dask", reduce="mean")
small = da.ones(1000, chunks=500)
dask.compute(*f(y=small, w=1.0, x=small))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
x = da.arange(40_000_000, chunks=1_000_000, dtype=float) / 40_000_000
value, grad = dask.compute(*f(y=2*x, w=1.0, x=x))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(after - before, float(value), float(grad[0]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is told in KiB on Linux")
def test_blocks_are_let_go_when_they_are_added() -> None:
    """Two columns of 320 MB each: at no time more than 200 MB are held."""
    done = run_alone("-c", LARGE)
    kibibytes, value, grad = map(float, done.split())
    assert kibibytes < 200 * 1024
    assert value == pytest.approx(1 / 3, rel=1e-6)
    assert grad == pytest.approx(-2 / 3, rel=1e-6)


def run_alone(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


CLUSTER = """
import os, signal, sys
from pathlib import Path
import numpy as np, dask, dask.array as da, symgrad as sg

MARK = Path(sys.argv[1])

def fatal(block, block_info=None):
    if block_info[0]["chunk-location"] == (13,):
        try:
            MARK.touch(exist_ok=False)
        except FileExistsError:
            return block
        os.kill(os.getpid(), signal.SIGKILL)
    return block

if __name__ == "__main__":
    from distributed import Client, LocalCluster

    x = da.from_array(np.linspace(-3, 3, 40_000), chunks=2000)
    net, weights = sg.network([2, 2, 1]), np.linspace(-1, 1, 9)
    total = sg.lambdify(net, backend="dask", reduce="sum")
    rows = sg.lambdify(net, backend="dask")
    here = dask.compute(*total(x, x**2, *weights), *rows(x, x**2, *weights))
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as many,
        Client(many) as client,
    ):
        first = set(client.run(os.getpid).values())
        deadly = x.map_blocks(fatal, dtype=x.dtype)
        there = dask.compute(*total(deadly, x**2, *weights))
        there += dask.compute(*rows(x, x**2, *weights))
        last = set(client.run(os.getpid).values())
    assert MARK.exists() and first != last and os.getpid() not in first
    for one, other in zip(here, there, strict=True):
        np.testing.assert_array_equal(one, other)
    print("same", len(first))
"""


def test_a_worker_killed_midway_changes_nothing(tmp_path: Path) -> None:
    """On a cluster of two processes, of which one is killed within its 13th block."""
    pytest.importorskip("distributed", reason="Dask's cluster is not installed")
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER, encoding="utf-8")
    assert run_alone(str(script), str(tmp_path / "mark")) == "same 2\n"


def test_a_progress_bar_of_dask_shows_the_blocks() -> None:
    from dask.diagnostics import ProgressBar

    shown = io.StringIO()
    f = sg.lambdify("w*x", "w", backend="dask", reduce="sum")
    with ProgressBar(out=shown):
        dask.compute(*f(w=2.0, x=da.ones(100, chunks=10)))
    assert "100% Completed" in shown.getvalue()
