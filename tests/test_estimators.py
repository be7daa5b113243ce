"""The estimators by scikit-learn's own checks, on real data, and as formulas."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils.estimator_checks import check_estimator

import symgrad as sg
from symgrad.estimators import SymbolicNetworkClassifier, SymbolicNetworkRegressor

KINDS: dict[str, Any] = {
    "regressor": SymbolicNetworkRegressor,
    "classifier": SymbolicNetworkClassifier,
}


@pytest.mark.parametrize("kind", KINDS)
def test_scikit_learns_own_checks(kind: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # checks on hopeless data warn, as they should
        done = check_estimator(
            KINDS[kind]((3,), max_iter=100, random_state=0), on_fail=None
        )
    failed = [one["check_name"] for one in done if one["status"] == "failed"]
    assert not failed
    assert sum(one["status"] == "passed" for one in done) > 40


@pytest.mark.parametrize(
    ("load", "least"),
    [(load_iris, 0.93), (load_breast_cancer, 0.93)],
    ids=["iris", "breast-cancer"],
)
def test_classes_of_real_data(load: Any, least: float) -> None:
    X, y = load(return_X_y=True)
    train, test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
    model = SymbolicNetworkClassifier((4,), alpha=1e-2, random_state=0)
    model.fit(train, y_train)
    assert model.score(test, y_test) > least
    shares = model.predict_proba(test)
    np.testing.assert_allclose(shares.sum(1), 1)
    assert (model.classes_[shares.argmax(1)] == model.predict(test)).all()


def test_a_number_of_real_data() -> None:
    X, y = load_diabetes(return_X_y=True)
    train, test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = SymbolicNetworkRegressor((2,), alpha=1e-2, random_state=0)
    model.fit(train, y_train)
    assert model.score(test, y_test) > 0.3  # a line by least squares reaches 0.36


def test_the_graph_works_in_the_units_of_the_data() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 2)) * [3, 100] + [5, -300]
    Y = np.stack([X[:, 0] ** 2, X[:, 1] - 4 * X[:, 0]], 1)
    model = SymbolicNetworkRegressor((5,), random_state=0).fit(X, Y)
    assert model.score(X, Y) > 0.99
    stages = sg.evaluate(
        model.graph_, {"x_1": X[3, 0], "x_2": X[3, 1], **model.weights_}
    )
    row = model.predict(X)[3]
    found = [stages[name.name] for name in model.graph_.outputs]
    np.testing.assert_allclose(found, row, rtol=1e-9)


def test_a_loss_as_by_hand() -> None:
    """No penalty, no hidden layer's bend: least squares and the loss are a line's."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(50, 2))
    y = X @ [2.0, -1.0] + 0.5 + 0.1 * rng.normal(size=50)
    model = SymbolicNetworkRegressor((), alpha=0.0, tol=1e-14, random_state=0)
    model.fit(X, y)
    best = np.linalg.lstsq(np.column_stack([X, np.ones(50)]), y, rcond=None)[0]
    np.testing.assert_allclose(list(model.weights_.values()), best, rtol=1e-5)
    rest = y - model.predict(X)
    assert model.loss_ == pytest.approx(float(np.mean(rest**2)) / float(np.var(y)))


@pytest.mark.parametrize("kind", KINDS)
def test_again_the_same_and_pickled(kind: str) -> None:
    X, y = load_iris(return_X_y=True)
    models = [KINDS[kind]((3,), random_state=7).fit(X, y) for _ in range(2)]
    assert models[0].weights_ == models[1].weights_
    back = pickle.loads(pickle.dumps(models[0]))
    np.testing.assert_array_equal(back.predict(X), models[0].predict(X))


def test_too_few_steps_are_told_and_large_numbers_are_safe() -> None:
    X, y = load_iris(return_X_y=True)
    with pytest.warns(ConvergenceWarning, match="max_iter = 2"):
        SymbolicNetworkClassifier((3,), max_iter=2, random_state=0).fit(X, y)
    model = SymbolicNetworkClassifier((3,), alpha=0.0, random_state=0).fit(X * 1e6, y)
    assert np.isfinite(model.predict_proba(X * 1e9)).all()


def test_bad_activation() -> None:
    with pytest.raises(sg.UnknownNameError, match="did you mean 'tanh'"):
        SymbolicNetworkRegressor(activation="tahn").fit([[1.0], [2.0]], [1.0, 2.0])
