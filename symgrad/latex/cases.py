"""The cases environment of LaTeX as symgrad's ``piecewise``.

The one rule kept here: a case is a value, then a condition that is a comparison or
says ``otherwise``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from symgrad.latex.rows import Row
from symgrad.latex.tokens import Token, fail

Read: TypeAlias = Callable[[Row], str]
"""How a sum is read."""

_RELATIONS = ("<", ">", "<=", ">=", "!=", "=")
_WORDS = {"otherwise": "true", "else": "true"}


def read_cases(row: Row, token: Token, read: Read) -> str:
    """Read the cases environment as piecewise."""
    found = []
    for line in _split(token.parts, "\\\\"):
        sides = _split(line, "&")
        if not line:
            continue
        if len(sides) != 2:
            fail(row.text, line[0].start, "a case is written as value & condition")
        value = Row(row.text, sides[0])
        made = read(value)
        value.take(",")
        value.skip_gaps()
        if value.peek().kind != "end":
            fail(row.text, value.peek().start, f"unexpected {value.peek().text!r}")
        found.append(f"({made}, {_condition(Row(row.text, sides[1]), read)})")
    if not found:
        fail(row.text, token.start, "no case; expected value & condition")
    return f"piecewise({', '.join(found)})"


def _split(tokens: Sequence[Token], sign: str) -> list[list[Token]]:
    found: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == "sign" and token.text == sign:
            found.append([])
        else:
            found[-1].append(token)
    return found


def _condition(row: Row, read: Read) -> str:
    """Read comparisons joined by and, or."""
    row.skip_gaps()
    if row.peek().kind == "text" and row.peek().text in ("if", "for", "when"):
        row.at += 1
        row.skip_gaps()
    if row.peek().kind == "text" and row.peek().text in _WORDS:
        row.at += 1
        found = _WORDS[row.tokens[row.at - 1].text]
    else:
        found = _comparison(row, read)
        while _is_connective(row):
            found += f" {row.tokens[row.at - 1].text} {_comparison(row, read)}"
    if not row.take(","):
        row.take(".")
    row.skip_gaps()
    if row.peek().kind != "end":
        fail(row.text, row.peek().start, f"unexpected {row.peek().text!r}")
    return found


def _is_connective(row: Row) -> bool:
    row.skip_gaps()
    found = row.peek().kind in ("sign", "text") and row.peek().text in ("and", "or")
    row.at += found
    return found


def _comparison(row: Row, read: Read) -> str:
    found = read(row)
    compared = False
    while row.peek().kind == "sign" and row.peek().text in _RELATIONS:
        sign = {"=": "=="}.get(row.peek().text, row.peek().text)
        row.at += 1
        found += f" {sign} {read(row)}"
        compared = True
    if not compared:
        fail(row.text, row.peek().start, "no comparison; expected x > 0 or otherwise")
    return found
