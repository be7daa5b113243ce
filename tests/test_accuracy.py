"""What docs/accuracy.md says holds, and it has a row for every function.

The first points of each row are computed anew. The one rule kept here: twice the
number of the page and one unit more are allowed, as versions and processors differ.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
KEPT = 8


def _script():
    """benchmarks/accuracy.py as a module."""
    path = ROOT / "benchmarks" / "accuracy.py"
    spec = importlib.util.spec_from_file_location("accuracy_script", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ACCURACY = _script()
FUNCTIONS = [*ACCURACY.FUNCTIONS, "power"]


def _page():
    """(part, precision) -> function -> column -> what the page says."""
    text = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    tables = {}
    for section in re.split(r"^## ", text, flags=re.MULTILINE):
        found = re.match(r"(\w+), (\w+) precision\n", section)
        if found is None:
            continue
        head, _, *rows = (
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in section.splitlines()
            if line.startswith("|")
        )
        tables[found[1].lower(), found[2]] = {
            row[0].strip("`*\\"): dict(zip(head[2:], row[2:], strict=True))
            for row in rows
        }
    return tables


PAGE = _page()


@pytest.mark.parametrize("part", ACCURACY.PARTS)
@pytest.mark.parametrize("precision", ACCURACY.REALS)
def test_every_function_has_a_row(part, precision):
    known = {name for name in FUNCTIONS if part == "value" or name in ACCURACY.SLOPES}
    assert {*PAGE[part, precision]} == known | {*ACCURACY.FAST}


@pytest.mark.parametrize("column", ["numpy", "math", "llvm"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_errors_are_within_those_of_the_page(name, column):
    package = {"llvm": "llvmlite", "numpy": "scipy"}.get(column)
    if package:
        pytest.importorskip(package, reason=f"{package} is not installed")
    for precision in ACCURACY.REALS:
        found = ACCURACY.measured(name, column, precision, KEPT)
        for part, pair in zip(ACCURACY.PARTS, found or (), strict=False):
            said = ACCURACY.number(PAGE[part, precision][name][column])
            assert said is not None, "the page has no number"
            assert pair[0] <= 2 * said + 1, (part, precision, pair)


@pytest.mark.parametrize("name", ["exp", "sin", "atan2", "erf"])
def test_an_error_that_grows_is_seen(name, monkeypatch):
    """What is wrong in the sixth digit is beyond every row of machine code."""
    pytest.importorskip("llvmlite", reason="llvmlite is not installed")
    called = ACCURACY.called
    monkeypatch.setattr(
        ACCURACY, "called", lambda *a: [one * (1 + 1e-6) for one in called(*a)]
    )
    value = ACCURACY.measured(name, "llvm", "double", KEPT)[0]
    assert value[0] > 2 * ACCURACY.number(PAGE["value", "double"][name]["llvm"]) + 1
