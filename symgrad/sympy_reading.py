"""SymPy's derivatives, substitutions and other forms carried out in an expression.

The one rule kept here: a ``Derivative`` is taken by symgrad's own rules, and stays
together with what it is the derivative of, so that both are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp
from sympy import Basic, Derivative, Expr, Integer, Subs, Symbol

from symgrad.errors import BoundError, FormulaError, RuleError, short
from symgrad.indexed import Binder
from symgrad.lengths import measure
from symgrad.rules.table import derive
from symgrad.substitution import bottom_up
from symgrad.symbols import symbols_of
from symgrad.sympy_forms import rebuilt, rewritten
from symgrad.tidying import tidy

MAX_DERIVATIVE_NODES = 4_000
MAX_ORDER = 100
_WHOLE = (sp.Piecewise, Binder, Subs)


class Derived(Expr):
    """A derivative that was carried out: of what, by what, and what it is."""

    is_commutative = True
    is_real = True

    @property
    def inner(self) -> Expr:
        return self.args[0]

    @property
    def order(self) -> int:
        """How often it is differentiated, by all variables together."""
        return sum(int(count) for _, count in self.args[1])

    @property
    def result(self) -> Expr:
        return self.args[2]


def with_known_forms(expr: Any) -> Any:
    """Write an expression in the operations that symgrad knows, where there are such.

    >>> x = sp.Symbol("x")
    >>> with_known_forms(sp.binomial(x, 2) + sp.conjugate(x))
    x*(x - 1)/2 + x

    Raises ``FormulaError`` for a derivative by what is no name, or of a symbolic
    order, ``BoundError`` for one over ``MAX_DERIVATIVE_NODES``.
    """
    return bottom_up(expr, _made, _parts)


def _parts(node: Basic) -> tuple[Any, ...]:
    if isinstance(node, Derivative):
        return (node.expr,)
    if isinstance(node, Subs):
        return (node.expr, *node.point)
    return tuple(node.args)


def _made(node: Basic, parts: Sequence[Any]) -> Any:
    if isinstance(node, Derivative):
        return _derivative(node, parts[0])
    if isinstance(node, Subs):
        values = dict(zip(node.variables, parts[1:], strict=True))
        return _replaced(plain(parts[0]), values)
    if isinstance(node, _WHOLE):
        parts = [plain(part) for part in parts]
    return rewritten(node, parts)


def plain(expr: Any) -> Any:
    """An expression with the results of derivatives alone."""
    if not isinstance(expr, Basic) or not expr.has(Derived):
        return expr
    return expr.replace(lambda e: isinstance(e, Derived), lambda e: e.result)


def _replaced(expr: Any, values: dict[Any, Any]) -> Any:
    """Put values in for names, nothing evaluated."""
    if expr in values:
        return values[expr]
    if not expr.args or not expr.has(*values):
        return expr
    return rebuilt(expr, [_replaced(arg, values) for arg in expr.args])


def _derivative(node: Derivative, inner: Expr) -> Expr:
    """Carry a derivative out, one variable after the other."""
    inner = found = plain(inner)
    if sum(_count(node, count) for _, count in node.variable_count) > MAX_ORDER:
        raise BoundError(
            f"{_shown(node)} is over the bound MAX_ORDER ({MAX_ORDER}) of orders"
        )
    for variable, count in node.variable_count:
        if not isinstance(variable, Symbol):
            raise FormulaError(
                f"{_shown(node)} is a derivative by {short(variable)}, which is no "
                "name; put a symbol in its place first"
            )
        for _ in range(int(count)):
            found = _once(node, found, variable)
    if not inner.args or not symbols_of(found):
        return found
    return Derived(inner, sp.Tuple(*node.variable_count), found)


def _once(node: Derivative, expr: Expr, by: Symbol) -> Expr:
    if by not in symbols_of(expr):
        return Integer(0)
    try:
        found = tidy(derive(expr, by).result)
    except RuleError as error:
        raise FormulaError(f"{_shown(node)} cannot be taken: {error}") from None
    if measure(found)[0] > MAX_DERIVATIVE_NODES:
        raise BoundError(
            f"{_shown(node)} is over the bound MAX_DERIVATIVE_NODES "
            f"({MAX_DERIVATIVE_NODES:,}); ask for a lower order, or use derivative( )"
        )
    return found


def _count(node: Derivative, count: Expr) -> int:
    if not count.is_Integer:
        raise FormulaError(
            f"{_shown(node)} has the order {short(count)}; expected a whole number"
        )
    return int(count)


def _shown(node: Basic) -> str:
    small = measure(node.args[0])[0] < 60
    return short(node) if small else f"a {type(node).__name__} of a large formula"
