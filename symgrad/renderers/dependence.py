"""What a name depends on: the facts behind d or ∂, and behind a held index.

The one rule kept here: whatever is asked, an answer costs no more than one walk over
the graph, and is kept.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Expr, Symbol

from symgrad.abstract_functions import Formals, formals, lettered
from symgrad.graph import Graph
from symgrad.symbols import Abstract, Partial, symbols_of

_KEPT = 512


@dataclass(frozen=True)
class Dependence:
    """The questions that the sign of a derivative asks of a graph."""

    graph: Graph
    _cuts: dict[Symbol, frozenset[Symbol]] = field(default_factory=dict)
    _moved: dict[Symbol, set[Symbol]] = field(default_factory=dict)

    @cached_property
    def formals(self) -> Formals:
        """The names of the arguments of the abstract functions that have such names."""
        return formals(self.graph)

    @cached_property
    def lettered(self) -> Mapping[Symbol, Abstract]:
        """The stages z = f(x, y), whose partial derivatives are those of f."""
        return lettered(self.graph)

    def is_only_argument(self, partial: Partial) -> bool:
        """Whether the stage of a partial has one argument, so that d is right."""
        stage = self.graph.stage_of.get(partial.of)
        return stage is not None and stage.arguments == (partial.by,)

    def depends_only_on(self, of: Symbol, by: Symbol) -> bool:
        """Whether ``of`` is a function of ``by`` alone: every path meets ``by``."""
        if of == by:
            return True
        if by not in self.graph.stage_of:
            return self._leaves.get(of, frozenset()) == frozenset({by})
        if of not in self._cuts:
            self._cuts[of] = self._find_cuts(of)
        return by in self._cuts[of]

    def held(self, partial: Partial) -> tuple[Symbol, ...]:
        """The arguments to name as held, where the partial would read as a total.

        That is where ``by`` reaches the stage through another argument too, and the
        stage has no label that tells the value from the function.
        """
        graph, of, by = self.graph, partial.of, partial.by
        if of not in graph.stage_of or graph.shown(of) != of or of in self.lettered:
            return ()
        if by not in graph.positions or len(graph.users(by)) < 2:
            return ()
        moved = self._moved_by(by)
        return tuple(a for a in graph.parents(of) if a != by and a in moved)

    def _moved_by(self, by: Symbol) -> set[Symbol]:
        """Every stage that depends on ``by``; the last few answers are kept."""
        if by not in self._moved:
            if len(self._moved) == _KEPT:
                del self._moved[next(iter(self._moved))]
            found: set[Symbol] = set()
            todo = [by]
            while todo:
                new = [u for u in self.graph.users(todo.pop()) if u not in found]
                found.update(new)
                todo.extend(new)
            self._moved[by] = found
        return self._moved[by]

    @cached_property
    def _leaves(self) -> Mapping[Symbol, frozenset[Symbol]]:
        """symbol -> the inputs and parameters below it, at most two of them."""
        graph = self.graph
        found = {leaf: frozenset({leaf}) for leaf in (*graph.inputs, *graph.parameters)}
        for stage in graph.stages:
            below: frozenset[Symbol] = frozenset()
            for argument in stage.arguments:
                below |= found.get(argument, frozenset())
                if len(below) > 1:
                    break
            found[stage.symbol] = frozenset(list(below)[:2])
        return found

    def _find_cuts(self, of: Symbol) -> frozenset[Symbol]:
        """The stages that every path from ``of`` down to a leaf goes through."""
        graph, place = self.graph, self.graph.positions
        queue = [(-place[of][1], of.name, of)] if of in place else []
        seen, cuts = {of}, set()
        while queue:
            name = heapq.heappop(queue)[2]
            if name not in graph.stage_of:
                break
            if not queue:
                cuts.add(name)
            for argument in graph.stage_of[name].arguments:
                if argument not in seen:
                    seen.add(argument)
                    entry = (-place[argument][1], argument.name, argument)
                    heapq.heappush(queue, entry)
        return frozenset(cuts)


def variables(
    expr: Expr, by: Symbol, local: Mapping[Symbol, Expr]
) -> frozenset[Symbol]:
    """The symbols of ``expr``; a local name other than ``by`` counts by its own."""
    found: set[Symbol] = set()
    seen: set[Symbol] = set()
    todo = list(symbols_of(expr))
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        if name != by and name in local:
            todo.extend(symbols_of(local[name]))
        else:
            found.add(name)
    return frozenset(found)
