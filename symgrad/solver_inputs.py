"""What a solver needs of a formula: functions of one vector, by the user's names.

The one rule kept here: names are read and checked in one place; a solver sees arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    check_mapping,
    check_name,
    short,
)
from symgrad.formulas import formula
from symgrad.graph import Graph
from symgrad.numeric.backends import lambdify
from symgrad.numeric.dask_arrays import computed
from symgrad.symbols import name_of

Numbers = Mapping[Any, Any]


def compiled(
    source: Any,
    wrt: Sequence[str],
    results: str = "both",
    reduce: str | None = None,
    backend: str = "auto",
    compile_by: Callable[..., Any] = lambdify,
) -> Callable[..., Any]:
    """Compile a function of the vector of ``wrt``."""
    layout = "vector" if wrt else "names"
    return compile_by(
        source,
        wrt,
        backend=backend,
        layout=layout,
        reduce=reduce,
        results=results,
    )


def with_data(data: Numbers | None) -> Callable[..., Callable[..., Any]]:
    """Give what binds the data to a compiled function."""
    if data is not None:
        check_mapping("data", data, "of names to numbers or arrays")
    named = {name_of(name): value for name, value in (data or {}).items()}

    def bound(f: Callable[..., Any], vectors: int = 1) -> Callable[..., Any]:
        if getattr(f, "backend", "") == "dask":
            return lambda *args: computed(f(*args[:vectors], **named))
        return lambda *args: f(*args[:vectors], **named)

    return bound


def residuals(
    source: Any, names: Sequence[str], data: Numbers | None, backend: str
) -> Callable[[Any], tuple[Any, Any]]:
    """Give residuals and Jacobian at a point, the last one kept."""
    graph = source if isinstance(source, Graph) else together(source)
    check_unknowns(graph, names)
    several = len(graph.outputs) > 1
    f = with_data(data)(compiled(graph, wrt=names, backend=backend))
    last: list[Any] = [None, None]

    def both(x: Any) -> tuple[Any, Any]:
        if last[0] is None or not np.array_equal(last[0], x):
            value, grad = f(x)
            rows = np.moveaxis(np.asarray(grad), 1 if several else 0, -1)
            found = np.ravel(value), rows.reshape(-1, len(names))
            last[:] = np.array(x), found
        return last[1]

    return both


def together(source: Any) -> Graph:
    """One Graph of a formula or of a list of them."""
    if isinstance(source, list | tuple) and len(source) == 1:
        source = source[0]
    return formula(source)


def left_sides(source: Any) -> Any:
    """Bring both sides of equations to the left; formulas stay what they are."""
    if isinstance(source, list | tuple):
        return [left_sides(each) for each in source]
    if not isinstance(source, str):
        lhs, rhs = getattr(source, "lhs", None), getattr(source, "rhs", None)
        return source if lhs is None else lhs - rhs
    first, semicolon, rest = source.partition(";")
    left, equals, right = first.partition("=")
    if not equals or left.endswith(("<", ">", "!")) or right.startswith("="):
        return source
    return f"({left}) - ({right}){semicolon}{rest}"


def first_point(start: Numbers) -> tuple[tuple[str, ...], Any]:
    if not isinstance(start, Mapping) or not start:
        raise ArgumentTypeError(
            f"start is {short(start)}; expected a mapping of variables to numbers"
        )
    names = tuple(name_of(name) for name in start)
    try:
        x0 = np.array([float(value) for value in start.values()])
    except (TypeError, ValueError, OverflowError):
        raise ArgumentTypeError(
            f"start is {short(dict(start))}; expected one number for each variable"
        ) from None
    return names, x0


def check_unknowns(graph: Graph, names: Sequence[str]) -> None:
    """Refuse an unknown that the formula does not have; x_3 may be one of its data."""
    leaves = [leaf.name for leaf in (*graph.inputs, *graph.parameters)]
    for name in names:
        if not any(name.startswith(f"{leaf}_") for leaf in leaves):
            check_name("variable", name, leaves)


def check_method(method: Any, known: Sequence[str]) -> None:
    """Refuse a method that SciPy has not; a function may be one of the user's own."""
    if not callable(method):
        check_name("method", method, known)


def is_number(value: Any) -> bool:
    """Whether a value is one real number that a float can hold, an infinity too."""
    try:
        return (
            np.ndim(value) == 0
            and not isinstance(value, str)
            and float(value) == (float(value))
        )
    except (TypeError, ValueError, OverflowError):
        return False


def measured(y: Any) -> Any:
    """The measured values of a fit as one row of floats."""
    try:
        found = np.asarray(y, dtype=float).ravel()
    except (TypeError, ValueError, OverflowError):
        found = np.array([])
    if not found.size or not np.all(np.isfinite(found)):
        raise ArgumentValueError(
            f"y is {short(y)}; expected an array of numbers, one for each point"
        )
    return found


def number_of(start: Numbers, state: Any) -> Any:
    check_mapping("start", start, "of states to numbers")
    for name, value in start.items():
        if name_of(name) == name_of(state):
            return value
    raise ArgumentValueError(f"start has no number for the state {name_of(state)!r}")


def bound_pairs(bounds: Numbers, names: Sequence[str]) -> list[tuple[Any, Any]]:
    """Bounds for every variable; None where there is none."""
    given = {}
    check_mapping("bounds", bounds, "of variables to pairs (low, high)")
    for name, pair in bounds.items():
        check_name("variable in bounds", name_of(name), names)
        is_pair = isinstance(pair, list | tuple) and len(pair) == 2
        if not is_pair or not all(b is None or is_number(b) for b in pair):
            raise ArgumentTypeError(
                f"the bounds of {name_of(name)!r} are {short(pair)}; expected "
                "(low, high), None for no bound"
            )
        given[name_of(name)] = tuple(pair)
    return [given.get(name, (None, None)) for name in names]


def bound_rows(bounds: Numbers, names: Sequence[str]) -> tuple[list[Any], list[Any]]:
    """Lower bounds and upper bounds, infinite where there is none."""
    pairs = bound_pairs(bounds, names)
    return (
        [-np.inf if low is None else low for low, _ in pairs],
        [np.inf if high is None else high for _, high in pairs],
    )


def with_names(found: Any, names: Sequence[str], rows: Any = None) -> Any:
    """Add the names to a result of SciPy's."""
    found["names"] = tuple(names)
    values = found.x.tolist() if rows is None else list(rows)
    found["at"] = dict(zip(names, values, strict=True))
    return found
