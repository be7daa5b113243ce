"""The tape: how many operations, and that both sweeps give true derivatives."""

from __future__ import annotations

import itertools
import math
import pickle
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp

from symgrad.derivatives import DERIVATIVES
from symgrad.errors import RuleError, UnknownNameError
from symgrad.functions import FUNCTIONS
from symgrad.graph import Graph, Stage
from symgrad.networks import network
from symgrad.numeric.entries import operands
from symgrad.numeric.interpreter import run_tape
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.sweeps import gradient_tape
from symgrad.numeric.tape import Tape
from symgrad.symbols import symbol

x, y, z, w, b = (symbol(name) for name in "x y z w b".split())


def graph_of(expr, *inputs):
    return Graph((Stage(symbol("out"), expr),), (symbol("out"),), inputs)


def chain(length):
    weights = [symbol(f"w_{k}") for k in range(length)]
    biases = [symbol(f"b_{k}") for k in range(length)]
    stages, value = [], x
    for k in range(length):
        name = symbol(f"h_{k}")
        expr = sp.tanh(weights[k] * value + biases[k], evaluate=False)
        stages.append(Stage(name, expr))
        value = name
    return Graph(tuple(stages), (value,), (x,), (*weights, *biases))


# --- operations -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "value", "all_partials"),
    [
        ([2, 2, 1], 15, 31),
        ([4, 8, 1], 89, 163),
        ([8, 16, 16, 1], 833, 1843),
        ([16, 32, 32, 1], 3201, 7011),
    ],
    ids=str,
)
def test_operations_of_networks(sizes, value, all_partials):
    graph = network(sizes)
    assert gradient_tape(graph).operations == value
    tape = gradient_tape(graph, graph.parameters)
    assert tape.operations == all_partials
    tanhs = sum(entry[0] == "tanh" for entry in tape.entries)
    assert tanhs == sum(sizes[1:])


@pytest.mark.parametrize("length", [1, 5, 160, 5000])
def test_operations_of_chains(length):
    graph = chain(length)
    # The first stage needs no adjoint of x: 8 for each, less 2.
    tape = gradient_tape(graph, graph.parameters)
    assert tape.operations == 8 * length - 2


@pytest.mark.parametrize("count", [2, 3, 10, 200])
def test_a_product_costs_three_operations_a_factor(count):
    factors = [symbol(f"x_{k}") for k in range(count)]
    graph = graph_of(sp.Mul(*factors), *factors)
    assert gradient_tape(graph, factors).operations <= 3 * count


@pytest.mark.parametrize(
    ("expr", "operations"),
    [
        (x**2, 1),
        (x**3, 2),
        (x**4, 2),
        (x**7, 4),
        (x**16, 4),
        (x**-1, 1),
        (x**-2, 2),
        (sp.sqrt(x), 1),
        (1 / sp.sqrt(x), 2),
        (x**2.5, 1),
        (-x, 1),
        (x - y, 1),
        (x - 2 * y, 2),
        (x - 2 * y * z, 3),
        (x / y, 1),
        (2 * x / (3 * y), 2),
        (x / (y * z), 2),
        (-x * y + z, 2),
        (x * sp.pi * sp.sqrt(2), 1),
        (x**2 + x**4, 3),
        (sp.Max(x, y, z), 2),
        (2**x, 1),
        (sp.exp(1) * x, 1),
    ],
    ids=str,
)
def test_operations_of_formulas(expr, operations):
    inputs = sorted(expr.free_symbols, key=str)
    assert gradient_tape(graph_of(expr, *inputs)).operations == operations


def test_only_what_wrt_reaches_is_swept():
    graph = chain(100)
    last = [symbol("w_99")]
    assert gradient_tape(graph, last).operations == 300 + 3


def test_constant_partials_cost_nothing():
    tape = gradient_tape(graph_of(2 * x + 3 * y, x, y), [x, y])
    assert [tape.entries[k] for k in tape.partials[0]] == [
        ("constant", 2),
        ("constant", 3),
    ]
    assert tape.operations == 3


# --- constants --------------------------------------------------------------------


def test_constants_fold_exactly():
    recorder = Recorder()
    third = recorder.constant(Fraction(1, 3))
    total = recorder.add(recorder.add(third, third), third)
    assert recorder.value(total) == 1
    assert recorder.multiply(third, recorder.constant(0)) == recorder.constant(0)


