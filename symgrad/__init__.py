"""symgrad: a formula or a small network, and its derivatives to read, print and run.

    >>> import symgrad as sg
    >>> graph = sg.network([2, 2, 1])
    >>> sg.differentiate(graph)["w_111"]
    w_311*x_1*(1 - f_1**2)*(1 - f_3**2)

The one rule kept here: this module is the users' door and computes nothing. What
symbolic work needs is loaded at once; pages, pictures and numeric parts are loaded
when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from symgrad.chain_rule import Gradient, differentiate, hessian, jacobian
from symgrad.derivation import Derivation
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    BoundError,
    FormulaError,
    GraphError,
    MissingPackageError,
    RuleError,
    SymgradError,
    UnknownNameError,
)
from symgrad.formulas import formula
from symgrad.functions import ACTIVATIONS
from symgrad.graph import Graph, Stage
from symgrad.networks import network

if TYPE_CHECKING:
    from symgrad.drawing import draw
    from symgrad.explanation import explain
    from symgrad.numeric.backends import NumericFunction, evaluate, lambdify
    from symgrad.numeric.verification import GradientCheck, check_gradient
    from symgrad.renderers import RENDERERS, load, render

__version__ = "0.1.0"

__all__ = [
    "ACTIVATIONS",
    "RENDERERS",
    "ArgumentTypeError",
    "ArgumentValueError",
    "BoundError",
    "Derivation",
    "FormulaError",
    "Gradient",
    "GradientCheck",
    "Graph",
    "GraphError",
    "MissingPackageError",
    "NumericFunction",
    "RuleError",
    "Stage",
    "SymgradError",
    "UnknownNameError",
    "__version__",
    "check_gradient",
    "differentiate",
    "draw",
    "evaluate",
    "explain",
    "formula",
    "hessian",
    "jacobian",
    "lambdify",
    "load",
    "network",
    "render",
]

_LATER = {
    "GradientCheck": "symgrad.numeric.verification",
    "NumericFunction": "symgrad.numeric.backends",
    "RENDERERS": "symgrad.renderers",
    "check_gradient": "symgrad.numeric.verification",
    "draw": "symgrad.drawing",
    "evaluate": "symgrad.numeric.backends",
    "explain": "symgrad.explanation",
    "lambdify": "symgrad.numeric.backends",
    "load": "symgrad.renderers",
    "render": "symgrad.renderers",
}
"""name -> the module that is loaded when the name is first used"""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'symgrad' has no attribute {name!r}")
    found = getattr(import_module(_LATER[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
