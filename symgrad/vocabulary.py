"""The words of a formula that have a meaning of their own: constants and functions.

The one rule kept here: a word that is not known is an error that offers the nearest
one, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

from symgrad.errors import UnknownNameError, short, unknown_name
from symgrad.functions import ALIASES, FUNCTIONS
from symgrad.named_formulas import NAMED_FORMULAS
from symgrad.spellings import (
    BARE_SPELLINGS,
    UNCLEAR,
    is_mathematica,
    table_name,
)
from symgrad.tokens import MAX_LENGTH, Token, fail

ABSTRACT = frozenset("fghkFGHφψ")
CONSTANTS = dict.fromkeys(("pi", "π", "Pi", "PI"), "pi")
TRUTHS = {"true": True, "True": True, "otherwise": True, "false": False, "False": False}
RESERVED = frozenset({"if", "else", "and", "or", "not", *TRUTHS})
FORMS = {
    "if": "where",
    "where": "where",
    "piecewise": "piecewise",
    "Piecewise": "piecewise",
    "cases": "piecewise",
    "root": "root",
    "sum": "reduce",
    "product": "reduce",
    "integral": "integrate",
    "integrate": "integrate",
    "int": "integrate",
}
SPELLED_FORMS = {"pow": "power", "power": "power", "nthRoot": "root"} | {
    "Power": "power",
    "POWER": "power",
    "IF": "where",
    "square": "square",
    **dict.fromkeys(("mean", "Sum", "Product", "prod", "∑", "∏", "Σ", "Π"), "reduce"),
}
"""Forms of other tools; a text may define a function under their names."""

INVERSES = {
    name: f"a{name}"
    for base in ("sin", "cos", "tan", "cot", "sec", "csc")
    for name in (base, f"{base}h")
}
_TRIGONOMETRIC = [*INVERSES, *(f"a{name}" for name in INVERSES)]
BARE = frozenset(
    [*_TRIGONOMETRIC, "exp", "log", "ln", "log2", "log10", "sqrt", "cbrt", "erf"]
    + [name for name in ALIASES if name.startswith("ar")]
    + [*BARE_SPELLINGS]
)
"""The functions that may stand before a value without brackets: ``sin x``."""

_GREEK_WORDS = (
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|rho|"
    "sigma|tau|phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Sigma|Phi|Psi|Omega"
)

_ARITIES: dict[str, tuple[int, int]] = {
    "Heaviside": (1, 2),
    "log": (1, 2),
    **dict.fromkeys(("root", "nthRoot", "pow", "power", "Power", "POWER"), (2, 2)),
    "sum": (4, 4),
    "product": (4, 4),
    "where": (3, 3),
    "if": (3, 3),
    "IF": (3, 3),
    "Max": (2, MAX_LENGTH),
    "Min": (2, MAX_LENGTH),
}


def is_function(name: str) -> bool:
    """Whether a word is a function of the table or another name for one."""
    return name in FUNCTIONS or name in ALIASES


@lru_cache(maxsize=4096)
def is_bare(name: str) -> bool:
    """Whether a function may stand before a value without brackets: ``log_2 x``."""
    return name in BARE or re.fullmatch("log_[0-9]+", name) is not None


def is_known(name: str) -> bool:
    """Whether a word before a bracket is a function, other tools' spellings too."""
    return table_name(name) is not None


def is_reserved(name: str) -> bool:
    """Whether a word cannot be the name of a function of the user's own."""
    return is_function(name) or name in (*CONSTANTS, *RESERVED, *FORMS)


@lru_cache(maxsize=4096)
def looks_like_symbol(name: str) -> bool:
    """Whether a name is one letter, or a Greek one, with indices and primes.

    Only such names stand side by side for a product: ``w_1 x_1``, not ``hello world``.
    """
    return re.fullmatch(rf"({_GREEK_WORDS}|[^\W\d_])\d*(_[\w+-]+)?'*", name) is not None


def check_dialect(text: str, tokens: list[Token]) -> None:
    """Refuse ``E^x*Sin[x]``: beside Mathematica's functions E is no variable."""
    pairs = pairwise(tokens)
    if any(
        t.kind == "name" and u.text == "[" and is_mathematica(t.text) for t, u in pairs
    ):
        for token in tokens:
            if token.text == "E":
                fail(
                    text,
                    token.start,
                    "E beside functions with [ ] can be Euler's number; write exp( ), "
                    "or rename it",
                )


def find_call(text: str, token: Token, functions: Mapping[str, int]) -> tuple[str, str]:
    """Give what a name before a bracket means: an operation and the name it works with.

    ``functions`` are those that the text defines. Raises ``FormulaError`` or
    ``UnknownNameError`` where a name means nothing, and says what it could have meant.
    """
    name = token.text
    if name in functions:
        return "apply", name
    if (meant := table_name(name)) is not None:
        return "call", meant
    if name in FORMS or name in SPELLED_FORMS:
        return {**FORMS, **SPELLED_FORMS}[name], name
    if name in UNCLEAR:
        fail(text, token.start, f"{name} {UNCLEAR[name]}")
    if log := re.fullmatch(r"log_([0-9]+|[^\W\d_])", name):
        base = log.group(1)
        return ("call", "log") if base == "e" else ("log_base", base)
    base = name.rstrip("'")
    if base in ABSTRACT:
        if base in functions:
            fail(
                text,
                token.start,
                f"{name}( ) is a derivative of {base}; take it with "
                f"derivative('{base}(x) = …', 'x', order={len(name) - len(base)})",
            )
        _check_set_apart(text, token)
        return "abstract", name
    if re.fullmatch(r"[^\W\d_](_\w*)?'*", name):
        fail(
            text,
            token.start,
            f"{short(name)} is no function; for a product write {name}*( ), "
            f"as in a*(b + c), or define {name}(t) = …",
        )
    known = [*functions, *FUNCTIONS, *ALIASES, *FORMS, *NAMED_FORMULAS]
    error = unknown_name("function", name, known)
    fail(text, token.start, str(error), UnknownNameError)


def _check_set_apart(text: str, token: Token) -> None:
    """Refuse ``f (L/D)``, which is a product for many; ``f (x, y)`` is none."""
    if not text[token.end].isspace():
        return
    depth = 0
    for letter in text[token.end :]:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(letter, 0)
        if letter == "," and depth < 2:
            return
        if depth == 0 and not letter.isspace():
            break
    fail(
        text,
        token.start,
        f"{token.text} ( ) can be read in two ways; write {token.text}*(…) for a "
        f"product, or {token.text}(…) without a blank for a function",
    )


def check_arity(text: str, start: int, name: str, count: int) -> None:
    """Refuse a call with the wrong number of arguments."""
    arity = FUNCTIONS[name].arity if name in FUNCTIONS else 1
    least, most = _ARITIES.get(name, (arity, arity))
    if not least <= count <= most:
        wanted = str(least) if least == most else f"{least} or more"
        wanted = "1 or 2" if (least, most) == (1, 2) else wanted
        plural = "" if wanted == "1" else "s"
        fail(text, start, f"{name} takes {wanted} argument{plural}, not {count}")
