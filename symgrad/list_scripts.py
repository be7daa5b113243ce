"""The program of a page whose formula takes lists of data, or the samples of a loss.

The one rule kept here: it gives the output and the derivatives asked for; what has one
number for each datum has none on the page.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping
from typing import Any

from sympy import Integer, Symbol

from symgrad.derivation import Script
from symgrad.errors import SymgradError
from symgrad.gradient import Gradient
from symgrad.graph import Graph
from symgrad.indexed import Reduction
from symgrad.numeric.backends import lambdify
from symgrad.numeric.indexed_data import Found, Uses, data_of
from symgrad.numeric.loops import Data
from symgrad.numeric.sampling import read_point
from symgrad.samples import indexed_form
from symgrad.symbols import Total

Start = tuple["float | tuple[float, ...]", ...]

_NAME = "of_lists"
_WRAPPER = f"""
function values(...given) {{
    const {{ value, grad }} = {_NAME}(...given);
    return [value, ...grad];
}}
"""
_COUNT = 3
"""How many data a page begins with, where the formula does not say."""
_MAX_COUNT = 12
_MAX_TERMS = 1_000
_SEED = 3
_RANGES = ((-1.5, 1.5), (0.2, 1.5))


def takes_lists(gradient: Gradient) -> bool:
    """Whether some arguments are lists of numbers."""
    graph = gradient.graph
    return graph.samples is not None or bool(data_of(graph).uses)


def list_script(
    gradient: Gradient, at: Mapping[str, Any] | None
) -> tuple[Script | None, str]:
    """The program, or the words why there is none."""
    if len(gradient.outputs) != 1:
        return None, "it has several outputs of lists of data"
    graph = indexed_form(gradient.graph)
    found = data_of(graph)
    if any(len(uses.first) > 1 for uses in found.uses.values()):
        return None, "it takes tables of data"
    names = {name.name: name for name in (*graph.inputs, *graph.parameters)}
    variables = [w.name for w in gradient.wrt]
    data = {name.name for name in found.uses}
    if found.chosen or not set(variables) <= names.keys() - data:
        return None, "it is differentiated by one datum of a list"
    try:
        function = lambdify(
            graph, variables, backend="math", args=tuple(names.values())
        )
        source = function.to_source("javascript", _NAME)
    except SymgradError as error:
        return None, str(error)
    if _is_long(graph, found):
        return None, f"it has a sum of over {_MAX_TERMS:,} terms"
    told = {name.name for name in found.counts}
    arguments = [name for name in names if name not in told]
    header = re.search(rf"function {_NAME}\((.*?)\)", source, re.DOTALL)
    if header is None or len(header[1].split(",")) != len(arguments):
        return None, "it takes whole numbers beside its lists of data"
    lengths = {name.name: _length(uses) for name, uses in found.uses.items()}
    if at is None and not all(0 < size <= _MAX_COUNT for size in lengths.values()):
        return None, "the lengths of its lists of data are not known, or too long"
    try:
        start = _start(gradient, function, arguments, lengths, told, at)
    except (SymgradError, ArithmeticError, ValueError) as error:
        return None, str(error)
    output = gradient.outputs[0]
    shown = gradient.graph.shown(output)
    own = {x.name: x for x in (*gradient.graph.inputs, *gradient.graph.parameters)}
    symbols: tuple[Symbol, ...] = tuple(own[name] for name in arguments)
    results = (shown, *(Total(output, w) for w in gradient.wrt))
    return Script(source + _WRAPPER, symbols, start, results), ""


def _is_long(graph: Graph, found: Found) -> bool:
    """Whether a loop could keep the page waiting."""
    counts = {name: Integer(_COUNT) for name in found.counts}
    for stage in graph.stages:
        for node in stage.expr.atoms(Reduction):
            terms = (node.upper - node.lower).xreplace(counts)
            if terms.is_number and terms > _MAX_TERMS:
                return True
    return False


def _length(uses: Uses) -> int:
    """How many numbers a list begins with; 0 where the formula does not tell it."""
    reaches = uses.last[0]
    if not reaches:
        return 0
    ends = ((_COUNT if name is not None else 0) + more for name, more in reaches)
    return max(ends) - uses.first[0] + 1


def _start(
    gradient: Gradient,
    function: Any,
    arguments: list[str],
    lengths: Mapping[str, int],
    told: set[str],
    at: Mapping[str, Any] | None,
) -> Start:
    """The given point, or the first drawn one where the output has a value."""
    if at is not None:
        point = read_point(indexed_form(gradient.graph), at)
        return tuple(_plain(point[name]) for name in arguments)
    pick = random.Random(_SEED)
    made: dict[str, Any] = {}
    for lower, upper in _RANGES:

        def draw(lower: float = lower, upper: float = upper) -> float:
            return round(pick.uniform(lower, upper), 2)

        made = {
            name: tuple(draw() for _ in range(lengths[name]))
            if name in lengths
            else draw()
            for name in arguments
        }
        counts = {name: _COUNT for name in told}
        given = {k: list(v) if k in lengths else v for k, v in made.items()}
        value, _ = function(*({**given, **counts}[name] for name in function.args))
        if math.isfinite(float(value)):
            break
    return tuple(made.values())


def _plain(value: Any) -> float | tuple[float, ...]:
    if isinstance(value, Data):
        return tuple(float(each) for each in value.numbers)
    return float(value)
