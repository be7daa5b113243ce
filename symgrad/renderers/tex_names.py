r"""Names, words and signs in LaTeX, in plain ASCII.

The one rule kept here: a letter that LaTeX does not know becomes a command or its code,
so that no text of the user's is markup.
"""

from __future__ import annotations

import unicodedata

from symgrad.renderers.names import GREEK, LETTERS, index_parts, is_greek
from symgrad.renderers.nodes import Name

OPERATORS = frozenset(
    "exp log sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan".split()
)
_RENAMED = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
}
_WORDS = {"π": r"\pi", "∞": r"\infty", "γ": r"\gamma", "φ": r"\phi", "e": r"\mathrm{e}"}
_WORDS |= {"log2": r"\log_{2}", "log10": r"\log_{10}", "gamma": r"\Gamma"}
_WORDS |= {"beta": r"\mathrm{B}"}
SIGNS = {
    "−": "-",
    "·": r"\cdot",
    "×": r"\times",
    "≈": r"\approx",
    "≠": r"\ne",
    "≤": r"\le",
    "≥": r"\ge",
    "<": "<",
    ">": ">",
    "√": r"\surd",
    "∛": r"{}^{3}\surd",
}
_ESCAPES = {
    "\\": r"\backslash ",
    "^": r"\wedge ",
    "~": r"\sim ",
    "'": r"\prime ",
    " ": r"\ ",
    "`": r"\grave{}",
    '"': r"''",
    "∂": r"\partial ",
    "<": "<",
    ">": ">",
    **{char: "\\" + char for char in "_%&#${}"},
}
_COMBINING = {
    "\u0300": "grave",
    "\u0301": "acute",
    "\u0302": "hat",
    "\u0303": "tilde",
    "\u0304": "bar",
    "\u0307": "dot",
    "\u0308": "ddot",
}


def word_tex(text: str) -> str:
    name = _RENAMED.get(text, text)
    if name in _WORDS:
        return _WORDS[name]
    if name in OPERATORS or name in ("max", "min"):
        return "\\" + name
    return rf"\operatorname{{{_letters(name)}}}" if name else ""


def name_tex(name: Name) -> str:
    """Write a variable: base, accents, primes, indices."""
    text = _function(name.base) if name.is_function else _base(name.base)
    for accent in name.accents:
        text = rf"\{accent}{{{text}}}"
    if name.raised:
        text += f"^{{{name.raised}}}"
    if name.indices:
        text += f"_{{{','.join(map(_index, name.indices))}}}"
    if not name.primes:
        return text
    # in braces, or a power after the prime would be a double superscript
    return f"{{{text}{chr(39) * name.primes}}}"


def _function(base: str) -> str:
    """Upright where formularies have it so: Ai beside Si, the B of Euler's beta."""
    if base == "B":
        return _WORDS["beta"]
    is_word = len(base) > 1 and not is_greek(base)
    return rf"\operatorname{{{base}}}" if is_word else _base(base)


def _index(index: str) -> str:
    parts = index_parts(index)
    if len(parts) > 1:  # J_{n−1}
        return "".join(
            SIGNS.get(part, part) if part in "+−" else _index(part) for part in parts
        )
    if index.isdecimal() and index.isascii():
        return index
    return (
        rf"\mathrm{{{_letters(index)}}}"
        if len(index) > 1 and not is_greek(index)
        else _base(index)
    )


def _base(text: str) -> str:
    if is_greek(text):
        return "\\" + (text if text in GREEK else LETTERS[text])
    if len(text) == 1:
        return _letters(text)
    return rf"\mathit{{{_letters(text)}}}"


def _letters(text: str) -> str:
    """Spell letters in ASCII: accents as commands, the rest by its code."""
    found: list[str] = []
    for char in unicodedata.normalize("NFKD", text):
        if char in _COMBINING and found:
            found[-1] = rf"\{_COMBINING[char]}{{{found[-1]}}}"
        elif char in _ESCAPES:
            found.append(_ESCAPES[char])
        elif char in LETTERS:
            found.append("\\" + LETTERS[char] + " ")
        elif char.isascii() and char.isprintable():
            found.append(char)
        else:
            found.append(rf"\mathrm{{U{ord(char):04X}}}")
    return "".join(found)
