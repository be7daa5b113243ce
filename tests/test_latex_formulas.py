"""LaTeX in: what is understood, what is refused, and symgrad's own LaTeX read back."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symgrad as sg
from symgrad.cli import app, main
from symgrad.errors import BoundError, FormulaError, SymgradError, UnknownNameError
from symgrad.functions import FUNCTIONS
from symgrad.renderers.notation import layout, notation_of
from symgrad.renderers.tex import tex

pytest.importorskip("pylatexenc", reason="pylatexenc is not installed")


def value(graph: sg.Graph, **point: float) -> float:
    return float(sg.evaluate(graph, point)[graph.shown(graph.output).name])


MEANINGS: dict[str, Callable[..., float]] = {
    r"\frac{x^2}{1+x}": lambda x, y: x**2 / (1 + x),
    r"\frac12 x": lambda x, y: x / 2,
    r"\dfrac{x}{y} y^{2}": lambda x, y: x / y * y**2,
    r"x^{2^{3}}": lambda x, y: x**8,
    r"-x^2": lambda x, y: -(x**2),
    r"(-x)^2": lambda x, y: x**2,
    r"2(x+1)(x-1)": lambda x, y: 2 * (x + 1) * (x - 1),
    r"x\,(y+1)": lambda x, y: x * (y + 1),
    r"x \cdot (y+1) \times 2": lambda x, y: x * (y + 1) * 2,
    r"x y^2 x": lambda x, y: x * y**2 * x,
    r"xy": lambda x, y: x * y,
    r"x/y\cdot x": lambda x, y: x / y * x,
    r"x - y - x": lambda x, y: -y,
    r"x \div y": lambda x, y: x / y,
    r"x \cdot -2": lambda x, y: -2 * x,
    r"1.5 \cdot 10^{-7} x": lambda x, y: 1.5e-7 * x,
    r"\sin x": lambda x, y: math.sin(x),
    r"\sin 2x": lambda x, y: math.sin(2 * x),
    r"\sin x^2": lambda x, y: math.sin(x**2),
    r"\sin^2 x + \cos^{2}(x)": lambda x, y: 1.0,
    r"\sin(x)^2": lambda x, y: math.sin(x) ** 2,
    r"\sin x \cos y": lambda x, y: math.sin(x) * math.cos(y),
    r"x \sin y": lambda x, y: x * math.sin(y),
    r"\sin\frac{x}{2}": lambda x, y: math.sin(x / 2),
    r"\sin(x) y": lambda x, y: math.sin(x) * y,
    r"\sin x + y": lambda x, y: math.sin(x) + y,
    r"\tanh\left(x + y\right)": lambda x, y: math.tanh(x + y),
    r"\ln x + \log y": lambda x, y: math.log(x) + math.log(y),
    r"\log_2 x": lambda x, y: math.log2(x),
    r"\log_{10}(x y)": lambda x, y: math.log10(x * y),
    r"\exp(-x)": lambda x, y: math.exp(-x),
    r"e^{-x^2/2}": lambda x, y: math.exp(-(x**2) / 2),
    r"\mathrm{e}^{x}\,y": lambda x, y: math.exp(x) * y,
    r"\mathrm{e}\,x": lambda x, y: math.e * x,
    r"\sqrt{x} + \sqrt[3]{y} + \sqrt[4]{x}": lambda x, y: (
        x**0.5 + y ** (1 / 3) + x**0.25
    ),
    r"|x - y|": lambda x, y: abs(x - y),
    r"\left|x - y\right| x": lambda x, y: abs(x - y) * x,
    r"|x||y|": lambda x, y: abs(x) * abs(y),
    r"\lvert x - |y| \rvert": lambda x, y: abs(x - abs(y)),
    r"\ln|x|": lambda x, y: math.log(abs(x)),
    r"\lfloor x \rfloor + \lceil y \rceil": lambda x, y: math.floor(x) + math.ceil(y),
    r"\max(x, y) - \min(x, y, 1)": lambda x, y: max(x, y) - min(x, y, 1),
    r"\operatorname{relu}(x)": lambda x, y: max(x, 0),
    r"\arctan(x)": lambda x, y: math.atan(x),
    r"\pi(x+1)": lambda x, y: math.pi * (x + 1),
    r"\{x + [y - (x)]\}": lambda x, y: y,
    r"x[y + 1]": lambda x, y: x * (y + 1),
    r"x\left\{y + 1\right\}": lambda x, y: x * (y + 1),
    r"x(1-x)": lambda x, y: x * (1 - x),
    r"x^2(1-y)": lambda x, y: x**2 * (1 - y),
    r"\frac{x(x+1)}{2} y": lambda x, y: x * (x + 1) / 2 * y,
    r"\sum_{k=1}^{3} k x^k + y": lambda x, y: x + 2 * x**2 + 3 * x**3 + y,
    r"y \sum_{k=0}^{2} \frac{x^k}{k!}": lambda x, y: y * (1 + x + x**2 / 2),
    r"\sum\limits_{i=1}^{2} \sum_{j=1}^{2} x^i y^j": lambda x, y: (
        (x + x**2) * (y + y**2)
    ),
    r"\prod_{k=1}^3 (x + k) / y": lambda x, y: (x + 1) / y * (x + 2) / y * (x + 3) / y,
    r"\ln\sum_{k=1}^{2} e^{k x}": lambda x, y: math.log(math.exp(x) + math.exp(2 * x)),
    r"\binom{3}{2} x^2 (1-x)": lambda x, y: 3 * x**2 * (1 - x),
    r"3! \, x + \Gamma(4) y": lambda x, y: 6 * x + 6 * y,
    r"\mathrm{tanh}(x) + \operatorname{ReLU}(y)": lambda x, y: math.tanh(x) + y,
    r"\operatorname{sech} x + \operatorname{erf}{\left(y\right)}": lambda x, y: (
        1 / math.cosh(x) + math.erf(y)
    ),
    r"x % a comment": lambda x, y: x,
    r"\begin{equation} x + y. \end{equation}": lambda x, y: x + y,
    r"\begin{aligned} z &= u^2 + y \\ u &= x + 1 \\ \end{aligned}": lambda x, y: (
        (x + 1) ** 2 + y
    ),
    r"\begin{cases} x, & x > 1, \\ y, & \text{otherwise}. \end{cases}": lambda x, y: (
        x if x > 1 else y
    ),
    r"$x + y$": lambda x, y: x + y,
    r"\[x + y\]": lambda x, y: x + y,
    r"\frac{1}{1+e^{-x}}": lambda x, y: 1 / (1 + math.exp(-x)),
    r"\begin{cases} x^2 & \text{if } x > 1 \\ y & \text{otherwise} \end{cases}": (
        lambda x, y: x**2 if x > 1 else y
    ),
    r"\begin{cases} 1, & 0 < x \le 1 \text{ and } y \ne 2 \\ -x, & x \geq 1"
    r"\end{cases} + y": lambda x, y: (1 if 0 < x <= 1 and y != 2 else -x) + y,
}


@pytest.mark.parametrize("latex", MEANINGS)
def test_the_meaning_of_latex(latex: str) -> None:
    graph = sg.formula(latex, syntax="latex")
    for x, y in ((0.7, 1.9), (2.3, 0.4), (1.2, 1.1)):
        point = {n: v for n, v in (("x", x), ("y", y)) if n in graph.names}
        point = {n: v for n, v in point.items() if n in map(str, graph.inputs)}
        wanted = MEANINGS[latex](x, y)
        assert math.isclose(value(graph, **point), wanted, rel_tol=1e-12, abs_tol=1e-12)


NAMES = {
    r"w_{111}": "w_111",
    r"w_{10,2,1}": "w_10_2_1",
    r"w_{10, 2, 1}": "w_10_2_1",
    r"\hat{y}": "y_hat",
    r"\hat y_1": "y_hat_1",
    r"\hat{y}_{1}": "y_hat_1",
    r"\hat{y_1}": "y_1_hat",
    r"\widehat{y}": "y_hat",
    r"\bar x": "x_bar",
    r"\alpha_i": "alpha_i",
    r"\lambda": "lambda",
    r"x_{ij}": "x_ij",
    r"x_{\text{max}}": "x_max",
    r"x_\mathrm{max}": "x_max",
    r"\mathit{rate}": "rate",
    r"x'": "x'",
    r"{x'}": "x'",
    r"x^{*}": "x_star",
    r"x^\prime": "x'",
    r"\mathbf{w}": "w",
    r"\boldsymbol{\theta}_1": "theta_1",
    r"\mathcal{L}": "L",
    r"\ddot{x}": "x_ddot",
    r"\ell": "ell",
    r"\hbar": "hbar",
    r"e": "e",
}


@pytest.mark.parametrize("latex", NAMES)
def test_names(latex: str) -> None:
    graph = sg.formula(f"{latex} + 1", syntax="latex")
    assert [s.name for s in graph.inputs] == [NAMES[latex]]


CALLS_UNDERSTOOD = {
    r"\zeta(s)": "zeta(s)",
    r"J_{0}^{2}(x)": "(besselj((0), x))^(2)",
    r"I_0(2x) + K_n(x)": "besseli(0, 2*x) + besselk(n, x)",
    r"J_{n-1}\left(k r\right)": "besselj((n - 1), k*r)",
    r"\operatorname{Ai}(x) + \mathit{Bi}^{2}(x + 1)": "airyai(x) + (airybi(x + 1))^(2)",
    r"\operatorname{Ai}'(x)": "airyaiprime(x)",
    r"\operatorname{S}(x + 1)": "fresnels(x + 1)",
    r"\operatorname{J}_{2}(x + 1)": "besselj((2), x + 1)",
    r"W(x) + B(x, y)": "LambertW(x) + beta(x, y)",
    r"\mathrm{B}(x, y)": "beta(x, y)",
    r"\gamma(s, x) + \Gamma(s, x)": "lowergamma(s, x) + uppergamma(s, x)",
    r"\Gamma^{2}(x + 1)": "(gamma(x + 1))^(2)",
    r"\mathrm{erf}^2(x)": "(erf(x))^(2)",
    r"W(1 - W) + \gamma(1 - \gamma)": "W*(1 - W) + gamma*(1 - gamma)",
    r"I_0(x); I_0(t) = t^2": "I_0(x); I_0(t) = t^(2)",
    r"V(r) = r^2": "V(r) = r^(2)",
    r"\mathcal{L}(w) = w^2": "L(w) = w^(2)",
    r"f'(x) + f''(x) + g^{\prime}(x)": "f'(x) + f''(x) + g'(x)",
    r"f^{\prime\prime}(x) + f^{2}(x)": "f''(x) + (f(x))^(2)",
    r"\psi(x) = A \sin(k x)": "psi(x) = A*sin(k*x)",
    r"\varepsilon\left[x + 1\right]": "varepsilon*(x + 1)",
    r"J_1\!\left(x + 1\right)": "besselj(1, x + 1)",
    r"\psi\mathopen{}\bigl(x\bigr)": "digamma(x)",
    r"\psi^{(n)}\mathopen{}(x)": "polygamma((n), x)",
}


@pytest.mark.parametrize("latex", CALLS_UNDERSTOOD)
def test_a_letter_before_a_bracket(latex: str) -> None:
    assert sg.plain_text(latex) == CALLS_UNDERSTOOD[latex]
    assert sg.formula(latex, syntax="latex").outputs


INTEGRALS = {
    r"\int_0^1 x t^2 \, dt + y": "integral(x*t^(2), t, 0, 1) + y",
    r"\int_{a}^{b} (t + x)\,\mathrm{d}t \cdot 2": "integral((t + x), t, a, b)*2",
    r"\int_0^x t + 1 dt": "integral(t + 1, t, 0, x)",
    r"\int_0^{\infty} e^{-st} \,dt": "integral(e^(-s*t), t, 0, oo)",
    r"\int_0^1 \int_0^x t\,dt\,dx": ("integral(integral(t, t, 0, x), x, 0, 1)"),
    r"\int_0^1 d\theta": "integral(1, theta, 0, 1)",
}


@pytest.mark.parametrize("latex", INTEGRALS)
def test_integrals_end_at_their_differential(latex: str) -> None:
    assert sg.plain_text(latex) == INTEGRALS[latex]


def test_sums_over_data() -> None:
    latex = r"\frac{1}{n}\sum_{i=1}^{n} \left(y_i - w\,x_i\right)^2"
    gradient = sg.differentiate(sg.formula(latex, syntax="latex"), "w")
    data = {"x": [1.0, 2.0], "y": [2.0, 5.0], "n": 2.0, "w": 1.5}
    found = sg.lambdify(gradient)(*(data[a] for a in sg.lambdify(gradient).args))
    assert math.isclose(found[1][0], -(1 * 0.5 + 2 * 2.0))  # −2/n Σ x (y − w x)


@pytest.mark.parametrize(
    ("latex", "text", "by"),
    [
        (r"\sum_{k=0}^{\infty} \frac{x^k}{k!}", "sum(x^k/k!, k, 0, inf)", "x"),
        (
            r"\sum_{i=1}^{n-1} (x_{i+1} - x_i)^2",
            "sum((x[i+1] - x[i])^2, i, 1, n - 1)",
            "x_k",
        ),
        (
            r"\sum_{i=1}^{n} \sum_{j=1}^{n} x_i A_{ij} x_j",
            "∑_{i=1}^{n} ∑_{j=1}^{n} x_i A_{i,j} x_j",
            "A_{k,l}",
        ),
    ],
)
def test_sums_are_those_of_the_text(latex: str, text: str, by: str) -> None:
    graph = sg.formula(latex, syntax="latex")
    assert graph == sg.formula(text)
    assert "✓" in str(sg.explain(graph, by).checks[0])


def test_definitions() -> None:
    graph = sg.formula(r"\hat{y} = u^2 \\ u = w\,x + b", syntax="latex")
    assert graph.output.name == "y_hat"
    assert [s.name for s in graph.inputs] == ["w", "x", "b"]
    assert sg.plain_text(r"y = \frac{x}{2}") == "y = ((x)/(2))"


REFUSED = {
    r"\sin x y": "column 8: .*two ways",
    r"\sin x / 2": "column 8: .*two ways",
    r"\sin x \cdot y": "two ways",
    r"\sin x (y)": "two ways",
    r"\sin \cos x": "needs an argument in brackets",
    r"\sin^{-1} x": r"inverse or one over it; write \\arcsin",
    r"a/bc": r"column 4: a/bc is read in two ways; use \\frac",
    r"1/2x": "two ways",
    r"x(y+1)": "column 2: a function or a product",
    r"\hat{y}(x)": "a function or a product",
    r"x_1(x)": "a function or a product",
    r"2\frac{1}{2}": "a mixed number or a product",
    r"x2": "a number after a value",
    r"2 3": "a number after a value",
    r"x^10": "put it in braces",
    r"x^-1": "put it in braces",
    r"x_12": "in braces where it is long",
    r"x_{i+1}": "and none is around it",
    r"x_{i+j}": "an index is numbers, letters and commas",
    r"x^{y}^{z}": "a second index or power",
    r"x_1_2": "a second index",
    r"sin(x)": r"sin is a product of letters; \\sin\?",
    r"\frac{dy}{dx}": "derivatives are taken",
    r"\frac{\mathrm{d}y}{\mathrm{d}x}": "derivatives are taken",
    r"\frac{\partial y}{\partial x}": "derivatives are taken",
    r"a \pm b": "two formulas in one",
    r"\lg x": "two ways",
    r"{x": "is not closed; expected '}'",
    r"x}": "closing brace",
    r"(x": "'\\(' is not closed",
    r"|x": "'|' is not closed",
    r"x)": "unexpected '\\)'",
    r"\frac{}{x}": "nothing in braces",
    r"\frac{x}": "lacks an argument; write",
    r"\sqrt{}": "nothing in braces",
    r"\frac\mathrm{e}x": "needs braces around it",
    r"\sqrt\frac{x}{2}": "needs braces around it",
    r"\hat\text y": "needs braces around it",
    r"": "expected a number, a name or a bracket",
    r"x +": "expected a number, a name or a bracket",
    r"x + * y": "unexpected '\\*'",
    r"\foo x": "unknown LaTeX command 'foo'",
    r"\sinh x + \tahn x": "did you mean 'tanh'",
    r"\input{secret}": "unknown LaTeX command 'input'",
    r"\begin{matrix} x \end{matrix}": "is not read; expected one formula",
    r"\begin{cases} x \end{cases}": "value & condition",
    r"\begin{cases} x & y \end{cases}": "no comparison",
    r"\max x": "needs brackets",
    r"\operatorname{foo}(x)": "unknown function 'foo'|no function",
    r"x & y": "unexpected '&'",
    r"\int x": "an integral without bounds",
    r"\int_0^1 x": "an integral without its differential",
    r"\int_0^1 (x dx": "without its differential",
    r"\oint x\,dx": "not read",
    r"\sum_i x_i": "a sum without bounds",
    r"\sum^n x_i": "a sum without bounds",
    r"\sum_{i}^{n} x_i": "a sum from where",
    r"\sum_{i=-\infty}^{1} x^i": "without a beginning",
    r"\sum_{i=1}^{n} y_i - x_i": "outside of the sum",
    r"\sum_": "a bound is missing",
    r"\prod_{i=1} x_i": "a product without bounds",
    r"\binom{n}": "lacks an argument; write",
    r"\infty + x": r"\\infty is no number",
    r"\|x\|": "vectors and matrices are not read",
    r"\mathbf{w}^\top x": "vectors and matrices are not read",
    r"\mathbf{w}^T x": "a transpose is not read",
    r"\mathbf{w} + w": "a style of its own and elsewhere without",
    r"\mathbf{w + x}": "a style that is not of one name",
    r"x^{(2)}": "an index or a power",
    r"n!!": "a factorial of a factorial",
    r"x^\star": "unknown LaTeX command 'star'",
    r"\mathrm{Var}(X)": "a function or a product",
    r"\left.x\right|": "unexpected '.'",
    r"{\psi'}(x)": "a function or a product.*psi before a bracket can be polygamma",
    r"\psi(x)": "psi before a bracket can be digamma",
    r"\psi^{(2)}(x)": "psi before a bracket can be polygamma",
    r"S(x)": r"can be fresnels; write \\operatorname",
    r"E^{2}(x)": "can be elliptic_e",
    r"K(m) + C(x)": "can be elliptic_k",
    r"I_0 \left( e^{x} - 1\right)": r"can be besseli; .*\\cdot for a product",
    r"I_0^2(1 + x)": "can be besseli",
    r"J_0(x) + J": "can be besselj",
    r"\zeta(s) + \zeta": "a function or a product",
    r"\zeta(1 + x)": "a function or a product",
    r"K(x, y)": "a function or a product",
    r"f^{-1}(x)": "is the inverse or one over it",
    r"\frac{d}{dx} x^2": r"call differentiate\(formula, 'x'\)",
}


@pytest.mark.parametrize("latex", REFUSED)
def test_what_is_ambiguous_is_refused(latex: str) -> None:
    with pytest.raises(SymgradError, match=REFUSED[latex]) as caught:
        sg.formula(latex, syntax="latex")
    assert isinstance(caught.value, FormulaError | UnknownNameError)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("bad", ["{" * 5000, "(" * 5000, "x" * 30_000, "x^{" * 999])
def test_bounds(bad: str) -> None:
    with pytest.raises(BoundError):
        sg.plain_text(bad)


def test_an_unknown_syntax() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'latex'"):
        sg.formula("x", syntax="latx")


# What symgrad writes is read back

NODES = ["x", "y_1", "alpha", "w_10_2_1", "y_hat", "2", "0.5", "3", "pi"]
CALLS = "sin cos tanh exp sqrt abs atan relu logistic floor asinh".split()


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(
            lambda p: f"({p[0]} {p[1]} {p[2]})"
        ),
        inner.map(lambda e: f"(1/(2 + ({e})^2))"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]})/(1 + ({p[1]})^2)"),
        st.tuples(st.sampled_from(CALLS), inner).map(lambda p: f"{p[0]}({p[1]})"),
        inner.map(lambda e: f"({e})^3"),
        inner.map(lambda e: f"-({e})"),
        st.tuples(inner, inner).map(lambda p: f"max({p[0]}, {p[1]})"),
        st.tuples(inner, inner).map(
            lambda p: f"piecewise(({p[0]}, x > 0), ({p[1]}, true))"
        ),
    )


FORMULAS = st.recursive(st.sampled_from(NODES), grow, max_leaves=6)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(FORMULAS)
def test_own_latex_reads_back(text: str) -> None:
    try:
        graph = sg.formula(f"{text} + x*0.25")
        expr = graph.closed_form()
    except SymgradError:  # a constant without a value, such as sqrt(-2)
        return
    latex = tex(layout(expr, notation_of(graph)))
    again = sg.formula(latex, syntax="latex")
    assert {s.name for s in again.inputs} <= {s.name for s in graph.inputs}
    assert same(graph, again), latex


OWN = [
    "sum((y_i - w*x_i)^2, i, 1, n)/n",
    "product(1 + w*x_i, i, 1, n)",
    "w*sum(x_i*sin(w*x_i), i, 1, n) + b",
    "sum(sum(x_i*z_j, j, 1, m), i, 1, n)^2",
    "exp(sum(w*x_i, i, 1, n))",
    "integral(sin(a*t), t, 0, 1)*b",
    "n!/(k!*(n - k)!)",
    "gamma(x) + erf(y)",
    "sign(x)*frac(y)",
    "x if x > 0 and y < 1 else 0",
    "sech(x)^2 + asinh(x)*acosh(y)",
    "softplus(x) + gelu(y) + Heaviside(x)",
    "atan2(y, x) + hypot(x, y)",
    "log1p(x)*expm1(y)",
    "max(x, y, z) + x^y^z",
    "a^sqrt(x) + b^cbrt(y)",
]


@pytest.mark.parametrize("text", OWN)
def test_own_latex_of_sums_and_functions_reads_back(text: str) -> None:
    graph = sg.formula(text)
    latex = tex(layout(graph.closed_form(), notation_of(graph)))
    again = sg.formula(latex, syntax="latex")
    assert str(again.closed_form()) == str(graph.closed_form()), latex


ARITIES = {
    **dict.fromkeys(("hypot", "atan2", "beta", "binomial", "Max", "Min"), "x + 1, y"),
    **dict.fromkeys(("lowergamma", "uppergamma"), "x + 1, y"),
    **dict.fromkeys(("polygamma", "besselj", "bessely", "besseli", "besselk"), "2, -x"),
}
AROUND = ("{}", "a*{}^2*(b + 1)", "W*S*K*E*C*J_2*psi/{}", "J_1*K_0*(x + 1)*{}")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_own_latex_of_every_function_reads_back(function: str) -> None:
    several = ["2, -x", "n, x"] if function == "polygamma" else [ARITIES.get(function)]
    calls = [f"{function}({arguments or 'x'})" for arguments in several]
    for graph in (sg.formula(a.format(call)) for call in calls for a in AROUND):
        latex = tex(layout(graph.closed_form(), notation_of(graph)))
        again = sg.formula(latex, syntax="latex")
        wanted = str(graph.closed_form()).replace("loggamma(x)", "log(gamma(x))")
        assert str(again.closed_form()) == wanted, latex  # log Γ is printed so


def test_an_abstract_function_is_not_taken_for_one_of_the_table() -> None:
    graph = sg.formula("ψ(x) + 1")
    latex = tex(layout(graph.closed_form(), notation_of(graph)))
    with pytest.raises(FormulaError, match="can be digamma"):
        sg.formula(latex, syntax="latex")


def same(graph: sg.Graph, again: sg.Graph) -> bool:
    """Compare two graphs at random points; a point without a value shows nothing."""
    rng = random.Random(5)
    for _ in range(5):
        point: dict[str, Any] = {s.name: rng.uniform(-2, 2) for s in graph.inputs}
        fewer = {s.name: point[s.name] for s in again.inputs}
        wanted, found = value(graph, **point), value(again, **fewer)
        if math.isfinite(wanted) and abs(wanted) < 1e12:
            # SymPy may order sums and fold constants otherwise
            if not math.isclose(wanted, found, rel_tol=1e-7, abs_tol=1e-7):
                return False
    return True


COMMANDS = {
    "derive": ["derive", r"\frac{x}{2}", "--detail", "brief"],
    "code": ["code", r"\frac{x}{2}"],
    "check": ["check", r"\frac{x}{2}"],
    "evaluate": ["evaluate", r"\frac{x}{2}", "--at", "x=1"],
    "hessian": ["hessian", r"\frac{x}{2}"],
    "tree": ["tree", r"\frac{x}{2}"],
    "answer": ["answer", r"\frac{x}{2}", "1/2"],
    "fit": ["fit", r"\frac{x}{2}", "missing.csv"],
    "draw": ["draw", r"\frac{x}{2}"],
    "inverse": ["inverse", r"\frac{x}{2}"],
    "differential": ["differential", r"\frac{x}{2}"],
    "implicit": ["implicit", r"x = \frac{x}{2}", "--of", "x", "--wrt", "a"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_reads_latex(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*COMMANDS[command], "--syntax", "latex"])
    shown = capsys.readouterr()
    assert "understood: " in shown.err
    assert "((x)/(2))" in shown.err


def test_an_unknown_syntax_on_the_command_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["code", "x", "--syntax", "latx"]) == 2
    assert "did you mean 'latex'" in capsys.readouterr().err


def test_every_command_that_takes_a_formula_has_a_syntax() -> None:
    takes = {
        name
        for name, command in click_commands().items()
        if {p.name for p in command.params} & {"source", "equation"}
    }
    assert takes == {*COMMANDS}


def click_commands() -> dict[str, Any]:
    import typer.main

    return typer.main.get_command(app).commands  # type: ignore[attr-defined]


PIECES = (
    r"x|y|\frac|{|}|(|)|^|_|\sin|\left|\right|1|2.5|\hat|\sqrt|[|]|\begin{cases}|"
    r"\end{cases}|&|\\|\text{if }|<|=|+|-|*|/|\,|\cdot|'|\operatorname{relu}|e|\mathrm|"
    r"\lvert|\rvert|\lfloor|\rfloor|,|;|$|\(|%|~|\|\pi|é|\verb|\text|\input"
).split("|")


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([*PIECES, "|", "\n"]), max_size=14))
def test_any_text_gets_its_answer_or_its_error(pieces: list[str]) -> None:
    try:
        assert sg.plain_text("".join(pieces))
    except SymgradError as error:
        assert "\n" not in str(error)


def test_a_power_of_the_name_e_reads_back() -> None:
    graph = sg.formula("E^2*x")
    latex = sg.render(sg.explain(graph, "x"), "latex-fragment")
    assert "E^{2}" in latex
    assert sg.formula("E^{2} x", syntax="latex") == graph


@pytest.mark.parametrize(
    "latex",
    [
        r"\vec{x}\cdot\vec{y}",
        r"\mathbf{a}_1\times\mathbf{b}",
        r"\frac{\vec{x}\cdot\vec{y}}{2}",
        r"1 - \boldsymbol{u} \cdot \boldsymbol{v}",
    ],
)
def test_products_of_vectors_are_refused(latex: str) -> None:
    with pytest.raises(FormulaError, match="product of vectors is not read"):
        sg.formula(latex, syntax="latex")


@pytest.mark.parametrize("latex", [r"3\times\mathbf{w}", r"\mathbf{a}_1 \cdot x"])
def test_a_bold_name_beside_a_number_is_a_number(latex: str) -> None:
    assert len(sg.formula(latex, syntax="latex").inputs) in (1, 2)
