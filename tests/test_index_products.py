"""The product rule over an index, judged by polynomials: factors may be 0.

Π (w + x_i) is a polynomial in w with known roots; NumPy multiplies it out from them and
takes its derivatives, which shares nothing with the rule or the tape.
"""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.indexed import (
    Element,
    Index,
    IndexedProduct,
    IndexedSum,
    Reduction,
    but,
    taken_apart,
)
from symgrad.symbols import symbol

TEXT = "product(w + x_i, i, 1, n)"
ROOTS = {
    "no factor is 0": [1.0, 2.0, 3.0],
    "one factor is 0": [-1.0, 2.0, 3.0],
    "two factors are 0": [-1.0, -1.0, 2.0, 0.5],
    "three factors are 0": [-1.0, -1.0, -1.0, 2.0],
    "one factor": [-1.0],
    "no factor at all": [],
}


def slope(x: list[float], order: int) -> float:
    """The oracle: the derivative of the polynomial at w = 1."""
    polynomial = np.poly1d(np.poly([-each for each in x])) if x else np.poly1d([1.0])
    return float(polynomial.deriv(order)(1.0))


@pytest.mark.parametrize("x", ROOTS.values(), ids=ROOTS)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_all_orders_are_right_where_factors_are_zero(
    x: list[float], order: int
) -> None:
    gradient = sg.derivative(TEXT, "w", order=order)
    expected = pytest.approx(slope(x, order), abs=1e-12)
    assert sg.lambdify(gradient)(x=x, w=1.0)[1][0] == expected
    *_, last = sg.evaluate(gradient.program, {"x": x, "w": 1.0}).values()
    assert last == expected


def test_the_formula_on_the_page_is_computed_in_two_passes() -> None:
    program = sg.differentiate(TEXT, "w").program
    function = sg.lambdify(program, wrt=[])
    assert "others(" in function.source
    x = np.random.default_rng(5).uniform(-0.5, 0.5, 100_000) / 100_000
    # (1 + x_1)…(1 + x_n) Σ 1/(1 + x_i), all near 1; terms j ≠ i one by one are 10^10
    found = function(x=x, w=1.0)
    assert found == pytest.approx(np.prod(1 + x) * np.sum(1 / (1 + x)), rel=1e-11)


@pytest.mark.parametrize(
    "text",
    [
        "sum(product(w + x_j + i, j, 1, i), i, 1, n)",
        "product(sum(w*x_j + b, j, 1, i), i, 1, n)",
        "product(w*b, i, 1, n)",
        "product(w*x_i, i, 2, n)^2*b",
        "sum(product(if(j != i, w + x_j*b, 1), j, 1, n), i, 1, n)",
        "product(product(w + x_j + b*x_i, j, i, n), i, 1, n)",
    ],
)
def test_second_derivatives_are_those_of_differences(text: str) -> None:
    names = ["w", "b"] if "b" in text else ["w"]
    gradient = sg.lambdify(text, names)
    program = sg.lambdify(sg.hessian(text, names), wrt=[])
    second = sg.lambdify(sg.hessian(text, names))
    at = {"x": [0.3, -0.7, 0.4], "w": 0.7, "b": 1.1}
    at = {name: at[name] for name in gradient.args if name in at} | {"n": 3}
    h = 1e-5  # the error of a central difference is near h²
    rows = []
    for name in names:
        up, down = ({**at, name: at[name] + sign * h} for sign in (1, -1))
        rows.append((gradient(**up)[1] - gradient(**down)[1]) / (2 * h))
    assert np.allclose(second(**at)[1].reshape(len(names), -1), rows, atol=1e-7)
    assert np.allclose(np.ravel(program(**at)), gradient(**at)[1], rtol=1e-12)


def test_a_derivative_by_one_datum_leaves_its_factor_out() -> None:
    gradient = sg.differentiate(TEXT, "x_k")
    program = sg.lambdify(gradient.program, wrt=[])
    x = [-1.0, 2.0, 3.0]  # 1 + x_1 is 0
    for k, expected in ((1, 12.0), (2, 0.0), (3, 0.0)):
        assert float(program(x=x, w=1.0, k=k)) == expected


FORMS = {
    "text": "Π_{j=1, j≠i}^{n} (x_j + w)",
    "latex": r"\prod_{j=1,\, j \neq i}^{n}",
    "markdown": r"j \neq i}^{n}",
    "mathml": "<mo>,</mo><mi>j</mi><mo>≠</mo><mi>i</mi>",
    "html": "<mo>,</mo><mi>j</mi><mo>≠</mo><mi>i</mi>",
}


@pytest.mark.parametrize(("form", "said"), FORMS.items(), ids=FORMS)
def test_every_format_says_which_factor_is_left_out(form: str, said: str) -> None:
    assert said in sg.render(sg.explain(TEXT, "w"), form)


def test_the_page_says_where_the_short_form_holds() -> None:
    page = sg.explain(TEXT, "w")
    text = str(page)
    assert "where no factor is 0" in text and "in short" in text
    assert "= (Π_{i=1}^{n} (x_i + w)) Σ_{i=1}^{n} 1/(x_i + w)" in text
    assert str(sg.explain("product(w*b, i, 1, n)", "w")).count("(w b)^(n − 1)") == 1


def test_pages_of_second_order_are_checked_and_stored(tmp_path: Any) -> None:
    page = sg.explain(sg.derivative(TEXT, "w", order=2))
    text = str(page)
    assert "Σ_{i=1}^{n} Σ_{j=1, j≠i}^{n} Π_{k=1, k≠i, k≠j}^{n} (x_k + w)" in text
    assert "✓" in text and "left out" not in text.split("✓")[1]
    page.save(tmp_path / "page.json")
    assert str(sg.load(tmp_path / "page.json")) == text


