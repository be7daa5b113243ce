"""A straight-line program in high precision, and how its values move.

The one rule kept here: derivatives are difference quotients of the plain forward
pass, never anything cleverer, so that the checks judge by other means than they test.
Over 300 lines, as quotients need programs, and the terms of a sum need quotients.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy import Basic, Symbol, Tuple

from symgrad.errors import RuleError, short
from symgrad.graph import Graph
from symgrad.indexed import (
    Chosen,
    Delta,
    Element,
    Index,
    IndexedSum,
    Reduction,
    free_leaves,
    whole_names,
)
from symgrad.integrals import DefiniteIntegral
from symgrad.numeric.double_exponential import NODES, Quadrature
from symgrad.numeric.high_precision import NAN, STEP, Number, context, mpf
from symgrad.numeric.loops import (
    ENDLESS_TERMS,
    UNSETTLED,
    Loop,
    OneDatum,
    datum,
    delta,
    is_known,
)
from symgrad.numeric.node_values import (
    ARITHMETIC,
    CALLS,
    COSTS,
    FUNCTION_COST,
    NEAR,
    RELATIONS,
    STEPS,
    constant,
)
from symgrad.numeric.stand_ins import stand_in
from symgrad.symbols import Abstract, LocalDerivative
from symgrad.user_functions import LETTERS, UserCall

_LEAVES = (Symbol, Index, LocalDerivative)
_BODY = sp.Dummy("body")
MAX_LOOP = 20_000
MAX_INTEGRAL = 300_000
_TERMS = 5  # about as many as a sum has at a random point

_BEND = 1e-6  # of the first difference: the error is then below 1e-12
UNSEEN = STEP**4  # about 1e-69: no quotient of fifty digits is as small
_SEEN = 1e-13  # of a slope: what rounding may add to it
_HUGE = 1e20  # a factor as large could bring what is lost to light again
_LEAST = 1e-14  # a slope as small may be lost
_WIDEST = 1e-4  # a step over whole waves of a sine tells nothing
_FLAT = 1e-8  # of the step: a horizontal tangent, and no kink


class TooLong(RuleError):
    """A value that would take too long to be checked."""


@dataclass(frozen=True)
class Program:
    """Expressions as a flat list of operations on numbered slots.

    ``slots`` gives the slot of every leaf and of every named expression; an operation
    is ``(slot, function, argument slots)``, in the order in which they are run.
    ``watches`` tell at which values something bends: ``(reason, function, slots)``;
    ``counts`` are the leaves that stand in the bound of a sum, whole numbers, and
    ``places`` those that tell one datum from the others.
    """

    slots: Mapping[Basic, int]
    leaves: tuple[Basic, ...]
    constants: tuple[tuple[int, Any], ...]
    operations: tuple[tuple[int, Callable[..., Any], tuple[int, ...]], ...]
    watches: tuple[tuple[str, Callable[..., bool], tuple[int, ...]], ...]
    cost: int
    widest: int
    counts: frozenset[Basic] = frozenset()
    places: frozenset[Basic] = frozenset()

    @property
    def size(self) -> int:
        """How many slots there are."""
        return len(self.leaves) + len(self.constants) + len(self.operations)

    def run(self, values: Mapping[Basic, Any]) -> list[Any]:
        """Evaluate everything; ``values`` has a number for each leaf."""
        found: list[Any] = [None] * self.size
        for leaf in self.leaves:
            found[self.slots[leaf]] = values[leaf]
        for slot, value in self.constants:
            found[slot] = value
        for slot, function, args in self.operations:
            found[slot] = function(*[found[arg] for arg in args])
        return found

    def reached(self, name: Basic) -> list[int]:
        """The places in ``operations`` whose results depend on ``name``."""
        marks = bytearray(self.size)
        marks[self.slots[name]] = 1
        places = []
        for place, (slot, _, args) in enumerate(self.operations):
            if not marks[slot] and any(marks[arg] for arg in args):
                marks[slot] = 1
                places.append(place)
        return places

    def moved(
        self, base: Sequence[Any], name: Basic, places: Sequence[int], by: Number
    ) -> dict[int, Any]:
        """The slots that change when ``name`` is held at its value plus ``by``."""
        start = self.slots[name]
        found = {start: base[start] + by}
        for place in places:
            slot, function, args = self.operations[place]
            found[slot] = function(
                *[found[arg] if arg in found else base[arg] for arg in args]
            )
        return found


def compile_program(
    leaves: Sequence[Basic],
    named: Sequence[tuple[Basic, Basic]],
    whole: frozenset[Basic] = frozenset(),
) -> Program:
    """Flatten named expressions, each of leaves and of names before it.

    ``whole`` are leaves that are whole numbers, beside those that the expressions show
    to be. Raises ``RuleError`` where an expression has a node that is not known here.
    """
    return _Builder(leaves, whole | whole_names(expr for _, expr in named)).add_all(
        named
    )


class _Builder:
    """The slots while they are being numbered."""

    def __init__(self, leaves: Sequence[Basic], whole: frozenset[Basic]) -> None:
        self.leaves = tuple(leaves)
        self.slots: dict[Basic, int] = {leaf: k for k, leaf in enumerate(leaves)}
        self.size = len(self.slots)
        # an index is a whole number: j < i is a choice, and no kink where they meet
        self.whole = whole
        self.varies = {
            k
            for k, leaf in enumerate(leaves)
            if type(leaf) is not Index and leaf not in whole
        }
        self.constants: list[tuple[int, Any]] = []
        self.operations: list[tuple[int, Callable[..., Any], tuple[int, ...]]] = []
        self.watches: list[tuple[str, Callable[..., bool], tuple[int, ...]]] = []
        self.cost = 0
        self.widest = 1
        self.counts: set[Basic] = set()
        self.places: set[Basic] = set()

    def add_all(self, named: Sequence[tuple[Basic, Basic]]) -> Program:
        for name, expr in named:
            root = self._expression(expr)
            # a slot of its own: a name can be moved without what it was copied from
            self.slots[name] = self._operation(operator.pos, (root,))
        return Program(
            self.slots,
            self.leaves,
            tuple(self.constants),
            tuple(self.operations),
            tuple(self.watches),
            self.cost,
            self.widest,
            frozenset(self.counts & set(self.leaves)),
            frozenset(self.places & set(self.leaves)),
        )

    def _expression(self, expr: Basic) -> int:
        done: dict[int, int] = {}  # by identity: hashing a deep expression recurses
        todo: list[tuple[Basic, bool]] = [(expr, False)]
        while todo:
            node, ready = todo.pop()
            if id(node) in done:
                continue
            if isinstance(node, _LEAVES) and node in self.slots:
                done[id(node)] = self.slots[node]
            elif isinstance(node, Reduction):
                done[id(node)] = self._reduction(node)
            elif isinstance(node, DefiniteIntegral):
                done[id(node)] = self._integral(node)
            elif isinstance(node, LocalDerivative):
                done[id(node)] = self._derivative(node)
            elif ready:
                slots = tuple(done[id(arg)] for arg in _parts(node))
                done[id(node)] = self._node(node, slots)
            elif node.args:
                todo.append((node, True))
                todo.extend((arg, False) for arg in reversed(_parts(node)))
            else:
                done[id(node)] = self._constant(node)
        return done[id(expr)]

    def _part(self, expr: Any, others: Sequence[Basic]) -> Program:
        """A program of its own; ``others`` are its first leaves."""
        rest = [leaf for leaf in free_leaves(expr) if leaf not in others]
        part = compile_program((*others, *rest), [(_BODY, expr)], self.whole)
        self.counts |= part.counts
        self.places |= part.places
        return part

    def _reduction(self, node: Reduction) -> int:
        bounds = [self._expression(bound) for bound in (node.lower, node.upper)]
        self.counts.update(free_leaves(Tuple(node.lower, node.upper)))
        part = self._part(node.body, (node.index,))
        args = (*bounds, *(self._expression(leaf) for leaf in part.leaves[1:]))
        loop = Loop(part, _BODY, isinstance(node, IndexedSum))
        if part.watches:
            self.watches.append(("near a kink within a sum", loop.is_near_kink, args))
        span = node.upper - node.lower + 1
        terms = max(0, int(span)) if span.is_Integer else _TERMS
        is_endless = node.upper is sp.oo
        if is_endless:
            terms = ENDLESS_TERMS // 4
            self.watches.append((UNSETTLED, loop.is_unsettled, args))
        is_long = is_endless or node.has(DefiniteIntegral)
        bound = MAX_INTEGRAL if is_long else MAX_LOOP
        if terms * (part.cost + 1) > bound:
            raise TooLong(
                f"{short(node, 40)} has too many terms to be checked (the bound "
                f"MAX_LOOP is {MAX_LOOP:,} operations)"
            )
        self.cost += terms * (part.cost + 1)
        return self._operation(loop, args)

    def _integral(self, node: DefiniteIntegral) -> int:
        bounds = [self._expression(bound) for bound in (node.lower, node.upper)]
        part = self._part(node.body, (node.index,))
        args = (*bounds, *(self._expression(leaf) for leaf in part.leaves[1:]))
        cost = NODES * (part.cost + 2)
        if cost > MAX_INTEGRAL:
            raise TooLong(
                f"an integral within another takes too long (the bound MAX_INTEGRAL is "
                f"{MAX_INTEGRAL:,} operations)"
            )
        self.cost += cost
        return self._operation(Quadrature(part, _BODY), args)

    def _derivative(self, node: LocalDerivative) -> int:
        part = self._part(node.expr, (node.by,))

        def slope(*args: Number) -> Number:
            base = part.run(dict(zip(part.leaves, args, strict=True)))
            return slopes(part, base, node.by, [_BODY])[_BODY]

        self.cost += 3 * part.cost
        return self._operation(slope, tuple(map(self._expression, part.leaves)))

    def _constant(self, node: Basic) -> int:
        self.constants.append((self.size, constant(node)))
        self.size += 1
        return self.size - 1

    def _node(self, node: Basic, args: tuple[int, ...]) -> int:
        kind = type(node)
        if isinstance(node, UserCall):
            return self._user(node, args)
        if isinstance(node, Abstract):
            self.cost += FUNCTION_COST * (1 + len(args))
            return self._operation(stand_in(node.letter, node.orders), args)
        if isinstance(node, Element):
            self.cost += 1
            self.places.update(free_leaves(Tuple(*node.indices)))
            return self._operation(datum(node.base.name), args)
        if isinstance(node, Chosen):
            self.cost += 1
            self.places.update(free_leaves(Tuple(*node.places, *node.indices)))
            return self._operation(OneDatum(node.base.name), args)
        if isinstance(node, Delta):
            self.places.update(free_leaves(node.args[1]))
            return self._operation(delta, args)
        if kind not in CALLS:
            raise RuleError(
                f"{short(node)} cannot be checked: {kind.__name__} has no row at high "
                "precision; rewrite it in the functions of symgrad.functions.FUNCTIONS"
            )
        flat = kind in RELATIONS and (
            node.args[0] == node.args[1]  # x <= x
            or (kind is sp.Ne and any(isinstance(arg, Index) for arg in node.args))
        )
        if kind in NEAR and any(arg in self.varies for arg in args) and not flat:
            self.watches.append((*NEAR[kind], args))
        self.cost += len(args) if kind in ARITHMETIC else COSTS.get(kind, FUNCTION_COST)
        if kind is sp.Add:
            self.widest = max(self.widest, len(args))
        counted = _counting(node) if kind is sp.Mul else ()
        call = _Counted(counted) if counted else CALLS[kind]
        return self._operation(call, args)

    def _user(self, node: UserCall, args: tuple[int, ...]) -> int:
        """The formula of a user's function, its letters standing for the arguments."""
        formula = node.definition.formula
        if formula is None:
            return self._operation(_no_value, args)
        hidden = {s: self.slots.pop(s) for s in LETTERS if s in self.slots}
        self.slots.update(zip(LETTERS, args, strict=False))
        found = self._expression(formula)
        for letter in LETTERS:
            self.slots.pop(letter, None)
        self.slots.update(hidden)
        return found

    def _operation(self, function: Callable[..., Any], args: tuple[int, ...]) -> int:
        if any(arg in self.varies for arg in args):
            self.varies.add(self.size)
        self.operations.append((self.size, function, args))
        self.size += 1
        return self.size - 1


