"""Straight-line code in LLVM's language, written as if it were Python arithmetic.

The one rule kept here: every value is a vector of one kind of number, of any width;
width 1 is a plain number, so one text of a function serves both arrays and points.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from symgrad.numeric.llvm.formats import DOUBLE, Format


@dataclass(frozen=True)
class Value:
    """A value of a program under its name; ``kind`` is a format, integer or ``i1``."""

    code: Code
    name: str
    kind: str

    def __add__(self, other: Operand) -> Value:
        return self.code.binary("add", self, other)

    def __radd__(self, other: Operand) -> Value:
        return self.code.binary("add", other, self)

    def __sub__(self, other: Operand) -> Value:
        return self.code.binary("sub", self, other)

    def __rsub__(self, other: Operand) -> Value:
        return self.code.binary("sub", other, self)

    def __mul__(self, other: Operand) -> Value:
        return self.code.binary("mul", self, other)

    def __rmul__(self, other: Operand) -> Value:
        return self.code.binary("mul", other, self)

    def __truediv__(self, other: Operand) -> Value:
        return self.code.binary("div", self, other)

    def __rtruediv__(self, other: Operand) -> Value:
        return self.code.binary("div", other, self)

    def __neg__(self) -> Value:
        return self.code.emit(f"fneg {self.code.type(self.kind)} {self.name}", self)

    def __and__(self, other: Operand) -> Value:
        return self.code.binary("and", self, other)

    def __or__(self, other: Operand) -> Value:
        return self.code.binary("or", self, other)

    def __xor__(self, other: Operand) -> Value:
        return self.code.binary("xor", self, other)

    def __invert__(self) -> Value:
        return self.code.binary("xor", self, -1)

    def __lshift__(self, count: int) -> Value:
        return self.code.binary("shl", self, count)

    def __rshift__(self, count: int) -> Value:
        """Shift right, zeros coming in."""
        return self.code.binary("lshr", self, count)

    def __lt__(self, other: Operand) -> Value:
        return self.code.compare("olt", self, other)

    def __le__(self, other: Operand) -> Value:
        return self.code.compare("ole", self, other)

    def __gt__(self, other: Operand) -> Value:
        return self.code.compare("ogt", self, other)

    def __ge__(self, other: Operand) -> Value:
        return self.code.compare("oge", self, other)


Operand = Value | float
"""What arithmetic takes: a value, or a number that stands in the code"""


@dataclass
class Code:
    """Writes one function's lines; its methods are the operations of a processor."""

    format: Format
    lanes: int
    lines: list[str] = field(default_factory=list)
    declared: dict[str, str] = field(default_factory=dict)
    names: Iterator[int] = field(default_factory=lambda: count(1))
    flags: str = ""
    block: str = "entry"
    fast: bool = False

    # --- names and types ----------------------------------------------------------

    def type(self, kind: str) -> str:
        return kind if self.lanes == 1 else f"<{self.lanes} x {kind}>"

    @property
    def number(self) -> str:
        """The type of a value of the format."""
        return self.type(self.format.name)

    @property
    def mangled(self) -> str:
        width = f"v{self.lanes}" if self.lanes > 1 else ""
        return width + self.format.suffix

    def fresh(self) -> str:
        return f"%t{next(self.names)}"

    def emit(self, text: str, like: Value | str) -> Value:
        """Write an operation whose result is of the kind ``like``."""
        name = self.fresh()
        self.lines.append(f"{name} = {text}")
        return Value(self, name, like if isinstance(like, str) else like.kind)

    def constant(self, value: float, kind: str = "") -> Value:
        kind = kind or self.format.name
        text = self.literal(value, kind)
        return Value(self, text if self.lanes == 1 else f"splat ({kind} {text})", kind)

    def literal(self, value: float, kind: str = "") -> str:
        """Write a number: decimal where that is short and exact, else its bits."""
        kind = kind or self.format.name
        if kind == "i1":
            return "true" if value else "false"
        if kind.startswith("i"):
            return str(int(value))
        value = self.format.rounded(value)
        short = f"{value:.5e}"
        if math.isfinite(value) and float(short) == value:
            return short
        return f"0x{struct.unpack('>Q', struct.pack('>d', value))[0]:016X}"

    def _pair(self, a: Operand, b: Operand) -> tuple[Value, Value]:
        kind = next(v.kind for v in (a, b) if isinstance(v, Value))
        return (
            a if isinstance(a, Value) else self.constant(a, kind),
            b if isinstance(b, Value) else self.constant(b, kind),
        )

    # --- operations ---------------------------------------------------------------

    def binary(self, name: str, a: Operand, b: Operand) -> Value:
        first, second = self._pair(a, b)
        if first.kind == self.format.name:
            name = f"f{name}{self.flags}"
        text = f"{name} {self.type(first.kind)} {first.name}, {second.name}"
        return self.emit(text, first)

    def compare(self, relation: str, a: Operand, b: Operand) -> Value:
        first, second = self._pair(a, b)
        name = "fcmp" if first.kind == self.format.name else "icmp"
        text = f"{name} {relation} {self.type(first.kind)} {first.name}, {second.name}"
        return self.emit(text, "i1")

    def equal(self, a: Operand, b: Operand) -> Value:
        return self.compare("oeq", a, b)

    def is_nan(self, u: Value) -> Value:
        return self.compare("uno", u, u)

    def where(self, condition: Value, a: Operand, b: Operand) -> Value:
        """Choose lane by lane; a nan is chosen as anything else is."""
        if not isinstance(a, Value) and not isinstance(b, Value):
            a = self.constant(a)
        first, second = self._pair(a, b)
        t = self.type(first.kind)
        text = f"select {self.type('i1')} {condition.name}, {t} {first.name}"
        return self.emit(f"{text}, {t} {second.name}", first)

    def intrinsic(self, name: str, *args: Operand) -> Value:
        """Call a function that the processor, or LLVM for it, has."""
        values = [v if isinstance(v, Value) else self.constant(v) for v in args]
        full = f"@llvm.{name}.{self.mangled}"
        types = ", ".join(self.number for _ in values)
        self.declared[full] = f"declare {self.number} {full}({types})"
        listed = ", ".join(f"{self.number} {v.name}" for v in values)
        return self.emit(f"call {self.number} {full}({listed})", self.format.name)

    def fma(self, a: Operand, b: Operand, c: Operand) -> Value:
        """a·b + c, rounded once."""
        return self.intrinsic("fma", a, b, c)

    def sqrt(self, u: Value) -> Value:
        return self.intrinsic("sqrt", u)

    def abs(self, u: Value) -> Value:
        return self.intrinsic("fabs", u)

    def copysign(self, u: Operand, sign: Value) -> Value:
        return self.intrinsic("copysign", u, sign)

    def bits(self, u: Value) -> Value:
        text = f"bitcast {self.number} {u.name} to {self.type(self.format.integer)}"
        return self.emit(text, self.format.integer)

    def from_bits(self, u: Value) -> Value:
        text = f"bitcast {self.type(self.format.integer)} {u.name} to {self.number}"
        return self.emit(text, self.format.name)

    def at_most(self, u: Value, limit: float) -> Value:
        """The smaller one; a nan stays."""
        return self.where(u > limit, limit, u)

    def at_least(self, u: Value, limit: float) -> Value:
        return self.where(u < limit, limit, u)

    def polynomial(self, u: Value, coefficients: Sequence[float]) -> Value:
        """Horner's rule, lowest power first."""
        total: Operand = coefficients[-1]
        for c in reversed(coefficients[:-1]):
            total = self.fma(total, u, c)
        assert isinstance(total, Value)
        return total

    # --- rare cases, other precision ----------------------------------------------

    def any(self, condition: Value) -> Value:
        """Whether some lane is true, as a plain truth value."""
        if self.lanes == 1:
            return condition
        t = self.type("i1")
        full = f"@llvm.vector.reduce.or.v{self.lanes}i1"
        self.declared[full] = f"declare i1 {full}({t})"
        return self.emit(f"call i1 {full}({t} {condition.name})", "i1")

    def rarely(self, condition: Value, usual: Value, exact: str, u: Value) -> Value:
        """Call the C library's function lane by lane where a lane needs it."""
        number = next(self.names)
        rare, done = f"rare{number}", f"done{number}"
        test = self.any(condition)
        self.lines.append(f"br i1 {test.name}, label %{rare}, label %{done}, !prof !0")
        before, self.block = self.block, rare
        self.lines.append(f"{rare}:")
        found = self.where(condition, self.call_c(exact, u), usual)
        self.lines += [f"br label %{done}", f"{done}:"]
        self.block = done
        t = self.number
        choice = f"[ {usual.name}, %{before} ], [ {found.name}, %{rare} ]"
        return self.emit(f"phi {t} {choice}", usual)

    def call_c(self, name: str, *args: Value) -> Value:
        """Call a function of the C library for each lane."""
        kind = self.format.name
        listed = ", ".join(kind for _ in args)
        self.declared[f"@{name}"] = f"declare {kind} @{name}({listed}) nounwind"
        if self.lanes == 1:
            given = ", ".join(f"{kind} {u.name}" for u in args)
            return self.emit(f"call {kind} @{name}({given})", args[0])
        result = Value(self, "poison", kind)
        for lane in range(self.lanes):
            parts = [self.lane(u, lane) for u in args]
            given = ", ".join(f"{kind} {part.name}" for part in parts)
            part = self.emit(f"call {kind} @{name}({given})", kind)
            text = f"{self.number} {result.name}, {kind} {part.name}, i64 {lane}"
            result = self.emit(f"insertelement {text}", kind)
        return result

    def lane(self, u: Value, place: int) -> Value:
        return self.emit(f"extractelement {self.type(u.kind)} {u.name}, i64 {place}", u)

    def widened(self) -> Code:
        """Code of double precision that writes into the same lines."""
        return replace(self, format=DOUBLE)

    def convert(self, u: Value, operation: str) -> Value:
        """Bring a value from single to double precision, or back, into this code."""
        text = f"{operation} {u.code.number} {u.name} to {self.number}"
        return self.emit(text, self.format.name)


Function = Callable[..., Value]
"""(code, arguments …) -> the value of a function, written into the code"""
