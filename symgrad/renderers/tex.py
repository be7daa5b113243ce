"""Rows of items as LaTeX mathematics in plain ASCII, for amsmath and MathJax alike.

The one rule kept here: no ``\\left``, so that a line can be broken inside a bracket.
"""

from __future__ import annotations

from collections.abc import Sequence

from symgrad.renderers.breaking import break_lines
from symgrad.renderers.flow import (
    Box,
    Bracket,
    Item,
    Mark,
    derivative_sides,
    flow,
    has_stacked_fractions,
)
from symgrad.renderers.nodes import (
    Big,
    Binomial,
    Cases,
    Derivative,
    Differential,
    Fraction,
    Layout,
    Name,
    Number,
    Power,
    Root,
    Word,
)
from symgrad.renderers.tex_names import SIGNS, name_tex, word_tex
from symgrad.renderers.widths import width

_DEGREES = {"√": 2, "∛": 3}
_CALLED = frozenset("JYIKWSCEψζ")
_BRACKETS = {
    "{": r"\{",
    "}": r"\}",
    "|": r"\vert",
    "⌊": r"\lfloor",
    "⌋": r"\rfloor",
    "⌈": r"\lceil",
    "⌉": r"\rceil",
}
_SIZES = (("", ""), (r"\bigl", r"\bigr"), (r"\biggl", r"\biggr"))


def tex(node: Layout, *, linear: bool = False) -> str:
    """Write a layout as LaTeX mathematics, without dollars.

    >>> tex(Power(Number("10"), Number("6")))
    '10^{6}'
    """
    return _join(flow(node, linear=linear))


def tex_lines(
    node: Layout, first: float, rest: float, *, linear: bool = False
) -> list[str]:
    """Write a layout on lines of about ``first`` and then ``rest`` em.

    A fraction that is wider than a line is written with a slash.
    """
    items = flow(node, linear=linear)
    widths = [width(item) for item in items]
    if sum(widths) <= first:
        return [_join(items)]
    if max(widths) > rest:
        items = flow(node, linear=True)
        widths = [width(item) for item in items]
    return [_join(line) for line in break_lines(items, widths, first, rest)]


def _join(items: Sequence[Item]) -> str:
    if items and isinstance(items[0], Mark) and items[0].role == "join":
        items = items[1:]
    parts = [
        _item(item, items[place - 1] if place else None)
        for place, item in enumerate(items)
    ]
    if items and isinstance(items[0], Mark) and items[0].role in ("sum", "times"):
        parts.insert(0, "{}")
    text = ""
    for part in parts:
        needs_space = text[-1:].isalpha() and "\\" in text and part[:1].isalpha()
        text += " " + part if needs_space else part
    return text.strip()


def _item(item: Item, before: Item | None) -> str:
    if isinstance(item, Box):
        return _box(item.node)
    if isinstance(item, Bracket):
        return _bracket(item)
    if item.role == "join":
        closed = isinstance(before, Bracket) and not before.opens
        return "" if closed else r"\,"
    if item.role in ("word", "tail"):
        return rf"\text{{ {item.text} }}"
    if item.role == "gap":
        return r"\,"
    if item.role == "apply" and not item.text:
        return _call_mark(before)
    sign = SIGNS.get(item.text, item.text)
    if item.role == "comma":
        return f"{sign} "
    return f" {sign} " if item.role in ("sum", "times", "relation") else sign


def _call_mark(function: Item | None) -> str:
    r"""``\\mathopen{}`` between a letter that could be a variable and its bracket.

    It changes nothing in print, and tells readers J_2(x + 1) from a product.
    """
    node = function.node if isinstance(function, Box) else None
    while isinstance(node, Power):
        node = node.base
    is_letter = isinstance(node, Name) and node.is_function and node.base in _CALLED
    return r"\mathopen{}" if is_letter else ""


def _bracket(bracket: Bracket) -> str:
    size = _SIZES[bracket.size][0 if bracket.opens else 1]
    text = size + _BRACKETS.get(bracket.text, bracket.text)
    if text[-1:].isalpha():
        text += " "
    if bracket.opens:
        return text
    if bracket.index is not None:
        text += f"_{{{tex(bracket.index, linear=True)}}}"
    return text if bracket.power is None else text + f"^{{{_small(bracket.power)}}}"


def _small(node: Layout) -> str:
    r"""Write what is raised or lowered on one line, its roots as ``\sqrt{x}``."""
    return _with_roots(flow(node, linear=True))


def _with_roots(items: list[Item]) -> str:
    parts: list[Item] = []
    place = 0
    while place < len(items):
        root, after = items[place], items[place + 1 : place + 2]
        is_root = isinstance(root, Mark) and root.text in _DEGREES
        if is_root and after and isinstance(after[0], Box):
            degree = _DEGREES[root.text] if isinstance(root, Mark) else 2
            parts.append(Box(Root(after[0].node, degree)))
            place += 1
        elif is_root and isinstance(root, Mark) and (end := _closing(items, place + 1)):
            order = "" if _DEGREES[root.text] == 2 else "[3]"
            inside = _with_roots(items[place + 2 : end])
            parts.append(Mark(rf"\sqrt{order}{{{inside}}}", "apply"))
            place = end
        else:
            parts.append(root)
        place += 1
    return _join(parts)


def _closing(items: list[Item], start: int) -> int:
    """Where the bracket that opens at a place closes; 0 where it bears a power."""
    depth = 0
    for place in range(start, len(items)):
        item = items[place]
        if isinstance(item, Bracket):
            depth += 1 if item.opens else -1
            if depth == 0:
                return place if item.power is None and item.index is None else 0
    return 0


def _side(node: Layout) -> str:
    """One side of a fraction; with fractions in fractions it keeps its full size."""
    written = tex(node)
    return rf"\displaystyle {written}" if has_stacked_fractions(node) else written


def _box(node: Layout) -> str:
    match node:
        case Number():
            return node.text
        case Name():
            return name_tex(node)
        case Word():
            return word_tex(node.text)
        case Power():
            base = tex(node.base)
            if isinstance(node.base, Power):  # ψ^(n) to a power
                base = f"{{{base}}}"
            return f"{base}^{{{_small(node.exponent)}}}"
        case Fraction():
            return rf"\frac{{{_side(node.top)}}}{{{_side(node.bottom)}}}"
        case Binomial():
            return rf"\binom{{{tex(node.top)}}}{{{tex(node.bottom)}}}"
        case Root():
            degree = "" if node.degree == 2 else f"[{node.degree}]"
            return rf"\sqrt{degree}{{{tex(node.inside)}}}"
        case Derivative():
            above, below = map(_join, derivative_sides(node))
            return rf"\frac{{{above}}}{{{below}}}"
        case Differential():
            order = "" if node.order == 1 else f"^{{{node.order}}}"
            return (r"\partial" if node.sign == "∂" else r"\mathrm{d}") + order
        case Cases():
            rows = r" \\ ".join(
                f"{tex(value)} & "
                + (r"\text{otherwise}" if on is None else rf"\text{{if }} {tex(on)}")
                for value, on in node.rows
            )
            return rf"\begin{{cases}} {rows} \end{{cases}}"
        case Big():
            lower, upper = map(_small, (node.lower, node.upper))
            sign = {"Σ": r"\sum", "Π": r"\prod", "∫": r"\int"}[node.sign]
            index = "" if node.index is None else f"{_small(node.index)}="
            pairs = "".join(
                rf",\, {_small(i)} \neq {_small(other)}" for i, other in node.unequal
            )
            return f"{sign}_{{{index}{lower}{pairs}}}^{{{upper}}}"
    raise AssertionError(node)
