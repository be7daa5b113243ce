"""Like terms collected and shared factors multiplied once, on a finished tape.

The one rule kept here: each product is made once, from the pairs of factors that most
products share; what is only subtracted is made with its sign.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from symgrad.numeric.normal_forms import (
    Atoms,
    Factors,
    Monomial,
    Number,
    read_normal,
)
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.tape import Tape


def collected(tape: Tape, expand: bool = False) -> Tape:
    """Rewrite sums of products; with ``expand`` also c·(a + b) where terms then join.

    A tape with indexed data comes back as it is. Nobody promises that the result has
    fewer operations: count them.
    """
    if tape.data:
        return tape
    atoms = Atoms()
    monomials = read_normal(tape, atoms, expand)
    return _Writer(tape, atoms, monomials).tape()


class _Writer:
    """The atoms that are needed, and each product once, on a new tape."""

    def __init__(self, tape: Tape, atoms: Atoms, monomials: Sequence[Monomial]) -> None:
        self.old, self.atoms, self.monomials = tape, atoms, monomials
        self.recorder = Recorder()
        self.entries: dict[int, int] = {}
        self.negated: set[Any] = set()
        self.products: dict[tuple[Number, Factors], int] = {}
        self.live = self._live()
        self.plan = self._plan()

    def _live(self) -> list[int]:
        found = {k for r in self.old.roots for k in self.monomials[r][1]}
        todo = list(found)
        while todo:
            for _, factors in self.atoms.monomials(todo.pop()):
                new = [k for k in factors if k not in found]
                found.update(new)
                todo += new
        return sorted(found)

    def _plan(self) -> dict[Any, list[Any]]:
        """The factors of each product, pairs that products share taken as one.

        What is needed only with a minus sign is made with one.
        """
        signs: dict[tuple[Number, Factors], set[int]] = {}
        direct = [self.monomials[r] for r in self.old.roots]
        for number in self.live:
            in_sum = self.atoms.keys[number][0] == "sum"
            for c, factors in self.atoms.monomials(number):
                found = signs.setdefault((abs(c), factors), set())
                if not in_sum:
                    found.add(1 if c >= 0 else -1)
        for c, factors in direct:
            signs.setdefault((abs(c), factors), set()).add(1 if c >= 0 else -1)
        for c, factors in list(signs):  # a factor of a product is used as it is
            for k in factors if (c, len(factors)) != (1, 1) else ():
                signs.setdefault((1, (k,)), set()).add(1)
        self.negated = {
            key
            for key, found in signs.items()
            if found == {-1} and (key[0] != 1 or self._is_sum(key[1]))
        }
        products: dict[Any, list[Any]] = {}
        for key in signs:
            size, factors = key
            number = -size if key in self.negated and size != 1 else size
            head = [] if size == 1 else [("number", repr(number), number)]
            products[key] = [*head, *(("atom", k) for k in factors)]
        return _paired(products)

    def _is_sum(self, factors: Factors) -> bool:
        return len(factors) == 1 and self.atoms.keys[factors[0]][0] == "sum"

    def tape(self) -> Tape:
        for number in self.live:
            self.entries[number] = self._atom(number)
        roots = {r: self._direct(self.monomials[r]) for r in self.old.roots}
        old = self.old
        named = [
            [(k, name) for j, name in pairs if (k := self._known(j)) is not None]
            for pairs in (old.names, old.hints)
        ]
        return Tape(
            tuple(self.recorder.entries),
            old.arguments,
            tuple(roots[r] for r in old.values),
            tuple(tuple(roots[r] for r in row) for row in old.partials),
            tuple(dict(reversed(named[0])).items()),
            tuple(dict(reversed(named[1])).items()),
            old.parameters,
        )

    def _known(self, number: int) -> int | None:
        """The entry of what an entry of the old tape was worth, where it is needed."""
        c, factors = self.monomials[number]
        key = (abs(c), factors)
        if c < 0 or key in self.negated:
            return None
        if c == 1 and len(factors) == 1:
            return self.entries.get(factors[0])
        return self.products.get(key)

    def _atom(self, number: int) -> int:
        key = self.atoms.keys[number]
        if key[0] == "leaf":
            return self.recorder.record(*key[2:])
        if key[0] == "op":
            arguments = [self._direct(each) for each in key[2]]
            return self.recorder.record(*key[1], *arguments)
        turned = (1, (number,)) in self.negated
        return self._write_sum([(-c if turned else c, f) for f, c in key[1]])

    def _write_sum(self, terms: Iterable[Monomial]) -> int:
        """Write a sum, products first and what is added before what is subtracted."""
        signed = []
        for c, factors in terms:
            if factors:
                sign = 1 if c > 0 else -1
                flipped = (abs(c), factors) in self.negated
                signed.append((-sign if flipped else sign, self._product(c, factors)))
        for c, factors in terms:
            if not factors:
                constant = self.recorder.constant(abs(c))
                signed.append((1 if c > 0 else -1, constant))
        signed.sort(key=lambda pair: -pair[0])
        (sign, number), *rest = signed
        if sign < 0:
            number = self.recorder.record("negate", number)
        for sign, other in rest:
            number = self.recorder.record(
                "add" if sign > 0 else "subtract", number, other
            )
        return number

    def _direct(self, monomial: Monomial) -> int:
        """The entry of a monomial with its sign."""
        c, factors = monomial
        if not factors:
            return self.recorder.constant(c)
        number = self._product(c, factors)
        if (c < 0) != ((abs(c), factors) in self.negated):
            return self.recorder.record("negate", number)
        return number

    def _product(self, c: Number, factors: Factors) -> int:
        """The entry of |c|·factors, or of its opposite where that one is planned."""
        key = (abs(c), factors)
        if key not in self.products:
            first, *rest = (self._factor(each) for each in self.plan[key])
            for other in rest:
                first = self.recorder.record("multiply", first, other)
            self.products[key] = first
        return self.products[key]

    def _factor(self, item: Any) -> int:
        kind, what = item[0], item[1]
        if kind == "atom":
            return self.entries[what]
        if kind == "number":
            return self.recorder.constant(item[2])
        first, second = (self._factor(each) for each in what)
        return self.recorder.record("multiply", first, second)


@dataclass
class _Pairs:
    """Products as lists of numbered factors, and which of them hold each pair."""

    plan: dict[Any, list[int]]
    made: int
    users: dict[tuple[int, int], set[Any]] = field(default_factory=dict)
    heap: list[tuple[int, int, int]] = field(default_factory=list)

    def enter(self, key: Any, pairs: Iterable[tuple[int, int]]) -> None:
        for pair in pairs:
            found = self.users.setdefault(pair, set())
            found.add(key)
            if len(found) > 1:
                heapq.heappush(self.heap, (-len(found), *pair))

    def join(self, pair: tuple[int, int]) -> None:
        """Make a pair one factor, wherever it stands."""
        for key in sorted(self.users.pop(pair)):
            items = self.plan[key]
            before = _pairs_of(items)
            while _take(items, pair):
                items.append(self.made)
            after = _pairs_of(items)
            for gone in before - after - {pair}:
                self.users[gone].discard(key)
            self.enter(key, sorted(after - before))
        self.made += 1


def _pairs_of(items: list[int]) -> set[tuple[int, int]]:
    ordered = sorted(items)
    return {(a, b) for k, a in enumerate(ordered) for b in ordered[k + 1 :]}


def _paired(products: Mapping[Any, list[Any]]) -> dict[Any, list[Any]]:
    """Make the most common pair of factors one factor, again and again."""
    names: dict[Any, int] = {}
    plan = {
        place: [names.setdefault(item, len(names)) for item in items]
        for place, items in enumerate(products.values())
    }
    factors: list[Any] = list(names)
    pairs = _Pairs(plan, len(factors))
    for place, items in plan.items():
        pairs.enter(place, sorted(_pairs_of(items)))
    while pairs.heap:
        count, *pair = heapq.heappop(pairs.heap)
        both = (pair[0], pair[1])
        found = pairs.users.get(both, ())
        if len(found) == -count:
            factors.append(("pair", (factors[both[0]], factors[both[1]])))
            pairs.join(both)
        elif len(found) > 1:
            heapq.heappush(pairs.heap, (-len(found), *both))
    return {
        key: [factors[k] for k in plan[place]] for place, key in enumerate(products)
    }


def _take(items: list[int], pair: tuple[int, int]) -> bool:
    """Take both factors of a pair away, where both are there."""
    a, b = pair
    if items.count(a) < (2 if a == b else 1) or b not in items:
        return False
    items.remove(a)
    items.remove(b)
    return True
