"""PyTorch itself, for networks that are read and programs that run there.

The one rule kept here: this is the only module that imports PyTorch, and it does so
when something needs it.
"""

from __future__ import annotations

from typing import Any

from symgrad.errors import MissingPackageError


def load_torch(what: str) -> Any:
    """Load PyTorch for ``what``; raises ``MissingPackageError``."""
    try:
        import torch
    except ImportError:
        raise MissingPackageError(
            f"{what} needs PyTorch; pip install 'symgrad[torch]'"
        ) from None
    return torch
