"""Whatever a person has, a text or a SymPy expression, as a Graph.

The one rule kept here: what the user named is one stage under that name, exactly as it
was written; where a formula is cut further stands in cutting.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from sympy import Expr, Symbol

from symgrad.assembly import assemble
from symgrad.cutting import Cutting
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    FormulaError,
    short,
    unknown_name,
)
from symgrad.expressions import import_expr
from symgrad.graph import Graph, as_graph
from symgrad.reader import Reading, Statement, read
from symgrad.symbols import fresh, name_of, symbol
from symgrad.tokens import fail, is_name

Name: TypeAlias = str | Symbol
_OUTPUT_NAMES = ("y", "f", "F")
_ACCEPTED = "expected a text such as 'tanh(w*x + b)', a SymPy expression or a Graph"


def formula(source: Any, name: Name | Sequence[Name] | None = None) -> Graph:
    """Read a formula into a Graph of named stages.

    >>> for stage in formula("tanh(w*x + b)").stages:
    ...     print(stage.symbol, "=", stage.expr)
    u_1 = b + w*x
    y = tanh(u_1)
    >>> graph = formula("f = tanh(u); u = w*x + b")
    >>> graph.output, graph.inputs
    (f, (w, x, b))

    ``source`` is a text (a formula, or definitions ``name = formula`` parted by ``;``
    or line ends, in any order), a SymPy expression, or a Graph, which comes back as it
    is. ``name`` names the output of a formula (by default ``y``, or ``f``, ``F``, …
    where the formula uses ``y``), or picks the output among definitions (by default
    the one that no other uses); a list of names gives a Graph of many outputs.

    Inputs stand in the order of their first appearance in a text, in natural order
    (``x_2`` before ``x_10``) for an expression, whose own symbols come back.

    Raises ``FormulaError`` with the column and the sub-expression for what cannot be
    read, ``BoundError`` where it is too long, too deep or its numbers too large,
    ``UnknownNameError`` for an unknown function or output, ``ArgumentTypeError`` for
    a source or a name of another type.
    """
    names = _names(name)
    if isinstance(source, str):
        return _from_text(source, names)
    graph = as_graph(source)
    if graph is not None:
        return graph.select(*names) if names else graph
    if isinstance(source, Expr):
        return _from_expr(source, names)
    if callable(source):
        raise FormulaError(
            f"{short(source)} is a function, which is not read yet; {_ACCEPTED}"
        )
    raise ArgumentTypeError(f"{short(source)} is no formula; {_ACCEPTED}")


def _names(name: Name | Sequence[Name] | None) -> list[str]:
    """The names asked for; none where the choice is ours."""
    if name is None:
        return []
    if isinstance(name, str | Symbol):
        return [name_of(name)]
    if not isinstance(name, list | tuple):
        raise ArgumentTypeError(
            f"name is {short(name)}; expected a name or a list of names"
        )
    names = [name_of(each) for each in name]
    if not names:
        raise ArgumentValueError("name is an empty list; expected at least one name")
    if len(set(names)) < len(names):
        raise ArgumentValueError(f"name is {short(names)}; expected each name once")
    return names


def _from_text(text: str, names: list[str]) -> Graph:
    reading = read(text)
    first = reading.statements[0]
    if len(reading.statements) == 1 and first.name is None:
        output = symbol(_output_name(names, reading.names))
        cut = Cutting({*reading.names, output.name})
        cut.define(output, assemble(reading.text, first.program, cut))
        return Graph(tuple(cut.stages), (output,), _symbols(reading.names))
    definitions = _definitions(reading)
    chosen = names or [_unused(definitions)]
    for each in chosen:
        if each not in definitions:
            raise unknown_name("output", each, definitions)
    cut = Cutting(set(reading.names))
    for each, statement in _sorted(reading, definitions).items():
        cut.define(symbol(each), assemble(reading.text, statement.program, cut))
    inputs = [each for each in reading.names if each not in definitions]
    return Graph(tuple(cut.stages), _symbols(chosen), _symbols(inputs))


def _from_expr(expr: Expr, names: list[str]) -> Graph:
    inputs, stages = import_expr(expr, lambda taken: _output_name(names, taken))
    return Graph(stages, (stages[-1].symbol,), inputs)


def _symbols(names: Sequence[str]) -> tuple[Symbol, ...]:
    return tuple(symbol(name) for name in names)


def _output_name(names: list[str], taken: Sequence[str]) -> str:
    """The name of the one output of a formula that uses the names ``taken``."""
    if not names:
        free = (name for name in _OUTPUT_NAMES if name not in taken)
        return next(free, None) or fresh("y", taken)
    if len(names) > 1:
        raise FormulaError(
            f"{len(names)} outputs ({', '.join(names[:10])}) of one formula; give "
            "definitions, as in 'a = x + y; b = x*y'"
        )
    name = names[0]
    if name in taken:
        raise FormulaError(
            f"the output cannot be called {short(name)}: the formula uses that name; "
            "choose another one"
        )
    if not is_name(name):
        raise ArgumentValueError(
            f"{short(name)} is no name; expected a letter, then letters, digits or _"
        )
    return name


def _definitions(reading: Reading) -> dict[str, Statement]:
    """The statements by their names."""
    found: dict[str, Statement] = {}
    for statement in reading.statements:
        if statement.name is None:
            fail(
                reading.text,
                statement.start,
                "one of several formulas has no name; write name = formula",
            )
        if statement.name in found:
            fail(
                reading.text,
                statement.start,
                f"{short(statement.name)} is defined twice; rename one",
            )
        found[statement.name] = statement
    return found


def _unused(definitions: dict[str, Statement]) -> str:
    """The definition that no other uses."""
    used = {name for each in definitions.values() for name in each.program.uses}
    free = [name for name in definitions if name not in used]
    if len(free) == 1:
        return free[0]
    if not free:
        return next(iter(definitions))  # a cycle, which sorting words
    shown = ", ".join(free[:10]) + (", …" if len(free) > 10 else "")
    raise FormulaError(
        f"{len(free)} definitions are used by no other ({shown}); pick the output with "
        f"name={free[-1]!r}, or all of them with a list"
    )


def _sorted(
    reading: Reading, definitions: dict[str, Statement]
) -> dict[str, Statement]:
    """The definitions in an order in which each comes after what it uses."""
    done: dict[str, Statement] = {}
    open_names: dict[str, None] = {}
    todo = [(name, False) for name in reversed(definitions)]
    while todo:
        name, is_ready = todo.pop()
        if is_ready:
            del open_names[name]
            done[name] = definitions[name]
        elif name in open_names:
            _fail_cycle(reading, definitions, [*open_names], name)
        elif name not in done:
            open_names[name] = None
            todo.append((name, True))
            uses = [each for each in definitions[name].program.uses]
            todo.extend((each, False) for each in reversed(uses) if each in definitions)
    return done


def _fail_cycle(
    reading: Reading, definitions: dict[str, Statement], path: list[str], name: str
) -> None:
    cycle = [*path[path.index(name) :], name]
    if len(cycle) == 2:
        message = f"{short(name)} is defined by itself; give it another name"
    else:
        shown = " -> ".join(cycle if len(cycle) < 10 else [*cycle[:8], "…", name])
        message = f"definitions go round in a circle ({shown}); break it"
    fail(reading.text, definitions[name].start, message)
