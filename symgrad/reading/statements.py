"""The tokens of a text parted into statements: a name, its parameters, its formula.

The one rule kept here: a line goes on inside brackets, after an operator, and where
the next line starts with one; what stands left of ``=`` is a name of the user's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from symgrad.errors import short
from symgrad.tokens import Token, fail
from symgrad.vocabulary import (
    CONSTANTS,
    RESERVED,
    is_reserved,
)


@dataclass(frozen=True)
class Part:
    """The tokens of a statement: of its name, of its parameters and of its formula."""

    name: Token | None
    parameters: list[Token]
    body: list[Token]


def is_definition(tokens: list[Token]) -> bool:
    """Whether a statement may define the name that it starts with."""
    return any(token.kind == "equals" for token in tokens)


_DEPTHS = {"open": 1, "floor": 1, "close": -1}
_CONNECTING = ("and", "or", "if", "else")


def _goes_on(last: Token) -> bool:
    """Whether a line that ends with this token is not finished."""
    kinds = ("operator", "equals", "comma", "compare")
    return last.kind in kinds or last.text in (*_CONNECTING, "not")


def split_statements(tokens: list[Token]) -> Iterator[list[Token]]:
    """Part the tokens at ``;`` and at the ends of lines.

    A line goes on inside brackets, after an operator, and where the next line starts
    with one.
    """
    part: list[Token] = []
    depth = 0
    for token, after in zip(tokens, [*tokens, None][1:], strict=True):
        depth += _DEPTHS.get(token.kind, 0)
        if token.kind == "end":
            yield part
            part, depth = [], 0
        elif token.kind != "newline":
            part.append(token)
        elif not (
            depth > 0
            or (part and _goes_on(part[-1]))
            or (after is not None and after.kind in ("operator", "compare"))
            or (after is not None and after.text in _CONNECTING)
        ):
            yield part
            part, depth = [], 0
    yield part


def part_of(text: str, tokens: list[Token]) -> Part:
    """Part one statement at its ``=``, and check what stands left of it."""
    depth = 0
    for place_, token in enumerate(tokens):  # noqa: B007
        depth += _DEPTHS.get(token.kind, 0)
        if token.kind == "equals" and depth <= 0:
            break
    else:
        return Part(None, [], tokens)
    left, body = tokens[:place_], tokens[place_ + 1 :]
    second = next((token for token in body if token.kind == "equals"), None)
    if second is not None:
        fail(
            text,
            second.start,
            "a second '='; part definitions by ; and compare values with ==",
        )
    if left and left[0].text[:2] in ("Σ_", "Π_") and _is_power(body):
        sign = left[0].text
        fail(
            text,
            left[0].start,
            f"{sign}=…^… is no definition; write a sum with its bounds in braces, "
            f"{sign[:2]}{{{sign[2:]}=1}}^{{n}}",
        )
    parameters = _left_side(text, left, token)
    if not body:
        fail(text, left[0].start, f"nothing is given for {short(left[0].text)}")
    return Part(left[0], parameters, body)


def _is_power(body: list[Token]) -> bool:
    """Whether a formula begins as 1^n does."""
    return [token.text for token in body[1:2]] == ["^"] and body[0].kind == "number"


def _left_side(text: str, left: list[Token], equals: Token) -> list[Token]:
    """Check what stands left of ``=``; give the parameters of a function."""
    kinds = [token.kind for token in left]
    parameters = left[2:-1:2]
    inner = ["name", "comma"] * len(parameters)
    is_function = bool(inner) and kinds == ["name", "open", *inner[:-1], "close"]
    if any(token.text in ("if", "and", "or", "not") for token in left):
        fail(text, equals.start, "unexpected '='; write == to compare two values")
    if kinds != ["name"] and not is_function:
        fail(
            text,
            left[0].start if left else equals.start,
            "the left side of '=' is not one name; expected name = formula or "
            "f(x) = formula; for an equation use implicit('x^2 + y^2 = 25', of='y')",
        )
    name = left[0]
    for token in (name, *parameters):
        if token.text in CONSTANTS:
            fail(
                text, token.start, f"{token.text} is the number 3.14…; take a new name"
            )
        if token.text in RESERVED:
            fail(text, token.start, f"{token.text!r} is a word of its own; rename it")
    if not is_function:
        return []
    if is_reserved(name.text):
        fail(text, name.start, f"{name.text} is a function already; take another name")
    seen: set[str] = set()
    for token in parameters:
        if token.text in seen or token.text == name.text:
            fail(text, token.start, f"a second {short(token.text)}; rename one")
        seen.add(token.text)
    return parameters


def check_new(text: str, parts: list[Part], known: Mapping[str, int]) -> None:
    """Refuse a definition under the name of a function of the user's own."""
    for part in parts:
        for token in [*([part.name] if part.name else []), *part.parameters]:
            if token.text in known:
                fail(text, token.start, f"{token.text} is a function given; rename one")
