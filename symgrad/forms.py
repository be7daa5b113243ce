"""Forms of a result that a reader may ask for: factored, expanded, sech² for 1 − tanh².

The one rule kept here: a form is one row of ``FORMS``, an exact rewriting with a name;
a page writes it as a line of its own, which is recomputed like every other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Mul, Symbol

from symgrad import function_forms
from symgrad.decimals import exactly
from symgrad.errors import ArgumentTypeError, check_name, short
from symgrad.factoring import combined, factored, spread_out
from symgrad.lengths import written_operations
from symgrad.symbols import symbol
from symgrad.tidying import is_light, is_safe, tidy


@dataclass(frozen=True)
class Form:
    """One form: what the line that brings it about is called, and the rewriting."""

    reason: str
    make: Callable[[Expr, Symbol | None], Expr]


def _plain(change: Callable[[Expr], Expr]) -> Callable[[Expr, Symbol | None], Expr]:
    return lambda expr, by: change(expr)


def _short_after(
    change: Callable[[Expr], Expr],
) -> Callable[[Expr, Symbol | None], Expr]:
    """A rewriting of the result or of its short form, whichever is shorter."""

    def make(expr: Expr, by: Symbol | None) -> Expr:
        found = [change(expr), change(tidy(expr)), change(tidy(change(expr)))]
        changed = [made for made in found if made not in (expr, tidy(expr))]
        return min(changed, key=written_operations, default=expr)

    return make


def _collected(expr: Expr, by: Symbol | None) -> Expr:
    """Sort by falling powers of a variable, each coefficient factored."""
    if by is None:
        return tidy(expr)
    top, bottom = sp.fraction(sp.together(expr))
    made = sp.collect(spread_out(top), by, factored)
    return made if bottom == 1 else Mul(made, 1 / bottom)


def _partial_fractions(expr: Expr, by: Symbol | None) -> Expr:
    name = by if by is not None else min(expr.free_symbols, key=str, default=None)
    if name is None or not expr.is_rational_function(name):
        return expr
    made: Expr = sp.apart(expr, name)
    return made


FORMS: dict[str, Form] = {
    "derived": Form("as it was derived", lambda expr, by: expr),
    "short": Form("shorten", _plain(tidy)),
    "expanded": Form("multiply out", _plain(spread_out)),
    "factored": Form("factor", _plain(factored)),
    "collected": Form("collect by powers", _collected),
    "fraction": Form("over one bar", _plain(combined)),
    "partial fractions": Form("partial fractions", _partial_fractions),
    "sec": Form(
        "as 1/cos(u) = sec(u) and 1 + tan²(u) = sec²(u)",
        _short_after(function_forms.with_secants),
    ),
    "tan": Form(
        "as sec²(u) = 1 + tan²(u) and sin(u)/cos(u) = tan(u)",
        _short_after(function_forms.with_tangents),
    ),
    "sin": Form(
        "as tan(u) = sin(u)/cos(u) and sec(u) = 1/cos(u)",
        _short_after(function_forms.with_sines),
    ),
    "sech": Form(
        "as 1/cosh(u) = sech(u) and 1 − tanh²(u) = sech²(u)",
        _short_after(function_forms.with_hyperbolic_secants),
    ),
    "tanh": Form(
        "as sech²(u) = 1 − tanh²(u) and sinh(u)/cosh(u) = tanh(u)",
        _short_after(function_forms.with_hyperbolic_tangents),
    ),
    "logistic": Form(
        "as 1/(1 + exp(−u)) = σ(u), and exp(−u) σ(u) = 1 − σ(u)",
        _short_after(function_forms.with_logistic),
    ),
    "exp": Form(
        "in exponentials",
        _short_after(function_forms.with_exponentials),
    ),
}
"""name -> how a result is written; ``short`` is what a page does unasked."""


def rewrite(expr: Expr, form: str, by: str | Symbol | None = None) -> Expr:
    """Write a result in another form; exactly equal, wherever both are real.

    >>> x = symbol("x")
    >>> rewrite(1 - sp.tanh(x) ** 2, "sech")
    sech(x)**2
    >>> rewrite((x + 1) * (x - 2), "expanded")
    x**2 - x - 2

    ``form`` is a row of ``FORMS``; ``by`` is the variable for ``"collected"`` and
    ``"partial fractions"``. What the form does not apply to comes back as it is.

    Raises ``UnknownNameError`` for an unknown form, ``ArgumentTypeError`` for what is
    no expression.
    """
    check_name("form", form, FORMS)
    if not isinstance(expr, Expr):
        raise ArgumentTypeError(
            f"{short(expr)} is a {type(expr).__name__}; expected an expression, such "
            "as gradient['x']"
        )
    name = symbol(by) if isinstance(by, str) else by

    def change(exact: Expr) -> Expr:
        return FORMS[form].make(exact, name) if is_safe(exact) else exact

    is_kept = form == "derived" or not is_light(expr)
    return expr if is_kept else exactly(change, expr)
