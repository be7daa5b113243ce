"""What a name with an index means in a whole text: a datum, a family, or a plain name.

The one rule kept here: where a sum runs over x_i, the name x_3 is the third of these
data and x_k the one at the place k; a family ``r_i = …`` is written out where r_i
stands. What could be a datum or a name of its own is an error.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from symgrad.errors import short
from symgrad.reading.conditions import branches_of
from symgrad.reading.data_spellings import PLACES
from symgrad.reading.families import Family, in_order, letter_of, written_out
from symgrad.reading.index_calls import operand_start
from symgrad.reading.postfix import Instruction, Program
from symgrad.tokens import fail


@dataclass
class _Names:
    """What the names of a text are: data by their numbers of indices, and families."""

    text: str
    data: Mapping[str, int]
    families: Mapping[str, Family]
    reaches_zero: frozenset[str]
    defined: set[str]


def settled(
    text: str,
    programs: Sequence[tuple[Program, Sequence[str]]],
    families: Mapping[str, Family],
    defined: Collection[str],
) -> list[Program]:
    """Settle the names of all formulas of a text, given with their parameters.

    ``defined`` are the names that the text defines. Raises ``FormulaError`` for a name
    that can be read in two ways, a family without its index or in a circle,
    ``BoundError`` where families become too long.
    """
    all_steps = [p.instructions for p, _ in programs]
    all_steps += [each.program.instructions for each in families.values()]
    elements = [
        step.value.split()
        for steps in all_steps
        for step in steps
        if step.op == "element"
    ]
    data = {base: len(places) for base, *places in elements if base not in families}
    names = _Names(text, data, families, _reaching_zero(all_steps), {*defined})
    known: dict[str, Family] = {}
    for base in in_order(text, families):
        family = families[base]
        fixed = _fixed(names, family.program, family.indices)
        steps = written_out(text, fixed, known)
        program = replace(family.program, instructions=tuple(steps))
        known[base] = family._replace(program=program)
    return [_settled(names, each, known, bound) for each, bound in programs]


def _settled(
    names: _Names,
    program: Program,
    families: Mapping[str, Family],
    parameters: Sequence[str],
) -> Program:
    steps = tuple(written_out(names.text, _fixed(names, program, parameters), families))
    if not any(step.op == "element" for step in (*steps, *program.instructions)):
        return program
    uses: dict[str, int] = {}
    for step in steps:
        kinds = ("name", "element", "index")
        words = step.value.split() if step.op in kinds else []
        for place, word in enumerate(words):
            if word[0] == "=" or (place == 0 and step.op != "index"):
                uses.setdefault(letter_of(word.lstrip("=")), step.start)
    return Program(steps, uses, program.calls, branches_of(names.text, steps))


def _reaching_zero(programs: Sequence[Sequence[Instruction]]) -> frozenset[str]:
    """The data of which x_0 is one: x_{i-1}, or a sum from 0."""
    found: set[str] = set()
    for steps in programs:
        from_zero = any(
            step.op == "reduce" and steps[operand_start(steps, place) - 1].value == "0"
            for place, step in enumerate(steps)
        )
        for step in steps:
            if step.op == "element":
                base, *places = step.value.split()
                if from_zero or any("-" in place for place in places):
                    found.add(base)
    return frozenset(found)


def _fixed(names: _Names, program: Program, bound: Sequence[str]) -> list[Instruction]:
    """Read the names that are data of one place: x_3, x_k, x_{k+1}."""
    steps = program.instructions
    running = {s.value.split()[1] for s in steps if s.op == "reduce"}
    return [
        _read_name(names, step, running, bound)
        if step.op == "name" and ("_" in step.value or step.value in names.families)
        else step
        for step in steps
    ]


def _read_name(
    names: _Names, step: Instruction, running: set[str], bound: Sequence[str]
) -> Instruction:
    base, places = _split(names, step.value)
    shown = short(step.value)
    for place in step.value.split("_")[1:]:
        letter = letter_of(place)
        if letter in running or (places and letter in bound):
            fail(
                names.text,
                step.start,
                f"{shown} stands outside of the sum over {letter}; put it into the "
                "brackets of the sum, or take another letter",
            )
    if base in names.families and not places:
        one = f"{base}_{{{','.join(names.families[base].indices)}}}"
        fail(
            names.text,
            step.start,
            f"{short(base)} has no index here; {one} is defined for every index, "
            f"write it in a sum, or with a place, {base}_1",
        )
    if not places and ("+" in step.value or "-" in step.value):
        place = step.value.rpartition("_")[2]
        fail(
            names.text,
            step.start,
            f"{shown} is a datum of a sum over {letter_of(place)}, and none is "
            "around it",
        )
    words = [letter_of(place) for place in places]
    is_place = all(word.isdecimal() or word in PLACES for word in words)
    is_word = len(words) == 1 and len(words[0]) > 1 and not is_place
    is_defined = step.value in names.defined and not any(map(str.isdecimal, words))
    if not places or is_word or is_defined:
        return step  # x_bar is a name of its own
    _check_place(names, step, base, places, is_place)
    spelled = [place if place.isdecimal() else f"={place}" for place in places]
    return step._replace(op="element", value=" ".join([base, *spelled]))


def _check_place(
    names: _Names, step: Instruction, base: str, places: Sequence[str], is_place: bool
) -> None:
    """Refuse x_0 beside x_1, x_2, …, x_c, and another number of indices."""
    bracketed = "[" in names.text[step.start : step.end]
    is_zero = "0" in places and base not in names.reaches_zero and not bracketed
    family = names.families.get(base)
    count = names.data[base] if family is None else len(family.indices)
    if is_place and len(places) == count and not is_zero:
        if step.value not in names.defined:
            return
    example = ",".join(places if len(places) == count and is_place else "klm"[:count])
    fail(
        names.text,
        step.start,
        f"{short(step.value)} may be one of the data {base}_… here, or a name of its "
        f"own; write {base}[{example}] for the datum, or rename it",
    )


def _split(names: _Names, name: str) -> tuple[str, list[str]]:
    """The data or the family that a name belongs to, and its places."""
    parts = name.split("_")
    for cut in range(len(parts), 0, -1):
        base = "_".join(parts[:cut])
        if base in names.families or (base in names.data and cut < len(parts)):
            return base, parts[cut:]
    return name, []
