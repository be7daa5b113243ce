"""Pages in words: every formula said so that it can be written down again."""

from __future__ import annotations

import re

import pytest
from sample_pages import nasty_page, notes_page

import symgrad as sg
from symgrad.renderers.notation import layout, notation_of
from symgrad.renderers.spoken import spoken

SAID = {
    "x^2": "x squared",
    "x^3": "x cubed",
    "x^n": "x to the n",
    "x^(-1/2)*3": "the fraction 3 over the square root of x, end fraction",
    "a/b": "a over b",
    "2*x": "2 times x",
    "-x": "minus x",
    "w_111*x_1": "w one one one times x one",
    "w_10_2_1": "w 10, two, one",
    "x_i": "x i",
    "y_hat_2": "y hat two",
    "X + x": "cap X plus x",
    "alpha + Omega": "alpha plus cap omega",
    "(a + b)^2": "open paren a plus b close paren squared",
    "abs(x)": "the absolute value of x",
    "abs(x + 1)": "the absolute value of x plus 1, end absolute value",
    "sqrt(x)": "the square root of x",
    "cbrt(x + 1)": "the cube root of x plus 1, end cube root",
    "exp(x)": "e to the x",
    "exp(-x)": "e to the minus x",
    "exp(x^2 + 1)": "e to the power x squared plus 1, end power",
    "tanh(u)": "hyperbolic tangent of u",
    "tanh(u)^2": "hyperbolic tangent squared of u",
    "atan(u)": "inverse tangent of u",
    "log(x + 1)": "natural log of open paren x plus 1 close paren",
    "max(x, y)": "maximum of open paren x, y close paren",
    "factorial(n)": "n factorial",
    "binomial(n, k)": "n choose k",
    "sum(x_i, i, 1, n)": "the sum over i from 1 to n, of x i",
    "pi*r^2": "pi times r squared",
}


@pytest.mark.parametrize(("text", "words"), SAID.items(), ids=SAID)
def test_a_formula_is_said(text, words):
    graph = sg.formula(text)
    expr = graph.closed_form()
    assert spoken(layout(expr, notation_of(graph))) == words


def test_the_chain_rule_is_said_as_in_class():
    said = sg.render(notes_page(), "speech")
    assert (
        "the partial derivative of y hat by w one one one equals the partial "
        "derivative of f one by f three times the partial derivative of f three by "
        "w one one one." in said
    )
    assert "w one one one reaches y hat only through f three" in said
    assert "Let u one equal w three one one times f three plus" in said


PAGES = {
    "by hand": lambda: notes_page(numbers=True),
    "nasty names": nasty_page,
    "network": lambda: sg.explain(sg.network([2, 2, 1]), detail="full"),
    "kinks": lambda: sg.explain("abs(x)*exp(-x^2)/sqrt(1+x^2) + max(x, 3*t)", "x"),
    "second": lambda: sg.explain(sg.hessian("x^2*sin(y)/(1 + x)")),
    "sum": lambda: sg.explain("sum((w*x_i + b - y_i)^2, i, 1, n)", "w"),
    "cases": lambda: sg.explain("elu(x) + x/(1 + x/(2 + x))", "x"),
}
PAIRS = ("paren", "fraction", "power", "square root", "absolute value", "cases")


@pytest.mark.parametrize("name", PAGES)
def test_whatever_opens_is_closed_and_no_sign_is_left(name):
    for line in sg.render(PAGES[name](), "speech").splitlines():
        assert line == "" or line.endswith(".")
        assert line.count("open paren") == line.count("close paren")
        assert line.count("the fraction") == line.count("end fraction")
        assert line.count("to the power") == line.count("end power")
        if name not in ("nasty names", "by hand"):  # "a | b" is a name there
            assert re.fullmatch(r"[\w ,.;:()'’^/–+-]*", line), line
            assert not re.search(r"  | [,;.]|[,;][,;.]|_", line), line


@pytest.mark.parametrize("form", ["html", "mathml"])
def test_formulas_of_a_page_have_their_words_as_alternative_text(form):
    shown = sg.render(sg.explain(sg.network([2, 2, 1]), "w_111"), form)
    said = (
        "the partial derivative of f one by f three times the partial derivative of "
        "f three by w one one one"
    )
    assert re.search(f'alttext="[^"]*equals {said}[";]', shown)
    assert not re.search('alttext="[^"]*[∂²·≈]', shown)


def test_the_order_of_a_derivative_is_said():
    said = sg.render(sg.explain(sg.hessian("x^2*sin(y)")), "speech")
    assert "the second partial derivative of f by x" in said
    assert "the second partial derivative of f by y and x" in said
