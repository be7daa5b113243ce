"""Decimal numbers: whole ones are integers, and algebra with them is exact.

The one rule kept here: 0.5 means one half, as it was written; a float too long to have
been written stands for nothing but itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sympy import Add, Expr, Float, Integer, Mul, Pow, Rational
from sympy.core.function import Application
from sympy.core.relational import Relational

from symgrad.substitution import bottom_up, is_same

MAX_DIGITS = 12
EVALUATED = (Add, Mul, Pow, Application, Relational)  # but for evaluate=False
_MAX_WHOLE = 2**53
_MAX_TOP = 25
_ULPS = 4e-16  # a quotient and a product round once each


def whole(number: Expr) -> Expr:
    """Give a Float without a fraction as an Integer: 0.5·2 is 1, not 1.0.

    >>> whole(Float("0.5") * 2), whole(Float("0.5"))
    (1, 0.500000000000000)
    """
    if isinstance(number, Float) and number.is_finite:
        value = float(number)
        if value.is_integer() and abs(value) < _MAX_WHOLE and value == number:
            return Integer(int(value))
    return number


def product(*numbers: Expr) -> Expr:
    """Multiply numbers, those with a short decimal exactly: 0.1·3 is 0.3.

    >>> product(Float("0.1"), Integer(3)), Float("0.1") * 3 == Float("0.3")
    (0.300000000000000, False)
    """
    return _settled_exact(Mul, numbers)


def total(*numbers: Expr) -> Expr:
    """Add numbers, those with a short decimal exactly: 0.1 + 0.2 is 0.3.

    >>> total(Float("0.1"), Float("0.2")) == Float("0.3")
    True
    """
    return _settled_exact(Add, numbers)


def folded(op: Callable[[Expr, Expr], Expr], a: Expr, b: Expr) -> Expr:
    """Fold two numbers as a formula has them, decimals as the fractions they are.

    >>> from operator import add, truediv
    >>> tenth = Float("0.1")
    >>> folded(add, tenth, Float("0.2")), folded(truediv, tenth, Integer(3))
    (0.300000000000000, 1/30)

    A fraction of over ``MAX_DIGITS`` digits is rounded, as a computed float is.
    """
    return _settled_exact(op, (a, b))


def _settled_exact(op: Callable[..., Expr], numbers: Sequence[Expr]) -> Expr:
    found = op(*numbers)
    if not isinstance(found, Float):
        return found
    exact = [_fraction(n) if isinstance(n, Float) else n for n in numbers]
    if not all(isinstance(n, Rational) for n in exact):
        return whole(found)
    made = as_decimal(op(*exact))
    if isinstance(made, Rational) and max(abs(made.p), made.q) >= 10**MAX_DIGITS:
        return whole(found)
    return whole(made)


def as_fraction(number: Expr) -> Expr:
    """Give a short decimal as its fraction, any other number as it is.

    >>> as_fraction(Float("0.1")), as_fraction(Float(1 / 3.7))
    (1/10, 0.270270270270270)
    """
    exact = _fraction(number) if isinstance(number, Float) else None
    return number if exact is None else exact


def as_decimal(number: Expr) -> Expr:
    """Give a fraction that is a short decimal as such, anything else as it is.

    >>> as_decimal(Rational(1, 8)), as_decimal(Rational(1, 3))
    (0.125000000000000, 1/3)
    """
    return _decimal(number, number)


def settled(expr: Expr) -> Expr:
    """Write whole Floats as integers, and a factor 1 not at all.

    >>> from symgrad.symbols import symbol
    >>> settled(Float("0.5") * symbol("x") * 2)
    x
    """
    if not expr.has(Float):
        return expr
    return _with_numbers(expr, whole)


def exactly(change: Callable[[Expr], Expr], expr: Expr) -> Expr:
    """Change an expression with its decimals as fractions, and write them as decimals.

    >>> from symgrad.symbols import symbol
    >>> x = symbol("x")
    >>> exactly(lambda e: e.subs(x, x / 3), Float("0.3") * x)
    0.1*x

    An expression that has a number of over ``MAX_DIGITS`` digits stays as it is.
    """
    floats = expr.atoms(Float)
    if not floats:
        return change(expr)
    fractions = {number: _fraction(number) for number in floats}
    if None in fractions.values():
        return expr
    told = expr.xreplace(fractions)
    found = change(told)
    return expr if found == told else _in_decimals(found)


def as_quotient(expr: Float) -> tuple[Integer, Expr] | None:
    """Give a double as a whole number over a short decimal: x/3.7 is folded to one.

    >>> as_quotient(Float(3 / 7)), as_quotient(Float(0.54))
    ((3, 7), None)
    """
    value = abs(float(expr))
    if expr._prec > 53 or not 1e-12 < value < 1e12 or _is_short(value, 10):
        return None
    for top in range(1, _MAX_TOP):
        below = float(f"{top / value:.15g}")
        if _is_short(below, 5) and abs(top / below - value) <= _ULPS * value:
            number = Integer(below) if below.is_integer() else Float(below)
            return Integer(top if expr > 0 else -top), number
    return None


def _is_short(value: float, digits: int) -> bool:
    return float(f"{value:.{digits}g}") == value


def _fraction(number: Float) -> Rational | None:
    """The decimal that a Float was written as, where it is short."""
    if not number.is_finite:
        return None
    short = f"{float(number):.{MAX_DIGITS}g}"
    return Rational(short) if Float(short, precision=number._prec) == number else None


def _in_decimals(expr: Expr) -> Expr:
    """Write 3/10 as 0.3, but 1/3 and the exponents as they are."""
    return _with_numbers(expr, lambda n: whole(_decimal(n, n)))


def _decimal(number: Expr, otherwise: Expr) -> Expr:
    """Give a Rational as a short decimal, if it is one."""
    if isinstance(number, Integer) and abs(number.p) < _MAX_WHOLE:
        return number
    if not isinstance(number, Rational):
        return otherwise
    try:
        made = Float(f"{number.p / number.q:.{MAX_DIGITS}g}")
    except OverflowError:
        return otherwise
    return made if _fraction(made) == number else otherwise


def _with_numbers(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """Change the numbers of an expression, exponents apart; nothing is evaluated."""

    def make(node: Expr, parts: list[Expr]) -> Expr:
        if parts:
            return _rebuilt(node, parts)
        return change(node) if node.is_Number else node

    made: Expr = bottom_up(expr, make)
    return made


def _rebuilt(node: Expr, args: list[Expr]) -> Expr:
    if isinstance(node, Pow) and node.exp.is_Rational:
        args[1] = node.exp
    if is_same(node, args):
        return node
    if isinstance(node, Mul):
        args = [arg for arg in args if arg != 1]
        if len(args) < 2:
            return args[0] if args else Integer(1)
    if isinstance(node, Pow) and args[1] == 1:
        return args[0]
    held = {"evaluate": False} if isinstance(node, EVALUATED) else {}
    rebuilt: Expr = node.func(*args, **held)
    return rebuilt
