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
from math import copysign, exp, inf, log, log1p, nan, pi, sqrt
from types import FunctionType

from symgrad.numeric.codegen import coefficients, math_helpers, math_special
from symgrad.numeric.codegen.coefficients import (
    ERF_BOTTOM,
    ERF_TOP,
    ERFC_BOTTOM,
    ERFC_FAR_BOTTOM,
    ERFC_FAR_TOP,
    ERFC_TOP,
    GAMMA_BOTTOM,
    GAMMA_TOP,
    STIRLING_SERIES,
)
from symgrad.numeric.codegen.math_helpers import polynomial
from symgrad.numeric.codegen.math_special import sinpi


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
    return polynomial(STIRLING_SERIES, 1.0 / (x * x)) / x


def gamma_above(x: float) -> float:
    """Γ(x) for x ≥ 1/2 (on [2, 3] Moshier's Cephes library, far out Stirling)."""
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
    return factor * polynomial(GAMMA_TOP, z - 2.0) / polynomial(GAMMA_BOTTOM, z - 2.0)


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
    if y > 30.0:
        return 0.0
    z = 1.0 / (y * y)
    rational = polynomial(ERFC_TOP, y) / polynomial(ERFC_BOTTOM, y)
    if y > 4.0:
        far = z * polynomial(ERFC_FAR_TOP, z) / polynomial(ERFC_FAR_BOTTOM, z)
        rational = (0.5641895835477563 - far) / y
    near = round(y * 16.0) / 16.0  # its square is exact
    return exp(-near * near) * exp((near - y) * (near + y)) * rational


def erf_centre(u: float) -> float:
    """erf(u) for |u| up to 0.46875 (Cody 1969)."""
    return u * polynomial(ERF_TOP, u * u) / polynomial(ERF_BOTTOM, u * u)


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


ALIASES = {"abs": "fabs", "min": "smaller", "max": "larger", "round": "rint"}
"""what Python calls them -> the name of the helper, or in the tables of languages"""


@cache
def helper(name: str) -> ast.FunctionDef | None:
    """Give the source of a helper as a tree; None where there is no such helper.

    The tables that it names are written into it.
    """
    for module in (globals(), vars(math_helpers), vars(math_special)):
        found = module.get(name)
        if isinstance(found, FunctionType) and found.__module__.startswith(_PACKAGE):
            if name in _OWN:
                return None
            source = textwrap.dedent(inspect.getsource(found))
            (node,) = ast.parse(source).body
            assert isinstance(node, ast.FunctionDef)
            return _with_tables(node)
    return None


def _with_tables(node: ast.FunctionDef) -> ast.FunctionDef:
    found: dict[str, None] = {}
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and hasattr(coefficients, part.id):
            found[part.id] = None
            part.id = part.id.lower()
    texts = [f"{name.lower()} = {getattr(coefficients, name)}" for name in found]
    start = 0 if ast.get_docstring(node) is None else 1
    node.body[start:start] = ast.parse("\n".join(texts)).body
    return node


_PACKAGE = math_helpers.__name__.rpartition(".")[0]
_OWN = ("helper",)
