"""Tapes made of tapes: what moves with the arguments, what is handed back to them.

The one rule kept here: a derivative of a program is a program, of the very rows that
made the first one; so a package that differentiates again meets no other rule.
"""

from __future__ import annotations

from collections.abc import Sequence

from symgrad.errors import RuleError
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.sweeps import reverse
from symgrad.numeric.tangents import push
from symgrad.numeric.tape import Tape, finish


def _recorded(tape: Tape) -> Recorder:
    """The entries of a tape in a recorder, under their own numbers."""
    recorder = Recorder()
    for number, entry in enumerate(tape.entries):
        assert recorder.record(*entry) == number
    return recorder


def part_of(tape: Tape, roots: Sequence[int]) -> Tape:
    """The program of some entries alone, as its values."""
    return finish(
        _recorded(tape), tape.arguments, roots, names=tape.names, hints=tape.hints
    )


def values_of(tape: Tape) -> Tape:
    """The program of the values, without the partials."""
    return part_of(tape, tape.values)


def partials_of(tape: Tape) -> Tape:
    """The program of the partials, as its values, row after row."""
    return part_of(tape, [k for row in tape.partials for k in row])


def _more(tape: Tape, letter: str, count: int) -> list[str]:
    taken = set(tape.arguments)
    names: list[str] = []
    for k in range(1, count + 1):
        name = f"{letter}_{k}"
        while name in taken:
            name = f"{letter}{name}"
        taken.add(name)
        names.append(name)
    return [*tape.arguments, *names]


def obstacles(tape: Tape) -> tuple[str, ...]:
    """Why the values have no derivative by each argument, or nothing."""
    try:
        _adjoints(tape, range(len(tape.arguments)))
    except RuleError:
        return tuple(_obstacle(tape, place) for place in range(len(tape.arguments)))
    return ("",) * len(tape.arguments)


def _obstacle(tape: Tape, place: int) -> str:
    try:
        _adjoints(tape, [place])
    except RuleError as problem:
        return str(problem)
    return ""


def tangent_tape(tape: Tape, free: Sequence[int]) -> Tape:
    """The derivative of every value along a direction: one argument more for each.

    Only the arguments at the places ``free`` move. Raises ``RuleError`` where one has
    no derivative.

    >>> from symgrad.formulas import formula
    >>> from symgrad.numeric.sweeps import gradient_tape
    >>> tangent_tape(gradient_tape(formula("w*x")), [0, 1]).arguments
    ('w', 'x', 't_1', 't_2')
    """
    recorder, count = _recorded(tape), len(tape.arguments)
    arguments = [recorder.record("argument", k) for k in range(count)]
    seeds = {
        arguments[k]: recorder.record("argument", count + place)
        for place, k in enumerate(free)
    }
    values = push(recorder, tape.values, seeds)
    names = _more(tape, "t", len(free))
    return finish(recorder, names, values, names=tape.names)


def adjoint_tape(tape: Tape, free: Sequence[int]) -> Tape:
    """What every value, weighted by one argument more, hands back to the arguments.

    The values of the new tape are those of the arguments at the places ``free``. The
    weight of a single value is no argument: it is 1. Raises ``RuleError`` where an
    argument has no derivative.
    """
    recorder, names, row = _adjoints(tape, free)
    return finish(recorder, names, row, names=tape.names)


def _adjoints(
    tape: Tape, free: Sequence[int]
) -> tuple[Recorder, Sequence[str], list[int]]:
    recorder, count = _recorded(tape), len(tape.arguments)
    arguments = [recorder.record("argument", k) for k in range(count)]
    wanted = [arguments[k] for k in free]
    if len(tape.values) == 1:
        row, _ = reverse(recorder, tape.values[0], wanted)
        return recorder, tape.arguments, row
    whole = recorder.constant(0)
    for place, value in enumerate(tape.values):
        weight = recorder.record("argument", count + place)
        whole = recorder.add(whole, recorder.multiply(weight, value))
    row, _ = reverse(recorder, whole, wanted)
    return recorder, _more(tape, "a", len(tape.values)), row
