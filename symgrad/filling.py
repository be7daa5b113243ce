"""Abstract functions filled in: z = f(x, y) becomes z = x*y, and is still z.

The one rule kept here: an argument is found by its place. Names in a formula without
a list of arguments must be those that the graph itself gives to the function.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace as changed
from typing import Any

import sympy as sp
from sympy import Add, Expr, Integer, Mul, Pow, Symbol

from symgrad import cutting
from symgrad.abstract_functions import abstract_functions, formals
from symgrad.chain_rule import differentiate
from symgrad.errors import (
    ArgumentTypeError,
    FormulaError,
    GraphError,
    check_mapping,
    short,
    unknown_name,
)
from symgrad.formulas import formula
from symgrad.gradient import Gradient
from symgrad.graph import Graph, Stage
from symgrad.indexed import Index, free_leaves
from symgrad.substitution import replace
from symgrad.symbols import Abstract, numbered, symbol
from symgrad.tokens import is_name

_SIGNATURE = re.compile(r"\s*(\w+)\s*\(([^()=]*)\)\s*=(?!=)(.*)", re.DOTALL)


def fill(
    source: Any, functions: Mapping[str, Any] | None = None, **named: Any
) -> Graph | Gradient:
    """Put formulas in the place of abstract functions; stages keep their names.

    >>> from symgrad.symbols import symbol
    >>> x, y, z = symbol("x"), symbol("y"), symbol("z")
    >>> graph = Graph((Stage(z, Abstract("f", (0, 0), x, y)),), (z,), (x, y))
    >>> fill(graph, f="x*y").closed_form()
    x*y
    >>> fill(differentiate(graph, "x"), f="f(a, b) = a^2*b")["x"]
    2*x*y

    ``source`` is a Graph, a Gradient (whose graph is then filled in: the derivation
    carries on) or whatever ``formula`` takes. A function is a text or a SymPy
    expression in the names that the graph gives to its arguments, a text with
    arguments of its own, ``"f(a, b) = a*b"``, or a ``sympy.Lambda``. With arguments of
    its own it may use further names, which become inputs. Functions that are not
    named stay abstract.

    Raises ``UnknownNameError`` for a function that is not there, ``FormulaError`` for
    a name that is no argument or a wrong number of them, ``GraphError`` for a name
    that is a stage.
    """
    if functions is not None:
        check_mapping("functions", functions, "of functions to formulas, {'f': 'x*y'}")
    given = {**(functions or {}), **named}
    if isinstance(source, Gradient):
        return changed(source, graph=_filled(source.graph, given))
    return _filled(formula(source), given)


@dataclass(frozen=True)
class _Body:
    """What fills a function in: its arguments by name, and a graph of them."""

    letter: str
    arguments: tuple[str, ...]
    graph: Graph

    def derivative(self, orders: tuple[int, ...]) -> Expr:
        """Its partial derivative in closed form."""
        graph = self.graph
        inputs = {each.name: each for each in graph.inputs}  # its output may be a y too
        for name, order in zip(self.arguments, orders, strict=True):
            for _ in range(order):
                if name not in inputs:
                    return Integer(0)
                graph = differentiate(graph, inputs[name]).derivative_graph
        return graph.closed_form()


# --- reading the bodies -----------------------------------------------------------


def _bodies(graph: Graph, given: Mapping[str, Any]) -> dict[tuple[str, int], _Body]:
    arities: dict[str, dict[int, None]] = {}
    for part in abstract_functions(graph):
        arities.setdefault(part.letter, {})[len(part.arguments)] = None
    found = {}
    for letter, value in given.items():
        if letter not in arities:
            raise unknown_name("abstract function", letter, arities)
        names, body = _signature(letter, value)
        if names is None:
            names = _own_names(graph, letter, tuple(arities[letter]), body)
        if len(names) not in arities[letter]:
            wanted = " or ".join(map(str, arities[letter]))
            raise FormulaError(
                f"{letter} is given {len(names)} arguments; the graph has {wanted}"
            )
        found[letter, len(names)] = _Body(letter, names, body)
    return found


def _signature(letter: str, value: Any) -> tuple[tuple[str, ...] | None, Graph]:
    """The arguments that are listed, if any, and the formula."""
    if isinstance(value, sp.Lambda):
        names = tuple(each.name for each in value.signature)
        return names, formula(value.expr)
    if isinstance(value, str) and (match := _SIGNATURE.fullmatch(value)):
        name, listed, text = match.groups()
        names = tuple(each.strip() for each in listed.split(","))
        is_good = all(map(is_name, names)) and len(set(names)) == len(names)
        if name != letter or not is_good:
            raise FormulaError(
                f"{short(value)} does not define {letter}; expected its arguments by "
                f"distinct names, as in '{letter}(a, b) = a*b'"
            )
        return names, formula(text.strip())
    if isinstance(value, str | Expr):
        return None, formula(value)
    raise ArgumentTypeError(
        f"{letter} is {short(value)}; expected a text such as '{letter}(a, b) = a*b' "
        "or a SymPy expression"
    )


def _own_names(
    graph: Graph, letter: str, arities: tuple[int, ...], body: Graph
) -> tuple[str, ...]:
    """The names that the graph gives to the arguments, for a formula without a list."""
    example = f"write '{letter}(a, …) = …' to name its arguments"
    names = formals(graph).get((letter, arities[0])) if len(arities) == 1 else None
    if not names:
        if len(arities) == 1 and not body.inputs:
            return tuple(f"a_{k}" for k in range(arities[0]))
        raise FormulaError(
            f"the arguments of {letter} have no names in the graph; {example}"
        )
    known = tuple(name.name for name in names)
    for each in body.inputs:
        if each.name not in known:
            called = f"{letter}({', '.join(known)})"
            raise FormulaError(f"{each.name!r} is no argument of {called}; {example}")
    return known


# --- filling in -------------------------------------------------------------------


def _filled(graph: Graph, given: Mapping[str, Any]) -> Graph:
    bodies = _bodies(graph, given)
    inputs = list(graph.inputs)
    for body in bodies.values():
        for each in body.graph.inputs:
            if each.name in body.arguments:
                continue
            if each.name not in graph.names and each not in inputs:
                inputs.append(symbol(each.name))
            elif graph.names.get(each.name) in graph.stage_of:
                raise GraphError(
                    f"{body.letter} uses {each.name!r}, which is a stage; make it an "
                    f"argument of {body.letter}"
                )
    taken = {*graph.names, *(each.name for each in inputs)}
    filling = _Filling(bodies, taken, {**graph.names, **{s.name: s for s in inputs}})
    for stage in graph.stages:
        filling.add(stage)
    return changed(graph, stages=tuple(filling.stages), inputs=tuple(inputs))


class _Filling:
    """The stages made so far."""

    def __init__(
        self,
        bodies: Mapping[tuple[str, int], _Body],
        taken: set[str],
        names: Mapping[str, Symbol],
    ) -> None:
        self.bodies = bodies
        self.names = names
        self.stages: list[Stage] = []
        self._free = (name for name in numbered("u") if name not in taken)

    def add(self, stage: Stage) -> None:
        """Fill a stage in; what a formula needs stands before it."""
        self.stages.append(changed(stage, expr=self._expression(stage.expr)))

    def _named(self, expr: Expr) -> Expr:
        if any(isinstance(leaf, Index) for leaf in free_leaves(expr)):
            return expr  # within a sum or an integral, which is one piece
        name = symbol(next(self._free))
        self.stages.append(Stage(name, expr))
        return name

    def _expression(self, expr: Expr) -> Expr:
        done: list[Any] = []
        todo: list[tuple[Any, bool]] = [(expr, False)]
        while todo:
            node, is_ready = todo.pop()
            parts = node.arguments if isinstance(node, Abstract) else node.args
            if is_ready:
                made = done[len(done) - len(parts) :]
                del done[len(done) - len(parts) :]
                same = all(a is b for a, b in zip(made, parts, strict=True))
                done.append(self._node(node, made, same))
            elif parts:
                todo.append((node, True))
                todo.extend((part, False) for part in reversed(parts))
            else:
                done.append(node)
        found: Expr = done[0]
        return found

    def _node(self, node: Any, parts: list[Any], same: bool) -> Any:
        if isinstance(node, Abstract):
            body = self.bodies.get((node.letter, len(parts)))
            if body is not None:
                return self._call(body, node.orders, parts)
            return node if same else Abstract(node.letter, node.orders, *parts)
        if same:
            return node
        if isinstance(node, Add):
            return _joined(Add, parts)
        if isinstance(node, Mul):
            return _joined(Mul, parts)
        if isinstance(node, Pow):
            base, exponent = parts
            if base.is_number and exponent.is_number:
                return base**exponent
            is_inverse = exponent.is_Rational and exponent.is_negative
            if base.args and not (is_inverse and exponent == -1):
                base = self._named(base)
            return cutting.power(base, exponent)
        if node.is_Function and not node.is_Piecewise:
            named = [self._named(p) if p.args and not p.is_number else p for p in parts]
            return node.func(*named, evaluate=False)
        return node.func(*parts)

    def _call(self, body: _Body, orders: tuple[int, ...], parts: list[Any]) -> Expr:
        """The formula of a function, or of its derivative, at these arguments."""
        values = dict(zip(body.arguments, parts, strict=True))
        forms: dict[Symbol, Expr] = {
            each: values.get(each.name, self.names.get(each.name, each))
            for each in body.graph.inputs
        }
        if any(orders):
            return replace(body.derivative(orders), forms)
        result = body.graph.stage_of[body.graph.output]
        for stage in body.graph.stages:
            if stage is not result:
                forms[stage.symbol] = self._named(replace(stage.expr, forms))
        return replace(result.expr, forms)


def _joined(make: type[Add] | type[Mul], parts: list[Any]) -> Expr:
    """A sum or a product of the parts, flat, its numbers folded, not multiplied out."""
    flat = [p for part in parts for p in (part.args if type(part) is make else (part,))]
    numbers = [part for part in flat if part.is_Number]
    rest = [part for part in flat if not part.is_Number]
    number = make(*numbers)
    if make is Add:
        return cutting.make_sum(number, rest)
    return cutting.make_product(number, rest)
