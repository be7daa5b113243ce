# mypy: allow-untyped-defs, allow-untyped-calls
"""Functions that only SciPy has, kept real: nan where the formula is not.

The one rule kept here: that of numpy_helpers.py. SciPy itself is imported by the
program that a helper is copied into, never by symgrad.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy import log, nan, where

from symgrad.numeric.codegen.numpy_special import gamma

if TYPE_CHECKING:
    from scipy.special import (  # type: ignore[import-untyped]
        ellipe,
        ellipk,
        expi,
        fresnel,
        gammainc,
        gammaincc,
        shichi,
        sici,
    )


def Si(x):
    """The sine integral."""
    return sici(x)[0]


def Ci(x):
    """The cosine integral."""
    return where(x >= 0.0, sici(x)[1], nan)


def Shi(x):
    """The hyperbolic sine integral."""
    return shichi(x)[0]


def Chi(x):
    """The hyperbolic cosine integral."""
    return where(x >= 0.0, shichi(x)[1], nan)


def Ei(x):
    """The exponential integral."""
    return expi(x)


def li(x):
    """The logarithmic integral."""
    return expi(log(where(x > 0.0, x, nan)))


def fresnels(x):
    """The Fresnel integral of sin(πt²/2)."""
    return fresnel(x)[0]


def fresnelc(x):
    """The Fresnel integral of cos(πt²/2)."""
    return fresnel(x)[1]


def elliptic_k(m):
    """The complete elliptic integral of the first kind of the parameter m."""
    return ellipk(m)


def elliptic_e(m):
    """The complete elliptic integral of the second kind of the parameter m."""
    return ellipe(m)


def lowergamma(s, x):
    """The lower incomplete gamma function, not regularized."""
    return where(s > 0.0, gammainc(s, x) * gamma(s), nan)


def uppergamma(s, x):
    """The upper incomplete gamma function, not regularized."""
    return where(s > 0.0, gammaincc(s, x) * gamma(s), nan)
