"""From a formula to its Gradient: differentiate, jacobian, hessian.

The one rule kept here: what is asked for is checked before anything is derived, and
an error names the variables, the outputs or the modes that there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Symbol

from symgrad.elements import with_elements
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    GraphError,
    check_name,
    unknown_name,
)
from symgrad.formulas import formula
from symgrad.gradient import Gradient
from symgrad.graph import Graph

MODES = ("reverse", "forward")


def differentiate(
    source: Any,
    wrt: str | Symbol | Sequence[str | Symbol] | None = None,
    mode: str = "reverse",
) -> Gradient:
    """Differentiate the output of a graph or formula by its variables.

    >>> differentiate("tanh(w*x + b)", "w")["w"]
    x*(1 - y**2)

    ``source`` is a Graph or whatever ``formula`` takes. ``wrt`` is a name, a Symbol or
    a list of them, stages included (a stage is then held independent); by default the
    graph's parameters, else every input. ``mode`` is ``"reverse"`` or ``"forward"``:
    the same derivatives, accumulated from the output or from the variable.

    Raises ``GraphError`` where there are several outputs, ``UnknownNameError`` for an
    unknown variable or mode, ``RuleError`` where no rule fits (when it is asked for).
    """
    graph, wrt = with_elements(formula(source), wrt)
    if len(graph.outputs) > 1:
        shown = ", ".join(graph.shown(o).name for o in graph.outputs)
        raise GraphError(
            f"the graph has {len(graph.outputs)} outputs ({shown}); use jacobian, or "
            "graph.select(name) for one of them"
        )
    variables = _variables(graph, wrt)
    if isinstance(source, str) and "=" not in source and graph.output in variables:
        # a name we made: "x^2" by y is a slip for x, not dy/dy
        inputs = [name.name for name in graph.inputs]
        raise unknown_name("variable", graph.output.name, inputs)
    return Gradient(graph, (graph.output,), variables, _mode(mode))


def jacobian(
    source: Any,
    wrt: str | Symbol | Sequence[str | Symbol] | None = None,
    mode: str = "reverse",
) -> Gradient:
    """Differentiate every output by every variable: ``J["y_hat_1", "w_111"]``.

    >>> graph = formula("a = x*y; b = x + y", ["a", "b"])
    >>> jacobian(graph, "x")["a", "x"]
    y

    Arguments and errors are those of ``differentiate``.
    """
    graph, wrt = with_elements(formula(source), wrt)
    rows = tuple(graph.outputs)
    return Gradient(graph, rows, _variables(graph, wrt), _mode(mode), rows)


def hessian(
    source: Any,
    wrt: str | Symbol | Sequence[str | Symbol] | None = None,
    mode: str = "reverse",
) -> Gradient:
    """Differentiate twice: ``H["w", "b"]``, the Jacobian of the gradient's program.

    >>> hessian("x^2*y", ["x", "y"]).closed_form(("x", "y"))
    2*x

    Arguments and errors are those of ``differentiate``.
    """
    first = differentiate(source, wrt, mode)
    graph = first.derivative_graph
    return Gradient(graph, graph.outputs, first.wrt, first.mode, first.wrt, first)


def _mode(mode: str) -> str:
    check_name("mode", mode, MODES)
    return mode


def _variables(
    graph: Graph, wrt: str | Symbol | Sequence[str | Symbol] | None
) -> tuple[Symbol, ...]:
    if wrt is None:
        return graph.parameters or graph.inputs
    if isinstance(wrt, str | Symbol):
        wrt = [wrt]
    if isinstance(wrt, set | frozenset) or not isinstance(wrt, Sequence):
        raise ArgumentTypeError(
            f"wrt is a {type(wrt).__name__}; expected a name, a Symbol or a list of "
            "them (a set has no order)"
        )
    found = tuple(graph.symbol(name) for name in wrt)
    if not found:
        known = ", ".join(s.name for s in (graph.parameters or graph.inputs)[:8])
        raise ArgumentValueError(f"wrt is empty; name one of {known}")
    if len(set(found)) < len(found):
        twice = next(name for name in found if found.count(name) > 1)
        raise ArgumentValueError(f"wrt names {twice.name!r} twice")
    return found
