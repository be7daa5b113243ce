"""Rules in general letters (u, v, w, c, n, x) judged like any other equality.

The one rule kept here: a letter that stands for a function is filled in with a random
one; a formula that holds for those holds because of its form.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import sympy as sp
from sympy import Expr, Symbol

from symgrad.errors import ArgumentTypeError, ArgumentValueError, short
from symgrad.graph import Graph
from symgrad.numeric.agreement import worst_error
from symgrad.numeric.page_names import leaves_of
from symgrad.numeric.page_values import Hidden, PageValues
from symgrad.symbols import Partial, Total, symbol

_FUNCTIONS = ("u", "v", "w")
_FUNCTION_RANGES = ((0.2, 0.9), (1.1, 3.0), (-0.9, -0.2), (0.2, 3.0))


def check_formula(lhs: Expr, rhs: Expr, points: int = 3, seed: int = 0) -> float:
    """Give the worst relative error of a rule in general letters.

    ``x`` is the variable, ``u``, ``v`` and ``w`` stand for functions of it (filled in
    with random smooth ones; ``w`` is a function of ``u`` where both occur), every
    other letter for a constant.

    >>> from symgrad.symbols import LocalDerivative as d
    >>> x, u, v = symbol("x"), symbol("u"), symbol("v")
    >>> check_formula(d(u * v, x), d(u, x) * v + u * d(v, x)) < 1e-25
    True

    Raises ``ArgumentValueError`` where no point lies in the domain of both sides.
    """
    for side in (lhs, rhs):
        if not isinstance(side, Expr):
            raise ArgumentTypeError(f"{short(side)} is no expression")
    letters = sorted({*_letters(lhs), *_letters(rhs), symbol("x")}, key=str)
    leaves = tuple(s for s in letters if s.name.partition("_")[0] not in _FUNCTIONS)
    for attempt, between in enumerate(_FUNCTION_RANGES * 3):
        scope = _functions(letters, between, random.Random(seed + attempt))
        graph = Graph((), leaves[:1], leaves)
        values = PageValues(graph, points, seed + attempt)
        try:
            return worst_error(lhs, rhs, scope, values)
        except Hidden:
            continue
    raise ArgumentValueError(
        f"no point was found at which {short(lhs)} = {short(rhs)} has a value"
    )


def _letters(expr: Expr) -> set[Symbol]:
    found: set[Symbol] = set()
    for leaf in leaves_of(expr, inside=True):
        parts = (leaf.of, leaf.by) if isinstance(leaf, Partial | Total) else (leaf,)
        found.update(parts)
    return found


def _functions(
    letters: Sequence[Symbol],
    between: tuple[float, float],
    random_numbers: random.Random,
) -> Mapping[Symbol, Expr]:
    """Fill in u, v and w: smooth, not monotonic, inside the given range."""
    low, high = (sp.Rational(str(bound)) for bound in between)
    made: dict[Symbol, Expr] = {}
    inner = (symbol("x"), symbol("u") if symbol("u") in letters else symbol("x"))
    for letter in letters:
        if letter.name.partition("_")[0] in _FUNCTIONS:
            turn = sp.Rational(random_numbers.randint(5, 15), 10)
            shift = sp.Rational(random_numbers.randint(-20, 20), 10)
            wave = sp.sin(turn * inner[letter.name == "w"] + shift)
            made[letter] = (low + high) / 2 + (high - low) / 2 * wave
    return made
