"""SVG as PNG and PDF, by CairoSVG: an optional package, loaded when it is asked for.

The one rule kept here: the only module that knows CairoSVG.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from symgrad.errors import MissingPackageError

_STYLE = re.compile(r'\sstyle="[^"]*"')
"""the size within a page, of which CairoSVG makes an empty picture"""

SCALE = 2.0
"""pixels of a PNG for each unit of the picture"""


def _cairosvg(what: str) -> Any:
    """Load CairoSVG; raises ``MissingPackageError``."""
    try:
        import cairosvg
    except (ImportError, OSError) as error:
        lacks = "the cairo library" if isinstance(error, OSError) else "CairoSVG"
        raise MissingPackageError(
            f"a picture as {what} needs {lacks}; install it (pip install "
            "'symgrad[pictures]', and cairo by your system), or save as .svg"
        ) from None
    return cairosvg


def _bare(svg: str) -> bytes:
    return _STYLE.sub("", svg, count=1).encode()


def _png(svg: str) -> bytes:
    found: bytes = _cairosvg("PNG").svg2png(bytestring=_bare(svg), scale=SCALE)
    return found


def _pdf(svg: str) -> bytes:
    found: bytes = _cairosvg("PDF").svg2pdf(bytestring=_bare(svg))
    return found


CONVERTERS: dict[str, Callable[[str], bytes]] = {".png": _png, ".pdf": _pdf}
"""What makes a file of SVG, by its suffix."""
