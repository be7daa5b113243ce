"""Values and gradients added over the samples: results, errors of sums, refusals."""

from __future__ import annotations

import importlib.util
import math
import pickle
import warnings

import numpy as np
import pytest
import scipy.optimize

from symgrad.errors import ArgumentValueError, UnknownNameError
from symgrad.networks import network
from symgrad.numeric.backends import lambdify

BACKENDS = ["numpy", "llvm"]
PARAMETERS = [0.3, -0.7, 0.1, 0.9, 0.4, -0.2, 1.1, -0.6, 0.05]
NOTES = network([2, 2, 1])


def data(count, real=np.float64):
    return np.random.default_rng(count).normal(size=(2, count)).astype(real)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("count", [1, 5, 8, 100, 511, 512, 513, 10_001])
@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_sums_and_means_are_those_of_the_samples(backend, count, reduce):
    value, grad = lambdify(NOTES, reduce=reduce, backend=backend)(
        *data(count), *PARAMETERS
    )
    values, grads = lambdify(NOTES, backend="numpy")(*data(count), *PARAMETERS)
    share = count if reduce == "mean" else 1
    assert value.shape == ()
    assert grad.shape == (9,)
    np.testing.assert_allclose(value, math.fsum(values) / share, rtol=1e-13, atol=1e-13)
    wanted = [math.fsum(row) / share for row in grads]
    np.testing.assert_allclose(grad, wanted, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_error_of_a_sum_does_not_grow(backend):
    """2·10^6 samples; a plain loop would lose a thousand times as much."""
    f = lambdify("w*x", "w", reduce="sum", backend=backend)
    x = np.random.default_rng(0).uniform(0, 1, 2_000_000)
    value, grad = f(w=0.1, x=x)
    true = math.fsum(x)
    # Half a unit for each of the few additions inside a block.
    np.testing.assert_allclose(grad[0], true, rtol=3e-15, atol=0)
    np.testing.assert_allclose(value, 0.1 * true, rtol=3e-15, atol=0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_does_not_depend_on_the_sample_is_counted_for_each(backend):
    value, grad = lambdify("w^2 + 0*x", "w", reduce="sum", backend=backend)(
        w=3.0, x=np.zeros(10)
    )
    assert (value, grad.tolist()) == (90.0, [60.0])
    value, grad = lambdify("w^2", "w", reduce="mean", backend=backend)(w=3.0)
    assert (value, grad.tolist()) == (9.0, [6.0])


@pytest.mark.parametrize("backend", BACKENDS)
def test_many_axes_and_outputs(backend):
    f = lambdify(network([2, 2, 2]), reduce="sum", backend=backend)
    plain = lambdify(network([2, 2, 2]), backend="numpy")
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    at = (*x, *np.linspace(-1, 1, 12))
    value, grad = f(*at)
    values, grads = plain(*at)
    assert (value.shape, grad.shape) == ((2,), (2, 12))
    np.testing.assert_allclose(value, values.sum((1, 2)), rtol=1e-13)
    np.testing.assert_allclose(grad, grads.sum((2, 3)), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_single_precision_stays(backend):
    f = lambdify("w*x", "w", reduce="mean", backend=backend)
    x = np.full(1000, 0.5, np.float32)
    value, grad = f(w=np.float32(2), x=x)
    assert value.dtype == grad.dtype == np.float32
    assert (value, grad.tolist()) == (1.0, [0.5])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("x", "wanted"), [([np.inf, 1.0], np.inf), ([1.0, np.nan], np.nan),
                      ([np.inf, -np.inf], np.nan), ([1e308, 1e308], np.inf)],
)  # fmt: skip
def test_infinity_and_nan_are_summed_as_numpy_sums_them(backend, x, wanted):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = lambdify("x + 0*w", [], reduce="sum", backend=backend)(x=x, w=0.0)
    np.testing.assert_equal(float(got), wanted)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("reduce", "wanted"), [("sum", 0.0), ("mean", np.nan)])
def test_no_samples(backend, reduce, wanted):
    value, grad = lambdify("w*x", "w", reduce=reduce, backend=backend)(
        w=1.0, x=np.empty(0)
    )
    np.testing.assert_equal([float(value), *grad], [wanted, wanted])


@pytest.mark.parametrize("backend", ["llvm"])
def test_machine_code_takes_out_and_threads(backend):
    f = lambdify(NOTES, reduce="sum", backend=backend)
    at = (*data(200_001), *PARAMETERS)
    value, grad = np.empty(()), np.empty(9)
    wanted = f(*at)
    got = f(*at, out=(value, grad), threads=3)
    assert got[1] is grad
    np.testing.assert_allclose(value, wanted[0], rtol=1e-15)
    np.testing.assert_allclose(grad, wanted[1], rtol=1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_copies_and_modules_keep_the_sum(backend, tmp_path):
    f = lambdify(NOTES, reduce="mean", backend=backend)
    at = (*data(50), *PARAMETERS)
    again = pickle.loads(pickle.dumps(f))
    assert again.reduce == "mean"
    np.testing.assert_array_equal(again(*at)[1], f(*at)[1])
    path = f.save(tmp_path / "mean.py")
    spec = importlib.util.spec_from_file_location("mean", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    np.testing.assert_allclose(module.f(*at)[1], f(*at)[1], rtol=1e-13)
    np.testing.assert_allclose(module.f(*at)[0], f(*at)[0], rtol=1e-13)


@pytest.mark.parametrize("backend", BACKENDS)
def test_scipy_fits_the_notes_network(backend):
    """The loss as a formula: its mean by L-BFGS, the vector first."""
    f = lambdify(
        "(y - a*tanh(w*x))^2", ["a", "w"], reduce="mean", layout="vector",
        backend=backend, args=["a", "w", "x", "y"],
    )  # fmt: skip
    x = np.linspace(-2, 2, 300)
    y = 1.5 * np.tanh(0.7 * x)
    done = scipy.optimize.minimize(f, [1.0, 1.0], args=(x, y), jac=True)
    np.testing.assert_allclose(done.x, [1.5, 0.7], rtol=1e-4)


def test_what_cannot_be_reduced():
    with pytest.raises(ArgumentValueError, match="'math' has but one point"):
        lambdify("w*x", reduce="sum", backend="math")
    with pytest.raises(UnknownNameError, match=r"reduce.*sum, mean"):
        lambdify("w*x", reduce="total")
