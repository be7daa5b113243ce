"""A Gradient arranged as a page: which sections, in which order, at which detail.

Nothing is derived here. The steps are those the Gradient was computed by; this module
chooses, orders and words them, has them recomputed, and puts the numbers beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace as changed
from typing import Any

from sympy import Expr, Symbol

from symgrad.bodies import Body, check_on_curve, check_parts
from symgrad.chain_rule import differentiate, jacobian
from symgrad.derivation import Derivation, Section, Text, listed
from symgrad.detail import shown_step
from symgrad.differentials import Differential
from symgrad.equation_pages import implicit_body
from symgrad.equations import Implicit
from symgrad.errors import (
    ArgumentValueError,
    BoundError,
    check_name,
    check_switch,
    short,
)
from symgrad.forms import FORMS
from symgrad.formulas import formula
from symgrad.gradient import Gradient
from symgrad.hessian_pages import hessian_body
from symgrad.interaction import interaction, page_script
from symgrad.method_pages import (
    counts_section,
    differential_body,
    in_form,
    logarithmic_body,
    orders_body,
    orders_of,
)
from symgrad.numbers import with_numbers
from symgrad.numeric.code_notes import code_notes
from symgrad.numeric.equalities import check_steps
from symgrad.page import DETAILS, Page
from symgrad.page_parts import (
    composition,
    listed_stages,
    matrix_sections,
    table_section,
)
from symgrad.rules.domains import said_once
from symgrad.symbols import Total
from symgrad.views import single_steps, stage_steps, total_steps, variable_steps

NOTATIONS = ("textbook", "notes")
METHODS = ("chain rule", "logarithmic")
MAX_LINES = 60_000


def explain(
    source: Any,
    wrt: Any = None,
    detail: str = "normal",
    at: Mapping[str, float] | None = None,
    notation: str = "textbook",
    check: bool = True,
    method: str = "chain rule",
    form: str = "short",
) -> Derivation:
    """Derive a gradient on a page: every step, every rule by name, every line checked.

    >>> page = explain("tanh(w*x + b)", "w")
    >>> page.sections[1].steps[-1].result
    x*(1 - tanh(b + w*x)**2)

    ``source`` is a Gradient (its mode is kept), a Graph or whatever ``formula``
    takes, or what ``implicit``, ``inverse``, ``total_differential`` or ``directional``
    gave; ``wrt`` as in ``differentiate``. ``detail`` is ``"brief"`` (chain rule and
    result), ``"normal"`` (every local derivative) or ``"full"`` (every rule with its
    general form, closed forms, tables). ``at`` maps every input and parameter to a
    number; the numbers then stand under the symbols. ``notation`` is ``"textbook"``
    or ``"notes"``. With ``check`` every equality is recomputed at random points.
    ``method`` is ``"chain rule"`` or, for products and powers, ``"logarithmic"``.
    ``form`` is the form of the results, a row of ``FORMS``: ``"factored"``, ``"sech"``.

    Raises ``UnknownNameError`` for an unknown detail, notation, method, form or
    variable, ``BoundError`` where the page would have over ``MAX_LINES`` lines.
    """
    check_name("detail", detail, DETAILS)
    check_name("notation", notation, NOTATIONS)
    check_name("method", method, METHODS)
    check_name("form", form, FORMS)
    check_switch("check", check)
    body = _body(source, wrt, (detail, notation, form), method)
    if body is not None:
        return _written(in_form(body, form), detail, at, notation, check)
    gradient = _gradient(source, wrt)
    _check_length(gradient)
    page = Page(gradient, detail, notation, form)
    sections = _sections(page)
    values: tuple[tuple[Expr, float], ...] = ()
    if at is not None:
        sections, values = with_numbers(gradient.graph, sections, at)
    sections = tuple(said_once([_at_detail(s, detail) for s in sections]))
    checks = _checks(gradient, sections) if check else (("not checked",),)
    checks += code_notes(gradient.graph) if detail != "brief" else ()
    routes, script, remarks = interaction(gradient, sections, at)
    return Derivation(
        _title(gradient),
        *(sections, checks, gradient.graph, notation, values),
        *(routes, script, remarks),
    )


def _body(
    source: Any, wrt: Any, look: tuple[str, str, str], method: str
) -> Body | None:
    """What is more than one gradient, with its parts; None for a plain gradient."""
    detail = look[0]
    if isinstance(source, Implicit | Differential):
        if wrt is not None or method != METHODS[0]:
            raise ArgumentValueError(
                f"{short(source)} is derived already; leave wrt and method out"
            )
        if isinstance(source, Implicit):
            return implicit_body(source, detail)
        before = _first_sections(source.gradient, look)
        return differential_body(source, detail, before)
    is_again = isinstance(source, Gradient) and source.before is not None
    if method == METHODS[0] and not (is_again and wrt is None):
        return None
    gradient = _gradient(source, wrt)
    _check_length(gradient)
    if method == "logarithmic":
        return logarithmic_body(gradient, detail, composition(Page(gradient, *look)))
    if gradient.row_names:
        assert gradient.before is not None
        return hessian_body(gradient, look, _first_sections(gradient.before, look))
    first = orders_of(gradient)[0]
    return orders_body(gradient, look, composition(Page(first, *look)))


def _first_sections(
    gradient: Gradient, look: tuple[str, str, str]
) -> tuple[Section, ...]:
    """A gradient's page as the first part of another; its tables on full pages only."""
    sections = _sections(Page(gradient, *look))
    if look[0] == "full":
        return sections
    return tuple(section for section in sections if section.table is None)


