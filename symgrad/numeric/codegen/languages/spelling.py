"""Names of mathematics as identifiers that every language can read.

The one rule kept here: a name that is an identifier of the language already keeps its
spelling, no two names share one, and nothing but ASCII letters, digits and underscores
is written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from symgrad.numeric.codegen.languages.language import Language
from symgrad.symbols import fresh

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MAX = 60


class Spelling:
    """Gives out the identifiers of one program."""

    def __init__(
        self,
        language: Language,
        reserved: Iterable[str] = (),
        free: frozenset[str] = frozenset(),
    ) -> None:
        self.ignores_case = language.ignores_case
        taken = (*(language.reserved - free), *reserved)
        self.taken = {self._key(name) for name in taken}

    def reserve(self, names: Iterable[str]) -> None:
        """Keep names for others."""
        self.taken.update(self._key(name) for name in names)

    def claim_all(self, names: Sequence[str]) -> list[str]:
        """Give one identifier to each name; good names have the first choice."""
        chosen: dict[int, str] = {}
        for k, name in enumerate(names):
            good = _PLAIN.fullmatch(name) and len(name) <= _MAX and "__" not in name
            if good and self._key(name) not in self.taken:
                self.taken.add(self._key(name))
                chosen[k] = name
        for k, name in enumerate(names):
            if k not in chosen:
                chosen[k] = self.claim(name)
        return [chosen[k] for k in range(len(names))]

    def claim(self, name: str) -> str:
        """Give the identifier nearest to a name."""
        plain = plain_name(name)
        key = fresh(self._key(plain), self.taken)
        self.taken.add(key)
        return key if not key.startswith(plain.lower()) else plain + key[len(plain) :]

    def _key(self, name: str) -> str:
        return name.lower() if self.ignores_case else name


def plain_name(name: str) -> str:
    """Spell a name in ASCII: letters of other alphabets by their names.

    >>> plain_name("σ"), plain_name("w'"), plain_name("2x"), plain_name("Δt")
    ('sigma', 'w_prime', 'v_2x', 'Deltat')
    """
    found = []
    for c in unicodedata.normalize("NFKC", name).replace("'", "_prime"):
        if c.isascii():
            found.append(c if c.isalnum() else "_")
            continue
        words = unicodedata.name(c, "").split()
        if "LETTER" in words[:-1]:
            word = words[words.index("LETTER") + 1].replace("LAMDA", "LAMBDA")
            found.append(word.capitalize() if "CAPITAL" in words else word.lower())
        else:
            plain = unicodedata.normalize("NFKD", c).encode("ascii", "ignore").decode()
            found.append(plain if plain.isalnum() else "_")
    text = re.sub(r"_{2,}", "_", "".join(found))[:_MAX]
    return text if _PLAIN.fullmatch(text) else "v_" + text.lstrip("_")
