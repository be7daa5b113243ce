"""The numbers of a page: the value of every symbol and of every line at one point.

Values are computed in high precision from the lines themselves, so that a page shows
what its own formulas give.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace as changed
from typing import Any

from sympy import Expr, Symbol

from symgrad.abstract_functions import check_filled
from symgrad.derivation import Section, Step, Text
from symgrad.errors import ArgumentValueError, short
from symgrad.graph import Graph
from symgrad.indexed import Element, Index
from symgrad.numeric.backends import lambdify
from symgrad.numeric.differences import compile_program
from symgrad.numeric.indexed_data import data_of
from symgrad.numeric.loops import Data
from symgrad.numeric.page_names import leaves_of
from symgrad.numeric.sampling import read_point
from symgrad.samples import indexed_form
from symgrad.symbols import LocalDerivative, Partial, Total, is_sampled

Values = Mapping[Expr, float]


def with_numbers(
    graph: Graph, sections: Sequence[Section], at: Mapping[str, Any]
) -> tuple[tuple[Section, ...], tuple[tuple[Expr, float], ...]]:
    """Give every line its value at the point, and list the values of the symbols.

    Raises ``ArgumentValueError`` where the point lacks a name, ``UnknownNameError``
    where it has one too many, ``RuleError`` where a function has no formula.
    """
    check_filled(graph)
    point = read_point(graph, at)
    values = _values(graph, sections, point)
    sections = _with_data(sections, point, graph)
    told = tuple(
        changed(section, steps=tuple(_told(step, values) for step in section.steps))
        for section in sections
    )
    return told, tuple(values.items())


def with_sample_numbers(
    graph: Graph, wrt: Sequence[Symbol], sections: Sequence[Section], at: Any
) -> tuple[tuple[Section, ...], tuple[tuple[Expr, float], ...]]:
    """The numbers of a loss at lists of samples: its own and those of its derivatives.

    What has one number for each sample has none on the page. Raises as
    ``with_numbers`` does, and ``ArgumentValueError`` for several outputs.
    """
    if len(graph.outputs) != 1 or is_sampled(graph.output):
        raise ArgumentValueError(
            "at gives numbers to one loss over samples; leave at out, or select one "
            "output"
        )
    form = indexed_form(graph)
    for name in graph.inputs if isinstance(at, Mapping) else ():
        given = at.get(name.name, at.get(name))
        if is_sampled(name) and isinstance(given, int | float):
            raise ArgumentValueError(
                f"{name.name} is {short(given)}; expected a list of numbers, one for "
                "each sample of the loss"
            )
    point = read_point(form, at)
    function = lambdify(form, [w.name for w in wrt], backend="math")
    counts = {name.name for name in data_of(form).counts}
    value, slopes = function(
        **{name: _given(v, name in counts) for name, v in point.items()}
    )
    values: dict[Expr, float] = {
        name: float(point[name.name]) for name in graph.parameters
    }
    output = graph.output
    values |= {output: float(value), graph.shown(output): float(value)}
    values.update(
        (Total(output, w), float(slope)) for w, slope in zip(wrt, slopes, strict=True)
    )
    told = tuple(
        changed(section, steps=tuple(_told(step, values) for step in section.steps))
        for section in _with_data(sections, point, form)
    )
    return told, tuple(values.items())


def _given(value: Any, is_count: bool) -> Any:
    if isinstance(value, Data):
        return [float(each) for each in value.numbers]
    return int(value) if is_count else float(value)


def _told(step: Step, values: Values) -> Step:
    value = values.get(step.lhs)
    lines = tuple(changed(line, value=value) for line in step.lines)
    substeps = tuple(_told(inner, values) for inner in step.substeps)
    return changed(step, lines=lines, substeps=substeps)


def _values(
    graph: Graph, sections: Sequence[Section], point: Mapping[str, Any]
) -> dict[Expr, float]:
    leaves = (*graph.inputs, *graph.parameters)
    steps = steps_of(sections)
    named = named_values(graph, steps)
    named.update({datum: datum for step in steps for datum in _single_data(step)})
    program = compile_program(leaves, tuple(named.items()))
    found = program.run({leaf: point[leaf.name] for leaf in leaves})
    values = {
        name: float(found[program.slots[name]])
        for name in (*leaves, *named)
        if not isinstance(found[program.slots[name]], Data)
    }
    for name in named:
        # 1/x has a number at −1, but log(x) no value there and so no derivative
        if isinstance(name, Partial | Total) and math.isnan(values.get(name.of, 0.0)):
            values[name] = math.nan
    return values


def steps_of(sections: Sequence[Section]) -> list[Step]:
    """All steps of a page with the steps inside them, in the order of reading."""
    return [s for section in sections for step in section.steps for s in _all(step)]


def named_values(graph: Graph, steps: Sequence[Step]) -> dict[Expr, Expr]:
    """Every name of a page with what it equals, each after what it is made of."""
    named: dict[Expr, Expr] = {stage.symbol: stage.expr for stage in graph.stages}
    named.update({label: symbol for symbol, label in graph.labels.items()})
    named.update({Total(o, o): 1 + 0 * o for o in graph.outputs})
    _resolve(named, steps, {*graph.inputs, *graph.parameters})
    return named


def _single_data(step: Step) -> Iterator[Element]:
    """The data of one place, y_k, that stand on the lines of a step."""
    for line in step.lines:
        for datum in line.expr.atoms(Element):
            if not datum.atoms(Index):
                yield datum


def _with_data(
    sections: Sequence[Section], point: Mapping[str, Any], graph: Graph
) -> Sequence[Section]:
    """List the data that were given, under the function."""
    told: list[Text] = [
        (graph.symbol(name), f" = {value:.5g}".replace("-", "−"))
        for name, value in point.items()
        if isinstance(value, Data)
    ]
    if not told:
        return sections
    first, *rest = sections
    return [changed(first, text=(*first.text, *told)), *rest]


def _all(step: Step) -> Iterator[Step]:
    todo = [step]
    while todo:
        here = todo.pop()
        yield here
        todo.extend(reversed(here.substeps))


def _resolve(named: dict[Expr, Expr], steps: Sequence[Step], known: set[Any]) -> None:
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
            usable = [e for e in pending[name] if set(leaves_of(e)) <= known]
            if usable:
                named[name] = usable[0]
                known.add(name)
                found = True
        if not found:
            return
