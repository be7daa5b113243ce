"""Where a formula is cut into stages, and how the parts of a stage are built.

The one rule kept here: compound arguments of functions, compound bases and compound
exponents get a name (``u_1 = x^2 + 1``); a function of a bare name does not, so that
``sin(x)*exp(x)`` stays one stage that shows the product rule. Sums, products and
quotients are kept as they were written: SymPy never evaluates them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cmp_to_key
from typing import NoReturn

import sympy as sp
from mpmath.libmp.libhyper import NoConvergence
from sympy import Add, Basic, Expr, Integer, Mul, Pow, Rational, Symbol

from symgrad.errors import BoundError, FormulaError, SymgradError
from symgrad.functions import FUNCTIONS
from symgrad.graph import Stage
from symgrad.indexed import Element
from symgrad.symbols import fresh, numbered, symbol

MAX_LEVELS = 16
MAX_EXPONENT = 1_000
MAX_CONSTANTS = 500
MAX_ORDER = 200
MAX_FACTORIAL = 165  # its factorial has 296 digits
_ORDERED = ("polygamma", "besselj", "bessely", "besseli", "besselk")
LARGEST = 10**300
_SUSPICIOUS = 1e10
_HUGE = 1e150  # beyond it SymPy itself fails: erfc(1e200)

Fail = Callable[[str, type[SymgradError]], NoReturn]
"""What raises an error about a sub-expression: the caller knows how to name it."""

_ONE, _ZERO = Integer(1), Integer(0)
_canonical = cmp_to_key(Basic.compare)


@dataclass
class Cutting:
    """The stages made so far, and the names that are taken.

    Equal expressions share one stage; generated names are ``u_1``, ``u_2``, … in the
    order of evaluation. ``constants`` remembers the values of functions of numbers,
    ``uses`` the stages made for uses of the text's own functions, whose bodies have
    taken ``count`` operations.
    """

    taken: set[str]
    stages: list[Stage] = field(default_factory=list)
    known: dict[Expr, Symbol] = field(default_factory=dict)
    constants: dict[tuple[str, tuple[float, ...]], float | None] = field(
        default_factory=dict
    )

    uses: dict[tuple[str, tuple[Expr, ...]], Expr] = field(default_factory=dict)
    count: int = 0
    _names: dict[str, Iterator[str]] = field(default_factory=dict)

    def define(self, name: Symbol, expr: Expr) -> None:
        """Add the stage ``name = expr``."""
        self.stages.append(Stage(name, expr))
        if not is_plain(expr):
            self.known.setdefault(expr, name)

    def name(self, expr: Expr, letter: str = "u") -> Symbol:
        """Give the stage that holds ``expr``, making it where there is none."""
        found = self.known.get(expr)
        if found is None:
            names = self._names.setdefault(letter, numbered(letter))
            new = next(name for name in names if name not in self.taken)
            self.taken.add(new)
            found = symbol(new)
            self.define(found, expr)
        return found

    def name_as(self, expr: Expr, wanted: str) -> Symbol:
        """Give the stage that holds ``expr``, called as is wanted where it can be."""
        found = self.known.get(expr)
        if found is None:
            new = fresh(wanted, self.taken)
            self.taken.add(new)
            found = symbol(new)
            self.define(found, expr)
        return found


def is_plain(expr: Expr) -> bool:
    """Whether an expression is a bare name, a datum such as x_k, or a bare number."""
    return not expr.args or isinstance(expr, Element)


def make_sum(number: Expr, terms: Iterable[Expr]) -> Expr:
    """Build an unevaluated sum in SymPy's own order."""
    return _join(Add, number, _ZERO, terms)


def make_product(number: Expr, factors: Iterable[Expr]) -> Expr:
    """Build an unevaluated product in SymPy's own order."""
    return _ZERO if number.is_zero else _join(Mul, number, _ONE, factors)


def _join(
    make: Callable[..., Expr], number: Expr, neutral: Expr, parts: Iterable[Expr]
) -> Expr:
    args = sorted(parts, key=_canonical)
    if number != neutral or not args:
        args.insert(0, number)
    return args[0] if len(args) == 1 else make(*args, evaluate=False)


def make_inverse(expr: Expr) -> Expr:
    """Build 1/expr; the inverse of a numeric power is a power again."""
    if isinstance(expr, Pow) and expr.exp.is_Number and expr.exp.is_extended_real:
        exponent = -expr.exp
        return expr.base if exponent == 1 else power(expr.base, exponent)
    return power(expr, Integer(-1))


def power(base: Expr, exponent: Expr) -> Expr:
    """Build an unevaluated power."""
    return Pow(base, exponent, evaluate=False)


def check_number(number: Expr, fail: Fail) -> float:
    """Give the float of a number, and refuse one that a float cannot hold."""
    if isinstance(number, Rational):
        size = max(abs(number.p), number.q)
        if size >= LARGEST:
            fail(f"has more than {len(str(LARGEST)) - 1} digits; rescale", BoundError)
        quotient: float = number.p / number.q
        return quotient
    if not number.is_finite or abs(number) >= LARGEST:
        fail("is no number that a float can hold; rescale", BoundError)
    return float(number)


