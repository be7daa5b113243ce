"""The users' door: what it names, what it loads, and when."""

from __future__ import annotations

import ast
import importlib.metadata
import pickle
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import symgrad

CONTRACT = (
    "formula network evaluate differentiate jacobian hessian explain render load "
    "lambdify check_gradient draw ACTIVATIONS"
).split()

# They need an optional package, which `from symgrad import *` must do without.
UNLISTED = ("LANGUAGES", "SymbolicNetworkClassifier", "SymbolicNetworkRegressor")


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


def test_import_loads_the_errors_and_nothing_else() -> None:
    code = (
        "import sys, symgrad; "
        "print(sorted(m for m in sys.modules if m.startswith('symgrad')), "
        "[m for m in ('sympy', 'numpy', 'scipy', 'jinja2') if m in sys.modules])"
    )
    assert _python(code) == "['symgrad', 'symgrad.errors'] []"


UNUSED = {
    "network([2, 2, 1])": "numpy jinja2 symgrad.reading.reader symgrad.latex.formulas "
    "symgrad.python symgrad.derivatives symgrad.chain_rule symgrad.numeric",
    "formula('tanh(w*x + b)')": "numpy jinja2 rich typer symgrad.explanation "
    "symgrad.renderers symgrad.numeric",
    "lambdify('w*x', 'w', backend='numpy')(1.0, 2.0)": "scipy jax torch dask "
    "llvmlite jinja2 symgrad.explanation symgrad.renderers symgrad.drawing",
}
"""what is called -> modules and packages that it does not need"""


@pytest.mark.parametrize("call", UNUSED)
def test_what_is_not_used_is_not_loaded(call: str) -> None:
    absent = UNUSED[call].split()
    code = (
        f"import sys, symgrad; symgrad.{call}; "
        f"print([m for m in {absent} if m in sys.modules])"
    )
    assert _python(code) == "[]"


MODULES = sorted(set(symgrad._LATER.values()))


@pytest.mark.parametrize("module", MODULES)
def test_names_work_where_they_are_used_first(module: str) -> None:
    names = [name for name, home in symgrad._LATER.items() if home == module]
    code = f"import symgrad; print({', '.join(f'symgrad.{n} is None' for n in names)})"
    assert _python(code) == " ".join(["False"] * len(names))


def test_every_name_has_one_home() -> None:
    here = {name for name in symgrad.__all__ if name in vars(symgrad.errors)}
    assert {*here, "__version__", *symgrad._LATER} == {*symgrad.__all__, *UNLISTED}


def test_type_checkers_see_what_is_loaded_later() -> None:
    tree = ast.parse(Path(symgrad.__file__).read_text(encoding="utf-8"))
    (seen,) = (node for node in tree.body if isinstance(node, ast.If))
    homes = {
        alias.name: node.module
        for node in seen.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert homes | {name: symgrad._LATER[name] for name in UNLISTED} == symgrad._LATER


def test_what_a_name_gives_is_pickled_by_reference_to_its_home() -> None:
    for name in ("Graph", "Stage", "Gradient", "differentiate", "formula"):
        found = getattr(symgrad, name)
        assert pickle.loads(pickle.dumps(found)) is found


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
