"""The checks must notice what is wrong, and say what they did not look at."""

from __future__ import annotations

import os
import subprocess
import sys

import mpmath
import numpy as np
import pytest
import sympy as sp

from symgrad.chain_rule import differentiate, hessian, jacobian
from symgrad.derivation import Line, Step
from symgrad.derivatives import DERIVATIVES, f, u, v
from symgrad.errors import RuleError, SymgradError
from symgrad.functions import FUNCTIONS
from symgrad.graph import Graph, Stage
from symgrad.networks import network
from symgrad.numeric.backends import BACKENDS, lambdify
from symgrad.numeric.differences import compile_program, fault, slopes
from symgrad.numeric.equalities import check_steps
from symgrad.numeric.general_formulas import check_formula
from symgrad.numeric.high_precision import context, mpf
from symgrad.numeric.verification import check_gradient
from symgrad.rules import RULES
from symgrad.symbols import Chain, LocalDerivative, Partial, Total, symbol

a, b, w, x, y, z, t = (symbol(name) for name in "abwxyzt")
u_1, u_2 = symbol("u_1"), symbol("u_2")
RESULT = symbol("result")


def graph_of(expr: sp.Expr, name: str = "f") -> Graph:
    """One stage, its symbols the inputs in the order of their names."""
    inputs = tuple(sorted(expr.free_symbols, key=str))
    output = symbol(name)
    return Graph((Stage(output, expr),), (output,), inputs)


def chain(length: int) -> Graph:
    """h_k = tanh(w_k·h_(k-1)), the weights the parameters."""
    stages, weights, before = [], [], x
    for k in range(length):
        weight, stage = symbol(f"w_{k}"), symbol(f"h_{k}")
        stages.append(Stage(stage, sp.tanh(weight * before, evaluate=False)))
        weights.append(weight)
        before = stage
    return Graph(tuple(stages), (before,), (x,), tuple(weights))


# --- the value of every function ------------------------------------------------------

# where each function of one argument is real and smooth, as rationals
PLACES = {
    "acosh": ("7/5", "3"),
    "asec": ("7/5", "3"),
    "acsc": ("7/5", "3"),
    "acoth": ("-7/5", "3"),
    "asech": ("1/7", "6/7"),
    "asin": ("-6/7", "1/7"),
    "acos": ("-6/7", "1/7"),
    "atanh": ("-6/7", "1/7"),
    "log": ("1/7", "30"),
    "sqrt": ("1/7", "30"),
    "LambertW": ("-1/7", "3"),
}
UNARY = [
    pytest.param(name, place, id=f"{name}({place})")
    for name, row in FUNCTIONS.items()
    if row.arity == 1 or name == "Heaviside"
    for place in PLACES.get(name, ("-12/7", "1/7", "5/2"))
]


def plain(expr: sp.Expr) -> sp.Expr:
    """An expression in SymPy's own functions only."""
    return sp.expand_func(expr)


def evaluated(expr: sp.Expr, at: dict) -> tuple[list, object]:
    program = compile_program(tuple(at), [(RESULT, expr)])
    values = program.run({s: mpf(r.p) / r.q for s, r in at.items()})
    return values, program


@pytest.mark.parametrize(("name", "place"), UNARY)
def test_value_and_slope_of_every_function_agree_with_sympy(name, place):
    at = {x: sp.Rational(place)}
    expr = FUNCTIONS[name].make(x)
    values, program = evaluated(expr, at)
    expected = plain(expr).subs(at).evalf(60)
    # 50 digits are kept; a few are lost where a sum cancels
    assert abs(values[program.slots[RESULT]] - mpf(str(expected))) < mpf(10) ** -45
    if name not in ("floor", "ceiling", "frac"):
        slope = slopes(program, values, x, [RESULT])[RESULT]
        expected = sp.diff(plain(expr), x).subs(at).doit().evalf(40)
        # h**2·f'''/6 with h = 2**-57 and a third derivative below 1e4
        assert abs(slope - mpf(str(expected))) < mpf(10) ** -29


@pytest.mark.parametrize("name", ["floor", "ceiling", "frac"])
def test_jumping_functions_have_the_slope_of_their_steps(name):
    values, program = evaluated(FUNCTIONS[name].make(x), {x: sp.Rational(5, 3)})
    slope = slopes(program, values, x, [RESULT])[RESULT]
    assert abs(slope - (1 if name == "frac" else 0)) < 1e-30


