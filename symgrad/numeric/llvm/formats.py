"""The two formats of numbers that machine code computes in.

The one rule kept here: a number is rounded to its format before it stands in a program.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """A binary floating-point format (IEEE 754-2008).

    ``digits`` are the stored bits of the significand, ``bias`` that of the exponent;
    ``row`` is the format's place in the rows of ``POLYNOMIALS``.
    """

    name: str
    suffix: str
    bits: int
    digits: int
    bias: int
    row: int

    @property
    def integer(self) -> str:
        return f"i{self.bits}"

    @property
    def rounder(self) -> float:
        """Added, it leaves a whole number in the lowest bits: 1.5·2^digits."""
        return 1.5 * 2.0**self.digits

    def rounded(self, value: float) -> float:
        """Give the number of this format that is nearest to ``value``."""
        if self.bits == 64 or not math.isfinite(value):
            return value
        return float(struct.unpack("f", struct.pack("f", value))[0])

    def pattern(self, value: float) -> int:
        """Give the bits of a number as a whole number."""
        letters = ("d", "q") if self.bits == 64 else ("f", "i")
        return int(struct.unpack(letters[1], struct.pack(letters[0], value))[0])


DOUBLE = Format("double", "f64", 64, 52, 1023, 0)
SINGLE = Format("float", "f32", 32, 23, 127, 1)
