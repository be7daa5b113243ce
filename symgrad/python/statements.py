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
from symgrad.python.names import Context, Module, meaning, refuse
from symgrad.symbols import symbol

UNDERSTOOD = (
    "a function is read through assignments, if, for over range(...), and return"
)


@dataclass
class Reader(Context):
    """A function while its statements are read.

    ``written`` are the identifiers in the source, ``used`` the names of inputs and
    stages, ``changing`` the names that are given several values, whose constant values
    get no stage, ``versions`` the last number that made a name new.
    """

    versions: dict[str, int] = field(default_factory=dict)
    written: frozenset[str] = frozenset()

    used: set[str] = field(default_factory=set)
    changing: frozenset[str] = frozenset()
    statements: int = 0
    depth: int = 0


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
            _set(reader, target, expression(reader, node.value))


def _unpack(reader: Reader, target: ast.Tuple | ast.List, value: ast.expr) -> None:
    if not isinstance(value, ast.Tuple | ast.List):
        reader.source.fail(
            value, "is not written as a tuple; write a, b = first, second"
        )
    if len(value.elts) != len(target.elts) or any(
        isinstance(each, ast.Starred) for each in (*target.elts, *value.elts)
    ):
        reader.source.fail(
            value, f"has {len(value.elts)} values for {len(target.elts)} names"
        )
    made = [expression(reader, each) for each in value.elts]
    for each, expr in zip(target.elts, made, strict=True):
        _set(reader, each, expr)


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
    ast.Import: _import,
    ast.ImportFrom: _import_from,
}
"""The statements that neither choose nor repeat."""


def _set(reader: Reader, target: ast.expr, expr: Expr) -> None:
    """Give a name a value: a stage of that name, or of the name and a number."""
    if not isinstance(target, ast.Name):
        reader.source.fail(target, "is no name; only names are given values")
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


def returned(reader: Reader, node: ast.Return) -> list[Expr]:
    if node.value is None:
        reader.source.fail(node, "returns nothing; expected a formula")
    return outputs(reader, node.value)


def outputs(reader: Reader, value: ast.expr) -> list[Expr]:
    """Read what is returned: one formula, or several in a tuple."""
    several = isinstance(value, ast.Tuple | ast.List)
    nodes = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
    if several and not nodes:
        reader.source.fail(value, "returns nothing; expected a formula")
    return [expression(reader, node) for node in nodes]
