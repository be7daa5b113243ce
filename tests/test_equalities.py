"""True steps hold, each change is noticed, what was not recomputed is told."""

from __future__ import annotations

import pytest
import sympy as sp
from sample_graphs import chain, one_stage

import symgrad as sg
from symgrad.chain_rule import differentiate
from symgrad.derivation import Line, Step
from symgrad.derivatives import DERIVATIVES, f, u, v
from symgrad.errors import SymgradError
from symgrad.functions import FUNCTIONS
from symgrad.graph import Graph, Stage
from symgrad.networks import network
from symgrad.numeric.equalities import check_steps
from symgrad.numeric.general_formulas import check_formula
from symgrad.numeric.verification import check_gradient
from symgrad.rules.table import RULES
from symgrad.symbols import Chain, LocalDerivative, Partial, Total, symbol

a, b, w, x, y, z, t = (symbol(name) for name in "abwxyzt")
u_1, u_2 = symbol("u_1"), symbol("u_2")


def step(lhs, *exprs, rule="rule", definitions=(), substeps=()):
    lines = tuple(Line(expr) for expr in exprs)
    return Step(rule, lhs, lines, tuple(definitions), (), tuple(substeps))


# the notes' skip connection: z = f(x, y), y = g(x), x = k(t); the output has a label
SKIP = Graph(
    (
        Stage(x, sp.sin(t) / 2 + 1),
        Stage(y, x**2),
        Stage(z, sp.tanh(a * x * y + b), "z_hat"),
    ),
    (z,),
    (t,),
    (a, b),
)
z_hat = symbol("z_hat")
d = LocalDerivative
inner = a * x * y + b
NAMED = [(u_1, inner)]

TRUE_STEPS = {
    "partial of a stage": step(Partial(z, x), a * y * (1 - z**2)),
    "total of a leaf": step(
        Total(z, t),
        Chain(Total(z, x), Partial(x, t)),
        (Partial(z, x) + Chain(Partial(z, y), Partial(y, x))) * sp.cos(t) / 2,
    ),
    "total by a stage held independent": step(Total(z, y), Partial(z, y)),
    "total through both paths": step(
        Total(z, x), Partial(z, x) + Chain(Partial(z, y), 2 * x)
    ),
    "label for its stage": step(Total(z_hat, b), 1 - z_hat**2, 1 - z**2),
    "itself": step(Total(z, z), sp.Integer(1)),
    "no path": step(Total(y, a), sp.Integer(0)),
    "local derivative, others held": step(d(inner, x), a * y),
    "local name expanded": step(
        d(sp.tanh(u_1), x), a * y * (1 - z**2), definitions=NAMED
    ),
    "by a local name": step(d(sp.tanh(u_1), u_1), 1 - z**2, definitions=NAMED),
    "by a local name, the rest held": step(d(x * u_1, u_1), x, definitions=NAMED),
    "local name of local names": step(
        d(u_2, x), 2 * u_1 * a * y, definitions=[(u_2, u_1**2), *NAMED]
    ),
    "local name as a value": step(u_1, inner, definitions=NAMED),
    "partial of a local name": step(Partial(u_1, y), a * x, definitions=NAMED),
    "partial by a local name": step(Partial(z, u_1), 1 - z**2, definitions=NAMED),
    "names of the enclosing step": step(
        Partial(z, b),
        Chain(d(sp.tanh(u_1), u_1), d(u_1, b)),
        definitions=NAMED,
        substeps=[step(d(u_1, b), sp.Integer(1))],
    ),
    "derivative of a stage's name": step(d(z, a), x * y * (1 - z**2)),
    "stage told in a local name": step(
        d(z, u_1), 1 - z**2, definitions=[*NAMED, (z, sp.tanh(u_1))]
    ),
    "stage in a local name, in a formula": step(
        d(2 * z, u_1), 2 * (1 - z**2), definitions=[*NAMED, (z, sp.tanh(u_1))]
    ),
    "a stage defined anew is held all the same": step(
        d(x * y, x), y, definitions=[(y, x**2)]
    ),
    "composition": step(z, sp.tanh(inner), sp.tanh(a * x**3 + b)),
}


