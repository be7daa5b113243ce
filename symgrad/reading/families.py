"""Formulas that hold for every index, ``r_i = y_i - x_i``, written out where used.

The one rule kept here: ``r_j`` is the formula of ``r_i`` with j in the place of i; one
defined by itself, index by index, is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from symgrad.errors import BoundError, short
from symgrad.reading.index_calls import cut_shift
from symgrad.reading.postfix import Instruction, Program
from symgrad.tokens import fail

MAX_WRITTEN_OUT = 20_000


class Family(NamedTuple):
    """``r_i = …`` or ``K_{i,j} = …``: its indices and the formula for every i."""

    indices: tuple[str, ...]
    program: Program
    start: int


def letter_of(place: str) -> str:
    """The letter of a place: i of i+1."""
    return cut_shift(place)[0]


def in_order(text: str, families: Mapping[str, Family]) -> list[str]:
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


def written_out(
    text: str, steps: Sequence[Instruction], families: Mapping[str, Family]
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
                text,
                step.start,
                f"{short(base)} has {len(places)} indices here and is defined with "
                f"{len(family.indices)}; give it the same number everywhere",
            )
        put = dict(zip(family.indices, places, strict=True))
        found += [_put(text, each, put, step) for each in family.program.instructions]
        found.append(Instruction("group", "", 1, step.start, step.end))
        if len(found) > MAX_WRITTEN_OUT:
            fail(
                text,
                step.start,
                f"{base} is beyond the bound MAX_WRITTEN_OUT ({MAX_WRITTEN_OUT:,}) "
                "when its formula is written out; name fewer formulas with an index",
                BoundError,
            )
    return found


def _put(
    text: str, step: Instruction, put: Mapping[str, str], use: Instruction
) -> Instruction:
    """One instruction of a family with its places in place of its indices."""
    here = step._replace(start=use.start, end=use.end)
    if step.op == "reduce":
        index = step.value.split()[1]
        if any(letter_of(place.lstrip("=")) == index for place in put.values()):
            fail(
                text,
                use.start,
                f"{short(text[use.start : use.end])} has a sum over {index} in "
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
    inside = {letter_of(place) for each in own for place in each.split("_")[1:]}
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
        used = [*places[0]] if is_joined else [letter_of(place) for place in places]
        fits = len(letters) == len(used) or (len(letters) == 1 and len(places) > 1)
        if running.intersection(used) and len({*letters}) == len(letters) and fits:
            return True
    return False
