"""Short hostile strings get an answer or an error in every step, in bounded work.

The work is counted, not timed: what SymPy's nodes and the tape's operations number.
"""

from __future__ import annotations

from typing import Any

import pytest

import symgrad as sg
from symgrad.errors import SymgradError
from symgrad.graph import Graph
from symgrad.lengths import measure

MAX_NODES = 20_000
MAX_OPERATIONS = 20_000


HOSTILE = {
    "zeta of a factorial": "Max(zeta(9!), y)",
    **{
        text: text
        for text in (
            "10^10^10",
            "9^9^9",
            "2^2^2^2^2",
            "0^0^0",
            "x^x^x^x^x^x^x^x",
            "x^(x^(x^(x^(x^(x^x)))))",
            "e^e^e^e^e^e",
            "e^e^e^e^x",
            "pi^pi^pi^pi",
            "x^1e308",
            "1e-300^x",
            "(x+y)^999*(x-y)^999",
            "(x + 1)^1000",
            "gamma(1e308)",
            "loggamma(1e308)",
            "digamma(1e308)",
            "sin(1e308)^1e308",
            "cos(10^200)",
            "sech(1e300)",
            "hypot(1e300, 1e300)",
            "zeta(1e300)",
            "zeta(-1e10)",
            "zeta(zeta(x))",
            "besselj(10^6, x)",
            "besselj(2, 1e300*x)",
            "besselk(1, 1e-300)",
            "polygamma(150, 1)",
            "airyai(1e10)",
            "LambertW(-1)",
            "beta(1e-300, 1e-300)",
            "1e300*1e300",
            "(x!)!",
            "((9!)!)!",
            "170!",
            "1e300!",
            "0.5!^100",
            "binomial(1000, 500)",
            "binomial(10^6, 500)",
            "binomial(x, 10^6)",
            "sum(i, i, 1, 10^12)",
            "sum(x^i, i, 1, 10^12)",
            "sum(i^i, i, 1, 10^6)",
            "product(x + i, i, 1, 10^9)",
            "product(i, i, 1, 10^12)",
            "sum(x^i, i, -10^12, 10^12)",
            "sum(1/i, i, 0, n)",
            "sum(sum(sum(x*i*j*k, i, 1, 999), j, 1, 999), k, 1, 999)",
            "(-8)^(1/3)",
            "tan(pi/2)",
            "log(x, 1)",
            "log(x, x)",
            "root(x, 0)",
            "root(x, 1e308)",
            "atan2(0, 0)",
            "0*x",
            "0^x",
            "(-1)^x",
            "x/x",
            "f(x, f(x, f(x, f(x, f(x, x)))))",
            "f(x)=x+x; g(x)=f(f(f(x))); h(x)=g(g(g(x))); y=h(h(h(t)))",
        )
    },
    "brackets": "(" * 3000 + "x" + ")" * 3000,
    "signs": "-" * 3000 + "x",
    "tower": "^".join("x" * 60),
    "exp nest": "exp(" * 60 + "x" + ")" * 60,
    "gamma nest": "gamma(" * 12 + "x" + ")" * 12,
    "bessel nest": "besselj(1," * 12 + "x" + ")" * 12,
    "abs nest": "abs(" * 60 + "x" + ")" * 60,
    "roots": "√" * 60 + "x",
    "abstract nest": "f(" * 30 + "x" + ")" * 30,
    "else nest": "(x if x>0 else " * 30 + "1" + ")" * 30,
    "else chain": "1 if x>0 else " * 60 + "2",
    "and chain": "x if " + " and ".join(f"x>{k}" for k in range(90)) + " else 2",
    "chain of squares": ";".join(f"a{k}=a{k + 1}*a{k + 1}" for k in range(60)),
    "uses of a function": "f(x)=x*x;y=" + "f(" * 30 + "t" + ")" * 30,
    "fan": "*".join(f"(x+{k})" for k in range(60)),
    "powers": "+".join(f"x^{k}*y^{k}" for k in range(60)),
    "quotients": "/".join(["x"] * 300),
    "maximum": "Max(" + ",".join(f"x^{k}" for k in range(20)) + ")",
}


def nodes_of(graph: Graph) -> int:
    return sum(measure(stage.expr)[0] for stage in graph.stages)


def tried(call: Any, *args: Any, **options: Any) -> Any:
    """The answer, or None for an error of symgrad's own: one line, printable."""
    try:
        return call(*args, **options)
    except SymgradError as error:
        assert str(error).isprintable() and len(str(error)) < 2000
        return None


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_answered_or_refused_at_every_step(name: str) -> None:
    graph = tried(sg.formula, HOSTILE[name])
    if graph is None:
        return
    assert nodes_of(graph) <= MAX_NODES
    gradient = tried(sg.differentiate, graph)
    if gradient is not None and len(gradient.wrt):
        program = tried(lambda: gradient.program)
        assert program is None or nodes_of(program) <= MAX_NODES
    f = tried(sg.lambdify, graph)
    assert f is None or f.operations <= MAX_OPERATIONS


SHORT = [name for name, text in HOSTILE.items() if len(text) < 60]


@pytest.mark.parametrize("name", SHORT)
def test_pages_of_hostile_texts_are_bounded(name: str) -> None:
    page = tried(sg.explain, HOSTILE[name], detail="brief")
    assert page is None or len(str(page)) < 60_000
