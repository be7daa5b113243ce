"""A gradient check must notice what is wrong, and say what it did not look at."""

from __future__ import annotations

import os
import subprocess
import sys

import mpmath
import numpy as np
import pytest
import sympy as sp
from sample_graphs import chain, one_stage

from symgrad.chain_rule import differentiate, hessian, jacobian
from symgrad.derivatives import DERIVATIVES
from symgrad.errors import SymgradError
from symgrad.functions import FUNCTIONS
from symgrad.graph import Graph, Stage
from symgrad.networks import network
from symgrad.numeric.backends import lambdify
from symgrad.numeric.verification import check_gradient
from symgrad.symbols import symbol

x, y, z = (symbol(name) for name in "xyz")


def test_the_precision_of_the_user_is_left_alone():
    before = mpmath.mp.dps
    check_gradient(differentiate(one_stage(sp.sin(x))))
    assert mpmath.mp.dps == before


class Function:
    """A numeric function by hand: what lambdify gives, with a fault where asked."""

    backend = "by hand"

    def __init__(self, graph, spoil=lambda value, grad: (value, grad), layout="names"):
        self.graph, self.layout, self.spoil = graph, layout, spoil
        self.wrt = tuple(s.name for s in graph.parameters or graph.inputs)
        leaves = [s.name for s in (*graph.inputs, *graph.parameters)]
        inner = [name for name in leaves if name not in self.wrt]
        self.args = inner if layout == "vector" else leaves
        closed = graph.closed_form()
        wrt = [graph.names[name] for name in self.wrt]
        self._order = [graph.names[name] for name in (*self.wrt, *inner)]
        modules = ["scipy", "numpy"]
        self._value = sp.lambdify(self._order, closed, modules)
        self._grads = [sp.lambdify(self._order, closed.diff(s), modules) for s in wrt]

    def __call__(self, *args):
        if self.layout == "vector":
            values = [*args[0], *args[1:]]
        else:
            by_name = dict(zip(self.args, args, strict=True))
            values = [by_name[s.name] for s in self._order]
        grad = np.array([grad(*values) for grad in self._grads])
        return self.spoil(self._value(*values), grad)


def scale_last(value, grad):
    grad[-1] *= 1 + 1e-6
    return value, grad


def nan_first(value, grad):
    grad[0] = np.nan
    return value, grad


def shift_value(value, grad):
    return value + 1e-6, grad


@pytest.mark.parametrize("layout", ["names", "vector"])
@pytest.mark.parametrize("sizes", [[2, 2, 1], [1, 3, 1]], ids=str)
def test_a_right_function_passes(sizes, layout):
    check = check_gradient(Function(network(sizes), layout=layout))
    assert check.passed and bool(check)
    assert len(check.points) == 3 and not check.unchecked and not check.left_out
    # doubles: 1e-16, times the 1e4 that 1 - tanh² loses where it is 5e-5
    assert 0 < check.worst < 1e-11
    assert [row.variable for row in check.rows] == [
        s.name for s in network(sizes).parameters
    ]


@pytest.mark.parametrize("layout", ["names", "vector"])
@pytest.mark.parametrize("backend", ["numpy", "math", "scipy", "llvm"])
def test_what_lambdify_makes_passes(backend, layout):
    graph = network([3, 4, 2], activation=["gelu", "softplus"])
    check = check_gradient(lambdify(graph, backend=backend, layout=layout))
    assert check.passed and check.judged == f"numeric function, back end {backend}"
    assert len(check.rows) == 2 * len(graph.parameters)


def test_a_formula_is_judged_through_its_numeric_function():
    check = check_gradient("z = x*y; y = exp(x)", at={"x": 1})
    (row,) = check.rows
    assert check.passed and (row.variable, row.output) == ("x", "z")
    assert row.expected == pytest.approx(2 * np.e, rel=1e-15)


def test_a_function_without_derivatives_has_its_value_judged():
    check = check_gradient(lambdify("x^2*sin(y)", wrt=[]))
    assert check.passed and not check.rows and check.value_error < 1e-15


SPOILED = {"scaled": (scale_last, "b_3"), "nan": (nan_first, "w_111")}


