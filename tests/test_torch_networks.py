"""PyTorch networks as graphs: its own forward pass and autograd are the oracle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.errors import SymgradError

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
nn = torch.nn

ACTIVATIONS = {
    "Tanh": lambda: nn.Tanh(),
    "Sigmoid": lambda: nn.Sigmoid(),
    "ReLU": lambda: nn.ReLU(),
    "LeakyReLU": lambda: nn.LeakyReLU(),
    "ELU": lambda: nn.ELU(),
    "Softplus": lambda: nn.Softplus(),
    "GELU": lambda: nn.GELU(),
    "SiLU": lambda: nn.SiLU(),
    "Softsign": lambda: nn.Softsign(),
    "Identity": lambda: nn.Identity(),
    "LeakyReLU with a slope": lambda: nn.LeakyReLU(0.2),
    "ELU with alpha": lambda: nn.ELU(0.5),
    "CELU": lambda: nn.CELU(1.5),
    "SELU": lambda: nn.SELU(),
    "Softplus with beta": lambda: nn.Softplus(beta=2.5),
    "GELU by tanh": lambda: nn.GELU(approximate="tanh"),
    "ReLU6": lambda: nn.ReLU6(),
    "Hardtanh": lambda: nn.Hardtanh(-0.5, 0.75),
    "LogSigmoid": lambda: nn.LogSigmoid(),
    "Mish": lambda: nn.Mish(),
    "Tanhshrink": lambda: nn.Tanhshrink(),
}


def compare(module: Any, inputs: int) -> None:
    """Compare value and gradient with PyTorch's, in float64 at random points.

    What has no bias has no gradient by it either: nan on the one side is left out.
    """
    module = module.double()
    graph, values = sg.from_torch(module)
    assert list(values) == [p.name for p in graph.parameters]
    function = sg.lambdify(graph)
    for seed in range(4):
        x = np.random.default_rng(seed).normal(size=inputs)
        found, grad = function(*x, *values.values())
        outputs = module(torch.from_numpy(x))
        assert np.allclose(found, outputs.detach().numpy().squeeze(), rtol=1e-12)
        rows = np.atleast_2d(grad) if len(graph.outputs) > 1 else [grad]
        for row, output in zip(rows, outputs, strict=True):
            wanted = np.array(autograd(module, output))
            row = np.where(np.isnan(wanted), np.nan, row)
            assert np.allclose(row, wanted, rtol=1e-12, atol=1e-12, equal_nan=True)


def autograd(module: Any, output: Any) -> list[float]:
    """The gradient of one output in the notes' order: a neuron's weights, its bias."""
    module.zero_grad()
    output.backward(retain_graph=True)
    found: list[float] = []
    for layer in module.modules():
        if isinstance(layer, nn.Linear):
            for k in range(layer.out_features):
                found += layer.weight.grad[k].tolist()
                found.append(float("nan") if layer.bias is None else layer.bias.grad[k])
    return [float(each) for each in found]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_and_gradients_are_those_of_pytorch(name: str) -> None:
    torch.manual_seed(1)
    make = ACTIVATIONS[name]
    compare(nn.Sequential(nn.Linear(2, 3), make(), nn.Linear(3, 1), make()), 2)


def test_other_shapes() -> None:
    torch.manual_seed(2)
    inner = nn.Sequential(nn.Linear(3, 2), nn.Identity(), nn.Tanh())
    compare(nn.Sequential(inner, nn.Linear(2, 2), nn.SiLU(), nn.Linear(2, 2)), 3)
    compare(nn.Linear(3, 1), 3)
    deep = nn.Sequential(nn.Sequential(nn.Sequential(nn.Linear(2, 2)), nn.Mish()))
    compare(nn.Sequential(deep, nn.Linear(2, 3, bias=False), nn.ELU(0.5)), 2)
    compare(nn.Sequential(nn.Linear(2, 1), nn.Dropout()).eval(), 2)


def test_a_layer_without_bias_has_biases_of_zero() -> None:
    graph, values = sg.from_torch(nn.Sequential(nn.Linear(2, 2, bias=False), nn.Tanh()))
    assert [values["b_1"], values["b_2"]] == [0.0, 0.0]
    assert len(graph.outputs) == 2


@pytest.mark.parametrize("kind", ["float32", "float64", "bfloat16"])
def test_weights_are_carried_as_they_are(kind: str) -> None:
    torch.manual_seed(3)
    layer = nn.Linear(3, 2, dtype=getattr(torch, kind))
    _, values = sg.from_torch(nn.Sequential(layer, nn.Tanh()))
    assert values["w_121"] == layer.weight[0, 1].item()
    assert values["b_2"] == layer.bias[1].item()


def test_pages_of_written_activations_are_checked() -> None:
    for make in (nn.Mish(), nn.LeakyReLU(0.2), nn.GELU("tanh")):
        graph, _ = sg.from_torch(nn.Sequential(nn.Linear(2, 1), make))
        assert sg.explain(graph, "w_111").checks[0][0].startswith("✓")


class Own(nn.Module):
    """A module of a user."""


class Tanh(nn.Module):
    """A module of a user that only bears a known name."""


REFUSED = {
    "convolution": (
        nn.Sequential(nn.Linear(2, 2), nn.Conv1d(1, 1, 1)),
        "module 1 is Conv1d",
    ),
    "own": (nn.Sequential(nn.Linear(2, 2), Own()), "module 1 is Own, which is not"),
    "own name": (nn.Sequential(nn.Linear(2, 2), Tanh()), "module 1 is Tanh, which is"),
    "flatten": (
        nn.Sequential(nn.Flatten(), nn.Linear(2, 1)),
        "module 0 is Flatten, which is not read; known: Linear, Tanh, ",
    ),
    "batches": (
        nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1)),
        "module 1 is BatchNorm1d",
    ),
    "random": (nn.Sequential(nn.Linear(2, 1), nn.RReLU()), "module 1 is RReLU"),
    "function": (lambda x: x, "'function' is no PyTorch module"),
    "dropout": (nn.Sequential(nn.Linear(2, 1), nn.Dropout()), "call module.train"),
    "first": (nn.Sequential(nn.Tanh(), nn.Linear(2, 1)), "module 0 is Tanh, which fo"),
    "twice": (nn.Sequential(nn.Linear(2, 1), nn.Tanh(), nn.ReLU()), "module 2 is ReLU"),
    "inner": (
        nn.Sequential(nn.Sequential(nn.Linear(2, 1), nn.Softmax())),
        "module 0.1 is Softmax",
    ),
    "empty": (nn.Sequential(), "no Linear layer"),
    "widths": (nn.Sequential(nn.Linear(2, 3), nn.Linear(2, 1)), "takes 2 inputs"),
    "no module": ("tanh", "'str' is no PyTorch module"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_understood_is_named(name: str) -> None:
    module, match = REFUSED[name]
    with pytest.raises(SymgradError, match=match):
        sg.from_torch(module)


def test_formula_points_a_module_to_its_own_reader() -> None:
    with pytest.raises(SymgradError, match=r"Sequential is a module .* from_torch"):
        sg.formula(nn.Sequential(nn.Linear(2, 1), nn.Tanh()))
