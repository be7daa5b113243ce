"""Products with Jacobians and Hessians: the matrices' own, at the price of a sweep."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import sympy as sp

import symgrad as sg

RNG = np.random.default_rng(5)

FORMULAS = {
    "polynomial": "x^2*y + y^3*z",
    "tanh of a product": "tanh(x*y)*exp(-z^2)",
    "quotient": "sin(x*z)/(2 + y^2)",
    "choice": "x^2*z if x > 0 else exp(y)*x",
    "linear": "2*x - y + z",
}
VARIABLES = sp.symbols("x y z", real=True)


def oracle(text):
    """Value, gradient and Hessian by SymPy's diff."""
    expr = sp.parse_expr(
        text.replace("^", "**").replace(
            "x**2*z if x > 0 else exp(y)*x", "Piecewise((x**2*z, x > 0), (exp(y)*x, 1))"
        ),
        {str(v): v for v in VARIABLES},
    )
    grad = [expr.diff(v) for v in VARIABLES]
    return sp.lambdify(
        VARIABLES, [expr, grad, [[g.diff(v) for v in VARIABLES] for g in grad]]
    )


@pytest.mark.parametrize("backend", ["numpy", "math", "llvm"])
@pytest.mark.parametrize("text", FORMULAS.values(), ids=FORMULAS)
def test_products_are_those_of_the_matrices(text: str, backend: str) -> None:
    expected = oracle(text)
    for point in RNG.uniform(-1, 1, (3, 3)):
        value, grad, matrix = expected(*point)
        v = RNG.uniform(-1, 1, 3)
        args = [*point.tolist(), *v.tolist()]
        wrt = ["x", "y", "z"]
        found = sg.jvp(text, wrt, wrt, backend)(*args)
        np.testing.assert_allclose(found, [value, np.dot(grad, v)], rtol=1e-12)
        got, product = sg.hvp(text, wrt, wrt, backend)(*args)
        np.testing.assert_allclose(got, grad, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(
            product, np.array(matrix, float) @ v, rtol=1e-11, atol=1e-13
        )
        got, product = sg.vjp(text, wrt, wrt, backend)(*args[:4])
        np.testing.assert_allclose(got, value, rtol=1e-12)
        np.testing.assert_allclose(
            product, v[0] * np.array(grad, float), rtol=1e-12, atol=1e-14
        )


@pytest.mark.parametrize("backend", ["numpy", "llvm"])
def test_several_outputs_in_batches(backend: str) -> None:
    graph = sg.network([3, 4, 2])
    f = sg.lambdify(sg.jacobian(graph, graph.parameters))
    args = RNG.uniform(-1, 1, (len(f.args), 7))
    value, matrix = f(*args)
    v, u = RNG.uniform(-1, 1, (len(f.wrt), 7)), RNG.uniform(-1, 1, (2, 7))
    got, product = sg.jvp(graph, backend=backend)(*args, *v)
    np.testing.assert_allclose(got, value, rtol=1e-13)
    np.testing.assert_allclose(product, np.einsum("ij...,j...->i...", matrix, v))
    got, product = sg.vjp(graph, backend=backend)(*args, *u)
    np.testing.assert_allclose(got, value, rtol=1e-13)
    np.testing.assert_allclose(product, np.einsum("i...,ij...->j...", u, matrix))


def test_a_batch_may_be_summed() -> None:
    f = sg.hvp("(y - w*x - b)^2", ["w", "b"], reduce="sum")
    x = RNG.uniform(-1, 1, 50)
    grad, product = f(y=0.0, w=1.0, x=x, b=2.0, v_w=3.0, v_b=-1.0)
    assert grad.shape == product.shape == (2,)
    matrix = 2 * np.array([[x @ x, x.sum()], [x.sum(), 50]])
    np.testing.assert_allclose(product, matrix @ [3, -1], rtol=1e-12)


def test_a_sum_over_data() -> None:
    f = sg.hvp("sum((y_i - w*exp(b*x_i))^2, i, 1, n)", ["w", "b"], results="product")
    x, y = RNG.uniform(-1, 1, (2, 9))
    w, b = sp.symbols("w b")
    expr = sum((yi - w * sp.exp(b * xi)) ** 2 for xi, yi in zip(x, y, strict=True))
    matrix = sp.hessian(expr, [w, b]).subs({w: 0.7, b: -0.4})
    product = f(y=y, w=0.7, b=-0.4, x=x, v_w=0.3, v_b=2.0)
    expected = np.array(matrix, float) @ [0.3, 2.0]
    np.testing.assert_allclose(product, expected, rtol=1e-12)


def test_a_product_over_data_has_a_second_derivative() -> None:
    f = sg.hvp("product(w - x_i, i, 1, n)", ["w"])
    grad, product = f(w=5.0, x=[1.0, 2.0, 3.0], v_w=1.0)  # 4·3·2, then 2·(4 + 3 + 2)
    assert (grad.tolist(), product.tolist()) == ([26.0], [18.0])


@pytest.mark.parametrize("backend", ["numpy", "math"])
def test_vectors(backend: str) -> None:
    f = sg.hvp("a*x^2*y", ["x", "y"], backend=backend, layout="vector")
    grad, product = f([3.0, 2.0], [1.0, 0.5], 10.0)
    np.testing.assert_allclose(grad, [120, 90])
    np.testing.assert_allclose(product, [70, 60])
    np.testing.assert_allclose(f.point(3.0, 2.0, 1.0, 0.5, 10.0)[1], [70, 60])
    with pytest.raises(sg.ArgumentTypeError, match="1 of the two vectors"):
        f([3.0, 2.0])
    with pytest.raises(sg.ArgumentValueError, match=r"shape \(3,\); expected \(2,\)"):
        f([3.0, 2.0], [1.0, 0.5, 2.0], 10.0)


@pytest.mark.parametrize("layout", ["names", "vector"])
def test_pickled_and_saved(layout: str, tmp_path) -> None:
    f = sg.hvp("tanh(w*x + b)", ["w", "b"], layout=layout)
    args = [0.3, 0.4, 0.2, 1.0, 2.0]
    if layout == "vector":
        args = [[0.3, 0.2], [1.0, 2.0], 0.4]
    expected = f(*args)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(f))(*args), expected)
    space: dict[str, object] = {}
    exec(f.save(tmp_path / "m.py").read_text(encoding="utf-8"), space)
    np.testing.assert_array_equal(space["f"](*args), expected)