TWO_ARGUMENTS = {
    "max": (sp.Max(x, y), sp.Rational(5, 3)),
    "min": (sp.Min(x, y), sp.Rational(-2, 7)),
    "atan2": (sp.atan2(x, y), None),
    "power": (x**y, None),
    "quotient": (x / y, None),
    "constants": (sp.pi * x + sp.E * y + sp.Float("0.1") * x * y, None),
    "piecewise below": (sp.Piecewise((x, x < y), (y**2, True)), None),
    "piecewise, and": (sp.Piecewise((x, (x > 1) & (y > 0)), (sp.sin(y), True)), None),
    "piecewise, or not": (sp.Piecewise((x, (x < 1) | ~(y > 0)), (x * y, True)), None),
}


@pytest.mark.parametrize(
    "expr", [pytest.param(e, id=k) for k, (e, _) in TWO_ARGUMENTS.items()]
)
def test_value_of_expressions_in_two_names(expr):
    at = {x: sp.Rational(5, 3), y: sp.Rational(-2, 7)}
    if expr == x**y:
        at[y] = sp.Rational(2, 7)
    values, program = evaluated(expr, at)
    exact = expr.replace(lambda e: e.is_Float, lambda e: sp.Rational(e))
    expected = exact.subs(at).evalf(50)  # a Float is the binary number that it is
    assert abs(values[program.slots[RESULT]] - mpf(str(expected))) < mpf(10) ** -44


OUTSIDE = {
    "log of a negative number": (sp.log(x), -1),
    "square root of a negative number": (sp.sqrt(x), -1),
    "root of a negative number": (x ** sp.Rational(1, 3), -8),
    "division by zero": (1 / x, 0),
    "asin of 2": (sp.asin(x), 2),
    "tower of exponentials": (sp.exp(sp.exp(sp.exp(sp.exp(sp.exp(x))))), 50),
    "sine of a tower": (sp.sin(sp.exp(sp.exp(sp.exp(x)))), 50),
    "undecided condition": (sp.Piecewise((x, sp.log(x) > 0), (x**2, True)), -1),
    "no case fits": (sp.Piecewise((x, x > 0)), -1),
}


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=key) for key, row in OUTSIDE.items()]
)
def test_what_is_not_real_or_far_too_large_is_outside_the_domain(row):
    expr, place = row
    values, program = evaluated(expr, {x: sp.Integer(place)})
    assert fault(program, values, [RESULT]) == "outside the domain of result"


@pytest.mark.parametrize("expr", [sp.log(x), sp.sqrt(x), sp.sin(x)], ids=str)
def test_large_numbers_are_no_fault(expr):
    values, program = evaluated(expr, {x: sp.Integer(2) ** 900})
    expected = expr.subs(x, sp.Integer(2) ** 900).evalf(50)
    error = abs(values[program.slots[RESULT]] / mpf(str(expected)) - 1)
    assert error < mpf(10) ** -47


def test_a_dead_branch_outside_its_domain_does_no_harm():
    expr = sp.Piecewise((sp.log(x), x > 0), (x**2, True))
    values, program = evaluated(expr, {x: sp.Integer(-3)})
    assert fault(program, values, [RESULT]) is None
    assert values[program.slots[RESULT]] == 9


NEAR = sp.Rational(1, 10**7)
KINKS = {
    "Abs": (sp.Abs(x - 1), 1 + NEAR, "near a kink of Abs"),
    "relu": (FUNCTIONS["relu"].make(x), NEAR, "near a kink of relu"),
    "Heaviside": (sp.Heaviside(x), -NEAR, "near a kink of Heaviside"),
    "floor": (sp.floor(2 * x), sp.Rational(3, 2) - NEAR, "near a jump of floor"),
    "frac": (sp.frac(x), 7 + NEAR, "near a jump of frac"),
    "Max": (sp.Max(x, 2, 1 - x), 2 + NEAR, "near a tie of Max"),
    "Min": (sp.Min(x, 2, 5), 2 - NEAR, "near a tie of Min"),
    "Piecewise": (
        sp.Piecewise((x, x < 3), (x**2, True)),
        3 + NEAR,
        "near a boundary of a Piecewise",
    ),
    "Abs, far": (sp.Abs(x - 1), sp.Rational(11, 10), None),
    "Max, tie of the small ones": (sp.Max(x, 9, 1 - x), sp.Rational(1, 2), None),
    "Abs of a number": (sp.Abs(0, evaluate=False) + x, sp.Integer(1), None),
}


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=key) for key, row in KINKS.items()]
)
def test_kinks_are_named(row):
    expr, place, reason = row
    values, program = evaluated(expr, {x: sp.Rational(place)})
    assert fault(program, values, [RESULT]) == reason


