"""Single statements of a Python function: assignments as stages under their names.

The one rule kept here: a name that is given a second value makes a second stage; whole
numbers, and numbers under a name that changes, stay numbers.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from sympy import Expr, Symbol

from symgrad.python.expressions import expression
from symgrad.python.lists import bind, items, value_of
from symgrad.python.names import Callee, Context, Module, as_expr, meaning, refuse
from symgrad.symbols import symbol

UNDERSTOOD = (
    "a function is read through assignments, if, for over lists and range(...), "
    "functions that it calls, and return"
)


@dataclass
class Reader(Context):
    """A function while its statements are read.

    ``written`` are the identifiers in the source, ``used`` the names of inputs and
    stages, ``changing`` the names that are given several values, whose constant values
    get no stage, ``versions`` the last number that made a name new, ``calls`` the
    functions that are being read, one inside the other.
    """

    versions: dict[str, int] = field(default_factory=dict)
    written: frozenset[str] = frozenset()

    used: set[str] = field(default_factory=set)
    changing: frozenset[str] = frozenset()
    statements: int = 0
    depth: int = 0
    calls: tuple[Any, ...] = ()


def refuse_statement(reader: Reader, node: Any) -> NoReturn:
    refuse(reader, node, UNDERSTOOD)


def _pass(reader: Reader, node: ast.stmt) -> None:
    pass


def _text(reader: Reader, node: ast.Expr) -> None:
    if not (isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)):
        refuse_statement(reader, node)


def _assign(reader: Reader, node: ast.Assign) -> None:
    for target in node.targets:
        if isinstance(target, ast.Tuple | ast.List):
            _unpack(reader, target, node.value)
        else:
            _give(reader, target, value_of(reader, node.value, expression))


def _give(reader: Reader, target: ast.expr, value: Any) -> None:
    """Give a name a number, a list or a function."""
    if isinstance(value, tuple) and any(_is_compound(each) for each in value):
        value = tuple(_kept(reader, each) for each in value)
    if isinstance(value, Expr):
        _set(reader, target, value)
    elif isinstance(target, ast.Name):
        reader.names[target.id] = value
    else:
        _refuse_target(reader, target)


def _is_compound(value: Any) -> bool:
    return isinstance(value, Expr) and bool(value.args)


def _kept(reader: Reader, value: Any) -> Any:
    """An element of a list that has a name, as a stage."""
    return reader.cutting.name(value) if _is_compound(value) else value


def _unpack(reader: Reader, target: ast.Tuple | ast.List, value: ast.expr) -> None:
    made = items(reader, value, expression, len(target.elts))
    if len(made) != len(target.elts) or any(
        isinstance(each, ast.Starred) for each in target.elts
    ):
        reader.source.fail(
            value, f"has {len(made)} values for {len(target.elts)} names"
        )
    for each, part in zip(target.elts, made, strict=True):
        if isinstance(each, ast.Tuple | ast.List):
            bind(reader, each, part)
        else:
            _give(reader, each, as_expr(part))


def _function(reader: Reader, node: ast.FunctionDef) -> None:
    """A function inside the function: read where it is called."""
    if node.decorator_list:
        reader.source.fail(node, "is changed by a decorator; write it without one")
    reader.names[node.name] = Callee(node=node, home=reader)


def _annotated(reader: Reader, node: ast.AnnAssign) -> None:
    if node.value is not None:
        _set(reader, node.target, expression(reader, node.value))


def _augmented(reader: Reader, node: ast.AugAssign) -> None:
    if not isinstance(node.target, ast.Name):
        refuse_statement(reader, node)
    load = ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target)
    whole = ast.copy_location(ast.BinOp(load, node.op, node.value), node)
    _set(reader, node.target, expression(reader, whole))


def _import(reader: Reader, node: ast.Import) -> None:
    for alias in node.names:
        name = alias.name if alias.asname else alias.name.partition(".")[0]
        reader.names[alias.asname or name] = Module(name)


def _import_from(reader: Reader, node: ast.ImportFrom) -> None:
    owner = ast.copy_location(ast.Name("module", ast.Load()), node)
    inner = Context(
        reader.source, reader.cutting, {"module": Module(node.module or "")}
    )
    for alias in node.names:
        attribute = ast.copy_location(ast.Attribute(owner, alias.name), node)
        reader.names[alias.asname or alias.name] = meaning(inner, attribute)


SIMPLE: dict[type, Callable[[Reader, Any], None]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Expr: _text,
    ast.Pass: _pass,
    ast.FunctionDef: _function,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
}
"""The statements that neither choose nor repeat."""


def _refuse_target(reader: Reader, target: ast.expr) -> NoReturn:
    reader.source.fail(
        target,
        "is no name; only names are given values, and lists are made at once, as in "
        "[x**k for k in range(3)]",
    )


def _set(reader: Reader, target: ast.expr, expr: Expr) -> None:
    """Give a name a value: a stage of that name, or of the name and a number."""
    if not isinstance(target, ast.Name):
        _refuse_target(reader, target)
    if expr.is_Integer or (expr.is_Number and target.id in reader.changing):
        reader.names[target.id] = expr
    else:
        reader.names[target.id] = define(reader, target.id, expr)


def define(reader: Reader, name: str, expr: Expr) -> Symbol:
    """Add a stage under a name, or under ``name_1``, … where it is taken."""
    if name in reader.used:
        name = _version(reader, name)
    reader.used.add(name)
    reader.cutting.taken.add(name)
    made = symbol(name)
    reader.cutting.define(made, expr)
    return made


def _version(reader: Reader, name: str) -> str:
    """The next free one of ``name_1``, ``name_2``, …, found without a search."""
    taken = reader.cutting.taken
    if name == "u":  # the name of generated stages
        taken = taken | {stage.symbol.name for stage in reader.cutting.stages}
    numbers = range(reader.versions.get(name, 0) + 1, sys.maxsize)
    number = next(k for k in numbers if f"{name}_{k}" not in taken)
    reader.versions[name] = number
    return f"{name}_{number}"


def forget(reader: Reader, stage: Symbol) -> None:
    """Take away the name of a stage that is there no longer."""
    reader.used.discard(stage.name)
    if stage.name not in reader.written:
        reader.cutting.taken.discard(stage.name)
        base, _, number = stage.name.rpartition("_")
        if base in reader.versions:
            reader.versions[base] = min(reader.versions[base], int(number) - 1)


def returned(reader: Reader, node: ast.Return) -> Any:
    if node.value is None:
        reader.source.fail(node, "returns nothing; expected a formula")
    return value_of(reader, node.value, expression)


def outputs(reader: Reader, node: Any, value: Any) -> list[Expr]:
    """What is returned as formulas: one, or several in lists, in their order."""
    found: list[Expr] = []
    todo = [value]
    while todo:
        each = as_expr(todo.pop())
        if isinstance(each, tuple):
            todo.extend(reversed(each))
        elif isinstance(each, Expr):
            found.append(each)
        else:
            reader.source.fail(node, "returns what is no number; expected a formula")
    if not found:
        reader.source.fail(node, "returns nothing; expected a formula")
    return found
