"""Names that a reader takes for a product, for a call, or for another name.

The one rule kept here: several letters together are one name, and where a person may
well have meant a product (``ax² + bx``, ``sinx``, ``a_1x``) the text is refused with
both readings; a name that the text defines is always a name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NoReturn

from symgrad.errors import short
from symgrad.functions import ALIASES, FUNCTIONS
from symgrad.spellings import table_name
from symgrad.tokens import GREEK, Token, fail
from symgrad.vocabulary import (
    BARE,
    CONSTANTS,
    RESERVED,
    looks_like_symbol,
)

_ENDLESS = frozenset("inf Inf INF infinity Infinity oo nan NaN NAN undefined".split())
_WORDS = frozenset("std rms lhs rhs tmp pdf cdf src dst pH pK lr".split())
_LIKE = dict(
    zip(
        "аеорсухіјѕԁһΑΒΕΖΗΙΚΜΝΟΡΤΥΧοАВЕКМНОРСТУХІЈЅ",
        "aeopcyxijsdhABEZHIKMNOPTYXoABEKMHOPCTYXIJS",
        strict=True,
    )
)
_CALLED = "|".join(sorted(BARE & {*FUNCTIONS, *ALIASES}, key=len, reverse=True))
_GLUED_CALL = re.compile(
    rf"(?P<before>[^\W\d_]?\d*)(?P<call>(?:arc)?(?:{_CALLED}))"
    rf"(?P<inner>\d*[xyztuvwαβγθφωτ]|\d+|n[xyzt]|k[xyzt])(?P<more>(?:{_CALLED})?.*)"
)
_GLUED_GREEK = re.compile(
    r"([^\W\d_Δδ])(π)|(pi|alpha|beta|theta|lambda|omega|gamma|delta|sigma)([rxyztk])"
)
_KEPT = frozenset("cost sect logo logy expo".split())
_BOUND = (
    *("sum", "product", "Sum", "Product", "prod", "mean", "∑", "∏", "Σ", "Π"),
    *("integral", "integrate", "int"),
)


def check_misreadings(
    text: str, tokens: Sequence[Token], defined: Collection[str]
) -> None:
    """Refuse the names of a text that are likely to be misread.

    ``defined`` are the names that the text, or the user, gives a meaning.
    """
    names = _variables(text, tokens, defined)
    has_star = any(t.kind == "operator" and t.text == "*" for t in tokens)
    letters = {token.text for token, _ in names if len(token.text) == 1}
    letters |= {each for each in defined if len(each) == 1}
    is_prose = has_star or any(_is_word(token.text) for token, _ in names)
    is_prose |= any(_is_word(each) for each in defined)
    seen: set[tuple[str, str]] = set()
    for token, place in names:
        if token.text == "E":
            _check_capital(text, tokens, place)
        if token.text in ("Σ", "Π"):
            _check_sign(text, tokens, place)
        if token.text[0] == "d":
            _check_derivative(text, tokens, place)
        before = tokens[place - 1].kind if place else ""
        is_known = (token.text, before) in seen and token.text != "x10"
        if len(token.text) == 1 or (is_known and token.text not in _ENDLESS):
            continue
        seen.add((token.text, before))
        if token.text in _ENDLESS:
            _check_endless(text, tokens, place)
            continue
        _check_digits(text, tokens, place)
        _check_call(text, token, letters)
        _check_product(text, tokens, place, letters, is_prose)


def _variables(
    text: str, tokens: Sequence[Token], defined: Collection[str]
) -> list[tuple[Token, int]]:
    """The names that are no calls and no words of their own, with their places."""
    following = [t.kind for t in tokens[1:]] + [""]
    return [
        (token, place)
        for place, token in enumerate(tokens)
        if token.kind == "name"
        and following[place] != "open"
        and token.text not in defined
        and token.text not in RESERVED
        and token.text not in CONSTANTS
        and table_name(token.text) is None
    ]


def _is_word(name: str) -> bool:
    """Whether a name is longer than products of letters are: ``mass``, ``y_hat``."""
    base, _, index = name.partition("_")
    is_greek = looks_like_symbol(name)
    return not is_greek and (len(base) > 3 or (len(index) > 2 and index.isalpha()))


def _check_endless(text: str, tokens: Sequence[Token], place: int) -> None:
    token = tokens[place]
    before = tokens[place - 1] if place else None
    bounds = before is not None and (before.kind == "comma" or before.text in "+-")
    if not (bounds and any(t.text in _BOUND for t in tokens[:place])):
        fail(
            text,
            token.start,
            f"{token.text} is no number and no name; it stands in the bounds of "
            "sums and integrals alone",
        )


def _check_capital(text: str, tokens: Sequence[Token], place: int) -> None:
    """Refuse ``E^x``, which is Euler's number for many; ``E^2`` is a square."""
    after = [token.text for token in tokens[place + 1 : place + 2]]
    power = tokens[place + 2 : place + 5]
    if power and power[0].kind == "open" and power[2:] and power[2].kind == "close":
        power = power[1:]  # E^(2)
    is_number = bool(power) and power[0].kind == "number"
    if after == ["^"] and not is_number:
        _fail(text, tokens[place].start, "E^…", "e^… or exp(…), or take another name")


def _check_sign(text: str, tokens: Sequence[Token], place: int) -> None:
    """Refuse ``Σ a_i x_i``, a sum without its bounds."""
    sign, after = tokens[place], tokens[place + 1 : place + 2]
    if after and re.fullmatch(r"[^\W\d_]+_[a-z]", after[0].text):
        word = "sum" if sign.text == "Σ" else "product"
        _fail(
            text,
            sign.start,
            f"{sign.text} {after[0].text}",
            f"{word}({after[0].text}, i, 1, n), or {sign.text}*{after[0].text} for a "
            "factor",
        )


