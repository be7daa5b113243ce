"""The numeric contract: shapes, dtypes, names, errors, layouts, pickles, modules."""

from __future__ import annotations

import importlib.util
import itertools
import math
import pickle
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import scipy.optimize
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from sample_graphs import notes_by_hand

from symgrad.chain_rule import differentiate, hessian, jacobian
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    MissingPackageError,
    UnknownNameError,
)
from symgrad.functions import FUNCTIONS
from symgrad.graph import Graph, Stage
from symgrad.networks import network
from symgrad.numeric import availability
from symgrad.numeric.backends import lambdify
from symgrad.numeric.evaluation import evaluate
from symgrad.numeric.numeric_functions import NumericFunction
from symgrad.symbols import symbol

# The others give arrays of their own packages: see test_package_backends.py.
BACKENDS = ("numpy", "math", "scipy", "llvm")

x, y, z, w, b = (symbol(name) for name in "x y z w b".split())
out = symbol("out")
PARAMETERS = [0.3, -0.7, 0.1, 0.9, 0.4, -0.2, 1.1, -0.6, 0.05]
NOTES = network([2, 2, 1])


def graph_of(expr, inputs=(), parameters=()):
    return Graph((Stage(out, expr),), (out,), tuple(inputs), tuple(parameters))


LINE = graph_of(sp.tanh(w * x) + b + 2 * y, [x, y], [w, b])


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- values -----------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 7, 8192, 8193, 150_000])
def test_batches_of_the_notes_network(count):
    rng = np.random.default_rng(1)
    data = rng.normal(size=(2, count))
    value, grad = lambdify(NOTES)(*data, *PARAMETERS)
    wanted, rows = notes_by_hand(*data, *PARAMETERS)
    np.testing.assert_allclose(value, wanted, rtol=0, atol=1e-15)
    np.testing.assert_allclose(grad, rows, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_single_points_of_the_notes_network(backend):
    value, grad = lambdify(NOTES, backend=backend)(0.37, -1.21, *PARAMETERS)
    wanted, rows = notes_by_hand(0.37, -1.21, *PARAMETERS)
    np.testing.assert_allclose(value, wanted, rtol=1e-14)
    np.testing.assert_allclose(grad, rows, rtol=1e-14)


def test_the_point_of_math_is_floats():
    value, grad = lambdify(NOTES, backend="math")(0.37, -1.21, *PARAMETERS)
    assert type(value) is float and type(grad) is tuple
    assert {type(part) for part in grad} == {float}


# --- shapes and dtypes ------------------------------------------------------------


@pytest.mark.parametrize(
    ("shapes", "batch"),
    [
        (((), ()), ()),
        (((5,), ()), (5,)),
        (((3, 1), (1, 4)), (3, 4)),
        (((1,), ()), (1,)),
        (((1,), (1, 1)), (1, 1)),
        (((0,), ()), (0,)),
        (((0, 3), (3,)), (0, 3)),
        (((2, 1, 3), (4, 1)), (2, 4, 3)),
    ],
    ids=str,
)
def test_shapes(shapes, batch):
    f = lambdify(LINE, [w, b])
    value, grad = f(np.ones(shapes[0]), np.ones(shapes[1]), 0.5, 2.0)
    assert type(value) is type(grad) is np.ndarray
    assert value.shape == batch and grad.shape == (2, *batch)
    assert grad.flags.c_contiguous and value.flags.writeable
    np.testing.assert_array_equal(grad[1], np.ones(batch))
    np.testing.assert_allclose(value, np.full(batch, math.tanh(0.5) + 4), rtol=1e-15)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.data())
