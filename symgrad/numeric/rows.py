"""The rows of the formulary as small programs, repeated wherever they are needed.

The one rule kept here: a derivative is read from ``DERIVATIVES`` and compiled once;
a seed is multiplied into it as cheaply as it goes (1/v is one division, 1 nothing).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from sympy import Expr, Mul, Pow
from sympy.logic.boolalg import Boolean

from symgrad.derivatives import INSIDE, LIMITS, SAFER, derivative_row, f, u, v
from symgrad.numeric.entries import (
    INDEXED,
    LEAVES,
    REDUCTIONS,
    Entry,
    operands,
    reachable,
)
from symgrad.numeric.exact_recorder import ExactRecorder
from symgrad.numeric.reading import (
    Recording,
    fraction,
    is_denominator,
    parts_of,
    read,
)
from symgrad.numeric.recorder import Recorder
from symgrad.user_functions import LETTERS

FLAT: tuple[str, ...] = (
    *("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"),
    *("and", "or", "not"),
)
_CONSTANT = frozenset((*FLAT, *LEAVES, *INDEXED, "others", "largest", "Heaviside"))


@dataclass(frozen=True)
class Row:
    """One local derivative as entries of its own: plus or minus a fraction.

    ``steps`` are (number, entry) pairs; the arguments 0, 1, 2 stand for u, v and f,
    those after them for the further arguments of a user's function. ``inside`` is the
    condition that it is the derivative, where it has numbers elsewhere too; ``limit``
    the condition that another number is it, and that number.
    """

    steps: tuple[tuple[int, Entry], ...]
    negative: bool
    numerator: int
    denominator: int
    inside: int | None = None
    limit: tuple[int, int] | None = None


_NAMES = (u, v, f, *LETTERS[2:])


@cache
def row_of(operation: str, place: int, kind: Callable[[], Recorder] = Recorder) -> Row:
    """Compile the derivative of an operation by its argument number ``place``."""
    limits = LIMITS.get(operation)
    limit = limits[place] if limits else None
    expr = derivative_row(operation, place)
    if operation in SAFER and kind is not ExactRecorder:
        expr = SAFER[operation][place]
    return _compiled(expr, kind, INSIDE.get(operation), limit)


@lru_cache(maxsize=512)
def _compiled(
    expr: Expr,
    kind: Callable[[], Recorder],
    inside: Boolean | None = None,
    limit: tuple[Boolean, Expr] | None = None,
) -> Row:
    recorder = kind()
    letters = {s: recorder.record("argument", k) for k, s in enumerate(_NAMES)}
    places = {s: (2, k, k) for s, k in letters.items()}
    recording = Recording(recorder, letters, places)
    for part in parts_of(expr) if isinstance(expr, Mul | Pow) else (expr,):
        read(part, recording)
    if isinstance(expr, Pow) and not is_denominator(expr):
        read(expr, recording)
    numerator, denominator = fraction(expr, recording)
    entry = recorder.entries[numerator]
    negative = entry[0] == "negate" or (entry[0] == "constant" and entry[1] < 0)
    if negative:
        numerator = recorder.negate(numerator)
    condition = None if inside is None else read(inside, recording)
    far = limit and (read(limit[0], recording), read(limit[1], recording))
    more = () if condition is None else (condition,)
    roots = (numerator, denominator, *more, *(far or ()))
    needed = reachable(recorder.entries, roots)
    steps = tuple((k, recorder.entries[k]) for k in needed)
    return Row(steps, negative, numerator, denominator, condition, far)


def local_times(recorder: Recorder, seed: int, number: int, place: int) -> int:
    """Record seed·∂entry/∂(its argument number ``place``), as cheaply as it goes."""
    entry = recorder.entries[number]
    operation = entry[0]
    if operation == "hold":
        return seed
    ids = (*entry[1:], number)
    kind: Callable[[], Recorder] = type(recorder)
    if operation == "integer_power":
        ids = (entry[1], recorder.constant(entry[2]), number)
        operation = "power"
    elif len(entry) == 2:
        ids = (entry[1], -1, number)
    if operation == "user":
        row = _compiled(entry[2].derivatives[place], kind)
        ids = (entry[3], entry[4] if len(entry) > 4 else -1, number, *entry[5:])
    else:
        row = row_of(operation, place, kind)
    new: dict[int, int] = {}
    for k, step in row.steps:
        new[k] = repeat(recorder, step, new, ids)
    numerator, denominator = new[row.numerator], new[row.denominator]
    if recorder.value(seed) == 1:
        product = recorder.divide(numerator, denominator)
    else:
        product = recorder.multiply(recorder.divide(seed, denominator), numerator)
    if entry[0] == "power" and place == 0 and recorder.axes.get(entry[2]):
        # a term a_0·w^0 has the slope 0, at w = 0 too
        zero = recorder.constant(0)
        no_power = recorder.relation("equal", entry[2], zero)
        product = recorder.select(no_power, zero, product)
    product = recorder.negate(product) if row.negative else product
    if row.limit is not None:
        where, value = (new[k] for k in row.limit)
        product = recorder.select(where, recorder.multiply(seed, value), product)
    if row.inside is None:
        return product
    return recorder.select(new[row.inside], product, recorder.constant(math.nan))


def constant_slope(recorder: Recorder, number: int) -> int:
    """Record the derivative of a branch that nothing flows through: 0, of nan nan."""
    value = recorder.value(number)
    is_outside = isinstance(value, float) and math.isnan(value)
    return recorder.constant(math.nan if is_outside else 0)


def repeat(
    recorder: Recorder, step: Entry, new: dict[int, int], ids: tuple[int, ...]
) -> int:
    """Record one entry anew in another program, its arguments being ``ids``."""
    name = step[0]
    if name == "argument":
        return ids[step[1]]
    if name in LEAVES:
        return recorder.record(*step)
    if name == "integer_power":
        return recorder.integer_power(new[step[1]], step[2])
    if name == "user":
        return recorder.record(name, new[step[1]], step[2], *(new[k] for k in step[3:]))
    if name in ("and", "or"):
        return recorder.connect(name, *(new[k] for k in step[1:]))
    if name == "not":
        return recorder.invert(new[step[1]])
    arguments = [new[k] for k in step[1:]]
    if name in ("add", "subtract", "negate", "multiply", "divide", "power", "select"):
        number: int = getattr(recorder, name)(*arguments)
        return number
    if name in FLAT:
        return recorder.relation(name, *arguments)
    return recorder.function(name, *arguments)


def slots(entry: Entry) -> Sequence[tuple[int, int]]:
    """The (place, argument) pairs through which a derivative flows."""
    if entry[0] in _CONSTANT:
        return ()
    if entry[0] == "select":
        return ((1, entry[2]), (2, entry[3]))
    if entry[0] in REDUCTIONS:
        return ((0, entry[1]),)
    if entry[0] == "user":
        return tuple(enumerate(entry[3:]))
    return tuple(enumerate(operands(entry)))
