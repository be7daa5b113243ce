"""How an identifier is read: ``w_10_2_1`` is w with three indices, ``y_hat`` a y with
a hat, ``lambda`` a Greek letter.

The one rule kept here: a name that does not fit the pattern is shown letter by letter,
never guessed at.
"""

from __future__ import annotations

import re
from functools import lru_cache

from symgrad.renderers.nodes import Name

ACCENTS = ("hat", "tilde", "bar", "dot", "vec")

GREEK: dict[str, str] = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "upsilon": "υ",
    "phi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Upsilon": "Υ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
    "hbar": "ħ",
}
"""What a name spelled out in ASCII looks like in mathematics."""

LETTERS = {letter: name for name, letter in GREEK.items()}
"""The way back: Greek letter -> its name."""


def is_greek(text: str) -> bool:
    """Whether a base or an index is one Greek letter, spelled out or not."""
    return text in GREEK or text in LETTERS


_SIGNS = re.compile(r"([-+−])")


def index_parts(index: str) -> list[str]:
    """Part an index into letters, numbers and signs.

    >>> index_parts("i+1"), index_parts("12")
    (['i', '+', '1'], ['12'])
    """
    return [part.replace("-", "−") for part in _SIGNS.split(index) if part]


_PATTERN = re.compile(r"([^\W\d_]+)(?:\^(\(\w+\)|\w+?))?((?:_\w+?)*)('*)")


@lru_cache(maxsize=65_536)
def read_name(source: str) -> Name:
    """Split an identifier into base, accents, indices and primes.

    >>> read_name("y_hat_1")
    Name(source='y_hat_1', base='y', accents=('hat',), indices=('1',), primes=0)
    >>> read_name("w^(2)_11").raised
    '(2)'
    """
    match = _PATTERN.fullmatch(source)
    if match is None:
        return Name(source, source)
    base, raised, tail, primes = match.groups()
    parts = tail.split("_")[1:]
    if "" in parts:
        return Name(source, source)
    accents: list[str] = []
    while parts and parts[0] in ACCENTS:
        accents.append(parts.pop(0))
    return Name(
        source, base, tuple(accents), tuple(parts), len(primes), raised=raised or ""
    )
