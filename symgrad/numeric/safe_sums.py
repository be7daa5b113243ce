"""Sums of exponentials, over an index or written out, with the largest taken out.

The one rule kept here: a number is exp(s)·r, and s, where it is the largest of several
exponents, is held constant. What is computed does not depend on it, so no derivative
needs it. Source: Blanchard, Higham and Higham, "Accurately computing the log-sum-exp
and softmax functions" (2021).
"""

from __future__ import annotations

import math

import sympy as sp

from symgrad.numeric import axes, exact
from symgrad.numeric.exact import Number
from symgrad.numeric.safe_parts import (
    MAX_PARTS,
    FormRecorder,
    exponents,
    factors,
    half,
    terms,
)
from symgrad.user_functions import UserFunction

HELD = UserFunction("held", None, (sp.Integer(0),))
"""a value without arguments, so that no derivative flows through it"""

CALM, RAW, SUM = 1, 2, 3
"""an exponential whose argument is shifted; one that is not; a sum of such ones"""

_JOINED = ("add", "subtract")
_FACTORS = ("multiply", "divide")
_SINGLE = ("negate", "integer_power", "sqrt", "power", "sum")


def level(recorder: FormRecorder, number: int) -> int:
    """Tell which exponentials an entry is made of: 0 for none, CALM, RAW or SUM."""
    found = recorder.levels
    for k in range(len(found), number + 1):
        name, *parts = recorder.entries[k]
        kind = depth = 0
        if name in (*_JOINED, *_FACTORS, *_SINGLE):
            below = [found[u] for u in parts[: 1 if name in _SINGLE else 2]]
            kind = max(each for each, _ in below)
            depth = 1 + max(each for _, each in below)
            if name == "sum":
                kind = SUM if kind == RAW else kind
            moves = name == "power" and recorder.value(parts[1]) is None
            if k in recorder.calm or moves or depth > MAX_PARTS:
                kind = 0
        elif name == "exp":
            kind = CALM if k in recorder.calm else RAW
        found.append((kind, depth if kind else 0))
    return found[number][0]


def log_of_sum(recorder: FormRecorder, u: int, and_one: bool = False) -> int | None:
    """log(u), or log(1 + u), where u is made of sums of exponentials."""
    if not recorder.axes or level(recorder, u) not in (CALM, SUM):
        return None
    one = recorder.constant(1)
    written = "log(sum(exp(u_i)))"
    computed = "m + log(sum(exp(u_i - m))), m the largest u_i"
    parts = terms(recorder, u) if recorder.entries[u][0] == "add" else []
    if and_one or one in parts:
        whole = recorder.record("add", one, u) if and_one else u
        rest = recorder.constant(0)
        if and_one:
            rest = u
        else:
            parts.remove(one)
            for part in parts:
                rest = recorder.add(rest, part)
        s = held(recorder, height(recorder, whole))
        minus = recorder.negate(s)
        more = shifted(recorder, rest, minus)
        inner = recorder.add(recorder.function("expm1", minus), more)
        number = recorder.add(s, recorder.function("log1p", inner))
        recorder.calm.add(number)
        return recorder.told(written, computed, number)
    s, r = split(recorder, u)
    entry = recorder.entries[r]
    if entry[0] == "divide" and recorder.is_one(entry[1]):
        number = recorder.subtract(s, recorder.function("log", entry[2]))
    else:
        number = recorder.add(s, recorder.function("log", r))
        recorder.calm.add(number)
    return recorder.told(written, computed, number)


def beside_log(recorder: FormRecorder, u: int, v: int) -> int | None:
    """u - log(v) as (u - m) - log(v/exp(m)), so that two large numbers cancel first."""
    entry = recorder.entries[v]
    if v not in recorder.calm or entry[0] != "add":
        return None
    return recorder.subtract(recorder.subtract(u, entry[1]), entry[2])


def over_sum(recorder: FormRecorder, u: int, v: int) -> int | None:
    """u/v where v is made of sums of exponentials, of three where they are written."""
    if v in recorder.calm:
        return None
    entry = recorder.entries[v]
    base = entry[1] if entry[0] == "integer_power" else v
    if base in recorder.calm:
        return None
    is_sum = recorder.axes and level(recorder, v) == SUM
    if not is_sum and len(exponents(recorder, base)) < 3:
        return None
    s, r = split(recorder, v)
    recorder.calm.add(r)
    number = recorder.divide(shifted(recorder, u, recorder.negate(s)), r)
    return recorder.told(
        "exp(u)/sum(exp(u_i))",
        "exp(u - m)/sum(exp(u_i - m)), m the largest u_i",
        number,
    )


def times_over_sum(recorder: FormRecorder, u: int, v: int) -> int | None:
    """u·v, one of which is a quotient by a sum, with their exponents put together."""
    if not recorder.calm:
        return None
    levels = level(recorder, u), level(recorder, v)
    if 0 in levels or RAW not in levels:
        return None
    if not any(_is_over_sum(recorder, k) for k in (u, v)):
        return None
    (s, r), (t, q) = (split(recorder, k) for k in (u, v))
    power = recorder.function("exp", together(recorder, s, t))
    if recorder.entries[power][0] == "exp":
        recorder.calm.add(power)
    return recorder.multiply(recorder.multiply(r, q), power)


