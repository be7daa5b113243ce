"""The parts of a page: what is said of one stage, one total, one variable.

Each function arranges steps that the Gradient already has; the words that give the
reason are chosen here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace as changed
from itertools import pairwise
from typing import Any

from sympy import Add, Expr, Integer, Mul, Symbol

from symgrad.accumulation import told_factors
from symgrad.derivation import Line, Step, Text
from symgrad.forms import FORMS, rewrite
from symgrad.graph import Stage
from symgrad.page import Page
from symgrad.rules import brief_reason
from symgrad.symbols import Abstract, Chain, Partial, Total

_MULTIPLY = "multiply the factors"


# --- one variable, along its paths ------------------------------------------------


def single_steps(page: Page, output: Symbol) -> tuple[Step, ...]:
    """Chain rule, each factor, the product, the closed form: for one variable."""
    gradient = page.gradient
    variable = gradient.wrt[0]
    total = Total(output, variable)
    paths = gradient.paths(page.key(output, variable))
    reason = _paths_reason(page, output, variable, paths)
    if not paths:
        return (Step("constant", total, (gradient.totals[total],), notes=(reason,)),)
    if paths == ((),):
        return (Step("variable", total, (gradient.totals[total],)),)
    if _is_plain_function(page, output, paths):
        return _one_stage_steps(page, paths[0][0], total)
    chains = [Chain(*path) for path in paths]
    steps = [Step("chain rule", total, _chain_lines(page, chains, reason))]
    if page.detail != "brief":
        steps += _path_steps(page, paths)
    inserted = _inserted(page, _sum(chains))
    lines = _products(page, output, variable)
    if len(paths) > 1 or page.detail == "full" or not lines:
        lines = [Line(inserted, ("insert the factors",)), *lines]
    if len(paths) == 1 and len(paths[0]) == 1 and page.detail != "brief":
        lines = lines[1:]  # the factor has just been derived
    lines = _different(page, [steps[0].lines[-1], *lines])[1:]
    if lines:
        steps.append(Step("product", total, tuple(lines)))
    return tuple(steps)


def _chain_lines(page: Page, chains: list[Expr], reason: Text) -> tuple[Line, ...]:
    """The chain rule; in the notes' notation of z = f(x, y) with ∂x/∂x = 1 told."""
    line = Line(_sum(chains), reason)
    direct = [
        term
        for term in chains
        if isinstance(term, Partial) and term.of in page.lettered
    ]
    if page.notation != "notes" or not direct or len(chains) < 2:
        return (line,)
    (partial,) = direct
    one = Total(partial.by, partial.by)
    whole = [Chain(t, one) if t == partial else t for t in chains]
    return (Line(_sum(whole), reason), Line(line.expr, ("as ", one, " = 1")))


def _is_plain_function(
    page: Page, output: Symbol, paths: tuple[tuple[Partial, ...], ...]
) -> bool:
    """Whether dy/dx is at once the derivative of the one stage y."""
    if len(paths) != 1 or len(paths[0]) != 1:
        return False
    return output in page.lettered or page.gradient.graph.shown(output) == output


def _one_stage_steps(page: Page, partial: Partial, total: Total) -> tuple[Step, ...]:
    """The one step, its result at the end in the form of textbooks."""
    step = page.gradient.partials[partial]
    if partial.of in page.lettered or isinstance(partial.of, Total):
        step = changed(step, lhs=total)
    closing = _closing(page, step.result)
    if page.detail == "brief":
        step = changed(step, lines=step.lines[-1:])
    said = {line.expr for line in step.lines}
    closing += _in_form(page, step.result, partial.by)
    closing = [line for line in closing if line.expr not in said]
    return (changed(step, lines=(*step.lines, *closing)),)


def _path_steps(page: Page, paths: tuple[tuple[Partial, ...], ...]) -> list[Step]:
    """The factors of the paths, stage by stage, each once on a page."""
    wanted = dict.fromkeys(partial for path in paths for partial in path)
    by_stage: dict[Symbol, list[Partial]] = {}
    for partial in wanted:
        if partial not in page.said and partial.of not in page.lettered:
            page.said.add(partial)
            by_stage.setdefault(partial.of, []).append(partial)
    return [step for group in by_stage.values() for step in _grouped(page, group)]


def _products(page: Page, output: Symbol, variable: Symbol) -> list[Line]:
    product = page.product(output, variable)
    if product is None:
        return []
    total = page.gradient.totals[Total(output, variable)].expr
    several = isinstance(total, Add)
    why = f"{_MULTIPLY} and add the paths" if several else _MULTIPLY
    formed = _in_form(page, product, variable)
    return [Line(product, (why,)), *_closing(page, product), *formed]


