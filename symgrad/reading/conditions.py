"""Which parts of a formula are conditions and which are numbers.

The one rule kept here: a condition stands only where one is asked for, and a number
only where a number is; ``x + (y > 0)`` is an error, never a 0 or a 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from symgrad.errors import short
from symgrad.reading.postfix import Instruction
from symgrad.tokens import fail

SELECTIONS = frozenset({"choose", "where", "piecewise", "reduce", "integrate"})
_TO_CONDITION = frozenset({"compare", "and", "or", "not", "truth"})
_CHOOSING = SELECTIONS | _TO_CONDITION


class _Part(NamedTuple):
    """A part of the formula: what it is, where in the text, its first instruction."""

    is_condition: bool
    start: int
    end: int
    first: int


def branches_of(text: str, steps: Sequence[Instruction]) -> frozenset[int]:
    """Check the kinds of all parts; give what stands inside a choice, by its number.

    >>> from symgrad.reading.reader import read
    >>> sorted(read("2 + (x^2 if x > 0 else 0)").statements[0].program.branches)
    [1, 2, 3, 4, 5, 6, 7]
    """
    if _CHOOSING.isdisjoint(step.op for step in steps):
        return frozenset()  # nothing but numbers
    stack: list[_Part] = []
    spans: list[tuple[int, int]] = []
    for place, step in enumerate(steps):
        parts = stack[len(stack) - step.arity :]
        del stack[len(stack) - step.arity :]
        for part, wanted in zip(parts, _wanted(step), strict=True):
            if part.is_condition is not wanted and step.op != "group":
                _fail_kind(text, part)
        first = min([place, *(part.first for part in parts)])
        if step.op in SELECTIONS:
            while spans and spans[-1][0] >= first:
                spans.pop()
            spans.append((first, place))
        is_group = step.op == "group"
        is_condition = parts[0].is_condition if is_group else step.op in _TO_CONDITION
        start = min([step.start, *(part.start for part in parts)])
        end = max([step.end, *(part.end for part in parts)])
        stack.append(_Part(is_condition, start, end, first))
    if stack[-1].is_condition:
        if steps[-1].op == "compare" and steps[-1].value == "==":
            fail(
                text,
                stack[-1].start,
                f"{short(text[stack[-1].start : stack[-1].end])} is an equation; "
                "define a name with one =, or use implicit('x^2 + y^2 = 25', of='y')",
            )
        _fail_kind(text, stack[-1])
    return frozenset(k for first, last in spans for k in range(first, last))


def _wanted(step: Instruction) -> list[bool]:
    """For each operand, whether it has to be a condition."""
    if step.op == "choose":
        return [False, True, False]
    if step.op == "where":
        return [True, False, False]
    if step.op == "piecewise":
        return [False, True] * (step.arity // 2)
    return [step.op in ("and", "or", "not")] * step.arity


def _fail_kind(text: str, part: _Part) -> NoReturn:
    shown = short(text[part.start : part.end])
    if part.is_condition:
        message = (
            f"{shown} is a condition where a number is expected; write "
            f"a if {text[part.start : part.end][:60]} else b"
        )
    else:
        message = f"{shown} is no condition; expected a comparison such as x > 0"
    fail(text, part.start, " ".join(message.split()))
