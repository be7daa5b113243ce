"""The cheapest program: how many operations, and that it is the same mathematics."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import scipy.optimize

import symgrad as sg
from symgrad.numeric.collection import collected
from symgrad.numeric.kernels import Kernel
from symgrad.numeric.sweeps import gradient_tape
from symgrad.numeric.tape import Tape

RNG = np.random.default_rng(11)


def harmonics(order: int, true: bool) -> sg.Graph:
    """Spherical harmonics as products of N, P(z) and S or C (x, y), order² of them.

    FastDifferentiation.jl's benchmark has x and y in another place in the recursion of
    S and C; ``true`` has them where they belong. Sloan, Efficient Spherical Harmonic
    Evaluation, JCGT 2 (2013).
    """
    lines = ["S_0 = 0", "C_0 = 1", "P_0_0 = 1"]
    for m in range(1, order):
        s, c = f"x*S_{m - 1} + y*C_{m - 1}", f"x*C_{m - 1} - y*S_{m - 1}"
        if not true:
            s, c = f"x*C_{m - 1} - y*S_{m - 1}", f"x*S_{m - 1} + y*C_{m - 1}"
        lines += [f"S_{m} = {s}", f"C_{m} = {c}"]
        lines.append(f"P_{m}_{m} = {1 - 2 * m}*P_{m - 1}_{m - 1}")
    for m in range(order - 1):
        lines.append(f"P_{m + 1}_{m} = {2 * m + 1}*z*P_{m}_{m}")
        for k in range(m + 2, order):
            first = f"({2 * k - 1}/{k - m})*z*P_{k - 1}_{m}"
            lines.append(f"P_{k}_{m} = {first} - ({k + m - 1}/{k - m})*P_{k - 2}_{m}")
    outputs = []
    for k in range(order):
        for m in range(-k, k + 1):
            a = abs(m)
            norm = (2 * k + 1) / (2 * math.pi) * math.factorial(k - a)
            norm = math.sqrt(norm / math.factorial(k + a) / (1 if m else 2))
            outputs.append(f"Y_{len(outputs)}")
            letter = "S" if m < 0 else "C"
            lines.append(f"{outputs[-1]} = {norm!r}*P_{k}_{a}*{letter}_{a}")
    return sg.formula("; ".join(lines), outputs)


def rosenbrock(count: int) -> sg.Gradient:
    terms = [f"100*(x_{k + 1} - x_{k}^2)^2 + (1 - x_{k})^2" for k in range(1, count)]
    return sg.hessian(" + ".join(terms), [f"x_{k}" for k in range(1, count + 1)])


# --- operations ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "true", "alone", "with_values"),
    [(10, False, 637, 747), (15, False, 1645, 1882), (10, True, 597, 720),
     (15, True, 1551, 1815)],
)  # fmt: skip
def test_spherical_harmonics(
    order: int, true: bool, alone: int, with_values: int
) -> None:
    jacobian = sg.jacobian(harmonics(order, true), ["x", "y", "z"])
    f = sg.lambdify(jacobian, results="gradient")
    both = sg.lambdify(jacobian)
    assert f.operations <= alone
    assert both.operations <= with_values
    forward = sg.jacobian(jacobian.graph, ["x", "y", "z"], mode="forward")
    point = RNG.uniform(-1, 1, (3, 20))
    expected = sg.lambdify(forward)(*point)
    for found, truth in zip(both(*point), expected, strict=True):
        # a recursion of some ten steps: errors of tens of units in the last place
        # the other recursion has outputs that are 0, in the sweep but for rounding
        scale = np.max(np.abs(truth), axis=-1 if true else None, keepdims=True)
        scale += scale == 0
        np.testing.assert_allclose(found / scale, truth / scale, atol=1e-13)
    np.testing.assert_allclose(f(*point), both(*point)[1], atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("count", [10, 100, 200])
def test_rosenbrock_hessian(count: int) -> None:
    f = sg.lambdify(rosenbrock(count), results="gradient", sparse=True, layout="vector")
    assert f.operations <= 5 * count - 4  # 496 for 100, and linear
    x = RNG.uniform(-2, 2, count)
    found = f(x)
    assert found.nnz == 3 * count - 2
    np.testing.assert_allclose(
        found.toarray(), scipy.optimize.rosen_hess(x), rtol=1e-12
    )


@pytest.mark.parametrize("sizes", [[2, 2, 1], [3, 4, 1]], ids=str)
def test_both_halves_of_a_hessian_are_one(sizes: list[int]) -> None:
    graph = sg.network(sizes)
    hessian = sg.hessian(graph)
    f = sg.lambdify(hessian, results="gradient")
    plain = gradient_tape(
        hessian.graph, hessian.wrt, outputs=hessian.outputs, with_values=False
    )
    assert f.operations <= plain.operations
    point = RNG.uniform(-1, 1, len(f.args))
    matrix = f(*point)
    np.testing.assert_array_equal(matrix, matrix.T)
    v = RNG.uniform(-1, 1, len(f.wrt))
    _, product = sg.hvp(graph)(*point, *v)
    np.testing.assert_allclose(matrix @ v, product, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize(
    ("texts", "operations"),
    [
        # n inputs to a narrow waist to m outputs: a mix beats both sweeps
        (["a*sin(u); u = x*y*z*w*v", "b*cos(u)", "u^3", "exp(u)", "tanh(u)"], 49),
    ],
    ids=["waist"],
)
def test_a_mix_where_all_passes_a_waist(texts: list[str], operations: int) -> None:
    wrt = ["x", "y", "z", "w", "v"]
    jacobian = sg.jacobian(texts, wrt)
    f = sg.lambdify(jacobian)
    sweeps = [
        gradient_tape(jacobian.graph, jacobian.wrt, mode).operations
        for mode in ("forward", "reverse")
    ]
    assert f.operations <= min(operations, *sweeps)
    point = RNG.uniform(0.5, 1, len(f.args))
    truth = sg.lambdify(sg.jacobian(texts, wrt, mode="forward"))(*point)
    np.testing.assert_allclose(f(*point)[1], truth[1], rtol=1e-13)


# --- the same mathematics -------------------------------------------------------------


def random_texts(seed: int) -> list[str]:
    """Stages that use one another, with sums of products and functions of them."""
    chance = random.Random(seed)
    names = ["x", "y", "z"]
    lines = []
    for k in range(12):
        a, b, c = (chance.choice(names) for _ in range(3))
        form = chance.choice([
            "{a}*{b} - {n}*{c}", "{n}*({a} - {b}) + {a}*{c}", "sin({a}) + {n}*{b}",
            "{a}/(2 + {b}^2) - {c}", "-{a}*{b}*{c}", "{n}*{a} + {n}*{b}",
            "tanh({a} - {b})", "{a}^3*{b} - {a}*{b}",
        ])  # fmt: skip
        lines.append(f"s_{k} = " + form.format(a=a, b=b, c=c, n=chance.randint(2, 4)))
        names.append(f"s_{k}")
    return lines


@pytest.mark.parametrize("seed", range(25))
def test_random_programs(seed: int) -> None:
    lines = random_texts(seed)
    graph = sg.formula("; ".join(lines), [f"s_{k}" for k in range(6, 12)])
    wrt = [name.name for name in graph.inputs]
    cheap = sg.lambdify(sg.jacobian(graph, wrt))
    plain = sg.lambdify(sg.jacobian(graph, wrt, mode="forward"))
    reverse = gradient_tape(graph, graph.inputs, "reverse")
    assert cheap.operations <= min(plain.operations, reverse.operations)
    point = RNG.uniform(-1, 1, (len(wrt), 5))
    for found, truth in zip(cheap(*point), plain(*point), strict=True):
        np.testing.assert_allclose(found, truth, rtol=1e-9, atol=1e-11)
    assert sg.check_gradient(cheap).passed


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("expand", [False, True], ids=["", "expand"])
def test_collected_tapes_compute_the_same(seed: int, expand: bool) -> None:
    graph = sg.formula("; ".join(random_texts(seed)), ["s_10", "s_11"])
    tape = gradient_tape(graph, graph.inputs)
    again = collected(tape, expand)
    assert isinstance(again, Tape)
    point = [0.3, -0.7, 0.9][: len(graph.inputs)]
    values = [Kernel(each, True).batch(*point) for each in (tape, again)]
    for found, truth in zip(values[1], values[0], strict=True):
        np.testing.assert_allclose(found, truth, rtol=1e-11, atol=1e-13)


def test_what_would_cancel_is_left_as_it_is() -> None:
    # 1000·(x − y) − 999·x would become x − 1000·y, with a thousandfold error near x = y
    graph = sg.formula("1000*(x - y) - 999*x")
    tape = collected(gradient_tape(graph), expand=True)
    assert sum(entry[0] == "subtract" for entry in tape.entries) == 2


def test_a_dead_branch_leaks_nothing() -> None:
    f = sg.lambdify(sg.jacobian(["log(x) if x > 0 else 2*x", "x*y"], ["x", "y"]))
    value, grad = f(-1.0, 3.0)
    assert value.tolist() == [-2, -3]
    assert grad.tolist() == [[2, 0], [3, -1]]


def test_the_same_program_every_time() -> None:
    jacobian = sg.jacobian(harmonics(5, True), ["x", "y", "z"])
    assert sg.lambdify(jacobian).source == sg.lambdify(jacobian).source


@pytest.mark.parametrize(
    "text",
    [
        "piecewise((x, x > 0), (2*x, 1/x > pi), (3*x, true))",
        "piecewise((x, x >= 2), (2*x, 1/(x - 2) < 3), (x^2, true))",
    ],
)
def test_a_branch_whose_condition_has_a_pole(text):
    assert sg.differentiate(text, "x")["x"] is not None
    assert "NOT TRUE" not in str(sg.explain(text, "x"))
