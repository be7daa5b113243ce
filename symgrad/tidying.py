"""Shorter forms of an answer: like terms collected, fractions over one bar.

The one rule kept here: only algebra that is true at once is done, under bounds, and
what comes out is taken only where it is shorter; every page recomputes it as a line
of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy import Add, Expr, Integer, Mul, Pow

from symgrad import identities
from symgrad.decimals import exactly
from symgrad.functions import FUNCTIONS
from symgrad.graph import measure
from symgrad.indexed import Binder, Chosen, Element, Index
from symgrad.user_functions import UserCall

MAX_TIDY_NODES = 640
MAX_TIDY_EXPONENT = 40
MAX_TIDY_TERMS = 800
MAX_TIDY_DEPTH = 40
MAX_TIDY_NUMBER = 40
MAX_COLLECTED = 6
MAX_COLLECTED_TERMS = 16

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
    plain, powers = _variable_powers(_reduced(expr))
    forms = [_joined(form.xreplace(powers)) for form in _forms(plain)]
    forms = [form for form in forms if _split_roots(form) <= _split_roots(expr)]
    if not forms:
        return expr
    best = _turned(min(forms, key=_length), expr)
    *after, signs = _length(best)
    *before, minus = _length(expr)
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
    parts = [_factored(spread_out(part)) for part in (top, bottom)]
    return _over(*parts)


def combined(expr: Expr) -> Expr:
    """Write over one bar, common factors cancelled, the numerator multiplied out."""
    top, bottom = sp.fraction(sp.together(expr))
    whole = _over(_factored(spread_out(top)), _factored(spread_out(bottom)))
    top, bottom = sp.fraction(whole)
    return _over(spread_out(top), bottom)


def _forms(expr: Expr) -> list[Expr]:
    """Several forms that are equal to an expression."""
    found = [expr, _common_factors(expr)]
    spread = _reduced(spread_out(expr))
    found += [spread, _terms_factored(spread), _common_factors(spread)]
    if any(_is_inverse(node) for node in sp.preorder_traversal(expr)):
        found += _fractions(expr)
    else:
        found.append(_factored(spread))
    for kinds, rows in _PAIRED:
        if all(spread.has(kind) for kind in kinds):
            found += _fractions(identities.use(spread, rows))
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


def _reduced(expr: Expr) -> Expr:
    """Use the identities that make everything shorter: sin² + cos² = 1."""
    return identities.with_products(identities.use(expr, identities.SHORTER))


_PAIRED = (
    ((sp.tan, sp.sec), identities.SECANTS[:1]),
    ((sp.cot, sp.csc), identities.SECANTS[1:]),
    ((sp.tanh, sp.sech), identities.HYPERBOLIC_SECANTS[:1]),
    ((sp.coth, sp.csch), identities.HYPERBOLIC_SECANTS[1:]),
)


def _common_factors(expr: Expr) -> Expr:
    """Take out what all terms share; what is left in brackets is multiplied out."""
    made = _outside(sp.gcd_terms, expr)
    if not isinstance(made, Mul):
        return _shortest(made)
    return Mul(*(_shortest(factor) for factor in made.args))


def _terms_factored(expr: Expr) -> Expr:
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
    spread = _reduced(spread_out(expr))
    found = [expr, spread, _terms_factored(spread), *_collected(spread)]
    if any(_is_inverse(node) for node in sp.preorder_traversal(expr)):
        found.append(Add(*(_outside(sp.cancel, term) for term in expr.args)))
    return min(found, key=_length)


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
    return [sp.collect(spread, order, _factored) for order in (*orders, calls)]


def _fractions(expr: Expr) -> list[Expr]:
    """The expression over one bar, common factors cancelled."""
    top, bottom = sp.fraction(_outside(sp.together, expr))
    above = _reduced(spread_out(top))
    found = [_over(part, bottom) for part in (top, above, _terms_factored(above))]
    found.append(_over(_factored(above), bottom))
    if not isinstance(bottom, Add):
        found.append(Add(*(term / bottom for term in Add.make_args(above))))
    if _is_quick(above) and _is_quick(bottom) and _terms(bottom) <= MAX_TIDY_TERMS:
        whole = _outside(sp.cancel, above / bottom)
        upper, lower = sp.fraction(whole)
        found += [whole, _over(_terms_factored(upper), _terms_factored(lower))]
        found.append(_over(_factored(upper), _factored(lower)))
    return found


def _factored(expr: Expr) -> Expr:
    return _outside(sp.factor, expr) if _is_quick(expr) else _terms_factored(expr)


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


def _length(expr: Expr) -> tuple[int, int, int, int]:
    """Operations, then fraction bars, common factors below them, then minus signs.

    A broken number in a sum counts like an operation: (2 x − 3)/3, not 2 x/3 − 1.
    A bracket in a sum, and a fraction in a fraction, count like two.
    """
    bars = below = signs = broken = 0
    todo: list[tuple[Any, bool]] = [(expr, False)]
    while todo:
        node, in_fraction = todo.pop()
        factors = Mul.make_args(node)
        inverses = [factor for factor in factors if _is_inverse(factor)]
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
                signs += 2 * _is_minus(base)
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


def _turned(expr: Expr, before: Expr) -> Expr:
    """Write brackets the way round they had before, and −(a − b) as b − a."""
    known = before.atoms(Add)
    sign = Integer(1)
    factors: list[Expr] = []
    for factor in Mul.make_args(expr):
        base, power = factor.as_base_exp()
        if isinstance(base, Add) and power.is_Integer:
            if -base in known and base not in known and not _is_minus(-base):
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
            # each factor below the bar counts its own division in _own
            names = [arg for arg in node.args if arg.free_symbols]
            above = sum(not _is_inverse(arg) for arg in names)
            number = Mul(*(arg for arg in node.args if not arg.free_symbols))
            count += max(above + (number not in (1, -1)) - 1, 0)
        count += _own(node)
        todo.extend(node.args)
    return count


def _own(node: Any) -> int:
    """One for a function or a power, and one more for the division of 1/x**2."""
    if isinstance(node, Pow):
        return 1 + (_is_inverse(node) and node.exp != -1)
    return int(bool(node.args) and not isinstance(node, Add | Mul))
