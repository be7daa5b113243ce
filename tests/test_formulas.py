"""Formulas as graphs: where they are cut, what they are worth, what is refused."""

from __future__ import annotations

import math
import os
import pickle
import subprocess
import sys

import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symgrad.chain_rule import jacobian
from symgrad.cutting import MAX_LEVELS
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    BoundError,
    FormulaError,
    SymgradError,
    UnknownNameError,
)
from symgrad.formulas import formula
from symgrad.functions import FUNCTIONS
from symgrad.graph import Graph
from symgrad.lengths import measure
from symgrad.networks import network
from symgrad.numeric.evaluation import evaluate
from symgrad.symbols import symbol


def shown(graph: Graph) -> str:
    """The stages of a graph on one line."""
    return "; ".join(f"{s.symbol} = {s.expr}" for s in graph.stages)


def short_id(value: object) -> str:
    return str(value)[:30]


CUTS = {
    # compound arguments, bases and exponents get a name
    "tanh(w*x + b)": "u_1 = b + w*x; y = tanh(u_1)",
    "sin(2x)": "u_1 = 2*x; y = sin(u_1)",
    "exp(-x)": "u_1 = -x; y = exp(u_1)",
    "(x + 1)^2": "u_1 = x + 1; y = u_1**2",
    "sin(x)^2": "u_1 = sin(x); y = u_1**2",
    "sqrt(x^2)": "u_1 = x**2; y = sqrt(u_1)",
    "2^(3x)": "u_1 = 3*x; y = 2**u_1",
    "x^(a + 1)": "u_1 = a + 1; y = x**u_1",
    "e^(-x^2)": "u_1 = -x**2; y = exp(u_1)",
    "Max(x, x^2, 0)": "u_1 = x**2; y = Max(0, u_1, x)",
    "exp(log(x))": "u_1 = log(x); y = exp(u_1)",
    "sin(cos(tan(x)))": "u_1 = tan(x); u_2 = cos(u_1); y = sin(u_2)",
    # a function of a bare name does not, nor do numbers
    "sin(x)*exp(x)": "y = exp(x)*sin(x)",
    "sin(x)/cos(x)": "y = sin(x)/cos(x)",
    "x^2 + x^(1/2)": "y = sqrt(x) + x**2",
    "exp(2)*x + sqrt(2)": "y = x*exp(2) + sqrt(2)",
    "x^a": "y = x**a",
    # quotients and nested products stay together
    "2*(x + 1)*(a + 2)": "y = 2*(a + 2)*(x + 1)",
    "(x + 1)/(x - 1)": "y = (x + 1)/(x - 1)",
    "x/(x^2 + 1)^2": "u_1 = x**2 + 1; y = x/u_1**2",
    "(a + b)^-1": "y = 1/(a + b)",
    "a/(b/c)": "y = a*c/b",
    # equal arguments share a stage
    "sin(x + 1)*cos(x + 1)": "u_1 = x + 1; y = sin(u_1)*cos(u_1)",
    "sin(a + b) + cos(b + a)": "u_1 = a + b; y = sin(u_1) + cos(u_1)",
    # what was written stays as it was
    "2*(a - b)": "y = 2*(a - b)",
    "a - (b - c)": "y = a - (b - c)",
    "x*x": "y = x*x",
    "x + x": "y = x + x",
    # numbers are folded
    "2*3*x + 1/3 - 1": "y = 6*x - 2/3",
    "7^-2": "y = 1/49",
    "sqrt(16/9)": "y = 4/3",
    "8^(2/3)": "y = 4",
    "2^3^2": "y = 512",
    "0*x": "y = 0",
    "x^0 + x^1": "y = x + 1",
    "3": "y = 3",
    # definitions, in any order
    "f = tanh(u); u = w*x + b": "u = b + w*x; f = tanh(u)",
    "z = a*b; a = b + x; b = x^2": "b = x**2; a = b + x; z = a*b",
    "u = w*x; f = tanh(w*x)*u": "u = w*x; f = u*tanh(u)",
    "z = tanh(x + 1)\nq = z^2": "u_1 = x + 1; z = tanh(u_1); q = z**2",
    # fresh names
    "u_1 + tanh(2x)": "u_2 = 2*x; y = u_1 + tanh(u_2)",
    "y + 1": "f = y + 1",
    "y + f": "F = f + y",
    "y + f + F": "y_1 = F + f + y",
    # names that SymPy would take
    "E*I + N*S*Q*O": "y = E*I + N*O*Q*S",
    "beta + gamma + lambda + zeta": "y = beta + gamma + lambda + zeta",
}


