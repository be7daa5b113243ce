"""Abstract functions filled in: SymPy substitutes and differentiates beside it."""

from __future__ import annotations

import pytest
import sympy as sp

from symgrad.chain_rule import differentiate, hessian
from symgrad.errors import (
    ArgumentTypeError,
    FormulaError,
    GraphError,
    SymgradError,
    UnknownNameError,
)
from symgrad.explanation import explain
from symgrad.filling import fill
from symgrad.formulas import formula
from symgrad.gradient import Gradient
from symgrad.graph import Graph, Stage
from symgrad.numeric.backends import lambdify
from symgrad.numeric.evaluation import evaluate
from symgrad.numeric.verification import check_gradient
from symgrad.symbols import Abstract, symbol

t, x, y, z, a, b, c = (symbol(name) for name in "txyzabc")


def plain(letter: str, *arguments: sp.Expr) -> Abstract:
    return Abstract(letter, [0] * len(arguments), *arguments)


NOTES = Graph(
    (
        Stage(x, plain("k", t)),
        Stage(y, plain("g", x)),
        Stage(z, plain("f", x, y)),
    ),
    (z,),
    (t,),
)

FILLED = {
    "names of the graph": ("x*y", "sin(x)", "t^2", t**2 * sp.sin(t**2)),
    "order of the text": ("y - x", "x", "t", sp.Integer(0)),
    "arguments of its own": (
        "f(a, b) = a - 2*b",
        "g(s) = s^3",
        "k(s) = exp(s)",
        sp.exp(t) - 2 * sp.exp(3 * t),
    ),
    "compound parts": (
        "tanh(x*y + 1)",
        "sqrt(x^2 + 1)",
        "t/3",
        sp.tanh(t / 3 * sp.sqrt(t**2 / 9 + 1) + 1),
    ),
    "constants": ("x + y", "2", "t", t + 2),
    "SymPy": (x**2 * y, sp.Lambda(sp.Symbol("q"), sp.cos(sp.Symbol("q"))), t, None),
    "one argument unused": ("f(p, q) = q^2", "x", "sin(t)", sp.sin(t) ** 2),
}


@pytest.mark.parametrize("case", FILLED)
def test_what_is_filled_in_is_substituted(case: str) -> None:
    f, g, k, expected = FILLED[case]
    graph = fill(NOTES, f=f, g=g, k=k)
    expected = t**2 * sp.cos(t) if expected is None else expected
    assert sp.simplify(graph.closed_form() - expected) == 0
    assert {"x", "y", "z"} <= set(graph.names)
    assert graph.output == z
    found = differentiate(graph, "t").closed_form("t")
    assert sp.simplify(found - sp.diff(expected, t)) == 0
    assert check_gradient(lambdify(graph, "t")).passed
    assert explain(graph, "t").checks[0][0].startswith("✓")


@pytest.mark.parametrize("make", [differentiate, hessian], ids=["first", "second"])
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_the_derivation_carries_on(make, mode: str) -> None:
    """Differentiated first, filled in then: the same as the other way round."""
    gradient = make(NOTES, "t", mode)
    functions = {"f": "x^2*y", "g": "sin(x)", "k": "exp(t)"}
    filled = fill(gradient, functions)
    assert isinstance(filled, Gradient)
    assert (filled.wrt, filled.mode, filled.row_names) == (
        gradient.wrt,
        mode,
        gradient.row_names,
    )
    order = 1 if make is differentiate else 2
    expected = sp.diff(sp.exp(2 * t) * sp.sin(sp.exp(t)), t, order)
    key = "t" if order == 1 else ("t", "t")
    assert sp.simplify(filled.closed_form(key) - expected) == 0
    assert explain(filled).checks[0][0].startswith("✓")


def test_some_may_stay_abstract() -> None:
    graph = fill(NOTES, g="x^2")
    assert [str(stage.expr) for stage in graph.stages] == ["k(t)", "x**2", "f(x, y)"]
    page = explain(graph, "t")
    assert "(f, k)" in page.checks[0][0]
    assert fill(NOTES) == NOTES


