"""Forms that people write by hand, recorded so that nothing overflows on the way.

The one rule kept here: what is recorded equals what was written, wherever that is
defined; only the way to it differs, and ``forms`` names it, for pages to say so.
Sources: Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and
softmax functions" (2021); Kahan, "Branch cuts for complex elementary functions" (1987).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import sympy as sp
from sympy import Abs, Piecewise, Rational

from symgrad.numeric import exact
from symgrad.numeric.recorder import Recorder
from symgrad.user_functions import LETTERS, UserFunction

MAX_PARTS = 8
"""how many terms of a sum or factors of a product are looked through"""

_u = LETTERS[0]
_RATIO = sp.sin(_u) / _u
_SERIES = sum(
    c * _u**k
    for k, c in (
        *((1, Rational(-1, 3)), (3, Rational(-1, 45)), (5, Rational(-2, 945))),
        *((7, Rational(-1, 4725)), (9, Rational(-2, 93555))),
        (11, Rational(-1382, 638512875)),
    )
)
SIN_RATIO, VERSINE, LOG_COSH, ROOT_OF_SQUARE, DIRECTION = (
    UserFunction(name, None, (slope,))
    for name, slope in (
        # sin(u)/u; near 0 (cos u - f)/u cancels, and f·(cot u - 1/u) is a series
        (
            "sin_ratio",
            Piecewise(
                (_RATIO * _SERIES, Abs(_u) < Rational(1, 8)),
                ((sp.cos(_u) - _RATIO) / _u, True),
            ),
        ),
        ("versine", sp.sin(_u)),
        ("log_cosh", sp.tanh(_u)),
        ("root_of_square", _u / Abs(_u)),
        ("direction", Piecewise((sp.Integer(0), sp.Ne(_u, 0)), (sp.nan, True))),
    )
)
"""Functions with a derivative of their own; their values are recorded below."""


@dataclass
class SafeRecorder(Recorder):
    """Writes entries for floats; ``forms`` has (what was written, what is computed).

    >>> recorder = SafeRecorder()
    >>> power = recorder.function("exp", recorder.record("argument", 0))
    >>> total = recorder.add(recorder.constant(1), power)
    >>> recorder.entries[recorder.function("log", total)]
    ('softplus', 0)
    """

    forms: dict[tuple[str, str], None] = field(default_factory=dict)

    def told(self, written: str, computed: str, number: int) -> int:
        self.forms[written, computed] = None
        return number

    def entry_of(self, name: str, number: int) -> tuple[int, ...] | None:
        """Give the arguments of an entry of this name, else None."""
        entry = self.entries[number]
        return entry[1:] if entry[0] == name else None

    def is_one(self, number: int) -> bool:
        return self.value(number) == 1

    # --- what the reader and the sweeps call ------------------------------------------

    def multiply(self, u: int, v: int) -> int:
        for one, other in ((u, v), (v, u)):
            kind = self.entries[one][0]
            found = None
            if kind == "exp":
                found = _exp_times(self, one, other)
            elif kind == "divide":
                found = _inverse_times(self, one, other)
            if found is not None:
                return found
        return super().multiply(u, v)

    def divide(self, u: int, v: int) -> int:
        found = _quotient(self, u, v)
        return super().divide(u, v) if found is None else found

    def subtract(self, u: int, v: int) -> int:
        found = _difference(self, u, v)
        return super().subtract(u, v) if found is None else found

    def function(self, name: str, *arguments: int) -> int:
        if name == "log":
            found = _logarithm(self, arguments[0])
        elif name == "sqrt":
            found = _root(self, arguments[0])
        else:
            found = None
        return super().function(name, *arguments) if found is None else found


# --- sums of exponentials -----------------------------------------------------------


def _terms(recorder: Recorder, number: int) -> list[int]:
    """The terms of a sum; empty where they are too many."""
    found, todo = [], [number]
    while todo:
        k = todo.pop()
        entry = recorder.entries[k]
        if entry[0] == "add":
            todo += [entry[2], entry[1]]
        else:
            found.append(k)
        if len(found) + len(todo) > MAX_PARTS:
            return []
    return found


def _exponent(recorder: SafeRecorder, number: int) -> int | None:
    """Give a where an entry is exp(a): a number c > 0 is exp(log c)."""
    entry = recorder.entries[number]
    if entry[0] == "exp":
        return int(entry[1])
    if entry[0] == "constant":
        c = exact.to_float(entry[1])
        return recorder.constant(math.log(c)) if 0 < c < math.inf else None
    if entry[0] == "multiply" and (a := recorder.entry_of("exp", entry[2])):
        shift = _exponent(recorder, entry[1])
        if shift is not None and recorder.entries[shift][0] == "constant":
            return recorder.add(a[0], shift)
    return None


def _exponents(recorder: SafeRecorder, number: int) -> list[int]:
    """Give a, b, … where an entry is exp(a) + exp(b) + …; else nothing."""
    if recorder.entries[number][0] != "add":
        return []
    found = []
    terms = _terms(recorder, number)
    if all(recorder.value(term) is not None for term in terms):
        return []
    for term in terms:
        a = _exponent(recorder, term)
        if a is None:
            return []
        found.append(a)
    return found


def _minus(recorder: SafeRecorder, u: int) -> int:
    """-u, with the sign in the number of a product."""
    entry = recorder.entries[u]
    if entry[0] == "multiply" and (c := recorder.value(entry[1])) is not None:
        return recorder.multiply(recorder.constant(-c), entry[2])
    return recorder.negate(u)


def _logistic(recorder: SafeRecorder, u: int) -> int:
    return recorder.function("logistic", u)


def _share(recorder: SafeRecorder, a: int, b: int) -> int:
    """exp(a)/(exp(a) + exp(b))"""
    if recorder.value(a) == 0:
        return _logistic(recorder, _minus(recorder, b))
    return _logistic(recorder, recorder.subtract(a, b))


def _log_of_sum(recorder: SafeRecorder, exponents: list[int]) -> int:
    """log(exp(a) + exp(b) + …): the larger one, and softplus of the difference."""
    first, *rest = exponents
    for other in rest:
        if recorder.value(first) == 0:
            first = recorder.function("softplus", other)
        elif recorder.value(other) == 0:
            first = recorder.function("softplus", first)
        else:
            more = recorder.relation("greater", first, other)
            high = recorder.select(more, first, other)
            low = recorder.select(more, other, first)
            gap = recorder.function("softplus", recorder.subtract(low, high))
            first = recorder.add(high, gap)
    return first


# --- functions with a derivative of their own -------------------------------------------


def _half(recorder: SafeRecorder, u: int) -> int:
    return recorder.multiply(recorder.constant(exact.divide(1, 2)), u)


def _twice_squared_sine(recorder: SafeRecorder, u: int) -> int:
    square = recorder.integer_power(recorder.function("sin", _half(recorder, u)), 2)
    value = recorder.multiply(recorder.constant(2), square)
    return recorder.record("user", value, VERSINE, u)


def _log_cosh(recorder: SafeRecorder, u: int) -> int:
    size, two = recorder.function("Abs", u), recorder.constant(2)
    sine = recorder.function("sinh", _half(recorder, u))
    square = recorder.integer_power(sine, 2)
    near = recorder.function("log1p", recorder.multiply(two, square))
    double = recorder.multiply(recorder.constant(-2), size)
    rest = recorder.subtract(
        recorder.function("softplus", double), recorder.constant(math.log(2))
    )
    is_near = recorder.relation("less", size, recorder.constant(1))
    value = recorder.select(is_near, near, recorder.add(size, rest))
    return recorder.record("user", value, LOG_COSH, u)


def _sin_ratio(recorder: SafeRecorder, u: int) -> int:
    value = recorder.record("divide", recorder.function("sin", u), u)
    return recorder.record("user", value, SIN_RATIO, u)


def _direction(recorder: SafeRecorder, u: int) -> int:
    is_zero = recorder.relation("equal", u, recorder.constant(0))
    sign = recorder.function("sign", u)
    value = recorder.select(is_zero, recorder.constant(math.nan), sign)
    return recorder.record("user", value, DIRECTION, u)


# --- functions ------------------------------------------------------------------------


def _logarithm(recorder: SafeRecorder, u: int) -> int | None:
    entry = recorder.entries[u]
    if entry[0] == "exp":
        return recorder.told("log(exp(u))", "u", entry[1])
    if entry[0] == "cosh":
        number = _log_cosh(recorder, entry[1])
        form = "|u| + softplus(-2|u|) - log(2), near 0 log1p(2 sinh(u/2)^2)"
        return recorder.told("log(cosh(u))", form, number)
    if entry[0] == "logistic":
        return _log_logistic(recorder, _minus(recorder, entry[1]))
    if entry[0] == "subtract" and recorder.is_one(entry[1]):
        a = recorder.entry_of("logistic", entry[2])
        if a is not None:
            return _log_logistic(recorder, a[0])
    exponents = _exponents(recorder, u)
    if exponents:
        number = _log_of_sum(recorder, exponents)
        if len(exponents) == 2 and 0 in map(recorder.value, exponents):
            return recorder.told("log(1 + exp(u))", "softplus(u)", number)
        form = "u + softplus(v - u), u the larger of both"
        return recorder.told("log(exp(u) + exp(v))", form, number)
    if entry[0] not in ("add", "subtract"):
        return None
    for k in range(1, 3 if entry[0] == "add" else 2):
        if recorder.is_one(entry[k]):
            rest = entry[3 - k]
            rest = rest if entry[0] == "add" else recorder.negate(rest)
            number = recorder.function("log1p", rest)
            return recorder.told("log(1 + u)", "log1p(u)", number)
    return None


def _log_logistic(recorder: SafeRecorder, minus: int) -> int:
    number = recorder.negate(recorder.function("softplus", minus))
    return recorder.told("log(logistic(u))", "-softplus(-u)", number)


def _side(recorder: SafeRecorder, number: int) -> int | None:
    """Give s ≥ 0 where an entry is s², up to the sign of s."""
    entry = recorder.entries[number]
    if entry[0] == "integer_power" and entry[2] == 2:
        return int(entry[1])
    c = recorder.value(number)
    if c is not None and 0 < exact.to_float(c) < math.inf:
        return recorder.power(number, recorder.constant(0.5))
    return None


def _root(recorder: SafeRecorder, u: int) -> int | None:
    """√(a² + b² + …), whose squares would overflow or vanish."""
    if recorder.value(u) is not None:
        return None
    single = recorder.entry_of("integer_power", u)
    if single is not None and single[1] == 2:
        number = recorder.record(
            "user", recorder.function("Abs", single[0]), ROOT_OF_SQUARE, single[0]
        )
        return recorder.told("sqrt(u^2)", "|u|", number)
    if recorder.entries[u][0] != "add":
        return None
    sides = [_side(recorder, term) for term in _terms(recorder, u)]
    if not sides or None in sides:
        return None
    first, *rest = [side for side in sides if side is not None]
    for other in rest:
        first = recorder.function("hypot", first, other)
    return recorder.told("sqrt(u^2 + v^2)", "hypot(u, v)", first)


# --- differences ----------------------------------------------------------------------


def _difference(recorder: SafeRecorder, u: int, v: int) -> int | None:
    for one, other, sign in ((u, v, 1), (v, u, -1)):
        a = recorder.entry_of("exp", one)
        if a is not None and recorder.is_one(other):
            number = recorder.function("expm1", a[0])
            number = number if sign == 1 else recorder.negate(number)
            return recorder.told("exp(u) - 1", "expm1(u)", number)
    a = recorder.entry_of("cos", v)
    if a is not None and recorder.is_one(u):
        number = _twice_squared_sine(recorder, a[0])
        return recorder.told("1 - cos(u)", "2 sin(u/2)^2", number)
    a, b = recorder.entry_of("sqrt", u), recorder.entry_of("sqrt", v)
    if a is None or b is None:
        return None
    gap = _gap(recorder, a[0], b[0])
    if gap is None:
        return None
    number = recorder.divide(gap, recorder.add(u, v))
    return recorder.told("sqrt(u) - sqrt(v)", "(u - v)/(sqrt(u) + sqrt(v))", number)


def _gap(recorder: SafeRecorder, u: int, v: int) -> int | None:
    """u - v where one is the other and something more."""
    for one, other, sign in ((u, v, 1), (v, u, -1)):
        entry = recorder.entries[one]
        rest = None
        if entry[0] == "add" and other in entry[1:]:
            rest = entry[1] if entry[2] == other else entry[2]
        elif entry[0] == "subtract" and entry[1] == other:
            rest = recorder.negate(entry[2])
        if rest is not None:
            return rest if sign == 1 else recorder.negate(rest)
    return None


# --- quotients ------------------------------------------------------------------------


def _quotient(recorder: SafeRecorder, u: int, v: int) -> int | None:
    entry = recorder.entries[v]
    if entry[0] == "exp":
        a = recorder.entry_of("exp", u)
        if a is not None:
            return recorder.function("exp", recorder.subtract(a[0], entry[1]))
    if entry[0] == "integer_power" and entry[2] <= MAX_PARTS:
        if entry[2] == 2 and (h := _versine(recorder, u, entry[1])) is not None:
            return h
        return _over(recorder, u, entry[1], entry[2])
    if entry[0] == "multiply":
        for k in (1, 2):
            if _exponents(recorder, entry[k]):
                over = recorder.divide(u, entry[k])
                return recorder.divide(over, entry[3 - k])
        return None
    if entry[0] == "cosh" and recorder.entry_of("sinh", u) == entry[1:]:
        tangent = recorder.function("tanh", entry[1])
        return recorder.told("sinh(u)/cosh(u)", "tanh(u)", tangent)
    if recorder.entry_of("sin", u) == (v,):
        number = _sin_ratio(recorder, v)
        return recorder.told("the slope of sin(u)/u near 0", "a series", number)
    if _is_absolute(recorder, v, u):
        return recorder.told("u/|u|", "sign(u)", _direction(recorder, u))
    return _over(recorder, u, v, 1)


def _is_absolute(recorder: SafeRecorder, v: int, u: int) -> bool:
    entry = recorder.entries[v]
    if entry[0] == "user":
        return bool(entry[2] is ROOT_OF_SQUARE and entry[3] == u)
    return entry == ("Abs", u) and recorder.value(u) is None


def _versine(recorder: SafeRecorder, u: int, v: int) -> int | None:
    """(1 - cos v)/v², as (sin h/h)²/2 of h = v/2"""
    entry = recorder.entries[u]
    if entry[0] != "user" or entry[2] is not VERSINE or entry[3] != v:
        return None
    half = recorder.constant(exact.divide(1, 2))
    ratio = _sin_ratio(recorder, recorder.multiply(half, v))
    number = recorder.multiply(half, recorder.integer_power(ratio, 2))
    return recorder.told("(1 - cos(u))/u^2", "(sin(u/2)/(u/2))^2/2", number)


def _tanh(recorder: SafeRecorder, u: int, a: int, b: int) -> int | None:
    """(exp(a) - exp(b))/(exp(a) + exp(b)) = tanh((a - b)/2)"""
    entry = recorder.entries[u]
    sign = -1 if entry[0] == "negate" else 1
    entry = recorder.entries[entry[1]] if sign == -1 else entry
    zero = recorder.constant(0)
    if entry[0] == "expm1":
        above = [entry[1], zero]
    elif entry[0] == "subtract":
        found = [_exponent(recorder, k) for k in entry[1:]]
        above = [k for k in found if k is not None]
    else:
        return None
    if sorted(above) != sorted((a, b)):
        return None
    half = recorder.constant(exact.divide(sign, 2))
    gap = recorder.multiply(half, recorder.subtract(*above))
    number = recorder.function("tanh", gap)
    return recorder.told("(exp(u) - exp(-u))/(exp(u) + exp(-u))", "tanh(u)", number)


def _factors(recorder: SafeRecorder, number: int) -> list[int]:
    """The factors of a product, powers written out; empty where they are too many."""
    found, todo = [], [number]
    while todo:
        k = todo.pop()
        entry = recorder.entries[k]
        if entry[0] == "multiply":
            todo += [entry[2], entry[1]]
        elif entry[0] == "negate":
            todo += [entry[1], recorder.constant(-1)]
        elif entry[0] == "integer_power" and entry[2] <= MAX_PARTS:
            todo += [entry[1]] * entry[2]
        else:
            found.append(k)
        if len(found) + len(todo) > MAX_PARTS:
            return []
    return found


def _over(recorder: SafeRecorder, u: int, v: int, times: int) -> int | None:
    """u/v^times of v = exp(a) + exp(b), term by term: each factor over one sum."""
    below = _exponents(recorder, v)
    entry = recorder.entries[u]
    if len(below) != 2:
        return None
    if entry[0] in ("add", "subtract") and times > 1:
        sides = [_over(recorder, k, v, times) for k in entry[1:]]
        if None in sides:
            return None
        number: int = getattr(recorder, entry[0])(*sides)
        return number
    factors = _factors(recorder, u)
    if not factors:
        return None
    shares: list[int] = []
    for _ in range(times):
        found = _share_of(recorder, factors, v, below)
        if found is None:
            return None
        shares.append(found)
    product = recorder.constant(1)
    for k in (*factors, *shares):
        product = recorder.multiply(product, k)
    return recorder.told("1/(1 + exp(-u))", "logistic(u)", product)


def _share_of(
    recorder: SafeRecorder, factors: list[int], v: int, below: list[int]
) -> int | None:
    """One of the factors over v = exp(a) + exp(b), and taken from their list."""
    if v in factors:
        factors.remove(v)
        return recorder.constant(1)
    for a, b in (below, below[::-1]):
        double = recorder.multiply(recorder.constant(2), a)
        for k in factors:
            exponent = recorder.entry_of("exp", k)
            if exponent in ((a,), (double,)):
                factors.remove(k)
                if exponent == (double,):
                    factors.append(recorder.function("exp", a))
                return _share(recorder, a, b)
    for k in factors:
        tangent = _tanh(recorder, k, *below)
        if tangent is not None:
            factors.remove(k)
            return tangent
    for a, b in (below, below[::-1]):
        if recorder.value(a) == 0:
            return _share(recorder, a, b)
    return None


def _inverse_times(recorder: SafeRecorder, inverse: int, other: int) -> int | None:
    """(w/v)·other as one quotient, where w·other over v is a form that is safe."""
    _, w, v = recorder.entries[inverse]
    below, kind = recorder.entries[v], recorder.entries[other][0]
    if below[0] == "logistic" and recorder.is_one(w):
        factors = _factors(recorder, other)
        if v not in factors:
            return None
        factors.remove(v)
        product = recorder.constant(1)
        for factor in factors:
            product = recorder.multiply(product, factor)
        return product
    pairs = {"cosh": "sinh", "exp": "exp"}
    if pairs.get(below[0]) == kind or (kind == "exp" and _exponents(recorder, v)):
        return recorder.divide(recorder.multiply(w, other), v)
    return None


def _exp_times(recorder: SafeRecorder, power: int, other: int) -> int | None:
    """exp(a)·logistic(-a) = logistic(a)"""
    a = recorder.entries[power][1]
    if recorder.entries[other][0] not in _PRODUCTS:
        return None
    factors = _factors(recorder, other)
    for k in factors:
        share = recorder.entry_of("logistic", k)
        if share is not None and share[0] == _minus(recorder, a):
            factors.remove(k)
            product = _logistic(recorder, a)
            for factor in factors:
                product = recorder.multiply(factor, product)
            return product
    return None


_PRODUCTS = ("logistic", "multiply", "negate", "integer_power")
