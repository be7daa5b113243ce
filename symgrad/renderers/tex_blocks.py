"""Steps, tables and pictures as LaTeX, for a page or a slide of any width.

The one rule kept here: no line is made wider than asked; reasons stand in a column of
known width, rows too long for theirs go under it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symgrad.derivation import Picture, Table
from symgrad.pictures import tikz
from symgrad.renderers.breaking import share
from symgrad.renderers.nodes import Layout
from symgrad.renderers.outline import Entry, Outline, Row, Words
from symgrad.renderers.tex import tex, tex_lines
from symgrad.renderers.tex_words import escape, inline, say, words_width
from symgrad.renderers.widths import layout_width

_REASON = 14.0
_SPARE = 0.5
_GAP = 2.5
_PIXEL = 0.75  # a picture's unit in TeX's big points


def display(entries: Sequence[Entry], line: float) -> Iterator[str]:
    """Set rows under each other, equals signs aligned, reasons in a column."""
    if not entries:
        return
    pairs = [pair for entry in entries for pair in _pairs(entry)]
    left_width = max(layout_width(left) + 1.5 for left, _ in pairs if left is not None)
    is_apart = left_width > line / 3
    room = line - (1.0 if is_apart else left_width) - 1.5
    columns = _Columns(room, _reason_room(room, [row for _, row in pairs]))
    rows: list[str] = []
    for left, row in pairs:
        start = "" if left is None else tex(left)
        if start and row.sign == "let":
            start = rf"\text{{let }} {start}"
        if start and is_apart:
            lines = [] if left is None else tex_lines(left, line, line - 2)
            rows += [_wide("", part) for part in lines]
            start = ""
        rows += _row(start, row, columns)
    yield r"\begin{align*}"
    yield " \\\\\n".join(rows)
    yield r"\end{align*}"


@dataclass(frozen=True)
class _Columns:
    """The widths, in em, right of the left sides: all of it, and that of reasons."""

    room: float
    reason: float


def _reason_room(room: float, rows: Sequence[Row]) -> float:
    """What the reasons need, or what the rows that leave them room do not need."""
    needed = max(words_width(row.reason) for row in rows)
    if needed <= _REASON:
        return needed and needed + _SPARE
    widths = [layout_width(row.node) for row in rows]
    widest = max((w for w in widths if w <= room - _REASON - _GAP), default=0.0)
    return min(needed, room - widest - _GAP)


def _pairs(entry: Entry) -> Iterator[tuple[Layout | None, Row]]:
    """The rows of a step, with a left side where one stands."""
    for name, expr in entry.definitions:
        yield name, Row("let", expr)
    for place, row in enumerate(entry.rows):
        yield (None if place else entry.lhs), row


def _row(left: str, row: Row, columns: _Columns) -> Iterator[str]:
    """One row with its reason beside it, or a broken one with its reason below."""
    sign = r"\approx" if row.sign == "≈" else "="
    beside = columns.room - columns.reason - (_GAP if columns.reason else 0)
    if layout_width(row.node) <= beside:
        reason = rf" && {_box(row.reason, columns.reason)}" if row.reason else ""
        yield f"{left} &{sign} {tex(row.node)}{reason}"
        return
    for line in tex_lines(row.node, columns.room, columns.room - 2):
        yield _wide(left, f"{sign} {line}")
        left, sign = "", r"\quad"
    if row.reason:
        yield f"&\\quad \\rlap{{{_box(row.reason, columns.room - 3)}}}"


def _wide(left: str, line: str) -> str:
    """A row that is wider than its column, and does not widen it."""
    return rf"{left} &\rlap{{$\displaystyle {line}$}}"


def _box(reason: Words, width: float) -> str:
    text = say(reason)
    if words_width(reason) <= width - _SPARE:
        return rf"\text{{{text}}}"
    return rf"\parbox[t]{{{width:.1f}em}}{{\raggedright {text}}}"


def table_lines(
    outline: Outline, table: Table, line: float, most: int = 30
) -> Iterator[str]:
    """Set a table in pieces that fit on a page, its cells broken where needed."""
    said = [
        [outline.words(cell) for cell in row] for row in (table.header, *table.rows)
    ]
    places = range(len(table.header))
    natural = [max(words_width(row[k]) for row in said) + 1.0 for k in places]
    widths = share(natural, line - 1.5 * len(places), 3)
    form = "".join(rf"p{{{width}em}}" for width in widths)
    head, *rows = ([_cell(c, w) for c, w in zip(r, widths, strict=True)] for r in said)
    for start in range(0, max(len(rows), 1), most):
        yield from ("", r"\medskip", rf"\begin{{tabular}}{{@{{}}{form}@{{}}}}")
        yield " & ".join(head) + r" \tabularnewline \hline"
        for row in rows[start : start + most]:
            yield " & ".join(row) + r" \tabularnewline"
        yield from (r"\end{tabular}", "")


def _cell(words: Words, width: float) -> str:
    if len(words) == 1 and not isinstance(words[0], str):
        lines = tex_lines(words[0], width, width - 1, linear=True)
        return r"\raggedright $" + r"$\newline\hspace*{1em}$".join(lines) + "$"
    return rf"\raggedright {say(words)}"


def rule_line(entry: Entry) -> str:
    """The rule of a step, with its formula in general letters."""
    if entry.formula is None:
        return escape(entry.rule)
    left, right = entry.formula
    return f"{escape(entry.rule)}: {inline(left)} $=$ {inline(right)}"


def picture_lines(picture: Picture, width: float, height: float) -> Iterator[str]:
    """Set a picture with TikZ, at most so many big points wide and high."""
    wide, high = _PIXEL * picture.width, _PIXEL * picture.height
    scale = min(1.0, width / wide, height / high)
    yield from (r"\begin{center}", rf"\scalebox{{{scale:.3f}}}{{%")
    yield from (tikz.picture_tikz(picture).rstrip() + "}", r"\end{center}")
