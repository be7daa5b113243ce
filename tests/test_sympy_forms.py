"""SymPy's own functions, conditions and derivatives: sympy.diff is the oracle."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sympy as sp
from sympy.codegen import cfunctions
from sympy.functions.elementary.complexes import periodic_argument
from sympy.physics.quantum.constants import hbar

import symgrad as sg
from symgrad.errors import ArgumentTypeError, BoundError, FormulaError, SymgradError
from symgrad.sympy_forms import CONNECTIVES, FORMS, UNREAD

x, y, a, n = sp.symbols("x y a n", real=True)
p = sp.Symbol("p", positive=True)
i, k = sp.symbols("i k", integer=True)
X, W = sp.IndexedBase("X", real=True), sp.IndexedBase("W", real=True)

FUNCTIONS: dict[str, Any] = {
    "re": x * sp.re(x * sp.Symbol("z")),
    "conjugate": sp.conjugate(sp.Symbol("z")) * x,
    "im": x + sp.im(sp.Symbol("z")),
    "arg": sp.arg(x) * x**2,
    "exp_polar": sp.exp_polar(x) * y,
    "UnevaluatedExpr": sp.UnevaluatedExpr(x + y) * x,
    "factorial": sp.factorial(x) * y,
    "RisingFactorial": sp.rf(x, a),
    "RisingFactorial of a number": sp.RisingFactorial(x, 3, evaluate=False),
    "FallingFactorial": sp.ff(x, a),
    "FallingFactorial of a number": sp.FallingFactorial(x, 4, evaluate=False),
    "binomial": sp.binomial(x + 3, y),
    "binomial of a number": sp.binomial(x, 3),
    "catalan": sp.catalan(x),
    "harmonic": sp.harmonic(x) ** 2,
    "Mod": x * sp.Mod(y, 2),
    "Mod of a name": sp.Mod(x, y) ** 2,
    "KroneckerDelta": x * sp.KroneckerDelta(i, k) + y,
    "SingularityFunction": sp.SingularityFunction(x, a, 2),
    "erf2": sp.erf2(x, y),
    "jn": sp.jn(1, p),
    "yn": sp.yn(0, p),
    "log1p": cfunctions.log1p(p),
    "expm1": cfunctions.expm1(x * y),
    "log2": cfunctions.log2(p),
    "log10": cfunctions.log10(p),
    "exp2": cfunctions.exp2(x),
    "Sqrt": cfunctions.Sqrt(p),
    "Cbrt": cfunctions.Cbrt(p),
    "hypot": cfunctions.hypot(x, y),
    "fma": cfunctions.fma(x, y, a),
    "TribonacciConstant": x**2 * sp.TribonacciConstant,
    "constants": sp.pi * x + sp.E * x**2 + sp.EulerGamma * sp.GoldenRatio * sp.Catalan,
    "long numbers": x**2 * sp.Float("0.1234567890123456789", 40) + sp.Rational(22, 7),
    "trigonometric": sp.sec(x) * sp.cot(y) + sp.csc(x) + sp.sinc(x * y),
    "inverse": sp.acot(x) + sp.asinh(y) + sp.atan2(x, y),
    "hyperbolic": sp.sech(x) + sp.csch(y) + sp.coth(x),
    "real root": sp.real_root(x, 3) * y,
    "roots": sp.root(p, 5) + sp.cbrt(p + 1),
    "special": sp.LambertW(p) + sp.loggamma(p) + sp.polygamma(2, p) + sp.beta(p, 2),
    "expint of order 1": sp.expint(1, p * x**2) + y * sp.E1(p),
    "Bessel": sp.besselj(2, p) + sp.besselk(1, p) + sp.airyai(x) * sp.airybi(y),
    "logarithms": sp.log(p, 3) + sp.log(p + 1, p + 2),
    "kept as written": sp.Add(x, x, sp.Mul(2, x, y, 3, evaluate=False), evaluate=False),
    "powers as written": sp.Pow(sp.Pow(x, 2, evaluate=False), 3, evaluate=False),
    "many in Max": sp.Max(x, y, a, 1) + sp.Min(x * y, a, 2),
    "a step with its value": x * sp.Heaviside(y, 1),
    "elements": X[1] * W[0, 2] + sp.sin(X[2] * X[1]),
    "elements at letters": X[i] * W[i, k] + X[k],
    "elements of a matrix": sp.MatrixSymbol("A", 2, 2)[0, 1] * x**2,
    "a Dummy": sp.Dummy("q", real=True) ** 2 * x,
    "nested": sp.Piecewise((sp.Piecewise((x, x > 0), (x**2, True)), x < 2), (y, True)),
    "without a default": sp.Piecewise((x**2, x > -9)),
    "And, Or, Not": sp.Piecewise(
        (x * y, (x > 0) & (y > 0)), (y, (x < -1) | ~(y > 2)), (x, True)
    ),
    "ITE": sp.Piecewise((x, sp.ITE(x > 0, y > 0, y < 0)), (y**2, True)),
    "Xor": sp.Piecewise((x**2, sp.Xor(x > 0, y > 0)), (x * y, True)),
    "Implies": sp.Piecewise((x**2, sp.Implies(x > 0, y > 0)), (y, True)),
    "Equivalent": sp.Piecewise((x**2, sp.Equivalent(x > 0, y > 0)), (y, True)),
    "Contains": sp.Piecewise((x**2, sp.Contains(x, sp.Interval(0, 1))), (y, True)),
    "a derivative": sp.Derivative(sp.sin(x**2) * x, x),
    "a derivative inside": x * sp.exp(sp.Derivative(x**3 * y, x, y)),
    "a second derivative": sp.Derivative(sp.exp(x * y), (x, 2)) + y,
    "by something else": sp.Derivative(x**2, a) + x,
    "in a condition": sp.Piecewise((sp.Derivative(x**3, x), x > 0), (x, True)),
    "a derivative twice": sp.Derivative(x * sp.Derivative(sp.sin(x * y), x), y),
    "Subs": sp.Subs(sp.sin(a) * a, a, x**2),
    "Subs of a derivative": y * sp.Subs(sp.Derivative(sp.sin(a) * a, a), a, x**2),
    "Subs of several": sp.Subs(x * a + y, (x, a), (y, x)),
    "Lambda": sp.Lambda(x, x**2 + y),
    "Poly": sp.Poly(x**3 + x * y, x),
}


@pytest.mark.parametrize("case", FUNCTIONS)
def test_gradients_are_those_of_sympy(case: str) -> None:
    source = FUNCTIONS[case]
    expr = source.expr if isinstance(source, sp.Lambda) else source.as_expr()
    gradient = sg.differentiate(source)
    real = {s: sp.Symbol(s.name, real=True) for s in expr.atoms(sp.Symbol)}
    expr = expr.doit().xreplace(real)
    names = {e: sp.Symbol(_name(e), real=True) for e in expr.atoms(sp.Indexed)}
    names |= {e: sp.Symbol(_name(e), real=True) for e in _elements(expr)}
    expr = expr.xreplace(names).replace(sp.exp_polar, sp.exp)
    random_numbers = random.Random(2)
    for by in gradient.wrt:
        found = sg.formula(source).closed_form(), gradient.closed_form(by)
        wanted = slope(expr, sp.Symbol(by.name, real=True))
        for _ in range(2):
            at = {
                s.name: sp.Rational(random_numbers.randrange(200, 900), 1000)
                for s in gradient.graph.inputs
            }
            for ours, theirs in zip(found, (expr, wanted), strict=True):
                # Floats of 15 digits are the shortest numbers in the table
                assert abs(number(ours, at) - number(theirs, at)) < 1e-9, (ours, theirs)


def _name(element: Any) -> str:
    base, *places = element.args
    return "_".join([str(getattr(base, "label", base)), *map(str, places)])


def _elements(expr: Any) -> set[Any]:
    return expr.atoms(sp.matrices.expressions.matexpr.MatrixElement)


def slope(expr: Any, by: Any) -> Any:
    """SymPy's derivative, or a quotient of its values where it has none."""
    found = sp.diff(expr, by)
    if not found.has(sp.Derivative, sp.Subs, sp.SingularityFunction):
        return found
    h = sp.Rational(1, 10**9)  # its own error is of the order h²
    return (expr.subs(by, by + h) - expr.subs(by, by - h)) / (2 * h)


