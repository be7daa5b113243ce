"""SymPy's undefined functions, and their derivatives, as abstract functions.

The one rule kept here: a derivative is counted by the slot it is taken in. SymPy's
``Derivative(f(x, g(x)), x)`` means the total derivative, which is no slot's: it stays
a Derivative, which sympy_reading.py carries out by the chain rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Basic, Derivative, Subs, Symbol
from sympy.core.function import AppliedUndef

from symgrad.errors import FormulaError, short
from symgrad.substitution import bottom_up, is_same
from symgrad.symbols import Abstract


def with_abstract(expr: Any) -> Any:
    """Write undefined functions, their derivatives and their ``Subs`` as Abstract.

    >>> from sympy import Derivative, Function
    >>> from sympy.abc import x, y
    >>> with_abstract(y * Derivative(Function("f")(x, y), x))
    y*∂f(x, y)/∂x

    Raises ``FormulaError`` for a derivative of an order that is no number.
    """
    return bottom_up(expr, _made, _parts) if _has_undefined(expr) else expr


def _has_undefined(expr: Basic) -> bool:
    """Look for an undefined function; a shared part is looked at once."""
    seen: set[int] = set()
    todo: list[Basic] = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, AppliedUndef):
            return True
        if id(node) not in seen:
            seen.add(id(node))
            todo.extend(node.args)
    return False


def _parts(node: Basic) -> tuple[Any, ...]:
    if isinstance(node, Derivative):
        return tuple(node.expr.args) if _is_of_slots(node) else (node.expr,)
    if isinstance(node, Subs):
        return (node.expr, *node.point)
    return tuple(node.args)


def _made(node: Basic, parts: Sequence[Any]) -> Any:
    if isinstance(node, AppliedUndef):
        return Abstract(node.func.__name__, [0] * len(parts), *parts)
    if isinstance(node, Derivative):
        if _is_of_slots(node):
            return Abstract(node.expr.func.__name__, _orders(node), *parts)
        is_kept = parts[0] is node.expr
        return node if is_kept else Derivative(parts[0], *node.variable_count)
    if isinstance(node, Subs):
        if isinstance(parts[0], Abstract):
            return _substituted(node, parts[0], parts[1:])
        if parts[0] is node.expr and parts[1:] == node.point:
            return node
        return Subs(parts[0], node.variables, tuple(parts[1:]))
    if is_same(node, parts):
        return node
    return node.func(*parts)


def _is_of_slots(node: Derivative) -> bool:
    """Whether every variable is one argument of an undefined function, and no other."""
    if not isinstance(node.expr, AppliedUndef):
        return False
    arguments = node.expr.args
    return all(
        variable in arguments and sum(a.has(variable) for a in arguments) == 1
        for variable, _ in node.variable_count
    )


def _orders(node: Derivative) -> list[int]:
    """How often each slot is differentiated."""
    orders = [0] * len(node.expr.args)
    for variable, count in node.variable_count:
        if not count.is_Integer:
            raise FormulaError(
                f"{short(node)} has the order {short(count)}; expected a whole number"
            )
        orders[node.expr.args.index(variable)] += int(count)
    return orders


def _substituted(node: Subs, inner: Abstract, points: Sequence[Any]) -> Abstract:
    """∂f/∂ξ at ξ = x²: the point takes its slot."""
    values: dict[Any, Any] = dict(zip(node.variables, points, strict=True))
    arguments = []
    for argument in inner.arguments:
        if isinstance(argument, Symbol):
            argument = values.get(argument, argument)
        elif argument.has(*values):
            raise FormulaError(f"{short(node)} is not understood; call .doit() first")
        arguments.append(argument)
    return Abstract(inner.letter, inner.orders, *arguments)
