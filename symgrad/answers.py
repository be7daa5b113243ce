"""A student's answer judged: each line by itself, and the first wrong one explained.

An answer is right where it has the value of the derivative, however it is written: it
is compared as a tidied expression, then at random points with fifty digits. The one
rule kept here: what is said to be broken is a rule whose breaking gives what was
written, at every point.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mpmath import nstr
from sympy import Expr, Symbol

from symgrad.abstract_functions import abstract_functions
from symgrad.chain_rule import differentiate
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    FormulaError,
    short,
    unknown_name,
)
from symgrad.exercises import Exercise
from symgrad.formulas import formula
from symgrad.gradient import Gradient
from symgrad.misconceptions import wrong_derivatives
from symgrad.numeric.page_values import PageValues
from symgrad.symbols import name_of, symbols_of

POINTS = 24
TOLERANCE = 1e-20
MAX_PARTS = 60
_SEED = 5
_LEFT = re.compile(
    r"\s*(?:[d∂]\s*\w*\s*/\s*[d∂]\s*\w+|\w+\s*['′]\s*(?:\(\s*\w+\s*\))?)\s*"
)
_TASK = re.compile(r"[d∂]\s*/\s*[d∂]\s*\w+\s*\(")
_EQUALS = re.compile(r"(?<![<>=!≤≥])=(?!=)|[\n;]")


@dataclass(frozen=True)
class AnswerCheck:
    """What is to be said of an answer; true where the whole of it is right.

    ``part`` is the number of the first wrong expression, from 1, ``text`` what was
    written there; ``rule`` is the broken rule, where one is recognized.
    """

    correct: bool
    message: str
    part: int | None = None
    text: str = ""
    rule: str | None = None

    def __bool__(self) -> bool:
        return self.correct

    def __str__(self) -> str:
        return ("✓ " if self.correct else "✗ ") + self.message


def check_answer(
    task: Any,
    working: str,
    wrt: str | Symbol | None = None,
    *,
    blank: str | None = None,
) -> AnswerCheck:
    """Judge a derivative that somebody else has worked out, line by line.

    >>> print(check_answer("x^2*sin(3*x)", "2*x*sin(3*x) + 3*x^2*cos(3*x)"))
    ✓ right
    >>> wrong = check_answer("x^2*sin(3*x)", "2*x*sin(3*x) + x^2*cos(3*x)")
    >>> wrong.rule
    'chain rule'
    >>> print(wrong)
    ✗ chain rule: the derivative of the inner function is missing

    ``task`` is an Exercise, a Gradient of one variable, or what ``differentiate``
    takes, then with ``wrt``. ``working`` is a text: one expression, or several joined
    by ``=`` or on lines of their own, each of which must equal the derivative; a name
    on the left, such as ``dy/dx =``, is passed over. The names of stages may be used.
    ``blank`` is a letter of the sheet of an Exercise, for which ``working`` stands.

    Raises ``FormulaError`` for what cannot be read, ``UnknownNameError`` for a name
    that the task lacks, ``ArgumentValueError`` where nothing can be compared.
    """
    if not isinstance(working, str):
        raise ArgumentTypeError(
            f"the answer is {short(working)}; expected a text such as '2*x*cos(x^2)'"
        )
    gradient = _gradient(task, wrt)
    truth = gradient[gradient.wrt[0]]
    if blank is not None:
        truth = _blank_of(task, blank)
    parts = _parts(working, blank)
    judge = _Judge(gradient, truth)
    for number, text in enumerate(parts, 1):
        wrong = judge.fault(_read(text, gradient))
        if wrong is not None:
            rule, why = wrong
            where = f"line {number}, {text}: " if len(parts) > 1 else ""
            where += "the line before is right; " if number > 1 else ""
            return AnswerCheck(False, where + why, number, text, rule)
    words = "right" if len(parts) == 1 else f"right, all {len(parts)} lines"
    return AnswerCheck(True, words)


def _gradient(task: Any, wrt: str | Symbol | None) -> Gradient:
    if isinstance(task, Exercise | Gradient):
        if wrt is not None:
            raise ArgumentValueError(
                f"{short(task)} has its variable already; leave wrt out"
            )
        found = task.gradient if isinstance(task, Exercise) else task
    else:
        found = differentiate(task, None if wrt is None else [name_of(wrt)])
    if len(found.wrt) != 1 or found.row_names:
        names = ", ".join(name.name for name in found.wrt[:6])
        raise ArgumentValueError(
            f"an answer is one derivative, and there are those by {names}; choose one "
            "with wrt"
        )
    return found


def _blank_of(task: Any, blank: str) -> Expr:
    if not isinstance(task, Exercise):
        raise ArgumentValueError(f"blank {blank!r} is of an Exercise; give one as task")
    if blank not in task.blanks:
        raise unknown_name("blank", blank, task.blanks)
    return task.blanks[blank]


def _parts(working: str, blank: str | None) -> list[str]:
    """The expressions of a working; a derivative's name on the left is none."""
    pieces = [piece.strip() for piece in _EQUALS.split(working)]
    if len(pieces) > 1 and (pieces[0] == blank or _TASK.match(pieces[0])):
        pieces = pieces[1:]
    parts = [piece for piece in pieces if piece and _LEFT.fullmatch(piece) is None]
    if not parts:
        raise ArgumentValueError(
            "the answer is empty; write an expression such as 2*x*cos(x^2)"
        )
    if len(parts) > MAX_PARTS:
        raise ArgumentValueError(f"the answer has over {MAX_PARTS} lines; give fewer")
    return parts


