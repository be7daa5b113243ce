"""Numeric functions at any precision with mpmath, and exact ones with SymPy.

The one rule kept here: nothing of an argument is lost. What mpmath gives is computed
twice, at two precisions, until both agree in the digits that were asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from mpmath import MPContext
from mpmath.libmp import mpf_pos

from symgrad.errors import ArgumentValueError, short
from symgrad.numeric import sympy_numbers
from symgrad.numeric.exact_arguments import points_of, settled
from symgrad.numeric.exact_recorder import ExactRecorder
from symgrad.numeric.exact_runs import Arithmetic, run_entries, run_exactly
from symgrad.numeric.mpmath_numbers import operations_of
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.tape import Tape
from symgrad.numeric.tasks import Task

EXACT = ("mpmath", "sympy")
DIGITS = 50
"""what mpmath computes where no number of digits is given"""
MAX_DIGITS = 100_000
_GUARD = 15
_DOUBLINGS = 5
_MAX_SPAN = 400
_DOUBLINGS_OF_INTEGRALS = 2


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
        values = settled(self.tape, self.vector, args, named)
        shape, points = points_of(self.tape, values)
        compute = self._to_digits if self.backend == "mpmath" else self._symbolic
        rows = [compute(point) for point in points]
        if self.reduce:
            rows, shape = [self._added(rows)], ()
        return self._formed(rows, shape)

    # --- one point ------------------------------------------------------------------

    def _symbolic(self, point: list[Any]) -> list[Any]:
        kind = Arithmetic(
            sympy_numbers.number,
            sympy_numbers.exact_operations(),
            sympy_numbers.whole,
            _no_integral,
        )
        given = [_each(v, _as_exact) for v in point]
        return [value.expr for value in run_exactly(self.tape, given, kind)]

    def _to_digits(self, point: list[Any]) -> list[Any]:
        """Twice as many digits, until two runs agree in those that are wanted."""
        integrals = any(entry[0] == "integral" for entry in self.tape.entries)
        digits = self.digits + _GUARD
        values = self._run(point, digits)
        found = [values[k] for k in self.tape.roots]
        # what is added to 1 is lost where it is smaller than the last digit of 1
        digits = max(digits, (self.digits + _GUARD + _span(values) + 1) // 2)
        for _ in range(_DOUBLINGS_OF_INTEGRALS if integrals else _DOUBLINGS):
            before, digits = found, 2 * digits
            values = self._run(point, digits)
            found = [values[k] for k in self.tape.roots]
            pairs = list(zip(before, found, strict=True))
            if all(_agree(a, b, self.digits) for a, b in pairs):
                return [_rounded(value, self.digits) for value in found]
        settled = []
        for a, b in pairs:
            if not _agree(a, b, self.digits):
                # 0 where it is as small as rounding leaves it: sin² + cos² - 1
                if integrals or mpmath.mag(b) > -3 * digits:
                    raise ArgumentValueError(
                        f"no {self.digits} digits are found at this point: {digits} "
                        f"digits give {mpmath.nstr(b, 8)}, half as many "
                        f"{mpmath.nstr(a, 8)}; use fewer digits"
                    )
                b = b * 0
            settled.append(_rounded(b, self.digits))
        return settled

    def _run(self, point: list[Any], digits: int) -> list[Any]:
        kind = _kinds.at(digits)
        given = [_each(v, kind.number) for v in point]
        return run_entries(self.tape, given, kind)

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


def recorder_of(backend: str) -> Recorder | None:
    """The recorder of programs for a back end, where it is not that of floats."""
    return ExactRecorder() if backend in EXACT else None


def exactly(task: Task, backend: str) -> Task:
    """The task as a back end has it: exact programs are swept in reverse only."""
    if backend in EXACT and task.mode == "cheapest":
        return replace(task, mode="reverse")
    return task


def checked_digits(digits: int | None, backend: str) -> int:
    """Give the number of digits, 0 for a back end that has no choice of it."""
    if backend != "mpmath":
        if digits is not None:
            raise ArgumentValueError(
                f"digits is {short(digits)}, which back end {backend!r} cannot choose; "
                "use backend='mpmath'"
            )
        return 0
    if digits is None:
        return DIGITS
    if type(digits) is not int or not 1 <= digits <= MAX_DIGITS:
        raise ArgumentValueError(
            f"digits is {short(digits)}; expected a whole number from 1 to "
            f"{MAX_DIGITS:,}"
        )
    return digits


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


def _span(values: Sequence[Any]) -> int:
    """The decimal places before or after the point of the most extreme number."""
    numbers = (
        n for v in values for n in (v.flat if isinstance(v, np.ndarray) else [v])
    )
    bits = (abs(mpmath.mag(n)) for n in numbers if n and mpmath.isfinite(n))
    return min(_MAX_SPAN, int(0.30103 * max(bits, default=0)))


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
