"""The numbers of a page: the value of every symbol and of every line at one point.

Values are computed in high precision from the lines themselves, so that a page shows
what its own formulas give.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace as changed
from typing import Any

from sympy import Basic, Expr, Symbol

from symgrad.abstract_functions import check_filled
from symgrad.derivation import Section, Step
from symgrad.graph import Graph
from symgrad.indexed import not_compiled, reductions_in
from symgrad.numeric.differences import compile_program
from symgrad.numeric.sampling import read_point
from symgrad.symbols import LocalDerivative, Total

Values = Mapping[Expr, float]


def with_numbers(
    graph: Graph, sections: Sequence[Section], at: Mapping[str, float]
) -> tuple[tuple[Section, ...], tuple[tuple[Expr, float], ...]]:
    """Give every line its value at the point, and list the values of the symbols.

    Raises ``ArgumentValueError`` where the point lacks a name, ``UnknownNameError``
    where it has one too many, ``RuleError`` where a function has no formula.
    """
    check_filled(graph)
    for stage in graph.stages:
        for part in reductions_in(stage.expr):
            raise not_compiled(part)
    values = _values(graph, sections, read_point(graph, at))
    told = tuple(
        changed(section, steps=tuple(_told(step, values) for step in section.steps))
        for section in sections
    )
    return told, tuple(values.items())


def _told(step: Step, values: Values) -> Step:
    value = values.get(step.lhs)
    lines = tuple(changed(line, value=value) for line in step.lines)
    substeps = tuple(_told(inner, values) for inner in step.substeps)
    return changed(step, lines=lines, substeps=substeps)


def _values(
    graph: Graph, sections: Sequence[Section], point: Mapping[str, float]
) -> dict[Expr, float]:
    leaves = (*graph.inputs, *graph.parameters)
    named: dict[Expr, Expr] = {stage.symbol: stage.expr for stage in graph.stages}
    named.update({label: symbol for symbol, label in graph.labels.items()})
    named.update({Total(o, o): 1 + 0 * o for o in graph.outputs})
    steps = [s for section in sections for step in section.steps for s in _all(step)]
    _resolve(named, steps, set(leaves))
    program = compile_program(leaves, tuple(named.items()))
    found = program.run({leaf: point[leaf.name] for leaf in leaves})
    return {name: float(found[program.slots[name]]) for name in (*leaves, *named)}


def _all(step: Step) -> Iterator[Step]:
    todo = [step]
    while todo:
        here = todo.pop()
        yield here
        todo.extend(reversed(here.substeps))


def _resolve(named: dict[Expr, Expr], steps: list[Step], known: set[Any]) -> None:
    """Add the left sides of the steps, each once what it is made of is known."""
    pending: dict[Expr, list[Expr]] = {}
    for step in steps:
        for name, expr in step.definitions:
            pending.setdefault(name, []).append(expr)
        if isinstance(step.lhs, Symbol | LocalDerivative):
            for line in reversed(step.lines):
                pending.setdefault(step.lhs, []).append(line.expr)
    known = known | set(named)
    while True:
        found = False
        for name in [name for name in pending if name not in known]:
            usable = [e for e in pending[name] if _leaves(e) <= known]
            if usable:
                named[name] = usable[0]
                known.add(name)
                found = True
        if not found:
            return


def _leaves(expr: Basic) -> set[Basic]:
    """The names and unworked derivatives that an expression is made of."""
    found: set[Basic] = set()
    todo: list[Any] = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, Symbol | LocalDerivative):
            found.add(node)
        else:
            todo.extend(node.args)
    return found
