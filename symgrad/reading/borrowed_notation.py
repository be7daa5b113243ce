"""What books and other tools write: J_0(x), n choose k, w^T x, x -> x^2, 5 kg.

The one rule kept here: what can mean one thing alone is read; all else is refused with
the way out, and never taken for a power or a name that its writer did not mean.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from symgrad.errors import short
from symgrad.tokens import Token, fail
from symgrad.vocabulary import RESERVED, looks_like_symbol

_BESSEL = {"J": "besselj", "Y": "bessely", "I": "besseli", "K": "besselk"}
_LETTERS = {
    **{("ζ", 1): "zeta", ("W", 1): "LambertW", ("B", 2): "beta", ("Β", 2): "beta"},
    **{("Ai", 1): "airyai", ("Bi", 1): "airybi"},
    **{("Γ", 2): "uppergamma", ("γ", 2): "lowergamma"},
}
_SURE = ("Ai", "Bi", "Γ", "γ", "B", "Β")
_CHOICES = "binomial(n, k) for a number of choices"
_TWO = {"C": _CHOICES, "P": "n!/(n - k)! for a number of arrangements"}
_UNITS = frozenset(
    "kg mg cm mm km nm Hz kHz MHz GHz Pa kPa MPa kJ kW MW eV keV MeV mol ms ns "
    "kV mV mA kN rad deg".split()
)
_VECTORS = "write a product of vectors as sum(w_i*x_i, i, 1, n)"
_EDGES = ("open", "close", "comma", "equals", "end", "newline", "compare")
_PREFIX = {
    **dict.fromkeys(
        ("lim", "limit", "Lim", "Limit"),
        "a limit is not taken; write the formula whose limit it is, and give numbers "
        "near the place",
    ),
    "dot": _VECTORS,
}
_INFIX = {
    "to": "write the bounds of a sum as sum(x_i^2, i, 1, n)",
    "mod": "write x - n*floor(x/n) for the remainder",
}


def plain_notation(
    text: str, tokens: Sequence[Token], own: Collection[str]
) -> list[Token]:
    """Write the functions of books, ``J_0(x)``, in the words of the table.

    >>> from symgrad.tokens import tokenize
    >>> found = plain_notation(text := "J_0(x)*n", tokenize(text), ())
    >>> "".join(token.text for token in found)
    'besselj(0,x)*n'

    ``own`` are the names that the text defines. Raises ``FormulaError`` for what can
    be read in two ways, and for what is not read at all.
    """
    _check_words(text, tokens, own)
    _check_arrows(text, tokens)
    _check_transposes(text, tokens, own)
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        made = _function(text, tokens, at, own) if tokens[at].kind == "name" else []
        kept += made or [tokens[at]]
        at += 2 if made else 1
    return _with_choices(text, kept, own)


def _around(tokens: Sequence[Token], at: int) -> tuple[Token, Token]:
    """The tokens before and after one; an end where there is none."""
    none = Token("end", "", 0, 0)
    before = tokens[at - 1] if at else none
    return before, tokens[at + 1] if at + 1 < len(tokens) else none


def _check_arrows(text: str, tokens: Sequence[Token]) -> None:
    """Refuse ``x -> x^2``, ``x |-> x^2`` and ``x => x^2``."""
    for one, other in pairwise(tokens):
        if other.text == ">" and one.end == other.start and one.text in ("-", "="):
            shown = text[one.start : other.end]
            fail(
                text,
                one.start,
                f"unexpected {short(shown)}; a function is written f(x) = x^2",
            )


def _check_words(text: str, tokens: Sequence[Token], own: Collection[str]) -> None:
    """Refuse ``lim x``, ``sum(x_i for i in …)``, ``1 to n``, ``5 kg``."""
    for at, token in enumerate(tokens):
        if token.kind != "name" or token.text in own:
            continue
        before, after = _around(tokens, at)
        word = token.text
        if word in _PREFIX and after.kind in ("open", "name"):
            fail(text, token.start, f"{word}: {_PREFIX[word]}")
        is_between = before.kind in ("name", "number", "close")
        if is_between and after.kind in ("name", "number", "open"):
            if word in ("for", "from") and after.kind == "name":
                message = "sums are written sum(x_i^2, i, 1, n), with both bounds"
                fail(text, token.start, f"unexpected {short(word)}; {message}")
            if word in _INFIX:
                fail(text, token.start, f"unexpected {short(word)}; {_INFIX[word]}")
        if word in _UNITS and before.kind == "number" and _count(tokens, word) == 1:
            fail(
                text,
                token.start,
                f"{before.text} {word} has a unit, which is not read; write the number "
                f"alone, or {before.text}*{word} for a variable",
            )
        if "ᵀ" in word:
            fail(text, token.start, f"{short(word)} has a transpose; {_VECTORS}")


def _count(tokens: Sequence[Token], word: str) -> int:
    return sum(token.text == word for token in tokens)


def _check_transposes(text: str, tokens: Sequence[Token], own: Collection[str]) -> None:
    """Refuse ``w^T x``, but no ``(1 + r)^T C``, ``w^T*x`` or T used elsewhere."""
    signs = ["", *(token.text for token in tokens)]
    is_variable = any(
        token.text == "T" and before != "^"
        for before, token in zip(signs, tokens, strict=False)
    )
    if is_variable or "T" in own:
        return
    for at in range(1, len(tokens) - 1):
        base, token, power = tokens[at - 1 : at + 2]
        if token.text != "^" or not re.fullmatch("T[^\\W\\d_]?", power.text):
            continue
        if base.kind != "name" or base.text == "e" or not looks_like_symbol(base.text):
            continue
        after = _around(tokens, at + 1)[1]
        is_factor = after.kind == "name" and after.text not in RESERVED
        if power.text == "T" and not is_factor:
            continue
        other = after.text if power.text == "T" else power.text[1:]
        fail(
            text,
            base.start,
            f"{base.text}^T {other} can be read in two ways; write sum({base.text}_i*"
            f"{other}_i, i, 1, n) for a product of vectors, {base.text}^T*{other} for "
            "a power",
        )


def _function(
    text: str, tokens: Sequence[Token], at: int, own: Collection[str]
) -> list[Token]:
    """The call that a letter and its bracket are, up to the bracket; else none."""
    token, after = tokens[at], _around(tokens, at)[1]
    letter, _, index = token.text.partition("_")
    if after.text != "(" or token.text in own or after.start != token.end:
        return []
    if at and tokens[at - 1].text == "^":
        return []
    count, has_sum = _inside(tokens, at + 1)
    if count == 2 and token.text in _TWO:
        fail(
            text,
            token.start,
            f"{token.text}( , ) is no function; write {_TWO[token.text]}, or define "
            f"{token.text}(s, t) = …",
        )
    is_order = bool(re.fullmatch(r"\d{1,3}|[a-z]", index)) and count == 1
    name = _BESSEL.get(letter, "") if index else _LETTERS.get((token.text, count), "")
    if not name or (index and not is_order):
        return []
    unsure = token.text not in _SURE
    elsewhere = _count(tokens, token.text) > _calls(tokens, token.text)
    if unsure and (has_sum or elsewhere):
        order = f"{index}, " if index else ""
        fail(
            text,
            token.start,
            f"{token.text}( ) can be read in two ways; write {name}({order}…) for the "
            f"function, {token.text}*(…) for a product",
        )
    head = [token._replace(text=name), after]
    if index:
        kind = "number" if index.isdecimal() else "name"
        place = (token.end, token.end)
        head += [Token(kind, index, *place), Token("comma", ",", *place)]
    return head


def _calls(tokens: Sequence[Token], word: str) -> int:
    pairs = pairwise(tokens)
    return sum(one.text == word and other.text == "(" for one, other in pairs)


def _inside(tokens: Sequence[Token], at: int) -> tuple[int, bool]:
    """How many arguments stand in a bracket, and whether a sum does."""
    depth, count, has_sum = 0, 1, False
    for place in range(at, len(tokens)):
        token = tokens[place]
        depth += {"open": 1, "floor": 1, "close": -1}.get(token.kind, 0)
        if depth == 0:
            break
        if depth == 1:
            count += token.kind == "comma"
            is_sign = token.kind == "operator" and token.text in ("+", "-")
            has_sum |= is_sign and tokens[place - 1].kind in ("name", "number", "close")
    return count, has_sum


def _with_choices(text: str, tokens: list[Token], own: Collection[str]) -> list[Token]:
    """Write ``n choose k`` as ``binomial(n, k)``, where both are a name or a number."""
    if "choose" in own:
        return tokens
    for at in range(len(tokens) - 1, -1, -1):
        token = tokens[at]
        before, after = _around(tokens, at)
        if token.text != "choose" or before.kind not in ("name", "number", "close"):
            continue  # choose(n, k), or a name
        atoms = ("name", "number")
        is_plain = before.kind in atoms and after.kind in atoms
        left = _around(tokens, at - 1)[0] if at else before
        right = _around(tokens, at + 1)[1]
        ends = all(
            each.kind in _EDGES or each.text in ("+", "-", "*")
            for each in (left, right)
        )
        if not (is_plain and ends):
            fail(text, token.start, "choose: write binomial(n, k) with its brackets")
        place = (token.start, token.end)
        tokens[at - 1 : at + 2] = [
            Token("name", "binomial", before.start, before.end),
            Token("open", "(", *place),
            before,
            Token("comma", ",", *place),
            after,
            Token("close", ")", after.end, after.end),
        ]
    return tokens