@pytest.mark.parametrize("text", CUTS)
def test_where_a_formula_is_cut(text: str) -> None:
    assert shown(formula(text)) == CUTS[text]


OUTPUTS = [
    # text, name, outputs
    ("x + 1", None, ["y"]),
    ("x + 1", "z", ["z"]),
    ("x + 1", symbol("z"), ["z"]),
    ("x + 1", ["z"], ["z"]),
    ("a = x; b = a^2", None, ["b"]),
    ("a = x; b = a^2", "a", ["a"]),
    ("a = x; b = 2*x", "a", ["a"]),
    ("a = x; b = 2*x", ["b", "a"], ["b", "a"]),
    ("a = x; b = 2*x", ("a",), ["a"]),
]


@pytest.mark.parametrize(("text", "name", "outputs"), OUTPUTS)
def test_outputs(text: str, name: object, outputs: list[str]) -> None:
    assert [o.name for o in formula(text, name=name).outputs] == outputs


def test_inputs_of_a_text_stand_as_they_come() -> None:
    graph = formula("f = tanh(u)*q; u = w*x + b")
    assert [i.name for i in graph.inputs] == ["q", "w", "x", "b"]
    assert all(i == symbol(i.name) for i in graph.inputs)
    assert graph.parameters == ()


def test_what_is_folded_away_is_still_an_input() -> None:
    assert [i.name for i in formula("0*x + z^0").inputs] == ["x", "z"]


def test_a_graph_comes_back_as_it_is() -> None:
    graph = network([2, 2, 1])
    assert formula(graph) is graph
    assert formula(graph, name="f_3").outputs == (graph.symbol("f_3"),)


ERRORS = [
    # text, name, kind, words
    ("a = b; b = a", None, FormulaError, "column 1: .*a -> b -> a"),
    ("z = 1; a = b; b = c; c = a", "z", FormulaError, "a -> b -> c -> a"),
    ("a = a + 1", None, FormulaError, "column 1: 'a' is defined by itself"),
    ("a = 1; a = 2", None, FormulaError, "column 8: 'a' is defined twice"),
    ("a = x; b = x", None, FormulaError, r"\(a, b\).*name='b'"),
    ("a = x; x + 1; a", None, FormulaError, "column 8: .*has no name"),
    ("a = x; b = x", "c", UnknownNameError, "unknown output 'c'.*known: a, b"),
    ("alpha = x; b = x", "alpa", UnknownNameError, "did you mean 'alpha'"),
    ("x + 1", "x", FormulaError, "'x': the formula uses that name"),
    ("x + 1", ["a", "b"], FormulaError, "2 outputs"),
    ("x + 1", "1x", ArgumentValueError, "'1x' is no name"),
    ("x + 1", [], ArgumentValueError, "empty list"),
    ("a = x", ["a", "a"], ArgumentValueError, "each name once"),
    ("x + 1", 3, ArgumentTypeError, "name is 3"),
    ("x + 1", {"a"}, ArgumentTypeError, "expected a name or a list"),
    ("x + 1", [3], ArgumentTypeError, "expected a name or a Symbol"),
    # constants without a real value
    ("x + 1/0", None, FormulaError, "column 5: '1/0' divides by zero"),
    ("x/(2 - 2)", None, FormulaError, "divides by zero"),
    ("1/(sqrt(2) - sqrt(2))", None, FormulaError, "divides by zero"),
    ("0^-1", None, FormulaError, "divides by zero"),
    ("log(0)*x", None, FormulaError, "column 1: 'log.0.'.*real for u > 0"),
    ("sqrt(-1)", None, FormulaError, "sqrt is real for"),
    ("(-8)^(1/3)", None, FormulaError, "use cbrt"),
    ("(-2)^x", None, FormulaError, "positive base"),
    ("0^x", None, FormulaError, "positive base"),
    ("asin(2)", None, FormulaError, "no real, finite value"),
    ("acosh(1/2)", None, FormulaError, "no real, finite value"),
    ("tan(pi/2)", None, FormulaError, "no real, finite value"),
    ("1 + cot(3*pi)", None, FormulaError, "column 5: .*no real, finite value"),
    ("exp(1000)", None, FormulaError, "no real, finite value"),
    # bounds
    ("9^9^9^9", None, BoundError, "more than 300 digits"),
    ("10^300", None, BoundError, "more than 300 digits"),
    ("10^-300", None, BoundError, "more than 300 digits"),
    ("10^200*10^200", None, BoundError, "more than 300 digits"),
    ("1e200^2", None, BoundError, "float"),
    ("1e200*1e200", None, BoundError, "float"),
    ("exp(600)*exp(600)", None, BoundError, "float"),
    ("x^1001", None, BoundError, "MAX_EXPONENT"),
    ("x^(9^99)", None, BoundError, "MAX_EXPONENT"),
    ("x^exp(8)", None, BoundError, "MAX_EXPONENT"),
    ("+".join(f"gelu({i})" for i in range(501)), None, BoundError, "MAX_CONSTANTS"),
]


