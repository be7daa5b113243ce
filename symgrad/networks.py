"""Fully connected networks as graphs; the one place that makes the notes' names.

Neurons count from the input side, stages from the output inwards: neuron n of N is
stage ``f_{N+1-n}``, ``w_{n i 1}`` its weight on its i-th input, ``b_n`` its bias.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from sympy import Add, Expr, Integer, Mul, Symbol

from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    BoundError,
    check_name,
    short,
)
from symgrad.functions import ACTIVATIONS
from symgrad.graph import Graph, Stage
from symgrad.indexed import Index, SampleSum
from symgrad.losses import LOSSES, penalty_of
from symgrad.substitution import replace
from symgrad.symbols import Sampled, symbol

MAX_PARAMETERS = 250_000


def network(
    sizes: Sequence[int],
    activation: str | Sequence[str] = "tanh",
    output_activation: str | None = None,
    loss: str | None = None,
    penalty: Mapping[str, float] | None = None,
) -> Graph:
    """Build the graph of a fully connected network, with the notes' names.

    >>> graph = network([2, 2, 1])
    >>> graph.closed_form("f_3")
    tanh(b_1 + w_111*x_1 + w_121*x_2)
    >>> [stage.symbol for stage in graph.stages]
    [f_3, f_2, f_1]

    ``sizes`` counts the inputs, then the neurons of each layer. ``activation`` names
    one activation for all layers or one for each; ``output_activation`` replaces that
    of the last layer. Outputs are labelled ``y_hat``, or ``y_hat_1``, ``y_hat_2``, ….

    ``loss``, a row of ``LOSSES``, adds targets ``y`` (``y_1``, ``y_2``, …), the stage
    ``l`` of what one sample costs, and the output ``L``, its sum or mean over the n
    samples. ``penalty`` maps ``"ridge"`` (``w²``) or ``"lasso"`` (``|w|``) to a
    strength; it is counted once, over the weights without biases, in the stage ``R``.

    >>> network([2, 1], loss="mean_squared_error").stages[-1].expr
    sum(l, i, 1, n)/n

    Raises ``ArgumentValueError`` for sizes that make no network, ``UnknownNameError``
    for an unknown activation, loss or penalty, ``BoundError`` over ``MAX_PARAMETERS``
    parameters.
    """
    layers = _check_sizes(sizes)
    chosen = _activations(activation, output_activation, len(layers) - 1)
    inputs = tuple(symbol(f"x_{i}") for i in range(1, layers[0] + 1))
    total = sum(layers[1:])
    parameters: list[Symbol] = []
    stages: list[Stage] = []
    previous = inputs
    neuron = 0
    for depth, width in enumerate(layers[1:]):
        current = []
        is_last = depth == len(layers) - 2
        for place in range(1, width + 1):
            neuron += 1
            weights = [
                symbol(weight_name(neuron, i)) for i in range(1, len(previous) + 1)
            ]
            bias = symbol(f"b_{neuron}")
            parameters += [*weights, bias]
            label = _output_label(place, width) if is_last else None
            stage = symbol(f"f_{total + 1 - neuron}")
            weighted = _weighted_sum(weights, previous, bias)
            stages.append(Stage(stage, ACTIVATIONS[chosen[depth]](weighted), label))
            current.append(stage)
        previous = tuple(current)
    graph = Graph(tuple(stages), previous, inputs, tuple(parameters))
    if loss is None and penalty is not None:
        raise ArgumentValueError(
            "penalty is added to a loss; name one, such as loss='mean_squared_error'"
        )
    return graph if loss is None else with_loss(graph, loss, penalty)


def with_loss(
    graph: Graph, loss: str, penalty: Mapping[str, float] | None = None
) -> Graph:
    """Add targets and a loss over the samples to a graph of outputs.

    >>> with_loss(network([2, 1]), "sum_of_squares").inputs
    (x_1, x_2, y, n)

    Arguments as in ``network``. Raises ``ArgumentValueError`` where the graph has a
    name that the loss needs (``y``, ``n``, ``l``, ``L``, ``R``).
    """
    check_name("loss", loss, LOSSES)
    row = LOSSES[loss]
    several = len(graph.outputs) > 1
    targets = [f"y_{k}" if several else "y" for k in range(1, len(graph.outputs) + 1)]
    used = (*targets, "n", "i", "l", "L", "R")
    clash = [name for name in used if name in graph.names]
    if clash:
        raise ArgumentValueError(
            f"the formula has the name {clash[0]!r}, which the loss needs; rename it"
        )
    inside = {*graph.inputs, *(stage.symbol for stage in graph.stages)}
    own = {name: Sampled(name.name) for name in inside}
    stages = [Stage(own[s.symbol], replace(s.expr, own), s.label) for s in graph.stages]
    inputs = [*(own[x] for x in graph.inputs), *(Sampled(name) for name in targets)]
    outputs = [own.get(output, output) for output in graph.outputs]
    pairs = list(zip(inputs[len(graph.inputs) :], outputs, strict=True))
    each, count = Sampled("l"), symbol("n")
    stages.append(Stage(each, row.of_sample(pairs)))
    whole: Expr = SampleSum(each, Index("i"), Integer(1), count)
    whole = whole / count if row.is_mean else whole
    if penalty:
        weights = [w for w in graph.parameters if not w.name.startswith("b_")]
        stages.append(Stage(symbol("R"), penalty_of(weights, penalty)))
        whole = whole + symbol("R")
    output = symbol("L")
    stages.append(Stage(output, whole))
    return Graph(tuple(stages), (output,), (*inputs, count), graph.parameters)


def weight_name(neuron: int, place: int) -> str:
    """Name a neuron's weight on its ``place``-th input: ``w_311``, ``w_10_2_1``."""
    separator = "_" if neuron > 9 or place > 9 else ""
    return "w_" + separator.join((str(neuron), str(place), "1"))


