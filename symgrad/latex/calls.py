r"""Which names before a bracket are functions: J_{2}(x), \zeta(x), f'(x), V(r) = ….

The one rule kept here: a letter before a bracket is a function where it cannot be a
product or a function of the reader's own; where it can, it is refused with both
readings. ``\mathopen{}`` before the bracket, as symgrad writes it, or
``\operatorname`` around the letter makes it the function.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from symgrad.errors import FormulaError
from symgrad.latex.checks import holds_itself, is_bracketed
from symgrad.latex.rows import Row, read_name
from symgrad.latex.tokens import BOX, CALL, Token, fail
from symgrad.vocabulary import ABSTRACT, is_known

_BESSEL = {"J": "besselj", "Y": "bessely", "I": "besseli", "K": "besselk"}
_FUNCTIONS = {
    **{("W", 1): "LambertW", ("zeta", 1): "zeta", ("B", 2): "beta"},
    **{("Gamma", 1): "gamma", ("Gamma", 2): "uppergamma", ("gamma", 2): "lowergamma"},
    **{("S", 1): "fresnels", ("C", 1): "fresnelc", ("psi", 1): "digamma"},
    **{("K", 1): "elliptic_k", ("E", 1): "elliptic_e"},
    **{("Ai", 1): "airyai", ("Bi", 1): "airybi"},
}
"""What a letter before a bracket with so many arguments is."""

_COMMON = frozenset("SCKE") | {"psi"}
"""Letters that people use more often for functions of their own."""

_SURE = frozenset({"Gamma", "Ai", "Bi"})
_NAMES = ("letter", "letters", "greek", "accent", "styled")
_HEADS = ("letter", "letters", "greek", "operatorname")


@dataclass(frozen=True)
class _Head:
    """A name with its index, primes, order and power before an opening bracket."""

    token: Token
    index: Token | None
    primes: int
    order: Token | None
    power: tuple[Token, ...]
    end: int


def mark_calls(text: str, tokens: Sequence[Token]) -> list[Token]:
    """Give the tokens with one token for each function whose name is a letter.

    Raises ``FormulaError`` where a letter before a bracket is read in two ways.
    """
    own = frozenset(_defined(text, tokens))
    names: Counter[str] = Counter()
    for row in _rows(tokens):
        names.update(_named(row))
        places = range(len(row))
        heads = [h for h in (_head(row, at) for at in places) if h is not None]
        names.subtract(h.token.text for h in heads)
    taken = frozenset(name for name, count in names.items() if count > 0)
    return _Marker(text, own, taken).row(tokens)


def _rows(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The tokens, and those of each group in them."""
    todo: list[Sequence[Any]] = [tokens]
    while todo:
        row = [each for each in todo.pop() if isinstance(each, Token)]
        yield row
        for token in row:
            todo += [token.parts] if _is_flat(token) else [p for p in token.parts if p]


def _is_flat(token: Token) -> bool:
    """Whether the parts of a token are one row, as those of a group, not several."""
    return any(isinstance(part, Token) for part in token.parts)


def _named(row: Sequence[Token]) -> Iterator[str]:
    """The letters of a row that are no index."""
    for at, token in enumerate(row):
        is_index = at > 0 and (row[at - 1].kind, row[at - 1].text) == ("script", "_")
        if token.kind in _HEADS and not is_index:
            yield token.text


def _defined(text: str, tokens: Sequence[Token]) -> Iterator[str]:
    r"""The functions that the text defines: V of ``V(r) = …``."""
    starts = [k + 1 for k, t in enumerate(tokens) if t.text in (";", "\\\\")]
    for start in (0, *starts):
        row = Row(text, tokens, start)
        row.skip_gaps()
        name = _read(row)
        if name is None or not row.take("("):
            continue
        while _read(row) is not None and row.take(","):
            row.skip_gaps()
        if row.take(")") and row.take("="):
            yield name


def _read(row: Row) -> str | None:
    """Read a name where one stands."""
    row.skip_gaps()
    token = row.peek()
    if token.kind not in _NAMES:
        return None
    row.at += 1
    try:
        return read_name(row, token)
    except FormulaError:
        return None


def _head(row: Sequence[Token], at: int) -> _Head | None:
    """The letter at a place with all that stands between it and its bracket."""
    found = _parts(row, at)
    if found is None or found.end >= len(row):
        return None
    opened = row[found.end]
    is_call = (opened.kind, opened.text) == ("sign", "(") and opened.parts != BOX
    return found if is_call else None


