"""The commands for a class: an exercise is made, an answer is judged.

The one rule kept here: a wrong answer is no error of the command, but exit status 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

import symgrad
from symgrad.commands import write_out
from symgrad.errors import check_name
from symgrad.options import (
    Format,
    Output,
    Source,
    Syntax,
    Wrt,
    examples,
    read_names,
    read_text,
)
from symgrad.terminal import write

WRONG = 1
"""the exit status of a wrong answer"""


def exercise(
    level: Annotated[
        int, typer.Option("--level", "-l", help="1 (powers) to 7 (a network).")
    ] = 1,
    seed: Annotated[
        int, typer.Option("--seed", "-s", help="Another number, another exercise.")
    ] = 0,
    solution: Annotated[
        bool, typer.Option("--solution", help="The worked solution, not the sheet.")
    ] = False,
    hints: Annotated[
        int, typer.Option("--hints", metavar="NUMBER", help="Tell so many rules.")
    ] = 0,
    check: Annotated[
        str | None, typer.Option("--check", metavar="ANSWER", help="Judge an answer.")
    ] = None,
    blank: Annotated[
        str | None, typer.Option("--blank", help="The letter that the answer is for.")
    ] = None,
    format: Format = None,
    output: Output = None,
) -> None:
    """Make an exercise: a formula, a sheet with blanks, a worked solution."""
    if format is not None:
        check_name("format", format, symgrad.RENDERERS)
    task = symgrad.exercise(seed, level)
    if check is not None:
        _judge(symgrad.check_answer(task, check, blank=blank))
        return
    write_out(task.solution if solution else task.sheet, format, output)
    for number, hint in enumerate(task.hints[:hints], 1):
        write(f"hint {number}: {hint}")


def answer(
    source: Source,
    working: Annotated[
        str, typer.Argument(metavar="ANSWER", help='The answer: "2*x = x + x".')
    ],
    wrt: Wrt = None,
    syntax: Syntax = "text",
) -> None:
    """Judge a derivative that you have worked out: the first wrong line and its rule.

    Exit status 1 where it is wrong.
    """
    names = read_names(wrt)
    gradient = symgrad.differentiate(read_text(source, syntax), names)
    _judge(symgrad.check_answer(gradient, working))


def _judge(found: symgrad.AnswerCheck) -> None:
    write(str(found))
    if not found:
        raise typer.Exit(WRONG)


EXAMPLES: dict[Callable[..., None], str] = {
    exercise: examples(
        "symgrad exercise --level 3 --seed 7",
        "symgrad exercise --level 3 --seed 7 --solution -o solution.html",
        'symgrad exercise --level 3 --seed 7 --blank B --check "4*x"',
    ),
    answer: examples(
        'symgrad answer "x^2*sin(x)" "2*x*sin(x) + x^2*cos(x)"',
        'symgrad answer "x^2*y" "2*x*y" --wrt x',
    ),
}
"""command -> the end of its help page"""
