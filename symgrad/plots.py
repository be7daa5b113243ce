"""The one place through which matplotlib is reached.

The one rule kept here: it is an extra, loaded when a plot is asked for; figures are
made without a window and closed with their file.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from symgrad.errors import ArgumentValueError, MissingPackageError, short

SUFFIXES = (".svg", ".png", ".pdf")


def figure_of(width: float, height: float) -> Any:
    """An empty figure of a size in inches.

    Raises ``MissingPackageError`` where matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise MissingPackageError("plots need matplotlib; pip install 'symgrad[plots]'")
    return import_module("matplotlib.figure").Figure(figsize=(width, height))


def saved(figure: Any, path: str | Path) -> None:
    """Write a figure as .svg, .png or .pdf.

    Raises ``ArgumentValueError`` for another suffix.
    """
    target = Path(path)
    if target.suffix not in SUFFIXES:
        raise ArgumentValueError(
            f"{short(target.name)} has no known suffix; expected {', '.join(SUFFIXES)}"
        )
    figure.tight_layout()
    dates = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    figure.savefig(target, metadata=dates.get(target.suffix))
