"""Which sections a page of one gradient has, and in which order.

The one rule kept here: nothing is derived or checked; steps are only put together.
"""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Symbol

from symgrad.chosen_views import CHAIN_RULE, view_of
from symgrad.derivation import Section, Step, Text
from symgrad.method_pages import counts_section
from symgrad.page import Page
from symgrad.page_parts import (
    back_title,
    composition,
    listed_stages,
    local_title,
    matrix_sections,
    meaning,
    result_title,
    table_section,
    why_sections,
)
from symgrad.symbols import Total
from symgrad.views import single_steps, stage_steps, total_steps, variable_steps


def arranged(
    page: Page, chosen: tuple[str, ...] | None, values: Mapping[Expr, float]
) -> tuple[tuple[Section, ...], tuple[Step, ...]]:
    """The sections of a page, and the steps that stand in its chosen tables."""
    if chosen is None:
        return sections_of(page), ()
    sections = [composition(page)]
    hidden: list[Step] = []
    for name in chosen:
        if name == CHAIN_RULE:
            sections += _chain_rule(page)
        else:
            view = view_of(name, page, values)
            sections += view.sections
            hidden += view.hidden
    return tuple(sections), tuple(hidden)


def sections_of(page: Page) -> tuple[Section, ...]:
    sections = [composition(page), *_chain_rule(page)]
    gradient = page.gradient
    if gradient.row_names and page.detail != "brief":
        sections += matrix_sections(page)
    if page.detail == "full":
        sections += why_sections(page)
    if page.has_tables and len(gradient.graph.stages) > 1:
        for output in gradient.outputs:
            sections.append(table_section(page, output))
    if page.detail == "full":
        sections.append(counts_section(gradient))
    return tuple(sections)


def _chain_rule(page: Page) -> list[Section]:
    gradient = page.gradient
    if len(gradient.wrt) == 1 and all(page.is_short(o) for o in gradient.outputs):
        return [
            Section(
                (Total(o, gradient.wrt[0]),), meaning(page, o), single_steps(page, o)
            )
            for o in gradient.outputs
        ]
    sections = _local_sections(page)
    for output in gradient.outputs:
        sections += _accumulated(page, output)
    return sections


def _local_sections(page: Page) -> list[Section]:
    if page.detail == "brief":
        return []
    steps = [
        step
        for stage in listed_stages(page.gradient.graph)
        for step in stage_steps(page, stage)
    ]
    text: Text = ("each stage by what it is made of, the other arguments held",)
    return [Section(local_title(), (text,), tuple(steps))] if steps else []


def _accumulated(page: Page, output: Symbol) -> list[Section]:
    gradient = page.gradient
    sections = []
    if gradient.mode == "reverse":
        back = total_steps(page, output)
        if back:
            how = "reverse accumulation: each stage hands its derivative on"
            sections.append(Section(back_title(page, output), ((how,),), back))
        steps = variable_steps(page, output)
        text = meaning(page, output)
        sections.append(Section(result_title(page, output), text, steps))
        return sections
    for variable in gradient.wrt:
        steps = total_steps(page, output, variable)
        title = (Total(output, variable), ", accumulated forward")
        sections.append(Section(title, (), steps))
    return sections