def test_relations_of_an_index_are_taken_off_and_put_back() -> None:
    n, w = symbol("n"), symbol("w")
    i, j, k = (Index(letter) for letter in "ijk")
    product = IndexedProduct(w + Element(symbol("x"), j), j, sp.Integer(1), n)
    held = but(product, sp.Ne(j, k), sp.Ne(j, i))
    assert taken_apart(held) == (product, (sp.Ne(j, i), sp.Ne(j, k)))
    assert but(*taken_apart(held)[:1], *taken_apart(held)[1]) == held
    body = sp.Piecewise((w, sp.Ne(j, i)), (2, True), evaluate=False)
    for other in (
        IndexedProduct(body, j, sp.Integer(1), n),  # counts as 2, not as 1
        IndexedSum(held.body, j, sp.Integer(1), n),  # counts as 1, not as 0
        IndexedProduct(held.body, k, sp.Integer(1), n),  # says nothing of its index
    ):
        assert taken_apart(other) == (other, ())


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\prod_{j=1,\, j \neq 2}^{n} (w + x_j)", "product(if(j != 2, (w + x_j), 1)"),
        (r"\sum_{j=0, j\ne k,j \neq m}^n x_j", "if(j != k and j != m, x_j, 0), j, 0"),
    ],
)
def test_latex_of_such_products_is_read(latex: str, text: str) -> None:
    assert text in sg.plain_text(latex)


def test_latex_of_such_products_is_read_back() -> None:
    page = sg.render(sg.explain(TEXT, "w"), "latex")
    line = page[page.index(r"\sum_{i=1}^{n}\,\prod") :].split("&&")[0].split("\\\\")[0]
    read = sg.formula(line, syntax="latex").stages[-1].expr
    shown = sg.differentiate(TEXT, "w").closed_form("w")
    chosen = random.Random(1)
    x = [chosen.uniform(-1, 1) for _ in range(3)]
    assert by_hand(read, x, {}) == pytest.approx(by_hand(shown, x, {}))
    assert by_hand(shown, x, {}) == pytest.approx(slope(x, 1))


def by_hand(expr: Any, x: list[float], bound: dict[Any, int]) -> Any:
    """Sums and products as loops, for w = 1 and n = 3."""
    if isinstance(expr, Reduction):
        terms = [by_hand(expr.body, x, {**bound, expr.index: k}) for k in (1, 2, 3)]
        return sum(terms) if isinstance(expr, IndexedSum) else np.prod(terms)
    if isinstance(expr, sp.Piecewise):
        first, second = expr.args
        holds = first.args[1].subs(bound)
        return by_hand((first if holds else second).args[0], x, bound)
    if isinstance(expr, Element):
        return x[bound[expr.index] - 1]
    if isinstance(expr, sp.Add):
        return sum(by_hand(term, x, bound) for term in expr.args)
    return 1.0 if isinstance(expr, sp.Symbol) else float(expr)


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"\sum_{i=1, i<2}^n x_i", r"expected \\neq"),
        (r"\sum_{i=1, }^n x_i", "the end"),
        (r"\sum_{i=1 2}^n x_i", "column"),
    ],
)
def test_other_conditions_below_a_sum_are_refused(latex: str, said: str) -> None:
    with pytest.raises(sg.FormulaError, match=said):
        sg.formula(latex, syntax="latex")


LIKELIHOODS = {
    "exponential": ("product(lambda*exp(-lambda*x_i), i, 1, n)", "lambda"),
    "bernoulli": ("product(p^x_i*(1 - p)^(1 - x_i), i, 1, n)", "p"),
    "normal": ("product(exp(-(x_i - mu)^2/(2 s^2))/sqrt(2 pi s^2), i, 1, n)", "s"),
    "power": ("a^n*product(x_i^(a - 1), i, 1, n)", "a"),
    "root": ("sqrt(product(1 + x_i*t, i, 1, n))", "t"),
    "minus": ("-t*product(t + x_i, i, 1, n)", "t"),
    "nested": ("product(product(t + x_i*x_j, i, 1, n), j, 1, n)", "t"),
}


@pytest.mark.parametrize("case", LIKELIHOODS)
def test_the_logarithm_of_a_likelihood_is_a_sum(case: str) -> None:
    text, by = LIKELIHOODS[case]
    page = sg.explain(text, by, method="logarithmic")
    assert "✓" in str(page.checks) and "left out" not in str(page.checks)
    point = {"x": [0.3, 0.8, 0.4], "lambda": 0.7, "p": 0.4, "a": 1.3, "t": 0.6}
    point |= {"mu": 0.9, "s": 1.2, "n": 3.0}
    f = sg.lambdify(text, by)
    at = {name: point[name] for name in f.args}
    _, grad = f(**at)
    back = sg.lambdify(page.sections[-1].steps[-1].result, wrt=[])
    assert math.isclose(back(**{n: point[n] for n in back.args}), grad[0])
    step = 1e-6  # a difference quotient, by nothing of symgrad's but values
    near = [f(**{**at, by: at[by] + h})[0] for h in (step, -step)]
    assert math.isclose(grad[0], (near[0] - near[1]) / (2 * step), rel_tol=1e-7)


def test_the_short_form_divides_term_by_term() -> None:
    page = str(sg.explain("product(lambda*exp(-lambda*x_i), i, 1, n)", "lambda"))
    assert "Σ_{i=1}^{n} (1/lambda − x_i)" in page and "✓" in page