@pytest.mark.parametrize(("text", "name", "kind", "words"), ERRORS, ids=short_id)
def test_errors(text: str, name: object, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words) as caught:
        formula(text, name=name)
    message = str(caught.value)
    assert message.isprintable() and not message.endswith(".")


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        (3, ArgumentTypeError, "3 is no formula; expected a text"),
        (None, ArgumentTypeError, "None is no formula"),
        ([1], ArgumentTypeError, "no formula"),
        (sp.Eq(sp.Symbol("x"), 1), ArgumentTypeError, "no formula"),
        (math.sin, FormulaError, "no function written in Python"),
    ],
    ids=repr,
)
def test_other_sources(source: object, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        formula(source)


# --- the value of a formula, against Python's own arithmetic ---------------------

PYTHON = {
    **{
        name: getattr(math, name)
        for name in "exp log sqrt sin cos tan atan tanh sinh cosh asinh erf".split()
    },
    "Abs": abs,
    "Max": max,
    "Min": min,
    "atan2": math.atan2,
    "pi": math.pi,
}


def value_of(graph: Graph, at: dict[str, float]) -> float:
    """Run the stages one by one, with mpmath at 30 digits under SymPy."""
    numbers = {i: sp.Float(at[i.name], 30) for i in graph.inputs}
    for stage in graph.stages:
        numbers[stage.symbol] = stage.expr.subs(numbers).evalf(30)
    return float(numbers[graph.output])


VALUES = {
    "-x**2 + 2*z": (0.7, -1.2),
    "2**-x**2*z": (0.7, -1.2),
    "x - z - 1/x/z": (0.7, -1.2),
    "x/-z*3": (0.7, -1.2),
    "-(x - z)**3/(x*z)": (0.7, -1.2),
    "exp(-x**2/2)/sqrt(2*pi)*z": (0.7, -1.2),
    "Max(x, z, 0.1) - Min(2*x, z)": (0.7, -1.2),
    "atan2(z, x)**2": (0.7, -1.2),
    "x**z**2": (0.7, -1.2),
    "(1 + x)**(z + 3)": (0.7, -1.2),
    "tanh(x*z + Abs(x - z))/(1 + exp(-x))": (0.7, -1.2),
    "((x + 1)*2 - (z - 3)*(x - 1))/(1/(x + 2))": (0.7, -1.2),
    "x*(1 + x*(2 + x*(3 + x*(4 + x*(5 + x*(6 + x*(7 + x*(8 + x*(9 + z)))))))))": (
        0.7,
        -1.2,
    ),
}


@pytest.mark.parametrize("text", VALUES)
def test_values_against_python(text: str) -> None:
    x, z = VALUES[text]
    expected = eval(text, {"__builtins__": {}}, {**PYTHON, "x": x, "z": z})
    assert value_of(formula(text), {"x": x, "z": z}) == pytest.approx(
        expected, rel=1e-13
    )


LEAVES = st.sampled_from(["x", "z", "2", "3", "0.5", "pi"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            lambda a, op, b: f"({a} {op} {b})", inner, st.sampled_from("+-*/"), inner
        ),
        st.builds(lambda a, n: f"({a})**{n}", inner, st.sampled_from(["2", "3", "-1"])),
        st.builds(lambda a: f"-{a}", inner),
        st.builds(
            lambda f, a: f"{f}({a})",
            st.sampled_from(["exp", "sin", "tanh", "atan", "Abs", "asinh"]),
            inner,
        ),
        st.builds(lambda a, b: f"Max({a}, {b})", inner, inner),
    ),
    max_leaves=14,
)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(TREES)
def test_random_formulas_have_python_s_value(text: str) -> None:
    at = {"x": 0.6180339887, "z": -1.3247179572}
    try:
        expected = eval(text, {"__builtins__": {}}, {**PYTHON, **at})
    except (ZeroDivisionError, OverflowError):
        assume(False)
    # Cancellation loses digits in Python's arithmetic, none of it in the 30 digits of
    # the stages; what is left out is only what floats cannot tell.
    nearby = eval(
        text,
        {"__builtins__": {}},
        {**PYTHON, **{name: value * (1 + 1e-14) for name, value in at.items()}},
    )
    assume(abs(nearby - expected) <= 1e-9 * abs(expected) and abs(expected) < 1e100)
    try:
        graph = formula(text)
    except BoundError:
        assume(False)
    found = value_of(graph, at)
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-12)


