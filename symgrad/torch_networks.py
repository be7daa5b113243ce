"""PyTorch networks as graphs with the notes' names, and their weights as values.

The one rule kept here: a layer is understood exactly or refused; an activation with
other settings than symgrad's own is written out as the formula that it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeAlias

from sympy import Expr, Float, Integer, Piecewise, pi, sqrt

from symgrad.errors import ArgumentValueError, FormulaError, short
from symgrad.functions import FUNCTIONS
from symgrad.graph import Graph
from symgrad.networks import network, weight_name
from symgrad.torch_package import load_torch

_ACTIVATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "Tanh": ("tanh", {}),
    "Sigmoid": ("logistic", {}),
    "ReLU": ("relu", {}),
    "LeakyReLU": ("leaky_relu", {"negative_slope": 0.01}),
    "ELU": ("elu", {"alpha": 1.0}),
    "Softplus": ("softplus", {"beta": 1.0}),
    "GELU": ("gelu", {"approximate": "none"}),
    "SiLU": ("silu", {}),
    "Softsign": ("softsign", {}),
    "Identity": ("identity", {}),
}
"""module -> the activation it is, with these settings."""

Formula: TypeAlias = Callable[[Any, Expr], Expr]


def _call(name: str, u: Expr) -> Expr:
    return FUNCTIONS[name].make(u, evaluate=False)


def _choice(above: Expr, u: Expr, below: Expr) -> Expr:
    return Piecewise((above, u > 0), (below, True), evaluate=False)


def _number(value: float) -> Expr:
    return Integer(int(value)) if value == int(value) else Float(value)


def _gelu_tanh(module: Any, u: Expr) -> Expr:
    """Hendrycks and Gimpel 2016, with the tanh approximation."""
    inner = sqrt(2 / pi) * (u + Float("0.044715") * u**3)
    return u * (1 + _call("tanh", inner)) / 2


def _softplus(module: Any, u: Expr) -> Expr:
    beta = _number(module.beta)
    return _call("softplus", beta * u) / beta


def _exponential(module: Any, u: Expr) -> Expr:
    return _choice(u, u, _number(module.alpha) * _call("expm1", u))


def _celu(module: Any, u: Expr) -> Expr:
    alpha = _number(module.alpha)
    return _choice(u, u, alpha * _call("expm1", u / alpha))


def _selu(module: Any, u: Expr) -> Expr:
    """Klambauer et al. 2017; the constants as PyTorch has them."""
    alpha, scale = Float("1.6732632423543772"), Float("1.0507009873554805")
    return scale * _choice(u, u, alpha * _call("expm1", u))


def _clamped(u: Expr, low: float, high: float) -> Expr:
    """Between two bounds; at a bound the derivative is 0, as in PyTorch."""
    low_number, high_number = _number(low), _number(high)
    return Piecewise(
        (low_number, u <= low_number),
        (high_number, u >= high_number),
        (u, True),
        evaluate=False,
    )


FORMULAS: Mapping[str, Formula] = MappingProxyType(
    {
        "LeakyReLU": lambda module, u: _choice(
            u, u, _number(module.negative_slope) * u
        ),
        "ELU": _exponential,
        "CELU": _celu,
        "SELU": _selu,
        "Softplus": _softplus,
        "GELU": _gelu_tanh,
        "ReLU6": lambda module, u: _clamped(u, 0, 6),
        "Hardtanh": lambda module, u: _clamped(u, module.min_val, module.max_val),
        "LogSigmoid": lambda module, u: -_call("softplus", -u),
        "Mish": lambda module, u: u * _call("tanh", _call("softplus", u)),
        "Tanhshrink": lambda module, u: u - _call("tanh", u),
    }
)
"""module -> its formula in u, with the settings that it has; Softplus without PyTorch's
threshold, beyond which that is u (the two differ by 2e-9/beta at most)."""


def from_torch(module: Any) -> tuple[Graph, dict[str, float]]:
    """Read an ``nn.Sequential`` of Linear and activation modules into a Graph.

    Gives the graph, with the notes' names, and the values of its parameters by name;
    a Linear without bias has biases of 0. An activation that is missing is the
    identity. Inside, ``nn.Sequential`` may stand again; Dropout counts as nothing after
    ``module.train(False)``. Softplus(beta), LeakyReLU(slope), ELU(alpha) and
    GELU("tanh") are written out, and so are CELU, SELU, ReLU6, Hardtanh, LogSigmoid,
    Mish, Tanhshrink.

    >>> from torch import nn  # doctest: +SKIP
    >>> graph, values = from_torch(nn.Sequential(nn.Linear(2, 1), nn.Tanh()))
    ... # doctest: +SKIP
    >>> list(values)  # doctest: +SKIP
    ['w_111', 'w_121', 'b_1']

    Raises ``FormulaError`` that names the module and its place where it is anything
    else, or is set otherwise than symgrad's function; ``MissingPackageError`` without
    PyTorch.
    """
    nn = load_torch("from_torch").nn
    if not isinstance(module, nn.Module):
        raise FormulaError(
            f"{short(type(module).__name__)} is no PyTorch module; expected an "
            "nn.Sequential of Linear and activation modules"
        )
    layers: list[Any] = []
    activations: list[str] = []
    written: dict[int, tuple[Formula, Any]] = {}
    for place, each in _flat(module, nn.Sequential):
        if type(each) is nn.Linear:
            _check_width(layers, each, place)
            layers.append(each)
            activations.append("identity")
        elif isinstance(each, nn.Dropout) and not each.training:
            continue  # does nothing after module.train(False)
        else:
            name = _activation(each, place)
            is_first = not layers or activations[-1] != "identity"
            if name != "identity" and is_first:
                raise FormulaError(
                    f"{place} is {type(each).__name__}, which follows no Linear; "
                    "expected one activation after each Linear"
                )
            if name != "identity":
                activations[-1] = name
            if name in FORMULAS:
                written[len(layers) - 1] = FORMULAS[name], each
    if not layers:
        raise FormulaError("the module has no Linear layer; expected at least one")
    plain = [name if name not in FORMULAS else "identity" for name in activations]
    graph = network(_sizes(layers), plain)
    return _with_formulas(graph, layers, written), _values(layers)


def _with_formulas(
    graph: Graph, layers: Sequence[Any], written: Mapping[int, tuple[Formula, Any]]
) -> Graph:
    """The graph with the activations that are formulas put into their stages."""
    stages = list(graph.stages)
    first = 0
    for place, layer in enumerate(layers):
        if place in written:
            make, module = written[place]
            for k in range(first, first + layer.out_features):
                stages[k] = replace(stages[k], expr=make(module, stages[k].expr))
        first += layer.out_features
    return replace(graph, stages=tuple(stages))


def _flat(module: Any, sequential: Any) -> list[tuple[str, Any]]:
    """The modules in order with their places; those of inner Sequentials too."""
    if type(module) is not sequential:
        return [("the module", module)]
    found: list[tuple[str, Any]] = []
    todo: list[tuple[str, Any]] = [
        (name, each) for name, each in module.named_children()
    ][::-1]
    while todo:
        name, each = todo.pop()
        if type(each) is sequential:
            inner = [(f"{name}.{n}", child) for n, child in each.named_children()]
            todo.extend(reversed(inner))
        else:
            found.append((f"module {name}", each))
    return found


def _check_width(layers: Sequence[Any], layer: Any, place: str) -> None:
    if layers and layers[-1].out_features != layer.in_features:
        raise ArgumentValueError(
            f"{place} takes {layer.in_features} inputs, but the layer before gives "
            f"{layers[-1].out_features}"
        )


def _activation(module: Any, place: str) -> str:
    """The name of an activation, or of the module where it has a formula instead."""
    kind = type(module).__name__
    known = dict.fromkeys(["Linear", *_ACTIVATIONS, *FORMULAS, "Dropout", "Sequential"])
    if not type(module).__module__.startswith("torch.nn.") or kind not in known:
        raise FormulaError(
            f"{place} is {kind}, which is not read; known: {', '.join(known)}"
        )
    if kind == "Dropout":
        raise FormulaError(
            f"{place} is Dropout, which is random while training; "
            "call module.train(False)"
        )
    name, settings = _ACTIVATIONS.get(kind, (kind, {}))
    as_named = all(getattr(module, key) == value for key, value in settings.items())
    return name if as_named else kind


def _sizes(layers: Sequence[Any]) -> list[int]:
    return [layers[0].in_features, *(layer.out_features for layer in layers)]


def _values(layers: Sequence[Any]) -> dict[str, float]:
    """The weights and biases under the notes' names, in the order of the graph."""
    found: dict[str, float] = {}
    neuron = 0
    for layer in layers:
        weights = layer.weight.detach().tolist()
        biases = [0.0] * len(weights)
        if layer.bias is not None:
            biases = layer.bias.detach().tolist()
        for row, bias in zip(weights, biases, strict=True):
            neuron += 1
            for place, weight in enumerate(row, 1):
                found[weight_name(neuron, place)] = float(weight)
            found[f"b_{neuron}"] = float(bias)
    return found