def _in_form(page: Page, product: Expr, variable: Symbol) -> list[Line]:
    """The result as textbooks write it, or in the form that was asked for."""
    is_asked = page.form != "short"
    if page.gradient.graph.parameters and not is_asked:
        return []  # a network's factors stay as its paths give them
    closes = is_asked or page.detail != "brief"
    closed = page.closed_form(product) if closes else None
    whole = product if closed is None else closed
    made = rewrite(whole, page.form, variable)
    return [] if made == whole else [Line(made, (FORMS[page.form].reason,))]


def _closing(page: Page, product: Expr) -> list[Line]:
    if page.detail == "brief":
        return []
    closed = page.closed_form(product)
    if closed is None or closed == product:
        return []
    graph = page.gradient.graph
    reason = "in the weights and inputs alone"
    if not graph.parameters:
        reason = "in the inputs alone"
    return [Line(closed, (reason,))]


def _different(page: Page, lines: list[Line]) -> list[Line]:
    """Leave out a line that reads as the line before it."""
    kept: list[Line] = []
    for line in lines:
        if not kept or _read(page, kept[-1].expr) != _read(page, line.expr):
            kept.append(line)
    return kept


def _read(page: Page, expr: Expr) -> Counter[Expr]:
    """The terms of a line as they are read: ∂f/∂x is the partial of z = f(x, y)."""
    terms: Counter[Expr] = Counter()
    for term in expr.args if isinstance(expr, Add) else (expr,):
        factors = [
            page.gradient.partials[x].result
            if isinstance(x, Partial) and x.of in page.lettered
            else x
            for x in (term.args if isinstance(term, Chain) else (term,))
        ]
        terms[Mul(*factors) if _has_dots(factors) else Chain(*factors)] += 1
    return terms


def _has_dots(factors: Sequence[Expr]) -> bool:
    """Whether a product reads with the same dots and order, multiplied or not."""
    if any(x.is_Number or isinstance(x, Mul | Symbol) for x in factors):
        return False
    marks = [isinstance(x, Abstract) and any(x.orders) for x in factors]
    return all(a or b for a, b in pairwise(marks)) and any(marks)


def _sum(terms: Sequence[Expr]) -> Expr:
    return terms[0] if len(terms) == 1 else Add(*terms, evaluate=False)


def _paths_reason(
    page: Page,
    output: Symbol,
    variable: Symbol,
    paths: tuple[tuple[Partial, ...], ...],
) -> Text:
    shown = page.gradient.graph.shown(output)
    if not paths:
        reaches = "occur in" if isinstance(output, Total) else "reach"
        return (variable, f" does not {reaches} ", shown)
    if len(paths) == 1:
        through = [partial.by for partial in paths[0][:-1]]
        if not through:
            return (variable, " is an argument of ", output, " itself")
        return (variable, " reaches ", shown, " only through ", *_and(through[::-1]))
    parts: list[Any] = [variable, " reaches ", shown, f" on {len(paths)} paths: "]
    for place, path in enumerate(paths):
        through = [partial.by for partial in path[:-1]]
        parts += ["; "] if place else []
        parts += ["through ", *_and(through[::-1])] if through else ["directly"]
    return tuple(parts)


def _and(names: Sequence[Symbol]) -> list[Any]:
    parts: list[Any] = []
    for place, name in enumerate(names):
        if place:
            parts.append(" and " if place == len(names) - 1 else ", ")
        parts.append(name)
    return parts


# --- many variables ---------------------------------------------------------------


def stage_steps(page: Page, stage: Stage) -> list[Step]:
    """All local derivatives of one stage; what they share is said once."""
    gradient = page.gradient
    active = [
        a
        for a in gradient.graph.parents(stage.symbol)
        if a in gradient.flow.reached
        and page.is_used(stage.symbol)
        and stage.symbol not in page.lettered
    ]
    return _grouped(page, [Partial(stage.symbol, a) for a in active])


def _grouped(page: Page, partials: Sequence[Partial]) -> list[Step]:
    """The steps of one stage's partials; the outer factor they share is said once."""
    steps = [page.gradient.partials[partial] for partial in partials]
    if len(steps) < 2 or not all(_shares_outer(step, steps[0]) for step in steps):
        return steps
    outer = steps[0].substeps[0]
    inner = [_inner_step(step) for step in steps]
    if page.detail != "full":
        inner = [inner[0], *(_without_rule(step) for step in inner[1:])]
    substeps = (*outer.substeps, *inner)
    return [changed(outer, definitions=steps[0].definitions, substeps=substeps)]


