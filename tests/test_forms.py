"""The forms of results: as textbooks print them, and on demand."""

import random
from collections.abc import Iterator

import mpmath
import pytest
import sympy as sp
from textbook_forms import EXERCISES

import symgrad as sg
from symgrad import cli
from symgrad.lengths import written_operations
from symgrad.tidying import tidy


def exercises() -> Iterator[tuple[str, str, str]]:
    for line in EXERCISES.strip().splitlines():
        if not line.startswith("#"):
            source, answer = line.split(" -> ")
            formula, _, by = source.partition(" by ")
            yield formula, by or "x", answer


CASES = {formula: (formula, by, answer) for formula, by, answer in exercises()}


def answer_of(text: str) -> sp.Expr:
    return sp.Integer(0) if text == "0" else sg.formula(text).closed_form()


def result(page: sg.Derivation) -> sp.Expr:
    """The last line of a page, in inputs alone (y = tan(x) may stand in it)."""
    return page.program.expand(page.sections[-1].steps[-1].result)


def values(exprs: list[sp.Expr], seed: int) -> list[mpmath.mpf] | None:
    """The values of some expressions at one point, None where one is not real."""
    names = sorted({s for e in exprs for s in e.free_symbols}, key=str)
    chosen = random.Random(seed)
    low, high = ((0.2, 0.8), (1.2, 1.9))[seed % 2]
    point = {s: sp.Float(chosen.uniform(low, high), 40) for s in names}
    found = [sp.expand_func(e).subs(point).evalf(30) for e in exprs]
    return found if all(v.is_real and v.is_finite for v in found) else None


