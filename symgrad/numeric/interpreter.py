"""A tape computed entry by entry with NumPy, without compiling anything.

The one rule kept here: the functions are those of the ``numpy`` dialect, so that a
number seen once on a page is the number of the compiled program; what NumPy lacks is
computed by mpmath, whether SciPy is installed or not.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symgrad.numeric.codegen import harness
from symgrad.numeric.codegen.dialects import DIALECTS
from symgrad.numeric.exact import to_float
from symgrad.numeric.high_precision import number_function
from symgrad.numeric.recorder import operands
from symgrad.numeric.tape import Tape

_OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "negate": operator.neg,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
}


def run_tape(tape: Tape, args: Sequence[Any]) -> list[Any]:
    """Give the values of a tape's outputs, each of the batch shape of ``args``."""
    flat, _, real, shape = harness.spread(tape.arguments, args)
    with np.errstate(all="ignore"):
        values = _values(tape, flat, real)
    size = int(np.prod(shape, dtype=np.int64))
    return [
        np.broadcast_to(np.reshape(values[k], -1), size).astype(real).reshape(shape)
        for k in tape.values
    ]


def _values(tape: Tape, flat: Sequence[Any], real: Any) -> list[Any]:
    """The value of every entry; that of an integral, by the integrand's own tape."""
    values: list[Any] = []
    for entry in tape.entries:
        if entry[0] == "argument":
            values.append(flat[entry[1]])
        elif entry[0] == "constant":
            values.append(real(to_float(entry[1])))
        elif entry[0] == "truth":
            values.append(np.bool_(entry[1]))
        elif entry[0] == "integral":
            given = (values[k] for k in operands(entry))
            values.append(_integral(entry[1].tape, real, *given))
        else:
            function = _function(entry[0])
            values.append(function(*(values[k] for k in operands(entry))))
    return values


def _integral(tape: Tape, real: Any, *args: Any) -> Any:
    def integrand(*arguments: Any) -> Any:
        return _values(tape, arguments, real)[tape.values[0]]

    return DIALECTS["numpy"].helpers.quadrature(integrand, *args)


def _function(name: str) -> Callable[..., Any]:
    if name in _OPERATORS:
        return _OPERATORS[name]
    dialect = DIALECTS["numpy"]
    if name in dialect.lacks:
        return np.vectorize(number_function(name), otypes=[float])
    spelled = dialect.functions.get(name, name)
    helper = getattr(dialect.helpers, spelled, None)
    return helper if helper is not None else getattr(np, spelled)