def _is_over_sum(recorder: FormRecorder, u: int) -> bool:
    found = (recorder.entries[k] for k in factors(recorder, u))
    return any(entry[0] == "divide" and entry[2] in recorder.calm for entry in found)


# --- a number as exp(s)·r -------------------------------------------------------------


def split(recorder: FormRecorder, u: int) -> tuple[int, int]:
    """Give s and r of u = exp(s)·r; what has no exponentials is its own r."""
    known = recorder.splits.get(u)
    if known is None:
        known = recorder.splits[u] = _split(recorder, u)
    return known


def _split(recorder: FormRecorder, u: int) -> tuple[int, int]:
    zero, one = recorder.constant(0), recorder.constant(1)
    if not level(recorder, u):
        return zero, u
    name, *parts = recorder.entries[u]
    if name == "exp":
        return parts[0], one
    if name in _FACTORS:
        (s, r), (t, q) = (split(recorder, k) for k in parts)
        if name == "multiply":
            return together(recorder, s, t), recorder.multiply(r, q)
        return together(recorder, s, recorder.negate(t)), recorder.divide(r, q)
    if name in _SINGLE and name != "sum":
        s, r = split(recorder, parts[0])
        if name == "negate":
            return s, recorder.negate(r)
        if name == "sqrt":
            return half(recorder, s), recorder.function("sqrt", r)
        if name == "power":
            return recorder.multiply(parts[1], s), recorder.power(r, parts[1])
        n = recorder.constant(parts[1])
        return recorder.multiply(n, s), recorder.integer_power(r, parts[1])
    s = height(recorder, u)
    s = s if name == "sum" else held(recorder, s)
    r = shifted(recorder, u, recorder.negate(s))
    recorder.calm.add(r)
    return s, r


def height(recorder: FormRecorder, u: int) -> int:
    """Record the largest exponent in a number: -inf where that is 0."""
    entry = recorder.entries[u]
    if entry[0] in _JOINED:
        sides = (height(recorder, k) for k in entry[1:])
        return recorder.function("Max", *sides)
    if entry[0] == "sum" and level(recorder, u):
        inner = height(recorder, entry[1])
        return axes.repeated(recorder, "largest", inner, u)
    s, r = split(recorder, u)
    if recorder.value(r) is not None or r in recorder.calm:
        return s
    none = recorder.relation("equal", r, recorder.constant(0))
    return recorder.select(none, recorder.constant(-math.inf), s)


def held(recorder: FormRecorder, s: int) -> int:
    """Hold an exponent constant; 0 where it is infinite, as an index has it."""
    if recorder.value(s) is not None:
        return s
    infinite = recorder.constant(math.inf)
    is_finite = recorder.relation("less", recorder.function("Abs", s), infinite)
    zero = recorder.constant(0)
    return recorder.record("user", recorder.select(is_finite, s, zero), HELD)


def shifted(recorder: FormRecorder, u: int, t: int) -> int:
    """u·exp(t), the exponent put to those that are in u."""
    name, *parts = recorder.entries[u]
    if not level(recorder, u):
        return recorder.multiply(u, recorder.function("exp", t))
    if name == "exp":
        number = recorder.function("exp", recorder.add(parts[0], t))
        recorder.calm.add(number)
        return number
    if name == "sum":
        return axes.repeated(recorder, "sum", shifted(recorder, parts[0], t), u)
    if name in _JOINED:
        one, other = (shifted(recorder, k, t) for k in parts)
        join = recorder.add if name == "add" else recorder.subtract
        return join(one, other)
    if name == "negate":
        return recorder.negate(shifted(recorder, parts[0], t))
    if name == "divide" and not level(recorder, parts[1]):
        return recorder.divide(shifted(recorder, parts[0], t), parts[1])
    if name == "multiply" and not level(recorder, parts[0]):
        return recorder.multiply(parts[0], shifted(recorder, parts[1], t))
    if name == "multiply" and not level(recorder, parts[1]):
        return recorder.multiply(shifted(recorder, parts[0], t), parts[1])
    s, r = split(recorder, u)
    power = recorder.function("exp", together(recorder, s, t))
    recorder.calm.add(power)
    return recorder.multiply(r, power)


def together(recorder: FormRecorder, s: int, t: int) -> int:
    """s + t, where what stands in both cancels before anything is rounded."""
    counts: dict[int, Number] = {}
    todo: list[tuple[int, Number]] = [(t, 1), (s, 1)]
    while todo:
        k, c = todo.pop()
        name, *parts = recorder.entries[k]
        if name in _JOINED:
            sign = 1 if name == "add" else -1
            todo += [(parts[1], exact.multiply(sign, c)), (parts[0], c)]
        elif name == "negate":
            todo.append((parts[0], -c))
        elif name == "multiply" and (a := recorder.value(parts[0])) is not None:
            todo.append((parts[1], exact.multiply(a, c)))
        else:
            counts[k] = exact.add(counts.get(k, 0), c)
        if len(counts) + len(todo) > MAX_PARTS:
            return recorder.add(s, t)
    total = recorder.constant(0)
    for k, c in counts.items():
        total = recorder.add(total, recorder.multiply(recorder.constant(c), k))
    return total
