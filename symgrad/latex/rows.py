"""A row of LaTeX tokens while it is read, and the names in it.

The one rule kept here: a name is what is set as one, ``w_{10,2,1}`` or ``\\hat{y}``;
letters side by side are several names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from symgrad.latex.commands import FUNCTIONS
from symgrad.latex.tokens import Token, fail


@dataclass
class Row:
    """A row of tokens while it is read."""

    text: str
    tokens: Sequence[Token]
    at: int = 0
    bars: int = 0

    def peek(self, offset: int = 0) -> Token:
        place = self.at + offset
        return self.tokens[place] if place < len(self.tokens) else self.end

    @property
    def end(self) -> Token:
        last = self.tokens[-1].start + 1 if self.tokens else 0
        return Token("end", "", min(last, len(self.text)))

    def skip_gaps(self) -> bool:
        found = False
        while self.peek().kind == "gap":
            self.at += 1
            found = True
        return found

    def take(self, sign: str) -> bool:
        self.skip_gaps()
        if self.peek().kind == "sign" and self.peek().text == sign:
            self.at += 1
            return True
        return False


def close(row: Row, opened: Token, kind: str, text: str) -> None:
    """Take the token that closes what was opened."""
    row.skip_gaps()
    token = row.peek()
    if (token.kind, token.text) != (kind, text):
        fail(row.text, opened.start, f"{opened.text!r} is not closed")
    row.at += 1


def read_name(row: Row, token: Token) -> str:
    """Read a name with its accents, indices and primes; its first token is taken."""
    found = _base(row, token)
    while row.peek().kind == "script" and row.peek().text == "_":
        row.at += 1
        found += "_" + _index(row)
        if row.peek().kind == "script" and row.peek().text == "_":
            fail(row.text, row.peek().start, "a second index; use a comma in braces")
    while row.peek().kind == "sign" and row.peek().text == "'":
        row.at += 1
        found += "'"
    return found + _mark(row)


def _mark(row: Row) -> str:
    r"""A raised mark of a name: ``x^{*}`` and ``x^\prime``."""
    after = row.peek(1)
    tokens = after.parts if after.kind == "group" else (after,)
    if row.peek().text != "^" or row.peek().kind != "script" or not tokens:
        return ""
    if len(tokens) > 1:
        row.at += 2 if (are_primes := all(t.text == "'" for t in tokens)) else 0
        return "'" * len(tokens) if are_primes else ""
    mark = tokens[0]
    if mark.kind != "sign" or mark.text not in ("*", "'"):
        return ""
    row.at += 2
    return "_star" if mark.text == "*" else "'"


def _base(row: Row, token: Token) -> str:
    if token.kind == "accent":
        inside = Row(row.text, token.parts[0] or ())
        if inside.peek().kind not in ("letter", "letters", "greek", "accent"):
            fail(row.text, token.start, f"\\{token.text} stands over one name")
        inside.at = 1
        found = read_name(inside, inside.tokens[0])
        if inside.peek().kind != "end":
            fail(row.text, token.start, f"\\{token.text} stands over one name")
        base, _, index = found.partition("_")
        is_letter = len(index) == 1 and index.isalpha()  # \hat{y_i} is \hat{y}_i
        return "_".join([base, token.text, index] if is_letter else [found, token.text])
    if token.kind == "styled":
        return _styled(row, token)
    if token.kind == "letters" and not re.fullmatch(r"[^\W\d_]\w*", token.text):
        fail(row.text, token.start, f"{token.text!r} is no name")
    word = re.match(r"[a-z]+", row.text[token.start :])
    spelled = word.group() if word is not None and token.kind == "letter" else ""
    for known in sorted(FUNCTIONS, key=len, reverse=True):
        if spelled.startswith(known):
            fail(row.text, token.start, f"{known} is a product of letters; \\{known}?")
    return token.text


def _styled(row: Row, token: Token) -> str:
    """A name in bold or the like is that name; what is bold elsewhere is checked."""
    inside = Row(row.text, token.parts[0] or ())
    if inside.peek().kind not in ("letter", "letters", "greek", "accent"):
        fail(row.text, token.start, "a style that is not of one name")
    inside.at = 1
    found = read_name(inside, inside.tokens[0])
    if inside.peek().kind != "end":
        fail(row.text, token.start, "a style that is not of one name")
    return found


def _index(row: Row) -> str:
    """The index of a name: numbers, letters, commas; in braces where it is shifted."""
    token = row.peek()
    row.at += 1
    long = token.kind == "number" and len(token.text) > 1
    tokens = token.parts if token.kind == "group" else () if long else (token,)
    found = ""
    for each in tokens:
        if each.kind == "sign" and each.text == ",":
            found += "_"
        elif each.kind in ("letter", "greek", "letters", "text") or (
            each.kind == "number" and each.text.isdigit()
        ):
            found += each.text
        elif each.kind == "sign" and each.text in "+-" and token.kind == "group":
            found += each.text
        elif each.kind != "gap":
            tokens = ()
    if tokens and re.fullmatch(r"(?:_?(?:[^\W\d_](?:[+-]\d+)?|\d+))+", found):
        if "+" in found or "-" in found:
            return f"{{{found.replace('_', ',')}}}"
    if not tokens or not re.fullmatch(r"\w+", found):
        fail(
            row.text,
            token.start,
            "an index is numbers, letters and commas, in braces where it is long",
        )
    return found
