"""Data as books and tools spell them, ``y[i]`` and ``W[i, j]``, as names: y_i, W_i_j.

The one rule kept here: only what has an index is a datum; ``f[x]`` stays a call.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from symgrad.reading.sum_spellings import matching
from symgrad.tokens import Token
from symgrad.vocabulary import ABSTRACT, looks_like_symbol

PLACES = frozenset("ijklmnpqrst")
"""The letters that stand for a place where no sum runs over them: x_k, x[k]."""


def plain_data(tokens: Sequence[Token]) -> list[Token]:
    """Write ``y[i]``, ``y[i+1]``, ``W[i, j]`` and ``x[3]`` as names: ``y_i``, ….

    >>> from symgrad.tokens import tokenize
    >>> [token.text for token in plain_data(tokenize("y[i+1]*W[i, 2]"))]
    ['y_i+1', '*', 'W_i_2']
    """
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        kept.append(token)
        at += 1
        is_open = at < len(tokens) and tokens[at].text == "["
        if token.kind != "name" or not is_open or token.text in ABSTRACT:
            continue
        end = matching(tokens, at)
        if not looks_like_symbol(token.text) or token.end != tokens[at].start:
            continue
        places = _places(tokens[at + 1 : end])
        if end < len(tokens) and tokens[end].text == "]" and places:
            name = "_".join([token.text, *places])
            kept[-1] = Token("name", name, token.start, tokens[end].end)
            at = end + 1
    return kept


def _places(tokens: Sequence[Token]) -> list[str]:
    """The places between the brackets; none where something else stands there."""
    found: list[str] = []
    part: list[Token] = []
    for token in (*tokens, Token("comma", ",", 0, 0)):
        if token.kind != "comma":
            part.append(token)
            continue
        letter, *shift = [each.text for each in part] or [""]
        is_letter = letter in PLACES
        is_shift = len(shift) == 2 and shift[0] in "+-" and shift[1].isdecimal()
        if not (letter.isdecimal() and not shift) and not (
            is_letter and (is_shift or not shift)
        ):
            return []
        found.append("".join([letter, *shift]))
        part = []
    return found


def factors_of_data(
    tokens: Sequence[Token], running: set[str], defined: Collection[str]
) -> list[Token]:
    """Write ``y_i (w - x_i)`` as a product: what has an index of a sum is no function.

    >>> from symgrad.tokens import tokenize
    >>> found = factors_of_data(tokenize("y_i(w)"), {"i"}, ())
    >>> [token.text for token in found]
    ['y_i', '*', '(', 'w', ')']
    """
    kept: list[Token] = []
    for token in tokens:
        before = kept[-1] if kept and token.text in ("(", "[") else None
        if before is not None and before.kind == "name" and before.text not in defined:
            base, *places = before.text.split("_")
            is_datum = looks_like_symbol(before.text) and base not in ABSTRACT
            if is_datum and any(re.split("[+-]", p)[0] in running for p in places):
                kept.append(Token("operator", "*", before.end, before.end))
        kept.append(token)
    return kept