def _parts(row: Sequence[Token], at: int) -> _Head | None:
    token, index, order, primes = row[at], None, None, 0
    if token.kind == "group" and token.parts:
        inner = _parts(token.parts, 0)
        if inner is None or inner.end != len(token.parts) or inner.power:
            return None
        token, index = inner.token, inner.index
        order, primes = inner.order, inner.primes
    if token.kind not in _HEADS:
        return None
    power: tuple[Token, ...] = ()
    at += 1
    while at < len(row):
        if (row[at].kind, row[at].text) == ("sign", "'"):
            primes += 1
            at += 1
            continue
        if row[at].kind != "script" or at + 1 == len(row):
            break
        sign, part = row[at].text, row[at + 1]
        inside = part.parts if part.kind == "group" else (part,)
        if sign == "_":
            index = part
        elif inside and all(t.text == "'" for t in inside):
            primes += len(inside)
        elif part.kind == "group" and is_bracketed(part) and token.text == "psi":
            order = part
        else:
            power = (row[at], part)
        at += 2
    return _Head(token, index, primes, order, power, at)


@dataclass(frozen=True)
class _Marker:
    """What is known of the whole text while its rows are gone through."""

    text: str
    own: frozenset[str]
    taken: frozenset[str]

    def row(self, tokens: Sequence[Token]) -> list[Token]:
        """Mark one row, the groups in it first (they nest to MAX_NESTING)."""
        row = [token._replace(parts=self._parts(token)) for token in tokens]
        found: list[Token] = []
        at = 0
        while at < len(row):
            is_index = bool(found) and found[-1].kind == "script"
            made = None if is_index else self._own(row, at) or self._known(row, at)
            if made is None:
                found.append(row[at])
                at += 1
            else:
                found += made[0]
                at = made[1]
        return found

    def _parts(self, token: Token) -> tuple[Any, ...]:
        if _is_flat(token):
            return tuple(self.row(token.parts))
        return tuple(
            tuple(self.row(part)) if isinstance(part, tuple) else part
            for part in token.parts
        )

    def _own(self, row: list[Token], at: int) -> tuple[list[Token], int] | None:
        """A function that the text defines, or an abstract one: f'(x), V^2(r)."""
        reader = Row(self.text, row, at)
        name = None if row[at].kind == "gap" else _read(reader)
        if name is None or not {name, name.rstrip("'")} & (self.own | ABSTRACT):
            return None
        power: list[Token] = []
        if reader.peek().kind == "script" and reader.peek().text == "^":
            power = row[reader.at : reader.at + 2]
            reader.at += 2
        opened = reader.peek()
        if (opened.kind, opened.text) != ("sign", "(") or (power and opened.parts):
            return None
        return [Token("call", name, row[at].start), *power], reader.at

    def _known(self, row: list[Token], at: int) -> tuple[list[Token], int] | None:
        """A function of the table whose name is a letter."""
        head = _head(row, at)
        if head is None:
            return None
        letter, opened = head.token.text, row[head.end]
        count, has_sum = _inside(row, head.end)
        name, order = _name(head, count)
        if not name:
            return None
        if opened.parts != CALL and head.token.kind != "operatorname":
            is_product = has_sum and count == 1 and letter not in _SURE
            if is_product and letter not in _BESSEL | {"zeta": ""}:
                return None
            own = Row(self.text, row, head.end)
            if is_product and not head.power and holds_itself(own):
                return None
            unsure = letter in _COMMON and head.index is None
            if is_product or unsure or (letter in self.taken and count == 1):
                self._fail(row[at], letter, name)
        return [Token("call", name, row[at].start, order), *head.power], head.end

    def _fail(self, token: Token, letter: str, name: str) -> None:
        fail(
            self.text,
            token.start,
            f"a function or a product? {letter} before a bracket can be {name}; write "
            f"\\operatorname{{{name}}}(…) for it, \\cdot for a product, or define "
            "a function of your own, as in V(r) = r^2",
        )


def _name(head: _Head, count: int) -> tuple[str, tuple[Any, ...]]:
    """The name of a function and its order, where there is one."""
    letter, primes = head.token.text, head.primes
    if head.index is not None:
        is_one = count == 1 and not primes and head.order is None
        known = _BESSEL.get(letter, "") if is_one else ""
        return known, ((head.index,),)
    if len(letter) > 1 and head.token.kind == "letters" and is_known(letter):
        return ("" if primes else letter), ()
    name = _FUNCTIONS.get((letter, count), "")
    if letter == "psi" and name and (primes or head.order):
        if head.order is not None:
            return ("" if primes else "polygamma"), (head.order.parts,)
        return "polygamma", ((Token("number", str(primes), head.token.start),),)
    if primes:
        return (f"{name}prime" if name.startswith("airy") and primes == 1 else ""), ()
    return name, ()


def _inside(row: Sequence[Token], at: int) -> tuple[int, bool]:
    """How many arguments stand in a bracket, and whether a sum does."""
    depth, count, has_sum = 0, 1, False
    for token in row[at:]:
        if token.kind != "sign":
            continue
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            break
        if depth == 1:
            count += token.text == ","
            has_sum |= token.text in "+-"
    return count, has_sum
