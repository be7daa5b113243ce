"""Like terms collected and shared factors multiplied once, on a finished tape.

The one rule kept here: sums of products are rewritten by the laws of arithmetic alone;
whatever else stands on the tape stays as it is, and a sum whose terms would cancel is
left as it was written. Over 300 lines with elimination.py in mind: one normal form,
its reading and its writing belong together.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from symgrad.numeric import exact
from symgrad.numeric.recorder import LEAVES, Recorder, operands
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
class _Atoms:
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


def collected(tape: Tape, expand: bool = False) -> Tape:
    """Rewrite sums of products; with ``expand`` also c·(a + b) where terms then join.

    A tape with indexed data comes back as it is. Nobody promises that the result has
    fewer operations: count them.
    """
    if tape.data:
        return tape
    atoms = _Atoms()
    monomials = _read(tape, atoms, expand)
    return _Writer(tape, atoms, monomials).tape()


# --- reading -----------------------------------------------------------------------


def _read(tape: Tape, atoms: _Atoms, expand: bool) -> list[Monomial]:
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


def _product(atoms: _Atoms, first: Monomial, second: Monomial) -> Monomial:
    (a, f), (b, g) = first, second
    c = exact.multiply(a, b)
    if c == 0 or not math.isfinite(exact.to_float(c)):
        return 1, (atoms.intern("op", ("multiply",), (first, second)),)
    if len(f) + len(g) <= MAX_FACTORS:
        return c, tuple(sorted(f + g))
    return c, (atoms.intern("op", ("multiply",), ((1, f), (1, g))),)


def _sum(
    atoms: _Atoms,
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


def _parts(atoms: _Atoms, term: Monomial, alone: bool) -> list[Monomial]:
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
        new = exact.add(old, c)
        if new == 0:
            del terms[factors]
        elif abs(new) * MAX_CANCELLED < max(abs(old), abs(c)):
            return False
        else:
            terms[factors] = new
    return True


def _expanded(atoms: _Atoms, terms: Terms) -> Terms:
    """Multiply c·(a + b) out where a or b is the like of another term."""
    found = dict(terms)
    for factors, c in terms.items():
        key = atoms.keys[factors[0]] if len(factors) == 1 else ("",)
        if key[0] != "sum" or not any(f in found for f, _ in key[1]):
            continue
        trial = {f: b for f, b in found.items() if f != factors}
        if _join(trial, [(exact.multiply(c, b), f) for f, b in key[1]]):
            found = trial
    return found


def _grouped(atoms: _Atoms, terms: Terms) -> Terms:
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


# --- writing -----------------------------------------------------------------------


class _Writer:
    """The atoms that are needed, and each product once, on a new tape."""

    def __init__(
        self, tape: Tape, atoms: _Atoms, monomials: Sequence[Monomial]
    ) -> None:
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
        self.negated = {
            key
            for key, found in signs.items()
            if found == {-1} and (key[0] != 1 or self._is_sum(key[1]))
        }
        products: dict[Any, list[Any]] = {}
        for key in signs:
            size, factors = key
            number = -size if key in self.negated and size != 1 else size
            head = [] if size == 1 else [("number", number)]
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
            return self.recorder.constant(what)
        first, second = (self._factor(each) for each in what)
        return self.recorder.record("multiply", first, second)


def _paired(products: dict[Any, list[Any]]) -> dict[Any, list[Any]]:
    """Make the most common pair of factors one factor, again and again."""
    users: dict[Any, dict[Any, None]] = {}
    heap: list[Any] = []

    def pairs(items: list[Any]) -> set[Any]:
        return {
            (a, b) if repr(a) <= repr(b) else (b, a)
            for k, a in enumerate(items)
            for b in items[k + 1 :]
        }

    def enter(key: Any, found: Iterable[Any]) -> None:
        for pair in found:
            users.setdefault(pair, {})[key] = None
            if len(users[pair]) > 1:
                heapq.heappush(heap, (-len(users[pair]), repr(pair), pair))

    plan = {key: list(items) for key, items in products.items()}
    for key, items in plan.items():
        enter(key, sorted(pairs(items), key=repr))
    while heap:
        count, _, pair = heapq.heappop(heap)
        keys = users.get(pair, {})
        if len(keys) != -count:
            if len(keys) > 1:
                heapq.heappush(heap, (-len(keys), repr(pair), pair))
            continue
        for key in list(keys):
            items = plan[key]
            before = pairs(items)
            while _take(items, pair):
                items.append(("pair", pair))
            after = pairs(items)
            for gone in before - after:
                users[gone].pop(key, None)
            enter(key, sorted(after - before, key=repr))
        users[pair] = {}
    return plan


def _take(items: list[Any], pair: Any) -> bool:
    """Take both factors of a pair away, where both are there."""
    a, b = pair
    if items.count(a) < (2 if a == b else 1) or b not in items:
        return False
    items.remove(a)
    items.remove(b)
    return True