@pytest.mark.parametrize(
    ("expr", "value"),
    [
        (sp.Pow(10, sp.Pow(10, 10, evaluate=False), evaluate=False), math.inf),
        (sp.Pow(sp.Integer(7), 10**9, evaluate=False), math.inf),
        (sp.Integer(10) ** 400, math.inf),
        (sp.Rational(10**400, 3 * 10**400 + 1), 1 / 3),
        (sp.Pow(0, -1, evaluate=False), math.inf),
        (sp.exp(sp.Integer(2), evaluate=False) * 3, 3 * math.exp(2)),
        (sp.exp(1000, evaluate=False), math.inf),
        (sp.log(-1, evaluate=False), math.nan),
        (sp.E * sp.EulerGamma, math.e * 0.5772156649015329),
    ],
    ids=["tower", "power", "huge", "ratio", "1/0", "exp", "overflow", "log", "names"],
)
def test_constants_fold_under_bounds(expr, value):
    tape = gradient_tape(graph_of(sp.Add(expr, x, evaluate=False), x))
    np.testing.assert_allclose(run_tape(tape, [0.0])[0], value, rtol=1e-15)


def test_a_tape_is_plain_data():
    tape = gradient_tape(network([2, 2, 1]))
    again = pickle.loads(pickle.dumps(tape))
    assert again == tape and isinstance(again, Tape)
    assert b"sympy" not in pickle.dumps(tape)


def test_entries_use_earlier_entries_only():
    graph = network([3, 4, 2], activation="gelu")
    for mode in ("reverse", "forward"):
        tape = gradient_tape(graph, graph.parameters, mode)
        assert all(k < n for n, e in enumerate(tape.entries) for k in operands(e))


# --- errors -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expr", "words"),
    [
        (sp.dirichlet_eta(x), "dirichlet_eta"),
        (sp.Function("F")(x) + 1, "F"),
        (sp.LambertW(x, -1), "LambertW"),
        (sp.I * x, "not real"),
        (sp.expint(2, x), "expint"),
    ],
    ids=["sine", "abstract", "branch", "imaginary", "cosine"],
)
def test_an_unknown_node_is_named(expr, words):
    with pytest.raises(RuleError, match=words) as caught:
        gradient_tape(graph_of(expr, x), [x])
    assert "\n" not in str(caught.value)


def test_an_unknown_mode_is_named():
    with pytest.raises(UnknownNameError, match="did you mean 'reverse'"):
        gradient_tape(network([1, 1]), mode="revers")


# --- values and derivatives against SymPy and mpmath ------------------------------

FORMULAS = {
    "polynomial": x**3 * y - 2 * x * y**2 / 7 + 5,
    "quotient": (x - y) / (x**2 + y**2 + 1),
    "powers": x**y + y**2.5 + x ** sp.Rational(-3, 2),
    "nested": sp.sin(x * sp.exp(-(y**2))) * sp.log(1 + x**2),
    "shared": sp.tanh(x + y) ** 2 + sp.tanh(x + y) * sp.sqrt(x + y),
    "negatives": -x - 3 * y - sp.cos(x - y) / -y,
    "constants": sp.pi * x / sp.sqrt(2) + sp.E**y * sp.log(3),
    "squares": sp.Mul(x, x, evaluate=False) + sp.Add(y, y, evaluate=False) * x,
    "atan2": sp.atan2(x, y) * sp.atan2(y, x + 2),
    "tower": sp.exp(sp.exp(sp.sin(x * y))),
}


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("name", FORMULAS)
def test_partials_are_those_of_sympy(name, mode):
    expr = FORMULAS[name]
    tape = gradient_tape(graph_of(expr, x, y), [x, y], mode)
    point = {x: 0.7, y: 1.3}
    rows = Tape(tape.entries, tape.arguments, tape.roots)
    got = run_tape(rows, [0.7, 1.3])
    wanted = [expr, expr.diff(x), expr.diff(y)]
    # evalf at 30 digits is exact here; a dozen operations round by 1e-15 at most.
    exact = [float(e.evalf(30, subs={k: sp.Float(v) for k, v in point.items()}))
             for e in wanted]  # fmt: skip
    np.testing.assert_allclose(got, exact, rtol=1e-14)


