"""Pages of Hessians and Jacobians: titles, order, symmetry, the matrix with names."""

from __future__ import annotations

import re

import pytest
import sympy as sp

from symgrad.chain_rule import hessian, jacobian
from symgrad.explanation import explain
from symgrad.networks import network
from symgrad.renderers import render
from symgrad.symbols import Total, symbol

x, y, z = (symbol(name) for name in "xyz")
FORMULAS = {
    "shared argument": ("x^2*y + sin(x*y)", "x y"),
    "three variables": ("3*x^2*y + 4*y^3*z", "x y z"),
    "one variable": ("x^3", "x"),
    "linear": ("5*x + y", "x y"),
    "quotient": ("x/(y^2 + 1)", "x y"),
    "stages": ("z = u^2*v; u = x*y; v = exp(x)", "x y"),
}


def words(text):
    return "".join(str(part) for part in text)


@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
@pytest.mark.parametrize("name", FORMULAS)
def test_the_matrix_is_that_of_sympy(name, detail):
    text, names = FORMULAS[name]
    made = hessian(text, names.split())
    page = explain(made, detail=detail)
    assert words(page.title).startswith("The Hessian of ")
    assert page.checks[0][0].startswith("✓")
    table = page.sections[-1].table
    whole = made.graph.closed_form(made.before.outputs[0])
    assert words(page.sections[-1].title) == "The Hessian matrix"
    assert [words(cell) for cell in table.header[1:]] == [f"by {n}" for n in made.wrt]
    for row, by in zip(table.rows, made.wrt, strict=True):
        assert row[0] == (Total(made.before.outputs[0], by),)
        for cell, then in zip(row[1:], made.wrt, strict=True):
            wanted = sp.diff(whole, by, then)
            assert sp.simplify(made.graph.expand(cell[0]) - wanted) == 0


def test_mixed_derivatives_are_derived_once_and_named_equal():
    page = explain(hessian("z = x^2*y + sin(x*y)", ["x", "y"]))
    text = str(page)
    assert text.count("∂²z/∂x∂y = ") == 1
    assert "∂²z/∂x∂y = ∂²z/∂y∂x" in text
    assert "Schwarz" in text and "Clairaut" in text
    assert text.count("∂u_1/∂x = ") == 1  # a local derivative is said once


def test_the_first_derivatives_appear_in_the_form_that_is_differentiated_again():
    text = str(explain(hessian("z = x^2*y + sin(x*y)", ["x", "y"])))
    assert "∂z/∂x = y (2 x + cos(u_1))   collect like terms" in text


def test_the_second_derivative_of_one_variable_has_d():
    assert "d²y/dx² = 0" in str(explain(hessian("x", "x")))


def test_a_large_hessian_is_titled_and_ordered():
    page = explain(hessian(network([2, 2, 1])), check=False)
    assert words(page.title) == "The Hessian of y_hat"
    named = [str(step.lhs) for step in page.sections[0].steps]
    assert named[:4] == ["y_hat", "f_1", "f_2", "f_3"]
    by = [step.lhs.by.name for step in page.sections[0].steps[4:]]
    assert by[:9] == [w.name for w in network([2, 2, 1]).parameters]


def test_a_jacobian_lists_its_outputs_in_order():
    page = explain(jacobian(["x*y", "sin(x*y)", "x + y"], ["x", "y"]))
    named = [str(step.lhs) for step in page.sections[0].steps]
    assert named[:3] == ["y_1", "y_2", "y_3"]
    of = [step.lhs.of.name for step in page.sections[1].steps]
    assert sorted(of[:6]) == of[:6]


@pytest.mark.parametrize("format_name", ["text", "markdown", "latex", "html", "mathml"])
def test_rows_and_columns_have_names_in_every_format(format_name):
    shown = render(explain(jacobian(["x*y", "x + y"], ["x", "y"])), format_name)
    assert "The Jacobian matrix" in shown
    matrix = shown[shown.index("The Jacobian matrix") :].split("<script")[0]
    matrix = re.sub(r'alttext="[^"]*"', "", matrix)  # which says "by" in derivatives
    assert "derivative of" in matrix and matrix.count("by ") == 2


def test_a_jump_is_no_coefficient():
    """d(y sign(x))/dx = 0 is the rule of sign, not a coefficient of x."""
    text = str(explain(hessian("y*abs(x) + y^2", ["x", "y"])))
    line = next(row for row in text.splitlines() if "∂²f/∂x² = " in row)
    assert "coefficient" not in text[text.index(line) :].split("∂²f/∂y∂x")[0]
