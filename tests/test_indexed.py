"""Sums and products with symbolic bounds, judged by writing all their terms out."""

from __future__ import annotations

import math
import pickle
import random
from typing import Any

import pytest
import sympy as sp

import symgrad as sg
from symgrad import trees
from symgrad.derivation import Line, Step
from symgrad.errors import FormulaError, RuleError, SymgradError
from symgrad.indexed import (
    Chosen,
    Delta,
    Element,
    Index,
    IndexedProduct,
    IndexedSum,
    Reduction,
)
from symgrad.numeric.equalities import check_steps
from symgrad.symbols import Partial, symbol

TERMS = 3

FORMULAS = [
    "sum((y_i - w*x_i)^2, i, 1, n)",
    "1/n*sum((y_i - tanh(w*x_i + b))^2, i, 1, n) + c*w^2",
    "sum(abs(y_i - w*x_i), i, 1, n)",
    "product(1 + w^2*x_k^2, k, 1, n)",
    "product(w*x_k, k, 0, n)^2",
    "sum(w^2, i, 1, n)",
    "sum(w*b, i, 0, n)",
    "sum(w*b, i, 2, n)",
    "sum(a_j*w^j, j, 0, n)",
    "exp(-sum(w*x_i*sum(a_j*w^j, j, 1, i), i, 1, n))",
    "sum(w*x_i, i, 1, n)/sum(x_i^2 + w^2, i, 1, n)",
    "log(sum(exp(w*x_i), i, 1, n))",
    "z = sum(w*x_i, i, 1, n); L = sum((y_i - z)^2, i, 1, n)",
    "sum(product(w + x_j, j, 1, i), i, 1, n)",
    "sum(y_i*sin(w*x_i + i), i, 1, n)",
]


def written_out(expr: Any, bound: dict[str, int] | None = None) -> Any:
    """The oracle: every sum term by term, y_i as y1, y2, …, for n = TERMS."""
    bound = bound or {}
    if isinstance(expr, Reduction):
        lower, upper = (int(written_out(e, bound)) for e in (expr.lower, expr.upper))
        terms = [
            written_out(expr.body, {**bound, expr.index.name: k})
            for k in range(lower, upper + 1)
        ]
        join = sp.Add if isinstance(expr, IndexedSum) else sp.Mul
        return join(*terms)
    if isinstance(expr, Element):
        place = written_out(expr.index, bound)
        return sp.Symbol(f"{expr.base.name}{place}", real=True)
    if isinstance(expr, Index):
        return sp.Integer(bound[expr.name])
    if isinstance(expr, sp.Symbol):
        return sp.Integer(TERMS) if expr.name == "n" else expr
    if not expr.args:
        return expr
    return expr.func(*(written_out(arg, bound) for arg in expr.args))


def assert_same(left: Any, right: Any) -> None:
    names = sorted((left - right).free_symbols, key=str)
    chosen = random.Random(1)
    for _ in range(3):
        at = {s: sp.Float(chosen.uniform(0.3, 1.7), 30) for s in names}
        error = (left - right).subs(at).evalf(30)
        assert abs(error) < 1e-20 * (1 + abs(right.subs(at).evalf(30)))


@pytest.mark.parametrize("text", FORMULAS)
def test_gradients_are_those_of_the_terms_written_out(text: str) -> None:
    gradient = sg.differentiate(text)
    whole = written_out(gradient.graph.closed_form())
    for name in gradient.wrt:
        assert_same(written_out(gradient.closed_form(name)), sp.diff(whole, name))


@pytest.mark.parametrize("text", FORMULAS)
def test_every_line_of_a_page_is_recomputed(text: str) -> None:
    page = sg.explain(text, detail="full")
    check, *notes = page.checks
    assert all(str(note[0]).startswith("code computes") for note in notes)
    assert str(check[0]).startswith("✓")
    assert "left out" not in str(check[0])


@pytest.mark.parametrize("form", ["latex", "markdown", "mathml", "html", "json"])
def test_pages_are_written_in_every_format(form: str) -> None:
    page = sg.explain(FORMULAS[0], "w")
    text = sg.render(page, form)
    sign = {"latex": r"\sum_{i=1}^{n}", "markdown": r"\sum_{i=1}^{n}"}.get(form, "")
    assert sign in text


def test_a_page_reads_as_a_student_expects() -> None:
    text = str(sg.explain("sum((y_i - w*x_i)^2, i, 1, n)", "w"))
    assert "Σ_{i=1}^{n} (y_i − w x_i)²" in text
    assert "= −2 Σ_{i=1}^{n} x_i (y_i − w x_i)" in text
    assert "sum rule, term by term" in text


