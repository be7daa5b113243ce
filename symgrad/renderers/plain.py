"""Rows of items as Unicode text, identifiers as they were typed.

The one rule kept here: a line is never wider than asked, except for one piece that
cannot be broken.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from symgrad.renderers.breaking import break_lines
from symgrad.renderers.flow import Box, Bracket, Item, Mark, flow
from symgrad.renderers.nodes import (
    Big,
    Differential,
    Fence,
    Layout,
    Name,
    Number,
    Power,
    Word,
)

_SUPERSCRIPTS = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

_WIDE = 24  # columns: an exponent that is wider may be broken
_INNERMOST = 12  # an exponent is broken after everything around it

_SPACED = {"sum", "times", "relation", "word"}


def plain(node: Layout) -> str:
    """Write a layout on one line.

    >>> plain(Power(Number("10"), Number("6")))
    '10⁶'
    """
    return _join(flow(node, linear=True))


def plain_lines(node: Layout, first: int, rest: int) -> list[str]:
    """Write a layout on lines of at most ``first`` and then ``rest`` columns."""
    items = flow(node, linear=True)
    whole = _join(items)
    if columns(whole) <= first:
        return [whole]
    items = _opened(items)
    widths = [float(columns(text)) for text in _spell(items)]
    return [_join(line) for line in break_lines(items, widths, first, rest)]


def _opened(items: Sequence[Item], depth: int = _INNERMOST) -> list[Item]:
    """Write wide exponents and bounds out in the row: lines may be broken in them."""
    found: list[Item] = []
    for item in items:
        if isinstance(item, Box) and isinstance(item.node, Big):
            found += _opened_sign(item, depth)
            continue
        power: Layout | None = None
        bare: Item = item
        if isinstance(item, Box) and isinstance(item.node, Power):
            power, bare = item.node.exponent, Box(item.node.base, item.level)
        elif isinstance(item, Bracket) and not item.opens and item.power is not None:
            power, bare = item.power, replace(item, power=None)
        if power is None or columns(_exponent(power)) <= _WIDE:
            found.append(item)
            continue
        inside = _opened(flow(power, linear=True, depth=depth), depth + 1)
        pair = Bracket("(", True), Bracket(")", False)
        found += [bare, Mark("^", "apply"), pair[0], *inside, pair[1]]
    return found


def _opened_sign(item: Box, depth: int) -> list[Item]:
    """A sum or an integral, its bounds in braces where the sign is wide with them."""
    sign = item.node
    assert isinstance(sign, Big), sign
    if columns(_box(sign)) <= 2 * _WIDE:
        return [item]
    lower, upper = (
        _opened(flow(bound, linear=True, depth=depth), depth + 1)
        for bound in (sign.lower, sign.upper)
    )
    start = f"{sign.sign}_{{" + (f"{plain(sign.index)}=" if sign.index else "")
    pairs = "".join(f", {plain(i)}≠{plain(other)}" for i, other in sign.unequal)
    middle = Mark(f"{pairs}}}^{{", "apply")
    return [Mark(start, "apply"), *lower, middle, *upper, Mark("}", "apply")]


def columns(text: str) -> int:
    """Count the columns that a terminal gives to ``text``."""
    if text.isascii():
        return len(text)
    return sum(map(_columns_of, text))


@lru_cache(maxsize=4096)
def _columns_of(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _join(items: Sequence[Item]) -> str:
    return "".join(_spell(items)).strip()


def _spell(items: Sequence[Item]) -> list[str]:
    return [
        _mark(item, items[place - 1] if place else None, items[place + 1 : place + 2])
        if isinstance(item, Mark)
        else _bracket(item)
        if isinstance(item, Bracket)
        else _box(item.node)
        for place, item in enumerate(items)
    ]


def _mark(mark: Mark, before: Item | None, after: Sequence[Item]) -> str:
    if mark.role in _SPACED:
        return f" {mark.text} "
    if mark.role == "comma":
        return f"{mark.text} "
    if mark.role == "tail":
        return f" {mark.text}"
    if mark.role == "join":
        closed = isinstance(before, Bracket) and not (
            before.opens or before.text.endswith("!") or _is_caret(before.power)
        )
        opened = bool(after) and isinstance(after[0], Bracket) and after[0].opens
        return "" if closed and opened else " "
    return mark.text


def _is_caret(power: Layout | None) -> bool:
    """Whether a power is written x^b, which before a bracket would be read as b(…)."""
    return power is not None and _exponent(power).startswith("^")


def _bracket(bracket: Bracket) -> str:
    if bracket.opens:
        return bracket.text
    text = bracket.text
    if bracket.index is not None:
        index = plain(bracket.index)
        text += f"_{index}" if index.isalnum() else f"_{{{index}}}"
    return text if bracket.power is None else text + _exponent(bracket.power)


def _box(node: Layout) -> str:
    if isinstance(node, Name):
        return node.source
    if isinstance(node, Power):
        return plain(node.base) + _exponent(node.exponent)
    if isinstance(node, Differential):
        order = Number(str(node.order))
        return node.sign if node.order == 1 else node.sign + _exponent(order)
    if isinstance(node, Big):
        lower, upper = map(plain, (node.lower, node.upper))
        if node.index is None:
            return f"{node.sign}_{_side(lower)}^{_side(upper)}"
        pairs = "".join(f", {plain(i)}≠{plain(other)}" for i, other in node.unequal)
        return f"{node.sign}_{{{plain(node.index)}={lower}{pairs}}}^{{{upper}}}"
    assert isinstance(node, Number | Word), node
    return node.text


def _side(text: str) -> str:
    """A bound of an integral, in braces where it is more than a name or a number."""
    plainly = text.isidentifier() or text.isdecimal() or text == "∞"
    return text if plainly else f"{{{text}}}"


def _exponent(node: Layout) -> str:
    text = plain(node)
    if text.lstrip("−").isdecimal() and len(text) <= 3:
        return text.translate(_SUPERSCRIPTS)
    bare = isinstance(node, Name | Number | Word | Fence)
    return f"^{text}" if bare else f"^({text})"
