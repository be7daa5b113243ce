"""The integrand of an integral on a tape: a small program of its own.

The one rule kept here: an integrand is finished data, SymPy-free and picklable, as the
tape is that holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Add, Dummy, Integer, Mul, Symbol

from symgrad.errors import RuleError, short
from symgrad.indexed import (
    Chosen,
    Delta,
    Element,
    Index,
    IndexedSum,
    Reduction,
    at_place,
)
from symgrad.integrals import DefiniteIntegral
from symgrad.numeric.entries import Entry
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.tape import Tape, finish
from symgrad.rules.moving_jumps import check_jumps

MAX_TERMS = 64


@dataclass(frozen=True)
class Integrand:
    """Entries whose first argument is the variable of integration, and its result.

    ``names`` are those of the arguments; ``jumps`` holds, for each argument after the
    first, why there is no derivative by it, or nothing.
    """

    entries: tuple[Entry, ...]
    value: int
    names: tuple[str, ...]
    jumps: tuple[str, ...]

    @cached_property
    def tape(self) -> Tape:
        """The integrand as a tape, ready to be run or written."""
        return finish(self.recorder(), self.names, [self.value])

    def recorder(self, kind: type[Recorder] = Recorder) -> Recorder:
        """The entries in a recorder, to which more can be added."""
        found = kind()
        for entry in self.entries:
            found.record(*entry)
        return found

    def with_value(self, recorder: Recorder, value: int) -> Integrand:
        """The same arguments, another result."""
        return Integrand(tuple(recorder.entries), value, self.names, self.jumps)


def named_integrands(tape: Tape) -> dict[Integrand, str]:
    """The integrands of a tape, each with a name for it, the inner ones first."""
    found: dict[Integrand, None] = {}
    todo = [(entry[1], False) for entry in tape.entries if entry[0] == "integral"]
    while todo:
        integrand, ready = todo.pop()
        if ready or integrand in found:
            found.setdefault(integrand)
            continue
        todo.append((integrand, True))
        inner = integrand.tape.entries
        todo.extend((entry[1], False) for entry in inner if entry[0] == "integral")
    return {each: f"integrand_{k}" for k, each in enumerate(found, start=1)}


def arguments_of(node: DefiniteIntegral) -> list[Any]:
    """What an integrand takes from outside: names, indices, data of sums around it.

    Raises ``RuleError`` for a sum within the integrand.
    """
    found: dict[Any, None] = {}
    todo: list[tuple[Any, frozenset[Index]]] = [(node.body, frozenset({node.index}))]
    while todo:
        part, bound = todo.pop()
        if isinstance(part, Reduction):
            raise RuleError(
                f"{short(part)} within an integral is not compiled; write the sum of "
                "the integrals of its terms"
            )
        if isinstance(part, Symbol | Index | Element | Chosen | Delta):
            if part not in bound:
                found[part] = None
        elif isinstance(part, DefiniteIntegral):
            todo.extend((side, bound) for side in (part.upper, part.lower))
            todo.append((part.body, bound | {part.index}))
        else:
            todo.extend((arg, bound) for arg in reversed(part.args))
    return list(found)


def written_out(node: DefiniteIntegral) -> DefiniteIntegral:
    """Write the sums within an integrand term by term, where their bounds are numbers.

    Those of over ``MAX_TERMS`` terms in all stay, and are refused.
    """
    body, left = node.body, MAX_TERMS
    while found := _next_sum(body):
        places = range(int(found.lower), int(found.upper) + 1)
        left -= len(places)
        if left < 0:
            return node
        terms = [at_place(found.body, found.index, Integer(k)) for k in places]
        join = Add if isinstance(found, IndexedSum) else Mul
        body = body.xreplace({found: join(*terms)})
    return DefiniteIntegral(body, *node.bounds)


def _next_sum(body: Any) -> Reduction | None:
    """A sum or product with numbers as bounds and none such within it."""
    todo, last = [body], None
    while todo:
        part = todo.pop()
        if isinstance(part, Reduction):
            bounds = part.lower, part.upper
            last = part if all(isinstance(k, Integer) for k in bounds) else last
            todo = [part.body] if last is part else [*todo, part.body]
        else:
            todo.extend(reversed(part.args))
    return last


def jumps_of(node: DefiniteIntegral, arguments: Sequence[Any]) -> tuple[str, ...]:
    """Why the integral has no derivative by each of its arguments, or nothing."""
    found = []
    for argument in arguments:
        by = argument
        body = node.body
        if not isinstance(by, Symbol):  # a datum stands for a name here
            by = Dummy(str(argument), real=True)
            body = body.xreplace({argument: by})
        try:
            check_jumps(DefiniteIntegral(body, *node.bounds), by)
        except RuleError as problem:
            found.append(str(problem))
        else:
            found.append("")
    return tuple(found)
