"""The functions that machine code has, by the names of the tape's operations.

The one rule kept here: what has no row, the back end refuses. A row that is not native
computes single precision in double and rounds once.
"""

from __future__ import annotations

from dataclasses import dataclass

from symgrad.numeric.llvm import (
    angles,
    choices,
    error_functions,
    exponentials,
    gammas,
    logarithms,
    powers,
    trigonometry,
)
from symgrad.numeric.llvm.code import Code, Function, Value
from symgrad.numeric.llvm.formats import DOUBLE


@dataclass(frozen=True)
class Row:
    """A function: who writes it, how many arguments, and whether in any format.

    ``fast`` writes it with an error of up to 5 units in double precision.
    """

    write: Function
    arity: int = 1
    native: bool = True
    inline: bool = False
    fast: Function | None = None


def _wide(write: Function, arity: int = 1) -> Row:
    return Row(write, arity, native=False)


def _short(write: Function, arity: int = 1) -> Row:
    return Row(write, arity, inline=True)


FUNCTIONS: dict[str, Row] = {
    "exp": Row(exponentials.exp),
    "expm1": Row(exponentials.expm1),
    "tanh": Row(exponentials.tanh, fast=exponentials.fast_tanh),
    "logistic": Row(exponentials.logistic),
    "silu": Row(exponentials.silu),
    "elu": Row(exponentials.elu),
    "sinh": Row(exponentials.sinh),
    "cosh": Row(exponentials.cosh),
    "sech": Row(exponentials.sech),
    "csch": _wide(exponentials.csch),
    "coth": Row(exponentials.coth),
    "log": Row(logarithms.log),
    "log2": Row(logarithms.log2),
    "log10": Row(logarithms.log10),
    "log1p": Row(logarithms.log1p),
    "softplus": Row(logarithms.softplus),
    "asinh": _wide(logarithms.asinh),
    "acosh": _wide(logarithms.acosh),
    "atanh": _wide(logarithms.atanh),
    "acoth": _wide(logarithms.acoth),
    "asech": _wide(logarithms.asech),
    "acsch": _wide(logarithms.acsch),
    "sin": _wide(trigonometry.sin),
    "cos": _wide(trigonometry.cos),
    "tan": _wide(trigonometry.tan),
    "cot": _wide(trigonometry.cot),
    "sec": _wide(trigonometry.sec),
    "csc": _wide(trigonometry.csc),
    "sinc": _wide(trigonometry.sinc),
    "atan": _wide(angles.atan),
    "acot": _wide(angles.acot),
    "atan2": _wide(angles.atan2, 2),
    "asin": _wide(angles.asin),
    "acos": _wide(angles.acos),
    "asec": _wide(angles.asec),
    "acsc": _wide(angles.acsc),
    "power": _wide(powers.power, 2),
    "cbrt": _wide(powers.cbrt),
    "LambertW": _wide(powers.lambertw),
    "hypot": _wide(powers.hypot, 2),
    "erf": _wide(error_functions.erf),
    "erfc": _wide(error_functions.erfc),
    "gelu": _wide(error_functions.gelu),
    "gamma": _wide(gammas.gamma),
    "factorial": _wide(gammas.factorial),
    "loggamma": _wide(gammas.loggamma),
    "digamma": _wide(gammas.digamma),
    "sqrt": _short(choices.sqrt),
    "Abs": _short(choices.absolute),
    "sign": _short(choices.sign),
    "floor": _short(choices.floor),
    "ceiling": _short(choices.ceiling),
    "frac": _short(choices.frac),
    "Heaviside": _short(choices.heaviside, 2),
    "Max": _short(choices.maximum, 2),
    "Min": _short(choices.minimum, 2),
    "relu": _short(choices.relu),
    "leaky_relu": _short(choices.leaky_relu),
    "softsign": _short(choices.softsign),
}
"""operation -> how it is written"""

OTHERS = frozenset(
    (
        *("argument", "constant", "truth", "select", "and", "or", "not"),
        *("add", "subtract", "multiply", "divide", "negate"),
        *("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"),
    )
)
"""operations that are single instructions"""


def has_no_code(operation: str) -> bool:
    """Whether machine code has nothing for an operation."""
    return operation not in FUNCTIONS and operation not in OTHERS


def write(c: Code, name: str, *args: Value) -> Value:
    """Write a function of values into the code."""
    row = FUNCTIONS[name]
    if c.fast and row.fast is not None and c.format is DOUBLE:
        return row.fast(c, *args)
    if row.native or c.format is DOUBLE:
        return row.write(c, *args)
    wide = c.widened()
    found = row.write(wide, *(wide.convert(u, "fpext") for u in args))
    c.block = wide.block
    return c.convert(found, "fptrunc")


def symbol(c: Code, name: str) -> str:
    """The name of our own function, which the C library's does not have."""
    return f"@{name}.{c.mangled}"


def define(name: str, c: Code) -> str:
    """Write a function of its own, to be copied wherever it is called."""
    row = FUNCTIONS[name]
    letters = ("%u", "%v")[: row.arity]
    args = [Value(c, letter, c.format.name) for letter in letters]
    result = write(c, name, *args)
    head = ", ".join(f"{c.number} {letter}" for letter in letters)
    lines = [f"define internal {c.number} {symbol(c, name)}({head}) #0 {{"]
    lines += ["entry:", *(_indented(line) for line in c.lines)]
    lines += [f"  ret {c.number} {result.name}", "}"]
    return "\n".join(lines) + "\n"


def _indented(line: str) -> str:
    return line if line.endswith(":") else f"  {line}"