# --- operations ---------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [[2, 2, 1], [8, 16, 16, 1], [16, 32, 32, 1]], ids=str)
def test_a_product_costs_a_few_functions(sizes: list[int]) -> None:
    graph = sg.network(sizes)
    value = sg.lambdify(graph, []).operations
    grad = sg.lambdify(graph).operations
    assert sg.jvp(graph).operations < 3.5 * value
    assert sg.vjp(graph).operations <= grad + len(graph.parameters)
    assert sg.hvp(graph).operations < 3.5 * grad


def test_a_product_alone_costs_less() -> None:
    whole = sg.jvp("x^3")
    assert whole.operations == 4
    assert sg.jvp("x^3", results="product").operations == 3


def test_linear_in_a_chain() -> None:
    def operations(length: int) -> int:
        lines = [f"h_{k} = tanh(w_{k}*h_{k - 1} + b_{k})" for k in range(1, length + 1)]
        return sg.hvp("; ".join(lines), ["w_1", "b_2"]).operations

    assert operations(40) - operations(20) == 2 * (operations(30) - operations(20))


# --- names and errors ---------------------------------------------------------------


def test_names_of_the_vector_are_new_ones() -> None:
    assert sg.jvp("v_x*x", "x").args == ("v_x", "x", "v_x_1")
    assert sg.vjp("u = x^2", "x").args == ("x", "u_u")


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: sg.hvp(["x", "x^2"], "x"), sg.GraphError, "Hessian of 2 outputs"),
        (lambda: sg.jvp("x", []), sg.ArgumentValueError, "wrt is empty"),
        (lambda: sg.vjp("x", results="grad"), sg.UnknownNameError, "results 'grad'"),
        (
            lambda: sg.check_gradient(sg.jvp("x^2")),
            sg.ArgumentValueError,
            "another form",
        ),
    ],
    ids=["outputs", "no variable", "results", "check"],
)
def test_errors(call, error, said: str) -> None:
    with pytest.raises(error, match=said):
        call()
