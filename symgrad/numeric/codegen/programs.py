"""Whole programs from a tape: for one point, and for one block of samples.

The one rule kept here: a program that is written is complete; its source needs its
module (math or numpy) and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symgrad.numeric.codegen.dialects import DIALECTS
from symgrad.numeric.codegen.loops import Loops
from symgrad.numeric.codegen.python import Writer, is_own, wrap
from symgrad.numeric.codegen.texts import Text
from symgrad.numeric.entries import LEAVES, Entry, operands
from symgrad.numeric.tape import Tape

CHECKED_BY_SUM = 40
ERRORS = "(ValueError, OverflowError, ZeroDivisionError, TypeError)"

# Functions whose result can be their argument itself, whatever its type.
_PASSING = ("relu", "leaky_relu", "elu", "Max", "Min", "sign", "select", "Heaviside")
_ARITHMETIC = ("add", "subtract", "multiply", "divide", "negate")
_EQUALITIES = ("equal", "not_equal", "and", "or", "not")


@dataclass(frozen=True)
class Program:
    """Generated source in parts.

    ``early`` are the lines of what depends on parameters alone and ``kept`` the names
    of their results; both are empty where there is no such work.
    """

    header: str
    arguments: tuple[str, ...]
    lines: tuple[str, ...]
    early: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    guard: str = ""


def define(name: str, arguments: Sequence[str], lines: Sequence[str]) -> str:
    """Write a function."""
    body = "".join(f"    {line}\n" for line in lines) or "    pass\n"
    return wrap(f"def {name}(", arguments, "):") + "\n" + body


def write_point(tape: Tape, listed: bool = False) -> Program:
    """Write the program for one point; its last line returns the results."""
    writer = Writer(tape, DIALECTS["math"])
    uses = list(writer.uses)
    for root in tape.roots:
        uses[root] += 1
    if tape.data:
        lines = Loops(writer, uses).lines()
    else:
        lines = writer.lines(range(len(tape.entries)), uses)
    sure = _sure(tape)
    unsure = [k for k in tape.roots if k not in sure]
    guarded = _guarded(tape)
    by_sum = not unsure and 1 < len(guarded) <= CHECKED_BY_SUM
    names = [writer.arguments[k] for k in guarded]
    values = [writer.texts[k].code for k in tape.values]
    rows = [[writer.texts[k].code for k in row] for row in tape.partials]
    lines.append(_return(values, rows, listed))
    guard = _check(names, by_sum)
    return Program(writer.header(), tuple(writer.arguments), tuple(lines), guard=guard)


def point_source(program: Program) -> str:
    """Write the program as the function ``point``."""
    text = define("point", program.arguments, program.lines)
    return f"{program.header}\n\n{text}".lstrip("\n")


def guarded_source(program: Program, named: bool = True) -> str:
    """Write ``point`` so that whatever is not plain floats goes to ``careful``.

    One test tells both wrong types and results that would not be floats; it costs a
    few nanoseconds where a conversion of each argument would cost forty. A dictionary
    for what is ``named`` is made in each call, which is a tenth of a small formula;
    without it Python itself binds names that are identifiers, and refuses others.
    """
    names = list(program.arguments)
    spelled = ", ".join(names) + ("," if names else "")
    careful = f"return careful(({spelled}), more, {'named' if named else '{}'})"
    items = [f"{name}=None" for name in names]
    head = [*items, "*more"]
    if named:
        head = [*items, *(["/"] if items else []), "*more", "**named"]
    test = "more or named" if named else "more"
    test += f" or {program.guard}" if program.guard else ""
    lines = ["try:", f"    if {test}:", f"        {careful}"]
    lines += [f"    {line}" for line in program.lines]
    lines += [f"except {ERRORS}:", f"    {careful}"]
    return f"{program.header}\n\n" + define("point", head, lines)


def _check(names: Sequence[str], by_sum: bool) -> str:
    """Write a condition that holds where some argument is no float."""
    if not names:
        return ""
    if by_sum:
        return f"type({' + '.join(names)}) is not float"
    if len(names) <= CHECKED_BY_SUM:
        return f"not {' is '.join(f'type({name})' for name in names)} is float"
    return f"{{*map(type, ({', '.join(names)}))}} != {{float}}"


def _sure(tape: Tape) -> set[int]:
    """The entries that are floats as soon as the arguments are numbers."""
    sure: set[int] = set()
    for number, entry in enumerate(tape.entries):
        name = entry[0]
        if name in ("constant", "divide"):
            sure.add(number)
        elif name in ("add", "subtract", "multiply", "negate"):
            if any(k in sure for k in operands(entry)):
                sure.add(number)
        elif name in _PASSING:
            if all(k in sure for k in operands(entry)[name == "select" :]):
                sure.add(number)
        elif name not in LEAVES and name not in _EQUALITIES:
            sure.add(number)
    return sure


def _guarded(tape: Tape) -> list[int]:
    """The places of the arguments that reach a result by arithmetic alone.

    All others pass through a function of ``math``, which takes real numbers only. An
    argument that nothing uses is guarded too, as nothing else would refuse it.
    """
    open_ended = {*_ARITHMETIC, *_PASSING, *_EQUALITIES}
    found: set[int] = set()
    todo = list(tape.roots)
    places = set()
    used = {e[1] for e in tape.entries if e[0] == "argument"}
    while todo:
        number = todo.pop()
        if number in found:
            continue
        found.add(number)
        entry = tape.entries[number]
        if entry[0] == "argument":
            places.add(entry[1])
        elif entry[0] in open_ended:
            todo.extend(operands(entry))
    unused = {k for k in range(len(tape.arguments)) if k not in used}
    return sorted(places | unused)


def _tuple(items: Sequence[str]) -> str:
    if len(items) == 1:
        return f"({items[0]},)"
    return wrap("(", items, ")", "    ").removeprefix("    ")


def _return(values: Sequence[str], rows: Sequence[Sequence[str]], listed: bool) -> str:
    value = _tuple(values) if listed else values[0]
    if not any(rows):
        return f"return {value}"
    grad = _tuple([_tuple(row) for row in rows]) if listed else _tuple(rows[0])
    return f"return {value}, {grad}"


# --- blocks -----------------------------------------------------------------------


def write_block(tape: Tape, listed: bool = False, package: str = "numpy") -> Program:
    """Write the program for one block of samples, results into rows that are given."""
    writer = Writer(tape, DIALECTS[package])
    early, targets, uses = _early(tape), _targets(tape, listed), list(writer.uses)
    late = [k for k in range(len(tape.entries)) if k not in early]
    needed = {k for number in late for k in operands(tape.entries[number])}
    kept = sorted(early & (needed | set(targets)))
    for k in kept:
        uses[k] += 2  # two functions know it, so it needs a name
    writer.lines((k for k in late if tape.entries[k][0] in LEAVES), uses)
    early_lines = writer.lines(sorted(early), uses)
    lines = []
    for number in late:
        if number in targets and tape.entries[number][0] not in LEAVES:
            lines += _store(writer, number, targets[number], uses[number])
        else:
            lines += writer.lines([number], uses)
    for number, rows in targets.items():
        if tape.entries[number][0] in LEAVES or number in early:
            lines += [f"{row}[...] = {writer.texts[number].code}" for row in rows]
    names = tuple(writer.texts[k].code for k in kept)
    return Program(
        writer.header(),
        tuple(writer.arguments),
        tuple(lines),
        tuple(early_lines),
        names,
    )


def block_source(program: Program, sizes: tuple[int, int, int]) -> str:
    """Write the program as the function ``block``, and ``once`` where it is needed.

    ``sizes`` is that of ``harness.run_blocks``.
    """
    text = ""
    results = ["values" if sizes[0] else "value"]
    if sizes[1]:
        results.append("grads" if sizes[0] else "grad")
    if program.kept:
        lines = [*program.early, f"return {_tuple(program.kept)}"]
        text += define("once", program.arguments, lines) + "\n\n"
    items = [*program.arguments, *program.kept, *results]
    text += define("block", items, program.lines)
    return f"{program.header}\n\n{text}".lstrip("\n")


def _early(tape: Tape) -> set[int]:
    """The operations that depend on parameters alone, where there is other data."""
    if tape.data:  # a block cuts arrays by samples, and theirs may have no samples
        return set()
    learned = set(tape.parameters)
    if len(learned) == len(tape.arguments):
        return set()
    alone: set[int] = set()
    early: set[int] = set()
    for number, entry in enumerate(tape.entries):
        if entry[0] == "argument":
            if entry[1] in learned:
                alone.add(number)
        elif entry[0] in LEAVES:
            alone.add(number)
        elif all(k in alone for k in operands(entry)):
            alone.add(number)
            early.add(number)
    return early


def _targets(tape: Tape, listed: bool) -> dict[int, list[str]]:
    """entry -> the rows that it is the result for."""
    found: dict[int, list[str]] = {}
    for i, number in enumerate(tape.values):
        found.setdefault(number, []).append(f"values[{i}]" if listed else "value")
    for i, row in enumerate(tape.partials):
        for k, number in enumerate(row):
            place = f"grads[{i}][{k}]" if listed else f"grad[{k}]"
            found.setdefault(number, []).append(place)
    return found


def _store(writer: Writer, number: int, rows: list[str], uses: int) -> list[str]:
    """Write one result straight into its row; other uses read it from there."""
    entry: Entry = writer.tape.entries[number]
    text = writer.expression(number)
    identifier = ""
    if uses or number in writer.names or len(rows) > 1:
        identifier = writer.name(number)
    code = _with_out(writer, entry, rows[0])
    if code is not None:
        lines = [f"{identifier} = {code}" if identifier else code]
    elif identifier:
        lines = [f"{identifier} = {text.code}", f"{rows[0]}[...] = {identifier}"]
    else:
        lines = [f"{rows[0]}[...] = {text.code}"]
    lines += [f"{row}[...] = {identifier}" for row in rows[1:]]
    writer.texts[number] = Text(identifier)
    return lines


def _with_out(writer: Writer, entry: Entry, row: str) -> str | None:
    """Write an entry as a function of NumPy's that takes ``out``, where it is one."""
    dialect = writer.dialect
    name = dialect.functions.get(entry[0], entry[0])
    if entry[0] == "negate":
        name = "negative"
    if entry[0] in ("select", "integral", *dialect.templates) or is_own(
        dialect, getattr(dialect.helpers, name, None)
    ):
        return None
    parts = [writer.texts[k].code for k in operands(entry)]
    writer.need(name)
    return f"{name}({', '.join(parts)}, out={row})"