def test_a_sum_is_bracketed_where_its_terms_would_go_on() -> None:
    text = str(sg.explain("product(w*x_i, i, 1, n)/n", "w"))
    assert "(Π_{i=1}^{n} w x_i)/n" in text


def wrong(expr: Any) -> bool:
    graph = sg.formula("f = sum((y_i - w*x_i)^2, i, 1, n)")
    f, w = graph.output, graph.symbol("w")
    step = Step("sum", Partial(f, w), (Line(expr),))
    return bool(check_steps(graph, [step]).failures)


def test_the_check_finds_a_wrong_sum() -> None:
    y, w, x, n, i = (*(symbol(s) for s in "ywxn"), Index("i"))
    y_i, x_i = Element(y, i), Element(x, i)
    bounds = (i, sp.Integer(1), n)
    assert not wrong(-2 * IndexedSum(x_i * (y_i - w * x_i), *bounds))
    assert wrong(2 * IndexedSum(x_i * (y_i - w * x_i), *bounds))
    assert wrong(-2 * IndexedSum(y_i * (y_i - w * x_i), *bounds))
    assert wrong(-2 * IndexedSum(x_i * (y_i - w * x_i), i, sp.Integer(2), n))
    assert wrong(-2 * IndexedSum(x_i * (y_i - w * x_i), i, sp.Integer(1), n - 1))
    assert wrong(IndexedProduct(x_i, *bounds))


def test_data_and_bounds_are_inputs_and_the_rest_parameters() -> None:
    graph = sg.formula("sum((y_i - w*x_i - b)^2, i, 1, n)/n")
    assert [s.name for s in graph.inputs] == ["y", "x", "n"]
    assert [s.name for s in graph.parameters] == ["w", "b"]


def test_the_index_is_no_name_of_the_graph() -> None:
    graph = sg.formula("sum(i*w*x_i, i, 1, n)")
    assert "i" not in graph.names and "x_i" not in graph.names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sum(x)", "4 arguments"),
        ("sum(x_i, 2, 1, n)", "index"),
        ("sum(x_i, i+1, 1, n)", "index"),
        ("sum(x_i, i, 1, i)", "its own bound"),
        ("sum(sum(x_i, i, 1, n), i, 1, n)", "another index"),
        ("sum(x_i, i, 1, n) + i", "variable elsewhere"),
        ("sum(x_i + x, i, 1, n)", "rename one"),
        ("sum(x_i, i, 1, oo - 1)", "larger bound"),
        ("sum(x_i, i, -oo, 1)", "without a beginning"),
        ("mean(x_i, i, 1, oo)", "endless"),
        ("f(t) = sum(t*x_i, i, 1, n); sum(f(y_i), i, 1, n)", "another letter"),
        ("a = sum(w*x_i, i, 1, n); L = a + x", "rename one"),
        ("sum(x_i - x_0, i, 1, n)", "one of the data"),
        ("sum(x_i - x_A, i, 1, n)", "one of the data"),
        ("sum(W_{i,j} - W_1, i, 1, n)", "one of the data"),
        ("sum(x_i, i, 1, n) - x_i", "outside of the sum"),
        ("∑_{i=1}^{n} y_i - x_i + y_1", "outside of the sum"),
        ("sum(x_i, i, 1, 2.5)", "whole number"),
        ("x = 2*t; f = sum(x_i*w, i, 1, n)", "write its formula"),
        ("x_i = 2*t; f = sum(x_i*w, i, 1, n)", "definitions"),
        ("x_1 = 2*t; f = sum(x_i*w, i, 1, n) + x_1", "one of the data"),
        ("r_i = x_i + r; f = sum(r_i*w, i, 1, n)", "none elsewhere|no index here"),
        ("r_i = x_i; f = sum(r_i, i, 1, n) + r", "none elsewhere|no index"),
        ("r_i = x_i; f = sum(r_{i,i}, i, 1, n)", "defined with 1"),
        ("r_i = x_i + r_{i-1}; f = sum(r_i, i, 1, n)", "recursion"),
        ("r_i = 2*q_i; q_i = r_i + 1; f = sum(r_i*q_i, i, 1, n)", "recursion"),
        ("r_i = x_i; r_j = y_j; f = sum(r_i, i, 1, n)", "twice"),
        ("r_i = x_i; r = 2; f = sum(r_i, i, 1, n)*r", "none elsewhere|every index"),
        ("r_i = sum(a_j*x_i, j, 1, m); f = sum(r_j, j, 1, n)", "another letter"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, said: str) -> None:
    with pytest.raises(FormulaError, match=said):
        sg.formula(text)


