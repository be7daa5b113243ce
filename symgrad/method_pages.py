"""Pages for what is more than one gradient: orders, directions, equations, logarithms.

Each function arranges steps that something below has computed; the words are here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace as changed

import sympy as sp
from sympy import Expr, Mul, Pow, Symbol

from symgrad.bodies import Body, Part
from symgrad.counting import operation_counts
from symgrad.derivation import Line, Section, Step, Table, Text
from symgrad.differentials import Differential
from symgrad.errors import ArgumentValueError, short
from symgrad.forms import FORMS, rewrite
from symgrad.gradient import Gradient
from symgrad.graph import Graph, Stage
from symgrad.indexed import IndexedProduct, IndexedSum
from symgrad.page import MAX_ROWS, Page
from symgrad.rules.parts import sum_of, times
from symgrad.rules.table import derive
from symgrad.symbols import Chain, Partial, Total, fresh, symbol
from symgrad.tidying import tidy
from symgrad.views import single_steps, stage_steps, total_steps, variable_steps

_SPLIT = (Mul, Pow, IndexedProduct)
_ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth")


def orders_of(gradient: Gradient) -> list[Gradient]:
    """The gradient with those it differentiates again, the first order first."""
    found = [gradient]
    while found[-1].before is not None:
        found.append(found[-1].before)
    return found[::-1]


def order_title(gradient: Gradient) -> Text:
    """The second derivative of y by x; the derivative of y by x, then y."""
    orders = orders_of(gradient)
    shown = orders[0].graph.shown(orders[0].outputs[0])
    names = [each.wrt[0] for each in orders]
    if len(set(names)) == 1:
        count = len(names)
        word = _ORDINALS[count] if count < len(_ORDINALS) else f"{count}th"
        return (f"The {word} derivative of ", shown, " by ", names[0])
    parts: list[str | Expr] = ["The mixed derivative of ", shown, " by ", names[0]]
    for name in names[1:]:
        parts += [", then ", name]
    return tuple(parts)


def order_sections(page: Page, again: bool = False) -> tuple[Section, ...]:
    """One order: its derivation, then the form in which it is differentiated again."""
    gradient = page.gradient
    output, variable = gradient.outputs[0], gradient.wrt[0]
    total = Total(output, variable)
    if not page.is_short(output):
        return _long_order(page)
    steps = single_steps(page, output)
    product = page.product(output, variable)
    if product is not None and page.form == "short":
        shorter = tidy(product)
        said = (product, steps[-1].result)
        if shorter not in said and (again or page.closed_form(shorter) not in said):
            why = ("in the stages' names, to be differentiated again",) if again else ()
            line = Line(shorter, why)
            steps = (*steps, Step("collect like terms", total, (line,)))
    return (Section((total,), (), steps),)


def _long_order(page: Page) -> tuple[Section, ...]:
    """One order on many paths: local derivatives, sums from the output back."""
    gradient = page.gradient
    output = gradient.outputs[0]
    steps = tuple(
        step
        for stage in reversed(gradient.graph.stages)
        for step in stage_steps(page, stage)
        if page.detail != "brief"
    )
    back = total_steps(page, output) if gradient.mode == "reverse" else ()
    last = variable_steps(page, output) if gradient.mode == "reverse" else ()
    if gradient.mode == "forward":
        last = total_steps(page, output, gradient.wrt[0])
    return (Section((Total(output, gradient.wrt[0]),), (), (*steps, *back, *last)),)


def orders_body(
    gradient: Gradient, look: tuple[str, str, str], function: Section
) -> Body:
    """One section an order; ``look`` is detail, notation and form."""
    said: set[Partial] = set()
    orders = orders_of(gradient)
    parts = [Part((function,), orders[0].graph)]
    for each in orders:
        page = Page(each, *look, said=said)
        again = each is not orders[-1]
        parts.append(Part(order_sections(page, again), each.graph))
    return Body(order_title(gradient), tuple(parts), gradient.graph)


def in_form(body: Body, form: str) -> Body:
    """The results of every section in the form that was asked for, as a last line."""
    if form == "short":
        return body  # each part has shortened its own already
    parts = tuple(
        changed(part, sections=tuple(_formed(s, form) for s in part.sections))
        for part in body.parts
    )
    return changed(body, parts=parts)


def _formed(section: Section, form: str) -> Section:
    if not section.steps or not isinstance(section.steps[-1].lhs, Total):
        return section
    *steps, last = section.steps
    by = last.lhs.by
    made = rewrite(last.result, form, by)
    if made == last.result:
        return section
    last = changed(last, lines=(*last.lines, Line(made, (FORMS[form].reason,))))
    return changed(section, steps=(*steps, last))


def counts_section(gradient: Gradient) -> Section:
    """How many operations each derivative takes, written out and with shared stages."""
    header: tuple[Text, ...] = (("derivative",), ("written out",), ("shared stages",))
    counts = list(operation_counts(gradient).values())
    totals = [Total(o, w) for o in gradient.outputs for w in gradient.wrt]
    pairs = list(zip(totals, counts, strict=True))
    rows = tuple(
        ((total,), (f"{count.written:,}",), (f"{count.shared:,}",))
        for total, count in pairs[:MAX_ROWS]
    )
    text: Text = (
        "operations of each derivative: a stage counted wherever it is used, or once; ",
        "what a program does besides, to be nan outside a domain or right at infinity, "
        "is counted by the operations of lambdify",
    )
    left: Text = (f"{len(pairs) - MAX_ROWS:,} further rows are left out",)
    texts = (text,) if len(pairs) <= MAX_ROWS else (text, left)
    return Section(("Operations",), texts, (), Table(header, rows))


# --- the total differential, and directions -------------------------------------------


def differential_body(
    found: Differential, detail: str, before: Sequence[Section]
) -> Body:
    """The gradient's page (``before``), then the sum."""
    gradient = found.gradient
    graph = gradient.graph
    shown = graph.shown(gradient.outputs[0])
    whole = "each derivative times the increment of its variable"
    if found.is_direction:
        whole = "each derivative times its part of the direction"
    lines = [Line(found.chain, (whole,)), Line(found.told, ("insert the derivatives",))]
    if found.is_direction and tidy(found.inserted) != found.told:
        lines.append(Line(tidy(found.inserted), ("collect",)))
    closed = Page(gradient, detail).closed_form(found.told)
    if closed is not None and closed != found.told and detail != "brief":
        lines.append(Line(closed, ("in the inputs alone",)))
    rule = "directional derivative" if found.is_direction else "total differential"
    step = Step(rule, found.symbol, tuple(lines))
    title: Text = ("The ", rule, " of ", shown)
    section = Section(title, (), (step,))
    stages = (*graph.stages, Stage(found.symbol, found.inserted))
    inputs = (*graph.inputs, *found.extra)
    whole_graph = Graph(stages, (found.symbol,), inputs, graph.parameters)
    parts = (Part(tuple(before), graph), Part((section,), whole_graph))
    return Body(title, parts, whole_graph)


