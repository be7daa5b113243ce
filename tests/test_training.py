"""Training: the same numbers as by hand and by PyTorch, through breaks and to ends."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris

import symgrad as sg
from symgrad.training import objective

RNG = np.random.default_rng(2)
X = RNG.normal(size=(40, 2))
Y = np.tanh(X[:, 0] - 0.5 * X[:, 1])
GRAPH = sg.network([2, 2, 1])


def _columns(load):
    X, y = load(return_X_y=True)
    return (X - X.mean(0)) / X.std(0), (y - y.mean()) / y.std()


REAL = {
    "iris": lambda: _columns(load_iris),
    "diabetes": lambda: _columns(load_diabetes),
    "breast_cancer": lambda: _columns(load_breast_cancer),
}


# --- initial weights ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "spread"),
    [("standard_normal", 1.0), ("glorot", (2 / 90) ** 0.5), ("he", (2 / 60) ** 0.5)],
    ids=["standard_normal", "glorot", "he"],
)
def test_draws_are_what_they_claim(kind, spread):
    graph = sg.network([60, 30])
    drawn = sg.initial_weights(graph, kind, seed=4)
    weights = [value for name, value in drawn.items() if name.startswith("w")]
    assert len(weights) == 1800
    # Kolmogorov and Smirnov against the law claimed, and against a spread 10 % larger
    assert stats.kstest(weights, stats.norm(0, spread).cdf).pvalue > 0.05
    assert stats.kstest(weights, stats.norm(0, 1.3 * spread).cdf).pvalue < 1e-6
    biases = [value for name, value in drawn.items() if name.startswith("b")]
    assert any(biases) == (kind == "standard_normal")


def test_a_seed_gives_the_same_weights_and_a_generator_is_drawn_from():
    assert sg.initial_weights(GRAPH, seed=3) == sg.initial_weights(GRAPH, seed=3)
    random = np.random.default_rng(3)
    assert sg.initial_weights(GRAPH, seed=random) == sg.initial_weights(GRAPH, seed=3)
    assert sg.initial_weights(GRAPH, seed=random) != sg.initial_weights(GRAPH, seed=3)


def test_the_loss_does_not_change_what_is_drawn():
    for kind in ("standard_normal", "glorot", "he"):
        lossy = sg.network([3, 4, 2], loss="huber", penalty={"ridge": 0.1})
        plain = sg.initial_weights(sg.network([3, 4, 2]), kind, 1)
        assert sg.initial_weights(lossy, kind, 1) == plain


def test_scaled_weights_keep_deep_tanh_networks_out_of_saturation():
    graph = sg.network([20] * 6)
    shares = {}
    for kind in ("standard_normal", "glorot"):
        weights = sg.initial_weights(graph, kind, 0)
        at = {f"x_{k}": RNG.normal(size=50) for k in range(1, 21)}
        values = sg.evaluate(graph, {**at, **weights})
        last = [values[f"y_hat_{k}"] for k in range(1, 21)]
        shares[kind] = np.mean(np.abs(last) > 0.99)
    assert shares["standard_normal"] > 0.3 > 0.01 > shares["glorot"]


# --- descent --------------------------------------------------------------------------


def test_gradient_descent_is_that_by_hand():
    """A line by the squares, its gradient written by hand."""
    x, y = X[:, 0], 3 * X[:, 0] - 1
    start = {"w_111": 0.5, "b_1": 0.0}
    history = sg.train(
        sg.network([1, 1], "identity"), (x, y), 0.1, epochs=30, start=start
    )
    w, b, losses = 0.5, 0.0, []
    for _ in range(30):
        r = w * x + b - y
        losses.append(np.mean(r**2))
        w, b = w - 0.1 * np.mean(2 * r * x), b - 0.1 * np.mean(2 * r)
    assert history.losses == pytest.approx(losses, rel=1e-12)
    assert history.weights == pytest.approx({"w_111": w, "b_1": b}, rel=1e-12)


OPTIMIZERS = {
    "gradient descent": lambda t, p: t.optim.SGD(p, lr=0.05),
    "momentum": lambda t, p: t.optim.SGD(p, lr=0.05, momentum=0.9),
    "adam": lambda t, p: t.optim.Adam(p, lr=0.05),
}


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("method", OPTIMIZERS)
def test_the_losses_are_those_of_pytorch_step_by_step(name, method):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    X, y = REAL[name]()
    graph = sg.network([X.shape[1], 3, 1], "tanh", "identity")
    weights = sg.initial_weights(graph, "glorot", 1)
    history = sg.train(graph, (X, y), 0.05, method=method, epochs=100, start=weights)
    rows = []
    for neuron, inputs in ((1, X.shape[1]), (2, X.shape[1]), (3, X.shape[1]), (4, 3)):
        places = range(1, inputs + 1)
        names = [f"w_{neuron}{i}1" if i < 10 else f"w_{neuron}_{i}_1" for i in places]
        rows.append([weights[n] for n in names])
    first = torch.tensor(rows[:3], dtype=torch.float64, requires_grad=True)
    second = torch.tensor(rows[3:], dtype=torch.float64, requires_grad=True)
    biases = [
        torch.zeros(3, dtype=torch.float64, requires_grad=True),
        torch.zeros(1, dtype=torch.float64, requires_grad=True),
    ]
    optimizer = OPTIMIZERS[method](torch, [first, second, *biases])
    inputs, targets = torch.tensor(X), torch.tensor(y)
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        hidden = torch.tanh(inputs @ first.T + biases[0])
        outputs = (hidden @ second.T + biases[1])[:, 0]
        loss = torch.nn.functional.mse_loss(outputs, targets)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    assert history.losses == pytest.approx(losses, rel=1e-10)


@pytest.mark.parametrize("method", ["L-BFGS-B", "BFGS", "CG"])
def test_scipy_finds_a_small_loss(method):
    history = sg.train(GRAPH, (X, Y), method=method, epochs=200)
    assert history.epoch_losses[-1] < 1e-4
    assert "SciPy" in history.stopped


def test_batches_take_every_sample_once_in_an_epoch():
    history = sg.train(GRAPH, (X, Y), 0.1, epochs=3, batch_size=15, seed=7)
    assert len(history.losses) == 9 and len(history.epoch_losses) == 3
    again = sg.train(GRAPH, (X, Y), 0.1, epochs=3, batch_size=15, seed=7)
    assert again == history
    whole = sg.train(GRAPH, (X, Y), 0.1, epochs=3, batch_size=40, seed=7)
    assert len(whole.losses) == 3


# --- what is printed ------------------------------------------------------------------


def _value(text):
    """A printed right side, by Python on the digits printed."""
    text = re.sub(r"√(\(?[\d.e−-]+\)?)", r"(\1)**0.5", text)
    return eval(text.replace("−", "-").replace("·", "*"))


@pytest.mark.parametrize("method", ["gradient descent", "momentum", "adam"])
def test_printed_updates_are_true_to_their_digits(method):
    history = sg.train(GRAPH, (X, Y), 0.1, epochs=3, method=method, shown=3)
    assert [update.step for update in history.updates] == [1, 2, 3]
    counted = 0
    for line in str(history).splitlines():
        if "←" in line:
            *_, inserted, result = line.split(" = ")
            assert _value(inserted) == pytest.approx(_value(result), rel=1e-7, abs=1e-8)
            counted += 1
    assert counted == 27 * (2 if method == "momentum" else 1)


def test_an_update_is_printed_as_the_issue_writes_it():
    history = sg.train(
        *(sg.network([1, 1], "identity"), ([1.0], [1.0]), 0.1),
        epochs=1,
        start={"w_111": 0.5, "b_1": 0.0},
        shown=1,
    )
    line = "w_111 ← w_111 − η ∂L/∂w_111 = 0.5 − 0.1·(−1) = 0.6"
    assert line in str(history)


# --- ends -----------------------------------------------------------------------------


def test_divergence_is_told_and_the_best_weights_are_kept():
    graph = sg.network([2, 1], "identity")
    history = sg.train(graph, (X, Y), 5.0, epochs=1000)
    assert history.diverged and "learning rate below 5" in history.stopped
    assert len(history.epoch_losses) < 1000
    assert all(np.isfinite(list(history.weights.values())))


def test_an_early_stop():
    graph = sg.network([2, 1], "identity", loss="mean_absolute_error")
    history = sg.train(graph, (X, Y), 0.3, epochs=1000, patience=5)
    assert "not fallen for 5 epochs" in history.stopped
    assert len(history.epoch_losses) < 1000


# --- checkpoints and files ------------------------------------------------------------

KILLED = """
import sys, numpy as np, symgrad as sg
random = np.random.default_rng(2)
X = random.normal(size=(40, 2))
Y = np.tanh(X[:, 0] - 0.5 * X[:, 1])
sg.train(sg.network([2, 2, 1]), (X, Y), 0.01, epochs=10**6, method="adam",
         batch_size=16, checkpoint=sys.argv[1], every=1, backend="numpy")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_a_killed_process_resumes_to_the_same_numbers(tmp_path):
    target = tmp_path / "run.json"
    tree = str(Path(sg.__file__).parent.parent)
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(target)],
        env={**os.environ, "PYTHONPATH": tree},
    )
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and child.poll() is None:
            if target.exists() and len(json.loads(target.read_text())["losses"]) > 30:
                break
            time.sleep(0.02)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    done = len(json.loads(target.read_text())["epoch_losses"])
    assert done > 10
    settings = {"method": "adam", "batch_size": 16, "backend": "numpy"}
    resumed = sg.train(
        *(GRAPH, (X, Y), 0.01),
        epochs=done + 10,
        checkpoint=target,
        resume=True,
        **settings,
    )
    unbroken = sg.train(GRAPH, (X, Y), 0.01, epochs=done + 10, **settings)
    assert resumed == unbroken  # bit for bit


