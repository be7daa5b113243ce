"""What a name in the source of a Python function stands for.

The one rule kept here: values are looked up, never computed; numbers, lists of them,
functions of the table and functions whose source is read count, anything else is an
error that shows the line.
"""

from __future__ import annotations

import ast
import inspect
import numbers
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FunctionType, MethodType, ModuleType
from typing import Any, NoReturn

from sympy import Expr, Float, Integer, Symbol

from symgrad.cutting import Cutting
from symgrad.errors import unknown_name
from symgrad.python.calls import CONSTANTS, MEANINGS, NAMED, Member, known_of, member_of
from symgrad.python.source import Source
from symgrad.user_functions import UserFunction


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
    """An object; only its numbers, lists of numbers and methods are read."""

    value: Any


@dataclass(frozen=True)
class Callee:
    """A function whose source is read where it is called.

    ``function`` is one of a module or a closure, ``bound`` what its first parameter
    is; ``node`` is one inside the function ``home``, which sees the names of that.
    """

    function: FunctionType | None = None
    bound: tuple[Any, ...] = ()
    node: ast.FunctionDef | ast.Lambda | None = None
    home: Context | None = None


@dataclass
class Shared:
    """What a function and those that it calls have in common while they are read.

    ``elements`` are those read of a parameter (``x[0]`` is the input x_0), and of its
    elements, by key; ``lengths`` how many there are, where a default says so;
    ``added`` the user's functions; ``call`` reads the source of another function.
    """

    call: Callable[[Any, ast.Call, Callee], Any] | None = None
    elements: dict[Symbol, dict[Any, Symbol]] = field(default_factory=dict)
    lengths: dict[Symbol, int] = field(default_factory=dict)
    added: dict[str, UserFunction] = field(default_factory=dict)


@dataclass
class Context:
    """A function while it is read: its source, the stages so far, what names mean."""

    source: Source
    cutting: Cutting
    names: dict[str, Any] = field(default_factory=dict)
    shared: Shared = field(default_factory=Shared)