@pytest.mark.parametrize("name", sorted(DERIVATIVES.keys() - {"zeta"}))
def test_forward_and_reverse_agree_on_every_row(name):
    expr = {
        "add": x + y, "subtract": x - y, "negate": -x, "multiply": x * y,
        "divide": x / y, "power": x**y, "Heaviside": sp.Heaviside(x),
    }.get(name)  # fmt: skip
    if expr is None:
        arity = FUNCTIONS[name].arity
        expr = FUNCTIONS[name].make(*((x, y) if arity != 1 else (x,)))
        if DERIVATIVES[name][0] is None:  # of a constant order
            expr = FUNCTIONS[name].make(2, x * y)
    graph = graph_of(expr * z, x, y, z)
    rows = []
    for mode in ("reverse", "forward"):
        tape = gradient_tape(graph, [x, y, z], mode)
        rows.append(run_tape(Tape(tape.entries, tape.arguments, tape.roots),
                             [0.4, 1.7, 2.3]))  # fmt: skip
    np.testing.assert_allclose(rows[0], rows[1], rtol=1e-14)


# --- stages in wrt ----------------------------------------------------------------


def test_a_stage_is_held_independent():
    graph = network([2, 2, 2, 1])
    stage = graph.symbol("f_4")
    (tape, f) = gradient_tape(graph, [stage]), mpmath.mp
    values = [0.1 * k - 0.9 for k in range(len(tape.arguments))]
    grown = Tape(tape.entries, tape.arguments, tape.partials[0])
    at = dict(zip((s.name for s in (*graph.inputs, *graph.parameters)), values,
                  strict=True))  # fmt: skip
    known = {symbol(k): sp.Float(v, 40) for k, v in at.items()}

    def output(shift):
        found = dict(known)
        for step in graph.stages:
            value = step.expr.xreplace(found).evalf(40)
            found[step.symbol] = value + (shift if step.symbol == stage else 0)
        return found[graph.output]

    h = sp.Float(10, 40) ** -12
    slope = (output(h) - output(-h)) / (2 * h)
    assert f.dps == 15
    np.testing.assert_allclose(run_tape(grown, values)[0], float(slope), rtol=1e-13)


def test_equal_stages_stay_apart():
    one, two, out = symbol("one"), symbol("two"), symbol("out")
    stages = (Stage(one, x + 1), Stage(two, x + 1), Stage(out, one * two**2))
    graph = Graph(stages, (out,), (x,))
    tape = gradient_tape(graph, [one, two, x])
    got = run_tape(Tape(tape.entries, tape.arguments, tape.partials[0]), [1.0])
    assert [float(v) for v in got] == [4.0, 8.0, 12.0]


def test_a_constant_stage_can_be_a_variable():
    graph = Graph((Stage(y, sp.Integer(2)), Stage(z, y * x)), (z,), (x,))
    tape = gradient_tape(graph, [y, z])
    got = run_tape(Tape(tape.entries, tape.arguments, tape.partials[0]), [5.0])
    assert [float(v) for v in got] == [5.0, 1.0]


# --- choices ----------------------------------------------------------------------


def stages_of(*definitions, inputs=(x,)):
    stages = tuple(Stage(symbol(name), expr) for name, expr in definitions)
    return Graph(stages, (stages[-1].symbol,), inputs)


