"""Rules for functions without a formula, judged by SymPy with formulas put in."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from symgrad import explain, hessian, jacobian
from symgrad.chain_rule import differentiate
from symgrad.derivation import Step
from symgrad.graph import Graph, Stage
from symgrad.numeric.equalities import check_steps
from symgrad.rules.table import derive
from symgrad.symbols import Abstract, symbol

x, y, t, w, z = (symbol(name) for name in "xytwz")

# What SymPy differentiates in their place: smooth, and not symmetric in the slots.
CONCRETE = {
    ("f", 1): lambda a: sp.sin(a) + a**2 / 3,
    ("f", 2): lambda a, b: sp.sin(a + 2 * b) + a**2 * b,
    ("f", 3): lambda a, b, c: sp.sin(a - b) * sp.exp(c / 3) + a * c**2,
    ("g", 1): lambda a: sp.exp(a / 2) + sp.cos(3 * a),
    ("g", 2): lambda a, b: sp.exp(a * b / 4) - b**3,
    ("k", 1): lambda a: sp.cos(a) + a,
}
POINT = {
    symbol(name): sp.Rational(value, 100)
    for name, value in {"x": 37, "y": -81, "t": 59, "w": 123}.items()
}


def plain(letter: str, *arguments: sp.Expr) -> Abstract:
    return Abstract(letter, [0] * len(arguments), *arguments)


f, g, k = (lambda *a, n=n: plain(n, *a) for n in "fgk")

EXPRESSIONS = {
    "one argument": f(x),
    "two arguments": f(x, y),
    "another held": f(y, x),
    "a number in a slot": f(sp.Integer(2), x),
    "twice the same": f(x, x),
    "thrice the same": f(x, x, x),
    "twice the same power": f(x**2, x**2),
    "bare and compound": f(x, x**2),
    "two compound ones": f(x**2, x * y),
    "three slots": f(x, y * x, sp.sin(x)),
    "of a square": f(x**2),
    "of another": f(g(x)),
    "of two others": f(g(x), k(x)),
    "of itself": f(f(x)),
    "slots exchanged": f(x, y) - f(y, x),
    "two arities": f(x) * f(x, y),
    "times a function": f(x) * sp.sin(x),
    "squared": f(x) ** 2,
    "inside a function": sp.sin(f(x)),
    "quotient": f(x) / (1 + g(x) ** 2),
    "exponent": sp.exp(f(x, x**2)),
    "of a sum": f(x + y, x - y),
    "a derivative": Abstract("f", (1, 0), x, y),
    "a second derivative": Abstract("f", (1, 1), x, x**2),
    "in a piecewise": sp.Piecewise((f(x), x > y), (g(x, y), True)),
}


def made_concrete(expr: sp.Basic) -> sp.Basic:
    """Put formulas in the place of abstract functions; derivatives are SymPy's."""
    if isinstance(expr, Abstract):
        arguments = [made_concrete(a) for a in expr.arguments]
        slots = sp.symbols(f"slot:{len(arguments)}", cls=sp.Dummy)
        value = CONCRETE[expr.letter, len(arguments)](*slots)
        for slot, order in zip(slots, expr.orders, strict=True):
            value = sp.diff(value, slot, order)
        return value.subs(dict(zip(slots, arguments, strict=True)), simultaneous=True)
    if not expr.args:
        return expr
    return expr.func(*(made_concrete(a) for a in expr.args))


def number(expr: sp.Expr) -> mpmath.mpf:
    return made_concrete(expr).subs(POINT).evalf(30)


def agree(found: sp.Expr, expected: sp.Expr) -> bool:
    a, b = number(found), sp.sympify(expected).subs(POINT).evalf(30)
    return abs(a - b) <= 1e-25 * max(1, abs(b))


@pytest.mark.parametrize("case", EXPRESSIONS)
def test_the_derivative_is_sympys(case: str) -> None:
    expr = EXPRESSIONS[case]
    step = derive(expr, x)
    assert agree(step.result, sp.diff(made_concrete(expr), x))


