"""A SymPy expression as stages: checked, cut, its shared parts said once.

The one rule kept here: nothing is guessed. A node that symgrad does not know is an
error that names it. No recursion: nodes are numbered first, children before parents.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import sympy as sp
from sympy import Add, Basic, Expr, Mul, Pow, Symbol
from sympy.functions.elementary.piecewise import ExprCondPair

from symgrad import cutting
from symgrad.cutting import Cutting, Fail
from symgrad.errors import BoundError, FormulaError, SymgradError, short
from symgrad.functions import FUNCTIONS, function_name
from symgrad.graph import Stage, measure
from symgrad.indexed import Binder, Element, Index
from symgrad.integrals import INFINITE, DefiniteIntegral
from symgrad.symbols import Abstract, symbol
from symgrad.sympy_sums import with_reductions
from symgrad.undefined_functions import with_abstract
from symgrad.user_functions import UserCall

MAX_SHARED_NODES = 200_000
MAX_PIECEWISE_LEVELS = 100
_SHOWN_NODES = 60

_CONSTANTS = (sp.pi, sp.E, sp.EulerGamma, sp.GoldenRatio, sp.Catalan)
_RELATIONS = (
    sp.StrictLessThan,
    sp.StrictGreaterThan,
    sp.LessThan,
    sp.GreaterThan,
    sp.Equality,
    sp.Unequality,
)
_UNDONE = (sp.Derivative, sp.Limit)
_WHOLE = (sp.Piecewise, Binder)  # never cut
_KEPT = (*_WHOLE, Element, ExprCondPair)
_CONDITIONS = (*_RELATIONS, sp.And, sp.Or, sp.Not)


@dataclass
class _Node:
    """A distinct sub-expression: its parts by number, and what became of it."""

    expr: Basic
    parts: tuple[int, ...]
    uses: int = 0
    is_argument: bool = False
    made: Any = None
    levels: int = 0
    constant: float | None = None


def import_expr(
    expr: Expr, output_name: Callable[[Sequence[str]], str]
) -> tuple[tuple[Symbol, ...], tuple[Stage, ...]]:
    """Give the inputs of an expression, in natural order, and its stages.

    ``output_name`` chooses the last stage's name when it is told the names in use.
    Raises ``FormulaError`` for what is not understood, ``BoundError`` for too much.
    """
    nodes = _numbered(with_reductions(with_abstract(expr)))
    inputs = _inputs(nodes)
    names = [each.name for each in inputs]
    names += [n.expr.letter for n in nodes if isinstance(n.expr, Abstract)]
    output = symbol(output_name(names))
    cut = Cutting({*names, output.name})
    _mark(nodes)
    for node in nodes:
        _make(node, nodes, cut, is_root=node is nodes[-1])
    cut.define(output, nodes[-1].made)
    return inputs, tuple(cut.stages)


def _failing(expr: Basic) -> Fail:
    def fail(message: str, kind: type[SymgradError] = FormulaError) -> NoReturn:
        raise kind(f"{_shown(expr)} {message}")

    return fail


def _shown(expr: Basic) -> str:
    """Quote an expression in a message; a large one, by its kind alone."""
    nodes, levels = 0, [expr]
    while levels and nodes <= _SHOWN_NODES:
        nodes += 1
        levels.extend(levels.pop().args)
    return short(expr) if nodes <= _SHOWN_NODES else f"a large {type(expr).__name__}"


def _numbered(expr: Expr) -> list[_Node]:
    """The distinct nodes, children first; equal ones are one node.

    Nodes are compared by their parts' numbers, so equality never looks deep.
    """
    nodes: list[_Node] = []
    by_key: dict[Any, int] = {}
    by_id: dict[int, int] = {}
    todo: list[tuple[Basic, bool]] = [(expr, False)]
    while todo:
        node, is_ready = todo.pop()
        if id(node) in by_id:
            continue
        if is_ready or _is_leaf(node):
            parts = () if _is_leaf(node) else tuple(by_id[id(a)] for a in _args(node))
            key = (type(node), parts) if parts else (type(node), node)
            if isinstance(node, Abstract):
                key = (*key, node.letter, node.orders)
            number = by_key.setdefault(key, len(nodes))
            if number == len(nodes):
                nodes.append(_Node(node, parts))
            by_id[id(node)] = number
        else:
            _check_known(node)
            todo.append((node, True))
            todo.extend((arg, False) for arg in reversed(_args(node)))
        if len(nodes) > MAX_SHARED_NODES:
            raise BoundError(
                f"the expression has over {MAX_SHARED_NODES:,} distinct parts (the "
                "bound MAX_SHARED_NODES); build a Graph of stages"
            )
    return nodes


def _is_leaf(node: Basic) -> bool:
    return not node.args or isinstance(node, _WHOLE)


def _args(node: Basic) -> tuple[Any, ...]:
    return node.arguments if isinstance(node, Abstract) else node.args


def _check_known(node: Basic) -> None:
    """Refuse a node with arguments that no part of symgrad understands."""
    name = function_name(node) if isinstance(node, Expr) else None
    if name is not None:
        _check_arguments(node, name)
    elif not isinstance(node, Add | Mul | Pow | Abstract | UserCall):
        fail = _failing(node)
        kind = type(node).__name__
        if isinstance(node, _UNDONE):
            fail(f"is of type {kind}; call .doit() first", FormulaError)
        fail(
            f"is of type {kind}, which is not understood; expected names, numbers, "
            "+ - * / powers, Piecewise and the functions of symgrad.functions",
            FormulaError,
        )


def _check_arguments(node: Basic, name: str) -> None:
    arity = FUNCTIONS[name].arity
    if arity not in (-1, len(node.args)):
        _failing(node)(
            f"gives {name} {len(node.args)} arguments; expected {arity}", FormulaError
        )
    if name == "Heaviside" and not node.args[1].is_Number:
        _failing(node)("needs a number as its value at 0", FormulaError)


def _check_leaf(leaf: Basic) -> float | None:
    """Refuse what is no real name or number; give a number's float."""
    fail = _failing(leaf)
    if isinstance(leaf, Symbol):
        if leaf.is_real is False or not leaf.is_commutative:
            fail("is not real; expected real symbols", FormulaError)
        return None
    if leaf in _CONSTANTS:
        return float(leaf)
    if leaf is sp.I:
        fail("is complex; symgrad works with real numbers", FormulaError)
    if not isinstance(leaf, sp.Number) or not leaf.is_finite:
        fail("is no real number; expected finite, real numbers", FormulaError)
    return cutting.check_number(leaf, fail)


