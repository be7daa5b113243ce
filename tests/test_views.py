"""Views of a derivative and the notations of books: what they say, and that it is true.

The oracle of the numbers is differences of the network written out by hand in mpmath.
"""

from __future__ import annotations

import re
from dataclasses import replace

import mpmath
import pytest

import symgrad as sg
from symgrad import arrangement, explanation
from symgrad.book_notations import BOOKS, in_book
from symgrad.chosen_views import NAMES
from symgrad.cli import main
from symgrad.numbers import steps_of

NOTES = sg.network([2, 2, 1])
LEAVES = [x.name for x in (*NOTES.inputs, *NOTES.parameters)]
AT = {name: 0.1 * (k + 1) * (-1) ** k for k, name in enumerate(LEAVES)}
SOURCES = {
    "the notes": lambda: NOTES,
    "2-1-2-1": lambda: sg.network([2, 1, 2, 1]),
    "relu, two outputs": lambda: sg.network([2, 3, 2], ["relu", "identity"]),
    "named": lambda: "L = tanh(u)*v; u = w*x + b; v = u^2",
    "formula": lambda: "x^2*sin(y)",
}


def slope(name: str) -> mpmath.mpf:
    """∂y_hat/∂name of the notes' network at AT."""

    def y_hat(value: mpmath.mpf) -> mpmath.mpf:
        v = {**{k: mpmath.mpf(x) for k, x in AT.items()}, name: value}
        f_3 = mpmath.tanh(v["w_111"] * v["x_1"] + v["w_121"] * v["x_2"] + v["b_1"])
        f_2 = mpmath.tanh(v["w_211"] * v["x_1"] + v["w_221"] * v["x_2"] + v["b_2"])
        return mpmath.tanh(v["w_311"] * f_3 + v["w_321"] * f_2 + v["b_3"])

    with mpmath.workdps(40):
        return mpmath.diff(y_hat, mpmath.mpf(AT[name]))


def checked(page: sg.Derivation) -> int:
    said = str(page)
    found = re.search(r"✓ (\d+) equalit", said)
    assert found and "left out" not in said, said.splitlines()[-3:]
    return int(found[1])


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("view", NAMES)
def test_every_view_is_recomputed_in_every_format(view: str, source: str) -> None:
    if view == "delta" and source in ("named", "formula"):
        with pytest.raises(sg.ArgumentValueError, match="weighted sum"):
            sg.explain(SOURCES[source](), views=[view])
        return
    page = sg.explain(SOURCES[source](), views=[view])
    assert checked(page) > 1
    for format in sg.RENDERERS:
        assert sg.render(page, format)


