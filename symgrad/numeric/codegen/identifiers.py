"""Names of mathematics as identifiers of a program, one to one.

The one rule kept here: a name that is an identifier already keeps its spelling, and
no two names ever share one.
"""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Iterable

from symgrad.symbols import fresh


class Identifiers:
    """Gives out identifiers, none twice; ``reserved`` are those of the language."""

    def __init__(self, reserved: Iterable[str]) -> None:
        self.taken = {*reserved, *keyword.kwlist, *keyword.softkwlist}
        self.counter = 0

    def claim_all(self, names: Iterable[str]) -> list[str]:
        """Give one identifier to each name; good names have the first choice."""
        wanted = list(names)
        chosen: dict[int, str] = {}
        for k, name in enumerate(wanted):
            if _is_plain(name) and name not in self.taken:
                chosen[k] = name
                self.taken.add(name)
        for k, name in enumerate(wanted):
            if k not in chosen:
                chosen[k] = self.claim(name)
        return [chosen[k] for k in range(len(wanted))]

    def claim(self, name: str) -> str:
        """Give the identifier nearest to a name."""
        identifier = fresh(_plain(name), self.taken)
        self.taken.add(identifier)
        return identifier

    def temporary(self) -> str:
        """Give ``t_1``, ``t_2``, …, whatever is still free."""
        while True:
            self.counter += 1
            name = f"t_{self.counter}"
            if name not in self.taken:
                self.taken.add(name)
                return name


def _is_plain(name: str) -> bool:
    """Whether Python keeps the spelling (it folds look-alikes into one)."""
    return name.isidentifier() and unicodedata.normalize("NFKC", name) == name


def _plain(name: str) -> str:
    """Spell a name in characters that identifiers may have."""
    text = unicodedata.normalize("NFKC", name).replace("'", "_prime")
    text = "".join(c if ("_" + c).isidentifier() else "_" for c in text)
    return text if text.isidentifier() else "_" + text
