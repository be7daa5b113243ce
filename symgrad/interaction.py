"""What a page needs to be played with: routes of its variables, a program for numbers.

The one rule kept here: all of it is data, of bounded size; what is left out is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sympy import Expr, Mul, Symbol

from symgrad.derivation import Route, Script, Section, Text
from symgrad.errors import SymgradError
from symgrad.gradient import Gradient
from symgrad.graph import Graph, Stage
from symgrad.layout.scene import make_scene
from symgrad.list_scripts import list_script, takes_lists
from symgrad.numbers import named_values, steps_of
from symgrad.numeric.backends import lambdify
from symgrad.numeric.differences import graph_program
from symgrad.numeric.indexed_data import data_of
from symgrad.numeric.sampling import random_points, read_point
from symgrad.substitution import bottom_up, is_same
from symgrad.symbols import Chain, LocalDerivative, Partial, Total, fresh, symbol

MAX_ARGUMENTS = 60
MAX_FACTORS = 2_000
MAX_NUMBERS = 1_000
_SEED = 3
_DIGITS = 2


def interaction(
    gradient: Gradient, sections: Sequence[Section], at: Mapping[str, float] | None
) -> tuple[tuple[Route, ...], Script | None, tuple[Text, ...]]:
    """The routes and the program of a page, and what of that it does without."""
    routes = _routes(gradient)
    remarks: list[Text] = []
    if routes is None:
        many = f"more than {MAX_FACTORS:,} factors"
        remarks.append((f"not shown, to keep the page short: the paths, with {many}",))
    script, reason = page_script(gradient, sections, at)
    return routes or (), script, (*remarks, *reason)


# --- routes -----------------------------------------------------------------------


def _routes(gradient: Gradient) -> tuple[Route, ...] | None:
    """For each variable the factors on its paths; None where there are too many."""
    found: list[Route] = []
    count = 0
    if len(gradient.wrt) * len(gradient.outputs) > MAX_FACTORS:
        return None
    for variable in gradient.wrt:
        route = _route(gradient, variable)
        count += len(route.factors)
        if count > MAX_FACTORS:
            return None
        found.append(route)
    return tuple(found)


def _route(gradient: Gradient, variable: Symbol) -> Route:
    graph = gradient.graph
    pairs = make_scene(graph, (variable,)).factors
    users = Counter(by for _, by in pairs)
    names: dict[Symbol, None] = {}
    factors: list[tuple[Symbol, ...]] = []
    for of, by in pairs:
        is_all = of in gradient.outputs and users[by] == 1
        same = (Total(of, by),) if is_all else ()
        factors.append((Partial(of, by), *same))
        names.update({of: None, graph.shown(of): None})
    for output in gradient.outputs:
        names.update({Total(output, of): None for of, _ in pairs})
        names[Total(output, variable)] = None
    return Route(variable, tuple(factors), (*names,))


# --- numbers ----------------------------------------------------------------------


def page_script(
    source: Gradient | Graph,
    sections: Sequence[Section],
    at: Mapping[str, float] | None,
) -> tuple[Script | None, tuple[Text, ...]]:
    """The program for the numbers of a page, or the words why there is none."""
    if isinstance(source, Gradient) and takes_lists(source):
        script, reason = list_script(source, at)
    else:
        graph = source.graph if isinstance(source, Gradient) else source
        script, reason = _script(graph, sections, at)
    if script is None:
        return None, ((f"no numbers to play with on this page: {reason}",),)
    return script, ()


def _script(
    graph: Graph, sections: Sequence[Section], at: Mapping[str, float] | None
) -> tuple[Script | None, str]:
    arguments = (*graph.inputs, *graph.parameters)
    if len(arguments) > MAX_ARGUMENTS:
        return None, f"it has {len(arguments):,} inputs and weights"
    if graph.samples is not None or data_of(graph).uses:
        return None, "it takes lists of data"
    named = named_values(graph, steps_of(sections))
    if len(named) > MAX_NUMBERS:
        return None, f"it has {len(named):,} values"
    try:
        program = _program(graph, named)
        f = lambdify(program, [], backend="math", args=arguments)
        source = f.to_source("javascript", "values")
        start = _start(graph, at)
    except SymgradError as error:
        return None, str(error)
    return Script(source, arguments, start, tuple(named)), ""


def _program(graph: Graph, named: Mapping[Expr, Expr]) -> Graph:
    """The graph of all values of a page, each a stage and an output."""
    taken = {*graph.names, *(name.name for name in named if isinstance(name, Symbol))}
    symbols: dict[Expr, Symbol] = {}
    stages = []
    for name, expr in named.items():
        own = name if isinstance(name, Symbol) else symbol(fresh("slope", taken))
        taken.add(own.name)
        symbols[name] = own
        stages.append(Stage(own, _plain(expr, symbols)))
    outputs = tuple(stage.symbol for stage in stages)
    return Graph(tuple(stages), outputs, graph.inputs, graph.parameters)


def _plain(expr: Expr, symbols: Mapping[Expr, Symbol]) -> Expr:
    """An expression with ordinary products, its unevaluated derivatives as names."""

    def make(node: Any, parts: list[Any]) -> Any:
        if node in symbols:
            return symbols[node]
        if isinstance(node, Chain):
            return Mul(*parts)
        return node if not parts or is_same(node, parts) else node.func(*parts)

    return bottom_up(
        expr, make, lambda node: () if isinstance(node, LocalDerivative) else node.args
    )


def _start(graph: Graph, at: Mapping[str, float] | None) -> tuple[float, ...]:
    """The given point, or one where everything on the page has a value."""
    if at is not None:
        return tuple(float(value) for value in read_point(graph, at).values())
    program = graph_program(graph)
    names = [*program.leaves, *(stage.symbol for stage in graph.stages)]
    sample = random_points(program, names, 1, _SEED)
    if not sample.points:
        return (1.0,) * (len(graph.inputs) + len(graph.parameters))
    leaves = (*graph.inputs, *graph.parameters)
    return tuple(round(float(sample.points[0][x.name]), _DIGITS) for x in leaves)
