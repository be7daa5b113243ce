"""What a page says on domains: each once, only where something can go wrong."""

from __future__ import annotations

import pytest

import symgrad as sg
from symgrad.derivation import Step, Text

CASES = {
    "x/(w - x)": ["the quotient needs w − x ≠ 0"],
    "(x^2 + 1)/(w - 1)": ["the quotient needs w − 1 ≠ 0"],
    "x/(x^2 + 1)": [],
    "x/exp(x)": [],
    "x/(w - x)^2": ["the quotient needs w − x ≠ 0"],
    "1/x": ["the power needs x ≠ 0"],
    "a/x^3": ["the power needs x ≠ 0"],
    "log(x)/x": ["the quotient needs x ≠ 0", "log needs x > 0"],
    "x^x": ["x > 0 is needed"],
    "w^x": ["w > 0 is needed"],
    "2^x": [],
    "x^w": ["the power needs x > 0, unless w is a whole number"],
    "x^2": [],
    "x^2.0": [],
    "x^(1/4)": ["the power needs x ≥ 0, its derivative x > 0"],
    "x^(3/2)": ["the power needs x ≥ 0"],
    "x^(-1/2)": ["the power needs x > 0"],
    "sqrt(x)": ["sqrt needs x ≥ 0"],
    "log(x) + x*log(x)": ["log needs x > 0"],
}


def steps_of(steps: tuple[Step, ...]) -> list[Step]:
    found = []
    for step in steps:
        found += [step, *steps_of(step.substeps)]
    return found


def notes_of(page: sg.Derivation) -> list[Text]:
    steps = [s for section in page.sections for s in steps_of(section.steps)]
    return [note for step in steps for note in step.notes]


@pytest.mark.parametrize("detail", ["normal", "full"])
@pytest.mark.parametrize("text", CASES)
def test_a_page_says_its_domains_once(text: str, detail: str) -> None:
    page = sg.explain(text, "x", detail=detail)
    notes = notes_of(page)
    assert len(set(notes)) == len(notes)
    shown = [" ".join(line.split()) for line in str(page).splitlines()]
    for told in CASES[text]:
        assert shown.count(told) == 1, str(page)
    assert len(notes) == len(CASES[text])


def test_a_local_name_is_written_out() -> None:
    """u_1 of a step is no name of the user's."""
    text = str(sg.explain("w*(x + 2)^(-1)", "x", detail="normal"))
    assert "needs x + 2 ≠ 0" in text


@pytest.mark.parametrize("text", CASES)
def test_what_is_not_said_cannot_go_wrong(text: str) -> None:
    """Where a page names no domain, the derivative is finite everywhere tried."""
    if CASES[text]:
        return
    graph = sg.formula(text)
    f = sg.lambdify(graph, ["x"], backend="math")
    for value in (-7.0, -0.5, 0.0, 0.3, 12.0):
        point = {s.name: (value if s.name == "x" else 1.5) for s in graph.inputs}
        assert abs(float(f(**point)[1][0])) < 1e9


@pytest.mark.parametrize("power", ["Heaviside(3)", "sin(10)", "zeta(3)", "erfinv(0.5)"])
def test_a_power_of_any_constant_has_its_page(power: str) -> None:
    page = sg.explain(f"(x + 2)^({power})*y", "x", detail="full")
    assert "NOT TRUE" not in str(page)
    assert "recomputed" in str(page)
