"""Training: the weights of a network led down the gradient of its loss.

The one rule kept here: the loss and its gradient are those of the graph, compiled; an
optimizer only decides how far to go. What ends a training is told, never raised.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from symgrad.descent import METHODS, State, Update
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    check_name,
    short,
)
from symgrad.graph import Graph
from symgrad.histories import History, read_checkpoint, write_whole
from symgrad.initialization import generator, initial_weights
from symgrad.networks import with_loss
from symgrad.numeric.backends import lambdify
from symgrad.numeric.scipy_door import scipy_part
from symgrad.progress import watched
from symgrad.samples import reduced
from symgrad.symbols import is_sampled

SCIPY_METHODS = ("BFGS", "CG", "L-BFGS-B", "TNC", "SLSQP")
GROWTH = 1e6
"""a loss this many times that of the start has diverged"""


@dataclass
class Objective:
    """The loss of a graph on data, with its gradient, at a vector of weights."""

    graph: Graph
    columns: dict[str, np.ndarray[Any, Any]]
    backend: str = "auto"
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.names = tuple(name.name for name in self.graph.parameters)
        form = reduced(self.graph)
        names = list(self.names)
        self._penalty = None
        if form is None:
            self._f = lambdify(self.graph, names, backend=self.backend, layout="vector")
            return
        self._f = lambdify(
            form.one,
            names,
            backend=self.backend,
            layout="vector",
            reduce=form.reduction,
        )
        if form.penalty is not None:
            self._penalty = lambdify(form.penalty, names, layout="vector")

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return len(next(iter(self.columns.values())))

    def __call__(self, weights: Any, rows: Any = None) -> tuple[float, Any]:
        data = self.columns
        if rows is not None:
            data = {name: column[rows] for name, column in data.items()}
        with np.errstate(all="ignore"):
            value, grad = self._f(weights, **data)
            if self._penalty is None:
                return float(value), np.asarray(grad)
            more, slope = self._penalty(weights)
        return float(value + more), np.asarray(grad) + np.asarray(slope)


def objective(
    graph: Any, data: Any, loss: str | None = None, backend: str = "auto"
) -> Objective:
    """Read a graph and data = (X, y) into a loss that can be called."""
    if not isinstance(graph, Graph):
        raise ArgumentTypeError(
            f"graph is {short(graph)}; expected a Graph, such as network([2, 2, 1]) "
            "(a formula is fitted by symgrad.fit)"
        )
    if not graph.parameters:
        raise ArgumentValueError(
            "the graph has no parameters to train; take a network, or symgrad.fit"
        )
    if graph.samples is None:
        graph = with_loss(graph, loss or "mean_squared_error")
    elif loss is not None:
        raise ArgumentValueError(f"the graph has a loss already; leave {loss!r} out")
    names = [name.name for name in graph.inputs if is_sampled(name)]
    targets = [name for name in names if name == "y" or name.startswith("y_")]
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise ArgumentTypeError(
            f"data is {short(data)}; expected a pair (X, y), X of shape "
            "(samples, inputs)"
        )
    X = _table("X", data[0], len(names) - len(targets))
    y = _table("y", data[1], len(targets))
    if len(X) != len(y):
        raise ArgumentValueError(f"X has {len(X)} samples, y has {len(y)}")
    if not len(X):
        raise ArgumentValueError("X has no samples")
    columns = np.ascontiguousarray(np.hstack([X, y]).T)
    return Objective(graph, dict(zip(names, columns, strict=True)), backend)


def _table(what: str, values: Any, count: int) -> np.ndarray[Any, Any]:
    try:
        table = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"{what} is {short(values)}; expected real numbers"
        ) from error
    if table.ndim == 1 and count == 1:
        table = table[:, None]
    if table.ndim != 2 or table.shape[1] != count:
        raise ArgumentValueError(
            f"{what} has the shape {table.shape}; expected (samples, {count})"
        )
    if not np.isfinite(table).all():
        raise ArgumentValueError(
            f"{what} has numbers that are not finite; leave those samples out"
        )
    return table


def train(
    graph: Graph,
    data: Any,
    learning_rate: float = 0.1,
    *,
    epochs: int = 100,
    method: str = "gradient descent",
    batch_size: int | None = None,
    momentum: float = 0.9,
    loss: str | None = None,
    start: Mapping[str, float] | None = None,
    seed: int = 0,
    shown: int = 0,
    patience: int | None = None,
    checkpoint: str | Path | None = None,
    every: int = 10,
    resume: bool = False,
    backend: str = "auto",
) -> History:
    """Train the weights of a network on samples.

    >>> from symgrad.networks import network
    >>> x = np.linspace(-1, 1, 20)
    >>> history = train(network([1, 2, 1]), (x[:, None], np.tanh(2 * x)), 0.5)
    >>> len(history.losses), history.epoch_losses[-1] < 0.05
    (100, True)

    ``data`` is a pair (X, y), X of shape (samples, inputs), y of shape (samples,) or
    (samples, outputs). ``graph`` has a loss (``network(loss=…)``), or gets ``loss``, by
    default the mean squared error. ``method`` is ``"gradient descent"``,
    ``"momentum"``, ``"adam"``, or one of SciPy's (``"L-BFGS-B"``, ``"BFGS"``,
    ``"CG"``, ``"TNC"``, ``"SLSQP"``), which needs no learning rate and makes
    up to ``epochs`` iterations.
    ``batch_size`` samples at a time make mini-batches, shuffled in each epoch by
    ``seed``, which also draws ``start``, by default standard normal weights.

    The first ``shown`` updates are kept in full, to be printed. The training stops
    early where the loss of all samples has not fallen for ``patience`` epochs, and
    where it diverges; ``History.stopped`` says so. ``checkpoint`` names a file that is
    written after ``every`` epochs and at the end; with ``resume=True`` the training
    goes on from it, to the same numbers as without a break.

    Raises ``ArgumentValueError`` for bad numbers or data of a wrong shape.
    """
    goal = objective(graph, data, loss, backend)
    check_number("learning_rate", learning_rate)
    check_number("momentum", momentum, zero=True)
    for what, number in (("epochs", epochs), ("every", every)):
        check_whole(what, number)
    for what, limit in (("batch_size", batch_size), ("patience", patience)):
        if limit is not None:
            check_whole(what, limit)
    weights = first_weights(goal, start, seed)
    if method in SCIPY_METHODS:
        if batch_size is not None or checkpoint is not None or shown:
            raise ArgumentValueError(
                f"SciPy's {method!r} has no batches, checkpoints or printed updates; "
                "leave them out, or take 'adam'"
            )
        return _by_scipy(goal, weights, method, epochs)
    check_name("method", method, [*METHODS, *SCIPY_METHODS])
    settings = {
        "method": method,
        "learning_rate": learning_rate,
        "momentum": momentum,
        "batch_size": batch_size,
        "seed": seed if isinstance(seed, int) else None,
        "graph": str(goal.graph),
        "data": _fingerprint(goal),
    }
    run = _Run(goal, weights, generator(seed), settings)
    if resume and checkpoint is not None and Path(checkpoint).exists():
        run.restore(read_checkpoint(Path(checkpoint), settings))
    return run.descend(epochs, shown, patience, checkpoint, every)


@dataclass
class _Run:
    """A descent under way: everything that a checkpoint has to keep."""

    goal: Objective
    weights: Any
    random: np.random.Generator
    settings: Mapping[str, Any]
    state: State = field(default_factory=State)
    losses: list[float] = field(default_factory=list)
    epoch_losses: list[float] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    best: float = math.inf
    best_weights: Any = None

    def descend(
        self,
        epochs: int,
        shown: int,
        patience: int | None,
        checkpoint: str | Path | None,
        every: int,
    ) -> History:
        first = self.losses[0] if self.losses else self.goal(self.weights)[0]
        ceiling = GROWTH * max(abs(first), 1e-12)
        stopped = "1 epoch done" if epochs == 1 else f"all {epochs:,} epochs done"
        diverged = False
        start, done = self.weights, len(self.epoch_losses)
        for epoch in watched(range(done, epochs), "epochs"):
            for rows in self._batches():
                self._step(rows, shown)
            loss = self.goal(self.weights)[0]
            self.epoch_losses.append(loss)
            if not (math.isfinite(loss) and abs(loss) <= ceiling):
                rate = self.settings["learning_rate"]
                stopped, diverged = (
                    f"diverged in epoch {epoch + 1}, the loss is {loss:.3g}; choose a "
                    f"learning rate below {rate:g}",
                    True,
                )
                break
            if loss < self.best:
                self.best, self.best_weights = loss, self.weights
            recent = self.epoch_losses[-patience:] if patience else []
            if recent and min(recent) > self.best:
                stopped = f"the loss has not fallen for {patience:,} epochs"
                break
            if checkpoint is not None and (epoch + 1) % every == 0:
                self._write(Path(checkpoint))
        if checkpoint is not None and not diverged:
            self._write(Path(checkpoint))
        last = self.weights
        if diverged:
            last = start if self.best_weights is None else self.best_weights
        return History(
            tuple(self.losses),
            tuple(self.epoch_losses),
            dict(zip(self.goal.names, last.tolist(), strict=True)),
            stopped,
            diverged,
            tuple(self.updates),
        )

    def _batches(self) -> list[Any]:
        size = self.settings["batch_size"]
        if size is None or size >= self.goal.samples:
            return [None]
        order = self.random.permutation(self.goal.samples)
        return [order[k : k + size] for k in range(0, len(order), size)]

    def _step(self, rows: Any, shown: int) -> None:
        value, grad = self.goal(self.weights, rows)
        self.losses.append(value)
        self.state.step += 1
        rate, momentum = self.settings["learning_rate"], self.settings["momentum"]
        method = self.settings["method"]
        with np.errstate(all="ignore"):
            after = METHODS[method](self.weights, grad, self.state, rate, momentum)
        if self.state.step <= shown:
            means = {k: tuple(v.tolist()) for k, v in self.state.means.items()}
            self.updates.append(
                Update(
                    self.state.step,
                    *(method, rate, momentum, self.goal.names),
                    before=tuple(self.weights.tolist()),
                    slopes=tuple(grad.tolist()),
                    after=tuple(after.tolist()),
                    means=means,
                )
            )
        self.weights = after

    def _write(self, target: Path) -> None:
        told = {
            "settings": dict(self.settings),
            "weights": self.weights.tolist(),
            "best": self.best,
            "best_weights": None
            if self.best_weights is None
            else self.best_weights.tolist(),
            "step": self.state.step,
            "means": {k: v.tolist() for k, v in self.state.means.items()},
            "random": self.random.bit_generator.state,
            "losses": self.losses,
            "epoch_losses": self.epoch_losses,
        }
        write_whole(target, json.dumps(told))

    def restore(self, found: Mapping[str, Any]) -> None:
        """Take everything up again as it was."""
        self.weights = np.array(found["weights"])
        self.best = found["best"]
        if found["best_weights"] is not None:
            self.best_weights = np.array(found["best_weights"])
        means = {k: np.array(v) for k, v in found["means"].items()}
        self.state = State(found["step"], means)
        self.random.bit_generator.state = found["random"]
        self.losses = list(found["losses"])
        self.epoch_losses = list(found["epoch_losses"])


def _by_scipy(goal: Objective, weights: Any, method: str, epochs: int) -> History:
    losses: list[float] = []
    epoch_losses: list[float] = []

    def value_and_gradient(w: Any) -> tuple[float, Any]:
        value, grad = goal(w)
        losses.append(value)
        return value, grad

    def note(w: Any) -> None:
        epoch_losses.append(goal(w)[0])

    found = scipy_part("optimize").minimize(
        *(value_and_gradient, weights),
        jac=True,
        method=method,
        callback=note,
        options={"maxiter": epochs},
    )
    return History(
        tuple(losses),
        tuple(epoch_losses),
        dict(zip(goal.names, np.asarray(found.x).tolist(), strict=True)),
        f"SciPy's {method}: {found.message}",
    )


def first_weights(goal: Objective, start: Mapping[str, float] | None, seed: Any) -> Any:
    """The weights given, or standard normal ones, as a vector."""
    given = initial_weights(goal.graph, seed=seed) if start is None else start
    if not isinstance(given, Mapping):
        raise ArgumentTypeError(
            f"start is {short(given)}; expected a mapping of weights to numbers"
        )
    for name in given:
        check_name("weight", name, goal.names)
    missing = [name for name in goal.names if name not in given]
    if missing:
        raise ArgumentValueError(f"start lacks {short(', '.join(missing))}")
    weights = np.array([given[name] for name in goal.names], dtype=float)
    if not np.isfinite(weights).all():
        raise ArgumentValueError("start has numbers that are not finite")
    return weights


def _fingerprint(goal: Objective) -> str:
    digest = hashlib.sha256()
    for name, column in goal.columns.items():
        digest.update(name.encode())
        digest.update(column.tobytes())
    return digest.hexdigest()


def check_number(what: str, value: Any, zero: bool = False) -> None:
    """Refuse what is no finite number above 0, or of 0 or more."""
    is_number = isinstance(value, int | float | np.floating)
    is_number = is_number and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or value < 0 or (value == 0 and not zero):
        bound = "0 or more" if zero else "above 0"
        raise ArgumentValueError(f"{what} is {short(value)}; expected a number {bound}")


def check_whole(what: str, value: Any) -> None:
    """Refuse what is no whole number of 1 or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ArgumentValueError(
            f"{what} is {short(value)}; expected a whole number of 1 or more"
        )
