"""What a page says of the places where branches meet, against limits from both sides.

The oracle shares no code: it takes one-sided values and difference quotients of a
Python function with mpmath.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as M
import pytest

import symgrad as sg

JUMP = "the values differ: a jump, and no derivative there"
KINK = "the slopes differ: a kink, and no derivative there"
SMOOTH = "values and slopes agree: the derivative exists there"
POINT = "a single point, the slope is that of its branch"
OPEN = "the derivative exists only where the branches agree in value and slope"

ROWS: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("x^2 if x < 1 else 2x + 5", "1", lambda x: x**2 if x < 1 else 2 * x + 5),
    ("x^2 if x < 1 else 2x - 1", "1", lambda x: x**2 if x < 1 else 2 * x - 1),
    ("x if x > 0 else -x", "0", lambda x: x if x > 0 else -x),
    ("1 if x > 0 else 0", "0", lambda x: M.mpf(x > 0)),
    ("x if |x| < 1 else 1", "−1", lambda x: x if abs(x) < 1 else M.mpf(1)),
    ("x if |x| < 1 else 1", "1", lambda x: x if abs(x) < 1 else M.mpf(1)),
    (
        "x^2/2 if |x| ≤ 1 else |x| - 1/2",
        "−1",
        lambda x: x**2 / 2 if abs(x) <= 1 else abs(x) - M.mpf(1) / 2,
    ),
    (
        "x^3 if x <= 1 else 3x - 2 if 2x < 4 else x^2",
        "2",
        lambda x: x**3 if x <= 1 else 3 * x - 2 if x < 2 else x**2,
    ),
    ("sin(x) if x < pi else x - pi", "π", lambda x: M.sin(x) if x < M.pi else x - M.pi),
    ("x^2 if x != 2 else 5", "2", lambda x: x**2 if x != 2 else M.mpf(5)),
]
NAMES = [f"{text} at {place}" for text, place, _ in ROWS]


def kind_of(function: Callable[[Any], Any], place: Any) -> str:
    """Judge a place by the function a little to both sides of it."""
    step = M.mpf("1e-15")
    low, at, high = (function(place + shift) for shift in (-step, 0, step))
    if max(abs(low - at), abs(high - at)) > M.mpf("1e-12"):
        return JUMP
    slopes = (at - low) / step, (high - at) / step
    return KINK if abs(slopes[0] - slopes[1]) > M.mpf("1e-12") else SMOOTH


@pytest.mark.parametrize(("text", "place", "function"), ROWS, ids=NAMES)
def test_a_page_says_what_becomes_of_the_derivative(
    text: str, place: str, function: Callable[[Any], Any]
) -> None:
    with M.workdps(40):
        number = +M.pi if place == "π" else M.mpf(place.replace("−", "-"))
        kind = kind_of(function, number)
    page = " ".join(str(sg.explain(text, "x", check=False)).split())
    assert f"at x = {place} {kind}" in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(exp(x) - 1)/x if x != 0 else 1", f"at x = 0, {POINT}"),
        ("x^2 if x != 2 else 4", f"at x = 2, {POINT}"),
        ("x*y if x < y else x^2", f"at x = y {OPEN}"),
        ("a*x if x > 0 else x", f"at x = 0 {OPEN}"),
        ("log(x) if x > 0 else 0", f"at x = 0 {OPEN}"),
        ("sqrt(x) if x >= 0 else sqrt(-x)", f"at x = 0 {OPEN}"),
        ("x if sin(x) > 0 else 0", f"at sin(x) = 0 {OPEN}"),
        ("u if u > 0 else 0; u = w*x - 2", f"at u = 0 {KINK}"),
    ],
)
def test_a_place_that_is_not_decided_says_what_must_hold(text: str, said: str) -> None:
    page = " ".join(str(sg.explain(text, check=False)).split())
    assert said in page


def test_a_choice_of_many_cases_names_no_place() -> None:
    text = ", ".join(f"({k}x, x < {k})" for k in range(1, 9))
    page = str(sg.explain(f"piecewise({text}, (x^2, true))", "x", check=False))
    assert "where branches meet" in page and "at x =" not in page


def test_a_pole_in_another_condition_is_left_open() -> None:
    text = "piecewise((x, x < 1), (x^2, 1/(x - 1) > 0), (3, true))"
    page = str(sg.explain(text, "x"))
    assert "where branches meet" in page and "x = 1: a jump" not in page


def test_a_place_that_is_a_name_is_left_open() -> None:
    page = str(sg.explain("x if |x| < t else 2x - t", "x"))
    assert "where branches meet" in page
