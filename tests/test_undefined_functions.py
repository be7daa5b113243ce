"""SymPy's undefined functions: read, differentiated, and compared with SymPy."""

from __future__ import annotations

import pytest
import sympy as sp

from symgrad.chain_rule import differentiate
from symgrad.errors import FormulaError
from symgrad.explanation import explain
from symgrad.filling import fill
from symgrad.formulas import formula
from symgrad.undefined_functions import with_abstract

x, y = sp.symbols("x y")
f, g = sp.Function("f"), sp.Function("g")
BODIES = {
    "f/1": lambda a: sp.sin(a) + a**3,
    "f/2": lambda a, b: a**2 * sp.exp(b) + b**3 * a,
    "g/1": lambda a: sp.cos(2 * a) + a,
}

READ = {
    "plain": f(x, y),
    "derivative": f(x, y).diff(x),
    "mixed": f(x, y).diff(x, y, y),
    "compound": f(x**2).diff(x),
    "compound twice": f(x**2).diff(x, 2),
    "inner": f(g(x)).diff(x),
    "inner twice": f(g(x)).diff(x, 2),
    "two slots": f(x**2, x).diff(x),
    "the same twice": f(x, x).diff(x),
    "product": f(x) * sp.sin(x),
    "inside": sp.sin(f(x)) ** 2 + g(x),
    "in a piecewise": sp.Piecewise((f(x), x > 0), (g(x).diff(x), True)),
    "of a number": f(2) + x,
    "total derivative": sp.Derivative(f(x, g(x)), x),
    "total derivative twice": sp.Derivative(f(x, g(x)), x, x) * x,
    "of a compound": sp.Derivative(f(x**2), x),
    "of a formula": sp.Derivative(x * f(x), x) + y,
    "of a square": sp.sin(sp.Derivative(f(x) ** 2 * y, x, y)),
    "substituted": sp.Subs(sp.Derivative(f(x) * x, x), x, x**2),
}


def concrete(expr: sp.Expr) -> sp.Expr:
    """SymPy puts the formulas in by itself."""
    slots = sp.symbols("a b")
    for head in (f, g):
        for count in (1, 2):
            body = BODIES.get(f"{head.__name__}/{count}")
            if body and any(
                len(e.args) == count
                for e in expr.atoms(sp.core.function.AppliedUndef)
                if e.func == head
            ):
                expr = expr.subs(head, sp.Lambda(slots[:count], body(*slots[:count])))
    return expr.doit()


@pytest.mark.parametrize("case", READ)
def test_values_and_derivatives_are_sympys(case: str) -> None:
    source = READ[case]
    graph = formula(source)
    lists = {}
    for key, body in BODIES.items():
        letter, count = key.split("/")
        slots = sp.symbols("a b")[: int(count)]
        if any(
            e.func.__name__ == letter and len(e.args) == len(slots)
            for e in source.atoms(sp.core.function.AppliedUndef)
        ):
            lists[letter] = sp.Lambda(slots, body(*slots))
    filled = fill(graph, lists)
    expected = concrete(source)
    at = {x: sp.Rational(7, 10), y: sp.Rational(-3, 10)}
    assert abs((filled.closed_form() - expected).subs(at).evalf(30)) < 1e-25
    gradient = fill(differentiate(graph, "x"), lists)
    error = gradient.closed_form("x") - sp.diff(expected, x)
    assert abs(error.subs(at).evalf(30)) < 1e-25
    page = explain(graph, "x", detail="full")
    assert page.checks[0][0].startswith("✓"), page.checks


def test_symbols_come_back() -> None:
    assert formula(f(x, y)).inputs == (x, y)


def test_the_output_is_no_function_of_the_formula() -> None:
    assert formula(f(x) + y).output.name == "F"


def test_letters_and_orders_are_told_apart() -> None:
    graph = formula(f(x) + g(x) + f(x).diff(x) + f(x).diff(x, 2))
    parts = sorted(str(a) for a in graph.stages[-1].expr.args)
    assert parts == ["df(x)/dx", "d²f(x)/dx²", "f(x)", "g(x)"]


REFUSED = {
    "symbolic order": sp.Derivative(f(x), (x, sp.Symbol("n", integer=True))),
    "symbolic order of a formula": sp.Derivative(x * f(x), (x, sp.Symbol("n"))),
    "by a function": sp.Derivative(f(x) ** 2, f(x)),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_no_slot_holds_is_refused(case: str) -> None:
    with pytest.raises(FormulaError):
        formula(REFUSED[case])


def test_without_them_nothing_is_touched() -> None:
    expr = sp.sin(x) / (x + y)
    assert with_abstract(expr) is expr