@pytest.mark.parametrize("one", [pytest.param(s, id=k) for k, s in TRUE_STEPS.items()])
def test_true_steps_pass(one):
    check = check_steps(SKIP, [one])
    assert check.passed and not check.failures and not check.left_out
    assert check.points == 3
    expected = len(one.lines) + sum(len(inner.lines) for inner in one.substeps)
    assert check.equalities == expected
    assert check.worst < 1e-28  # differences with h = 2**-57 on values near 1


@pytest.mark.parametrize("one", [pytest.param(s, id=k) for k, s in TRUE_STEPS.items()])
@pytest.mark.parametrize(
    "change", [lambda e: -e - 3, lambda e: e + sp.Rational(1, 10**9)]
)
def test_every_line_that_is_changed_is_noticed(one, change):
    for place, line in enumerate(one.lines):
        exprs = [old.expr for old in one.lines]
        exprs[place] = change(line.expr)
        broken = step(one.lhs, *exprs, definitions=one.definitions)
        check = check_steps(SKIP, [broken])
        assert not check.passed
        # the line itself is wrong, and so is the next one after it
        wrong = {failure.line for failure in check.failures}
        assert wrong == {place, place + 1} & set(range(len(exprs)))


FALSE_STEPS = {
    "partial is not total": step(Total(z, x), Partial(z, x)),
    "total is not partial": step(Partial(z, x), Total(z, x)),
    "a path is missing": step(Total(z, t), Chain(Partial(z, y), Total(y, t))),
    "inner derivative forgotten": step(d(sp.tanh(u_1), x), 1 - z**2, definitions=NAMED),
    "wrong sign": step(d(sp.cos(x), x), sp.sin(x)),
    "u held where it follows": step(d(x * u_1, x), u_1, definitions=NAMED),
}


@pytest.mark.parametrize("one", [pytest.param(s, id=k) for k, s in FALSE_STEPS.items()])
def test_false_steps_fail_wherever_they_stand(one):
    outer = step(Total(z, z), sp.Integer(1), rule="outer", substeps=[one])
    check = check_steps(SKIP, [outer])
    assert [(f.rule, f.lhs, f.line) for f in check.failures] == [("rule", one.lhs, 0)]
    assert check.failures[0].error > 1e-3 and not check
    assert "NOT TRUE: line 1 of rule" in str(check)


def test_an_equality_that_holds_at_some_points_only_is_false():
    check = check_steps(one_stage(x**2), [step(abs(x), x)], points=6)
    assert check.points == 6 and len(check.failures) == 1


def test_two_names_for_one_value_are_two_variables():
    graph = Graph((Stage(y, x), Stage(z, x * y)), (z,), (x,))
    true = [step(Total(z, y), x), step(Total(z, x), 2 * x), step(Partial(z, x), y)]
    assert check_steps(graph, true).equalities == 3
    assert check_steps(graph, true).passed
    check = check_gradient(differentiate(graph, [x, y]), at={"x": 5})
    assert check.passed and [row.expected for row in check.rows] == [10, 5]


def test_definitions_are_used_and_not_counted():
    defines = step(u_1, inner, rule="definition")
    uses = step(d(u_1, b), sp.Integer(1))
    check = check_steps(SKIP, [defines, uses])
    assert check.passed and check.equalities == 1


def test_a_definition_of_a_stage_must_tell_the_truth():
    assert check_steps(SKIP, [step(y, x**2, rule="definition")]).failures == ()
    assert check_steps(SKIP, [step(y, x**3, rule="definition")]).failures
    one = sp.Integer(1)
    told = step(Total(y, y), one, definitions=[(z, sp.tanh(inner))])
    assert check_steps(SKIP, [told]).failures == ()
    told = step(Total(y, y), one, definitions=[(z, sp.sin(inner))])
    assert check_steps(SKIP, [told]).failures
    wrong = step(Partial(z, b), 1 - z**2, definitions=[(z, sp.sin(inner))])
    assert check_steps(SKIP, [wrong]).failures


