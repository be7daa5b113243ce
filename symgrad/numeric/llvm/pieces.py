"""Long tapes cut into pieces, as compilers take more than linear time for one of them.

The one rule kept here: a piece is computed for a whole block of samples before the
next one begins; what a later piece needs waits in a row of the block's working memory.
"""

from __future__ import annotations

from dataclasses import dataclass

from symgrad.numeric.entries import LEAVES, Entry, operands
from symgrad.numeric.llvm.functions import FUNCTIONS
from symgrad.numeric.tape import Tape

PIECE = 700
"""about how many instructions a piece has"""
CALL = 40


@dataclass(frozen=True)
class Piece:
    """Entries that are computed together; those in ``kept`` go to the rows given."""

    numbers: tuple[int, ...]
    kept: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Pieces:
    """All pieces of a tape, the row of every entry that is kept, how many rows."""

    pieces: tuple[Piece, ...]
    row_of: dict[int, int]
    rows: int


def weight(entry: Entry) -> int:
    """About how many instructions an entry is."""
    row = FUNCTIONS.get(entry[0])
    return 1 if row is None or row.inline else CALL


def cut(tape: Tape, size: int = PIECE) -> Pieces:
    """Cut a tape where a piece is full.

    >>> entries = (("argument", 0), ("exp", 0), ("exp", 1), ("multiply", 1, 2))
    >>> found = cut(Tape(entries, ("u",), (3,)), 50)
    >>> [piece.numbers for piece in found.pieces], found.row_of
    ([(1,), (2, 3)], {1: 0})
    """
    groups: list[list[int]] = [[]]
    full = 0
    for number, entry in enumerate(tape.entries):
        if entry[0] in LEAVES:
            continue
        more = weight(entry)
        if groups[-1] and full + more > size:
            groups.append([])
            full = 0
        groups[-1].append(number)
        full += more
    place = {number: k for k, group in enumerate(groups) for number in group}
    last: dict[int, int] = {}
    for number, k in place.items():
        for used in operands(tape.entries[number]):
            if used in place:
                last[used] = max(k, last.get(used, 0))
    return _with_rows(groups, place, last)


def _with_rows(
    groups: list[list[int]], place: dict[int, int], last: dict[int, int]
) -> Pieces:
    """Give rows to what later pieces use; a row that is done serves again."""
    row_of: dict[int, int] = {}
    free: list[int] = []
    rows = 0
    pieces = []
    ending: dict[int, list[int]] = {}
    for k, group in enumerate(groups):
        free += ending.pop(k - 1, [])
        kept = []
        for number in group:
            until = last.get(number, k)
            if until > k:
                if not free:
                    free.append(rows)
                    rows += 1
                row = row_of[number] = free.pop()
                kept.append((number, row))
                ending.setdefault(until, []).append(row)
        pieces.append(Piece(tuple(group), tuple(kept)))
    return Pieces(tuple(pieces), row_of, rows)
