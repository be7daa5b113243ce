"""The gallery in the docs is what ``docs/gallery/make.py`` writes, and compiles."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent.parent / "docs" / "gallery"
KEPT = HERE / "made"


def _load():
    spec = importlib.util.spec_from_file_location("gallery_make", HERE / "make.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


MAKE = _load()
ENTRIES = {entry.name: entry for entry in MAKE.ENTRIES}


@pytest.mark.parametrize("name", ENTRIES)
def test_files_have_not_drifted(name: str) -> None:
    for file, text in MAKE.files_of(ENTRIES[name]).items():
        kept = (KEPT / file).read_text(encoding="utf-8")
        assert kept == text, f"run python docs/gallery/make.py: {file} differs"


def test_the_index_has_not_drifted() -> None:
    assert (HERE / "index.md").read_text(encoding="utf-8") == MAKE.index()
    assert len(ENTRIES) >= 12


def test_nothing_else_lies_there() -> None:
    wanted = {f"{n}.{s}" for n in ENTRIES for s in ("html", "tex", "svg", "py")}
    kept = {path.name for path in KEPT.iterdir()}
    assert {n for n in kept if not n.endswith((".pdf", ".aux", ".log"))} == wanted


@pytest.mark.parametrize("name", ENTRIES)
def test_the_code_runs_and_the_page_is_true(name: str) -> None:
    page = (KEPT / f"{name}.html").read_text(encoding="utf-8")
    assert "recomputed at" in page and "NOT TRUE" not in page and "✗" not in page
    assert len(page) < 400_000
    space: dict[str, object] = {}
    source = (KEPT / f"{name}.py").read_text(encoding="utf-8")
    exec(compile(source, f"{name}.py", "exec"), space)
    imports = [line.split()[1] for line in source.splitlines() if "import " in line]
    assert {*imports} <= {"numpy"}
    assert any(callable(each) for each in space.values())
    assert not any(isinstance(each, np.ndarray) for each in space.values())


@pytest.mark.parametrize("name", ENTRIES)
def test_the_latex_compiles(name: str, tmp_path: Path) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error"]
    done = subprocess.run(
        [*command, "-output-directory", str(tmp_path), str(KEPT / f"{name}.tex")],
        capture_output=True,
        text=True,
        env={**os.environ, "TEXINPUTS": ""},
    )
    assert done.returncode == 0, done.stdout[-2000:]
    log = (tmp_path / f"{name}.log").read_text(encoding="utf-8", errors="replace")
    too_wide = re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)
    assert all(float(points) < 12 for points in too_wide), too_wide  # a letter or two