# --- SymPy expressions -------------------------------------------------------------

x, z, w, b = sp.symbols("x z w b")
r = sp.Symbol("r", real=True)

EXPRESSIONS = {
    "neuron": (sp.tanh(w * x + b), "u_1 = b + w*x; y = tanh(u_1)"),
    "product": (sp.exp(x) * sp.sin(x), "y = exp(x)*sin(x)"),
    "quotient": (x / (x + 1), "y = x/(x + 1)"),
    "power of a sum": ((x + 1) ** -2, "u_1 = x + 1; y = u_1**(-2)"),
    "root": (sp.sqrt(x**2 + 1), "u_1 = x**2 + 1; y = sqrt(u_1)"),
    "shared argument": ((x + z) * sp.sin(x + z), "u_1 = x + z; y = u_1*sin(u_1)"),
    "shared sum": (
        (x + z) / (1 + (x + z) * w),
        "u_1 = x + z; y = u_1/(u_1*w + 1)",
    ),
    "shared, but short": (sp.exp(x) * w + sp.exp(x), "y = w*exp(x) + exp(x)"),
    "constants": (sp.E**2 * x + sp.pi / 4, "y = x*exp(2) + pi/4"),
    "Euler's number": (sp.Pow(sp.E, x, evaluate=False), "y = exp(x)"),
    "number": (sp.Rational(2, 3), "y = 2/3"),
    "symbol": (x, "y = x"),
    "kinks": (sp.Max(r, 0) + sp.Abs(r), "y = Abs(r) + Max(0, r)"),
    "step": (sp.Heaviside(x), "y = Heaviside(x)"),
    "piecewise is not cut": (
        2 * sp.Piecewise((sp.sin(2 * x), x > 0), (0, True)) + 1,
        "y = 2*Piecewise((sin(2*x), x > 0), (0, True)) + 1",
    ),
    "piecewise as an argument": (
        sp.exp(sp.Piecewise((x, x > 0), (0, True)), evaluate=False),
        "u_1 = Piecewise((x, x > 0), (0, True)); y = exp(u_1)",
    ),
    "conditions": (
        sp.Piecewise((x, (x > 0) & (z < 1)), (z, sp.Ne(x, 2)), (1, True)),
        "y = Piecewise((x, (x > 0) & (z < 1)), (z, Ne(x, 2)), (1, True))",
    ),
    "u_1 is taken": (sp.tanh(2 * sp.Symbol("u_1")), "u_2 = 2*u_1; y = tanh(u_2)"),
}


@pytest.mark.parametrize("case", EXPRESSIONS)
def test_where_an_expression_is_cut(case: str) -> None:
    expr, stages = EXPRESSIONS[case]
    graph = formula(expr)
    assert shown(graph) == stages
    assert sp.simplify(graph.closed_form() - expr) == 0