@pytest.mark.parametrize("method", ["gradient descent", "momentum", "adam"])
def test_a_checkpoint_resumes_bit_for_bit(tmp_path, method):
    settings = {"method": method, "batch_size": 7}
    run = {"checkpoint": tmp_path / "c.json", "every": 3}
    sg.train(GRAPH, (X, Y), 0.05, epochs=6, **settings, **run)
    resumed = sg.train(GRAPH, (X, Y), 0.05, epochs=11, resume=True, **settings, **run)
    assert resumed == sg.train(GRAPH, (X, Y), 0.05, epochs=11, **settings)


def test_a_history_is_written_to_the_last_bit(tmp_path):
    history = sg.train(GRAPH, (X, Y), 0.05, epochs=4)
    history.save(tmp_path / "h.csv")
    with (tmp_path / "h.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["loss"]) for row in rows] == list(history.epoch_losses)
    history.save(tmp_path / "h.json")
    found = json.loads((tmp_path / "h.json").read_text())
    assert found["weights"] == history.weights
    with pytest.raises(sg.ArgumentValueError, match=r"\.csv or \.json"):
        history.save(tmp_path / "h.txt")


# --- bad input ------------------------------------------------------------------------


def _other(tmp_path):
    run = {"checkpoint": tmp_path / "c.json"}
    sg.train(GRAPH, (X, Y), 0.1, epochs=1, **run)
    sg.train(GRAPH, (X, Y), 0.2, epochs=2, resume=True, **run)


def _broken(tmp_path):
    (tmp_path / "c.json").write_text("{")
    sg.train(GRAPH, (X, Y), checkpoint=tmp_path / "c.json", resume=True)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda _: sg.train("w*x", (X, Y)), "symgrad.fit"),
        (lambda _: sg.train(GRAPH, X), "pair"),
        (lambda _: sg.train(GRAPH, (X[:, :1], Y)), "samples, 2"),
        (lambda _: sg.train(GRAPH, (X, Y[:-1])), "39"),
        (lambda _: sg.train(GRAPH, (X[:0], Y[:0])), "no samples"),
        (lambda _: sg.train(GRAPH, (X * np.nan, Y)), "not finite"),
        (lambda _: sg.train(GRAPH, (X, Y), -0.1), "above 0"),
        (lambda _: sg.train(GRAPH, (X, Y), epochs=0), "1 or more"),
        (lambda _: sg.train(GRAPH, (X, Y), method="adm"), "adam"),
        (lambda _: sg.train(GRAPH, (X, Y), start={"w_111": 1}), "lacks"),
        (lambda _: sg.train(GRAPH, (X, Y), loss="mse"), "mean_squared_error"),
        (lambda _: sg.train(GRAPH, (X, Y), method="CG", shown=1), "leave them out"),
        (lambda _: sg.initial_weights(GRAPH, "normal"), "standard_normal"),
        (lambda _: sg.initial_weights(GRAPH, seed=-1), "0 or more"),
        (_other, "learning_rate = 0.1, not 0.2"),
        (_broken, "no checkpoint"),
    ],
    ids=range(16),
)
def test_bad_input_gets_one_clear_line(tmp_path, call, told):
    with pytest.raises(sg.SymgradError, match=told) as caught:
        call(tmp_path)
    assert "\n" not in str(caught.value)