def number(expr: Any, at: dict[str, Any]) -> Any:
    values = {s: at[s.name] for s in expr.free_symbols if s.name in at}
    values |= {s: sp.Rational(1, 3) for s in expr.free_symbols if s not in values}
    expr = expr.xreplace(values).doit()
    if expr.has(sp.erf2, cfunctions.Sqrt, cfunctions.Cbrt, cfunctions.fma):
        expr = sp.expand_func(expr)
    found = expr.evalf(40)
    assert found.is_number, (expr, found)
    return sp.re(found)


@pytest.mark.parametrize("case", FUNCTIONS)
def test_pages_are_checked_and_programs_run(case: str) -> None:
    page = sg.explain(FUNCTIONS[case])
    assert page.checks[0][0].startswith("✓"), page.checks
    function = sg.lambdify(FUNCTIONS[case])
    assert sg.check_gradient(function).passed


def test_every_row_is_tried() -> None:
    tried = {case.split()[0].strip(",") for case in FUNCTIONS}
    assert {*FORMS, *CONNECTIVES} - tried == set()


REFUSED: dict[str, Any] = {
    "DiracDelta": (sp.DiracDelta(x) * y, "no function with values"),
    "hyper": (sp.hyper([a], [3], x), "hypergeometric.*hyperexpand"),
    "meijerg": (sp.meijerg([[a], []], [[0], []], x), "Meijer"),
    "Order": (sp.sin(x) + sp.O(x**3), "removeO"),
    "AccumulationBounds": (x * sp.AccumBounds(1, 2), "an interval"),
    "MatrixSymbol": (sp.MatrixSymbol("A", 2, 2), "write its elements"),
    "polar_lift": (sp.polar_lift(x), "complex"),
    "periodic_argument": (periodic_argument(sp.Symbol("z"), sp.pi), "complex"),
    "ComplexRootOf": (x * sp.CRootOf(x**5 - x + 1, 0), "a root without a formula"),
    "Lambda": (x * sp.Integral(1, x), "Integral"),
    "other functions": (sp.lerchphi(x, 2, a), "of type lerchphi, which is not und"),
    "another branch": (sp.LambertW(x, -1), "expected 1"),
    "another harmonic": (sp.harmonic(x, 2), "2 arguments"),
    "a step backwards": (sp.SingularityFunction(x, a, -1), "order of 0 or more"),
    "another set": (
        sp.Piecewise((x, sp.Contains(x, sp.S.Rationals)), (0, True)),
        "is a set",
    ),
    "infinite": (x + sp.oo, "oo is no real"),
    "undefined": (sp.nan, "nan is no real"),
    "complex infinity": (sp.zoo * x, "zoo is no real"),
    "complex": (x * sp.I, "complex"),
    "no name": (sp.Symbol("") + x, "without a name"),
    "a matrix": (sp.Symbol("M", commutative=False) * x, "does not commute"),
    "twins": (sp.Dummy("q") * sp.Dummy("q"), "two different symbols"),
    "twins by assumption": (sp.Symbol("x") * x, "two different symbols"),
    "a symbolic order": (sp.Derivative(sp.exp(x), (x, k)), "has the order k"),
    "by a function": (
        sp.Derivative(sp.Function("f")(x) ** 2, sp.Function("f")(x)),
        "no name",
    ),
    "expint of order 2": (sp.expint(2, x), "expected order 1"),
    "a derivative without a rule": (sp.Derivative(sp.zeta(x), x), "cannot be taken"),
    "an element at a sum": (X[i + 1], "no datum of a sum"),
    "an equation": (sp.Eq(x, y), "implicit"),
    "a function": (sp.Function("f"), r"as in f\(x\)"),
    "a class": (sp.sin, r"as in sin\(x\)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_meaning_is_refused_by_name(case: str) -> None:
    expr, said = REFUSED[case]
    with pytest.raises((FormulaError, ArgumentTypeError), match=said) as caught:
        sg.formula(expr)
    assert str(caught.value).isprintable()


def test_every_word_of_refusal_is_tried() -> None:
    assert {*UNREAD} <= {*REFUSED}


def test_bounds() -> None:
    with pytest.raises(BoundError, match="MAX_ORDER"):
        sg.formula(sp.Derivative(sp.sin(x * y), (x, 101)))
    with pytest.raises(BoundError, match="MAX_CONNECTIVES"):
        parts = [s > 0 for s in sp.symbols("a:z", real=True)]
        sg.formula(sp.Piecewise((x, sp.Xor(*parts)), (0, True)))


def test_a_derivative_stands_beside_what_it_is_of() -> None:
    graph = sg.formula(x * sp.Derivative(sp.exp(x * y), x))
    shown = [f"{stage.symbol} = {stage.expr}" for stage in graph.stages]
    assert shown == ["u_1 = x*y", "u_2 = exp(u_1)", "u_2' = y*exp(u_1)", "f = u_2'*x"]
    assert "u_2' = y exp(u_1)" in str(sg.explain(graph, "x"))


def test_several_expressions_are_several_outputs() -> None:
    found = sg.jacobian([x * y, sp.sin(x * y)], ["x", "y"])
    assert found["y_1", "x"] == y
    column = sg.formula(sp.Matrix([x**2, y]), name=["a", "b"])
    assert [s.name for s in column.outputs] == ["a", "b"]
    with pytest.raises(SymgradError, match="2 names for 3"):
        sg.formula([x, y, x * y], name=["a", "b"])
    names = sg.formula([x, sp.Symbol("y_1")]).outputs
    assert [s.name for s in names] == ["f_1", "f_2"]


def test_a_short_number_is_the_one_that_was_written() -> None:
    gradient = sg.differentiate(x**3 * sp.Float("0.1", 3))
    assert abs(float(gradient.closed_form("x").subs(x, 1)) - 0.3) < 1e-15
    assert sg.explain(gradient).checks[0][0].startswith("✓")


def test_own_symbols_come_back() -> None:
    assert sg.formula(sp.Derivative(p**3, p) * sp.factorial(x)).inputs == (p, x)


def test_deep_expressions_need_no_stack() -> None:
    expr = x
    for _ in range(3000):
        expr = sp.sin(sp.Add(expr, 1, evaluate=False), evaluate=False)
    assert len(sg.formula(sp.UnevaluatedExpr(x) + expr).stages) > 2000


def test_a_constant_with_a_unit_is_refused_by_its_name():
    with pytest.raises(sg.FormulaError, match="hbar is a constant with a unit"):
        sg.formula(hbar * sp.Symbol("omega"))
