"""Points on a curve: a variable that an equation defines, found as a root.

The one rule kept here: y is found from the equation alone, by a search for a change of
sign and then by regula falsi, never by a formula for its derivative; so difference
quotients of it judge that formula by other means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as changed
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy import Expr, Symbol

from symgrad.graph import Graph
from symgrad.numeric.differences import Program, compile_program
from symgrad.numeric.high_precision import NAN, Number, context, mpf

# dense where most curves are; off the round numbers, at which many functions jump
_GRID = tuple(
    mpf(k) / 8 + mpf(1) / 97
    for k in (*range(-80, -24, 4), *range(-24, 24), *range(24, 84, 4))
)
_EXACT = mpf(10) ** -47
_ROOT = mpf(10) ** -30
_SMALLEST = mpf(10) ** -9
_MAX_STEPS = 200
_DIFFERENCE = sp.Dummy("difference")


def curve_program(graph: Graph, of: Symbol, equation: Expr) -> Program:
    """Compile a graph in which the stage ``of`` is what makes ``equation`` zero.

    ``of`` is a stage of the graph, but its expression is not used.
    """
    leaves = (*graph.inputs, *graph.parameters)
    stages = [(s.symbol, s.expr) for s in graph.stages if s.symbol != of]
    program = compile_program((*leaves, of), stages)
    root = _root(leaves, of, equation)
    solve = (program.slots[of], root, tuple(range(len(leaves))))
    return changed(
        program,
        leaves=leaves,
        operations=(solve, *program.operations),
        cost=program.cost + len(_GRID) * root.curve.cost,
    )


@lru_cache(maxsize=16)
def _root(leaves: tuple[Symbol, ...], of: Symbol, equation: Expr) -> _Root:
    """The root, kept with the values found: the parts of a page share their points."""
    curve = compile_program((*leaves, of), [(_DIFFERENCE, equation)])
    return _Root(curve, leaves, of)


class _Root:
    """The value of ``of`` on the curve, as a function of the other variables."""

    def __init__(self, curve: Program, leaves: Sequence[Symbol], of: Symbol) -> None:
        self.curve = curve
        self.leaves = leaves
        self.of = of
        self.known: dict[tuple[Number, ...], Number] = {}

    def __call__(self, *values: Number) -> Number:
        if values not in self.known:
            self.known[values] = self._solve(values)
        return self.known[values]

    def _difference(self, values: Sequence[Number], y: Number) -> Number:
        point: dict[Any, Number] = dict(zip(self.leaves, values, strict=True))
        found = self.curve.run({**point, self.of: y})
        return found[self.curve.slots[_DIFFERENCE]]

    def _solve(self, values: Sequence[Number]) -> Number:
        if not all(context.isfinite(value) for value in values):
            return NAN
        heights = [self._difference(values, y) for y in _GRID]
        spans = [
            (_GRID[k], _GRID[k + 1], heights[k], heights[k + 1])
            for k in range(len(_GRID) - 1)
            if heights[k] * heights[k + 1] < 0
        ]
        roots = [root for s in spans if (root := self._refine(values, *s)) is not None]
        # the choice must not change where a value moves by a difference step
        chosen = int(sum(abs(value) for value in values) * 100 + mpf(37) / 100)
        return roots[chosen % len(roots)] if roots else NAN

    def _refine(
        self, values: Sequence[Number], a: Number, b: Number, fa: Number, fb: Number
    ) -> Number | None:
        """Close in on a change of sign (the Illinois form of regula falsi)."""
        for _ in range(_MAX_STEPS):
            y = b - fb * (b - a) / (fb - fa)
            height = self._difference(values, y)
            if not context.isfinite(height):
                return None
            if height * fb < 0:
                a, fa = b, fb
            else:
                fa /= 2
            done = abs(b - y) <= _EXACT * max(1, abs(y)) or height == 0
            b, fb = y, height
            if done:
                # at 0 itself a quotient may have its pole, and nothing can be seen
                return b if abs(height) < _ROOT and abs(b) > _SMALLEST else None
        return None
