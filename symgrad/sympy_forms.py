"""SymPy's own functions and conditions in the few that symgrad knows.

The one rule kept here: a rewriting is exact for real arguments and named in a table;
what has none is left for expressions.py to refuse, in the words of ``UNREAD``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import sympy as sp
from sympy import Add, Basic, Expr, Integer, Mul, Pow, Rational

from symgrad.errors import BoundError, FormulaError, short
from symgrad.functions import FUNCTIONS, function_name
from symgrad.substitution import is_same
from symgrad.symbols import Abstract
from symgrad.user_functions import UserCall

MAX_FACTORS = 30

_FLOAT = sp.Float(1)
_ONE, _HALF = Integer(1), Rational(1, 2)


def _f(name: str, *args: Expr) -> Expr:
    return FUNCTIONS[name].make(*args, evaluate=False)


def _factorial(n: Expr) -> Expr:
    return _f("factorial", n)


def _rising(x: Expr, n: Expr) -> Expr:
    if n.is_Integer and 0 <= n <= MAX_FACTORS:
        return Mul(*(x + k for k in range(int(n))))
    return _f("gamma", x + n) / _f("gamma", x)


def _falling(x: Expr, n: Expr) -> Expr:
    if n.is_Integer and 0 <= n <= MAX_FACTORS:
        return Mul(*(x - k for k in range(int(n))))
    return _f("gamma", x + 1) / _f("gamma", x - n + 1)


def _binomial(n: Expr, k: Expr) -> Expr:
    if k.is_Integer and 0 <= k <= MAX_FACTORS:
        return _falling(n, k) / sp.factorial(k)
    return _f("binomial", n, k)


def _angle(u: Expr) -> Expr:
    """The angle of a real number: 0 or π, and none of 0."""
    return sp.Piecewise((sp.pi, u < 0), (Integer(0), u > 0), evaluate=False)


def _spherical(name: str) -> Callable[[Expr, Expr], Expr]:
    return lambda n, x: (
        _f("sqrt", sp.pi / (2 * x)) * _f(name, n + _HALF, x)  # DLMF 10.47.3
    )


def _expint(n: Expr, x: Expr) -> Expr:
    """E₁(x) = −Ei(−x) for x > 0, real nowhere else (DLMF 6.2.6)."""
    if n != 1:
        raise FormulaError(
            f"expint of order {short(n)} is not known; expected order 1, or write "
            "the Integral of exp(-x*t)/t**n from 1 to oo"
        )
    return sp.Piecewise((-_f("Ei", -x), x > 0), evaluate=False)


def _power_from(x: Expr, a: Expr, n: Expr) -> Expr:
    """Macaulay's bracket ⟨x − a⟩ⁿ."""
    if not n.is_Integer or n < 0:
        raise FormulaError(
            f"a SingularityFunction of order {short(n)} is no function with values; "
            "expected an order of 0 or more"
        )
    above = (x - a) ** n
    return sp.Piecewise((above, x >= a), (Integer(0), True), evaluate=False)


def _same(u: Expr) -> Expr:
    return u


FORMS: Mapping[str, Callable[..., Expr]] = MappingProxyType(
    {
        # of real arguments
        "re": _same,
        "conjugate": _same,
        "im": lambda u: Integer(0),
        "arg": _angle,
        "exp_polar": lambda u: _f("exp", u),
        "UnevaluatedExpr": _same,
        # factorials and their kin (DLMF 5.2, 26.5)
        "factorial": _factorial,
        "RisingFactorial": _rising,
        "FallingFactorial": _falling,
        "binomial": _binomial,
        "catalan": lambda n: (
            4**n * _f("gamma", n + _HALF) / (_f("sqrt", sp.pi) * _f("gamma", n + 2))
        ),
        "harmonic": lambda n: _f("digamma", n + 1) + sp.EulerGamma,
        # jumps
        "Mod": lambda a, b: a - b * _f("floor", a / b),
        "KroneckerDelta": lambda i, k: sp.Piecewise((_ONE, sp.Eq(i, k)), (0, True)),
        "SingularityFunction": _power_from,
        # others that the table has under another name
        "erf2": lambda a, b: _f("erf", b) - _f("erf", a),
        "jn": _spherical("besselj"),
        "yn": _spherical("bessely"),
        "log1p": lambda u: _f("log1p", u),
        "expm1": lambda u: _f("expm1", u),
        "log2": lambda u: _f("log2", u),
        "log10": lambda u: _f("log10", u),
        "exp2": lambda u: Integer(2) ** u,
        "Sqrt": lambda u: _f("sqrt", u),
        "Cbrt": lambda u: _f("cbrt", u),
        "hypot": lambda a, b: _f("hypot", a, b),
        "expint": _expint,
        "fma": lambda a, b, c: a * b + c,
        "TribonacciConstant": lambda: sp.TribonacciConstant.expand(func=True),
    }
)
"""SymPy's class -> the same for real arguments, in functions of the table."""

