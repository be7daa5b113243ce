"""Integrals between bounds, and their variables of integration.

The one rule kept here: a variable of integration is no Symbol. Its integral binds it,
so nothing that lists, replaces or differentiates by symbols ever meets it.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, S

from symgrad.indexed import Binder, Index

INFINITE = (S.Infinity, S.NegativeInfinity)


class IntegrationVariable(Index):
    """The variable of an integral: t of ∫_a^b f(t) dt."""

    __slots__ = ()


class DefiniteIntegral(Binder):
    """∫_{lower}^{upper} body d(index); either bound may be infinite.

    >>> t = IntegrationVariable("t")
    >>> DefiniteIntegral(t**2, t, S.Zero, S.Infinity)
    integral(t**2, t, 0, oo)
    """

    sign = "∫"
    word = "integral"

    @property
    def is_improper(self) -> bool:
        """Whether a bound is infinite."""
        return self.lower in INFINITE or self.upper in INFINITE


def integrals_in(expr: Expr) -> list[DefiniteIntegral]:
    """List the integrals in ``expr``, the outer ones first."""
    found: dict[DefiniteIntegral, None] = {}
    todo: list[Any] = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, DefiniteIntegral):
            found[node] = None
        todo.extend(reversed(node.args))
    return list(found)
