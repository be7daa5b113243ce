"""What each operation is called in each dialect of generated Python.

The one rule kept here: a dialect is a row of ``DIALECTS``; a function is a name of
its module, or a helper whose source is copied into the program that uses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace

from symgrad.numeric.codegen import (
    array_helpers,
    math_helpers,
    math_special,
    math_sums,
    numpy_helpers,
    numpy_quadrature,
    numpy_special,
    numpy_sums,
    scipy_special,
    torch_helpers,
)

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
    """One kind of generated Python: ``module`` and the names it has for functions.

    ``functions`` gives the name of an operation where it is not its own name,
    ``templates`` write what is no plain call, ``lacks`` are operations it cannot do;
    ``extras`` are names that a second module has, ``extra_module``. ``scalar`` is
    the type in which helpers get numbers that stand in the source, where Python's
    floats would not do; with ``only_arrays`` the module's functions get them so too.
    ``respelled`` are pieces of helpers as this package spells them.
    """

    name: str
    module: str
    helpers: SimpleNamespace
    functions: Mapping[str, str]
    templates: Mapping[str, str]
    builtins: tuple[str, ...] = ()
    scalar: str = ""
    lacks: frozenset[str] = frozenset()
    extra_module: str = ""
    extras: frozenset[str] = frozenset()
    only_arrays: bool = False
    respelled: tuple[tuple[str, str], ...] = ()


_BESSEL = {"besselj": "jv", "bessely": "yv", "besseli": "iv", "besselk": "kv"}
_LIBRARY = (
    *("ellipe", "ellipk", "expi", "fresnel"),
    *("gammainc", "gammaincc", "shichi", "sici"),
)
"""what the helpers of scipy_special.py call"""
_INTEGRALS = (
    *("Si", "Ci", "Shi", "Chi", "Ei", "li", "fresnels", "fresnelc"),
    *("elliptic_k", "elliptic_e", "lowergamma", "uppergamma"),
)
_AIRY = ("airyai", "airyaiprime", "airybi", "airybiprime")
_MATH = Dialect(
    "math",
    "math",
    SimpleNamespace(**{**vars(math_sums), **vars(math_special), **vars(math_helpers)}),
    {
        "power": "pow",
        "Abs": "fabs",
        "Heaviside": "heaviside",
        "Max": "maximum",
        "Min": "minimum",
        "LambertW": "lambertw",
        "integral": "quadrature",
    },
    templates={
        "select": "({1} if {0} else {2})",
        "and": "({0} and {1})",
        "or": "({0} or {1})",
        "not": "(not {0})",
    },
    builtins=(
        *("abs", "float", "min", "type"),
        *("dict", "int", "len", "max", "range", "zip"),
    ),
    lacks=frozenset((*_BESSEL, *_AIRY, *_INTEGRALS)),
)
_INVERSES = ("sin", "cos", "tan", "sinh", "cosh", "tanh")
_NUMPY = Dialect(
    "numpy",
    "numpy",
    SimpleNamespace(
        **{
            **vars(numpy_sums),
            **vars(numpy_special),
            **vars(numpy_quadrature),
            **vars(numpy_helpers),
        }
    ),
    {
        "index": "places",
        "element": "elements",
        "sum": "total",
        "integral": "quadrature",
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
    lacks=frozenset((*_BESSEL, *_AIRY, *_INTEGRALS)),
)
_SCIPY = replace(
    _NUMPY,
    name="scipy",
    helpers=SimpleNamespace(
        **{
            **dict.fromkeys(_LIBRARY),
            **vars(scipy_special),
            **vars(_NUMPY.helpers),
        }
    ),
    functions={**_NUMPY.functions, **_BESSEL, **dict.fromkeys(_AIRY, "airy")},
    templates={name: f"airy({{0}})[{place}]" for place, name in enumerate(_AIRY)},
    lacks=frozenset(),
    extra_module="scipy.special",
    extras=frozenset((*_BESSEL.values(), "airy", *_LIBRARY)),
)

_HELPERS = SimpleNamespace(
    **{
        **vars(_NUMPY.helpers),
        **vars(scipy_special),
        **vars(array_helpers),
        **dict.fromkeys(("gammainc", "gammaincc")),
    }
)
"""NumPy's helpers, over packages that are much like NumPy"""
_ABSENT = frozenset((*_BESSEL, *_AIRY, "integral"))
_JAX = replace(
    _NUMPY,
    name="jax",
    module="jax.numpy",
    helpers=SimpleNamespace(
        **{**vars(_HELPERS), **dict.fromkeys(("erf", "erfc", "digamma"))}
    ),
    scalar="asarray",
    lacks=_ABSENT | {*_INTEGRALS} - {"lowergamma", "uppergamma"},
    extra_module="jax.scipy.special",
    extras=frozenset(("erf", "erfc", "digamma", "gammainc", "gammaincc")),
    respelled=(("dtype=float64", "dtype=float"),),
)
_TORCH = replace(
    _NUMPY,
    name="torch",
    module="torch",
    helpers=SimpleNamespace(
        **{
            **vars(_HELPERS),
            **vars(torch_helpers),
            **dict.fromkeys(("erf", "erfc", "erfinv", "digamma", "abs", "where")),
            **dict.fromkeys(("as_tensor", "atan2", "full_like", "hypot", "pow")),
            **dict.fromkeys(("round", "signbit")),
        }
    ),
    functions={**_NUMPY.functions, "select": "select", "hypot": "hypotenuse"},
    scalar="constant",
    lacks=_ABSENT | {*_INTEGRALS} - {"lowergamma", "uppergamma"},
    extra_module="torch.special",
    extras=frozenset(("gammainc", "gammaincc")),
    only_arrays=True,
    respelled=((".astype(", ".to("),),
)
_CUPY = replace(
    _NUMPY,
    name="cupy",
    module="cupy",
    helpers=_HELPERS,
    lacks=_ABSENT | {*_INTEGRALS},
)

DIALECTS: dict[str, Dialect] = {
    "math": _MATH,
    "numpy": _NUMPY,
    "scipy": _SCIPY,
    "jax": _JAX,
    "torch": _TORCH,
    "cupy": _CUPY,
}
