"""Losses over samples: values, derivatives, pages, and what is refused.

The oracles are NumPy formulas written here, difference quotients of these, and PyTorch.
"""

import math
import pickle

import numpy as np
import pytest
import sympy

import symgrad as sg
from symgrad.indexed import SampleSum
from symgrad.losses import LOSSES
from symgrad.numeric.equalities import check_steps
from symgrad.samples import written_out

RNG = np.random.default_rng(5)
X = RNG.normal(size=(12, 2))
W = RNG.normal(size=17)
CLASSES = np.eye(2)[RNG.integers(0, 2, 12)]
TARGETS = {
    "hinge": 2 * CLASSES - 1,
    "logistic_cross_entropy": CLASSES,
    "softmax_cross_entropy": CLASSES,
}
REAL = RNG.normal(size=(12, 2)) * 2


def _outputs(w):
    """The 2-3-2 network with linear outputs, by hand."""
    hidden = np.tanh(X @ np.array([w[0:2], w[3:5], w[6:8]]).T + w[[2, 5, 8]])
    return hidden @ np.array([w[9:12], w[13:16]]).T + w[[12, 16]]


def _huber(u):
    return np.where(np.abs(u) <= 1, u**2 / 2, np.abs(u) - 0.5)


BY_HAND = {
    "sum_of_differences": lambda y, z: np.sum(y - z),
    "sum_of_absolute_differences": lambda y, z: np.sum(np.abs(y - z)),
    "sum_of_squares": lambda y, z: np.sum((y - z) ** 2),
    "mean_absolute_error": lambda y, z: np.mean(np.abs(y - z)),
    "mean_squared_error": lambda y, z: np.mean((y - z) ** 2),
    "huber": lambda y, z: np.mean(_huber(y - z)),
    "log_cosh": lambda y, z: np.mean(np.log(np.cosh(y - z))),
    "logistic_cross_entropy": lambda y, z: (
        -np.mean(
            y * np.log(1 / (1 + np.exp(-z)))
            + (1 - y) * np.log(1 - 1 / (1 + np.exp(-z)))
        )
    ),
    "softmax_cross_entropy": lambda y, z: (
        -np.mean(
            np.sum(y * np.log(np.exp(z) / np.exp(z).sum(1, keepdims=True)), axis=1)
        )
    ),
    "hinge": lambda y, z: np.mean(np.maximum(0, 1 - y * z)),
}


OWN = {
    "logistic": lambda u: 1 / (1 + np.exp(-u)),
    "Heaviside": lambda u, at=0: np.heaviside(u, at),
}


def _targets(name):
    return TARGETS.get(name, REAL)


def _data(name):
    y = _targets(name)
    return {"x_1": X[:, 0], "x_2": X[:, 1], "y_1": y[:, 0], "y_2": y[:, 1]}


def _network(name, **more):
    return sg.network([2, 3, 2], "tanh", "identity", loss=name, **more)


def test_every_loss_is_judged_here():
    assert set(BY_HAND) == set(LOSSES)


@pytest.mark.parametrize("backend", ["numpy", "llvm", "math"])
@pytest.mark.parametrize("name", LOSSES)
def test_value_and_gradient_are_those_of_the_formula(name, backend):
    layout = {} if backend == "math" else {"layout": "vector"}
    f = sg.lambdify(_network(name), backend=backend, **layout)
    if backend == "math":
        value, grad = f(**_data(name), **dict(zip(f.wrt, W, strict=True)))
    else:
        value, grad = f(W, **_data(name))
    assert np.shape(value) == () and np.shape(grad) == (17,)
    by_hand = BY_HAND[name]
    assert value == pytest.approx(by_hand(_targets(name), _outputs(W)), rel=1e-12)
    h = 1e-6
    for k in range(17):
        step = h * np.eye(17)[k]
        ends = [by_hand(_targets(name), _outputs(W + s)) for s in (step, -step)]
        # the quotient errs by h² and by rounding of the value over h
        assert grad[k] == pytest.approx((ends[0] - ends[1]) / (2 * h), abs=2e-7)


@pytest.mark.parametrize("name", LOSSES)
def test_every_line_of_the_page_is_true(name):
    page = sg.explain(_network(name, penalty={"lasso": 0.1}), "w_111", detail="full")
    assert page.checks[0][0].startswith("✓"), page.checks


