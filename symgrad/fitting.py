"""Fitting a formula to data: parameters, how sure they are, and a page on all of it.

The one rule kept here: every Jacobian is the compiled exact one; SciPy's least squares
do the solving, from several starts, and the least sum of squares that was found wins.
Over 300 lines, as a fit is asked for in one place and answers in one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from symgrad.chain_rule import hessian
from symgrad.derivation import Derivation
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    check_name,
    check_switch,
    short,
)
from symgrad.explanation import explain
from symgrad.fit_inputs import Columns, read_columns, read_start, read_variables
from symgrad.fit_reports import correlations, fit_section, fit_text
from symgrad.fit_starts import first_points
from symgrad.formulas import formula
from symgrad.graph import Graph
from symgrad.numeric.backends import lambdify
from symgrad.numeric.scipy_door import scipy_part
from symgrad.solver_inputs import is_number

ROBUST = {
    "linear": "u^2",
    "soft_l1": "2*(sqrt(1 + u^2) - 1)",
    "huber": "u^2 if abs(u) <= 1 else 2*abs(u) - 1",
    "cauchy": "log(1 + u^2)",
    "arctan": "atan(u^2)",
}
"""loss -> its formula in a residual divided by ``f_scale``, as in SciPy"""

COLLINEAR = 1e-12


@dataclass(frozen=True)
class FormulaFit:
    """A fitted formula: parameters by name, how sure they are, and what they predict.

    ``at`` are the parameters, ``errors`` their standard deviations (nan for one at its
    bound), ``covariance`` and ``correlation`` matrices in the order of ``names``;
    ``residuals`` are measured less fitted values, ``scale`` is the standard deviation
    of a residual of weight 1. ``starts`` counts the starts that were tried and those
    that ended at this sum of squares; ``converged`` says whether the residuals are
    orthogonal to every partial, as they are at a minimum.
    """

    graph: Graph
    columns: Columns
    at: dict[str, float]
    errors: dict[str, float]
    covariance: Any
    residuals: Any
    scale: float
    degrees: int
    loss: str
    starts: tuple[int, int]
    at_bounds: tuple[str, ...]
    converged: bool
    absolute: bool

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.at)

    @property
    def correlation(self) -> Any:
        """The matrix of the correlations of the parameters, nan for one at a bound."""
        return correlations(self.covariance)

    @property
    def sum_of_squares(self) -> float:
        """The weighted sum of the squares of the residuals."""
        return float(np.sum((self.residuals * self.columns.weights) ** 2))

    @property
    def r_squared(self) -> float:
        """The part of the values' (weighted) variance that the model explains."""
        y, weights = self.columns.y, self.columns.weights**2
        around = np.sum(weights * (y - np.average(y, weights=weights)) ** 2)
        return float(1 - self.sum_of_squares / around) if around else float("nan")

    def predict(self, data: Any = None) -> Any:
        """Give the model's values at new points, or at those of the fit."""
        return self._model(data)[0]

    def interval(self, level: float = 0.95) -> dict[str, tuple[float, float]]:
        """Give (low, high) of each parameter, by Student's t."""
        factor = self._factor(level)
        return {
            name: (
                value - factor * self.errors[name],
                value + factor * self.errors[name],
            )
            for name, value in self.at.items()
        }

    def band(
        self,
        data: Any = None,
        level: float = 0.95,
        prediction: bool = False,
        sigma: Any = None,
    ) -> tuple[Any, Any, Any]:
        """Give the model's values and the band around them: (values, low, high).

        The confidence band is where the curve is, by the delta method: the variance
        of a value is gᵀ C g, with the exact gradient g by the parameters and their
        covariance C. With ``prediction=True`` a new measurement is where it says;
        ``sigma`` is its standard deviation, in a weighted fit in the unit of the
        weights' (by default 1 there, and as the residuals scatter in others).
        """
        check_switch("prediction", prediction)
        values, rows = self._model(data)
        covariance = np.nan_to_num(self.covariance)
        variance = np.einsum("i...,ij,j...->...", rows, covariance, rows)
        if prediction:
            new = 1.0 if sigma is None else np.asarray(sigma, dtype=float)
            variance = variance + (self.scale * new) ** 2
        half = self._factor(level) * np.sqrt(np.maximum(variance, 0.0))
        return values, values - half, values + half

    def report(self, detail: str = "brief", level: float = 0.95) -> Derivation:
        """Write the model, its derivatives and the result on one page, in any format.

        ``detail`` is that of ``explain``, ``level`` that of the intervals.
        """
        page = explain(self.graph, list(self.names), detail=detail)
        section = fit_section(self, self.interval(level), level)
        target = self.graph.shown(self.graph.output)
        title = ("The fit of ", target)
        return replace(page, title=title, sections=(*page.sections, *section))

    def save(self, path: str | Path) -> Path:
        """Write the report to a file; its suffix chooses the format."""
        return self.report().save(path)

    def __str__(self) -> str:
        return fit_text(self)

    def _repr_html_(self) -> str:
        return self.report()._repr_html_()

    def _model(self, data: Any) -> tuple[Any, Any]:
        given = self.columns.variables
        if data is not None:
            given = read_variables(list(given), data)
        f = lambdify(self.graph, list(self.names))
        values, rows = f(**self.at, **given)
        size = self.columns.y.shape if data is None else np.shape(values)
        return np.broadcast_to(values, size), np.broadcast_to(
            rows, (len(self.names), *size)
        )

    def _factor(self, level: float) -> float:
        if not is_number(level) or not 0 < float(level) < 1:
            raise ArgumentValueError(
                f"level is {short(level)}; expected a number between 0 and 1, as 0.95"
            )
        special = scipy_part("special")
        place = (1 + float(level)) / 2
        if self.absolute:
            return float(special.ndtri(place))
        return float(special.stdtrit(self.degrees, place))