@pytest.mark.parametrize(
    "row",
    [
        pytest.param((abs(x), 0), id="kink"),
        pytest.param((sp.sqrt(x), sp.Rational(1, 10**16)), id="beside a pole"),
        pytest.param((sp.sqrt(x), 0), id="end of the domain"),
    ],
)
def test_a_slope_that_is_none_is_nan(row):
    expr, place = row
    values, program = evaluated(expr, {x: sp.Rational(place)})
    assert not context.isfinite(slopes(program, values, x, [RESULT])[RESULT])


def test_a_horizontal_tangent_is_no_kink():
    values, program = evaluated(x**2, {x: sp.Integer(0)})
    assert slopes(program, values, x, [RESULT])[RESULT] == 0


def test_an_unknown_function_is_named():
    with pytest.raises(RuleError, match=r"besselj\(1, x\) cannot be checked"):
        compile_program((x,), [(RESULT, sp.besselj(1, x))])


def test_the_precision_of_the_user_is_left_alone():
    before = mpmath.mp.dps
    check_gradient(differentiate(graph_of(sp.sin(x))))
    assert mpmath.mp.dps == before


# --- check_gradient -----------------------------------------------------------------


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
@pytest.mark.parametrize("backend", BACKENDS)
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
    check = check_gradient(differentiate(graph_of(expr), mode=mode))
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
    check = check_gradient(differentiate(graph_of(expr)))
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
        hessian(graph_of(x**2 * y + sp.sin(x * y))), {"x": 1, "y": 2}
    )
    assert check.passed and len(check.rows) == 4
    # d²/dx² = 2y - y² sin(xy), by hand
    assert check.rows[0].expected == pytest.approx(4 - 4 * np.sin(2), rel=1e-14)


@pytest.mark.parametrize(
    ("expr", "at", "reason"),
    [
        pytest.param(abs(x), {"x": 0}, "near a kink of Abs", id="kink"),
        pytest.param(sp.log(x), {"x": -1.0}, "outside the domain of f", id="domain"),
        pytest.param(sp.log(x - 99), None, "outside the domain of f", id="nowhere"),
        pytest.param(sp.sqrt(x), {"x": 0}, "no smooth slope by x", id="pole"),
    ],
)
def test_points_that_cannot_be_used_are_told_and_do_not_pass(expr, at, reason):
    check = check_gradient(differentiate(graph_of(expr)), at)
    assert not check.passed
    assert {one.reason for one in check.left_out} == {reason}
    assert check.unchecked == 1 and not check.rows
    assert reason in str(check)


def test_points_passed_over_on_the_way_are_told():
    check = check_gradient(differentiate(graph_of(sp.log(x - 2))))
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
    graph = graph_of(symbol("w_1") * symbol("x_1"))
    with pytest.raises(SymgradError, match=message) as caught:
        check_gradient(differentiate(graph), at)
    assert "\n" not in str(caught.value) and not str(caught.value).endswith(".")


@pytest.mark.parametrize("number", [2, 2.0, np.float32(2), np.int64(2), sp.Integer(2)])
def test_numbers_of_every_kind_are_taken(number):
    check = check_gradient(differentiate(graph_of(x**3)), {x: number})
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


# --- check_steps --------------------------------------------------------------------


def step(lhs, *exprs, rule="rule", definitions=(), substeps=()):
    lines = tuple(Line(expr) for expr in exprs)
    return Step(rule, lhs, lines, tuple(definitions), (), tuple(substeps))


# the notes' skip connection: z = f(x, y), y = g(x), x = k(t); the output has a label
SKIP = Graph(
    (
        Stage(x, sp.sin(t) / 2 + 1),
        Stage(y, x**2),
        Stage(z, sp.tanh(a * x * y + b), "z_hat"),
    ),
    (z,),
    (t,),
    (a, b),
)
z_hat = symbol("z_hat")
d = LocalDerivative
inner = a * x * y + b
NAMED = [(u_1, inner)]

