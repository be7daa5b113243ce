"""Special functions as formularies print them, in every format."""

import xml.etree.ElementTree as ET

import pytest

import symgrad as sg

SHOWN = {
    "besselj(2, x)": ("(J_1(x) − J_3(x))/2", r"J_{1}(x)", "J"),
    "bessely(n, x)": ("(Y_(n−1)(x) − Y_(n+1)(x))/2", r"Y_{n-1}(x)", "Y"),
    "besseli(1, x)": ("(I_0(x) + I_2(x))/2", r"I_{2}(x)", "I"),
    "besselk(0, x)": ("−K_1(x)", r"K_{1}(x)", "K"),
    "airyai(x)": ("Ai′(x)", r"{\operatorname{Ai}'}(x)", "Ai"),
    "airybiprime(x)": ("x Bi(x)", r"\operatorname{Bi}(x)", "Bi"),
    "gamma(x)": ("ψ(x) Γ(x)", r"\Gamma(x)", "Γ"),
    "loggamma(x)": ("log(Γ(x))", r"\Gamma(x)", "Γ"),
    "digamma(x)": ("ψ′(x)", r"{\psi'}(x)", "ψ"),
    "polygamma(4, x)": ("ψ^(5)(x)", r"\psi^{(5)}(x)", "ψ"),
    "beta(x, 2)": ("B(x, 2)(ψ(x) − ψ(x + 2))", r"\mathrm{B}(x, 2)", "B"),
    "LambertW(x)": ("exp(−W(x))/(W(x) + 1)", r"W(x)", "W"),
    "x*zeta(2)*zeta(a)": ("ζ(a)", r"\zeta(a)", "ζ"),
}


@pytest.mark.parametrize("formula", SHOWN)
def test_the_letters_of_formularies(formula: str) -> None:
    text, tex, letter = SHOWN[formula]
    page = sg.explain(formula, "x")
    assert text in str(page)
    assert tex in sg.render(page, "latex").replace(r"\,", " ").replace(
        "^{\\prime}", "'"
    ).replace(r"\mathopen{}", "")
    mathml = sg.render(page, "mathml")
    assert f">{letter}<" in mathml
    ET.fromstring(mathml)  # the page is XML


TAKEN = {
    "W": ("W*LambertW(x)", "LambertW(x)"),
    "psi": ("psi*digamma(x)", "digamma(x)"),
    "J_2": ("J_2*besselj(2, x)", "besselj(2, x)"),
    "an abstract function": ("ψ(t) + digamma(x)", "digamma(x)"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_letter_of_the_users_own_keeps_its_meaning(name: str) -> None:
    formula, shown = TAKEN[name]
    assert shown in str(sg.explain(formula, "x"))


def test_what_has_no_derivative_is_refused_and_has_a_value() -> None:
    for formula, by, name in (
        ("zeta(x)", "x", "zeta"),
        ("besselj(n, 2)", "n", "besselj"),
    ):
        with pytest.raises(sg.RuleError, match=f"^{name} has no derivative"):
            sg.explain(formula, by)
    assert sg.evaluate("zeta(x)", {"x": 2.0})["y"] == pytest.approx(1.6449340668482264)
