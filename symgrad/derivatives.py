"""The formulary: the local derivative of every operation and function, once.

A row gives the partial by each argument as an expression in ``u`` (the first
argument), ``v`` (the second) and ``f`` (the function's own value), or None where there
is none in known functions. Pages read it through rules/, programs through
numeric/tape.py; neither holds another derivative.
"""

from __future__ import annotations

import sympy as sp
from sympy import Expr, Heaviside, Integer, Piecewise, Rational
from sympy.logic.boolalg import Boolean

from symgrad.errors import RuleError
from symgrad.functions import function_name
from symgrad.named_functions import LEAKY_SLOPE, digamma, logistic
from symgrad.symbols import symbol
from symgrad.user_functions import UserCall

u, v, f = symbol("u"), symbol("v"), symbol("f")
_HALF = Rational(1, 2)
_ONE, _ZERO = Integer(1), Integer(0)
_SQRT = sp.sqrt
_ROOM = (1 - u) * (1 + u)

DERIVATIVES: dict[str, tuple[Expr | None, ...]] = {
    # arithmetic
    "add": (_ONE, _ONE),
    "subtract": (_ONE, -_ONE),
    "negate": (-_ONE,),
    "multiply": (v, u),
    "divide": (1 / v, -f / v),
    "power": (v * u ** (v - 1), f * sp.log(u)),
    # exponentials, logarithms, roots
    "exp": (f,),
    "log": (1 / u,),
    "log2": (1 / (u * sp.log(2)),),
    "log10": (1 / (u * sp.log(10)),),
    "log1p": (1 / (1 + u),),
    "expm1": (sp.exp(u),),
    "sqrt": (1 / (2 * f),),
    "hypot": (u / f, v / f),
    "cbrt": (1 / (3 * f**2),),
    "LambertW": (sp.exp(-f) / (1 + f),),
    # trigonometric functions and their inverses
    "sin": (sp.cos(u),),
    "cos": (-sp.sin(u),),
    "tan": (1 + f**2,),
    "cot": (-1 - f**2,),
    "sec": (f * sp.tan(u),),
    "csc": (-f * sp.cot(u),),
    "sinc": (Piecewise(((sp.cos(u) - f) / u, sp.Ne(u, 0)), (_ZERO, True)),),
    "asin": (1 / _SQRT(1 - u**2),),
    "acos": (-1 / _SQRT(1 - u**2),),
    "atan": (1 / (1 + u**2),),
    "acot": (-1 / (1 + u**2),),
    "asec": (1 / (sp.Abs(u) * _SQRT(u**2 - 1)),),
    "acsc": (-1 / (sp.Abs(u) * _SQRT(u**2 - 1)),),
    "atan2": (v / (u**2 + v**2), -u / (u**2 + v**2)),
    # hyperbolic functions and their inverses
    "sinh": (sp.cosh(u),),
    "cosh": (sp.sinh(u),),
    "tanh": (1 - f**2,),
    "coth": (1 - f**2,),
    "sech": (-f * sp.tanh(u),),
    "csch": (-f * sp.coth(u),),
    "asinh": (1 / _SQRT(1 + u**2),),
    "acosh": (1 / (_SQRT(u - 1) * _SQRT(u + 1)),),
    "atanh": (1 / (1 - u**2),),
    "acoth": (1 / (1 - u**2),),
    "asech": (-1 / (u * _SQRT(1 - u**2)),),
    "acsch": (-1 / (sp.Abs(u) * _SQRT(1 + u**2)),),
    # the error function
    "erf": (2 * sp.exp(-(u**2)) / _SQRT(sp.pi),),
    "erfc": (-2 * sp.exp(-(u**2)) / _SQRT(sp.pi),),
    "erfi": (2 * sp.exp(u**2) / _SQRT(sp.pi),),
    "erfinv": (_SQRT(sp.pi) * sp.exp(f**2) / 2,),
    "erfcinv": (-_SQRT(sp.pi) * sp.exp(f**2) / 2,),
    # integrals that have no elementary form; K and E of the parameter u = k²
    "Si": (sp.sinc(u),),
    "Ci": (sp.cos(u) / u,),
    "Shi": (Piecewise((sp.sinh(u) / u, sp.Ne(u, 0)), (_ONE, True)),),
    "Chi": (sp.cosh(u) / u,),
    "Ei": (sp.exp(u) / u,),
    "li": (1 / sp.log(u),),
    "fresnels": (sp.sin(sp.pi * u**2 / 2),),
    "fresnelc": (sp.cos(sp.pi * u**2 / 2),),
    "elliptic_k": (
        Piecewise(
            ((sp.elliptic_e(u) - (1 - u) * f) / (2 * u * (1 - u)), sp.Ne(u, 0)),
            (sp.pi / 8, True),
        ),
    ),
    "elliptic_e": (
        Piecewise(((f - sp.elliptic_k(u)) / (2 * u), sp.Ne(u, 0)), (-sp.pi / 8, True)),
    ),
    # gamma, zeta, Bessel and Airy functions; of an order, none is elementary
    "gamma": (f * digamma(u),),
    "factorial": (f * digamma(u + 1),),
    "binomial": (
        f * (digamma(u + 1) - digamma(u - v + 1)),
        f * (digamma(u - v + 1) - digamma(v + 1)),
    ),
    "loggamma": (digamma(u),),
    "digamma": (sp.polygamma(1, u),),
    "polygamma": (None, sp.polygamma(u + 1, v)),
    "lowergamma": (None, v ** (u - 1) * sp.exp(-v)),
    "uppergamma": (None, -(v ** (u - 1)) * sp.exp(-v)),
    "beta": (f * (digamma(u) - digamma(u + v)), f * (digamma(v) - digamma(u + v))),
    "zeta": (None,),
    "besselj": (None, (sp.besselj(u - 1, v) - sp.besselj(u + 1, v)) / 2),
    "bessely": (None, (sp.bessely(u - 1, v) - sp.bessely(u + 1, v)) / 2),
    "besseli": (None, (sp.besseli(u - 1, v) + sp.besseli(u + 1, v)) / 2),
    "besselk": (None, -(sp.besselk(u - 1, v) + sp.besselk(u + 1, v)) / 2),
    "airyai": (sp.airyaiprime(u),),
    "airybi": (sp.airybiprime(u),),
    "airyaiprime": (u * sp.airyai(u),),
    "airybiprime": (u * sp.airybi(u),),
    # bends and jumps; their values at a kink are those that functions.py states
    "Abs": (sp.sign(u),),
    "sign": (_ZERO,),
    "floor": (_ZERO,),
    "ceiling": (_ZERO,),
    "frac": (_ONE,),
    "Heaviside": (_ZERO, _ZERO),
    "Max": (Heaviside(u - v, _HALF), Heaviside(v - u, _HALF)),
    "Min": (Heaviside(v - u, _HALF), Heaviside(u - v, _HALF)),
    # activations
    "logistic": (f * (1 - f),),
    "relu": (Heaviside(u, 0),),
    "leaky_relu": (Piecewise((_ONE, u > 0), (LEAKY_SLOPE, True)),),
    "elu": (Piecewise((_ONE, u > 0), (1 + f, True)),),
    "softplus": (logistic(u),),
    "gelu": (
        (1 + sp.erf(u / _SQRT(2))) / 2 + u * sp.exp(-(u**2) / 2) / _SQRT(2 * sp.pi),
    ),
    "silu": (logistic(u) + f * (1 - logistic(u)),),
    "softsign": ((1 - sp.Abs(f)) ** 2,),
}