def fit(
    source: Any,
    data: Any,
    start: Any = None,
    *,
    target: Any = None,
    sigma: Any = None,
    weights: Any = None,
    absolute_sigma: bool = False,
    bounds: Any = None,
    loss: str = "linear",
    f_scale: float | None = None,
    starts: int = 12,
    backend: str = "auto",
) -> FormulaFit:
    """Fit the parameters of a formula to data by least squares.

    >>> data = {"x": [0, 1, 2, 3], "y": [1.1, 2.9, 5.2, 6.8]}
    >>> print(fit("a*x + b", data))
    y = a*x + b, fitted to y at 4 points
    a = 1.940 ± 0.091
    b = 1.09 ± 0.17
    standard deviation of the residuals 0.202, R² = 0.9957

    ``data`` maps the variables and the measured values to columns of one length, as a
    DataFrame does; a number stands for all points. All other names of the formula are
    parameters. The values' column is called as the formula (``y``, or the name before
    its ``=``), or by ``target``, or is the one that is no name of the model. ``start``
    are first values of some parameters or all, ``bounds`` maps parameters to (low,
    high), None for no bound. ``sigma``, standard deviations of the values (a number,
    numbers, or the name of a column), or ``weights``, 1/sigma², weigh the points;
    ``absolute_sigma`` takes them as they are, else only their ratios count. ``loss``
    is ``"linear"`` or, against outliers, ``"soft_l1"``, ``"huber"``, ``"cauchy"`` or
    ``"arctan"``, which see residuals beyond ``f_scale`` as such (by default 1.345
    times their robust standard deviation). ``starts`` is the number of starts; 1 takes
    ``start`` alone.

    The covariance is s² (JᵀJ)⁻¹ (Seber and Wild, Nonlinear Regression, 1989, 2.1.2),
    for a robust loss that of an M-estimator (Huber and Ronchetti, Robust Statistics,
    2nd ed., 7.6).

    Raises ``ArgumentTypeError``, ``ArgumentValueError`` and ``UnknownNameError`` for
    data that cannot be used and for parameters that the data cannot tell apart;
    ``MissingPackageError`` without SciPy.
    """
    scipy_part("optimize")
    check_name("loss", loss, ROBUST)
    check_switch("absolute_sigma", absolute_sigma)
    if isinstance(starts, bool) or not isinstance(starts, int) or starts < 1:
        raise ArgumentTypeError(f"starts is {short(starts)}; expected 1, 2, 3, …")
    if f_scale is not None and not (is_number(f_scale) and 0 < f_scale < np.inf):
        raise ArgumentValueError(f"f_scale is {short(f_scale)}; expected a number > 0")
    graph = formula(source)
    columns = read_columns(graph, data, target, sigma, weights)
    first, limits = read_start(columns.names, start, bounds)
    if absolute_sigma and sigma is None and weights is None:
        raise ArgumentValueError("absolute_sigma needs sigma or weights; give one")
    problem = _Problem(graph, columns, limits, backend)
    points = _starts(problem, first, starts)
    found = _best([problem.solve(point) for point in points])
    costs = [one.cost for one in found]
    same = sum(bool(cost <= costs[0] * (1 + 1e-6)) for cost in costs)
    best = problem.solve(found[0].x, precise=True)
    best = best if best.cost <= found[0].cost else found[0]
    if loss != "linear":
        f_scale, best = _robust(problem, [best, *found[1:3]], loss, f_scale)
    return _result(
        problem, best, loss, f_scale or 1.0, (len(points), same), absolute_sigma
    )


