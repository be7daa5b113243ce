"""Arguments of exact functions: taken as they are, and put in order.

The one rule kept here: nothing of a number is lost. A float is the binary fraction
that it holds, a text the decimal that it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from symgrad.errors import ArgumentTypeError, ArgumentValueError, short
from symgrad.numeric.codegen.data_harness import checked_data, told_by_data
from symgrad.numeric.codegen.harness import bind
from symgrad.numeric.tape import Tape


def settled(
    tape: Tape, vector: int, args: Sequence[Any], named: Mapping[str, Any]
) -> list[Any]:
    """All arguments in order, as exact numbers or object arrays of them."""
    first: Any = []
    given, rest = list(args), tape.arguments[vector:]
    if vector:
        listed = ", ".join(tape.arguments[:vector][:12])
        if not args:
            raise ArgumentTypeError(f"missing the vector of {listed}")
        first = _exact("vector", args[0])
        if np.shape(first) != (vector,):
            raise ArgumentValueError(
                f"the vector has shape {np.shape(first)}; expected ({vector},), "
                f"one number each for {listed}"
            )
        given = given[1:]
    if tape.data:
        known = {**dict(zip(rest, given, strict=False)), **named}
        places = range(len(given), len(rest))
        told = _told(tape, {**dict(zip(tape.arguments, first, strict=False)), **known})
        named = {**named, **{rest[k]: told[rest[k]] for k in places if rest[k] in told}}
    bound = bind(rest, given, named)
    return [*first, *(_exact(n, v) for n, v in zip(rest, bound, strict=True))]


def _told(tape: Tape, known: dict[str, Any]) -> dict[str, Any]:
    """Add the counts that the lengths of data tell, and x_k by x and k."""
    arrays, counts, elements, nests = tape.data
    names = tape.arguments
    known = told_by_data(names, known, (arrays, counts, (), nests))
    for element, place, chosen in elements:
        needed = {names[place], *(names[k] for k, _ in chosen if k >= 0)}
        if names[element] in known or not needed <= {*known}:
            continue
        data = _exact(names[place], known[names[place]])
        where = []
        for axis, (count, offset) in enumerate(chosen):
            first = dict(arrays)[place][axis][0]
            given = known[names[count]] if count >= 0 else 0
            k = exact_number(names[count], given) + offset - first
            if k not in range(np.shape(data)[axis]):
                raise ArgumentValueError(
                    f"argument {names[count]!r} is {short(given)}; expected a place "
                    f"among the data {names[place]!r}"
                )
            where.append(int(k))
        known[names[element]] = data[tuple(where)]
    return known


def _exact(name: str, value: Any) -> Any:
    """An exact number, or an object array of them."""
    if not isinstance(value, list | tuple | np.ndarray):
        return exact_number(name, value)
    array = np.array(value, dtype=object)
    found = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        found[place] = exact_number(name, array[place])
    return found if array.ndim else found[()]


def points_of(tape: Tape, values: list[Any]) -> tuple[tuple[int, ...], list[list[Any]]]:
    """The shape that all arguments broadcast to, and the arguments of each point.

    Raises ``ArgumentValueError`` where there is none, or data have another length.
    """
    names = tape.arguments
    arrays = tape.data[0] if tape.data else ()
    own = {place: len(dims) for place, dims in arrays}
    for place, dims in arrays:
        floats = [v if np.ndim(v) else _as_float(v) for v in values]
        floats[place] = np.zeros(np.shape(values[place]))
        checked_data(names, floats, place, dims)
    shapes = [np.shape(v)[: np.ndim(v) - own.get(k, 0)] for k, v in enumerate(values)]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        listed = ", ".join(f"{n} {s}" for n, s in zip(names, shapes, strict=True) if s)
        raise ArgumentValueError(
            f"arguments do not broadcast to one shape: {listed}"
        ) from None
    full = [
        np.broadcast_to(v, (*shape, *np.shape(v)[len(s) :])) if np.ndim(v) else v
        for v, s in zip(values, shapes, strict=True)
    ]
    places = np.ndindex(shape)
    return shape, [[v[k] if np.ndim(v) else v for v in full] for k in places]


def exact_number(name: str, value: Any) -> Any:
    """Take an argument as it is: a fraction, an infinite float, a number of SymPy's.

    >>> exact_number("x", "0.1"), exact_number("x", 0.5), exact_number("x", sp.pi)
    (Fraction(1, 10), Fraction(1, 2), pi)

    A float is the binary fraction that it holds. Raises ``ArgumentTypeError`` for what
    is no real number, ``ArgumentValueError`` for a text that is none.
    """
    if isinstance(value, str):
        try:
            return Fraction(value.strip())
        except (ValueError, ZeroDivisionError):
            raise ArgumentValueError(
                f"argument {name!r} is {short(value)}; expected a number such as "
                "'0.1' or '1/3'"
            ) from None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, sp.Expr):
        return _of_sympy(name, value)
    if hasattr(value, "_mpf_"):
        return _of_mpmath(value)
    try:
        return Fraction(*value.as_integer_ratio())
    except (OverflowError, ValueError):  # infinite, or nan
        return float(value)
    except (AttributeError, TypeError):
        raise ArgumentTypeError(
            f"argument {name!r} is of type {type(value).__name__}; expected a real "
            "number, a text such as '0.1', or an array with rows of one length"
        ) from None


def _of_sympy(name: str, value: sp.Expr) -> Any:
    if isinstance(value, sp.Rational):
        return Fraction(int(value.p), int(value.q))
    if isinstance(value, sp.Float):
        return _of_mpmath(value)
    if value in (sp.oo, -sp.oo, sp.nan):
        return float(value)
    if not value.is_number or value.has(sp.Float) or not value.is_extended_real:
        raise ArgumentTypeError(
            f"argument {name!r} is {short(value)}; expected a real number without "
            "floats in it"
        )
    return value


def _of_mpmath(value: Any) -> Any:
    sign, mantissa, exponent, _ = value._mpf_
    if not mantissa and exponent:
        return float(value)
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
