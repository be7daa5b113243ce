"""symgrad: a formula or a small network, and its derivatives to read, print and run.

    >>> import symgrad as sg
    >>> graph = sg.network([2, 2, 1])
    >>> sg.differentiate(graph)["w_111"]
    w_311*x_1*(1 - f_1**2)*(1 - f_3**2)

The one rule kept here: this module is the users' door and computes nothing. It loads
the errors, which need nothing, and everything else when it is first used (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from symgrad.adapters import Fit, curve_fit, least_squares, minimize
    from symgrad.answers import AnswerCheck, check_answer
    from symgrad.chain_rule import differentiate, hessian, jacobian
    from symgrad.counting import OperationCount, operation_counts
    from symgrad.derivation import Derivation
    from symgrad.differentials import Differential, directional, total_differential
    from symgrad.drawing import draw
    from symgrad.equation_solvers import root, solve_ivp
    from symgrad.equations import Implicit, implicit, inverse
    from symgrad.exercises import Exercise, exercise
    from symgrad.explanation import explain
    from symgrad.filling import fill
    from symgrad.fitting import FormulaFit, fit
    from symgrad.forms import FORMS, rewrite
    from symgrad.formulas import SYNTAXES, formula
    from symgrad.function_definitions import function
    from symgrad.functions import ACTIVATIONS
    from symgrad.gradient import Gradient
    from symgrad.graph import Graph, Stage
    from symgrad.higher import derivative
    from symgrad.histories import History
    from symgrad.initialization import initial_weights
    from symgrad.latex.formulas import plain_text
    from symgrad.learning_rates import LearningRateStudy, learning_rate_study
    from symgrad.losses import LOSSES, PENALTIES
    from symgrad.networks import network
    from symgrad.numeric.backends import lambdify
    from symgrad.numeric.evaluation import evaluate
    from symgrad.numeric.numeric_functions import NumericFunction
    from symgrad.numeric.products import hvp, jvp, vjp
    from symgrad.numeric.verification import GradientCheck, check_gradient
    from symgrad.renderers import RENDERERS, load, render
    from symgrad.torch_networks import from_torch
    from symgrad.training import train
    from symgrad.user_functions import UserFunction

__version__ = "0.1.0"

__all__ = [
    "ACTIVATIONS",
    "FORMS",
    "LOSSES",
    "PENALTIES",
    "RENDERERS",
    "SYNTAXES",
    "AnswerCheck",
    "ArgumentTypeError",
    "ArgumentValueError",
    "BoundError",
    "Derivation",
    "Differential",
    "Exercise",
    "Fit",
    "FormulaError",
    "FormulaFit",
    "Gradient",
    "GradientCheck",
    "Graph",
    "GraphError",
    "History",
    "Implicit",
    "LearningRateStudy",
    "MissingPackageError",
    "NumericFunction",
    "OperationCount",
    "RuleError",
    "Stage",
    "SymgradError",
    "UnknownNameError",
    "UserFunction",
    "__version__",
    "check_answer",
    "check_gradient",
    "curve_fit",
    "derivative",
    "differentiate",
    "directional",
    "draw",
    "evaluate",
    "exercise",
    "explain",
    "fill",
    "fit",
    "formula",
    "from_torch",
    "function",
    "hessian",
    "hvp",
    "implicit",
    "initial_weights",
    "inverse",
    "jacobian",
    "jvp",
    "lambdify",
    "learning_rate_study",
    "least_squares",
    "load",
    "minimize",
    "network",
    "operation_counts",
    "plain_text",
    "render",
    "rewrite",
    "root",
    "solve_ivp",
    "total_differential",
    "train",
    "vjp",
]

_LATER = {
    "ACTIVATIONS": "symgrad.functions",
    "LOSSES": "symgrad.losses",
    "LearningRateStudy": "symgrad.learning_rates",
    "learning_rate_study": "symgrad.learning_rates",
    "History": "symgrad.histories",
    "initial_weights": "symgrad.initialization",
    "train": "symgrad.training",
    "PENALTIES": "symgrad.losses",
    "AnswerCheck": "symgrad.answers",
    "Derivation": "symgrad.derivation",
    "Differential": "symgrad.differentials",
    "Exercise": "symgrad.exercises",
    "FORMS": "symgrad.forms",
    "Fit": "symgrad.adapters",
    "FormulaFit": "symgrad.fitting",
    "Gradient": "symgrad.gradient",
    "GradientCheck": "symgrad.numeric.verification",
    "Graph": "symgrad.graph",
    "Implicit": "symgrad.equations",
    "LANGUAGES": "symgrad.numeric.numeric_functions",
    "NumericFunction": "symgrad.numeric.numeric_functions",
    "OperationCount": "symgrad.counting",
    "RENDERERS": "symgrad.renderers",
    "SYNTAXES": "symgrad.formulas",
    "Stage": "symgrad.graph",
    "SymbolicNetworkClassifier": "symgrad.estimators",
    "SymbolicNetworkRegressor": "symgrad.estimators",
    "UserFunction": "symgrad.user_functions",
    "check_answer": "symgrad.answers",
    "check_gradient": "symgrad.numeric.verification",
    "curve_fit": "symgrad.adapters",
    "derivative": "symgrad.higher",
    "differentiate": "symgrad.chain_rule",
    "directional": "symgrad.differentials",
    "draw": "symgrad.drawing",
    "evaluate": "symgrad.numeric.evaluation",
    "exercise": "symgrad.exercises",
    "explain": "symgrad.explanation",
    "fill": "symgrad.filling",
    "fit": "symgrad.fitting",
    "formula": "symgrad.formulas",
    "from_torch": "symgrad.torch_networks",
    "function": "symgrad.function_definitions",
    "hessian": "symgrad.chain_rule",
    "hvp": "symgrad.numeric.products",
    "implicit": "symgrad.equations",
    "inverse": "symgrad.equations",
    "jacobian": "symgrad.chain_rule",
    "jvp": "symgrad.numeric.products",
    "lambdify": "symgrad.numeric.backends",
    "least_squares": "symgrad.adapters",
    "load": "symgrad.renderers",
    "minimize": "symgrad.adapters",
    "network": "symgrad.networks",
    "operation_counts": "symgrad.counting",
    "plain_text": "symgrad.latex.formulas",
    "render": "symgrad.renderers",
    "rewrite": "symgrad.forms",
    "root": "symgrad.equation_solvers",
    "solve_ivp": "symgrad.equation_solvers",
    "total_differential": "symgrad.differentials",
    "vjp": "symgrad.numeric.products",
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
