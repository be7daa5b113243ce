"""Quotients and products of exponentials, recorded so that nothing overflows.

The one rule kept here: a quotient is changed as a whole or not at all, and none needs
a function of a larger number than the one that was written.
"""

from __future__ import annotations

from symgrad.numeric import exact
from symgrad.numeric.ratios import ratio
from symgrad.numeric.safe_parts import (
    MAX_PARTS,
    ROOT_OF_SQUARE,
    VERSINE,
    FormRecorder,
    direction,
    exponent,
    exponents,
    factors,
    logistic,
    minus,
    share,
    side_ratio,
)
from symgrad.numeric.safe_sums import over_sum


def quotient(recorder: FormRecorder, u: int, v: int) -> int | None:
    if (found := over_sum(recorder, u, v)) is not None:
        return found
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
            if exponents(recorder, entry[k]):
                over = recorder.divide(u, entry[k])
                return recorder.divide(over, entry[3 - k])
        return None
    if entry[0] == "cosh" and recorder.entry_of("sinh", u) == entry[1:]:
        tangent = recorder.function("tanh", entry[1])
        return recorder.told("sinh(u)/cosh(u)", "tanh(u)", tangent)
    if entry[0] == "add" and (found := _softsign(recorder, u, v)) is not None:
        return found
    if recorder.value(u) is None and (found := _one_over(recorder, u, v)) is not None:
        return found
    return _over(recorder, u, v, 1)


def _one_over(recorder: FormRecorder, u: int, v: int) -> int | None:
    """One factor of u over v as a function of its own, times the others."""
    parts = factors(recorder, u)
    for part in parts:
        found = _ratio(recorder, part, v)
        if found is not None:
            parts.remove(part)
            for other in parts:
                found = recorder.multiply(other, found)
            return found
    return None


def _ratio(recorder: FormRecorder, u: int, v: int) -> int | None:
    if recorder.entries[u][1:] == (v,):
        return ratio(recorder, u)
    if _is_absolute(recorder, v, u):
        return recorder.told("u/|u|", "sign(u)", direction(recorder, u))
    sides = _sides(recorder, v)
    if u not in sides or recorder.value(u) is not None:
        return None
    sides.remove(u)
    rest, *others = sides
    for other in others:
        rest = recorder.function("hypot", rest, other)
    number = side_ratio(recorder, u, rest, v)
    return recorder.told("the slopes of u/sqrt(u^2 + v^2)", "v^2/hypot(u, v)^3", number)


def _sides(recorder: FormRecorder, number: int) -> list[int]:
    """The sides of a hypot, and of those in it."""
    entry = recorder.entries[number]
    if entry[0] != "hypot":
        return []
    found: list[int] = []
    todo = [entry[2], entry[1]]
    while todo and len(found) < MAX_PARTS:
        entry = recorder.entries[todo[-1]]
        number = todo.pop()
        if entry[0] == "hypot":
            todo += [entry[2], entry[1]]
        else:
            found.append(number)
    return [] if todo else found


def _softsign(recorder: FormRecorder, u: int, v: int) -> int | None:
    for one, other in (recorder.entries[v][1:], recorder.entries[v][:0:-1]):
        if recorder.is_one(one) and recorder.entries[other] == ("Abs", u):
            number = recorder.function("softsign", u)
            return recorder.told("u/(1 + |u|)", "softsign(u)", number)
    return None


def _is_absolute(recorder: FormRecorder, v: int, u: int) -> bool:
    entry = recorder.entries[v]
    if entry[0] == "user":
        return bool(entry[2] is ROOT_OF_SQUARE and entry[3] == u)
    return entry == ("Abs", u) and recorder.value(u) is None


def _versine(recorder: FormRecorder, u: int, v: int) -> int | None:
    """(1 - cos v)/v², as (sin h/h)²/2 of h = v/2"""
    entry = recorder.entries[u]
    if entry[0] != "user" or entry[2] is not VERSINE or entry[3] != v:
        return None
    half = recorder.constant(exact.divide(1, 2))
    sine = recorder.function("sin", recorder.multiply(half, v))
    found = ratio(recorder, sine)
    assert found is not None
    number = recorder.multiply(half, recorder.integer_power(found, 2))
    return recorder.told("(1 - cos(u))/u^2", "(sin(u/2)/(u/2))^2/2", number)


