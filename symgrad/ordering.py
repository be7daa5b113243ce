"""The one order in which terms and factors are shown and computed.

SymPy sorts sums and products by its own rules (``b_3 + f_2*w_321 + …``). People write
factors as number, parameter, input, stage, bracket, and sums in the order in which
the names were introduced, the bias last; pages and generated code both do so here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from sympy import Add, Expr, Function, Mul, Pow, Symbol, preorder_traversal

from symgrad.indexed import (
    Chosen,
    Delta,
    Element,
    Index,
    Reduction,
    data_and_counts,
)
from symgrad.integrals import DefiniteIntegral, IntegrationVariable
from symgrad.symbols import (
    Abstract,
    Chain,
    LocalDerivative,
    Partial,
    Total,
    symbols_of,
)

Positions = Mapping[Symbol, tuple[int, int, int]]
"""symbol -> (kind: 0 parameter, 1 input, 3 stage; place in the graph's own order; the
place of the last input or parameter below it)"""

_STAGE = 3
_LATE = (9 * 10**9, 0)


def ordered_factors(expr: Mul, positions: Positions) -> Sequence[Expr]:
    """Sort the factors of a product: number, parameter, input, stage, the rest."""
    return sorted(expr.args, key=lambda factor: _factor_key(factor, positions))


def _factor_key(factor: Expr, positions: Positions) -> tuple[int, ...]:
    if factor.is_number:
        return (0, 0, 0)
    base = factor.base if isinstance(factor, Pow) else factor
    if base is not factor and not factor.exp.is_number:
        return (2, 0, 0)  # n x^(n - 1)
    if isinstance(base, IntegrationVariable):  # after x, as in sin(x t)
        return (1, 2, _LATE[0])
    if isinstance(base, Index):
        return (1, -1, 0)
    if isinstance(base, Delta):
        return (2, 0, 0)
    if isinstance(base, Element | Chosen):  # x_i stands where x would
        base = base.base
    if isinstance(base, Symbol):
        kind, place, _ = positions.get(base, (4, int(base is not factor), 0))
        return (1, kind + int(_is_variable(base, kind)), place)
    if isinstance(base, Add):
        is_whole = base is factor or factor.exp.is_Integer
        return (1, 8, 0) if is_whole and _is_plain(base) else (3, 0, 0)
    if isinstance(base, Abstract):  # the outer function first, as in the chain rule
        places = [positions[s][1] for s in symbols_of(base) if s in positions]
        size = sum(1 for arg in base.arguments for _ in preorder_traversal(arg))
        slots = (-order for order in base.orders)
        return (2, -max(places, default=0), -size, sum(base.orders), *slots)
    return (2, 0, 0)


@lru_cache(maxsize=4096)
def _is_plain(base: Expr) -> bool:
    """Whether a bracket holds names and numbers alone: (x + 1) sin(x)."""
    kinds = (Function, Abstract, LocalDerivative, Chain, Partial, Total)
    return not any(isinstance(node, kinds) for node in preorder_traversal(base))


def _is_variable(name: Symbol, kind: int) -> bool:
    """Whether an input is written after the others: ``a x``, not ``x a``."""
    return kind == 1 and name.name[0] in "xyzt"


def ordered_terms(expr: Add, positions: Positions) -> Sequence[Expr]:
    """Sort the terms of a sum as they came up in reading, numbers last.

    A name that no other term has tells where its term was written, so that
    ``a + b x + c x²`` and ``c x² + b x + a`` both stay; terms in the same names fall in
    degree. A number leads what rises, ``1 + a x + b x²``. A leading minus is avoided
    where some term is positive: ``1 - f**2``. The terms of a chain rule or a product
    rule stay as they were put together, path by path.
    """
    if any(isinstance(term, Chain) for term in expr.args):
        return expr.args
    uses = Counter(n for term in expr.args for n in symbols_of(_derived(term)))
    own = {term: _own_names(_derived(term), uses) for term in expr.args}
    terms = sorted(expr.args, key=lambda term: _term_key(term, positions, own[term]))
    if terms[-1].is_number and _is_rising(terms[:-1], own):
        terms = [terms[-1], *terms[:-1]]
    if is_negative(_derived(terms[0])):
        for place, term in enumerate(terms):
            if not is_negative(_derived(term)):
                return [term, *terms[:place], *terms[place + 1 :]]
    return terms


def _own_names(term: Expr, uses: Mapping[Symbol, int]) -> list[Symbol]:
    """The factors of a term that no other term has: its coefficients."""
    bases = [factor.as_base_exp()[0] for factor in Mul.make_args(term)]
    return [base for base in bases if base.is_Symbol and uses[base] == 1]


def _is_rising(terms: Sequence[Expr], own: Mapping[Expr, list[Symbol]]) -> bool:
    """Whether each term has a coefficient of its own, and one degree after another."""
    degrees = [_degree(_derived(term)) for term in terms]
    rises = all(a < b for a, b in pairwise(degrees))
    return len(terms) > 1 and rises and all(own[term] for term in terms)


def _term_key(term: Expr, positions: Positions, own: list[Symbol]) -> tuple[Any, ...]:
    term = _derived(term)
    if term.is_number:
        return (2, 0, 0)
    if _is_inverse(term):
        return (3, 0, 0)  # 1 + 1/x
    slots = _slots(term)
    if slots:
        own = []
    place = _place(_outside_data(term), positions, own)
    degree = 0 if slots else -_degree(term)
    return (_integrals(term), place, degree, slots, _powers(term, positions))


def _outside_data(term: Expr) -> Iterable[Symbol]:
    """The names of a term; of a sum over data, the others, where it has others."""
    names = symbols_of(term)
    if not term.has(Reduction):
        return names
    data, counts = data_and_counts([term])
    return [name for name in names if name not in data | counts] or names


def _place(names: Iterable[Symbol], positions: Positions, own: list[Symbol]) -> int:
    """Where a term came up: by a coefficient of its own, else by its first name."""
    alone = [positions[n] for n in own if n in positions]
    first = [place for kind, place, _ in alone if kind != _STAGE]
    lasts = [positions[n][2] for n in names if n in positions]
    return min(first or lasts, default=_LATE[0])


def _powers(term: Expr, positions: Positions) -> tuple[tuple[int, int], ...]:
    """(place, −power) of each name that is a factor: x² y comes before x y²."""
    pairs = [factor.as_base_exp() for factor in Mul.make_args(term)]
    found = [
        (positions[base][1], -int(power))
        for base, power in pairs
        if base in positions and power.is_Integer
    ]
    return (*sorted(found), _LATE)  # 2 x + cos(x)


def _integrals(term: Expr) -> int:
    """1 where an integral is a factor: it stands after the terms without one."""
    factors = term.args if isinstance(term, Mul) else (term,)
    return int(any(isinstance(factor, DefiniteIntegral) for factor in factors))


def _is_inverse(term: Expr) -> bool:
    """Whether a term is a number over names: 3/x²."""
    factors = [f for f in Mul.make_args(term) if not f.is_number]
    return all(
        isinstance(f, Pow) and f.base.is_Symbol and f.exp.is_negative for f in factors
    )


def _slots(term: Expr) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """What ∂f/∂x is sorted by: first derivatives by the first argument come first."""
    bases = [
        factor.base if isinstance(factor, Pow) else factor
        for factor in (term.args if isinstance(term, Mul | Chain) else (term,))
    ]
    return tuple(
        sorted(
            (base.letter, tuple(-order for order in base.orders))
            for base in bases
            if isinstance(base, Abstract) and any(base.orders)
        )
    )


def _derived(term: Expr) -> Expr:
    """What stands under a derivative: the sum rule keeps the order of the sum."""
    return term.expr if isinstance(term, LocalDerivative) else term


def _degree(term: Expr) -> int:
    """The degree of a product, counting whole powers and one for the rest."""
    total = 0
    for factor in term.args if isinstance(term, Mul) else (term,):
        if factor.is_number:
            continue
        power = isinstance(factor, Pow) and factor.exp.is_Integer
        total += max(int(factor.exp), 0) if power else 1
    return total


def is_negative(term: Expr) -> bool:
    """Whether the term is written with a minus sign."""
    if isinstance(term, Mul):
        return any(a.is_Number and a.is_negative for a in term.args)
    return bool(term.is_Number and term.is_negative)
