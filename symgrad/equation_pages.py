"""The page of an implicit or an inverse function: both sides, collected, solved.

Nothing is derived here: the steps are those of the two sides, and what Implicit found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace as changed

from sympy import Expr, Integer, Pow, Symbol

from symgrad.abstract_functions import are_names
from symgrad.bodies import Body, Part
from symgrad.derivation import Line, Section, Step, Text, listed
from symgrad.equations import Implicit, Key
from symgrad.graph import Graph, Stage
from symgrad.rules.parts import sum_of
from symgrad.rules.table import derive
from symgrad.symbols import Abstract, Chain, Partial, Total
from symgrad.tidying import tidy


def implicit_body(found: Implicit, detail: str) -> Body:
    """The whole page: the equation, each derivative, the higher orders."""
    parts = [Part((_equation(found),), _curve_graph(found), _curve(found))]
    for by in found.wrt:
        make = _inverse_sections if found.is_inverse else _first_sections
        parts.append(Part(make(found, by, detail), _curve_graph(found), _curve(found)))
    for key in found.derivatives:
        if len(key) > 1:
            section = Section((found.total(key),), (), _again_steps(found, key, detail))
            graph = _curve_graph(found, len(key))
            parts.append(Part((section,), graph, _curve(found)))
    gradient = found.sides
    stages = tuple(s for s in gradient.graph.stages if s.symbol in _named(found))
    stages += (Stage(found.total(found.wrt[:1]), found.derivatives[found.wrt[:1]]),)
    outputs = (stages[-1].symbol,)
    numbers = Graph(stages, outputs, found.graph.inputs)
    curve = None if found.is_inverse else _curve(found)
    return Body(_title(found), tuple(parts), numbers, curve)


def _title(found: Implicit) -> Text:
    word = "The derivative" if found.order == 1 else "The derivatives"
    names = listed(found.wrt)
    kind = " of the inverse function " if found.is_inverse else " of "
    tail = "" if found.is_inverse else ", by implicit differentiation"
    return (word + kind, found.of, " by ", *names, tail)


def _curve(found: Implicit) -> tuple[Symbol, Expr]:
    return found.of, found.left - found.right


def _curve_graph(found: Implicit, order: int = 1) -> Graph:
    """``of`` as a function of the rest, the sides, and the orders below ``order``."""
    moving = Abstract(found.of.name, (0,) * len(found.others), *found.others)
    stages = [Stage(found.of, moving)]
    stages += [s for s in found.sides.graph.stages if s.symbol in _named(found)]
    for key, expr in found.derivatives.items():
        if len(key) < order:
            stages.append(Stage(found.total(key), expr))
    return Graph(tuple(stages), (stages[-1].symbol,), found.others)


def _named(found: Implicit) -> tuple[Symbol, ...]:
    """The sides that need a name: those that are no number and no single variable."""
    if found.is_inverse:
        return ()
    sides = zip(found.sides.graph.stages, (found.left, found.right), strict=True)
    return tuple(s.symbol for s, e in sides if e.free_symbols and not e.is_Symbol)


def _equation(found: Implicit) -> Section:
    named = _named(found)
    symbols = [stage.symbol for stage in found.sides.graph.stages]
    sides = (found.left, found.right)
    steps = tuple(
        Step("definition", name, (Line(expr),))
        for name, expr in zip(symbols, sides, strict=True)
        if name in named
    )
    text: tuple[Text, ...] = (
        (found.left, " = ", found.right),
        ("defines ", found.of, " as a function of ", *listed(found.others)),
    )
    return Section(("The equation",), text, steps)


# --- the first order ----------------------------------------------------------------


def _first_sections(found: Implicit, by: Symbol, detail: str) -> tuple[Section, ...]:
    """Differentiate both sides, collect dy/dx, divide."""
    total = Total(found.of, by)
    steps, sides = [], []
    for place in (0, 1):
        step, expr = _side_step(found, place, by, detail)
        steps += [step] if step is not None else []
        sides.append(expr)
    reason: Text = ("both sides change alike on the curve",)
    number = next((s for s in (found.left, found.right) if not s.free_symbols), None)
    if number is not None:
        reason = ("both sides change alike, and ", number, " does not change")
    steps.append(Step("both sides", sides[0], (Line(sides[1], reason),)))
    title: Text = ("Differentiate both sides by ", by)
    return (
        Section(title, (), tuple(steps)),
        Section(("Solve for ", total), (), _solved(found, by)),
    )


def _side_step(
    found: Implicit, place: int, by: Symbol, detail: str
) -> tuple[Step | None, Expr]:
    """The derivative of one side, where ``of`` moves with ``by``."""
    graph = found.sides.graph
    stage, total = graph.stages[place], Total(found.of, by)
    if stage.symbol not in _named(found):
        known = {found.of: total, by: Integer(1)}
        return None, known.get(stage.expr, Integer(0))
    terms: list[Expr] = []
    inserted: list[Expr] = []
    substeps = []
    for name in (by, found.of):
        if name not in stage.arguments:
            continue
        partial = Partial(stage.symbol, name)
        step = _held(found, stage.expr, partial)
        own = step.result
        terms.append(partial if name == by else Chain(partial, total))
        inserted.append(own if name == by else _chain(own, total))
        substeps.append(step)
    if not terms:
        return None, Integer(0)
    moves: Text = (found.of, " moves with ", by)
    if found.of not in stage.arguments:
        moves = (found.of, " does not occur")
    lines: tuple[Line, ...] = (
        Line(sum_of(*terms), moves),
        Line(sum_of(*inserted), ("insert the partials",)),
    )
    kept = () if detail == "brief" else tuple(substeps)
    if _is_abstract(stage.expr):  # ∂f/∂x has no formula to insert
        lines, kept = (Line(sum_of(*inserted), moves),), ()
    rule = Step("chain rule", Total(stage.symbol, by), lines, substeps=kept)
    return rule, lines[-1].expr


def _is_abstract(expr: Expr) -> bool:
    """Whether a side is an abstract function of names, f(x, y), and nothing else."""
    return isinstance(expr, Abstract) and are_names(expr.arguments)


def _held(found: Implicit, expr: Expr, partial: Partial) -> Step:
    """The derivative of an expression by one name, where ``of`` is held beside it."""
    return changed(derive(expr, partial.by, stages=(found.of,)), lhs=partial)


def _chain(factor: Expr, total: Expr) -> Expr:
    return total if factor == 1 else Chain(factor, total)


def _solved(found: Implicit, by: Symbol) -> tuple[Step, ...]:
    factor, rest = found.terms(by)
    total, result = Total(found.of, by), found.derivatives[(by,)]
    steps = []
    if factor == 1:
        return (Step("collect", total, (Line(rest, ("collect the rest",)),)),)
    why: Text = ("collect ", total, " on one side")
    steps.append(Step("collect", Chain(factor, total), (Line(rest, why),)))
    lines = [Line(rest / factor, ("divide by ", factor))]
    if lines[0].expr != result:
        lines.append(Line(result, ("shorten",)))
    notes: tuple[Text, ...] = ()
    if factor.free_symbols:
        notes = (("where ", factor, " is not 0"),)
    steps.append(Step("divide", total, tuple(lines), notes=notes))
    return tuple(steps)


def _inverse_sections(found: Implicit, by: Symbol, detail: str) -> tuple[Section, ...]:
    """1/(dx/dy), with dx/dy derived first."""
    step = derive(found.right, found.of)
    own = step.result
    total = Total(found.of, by)
    turned: Text = ("the inverse turns the quotient over",)
    lines = [
        Line(Pow(step.lhs, -1), turned),
        Line(Pow(own, -1, evaluate=False), ("insert",)),
    ]
    is_known = not _is_abstract(found.right)
    if not is_known:  # dg/dy has no formula to insert
        lines = [Line(lines[1].expr, turned)]
    result = found.derivatives[(by,)]
    if result != lines[-1].expr:
        lines.append(Line(result, ("shorten",)))
    note: Text = ("where ", own, " is not 0")
    notes = (note,) if own.free_symbols else ()
    last = Step("inverse function", total, tuple(lines), notes=notes)
    first: Text = ("The derivative of ", by, " by ", found.of)
    before = (Section(first, (), (step,)),) if is_known else ()
    return (*before, Section((total,), (), (last,)))


# --- higher orders --------------------------------------------------------------------


def _again_steps(found: Implicit, key: Key, detail: str) -> tuple[Step, ...]:
    """Differentiate the order before; dy/dx is inserted where it turns up."""
    gradient = found.step_gradient(found.derivatives, key)
    by, before, total = key[-1], found.total(key[:-1]), found.total(key)
    moved = Total(found.of, by)
    terms: list[Expr] = []
    inserted: list[Expr] = []
    replaced: list[Expr] = []
    substeps = []
    for name in (by, found.of):
        if name not in gradient.graph.stages[0].arguments:
            continue
        partial = Partial(before, name)
        step = _held(found, gradient.graph.stages[0].expr, partial)
        own = step.result
        slope = found.derivatives[(by,)]
        terms.append(partial if name == by else Chain(partial, moved))
        inserted.append(own if name == by else _chain(own, moved))
        replaced.append(own if name == by else _chain(own, slope))
        substeps.append(step)
    if not terms:
        return (Step("constant", total, (Line(Integer(0), ("a constant",)),)),)
    why: Text = ("differentiate ", before, " again; ", found.of, " moves with ", by)
    lines = [
        Line(sum_of(*terms), why),
        Line(sum_of(*inserted), ("insert the partials",)),
        Line(sum_of(*replaced), ("insert ", moved)),
        Line(found.derivatives[key], ("shorten",)),
        *_on_the_curve(found, found.derivatives[key]),
    ]
    kept = [
        line for k, line in enumerate(lines) if not k or line.expr != lines[k - 1].expr
    ]
    inner = () if detail == "brief" else tuple(substeps)
    return (Step("chain rule", total, tuple(kept), substeps=inner),)


def _on_the_curve(found: Implicit, expr: Expr) -> list[Line]:
    """A shorter form by the equation itself: x² + y² is 25."""
    sides: Mapping[Expr, Expr] = {found.left: found.right}
    if found.is_inverse or found.right.free_symbols or not expr.has(found.left):
        return []
    shorter = tidy(expr.xreplace(sides))
    return [Line(shorter, (found.left, " = ", found.right, " on the curve"))]
