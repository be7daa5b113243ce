"""Networks carry the notes' names, at every size."""

from __future__ import annotations

import pytest
import sympy as sp

from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    BoundError,
    UnknownNameError,
)
from symgrad.functions import ACTIVATIONS
from symgrad.networks import network
from symgrad.symbols import symbol

NOTES = (
    "tanh(w_311*tanh(w_111*x_1 + w_121*x_2 + b_1)"
    " + w_321*tanh(w_211*x_1 + w_221*x_2 + b_2) + b_3)"
)


def test_the_notes_expression():
    names = "w_111 w_121 b_1 w_211 w_221 b_2 w_311 w_321 b_3 x_1 x_2".split()
    known = {name: symbol(name) for name in names}
    assert network([2, 2, 1]).closed_form() == sp.sympify(NOTES, known)


def test_the_notes_names_in_order():
    graph = network([2, 2, 1])
    assert [s.name for s in graph.inputs] == ["x_1", "x_2"]
    assert [s.name for s in graph.parameters] == (
        "w_111 w_121 b_1 w_211 w_221 b_2 w_311 w_321 b_3".split()
    )
    assert [s.symbol.name for s in graph.stages] == ["f_3", "f_2", "f_1"]
    assert graph.stages[-1].label == "y_hat"


def test_a_deeper_network_counts_on():
    graph = network([2, 2, 2, 1])
    assert [s.name for s in graph.users("w_111")] == ["f_5"]
    assert [s.name for s in graph.users("f_5")] == ["f_3", "f_2"]


def test_outputs_in_neuron_order():
    graph = network([3, 4, 4, 2])
    assert [graph.shown(o).name for o in graph.outputs] == ["y_hat_1", "y_hat_2"]
    assert [o.name for o in graph.outputs] == ["f_2", "f_1"]


def test_two_digits_are_set_apart():
    graph = network([2, 10, 1])
    assert "w_10_2_1" in graph.names
    assert "w_11_10_1" in graph.names
    assert "w_911" in graph.names


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_each_activation(name):
    graph = network([1, 1], activation=name)
    u = sp.Add(symbol("b_1"), symbol("w_111") * symbol("x_1"))
    assert graph.closed_form() == ACTIVATIONS[name](u)


def test_an_activation_for_each_layer():
    graph = network([1, 1, 1, 1], activation=["relu", "sin", "tanh"])
    kinds = [type(stage.expr).__name__ for stage in graph.stages]
    assert kinds == ["relu", "sin", "tanh"]


def test_the_output_activation():
    graph = network([1, 1, 1], output_activation="identity")
    assert [type(s.expr).__name__ for s in graph.stages] == ["tanh", "Add"]


@pytest.mark.parametrize(
    ("sizes", "error", "says"),
    [
        ([], ArgumentValueError, "at least one layer"),
        ([3], ArgumentValueError, "at least one layer"),
        ([2, 0, 1], ArgumentValueError, "layer size 0"),
        ([2, -1], ArgumentValueError, "layer size -1"),
        ([2, 1.5], ArgumentTypeError, "1.5 is not a whole number"),
        ([2, True], ArgumentTypeError, "True is not a whole number"),
        ("221", ArgumentTypeError, "expected a list"),
        (3, ArgumentTypeError, "expected a list"),
        ([10**6, 10**6], BoundError, "MAX_PARAMETERS"),
    ],
    ids=str,
)
def test_bad_sizes(sizes, error, says):
    with pytest.raises(error, match=says):
        network(sizes)


def test_bad_activations():
    with pytest.raises(UnknownNameError, match="did you mean 'tanh'"):
        network([2, 1], "tanhh")
    with pytest.raises(ArgumentValueError, match="3 activations for 2 layers"):
        network([2, 2, 1], ["tanh", "tanh", "tanh"])
