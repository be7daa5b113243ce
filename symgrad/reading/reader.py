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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from symgrad.characters import plain_characters
from symgrad.errors import BoundError, FormulaError, short
from symgrad.named_formulas import completed, is_named_formula
from symgrad.reading.borrowed_notation import plain_notation
from symgrad.reading.data_names import settled
from symgrad.reading.data_spellings import factors_of_data, plain_data
from symgrad.reading.families import Family, family_of
from symgrad.reading.misreadings import check_misreadings, check_names
from symgrad.reading.parser import parse
from symgrad.reading.postfix import Program, Vocabulary
from symgrad.reading.statements import (
    Part,
    check_new,
    is_definition,
    part_of,
    split_statements,
)
from symgrad.reading.sum_spellings import plain_bounds, plain_sums, running_indices
from symgrad.tokens import MAX_LENGTH, Token, fail, tokenize
from symgrad.vocabulary import (
    check_dialect,
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
class Reading:
    """The statements of a text, and all its names in order of first appearance.

    The parameters of functions are no names of the text. ``families`` are the formulas
    for every index, as they were written; the statements have them written out.
    """

    text: str
    statements: tuple[Statement, ...]
    names: tuple[str, ...]
    families: Mapping[str, Family]


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
    text = plain_bounds(plain_characters(text))
    tokens = plain_data(_unbraced(tokenize(text)))
    own = {part[0].text for part in split_statements(tokens) if is_definition(part)}
    own |= {*(known or {})}
    tokens = plain_sums(text, plain_notation(text, tokens, own))
    if any(token.kind == "name" and is_named_formula(token.text) for token in tokens):
        text, tokens = completed(text, tokens, own)
    check_names(text, tokens)
    check_dialect(text, tokens)
    running = running_indices(tokens)
    if running:
        tokens = factors_of_data(tokens, running, known or ())
    parts = [part_of(text, part) for part in split_statements(tokens) if part]
    if not parts:
        raise FormulaError(
            f"the formula {short(text)} is empty; expected something like "
            "'tanh(w*x + b)'"
        )
    functions = {
        p.name.text: len(p.parameters) for p in parts if p.name and p.parameters
    }
    check_new(text, parts, known or {})
    defined = {p.name.text for p in parts if p.name} | set(known or {})
    defined.update(token.text for p in parts for token in p.parameters)
    check_misreadings(text, tokens, defined)
    euler = "e" not in defined and _has_euler(text, tokens)
    words = Vocabulary(euler, {**(known or {}), **functions})
    statements, families = _statements(text, parts, words, running)
    names = _names(statements)
    _check_calls(text, statements, names)
    return Reading(text, statements, tuple(names), families)


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


def _statements(
    text: str, parts: Sequence[Part], words: Vocabulary, running: set[str]
) -> tuple[tuple[Statement, ...], Mapping[str, Family]]:
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
    written = zip(kept, programs, strict=True)
    return tuple(replace(each, program=program) for each, program in written), families


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
