"""The functions that stay themselves: nodes of their own, with their formulas.

A function whose derivative is best told in its own value, or whose formula is unsafe
in floating point, is a node of its own (``logistic``, ``softplus``, …) and keeps its
name from the page to the generated code; ``sympy.expand_func`` gives its formula.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy import Expr, Integer, Rational

LEAKY_SLOPE = Rational(1, 100)


class _Named(sp.Function):
    """A SymPy function that stays itself until ``expand_func`` asks for its formula."""

    nargs = 1
    is_real = True

    def _eval_expand_func(self, **hints: Any) -> Expr:
        return DEFINITIONS[type(self).__name__](*self.args)

    def _eval_evalf(self, prec: int) -> Expr | None:
        value = DEFINITIONS[type(self).__name__](*self.args)._eval_evalf(prec)
        return value if value is not None and value.is_number else None


class cbrt(_Named):
    """The real cube root, negative where u is."""


class log2(_Named):
    """The logarithm to base 2."""


class log10(_Named):
    """The logarithm to base 10."""


class log1p(_Named):
    """log(1 + u), accurate where u is small."""


class expm1(_Named):
    """exp(u) - 1, accurate where u is small."""


class hypot(_Named):
    """√(u² + v²), whose squares neither overflow nor vanish."""

    nargs = 2


class erfcinv(_Named):
    """The inverse of erfc; SymPy cannot compute its own."""


class digamma(_Named):
    """The derivative of log Γ(u), which SymPy turns into polygamma(0, u)."""


class factorial(_Named):
    """u! = Γ(u + 1), for every real u that is no negative whole number."""


class binomial(_Named):
    """Γ(n + 1)/(Γ(k + 1)·Γ(n − k + 1)): n over k, of real numbers too."""

    nargs = 2


class logistic(_Named):
    """1/(1 + exp(-u)), also called sigmoid."""


class relu(_Named):
    """max(u, 0); its derivative at 0 is taken as 0."""


class leaky_relu(_Named):
    """u above 0, u/100 elsewhere; its derivative at 0 is taken as 1/100."""


class elu(_Named):
    """u above 0, exp(u) - 1 elsewhere (Clevert, Unterthiner, Hochreiter 2015)."""


class softplus(_Named):
    """log(1 + exp(u)) (Dugas et al. 2001)."""


class gelu(_Named):
    """u·Φ(u), Φ the standard normal distribution (Hendrycks, Gimpel 2016)."""


class silu(_Named):
    """u·logistic(u), also called swish (Elfwing, Uchibe, Doya 2018)."""


class softsign(_Named):
    """u/(1 + |u|)."""


DEFINITIONS: dict[str, Callable[..., Expr]] = {
    "log2": lambda u: sp.log(u) / sp.log(2),
    "log10": lambda u: sp.log(u) / sp.log(10),
    "log1p": lambda u: sp.log(1 + u),
    "expm1": lambda u: sp.exp(u) - 1,
    "hypot": lambda u, v: sp.sqrt(u**2 + v**2),
    "erfcinv": lambda u: sp.erfinv(1 - u),
    "digamma": lambda u: sp.polygamma(0, u),
    "factorial": lambda u: sp.gamma(u + 1),
    "binomial": lambda n, k: sp.gamma(n + 1) / (sp.gamma(k + 1) * sp.gamma(n - k + 1)),
    "cbrt": lambda u: sp.sign(u) * sp.Abs(u) ** Rational(1, 3),
    "logistic": lambda u: 1 / (1 + sp.exp(-u)),
    "relu": lambda u: sp.Piecewise((u, u > 0), (Integer(0), True)),
    "leaky_relu": lambda u: sp.Piecewise((u, u > 0), (LEAKY_SLOPE * u, True)),
    "elu": lambda u: sp.Piecewise((u, u > 0), (sp.exp(u) - 1, True)),
    "softplus": lambda u: sp.log(1 + sp.exp(u)),
    "gelu": lambda u: u * (1 + sp.erf(u / sp.sqrt(2))) / 2,
    "silu": lambda u: u / (1 + sp.exp(-u)),
    "softsign": lambda u: u / (1 + sp.Abs(u)),
}
"""The formulas of the functions that stay themselves, in their argument u."""
