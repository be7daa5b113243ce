"""Functions that some languages lack, in the small part of Python that is translated.

The one rule kept here: a helper names only other helpers and functions of Python's
``math``, keeps to IEEE arithmetic (1/0 is inf, nothing raises), and is translated, not
run, wherever it is needed. Helpers that say the same in Python stand in
math_helpers.py and math_special.py.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from math import copysign, exp, inf, log, log1p, nan, pi, sqrt, tan
from types import FunctionType

from symgrad.numeric.codegen import math_helpers, math_special
from symgrad.numeric.codegen.math_special import polynomial, sinpi


def smaller(u: float, v: float) -> float:
    return v if v < u else u


def larger(u: float, v: float) -> float:
    return v if v > u else u


def asinh(u: float) -> float:
    """Right for tiny and huge numbers, which older versions of Rust's own is not."""
    y = abs(u)
    if y > 1e150:
        return copysign(log(y) + 0.6931471805599453, u)
    return copysign(log1p(y + y * y / (1.0 + sqrt(1.0 + y * y))), u)


def acosh(u: float) -> float:
    """Right for huge numbers, which older versions of Rust's own is not."""
    if u < 1.0:
        return nan
    if u > 1e150:
        return log(u) + 0.6931471805599453
    return log1p(u - 1.0 + sqrt((u - 1.0) * (u + 1.0)))


def atanh(u: float) -> float:
    """As accurate next to -1 as elsewhere, which Rust's own is not."""
    y = abs(u)
    return copysign(0.5 * log1p(2.0 * y / (1.0 - y)), u)


def stirling(x: float) -> float:
    """What Stirling's formula lacks for log Γ(x), from x = 8 on."""
    series = (
        -0.029550653594771242,
        0.00641025641025641,
        -0.0019175269175269176,
        0.0008417508417508417,
        -0.0005952380952380953,
        0.0007936507936507937,
        -0.002777777777777778,
        0.08333333333333333,
    )
    return polynomial(series, 1.0 / (x * x)) / x


def gamma_above(x: float) -> float:
    """Γ(x) for x ≥ 1/2 (on [2, 3] Moshier's Cephes library, far out Stirling)."""
    top = (
        1.60119522476751861407e-4,
        1.19135147006586384913e-3,
        1.04213797561761569935e-2,
        4.76367800457137231464e-2,
        2.07448227648435975150e-1,
        4.94214826801497100753e-1,
        9.99999999999999996796e-1,
    )
    bottom = (
        -2.31581873324120129819e-5,
        5.39605580493303397842e-4,
        -4.45641913851797240494e-3,
        1.18139785222060435552e-2,
        3.58236398605498653373e-2,
        -2.34591795718243348568e-1,
        7.14304917030273074085e-2,
        1.00000000000000000320e0,
    )
    if x > 14.0:
        y = smaller(x, 500.0)
        root = y ** (0.5 * y - 0.25)  # squared below, as it overflows later
        return 2.5066282746310002 * root * exp(-y) * root * exp(stirling(y))
    z = x
    factor = 1.0
    while z < 2.0:
        factor /= z
        z += 1.0
    while z >= 3.0:
        z -= 1.0
        factor *= z
    return factor * polynomial(top, z - 2.0) / polynomial(bottom, z - 2.0)


def gamma(u: float) -> float:
    """Γ(u), by reflection where u < 1/2."""
    if u < 0.0 and u == round(u):
        return nan
    if u < -0.5:
        return pi / (sinpi(u) * -u * gamma_above(-u))
    if u < 0.5:
        return pi / (sinpi(u) * gamma_above(1.0 - u)) if u else copysign(inf, u)
    return gamma_above(u)


def lgamma(x: float) -> float:
    """log Γ(x) for x > 0; rough next to its zeros 1 and 2."""
    if x == inf:
        return inf
    if x < 1e-20:
        return -log(x)
    if x < 8.5:
        return log(gamma(x))
    return x * (log(x) - 1.0) - 0.5 * log(x) + 0.9189385332046727 + stirling(x)


