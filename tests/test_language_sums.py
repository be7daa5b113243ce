"""Sums and products over an index in other languages, compiled and run.

The numbers must be those of NumPy to a few units in the last place.
"""

from __future__ import annotations

from math import fsum

import numpy as np
import pytest
from point_programs import KNOWS_LENGTHS, Case, compiled_points

import symgrad as sg

LANGUAGES = [name for name in sg.LANGUAGES if name not in ("python", "llvm")]
RNG = np.random.default_rng(20261123)
X, Y, FEW = RNG.normal(size=57), RNG.normal(size=57), RNG.normal(size=7)
A, SQUARE = RNG.normal(size=(7, 5)), RNG.normal(size=(7, 7))
N = ("n",)


def case(formula, wrt, given, *names, layout="names"):
    f = sg.lambdify(formula, wrt, backend="numpy", layout=layout)
    return Case(f, given, *names)


LINE = {"x": X, "y": Y, "w": 1.5, "b": -0.25, "n": 57}
WITH = {"x": X, "w": 1.25, "n": 57}
CASES = {
    "least squares": case(
        "sum((y_i - w*x_i - b)^2, i, 1, n)/n", ["w", "b"], LINE, N, N
    ),
    "several sums": case(
        "z = sum(w*x_i, i, 1, n)^2 + product(1 + x_i*y_i/9, i, 1, n)", "w", LINE, N, N
    ),
    "a mean within": case(
        "z = sum((x_i*w - m)^2, i, 1, n); m = sum(x_i, i, 1, n)/n", "w", WITH, N, N
    ),
    "a chosen element": case(
        "z = sum((x_i - m)^2, i, 1, n); m = sum(x_i, i, 1, n)/n",
        ["x_k"],
        {"x": X, "n": 57, "k": 3},
        ("n", "k"),
        N,
        ("x_k",),
    ),
    "a product": case("product(w - x_i, i, 1, n)", "w", {**WITH, "x": X / 4}, N, N),
    "a product with zeros": case(
        "product(w*x_i, i, 1, n)", "w", {"x": [2.0, 0.0, 3.0], "w": 2.0, "n": 3}, N, N
    ),
    "a quadratic form": case(
        "sum(sum(x_i*a_{i,j}*x_j, j, 1, n), i, 1, n)",
        ["x_k"],
        {"x": FEW, "a": SQUARE, "n": 7, "k": 2},
        ("n", "k"),
        N,
        ("x_k",),
    ),
    "a rectangle": case(
        "sum(sum(w*a_{i,j}^2, j, 1, m)^2, i, 1, n)",
        "w",
        {"a": A, "w": 0.5, "n": 7, "m": 5},
        ("n", "m"),
        ("n", "m"),
    ),
    "a column": case(
        "sum(w*a_{i,k}, i, 1, n)",
        "w",
        {"a": A, "w": 0.5, "n": 7, "k": 4},
        ("n", "k"),
        N,
        (),
        ("a",),
    ),
    "an inner bound that moves": case(
        "sum(sum(w*x_j, j, 1, i)^2, i, 1, n)", "w", WITH, N, N
    ),
    "three sums in one another": case(
        "sum(sum(sum(sin(w*x_l), l, j, n)^2, j, 1, i)^2, i, 1, n)",
        "w",
        {"x": FEW, "w": 0.75, "n": 7},
        N,
        N,
    ),
    "products in a sum": case(
        "sum(product(w + x_j, j, 1, i), i, 1, n)",
        "w",
        {"x": FEW, "w": 0.75, "n": 7},
        N,
        N,
    ),
    "Lagrange": case(
        "sum(y_i*product(if(j != i, (t - x_j)/(x_i - x_j), 1), j, 1, n), i, 1, n)",
        "t",
        {"x": FEW, "y": FEW**2, "t": 0.3, "n": 7},
        N,
        N,
    ),
    "neighbours": case("sum((x_{i+1} - w*x_i)^2, i, 1, n - 1)", "w", WITH, N, N),
    "from zero": case("sum(a_i*t^i, i, 0, n)", "t", {"a": FEW, "t": 0.5, "n": 6}, N, N),
    "no data": case("sum(w^k/k, k, 1, n)", "w", {"w": 0.5, "n": 40}, N),
    "bounds that are numbers": case(
        "sum(w*x_i, i, 2, 4) + sum(w^k, k, -2, 5)", "w", {"x": FEW[:4], "w": 2.0}
    ),
    "several outputs": case(
        sg.jacobian(["p = sum(w*x_i, i, 1, n)", "q = sum(exp(w*x_i/9), i, 1, n)"]),
        None,
        WITH,
        N,
        N,
    ),
    "the value alone": case("sum(w*x_i, i, 1, n)", [], WITH, N, N),
    "a vector": case(
        "sum((y_i - w*x_i - b)^2, i, 1, n)",
        ["w", "b"],
        {**LINE, "": [1.5, -0.25]},
        N,
        N,
        layout="vector",
    ),
    "a term that is infinite": case(
        "sum(w/x_i, i, 1, n)", "w", {"x": [1.0, 0.0, 2.0], "w": 1.0, "n": 3}, N, N
    ),
    "softmax": case("log(sum(exp(w*x_i), i, 1, n))", "w", {**WITH, "w": 800.0}, N, N),
    "names that loops want": case(
        "sum(total*x_i + add*at - n/row, i, 1, n)",
        ["total", "add", "at", "row"],
        {"x": FEW, "total": 2.0, "add": 3.0, "at": 0.5, "row": 4.0, "n": 7},
        N,
        N,
    ),
}


def expected(one):
    f = one.function
    named = {name: one.given[name] for name in f.args if name in one.given}
    args = []
    if f.kernel.vector:
        args = [one.given[""]]
        named = {n: v for n, v in named.items() if n not in f.wrt}
    with np.errstate(all="ignore"):
        found = f(*args, **named)
    return found if f.wrt else (found, np.zeros(0))


@pytest.mark.parametrize("language", LANGUAGES)
def test_sums(language, tmp_path):
    call = compiled_points(list(CASES.values()), language, tmp_path)
    faults = []
    for k, (name, one) in enumerate(CASES.items()):
        for got, want in zip(call(k), expected(one), strict=True):
            # Terms of both signs are added in another order: relative to their size.
            if not np.allclose(got, want, rtol=4e-14, atol=1e-13, equal_nan=True):
                faults.append(f"{name}: {got} where {want}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_error_of_a_sum_does_not_grow(language, tmp_path):
    x = np.tile([1e16, 1.0, -1e16, 1.0], 500)
    one = case("sum(w*x_i, i, 1, n)", "w", {"x": x, "w": 1.0, "n": 2000}, N, N)
    value, grad = compiled_points([one], language, tmp_path)(0)
    assert value == grad[0] == fsum(x) == 1000.0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_signature_tells_the_data(language):
    source = CASES["least squares"].function.to_source(language, "loss")
    if language in KNOWS_LENGTHS:
        assert "Arguments, in this order: y, x, w, b." in source
    else:
        assert "Arguments, in this order: y, x, n, w, b." in source
    assert "x are n numbers, the first of them x_1" in source
    assert "loss_batch" not in source
    assert ("do i = 1, n" if language == "fortran" else "for") in source
