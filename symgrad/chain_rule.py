"""The chain rule over the stages of a graph, to read.

Every stage knows its own derivatives by its arguments (``Partial``, from rules.py);
sums of products of them give the derivatives through all paths (``Total``). Nothing
is expanded before it is asked for, so everything here stays linear in the graph.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from functools import cached_property
from typing import Any

import sympy as sp
from sympy import Add, Expr, Integer, Mul, Pow, Symbol

from symgrad import rules
from symgrad.derivation import Line, Step
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    BoundError,
    GraphError,
    short,
    unknown_name,
)
from symgrad.formulas import formula
from symgrad.graph import MAX_NODES, Graph, Stage, measure
from symgrad.symbols import Chain, Partial, Total, fresh, name_of, symbol

__all__ = ["Gradient", "Partial", "Total", "differentiate", "hessian", "jacobian"]

MODES = ("reverse", "forward")
MAX_PATHS = 1000

Key = Any
"""A variable (name or Symbol); of a Jacobian the pair (row, variable)."""


def differentiate(
    source: Any,
    wrt: str | Symbol | Sequence[str | Symbol] | None = None,
    mode: str = "reverse",
) -> Gradient:
    """Differentiate the output of a graph or formula by its variables.

    >>> differentiate("tanh(w*x + b)", "w")["w"]
    x*(1 - y**2)

    ``source`` is a Graph or whatever ``formula`` takes. ``wrt`` is a name, a Symbol or
    a list of them, stages included (a stage is then held independent); by default the
    graph's parameters, else every input. ``mode`` is ``"reverse"`` or ``"forward"``:
    the same derivatives, accumulated from the output or from the variable.

    Raises ``GraphError`` where there are several outputs, ``UnknownNameError`` for an
    unknown variable or mode, ``RuleError`` where no rule fits (when it is asked for).
    """
    graph = formula(source)
    if len(graph.outputs) > 1:
        shown = ", ".join(graph.shown(o).name for o in graph.outputs)
        raise GraphError(
            f"the graph has {len(graph.outputs)} outputs ({shown}); use jacobian, or "
            "graph.select(name) for one of them"
        )
    variables = _variables(graph, wrt)
    return Gradient(graph, (graph.output,), variables, _mode(mode))


def jacobian(
    source: Any,
    wrt: str | Symbol | Sequence[str | Symbol] | None = None,
    mode: str = "reverse",
) -> Gradient:
    """Differentiate every output by every variable: ``J["y_hat_1", "w_111"]``.

    Arguments and errors are those of ``differentiate``.
    """
    graph = formula(source)
    rows = tuple(graph.outputs)
    return Gradient(graph, rows, _variables(graph, wrt), _mode(mode), rows)


def hessian(
    source: Any,
    wrt: str | Symbol | Sequence[str | Symbol] | None = None,
    mode: str = "reverse",
) -> Gradient:
    """Differentiate twice: ``H["w", "b"]``, the Jacobian of the gradient's program.

    >>> hessian("x^2*y", ["x", "y"]).closed_form(("x", "y"))
    2*x

    Arguments and errors are those of ``differentiate``.
    """
    first = differentiate(source, wrt, mode)
    graph = first.program
    return Gradient(graph, graph.outputs, first.wrt, first.mode, first.wrt)


def _mode(mode: str) -> str:
    if mode not in MODES:
        raise unknown_name("mode", mode, MODES)
    return mode


def _variables(
    graph: Graph, wrt: str | Symbol | Sequence[str | Symbol] | None
) -> tuple[Symbol, ...]:
    if wrt is None:
        return graph.parameters or graph.inputs
    if isinstance(wrt, str | Symbol):
        wrt = [wrt]
    if isinstance(wrt, set | frozenset) or not isinstance(wrt, Sequence):
        raise ArgumentTypeError(
            f"wrt is a {type(wrt).__name__}; expected a name, a Symbol or a list of "
            "them (a set has no order)"
        )
    found = tuple(graph.symbol(name) for name in wrt)
    for name in found:
        if found.count(name) > 1:
            raise ArgumentValueError(f"wrt names {name.name!r} twice")
    return found


@dataclass(frozen=True, eq=False, repr=False)
class Gradient(Mapping[Any, Expr]):
    """The derivatives of a graph's outputs by variables, each made when asked for.

    A mapping of variable -> partial derivative in stage names (of a Jacobian:
    (row, variable) -> derivative). ``row_names`` are the names of a Jacobian's rows,
    and empty for the gradient of one output.
    """

    graph: Graph
    outputs: tuple[Symbol, ...]
    wrt: tuple[Symbol, ...]
    mode: str = "reverse"
    row_names: tuple[Symbol, ...] = ()

    # --- the mapping --------------------------------------------------------------

    def __getitem__(self, key: Key) -> Expr:
        output, variable = self._find(key)
        sums = self._sums(output, variable)
        self._check_size(sums, self._target(output, variable))
        return self._expanded(sums, self._target(output, variable))

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
        if wanted not in self.wrt:
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

    # --- the local derivatives ----------------------------------------------------

    @cached_property
    def partials(self) -> Partials:
        """Partial -> the Step that derives it, for every edge of the graph."""
        return Partials(self)

    def local_derivative(self, of: Symbol, by: Symbol) -> Expr:
        """The result of the Step for ∂of/∂by."""
        return self.partials[Partial(of, by)].result

    @cached_property
    def _suffixes(self) -> Mapping[Symbol, str]:
        """stage -> what its local names end with: f_3 has u_3."""
        parts = [s.symbol.name.partition("_")[2] for s in self.graph.stages]
        named = all(parts) and len(set(parts)) == len(parts)
        return {
            stage.symbol: part if named else str(place)
            for place, (stage, part) in enumerate(
                zip(self.graph.stages, parts, strict=True), start=1
            )
        }

    @cached_property
    def _local_names(self) -> dict[Symbol, dict[Expr, Symbol]]:
        return {}

    def local_names(self, stage: Stage) -> Callable[[Expr], Symbol]:
        """Name the compound arguments inside one stage, alike at every call."""
        is_new = stage.symbol not in self._local_names
        names = self._local_names.setdefault(stage.symbol, {})

        def local(argument: Expr) -> Symbol:
            if argument not in names:
                stem = f"u_{self._suffixes[stage.symbol]}"
                used = {name.name: name for name in names.values()}
                taken = ChainMap(used, self.graph.names)  # type: ignore[arg-type]
                names[argument] = symbol(fresh(stem, taken))
            return names[argument]

        if is_new:
            for argument in _compound_arguments(stage.expr):
                local(argument)
        return local

    # --- who reaches whom ---------------------------------------------------------

    @cached_property
    def _reached(self) -> frozenset[Symbol]:
        """Everything that some variable reaches, the variables included."""
        found = set(self.wrt)
        for stage in self.graph.stages:
            if any(a in found for a in stage.arguments):
                found.add(stage.symbol)
        return frozenset(found)

    def dependents(self, name: Symbol) -> set[Symbol]:
        """Every stage that ``name`` reaches, and ``name`` itself."""
        found = {name}
        todo = [name]
        while todo:
            for user in self.graph.users(todo.pop()):
                if user not in found:
                    found.add(user)
                    todo.append(user)
        return found

    @cached_property
    def _ancestors(self) -> dict[Symbol, frozenset[Symbol]]:
        return {output: self._reaching(output) for output in self.outputs}

    def _reaching(self, output: Symbol) -> frozenset[Symbol]:
        found = {output}
        todo = [output]
        while todo:
            stage = self.graph.stage_of.get(todo.pop())
            for argument in stage.arguments if stage else ():
                if argument not in found:
                    found.add(argument)
                    todo.append(argument)
        return frozenset(found)

    def next_stages(self, output: Symbol, name: Symbol) -> tuple[Symbol, ...]:
        """The stages through which ``name`` reaches ``output``, one step further."""
        ancestors = self._ancestors[output]
        return tuple(s for s in self.graph.users(name) if s in ancestors)

    # --- the chain-rule sums ------------------------------------------------------

    def _target(self, output: Symbol, variable: Symbol) -> Symbol:
        return variable if self.mode == "reverse" else output

    def _sums(self, output: Symbol, variable: Symbol) -> Sums:
        """What this derivative is made of: node -> ((next node, partial), …).

        In reverse mode a node stands for Total(output, node), in forward mode for
        Total(node, variable); an empty tuple is 0, the missing start node is 1.
        """
        if self.mode == "reverse":
            return self._reverse_sums(output, self.dependents(variable))
        return self._forward_sums(output, variable)

    def _reverse_sums(self, output: Symbol, wanted: set[Symbol]) -> Sums:
        sums: Sums = {}
        names = [s.symbol for s in reversed(self.graph.stages)]
        leaves = [w for w in self.wrt if w not in self.graph.stage_of]
        for name in (*names, *leaves):
            if name == output or name not in wanted:
                continue
            users = self.next_stages(output, name)
            if users or name in self.wrt:
                sums[name] = tuple((user, Partial(user, name)) for user in users)
        return sums

    def _forward_sums(self, output: Symbol, variable: Symbol) -> Sums:
        reached = self.dependents(variable)
        ancestors = self._ancestors[output]
        sums: Sums = {}
        for stage in self.graph.stages:
            name = stage.symbol
            if name == variable or name not in ancestors or name not in reached:
                continue
            parents = [a for a in self.graph.parents(name) if a in reached]
            sums[name] = tuple((a, Partial(name, a)) for a in parents)
        if output not in reached:
            sums[output] = ()
        return sums

    @cached_property
    def totals(self) -> Mapping[Total, Line]:
        """Total -> its chain-rule line, in the order in which they are accumulated."""
        found: dict[Total, Line] = {}
        for output in self.outputs:
            if self.mode == "reverse":
                sums = self._reverse_sums(output, set(self._reached))
                for name, terms in sums.items():
                    line = _chain_line(terms, lambda u: Total(output, u), output)
                    found[Total(output, name)] = line
            else:
                for w in self.wrt:
                    for name, terms in self._forward_sums(output, w).items():
                        line = _chain_line(terms, lambda a: Total(a, w), w, last=True)
                        found[Total(name, w)] = line
        for output in self.outputs:
            for w in self.wrt:
                found.setdefault(Total(output, w), _unit(output == w))
        return found

    @cached_property
    def program(self) -> Graph:
        """The graph of everything: stages, partials and totals as stages of their own.

        Its outputs are the derivatives, row by row.
        """
        totals = self.totals
        used: dict[Partial, None] = {}
        for line in totals.values():
            for name in line.expr.free_symbols:
                if isinstance(name, Partial) and name not in self.graph.positions:
                    used[name] = None
        ordered = sorted(used, key=self._partial_order)
        stages = [
            *self.graph.stages,
            *(Stage(p, self.partials[p].result) for p in ordered),
            *(Stage(t, _plain(line.expr)) for t, line in totals.items()),
        ]
        outputs = tuple(Total(o, w) for o in self.outputs for w in self.wrt)
        return Graph(tuple(stages), outputs, self.graph.inputs, self.graph.parameters)

    def _partial_order(self, partial: Partial) -> tuple[int, int]:
        positions = self.graph.positions
        return (-positions[partial.of][1], positions[partial.by][1])

    # --- expanded answers, under bounds -------------------------------------------

    def _check_size(self, sums: Sums, target: Symbol) -> None:
        sizes: dict[Symbol, int] = {}
        needed = _needed(sums, target)
        for name in needed:
            sizes[name] = sum(
                sizes.get(other, 1) + measure(self.partials[partial].result)[0]
                for other, partial in sums.get(name, ())
            )
            if sizes[name] > MAX_NODES:
                raise BoundError(
                    f"the expanded derivative by {target.name!r} would have over "
                    f"{MAX_NODES:,} nodes (the bound MAX_NODES); use gradient.totals "
                    "or gradient.program, which keep the stages named"
                )

    def _expanded(self, sums: Sums, target: Symbol) -> Expr:
        factors: dict[Symbol, tuple[Expr, ...]] = {}
        for name in _needed(sums, target):
            if name not in sums:
                factors[name] = (Integer(1),)
                continue
            terms = [
                (*factors.get(other, ()), *_factors(self.partials[partial].result))
                for other, partial in sums[name]
            ]
            if len(terms) == 1:
                factors[name] = terms[0]
            else:
                factors[name] = (Add(*(rules.times(*term) for term in terms)),)
        return rules.times(*factors[target])

    # --- paths --------------------------------------------------------------------

    def path_count(self, key: Key) -> int:
        """The exact number of paths from the variable to the output."""
        output, variable = self._find(key)
        counts = {output: 1}
        for stage in reversed(self.graph.stages):
            name = stage.symbol
            if name != output and name in self._ancestors[output]:
                counts[name] = sum(counts[u] for u in self.next_stages(output, name))
        if variable in counts:
            return counts[variable]
        return sum(counts[u] for u in self.next_stages(output, variable))

    def paths(self, key: Key, limit: int = MAX_PATHS) -> tuple[tuple[Partial, ...], ...]:
        """The chain-rule factorization: for each path its factors, output first.

        Raises ``BoundError`` that names ``limit`` where there are more paths.
        """
        output, variable = self._find(key)
        count = self.path_count(key)
        if count > limit:
            raise BoundError(
                f"{variable.name!r} reaches {self.graph.shown(output).name!r} on "
                f"{count:,} paths; the bound limit is {limit:,} (gradient.totals "
                "says the same without listing them)"
            )
        wanted = self.dependents(variable)
        found: list[tuple[Partial, ...]] = []
        todo: list[tuple[Symbol, tuple[Any, ...]]] = [(output, ())]
        while todo:
            name, walked = todo.pop()
            if name == variable:
                found.append(_unwound(walked))
                continue
            for argument in reversed(self.graph.parents(name)):
                if argument in wanted:
                    todo.append((argument, (walked, Partial(name, argument))))
        return tuple(found)


Sums = dict[Symbol, tuple[tuple[Symbol, Partial], ...]]


class Partials(Mapping[Partial, Step]):
    """Partial -> Step, derived when it is first asked for."""

    def __init__(self, gradient: Gradient) -> None:
        self._gradient = gradient
        self._steps: dict[Partial, Step] = {}

    def __getitem__(self, key: Any) -> Step:
        partial = self._partial(key)
        if partial not in self._steps:
            gradient = self._gradient
            stage = gradient.graph.stage_of[partial.of]
            step = rules.derive(
                stage.expr, partial.by, stage.symbol, gradient.local_names(stage)
            )
            self._steps[partial] = changed(step, lhs=partial)
        return self._steps[partial]

    def _partial(self, key: Any) -> Partial:
        graph = self._gradient.graph
        of, by = (key.of, key.by) if isinstance(key, Partial) else key
        partial = Partial(graph.symbol(of), graph.symbol(by))
        stage = graph.stage_of.get(partial.of)
        if stage is None or partial.by not in stage.arguments:
            raise unknown_name("partial", partial.name, (p.name for p in self))
        return partial

    def __iter__(self) -> Iterator[Partial]:
        graph = self._gradient.graph
        return (
            Partial(stage.symbol, by)
            for stage in graph.stages
            for by in graph.parents(stage.symbol)
        )

    def __len__(self) -> int:
        return sum(len(stage.arguments) for stage in self._gradient.graph.stages)


def _chain_line(
    terms: Sequence[tuple[Symbol, Partial]],
    total: Callable[[Symbol], Total],
    start: Symbol,
    last: bool = False,
) -> Line:
    """Σ Total·Partial; the total of the start by itself is 1 and not written."""
    if not terms:
        return _unit(False)
    products = []
    for name, partial in terms:
        factors: list[Expr] = [] if name == start else [total(name)]
        factors = [partial, *factors] if last else [*factors, partial]
        products.append(Chain(*factors))
    expr = products[0] if len(products) == 1 else Add(*products, evaluate=False)
    return Line(expr, ("chain rule",))


def _unit(is_one: bool) -> Line:
    if is_one:
        return Line(Integer(1), ("the variable itself",))
    return Line(Integer(0), ("no path leads there",))


def _plain(expr: Expr) -> Expr:
    """A chain-rule line with ordinary products, for the program."""
    terms = expr.args if isinstance(expr, Add) else (expr,)
    return Add(*(Mul(*t.args) if isinstance(t, Chain) else t for t in terms))


def _needed(sums: Sums, target: Symbol) -> list[Symbol]:
    """The nodes that the sum of ``target`` uses, each after those it uses itself."""
    found: dict[Symbol, None] = {}
    todo: list[tuple[Symbol, bool]] = [(target, False)]
    while todo:
        name, ready = todo.pop()
        if ready:
            found[name] = None
        elif name not in found and (name in sums or name == target):
            todo.append((name, True))
            todo.extend((other, False) for other, _ in sums.get(name, ()))
    return list(found)


def _factors(expr: Expr) -> tuple[Expr, ...]:
    return expr.args if isinstance(expr, Mul) else (expr,)


def _unwound(walked: tuple[Any, ...]) -> tuple[Partial, ...]:
    """A linked list of partials, newest outside, as a tuple from the output down."""
    path: list[Partial] = []
    while walked:
        walked, partial = walked
        path.append(partial)
    return tuple(reversed(path))


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
        todo.extend(reversed(node.args))
    return list(found)