@pytest.mark.parametrize(
    ("spoil", "name"), [pytest.param(*row, id=key) for key, row in SPOILED.items()]
)
def test_a_wrong_derivative_is_noticed_and_named(spoil, name):
    check = check_gradient(Function(network([2, 2, 1]), spoil))
    assert not check.passed and not bool(check)
    wrong = [row.variable for row in check.rows if not row.error <= check.tolerance]
    assert wrong == [name]
    assert "FAILED" in str(check)


def test_a_wrong_value_is_noticed():
    check = check_gradient(Function(network([2, 2, 1]), shift_value))
    assert not check.passed
    assert max(row.error for row in check.rows) <= check.tolerance < check.value_error


FORMULAS = {
    "product": x**2 * sp.sin(x * y),
    "two domains": sp.acosh(x) + sp.atanh(y),
    "log": sp.log(x - 2) * y,
    "general power": x**y,
    "kinks": sp.Abs(x) + sp.Max(x, y) + FUNCTIONS["relu"].make(x * y),
    "piecewise": sp.Piecewise((sp.log(x), x > 0), (x**2 * y, True)),
    "activations": FUNCTIONS["gelu"].make(x) + FUNCTIONS["softplus"].make(y * x),
    "input alone": x,
}


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("expr", [pytest.param(e, id=k) for k, e in FORMULAS.items()])
def test_gradients_as_written_pass(expr, mode):
    check = check_gradient(differentiate(one_stage(expr), mode=mode))
    assert check.passed
    assert check.worst < 1e-25  # both sides at 50 digits, differences good to 1e-29


@pytest.fixture
def no_memory():
    """The rules remember what they made of a row: not before, and not after."""
    modules = [m for name, m in sys.modules.items() if name.startswith("symgrad.")]
    found = [f for module in modules for f in vars(module).values()]
    memories = [f for f in found if callable(getattr(f, "cache_clear", None))]
    for memory in memories:
        memory.cache_clear()
    yield
    for memory in memories:
        memory.cache_clear()


@pytest.mark.parametrize("name", ["tanh", "sin", "log", "gelu", "softsign", "atan2"])
def test_a_wrong_row_of_the_table_is_noticed(name, monkeypatch, no_memory):
    make = FUNCTIONS[name].make
    expr = make(x, y) if name == "atan2" else make(x * y)
    wrong = tuple(row * (1 + sp.Rational(1, 10**6)) for row in DERIVATIVES[name])
    monkeypatch.setitem(DERIVATIVES, name, wrong)
    check = check_gradient(differentiate(one_stage(expr)))
    assert not check.passed
    assert 1e-7 < check.worst < 1e-5


def test_a_stage_is_held_independent():
    # z = x·y with y = x²: by y the derivative is x, by x it goes both ways
    graph = Graph((Stage(y, x**2), Stage(z, x * y)), (z,), (x,))
    check = check_gradient(differentiate(graph, [x, y]), at={"x": 3})
    assert check.passed
    assert [row.expected for row in check.rows] == [27, 3]


def test_several_outputs_have_a_row_for_each():
    check = check_gradient(jacobian(network([2, 2, 2]), ["w_111", "b_4"]))
    assert check.passed
    assert {(row.output, row.variable) for row in check.rows} == {
        (output, variable)
        for output in ("y_hat_1", "y_hat_2")
        for variable in ("w_111", "b_4")
    }
    assert "y_hat_2, b_4" in str(check)


def test_second_derivatives_pass():
    check = check_gradient(
        hessian(one_stage(x**2 * y + sp.sin(x * y))), {"x": 1, "y": 2}
    )
    assert check.passed and len(check.rows) == 4
    # d²/dx² = 2y - y² sin(xy), by hand
    assert check.rows[0].expected == pytest.approx(4 - 4 * np.sin(2), rel=1e-14)


@pytest.mark.parametrize(
    ("expr", "at", "reason"),
    [
        pytest.param(abs(x), {"x": 0}, "near a kink of Abs", id="kink"),
        pytest.param(sp.log(x), {"x": -1.0}, "outside the domain of f", id="domain"),
        pytest.param(sp.log(-1 - x**2), None, "outside the domain of f", id="nowhere"),
        pytest.param(sp.sqrt(x), {"x": 0}, "no smooth slope by x", id="pole"),
    ],
)
def test_points_that_cannot_be_used_are_told_and_do_not_pass(expr, at, reason):
    check = check_gradient(differentiate(one_stage(expr)), at)
    assert not check.passed
    assert {one.reason for one in check.left_out} == {reason}
    assert check.unchecked == 1 and not check.rows
    assert reason in str(check)


