"""Whole programs in LLVM's language from a tape: for arrays of samples.

The one rule kept here: a program computes entry by entry what the tape says, a vector
of samples at a time; what is left over at the end goes through the same code, padded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from symgrad.numeric.exact import to_float
from symgrad.numeric.llvm.code import DOUBLE, SINGLE, Code, Format, Value
from symgrad.numeric.llvm.functions import FUNCTIONS, define, symbol, write
from symgrad.numeric.recorder import operands
from symgrad.numeric.tape import Tape

VECTOR_BITS = 512
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
_HEAD = """; {title}
; Written by symgrad.

"""
_FOOT = """
attributes #0 = { alwaysinline nounwind }
attributes #1 = { noinline nounwind "prefer-vector-width"="512" \
"min-legal-vector-width"="512" }

!0 = !{!"branch_weights", i32 1, i32 100000}
!1 = !{}
"""
_DRIVER = """
; Samples low … high of the arrays; what fills no vector goes through room, padded.
define void @run(ptr %arrays, ptr %singles, ptr %results, ptr %room, i64 %low, \
i64 %high) #1 {{
entry:
  %all = sub i64 %high, %low
  %whole = and i64 %all, {mask}
  %stop = add i64 %low, %whole
  %left = sub i64 %all, %whole
  %bytes = mul i64 %left, {size}
  %some = icmp ne i64 %whole, 0
  br i1 %some, label %main, label %rest
main:
  call void @steps(ptr %arrays, ptr %singles, ptr %results, i64 %low, i64 %stop)
  br label %rest
rest:
  %more = icmp ne i64 %left, 0
  br i1 %more, label %padded, label %done
padded:
  %table = getelementptr i8, ptr %room, i64 {table}
  br label %in
in:
  %a = phi i64 [ 0, %padded ], [ %a.next, %in.copy ]
  %a.more = icmp ult i64 %a, {inputs}
  br i1 %a.more, label %in.copy, label %out
in.copy:
  %a.offset = mul i64 %a, {vector}
  %a.room = getelementptr i8, ptr %room, i64 %a.offset
  %a.slot = getelementptr ptr, ptr %table, i64 %a
  store ptr %a.room, ptr %a.slot
  %a.place = getelementptr ptr, ptr %arrays, i64 %a
  %a.base = load ptr, ptr %a.place
  %a.from = getelementptr {number}, ptr %a.base, i64 %stop
  call void @llvm.memset.p0.i64(ptr %a.room, i8 0, i64 {vector}, i1 false)
  call void @llvm.memcpy.p0.p0.i64(ptr %a.room, ptr %a.from, i64 %bytes, i1 false)
  %a.next = add i64 %a, 1
  br label %in
out:
  %o = phi i64 [ 0, %in ], [ %o.next, %out.set ]
  %o.more = icmp ult i64 %o, {outputs}
  br i1 %o.more, label %out.set, label %compute
out.set:
  %o.slot.number = add i64 %o, {inputs}
  %o.offset = mul i64 %o.slot.number, {vector}
  %o.room = getelementptr i8, ptr %room, i64 %o.offset
  %o.slot = getelementptr ptr, ptr %table, i64 %o.slot.number
  store ptr %o.room, ptr %o.slot
  %o.next = add i64 %o, 1
  br label %out
compute:
  %made = getelementptr ptr, ptr %table, i64 {inputs}
  call void @steps(ptr %table, ptr %singles, ptr %made, i64 0, i64 {lanes})
  br label %back
back:
  %b = phi i64 [ 0, %compute ], [ %b.next, %back.copy ]
  %b.more = icmp ult i64 %b, {outputs}
  br i1 %b.more, label %back.copy, label %done
back.copy:
  %b.slot.number = add i64 %b, {inputs}
  %b.offset = mul i64 %b.slot.number, {vector}
  %b.room = getelementptr i8, ptr %room, i64 %b.offset
  %b.place = getelementptr ptr, ptr %results, i64 %b
  %b.base = load ptr, ptr %b.place
  %b.to = getelementptr {number}, ptr %b.base, i64 %stop
  call void @llvm.memcpy.p0.p0.i64(ptr %b.to, ptr %b.room, i64 %bytes, i1 false)
  %b.next = add i64 %b, 1
  br label %back
done:
  ret void
}}
"""
_MEMORY = {
    "@llvm.memcpy": "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)",
    "@llvm.memset": "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)",
}


@dataclass
class Body:
    """The entries of a tape as values of one function's code."""

    tape: Tape
    code: Code
    arguments: dict[int, Value] = field(default_factory=dict)
    used: dict[str, None] = field(default_factory=dict)
    values: list[Value | None] = field(default_factory=list)

    def argument(self, place: int) -> Value:
        return self.arguments[place]

    def write(self) -> None:
        """Write all entries."""
        for entry in self.tape.entries:
            name = entry[0]
            if name == "argument":
                self.values.append(None)
            elif name == "constant":
                self.values.append(self.code.constant(to_float(entry[1])))
            elif name == "truth":
                self.values.append(self.code.constant(entry[1], "i1"))
            else:
                args = [self.value(k) for k in operands(entry)]
                self.values.append(self.operation(name, args))

    def value(self, number: int) -> Value:
        entry = self.tape.entries[number]
        if entry[0] == "argument":
            return self.argument(entry[1])
        found = self.values[number]
        assert found is not None
        return found

    def operation(self, name: str, args: Sequence[Value]) -> Value:
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
class LoadingBody(Body):
    """A body whose arguments are loaded where they are used, not kept."""

    def argument(self, place: int) -> Value:
        if place in self.arguments:
            return self.arguments[place]
        return _single(self.code, self.singles[place], "")

    singles: dict[int, int] = field(default_factory=dict)


