"""Data, counts and chosen elements as arguments of a program in another language.

The one rule kept here: what data tell of themselves is no argument; where arrays do not
know their length, the count stays one.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from symgrad.numeric.codegen.languages.expressions import Code
from symgrad.numeric.codegen.languages.indexed import IndexedTranslator, chosen, written
from symgrad.numeric.codegen.languages.language import Indexed, Language
from symgrad.numeric.codegen.languages.spelling import Spelling
from symgrad.numeric.tape import Tape

BATCH = frozenset(("n", "i", "k", "at", "row"))
"""names that only the loop over a batch has"""


@dataclass
class DataArguments:
    """The arguments of one tape: ``names`` in Python, ``spelled`` in the language.

    ``told`` are the places of those that are no arguments, as the data tell them.
    """

    tape: Tape
    language: Language
    names: Sequence[str]
    spelled: Sequence[str]
    vector: int = 0
    told: set[int] = field(default_factory=set)
    columns: dict[str, str] = field(default_factory=dict)
    told_lines: int = 0

    @property
    def counts(self) -> list[int]:
        """The places of what is a whole number: a bound, or which element is meant."""
        whole = {place for place, whole in self.tape.data[1] if whole}
        chosen = (count for *_, where in self.tape.data[2] for count, _ in where)
        return sorted(whole.union(count for count in chosen if count >= 0))

    def types(self) -> dict[str, str]:
        """Python name -> the type of each argument."""
        found = dict.fromkeys(self.names, "float")
        found.update((self.names[place], "int") for place in self.counts)
        found.update((self.names[place], "data") for place, _ in self.tape.data[0])
        return found

    def sizes(self) -> dict[int, tuple[str, ...]]:
        """The length of each axis of data, "" where the formula does not tell it."""
        return {
            place: tuple(self._length(needs) for _, needs in dims)
            for place, dims in self.tape.data[0]
        }

    def _length(self, needs: Sequence[tuple[int, int]]) -> str:
        if any(count >= 0 and count not in self.counts for count, _ in needs):
            return ""
        most: dict[int, int] = {}
        for count, offset in needs:
            most[count] = max(offset, most.get(count, offset))
        text = ""
        for count, offset in most.items():
            terms = ((self.spelled[count], 1),) if count >= 0 else ()
            end = (terms, offset)
            several = len(most) > 1
            other = chosen(self.language, end) if several else written(end).text
            if not text:
                text = other
                continue
            form = self.language.forms["choose"]
            text = f"({form.format(f'{text} > {other}', text, other)})"
        return text

    def claim_columns(self, spelling: Spelling) -> dict[str, str]:
        """Give Python name -> what parts the rows of a matrix; new arguments too."""
        if self.language.knows_lengths:
            return {}
        found = {}
        axis, word = (0, "rows") if self.language.base else (1, "columns")
        for place, sizes in self.sizes().items():
            if len(sizes) < 2:
                continue
            name = self.spelled[place]
            found[self.names[place]] = sizes[axis]
            if not sizes[axis]:
                self.columns[name] = spelling.claim(f"{name}_{word}")
                found[self.names[place]] = self.columns[name]
        return found

    def start(self, translator: IndexedTranslator) -> list[str]:
        """Write what the data tell: counts, and elements by their places."""
        lines: list[str] = []
        known: set[int] = set()
        for place, dims in self.tape.data[0] if self.language.knows_lengths else ():
            for axis, (_, needs) in enumerate(dims):
                asked = {count for count, _ in needs if count >= 0}
                if len(asked) != 1 or not asked <= {*self.counts} - known:
                    continue
                (count,) = asked
                known.add(count)
                most = max(offset for k, offset in needs if k == count)
                form = self.language.forms["columns" if axis else "size"]
                text = form.format(self.spelled[place])
                if most:
                    text += f" {'-' if most > 0 else '+'} {abs(most)}"
                del translator.types[self.names[count]]
                code = Code(text, 0, "int")
                lines += translator.assign(self.names[count], code, 0)
        self.told_lines = len(lines)
        for element, place, where in self.tape.data[2]:
            if element < self.vector:
                continue
            known.add(element)
            text = f"{self.names[element]} = {self.names[place]}"
            firsts = [first for first, _ in dict(self.tape.data[0])[place]]
            for (count, offset), first in zip(where, firsts, strict=True):
                base = self.names[count] if count >= 0 else "0.0"
                text += f"[{base} + {offset - first}]"
            del translator.types[self.names[element]]
            lines += translator.block(ast.parse(text).body, 0)
        self.told = known
        return lines

    def indexed(self, tables: Sequence[str]) -> Indexed:
        """Tell the program what its arguments are; ``start`` comes before."""
        told_by: set[int] = set()
        checks = []
        sizes = self.sizes()
        for place, dims in self.tape.data[0]:
            for axis, (_, needs) in enumerate(dims):
                size = sizes[place][axis]
                asked = {count for count, _ in needs if count >= 0} & self.told
                first = len(asked) == 1 and not asked & told_by
                told_by |= asked
                if size and not (first and len(needs) == 1):
                    checks.append((self.spelled[place], axis, size))
        return Indexed(
            frozenset(self.spelled[place] for place in self.counts),
            {self.spelled[place]: own for place, own in sizes.items()},
            self.columns,
            checks if self.language.knows_lengths else (),
            tables,
            self.vector + self.told_lines,
        )

    def about(self) -> list[str]:
        """What the doc comment says of data and of what they tell."""
        lines = []
        order = "" if self.language.knows_lengths or self.language.base else ", by rows"
        for place, dims in self.tape.data[0]:
            name, sizes = self.spelled[place], self.sizes()[place]
            firsts = "_".join(str(first) for first, _ in dims)
            start = f"the first of them {self.tape.arguments[place]}_{firsts}"
            shown = [size or "…" for size in sizes]
            kind = f"{' × '.join(shown)} numbers{order if len(sizes) > 1 else ''}"
            lines.append(f"{name} are {kind}, {start}.")
        for place in sorted(self.told):
            lines.append(f"{self.spelled[place]} is told by the data.")
        return lines


def told_columns(found: Mapping[str, str]) -> dict[str, str]:
    """What stands between rows in code, in brackets where it must."""
    return {
        name: text if text.isidentifier() or text.isdigit() else f"({text})"
        for name, text in found.items()
    }
