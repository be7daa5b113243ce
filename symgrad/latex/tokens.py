"""LaTeX as tokens: what pylatexenc's walker finds, put in one row.

The one rule kept here: every command is known or refused; nothing is executed, no
macro is expanded, nothing is dropped but sizes and layout that carry no meaning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

from symgrad.errors import (
    BoundError,
    FormulaError,
    MissingPackageError,
    short,
    unknown_name,
)
from symgrad.latex.commands import (
    ACCENTS,
    ALIASES,
    ARGUMENTS,
    BIG,
    BOXES,
    FENCES,
    FUNCTIONS,
    GAPS,
    GREEK,
    LETTER_COMMANDS,
    MARKS,
    NOTHING,
    SHEETS,
    SIGNS,
    UNREAD,
)
from symgrad.tokens import place

MAX_LENGTH = 20_000
MAX_NESTING = 40
BOX = ("[",)
"""What a token of an opening [ or { holds as its parts: no call begins with one."""

CALL = ("call",)
"""What an opening bracket after ``\\mathopen{}`` holds: a call, no product."""


class Token(NamedTuple):
    r"""A piece of a formula: its kind, its text, its parts, its place.

    The kinds are number, letter, letters, sign, gap, function, greek, accent, frac,
    sqrt, binom, group, cases, text, bound (floor, ceiling, \lvert), script (``^`` and
    ``_``), big (sums and integrals), styled (bold and the like), infinity, call (made
    by ``mark_calls``), mark (``\mathopen{}``, which goes into its bracket).
    """

    kind: str
    text: str
    start: int
    parts: tuple[Any, ...] = ()


def fail(text: str, start: int, message: str) -> NoReturn:
    """Raise an error about a place in the LaTeX."""
    raise FormulaError(f"{place(text, start)}: {message}")


def tokens_of(text: str) -> list[Token]:
    """Cut LaTeX into tokens; groups hold tokens of their own.

    Raises ``FormulaError`` for braces that do not match and for commands that have no
    meaning here, ``BoundError`` for too much, ``MissingPackageError`` without
    pylatexenc.
    """
    try:
        from pylatexenc import latexwalker
    except ImportError:
        raise MissingPackageError(
            "LaTeX is read with pylatexenc; pip install 'symgrad[latex]'"
        ) from None
    if len(text) > MAX_LENGTH:
        raise BoundError(
            f"the LaTeX has {len(text):,} characters; the bound MAX_LENGTH is "
            f"{MAX_LENGTH:,}, split the formula"
        )
    _check_nesting(text)
    walker = latexwalker.LatexWalker(
        text, latex_context=_context(), tolerant_parsing=False
    )
    try:
        nodes = walker.get_latex_nodes()[0]
    except latexwalker.LatexWalkerParseError as error:
        message = getattr(error, "msg", "") or "it cannot be parsed"
        start = min(getattr(error, "pos", None) or 0, len(text))
        fail(text, start, _in_our_words(message.splitlines()[0]))
    return _row(text, nodes)


_OPENING = {"}": "{", "]": "[", "$": "$"}


def _in_our_words(message: str) -> str:
    """What pylatexenc's walker complains about, and the way out."""
    if found := re.search(r"end of stream, was expecting '?([^']+)", message):
        closing = found.group(1)
        opened = _OPENING.get(closing, closing.replace("\\end", "\\begin"))
        return f"the LaTeX ends, and {opened!r} is not closed; expected {closing!r}"
    if found := re.search(r'arguments of macro "(\w+)"', message):
        spec = ARGUMENTS.get(found.group(1), "{").replace("[", "")
        braces = "{…}" * len(spec)
        return f"\\{found.group(1)} lacks an argument; write \\{found.group(1)}{braces}"
    if "mismatching closing" in message:
        return "a closing brace closes nothing; take it away"
    return message[:1].lower() + message[1:]


def _check_nesting(text: str) -> None:
    depth = 0
    for match in re.finditer(r"\\.|[{}()\[\]]|\\begin|[_^]", text):
        sign = match.group()
        depth += (sign in "{([") - (sign in "})]")
        if depth > MAX_NESTING:
            raise BoundError(
                f"{place(text, match.start())}: brackets nest deeper than the bound "
                f"MAX_NESTING ({MAX_NESTING}); name the inner parts"
            )


@lru_cache(maxsize=1)
def _context() -> Any:
    """What pylatexenc is told of commands: how many arguments each takes."""
    from pylatexenc import macrospec

    context = macrospec.LatexContextDb()
    context.add_context_category(
        "symgrad",
        macros=[macrospec.MacroSpec(name, spec) for name, spec in ARGUMENTS.items()],
        environments=[
            macrospec.EnvironmentSpec(name, "") for name in ("cases", *SHEETS)
        ],
    )
    context.set_unknown_macro_spec(macrospec.MacroSpec("", ""))
    context.set_unknown_environment_spec(macrospec.EnvironmentSpec("", ""))
    return context


def _row(text: str, nodes: Sequence[Any]) -> list[Token]:
    found: list[Token] = []
    for node in nodes:
        kind = type(node).__name__
        if kind == "LatexCharsNode":
            found += _characters(text, node)
        elif kind == "LatexGroupNode":
            found.append(
                Token("group", "{", node.pos, tuple(_row(text, node.nodelist)))
            )
        elif kind == "LatexMathNode" and _is_all(nodes):
            found += _row(text, node.nodelist)
        elif kind == "LatexMacroNode":
            found += _macro(text, node)
        elif kind == "LatexCommentNode":
            continue
        elif kind == "LatexEnvironmentNode" and node.environmentname in SHEETS:
            rows = _row(text, node.nodelist)
            found += [t for t in rows if (t.kind, t.text) != ("sign", "&")]
        elif kind == "LatexEnvironmentNode" and node.environmentname == "cases":
            inner = tuple(_row(text, node.nodelist))
            found.append(Token("cases", "cases", node.pos, inner))
        else:
            shown = short(text[node.pos : node.pos + node.len])
            fail(text, node.pos, f"{shown} is not read; expected one formula")
    return _marked(found)


def _marked(tokens: Sequence[Token]) -> list[Token]:
    r"""Put ``\mathopen{}`` and ``\!`` into the bracket that they stand before."""
    found: list[Token] = []
    mark = ""
    for token in tokens:
        if mark == "mathopen" and token.kind == "group" and not token.parts:
            continue
        if token.kind != "mark":
            is_call = mark and token.text == "(" and not token.parts
            found.append(token._replace(parts=CALL) if is_call else token)
        mark = token.text if token.kind == "mark" else ""
    return found


def _is_all(nodes: Sequence[Any]) -> bool:
    """Whether there is one formula, and else comments and blanks."""
    rest = [n for n in nodes if type(n).__name__ != "LatexCommentNode"]
    blank = [n for n in rest if getattr(n, "chars", "x").strip()]
    return len(blank) == 1


_CHARACTERS = re.compile(
    r"(?P<space>\s+)|(?P<number>[0-9]+\.?[0-9]*|\.[0-9]+)|(?P<letter>[^\W\d_])"
    r"|(?P<script>[\^_])|(?P<sign>[-+*/()\[\]|=<>,;!'&~.])"
)


def _characters(text: str, node: Any) -> list[Token]:
    found = []
    at = 0
    while at < len(node.chars):
        match = _CHARACTERS.match(node.chars, at)
        start = node.pos + at
        if match is None:
            fail(text, start, f"unexpected {short(node.chars[at])}")
        kind, piece = str(match.lastgroup), match.group()
        if piece == "~":
            kind = "gap"
        if kind != "space":
            piece = {"[": "(", "]": ")"}.get(piece, piece)
            box = BOX if match.group() == "[" else ()
            found.append(Token(kind, piece, start, box))
        at = match.end()
    return found


def _macro(text: str, node: Any) -> list[Token]:
    name, start = node.macroname, node.pos
    if name in NOTHING:
        return []
    if name in MARKS:
        return [Token("mark", name, start)]
    if name in GAPS:
        return [Token("gap", name, start)]
    if name in BOXES:
        return [Token("sign", "(", start, BOX)]
    if name in BIG:
        return [Token("big", BIG[name], start)]
    if name == "infty":
        return [Token("infinity", name, start)]
    if name in LETTER_COMMANDS:
        return [Token("greek", name, start)]
    if name in SIGNS:
        return [Token("sign", SIGNS[name], start)]
    if name == "\\":
        return [Token("sign", "\\\\", start)]
    if name in GREEK:
        return [Token("greek", name, start)]
    if name in FUNCTIONS:
        return [Token("function", FUNCTIONS[name], start)]
    if name in FENCES or name in FENCES.values():
        return [Token("bound", name, start)]
    if name in ARGUMENTS:
        return [_with_arguments(text, node)]
    if name in UNREAD:
        fail(text, start, f"\\{name}: {UNREAD[name]}")
    known = [*FUNCTIONS, *SIGNS, *ARGUMENTS, *sorted(GREEK)]
    fail(text, start, str(unknown_name("LaTeX command", name, known)))


def _with_arguments(text: str, node: Any) -> Token:
    kind = ALIASES.get(node.macroname, node.macroname)
    arguments: Any = node.nodeargd.argnlist if node.nodeargd is not None else ()
    if len(arguments or ()) != len(ARGUMENTS[node.macroname]) or arguments[-1] is None:
        fail(text, node.pos, f"\\{node.macroname} needs braces around it")
    if kind in ("text", "letters", "operatorname"):
        inner = arguments[0]
        raw = text[inner.pos : inner.pos + inner.len]
        words = raw[1:-1] if raw.startswith("{") else raw
        return Token(kind, words.replace("\\_", "_").strip(), node.pos)
    parts = tuple(
        None
        if each is None
        else tuple(_row(text, getattr(each, "nodelist", None) or [each]))
        for each in arguments
    )
    kind = "accent" if kind in ACCENTS else kind
    name = ALIASES.get(node.macroname, node.macroname)
    return Token(kind, name, node.pos, parts)