def _piecewise_symbols(piecewise: Expr) -> list[Symbol]:
    """Check what stands in a Piecewise, which is never cut; give its symbols."""
    _, levels = measure(piecewise)
    if levels > MAX_PIECEWISE_LEVELS:
        raise BoundError(
            f"a Piecewise nested {levels} levels deep (the bound MAX_PIECEWISE_LEVELS "
            f"is {MAX_PIECEWISE_LEVELS}); name its parts as stages"
        )
    found: dict[Symbol, None] = {}
    todo: list[Basic] = [piecewise]
    while todo:
        node = todo.pop()
        if isinstance(node, Symbol):
            found[node] = None
        if isinstance(node, sp.logic.boolalg.BooleanAtom | Index):
            continue
        if isinstance(node, DefiniteIntegral):
            sides = (side for side in (node.upper, node.lower) if side not in INFINITE)
            todo.extend((*sides, node.body))
            continue
        if not node.args:
            _check_leaf(node)
        elif not isinstance(node, (*_CONDITIONS, *_KEPT)):
            _check_known(node)
        todo.extend(reversed(_args(node)))
    return list(found)


def _inputs(nodes: list[_Node]) -> tuple[Symbol, ...]:
    found: dict[str, Symbol] = {}
    for node in nodes:
        symbols: Sequence[Any] = [node.expr] if isinstance(node.expr, Symbol) else []
        if isinstance(node.expr, _WHOLE):
            symbols = _piecewise_symbols(node.expr)
        for each in symbols:
            if found.setdefault(each.name, each) != each:
                raise FormulaError(
                    f"two different symbols are called {short(each.name)}; rename one"
                )
    return tuple(found[name] for name in sorted(found, key=_natural))