class _Problem:
    """The weighted residuals of a model and their Jacobian, for SciPy's solvers."""

    def __init__(self, graph: Graph, columns: Columns, limits: Any, backend: str):
        self.graph, self.columns, self.limits = graph, columns, limits
        self.f = lambdify(graph, list(columns.names), backend=backend)
        self.big = 1e60 * (1 + float(np.max(abs(columns.y * columns.weights))))

    def both(self, x: Any) -> tuple[Any, Any]:
        """The model's values (n,) and partials (p, n) at one point."""
        with np.errstate(all="ignore"):
            value, rows = self.f(
                **dict(zip(self.columns.names, x, strict=True)),
                **self.columns.variables,
            )
        shape = self.columns.y.shape
        return np.broadcast_to(value, shape), np.broadcast_to(rows, (len(x), *shape))

    def many(self, x: Any, places: Any) -> tuple[Any, Any]:
        """Values (m, n) and partials (p, m, n) at m points of shape (p, m)."""
        data = {
            name: row[places] if row.ndim else row
            for name, row in self.columns.variables.items()
        }
        point = dict(zip(self.columns.names, x[:, :, None], strict=True))
        with np.errstate(all="ignore"):
            value, rows = self.f(**point, **data)
        shape = (x.shape[1], len(places))
        return np.broadcast_to(value, shape), np.broadcast_to(rows, (len(x), *shape))

    def residuals(self, x: Any) -> Any:
        found = (self.both(x)[0] - self.columns.y) * self.columns.weights
        return np.where(np.isfinite(found), found, self.big)

    def jacobian(self, x: Any) -> Any:
        rows = self.both(x)[1] * self.columns.weights
        return np.where(np.isfinite(rows), rows, 0.0).T.copy()

    def solve(
        self,
        point: Any,
        precise: bool = False,
        loss: str = "linear",
        f_scale: float = 1.0,
    ) -> Any:
        free = not np.any(np.isfinite(self.limits)) and loss == "linear"
        tolerance = 1e-15 if precise else 1e-9
        inside = (
            np.nextafter(self.limits[0], np.inf),
            np.nextafter(self.limits[1], -np.inf),
        )
        with np.errstate(all="ignore"):
            return scipy_part("optimize").least_squares(
                self.residuals,
                point if free else np.clip(point, *inside),
                jac=self.jacobian,
                method="lm" if free else "trf",
                bounds=(-np.inf, np.inf) if free else self.limits,
                x_scale="jac",
                ftol=tolerance,
                xtol=tolerance,
                gtol=tolerance,
                loss=loss,
                f_scale=f_scale,
                max_nfev=2000 if precise or free else 300,
            )


def _starts(problem: _Problem, first: dict[str, float], count: int) -> list[Any]:
    """The user's start, then others; each with the user's numbers where given."""
    names = problem.columns.names
    if count == 1:
        point = np.array([first.get(name, 1.0) for name in names])
        return [np.clip(point, *problem.limits)]
    variables = problem.columns.variables.values()
    sizes = [float(np.max(abs(row), initial=0.0)) for row in variables]
    found = first_points(
        problem.many,
        (problem.columns.y, problem.columns.weights),
        problem.limits,
        [size for size in sizes if size > 0],
        count,
    )
    if first:
        base = found[0] if found else np.ones(len(names))
        own = [first.get(name, base[i]) for i, name in enumerate(names)]
        found = [np.array(own), *found[: count - 1]]
    if not found:
        raise ArgumentValueError(
            "the model has no finite values at these data for any start that was "
            "tried; give start= for its parameters"
        )
    return found


def _best(found: list[Any]) -> list[Any]:
    """The least sum of squares first; among equals the one that was tried first."""
    least = min(one.cost for one in found)
    return sorted(found, key=lambda one: one.cost > least * (1 + 1e-9) and one.cost)


