"""Machine code end to end: results, out=, threads=, layouts, and what it refuses."""

from __future__ import annotations

import pickle
import threading

import numpy as np
import pytest
import sympy as sp
from sample_graphs import notes_by_hand

from symgrad.chain_rule import jacobian
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    RuleError,
    UnknownNameError,
)
from symgrad.graph import Graph, Stage
from symgrad.networks import network
from symgrad.numeric.backends import lambdify
from symgrad.numeric.llvm import arrays, binding, results
from symgrad.symbols import symbol

pytest.importorskip("llvmlite", reason="llvmlite is not installed")

x, y, w, b = (symbol(name) for name in "x y w b".split())
result = symbol("result")
PARAMETERS = [0.3, -0.7, 0.1, 0.9, 0.4, -0.2, 1.1, -0.6, 0.05]
NOTES = network([2, 2, 1])
F = lambdify(NOTES, backend="llvm")
BOTH = {"llvm": F, "numpy": lambdify(NOTES, backend="numpy")}
both = pytest.mark.parametrize("f", BOTH.values(), ids=BOTH)


def graph_of(expr, inputs=(), parameters=()):
    return Graph((Stage(result, expr),), (result,), tuple(inputs), tuple(parameters))


def data(count, real=np.float64):
    return np.random.default_rng(count).normal(size=(2, count)).astype(real)


def weights(real=np.float64):
    return [real(p) for p in PARAMETERS]


@pytest.mark.parametrize("real", [np.float64, np.float32], ids=["double", "single"])
@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 15, 16, 17, 1000, 100_003])
def test_every_length_of_a_batch(count, real):
    value, grad = F(*data(count, real), *weights(real))
    wanted, rows = notes_by_hand(
        *data(count, real).astype(float), *map(float, weights(real))
    )
    assert value.dtype == grad.dtype == real
    tolerance = 8 * np.finfo(real).eps
    np.testing.assert_allclose(value, wanted, rtol=0, atol=tolerance)
    np.testing.assert_allclose(grad, rows, rtol=0, atol=tolerance * 4)


@pytest.mark.parametrize("places", [(0,), (1,), (0, 1), (2,), (0, 5, 10), range(11)])
def test_any_arguments_may_be_arrays(places):
    rng = np.random.default_rng(3)
    at = [*rng.normal(size=2), *PARAMETERS]
    at = [rng.normal(size=37) if k in places else float(v) for k, v in enumerate(at)]
    value, grad = F(*at)
    wanted, rows = notes_by_hand(*at)
    np.testing.assert_allclose(value, wanted, rtol=0, atol=1e-15)
    np.testing.assert_allclose(grad, rows, rtol=0, atol=4e-15)


@pytest.mark.parametrize("place", [0, 4])
def test_large_programs_bring_arguments_to_two_layouts(place, monkeypatch):
    monkeypatch.setattr(arrays, "MAX_PATTERNS_OPERATIONS", 10)
    f = lambdify(network([2, 2, 1]), backend="llvm")
    at = [0.5, -0.25, *PARAMETERS]
    at[place] = np.linspace(-1, 1, 21)
    value, grad = f(*at)
    wanted, rows = notes_by_hand(*at)
    np.testing.assert_allclose(value, wanted, rtol=0, atol=1e-15)
    np.testing.assert_allclose(grad, rows, rtol=0, atol=4e-15)
    (layout,) = f.kernel.machine_code.programs
    assert layout.arrays == ((0, 1) if place == 0 else tuple(range(11)))


def test_loops_are_made_of_vector_instructions():
    text = binding.assembly(F.source)
    wide = {"x86_64": ("zmm", "ymm"), "aarch64": (".2d",), "arm64": (".2d",)}
    machine = binding.load_llvmlite().get_process_triple().split("-")[0]
    if machine not in wide:
        pytest.skip(f"what a vector is called on {machine} is not known here")
    features = binding.load_llvmlite().get_host_cpu_features()
    if machine == "x86_64" and not features.get("avx"):
        pytest.skip("this processor has no AVX")
    assert any(text.count(name) > 100 for name in wide[machine])
    assert "call" not in text.split("piece0:")[1].split("ret")[0]


def test_the_source_is_the_same_every_time_and_reads():
    again = lambdify(network([2, 2, 1]), backend="llvm")
    assert again.source == F.source
    assert "define internal <32 x double> @tanh.v32f64(<32 x double> %u)" in F.source


# --- choices ----------------------------------------------------------------------