@pytest.mark.parametrize("by", ["x", "n"])
def test_there_is_no_derivative_by_all_data_or_by_a_bound(by: str) -> None:
    with pytest.raises(RuleError, match=repr(by)):
        sg.explain("sum(w*x_i, i, 1, n)", by)


def test_expressions_with_sums_are_stored() -> None:
    expr = sg.formula(FORMULAS[1]).closed_form()
    assert trees.from_tree(trees.to_tree(expr)) == expr
    assert pickle.loads(pickle.dumps(sg.formula(FORMULAS[1]))) == sg.formula(
        FORMULAS[1]
    )


BY_ONE = [
    ("sum((y_i - w*x_i)^2, i, 1, n)", "-2 w (y_k"),
    ("log(sum(exp(x_i), i, 1, n))", "exp(x_k)"),
    ("product(w + x_i, i, 1, n)", ""),
    ("sum(x_i^2 + b*x_i + y_i, i, 1, n)", "2 x_k + b"),
    ("sum(x_i*x_i*y_i, i, 0, n)", "δ_{i,k}"),
    ("sum(y_i*sum(x_j, j, 1, i), i, 1, n)", "δ_{j,k}"),
    ("z = sum(w*x_i, i, 1, n)/n; L = sum((x_i - z)^2, i, 1, n)", ""),
]


@pytest.mark.parametrize(("text", "said"), BY_ONE)
@pytest.mark.parametrize("place", [1, 2, 3])
def test_derivatives_by_one_datum(text: str, said: str, place: int) -> None:
    gradient = sg.differentiate(text, "x_k")
    whole = written_out(sg.formula(text).closed_form())
    datum = sp.Symbol(f"x{place}", real=True)
    found = at_place_of(gradient.closed_form("x_k"), place)
    assert_same(found, sp.diff(whole, datum))
    page = sg.explain(text, "x_k")
    assert "✓" in str(page.checks[0]) and "left out" not in str(page.checks[0])
    assert said.replace("-", "−") in str(page)


def at_place_of(expr: Any, place: int) -> Any:
    """The oracle for one datum: k a number, δ its definition, x_k that datum."""
    k, x_k = symbol("k"), symbol("x_k")

    def spelled(node: Any, bound: dict[str, int]) -> Any:
        if isinstance(node, Delta):
            first, second = (spelled(arg, bound) for arg in node.args)
            return sp.Integer(int(first == second))
        if isinstance(node, Chosen | Element):
            return written_out(Element(node.base, spelled(node.index, bound)))
        if isinstance(node, Reduction):
            low, high = (int(spelled(e, bound)) for e in (node.lower, node.upper))
            name = node.index.name
            terms = [
                spelled(node.body, {**bound, name: m}) for m in range(low, high + 1)
            ]
            return (sp.Add if isinstance(node, IndexedSum) else sp.Mul)(*terms)
        if node == k:
            return sp.Integer(place)
        if node == x_k:
            return sp.Symbol(f"x{place}", real=True)
        if not node.args:
            return written_out(node, bound)
        return node.func(*(spelled(arg, bound) for arg in node.args))

    return spelled(expr, {})


def test_two_data_of_one_place() -> None:
    gradient = sg.differentiate("sum(x_i*y_i, i, 1, n)", ["x_k", "y_k"])
    assert [str(gradient[name]) for name in gradient] == ["y_k", "x_k"]


def test_two_places_of_one_data_are_refused() -> None:
    with pytest.raises(SymgradError, match="x_m"):
        sg.differentiate("sum(x_i*y_i, i, 1, n)", ["x_k", "x_m"])


@pytest.mark.parametrize("by", ["x_i", "x_w"])
def test_a_datum_needs_a_letter_of_its_own(by: str) -> None:
    with pytest.raises(FormulaError, match="another letter"):
        sg.differentiate("sum(w*x_i, i, 1, n)", by)


