"""LaTeX with pictures, and slides: a step a frame, nothing cut off at an edge."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from sample_pages import nasty_page

import symgrad as sg

POINT = {name: 0.3 for name in sg.network([2, 2, 1]).names if name[0] in "wbx"}
PAGES = {
    "the notes' network": lambda: sg.explain(
        sg.network([2, 2, 1]), ["w_111", "b_3"], detail="full", at=POINT
    ),
    "kinks": lambda: sg.explain("abs(x)*exp(-x^2)/sqrt(1+x^2) + max(x, 3*t)"),
}
TEX = pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is missing")


def steps_of(page):
    todo = [step for section in page.sections for step in section.steps]
    while todo:
        step = todo.pop()
        todo += step.substeps
        yield step


def compiled(source, tmp_path):
    (tmp_path / "page.tex").write_text(source, encoding="ascii")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=100,
    )
    log = (tmp_path / "page.log").read_text(encoding="latin-1")
    assert done.returncode == 0, log[-2000:]
    return log


@pytest.mark.parametrize("name", PAGES)
def test_every_numbered_step_has_a_frame_of_its_own(name):
    page = PAGES[name]()
    shown = sg.render(page, "beamer")
    wanted = [step.rule for step in steps_of(page) if step.rule != "definition"]
    frames = re.findall(r"\\frametitle\{[\d.]+\\quad (.*)\}", shown)
    assert sorted(frames) == sorted(wanted)
    assert shown.count(r"\begin{frame}") == shown.count(r"\end{frame}")
    assert shown.count(r"\begin{tikzpicture}") == 1


@pytest.mark.parametrize("make", [*PAGES.values(), nasty_page], ids=[*PAGES, "nasty"])
def test_slides_are_ascii_and_balanced(make):
    shown = sg.render(make(), "beamer")
    bare = re.sub(r"\\[\\{}$%]", "", shown)
    assert shown.isascii() and bare.count("{") == bare.count("}")


@TEX
@pytest.mark.parametrize("name", PAGES)
def test_slides_compile_and_fit(name, tmp_path):
    page = PAGES[name]()
    log = compiled(sg.render(page, "beamer"), tmp_path)
    assert "Overfull" not in log
    if shutil.which("pdftotext"):
        words = subprocess.run(
            ["pdftotext", "-bbox", str(tmp_path / "page.pdf"), "-"],
            capture_output=True,
            check=True,
        ).stdout.decode()
        width, height = map(
            float, re.findall(r'<page width="(.*?)" .*?"(.*?)"', words)[0]
        )
        assert max(float(x) for x in re.findall(r'xMax="(.*?)"', words)) < width
        assert max(float(y) for y in re.findall(r'yMax="(.*?)"', words)) < height


@TEX
def test_an_article_shows_the_picture_and_goes_without_tikz(tmp_path):
    page = PAGES["the notes' network"]()
    source = sg.render(page, "latex")
    assert "Overfull" not in compiled(source, tmp_path)
    assert (tmp_path / "page.pdf").stat().st_size > 50_000
    compiled(source.replace("\\usepackage{tikz}\n", ""), tmp_path)
    if shutil.which("pdftotext"):
        command = ["pdftotext", str(tmp_path / "page.pdf"), "-"]
        said = subprocess.run(command, capture_output=True, check=True).stdout.decode()
        assert "A 2-2-1 network" in " ".join(said.split())


def test_a_file_is_written_in_the_format_that_is_named(tmp_path):
    page = sg.explain("x^2", check=False)
    path = page.save(tmp_path / "talk.tex", "beamer")
    assert path.read_text() == sg.render(page, "beamer") != sg.render(page, "latex")
    with pytest.raises(sg.UnknownNameError, match="did you mean 'beamer'"):
        page.save(tmp_path / "talk.tex", "beemer")
