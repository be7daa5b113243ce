"""Where the branches of a choice meet: a jump, a kink, or a derivative after all.

The one rule kept here: a place is judged by numbers of 30 digits on both sides of it,
and where those do not tell, the note says what must hold there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Abs, Expr, Piecewise, Poly, Rational, Symbol, nan
from sympy.core.relational import Relational

from symgrad.derivation import Text

MAX_PLACES = 6
"""How many places of one choice a page judges."""

_OPEN = " the derivative exists only where the branches agree in value and slope"
_POINT = (
    ", a single point, the slope is that of its branch, "
    "which need not be the derivative"
)
_STEP = Rational(1, 10**9)
_SAME = 1e-15


def branch_notes(expr: Piecewise, slopes: Sequence[Expr], by: Symbol) -> list[Text]:
    """Say of each place where branches meet what becomes of the derivative there.

    ``slopes`` are the derivatives of the branches, in their order.

    >>> from symgrad.symbols import symbol
    >>> x = symbol("x")
    >>> branch_notes(Piecewise((x, x < 1), (2 - x, True)), [1 + 0 * x, -1 + 0 * x], x)
    [('at ', x, ' = ', 1, ' the slopes differ: a kink, and no derivative there')]
    """
    found: dict[Expr, None] = {}
    notes: dict[Text, None] = {}
    for relation in _relations(expr, by):
        places = _places(relation, by)
        if places is None:
            notes["at ", relation.lhs, " = ", relation.rhs, _OPEN] = None
        found |= dict.fromkeys(places or ())
    if len(found) + len(notes) > MAX_PLACES:
        return []
    for place in sorted(found):
        if said := _judge(expr, slopes, by, place):
            notes["at ", by, " = ", place, said] = None
    return list(notes)


def _relations(expr: Piecewise, by: Symbol) -> list[Relational]:
    found: dict[Relational, None] = {}
    for case in expr.args:
        inner = case.cond.atoms(Relational)
        for one in sorted(inner, key=str):
            if by in one.free_symbols:
                found[one] = None
    return list(found)


def _places(relation: Relational, by: Symbol) -> list[Expr] | None:
    """The numbers at which a relation of ``by`` alone may change; None: not known."""
    apart = relation.lhs - relation.rhs
    if apart.free_symbols != {by}:
        return None
    found: dict[Expr, None] = {}
    for sign in (1, -1):
        plain = apart.xreplace({Abs(by): sign * by})
        if not plain.is_polynomial(by):
            return None
        poly = Poly(plain, by)
        if poly.degree() != 1:
            return None
        place = -poly.nth(0) / poly.nth(1)
        is_there = plain == apart or (sign * place).is_nonnegative
        if is_there is None:
            return None
        if is_there:
            found[place] = None
    return list(found)


def _judge(
    expr: Piecewise, slopes: Sequence[Expr], by: Symbol, place: Expr
) -> str | None:
    left, at, right = (
        _selected(expr, by, place + step) for step in (-_STEP, Rational(0), _STEP)
    )
    if left is None or at is None or right is None or left == at == right:
        return None
    is_point = left != at != right
    values = [_number(expr.args[k].expr, by, place) for k in (left, at, right)]
    sides = [_number(slopes[k], by, place) for k in (left, right)]
    if None in values or None in sides:
        return _POINT if is_point else _OPEN
    if not _agree(values):
        return " the values differ: a jump, and no derivative there"
    if not _agree(sides):
        return " the slopes differ: a kink, and no derivative there"
    if not _agree([*sides, _number(slopes[at], by, place)]):
        return _POINT
    return " values and slopes agree: the derivative exists there"


def _selected(expr: Piecewise, by: Symbol, place: Expr) -> int | None:
    """Which branch counts at a place; None where none does or it depends."""
    for number, case in enumerate(expr.args):
        chosen = _put(case.cond, by, place)
        if chosen == True:  # noqa: E712
            return number
        if chosen != False:  # noqa: E712
            return None
    return None


def _put(expr: Any, by: Symbol, place: Expr) -> Any:
    """What it is at a place; nan where a pole there is compared with a number."""
    try:
        return expr.xreplace({by: place})
    except TypeError:  # SymPy does not compare what is not real
        return nan


def _number(expr: Expr, by: Symbol, place: Expr) -> float | None:
    value = _put(expr, by, place)
    if value.free_symbols or value.has(nan):
        return None
    value = value.evalf(30)
    is_real = value.is_Float or value.is_Rational
    return float(value) if is_real and value.is_finite else None


def _agree(numbers: Sequence[float | None]) -> bool:
    known = [number for number in numbers if number is not None]
    scale = max(1.0, *map(abs, known))
    return max(known) - min(known) <= _SAME * scale
