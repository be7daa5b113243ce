"""Forms that people write by hand, recorded so that nothing overflows on the way.

The one rule kept here: what is recorded equals what was written, wherever that is
defined; only the way to it differs, and ``forms`` names it, for pages to say so.
Sources: Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and
softmax functions" (2021); Kahan, "Branch cuts for complex elementary functions" (1987).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from symgrad.numeric import exact
from symgrad.numeric.safe_parts import (
    ROOT_OF_SQUARE,
    FormRecorder,
    exponents,
    log_cosh,
    minus,
    terms,
    twice_squared_sine,
)
from symgrad.numeric.safe_quotients import exp_times, inverse_times, quotient
from symgrad.numeric.safe_sums import beside_log, log_of_sum, times_over_sum


@dataclass
class SafeRecorder(FormRecorder):
    """Writes entries for floats.

    >>> recorder = SafeRecorder()
    >>> power = recorder.function("exp", recorder.record("argument", 0))
    >>> total = recorder.add(recorder.constant(1), power)
    >>> recorder.entries[recorder.function("log", total)]
    ('softplus', 0)
    """

    def multiply(self, u: int, v: int) -> int:
        if (number := times_over_sum(self, u, v)) is not None:
            return number
        for one, other in ((u, v), (v, u)):
            kind = self.entries[one][0]
            found = None
            if kind == "exp":
                found = exp_times(self, one, other)
            elif kind == "divide":
                found = inverse_times(self, one, other)
            if found is not None:
                return found
        return super().multiply(u, v)

    def divide(self, u: int, v: int) -> int:
        found = quotient(self, u, v)
        return super().divide(u, v) if found is None else found

    def add(self, u: int, v: int) -> int:
        for one, other in ((u, v), (v, u)):
            found = _one_and_erf(self, one, other, -1)
            if found is not None:
                return found
        return super().add(u, v)

    def subtract(self, u: int, v: int) -> int:
        found = _one_and_erf(self, u, v, 1)
        found = _difference(self, u, v) if found is None else found
        return super().subtract(u, v) if found is None else found

    def function(self, name: str, *arguments: int) -> int:
        if name == "log":
            found = _logarithm(self, arguments[0])
        elif name == "log1p":
            found = log_of_sum(self, arguments[0], and_one=True)
        elif name == "sqrt":
            found = _root(self, arguments[0])
        else:
            found = None
        return super().function(name, *arguments) if found is None else found


# --- logarithms and roots -----------------------------------------------------------


def _log_of_sum(recorder: FormRecorder, powers: list[int]) -> int:
    """log(exp(a) + exp(b) + …): the larger one, and softplus of the difference."""
    first, *rest = powers
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


def _logarithm(recorder: FormRecorder, u: int) -> int | None:
    if (found := log_of_sum(recorder, u)) is not None:
        return found
    entry = recorder.entries[u]
    if entry[0] == "exp":
        return recorder.told("log(exp(u))", "u", entry[1])
    if entry[0] == "cosh":
        number = log_cosh(recorder, entry[1])
        form = "|u| + softplus(-2|u|) - log(2), near 0 log1p(2 sinh(u/2)^2)"
        return recorder.told("log(cosh(u))", form, number)
    if entry[0] == "logistic":
        return _log_logistic(recorder, minus(recorder, entry[1]))
    if entry[0] == "subtract" and recorder.is_one(entry[1]):
        a = recorder.entry_of("logistic", entry[2])
        if a is not None:
            return _log_logistic(recorder, a[0])
    powers = exponents(recorder, u)
    if powers:
        number = _log_of_sum(recorder, powers)
        if len(powers) == 2 and 0 in map(recorder.value, powers):
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


def _log_logistic(recorder: FormRecorder, minus: int) -> int:
    number = recorder.negate(recorder.function("softplus", minus))
    return recorder.told("log(logistic(u))", "-softplus(-u)", number)


def _side(recorder: FormRecorder, number: int) -> int | None:
    """Give s ≥ 0 where an entry is s², up to the sign of s."""
    entry = recorder.entries[number]
    if entry[0] == "integer_power" and entry[2] == 2:
        return int(entry[1])
    c = recorder.value(number)
    if c is not None and 0 < exact.to_float(c) < math.inf:
        return recorder.power(number, recorder.constant(0.5))
    return None


def _root(recorder: FormRecorder, u: int) -> int | None:
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
    sides = [_side(recorder, term) for term in terms(recorder, u)]
    if not sides or None in sides:
        return None
    first, *rest = [side for side in sides if side is not None]
    for other in rest:
        first = recorder.function("hypot", first, other)
    return recorder.told("sqrt(u^2 + v^2)", "hypot(u, v)", first)


# --- sums and differences -------------------------------------------------------------


def _one_and_erf(recorder: FormRecorder, one: int, other: int, sign: int) -> int | None:
    """c - c·erf(u), or with the sign -1 c + c·erf(u): c·erfc(±u)"""
    c = recorder.value(one)
    if c is None or c == 0:
        return None
    if c != 1:
        product = recorder.entry_of("multiply", other)
        if product is None or recorder.value(product[0]) != c:
            return None
        other = product[1]
    a = recorder.entry_of("erf", other)
    if a is None:
        return None
    u = a[0] if sign == 1 else minus(recorder, a[0])
    written = "1 - erf(u)" if sign == 1 else "1 + erf(u)"
    number = recorder.multiply(one, recorder.function("erfc", u))
    return recorder.told(written, "erfc(u)" if sign == 1 else "erfc(-u)", number)


def _difference(recorder: FormRecorder, u: int, v: int) -> int | None:
    for one, other, sign in ((u, v, 1), (v, u, -1)):
        if (number := beside_log(recorder, one, other)) is not None:
            return number if sign == 1 else recorder.negate(number)
        a = recorder.entry_of("exp", one)
        if a is not None and recorder.is_one(other):
            number = recorder.function("expm1", a[0])
            number = number if sign == 1 else recorder.negate(number)
            return recorder.told("exp(u) - 1", "expm1(u)", number)
    a = recorder.entry_of("cos", v)
    if a is not None and recorder.is_one(u):
        number = twice_squared_sine(recorder, a[0])
        return recorder.told("1 - cos(u)", "2 sin(u/2)^2", number)
    a, b = recorder.entry_of("sqrt", u), recorder.entry_of("sqrt", v)
    if a is None or b is None:
        return None
    gap = _gap(recorder, a[0], b[0])
    if gap is None:
        return None
    number = recorder.divide(gap, recorder.add(u, v))
    return recorder.told("sqrt(u) - sqrt(v)", "(u - v)/(sqrt(u) + sqrt(v))", number)


def _gap(recorder: FormRecorder, u: int, v: int) -> int | None:
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
