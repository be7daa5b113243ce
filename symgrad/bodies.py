"""What a page of several derivations consists of, before it is checked and written.

The one rule kept here: each part is checked in its own graph, in which the derivatives
it speaks of are difference quotients and not yet stages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed

import sympy as sp
from sympy import Expr, Symbol

from symgrad.derivation import Section, Step, Text
from symgrad.errors import ArgumentValueError
from symgrad.graph import Graph
from symgrad.numeric.curves import curve_program
from symgrad.numeric.differences import Program, compile_program
from symgrad.numeric.equalities import StepsCheck, check_steps
from symgrad.numeric.loops import as_number
from symgrad.numeric.page_values import PageValues
from symgrad.numeric.sampling import read_point

CLOSE = 1e-6
_DIFFERENCE = sp.Dummy("difference")


@dataclass(frozen=True)
class Part:
    """Sections that are true in one graph; ``curve`` is (y, what is 0 on the curve)."""

    sections: tuple[Section, ...]
    graph: Graph
    curve: tuple[Symbol, Expr] | None = None

    @property
    def steps(self) -> list[Step]:
        """The steps of all its sections."""
        return [step for section in self.sections for step in section.steps]


@dataclass(frozen=True)
class Body:
    """A page: its title, its parts, and the graph whose names ``at`` gives numbers."""

    title: Text
    parts: tuple[Part, ...]
    numbers: Graph
    curve: tuple[Symbol, Expr] | None = None

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections of all parts, in order."""
        return tuple(section for part in self.parts for section in part.sections)

    @property
    def graph(self) -> Graph:
        """The graph that knows all names of the page."""
        return self.parts[-1].graph


def check_on_curve(body: Body, at: Mapping[str, float]) -> None:
    """Refuse a point that does not solve the equation of the page.

    Raises ``ArgumentValueError`` that says by how much the sides differ.
    """
    if body.curve is None:
        return
    point = read_point(body.numbers, at)
    names = body.numbers.inputs
    program = compile_program(names, [(_DIFFERENCE, body.curve[1])])
    found = program.run({name: as_number(point[name.name]) for name in names})
    difference = float(found[program.slots[_DIFFERENCE]])
    if not abs(difference) <= CLOSE:
        raise ArgumentValueError(
            f"the point of at is not on the curve: the sides differ by "
            f"{difference:.3g} there; choose a point that solves the equation"
        )


def check_parts(parts: Sequence[Part]) -> tuple[Text, ...]:
    """Recompute every equality of all parts, and say where."""
    checks = [_check(part) for part in parts if part.steps]
    result = merged(checks)
    if not result.equalities:
        return ((f"not checked: {result}",),)
    mark = "✓" if result.passed else "✗"
    curve = next((part for part in parts if part.curve is not None), None)
    told = str(result)
    if curve is None:
        return ((f"{mark} {told}",),)
    told = told.replace("random point", "random point of the curve", 1)
    told = told.replace("random point of the curves", "random points of the curve")
    return ((f"{mark} {told}",), (f"the points: {'; '.join(_points(curve))}",))


def merged(checks: Sequence[StepsCheck]) -> StepsCheck:
    """Several checks as one."""
    reasons: Counter[str] = Counter()
    for check in checks:
        for number, why in check.reasons:
            reasons[why] += number
    return StepsCheck(
        sum(check.equalities for check in checks),
        max((check.points for check in checks), default=0),
        max((check.worst for check in checks), default=0.0),
        tuple((number, why) for why, number in reasons.most_common()),
        tuple(failure for check in checks for failure in check.failures),
        tuple(sorted({name for check in checks for name in check.filled_in})),
    )


def _check(part: Part) -> StepsCheck:
    if part.curve is None:
        return check_steps(part.graph, part.steps)
    check = check_steps(part.graph, part.steps, program=_program(part))
    # the curve itself stands for y(x); an abstract equation is still filled in
    letters = tuple(x for x in check.filled_in if x != part.curve[0].name)
    return changed(check, filled_in=letters)


def _program(part: Part) -> Program:
    assert part.curve is not None
    return curve_program(part.graph, *part.curve)


def _points(part: Part, count: int = 3) -> list[str]:
    """The points of the curve at which a part is checked, in a few digits."""
    assert part.curve is not None
    values = PageValues(part.graph, count, 0, _program(part))
    names = [*values.program.leaves, part.curve[0]]
    return [
        ", ".join(
            f"{name} = {float(base[values.program.slots[name]]):.5g}" for name in names
        ).replace("-", "−")
        for base in values.bases[:count]
    ]