TRUE_STEPS = {
    "partial of a stage": step(Partial(z, x), a * y * (1 - z**2)),
    "total of a leaf": step(
        Total(z, t),
        Chain(Total(z, x), Partial(x, t)),
        (Partial(z, x) + Chain(Partial(z, y), Partial(y, x))) * sp.cos(t) / 2,
    ),
    "total by a stage held independent": step(Total(z, y), Partial(z, y)),
    "total through both paths": step(
        Total(z, x), Partial(z, x) + Chain(Partial(z, y), 2 * x)
    ),
    "label for its stage": step(Total(z_hat, b), 1 - z_hat**2, 1 - z**2),
    "itself": step(Total(z, z), sp.Integer(1)),
    "no path": step(Total(y, a), sp.Integer(0)),
    "local derivative, others held": step(d(inner, x), a * y),
    "local name expanded": step(
        d(sp.tanh(u_1), x), a * y * (1 - z**2), definitions=NAMED
    ),
    "by a local name": step(d(sp.tanh(u_1), u_1), 1 - z**2, definitions=NAMED),
    "by a local name, the rest held": step(d(x * u_1, u_1), x, definitions=NAMED),
    "local name of local names": step(
        d(u_2, x), 2 * u_1 * a * y, definitions=[(u_2, u_1**2), *NAMED]
    ),
    "local name as a value": step(u_1, inner, definitions=NAMED),
    "partial of a local name": step(Partial(u_1, y), a * x, definitions=NAMED),
    "partial by a local name": step(Partial(z, u_1), 1 - z**2, definitions=NAMED),
    "names of the enclosing step": step(
        Partial(z, b),
        Chain(d(sp.tanh(u_1), u_1), d(u_1, b)),
        definitions=NAMED,
        substeps=[step(d(u_1, b), sp.Integer(1))],
    ),
    "derivative of a stage's name": step(d(z, a), x * y * (1 - z**2)),
    "stage told in a local name": step(
        d(z, u_1), 1 - z**2, definitions=[*NAMED, (z, sp.tanh(u_1))]
    ),
    "stage in a local name, in a formula": step(
        d(2 * z, u_1), 2 * (1 - z**2), definitions=[*NAMED, (z, sp.tanh(u_1))]
    ),
    "a stage defined anew is held all the same": step(
        d(x * y, x), y, definitions=[(y, x**2)]
    ),
    "composition": step(z, sp.tanh(inner), sp.tanh(a * x**3 + b)),
}


@pytest.mark.parametrize("one", [pytest.param(s, id=k) for k, s in TRUE_STEPS.items()])
def test_true_steps_pass(one):
    check = check_steps(SKIP, [one])
    assert check.passed and not check.failures and not check.left_out
    assert check.points == 3
    expected = len(one.lines) + sum(len(inner.lines) for inner in one.substeps)
    assert check.equalities == expected
    assert check.worst < 1e-28  # differences with h = 2**-57 on values near 1


@pytest.mark.parametrize("one", [pytest.param(s, id=k) for k, s in TRUE_STEPS.items()])
@pytest.mark.parametrize(
    "change", [lambda e: -e - 3, lambda e: e + sp.Rational(1, 10**9)]
)
def test_every_line_that_is_changed_is_noticed(one, change):
    for place, line in enumerate(one.lines):
        exprs = [old.expr for old in one.lines]
        exprs[place] = change(line.expr)
        broken = step(one.lhs, *exprs, definitions=one.definitions)
        check = check_steps(SKIP, [broken])
        assert not check.passed
        # the line itself is wrong, and so is the next one after it
        wrong = {failure.line for failure in check.failures}
        assert wrong == {place, place + 1} & set(range(len(exprs)))


FALSE_STEPS = {
    "partial is not total": step(Total(z, x), Partial(z, x)),
    "total is not partial": step(Partial(z, x), Total(z, x)),
    "a path is missing": step(Total(z, t), Chain(Partial(z, y), Total(y, t))),
    "inner derivative forgotten": step(d(sp.tanh(u_1), x), 1 - z**2, definitions=NAMED),
    "wrong sign": step(d(sp.cos(x), x), sp.sin(x)),
    "u held where it follows": step(d(x * u_1, x), u_1, definitions=NAMED),
}


@pytest.mark.parametrize("one", [pytest.param(s, id=k) for k, s in FALSE_STEPS.items()])
def test_false_steps_fail_wherever_they_stand(one):
    outer = step(Total(z, z), sp.Integer(1), rule="outer", substeps=[one])
    check = check_steps(SKIP, [outer])
    assert [(f.rule, f.lhs, f.line) for f in check.failures] == [("rule", one.lhs, 0)]
    assert check.failures[0].error > 1e-3 and not check
    assert "NOT TRUE: line 1 of rule" in str(check)


