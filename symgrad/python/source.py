"""The source of a Python function, as a tree with its places in the file.

The one rule kept here: a function is looked at, never called. Where its source is not
found beyond doubt, that is an error; the right lambda of a line is told by its columns.
"""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn, TypeAlias

from symgrad.errors import FormulaError, SymgradError, short
from symgrad.tokens import fail

Definition: TypeAlias = ast.FunctionDef | ast.Lambda


@dataclass(frozen=True)
class Source:
    """A function's tree, and the text of the file that it stands in.

    ``constants`` are the values of its closure and of its module; ``instance`` is what
    a method is bound to.
    """

    text: str
    node: Definition
    function: types.FunctionType
    instance: Any = None

    @cached_property
    def _lines(self) -> list[tuple[int, str]]:
        found, start = [], 0
        for line in self.text.splitlines(keepends=True):
            found.append((start, line))
            start += len(line)
        return found

    def span(self, node: Any) -> tuple[int, int]:
        """The places in the text at which a node starts and ends."""
        return (
            self._place(node.lineno, node.col_offset),
            self._place(node.end_lineno, node.end_col_offset),
        )

    def _place(self, line: int, column: int) -> int:
        start, text = self._lines[line - 1]
        return start + len(text.encode()[:column].decode())

    def fail(
        self, node: Any, message: str, kind: type[SymgradError] = FormulaError
    ) -> NoReturn:
        """Raise an error about a node: its line, its text, what is wrong."""
        start, end = self.span(node)
        lines = self.text[start:end].splitlines()
        shown = lines[0] + (" …" if len(lines) > 1 else "")
        fail(self.text, start, f"{short(shown)} {message}", kind)

    @cached_property
    def names(self) -> Mapping[str, Any]:
        """The values that the function sees from outside: closure, module, builtins."""
        function = self.function
        found = dict(vars(builtins))
        found.update(function.__globals__)
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            try:
                found[name] = cell.cell_contents
            except ValueError:  # not filled yet
                found.pop(name, None)
        return found


def find_source(function: Callable[..., Any]) -> Source:
    """Find the source of a Python function, a lambda or a method.

    >>> import textwrap
    >>> type(find_source(textwrap.indent).node).__name__
    'FunctionDef'

    Raises ``FormulaError`` for what is no plain function, for a decorated one, and
    where the source is not there or several lambdas could be meant.
    """
    instance = None
    if inspect.ismethod(function):
        instance, function = function.__self__, function.__func__
    if isinstance(function, functools.partial):
        raise FormulaError(
            "a partial has no source of its own; give the function inside, .func, or a "
            "def that calls it with the numbers"
        )
    kind = type(function)
    method = inspect.getattr_static(kind, "__call__", None)
    if isinstance(method, types.FunctionType) and not isinstance(function, type):
        if not hasattr(kind, "__wrapped__") and not issubclass(
            kind, types.FunctionType
        ):
            instance, function = function, method
    is_named = isinstance(function, types.FunctionType | type) or callable(function)
    shown = short(getattr(function, "__qualname__", kind.__name__) if is_named else "")
    if hasattr(function, "__wrapped__"):
        raise FormulaError(
            f"{shown} is changed by a decorator; give the function inside, "
            f"{shown}.__wrapped__"
        )
    if not isinstance(function, types.FunctionType):
        raise FormulaError(
            f"{shown} is no function written in Python, so it has no source to read; "
            "give a def, a lambda or a text such as 'tanh(w*x + b)'"
        )
    _check_plain(function, shown)
    try:
        lines, _ = inspect.findsource(function)
        text = "".join(lines)
        tree = ast.parse(text)
    except (OSError, TypeError, SyntaxError, ValueError):
        raise FormulaError(
            f"the source of {shown} cannot be found; write the function in a file or "
            "a notebook, or give a text such as 'tanh(w*x + b)'"
        ) from None
    return Source(text, _definition(tree, function, shown), function, instance)


def _check_plain(function: types.FunctionType, shown: str) -> None:
    flags = function.__code__.co_flags
    what = ""
    if flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
        what = "an async function"
    elif flags & inspect.CO_GENERATOR:
        what = "a generator"
    if what:
        raise FormulaError(
            f"{shown} is {what}, which is not read; give a plain def that returns a "
            "formula"
        )


def defaults_of(function: Any) -> dict[str, Any]:
    """The defaults that a function itself holds, by parameter."""
    code = function.__code__
    by_place = function.__defaults__ or ()
    count = code.co_argcount
    placed = code.co_varnames[count - len(by_place) : count]
    found = dict(zip(placed, by_place, strict=True))
    return {**found, **(function.__kwdefaults__ or {})}


def _definition(
    tree: ast.Module, function: types.FunctionType, shown: str
) -> Definition:
    """The one definition in a file that a function was made from."""
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.Lambda)
        and getattr(node, "name", "<lambda>") == code.co_name
        and _first_line(node) == code.co_firstlineno
        and _parameters(node) == code.co_varnames[:count]
    ]
    if len(found) > 1:
        spans = set(_positions(code))
        found = [
            n for n in found if isinstance(n, ast.Lambda) and _span(n.body) in spans
        ]
    if len(found) > 1:
        raise FormulaError(
            f"line {code.co_firstlineno} has several lambdas that could be meant; "
            "write each on a line of its own, or use def"
        )
    if not found:
        raise FormulaError(
            f"the source of {shown} is not where it was (line {code.co_firstlineno}); "
            "its file may have changed since it was imported, import it again"
        )
    return found[0]


def _first_line(node: Definition) -> int:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return min([node.lineno, *(each.lineno for each in decorators)])


def _parameters(node: Definition) -> tuple[str, ...]:
    args = node.args
    return tuple(a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs))


def _span(node: ast.expr) -> tuple[int | None, ...]:
    return (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)


def _positions(code: types.CodeType) -> list[tuple[int | None, ...]]:
    """Where the instructions of a function come from; Python 3.10 does not know."""
    positions = getattr(code, "co_positions", None)
    return list(positions()) if positions is not None else []