i, j, n, w = sp.symbols("i j n w", real=True)
x, y, a = (sp.IndexedBase(name) for name in "xya")


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (sp.Sum((y[i] - w * x[i]) ** 2, (i, 1, n)), "sum((y_i - w*x_i)^2, i, 1, n)"),
        (sp.exp(sp.Sum(w * x[i], (i, 1, n))) / n, "exp(sum(w*x_i, i, 1, n))/n"),
        (sp.Product(1 + w * x[i], (i, 1, n)), "product(1 + w*x_i, i, 1, n)"),
        (
            sp.Sum(x[i] * w**j * i, (j, 0, i), (i, 1, n)),
            "sum(sum(x_i*w^j*i, j, 0, i), i, 1, n)",
        ),
        (sp.Sum(x[i + 1] * w, (i, 1, n - 1)), "sum(x_{i+1}*w, i, 1, n - 1)"),
        (sp.Sum(x[i] * w, (i, 1, n)) + w * x[1], "sum(x_i*w, i, 1, n) + w*x_1"),
        (sp.Sum(w**i * x[i], (i, 1, 6)) * x[n], "sum(x_i*w^i, i, 1, 6)*x_n"),
        (
            sp.Sum(a[i, j] * w ** (i + j), (j, 1, n), (i, 1, n)) * a[1, 2],
            "sum(sum(a_{i,j}*w^(i + j), j, 1, n), i, 1, n)*a[1, 2]",
        ),
    ],
)
def test_sums_of_sympy_are_those_of_the_text(expr: sp.Expr, text: str) -> None:
    ours, theirs = sg.differentiate(text), sg.differentiate(expr, "w")
    assert_same(
        written_out(ours.closed_form("w")), written_out(theirs.closed_form("w"))
    )
    assert "✓" in str(sg.explain(expr, "w").checks[0])


@pytest.mark.parametrize(
    "expr",
    [
        sp.Sum(x[2 * i] * w, (i, 1, n)),
        sp.Sum(x[i] * w, (i, 1, n)) + x[2 * j],
        sp.Sum(w**i, (i, -sp.oo, 1)),
        sp.Sum(w, (i, 1, n), (i, 1, n)),
    ],
)
def test_other_sums_of_sympy_are_refused(expr: sp.Expr) -> None:
    with pytest.raises(FormulaError):
        sg.formula(expr)


@pytest.mark.parametrize(
    "text",
    [
        "sum(w*x_i, i, 1, 10^9)",
        "sum(sum(sum(w*x_i*x_j*x_k, i, 1, 40), j, 1, 40), k, 1, 40)",
    ],
)
def test_no_check_takes_for_ever(text: str) -> None:
    page = sg.explain(text, "w")
    assert page.sections and "MAX_LOOP" in str(page.checks[0])
    with pytest.raises(RuleError, match="MAX_LOOP"):
        sg.check_gradient(text)


def test_sums_in_sums_in_sums_are_checked() -> None:
    text = "sum(sum(sum(w*x_i*x_j*x_k + exp(w*x_i), i, 1, n), j, 1, n), k, 1, n)"
    page = sg.explain(text, "w")
    assert "✓" in str(page.checks[0]) and "left out" not in str(page.checks[0])


def test_an_abstract_function_of_data_stays_in_its_sum() -> None:
    text = str(sg.explain("sum(g(w*x_i), i, 1, n)", "w"))
    assert "= Σ_{i=1}^{n} x_i g′(w x_i)" in text and "✓" in text


ALTERNATING = {
    "the sine": (
        "sum((-1)^i*x^(2*i+1)/gamma(2*i+2), i, 0, 12)",
        (math.sin(0.1), math.cos(0.1)),
    ),
    "the logarithm": (
        "sum((-1)^(k+1)*x^k/k, k, 1, 16)",
        (math.log(1.1), 1 / 1.1),
    ),
}


@pytest.mark.parametrize("case", ALTERNATING, ids=str)
def test_signs_that_alternate(case: str) -> None:
    text, wanted = ALTERNATING[case]
    value, slope = sg.lambdify(text, "x", backend="scipy")(0.1)
    assert (float(value), float(slope[0])) == pytest.approx(wanted, rel=1e-14)
    page = sg.explain(text, "x")
    assert "✓" in str(page) and "x > 0" not in str(page)


def test_signs_that_alternate_in_sympy() -> None:
    k = sp.Symbol("k")
    expr = sp.Sum((-1) ** k * sp.Symbol("x") ** k, (k, 0, 4))
    assert float(sg.lambdify(expr, [])(2.0)) == 1 - 2 + 4 - 8 + 16


