"""SciPy's optimizers on a formula: derivatives compiled and passed on, names kept.

The one rule kept here: SciPy does the solving; what is added is the function with its
exact derivatives, and ``at``, the answer by the user's own names.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from symgrad.chain_rule import hessian
from symgrad.errors import (
    ArgumentValueError,
    check_mapping,
    check_name,
)
from symgrad.formulas import formula
from symgrad.numeric.products import hvp
from symgrad.numeric.scipy_door import scipy_part
from symgrad.solver_inputs import (
    Numbers,
    bound_pairs,
    bound_rows,
    check_method,
    check_unknowns,
    compiled,
    first_point,
    measured,
    residuals,
    with_data,
    with_names,
)
from symgrad.symbols import name_of

_WITHOUT_GRADIENT = ("nelder-mead", "powell", "cobyla", "cobyqa")
_WITH_PRODUCT = ("newton-cg", "trust-ncg", "trust-krylov", "trust-constr")
_WITH_HESSIAN = ("dogleg", "trust-exact")
_MINIMIZERS = (
    *_WITHOUT_GRADIENT,
    *_WITH_PRODUCT,
    *_WITH_HESSIAN,
    *("cg", "bfgs", "l-bfgs-b", "tnc", "slsqp"),
)


def minimize(
    source: Any,
    start: Numbers,
    data: Numbers | None = None,
    *,
    bounds: Numbers | None = None,
    method: str | None = None,
    reduce: str | None = None,
    backend: str = "auto",
    **options: Any,
) -> Any:
    """Find a minimum of a formula by ``scipy.optimize.minimize``.

    >>> found = minimize("(1 - x)^2 + 100*(y - x^2)^2", {"x": -1.2, "y": 1})
    >>> {name: round(value, 4) for name, value in found.at.items()}
    {'x': 1.0, 'y': 1.0}

    ``start`` maps the variables to numbers, ``data`` all other arguments to numbers or
    arrays, ``bounds`` variables to pairs (low, high) with None for no bound;
    ``reduce="sum"`` or ``"mean"`` is for a formula of one sample. The gradient is
    passed on, to Newton-CG and the trust-region methods Hessian products or the
    Hessian too; ``method`` and all further options are SciPy's. The result is SciPy's,
    with ``at``, the variables by name.

    Raises ``ArgumentValueError`` where the formula has several values; errors of
    ``lambdify``; ``MissingPackageError`` without SciPy.
    """
    optimize = scipy_part("optimize")
    names, x0 = first_point(start)
    call = with_data(data)
    compile_ = partial(compiled, wrt=names, reduce=reduce, backend=backend)
    kind = method.lower() if isinstance(method, str) else method
    if method is not None:
        check_method(kind, _MINIMIZERS)
    graph = formula(source)
    check_unknowns(graph, names)
    with_gradient = kind not in _WITHOUT_GRADIENT
    f = call(compile_(graph, results="both" if with_gradient else "value"))
    if kind in _WITH_PRODUCT:
        product = call(compile_(graph, results="product", compile_by=hvp), vectors=2)
        options.setdefault("hessp", product)
    if kind in _WITH_HESSIAN:
        matrix = call(compile_(hessian(graph, names), results="gradient"))
        options.setdefault("hess", matrix)

    def fun(x: Any) -> Any:
        found = f(x)
        value = found[0] if with_gradient else found
        if np.ndim(value):
            raise ArgumentValueError(
                f"the formula has {np.size(value)} values, of which none is the "
                "least; add them with reduce='sum' or 'mean', or use least_squares"
            )
        return found

    jac = {"jac": True} if with_gradient else {}
    limits = {} if bounds is None else {"bounds": bound_pairs(bounds, names)}
    found = optimize.minimize(fun, x0, method=method, **jac, **limits, **options)
    return with_names(found, names)


def least_squares(
    source: Any,
    start: Numbers,
    data: Numbers | None = None,
    *,
    bounds: Numbers | None = None,
    method: str = "trf",
    backend: str = "auto",
    **options: Any,
) -> Any:
    """Find the least sum of squares of residuals by ``scipy.optimize.least_squares``.

    >>> data = {"x": [0, 1, 2], "y": [1, 3, 5]}
    >>> found = least_squares("y - (a*x + b)", {"a": 0, "b": 0}, data)
    >>> {name: round(value, 6) for name, value in found.at.items()}
    {'a': 2.0, 'b': 1.0}

    ``source`` gives a residual for each sample of the data, or is a list of formulas,
    which give one each. The exact Jacobian is passed on; ``method``, ``loss`` and all
    further options are SciPy's. Arguments and result are as those of ``minimize``.
    """
    optimize = scipy_part("optimize")
    check_name("method", method, ("trf", "dogbox", "lm"))
    names, x0 = first_point(start)
    both = residuals(source, names, data, backend)
    limits = {} if bounds is None else {"bounds": bound_rows(bounds, names)}
    found = optimize.least_squares(
        lambda x: both(x)[0],
        x0,
        jac=lambda x: both(x)[1],
        method=method,
        **limits,
        **options,
    )
    return with_names(found, names)


@dataclass(frozen=True)
class Fit:
    """Fitted parameters: ``at`` and ``errors`` by name, and their covariance matrix.

    ``errors`` are standard deviations, the roots of the diagonal of ``covariance``.
    """

    at: dict[str, float]
    errors: dict[str, float]
    covariance: Any

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.at)

    def __str__(self) -> str:
        return "\n".join(
            f"{name} = {value:.6g} ± {self.errors[name]:.2g}"
            for name, value in self.at.items()
        )


def curve_fit(
    source: Any,
    data: Numbers,
    y: Any,
    start: Numbers | None = None,
    *,
    bounds: Numbers | None = None,
    backend: str = "auto",
    **options: Any,
) -> Fit:
    """Fit the parameters of a model to measured values by SciPy's ``curve_fit``.

    >>> import numpy as np
    >>> x = np.linspace(0, 4, 20)
    >>> print(curve_fit("a*exp(-b*x)", {"x": x}, 3 * np.exp(-x / 2)).names)
    ('a', 'b')

    ``data`` maps the model's variables to arrays, ``y`` are the values it should have,
    ``start`` the parameters' first values (by default 1 for each). The exact Jacobian
    is passed on; ``sigma``, ``absolute_sigma``, ``method`` and all further options are
    SciPy's. Raises as ``least_squares`` does.
    """
    optimize = scipy_part("optimize")
    graph = formula(source)
    check_mapping("data", data, "of the model's variables to arrays")
    if start is None:
        given = {name_of(name) for name in data}
        leaves = (*graph.inputs, *graph.parameters)
        for name in sorted(given):
            check_name("variable in data", name, [leaf.name for leaf in leaves])
        start = {leaf.name: 1.0 for leaf in leaves if leaf.name not in given}
        if not start:
            raise ArgumentValueError(
                "every name of the model has data; no parameter is left to be fitted"
            )
    names, x0 = first_point(start)
    both = residuals(graph, names, data, backend)
    if bounds is not None:
        options["bounds"] = bound_rows(bounds, names)
    wanted = measured(y)
    count = both(x0)[0].size
    if count not in (1, wanted.size):
        raise ArgumentValueError(
            f"y has {wanted.size} numbers and the data {count}; expected as many"
        )
    best, covariance = optimize.curve_fit(
        lambda _, *x: np.broadcast_to(both(np.array(x))[0], wanted.shape),
        np.arange(wanted.size),
        wanted,
        p0=x0,
        jac=lambda _, *x: np.broadcast_to(
            both(np.array(x))[1], (wanted.size, len(names))
        ),
        **options,
    )
    errors = np.sqrt(np.diag(covariance))
    return Fit(
        dict(zip(names, best.tolist(), strict=True)),
        dict(zip(names, errors.tolist(), strict=True)),
        covariance,
    )