def test_an_equality_that_holds_at_some_points_only_is_false():
    check = check_steps(graph_of(x**2), [step(abs(x), x)], points=6)
    assert check.points == 6 and len(check.failures) == 1


def test_two_names_for_one_value_are_two_variables():
    graph = Graph((Stage(y, x), Stage(z, x * y)), (z,), (x,))
    true = [step(Total(z, y), x), step(Total(z, x), 2 * x), step(Partial(z, x), y)]
    assert check_steps(graph, true).equalities == 3
    assert check_steps(graph, true).passed
    check = check_gradient(differentiate(graph, [x, y]), at={"x": 5})
    assert check.passed and [row.expected for row in check.rows] == [10, 5]


def test_definitions_are_used_and_not_counted():
    defines = step(u_1, inner, rule="definition")
    uses = step(d(u_1, b), sp.Integer(1))
    check = check_steps(SKIP, [defines, uses])
    assert check.passed and check.equalities == 1


def test_a_definition_of_a_stage_must_tell_the_truth():
    assert check_steps(SKIP, [step(y, x**2, rule="definition")]).failures == ()
    assert check_steps(SKIP, [step(y, x**3, rule="definition")]).failures
    one = sp.Integer(1)
    told = step(Total(y, y), one, definitions=[(z, sp.tanh(inner))])
    assert check_steps(SKIP, [told]).failures == ()
    told = step(Total(y, y), one, definitions=[(z, sp.sin(inner))])
    assert check_steps(SKIP, [told]).failures
    wrong = step(Partial(z, b), 1 - z**2, definitions=[(z, sp.sin(inner))])
    assert check_steps(SKIP, [wrong]).failures


LEFT_OUT = {
    "unknown name": (step(w, w), "w has no value here"),
    "derivative of a derivative": (
        step(d(d(x**2, x), x), sp.Integer(2)),
        "a derivative inside a derivative",
    ),
    "no such part": (
        step(Partial(z, u_2), sp.Integer(1)),
        "∂z/∂u_2 names no part of the stage",
    ),
    "outside its domain": (
        step(sp.log(-2 - t**2), sp.log(-2 - t**2)),
        "outside its domain at every point tried",
    ),
    "unknown function": (step(sp.gamma(x), sp.gamma(x)), "cannot be checked"),
}


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=k) for k, row in LEFT_OUT.items()]
)
def test_what_cannot_be_recomputed_is_counted_with_the_reason(row):
    one, reason = row
    check = check_steps(SKIP, [one, step(Total(z, z), sp.Integer(1))])
    assert check.equalities == 1 and check.left_out == 1
    ((number, told),) = check.reasons
    assert number == 1 and reason in told
    assert f"1 left out: {told}" in str(check)


def test_a_line_true_for_positive_numbers_only_gets_such_points():
    graph = graph_of(x**3)
    one = step(d(x**3, x), Chain(x**3, d(3 * sp.log(x), x)), 3 * x**2)
    for seed in range(12):  # one in eight has three negative points
        check = check_steps(graph, [one], seed=seed)
        assert check.passed and check.equalities == 2


@pytest.mark.parametrize(
    "expr", [abs(x) * y, sp.floor(x) * y, sp.Max(x, y), sp.sign(x) + y], ids=str
)
def test_bends_and_jumps_are_kept_away_from(expr):
    slope = sp.diff(expr, x).doit() if expr != sp.floor(x) * y else sp.Integer(0)
    slope = slope.replace(sp.DiracDelta, lambda *_: sp.Integer(0))
    graph = graph_of(expr)
    check = check_steps(graph, [step(Partial(symbol("f"), x), slope)])
    assert check.passed and check.worst < 1e-28


@pytest.mark.parametrize(
    "make", [sp.floor, sp.sign, FUNCTIONS["relu"].make, lambda e: sp.Max(e, 7)]
)
def test_a_flat_stretch_counts_as_slope_zero(make):
    graph = Graph((Stage(y, -(x**2)), Stage(z, make(y - 1))), (z,), (x,))
    one = step(Total(z, x), Chain(Partial(z, y), Total(y, x)), sp.Integer(0))
    check = check_steps(graph, [one])
    assert check.passed and check.equalities == 2 and check.worst == 0


