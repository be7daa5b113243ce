"""Exercises and answers: each solution is right, each broken rule is found.

The oracle of the derivatives is ``sympy.diff``.
"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import sympy as sp

import symgrad as sg
from symgrad.cli import main
from symgrad.exercises import LEVELS
from symgrad.misconceptions import MISTAKES, wrong_derivatives
from symgrad.symbols import Chain, LocalDerivative

TASKS = [(seed, level) for level in LEVELS for seed in range(30)]
BY_LEVEL = [pytest.param(level, id=f"level {level}") for level in LEVELS]


def written(expr: sp.Expr) -> str:
    """An expression as a student types it."""
    return str(expr).replace("**", "^")


def number(expr: sp.Expr, shift: float = 0.0) -> complex:
    names = sorted(expr.free_symbols, key=str)
    at = {x: 0.3 + shift + 0.2 * k for k, x in enumerate(names)}
    return complex(expr.evalf(20, subs=at))


@pytest.mark.parametrize("level", [p for p in BY_LEVEL if p.values[0] < 6])
def test_solutions_are_right(level: int) -> None:
    for seed in range(30):
        task = sg.exercise(seed, level)
        wanted = sp.diff(task.graph.closed_form(), task.variable)
        assert number(wanted - task.answer) == pytest.approx(0, abs=1e-12)
        assert "✗" not in str(task.solution)


@pytest.mark.parametrize("level", [6, 7])
def test_solutions_of_networks_are_right(level: int) -> None:
    for seed in range(5):
        task = sg.exercise(seed, level)
        assert sg.check_gradient(task.graph).passed
        assert "✗" not in str(task.solution)


@pytest.mark.parametrize("level", BY_LEVEL)
def test_the_solution_of_every_blank_is_judged_right(level: int) -> None:
    for seed in range(30):
        task = sg.exercise(seed, level)
        assert sg.check_answer(task, written(task.answer)), task.question
        for letter, expr in task.blanks.items():
            plain = sp.Mul(*expr.args) if isinstance(expr, Chain) else expr
            assert sg.check_answer(task, written(plain), blank=letter), letter
            assert letter in task.question


@pytest.mark.parametrize("level", BY_LEVEL)
def test_every_broken_rule_is_named(level: int) -> None:
    named = set()
    for seed in range(12 if level < 6 else 6):
        task = sg.exercise(seed, level)
        formula = task.graph.closed_form()
        seen: list[complex] = [number(task.answer, 0.1)]
        for mistake, wrong in wrong_derivatives(formula, task.variable):
            value = number(wrong, 0.1)
            is_new = all(abs(value - old) > 1e-9 * abs(old) for old in seen)
            if not is_new or wrong.has(sp.zoo, sp.nan, sp.I) or value.imag:
                continue
            seen.append(value)
            found = sg.check_answer(task, written(wrong))
            assert not found, (task.question, wrong)
            assert found.rule == mistake.rule, (task.question, wrong)
            assert mistake.words in found.message
            named.add(mistake.rule)
    assert len(named) >= 2


def test_all_mistakes_come_up() -> None:
    texts = ["5*x^3*sin(2*x) + 7", "(x^2+1)/cos(x)", "2^(3*x)", "exp(-x^2)", "x^2"]
    texts += ["x^x", "tanh(2*x)"]
    found = {
        mistake.words
        for text in texts
        for mistake, _ in wrong_derivatives(
            sg.formula(text).closed_form(), sp.Symbol("x", real=True)
        )
    }
    assert found == {mistake.words for mistake in MISTAKES.values()}


WRONG_WAYS = {
    "power rule alone": ("x^x", "x*x^(x-1)", "logarithmic differentiation"),
    "exponential rule alone": ("x^x", "x^x*log(x)", "logarithmic differentiation"),
    "sign of the square": ("tanh(3*x)", "3*(1 + tanh(3*x)^2)", "derivative of the"),
}


@pytest.mark.parametrize("case", WRONG_WAYS)
def test_common_slips_are_named(case: str) -> None:
    text, answer, rule = WRONG_WAYS[case]
    found = sg.check_answer(text, answer)
    assert not found and found.rule.startswith(rule), found


def test_there_are_many_exercises() -> None:
    for level in LEVELS:
        tasks = {
            (str(t.graph), t.variable)
            for t in (sg.exercise(seed, level) for seed in range(60))
        }
        # level 7: 5 networks, 3 activations, some 10 weights each
        assert len(tasks) > 40, level


def test_the_solution_is_saved(tmp_path) -> None:
    task = sg.exercise(2, 3)
    sheet = task.save(tmp_path / "sheet.txt").read_text()
    told = task.save(tmp_path / "solution.txt", solution=True).read_text()
    assert "The task" in sheet and "recomputed" in told and "recomputed" not in sheet


RIGHT = {
    "the task on the left": ("x^2", "d/dx(x^2) = 2*x"),
    "as it is": ("x^2*sin(3*x)", "2*x*sin(3*x) + 3*x^2*cos(3*x)"),
    "other form": ("sin(x)^2", "sin(2*x)"),
    "trigonometry": ("tan(x)", "1 + tan(x)^2"),
    "a name on the left": ("x^2", "dy/dx = 2x"),
    "primes": ("x^2", "y'(x) = 2*x"),
    "several lines": ("x^3/x", "(3x^2*x - x^3)/x^2 = 2*x^3/x^2\n= 2x"),
    "logarithms": ("log(x^3)", "3/x"),
    "zero": ("x - x + 3", "0"),
    "decimals": ("x^2/2", "1.0*x"),
    "stages": ("y = tanh(u); u = 3*x", "3*(1 - tanh(u)^2)"),
    "own name": ("y = tanh(3*x)", "3*(1 - y^2)"),
    "kink": ("abs(x)", "x/abs(x)"),
}


@pytest.mark.parametrize("case", RIGHT)
def test_right_in_any_form(case: str) -> None:
    task, answer = RIGHT[case]
    assert sg.check_answer(task, answer, "x"), str(sg.check_answer(task, answer, "x"))


WRONG = {
    "by little": ("x^2", "2*x + 1e-13", None, "it is 0.73740000000010"),
    "by a little factor": ("x^2", "2*x*(1 + 1e-13)", None, "and should be 0.73"),
    "nothing": ("x", "0", None, "it is 0, and the right answer is not"),
    "a power": ("2^x", "x*2^(x - 1)", "exponential rule", "taken for a power"),
    "half of the line": ("sqrt(x^2)", "1", None, "equal only where x > 0"),
    "factor": ("log(x)^2", "4*log(x)/x", None, "2 times the right answer"),
    "anything": ("x^3", "3*x^2 + 1", None, "and should be"),
    "no value": ("x^3", "3*x^2 + log(-x^2)", None, "no value"),
    "second line": ("x^2*sin(x)", "2x sin(x) + x^2 cos(x) = x*(2 sin(x) - x cos(x))",
                    "product rule", "line 2, x*(2 sin(x) - x cos(x)): the line before"),
    "two places": ("sin(2x)*cos(3x)", "2cos(2x)cos(3x) - sin(2x)sin(3x)",
                   "chain rule", "inner function is missing"),
    "partial": ("x^2*y", "2*x", "constant multiple", "constant factor"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(case: str) -> None:
    task, answer, rule, words = WRONG[case]
    found = sg.check_answer(task, answer, "x")
    assert not found.correct
    assert found.rule == rule
    assert words in found.message
    assert found.part and found.text


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: sg.check_answer("x^2", ""), sg.ArgumentValueError, "is empty"),
        (lambda: sg.check_answer("x^2", 3), sg.ArgumentTypeError, "expected a text"),
        (lambda: sg.check_answer("x^2", "2*z"), sg.UnknownNameError, "'z'"),
        (lambda: sg.check_answer("x^2", "2*"), sg.FormulaError, "column"),
        (lambda: sg.check_answer("x^2", "f(x)"), sg.FormulaError, "without a formula"),
        (lambda: sg.check_answer("x*y", "y"), sg.ArgumentValueError, "choose one"),
        (
            lambda: sg.check_answer("x^2", "__import__('os').system('true')"),
            sg.SymgradError,
            "import",
        ),
        (
            lambda: sg.check_answer("x^2", "2x", blank="A"),
            sg.ArgumentValueError,
            "is of an Exercise",
        ),
        (
            lambda: sg.check_answer(sg.exercise(1, 3), "2x", blank="Z"),
            sg.UnknownNameError,
            "blank",
        ),
        (
            lambda: sg.check_answer(sg.exercise(), "2x", "x"),
            sg.SymgradError,
            "leave wrt",
        ),
        (lambda: sg.exercise(0, 9), sg.BoundError, "expected 1 to 7"),
        (lambda: sg.exercise(1.5), sg.ArgumentTypeError, "seed is 1.5"),
        (lambda: sg.exercise(level="2"), sg.ArgumentTypeError, "level is '2'"),
    ],
)
def test_bad_input(call, error, said: str) -> None:
    with pytest.raises(error, match=re.escape(said)):
        call()


def test_the_sheet_does_not_tell_the_solution() -> None:
    for seed, level in TASKS[::7]:
        task = sg.exercise(seed, level)
        last = task.sheet.sections[-1].steps[-1]
        assert str(last.lines[-1].expr) in task.blanks
        assert all(line.expr.has(LocalDerivative) for line in last.lines[:-1])
        assert task.sheet.script is None
        for format in sg.RENDERERS:
            assert sg.render(task.sheet, format)


def test_every_sheet_shows_some_working() -> None:
    for seed, level in TASKS[::5]:
        task = sg.exercise(seed, level)
        steps = task.sheet.sections[-1].steps
        assert len(steps) > 1 or len(task.blanks) > 1 or len(steps[0].lines) > 1
    task = sg.exercise(7, 3)
    assert sg.check_answer(task, "B = 4*x", blank="B")


def test_levels_use_their_rules() -> None:
    hints = {
        level: {h for seed in range(20) for h in sg.exercise(seed, level).hints}
        for level in LEVELS
    }
    assert "sum" in hints[1] and "chain rule" not in hints[1]
    assert {"product", "quotient"} <= hints[2]
    assert all("chain rule" in hints[level] for level in (3, 4, 5, 6, 7))


def test_the_same_in_every_process() -> None:
    code = (
        "import symgrad as sg\n"
        "for k in range(1, 8): print(sg.exercise(3, k), sg.exercise(3, k).blanks)"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8",
                 "PYTHONPATH": ":".join(filter(None, sys.path))},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(texts) == 1 and "stand for" in texts.pop()


def test_the_command_line(capsys: pytest.CaptureFixture[str], tmp_path) -> None:
    assert main(["exercise", "--level", "2", "--seed", "4", "--hints", "1"]) == 0
    shown = capsys.readouterr().out
    assert "Differentiate" in shown and "hint 1: " in shown
    assert main(["exercise", "-l", "2", "-o", str(tmp_path / "a.tex")]) == 0
    assert "The task" in (tmp_path / "a.tex").read_text(encoding="utf-8")
    task = sg.exercise(4, 2)
    check = ["exercise", "-l", "2", "-s", "4", "--check"]
    assert main([*check, written(task.answer)]) == 0
    assert main([*check, "0"]) == 1
    capsys.readouterr()
    assert main(["answer", "x^2", "x"]) == 1
    assert "power rule" in capsys.readouterr().out
    assert main(["answer", "x^2", "2x", "--wrt", "x"]) == 0
    assert main(["exercise", "-l", "12"]) == 2
