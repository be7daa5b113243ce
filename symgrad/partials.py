"""The local derivatives of a graph's stages, each derived when it is first asked for.

The names of compound arguments (``u_3`` inside ``f_3``) are made here, so that a stage
uses the same names wherever it is spoken of.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace as changed
from typing import Any

from sympy import Expr, Pow, Symbol

from symgrad.derivation import Step
from symgrad.errors import unknown_name
from symgrad.graph import Graph, Stage
from symgrad.lengths import measure
from symgrad.rules import table as rules
from symgrad.symbols import Abstract, Partial, alike, fresh

MAX_NOTE_NODES = 12


class Partials(Mapping[Partial, Step]):
    """Partial -> the Step that derives it, for every edge of a graph.

    Raises ``UnknownNameError`` for a pair that is no edge, ``RuleError`` where no rule
    fits.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._steps: dict[Partial, Step] = {}
        self._names: dict[Symbol, dict[tuple[Expr, int], Symbol]] = {}
        self._suffixes = _suffixes(graph)
        self._graph_names = dict(graph.names)

    def __getitem__(self, key: Partial | tuple[str | Symbol, str | Symbol]) -> Step:
        partial = key if key in self._steps else self._partial(key)
        if partial not in self._steps:
            stage = self._graph.stage_of[partial.of]
            step = rules.derive(
                stage.expr,
                partial.by,
                stage.symbol,
                self._local_names(stage),
                self._graph.stage_of,
            )
            self._steps[partial] = self._in_the_readers_names(
                changed(step, lhs=partial)
            )
        return self._steps[partial]

    def _in_the_readers_names(self, step: Step) -> Step:
        """Tell a domain by what was written: 1 − x > 0, not u_1 > 0."""
        if not (step.notes or step.substeps):
            return step
        notes = tuple(tuple(self._written(p) for p in note) for note in step.notes)
        substeps = tuple(self._in_the_readers_names(inner) for inner in step.substeps)
        return changed(step, notes=notes, substeps=substeps)

    def _written(self, part: Any) -> Any:
        """What a cut name stands for, where that is short."""
        stage = self._graph.stage_of.get(part) if isinstance(part, Symbol) else None
        if stage is None or re.fullmatch(r"u_\d+", stage.symbol.name) is None:
            return part
        is_cut = any(re.fullmatch(r"u_\d+", name.name) for name in stage.arguments)
        is_short = measure(stage.expr)[0] <= MAX_NOTE_NODES and not is_cut
        return stage.expr if is_short else part

    def __iter__(self) -> Iterator[Partial]:
        return (
            Partial(stage.symbol, by)
            for stage in self._graph.stages
            for by in self._graph.parents(stage.symbol)
        )

    def __len__(self) -> int:
        return sum(len(stage.arguments) for stage in self._graph.stages)

    def _partial(self, key: Any) -> Partial:
        of, by = (key.of, key.by) if isinstance(key, Partial) else key
        partial = Partial(self._graph.symbol(of), self._graph.symbol(by))
        stage = self._graph.stage_of.get(partial.of)
        if stage is None or partial.by not in stage.arguments:
            raise unknown_name("partial", partial.name, (p.name for p in self))
        return partial

    def _local_names(self, stage: Stage) -> Callable[..., Symbol]:
        is_new = stage.symbol not in self._names
        names = self._names.setdefault(stage.symbol, {})

        def local(argument: Expr, again: int = 0) -> Symbol:
            if (argument, again) not in names:
                used = {name.name: name for name in names.values()}
                taken = ChainMap(used, self._graph_names)
                stem = f"u_{self._suffixes[stage.symbol]}"
                names[argument, again] = alike(fresh(stem, taken), stage.symbol)
            return names[argument, again]

        if is_new:
            for argument in _compound_arguments(stage.expr):
                local(argument)
        return local


def _suffixes(graph: Graph) -> Mapping[Symbol, str]:
    """stage -> what its local names end with: that of f_3 is u_3."""
    parts = [stage.symbol.name.partition("_")[2] for stage in graph.stages]
    numbered = all(re.fullmatch(r"[\d_]+", part) for part in parts)
    named = numbered and len(set(parts)) == len(parts)
    if graph.samples is not None:  # of f_3 of the network u_3, of the loss l u_l
        pairs = zip(graph.stages, parts, strict=True)
        return {stage.symbol: part or stage.symbol.name for stage, part in pairs}
    return {
        stage.symbol: part if named else str(place)
        for place, (stage, part) in enumerate(
            zip(graph.stages, parts, strict=True), start=1
        )
    }


def _compound_arguments(expr: Expr) -> list[Expr]:
    """The arguments of functions and powers that are neither names nor numbers."""
    found: dict[Expr, None] = {}
    todo: list[Any] = [expr]
    while todo:
        node = todo.pop()
        if node.is_Function or isinstance(node, Pow):
            for argument in node.args:
                if argument.args and not argument.is_number:
                    found[argument] = None
        elif isinstance(node, Abstract):
            found.update((a, None) for a in node.arguments if a.args)
        todo.extend(reversed(node.args))
    return list(found)
