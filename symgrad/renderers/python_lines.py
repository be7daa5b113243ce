"""Single lines of a page as Python, to be copied: ``u_1 = math.tanh(w*x)``.

The one rule kept here: a line runs as it stands, once ``math``, and ``scipy`` where it
is named, are imported; what neither can compute gives no line at all. Lists of data are
Python's, their first element ``x[0]``.
"""

from __future__ import annotations

import re
from typing import Any

from sympy import Expr, Mul, Symbol
from sympy.printing.codeprinter import PrintMethodNotImplementedError
from sympy.printing.pycode import PythonCodePrinter

from symgrad.functions import function_name
from symgrad.indexed import Index, IndexedProduct, SampleSum
from symgrad.lengths import measure
from symgrad.named_functions import DEFINITIONS
from symgrad.symbols import LocalDerivative, Partial, is_sampled

MAX_DEPTH = 60
SCIPY: dict[str, str] = {
    "erfi": "erfi({})",
    "erfinv": "erfinv({})",
    "Si": "sici({})[0]",
    "Ci": "sici({})[1]",
    "Shi": "shichi({})[0]",
    "Chi": "shichi({})[1]",
    "Ei": "expi({})",
    "li": "expi(math.log({}))",
    "fresnels": "fresnel({})[0]",
    "fresnelc": "fresnel({})[1]",
    "elliptic_k": "ellipk({})",
    "elliptic_e": "ellipe({})",
    "LambertW": "lambertw({}).real",
    "binomial": "binom({}, {})",
    "polygamma": "polygamma({}, {})",
    "lowergamma": "gammainc({0}, {1})*math.gamma({0})",
    "uppergamma": "gammaincc({0}, {1})*math.gamma({0})",
    "besselj": "jv({}, {})",
    "bessely": "yv({}, {})",
    "besseli": "iv({}, {})",
    "besselk": "kv({}, {})",
    "airyai": "airy({})[0]",
    "airyaiprime": "airy({})[1]",
    "airybi": "airy({})[2]",
    "airybiprime": "airy({})[3]",
}
"""function -> what computes it in ``scipy.special``"""
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

    sample = ""
    """The index of the samples, inside their sum."""

    def _print_Symbol(self, expr: Any) -> str:
        name = _identifier(expr)
        word = name + "_" if name in self.reserved_words else name
        if not word.isidentifier():
            raise NotImplementedError(expr)
        return (
            f"{word}[{self.sample} - 1]" if self.sample and is_sampled(expr) else word
        )

    _print_Partial = _print_Total = _print_Dummy = _print_Symbol
    _print_Sampled = _print_Symbol

    # --- functions that Python's math does not have

    def _print_Function(self, expr: Any) -> str:
        name = function_name(expr)
        if name in SCIPY:
            arguments = [self._print(argument) for argument in expr.args]
            return "scipy.special." + SCIPY[name].format(*arguments)
        if name in DEFINITIONS:
            made = DEFINITIONS[name](*expr.args)
            if not made.has(type(expr)):
                return f"({self._print(made)})"
        written: str = super()._print_Function(expr)
        return written

    _print_binomial = _print_Function  # SymPy rewrites it without end
    _print_fresnels = _print_fresnelc = _print_Function
    _print_lowergamma = _print_uppergamma = _print_Function
    _print_factorial = _print_Function  # Python's takes no floats

    # --- what binds a name

    def _print_Index(self, expr: Any) -> str:
        return self._print_Symbol(Symbol(expr.name))

    _print_IntegrationVariable = _print_Index

    def _print_Element(self, expr: Any) -> str:
        places = "".join(f"[{self._place(index)}]" for index in expr.indices)
        return f"{self._print(expr.base)}{places}"

    def _place(self, index: Any) -> str:
        """Where it stands in a list, which begins at 0."""
        return (
            f"{self._print(index)} - 1"
            if isinstance(index, Index)
            else str(self._print(index - 1))
        )

    def _print_Delta(self, expr: Any) -> str:
        return "({} == {})".format(*map(self._print, expr.args))

    def _print_IndexedSum(self, expr: Any) -> str:
        name = self._print(expr.index)
        before = self.sample
        if isinstance(expr, SampleSum):
            self.sample = name
        try:
            body = self._print(expr.body)
        finally:
            self.sample = before
        make = "math.prod" if isinstance(expr, IndexedProduct) else "sum"
        upper = self._print(expr.upper + 1)
        return f"{make}({body} for {name} in range({self._print(expr.lower)}, {upper}))"

    _print_SampleSum = _print_IndexedProduct = _print_IndexedSum

    def _print_DefiniteIntegral(self, expr: Any) -> str:
        name = self._print(expr.index)
        span = f"{self._print(expr.lower)}, {self._print(expr.upper)}"
        body = self._print(expr.body)
        return f"scipy.integrate.quad(lambda {name}: {body}, {span})[0]"

    def _print_LocalDerivative(self, expr: Any) -> str:
        return _identifier(expr)

    def _print_Chain(self, expr: Any) -> str:
        return self._print(Mul(*expr.args, evaluate=False))