def _shares_outer(step: Step, first: Step) -> bool:
    return (
        step.rule == "chain rule"
        and len(step.definitions) == 1
        and step.definitions == first.definitions
        and step.substeps[0] == first.substeps[0]
    )


def _inner_step(step: Step) -> Step:
    """A local derivative whose outer factor has been said already."""
    return changed(step, definitions=(), substeps=step.substeps[1:])


def _without_rule(step: Step) -> Step:
    """The same without the chain-rule line that the step before it has shown."""
    if len(step.lines) < 2:
        return step
    why = step.substeps[-1]
    reason = brief_reason(why, why.lhs.by)
    return changed(step, lines=(changed(step.lines[1], reason=reason), *step.lines[2:]))


def total_steps(
    page: Page, output: Symbol, variable: Symbol | None = None
) -> tuple[Step, ...]:
    """The chain-rule line of each stage (reverse), or of one variable (forward)."""
    gradient = page.gradient
    steps = []
    for total, line in gradient.totals_of(output, variable).items():
        if variable is None and total.by in gradient.flow.variables:
            continue
        lines = [
            Line(line.expr, _total_reason(page, output, total)),
            Line(_inserted(page, line.expr), ("insert the local derivatives",)),
        ]
        rule = "chain rule"
        if page.reads_alike(total, line.expr):
            rule, why = "local derivative", (total.by, " is an argument of ", total.of)
            lines = [changed(lines[1], reason=(*why, " itself"))]
        if variable is not None and total == Total(output, variable):
            lines += _products(page, output, variable)
        steps.append(Step(rule, total, tuple(_different(page, lines))))
    return tuple(steps)


def _total_reason(page: Page, output: Symbol, total: Total) -> Text:
    graph = page.gradient.graph
    if page.gradient.mode == "forward":
        return ("chain rule",)
    users = page.gradient.flow.next_stages(output, total.by)
    if users == (output,):
        return (total.by, " is an argument of ", output, " itself")
    return (total.by, " reaches ", graph.shown(output), " through ", *_and(users))


def _inserted(page: Page, expr: Expr) -> Expr:
    """Put the local derivatives in the place of their symbols."""
    products = []
    for factors in told_factors(expr, page.gradient.partials):
        kept = [x for x in factors if x != 1]
        products.append(Chain(*kept) if kept else Integer(1))
    return _sum(products)


def variable_steps(page: Page, output: Symbol) -> tuple[Step, ...]:
    """For each variable: the chain rule, its factors, their product."""
    gradient = page.gradient
    steps = []
    for variable in gradient.wrt:
        total = Total(output, variable)
        line = gradient.totals[total]
        reason = _variable_reason(page, output, variable)
        terms = line.expr.args if isinstance(line.expr, Add) else (line.expr,)
        lines = list(_chain_lines(page, list(terms), reason))
        product = page.product(output, variable)
        if product is None or page.detail == "full":
            inserted = _inserted(page, line.expr)
            lines.append(Line(inserted, ("insert the local derivatives",)))
        if product is not None:
            is_factor = isinstance(line.expr, Partial)
            why = "the local derivative" if is_factor else _MULTIPLY
            if isinstance(line.expr, Add):
                why = f"{_MULTIPLY} and add the paths"
            lines.append(Line(product, (why,)))
            if page.detail == "full":
                lines += _closing(page, product)
            if page.detail == "full" or page.form != "short":
                lines += _in_form(page, product, variable)
        if page.reads_alike(total, line.expr) and len(lines) > 1:
            lines = lines[1:]
        rule = "chain rule"
        if [line.reason for line in lines] == [("the local derivative",)]:
            rule = "local derivative"
            lines = [changed(lines[0], reason=reason)]
        steps.append(Step(rule, total, tuple(_different(page, lines))))
    return tuple(steps)


def _variable_reason(page: Page, output: Symbol, variable: Symbol) -> Text:
    users = page.gradient.flow.next_stages(output, variable)
    if variable == output:
        return ("the variable itself",)
    if not users:
        return (variable, " does not reach ", page.gradient.graph.shown(output))
    if users == (output,):
        return (variable, " is an argument of ", output, " itself")
    if output in users:
        others = [user for user in users if user != output]
        return (variable, " enters directly, and through ", *_and(others))
    return (variable, " enters through ", *_and(users))
