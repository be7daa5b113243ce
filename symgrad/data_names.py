"""What a name with an index means in a whole text: a datum, a family, or a plain name.

The one rule kept here: where a sum runs over x_i, the name x_3 is the third of these
data and x_k the one at the place k; a family ``r_i = …`` is written out where r_i
stands. What could be a datum or a name of its own is an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from symgrad.conditions import branches_of
from symgrad.errors import BoundError, short
from symgrad.index_calls import cut_shift, operand_start
from symgrad.postfix import Instruction, Program
from symgrad.sum_spellings import PLACES
from symgrad.tokens import fail

MAX_WRITTEN_OUT = 20_000


class Family(NamedTuple):
    """``r_i = …`` or ``K_{i,j} = …``: its indices and the formula for every i."""

    indices: tuple[str, ...]
    program: Program
    start: int


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
    for base in _in_order(text, families):
        family = families[base]
        steps = _written(names, _fixed(names, family.program, family.indices), known)
        program = replace(family.program, instructions=tuple(steps))
        known[base] = family._replace(program=program)
    return [_settled(names, each, known, bound) for each, bound in programs]


def _settled(
    names: _Names,
    program: Program,
    families: Mapping[str, Family],
    parameters: Sequence[str],
) -> Program:
    steps = tuple(_written(names, _fixed(names, program, parameters), families))
    if not any(step.op == "element" for step in (*steps, *program.instructions)):
        return program
    uses: dict[str, int] = {}
    for step in steps:
        kinds = ("name", "element", "index")
        words = step.value.split() if step.op in kinds else []
        for place, word in enumerate(words):
            if word[0] == "=" or (place == 0 and step.op != "index"):
                uses.setdefault(_letter(word.lstrip("=")), step.start)
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


# --- x_3 and x_k ----------------------------------------------------------------------


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
        letter = _letter(place)
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
            f"{shown} is a datum of a sum over {_letter(place)}, and none is around it",
        )
    words = [_letter(place) for place in places]
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


def _letter(place: str) -> str:
    return cut_shift(place)[0]


def _split(names: _Names, name: str) -> tuple[str, list[str]]:
    """The data or the family that a name belongs to, and its places."""
    parts = name.split("_")
    for cut in range(len(parts), 0, -1):
        base = "_".join(parts[:cut])
        if base in names.families or (base in names.data and cut < len(parts)):
            return base, parts[cut:]
    return name, []


# --- r_i = … --------------------------------------------------------------------------


def _in_order(text: str, families: Mapping[str, Family]) -> list[str]:
    """The families, each after those it uses."""
    done: list[str] = []
    open_names: list[str] = []
    todo = [(base, False) for base in reversed(list(families))]
    while todo:
        base, is_ready = todo.pop()
        if is_ready:
            open_names.pop()
            done.append(base)
        elif base in open_names:
            path = " -> ".join([*open_names[open_names.index(base) :], base])
            fail(
                text,
                families[base].start,
                f"{base} is defined by itself, index by index ({path}); a recursion "
                "is not read, write its formula out",
            )
        elif base not in done:
            open_names.append(base)
            todo.append((base, True))
            todo += [(each, False) for each in _used(families, families[base].program)]
    return done


def _used(families: Mapping[str, Family], program: Program) -> list[str]:
    found: dict[str, None] = {}
    for step in program.instructions:
        if step.op in ("name", "element"):
            parts = step.value.split()[0].split("_")
            for cut in range(len(parts), 0, -1):
                if (base := "_".join(parts[:cut])) in families:
                    if step.op == "element" or cut < len(parts):
                        found[base] = None
                    break
    return list(found)


def _written(
    names: _Names, steps: Sequence[Instruction], families: Mapping[str, Family]
) -> list[Instruction]:
    """Write the families out: the formula of r_i with the place in that of i."""
    found: list[Instruction] = []
    for step in steps:
        base, *places = step.value.split() if step.op == "element" else [""]
        if base not in families:
            found.append(step)
            continue
        family = families[base]
        if len(places) != len(family.indices):
            fail(
                names.text,
                step.start,
                f"{short(base)} has {len(places)} indices here and is defined with "
                f"{len(family.indices)}; give it the same number everywhere",
            )
        put = dict(zip(family.indices, places, strict=True))
        found += [_put(names, each, put, step) for each in family.program.instructions]
        found.append(Instruction("group", "", 1, step.start, step.end))
        if len(found) > MAX_WRITTEN_OUT:
            fail(
                names.text,
                step.start,
                f"{base} is beyond the bound MAX_WRITTEN_OUT ({MAX_WRITTEN_OUT:,}) "
                "when its formula is written out; name fewer formulas with an index",
                BoundError,
            )
    return found


def _put(
    names: _Names, step: Instruction, put: Mapping[str, str], use: Instruction
) -> Instruction:
    """One instruction of a family with its places in place of its indices."""
    here = step._replace(start=use.start, end=use.end)
    if step.op == "reduce":
        index = step.value.split()[1]
        if any(_letter(place.lstrip("=")) == index for place in put.values()):
            fail(
                names.text,
                use.start,
                f"{short(names.text[use.start : use.end])} has a sum over {index} in "
                "its formula; take another letter here",
            )
    if step.op == "index" and step.value in put:
        place = put[step.value]
        if place.isdecimal():
            return here._replace(op="number", value=place)
        return here._replace(op="index", value=place)
    if step.op == "element":
        base, *places = step.value.split()
        moved = [_moved(place, put) for place in places]
        return here._replace(value=" ".join([base, *moved]))
    return here


def _moved(place: str, put: Mapping[str, str]) -> str:
    """The place i+1 where i is j-1: j."""
    if place.startswith("=") or place.isdecimal():
        return place
    letter, shift = cut_shift(place)
    if letter not in put:
        return place
    target = put[letter]
    if target.isdecimal():
        return str(int(target) + shift)
    mark = "=" if target.startswith("=") else ""
    other, more = cut_shift(target.lstrip("="))
    whole = shift + more
    return f"{mark}{other}" + (f"{whole:+d}" if whole else "")


def family_of(
    name: str, own: Sequence[str], others: Sequence[str], running: set[str]
) -> tuple[str, tuple[str, ...]]:
    """The base and the indices of ``r_i`` where a sum runs over r_j; else none.

    ``own`` are the names in its formula, one of which has that index, ``others`` those
    elsewhere.

    >>> family_of("y_hat_i", ["x_i"], ["y_hat_j"], {"j"})
    ('y_hat', ('i',))
    >>> family_of("r_i", ["x"], [], {"j"})
    ('', ())
    """
    inside = {_letter(place) for each in own for place in each.split("_")[1:]}
    inside |= {x for each in own if "_" in each for x in each.rpartition("_")[2]}
    inside |= {*own}  # the index itself, as in i*x_i
    for base, letters in _cuts(name):
        if inside.issuperset(letters) and _is_used(base, letters, others, running):
            return base, tuple(letters)
    return "", ()


def _cuts(name: str) -> Iterator[tuple[str, str]]:
    """The ways to part a name into a base and indices: K_i_j, K_ij, y_hat_i."""
    parts = name.split("_")
    for cut in range(1, len(parts)):
        letters = "".join(parts[cut:])
        is_each_one = len(letters) == len(parts) - cut or cut == len(parts) - 1
        if is_each_one and re.fullmatch("[a-z]+", letters):
            yield "_".join(parts[:cut]), letters


def _is_used(base: str, letters: str, others: Sequence[str], running: set[str]) -> bool:
    """Whether one of the other names has these indices in a sum."""
    for other in others:
        if not other.startswith(f"{base}_"):
            continue
        places = other[len(base) + 1 :].split("_")
        is_joined = len(places) == 1 and len(letters) > 1
        used = [*places[0]] if is_joined else [_letter(place) for place in places]
        fits = len(letters) == len(used) or (len(letters) == 1 and len(places) > 1)
        if running.intersection(used) and len({*letters}) == len(letters) and fits:
            return True
    return False
