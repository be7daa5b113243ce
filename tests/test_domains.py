"""What a page says on domains: each once, only where something can go wrong."""

from __future__ import annotations

import math
import re

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
    "log(x)/x": ["log needs x > 0"],
    "x^x": ["x > 0 is needed"],
    "w^x": ["w > 0 is needed"],
    "2^x": [],
    "x^w": ["the power needs x > 0, unless w is a whole number"],
    "x^2": [],
    "x^2.0": [],
    "x^(1/4)": ["the power needs x ≥ 0; no derivative at x = 0 (in numbers inf)"],
    "x^(3/2)": ["the power needs x ≥ 0"],
    "x^(-1/2)": ["the power needs x > 0"],
    "sqrt(x)": ["the square root needs x ≥ 0; no derivative at x = 0 (in numbers inf)"],
    "sqrt(x)*x^(1/4)": [
        "the square root needs x ≥ 0; no derivative at x = 0 (in numbers inf)"
    ],
    "log(x^2 + 1) + sqrt(x^2 + 1)": [],
    "asin(x)": ["asin needs −1 ≤ x ≤ 1; no derivative at x = ±1 (in numbers inf)"],
    "acosh(x)": ["acosh needs x ≥ 1; no derivative at x = 1 (in numbers inf)"],
    "cbrt(x)": ["the cube root has no derivative at 0 (in numbers inf)"],
    "besselj(2, x)": ["the Bessel function J needs an argument > 0, or a whole order"],
    "elliptic_k(x)": ["the elliptic integral K needs x < 1"],
    "gamma(x)": ["the gamma function needs x ≠ 0, −1, −2, …"],
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


AT_EDGES = {
    **{"sqrt(x)": [0.0], "cbrt(x)": [0.0], "x^(2/3)": [0.0], "x^(1/4)": [0.0]},
    **{"asin(x)": [1.0, -1.0], "acos(x)": [1.0, -1.0], "acosh(x)": [1.0]},
    **{"asec(x)": [1.0, -1.0], "acsc(x)": [1.0, -1.0], "asech(x)": [1.0]},
    **{"acot(x)": [0.0], "LambertW(x)": [-1 / math.e], "elliptic_e(x)": [1.0]},
    **{"hypot(x, y)": [0.0], "atan2(x, y)": [0.0], "relu(x)": [0.0], "|x|": [0.0]},
}
NUMBER = re.compile(r"\(in numbers (\S+)\)|is taken as (\d)")


@pytest.mark.parametrize("text", AT_EDGES)
def test_the_page_says_the_number_that_the_program_gives_at_an_edge(text: str) -> None:
    page = str(sg.explain(text, "x", check=False))
    told = NUMBER.findall(" ".join(page.split()))
    assert len(told) == 1, page
    number = float("".join(told[0]).replace("−", "-"))
    f = sg.lambdify(text, "x", backend="scipy")
    for x in AT_EDGES[text]:
        _, (slope,) = f(**{name: x if name == "x" else 0.0 for name in f.args})
        assert slope == number or (math.isnan(slope) and math.isnan(number))


@pytest.mark.parametrize("form", ["text", "latex", "mathml", "html", "markdown"])
def test_a_domain_names_the_function_as_it_is_printed(form: str) -> None:
    page = sg.render(sg.explain("elliptic_k(x)*besselj(2, x)", "x", check=False), form)
    said = [line for line in page.splitlines() if "needs" in line]
    assert said
    assert not any("elliptic_k" in line or "besselj" in line for line in said)


def test_a_domain_in_one_branch_implies_none_in_another() -> None:
    text = "sqrt(x) + piecewise((log(x), x > 1), (0, True))"
    page = str(sg.explain(text, "x", check=False))
    assert "needs x ≥ 0; no derivative at x = 0" in page
    assert "log needs x > 0" in page


@pytest.mark.parametrize("text", ["x^(1/3) + x^(-2/3)", "sqrt(x)*log(x)/x"])
def test_one_line_says_what_all_terms_need(text: str) -> None:
    notes = notes_of(sg.explain(text, "x", check=False))
    assert [note[-1] for note in notes] == [" > 0"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("product(1 + x^2/i^2, i, 1, n)", False),
        ("log(x) + sum(x/i, i, 1, n)", False),
        ("sum(x/i, i, a, n)", True),
    ],
)
def test_an_index_that_counts_from_one_is_not_0(text: str, said: bool) -> None:
    assert ("i ≠ 0" in str(sg.explain(text, "x", detail="full"))) is said
