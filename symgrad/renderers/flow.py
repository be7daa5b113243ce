"""Layout trees put in a row of items, with the places where a line may be broken.

The one rule kept here: brackets, visible dots and break points are decided once, for
every format. A writer only spells out boxes, marks and brackets; ``linear`` rows (for
text, exponents and fractions too wide for a line) have no box taller than a power.
Over 300 lines, as it is one table with a short function for each kind of node.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from symgrad.renderers.nodes import (
    Big,
    Binomial,
    Call,
    Cases,
    Derivative,
    Differential,
    Fence,
    Fraction,
    Layout,
    Name,
    Number,
    Power,
    Product,
    Relation,
    Repeated,
    Root,
    Sum,
    Word,
)


@dataclass(frozen=True)
class Box:
    """A node that is written as one piece."""

    node: Layout
    level: int | None = None


@dataclass(frozen=True)
class Mark:
    """A sign between boxes. role: sum, sign, times, join, relation, comma, slash,
    gap, apply, word or tail."""

    text: str
    role: str
    level: int | None = None


@dataclass(frozen=True)
class Bracket:
    """One side of a pair; ``power`` and ``index`` belong to the whole pair."""

    text: str
    opens: bool
    size: int = 0
    power: Layout | None = None
    index: Layout | None = None
    level: int | None = None


Item = Box | Mark | Bracket

_PLACE = {"relation": 0, "word": 0, "sum": 1, "comma": 1, "times": 2, "join": 3}
LEVELS = 4
"""Levels of breaking inside one bracket: at a relation, a sum, a sign, a gap."""
SHORT_EXPONENT = 9


def flow(node: Layout, *, linear: bool, depth: int = 0) -> list[Item]:
    """Put a layout in a row. A level is where a line may break; low ones are best."""
    write = _FLOWS.get(type(node))
    if write is None:
        return [Box(node)]
    return write(node, linear, depth)


def _mark(text: str, role: str, depth: int) -> Mark:
    place = _PLACE.get(role)
    return Mark(text, role, None if place is None else depth * LEVELS + place)


def _sum(node: Sum, linear: bool, depth: int) -> list[Item]:
    items: list[Item] = []
    for place, (negative, term) in enumerate(node.terms):
        if place:
            items.append(_mark("−" if negative else "+", "sum", depth))
        elif negative:
            items.append(Mark("−", "sign"))
        if isinstance(term, Sum | Relation):
            items += _bracketed(term, linear, depth)
        elif isinstance(term, Product) and items:
            items += _product(term, linear, depth, bare=False)
        else:
            items += _go(term, linear, depth)
    return items


def _product(node: Product, linear: bool, depth: int, bare: bool = True) -> list[Item]:
    items: list[Item] = []
    previous: Layout | None = None
    for factor in node.factors:
        if previous is not None:
            sign = node.sign or _dot_between(previous, factor, linear)
            if sign and (_is_derivative(previous) or _is_derivative(factor)):
                sign = node.sign or node.dot
            role = "times" if sign else "join"
            items.append(_mark(sign, role, depth))
        loose = isinstance(factor, Product) and node.sign and not factor.sign
        goes_on = Repeated if linear else (Repeated, Cases)
        if isinstance(factor, goes_on) and factor is not node.factors[-1]:
            items += _bracketed(factor, linear, depth)  # or its terms would go on
        elif loose:
            items += _go(factor, linear, depth)
        else:
            items += _factor(factor, linear, depth, first=bare and previous is None)
        previous = factor
    return items


def _factor(factor: Layout, linear: bool, depth: int, *, first: bool) -> list[Item]:
    bare_minus = first and isinstance(factor, Sum) and len(factor.terms) == 1
    if isinstance(factor, Sum | Relation | Product) and not bare_minus:
        return _bracketed(factor, linear, depth)
    return _go(factor, linear, depth)


def _dot_between(left: Layout, right: Layout, linear: bool) -> str:
    """Whether two factors need a visible dot: a digit, or a slash, on the right."""
    slashed = (Fraction,) if linear else ()
    if _is_derivative(left) or _is_derivative(right):
        return "·"
    if isinstance(left, slashed) or isinstance(right, slashed):
        return "·"
    if isinstance(right, Fraction) and isinstance(left, Number | Fraction):
        return "·"
    head = right.base if isinstance(right, Power) else right
    return "·" if isinstance(head, Number) or is_numeric(left, right) else ""


def _is_derivative(node: Layout) -> bool:
    """Whether a factor is a derivative, perhaps at arguments: (∂f/∂x)(2, y)."""
    if isinstance(node, Call):
        return isinstance(node.function, Derivative | Product)
    return isinstance(node, Derivative)


def is_numeric(left: Layout, right: Layout) -> bool:
    """Whether two factors are numbers, bare or in brackets."""
    return all(
        isinstance(n, Number) or (isinstance(n, Fence) and n.left == "(")
        for n in (left, right)
    )


def _fraction(node: Fraction, linear: bool, depth: int) -> list[Item]:
    if not linear:
        return [Box(node)]
    top = isinstance(node.top, Sum | Relation | Fraction | Derivative | Repeated)
    bottom = isinstance(node.bottom, Sum | Relation | Fraction | Derivative | Product)
    return [
        *(_bracketed if top else _go)(node.top, True, depth),
        Mark("/", "slash"),
        *(_bracketed if bottom else _go)(node.bottom, True, depth),
    ]


def _binomial(node: Binomial, linear: bool, depth: int) -> list[Item]:
    if not linear:
        return [Box(node)]
    return _go(Call("binomial", (node.top, node.bottom)), linear, depth)


def _power(node: Power, linear: bool, depth: int) -> list[Item]:
    if isinstance(node.base, Binomial) and not linear:
        return [Box(node)]
    plain = isinstance(node.base, Number | Name | Word)
    if plain and not (isinstance(node.base, Name) and node.base.raised):
        return [Box(node)]
    if isinstance(node.base, Fence):
        items = _go(node.base, linear, depth)
        return _raised(items, node.exponent)
    if isinstance(node.base, Call) and isinstance(node.base.function, Name):
        items = _go(node.base, linear, depth)  # f(x)²: f²(x) may mean f(f(x))
        start = next(k for k, item in enumerate(items) if isinstance(item, Bracket))
        return [*items[:start], *_raised(items[start:], node.exponent)]
    return _raised(_bracketed(node.base, linear, depth), node.exponent)


def _raised(items: list[Item], power: Layout) -> list[Item]:
    first, last = items[0], items[-1]
    assert isinstance(first, Bracket) and isinstance(last, Bracket)
    return [replace(first, power=power), *items[1:-1], replace(last, power=power)]


def _root(node: Root, linear: bool, depth: int) -> list[Item]:
    if not linear:
        return [Box(node)]
    sign = Mark("√" if node.degree == 2 else "∛", "apply")
    simple = isinstance(node.inside, Number | Name | Word)
    return [sign, *(_go if simple else _bracketed)(node.inside, True, depth)]


def _call(node: Call, linear: bool, depth: int) -> list[Item]:
    arg = node.args[0] if node.args else Word("")
    if node.function == "exp" and not (linear or node.spelled or node.power):
        if is_short(arg):
            return [Box(Power(Word("e"), arg))]
    function = node.function
    if isinstance(function, Derivative):
        head = _bracketed(function, linear, depth)
    elif isinstance(function, Product):
        head = _product(function, linear, depth)
    else:
        word = Word(function) if isinstance(function, str) else function
        head = [Box(Power(word, node.power) if node.power else word)]
    inside: list[Item] = []
    for place, value in enumerate(node.args):
        items = _go(value, linear, depth + 1)
        if place:
            inside.append(Mark(",", "comma"))
            level = (depth + 1) * LEVELS + _PLACE["comma"]
            items[0] = replace(items[0], level=level)
        inside += items
    return [*head, Mark("", "apply"), *_pair("(", inside, ")")]


def is_short(node: Layout) -> bool:
    """Whether a layout may stand as an exponent."""
    items = flow(node, linear=True)
    return len(items) <= SHORT_EXPONENT and not any(
        isinstance(item, Mark) and item.role in ("word", "relation") for item in items
    )


def _fence(node: Fence, linear: bool, depth: int) -> list[Item]:
    return _pair(node.left, _go(node.inside, linear, depth + 1), node.right)


def _bracketed(node: Layout, linear: bool, depth: int) -> list[Item]:
    return _pair("(", _go(node, linear, depth + 1), ")")


def _pair(left: str, inside: Sequence[Item], right: str) -> list[Item]:
    size = 0
    for item in inside:
        if isinstance(item, Bracket):
            size = max(size, 1, item.size)
        elif isinstance(item, Box):
            tall = Fraction | Binomial | Derivative | Cases | Big
            size = max(size, 2 * isinstance(item.node, tall))
    return [Bracket(left, True, size), *inside, Bracket(right, False, size)]


def _derivative(node: Derivative, linear: bool, depth: int) -> list[Item]:
    if isinstance(node.of, Name | Call | Word):
        items = _quotient(node, linear, depth)
    else:
        operator = replace(node, of=Word(""), held=(), source="")
        head = _quotient(operator, linear, depth)
        items = [*head, Mark(" ", "gap"), *_bracketed(node.of, linear, depth)]
    if not node.held:
        return items
    held = Relation(node.held, ",") if len(node.held) > 1 else node.held[0]
    first, *inside, last = _pair("(", items, ")")
    assert isinstance(first, Bracket) and isinstance(last, Bracket)
    return [replace(first, index=held), *inside, replace(last, index=held)]


def _quotient(node: Derivative, linear: bool, depth: int) -> list[Item]:
    if not linear:
        return [Box(replace(node, held=()))]
    above, below = derivative_sides(node)
    return [*above, Mark("/", "slash"), *below]


def derivative_sides(node: Derivative) -> tuple[list[Item], list[Item]]:
    """The rows above and below the bar of a derivative."""
    above: list[Item] = [Box(Differential(node.sign, len(node.by)))]
    if node.of != Word(""):
        above += [Mark(" ", "gap")] if isinstance(node.of, Call) else []
        above += _go(node.of, True, 0)
    below: list[Item] = []
    for name, same in groupby(node.by):
        count = len(list(same))
        power = Number(str(count))
        raised: Layout = name if count == 1 else Power(name, power)
        wrap = isinstance(name, Derivative) and count == 1
        below.append(Box(Differential(node.sign)))
        below += (_bracketed if wrap else _go)(raised, True, 0)
    return above, below


def has_stacked_fractions(node: Layout) -> bool:
    """Whether a fraction in ``node`` has fractions above or below its bar."""
    sides = [side for f in _fractions(node) for side in (f.top, f.bottom)]
    return any(map(_fractions, sides))


def _fractions(node: Layout) -> list[Fraction]:
    boxes = (item.node for item in flow(node, linear=False) if isinstance(item, Box))
    return [inside for inside in boxes if isinstance(inside, Fraction)]


def _cases(node: Cases, linear: bool, depth: int) -> list[Item]:
    if not linear:
        return [Box(node)]
    inside: list[Item] = []
    for place, (value, condition) in enumerate(node.rows):
        items = _go(value, True, depth + 1)
        if place:
            inside.append(Mark(";", "comma"))
            items[0] = replace(items[0], level=(depth + 1) * LEVELS)
        inside += items
        if condition is None:
            inside.append(_mark("otherwise", "tail", depth + 1))
        else:
            inside.append(_mark("if", "word", depth + 1))
            inside += _go(condition, True, depth + 1)
    return _pair("{", inside, "}")


def _relation(node: Relation, linear: bool, depth: int) -> list[Item]:
    role = "word" if node.sign.isalpha() else "relation"
    role = "comma" if node.sign == "," else role
    items: list[Item] = []
    for place, part in enumerate(node.parts):
        if place:
            items.append(_mark(node.sign, role, depth))
        wrap = isinstance(part, Relation) and part.sign.isalpha()
        items += (_bracketed if wrap else _go)(part, linear, depth)
    return items


def _repeated(node: Repeated, linear: bool, depth: int) -> list[Item]:
    wrap = isinstance(node.body, Relation | Sum)
    body = (_bracketed if wrap else _go)(node.body, linear, depth)
    items = [Box(node.head), Mark(" ", "gap"), *body]
    if node.variable is None:
        return items
    end = [Box(Differential("d")), *_go(node.variable, linear, depth)]
    return [*items, Mark(" ", "gap"), *end]


def _go(node: Layout, linear: bool, depth: int) -> list[Item]:
    return flow(node, linear=linear, depth=depth)


_FLOWS: dict[type, Callable[[Any, bool, int], list[Item]]] = {
    Sum: _sum,
    Product: _product,
    Fraction: _fraction,
    Power: _power,
    Root: _root,
    Binomial: _binomial,
    Call: _call,
    Fence: _fence,
    Derivative: _derivative,
    Cases: _cases,
    Relation: _relation,
    Repeated: _repeated,
}
