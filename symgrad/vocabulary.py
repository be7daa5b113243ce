"""The words of a formula that have a meaning of their own: constants and functions.

The one rule kept here: a word that is not known is an error that offers the nearest
one, never a guess.
"""

from __future__ import annotations

import re

from symgrad.errors import UnknownNameError, short, unknown_name
from symgrad.functions import ALIASES, FUNCTIONS
from symgrad.tokens import MAX_LENGTH, Token, fail

ABSTRACT = frozenset("fghkFGHφψ")
CONSTANTS = {"pi": "pi", "π": "pi"}

_ARITIES: dict[str, tuple[int, int]] = {
    "Heaviside": (1, 2),
    "Max": (2, MAX_LENGTH),
    "Min": (2, MAX_LENGTH),
}


def is_function(name: str) -> bool:
    """Whether a word is a function of the table or another name for one."""
    return name in FUNCTIONS or name in ALIASES


def find_function(text: str, token: Token) -> str:
    """Give the table's name of a function, or say what the name could have meant."""
    name = token.text
    if is_function(name):
        return ALIASES.get(name, name)
    start = token.start
    if name in ABSTRACT:
        fail(
            text,
            start,
            f"abstract functions such as {name}(x) are not read yet; write its "
            f"formula, or {name}*( ) for a product",
        )
    if name in CONSTANTS or re.fullmatch(r"[^\W\d_](_\w*)?'*", name):
        fail(
            text,
            start,
            f"{short(name)} is no function; for a product write {name}*( ), "
            "as in a*(b + c)",
        )
    error = unknown_name("function", name, [*FUNCTIONS, *ALIASES])
    fail(text, start, str(error), UnknownNameError)


def check_arity(text: str, start: int, name: str, count: int) -> None:
    """Refuse a call with the wrong number of arguments."""
    arity = FUNCTIONS[name].arity
    least, most = _ARITIES.get(name, (arity, arity))
    if not least <= count <= most:
        wanted = str(least) if least == most else f"{least} or more"
        wanted = "1 or 2" if name == "Heaviside" else wanted
        plural = "" if wanted == "1" else "s"
        fail(text, start, f"{name} takes {wanted} argument{plural}, not {count}")
