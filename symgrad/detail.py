"""What each level of detail shows of a step.

The one rule kept here: nothing is added, a step is shown whole, or less of it; a kink
or a domain that is noted in what is left out is kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace as changed

from sympy import Expr, Mul

from symgrad.derivation import Step, Text
from symgrad.symbols import Chain, Partial, Total

_PLAIN_RULES = frozenset(
    (
        *("constant", "variable", "constant multiple", "sum", "power", "exponential"),
        "abstract function",
    )
)


def shown_step(step: Step, detail: str) -> Step:
    """Keep of a step what the level of detail shows."""
    if detail == "full":
        return step
    step = _without_reordering(step)
    substeps = tuple(
        shown_step(inner, detail)
        for inner in step.substeps
        if isinstance(inner.lhs, Partial) or not _is_plain(inner)
    )
    if detail == "brief":
        substeps = ()
    notes = dict.fromkeys((*step.notes, *lost_notes(step, substeps)))
    return changed(step, substeps=substeps, notes=tuple(notes), formula=None)


def lost_notes(step: Step, kept: tuple[Step, ...]) -> list[Text]:
    """What is noted in the substeps that are not shown: kinks and domains."""
    shown = {inner.lhs for inner in kept}
    hidden = [inner for inner in step.substeps if inner.lhs not in shown]
    notes: list[Text] = []
    while hidden:
        inner = hidden.pop(0)
        notes += inner.notes
        hidden += inner.substeps
    return notes


def _without_reordering(step: Step) -> Step:
    """Leave out a last line that only sorts the factors of the line before it."""
    if len(step.lines) < 2:
        return step
    before, last = step.lines[-2].expr, step.lines[-1].expr
    if not isinstance(before, Chain) or not isinstance(last, Mul):
        return step
    factors: list[Expr] = []
    for factor in before.args:
        factors += factor.args if isinstance(factor, Mul) else (factor,)
    if Counter(factors) != Counter(last.args) or isinstance(step.lhs, Total):
        return step
    return changed(step, lines=step.lines[:-1])


def _is_plain(step: Step) -> bool:
    """Whether the reason in the line above already says all of this step."""
    if step.rule in _PLAIN_RULES:
        return all(_is_plain(inner) for inner in step.substeps)
    return step.rule.startswith("derivative of") or step.rule in (
        "logarithm",
        "square root",
    )