def _sinc_near_zero() -> Expr:
    """The slope of sinc as its power series, up to the 15th power."""
    total: Expr = _ZERO
    for k in range(17, 1, -2):
        c = Rational((-1) ** (k // 2) * (k - 1), sp.factorial(k))
        total = sp.Add(c, sp.Mul(u**2, total, evaluate=False), evaluate=False)
    return sp.Mul(u, total, evaluate=False)


_LENGTH = _SQRT(u**2 + v**2)


def _over_length(side: Expr) -> Expr:
    """side/(u² + v²), whose squares would overflow or vanish."""
    cosine = sp.Mul(side, 1 / _LENGTH, evaluate=False)
    return sp.Mul(cosine, 1 / _LENGTH, evaluate=False)


SAFER: dict[str, tuple[Expr, ...]] = {
    "atan2": (_over_length(v), -_over_length(u)),
    "sinc": (
        Piecewise(
            (_sinc_near_zero(), sp.Abs(u) < Rational(1, 4)),
            ((sp.cos(u) - f) / u, True),
        ),
    ),
    # 1 - f and 1 - u² have no digits left where f or u is near 1
    "asin": (1 / _SQRT(_ROOM),),
    "acos": (-1 / _SQRT(_ROOM),),
    "atanh": (1 / _ROOM,),
    "acoth": (1 / _ROOM,),
    "asech": (-1 / (u * _SQRT(_ROOM)),),
    "coth": (-(sp.csch(u) ** 2),),
    "gelu": (
        sp.erfc(-u / _SQRT(2), evaluate=False) / 2
        + u * sp.exp(-(u**2) / 2) / _SQRT(2 * sp.pi),
    ),
    "logistic": (f * logistic(-u),),
    "silu": (logistic(u) + f * logistic(-u),),
    "softsign": (sp.Pow(1 / (1 + sp.Abs(u)), 2, evaluate=False),),
}
"""The same rows, for programs of floats, in a form that rounding does not harm."""

INSIDE: dict[str, Boolean] = {
    **dict.fromkeys(("log", "log2", "log10", "loggamma", "asech", "Ci", "Chi"), u >= 0),
    "log1p": 1 + u >= 0,
    "atanh": sp.Ge(_ROOM, 0),
    "acoth": sp.Le(_ROOM, 0),
    "li": u > 0,
    "polygamma": u >= 0,
    "lowergamma": sp.And(u > 0, v >= 0),
    "uppergamma": sp.And(u > 0, v >= 0),
    "beta": sp.And(u > 0, v > 0),
}
"""Where a row is the derivative, of functions whose rows have numbers elsewhere too.

1/u is a number at u = -2, where log is none: a program says nan there. Poles at the
edge belong to it. Other rows are nan by themselves where their function is.
"""

LIMITS: dict[str, tuple[tuple[Boolean, Expr], ...]] = {
    "gelu": ((u**2 >= 10**30, Heaviside(u, _HALF)),),
    "silu": ((u >= 10**30, _ONE),),
}
"""(where, what) a row is, to the last digit, far out: at infinity it would be ∞·0."""


def has_rows(expr: Expr) -> bool:
    """Whether a function has its derivatives here, or brings them, as a user's does."""
    return isinstance(expr, UserCall) or function_name(expr) in DERIVATIVES


def derivative_row(operation: str, place: int) -> Expr:
    """Give the partial by the argument at ``place``.

    >>> derivative_row("tanh", 0)
    1 - f**2

    Raises ``RuleError`` where the derivative is no known function.
    """
    found = DERIVATIVES[operation][place]
    if found is not None:
        return found
    if len(DERIVATIVES[operation]) == 1:
        raise RuleError(
            f"{operation} has no derivative in known functions; keep its argument "
            "constant, or approximate it by a formula"
        )
    raise RuleError(
        f"{operation} has no derivative by its order (the first argument) in known "
        "functions; keep the order constant"
    )
