r"""What is refused of LaTeX that people read in two ways, and what is not.

The one rule kept here: a bracket after a name is a call or a product; where the name
stands in its own brackets, as in x(1 - x), it is a product.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symgrad.latex.rows import Row
from symgrad.latex.tokens import BOX, Token, fail


def check_styles(text: str, tokens: Sequence[Token]) -> None:
    """Refuse a letter that is bold in one place and plain in another."""
    plain: dict[str, int] = {}
    styled: dict[str, int] = {}
    todo: list[tuple[Token, bool]] = [(token, False) for token in tokens]
    while todo:
        token, is_styled = todo.pop()
        if token.kind in ("letter", "greek"):
            (styled if is_styled else plain).setdefault(token.text, token.start)
        for part in token.parts:
            inner = [part] if isinstance(part, Token) else part or ()
            deeper = is_styled or token.kind == "styled"
            todo.extend((t, deeper) for t in inner if isinstance(t, Token))
    for name in styled:
        if name in plain:
            fail(
                text,
                styled[name],
                f"{name} stands here in a style of its own and elsewhere without; "
                "rename one",
            )


def check_vectors(text: str, tokens: Sequence[Token]) -> None:
    r"""Refuse a product by \cdot or \times of two names with arrows or in bold."""
    todo: list[Sequence[Token]] = [tokens]
    while todo:
        row = todo.pop()
        names = [t for t in row if t.kind not in ("script", "number")]
        for left, sign, right in zip(names, names[1:], names[2:], strict=False):
            dotted = text.startswith(("\\cdot", "\\times"), sign.start)
            if dotted and _is_vector(left) and _is_vector(right):
                fail(
                    text,
                    sign.start,
                    "a product of vectors is not read; write it in components, "
                    "or plain letters for numbers",
                )
        for token in row:
            for part in token.parts:
                inner = [part] if isinstance(part, Token) else part or ()
                todo.append([t for t in inner if isinstance(t, Token)])


def _is_vector(token: Token) -> bool:
    return token.kind == "styled" or (token.kind, token.text) == ("accent", "vec")


def holds_itself(row: Row) -> bool:
    """Whether the name before a bracket stands in it too, as in x(1 - x): a product."""
    start = row.at - 1
    while start > 0 and (
        row.tokens[start].kind == "script"
        or row.tokens[start - 1].kind == "script"
        or row.tokens[start].text == "'"
    ):
        start -= 1
    name = [_key(token) for token in row.tokens[start : row.at]]
    depth, place = 1, row.at + 1
    while place < len(row.tokens) and depth:
        token = row.tokens[place]
        if token.kind == "sign" and token.text in ("(", ")"):
            depth += 1 if token.text == "(" else -1
        place += 1
    return _holds(row.tokens[row.at + 1 : place], name)


def _key(token: Token) -> Any:
    """What a token is, wherever it stands."""
    parts = [
        [_key(t) for t in ([part] if isinstance(part, Token) else part or ())]
        for part in token.parts
        if not isinstance(part, str)
    ]
    return (token.kind, token.text, parts)


def _holds(tokens: Sequence[Token], name: list[Any]) -> bool:
    """Whether a name stands among tokens, or in their groups."""
    todo = [tokens]
    while todo:
        row = todo.pop()
        here = [_key(t) for t in row]
        if any(here[k : k + len(name)] == name for k in range(len(here))):
            return True
        for token in row:
            for part in token.parts:
                inner = [part] if isinstance(part, Token) else part or ()
                todo.append([t for t in inner if isinstance(t, Token)])
    return False


def check_bracketed(row: Row, group: Token) -> None:
    """Refuse x^{(2)}: an iterate, a derivative, a sample, hardly a power."""
    first, last = group.parts[:1], group.parts[-1:]
    one = [t for t in group.parts if t.kind == "sign" and t.text == "("]
    if first and first[0].text == "(" and last[0].text == ")" and len(one) == 1:
        fail(
            row.text,
            group.start,
            "an index or a power? write x^{2} for a power, or x_{2} for an index",
        )


def is_bracketed(group: Token) -> bool:
    r"""Whether a group is but a pair of brackets, as in \sin{\left(x\right)}."""
    signs = [t.text if t.kind == "sign" else "" for t in group.parts]
    depth, places = 0, []
    for place, sign in enumerate(signs):
        depth += (sign == "(") - (sign == ")")
        places += [place] if depth == 0 else []
    return signs[:1] == ["("] and places == [len(signs) - 1]


def check_beside(row: Row, token: Token, before: str, gap: bool) -> None:
    """Refuse two values side by side that are read in two ways."""
    if before == "bare" and token.kind != "function":
        fail_bare(row, token)
    if token.kind == "number" and (before == "number" or not gap):
        fail(row.text, token.start, "a number after a value; write \\cdot between them")
    if (
        before == "number"
        and token.kind == "frac"
        and not gap
        and all(len(p) == 1 and p[0].kind == "number" for p in token.parts)
    ):
        fail(row.text, token.start, "a mixed number or a product? write + or \\cdot")
    called = token.kind == "sign" and token.text == "(" and token.parts != BOX
    if before == "name" and called and not gap and not holds_itself(row):
        fail(
            row.text,
            token.start,
            "a function or a product? write \\, or \\cdot before the bracket for a "
            "product; functions are f, g, h, k, F, G, H or \\operatorname{name}",
        )


def fail_bare(row: Row, token: Token) -> None:
    message = "a function without brackets is read in two ways here; write \\sin(…)"
    fail(row.text, token.start, message)


def is_blank(row: Row) -> bool:
    """Whether nothing is left after a line's end."""
    row.skip_gaps()
    return row.peek().kind == "end"


def factorials(row: Row) -> str:
    """The signs of a factorial, where there is one."""
    found = ""
    while row.peek().kind == "sign" and row.peek().text == "!":
        row.at += 1
        found += "!"
    if len(found) > 1:
        fail(row.text, row.peek().start, "a factorial of a factorial, or a double one?")
    return found
