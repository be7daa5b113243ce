"""Sums and products over an index as loops that every language can be given.

The one rule kept here: that of codegen/loops.py, whose loops these are; what Python
gathers in lists and dictionaries is added at once, or stands in a table of a size that
is known before. The error of a sum does not grow with its terms (Knuth, TAOCP 4.2.2).
"""

from __future__ import annotations

from symgrad.numeric.codegen.languages.language import indented
from symgrad.numeric.codegen.loops import Loops
from symgrad.numeric.codegen.texts import Text
from symgrad.numeric.entries import operands
from symgrad.numeric.nests import Nest, Step, schedule

_STARTS = {
    "sum": ("total", "[0.0]*2"),
    "product": ("factor", "1.0"),
    "largest": ("largest", "-inf"),
    "others": ("before", "1.0"),
}


class PortableLoops(Loops):
    """Writes the loops of one tape in the part of Python that is translated."""

    def element(self, number: int) -> str:
        """Write a datum; no place is checked, the doc comment tells the lengths."""
        argument, *indices = self.tape.entries[number][1:]
        place = self.tape.entries[argument][1]
        code = self.writer.texts[argument].code
        firsts = [first for first, _ in dict(self.tape.data[0])[place]]
        for k, first in zip(indices, firsts, strict=True):
            code += f"[{self.writer.texts[k].code} - {first}]"
        return code

    def _steps(self) -> list[Step]:
        return schedule(self.tape, sized=True)

    def _opening(self, nest: Nest) -> list[str]:
        writer, lines = self.writer, []
        for number in self._tables(nest):
            sizes = [self._bounds_of(axis) for axis in self.tape.axes[number]]
            lines.append(f"{writer.name(number)} = table({', '.join(sizes)})")
        for number in nest.results:
            entry = self.tape.entries[number]
            if entry[0] == "others":
                factors = writer.identifiers.claim("factors")
                self.terms[number] = ("", factors)
                lines.append(f"{factors} = table({self._bounds_of(entry[2])})")
        if nest.wide is not None:
            pair = writer.identifiers.claim_all(["lower", "upper"])
            self.ranges[nest.wide] = (pair[0], pair[1])
            lines += [f"{pair[0]} = whole(1)", f"{pair[1]} = whole(0)"]
        return lines

    def _bounds_of(self, axis: int) -> str:
        """Both ends of all that an index comes to."""
        known = self.ranges.get(axis)
        if known is None:
            sides = operands(self.tape.entries[axis])
            known = tuple(self.writer.texts[k].code for k in sides)  # type: ignore[assignment]
        assert known is not None
        return f"({known[0]}, {known[1]})"

    def _opened(self, nest: Nest, depth: int, axis: int) -> list[str]:
        writer = self.writer
        name = writer.name(axis)
        writer.texts[axis] = Text(name)
        return [f"for {name} in span{self._ends(nest, depth, axis)}:"]

    def _ends(self, nest: Nest, depth: int, axis: int) -> str:
        if not nest.exact[depth]:
            return self._bounds_of(axis)
        sides = operands(self.tape.entries[axis])
        return f"({', '.join(self.writer.texts[k].code for k in sides)})"

    def _innermost(self, nest: Nest, uses: object) -> list[str]:
        self.inner = nest
        lines = super()._innermost(nest, uses)  # type: ignore[arg-type]
        if nest.masks:  # where a factor is left out stands 1
            places = [self._factor(k) for k in nest.results if self._is_others(k)]
            lines[:0] = [f"{place} = 1.0" for place in places]
        return lines

    def _is_others(self, number: int) -> bool:
        return bool(self.tape.entries[number][0] == "others")

    def _factor(self, number: int) -> str:
        axis = self.tape.entries[number][2]
        return f"{self.terms[number][1]}[{self.writer.name(axis)}]"

    # --- one result ---------------------------------------------------------------

    def _start(self, number: int) -> list[str]:
        name, start = _STARTS[self.tape.entries[number][0]]
        name = self.writer.identifiers.claim(name)
        self.terms[number] = (name, self.terms.get(number, ("", ""))[1])
        return [f"{name} = {start}"]

    def _term(self, number: int) -> list[str]:
        kind, body = self.tape.entries[number][:2]
        code, name = self.writer.texts[body].code, self.terms[number][0]
        if kind == "sum":
            return [f"add({name}, {code})"]
        if kind == "product":
            return [f"{name} *= {code}"]
        if kind == "largest":
            return [f"{name} = max({name}, {code})"]
        factor, place = self._factor(number), self._place(number)
        return [f"{factor} = {code}", f"{place} = {name}", f"{name} *= {factor}"]

    def _end(self, number: int) -> list[str]:
        writer, kind = self.writer, self.tape.entries[number][0]
        name = self.terms[number][0]
        if kind == "others":
            return self._all_others(number)
        code = name if kind == "product" else f"added({name})"
        if kind == "largest":
            code = f"({name} if isfinite({name}) else 0.0)"
        if number in self.tape.axes:
            writer.texts[number] = Text(self._place(number))
            return [f"{self._place(number)} = {code}"]
        if self.uses[number] <= 1 and number not in writer.names:
            writer.texts[number] = Text(code)
            return []
        writer.texts[number] = Text(writer.name(number))
        return [f"{writer.name(number)} = {code}"]

    def _all_others(self, number: int) -> list[str]:
        """Multiply the products of all factors before by those of all behind."""
        nest, axis = self.inner, self.tape.entries[number][2]
        ends = self._ends(nest, len(nest.loops) - 1, axis)
        after = self.writer.identifiers.claim("after")
        place, factor = self._place(number), self._factor(number)
        self.writer.texts[number] = Text(place)
        lines = [f"{place} = {place}*{after}", f"{after} *= {factor}"]
        head = f"for {self.writer.name(axis)} in span_down{ends}:"
        return [f"{after} = 1.0", head, *indented(lines)]

    def _place(self, number: int) -> str:
        return f"{self.writer.name(number)}[{self._key(number)}]"

    # --- bounds that are looked for -----------------------------------------------

    def _met(self, axis: int) -> list[str]:
        sides = operands(self.tape.entries[axis])
        low, high = (self.writer.texts[k].code for k in sides)
        lower, upper = self.ranges[axis]
        first = self.writer.identifiers.claim("first")
        return [
            f"if {low} <= {high}:",
            f"    {first} = {upper} < {lower}",
            f"    {lower} = whole({low} if {first} or {low} < {lower} else {lower})",
            f"    {upper} = whole({high} if {first} or {high} > {upper} else {upper})",
        ]

    def _found(self, axis: int) -> list[str]:
        return []