def test_points_passed_over_on_the_way_are_told():
    check = check_gradient(differentiate(one_stage(sp.log(x - 2))))
    assert check.passed
    assert all(point["x"] > 2 for point in check.points)
    assert all(one.point["x"] < 2 for one in check.left_out)
    assert f"left out: {len(check.left_out)} points, outside the domain" in str(check)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ({"z": 1}, r"unknown input or parameter 'z'.*known: w_1, x_1"),
        ({"x_1": 1}, r"no value for w_1; give"),
        ({"x_1": "1", "w_1": 1}, r"'x_1' the value '1'; expected a real number"),
        ({"x_1": True, "w_1": 1}, r"'x_1' the value True; expected a real"),
        ({"x_1": 1j, "w_1": 1}, r"'x_1' the value 1j; expected a real"),
        ({"x_1": np.ones(2), "w_1": 1}, r"'x_1' the value \[1. 1.\]; expected a real"),
        ({"x_1": float("inf"), "w_1": 1}, r"'x_1' the value inf; expected a finite"),
        ({"x_1": 1, symbol("x_1"): 1}, r"at gives 'x_1' twice|no value"),
        ([1, 2], r"at is \[1, 2\]; expected a mapping"),
        ({3: 1}, r"3 is a int; expected a name"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_points_are_one_line_errors(at, message):
    graph = one_stage(symbol("w_1") * symbol("x_1"))
    with pytest.raises(SymgradError, match=message) as caught:
        check_gradient(differentiate(graph), at)
    assert "\n" not in str(caught.value) and not str(caught.value).endswith(".")


@pytest.mark.parametrize("number", [2, 2.0, np.float32(2), np.int64(2), sp.Integer(2)])
def test_numbers_of_every_kind_are_taken(number):
    check = check_gradient(differentiate(one_stage(x**3)), {x: number})
    assert check.passed and check.rows[0].expected == 12


def test_a_function_without_its_graph_is_refused():
    class Bare:
        wrt = ("x",)

        def __call__(self, x):
            return x, [1.0]

    with pytest.raises(SymgradError, match="does not know its graph"):
        check_gradient(Bare())


def test_a_large_network_is_judged_in_part_and_says_so():
    gradient = differentiate(network([8, 16, 16, 1]))
    check = check_gradient(gradient)
    assert check.passed
    assert check.unchecked + len(check.rows) == len(gradient) == 433
    assert check.unchecked > 0
    assert f"not judged: {check.unchecked} further derivatives" in str(check)
    # evenly spread: early layers and the last one are both there
    names = {row.variable for row in check.rows}
    assert "w_111" in names and any(name.startswith("w_33_") for name in names)


def test_five_thousand_nested_stages_are_judged():
    graph = chain(5000)
    check = check_gradient(differentiate(graph, ["w_4999", "w_4998", "h_4990"]))
    assert check.passed and len(check.rows) == 3


def test_the_report_fits_the_page():
    wide = differentiate(network([12, 12, 2]).select("y_hat_1"))
    for check in (
        check_gradient(wide),
        check_gradient(differentiate(network([2, 2, 1]))),
    ):
        assert max(map(len, str(check).splitlines())) <= 100


def test_the_report_is_the_same_in_every_process():
    code = (
        "from symgrad.chain_rule import differentiate\n"
        "from symgrad.networks import network\n"
        "from symgrad.numeric.verification import check_gradient\n"
        "print(check_gradient(differentiate(network([3, 4, 2]).select('y_hat_2'))))"
    )
    reports = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.getcwd()},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert reports[0] == reports[1] and "passed" in reports[0]


def test_points_where_floats_overflow_are_left_out() -> None:
    """sinh(cosh(9)) is 1e1759, and no fault of the derivative."""
    check = check_gradient("sinh(cosh((x + 2)^3))", at={"x": 1.2})
    assert not check.rows
    assert [left.reason for left in check.left_out] == ["y is beyond all floats"]
    assert check_gradient("sinh(cosh((x + 2)^3))").passed
