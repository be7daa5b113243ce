"""The words of a formula that have a meaning of their own: constants and functions.

The one rule kept here: a word that is not known is an error that offers the nearest
one, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from symgrad.errors import UnknownNameError, short, unknown_name
from symgrad.functions import ALIASES, FUNCTIONS
from symgrad.tokens import MAX_LENGTH, Token, fail

ABSTRACT = frozenset("fghkFGHφψ")
CONSTANTS = {"pi": "pi", "π": "pi"}
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
INVERSES = {
    name: f"a{name}"
    for base in ("sin", "cos", "tan", "cot", "sec", "csc")
    for name in (base, f"{base}h")
}
_TRIGONOMETRIC = [*INVERSES, *(f"a{name}" for name in INVERSES)]
BARE = frozenset(
    [*_TRIGONOMETRIC, "exp", "log", "ln", "log2", "log10", "sqrt", "cbrt", "erf"]
    + [name for name in ALIASES if name.startswith("ar")]
)
"""The functions that may stand before a value without brackets: ``sin x``."""

_GREEK_WORDS = (
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|rho|"
    "sigma|tau|phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Sigma|Phi|Psi|Omega"
)

_ARITIES: dict[str, tuple[int, int]] = {
    "Heaviside": (1, 2),
    "log": (1, 2),
    "root": (2, 2),
    "sum": (4, 4),
    "product": (4, 4),
    "where": (3, 3),
    "if": (3, 3),
    "Max": (2, MAX_LENGTH),
    "Min": (2, MAX_LENGTH),
}


def is_function(name: str) -> bool:
    """Whether a word is a function of the table or another name for one."""
    return name in FUNCTIONS or name in ALIASES


def is_reserved(name: str) -> bool:
    """Whether a word cannot be the name of a function of the user's own."""
    return is_function(name) or name in (*CONSTANTS, *RESERVED, *FORMS)


def looks_like_symbol(name: str) -> bool:
    """Whether a name is one letter, or a Greek one, with indices and primes.

    Only such names stand side by side for a product: ``w_1 x_1``, not ``hello world``.
    """
    return re.fullmatch(rf"({_GREEK_WORDS}|[^\W\d_])\d*(_\w+)?'*", name) is not None


def find_call(text: str, token: Token, functions: Mapping[str, int]) -> tuple[str, str]:
    """Give what a name before a bracket means: an operation and the name it works with.

    ``functions`` are those that the text defines. Raises ``FormulaError`` or
    ``UnknownNameError`` where a name means nothing, and says what it could have meant.
    """
    name = token.text
    if name in functions:
        return "apply", name
    if is_function(name):
        return "call", ALIASES.get(name, name)
    if name in FORMS:
        return FORMS[name], name
    if base := re.fullmatch(r"log_([0-9]+)", name):
        return "log_base", base.group(1)
    if name in ABSTRACT:
        return "abstract", name
    if name in CONSTANTS or re.fullmatch(r"[^\W\d_](_\w*)?'*", name):
        fail(
            text,
            token.start,
            f"{short(name)} is no function; for a product write {name}*( ), "
            f"as in a*(b + c), or define {name}(t) = …",
        )
    known = [*functions, *FUNCTIONS, *ALIASES, *FORMS]
    error = unknown_name("function", name, known)
    fail(text, token.start, str(error), UnknownNameError)


def check_arity(text: str, start: int, name: str, count: int) -> None:
    """Refuse a call with the wrong number of arguments."""
    arity = FUNCTIONS[name].arity if name in FUNCTIONS else 1
    least, most = _ARITIES.get(name, (arity, arity))
    if not least <= count <= most:
        wanted = str(least) if least == most else f"{least} or more"
        wanted = "1 or 2" if (least, most) == (1, 2) else wanted
        plural = "" if wanted == "1" else "s"
        fail(text, start, f"{name} takes {wanted} argument{plural}, not {count}")
