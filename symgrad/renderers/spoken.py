"""Formulas as words to be heard: screen readers, telephones, lessons without a board.

The one rule kept here: what is heard can be written down again. Products are said;
brackets, fractions and roots have an end; capital letters are told from small ones. The
wording is MathCAT's SimpleSpeak, derivatives as they are read aloud in class.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from symgrad.renderers.flow import Box, Bracket, Item, Mark, flow
from symgrad.renderers.names import GREEK, LETTERS, index_parts
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

SIGNS = {
    **{"+": "plus", "−": "minus", "·": "times", "×": "times", "/": "over"},
    **{"=": "equals", "≈": "is about", "≠": "is not equal to", "<": "is less than"},
    **{">": "is greater than", "≤": "is at most", "≥": "is at least"},
    **{",": ",", ";": ";", "(": "open paren", ")": "close paren"},
}
"""How a sign is said."""
_FUNCTIONS = {
    **{"sin": "sine", "cos": "cosine", "tan": "tangent", "cot": "cotangent"},
    **{"sec": "secant", "csc": "cosecant", "log": "natural log", "exp": "exponential"},
    **{"log2": "log base 2", "log10": "log base 10", "max": "maximum"},
    **{"min": "minimum", "π": "pi", "∞": "infinity", "γ": "gamma", "φ": "phi"},
}
_FENCES = {
    "|": "absolute value",
    "⌊": "floor",
    "⌈": "ceiling",
    "{": "cases",
}
DIGITS = "zero one two three four five six seven eight nine".split()
_RAISED = {"2": "squared", "3": "cubed"}
_ORDERS = ("", "", "second ", "third ", "fourth ", "fifth ", "sixth ")
_BIG = {"Σ": "sum", "Π": "product", "∫": "integral"}
_ROOTS = {2: "square root", 3: "cube root"}
_LEAVES = (Name, Number, Word)


def spoken(node: Layout) -> str:
    """Say a layout in words.

    >>> spoken(Power(Name("w_111", "w", indices=("111",)), Number("2")))
    'w one one one squared'
    """
    return tidied(_say(node)).strip(",")


def tidied(words: str) -> str:
    """Words with one pause where several meet, and no blank before it."""
    words = re.sub(r"\s+(?=[,;.])", "", " ".join(words.split()))
    return re.sub(r"[,;]+(?=[,;.])", "", words)


def _say(node: Layout) -> str:
    return _join(flow(node, linear=False))


def _join(items: Sequence[Item]) -> str:
    words: list[str] = []
    place = 0
    while place < len(items):
        item = items[place]
        if isinstance(item, Bracket) and item.opens:
            end = _closing(items, place)
            words.append(_pair(item, items[place + 1 : end], items[end]))
            place = end
        elif isinstance(item, Box):
            words.append(_box(item.node))
        elif isinstance(item, Mark):
            words.append(_mark(item))
        place += 1
    return " ".join(filter(None, words))


def _closing(items: Sequence[Item], start: int) -> int:
    depth = 0
    for place in range(start, len(items)):
        item = items[place]
        if isinstance(item, Bracket):
            depth += 1 if item.opens else -1
            if not depth:
                return place
    raise AssertionError(items)


def _pair(opening: Bracket, inside: Sequence[Item], closing: Item) -> str:
    assert isinstance(closing, Bracket), closing
    said = _join(inside)
    is_simple = len(inside) == 1 and _is_leaf(inside[0])
    name = _FENCES.get(opening.text)
    if name == "cases":
        said = f"{name}, {said}, end {name},"
    elif name is not None:
        said = f"the {name} of {said}" + ("" if is_simple else f", end {name},")
    elif closing.index is not None:
        return f"{said}, with {_say(closing.index)} held,"
    elif not is_simple or closing.power is not None:
        said = f"{SIGNS['(']} {said} {SIGNS[')']}"
    if closing.text.endswith("!"):
        said += " factorial"
    return said if closing.power is None else f"{said} {_raised(closing.power)}"


def _is_leaf(item: Item) -> bool:
    return isinstance(item, Box) and isinstance(item.node, _LEAVES)


def _mark(mark: Mark) -> str:
    if mark.role == "join":
        return "times"
    if mark.role == "gap":
        return ""
    if mark.role == "apply" and not mark.text:
        return "of"
    return SIGNS.get(mark.text, mark.text)


def _raised(power: Layout) -> str:
    items = flow(power, linear=False)
    if isinstance(power, Number) and power.text in _RAISED:
        return _RAISED[power.text]
    said = _join(items)
    is_short = len(items) <= 2 and _is_leaf(items[-1])  # x, or −1
    return f"to the {said}" if is_short else f"to the power {said}, end power,"


def _box(node: Layout) -> str:
    match node:
        case Number():
            return node.text
        case Name():
            return _name(node)
        case Word():
            return _word(node.text)
        case Power():
            return f"{_say(node.base)} {_raised(node.exponent)}"
        case Fraction():
            top, bottom = flow(node.top, linear=False), flow(node.bottom, linear=False)
            said = f"{_join(top)} over {_join(bottom)}"
            if (
                len(top) == len(bottom) == 1
                and _is_leaf(top[0])
                and _is_leaf(bottom[0])
            ):
                return said
            return f"the fraction {said}, end fraction,"
        case Binomial():
            return f"{_say(node.top)} choose {_say(node.bottom)},"
        case Root():
            name, said = _ROOTS[node.degree], _say(node.inside)
            ends = "" if isinstance(node.inside, _LEAVES) else f", end {name},"
            return f"the {name} of {said}{ends}"
        case Derivative():
            return _derivative(node)
        case Differential():
            return "d" if node.order == 1 else f"d to the {node.order}"
        case Cases():
            rows = "; ".join(
                f"{_say(value)} " + ("otherwise" if on is None else f"if {_say(on)}")
                for value, on in node.rows
            )
            return f"cases, {rows}, end cases,"
        case Big():
            return _big(node)
    raise AssertionError(node)


def _derivative(node: Derivative) -> str:
    kind = "partial " if node.sign == "∂" else ""
    count = len(node.by)
    order = _ORDERS[count] if count < len(_ORDERS) else f"{count}-fold "
    names = list(node.by) if len(set(node.by)) > 1 else [node.by[0]]
    by = " and ".join(_say(name) for name in names)
    head = f"the {order}{kind}derivative"
    if node.of == Word(""):
        return f"{head} by {by} of"
    return f"{head} of {_say(node.of)} by {by}"


def _big(node: Big) -> str:
    head = f"the {_BIG[node.sign]} "
    if node.index is not None:
        head += f"over {_say(node.index)} "
    pairs = "".join(f", {_say(i)} not {_say(other)}" for i, other in node.unequal)
    return f"{head}from {_say(node.lower)} to {_say(node.upper)}{pairs}, of"


def _word(text: str) -> str:
    if text in _FUNCTIONS:
        return _FUNCTIONS[text]
    name, arc = text, ""
    if re.fullmatch(r"a(rc)?(sin|cos|tan|cot|sec|csc)h?", text):
        name, arc = re.sub("^a(rc)?", "", text), "inverse "
    if name.endswith("h") and name[:-1] in _FUNCTIONS:
        return f"{arc}hyperbolic {_FUNCTIONS[name[:-1]]}"
    return arc + _FUNCTIONS.get(name, name.replace("_", " "))


def _name(name: Name) -> str:
    words = [_letters(name.base), *name.accents]
    is_row = len(name.indices) > 1
    for place, index in enumerate(name.indices):
        pause = "," if is_row and place < len(name.indices) - 1 else ""
        words.append(_index(index, is_row) + pause)
    words += ["prime"] * name.primes
    return " ".join(words)


def _index(index: str, is_row: bool) -> str:
    """Digits one by one, as the notes read w_111; numbers where there are several."""
    parts = []
    for part in index_parts(index):
        if part.isdecimal():
            alone = len(part) == 1 or not is_row
            digits = [DIGITS[unicodedata.decimal(digit)] for digit in part]
            parts.append(" ".join(digits) if alone else part)
        else:
            parts.append(SIGNS.get(part, _letters(part)))
    return " ".join(parts)


def _letters(text: str) -> str:
    greek = LETTERS.get(text) or (text if text in GREEK else "")
    if greek:
        return ("cap " + greek.lower()) if greek[0].isupper() else greek
    if len(text) == 1 and text.isupper():
        return f"cap {text}"
    return text.replace("_", " ")
