"""PyTorch networks as graphs with the notes' names, and their weights as values.

The one rule kept here: a layer is understood exactly or refused; an activation with
other settings than symgrad's own is another function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symgrad.errors import ArgumentValueError, FormulaError, MissingPackageError, short
from symgrad.graph import Graph
from symgrad.networks import network, weight_name

_ACTIVATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "Tanh": ("tanh", {}),
    "Sigmoid": ("logistic", {}),
    "ReLU": ("relu", {}),
    "LeakyReLU": ("leaky_relu", {"negative_slope": 0.01}),
    "ELU": ("elu", {"alpha": 1.0}),
    "Softplus": ("softplus", {"beta": 1.0, "threshold": 20.0}),
    "GELU": ("gelu", {"approximate": "none"}),
    "SiLU": ("silu", {}),
    "Softsign": ("softsign", {}),
    "Identity": ("identity", {}),
}
"""module -> the activation it is, with these settings."""


def from_torch(module: Any) -> tuple[Graph, dict[str, float]]:
    """Read an ``nn.Sequential`` of Linear and activation modules into a Graph.

    Gives the graph, with the notes' names, and the values of its parameters by name;
    a Linear without bias has biases of 0. An activation that is missing is the
    identity. Inside, ``nn.Sequential`` may stand again; Dropout counts as nothing after
    ``module.eval()``.

    >>> from torch import nn  # doctest: +SKIP
    >>> graph, values = from_torch(nn.Sequential(nn.Linear(2, 1), nn.Tanh()))
    ... # doctest: +SKIP
    >>> list(values)  # doctest: +SKIP
    ['w_111', 'w_121', 'b_1']

    Raises ``FormulaError`` that names the module and its place where it is anything
    else, or is set otherwise than symgrad's function; ``MissingPackageError`` without
    PyTorch.
    """
    try:
        from torch import nn
    except ImportError:
        raise MissingPackageError(
            "from_torch needs PyTorch; pip install 'symgrad[torch]'"
        ) from None
    if not isinstance(module, nn.Module):
        raise FormulaError(
            f"{short(type(module).__name__)} is no PyTorch module; expected an "
            "nn.Sequential of Linear and activation modules"
        )
    layers: list[Any] = []
    activations: list[str] = []
    for place, each in _flat(module, nn.Sequential):
        if type(each) is nn.Linear:
            _check_width(layers, each, place)
            layers.append(each)
            activations.append("identity")
        elif isinstance(each, nn.Dropout) and not each.training:
            continue  # does nothing after module.eval()
        else:
            name = _activation(each, place)
            if name != "identity" and (not layers or activations[-1] != "identity"):
                raise FormulaError(
                    f"{place} is {type(each).__name__}, which follows no Linear; "
                    "expected one activation after each Linear"
                )
            if name != "identity":
                activations[-1] = name
    if not layers:
        raise FormulaError("the module has no Linear layer; expected at least one")
    graph = network(_sizes(layers), activations)
    return graph, _values(layers)


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
    kind = type(module).__name__
    if not type(module).__module__.startswith("torch.nn.") or kind not in _ACTIVATIONS:
        known = ", ".join(["Linear", *_ACTIVATIONS, "Sequential"])
        raise FormulaError(f"{place} is {kind}, which is not read; known: {known}")
    name, settings = _ACTIVATIONS[kind]
    for setting, value in settings.items():
        if getattr(module, setting) != value:
            raise FormulaError(
                f"{place} is {kind} with {setting}={getattr(module, setting)!r}; "
                f"expected {value!r}, as symgrad's {name} has it"
            )
    return name


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
