"""Where the derivative of a function comes from, as a chain of equalities.

The one rule kept here: each chain begins with the derivative of the function written by
others, and ends with the row of ``DERIVATIVES``; the page recomputes it like any line.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
from sympy import Expr, Symbol

from symgrad.derivation import Line, Step, Text
from symgrad.functions import FUNCTIONS
from symgrad.symbols import LocalDerivative

Chain = tuple[tuple[Expr, str], ...]


def _tanh(u: Symbol) -> Chain:
    sinh, cosh = sp.sinh(u), sp.cosh(u)
    return (
        (_d(sinh / cosh, u), "tanh is sinh divided by cosh"),
        ((cosh**2 - sinh**2) / cosh**2, "quotient rule"),
        (1 - sp.tanh(u) ** 2, "divide each term by the denominator"),
    )


def _tan(u: Symbol) -> Chain:
    sin, cos = sp.sin(u), sp.cos(u)
    return (
        (_d(sin / cos, u), "tan is sin divided by cos"),
        ((cos**2 + sin**2) / cos**2, "quotient rule"),
        (1 + sp.tan(u) ** 2, "divide each term by the denominator"),
    )


def _logistic(u: Symbol) -> Chain:
    below = 1 + sp.exp(-u)
    value = FUNCTIONS["logistic"].make(u)
    return (
        (_d(1 / below, u), "by its definition"),
        (sp.exp(-u) / below**2, "power rule and chain rule"),
        (
            (1 / below) * (1 - 1 / below),
            "the numerator is the denominator less 1",
        ),
        (value * (1 - value), "by its definition"),
    )


def _softplus(u: Symbol) -> Chain:
    below = 1 + sp.exp(u)
    return (
        (_d(sp.log(below), u), "by its definition"),
        (sp.exp(u) / below, "logarithm rule and chain rule"),
        (1 / (1 + sp.exp(-u)), "divide both by the numerator"),
        (FUNCTIONS["logistic"].make(u), "the logistic function"),
    )


def _sinh(u: Symbol) -> Chain:
    grown, shrunk = sp.exp(u), sp.exp(-u)
    return (
        (_d((grown - shrunk) / 2, u), "by its definition"),
        ((grown + shrunk) / 2, "exponential rule and chain rule"),
        (sp.cosh(u), "by its definition"),
    )


def _cosh(u: Symbol) -> Chain:
    grown, shrunk = sp.exp(u), sp.exp(-u)
    return (
        (_d((grown + shrunk) / 2, u), "by its definition"),
        ((grown - shrunk) / 2, "exponential rule and chain rule"),
        (sp.sinh(u), "by its definition"),
    )


PROOFS: dict[str, Callable[[Symbol], Chain]] = {
    "tanh": _tanh,
    "tan": _tan,
    "logistic": _logistic,
    "softplus": _softplus,
    "sinh": _sinh,
    "cosh": _cosh,
}
"""function -> the chain from its definition to its derivative"""


def proof(name: str, u: Symbol, argument: Expr) -> Step:
    """The step that derives a function of ``u``, which stands for ``argument``."""
    lines = tuple(Line(expr, _text(why)) for expr, why in PROOFS[name](u))
    lhs = _d(FUNCTIONS[name].make(u), u)
    definitions = () if argument == u else ((u, argument),)
    return Step(f"derivative of {name}", lhs, lines, definitions)


def _d(expr: Expr, by: Symbol) -> Expr:
    return LocalDerivative(expr, by)


def _text(why: str) -> Text:
    return (why,)
