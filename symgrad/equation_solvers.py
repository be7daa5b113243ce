"""SciPy's solvers of equations on formulas: roots, and differential equations.

The one rule kept here: SciPy does the solving; what is added is the function with its
exact derivatives, and ``at``, the answer by the user's own names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    check_mapping,
    check_name,
    short,
)
from symgrad.numeric.scipy_door import scipy_part
from symgrad.solver_inputs import (
    Numbers,
    check_method,
    compiled,
    first_point,
    left_sides,
    number_of,
    residuals,
    together,
    with_names,
)
from symgrad.symbols import name_of

_ROOT_WITH_JACOBIAN = ("hybr", "lm")


_ROOT_METHODS = (
    *_ROOT_WITH_JACOBIAN,
    *("broyden1", "broyden2", "anderson", "linearmixing", "diagbroyden"),
    *("excitingmixing", "krylov", "df-sane"),
)


_STIFF = ("Radau", "BDF", "LSODA")


_IVP_METHODS = ("RK45", "RK23", "DOP853", *_STIFF)


def root(
    source: Any,
    start: Numbers,
    data: Numbers | None = None,
    *,
    method: str = "hybr",
    backend: str = "auto",
    **options: Any,
) -> Any:
    """Solve equations by ``scipy.optimize.root``.

    >>> found = root(["x^2 + y^2 = 4", "x = y"], {"x": 1, "y": 2})
    >>> {name: round(value, 6) for name, value in found.at.items()}
    {'x': 1.414214, 'y': 1.414214}

    ``source`` is an equation, a formula that shall be 0, or a list of as many as
    ``start`` has unknowns. The exact Jacobian is passed on to the methods that use
    one (``hybr``, ``lm``). Arguments and result are as those of ``minimize``.
    """
    optimize = scipy_part("optimize")
    check_method(method.lower() if isinstance(method, str) else method, _ROOT_METHODS)
    names, x0 = first_point(start)
    both = residuals(left_sides(source), names, data, backend)
    count = len(both(x0)[0])
    if count != len(names):
        raise ArgumentValueError(
            f"{count} equations for {len(names)} unknowns ({short(', '.join(names))}); "
            "give one for each, or use least_squares"
        )
    if method in _ROOT_WITH_JACOBIAN:
        found = optimize.root(both, x0, jac=True, method=method, **options)
    else:
        found = optimize.root(lambda x: both(x)[0], x0, method=method, **options)
    return with_names(found, names)


def solve_ivp(
    equations: Numbers,
    span: Sequence[float],
    start: Numbers,
    data: Numbers | None = None,
    *,
    time: str = "t",
    method: str = "RK45",
    backend: str = "auto",
    **options: Any,
) -> Any:
    """Solve ordinary differential equations by ``scipy.integrate.solve_ivp``.

    >>> found = solve_ivp({"x": "v", "v": "-x"}, (0, 3.14159265), {"x": 1, "v": 0})
    >>> round(float(found.at["x"][-1]), 2)
    -1.0

    ``equations`` maps each state to the formula of its derivative by ``time``, ``span``
    is (first, last) time, ``start`` maps the states to numbers, ``data`` other names
    to numbers. The stiff methods Radau, BDF and LSODA get the exact Jacobian;
    ``method``, ``t_eval``, ``rtol`` and all further options are SciPy's. The result is
    SciPy's, with ``at``: each state's values at the times ``found.t``.
    """
    integrate = scipy_part("integrate")
    check_method(method, _IVP_METHODS)
    time = name_of(time)
    check_mapping("start", start, "of states to numbers")
    if not isinstance(equations, Mapping) or not equations:
        raise ArgumentTypeError(
            f"equations is {short(equations)}; expected a mapping of states to formulas"
        )
    _check_span(span)
    if data is not None:
        check_mapping("data", data, "of names to numbers")
    names, x0 = first_point(
        {name_of(state): number_of(start, state) for state in equations}
    )
    for name in start:
        check_name("state", name_of(name), names)
    graph = together(list(equations.values()))
    moved = [k for k, name in enumerate(names) if name in graph.names]
    used = [names[k] for k in moved]
    constants = {name_of(name): value for name, value in (data or {}).items()}
    timed = time in {s.name for s in (*graph.inputs, *graph.parameters)}
    f = compiled(graph, wrt=used, results="value", backend=backend)

    def given(t: float, y: Any) -> tuple[list[Any], dict[str, Any]]:
        return [y[moved]] if used else [], constants | ({time: t} if timed else {})

    def slopes(t: float, y: Any) -> Any:
        args, named = given(t, y)
        return np.reshape(f(*args, **named), len(names))

    if method in _STIFF and used:
        by_state = compiled(graph, wrt=used, results="gradient", backend=backend)

        def matrix(t: float, y: Any) -> Any:
            args, named = given(t, y)
            found = np.zeros((len(names), len(names)))
            found[:, moved] = np.reshape(by_state(*args, **named), (len(names), -1))
            return found

        options.setdefault("jac", matrix)
    found = integrate.solve_ivp(slopes, span, x0, method=method, **options)
    return with_names(found, names, found.y)


def _check_span(span: Any) -> None:
    is_pair = isinstance(span, list | tuple | np.ndarray) and len(span) == 2
    if not is_pair or not all(np.ndim(t) == 0 and np.isreal(t) for t in span):
        raise ArgumentTypeError(
            f"span is {short(span)}; expected the first and the last time, (0, 10)"
        )
    if not np.all(np.isfinite(np.asarray(span, dtype=float))):
        raise ArgumentValueError(f"span is {short(span)}; expected two finite times")