def _read(text: str, gradient: Gradient) -> Expr:
    """One expression in the names of the task."""
    graph = gradient.graph
    read = formula(text, "answer" if "answer" not in graph.names else "the_answer")
    known = {**graph.names, **{name.name: name for name in gradient.graph.labels}}
    if abstract_functions(read):
        raise FormulaError(
            f"{short(text)} has a function without a formula; write what it is"
        )
    if read.families or len(read.outputs) != 1:
        raise FormulaError(f"{short(text)} is no expression of the task")
    expr = read.closed_form()
    for name in symbols_of(expr):
        if name.name not in known:
            raise unknown_name("name", name.name, known)
    return expr


class _Judge:
    """Compares expressions with the derivative at points of the task's domain."""

    def __init__(self, gradient: Gradient, truth: Expr) -> None:
        self.gradient = gradient
        self.truth = truth
        self.values = PageValues(gradient.graph, POINTS, _SEED)
        self.true = self._numbers(truth)
        if not any(map(self.values.is_finite, self.true)):
            raise ArgumentValueError(
                "the derivative has no number at any point tried, so no answer can be "
                "compared with it"
            )

    def _numbers(self, expr: Expr) -> list[Any]:
        places = range(len(self.values.points))
        return [self.values.value(expr, {}, place) for place in places]

    def fault(self, given: Expr) -> tuple[str | None, str] | None:
        """Nothing where it is right, else the broken rule, if known, and the words."""
        if given == self.truth or given == self.gradient.graph.expand(self.truth):
            return None
        found = self._numbers(given)
        same = self._same(found)
        if not same:
            return None, "it has no value where the derivative has one"
        if all(same.values()):
            missing = self._missing(found)
            return (None, missing) if missing else None
        for mistake, wrong in self._wrong():
            if self._agree(self._numbers(wrong), found):
                return mistake.rule, f"{mistake.rule}: {mistake.words}"
        return None, self._told(found, same)

    def _same(self, found: Sequence[Any]) -> dict[int, bool]:
        """place -> whether both agree there, where both have a number."""
        finite = self.values.is_finite
        return {
            place: _close(one, other)
            for place, (one, other) in enumerate(zip(self.true, found, strict=True))
            if finite(one) and finite(other)
        }

    def _agree(self, wrong: Sequence[Any], found: Sequence[Any]) -> bool:
        pairs = [
            (one, other)
            for one, other in zip(wrong, found, strict=True)
            if self.values.is_finite(one) and self.values.is_finite(other)
        ]
        is_other = any(
            not _close(one, true)
            for one, true in zip(wrong, self.true, strict=True)
            if self.values.is_finite(one) and self.values.is_finite(true)
        )
        return bool(pairs) and is_other and all(_close(*pair) for pair in pairs)

    def _wrong(self) -> Any:
        graph = self.gradient.graph
        if self.truth != self.gradient[self.gradient.wrt[0]]:
            return ()  # a blank is no derivative of the whole
        return wrong_derivatives(graph.closed_form(), self.gradient.wrt[0])

    def _missing(self, found: Sequence[Any]) -> str:
        """What to say where the answer has no value and the derivative has one."""
        lost = [
            place
            for place, (one, other) in enumerate(zip(self.true, found, strict=True))
            if self.values.is_finite(one) and not self.values.is_finite(other)
        ]
        if not lost:
            return ""
        return f"right where it has a value, but it has none at {self._point(lost[0])}"

    def _told(self, found: Sequence[Any], same: dict[int, bool]) -> str:
        """How the answer differs, by a factor or at a point."""
        ratios = {
            _short(found[place] / self.true[place])
            for place in same
            if self.true[place] != 0
        }
        if len(ratios) == 1 and len(same) > 1 and ratios != {"1"}:
            (ratio,) = ratios
            if ratio == "0":
                return "it is 0, and the right answer is not"
            if ratio == "−1":
                return "the sign is the other one: it is −1 times the right answer"
            return f"it is {ratio} times the right answer"
        right = [place for place, equal in same.items() if equal]
        place = next(place for place, equal in same.items() if not equal)
        given, wanted = _told_apart(found[place], self.true[place])
        told = f"at {self._point(place)} it is {given}, and should be {wanted}"
        half = self._half(right, same)
        return f"equal only where {half}; {told}" if half else told

    def _half(self, right: Sequence[int], same: dict[int, bool]) -> str:
        """x > 0 or x < 0, where an answer is right on that side alone."""
        if not right:
            return ""
        for leaf in self.values.program.leaves:
            for sign, words in ((1, "> 0"), (-1, "< 0")):
                side = [p for p in same if self.values.points[p][leaf.name] * sign > 0]
                if side and set(side) == set(right):
                    return f"{leaf.name} {words}"
        return ""

    def _point(self, place: int) -> str:
        point = self.values.points[place]
        shown = [f"{name} = {_short(value, 4)}" for name, value in point.items()]
        return ", ".join(shown[:4]) + (", …" if len(shown) > 4 else "")


def _close(one: Any, other: Any) -> bool:
    largest = max(abs(one), abs(other))
    return bool(abs(one - other) <= TOLERANCE * largest)


def _told_apart(one: Any, other: Any) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to see that they differ."""
    for digits in (6, 10, 16, 24, 40):
        texts = nstr(one, digits), nstr(other, digits)
        if texts[0] != texts[1]:
            break
    return texts[0].replace("-", "−"), texts[1].replace("-", "−")


def _short(value: Any, digits: int = 10) -> str:
    return f"{float(value):.{digits}g}".replace("-", "−")
