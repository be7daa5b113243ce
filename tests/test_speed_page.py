"""The page of speed is made from results of the suite, goals judged as they fell."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parent.parent
OURS = "symgrad, llvm, out="


@pytest.fixture
def page(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("speed_page")


def results(*times):
    """One run of the batch for each thread count: ours, C, numpy's and lambdify's."""
    names = (OURS, "C by hand", "symgrad, numpy, out=", "sympy.lambdify, cse")
    runs = [
        {"work": "batch", "title": "<partials>", "unit": "ns", "threads": k + 1,
         "times": {n: [t, t, t] for n, t in zip(names, each, strict=True)}}
        for k, each in enumerate(times)
    ]  # fmt: skip
    return {"machine": "M", "versions": "V", "date": "2026-01-02", "runs": runs}


def test_page_and_picture_are_written_anew(page, tmp_path):
    shutil.copy(ROOT / "docs" / "speed.md", tmp_path)
    given = results((4, 5, 20, 30), (2, 5, 10, 30))
    for _ in range(2):
        written = page.write(given, "| A |", tmp_path).read_text(encoding="utf-8")
    assert "\nM; V. 2026-01-02.\n<!-- end of machine -->" in written
    assert "\n<!-- tables -->\n| A |\n<!-- end of tables -->" in written
    rows = [line for line in written.splitlines() if line.startswith("| <partials>")]
    assert [row.split(" | ")[2:] for row in rows] == [
        ["1.25 ×", "reached |"],
        ["1.50 ×, 3.00 ×", f"in part: {page.NO_STREAM} |"],
    ]
    tree = ElementTree.parse(tmp_path / "speed.svg")
    texts = [each.text for each in tree.iter() if each.tag.endswith("text")]
    assert [t for t in texts if t in (OURS, "C by hand")] == [OURS, "C by hand"]
    assert ("4.00" in texts, "30.0" in texts) == (True, True)


def test_a_page_without_marks_is_an_error(page, tmp_path):
    (tmp_path / "speed.md").write_text("nothing", encoding="utf-8")
    with pytest.raises(SystemExit, match="0 marks 'machine'; expected 1"):
        page.write(results((4, 5, 20, 30)), "", tmp_path)


def test_the_picture_in_the_docs_is_of_the_page(page):
    text = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    tree = ElementTree.parse(ROOT / "docs" / "speed.svg")
    numbers = [e.text for e in tree.iter() if e.get("font-size") == "10"]
    assert len(numbers) > 20
    for number in numbers:
        assert f"| {number} |" in text, number
