"""Every ``=`` of a derivation recomputed at random points.

The one rule kept here: an equality is true because both its sides were evaluated and
agree, derivatives by difference quotients (differences.py), never because a rule says
so; and what was not recomputed is counted, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from typing import NamedTuple

from sympy import Expr, Symbol

from symgrad.abstract_functions import abstract_functions
from symgrad.derivation import Step
from symgrad.errors import ArgumentValueError, RuleError, short
from symgrad.graph import Graph
from symgrad.integrals import integrals_in
from symgrad.numeric.agreement import TOLERANCE, worst_error
from symgrad.numeric.differences import Program, TooLong
from symgrad.numeric.page_costs import cost_of, even_choice
from symgrad.numeric.page_names import Scope
from symgrad.numeric.page_values import MAX_WORK, Hidden, PageValues
from symgrad.progress import watched
from symgrad.symbols import Partial, Total
from symgrad.user_functions import UserCall


class Failure(NamedTuple):
    """An ``=`` that does not hold: the line's place in its step, and by how much."""

    rule: str
    lhs: Expr
    line: int
    error: float


@dataclass(frozen=True)
class StepsCheck:
    """What was recomputed of a page, where and how well.

    ``equalities``, ``points`` and ``left_out`` are numbers, ``reasons`` holds (number,
    reason) pairs for what was left out; ``worst`` is the largest relative error, 0.0
    where nothing was recomputed. ``filled_in`` names the abstract functions, for which
    random smooth ones stood in.
    """

    equalities: int
    points: int
    worst: float
    reasons: tuple[tuple[int, str], ...] = ()
    failures: tuple[Failure, ...] = ()
    filled_in: tuple[str, ...] = ()

    @property
    def left_out(self) -> int:
        """How many equalities were not recomputed."""
        return sum(number for number, _ in self.reasons)

    @property
    def passed(self) -> bool:
        """Whether something was recomputed and all of it holds."""
        return self.equalities > 0 and not self.failures

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        if not self.equalities:
            told = "no equality recomputed"
        else:
            told = (
                f"{_count(self.equalities, 'equality', 'equalities')} recomputed at "
                f"{_count(self.points, 'random point', 'random points')}, "
                f"worst error {self.worst:.1g}"
            )
        if self.filled_in:
            letters = ", ".join(self.filled_in)
            told += f"; abstract functions filled in at random ({letters})"
        told += "".join(f"; {number} left out: {why}" for number, why in self.reasons)
        return told + "".join(
            f"; NOT TRUE: line {f.line + 1} of {f.rule}, {short(f.lhs)} "
            f"(error {f.error:.1g})"
            for f in self.failures
        )


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


class _Equality(NamedTuple):
    step: Step
    line: int
    left: Expr
    right: Expr
    scope: Scope
    counts: bool


def check_steps(
    graph: Graph,
    steps: Sequence[Step],
    points: int = 3,
    seed: int = 0,
    program: Program | None = None,
) -> StepsCheck:
    """Recompute every equality of ``steps``, substeps included, at random points.

    >>> from symgrad.derivation import Line
    >>> from symgrad.graph import Stage
    >>> from symgrad.symbols import symbol
    >>> x, y = symbol("x"), symbol("y")
    >>> graph = Graph((Stage(y, x**2),), (y,), (x,))
    >>> true = Step("power", Partial(y, x), (Line(2 * x),))
    >>> check_steps(graph, [true]).passed
    True
    >>> false = Step("power", Partial(y, x), (Line(3 * x),))
    >>> [failure.rule for failure in check_steps(graph, [false]).failures]
    ['power']

    Inputs and parameters get random values, stages and their labels the values of the
    forward pass. ``Partial`` is the difference quotient of one stage's own expression,
    ``Total`` that of the forward pass, ``LocalDerivative`` that of its expression with
    the local names of the enclosing steps expanded. Steps called ``definition`` only
    introduce a name: they must hold where they speak of the graph, but do not count.
    Over ``MAX_WORK`` operations an evenly spread choice is recomputed. ``program`` is
    another forward pass of the same names, where a stage is not given by its formula.

    Raises ``RuleError`` where a stage has a function that is not known.
    """
    if isinstance(points, bool) or not isinstance(points, int) or points < 1:
        raise ArgumentValueError(f"points is {short(points)}; expected 1 or more")
    equalities = list(_equalities(graph, steps))
    try:
        values = PageValues(graph, points, seed, program)
    except TooLong as problem:
        return StepsCheck(0, 0, 0.0, ((_counted(equalities), str(problem)),))
    if not values.points:
        reason = _without_values(graph)
        left = ((_counted(equalities), reason),) if _counted(equalities) else ()
        return StepsCheck(0, 0, 0.0, left)
    chosen = _choose(equalities, values)
    left_out: Counter[str] = Counter()
    skipped = _counted(equalities) - _counted(chosen)
    if skipped:
        left_out[f"over the bound of {MAX_WORK:,} operations"] = skipped
    check = _recompute(chosen, values, left_out)
    letters = {part.letter for part in abstract_functions(graph)}
    return changed(check, filled_in=tuple(sorted(letters)))


