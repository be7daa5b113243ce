"""Text as tokens: every piece of a formula and its place, in one spelling.

The one rule kept here: a character that is not understood is an error that names its
column; none is dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from symgrad.characters import plain_characters
from symgrad.errors import BoundError, FormulaError, SymgradError, located, short, spot

MAX_LENGTH = 100_000
MAX_TOKENS = 50_000
MAX_DIGITS = 300
MAX_NAME = 100

_OPERATORS = {
    "**": "^",
    **dict.fromkeys("^", "^"),
    **dict.fromkeys("*·×⋅∗∙", "*"),
    **dict.fromkeys("/÷∕", "/"),
    **dict.fromkeys("-−–", "-"),
    "+": "+",
}
_COMPARISONS = {"≤": "<=", "≥": ">=", "≠": "!="}
_LOGIC = {"∧": "and", "∨": "or", "¬": "not"}
_ROOTS = {"√": "sqrt", "∛": "cbrt"}
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
_IN_NAMES = "0123456789_'′{}, +-−"
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
GREEK = {
    letter: unicodedata.name(letter).split()[-1].lower().replace("lamda", "lambda")
    for letter in "αβγδεζηθικλμνξορςστυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"
}
_TOKEN = re.compile(
    r"(?P<space>[^\S\r\n]+)"
    r"|(?P<newline>[\r\n]+)"
    r"|(?P<number>(?:[0-9]+(?:_[0-9]+)*\.?[0-9]*|\.[0-9]+)(?:[eE][+\-−–]?[0-9]+)?)"
    r"|(?P<fraction>[¼-¾⅐-⅞])"
    r"|(?P<superscript>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<root>[√∛])"
    r"|(?P<module>(?:math|Math|numpy|np|jnp|torch|tf\.math|tf|sympy|mpmath|mp|"
    r"scipy\.special)\.(?=[A-Za-z])(?!(?:e|E|sinc)\b))"
    r"|(?P<pi>π(?![_0-9₀-₉'′])|∞|[∑∏]_?)"
    r"|(?P<name>[^\W\d_](?:(?![⁰¹²³⁴-⁹])[₀-₉0-9]|(?![⁰¹²³⁴-⁹])(?<![₀-₉])(?:(?<=[Δδ])π|[^\W\dπ])"
    r"|(?<=_)\{[^\W_]+(?: ?[-+−] ?[0-9]+)?(?:, ?[^\W_]+(?: ?[-+−] ?[0-9]+)?)*\})*['′]*)"
    r"|(?P<compare><=|>=|==|!=|[<>≤≥≠])|(?P<logic>[∧∨¬])"
    r"|(?P<operator>\*\*|[-+*/^·×⋅∗∙÷∕−–])"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}⌋⌉])|(?P<bar>\|)|(?P<floor>[⌊⌈])"
    r"|(?P<factorial>!)|(?P<comma>,)|(?P<equals>=(?!=))|(?P<end>;)"
)
_PLAIN_NAME = re.compile("[A-Za-z0-9_']+")
_POWER = re.compile(r"[^\S\r\n]*(?:\^|\*\*|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻])")
_GROUPED = re.compile(r"(?<![\d.])\d{1,3},\Z")


class Token(NamedTuple):
    """A piece of the text; ``start`` and ``end`` are places in it."""

    kind: str
    text: str
    start: int
    end: int


def place(text: str, start: int) -> str:
    """Say where a character is: by its column, and its line where there are several.

    >>> place("x +", 2)
    'column 3'
    """
    line, column = spot(text, start)
    several = "\n" in text.strip() or "\r" in text.strip()
    return f"line {line}, column {column}" if several else f"column {column}"


def is_name(text: str) -> bool:
    """Whether a text is one name, as a formula could use it."""
    try:
        tokens = tokenize(plain_characters(text))
    except SymgradError:
        return False
    return [token.kind for token in tokens] == ["name"] and tokens[0].text == text


def fail(
    text: str, start: int, message: str, kind: type[SymgradError] = FormulaError
) -> NoReturn:
    """Raise an error about a place in a text; what it quotes is kept printable."""
    shown = "".join(c if c.isprintable() else " " for c in message)
    raise located(kind(f"{place(text, start)}: {shown}"), text, start)


def tokenize(text: str) -> list[Token]:
    """Cut a text into tokens, without blanks, operators in one spelling."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            _bad_character(text, at)
        kind, piece, end = str(match.lastgroup), match.group(), match.end()
        if kind not in ("space", "module"):
            tokens.extend(_SPELLINGS.get(kind, _plain)(text, kind, piece, at, end))
        at = end
        if len(tokens) > MAX_TOKENS:
            fail(
                text,
                at,
                f"the text has more names, numbers and signs than the bound MAX_TOKENS "
                f"({MAX_TOKENS:,}); split the formula or build a Graph",
                BoundError,
            )
    return tokens