CHOICES = {
    "piecewise": sp.Piecewise((sp.log(x), x > 1), (x**2, x > 0), (sp.S.Zero, True)),
    "and": sp.Piecewise((x, sp.And(x > 0, y > 0)), (y, True)),
    "or": sp.Piecewise((x, sp.Or(x > 0, y > 1)), (y, True)),
    "not": sp.Piecewise((x, sp.Not(sp.And(x > 0, y > 0))), (y * 2, True)),
    "equal": sp.Piecewise((x, sp.Eq(x, y)), (y, True)),
    "unequal": sp.Piecewise((x, sp.Ne(x, y)), (y * 3, True)),
    "bounds": sp.Max(x, sp.Min(y, 1)) + sp.Abs(x - y) + sp.floor(x) * sp.sign(y),
}


@pytest.mark.parametrize("name", CHOICES)
def test_choices_are_those_of_numpy(name):
    graph = graph_of(CHOICES[name], [x, y])
    at = np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0, np.nan, np.inf])
    u, v = (grid.ravel() for grid in np.meshgrid(at, at))
    ours, theirs = (
        lambdify(graph, ["x", "y"], backend=name)(u, v) for name in ("llvm", "numpy")
    )
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-15)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-15)


# --- out= -------------------------------------------------------------------------


@both
def test_results_go_where_the_caller_says(f):
    at = (*data(1000), *PARAMETERS)
    value, grad = np.empty(1000), np.empty((9, 1000))
    got = f(*at, out=(value, grad))
    assert got[0] is value
    assert got[1] is grad
    wanted = f(*at)
    np.testing.assert_array_equal(value, wanted[0])
    np.testing.assert_array_equal(grad, wanted[1])


@both
def test_one_of_two_results_may_be_left_to_us(f):
    at = (*data(10), *PARAMETERS)
    grad = np.empty((9, 10))
    value, same = f(*at, out=(None, grad))
    assert same is grad
    np.testing.assert_array_equal(value, f(*at)[0])


@pytest.mark.parametrize("backend", BOTH)
def test_a_value_alone_has_one_place(backend):
    f = lambdify(NOTES, [], backend=backend)
    at = (*data(10), *PARAMETERS)
    value = np.empty(10)
    assert f(*at, out=value) is value
    assert f(*at, out=(value,)) is value
    np.testing.assert_allclose(value, F(*at)[0], rtol=1e-14)


OUT = {
    "strided": lambda: (np.empty(400)[::2], np.empty((9, 400))[:, ::2]),
    "fortran": lambda: (np.empty(200), np.empty((9, 200), order="F")),
    "reversed": lambda: (np.empty(200)[::-1], np.empty((9, 200))[::-1]),
    "rows of more": lambda: (np.empty(200), np.empty((12, 200))[2:11]),
    "unaligned": lambda: (
        np.frombuffer(bytearray(1601), np.uint8)[1:].view(np.float64),
        np.empty((9, 200)),
    ),
    "one block": lambda: (lambda m: (m[0], m[1:]))(np.empty((10, 200))),
    "columns": lambda: (lambda m: (m[:, 0], m[:, 1:].T))(np.empty((200, 10))),
}


@both
@pytest.mark.parametrize("name", OUT)
def test_any_memory_can_be_written_to(f, name):
    at = (*data(200), *PARAMETERS)
    value, grad = OUT[name]()
    f(*at, out=(value, grad))
    wanted = f(*at)
    np.testing.assert_array_equal(value, wanted[0])
    np.testing.assert_array_equal(grad, wanted[1])


@both
def test_out_may_be_an_argument_too(f):
    at = data(200)
    wanted = f(*at.copy(), *PARAMETERS)
    value, _ = f(*at, *PARAMETERS, out=(at[0], None))
    assert np.shares_memory(value, at)
    np.testing.assert_array_equal(value, wanted[0])
    shifted = np.random.default_rng(0).normal(size=300)
    wanted = f(shifted[:200].copy(), shifted[50:250].copy(), *PARAMETERS)[0]
    f(shifted[:200], shifted[50:250], *PARAMETERS, out=(shifted[100:], None))
    np.testing.assert_array_equal(shifted[100:], wanted)


