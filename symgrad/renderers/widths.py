"""How wide a formula will be in em, estimated from its letters.

The one rule kept here: an estimate is a little on the large side, so that what should
fit on a line does.
"""

from __future__ import annotations

from symgrad.renderers.flow import Box, Item, Mark, derivative_sides, flow
from symgrad.renderers.names import is_greek
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


def width(item: Item) -> float:
    """Estimate the width of an item in em."""
    if isinstance(item, Box):
        return _box_width(item.node)
    if isinstance(item, Mark):
        letters = len(item.text) if item.role in ("word", "tail") else 0
        return _MARK_WIDTHS.get(item.role, 0.2) + 0.5 * letters
    raised = () if item.opens else (item.power, item.index)
    small = sum(0.75 * layout_width(node) for node in raised if node is not None)
    return 0.4 + 0.12 * item.size + small


_MARK_WIDTHS = {
    "sum": 1.35,
    "times": 0.85,
    "relation": 1.5,
    "join": 0.2,
    "comma": 0.5,
    "sign": 0.8,
    "slash": 0.6,
    "word": 0.6,
}


def _box_width(node: Layout) -> float:
    match node:
        case Number():
            return 0.52 * len(node.text)
        case Name():
            base = 1 if len(node.base) == 1 or is_greek(node.base) else len(node.base)
            below = sum(map(len, node.indices)) + 0.6 * max(0, len(node.indices) - 1)
            return 0.62 * base + 0.4 * below + (0.1 if below else 0) + 0.3 * node.primes
        case Word():
            return 0.52 * len(node.text) + 0.15
        case Power():
            return layout_width(node.base) + 0.75 * layout_width(node.exponent)
        case Fraction():
            return max(layout_width(node.top), layout_width(node.bottom)) + 0.3
        case Binomial():
            return max(layout_width(node.top), layout_width(node.bottom)) + 1.1
        case Root():
            return layout_width(node.inside) + 1.0
        case Derivative():
            return max(sum(map(width, side)) for side in derivative_sides(node)) + 0.3
        case Differential():
            return 0.6 if node.order == 1 else 1.0
        case Cases():
            values = max(layout_width(value) for value, _ in node.rows)
            conditions = max(
                4.5 if on is None else 1.2 + layout_width(on) for _, on in node.rows
            )
            return values + conditions + 2
        case Big():
            below = layout_width(node.lower)
            if node.index is None:  # the bounds stand beside the sign
                return 0.9 + 0.75 * max(below, layout_width(node.upper))
            below += layout_width(node.index) + 1.0
            for pair in node.unequal:
                below += sum(map(layout_width, pair)) + 1.6
            return max(1.4, 0.75 * below, 0.75 * layout_width(node.upper)) + 0.3
    raise AssertionError(node)


def layout_width(node: Layout) -> float:
    """Estimate the width of a layout in em."""
    return sum(width(item) for item in flow(node, linear=False))
