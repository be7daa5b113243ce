"""Derivations in every format: the table of formats, and files by their suffix.

The one rule kept here: a renderer only writes. It derives nothing, evaluates nothing,
and every formula it shows goes through notation.py.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from symgrad.derivation import Derivation
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    check_name,
    check_path,
    short,
    unknown_name,
)
from symgrad.renderers import html, json
from symgrad.renderers.latex import render_beamer, render_fragment, render_latex
from symgrad.renderers.markdown import render_markdown
from symgrad.renderers.speech import render_speech
from symgrad.renderers.text import MIN_WIDTH, render_text
from symgrad.renderers.word import render_word

__all__ = ["RENDERERS", "Renderer", "load", "render", "save"]


@dataclass(frozen=True)
class Renderer:
    """One format: what writes it, and the suffix of its files (none for a part)."""

    write: Callable[[Derivation], str]
    suffix: str = ""


RENDERERS: dict[str, Renderer] = {
    "text": Renderer(render_text, ".txt"),
    "speech": Renderer(render_speech),
    "markdown": Renderer(render_markdown, ".md"),
    "latex": Renderer(render_latex, ".tex"),
    "latex-fragment": Renderer(render_fragment),
    "beamer": Renderer(render_beamer),
    "mathml": Renderer(html.render_mathml, ".mathml"),
    "html": Renderer(html.render_html, ".html"),
    "html-fragment": Renderer(html.render_fragment),
    "json": Renderer(json.dump, ".json"),
}
"""Every format by its name."""


def render(
    derivation: Derivation, format: str = "text", *, width: int | None = None
) -> str:
    """Write a derivation in one of the formats of ``RENDERERS``.

    Text is 100 columns wide, or ``width``. Raises ``UnknownNameError`` for another
    format, ``ArgumentValueError`` for a width under 60 or of another format.
    """
    if not isinstance(derivation, Derivation):
        raise ArgumentTypeError(
            f"expected a Derivation, not {short(derivation)}; make one with explain"
        )
    check_name("format", format, RENDERERS)
    if width is not None:
        if format != "text":
            raise ArgumentValueError(f"width is for text; {format} has no columns")
        if not isinstance(width, int) or width < MIN_WIDTH:
            raise ArgumentValueError(
                f"width is {short(width)}; expected a whole number of columns, "
                f"at least {MIN_WIDTH}"
            )
        return render_text(derivation, width)
    return RENDERERS[format].write(derivation)


def save(derivation: Derivation, path: str | Path, format: str | None = None) -> Path:
    """Write a derivation to a file, in a format by name, else that of the suffix.

    The file appears whole or not at all. Raises ``UnknownNameError`` for a format
    that there is not, or a suffix that none has.
    """
    check_path(path)
    target = Path(path)
    if format is not None:
        return write_file(target, render(derivation, format).encode())
    if target.suffix.lower() == ".docx":
        return write_file(target, render_word(derivation))
    formats = {row.suffix: name for name, row in RENDERERS.items() if row.suffix}
    if target.suffix.lower() not in formats:
        raise unknown_name("suffix", target.suffix, [*formats, ".docx"])
    text = render(derivation, formats[target.suffix.lower()])
    return write_file(target, text.encode())


def write_file(path: str | Path, content: bytes) -> Path:
    """Write a file that appears whole or not at all."""
    target = Path(path)
    if not target.parent.is_dir():
        raise ArgumentValueError(
            f"cannot write {short(str(target))}: no such folder; make it first"
        )
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
    return target


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def load(path: str | Path) -> Derivation:
    """Read a derivation that was saved as JSON.

    Raises ``ArgumentValueError`` for a file of another format, ``FormulaError`` for a
    file that holds no page.
    """
    check_path(path)
    source = Path(path)
    if source.suffix.lower() != ".json":
        raise ArgumentValueError(
            f"{short(str(path))} cannot be read back; only .json pages can, save with "
            "d.save('page.json')"
        )
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ArgumentValueError(
            f"cannot read {short(str(path))}: {reason}; expected a page that was saved "
            "with d.save('page.json')"
        ) from None
    except UnicodeDecodeError:
        raise ArgumentValueError(
            f"{short(str(path))} is not a text file; expected a page saved as .json"
        ) from None
    return json.load(text)
