"""A graph as a tape: operations on plain whole numbers, each recorded once.

The one rule kept here: an entry is made by the recorder alone, which folds constants
and finds equal entries, so that nothing downstream needs a search for common parts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Entry = tuple[Any, ...]
"""(operation, argument numbers …); see ``operands`` for the four that differ."""

MAX_EXACT_BITS = 256
MAX_INTEGER_POWER = 32
LEAVES = ("argument", "constant", "truth")
COMMUTATIVE = ("add", "multiply", "Max", "Min", "equal", "not_equal", "and", "or")


def operands(entry: Entry) -> tuple[int, ...]:
    """Give the numbers of the entries that an entry uses."""
    if entry[0] in LEAVES:
        return ()
    if entry[0] in ("integer_power", "hold"):
        return entry[1:2]
    return entry[1:]


@dataclass(frozen=True)
class Tape:
    """A straight-line program of operations, SymPy-free and picklable.

    ``values`` are the entries of the outputs, ``partials`` one row of entries for
    each output. ``names`` are (entry, name) pairs for the stages, ``hints`` for their
    adjoints; ``parameters`` are the places in ``arguments`` of what is learned.
    """

    entries: tuple[Entry, ...]
    arguments: tuple[str, ...]
    values: tuple[int, ...]
    partials: tuple[tuple[int, ...], ...] = ()
    names: tuple[tuple[int, str], ...] = ()
    hints: tuple[tuple[int, str], ...] = ()
    parameters: tuple[int, ...] = ()

    @property
    def operations(self) -> int:
        """Count the operations: constants and arguments are none."""
        return sum(entry[0] not in LEAVES for entry in self.entries)

    @property
    def roots(self) -> tuple[int, ...]:
        """All entries that are results, values first."""
        return (*self.values, *(k for row in self.partials for k in row))


@dataclass
class Recorder:
    """Writes entries; every method gives the number of the entry for its result."""

    entries: list[Entry] = field(default_factory=list)
    numbers: dict[Any, int] = field(default_factory=dict)

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
        return number

    def constant(self, value: int | float | Fraction) -> int:
        """Record a number: exact where that is cheap, else a float."""
        return self.record("constant", _normal(value))

    def truth(self, value: bool) -> int:
        return self.record("truth", int(value))

    def value(self, number: int) -> int | float | Fraction | None:
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
            return self.constant(_add(a, b))
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
            return self.constant(_add(a, -b))
        if b == 0:
            return u
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
                return self.constant(_multiply(a, b))
            if a in (0, 1, -1):
                return {0: u, 1: v}[int(a)] if a >= 0 else self.negate(v)
            inner = self.entries[v]
            if inner[0] == "multiply" and (c := self.value(inner[1])) is not None:
                product = _multiply(a, c)
                if 0 < abs(product) < math.inf:
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
            return self.constant(_divide(a, b))
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
        if exponent == int(exponent) if abs(exponent) < math.inf else False:
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
                product = _multiply(product, base)
            return self.constant(product)
        return self.record("integer_power", u, n)

    # --- functions and choices ----------------------------------------------------

    def function(self, name: str, *arguments: int) -> int:
        """Record a function; of numbers, its value, where that is an ordinary one."""
        known = [self.value(u) for u in arguments]
        fold = _FOLDS.get(name)
        if fold is not None and all(c is not None for c in known):
            try:
                result = fold(*(to_float(c) for c in known))
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
            "atan2",
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

Number = int | float | Fraction


def to_float(value: Number | None) -> float:
    """Give the nearest float, infinite where the number is beyond all floats."""
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]


def _normal(value: Number) -> Number:
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return _normal(value.numerator)
        bits = value.numerator.bit_length() + value.denominator.bit_length()
        return value if bits <= MAX_EXACT_BITS else to_float(value)
    if isinstance(value, int):
        return int(value) if value.bit_length() <= MAX_EXACT_BITS else to_float(value)
    return float(value)


def _exactly(a: Number, b: Number) -> tuple[Number, Number]:
    """Both as exact numbers, or both as floats, so that nothing overflows."""
    if isinstance(a, float) or isinstance(b, float):
        return to_float(a), to_float(b)
    return a, b


def _add(a: Number, b: Number) -> Number:
    a, b = _exactly(a, b)
    return a + b


def _multiply(a: Number, b: Number) -> Number:
    a, b = _exactly(a, b)
    return _normal(a * b)


def _divide(a: Number, b: Number) -> Number:
    a, b = _exactly(a, b)
    if b == 0:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a)
    return a / b if isinstance(a, float) else Fraction(a) / Fraction(b)


def reachable(entries: Sequence[Entry], roots: Iterable[int]) -> list[int]:
    """List the entries that the roots need, in order."""
    found: set[int] = set()
    todo = list(roots)
    while todo:
        number = todo.pop()
        if number not in found:
            found.add(number)
            todo.extend(operands(entries[number]))
    return sorted(found)


def finish(
    recorder: Recorder,
    arguments: Sequence[str],
    values: Sequence[int],
    partials: Sequence[Sequence[int]] = (),
    *,
    names: Iterable[tuple[int, str]] = (),
    hints: Iterable[tuple[int, str]] = (),
    parameters: Iterable[int] = (),
) -> Tape:
    """Keep what the results need, with whole powers as multiplications.

    Held stages become what they hold: they cost nothing.
    """
    roots = [*values, *(k for row in partials for k in row)]
    lowered = Recorder()
    new: dict[int, int] = {}
    for number in reachable(recorder.entries, roots):
        entry = recorder.entries[number]
        if entry[0] in LEAVES:
            new[number] = lowered.record(*entry)
        elif entry[0] == "hold":
            new[number] = new[entry[1]]
        elif entry[0] == "integer_power":
            new[number] = _squarings(lowered, new[entry[1]], entry[2])
        else:
            new[number] = lowered.record(entry[0], *(new[k] for k in entry[1:]))
    return Tape(
        tuple(lowered.entries),
        tuple(arguments),
        tuple(new[k] for k in values),
        tuple(tuple(new[k] for k in row) for row in partials),
        _first_names(names, new),
        _first_names(hints, new),
        tuple(parameters),
    )


def _first_names(
    names: Iterable[tuple[int, str]], new: dict[int, int]
) -> tuple[tuple[int, str], ...]:
    """Give each entry that is kept the first of its names."""
    found: dict[int, str] = {}
    for number, name in names:
        if number in new:
            found.setdefault(new[number], name)
    return tuple(found.items())


def _squarings(recorder: Recorder, u: int, n: int) -> int:
    """Record u**n as the binary digits of n say, the highest first."""
    power = u
    for digit in bin(n)[3:]:
        power = recorder.record("multiply", power, power)
        if digit == "1":
            power = recorder.record("multiply", power, u)
    return power
