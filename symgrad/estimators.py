"""Networks as scikit-learn estimators, trained on the generated gradient.

The one rule kept here: what is trained is a graph of named stages, and what is kept is
that graph with its weights in the units of the data, ready for ``explain`` and
``lambdify``. scikit-learn is an extra; this module is loaded when a name of it is used.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from sympy import Add, Expr, Mul, exp, log

from symgrad.errors import MissingPackageError, check_name
from symgrad.functions import ACTIVATIONS
from symgrad.graph import Graph, Stage
from symgrad.networks import network, weight_name
from symgrad.numeric.backends import lambdify
from symgrad.numeric.scipy_door import scipy_part
from symgrad.symbols import symbol

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise MissingPackageError(
        "the estimators need scikit-learn; pip install 'symgrad[sklearn]'"
    ) from error


class _SymbolicNetwork(BaseEstimator):
    """What both estimators share: the network, its loss, the descent."""

    def __init__(
        self,
        hidden: Sequence[int] = (8,),
        activation: str = "tanh",
        *,
        alpha: float = 1e-4,
        max_iter: int = 500,
        tol: float = 1e-7,
        random_state: Any = None,
        backend: str = "numpy",
    ):
        self.hidden = hidden
        self.activation = activation
        self.alpha = alpha
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state
        self.backend = backend

    def _train(self, X: Any, targets: Any, mean: Any, spread: Any, kind: str) -> None:
        """Minimize the mean loss and alpha/2 of the squared weights by L-BFGS.

        The inputs are standardized for the descent; afterwards the first layer takes
        their means and deviations up, so that the graph works on the data as they are.
        """
        check_name("activation", self.activation, ACTIVATIONS)
        sizes = [X.shape[1], *(int(n) for n in self.hidden), targets.shape[1]]
        graph = network(sizes, self.activation, "identity")
        names = [p.name for p in graph.parameters]
        own = [f"t_{i}" for i in range(1, sizes[-1] + 1)]
        loss = _with_loss(graph, own, kind)
        f = lambdify(loss, names, backend=self.backend, layout="vector", reduce="mean")
        center, scale = X.mean(0), X.std(0)
        scale = np.where(scale > 0, scale, 1.0)
        data = {
            **_columns(graph, (X - center) / scale),
            **{name: targets[:, i] for i, name in enumerate(own)},
        }
        is_weight = np.array([name.startswith("w") for name in names])

        def value_and_gradient(w: Any) -> tuple[float, Any]:
            value, grad = f(w, **data)
            held = np.where(is_weight, w, 0.0)
            return (
                float(value) + self.alpha / 2 * float(held @ held),
                np.asarray(grad) + self.alpha * held,
            )

        found = scipy_part("optimize").minimize(
            value_and_gradient,
            _glorot(sizes, check_random_state(self.random_state)),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": self.max_iter, "ftol": self.tol, "gtol": 1e-6},
        )
        self.n_iter_ = max(1, int(found.nit))
        self.loss_ = float(found.fun)
        if found.nit >= self.max_iter:
            warnings.warn(
                f"the descent stopped after max_iter = {self.max_iter} iterations; "
                "raise max_iter",
                ConvergenceWarning,
                stacklevel=3,
            )
        self.graph_ = graph
        self._function = lambdify(graph, [], backend=self.backend)
        weights = dict(zip(names, found.x.tolist(), strict=True))
        self.weights_ = _in_units(sizes, weights, (center, scale), (mean, spread))

    def _outputs(self, X: Any) -> Any:
        """The network's outputs, of shape (samples, outputs)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        values = self._function(**_columns(self.graph_, X), **self.weights_)
        rows = np.asarray(values).reshape(len(self.graph_.outputs), -1)
        return np.broadcast_to(rows, (len(rows), len(X))).T