def _weighted_sum(
    weights: Sequence[Symbol], values: Sequence[Symbol], bias: Symbol
) -> Expr:
    return Add(*(Mul(w, x) for w, x in zip(weights, values, strict=True)), bias)


def _output_label(place: int, width: int) -> str:
    return "y_hat" if width == 1 else f"y_hat_{place}"


def _check_sizes(sizes: Sequence[int]) -> list[int]:
    if isinstance(sizes, str) or not isinstance(sizes, Sequence):
        raise ArgumentTypeError(
            f"sizes is {short(sizes)}; expected a list such as [2, 2, 1]"
        )
    layers = list(sizes)
    if len(layers) < 2:
        raise ArgumentValueError(
            f"sizes {short(layers)} names no layer of neurons; expected the inputs and "
            "at least one layer of neurons, such as [2, 2, 1]"
        )
    for size in layers:
        if isinstance(size, bool) or not isinstance(size, int):
            raise ArgumentTypeError(f"layer size {short(size)} is not a whole number")
        if size < 1:
            raise ArgumentValueError(f"layer size {size} is not 1 or more")
    count = sum((a + 1) * b for a, b in pairwise(layers))
    if count > MAX_PARAMETERS:
        raise BoundError(
            f"a network of {short(layers)} has {count:,} parameters; the bound "
            f"MAX_PARAMETERS is {MAX_PARAMETERS:,}, choose smaller layers"
        )
    return layers


def _activations(
    activation: str | Sequence[str], output_activation: str | None, count: int
) -> list[str]:
    if isinstance(activation, str):
        chosen = [activation] * count
    else:
        if not isinstance(activation, Sequence):
            raise ArgumentTypeError(
                f"activation is {short(activation)}; expected a name such as 'tanh', "
                "or a list of names"
            )
        chosen = list(activation)
        if len(chosen) != count:
            raise ArgumentValueError(
                f"{len(chosen)} activations for {count} layers of neurons; give one "
                "name, or one for each layer after the inputs"
            )
    if output_activation is not None:
        chosen[-1] = output_activation
    for name in chosen:
        check_name("activation", name, ACTIVATIONS)
    return chosen
