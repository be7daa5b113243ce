"""Every error symgrad raises on purpose, and the one way to word an unknown name.

    SymgradError
    ├── FormulaError          (ValueError)   a formula that cannot be read
    ├── GraphError            (ValueError)   stages that do not form a program
    ├── RuleError             (ValueError)   no rule differentiates this expression
    ├── BoundError            (ValueError)   an answer too large or too deep to write
    ├── ArgumentValueError    (ValueError)   an argument without a usable value
    ├── ArgumentTypeError     (TypeError)    an argument of the wrong type
    ├── UnknownNameError      (KeyError)     a name that nothing bears
    └── MissingPackageError   (ImportError)  an optional package that is not installed

A message says what is wrong with which name or value, what was expected, and what
to do; it is one line, lower case, without a full stop.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from os import PathLike
from typing import TypeVar


class SymgradError(Exception):
    """The base of every error that symgrad raises on purpose.

    An error about a text carries the ``text``, the ``column`` (and ``line``) where it
    went wrong, counted from 1, and ``caret``: that line with a ^ below the place.
    """

    text: str | None = None
    line: int | None = None
    column: int | None = None
    caret: str = ""


class FormulaError(SymgradError, ValueError):
    """A formula that cannot be read."""


class GraphError(SymgradError, ValueError):
    """Stages that do not form a straight-line program."""


class RuleError(SymgradError, ValueError):
    """No rule of the table differentiates this expression."""


class BoundError(SymgradError, ValueError):
    """An answer that would be too large or too deep to write down."""


class ArgumentValueError(SymgradError, ValueError):
    """An argument of the right type without a usable value."""


class ArgumentTypeError(SymgradError, TypeError):
    """An argument of the wrong type."""


class UnknownNameError(SymgradError, KeyError):
    """A name that nothing bears."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class MissingPackageError(SymgradError, ImportError):
    """An optional package that is not installed."""


def spot(text: str, start: int) -> tuple[int, int]:
    """Give the line and the column of a character, counted from 1."""
    before = text[:start].splitlines() or [""]
    if text[:start].endswith(("\n", "\r")):
        before.append("")
    return len(before), len(before[-1]) + 1


E = TypeVar("E", bound=SymgradError)
_CARET_WIDTH = 30


def located(error: E, text: str, start: int) -> E:
    """Tell an error where in a text it belongs.

    >>> print(located(FormulaError("…"), "x + * y", 4).caret)
    x + * y
        ^
    """
    error.text, (error.line, error.column) = text, spot(text, start)
    before = error.column - 1
    line = (text[start - before :].splitlines() or [""])[0]
    left = max(0, before - _CARET_WIDTH)
    shown = line[left : before + _CARET_WIDTH]
    shown = "".join(c if c.isprintable() else " " for c in shown)
    dots = "…" if left else ""
    error.caret = f"{dots}{shown}\n{' ' * (len(dots) + before - left)}^"
    if hasattr(error, "add_note"):  # Python 3.11 shows it below the message
        error.add_note(error.caret)
    return error


def unknown_name(kind: str, name: object, known: Iterable[str]) -> UnknownNameError:
    """Word the error for ``name``: the nearest spelling first, then what is known.

    >>> print(unknown_name("format", "latx", ["html", "latex"]))
    unknown format 'latx'; did you mean 'latex'? known: html, latex
    """
    names = list(known)
    message = f"unknown {kind} {short(name)}"
    near = difflib.get_close_matches(str(name)[:100], names, n=5, cutoff=0.5)
    near.sort(key=lambda other: sorted(other) != sorted(str(name)))  # swapped letters
    if near:
        message += f"; did you mean {near[0]!r}?"
    shown = ", ".join(names[:40]) + (", …" if len(names) > 40 else "")
    separator = " " if near else "; "
    return UnknownNameError(f"{message}{separator}known: {shown or 'nothing'}")


def check_name(kind: str, name: object, known: Iterable[str]) -> None:
    """Raise the error for ``name`` unless it is one of the names that are known."""
    if not isinstance(name, str) or name not in known:
        raise unknown_name(kind, name, known)


def check_switch(name: str, value: object) -> None:
    """Raise the error for a value that is neither true nor false; 0 and 1 are."""
    is_truth = type(value).__name__ in ("bool", "bool_")  # NumPy's too
    if not is_truth and not (isinstance(value, int) and value in (0, 1)):
        raise ArgumentTypeError(f"{name} is {short(value)}; expected True or False")


def check_order(order: object) -> None:
    """Raise the error for an order of a derivative that is not 1, 2, 3, …"""
    if isinstance(order, bool) or not isinstance(order, int):
        raise ArgumentTypeError(
            f"order is {short(order)}; expected a whole number, 1 or more"
        )
    if order < 1:
        raise ArgumentValueError(f"order is {short(order)}; expected 1 or more")


def check_path(path: object) -> None:
    """Raise the error for what is no path of a file."""
    if not isinstance(path, str | PathLike):
        raise ArgumentTypeError(
            f"{short(path)} is no path; expected one such as 'page.html'"
        )


def check_mapping(name: str, value: object, what: str) -> None:
    """Raise the error for an argument that should map names to something."""
    if not isinstance(value, Mapping):
        raise ArgumentTypeError(f"{name} is {short(value)}; expected a mapping {what}")


def short(value: object, width: int = 60) -> str:
    """Quote a user's value in a message: on one line, and never longer than width."""
    text = repr(value) if isinstance(value, str) else str(value)
    if getattr(value, "is_Float", False) and "e" not in text:
        text = text.rstrip("0")  # SymPy writes 0.300000000000000
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"
