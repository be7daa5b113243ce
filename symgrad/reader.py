"""Text as statements in postfix order: an own tokenizer and precedence parser.

The one rule kept here: text is only looked at. Nothing in it is executed, imported or
handed to SymPy; the stack of the parser is a list, so no text overflows Python's.

Precedence, from loose to tight: ``if else``, ``or``, ``and``, ``not``, comparisons,
``+ -``, ``* /`` and values side by side (``2x``), unary minus, ``^``. So ``-x^2`` is
``-(x^2)``, ``2^-3`` is an eighth and ``2^3^2`` is ``2^9``. ``e`` is Euler's number
where every ``e`` of the text stands before ``^``, and a variable otherwise. The whole
language is told in docs/formulas.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from symgrad.characters import plain_characters
from symgrad.data_names import Family, family_of, settled
from symgrad.errors import BoundError, FormulaError, short
from symgrad.misreadings import check_misreadings, check_names
from symgrad.named_formulas import completed, is_named_formula
from symgrad.parser import parse
from symgrad.postfix import Program, Vocabulary
from symgrad.sum_spellings import (
    factors_of_data,
    plain_data,
    plain_sums,
    running_indices,
)
from symgrad.tokens import MAX_LENGTH, Token, fail, tokenize
from symgrad.vocabulary import (
    CONSTANTS,
    RESERVED,
    check_dialect,
    is_reserved,
)


@dataclass(frozen=True)
class Statement:
    """``name = program``, standing at ``start``; a plain formula has no name.

    ``parameters`` are those of a function, ``name(x, y) = program``; else there are
    none.
    """

    name: str | None
    start: int
    program: Program
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Part:
    """The tokens of a statement: of its name, of its parameters and of its formula."""

    name: Token | None
    parameters: list[Token]
    body: list[Token]


@dataclass(frozen=True)
class Reading:
    """The statements of a text, and all its names in order of first appearance.

    The parameters of functions are no names of the text.
    """

    text: str
    statements: tuple[Statement, ...]
    names: tuple[str, ...]


def read(text: str, known: Mapping[str, int] | None = None) -> Reading:
    """Read a formula, or definitions parted by ``;`` or line ends.

    >>> reading = read("f = tanh(u); u = w*x + b")
    >>> [statement.name for statement in reading.statements], reading.names
    (['f', 'u'], ('f', 'u', 'w', 'x', 'b'))
    >>> [step.value for step in reading.statements[1].program.instructions]
    ['w', 'x', 'multiply', 'b', 'add']

    ``known`` are the user's own functions, with their numbers of arguments.

    Raises ``FormulaError`` where the text is no formula, ``UnknownNameError`` for an
    unknown function, ``BoundError`` for a text that is too long or nested too deeply.
    """
    if len(text) > MAX_LENGTH:
        raise BoundError(
            f"the text has {len(text):,} characters; the bound MAX_LENGTH is "
            f"{MAX_LENGTH:,}, split the formula or build a Graph"
        )
    text = plain_characters(text)
    tokens = plain_sums(text, plain_data(_unbraced(tokenize(text))))
    if any(token.kind == "name" and is_named_formula(token.text) for token in tokens):
        own = {part[0].text for part in _split(tokens) if _is_definition(part)}
        text, tokens = completed(text, tokens, own | set(known or {}))
    check_names(text, tokens)
    check_dialect(text, tokens)
    running = running_indices(tokens)
    if running:
        tokens = factors_of_data(tokens, running, known or ())
    parts = [_part(text, part) for part in _split(tokens) if part]
    if not parts:
        raise FormulaError(
            f"the formula {short(text)} is empty; expected something like "
            "'tanh(w*x + b)'"
        )
    functions = {
        p.name.text: len(p.parameters) for p in parts if p.name and p.parameters
    }
    _check_new(text, parts, known or {})
    defined = {p.name.text for p in parts if p.name} | set(known or {})
    defined.update(token.text for p in parts for token in p.parameters)
    check_misreadings(text, tokens, defined)
    euler = "e" not in defined and _has_euler(text, tokens)
    words = Vocabulary(euler, {**(known or {}), **functions})
    statements = _statements(text, parts, words, running)
    names = _names(statements)
    _check_calls(text, statements, names)
    return Reading(text, statements, tuple(names))


def _is_definition(tokens: list[Token]) -> bool:
    """Whether a statement may define the name that it starts with."""
    return any(token.kind == "equals" for token in tokens)


def _has_euler(text: str, tokens: list[Token]) -> bool:
    """Whether ``e`` is Euler's number: before ``^``; it cannot be a variable too."""
    following = [token.text for token in tokens[1:]] + [""]
    found = {
        after == "^": token
        for token, after in zip(tokens, following, strict=True)
        if token.kind == "name" and token.text == "e"
    }
    if len(found) == 2:
        fail(
            text,
            found[False].start,
            "e is Euler's number before '^' and a variable here; write exp( ) for the "
            "number, or give the variable another name",
        )
    return True in found