def _single(c: Code, place: int, hint: str) -> Value:
    """Load a single number, the same for all lanes."""
    kind = c.format.name
    spot = c.emit(f"getelementptr {kind}, ptr %singles, i64 {place}", "ptr")
    number = c.emit(f"load {kind}, ptr {spot.name}{hint}", kind)
    if c.lanes == 1:
        return number
    text = f"insertelement {c.number} poison, {kind} {number.name}, i64 0"
    first = c.emit(text, kind)
    return c.emit(
        f"shufflevector {c.number} {first.name}, {c.number} poison, "
        f"<{c.lanes} x i32> zeroinitializer",
        kind,
    )


@dataclass(frozen=True)
class Layout:
    """How the samples come: which arguments are arrays, and in which format."""

    format: Format
    arrays: tuple[int, ...]

    @property
    def lanes(self) -> int:
        return VECTOR_BITS // self.format.bits


FORMATS = {8: DOUBLE, 4: SINGLE}


def write_batch(tape: Tape, layout: Layout, title: str = "") -> str:
    """Write the program for a batch: ``@run(arrays, singles, results, room, …)``."""
    form, lanes = layout.format, layout.lanes
    c = Code(form, lanes, flags=" contract")
    entry = Code(form, lanes, names=c.names)
    single = [k for k in range(len(tape.arguments)) if k not in layout.arrays]
    places = {argument: k for k, argument in enumerate(single)}
    rows = _rows(entry, "%arrays", len(layout.arrays))
    outputs = len(tape.roots)
    results = _rows(entry, "%results", outputs)
    arguments = {
        k: c.emit(*_load(c, row)) for k, row in zip(layout.arrays, rows, strict=True)
    }
    body: Body
    if len(single) > MANY:
        body = LoadingBody(tape, c, arguments, singles=places)
    else:
        arguments |= {k: _single(entry, p, "") for k, p in places.items()}
        for k in places:
            arguments[k] = Value(c, arguments[k].name, form.name)
        body = Body(tape, c, arguments)
    body.write()
    for number, row in zip(tape.roots, results, strict=True):
        spot = c.emit(f"getelementptr {form.name}, ptr {row}, i64 %i", "ptr")
        value = body.value(number).name
        c.lines.append(
            f"store {c.number} {value}, ptr {spot.name}, align {form.bits // 8}"
        )
    steps = _steps(entry, c, lanes)
    return _module(title, body, c, steps, _driver(layout, outputs))


def _rows(c: Code, table: str, count: int) -> list[str]:
    """Load the addresses of the rows of a table."""
    names = []
    for k in range(count):
        spot = c.emit(f"getelementptr ptr, ptr {table}, i64 {k}", "ptr")
        names.append(c.emit(f"load ptr, ptr {spot.name}, !invariant.load !1", "p").name)
    return names


def _load(c: Code, row: str) -> tuple[str, str]:
    kind = c.format.name
    spot = c.emit(f"getelementptr {kind}, ptr {row}, i64 %i", "ptr")
    return (
        f"load {c.number}, ptr {spot.name}, align {c.format.bits // 8}",
        kind,
    )


def _steps(entry: Code, c: Code, lanes: int) -> str:
    """The loop over whole vectors, from low to high, of which there is one at least."""
    head = "ptr %arrays, ptr %singles, ptr %results, i64 %low, i64 %high"
    lines = [f"define internal void @steps({head}) #1 {{", "entry:"]
    lines += [f"  {line}" for line in entry.lines]
    lines += ["  br label %loop", "loop:"]
    lines.append("  %i = phi i64 [ %low, %entry ], [ %next, %loop ]")
    lines += [f"  {line}" for line in c.lines]
    lines += [
        f"  %next = add nuw nsw i64 %i, {lanes}",
        "  %more = icmp ult i64 %next, %high",
        "  br i1 %more, label %loop, label %done",
        "done:",
        "  ret void",
        "}",
    ]
    return "\n".join(lines) + "\n"


def room_bytes(layout: Layout, outputs: int) -> int:
    """The memory that ``@run`` needs for what fills no vector."""
    count = len(layout.arrays) + outputs
    return count * (VECTOR_BITS // 8 + 8)


def _driver(layout: Layout, outputs: int) -> str:
    inputs = len(layout.arrays)
    vector = VECTOR_BITS // 8
    return _DRIVER.format(
        mask=-layout.lanes,
        lanes=layout.lanes,
        size=layout.format.bits // 8,
        vector=vector,
        number=layout.format.name,
        inputs=inputs,
        outputs=outputs,
        table=(inputs + outputs) * vector,
    )


def _module(title: str, body: Body, c: Code, *functions: str) -> str:
    declared = dict(_MEMORY)
    defined = []
    for name in body.used:
        own = Code(c.format, c.lanes)
        defined.append(define(name, own))
        declared |= own.declared
    declared |= c.declared
    parts = [_HEAD.format(title=title or "A compiled tape."), *defined, *functions]
    parts.append("\n".join(declared[name] for name in sorted(declared)) + "\n")
    return "\n".join(parts) + _FOOT
