"""A graph that exists is a valid program, and is written out under bounds."""

from __future__ import annotations

import pickle

import pytest
import sympy as sp

from symgrad.errors import (
    ArgumentTypeError,
    BoundError,
    GraphError,
    UnknownNameError,
)
from symgrad.graph import MAX_DEPTH, Graph, Stage
from symgrad.lengths import measure
from symgrad.networks import network
from symgrad.substitution import replace
from symgrad.symbols import symbol

x, y, z, u = (symbol(name) for name in "xyzu")


def chain(length: int) -> Graph:
    names = [symbol(f"h_{k}") for k in range(length + 1)]
    stages = tuple(
        Stage(names[k + 1], sp.tanh(names[k] * x, evaluate=False))
        for k in range(length)
    )
    return Graph(stages, (names[-1],), (x, names[0]))


def test_stage_order_is_checked():
    with pytest.raises(GraphError, match="uses 'u' before it is defined"):
        Graph((Stage(y, u + 1), Stage(u, x)), (y,), (x,))


def test_a_name_is_given_once():
    with pytest.raises(GraphError, match="'y' is defined twice"):
        Graph((Stage(y, x), Stage(y, x**2)), (y,), (x,))


def test_two_symbols_of_one_name():
    other = sp.Symbol("x")
    with pytest.raises(GraphError, match="two different symbols are called 'x'"):
        Graph((Stage(y, x + 1),), (y,), (x, other))


def test_a_symbol_from_nowhere():
    with pytest.raises(GraphError, match="neither a stage nor an input"):
        Graph((Stage(y, x + z),), (y,), (x,))


def test_a_stage_of_itself():
    with pytest.raises(GraphError, match="defined by itself"):
        Graph((Stage(y, y + x),), (y,), (x,))


@pytest.mark.parametrize("outputs", [(), (z,)], ids=["none", "undefined"])
def test_outputs_are_there(outputs):
    with pytest.raises(GraphError, match="output"):
        Graph((Stage(y, x),), outputs, (x,))


def test_unknown_names_offer_the_nearest():
    graph = network([2, 2, 1])
    with pytest.raises(UnknownNameError, match="did you mean 'y_hat'"):
        graph.symbol("y_hatt")


def test_labels_are_aliases():
    graph = network([2, 2, 1])
    assert graph.symbol("y_hat") == graph.symbol("f_1")
    assert graph.shown(graph.symbol("f_1")) == symbol("y_hat")


def test_parents_and_users():
    graph = network([2, 2, 1])
    assert [s.name for s in graph.parents("f_1")] == "w_311 w_321 b_3 f_3 f_2".split()
    assert [s.name for s in graph.users("x_1")] == ["f_3", "f_2"]
    assert graph.users("f_1") == ()


def test_several_outputs_have_no_one_output():
    with pytest.raises(GraphError, match=r"y_hat_1, y_hat_2.*jacobian"):
        _ = network([1, 2]).output
    assert network([1, 2]).select("y_hat_2").output.name == "f_1"


def test_closed_form_of_inner_stages():
    graph = network([2, 2, 1])
    assert str(graph.closed_form("f_3")) == "tanh(b_1 + w_111*x_1 + w_121*x_2)"


def test_deep_closed_forms_name_their_bound():
    with pytest.raises(BoundError, match="MAX_DEPTH"):
        chain(MAX_DEPTH).closed_form()
    with pytest.raises(BoundError, match="MAX_DEPTH"):
        chain(5000).closed_form()


def test_wide_closed_forms_name_their_bound():
    stages = [Stage(symbol("v_1"), x + y)]
    for k in range(2, 40):  # each doubles the one before
        before = symbol(f"v_{k - 1}")
        stages.append(Stage(symbol(f"v_{k}"), sp.sin(before) * sp.cos(before)))
    graph = Graph(tuple(stages), (symbol("v_39"),), (x, y))
    with pytest.raises(BoundError, match="MAX_NODES"):
        graph.closed_form()


def test_pickle_keeps_what_is_unevaluated():
    kept = sp.Mul(2, x - y, evaluate=False)
    graph = Graph((Stage(z, kept),), (z,), (x, y))
    again = pickle.loads(pickle.dumps(graph))
    assert again == graph
    assert again.stages[0].expr.args == kept.args


def test_replace_keeps_functions_unevaluated():
    assert replace(sp.tanh(x), {x: -y}).args == (-y,)


def test_measure_counts_nodes_and_levels():
    assert measure(sp.sin(x) + y) == (4, 3)
    assert measure(sp.sin(x) + y, {x: (10, 5)}) == (13, 7)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Stage("z", x), "the name of a stage is 'z'; expected a Symbol"),
        (lambda: Stage(z, "x + 1"), r"expression of stage 'z' is 'x \+ 1'; expected"),
        (lambda: Stage(z, x, 3), "the label of 'z' is 3; expected a text"),
        (lambda: Graph((x,), (x,), (x,)), "an item of stages is x; expected a Stage"),
        (lambda: Graph((), ("x",), (x,)), "an item of outputs is 'x'; expected a Symb"),
        (
            lambda: Graph((), (x,), {x, y}),
            r"inputs is \{.*\}; expected a tuple \(a set",
        ),
        (lambda: Graph(None, (x,), (x,)), "stages is None; expected a tuple"),
    ],
)
def test_what_is_no_part_of_a_graph_is_refused(make, told):
    with pytest.raises(ArgumentTypeError, match=told):
        make()


def test_a_graph_of_lists_is_that_of_tuples():
    listed = Graph([Stage(z, x + y)], [z], [x, y], [])
    assert listed == Graph((Stage(z, x + y),), (z,), (x, y))
    assert hash(listed) == hash(Graph((Stage(z, x + y),), (z,), (x, y)))