def _tanh(recorder: FormRecorder, u: int, a: int, b: int) -> int | None:
    """(exp(a) - exp(b))/(exp(a) + exp(b)) = tanh((a - b)/2)"""
    entry = recorder.entries[u]
    sign = -1 if entry[0] == "negate" else 1
    entry = recorder.entries[entry[1]] if sign == -1 else entry
    zero = recorder.constant(0)
    if entry[0] == "expm1":
        above = [entry[1], zero]
    elif entry[0] == "subtract":
        found = [exponent(recorder, k) for k in entry[1:]]
        above = [k for k in found if k is not None]
    else:
        return None
    if sorted(above) != sorted((a, b)):
        return None
    half = recorder.constant(exact.divide(sign, 2))
    gap = recorder.multiply(half, recorder.subtract(*above))
    number = recorder.function("tanh", gap)
    return recorder.told("(exp(u) - exp(-u))/(exp(u) + exp(-u))", "tanh(u)", number)


def _over(recorder: FormRecorder, u: int, v: int, times: int) -> int | None:
    """u/v^times of v = exp(a) + exp(b), term by term: each factor over one sum."""
    below = exponents(recorder, v)
    entry = recorder.entries[u]
    if len(below) != 2:
        return None
    if entry[0] in ("add", "subtract") and times > 1:
        sides = [_over(recorder, k, v, times) for k in entry[1:]]
        if None in sides:
            return None
        number: int = getattr(recorder, entry[0])(*sides)
        return number
    parts = factors(recorder, u)
    if not parts:
        return None
    shares: list[int] = []
    for _ in range(times):
        found = _share_of(recorder, parts, v, below)
        if found is None:
            return None
        shares.append(found)
    product = recorder.constant(1)
    for k in (*parts, *shares):
        product = recorder.multiply(product, k)
    return recorder.told("1/(1 + exp(-u))", "logistic(u)", product)


def _share_of(
    recorder: FormRecorder, parts: list[int], v: int, below: list[int]
) -> int | None:
    """One of the parts over v = exp(a) + exp(b), and taken from their list."""
    if v in parts:
        parts.remove(v)
        return recorder.constant(1)
    for a, b in (below, below[::-1]):
        double = recorder.multiply(recorder.constant(2), a)
        for k in parts:
            exponent = recorder.entry_of("exp", k)
            if exponent in ((a,), (double,)):
                parts.remove(k)
                if exponent == (double,):
                    parts.append(recorder.function("exp", a))
                return share(recorder, a, b)
    for k in parts:
        tangent = _tanh(recorder, k, *below)
        if tangent is not None:
            parts.remove(k)
            return tangent
    for a, b in (below, below[::-1]):
        if recorder.value(a) == 0:
            return share(recorder, a, b)
    return None


def inverse_times(recorder: FormRecorder, inverse: int, other: int) -> int | None:
    """(w/v)·other as one quotient, where w·other over v is a form that is safe."""
    _, w, v = recorder.entries[inverse]
    below, kind = recorder.entries[v], recorder.entries[other][0]
    if below[0] == "logistic" and recorder.is_one(w):
        parts = factors(recorder, other)
        if v not in parts:
            return None
        parts.remove(v)
        product = recorder.constant(1)
        for factor in parts:
            product = recorder.multiply(product, factor)
        return product
    if below[0] == "hypot" and (found := _ratio(recorder, other, v)) is not None:
        return recorder.multiply(w, found)
    pairs = {"cosh": "sinh", "exp": "exp"}
    if pairs.get(below[0]) == kind or (kind == "exp" and exponents(recorder, v)):
        return recorder.divide(recorder.multiply(w, other), v)
    return None


def exp_times(recorder: FormRecorder, power: int, other: int) -> int | None:
    """exp(a)·logistic(-a) = logistic(a)"""
    a = recorder.entries[power][1]
    if recorder.entries[other][0] not in _PRODUCTS:
        return None
    parts = factors(recorder, other)
    for k in parts:
        found = recorder.entry_of("logistic", k)
        if found is not None and found[0] == minus(recorder, a):
            parts.remove(k)
            product = logistic(recorder, a)
            for factor in parts:
                product = recorder.multiply(factor, product)
            return product
    return None


_PRODUCTS = ("logistic", "multiply", "negate", "integer_power")
