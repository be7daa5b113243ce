"""The functions symgrad knows: names, SymPy forms, domains, kinks.

The one rule kept here: a function is one row of ``FUNCTIONS``. Over 300 lines, as it
is one table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Integer

from symgrad.named_functions import (
    binomial,
    cbrt,
    digamma,
    elu,
    erfcinv,
    expm1,
    factorial,
    gelu,
    hypot,
    leaky_relu,
    log1p,
    log2,
    log10,
    logistic,
    relu,
    silu,
    softplus,
    softsign,
)


@dataclass(frozen=True)
class FunctionRow:
    """One known function.

    ``make`` builds its SymPy node; ``kinks`` are the arguments at which the function
    is not differentiable (for several arguments, at which it jumps or bends);
    ``domain`` says in words where it is real, and is empty where that is everywhere;
    ``edge`` where it then has no derivative, and which number stands for it there;
    ``arity`` is the number of arguments, -1 for any.
    """

    name: str
    make: Callable[..., Expr]
    domain: str = ""
    kinks: tuple[Expr, ...] = ()
    kink_note: str = ""
    arity: int = 1
    edge: str = ""


def _rows(*rows: FunctionRow) -> dict[str, FunctionRow]:
    return {row.name: row for row in rows}


_R = FunctionRow
_ZERO = (Integer(0),)
_NONZERO = "u ≠ 0"
_TIE = (
    "Heaviside steps from 0 to 1 at 0, where it is 1/2: at a tie each argument of a "
    "maximum or minimum counts one half"
)
EDGE = "no derivative at {} (in numbers {})"
_POLES = "u ≠ 0, −1, −2, …"
_WHOLE = "an argument > 0, or a whole order"

FUNCTIONS: dict[str, FunctionRow] = _rows(
    _R("exp", sp.exp),
    _R("log", sp.log, "u > 0"),
    _R("log2", log2, "u > 0"),
    _R("log10", log10, "u > 0"),
    _R("log1p", log1p, "u > −1"),
    _R("expm1", expm1),
    _R("sqrt", sp.sqrt, "u ≥ 0", edge=EDGE.format("u = 0", "inf")),
    _R(
        "hypot",
        hypot,
        kink_note="hypot has no derivative at (0, 0) (in numbers nan)",
        arity=2,
    ),
    _R(
        "cbrt", cbrt, "", _ZERO, "the cube root has no derivative at 0 (in numbers inf)"
    ),
    _R("sin", sp.sin),
    _R("cos", sp.cos),
    _R("tan", sp.tan, "u ≠ π/2 + kπ"),
    _R("cot", sp.cot, "u ≠ kπ"),
    _R("sec", sp.sec, "u ≠ π/2 + kπ"),
    _R("csc", sp.csc, "u ≠ kπ"),
    _R("sinc", sp.sinc),
    _R("asin", sp.asin, "−1 ≤ u ≤ 1", edge=EDGE.format("u = ±1", "inf")),
    _R("acos", sp.acos, "−1 ≤ u ≤ 1", edge=EDGE.format("u = ±1", "−inf")),
    _R("atan", sp.atan),
    _R("acot", sp.acot, _NONZERO, edge=EDGE.format("u = 0", "−1")),
    _R("asec", sp.asec, "|u| ≥ 1", edge=EDGE.format("u = ±1", "inf")),
    _R("acsc", sp.acsc, "|u| ≥ 1", edge=EDGE.format("u = ±1", "−inf")),
    _R(
        "atan2",
        sp.atan2,
        "arguments that are not both 0",
        arity=2,
        edge=EDGE.format("(0, 0)", "nan"),
    ),
    _R("sinh", sp.sinh),
    _R("cosh", sp.cosh),
    _R("tanh", sp.tanh),
    _R("coth", sp.coth, _NONZERO),
    _R("sech", sp.sech),
    _R("csch", sp.csch, _NONZERO),
    _R("asinh", sp.asinh),
    _R("acosh", sp.acosh, "u ≥ 1", edge=EDGE.format("u = 1", "inf")),
    _R("atanh", sp.atanh, "−1 < u < 1"),
    _R("acoth", sp.acoth, "|u| > 1"),
    _R("asech", sp.asech, "0 < u ≤ 1", edge=EDGE.format("u = 1", "−inf")),
    _R("acsch", sp.acsch, _NONZERO),
    _R("erf", sp.erf),
    _R("erfc", sp.erfc),
    _R("erfi", sp.erfi),
    _R("erfinv", sp.erfinv, "−1 < u < 1"),
    _R("erfcinv", erfcinv, "0 < u < 2"),
    _R("Si", sp.Si),
    _R("Ci", sp.Ci, "u > 0"),
    _R("Shi", sp.Shi),
    _R("Chi", sp.Chi, "u > 0"),
    _R("Ei", sp.Ei, _NONZERO),
    _R("li", sp.li, "u > 0 and u ≠ 1"),
    _R("fresnels", sp.fresnels),
    _R("fresnelc", sp.fresnelc),
    _R("elliptic_k", sp.elliptic_k, "u < 1"),
    _R("elliptic_e", sp.elliptic_e, "u ≤ 1", edge=EDGE.format("u = 1", "−inf")),
    _R("LambertW", sp.LambertW, "u ≥ −1/e", edge=EDGE.format("u = −1/e", "inf")),
    _R("gamma", sp.gamma, _POLES),
    _R("factorial", factorial, "u ≠ −1, −2, −3, …"),
    _R(
        "binomial",
        binomial,
        "an upper argument that is no whole number < 0, or a lower one 0, 1, 2, …",
        arity=2,
        edge="its derivatives in numbers are nan where upper − lower is −1, −2, …",
    ),
    _R("loggamma", sp.loggamma, "u > 0"),
    _R("digamma", digamma, _POLES),
    _R(
        "polygamma",
        sp.polygamma,
        "a whole order ≥ 0 and an argument ≠ 0, −1, …",
        arity=2,
    ),
    _R("lowergamma", sp.lowergamma, "an order > 0 and an argument ≥ 0", arity=2),
    _R("uppergamma", sp.uppergamma, "an order > 0 and an argument ≥ 0", arity=2),
    _R("beta", sp.beta, "arguments > 0", arity=2),
    _R("zeta", sp.zeta, "u ≠ 1"),
    _R("besselj", sp.besselj, _WHOLE, arity=2),
    _R("bessely", sp.bessely, "an argument > 0", arity=2),
    _R("besseli", sp.besseli, _WHOLE, arity=2),
    _R("besselk", sp.besselk, "an argument > 0", arity=2),
    _R("airyai", sp.airyai),
    _R("airybi", sp.airybi),
    _R("airyaiprime", sp.airyaiprime),
    _R("airybiprime", sp.airybiprime),
    _R(
        "Abs",
        sp.Abs,
        "",
        _ZERO,
        "the derivative of the absolute value at 0 is taken as 0",
    ),
    _R("sign", sp.sign, "", _ZERO, "sign jumps at 0; its derivative is taken as 0"),
    _R(
        "floor",
        sp.floor,
        kink_note="floor jumps at the integers; its derivative there is taken as 0",
    ),
    _R(
        "ceiling",
        sp.ceiling,
        kink_note="ceiling jumps at the integers; its derivative there is taken as 0",
    ),
    _R(
        "frac",
        sp.frac,
        kink_note="frac jumps at the integers; its derivative there is taken as 1",
    ),
    _R(
        "Heaviside",
        sp.Heaviside,
        "",
        _ZERO,
        "the step function jumps at 0; its derivative is taken as 0",
        arity=-1,
    ),
    _R("Max", sp.Max, "", (), _TIE, arity=-1),
    _R("Min", sp.Min, "", (), _TIE, arity=-1),
    _R("logistic", logistic),
    _R("relu", relu, "", _ZERO, "the derivative of relu at 0 is taken as 0"),
    _R(
        "leaky_relu",
        leaky_relu,
        "",
        _ZERO,
        "the derivative of leaky_relu at 0 is taken as 1/100",
    ),
    _R("elu", elu),
    _R("softplus", softplus),
    _R("gelu", gelu),
    _R("silu", silu),
    _R("softsign", softsign),
)

ALIASES: dict[str, str] = {
    "ln": "log",
    "expi": "Ei",
    "ellipk": "elliptic_k",
    "ellipe": "elliptic_e",
    "sigmoid": "logistic",
    "swish": "silu",
    "abs": "Abs",
    "max": "Max",
    "min": "Min",
    "ceil": "ceiling",
    "sgn": "sign",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arccot": "acot",
    "arcsec": "asec",
    "arccsc": "acsc",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "arccoth": "acoth",
    "arcsech": "asech",
    "arccsch": "acsch",
    "arsinh": "asinh",
    "arcosh": "acosh",
    "artanh": "atanh",
}

_CLASSES: dict[type, str] = {
    row.make: name for name, row in FUNCTIONS.items() if isinstance(row.make, type)
}


def function_name(expr: Expr) -> str | None:
    """Give the table name of the function at the top of ``expr``, if it has one."""
    return _CLASSES.get(type(expr))


def _activation(make: Callable[..., Expr]) -> Callable[[Expr], Expr]:
    return lambda u: make(u, evaluate=False)


ACTIVATIONS: dict[str, Callable[[Expr], Expr]] = {
    **{
        name: _activation(FUNCTIONS[name].make)
        for name in (
            "tanh",
            "logistic",
            "relu",
            "leaky_relu",
            "elu",
            "softplus",
            "gelu",
            "silu",
            "softsign",
            "sin",
        )
    },
    "identity": lambda u: u,
}
ACTIVATIONS["sigmoid"] = ACTIVATIONS["logistic"]
ACTIVATIONS["swish"] = ACTIVATIONS["silu"]


_TITLES = {
    **{
        "sqrt": "the square root",
        "Abs": "the absolute value",
        "Max": "the maximum",
        "Min": "the minimum",
    },
    **{"besselj": "the Bessel function J", "bessely": "the Bessel function Y"},
    **{"besseli": "the Bessel function I", "besselk": "the Bessel function K"},
    **{"airyai": "the Airy function Ai", "airybi": "the Airy function Bi"},
    **{"airyaiprime": "Ai′", "airybiprime": "Bi′", "LambertW": "Lambert's W"},
    **{"gamma": "the gamma function", "loggamma": "log Γ"},
    **{"digamma": "the digamma function", "polygamma": "the polygamma function"},
    **{"beta": "the beta function", "zeta": "the zeta function"},
    **{"binomial": "the binomial coefficient"},
    **{"lowergamma": "the lower incomplete gamma function"},
    **{"uppergamma": "the upper incomplete gamma function"},
    **{"fresnels": "Fresnel's S", "fresnelc": "Fresnel's C"},
    **{
        "elliptic_k": "the elliptic integral K",
        "elliptic_e": "the elliptic integral E",
    },
}


def known_as(name: str) -> str:
    """Give the words for a function that is not printed by the name it is typed by.

    >>> known_as("besselj"), known_as("tanh")
    ('the Bessel function J', 'tanh')
    """
    return _TITLES.get(name, name)
