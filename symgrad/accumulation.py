"""Who reaches whom in a graph, and the chain-rule sums that follow from it.

A sum is data: node -> ((next node, partial), …). In reverse mode a node stands for
the derivative of the output by it, in forward mode for its derivative by the variable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Add, Expr, Integer, Mul, Symbol

from symgrad.derivation import Line, Step
from symgrad.graph import Graph
from symgrad.indexed import SampleSum
from symgrad.lengths import measure
from symgrad.rules.parts import sum_of, times
from symgrad.symbols import Chain, Partial, Total, is_sampled

Sums = dict[Symbol, tuple[tuple[Symbol, Partial], ...]]


@dataclass(frozen=True, eq=False)
class Flow:
    """A graph seen from some outputs and some variables."""

    graph: Graph
    outputs: tuple[Symbol, ...]
    wrt: tuple[Symbol, ...]

    @cached_property
    def variables(self) -> frozenset[Symbol]:
        """The variables as a set."""
        return frozenset(self.wrt)

    @cached_property
    def reached(self) -> frozenset[Symbol]:
        """Everything that some variable reaches, the variables included."""
        found = set(self.wrt)
        for stage in self.graph.stages:
            if any(a in found for a in stage.arguments):
                found.add(stage.symbol)
        return frozenset(found)

    @cached_property
    def ancestors(self) -> Mapping[Symbol, frozenset[Symbol]]:
        """output -> everything that reaches it, itself included."""
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

    def next_stages(self, output: Symbol, name: Symbol) -> tuple[Symbol, ...]:
        """The stages through which ``name`` reaches ``output``, one step further."""
        ancestors = self.ancestors[output]
        return tuple(s for s in self.graph.users(name) if s in ancestors)

    def reverse_sums(self, output: Symbol, wanted: Iterable[Symbol]) -> Sums:
        """Sum by node, from the output inwards, for the nodes that are wanted."""
        wanted = frozenset(wanted)
        ancestors = self.ancestors[output]
        names = [s.symbol for s in reversed(self.graph.stages)]
        leaves = [w for w in self.wrt if w not in self.graph.stage_of]
        return {
            name: tuple((u, Partial(u, name)) for u in self.next_stages(output, name))
            for name in (*names, *leaves)
            if name != output and name in wanted and name in ancestors
        }

    def forward_sums(self, output: Symbol, variable: Symbol) -> Sums:
        """Sum by node, from the variable outwards, for the nodes that are needed."""
        reached = self.dependents(variable)
        ancestors = self.ancestors[output]
        sums: Sums = {}
        for stage in self.graph.stages:
            name = stage.symbol
            if name != variable and name in ancestors and name in reached:
                parents = [a for a in self.graph.parents(name) if a in reached]
                sums[name] = tuple((a, Partial(name, a)) for a in parents)
        return sums

    def path_count(self, output: Symbol, variable: Symbol) -> int:
        """The exact number of paths from the variable to the output."""
        ancestors = self.ancestors[output]
        counts = {output: 1}
        for stage in reversed(self.graph.stages):
            name = stage.symbol
            if name != output and name in ancestors:
                counts[name] = sum(counts[u] for u in self.next_stages(output, name))
        if variable in counts:
            return counts[variable]
        return sum(counts[u] for u in self.next_stages(output, variable))

    def paths(
        self, output: Symbol, variable: Symbol
    ) -> tuple[tuple[Partial, ...], ...]:
        """Every path, as its partials from the output down to the variable."""
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


def _unwound(walked: tuple[Any, ...]) -> tuple[Partial, ...]:
    """A linked list of partials, newest outside, as a tuple from the output down."""
    path: list[Partial] = []
    while walked:
        walked, partial = walked
        path.append(partial)
    return tuple(reversed(path))


# --- sums as lines ----------------------------------------------------------------


def reverse_lines(
    output: Symbol, sums: Sums, samples: SampleSum | None = None
) -> dict[Total, Line]:
    """Total(output, node) = Σ Total(output, next)·Partial(next, node)."""
    return {
        Total(output, name): _line(
            [
                Chain(partial)
                if user == output
                else Chain(Total(output, user), partial)
                for user, partial in terms
            ],
            samples if crosses(output, name) else None,
        )
        for name, terms in sums.items()
    }


def forward_lines(
    variable: Symbol, sums: Sums, samples: SampleSum | None = None
) -> dict[Total, Line]:
    """Total(node, variable) = Σ Partial(node, next)·Total(next, variable)."""
    return {
        Total(name, variable): _line(
            [
                Chain(partial) if a == variable else Chain(partial, Total(a, variable))
                for a, partial in terms
            ],
            samples if crosses(name, variable) else None,
        )
        for name, terms in sums.items()
    }


def _line(products: Sequence[Expr], samples: SampleSum | None = None) -> Line:
    return Line(over_samples(products, samples), ("chain rule",))


def crosses(output: Symbol, variable: Symbol) -> bool:
    """Whether paths between the two may lead through all samples."""
    return not (is_sampled(output) or is_sampled(variable))


def over_samples(products: Sequence[Expr], samples: SampleSum | None) -> Expr:
    """Add the products up: those of one sample over all samples, the others once."""
    if samples is None:
        return sum_of(*products)
    each = [p for p in products if _has_samples(p)]
    once = [p for p in products if p not in each]
    return sum_of(*([samples.over(sum_of(*each))] if each else []), *once)


def within_samples(expr: Expr, make: Callable[[Expr], Expr]) -> Expr:
    """A chain-rule line made anew, what stands in sums over the samples too."""
    terms = expr.args if isinstance(expr, Add) else (expr,)
    if not any(isinstance(term, SampleSum) for term in terms):
        return make(expr)
    once = [term for term in terms if not isinstance(term, SampleSum)]
    told = [t.over(make(t.body)) for t in terms if isinstance(t, SampleSum)]
    return sum_of(*told, *([make(sum_of(*once))] if once else []))


def unit_line(is_one: bool) -> Line:
    """The total of a name by itself, or by a name that does not reach it."""
    if is_one:
        return Line(Integer(1), ("the variable itself",))
    return Line(Integer(0), ("no path leads there",))


def plain_sum(expr: Expr) -> Expr:
    """A chain-rule line with ordinary products, for a program."""
    return within_samples(expr, _plain_sum)


def _plain_sum(expr: Expr) -> Expr:
    terms = expr.args if isinstance(expr, Add) else (expr,)
    return Add(*(Mul(*t.args) if isinstance(t, Chain) else t for t in terms))


def told_factors(
    expr: Expr, partials: Mapping[Partial, Step]
) -> list[tuple[Expr, ...]]:
    """The factors of each term of a chain-rule line, the partials worked out."""
    terms = expr.args if isinstance(expr, Add) else (expr,)
    return [
        tuple(
            partials[x].result if isinstance(x, Partial) else x
            for x in (term.args if isinstance(term, Chain) else (term,))
        )
        for term in terms
    ]


# --- sums written out -------------------------------------------------------------


def expanded_size(
    sums: Sums, target: Symbol, partials: Mapping[Partial, Step], bound: int
) -> int | None:
    """The nodes that ``target`` has when written out; None where over the bound."""
    sizes: dict[Symbol, int] = {}
    all_at_once = 0  # each partial is met at least once
    for name in needed(sums, target):
        sizes[name] = 0
        for other, partial in sums.get(name, ()):
            size = measure(partials[partial].result)[0]
            sizes[name] += sizes.get(other, 0) + size
            all_at_once += size
            if max(all_at_once, sizes[name]) > bound:
                return None
    return sizes[target]


def expanded(
    sums: Sums,
    target: Symbol,
    partials: Mapping[Partial, Step],
    samples: SampleSum | None = None,
) -> Expr:
    """Write ``target`` out in stage names, factored along single paths.

    ``samples`` is the sum in which the terms of one sample stand.
    """
    factors: dict[Symbol, tuple[Expr, ...]] = {}
    for name in needed(sums, target):
        terms = [
            (*factors.get(other, ()), *_factors(partials[partial].result))
            for other, partial in sums.get(name, ())
        ]
        if samples is not None and not is_sampled(name) and name in sums:
            through = [is_sampled(other) for other, _ in sums[name]]
            each = [
                term for term, is_each in zip(terms, through, strict=True) if is_each
            ]
            once = [t for t, is_each in zip(terms, through, strict=True) if not is_each]
            factors[name] = _summed_factors(each, once, samples)
        elif len(terms) == 1:
            factors[name] = terms[0]
        elif name in sums:
            factors[name] = (Add(*(times(*term) for term in terms)),)
    return times(*factors.get(target, (Integer(1),)))


def _summed_factors(
    each: Sequence[tuple[Expr, ...]],
    once: Sequence[tuple[Expr, ...]],
    samples: SampleSum,
) -> tuple[Expr, ...]:
    """The terms of each sample summed, what is the same for all written before it."""
    if len(each) == 1:
        inside = [f for f in each[0] if _has_samples(f)]
        before = [f for f in each[0] if not _has_samples(f)]
        whole = samples.over(times(*inside)) if inside else samples.upper
        factors: tuple[Expr, ...] = (*before, whole)
    else:
        factors = (samples.over(Add(*(times(*t) for t in each))),) if each else ()
    rest = [times(*term) for term in once]
    if not factors:
        return (Add(*rest),)
    return (Add(times(*factors), *rest),) if rest else factors


def _has_samples(expr: Expr) -> bool:
    """Whether an expression is that of one sample, no sum over all of them."""
    todo: list[Any] = [expr]
    while todo:
        node = todo.pop()
        if is_sampled(node):
            return True
        todo.extend(() if isinstance(node, SampleSum) else node.args)
    return False


def needed(sums: Sums, target: Symbol) -> list[Symbol]:
    """The nodes that ``target`` is made of, each after those it uses, itself last."""
    found: dict[Symbol, None] = {}
    todo: list[tuple[Symbol, bool]] = [(target, False)]
    while todo:
        name, is_ready = todo.pop()
        if is_ready:
            found[name] = None
        elif name not in found and (name in sums or name == target):
            todo.append((name, True))
            todo.extend((other, False) for other, _ in sums.get(name, ()))
    return list(found)


def _factors(expr: Expr) -> tuple[Expr, ...]:
    return expr.args if isinstance(expr, Mul) else (expr,)
