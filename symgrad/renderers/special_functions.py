"""Bessel, Airy, gamma and their kin as formularies print them: J_2(x), Γ(x), ψ′(x).

The one rule kept here: a letter that the reader's own formula uses keeps the meaning it
has there; the function is then written by its name.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import partial

from sympy import Expr, Integer, Symbol

from symgrad.renderers.nodes import Call, Fence, Layout, Name, Power

LETTERS = {
    **{"gamma": "Γ", "digamma": "ψ", "zeta": "ζ", "beta": "B", "LambertW": "W"},
    **{"lowergamma": "γ", "uppergamma": "Γ", "elliptic_k": "K", "elliptic_e": "E"},
    **{"fresnels": "S", "fresnelc": "C"},
}
AIRY = {"airyai": "Ai", "airybi": "Bi", "airyaiprime": "Ai", "airybiprime": "Bi"}
BESSEL = {"besselj": "J", "bessely": "Y", "besseli": "I", "besselk": "K"}
MAX_PRIMES = 3
_name = partial(Name, is_function=True)


def special_call(
    name: str, expr: Expr, args: Sequence[Layout], taken: Container[str]
) -> Layout | None:
    """Lay out one of these functions; None for any other, or where its letter is taken.

    >>> from symgrad.symbols import symbol
    >>> from sympy import besselj
    >>> two, x = Name("2", "2"), Name("x", "x")
    >>> special_call("besselj", besselj(2, symbol("x")), (two, x), ()).function.source
    'J_2'
    """
    letter = LETTERS.get(name) or AIRY.get(name) or BESSEL.get(name)
    if name == "loggamma":
        inner = special_call("gamma", expr, args, taken)
        return None if inner is None else Call("log", (inner,))
    if name == "polygamma":
        return _polygamma(expr, args, taken)
    if letter is None or letter in taken or _spelled(letter) in taken:
        return None
    if name in BESSEL:
        order = _order(expr.args[0])
        if order is None:
            return None
        index, typed = order
        if f"{letter}_{typed}" in taken:
            return None
        return Call(_name(f"{letter}_{typed}", letter, indices=(index,)), (args[1],))
    primes = int(name.endswith("prime"))
    return Call(_name(letter + "′" * primes, letter, primes=primes), tuple(args))


def _polygamma(
    expr: Expr, args: Sequence[Layout], taken: Container[str]
) -> Layout | None:
    """ψ′, ψ″, ψ‴, then ψ^(4)."""
    if "ψ" in taken or "psi" in taken:
        return None
    order = expr.args[0]
    if isinstance(order, Integer) and 0 <= order <= MAX_PRIMES:
        primes = int(order)
        source = "ψ" + ("", "′", "″", "‴")[primes]
        return Call(_name(source, "ψ", primes=primes), (args[1],))
    head = Power(_name("ψ", "ψ"), Fence("(", args[0], ")"))
    return Call(head, (args[1],))


def _order(order: Expr) -> tuple[str, str] | None:
    """A short order as an index, and as it is typed: 2, n, n + 1."""
    if isinstance(order, Integer):
        index = str(order).replace("-", "−")
        return index, index if order >= 0 else f"({index})"
    number, rest = order.as_coeff_Add()
    if not (isinstance(rest, Symbol) and rest.name.isalnum() and number.is_Integer):
        return None
    if number == 0:
        return rest.name, rest.name
    index = f"{rest.name}{int(number):+d}".replace("-", "−")
    return index, f"({index})"


def _spelled(letter: str) -> str:
    return {"Γ": "Gamma", "γ": "gamma", "ψ": "psi", "ζ": "zeta"}.get(letter, letter)