# --- logarithmic differentiation ------------------------------------------------------


def logarithmic_body(gradient: Gradient, detail: str, function: Section) -> Body:
    """Take logarithms, differentiate, multiply back: for products and powers.

    Raises ``ArgumentValueError`` where the formula is no product, quotient or power.
    """
    if len(gradient.wrt) != 1 or len(gradient.outputs) != 1 or gradient.before:
        raise ArgumentValueError(
            'method="logarithmic" is for one output by one variable; name it with wrt'
        )
    graph, variable = gradient.graph, gradient.wrt[0]
    output = gradient.outputs[0]
    whole = graph.closed_form(output)
    is_minus = bool(whole.as_coeff_Mul()[0].is_negative)
    factors = _factors(-whole if is_minus else whole)
    if not isinstance(whole, _SPLIT) or variable not in whole.free_symbols:
        raise ArgumentValueError(
            f'method="logarithmic" is for products and powers; {short(whole)} '
            "is none of them, leave method out"
        )
    logarithm = symbol(fresh("l", graph.names))
    spread = sum_of(*(_log_term(base, exponent) for base, exponent in factors))
    sign = -output if is_minus else output
    stages = (Stage(output, whole), Stage(logarithm, sp.log(sign, evaluate=False)))
    own = Graph(stages, (logarithm,), graph.inputs, graph.parameters)
    first = _logarithm_section(own, logarithm, spread, factors, variable)
    parts = [Part((function,), graph), Part(first, own)]
    parts.append(Part((_back_section(own, variable, spread),), own))
    title: Text = ("The derivative of ", graph.shown(output), " by ", variable)
    return Body((*title, ", by logarithmic differentiation"), tuple(parts), own)


