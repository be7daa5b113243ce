"""Lines of Fortran: breaking long ones, and interfaces to C's mathematics.

The one rule kept here: a line is broken only where a space is.
"""

from __future__ import annotations

from collections.abc import Sequence

MAX_LINE = 118
_FROM_C = ("log1p", "expm1", "cbrt", "log2", "floor", "ceil")
_C_NAMES = {"floor": "whole_below", "ceil": "ceiling"}


def from_c(needed: Sequence[str]) -> list[str]:
    """Interfaces to the functions of C's library that are used."""
    used = [n for n in _FROM_C if {n, _C_NAMES.get(n, n)} & {*needed}]
    if not used:
        return []
    lines = ["interface"]
    for name in used:
        lines += [
            f'    pure function c_{name}(u) bind(c, name="{name}") result(found)',
            "        import :: c_double",
            "        real(c_double), value :: u",
            "        real(c_double) :: found",
            "    end function",
        ]
    return [*lines, "end interface"]


def broken(line: str) -> list[str]:
    """Break a line that is too long where a space is, with Fortran's mark."""
    if line.lstrip().startswith("!"):
        return [line]
    lines = []
    pad = " " * (len(line) - len(line.lstrip()) + 4)
    while len(line) > MAX_LINE:
        at = line.rfind(" ", len(pad) + 8, MAX_LINE)
        if at < 0:
            break
        lines.append(line[:at] + " &")
        line = pad + line[at + 1 :]
    lines.append(line)
    return lines