def _unbraced(tokens: list[Token]) -> list[Token]:
    """Write ``x^{2}`` as ``x^2``, without its braces."""
    kept: list[Token] = []
    for place_, token in enumerate(tokens):
        if token.text == "{" and place_ and tokens[place_ - 1].text == "^":
            inner = tokens[place_ + 1 : place_ + 3]
            if [t.kind for t in inner] == ["number", "close"] and inner[1].text == "}":
                continue
        is_closing = token.text == "}" and len(kept) > 1 and place_ > 1
        if is_closing and tokens[place_ - 2].text == "{" and kept[-2].text == "^":
            if kept[-1].kind == "number":
                continue
        kept.append(token)
    return kept


_DEPTHS = {"open": 1, "floor": 1, "close": -1}
_CONNECTING = ("and", "or", "if", "else")


def _goes_on(last: Token) -> bool:
    """Whether a line that ends with this token is not finished."""
    kinds = ("operator", "equals", "comma", "compare")
    return last.kind in kinds or last.text in (*_CONNECTING, "not")


def _split(tokens: list[Token]) -> Iterator[list[Token]]:
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


def _part(text: str, tokens: list[Token]) -> _Part:
    depth = 0
    for place_, token in enumerate(tokens):  # noqa: B007
        depth += _DEPTHS.get(token.kind, 0)
        if token.kind == "equals" and depth <= 0:
            break
    else:
        return _Part(None, [], tokens)
    left, body = tokens[:place_], tokens[place_ + 1 :]
    second = next((token for token in body if token.kind == "equals"), None)
    if second is not None:
        fail(
            text,
            second.start,
            "a second '='; part definitions by ; and compare values with ==",
        )
    parameters = _left_side(text, left, token)
    if not body:
        fail(text, left[0].start, f"nothing is given for {short(left[0].text)}")
    return _Part(left[0], parameters, body)


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


def _check_new(text: str, parts: list[_Part], known: Mapping[str, int]) -> None:
    """Refuse a definition under the name of a function of the user's own."""
    for part in parts:
        for token in [*([part.name] if part.name else []), *part.parameters]:
            if token.text in known:
                fail(text, token.start, f"{token.text} is a function given; rename one")


def _statements(
    text: str, parts: Sequence[_Part], words: Vocabulary, running: set[str]
) -> tuple[Statement, ...]:
    """Parse all formulas; those that hold for every i are written out in the others."""
    families: dict[str, Family] = {}
    kept: list[Statement] = []
    for part in parts:
        first = part.name or part.body[0]
        name = part.name.text if part.name else ""
        others = [
            token.text
            for other in (parts if running else ())
            for token in (other.body if other is not part else ())
            if token.kind == "name"
        ]
        parameters = tuple(token.text for token in part.parameters)
        own = [token.text for token in part.body if token.kind == "name"]
        named = "" if parameters else name
        base, indices = family_of(named, own, others, running)
        program = parse(text, part.body, words, indices)
        if not indices:
            kept.append(Statement(name or None, first.start, program, parameters))
            continue
        if base in families:
            fail(text, first.start, f"{short(base)} is defined twice; rename one")
        families[base] = Family(indices, program, first.start)
    for each in kept:
        name = each.name or ""
        if {name, name.rpartition("_")[0]} & {*families}:
            fail(
                text,
                each.start,
                f"{short(each.name)} is defined for every index too; rename one",
            )
    defined = [each.name for each in kept if each.name]
    programs = settled(
        text, [(s.program, s.parameters) for s in kept], families, defined
    )
    return tuple(
        replace(each, program=program)
        for each, program in zip(kept, programs, strict=True)
    )


def _names(statements: tuple[Statement, ...]) -> dict[str, None]:
    """The names of a text in order of first appearance, without parameters."""
    names: dict[str, None] = {}
    for statement in statements:
        if statement.name and not statement.parameters:
            names[statement.name] = None
        uses = statement.program.uses
        names.update(dict.fromkeys(u for u in uses if u not in statement.parameters))
    return names


def _check_calls(
    text: str, statements: tuple[Statement, ...], names: dict[str, None]
) -> None:
    """Refuse a name that is a function here and a variable there."""
    for statement in statements:
        for called, start in statement.program.calls.items():
            if called in names or called in statement.parameters:
                fail(
                    text,
                    start,
                    f"{short(called)} is both a function and a variable here; "
                    "rename the variable",
                )