def test_own_symbols_come_back_in_natural_order() -> None:
    names = ["x_10", "x_2", "a", "x_1", "b'"]
    own = sp.symbols(names, positive=True)
    graph = formula(sp.Add(*own) ** 2, name="s")
    assert [i.name for i in graph.inputs] == ["a", "b'", "x_1", "x_2", "x_10"]
    assert set(graph.inputs) == set(own)
    assert graph.output == symbol("s")


REFUSED = {
    "two symbols of one name": (x + sp.Symbol("x", real=True), "called 'x'"),
    "in a piecewise too": (
        sp.Piecewise((sp.Dummy("x"), x > 0), (0, True)),
        "called 'x'",
    ),
    "integral": (1 + sp.Integral(sp.exp(x**2), x), r"Integral\(exp.*no bounds"),
    "unknown function": (
        x * sp.dirichlet_eta(x),
        r"^dirichlet_eta\(x\) is of type dirichlet_eta",
    ),
    "complex": (sp.sqrt(-2) * x, "^I is complex"),
    "complex root": (sp.Pow(-1, sp.Rational(1, 3), evaluate=False), "is not real"),
    "infinite": (sp.zoo * 1, "zoo is no real number"),
    "infinity": (sp.oo * 1, "oo is no real number"),
    "nan": (sp.nan * 1, "nan is no real number"),
    "imaginary symbol": (sp.Symbol("q", imaginary=True), "q is not real"),
    "matrix": (sp.MatrixSymbol("A", 2, 2), "MatrixSymbol"),
    "operator": (sp.Symbol("A", commutative=False), "A does not commute"),
    "indexed": (sp.IndexedBase("x")[x + 1], "Indexed"),
    "other branch": (sp.LambertW(x, -1), "2 arguments; expected 1"),
    "constant": (sp.asin(2) * x, r"^asin\(2\) has no real"),
    "pole": (sp.log(0, evaluate=False) * x, r"^log\(0\) has no real"),
    "negative base": ((-2) ** x, "positive base"),
    "exponent": (x**5000, "MAX_EXPONENT"),
    "inside a piecewise": (
        sp.Piecewise((sp.dirichlet_eta(x), x > 0), (0, True)),
        r"^dirichlet_eta\(x\)",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_expressions_that_are_refused(case: str) -> None:
    expr, words = REFUSED[case]
    with pytest.raises(SymgradError, match=words) as caught:
        formula(expr)
    assert isinstance(caught.value, FormulaError | BoundError)
    assert str(caught.value).isprintable()


def test_shared_parts_are_said_once_however_large_the_tree() -> None:
    expr = x
    for _ in range(60):  # a tree of 2**60 leaves in 120 nodes
        expr = sp.Add(sp.Mul(expr, expr, evaluate=False), 1, evaluate=False)
    graph = formula(expr)
    assert len(graph.stages) == 60


def test_deep_expressions_need_no_stack() -> None:
    expr = x
    for _ in range(300):
        expr = sp.tanh(1 + expr, evaluate=False)
    graph = formula(expr)
    assert len(graph.stages) == 301


DEEP = {
    "functions": ("tanh(" * 5000 + "x" + ")" * 5000, 5000),
    "weights": ("tanh(2*" * 3000 + "x" + ")" * 3000, 3001),
    "definitions": (";".join(f"a{k} = sin(a{k + 1})" for k in range(5000)), 5000),
    "brackets": ("(" * 5000 + "x" + ")" * 5000, 1),
    "constants": ("sin(" * 3000 + "1" + ")" * 3000, None),
    "sums in products": ("x*(1 + " * 3000 + "x" + ")" * 3000, None),
    "quotients": ("1/(1 + " * 3000 + "x" + ")" * 3000, None),
    "long sum": ("+".join(f"w{k}*x{k}" for k in range(5000)), 1),
    "long product": ("*".join(f"x{k}" for k in range(5000)), 1),
    "long quotient": ("x" + "/x" * 5000, 1),
}


@pytest.mark.parametrize("case", DEEP)
def test_large_texts(case: str) -> None:
    text, count = DEEP[case]
    try:
        graph = formula(text)
    except BoundError:
        assert case == "constants"  # 3,000 different functions of numbers
        return
    assert count is None or len(graph.stages) == count
    for stage in graph.stages:
        assert measure(stage.expr)[1] <= MAX_LEVELS + 3


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_numbers_are_real_or_refused(name: str) -> None:
    many = "" if FUNCTIONS[name].arity == 1 else ", 1"
    for number in ["0", "1", "-1", "0.5", "-2", "30", "-700", "1e299", "-1e-299"]:
        try:
            graph = formula(f"x*{name}({number}{many})")
        except (FormulaError, BoundError) as error:
            assert "no real, finite value" in str(error) or "MAX_ORDER" in str(error)
            continue
        value = graph.stages[-1].expr.subs(symbol("x"), 1).evalf(20)
        assert value.is_real and value.is_finite, (name, number)


# --- nothing else than an answer or an error of ours --------------------------------

PIECES = st.sampled_from(
    "+ - * / ^ ( ) | , ; = \n x y e 2 0 .5 1e299 9^9^9 sin( Max( log( sqrt( pi -1 a= "
    "b= e^ floor( LambertW( atan2( Heaviside( 1/ (x+1) if else where( true piecewise(( "
    "< == and not f(x)= f( g( root( √ sin x".split(" ")
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_any_text_is_a_graph_or_an_error_of_ours(text: str) -> None:
    try:
        graph = formula(text)
    except SymgradError as error:
        assert str(error).isprintable() and not str(error).endswith(".")
    else:
        for stage in graph.stages:
            assert not stage.expr.has(sp.zoo, sp.nan, sp.oo, sp.I)


def test_stages_survive_pickling() -> None:
    graph = formula("y = 2*(a - (b - c))*x*x + sqrt(x^2)/(1 + exp(-x))^2")
    again = pickle.loads(pickle.dumps(graph))
    assert shown(again) == shown(graph)
    assert again == graph


def test_the_same_text_gives_the_same_graph_in_every_process() -> None:
    code = (
        "from symgrad.formulas import formula;"
        "import sympy as sp; a = sp.symbols('p q s t');"
        "g = formula('tanh(w*x+b)*Max(x,z,q+1)+c*(x+z)*sin(x+z)^2');"
        "h = formula(sp.tanh(sp.Add(*a))*sp.Max(*a)+sp.sin(sp.Mul(*a)));"
        "print([(s.symbol, s.expr, s.expr.args) for s in g.stages + h.stages])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("text", "factor"),
    [("x*Heaviside(2)", 1), ("x*Heaviside(-3)", 0), ("x*Heaviside(0, 1)", 1)],
)
def test_the_step_of_a_number(text, factor):
    assert evaluate(text, {"x": 3.0})["y"] == 3.0 * factor


# --- a list of texts ----------------------------------------------------------------


def test_a_list_of_texts_has_many_outputs() -> None:
    graph = formula(["x*y", "u + y_1; u = x^2"])
    assert [o.name for o in graph.outputs] == ["f_1", "f_2"]
    assert str(graph.closed_form("f_2")) == "x**2 + y_1"
    assert [o.name for o in formula(["x", "2*x"], ["a", "b"]).outputs] == ["a", "b"]


@pytest.mark.parametrize(
    ("texts", "kind", "words"),
    [
        (["x", "x ="], FormulaError, "nothing is given"),
        (["x^2 + y = 2", "y"], FormulaError, "left side of .=. is not one name"),
        (["x", 2], ArgumentTypeError, "2 stands in a list of texts"),
    ],
    ids=str,
)
def test_lists_that_are_refused(texts, kind, words: str) -> None:
    with pytest.raises(kind, match=words):
        formula(texts)


def test_the_formulas_of_a_list_may_have_names() -> None:
    found = jacobian(["x = r*cos(t)", "y = r*sin(t)"], ["r", "t"])
    r, t = found.wrt
    assert [each.name for each in found.row_names] == ["x", "y"]
    wanted = [[sp.cos(t), -r * sp.sin(t)], [sp.sin(t), r * sp.cos(t)]]
    assert found.matrix() == sp.Matrix(wanted)
    with pytest.raises(FormulaError, match="give each once"):
        formula(["x = r", "x = t"])
    assert [o.name for o in formula(["a = x", "x^2"]).outputs] == ["a", "y_2"]
