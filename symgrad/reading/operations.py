"""The operations of the reader's machine: numbers, names, arithmetic, calls.

The one rule kept here: numbers are folded under bounds, everything else stays as it was
written. Over 300 lines, as it is one table with a short function for each operation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import sympy as sp
from sympy import Expr, Integer, Rational

from symgrad import cutting
from symgrad.cutting import MAX_EXPONENT, MAX_FACTORIAL
from symgrad.decimals import product, total, whole
from symgrad.errors import BoundError, FormulaError
from symgrad.functions import FUNCTIONS
from symgrad.indexed import Element, Index, free_leaves, is_whole
from symgrad.reading.indexing import INDEXING
from symgrad.reading.selections import SELECTING
from symgrad.reading.values import (
    ONE,
    ZERO,
    Machine,
    Value,
    argument,
    as_factors,
    as_terms,
    from_number,
    other,
    sealed,
)
from symgrad.symbols import Abstract, symbol

_CONSTANTS: dict[str, Expr] = {"pi": sp.pi}
_HALF = Value("number", Rational(1, 2), constant=0.5)


def _number(machine: Machine, operands: list[Value]) -> Value:
    word = machine.word
    is_exact = word.isdigit() or "/" in word  # ½ is 1/2
    number = Rational(word) if is_exact else whole(sp.Float(word))
    return from_number(machine, number)


def _name(machine: Machine, operands: list[Value]) -> Value:
    bound = machine.frames[-1].bound.get(machine.word)
    if bound is not None:
        return replace(bound, upper=list(bound.upper))
    return other(symbol(machine.word), 0, None)


def _constant(machine: Machine, operands: list[Value]) -> Value:
    expr = _CONSTANTS[machine.word]
    return other(expr, 0, float(expr))


def _euler(machine: Machine, operands: list[Value]) -> Value:
    return Value("euler", ZERO)


def _group(machine: Machine, operands: list[Value]) -> Value:
    return operands[0]


def _merge(a: list[Expr], b: list[Expr]) -> list[Expr]:
    """Join two lists by adding to the longer one: no sum costs more than n log n."""
    long, late = (a, b) if len(a) >= len(b) else (b, a)
    long.extend(late)
    return long


def _combined(
    a: float | None, b: float | None, op: Callable[..., float]
) -> float | None:
    return None if a is None or b is None else op(a, b)


def _add(machine: Machine, operands: list[Value]) -> Value:
    a, b = (as_terms(machine, value) for value in operands)
    constant = _combined(a.constant, b.constant, lambda x, y: x + y)
    number = total(a.number, b.number)
    if not a.upper and not b.upper:
        return from_number(machine, number)
    cutting.check_number(number, machine.fail)
    upper = _merge(a.upper, b.upper)
    levels = max(a.levels, b.levels)
    return Value("sum", number, upper, [], levels, constant)


def _negate(machine: Machine, operands: list[Value]) -> Value:
    value = operands[0]
    if value.kind == "number":
        return from_number(machine, -value.number)
    factors = as_factors(machine, value)
    factors.number = -factors.number
    if factors.constant is not None:
        factors.constant = -factors.constant
    return factors


def _subtract(machine: Machine, operands: list[Value]) -> Value:
    a, b = operands
    return _add(machine, [a, _negate(machine, [b])])


def _multiply(machine: Machine, operands: list[Value]) -> Value:
    a, b = (as_factors(machine, value) for value in operands)
    constant = _combined(a.constant, b.constant, lambda x, y: x * y)
    number = product(a.number, b.number)
    if number.is_zero:
        return _no_product(machine, a, b)
    if not (a.upper or a.lower or b.upper or b.lower):
        return from_number(machine, number)
    cutting.check_number(number, machine.fail)
    if constant is not None:
        _check_constant(machine, constant)
    upper, lower = _merge(a.upper, b.upper), _merge(a.lower, b.lower)
    levels = max(a.levels, b.levels)
    return Value("product", number, upper, lower, levels, constant)


def _no_product(machine: Machine, a: Value, b: Value) -> Value:
    """0 times anything is 0, but data stay data: a term 0·d_i still has its d_i."""
    parts = [*a.upper, *a.lower, *b.upper, *b.lower]
    data = [part for part in parts if part.has(Element)]
    if not data:
        return from_number(machine, ZERO)
    made = sp.Mul(ZERO, *data, evaluate=False)
    return other(made, max(a.levels, b.levels), None)


def _divide(machine: Machine, operands: list[Value]) -> Value:
    a, b = operands[0], as_factors(machine, operands[1])
    if b.number.is_zero or b.constant == 0:
        machine.fail("divides by zero; change the formula", FormulaError)
    constant = None if b.constant is None else 1 / b.constant
    inverse = Value(
        "product",
        1 / b.number,
        b.lower,
        b.upper,
        b.levels,
        constant,
        b.start,
        b.end,
    )
    return _multiply(machine, [a, inverse])


def _check_constant(machine: Machine, constant: float) -> None:
    if not abs(constant) < cutting.LARGEST:
        cutting.check_number(sp.oo, machine.fail)


def _power(machine: Machine, operands: list[Value]) -> Value:
    base, exponent = operands
    if base.kind == "euler":
        return _call_of(machine, "exp", [exponent])
    if base.kind == exponent.kind == "number":
        number = cutting.fold_power(base.number, exponent.number, machine.fail)
        return _from_power(machine, number, base, exponent)
    if exponent.kind == "number" and exponent.number in _EASY:
        return _EASY[exponent.number](machine, base)
    if exponent.constant is not None:
        cutting.check_exponent(exponent.constant, machine.fail)
    elif base.constant is not None and not _is_alternating(base, exponent):
        cutting.check_base(base.constant, machine.fail)
    constant = None
    if base.constant is not None and exponent.constant is not None:
        constant = cutting.constant_power(
            base.constant, exponent.constant, machine.fail
        )
    made = cutting.power(argument(machine, base), argument(machine, exponent))
    return other(made, 1 + max(base.levels, exponent.levels), constant)


def _is_alternating(base: Value, exponent: Value) -> bool:
    """Whether the power is (-1)^i, with the index of a sum."""
    negative = base.constant is not None and base.constant < 0
    return negative and is_whole(sealed(exponent))


def _from_power(machine: Machine, number: Expr, base: Value, exponent: Value) -> Value:
    """A power of two numbers: a number, or a root that does not come out."""
    if number.is_Number:
        return from_number(machine, number)
    constants = base.constant or 0.0, exponent.constant or 0.0
    return other(number, 1, cutting.constant_power(*constants, machine.fail))


_EASY: dict[Expr, Callable[[Machine, Value], Value]] = {
    ZERO: lambda machine, base: from_number(machine, ONE),
    ONE: lambda machine, base: base,
    Integer(-1): lambda machine, base: _divide(
        machine, [from_number(machine, ONE), base]
    ),
}


def _call(machine: Machine, operands: list[Value]) -> Value:
    return _call_of(machine, machine.word, operands)


def _call_of(machine: Machine, name: str, operands: list[Value]) -> Value:
    if name == "binomial" and (chosen := _binomial(machine, *operands)) is not None:
        return chosen
    constants = [v.constant for v in operands if v.constant is not None]
    args = [argument(machine, value) for value in operands]
    constant = None
    if len(constants) == len(operands):
        constant = cutting.constant_call(
            machine.cutting, name, args, constants, machine.fail
        )
    if name == "factorial" and operands[0].kind == "number":
        if operands[0].number.is_Integer and operands[0].number >= 0:
            return _factorial(machine, operands[0])
    if name == "sqrt" and operands[0].kind == "number":
        number = cutting.fold_power(args[0], _HALF.number, machine.fail)
        return _from_power(machine, number, operands[0], _HALF)
    # SymPy cannot say whether an unevaluated sec(0) is real, and raises
    evaluated = name in ("sec", "csc") and constant is not None
    made = FUNCTIONS[name].make(*args, evaluate=evaluated)
    levels = 1 + max(value.levels for value in operands)
    if made.is_Number:
        return Value("number", made, levels=levels, constant=constant)
    return other(made, levels, constant)


def _apply(machine: Machine, operands: list[Value]) -> Value:
    """A function that the user added; those of the text are run in assembly.py."""
    definition = machine.added[machine.word]
    constants = [v.constant for v in operands if v.constant is not None]
    args = [argument(machine, value) for value in operands]
    made = definition(*args)
    constant = None
    if len(constants) == len(operands) and definition.formula is not None:
        constant = cutting.constant_of(made, machine.fail)
    return other(made, 1 + max(value.levels for value in operands), constant)


def _log_base(machine: Machine, operands: list[Value]) -> Value:
    """log(x, b) = log(x)/log(b)."""
    above, below = (_call_of(machine, "log", [value]) for value in operands)
    return _divide(machine, [above, below])


def _root(machine: Machine, operands: list[Value]) -> Value:
    """root(x, n) = x^(1/n); the cube root is real everywhere."""
    if operands[1].kind == "number" and operands[1].number == 3:
        return _call_of(machine, "cbrt", operands[:1])
    one = from_number(machine, ONE)
    return _power(machine, [operands[0], _divide(machine, [one, operands[1]])])


def _factorial(machine: Machine, value: Value) -> Value:
    """The factorial of a whole number is one."""
    n = value.number
    if value.kind != "number" or not (n.is_Integer and n >= 0):
        return _call_of(machine, "factorial", [value])
    if n > MAX_FACTORIAL:
        machine.fail(
            f"is beyond the bound MAX_FACTORIAL ({MAX_FACTORIAL}); rescale",
            BoundError,
        )
    return from_number(machine, Integer(math.factorial(int(n))))


def _binomial(machine: Machine, n: Value, k: Value) -> Value | None:
    """n over k of whole numbers, which is one; None of others."""
    if n.kind == k.kind == "number" and n.number.is_Integer and k.number.is_Integer:
        if abs(n.number) <= MAX_EXPONENT and 0 <= k.number <= MAX_EXPONENT:
            return from_number(machine, sp.binomial(n.number, k.number))
    return None


def _abstract(machine: Machine, operands: list[Value]) -> Value:
    """A function without a formula; its arguments are names or numbers."""
    machine.inside = any(
        isinstance(leaf, Index) for v in operands for leaf in free_leaves(sealed(v))
    )
    args = [argument(machine, value) for value in operands]
    letter = machine.word.rstrip("'")
    orders = (len(machine.word) - len(letter), *(0 for _ in args[1:]))
    return other(Abstract(letter, orders, *args), 1, None)


OPERATIONS: Mapping[str, Callable[[Machine, list[Value]], Value]] = {
    **SELECTING,
    **INDEXING,
    "log_base": _log_base,
    "root": _root,
    "abstract": _abstract,
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
    "apply": _apply,
}
