"""The parts that every page has: the function, its definitions, tables, the matrix.

The one rule kept here: nothing is derived; what is long is left out, and said to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace as changed

import sympy as sp
from sympy import Expr, Piecewise, Symbol

from symgrad.abstract_functions import abstract_functions
from symgrad.derivation import Line, Reference, Section, Step, Table, Text
from symgrad.detail import lost_notes
from symgrad.functions import FUNCTIONS, FunctionRow, function_name
from symgrad.graph import Graph, Stage
from symgrad.indexed import Index
from symgrad.layout import picture_of
from symgrad.layout.neurons import wires_of
from symgrad.lengths import measure
from symgrad.named_functions import DEFINITIONS
from symgrad.page import MAX_LISTED_STAGES, MAX_ROWS, MAX_STAGE_NODES, Page
from symgrad.rules.domains import said_in
from symgrad.rules.proofs import PROOFS, proof
from symgrad.symbols import (
    Call,
    LocalDerivative,
    Partial,
    Total,
    fresh,
    symbol,
    symbols_of,
)
from symgrad.user_functions import LETTERS, UserCall

MAX_COLUMNS = 6
MAX_PICTURE_STAGES = 16
MAX_CALL_STAGES = 8


def composition_steps(page: Page) -> tuple[tuple[Step, ...], int]:
    """Each stage's definition, from the output inwards, and how many are left out."""
    graph = page.gradient.graph
    steps = [
        Step("definition", label, (Line(stage),))
        for stage, label in graph.labels.items()
        if label != stage
    ]
    stages: Sequence[Stage] = listed_stages(graph)
    left_out = max(0, len(stages) - MAX_LISTED_STAGES)
    if left_out:
        half = MAX_LISTED_STAGES // 2
        stages = (*stages[:half], *stages[-half:])
    shown = [s for s in stages if measure(s.expr)[0] <= MAX_STAGE_NODES]
    left_out += len(stages) - len(shown)
    steps += [Step("definition", s.symbol, (Line(s.expr),)) for s in shown]
    for each in graph.families:
        line = Line(each.expr, ("written out where it is used",))
        steps.append(Step("definition", each.element, (line,)))
    return tuple(steps), left_out


def listed_stages(graph: Graph) -> tuple[Stage, ...]:
    """From the output inwards, several outputs in their order, derivatives last."""
    named = not graph.labels
    outputs = [name for name in graph.outputs if named or isinstance(name, Total)]
    places = {name: place for place, name in enumerate(outputs)}

    def rank(stage: Stage) -> tuple[bool, int]:
        name = stage.symbol
        return isinstance(name, Total), places.get(name, len(places))

    return tuple(sorted(graph.stages[::-1], key=rank))


def kink_notes(graph: Graph) -> tuple[str, ...]:
    """What is taken as the derivative at the kinks of a graph's functions."""
    found: dict[str, None] = {}
    for stage in graph.stages:
        for name in _function_names(stage.expr):
            if FUNCTIONS[name].kink_note:
                found[FUNCTIONS[name].kink_note] = None
    return tuple(found)


def brief_notes(page: Page) -> tuple[Text, ...]:
    """Kinks and domains of the whole page, where its steps are not shown."""
    graph = page.gradient.graph
    if len(graph.stages) == 1 == len(page.gradient.wrt):
        return ()  # they stand with the only step
    if len(graph.stages) > MAX_LISTED_STAGES:
        return tuple((note,) for note in kink_notes(graph))
    notes: dict[Text, None] = {}
    for stage in reversed(graph.stages):
        for name in graph.parents(stage.symbol):
            if page.is_used(stage.symbol) and name in page.gradient.flow.reached:
                step = page.gradient.partials[Partial(stage.symbol, name)]
                hidden = changed(step, lhs=stage.symbol, notes=(), substeps=(step,))
                notes.update(dict.fromkeys(lost_notes(hidden, ())))
    return tuple(notes)


def own_definitions(graph: Graph) -> tuple[Text, ...]:
    """The formulas of the functions that keep their own name: ``gelu(u) = …``."""
    names = dict.fromkeys(n for s in graph.stages for n in _function_names(s.expr))
    letters = [symbol(fresh(x.name, graph.names)) for x in LETTERS]
    own = [FUNCTIONS[name] for name in names if name in DEFINITIONS]
    known: tuple[Text, ...] = tuple(
        (row.make(*letters[: row.arity]), " = ", _definition(row, letters))
        for row in own
    )
    return known + _users_definitions(graph, tuple(letters))


def _definition(row: FunctionRow, letters: Sequence[Symbol]) -> Expr:
    if row.name == "digamma":  # SymPy's polygamma(0, u) is written ψ(u) too
        return LocalDerivative(sp.loggamma(letters[0]), letters[0])
    return DEFINITIONS[row.name](*letters[: row.arity])


