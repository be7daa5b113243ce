"""Word documents: the formulas are Word's own equations, and nothing is left out."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from lxml import etree
from sample_pages import nasty_page, notes_page

import symgrad as sg
from symgrad.renderers.word import render_word

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
PAGES = {
    "by hand": lambda: notes_page(numbers=True),
    "nasty names": nasty_page,
    "network": lambda: sg.explain(sg.network([2, 2, 1]), "w_111", detail="full"),
    "kinks": lambda: sg.explain("abs(x)*exp(-x^2)/sqrt(1+x^2) + max(x, 3*t)", "x"),
    "operators": lambda: sg.explain("sech(x)*besselj(2, x)", "x"),
}


def parts(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", PAGES)
def test_every_formula_is_an_equation_of_word(name):
    page = PAGES[name]()
    markdown = sg.render(page, "markdown")
    blocks = re.findall(r"^\$\$\n.*?\n\$\$$", markdown, re.S | re.M)
    rest = re.sub(r"^\$\$\n.*?\n\$\$$", "", markdown, flags=re.S | re.M)
    inline = re.findall(r"(?<!\\)\$.+?(?<!\\)\$", rest)
    files = parts(render_word(page))
    root = etree.fromstring(files["word/document.xml"])
    equations = root.findall(f".//{{{MATH}}}oMath")
    assert len(equations) == len(blocks) + len(inline)
    assert len(root.findall(f".//{{{MATH}}}oMathPara")) == len(blocks)
    words = "".join(root.itertext(f"{{{WORD}}}t"))
    assert name == "nasty names" or not re.search(r"[$\\]", words)
    tables = [section for section in page.sections if section.table is not None]
    assert len(root.findall(f".//{{{WORD}}}tbl")) == len(tables)
    pictures = [section for section in page.sections if section.picture is not None]
    images = [file for file in files if file.startswith("word/media/")]
    assert len(images) == len(pictures)


def test_rows_are_set_by_every_reader():
    """LibreOffice writes ∧ and ¿ where an aligned row has no left side."""
    files = parts(render_word(PAGES["network"]()))
    root = etree.fromstring(files["word/document.xml"])
    assert not root.findall(f".//{{{MATH}}}eqArr")
    matrices = root.findall(f".//{{{MATH}}}oMathPara//{{{MATH}}}m")
    assert len(matrices) == len(root.findall(f".//{{{MATH}}}oMathPara"))
    for row in (r for m in matrices for r in m.findall(f"{{{MATH}}}mr")):
        cells = ["".join(cell.itertext()) for cell in row]
        assert len(cells) == 3 and all(cells)
        assert cells[1][0] in "=≈\u2001"  # or a line that goes on


def test_the_picture_has_a_description():
    files = parts(render_word(PAGES["network"]()))
    assert b"A 2-2-1 network, drawn from the inputs" in files["word/document.xml"]


def test_the_same_page_gives_the_same_bytes():
    assert render_word(notes_page()) == render_word(notes_page())


def test_a_page_is_saved_by_its_suffix(tmp_path):
    path = notes_page().save(tmp_path / "page.docx")
    assert path.read_bytes()[:2] == b"PK"
    assert [file.name for file in tmp_path.iterdir()] == ["page.docx"]