# --- the learning rate ----------------------------------------------------------------


def test_a_study_finds_too_small_right_and_too_large():
    study = sg.learning_rate_study(GRAPH, (X, Y), epochs=60)
    small, right, large = study.runs
    assert small.verdict.startswith("too small")
    assert right.rate == study.right and right.verdict.startswith("right")
    assert large.diverged or large.losses[-1] > large.losses[0]
    assert right.losses[-1] < small.losses[-1]
    assert all(b <= a for a, b in zip(right.losses, right.losses[1:], strict=False))
    history = sg.train(GRAPH, (X, Y), study.right, epochs=60)
    assert history.losses == right.losses[:-1]


def test_the_right_rate_is_below_the_border_of_a_quadratic_loss():
    x = X[:, 0]
    study = sg.learning_rate_study(sg.network([1, 1], "identity"), (x, 2 * x))
    design = np.stack([x, np.ones_like(x)])
    border = 2 / np.linalg.eigvalsh(2 * design @ design.T / len(x))[-1]
    assert border / 20 < study.right < border < study.runs[-1].rate
    assert study.runs[-1].diverged


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_plots_are_files(tmp_path, suffix):
    study = sg.learning_rate_study(GRAPH, (X, Y), [0.05], epochs=10)
    study.plot(tmp_path / f"s.{suffix}", ("w_111", "b_3"))
    sg.train(GRAPH, (X, Y), epochs=5).plot(tmp_path / f"h.{suffix}")
    start = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[suffix]
    for name in "sh":
        assert (tmp_path / f"{name}.{suffix}").read_bytes().startswith(start)
    with pytest.raises(sg.ArgumentValueError, match=r"\.svg, \.png, \.pdf"):
        study.plot(tmp_path / "s.gif")


