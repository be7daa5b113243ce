"""Single lines of a page as Python, to be copied: ``u_1 = math.tanh(w*x)``.

The one rule kept here: what Python's ``math`` cannot compute gives no line at all.
"""

from __future__ import annotations

import re
from typing import Any

from sympy import Expr, Mul, Symbol
from sympy.printing.codeprinter import PrintMethodNotImplementedError
from sympy.printing.pycode import PythonCodePrinter

from symgrad.lengths import measure
from symgrad.symbols import LocalDerivative, Partial

MAX_DEPTH = 60
_NOT_A_LETTER = re.compile(r"\W+")


def python_line(left: Expr, right: Expr) -> str:
    """Write ``left = right`` as Python, or nothing where that cannot be.

    >>> from symgrad.symbols import Partial, symbol
    >>> f, w, x = map(symbol, ("f", "w", "x"))
    >>> python_line(Partial(f, w), x * (1 - f**2))
    'partial_f_w = x*(1 - f**2)'
    """
    if max(measure(left)[1], measure(right)[1]) > MAX_DEPTH:
        return ""
    printer = _Printer({"strict": True, "fully_qualified_modules": True})
    name = _identifier(left)
    try:
        text = printer.doprint(right)
    except (PrintMethodNotImplementedError, NotImplementedError, TypeError):
        return ""
    return f"{name} = {text}" if name and "\n" not in text else ""


def _identifier(expr: Expr) -> str:
    """A name for a symbol or a derivative that is not worked out yet."""
    if isinstance(expr, LocalDerivative):
        return _identifier(Symbol(f"d{expr.expr}/d{expr.by}"))
    if not isinstance(expr, Symbol):
        return ""
    name = expr.name
    if isinstance(expr, Partial):  # beside the total dy_dx it has another value
        name = "partial_" + name.replace("∂", "")
    return _NOT_A_LETTER.sub("_", name).strip("_")


class _Printer(PythonCodePrinter):
    """SymPy's printer, with the names and the products that are our own."""

    def _print_Symbol(self, expr: Any) -> str:
        name = _identifier(expr)
        word = name + "_" if name in self.reserved_words else name
        if not word.isidentifier():
            raise NotImplementedError(expr)
        return word

    _print_Partial = _print_Total = _print_Dummy = _print_Symbol

    def _print_binomial(self, expr: Any) -> str:
        raise NotImplementedError(expr)  # SymPy rewrites it without end

    def _print_LocalDerivative(self, expr: Any) -> str:
        return _identifier(expr)

    def _print_Chain(self, expr: Any) -> str:
        return self._print(Mul(*expr.args, evaluate=False))
