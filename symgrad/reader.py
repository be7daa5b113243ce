"""Text as statements in postfix order: an own tokenizer and precedence parser.

The one rule kept here: text is only looked at. Nothing in it is executed, imported or
handed to SymPy; the stack of the parser is a list, so no text overflows Python's.

Precedence, from loose to tight: ``+ -``, ``* /``, unary minus, ``^``. So ``-x^2`` is
``-(x^2)``, ``2^-3`` is an eighth and ``2^3^2`` is ``2^9``. A number before a name or a
bracket multiplies (``2x``, ``2(x + 1)``). ``e`` is Euler's number where every ``e`` of
the text stands before ``^``, and a variable otherwise.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from symgrad.errors import BoundError, FormulaError, short
from symgrad.parser import Program, parse
from symgrad.tokens import MAX_LENGTH, Token, check_names, fail, tokenize
from symgrad.vocabulary import CONSTANTS


@dataclass(frozen=True)
class Statement:
    """``name = program``, standing at ``start``; a plain formula has no name."""

    name: str | None
    start: int
    program: Program


@dataclass(frozen=True)
class Reading:
    """The statements of a text, and all its names in order of first appearance."""

    text: str
    statements: tuple[Statement, ...]
    names: tuple[str, ...]


def read(text: str) -> Reading:
    """Read a formula, or definitions parted by ``;`` or line ends.

    >>> reading = read("f = tanh(u); u = w*x + b")
    >>> [statement.name for statement in reading.statements], reading.names
    (['f', 'u'], ('f', 'u', 'w', 'x', 'b'))
    >>> [step.value for step in reading.statements[1].program.instructions]
    ['w', 'x', 'multiply', 'b', 'add']

    Raises ``FormulaError`` where the text is no formula, ``UnknownNameError`` for an
    unknown function, ``BoundError`` for a text that is too long or nested too deeply.
    """
    if len(text) > MAX_LENGTH:
        raise BoundError(
            f"the text has {len(text):,} characters; the bound MAX_LENGTH is "
            f"{MAX_LENGTH:,}, split the formula or build a Graph"
        )
    text = unicodedata.normalize("NFC", text)
    tokens = tokenize(text)
    check_names(text, tokens)
    end = Token("end", "", len(text), len(text))
    following = [*tokens, end][1:]
    euler = all(
        after.kind == "operator" and after.text == "^"
        for token, after in zip(tokens, following, strict=True)
        if token.text == "e"
    )
    parts = [part for part in _split(tokens) if part]
    statements = tuple(_statement(text, part, euler) for part in parts)
    if not statements:
        raise FormulaError(
            f"the formula {short(text)} is empty; expected something like "
            "'tanh(w*x + b)'"
        )
    names: dict[str, None] = {}
    for statement in statements:
        names.update(dict.fromkeys([statement.name] if statement.name else []))
        names.update(dict.fromkeys(statement.program.uses))
    for statement in statements:
        for called, start in statement.program.calls.items():
            if called in names:
                fail(
                    text,
                    start,
                    f"{short(called)} is both a function and a variable here; "
                    "rename the variable",
                )
    return Reading(text, statements, tuple(names))


def _split(tokens: list[Token]) -> Iterator[list[Token]]:
    """Part the tokens at ``;`` and at the ends of lines.

    A line goes on inside brackets, after an operator, and where the next line starts
    with one.
    """
    part: list[Token] = []
    depth = 0
    for token, after in zip(tokens, [*tokens, None][1:], strict=True):
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if token.kind == "end":
            yield part
            part, depth = [], 0
        elif token.kind != "newline":
            part.append(token)
        elif not (
            depth > 0
            or (part and part[-1].kind in ("operator", "equals", "comma"))
            or (after is not None and after.kind == "operator")
        ):
            yield part
            part, depth = [], 0
    yield part


def _statement(text: str, tokens: list[Token], euler: bool) -> Statement:
    equals = [place_ for place_, t in enumerate(tokens) if t.kind == "equals"]
    name = None
    body = tokens
    if equals:
        if len(equals) > 1:
            fail(text, tokens[equals[1]].start, "a second '='; part definitions by ;")
        _check_left(text, tokens[: equals[0]], tokens[equals[0]])
        name, body = tokens[0].text, tokens[equals[0] + 1 :]
        if not body:
            fail(text, tokens[0].start, f"nothing is given for {short(name)}")
    return Statement(name, tokens[0].start, parse(text, body, euler))


def _check_left(text: str, left: list[Token], equals: Token) -> None:
    kinds = [token.kind for token in left]
    if kinds[:2] == ["name", "open"] and kinds[-1] == "close":
        fail(
            text,
            left[0].start,
            f"definitions of functions such as {short(left[0].text)} are not read yet; "
            "write the formula out, or name its value",
        )
    if kinds != ["name"]:
        fail(
            text,
            left[0].start if left else equals.start,
            "the left side of '=' is not one name; expected name = formula "
            "(equations are not read yet)",
        )
    if left[0].text in CONSTANTS:
        fail(
            text, left[0].start, f"{left[0].text} is the number 3.14…; take a new name"
        )
