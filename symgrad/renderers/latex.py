"""Derivations as LaTeX: a document that needs amsmath only, or a fragment of one.

The one rule kept here: the source is ASCII, and no line is made wider than the page;
reasons stand in a column of known width, rows too long for theirs go under it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symgrad.derivation import Derivation, Section, Table
from symgrad.renderers.breaking import share
from symgrad.renderers.names import LETTERS
from symgrad.renderers.nodes import Layout
from symgrad.renderers.outline import Entry, Outline, Row, Words
from symgrad.renderers.tex import tex, tex_lines
from symgrad.renderers.widths import layout_width

LINE = 43.0
"""The width of a display in em, on a page of 6.5 inches set in 10 point."""
_REASON = 14.0
_SPARE = 0.5
_GAP = 2.5
_ROWS = 30
_PIECE = 9.0

PREAMBLE = r"""\documentclass[10pt,fleqn]{article}
\usepackage{amsmath}
\setlength{\textwidth}{6.5in}
\setlength{\oddsidemargin}{0in}
\setlength{\textheight}{9in}
\setlength{\topmargin}{-0.5in}
\setlength{\mathindent}{2em}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt plus 2pt}
\sloppy
\allowdisplaybreaks
\begin{document}
"""

_SYMBOLS: dict[str, str] = {
    **{char: "\\" + char for char in "%&#${}_"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
    '"': "''",
    "−": "$-$",
    "·": r"$\cdot$",
    "×": r"$\times$",
    "…": r"\ldots{}",
    "–": "--",
    "—": "---",
    "’": "'",
    "“": "``",
    "”": "''",
    "∂": r"$\partial$",
    "≈": r"$\approx$",
    "≠": r"$\ne$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "∞": r"$\infty$",
    "→": r"$\to$",
    "√": r"$\surd$",
    "²": "$^2$",
    "³": "$^3$",
    "✓": r"$\surd$",
    "✗": r"$\times$",
    **{letter: f"$\\{name}$" for letter, name in LETTERS.items()},
}
_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0307": ".",
    "\u0308": '"',
    "\u0327": "c",
}


def render_latex(derivation: Derivation) -> str:
    """Write a derivation as a complete document."""
    return f"{PREAMBLE}{render_fragment(derivation)}\\end{{document}}\n"


def render_fragment(derivation: Derivation) -> str:
    """Write a derivation as LaTeX without a preamble, to be put into a document."""
    outline = Outline(derivation)
    lines = [f"{{\\Large\\bfseries {_say(outline.words(derivation.title))}\\par}}"]
    for section in derivation.sections:
        lines += ["", *_section(outline, section)]
    for check in derivation.checks or (("not checked",),):
        lines += ["", r"\medskip\noindent " + _say(outline.words(check))]
    return "\n".join(lines) + "\n"


def _section(outline: Outline, section: Section) -> Iterator[str]:
    yield rf"\section*{{{_say(outline.words(section.title))}}}"
    for text in section.text:
        yield from ("", _say(outline.words(text)))
    for group in outline.groups(section.steps):
        yield from _step(group[0]) if group[0].number else _display(group)
    if section.table is not None:
        yield from _table(outline, section.table)


def _step(entry: Entry) -> Iterator[str]:
    head = rf"\textbf{{{entry.number}}}\quad {escape(entry.rule)}"
    if entry.formula is not None:
        left, right = entry.formula
        head += f": {_inline(left)} $=$ {_inline(right)}"
    yield from ("", r"\medskip", head + r"\nopagebreak")
    for note in entry.notes:
        yield from ("", _say(note))
    yield from _display([entry])


def _display(entries: Sequence[Entry]) -> Iterator[str]:
    """Set rows under each other, equals signs aligned, reasons in a column."""
    if not entries:
        return
    pairs = [pair for entry in entries for pair in _pairs(entry)]
    left_width = max(layout_width(left) + 1.5 for left, _ in pairs if left is not None)
    is_apart = left_width > LINE / 3
    room = LINE - (1.0 if is_apart else left_width) - 1.5
    columns = _Columns(room, _reason_room(room, [row for _, row in pairs]))
    rows: list[str] = []
    for left, row in pairs:
        start = "" if left is None else tex(left)
        if start and row.sign == "let":
            start = rf"\text{{let }} {start}"
        if start and is_apart:
            lines = [] if left is None else tex_lines(left, LINE, LINE - 2)
            rows += [_wide("", line) for line in lines]
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
    needed = max(_words_width(row.reason) for row in rows)
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
    text = _say(reason)
    if _words_width(reason) <= width - _SPARE:
        return rf"\text{{{text}}}"
    return rf"\parbox[t]{{{width:.1f}em}}{{\raggedright {text}}}"


def _table(outline: Outline, table: Table) -> Iterator[str]:
    """Set a table in pieces that fit on a page, its cells broken where needed."""
    said = [
        [outline.words(cell) for cell in row] for row in (table.header, *table.rows)
    ]
    places = range(len(table.header))
    natural = [max(_words_width(row[k]) for row in said) + 1.0 for k in places]
    widths = share(natural, LINE - 1.5 * len(places), 3)
    form = "".join(rf"p{{{width}em}}" for width in widths)
    head, *rows = ([_cell(c, w) for c, w in zip(r, widths, strict=True)] for r in said)
    for start in range(0, max(len(rows), 1), _ROWS):
        yield from ("", r"\medskip", rf"\begin{{tabular}}{{@{{}}{form}@{{}}}}")
        yield " & ".join(head) + r" \tabularnewline \hline"
        for row in rows[start : start + _ROWS]:
            yield " & ".join(row) + r" \tabularnewline"
        yield from (r"\end{tabular}", "")


def _cell(words: Words, width: float) -> str:
    if len(words) == 1 and not isinstance(words[0], str):
        lines = tex_lines(words[0], width, width - 1, linear=True)
        return r"\raggedright $" + r"$\newline\hspace*{1em}$".join(lines) + "$"
    return rf"\raggedright {_say(words)}"


def _say(words: Words) -> str:
    return "".join(escape(w) if isinstance(w, str) else _inline(w) for w in words)


def _inline(node: Layout) -> str:
    """A formula in a paragraph; TeX may break a long one between the pieces."""
    return "$" + "$ $".join(tex_lines(node, _PIECE, _PIECE, linear=True)) + "$"


def _words_width(words: Words) -> float:
    return sum(0.48 * len(w) if isinstance(w, str) else layout_width(w) for w in words)


def escape(text: str) -> str:
    """Write words in ASCII so that LaTeX prints them as they are."""
    found: list[str] = []
    for char in unicodedata.normalize("NFC", text):
        if char in _SYMBOLS:
            found.append(_SYMBOLS[char])
        elif char.isascii():
            found.append(char if char.isprintable() else " ")
        else:
            found.append(_accented(char))
    return "".join(found)


def _accented(char: str) -> str:
    base, *marks = list(unicodedata.normalize("NFKD", char))
    if base.isascii() and all(mark in _ACCENTS for mark in marks):
        for mark in marks:
            base = f"\\{_ACCENTS[mark]}{{{base}}}"
        return base
    return f"[U+{ord(char):04X}]"
