"""A SymPy expression as stages: checked, cut, its shared parts said once.

The one rule kept here: nothing is guessed. A node that symgrad does not know is an
error that names it. No recursion: nodes are numbered first, children before parents.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy import Add, Basic, Expr, Mul, Pow, Symbol

from symgrad import cutting
from symgrad.cutting import Cutting, Fail
from symgrad.errors import BoundError, FormulaError, short
from symgrad.functions import function_name
from symgrad.graph import Stage
from symgrad.indexed import Element, Index, is_whole
from symgrad.substitution import is_same
from symgrad.symbols import Abstract, symbol
from symgrad.sympy_checks import (
    WHOLE,
    check_known,
    check_leaf,
    failing,
    parts_of,
    piecewise_symbols,
)
from symgrad.sympy_reading import Derived, with_known_forms
from symgrad.sympy_sums import with_reductions
from symgrad.undefined_functions import with_abstract
from symgrad.user_functions import UserCall

MAX_SHARED_NODES = 200_000
MAX_PRIMES = 3


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


def import_exprs(
    exprs: Sequence[Expr], output_names: Callable[[Sequence[str]], Sequence[str]]
) -> tuple[tuple[Symbol, ...], tuple[Stage, ...], tuple[Symbol, ...]]:
    """Give the inputs of expressions, in natural order, the stages and the outputs.

    ``output_names`` chooses the outputs' names when it is told the names in use.
    Raises ``FormulaError`` for what is not understood, ``BoundError`` for too much.
    """
    nodes, roots = _numbered(
        [with_known_forms(with_reductions(with_abstract(expr))) for expr in exprs]
    )
    inputs = _inputs(nodes)
    names = [each.name for each in inputs]
    names += [n.expr.letter for n in nodes if isinstance(n.expr, Abstract)]
    names += sorted({index.name for n in nodes for index in _indices(n.expr)})
    outputs = tuple(symbol(name) for name in output_names(names))
    cut = Cutting({*names, *(output.name for output in outputs)})
    _mark(nodes)
    for number, node in enumerate(nodes):
        _make(node, nodes, cut, is_root=number in roots)
    for output, root in zip(outputs, roots, strict=True):
        cut.define(output, nodes[root].made)
    return inputs, tuple(cut.stages), outputs


def _numbered(exprs: Sequence[Expr]) -> tuple[list[_Node], list[int]]:
    """The distinct nodes, children first, and the numbers of the expressions.

    Equal nodes are one node. They are compared by their parts' numbers, so equality
    never looks deep.
    """
    nodes: list[_Node] = []
    by_key: dict[Any, int] = {}
    by_id: dict[int, int] = {}
    todo: list[tuple[Basic, bool]] = [(expr, False) for expr in reversed(exprs)]
    while todo:
        node, is_ready = todo.pop()
        if id(node) in by_id:
            continue
        if is_ready or _is_leaf(node):
            parts = (
                () if _is_leaf(node) else tuple(by_id[id(a)] for a in parts_of(node))
            )
            key = (type(node), parts) if parts else (type(node), node)
            if isinstance(node, Abstract):
                key = (*key, node.letter, node.orders)
            number = by_key.setdefault(key, len(nodes))
            if number == len(nodes):
                nodes.append(_Node(node, parts))
            by_id[id(node)] = number
        else:
            check_known(node)
            todo.append((node, True))
            todo.extend((arg, False) for arg in reversed(parts_of(node)))
        if len(nodes) > MAX_SHARED_NODES:
            raise BoundError(
                f"the expression has over {MAX_SHARED_NODES:,} distinct parts (the "
                "bound MAX_SHARED_NODES); build a Graph of stages"
            )
    return nodes, [by_id[id(expr)] for expr in exprs]


def _indices(expr: Basic) -> set[Index]:
    """The names that the sums and integrals of a node bind."""
    found: set[Index] = expr.atoms(Index) if isinstance(expr, WHOLE) else set()
    return found


def _is_leaf(node: Basic) -> bool:
    return not node.args or isinstance(node, WHOLE)


def _inputs(nodes: list[_Node]) -> tuple[Symbol, ...]:
    found: dict[str, Symbol] = {}
    for node in nodes:
        symbols: Sequence[Any] = [node.expr] if isinstance(node.expr, Symbol) else []
        if isinstance(node.expr, WHOLE):
            symbols = piecewise_symbols(node.expr)
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
        plain = isinstance(node.expr, Add | Mul | Derived) or (
            power and node.expr.args[1] == -1
        )
        for part in node.parts:
            nodes[part].uses += 1
            nodes[part].is_argument |= not plain


def _make(node: _Node, nodes: list[_Node], cut: Cutting, is_root: bool) -> None:
    """Build a node from what its parts became, and name it where that is due."""
    fail = failing(node.expr)
    parts = [nodes[part] for part in node.parts]
    if not parts:
        node.made = node.expr
        if isinstance(node.expr, WHOLE):
            node.levels = 0 if isinstance(node.expr, Element) else 1
        else:
            node.constant = check_leaf(node.expr)
    else:
        node.levels = 1 + max(part.levels for part in parts)
        constants = [part.constant for part in parts]
        known = [value for value in constants if value is not None]
        if isinstance(node.expr, Pow):
            _check_power(node.expr, constants, fail)
        if len(known) == len(parts) and _has_value(node.expr):
            node.constant = _constant(node.expr, known, cut, fail)
        if isinstance(node.expr, Derived):
            _derived(node, parts, cut)
            return
        node.made = _rebuilt(node.expr, [part.made for part in parts])
    if not is_root and _is_due(node):
        node.made, node.levels = cut.name(node.made), 0


def _derived(node: _Node, parts: Sequence[_Node], cut: Cutting) -> None:
    """Name what is differentiated and its derivative, ``u_1`` and ``u_1'``."""
    inner, result = (part.made for part in parts)
    if cutting.is_plain(result):
        node.made = result
        return
    name = inner if cutting.is_plain(inner) else cut.name(inner)
    primes = "'" * min(node.expr.order, MAX_PRIMES)
    node.made, node.levels = cut.name_as(result, f"{name}{primes}"), 0


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


def _check_power(expr: Pow, constants: list[float | None], fail: Fail) -> None:
    base, exponent = constants
    if base is not None and base < 0 and is_whole(expr.exp):
        return  # (-1)^i, with the index of a sum
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
    if is_same(expr, args):
        return expr
    if isinstance(expr, Add):
        return cutting.make_sum(sp.Integer(0), args)
    if isinstance(expr, Mul):
        number = args[0] if args[0].is_Number else sp.Integer(1)
        rest = args[1:] if args[0].is_Number else args
        return cutting.make_product(number, rest)
    return expr.func(*args, evaluate=False)
