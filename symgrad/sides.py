"""The two sides of an equation, read by the reader of formulas.

The one rule kept here: the first sign of equality parts the sides; whatever follows
after ``;`` are definitions that both sides may use.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sympy as sp
from sympy import Expr, Symbol

from symgrad.characters import plain_characters
from symgrad.errors import ArgumentTypeError, BoundError, FormulaError, short
from symgrad.formulas import formula
from symgrad.graph import Graph, Stage
from symgrad.symbols import fresh, symbol

MAX_EQUATION_NODES = 640
_EQUALS = re.compile(r"(?<![<>=!:])=(?!=)")
_DOUBLE = re.compile(r"(?<![<>=!:])==(?!=)")


def side_names(taken: Sequence[Symbol]) -> tuple[str, str]:
    """Names for the left and the right side that nothing bears."""
    used = {name.name for name in taken}
    return fresh("L", used), fresh("R", used)


def read_sides(equation: Any) -> Graph:
    """Give a graph whose two outputs are the sides of the equation.

    >>> graph = read_sides("x^2 + y^2 = 25")
    >>> [graph.closed_form(output) for output in graph.outputs]
    [x**2 + y**2, 25]
    """
    if isinstance(equation, str):
        graph = _read_sides(equation)
    else:
        left, right = _pair(equation)
        leaves = sorted({*left.free_symbols, *right.free_symbols}, key=_by_name)
        names = side_names(leaves)
        symbols = tuple(symbol(name) for name in names)
        stages = (Stage(symbols[0], left), Stage(symbols[1], right))
        graph = Graph(stages, symbols, tuple(leaves))
    for output in graph.outputs:
        bounded(graph, output)
    return graph


def _by_name(name: Symbol) -> str:
    return name.name


def _pair(equation: Any) -> tuple[Expr, Expr]:
    if isinstance(equation, sp.Equality):
        return equation.lhs, equation.rhs
    if isinstance(equation, Expr):
        return equation, sp.Integer(0)
    if isinstance(equation, tuple | list) and len(equation) == 2:
        left, right = (formula(side).closed_form() for side in equation)
        return left, right
    raise ArgumentTypeError(
        f"{short(equation)} is no equation; expected a text such as 'x^2 + y^2 = 25', "
        "a pair of sides or a SymPy Eq"
    )


def _read_sides(text: str) -> Graph:
    first, _, rest = plain_characters(text).strip().replace("\n", ";").partition(";")
    sides = _EQUALS.split(first)
    if len(sides) == 1 and not re.search(r"\b(if|where|piecewise)\b", first):
        sides = _DOUBLE.split(first)  # as programmers write an equation
    if len(sides) > 2:
        raise FormulaError(
            f"{short(first)} has {len(sides) - 1} equals signs; expected one equation"
        )
    if any(not side.strip() for side in sides):
        raise FormulaError(f"a side of the equation {short(first)} is empty")
    sides = [sides[0], sides[1] if len(sides) == 2 else "0"]
    read = [formula(f"{side.strip()}") for side in sides]  # errors in the user's words
    taken = [name for graph in read for name in graph.inputs]
    defined = re.findall(r"(?:^|[;\n])\s*(\w+)\s*(?:=)", rest)
    left, right = side_names([*taken, *(symbol(name) for name in defined)])
    whole = f"{left} = {sides[0]}; {right} = {sides[1]}" + (f"; {rest}" if rest else "")
    return formula(whole, [left, right])


def bounded(graph: Graph, output: Symbol) -> Expr:
    """Write a side in its variables alone, under ``MAX_EQUATION_NODES``."""
    nodes, _ = graph.expanded_measure(output)
    if nodes > MAX_EQUATION_NODES:
        raise BoundError(
            f"a side of the equation has {nodes:,} nodes (the bound MAX_EQUATION_NODES "
            f"is {MAX_EQUATION_NODES}); differentiate its parts as a formula"
        )
    return graph.closed_form(output)