@pytest.mark.parametrize("wrt", ["w_111", "x_1", ["w_111", "b_4", "w_411"]], ids=str)
def test_every_view_is_true(wrt):
    graph = _network("mean_squared_error", penalty={"ridge": 0.1})
    views = ["chain rule", "paths", "reverse", "forward", "weights"]
    page = sg.explain(graph, wrt, views=views, detail="full")
    assert page.checks[0][0].startswith("✓"), page.checks


def test_a_spoilt_line_is_found():
    graph = _network("mean_squared_error")
    page = sg.explain(graph, "w_111", check=False)
    steps = [step for section in page.sections for step in section.steps]
    whole, told = written_out(graph, steps)
    assert check_steps(whole, told).passed
    last = told[-1]
    spoilt = last.__class__(
        last.rule,
        last.lhs,
        (*last.lines[:-1], last.lines[-1].__class__(2 * last.lines[-1].expr)),
    )
    assert check_steps(whole, [spoilt]).failures


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_the_derivative_by_a_weight_is_a_sum_over_the_samples(mode):
    graph = sg.network([2, 2, 1], loss="sum_of_squares")
    found = sg.differentiate(graph, "w_111", mode=mode)["w_111"]
    assert str(found) == (
        "-2*w_311*sum(x_1*(1 - f_1**2)*(1 - f_3**2)*(-f_1 + y), i, 1, n)"
    )
    page = sg.explain(sg.differentiate(graph, ["w_111", "b_3"], mode=mode))
    assert page.checks[0][0].startswith("✓")


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("name", LOSSES)
def test_formulas_are_what_the_numbers_are(name, mode):
    """Every derivative as a formula, its sum added up by NumPy sample by sample."""
    graph = _network(name, penalty={"ridge": 0.3})
    gradient = sg.differentiate(graph, mode=mode)
    given = {
        **_data(name),
        **dict(zip((w.name for w in graph.parameters), W, strict=True)),
    }
    one = {key: np.asarray(value) for key, value in given.items()}
    known = {**one, **sg.evaluate(graph.select("l"), one), "n": 12}
    _, grad = sg.lambdify(graph)(**given)
    for w, expected in zip(gradient.wrt, grad, strict=True):
        total = 0.0
        for term in sympy.Add.make_args(sympy.expand(gradient[w])):
            summed = [f for f in sympy.Mul.make_args(term) if isinstance(f, SampleSum)]
            rest = term / summed[0] if summed else term
            names = sorted(rest.free_symbols, key=str)
            point = [known[s.name] for s in names]
            value = sympy.lambdify(names, rest, [OWN, "numpy"])(*point)
            if summed:
                inner = sorted(summed[0].body.free_symbols, key=str)
                at = [known[s.name] for s in inner]
                body = sympy.lambdify(inner, summed[0].body, [OWN, "numpy"])
                value = value * np.sum(np.broadcast_to(body(*at), (12,)))
            total += value
        assert total == pytest.approx(expected, rel=1e-9, abs=1e-12), w


def test_the_derivative_by_a_datum_is_that_of_its_own_sample():
    graph = sg.network([2, 2, 1], loss="mean_squared_error")
    page = sg.explain(graph, "x_1")
    assert page.checks[0][0].startswith("✓")
    assert "∂L/∂x_1_i" in str(page)
    assert "Σ" not in str(sg.differentiate(graph, "x_1")["x_1"])


def test_differences_cancel_where_squares_do_not():
    """The notes' point: the loss reads zero for a model that is wrong everywhere."""
    data = {"x_1": [-1.0, 0.0, 1.0], "y": [-1.0, 0.0, 1.0]}
    wrong = {"w_111": -1.0, "b_1": 0.0}
    losses = {}
    for name in ("sum_of_differences", "sum_of_absolute_differences", "sum_of_squares"):
        f = sg.lambdify(sg.network([1, 1], "identity", loss=name), [])
        losses[name] = float(f(**data, **wrong))
    assert list(losses.values()) == [0.0, 4.0, 8.0]


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [({"ridge": 0.1}, 0.1 * 14), ({"lasso": 0.5}, 0.5 * 6), ({"ridge": 0}, 0.0)],
    ids=["ridge", "lasso", "none"],
)
@pytest.mark.parametrize("loss", ["sum_of_squares", "mean_squared_error"])
def test_a_penalty_is_counted_once_and_not_for_biases(loss, penalty, expected):
    weights = {"w_111": 1.0, "w_121": -2.0, "w_131": 3.0, "b_1": 5.0}
    data = {"x_1": [1.0, 2.0], "x_2": [0.5, 1.0], "x_3": [0.0, 1.0], "y": [1.0, 2.0]}
    values = [
        float(
            sg.lambdify(sg.network([3, 1], loss=loss, penalty=p), [])(**data, **weights)
        )
        for p in (penalty, None)
    ]
    assert values[0] - values[1] == pytest.approx(expected, abs=1e-14)


