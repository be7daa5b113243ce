r"""Sums, products, integrals and binomials of LaTeX as calls of symgrad's text.

The one rule kept here: a sum or product reaches over the factors that follow it, up to
the next plus or minus; an integral, up to its differential, which it must have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from symgrad.latex.rows import Row, read_name
from symgrad.latex.tokens import Token, fail

Read: TypeAlias = Callable[[Row], str]
"""How a sum, or a product, is read."""

_NAMES = ("letter", "greek", "letters", "accent", "styled")


def read_operator(row: Row, token: Token, expression: Read, term: Read) -> str:
    r"""Read ``\sum``, ``\prod`` or ``\int``; its token is taken."""
    lower, upper = _limits(row, token)
    if token.text == "integral":
        return _integral(row, token, lower, upper, expression)
    if lower is None or upper is None:
        fail(
            row.text,
            token.start,
            f"a {token.text} without bounds; write both, as in \\sum_{{i=1}}^{{n}}",
        )
    index, start, unequal = _index(row, lower, expression)
    body = term(row)
    if unequal:
        neutral = "0" if token.text == "sum" else "1"
        body = f"if({' and '.join(unequal)}, {body}, {neutral})"
    return f"{token.text}({body}, {index}, {start}, {_whole(upper, expression)})"


def _limits(row: Row, token: Token) -> tuple[Row | None, Row | None]:
    """What stands below and above, in either order."""
    found: dict[str, Row] = {}
    row.skip_gaps()
    while row.peek().kind == "script" and row.peek().text not in found:
        sign = row.peek().text
        row.at += 1
        part = row.peek()
        row.at += 1
        tokens = part.parts if part.kind == "group" else (part,)
        if part.kind == "end":
            fail(row.text, token.start, "a bound is missing")
        found[sign] = Row(row.text, tokens)
        row.skip_gaps()
    return found.get("_"), found.get("^")


def _index(row: Row, lower: Row, expression: Read) -> tuple[str, str, list[str]]:
    r"""The index of ``i=1``, where it begins, and what it is not (``, i \neq j``)."""
    lower.skip_gaps()
    token = lower.peek()
    lower.at += 1
    named = token.kind in ("letter", "greek")
    if not named or not lower.take("="):
        fail(row.text, token.start, "a sum from where? write it as in \\sum_{i=1}^{n}")
    unequal: list[str] = []
    start = _side(lower, expression)
    while lower.take(","):
        left = expression(lower)
        if not lower.take("!="):
            fail(row.text, lower.peek().start, r"expected \neq, as in j=1, j \neq i")
        unequal.append(f"{left} != {expression(lower)}")
    _check_end(lower)
    return token.text, start, unequal


def _whole(row: Row, expression: Read) -> str:
    return _rest(row, expression)


def _rest(row: Row, expression: Read) -> str:
    """Read all of a row."""
    found = _side(row, expression)
    _check_end(row)
    return found


def _side(row: Row, expression: Read) -> str:
    """Read a bound, which may be endless."""
    row.skip_gaps()
    if row.peek().kind == "infinity":
        row.at += 1
        return "oo"
    if row.peek().text == "-" and row.peek(1).kind == "infinity":
        row.at += 2
        return "-oo"
    return expression(row)


def _check_end(row: Row) -> None:
    row.skip_gaps()
    if row.peek().kind != "end":
        fail(row.text, row.peek().start, f"unexpected {row.peek().text!r}")


def _integral(
    row: Row, token: Token, lower: Row | None, upper: Row | None, expression: Read
) -> str:
    if lower is None or upper is None:
        fail(
            row.text,
            token.start,
            "an integral without bounds; write both, as in \\int_{a}^{b}",
        )
    place = _differential(row)
    if place is None:
        fail(
            row.text,
            token.start,
            "an integral without its differential; write it last, as in \\, dx",
        )
    inside = Row(row.text, row.tokens[row.at : place])
    inside.skip_gaps()
    body = "1" if inside.peek().kind == "end" else _rest(inside, expression)
    row.at = place + 1
    row.skip_gaps()
    row.at += 1
    name = read_name(row, row.tokens[row.at - 1])
    bounds = f"{_rest(lower, expression)}, {_rest(upper, expression)}"
    return f"integral({body}, {name}, {bounds})"


def _differential(row: Row) -> int | None:
    """Where the d of dx stands that belongs to an integral which has just begun."""
    depth = inner = 0
    for place in range(row.at, len(row.tokens)):
        token = row.tokens[place]
        if token.kind == "sign" and token.text in ("(", ")"):
            depth += 1 if token.text == "(" else -1
            if depth < 0:
                return None
        if token.kind == "big" and token.text == "integral":
            inner += 1
        if depth or not (token.kind in ("letter", "letters") and token.text == "d"):
            continue
        after = Row(row.text, row.tokens, place + 1)
        after.skip_gaps()
        if after.peek().kind in _NAMES:
            if not inner:
                return place
            inner -= 1
    return None