def _without_values(graph: Graph) -> str:
    """Say why there is no point at which a page could be checked."""
    for stage in graph.stages:
        for call in stage.expr.atoms(UserCall):
            if call.definition.formula is None:
                return f"{call.definition.name} has no formula"
        if integrals_in(stage.expr):
            return "no point was found at which the integrals converge"
    return "no point inside the domain was found"


def _recompute(
    chosen: Sequence[_Equality], values: PageValues, left_out: Counter[str]
) -> StepsCheck:
    done, worst = 0, 0.0
    failures: list[Failure] = []
    for one in watched(chosen, "equalities recomputed"):
        try:
            error = worst_error(one.left, one.right, one.scope, values)
        except (Hidden, RuleError) as problem:
            left_out[str(problem)] += one.counts
            continue
        done += one.counts
        worst = max(worst, error if one.counts else 0.0)
        if not error <= TOLERANCE:
            failures.append(Failure(one.step.rule, one.step.lhs, one.line, error))
    told = tuple((n, why) for why, n in left_out.most_common() if n)
    return StepsCheck(done, values.wanted, worst, told, tuple(failures))


def _counted(equalities: Sequence[_Equality]) -> int:
    return sum(one.counts for one in equalities)


def _equalities(graph: Graph, steps: Sequence[Step]) -> Iterator[_Equality]:
    """Yield every ``=`` of the steps in reading order, with the names in scope."""
    named: dict[Symbol, Expr] = {}
    todo: list[tuple[Step, Scope]] = [(step, named) for step in reversed(steps)]
    while todo:
        step, outer = todo.pop()
        scope = {**outer, **dict(step.definitions)} if step.definitions else outer
        for name, expr in step.definitions:
            if name.name in graph.names:
                yield _Equality(step, 0, name, expr, scope, counts=False)
        sides = [step.lhs, *(line.expr for line in step.lines)]
        for place in range(len(step.lines)):
            introduces = step.rule == "definition" and place == 0
            if introduces and not _is_known(graph, step.lhs):
                named[step.lhs] = sides[1]
                continue
            yield _Equality(
                step, place, sides[place], sides[place + 1], scope, not introduces
            )
        todo.extend((inner, scope) for inner in reversed(step.substeps))


def _is_known(graph: Graph, lhs: Expr) -> bool:
    if isinstance(lhs, Partial | Total) or not isinstance(lhs, Symbol):
        return True
    return lhs.name in graph.names


def _choose(equalities: list[_Equality], values: PageValues) -> list[_Equality]:
    """Take every equality, or an even choice of them, so that the work is bounded."""
    costs = [
        cost_of(one.left, one.scope, values).plus(cost_of(one.right, one.scope, values))
        for one in equalities
    ]
    return [equalities[k] for k in even_choice(costs, values.pass_cost)]
