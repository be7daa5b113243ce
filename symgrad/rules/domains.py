"""Where a step of a page holds: denominators, powers, roots and logarithms.

The one rule kept here: a domain is said once on a page, by names the reader has met; a
condition that always holds is not said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace as changed

from sympy import Expr, Integer, Mul, Piecewise, Pow, Symbol

from symgrad.derivation import Section, Step, Text
from symgrad.functions import EDGE
from symgrad.indexed import Reduction, is_whole
from symgrad.substitution import replace


def domain_note(what: str, domain: str, argument: Expr) -> tuple[Text, ...]:
    """Say where a function is real, its argument in place of u.

    >>> from symgrad.symbols import symbol
    >>> domain_note("log", "u > 0", symbol("x"))
    (('log needs ', x, ' > 0'),)
    """
    if not domain:
        return ()
    before, *after = re.split(r"\bu\b", domain)
    named: list[Text] = [(argument, text) for text in after]
    return ((f"{what} needs {before}", *(part for pair in named for part in pair)),)


def _value(exponent: Expr) -> float | None:
    """A constant exponent as a float, where SymPy can tell it: not Heaviside(3)."""
    number = exponent.evalf() if exponent.is_number else exponent
    return float(number) if number.is_Number and number.is_finite else None


def power_notes(base: Expr, exponent: Expr) -> tuple[Text, ...]:
    """Say where a power of a constant exponent is real and has a derivative."""
    value = _value(exponent)
    is_number = value is not None and value.is_integer()
    if exponent.is_integer or is_number or is_whole(exponent):
        domain = "u ≠ 0" if exponent.is_negative else ""
        return () if base.is_zero is False else domain_note("the power", domain, base)
    if base.is_positive:
        return ()
    if not exponent.is_number:
        whole: Text = (", unless ", exponent, " is a whole number")
        return ((*domain_note("the power", "u > 0", base)[0], *whole),)
    if exponent.is_negative or value is None:
        return domain_note("the power", "u > 0", base)
    edge = "" if value > 1 else "; " + EDGE.format("u = 0", "inf")
    domain = f"u ≥ 0{edge}"
    return domain_note("the power", domain, base)


def base_notes(base: Expr) -> tuple[Text, ...]:
    """Say that the base of a variable exponent is positive."""
    return () if base.is_positive else ((base, " > 0 is needed"),)


def denominator_notes(below: Sequence[Expr]) -> tuple[Text, ...]:
    """Say that denominators are not 0, each once.

    >>> from symgrad.symbols import symbol
    >>> x = symbol("x")
    >>> denominator_notes([x**2 + 1, (x - 1) ** 3])
    (('the quotient needs ', x - 1, ' ≠ 0'),)
    """
    found: dict[Expr, None] = {}
    for expr in below:
        for factor in expr.args if isinstance(expr, Mul) else (expr,):
            is_power = isinstance(factor, Pow) and factor.exp.is_positive
            base = factor.base if is_power else factor
            if base.is_zero is not False and not base.is_number:
                found[base] = None
    return tuple(("the quotient needs ", base, " ≠ 0") for base in found)


def denominators(factors: Sequence[Expr]) -> list[Expr]:
    """List what stands below the bar of a product."""
    return [
        Pow(factor.base, -factor.exp)
        for factor in factors
        if isinstance(factor, Pow) and factor.exp.is_Integer and factor.exp < 0
    ] or [Integer(1)]


def in_names(step: Step, names: Mapping[Symbol, Expr]) -> Step:
    """Say the notes of a step, not of its substeps, by what local names stand for."""
    if not step.notes or not names:
        return step
    notes = tuple(
        tuple(part if isinstance(part, str) else replace(part, names) for part in note)
        for note in step.notes
    )
    return changed(step, notes=notes)


def without_note(step: Step, notes: Sequence[Text]) -> Step:
    """Take notes out of a step and its substeps: they are said above it."""
    return changed(
        step,
        notes=tuple(note for note in step.notes if note not in notes),
        substeps=tuple(without_note(inner, notes) for inner in step.substeps),
    )


def _told(note: Text) -> Text:
    """What a note says, whatever needs it: "x ≠ 0"."""
    head = note[0]
    is_need = isinstance(head, str) and head.endswith(" needs ")
    return note[1:] if is_need else note


def _is_sure(note: Text) -> bool:
    """Whether a condition holds for every real number, as x² + 1 > 0 does."""
    about, *words = _told(note)
    if not isinstance(about, Expr) or not words or not isinstance(words[0], str):
        return False
    return bool(about.is_positive and words[0].startswith((" > 0", " ≥ 0", " ≠ 0")))


def _stronger(notes: Sequence[Text], among: Sequence[Text]) -> list[Text]:
    """The notes that none of the others implies: x > 0 says x ≥ 0 and x ≠ 0 too."""
    told = map(_told, among)
    above = {said[0] for said in told if said[1:] in ((" > 0",), (" > 0 is needed",))}

    def is_implied(said: Text) -> bool:
        return said[0] in above and str(said[1]).startswith((" ≥ 0", " ≠ 0"))

    return [note for note in notes if not is_implied(_told(note))]


def said_in(
    notes: Sequence[Text], among: Sequence[Text] = (), has_choices: bool = False
) -> list[Text]:
    """The notes, of those that say the same the first; ``among`` are said as well.

    With choices between formulas, each has its own domain and none implies another.
    """
    found = {_told(note): note for note in reversed(notes) if not _is_sure(note)}
    kept = list(found.values())[::-1]
    return kept if has_choices else _stronger(kept, (*notes, *among))


def _notes_of(step: Step) -> list[Text]:
    """The notes of a step and of all the steps in it."""
    found: list[Text] = []
    todo = [step]
    while todo:
        one = todo.pop()
        found += one.notes
        todo += one.substeps
    return found


def _counted(step: Step) -> frozenset[Text]:
    """What holds of the indices of a step that count from 1 or more: i ≠ 0."""
    found = step.lines[0].expr.atoms(Reduction)
    names = [each.index for each in found if each.lower.is_positive]
    return frozenset((name, sign) for name in names for sign in (" ≠ 0", " > 0"))


def said_once(sections: Sequence[Section]) -> list[Section]:
    """Keep of notes on a page that say the same the first."""
    said: set[Text] = set()

    def is_new(note: Text) -> bool:
        told = _told(note)
        is_first = told not in said
        said.add(told)
        return is_first

    def once(step: Step, counts: frozenset[Text] = frozenset()) -> Step:
        counts |= _counted(step)
        has_choices = any(line.expr.has(Piecewise) for line in step.lines)
        below = [note for inner in step.substeps for note in _notes_of(inner)]
        kept = [note for note in step.notes if _told(note) not in counts]
        notes = tuple(filter(is_new, said_in(kept, below, has_choices)))
        substeps = tuple(once(inner, counts) for inner in step.substeps)
        return changed(step, notes=notes, substeps=substeps)

    return [changed(s, steps=tuple(map(once, s.steps))) for s in sections]