def _robust(
    problem: _Problem, found: list[Any], loss: str, f_scale: float | None
) -> tuple[float, Any]:
    """Fit with a robust loss; its scale, where none is given, from the residuals.

    1.345 robust standard deviations keep 95 % of the efficiency for normal errors
    (Huber and Ronchetti, Robust Statistics).
    """
    rounds = 6 if f_scale is None else 1
    scale = f_scale or 0.0
    for _ in range(rounds):
        if f_scale is None:
            rest = problem.residuals(found[0].x)
            scale = 1.345 * 1.4826 * float(np.median(abs(rest)))
            scale = scale or float(np.mean(abs(rest))) or 1.0
        found = _best([problem.solve(one.x, loss=loss, f_scale=scale) for one in found])
    return scale, problem.solve(found[0].x, True, loss, scale)


def _result(
    problem: _Problem,
    best: Any,
    loss: str,
    f_scale: float,
    starts: tuple[int, int],
    absolute: bool,
) -> FormulaFit:
    columns = problem.columns
    names = columns.names
    lows, highs = problem.limits
    near = 1e-9 * (1 + abs(best.x))
    free = (best.x - lows > near) & (highs - best.x > near)
    bound = np.where(best.x - lows <= near, lows, highs)
    x = np.where(free, best.x, bound)  # a solver stays just inside
    if not np.all(np.isfinite(problem.both(x)[0])):
        x = best.x
    values = problem.both(x)[0]
    if not np.all(np.isfinite(values)):
        raise ArgumentValueError(
            "the model has no finite values at these data near any start; give start= "
            "or bounds= for its parameters"
        )
    rest, rows = problem.residuals(x), problem.jacobian(x)
    degrees = columns.y.size - int(np.sum(free))
    psi, slope = _influence(loss, rest / f_scale)
    spread = float(np.sum((f_scale * psi) ** 2)) / degrees / slope**2
    factor = (1.0 if loss == "linear" else 1 / slope**2) if absolute else spread
    covariance = np.full((x.size, x.size), np.nan)
    inverse = _inverse(rows[:, free], [names[i] for i in np.flatnonzero(free)])
    covariance[np.ix_(free, free)] = factor * inverse
    errors = np.sqrt(np.diag(covariance))
    return FormulaFit(
        problem.graph,
        columns,
        dict(zip(columns.names, x.tolist(), strict=True)),
        dict(zip(columns.names, errors.tolist(), strict=True)),
        covariance,
        columns.y - values,
        1.0 if absolute else spread**0.5,
        degrees,
        loss,
        starts,
        tuple(n for n, f in zip(columns.names, free, strict=True) if not f),
        _is_minimum(f_scale * psi, rows[:, free], columns.y * columns.weights),
        absolute,
    )


def _influence(loss: str, u: Any) -> tuple[Any, float]:
    """Half the loss's first derivative at u, and the mean of half the second."""
    f = lambdify(hessian(ROBUST[loss], ["u"]), backend="numpy")
    first, second = f(u)
    curvature = np.broadcast_to(np.asarray(second).reshape(1, -1), (1, u.size))
    return np.broadcast_to(np.ravel(first), u.shape) / 2, float(np.mean(curvature)) / 2


def _is_minimum(psi: Any, rows: Any, y: Any) -> bool:
    size = float(np.linalg.norm(psi))
    if size <= 1e-12 * float(np.linalg.norm(y)) or not rows.size:
        return True
    cosines = abs(psi @ rows) / (size * np.linalg.norm(rows, axis=0))
    return bool(np.all(cosines < 1e-4))


def _inverse(rows: Any, names: list[str]) -> Any:
    """(JᵀJ)⁻¹ by the singular values of the scaled Jacobian.

    Raises ``ArgumentValueError`` where columns are zero or depend on one another.
    """
    sizes = np.linalg.norm(rows, axis=0)
    for name, size in zip(names, sizes, strict=True):
        if size == 0:
            raise ArgumentValueError(
                f"parameter {name!r} has no effect on the model at the best fit; give "
                f"it a number in data, or take it out of the formula"
            )
    _, values, turned = np.linalg.svd(rows / sizes, full_matrices=False)
    if values.size and values[-1] < COLLINEAR * values[0]:
        share = abs(turned[-1])
        alike = [n for n, s in zip(names, share, strict=True) if s > 0.1 * max(share)]
        raise ArgumentValueError(
            f"the data cannot tell the parameters {', '.join(alike)} apart: a change "
            "of one is undone by the others; give one of them a number in data, or "
            "take it out of the formula"
        )
    half = turned.T / values
    return (half @ half.T) / np.outer(sizes, sizes)
