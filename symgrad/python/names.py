"""What a name in the source of a Python function stands for.

The one rule kept here: values are looked up, never computed; only plain numbers and
functions of the table count, anything else is an error that shows the line.
"""

from __future__ import annotations

import ast
import inspect
import numbers
import sys
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, NoReturn

from symgrad.cutting import Cutting
from symgrad.errors import unknown_name
from symgrad.python.calls import CONSTANTS, MEANINGS, Member, known_of, member_of
from symgrad.python.source import Source


@dataclass(frozen=True)
class Missing:
    """What a name is worth where only some branches gave it a value."""

    line: int


@dataclass(frozen=True)
class Module:
    """A module that a name stands for."""

    name: str


@dataclass(frozen=True)
class Instance:
    """What a method is bound to; only its plain numbers are read."""

    value: Any


@dataclass
class Context:
    """A function while it is read: its source, the stages so far, what names mean."""

    source: Source
    cutting: Cutting
    names: dict[str, Any] = field(default_factory=dict)


UNDERSTOOD = (
    "a function is read through numbers, names, + - * / // % **, comparisons, "
    "'a if condition else b' and functions of math, numpy and sympy"
)
_KINDS = {
    "While": "a while loop",
    "For": "a for loop of another form",
    "Try": "a try statement",
    "With": "a with statement",
    "Expr": "a value that nothing uses",
    "Raise": "an exception",
    "Assert": "an assertion",
    "Delete": "a deletion",
    "Global": "a change outside the function",
    "Nonlocal": "a change outside the function",
    "FunctionDef": "a function inside the function",
    "ClassDef": "a class inside the function",
    "Match": "a match statement",
    "Break": "a break",
    "Continue": "a continue",
    "Lambda": "a function inside the function",
    "Await": "an await",
    "Yield": "a yield",
    "Subscript": "an element of something",
    "List": "a list",
    "Tuple": "a tuple",
    "Dict": "a dictionary",
    "Set": "a set",
    "Starred": "a starred value",
    "ListComp": "a comprehension",
    "SetComp": "a comprehension",
    "DictComp": "a comprehension",
    "GeneratorExp": "a comprehension",
    "JoinedStr": "a text",
    "NamedExpr": "an assignment inside an expression",
}


def refuse(context: Context, node: Any, understood: str = UNDERSTOOD) -> NoReturn:
    """Say which line cannot be read, and what can be."""
    kind = type(node).__name__
    shown = _KINDS.get(kind, f"of the kind {kind}")
    context.source.fail(node, f"is {shown}, which is not read; {understood}")


def meaning(context: Context, node: ast.expr) -> Any:
    """What a name or an attribute stands for, found without running anything."""
    if isinstance(node, ast.Attribute):
        return _attribute(context, node)
    if not isinstance(node, ast.Name):
        refuse(context, node)
    if node.id in context.names:
        return context.names[node.id]
    outside = context.source.names
    if node.id not in outside:
        context.source.fail(
            node, "has no value here; define it first, or make it a parameter"
        )
    value = outside[node.id]
    if isinstance(value, ModuleType):
        return Module(value.__name__)
    if isinstance(value, numbers.Real):
        return value
    member = member_of(value)
    if member is None:
        _fail_unknown(context, node, value)
    return member


def _attribute(context: Context, node: ast.Attribute) -> Any:
    owner = meaning(context, node.value)
    if isinstance(owner, Instance):
        value = inspect.getattr_static(owner.value, node.attr, None)
        if not isinstance(value, numbers.Real):
            context.source.fail(
                node, "is no plain number of the instance; make it a parameter"
            )
        return value
    if not isinstance(owner, Module):
        refuse(context, node)
    if owner.name == "scipy" and node.attr == "special":
        return Module("scipy.special")
    member = Member(owner.name, node.attr)
    if member in CONSTANTS or node.attr in MEANINGS.get(owner.name, {}):
        return member
    found = member_of(_static(owner.name, node.attr))  # np.double, sp.ln
    if found is None:
        known = known_of(owner.name)
        what = f"name of {owner.name}" if known else "module for formulas"
        names = known or list(MEANINGS)
        wrong = node.attr if known else owner.name
        context.source.fail(node, f"is not read: {unknown_name(what, wrong, names)}")
    return found


def _static(module: str, name: str) -> Any:
    return vars(sys.modules[module]).get(name) if module in sys.modules else None


def _fail_unknown(context: Context, node: ast.expr, value: Any) -> NoReturn:
    kind = "a function" if callable(value) else f"a {type(value).__name__}"
    context.source.fail(
        node,
        f"is {kind}, which is not read; expected a plain number or a function of "
        f"{', '.join(MEANINGS)}",
    )


def without_formula(context: Context, node: ast.Call) -> Member | None:
    """The function that is called, where it has no formula of its arguments."""
    if not isinstance(node.func, ast.Name | ast.Attribute):
        refuse(context, node)
    member = meaning(context, node.func)
    if not isinstance(member, Member) or member.module not in MEANINGS:
        context.source.fail(node, "calls what is no known function")
    if member in CONSTANTS:
        context.source.fail(node, "calls a number; write * for a product")
    return None if MEANINGS[member.module][member.name] else member
