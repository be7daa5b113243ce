"""Pages: every line true, nothing foreign, each level of detail whole."""

from __future__ import annotations

import pickle
import re

import pytest
import sympy as sp

from symgrad.chain_rule import differentiate, hessian, jacobian
from symgrad.errors import (
    ArgumentValueError,
    BoundError,
    UnknownNameError,
)
from symgrad.explanation import explain
from symgrad.functions import ACTIVATIONS
from symgrad.graph import Graph, Stage
from symgrad.networks import network
from symgrad.numeric.equalities import check_steps
from symgrad.page import DETAILS
from symgrad.renderers import render
from symgrad.symbols import Chain, Partial, Total, symbol

EXAMPLES = {
    "the notes": (network([2, 2, 1]), None),
    "the notes, one weight": (network([2, 2, 1]), "w_111"),
    "the notes, output weight": (network([2, 2, 1]), "w_311"),
    "2-2-2-1": (network([2, 2, 2, 1]), "w_111"),
    "2-1-2-1": (network([2, 1, 2, 1]), None),
    "3-4-4-2": (network([3, 4, 4, 2]), ["w_111", "b_5", "w_10_2_1"]),
    "relu": (network([2, 2, 1], "relu"), None),
    "mixed": (network([1, 2, 2, 1], ["gelu", "logistic", "identity"]), "w_111"),
    "one stage": ("sin(x)*exp(x)", "x"),
    "cut": ("tanh(w*x + b)", "w"),
    "quotient": ("x/(1 + x^2)", "x"),
    "skip connection": ("y = tanh(u)*w + u; u = w*x + b", "w"),
    "own stages": ("f = tanh(u); u = w*x + b", ["w", "x", "b"]),
    "general power": ("(1 + x^2)^(sin(x))", "x"),
    "roots": ("sqrt(1 + sqrt(x))", "x"),
    "constant": ("3*t", "t"),
    "two slots": ("atan2(y, x)*max(x, y)", ["x", "y"]),
    "stage held": (network([2, 2, 1]), ["f_3", "f_2"]),
    "expr": (sp.sin(sp.Symbol("q") ** 2), None),
    "nothing": ("x + 0*t + t", ["t"]),
}
CASES = [
    pytest.param(*example, detail, mode, id=f"{name}-{detail}-{mode}")
    for name, example in EXAMPLES.items()
    for detail in DETAILS
    for mode in ("reverse", "forward")
]


def gradient_of(source, wrt, mode):
    graph = (
        differentiate(source, wrt, mode).graph
        if isinstance(source, str | sp.Expr)
        else source
    )
    make = jacobian if len(graph.outputs) > 1 else differentiate
    return make(graph, wrt, mode)


def steps_of(page):
    todo = [step for section in page.sections for step in section.steps]
    while todo:
        step = todo.pop(0)
        yield step
        todo.extend(step.substeps)


@pytest.mark.parametrize(("source", "wrt", "detail", "mode"), CASES)
def test_every_equality_is_true(source, wrt, detail, mode):
    page = explain(gradient_of(source, wrt, mode), detail=detail, check=False)
    steps = [step for section in page.sections for step in section.steps]
    checked = check_steps(page.program, steps, points=2, seed=5)
    assert checked.passed, str(checked)
    assert not checked.failures
    assert not checked.left_out


@pytest.mark.parametrize(("source", "wrt", "detail", "mode"), CASES)
def test_the_last_line_is_the_gradient(source, wrt, detail, mode):
    gradient = gradient_of(source, wrt, mode)
    page = explain(gradient, detail=detail, check=False)
    results = {}
    for step in steps_of(page):
        results.setdefault(step.lhs, []).append(step.result)
    for output in gradient.outputs:
        for variable in gradient.wrt:
            found = results.get(Total(output, variable), []) + results.get(
                Partial(output, variable), []
            )
            assert found, f"nothing on the page says d{output}/d{variable}"


def test_names_are_the_users_own():
    """No symbol but the user's, the stages' and the local u_k of a stage."""
    page = explain("f = tanh(u)*exp(u); u = w*x + b", "w", detail="full")
    names = {
        s.name
        for step in steps_of(page)
        for line in step.lines
        for s in line.expr.free_symbols
        if not isinstance(s, Partial | Total)
    }
    assert names <= {"f", "u", "w", "x", "b", "u_1"}


