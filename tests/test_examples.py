"""Every script in examples/ runs as it stands, quietly, in an empty folder."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import symgrad

FOLDER = Path(__file__).parent.parent / "examples"
SCRIPTS = sorted(FOLDER.glob("*.py"))

# What each script is about, by a line that it must print.
SHOWN = {
    "dask_arrays.py": "the same to the last digit: True",
    "exact_numbers.py": "by w_311: (1 - tanh(",
    "estimators.py": "cross-validated accuracy on iris 0.9",
    "fit.py": "omega = 2.7921 ± 0.0060",
    "exercises.py": "line 2, x*exp(3*x)*(2 + x): the line before is right",
    "formula.py": "dz/dt = 2*t*(x*cos(x) + y)",
    "general_chain_rule.py": "∂z/∂x = ∂f/∂x × ∂x/∂x + ∂f/∂y × ∂y/∂x",
    "implicit.py": "dy/dx = -x/y   d²y/dx² = -(x**2 + y**2)/y**3",
    "least_squares.py": "agrees with NumPy: True",
    "integrals.py": "gamma [1.         1.         3.32335097] derivative",
    "losses.py": "w_111 reaches L on 2 paths: through f_3_i",
    "mean_loss.py": "samples (3, 100000) mean (3,)",
    "notations.py": "write (1/2)*x or 1/(2*x)",
    "notes_network.py": "w_111 w_311*x_1*(1 - f_1**2)*(1 - f_3**2)",
    "numeric_function.py": "value (5,) grad (9, 5)",
    "other_languages.py": "double neuron(double w, double x, double b, double grad[2])",
    "other_libraries.py": "NumPy: 0.8004990217606297 [0.71840263 0.35920132]",
    "pictures.py": "The values are written at the names (y = 11.24)",
    "python_calls.py": "square_1 = u_1*u_1",
    "python_function.py": "as the function itself: True",
    "save_documents.py": "read back, the same text: True",
    "solvers.py": "root: x = 1.7889  y = 0.8944",
    "second_derivatives.py": "∂²y/∂w∂b = -2*x*",
    "training.py": "resumed to the same numbers: True",
    "views.py": "w_111 → f_4 → f_2 → f_1",
}


def test_every_example_is_known() -> None:
    assert {script.name for script in SCRIPTS} == set(SHOWN)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_example_runs(script: Path, tmp_path: Path) -> None:
    source_tree = Path(symgrad.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(source_tree), *filter(None, sys.path)]),
            "PYTHONIOENCODING": "utf-8",
        },
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert SHOWN[script.name] in done.stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_example_says_how_to_run_it(script: Path) -> None:
    docstring = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8")))
    assert docstring
    assert f"python examples/{script.name}" in docstring
