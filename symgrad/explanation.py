"""A Gradient arranged as a page: which sections, in which order, at which detail.

Nothing is derived here. The steps are those the Gradient was computed by; this module
chooses, orders and words them, has them recomputed, and puts the numbers beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace as changed
from typing import Any

from sympy import Expr

from symgrad.arrangement import arranged, sections_of
from symgrad.bodies import Body, check_on_curve, check_parts
from symgrad.book_notations import BOOKS, in_book
from symgrad.chain_rule import differentiate, jacobian
from symgrad.chosen_views import check_views
from symgrad.derivation import Derivation, Section, Step, Text, listed
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
    differential_body,
    in_form,
    logarithmic_body,
    orders_body,
    orders_of,
)
from symgrad.numbers import with_numbers, with_sample_numbers
from symgrad.numeric.code_notes import code_notes
from symgrad.numeric.equalities import check_steps
from symgrad.page import DETAILS, Page
from symgrad.page_parts import (
    composition,
)
from symgrad.rules.domains import said_once
from symgrad.samples import indexed_form, written_out

NOTATIONS = ("textbook", "notes", *BOOKS)
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
    views: Sequence[str] | None = None,
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
    number, or to a list of numbers where it is data or an input of a loss; the numbers
    then stand under the symbols. ``notation`` is ``"textbook"``
    or ``"notes"``, or for a network ``"nielsen"``, ``"bishop"`` or ``"goodfellow"``,
    whose names it then has. With ``check`` every equality is recomputed at random
    points.
    ``method`` is ``"chain rule"`` or, for products and powers, ``"logarithmic"``.
    ``form`` is the form of the results, a row of ``FORMS``: ``"factored"``, ``"sech"``.
    ``views`` are the views of the derivative to show, in this order: ``"chain rule"``,
    ``"paths"``, ``"reverse"``, ``"forward"``, ``"delta"`` (of networks), ``"weights"``;
    by default the chain rule, and tables where the detail has them.

    Raises ``UnknownNameError`` for an unknown detail, notation, method, form or
    variable, ``BoundError`` where the page would have over ``MAX_LINES`` lines.
    """
    check_name("detail", detail, DETAILS)
    check_name("notation", notation, NOTATIONS)
    check_name("method", method, METHODS)
    check_name("form", form, FORMS)
    check_switch("check", check)
    chosen = check_views(views)
    names: tuple[Section, ...] = ()
    if notation in BOOKS:
        source, wrt, at, names = _in_book(source, wrt, at, notation)
        notation = "textbook"
    body = _body(source, wrt, (detail, notation, form), method)
    if body is not None:
        if chosen is not None:
            raise ArgumentValueError(
                "views are those of one gradient by the chain rule; leave views out"
            )
        return _written(in_form(body, form), detail, at, notation, check)
    gradient = _gradient(source, wrt)
    _check_length(gradient)
    look = (detail, notation, form)
    sections, hidden = arranged(Page(gradient, *look), chosen, {})
    values: tuple[tuple[Expr, float], ...] = ()
    if at is not None and gradient.graph.samples is not None:
        graph, wrt = gradient.graph, gradient.wrt
        sections, values = with_sample_numbers(graph, wrt, sections, at)
    elif at is not None:
        behind = Section((), (), hidden)
        told, values = with_numbers(gradient.graph, (*sections, behind), at)
        if chosen is not None:  # tables have numbers of their own
            again, _ = arranged(Page(gradient, *look), chosen, dict(values))
            told, _ = with_numbers(gradient.graph, (*again, behind), at)
        sections = told[:-1]
    sections = (sections[0], *names, *sections[1:])
    sections = tuple(said_once([_at_detail(s, detail) for s in sections]))
    checks = _checks(gradient, sections, hidden) if check else (("not checked",),)
    checks += code_notes(indexed_form(gradient.graph)) if detail != "brief" else ()
    routes, script, remarks = interaction(gradient, sections, at)
    return Derivation(
        _title(gradient),
        *(sections, checks, gradient.graph, notation, values),
        *(routes, script, remarks),
    )


def _in_book(
    source: Any, wrt: Any, at: Mapping[str, float] | None, notation: str
) -> tuple[Gradient, None, Mapping[Any, float] | None, tuple[Section, ...]]:
    """A network, its variables and its point in the names of a book."""
    if isinstance(source, Implicit | Differential):
        raise ArgumentValueError(
            f"the notation {notation!r} is that of networks; take 'textbook' or 'notes'"
        )
    gradient = _gradient(source, wrt)
    book = in_book(gradient.graph, notation)
    make = jacobian if gradient.row_names else differentiate
    again = make(book.graph, [book.given(w) for w in gradient.wrt], gradient.mode)
    if isinstance(at, Mapping):
        at = {book.given(name): value for name, value in at.items()}
    return again, None, at, (book.section(),)


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
    sections = sections_of(Page(gradient, *look))
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


def _at_detail(section: Section, detail: str) -> Section:
    steps = tuple(shown_step(step, detail) for step in section.steps)
    return changed(section, steps=steps)


# --- checks -----------------------------------------------------------------------


def _checks(
    gradient: Gradient, sections: tuple[Section, ...], hidden: tuple[Step, ...]
) -> tuple[Text, ...]:
    steps = [step for section in sections for step in section.steps]
    steps += hidden
    graph = gradient.graph
    if graph.samples is not None:
        graph, steps = written_out(graph, steps)
    result = check_steps(graph, steps)
    if not result.equalities:
        return ((f"not checked: {result}",),)
    return ((f"{'✓' if result.passed else '✗'} {result}",),)
