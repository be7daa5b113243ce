"""The operations of the reader's machine for sums over an index, and for integrals.

The one rule kept here: the body of a sum stays in one piece, as it holds for every i,
and so does an integrand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sympy import Expr, Integer, S

from symgrad.errors import FormulaError
from symgrad.indexed import REDUCTIONS, Element, Index, has_index
from symgrad.integrals import DefiniteIntegral, IntegrationVariable
from symgrad.reading.index_calls import cut_shift
from symgrad.reading.values import Machine, Value, other, part, sealed
from symgrad.symbols import symbol


def _index(machine: Machine, operands: list[Value]) -> Value:
    place = _place(machine.word)
    return other(place, 1 if place.args else 0, None)


def _element(machine: Machine, operands: list[Value]) -> Value:
    base, *indices = machine.word.split()
    if base in machine.frames[-1].bound:
        machine.fail("is a parameter with an index; give the sum itself", FormulaError)
    return other(Element(symbol(base), *map(_place, indices)), 0, None)


def _place(word: str) -> Expr:
    """The place of a datum: i, i+1, 3, or with = before it a name, =k, =k+1."""
    if word.isdigit():
        return Integer(word)
    letter, shift = cut_shift(word.lstrip("="))
    return (symbol(letter) if word.startswith("=") else Index(letter)) + shift


def _reduce(machine: Machine, operands: list[Value]) -> Value:
    word, index = machine.word.split()
    body, lower, upper = operands
    bounds = [sealed(bound) for bound in (lower, upper)]
    for bound in bounds:
        if bound.is_number and not bound.is_Integer and bound is not S.Infinity:
            machine.fail("has a bound that is no whole number", FormulaError)
    for value in machine.frames[-1].bound.values():
        if has_index(sealed(value), Index(index)):
            machine.fail(
                f"has the index {index} and gets an argument with that index; take "
                "another letter",
                FormulaError,
            )
    machine.inside = True
    term = part(machine, body)
    levels = 1 + max(value.levels for value in operands)
    return other(REDUCTIONS[word](term, Index(index), *bounds), levels, None)


def _variable(machine: Machine, operands: list[Value]) -> Value:
    return other(IntegrationVariable(machine.word), 0, None)


def _infinity(machine: Machine, operands: list[Value]) -> Value:
    sign = S.NegativeInfinity if machine.word == "-" else S.Infinity
    return other(sign, 0, None)


def _integrate(machine: Machine, operands: list[Value]) -> Value:
    variable = IntegrationVariable(machine.word.split()[1])
    body, lower, upper = operands
    for value in machine.frames[-1].bound.values():
        if has_index(sealed(value), variable):
            machine.fail(
                f"integrates over {variable} and gets an argument with a {variable} "
                "of its own; take another letter",
                FormulaError,
            )
    machine.inside = True
    parts = part(machine, body), variable, sealed(lower), sealed(upper)
    levels = 1 + max(value.levels for value in operands)
    return other(DefiniteIntegral(*parts), levels, None)


INDEXING: Mapping[str, Callable[[Machine, list[Value]], Value]] = {
    "index": _index,
    "element": _element,
    "reduce": _reduce,
    "variable": _variable,
    "infinity": _infinity,
    "integrate": _integrate,
}
