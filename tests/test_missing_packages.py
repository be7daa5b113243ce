"""Without the optional packages the core works, and an error says what to install."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from unittest import mock

import pytest

import symgrad as sg

SOLVERS = (
    lambda: sg.minimize("x^2", {"x": 1}),
    r"scipy.optimize is needed; pip install 'symgrad\[scipy\]'",
)
OPTIONAL = [
    "pylatexenc",
    "torch",
    "scipy",
    "llvmlite",
    "jax",
    "cupy",
    "dask",
    "distributed",
    "pandas",
    "sklearn",
    "pypandoc",
]


def _again(module: str) -> None:
    """Load a module anew, without what scikit-learn has loaded before."""
    spec = importlib.util.find_spec(module)
    hidden = {name: None for name in sys.modules if name.startswith("sklearn")}
    with mock.patch.dict(sys.modules, hidden):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


USES = {
    "pylatexenc": (
        lambda: sg.formula("x", syntax="latex"),
        r"LaTeX is read with pylatexenc; pip install 'symgrad\[latex\]'",
    ),
    "torch": (
        lambda: sg.from_torch(object()),
        r"from_torch needs PyTorch; pip install 'symgrad\[torch\]'",
    ),
    "pypandoc": (
        lambda: sg.explain("x", check=False).save("page.docx"),
        r"a page as .docx needs Pandoc; pip install 'symgrad\[word\]'",
    ),
    "jax": (
        lambda: sg.lambdify("x", backend="jax"),
        r"the back end 'jax' needs JAX; pip install 'symgrad\[jax\]'",
    ),
    "cupy": (
        lambda: sg.lambdify("x", backend="cupy"),
        r"the back end 'cupy' needs CuPy; pip install 'symgrad\[cupy\]'",
    ),
    "dask": (
        lambda: sg.lambdify("x", backend="dask"),
        r"the back end 'dask' needs Dask; pip install 'symgrad\[dask\]'",
    ),
    "sklearn": (
        lambda: _again("symgrad.estimators"),
        r"the estimators need scikit-learn; pip install 'symgrad\[sklearn\]'",
    ),
    "matplotlib": (
        lambda: sg.History((1.0,), (1.0,), {}, "").plot("never.png"),
        r"need matplotlib; pip install 'symgrad\[plots\]'",
    ),
    "scipy": (
        lambda: sg.lambdify("airyai(x)"),
        "airyai.* needs SciPy; pip install scipy",
    ),
}


def test_the_solvers_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    use, said = SOLVERS
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(sg.MissingPackageError, match=said):
        use()


@pytest.mark.parametrize("package", USES)
def test_an_error_says_what_to_install(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use, said = USES[package]
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(sg.MissingPackageError, match=said) as caught:
        use()
    assert isinstance(caught.value, ImportError)
    assert "\n" not in str(caught.value)


PROGRAM = """
import sys
from importlib.abc import MetaPathFinder

class Blocked(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {packages!r}:
            raise ImportError(name + " is blocked")

sys.meta_path.insert(0, Blocked())
import symgrad as sg
page = sg.explain("tanh(w*x + b)", "w", at=dict(w=1, x=2, b=0))
for form in sg.RENDERERS:
    assert sg.render(page, form)
for backend in ("numpy", "math", "auto"):
    assert sg.lambdify("exp(x)*sin(y)", backend=backend)(1.0, 2.0)
assert sg.check_gradient("x^2").passed
assert sg.draw(sg.network([2, 2, 1]))
from symgrad.cli import main
assert main(["derive", "x^2", "--detail", "brief"]) == 0
assert main(["derive", "x^2", "--syntax", "latex"]) == 2
print("done")
"""


def test_the_core_works_without_any_of_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(packages=OPTIONAL)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("done\n")
    assert "pip install 'symgrad[latex]'" in done.stderr
