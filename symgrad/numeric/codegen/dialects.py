"""What each operation is called in each dialect of generated Python.

The one rule kept here: a dialect is a row of ``DIALECTS``; a function is a name of
its library, or a helper whose source is copied into the program that uses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

from symgrad.numeric.codegen import math_helpers, numpy_helpers

OPERATORS: dict[str, tuple[str, int]] = {
    "add": (" + ", 5),
    "subtract": (" - ", 5),
    "multiply": ("*", 6),
    "divide": ("/", 6),
    "less": (" < ", 4),
    "less_equal": (" <= ", 4),
    "greater": (" > ", 4),
    "greater_equal": (" >= ", 4),
    "equal": (" == ", 4),
    "not_equal": (" != ", 4),
}
"""operation -> how it is written and how strongly it binds"""


@dataclass(frozen=True)
class Dialect:
    """One kind of generated Python: ``library`` and the names it has for functions.

    ``functions`` gives the name of an operation where it is not its own name,
    ``templates`` write what is no plain call. ``scalar`` is the type in which helpers
    get numbers that stand in the source, where Python's floats would not do.
    """

    name: str
    library: str
    helpers: ModuleType
    functions: Mapping[str, str]
    templates: Mapping[str, str]
    builtins: tuple[str, ...] = ()
    scalar: str = ""


_MATH = Dialect(
    "math",
    "math",
    math_helpers,
    {
        "power": "pow",
        "Abs": "fabs",
        "Heaviside": "heaviside",
        "Max": "maximum",
        "Min": "minimum",
        "LambertW": "lambertw",
    },
    templates={
        "select": "({1} if {0} else {2})",
        "and": "({0} and {1})",
        "or": "({0} or {1})",
        "not": "(not {0})",
    },
    builtins=("abs", "float", "min", "type"),
)
_INVERSES = ("sin", "cos", "tan", "sinh", "cosh", "tanh")
_NUMPY = Dialect(
    "numpy",
    "numpy",
    numpy_helpers,
    {
        **{f"a{name}": f"arc{name}" for name in _INVERSES},
        "atan2": "arctan2",
        "power": "power",
        "Abs": "absolute",
        "ceiling": "ceil",
        "Heaviside": "heaviside",
        "Max": "maximum",
        "Min": "minimum",
        "LambertW": "lambertw",
        "select": "where",
        "and": "logical_and",
        "or": "logical_or",
        "not": "logical_not",
    },
    templates={},
    scalar="float64",
)

DIALECTS: dict[str, Dialect] = {"math": _MATH, "numpy": _NUMPY}
