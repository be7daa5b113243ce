"""Rows of items as MathML Core, with characters and never with named entities.

The one rule kept here: only elements that every browser draws. A formula is one
``math`` element, or several in a row where a narrow page must be able to break it.
Over 300 lines, as each kind of item and of layout has its own short function.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import unescape
from xml.sax.saxutils import escape, quoteattr

from symgrad.renderers.breaking import break_lines, kept_together
from symgrad.renderers.flow import (
    LEVELS,
    Box,
    Bracket,
    Item,
    Mark,
    derivative_sides,
    flow,
    has_stacked_fractions,
)
from symgrad.renderers.names import GREEK
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
from symgrad.renderers.spoken import SIGNS, spoken
from symgrad.renderers.widths import width

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
ELEMENTS = frozenset(
    "math mrow mi mn mo mtext mfrac msup msub msubsup msqrt mroot mover munderover "
    "mtable mtr mtd".split()
)
"""Every element that is written here; all are in MathML Core."""

APPLY, TIMES, NO_BREAK = "\u2061", "\u2062", "\u00a0"
THIN = "<mtext>\u2009</mtext>"
_ACCENTS = {"hat": "^", "tilde": "~", "bar": "¯", "dot": "˙", "vec": "→"}
_RENAMED = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "gamma": "Γ",
    "zeta": "ζ",
    "digamma": "ψ",
    "beta": "Β",
}
TAG = "data-n"
_TAGS = re.compile(r""" (data-n|data-s|data-value)=(["'])(.*?)\2""")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NARROW = 16.0
"""How wide a formula may be on a telephone, in em."""
_SHORTEST = 2.0
_KEPT = 9.0
"""What is no wider goes to the next line as a whole."""
_PLAIN = 'stretchy="false"'
_TALL = "2.4em"
"""The height of brackets around fractions, where the two stand in different pieces."""
_RADICALS = ("√", "∛")


def math(node: Layout, *, display: bool = False, linear: bool = False) -> str:
    """Write a layout as one ``math`` element, its words as ``alttext``."""
    row = _row(flow(node, linear=linear), whole=True)
    return _element(row, spoken(node), display)


def math_pieces(
    node: Layout, *, lead: str = "", linear: bool = False, room: float = NARROW
) -> list[str]:
    """Write a layout as ``math`` elements between which a line may be broken.

    ``lead`` is a sign that stands before the first, which also bears the ``alttext``.
    What is wider than ``room`` em is written in a line.
    """
    items = flow(node, linear=linear)
    if max(map(width, items)) > room:
        items = flow(node, linear=True)
    whole = f"{SIGNS.get(lead, lead)} {spoken(node)}".strip()
    start = f"<mo>{_clean(lead)}</mo>" if lead else ""
    widths = [width(item) for item in items]
    if sum(widths) <= NARROW:
        return [_element(start + _row(items, whole=True), whole, not linear)]
    pieces: list[list[Item]] = [[]]
    used = 0.0
    kept = kept_together(items, widths, _KEPT)
    for item, wide, is_kept in zip(items, widths, kept, strict=True):
        before = pieces[-1][-1] if pieces[-1] else None
        if before is not None and not is_kept and used >= _least(item, before):
            pieces.append([])
            used = 0.0
        pieces[-1].append(item)
        used += wide
    first, *rest = (_row(piece, whole=False) for piece in pieces)
    return [
        _element(start + first, whole, not linear),
        *(_element(row, "", not linear) for row in rest),
    ]


def math_rows(node: Layout, room: float) -> list[str]:
    """Write a layout as the insides of ``math`` rows of about ``room`` em."""
    items = flow(node, linear=False)
    widths = [width(item) for item in items]
    if sum(widths) <= room:
        return [_row(items, whole=True)]
    if max(widths) > room:
        items = flow(node, linear=True)
        widths = [width(item) for item in items]
    lines = break_lines(items, widths, room, room)
    return [_row(line, whole=False) for line in lines]


def _least(item: Item, before: Item) -> float:
    """How long a piece must be before it may end at ``item``."""
    if item.level is None:
        is_quotient = isinstance(item, Mark) and item.role == "slash"
        after_bracket = isinstance(before, Bracket) and not before.opens
        return _KEPT if is_quotient and after_bracket else float("inf")
    return _SHORTEST if item.level < LEVELS or item.level % LEVELS < 2 else NARROW


def _element(row: str, alternative: str, display: bool) -> str:
    block = ' displaystyle="true"' if display else ""
    alt = f" alttext={quoteattr(_clean_plain(alternative))}" if alternative else ""
    return f'<math xmlns="{NAMESPACE}"{block}{alt}>{row}</math>'


def _clean(text: str) -> str:
    return escape(_clean_plain(text))


def _clean_plain(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _row(items: Sequence[Item], *, whole: bool) -> str:
    """Write a row. In a whole one brackets are in pairs and grow with what they hold;
    in a piece each bracket stands alone, at its plain height or that of a fraction."""
    found: list[str] = []
    inside = 0
    for place, item in enumerate(items):
        if place < inside:
            continue
        end = _root_end(items, place)
        if end is not None:
            found.append(_radical(items[place:end]))
            inside = end
        elif isinstance(item, Box):
            found.append(_box(item.node))
        elif isinstance(item, Mark):
            found.append(_mark(item, is_first=not place))
        elif whole:
            found.append(_paired(item))
        else:
            found.append(_alone(item))
    return "".join(found)


def _root_end(items: Sequence[Item], place: int) -> int | None:
    """Where the root ends that begins at ``place``; None where none begins or ends."""
    mark = items[place]
    if not isinstance(mark, Mark) or mark.text not in _RADICALS:
        return None
    depth = 0
    for end in range(place + 1, len(items)):
        item = items[end]
        if isinstance(item, Bracket):
            depth += 1 if item.opens else -1
        if not depth:
            return end + 1
    return None


def _radical(items: Sequence[Item]) -> str:
    """A root within a line: a drawn one, as the bare sign hangs below the line."""
    mark, *inside = items
    if isinstance(inside[0], Bracket) and inside[0].text == "(":
        inside = inside[1:-1]
    row = f"<mrow>{_row(inside, whole=True)}</mrow>"
    if isinstance(mark, Mark) and mark.text == "√":
        return f"<msqrt>{row}</msqrt>"
    return f"<mroot>{row}<mn>3</mn></mroot>"


def _paired(bracket: Bracket) -> str:
    before, after = _raised(bracket)
    stretchy = "" if bracket.size > 1 else ' stretchy="false"'
    mark = f"<mo{stretchy}>{_clean(bracket.text)}</mo>"
    return f"{before}<mrow>{mark}" if bracket.opens else f"{mark}</mrow>{after}"


def _alone(bracket: Bracket) -> str:
    height = f'minsize="{_TALL}" maxsize="{_TALL}"' if bracket.size > 1 else ""
    mark = f"<mo {height or _PLAIN}>{_clean(bracket.text)}</mo>"
    if bracket.opens:
        return mark
    before, after = _raised(bracket)
    # beside something else the bracket grows; alone at the foot of an index it does not
    base = f"<mrow><mrow></mrow>{mark}</mrow>" if before and height else mark
    return f"{before}{base}{after}"


def _raised(bracket: Bracket) -> tuple[str, str]:
    """The tags around brackets that have an index, an exponent or both."""
    before, after = "", ""
    if bracket.index is not None:
        before, after = "<msub>", f"{_group(bracket.index)}</msub>"
    if bracket.power is not None:
        before, after = "<msup>" + before, f"{after}{_group(bracket.power)}</msup>"
    return before, after


def _group(node: Layout, *, linear: bool = True) -> str:
    """Write a layout as exactly one element."""
    items = flow(node, linear=linear)
    row = _row(items, whole=True)
    is_single = len(items) == 1 and isinstance(items[0], Box)
    return row if is_single else f"<mrow>{row}</mrow>"


def _mark(mark: Mark, *, is_first: bool) -> str:
    if mark.role == "join":
        return f'<mo lspace="0" rspace="0.16em">{TIMES}</mo>'
    if mark.role == "apply":
        return f"<mo>{_clean(mark.text) or APPLY}</mo>"
    if mark.role in ("word", "tail"):
        return f"<mtext>{NO_BREAK}{_clean(mark.text)}{NO_BREAK}</mtext>"
    if mark.role == "gap":
        return THIN
    if mark.role == "slash":
        return '<mo lspace="0" rspace="0">/</mo>'
    if mark.role == "sign":
        return f'<mo form="prefix">{_clean(mark.text)}</mo>'
    form = ' form="infix"' if is_first and mark.role in ("sum", "times") else ""
    return f"<mo{form}>{_clean(mark.text)}</mo>"


def _box(node: Layout) -> str:
    match node:
        case Number():
            return f"<mn>{_clean(node.text)}</mn>"
        case Name():
            return _name(node)
        case Word():
            text = _RENAMED.get(node.text, node.text)
            upright = ' mathvariant="normal"' if len(text) == 1 else ""
            return f"<mi{upright}>{_clean(text)}</mi>" if text else "<mrow></mrow>"
        case Power():
            return _power(node)
        case Fraction():
            return f"<mfrac>{_side(node.top)}{_side(node.bottom)}</mfrac>"
        case Binomial():
            top, bottom = (_group(side) for side in (node.top, node.bottom))
            pile = f'<mfrac linethickness="0">{top}{bottom}</mfrac>'
            return f"<mrow><mo>(</mo>{pile}<mo>)</mo></mrow>"
        case Root():
            inside = _group(node.inside, linear=False)
            if node.degree == 2:
                return f"<msqrt>{inside}</msqrt>"
            return f"<mroot>{inside}<mn>{node.degree}</mn></mroot>"
        case Derivative():
            above, below = (_row(r, whole=True) for r in derivative_sides(node))
            row = f"<mfrac><mrow>{above}</mrow><mrow>{below}</mrow></mfrac>"
            return _tagged(row, node.source)
        case Differential():
            sign = f'<mi mathvariant="normal">{node.sign}</mi>'
            if node.order == 1:
                return sign
            return f"<msup>{sign}<mn>{node.order}</mn></msup>"
        case Cases():
            return _cases(node)
        case Big():
            if node.index is None:
                sides = _group(node.lower) + _group(node.upper)
                return f"<msubsup><mo>{node.sign}</mo>{sides}</msubsup>"
            below = "".join((_group(node.index), "<mo>=</mo>", _group(node.lower)))
            for i, other in node.unequal:
                below += f"<mo>,</mo>{_group(i)}<mo>≠</mo>{_group(other)}"
            sign = {"Σ": "∑", "Π": "∏"}[node.sign]
            return (
                f"<munderover><mo>{sign}</mo><mrow>{below}</mrow>"
                f"{_group(node.upper)}</munderover>"
            )
    raise AssertionError(node)


def _side(node: Layout) -> str:
    """One side of a fraction; with fractions in fractions it keeps its full size."""
    row = _group(node, linear=False)
    if not has_stacked_fractions(node):
        return row
    return f'<mrow displaystyle="true" scriptlevel="0">{row}</mrow>'


def _power(node: Power) -> str:
    exponent = _group(node.exponent)
    if isinstance(node.base, Name) and node.base.indices and not node.base.primes:
        base, index = _base(node.base), _indices(node.base)
        row = f"<msubsup>{base}{index}{exponent}</msubsup>"
        return _tagged(row, node.base.source)
    return f"<msup>{_group(node.base)}{exponent}</msup>"


def _cases(node: Cases) -> str:
    rows = "".join(
        f"<mtr><mtd>{_group(value, linear=False)}</mtd><mtd>"
        + (
            "<mtext>otherwise</mtext>"
            if on is None
            else f"<mtext>if{NO_BREAK}</mtext>{_group(on)}"
        )
        + "</mtd></mtr>"
        for value, on in node.rows
    )
    return f"<mrow><mo>{{</mo><mtable>{rows}</mtable></mrow>"


def _name(name: Name) -> str:
    text = _base(name)
    if name.raised:
        index = _indices(name) if name.indices else "<mrow></mrow>"
        # in a row: a tagged msubsup would be taken for a name with an exponent
        text = f"<mrow><msubsup>{text}{index}{_layer(name.raised)}</msubsup></mrow>"
    elif name.indices:
        text = f"<msub>{text}{_indices(name)}</msub>"
    if name.primes:
        # not raised: the character stands at its height, in text and in math fonts
        mark = f'<mo form="postfix" lspace="0" rspace="0">{"′" * name.primes}</mo>'
        text = f"<mrow>{text}{mark}</mrow>"
    return _tagged(text, name.source)


def _tagged(element: str, source: str) -> str:
    """An element with the name of what it stands for, by which a page finds it."""
    if not source:
        return element
    start, rest = element.split(">", 1)
    return f"{start} {TAG}={quoteattr(_clean_plain(source))}>{rest}"


def with_tags(markup: str, numbers: Mapping[str, int]) -> str:
    """Shorten the names in tags to numbers; those without a number are left out."""

    def number(found: re.Match[str]) -> str:
        place = numbers.get(unescape(found[3]))
        return "" if place is None else f' {found[1]}="{place}"'

    return _TAGS.sub(number, markup)


def _base(name: Name) -> str:
    upright = ' mathvariant="normal"' if name.is_function and name.base == "B" else ""
    text = f"<mi{upright}>{_clean(GREEK.get(name.base, name.base))}</mi>"
    for accent in name.accents:
        text = f'<mover accent="true">{text}<mo>{_ACCENTS[accent]}</mo></mover>'
    return text


def _layer(raised: str) -> str:
    """An upper index, with the brackets that some books have around it."""
    index = _index(raised.strip("()"))
    if not raised.startswith("("):
        return index
    signs = [f'<mo stretchy="false">{sign}</mo>' for sign in "()"]
    return f"<mrow>{signs[0]}{index}{signs[1]}</mrow>"


def _indices(name: Name) -> str:
    parts = [_index(index) for index in name.indices]
    row = "<mo>,</mo>".join(parts)
    return row if len(parts) == 1 else f"<mrow>{row}</mrow>"


def _index(index: str) -> str:
    for sign in "+−":  # J_{n−1}
        first, found, second = index.partition(sign)
        if found:
            before = _index(first) if first else ""
            return f"<mrow>{before}<mo>{sign}</mo>{_index(second)}</mrow>"
    if index.isdecimal():
        return f"<mn>{_clean(index)}</mn>"
    return f"<mi>{_clean(GREEK.get(index, index))}</mi>"


def words_mathml(words: Sequence[str | Layout]) -> str:
    """Write words and formulas as one row inside a ``math`` element."""
    return "".join(
        f"<mtext>{_clean(word).replace(' ', NO_BREAK)}</mtext>"
        if isinstance(word, str)
        else _group(word, linear=False)
        for word in words
    )