def test_names_of_samples_bear_an_index():
    page = sg.explain(sg.network([2, 2, 1], loss="sum_of_squares"), "w_111")
    latex = sg.render(page, "latex")
    assert r"\sum_{i=1}^{n}" in latex and r"\hat{y}_{i}" in latex
    assert "x_{1,i}" in latex and "f_{3,i}" in latex
    assert "Σ_{i=1}^{n}" in str(page) and "(y_i − f_1_i)²" in str(page)


@pytest.mark.parametrize("fmt", ["markdown", "latex", "mathml", "html", "speech"])
def test_every_format_writes_it(fmt):
    page = sg.explain(sg.network([1, 2, 1], loss="huber"), detail="full")
    assert sg.render(page, fmt) == sg.render(pickle.loads(pickle.dumps(page)), fmt)


def test_it_is_stored_and_loaded(tmp_path):
    page = sg.explain(_network("log_cosh"), "w_111")
    page.save(tmp_path / "page.json")
    assert sg.render(sg.load(tmp_path / "page.json"), "html") == sg.render(page, "html")
    graph = _network("hinge")
    assert pickle.loads(pickle.dumps(graph)) == graph


def test_a_term_that_is_the_same_for_all_samples_counts_n_times():
    graph = sg.network([1, 1], "identity", loss="sum_of_differences")
    assert str(sg.differentiate(graph, "b_1")["b_1"]) == "-n"
    assert sg.explain(graph).checks[0][0].startswith("✓")


def test_the_choice_at_a_kink_is_said():
    told = str(sg.explain(sg.network([1, 1], loss="mean_absolute_error"), "w_111"))
    assert "the derivative of the absolute value at 0 is taken as 0" in told


@pytest.mark.parametrize("name", ["log_cosh", "logistic_cross_entropy"])
def test_large_errors_do_not_overflow(name):
    f = sg.lambdify(sg.network([1, 1], "identity", loss=name))
    value, grad = f(x_1=[800.0, -900.0], y=[0.0, 1.0], w_111=1.0, b_1=0.0)
    assert math.isfinite(value) and np.isfinite(grad).all()


def test_arguments_stand_in_the_order_of_the_design():
    f = sg.lambdify(sg.network([2, 1], loss="sum_of_squares"))
    assert f.args == ("x_1", "x_2", "y", "w_111", "w_121", "b_1", "n")
    value, _ = f([1.0, 2.0], [0.0, 1.0], [0.0, 0.0], 0.0, 0.0, 0.0)
    assert float(value) == 0.0


def test_check_gradient_and_evaluate_take_it():
    graph = sg.network([2, 2, 1], loss="huber")
    assert sg.check_gradient(graph).passed
    weights = {w.name: 0.5 for w in graph.parameters}
    found = sg.evaluate(graph, {"x_1": [1, 2], "x_2": [0, 1], "y": [1, 1], **weights})
    f = sg.lambdify(graph, [])
    at = {"x_1": [1.0, 2.0], "x_2": [0.0, 1.0], "y": [1.0, 1.0]}
    assert found["L"] == pytest.approx(float(f(**at, **weights)), rel=1e-14)


def test_the_outputs_of_one_sample_can_be_picked():
    graph = sg.network([2, 2, 1], loss="sum_of_squares").select("y_hat")
    plain = sg.network([2, 2, 1])
    at = {"x_1": [0.1, 0.2], "x_2": 1.0, **{w.name: 0.3 for w in plain.parameters}}
    picked = sg.lambdify(graph, [])(y=0.0, **at)
    assert np.array_equal(picked, sg.lambdify(plain, [])(**at))


def test_second_derivatives():
    graph = sg.network([1, 2, 1], loss="mean_squared_error")
    names = [w.name for w in graph.parameters]
    h = sg.lambdify(sg.hessian(graph), backend="numpy")
    first = sg.lambdify(graph, layout="vector", backend="numpy")
    data = {"x_1": X[:, 0], "y": X[:, 1]}
    _, grads = h(**data, **dict(zip(names, W[:7], strict=True)))
    step = 1e-6
    for k in range(7):
        ends = [first(W[:7] + s * np.eye(7)[k], **data)[1] for s in (step, -step)]
        assert grads[k] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-7)