def erfc_tail(y: float) -> float:
    """erfc(y) for 0.46875 < y (Cody 1969, Math. Comp. 23, 631-637)."""
    top = (
        2.15311535474403846e-8,
        0.564188496988670089,
        8.88314979438837594,
        66.1191906371416295,
        298.635138197400131,
        881.95222124176909,
        1712.04761263407058,
        2051.07837782607147,
        1230.33935479799725,
    )
    bottom = (
        1.0,
        15.7449261107098347,
        117.693950891312499,
        537.181101862009858,
        1621.38957456669019,
        3290.79923573345963,
        4362.61909014324716,
        3439.36767414372164,
        1230.33935480374942,
    )
    far_top = (
        0.0163153871373020978,
        0.305326634961232344,
        0.360344899949804439,
        0.125781726111229246,
        0.0160837851487422766,
        0.000658749161529837803,
    )
    far_bottom = (
        1.0,
        2.56852019228982242,
        1.87295284992346047,
        0.527905102951428412,
        0.0605183413124413191,
        0.00233520497626869185,
    )
    if y > 30.0:
        return 0.0
    z = 1.0 / (y * y)
    rational = polynomial(top, y) / polynomial(bottom, y)
    if y > 4.0:
        far = z * polynomial(far_top, z) / polynomial(far_bottom, z)
        rational = (0.5641895835477563 - far) / y
    near = round(y * 16.0) / 16.0  # its square is exact
    return exp(-near * near) * exp((near - y) * (near + y)) * rational


def erf_centre(u: float) -> float:
    """erf(u) for |u| up to 0.46875 (Cody 1969)."""
    top = (
        0.185777706184603153,
        3.16112374387056560,
        113.864154151050156,
        377.485237685302021,
        3209.37758913846947,
    )
    bottom = (
        1.0,
        23.6012909523441209,
        244.024637934444173,
        1282.61652607737228,
        2844.23683343917062,
    )
    return u * polynomial(top, u * u) / polynomial(bottom, u * u)


def erf(u: float) -> float:
    """The error function."""
    if abs(u) > 0.46875:
        return copysign(1.0 - erfc_tail(abs(u)), u)
    return erf_centre(u)


def erfc(u: float) -> float:
    """1 - erf(u), without cancellation."""
    if abs(u) > 0.46875:
        tail = erfc_tail(abs(u))
        return 2.0 - tail if u < 0.0 else tail
    return 1.0 - erf_centre(u)


def cot_derivative(n: float, c: float) -> float:
    """The derivative of cot of order n, a polynomial in cot, where that is c."""
    powers = [0.0] * 104
    powers[1] = 1.0
    for _ in range(int(n)):
        before = 0.0
        for k in range(103):
            here = powers[k]
            powers[k] = -(k + 1.0) * powers[k + 1] - (k - 1.0) * before
            before = here
    total = 0.0
    for k in range(103, -1, -1):
        total = total * c + powers[k]
    return total


def polygamma_whole(n: float, x: float) -> float:
    """The derivative of ψ(x) of order n ≥ 1: a sum and Euler-Maclaurin's rest."""
    series = (
        0.08333333333333333,
        -0.001388888888888889,
        3.306878306878307e-05,
        -8.267195767195768e-07,
        2.08767569878681e-08,
        -5.284190138687493e-10,
        1.3382536530684679e-11,
        -3.3896802963225827e-13,
        8.586062056277845e-15,
        -2.174868698558062e-16,
    )
    y = x if x > 0.0 else 1.0 - x
    t = y + 16.0
    total = t**-n / n + 0.5 * t ** (-n - 1.0)
    factor = n + 1.0
    for j, c in enumerate(series):
        total += c * factor * t ** (-n - 2.0 * j - 2.0)
        factor *= (n + 2.0 * j + 2.0) * (n + 2.0 * j + 3.0)
    for k in range(15, -1, -1):
        total += (y + k) ** (-n - 1.0)
    value = (-1.0 if n % 2.0 == 0.0 and x > 0.0 else 1.0) * gamma(n + 1.0) * total
    if x > 0.0:
        return value
    slope = cot_derivative(n, 1.0 / tan(pi * (x - round(x))))
    return -value - slope * pi ** (n + 1.0)


ALIASES = {"abs": "fabs", "min": "smaller", "max": "larger", "round": "rint"}
"""what Python calls them -> the name of the helper, or in the tables of languages"""


@cache
def helper(name: str) -> ast.FunctionDef | None:
    """Give the source of a helper as a tree; None where there is no such helper."""
    for module in (globals(), vars(math_helpers), vars(math_special)):
        found = module.get(name)
        if isinstance(found, FunctionType) and found.__module__.startswith(_PACKAGE):
            if name in _OWN:
                return None
            source = textwrap.dedent(inspect.getsource(found))
            (node,) = ast.parse(source).body
            assert isinstance(node, ast.FunctionDef)
            return node
    return None


_PACKAGE = math_helpers.__name__.rpartition(".")[0]
_OWN = ("helper",)
