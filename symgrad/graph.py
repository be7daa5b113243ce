"""A formula as a straight-line program: named stages, each of earlier names.

The one rule kept here: a graph that exists is a valid program. No name is given
twice, nothing is used before it is defined, every output is there. Over 300 lines, as a
graph and what is asked of it stand together.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from sympy import Expr, Symbol

from symgrad import symbols, trees
from symgrad.errors import (
    ArgumentTypeError,
    BoundError,
    GraphError,
    short,
    unknown_name,
)
from symgrad.indexed import SampleSum
from symgrad.lengths import measure
from symgrad.ordering import Positions
from symgrad.substitution import replace
from symgrad.symbols import symbols_of

MAX_NODES = 20_000
MAX_DEPTH = 120


@dataclass(frozen=True)
class Stage:
    """One named value: ``symbol = expr``. A ``label`` is a second name for it."""

    symbol: Symbol
    expr: Expr
    label: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.symbol, Symbol):
            raise _wrong("the name of a stage", self.symbol, "a Symbol")
        if not isinstance(self.expr, Expr):
            what = f"the expression of stage {self.symbol.name!r}"
            raise _wrong(what, self.expr, "a SymPy expression")
        if not (self.label is None or isinstance(self.label, str)):
            raise _wrong(f"the label of {self.symbol.name!r}", self.label, "a text")

    @cached_property
    def arguments(self) -> tuple[Symbol, ...]:
        """The symbols of the expression, in order of first appearance."""
        return tuple(symbols_of(self.expr))

    def __reduce__(self) -> Any:
        tree = trees.to_tree(self.expr)
        return _stage, (trees.to_tree(self.symbol), tree, self.label)


@dataclass(frozen=True)
class Family:
    """``element = expr`` for every index, r_i = y_i - x_i: no stage, but to be told."""

    element: Expr
    expr: Expr

    def __reduce__(self) -> Any:
        return _family, (trees.to_tree(self.element), trees.to_tree(self.expr))


def _family(element_tree: Any, expr_tree: Any) -> Family:
    return Family(trees.from_tree(element_tree), trees.from_tree(expr_tree))


def _wrong(what: str, value: object, expected: str) -> ArgumentTypeError:
    return ArgumentTypeError(f"{what} is {short(value)}; expected {expected}")


def _listed(what: str, items: Any, kind: type) -> tuple[Any, ...]:
    """The items of a list as a tuple; a set has no order, so it is refused."""
    if not isinstance(items, Sequence) or isinstance(items, str):
        raise _wrong(what, items, "a tuple (a set has no order)")
    for item in items:
        if not isinstance(item, kind):
            raise _wrong(f"an item of {what}", item, f"a {kind.__name__}")
    return tuple(items)


def _stage(symbol_tree: Any, expr_tree: Any, label: str | None) -> Stage:
    return Stage(trees.from_tree(symbol_tree), trees.from_tree(expr_tree), label)


_KINDS = {"stages": Stage, "families": Family}


@dataclass(frozen=True)
class Graph:
    """A straight-line program of stages.

    ``inputs`` are the data, ``parameters`` what is learned; both are given in the
    order in which a numeric function takes them. ``families`` are the formulas for
    every index that the text had names for; they stand written out in the stages.

    Raises ``GraphError`` for a name given twice, a use before the definition, a
    symbol that nothing defines, or an output that is not there, and
    ``ArgumentTypeError`` for what is no stage, no symbol or has no order.
    """

    stages: tuple[Stage, ...]
    outputs: tuple[Symbol, ...]
    inputs: tuple[Symbol, ...] = ()
    parameters: tuple[Symbol, ...] = ()
    families: tuple[Family, ...] = ()

    def __post_init__(self) -> None:
        for what in fields(self):
            kind = _KINDS.get(what.name, Symbol)
            listed = _listed(what.name, getattr(self, what.name), kind)
            object.__setattr__(self, what.name, listed)
        names: dict[str, Symbol] = {}
        defined = {*self.inputs, *self.parameters}
        later = {stage.symbol for stage in self.stages}
        for leaf in (*self.inputs, *self.parameters):
            _claim(names, leaf.name, leaf)
        for stage in self.stages:
            _claim(names, stage.symbol.name, stage.symbol)
            for argument in stage.arguments:
                if argument not in defined:
                    raise GraphError(_undefined(stage, argument, later, names))
            defined.add(stage.symbol)
        for stage in self.stages:
            if stage.label is not None and stage.label != stage.symbol.name:
                _claim(names, stage.label, stage.symbol)
        if not self.outputs:
            raise GraphError("a graph needs at least one output")
        for output in self.outputs:
            if output not in defined:
                raise GraphError(f"output {output.name!r} is not defined by any stage")

    def __str__(self) -> str:
        from symgrad.renderers.tree import render_tree

        return render_tree(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from symgrad.displays import show_graph

        return show_graph(self)

    @cached_property
    def stage_of(self) -> Mapping[Symbol, Stage]:
        """symbol -> the stage that defines it."""
        return {stage.symbol: stage for stage in self.stages}

    @cached_property
    def names(self) -> Mapping[str, Symbol]:
        """name or label -> symbol, of everything in the graph."""
        found = {s.name: s for s in (*self.inputs, *self.parameters)}
        found.update((stage.symbol.name, stage.symbol) for stage in self.stages)
        found.update((s.label, s.symbol) for s in self.stages if s.label)
        return found

    @cached_property
    def labels(self) -> Mapping[Symbol, Symbol]:
        """stage symbol -> the symbol of its label, for stages that have one."""
        return {
            s.symbol: symbols.alike(s.label, s.symbol) for s in self.stages if s.label
        }

    @cached_property
    def samples(self) -> SampleSum | None:
        """The first sum over the samples; None where there are no samples."""
        if not any(symbols.is_sampled(name) for name in self.inputs):
            return None
        found = (s.expr.atoms(SampleSum) for s in self.stages)
        return next((each for sums in found for each in sums), None)

    @cached_property
    def positions(self) -> Positions:
        """symbol -> its place in the order in which people write names."""
        found: dict[Symbol, tuple[int, int, int]] = {}
        for kind, group in ((1, self.inputs), (0, self.parameters)):
            for name in group:
                found[name] = (kind, len(found), len(found))
        for stage in self.stages:
            last = max((found[a][2] for a in stage.arguments), default=len(found))
            found[stage.symbol] = (3, len(found), last)
        return found

    @cached_property
    def _users(self) -> Mapping[Symbol, tuple[Symbol, ...]]:
        found: dict[Symbol, list[Symbol]] = {}
        for stage in self.stages:
            for argument in stage.arguments:
                found.setdefault(argument, []).append(stage.symbol)
        return {symbol: tuple(users) for symbol, users in found.items()}

    def parents(self, name: str | Symbol) -> tuple[Symbol, ...]:
        """The symbols that a stage is made of; none for an input or a parameter."""
        stage = self.stage_of.get(self.symbol(name))
        if stage is None:
            return ()
        return tuple(sorted(stage.arguments, key=lambda s: self.positions[s][1]))

    def users(self, name: str | Symbol) -> tuple[Symbol, ...]:
        """The stages that use a name directly, in the order of the graph."""
        return self._users.get(self.symbol(name), ())

    def symbol(self, name: str | Symbol) -> Symbol:
        """Find a symbol by itself, by its name or by its label.

        Raises ``UnknownNameError`` with the nearest name of the graph.
        """
        if isinstance(name, Symbol) and name in self.positions:
            return name
        try:
            found = self.names[symbols.name_of(name)]
        except KeyError:
            raise unknown_name("variable", symbols.name_of(name), self.names) from None
        if isinstance(name, symbols.Partial | symbols.Total):
            raise unknown_name("variable", name.name, self.names)
        return found

    @property
    def output(self) -> Symbol:
        """The only output; several are an error that lists them."""
        if len(self.outputs) > 1:
            named = ", ".join(self.shown(o).name for o in self.outputs)
            raise GraphError(
                f"the graph has {len(self.outputs)} outputs ({named}); "
                "pick one with graph.select(name), or use jacobian"
            )
        return self.outputs[0]

    def shown(self, symbol: Symbol) -> Symbol:
        """The name a reader knows a stage by: its label where it has one."""
        return self.labels.get(symbol, symbol)

    def select(self, *names: str | Symbol) -> Graph:
        """The same program with other outputs."""
        outputs = tuple(self.symbol(name) for name in names)
        return dataclasses.replace(self, outputs=outputs)

    def closed_form(self, name: str | Symbol | None = None) -> Expr:
        """Write a stage (by default the output) in inputs and parameters alone.

        Raises ``BoundError`` where that would have more than ``MAX_NODES`` nodes or
        more than ``MAX_DEPTH`` levels.
        """
        return self.expand(self.output if name is None else self.symbol(name))

    def expand(self, expr: Expr) -> Expr:
        """Replace every stage name in ``expr`` by its formula, down to the leaves."""
        needed = self._needed(expr)
        self._check_size(expr)
        forms: dict[Symbol, Expr] = {}
        for stage in needed:
            forms[stage.symbol] = replace(stage.expr, forms)
        return replace(expr, forms)

    def _needed(self, expr: Expr) -> list[Stage]:
        found: set[Symbol] = set()
        todo = symbols_of(expr)
        while todo:
            name = todo.pop()
            if name in self.stage_of and name not in found:
                found.add(name)
                todo.extend(self.stage_of[name].arguments)
        return [stage for stage in self.stages if stage.symbol in found]

    def expanded_measure(self, expr: Expr) -> tuple[int, int]:
        """The nodes and levels that ``expand(expr)`` would have."""
        sizes: dict[Symbol, tuple[int, int]] = {}
        for stage in self._needed(expr):
            sizes[stage.symbol] = measure(stage.expr, sizes)
        return measure(expr, sizes)

    def _check_size(self, expr: Expr) -> None:
        nodes, depth = self.expanded_measure(expr)
        if nodes > MAX_NODES:
            raise BoundError(
                f"the closed form would have over {MAX_NODES:,} nodes (the bound "
                "MAX_NODES); keep the stages named, or use graph.stages"
            )
        if depth > MAX_DEPTH:
            raise BoundError(
                f"the closed form would be {depth:,} levels deep (the bound MAX_DEPTH "
                f"is {MAX_DEPTH}); keep the stages named, or use graph.stages"
            )


def _claim(names: dict[str, Symbol], name: str, symbol: Symbol) -> None:
    if name in names:
        if names[name] == symbol:
            raise GraphError(f"{name!r} is defined twice")
        raise GraphError(f"two different symbols are called {name!r}; rename one")
    names[name] = symbol


def _undefined(
    stage: Stage, argument: Symbol, later: set[Symbol], names: Mapping[str, Symbol]
) -> str:
    if argument == stage.symbol:
        return f"stage {stage.symbol.name!r} is defined by itself"
    if argument in later:
        return (
            f"stage {stage.symbol.name!r} uses {argument.name!r} before it is defined; "
            "put its definition first"
        )
    if argument.name in names:
        return f"two different symbols are called {argument.name!r}; rename one"
    return (
        f"stage {stage.symbol.name!r} uses {argument.name!r}, which is neither a stage "
        "nor an input nor a parameter"
    )


def as_graph(source: Any) -> Graph | None:
    """Give the graph behind ``source`` where it is one or has one."""
    if isinstance(source, Graph):
        return source
    graph = getattr(source, "graph", None)
    return graph if isinstance(graph, Graph) else None