def test_a_network_s_page_says_what_it_is_about():
    """What a reader asked who had the page alone: which number, what for."""
    page = explain(network([2, 2, 1]), check=False)
    told = str(page)
    assert "f_1 is the output neuron; the numbers grow back towards the inputs" in told
    assert "how fast y_hat changes when that one alone is changed" in told
    alone = str(explain(network([2, 2, 1]), "w_111", check=False))
    assert "how fast y_hat changes when w_111 alone is changed" in alone
    loss = str(explain(network([2, 2, 1], loss="mean_squared_error"), check=False))
    assert "a learning step takes a little of it off" in " ".join(loss.split())
    plain = str(explain("sin(x*y)", check=False))
    assert "how fast" not in plain and "neuron" not in plain


def test_the_notes_page():
    """The content of the design's example, step by step."""
    page = explain(network([2, 2, 1]), "w_111")
    steps = page.sections[1].steps
    f_1, f_3 = symbol("f_1"), symbol("f_3")
    w_111, w_311, x_1 = symbol("w_111"), symbol("w_311"), symbol("x_1")
    assert steps[0].lhs == Total(f_1, w_111)
    assert steps[0].lines[0].expr == Chain(Partial(f_1, f_3), Partial(f_3, w_111))
    assert " only through " in steps[0].lines[0].reason
    assert steps[1].lhs == Partial(f_1, f_3)
    assert steps[1].definitions[0][0] == symbol("u_1")
    assert steps[1].result == Chain(1 - f_1**2, w_311)
    assert steps[2].result == Chain(1 - f_3**2, x_1)
    assert steps[3].lines[0].expr == w_311 * x_1 * (1 - f_1**2) * (1 - f_3**2)
    assert not steps[3].result.has(f_1, f_3)
    assert "7 equalities recomputed at 3 random points" in page.checks[0][0]


def test_shared_work_is_said_once():
    page = explain(network([2, 2, 1]))
    lefts = [step.lhs for step in steps_of(page)]
    assert len(lefts) == len(set(lefts))
    rules = [step.rule for step in steps_of(page)]
    assert rules.count("derivative of tanh") == 3  # one for each neuron, not nine


def test_details_grow():
    counts = [
        sum(len(s.lines) for s in steps_of(explain(network([2, 2, 1]), detail=d)))
        for d in DETAILS
    ]
    assert counts == sorted(counts)
    assert counts[0] < counts[1] < counts[2]


def test_brief_says_chain_rule_and_result():
    page = explain(network([2, 2, 1]), "w_111", detail="brief")
    assert [s.rule for s in page.sections[1].steps] == ["chain rule", "product"]


def test_path_sum():
    page = explain(network([2, 2, 2, 1]), "w_111")
    first = page.sections[1].steps[0].lines[0]
    assert len(first.expr.args) == 2
    assert "2 paths" in "".join(map(str, first.reason))


def test_many_paths_are_accumulated_instead():
    page = explain(network([2, 4, 4, 4, 1]), "w_111")
    assert len(page.sections) >= 4
    assert page.checks[0][0].startswith("✓")


def test_accumulation_tables():
    reverse = explain(network([2, 2, 1]))
    table = reverse.sections[-1].table
    assert [row[0][0].name for row in table.rows[:3]] == ["f_1", "f_2", "f_3"]
    assert table.rows[2][2] == (Total(symbol("f_1"), symbol("f_3")),)
    forward = explain(
        differentiate(network([2, 2, 1]), "w_111", "forward"), detail="full"
    )
    table = forward.sections[-2].table
    assert [row[0][0].name for row in table.rows] == ["f_3", "f_1"]
    assert table.rows[1][2] == (Total(symbol("f_1"), symbol("w_111")),)


# --- numbers -----------------------------------------------------------------------