def test_any_shapes_broadcast_as_in_numpy(data):
    shapes = data.draw(
        mutually_broadcastable_shapes(num_shapes=4, max_dims=3, max_side=4, min_side=0)
    )
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape) for shape in shapes.input_shapes]
    value, grad = lambdify(LINE)(*arrays)
    x_, y_, w_, b_ = arrays
    wanted = np.tanh(w_ * x_) + b_ + 2 * y_
    assert value.shape == wanted.shape == shapes.result_shape
    np.testing.assert_allclose(value, wanted, rtol=1e-13, atol=1e-14)
    rows = [(1 - np.tanh(w_ * x_) ** 2) * x_ + 0 * wanted, np.ones(wanted.shape)]
    np.testing.assert_allclose(grad, rows, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(
    ("arguments", "dtype"),
    [
        ((np.ones(3, np.float32), 1.0, 2, 3.0), np.float32),
        ((np.ones(3, np.float32), np.ones(3), 2, 3.0), np.float64),
        ((np.float32(1), np.float32(1), 2.0, 1.0), np.float32),
        ((np.float32(1), np.float64(1), 2.0, 1.0), np.float64),
        ((np.ones(3, np.float16), 1.0, 2, 3.0), np.float32),
        ((np.ones(3, int), 1, 2, 3), np.float64),
        ((np.ones(3, np.int8), np.ones(3, np.float32), 2, 3), np.float64),
        (([True, False], 1.0, 2.0, 3.0), np.float64),
        (([1, 2], [3, 4], 2, 3), np.float64),
        ((1, 2, 3, 4), np.float64),
        ((np.ones(3, np.longdouble), 1, 2, 3), np.float64),
    ],
    ids=lambda v: str(v)[:40],
)
def test_dtypes(arguments, dtype):
    for graph in (LINE, graph_of(sp.erf(w * x) + sp.LambertW(y) + b, [x, y], [w, b])):
        value, grad = lambdify(graph)(*arguments)
        assert value.dtype == dtype and grad.dtype == dtype


def test_float32_is_computed_in_float32():
    x32 = np.linspace(-1, 1, 20, dtype=np.float32)
    value, _ = lambdify(LINE, backend="numpy")(x32, 0.0, 0.3, 0.1)
    wanted = np.tanh(np.float32(0.3) * x32) + np.float32(0.1)
    np.testing.assert_array_equal(value, wanted)


def test_constant_partials_and_values_are_broadcast():
    value, grad = lambdify(graph_of(sp.Integer(3) + 0 * x, [x]), [x])(np.ones(4))
    assert value.tolist() == [3.0] * 4 and grad.tolist() == [[0.0] * 4]


def test_many_outputs_put_their_number_first():
    graph = network([2, 3, 2])
    f = lambdify(jacobian(graph, graph.parameters))
    count = len(graph.parameters)
    value, grad = f(np.ones((5, 1)), np.ones(4), *[0.1] * count)
    assert value.shape == (2, 5, 4) and grad.shape == (2, count, 5, 4)
    alone = [lambdify(graph.select(o), graph.parameters) for o in graph.outputs]
    for k, one in enumerate(alone):
        part, rows = one(np.ones((5, 1)), np.ones(4), *[0.1] * count)
        np.testing.assert_allclose(value[k], part, rtol=1e-15)
        np.testing.assert_allclose(grad[k], rows, rtol=1e-14)
    single = lambdify(graph, backend="math")(0.5, 0.2, *[0.1] * count)
    assert len(single[0]) == 2 and [len(row) for row in single[1]] == [count] * 2


def test_a_jacobian_of_one_row_keeps_its_axis():
    f = lambdify(jacobian("x*y", ["x", "y"]))
    value, grad = f(2.0, np.ones(3))
    assert value.shape == (1, 3) and grad.shape == (1, 2, 3)


def test_a_hessian_runs():
    f = lambdify(hessian("x^3*y + y^2", ["x", "y"]))
    value, grad = f(2.0, 5.0)
    assert value.tolist() == [60.0, 18.0]
    assert grad.tolist() == [[60.0, 12.0], [12.0, 2.0]]


@pytest.mark.parametrize("backend", BACKENDS)
def test_wrt_empty_gives_the_value_alone(backend):
    f = lambdify(LINE, [], backend=backend)
    assert f(0.0, 1.0, 1.0, 2.0) == 4.0
    assert lambdify(LINE, [])(np.zeros(3), 1.0, 1.0, 2.0).shape == (3,)


@pytest.mark.parametrize("count", [3, 200_000])
def test_results_are_the_callers_own(count):
    f = lambdify(graph_of(x + 0 * y, [x, y]), [x, y])
    g = lambdify(Graph((Stage(out, x + y),), (x, out), (x, y)), [x])
    data = np.ones(count)
    held = [f(data, 1.0) for _ in range(3)] + [g(data, 1.0) for _ in range(2)]
    arrays = [data, *(array for pair in held for array in pair)]
    for one, other in itertools.combinations(arrays, 2):
        assert not np.shares_memory(one, other)


def test_a_part_of_a_result_keeps_its_numbers():
    f = lambdify(LINE)
    data = np.linspace(0, 1, 200_000)
    rows = [f(data, 0.0, k, 0.0)[1][0][5:9] for k in (1.0, 2.0, 3.0)]
    views = [memoryview(f(data, 0.0, k, 0.0)[0]) for k in (1.0, 2.0, 3.0)]
    for k, row, view in zip((1.0, 2.0, 3.0), rows, views, strict=True):
        np.testing.assert_array_equal(row, f(data[5:9], 0.0, k, 0.0)[1][0])
        np.testing.assert_array_equal(view, f(data, 0.0, k, 0.0)[0])


def test_threads_do_not_share_results():
    f = lambdify(LINE)
    data = np.linspace(0, 1, 150_000)

    def slope(k):
        return float(k), f(data, 0.0, float(k), 0.0)

    with ThreadPoolExecutor(4) as pool:
        for k, (value, grad) in pool.map(slope, range(1, 25)):
            np.testing.assert_allclose(value, np.tanh(k * data), rtol=1e-14)
            np.testing.assert_array_equal(grad[1], np.ones(data.shape))


def test_arguments_are_not_changed():
    data = np.linspace(-1, 1, 9).reshape(3, 3).T
    data.setflags(write=False)
    copy = data.copy()
    value, _ = lambdify(LINE)(data, data[:1], 1.0, 2.0)
    np.testing.assert_array_equal(data, copy)
    np.testing.assert_allclose(value, np.tanh(copy) + 2 + 2 * copy[:1], rtol=1e-15)


def test_work_on_parameters_alone_is_done_once():
    graph = graph_of(sp.exp(w) * x + sp.sin(b) * sp.exp(w), [x], [w, b])
    f = lambdify(graph, backend="numpy")
    assert "def once(" in f.source
    data = np.linspace(0, 1, 20_000)
    for weight in (0.5, np.full(20_000, 0.5)):
        value, grad = f(data, weight, 2.0)
        np.testing.assert_allclose(value, math.exp(0.5) * (data + math.sin(2.0)))
        np.testing.assert_allclose(grad[1], math.exp(0.5) * math.cos(2.0))


# --- names and errors -------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
def test_keywords(backend):
    f = lambdify(LINE, backend=backend)
    wanted = f(0.1, 0.2, 0.3, 0.4)
    got = f(0.1, b=0.4, w=0.3, y=0.2)
    assert wanted[0] == got[0] and list(wanted[1]) == list(got[1])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "names", [("lambda", "np", "tanh"), ("x'", "x_prime", "self"), ("φ", "2", "a b"),
              ("value", "grad", "t_1"), ("multiply", "more", "None"),
              ("ﬁ", "fi", "named")], ids=str
)  # fmt: skip
def test_any_name_is_an_argument(backend, names):
    p, q, r = (symbol(name) for name in names)
    graph = graph_of(sp.tanh(p * q) * q * sp.exp(r) + (p * q + r) ** 3, [p, q, r])
    f = lambdify(graph, backend=backend)
    assert f.args == names
    plain = lambdify(
        graph_of(sp.tanh(x * y) * y * sp.exp(z) + (x * y + z) ** 3, [x, y, z]),
        backend=backend,
    )
    got = f(**dict(zip(names, (0.1, 0.2, 0.3), strict=True)))
    wanted = plain(0.1, 0.2, 0.3)
    assert got[0] == wanted[0] and list(got[1]) == list(wanted[1])