LEFT_OUT = {
    "unknown name": (step(w, w), "w has no value here"),
    "derivative of a derivative": (
        step(d(d(x**2, x), x), sp.Integer(2)),
        "a derivative inside a derivative",
    ),
    "no such part": (
        step(Partial(z, u_2), sp.Integer(1)),
        "∂z/∂u_2 names no part of the stage",
    ),
    "outside its domain": (
        step(sp.log(-2 - t**2), sp.log(-2 - t**2)),
        "outside its domain at every point tried",
    ),
    "unknown function": (
        step(sp.dirichlet_eta(x), sp.dirichlet_eta(x)),
        "cannot be checked",
    ),
}


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=k) for k, row in LEFT_OUT.items()]
)
def test_what_cannot_be_recomputed_is_counted_with_the_reason(row):
    one, reason = row
    check = check_steps(SKIP, [one, step(Total(z, z), sp.Integer(1))])
    assert check.equalities == 1 and check.left_out == 1
    ((number, told),) = check.reasons
    assert number == 1 and reason in told
    assert f"1 left out: {told}" in str(check)


def test_a_line_true_for_positive_numbers_only_gets_such_points():
    graph = one_stage(x**3)
    one = step(d(x**3, x), Chain(x**3, d(3 * sp.log(x), x)), 3 * x**2)
    for seed in range(12):  # one in eight has three negative points
        check = check_steps(graph, [one], seed=seed)
        assert check.passed and check.equalities == 2


@pytest.mark.parametrize(
    "expr", [abs(x) * y, sp.floor(x) * y, sp.Max(x, y), sp.sign(x) + y], ids=str
)
def test_bends_and_jumps_are_kept_away_from(expr):
    slope = sp.diff(expr, x).doit() if expr != sp.floor(x) * y else sp.Integer(0)
    slope = slope.replace(sp.DiracDelta, lambda *_: sp.Integer(0))
    graph = one_stage(expr)
    check = check_steps(graph, [step(Partial(symbol("f"), x), slope)])
    assert check.passed and check.worst < 1e-28


@pytest.mark.parametrize(
    "make", [sp.floor, sp.sign, FUNCTIONS["relu"].make, lambda e: sp.Max(e, 7)]
)
def test_a_flat_stretch_counts_as_slope_zero(make):
    graph = Graph((Stage(y, -(x**2)), Stage(z, make(y - 1))), (z,), (x,))
    one = step(Total(z, x), Chain(Partial(z, y), Total(y, x)), sp.Integer(0))
    check = check_steps(graph, [one])
    assert check.passed and check.equalities == 2 and check.worst == 0


def test_derivatives_lost_in_rounding_are_not_called_true():
    # forty stages of slope 1e-3 at most: a total of 1e-120 is not seen at 50 digits
    stages, before = [], x
    for k in range(40):
        stages.append(Stage(symbol(f"h_{k}"), before / 1000))
        before = stages[-1].symbol
    graph = Graph((*stages, Stage(y, 1 + before)), (y,), (x,))
    false = step(Total(y, x), sp.Rational(1, 10**60))
    middle = symbol("h_20")
    factors = Chain(Total(y, middle), Total(middle, x))  # 0 on both sides, by rounding
    for one in (false, step(Total(y, x), factors)):
        check = check_steps(graph, [one])
        assert (check.equalities, check.left_out) == (0, 1)
        assert "too small to be seen at 50 digits" in str(check)


def test_the_steps_of_the_notes_network_all_hold():
    graph = network([2, 2, 1])
    gradient = differentiate(graph)
    steps = [
        *gradient.partials.values(),
        *(step(total, line.expr) for total, line in gradient.totals.items()),
        *(
            step(Total(symbol("y_hat"), s), gradient[s], gradient.closed_form(s))
            for s in gradient
        ),
    ]
    check = check_steps(graph, steps)
    assert check.passed and not check.left_out and check.equalities > 100
    assert check.worst < 1e-27
    assert str(check).startswith(
        f"{check.equalities} equalities recomputed at 3 random"
    )


def test_five_thousand_nested_stages_are_bounded_and_counted():
    graph = chain(5000)
    gradient = differentiate(graph)
    steps = [step(total, line.expr) for total, line in gradient.totals.items()]
    check = check_steps(graph, steps)
    assert 1 <= check.equalities < 100
    assert check.equalities + check.left_out == len(steps)
    assert not check.failures and "over the bound of 1,200,000 operations" in str(check)


def test_the_choice_under_a_bound_still_finds_a_wrong_half():
    graph = chain(5000)
    gradient = differentiate(graph)
    steps = [step(total, line.expr + 1) for total, line in gradient.totals.items()]
    assert check_steps(graph, steps).failures