def test_plots_without_matplotlib_say_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr("symgrad.plots.find_spec", lambda name: None)
    with pytest.raises(sg.MissingPackageError, match=r"symgrad\[plots\]"):
        sg.train(GRAPH, (X, Y), epochs=1).plot(tmp_path / "h.svg")


# --- the command ----------------------------------------------------------------------


@pytest.fixture
def table(tmp_path):
    target = tmp_path / "data.csv"
    rows = np.column_stack([X, Y])
    np.savetxt(target, rows, delimiter=",", header="a,b,out", comments="")
    return target


def _command(*words):
    done = subprocess.run(
        [sys.executable, "-m", "symgrad", "train", *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(Path(sg.__file__).parent.parent)},
    )
    return done.returncode, done.stdout, done.stderr


def test_the_command_trains_as_the_function_does(table, tmp_path):
    out = tmp_path / "h.json"
    code, told, _ = _command(table, "-n", "2-2-1", "-e", 20, "--shown", 1, "-o", out)
    assert code == 0 and "w_111 ← w_111 − η ∂L/∂w_111 = " in told
    graph = sg.network([2, 2, 1], "tanh", "identity", loss="mean_squared_error")
    start = sg.initial_weights(graph, "glorot")
    history = sg.train(graph, (X, Y), 0.1, epochs=20, start=start)
    found = json.loads(out.read_text())["epoch_losses"]
    # the file has the numbers to 18 digits
    assert found == pytest.approx(history.epoch_losses, rel=1e-13)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-n", "3-1"), "2 inputs and 1 targets, the network 3 and 1"),
        (("-n", "2-1", "--target", "ot"), "out"),
        (("-n", "2-1", "-o", "x.gif"), "no known suffix"),
    ],
    ids=["sizes", "column", "suffix"],
)
def test_the_command_refuses_in_one_line(table, words, told):
    code, _, error = _command(table, *words)
    assert code == 2 and told in error and error.count("\n") == 1


# --- the loss as one sample's formula, reduced ------------------------------------


@pytest.mark.parametrize("penalty", [None, {"ridge": 0.3}])
@pytest.mark.parametrize("loss", sg.LOSSES)
def test_a_loss_taken_apart_is_the_same(loss, penalty):
    """Beside the whole loss, compiled with its sum over an index."""
    outputs = 2 if loss == "softmax_cross_entropy" else 1
    graph = sg.network([2, 2, outputs], loss=loss, penalty=penalty)
    random = np.random.default_rng(5)
    X, y = random.normal(size=(7, 2)), random.normal(size=(7, outputs))
    goal = objective(graph, (X, y))
    assert goal._f.graph.samples is None
    weights = random.normal(size=len(goal.names))
    whole = sg.lambdify(graph, list(goal.names), layout="vector")
    value, grad = whole(weights, **goal.columns)
    found, slopes = goal(weights)
    # 1e-13: seven terms, added in another order
    assert found == pytest.approx(float(value), rel=1e-13)
    np.testing.assert_allclose(slopes, grad, rtol=1e-12, atol=1e-14)


def test_a_history_is_read_back(tmp_path):
    x = np.linspace(-1, 1, 20)
    history = sg.train(sg.network([1, 2, 1]), (x[:, None], x), 0.1, epochs=3)
    history.save(tmp_path / "run.json")
    assert sg.History.load(tmp_path / "run.json") == history
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(sg.ArgumentValueError, match="no history of a training"):
        sg.History.load(tmp_path / "bad.json")
    one = sg.train(sg.network([1, 2, 1]), (x[:, None], x), 0.1, epochs=1)
    assert one.stopped == "1 epoch done"
