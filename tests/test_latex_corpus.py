"""Textbook formulas in LaTeX: value and derivatives against their meaning by hand."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import mpmath
import pytest

import symgrad as sg
from symgrad.errors import FormulaError
from tests.latex_corpus import FORMULAS

pytest.importorskip("pylatexenc", reason="pylatexenc is not installed")

NAMES = {
    name: getattr(mpmath, name)
    for name in (
        "exp log sqrt sin cos tan asin acos atan sinh cosh tanh coth erf erfc gamma "
        "floor mpf nan pi"
    ).split()
}
READ = [latex for latex, meaning in FORMULAS.items() if meaning != "None"]
REFUSED = [latex for latex, meaning in FORMULAS.items() if meaning == "None"]


def meant(meaning: str, names: list[str]) -> Callable[..., mpmath.mpf]:
    code = compile(meaning, meaning, "eval")

    def evaluate(*point: mpmath.mpf) -> mpmath.mpf:
        values = dict(zip(names, point, strict=True))
        return eval(code, {**NAMES, "max": max, "min": min, "abs": abs, **values})

    return evaluate


@pytest.mark.parametrize("latex", READ)
def test_values_and_derivatives(latex: str) -> None:
    graph = sg.formula(latex, syntax="latex")
    names = [s.name for s in graph.inputs]
    run = meant(FORMULAS[latex], ["lam" if n == "lambda" else n for n in names])
    function = sg.lambdify(graph, names)
    numbers = random.Random(1)
    compared = 0
    for _ in range(12):
        point = [mpmath.mpf(numbers.uniform(0.2, 0.95)) for _ in names]
        wanted = run(*point)
        if isinstance(wanted, mpmath.mpc) or mpmath.isnan(wanted):
            continue  # outside of the formula's domain
        value, gradient = function(*map(float, point))
        assert math.isclose(value, wanted, rel_tol=1e-11, abs_tol=1e-13), names
        for k, by in enumerate(names):
            slope = mpmath.diff(
                run, point, tuple(int(j == k) for j in range(len(names)))
            )
            assert math.isclose(
                gradient[k], mpmath.re(slope), rel_tol=1e-6, abs_tol=1e-8
            ), by
        compared += 1
        if compared == 2:
            break
    assert compared


@pytest.mark.parametrize("latex", REFUSED)
def test_what_is_read_in_two_ways_is_refused(latex: str) -> None:
    with pytest.raises(FormulaError):
        sg.formula(latex, syntax="latex")


@pytest.mark.parametrize("latex", READ)
def test_what_was_understood_is_read_again(latex: str) -> None:
    graph = sg.formula(latex, syntax="latex")
    again = sg.formula(sg.plain_text(latex))
    assert [str(s.expr) for s in again.stages] == [str(s.expr) for s in graph.stages]
