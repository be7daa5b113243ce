"""Where operations are written down, each once, with constants folded.

The one rule kept here: folding neither hangs nor overflows. Numbers stay exact while
they are short, become floats when they are not, and infinite beyond all floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from symgrad.numeric import exact
from symgrad.numeric.entries import COMMUTATIVE, Axes, Entry, place_on_axes
from symgrad.numeric.exact import Number

MAX_INTEGER_POWER = 32


@dataclass
class Recorder:
    """Writes entries; every method gives the number of the entry for its result.

    ``axes`` is empty in a program without indexed data and sums over an index;
    ``masks`` are, of an index whose bounds move with another one, the conditions that
    it is within them.
    """

    entries: list[Entry] = field(default_factory=list)
    numbers: dict[Any, int] = field(default_factory=dict)
    axes: Axes = field(default_factory=dict)
    masks: dict[int, int] = field(default_factory=dict)

    def record(self, *entry: Any) -> int:
        """Give the number of this very entry, old or new."""
        key: Any = entry
        if entry[0] in COMMUTATIVE and entry[1] > entry[2]:
            key = (entry[0], entry[2], entry[1])
        elif entry[0] == "constant":
            key = ("constant", repr(entry[1]))
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = len(self.entries)
            self.entries.append(entry)
            if self.axes:
                place_on_axes(self.axes, number, entry)
        return number

    def record_indexed(self, *entry: Any) -> int:
        """Record an index or a datum, which may be the first to have axes."""
        number = self.record(*entry)
        place_on_axes(self.axes, number, entry)
        return number

    def constant(self, value: Number) -> int:
        """Record a number: exact where that is cheap, else a float."""
        return self.record("constant", exact.normal(value))

    def written(self, text: str, value: float) -> int:
        """Record a decimal or a number that has a name, such as pi, as a float."""
        return self.constant(value)

    def truth(self, value: bool) -> int:
        return self.record("truth", int(value))

    def value(self, number: int) -> Number | None:
        """Give the number behind a constant entry, else None."""
        entry = self.entries[number]
        return entry[1] if entry[0] == "constant" else None

    # --- arithmetic ---------------------------------------------------------------

    def negate(self, u: int) -> int:
        entry = self.entries[u]
        if entry[0] == "constant":
            return self.constant(-entry[1])
        if entry[0] == "negate":
            return int(entry[1])
        if entry[0] == "subtract":
            return self.subtract(entry[2], entry[1])
        return self.record("negate", u)

    def add(self, u: int, v: int) -> int:
        a, b = self.value(u), self.value(v)
        if a is not None and b is not None:
            return self.constant(exact.add(a, b))
        if a == 0:
            return v
        if b == 0:
            return u
        if (minus := self._opposite(v)) is not None:
            return self.subtract(u, minus)
        if (minus := self._opposite(u)) is not None:
            return self.subtract(v, minus)
        return self.record("add", u, v)

    def subtract(self, u: int, v: int) -> int:
        a, b = self.value(u), self.value(v)
        if a is not None and b is not None:
            return self.constant(exact.add(a, -b))
        if b == 0:
            return u
        if u == v:  # as SymPy has it; a root of it then has no slope ∞·0
            return self.constant(0)
        if a == 0:
            return self.negate(v)
        if (minus := self._opposite(v)) is not None:
            return self.add(u, minus)
        return self.record("subtract", u, v)

    def _opposite(self, u: int) -> int | None:
        """Give -u where that is no dearer to have than u."""
        entry = self.entries[u]
        if entry[0] == "negate":
            return int(entry[1])
        if entry[0] == "constant" and entry[1] < 0:
            return self.constant(-entry[1])
        if entry[0] in ("multiply", "divide"):
            factor = self.value(entry[1])
            if factor is not None and factor < 0:
                positive = self.constant(-factor)
                if entry[0] == "divide":
                    return self.divide(positive, entry[2])
                return self.multiply(positive, entry[2])
        return None

    def multiply(self, u: int, v: int) -> int:
        if self.value(u) is None and self.value(v) is not None:
            u, v = v, u  # the number first, as people write it
        a, b = self.value(u), self.value(v)
        if a is not None:
            if b is not None:
                return self.constant(exact.multiply(a, b))
            if a in (0, 1, -1):
                return {0: u, 1: v}[int(a)] if a >= 0 else self.negate(v)
            inner = self.entries[v]
            if inner[0] == "multiply" and (c := self.value(inner[1])) is not None:
                product = exact.multiply(a, c)
                if product and math.isfinite(exact.to_float(product)):
                    return self.multiply(self.constant(product), inner[2])
            if inner[0] == "negate":
                return self.multiply(self.constant(-a), inner[1])
        elif self.entries[u][0] == "negate" and self.entries[v][0] == "negate":
            return self.multiply(self.entries[u][1], self.entries[v][1])
        elif u == v:
            return self.record("integer_power", u, 2)
        return self.record("multiply", u, v)

    def divide(self, u: int, v: int) -> int:
        a, b = self.value(u), self.value(v)
        if a is not None and b is not None:
            return self.constant(exact.divide(a, b))
        if b in (1, -1):
            return u if b == 1 else self.negate(u)
        if a == 0:
            return u
        return self.record("divide", u, v)

    def power(self, u: int, v: int) -> int:
        """Record u**v: roots, divisions and multiplications where v is known."""
        exponent = self.value(v)
        if exponent is None:
            return self.function("exp", v) if self._is_e(u) else self._fold_power(u, v)
        if math.isfinite(exact.to_float(exponent)) and exponent == int(exponent):
            n = int(exponent)
            if 0 <= n <= MAX_INTEGER_POWER:
                return self.integer_power(u, n)
            if -MAX_INTEGER_POWER <= n < 0:
                return self.divide(self.constant(1), self.integer_power(u, -n))
        if exponent == Fraction(1, 2):
            return self.function("sqrt", u)
        if exponent == Fraction(-1, 2):
            return self.divide(self.constant(1), self.function("sqrt", u))
        return self._fold_power(u, v)

    def _is_e(self, u: int) -> bool:
        return self.value(u) == math.e

    def _fold_power(self, u: int, v: int) -> int:
        if self.value(u) == 1:
            return u
        return self.function("power", u, v)

    def integer_power(self, u: int, n: int) -> int:
        """Record u**n for 0 ≤ n; its price is that of repeated squaring."""
        if n == 0:
            return self.constant(1)
        base = self.value(u)
        if n == 1 or base == 1:
            return u
        if base is not None:
            product = base
            for _ in range(n - 1):
                product = exact.multiply(product, base)
            return self.constant(product)
        return self.record("integer_power", u, n)

    # --- functions and choices ----------------------------------------------------

    def function(self, name: str, *arguments: int) -> int:
        """Record a function; of numbers, its value, where that is an ordinary one."""
        known = [self.value(u) for u in arguments]
        numbers = [exact.to_float(c) for c in known if c is not None]
        fold = _FOLDS.get(name)
        if fold is not None and len(numbers) == len(known):
            try:
                result = fold(*numbers)
            except (ValueError, OverflowError, ZeroDivisionError):
                result = math.nan  # left to the program, which knows nan and inf
            if math.isfinite(result):
                return self.constant(result)
        return self.record(name, *arguments)

    def select(self, condition: int, u: int, v: int) -> int:
        entry = self.entries[condition]
        if entry[0] == "truth":
            return u if entry[1] else v
        return u if u == v else self.record("select", condition, u, v)

    def relation(self, name: str, u: int, v: int) -> int:
        a, b = self.value(u), self.value(v)
        if a is not None and b is not None:
            return self.truth(_RELATIONS[name](a, b))
        return self.record(name, u, v)

    def connect(self, name: str, u: int, v: int) -> int:
        """Record ``u and v`` or ``u or v``."""
        decided = 0 if name == "and" else 1
        for one, other in ((u, v), (v, u)):
            entry = self.entries[one]
            if entry[0] == "truth":
                return one if entry[1] == decided else other
        return u if u == v else self.record(name, u, v)

    def invert(self, u: int) -> int:
        entry = self.entries[u]
        if entry[0] == "truth":
            return self.truth(not entry[1])
        return int(entry[1]) if entry[0] == "not" else self.record("not", u)


_FOLDS: dict[str, Callable[..., float]] = {
    **{
        name: getattr(math, name)
        for name in (
            *("exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan"),
            *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc"),
            *("log2", "log10", "log1p", "expm1", "gamma", "atan2", "hypot"),
        )
    },
    "power": math.pow,
    "Abs": abs,
    "Max": max,
    "Min": min,
}
_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "less": lambda a, b: bool(a < b),
    "less_equal": lambda a, b: bool(a <= b),
    "greater": lambda a, b: bool(a > b),
    "greater_equal": lambda a, b: bool(a >= b),
    "equal": lambda a, b: bool(a == b),
    "not_equal": lambda a, b: bool(a != b),
}
