"""Derivations as Unicode text, 100 columns wide or as wide as the reader asks.

The one rule kept here: equals signs stand under each other, reasons in a column of
their own, and nothing is wider than the page but a name that cannot be broken.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symgrad.derivation import Derivation, Section, Table
from symgrad.renderers.breaking import share
from symgrad.renderers.nodes import Layout
from symgrad.renderers.outline import Entry, Outline, Words
from symgrad.renderers.plain import columns, plain, plain_lines

WIDTH = 100
MIN_WIDTH = 60
_STEP = 3
_MAX_DEPTH = 8
_MAX_LHS = 0.4
"""The part of the width that a left side may take before it has its own line."""
_REASONS = 0.62
"""Where the column of reasons begins at the latest, as a part of the width."""
_MIN_CELL = 8


def render_text(derivation: Derivation, width: int = WIDTH) -> str:
    """Write a derivation as text, at most ``width`` columns wide."""
    outline = Outline(derivation, is_set=False)
    title = _wrap(_say(outline.words(derivation.title)), "", width)
    lines = [*title, "═" * min(width, max(map(columns, title)))]
    for section in derivation.sections:
        lines += ["", *_section(outline, section, width)]
    lines.append("")
    for check in derivation.checks or (("not checked",),):
        lines += _wrap(_say(outline.words(check)), "", width, "  ")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _section(outline: Outline, section: Section, width: int) -> Iterator[str]:
    title = _wrap(_say(outline.words(section.title)), "", width)
    yield from title
    yield "─" * max(map(columns, title))
    for text in section.text:
        yield from _wrap(_say(outline.words(text)), "  ", width)
    if section.steps:
        entries = list(outline.entries(section.steps))
        if section.text:
            yield ""
        yield from _steps(entries, width)
    if section.table is not None:
        yield ""
        yield from _table(outline, section.table, width)


@dataclass(frozen=True)
class _Block:
    """The lines of one step: what opens it, then rows, each with its reason."""

    head: list[str]
    rows: list[tuple[list[str], str]]


def _steps(entries: Sequence[Entry], room: int) -> Iterator[str]:
    heads = [columns(plain(e.lhs)) for e in entries if not e.number]
    blocks = [_block(entry, max(heads, default=0), room) for entry in entries]
    widths = [
        columns(lines[-1]) for block in blocks for lines, reason in block.rows if reason
    ]
    fitting = [width for width in widths if width <= int(room * _REASONS) - 3]
    column = max(fitting, default=min(30, room // 3)) + 3
    listed = True
    for place, (entry, block) in enumerate(zip(entries, blocks, strict=True)):
        if place and not entry.depth and not (listed and not entry.number):
            yield ""
        listed = not entry.number
        yield from block.head
        for lines, reason in block.rows:
            yield from _beside(lines, reason, column, room)


def _block(entry: Entry, shared: int, room: int) -> _Block:
    indent = 2 + _STEP * min(entry.depth, _MAX_DEPTH)
    if not entry.number:
        return _Block(
            [], _rows(entry, " " * indent, room, min(shared, int(room * _MAX_LHS)))
        )
    label = f"{entry.number}  "
    start = " " * indent + label
    if entry.is_one_line and entry.formula is None:
        return _Block([], _rows(entry, start, room, 0, entry.rule))
    rule = entry.rule
    if entry.formula is not None:
        rule += ": " + " = ".join(plain(side) for side in entry.formula)
    inside = " " * (indent + len(label) + 2)
    head = _wrap(start + rule, "", room, inside)
    for note in entry.notes:
        head += _wrap(_say(note), inside, room)
    for name, expr in entry.definitions:
        left = f"{inside}let {plain(name)} = "
        head += _under(left, expr, room)
    return _Block(head, _rows(entry, inside, room))


def _rows(
    entry: Entry, start: str, room: int, width: int = 0, rule: str = ""
) -> list[tuple[list[str], str]]:
    """The rows of a step under each other, the left side before the first."""
    found: list[tuple[list[str], str]] = []
    left = plain(entry.lhs)
    before = f"{start}{left.ljust(width)} "
    if columns(before) > room * _MAX_LHS:
        lines = plain_lines(entry.lhs, room - len(start), room - len(start))
        found.append(
            ([start + lines[0], *(" " * len(start) + x for x in lines[1:])], "")
        )
        before = " " * (len(start) + 2)
    for row in entry.rows:
        reason = _say(row.reason)
        if rule and rule not in reason:
            reason = f"{rule}; {reason}" if reason else rule
        found.append((_under(f"{before}{row.sign} ", row.node, room), reason))
        before = " " * columns(before)
    return found


def _under(left: str, node: Layout, room: int) -> list[str]:
    """Write ``node`` after ``left``, its further lines indented under it."""
    indent = columns(left)
    first, *rest = plain_lines(node, room - indent, room - indent - 2)
    return [left + first, *(" " * (indent + 2) + line for line in rest)]


def _beside(lines: list[str], reason: str, column: int, room: int) -> list[str]:
    """Put a reason in its column, or under the row where there is no room."""
    if not reason:
        return lines
    *above, last = lines
    used = columns(last)
    if used + 3 > column and used + 3 + columns(reason) <= room:
        return [*above, f"{last}   {reason}"]
    wrapped = _wrap(reason, " " * column, room)
    if used + 2 > column:
        return [*lines, *wrapped]
    first = last + " " * (column - used) + wrapped[0].lstrip()
    return [*above, first, *wrapped[1:]]


def _table(outline: Outline, table: Table, room: int) -> Iterator[str]:
    """Columns as wide as they need; a cell that is too wide goes on below itself."""
    said = [
        [outline.words(cell) for cell in row] for row in (table.header, *table.rows)
    ]
    texts, widths = _fitted(said, room)
    for number, row in enumerate(texts):
        for line in range(max(len(cell) for cell in row)):
            cells = [cell[line] if line < len(cell) else "" for cell in row]
            padded = (
                cell + " " * (width - columns(cell))
                for cell, width in zip(cells, widths, strict=True)
            )
            yield "  " + "   ".join(padded)
        if number == 0:
            yield "  " + "   ".join("─" * width for width in widths)


def _fitted(
    said: list[list[Words]], width: int
) -> tuple[list[list[list[str]]], list[int]]:
    """The cells as lines, and the widths of the columns.

    A column with a piece that cannot be broken takes its room from the others.
    """
    natural = [
        max(columns(_say(cell)) for cell in cells) for cells in zip(*said, strict=True)
    ]
    total = width - 2 - 3 * (len(natural) - 1)
    fixed: dict[int, int] = {}
    while True:
        free = [k for k in range(len(natural)) if k not in fixed]
        left = total - sum(fixed.values())
        shares = share([natural[k] for k in free], left, _MIN_CELL)
        room = {**fixed, **dict(zip(free, shares, strict=True))}
        texts = [[_cell(cell, room[k]) for k, cell in enumerate(row)] for row in said]
        widths = [
            max(columns(line) for row in texts for line in row[k])
            for k in range(len(natural))
        ]
        wide = {k: widths[k] for k in free if widths[k] > room[k]}
        if not wide:
            return texts, widths
        fixed |= wide


def _places(table: Table) -> range:
    return range(len(table.header))


def _cell(words: Words, width: int) -> list[str]:
    if len(words) == 1 and not isinstance(words[0], str):
        first, *rest = plain_lines(words[0], width, width - 2)
        return [first, *("  " + line for line in rest)]
    return _wrap(_say(words), "", width, cut=True)


def _say(words: Words) -> str:
    return "".join(w if isinstance(w, str) else plain(w) for w in words)


def _wrap(
    text: str,
    indent: str,
    width: int,
    rest: str | None = None,
    cut: bool = False,
) -> list[str]:
    """Break prose between words, and a formula in it where it has a blank.

    ``cut`` breaks words that are wider than the room.
    """
    lead = text[: len(text) - len(text.lstrip())]
    return textwrap.wrap(
        text.lstrip(),
        width,
        initial_indent=indent + lead,
        subsequent_indent=indent if rest is None else indent + rest,
        break_long_words=cut,
        break_on_hyphens=False,
    ) or [""]
