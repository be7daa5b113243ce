"""The value of anything that stands on a page: names, derivatives, products of them.

The one rule kept here: a symbol means the same on the whole page. An input has its
random number, a stage its forward value, ``Partial`` holds the other arguments,
``Total`` lets everything follow, a local name has the value of its definition.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import sympy as sp
from sympy import Basic, Expr, Symbol

from symgrad.errors import short
from symgrad.graph import Graph
from symgrad.indexed import Index
from symgrad.integrals import DefiniteIntegral, IntegrationVariable, integrals_in
from symgrad.numeric.differences import (
    Program,
    compile_program,
    graph_program,
    slopes,
)
from symgrad.numeric.double_exponential import sample
from symgrad.numeric.high_precision import Number, context
from symgrad.numeric.page_names import Scope, leaves_of, local_names
from symgrad.numeric.sampling import RANGES, random_points
from symgrad.symbols import LocalDerivative, Partial, Total, symbols_of

MAX_WORK = 1_200_000
"""The bound on one check, in arithmetic operations of 50 digits (about 1 µs each)."""

_RESULT = sp.Dummy("result")
_SPARES = ((6, RANGES[1:3]), (3, RANGES[5:]), (3, ((10.0, 40.0),)), (20, ()))
"""how many spare points, and between what numbers; mixed ones where it is open"""
_QUOTIENT_ERROR = 1e-28  # where third derivatives are a thousand times the first
_SHORTER = 0.375  # of a step: what rounding makes of a slope is then another number
_SHAKES = (1.0, -0.7, 0.4, -0.9, 0.6)  # uneven: what is moved alike would cancel
_DERIVATIVES = (Partial, Total, LocalDerivative)


class Hidden(Exception):
    """A value that cannot be had; the message says why. Never leaves a check."""


class PageValues:
    """Values at random points of a graph, each worked out once."""

    def __init__(
        self, graph: Graph, wanted: int, seed: int, program: Program | None = None
    ) -> None:
        self.graph = graph
        self.seed = seed
        self.program = program or graph_program(graph)
        wanted = max(1, min(wanted, MAX_WORK // (4 * max(1, self.program.cost))))
        self.names = [*self.program.leaves, *(s.symbol for s in graph.stages)]
        sample = random_points(self.program, self.names, wanted, seed)
        self.points = list(sample.points)
        self.bases = list(sample.values)
        self.wanted = len(self.points)
        self._spans: dict[Any, list[DefiniteIntegral]] = {}
        for stage in graph.stages:
            for part in integrals_in(stage.expr):
                self._spans.setdefault(part.index, []).append(part)
        self._spares = list(reversed(_SPARES)) if sample.points else []
        self._programs: dict[Any, tuple[Any, Program]] = {}
        self._stage_bases: dict[tuple[Symbol, int], list[Any]] = {}
        self._partials: dict[tuple[Symbol, Symbol, int, float], Number] = {}
        self._totals: dict[tuple[Symbol, int, float], dict[Basic, Number]] = {}
        self._scale = 1.0  # of the steps of difference quotients

    @property
    def pass_cost(self) -> int:
        """What all the totals by one name cost."""
        return 2 * self.program.cost * max(1, self.wanted)

    def places(self) -> Iterator[int]:
        """The points by number; spare ones, of positive numbers first, come last."""
        done = 0
        while True:
            yield from range(done, len(self.points))
            done = len(self.points)
            if not self._spares:
                return
            count, between = self._spares.pop()
            seed = self.seed + len(_SPARES) - len(self._spares)
            spare = random_points(self.program, self.names, count, seed, between)
            self.points += spare.points
            self.bases += spare.values

    @staticmethod
    def is_finite(value: Number) -> bool:
        """Whether a value is a finite real number."""
        return bool(context.isfinite(value))

    # --- names --------------------------------------------------------------------

    def graph_symbol(self, name: Any) -> Symbol | None:
        if name in self.graph.positions:
            return name
        if isinstance(name, Partial | Total):
            return None
        return self.graph.names.get(name.name)

    def is_quotient(self, expr: Expr) -> bool:
        """Whether a difference quotient has a part in the value."""
        return expr.has(LocalDerivative) or any(
            isinstance(leaf, _DERIVATIVES) and leaf not in self.graph.positions
            for leaf in leaves_of(expr)
        )

    # --- values -------------------------------------------------------------------

    def value(
        self,
        expr: Expr,
        scope: Scope,
        place: int,
        shaken: bool = False,
        shorter: bool = False,
    ) -> Number:
        """Evaluate an expression of the page at one point; nan outside its domain.

        With ``shaken``, each name is moved by as much as is not known of it; with
        ``shorter``, the difference quotients have a shorter step.
        Raises ``Hidden`` where a name in it has no value.
        """
        program = self._program(expr, (), None)
        self._scale = _SHORTER if shorter else 1.0
        try:
            values = self._leaf_values(program, scope, place)
        finally:
            self._scale = 1.0
        if shaken:
            values = {
                leaf: _shaken(leaf, value, by)
                for (leaf, value), by in zip(
                    values.items(), itertools.cycle(_SHAKES), strict=False
                )
            }
        return program.run(values)[program.slots[_RESULT]]

    def _program(
        self, expr: Expr, definitions: tuple[Symbol, ...], scope: Scope | None
    ) -> Program:
        key = (id(expr), definitions, id(scope))
        if key not in self._programs:
            named = [(name, scope[name]) for name in definitions] if scope else []
            defined = set(definitions)
            leaves: dict[Basic, None] = {}
            for part in (*(form for _, form in named), expr):
                leaves.update((s, None) for s in leaves_of(part) if s not in defined)
            program = compile_program(tuple(leaves), [*named, (_RESULT, expr)])
            # what an id stands for must live as long as the entry
            self._programs[key] = ((expr, scope), program)
        return self._programs[key][1]

    def _leaf_values(
        self, program: Program, scope: Scope, place: int
    ) -> dict[Basic, Number]:
        base, slots, known = self.bases[place], self.program.slots, self.graph.positions
        return {
            leaf: base[slots[leaf]] if leaf in known else self._leaf(leaf, scope, place)
            for leaf in program.leaves
        }

    def _leaf(self, leaf: Any, scope: Scope, place: int) -> Number:
        if isinstance(leaf, IntegrationVariable):
            return self._between(leaf, place)
        if isinstance(leaf, Index):  # what holds for every i is tried at some
            return context.mpf(1 + place % 2)
        known = None if isinstance(leaf, LocalDerivative) else self.graph_symbol(leaf)
        if known is not None:
            return self.bases[place][self.program.slots[known]]
        if isinstance(leaf, LocalDerivative):
            return self._local(leaf.expr, leaf.by, scope, place)
        if isinstance(leaf, Partial):
            return self._partial(leaf, scope, place)
        if isinstance(leaf, Total):
            return self._total(leaf, scope, place)
        if leaf in scope:
            return self._expanded(scope[leaf], None, scope, place)[1][-1]
        raise Hidden(f"{short(leaf, 30)} has no value here")

    def _between(self, variable: IntegrationVariable, place: int) -> Number:
        """What holds for every t between the bounds is tried at some."""
        spans = self._spans.get(variable)
        if not spans:
            raise Hidden(f"{variable} is the variable of no integral here")
        span = spans[place % len(spans)]
        lower, upper = (self.value(s, {}, place) for s in (span.lower, span.upper))
        return sample(lower, upper, place)

    def in_order(
        self, expr: Expr, by: Symbol | None, scope: Scope
    ) -> tuple[Symbol, ...]:
        """The local names that ``expr`` is made of, each after those it uses.

        A stage that the page defines anew (``f_1 = tanh(u_1)``) is held like every
        stage, unless it is the whole of ``expr`` or ``by`` is a local name itself.
        """
        held = set() if by in scope else {s for s in scope if self.graph_symbol(s)}
        return local_names(expr, by, scope, held)

    # --- derivatives --------------------------------------------------------------

    def _expanded(
        self, expr: Expr, by: Symbol | None, scope: Scope, place: int
    ) -> tuple[Program, list[Any]]:
        """Compile ``expr`` with the local names in it, except ``by``, and run it."""
        program = self._program(expr, self.in_order(expr, by, scope), scope)
        return program, program.run(self._leaf_values(program, scope, place))

    def _local(self, expr: Expr, by: Symbol, scope: Scope, place: int) -> Number:
        if expr in self.graph.stage_of and expr not in scope and expr != by:
            expr = self.graph.stage_of[expr].expr
        program, base = self._expanded(expr, by, scope, place)
        for leaf in program.leaves:
            if isinstance(leaf, _DERIVATIVES) and leaf not in self.graph.positions:
                raise Hidden("a derivative inside a derivative")
        return slopes(program, base, by, [_RESULT], self._scale)[_RESULT]

    def _partial(self, partial: Partial, scope: Scope, place: int) -> Number:
        of, by = self.graph_symbol(partial.of), self.graph_symbol(partial.by)
        if of is None and partial.of in scope:
            return self._local(scope[partial.of], by or partial.by, scope, place)
        stage = self.graph.stage_of.get(of) if of is not None else None
        if stage is None:
            raise Hidden(f"{short(partial, 30)} is no derivative of a stage")
        if by is None:
            return self._by_local_name(stage.expr, partial, scope, place)
        key = (stage.symbol, by, place, self._scale)
        if key not in self._partials:
            program = self._program(stage.expr, (), None)
            base = self._stage_base(stage.symbol, program, place)
            found = slopes(program, base, by, [_RESULT], self._scale)
            self._partials[key] = found[_RESULT]
        return self._partials[key]

    def _stage_base(self, stage: Symbol, program: Program, place: int) -> list[Any]:
        if (stage, place) not in self._stage_bases:
            values = self._leaf_values(program, {}, place)
            self._stage_bases[stage, place] = program.run(values)
        return self._stage_bases[stage, place]

    def _by_local_name(
        self, expr: Expr, partial: Partial, scope: Scope, place: int
    ) -> Number:
        """∂f_1/∂u_1, where u_1 names a part of the stage f_1."""
        told = expr.xreplace(
            {scope[partial.by]: partial.by} if partial.by in scope else {}
        )
        if partial.by not in symbols_of(told):
            raise Hidden(f"{short(partial, 30)} names no part of the stage")
        return self._local(told, partial.by, scope, place)

    def _total(self, total: Total, scope: Scope, place: int) -> Number:
        of, by = self.graph_symbol(total.of), self.graph_symbol(total.by)
        if of is None and total.of in scope:
            return self._local(scope[total.of], by or total.by, scope, place)
        if of is None or by is None:
            raise Hidden(f"{short(total, 30)} is no derivative inside the graph")
        key = (by, place, self._scale)
        if key not in self._totals:
            base = self.bases[place]
            found = slopes(self.program, base, by, self.names, self._scale)
            self._totals[key] = {s: d for s, d in found.items() if d != 0}
        return self._totals[key].get(of, context.zero)


def _shaken(leaf: Basic, value: Any, by: float) -> Any:
    """A value of the page moved by its own error; what is counted stays."""
    if not isinstance(value, context.mpf) or isinstance(leaf, Index):
        return value
    error = _QUOTIENT_ERROR if isinstance(leaf, _DERIVATIVES) else context.eps
    return value + by * error * value
