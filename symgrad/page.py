"""One page in the making: what it is about, and what on it is short enough to read.

The bounds of readability stand here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import Expr, I, Symbol

from symgrad.abstract_functions import lettered
from symgrad.gradient import Gradient
from symgrad.graph import MAX_DEPTH
from symgrad.symbols import Abstract, Partial, Total

DETAILS = ("brief", "normal", "full")
MAX_LISTED_PATHS = 8
MAX_LISTED_FACTORS = 40
MAX_LISTED_STAGES = 24
MAX_ROWS = 48
MAX_PRODUCT_NODES = 90
MAX_CLOSED_FORM_NODES = 160
MAX_STAGE_NODES = 640
MAX_EXPANSION_WORK = 60_000


@dataclass
class Page:
    """One page in the making: the gradient, the detail, and what was said already."""

    gradient: Gradient
    detail: str
    notation: str = "textbook"
    form: str = "short"
    said: set[Partial] = field(default_factory=set)

    @property
    def has_tables(self) -> bool:
        """Accumulation tables stand on full pages, and on those with many variables."""
        if self.detail == "full":
            return True
        return self.detail == "normal" and len(self.gradient.wrt) > 1

    @cached_property
    def lettered(self) -> Mapping[Symbol, Abstract]:
        """The stages z = f(x, y): their partials are those of f, and need no step."""
        return lettered(self.gradient.graph)

    def is_short(self, output: Symbol) -> bool:
        """Whether the paths of the only variable can be written side by side."""
        gradient = self.gradient
        key = self.key(output, gradient.wrt[0])
        count = gradient.path_count(key)
        if count > MAX_LISTED_PATHS:
            return False
        factors = sum(len(path) for path in gradient.paths(key))
        return factors <= MAX_LISTED_FACTORS

    def is_used(self, stage: Symbol) -> bool:
        """Whether a stage lies between some variable and some output."""
        ancestors = self.gradient.flow.ancestors.values()
        return any(stage in names for names in ancestors)

    def reads_alike(self, total: Total, expr: Expr) -> bool:
        """Whether a chain-rule line is the partial of the same two names: dy/dx."""
        shown = self.gradient.graph.shown(total.of)
        is_itself = shown == total.of or total.of in self.lettered
        return expr == Partial(total.of, total.by) and is_itself

    def key(self, output: Symbol, variable: Symbol) -> Any:
        """The key of a derivative in the gradient's mapping."""
        gradient = self.gradient
        if not gradient.row_names:
            return variable
        place = gradient.outputs.index(output)
        return gradient.row_names[place], variable

    def product(self, output: Symbol, variable: Symbol) -> Expr | None:
        """The factored derivative, where it is short enough to read."""
        gradient = self.gradient
        work = len(gradient.graph.stages) * len(gradient.wrt) * len(gradient.outputs)
        if work > MAX_EXPANSION_WORK:
            return None
        key = self.key(output, variable)
        if gradient.expanded_size(key, MAX_PRODUCT_NODES) is None:
            return None
        return gradient.factored(key)

    def closed_form(self, product: Expr) -> Expr | None:
        """The same in inputs and parameters alone, where that can be read, and real."""
        graph = self.gradient.graph
        nodes, depth = graph.expanded_measure(product)
        if nodes > MAX_CLOSED_FORM_NODES or depth > MAX_DEPTH:
            return None
        closed = graph.expand(product)
        return None if closed.has(I) else closed  # √(−x²) is I·|x|
