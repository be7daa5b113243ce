"""Graphs with samples in other forms: with an index, of one sample, of a few samples.

The one rule kept here: the same formulas, said otherwise. With an index they are
compiled; of one sample they are evaluated; a few samples written out are what a page
is checked on, as plain names that know nothing of sums.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from typing import Any

from sympy import Add, Expr, Integer, Symbol

from symgrad.derivation import Step
from symgrad.errors import GraphError
from symgrad.graph import Graph, Stage
from symgrad.indexed import Element, IndexedSum, SampleSum
from symgrad.substitution import bottom_up, is_same
from symgrad.symbols import Partial, Total, is_sampled, symbol

CHECKED_SAMPLES = 3


def indexed_form(graph: Graph) -> Graph:
    """Write the names of one sample as data with an index: x_1 as x_1_i.

    >>> from symgrad.networks import network
    >>> graph = network([1, 1], "identity", loss="sum_of_squares")
    >>> indexed_form(graph).stages[-1].expr
    sum((-b_1 - w_111*x_1_i + y_i)**2, i, 1, n)

    The stages of one sample stand written out in their sums. A graph whose outputs are
    those of one sample becomes one without sums.
    Raises ``GraphError`` where some outputs are of one sample and some of all.
    """
    samples = graph.samples
    if samples is None:
        return graph
    single = [is_sampled(output) for output in graph.outputs]
    if all(single):
        return one_sample(graph)
    if any(single):
        raise GraphError(
            "some outputs have a value for each sample and some one for all; "
            "pick those of one kind with graph.select"
        )
    forms: dict[Symbol, Expr] = {
        name: Element(symbol(name.name), samples.index)
        for name in graph.inputs
        if is_sampled(name)
    }
    stages: list[Stage] = []
    for stage in graph.stages:
        expr = _rewritten(stage.expr, forms, lambda node, parts: IndexedSum(*parts))
        if is_sampled(stage.symbol):
            forms[stage.symbol] = expr
        else:
            stages.append(changed(stage, expr=expr))
    return Graph(tuple(stages), graph.outputs, _plain(graph.inputs), graph.parameters)


def one_sample(graph: Graph) -> Graph:
    """The stages of one sample alone, with ordinary names.

    >>> from symgrad.networks import network
    >>> graph = network([1, 1], loss="sum_of_squares")
    >>> one_sample(graph).inputs
    (x_1, y)
    """
    stages = [stage for stage in graph.stages if is_sampled(stage.symbol)]
    forms = {
        name: symbol(name.name)
        for name in (*graph.inputs, *(stage.symbol for stage in stages))
        if is_sampled(name) and not isinstance(name, Partial | Total)
    }
    made = [
        Stage(_named(s.symbol, forms), _rewritten(s.expr, forms), s.label)
        for s in stages
    ]
    outputs = [o for o in graph.outputs if is_sampled(o)] or [stages[-1].symbol]
    return Graph(
        tuple(made),
        tuple(_named(output, forms) for output in outputs),
        tuple(symbol(x.name) for x in graph.inputs if is_sampled(x)),
        graph.parameters,
    )


@dataclass(frozen=True)
class Reduced:
    """A loss as the sum or mean of one sample's formula, and what is added to it.

    ``reduction`` is ``"sum"`` or ``"mean"``; ``penalty`` has no samples, and is None
    where nothing is added.
    """

    one: Graph
    reduction: str
    penalty: Graph | None


def reduced(graph: Graph) -> Reduced | None:
    """Take a loss apart whose sum over the samples stands outermost.

    >>> from symgrad.networks import network
    >>> made = reduced(network([1, 1], "identity", loss="mean_squared_error"))
    >>> made.reduction, made.one.closed_form()
    ('mean', (-b_1 - w_111*x_1 + y)**2)

    None where there is another form, a root of the mean for example.
    """
    samples = graph.samples
    if samples is None or len(graph.outputs) != 1 or is_sampled(graph.output):
        return None
    terms = Add.make_args(graph.stage_of[graph.output].expr)
    sums = [term for term in terms if term.has(SampleSum)]
    inner = [stage.symbol for stage in graph.stages if is_sampled(stage.symbol)]
    if len(sums) != 1 or not inner:
        return None
    whole = SampleSum(inner[-1], *samples.bounds)
    reductions = {whole: "sum", whole / samples.upper: "mean"}
    if sums[0] not in reductions:
        return None
    rest = Add(*(term for term in terms if term is not sums[0]))
    plain = [s for s in graph.stages if s.symbol != graph.output]
    others = [s for s in plain if not is_sampled(s.symbol)]
    if any(s.expr.has(SampleSum, samples.upper) for s in others):
        return None
    penalty = None
    if rest != 0:
        stages = (*others, Stage(graph.output, rest))
        penalty = Graph(stages, graph.outputs, (), graph.parameters)
    return Reduced(one_sample(graph), reductions[sums[0]], penalty)


def written_out(graph: Graph, steps: Sequence[Step]) -> tuple[Graph, list[Step]]:
    """The graph of a few samples, each with names of its own, and the steps on it.

    What is said of one sample is said of the first.
    """
    samples = graph.samples
    assert samples is not None
    count = {samples.upper: Integer(CHECKED_SAMPLES)}
    places = range(1, CHECKED_SAMPLES + 1)
    memo: dict[tuple[Any, int], Any] = {}

    def named(name: Symbol, place: int) -> Symbol:
        if isinstance(name, Partial | Total):
            return type(name)(named(name.of, place), named(name.by, place))
        return symbol(f"{name.name}__{place}") if is_sampled(name) else name

    def at(expr: Any, place: int) -> Any:
        if (expr, place) not in memo:
            memo[expr, place] = bottom_up(
                expr,
                lambda node, parts: made(node, parts, place),
                lambda node: () if isinstance(node, SampleSum) else node.args,
            )
        return memo[expr, place]

    def made(node: Any, parts: list[Any], place: int) -> Any:
        if isinstance(node, SampleSum):
            return Add(*(at(node.body, k) for k in places))
        if isinstance(node, Symbol):
            return count.get(node, named(node, place))
        return _again(node, parts)

    def step(each: Step) -> Step:
        return changed(
            each,
            lhs=at(each.lhs, 1),
            lines=tuple(changed(line, expr=at(line.expr, 1)) for line in each.lines),
            definitions=tuple((at(a, 1), at(b, 1)) for a, b in each.definitions),
            substeps=tuple(step(inner) for inner in each.substeps),
        )

    stages = [
        Stage(
            named(stage.symbol, place),
            at(stage.expr, place),
            f"{stage.label}__{place}"
            if stage.label and is_sampled(stage.symbol)
            else stage.label,
        )
        for stage in graph.stages
        for place in (places if is_sampled(stage.symbol) else (1,))
    ]
    inputs = tuple(
        named(name, place)
        for name in graph.inputs
        if name not in count
        for place in (places if is_sampled(name) else (1,))
    )
    outputs = tuple(named(output, 1) for output in graph.outputs)
    whole = Graph(tuple(stages), outputs, inputs, graph.parameters)
    return whole, [step(each) for each in steps]


def _named(name: Symbol, forms: dict[Symbol, Symbol]) -> Symbol:
    if isinstance(name, Partial | Total):
        return type(name)(_named(name.of, forms), _named(name.by, forms))
    return forms.get(name, name)


def _plain(names: Sequence[Symbol]) -> tuple[Symbol, ...]:
    return tuple(symbol(x.name) if is_sampled(x) else x for x in names)


def _rewritten(
    expr: Expr, forms: dict[Any, Any], summed: Callable[..., Any] | None = None
) -> Any:
    def make(node: Any, parts: list[Any]) -> Any:
        if isinstance(node, Symbol):
            return forms.get(node, node)
        if summed is not None and isinstance(node, SampleSum):
            return summed(node, parts)
        return _again(node, parts)

    return bottom_up(expr, make)


def _again(node: Any, parts: list[Any]) -> Any:
    if not parts or is_same(node, parts):
        return node
    if node.is_Function and not node.is_Piecewise:
        return node.func(*parts, evaluate=False)
    return node.func(*parts)