def test_derivatives_lost_in_rounding_are_not_called_true():
    # forty stages of slope 1e-3 at most: a total of 1e-120 is not seen at 50 digits
    stages, before = [], x
    for k in range(40):
        stages.append(Stage(symbol(f"h_{k}"), before / 1000))
        before = stages[-1].symbol
    graph = Graph((*stages, Stage(y, 1 + before)), (y,), (x,))
    false = step(Total(y, x), sp.Rational(1, 10**60))
    middle = symbol("h_20")
    factors = Chain(Total(y, middle), Total(middle, x))  # 0 on both sides, by rounding
    for one in (false, step(Total(y, x), factors)):
        check = check_steps(graph, [one])
        assert (check.equalities, check.left_out) == (0, 1)
        assert "too small to be seen at 50 digits" in str(check)


def test_the_steps_of_the_notes_network_all_hold():
    graph = network([2, 2, 1])
    gradient = differentiate(graph)
    steps = [
        *gradient.partials.values(),
        *(step(total, line.expr) for total, line in gradient.totals.items()),
        *(
            step(Total(symbol("y_hat"), s), gradient[s], gradient.closed_form(s))
            for s in gradient
        ),
    ]
    check = check_steps(graph, steps)
    assert check.passed and not check.left_out and check.equalities > 100
    assert check.worst < 1e-27
    assert str(check).startswith(
        f"{check.equalities} equalities recomputed at 3 random"
    )


def test_five_thousand_nested_stages_are_bounded_and_counted():
    graph = chain(5000)
    gradient = differentiate(graph)
    steps = [step(total, line.expr) for total, line in gradient.totals.items()]
    check = check_steps(graph, steps)
    assert 1 <= check.equalities < 100
    assert check.equalities + check.left_out == len(steps)
    assert not check.failures and "over the bound of 2,000,000 operations" in str(check)


def test_the_choice_under_a_bound_still_finds_a_wrong_half():
    graph = chain(5000)
    gradient = differentiate(graph)
    steps = [step(total, line.expr + 1) for total, line in gradient.totals.items()]
    assert check_steps(graph, steps).failures


@pytest.mark.parametrize("points", [0, -1, True, 1.5, "3"])
def test_a_bad_number_of_points_is_an_error(points):
    with pytest.raises(SymgradError, match="expected 1 or more"):
        check_steps(SKIP, [], points=points)


def test_no_steps_are_no_proof():
    assert not check_steps(SKIP, [])
    assert str(check_steps(SKIP, [])) == "no equality recomputed"


# --- formulas in general letters ------------------------------------------------------


@pytest.mark.parametrize(
    "formula",
    [pytest.param(rule.formula, id=rule.name) for rule in RULES if rule.formula],
)
def test_the_formula_of_every_rule_is_true(formula):
    assert check_formula(*formula) < 1e-25


ROWS = [
    pytest.param(name, place, id=f"{name}, argument {place + 1}")
    for name, row in DERIVATIVES.items()
    if name in FUNCTIONS
    for place in range(len(row))
    if name not in ("floor", "ceiling", "frac", "Heaviside")
]


@pytest.mark.parametrize(("name", "place"), ROWS)
def test_every_row_of_the_table_is_true(name, place):
    row = DERIVATIVES[name]
    value = FUNCTIONS[name].make(*(u, v)[: len(row)])
    assert (
        check_formula(d(value, (u, v)[place]), row[place].xreplace({f: value})) < 1e-25
    )


FALSE_FORMULAS = {
    "product": (d(u * v, x), d(u, x) * d(v, x)),
    "quotient": (d(u / v, x), (u * d(v, x) - d(u, x) * v) / v**2),
    "power": (d(x ** symbol("n"), x), symbol("n") * x ** symbol("n")),
    "inner forgotten": (d(sp.sin(u), x), sp.cos(u)),
    "constant": (d(symbol("c") * u, x), d(u, x)),
}


@pytest.mark.parametrize(
    "formula", [pytest.param(row, id=key) for key, row in FALSE_FORMULAS.items()]
)
def test_a_false_formula_is_noticed(formula):
    assert check_formula(*formula) > 1e-3


@pytest.mark.parametrize(
    ("lhs", "message"),
    [(sp.log(-x * u - 100), "no point was found"), ("x", "is no expression")],
    ids=["nowhere real", "text"],
)
def test_a_formula_that_cannot_be_judged_is_an_error(lhs, message):
    with pytest.raises(SymgradError, match=message):
        check_formula(lhs, lhs)
