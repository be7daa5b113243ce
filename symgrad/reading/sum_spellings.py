"""Sums and products as books and tools spell them, in the one form of the parser.

The one rule kept here: ``∑_{i=1}^{n}`` reaches over the factors after it, up to the
next plus or minus, as in LaTeX; where that could be read in two ways, it is an error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from symgrad.tokens import Token, fail
from symgrad.vocabulary import RESERVED

_HEADS = {
    **dict.fromkeys(("∑", "∑_", "Σ_", "sum_", "Sum_"), "sum"),
    **dict.fromkeys(("∏", "∏_", "Π_", "prod_", "product_", "Prod_"), "product"),
}
_CALLS = ("sum", "Sum", "product", "Product", "prod", "mean", "∑", "∏", "Σ", "Π")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_STOPS = ("comma", "compare", "equals", "end")


def plain_sums(text: str, tokens: Sequence[Token]) -> list[Token]:
    """Write ``∑_{i=1}^{n} x_i`` as ``sum(x_i, i, 1, n)``, the last sum first.

    >>> from symgrad.tokens import tokenize
    >>> found = plain_sums(text := "∑_{i=1}^{n} 2 x_i + b", tokenize(text))
    >>> "".join(token.text for token in found)
    'sum(2x_i,i,1,n)+b'
    """
    kept = list(tokens)
    for at in range(len(kept) - 1, -1, -1):
        token = kept[at]
        if token.kind != "name":
            continue
        after = kept[at + 1] if at + 1 < len(kept) else None
        is_call = after is not None and after.kind == "open"
        if token.text in _HEADS and not (is_call and token.text in _CALLS):
            kept[at:] = _as_call(text, kept, at)
        elif token.text in _HEADS and _is_range(kept, at + 1):
            kept[at:] = _as_call(text, kept, at)
        elif is_call and token.text in _CALLS:
            _open_limits(kept, at + 1)
            _part_range(kept, at + 1)
    return kept


def _is_range(tokens: Sequence[Token], at: int) -> bool:
    """Whether ``(i=1)`` opens here, as in ``∑(i=1)^n``."""
    kinds = [token.kind for token in tokens[at : at + 3]]
    return kinds == ["open", "name", "equals"]


def _as_call(text: str, tokens: list[Token], at: int) -> list[Token]:
    head = tokens[at]
    word, sign = _HEADS[head.text], head.text.rstrip("_")
    if not _is_range(tokens, at + 1):
        fail(
            text,
            head.start,
            f"{sign} without its bounds; write {sign}_{{i=1}}^{{n}} x_i, or "
            f"write {word}(x_i^2, i, 1, n)",
        )
    lower = matching(tokens, at + 1)
    comma = _comma(tokens, at + 1, lower)
    if comma:  # ∑_{i=1..n}
        first_end, upper, last = comma, tokens[comma + 1 : lower], lower + 1
    else:
        first_end, (upper, last) = lower, _upper(text, tokens, head, lower)
    end = _body_end(text, tokens, at, last, word)
    if end == last:
        fail(text, head.start, "a sum of nothing; write its term after the bounds")
    stop = tokens[end - 1].end
    part, opened = (
        Token("comma", ",", stop, stop),
        Token("open", "(", head.end, head.end),
    )
    return [
        Token("name", word, head.start, head.end),
        opened,
        *tokens[last:end],
        part,
        tokens[at + 2],
        part,
        *tokens[at + 4 : first_end],
        part,
        *upper,
        Token("close", ")", stop, stop),
        *tokens[end:],
    ]


def _upper(
    text: str, tokens: list[Token], head: Token, lower: int
) -> tuple[list[Token], int]:
    """The upper bound that follows the lower one, and where it ends."""
    raised = tokens[lower + 1 : lower + 2]
    if lower == len(tokens) or not raised or raised[0].text != "^":
        fail(text, head.start, "a sum up to where? write it as in ∑_{i=1}^{n}")
    first, last = lower + 2, lower + 3
    if tokens[first : first + 1] and tokens[first].kind == "open":
        last = matching(tokens, first) + 1
    elif not tokens[first:last] or tokens[first].kind not in ("name", "number"):
        fail(text, raised[0].start, "a sum up to where? write it as in ∑_{i=1}^{n}")
    elif tokens[last : last + 1] and _is_glued(tokens[first], tokens[last]):
        fail(
            text,
            tokens[first].start,
            "the upper bound of a sum can be read in two ways; write ^{…}",
        )
    upper = tokens[first:last]
    return (upper[1:-1] if len(upper) > 1 else upper), last


def _comma(tokens: Sequence[Token], at: int, end: int) -> int:
    """Where the comma of ``{i=1, n}`` stands; 0 where there is none."""
    depth = 0
    for place in range(at, min(end, len(tokens))):
        depth += {"open": 1, "floor": 1, "close": -1}.get(tokens[place].kind, 0)
        if depth == 1 and tokens[place].kind == "comma":
            return place
    return 0


def _is_glued(one: Token, other: Token) -> bool:
    joins = other.kind in ("name", "number", "factorial") or other.text == "^"
    return one.end == other.start and joins


def matching(tokens: Sequence[Token], at: int) -> int:
    """Where the bracket that opens at ``at`` is closed; the end where it is not."""
    depth = 0
    for place in range(at, len(tokens)):
        depth += {"open": 1, "floor": 1, "close": -1}.get(tokens[place].kind, 0)
        if not depth:
            return place
    return len(tokens)


def _body_end(
    text: str, tokens: Sequence[Token], head: int, first: int, word: str
) -> int:
    """Where the factors end that begin at ``first``."""
    inside_bars, in_brackets = _around(tokens, head)
    depth, bars, operand_next = 0, False, True
    for place in range(first, len(tokens)):
        token = tokens[place]
        if token.kind in ("open", "floor"):
            depth += 1
        elif token.kind == "close":
            depth -= 1
            if depth < 0:
                return place
        elif token.kind == "bar" and not depth:
            if inside_bars and not bars and not operand_next:
                return place
            bars = operand_next or not bars
        if not depth and not bars:
            is_sign = token.text in ("+", "-") and token.kind == "operator"
            is_word = token.kind == "name" and token.text in RESERVED
            is_word = is_word and not (operand_next and token.text == "if")
            is_line = token.kind == "newline" and not in_brackets
            if token.kind in _STOPS or is_word or is_line:
                return place
            if is_sign and not operand_next:
                return place
            if token.text == "/" and token.kind == "operator":
                _check_quotient(text, tokens, place, word)
        if token.kind != "newline":
            opens = token.kind in ("operator", "open", "floor", "root")
            operand_next = opens or (token.kind == "bar" and bars)
    return len(tokens)


def _around(tokens: Sequence[Token], head: int) -> tuple[bool, bool]:
    """Whether a sum stands between bars, and whether in brackets."""
    bars = [False]
    for token in tokens[:head]:
        if token.kind in ("open", "floor"):
            bars.append(False)
        elif token.kind == "close" and len(bars) > 1:
            bars.pop()
        elif token.kind == "bar":
            bars[-1] = not bars[-1]
        elif token.kind == "end":
            bars = [False]
    return bars[-1], len(bars) > 1


def _check_quotient(text: str, tokens: Sequence[Token], place: int, word: str) -> None:
    """Refuse ``∏ x_i / n``, and ``∑ x_i / ∑ y_i``."""
    after = tokens[place + 1].text if place + 1 < len(tokens) else ""
    if word == "product" or after in _CALLS:
        sign = "∏" if word == "product" else "∑"
        fail(
            text,
            tokens[place].start,
            f"a quotient after {sign} can be read in two ways; write ({sign}…)/(…) or "
            f"{sign}(…/…)",
        )


def _open_limits(tokens: list[Token], at: int) -> None:
    """Take the brackets off in ``Sum(x_i, (i, 1, n))`` and ``Sum[x[i], {i, 1, n}]``."""
    end = matching(tokens, at)
    if end >= len(tokens) or tokens[end - 1].kind != "close":
        return
    depth, place = 0, end - 1
    while place > at:
        depth += {"close": 1, "open": -1, "floor": -1}.get(tokens[place].kind, 0)
        if not depth:
            break
        place -= 1
    kinds = [token.kind for token in tokens[place - 1 : place + 3]]
    if kinds == ["comma", "open", "name", "comma"]:
        del tokens[end - 1]
        del tokens[place]


def _part_range(tokens: list[Token], at: int) -> None:
    """Write ``sum(x_i, i=1, n)`` with a comma after its index."""
    first = _comma(tokens, at, matching(tokens, at))
    after = tokens[first + 1 : first + 3] if first else []
    if [token.kind for token in after] == ["name", "equals"]:
        tokens[first + 2] = after[1]._replace(kind="comma", text=",")


_RAISED_FIRST = re.compile(
    r"([∑∏Σ]|\bsum|\bprod(?:uct)?)(\^(?:\{[^{}]*\}|\w))(_\{[^{}=]*=[^{}]*\})"
)
_DOTS = re.compile(r"(=[^=;,.]*?)(?<!\.)(?:\.\.|…)(?![.…])")
_TO = re.compile(r"([{(,]\s*[a-z]\s*=\s*[\w+-]+\s|[,]\s*\w+\s)(to)(?=\s)")


def plain_bounds(text: str) -> str:
    """Write ``∑^{n}_{i=1}`` and ``i=1..n`` as ``∑_{i=1}^{n}`` and ``i=1 ,n``.

    >>> plain_bounds("∑^{n}_{i=1} x_i + sum(y_j, j=1..m)")
    '∑_{i=1}^{n} x_i + sum(y_j, j=1 ,m)'
    """
    text = _TO.sub(r"\1 ,", text)
    return _DOTS.sub(_with_comma, _RAISED_FIRST.sub(r"\1\3\2", text))


def _with_comma(found: re.Match[str]) -> str:
    return f"{found.group(1):<{len(found.group()) - 1}},"


def _second_argument(tokens: Sequence[Token], at: int) -> str:
    depth, commas, end = 0, 0, matching(tokens, at)
    for place in range(at, end):
        depth += {"open": 1, "floor": 1, "close": -1}.get(tokens[place].kind, 0)
        if depth == 1 and tokens[place].kind == "comma":
            commas += 1
            after = tokens[place + 1]
            if commas == 1 and after.kind == "name":
                return after.text
    return ""


def running_indices(tokens: Sequence[Token]) -> set[str]:
    """The indices of all sums and products of a text."""
    return {
        _second_argument(tokens, at + 1)
        for at, token in enumerate(tokens[:-1])
        if token.text in _CALLS and tokens[at + 1].kind == "open"
    } - {""}
