"""The names that other countries and other tools have for the functions of the table.

The one rule kept here: a spelling that means one thing to some readers and another to
others is no spelling, but an error that says what to write.
"""

from __future__ import annotations

from symgrad.functions import ALIASES, FUNCTIONS

_HYPERBOLIC = {"sh": "sinh", "ch": "cosh", "th": "tanh", "cth": "coth"}
_CIRCULAR = {
    **{"tg": "tan", "ctg": "cot", "cotg": "cot", "cotan": "cot"},
    **{"cosec": "csc", "sen": "sin"},
}

SPELLINGS: dict[str, str] = {
    **_CIRCULAR,
    **_HYPERBOLIC,
    **{f"arc{name}": f"a{meant}" for name, meant in _CIRCULAR.items()},
    **{f"ar{name}": f"a{meant}" for name, meant in _HYPERBOLIC.items()},
    **{"tgh": "tanh", "ctgh": "coth", "cosech": "csch", "senh": "sinh"},
    **{"arcoth": "acoth", "arsech": "asech", "arcsch": "acsch"},
    **{"fabs": "Abs", "signum": "sign", "heaviside": "Heaviside"},
    **{"maximum": "Max", "fmax": "Max", "minimum": "Min", "fmin": "Min"},
    **{"expit": "logistic", "Γ": "gamma", "lgamma": "loggamma", "gammaln": "loggamma"},
    **dict.fromkeys(("binom", "choose", "comb", "nCr"), "binomial"),
    **{"lambertw": "LambertW", "jv": "besselj", "yv": "bessely"},
    **{"iv": "besseli", "kv": "besselk"},
}
"""Spelling, and the table's name; a text may define a function under each of them."""

BARE_SPELLINGS = frozenset([*_CIRCULAR, *_HYPERBOLIC, "arctg", "arcctg"])
"""The spellings that may stand before a value without brackets: ``tg x``."""

UNCLEAR = {
    "lg": "is log10 for some and log2 for others; write log10( ) or log2( )",
    "ATAN2": "takes (x, y) in spreadsheets; write atan2(y, x)",
    **dict.fromkeys(
        ("diff", "D", "Derivative", "Diff", "derivative", "grad"),
        "is taken, not read; call differentiate(formula, 'x') or "
        "derivative(formula, 'x', order=2)",
    ),
    **dict.fromkeys(
        ("average", "AVERAGE", "avg"), "is of data; write mean(x_i, i, 1, n)"
    ),
    "SUM": "is written sum(x_i^2, i, 1, n) here",
    "PRODUCT": "is written product(x_i, i, 1, n) here",
    "mod": "jumps and has no function here; write x - n*floor(x/n)",
    **{"deg": "is 180*x/pi; write that", "rad": "is pi*x/180; write that"},
    "var": "is of data; write mean((x_i - m)^2, i, 1, n), with m = mean(x_i, i, 1, n)",
    "std": "is of data; write sqrt(mean((x_i - m)^2, i, 1, n))",
    "round": "jumps and has no function here; write floor(x + 1/2)",
    "trunc": "jumps and has no function here; write sign(x)*floor(abs(x))",
    "σ": "has many meanings; write sigmoid( ), or define σ(t) = …",
    "Φ": "has many meanings; write (1 + erf(x/√2))/2, or define Φ(t) = …",
    "norm": "is of a vector; write sqrt(x_1^2 + x_2^2), or sqrt(sum(x_i^2, i, 1, n))",
    "softmax": "is of a vector; write exp(x_1)/(exp(x_1) + exp(x_2))",
    "LOG": "is log10 in spreadsheets and ln elsewhere; write log10( ) or ln( )",
}
"""Functions that are spelled alike, and what to write instead."""

_LOWER = {name.lower(): name for name in (*SPELLINGS, *ALIASES, *FUNCTIONS)}
_MEANT = {**SPELLINGS, **ALIASES, **{name: name for name in FUNCTIONS}}


def table_name(word: str) -> str | None:
    """The function that a word before a bracket means; capitals are as good as none.

    >>> table_name("arcsinh"), table_name("ArcTan"), table_name("SQRT"), table_name("v")
    ('asinh', 'atan', 'sqrt', None)
    """
    if word not in _MEANT and len(word) > 1 and word != word.lower():
        word = _LOWER.get(word.lower(), word) if word not in UNCLEAR else word
    return _MEANT.get(word)


def is_mathematica(word: str) -> bool:
    """Whether a word is a function's name as Mathematica writes it, ``Sin``."""
    return word not in _MEANT and word[1:2].islower() and table_name(word) is not None
