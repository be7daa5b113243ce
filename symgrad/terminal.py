"""Where results go: to a file, to a pipe, to a terminal with headings bold.

The one rule kept here: in a pipe or a file the text is exactly the text renderer's;
a terminal gets the same characters, with colour. ``NO_COLOR`` is respected.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from symgrad.errors import ArgumentValueError, short
from symgrad.renderers.text import MIN_WIDTH, WIDTH

PIPE_CLOSED = 141
_RULE = re.compile(r"[═─]{3,}")
_REASON = re.compile(r"\S {3,}([^\s=].*)$|^ {24,}([^\s=+−·].*)$")
_MARKS = {"✓": "green", "✗": "bold red", "not checked": "yellow", "let ": "cyan"}


def page_width() -> int | None:
    """How many columns a page may have: those of a terminal, up to 100.

    None where the output is no terminal: a file is the same wherever it is made.
    """
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    return max(MIN_WIDTH, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))


def print_page(text: str) -> None:
    """Print a page; in a terminal with headings bold and reasons dim."""
    if sys.stdout is not None and sys.stdout.isatty():
        console = Console(highlight=False)
        console.print(styled(text), soft_wrap=True, end="")
        sys.stdout.flush()
    else:
        write(text)


def save(output: Path, write: Callable[[], object]) -> None:
    """Write a file; where that fails, the error names the file that was asked for."""
    try:
        write()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ArgumentValueError(
            f"cannot write {short(str(output))}: {reason}"
        ) from None


def write(text: str) -> None:
    """Print a text as it is, ended by one line break.

    Exits with status 141 where the reader has gone; Typer would exit with 1.
    """
    if sys.stdout is None:
        raise ArgumentValueError("the standard output is closed; use --output FILE")
    try:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise typer.Exit(PIPE_CLOSED) from None
        reason = (error.strerror or str(error)).lower()
        raise ArgumentValueError(
            f"cannot write to the standard output: {reason}"
        ) from None


def styled(text: str) -> Text:
    """Mark the parts of a page of text, without changing a character.

    >>> page = styled("Title\\n═════\\n")
    >>> page.plain, [str(span.style) for span in page.spans]
    ('Title\\n═════\\n', ['bold', 'dim'])
    """
    lines = text.splitlines()
    page = Text()
    for place, line in enumerate(lines):
        below = lines[place + 1] if place + 1 < len(lines) else ""
        page.append_text(_line(line, below))
        page.append("\n")
    return page


def _line(line: str, below: str) -> Text:
    if _RULE.fullmatch(line):
        return Text(line, "dim")
    if _RULE.fullmatch(below):
        return Text(line, "bold")
    for mark, style in _MARKS.items():
        if line.strip().startswith(mark):
            return Text(line, style)
    shown = Text(line)
    reason = _REASON.search(line)
    if reason is not None:
        shown.stylize("dim", reason.start(reason.lastindex or 0))
    return shown