class Foreign:
    """An array of another package that refuses to become one of NumPy's."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("on a GPU.\nmore lines")


WRONG = {
    "too few": (lambda f: f(1.0, 2.0), ArgumentTypeError, "missing arguments: w, b"),
    "too many": (lambda f: f(*[1.0] * 5), ArgumentTypeError, "5 arguments given"),
    "unknown": (lambda f: f(1.0, 2.0, 3.0, q=4.0), ArgumentTypeError, "'q'"),
    "twice": (lambda f: f(1.0, 2.0, 3.0, x=4.0), ArgumentTypeError, "'x' is given"),
    "none": (lambda f: f(1.0, None, 3.0, 4.0), ArgumentTypeError, "'y'"),
    "complex": (lambda f: f(1j, 2.0, 3.0, 4.0), ArgumentTypeError, "complex"),
    "complex last": (lambda f: f(1.0, 2.0, 3.0, 1j), ArgumentTypeError, "complex"),
    "set": (lambda f: f({1.0}, 2.0, 3.0, 4.0), ArgumentTypeError, "set"),
    "text": (lambda f: f(1.0, "2", 3.0, 4.0), ArgumentTypeError, "str"),
    "objects": (lambda f: f(np.array([None]), 2.0, 3.0, 4.0), ArgumentTypeError,
                "object"),
    "dates": (lambda f: f(np.array(["2020"], "M8"), 2, 3, 4), ArgumentTypeError, "M8"),
    "symbol": (lambda f: f(sp.Symbol("t"), 2.0, 3.0, 4.0), ArgumentTypeError,
               "'x' is of type Symbol"),
    "iterator": (lambda f: f(iter([1.0]), 2.0, 3.0, 4.0), ArgumentTypeError,
                 "'x' is of type list_iterator"),
    "masked": (lambda f: f(np.ma.masked_equal([1.0, 2.0], 2.0), 2.0, 3.0, 4.0),
               ArgumentValueError, "'x' has masked values"),
    "masked number": (lambda f: f(1.0, np.ma.masked, 3.0, 4.0), ArgumentValueError,
                      "'y' has masked values"),
    "another's array": (lambda f: f(Foreign(), 2.0, 3.0, 4.0), ArgumentTypeError,
                        "'x' is of type Foreign, which NumPy does not take: on a GPU"),
    "ragged": (lambda f: f([[1], [1, 2]], 2.0, 3.0, 4.0), ArgumentValueError, "ragged"),
    "beyond": (lambda f: f(10**400, 2.0, 3.0, 4.0), ArgumentValueError, "beyond"),
}  # fmt: skip


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", WRONG)
def test_wrong_arguments(case, backend):
    call, kind, words = WRONG[case]
    with pytest.raises(kind) as caught:
        call(lambdify(LINE, backend=backend))
    message = str(caught.value)
    if words != "M8":
        assert words in message
    assert "\n" not in message and not message.endswith(".")


@pytest.mark.parametrize(
    "number",
    [Fraction(3, 2), Decimal("1.5"), sp.Rational(3, 2), sp.Float(1.5), mpmath.mpf(1.5)],
    ids=lambda number: type(number).__name__,
)
@pytest.mark.parametrize("backend", BACKENDS)
def test_real_numbers_of_other_libraries(backend, number):
    f = lambdify(LINE, backend=backend)
    got, wanted = f(number, 2.0, 3.0, 4.0), f(1.5, 2.0, 3.0, 4.0)
    assert got[0] == wanted[0] and list(got[1]) == list(wanted[1])


def test_an_array_whose_mask_hides_nothing():
    assert lambdify(LINE)(np.ma.array([1.0, 2.0]), 0, 3, 4)[0].shape == (2,)


def test_shapes_that_do_not_broadcast():
    with pytest.raises(ArgumentValueError, match=r"x \(3,\), y \(4,\)"):
        lambdify(LINE)(np.ones(3), np.ones(4), 1.0, 2.0)


def test_math_refuses_arrays():
    with pytest.raises(ArgumentTypeError, match="backend 'numpy' takes arrays"):
        lambdify(LINE, backend="math")(np.ones(3), 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"backend": "numpi"}, UnknownNameError, "did you mean 'numpy'"),
        ({"layout": "vektor"}, UnknownNameError, "did you mean 'vector'"),
        ({"wrt": "ww"}, UnknownNameError, "'ww'"),
        ({"wrt": {"w"}}, ArgumentTypeError, "set"),
        ({"wrt": ["w", "w"]}, ArgumentValueError, "twice"),
        ({"args": {"w"}}, ArgumentTypeError, "set"),
        ({"args": "xywb"}, ArgumentTypeError, "list"),
        ({"args": ["x", "w", "b"]}, ArgumentValueError, "lacks 'y'"),
        ({"args": ["x", "y", "w", "b", "q"]}, UnknownNameError, "'q'"),
        ({"args": ["x", "y", "w", "b", "out"]}, ArgumentValueError, "stage"),
        ({"wrt": [], "layout": "vector"}, ArgumentValueError, "vector"),
        ({"wrt": ["out"], "layout": "vector"}, ArgumentValueError, "stage"),
    ],
    ids=str,
)
def test_wrong_options(options, kind, words):
    with pytest.raises(kind, match=words):
        lambdify(LINE, **options)


def test_the_order_of_arguments():
    f = lambdify(LINE, "w", args=["b", w, "y", "x"])
    assert f.args == ("b", "w", "y", "x")
    plain = lambdify(LINE, "w")
    assert f(4.0, 3.0, 2.0, 1.0)[0] == plain(1.0, 2.0, 3.0, 4.0)[0]


# --- what lambdify takes ----------------------------------------------------------


def test_sources():
    for source in ("w*x + b", sp.Symbol("w") * sp.Symbol("x") + sp.Symbol("b"),
                   differentiate("w*x + b", ["w"])):  # fmt: skip
        value, grad = lambdify(source, "w")(w=2.0, x=3.0, b=1.0)
        assert value == 7.0 and grad.tolist() == [3.0]
    assert lambdify(differentiate(LINE, ["b"])).wrt == ("b",)
    assert lambdify(LINE).wrt == ("w", "b")
    assert lambdify("x*y").wrt == ("x", "y")


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_the_mode_of_a_gradient_is_used(mode):
    gradient = differentiate(network([2, 3, 1]), mode=mode)
    f = lambdify(gradient)
    assert f.operations == lambdify(gradient.graph).operations or mode == "forward"
    got = f(0.3, 0.4, *[0.2] * len(f.wrt))[1]
    wanted = lambdify(gradient.graph)(0.3, 0.4, *[0.2] * len(f.wrt))[1]
    np.testing.assert_allclose(got, wanted, rtol=1e-14)


def test_attributes():
    f = lambdify(NOTES, backend="numpy")
    assert f.args[:3] == ("x_1", "x_2", "w_111") and len(f.args) == 11
    assert f.wrt == tuple(p.name for p in NOTES.parameters)
    assert (f.backend, f.layout, f.operations) == ("numpy", "names", 31)
    assert "31 operations" in repr(f) and isinstance(f, NumericFunction)
    assert f.to_source("python") == f.source
    with pytest.raises(UnknownNameError, match="known: python, llvm"):
        f.to_source("cobol")


def test_the_back_end_that_is_chosen(monkeypatch):
    monkeypatch.setattr(availability, "can_compile", lambda: False)
    assert lambdify(NOTES).backend == "numpy"
    with pytest.raises(MissingPackageError, match=r"llvmlite 0\.45 or later; pip"):
        lambdify(NOTES, backend="llvm")
    pytest.importorskip("llvmlite", reason="llvmlite is not installed")
    monkeypatch.setattr(availability, "can_compile", lambda: True)
    assert lambdify(NOTES).backend == "llvm"
    assert "def block(" in lambdify(NOTES).to_source("python")
    assert lambdify("polygamma(2, x)").backend == "numpy"
    monkeypatch.setattr(availability, "MAX_AUTO", 30)
    assert lambdify(NOTES).backend == "numpy"


# --- layouts ----------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_vector_of_variables(backend):
    f = lambdify(NOTES, layout="vector", backend=backend)
    assert f.args == (*f.wrt, "x_1", "x_2") and f.layout == "vector"
    value, grad = f(np.array(PARAMETERS), 0.3, 0.4)
    wanted, rows = notes_by_hand(0.3, 0.4, *PARAMETERS)
    np.testing.assert_allclose(value, wanted, rtol=1e-14)
    np.testing.assert_allclose(grad, rows, rtol=1e-14)
    assert f(PARAMETERS, x_2=0.4, x_1=0.3)[0] == value
    with pytest.raises(ArgumentValueError, match=r"shape \(3,\); expected \(9,\)"):
        f(np.ones(3), 0.3, 0.4)
    with pytest.raises(ArgumentTypeError, match="missing"):
        f(PARAMETERS, 0.3)
    with pytest.raises(ArgumentTypeError, match="vector"):
        f()


def test_a_vector_and_a_batch():
    f = lambdify(NOTES, layout="vector")
    value, grad = f(np.array(PARAMETERS), np.ones((4, 1)), np.ones(3))
    assert value.shape == (4, 3) and grad.shape == (9, 4, 3)


def test_scipy_minimizes():
    rosenbrock = lambdify("(1 - x)^2 + 100*(y - x^2)^2 + c", ["x", "y"],
                          layout="vector")  # fmt: skip
    found = scipy.optimize.minimize(rosenbrock, [-1.2, 1.0], args=(3.0,), jac=True)
    # BFGS stops at a gradient of 1e-5; the minimum's curvature is about 1.
    np.testing.assert_allclose(found.x, [1.0, 1.0], atol=1e-4)
    assert found.success and abs(found.fun - 3.0) < 1e-8


# --- awkward numbers --------------------------------------------------------------

AWKWARD = {
    "log of a negative": (sp.log(x), -1.0, math.nan),
    "log of zero": (sp.log(x), 0.0, -math.inf),
    "exp of a thousand": (sp.exp(x), 1000.0, math.inf),
    "one over zero": (1 / x, 0.0, math.inf),
    "cube root of a negative": (x ** sp.Rational(1, 3), -8.0, math.nan),
    "real cube root": (FUNCTIONS["cbrt"].make(x), -8.0, -2.0),
    "sin of infinity": (sp.sin(x), math.inf, math.nan),
    "nan goes through": (sp.tanh(x) + x, math.nan, math.nan),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_points_follow_numpy_without_warnings(name, backend):
    expr, at, wanted = AWKWARD[name]
    f = lambdify(graph_of(expr, [x]), backend=backend)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, grad = f(at)
        arrays = lambdify(graph_of(expr, [x]))(np.array([at, at]))
    np.testing.assert_allclose(value, wanted, rtol=1e-15)
    np.testing.assert_allclose(arrays[0], [wanted, wanted], rtol=1e-15)
    np.testing.assert_allclose(grad[0], arrays[1][0, 0], rtol=1e-15)
    if backend == "math":
        assert type(value) is float and type(grad[0]) is float


@pytest.mark.parametrize("value", [2, True, np.float64(2), np.float32(2), np.int64(2),
                                   np.array(2.0)], ids=repr)  # fmt: skip
@pytest.mark.parametrize(
    "expr",
    [
        x * y,
        x + y,
        sp.tanh(x) * y,
        sp.Max(x, y),
        x**2 - y,
        sp.Piecewise((x, x > y), (y, True)),
    ],
    ids=str,
)
def test_math_gives_plain_floats_for_any_number(expr, value):
    f = lambdify(graph_of(expr, [x, y]), [x, y], backend="math")
    result, grad = f(value, value)
    assert {type(result), *map(type, grad)} == {float}


# --- pickles and modules ----------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("layout", ["names", "vector"])
def test_pickles(backend, layout):
    f = lambdify(NOTES, backend=backend, layout=layout)
    f(*([PARAMETERS, 0.1, 0.2] if layout == "vector" else [0.1, 0.2, *PARAMETERS]))
    again = pickle.loads(pickle.dumps(f))
    assert (again.source, again.args, again.wrt) == (f.source, f.args, f.wrt)
    assert again.layout == layout and again.backend == backend


def test_pickles_reach_another_process():
    f = lambdify(NOTES)
    code = (
        "import pickle, sys; f = pickle.load(sys.stdin.buffer); "
        f"print(float(f(0.3, 0.4, *{PARAMETERS})[0]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(f), capture_output=True,
        check=True,
    )  # fmt: skip
    assert float(done.stdout) == f(0.3, 0.4, *PARAMETERS)[0]


SAVED = {
    "network": NOTES,
    "safe": graph_of(sp.erf(x) * w + sp.LambertW(sp.exp(x)) + sp.Max(x, w), [x], [w]),
    "once": graph_of(sp.exp(w) * x, [x], [w]),
    "quotes": graph_of(x * symbol('a"""b\\'), [x, symbol('a"""b\\')]),
}


@pytest.mark.parametrize("layout", ["names", "vector"])
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", SAVED)
def test_saved_modules_keep_the_contract(name, backend, layout, tmp_path):
    f = lambdify(SAVED[name], backend=backend, layout=layout)
    path = f.save(tmp_path / "saved.py")
    text = path.read_text(encoding="utf-8")
    assert "symgrad" not in "".join(
        line for line in text.splitlines() if "import" in line
    )
    module = load(path)
    values = [0.1 * (k + 1) for k in range(len(f.args))]
    count = len(f.wrt)
    given = [values[:count], *values[count:]] if layout == "vector" else values
    for one, other in zip(f(*given), module.f(*given), strict=True):
        # One point is computed with math here, with NumPy there.
        np.testing.assert_allclose(one, other, rtol=1e-14)
        assert type(one) is type(other)
    with pytest.raises(TypeError, match="arguments"):
        module.f(*given, 1.0)
    if backend == "numpy":
        batch = [*given[:-1], np.full((2, 3), given[-1])] if layout == "names" else None
        if batch:
            assert module.f(*batch)[1].shape == (count, 2, 3)
    assert f.save(tmp_path / "again.py").read_text(encoding="utf-8") == text


def test_saved_modules_know_numpy_rules(tmp_path):
    f = lambdify(graph_of(sp.log(x) + sp.tanh(x), [x]), backend="math")
    module = load(f.save(tmp_path / "logs.py"))
    assert math.isnan(module.f(-1.0)[0]) and module.f(0.0)[0] == -math.inf
    assert module.f(2)[0] == math.log(2.0) + math.tanh(2.0)


def test_save_wants_a_suffix_it_knows(tmp_path):
    with pytest.raises(ArgumentValueError, match=r"\.py"):
        lambdify(LINE).save(tmp_path / "saved.cob")


# --- evaluate ---------------------------------------------------------------------


def test_evaluate_gives_every_stage_and_label():
    at = dict(zip(lambdify(NOTES).args, [0.3, 0.4, *PARAMETERS], strict=True))
    values = evaluate(NOTES, at)
    wanted, _ = notes_by_hand(0.3, 0.4, *PARAMETERS)
    assert list(values) == ["f_3", "f_2", "f_1", "y_hat"]
    assert values["y_hat"] == values["f_1"] == pytest.approx(wanted, rel=1e-15)
    assert type(values["f_3"]) is float


def test_evaluate_takes_arrays_and_symbols():
    values = evaluate("y = u^2; u = x + c", {x: np.arange(3.0), "c": 1})
    assert values["y"].tolist() == [1.0, 4.0, 9.0]


@pytest.mark.parametrize(
    ("at", "kind", "words"),
    [
        ({"x": 1.0}, ArgumentTypeError, "no number for"),
        ({"x": 1.0, "c": 2.0, "q": 1.0}, UnknownNameError, "'q'"),
        ({"x": 1.0, "c": 2.0, "u": 1.0}, ArgumentValueError, "stage"),
        ([1.0], ArgumentTypeError, "mapping"),
    ],
    ids=str,
)
def test_evaluate_names_what_is_wrong(at, kind, words):
    with pytest.raises(kind, match=words):
        evaluate("y = u^2; u = x + c", at)


def test_a_point_of_python_binds_as_python_does():
    f = lambdify("lambda*x + b", ["lambda", "x", "b"], backend="math")
    wanted = f(2.0, 3.0, 1.0)
    assert f.point(2.0, 3.0, 1.0) == wanted == (7.0, (3.0, 2.0, 1.0))
    assert f.point(2, np.float64(3.0), b=np.float32(1.0)) == wanted
    assert {type(g) for g in f.point(np.float64(2), 3, 1)[1]} == {float}
    with pytest.raises(ArgumentTypeError, match="4 arguments given; expected 3"):
        f.point(2.0, 3.0, 1.0, 4.0)
    with pytest.raises(ArgumentTypeError, match="missing arguments: b"):
        f.point(2.0, 3.0)
    with pytest.raises(TypeError, match="nobody"):
        f.point(2.0, 3.0, nobody=1.0)
    with pytest.raises(TypeError, match="multiple values for argument 'x'"):
        f.point(2.0, 3.0, 1.0, x=3.0)
    with pytest.raises(ArgumentTypeError, match="unknown argument 'nobody'"):
        f(2.0, 3.0, nobody=1.0)


def test_a_point_beyond_math_keeps_the_rules_of_numpy():
    f = lambdify("log(x) + 1/y", ["x", "y"], backend="math")
    value, grad = f.point(-1.0, 2.0)
    assert math.isnan(value) and math.isnan(grad[0])
    assert f.point(1.0, 0.0)[0] == math.inf


def test_a_number_for_a_name_is_given_once():
    with pytest.raises(ArgumentValueError, match="at has 'x' twice, as a text and"):
        evaluate("x^2", {"x": 1, sp.Symbol("x"): 2})