class SymbolicNetworkRegressor(RegressorMixin, _SymbolicNetwork):
    """A network of named stages as a regressor of scikit-learn.

    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 40).reshape(-1, 1)
    >>> model = SymbolicNetworkRegressor((3,), random_state=0).fit(X, X.ravel() ** 2)
    >>> model.graph_.output, len(model.weights_), bool(model.score(X, X**2) > 0.99)
    (f_1, 10, True)

    ``hidden`` are the neurons of the hidden layers, ``activation`` theirs; outputs are
    linear. Minimized is the mean squared error of standardized targets and ``alpha``/2
    times the squared weights, from Glorot's initial weights, by SciPy's L-BFGS on the
    generated gradient. After ``fit``, ``graph_`` and ``weights_`` are the network in
    the data's own units: ``sg.explain(model.graph_)`` derives it.
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any) -> SymbolicNetworkRegressor:
        """Train on X of shape (samples, inputs) and y of (samples,) or with outputs."""
        X, y = validate_data(
            self, X, y, dtype=np.float64, multi_output=True, y_numeric=True
        )
        self._is_row = y.ndim == 1
        targets = np.asarray(y, dtype=float).reshape(len(X), -1)
        mean, spread = targets.mean(0), targets.std(0)
        spread = np.where(spread > 0, spread, 1.0)
        self._train(X, (targets - mean) / spread, mean, spread, "squares")
        return self

    def predict(self, X: Any) -> Any:
        """Give the outputs, in the shape of the targets."""
        values = self._outputs(X)
        return values[:, 0].copy() if self._is_row else values.copy()


class SymbolicNetworkClassifier(ClassifierMixin, _SymbolicNetwork):
    """A network of named stages as a classifier of scikit-learn.

    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 40).reshape(-1, 1)
    >>> y = np.where(abs(X.ravel()) < 0.5, "in", "out")
    >>> model = SymbolicNetworkClassifier((3,), random_state=0).fit(X, y)
    >>> model.predict([[0.0], [0.9]]).tolist(), model.score(X, y)
    (['in', 'out'], 1.0)

    The outputs are logits: one for two classes, else one for each. Minimized is the
    mean cross-entropy (logistic, or softmax) and ``alpha``/2 times the squared
    weights; all else is as in ``SymbolicNetworkRegressor``.
    """

    def fit(self, X: Any, y: Any) -> SymbolicNetworkClassifier:
        """Train on X of shape (samples, inputs) and the classes y of (samples,)."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, places = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"y has 1 class, {self.classes_[0]!r}; expected 2 or more to tell apart"
            )
        binary = len(self.classes_) == 2
        targets = places[:, None] == (
            np.array([1]) if binary else np.arange(len(self.classes_))
        )
        count = targets.shape[1]
        kind = "logistic" if binary else "softmax"
        self._train(X, targets.astype(float), np.zeros(count), np.ones(count), kind)
        return self

    def decision_function(self, X: Any) -> Any:
        """Give the logits: one for each sample, or (samples, classes)."""
        values = self._outputs(X)
        return values[:, 0].copy() if len(self.classes_) == 2 else values.copy()

    def predict_proba(self, X: Any) -> Any:
        """Give the probability of each class, of shape (samples, classes)."""
        logits = self._outputs(X)
        if len(self.classes_) == 2:
            logits = np.hstack([np.zeros_like(logits), logits])
        powers = np.exp(logits - logits.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)

    def predict(self, X: Any) -> Any:
        """Give the likeliest class of each sample."""
        logits = self._outputs(X)
        if len(self.classes_) == 2:
            return self.classes_[(logits[:, 0] > 0).astype(int)]
        return self.classes_[np.argmax(logits, axis=1)]


def _with_loss(graph: Graph, names: Sequence[str], kind: str) -> Graph:
    """The graph with the loss of one sample as its last stage."""
    targets = [symbol(name) for name in names]
    pairs = list(zip(graph.outputs, targets, strict=True))
    stages = list(graph.stages)
    loss: Expr
    if kind == "squares":
        loss = Add(*((t - z) ** 2 for z, t in pairs)) / len(pairs)
    elif kind == "logistic":
        ((z, t),) = pairs
        loss = ACTIVATIONS["softplus"](z) - t * z
    else:
        top = log(Add(*(exp(z) for z, _ in pairs)))
        loss = top - Add(*(Mul(t, z) for z, t in pairs))
    last = symbol("L")
    stages.append(Stage(last, loss))
    return Graph(tuple(stages), (last,), (*graph.inputs, *targets), graph.parameters)


def _columns(graph: Graph, X: Any) -> dict[str, Any]:
    return {x.name: np.ascontiguousarray(X[:, i]) for i, x in enumerate(graph.inputs)}


def _glorot(sizes: Sequence[int], rng: Any) -> Any:
    """Initial weights uniform within ±√(6/(inputs + neurons)), biases 0.

    Glorot and Bengio, Understanding the difficulty of training deep feedforward
    neural networks, AISTATS 2010, equation 16.
    """
    found = []
    for inputs, neurons in pairwise(sizes):
        bound = np.sqrt(6 / (inputs + neurons))
        rows = rng.uniform(-bound, bound, (neurons, inputs))
        found.append(np.hstack([rows, np.zeros((neurons, 1))]).ravel())
    return np.concatenate(found)


def _in_units(
    sizes: Sequence[int],
    weights: dict[str, float],
    inputs: tuple[Any, Any],
    outputs: tuple[Any, Any],
) -> dict[str, float]:
    """Weights for the data as they are, from those for standardized data."""
    found = dict(weights)
    total = sum(sizes[1:])
    for n in range(total - sizes[-1] + 1, total + 1):
        mean, spread = (float(row[n - 1 - total + sizes[-1]]) for row in outputs)
        for i in range(1, sizes[-2] + 1):
            found[weight_name(n, i)] *= spread
        found[f"b_{n}"] = found[f"b_{n}"] * spread + mean
    for n in range(1, sizes[1] + 1):
        for i, (center, scale) in enumerate(zip(*inputs, strict=True), 1):
            found[weight_name(n, i)] /= float(scale)
            found[f"b_{n}"] -= found[weight_name(n, i)] * float(center)
    return found
