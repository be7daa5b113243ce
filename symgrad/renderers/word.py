"""Derivations for Word, their formulas Word's own: by Pandoc, an optional package.

The one rule kept here: the only module that knows Pandoc. It reads what the Markdown
renderer wrote, with no raw markup; the same page gives the same bytes.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

from symgrad.derivation import Derivation, Picture
from symgrad.errors import ArgumentValueError, MissingPackageError, short
from symgrad.pictures.conversion import CONVERTERS
from symgrad.pictures.svg import picture_svg
from symgrad.progress import waiting
from symgrad.renderers.markdown import described, escape, render_markdown

_MARKDOWN = "commonmark+tex_math_dollars+pipe_tables+attributes"
_ALIGNED = re.compile(r"\\begin\{aligned\}(.*?)\\end\{aligned\}", re.DOTALL)
_SIGNS = {"=": "=", r"\approx": "≈"}
_RELATION = re.compile(r"^(=|\\approx) ")
_PAGE = 6.0
"""Inches between the margins."""
_UNITS = 96
"""Of a picture, in an inch."""


def render_word(derivation: Derivation) -> bytes:
    """Write a derivation as a .docx file; a picture needs CairoSVG, else it is told.

    Raises ``MissingPackageError`` without Pandoc.
    """
    program = _pandoc()
    with tempfile.TemporaryDirectory() as folder:
        count = iter(range(1_000))

        def shown(picture: Picture) -> str:
            path = Path(folder, f"{next(count)}.png")
            try:
                path.write_bytes(CONVERTERS[".png"](picture_svg(picture)))
            except MissingPackageError:
                return described(picture)
            wide = min(_PAGE, picture.width / _UNITS)
            return (
                f"![{escape(picture.description)}]({path.name}){{width={wide:.2f}in}}"
            )

        source = _for_word(render_markdown(derivation, shown))
        with waiting("Pandoc writes the document"):
            done = subprocess.run(
                [program, "-f", _MARKDOWN, "-t", "docx", "-o", "page.docx"],
                input=source.encode(),
                cwd=folder,
                env={**os.environ, "SOURCE_DATE_EPOCH": "0"},
                capture_output=True,
                check=False,
            )
        if done.returncode:
            said = done.stderr.decode(errors="replace")
            raise ArgumentValueError(f"Pandoc cannot write this page: {short(said)}")
        return Path(folder, "page.docx").read_bytes()


def _for_word(source: str) -> str:
    """Aligned rows as a matrix, which every reader of .docx sets."""
    return _ALIGNED.sub(lambda found: _matrix(found[1]), source)


def _matrix(rows: str) -> str:
    """Rows of three columns; an equals sign with nothing on its left as a word."""
    cells = [
        [cell.strip() for cell in re.split(r"(?<!\\)&", row.replace("&&", "&"))]
        for row in rows.strip().split(r"\\")
    ]
    cells = [[_RELATION.sub(_as_word, cell) for cell in row] for row in cells]
    filled = [[*row, *[""] * (3 - len(row))] for row in cells]
    lines = [" & ".join(cell or r"\text{ }" for cell in row) for row in filled]
    body = " \\\\\n".join(lines)
    return f"\\begin{{array}}{{rll}}\n{body}\n\\end{{array}}"


def _as_word(found: re.Match[str]) -> str:
    return rf"\text{{{_SIGNS[found[1]]} }}"


def _pandoc() -> str:
    """The path of the program; raises ``MissingPackageError``."""
    try:
        import pypandoc

        found: str = pypandoc.get_pandoc_path()
    except (ImportError, OSError):
        raise MissingPackageError(
            "a page as .docx needs Pandoc; pip install 'symgrad[word]'"
        ) from None
    return found
