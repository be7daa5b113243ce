"""The operations of one piece of a tape as code.

The one rule kept here: an entry is computed once; arguments are loaded, and what an
earlier piece computed is fetched from working memory, where it is first used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from symgrad.numeric.entries import operands
from symgrad.numeric.exact import to_float
from symgrad.numeric.llvm.code import Code, Value
from symgrad.numeric.llvm.functions import FUNCTIONS, symbol, write
from symgrad.numeric.llvm.pieces import Pieces
from symgrad.numeric.tape import Tape

MANY = 24
"""with more single numbers than this, each is loaded where it is used"""

RELATIONS = {
    "less": "olt",
    "less_equal": "ole",
    "greater": "ogt",
    "greater_equal": "oge",
    "equal": "oeq",
    "not_equal": "une",
}
ARITHMETIC: dict[str, Callable[..., Value]] = {
    "add": lambda u, v: u + v,
    "subtract": lambda u, v: u - v,
    "multiply": lambda u, v: u * v,
    "divide": lambda u, v: u / v,
    "negate": lambda u: -u,
    "and": lambda u, v: u & v,
    "or": lambda u, v: u | v,
    "not": lambda u: ~u,
}


@dataclass
class Body:
    """The entries of one piece as values of one function's code.

    ``entry`` is the code before the loop, ``code`` that of the loop. ``kept`` is the
    number of samples in a row of working memory, ``arrays`` the rows of arguments.
    """

    tape: Tape
    pieces: Pieces
    entry: Code
    code: Code
    block: int
    arrays: dict[int, int]
    singles: dict[int, int]
    used: dict[str, None] = field(default_factory=dict)
    values: dict[int, Value] = field(default_factory=dict)

    def value(self, number: int) -> Value:
        """Give an entry: computed here, a constant, an argument, or kept before."""
        found = self.values.get(number)
        if found is not None:
            return found
        name, *rest = self.tape.entries[number]
        c = self.code
        if name == "constant":
            return c.constant(to_float(rest[0]))
        if name == "truth":
            return c.constant(rest[0], "i1")
        if name == "argument":
            found = self._argument(rest[0])
        else:
            found = self._kept(number, self.pieces.row_of[number])
        if found is not None:
            self.values[number] = found
            return found
        return self._single(c, self.singles[rest[0]])

    def _argument(self, place: int) -> Value | None:
        c = self.code
        if place in self.arrays:
            row = address(self.entry, "%arrays", self.arrays[place])
            return load(c, row, "%at")
        if len(self.singles) > MANY and c.lanes > 1:
            return None
        code = self.entry if c.lanes > 1 else c
        found = self._single(code, self.singles[place])
        return Value(c, found.name, found.kind)

    def _single(self, c: Code, place: int) -> Value:
        """Load a single number, the same for all lanes."""
        kind = c.format.name
        spot = c.emit(f"getelementptr {kind}, ptr %singles, i64 {place}", "ptr")
        number = c.emit(f"load {kind}, ptr {spot.name}", kind)
        if c.lanes == 1:
            return number
        text = f"insertelement {c.number} poison, {kind} {number.name}, i64 0"
        first = c.emit(text, kind)
        return c.emit(
            f"shufflevector {c.number} {first.name}, {c.number} poison, "
            f"<{c.lanes} x i32> zeroinitializer",
            kind,
        )

    def _spot(self, row: int) -> str:
        c, kind = self.code, self.code.format.name
        start = row * self.block
        text = f"getelementptr {kind}, ptr %work, i64 {start}"
        base = (self.entry if c.lanes > 1 else c).emit(text, "ptr").name
        return c.emit(f"getelementptr {kind}, ptr {base}, i64 %i", "ptr").name

    def _kept(self, number: int, row: int) -> Value:
        c = self.code
        bytes_ = c.format.bits // 8
        text = f"load {c.number}, ptr {self._spot(row)}, align {bytes_}"
        found = c.emit(text, c.format.name)
        if self.tape.entries[number][0] in (*RELATIONS, "and", "or", "not"):
            return c.compare("une", found, 0.0)
        return found

    def keep(self, number: int, row: int) -> None:
        """Store an entry for later pieces; a truth value as 1 or 0."""
        c = self.code
        value = self.values[number]
        if value.kind == "i1":
            value = c.where(value, 1.0, 0.0)
        store(c, value, self._spot(row))

    def compute(self, number: int) -> Value:
        name = self.tape.entries[number][0]
        args = [self.value(k) for k in operands(self.tape.entries[number])]
        found = self.values[number] = self._operation(name, args)
        return found

    def _operation(self, name: str, args: Sequence[Value]) -> Value:
        c = self.code
        if name in RELATIONS:
            return c.compare(RELATIONS[name], *args)
        if name in ARITHMETIC:
            return ARITHMETIC[name](*args)
        if name == "select":
            return c.where(*args)
        if FUNCTIONS[name].inline:
            return write(c, name, *args)
        self.used[name] = None
        listed = ", ".join(f"{c.number} {u.name}" for u in args)
        return c.emit(f"call {c.number} {symbol(c, name)}({listed})", c.format.name)


def address(c: Code, table: str, place: int) -> str:
    """Load the address of a row from a table."""
    spot = c.emit(f"getelementptr ptr, ptr {table}, i64 {place}", "ptr")
    return c.emit(f"load ptr, ptr {spot.name}, !invariant.load !1", "ptr").name


def load(c: Code, row: str, index: str) -> Value:
    kind = c.format.name
    spot = c.emit(f"getelementptr {kind}, ptr {row}, i64 {index}", "ptr")
    text = f"load {c.number}, ptr {spot.name}, align {c.format.bits // 8}"
    return c.emit(text, kind)


def store(c: Code, value: Value, spot: str, streamed: bool = False) -> None:
    align = f"{c.format.bits // 8}" if not streamed else "64, !nontemporal !2"
    c.lines.append(f"store {c.number} {value.name}, ptr {spot}, align {align}")
