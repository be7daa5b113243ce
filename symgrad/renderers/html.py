"""Derivations as HTML: one self-contained page, or a part of one for Jupyter.

The one rule kept here: this module turns formulas into MathML and leaves the page to
the templates, which escape every word; nothing is fetched.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup
from sympy import Expr, Symbol

from symgrad.derivation import Derivation, Reference, Section, Table, Text
from symgrad.pictures.marks import FACTORS, LIGHT
from symgrad.pictures.svg import picture_svg
from symgrad.renderers.interactive import (
    fields,
    key,
    page_data,
    page_script,
    shown_outputs,
    tag_numbers,
)
from symgrad.renderers.mathml_core import (
    NARROW,
    math_pieces,
    math_rows,
    with_tags,
    words_mathml,
)
from symgrad.renderers.nodes import Layout
from symgrad.renderers.notation import layout
from symgrad.renderers.outline import Entry, Outline, Row, Words
from symgrad.renderers.plain import plain
from symgrad.renderers.python_lines import python_line
from symgrad.renderers.spoken import SIGNS, spoken
from symgrad.renderers.tex import tex
from symgrad.renderers.widths import layout_width

MAX_COPIED = 2_000
"""Over so many lines a page gives none of them to be copied."""

_WIDE_LEFT = 7.0
_BROAD_LEFT = 3.5
_BROAD = 30.0
_LINE = 46.0
_CLOSING = tuple(",;.:)")
_STYLE_ATTRIBUTE = re.compile(r'\sstyle="[^"]*"')


def render_html(derivation: Derivation) -> str:
    """Write a derivation as one page that needs nothing else."""
    style = _template("style.css").render(
        whole=True, factors=FACTORS, light_colours=LIGHT
    )
    script = page_script(derivation.script, _template("page.js").render())
    numbers = tag_numbers(derivation)
    page = _template("page.html").render(
        page=_page(derivation, derivation.remarks, is_whole=True),
        panel=_panel(derivation),
        style=Markup(style),
        style_hash=_digest(style),
        script=Markup(script),
        script_hash=_digest(script),
        data=Markup(page_data(derivation, numbers)),
    )
    return with_tags(page, numbers)


def render_fragment(derivation: Derivation) -> str:
    """Write a derivation as a part of a page, its style kept to itself."""
    style = _template("style.css").render(whole=False)
    page = _template("fragment.html").render(
        page=_page(derivation), style=Markup(style)
    )
    return with_tags(page, {})


def render_mathml(derivation: Derivation) -> str:
    """Write a derivation as an XHTML document: valid XML, mathematics in MathML."""
    return with_tags(_template("page.mathml").render(page=_page(derivation)), {})


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


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _page(
    derivation: Derivation, remarks: Sequence[Text] = (), is_whole: bool = False
) -> dict[str, Any]:
    outline = Outline(derivation)
    title = outline.words(derivation.title)
    checks = (*(derivation.checks or (("not checked",),)), *remarks)
    anchors = _anchors(derivation) if is_whole else {}
    sections = [_section(outline, each, anchors) for each in derivation.sections]
    rows = sum(len(block["rows"]) for s in sections for block in s["blocks"])
    return {
        "title": "".join(w if isinstance(w, str) else plain(w) for w in title),
        "heading": _say(title),
        "sections": sections,
        "checks": [_say(outline.words(check)) for check in checks],
        "pictures": [s for s in sections if s["picture"]],
        "is_copied": rows <= MAX_COPIED,
    }


def _panel(derivation: Derivation) -> dict[str, Any]:
    """The fields for numbers, and the outputs above them."""
    outline = Outline(derivation)

    def named(expr: Expr | None) -> dict[str, Any]:
        if expr is None:
            return {"key": "", "name": "", "plain": ""}
        node = layout(expr, outline.notation)
        return {"key": key(expr), "name": _inline(node), "plain": plain(node)}

    return {
        "outputs": [named(output) for output in shown_outputs(derivation)],
        "fields": [
            {**field, **named(field["symbol"]), "total": named(field["total"])}
            for field in fields(derivation)
        ],
    }


def _anchors(derivation: Derivation) -> dict[Text, str]:
    """What the sections that a text points at are called in the page."""
    texts = [text for section in derivation.sections for text in section.text]
    wanted = {part.target for t in texts for part in t if isinstance(part, Reference)}
    return {
        section.title: f"section-{place}"
        for place, section in enumerate(derivation.sections, 1)
        if section.title in wanted
    }


def _section(
    outline: Outline, section: Section, anchors: Mapping[Text, str]
) -> dict[str, Any]:
    picture = section.picture
    blocks = [_block(group) for group in outline.groups(section.steps)]
    return {
        "title": _say(outline.words(section.title)),
        "anchor": anchors.get(section.title, ""),
        "text": [_say(outline.words(text), anchors) for text in section.text],
        "blocks": blocks,
        "steps": _nested(blocks),
        "table": None if section.table is None else _table(outline, section.table),
        "picture": None if picture is None else _svg(picture_svg(picture)),
        "description": "" if picture is None else picture.description,
    }


def _nested(blocks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The outermost blocks, each with the blocks of its parts inside it."""
    outermost: list[dict[str, Any]] = []
    open_lists = [outermost]
    for block in blocks:
        del open_lists[block["place"] + 1 :]
        open_lists[-1].append(block)
        open_lists.append(block["inner"])
    return outermost


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
        "place": first.depth,
        "inner": [],
        "of": key(first.step.lhs),
        "rule": first.rule,
        "formula": formula,
        "notes": [_say(note) for note in first.notes],
        "rows": [row for entry in entries for row in _rows(entry)],
    }


