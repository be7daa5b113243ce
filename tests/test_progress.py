"""A bar where one waits for more than a second, on a terminal and nowhere else."""

from __future__ import annotations

import io
import threading
import time

import pytest

import symgrad as sg
from symgrad import progress
from symgrad.progress import waiting, watched


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
    assert list(watched("abcd", "letters", stream=screen, clock=ticking(0.6))) == list(
        "abcd"
    )
    shown = screen.getvalue()
    assert "2 of 4 letters" in shown and "━" in shown
    assert shown.startswith("\r") and shown.endswith("\r\x1b[K")


@pytest.mark.parametrize(
    ("stream", "step"),
    [(Screen(), 0.001), (io.StringIO(), 5.0)],
    ids=["fast", "no terminal"],
)
def test_nothing_is_written_where_none_is_wanted(stream, step):
    assert list(watched([1, 2, 3], "numbers", stream=stream, clock=ticking(step))) == [
        1,
        2,
        3,
    ]
    assert stream.getvalue() == ""


def test_the_bar_goes_when_the_work_breaks_off():
    screen = Screen()
    items = watched(range(9), "items", stream=screen, clock=ticking(1.0))
    for item in items:
        if item == 4:
            items.close()
    assert screen.getvalue().endswith("\r\x1b[K")


def test_what_cannot_be_counted_has_its_seconds_told():
    screen = Screen()
    with waiting("writing a letter", stream=screen, patience=0.02):
        time.sleep(0.3)
    shown = screen.getvalue()
    assert "writing a letter: 0 s" in shown and shown.endswith("\r\x1b[K")
    quick, pipe = Screen(), io.StringIO()
    with waiting("a moment", stream=quick, patience=60.0):
        pass
    with waiting("a pipe", stream=pipe, patience=0.0):
        time.sleep(0.05)
    assert quick.getvalue() == pipe.getvalue() == ""
    assert not [t for t in threading.enumerate() if t.name == "symgrad waiting"]


PAGE = sg.explain("sin(x)*exp(x)*x", check=False)
USES = {
    "checks of a page": lambda: sg.explain("sin(x)*exp(x)*x"),
    "the writing of a page": lambda: sg.render(PAGE, "html"),
    "check_gradient": lambda: sg.check_gradient("x*y*z + sin(x*y)"),
}


@pytest.mark.parametrize("name", USES)
def test_the_long_works_are_watched(name, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    USES[name]()
    assert " of " in screen.getvalue()
