"""The named rules: right by SymPy's calculus, every line true, nothing guessed."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.derivation import Step
from symgrad.derivatives import DERIVATIVES
from symgrad.errors import RuleError
from symgrad.functions import FUNCTIONS
from symgrad.graph import Graph, Stage
from symgrad.numeric.backends import lambdify
from symgrad.numeric.equalities import check_steps
from symgrad.numeric.general_formulas import check_formula
from symgrad.rules.table import RULES, derive
from symgrad.symbols import symbol

x, y, w, b, t = (symbol(name) for name in "xywbt")

RULE_OF = {
    "constant": y**2,
    "variable": x,
    "sum": x**2 + y,
    "constant multiple": 3 * y * sp.sin(x),
    "quotient": x / (1 + x**2),
    "product": sp.sin(x) * sp.exp(x),
    "power": x**5,
    "square root": sp.sqrt(x),
    "exponential": y**x,
    "general power": x**x,
    "logarithm": sp.log(x),
    "derivative of sin": sp.sin(x),
    "derivative of the maximum": sp.Max(x, y),
    "chain rule": sp.tanh(w * x + b, evaluate=False),
    "piecewise": sp.Piecewise((x**2, x > y), (sp.sin(x), True)),
}

MORE = {
    "negative power": x**-3,
    "symbolic power": x**y,
    "power of a sum": (x**2 + y) ** 3,
    "root of a sum": sp.sqrt(1 + x**2),
    "reciprocal root": 1 / sp.sqrt(1 + x**2),
    "exponential of a product": sp.exp(-x * y),
    "base two": 2**x,
    "exponent with a sum": y ** (2 * x + 1),
    "both vary": (1 + x**2) ** sp.sin(x),
    "three factors": x * sp.sin(x) * sp.exp(x),
    "quotient of functions": sp.sin(x) / (1 + sp.exp(x)),
    "two slots": sp.atan2(x, 1 + x**2),
    "Max of three": sp.Max(x, x**2, y),
    "wide sum": sp.Add(*(k * x**k for k in range(1, 9))) + y,
    "nested": sp.sin(sp.cos(sp.exp(x))),
    "number in front": 2 * (x - y) * sp.sin(x),
    "gelu inside": FUNCTIONS["gelu"].make(w * x),
    "constant": sp.Integer(7),
}

ALL = RULE_OF | MORE


def steps_of(step: Step):
    todo = [step]
    while todo:
        here = todo.pop()
        yield here
        todo.extend(here.substeps)


@pytest.mark.parametrize(("rule", "expr"), RULE_OF.items(), ids=RULE_OF.keys())
def test_the_rule_that_fits(rule, expr):
    assert derive(expr, x).rule == rule


@pytest.mark.parametrize("expr", ALL.values(), ids=ALL.keys())
def test_result_against_sympy(expr):
    ours = sp.expand_func(derive(expr, x).result)
    theirs = sp.diff(sp.expand_func(expr), x)
    for numbers in ((0.7, 1.3), (1.9, 0.4), (0.4, 2.2)):
        at = {x: numbers[0], y: numbers[1], w: 0.8, b: -0.3}
        expected = complex(theirs.subs(at).evalf(30))
        found = complex(ours.subs(at).evalf(30))
        assert abs(found - expected) < 1e-12 * max(1, abs(expected))


@pytest.mark.parametrize("inner", [x, sp.exp(x)], ids=str)
def test_the_same_argument_in_two_slots(inner):
    step = derive(w * sp.atan2(inner, inner, evaluate=False), x)
    assert sp.simplify(step.result) == 0
    chain = step.substeps[0]
    assert len(chain.substeps) == 4
    assert [value for _, value in chain.definitions] == [inner, inner]
    assert len(dict(chain.definitions)) == 2


@pytest.mark.parametrize("expr", ALL.values(), ids=ALL.keys())
def test_every_line_is_true(expr):
    inputs = tuple(sorted(expr.free_symbols | {x}, key=str))
    graph = Graph((Stage(t, expr),), (t,), inputs)
    for value in (None, t):
        checked = check_steps(graph, [derive(expr, x, value)])
        assert checked.passed, str(checked)
        assert not checked.left_out


@pytest.mark.parametrize(
    "rule", [r for r in RULES if r.formula], ids=lambda rule: rule.name
)
def test_general_formula_is_true(rule):
    assert check_formula(*rule.formula) < 1e-20


@pytest.mark.parametrize(
    "name", sorted(DERIVATIVES.keys() & FUNCTIONS.keys() - {"zeta"})
)
def test_every_function_has_a_derivation(name):
    row = FUNCTIONS[name]
    inner = sp.Rational(1, 3) * x + y / 2
    several = row.arity == 2 or name in ("Max", "Min")
    expr = row.make(inner, x) if several else row.make(inner)
    if DERIVATIVES[name][0] is None:  # of a constant order
        expr = row.make(2, inner, evaluate=False)
    graph = Graph((Stage(t, expr),), (t,), (x, y))
    step = derive(expr, x, value=t)
    assert step.rule == "chain rule"
    checked = check_steps(graph, [step])
    assert checked.passed, str(checked)


def test_page_and_program_agree_at_a_triple_tie():
    graph = Graph((Stage(t, sp.Max(w, x, y)),), (t,), (w, x, y))
    page = [
        derive(sp.Max(w, x, y), s).result.subs({w: 1, x: 1, y: 1}) for s in (w, x, y)
    ]
    _, program = lambdify(graph)(1.0, 1.0, 1.0)
    assert [float(p) for p in page] == program.tolist()
    assert sum(page) == 1


def test_constants_of_the_stage_value():
    f = symbol("f_1")
    assert derive(sp.tanh(x), x, value=f).result == 1 - f**2
    assert derive(sp.exp(x), x, value=f).result == f
    assert derive(FUNCTIONS["logistic"].make(x), x, f).result == f * (1 - f)


def test_numbers_are_not_spread_over_brackets():
    result = derive(2 * (x - y) * sp.sin(x), x).result
    assert sp.diff(2 * (x - y) * sp.sin(x), x) - result == 0


def test_held_stages_are_not_said_to_be_constant():
    u = symbol("u")
    lines = derive(w * sp.tanh(u) + u, w, stages={u}).lines
    assert all(u not in getattr(d, "args", ())[:1] for d in lines[0].expr.args)


@pytest.mark.parametrize(
    "expr",
    [sp.Integral(sp.sin(t * x), (t, 0, 1)), sp.Function("q")(x), sp.dirichlet_eta(x)],
    ids=["integral", "abstract function", "no row"],
)
def test_no_rule_names_the_expression(expr):
    with pytest.raises(RuleError, match="no rule differentiates"):
        derive(1 + expr, x)


def test_too_deep_an_expression_names_the_bound():
    expr = x
    for _ in range(200):
        expr = sp.sin(expr, evaluate=False)
    with pytest.raises(RuleError, match="MAX_DEPTH"):
        derive(expr, x)


def test_deterministic_names():
    expr = sp.Max(x * y, x + y, x)
    assert repr(derive(expr, x)) == repr(derive(expr, x))


leaves = st.sampled_from([x, y, sp.Integer(2), sp.Rational(1, 2)])
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda a, c: a + c, inner, inner),
        st.builds(lambda a, c: a * c, inner, inner),
        st.builds(lambda a: sp.sin(a), inner),
        st.builds(lambda a: sp.exp(-(a**2)), inner),
        st.builds(lambda a: a**3, inner),
        st.builds(lambda a, c: a / (1 + c**2), inner, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(trees)
def test_random_expressions(expr):
    at = {x: sp.Rational(7, 10), y: sp.Rational(13, 10)}
    ours = derive(expr, x).result.subs(at).evalf(30)
    theirs = sp.diff(expr, x).subs(at).evalf(30)
    assert abs(ours - theirs) < sp.Float("1e-20") * max(1, abs(theirs))
