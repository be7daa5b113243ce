"""A program of the reader, put together as SymPy expressions and stages.

The one rule kept here: numbers are folded under bounds, everything else stays as it was
written. The work is linear in the text: a sum or product under construction is a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NoReturn

import sympy as sp
from sympy import Expr, Integer, Rational

from symgrad import cutting
from symgrad.cutting import Cutting, Fail
from symgrad.errors import FormulaError, SymgradError, short
from symgrad.functions import FUNCTIONS
from symgrad.parser import Program
from symgrad.symbols import symbol
from symgrad.tokens import place

_ONE, _ZERO = Integer(1), Integer(0)
_CONSTANTS: dict[str, Expr] = {"pi": sp.pi}


@dataclass
class Value:
    """A value on the stack of the machine, under construction.

    A ``sum`` is ``number`` plus the sum of ``upper``; a ``product`` is ``number`` times
    ``upper`` over ``lower``; a ``number`` is its number; any other kind is the one
    expression in ``upper``. ``levels`` are those of the deepest part; ``constant`` is
    the value where there is no name in it; ``start``, ``end``: its place in the text.
    """

    kind: str
    number: Expr
    upper: list[Expr] = field(default_factory=list)
    lower: list[Expr] = field(default_factory=list)
    levels: int = 0
    constant: float | None = None
    start: int = 0
    end: int = 0


_HALF = Value("number", Rational(1, 2), constant=0.5)


@dataclass
class _Machine:
    """What the instructions work on; ``word`` and ``fail`` are those of the current."""

    cutting: Cutting
    fail: Fail
    word: str = ""
    stack: list[Value] = field(default_factory=list)


def assemble(text: str, program: Program, cut: Cutting) -> Expr:
    """Run a program, adding the stages it is cut into; give what is left.

    Raises ``FormulaError`` where a constant has no real value, ``BoundError`` where it
    is too large, both with the column and the sub-expression.
    """
    machine = _Machine(cut, _failing(text, 0, len(text)))
    for step in program.instructions:
        operands = machine.stack[len(machine.stack) - step.arity :]
        del machine.stack[len(machine.stack) - step.arity :]
        start = min([step.start, *(v.start for v in operands)])
        end = max([step.end, *(v.end for v in operands)])
        machine.word, machine.fail = step.value, _failing(text, start, end)
        value = _OPERATIONS[step.op](machine, operands)
        value.start, value.end = start, end
        machine.stack.append(value)
    return _sealed(machine.stack.pop())


def _failing(text: str, start: int, end: int) -> Fail:
    def fail(message: str, kind: type[SymgradError] = FormulaError) -> NoReturn:
        raise kind(f"{place(text, start)}: {short(text[start:end])} {message}")

    return fail


def _sealed(value: Value) -> Expr:
    """The finished expression of a value."""
    if value.kind == "number":
        return value.number
    if value.kind == "sum":
        return cutting.make_sum(value.number, value.upper)
    if value.kind == "product":
        lower = [cutting.make_inverse(expr) for expr in value.lower]
        return cutting.make_product(value.number, [*value.upper, *lower])
    return value.upper[0]


def _part(machine: _Machine, value: Value) -> Expr:
    """The expression of a value, to stand inside another; a deep one gets a name."""
    expr = _sealed(value)
    if value.levels >= cutting.MAX_LEVELS:
        value.levels = 0
        return machine.cutting.name(expr)
    return expr


def _argument(machine: _Machine, value: Value) -> Expr:
    """The expression of a value as an argument: a name if it is compound."""
    if value.constant is not None:
        return _part(machine, value)
    expr = _sealed(value)
    value.levels = 0
    return expr if cutting.is_plain(expr) else machine.cutting.name(expr)


def _other(expr: Expr, levels: int, constant: float | None) -> Value:
    return Value("other", _ZERO, [expr], [], levels, constant)


def _from_number(machine: _Machine, number: Expr) -> Value:
    constant = cutting.check_number(number, machine.fail)
    return Value("number", number, constant=constant)


def _number(machine: _Machine, operands: list[Value]) -> Value:
    word = machine.word
    number = Integer(int(word)) if word.isdigit() else sp.Float(word)
    return _from_number(machine, number)


def _name(machine: _Machine, operands: list[Value]) -> Value:
    return _other(symbol(machine.word), 0, None)


def _constant(machine: _Machine, operands: list[Value]) -> Value:
    expr = _CONSTANTS[machine.word]
    return _other(expr, 0, float(expr))


def _euler(machine: _Machine, operands: list[Value]) -> Value:
    return Value("euler", _ZERO)


def _group(machine: _Machine, operands: list[Value]) -> Value:
    return operands[0]


def _as_terms(machine: _Machine, value: Value) -> Value:
    """Any value as a sum."""
    if value.kind == "sum":
        return value
    if value.kind == "number":
        return replace(value, kind="sum")
    expr = _part(machine, value)
    levels = value.levels + 1
    if isinstance(expr, sp.Add):
        number, terms = expr.as_coeff_add()
        return Value("sum", number, list(terms), [], levels, value.constant)
    return Value("sum", _ZERO, [expr], [], levels, value.constant)


def _as_factors(machine: _Machine, value: Value) -> Value:
    """Any value as a product."""
    if value.kind == "product":
        return value
    if value.kind == "number":
        return replace(value, kind="product")
    expr = _part(machine, value)
    levels = value.levels + 1
    if isinstance(expr, sp.Mul):
        number = expr.args[0] if expr.args[0].is_Number else _ONE
        factors = [a for a in expr.args if not a.is_Number]
        return Value("product", number, factors, [], levels, value.constant)
    return Value("product", _ONE, [expr], [], levels, value.constant)


def _merge(a: list[Expr], b: list[Expr]) -> list[Expr]:
    """Join two lists by adding to the longer one: no sum costs more than n log n."""
    long, late = (a, b) if len(a) >= len(b) else (b, a)
    long.extend(late)
    return long


def _combined(
    a: float | None, b: float | None, op: Callable[..., float]
) -> float | None:
    return None if a is None or b is None else op(a, b)


def _add(machine: _Machine, operands: list[Value]) -> Value:
    a, b = (_as_terms(machine, value) for value in operands)
    constant = _combined(a.constant, b.constant, lambda x, y: x + y)
    number = a.number + b.number
    if not a.upper and not b.upper:
        return _from_number(machine, number)
    cutting.check_number(number, machine.fail)
    upper = _merge(a.upper, b.upper)
    levels = max(a.levels, b.levels)
    return Value("sum", number, upper, [], levels, constant)


def _negate(machine: _Machine, operands: list[Value]) -> Value:
    value = operands[0]
    if value.kind == "number":
        return _from_number(machine, -value.number)
    product = _as_factors(machine, value)
    product.number = -product.number
    if product.constant is not None:
        product.constant = -product.constant
    return product


def _subtract(machine: _Machine, operands: list[Value]) -> Value:
    a, b = operands
    return _add(machine, [a, _negate(machine, [b])])


def _multiply(machine: _Machine, operands: list[Value]) -> Value:
    a, b = (_as_factors(machine, value) for value in operands)
    constant = _combined(a.constant, b.constant, lambda x, y: x * y)
    number = a.number * b.number
    if number.is_zero:
        return _from_number(machine, _ZERO)
    if not (a.upper or a.lower or b.upper or b.lower):
        return _from_number(machine, number)
    cutting.check_number(number, machine.fail)
    if constant is not None:
        _check_constant(machine, constant)
    upper, lower = _merge(a.upper, b.upper), _merge(a.lower, b.lower)
    levels = max(a.levels, b.levels)
    return Value("product", number, upper, lower, levels, constant)


def _divide(machine: _Machine, operands: list[Value]) -> Value:
    a, b = operands[0], _as_factors(machine, operands[1])
    if b.number.is_zero or b.constant == 0:
        machine.fail("divides by zero; change the formula", FormulaError)
    constant = None if b.constant is None else 1 / b.constant
    inverse = Value(
        "product", 1 / b.number, b.lower, b.upper, b.levels, constant, b.start, b.end
    )
    return _multiply(machine, [a, inverse])


def _check_constant(machine: _Machine, constant: float) -> None:
    if not abs(constant) < cutting.LARGEST:
        cutting.check_number(sp.oo, machine.fail)


def _power(machine: _Machine, operands: list[Value]) -> Value:
    base, exponent = operands
    if base.kind == "euler":
        return _call_of(machine, "exp", [exponent])
    if base.kind == exponent.kind == "number":
        folded = cutting.fold_power(base.number, exponent.number, machine.fail)
        return _from_power(machine, folded, base, exponent)
    if exponent.kind == "number" and exponent.number in _EASY:
        return _EASY[exponent.number](machine, base)
    if exponent.constant is not None:
        cutting.check_exponent(exponent.constant, machine.fail)
    elif base.constant is not None:
        cutting.check_base(base.constant, machine.fail)
    constant = None
    if base.constant is not None and exponent.constant is not None:
        constant = cutting.constant_power(
            base.constant, exponent.constant, machine.fail
        )
    made = cutting.power(_argument(machine, base), _argument(machine, exponent))
    return _other(made, 1 + max(base.levels, exponent.levels), constant)


def _from_power(machine: _Machine, folded: Expr, base: Value, exponent: Value) -> Value:
    """A power of two numbers: a number, or a root that does not come out."""
    if folded.is_Number:
        return _from_number(machine, folded)
    constants = base.constant or 0.0, exponent.constant or 0.0
    return _other(folded, 1, cutting.constant_power(*constants, machine.fail))


_EASY: dict[Expr, Callable[[_Machine, Value], Value]] = {
    _ZERO: lambda machine, base: _from_number(machine, _ONE),
    _ONE: lambda machine, base: base,
    Integer(-1): lambda machine, base: _divide(
        machine, [_from_number(machine, _ONE), base]
    ),
}


def _call(machine: _Machine, operands: list[Value]) -> Value:
    return _call_of(machine, machine.word, operands)


def _call_of(machine: _Machine, name: str, operands: list[Value]) -> Value:
    constants = [v.constant for v in operands if v.constant is not None]
    args = [_argument(machine, value) for value in operands]
    constant = None
    if len(constants) == len(operands):
        constant = cutting.constant_call(
            machine.cutting, name, args, constants, machine.fail
        )
    if name == "sqrt" and operands[0].kind == "number":
        folded = cutting.fold_power(args[0], _HALF.number, machine.fail)
        return _from_power(machine, folded, operands[0], _HALF)
    made = FUNCTIONS[name].make(*args, evaluate=False)
    levels = 1 + max(value.levels for value in operands)
    return _other(made, levels, constant)


_OPERATIONS: Mapping[str, Callable[[_Machine, list[Value]], Value]] = {
    "number": _number,
    "name": _name,
    "constant": _constant,
    "euler": _euler,
    "group": _group,
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "negate": _negate,
    "power": _power,
    "call": _call,
}
