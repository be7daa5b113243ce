"""Shorter forms of an answer: of several that are equal, the shortest.

The one rule kept here: only algebra that is true at once is done, under bounds, and
what comes out is taken only where it is shorter; every page recomputes it as a line
of its own.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import Add, Expr, Integer, Mul, Pow

from symgrad import identities
from symgrad.decimals import exactly
from symgrad.factoring import (
    common_factors,
    factored_quickly,
    fractions_of,
    reduced,
    spread_out,
    terms_factored,
)
from symgrad.functions import FUNCTIONS
from symgrad.indexed import Binder
from symgrad.lengths import is_inverse, is_minus, length, measure
from symgrad.user_functions import UserCall

MAX_TIDY_NODES = 640
MAX_TIDY_EXPONENT = 40
MAX_TIDY_DEPTH = 40
MAX_TIDY_NUMBER = 40

_COUNTED = (
    *(sp.zeta, sp.gamma, sp.loggamma, sp.factorial, sp.beta, sp.digamma),
    *(sp.polygamma, sp.uppergamma, sp.lowergamma, sp.besselj, sp.bessely),
    *(sp.besseli, sp.besselk),
)
_CLASSES = tuple(row.make for row in FUNCTIONS.values() if isinstance(row.make, type))


def tidy(expr: Expr) -> Expr:
    """Give the shortest of a few equal forms, ``expr`` itself where none is shorter.

    >>> from symgrad.symbols import symbol
    >>> x = symbol("x")
    >>> tidy(2 * x * sp.cos(x) + 2 * (x * sp.cos(x) + sp.sin(x)))
    4*x*cos(x) + 2*sin(x)
    >>> tidy(-1 / x + x / x**3)
    (1 - x)/x**2
    >>> tidy(x * x ** (x - 1) + x**x * sp.log(x))
    x**x*(log(x) + 1)
    """
    if not is_light(expr):
        return expr
    bound = _binders(expr)
    if bound:  # a sum or an integral is one letter to the algebra
        letters = {b: sp.Symbol(f"∫{k}", real=True) for k, b in enumerate(bound)}
        back = {letter: b for b, letter in letters.items()}
        told = expr.xreplace(letters)
        found = tidy(told)
        return expr if found == told else found.xreplace(back)
    return exactly(_tidy, expr)


def _tidy(expr: Expr) -> Expr:
    if not is_safe(expr) or _is_polynomial(expr):
        return expr
    plain, powers = _variable_powers(reduced(expr))
    forms = [_joined(form.xreplace(powers)) for form in _forms(plain)]
    forms = [form for form in forms if _split_roots(form) <= _split_roots(expr)]
    if not forms:
        return expr
    best = _turned(min(forms, key=length), expr)
    *after, signs = length(best)
    *before, minus = length(expr)
    is_shorter = after < before or (after == before and signs + 1 < minus)
    return best if is_shorter else expr


def _split_roots(expr: Expr) -> set[Expr]:
    """What stands under roots as a product of sums: √(1 − x²) is not to be split."""
    return {
        node.base
        for node in expr.atoms(Pow)
        if not node.exp.is_Integer
        and isinstance(node.base, Mul)
        and any(isinstance(factor, Add) for factor in node.base.args)
    }


def _binders(expr: Expr) -> list[Binder]:
    """The outermost sums, products and integrals, in order of first appearance."""
    found: dict[Binder, None] = {}
    todo: list[Any] = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, Binder):
            found[node] = None
        else:
            todo.extend(reversed(node.args))
    return list(found)


def _forms(expr: Expr) -> list[Expr]:
    """Several forms that are equal to an expression."""
    found = [expr, common_factors(expr)]
    spread = reduced(spread_out(expr))
    found += [spread, terms_factored(spread), common_factors(spread)]
    if any(is_inverse(node) for node in sp.preorder_traversal(expr)):
        found += fractions_of(expr)
    else:
        found.append(factored_quickly(spread))
    for kinds, rows in _PAIRED:
        if all(spread.has(kind) for kind in kinds):
            found += fractions_of(identities.use(spread, rows))
    rooted = _rooted(expr)
    return found if rooted == expr else found + _forms(rooted)


def _rooted(expr: Expr) -> Expr:
    """Take numbers out of roots: √(1 − x²/9) is √(9 − x²)/3."""

    def change(node: Pow) -> Expr:
        number, rest = node.base.primitive()
        made: Expr = number**node.exp * rest**node.exp
        return made

    def is_root(node: Any) -> bool:
        is_power = isinstance(node, Pow) and node.exp.is_Rational
        return is_power and not node.exp.is_Integer and isinstance(node.base, Add)

    made: Expr = expr.replace(is_root, change)
    return made


def _is_polynomial(expr: Expr) -> bool:
    """Whether a sum is a polynomial multiplied out: 6 x² − 6 x − 12 stays so."""
    if not isinstance(expr, Add):
        return False
    factors = (f for term in expr.args for f in Mul.make_args(term))
    bases = (f.base if isinstance(f, Pow) and f.exp.is_Integer else f for f in factors)
    exponents = (f.exp for f in expr.atoms(Pow))
    return all(b.is_Symbol or b.is_Rational for b in bases) and not any(
        e.is_negative for e in exponents
    )


def _variable_powers(expr: Expr) -> tuple[Expr, dict[Expr, Expr]]:
    """Put a letter for x**n in x**(n - 1), so that it can be taken out of a sum."""
    letters: dict[Expr, Expr] = {}
    found: dict[Expr, Expr] = {}
    nodes = sorted(expr.atoms(Pow), key=sp.default_sort_key)
    for node in nodes:
        if node.exp.is_number or node.base.is_number:
            continue
        number, rest = node.exp.as_coeff_Add()
        known = Pow(node.base, rest)
        if known not in letters:
            letters[known] = sp.Dummy("p", dummy_index=len(letters) + 1, real=True)
        found[node] = letters[known] * Pow(node.base, number)
    made = expr.xreplace(found) if found else expr
    return made, {letter: known for known, letter in letters.items()}


_PAIRED = (
    ((sp.tan, sp.sec), identities.SECANTS[:1]),
    ((sp.cot, sp.csc), identities.SECANTS[1:]),
    ((sp.tanh, sp.sech), identities.HYPERBOLIC_SECANTS[:1]),
    ((sp.coth, sp.csch), identities.HYPERBOLIC_SECANTS[1:]),
)


def _turned(expr: Expr, before: Expr) -> Expr:
    """Write brackets the way round they had before, and −(a − b) as b − a."""
    known = before.atoms(Add)
    sign = Integer(1)
    factors: list[Expr] = []
    for factor in Mul.make_args(expr):
        base, power = factor.as_base_exp()
        if isinstance(base, Add) and power.is_Integer:
            if -base in known and base not in known and not is_minus(-base):
                sign *= (-1) ** power
                factor = Pow(-base, power)
        factors.append(factor)
    number = sign * Mul(*factors).as_coeff_Mul()[0]
    if number.is_negative:
        for place, factor in enumerate(factors):
            is_mixed = isinstance(factor, Add) and factor not in known
            if is_mixed and 0 < _minus_terms(factor) < len(factor.args):
                sign, factors[place] = -sign, -factor
                break
    if sign == 1 and factors == list(Mul.make_args(expr)):
        return expr
    number, *rest = (sign, *factors)
    if rest and rest[0].is_number:
        number, rest = number * rest[0], rest[1:]
    if number == 1 or len(rest) != 1:
        return Mul(number, *rest)
    return Mul(number, *rest, evaluate=False)  # SymPy would spread it over the sum


def _minus_terms(whole: Add) -> int:
    return sum(bool(t.as_coeff_Mul()[0].is_negative) for t in whole.args)


def _joined(expr: Expr) -> Expr:
    """Write x**n/x as x**(n - 1)."""

    def change(node: Mul) -> Expr:
        pairs = [factor.as_base_exp() for factor in node.args]
        for place, (base, power) in enumerate(pairs):
            is_plain = power.free_symbols and power.is_polynomial()
            wholes = (k for k, (b, e) in enumerate(pairs) if b == base and e.is_Integer)
            whole = next(wholes, None)
            if base.is_Symbol and is_plain and whole is not None:
                kept = (k for k in range(len(pairs)) if k not in (place, whole))
                rest = (Pow(*pairs[k]) for k in kept)  # x**a of x**a*x**b/x too
                return Mul(*rest, Pow(base, power + pairs[whole][1]))
        return node

    if not any(node.exp.free_symbols for node in expr.atoms(Pow)):
        return expr
    made: Expr = expr.replace(lambda node: isinstance(node, Mul), change)
    return made


def is_light(expr: Expr) -> bool:
    """Whether SymPy may build this anew: it counts zeta(9!) out, to the last digit."""
    for node in sp.preorder_traversal(expr):
        if isinstance(node, _COUNTED):
            numbers = [arg for arg in node.args if not arg.free_symbols]
            if any(n.args or abs(n) > MAX_TIDY_NUMBER for n in numbers):
                return False
    return True


def is_safe(expr: Expr) -> bool:
    """Whether the algebra below is quick, and exact, for this expression."""
    nodes, depth = measure(expr)
    if nodes > MAX_TIDY_NODES or depth > MAX_TIDY_DEPTH or not is_light(expr):
        return False
    for node in sp.preorder_traversal(expr):
        known = node.is_Symbol or isinstance(node, Add | Mul | Pow | sp.NumberSymbol)
        if not (known or isinstance(node, (sp.Rational, UserCall, *_CLASSES))):
            return False
        if isinstance(node, Pow) and node.exp.is_number:
            if not node.exp.is_Rational or abs(node.exp) > MAX_TIDY_EXPONENT:
                return False
    return True
