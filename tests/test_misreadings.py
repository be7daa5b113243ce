"""Names that are likely to be misread are refused, and all others are names."""

from __future__ import annotations

import re

import pytest

import symgrad as sg
from symgrad.errors import FormulaError
from symgrad.reading.reader import read

REFUSED = [
    # text, column, what is offered
    ("sinx", 1, "sin(x)"),
    ("xsinx", 1, "x*sin(x)"),
    ("sinxcosx", 1, "sin(x)*…"),
    ("2*ln2", 3, "ln(2)"),
    ("sin2x", 1, "sin(2x)"),
    ("cos(t) + cost", 10, "cos(t)"),
    ("ax² + bx + c", 1, "a*x for a product, or a_x for one name"),
    ("V = IR", 5, "I*R"),
    ("mgh", 1, "m*g*h"),
    ("4*x^2 - 12xy", 11, "x*y"),
    ("x*y + xy", 7, "x*y"),
    ("a_1x", 1, "a_1*x, or a_{1x}"),
    ("q_1q_2", 1, "q_1*q_2"),
    ("x2y", 1, "x2*y"),
    ("x1x2", 1, "x1*x2"),
    ("exp^x", 1, "exp(…) or e^…"),
    ("E^(-x)*2", 1, "e^… or exp(…)"),
    ("x^2/2y", 4, "((…)/2)*y"),
    ("2*pir", 3, "pi*r"),
    ("e^iπ", 2, "e^i*π or e^(i*π)"),
    ("2.5x10^3", 1, "2.5*10^…"),
    ("x + inf", 5, "no number"),
    ("х*x", 3, "printed alike"),
    ("аb*2", 1, "Cyrillic"),
    ("A + Α", 5, "printed alike"),
    ("exp -x", 1, "exp(-x)"),
    ("sin^(-1)(x)", 1, "asin(…)"),
    ("Sin^-1(x)", 1, "asin(…)"),
    ("f^-1(x)", 1, "1/f(…)"),
    ("f^(2)(x)", 1, "f(…)^(2)"),
    ("x^1/2", 3, "^(1/2)"),
    ("x² ³", 2, "brackets"),
    ("1,000", 1, "1000 or 1.000"),
    ("1½", 1, "mixed number"),
    ("np.sinc(x)", 3, "sin(pi*x)/(pi*x)"),
    ("math.e^2", 5, "exp(1)"),
    ("LOG(x)", 1, "log10( )"),
    ("lg(x)", 1, "log10"),
    ("ATAN2(x, y)", 1, "atan2(y, x)"),
    ("Log[2, x]", 1, "log(x, base)"),
    ("σ(x)", 1, "sigmoid"),
    ("x\u0302", 2, "x_hat"),
    ("sin\u200bx", 4, "U+200B"),
    ("x\u202e + 1", 2, "unexpected"),
    ("dy/dx + x", 1, "differentiate(formula, 'x')"),
    ("d/dx (x^2)", 1, "differentiate(formula, 'x')"),
    ("diff(x^2, x)", 1, "derivative(formula, 'x', order=2)"),
    ("∂f/∂x", 1, "taken, not read"),
    ("f(x) = x^2; f'(3)", 13, "order=1"),
    ("f'(x, y)", 1, "one argument, not 2"),
    ("f''''(x)", 1, "3 primes"),
    ("sum_{i=1} y_i", 1, "sum up to where"),
    ("∑_i y_i", 1, "sum(x_i^2, i, 1, n)"),
    ("x_1^2 + y^2 == 25", 1, "implicit"),
    ("x^2 + y^2 = 25", 1, "implicit"),
]


@pytest.mark.parametrize(("text", "column", "said"), REFUSED, ids=lambda v: repr(v))
def test_what_is_likely_to_be_misread_is_refused(
    text: str, column: int, said: str
) -> None:
    with pytest.raises(FormulaError) as caught:
        read(text)
    assert str(caught.value).startswith(f"column {column}: ")
    assert said in str(caught.value)


NAMES = {
    "lr*g": ["lr", "g"],
    "E^2/(2m)": ["E", "m"],
    "ax = 2*x; ax^2": ["ax", "x"],
    "Nu = 0.02 Re^0.8": ["Nu", "Re"],
    "x + dx": ["x", "dx"],
    "price - cost": ["price", "cost"],
    "tanh + 1": ["tanh"],
    "exp - x": ["exp", "x"],
    "a_{1x} + x2": ["a_1x", "x2"],
    "2 alpha + xi": ["alpha", "xi"],
    "μ + ξ + kT*x": ["μ", "ξ", "kT", "x"],
    "Δx/Δt": ["Δx", "Δt"],
}


@pytest.mark.parametrize("text", NAMES)
def test_other_names_are_names(text: str) -> None:
    assert list(read(text).names) == NAMES[text]


@pytest.mark.parametrize(
    "equation",
    ["x^2 + y^2 = 25", "x^2 + y^2 == 25", "x² ＋ y² ＝ 25", "x^2 + y^2 - 25"],
)
def test_an_equation_is_read_in_every_form(equation: str) -> None:
    assert str(sg.implicit(equation, of="y")["x"]) == "-x/y"


@pytest.mark.parametrize("equation", ["x = y = 2", "x == y == 2", "x + y =", "= x"])
def test_other_equations_are_refused(equation: str) -> None:
    with pytest.raises(FormulaError):
        sg.implicit(equation, of="y")


