"""Numbers of all stages of a graph at one point or at a batch of them.

The one rule kept here: what is computed are the operations that compiled functions
have too, one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from symgrad.errors import ArgumentTypeError, ArgumentValueError, short
from symgrad.formulas import formula
from symgrad.graph import as_graph
from symgrad.numeric.codegen.data_harness import told_by_data
from symgrad.numeric.interpreter import run_tape
from symgrad.numeric.sweeps import gradient_tape
from symgrad.samples import indexed_form
from symgrad.symbols import name_of


def evaluate(source: Any, at: Mapping[Any, Any]) -> dict[str, Any]:
    """Compute every stage at numbers.

    >>> evaluate("y = u^2; u = x + 1", {"x": 2})
    {'u': 3.0, 'y': 9.0}

    ``at`` gives a number or an array for each input and parameter, for data with an
    index a list. Labels are in the result too: ``y_hat`` beside ``f_1``.
    """
    graph = as_graph(source)
    if graph is None:
        graph = formula(source)
    graph = indexed_form(graph)
    if not isinstance(at, Mapping):
        raise ArgumentTypeError(
            f"at is {short(at)}; expected a mapping of names to numbers"
        )
    leaves = (*graph.inputs, *graph.parameters)
    given = {name_of(name): value for name, value in at.items()}
    if len(given) < len(at):
        names = [name_of(name) for name in at]
        twice = next(name for name in names if names.count(name) > 1)
        raise ArgumentValueError(f"at has {twice!r} twice, as a text and as a Symbol")
    for name in given:
        if graph.symbol(name) not in leaves:
            raise ArgumentValueError(
                f"{name!r} is a stage; give numbers for inputs and parameters"
            )
    stages = [stage.symbol for stage in graph.stages]
    tape = gradient_tape(graph, outputs=stages)
    if tape.data:
        given = told_by_data(tape.arguments, given, tape.data)
    missing = [leaf.name for leaf in leaves if leaf.name not in given]
    if missing:
        raise ArgumentTypeError(f"no number for {short(', '.join(missing))}")
    values = run_tape(tape, [given[leaf.name] for leaf in leaves])
    found: dict[str, Any] = {}
    for stage, value in zip(graph.stages, values, strict=True):
        number = float(value) if np.ndim(value) == 0 else value
        found[stage.symbol.name] = number
        if stage.label:
            found[stage.label] = number
    return found
