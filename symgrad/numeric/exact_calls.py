"""Numeric functions at any precision with mpmath, and exact ones with SymPy.

The one rule kept here: nothing of an argument is lost. What mpmath gives is computed
twice, at two precisions, until both agree in the digits that were asked for.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from mpmath import MPContext
from mpmath.libmp import mpf_pos

from symgrad.errors import ArgumentTypeError, ArgumentValueError, short
from symgrad.numeric import sympy_numbers
from symgrad.numeric.codegen.data_harness import checked_data, told_by_data
from symgrad.numeric.codegen.harness import bind
from symgrad.numeric.exact_runs import Arithmetic, run_exactly
from symgrad.numeric.mpmath_numbers import operations_of
from symgrad.numeric.tape import Tape

EXACT = ("mpmath", "sympy")
DIGITS = 50
"""what mpmath computes where no number of digits is given"""
MAX_DIGITS = 100_000
_GUARD = 15
_DOUBLINGS = 5
_DOUBLINGS_OF_INTEGRALS = 2

_Point = list[Any]
"""the arguments of one point: exact numbers, object arrays of them"""


@dataclass(frozen=True)
class ExactJob:
    """One tape for one of the two back ends; ``digits`` are those of mpmath."""

    tape: Tape
    listed: bool
    vector: int
    reduce: str
    backend: str
    digits: int

    def __call__(self, /, *args: Any, **named: Any) -> Any:
        """Compute one point, or each point of arrays that broadcast to one shape."""
        values = self._settled(args, named)
        shape, points = self._points(values)
        compute = self._to_digits if self.backend == "mpmath" else self._symbolic
        rows = [compute(point) for point in points]
        if self.reduce:
            rows, shape = [self._added(rows)], ()
        return self._formed(rows, shape)

    # --- arguments ------------------------------------------------------------------

    def _settled(self, args: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
        """All arguments in order, as exact numbers or object arrays of them."""
        names, count = self.tape.arguments, self.vector
        given, rest = list(args), names
        if count:
            if not args:
                raise ArgumentTypeError(
                    f"missing the vector of {', '.join(names[:count])}"
                )
            vector = self._exact("vector", args[0])
            if np.shape(vector) != (count,):
                raise ArgumentValueError(
                    f"the vector has shape {np.shape(vector)}; expected ({count},), "
                    f"one number each for {', '.join(names[:count][:12])}"
                )
            given, rest = given[1:], names[count:]
        known = {**dict(zip(rest, given, strict=False)), **named}
        if self.tape.data:
            known = self._told(known)
            named = {n: v for n, v in known.items() if n in rest[len(given) :]}
        bound = bind(rest, given, named)
        found = [self._exact(n, v) for n, v in zip(rest, bound, strict=True)]
        return [*vector, *found] if count else found

    def _told(self, known: dict[str, Any]) -> dict[str, Any]:
        """Add the counts that the lengths of data tell, and x_k by x and k."""
        arrays, counts, elements, nests = self.tape.data
        names = self.tape.arguments
        known = told_by_data(names, known, (arrays, counts, (), nests))
        for element, place, chosen in elements:
            needed = [names[place], *(names[k] for k, _ in chosen if k >= 0)]
            if names[element] in known or not {*needed} <= {*known}:
                continue
            data = self._exact(names[place], known[names[place]])
            where = []
            for (count, offset), (first, _) in zip(
                chosen, dict(arrays)[place], strict=True
            ):
                k = Fraction(known[names[count]]) + offset if count >= 0 else offset
                if k.denominator != 1 or not 0 <= k - first < np.shape(data)[len(where)]:
                    raise ArgumentValueError(
                        f"the place {k} of {names[element]!r} is not among the data "
                        f"{names[place]!r}"
                    )
                where.append(int(k) - first)
            known[names[element]] = data[tuple(where)]
        return known

    def _exact(self, name: str, value: Any) -> Any:
        """An exact number, or an object array of them."""
        if not isinstance(value, list | tuple | np.ndarray):
            return exact_number(name, value)
        array = np.array(value, dtype=object)
        found = np.empty(array.shape, dtype=object)
        for place in np.ndindex(array.shape):
            found[place] = exact_number(name, array[place])
        return found if array.ndim else found[()]

    def _points(self, values: list[Any]) -> tuple[tuple[int, ...], list[_Point]]:
        """The batch shape, and the arguments of each point."""
        names = self.tape.arguments
        own = {place: len(dims) for place, dims in self.tape.data[:1] and self.tape.data[0]}
        floats = [v if np.ndim(v) else _as_float(v) for v in values]
        for place, dims in self.tape.data[:1] and self.tape.data[0]:
            shape_only = [*floats]
            shape_only[place] = np.zeros(np.shape(values[place]))
            checked_data(names, shape_only, place, dims)
        shapes = [np.shape(v)[: np.ndim(v) - own.get(k, 0)] for k, v in enumerate(values)]
        try:
            shape = np.broadcast_shapes(*shapes)
        except ValueError:
            listed = ", ".join(
                f"{n} {s}" for n, s in zip(names, shapes, strict=True) if s
            )
            raise ArgumentValueError(
                f"arguments do not broadcast to one shape: {listed}"
            ) from None
        full = [
            np.broadcast_to(v, (*shape, *np.shape(v)[len(s) :])) if np.ndim(v) else v
            for v, s in zip(values, shapes, strict=True)
        ]
        points = [
            [v[place] if np.ndim(v) else v for v in full] for place in np.ndindex(shape)
        ]
        return shape, points

    # --- one point ------------------------------------------------------------------

    def _symbolic(self, point: _Point) -> list[Any]:
        kind = Arithmetic(
            sympy_numbers.number,
            sympy_numbers.exact_operations(),
            sympy_numbers.whole,
            _no_integral,
        )
        given = [_each(v, _as_exact) for v in point]
        return [value.expr for value in run_exactly(self.tape, given, kind)]

    def _to_digits(self, point: _Point) -> list[Any]:
        """Twice as many digits, until two runs agree in those that are wanted."""
        integrals = any(entry[0] == "integral" for entry in self.tape.entries)
        doublings = _DOUBLINGS_OF_INTEGRALS if integrals else _DOUBLINGS
        digits = self.digits + _GUARD
        before = self._run(point, digits)
        for _ in range(doublings):
            digits *= 2
            found = self._run(point, digits)
            if all(_agree(a, b, self.digits) for a, b in zip(before, found, strict=True)):
                break
            before = found
        else:
            found = [self._cancelled(a, digits) for a in found] if not integrals else found
            bad = [
                k
                for k, (a, b) in enumerate(zip(before, found, strict=True))
                if b != 0 and not _agree(a, b, self.digits)
            ]
            if bad:
                raise ArgumentValueError(
                    f"no {self.digits} digits are found at this point: "
                    f"{digits} digits give {mpmath.nstr(found[bad[0]], 8)}, half as "
                    f"many {mpmath.nstr(before[bad[0]], 8)}; use fewer digits"
                )
        return [_rounded(value, self.digits) for value in found]

    def _cancelled(self, value: Any, digits: int) -> Any:
        """0 for what is as small as rounding leaves it: sin² + cos² - 1."""
        is_left = mpmath.isfinite(value) and mpmath.mag(value) < -3 * digits
        return value * 0 if is_left else value

    def _run(self, point: _Point, digits: int) -> list[Any]:
        kind = _kinds.at(digits)
        given = [_each(v, kind.number) for v in point]
        return run_exactly(self.tape, given, kind)

    # --- results --------------------------------------------------------------------

    def _added(self, rows: list[list[Any]]) -> list[Any]:
        """The sums or means of all results over the points."""
        if not rows:
            raise ArgumentValueError("there are no samples to add")
        count = len(rows) if self.reduce == "mean" else 1
        if self.backend == "sympy":
            return [sp.Add(*column) / count for column in zip(*rows, strict=True)]
        total = _kinds.at(2 * self.digits + _GUARD).number
        return [
            _rounded(sum(column, total(0)) / count, self.digits)
            for column in zip(*rows, strict=True)
        ]

    def _formed(self, rows: list[list[Any]], shape: tuple[int, ...]) -> Any:
        tape = self.tape
        count = len(tape.partials[0]) if tape.partials else 0
        table = np.empty((len(tape.roots), *shape), dtype=object)
        flat = table.reshape(len(tape.roots), len(rows))
        for k, row in enumerate(rows):
            for number, value in enumerate(row):
                flat[number, k] = value
        outputs = len(tape.values) if self.listed else 0
        values = table[: len(tape.values)]
        value = values if outputs else values[0]
        if not count:
            return value
        grads = table[len(tape.values) :]
        lead = (len(tape.partials),) if self.listed else ()
        return value, grads.reshape(*lead, count, *shape)


def exact_number(name: str, value: Any) -> Any:
    """Take an argument as it is: a fraction, an infinite float, a number of SymPy's.

    >>> exact_number("x", "0.1"), exact_number("x", 0.5), exact_number("x", sp.pi)
    (Fraction(1, 10), Fraction(1, 2), pi)

    A float is the binary fraction that it holds. Raises ``ArgumentTypeError`` for what
    is no real number, ``ArgumentValueError`` for a text that is none.
    """
    if isinstance(value, str):
        try:
            return Fraction(value.strip())
        except (ValueError, ZeroDivisionError):
            raise ArgumentValueError(
                f"argument {name!r} is {short(value)}; expected a number such as "
                "'0.1' or '1/3'"
            ) from None
    if isinstance(value, sp.Expr):
        return _of_sympy(name, value)
    if hasattr(value, "_mpf_"):
        return _of_mpmath(value)
    try:
        return Fraction(*value.as_integer_ratio())
    except (OverflowError, ValueError):  # infinite, or nan
        return float(value)
    except (AttributeError, TypeError):
        raise ArgumentTypeError(
            f"argument {name!r} is of type {type(value).__name__}; expected a real "
            "number, a text such as '0.1', or an array of them"
        ) from None


def _of_sympy(name: str, value: sp.Expr) -> Any:
    if isinstance(value, sp.Rational):
        return Fraction(int(value.p), int(value.q))
    if isinstance(value, sp.Float):
        return _of_mpmath(value)
    if value in (sp.oo, -sp.oo, sp.nan):
        return float(value)
    if not value.is_number or value.has(sp.Float) or not value.is_extended_real:
        raise ArgumentTypeError(
            f"argument {name!r} is {short(value)}; expected a real number without "
            "floats in it"
        )
    return value


def _of_mpmath(value: Any) -> Any:
    sign, mantissa, exponent, bits = value._mpf_
    if not mantissa and exponent:
        return float(value)
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    if not isinstance(value, np.ndarray):
        return change(value)
    found = np.empty(value.shape, dtype=object)
    for place in np.ndindex(value.shape):
        found[place] = change(value[place])
    return found


def _as_exact(value: Any) -> Any:
    if isinstance(value, sp.Expr):
        return sympy_numbers.exact(value)
    return sympy_numbers.number(value)


def _no_integral(*args: Any) -> Any:
    raise AssertionError("a tape with integrals is refused before it is run")


def _agree(before: Any, found: Any, digits: int) -> bool:
    if found != found or before != before:
        return bool(found != found and before != before)
    if before == found:
        return True
    if not (mpmath.isfinite(before) and mpmath.isfinite(found)):
        return False
    distance = mpmath.mag(before - found) - mpmath.mag(found)
    return bool(distance < -3.3219281 * digits - 4)


def _rounded(value: Any, digits: int) -> Any:
    """The value as a number of ``mpmath.mp``, whatever its own precision is."""
    bits = int(3.3219281 * digits) + 4
    return mpmath.mp.make_mpf(mpf_pos(value._mpf_, bits, "n"))


class _Kinds(threading.local):
    """mpmath's numbers at each precision; a context serves one thread alone."""

    def __init__(self) -> None:
        self.known: dict[int, Arithmetic] = {}

    def at(self, digits: int) -> Arithmetic:
        if digits not in self.known:
            if len(self.known) > 32:
                self.known.clear()
            self.known[digits] = _mpmath_kind(digits)
        return self.known[digits]


_kinds = _Kinds()


def _mpmath_kind(digits: int) -> Arithmetic:
    context = MPContext()
    context.dps = digits

    def number(value: Any) -> Any:
        if isinstance(value, sp.Expr):
            return context.make_mpf(value.evalf(digits + 5)._mpf_)
        if isinstance(value, float):
            return context.mpf(value)
        return context.mpf(value.numerator) / value.denominator

    def whole(value: Any) -> int | None:
        return int(value) if context.isint(value) else None

    def integral(f: Callable[[Any], Any], lower: Any, upper: Any) -> Any:
        if lower != lower or upper != upper:
            return context.nan
        return context.quad(f, [lower, upper])

    return Arithmetic(number, operations_of(context), whole, integral)
