# mypy: allow-untyped-defs, allow-untyped-calls
"""What PyTorch lacks beside NumPy, or takes of tensors only.

The one rule kept here: that of numpy_helpers.py, whose helpers are copied for PyTorch
too; the names of NumPy's that they use stand here, where PyTorch has no such function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy import abs, float64, inf, nan, where

from symgrad.numeric.codegen.numpy_special import gamma

if TYPE_CHECKING:
    gammainc: Any = None
    gammaincc: Any = None
    as_tensor: Any = None
    full_like: Any = None
    pow: Any = None
    round: Any = None
    signbit: Any = None
    atan2: Any = None
    hypot: Any = None


def constant(value):
    """A number that meets no tensor, in double precision."""
    return value if hasattr(value, "dtype") else as_tensor(value, dtype=float64)


def tensor_like(value, other):
    """A number as a tensor of the kind of another one."""
    return value if hasattr(value, "dtype") else full_like(other, value)


def select(condition, u, v):
    if not hasattr(u, "dtype") and not hasattr(v, "dtype"):
        u = as_tensor(u, dtype=float64, device=condition.device)
    return where(condition, u, v)


def maximum(u, v):
    """The larger one, nan where one is nan, of numbers too."""
    return where(u > v, u, where(v >= u, v, u + v))


def minimum(u, v):
    """The smaller one, nan where one is nan, of numbers too."""
    return where(u < v, u, where(v <= u, v, u + v))


def arctan2(y, x):
    return atan2(tensor_like(y, x), tensor_like(x, y))


def hypotenuse(u, v):
    return hypot(tensor_like(u, v), tensor_like(v, u))


def copysign(u, v):
    size = abs(tensor_like(u, v))
    return where(signbit(v), -size, size)


def power(u, v):
    return pow(u, v)


def rint(u):
    return round(u)


def sign(u):
    """The sign; of nan it is nan."""
    return where(u > 0.0, 1.0, where(u < 0.0, -1.0, u))


def cbrt(u):
    """The real cube root; one step of Newton's method mends the last digits."""
    size = abs(u)
    root = pow(size, 1.0 / 3.0)
    better = root - (root - size / (root * root)) / 3.0
    is_plain = (size > 0.0) & (size < inf)
    return copysign(where(is_plain, better, root), u)


def heaviside(u, at_zero):
    value = where(u > 0.0, 1.0, where(u < 0.0, 0.0, nan))
    return where(u == 0.0, at_zero, value)


def isinf(u):
    return abs(u) == inf


def lowergamma(s, x):
    """The lower incomplete gamma function, not regularized."""
    order = tensor_like(s, x)
    return where(order > 0.0, gammainc(order, x) * gamma(order), nan)


def uppergamma(s, x):
    """The upper incomplete gamma function, not regularized."""
    order = tensor_like(s, x)
    return where(order > 0.0, gammaincc(order, x) * gamma(order), nan)
