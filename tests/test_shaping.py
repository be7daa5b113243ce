"""Results in the form that a caller asked for: parts, rows by sample, sparse."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import scipy.sparse

import symgrad as sg

RNG = np.random.default_rng(3)
BACKENDS = ["numpy", "math", "llvm"]
TWO = ["x*y", "sin(x) + w*z"]
WRT = ["x", "y", "w"]


def both(backend: str = "numpy", **options):
    return sg.lambdify(sg.jacobian(TWO, WRT), backend=backend, **options)


@pytest.mark.parametrize("backend", BACKENDS)
def test_one_of_the_two(backend: str) -> None:
    args = [0.3, 0.5, 2.0, 0.7]
    value, grad = both()(*args)
    found = both(backend, results="value")(*args)
    np.testing.assert_allclose(found, value, rtol=1e-15)
    found = both(backend, results="gradient")(*args)
    np.testing.assert_allclose(found, grad, rtol=1e-15)
    assert np.shape(found) == (2, 3)


def test_only_what_is_asked_for_is_computed() -> None:
    assert sg.lambdify("x^2 + y^2").operations == 5
    assert sg.lambdify("x^2 + y^2", results="value").operations == 3
    assert sg.lambdify("x^2 + y^2", results="gradient").operations == 2


@pytest.mark.parametrize("shape", [(), (5,), (2, 3)], ids=str)
@pytest.mark.parametrize("backend", ["numpy", "llvm"])
def test_rows_by_sample(shape: tuple[int, ...], backend: str) -> None:
    args = RNG.uniform(0, 1, (4, *shape))
    value, grad = both()(*args)
    by_value, by_grad = both(backend, rows="sample")(*args)
    assert by_value.shape == (*shape, 2)
    assert by_grad.shape == (*shape, 2, 3)
    np.testing.assert_allclose(np.moveaxis(by_value, -1, 0), value, rtol=1e-15)
    moved = np.moveaxis(by_grad, (-2, -1), (0, 1))
    np.testing.assert_allclose(moved, grad, rtol=1e-15)


def test_rows_by_sample_of_one_output() -> None:
    value, grad = sg.lambdify("w*x + b", ["w", "b"], rows="sample")(1.0, [1, 2, 3], 0.0)
    assert value.tolist() == [1, 2, 3]
    assert grad.tolist() == [[1, 1], [2, 1], [3, 1]]


def test_a_batch_is_added() -> None:
    f = sg.lambdify("w*x^2", "w", reduce="sum", results="gradient")
    np.testing.assert_allclose(f(1.0, [1.0, 2.0, 3.0]), [14])


@pytest.mark.parametrize("backend", BACKENDS)
def test_sparse_jacobian(backend: str) -> None:
    args = [0.3, 0.5, 2.0, 0.7]
    value, found = both(backend, sparse=True)(*args)
    assert isinstance(found, scipy.sparse.csr_array)
    assert found.nnz == 4
    np.testing.assert_allclose(found.toarray(), both()(*args)[1], rtol=1e-15)
    np.testing.assert_allclose(value, both()(*args)[0], rtol=1e-15)


def test_a_single_output_has_one_row() -> None:
    f = sg.lambdify("x^2 + 0*y", ["x", "y"], sparse=True, results="gradient")
    found = f(3.0, 1.0)
    assert found.shape == (1, 2)
    assert found.toarray().tolist() == [[6, 0]]


def test_a_row_without_entries() -> None:
    f = sg.lambdify(sg.jacobian(["y", "x", "y^2"], ["x"]), sparse=True)
    assert f(2.0, 3.0)[1].toarray().tolist() == [[0], [1], [0]]


def test_the_sparse_matrix_of_a_sum_of_samples() -> None:
    f = sg.lambdify(sg.hessian("(w*x - y)^2 + v^2", ["w", "v"]), sparse=True,
                    reduce="sum", results="gradient")  # fmt: skip
    found = f(w=1.0, x=[1.0, 2.0], y=0.0, v=0.0)
    assert found.nnz == 2
    np.testing.assert_allclose(found.toarray(), [[10, 0], [0, 4]])


@pytest.mark.parametrize("layout", ["names", "vector"])
@pytest.mark.parametrize("backend", ["numpy", "math"])
@pytest.mark.parametrize(
    "options",
    [{"results": "gradient"}, {"rows": "sample"}, {"sparse": True}],
    ids=["gradient", "by sample", "sparse"],
)
def test_pickled_and_saved(options, backend: str, layout: str, tmp_path) -> None:
    f = both(backend, layout=layout, **options)
    args: list = [0.3, 0.5, 2.0, 0.7]
    if layout == "vector":
        args = [[0.3, 0.5, 2.0], 0.7]
    space: dict = {}
    text = f.save(tmp_path / "m.py").read_text(encoding="utf-8")
    assert "results of the shapes" in text
    exec(text, space)
    expected = f(*args)
    for other in (space["f"], pickle.loads(pickle.dumps(f))):
        for one, same in zip(other(*args), expected, strict=True):
            if options.get("sparse") and scipy.sparse.issparse(one):
                one, same = one.toarray(), same.toarray()
            np.testing.assert_array_equal(one, same)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"results": "grad"}, sg.UnknownNameError, "did you mean 'gradient'"),
        ({"rows": "samples"}, sg.UnknownNameError, "did you mean 'sample'"),
        (
            {"results": "gradient", "wrt": []},
            sg.ArgumentValueError,
            "wrt is empty",
        ),
    ],
    ids=["results", "rows", "no variable"],
)
def test_errors(options, error, said: str) -> None:
    with pytest.raises(error, match=said):
        sg.lambdify("x*y", **options)


def test_a_sparse_matrix_has_one_point() -> None:
    with pytest.raises(sg.ArgumentValueError, match=r"the shape \(2,\).*reduce="):
        both(sparse=True)([1.0, 2.0], 0.5, 2.0, 0.7)
