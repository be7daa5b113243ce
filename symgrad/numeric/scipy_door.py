"""The one place through which SciPy's solvers and sparse matrices are reached.

The one rule kept here: SciPy is an extra; it is loaded when a call needs it, and where
it is missing, the error says what to install.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from symgrad.errors import MissingPackageError


def scipy_part(name: str) -> Any:
    """Load a part of SciPy, such as ``optimize``.

    >>> scipy_part("sparse").csr_array([[0, 1]]).nnz
    1
    """
    if find_spec("scipy") is None:
        raise MissingPackageError(
            f"scipy.{name} is needed; pip install 'symgrad[scipy]'"
        )
    return import_module(f"scipy.{name}")