def test_further_names_become_inputs() -> None:
    graph = fill(NOTES, f="f(x, y) = c*x*y + t")
    assert [name.name for name in graph.inputs] == ["t", "c"]
    assert str(graph.stages[-1].expr) == "c*x*y + t"


INSIDE = {
    "factor": (plain("f", x) * sp.sin(x), "x + 1", (x + 1) * sp.sin(x)),
    "number in front": (2 * plain("f", x), "x + 1", 2 * x + 2),
    "power": (plain("f", x) ** 2, "x + 1", (x + 1) ** 2),
    "reciprocal": (1 / plain("f", x), "x + 1", 1 / (x + 1)),
    "inside a function": (sp.sin(plain("f", x)), "x^2", sp.sin(x**2)),
    "inside itself": (plain("f", plain("f", x)), "f(s) = s^2 + 1", (x**2 + 1) ** 2 + 1),
    "compound": (plain("f", x**2 + 1), "f(s) = s^2", (x**2 + 1) ** 2),
    "twice": (
        plain("f", x, y) - plain("f", y, x),
        "f(p, q) = p - 3*q",
        x - 3 * y - (y - 3 * x),
    ),
    "a derivative": (Abstract("f", (2,), x**2), "f(s) = s^3", 6 * x**2),
    "a mixed one": (Abstract("f", (1, 1), x, y), "x^2*y^2", 4 * x * y),
    "of what is not there": (Abstract("f", (0, 1), x, y), "x^2", sp.Integer(0)),
}


@pytest.mark.parametrize("case", INSIDE)
def test_inside_an_expression(case: str) -> None:
    expr, text, expected = INSIDE[case]
    graph = fill(Graph((Stage(z, expr),), (z,), (x, y)), f=text)
    assert sp.simplify(graph.closed_form() - expected) == 0
    for by in (x, y):
        found = differentiate(graph, by).closed_form(by)
        assert sp.simplify(found - sp.diff(expected, by)) == 0


REFUSED = {
    "unknown": ({"h": "x"}, UnknownNameError, "unknown abstract function 'h'"),
    "other name": ({"f": "x*q"}, FormulaError, r"'q' is no argument of f\(x, y\)"),
    "number": ({"f": "f(a) = a"}, FormulaError, "1 arguments; the graph has 2"),
    "other letter": ({"f": "g(a, b) = a"}, FormulaError, "does not define f"),
    "same names": ({"f": "f(a, a) = a"}, FormulaError, "distinct names"),
    "a stage": ({"g": "g(s) = s*z"}, GraphError, "'z', which is a stage"),
    "no formula": ({"f": 3}, ArgumentTypeError, "f is 3; expected a text"),
    "text": ({"f": "x +"}, FormulaError, "column"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_filled_in(case: str) -> None:
    functions, kind, words = REFUSED[case]
    with pytest.raises(kind, match=words) as caught:
        fill(NOTES, functions)
    assert "\n" not in str(caught.value) or case == "text"


def test_arguments_without_names_want_a_list() -> None:
    graph = Graph((Stage(z, plain("f", x**2)),), (z,), (x,))
    with pytest.raises(FormulaError, match="no names in the graph"):
        fill(graph, f="x^3")
    assert fill(graph, f="f(s) = s^3").closed_form() == x**6
    assert fill(graph, f="2").closed_form() == 2


NUMBERS = {
    "lambdify": lambda: lambdify(NOTES),
    "evaluate": lambda: evaluate(NOTES, {"t": 1.0}),
    "check_gradient": lambda: check_gradient(NOTES),
    "check_gradient of a gradient": lambda: check_gradient(differentiate(NOTES)),
    "numbers on a page": lambda: explain(NOTES, at={"t": 1.0}),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_want_formulas(case: str) -> None:
    with pytest.raises(SymgradError, match=r"k\(t\) has no value.*fill it in"):
        NUMBERS[case]()


def test_a_formula_is_read_first() -> None:
    source = sp.Function("f")(sp.Symbol("p"))
    assert str(fill(source, f="p^2").closed_form()) == "p**2"
    assert formula(source).names.keys() == {"p", "y"}
