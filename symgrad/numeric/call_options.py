"""What a call of a batch takes beside the arguments: out= and threads=.

The one rule kept here: a formula's own argument of such a name comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symgrad.errors import ArgumentTypeError, ArgumentValueError, short

OPTIONS = ("out", "threads")


def taken_options(named: dict[str, Any], arguments: Sequence[str]) -> dict[str, Any]:
    """Take out= and threads= from what is named, where no argument has the name."""
    names = [name for name in OPTIONS if name in named and name not in arguments]
    return {name: named.pop(name) for name in names}


def thread_count(threads: Any) -> int:
    """Check how many parts shall be computed at the same time."""
    if isinstance(threads, bool) or not isinstance(threads, int | np.integer):
        raise ArgumentTypeError(f"threads is {short(threads)}; expected a whole number")
    if threads < 1:
        raise ArgumentValueError(f"threads is {threads}; expected 1 or more")
    return min(int(threads), 1024)
