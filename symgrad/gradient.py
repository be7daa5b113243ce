"""The chain rule over the stages of a graph, to read.

Every stage knows its own derivatives by its arguments (``Partial``, from rules/);
sums of products of them give the derivatives through all paths (``Total``). Nothing
is expanded before it is asked for, so everything here stays linear in the graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp
from sympy import Add, Expr, Integer, Symbol

from symgrad.accumulation import (
    Flow,
    Sums,
    crosses,
    expanded,
    expanded_size,
    forward_lines,
    plain_sum,
    reverse_lines,
    told_factors,
    unit_line,
    within_samples,
)
from symgrad.decimals import settled
from symgrad.derivation import Line
from symgrad.errors import (
    ArgumentTypeError,
    BoundError,
    short,
    unknown_name,
)
from symgrad.graph import MAX_NODES, Graph, Stage
from symgrad.indexed import SampleSum
from symgrad.partials import Partials
from symgrad.rules.parts import times
from symgrad.symbols import Partial, Total, name_of
from symgrad.tidying import tidy

MAX_PATHS = 1000


Key = Any
"""A variable (name or Symbol); of a Jacobian the pair (row, variable)."""


@dataclass(frozen=True, repr=False)
class Gradient(Mapping[Any, Expr]):
    """The derivatives of a graph's outputs by variables, each made when asked for.

    A mapping of variable -> partial derivative in stage names (of a Jacobian:
    (row, variable) -> derivative). ``row_names`` are the names of a Jacobian's rows,
    and empty for the gradient of one output. ``before`` is the Gradient that this one
    differentiates again, where it is of a higher order.
    """

    graph: Graph
    outputs: tuple[Symbol, ...]
    wrt: tuple[Symbol, ...]
    mode: str = "reverse"
    row_names: tuple[Symbol, ...] = ()
    before: Gradient | None = None

    # --- the mapping --------------------------------------------------------------

    def __getitem__(self, key: Key) -> Expr:
        found = self.factored(key)
        return found if self.before is None else tidy(found)

    def factored(self, key: Key) -> Expr:
        """The derivative as the chain rule gives it; of a higher order, not tidied."""
        output, variable = self._find(key)
        if output == variable:
            return Integer(1)
        if variable not in self.flow.ancestors[output]:
            return Integer(0)
        sums, target = self._sums(output, variable)
        if expanded_size(sums, target, self.partials, MAX_NODES) is None:
            raise BoundError(
                f"the expanded derivative by {variable.name!r} would have over "
                f"{MAX_NODES:,} nodes (the bound MAX_NODES); use gradient.totals or "
                "gradient.program, which keep the stages named"
            )
        samples = self.samples_between(output, variable)
        return settled(expanded(sums, target, self.partials, samples))

    def __iter__(self) -> Iterator[Any]:
        if not self.row_names:
            return iter(self.wrt)
        return iter([(row, v) for row in self.row_names for v in self.wrt])

    def __len__(self) -> int:
        return len(self.wrt) * (len(self.row_names) or 1)

    def __contains__(self, key: Any) -> bool:
        try:
            self._find(key)
        except (KeyError, TypeError):
            return False
        return True

    def __repr__(self) -> str:
        outputs = ", ".join(self.graph.shown(o).name for o in self.outputs[:6])
        names = ", ".join(v.name for v in self.wrt[:6])
        more = ", …" if len(self.wrt) > 6 else ""
        return f"<Gradient of {outputs} by {names}{more}, {self.mode} mode>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from symgrad.displays import show_gradient

        return show_gradient(self)

    def _find(self, key: Key) -> tuple[Symbol, Symbol]:
        if self.row_names:
            if not (isinstance(key, tuple) and len(key) == 2):
                raise ArgumentTypeError(
                    f"{short(key)} is no key here; expected a pair (row, variable)"
                )
            row, variable = key
            return self._row(row), self._variable(variable)
        return self.outputs[0], self._variable(key)

    def _variable(self, name: str | Symbol) -> Symbol:
        wanted = self.graph.names.get(name_of(name))
        if wanted not in self.flow.variables:
            raise unknown_name("variable", name_of(name), [v.name for v in self.wrt])
        return wanted

    def _row(self, name: str | Symbol) -> Symbol:
        known = {}
        for row, output in zip(self.row_names, self.outputs, strict=True):
            known[row.name] = output
            known[self.graph.shown(row).name] = output
        if name_of(name) not in known:
            raise unknown_name("output", name_of(name), known)
        return known[name_of(name)]

    def closed_form(self, key: Key) -> Expr:
        """Write a derivative in inputs and parameters only.

        Raises ``BoundError`` that names the bound where it would be huge.
        """
        return self.graph.expand(self[key])

    def matrix(self) -> sp.ImmutableMatrix:
        """All derivatives as a matrix: a row for each output, a column a variable."""
        names: Sequence[Any] = self.row_names or (None,)
        rows = [
            [self[v] if row is None else self[row, v] for v in self.wrt]
            for row in names
        ]
        return sp.ImmutableMatrix(rows)

    # --- what everything is made of -----------------------------------------------

    @cached_property
    def flow(self) -> Flow:
        """Who reaches whom between the variables and the outputs."""
        return Flow(self.graph, self.outputs, self.wrt)

    @cached_property
    def partials(self) -> Partials:
        """Partial -> the Step that derives it, for every edge of the graph."""
        return Partials(self.graph)

    @cached_property
    def totals(self) -> Mapping[Total, Line]:
        """Total -> its chain-rule line, in the order in which they are accumulated."""
        found: dict[Total, Line] = {}
        for output in self.outputs:
            found.update(self.totals_of(output))
        return found

    def totals_of(
        self, output: Symbol, variable: Symbol | None = None
    ) -> Mapping[Total, Line]:
        """The chain-rule lines of one output, in forward mode of one variable too."""
        found: dict[Total, Line] = {}
        if self.mode == "reverse":
            sums = self.flow.reverse_sums(output, self.flow.reached)
            found.update(reverse_lines(output, sums, self.graph.samples))
        variables = self.wrt if variable is None else (variable,)
        for w in variables:
            if self.mode == "forward":
                sums = self.flow.forward_sums(output, w)
                found.update(forward_lines(w, sums, self.graph.samples))
            found.setdefault(Total(output, w), unit_line(output == w))
        return found

    @cached_property
    def program(self) -> Graph:
        """The graph of everything: stages, partials and totals as stages of their own.

        Its outputs are the derivatives, row by row.
        """
        used: dict[Partial, None] = {}
        for line in self.totals.values():
            for factor in line.expr.free_symbols:
                if isinstance(factor, Partial) and factor not in self.graph.positions:
                    used[factor] = None
        stages = [
            *self.graph.stages,
            *(
                Stage(partial, self.partials[partial].result)
                for partial in sorted(used, key=self._partial_order)
            ),
            *(Stage(t, plain_sum(line.expr)) for t, line in self.totals.items()),
        ]
        outputs = tuple(Total(o, w) for o in self.outputs for w in self.wrt)
        return Graph(tuple(stages), outputs, self.graph.inputs, self.graph.parameters)

    @cached_property
    def derivative_graph(self) -> Graph:
        """The stages and totals alone, the local derivatives put in their places.

        Its outputs are the derivatives: what is differentiated again for a Hessian.
        """
        stages = [
            *self.graph.stages,
            *(Stage(t, self._told(line.expr)) for t, line in self.totals.items()),
        ]
        outputs = tuple(Total(o, w) for o in self.outputs for w in self.wrt)
        return Graph(tuple(stages), outputs, self.graph.inputs, self.graph.parameters)

    def _told(self, expr: Expr) -> Expr:
        return within_samples(expr, self._told_terms)

    def _told_terms(self, expr: Expr) -> Expr:
        return Add(*(times(*factors) for factors in told_factors(expr, self.partials)))

    def samples_between(self, output: Symbol, variable: Symbol) -> SampleSum | None:
        """The sum over the samples in which paths between the two stand, if any."""
        return self.graph.samples if crosses(output, variable) else None

    def _partial_order(self, partial: Partial) -> tuple[int, int]:
        positions = self.graph.positions
        return (-positions[partial.of][1], positions[partial.by][1])

    # --- answers written out, under bounds ----------------------------------------

    def _sums(self, output: Symbol, variable: Symbol) -> tuple[Sums, Symbol]:
        if self.mode == "reverse":
            wanted = self.flow.dependents(variable)
            return self.flow.reverse_sums(output, wanted), variable
        return self.flow.forward_sums(output, variable), output

    def expanded_size(self, key: Key, bound: int) -> int | None:
        """The nodes of a derivative in stage names; None where over the bound."""
        sums, target = self._sums(*self._find(key))
        return expanded_size(sums, target, self.partials, bound)

    def path_count(self, key: Key) -> int:
        """The exact number of paths from the variable to the output."""
        return self.flow.path_count(*self._find(key))

    def paths(
        self, key: Key, limit: int = MAX_PATHS
    ) -> tuple[tuple[Partial, ...], ...]:
        """The chain-rule factorization: for each path its factors, output first.

        Raises ``BoundError`` that names ``limit`` where there are more paths.
        """
        output, variable = self._find(key)
        count = self.flow.path_count(output, variable)
        if isinstance(limit, bool) or not isinstance(limit, int | float):
            raise ArgumentTypeError(f"limit is {short(limit)}; expected a number")
        if count > limit:
            raise BoundError(
                f"{variable.name!r} reaches {self.graph.shown(output).name!r} on "
                f"{_number(count)} paths; the bound limit is {limit:,} "
                "(gradient.totals says the same without listing them)"
            )
        return self.flow.paths(output, variable)


def _number(count: int) -> str:
    """A count in digits, and past a trillion by its size: 10^1505 fits no line."""
    return f"{count:,}" if count < 10**12 else f"about 2^{count.bit_length() - 1}"
