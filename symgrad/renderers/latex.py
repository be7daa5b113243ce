"""Derivations as LaTeX: an article that needs amsmath, a fragment of one, or slides.

The one rule kept here: the source is ASCII, and no line is made wider than the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symgrad.derivation import Derivation, Section
from symgrad.renderers.outline import Entry, Outline
from symgrad.renderers.tex_blocks import (
    display,
    picture_lines,
    rule_line,
    table_lines,
)
from symgrad.renderers.tex_words import escape, say

LINE = 43.0
"""The width of a display in em, on a page of 6.5 inches set in 10 point."""
_PICTURE = (468.0, 400.0)
SLIDE_LINE = 37.0
"""The same on a slide of 16 by 9 cm set in 10 point."""
_SLIDE_PICTURE = (390.0, 165.0)
_SLIDE_ROWS = 9

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
_TIKZ = (r"\usepackage{amsmath}", "\\usepackage{amsmath}\n\\usepackage{tikz}")

SLIDES = r"""\documentclass[10pt,aspectratio=169,fleqn]{beamer}
\usepackage{tikz}
\setbeamertemplate{navigation symbols}{}
\setbeamertemplate{footline}[frame number]
\setbeamertemplate{frametitle continuation}[from second][(continued)]
\setbeamersize{text margin left=7mm,text margin right=7mm}
\usefonttheme[onlymath]{serif}
\setlength{\mathindent}{0.5em}
\setlength{\parskip}{4pt}
\allowdisplaybreaks
\begin{document}
"""


def render_latex(derivation: Derivation) -> str:
    """Write a derivation as a complete document."""
    has_picture = any(section.picture for section in derivation.sections)
    preamble = PREAMBLE.replace(*_TIKZ) if has_picture else PREAMBLE
    return f"{preamble}{render_fragment(derivation)}\\end{{document}}\n"


def render_fragment(derivation: Derivation) -> str:
    """Write a derivation as LaTeX without a preamble, to be put into a document."""
    outline = Outline(derivation)
    lines = [f"{{\\Large\\bfseries {say(outline.words(derivation.title))}\\par}}"]
    for section in derivation.sections:
        lines += ["", *_section(outline, section)]
    for check in derivation.checks or (("not checked",),):
        lines += ["", r"\medskip\noindent " + say(outline.words(check))]
    return "\n".join(lines) + "\n"


def _section(outline: Outline, section: Section) -> Iterator[str]:
    yield rf"\section*{{{say(outline.words(section.title))}}}"
    for text in section.text:
        yield from ("", say(outline.words(text)))
    if section.picture is not None:
        yield from ("", r"\ifdefined\tikzpicture")  # else its description
        yield from picture_lines(section.picture, *_PICTURE)
        yield from (r"\else", escape(section.picture.description), r"\fi")
    for group in outline.groups(section.steps):
        yield from _step(group[0]) if group[0].number else display(group, LINE)
    if section.table is not None:
        yield from table_lines(outline, section.table, LINE)


def _step(entry: Entry) -> Iterator[str]:
    head = rf"\textbf{{{entry.number}}}\quad {rule_line(entry)}"
    yield from ("", r"\medskip", head + r"\nopagebreak")
    for note in entry.notes:
        yield from ("", say(note))
    yield from display([entry], LINE)


def render_beamer(derivation: Derivation) -> str:
    """Write a derivation as slides, a step a frame."""
    outline = Outline(derivation)
    title = say(outline.words(derivation.title))
    lines = [rf"\title{{{title}}}", r"\date{}", *_frame("", [r"\titlepage"], breaks="")]
    for section in derivation.sections:
        lines += _slides(outline, section)
    checks = derivation.checks or (("not checked",),)
    said = [line for check in checks for line in ("", say(outline.words(check)))]
    lines += _frame("Checks", said)
    return SLIDES + "\n".join(lines) + "\n\\end{document}\n"


def _slides(outline: Outline, section: Section) -> Iterator[str]:
    title = say(outline.words(section.title))
    texts = [line for text in section.text for line in ("", say(outline.words(text)))]
    if texts:
        yield from _frame(title, texts)
    if section.picture is not None:
        shown = picture_lines(section.picture, *_SLIDE_PICTURE)
        yield from _frame(title, list(shown), breaks="")
    for group in outline.groups(section.steps):
        first = group[0]
        if not first.number:
            yield from _frame(title, list(display(group, SLIDE_LINE)))
            continue
        body = [rule_line(first)] if first.formula is not None else []
        body += [line for note in first.notes for line in ("", say(note))]
        head = f"{first.number}\\quad {escape(first.rule)}"
        yield from _frame(head, [*body, *display([first], SLIDE_LINE)], title)
    if section.table is not None:
        rows = table_lines(outline, section.table, SLIDE_LINE, _SLIDE_ROWS)
        yield from _frame(title, list(rows))


def _frame(
    title: str,
    body: Sequence[str],
    section: str = "",
    breaks: str = "[allowframebreaks]",
) -> Iterator[str]:
    """A frame, and further ones where it is full."""
    yield from ("", rf"\begin{{frame}}{breaks}")
    if title:
        yield rf"\frametitle{{{title}}}"
    if section:
        yield rf"\framesubtitle{{{section}}}"
    yield from body
    yield r"\end{frame}"
