"""The parts of a page: what is said of one stage, one total, one variable.

The one rule kept here: each function arranges steps that the Gradient already has, and
chooses the words that give the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as changed
from typing import Any

from sympy import Add, Symbol

from symgrad.accumulation import over_samples
from symgrad.chain_lines import (
    MULTIPLY,
    chain_lines,
    closing_lines,
    different_lines,
    form_lines,
    product_lines,
    with_partials,
)
from symgrad.derivation import Line, Step, Text, listed
from symgrad.graph import Stage
from symgrad.page import Page
from symgrad.rules.parts import brief_reason, sum_of
from symgrad.symbols import Chain, Partial, Total

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
    products = [Chain(*path) for path in paths]
    whole = over_samples(products, gradient.samples_between(output, variable))
    chains = list(whole.args) if isinstance(whole, Add) else [whole]
    steps = [Step("chain rule", total, chain_lines(page, chains, reason))]
    if page.detail != "brief":
        steps += _path_steps(page, paths)
    inserted = with_partials(page, sum_of(*chains))
    lines = product_lines(page, output, variable)
    if len(paths) > 1 or page.detail == "full" or not lines:
        lines = [Line(inserted, ("insert the factors",)), *lines]
    if len(paths) == 1 and len(paths[0]) == 1 and page.detail != "brief":
        lines = lines[1:]  # the factor has just been derived
    lines = different_lines(page, [steps[0].lines[-1], *lines])[1:]
    if lines:
        steps.append(Step("product", total, tuple(lines)))
    return tuple(steps)


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
    closing = closing_lines(page, step.result)
    if page.detail == "brief":
        step = changed(step, lines=step.lines[-1:])
    said = {line.expr for line in step.lines}
    closing += form_lines(page, step.result, partial.by)
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
        return (variable, " reaches ", shown, " only through ", *listed(through[::-1]))
    parts: list[Any] = [variable, " reaches ", shown, f" on {len(paths)} paths: "]
    for place, path in enumerate(paths):
        through = [partial.by for partial in path[:-1]]
        parts += ["; "] if place else []
        parts += ["through ", *listed(through[::-1])] if through else ["directly"]
    return tuple(parts)


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
            Line(with_partials(page, line.expr), ("insert the local derivatives",)),
        ]
        rule = "chain rule"
        if page.reads_alike(total, line.expr):
            rule, why = "local derivative", (total.by, " is an argument of ", total.of)
            lines = [changed(lines[1], reason=(*why, " itself"))]
        if variable is not None and total == Total(output, variable):
            lines += product_lines(page, output, variable)
        steps.append(Step(rule, total, tuple(different_lines(page, lines))))
    return tuple(steps)


def _total_reason(page: Page, output: Symbol, total: Total) -> Text:
    graph = page.gradient.graph
    if page.gradient.mode == "forward":
        return ("chain rule",)
    users = page.gradient.flow.next_stages(output, total.by)
    if users == (output,):
        return (total.by, " is an argument of ", output, " itself")
    return (total.by, " reaches ", graph.shown(output), " through ", *listed(users))


def variable_steps(page: Page, output: Symbol) -> tuple[Step, ...]:
    """For each variable: the chain rule, its factors, their product."""
    gradient = page.gradient
    steps = []
    for variable in gradient.wrt:
        total = Total(output, variable)
        line = gradient.totals[total]
        reason = _variable_reason(page, output, variable)
        terms = line.expr.args if isinstance(line.expr, Add) else (line.expr,)
        lines = list(chain_lines(page, list(terms), reason))
        product = page.product(output, variable)
        if product is None or page.detail == "full":
            inserted = with_partials(page, line.expr)
            lines.append(Line(inserted, ("insert the local derivatives",)))
        if product is not None:
            is_factor = isinstance(line.expr, Partial)
            why = "the local derivative" if is_factor else MULTIPLY
            if isinstance(line.expr, Add):
                why = f"{MULTIPLY} and add the paths"
            lines.append(Line(product, (why,)))
            if page.detail == "full":
                lines += closing_lines(page, product)
            if page.detail == "full" or page.form != "short":
                lines += form_lines(page, product, variable)
        if page.reads_alike(total, line.expr) and len(lines) > 1:
            lines = lines[1:]
        rule = "chain rule"
        if [line.reason for line in lines] == [("the local derivative",)]:
            rule = "local derivative"
            lines = [changed(lines[0], reason=reason)]
        steps.append(Step(rule, total, tuple(different_lines(page, lines))))
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
        return (variable, " enters directly, and through ", *listed(others))
    return (variable, " enters through ", *listed(users))
