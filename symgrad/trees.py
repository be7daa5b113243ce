"""Expressions as nested lists, and back, exactly as they were.

SymPy evaluates an unevaluated expression anew when it is pickled or copied:
``2*(f - t)`` comes back as ``2*f - 2*t``. Pages are stored through these trees.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from mpmath import libmp as mlib
from sympy import Basic, Symbol
from sympy.core.symbol import Str

from symgrad import functions, indexed, integrals, symbols
from symgrad.errors import FormulaError, short
from symgrad.user_functions import UserCall, UserFunction

RELATIONS = (
    sp.StrictLessThan,
    sp.StrictGreaterThan,
    sp.LessThan,
    sp.GreaterThan,
    sp.Equality,
    sp.Unequality,
)
_OWN: dict[str, type[Basic]] = {
    **{
        name: row.make
        for name, row in functions.FUNCTIONS.items()
        if isinstance(row.make, type)
    },
    "LocalDerivative": symbols.LocalDerivative,
    "Chain": symbols.Chain,
    "Call": symbols.Call,
    "Abstract": symbols.Abstract,
    "Element": indexed.Element,
    "Chosen": indexed.Chosen,
    "Delta": indexed.Delta,
    "IndexedSum": indexed.IndexedSum,
    "IndexedProduct": indexed.IndexedProduct,
    "SampleSum": indexed.SampleSum,
    "DefiniteIntegral": integrals.DefiniteIntegral,
    "Tuple": sp.Tuple,
    **{
        cls.__name__: cls
        for cls in (
            sp.Add,
            sp.Mul,
            sp.Pow,
            sp.Piecewise,
            *RELATIONS,
            sp.And,
            sp.Or,
            sp.Not,
        )
    },
}
_NAMES = {cls: name for name, cls in _OWN.items()}
_CONSTANTS: dict[str, Any] = {
    "pi": sp.pi,
    "E": sp.E,
    "EulerGamma": sp.EulerGamma,
    "GoldenRatio": sp.GoldenRatio,
    "Catalan": sp.Catalan,
    "oo": sp.oo,
    "-oo": -sp.oo,
    "nan": sp.nan,
    "zoo": sp.zoo,
    "true": sp.true,
    "false": sp.false,
}
_CONSTANT_NAMES = {value: name for name, value in _CONSTANTS.items()}


def to_tree(expr: Basic) -> Any:
    """Write an expression as nested lists of strings and numbers."""
    done: list[Any] = []
    todo: list[tuple[Basic, str]] = [(expr, "")]
    while todo:
        node, name = todo.pop()
        if name:
            count = len(node.args)
            parts = done[len(done) - count :]
            del done[len(done) - count :]
            head = [name] if name != "user" else [name, _definition(node)]
            done.append([*head, *parts])
        elif (leaf := _leaf(node)) is not None:
            done.append(leaf)
        else:
            todo.append((node, _class_name(node)))
            todo.extend((arg, "") for arg in reversed(node.args))
    return done[0]


def _definition(node: Any) -> list[Any]:
    own = node.definition
    formula = None if own.formula is None else to_tree(own.formula)
    return ["function", own.name, formula, [to_tree(row) for row in own.derivatives]]


def _class_name(node: Basic) -> str:
    if isinstance(node, UserCall):
        return "user"
    name = _NAMES.get(type(node))
    if name is None and type(node).__name__ == "ExprCondPair":
        return "case"
    if name is None:
        raise FormulaError(
            f"{short(node)} cannot be stored: {type(node).__name__} is not known; "
            "rewrite it in functions symgrad knows"
        )
    return name


def _leaf(node: Basic) -> Any:
    if isinstance(node, symbols.Partial | symbols.Total):
        return [type(node).__name__, _leaf(node.of), _leaf(node.by)]
    if isinstance(node, symbols.Sampled):
        return ["Sampled", node.name]
    if isinstance(node, Symbol):
        if node == symbols.symbol(node.name):
            return node.name
        known = {k: v for k, v in sorted(node._assumptions_orig.items())}
        return ["Symbol", node.name, known]
    if isinstance(node, Str):
        return ["letter", node.name]
    if isinstance(node, indexed.Index):
        return [type(node).__name__, node.name]
    if isinstance(node, sp.Integer):
        return int(node)
    if isinstance(node, sp.Rational):
        return ["Rational", str(node.p), str(node.q)]
    if isinstance(node, sp.Float):
        return ["Float", _digits(node), node._prec]
    if not node.args and node in _CONSTANT_NAMES:
        return ["constant", _CONSTANT_NAMES[node]]
    return None


def _digits(number: sp.Float) -> str:
    """As few digits as give the same number again."""
    short_form = str(number)
    if sp.Float(short_form, precision=number._prec) == number:
        return short_form
    return str(mlib.to_str(number._mpf_, mlib.repr_dps(number._prec)))


def from_tree(tree: Any) -> Any:
    """Rebuild the expression that ``to_tree`` wrote, without evaluating it."""
    done: list[Any] = []
    todo: list[tuple[Any, bool]] = [(tree, False)]
    while todo:
        node, ready = todo.pop()
        if ready:
            count = len(node) - 1
            parts = done[len(done) - count :]
            del done[len(done) - count :]
            done.append(_build(node[0], parts))
        elif not isinstance(node, list) or node[0] in _LEAVES:
            done.append(_build_leaf(node))
        else:
            todo.append((node, True))
            todo.extend((arg, False) for arg in reversed(node[1:]))
    return done[0]


_LEAVES = {"Partial", "Total", "Symbol", "Rational", "Float", "constant"}
_LEAVES |= {"Sampled", "letter", "Index", "IntegrationVariable", "function"}


def _build_leaf(node: Any) -> Any:
    if isinstance(node, str):
        return symbols.symbol(node)
    if isinstance(node, int):
        return sp.Integer(node)
    kind, *rest = node
    if kind == "function":
        name, formula, rows = rest
        own = None if formula is None else from_tree(formula)
        return UserFunction(name, own, tuple(from_tree(row) for row in rows))
    if kind == "letter":
        return Str(rest[0])
    if kind == "Index":
        return indexed.Index(rest[0])
    if kind == "IntegrationVariable":
        return integrals.IntegrationVariable(rest[0])
    if kind in ("Partial", "Total"):
        make = symbols.Partial if kind == "Partial" else symbols.Total
        return make(_build_leaf(rest[0]), _build_leaf(rest[1]))
    if kind == "Sampled":
        return symbols.Sampled(rest[0])
    if kind == "Symbol":
        return Symbol(rest[0], **rest[1])
    if kind == "Rational":
        return sp.Rational(int(rest[0]), int(rest[1]))
    if kind == "Float":
        return sp.Float(rest[0], precision=rest[1])
    return _CONSTANTS[rest[0]]


_PLAIN = {"Chain", "Call", "LocalDerivative", "Abstract", "Tuple"}
_PLAIN |= {"Element", "Chosen", "Delta", "IndexedSum", "IndexedProduct"}
_PLAIN |= {"DefiniteIntegral", "SampleSum"}


def _build(name: str, args: list[Any]) -> Any:
    if name == "case":
        return tuple(args)
    if name == "user":
        definition, *arguments = args
        return definition(*arguments)
    if name not in _OWN:
        raise FormulaError(f"unknown node {short(name)} in a stored expression")
    make = _OWN[name]
    if name in _PLAIN:
        return make(*args)
    return make(*args, evaluate=False)
