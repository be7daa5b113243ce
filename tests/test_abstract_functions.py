"""Pages about abstract functions: the notes' lines, every form, nothing guessed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sympy as sp
from lxml import etree

from symgrad import explain, hessian, render
from symgrad.abstract_functions import abstract_functions, formals, lettered
from symgrad.formulas import formula
from symgrad.graph import Graph, Stage
from symgrad.renderers.json import dump, load
from symgrad.renderers.mathml_core import math
from symgrad.renderers.notation import layout, notation_of
from symgrad.renderers.plain import plain
from symgrad.renderers.tex import tex
from symgrad.symbols import Abstract, Chain, Partial, Total, symbol

SNAPSHOTS = Path(__file__).parent / "snapshots"
t, x, y, z, u_1 = (symbol(name) for name in ("t", "x", "y", "z", "u_1"))

NOTES = formula("z = f(x, y); y = g(x); x = k(t)")
BY_X = formula("z = f(x, y); y = g(x)")


def lines_of(page: object) -> list[str]:
    """The lines of a page as text, without numbers, reasons and indents."""
    found = []
    for line in str(page).splitlines():
        line = re.sub(r"^\s*\d+(\.\d+)*  ", "", line)
        found.append(re.split(r"\s{3,}", line.strip())[0])
    return found


# --- the notes, line by line ------------------------------------------------------

NOTES_LINES = {
    ("x", "notes"): [
        "∂z/∂x = ∂f/∂x × ∂x/∂x + ∂f/∂y × ∂y/∂x",
        "= ∂f/∂x + ∂f/∂y × ∂y/∂x",
    ],
    ("t", "notes"): ["∂z/∂t = ∂f/∂x × ∂x/∂t + ∂f/∂y × ∂y/∂x × ∂x/∂t"],
    ("x", "textbook"): ["dz/dx = ∂f/∂x + ∂f/∂y · dy/dx"],
    ("t", "textbook"): ["dz/dt = ∂f/∂x · dx/dt + ∂f/∂y · dy/dx · dx/dt"],
}


@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
@pytest.mark.parametrize(("name", "notation"), NOTES_LINES)
def test_the_lines_of_the_notes(name: str, notation: str, detail: str) -> None:
    page = explain(NOTES, name, notation=notation, detail=detail)
    lines = lines_of(page)
    wanted = NOTES_LINES[name, notation]
    place = lines.index(wanted[0])
    assert lines[place : place + len(wanted)] == wanted
    if notation == "textbook":
        assert not any("x/∂x" in line or "dx/dx" in line for line in lines)
    assert page.checks[0][0].startswith("✓")
    assert page.checks[0][0].endswith("filled in at random (f, g, k)")


def test_the_step_of_the_notes_as_data() -> None:
    step = explain(BY_X, "x", notation="notes").sections[1].steps[0]
    first, second = step.lines
    by_x, by_y, inner = Partial(z, x), Partial(z, y), Partial(y, x)
    whole = [Chain(by_x, Total(x, x)), Chain(by_y, inner)]
    assert sorted(first.expr.args, key=str) == sorted(whole, key=str)
    assert set(second.expr.args) == {by_x, Chain(by_y, inner)}
    assert second.reason == ("as ", Total(x, x), " = 1")


def pages() -> dict[str, str]:
    """file name -> what stands in it: all four pages as text, one in every format."""
    found = {
        f"general_chain_rule_{name}_{kind}.txt": str(
            explain(NOTES, name, notation=kind)
        )
        for name, kind in NOTES_LINES
    }
    page = explain(BY_X, "x", notation="notes")
    for suffix, format_name in (("tex", "latex"), ("md", "markdown")):
        found[f"general_chain_rule.{suffix}"] = render(page, format_name)
    found["general_chain_rule.mathml"] = render(page, "mathml")
    return found


@pytest.mark.parametrize("name", pages())
def test_pages_are_as_they_were_read(name: str) -> None:
    text = (SNAPSHOTS / name).read_text(encoding="utf-8")
    assert pages()[name] == text


@pytest.mark.parametrize("notation", ["textbook", "notes"])
@pytest.mark.parametrize("source", ["z = f(x, y); y = g(x)", "z = f(x, x^2) + φ(x)"])
def test_pages_are_stored_and_read_back(source: str, notation: str) -> None:
    page = explain(source, "x", notation=notation, detail="full")
    again = load(dump(page))
    assert again == page
    for format_name in ("text", "latex", "mathml", "html", "markdown"):
        assert render(again, format_name) == render(page, format_name)


# --- what is not said -------------------------------------------------------------


@pytest.mark.parametrize("notation", ["textbook", "notes"])
@pytest.mark.parametrize(
    "source",
    [
        "z = f(x, y); y = g(x)",
        "z = f(x, y); y = h(x, t); x = k(t)",
        "z = f(x, y)",
        "z = f(y); y = g(x)",
        "z = f(x, y); y = sin(x)*g(x)",
        "z = f(u, v); u = g(x, y); v = h(x, y)",
    ],
)
@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
def test_no_line_says_that_something_is_itself(
    source: str, notation: str, detail: str
) -> None:
    page = explain(source, detail=detail, notation=notation)
    assert page.checks[0][0].startswith("✓")
    before = ""
    for line in lines_of(page):
        left, equals, right = line.partition(" = ")
        assert not equals or left != right, line
        if line.startswith("= "):
            assert line.removeprefix("= ") != before.partition("= ")[2], line
        before = line


def test_a_direct_path_is_told_once() -> None:
    page = explain("z = f(x, y)", "x")
    assert lines_of(page).count("∂z/∂x = ∂f/∂x") == 1


# --- forms ------------------------------------------------------------------------


def f(*orders: int):
    return lambda *arguments: Abstract("f", orders, *arguments)


def g(*orders: int):
    return lambda *arguments: Abstract("g", orders, *arguments)


FORMS = {
    "value": (f(0, 0)(x, y), "f(x, y)", "f(x, y)"),
    "first": (f(1, 0)(x, y), "∂f/∂x", r"\frac{\partial f}{\partial x}"),
    "second": (f(0, 2)(x, y), "∂²f/∂y²", r"\frac{\partial^{2}f}{\partial y^{2}}"),
    "mixed": (
        f(1, 1)(x, y),
        "∂²f/∂x∂y",
        r"\frac{\partial^{2}f}{\partial x\partial y}",
    ),
    "one argument": (
        g(1)(x),
        "dg/dx",
        r"\frac{\mathrm{d}g}{\mathrm{d}x}",
    ),
    "elsewhere": (
        f(1, 0)(2 * t, y),
        "(∂f/∂x)(2 t, y)",
        r"\biggl(\frac{\partial f}{\partial x}\biggr)(2\,t, y)",
    ),
    "at other names": (
        f(1, 0)(y, x),
        "∂ f(y, x)/∂y",
        r"\frac{\partial\,f(y, x)}{\partial y}",
    ),
    "square": (f(0, 0)(x, y) ** 2, "f(x, y)²", "f(x, y)^{2}"),
    "square of a derivative": (
        g(1)(x) ** 2,
        "(dg/dx)²",
        r"\biggl(\frac{\mathrm{d}g}{\mathrm{d}x}\biggr)^{2}",
    ),
    "no names, slots": (
        Abstract("F", (1, 0), x, x),
        "∂_1 F(x, x)",
        r"\partial _{1}\,F(x, x)",
    ),
    "no names, slots twice": (
        Abstract("F", (2, 1), x, x),
        "∂_1² ∂_2 F(x, x)",
        r"\partial _{1}^{2}\,\partial _{2}\,F(x, x)",
    ),
    "no names, primes": (Abstract("φ", (2,), x**2), "φ″(x²)", r"{\phi''}(x^{2})"),
    "many primes": (
        Abstract("G", (4,), x**2),
        "∂_1⁴ G(x²)",
        r"\partial _{1}^{4}\,G(x^{2})",
    ),
    "two of them": (
        f(1, 0)(t, t) * f(0, 1)(t, t),
        "(∂f/∂x)(t, t) · (∂f/∂y)(t, t)",
        None,
    ),
    "partial of the function": (Partial(z, x), "∂f/∂x", None),
    "partial of one argument": (Partial(y, x), "dy/dx", None),
    "total": (Total(z, x), "dz/dx", None),
}


@pytest.mark.parametrize("case", FORMS)
def test_forms(case: str) -> None:
    expr, text, latex = FORMS[case]
    node = layout(expr, notation_of(NOTES))
    assert plain(node) == text
    assert latex is None or tex(node) == latex
    assert tex(node).isascii()
    assert "U2202" not in tex(node)
    etree.fromstring(math(node))


@pytest.mark.parametrize("case", FORMS)
def test_the_notes_have_no_d(case: str) -> None:
    node = layout(FORMS[case][0], notation_of(NOTES, "notes"))
    assert not re.search(r"\bd[²³]?\w", plain(node))


AMBIGUOUS = {
    "two orders of names": (
        f(0, 0)(x, y) - f(0, 0)(y, x),
        f(1, 0)(y, x),
        "∂ f(y, x)/∂y",
    ),
    "name and power": (g(0)(x) + g(0)(x**2), g(1)(x), "d g(x)/dx"),
    "power": (g(0)(x) + g(0)(x**2), g(1)(x**2), "g′(x²)"),
    "twice": (f(0, 0)(x, x), f(0, 1)(x, x), "∂_2 f(x, x)"),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_no_name_stands_for_two_slots(case: str) -> None:
    expr, shown, text = AMBIGUOUS[case]
    graph = Graph((Stage(z, expr),), (z,), (x, y))
    assert plain(layout(shown, notation_of(graph))) == text
    assert not lettered(graph)
    assert Partial(z, y).name == "∂z/∂y"
    assert plain(layout(Partial(z, x), notation_of(graph))) in ("∂z/∂x", "dz/dx")


STRINGS = {
    "value": (f(0, 0)(x, y), "f(x, y)"),
    "first": (f(1, 0)(x, y), "∂f(x, y)/∂x"),
    "mixed": (f(2, 1)(x, y), "∂³f(x, y)/∂x²∂y"),
    "one argument": (g(2)(x), "d²g(x)/dx²"),
    "slots": (f(2, 1)(x, x), "∂_1²∂_2 f(x, x)"),
}


@pytest.mark.parametrize("case", STRINGS)
def test_python_shows_them(case: str) -> None:
    expr, text = STRINGS[case]
    assert str(expr) == repr(expr) == text


# --- the facts behind -------------------------------------------------------------


def test_functions_names_and_letters_of_a_graph() -> None:
    assert [str(part) for part in abstract_functions(NOTES)] == [
        "k(t)",
        "g(x)",
        "f(x, y)",
    ]
    assert formals(NOTES) == {("f", 2): (x, y), ("g", 1): (x,), ("k", 1): (t,)}
    assert list(lettered(NOTES)) == [z]


def test_a_graph_without_them_has_none() -> None:
    graph = formula("tanh(w*x + b)")
    assert not abstract_functions(graph)
    assert not formals(graph)
    assert "at random" not in explain(graph).checks[0][0].partition("points")[2]


@pytest.mark.parametrize("notation", ["textbook", "notes"])
def test_a_stage_called_as_its_function(notation: str) -> None:
    """f = f(x, y): the total of the variable is not the partial of the function."""
    graph = Graph(
        (Stage(y, g(0)(x)), Stage(symbol("f"), f(0, 0)(x, y))), (symbol("f"),), (x,)
    )
    lines = lines_of(explain(graph, "x", notation=notation))
    d, dot = ("d", "·") if notation == "textbook" else ("∂", "×")
    assert f"{d}f/{d}x = (∂f/∂x)_y + ∂f/∂y {dot} {d}y/{d}x" in lines
    assert "(∂f/∂x)_y = ∂ f(x, y)/∂x" in lines


# --- second derivatives -----------------------------------------------------------


def test_second_derivatives_on_a_page() -> None:
    page = explain(hessian("z = f(x, y)"))
    assert page.checks[0][0].startswith("✓")
    lines = lines_of(page)
    for line in (
        "∂²z/∂x² = ∂²f/∂x²",
        "∂²z/∂y∂x = ∂²f/∂x∂y",
        "∂²z/∂x∂y = ∂²z/∂y∂x",
        "∂²z/∂y² = ∂²f/∂y²",
    ):
        assert line in lines


def test_second_derivative_along_the_chain() -> None:
    """d²z/dx² = ∂²f/∂x² + 2 ∂²f/∂x∂y·y' + ∂²f/∂y²·y'² + ∂f/∂y·y''."""
    found = hessian(BY_X, "x").closed_form(("x", "x"))
    inner, one, two = g(0)(x), g(1)(x), g(2)(x)
    parts = {
        orders: f(*orders)(x, inner) for orders in ((2, 0), (1, 1), (0, 2), (0, 1))
    }
    expected = (
        parts[2, 0] + 2 * parts[1, 1] * one + parts[0, 2] * one**2 + parts[0, 1] * two
    )
    assert sp.expand(found - expected) == 0
    page = explain(hessian(BY_X, "x"), detail="full")
    assert page.checks[0][0].startswith("✓")