def _plain(text: str, kind: str, piece: str, at: int, end: int) -> list[Token]:
    return [Token(kind, piece, at, end)]


def _operator(text: str, kind: str, piece: str, at: int, end: int) -> list[Token]:
    return [Token(kind, _OPERATORS[piece], at, end)]


def _superscript(text: str, kind: str, piece: str, at: int, end: int) -> list[Token]:
    digits = "".join(_SUPERSCRIPTS[c] for c in piece)
    sign = [Token("operator", "-", at, at)] if digits.startswith("-") else []
    number = _number(text, "number", digits.lstrip("-"), at, end)
    if _POWER.match(text, end):
        fail(text, at, f"a power of {short(piece)}; write (x{piece})^… with brackets")
    return [Token("operator", "^", at, at), *sign, *number]


def _number(text: str, kind: str, piece: str, at: int, end: int) -> list[Token]:
    piece = piece.replace("_", "").replace("−", "-").replace("–", "-")
    mantissa, _, exponent = piece.lower().partition("e")
    if len(mantissa) > MAX_DIGITS or abs(int(exponent[:9] or 0)) > MAX_DIGITS:
        fail(
            text,
            at,
            f"the number {short(piece)} is beyond the bound MAX_DIGITS "
            f"({MAX_DIGITS} digits); rescale the formula",
            BoundError,
        )
    if mantissa.startswith("0") and len(mantissa) > 1 and mantissa.isdigit():
        grouped = _GROUPED.search(text[max(0, at - 5) : at])
        if grouped and len(piece) == 3:
            head = grouped.group()[:-1]
            fail(
                text,
                at - len(head) - 1,
                f"{head},{piece} can be read in two ways; write {head}{piece} or "
                f"{head}.{piece}",
            )
        fail(text, at, f"the number {short(piece)} starts with 0; write it without")
    if mantissa == "0" and text[end : end + 1].isalpha():
        bad = re.match(r"\w*", text[at:])
        shown = short(bad.group() if bad else piece)
        fail(text, at, f"{shown} is not a number; write numbers in decimal")
    return [Token(kind, piece, at, end)]


def _fraction(text: str, kind: str, piece: str, at: int, end: int) -> list[Token]:
    if at and text[at - 1].isdigit():
        fail(text, at - 1, f"a mixed number; write + before {piece}, or a decimal")
    shown = unicodedata.normalize("NFKC", piece).replace("⁄", "/")
    return [Token("number", shown, at, end)]


def _name(text: str, kind: str, piece: str, at: int, end: int) -> list[Token]:
    if len(piece) > MAX_NAME:
        fail(
            text,
            at,
            f"the name {short(piece)} is longer than the bound MAX_NAME "
            f"({MAX_NAME} characters); choose a shorter one",
            BoundError,
        )
    if _PLAIN_NAME.fullmatch(piece):
        return [Token(kind, piece, at, end)]
    for place_, letter in enumerate(piece):
        if letter in "ⁿⁱ":
            fail(text, at + place_, f"unexpected {letter!r}; write a power as x^n")
        if not (letter.isalpha() or letter in _IN_NAMES or letter in _SUBSCRIPTS):
            _bad_character(text, at + place_)
    piece = re.sub(r"\{([^}]*)\}", lambda found: _joined(found.group(1)), piece)
    _check_greek(text, piece, at)
    name = re.sub("_?([₀-₉]+)", lambda found: "_" + found.group(1), piece)
    name = "".join(_SUBSCRIPTS.get(c, c) for c in name).replace("′", "'")
    return [Token(kind, name, at, end)]