@pytest.mark.parametrize("language", ["c", "javascript", "rust", "fortran"])
def test_other_languages_sum_over_the_samples(language):
    f = sg.lambdify(sg.network([2, 2, 1], loss="mean_squared_error"))
    assert "x_1" in f.to_source(language)


def test_a_large_network_does_not_swell():
    f = sg.lambdify(sg.network([8, 16, 16, 1], loss="sum_of_squares"), backend="numpy")
    assert f.operations < 6_000


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: sg.network([1, 1], loss="square"), "mean_squared_error"),
        (lambda: sg.network([1, 1], penalty={"ridge": 1}), "name one"),
        (
            lambda: sg.network([1, 1], loss="huber", penalty={"ridge": -1}),
            "0 or more",
        ),
        (lambda: sg.network([1, 1], loss="huber", penalty={"rigde": 1}), "ridge"),
        (lambda: sg.network([1, 1], loss="huber", penalty="ridge"), "mapping"),
        (
            lambda: sg.network([1, 1], loss="softmax_cross_entropy"),
            "logistic_cross_entropy",
        ),
        (
            lambda: sg.explain(sg.network([1, 1], loss="huber"), at={"x_1": 1}),
            "x_1 is 1; expected a list of numbers, one for each sample",
        ),
    ],
    ids=["loss", "no-loss", "strength", "penalty", "kind", "classes", "at"],
)
def test_bad_input_gets_one_clear_line(make, told):
    with pytest.raises(sg.SymgradError, match=told) as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("penalty", [None, {"ridge": 0.5}])
def test_a_loss_has_numbers_at_given_samples(penalty):
    graph = sg.network([1, 1], loss="mean_squared_error", penalty=penalty)
    x, y, w, b = np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 1.0]), 0.5, 0.1
    at = {"x_1": list(x), "y": y, "w_111": w, "b_1": b}
    page = sg.explain(graph, at=at)
    model = np.tanh(w * x + b)
    extra = 0.5 * w**2 if penalty else 0.0
    values = {str(name): value for name, value in page.values}
    assert values["L"] == pytest.approx(np.mean((y - model) ** 2) + extra, rel=1e-14)
    slope = np.mean(-2 * (y - model) * (1 - model**2) * x) + (w if penalty else 0.0)
    assert values["dL/dw_111"] == pytest.approx(slope, rel=1e-13)
    lines = [
        line.value
        for section in page.sections
        for step in section.steps
        for line in step.lines
        if str(step.lhs) == "dL/dw_111"
    ]
    assert lines and set(lines) == {values["dL/dw_111"]}
    assert "x_1 = (1, 2, 3)" in str(page)
    assert page.script.start[:2] == ((1.0, 2.0, 3.0), (1.0, 0.0, 1.0))
    for format in sg.RENDERERS:
        assert sg.render(page, format)


TORCH = {
    "sum_of_squares": lambda F, z, y: F.mse_loss(z, y, reduction="sum"),
    "mean_squared_error": lambda F, z, y: F.mse_loss(z, y),
    "mean_absolute_error": lambda F, z, y: F.l1_loss(z, y),
    "huber": lambda F, z, y: F.huber_loss(z, y),
    "logistic_cross_entropy": lambda F, z, y: F.binary_cross_entropy_with_logits(z, y),
    "softmax_cross_entropy": lambda F, z, y: F.cross_entropy(z, y),
}


@pytest.mark.parametrize("name", TORCH)
def test_gradients_are_those_of_pytorch(name):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    w = torch.tensor(W, requires_grad=True)
    x, y = torch.tensor(X), torch.tensor(_targets(name))
    first = torch.stack([w[0:2], w[3:5], w[6:8]])
    hidden = torch.tanh(x @ first.T + w[[2, 5, 8]])
    outputs = hidden @ torch.stack([w[9:12], w[13:16]]).T + w[[12, 16]]
    loss = TORCH[name](torch.nn.functional, outputs, y)
    loss.backward()
    value, grad = sg.lambdify(_network(name), layout="vector")(W, **_data(name))
    assert float(value) == pytest.approx(loss.item(), rel=1e-12)
    assert grad == pytest.approx(w.grad.numpy(), rel=1e-10, abs=1e-13)
