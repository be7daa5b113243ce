"""Counts of operations, against numbers that count what is done to them."""

from __future__ import annotations

import pytest
import sympy as sp

import symgrad as sg
from symgrad.lengths import written_operations
from symgrad.symbols import Total


class Tally:
    """A number that counts the operations done with it; signs count nothing."""

    done = 0

    def _count(self, *_: object) -> Tally:
        Tally.done += 1
        return Tally()

    def __pow__(self, exponent: object) -> Tally:
        negative = isinstance(exponent, int | float) and exponent < 0
        Tally.done += 1 + (negative and exponent != -1)
        return Tally()

    def __neg__(self) -> Tally:
        return self

    def __mul__(self, other: object) -> Tally:
        return self if other == -1 else self._count()

    __add__ = __radd__ = __sub__ = __rsub__ = __rpow__ = _count
    __truediv__ = __rtruediv__ = _count
    __rmul__ = __mul__


FUNCTIONS = {
    n: lambda u: u._count() for n in ("sin", "cos", "exp", "log", "tanh", "tan")
}


def tallied(expr: sp.Expr) -> int:
    names = sorted(expr.free_symbols, key=str)
    safe = {name: sp.Symbol(f"v_{k}") for k, name in enumerate(names)}
    run = sp.lambdify(list(safe.values()), expr.xreplace(safe), [FUNCTIONS])
    Tally.done = 0
    run(*(Tally() for _ in names))
    return Tally.done


EXPRESSIONS = [
    "x*y + 3*sin(x) - y^3",
    "-x/y",
    "-(x^2 + y^2)",
    "x/y + 1/x",
    "2*x*cos(x) - x^2*sin(x)",
    "exp(-x)*(1 - tanh(x*y)^2)",
    "x^y*log(x)",
    "(x + y)/(x - y)",
]


@pytest.mark.parametrize("formula", EXPRESSIONS)
def test_written_operations(formula: str) -> None:
    expr = sg.formula(formula).closed_form()
    assert written_operations(expr) == tallied(expr) > 0


SOURCES = {
    "neuron": "y = tanh(u); u = w*x + b",
    "shared": "z = u^3*sin(u); u = exp(x*y)",
    "two stages": "z = a*b; a = x + y; b = tan(a)*x",
}


@pytest.mark.parametrize("name", SOURCES)
def test_counts_of_a_gradient(name: str) -> None:
    gradient = sg.differentiate(SOURCES[name])
    counts = sg.operation_counts(gradient)
    graph = gradient.derivative_graph
    assert list(counts) == list(gradient)
    for variable, count in counts.items():
        total = Total(gradient.outputs[0], variable)
        needed, todo = set(), [total]
        while todo:
            stage = graph.stage_of.get(todo.pop())
            if stage is not None and stage.symbol not in needed:
                needed.add(stage.symbol)
                todo += stage.expr.free_symbols
        assert count.shared == sum(tallied(graph.stage_of[s].expr) for s in needed)
        assert count.written == unrolled(graph, total)
        assert count.written >= count.shared


def unrolled(graph: sg.Graph, name: sp.Symbol) -> int:
    """Evaluate a stage by evaluating anew whatever it uses, wherever it is used."""
    stage = graph.stage_of.get(name)
    if stage is None:
        return 0
    uses = [s for s in sp.preorder_traversal(stage.expr) if isinstance(s, sp.Symbol)]
    return tallied(stage.expr) + sum(unrolled(graph, use) for use in uses)


def test_counts_stand_on_full_pages() -> None:
    text = str(sg.explain("tanh(w*x + b)", detail="full", check=False))
    assert "written out" in text
    assert "Operations" in text
    assert "Operations" not in str(sg.explain("tanh(w*x + b)", check=False))


def test_deep_graphs_are_counted_exactly() -> None:
    lines = ["u_0 = x"] + [f"u_{k} = u_{k - 1}*u_{k - 1} + x" for k in range(1, 40)]
    counts = sg.operation_counts("; ".join(lines), "x")
    (count,) = counts.values()
    assert count.written > 2**38
    assert count.shared < 400