READ_ONLY = np.empty(200)
READ_ONLY.flags.writeable = False
SHARED = np.empty((9, 200))
WRONG_OUT = {
    "one": (np.empty(200), ArgumentTypeError, "two arrays"),
    "three": ((None, None, None), ArgumentTypeError, "two arrays"),
    "a list": (([0.0] * 200, None), ArgumentTypeError, "expected an array"),
    "text": ("value", ArgumentTypeError, "two arrays"),
    "shape": ((np.empty(201), None), ArgumentValueError, r"expected \(200,\)"),
    "grad shape": ((None, np.empty((200, 9))), ArgumentValueError, r"\(9, 200\)"),
    "scalar": ((np.empty(()), None), ArgumentValueError, r"expected \(200,\)"),
    "dtype": ((np.empty(200, np.float32), None), ArgumentTypeError, "float64"),
    "whole": ((np.empty(200, np.int64), None), ArgumentTypeError, "float64"),
    "bytes": ((np.empty(200, ">f8"), None), ArgumentTypeError, "float64"),
    "read-only": ((READ_ONLY, None), ArgumentValueError, "read-only"),
    "broadcast": (
        (np.broadcast_to(np.zeros(1), 200), None),
        ArgumentValueError,
        "read-only",
    ),
    "shared": ((SHARED[3], SHARED), ArgumentValueError, "share"),
}


@both
@pytest.mark.parametrize("name", WRONG_OUT)
def test_memory_that_is_refused(f, name):
    out, kind, words = WRONG_OUT[name]
    with pytest.raises(kind, match=words):
        f(*data(200), *PARAMETERS, out=out)


@pytest.mark.parametrize("backend", BOTH)
def test_an_argument_called_out_is_an_argument(backend):
    f = lambdify("out*threads", ["out"], backend=backend)
    value, grad = f(out=np.array([2.0, 3.0]), threads=5.0)
    assert value.tolist() == [10.0, 15.0]
    assert grad.tolist() == [[5.0, 5.0]]


@pytest.mark.parametrize("bytes_", [1 << 25, 0], ids=["cached", "streamed"])
@pytest.mark.parametrize("real", [np.float64, np.float32], ids=["double", "single"])
@pytest.mark.parametrize("count", [65, 1000, 1024, 40_000, 40_003])
@pytest.mark.parametrize("first", [0, 1, 5])
def test_results_begin_anywhere_in_a_cache_line(
    first, count, real, bytes_, monkeypatch
):
    monkeypatch.setattr(results, "STREAM_BYTES", bytes_)
    at = (*data(count, real), *weights(real))
    room = np.full(10 * count + 64, -7, real)
    start = first + -room.ctypes.data % 64 // room.itemsize
    rows = room[start : start + 10 * count].reshape(10, count)
    F(*at, out=(rows[0], rows[1:]), threads=2)
    wanted, grad = notes_by_hand(*(np.float64(v) for v in at))
    tolerance = 8 * np.finfo(real).eps
    np.testing.assert_allclose(rows[0], wanted, rtol=0, atol=tolerance)
    np.testing.assert_allclose(rows[1:], grad, rtol=0, atol=4 * tolerance)
    assert (room[:start] == -7).all()
    assert (room[start + 10 * count :] == -7).all()


def test_rows_of_one_alignment_are_streamed_from_a_cache_line_on():
    room = np.empty((11, 4096))
    table = results.table_of([room[:10]], 1 << 19, 8)
    assert (room.ctypes.data + 8 * table.lead) % 64 == 0
    assert table.streamed
    assert not results.table_of([room[:10]], 1 << 18, 8).streamed
    ragged = np.empty((10, 4097))
    assert not results.table_of([ragged], 1 << 20, 8).streamed


# --- threads ----------------------------------------------------------------------


@both
@pytest.mark.parametrize("count", [1, 2, 3, 8, 1000, np.int64(2)])
def test_threads_change_nothing(f, count):
    at = (*data(200_001), *PARAMETERS)
    wanted = f(*at)
    got = f(*at, threads=count)
    np.testing.assert_array_equal(got[0], wanted[0])
    np.testing.assert_array_equal(got[1], wanted[1])


SUMS = {
    "many samples": ("(w*x - y)^2", 300_001, "sum"),
    "mean": ("(w*x - y)^2", 300_001, "mean"),
    "few": ("(w*x - y)^2", 10, "sum"),
    "listed": (["w*x", "w^2*y"], 300_001, "sum"),
    "no samples": ("(w*x - y)^2", 0, "sum"),
}


@pytest.mark.parametrize("real", [np.float64, np.float32], ids=["double", "single"])
@pytest.mark.parametrize("backend", BOTH)
@pytest.mark.parametrize("name", SUMS)
def test_sums_go_where_the_caller_says_and_threads_add_parts(name, backend, real):
    source, count, reduce = SUMS[name]
    make = jacobian if isinstance(source, list) else lambda s, wrt: s
    f = lambdify(make(source, ["w"]), ["w"], backend=backend, reduce=reduce)
    at = {"w": real(0.75), "x": data(count, real)[0], "y": data(count, real)[1]}
    value, grad = f(**at)
    out = np.empty(value.shape, real), np.empty(grad.shape, real)
    got = f(**at, out=out, threads=2)
    assert got[0] is out[0]
    assert got[1] is out[1]
    np.testing.assert_allclose(out[0], value, rtol=4 * np.finfo(real).eps)
    np.testing.assert_allclose(out[1], grad, rtol=4 * np.finfo(real).eps)