def _written(
    body: Body, detail: str, at: Any, notation: str, check: bool
) -> Derivation:
    """A page of several parts, each checked in its own graph."""
    sections = body.sections
    values: tuple[tuple[Expr, float], ...] = ()
    if at is not None:
        check_on_curve(body, at)
        sections, values = with_numbers(body.numbers, sections, at)
    sections = tuple(said_once([_at_detail(s, detail) for s in sections]))
    checks = check_parts(body.parts) if check else (("not checked",),)
    checks += code_notes(body.graph) if detail != "brief" else ()
    script = None
    remarks: tuple[Text, ...] = ()
    if body.curve is None:  # on a curve one number follows from the others
        script, remarks = page_script(body.numbers, sections, at)
    return Derivation(
        body.title,
        *(sections, checks, body.graph, notation, values),
        script=script,
        remarks=remarks,
    )


def _gradient(source: Any, wrt: Any) -> Gradient:
    if isinstance(source, Gradient):
        if wrt is None:
            return source
        make = jacobian if source.row_names else differentiate
        return make(source.graph, wrt, source.mode)
    graph = formula(source)
    make = jacobian if len(graph.outputs) > 1 else differentiate
    return make(graph, wrt)


def _check_length(gradient: Gradient) -> None:
    if not gradient.wrt:
        raise ArgumentValueError(
            "nothing to differentiate by: the formula has no variable; name one in it"
        )
    if gradient.mode == "forward":
        lines = len(gradient.wrt) * len(gradient.graph.stages)
    else:
        lines = len(gradient.wrt) + len(gradient.graph.stages)
    lines *= len(gradient.outputs)
    if lines > MAX_LINES:
        raise BoundError(
            f"the page would have about {lines:,} lines (the bound MAX_LINES is "
            f"{MAX_LINES:,}); choose fewer variables with wrt, or reverse mode"
        )


def _title(gradient: Gradient) -> Text:
    shown = [gradient.graph.shown(output) for output in gradient.outputs]
    names: list[Any] = [
        "The derivative of " if len(gradient) == 1 else "The gradient of "
    ]
    if len(shown) > 1:
        names = ["The Jacobian of "]
    if gradient.before is not None:
        shown = [gradient.before.graph.shown(gradient.before.outputs[0])]
        names = ["The Hessian of "]
    names += listed(shown[:4])
    if len(gradient.wrt) == 1:
        names += [" by ", gradient.wrt[0]]
    return tuple(names)


# --- sections ---------------------------------------------------------------------


def _sections(page: Page) -> tuple[Section, ...]:
    sections = [composition(page)]
    gradient = page.gradient
    if len(gradient.wrt) == 1 and all(page.is_short(o) for o in gradient.outputs):
        for output in gradient.outputs:
            title = (Total(output, gradient.wrt[0]),)
            sections.append(Section(title, (), single_steps(page, output)))
    else:
        sections += _local_sections(page)
        for output in gradient.outputs:
            sections += _accumulated(page, output)
    if gradient.row_names and page.detail != "brief":
        sections += matrix_sections(page)
    if page.has_tables and len(gradient.graph.stages) > 1:
        for output in gradient.outputs:
            sections.append(table_section(page, output))
    if page.detail == "full":
        sections.append(counts_section(gradient))
    return tuple(sections)


def _local_sections(page: Page) -> list[Section]:
    if page.detail == "brief":
        return []
    steps = [
        step
        for stage in listed_stages(page.gradient.graph)
        for step in stage_steps(page, stage)
    ]
    text: Text = ("each stage by what it is made of, the other arguments held",)
    return [Section(("Local derivatives",), (text,), tuple(steps))] if steps else []


def _accumulated(page: Page, output: Symbol) -> list[Section]:
    gradient, graph = page.gradient, page.gradient.graph
    shown = graph.shown(output)
    sections = []
    if gradient.mode == "reverse":
        back = total_steps(page, output)
        if back:
            title: Text = ("From ", shown, " back to the stages")
            text = "reverse accumulation: each stage hands its derivative on"
            sections.append(Section(title, ((text,),), back))
        title = ("The derivatives of ", shown)
        sections.append(Section(title, (), variable_steps(page, output)))
        return sections
    for variable in gradient.wrt:
        steps = total_steps(page, output, variable)
        title = (Total(output, variable), ", accumulated forward")
        sections.append(Section(title, (), steps))
    return sections


def _at_detail(section: Section, detail: str) -> Section:
    steps = tuple(shown_step(step, detail) for step in section.steps)
    return changed(section, steps=steps)


# --- checks -----------------------------------------------------------------------


def _checks(gradient: Gradient, sections: tuple[Section, ...]) -> tuple[Text, ...]:
    steps = [step for section in sections for step in section.steps]
    result = check_steps(gradient.graph, steps)
    if not result.equalities:
        return ((f"not checked: {result}",),)
    return ((f"{'✓' if result.passed else '✗'} {result}",),)
