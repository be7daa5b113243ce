"""A bar where one waits for more than a second, on a terminal and nowhere else."""

from __future__ import annotations

import io

import pytest

import symgrad as sg
from symgrad import progress
from symgrad.progress import watched


class Screen(io.StringIO):
    def isatty(self):
        return True


def ticking(step):
    """A clock that is ``step`` seconds later whenever it is asked."""
    now = [0.0]

    def clock():
        now[0] += step
        return now[0]

    return clock


def test_what_takes_long_gets_a_bar_that_goes_away():
    screen = Screen()
    assert list(watched("abcd", "letters", screen, ticking(0.6))) == list("abcd")
    shown = screen.getvalue()
    assert "2 of 4 letters" in shown and "━" in shown
    assert shown.startswith("\r") and shown.endswith("\r\x1b[K")


@pytest.mark.parametrize(
    ("stream", "step"),
    [(Screen(), 0.001), (io.StringIO(), 5.0)],
    ids=["fast", "no terminal"],
)
def test_nothing_is_written_where_none_is_wanted(stream, step):
    assert list(watched([1, 2, 3], "numbers", stream, ticking(step))) == [1, 2, 3]
    assert stream.getvalue() == ""


def test_the_bar_goes_when_the_work_breaks_off():
    screen = Screen()
    items = watched(range(9), "items", screen, ticking(1.0))
    for item in items:
        if item == 4:
            items.close()
    assert screen.getvalue().endswith("\r\x1b[K")


USES = {
    "checks of a page": lambda: sg.explain("sin(x)*exp(x)*x"),
    "check_gradient": lambda: sg.check_gradient("x*y*z + sin(x*y)"),
}


@pytest.mark.parametrize("name", USES)
def test_the_long_works_are_watched(name, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    USES[name]()
    assert " of " in screen.getvalue()
