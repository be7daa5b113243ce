"""A function of the user's own, made from texts or SymPy expressions, and checked.

The one rule kept here: a derivative that is not the derivative of the formula is an
error where it is written, never a wrong gradient later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp
from sympy import Expr, Symbol

from symgrad.chain_rule import differentiate
from symgrad.errors import ArgumentTypeError, ArgumentValueError, FormulaError, short
from symgrad.formulas import formula as read_formula
from symgrad.graph import Graph
from symgrad.numeric.differences import compile_program, slopes
from symgrad.numeric.high_precision import context
from symgrad.numeric.sampling import random_points
from symgrad.symbols import name_of
from symgrad.tokens import is_name
from symgrad.user_functions import LETTERS, UserFunction
from symgrad.vocabulary import is_reserved

_POINTS = 12
_TOLERANCE = 1e-10
_VALUE = sp.Dummy("value")
_ROWS = tuple(sp.Dummy(f"derivative_{letter}") for letter in LETTERS)


def function(
    name: str,
    formula: Any = None,
    *,
    derivative: Any = None,
    functions: Sequence[UserFunction] = (),
) -> UserFunction:
    """Add a function of your own, with its own derivative.

    >>> sat = function("sat", "u/(1+u^2)", derivative="(1-u^2)/(1+u^2)^2")
    >>> graph = read_formula("a*sat(x)", functions=[sat])
    >>> differentiate(graph, "x")["x"]
    a*(1 - x**2)/(x**2 + 1)**2
    >>> sat(Symbol("t"))
    sat(t)

    ``formula`` and ``derivative`` are texts (``"sat(u) = …"`` fixes the order of the
    arguments) or SymPy expressions; a function of several arguments, at most eight,
    takes a list of one derivative for each. Without ``derivative`` it is derived by
    symgrad's rules; without ``formula`` it can be derived and printed, not computed.
    ``functions`` are further functions of your own that the texts use.

    Nothing is registered: a text uses the function where it is given as
    ``formula(text, functions=[sat])``, a SymPy expression carries it.

    Raises ``FormulaError`` with the point where derivative and formula disagree,
    ``ArgumentValueError`` for a name that is taken or too many arguments.
    """
    name = name_of(name)
    if not is_name(name) or not name.isidentifier() or is_reserved(name):
        why = "has a meaning already" if is_reserved(name) else "is no name"
        raise ArgumentValueError(f"{short(name)} {why}; choose another name")
    rows = [] if derivative is None else _as_list(derivative)
    if formula is None and not rows:
        raise ArgumentValueError(
            f"{name} has neither a formula nor a derivative; give one of them"
        )
    graph = None if formula is None else _graph(formula, functions)
    row_graphs = [_graph(row, functions) for row in rows]
    arguments = _arguments(name, graph, row_graphs)
    if graph is not None and not rows:
        gradient = differentiate(graph, list(graph.inputs))
        found = [_in_letters(gradient.closed_form(x), arguments) for x in arguments]
        return UserFunction(name, _closed(graph, arguments), tuple(found))
    found = [_closed(each, arguments) for each in row_graphs]
    own = None if graph is None else _closed(graph, arguments)
    made = UserFunction(name, own, tuple(found))
    if own is not None:
        _check(made, arguments)
    return made


def _as_list(derivative: Any) -> list[Any]:
    if isinstance(derivative, str | Expr | int | float):
        return [derivative]
    if isinstance(derivative, list | tuple):
        return list(derivative)
    raise ArgumentTypeError(
        f"derivative is {short(derivative)}; expected a text, a SymPy expression, or a "
        "list of one for each argument"
    )


def _graph(source: Any, functions: Sequence[UserFunction]) -> Graph:
    if isinstance(source, str):
        return read_formula(source, functions=functions)
    return read_formula(sp.Number(source) if _is_number(source) else source)


def _is_number(source: Any) -> bool:
    return isinstance(source, int | float) and not isinstance(source, bool)


def _arguments(
    name: str, graph: Graph | None, rows: Sequence[Graph]
) -> tuple[Symbol, ...]:
    """The arguments: the formula's, or else those of the derivatives."""
    used = [each.inputs for each in ([graph] if graph is not None else rows)]
    found = tuple({x.name: x for inputs in used for x in inputs}.values())
    if not found and graph is None:
        found = LETTERS[:1]
    if not 1 <= len(found) <= len(LETTERS):
        raise ArgumentValueError(
            f"{name} has {len(found)} arguments; expected 1 to {len(LETTERS)}, as in "
            "function('f', 'f(u, v) = u*v^2')"
        )
    if rows and len(rows) != len(found):
        listed = ", ".join(x.name for x in found)
        raise ArgumentValueError(
            f"{name} is given {len(rows)} derivatives; expected one for each of its "
            f"arguments ({listed})"
        )
    for row in rows:
        for x in row.inputs:
            if x.name not in [known.name for known in found]:
                raise FormulaError(
                    f"the derivative of {name} uses {short(x.name)}, which is no "
                    "argument of its formula"
                )
    return found


def _closed(graph: Graph, arguments: Sequence[Symbol]) -> Expr:
    return _in_letters(graph.closed_form(), arguments)


def _in_letters(expr: Expr, arguments: Sequence[Symbol]) -> Expr:
    """The expression in u, v, …, in the form that SymPy gives it."""
    letters = {x.name: u for x, u in zip(arguments, LETTERS, strict=False)}
    done: dict[Any, Any] = {}

    def made(node: Any) -> Any:
        if node not in done:
            if isinstance(node, Symbol):
                done[node] = letters[node.name]
            elif not node.args:
                done[node] = node
            else:
                done[node] = node.func(*map(made, node.args))
        return done[node]

    found: Expr = made(expr)
    return found


def _check(made: UserFunction, arguments: Sequence[Symbol]) -> None:
    """Compare each derivative with difference quotients of the formula."""
    letters = LETTERS[: made.arity]
    for x, letter, row in zip(arguments, letters, made.derivatives, strict=True):
        named = [(_VALUE, made.formula), (_ROWS[0], row)]
        program = compile_program(letters, named)
        names = [name for name, _ in named]
        sample = random_points(program, names, _POINTS, seed=0)
        if not sample.points:
            raise FormulaError(
                f"no point was found at which {made.name} and its derivative by "
                f"{x.name} both have a value; check the two formulas"
            )
        for base in sample.values:
            given = base[program.slots[_ROWS[0]]]
            true = slopes(program, base, letter, [_VALUE])[_VALUE]
            scale = max(abs(true), abs(given), 1e-3)
            if context.isfinite(true) and not abs(given - true) <= _TOLERANCE * scale:
                at = ", ".join(
                    f"{name.name} = {float(base[program.slots[u]]):.4g}"
                    for name, u in zip(arguments, letters, strict=True)
                )
                raise FormulaError(
                    f"the derivative of {made.name} by {x.name} disagrees with its "
                    f"formula at {at}: {float(given):.8g} is given, {float(true):.8g} "
                    "was found by differences; correct one of them"
                )
