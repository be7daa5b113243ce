"""Shorter forms of an answer: like terms collected, fractions over one bar.

The one rule kept here: only algebra that is true at once is done, under bounds, and
what comes out is taken only where it is shorter; every page recomputes it as a line
of its own.
"""

from __future__ import annotations

import math
from typing import Any

import sympy as sp
from sympy import Add, Expr, Mul, Pow

from symgrad.functions import FUNCTIONS
from symgrad.graph import measure
from symgrad.indexed import Chosen, Element, Index
from symgrad.user_functions import UserCall

MAX_TIDY_NODES = 640
MAX_TIDY_EXPONENT = 40
MAX_TIDY_TERMS = 800

_CLASSES = tuple(row.make for row in FUNCTIONS.values() if isinstance(row.make, type))


def tidy(expr: Expr) -> Expr:
    """Give the shortest of a few equal forms, ``expr`` itself where none is shorter.

    >>> from symgrad.symbols import symbol
    >>> x = symbol("x")
    >>> tidy(2 * x * sp.cos(x) + 2 * (x * sp.cos(x) + sp.sin(x)))
    4*x*cos(x) + 2*sin(x)
    >>> tidy(-1 / x + x / x**3)
    (1 - x)/x**2
    """
    if not _is_safe(expr):
        return expr
    forms = [expr]
    if _terms(expr) <= MAX_TIDY_TERMS:
        spread = sp.expand(
            expr, deep=False, power_exp=False, power_base=False, log=False
        )
        forms += [spread, sp.factor_terms(spread)]
        if any(_is_inverse(node) for node in sp.preorder_traversal(expr)):
            forms += _fractions(expr)
        elif _is_factored_quickly(spread):
            forms.append(sp.factor(spread))
    return min(forms, key=_length)


def _fractions(expr: Expr) -> list[Expr]:
    """The expression over one bar, common factors cancelled."""
    joined = sp.cancel(sp.together(expr))
    top, bottom = sp.fraction(joined)
    plain = _over(sp.factor_terms(top), sp.factor_terms(bottom))
    if not (_is_factored_quickly(top) and _is_factored_quickly(bottom)):
        return [plain, joined]
    return [plain, _over(sp.factor(top), sp.factor(bottom)), joined]


def _over(top: Expr, bottom: Expr) -> Expr:
    """Write a quotient, a minus that all terms share before it."""
    sign = 1
    if bottom == 1:
        return top
    if _is_minus(bottom):
        sign, bottom = -sign, -bottom
    if isinstance(top, Add) and _is_minus(top):
        sign, top = -sign, -top
    return Mul(sign, top, 1 / bottom)


def _is_minus(expr: Expr) -> bool:
    """Whether every term has a minus sign."""
    return all(term.as_coeff_Mul()[0].is_negative for term in Add.make_args(expr))


def _is_factored_quickly(expr: Expr) -> bool:
    degree = max((_degree(term) for term in Add.make_args(expr)), default=0)
    names = len(expr.atoms(sp.Symbol, sp.Function))
    return len(Add.make_args(expr)) <= 24 and names <= 6 and degree <= 24


def _degree(term: Expr) -> int:
    found = 0
    for factor in Mul.make_args(term):
        whole = isinstance(factor, Pow) and factor.exp.is_Integer
        found += abs(int(factor.exp)) if whole else 1
    return found


def _terms(expr: Expr) -> int:
    """How many terms the expression would have, were it all multiplied out."""
    if isinstance(expr, Add):
        return sum(_terms(arg) for arg in expr.args)
    if isinstance(expr, Mul):
        return math.prod(_terms(arg) for arg in expr.args)
    if isinstance(expr, Pow) and expr.exp.is_Integer:
        count, power = _terms(expr.base), abs(int(expr.exp))
        return math.comb(count + power - 1, power)
    return 1


def _length(expr: Expr) -> tuple[int, int, int]:
    """Operations, then fraction bars, then minus signs: the fewest read best."""
    nodes = list(sp.preorder_traversal(expr))
    bars = sum(_is_inverse(node) for node in nodes)
    signs = sum(isinstance(n, Mul) and n.args[0].is_negative is True for n in nodes)
    return written_operations(expr), bars, signs


def _is_safe(expr: Expr) -> bool:
    """Whether the algebra below is quick, and exact, for this expression."""
    if measure(expr)[0] > MAX_TIDY_NODES:
        return False
    for node in sp.preorder_traversal(expr):
        known = node.is_Symbol or isinstance(node, Add | Mul | Pow | sp.NumberSymbol)
        if not (known or isinstance(node, (sp.Rational, UserCall, *_CLASSES))):
            return False
        if isinstance(node, Pow) and node.exp.is_number:
            if not node.exp.is_Rational or abs(node.exp) > MAX_TIDY_EXPONENT:
                return False
    return True


def _is_inverse(node: Any) -> bool:
    return isinstance(node, Pow) and node.exp.is_Rational and node.exp.is_negative


def written_operations(expr: Expr) -> int:
    """Count the operations of an expression as it is written out, nothing shared.

    A sum or a product of n parts counts n − 1, a quotient, a power and a function one
    each; signs and what can be done with numbers alone count nothing.

    >>> from symgrad.symbols import symbol
    >>> x, y = symbol("x"), symbol("y")
    >>> written_operations(-x / y), written_operations(2 * sp.sin(x) ** 2 + 1)
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
            parts = [arg for arg in node.args if arg != -1]
            above = [arg for arg in parts if not _is_inverse(arg)]
            # each factor below the bar counts its own division in _own
            count += max(len(above) - 1, 0)
        count += _own(node)
        todo.extend(node.args)
    return count


def _own(node: Any) -> int:
    """One for a function or a power, and one more for the division of 1/x**2."""
    if isinstance(node, Pow):
        return 1 + (_is_inverse(node) and node.exp != -1)
    return int(bool(node.args) and not isinstance(node, Add | Mul))