@pytest.mark.parametrize("view", NAMES)
def test_a_false_line_of_a_view_is_found(
    view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    real = arrangement.arranged

    def spoiled(*args):
        sections, hidden = real(*args)
        steps = [s for s in steps_of(sections) if s.rule != "definition"]
        seen.append((len(steps), len(hidden)))
        wrong = (steps or hidden)[-1]
        line = replace(wrong.lines[-1], expr=wrong.lines[-1].expr + 1)
        spoilt = replace(wrong, lines=(*wrong.lines[:-1], line))
        return sections, (*hidden, spoilt)

    monkeypatch.setattr(explanation, "arranged", spoiled)
    assert "✗" in str(sg.explain(NOTES, "w_111", views=[view]))
    assert sum(seen[0]) > 0


def test_views_stand_in_the_order_asked_for() -> None:
    page = sg.explain(NOTES, "w_111", views=["weights", "delta", "chain rule"])
    text = str(page)
    places = [text.index(t) for t in ("Weight by weight", "The δ of", "only through")]
    assert places == sorted(places)
    assert len(page.sections) == 4


def test_paths_of_a_deeper_network() -> None:
    page = sg.explain(sg.network([2, 1, 2, 1]), "w_111", views=["paths"])
    rows = page.sections[1].table.rows
    assert ["".join(map(str, row[0])) for row in rows] == [
        "w_111 → f_4 → f_3 → f_1",
        "w_111 → f_4 → f_2 → f_1",
    ]


def test_many_paths_are_counted() -> None:
    page = sg.explain(sg.network([2, 9, 9, 1]), "w_111", views=["paths"])
    assert "on 9 paths" in str(page)


@pytest.mark.parametrize("name", [x.name for x in NOTES.parameters])
def test_delta_gives_the_true_numbers(name: str) -> None:
    page = sg.explain(NOTES, name, views=["delta", "weights"], at=AT)
    line = page.sections[1].steps[-1].lines[-1]
    assert abs(line.value - slope(name)) < 1e-15
    cells = page.sections[2].table.rows[0]
    assert float(cells[3][0].replace("−", "-")) == pytest.approx(AT[name], rel=1e-4)
    assert float(cells[4][0].replace("−", "-")) == pytest.approx(
        float(slope(name)), rel=1e-4
    )


def test_delta_is_that_of_the_books() -> None:
    page = sg.explain(NOTES, views=["delta"], notation="nielsen")
    text = sg.render(page, "text", width=200)
    said = [" ".join(line.split()) for line in text.splitlines()]
    assert any(line.startswith("= w^3_11 delta^3_1 · (1 − (a^2_1)²)") for line in said)
    assert any(line.startswith("∂a^3_1/∂b^2_2 = delta^2_2") for line in said)
    assert any(line.startswith("∂a^3_1/∂w^2_21 = delta^2_2 · x_1") for line in said)


# --- notations ------------------------------------------------------------------------

NAMED = {
    "nielsen": {"w_121": "w^2_12", "b_2": "b^2_2", "f_3": "a^2_1", "w_321": "w^3_12"},
    "bishop": {"w_121": "w^(1)_12", "b_2": "w^(1)_20", "f_3": "z^(1)_1"},
    "goodfellow": {"w_121": "W^(1)_12", "b_2": "b^(1)_2", "f_3": "h^(1)_1"},
}


@pytest.mark.parametrize("book", BOOKS)
def test_names_of_a_book(book: str) -> None:
    names = {old.name: new.name for old, new in in_book(NOTES, book).names.items()}
    assert NAMED[book].items() <= names.items()
    assert len({*names.values()}) == len(names)


@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("source", ["the notes", "2-1-2-1", "relu, two outputs"])
def test_a_network_in_a_book_is_the_same_function(book: str, source: str) -> None:
    graph = SOURCES[source]()
    written = in_book(graph, book)
    at = {
        x.name: 0.3 + 0.1 * k for k, x in enumerate((*graph.inputs, *graph.parameters))
    }
    renamed = {written.given(name).name: value for name, value in at.items()}
    ours, theirs = sg.evaluate(graph, at), sg.evaluate(written.graph, renamed)
    for output in graph.outputs:
        assert theirs[written.names[output].name] == ours[output.name]


@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
def test_pages_in_the_notation_of_a_book(book: str, detail: str) -> None:
    page = sg.explain(NOTES, ["w_111", "b_3"], detail=detail, notation=book, at=AT)
    assert checked(page) > 1
    totals = {
        str(step.lhs): step.lines[-1].value
        for section in page.sections
        for step in section.steps
    }
    wanted = [float(slope(name)) for name in ("w_111", "b_3")]
    found = [value for value in totals.values() if value is not None]
    for value in wanted:
        assert min(abs(each - value) for each in found) < 1e-15
    assert "in the notes" in str(page)
    body = sg.render(page, "html").split("<body")[1]
    shown = re.sub(r'(?s)<(script|title|desc).*?</\1>|"[^"]*"', "", body)
    assert "<msubsup>" in shown and not re.search(r"\^\(?\d", shown)


@pytest.mark.parametrize("book", BOOKS)
def test_latex_has_layers_above_and_powers_outside(book: str) -> None:
    latex = sg.render(sg.explain(NOTES, "w_111", notation=book), "latex")
    layer = {
        "nielsen": "a^{2}_{1}",
        "bishop": "z^{(1)}_{1}",
        "goodfellow": "h^{(1)}_{1}",
    }
    assert rf"({layer[book]})^{{2}}" in latex
    assert not re.search(r"\^\{[^}]*\}_\{[^}]*\}\^", latex)


def test_large_layers_part_their_indices() -> None:
    names = in_book(sg.network([12, 11, 1]), "nielsen").names
    told = {old.name: new.name for old, new in names.items()}
    assert told["w_1_12_1"] == "w^2_1_12"
    assert told["w_11_1_1"] == "w^2_11_1"
    assert len({*told.values()}) == len(told)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: sg.explain("w*x", views=["pahts"]), "did you mean 'paths'"),
        (lambda: sg.explain("w*x", views=[]), "views is empty"),
        (lambda: sg.explain("w*x", views=3), "views is 3; expected a list"),
        (lambda: sg.explain("w*x", views=[3]), "unknown view 3"),
        (lambda: sg.explain("w*x", views={"paths"}), "expected a list"),
        (lambda: sg.explain("tanh(w*x)", notation="bishop"), "networks of layers"),
        (lambda: sg.explain(sg.hessian("x^2*y"), views=["paths"]), "leave views out"),
        (
            lambda: sg.explain(sg.implicit("x^2 + y^2 = 1", "y"), notation="nielsen"),
            "is that of networks",
        ),
        (lambda: sg.explain(sg.network([2, 30, 1]), views=["delta"]), "at most 24"),
    ],
)
def test_what_does_not_fit_is_refused(call, said: str) -> None:
    with pytest.raises(sg.SymgradError, match=re.escape(said)):
        call()


def test_the_command_line_takes_views(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notes", "-w", "b_1", "--view", "paths", "-v", "delta"]) == 0
    text = capsys.readouterr().out
    assert text.index("→") < text.index("The δ of")
    assert main(["network", "2", "1", "--notation", "bishop", "-v", "weights"]) == 0
    assert "w^(1)_10" in capsys.readouterr().out