_NEVER = "is no function with values"
UNREAD: Mapping[str, str] = MappingProxyType(
    {
        "DiracDelta": f"{_NEVER}; it stands under an integral, call .doit() on that",
        "hyper": "is a hypergeometric function, which is not known; try hyperexpand",
        "meijerg": "is a Meijer G-function, which is not known; try hyperexpand",
        "Order": "is what a series leaves out; take it away with .removeO()",
        "AccumulationBounds": "is an interval, not a number",
        "MatrixSymbol": "is a MatrixSymbol; write its elements, as in A[0, 1]",
        "polar_lift": "is complex; symgrad works with real numbers",
        "periodic_argument": "is complex; symgrad works with real numbers",
        "ComplexRootOf": "is a root without a formula; give its number, as .n() does",
        "Lambda": "is a function; give its formula, as in f(x)",
    }
)
"""SymPy's class -> why it is refused, where there is more to say than its name."""


def _xor(*parts: Any) -> Any:
    found: Any = sp.false
    for each in parts:
        found = sp.Or(sp.And(found, sp.Not(each)), sp.And(sp.Not(found), each))
    return found


def _equivalent(*parts: Any) -> Any:
    return sp.Or(sp.And(*parts), sp.And(*(sp.Not(each) for each in parts)))


def _contains(u: Expr, where: Basic) -> Any:
    if not isinstance(where, sp.Interval | sp.FiniteSet | sp.Union):
        raise FormulaError(
            f"{short(where)} is a set that is not read; expected intervals"
        )
    return where.as_relational(u)


CONNECTIVES: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "ITE": lambda c, a, b: sp.Or(sp.And(c, a), sp.And(sp.Not(c), b)),
        "Xor": _xor,
        "Implies": lambda a, b: sp.Or(sp.Not(a), b),
        "Equivalent": _equivalent,
        "Contains": _contains,
    }
)
"""SymPy's connective -> the same of And, Or, Not and comparisons."""

MAX_CONNECTIVES = 6


def rewritten(node: Basic, parts: Sequence[Any]) -> Any:
    """A node whose parts have been rewritten, itself rewritten where a row says so.

    >>> x = sp.Symbol("x")
    >>> rewritten(sp.rf(x, sp.Symbol("n")), [x, sp.Symbol("n")])
    gamma(n + x)/gamma(x)
    """
    kind = type(node).__name__
    if kind in CONNECTIVES and len(parts) > MAX_CONNECTIVES:
        raise BoundError(
            f"{kind} of {len(parts)} conditions is over the bound MAX_CONNECTIVES "
            f"({MAX_CONNECTIVES}); write it with And and Or"
        )
    is_own = function_name(node) is not None  # of the table: no rewriting
    if not is_own and type(node).__module__.startswith("sympy."):
        make = FORMS.get(kind) or CONNECTIVES.get(kind)
        if make is not None:
            return _with(make, node, parts)
    if isinstance(node, sp.Float) and node._prec < _FLOAT._prec:
        return sp.Float(str(node))  # the digits that were written
    if is_same(node, parts):
        return node
    return rebuilt(node, parts)


def _with(make: Callable[..., Any], node: Basic, parts: Sequence[Any]) -> Any:
    try:
        return make(*parts)
    except TypeError:
        raise FormulaError(
            f"{short(node)} has {len(parts)} arguments, which is not read; expected "
            "its plain form"
        ) from None


def rebuilt(node: Basic, parts: Sequence[Any]) -> Any:
    """A node with other parts, evaluated no further than it was."""
    if isinstance(node, UserCall):
        return node.definition(*parts)
    if isinstance(node, Abstract):
        return node.func(*parts)
    if isinstance(node, sp.Piecewise):
        return _choice(parts)
    if isinstance(node, Add | Mul | Pow | sp.Function):
        return node.func(*parts, evaluate=False)
    return node.func(*parts)


def _choice(cases: Sequence[Any]) -> Any:
    """A Piecewise without the cases that never hold, or stand after one that does."""
    found: list[Any] = []
    for value, condition in cases:
        if condition != sp.false:
            found.append((value, condition))
        if condition == sp.true:
            break
    if found and found[0][1] == sp.true:
        return found[0][0]
    return sp.Piecewise(*found, evaluate=False) if found else sp.nan