def _check_derivative(text: str, tokens: Sequence[Token], place: int) -> None:
    """Refuse ``dy/dx`` and ``d/dx (x^2)``."""
    if len(tokens) < place + 3 or tokens[place + 1].text != "/":
        return
    above, below = tokens[place], tokens[place + 2]
    if re.fullmatch(r"d([^\W\d_]\w*'*)?", above.text) and re.fullmatch(
        r"d[^\W\d_](_\w+)?", below.text
    ):
        fail(
            text,
            above.start,
            f"{above.text}/{below.text} is a derivative, which is taken, not read; "
            f"call differentiate(formula, '{below.text[1:]}'), or write "
            f"{above.text}*(1/{below.text}) for a quotient",
        )


def _check_digits(text: str, tokens: Sequence[Token], place: int) -> None:
    """Refuse ``2.5x10^3``, ``a_1x`` and ``x2y``."""
    token = tokens[place]
    written = text[token.start : token.end]
    after = tokens[place + 1].text if place + 1 < len(tokens) else ""
    if token.text == "x10" and after == "^" and place:
        before = tokens[place - 1]
        if before.kind == "number" and before.end == token.start:
            _fail(
                text,
                before.start,
                f"{before.text}x10^…",
                f"{before.text}*10^… for a number, or {before.text}*x10^…",
            )
    found = re.fullmatch(r"([^\W\d_]+_\d+)([^\W\d_].*)", written)
    found = found or re.fullmatch(r"([^\W\d_]\d+)([^\W\d_])", written)
    found = found or re.fullmatch(r"(([^\W\d_])\d+)(?:\2\d+)+", written)
    if found:
        one, rest = found.group(1), written[len(found.group(1)) :]
        if "_" in rest:
            _fail(text, token.start, short(written), f"{one}*{rest} for a product")
        brace = one.replace("_", "_{", 1) if "_" in one else f"{one[0]}_{{{one[1:]}"
        _fail(text, token.start, short(written), f"{one}*{rest}, or {brace}{rest}}}")


def _check_call(text: str, token: Token, letters: Collection[str]) -> None:
    """Refuse ``sinx``, ``ln2``, ``xsinx``, ``pir`` and ``iπ``."""
    name = token.text
    if glued := _GLUED_GREEK.fullmatch(name):
        _fail(text, token.start, short(name), "*".join(filter(None, glued.groups())))
    found = None if name in _KEPT and "t" not in letters else _GLUED_CALL.match(name)
    if found is None or "_" in name:
        return
    call, inner, more = found.group("call", "inner", "more")
    if more and not re.match(rf"(?:{_CALLED})|[²³]?$", more):
        return
    before = f"{found.group('before')}*" if found.group("before") else ""
    rest = "*…" if more else ""
    _fail(
        text,
        token.start,
        short(name),
        f"{before}{call}({inner}){rest} for the function, or take another name",
    )


def _check_product(
    text: str,
    tokens: Sequence[Token],
    place: int,
    letters: Collection[str],
    is_prose: bool,
) -> None:
    """Refuse ``ax² + bx``, ``12xy`` and ``x + y + xy``."""
    token = tokens[place]
    base, _, index = token.text.partition("_")
    if not 2 <= len(base) <= 3 or not base.isalpha() or looks_like_symbol(token.text):
        return
    if base[0] in "dΔδ" or base in _WORDS or (base[0].isupper() and base[1].islower()):
        return
    if not base.isascii():
        return
    before = tokens[place - 1] if place else None
    is_counted = (
        before is not None and before.kind == "number" and before.end == token.start
    )
    is_known = not index and all(letter in letters for letter in base)
    is_plain = len(base) == 2 or not re.search("[aeiou]", base)
    if is_known or (is_plain and (not is_prose or (is_counted and not index))):
        product = "*".join(base) + (f"_{index}" if index else "")
        one = f"{base[0]}_{base[1:]}"
        _fail(
            text,
            token.start,
            short(token.text),
            f"{product} for a product, or {one} for one name",
        )


def _fail(text: str, start: int, shown: str, ways: str) -> NoReturn:
    fail(text, start, f"{shown} can be read in two ways; write {ways}")


def check_names(text: str, tokens: Sequence[Token]) -> None:
    """Refuse two names that are printed alike: α and alpha, Latin x and Cyrillic х."""
    seen: dict[str, Token] = {}
    for token in tokens:
        if token.kind != "name" or token.text in CONSTANTS:
            continue
        spelled = token.text
        if not spelled.isascii():
            _check_scripts(text, token)
            spelled = "".join(_LIKE.get(c, GREEK.get(c, c)) for c in spelled)
        other = seen.setdefault(spelled, token)
        if other.text != token.text:
            fail(
                text,
                token.start,
                f"{short(other.text)} and {short(token.text)} are printed alike; "
                "use one spelling",
            )


def _check_scripts(text: str, token: Token) -> None:
    """Refuse a word of Latin and Cyrillic letters."""
    odd = [c for c in token.text if "\u0400" <= c <= "\u052f"]
    latin = any(c.isascii() and c.isalpha() for c in token.text.partition("_")[0])
    if odd and latin:
        fail(
            text,
            token.start,
            f"{short(token.text)} mixes Latin letters with the Cyrillic {odd[0]!r}; "
            "use one script",
        )