def _rows(entry: Entry) -> Iterator[dict[str, Any]]:
    pairs = zip(entry.definitions, entry.step.definitions, strict=True)
    for (name, node), (symbol, expr) in pairs:
        yield {
            **_row(name, Row("=", node, (), expr), "let"),
            **_copied(symbol, name, node, expr),
        }
    widest = max((layout_width(row.node) for row in entry.rows), default=0.0)
    for place, row in enumerate(entry.rows):
        yield {
            **_row(None if place else entry.lhs, row, widest=widest),
            **_copied(entry.step.lhs, entry.lhs, row.node, row.expr),
        }


def _copied(lhs: Expr, left: Layout, node: Layout, expr: Expr | None) -> dict[str, Any]:
    """What a row is called, and what is copied of it, made when the page asks."""
    return {
        "of": key(lhs),
        "latex": lambda: f"{tex(left)} = {tex(node)}" if expr is not None else "",
        "python": lambda: python_line(lhs, expr) if expr is not None else "",
    }


def _row(
    left: Layout | None, row: Row, word: str = "", widest: float = 0.0
) -> dict[str, Any]:
    used = 0.0 if left is None else layout_width(left)
    said = "" if left is None else spoken(left)
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
        "said": f"{said} {SIGNS[row.sign]} {spoken(row.node)}".strip(),
    }


def _pieces(node: Layout, lead: str = "", room: float = NARROW) -> list[Markup]:
    return [Markup(piece) for piece in math_pieces(node, lead=lead, room=room)]


def _table(outline: Outline, table: Table) -> dict[str, Any]:
    return {
        "header": [_say(outline.words(cell)) for cell in table.header],
        "rows": [[_say(outline.words(cell)) for cell in row] for row in table.rows],
        "of": [_only_symbol(row[0]) for row in table.rows],
    }


def _only_symbol(cell: Text) -> str:
    return key(cell[0]) if len(cell) == 1 and isinstance(cell[0], Symbol) else ""


def _say(words: Words, anchors: Mapping[Text, str] | None = None) -> Markup:
    """Words and formulas; a line never begins with the comma after a formula.

    Words that point at a section are a link where it has an anchor.
    """
    found = Markup("")
    said = list(words)
    for place, word in enumerate(said):
        if anchors and isinstance(word, Reference) and word.target in anchors:
            link = Markup('<a href="#{}">{}</a>')
            found += link.format(anchors[word.target], str(word))
            continue
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
