"""Derivations as Markdown with dollar mathematics, for GitHub and for Jupyter.

The one rule kept here: nothing inside dollars means anything to Markdown. Row ends
stand at line ends, an index after a bracket gets a blank, pipes and angle brackets are
commands, and the few letters that no escape saves become their full-width twins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from symgrad.derivation import Derivation, Picture, Section, Table
from symgrad.renderers.nodes import Layout
from symgrad.renderers.outline import Entry, Outline, Row, Words
from symgrad.renderers.tex import tex, tex_lines
from symgrad.renderers.widths import layout_width

LINE = 46.0
"""Where a displayed row is broken, in em; about the width of a page on GitHub."""
_MAX_LEFT = 16.0

REFUSED = frozenset(
    r"\operatorname \mbox \phantom \hphantom \vphantom \href \unicode \class \style "
    r"\def \newcommand \renewcommand \let \require".split()
)
"""Macros that GitHub does not allow in formulas (github/markup, issue 1688)."""

_MATH = (
    (r"\_", "＿"),
    (r"\%", "％"),
    (r"\&", "＆"),
    (r"\#", "＃"),
    (r"\$", "＄"),
    (r"\{", r"\lbrace "),
    (r"\}", r"\rbrace "),
    (r"\,", " "),
    (r"\ ", r"\space "),
    ("<", r"\lt "),
    (">", r"\gt "),
    ("|", r"\vert "),
    ("*", r"\ast "),
)
_OPERATOR = re.compile(r"\\operatorname\{(\w+)\}")
_LOWERED = re.compile(r"(?<![0-9A-Za-z])_(?! )")
_WORDS = re.compile(r"([\\`*_{}\[\]<>#|$~&])")


def described(picture: Picture) -> str:
    """A picture in words, as Markdown has no drawing of its own."""
    return f"Picture: {escape(picture.description)}"


def render_markdown(
    derivation: Derivation, shown: Callable[[Picture], str] = described
) -> str:
    """Write a derivation as Markdown; ``shown`` says what stands for a picture."""
    outline = Outline(derivation)
    lines = [f"# {_say(outline.words(derivation.title))}"]
    for section in derivation.sections:
        lines += ["", *_section(outline, section, shown)]
    for check in derivation.checks or (("not checked",),):
        lines += ["", f"*{_say(outline.words(check))}*"]
    return "\n".join(lines) + "\n"


def _section(
    outline: Outline, section: Section, shown: Callable[[Picture], str]
) -> Iterator[str]:
    yield f"## {_say(outline.words(section.title))}"
    for text in section.text:
        yield from ("", _say(outline.words(text)))
    if section.picture is not None:
        yield from ("", shown(section.picture))
    for group in outline.groups(section.steps):
        yield from _step(group[0]) if group[0].number else _display(group)
    if section.table is not None:
        yield from _table(outline, section.table)


def _step(entry: Entry) -> Iterator[str]:
    head = f"**{entry.number}** {escape(entry.rule)}"
    if entry.formula is not None:
        left, right = entry.formula
        head += f": ${_math(tex(left, linear=True) + ' = ' + tex(right, linear=True))}$"
    yield from ("", head)
    for note in entry.notes:
        yield from ("", _say(note))
    yield from _display([entry])


def _display(entries: Sequence[Entry]) -> Iterator[str]:
    if not entries:
        return
    rows: list[str] = []
    for entry in entries:
        for name, expr in entry.definitions:
            rows += _row(rf"\text{{let }} {tex(name)}", "=", Row("=", expr))
        left = tex(entry.lhs)
        if layout_width(entry.lhs) > _MAX_LEFT:
            rows += [rf"& {line}" for line in tex_lines(entry.lhs, LINE, LINE)]
            left = ""
        for row in entry.rows:
            rows += _row(left, r"\approx" if row.sign == "≈" else "=", row)
            left = ""
    yield from ("", "$$", r"\begin{aligned}")
    yield " \\\\\n".join(_math(row) for row in rows)
    yield from (r"\end{aligned}", "$$")


def _row(left: str, sign: str, row: Row) -> Iterator[str]:
    first, *rest = tex_lines(row.node, LINE, LINE - 2)
    lines = [f"{left} &{sign} {first}", *(rf"&\quad {line}" for line in rest)]
    if row.reason:
        lines[-1] += f" && {_reason(row.reason)}"
    yield from lines


def _reason(words: Words) -> str:
    """Words inside a formula; dollars within dollars would end it."""
    return "".join(
        rf"\text{{{_plain(w)}}}" if isinstance(w, str) else f"{{{tex(w, linear=True)}}}"
        for w in words
    )


def _plain(text: str) -> str:
    """Words for ``\\text``; what LaTeX or Markdown would read gets its twin."""
    return re.sub(
        r"[\\{}$&#%_^~`*|<>]", lambda match: chr(ord(match[0]) + 0xFEE0), text
    )


def _table(outline: Outline, table: Table) -> Iterator[str]:
    head, *rows = (
        "| " + " | ".join(_say(outline.words(cell)) for cell in row) + " |"
        for row in (table.header, *table.rows)
    )
    yield from ("", head, "|" + " --- |" * len(table.header), *rows)


def _say(words: Words) -> str:
    """Words and inline formulas; a dollar must not touch a letter outside it."""
    text = ""
    for word in words:
        if isinstance(word, str):
            text += " " * (text.endswith("$") and word[:1].isalnum()) + escape(word)
        else:
            gap = bool(text) and (text[-1].isalnum() or text[-1] == "$")
            text += " " * gap + f"${_inline(word)}$"
    return text


def _inline(node: Layout) -> str:
    return _math(tex(node, linear=True))


def _math(text: str) -> str:
    text = _OPERATOR.sub(r"\\mathop{\\mathrm{\1}}", text)
    for command, safe in _MATH:
        text = text.replace(command, safe)
    return _LOWERED.sub("_ ", text).strip()


def escape(text: str) -> str:
    """Write words so that Markdown shows them as they are."""
    return _WORDS.sub(r"\\\1", " ".join(text.split(" ")).replace("\n", " "))
