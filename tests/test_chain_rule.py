"""The chain rule over stages: both modes, all paths, local apart from total."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.chain_rule import differentiate, hessian, jacobian
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    BoundError,
    GraphError,
    UnknownNameError,
)
from symgrad.functions import ACTIVATIONS
from symgrad.gradient import Gradient
from symgrad.graph import Graph, Stage
from symgrad.networks import network
from symgrad.symbols import Chain, Partial, Total, symbol

MODES = ["reverse", "forward"]
x = symbol("x")


def chain(length: int) -> Graph:
    """tanh nested ``length`` times, a weight and a bias at each level."""
    value, stages, parameters = x, [], []
    for k in range(1, length + 1):
        w, b = symbol(f"w_{k}"), symbol(f"b_{k}")
        stage = symbol(f"f_{length + 1 - k}")
        stages.append(Stage(stage, sp.tanh(w * value + b, evaluate=False)))
        parameters += [w, b]
        value = stage
    return Graph(tuple(stages), (value,), (x,), tuple(parameters))


def numeric(expr: sp.Expr, seed: int = 0) -> dict:
    """Numbers for the symbols of an expression, alike in every test."""
    rng = __import__("random").Random(seed)
    names = sorted(expr.free_symbols, key=str)
    return {s: sp.Float(rng.uniform(0.2, 1.2), 40) for s in names}


def same(left: sp.Expr, right: sp.Expr) -> bool:
    at = numeric(left + right) | numeric(right)
    a, b = (
        sp.expand_func(left).subs(at).evalf(30),
        sp.expand_func(right).subs(at).evalf(30),
    )
    return abs(a - b) <= sp.Float("1e-22") * max(1, abs(b))


# --- the notes ---------------------------------------------------------------------


def test_the_notes_derivative():
    gradient = differentiate(network([2, 2, 1]))
    assert str(gradient["w_111"]) == "w_311*x_1*(1 - f_1**2)*(1 - f_3**2)"
    f_1, f_3, w = symbol("f_1"), symbol("f_3"), symbol("w_111")
    assert gradient.paths("w_111") == ((Partial(f_1, f_3), Partial(f_3, w)),)
    assert gradient.totals[Total(f_1, w)].expr.args == (
        Total(f_1, f_3),
        Partial(f_3, w),
    )


def test_the_deeper_notes_network():
    gradient = differentiate(network([2, 2, 2, 1]))
    paths = [[str(p) for p in path] for path in gradient.paths("w_111")]
    assert paths == [
        ["∂f_1/∂f_3", "∂f_3/∂f_5", "∂f_5/∂w_111"],
        ["∂f_1/∂f_2", "∂f_2/∂f_5", "∂f_5/∂w_111"],
    ]
    one_path = differentiate(network([2, 1, 2, 1])).paths("w_111")
    assert len(one_path) == 2  # "f_3 is further a function of f_4" is one of the two
    assert [str(p) for p in one_path[0]][-1] == "∂f_4/∂w_111"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "sizes", [[2, 2, 1], [2, 2, 2, 1], [3, 4, 4, 1], [1, 1]], ids=str
)
def test_networks_against_sympy(sizes, mode):
    graph = network(sizes)
    gradient = differentiate(graph, mode=mode)
    whole = graph.closed_form()
    for parameter in (*graph.parameters[:4], graph.parameters[-1]):
        assert same(gradient.closed_form(parameter), sp.diff(whole, parameter))


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_activations_against_differences(name):
    """Every activation, deep inside a network, against mpmath on its formula."""
    graph = network([1, 2, 1], activation=name)
    form = sp.expand_func(graph.closed_form())
    at = {
        s: sp.Rational(3 + k, 7)
        for k, s in enumerate(sorted(form.free_symbols, key=str))
    }
    gradient = differentiate(graph)
    for parameter in graph.parameters:
        step = sp.Rational(1, 10**12)
        up = form.subs({**at, parameter: at[parameter] + step}).evalf(60)
        down = form.subs({**at, parameter: at[parameter] - step}).evalf(60)
        found = sp.expand_func(gradient.closed_form(parameter)).subs(at).evalf(40)
        assert abs(found - (up - down) / (2 * step)) < 1e-20


# --- local apart from total --------------------------------------------------------


def test_a_skip_connection():
    gradient = differentiate("z = f1 + x; f1 = x^2", "x")
    z, f1 = symbol("z"), symbol("f1")
    assert gradient.partials[Partial(z, x)].result == 1
    assert gradient["x"] == 2 * x + 1
    assert gradient.path_count("x") == 2
    assert set(gradient.paths("x")) == {
        (Partial(z, x),),
        (Partial(z, f1), Partial(f1, x)),
    }
    assert Partial(z, x) != Total(z, x)
    terms = gradient.totals[Total(z, x)].expr.args
    assert Partial(z, x) in terms
    assert (
        Chain(Total(z, f1), Partial(f1, x)) in terms
        or Chain(Partial(z, f1), Partial(f1, x)) in terms
    )


def test_stages_as_variables():
    gradient = differentiate(network([2, 2, 1]), ["f_3", "w_111"])
    assert str(gradient["f_3"]) == "w_311*(1 - f_1**2)"
    assert str(gradient["w_111"]) == "w_311*x_1*(1 - f_1**2)*(1 - f_3**2)"
    assert differentiate(network([2, 2, 1]), "f_1")["f_1"] == 1
    assert differentiate(network([2, 2, 1]), "y_hat")["y_hat"] == 1


def test_what_does_not_reach_is_zero():
    graph = Graph(
        (Stage(symbol("y"), x**2), Stage(symbol("q"), x)),
        (symbol("y"),),
        (x, symbol("t")),
    )
    for mode in MODES:
        gradient = differentiate(graph, ["t", "q", "x"], mode)
        assert gradient["t"] == 0
        assert gradient["q"] == 0
        assert gradient.paths("t") == ()
        assert gradient.path_count("t") == 0
        assert gradient["x"] == 2 * x
        assert gradient.program.closed_form(gradient.program.outputs[0]) == 0


# --- the mapping -------------------------------------------------------------------


def test_a_mapping_of_variables():
    gradient = differentiate(network([2, 2, 1]))
    assert len(gradient) == 9
    assert next(iter(gradient)) == symbol("w_111")
    assert "w_111" in gradient
    assert symbol("w_111") in gradient
    assert "x_1" not in gradient
    assert 3 not in gradient
    assert dict(gradient.items())[symbol("b_3")] == 1 - symbol("f_1") ** 2
    assert gradient.matrix().shape == (1, 9)


def test_defaults():
    assert [s.name for s in differentiate("b + w*x").wrt] == ["b", "w", "x"]
    assert len(differentiate(network([2, 2, 1])).wrt) == 9


def test_jacobian():
    gradient = jacobian(network([2, 2, 2]), ["w_111", "w_311"])
    assert len(gradient) == 4
    assert ("y_hat_1", "w_111") in gradient
    assert gradient["y_hat_2", "w_311"] == 0
    assert str(gradient["y_hat_1", "w_111"]) == "w_311*x_1*(1 - f_2**2)*(1 - f_4**2)"
    assert gradient.matrix().shape == (2, 2)
    assert list(gradient)[1] == (symbol("f_2"), symbol("w_311"))


@pytest.mark.parametrize("mode", MODES)
def test_hessian_against_sympy(mode):
    text = "exp(-a*x)*sin(b*x) + a*b^2"
    second = hessian(text, ["a", "b", "x"], mode)
    a, b = symbol("a"), symbol("b")
    whole = sp.exp(-a * x) * sp.sin(b * x) + a * b**2
    for first in (a, b, x):
        for other in (a, b, x):
            expected = sp.diff(whole, first, other)
            assert same(second.closed_form((first, other)), expected)


# --- the program -------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_program_holds_everything(mode):
    graph = network([2, 2, 2, 1])
    gradient = differentiate(graph, mode=mode)
    program = gradient.program
    assert len(program.outputs) == len(graph.parameters)
    for parameter, output in zip(graph.parameters, program.outputs, strict=True):
        assert same(program.closed_form(output), gradient.closed_form(parameter))
    assert pickle.loads(pickle.dumps(program)) == program


def test_program_is_linear_in_the_graph():
    sizes = [len(differentiate(chain(n)).program.stages) for n in (20, 40, 80)]
    assert sizes[2] - sizes[1] == 2 * (sizes[1] - sizes[0])


# --- bounds ------------------------------------------------------------------------


def test_deep_graphs():
    gradient = differentiate(chain(5000))
    assert len(gradient.totals) == 14_999  # 4,999 stages and 10,000 parameters
    assert gradient.path_count("w_1") == 1
    assert len(gradient.paths("w_1")[0]) == 5000
    for ask in (lambda: gradient["w_1"], lambda: gradient.closed_form("w_1")):
        with pytest.raises(BoundError, match="MAX_NODES"):
            ask()
    assert gradient["b_5000"] == 1 - symbol("f_1") ** 2


def test_deep_graphs_forward():
    gradient = differentiate(chain(5000), "w_1", mode="forward")
    assert len(gradient.totals) == 5000
    assert len(gradient.program.stages) == 15_000


def test_many_paths_are_counted_not_listed():
    gradient = differentiate(network([2, *[3] * 40, 1]), "w_111")
    assert gradient.path_count("w_111") == 3**39
    with pytest.raises(BoundError, match="limit is 1,000"):
        gradient.paths("w_111")
    with pytest.raises(BoundError, match="limit is 5"):
        differentiate(network([2, 9, 9, 1]), "w_111").paths("w_111", limit=5)
    with pytest.raises(BoundError, match="MAX_NODES"):
        _ = gradient["w_111"]


def test_wide_networks():
    graph = network([64, 128, 128, 1])
    assert len(graph.parameters) == 24_961
    gradient = differentiate(graph)
    assert len(gradient.totals) == 24_961 + 256
    assert str(gradient["b_257"]) == "1 - f_1**2"


# --- bad input ---------------------------------------------------------------------


def test_bad_input():
    graph = network([2, 2, 1])
    with pytest.raises(UnknownNameError, match="did you mean"):
        differentiate(graph, "w_1111")
    with pytest.raises(UnknownNameError, match="did you mean 'forward'"):
        differentiate(graph, mode="foward")
    with pytest.raises(ArgumentTypeError, match="a set has no order"):
        differentiate(graph, {"w_111"})
    with pytest.raises(ArgumentValueError, match="'w_111' twice"):
        differentiate(graph, ["w_111", "w_111"])
    with pytest.raises(GraphError, match="use jacobian"):
        differentiate(network([2, 2]))
    with pytest.raises(UnknownNameError, match="unknown variable 'x_1'"):
        _ = differentiate(graph)["x_1"]
    with pytest.raises(UnknownNameError, match="unknown partial"):
        _ = differentiate(graph).partials["f_1", "x_1"]
    with pytest.raises(ArgumentTypeError, match="pair"):
        _ = jacobian(network([2, 2]))["w_111"]
    with pytest.raises(UnknownNameError, match="output 'q'"):
        _ = jacobian(network([2, 2]))["q", "w_111"]


def test_a_name_we_made_is_no_variable():
    """x^2 by y is a slip for x, not dy/dy."""
    with pytest.raises(UnknownNameError, match=r"unknown variable .y.; known: x"):
        differentiate("x^2", "y")
    assert differentiate("y = x^2", "y")["y"] == 1
    with pytest.raises(ArgumentValueError, match="wrt is empty"):
        differentiate("x^2", [])


def test_names_of_the_wrong_type_are_named():
    for bad in ([], 3, None):
        with pytest.raises(UnknownNameError, match="unknown mode"):
            differentiate("x^2", "x", bad)


def test_nothing_is_derived_before_it_is_asked_for():
    graph = Graph(
        (Stage(symbol("y"), sp.dirichlet_eta(x) + symbol("t")),),
        (symbol("y"),),
        (x, symbol("t")),
    )
    gradient = differentiate(graph)
    assert gradient["t"] == 1
    with pytest.raises(ValueError, match="no rule differentiates"):
        _ = gradient["x"]


def test_alike_in_every_process():
    code = (
        "from symgrad.chain_rule import differentiate;"
        "from symgrad.networks import network;"
        "g = differentiate(network([2, 3, 2, 1]));"
        "print(list(g.items()), [s.symbol.name for s in g.program.stages])"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(texts) == 1


# --- random graphs -----------------------------------------------------------------


@st.composite
def graphs(draw) -> Graph:
    """Small random programs with shared stages and skip connections."""
    names = [symbol("a"), symbol("b")]
    stages = []
    for k in range(draw(st.integers(1, 6))):
        first = draw(st.sampled_from(names))
        second = draw(st.sampled_from(names))
        make = draw(
            st.sampled_from(
                [
                    lambda p, q: p * q,
                    lambda p, q: p + 2 * q,
                    lambda p, q: sp.sin(p) + q,
                    lambda p, q: sp.exp(-(p**2)) * q,
                    lambda p, q: p / (1 + q**2),
                ]
            )
        )
        stage = Stage(symbol(f"s_{k}"), make(first, second))
        stages.append(stage)
        names.append(stage.symbol)
    return Graph(tuple(stages), (stages[-1].symbol,), (names[0], names[1]))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(graphs())
def test_forward_equals_reverse_equals_paths_equals_sympy(graph):
    reverse, forward = differentiate(graph), differentiate(graph, mode="forward")
    whole = graph.closed_form()
    for variable in graph.inputs:
        expected = sp.diff(whole, variable)
        assert same(reverse.closed_form(variable), expected)
        assert same(forward.closed_form(variable), expected)
        paths = reverse.paths(variable)
        assert len(paths) == reverse.path_count(variable)
        products = [
            sp.Mul(*(reverse.partials[p].result for p in path)) for path in paths
        ]
        assert same(graph.expand(sp.Add(*products)), expected)


def test_repr_says_what_it_is():
    gradient = differentiate(network([2, 2, 1]), "w_111")
    assert repr(gradient) == "<Gradient of y_hat by w_111, reverse mode>"
    assert isinstance(gradient, Gradient)


def test_a_stage_with_one_name_in_two_slots():
    gradient = differentiate("x*atan2(y, y) + atan2(sin(y), sin(y))", "y")
    assert sp.simplify(gradient.closed_form("y")) == 0


def test_gradients_compare_without_being_written_out():
    text = "f0=x; " + "; ".join(
        f"f{k} = f{k - 1} + sin(f{k - 1})" for k in range(1, 40)
    )
    gradient = differentiate(text)
    assert differentiate(text) == gradient
    assert hash(differentiate(text)) == hash(gradient)
    assert differentiate(text, mode="forward") != gradient


def test_max_with_a_number_that_sympy_cannot_compare():
    gradient = differentiate("Max(x, y, softplus(sign(Heaviside(0.5))))", "x")
    assert gradient["x"].has(sp.Heaviside)
