"""What a page says of code that does not compute a formula as it stands there.

The one rule kept here: the forms are those that the recorder took, none is guessed.
"""

from __future__ import annotations

from symgrad.errors import SymgradError
from symgrad.graph import Graph
from symgrad.numeric.reading import record_graph
from symgrad.numeric.safe_forms import SafeRecorder


def code_notes(graph: Graph) -> tuple[tuple[str], ...]:
    """Say where code and formula differ in form; empty where the formula has no code.

    >>> from symgrad.formulas import formula
    >>> for note in code_notes(formula("log(1 + exp(w*x))")):
    ...     print(*note)
    code computes log(1 + exp(u)) as softplus(u), the same but safe from rounding
    """
    recorder = SafeRecorder()
    try:
        record_graph(graph, (*graph.inputs, *graph.parameters), (), False, recorder)
    except SymgradError:  # a function without a formula, or without code
        return ()
    return tuple(
        (f"code computes {written} as {computed}, the same but safe from rounding",)
        for written, computed in recorder.forms
    )
