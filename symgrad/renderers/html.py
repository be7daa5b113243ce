"""Derivations as HTML: one self-contained page, or a part of one for Jupyter.

The one rule kept here: this module turns formulas into MathML and leaves the page to
the templates, which escape every word; nothing is fetched and no script runs.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from symgrad.derivation import Derivation, Section, Table
from symgrad.pictures.svg import picture_svg
from symgrad.renderers.mathml_core import (
    NARROW,
    math_pieces,
    math_rows,
    words_mathml,
)
from symgrad.renderers.nodes import Layout
from symgrad.renderers.outline import Entry, Outline, Row, Words
from symgrad.renderers.plain import plain
from symgrad.renderers.widths import layout_width

_WIDE_LEFT = 7.0
_BROAD_LEFT = 3.5
_BROAD = 30.0
_LINE = 46.0
_CLOSING = tuple(",;.:)")
_STYLE_ATTRIBUTE = re.compile(r'\sstyle="[^"]*"')


def render_html(derivation: Derivation) -> str:
    """Write a derivation as one page that needs nothing else."""
    style = _template("style.css").render(whole=True)
    return _template("page.html").render(
        page=_page(derivation),
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def render_fragment(derivation: Derivation) -> str:
    """Write a derivation as a part of a page, its style kept to itself."""
    style = _template("style.css").render(whole=False)
    return _template("fragment.html").render(
        page=_page(derivation), style=Markup(style)
    )


def render_mathml(derivation: Derivation) -> str:
    """Write a derivation as an XHTML document: valid XML, mathematics in MathML."""
    return _template("page.mathml").render(page=_page(derivation))


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("symgrad.renderers"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )


def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)


def _page(derivation: Derivation) -> dict[str, Any]:
    outline = Outline(derivation)
    title = outline.words(derivation.title)
    checks = derivation.checks or (("not checked",),)
    return {
        "title": "".join(w if isinstance(w, str) else plain(w) for w in title),
        "heading": _say(title),
        "sections": [_section(outline, section) for section in derivation.sections],
        "checks": [_say(outline.words(check)) for check in checks],
    }


def _section(outline: Outline, section: Section) -> dict[str, Any]:
    picture = section.picture
    return {
        "title": _say(outline.words(section.title)),
        "text": [_say(outline.words(text)) for text in section.text],
        "blocks": [_block(group) for group in outline.groups(section.steps)],
        "table": None if section.table is None else _table(outline, section.table),
        "picture": None if picture is None else _svg(picture_svg(picture)),
        "description": "" if picture is None else picture.description,
    }


def _svg(source: str) -> Markup:
    """The picture, its size left to the style of the page."""
    return Markup(_STYLE_ATTRIBUTE.sub("", source, count=1))


def _block(entries: Sequence[Entry]) -> dict[str, Any]:
    first = entries[0]
    formula = ""
    if first.formula is not None:
        left, right = first.formula
        formula = _inline(left) + Markup(" = ") + _inline(right)
    return {
        "number": first.number,
        "level": min(6, 3 + first.depth),
        "depth": min(first.depth, 4),
        "rule": first.rule,
        "formula": formula,
        "notes": [_say(note) for note in first.notes],
        "rows": [row for entry in entries for row in _rows(entry)],
    }


def _rows(entry: Entry) -> Iterator[dict[str, Any]]:
    for name, expr in entry.definitions:
        yield _row(name, Row("=", expr), "let")
    widest = max((layout_width(row.node) for row in entry.rows), default=0.0)
    for place, row in enumerate(entry.rows):
        yield _row(None if place else entry.lhs, row, widest=widest)


def _row(
    left: Layout | None, row: Row, word: str = "", widest: float = 0.0
) -> dict[str, Any]:
    used = 0.0 if left is None else layout_width(left)
    pieces = _pieces(row.node, row.sign)
    broad = _pieces(row.node, row.sign, room=_BROAD)
    return {
        "word": word,
        "left": [] if left is None else _pieces(left),
        "is_wide": used > _WIDE_LEFT,
        "is_broad": used > _BROAD_LEFT and used + widest > NARROW,
        "sign": row.sign,
        "pieces": pieces,
        "broad": [] if broad == pieces else broad,
        "reason": _say(row.reason),
        "left_mathml": "" if left is None else Markup(words_mathml([left])),
        "lines": [Markup(line) for line in math_rows(row.node, _LINE)],
        "reason_mathml": Markup(words_mathml(row.reason)),
        "plain": f"{'' if left is None else plain(left)} {row.sign} {plain(row.node)}",
    }


def _pieces(node: Layout, lead: str = "", room: float = NARROW) -> list[Markup]:
    return [Markup(piece) for piece in math_pieces(node, lead=lead, room=room)]


def _table(outline: Outline, table: Table) -> dict[str, Any]:
    return {
        "header": [_say(outline.words(cell)) for cell in table.header],
        "rows": [[_say(outline.words(cell)) for cell in row] for row in table.rows],
    }


def _say(words: Words) -> Markup:
    """Words and formulas; a line never begins with the comma after a formula."""
    found = Markup("")
    said = list(words)
    for place, word in enumerate(said):
        if isinstance(word, str):
            found += word  # Markup escapes what is added to it
            continue
        after = said[place + 1] if place + 1 < len(said) else ""
        closing = ""
        if isinstance(after, str) and after[:1] in _CLOSING:
            closing, said[place + 1] = after[0], after[1:]
        found += _inline(word, closing)
    return found


def _inline(node: Layout, closing: str = "") -> Markup:
    *pieces, last = map(Markup, math_pieces(node, linear=True))
    if closing:
        last = Markup('<span class="whole">{}{}</span>').format(last, closing)
    return Markup("<wbr/>").join([*pieces, last])
