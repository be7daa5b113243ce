"""The users' door: what it names, what it loads, and when."""

from __future__ import annotations

import importlib.metadata
import pkgutil
import subprocess
import sys

import pytest

import symgrad

CONTRACT = (
    "formula network evaluate differentiate jacobian hessian explain render load "
    "lambdify check_gradient draw ACTIVATIONS"
).split()


def _python(code: str) -> str:
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return done.stdout.strip()


@pytest.mark.parametrize("name", symgrad.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(symgrad, name) is not None
    assert name in dir(symgrad)


@pytest.mark.parametrize("name", CONTRACT)
def test_the_contract_is_public(name: str) -> None:
    assert name in symgrad.__all__


def test_star_import_gives_all_names() -> None:
    code = (
        "from symgrad import *; import symgrad; print(set(symgrad.__all__) - {*dir()})"
    )
    assert _python(code) == "set()"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = symgrad.nothing  # type: ignore[attr-defined]


def test_every_error_is_a_symgrad_error() -> None:
    errors = [n for n in symgrad.__all__ if n.endswith("Error")]
    assert len(errors) == 9
    assert all(issubclass(getattr(symgrad, n), symgrad.SymgradError) for n in errors)


def test_import_loads_no_numeric_part_no_page_and_no_command() -> None:
    code = (
        "import sys, symgrad; symgrad.network([2, 2, 1]); "
        "print([m for m in ('numpy', 'jinja2', 'rich', 'typer', 'symgrad.explanation', "
        "'symgrad.renderers', 'symgrad.numeric') if m in sys.modules])"
    )
    assert _python(code) == "[]"


@pytest.mark.parametrize("name", symgrad.__all__)
def test_a_name_works_when_it_is_used_first(name: str) -> None:
    if name in symgrad._LATER:
        assert _python(f"import symgrad; print(symgrad.{name} is not None)") == "True"
    else:
        assert name in vars(symgrad)


def test_no_module_hides_a_function() -> None:
    modules = {module.name for module in pkgutil.iter_modules(symgrad.__path__)}
    assert not modules & set(symgrad.__all__)


def test_the_version_is_that_of_the_package() -> None:
    try:
        installed = importlib.metadata.version("symgrad")
    except importlib.metadata.PackageNotFoundError:
        installed = symgrad.__version__  # run from a source tree
    assert installed == symgrad.__version__
    assert installed.count(".") == 2
