"""Sums and products multiplied out, factored, and put over one bar.

The one rule kept here: only algebra that is quick is done, under bounds, and nothing
inside functions and roots is touched.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import sympy as sp
from sympy import Add, Expr, Mul, Pow

from symgrad import identities
from symgrad.lengths import is_inverse, is_minus, length

MAX_TIDY_TERMS = 800


MAX_COLLECTED = 6


MAX_COLLECTED_TERMS = 16


def spread_out(expr: Expr) -> Expr:
    """Multiply out, where that does not swell over the bound; not in functions."""
    if _terms(expr) > MAX_TIDY_TERMS:
        return expr
    return _spread(expr)


def _spread(expr: Expr) -> Expr:
    """Multiply sums and products out, nothing inside functions and roots."""
    if isinstance(expr, Add):
        return Add(*map(_spread, expr.args))
    if isinstance(expr, Mul):
        expr = Mul(*map(_spread, expr.args))
    elif isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp > 1:
        expr = Pow(_spread(expr.base), expr.exp)
    made: Expr = sp.expand(
        expr, deep=False, power_exp=False, power_base=False, log=False
    )
    return made


def factored(expr: Expr) -> Expr:
    """Write as a product, as far as that is quick."""
    top, bottom = sp.fraction(sp.together(expr))
    parts = [factored_quickly(spread_out(part)) for part in (top, bottom)]
    return _over(*parts)


def combined(expr: Expr) -> Expr:
    """Write over one bar, common factors cancelled, the numerator multiplied out."""
    top, bottom = sp.fraction(sp.together(expr))
    whole = _over(
        factored_quickly(spread_out(top)), factored_quickly(spread_out(bottom))
    )
    top, bottom = sp.fraction(whole)
    return _over(spread_out(top), bottom)


def reduced(expr: Expr) -> Expr:
    """Use the identities that make everything shorter: sin² + cos² = 1."""
    return identities.with_products(identities.use(expr, identities.SHORTER))


def common_factors(expr: Expr) -> Expr:
    """Take out what all terms share; what is left in brackets is multiplied out."""
    made = _outside(sp.gcd_terms, expr)
    if not isinstance(made, Mul):
        return _shortest(made)
    return Mul(*(_shortest(factor) for factor in made.args))


def terms_factored(expr: Expr) -> Expr:
    """Take out what all terms share; what is left in brackets stays as it is."""
    return _outside(sp.factor_terms, expr)


def _outside(change: Callable[[Expr], Expr], expr: Expr) -> Expr:
    """Change an expression, but nothing inside its functions and roots."""
    inner: dict[Expr, Expr] = {}
    outer: dict[Expr, Expr] = {}
    for node in sorted(expr.atoms(sp.Function, Pow), key=sp.default_sort_key):
        is_root = isinstance(node, Pow) and not node.exp.is_Integer
        argument = node.args[0]
        if not (is_root or isinstance(node, sp.Function)) or argument.is_Atom:
            continue
        _, rest = argument.as_coeff_Mul()
        if isinstance(node, sp.exp) and not isinstance(rest, Add):
            continue  # exp(2 x) is the square of exp(x)
        if len(node.args) == 1 or is_root:
            letter = sp.Dummy("m", dummy_index=10**6 + len(inner), positive=is_root)
            inner[argument] = inner.get(argument, letter)
            outer[node] = node.func(inner[argument], *node.args[1:], evaluate=False)
    made = change(expr.xreplace(outer))
    return made.xreplace({letter: argument for argument, letter in inner.items()})


def _shortest(expr: Expr) -> Expr:
    """The shortest of a sum as it is, multiplied out, and sorted by its functions."""
    if not isinstance(expr, Add):
        return expr
    spread = reduced(spread_out(expr))
    found = [expr, spread, terms_factored(spread), *_collected(spread)]
    if any(is_inverse(node) for node in sp.preorder_traversal(expr)):
        found.append(Add(*(_outside(sp.cancel, term) for term in expr.args)))
    return min(found, key=length)


def _collected(spread: Expr) -> list[Expr]:
    """A sum sorted by the functions in it: (x + 1) sin x + x cos x."""
    calls = sorted(spread.atoms(sp.Function), key=sp.default_sort_key)
    if (
        not calls
        or len(calls) > MAX_COLLECTED
        or len(spread.args) > MAX_COLLECTED_TERMS
    ):
        return []
    orders = [[call] for call in calls] if len(calls) > 1 else []
    return [sp.collect(spread, order, factored_quickly) for order in (*orders, calls)]


def fractions_of(expr: Expr) -> list[Expr]:
    """The expression over one bar, common factors cancelled."""
    top, bottom = sp.fraction(_outside(sp.together, expr))
    above = reduced(spread_out(top))
    found = [_over(part, bottom) for part in (top, above, terms_factored(above))]
    found.append(_over(factored_quickly(above), bottom))
    if not isinstance(bottom, Add):
        found.append(Add(*(term / bottom for term in Add.make_args(above))))
    if _is_quick(above) and _is_quick(bottom) and _terms(bottom) <= MAX_TIDY_TERMS:
        whole = _outside(sp.cancel, above / bottom)
        upper, lower = sp.fraction(whole)
        found += [whole, _over(terms_factored(upper), terms_factored(lower))]
        found.append(_over(factored_quickly(upper), factored_quickly(lower)))
    return found


def factored_quickly(expr: Expr) -> Expr:
    """Factor where that is quick, else take out what the terms share."""
    return _outside(sp.factor, expr) if _is_quick(expr) else terms_factored(expr)


def _over(top: Expr, bottom: Expr) -> Expr:
    """Write a quotient, a minus that all terms share before it."""
    sign = 1
    if bottom == 1:
        return top
    if is_minus(bottom):
        sign, bottom = -sign, -bottom
    if isinstance(top, Add) and is_minus(top):
        sign, top = -sign, -top
    return Mul(sign, top, 1 / bottom)


def _is_quick(expr: Expr) -> bool:
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