def test_numbers_stand_beside_every_line():
    graph = network([2, 2, 1])
    names = [*graph.inputs, *graph.parameters]
    at = {s.name: (k + 1) / 10 for k, s in enumerate(names)}
    page = explain(graph, "w_111", at=at)
    lines = [line for step in steps_of(page) for line in step.lines]
    assert all(line.value is not None for line in lines)
    expected = sp.diff(graph.closed_form(), symbol("w_111")).subs(
        {symbol(k): v for k, v in at.items()}
    )
    values = dict(page.values)
    assert abs(values[Total(symbol("f_1"), symbol("w_111"))] - expected) < 1e-12
    assert abs(values[symbol("u_3")] - (0.03 + 0.08 + 0.5)) < 1e-12
    assert values[symbol("y_hat")] == values[symbol("f_1")]


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_numbers_at_every_detail(detail, mode):
    graph = network([2, 2, 2])
    at = {s.name: 0.3 for s in (*graph.inputs, *graph.parameters)}
    page = explain(jacobian(graph, None, mode), detail=detail, at=at)
    lines = [line for step in steps_of(page) for line in step.lines]
    assert lines
    assert all(line.value is not None for line in lines)


def test_bad_numbers():
    graph = network([2, 2, 1])
    with pytest.raises(ValueError, match="w_121"):
        explain(graph, "w_111", at={"x_1": 1, "x_2": 2, "w_111": 1})
    with pytest.raises(UnknownNameError, match="did you mean"):
        explain("w*x", "w", at={"w": 1, "x": 2, "x_9": 3})


# --- checks ------------------------------------------------------------------------


def test_checks_can_be_left_out():
    assert explain("x^2", "x", check=False).checks == (("not checked",),)


def test_a_false_line_is_noticed(monkeypatch):
    """Break the table on purpose: the page says so."""
    from symgrad.rules import table as rules

    monkeypatch.setitem(rules.DERIVATIVES, "sin", (sp.cos(2 * rules.u),))
    page = explain("sin(x)", "x")
    assert page.checks[0][0].startswith("✗")


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_each_activation_is_explained(name):
    page = explain(network([1, 2, 1], name), detail="full")
    assert page.checks[0][0].startswith("✓"), page.checks


# --- large graphs ------------------------------------------------------------------


def test_long_chains_are_explained():
    value, stages, parameters = symbol("x"), [], []
    for k in range(1, 5001):
        w, stage = symbol(f"w_{k}"), symbol(f"f_{5001 - k}")
        stages.append(Stage(stage, sp.tanh(w * value, evaluate=False)))
        parameters.append(w)
        value = stage
    graph = Graph(tuple(stages), (value,), (symbol("x"),), tuple(parameters))
    page = explain(graph, "w_1", detail="brief")
    assert sum(len(section.steps) for section in page.sections) >= 5000
    assert re.search(r"\d+ equalit|not checked", page.checks[0][0])
    left_out = next(t for t in page.sections[0].text if "not listed" in str(t))
    assert "4,976" in left_out[0]


def test_what_is_left_out_of_a_long_page_is_linked():
    page = explain(network([6, 20, 6, 1]), detail="full", check=False)
    linked = re.findall('<a href="#([^"]+)">([^<]+)</a>', render(page, "html"))
    assert [words for _, words in linked] == [
        "their local derivatives",
        "the stages",
        "the variables",
    ]
    for anchor, _ in linked:
        assert render(page, "html").count(f'<section id="{anchor}">') == 1
    assert "further rows are left out; the lines of all of them" in str(page)
    # every derivative the table leaves out is derived where the link leads
    told = {step.lhs for s in page.sections for step in s.steps}
    assert set(differentiate(network([6, 20, 6, 1])).totals) <= told
    alone = explain(network([6, 20, 6, 1]), views=["weights"], check=False)
    assert "<a href" not in render(alone, "html")
    assert 'id="section' not in page._repr_html_()


def test_wide_networks_are_explained():
    page = explain(network([64, 128, 128, 1]), "w_111", detail="brief", check=False)
    assert len(page.sections[-1].steps) == 1


def test_a_page_without_end_names_the_bound():
    graph = network([64, 128, 128, 1])
    with pytest.raises(BoundError, match="MAX_LINES"):
        explain(differentiate(graph, mode="forward"), detail="brief")


# --- bad input and storage ---------------------------------------------------------


def test_bad_input():
    with pytest.raises(UnknownNameError, match="did you mean 'normal'"):
        explain("x", detail="norml")
    with pytest.raises(UnknownNameError, match="known: textbook, notes"):
        explain("x", notation="fancy")
    with pytest.raises(UnknownNameError, match="unknown variable 'q'"):
        explain("x", "q")
    with pytest.raises(ArgumentValueError, match="nothing to differentiate by"):
        explain("3")


