"""The languages that programs are written in.

The one rule kept here: a language is one row.
"""

from __future__ import annotations

from pathlib import Path

from symgrad.errors import ArgumentValueError, short
from symgrad.numeric.codegen.languages.c import C_HEADER, C
from symgrad.numeric.codegen.languages.cpp import CPP
from symgrad.numeric.codegen.languages.fortran import FORTRAN
from symgrad.numeric.codegen.languages.javascript import JAVASCRIPT
from symgrad.numeric.codegen.languages.julia import JULIA
from symgrad.numeric.codegen.languages.language import Language
from symgrad.numeric.codegen.languages.rust import RUST

_ROWS = (C, C_HEADER, CPP, JAVASCRIPT, RUST, JULIA, FORTRAN)
LANGUAGES: dict[str, Language] = {row.name: row for row in _ROWS}
"""name -> how it is written"""

SUFFIXES: dict[str, str] = {s: row.name for row in _ROWS for s in row.suffixes}
"""suffix of a file -> the language that is written in it"""


def language_of(path: Path) -> str:
    """Tell the language of a file by its suffix; Python is one."""
    known = {".py": "python", **SUFFIXES}
    if path.suffix.lower() not in known:
        raise ArgumentValueError(
            f"cannot save to {short(str(path))}; expected a name that ends in "
            f"{', '.join(known)}"
        )
    return known[path.suffix.lower()]
