"""Expressions come back from their trees exactly as they were."""

from __future__ import annotations

import json

import pytest
import sympy as sp

from symgrad.errors import FormulaError
from symgrad.functions import FUNCTIONS
from symgrad.symbols import Abstract, Chain, LocalDerivative, Partial, Total, symbol
from symgrad.trees import from_tree, to_tree

x, y = symbol("x"), symbol("y")

KEPT = {
    "unevaluated product": sp.Mul(2, x - y, evaluate=False),
    "unevaluated sum": sp.Add(y, x, evaluate=False),
    "big integer": sp.Integer(10**40),
    "rational": sp.Rational(22, 7),
    "float": sp.Float("0.1") * x,
    "precise float": sp.Float("0.1234567890123456789012345", 25) + x,
    "constants": sp.pi + sp.E + sp.EulerGamma + x,
    "infinity": sp.oo,
    "piecewise": sp.Piecewise((x, (x > 0) & (y < 1)), (-x, True)),
    "not equal": sp.Piecewise((x, sp.Ne(x, y)), (0, True)),
    "partial": Partial(y, x) * Total(y, x),
    "chain": Chain(y, x, y),
    "local": LocalDerivative(sp.tanh(x), x),
    "abstract": Abstract("f", (1, 0), x, y) * Abstract("g", (0,), x),
    "user's symbol": sp.Symbol("t", positive=True) + sp.Symbol("s"),
    "root": sp.sqrt(x) / y**3,
}


@pytest.mark.parametrize("expr", KEPT.values(), ids=KEPT.keys())
def test_round_trip(expr):
    again = from_tree(json.loads(json.dumps(to_tree(expr))))
    assert again == expr
    assert again.args == expr.args


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_is_stored(name):
    row = FUNCTIONS[name]
    expr = row.make(*([x, y] if row.arity == 2 or name in ("Max", "Min") else [x]))
    assert from_tree(to_tree(expr)) == expr


def test_unknown_nodes_are_named():
    with pytest.raises(FormulaError, match="Integral"):
        to_tree(sp.Integral(x, x))
    with pytest.raises(FormulaError, match="unknown node"):
        from_tree(["__import__", "os"])


def test_depth_needs_no_stack():
    expr = x
    for _ in range(400):
        expr = sp.sin(expr, evaluate=False)
    tree = to_tree(expr)
    assert to_tree(from_tree(tree)) == tree
