# mypy: allow-untyped-defs, allow-untyped-calls
"""What JAX and CuPy lack beside NumPy, for the helpers that are copied for them.

The one rule kept here: that of numpy_helpers.py, whose names stand for those of the
package that a helper is copied for.
"""

from __future__ import annotations

from numpy import asarray

from symgrad.numeric.codegen.numpy_special import digamma, polygamma_whole


def polyval(coefficients, x):
    """A polynomial by Horner's scheme."""
    total = coefficients[0]
    for c in coefficients[1:]:
        total = total * x + c
    return total


def polygamma(order, u):
    """The derivative of digamma of one whole order, a number in the source."""
    x = asarray(u, dtype=float)
    value = digamma(x) if order == 0.0 else polygamma_whole(float(order), x)
    return value.astype(x.dtype)