u = symbol("u")
DEAD = {
    "one stage": graph_of(sp.Piecewise((sp.log(x), x > 0), (0, True)), x),
    "own stage": stages_of(
        ("u", sp.log(x)), ("out", sp.Piecewise((u, x > 0), (0, True)))
    ),
    "root": stages_of(
        ("u", sp.sqrt(x)), ("out", sp.Piecewise((u * x, x > 0), (x, True)))
    ),
    "two selects": stages_of(
        ("u", sp.log(x)),
        ("p", sp.Piecewise((u, x > 0), (x, True))),
        ("q", sp.Piecewise((u**2, x > 0), (0, True))),
        ("out", symbol("p") + 3 * symbol("q")),
    ),
    "nested": graph_of(
        sp.Piecewise(
            (sp.Piecewise((sp.log(x), x > 1), (sp.sqrt(x), True)), x > 0),
            (x**2, True),
        ),
        x,
    ),
    "inverse": graph_of(sp.Piecewise((1 / x, sp.Ne(x, 0)), (x, True)) * 2, x),
}
WORTH = {
    "one stage": lambda t: 1 / t if t > 0 else 0,
    "own stage": lambda t: 1 / t if t > 0 else 0,
    "root": lambda t: 1.5 * math.sqrt(t) if t > 0 else 1,
    "two selects": lambda t: 1 / t + 6 * math.log(t) / t if t > 0 else 1,
    "nested": lambda t: (1 / t if t > 1 else 0.5 / math.sqrt(t)) if t > 0 else 2 * t,
    "inverse": lambda t: -2 / t**2 if t else 2,
}


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("name", DEAD)
def test_dead_branches_leak_nothing(name, mode):
    tape = gradient_tape(DEAD[name], [x], mode)
    points = np.array([-800.0, -1.0, -1e-100, 0.0, 0.25, 2.0])
    with np.errstate(all="raise", under="ignore"):
        (slope,) = run_tape(
            Tape(tape.entries, tape.arguments, tape.partials[0]), [points]
        )
    wanted = [WORTH[name](t) for t in points.tolist()]
    finite = np.isfinite(wanted)
    np.testing.assert_allclose(slope[finite], np.array(wanted)[finite], rtol=1e-14)
    assert not np.isnan(slope).any()


def test_a_chain_of_choices_is_linear():
    counts = []
    for length in (50, 100, 3000):
        stages, value = [], x
        for k in range(length):
            name = symbol(f"s_{k}")
            leak = sp.Piecewise((value, value > 0), (w * value, True))
            stages.append(Stage(name, leak))
            value = name
        graph = Graph(tuple(stages), (value,), (x,), (w,))
        counts.append(gradient_tape(graph, [w]).operations / length)
    assert max(counts) < 1.5 * min(counts)


@pytest.mark.parametrize(
    ("condition", "points"),
    [
        (sp.And(x > 0, y > 0), [(1, 1), (1, -1), (-1, 1)]),
        (sp.Or(x > 0, sp.Not(y > 0)), [(1, 1), (-1, 1), (-1, -1)]),
        (sp.And(x > 0, sp.Ne(y, 2), x <= 3), [(1, 2), (1, 3), (4, 1)]),
        (sp.Eq(x, y), [(1, 1), (1, 2)]),
        (sp.Or(sp.And(x >= 1, y < 1), y >= 5), [(1, 0), (0, 5), (0, 4)]),
    ],
    ids=str,
)
def test_conditions(condition, points):
    tape = gradient_tape(graph_of(sp.Piecewise((1, condition), (0, True)), x, y))
    for point in points:
        wanted = bool(condition.subs({x: point[0], y: point[1]}))
        assert run_tape(tape, point)[0] == wanted


def test_where_no_case_holds_the_value_is_nan():
    tape = gradient_tape(graph_of(sp.Piecewise((x, x > 0)), x))
    assert np.isnan(run_tape(tape, [-1.0])[0]) and run_tape(tape, [2.0])[0] == 2.0


@pytest.mark.parametrize("name", ["Max", "Min"])
def test_a_tie_counts_one_half_each(name):
    tape = gradient_tape(graph_of(FUNCTIONS[name].make(x, y), x, y), [x, y])
    rows = Tape(tape.entries, tape.arguments, tape.partials[0])
    assert [float(v) for v in run_tape(rows, [3.0, 3.0])] == [0.5, 0.5]
    assert sorted(float(v) for v in run_tape(rows, [3.0, 4.0])) == [0.0, 1.0]


def test_names_of_stages_are_kept():
    tape = gradient_tape(network([2, 2, 1]))
    named = {name: tape.entries[k][0] for k, name in tape.names}
    assert named == {"f_3": "tanh", "f_2": "tanh", "f_1": "tanh"}


def test_commuted_terms_are_one_entry():
    pairs = itertools.permutations([x, y])
    terms = [sp.Mul(*pair, evaluate=False) for pair in pairs]
    graph = graph_of(sp.Add(*terms, evaluate=False), x, y)
    assert gradient_tape(graph).operations == 2
