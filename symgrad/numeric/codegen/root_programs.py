"""Programs that give all results of a tape at once, for packages with arrays.

The one rule kept here: the program only computes; shapes, types and derivatives are
the business of whoever calls it.
"""

from __future__ import annotations

from collections.abc import Mapping

from symgrad.numeric.codegen.dialects import DIALECTS
from symgrad.numeric.codegen.programs import define
from symgrad.numeric.codegen.python import Writer, header, wrap
from symgrad.numeric.entries import operands, reachable
from symgrad.numeric.tape import Tape


def write_roots(tapes: Mapping[str, Tape], package: str) -> str:
    """Write one function for each tape, of its arguments; it returns its values."""
    dialect = DIALECTS[package]
    used: dict[str, None] = {}
    texts = []
    for name, tape in tapes.items():
        writer = Writer(tape, dialect)
        order = reachable(tape.entries, tape.values)
        uses = [0] * len(tape.entries)
        for number in order:
            for k in operands(tape.entries[number]):
                uses[k] += 1
        for root in tape.values:
            uses[root] += 1
        lines = writer.lines(order, uses)
        results = [writer.texts[k].code for k in tape.values]
        lines.append(_return(results))
        texts.append(define(name, writer.arguments, lines))
        used.update(writer.used)
    return "\n\n".join([header(dialect, used), *texts]).lstrip("\n")


def _return(results: list[str]) -> str:
    if len(results) == 1:
        return f"return ({results[0]},)"
    return wrap("return ", results, "", "    ").removeprefix("    ")
