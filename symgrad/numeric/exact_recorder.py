"""A recorder for programs that round nothing: 1/3, 0.1 and pi stay what they are.

The one rule kept here: a number is folded only where that is exact and short; a root,
an exponential or pi stays an operation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from sympy import Float

from symgrad.decimals import as_quotient
from symgrad.errors import RuleError
from symgrad.numeric.entries import NAMED
from symgrad.numeric.exact import MAX_EXACT_BITS, Number
from symgrad.numeric.recorder import Recorder

_MAX_DIGITS = 15
"""The digits of a decimal that was written; longer ones are what a float has left."""


@dataclass
class ExactRecorder(Recorder):
    """Writes entries whose constants are whole numbers and fractions, or infinite.

    >>> recorder = ExactRecorder()
    >>> root = recorder.function("sqrt", recorder.written("0.5", 0.5))
    >>> recorder.entries
    [('constant', Fraction(1, 2)), ('sqrt', 0)]
    """

    def constant(self, value: Number) -> int:
        """Record a number; a fraction that is whole becomes whole."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, Fraction) and value.denominator == 1:
            value = value.numerator
        return self.record("constant", value)

    def value(self, number: int) -> Number | None:
        """Give the number behind an entry where it is short enough to be folded.

        The product of two such is never rounded, see ``exact.normal``.
        """
        found = super().value(number)
        if isinstance(found, int | Fraction):
            bits = found.numerator.bit_length() + found.denominator.bit_length()
            return found if bits <= MAX_EXACT_BITS // 2 else None
        return found

    def written(self, text: str, value: float) -> int:
        """Record a decimal as its fraction, pi and its like as operations.

        What is left of x/3.7 becomes x·10/37 again, as pages have it. Raises
        ``RuleError`` for another decimal that was rounded.
        """
        if text in NAMED:
            return self.record(text)
        if not math.isfinite(value):
            return self.constant(value)
        digits = text.lower().partition("e")[0].replace(".", "").strip("-0")
        if len(digits) > _MAX_DIGITS or (digits and not digits.isdigit()):
            parts = as_quotient(Float(value)) if text == repr(value) else None
            if parts is not None:
                return self.constant(Fraction(int(parts[0])) / Fraction(str(parts[1])))
            raise RuleError(
                f"{text} in the formula is a rounded number, so that no result is "
                "exact; write a fraction, or a name that is given a number"
            )
        return self.constant(Fraction(text))

    def integer_power(self, u: int, n: int) -> int:
        base = self.value(u)
        if base is not None and n > 1 and not isinstance(base, float):
            return self.constant(base**n)
        return super().integer_power(u, n)

    def function(self, name: str, *arguments: int) -> int:
        """Record a function; none of them has exact values in general."""
        return self.record(name, *arguments)

    def _is_e(self, u: int) -> bool:
        return self.entries[u] == ("E",)
