"""The δ of each neuron: backpropagation as textbooks write it for layers.

δ_k is the derivative of the output by the argument u_k of stage k: the four equations
of M. Nielsen, Neural Networks and Deep Learning, chapter 2, and (5.53) to (5.56) of
C. Bishop, Pattern Recognition and Machine Learning. The one rule kept here: δ is a name
for a line that the page checks, and each weight's line says its derivative in full.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed

from sympy import Add, Expr, Integer, Mul, Symbol

from symgrad.chain_lines import different_lines, product_lines
from symgrad.derivation import Line, Section, Step, Text, listed
from symgrad.errors import ArgumentValueError, short
from symgrad.functions import function_name
from symgrad.graph import Graph, Stage
from symgrad.page import MAX_LISTED_STAGES, Page
from symgrad.rules.parts import sum_of
from symgrad.rules.table import derive
from symgrad.symbols import Chain, LocalDerivative, Total, fresh, symbol

_LETTERS = re.compile(r"^[^\W\d_]+")


@dataclass(frozen=True)
class Neuron:
    """One stage h(u) of a weighted sum u; ``weights`` maps each input to its weight."""

    stage: Stage
    u: Symbol
    delta: Symbol
    argument: Expr
    weights: Mapping[Symbol, Expr]

    @property
    def value(self) -> Expr:
        """The stage as a function of the one name u."""
        if function_name(self.stage.expr) is None:
            return self.u
        return self.stage.expr.func(self.u, evaluate=False)


def delta_sections(page: Page) -> tuple[Section, ...]:
    """A section for each output: δ from the output back, and the weights by it.

    Raises ``ArgumentValueError`` where a stage is no function of a weighted sum, or
    where there are over ``MAX_LISTED_STAGES`` of them.
    """
    graph = page.gradient.graph
    if len(graph.stages) > MAX_LISTED_STAGES:
        raise ArgumentValueError(
            f"the view 'delta' lists at most {MAX_LISTED_STAGES} neurons, not "
            f"{len(graph.stages):,}; take the view 'reverse'"
        )
    sums = _own_sums(graph)
    neurons = {
        stage.symbol: _neuron(stage, graph, sums)
        for stage in graph.stages
        if stage.symbol not in sums
    }
    return tuple(_section(page, o, neurons) for o in page.gradient.outputs)


def _own_sums(graph: Graph) -> Mapping[Symbol, Stage]:
    """The stages that are but the argument of another one, z of a = tanh(z)."""
    users: dict[Symbol, list[Stage]] = {}
    for stage in graph.stages:
        for name in stage.arguments:
            users.setdefault(name, []).append(stage)
    return {
        stage.symbol: stage
        for stage in graph.stages
        if stage.symbol not in graph.outputs and len(users[stage.symbol]) == 1
        if users[stage.symbol][0].arguments == (stage.symbol,)
        if function_name(stage.expr) is None
    }


def _neuron(stage: Stage, graph: Graph, sums: Mapping[Symbol, Stage]) -> Neuron:
    named = function_name(stage.expr)
    argument = stage.expr if named is None else stage.expr.args[0]
    own = sums.get(argument) if isinstance(argument, Symbol) else None
    if own is not None:
        argument = own.expr
    weights: dict[Symbol, Expr] = {}
    plain = named is None or len(stage.expr.args) == 1
    values = {*graph.inputs, *graph.stage_of} if graph.parameters else {*graph.stage_of}
    for term in Add.make_args(argument):
        factors = Mul.make_args(term)
        inner = [factor for factor in factors if factor in values]
        rest = [factor for factor in factors if factor not in values]
        plain &= all(factor.is_Atom for factor in factors) and len(inner) <= 1
        plain &= not any(name in weights for name in inner)
        weights.update({name: Mul(*rest) for name in inner})
    if not plain:
        raise ArgumentValueError(
            "the view 'delta' needs stages that are functions of a weighted sum, and "
            f"{stage.symbol} = {short(stage.expr)} is none; leave it out"
        )
    tail = _LETTERS.sub("", stage.symbol.name) or "_" + stage.symbol.name
    u, delta = (symbol(fresh(x + tail, graph.names)) for x in ("u", "delta"))
    return Neuron(stage, u if own is None else own.symbol, delta, argument, weights)


def _section(page: Page, output: Symbol, neurons: Mapping[Symbol, Neuron]) -> Section:
    graph = page.gradient.graph
    if len(page.gradient.outputs) > 1:  # each output has δ of its own
        end = f"_{page.gradient.outputs.index(output) + 1}"
        neurons = {
            name: changed(n, delta=symbol(fresh(n.delta.name + end, graph.names)))
            for name, n in neurons.items()
        }
    reached: list[Neuron] = []
    for stage in reversed(graph.stages):
        if stage.symbol not in page.gradient.flow.reached:
            continue
        if stage.symbol not in neurons:
            continue
        neuron = neurons[stage.symbol]
        if stage.symbol == output or _users(neuron, reached):
            reached.append(neuron)
    new = [n for n in reached if n.u not in graph.stage_of]
    steps = [Step("definition", n.u, (Line(n.argument),)) for n in new]
    for neuron in reached:
        steps.append(_delta_step(output, neuron, _users(neuron, reached)))
        steps += _weight_steps(page, output, neuron)
    shown = graph.shown(output)
    text: Text = (
        *(
            "δ is the derivative of ",
            shown,
            " by the weighted sum of a neuron, handed back ",
        ),
        "from the output; a weight's derivative is δ times its input, a bias's is δ",
    )
    return Section(("The δ of each neuron, for ", shown), (text,), tuple(steps))


def _users(neuron: Neuron, reached: Sequence[Neuron]) -> list[Neuron]:
    return [other for other in reached if neuron.stage.symbol in other.weights]


def _delta_step(output: Symbol, neuron: Neuron, users: Sequence[Neuron]) -> Step:
    name, u = neuron.stage.symbol, neuron.u
    slope = derive(neuron.value, u, value=name)
    unworked = LocalDerivative(neuron.value, u)
    terms = [Mul(user.weights[name], user.delta) for user in users]
    if name == output:  # which may feed other stages, but is itself the end
        first: Expr = unworked
        lines = [Line(slope.result, (f"{slope.rule}",))]
    else:
        first = Chain(Total(output, name), unworked)
        fed = listed([user.stage.symbol for user in users])
        back = sum_of(*terms)
        lines = [
            Line(Chain(back, unworked), (name, " feeds ", *fed)),
            Line(Chain(back, slope.result), (f"{slope.rule}",)),
        ]
    if slope.result == 1 and name != output:
        lines[-1] = Line(sum_of(*terms), (f"{slope.rule}",))
    whole = (Line(first, ("chain rule; ", u, " enters through ", name)), *lines)
    return Step("definition", neuron.delta, whole, substeps=(slope,))


def _weight_steps(page: Page, output: Symbol, neuron: Neuron) -> list[Step]:
    """The derivatives by the weights and the bias of one neuron."""
    wanted = page.gradient.wrt
    factors: dict[Expr, Expr] = {w: x for x, w in neuron.weights.items()}
    biases = [t for t in Add.make_args(neuron.argument) if t in wanted]
    factors.update({bias: Integer(1) for bias in biases})
    steps = []
    for variable in wanted:
        if variable not in factors:
            continue
        factor = factors[variable]
        is_bias = factor == 1
        first = neuron.delta if is_bias else Chain(neuron.delta, factor)
        why: Text = (variable, " is added to the weighted sum")
        if not is_bias:
            why = (variable, " is the weight of ", factor)
        lines = [Line(first, why), *product_lines(page, output, variable)[:1]]
        total = Total(output, variable)
        steps.append(Step("chain rule", total, tuple(different_lines(page, lines))))
    return steps