def _factors(whole: Expr) -> list[tuple[Expr, Expr]]:
    """The powers whose product the formula is, as pairs (base, exponent)."""
    return [factor.as_base_exp() for factor in Mul.make_args(whole)]


def _positive(factors: Sequence[tuple[Expr, Expr]]) -> Iterator[Expr]:
    """The bases that have to be positive; of a product over an index, its factors'."""
    todo = list(reversed(factors))
    while todo:
        base, _ = todo.pop()
        if isinstance(base, IndexedProduct):
            todo += reversed(_factors(base.body))
        elif base.free_symbols:
            yield base


def _log_term(base: Expr, exponent: Expr) -> Expr:
    if base == sp.E:
        return exponent
    if isinstance(base, IndexedProduct):  # Σ of the logarithms
        inner = sum_of(*(_log_term(*factor) for factor in _factors(base.body)))
        return times(exponent, IndexedSum(inner, *base.bounds))
    return times(exponent, sp.log(base, evaluate=False))


def _logarithm_section(
    graph: Graph,
    logarithm: Symbol,
    spread: Expr,
    factors: Sequence[tuple[Expr, Expr]],
    variable: Symbol,
) -> tuple[Section, ...]:
    named = Step("definition", logarithm, (Line(graph.stages[1].expr),))
    taken = Step(
        "logarithm",
        logarithm,
        (Line(spread, ("products become sums, powers products",)),),
    )
    bases = list(dict.fromkeys(_positive(factors)))
    parts: list[str | Expr] = ["where "]
    for place, base in enumerate(bases):
        parts += [", " if place else "", base, " > 0"]
    title: Text = ("Take logarithms",)
    text: tuple[Text, ...] = (tuple(parts),) if bases else ()
    return (Section(title, text, (named, taken)),)


def _back_section(graph: Graph, variable: Symbol, spread: Expr) -> Section:
    output, logarithm = (stage.symbol for stage in graph.stages)
    total = Total(output, variable)
    left = Step(
        "chain rule",
        Total(logarithm, variable),
        (
            Line(
                Chain(1 / output, total),
                ("derivative of log, with ", output, " inside"),
            ),
        ),
    )
    right = derive(spread, variable)
    slope = tidy(right.result)
    lines = [Line(Chain(output, right.lhs), ("multiply by ", output))]
    lines.append(Line(Chain(output, slope), ("insert",)))
    whole = times(graph.stages[0].expr, slope)
    lines.append(Line(whole, (output, " written out")))
    shorter = tidy(whole)
    if shorter != whole:
        lines.append(Line(shorter, ("shorten",)))
    both = Step(
        "both sides", left.result, (Line(right.lhs, (logarithm, " both ways")),)
    )
    back = Step("multiply back", total, tuple(lines))
    title: Text = ("Differentiate both sides by ", variable, ", and multiply back")
    return Section(title, (), (left, both, right, back))