@pytest.mark.parametrize("backend", BOTH)
def test_several_outputs_go_where_the_caller_says(backend):
    f = lambdify(jacobian(["w*x", "w^2*x"], ["w"]), backend=backend)
    at = {"w": 0.75, "x": data(150_000)[0]}
    out = np.empty((2, 150_000)), np.empty((2, 1, 150_000))
    assert f(**at, out=out, threads=2)[1] is out[1]
    np.testing.assert_allclose(out[0], [0.75 * at["x"], 0.5625 * at["x"]], rtol=1e-15)
    np.testing.assert_array_equal(out[1][:, 0], [at["x"], 1.5 * at["x"]])


def test_sums_over_data_by_numpy_go_where_the_caller_says():
    f = lambdify("sum((y_i - w*x_i)^2, i, 1, n)", ["w"], backend="numpy")
    at = {"w": 0.5, "x": data(50)[0], "y": data(50)[1], "n": 50}
    wanted = f(**at)
    out = np.empty(()), np.empty(1)
    assert f(**at, out=out)[0] is out[0]
    np.testing.assert_array_equal(out[0], wanted[0])
    np.testing.assert_array_equal(out[1], wanted[1])


@both
@pytest.mark.parametrize(
    ("threads", "kind"),
    [(0, ArgumentValueError), (-1, ArgumentValueError), (1.0, ArgumentTypeError),
     ("2", ArgumentTypeError), (None, ArgumentTypeError), (True, ArgumentTypeError)],
)  # fmt: skip
def test_wrong_numbers_of_threads(f, threads, kind):
    with pytest.raises(kind, match="threads"):
        f(*data(10), *PARAMETERS, threads=threads)


def test_many_threads_call_at_once():
    f = lambdify(network([2, 3, 1]), backend="llvm")
    at = [(*data(5000 + k), *np.linspace(-1, 1, 13)) for k in range(8)]
    found: list = [None] * 8

    def call(k):
        found[k] = f(*at[k])

    threads = [threading.Thread(target=call, args=(k,)) for k in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for k in range(8):
        np.testing.assert_array_equal(found[k][1], f(*at[k])[1])


def test_fast_accuracy_is_allowed_everywhere_and_taken_by_machine_code():
    at = (*data(1000), *PARAMETERS)
    wanted, rows = notes_by_hand(*at)
    for name in ("llvm", "numpy"):
        f = lambdify(NOTES, backend=name, accuracy="fast")
        value, grad = f(*at)
        np.testing.assert_allclose(value, wanted, rtol=0, atol=3e-15)
        np.testing.assert_allclose(grad, rows, rtol=0, atol=1e-14)
        again = pickle.loads(pickle.dumps(f))
        np.testing.assert_array_equal(again(*at)[1], grad)
    f = lambdify(NOTES, backend="llvm", accuracy="fast")
    assert f.source != F.source
    np.testing.assert_allclose(f.point(*[0.5] * 11)[1], F.point(*[0.5] * 11)[1])
    with pytest.raises(UnknownNameError, match="default, fast"):
        lambdify(NOTES, accuracy="sloppy")


# --- refusals, copies -------------------------------------------------------------


def test_a_function_that_machine_code_lacks_is_named():
    with pytest.raises(RuleError, match=r"'llvm' has no code for polygamma.*math"):
        lambdify("digamma(x)", backend="llvm")


def test_products_over_data_are_left_to_numpy():
    text = "product(1 + w*x_i, i, 1, n)"
    with pytest.raises(RuleError, match=r"'llvm' has no code for .*; use .*'numpy'"):
        lambdify(text, ["w"], backend="llvm")
    assert lambdify(text, ["w"]).backend == "numpy"


def test_a_copy_is_compiled_anew():
    again = pickle.loads(pickle.dumps(F))
    at = (*data(50), *PARAMETERS)
    assert again.backend == "llvm"
    np.testing.assert_array_equal(again(*at)[1], F(*at)[1])


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 2)])
def test_no_samples_give_no_results(shape):
    value, grad = F(np.empty(shape), 1.0, *PARAMETERS)
    assert value.shape == shape
    assert grad.shape == (9, *shape)


def test_only_constants():
    f = lambdify("3*x/x", ["x"], backend="llvm")
    value, grad = f(np.arange(1.0, 5.0))
    assert value.tolist() == [3.0] * 4
    assert grad.shape == (1, 4)
