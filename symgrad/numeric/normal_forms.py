"""The normal form of what a tape computes: monomials of atoms, like terms joined.

The one rule kept here: sums of products are rewritten by the laws of arithmetic alone;
whatever else stands on the tape stays as it is, and a sum whose terms would cancel is
left as it was written.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from symgrad.numeric import exact
from symgrad.numeric.entries import LEAVES, operands
from symgrad.numeric.tape import Tape

MAX_FACTORS = 8
"""a product of more factors stays nested, so that all stays linear"""
MAX_CANCELLED = 8
"""coefficients that lose more than this factor when added stay apart"""

Number = Any  # an int, a Fraction or a float
Factors = tuple[int, ...]
Monomial = tuple[Number, Factors]
Terms = dict[Factors, Number]


@dataclass
class Atoms:
    """What is no product, each once: leaves, functions of monomials, and sums."""

    keys: list[Any] = field(default_factory=list)
    numbers: dict[Any, int] = field(default_factory=dict)

    def intern(self, *key: Any) -> int:
        # the kinds of numbers stay apart: 1, 1.0 and True are equal keys
        known = (*key[:2], repr(key[2:])) if key[0] == "leaf" else key
        number = self.numbers.get(known)
        if number is None:
            number = self.numbers[known] = len(self.keys)
            self.keys.append(key)
        return number

    def monomials(self, number: int) -> Any:
        """The monomials that an atom is made of."""
        key = self.keys[number]
        if key[0] == "leaf":
            return ()
        if key[0] == "sum":
            return [(c, factors) for factors, c in key[1]]
        return key[2]

    def sum_of(self, terms: Terms) -> Monomial:
        """The monomial that is a sum: its common factor times an atom."""
        if not terms:
            return 0, ()
        items = list(terms.items())
        if len(items) == 1:
            return items[0][1], items[0][0]
        scale = _scale(items)
        normal = tuple(sorted((f, _over(c, scale)) for f, c in items))
        return scale, (self.intern("sum", normal),)

    def known_sum(self, items: Sequence[tuple[Factors, Number]]) -> Monomial | None:
        scale = _scale(items)
        normal = tuple(sorted((f, _over(c, scale)) for f, c in items))
        number = self.numbers.get(("sum", normal))
        return None if number is None else (scale, (number,))


def _scale(items: Sequence[tuple[Factors, Number]]) -> Number:
    """The coefficient taken out: where all are ±c, with the sign of the first."""
    first = min(items)[1]
    if all(abs(c) == abs(first) for _, c in items):
        return first
    return 1 if first > 0 else -1


def _over(c: Number, scale: Number) -> Number:
    if abs(scale) == 1:
        return c if scale > 0 else -c
    return 1 if c == scale else -1


def read_normal(tape: Tape, atoms: Atoms, expand: bool) -> list[Monomial]:
    """Give the monomial of every entry; with ``expand`` also c·(a + b) multiplied out
    where terms then join."""
    uses = Counter(k for entry in tape.entries for k in operands(entry))
    uses.update(tape.roots)
    found: list[Monomial] = []
    for number, entry in enumerate(tape.entries):
        name = entry[0]
        if name == "constant" and math.isfinite(exact.to_float(entry[1])):
            found.append((entry[1], ()))
        elif name in LEAVES:
            found.append((1, (atoms.intern("leaf", number, *entry),)))
        elif name == "negate":
            c, factors = found[entry[1]]
            found.append((-c, factors))
        elif name == "multiply":
            found.append(_product(atoms, found[entry[1]], found[entry[2]]))
        elif name in ("add", "subtract"):
            sides = [(k, uses[k] == 1) for k in entry[1:]]
            found.append(_sum(atoms, found, name, sides, expand))
        else:
            arguments = tuple(found[k] for k in operands(entry))
            head = (name, *entry[1 : len(entry) - len(arguments)])
            found.append((1, (atoms.intern("op", head, arguments),)))
    return found


def _product(atoms: Atoms, first: Monomial, second: Monomial) -> Monomial:
    (a, f), (b, g) = first, second
    c = exact.multiply(a, b)
    if c == 0 or not math.isfinite(exact.to_float(c)):
        return 1, (atoms.intern("op", ("multiply",), (first, second)),)
    if len(f) + len(g) <= MAX_FACTORS:
        return c, tuple(sorted(f + g))
    return c, (atoms.intern("op", ("multiply",), ((1, f), (1, g))),)


def _sum(
    atoms: Atoms,
    found: Sequence[Monomial],
    name: str,
    sides: Sequence[tuple[int, bool]],
    expand: bool,
) -> Monomial:
    terms: Terms = {}
    for place, (k, alone) in enumerate(sides):
        c, factors = found[k]
        sign = -1 if name == "subtract" and place else 1
        if not _join(terms, _parts(atoms, (sign * c, factors), alone)):
            arguments = tuple(found[k] for k, _ in sides)
            return 1, (atoms.intern("op", (name,), arguments),)
    if expand:
        terms = _expanded(atoms, terms)
    return atoms.sum_of(_grouped(atoms, terms))


def _parts(atoms: Atoms, term: Monomial, alone: bool) -> list[Monomial]:
    """The terms of ±(a sum that nothing else uses); else the term itself."""
    c, factors = term
    if alone and abs(c) == 1 and len(factors) == 1:
        key = atoms.keys[factors[0]]
        if key[0] == "sum":
            return [(c * b, f) for f, b in key[1]]
    return [term]


def _join(terms: Terms, more: Iterable[Monomial]) -> bool:
    """Add terms to others; False where too much of a coefficient would cancel."""
    for c, factors in more:
        old = terms.get(factors)
        if old is None:
            if c != 0:
                terms[factors] = c
            continue
        new: Any = exact.add(old, c)
        if new == 0:
            del terms[factors]
        elif abs(new) * MAX_CANCELLED < max(abs(old), abs(c)):
            return False
        else:
            terms[factors] = new
    return True


def _expanded(atoms: Atoms, terms: Terms) -> Terms:
    """Multiply c·(a + b) out where a or b is the like of another term."""
    found = dict(terms)
    for factors, c in terms.items():
        key: Any = atoms.keys[factors[0]] if len(factors) == 1 else ("", ())
        if key[0] != "sum" or not any(f in found for f, _ in key[1]):
            continue
        trial = {f: b for f, b in found.items() if f != factors}
        if _join(trial, [(exact.multiply(c, b), f) for f, b in key[1]]):
            found = trial
    return found


def _grouped(atoms: Atoms, terms: Terms) -> Terms:
    """Replace c·a + c·b by c·(a + b) where that sum is known already."""
    groups: dict[Number, list[tuple[Factors, Number]]] = {}
    for factors, c in terms.items():
        if abs(c) != 1:
            groups.setdefault(abs(c), []).append((factors, c))
    for items in groups.values():
        if 1 < len(items) < len(terms):
            known = atoms.known_sum(items)
            trial = {f: c for f, c in terms.items() if (f, c) not in items}
            if known is not None and _join(trial, [known]):
                terms = trial
    return terms
