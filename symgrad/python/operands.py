"""Numbers and names of a Python function as the reader's instructions.

The one rule kept here: a value stands in a formula only as a number that a float can
hold, or as a name.
"""

from __future__ import annotations

import math
import numbers
from typing import Any

from sympy import Expr, Symbol

from symgrad.cutting import LARGEST
from symgrad.errors import BoundError
from symgrad.python.calls import CONSTANTS, Member
from symgrad.python.names import Context, Missing
from symgrad.reading.postfix import Instruction


def step(
    context: Context, node: Any, op: str, arity: int, value: str | None = None
) -> Instruction:
    start, end = context.source.span(node)
    return Instruction(op, op if value is None else value, arity, start, end)


def number(context: Context, node: Any, value: Any) -> list[Instruction]:
    """A number that stands in the source, or is what a name is worth outside."""
    if isinstance(value, Expr):
        if value.is_Rational and not value.is_Integer:
            over = number(context, node, value.q)
            return [
                *number(context, node, value.p),
                *over,
                step(context, node, "divide", 2),
            ]
        value = int(value) if value.is_Integer else float(value)
    if isinstance(value, bool | numbers.Integral):
        value = int(value)
    elif isinstance(value, numbers.Real):
        value = float(value)
    else:
        context.source.fail(node, "is no real number")
    if not math.isfinite(value) if isinstance(value, float) else abs(value) >= LARGEST:
        context.source.fail(
            node, "is no number that a float can hold; rescale", BoundError
        )
    made = [step(context, node, "number", 0, repr(abs(value)))]
    return [*made, step(context, node, "negate", 1)] if value < 0 else made


def operand(context: Context, node: Any, meant: Any) -> list[Instruction]:
    """The instructions for what a name means."""
    if isinstance(meant, Symbol):
        return [step(context, node, "name", 0, meant.name)]
    if isinstance(meant, Member) and meant in CONSTANTS:
        return constant(context, node, CONSTANTS[meant])
    if isinstance(meant, Missing):
        context.source.fail(
            node,
            f"has no value on every way through the 'if' of line {meant.line}; give "
            "it one before that 'if', or in each branch",
        )
    if isinstance(meant, Expr) and meant.args:
        meant = context.cutting.name(meant)
        return [step(context, node, "name", 0, meant.name)]
    if not isinstance(meant, Expr | numbers.Real):
        what = "a list" if type(meant) in (tuple, dict) else "no number"
        context.source.fail(node, f"is {what}; expected a number or a call")
    return number(context, node, meant)


def constant(context: Context, node: Any, name: str) -> list[Instruction]:
    pi = step(context, node, "constant", 0, "pi")
    one, two = (step(context, node, "number", 0, digit) for digit in "12")
    if name == "pi":
        return [pi]
    if name == "e":
        return [one, step(context, node, "call", 1, "exp")]
    return [two, pi, step(context, node, "multiply", 2)]
