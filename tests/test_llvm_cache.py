"""Compiled code on disk: found again, and never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from symgrad.numeric.backends import lambdify
from symgrad.numeric.llvm import binding, cache, entries

pytest.importorskip("llvmlite", reason="llvmlite is not installed")

POSIX = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX files")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    entries._methods()  # compiled once in a process, whatever the folder
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def compilations(monkeypatch):
    """Count what is really compiled."""
    counted = []
    compile_text = binding.compile_text
    monkeypatch.setattr(
        binding,
        "compile_text",
        lambda text, level=2: counted.append(text) or compile_text(text, level),
    )
    return counted


def compute():
    return lambdify("exp(x)*y", ["x"], backend="llvm")(np.arange(5.0), 2.0)[1].tolist()


WANTED = [(2 * np.exp(np.arange(5.0))).tolist()]


def check():
    np.testing.assert_allclose(compute(), WANTED, rtol=1e-15)


def test_code_is_compiled_once(folder, compilations):
    check()
    check()
    assert len(compilations) == 1
    (file,) = folder.iterdir()
    assert file.name.endswith(cache.SUFFIX)


def test_another_process_finds_it(folder):
    script = """
import sys
import symgrad as sg, numpy as np
from symgrad.numeric.llvm import binding
def refuse(*_): raise SystemExit("compiled again")
if sys.argv[1:]:
    binding.compile_text = refuse
print(sg.lambdify("exp(x)*y", ["x"], backend="llvm")(np.zeros(2), 2.0)[0].tolist())
"""
    for more in ([], ["again"]):
        command = [sys.executable, "-c", script, *more]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100)
        assert done.stdout == "[2.0, 2.0]\n", done.stderr


@pytest.mark.parametrize(
    "damage",
    [lambda c: b"", lambda c: c[:100], lambda c: c[:-1], lambda c: b"x" + c[1:],
     lambda c: c[:200] + bytes([c[200] ^ 1]) + c[201:]],
    ids=["empty", "cut", "last byte", "first byte", "one bit"],
)  # fmt: skip
def test_damaged_files_are_compiled_anew(folder, compilations, damage):
    check()
    (file,) = folder.iterdir()
    good = file.read_bytes()
    file.write_bytes(damage(good))
    check()
    assert len(compilations) == 2
    assert file.read_bytes() == good


@pytest.mark.parametrize("word", ["off", "0", "OFF", "no"])
def test_it_can_be_switched_off(word, monkeypatch, tmp_path, compilations):
    monkeypatch.setenv(cache.VARIABLE, word)
    monkeypatch.chdir(tmp_path)
    assert cache.folder() is None
    check()
    check()
    assert len(compilations) == 2
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_no_error(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "file" / "folder"))
    check()
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "file"))
    check()


@POSIX
def test_what_others_may_write_is_not_run(folder, compilations):
    check()
    (file,) = folder.iterdir()
    file.chmod(0o666)
    check()
    assert len(compilations) == 2
    folder.chmod(0o777)
    check()
    assert len(compilations) == 3


def test_the_oldest_files_go_first(folder, monkeypatch):
    monkeypatch.setattr(cache, "LIMIT", 3500)
    for k in range(5):
        cache.write(f"name{k}", bytes(1000))
        os.utime(folder / f"name{k}{cache.SUFFIX}", (k, k))
    cache.read("name2")
    cache.write("last", bytes(1000))
    kept = {path.name.removesuffix(cache.SUFFIX) for path in folder.iterdir()}
    assert kept == {"name2", "name4", "last"}


def test_many_writers_at_once_leave_whole_files(folder):
    script = """
from symgrad.numeric.llvm import cache
for k in range(200):
    cache.write("same", bytes([7])*5000)
    assert cache.read("same") in (None, bytes([7])*5000)
"""
    running = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(4)]
    assert [each.wait(100) for each in running] == [0] * 4
    assert cache.read("same") == bytes([7]) * 5000
    assert len(list(folder.iterdir())) == 1


def test_the_name_depends_on_all_that_matters():
    assert cache.key(("a", "bc")) != cache.key(("ab", "c"))
    assert cache.key(("a",)) == cache.key(("a",))
    assert len(binding.versions()) == 4


@pytest.mark.parametrize(
    ("system", "variables", "wanted"),
    [("linux", {"XDG_CACHE_HOME": "/x"}, "/x/symgrad"),
     ("linux", {"XDG_CACHE_HOME": "relative"}, "/home/u/.cache/symgrad"),
     ("linux", {}, "/home/u/.cache/symgrad"),
     ("darwin", {}, "/home/u/Library/Caches/symgrad"),
     ("win32", {"LOCALAPPDATA": "/l"}, "/l/symgrad/Cache")],
)  # fmt: skip
def test_each_system_has_its_place(monkeypatch, system, variables, wanted):
    for name in (cache.VARIABLE, "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cache.sys, "platform", system)
    monkeypatch.setattr(cache.Path, "home", lambda: Path("/home/u"))
    assert cache.folder() == Path(wanted)