def test_pages_are_pickled_as_they_are():
    page = explain("2*(f - t)*sin(f)", "f", detail="full")
    again = pickle.loads(pickle.dumps(page))
    assert again == page
    assert str(again) == str(page)


# --- kinks, labels, second derivatives ---------------------------------------------


@pytest.mark.parametrize("detail", DETAILS)
def test_kinks_are_told_at_every_detail(detail):
    page = explain(network([2, 2, 1], "relu"), detail=detail)
    told = "the derivative of relu at 0 is taken as 0"
    notes = [note for step in steps_of(page) for note in step.notes]
    texts = [text for section in page.sections for text in section.text]
    assert (told,) in notes + texts


def test_no_line_repeats_its_left_side():
    """dy/dx of one stage is told once, not as dy/dx = dy/dx."""
    for source, wrt in (("x^2 + y", ["x", "y"]), ("sin(x)", "x")):
        page = explain(source, wrt, check=False)
        text = str(page)
        assert not re.search(r"([∂d]\w+/[∂d]\w+) = \1 ", text), text


def test_own_functions_say_what_they_are():
    page = str(explain(network([1, 1, 1], ["gelu", "relu"])))
    assert "gelu(u) = u (erf(u/√2) + 1)/2" in page
    assert "relu(u) = {u if u > 0; 0 otherwise}" in page


def test_paths_are_added_in_words():
    page = str(explain("z = x + y; y = 2*x", "x"))
    assert "add the paths" in page


def test_second_derivatives_are_explained():
    page = explain(hessian("x^2*y + sin(x*y)", ["x", "y"]))
    assert page.checks[0][0].startswith("✓")
    assert "∂²f/∂y∂x" in str(page)
    assert len(page.program.stages) == 4  # u_1, f, and two first derivatives


def lines_of(page):
    return [" ".join(line.split()) for line in str(page).splitlines()]


def has(page, start):
    return any(start in line for line in lines_of(page))


def test_the_sum_rule_keeps_the_order_of_the_sum():
    page = explain("x^3 - 4*x^2 + 7*x - 5", "x")
    terms = "d/dx (x³) + d/dx (−4 x²) + d/dx (7 x) + d/dx (−5)"
    assert has(page, "= " + terms)


def test_the_factors_are_inserted_in_the_order_of_the_paths():
    page = explain("sqrt(x + sqrt(x + sqrt(x)))", "x")
    assert has(page, "dy/du_2 · (∂u_2/∂x)_{u_1} + dy/du_2 · ∂u_2/∂u_1 · du_1/dx")
    assert has(page, "= 1/(2 y) + 1/(2 y) · 1/(2 √u_1) · (1 + 1/(2 √x))")


def test_the_power_rule_reads_the_same_whatever_the_variable_is_called():
    for name in ("x", "t", "n"):
        page = explain(f"{name}^3 + 1", name, detail="full")
        assert has(page, "(x^n) = n · x^(n − 1)")


def test_numbers_are_said_once_and_bracketed_once():
    page = explain("z = exp(t)*t^2; t = -x", "x", at={"x": 2.0})
    assert has(page, "≈ (−2)² · exp(−2) ≈")
    assert "−2 ≈ −2" not in str(page) and "((" not in str(page).split("dz/dx")[0]


def test_what_is_left_out_is_counted_in_words_that_are_true():
    wide = explain("+".join(f"x{k}^2" for k in range(400)), "x1", check=False)
    assert "the formula is too long to be listed" in str(wide)
    deep = explain("sin(" * 40 + "x" + ")" * 40, "x", check=False)
    assert "not listed, to keep the page short: 16 of 40 stages" in str(deep)


def test_an_empty_wrt_names_the_variables():
    with pytest.raises(ArgumentValueError, match="wrt is empty; name one of w, x"):
        explain("w*x", [])


def test_the_sum_rule_avoids_a_leading_minus_where_the_sum_does():
    assert has(explain("1 - x^2", "x"), "= d/dx (1) + d/dx (−x²)")


@pytest.mark.parametrize("formula", ["2^x", "silu(x)", "cbrt(x)", "exp(x)"])
def test_the_closed_form_is_said_once(formula):
    page = explain(formula, "x")
    assert len(page.sections[1].steps) == 1
    assert "as y = " in str(page)


