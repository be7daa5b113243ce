"""Derivations as text to be read aloud: every formula in words, a sentence a line.

The one rule kept here: nothing has to be seen. No column, no sign and no position says
anything; what a step is, where it begins and why a line holds is said.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from symgrad.derivation import Derivation, Section, Table
from symgrad.renderers.outline import Entry, Outline, Words
from symgrad.renderers.spoken import DIGITS, SIGNS, spoken, tidied

_LOWERED = re.compile("[₀-₉]+")
_POWER_OF_TEN = re.compile(r"(?<=\d)e([-+]?)0*(\d+)")
_SAID = {sign: word for sign, word in SIGNS.items() if sign not in ",;()/"}
_SAID |= {"✓": "Checked:", "✗": "Wrong:", "∂": "partial", "²": "squared", "³": "cubed"}
_SAID |= {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar"}
_SIGN = re.compile("[" + re.escape("".join(_SAID)) + "]")


def render_speech(derivation: Derivation) -> str:
    """Write a derivation as text for a voice."""
    outline = Outline(derivation)
    lines = [_sentence(_say(outline.words(derivation.title)))]
    for section in derivation.sections:
        lines += ["", *_section(outline, section)]
    lines.append("")
    for check in derivation.checks or (("not checked",),):
        lines.append(_sentence(_say(outline.words(check))))
    return "\n".join(lines) + "\n"


def _section(outline: Outline, section: Section) -> Iterator[str]:
    yield _sentence(_say(outline.words(section.title)))
    for text in section.text:
        yield _sentence(_say(outline.words(text)))
    if section.picture is not None:
        yield _sentence(f"Picture: {_words(section.picture.description)}")
    for group in outline.groups(section.steps):
        if group[0].number:
            yield ""
        for entry in group:
            yield from _step(entry)
    if section.table is not None:
        yield from _table(outline, section.table)


def _step(entry: Entry) -> Iterator[str]:
    if entry.number:
        head = f"Step {entry.number}: {_words(entry.rule)}"
        if entry.formula is not None:
            left, right = entry.formula
            head += f". In general, {spoken(left)} equals {spoken(right)}"
        yield _sentence(head)
    for note in entry.notes:
        yield _sentence(_say(note))
    for name, expr in entry.definitions:
        yield _sentence(f"Let {spoken(name)} equal {spoken(expr)}")
    left_side = spoken(entry.lhs)
    for place, row in enumerate(entry.rows):
        start = "It" if place else left_side
        said = f"{start} {SIGNS[row.sign]} {spoken(row.node)}"
        reason = _say(row.reason)
        yield _sentence(f"{said}; reason: {reason}" if reason else said)


def _table(outline: Outline, table: Table) -> Iterator[str]:
    """Every cell after the name of its column."""
    heads = [_say(outline.words(cell)) for cell in table.header]
    yield f"Table of {len(table.rows)} rows."
    for number, row in enumerate(table.rows, 1):
        cells = [_say(outline.words(cell)) for cell in row]
        said = "; ".join(
            f"{head}: {cell}" for head, cell in zip(heads, cells, strict=True) if cell
        )
        yield _sentence(f"Row {number}. {said}")


def _say(words: Words) -> str:
    return " ".join(_words(w) if isinstance(w, str) else spoken(w) for w in words)


def _words(text: str) -> str:
    """Words with the signs among them said; 1e-32 is a power of ten."""
    text = _SIGN.sub(_sign, text)
    text = _SIGN.sub(_sign, unicodedata.normalize("NFD", text))  # the hat of ŷ
    text = _LOWERED.sub(_index, text)
    return _POWER_OF_TEN.sub(_power_of_ten, text)


def _sign(found: re.Match[str]) -> str:
    return f" {_SAID[found[0]]} "


def _index(found: re.Match[str]) -> str:
    return "".join(f" {DIGITS[unicodedata.digit(digit)]}" for digit in found[0])


def _power_of_ten(found: re.Match[str]) -> str:
    sign = "minus " if found[1] == "-" else ""
    return f" times 10 to the {sign}{found[2]}"


def _sentence(text: str) -> str:
    return tidied(text).rstrip(".,;:") + "."
