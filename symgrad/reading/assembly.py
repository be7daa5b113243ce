"""A program of the reader, put together as SymPy expressions and stages.

The one rule kept here: numbers are folded under bounds, everything else stays as it was
written, and the body of a function is run anew for each use, in a list of frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sympy import Expr

from symgrad import cutting
from symgrad.cutting import Cutting
from symgrad.errors import BoundError
from symgrad.reading.operations import OPERATIONS
from symgrad.reading.postfix import Program
from symgrad.reading.values import (
    Frame,
    Machine,
    Value,
    argument,
    other,
    sealed,
)
from symgrad.user_functions import UserFunction

MAX_STEPS = 20_000


def assemble(
    text: str,
    program: Program,
    cut: Cutting,
    functions: Mapping[str, tuple[tuple[str, ...], Program]] | None = None,
    added: Mapping[str, UserFunction] | None = None,
) -> Expr:
    """Run a program, adding the stages it is cut into; give what is left.

    ``functions`` are those the text defines, each with its parameters, ``added`` those
    that the user added. Raises
    ``FormulaError`` where a constant has no real value, ``BoundError`` where it is too
    large, both with the column and the sub-expression.
    """
    machine = Machine(text, cut, functions or {}, added or {}, end=len(text))
    machine.frames.append(Frame(program))
    while machine.frames:
        frame = machine.frames[-1]
        if frame.at < len(frame.program.instructions):
            _step(machine, frame)
        else:
            machine.frames.pop()
            _finish(machine, frame)
    return sealed(machine.stack.pop())


def _step(machine: Machine, frame: Frame) -> None:
    """Run one instruction."""
    step = frame.program.instructions[frame.at]
    machine.inside = frame.inside or frame.at in frame.program.branches
    frame.at += 1
    start, end, operands = step.start, step.end, []
    if step.arity:
        operands = machine.stack[-step.arity :]
        del machine.stack[-step.arity :]
        for value in operands:
            start = min(start, value.start)
            end = max(end, value.end)
    machine.word, machine.start, machine.end = step.value, start, end
    if step.op == "apply" and step.value not in machine.added:
        _apply(machine, operands, start, end)
        return
    value = OPERATIONS[step.op](machine, operands)
    value.start, value.end = start, end
    machine.stack.append(value)


def _apply(machine: Machine, operands: list[Value], start: int, end: int) -> None:
    """Use a function of the text: its body is run with the arguments put in."""
    name = machine.word
    parameters, body = machine.functions[name]
    args = tuple(argument(machine, value) for value in operands)
    known = machine.cutting.uses.get((name, args))
    if known is not None and not machine.inside:
        machine.stack.append(replace(other(known, 0, None), start=start, end=end))
        return
    machine.cutting.count += len(body.instructions)
    if machine.cutting.count > MAX_STEPS:
        machine.fail(
            f"is beyond the bound MAX_STEPS ({MAX_STEPS:,}) of operations in the uses "
            "of functions of one text; define some uses by names, or build a Graph",
            BoundError,
        )
    bound = {
        parameter: value
        if value.kind == "number"
        else other(arg, value.levels, value.constant)
        for parameter, arg, value in zip(parameters, args, operands, strict=True)
    }
    machine.frames.append(Frame(body, bound, (name, args), machine.inside, start, end))


def _finish(machine: Machine, frame: Frame) -> None:
    """Name the value of a use of a function as a stage, ``f_1``, ``f_2``, …"""
    if frame.key is None:
        return
    value = machine.stack[-1]
    value.start, value.end = frame.start, frame.end
    machine.inside = frame.inside
    machine.start, machine.end = frame.start, frame.end
    if value.constant is None and not frame.inside:
        expr = sealed(value)
        if not cutting.is_plain(expr):
            expr = machine.cutting.name(expr, frame.key[0])
        machine.cutting.uses[frame.key] = expr
        machine.stack[-1] = replace(
            other(expr, 0, None), start=frame.start, end=frame.end
        )
