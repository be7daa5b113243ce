"""How expressions look: order, brackets, dots, d or ∂, in every alphabet."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Add, Mul, Pow, Rational

import symgrad as sg
from symgrad import named_functions
from symgrad.errors import UnknownNameError
from symgrad.graph import Graph, Stage
from symgrad.networks import network
from symgrad.renderers.mathml_core import math as mathml
from symgrad.renderers.names import read_name
from symgrad.renderers.notation import layout, notation_of, within
from symgrad.renderers.numerals import number_layout
from symgrad.renderers.plain import columns, plain, plain_lines
from symgrad.renderers.tex import name_tex, tex
from symgrad.symbols import Call, Chain, LocalDerivative, Partial, Total, symbol

NOTES = network([2, 2, 1])
w, x, y, z, t, u, a, b = map(symbol, "wxyztuab")
f_1, f_2, f_3 = (symbol(f"f_{k}") for k in (1, 2, 3))
w_311, x_1, w_111 = (symbol(name) for name in ("w_311", "x_1", "w_111"))
LEAVES = Graph(
    (Stage(symbol("out"), w + x + y + a + b),), (symbol("out"),), (x, y), (w, a, b)
)


def text(expr, graph=LEAVES, style="textbook"):
    return plain(layout(expr, notation_of(graph, style)))


NAMES = [
    ("w_111", "w_{111}"),
    ("w_10_2_1", "w_{10,2,1}"),
    ("y_hat", r"\hat{y}"),
    ("y_hat_1", r"\hat{y}_{1}"),
    ("theta_tilde_3", r"\tilde{\theta}_{3}"),
    ("lambda", r"\lambda"),
    ("φ", r"\phi"),
    ("x'", "{x'}"),
    ("x_alpha", r"x_{\alpha}"),
    ("w_out", r"w_{\mathrm{out}}"),
    ("loss", r"\mathit{loss}"),
    ("x1", r"\mathit{x1}"),
    ("_x", r"\mathit{\_x}"),
    ("x__y", r"\mathit{x\_\_y}"),
    ("ŷ", r"\hat{y}"),
    ("%", r"\%"),
    ("名", r"\mathrm{U540D}"),
]


@pytest.mark.parametrize(("name", "expected"), NAMES, ids=[n for n, _ in NAMES])
def test_names_in_latex(name, expected):
    assert name_tex(read_name(name)) == expected


@pytest.mark.parametrize("name", [n for n, _ in NAMES])
def test_names_in_text_stay_as_typed(name):
    assert plain(read_name(name)) == name


def test_names_in_mathml():
    assert "<mn>10</mn><mo>,</mo><mn>2</mn>" in mathml(read_name("w_10_2_1"))
    hat = '<mover accent="true" data-n="y_hat"><mi>y</mi><mo>^</mo></mover>'
    assert hat in mathml(read_name("y_hat"))
    assert '<mi data-n="lambda">λ</mi>' in mathml(read_name("lambda"))
    assert "&lt;script&gt;" in mathml(read_name("<script>"))


def unevaluated(kind, *args):
    return kind(*args, evaluate=False)


TEXTS = [
    (w * x * (1 - y**2), "w x (1 − y²)"),
    (unevaluated(Mul, 2, x - y), "2 (x − y)"),
    (unevaluated(Mul, 1, w), "1 w"),
    (unevaluated(Mul, w, sp.Integer(3), sp.Integer(2)), "3 · 2 w"),
    (x / 2, "x/2"),
    (1 / (2 * x), "1/(2 x)"),
    (-x / (2 * y), "−x/(2 y)"),
    (Rational(2, 3) * x, "2 x/3"),
    (1 / (x + y), "1/(x + y)"),
    ((x + y) / (x - y), "(x + y)/(x − y)"),
    (sp.sqrt(x), "√x"),
    (sp.sqrt(x + 1), "√(x + 1)"),
    (x ** Rational(1, 3), "∛x"),
    (x ** Rational(2, 3), "x^(2/3)"),
    (x**y, "x^y"),
    ((x + 1) ** 12, "(x + 1)¹²"),
    (unevaluated(Pow, x**2, 3), "(x²)³"),
    (sp.tanh(x) ** 2, "tanh²(x)"),
    (sp.tanh(x) ** y, "(tanh(x))^y"),
    (sp.exp(-(x**2) / 2), "exp(−x²/2)"),
    (sp.Abs(x) ** 2, "x²"),
    (sp.Abs(x + y), "|x + y|"),
    (sp.floor(x) + sp.ceiling(y), "⌊x⌋ + ⌈y⌉"),
    (named_functions.cbrt(x), "∛x"),
    (sp.Max(x, y), "max(x, y)"),
    (sp.Heaviside(x, 0), "{1 if x > 0; 0 otherwise}"),
    (sp.Heaviside(x, 1), "{1 if x ≥ 0; 0 otherwise}"),
    (sp.Heaviside(x), "Heaviside(x)"),
    (sp.Piecewise((x, x < 1), (y, True)), "{x if x < 1; y otherwise}"),
    (sp.Float("0.1") * x, "0.1 x"),
    (sp.Float("1e-20"), "10⁻²⁰"),
    (sp.Integer(-3), "−3"),
    (Rational(-1, 2), "−1/2"),
    (Chain(x - 1, w), "(x − 1) · w"),
    (Chain(-x, w * y), "−x · w y"),
    (Chain(w, -x), "w · (−x)"),
    (unevaluated(Add, x, Chain(-w, a)), "x + (−w) · a"),
    (unevaluated(Add, x, unevaluated(Mul, -1, y + w)), "x − (y + w)"),
    (LocalDerivative(sp.tanh(u), u), "d tanh(u)/du"),
    (LocalDerivative(w * x, x), "∂/∂x (w x)"),
    (Call(f_1, w, Call(f_2, x)), "f_1(w, f_2(x))"),
    (sp.E * sp.pi, "e π"),
    (-sp.oo, "−∞"),
]


@pytest.mark.parametrize(("expr", "expected"), TEXTS, ids=[e for _, e in TEXTS])
def test_expressions_in_text(expr, expected):
    assert text(expr) == expected


TEX = [
    (1 / (2 * x), r"\frac{1}{2\,x}"),
    (sp.exp(-(x**2)), r"\mathrm{e}^{-x^{2}}"),
    (sp.sqrt(1 + x**2), r"\sqrt{x^{2} + 1}"),
    (sp.tanh(x) ** 2, r"\tanh^{2}(x)"),
    (named_functions.leaky_relu(x), r"\operatorname{leaky\_relu}(x)"),
    (Total(f_1, w_111), r"\frac{\partial\hat{y}}{\partial w_{111}}"),
    (symbol("y_hat") ** 2, r"\hat{y}^{2}"),
    (symbol("x'") ** 2, "{x'}^{2}"),
    (sp.asin(x), r"\arcsin(x)"),
]


@pytest.mark.parametrize(("expr", "expected"), TEX, ids=[e for _, e in TEX])
def test_expressions_in_latex(expr, expected):
    assert tex(layout(expr, notation_of(NOTES))) == expected


def test_the_notes_product_keeps_its_order():
    product = w_311 * x_1 * (1 - f_1**2) * (1 - f_3**2)
    assert text(product, NOTES) == "w_311 x_1 (1 − f_1²)(1 − f_3²)"
    assert text(NOTES.stage_of[f_1].expr, NOTES) == (
        "tanh(w_311 f_3 + w_321 f_2 + b_3)"
    )


def test_a_variable_called_e_is_not_eulers():
    e = symbol("e")
    graph = Graph((Stage(y, sp.exp(e)),), (y,), (e,))
    shown = layout(sp.exp(e) + sp.E, notation_of(graph))
    assert plain(shown) == "exp(e) + exp(1)"
    assert tex(shown) == r"\exp(e) + \exp(1)"


# --- d or ∂ -----------------------------------------------------------------------


def graph_of(*stages, leaves):
    made = tuple(Stage(symbol(name), expr) for name, expr in stages)
    return Graph(made, (made[-1].symbol,), tuple(leaves))


CHAIN = graph_of(
    ("u", sp.sin(x)), ("v", sp.exp(u)), ("y", sp.tanh(symbol("v"))), leaves=[x]
)
SKIP = graph_of(("x", t**2), ("y", sp.sin(x)), ("z", x * y), leaves=[t])
DIAMOND = graph_of(
    ("u", a * b), ("y", sp.sin(u)), ("z", sp.cos(u)), ("out", y * z), leaves=[a, b]
)
f = symbol("f")
SECOND = Graph(
    (
        Stage(f, x**2 * y**2),
        Stage(Partial(f, x), 2 * x * y**2),
        Stage(Total(f, x), Partial(f, x)),
    ),
    (Total(f, x),),
    (x, y),
)
CURVE = Graph((Stage(f, x**2), Stage(Total(f, x), 2 * x)), (Total(f, x),), (x,))
out, v = symbol("out"), symbol("v")
SIGNS = [
    ("notes partial", NOTES, Partial(f_1, f_3), "∂f_1/∂f_3"),
    ("notes total has the label", NOTES, Total(f_1, w_111), "∂y_hat/∂w_111"),
    ("one argument", CHAIN, Partial(y, v), "dy/dv"),
    ("one variable in all", CHAIN, Total(y, x), "dy/dx"),
    ("a chain's stage", CHAIN, Total(y, u), "dy/du"),
    ("only variable of a skip", SKIP, Total(z, t), "dz/dt"),
    ("all through one stage", SKIP, Total(z, x), "dz/dx"),
    ("not all through it", SKIP, Total(z, y), "∂z/∂y"),
    ("held apart from the total", SKIP, Partial(z, x), "(∂z/∂x)_y"),
    ("nothing to hold", SKIP, Partial(z, y), "∂z/∂y"),
    ("a diamond's neck", DIAMOND, Total(out, u), "dout/du"),
    ("two leaves", DIAMOND, Total(out, a), "∂out/∂a"),
    ("a side of the diamond", DIAMOND, Partial(out, y), "∂out/∂y"),
    ("by itself", NOTES, Total(x_1, x_1), "dx_1/dx_1"),
    ("the output by itself", NOTES, Total(f_1, f_1), "∂y_hat/∂f_1"),
    ("a curve by itself", CHAIN, Total(y, y), "dy/dy"),
    ("second", SECOND, Total(Total(f, x), y), "∂²f/∂y∂x"),
    ("second, one name twice", SECOND, Total(Total(f, x), x), "∂²f/∂x²"),
    ("second, one variable", CURVE, Total(Total(f, x), x), "d²f/dx²"),
    ("of a partial", SECOND, Partial(Partial(f, x), y), "∂/∂y (∂f/∂x)"),
    ("by a partial", SECOND, Total(Total(f, x), Partial(f, x)), "d/d(∂f/∂x) (∂f/∂x)"),
    ("local, one symbol", NOTES, LocalDerivative(sp.tanh(u), u), "d tanh(u)/du"),
    ("local, two symbols", NOTES, LocalDerivative(u * x, u), "∂/∂u (u x)"),
]


@pytest.mark.parametrize(
    ("graph", "expr", "expected"), [s[1:] for s in SIGNS], ids=[s[0] for s in SIGNS]
)
def test_the_sign_of_a_derivative(graph, expr, expected):
    assert text(expr, graph) == expected


@pytest.mark.parametrize(
    ("graph", "expr", "expected"), [s[1:] for s in SIGNS], ids=[s[0] for s in SIGNS]
)
def test_the_notes_and_latex_have_the_same_derivative(graph, expr, expected):
    swapped = re.sub(r"(^|/|\(|(?<=x))d(?=[a-z(/² ])", r"\1∂", expected)
    assert text(expr, graph, "notes") == swapped
    source = tex(layout(expr, notation_of(graph)))
    assert ("partial" in source, "mathrm{d}" in source) == (
        "∂" in expected,
        expected.startswith("d"),
    )


def test_a_local_name_counts_by_what_it_is_made_of():
    step = within(notation_of(NOTES), ((u, w * x),))
    narrow = within(notation_of(NOTES), ((u, x**2),))
    expr = LocalDerivative(sp.sin(u) * x, x)
    assert plain(layout(expr, step)).startswith("∂/∂x")
    assert plain(layout(expr, narrow)).startswith("d/dx")


def test_a_chain_of_the_notes_has_their_cross():
    chain = Chain(Partial(f_1, f_3), Partial(f_3, w_111))
    assert text(chain, NOTES, "notes") == "∂f_1/∂f_3 × ∂f_3/∂w_111"


def test_an_unknown_notation_offers_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'textbook'"):
        notation_of(NOTES, "textbok")


def test_a_long_chain_is_answered_in_time_linear_in_it():
    names = [symbol(f"s_{k}") for k in range(4001)]
    stages = tuple(
        Stage(after, sp.sin(before, evaluate=False))
        for before, after in pairwise(names)
    )
    used = notation_of(Graph(stages, (names[-1],), (names[0],)))
    shown = {plain(layout(Total(names[-1], s), used))[0] for s in names[:-1]}
    assert shown == {"d"}


# --- numbers ----------------------------------------------------------------------

NUMBERS = [
    (0.5, "0.5"),
    (-1.25, "−1.25"),
    (1 / 3, "0.333333"),
    (1e-7, "10⁻⁷"),
    (-2.5e-7, "−2.5 · 10⁻⁷"),
    (6.02e23, "6.02 · 10²³"),
    (math.nan, "nan"),
    (math.inf, "∞"),
    (0.0, "0"),
]


@pytest.mark.parametrize(("value", "expected"), NUMBERS, ids=[e for _, e in NUMBERS])
def test_numbers(value, expected):
    assert plain(number_layout(value)) == expected


# --- what is printed means what was given -----------------------------------------

_TOKEN = re.compile(r"\d+\.?\d*|[a-z]+|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+|[()·/+−^√∛|]")
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_FUNCTIONS = {"tanh": math.tanh, "exp": math.exp, "sin": math.sin}


class Reading:
    """Reads printed text as a person does: side by side and · and / from the left."""

    def __init__(self, words, values):
        assert "".join(_TOKEN.findall(words)) == words.replace(" ", "")
        self.tokens = [*_TOKEN.findall(words), ""]
        self.values = values

    def take(self):
        return self.tokens.pop(0)

    def sum(self):
        minus = self.tokens[0] == "−" and self.take()
        total = -self.product() if minus else self.product()
        while self.tokens[0] in ("+", "−"):
            sign = 1 if self.take() == "+" else -1
            total += sign * self.product()
        return total

    def product(self):
        total = self.power()
        while self.tokens[0] not in ("", ")", "|", "+", "−"):
            if self.tokens[0] == "/":
                self.take()
                total /= self.power()
            else:
                if self.tokens[0] == "·":
                    self.take()
                total *= self.power()
        return total

    def power(self):
        base = self.atom()
        while self.tokens[0] and (
            self.tokens[0] == "^" or self.tokens[0][0] in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"
        ):
            token = self.take()
            base **= self.atom() if token == "^" else int(token.translate(_DIGITS))
        return base

    def atom(self):
        token = self.take()
        if token == "(":
            value = self.sum()
            assert self.take() == ")"
            return value
        if token in "√∛":
            return self.atom() ** (1 / 2 if token == "√" else 1 / 3)
        if token in _FUNCTIONS:
            exponent = 1
            if self.tokens[0] != "(":
                exponent = int(self.take().translate(_DIGITS))
            return _FUNCTIONS[token](self.atom()) ** exponent
        return self.values[token] if token in self.values else float(token)


VALUES = {"w": 0.7, "x": 1.3, "y": 0.4, "a": 1.1, "b": 0.6}
_leaf = st.sampled_from([w, x, y, a, b]) | st.integers(1, 12).map(sp.Integer)
_leaf |= st.fractions(min_value=Rational(1, 9), max_value=3, max_denominator=9).map(
    lambda f: Rational(f.numerator, f.denominator)
)


def _negated(expr):
    return unevaluated(Mul, sp.Integer(-1), expr)


_exprs = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda p: unevaluated(Add, *p)),
        st.lists(inner, min_size=2, max_size=3).map(lambda p: unevaluated(Mul, *p)),
        st.lists(inner, min_size=2, max_size=3).map(lambda p: Chain(*p)),
        st.tuples(
            inner, st.sampled_from([2, 3, -1, -2, Rational(1, 2), -Rational(1, 2)])
        ).map(
            lambda p: unevaluated(
                Pow,
                sp.exp(unevaluated(Mul, p[0], p[0]), evaluate=False),
                sp.sympify(p[1]),
            )
        ),
        inner.map(lambda e: unevaluated(Pow, e, sp.Integer(2))),
        inner.map(lambda e: sp.tanh(e, evaluate=False)),
        inner.map(_negated),
    ),
    max_leaves=9,
)


def value_of(expr):
    """The expression's value by plain recursion, without SymPy's simplifications."""
    args = [value_of(arg) for arg in expr.args]
    if isinstance(expr, Add):
        return math.fsum(args)
    if isinstance(expr, Mul | Chain):
        return math.prod(args)
    if isinstance(expr, Pow):
        return args[0] ** args[1]
    if args:
        return _FUNCTIONS[type(expr).__name__](*args)
    return VALUES[expr.name] if isinstance(expr, sp.Symbol) else float(expr)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(_exprs)
def test_printed_text_means_the_expression(expr):
    try:
        expected = value_of(expr)
    except OverflowError:
        return
    if not 1e-200 < abs(expected) < 1e200:
        return  # rounding and overflow would be compared, not brackets
    words = text(expr)
    reading = Reading(words, VALUES)
    try:
        found = reading.sum()
    except OverflowError:
        return
    # cancellation in sums costs digits; a wrong bracket costs far more
    assert found == pytest.approx(expected, rel=1e-6), words
    assert reading.tokens == [""], words


@settings(max_examples=100, deadline=None, derandomize=True)
@given(_exprs, st.integers(20, 60))
def test_broken_lines_lose_nothing(expr, width):
    node = layout(expr, notation_of(LEAVES))
    lines = plain_lines(node, width, width - 2)
    assert "".join(lines).replace(" ", "") == plain(node).replace(" ", "")
    for line in lines:
        assert columns(line) <= width or not re.search(r" [+·−] ", line[2:-2])


def test_a_line_is_broken_where_it_is_least_nested():
    node = layout(NOTES.closed_form(), notation_of(NOTES))
    assert plain_lines(node, 60, 58) == [
        "tanh(w_311 tanh(w_111 x_1 + w_121 x_2 + b_1)",
        "+ w_321 tanh(w_211 x_1 + w_221 x_2 + b_2) + b_3)",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "integral(t*x, t, sin(sum(x*expm1(atan(c_{i+1} + c_i) + 2), i, 2, 3))*erfinv("
        "silu(pi + x)/9)*sqrt(x^2 + 1)*exp(-x^2), 1)",
        "integral(t*cos(t*x), t, integral(s*x*exp(-s^2)/(cos(cos(x)+exp(sin(x)))+3),"
        " s, 0, sin(x))*besselj(0, x)*sqrt(x^2 + 1), 0)",
    ],
)
def test_wide_bounds_of_an_integral_are_broken(text: str) -> None:
    lines = str(sg.explain(text, "x", detail="full", check=False)).splitlines()
    assert max(map(columns, lines)) <= 100
