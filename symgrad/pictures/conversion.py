"""SVG as PNG and PDF, by CairoSVG: an optional package, loaded when it is asked for.

The one rule kept here: the only module that knows CairoSVG.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from symgrad.errors import MissingPackageError

_SVG = "http://www.w3.org/2000/svg"
_STYLE = re.compile(r'\sstyle="[^"]*"')
"""the size within a page, of which CairoSVG makes an empty picture"""

_BEFORE = {"middle": 0.5, "end": 1.0}
"""which part of a text stands before its x"""

_AROUND = 5.0

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
    """The picture with every piece of a name at its own place.

    CairoSVG centres the first piece of a text alone: w_111 would stand beside the gap
    that its edge has for it.
    """
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(_STYLE.sub("", svg, count=1))
    for group in root.iter():
        ground = None
        for part in group:
            if part.get("class") == "ground":
                ground = part
            elif len(part) and part.get("text-anchor") in _BEFORE:
                _widen(ground, _place(part))
                ground = None
    return ElementTree.tostring(root)


def _place(text: ElementTree.Element) -> float:
    """Give each piece of a text its x; returns the width, as Cairo measures it."""
    pieces = [text, *text]
    widths = [_width(piece.text or "", piece, text) for piece in pieces]
    x = float(text.get("x", "0")) - _BEFORE[text.get("text-anchor", "")] * sum(widths)
    text.set("text-anchor", "start")
    for piece, width in zip(pieces, widths, strict=True):
        piece.set("x", f"{x:.2f}")
        x += width
    return sum(widths)


def _widen(ground: ElementTree.Element | None, width: float) -> None:
    """Make the gap of an edge as wide as its name in the font that there is."""
    if ground is None:
        return
    more = max(0.0, width + _AROUND - float(ground.get("width", "0")))
    ground.set("x", f"{float(ground.get('x', '0')) - more / 2:.2f}")
    ground.set("width", f"{float(ground.get('width', '0')) + more:.2f}")


def _width(words: str, piece: ElementTree.Element, text: ElementTree.Element) -> float:
    import cairocffi  # what CairoSVG draws with

    def said(name: str, default: str) -> str:
        return piece.get(name, text.get(name, default))

    context = cairocffi.Context(cairocffi.ImageSurface(cairocffi.FORMAT_A8, 1, 1))
    slant = cairocffi.FONT_SLANT_NORMAL
    if said("font-style", "normal") == "italic":
        slant = cairocffi.FONT_SLANT_ITALIC
    weight = cairocffi.FONT_WEIGHT_NORMAL
    if said("font-weight", "normal") == "bold":
        weight = cairocffi.FONT_WEIGHT_BOLD
    context.select_font_face(said("font-family", "serif"), slant, weight)
    context.set_font_size(float(said("font-size", "17")))
    return float(context.text_extents(words)[4])


def _png(svg: str) -> bytes:
    found: bytes = _cairosvg("PNG").svg2png(bytestring=_bare(svg), scale=SCALE)
    return found


def _pdf(svg: str) -> bytes:
    found: bytes = _cairosvg("PDF").svg2pdf(bytestring=_bare(svg))
    return found


CONVERTERS: dict[str, Callable[[str], bytes]] = {".png": _png, ".pdf": _pdf}
"""What makes a file of SVG, by its suffix."""