def _joined(indices: str) -> str:
    spelled = indices.replace("−", "-").replace(" ", "")
    return "_".join(spelled.split(","))


def _check_greek(text: str, piece: str, at: int) -> None:
    """Refuse ωt, which is a product for its reader; Δx and αβ are names."""
    greek = [c in GREEK for c in re.split(r"[_0-9₀-₉'′]", piece)[0]]
    if any(greek) and not all(greek) and piece[0] not in "Δδ":
        cut = greek.index(not greek[0])
        shown = f"{piece[:cut]}*{piece[cut:]}"
        fail(text, at, f"{short(piece)} is one name; for a product write {shown}")


def _pi(text: str, kind: str, piece: str, at: int, end: int) -> list[Token]:
    return [Token("name", piece, at, end)]


def _compare(text: str, kind: str, piece: str, at: int, end: int) -> list[Token]:
    return [Token(kind, _COMPARISONS.get(piece, piece), at, end)]


def _logic(text: str, kind: str, piece: str, at: int, end: int) -> list[Token]:
    return [Token("name", _LOGIC[piece], at, end)]


def _root(text: str, kind: str, piece: str, at: int, end: int) -> list[Token]:
    return [Token(kind, _ROOTS[piece], at, end)]


_SPELLINGS: dict[str, Callable[[str, str, str, int, int], list[Token]]] = {
    "operator": _operator,
    "superscript": _superscript,
    "number": _number,
    "fraction": _fraction,
    "name": _name,
    "pi": _pi,
    "compare": _compare,
    "logic": _logic,
    "root": _root,
}
_ARROW = re.compile(r"\blambda\b|->|→|↦")
_VECTORS = "write a product of vectors as sum(w_i*x_i, i, 1, n)"
_HINTS = {
    **dict.fromkeys("@⊤⟨⟩⊗⊙", _VECTORS),
    "=": "use one = to define a name",
    "_": "a name starts with a letter",
    "&": "write and",
    "%": "write p/100 for percent, x - n*floor(x/n) for the remainder",
    "'": "a prime follows a name, as in x'",
    ".": "a point belongs to a number, as in 0.5",
    "\\": "read LaTeX with syntax='latex', or write plain text such as sqrt(x)",
    "∞": "write inf, which stands in the bounds of integrals alone",
    "∫": "write integral(t^2, t, 0, x)",
    "∜": "write root(x, 4)",
    "∂": "derivatives are taken, not read; call differentiate(formula, 'x')",
    "∇": "derivatives are taken, not read; call differentiate(formula, ['x', 'y'])",
    "°": "angles are in radians; write 30*pi/180 for 30°",
    "?": "write a if c else b for a choice",
    "→": "a function is written f(x) = x^2",
    "↦": "a function is written f(x) = x^2",
    "±": "write two formulas, one with + and one with -",
    "∓": "write two formulas, one with + and one with -",
    "‖": "write a norm as sqrt(x_1^2 + x_2^2)",
    "⁺": "write a power as x^n",
    "⁽": "write a power as x^n",
    ":": "a definition is written name = formula",
    "←": "a definition is written name = formula",
}


def _bad_character(text: str, at: int) -> NoReturn:
    if unicodedata.category(text[at]).startswith("M"):
        fail(text, at, f"an accent {text[at]!a}; write the name out, as in x_hat")
    if odd := re.match(r"\.(sinc|e|E)\b", text[at : at + 6]):
        other = "sin(pi*x)/(pi*x)" if odd.group(1) == "sinc" else "exp(1)"
        fail(text, at, f"unexpected '.' before {odd.group(1)}; write {other}")
    if text[at] == ":" and _ARROW.search(text):
        fail(text, at, "unexpected ':'; a function is written f(x) = x^2")
    if re.match(r"\.T\b", text[at:]):
        fail(text, at, f"a transpose; {_VECTORS}")
    hint = _HINTS.get(text[at], "use names, numbers, + - * / ^ ( ) and functions")
    fail(text, at, f"unexpected {short(text[at])}; {hint}")
