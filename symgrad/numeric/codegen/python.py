"""A tape as readable Python: one assignment a line, in the names of the stages.

The one rule kept here: the text computes entry by entry what the tape says, in the
tape's order of operations; only the spelling is decided here.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import FunctionType

from symgrad.numeric.codegen.dialects import OPERATORS, Dialect
from symgrad.numeric.codegen.identifiers import Identifiers
from symgrad.numeric.codegen.loops import Loops
from symgrad.numeric.codegen.reductions import HELPERS, REDUCING, hint, lifted
from symgrad.numeric.codegen.texts import ATOM, Text
from symgrad.numeric.entries import INDEXED, LEAVES, operands
from symgrad.numeric.exact import to_float
from symgrad.numeric.integrands import Integrand, named_integrands
from symgrad.numeric.tape import Tape

MAX_DEPTH = 24
MAX_WIDTH = 100
LINE = 88


@dataclass
class Writer:
    """Turns the entries of one tape into lines of one dialect."""

    tape: Tape
    dialect: Dialect
    texts: dict[int, Text] = field(default_factory=dict)
    used: dict[str, None] = field(default_factory=dict)
    integrands: dict[Integrand, str] | None = None
    loops: Loops | None = None
    given: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tape, dialect = self.tape, self.dialect
        known = {entry[0] for entry in tape.entries}
        reserved = {dialect.functions.get(name, name) for name in known}
        reserved |= {"value", "grad", "values", "grads", "point", "block", "once"}
        reserved |= {"inf", "nan", "pi", "careful", "more", "named", *dialect.builtins}
        reserved.add(dialect.scalar)
        if self.integrands is None:
            self.integrands = named_integrands(tape)
        reserved.update(self.integrands.values())
        self.axes = tape.axes
        if self.axes:
            reserved |= HELPERS | {"fsum", "span", "within"}
        for name in sorted(reserved & set(vars(dialect.helpers))):
            reserved.update(_needs(dialect, name))
        self.identifiers = Identifiers(reserved)
        claimed = self.identifiers.claim_all(
            [*tape.arguments, *(name for _, name in tape.names)]
        )
        self.arguments = claimed[: len(tape.arguments)]
        stages = claimed[len(tape.arguments) :]
        self.names = {k: n for (k, _), n in zip(tape.names, stages, strict=True)}
        self.hints = dict(tape.hints)
        for number in self.axes:
            if (name := hint(self, number)) is not None:
                self.hints[number] = name
        self.uses = [0] * len(tape.entries)
        for entry in tape.entries:
            for k in operands(entry):
                self.uses[k] += 1

    # --- one entry as text --------------------------------------------------------

    def expression(self, number: int) -> Text:
        """Write one entry over the texts of its arguments."""
        entry = self.tape.entries[number]
        name = entry[0]
        if name == "argument":
            return Text(self.arguments[entry[1]])
        if name == "constant":
            return self._constant(to_float(entry[1]))
        if name == "truth":
            return Text("True" if entry[1] else "False")
        parts = [self.texts[k] for k in operands(entry)]
        depth = 1 + max(part.depth for part in parts)
        if name in REDUCING:
            if self.loops is not None:
                return Text(self.loops.element(number), ATOM, depth)
            return Text(REDUCING[name](self, number), ATOM, depth)
        if number in self.axes and self.loops is None:
            parts = [self._lifted(k, number) for k in operands(entry)]
        if name == "integral":
            assert self.integrands is not None
            codes = [self.integrands[entry[1]], *(part.code for part in parts)]
            return Text(self._call(name, codes), ATOM, depth)
        if name in OPERATORS:
            sign, strength = OPERATORS[name]
            left, right = parts
            code = _guard(left, strength) + sign + _guard(right, strength + 1)
            return Text(code, strength, depth)
        if name == "negate":
            return Text("-" + _guard(parts[0], 6), min(7, parts[0].strength), depth)
        codes = [part.code for part in parts]
        if all(self.tape.entries[k][0] == "constant" for k in operands(entry)):
            codes = [self._scalar(name, code) for code in codes]
        return Text(self._call(name, codes), ATOM, depth)

    def _lifted(self, number: int, by: int) -> Text:
        """Write an operand with the axes of the entry that it is used by."""
        text, over = self.texts[number], self.axes[by]
        if self.axes.get(number, ()) == over:
            return text
        return Text(lifted(self, number, over), ATOM, text.depth)

    def _call(self, name: str, parts: Sequence[str]) -> str:
        dialect = self.dialect
        template = dialect.templates.get(name)
        if template is not None:
            if name in dialect.functions:
                self.need(dialect.functions[name])
            return template.format(*parts)
        function = dialect.functions.get(name, name)
        self.need(function)
        return f"{function}({', '.join(parts)})"

    def _scalar(self, name: str, code: str) -> str:
        """Write a number for a helper, which divides by 0 as its package does."""
        dialect = self.dialect
        helper = getattr(dialect.helpers, dialect.functions.get(name, name), None)
        if not dialect.scalar or not (dialect.only_arrays or is_own(dialect, helper)):
            return code
        self.need(dialect.scalar)
        return f"{dialect.scalar}({code})"

    def _constant(self, value: float) -> Text:
        code = repr(value)
        if code.lstrip("-") in ("inf", "nan"):
            self.need(code.lstrip("-"))
        return Text(code, 7 if code.startswith("-") else ATOM)

    def need(self, name: str) -> None:
        """Note that the program uses a function."""
        self.used[name] = None

    # --- entries as lines ---------------------------------------------------------

    def is_inlined(self, number: int, text: Text, uses: int) -> bool:
        """Whether the text stands in the line that uses it, the only one to do so."""
        if self.tape.entries[number][0] in LEAVES:
            return True
        if self.tape.entries[number][0] in INDEXED:
            return False
        short = text.depth <= MAX_DEPTH and len(text.code) <= MAX_WIDTH
        return uses <= 1 and short and number not in self.names

    def name(self, number: int) -> str:
        """Give an entry its identifier."""
        if number in self.names:
            return self.names[number]
        if number not in self.given:
            hint = self.hints.get(number)
            claim = self.identifiers
            self.given[number] = claim.claim(hint) if hint else claim.temporary()
        return self.given[number]

    def lines(self, numbers: Iterable[int], uses: Sequence[int]) -> list[str]:
        """Write the assignments for some entries; what is inlined takes no line."""
        lines = []
        for number in numbers:
            text = self.expression(number)
            if not self.is_inlined(number, text, uses[number]):
                identifier = self.name(number)
                lines.append(f"{identifier} = {text.code}")
                text = Text(identifier)
            self.texts[number] = text
        return lines

    def header(self) -> str:
        """The imports, helpers and integrands that the program uses."""
        used = dict(self.used)
        sources = []
        for integrand, name in (self.integrands or {}).items():
            inner = Writer(integrand.tape, self.dialect, integrands=self.integrands)
            sources.append("\n\n" + inner.function(name))
            used.update(inner.used)
        return header(self.dialect, used) + "".join(sources)

    def function(self, name: str) -> str:
        """The tape as a function of its arguments that returns its one value."""
        lines = self.lines(range(len(self.tape.entries)), self.uses)
        lines.append(f"return {self.texts[self.tape.values[0]].code}")
        body = "".join(f"    {line}\n" for line in lines)
        return wrap(f"def {name}(", self.arguments, "):") + "\n" + body


def _guard(text: Text, strength: int) -> str:
    return text.code if text.strength >= strength else f"({text.code})"


# --- helpers and imports ----------------------------------------------------------


def _needs(dialect: Dialect, name: str) -> dict[str, None]:
    """The global names that a helper uses, directly or through other helpers."""
    found: dict[str, None] = {}
    todo = [name]
    while todo:
        helper = getattr(dialect.helpers, todo.pop(), None)
        if not isinstance(helper, FunctionType) or not is_own(dialect, helper):
            continue
        for other in helper.__code__.co_names:
            if other not in found and hasattr(dialect.helpers, other):
                found[other] = None
                todo.append(other)
    return found


def is_own(dialect: Dialect, helper: object) -> bool:
    """Whether a function is a helper of ours, whose source is copied."""
    return isinstance(helper, FunctionType) and helper.__module__.startswith(
        __package__
    )


def header(dialect: Dialect, used: Iterable[str]) -> str:
    """Write imports, tables and helper functions for the names that a program uses."""
    names: dict[str, None] = {}
    for name in used:
        names[name] = None
        names.update(_needs(dialect, name))
    helpers = [n for n in names if is_own(dialect, getattr(dialect.helpers, n, None))]
    tables = {n for n in names if isinstance(getattr(dialect.helpers, n, None), tuple)}
    known = {*helpers, *tables, *dialect.builtins, *dialect.extras}
    imports = sorted(set(names) - known)
    extras = sorted(set(names) & dialect.extras)
    parts = []
    if imports:
        spelled = [f"floor as {n}" if n == "whole_below" else n for n in imports]
        parts.append(wrap(f"from {dialect.module} import ", spelled, ""))
    if extras:
        parts.append(wrap(f"from {dialect.extra_module} import ", extras, ""))
    for place, name in enumerate(sorted(tables)):
        numbers = [repr(number) for number in getattr(dialect.helpers, name)]
        parts.append("\n" * (not place) + wrap(f"{name} = (", numbers, ")"))
    for name in sorted(helpers):
        source = inspect.getsource(getattr(dialect.helpers, name))
        for ours, theirs in dialect.respelled:
            source = source.replace(ours, theirs)
        parts.append("\n\n" + source)
    return "".join(f"{part.rstrip()}\n" for part in parts)


def wrap(before: str, items: Sequence[str], after: str, indent: str = "") -> str:
    """Write a list in one line where it fits, else filled into lines in brackets."""
    line = f"{indent}{before}{', '.join(items)}{after}"
    if len(line) <= LINE:
        return line
    opened, closed = ("", "") if before[-1] in "([" else ("(", ")")
    lines = [f"{indent}{before}{opened}", f"{indent}   "]
    for item in items:
        if len(lines[-1]) + len(item) + 2 > LINE and lines[-1].strip():
            lines.append(f"{indent}   ")
        lines[-1] += f" {item},"
    return "\n".join([*lines, f"{indent}{closed}{after}"])
