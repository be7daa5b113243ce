"""The lines of a chain-rule step: the rule, its factors put in, multiplied, closed.

The one rule kept here: a line is what the Gradient already has, and a line that reads
as the one before it is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from sympy import Add, Expr, Integer, Mul, Symbol

from symgrad.accumulation import told_factors, within_samples
from symgrad.derivation import Line, Text
from symgrad.forms import FORMS, rewrite
from symgrad.page import Page
from symgrad.rules.parts import sum_of
from symgrad.symbols import Abstract, Chain, Partial, Total

MULTIPLY = "multiply the factors"


def chain_lines(page: Page, chains: list[Expr], reason: Text) -> tuple[Line, ...]:
    """The chain rule; in the notes' notation of z = f(x, y) with ∂x/∂x = 1 told."""
    line = Line(sum_of(*chains), reason)
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
    return (Line(sum_of(*whole), reason), Line(line.expr, ("as ", one, " = 1")))


def product_lines(page: Page, output: Symbol, variable: Symbol) -> list[Line]:
    """The factors multiplied, then closed and in the form asked for, where short."""
    product = page.product(output, variable)
    if product is None:
        return []
    total = page.gradient.totals[Total(output, variable)].expr
    several = isinstance(total, Add)
    why = f"{MULTIPLY} and add the paths" if several else MULTIPLY
    formed = form_lines(page, product, variable)
    return [Line(product, (why,)), *closing_lines(page, product), *formed]


def form_lines(page: Page, product: Expr, variable: Symbol) -> list[Line]:
    """The result as textbooks write it, or in the form that was asked for."""
    is_asked = page.form != "short"
    if page.gradient.graph.parameters and not is_asked:
        return []  # a network's factors stay as its paths give them
    closes = is_asked or page.detail != "brief"
    closed = page.closed_form(product) if closes else None
    whole = product if closed is None else closed
    made = rewrite(whole, page.form, variable)
    return [] if made == whole else [Line(made, (FORMS[page.form].reason,))]


def closing_lines(page: Page, product: Expr) -> list[Line]:
    """The closed form, unless it is long, brief, or said already."""
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


def different_lines(page: Page, lines: list[Line]) -> list[Line]:
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


def with_partials(page: Page, expr: Expr) -> Expr:
    """Put the local derivatives in the place of their symbols."""
    return within_samples(expr, lambda line: _with_partials(page, line))


def _with_partials(page: Page, expr: Expr) -> Expr:
    products = []
    for factors in told_factors(expr, page.gradient.partials):
        kept = [x for x in factors if x != 1]
        products.append(Chain(*kept) if kept else Integer(1))
    return sum_of(*products)