def _users_definitions(graph: Graph, letters: tuple[Symbol, ...]) -> tuple[Text, ...]:
    """The formulas and the derivatives of the functions that the user added."""
    calls = (n for s in graph.stages for n in _nodes(s.expr) if isinstance(n, UserCall))
    own = dict.fromkeys(call.definition for call in calls)
    found: list[Text] = []
    for each in own:
        call = each(*letters[: each.arity])
        if each.formula is not None:
            found.append((call, " = ", each.at(each.formula, letters)))
        for letter, row in zip(letters, each.derivatives, strict=False):
            by = LocalDerivative(call, letter)
            found.append((by, " = ", each.at(row, letters)))
    return tuple(found)


def _function_names(expr: Expr) -> Iterator[str]:
    for node in _nodes(expr):
        name = function_name(node)
        if name is not None:
            yield name


def _nodes(expr: Expr) -> Iterator[Expr]:
    todo = [expr]
    while todo:
        node = todo.pop()
        yield node
        todo.extend(node.args)


def accumulation_table(page: Page, output: Symbol) -> tuple[Table, int]:
    """Stage, value and adjoint (or tangent) in the order of the sweep."""
    gradient = page.gradient
    graph = gradient.graph
    if gradient.mode == "reverse":
        header: tuple[Text, ...] = (("stage",), ("value",), ("adjoint",), ("equals",))
    else:
        header = (("stage",), ("value",), ("tangent",), ("equals",))
    rows: list[tuple[Text, ...]] = []
    if gradient.mode == "reverse" and output in graph.stage_of:
        expr = graph.stage_of[output].expr
        rows.append(((output,), (expr,), (Total(output, output),), ("1",)))
    totals = gradient.totals_of(output)
    for total, line in list(totals.items())[:MAX_ROWS]:
        name = total.by if gradient.mode == "reverse" else total.of
        stage = graph.stage_of.get(name)
        value: Text = (stage.expr,) if stage else ("given",)
        expr = line.expr
        if page.reads_alike(total, expr):
            expr = gradient.partials[expr].result
        rows.append(((name,), value, (total,), (expr,)))
    return Table(header, tuple(rows)), max(0, len(totals) - MAX_ROWS)


def matrix_sections(page: Page) -> list[Section]:
    """All derivatives of a Jacobian at once, a row for each output."""
    gradient = page.gradient
    if max(len(gradient.outputs), len(gradient.wrt)) > MAX_COLUMNS:
        return []
    rows: list[list[Expr]] = []
    for output in gradient.outputs:
        cells = [page.product(output, name) for name in gradient.wrt]
        found = [cell for cell in cells if cell is not None]
        if len(found) < len(cells):
            return []
        rows.append(found)
    shown = [gradient.graph.shown(output) for output in gradient.outputs]
    kind = "Hessian" if gradient.before is not None else "Jacobian"
    return [matrix_section(kind, shown, gradient.wrt, rows)]


def matrix_section(
    kind: str,
    outputs: Sequence[Symbol],
    names: Sequence[Symbol],
    rows: Sequence[Sequence[Expr]],
) -> Section:
    """A matrix with the names of its rows and columns."""
    corner: Text = ("derivative of",)
    header: tuple[Text, ...] = (corner, *(("by ", name) for name in names))
    named = zip(outputs, rows, strict=True)
    cells = tuple(((shown,), *((cell,) for cell in row)) for shown, row in named)
    return Section((f"The {kind} matrix",), (), (), Table(header, cells))


def composition(page: Page) -> Section:
    """The function as its stages, with the formulas of the functions it uses."""
    graph = page.gradient.graph
    text: list[Text] = []
    if len(graph.stages) <= MAX_CALL_STAGES:
        for output in graph.outputs:
            if isinstance(output, Total):
                continue
            if any(name in graph.stage_of for name in graph.parents(output)):
                whole = _as_call(page, output)
                if whole is None:
                    continue
                words = ", a function of functions"
                text.append((graph.shown(output), " = ", whole, words))
    steps, left_out = composition_steps(page)
    if left_out:
        told: Text = (_left_out(left_out, len(graph.stages)),)
        if page.detail != "brief" and len(graph.stages) > 1:
            link = Reference("their local derivatives", local_title())
            told = (*told, "; each stands with ", link)
        text.append(told)
    text += (*numbering(graph), *own_definitions(graph))
    if page.detail == "brief":
        choices = any(stage.expr.has(Piecewise) for stage in graph.stages)
        text += said_in(brief_notes(page), has_choices=choices)
    picture = None
    if _has_picture(graph):
        wanted = page.gradient.wrt[0] if len(page.gradient.wrt) == 1 else None
        picture = picture_of(graph, wanted)
    return Section(("The function",), tuple(text), steps, picture=picture)


