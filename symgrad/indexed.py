"""Sums and products over a bound index, and the indexed data y_i they run over.

The one rule kept here: an index is no Symbol. It is bound by its sum, so nothing that
lists, replaces or differentiates by symbols ever meets it; the data y_i count as y.
Over 300 lines, as the kinds of nodes and what is asked of them stand together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Add, And, Expr, Integer, Mul, Ne, Piecewise, Symbol, Tuple
from sympy.core.expr import AtomicExpr

from symgrad.errors import RuleError
from symgrad.symbols import symbols_of


class Index(AtomicExpr):
    """The index of a sum: i of Σ_{i=1}^{n}."""

    __slots__ = ("name",)

    is_commutative = True
    is_real = True
    name: str

    def __new__(cls, name: str) -> Index:
        made: Index = AtomicExpr.__new__(cls)
        made.name = name
        return made

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.name,)

    def __getnewargs__(self) -> tuple[str]:
        return (self.name,)

    def _sympystr(self, printer: Any) -> str:
        return self.name


def _indexed_name(printer: Any, base: Symbol, indices: tuple[Expr, ...]) -> str:
    """y_i, x_{i+1}, w_{i,j}: as a text has it."""
    shown = [printer.doprint(index).replace(" ", "") for index in indices]
    plain = len(shown) == 1 and isinstance(indices[0], Index | Symbol | Integer)
    places = shown[0] if plain else f"{{{','.join(shown)}}}"
    return f"{printer.doprint(base)}_{places}"


class Element(Expr):
    """One datum of many: y_i, x_{i+1}, w_{i,j}; ``index`` is the first index."""

    is_commutative = True
    is_real = True

    def __new__(cls, base: Symbol, *indices: Expr) -> Element:
        made: Element = Expr.__new__(cls, base, *indices)
        return made

    @property
    def base(self) -> Symbol:
        return self.args[0]

    @property
    def index(self) -> Expr:
        return self.args[1]

    @property
    def indices(self) -> tuple[Expr, ...]:
        return tuple(self.args[1:])

    def _sympystr(self, printer: Any) -> str:
        return _indexed_name(printer, self.base, self.indices)


class Chosen(Expr):
    """x_i where one datum x_k is a variable: that where i is k, else the datum.

    Its arguments are the data, the indices, the variable and its places, as many as
    there are indices: W_{i,j} beside W_{k,l}.
    """

    is_commutative = True
    is_real = True

    def __new__(cls, base: Symbol, *rest: Expr) -> Expr:
        count = len(rest) // 2
        if rest[:count] == rest[count + 1 :]:
            return rest[count]
        made: Chosen = Expr.__new__(cls, base, *rest)
        return made

    @property
    def base(self) -> Symbol:
        return self.args[0]

    @property
    def indices(self) -> tuple[Expr, ...]:
        return tuple(self.args[1 : len(self.args) // 2])

    @property
    def index(self) -> Expr:
        return self.args[1]

    @property
    def element(self) -> Symbol:
        return self.args[len(self.args) // 2]

    @property
    def places(self) -> tuple[Expr, ...]:
        return tuple(self.args[len(self.args) // 2 + 1 :])

    def _sympystr(self, printer: Any) -> str:
        return _indexed_name(printer, self.base, self.indices)


class Delta(Expr):
    """Kronecker's δ_{i,k}: 1 where i is k, else 0."""

    is_commutative = True
    is_real = True

    def __new__(cls, index: Expr, place: Expr) -> Delta:
        made: Delta = Expr.__new__(cls, index, place)
        return made


class Binder(Expr):
    """What binds ``index`` in ``body``, from ``lower`` to ``upper``.

    Its kinds are the two of ``Reduction`` and the integral of integrals.py.
    """

    is_commutative = True
    is_real = True
    sign = ""
    word = ""

    def __new__(cls, body: Expr, index: Index, lower: Expr, upper: Expr) -> Binder:
        made: Binder = Expr.__new__(cls, body, index, lower, upper)
        return made

    @property
    def body(self) -> Expr:
        return self.args[0]

    @property
    def index(self) -> Index:
        index: Index = self.args[1]
        return index

    @property
    def lower(self) -> Expr:
        return self.args[2]

    @property
    def upper(self) -> Expr:
        return self.args[3]

    @property
    def bounds(self) -> tuple[Index, Expr, Expr]:
        """The index with its bounds, as another sum of the same length takes them."""
        return self.index, self.lower, self.upper

    def _sympystr(self, printer: Any) -> str:
        return f"{self.word}({', '.join(map(printer.doprint, self.args))})"


class Reduction(Binder):
    """``body`` for every whole ``index`` from ``lower`` to ``upper``, put together.

    An empty sum is 0, an empty product 1. Only its two kinds are ever made.
    ``neutral`` is what a term counts that is left out.
    """

    neutral: Expr


class IndexedSum(Reduction):
    """Σ_{i=lower}^{upper} body."""

    sign = "Σ"
    word = "sum"
    neutral = Integer(0)


class SampleSum(IndexedSum):
    """Σ_{i=1}^{n} over the samples: its body speaks of them by names of one sample.

    ``Sampled`` names have no index of their own; all else is as in ``IndexedSum``.
    """

    def over(self, body: Expr) -> SampleSum:
        """The sum of another body over the same samples."""
        return SampleSum(body, *self.bounds)


class IndexedProduct(Reduction):
    """Π_{i=lower}^{upper} body."""

    sign = "Π"
    word = "product"
    neutral = Integer(1)


REDUCTIONS: dict[str, type[Reduction]] = {
    "sum": IndexedSum,
    "product": IndexedProduct,
}


