"""Every example in a docstring and in the README does what it shows."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import shlex
from pathlib import Path

import pytest

import symgrad
from symgrad.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(symgrad.__path__, "symgrad.")
    if not module.name.endswith("__main__")
)
MODULES.insert(0, "symgrad")
GUIDES = sorted((ROOT / "docs").rglob("*.md"))


def _blocks(path: Path) -> list[tuple[str, str]]:
    text = path.read_text(encoding="utf-8")
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


BLOCKS = _blocks(ROOT / "README.md")
CONSOLE = [
    text
    for path in (ROOT / "README.md", *GUIDES)
    for language, text in _blocks(path)
    if language == "console"
]
COMMANDS = [
    line
    for language, text in BLOCKS
    if language == "bash"
    for line in text.splitlines()
    if line.startswith("symgrad ")
]


def _failures(test: doctest.DocTest) -> str:
    shown: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=shown.append)
    return "".join(shown)


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name: str) -> None:
    module = importlib.import_module(name)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        assert not _failures(test)


def test_public_names_have_a_docstring_with_an_example() -> None:
    functions = [n for n in symgrad.__all__ if callable(getattr(symgrad, n))]
    for name in functions:
        docstring = getattr(symgrad, name).__doc__
        assert docstring, name
        if not isinstance(getattr(symgrad, name), type):
            assert ">>> " in docstring or name in WITHOUT_EXAMPLE, name


# They take a page or a file; render and load are shown in the README and examples.
WITHOUT_EXAMPLE = {"load", "render"}


def test_python_in_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "\n".join(text for language, text in BLOCKS if language == "python")
    test = doctest.DocTestParser().get_doctest(text, {}, "README", "README.md", 0)
    assert len(test.examples) > 10
    assert not _failures(test)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_python_in_the_guides(
    guide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = _blocks(guide)
    text = "\n".join(text for language, text in blocks if language == "python")
    test = doctest.DocTestParser().get_doctest(text, {}, guide.name, guide.name, 0)
    assert bool(test.examples) == (">>> " in guide.read_text(encoding="utf-8"))
    assert not _failures(test)


@pytest.mark.parametrize("block", CONSOLE, ids=lambda b: b.splitlines()[0])
def test_console_in_the_readme(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    command, _, shown = block.partition("\n")
    assert command.startswith("$ symgrad ")
    assert main(shlex.split(command)[2:]) == 0
    assert capsys.readouterr().out.rstrip("\n") == shown.rstrip("\n")


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_in_the_readme(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(line)[1:]) == 0
    if " -o " in line:
        assert (tmp_path / line.split(" -o ")[1].split()[0]).stat().st_size > 100


def test_the_readme_shows_what_it_promises() -> None:
    assert CONSOLE
    assert len(COMMANDS) >= 5
    assert "pip install . && symgrad notes" in README
    assert 'pip install ".[test]" && python -m pytest' in README
    checks = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for command in ("ruff format --check", "ruff check", "mypy", "python -m pytest"):
        assert f"\n{command}\n" in checks
    for link in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / link).exists(), link


def test_the_reference_has_every_public_name() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\.\. auto\w+:: symgrad\.(\w+)$", page, re.MULTILINE))
    named |= {name for name in re.findall(r"`([A-Z]+)`", page)}
    public = set(symgrad.__all__) - {"__version__"}
    assert public <= named <= {*public, *symgrad._LATER}


def test_every_guide_is_in_the_contents() -> None:
    contents = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    listed = {
        line
        for block in re.findall(r"```{toctree}\n(.*?)```", contents, re.DOTALL)
        for line in block.splitlines()
        if line and not line.startswith(":")
    }
    guides = {path.relative_to(ROOT / "docs").with_suffix("") for path in GUIDES}
    assert listed == {guide.as_posix() for guide in guides} - {"index"}
