"""How large an expression is: its nodes and levels, and its length as written out.

The one rule kept here: every thing counts wherever it stands, nothing being shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Add, Expr, Mul, Pow, Symbol

from symgrad.indexed import Chosen, Element, Index


def measure(
    expr: Expr, sizes: Mapping[Symbol, tuple[int, int]] | None = None
) -> tuple[int, int]:
    """Count the nodes and levels of ``expr``, names standing for ``sizes``.

    Counts stop growing once they are far over the bounds.
    """
    sizes = sizes or {}
    nodes, deepest = 0, 0
    todo: list[tuple[Any, int]] = [(expr, 1)]
    while todo:
        node, level = todo.pop()
        inner_nodes, inner_depth = sizes.get(node, (1, 1)) if not node.args else (1, 1)
        nodes += inner_nodes
        deepest = max(deepest, level + inner_depth - 1)
        todo.extend((arg, level + 1) for arg in node.args)
    return min(nodes, 10**12), deepest


def is_minus(expr: Expr) -> bool:
    """Whether every term has a minus sign."""
    return all(term.as_coeff_Mul()[0].is_negative for term in Add.make_args(expr))


def length(expr: Expr) -> tuple[int, int, int, int]:
    """Operations, then fraction bars, common factors below them, then minus signs.

    A broken number in a sum counts like an operation: (2 x − 3)/3, not 2 x/3 − 1.
    A bracket in a sum, and a fraction in a fraction, count like two.
    """
    bars = below = signs = broken = 0
    todo: list[tuple[Any, bool]] = [(expr, False)]
    while todo:
        node, in_fraction = todo.pop()
        factors = Mul.make_args(node)
        inverses = [factor for factor in factors if is_inverse(factor)]
        if inverses:
            bars += 1
            broken += 2 * in_fraction
            below += sum(_shares_factor(factor.base) for factor in inverses)
        number = node.as_coeff_Mul()[0] if isinstance(node, Expr) else node
        signs += bool(number.is_negative) and not isinstance(node, Pow)
        for factor in factors:
            base = factor.base if isinstance(factor, Pow) else factor
            if isinstance(base, Add):
                inside = in_fraction or bool(inverses)
                signs += 2 * is_minus(base)
                todo += [(term, inside) for term in base.args]
                coefficients = [term.as_coeff_Mul()[0] for term in base.args]
                broken += sum(not number.is_Integer for number in coefficients)
                broken += 2 * sum(_has_bracket(term) for term in base.args)
            elif base.args:
                todo += [(arg, False) for arg in base.args]
                todo += [(factor.exp, False)] if base is not factor else []
    return written_operations(expr) + broken, bars, below, signs


def _shares_factor(base: Expr) -> bool:
    """Whether all terms of a sum have a factor in common: x² + x."""
    if not isinstance(base, Add):
        return False
    bases = [{f.as_base_exp()[0] for f in Mul.make_args(term)} for term in base.args]
    return any(not shared.is_number for shared in set.intersection(*bases))


def _has_bracket(term: Expr) -> bool:
    return isinstance(term, Mul) and any(isinstance(arg, Add) for arg in term.args)


def is_inverse(node: Any) -> bool:
    """Whether a factor stands below the bar."""
    return isinstance(node, Pow) and node.exp.is_Rational and node.exp.is_negative


def written_operations(expr: Expr) -> int:
    """Count the operations of an expression as it is written out, nothing shared.

    A sum or a product of n parts counts n − 1, a quotient, a power and a function one
    each; signs and what can be done with numbers alone count nothing.

    >>> from sympy import sin
    >>> from symgrad.symbols import symbol
    >>> x, y = symbol("x"), symbol("y")
    >>> written_operations(-x / y), written_operations(2 * sin(x) ** 2 + 1)
    (1, 4)
    """
    count = 0
    todo: list[Any] = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, Element | Chosen):  # data are names, and no operations
            continue
        if not (node.free_symbols or node.atoms(Index)):
            continue
        if isinstance(node, Add):
            count += len(node.args) - 1
        elif isinstance(node, Mul):
            # each factor below the bar counts its own division in _own
            names = [arg for arg in node.args if arg.free_symbols]
            above = sum(not is_inverse(arg) for arg in names)
            number = Mul(*(arg for arg in node.args if not arg.free_symbols))
            count += max(above + (number not in (1, -1)) - 1, 0)
        count += _own(node)
        todo.extend(node.args)
    return count


def _own(node: Any) -> int:
    """One for a function or a power, and one more for the division of 1/x**2."""
    if isinstance(node, Pow):
        return 1 + (is_inverse(node) and node.exp != -1)
    return int(bool(node.args) and not isinstance(node, Add | Mul))