@pytest.mark.parametrize("points", [0, -1, True, 1.5, "3"])
def test_a_bad_number_of_points_is_an_error(points):
    with pytest.raises(SymgradError, match="expected 1 or more"):
        check_steps(SKIP, [], points=points)


def test_no_steps_are_no_proof():
    assert not check_steps(SKIP, [])
    assert str(check_steps(SKIP, [])) == "no equality recomputed"


# --- formulas in general letters ------------------------------------------------------


@pytest.mark.parametrize(
    "formula",
    [pytest.param(rule.formula, id=rule.name) for rule in RULES if rule.formula],
)
def test_the_formula_of_every_rule_is_true(formula):
    assert check_formula(*formula) < 1e-25


ROWS = [
    pytest.param(name, place, id=f"{name}, argument {place + 1}")
    for name, row in DERIVATIVES.items()
    if name in FUNCTIONS
    for place in range(len(row))
    if row[place] is not None and name != "polygamma"  # of whole orders only
    if name not in ("floor", "ceiling", "frac", "Heaviside")
]


@pytest.mark.parametrize(("name", "place"), ROWS)
def test_every_row_of_the_table_is_true(name, place):
    row = DERIVATIVES[name]
    value = FUNCTIONS[name].make(*(u, v)[: len(row)])
    assert (
        check_formula(d(value, (u, v)[place]), row[place].xreplace({f: value})) < 1e-25
    )


FALSE_FORMULAS = {
    "product": (d(u * v, x), d(u, x) * d(v, x)),
    "quotient": (d(u / v, x), (u * d(v, x) - d(u, x) * v) / v**2),
    "power": (d(x ** symbol("n"), x), symbol("n") * x ** symbol("n")),
    "inner forgotten": (d(sp.sin(u), x), sp.cos(u)),
    "constant": (d(symbol("c") * u, x), d(u, x)),
}


@pytest.mark.parametrize(
    "formula", [pytest.param(row, id=key) for key, row in FALSE_FORMULAS.items()]
)
def test_a_false_formula_is_noticed(formula):
    assert check_formula(*formula) > 1e-3


@pytest.mark.parametrize(
    ("lhs", "message"),
    [(sp.log(-x * u - 100), "no point was found"), ("x", "is no expression")],
    ids=["nowhere real", "text"],
)
def test_a_formula_that_cannot_be_judged_is_an_error(lhs, message):
    with pytest.raises(SymgradError, match=message):
        check_formula(lhs, lhs)


def test_slow_functions_count_for_what_they_cost() -> None:
    few, many = (
        sg.explain("*".join(f"{name}({k}*x)" for k in range(1, 61)), "x")
        for name in ("erf", "sin")
    )
    found = [
        int(str(page.checks[0][0]).split("✓ ")[1].split(" ")[0]) for page in (few, many)
    ]
    assert found[0] < found[1]


def test_a_wide_maximum_is_refused_on_a_page_and_computed() -> None:
    text = f"max({', '.join(f'x + {k}' for k in range(100))})"
    for call in (sg.explain, lambda *args: sg.differentiate(*args)["x"]):
        with pytest.raises(SymgradError, match="MAX_FOLDED"):
            call(text, "x")
    value, grad = sg.lambdify(text, "x")(x=1.0)
    assert (float(value), grad.tolist()) == (100.0, [1.0])


@pytest.mark.parametrize(
    "text",
    ["x^2*sqrt(x + 1)/(x - 3)^4", "x^3/((x - 12)*(x + 2))", "(a - 9)^x*(x - a)^2"],
)
def test_every_line_of_a_page_gets_points_inside_its_domain(text: str) -> None:
    page = sg.explain(text, "x", method="logarithmic")
    assert "left out" not in "".join(map(str, page.checks[0])), page.checks


def test_numbers_beyond_all_tables_are_checked() -> None:
    page = sg.explain("zeta(9!)*x + zeta(1e6)", "x")
    assert "2 equalities recomputed" in str(page.checks[0][0])


def test_no_line_of_a_page_is_imaginary() -> None:
    page = sg.explain("x*sqrt(-x*x)", "x", detail="full")
    assert "ImaginaryUnit" not in str(page)
    assert "no point inside the domain was found" in str(page)
