"""Derivatives of what is only given by an equation, and of inverse functions.

The one rule kept here: y is a symbol beside x until the end; that it moves with x is
said by dy/dx alone. So every derivative is a formula in x and y, true on the curve.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import sympy as sp
from sympy import Expr, Symbol

from symgrad.chain_rule import jacobian
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    BoundError,
    check_order,
    short,
    unknown_name,
)
from symgrad.formulas import formula
from symgrad.gradient import Gradient
from symgrad.graph import Graph, Stage
from symgrad.lengths import measure
from symgrad.sides import bounded, read_sides, side_names
from symgrad.symbols import Total, name_of, symbol
from symgrad.tidying import tidy

MAX_DERIVATIVE_NODES = 4_000
MAX_ORDER = 12

Name: TypeAlias = str | Symbol
Key = tuple[Symbol, ...]
"""The variables of a derivative, in turn: (x, x) for the second by x."""


@dataclass(frozen=True, eq=False)
class Implicit:
    """The derivatives of ``of`` by ``wrt``, where ``left = right`` ties them together.

    A derivative is found by its variables, ``found["x"]`` or ``found["x", "x"]``;
    ``graph`` computes those of the highest order from a point of the curve, so that
    ``lambdify(found)`` is the numeric function. ``names`` are all variables of the
    equation, ``is_inverse`` tells that the right side is the function inverted.
    """

    left: Expr
    right: Expr
    names: tuple[Symbol, ...]
    of: Symbol
    wrt: tuple[Symbol, ...]
    order: int = 1
    is_inverse: bool = False

    @property
    def others(self) -> tuple[Symbol, ...]:
        """The variables on which ``of`` depends."""
        return tuple(name for name in self.names if name != self.of)

    @cached_property
    def sides(self) -> Gradient:
        """Both sides of the equation as stages, by ``of`` and by the variables."""
        left, right = (symbol(name) for name in side_names(self.names))
        stages = (Stage(left, self.left), Stage(right, self.right))
        graph = Graph(stages, (left, right), self.names)
        return jacobian(graph, [self.of, *self.wrt])

    def side(self, place: int, by: Symbol) -> Expr:
        """The derivative of one side by a variable, all others held."""
        gradient = self.sides
        return gradient.closed_form((gradient.row_names[place], by))

    def terms(self, by: Symbol) -> tuple[Expr, Expr]:
        """What dy/dx is multiplied by, and what it then equals."""
        if self.is_inverse:
            return tidy(self.side(1, self.of)), sp.Integer(1)
        factor = tidy(self.side(0, self.of) - self.side(1, self.of))
        return factor, tidy(self.side(1, by) - self.side(0, by))

    @cached_property
    def derivatives(self) -> Mapping[Key, Expr]:
        """Every derivative up to the order, in the variables of the equation."""
        found: dict[Key, Expr] = {}
        for by in self.wrt:
            factor, rest = self.terms(by)
            if factor == 0:
                raise ArgumentValueError(
                    f"the equation does not determine {self.of.name!r}: its derivative "
                    f"by {self.of.name!r} is 0 everywhere; choose another variable"
                )
            found[(by,)] = tidy(rest / factor)
        for order in range(2, self.order + 1):
            for key in itertools.combinations_with_replacement(self.wrt, order):
                found[key] = self._again(found, key)
        return found

    def _again(self, found: Mapping[Key, Expr], key: Key) -> Expr:
        steps = self.step_gradient(found, key)
        before = self.total(key[:-1])
        by_name, by_of = (steps.closed_form((before, v)) for v in (key[-1], self.of))
        made = tidy(by_name + by_of * found[key[-1:]])
        if measure(made)[0] > MAX_DERIVATIVE_NODES:
            raise BoundError(
                f"{short(self.total(key))} would have over {MAX_DERIVATIVE_NODES:,} "
                "nodes (the bound MAX_DERIVATIVE_NODES); ask for a lower order"
            )
        return made

    def step_gradient(self, found: Mapping[Key, Expr], key: Key) -> Gradient:
        """The derivative before ``key`` as a stage, by its last variable and ``of``."""
        before = self.total(key[:-1])
        graph = Graph((Stage(before, found[key[:-1]]),), (before,), self.names)
        return jacobian(graph, [*dict.fromkeys((key[-1], self.of))])

    def total(self, key: Key) -> Symbol:
        """The symbol of a derivative: d²y/dx² for (x, x)."""
        made = self.of
        for by in key:
            made = Total(made, by)
        return made

    @cached_property
    def graph(self) -> Graph:
        """The derivatives as a program: from a point of the curve to their values."""
        keys = [key for key in self.derivatives if len(key) == self.order]
        stages = tuple(Stage(self.total(key), self.derivatives[key]) for key in keys)
        # the value of an inverted function is not needed
        unused = self.wrt if self.is_inverse else ()
        names = tuple(name for name in self.names if name not in unused)
        return Graph(stages, tuple(stage.symbol for stage in stages), names)

    @property
    def expr(self) -> Expr:
        """The derivative, where there is one of the highest order."""
        keys = [key for key in self.derivatives if len(key) == self.order]
        if len(keys) > 1:
            named = ", ".join(str(tuple(v.name for v in key)) for key in keys)
            raise ArgumentValueError(
                f"several derivatives ({named}); pick one by [...]"
            )
        return self.derivatives[keys[0]]

    def __getitem__(self, key: Name | Sequence[Name]) -> Expr:
        names = key if isinstance(key, list | tuple) else (key,)
        known = {name.name: name for name in self.wrt}
        for name in names:
            if name_of(name) not in known:
                raise unknown_name("variable", name_of(name), known)
        wanted = sorted((known[name_of(n)] for n in names), key=self.wrt.index)
        if tuple(wanted) not in self.derivatives:
            raise ArgumentValueError(
                f"a derivative of order {len(wanted)} is not here; ask for it with "
                f"order={len(wanted)}"
            )
        return self.derivatives[tuple(wanted)]

    def __repr__(self) -> str:
        shown = ", ".join(f"{self.total(k)}" for k in self.derivatives)
        return f"<Implicit {shown} from {self.left} = {self.right}>"


def implicit(
    equation: Any,
    of: Name,
    wrt: Name | Sequence[Name] | None = None,
    order: int = 1,
) -> Implicit:
    """Differentiate what an equation defines: dy/dx from an equation in x and y.

    >>> found = implicit("x^2 + y^2 = 25", "y", "x", order=2)
    >>> found["x"], found["x", "x"]
    (-x/y, -(x**2 + y**2)/y**3)

    ``equation`` is a text with one ``=`` (definitions may follow after ``;``), a pair
    of sides, a SymPy ``Eq``, or one formula, which is then 0. ``of`` is the variable
    that the equation defines, ``wrt`` one or several of the others (by default the
    only one, else all). ``order`` gives all derivatives up to that order. The results
    hold on the curve where the equation's derivative by ``of`` is not 0.

    Raises ``FormulaError`` for what cannot be read, ``UnknownNameError`` for a variable
    that the equation has not, ``ArgumentValueError`` where it does not define ``of``,
    ``BoundError`` where the answer would be huge.
    """
    graph = read_sides(equation)
    left, right = (graph.closed_form(output) for output in graph.outputs)
    used = left.free_symbols | right.free_symbols
    names = tuple(name for name in graph.inputs if name in used)
    chosen = _find(of, names)
    others = [name for name in names if name != chosen]
    if wrt is None:
        wrt = others
    by = [wrt] if isinstance(wrt, str | Symbol) else wrt
    if not isinstance(by, list | tuple):
        raise ArgumentTypeError(
            f"wrt is {short(wrt)}; expected a name, a Symbol or a list of them"
        )
    variables = tuple(dict.fromkeys(_find(name, names) for name in by))
    if chosen in variables or not variables:
        raise ArgumentValueError(
            f"{chosen.name!r} is differentiated by itself or by nothing; name other "
            "variables of the equation with wrt"
        )
    found = Implicit(left, right, names, chosen, variables, _order(order))
    return _computed(found)


def inverse(source: Any, wrt: Name | None = None, order: int = 1) -> Implicit:
    """Differentiate the inverse of a function: dy/dx = 1/(dx/dy).

    >>> inverse("x = y + exp(y)").expr
    1/(exp(y) + 1)
    >>> inverse("tan(x)").derivatives
    {(y,): 1/(tan(x)**2 + 1)}

    ``source`` is a formula of one output, such as ``"x = y + exp(y)"``, or as in
    ``formula``; ``wrt`` is the variable that is inverted for (by default the only one).
    The result is in that variable, and holds where its derivative is not 0.

    Raises as ``implicit``.
    """
    graph = formula(source)
    output = graph.output
    right = bounded(graph, output)
    if wrt is None and len(graph.inputs) + len(graph.parameters) != 1:
        listed = ", ".join(v.name for v in graph.inputs[:6])
        if not listed:
            raise ArgumentValueError(
                f"{output.name} = {short(right)} has no variable, so no inverse; "
                "expected something like 'x = y + exp(y)'"
            )
        raise ArgumentValueError(
            f"wrt is not given, and the variables are {listed}; name the one that is "
            "inverted for"
        )
    leaves = (*graph.inputs, *graph.parameters)
    of = leaves[0] if wrt is None else _find(wrt, leaves)
    if of not in right.free_symbols:
        raise ArgumentValueError(f"{output.name!r} does not depend on {of.name!r}")
    names = (output, *leaves)
    found = Implicit(output, right, names, of, (output,), _order(order), True)
    return _computed(found)


def _computed(found: Implicit) -> Implicit:
    _ = found.derivatives  # errors and bounds are told at once
    return found


def _order(order: int) -> int:
    check_order(order)
    if order > MAX_ORDER:
        raise BoundError(f"order {order:,} is over the bound MAX_ORDER of {MAX_ORDER}")
    return order


def _find(name: Any, names: Sequence[Symbol]) -> Symbol:
    known = {each.name: each for each in names}
    if name_of(name) not in known:
        raise unknown_name("variable", name_of(name), known)
    return known[name_of(name)]
