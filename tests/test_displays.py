"""What notebooks and terminals show of graphs, gradients and pages."""

from __future__ import annotations

import re

import pytest
from lxml import html

import symgrad as sg
from symgrad.cli import main
from symgrad.displays import MAX_ROWS
from symgrad.renderers.tree import MAX_TREE_LINES

CHAIN = "y = u_999;" + ";".join(
    f"u_{k} = sin({f'u_{k - 1}' if k else 'x'})" for k in range(1000)
)
SHOWN = {
    "graph": lambda: sg.network([2, 2, 1]),
    "gradient": lambda: sg.differentiate(sg.network([2, 2, 1])),
    "Jacobian": lambda: sg.jacobian(["p = x*y", "q = x + y"], ["x", "y"]),
    "Hessian": lambda: sg.hessian("x^2*sin(y)"),
    "page": lambda: sg.explain("x^2", check=False),
    "large graph": lambda: sg.network([8, 16, 16, 1]),
    "large gradient": lambda: sg.differentiate(sg.network([8, 16, 16, 1])),
    "deep graph": lambda: sg.formula(CHAIN),
    "deep gradient": lambda: sg.differentiate(CHAIN),
    "abstract": lambda: sg.differentiate("z = f(x, y); y = g(x)", "x"),
    "sum": lambda: sg.differentiate("sum(w*x_i, i, 1, n)", "w"),
}


@pytest.mark.parametrize("make", SHOWN.values(), ids=SHOWN)
def test_a_notebook_gets_html_latex_and_text(make):
    shown = make()._repr_mimebundle_(include=None, exclude=None)
    assert {"text/html", "text/latex", "text/plain"} <= set(shown)
    tree = html.fragment_fromstring(shown["text/html"], create_parent="div")
    assert tree.findall(".//math") and not tree.findall(".//script")
    assert "data-" not in re.sub("<svg.*</svg>", "", shown["text/html"], flags=re.S)
    assert shown["text/latex"].isascii()
    assert len(shown["text/html"]) < 600_000
    assert len(shown["text/plain"].splitlines()) <= MAX_TREE_LINES + 1


def test_a_gradient_shows_each_derivative_in_stage_names():
    shown = SHOWN["gradient"]()._repr_mimebundle_()
    lines = shown["text/plain"].splitlines()
    assert len(lines) == 9
    assert "∂y_hat/∂w_111 = w_311 x_1 (1 − f_1²)(1 − f_3²)" in lines
    assert r"\frac{\partial\hat{y}}{\partial w_{111}} &= " in shown["text/latex"]
    assert shown["text/html"].count("<p>") == 9


def test_rows_of_a_jacobian_are_told_apart():
    shown = SHOWN["Jacobian"]()._repr_mimebundle_()["text/plain"]
    assert shown.splitlines() == ["∂p/∂x = y", "∂p/∂y = x", "∂q/∂x = 1", "∂q/∂y = 1"]


def test_what_is_too_much_is_counted():
    shown = SHOWN["large gradient"]()._repr_mimebundle_()
    count = len(SHOWN["large gradient"]())
    assert shown["text/plain"].splitlines()[MAX_ROWS:] == [
        f"… and {count - MAX_ROWS} more"
    ]
    assert "= …" in SHOWN["deep gradient"]()._repr_mimebundle_()["text/plain"]
    assert str(SHOWN["deep graph"]()).endswith("… and 980 more stages")


def test_a_graph_is_shown_with_its_picture():
    assert SHOWN["graph"]()._repr_mimebundle_()["text/html"].startswith("<div><svg ")


def test_a_tree_writes_every_stage_once():
    lines = str(sg.network([2, 2, 2, 1])).splitlines()
    names = [line.split("─ ")[-1].split(" = ")[0] for line in lines if "=" in line]
    assert sorted(names) == ["f_2", "f_3", "f_4", "f_5", "y_hat"]
    assert [line for line in lines if "above" in line] == [
        "   ├─ f_4 (see above)",
        "   └─ f_5 (see above)",
    ]


def test_a_tree_of_several_outputs_begins_anew():
    lines = str(sg.formula(["p = u*x", "q = u + x", "u = x^2"])).splitlines()
    assert lines == ["p = x u", "└─ u = x²", "q = x + u", "└─ u (see above)"]


def test_the_tree_from_a_shell(capsys):
    assert main(["tree", "y = sin(u); u = x^2"]) == 0
    assert capsys.readouterr().out == "y = sin(u)\n└─ u = x²\n"