@pytest.mark.parametrize(
    "text",
    [
        *("(-1)^x", "sum((-1)^(i/2)*x, i, 0, 4)", "sum(0^i*x, i, 0, 4)"),
        "integral((-1)^t*x, t, 0, 1)",
    ],
)
def test_only_an_index_makes_a_sign_alternate(text: str) -> None:
    with pytest.raises(FormulaError, match="is not real for every exponent"):
        sg.formula(text)


def test_a_defined_name_is_no_datum() -> None:
    graph = sg.formula("x_m = mean(x_i, i, 1, n); L = sum((x_i - x_m)^2, i, 1, n)")
    assert [stage.symbol.name for stage in graph.stages] == ["x_m", "L"]


def test_a_resolved_delta_holds_at_both_ends() -> None:
    f = sg.lambdify("sum((y_{i+1} - y_i)^2, i, 1, n - 1)", ["y_k"])
    slopes = [f(y=[1.0, 3.0, 2.0, 5.0], k=k)[1][0] for k in (1, 2, 3, 4)]
    assert slopes == [-4.0, 6.0, -8.0, 6.0]


ENDLESS = [
    ("sum(w^k/k!, k, 0, inf)", True),
    ("∑_{k=0}^{∞} w^k", True),
    ("sum((-1)^k w^(2k + 1)/(2k + 1)!, k, 0, oo)", True),
    ("product(1 + w^k/k!, k, 1, inf)", False),
    ("sum(w/k^2, k, 1, inf)", False),
]


@pytest.mark.parametrize(("text", "settles"), ENDLESS)
def test_sums_without_end(text: str, settles: bool) -> None:
    page = sg.explain(text, "w")
    assert "converges uniformly" in str(page)
    assert ("✓" in str(page.checks[0])) is settles
    with pytest.raises(RuleError, match="has no end"):
        sg.lambdify(text, ["w"])


def test_a_name_beside_data_of_that_name_is_told_what_to_do():
    with pytest.raises(sg.FormulaError, match="rename one, as in a_i for the data"):
        sg.formula("sum(q_i/|x - x_i|, i, 1, n)")


def test_the_reason_of_a_sum_among_terms_is_words_of_the_field():
    page = " ".join(str(sg.explain("x^2 + sum(q_i*x^3, i, 1, n)", "x")).split())
    assert "over an index rule" not in page
    assert "sum rule over the index" in page


ZERO_TERMS = {
    "0*d_i": "sum(0*d_i + x*y_i, i, 1, n)",
    "d_i*0": "sum(d_i*0 + x*y_i, i, 1, n)",
    "0/d_i": "sum(0/d_i + x*y_i, i, 1, n)",
    "0*sum": "x*sum(y_i, i, 1, n) + b*0*sum(d_i, i, 1, n)",
    "d_i - d_i": "sum(d_i - d_i + x*y_i, i, 1, n)",
    "d_i/d_i": "sum(d_i/d_i + x*y_i - 1, i, 1, n)",
    "d_i <= d_i": "sum(x*y_i if d_i <= d_i else 0, i, 1, n)",
}


@pytest.mark.parametrize("backend", ["numpy", "math", "llvm"])
@pytest.mark.parametrize("kind", ZERO_TERMS)
def test_data_of_a_term_that_is_zero_stay_data(kind, backend):
    if backend == "llvm":
        pytest.importorskip("llvmlite", reason="llvmlite is not installed")
    f = sg.lambdify(ZERO_TERMS[kind], ["x", "d_k"], backend=backend)
    at = {"x": 2.0, "d": [1.5, 2.5], "y": [1.0, 3.0], "n": 2, "k": 1, "b": 7.0}
    value, grad = f(**{name: at[name] for name in f.args if name != "d_k"})
    assert float(value) == 8.0
    assert [float(each) for each in grad] == [4.0, 0.0]
    assert "✓" in str(sg.explain(ZERO_TERMS[kind], "d_k"))


@pytest.mark.parametrize("backend", ["numpy", "math"])
@pytest.mark.parametrize("wrt", ["E", "c_k"])
def test_a_datum_at_a_place_beside_its_sum(wrt, backend):
    f = sg.lambdify("c_2*E + sum(c_i^2*E, i, 1, n)", [wrt], backend=backend)
    at = {"E": 0.5, "c": [1.5, 0.25], "n": 2, "k": 2}
    value, grad = f(**{name: at[name] for name in f.args if name in at})
    assert float(value) == 0.5 * (0.25 + 2.25 + 0.0625)
    slopes = {"E": 0.25 + 2.25 + 0.0625, "c_k": 0.5 + 2 * 0.5 * 0.25}
    assert float(grad[0]) == slopes[wrt]