def test_the_coefficient_stands_before_the_power():
    assert has(explain("x^n", "x"), "∂y/∂x = n x^(n − 1)")


PHRASES = {
    "the rules under a sum": (
        ("y = x^2 + 3sin(x) + 5x", "x", "normal"),
        "term by term: power rule, derivative of sin",
    ),
    "the rules under a multiple of a sum": (
        ("T = a*(x^4 + x^2)*sqrt(u)", "x", "normal"),
        "sum rule; power rule",
    ),
    "no name is taken from the letters of an output": (
        ("tan_theta = x/(x^2*y + 2)", ["x", "y"], "normal"),
        "let u_1 = x² y + 2",
    ),
    "a minus before a derivative": (
        ("y = -x", "x", "full"),
        "dy/dx = −dx/dx",
    ),
    "numbers are one factor": (
        ("T = 2*pi*sqrt(L)*(1 + a^2/16)", "L", "normal"),
        "= 2 π (a²/16 + 1) · d/dL (√L)",
    ),
    "branches that differ by a constant": (
        ("y = x if x > 1 else x + 2", "x", "normal"),
        "= 1 differentiate each branch",
    ),
}


@pytest.mark.parametrize("case", PHRASES, ids=str)
def test_words_of_a_page(case: str) -> None:
    (source, wrt, detail), phrase = PHRASES[case]
    text = " ".join(str(explain(source, wrt, detail=detail)).split())
    assert phrase in text


def test_one_stage_needs_no_accumulation() -> None:
    page = explain("y = a*x^2", ["a", "x"])
    assert [str(part) for section in page.sections for part in section.title] == [
        *("The function", "Local derivatives", "The derivatives of ", "y")
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("besselj(0, x)", "as J_(−1)(x) = −J_1(x)"),
        ("besseli(0, x)", "as I_(−1)(x) = I_1(x)"),
        ("abs(x)", "derivative of the absolute value"),
        ("asec(x)", "1/(|x| √(x² − 1))"),
        ("3x^2 y^3", "local derivative; y is an argument of f itself"),
        ("exp(sin(x y))", "local derivative; u_2 is an argument of f itself"),
    ],
)
def test_each_reason_is_the_true_one(text: str, said: str) -> None:
    assert said in str(explain(text))


LOOKS = {
    "a power before a bracket": (
        "y = x^a*(1 - x)^b*(log(x) - c)",
        "x",
        "= (1 − x)^b (a x^(a − 1)",
    ),
    "a root of numbers below the line": (
        "f = 1/(s*sqrt(2*pi))*exp(u)",
        "u",
        "= 1/(s √(2 π)) · d exp(u)/du",
    ),
}


@pytest.mark.parametrize("case", LOOKS, ids=str)
def test_no_line_is_clumsy(case: str) -> None:
    text, wrt, look = LOOKS[case]
    assert look in " ".join(str(explain(text, wrt)).split())


def test_no_root_is_split() -> None:
    text = "y = 1 - exp(-z*t)/sqrt(1 - z^2)*sin(w*sqrt(1 - z^2)*t + acos(z))"
    assert "√(−(" not in str(explain(text, "z"))


def test_brief_pages_state_kinks_and_domains_of_every_stage() -> None:
    page = str(explain("y = log(v)*|w|; v = x - 1; w = 1/x", "x", detail="brief"))
    for note in (
        "log needs v > 0",
        "the derivative of the absolute value at 0 is taken as 0",
        "needs x ≠ 0",
    ):
        assert page.count(note) == 1


def test_a_jacobian_is_shown_as_a_matrix() -> None:
    page = explain(hessian("x^2*y + sin(y)", ["x", "y"]))
    (table,) = [s.table for s in page.sections if s.title == ("The Hessian matrix",)]
    assert [[str(cell[0]) for cell in row[1:]] for row in table.rows] == [
        ["2*y", "2*x"],
        ["2*x", "-sin(y)"],
    ]


def test_the_derivative_of_an_output_by_itself_has_the_sign_of_the_others() -> None:
    assert "∂y_hat/∂f_1" in str(explain(network([1, 1, 1])))
    assert "dy_hat/df_1" not in str(explain(network([1, 1, 1])))
