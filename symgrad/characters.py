"""The characters of a text in the one spelling that the tokenizer knows.

The one rule kept here: one character stands for one character, so every column of an
error is a column of the user's text; what hides in a word is refused, never dropped.
"""

from __future__ import annotations

import re
import unicodedata

from symgrad.errors import FormulaError, located, short, spot

_WIDE = {
    code: unicodedata.normalize("NFKC", chr(code))
    for code in (*range(0xFF01, 0xFF5F), *range(0x1D400, 0x1D800))
}
_LIKE = {
    **dict.fromkeys("ℯⅇ", "e"),
    "ℎ": "h",
    "µ": "μ",
    "⁄": "/",
    **dict.fromkeys("•✕✖⨯\u2062", "*"),
    **dict.fromkeys("‐‑‒—―﹣", "-"),
    **dict.fromkeys("’ʹ", "'"),
    **dict.fromkeys("≦⩽", "≤"),
    **dict.fromkeys("≧⩾", "≥"),
    "ˆ": "^",
    "∣": "|",
    "\u2061": " ",
    "\u2063": ",",
    "\u2064": "+",
}
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u061c"
_HIDDEN = re.compile(rf"(?<=\w)[{_INVISIBLE}]+(?=\w)")
_TABLE = {
    **{code: plain for code, plain in _WIDE.items() if len(plain) == 1},
    **{ord(odd): plain for odd, plain in _LIKE.items()},
    **dict.fromkeys(map(ord, _INVISIBLE), " "),
}


def plain_characters(text: str) -> str:
    """Write full-width, styled and invisible characters in their plain form.

    >>> plain_characters("２𝑥 — \\ufeffy")
    '2x -  y'

    Raises ``FormulaError`` where an invisible character stands inside a word.
    """
    text = unicodedata.normalize("NFC", text)
    if text.isascii():
        return text
    hidden = _HIDDEN.search(text)
    if hidden is not None:
        start = hidden.start()
        code = f"U+{ord(text[start]):04X}"
        line, column = spot(text, start)
        at = f"line {line}, column {column}" if "\n" in text.strip() else column
        at = at if isinstance(at, str) else f"column {at}"
        around = text[max(0, start - 10) : start]
        message = (
            f"{at}: an invisible character ({code}) after {short(around)}; delete it, "
            "or write a blank or * in its place"
        )
        raise located(FormulaError(message), text, start)
    return text.translate(_TABLE)
