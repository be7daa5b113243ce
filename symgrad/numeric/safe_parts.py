"""What safe forms are made of: their recorder, sums of exponentials, own functions.

The one rule kept here: a part is looked for among few terms or factors, so that no
formula takes long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import sympy as sp
from sympy import Abs, Piecewise

from symgrad.numeric import exact
from symgrad.numeric.recorder import Recorder
from symgrad.user_functions import LETTERS, UserFunction

MAX_PARTS = 8
"""how many terms of a sum or factors of a product are looked through"""

_u, _v = LETTERS[:2]
_h = sp.sqrt(_u**2 + _v**2)
_cosine = sp.Mul(_u, 1 / _h, evaluate=False)
_sine = sp.Mul(_v, 1 / _h, evaluate=False)
VERSINE, LOG_COSH, ROOT_OF_SQUARE, DIRECTION, SIDE_RATIO = (
    UserFunction(name, None, slopes)
    for name, slopes in (
        ("versine", (sp.sin(_u),)),
        ("log_cosh", (sp.tanh(_u),)),
        ("root_of_square", (_u / Abs(_u),)),
        ("direction", (Piecewise((sp.Integer(0), sp.Ne(_u, 0)), (sp.nan, True)),)),
        # u/h of h = √(u² + v²): 1/h - u²/h³ would cancel where u is much the larger
        (
            "side_ratio",
            (
                sp.Mul(sp.Pow(_sine, 2, evaluate=False), 1 / _h, evaluate=False),
                sp.Mul(-1, _cosine, _sine, 1 / _h, evaluate=False),
            ),
        ),
    )
)
"""Functions with a derivative of their own; their values are recorded below."""


@dataclass
class FormRecorder(Recorder):
    """Writes entries; ``forms`` has pairs (what was written, what is computed).

    ``calm`` are exponentials, and sums of them, whose largest one is taken out;
    ``levels`` and ``splits`` are what safe_sums.py has found out.
    """

    forms: dict[tuple[str, str], None] = field(default_factory=dict)
    calm: set[int] = field(default_factory=set)
    levels: list[tuple[int, int]] = field(default_factory=list)
    splits: dict[int, tuple[int, int]] = field(default_factory=dict)

    def told(self, written: str, computed: str, number: int) -> int:
        self.forms[written, computed] = None
        return number

    def entry_of(self, name: str, number: int) -> tuple[int, ...] | None:
        """Give the arguments of an entry of this name, else None."""
        entry = self.entries[number]
        return entry[1:] if entry[0] == name else None

    def is_one(self, number: int) -> bool:
        return self.value(number) == 1


# --- sums and products --------------------------------------------------------------


def terms(recorder: Recorder, number: int) -> list[int]:
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


def exponent(recorder: FormRecorder, number: int) -> int | None:
    """Give a where an entry is exp(a): a number c > 0 is exp(log c)."""
    entry = recorder.entries[number]
    if entry[0] == "exp":
        return int(entry[1])
    if entry[0] == "constant":
        c = exact.to_float(entry[1])
        log = 0 if c == 1 else math.log(c) if 0 < c < math.inf else None
        return None if log is None else recorder.constant(log)
    if entry[0] == "multiply" and (a := recorder.entry_of("exp", entry[2])):
        shift = exponent(recorder, entry[1])
        if shift is not None and recorder.entries[shift][0] == "constant":
            return recorder.add(a[0], shift)
    return None


def exponents(recorder: FormRecorder, number: int) -> list[int]:
    """Give a, b, … where an entry is exp(a) + exp(b) + …; else nothing."""
    if recorder.entries[number][0] != "add":
        return []
    found = []
    parts = terms(recorder, number)
    if all(recorder.value(term) is not None for term in parts):
        return []
    for term in parts:
        a = exponent(recorder, term)
        if a is None:
            return []
        found.append(a)
    return found


def minus(recorder: FormRecorder, u: int) -> int:
    """-u, with the sign in the number of a product."""
    entry = recorder.entries[u]
    if entry[0] == "multiply" and (c := recorder.value(entry[1])) is not None:
        return recorder.multiply(recorder.constant(-c), entry[2])
    return recorder.negate(u)


def logistic(recorder: FormRecorder, u: int) -> int:
    return recorder.function("logistic", u)


def share(recorder: FormRecorder, a: int, b: int) -> int:
    """exp(a)/(exp(a) + exp(b))"""
    if recorder.value(a) == 0:
        return logistic(recorder, minus(recorder, b))
    return logistic(recorder, recorder.subtract(a, b))


def factors(recorder: FormRecorder, number: int) -> list[int]:
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


# --- functions with a derivative of their own ---------------------------------------


def half(recorder: FormRecorder, u: int) -> int:
    return recorder.multiply(recorder.constant(exact.divide(1, 2)), u)


def twice_squared_sine(recorder: FormRecorder, u: int) -> int:
    square = recorder.integer_power(recorder.function("sin", half(recorder, u)), 2)
    value = recorder.multiply(recorder.constant(2), square)
    return recorder.record("user", value, VERSINE, u)


def log_cosh(recorder: FormRecorder, u: int) -> int:
    size, two = recorder.function("Abs", u), recorder.constant(2)
    sine = recorder.function("sinh", half(recorder, u))
    square = recorder.integer_power(sine, 2)
    near = recorder.function("log1p", recorder.multiply(two, square))
    double = recorder.multiply(recorder.constant(-2), size)
    rest = recorder.subtract(
        recorder.function("softplus", double), recorder.constant(math.log(2))
    )
    is_near = recorder.relation("less", size, recorder.constant(1))
    value = recorder.select(is_near, near, recorder.add(size, rest))
    return recorder.record("user", value, LOG_COSH, u)


def direction(recorder: FormRecorder, u: int) -> int:
    is_zero = recorder.relation("equal", u, recorder.constant(0))
    sign = recorder.function("sign", u)
    value = recorder.select(is_zero, recorder.constant(math.nan), sign)
    return recorder.record("user", value, DIRECTION, u)


def side_ratio(recorder: FormRecorder, u: int, v: int, h: int) -> int:
    """u/h of h = hypot(u, v): ±1 where v does not count, at infinity too."""
    rest = recorder.record("divide", v, h)
    no_rest = recorder.relation("equal", rest, recorder.constant(0))
    ratio = recorder.record("divide", u, h)
    value = recorder.select(no_rest, recorder.function("sign", u), ratio)
    return recorder.record("user", value, SIDE_RATIO, u, v)
