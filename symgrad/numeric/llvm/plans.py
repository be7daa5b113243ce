"""How a batch is computed: in which format, how many samples at a time, in what memory.

The one rule kept here: all sizes follow from the tape and the layout, so the memory
that a program wants and the memory that it gets are one number.
"""

from __future__ import annotations

from dataclasses import dataclass

from symgrad.numeric.llvm.formats import DOUBLE, SINGLE, Format
from symgrad.numeric.llvm.pieces import PIECE, Pieces, cut
from symgrad.numeric.tape import Tape

VECTOR_BYTES = 64
WORK_BYTES = 1 << 18
"""what the pieces of a block share should stay in the second cache"""
SUM_BLOCK = 512
"""samples that are added before their sum goes to the compensated total"""

LONG = 2000
"""operations of a point beyond which it is compiled as it stands (level 0): in a tenth
of the time (16-32-32-1: 45 ms for 450), into a program that takes a quarter longer"""
SHORT = 100
"""operations up to which four vectors are computed at a time: a fifth of the time less
for the notes' network, but more spilled registers and a longer compilation"""
LONG_PIECE = 120
"""instructions of a piece then, which is best where no registers are saved"""

FORMATS = {8: DOUBLE, 4: SINGLE}


@dataclass(frozen=True)
class Layout:
    """How the samples come: which arguments are arrays, and in which format.

    ``summed`` says that the results are added over the samples, ``fast`` that errors
    of 5 units in the last place will do, ``streamed`` that results go past the caches
    to memory, rows beginning at cache lines, ``wide`` that four vectors are computed at
    a time, as short programs want, whose operations wait for each other.
    """

    format: Format
    arrays: tuple[int, ...]
    summed: bool = False
    fast: bool = False
    streamed: bool = False
    wide: bool = False

    @property
    def vector_bytes(self) -> int:
        """The bytes computed at a time: two vectors for sums, which hide latencies.

        And for streams, as memory takes two cache lines of a row faster than one.
        """
        if self.wide:
            return 4 * VECTOR_BYTES
        return VECTOR_BYTES * (2 if self.summed or self.streamed else 1)

    @property
    def lanes(self) -> int:
        return self.vector_bytes * 8 // self.format.bits


@dataclass(frozen=True)
class Plan:
    """A layout with the pieces of a tape and the memory they need."""

    layout: Layout
    pieces: Pieces
    outputs: int

    @property
    def block(self) -> int:
        """The samples of one block, whole vectors; 0 for no end."""
        lanes = self.layout.lanes
        if self.layout.summed:
            return SUM_BLOCK
        if len(self.pieces.pieces) == 1:
            return 0
        fitting = WORK_BYTES // (self.layout.format.bits // 8 * (self.pieces.rows + 1))
        return int(max(lanes, min(fitting // lanes * lanes, 64 * lanes)))

    @property
    def padded_bytes(self) -> int:
        """The memory for what fills no vector, and its table of addresses."""
        count = len(self.layout.arrays) + self.outputs
        size = count * (self.layout.vector_bytes + 8)
        return size + -size % VECTOR_BYTES

    @property
    def room_bytes(self) -> int:
        """All memory that ``@run`` needs beside arguments and results."""
        work = self.pieces.rows * self.block * (self.layout.format.bits // 8)
        return self.padded_bytes + work


def plan(tape: Tape, layout: Layout) -> Plan:
    return Plan(layout, cut(tape), len(tape.roots))


def point_plan(tape: Tape, fast: bool = False) -> Plan:
    """How one point is computed, in double precision."""
    size = PIECE if tape.operations <= LONG else LONG_PIECE
    return Plan(Layout(DOUBLE, (), fast=fast), cut(tape, size), len(tape.roots))
