"""The total differential and the derivative in a direction: sums over a gradient.

The one rule kept here: both are the same sum of ∂z/∂x times an increment, which is a
name of its own (dx) or what the user gave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import sympy as sp
from sympy import Add, Expr, Symbol

from symgrad.chain_rule import differentiate
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    check_switch,
    short,
    unknown_name,
)
from symgrad.formulas import formula
from symgrad.gradient import Gradient
from symgrad.graph import Graph, Stage
from symgrad.rules.parts import sum_of, times
from symgrad.symbols import Chain, Total, fresh, name_of, symbol

Name: TypeAlias = str | Symbol


@dataclass(frozen=True, eq=False)
class Differential:
    """A sum over a gradient: each derivative times the increment of its variable.

    ``symbol`` names the sum (``dz``, or ``D_v`` along a direction), ``increments`` are
    in the order of ``gradient.wrt``, ``extra`` are the names that came with them.
    """

    gradient: Gradient
    symbol: Symbol
    increments: tuple[Expr, ...]
    extra: tuple[Symbol, ...] = ()
    is_direction: bool = False

    def __post_init__(self) -> None:
        if len(self.increments) != len(self.gradient.wrt):
            raise ArgumentValueError(
                f"{len(self.increments)} increments for {len(self.gradient.wrt)} "
                "variables; give one for each"
            )

    @property
    def chain(self) -> Expr:
        """∂z/∂x·dx + ∂z/∂y·dy, not yet worked out."""
        output = self.gradient.outputs[0]
        return sum_of(
            *(
                Chain(Total(output, by), step) if step != 1 else Total(output, by)
                for by, step in self._terms
            )
        )

    @property
    def told(self) -> Expr:
        """The same with the derivatives worked out, the increments still apart."""
        terms = [(self.gradient[by], step) for by, step in self._terms]
        return sum_of(*(Chain(d, step) for d, step in terms if d != 0))

    @property
    def inserted(self) -> Expr:
        """The same with the derivatives in the names of the stages."""
        return sum_of(*(times(self.gradient[by], step) for by, step in self._terms))

    @property
    def _terms(self) -> list[tuple[Symbol, Expr]]:
        pairs = zip(self.gradient.wrt, self.increments, strict=True)
        return [(by, step) for by, step in pairs if step != 0]

    @property
    def expr(self) -> Expr:
        """The sum in inputs, parameters and increments alone."""
        return self.gradient.graph.expand(self.inserted)

    @cached_property
    def graph(self) -> Graph:
        """The sum as a program, the increments its last inputs."""
        before = self.gradient.derivative_graph
        total = [
            times(Total(self.gradient.outputs[0], by), step) for by, step in self._terms
        ]
        stages = (*before.stages, Stage(self.symbol, Add(*total)))
        inputs = (*before.inputs, *self.extra)
        return Graph(stages, (self.symbol,), inputs, before.parameters)

    def __repr__(self) -> str:
        return f"<Differential {self.symbol} of {self.gradient.outputs[0]}>"


def total_differential(
    source: Any, wrt: Name | Sequence[Name] | None = None
) -> Differential:
    """Give the total differential: dz = ∂z/∂x dx + ∂z/∂y dy.

    >>> found = total_differential("z = x^2*y")
    >>> found.symbol, found.expr
    (dz, 2*dx*x*y + dy*x**2)

    ``wrt`` as in ``differentiate``; the increments are named ``dx``, ``dy``, …, or
    ``dx_1`` where that name is taken.
    """
    gradient = differentiate(formula(source), wrt)
    taken = set(gradient.graph.names)
    names = []
    for by in gradient.wrt:
        names.append(fresh(f"d{by.name}", taken))
        taken.add(names[-1])
    shown = gradient.graph.shown(gradient.outputs[0])
    made = symbol(fresh(f"d{shown.name}", taken))
    steps = tuple(symbol(name) for name in names)
    return Differential(gradient, made, steps, steps)


def directional(
    source: Any,
    direction: Mapping[Name, Any] | Sequence[Any],
    wrt: Name | Sequence[Name] | None = None,
    unit: bool = False,
) -> Differential:
    """Differentiate along a direction: D = ∂z/∂x v_x + ∂z/∂y v_y.

    >>> directional("z = x^2*y", {"x": 3, "y": 4}, unit=True).expr
    4*x**2/5 + 6*x*y/5

    ``direction`` maps variables to numbers, or to names or formulas of new variables
    (the others are 0); or it is a list of them in the order of ``wrt`` (by default as
    in ``differentiate``). With ``unit`` numbers are divided by the length first.

    Raises ``UnknownNameError`` for a direction along what is no variable,
    ``ArgumentValueError`` where there are too many or too few parts, or the length is
    0, ``ArgumentTypeError`` for a part that is neither number nor formula.
    """
    graph = formula(source)
    if isinstance(direction, Mapping) and wrt is None:
        wrt = list(direction)
    gradient = differentiate(graph, wrt)
    parts = _parts(direction, gradient)
    check_switch("unit", unit)
    if unit:
        length = sp.sqrt(sp.Add(*(part**2 for part in parts)))
        if length == 0:
            raise ArgumentValueError("direction is 0 in every part; it has no length")
        parts = [part / length for part in parts]
    taken = set(graph.names)
    extra: dict[Symbol, None] = {}
    for part in parts:
        extra.update(dict.fromkeys(sorted(part.free_symbols, key=_by_name)))
    new = tuple(name for name in extra if name.name not in taken)
    made = symbol(fresh("D_v", taken | {name.name for name in new}))
    known = {name: graph.names.get(name.name, name) for name in extra}
    steps = tuple(part.xreplace(known) for part in parts)
    return Differential(gradient, made, steps, new, True)


def _by_name(name: Symbol) -> str:
    return name.name


def _parts(direction: Any, gradient: Gradient) -> list[Expr]:
    if isinstance(direction, Mapping):
        known = {v.name: v for v in gradient.wrt}
        given: dict[Symbol, Expr] = {}
        for name, part in direction.items():
            if name_of(name) not in known:
                raise unknown_name("variable", name_of(name), known)
            given[known[name_of(name)]] = _part(part)
        return [given.get(v, sp.Integer(0)) for v in gradient.wrt]
    if isinstance(direction, str | set | frozenset) or not isinstance(
        direction, Sequence
    ):
        raise ArgumentTypeError(
            f"direction is {short(direction)}; expected a mapping of variables to "
            "numbers, or a list in the order of wrt"
        )
    if len(direction) != len(gradient.wrt):
        listed = ", ".join(v.name for v in gradient.wrt[:6])
        raise ArgumentValueError(
            f"direction has {len(direction)} parts for {len(gradient.wrt)} variables "
            f"({listed}); give one for each, or a mapping"
        )
    return [_part(part) for part in direction]


def _part(part: Any) -> Expr:
    if isinstance(part, str | Expr):
        return formula(part).closed_form() if isinstance(part, str) else part
    if isinstance(part, bool) or not isinstance(part, int | float):
        raise ArgumentTypeError(
            f"{short(part)} in direction is a {type(part).__name__}; expected a number "
            "or a formula"
        )
    if part != part or part in (float("inf"), float("-inf")):
        raise ArgumentValueError(f"{part} in direction is not a finite number")
    return sp.Integer(part) if isinstance(part, int) else sp.Float(part)