def check_exponent(exponent: float, fail: Fail) -> None:
    """Refuse a constant exponent beyond ``MAX_EXPONENT``."""
    if abs(exponent) > MAX_EXPONENT:
        fail(
            f"has an exponent beyond the bound MAX_EXPONENT ({MAX_EXPONENT:,}); "
            "rescale, or write exp(n*log(x))",
            BoundError,
        )


def check_base(base: float, fail: Fail) -> None:
    """Refuse a constant base that has no real powers with a variable exponent."""
    if base <= 0:
        fail(
            "is not real for every exponent; a power with a variable exponent needs a "
            "positive base",
            FormulaError,
        )


def constant_power(base: float, exponent: float, fail: Fail) -> float:
    """Compute a power of constants; an error where it has no real finite value."""
    if base == 0 and exponent < 0:
        fail("divides by zero; change the formula", FormulaError)
    if base < 0 and exponent != int(exponent):
        fail(
            "is not real: a negative base under a fractional exponent; "
            "use cbrt( ) for the real cube root",
            FormulaError,
        )
    try:
        return math.pow(base, exponent)
    except OverflowError:
        fail("is too large for a float; rescale", BoundError)


def fold_power(base: Expr, exponent: Expr, fail: Fail) -> Expr:
    """Compute a power of two numbers where the answer is exact and not too long.

    Roots that do not come out stay as they are: ``2^(1/2)``.
    """
    if isinstance(base, Rational) and isinstance(exponent, Integer):
        if base.is_zero and exponent.is_negative:
            fail("divides by zero; change the formula", FormulaError)
        digits = math.log10(max(abs(base.p), base.q)) * abs(int(exponent))
        if digits >= math.log10(LARGEST):
            fail(
                f"has more than {len(str(LARGEST)) - 1} digits; rescale, or write "
                "the power of a name",
                BoundError,
            )
        return base**exponent
    constant_power(check_number(base, fail), check_number(exponent, fail), fail)
    if isinstance(base, Rational) and isinstance(exponent, Rational):
        above, below = (_root(part, exponent.q) for part in (base.p, base.q))
        if above is None or below is None:
            return power(base, exponent)
        return fold_power(Rational(above, below), Integer(exponent.p), fail)
    return base**exponent


def _root(number: int, degree: int) -> int | None:
    """The exact root of a positive integer, if there is one."""
    if degree > MAX_EXPONENT:
        return None
    root, is_exact = sp.integer_nthroot(number, degree)
    return int(root) if is_exact else None


def constant_call(
    cut: Cutting, name: str, args: Sequence[Expr], values: Sequence[float], fail: Fail
) -> float:
    """Compute a function of constants; an error where it has no real finite value."""
    if name in _ORDERED and abs(values[0]) > MAX_ORDER:
        fail(f"has an order beyond the bound MAX_ORDER ({MAX_ORDER})", BoundError)
    key = (name, tuple(values))
    if key not in cut.constants:
        if len(cut.constants) == MAX_CONSTANTS:
            fail(
                f"is beyond the bound MAX_CONSTANTS ({MAX_CONSTANTS}) of different "
                "functions of numbers in one formula; give some of them names",
                BoundError,
            )
        cut.constants[key] = _call(name, values)
    value = cut.constants[key]
    if value is None or (abs(value) > _SUSPICIOUS and _is_pole(name, args)):
        domain = FUNCTIONS[name].domain
        is_large = value is None and name in _LARGE and values[0] > 0
        told = domain and not is_large
        hint = f"{name} is real for {domain}" if told else "rescale"
        fail(f"has no real, finite value; {hint}", FormulaError)
    return value


_LARGE = ("factorial", "binomial")


def _call(name: str, values: Sequence[float]) -> float | None:
    if name == "polygamma" and not (values[0] >= 0 and values[0] == int(values[0])):
        return None
    try:
        if (
            hasattr(math, name)
            and name != "factorial"
            and max(map(abs, values)) < _HUGE
        ):
            return float(getattr(math, name)(*values))
        numbers = [sp.Float(value) for value in values]
        result = FUNCTIONS[name].make(*numbers, evaluate=False).evalf(15)
        if not result.is_Number:  # evalf leaves the unit step as it is
            result = result.doit().evalf(15)
    except (ValueError, OverflowError, ZeroDivisionError, NoConvergence):
        return None
    is_good = result.is_Number and result.is_finite and abs(result) < LARGEST
    return float(result) if is_good else None


def constant_of(expr: Expr, fail: Fail) -> float:
    """Compute a user's function of constants; an error where it has no real value."""
    try:
        value = expr.evalf(15)
    except (ValueError, OverflowError, ZeroDivisionError, NoConvergence):
        value = expr
    if not (value.is_Number and value.is_finite and abs(value) < LARGEST):
        fail("has no real, finite value; rescale, or change the formula", FormulaError)
    return float(value)


def _is_pole(name: str, args: Sequence[Expr]) -> bool:
    """Find the poles that floats miss: tan(pi/2) is 1.6e16 for them."""
    if name not in ("tan", "cot", "sec", "csc"):  # SymPy would write out gamma(10**9)
        return False
    if not all(_is_angle(arg) for arg in args):
        return False
    return not FUNCTIONS[name].make(*args).is_finite


def _is_angle(expr: Expr) -> bool:
    factors = expr.args if isinstance(expr, Mul) else (expr,)
    return all(f == sp.pi or isinstance(f, Rational) for f in factors)
