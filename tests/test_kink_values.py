"""What a page says of a kink or an edge is what the programs give there.

The values are those of the conventions of the notes, worked out by hand: 0 for |x|, one
half for each side of a tie, the branch that its condition selects.
"""

from __future__ import annotations

import math
import warnings

import pytest

import symgrad as sg

TAKEN = "is taken as 0"
HALF = "counts one half"
BRANCH = "the branch that its condition selects"
NAN, INF = math.nan, math.inf
# formula, the kink, the value of its derivative, words of its note
ROWS = [
    ("abs(x)", 0, 0.0, TAKEN),
    ("x*abs(x)", 0, 0.0, TAKEN),
    ("abs(x - 2)", 2, 0.0, TAKEN),
    ("abs(x)^3", 0, 0.0, TAKEN),
    ("abs(sin(x))", 0, 0.0, TAKEN),
    ("exp(abs(x))", 0, 0.0, TAKEN),
    ("abs(x) + abs(x - 1)", 1, 1.0, TAKEN),
    ("3*abs(x) + 5*x", 0, 5.0, TAKEN),
    ("sign(x)", 0, 0.0, TAKEN),
    ("x*sign(x)", 0, 0.0, TAKEN),
    ("relu(x)", 0, 0.0, "relu at 0 " + TAKEN),
    ("relu(x - 1)", 1, 0.0, "relu at 0 " + TAKEN),
    ("relu(x)^2", 0, 0.0, TAKEN),
    ("relu(1 - x)", 1, 0.0, TAKEN),
    ("leaky_relu(x)", 0, 0.01, "leaky_relu at 0 is taken as 1/100"),
    ("leaky_relu(2*x)", 0, 0.02, "is taken as 1/100"),
    ("max(x, 0)", 0, 0.5, HALF),
    ("min(x, 0)", 0, 0.5, HALF),
    ("max(x, 2*x)", 0, 1.5, HALF),
    ("min(x, x^2)", 1, 1.5, HALF),
    ("max(x, -x)", 0, 0.0, HALF),
    ("x*max(x, 1)", 1, 1.5, HALF),
    ("clip(x, -1, 1)", 1, 0.5, HALF),
    ("clip(x, -1, 1)", -1, 0.5, HALF),
    ("hardtanh(x)", 1, 0.5, HALF),
    ("relu6(x)", 6, 0.5, HALF),
    ("floor(x)", 1, 0.0, "floor jumps at the integers"),
    ("x*floor(x)", 2, 2.0, "floor jumps at the integers"),
    ("ceiling(x)", 1, 0.0, "ceiling jumps at the integers"),
    ("frac(x)", 1, 1.0, "is taken as 1"),
    ("Heaviside(x)", 0, 0.0, "the step function jumps at 0"),
    ("x*Heaviside(x)", 0, 0.5, "the step function jumps at 0"),
    ("x^2 if x < 1 else 2*x - 1", 1, 2.0, BRANCH),
    ("x if x >= 0 else -x", 0, 1.0, BRANCH),
    ("x if x > 0 else -x", 0, -1.0, BRANCH),
    ("x^1.5", 0, 0.0, "needs x ≥ 0"),
    ("sqrt(x)", 0, INF, "no derivative at x = 0 (in numbers inf)"),
    ("sqrt(x^2)", 0, NAN, "needs"),
    ("cbrt(x)", 0, INF, "the cube root has no derivative at 0 (in numbers inf)"),
    ("x^(2/3)", 0, INF, "(in numbers inf)"),
    ("hypot(x, 0)", 0, NAN, "no derivative at (0, 0)"),
    ("sin(x)/x", 0, NAN, "the quotient needs x ≠ 0"),
    ("asin(x)", 1, INF, "no derivative at x = ±1 (in numbers inf)"),
    ("acos(x)", -1, -INF, "no derivative at x = ±1"),
    ("acosh(x)", 1, INF, "no derivative at x = 1 (in numbers inf)"),
    ("log(x)", -1, NAN, "log needs x > 0"),
    ("sqrt(x)", -1, NAN, "needs x ≥ 0"),
    ("asin(x)", 2, NAN, "asin needs −1 ≤ x ≤ 1"),
]
NAMES = [f"{text} at {point}" for text, point, *_ in ROWS]


def same(found: float, wanted: float) -> bool:
    """Equal to the last digits; nan like nan, infinite like infinite."""
    if math.isnan(wanted):
        return math.isnan(found)
    return math.isclose(found, wanted, rel_tol=1e-15, abs_tol=0.0)


@pytest.mark.parametrize(("text", "point", "value", "words"), ROWS, ids=NAMES)
def test_the_page_notes_the_kink_and_shows_the_value(
    text: str, point: float, value: float, words: str
) -> None:
    page = sg.explain(text, "x", at={"x": point}, detail="full", check=False)
    assert words in " ".join(str(page).split())
    *_, last = (step for section in page.sections for step in section.steps)
    shown_value = last.lines[-1].value
    assert shown_value is not None
    if math.isfinite(value):
        assert same(shown_value, value)
    else:  # a page has no number there
        assert not math.isfinite(shown_value)


@pytest.mark.parametrize("backend", ["numpy", "math", "llvm"])
@pytest.mark.parametrize(("text", "point", "value", "words"), ROWS, ids=NAMES)
def test_the_programs_give_the_value_of_the_page(
    text: str, point: float, value: float, words: str, backend: str
) -> None:
    if backend == "llvm":
        pytest.importorskip("llvmlite", reason="llvmlite is not installed")
    f = sg.lambdify(text, "x", backend=backend)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, (slope,) = f(float(point))
    assert same(float(slope), value)


def test_no_number_is_shown_for_a_derivative_where_the_function_has_none() -> None:
    """1/x has a number at −1, log(x) neither a value nor a derivative."""
    shown = str(sg.explain("log(x)", "x", at={"x": -1.0}, check=False))
    assert "≈ nan" in shown and "1/(−1)" not in shown