def but(expr: Reduction, *unequal: Any) -> Reduction:
    """Leave terms out of a sum or product: Π_{j=1, j≠i}^{n}.

    ``unequal`` are relations j ≠ i; what they leave out counts as 0, in a product 1.
    """
    if not unequal:
        return expr
    cases = ((expr.body, And(*unequal)), (expr.neutral, True))
    made: Reduction = expr.func(Piecewise(*cases, evaluate=False), *expr.bounds)
    return made


def taken_apart(expr: Reduction) -> tuple[Reduction, tuple[Any, ...]]:
    """Give a sum or product without its relations j ≠ i, and these; see ``but``.

    >>> from symgrad.symbols import symbol
    >>> n, i, j = symbol("n"), Index("i"), Index("j")
    >>> taken_apart(but(IndexedSum(j, j, n, n), Ne(j, i)))
    (sum(j, j, n, n), (Ne(j, i),))
    """
    body = expr.body
    if not isinstance(body, Piecewise) or len(body.args) != 2:
        return expr, ()
    (term, condition), (rest, otherwise) = (case.args for case in body.args)
    unequal = And.make_args(condition)
    if rest != expr.neutral or otherwise != True:  # noqa: E712  (SymPy's own true)
        return expr, ()
    if not all(isinstance(each, Ne) and expr.index in each.args for each in unequal):
        return expr, ()
    ordered = sorted(unequal, key=lambda each: str(other_side(each, expr.index)))
    plain: Reduction = expr.func(term, *expr.bounds)
    return plain, tuple(ordered)


def other_side(unequal: Any, index: Index) -> Expr:
    """Give i of j ≠ i."""
    first, second = unequal.args
    return second if first == index else first


def is_whole(expr: Any) -> bool:
    """Whether an expression is a whole number for every value of its indices.

    >>> is_whole(2 * Index("i") + 1), is_whole(Index("i") / 2)
    (True, False)
    """
    todo = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, Add | Mul):
            todo.extend(node.args)
        elif not (node.is_Integer or type(node) is Index):
            return False
    return True


def free_leaves(expr: Expr) -> list[Any]:
    """List the symbols of ``expr`` and the indices that no sum in it binds.

    >>> from symgrad.symbols import symbol
    >>> y, n, i = symbol("y"), symbol("n"), Index("i")
    >>> free_leaves(i * IndexedSum(Element(y, i), i, n, n))
    [i, y, n]
    """
    found: dict[Any, None] = {}
    todo: list[tuple[Any, frozenset[Index]]] = [(expr, frozenset())]
    while todo:
        node, bound = todo.pop()
        if isinstance(node, Symbol) or (isinstance(node, Index) and node not in bound):
            found[node] = None
        elif isinstance(node, Binder):
            todo.extend((side, bound) for side in (node.upper, node.lower))
            todo.append((node.body, bound | {node.index}))
        else:
            todo.extend((arg, bound) for arg in reversed(node.args))
    return list(found)


def has_index(expr: Expr, index: Index) -> bool:
    """Whether ``index`` occurs in ``expr`` and is not bound within it."""
    return index in free_leaves(expr)


def has_bare(expr: Expr, data: set[Symbol]) -> Symbol | None:
    """Find a name of data that stands somewhere without its index."""
    todo: list[Any] = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, Symbol) and node in data:
            return node
        todo.extend(node.args[1:] if isinstance(node, Element) else node.args)
    return None


def data_and_counts(exprs: list[Expr]) -> tuple[set[Symbol], set[Symbol]]:
    """Give the names of the indexed data, and those that stand in a bound."""
    data: set[Symbol] = set()
    counts: set[Symbol] = set()
    for expr in exprs:
        todo: list[Any] = [expr]
        while todo:
            node = todo.pop()
            if isinstance(node, Element):
                data.add(node.base)
            if isinstance(node, Reduction):
                counts.update(symbols_of(Tuple(node.lower, node.upper)))
            todo.extend(node.args)
    return data, counts


def whole_names(exprs: Iterable[Any]) -> frozenset[Symbol]:
    """The names that stand for whole numbers: in bounds, in places, in δ."""
    found: set[Symbol] = set()
    todo: list[Any] = list(exprs)
    while todo:
        node = todo.pop()
        if isinstance(node, Reduction):
            found.update(symbols_of(Tuple(node.lower, node.upper)))
        elif isinstance(node, Element):
            found.update(symbols_of(Tuple(*node.indices)))
        elif isinstance(node, Chosen):
            found.update(symbols_of(Tuple(*node.indices, *node.places)))
        elif isinstance(node, Delta):
            found.update(symbols_of(node))
        todo.extend(node.args)
    return frozenset(found)


def by_all_data(name: Symbol) -> RuleError:
    """Say how to differentiate by each element of indexed data."""
    letter = "k" if name.name != "k" else "m"
    element = f"{name.name}_{letter}"
    return RuleError(
        f"{name.name!r} stands for all the data {name.name}_1, {name.name}_2, …; "
        f"differentiate by any one of them, wrt={element!r}, and for numbers call "
        f"lambdify(…, wrt={element!r})(…, {letter}=…), {letter} being a place or an "
        "array of places"
    )


def at_place(expr: Any, index: Index, place: Expr) -> Any:
    """Give the term of a sum at one place: ``index`` replaced where it is free."""
    if expr == index:
        return place
    if not expr.args or not has_index(expr, index):
        return expr
    if isinstance(expr, Binder) and expr.index == index:
        bounds = (at_place(side, index, place) for side in (expr.lower, expr.upper))
        return expr.func(expr.body, index, *bounds)
    parts = (at_place(arg, index, place) for arg in expr.args)
    if isinstance(expr, Piecewise):
        return Piecewise(*parts, evaluate=False)
    return expr.func(*parts)
