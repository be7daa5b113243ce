"""The definitions of a text, put in order, as the stages of a Graph.

The one rule kept here: a definition comes after what it uses, through functions too;
where they go round in a circle, the circle is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from sympy import Symbol

from symgrad.cutting import Cutting
from symgrad.errors import FormulaError, short, unknown_name
from symgrad.graph import Family, Graph, Stage
from symgrad.indexed import Element, Index, data_and_counts, free_leaves, has_bare
from symgrad.integrals import IntegrationVariable, integrals_in
from symgrad.reading.assembly import assemble
from symgrad.reading.postfix import Program, bound_names
from symgrad.reading.reader import Reading, Statement, read
from symgrad.symbols import symbol
from symgrad.tokens import fail
from symgrad.user_functions import UserFunction

OutputName = Callable[[list[str], Sequence[str]], str]


def from_text(
    text: str,
    names: list[str],
    output_name: OutputName,
    given: Sequence[UserFunction] = (),
) -> Graph:
    """Read a text into a Graph; ``names`` pick its outputs, none leave the choice.

    ``output_name`` names the output of a formula without a name; ``given`` are the
    functions that the user added.
    """
    added = {each.name: each for each in given}
    reading = read(text, {name: each.arity for name, each in added.items()})
    functions = {
        s.name: (s.parameters, s.program)
        for s in reading.statements
        if s.name and s.parameters
    }
    taken = {*reading.names, *functions, *added}
    for statement in reading.statements:
        taken.update(statement.parameters, statement.program.calls)
        taken.update(bound_names(statement.program))
    if _is_nameless(reading):
        names = [output_name(names, sorted(taken))]
    definitions = _definitions(reading, names)
    chosen = names or [_unused(definitions)]
    if _is_nameless(reading):
        _check_used(reading, definitions, names[0])
    for each in chosen:
        if each not in definitions:
            raise unknown_name("output", each, definitions)
    own = {name: each for name, each in functions.items() if name in chosen}
    _check_parameters(reading, definitions, own)
    cut = Cutting({*taken, *chosen})
    for each, statement in _sorted(reading, definitions).items():
        if each not in functions or each in own:
            program = statement.program
            cut.define(
                symbol(each), assemble(reading.text, program, cut, functions, added)
            )
    inputs = dict.fromkeys(p for parameters, _ in own.values() for p in parameters)
    inputs.update(dict.fromkeys(n for n in reading.names if n not in definitions))
    graph = graph_of(cut.stages, _symbols(chosen), _symbols(list(inputs)))
    return replace(graph, families=_families(reading, functions, added))


def _families(
    reading: Reading,
    functions: Mapping[str, tuple[tuple[str, ...], Program]],
    added: Mapping[str, UserFunction],
) -> tuple[Family, ...]:
    """The formulas for every index as they were written, uncut."""
    found = []
    for base, (indices, program, _) in reading.families.items():
        whole = replace(program, branches=frozenset(range(len(program.instructions))))
        cut = Cutting({*reading.names, *functions, *added})
        expr = assemble(reading.text, whole, cut, functions, added)
        found.append(Family(Element(symbol(base), *map(Index, indices)), expr))
    return tuple(found)


def _check_indices(stage: Stage, data: set[Symbol]) -> None:
    """Refuse data without an index, and a stage that would need one."""
    bare = has_bare(stage.expr, data) if data else None
    if bare is not None:
        raise FormulaError(
            f"{short(bare.name)} has an index in one place and none in another; "
            "rename one"
        )
    for leaf in free_leaves(stage.expr):
        if isinstance(leaf, IntegrationVariable):
            raise FormulaError(
                f"{short(stage.expr)} depends on the variable of integration {leaf} "
                "and cannot be a stage of its own; write it out in the integrand"
            )
        if isinstance(leaf, Index):
            raise FormulaError(
                f"{short(stage.expr)} depends on the index {leaf} of a sum and cannot "
                "be a stage of its own; in a sum write the formula of a function out"
            )


def _check_variables(stages: Sequence[Stage], names: Sequence[Symbol]) -> None:
    """Refuse a variable of integration that is a variable, or a stage, elsewhere."""
    taken = {each.name for each in (*names, *(stage.symbol for stage in stages))}
    for stage in stages:
        for part in integrals_in(stage.expr):
            if part.index.name in taken:
                raise FormulaError(
                    f"{short(part.index.name)} is the variable of {short(part)} and a "
                    "name elsewhere; rename one (a part of an integrand is defined as "
                    "a function, g(t) = …)"
                )


def graph_of(
    stages: Sequence[Stage], outputs: Sequence[Symbol], names: Sequence[Symbol]
) -> Graph:
    """Where sums run over data, these and the bounds are inputs, the rest parameters.

    Nobody differentiates by all the data at once, or by the number of terms.
    """
    data, counts = data_and_counts([stage.expr for stage in stages])
    _check_variables(stages, names)
    for stage in stages:
        _check_indices(stage, data)
        if stage.symbol in data | counts:
            raise FormulaError(
                f"{short(stage.symbol.name)} is defined here and has an index or is a "
                "bound of a sum; write its formula in the sum itself"
            )
    given = tuple(name for name in names if name in data | counts)
    rest = tuple(name for name in names if name not in given)
    if not given:
        return Graph(tuple(stages), tuple(outputs), rest)
    return Graph(tuple(stages), tuple(outputs), given, rest)


def _symbols(names: Sequence[str]) -> tuple[Symbol, ...]:
    return tuple(symbol(name) for name in names)


def _is_nameless(reading: Reading) -> bool:
    """Whether one formula has no name; the others are what it uses."""
    return sum(each.name is None for each in reading.statements) == 1


def _definitions(reading: Reading, names: list[str]) -> dict[str, Statement]:
    """The statements by their names; a lone formula bears the one asked for."""
    found: dict[str, Statement] = {}
    is_nameless = _is_nameless(reading)
    for statement in reading.statements:
        name = statement.name
        if name is None and not is_nameless:
            fail(
                reading.text,
                statement.start,
                "one of several formulas has no name; write name = formula",
            )
        name = names[0] if name is None else name
        if "+" in name or "-" in name:
            message = f"a name such as {name.partition('_')[0]}_1"
            fail(
                reading.text,
                statement.start,
                f"{short(name)} cannot be defined; {message} can",
            )
        if name in found:
            fail(
                reading.text,
                statement.start,
                f"{short(name)} is defined twice; rename one",
            )
        found[name] = statement
    return found


def _check_parameters(
    reading: Reading,
    definitions: dict[str, Statement],
    own: dict[str, tuple[tuple[str, ...], Program]],
) -> None:
    """Refuse a function as the output whose letter means something else here."""
    for name, (parameters, _) in own.items():
        for parameter in parameters:
            if parameter in definitions:
                fail(
                    reading.text,
                    definitions[name].start,
                    f"{short(parameter)} of {short(name)} is defined too; rename one",
                )


def _uses(statement: Statement, definitions: dict[str, Statement]) -> Iterator[str]:
    """The definitions that a statement uses, functions included."""
    program = statement.program
    for each in (*program.uses, *program.calls):
        if each in definitions and each not in statement.parameters:
            yield each


def _unused(definitions: dict[str, Statement]) -> str:
    """The definition that no other uses."""
    used = {name for each in definitions.values() for name in _uses(each, definitions)}
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


def _check_used(reading: Reading, definitions: dict[str, Statement], name: str) -> None:
    """Refuse a definition that the one formula does not use: nothing is dropped."""
    used = {each for s in definitions.values() for each in _uses(s, definitions)}
    for each, statement in definitions.items():
        if each != name and each not in used:
            fail(
                reading.text,
                statement.start,
                f"{short(each)} is defined and never used; use it, or take it away",
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
            uses = list(_uses(definitions[name], definitions))
            todo.extend((each, False) for each in reversed(uses))
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
