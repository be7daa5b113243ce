"""What the functions of Python, ``math``, NumPy, SciPy and SymPy mean in a formula.

The one rule kept here: a name means what its own module means by it (NumPy's ``sinc``
is not SymPy's), so functions are told by what they are, not by how they are spelled.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType, ModuleType
from typing import Any, NamedTuple

import sympy

from symgrad.errors import FormulaError
from symgrad.functions import FUNCTIONS
from symgrad.named_formulas import NAMED_FORMULAS
from symgrad.reading.reader import Reading, read

NAMED = "symgrad.named_formulas"
"""The functions that a source may use without importing them: logit, clip, mish."""


class Member(NamedTuple):
    """A function or constant of a module that may stand in a formula."""

    module: str
    name: str


def _same(words: str) -> dict[str, tuple[str, ...]]:
    return {word: (f"{word}(a)",) for word in words.split()}


_MATH: dict[str, tuple[str, ...]] = {
    **_same(
        "exp sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sqrt cbrt"
    ),
    **_same("erf erfc gamma log2 log10 log1p expm1 floor"),
    "ceil": ("ceiling(a)",),
    "fabs": ("Abs(a)",),
    "lgamma": ("loggamma(a)",),
    "log": ("log(a)", "log(a)/log(b)"),
    "pow": ("a^b",),
    "exp2": ("2^a",),
    "atan2": ("atan2(a, b)",),
    "hypot": ("hypot(a, b)",),
    "degrees": ("180*a/pi",),
    "radians": ("pi*a/180",),
    **dict.fromkeys(("prod", "fsum", "dist", "factorial", "comb", "perm"), ()),
}
_NUMPY: dict[str, tuple[str, ...]] = {
    **_same("exp sin cos tan sinh cosh tanh sqrt cbrt log log2 log10 log1p expm1"),
    **_same("arcsin arccos arctan arcsinh arccosh arctanh sign floor"),
    **dict.fromkeys(("abs", "absolute", "fabs"), ("Abs(a)",)),
    "ceil": ("ceiling(a)",),
    "sinc": ("sinc(pi*a)",),
    "square": ("a^2",),
    "reciprocal": ("1/a",),
    "negative": ("-a",),
    "positive": ("a",),
    "exp2": ("2^a",),
    **dict.fromkeys(("degrees", "rad2deg"), ("180*a/pi",)),
    **dict.fromkeys(("radians", "deg2rad"), ("pi*a/180",)),
    **dict.fromkeys(("float64", "asarray"), ("a",)),
    **dict.fromkeys(("arctan2", "atan2"), ("atan2(a, b)",)),
    "hypot": ("hypot(a, b)",),
    "heaviside": ("Heaviside(a, b)",),
    **dict.fromkeys(("power", "float_power", "pow"), ("a^b",)),
    **dict.fromkeys(("maximum", "fmax"), ("Max(a, b)",)),
    **dict.fromkeys(("minimum", "fmin"), ("Min(a, b)",)),
    "add": ("a + b",),
    "subtract": ("a - b",),
    "multiply": ("a*b",),
    **dict.fromkeys(("divide", "true_divide"), ("a/b",)),
    "clip": ("Min(Max(a, b), c)",),
    "where": (),
    "logical_and": (),
    "logical_or": (),
    "logical_not": (),
    **dict.fromkeys(("array", "sum", "prod", "mean", "dot", "inner"), ()),
}
_BUILTINS: dict[str, tuple[str, ...]] = {
    "abs": ("Abs(a)",),
    "float": ("a",),
    "pow": ("a^b",),
    "max": ("Max(…)",),
    "min": ("Min(…)",),
    **dict.fromkeys(("range", "enumerate", "zip", "reversed", "list", "tuple"), ()),
    **dict.fromkeys(("sum", "len"), ()),
}
_SCIPY: dict[str, tuple[str, ...]] = {
    **_same("erf erfc erfi erfinv erfcinv gamma loggamma cbrt log1p expm1"),
    "sinc": ("sinc(pi*a)",),
    "exp2": ("2^a",),
    "expit": ("logistic(a)",),
    "gammaln": ("loggamma(a)",),
    **dict.fromkeys(("psi", "digamma"), ("digamma(a)",)),
}
_NAMED = {
    name: (definition.partition(" = ")[2],)
    for name, definition in NAMED_FORMULAS.items()
}
_SCIPY.update({name: _NAMED[name] for name in ("logit",)})
_SCIPY.update(ndtr=_NAMED["normcdf"], log_expit=_NAMED["logsigmoid"])
_SYMPY: dict[str, tuple[str, ...]] = {
    **{
        name: (f"{name}(a)",) if row.arity == 1 else (f"{name}(…)",)
        for name, row in FUNCTIONS.items()
        if getattr(sympy, name, None) is row.make
    },
    "cbrt": ("a^(1/3)",),
    "digamma": ("digamma(a)",),
    "ln": ("log(a)",),
    "log": ("log(a)", "log(a)/log(b)"),
    "Pow": ("a^b",),
    "Rational": ("a", "a/b"),
    **dict.fromkeys(("Integer", "Float"), ("a",)),
    "Piecewise": (),
    "And": (),
    "Or": (),
    "Not": (),
}

MEANINGS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "math": _MATH,
        "numpy": _NUMPY,
        "builtins": _BUILTINS,
        "scipy.special": _SCIPY,
        "sympy": _SYMPY,
        NAMED: _NAMED,
        "symgrad.named_functions": {
            name: (f"{name}(a)",)
            for name, row in FUNCTIONS.items()
            if getattr(row.make, "__module__", "") == "symgrad.named_functions"
        },
    }
)
"""module -> function -> its formulas in a, b, …, which stand in the order of the
arguments, one for each number of them; ``…`` is any number, and what has no formula is
understood by expressions.py itself."""

CONSTANTS: Mapping[Member, str] = MappingProxyType(
    {
        **{Member(module, "pi"): "pi" for module in ("math", "numpy", "sympy")},
        Member("math", "e"): "e",
        Member("numpy", "e"): "e",
        Member("sympy", "E"): "e",
        Member("math", "tau"): "2*pi",
    }
)


def member_of(value: Any) -> Member | None:
    """The name under which a function is known to its module, if it is of the table.

    >>> import math
    >>> member_of(math.sin)
    Member(module='math', name='sin')
    >>> member_of(member_of) is None
    True
    """
    name = getattr(value, "__name__", None)
    if not isinstance(name, str) or isinstance(value, ModuleType):
        return None
    for module, functions in MEANINGS.items():
        loaded = getattr(sys.modules.get(module), name, None)
        if name in functions and loaded is value:
            return Member(module, name)
    return None


def known_of(module: str) -> list[str]:
    """The names of a module that a formula may use."""
    constants = [each.name for each in CONSTANTS if each.module == module]
    return [*constants, *MEANINGS.get(module, {})]


def formula_of(member: Member, count: int) -> Reading | None:
    """The formula of a call with that many arguments; None where it takes others.

    >>> formula_of(Member("math", "log"), 2).names
    ('a', 'b')
    """
    for text in MEANINGS[member.module][member.name]:
        if count:
            try:
                reading = _read(text.replace("…", ", ".join(_numbered(count))))
            except FormulaError:
                return None
            if len(reading.names) == count:
                return reading
    return None


def _numbered(count: int) -> list[str]:
    return [f"a_{k}" for k in range(1, count + 1)]


_read = lru_cache(maxsize=512)(read)