def worst(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    """The worst difference at a few points in which both are real."""
    pairs = [pair for k in range(6) if (pair := values([first, second], k))]
    assert pairs, "no point in the domain"
    return max(abs(a - b) / (1 + abs(b)) for a, b in pairs)


@pytest.mark.parametrize("name", CASES)
def test_results_are_those_at_the_back_of_the_book(name: str) -> None:
    formula, by, text = CASES[name]
    found, answer = result(sg.explain(formula, by)), answer_of(text)
    assert worst(found, answer) < 1e-25
    assert written_operations(found) <= written_operations(answer)


SLIPS = ("+ −", "− −", "(−(", "^(1/2)", "^(−", "· 1 ", "−1 ·", "/1 ", " 1 (", "0 ·")


@pytest.mark.parametrize("name", CASES)
def test_results_have_no_slips_of_print(name: str) -> None:
    formula, by, _ = CASES[name]
    page = str(sg.explain(formula, by, detail="brief", check=False))
    line = [line for line in page.splitlines() if "=" in line][-1]
    shown = line.rpartition("= ")[2].partition("   ")[0]
    assert not [slip for slip in SLIPS if slip in shown.replace("10^(−x)", "")]


FORMS = {
    "sech": ("1 - tanh(2x)^2", "sech", "sech(2*x)**2"),
    "sech of a multiple": ("a - a*tanh(x)^2", "sech", "a*sech(x)**2"),
    "csch": ("1 - coth(x)^2", "sech", "-csch(x)**2"),
    "back to tanh": ("a*sech(x)^2", "tanh", "a*(1 - tanh(x)**2)"),
    "tanh of a quotient": ("sinh(x)/cosh(x)", "tanh", "tanh(x)"),
    "sec": ("1/cos(x)^2", "sec", "sec(x)**2"),
    "sec of a sum": ("1 + tan(x)^2", "sec", "sec(x)**2"),
    "csc": ("-1 - cot(x)^2", "sec", "-csc(x)**2"),
    "back to tan": ("1/cos(x)^2", "tan", "tan(x)**2 + 1"),
    "sines": ("tan(x)*sec(x)", "sin", "sin(x)/cos(x)**2"),
    "logistic": ("e^-x/(1 + e^-x)^2", "logistic", "(1 - logistic(x))*logistic(x)"),
    "logistic of a negative": ("1/(1 + e^x)", "logistic", "logistic(-x)"),
    "exponentials": ("cosh(x) + sinh(x)", "exp", "exp(x)"),
    "expanded": ("(x + 1)*(x - 2)", "expanded", "x**2 - x - 2"),
    "factored": ("x^2 - x - 2", "factored", "(x - 2)*(x + 1)"),
    "a fraction": ("1/x + 1/(x + 1)", "fraction", "(2*x + 1)/(x*(x + 1))"),
    "parts of a fraction": ("1/(x^2 - 1)", "partial fractions", None),
    "collected": ("a*x + b*x + c", "collected", "c + x*(a + b)"),
    "short": ("x^n*ln(x)*n/x + x^n/x", "short", "x**(n - 1)*(n*log(x) + 1)"),
    "as derived": ("sin(x)^2 + cos(x)^2 + x - x", "derived", "1"),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_on_demand(name: str) -> None:
    formula, form, shown = FORMS[name]
    expr = sg.formula(formula).closed_form()
    found = sg.rewrite(expr, form, "x")
    if shown is not None and form != "derived":
        assert str(found) == shown
    assert worst(expr, found) < 1e-25
    assert sg.rewrite(found, form, "x") == found, "once more changes nothing"


@pytest.mark.parametrize("form", sg.FORMS)
@pytest.mark.parametrize("name", list(CASES)[::6])
def test_every_form_keeps_the_value(name: str, form: str) -> None:
    formula, by, _ = CASES[name]
    expr = sg.differentiate(formula, by).closed_form(by)
    assert worst(expr, sg.rewrite(expr, form, by)) < 1e-25


def test_forms_that_do_not_apply_change_nothing() -> None:
    expr = sg.formula("x if x > 0 else x^2").closed_form()
    assert all(sg.rewrite(expr, form) == expr for form in sg.FORMS)


def test_unknown_forms_and_values_are_named() -> None:
    with pytest.raises(sg.UnknownNameError, match=r"'fatored'.*'factored'"):
        sg.rewrite(sp.Integer(1), "fatored")
    with pytest.raises(sg.UnknownNameError, match="form 'secant'"):
        sg.explain("tan(x)", "x", form="secant")
    with pytest.raises(sg.ArgumentTypeError, match="expected an expression"):
        sg.rewrite("x^2", "short")  # type: ignore[arg-type]


PAGES = {
    "one function": ("tanh(x)", None, "= sech²(x)  "),
    "one of several": ("tanh(w*x + b)", ["w", "b"], "= x sech²(w x + b)  "),
    "no form asked": ("x^2*exp(x)", None, "= x (x + 2) exp(x)  "),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_show_the_form_as_a_checked_line(name: str) -> None:
    formula, wrt, shown = PAGES[name]
    page = sg.explain(formula, wrt, form="sech" if "tanh" in formula else "short")
    assert shown in str(page)
    assert "✓" in str(page)
    for form in sg.RENDERERS:
        assert sg.render(page, form)


def test_higher_orders_and_equations_have_forms() -> None:
    second = sg.explain(sg.derivative("tanh(x)", "x", order=2), form="sech")
    assert "−2 sech²(x) tanh(x)" in str(second)
    slope = sg.explain(sg.implicit("y = tan(x)", "y", "x"), form="sec")
    assert "= sec²(x)  " in str(slope)


def test_the_command_line_has_forms(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["derive", "tan(x)", "--form", "sec"]) == 0
    assert "sec²(x)" in capsys.readouterr().out
    assert cli.main(["derive", "tan(x)", "--form", "se"]) == 2
    assert "form 'se'" in capsys.readouterr().err


SHORT = {
    "the way round is kept": ("(1 - x)^7", "-7*(1 - x)**6"),
    "a minus goes into a bracket": ("x^2*(1 - x)^5", "x*(1 - x)**4*(2 - 7*x)"),
    "no fraction in a fraction": ("sin(x)/x", "(x*cos(x) - sin(x))/x**2"),
    "identities": ("sin(x)/cos(x)", "cos(x)**(-2)"),
    "a square root of a fraction": ("asin(x/3)", "1/sqrt(9 - x**2)"),
}


@pytest.mark.parametrize("name", SHORT)
def test_short_results_read_well(name: str) -> None:
    formula, shown = SHORT[name]
    assert str(tidy(sg.differentiate(formula, "x").closed_form("x"))) == shown


def test_roots_of_numbers_stand_where_they_read_best() -> None:
    assert "exp(−x²/2)/√(2 π)" in str(sg.explain("e^(-x^2/2)/sqrt(2pi)", "x"))
    assert "= 1/√(2 x)" in str(sg.explain("sqrt(2x)", "x"))