@dataclass(frozen=True)
class _Counted:
    """A product that is 0 where one of some factors is: in j·w^(j − 1), j at j = 0."""

    places: tuple[int, ...]

    def __call__(self, *factors: Number) -> Number:
        if any(factors[place] == 0 for place in self.places):
            return context.zero
        return CALLS[sp.Mul](*factors)


def _counting(node: Basic) -> tuple[int, ...]:
    """The factors of an index alone, where a power is taken to an index."""
    if not any(isinstance(f, sp.Pow) and f.exp.atoms(Index) for f in node.args):
        return ()
    return tuple(
        place
        for place, factor in enumerate(node.args)
        if factor.atoms(Index) and not (factor.atoms(Symbol) or factor.is_Pow)
    )


def _no_value(*args: Number) -> Number:
    return NAN


def _parts(node: Basic) -> tuple[Basic, ...]:
    return node.arguments if isinstance(node, Abstract) else tuple(node.args)


def graph_program(graph: Graph) -> Program:
    """Compile the forward pass of a graph, stage by stage."""
    stages = [(stage.symbol, stage.expr) for stage in graph.stages]
    return compile_program((*graph.inputs, *graph.parameters), stages)


def fault(
    program: Program, values: Sequence[Any], names: Iterable[Basic]
) -> str | None:
    """Say why differences at these values would be worth nothing, or None."""
    for name in names:
        if not context.isfinite(values[program.slots[name]]):
            for reason, near, slots in program.watches:
                if reason == UNSETTLED and near(*(values[slot] for slot in slots)):
                    return reason
            return f"outside the domain of {short(name, 30)}"
        if abs(values[program.slots[name]]) > sys.float_info.max:
            return f"{short(name, 30)} is beyond all floats"
    for reason, near, slots in program.watches:
        args = [values[slot] for slot in slots]
        if all(is_known(arg) for arg in args) and near(*args):
            return reason
    return None