SAME = [
    ("sum((y[i] - w*x[i])^2, i, 1, n)", "sum((y_i - w*x_i)^2, i, 1, n)"),
    ("sum(x[i+1] - x[i - 1], i, 1, n)", "sum(x_{i+1} - x_{i-1}, i, 1, n)"),
    ("x[3]^2 + x[1]", "x_3^2 + x_1"),
]


@pytest.mark.parametrize(("text", "plain"), SAME)
def test_brackets_after_a_letter_are_indices(text: str, plain: str) -> None:
    assert sg.formula(text) == sg.formula(plain)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("f'(x)*x", "cos(x)*x"),
        ("f''(2x) + f(x)", "-sin(2*x) + sin(x)"),
        ("f'''(x)^2", "cos(x)^2"),
    ],
)
def test_primes_are_derivatives_of_abstract_functions(text: str, filled: str) -> None:
    given = sg.differentiate(sg.fill(sg.formula(text), f="f(t) = sin(t)"), "x")
    wanted = sg.differentiate(filled, "x")
    values = []
    for gradient in (given, wanted):
        expr = gradient.closed_form("x")
        values.append(float(expr.subs({s: 0.7 for s in expr.free_symbols})))
    assert values[0] == pytest.approx(values[1], rel=1e-12)


@pytest.mark.parametrize(
    ("text", "way_out"), [("∫x dx", "write integral"), ("1000!", "rescale")]
)
def test_the_error_offers_the_way_out(text, way_out):
    with pytest.raises(sg.SymgradError, match=way_out):
        sg.formula(text)


HINTS = {
    "deg(x)": "180",
    "std(x_i)": "is of data",
    "sin(30°)": "radians",
    "x > 0 ? x : 1": "a if c else b",
    "x → x^2": "f(x) = x^2",
    "x % 2": "for the remainder",
    "Σ a_i x_i": "write sum(a_i, i, 1, n), or Σ*a_i",
    "Σ_i=1^n x_i": "bounds in braces",
    "sum(x_i for i in range(n))": "written sum(x_i^2, i, 1, n)",
    "sum from i=1 to n of x_i": "written sum(x_i^2, i, 1, n)",
    "lim x->0 sin(x)/x": "a limit is not taken",
    "limit(sin(x)/x, x, 0)": "a limit is not taken",
    "x -> x^2": "f(x) = x^2",
    "x |-> x^2": "f(x) = x^2",
    "x => x^2": "f(x) = x^2",
    "lambda x: x^2": "f(x) = x^2",
    "w^T x": "sum(w_i*x_i, i, 1, n) for a product of vectors, w^T*x for a power",
    "w^Tx": "w^T*x for a power",
    "x^T A x": "x^T*A for a power",
    "wᵀx": "product of vectors",
    "w^⊤ x": "product of vectors",
    "w.T @ x": "product of vectors",
    "w@x": "product of vectors",
    "dot(w, x)": "product of vectors",
    "5 kg x": "5*kg for a variable",
    "10 Hz": "has a unit",
    "x mod 2": "for the remainder",
    "C(n, k)": "write binomial(n, k)",
    "2n choose k": "write binomial(n, k)",
    "W(x + 1)": "W*(…) for a product",
    "I_0(x - 1)": "besseli(0, …) for the function",
    "W x + W(x)": "W*(…) for a product",
}


BORROWED = [
    ("n choose k", "binomial(n, k)"),
    ("5 choose 2 + n choose 3", "10 + binomial(n, 3)"),
    ("x*J_0(x) + J_n(2x)", "x*besselj(0, x) + besselj(n, 2x)"),
    ("Y_0(x)*I_1(x) - K_2(x)", "bessely(0, x)*besseli(1, x) - besselk(2, x)"),
    ("ζ(s)", "zeta(s)"),
    ("W(x) + B(a, b)", "LambertW(x) + beta(a, b)"),
    ("Ai(x + 1) + Bi(x)", "airyai(x + 1) + airybi(x)"),
    ("sum(x_i, i=1 to n)", "sum(x_i, i, 1, n)"),
    ("∑_{i=1 to n} x_i", "sum(x_i, i, 1, n)"),
    ("(1 + r)^T C", "C*(1 + r)^T"),
    ("q^T T", "T*q^T"),
    ("e^T x", "x*exp(T)"),
    ("0.1 + 0.2", "0.3"),
    ("1.6×10^-19 x", "1.6e-19*x"),
]


@pytest.mark.parametrize(("text", "plain"), BORROWED, ids=[t for t, _ in BORROWED])
def test_what_means_one_thing_in_books_is_read(text: str, plain: str) -> None:
    assert sg.formula(text).closed_form() == sg.formula(plain).closed_form()


def test_letters_of_books_are_the_texts_own_where_it_defines_them() -> None:
    graph = sg.formula("W(t) = t^2; J_0 = 3; y = W(x) + J_0*C; C = 2")
    assert str(graph.closed_form("y")) == "x**2 + 6"


@pytest.mark.parametrize("text", HINTS)
def test_what_other_tools_write_has_a_way_out(text: str) -> None:
    with pytest.raises(sg.FormulaError, match=re.escape(HINTS[text])):
        sg.formula(text)
