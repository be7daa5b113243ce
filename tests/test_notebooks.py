"""The notebooks are their scripts, run, and print what the scripts print."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import symgrad

TREE = Path(symgrad.__file__).parent.parent
FOLDER = Path(__file__).parent.parent / "examples" / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))


def _maker():
    spec = importlib.util.spec_from_file_location("make_notebooks", FOLDER / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _untimed(text: str) -> str:
    """What is printed, without how long Dask's bar says that it took."""
    lines = re.split("[\r\n]+", text.strip())
    return "\n".join(line for line in lines if "Completed |" not in line)


def test_the_notebooks_are_those_of_the_script():
    maker = _maker()
    assert sorted(maker.NAMES) == NAMES
    for name in NAMES:
        script = (FOLDER.parent / f"{name}.py").read_text(encoding="utf-8")
        kept = (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
        assert kept == maker.notebook(script), f"run {FOLDER.name}/make.py"


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_and_prints_what_its_script_prints(name, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(TREE))
    monkeypatch.setenv("COLUMNS", "80")
    done = subprocess.run(
        [sys.executable, str(FOLDER.parent / f"{name}.py")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=True,
    )
    book = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    NotebookClient(
        book, timeout=60, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    told = "".join(
        output.get("text", "")
        for cell in book.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stdout"
    )
    assert _untimed(told) == _untimed(done.stdout)