def numbering(graph: Graph) -> tuple[Text, ...]:
    """Why the first stage of a network is the last one computed."""
    first = graph.outputs[0]
    is_counted = len(graph.stages) > 1 and first.name == "f_1" and is_network(graph)
    if not is_counted or graph.samples is not None:
        return ()
    words = " is the output neuron; the numbers grow back towards the inputs"
    return ((first, words),)


def meaning(page: Page, output: Symbol) -> tuple[Text, ...]:
    """What the derivatives of a network by its weights tell, and what they are for."""
    gradient = page.gradient
    graph = gradient.graph
    if not is_network(graph) or not set(gradient.wrt) <= set(graph.parameters):
        return ()
    shown = graph.shown(output)
    one: Text = (gradient.wrt[0],) if len(gradient.wrt) == 1 else ("that one",)
    use = "; training multiplies it by how fast the loss changes with "
    told: Text = (use, shown)
    if graph.samples is not None:
        told = ("; a learning step takes a little of it off the weight",)
    return (("how fast ", shown, " changes when ", *one, " alone is changed", *told),)


def is_network(graph: Graph) -> bool:
    """Whether its stages are neurons, with or without a loss behind them."""
    if not graph.parameters:
        return False
    return graph.samples is not None or wires_of(graph) is not None


def _has_picture(graph: Graph) -> bool:
    """Whether a graph can be looked at; long layers of a network are shortened."""
    if len(graph.stages) <= MAX_PICTURE_STAGES:
        return len(graph.stages) > 1
    return bool(graph.parameters) and wires_of(graph) is not None


def _left_out(count: int, stages: int) -> str:
    if stages == 1:
        return "the formula is too long to be listed"
    return f"not listed, to keep the page short: {count:,} of {stages:,} stages"


def local_title() -> Text:
    """The title of the section of the local derivatives."""
    return ("Local derivatives",)


def back_title(page: Page, output: Symbol) -> Text:
    """The title of the section from the output back to the stages."""
    return ("From ", page.gradient.graph.shown(output), " back to the stages")


def result_title(page: Page, output: Symbol) -> Text:
    """The title of the section of the derivatives that were asked for."""
    return ("The derivatives of ", page.gradient.graph.shown(output))


def rows_left_out(page: Page, output: Symbol, count: int) -> tuple[Text, ...]:
    """How many rows a table does without, and where their derivatives stand."""
    if not count:
        return ()
    said = f"{count:,} further rows are left out"
    if page.gradient.mode == "forward":
        return ((said,),)
    return (
        (
            f"{said}; the lines of all of them: ",
            Reference("the stages", back_title(page, output)),
            ", ",
            Reference("the variables", result_title(page, output)),
        ),
    )


def _as_call(page: Page, output: Symbol) -> Expr | None:
    """The notes' form: f_1(w_311, w_321, b_3, f_2(…), f_3(…)), f(k(t), g(k(t)))."""
    graph = page.gradient.graph
    if abstract_functions(graph):
        return page.closed_form(output)
    calls: dict[Symbol, Expr] = {}
    for stage in graph.stages:
        arguments = graph.parents(stage.symbol)
        own = [a for a in arguments if a in (graph.parameters or graph.inputs)]
        inner = [calls[a] for a in reversed(arguments) if a in calls]
        calls[stage.symbol] = Call(stage.symbol, *own, *inner)
    return calls[output]


WHY: Text = ("Where the derivatives of the functions come from",)
"""The title of the section that derives the rows of the table of functions."""


def why_sections(page: Page) -> list[Section]:
    """The proof of each function's derivative that the page has used."""
    graph = page.gradient.graph
    found: dict[str, Expr] = {}
    for stage in graph.stages:
        used = page.is_used(stage.symbol) and stage.symbol not in page.lettered
        for node in sp.preorder_traversal(stage.expr) if used else ():
            name = function_name(node) if isinstance(node, Expr) else None
            is_moving = name in PROOFS and any(
                each in page.gradient.flow.reached for each in symbols_of(node)
            )
            if name is not None and is_moving and not node.has(Index):
                found.setdefault(name, node.args[0])
    u = symbol(fresh("u", graph.names))
    steps = tuple(proof(name, u, argument) for name, argument in found.items())
    return [Section(WHY, (), steps)] if steps else []


def table_section(page: Page, output: Symbol) -> Section:
    """The accumulation of one output as a table."""
    name = "Reverse" if page.gradient.mode == "reverse" else "Forward"
    title: Text = (f"{name} accumulation of ", page.gradient.graph.shown(output))
    table, left_out = accumulation_table(page, output)
    return Section(title, rows_left_out(page, output, left_out), (), table)