def _natural(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts x_2 before x_10."""
    parts = re.split(r"([0-9]+)", name)
    return [(1, int(p), p) if p[:1].isdigit() else (0, 0, p) for p in parts]


def _mark(nodes: list[_Node]) -> None:
    """Count the uses of each node; mark arguments, bases and exponents."""
    for node in nodes:
        power = isinstance(node.expr, Pow)
        plain = isinstance(node.expr, Add | Mul) or (power and node.expr.args[1] == -1)
        for part in node.parts:
            nodes[part].uses += 1
            nodes[part].is_argument |= not plain


def _make(node: _Node, nodes: list[_Node], cut: Cutting, is_root: bool) -> None:
    """Build a node from what its parts became, and name it where that is due."""
    fail = _failing(node.expr)
    parts = [nodes[part] for part in node.parts]
    if not parts:
        node.made = node.expr
        if isinstance(node.expr, _WHOLE):
            node.levels = 1
        else:
            node.constant = _check_leaf(node.expr)
    else:
        node.levels = 1 + max(part.levels for part in parts)
        constants = [part.constant for part in parts]
        known = [value for value in constants if value is not None]
        if isinstance(node.expr, Pow):
            _check_power(constants, fail)
        if len(known) == len(parts) and _has_value(node.expr):
            node.constant = _constant(node.expr, known, cut, fail)
        node.made = _rebuilt(node.expr, [part.made for part in parts])
    if not is_root and _is_due(node):
        node.made, node.levels = cut.name(node.made), 0


def _has_value(expr: Basic) -> bool:
    """Whether a function of constants is a constant that can be computed."""
    if isinstance(expr, UserCall):
        return expr.definition.formula is not None
    return not isinstance(expr, Abstract)


def _is_due(node: _Node) -> bool:
    """Whether a node becomes a stage: an argument, a shared part, or a deep one."""
    if not node.levels:
        return False
    if node.levels >= cutting.MAX_LEVELS:
        return True
    if node.constant is not None:
        return False
    is_large = isinstance(node.expr, Add | sp.Piecewise) or node.levels > 2
    return node.is_argument or (node.uses > 1 and is_large)


def _check_power(constants: list[float | None], fail: Fail) -> None:
    base, exponent = constants
    if exponent is not None and base is None:
        cutting.check_exponent(exponent, fail)
    if base is not None and exponent is None:
        cutting.check_base(base, fail)


def _constant(expr: Basic, values: list[float], cut: Cutting, fail: Fail) -> float:
    """The float of a constant node, from those of its parts."""
    if isinstance(expr, Add):
        return math.fsum(values)
    if isinstance(expr, Mul):
        value = math.prod(values)
        if not abs(value) < cutting.LARGEST:
            fail("is too large for a float; rescale", BoundError)
        return value
    if isinstance(expr, Pow):
        return cutting.constant_power(values[0], values[1], fail)
    if isinstance(expr, UserCall):
        return cutting.constant_of(expr, fail)
    name = str(function_name(expr))
    return cutting.constant_call(cut, name, expr.args, values, fail)


def _rebuilt(expr: Basic, args: list[Expr]) -> Expr:
    """The node with other arguments, unevaluated."""
    if isinstance(expr, Pow) and args[0] is sp.E:
        return sp.exp(args[1], evaluate=False)
    if isinstance(expr, Abstract):
        return Abstract(expr.letter, expr.orders, *args)
    if all(a is b for a, b in zip(args, expr.args, strict=True)):
        return expr
    if isinstance(expr, Add):
        return cutting.make_sum(sp.Integer(0), args)
    if isinstance(expr, Mul):
        number = args[0] if args[0].is_Number else sp.Integer(1)
        rest = args[1:] if args[0].is_Number else args
        return cutting.make_product(number, rest)
    return expr.func(*args, evaluate=False)
