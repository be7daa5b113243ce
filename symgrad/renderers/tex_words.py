"""Words with formulas in them as LaTeX: what is said in a paragraph or a cell.

The one rule kept here: the source is ASCII, and no word of the user's is markup.
"""

from __future__ import annotations

import unicodedata

from symgrad.renderers.names import LETTERS
from symgrad.renderers.nodes import Layout
from symgrad.renderers.outline import Words
from symgrad.renderers.tex import tex_lines
from symgrad.renderers.widths import layout_width

_PIECE = 9.0

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


def say(words: Words) -> str:
    """Write words, the formulas among them between dollars."""
    return "".join(escape(w) if isinstance(w, str) else inline(w) for w in words)


def inline(node: Layout) -> str:
    """A formula in a paragraph; TeX may break a long one between the pieces."""
    return "$" + "$ $".join(tex_lines(node, _PIECE, _PIECE, linear=True)) + "$"


def words_width(words: Words) -> float:
    """About how wide words are, in em."""
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
