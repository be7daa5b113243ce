"""Other views of the same derivative, asked for by name: paths, tables, δ of layers.

The one rule kept here: a view says again what the Gradient holds, in another order; the
lines of its tables are steps too, so that they are recomputed like all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed

from sympy import Expr, Symbol

from symgrad.accumulation import over_samples
from symgrad.chain_lines import different_lines, product_lines, with_partials
from symgrad.chain_rule import differentiate, jacobian
from symgrad.delta_view import delta_sections
from symgrad.derivation import Line, Section, Step, Table, Text
from symgrad.errors import ArgumentTypeError, ArgumentValueError, check_name, short
from symgrad.page import MAX_LISTED_PATHS, MAX_ROWS, Page
from symgrad.page_parts import rows_left_out, table_section
from symgrad.symbols import Chain, Total

CHAIN_RULE = "chain rule"


@dataclass(frozen=True)
class View:
    """Sections of a page, and the steps that stand in their tables."""

    sections: tuple[Section, ...]
    hidden: tuple[Step, ...] = ()


def check_views(views: Sequence[str] | str | None) -> tuple[str, ...] | None:
    """Read the names of views; None is the choice of the detail."""
    if views is None:
        return None
    if isinstance(views, str):
        views = [views]
    if not isinstance(views, Iterable) or isinstance(views, set | frozenset):
        raise ArgumentTypeError(
            f"views is {short(views)}; expected a list such as ['paths', 'delta']"
        )
    names = tuple(dict.fromkeys(views))
    for name in names:
        check_name("view", name, NAMES)
    if not names:
        raise ArgumentValueError(f"views is empty; give some of {', '.join(NAMES)}")
    return names


def view_of(name: str, page: Page, values: Mapping[Expr, float]) -> View:
    """Make one view of a page; ``values`` are the numbers at a point, if any.

    Raises ``ArgumentValueError`` where a view does not fit: δ without layers.
    """
    return VIEWS[name](page, values)


# --- every path -------------------------------------------------------------------


def _paths(page: Page, values: Mapping[Expr, float]) -> View:
    """Each path with its factors and their product; their sum is the derivative."""
    sections: list[Section] = []
    hidden: list[Step] = []
    for output in page.gradient.outputs:
        for variable in page.gradient.wrt:
            sections.append(_path_section(page, output, variable, hidden))
    return View(tuple(sections), tuple(hidden))


def _path_section(
    page: Page, output: Symbol, variable: Symbol, hidden: list[Step]
) -> Section:
    gradient, total = page.gradient, Total(output, variable)
    key = page.key(output, variable)
    count = gradient.path_count(key)
    title: Text = ("The paths of ", total)
    shown = gradient.graph.shown(output)
    if count > MAX_LISTED_PATHS:
        return Section(title, ((variable, " reaches ", shown, f" on {count:,} paths"),))
    paths = [path for path in gradient.paths(key) if path]
    if not paths:
        return Section(title, ((variable, " reaches ", shown, " on no path"),))
    rows: list[tuple[Text, ...]] = []
    for path in paths:
        chain = Chain(*path)
        product = with_partials(page, chain)
        hidden.append(Step("path", chain, (Line(product),)))
        stops = (variable, *(partial.of for partial in path[::-1]))
        rows.append((_arrows(stops), (chain,), (product,)))
    table = Table((("path",), ("factors",), ("product",)), tuple(rows))
    chains = [Chain(*path) for path in paths]
    sums = over_samples(chains, gradient.samples_between(output, variable))
    lines = [Line(sums, ("the sum over all paths",))]
    lines += product_lines(page, output, variable)
    step = Step("path sum", total, tuple(different_lines(page, lines)))
    return Section(title, (), (step,), table)


def _arrows(stops: Sequence[Symbol]) -> Text:
    parts: list[str | Expr] = [stops[0]]
    for stop in stops[1:]:
        parts += [" → ", stop]
    return tuple(parts)


# --- tables of accumulation ---------------------------------------------------------


def _accumulation(mode: str) -> Callable[[Page, Mapping[Expr, float]], View]:
    def make(page: Page, values: Mapping[Expr, float]) -> View:
        gradient = page.gradient
        if gradient.mode != mode:
            again = jacobian if gradient.row_names else differentiate
            gradient = again(gradient.graph, list(gradient.wrt), mode)
        turned = changed(page, gradient=gradient)
        sections, hidden = [], []
        for output in gradient.outputs:
            sections.append(table_section(turned, output))
            totals = list(gradient.totals_of(output).items())[:MAX_ROWS]
            hidden += [
                Step("accumulation", t, (Line(line.expr),)) for t, line in totals
            ]
        return View(tuple(sections), tuple(hidden))

    return make


# --- each weight --------------------------------------------------------------------


def _weights(page: Page, values: Mapping[Expr, float]) -> View:
    """A row for each variable: its derivative, and the numbers where there are some."""
    sections, hidden = [], []
    numbers: tuple[Text, ...] = (
        (("its value",), ("derivative’s value",)) if values else ()
    )
    for output in page.gradient.outputs:
        rows: list[tuple[Text, ...]] = []
        for variable in page.gradient.wrt[:MAX_ROWS]:
            total = Total(output, variable)
            product = page.product(output, variable)
            if product is None:
                product = page.gradient.totals[total].expr
            hidden.append(Step("derivative", total, (Line(product),)))
            told = (values.get(variable), values.get(total)) if values else ()
            cells = tuple((_number(x),) for x in told)
            rows.append(((variable,), (total,), (product,), *cells))
        title: Text = ("Weight by weight, for ", page.gradient.graph.shown(output))
        header = (("variable",), ("derivative",), ("equals",), *numbers)
        left_out = len(page.gradient.wrt) - len(rows)
        text = rows_left_out(page, output, left_out)
        sections.append(Section(title, text, (), Table(header, tuple(rows))))
    return View(tuple(sections), tuple(hidden))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.5g}".replace("-", "−")


VIEWS: Mapping[str, Callable[[Page, Mapping[Expr, float]], View]] = {
    "paths": _paths,
    "reverse": _accumulation("reverse"),
    "forward": _accumulation("forward"),
    "delta": lambda page, values: View(delta_sections(page)),
    "weights": _weights,
}
"""name -> what makes it; the chain rule itself is made by explanation.py"""

NAMES = (CHAIN_RULE, *VIEWS)
