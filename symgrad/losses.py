"""The losses of a network as formulas of one sample, and penalties of its weights.

The one rule kept here: a row says what one sample costs; whether the samples are added
or averaged is said beside it, and the sum over them is a stage of its own.

Huber's loss is that of P. Huber, Robust estimation of a location parameter (1964), with
δ = 1; the cross-entropies take outputs before their logistic or softmax function, as
C. Bishop, Pattern Recognition and Machine Learning, 4.90 and 4.108, written in those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Abs, Add, Expr, Mul, Piecewise, Pow, Rational, cosh, exp, log

from symgrad.errors import ArgumentTypeError, ArgumentValueError, check_name, short
from symgrad.functions import FUNCTIONS

Pairs = Sequence[tuple[Expr, Expr]]
"""the target and the output of each output neuron"""


@dataclass(frozen=True)
class Loss:
    """What one sample costs, from its pairs (target, output); added or averaged.

    ``about`` is said in error messages and docs.
    """

    name: str
    of_sample: Callable[[Pairs], Expr]
    is_mean: bool
    about: str


def _each(term: Callable[[Expr, Expr], Expr], mean: bool) -> Callable[[Pairs], Expr]:
    """The terms of the outputs added, or averaged where the samples are."""

    def of_sample(pairs: Pairs) -> Expr:
        whole = Add(*(term(y, y_hat) for y, y_hat in pairs))
        return whole / len(pairs) if mean and len(pairs) > 1 else whole

    return of_sample


def _difference(y: Expr, y_hat: Expr) -> Expr:
    return y - y_hat


def _absolute(y: Expr, y_hat: Expr) -> Expr:
    return Abs(y - y_hat, evaluate=False)


def _square(y: Expr, y_hat: Expr) -> Expr:
    return Pow(y - y_hat, 2)


def _huber(y: Expr, y_hat: Expr) -> Expr:
    far = Abs(y - y_hat, evaluate=False)
    return Piecewise(
        (Pow(y - y_hat, 2) / 2, far <= 1), (far - Rational(1, 2), True), evaluate=False
    )


def _log_cosh(y: Expr, y_hat: Expr) -> Expr:
    return log(cosh(y - y_hat, evaluate=False), evaluate=False)


def _logistic(y: Expr, z: Expr) -> Expr:
    return FUNCTIONS["softplus"].make(z) - y * z


def _hinge(y: Expr, z: Expr) -> Expr:
    return FUNCTIONS["relu"].make(1 - y * z)


def _softmax(pairs: Pairs) -> Expr:
    total = log(Add(*(exp(z, evaluate=False) for _, z in pairs)), evaluate=False)
    if len(pairs) < 2:
        raise ArgumentValueError(
            "softmax_cross_entropy needs two outputs or more, one for each class; for "
            "one output take logistic_cross_entropy"
        )
    return Add(*(y * (total - z) for y, z in pairs))


LOSSES: Mapping[str, Loss] = {
    row.name: row
    for row in (
        Loss(
            "sum_of_differences",
            _each(_difference, mean=False),
            False,
            "errors of both signs cancel: 0 does not mean a good model",
        ),
        Loss(
            "sum_of_absolute_differences",
            _each(_absolute, mean=False),
            False,
            "each error counts by its size",
        ),
        Loss(
            "sum_of_squares",
            _each(_square, mean=False),
            False,
            "large errors count more",
        ),
        Loss(
            "mean_absolute_error",
            _each(_absolute, mean=True),
            True,
            "the size of an error, on average",
        ),
        Loss(
            "mean_squared_error",
            _each(_square, mean=True),
            True,
            "the squared error, on average",
        ),
        Loss(
            "huber",
            _each(_huber, mean=True),
            True,
            "squared where the error is under 1, else its size",
        ),
        Loss(
            "log_cosh",
            _each(_log_cosh, mean=True),
            True,
            "smooth, and near the size of a large error",
        ),
        Loss(
            "logistic_cross_entropy",
            _each(_logistic, mean=True),
            True,
            "targets 0 or 1, outputs before the logistic function",
        ),
        Loss(
            "softmax_cross_entropy",
            _softmax,
            True,
            "targets 0 or 1 for each class, outputs before softmax",
        ),
        Loss(
            "hinge",
            _each(_hinge, mean=True),
            True,
            "targets -1 or 1, no cost beyond the margin 1",
        ),
    )
}
"""name -> what it costs; means are over samples and outputs, but softmax's"""

PENALTIES: Mapping[str, Callable[[Expr], Expr]] = {
    "ridge": lambda w: Pow(w, 2),
    "lasso": lambda w: Abs(w, evaluate=False),
}
"""name -> what one weight costs; biases cost nothing"""


def penalty_of(weights: Sequence[Expr], penalty: Mapping[str, float]) -> Expr:
    """Add up what the weights cost: strength times the sum, for each penalty.

    >>> from symgrad.symbols import symbol
    >>> penalty_of([symbol("w_111"), symbol("w_121")], {"ridge": 0.5})
    w_111**2/2 + w_121**2/2

    Raises ``UnknownNameError`` for an unknown penalty, ``ArgumentValueError`` for a
    strength that is no number of 0 or more.
    """
    if not isinstance(penalty, Mapping):
        raise ArgumentTypeError(
            f"penalty is {short(penalty)}; expected a mapping such as {{'ridge': 0.01}}"
        )
    terms: list[Expr] = []
    for name, strength in penalty.items():
        check_name("penalty", name, PENALTIES)
        is_number = isinstance(strength, int | float) and not isinstance(strength, bool)
        if not (is_number and 0 <= strength < float("inf")):
            raise ArgumentValueError(
                f"penalty {name!r} has the strength {short(strength)}; expected a "
                "number of 0 or more, such as 0.01"
            )
        factor = Rational(str(strength))
        terms += [Mul(factor, PENALTIES[name](weight)) for weight in weights]
    return Add(*terms)