@pytest.mark.parametrize("case", EXPRESSIONS)
def test_every_line_is_true(case: str) -> None:
    expr = EXPRESSIONS[case]
    leaves = (x, y)
    graph = Graph((Stage(z, expr),), (z,), leaves)
    steps = [derive(expr, by, z) for by in leaves]
    check = check_steps(graph, steps, points=2)
    assert check.passed, str(check)
    assert not check.left_out
    assert {"f"} <= set(check.filled_in)


@pytest.mark.parametrize("case", EXPRESSIONS)
def test_second_derivatives_are_sympys_and_mixed_ones_equal(case: str) -> None:
    expr = EXPRESSIONS[case]
    table = hessian(Graph((Stage(z, expr),), (z,), (x, y)), [x, y])
    concrete = made_concrete(expr)
    for a in (x, y):
        for b in (x, y):
            assert agree(table.closed_form((a, b)), sp.diff(concrete, a, b))


def test_mixed_derivatives_are_one_thing() -> None:
    table = hessian(Graph((Stage(z, f(x, y)),), (z,), (x, y)))
    assert table["x", "y"] == table["y", "x"] == Abstract("f", (1, 1), x, y)


def test_a_false_slot_is_noticed() -> None:
    """∂f/∂x taken for ∂f/∂y, and a forgotten inner derivative."""
    graph = Graph((Stage(z, f(x, x**2)),), (z,), (x,))
    first, second = (Abstract("f", o, x, x**2) for o in ((1, 0), (0, 1)))
    true = derive(f(x, x**2), x)
    for wrong in (2 * x * first + second, first + second, second * 2 * x):
        lines = (*true.lines[:-1], type(true.lines[0])(wrong))
        step = Step(true.rule, true.lhs, lines, true.definitions)
        assert not check_steps(graph, [step]).passed


# --- graphs -----------------------------------------------------------------------

GRAPHS = {
    "the notes'": ("x = k t", "y = g x", "z = f x y"),
    "three intermediate": ("x = k t", "y = g x", "w = g t x", "z = f x y w"),
    "a diamond": ("x = k t", "y = g t", "z = f x y"),
    "a chain": ("x = k t", "y = g x", "z = f y"),
    "t directly too": ("x = k t", "y = g x t", "z = f t x y"),
}


def graph_of(lines: tuple[str, ...]) -> Graph:
    stages = []
    for line in lines:
        name, _, letter, *arguments = line.split()
        stages.append(Stage(symbol(name), plain(letter, *map(symbol, arguments))))
    return Graph(tuple(stages), (z,), (t,))


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("case", GRAPHS)
def test_graphs_of_abstract_functions(case: str, mode: str) -> None:
    graph = graph_of(GRAPHS[case])
    gradient = differentiate(graph, "t", mode)
    concrete = made_concrete(graph.closed_form())
    assert agree(gradient.closed_form("t"), sp.diff(concrete, t))
    second = hessian(graph, "t", mode)
    assert agree(second.closed_form(("t", "t")), sp.diff(concrete, t, 2))
    for detail in ("brief", "normal", "full"):
        page = explain(gradient, detail=detail)
        assert page.checks[0][0].startswith("✓"), page.checks
        assert "left out" not in page.checks[0][0]


def test_every_path_is_found() -> None:
    gradient = differentiate(graph_of(GRAPHS["three intermediate"]), "t")
    paths = [" ".join(str(p) for p in path) for path in gradient.paths("t")]
    assert paths == [
        "∂z/∂x ∂x/∂t",
        "∂z/∂y ∂y/∂x ∂x/∂t",
        "∂z/∂w ∂w/∂t",
        "∂z/∂w ∂w/∂x ∂x/∂t",
    ]


def test_jacobian_of_abstract_functions() -> None:
    stages = (Stage(z, f(x, y)), Stage(w, g(x)))
    table = jacobian(Graph(stages, (z, w), (x, y)))
    assert table["z", "y"] == Abstract("f", (0, 1), x, y)
    assert table["w", "x"] == Abstract("g", (1,), x)
    assert table["w", "y"] == 0