UNDERSTOOD = (
    "a function is read through numbers, names, + - * / // % **, comparisons, "
    "'a if condition else b', x[0], lists and functions of math, numpy and sympy"
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
    "ClassDef": "a class inside the function",
    "Match": "a match statement",
    "Break": "a break that depends on a value",
    "Continue": "a continue that depends on a value",
    "Lambda": "a function",
    "Await": "an await",
    "Yield": "a yield",
    "List": "a list",
    "Tuple": "a tuple",
    "Slice": "a part of a list",
    "Dict": "a dictionary",
    "Set": "a set",
    "Starred": "a starred value",
    **dict.fromkeys(
        ("ListComp", "SetComp", "DictComp", "GeneratorExp"), "a comprehension"
    ),
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
    if node.id in context.shared.added:
        return context.shared.added[node.id]
    outside = context.source.names
    if node.id not in outside and node.id in MEANINGS[NAMED]:
        return Member(NAMED, node.id)
    if node.id not in outside:
        context.source.fail(
            node, "has no value here; define it first, or make it a parameter"
        )
    return _outside(context, node, outside[node.id])


def _outside(context: Context, node: ast.expr, value: Any) -> Any:
    """What a value of the closure, the module or an object stands for."""
    if isinstance(value, ModuleType):
        return Module(value.__name__)
    if isinstance(value, numbers.Real | UserFunction):
        return value
    if type(value) in (tuple, list, dict) or _is_array(value):
        return _listed(context, node, value)
    if isinstance(value, type) and value.__module__ != "sympy":
        is_object = member_of(value) is None
    else:
        is_object = _is_users(type(value))
    if is_object:
        return Instance(value)
    member = member_of(value)
    if member is not None:
        return member
    if isinstance(value, FunctionType):
        return Callee(value)
    if isinstance(value, MethodType) and isinstance(value.__func__, FunctionType):
        return Callee(value.__func__, (Instance(value.__self__),))
    _fail_unknown(context, node, value)


def _is_users(kind: type) -> bool:
    """Whether a class is one of a person, not of Python or a known library."""
    if kind.__module__ == "builtins" or issubclass(kind, type):
        return False
    library = kind.__module__.partition(".")[0]
    return library not in ("sympy", "numpy", "scipy", *sys.stdlib_module_names) or (
        library == "__main__"
    )


def _is_array(value: Any) -> bool:
    """Whether a value is an array of NumPy, which is not imported for this."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and type(value) is numpy.ndarray


def _listed(context: Context, node: ast.expr, value: Any) -> Any:
    """Numbers of a list, a dictionary or an array outside, as they are now."""
    if _is_array(value):
        value = value.tolist()
    if isinstance(value, dict):
        return {key: _outside(context, node, each) for key, each in value.items()}
    if isinstance(value, numbers.Real):  # an array without axes
        return value
    return tuple(as_expr(_outside(context, node, each)) for each in value)


def as_expr(value: Any) -> Any:
    """A number of Python as one of SymPy; anything else as it is."""
    if isinstance(value, numbers.Integral):
        return Integer(int(value))
    if isinstance(value, numbers.Real) and not isinstance(value, Expr):
        return Float(float(value))
    return value


def _attribute(context: Context, node: ast.Attribute) -> Any:
    owner = meaning(context, node.value)
    if isinstance(owner, Instance):
        return _of_instance(context, node, owner.value)
    if not isinstance(owner, Module):
        refuse(context, node)
    if owner.name == "scipy" and node.attr == "special":
        return Module("scipy.special")
    member = Member(owner.name, node.attr)
    if member in CONSTANTS or node.attr in MEANINGS.get(owner.name, {}):
        return member
    value = _static(owner.name, node.attr)
    found = member_of(value)  # np.double, sp.ln
    if found is not None:
        return found
    known = known_of(owner.name)
    if not known and isinstance(value, FunctionType | numbers.Real | UserFunction):
        return _outside(context, node, value)  # of a module of the user's
    what = f"name of {owner.name}" if known else "module for formulas"
    names = known or list(MEANINGS)
    wrong = node.attr if known else owner.name
    context.source.fail(node, f"is not read: {unknown_name(what, wrong, names)}")


def _of_instance(context: Context, node: ast.Attribute, owner: Any) -> Any:
    """A number, a list or a method of an object, looked up and never computed."""
    found = inspect.getattr_static(owner, node.attr, None)
    is_own = isinstance(owner, type) or node.attr in _own_names(owner)
    if isinstance(found, staticmethod):
        return _outside(context, node, found.__func__)
    if isinstance(found, classmethod):
        kind = owner if isinstance(owner, type) else type(owner)
        inner: Any = found.__func__
        return Callee(inner, (Instance(kind),))
    if isinstance(found, FunctionType) and not is_own:
        return Callee(found, (Instance(owner),))
    if found is None or isinstance(found, property) or isinstance(found, str):
        context.source.fail(
            node, "is no plain number of the instance; make it a parameter"
        )
    return _outside(context, node, found)


def _own_names(owner: Any) -> Any:
    """What an object itself holds; asked for in the one way that runs nothing."""
    try:
        return object.__getattribute__(owner, "__dict__")
    except AttributeError:  # an object of slots
        return {}


def _static(module: str, name: str) -> Any:
    return vars(sys.modules[module]).get(name) if module in sys.modules else None


def _fail_unknown(context: Context, node: ast.expr, value: Any) -> NoReturn:
    kind = "a function" if callable(value) else f"a {type(value).__name__}"
    context.source.fail(
        node,
        f"is {kind}, which is not read; expected a number, a list of numbers, a "
        f"function written in Python or one of {', '.join(MEANINGS)}",
    )


def callee_of(context: Context, node: ast.Call) -> Any:
    """The function that is called: a Member, a UserFunction or a Callee."""
    if isinstance(node.func, ast.Lambda):
        return Callee(node=node.func, home=context)
    if not isinstance(node.func, ast.Name | ast.Attribute):
        refuse(context, node)
    found = meaning(context, node.func)
    if isinstance(found, Instance) and not isinstance(found.value, type):
        method = inspect.getattr_static(type(found.value), "__call__", None)
        if isinstance(method, FunctionType):
            return Callee(method, (found,))
    if isinstance(found, Callee | UserFunction):
        return found
    if not isinstance(found, Member) or found.module not in MEANINGS:
        context.source.fail(node, "calls what is no known function")
    if found in CONSTANTS:
        context.source.fail(node, "calls a number; write * for a product")
    return found


def without_formula(context: Context, node: ast.Call) -> Member | None:
    """The function of the table that is called, where it has no formula."""
    found = callee_of(context, node)
    if not isinstance(found, Member):
        return None
    return None if MEANINGS[found.module][found.name] else found
