"""Sums and products over an index as loops of Python numbers.

The one rule kept here: the terms of a sum are added without loss (``math.fsum``), so
that the error does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from symgrad.numeric.codegen.reductions import slices_of
from symgrad.numeric.codegen.texts import Text
from symgrad.numeric.entries import operands
from symgrad.numeric.nests import KEPT, Nest, Step, schedule

if TYPE_CHECKING:
    from symgrad.numeric.codegen.python import Writer


class Loops:
    """Writes the loops of one tape; what is computed in a loop has one name in all."""

    def __init__(self, writer: Writer, uses: Sequence[int]) -> None:
        self.writer, self.tape, self.uses = writer, writer.tape, list(uses)
        self.ranges: dict[int, tuple[str, str]] = {}
        self.terms: dict[int, tuple[str, str]] = {}
        for number, entry in enumerate(self.tape.entries):
            if number in self.tape.axes or entry[0] in KEPT:
                for k in operands(entry):
                    self.uses[k] += 2  # a loop reads what has been computed before it

    def lines(self) -> list[str]:
        """Write the whole tape."""
        self.writer.loops = self
        lines: list[str] = []
        for step in self._steps():
            if isinstance(step, Nest):
                lines += self._nest(step)
            else:
                lines += self.writer.lines([step], self.uses)
        return lines

    def element(self, number: int) -> str:
        """Write a datum: its place is within the data, or looked for."""
        writer = self.writer
        argument, *indices = self.tape.entries[number][1:]
        place = self.tape.entries[argument][1]
        firsts = [first for first, _ in dict(self.tape.data[0])[place]]
        code = writer.texts[argument].code
        slices = slices_of(writer, number)
        if slices is None:
            pairs = [
                f"({writer.texts[k].code}, {first})"
                for k, first in zip(indices, firsts, strict=True)
            ]
            writer.need("chosen")
            name = self.tape.arguments[place]
            return f"chosen({code}, {name!r}, {', '.join(pairs)})"
        for (axis, shift), first in zip(slices, firsts, strict=True):
            far = shift - first
            more = f" {'-' if far < 0 else '+'} {abs(far)}" if far else ""
            code += f"[{writer.name(axis)}{more}]"
        return code

    # --- one nest -----------------------------------------------------------------

    def _nest(self, nest: Nest) -> list[str]:
        writer, uses = self.writer, self._uses(nest)
        lines = self._opening(nest)
        stops = len(nest.loops)
        for depth, axis in enumerate(nest.loops):
            body = writer.lines(nest.depths[depth], uses)
            if depth == stops - 1:
                body += [line for k in nest.results for line in self._start(k)]
            body += self._opened(nest, depth, axis)
            lines += _indented(body, depth)
        lines += _indented(self._innermost(nest, uses), stops)
        ends = [line for k in nest.results for line in self._end(k)]
        lines += _indented(ends, stops - 1)
        if nest.wide is not None:
            lines += self._found(nest.wide)
        for numbers in nest.depths:
            for number in numbers:
                del writer.texts[number]
        return lines

    def _steps(self) -> list[Step]:
        return schedule(self.tape)

    def _opening(self, nest: Nest) -> list[str]:
        """Write what stands before the loops: what they fill."""
        writer = self.writer
        lines = [f"{writer.name(k)} = {{}}" for k in self._tables(nest)]
        if nest.wide is not None:
            pair = writer.identifiers.claim_all(["lowers", "uppers"])
            lines += [f"{name} = []" for name in pair]
            self.ranges[nest.wide] = (pair[0], pair[1])
        return lines

    def _tables(self, nest: Nest) -> list[int]:
        return [k for k in nest.results if k in self.tape.axes]

    def _uses(self, nest: Nest) -> list[int]:
        """How often lines of the nest use an entry; an outer one needs a name."""
        depth_of = {k: d for d, row in enumerate(nest.depths) for k in row}
        found = [0] * len(self.tape.entries)
        for number, depth in depth_of.items():
            for k in operands(self.tape.entries[number]):
                inline = depth_of.get(k) == depth
                inline &= (k in nest.tests) == (number in nest.tests)
                found[k] += 1 if inline else 2
        for k in (*nest.masks, *(self.tape.entries[k][1] for k in nest.results)):
            found[k] += 1 if depth_of.get(k) == len(nest.loops) else 2
        for k in self._bounds(nest):
            found[k] += 2
        return found

    def _bounds(self, nest: Nest) -> list[int]:
        axes = [*nest.loops, *([] if nest.wide is None else [nest.wide])]
        return [k for axis in axes for k in operands(self.tape.entries[axis])]

    def _opened(self, nest: Nest, depth: int, axis: int) -> list[str]:
        """Write the head of a loop, and see that the data have all its places."""
        writer = self.writer
        writer.need("span")
        bounds: Sequence[str] = self.ranges.get(axis, ())
        if nest.exact[depth]:
            sides = operands(self.tape.entries[axis])
            bounds = [writer.texts[k].code for k in sides]
        name = writer.name(axis)
        writer.texts[axis] = Text(name)
        places = f"span({', '.join(bounds)})"
        checks = self._checks(nest, axis)
        if not checks:
            return [f"for {name} in {places}:"]
        writer.need("within")
        every = writer.identifiers.claim("places")
        lines = [f"{every} = {places}"]
        lines += [f"within({data}, {every}, {shift})" for data, shift in checks]
        return [*lines, f"for {name} in {every}:"]

    def _checks(self, nest: Nest, axis: int) -> list[tuple[str, int]]:
        """The data that have this index, and its shift: x_{i+1} has 1."""
        found: dict[tuple[str, int], None] = {}
        for number in (k for row in nest.depths for k in row):
            if self.tape.entries[number][0] != "element":
                continue
            argument = self.tape.entries[number][1]
            place = self.tape.entries[argument][1]
            name, code = self.tape.arguments[place], self.writer.texts[argument].code
            slices = slices_of(self.writer, number) or ()
            for dim, (k, shift) in enumerate(slices):
                if k == axis:
                    rows = f"{code}[0] if {code} else ()" if dim else code
                    first = dict(self.tape.data[0])[place][dim][0]
                    found[f"{name!r}, len({rows}), {first}", shift] = None
        return list(found)

    def _innermost(self, nest: Nest, uses: Sequence[int]) -> list[str]:
        writer = self.writer
        lines = writer.lines(nest.tests, uses)
        rest = [k for k in nest.depths[-1] if k not in {*nest.tests}]
        body = writer.lines(rest, uses)
        body += [line for k in nest.results for line in self._term(k)]
        if nest.wide is not None:
            body += self._met(nest.wide)
        if nest.masks:
            several = len(nest.masks) > 1
            texts = [writer.texts[k] for k in nest.masks]
            codes = [f"({t.code})" if several else t.code for t in texts]
            lines.append(f"if {' and '.join(codes)}:")
            body = _indented(body, 1)
        return lines + body

    # --- one result ---------------------------------------------------------------

    def _start(self, number: int) -> list[str]:
        writer, kind = self.writer, self.tape.entries[number][0]
        if kind == "product":
            self.terms[number] = (writer.identifiers.claim("factor"), "")
            return [f"{self.terms[number][0]} = 1.0"]
        names = [writer.identifiers.claim("factors" if kind == "others" else "terms")]
        names += [writer.identifiers.claim("met")] if kind == "others" else [""]
        self.terms[number] = (names[0], names[1])
        return [f"{name} = []" for name in names if name]

    def _term(self, number: int) -> list[str]:
        kind, body = self.tape.entries[number][:2]
        code = self.writer.texts[body].code
        name, met = self.terms[number]
        if kind == "product":
            return [f"{name} *= {code}"]
        lines = [f"{name}.append({code})"]
        return [*lines, f"{met}.append(({self._key(number)}))"] if met else lines

    def _end(self, number: int) -> list[str]:
        writer, kind = self.writer, self.tape.entries[number][0]
        name, met = self.terms[number]
        if kind == "others":
            writer.need("others")
            table = writer.name(number)
            self.writer.texts[number] = Text(f"{table}[{self._key(number)}]")
            return [f"{table}.update(zip({met}, others({name})))"]
        gathered = {"sum": "fsum", "largest": "largest"}.get(kind)
        if gathered:
            writer.need(gathered)
        code = f"{gathered}({name})" if gathered else name
        if number in self.tape.axes:
            place = f"{writer.name(number)}[{self._key(number)}]"
            writer.texts[number] = Text(place)
            return [f"{place} = {code}"]
        if self.uses[number] <= 1 and number not in writer.names:
            writer.texts[number] = Text(code)
            return []
        writer.texts[number] = Text(writer.name(number))
        return [f"{writer.name(number)} = {code}"]

    def _key(self, number: int) -> str:
        """The places of the loops around, as a table has them."""
        return ", ".join(self.writer.name(axis) for axis in self.tape.axes[number])

    # --- bounds that are looked for -----------------------------------------------

    def _met(self, axis: int) -> list[str]:
        lower, upper = (
            self.writer.texts[k].code for k in operands(self.tape.entries[axis])
        )
        lowers, uppers = self.ranges[axis]
        lines = [f"if {lower} <= {upper}:"]
        return [
            *lines,
            f"    {lowers}.append({lower})",
            f"    {uppers}.append({upper})",
        ]

    def _found(self, axis: int) -> list[str]:
        lowers, uppers = self.ranges[axis]
        pair = [self.writer.identifiers.claim(name) for name in ("lower", "upper")]
        self.ranges[axis] = (pair[0], pair[1])
        return [
            f"{pair[0]} = min({lowers}, default=1)",
            f"{pair[1]} = max({uppers}, default=0)",
        ]


def _indented(lines: Sequence[str], depth: int) -> list[str]:
    return ["    " * depth + line for line in lines]