def slopes(
    program: Program,
    base: Sequence[Any],
    by: Basic,
    of: Iterable[Basic],
    scale: float = 1.0,
) -> dict[Basic, Number]:
    """Give d name/d by for each name in ``of``; nan where it has no slope there.

    Central differences with step 2**-57, ``by`` held independent: the error is near
    1e-33 in a function of moderate third derivative. Where the second difference is
    not small against the first, ``by`` is too close to a kink or a pole. A slope that
    is lost in rounding is ``UNSEEN``, not 0.
    """
    if by not in program.slots:
        return dict.fromkeys(of, mpf(0))
    places = program.reached(by)
    by_slot = program.slots[by]
    here = base[by_slot]
    step = scale * context.ldexp(STEP, max(0, context.mag(here) if here else 0))
    up = program.moved(base, by, places, step)
    down = program.moved(base, by, places, -step)
    found = dict.fromkeys(of, context.zero)
    moving = [name for name in found if program.slots[name] in up]
    for name in moving:
        found[name] = _slope(program.slots[name], base, up, down, step)
    flat = [name for name in moving if found[name] == 0]
    if flat and _is_lost(program, base, up, places):
        sizes = [base[by_slot], *(base[program.operations[k][0]] for k in places)]
        is_huge = any(isinstance(s, context.mpf) and abs(s) > _HUGE for s in sizes)
        found.update(dict.fromkeys(flat, NAN if is_huge else UNSEEN))
    for name in moving:
        noise = abs(base[program.slots[name]]) * context.eps / step
        if noise > _SEEN * max(abs(found[name]), _LEAST):
            found[name] = NAN  # 10^40 + q: rounding hides even a slope of 1
    return found


def _is_lost(
    program: Program, base: Sequence[Any], up: Mapping[int, Any], places: Sequence[int]
) -> bool:
    """Whether a change ended in rounding, not at a step or a factor that is 0."""
    for place in places:
        slot, function, args = program.operations[place]
        if up[slot] == base[slot] and base[slot] != 0 and not _may_stay(function):
            if any(arg in up and up[arg] != base[arg] for arg in args):
                return True
    return False


def _may_stay(function: Callable[..., Any]) -> bool:
    return isinstance(function, OneDatum) or function in STEPS


def _slope(
    slot: int,
    base: Sequence[Any],
    up: Mapping[int, Any],
    down: Mapping[int, Any],
    step: Number,
) -> Number:
    difference = up[slot] - down[slot]
    bend = abs(up[slot] - base[slot] + (down[slot] - base[slot]))
    is_flat = step < _WIDEST and bend <= _FLAT * step
    smooth = bend <= _BEND * abs(difference) or is_flat
    return difference / (2 * step) if smooth else NAN
