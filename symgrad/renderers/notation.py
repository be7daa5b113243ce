"""The one place that decides how an expression looks, for every format.

``layout`` turns SymPy into a layout tree: the order of terms and factors, what is a
fraction or a root, d or ∂, where a dot stands. Writers must not look at SymPy at all.
Over 300 lines, as it is one table with a short function for each kind of expression.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp
from sympy import Add, Expr, Integer, Mul, Pow, Symbol

from symgrad import functions, named_functions
from symgrad.abstract_functions import are_names
from symgrad.decimals import as_quotient
from symgrad.errors import check_name
from symgrad.graph import Graph
from symgrad.indexed import (
    Chosen,
    Delta,
    Element,
    Index,
    Reduction,
    free_leaves,
    other_side,
    taken_apart,
)
from symgrad.integrals import DefiniteIntegral, IntegrationVariable
from symgrad.ordering import ordered_factors, ordered_terms
from symgrad.renderers.dependence import Dependence, variables
from symgrad.renderers.names import read_name
from symgrad.renderers.nodes import (
    Big,
    Binomial,
    Call,
    Cases,
    Derivative,
    Fence,
    Fraction,
    Layout,
    Name,
    Number,
    Power,
    Product,
    Relation,
    Repeated,
    Root,
    Sum,
    Word,
)
from symgrad.renderers.numerals import (
    constant_layout,
    exact_layout,
    is_one,
    number_layout,
)
from symgrad.renderers.special_functions import special_call
from symgrad.symbols import (
    Abstract,
    Chain,
    LocalDerivative,
    Partial,
    Sampled,
    Total,
    symbols_of,
)
from symgrad.symbols import Call as Application

MAX_PRIMES = 3
"""f′, f″, f‴ of one argument; beyond that, and for several, ∂_1."""

SAMPLE_INDEX = "i"
"""what the names of one sample bear: x_{1,i}"""


@dataclass(frozen=True)
class Style:
    """One way to write derivatives: the sign of a chain, and whether ``d`` is used."""

    chain_sign: str
    uses_d: bool


STYLES: dict[str, Style] = {
    "textbook": Style("·", True),
    "notes": Style("×", False),
}


@dataclass(frozen=True)
class Notation:
    """Everything that the look of an expression depends on.

    ``local`` holds the names that a step defines; ``numbers``, where not None, are
    written in place of their symbols.
    """

    graph: Graph
    style: Style
    depends: Dependence
    local: Mapping[Symbol, Expr] = field(default_factory=dict)
    numbers: Mapping[Expr, float] | None = None
    sums: dict[Expr, Layout] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )
    """the sums laid out so far, which the lines of long products repeat"""


def notation_of(graph: Graph, style: str = "textbook") -> Notation:
    """Give the notation of the pages about ``graph``.

    Raises ``UnknownNameError`` for a style that ``STYLES`` does not have.
    """
    check_name("notation", style, STYLES)
    return Notation(graph, STYLES[style], Dependence(graph))


def within(
    notation: Notation, definitions: tuple[tuple[Symbol, Expr], ...]
) -> Notation:
    """Give the notation inside a step that has local names."""
    if not definitions:
        return notation
    return replace(notation, local={**notation.local, **dict(definitions)})


def layout(expr: Any, notation: Notation) -> Layout:
    """Lay an expression out as it will be read.

    >>> from symgrad.symbols import symbol
    >>> from symgrad.graph import Graph, Stage
    >>> x, y = symbol("x"), symbol("y")
    >>> layout(x**2, notation_of(Graph((Stage(y, x),), (y,), (x,)))).exponent
    Number(text='2')
    """
    for kind, write in _LAYOUTS:
        if isinstance(expr, kind):
            return write(expr, notation)
    name = functions.function_name(expr) or type(expr).__name__
    args = tuple(_enclosed(arg, notation) for arg in expr.args)
    letters = {letter for letter, _ in notation.depends.formals}
    special = special_call(name, expr, args, letters.union(notation.graph.names))
    if special is not None:
        return special
    spelled = "e" in notation.graph.names  # e**x would be read as that variable's
    return Call(SHOWN_NAMES.get(name, name), args, spelled=spelled)


SHOWN_NAMES = {"Max": "max", "Min": "min"}
"""Functions whose written name is not that of SymPy."""


def in_numbers(
    expr: Expr, notation: Notation, values: Mapping[Expr, float]
) -> Layout | None:
    """Lay an expression out with its numbers in place of its symbols.

    None where there is nothing to replace or a number is missing.
    """
    if not expr.args or expr.has(LocalDerivative):
        return None
    names = [name for name in symbols_of(expr) if name not in _data_in(expr)]
    if not names or any(name not in values for name in names):
        return None
    return layout(expr, replace(notation, numbers=values))


def _data_in(expr: Expr) -> set[Expr]:
    """The names of data with an index, each of which keeps its letter."""
    return {each.base for each in expr.atoms(Element, Chosen)}


def _symbol(expr: Symbol | Element | Chosen, notation: Notation) -> Layout:
    if notation.numbers is not None:
        node = number_layout(notation.numbers[expr], digits=5)
        bare = isinstance(node, Number | Word)
        return node if bare else Fence("(", node, ")")
    if isinstance(expr, Sampled):
        base = read_name(expr.name)
        source = f"{expr.name}_{SAMPLE_INDEX}"
        return replace(base, source=source, indices=(*base.indices, SAMPLE_INDEX))
    return read_name(expr.name)


def _enclosed(expr: Expr, notation: Notation) -> Layout:
    """What stands in brackets or above the line already needs none of its own."""
    node = layout(expr, notation)
    if isinstance(expr, Symbol) and isinstance(node, Fence):
        return node.inside
    return node


def _partial(expr: Partial, notation: Notation) -> Layout:
    if notation.numbers is not None:
        return _symbol(expr, notation)
    whole = notation.depends.lettered.get(expr.of)
    if whole is not None:  # z = f(x, y): the partial is that of the function f
        by = (_shown(expr.by, notation),)
        return Derivative(read_name(whole.letter), by, "∂", source=expr.name)
    held = notation.depends.held(expr)
    only = notation.style.uses_d and notation.depends.is_only_argument(expr)
    return Derivative(
        _shown(expr.of, notation),
        (_shown(expr.by, notation),),
        "d" if only else "∂",
        tuple(_shown(name, notation) for name in held),
        expr.name,
    )


def _total(expr: Total, notation: Notation) -> Layout:
    if notation.numbers is not None:
        return _symbol(expr, notation)
    base = _base_of(expr)
    only = notation.style.uses_d and notation.depends.depends_only_on(base, expr.by)
    graph = notation.graph
    if expr.of == expr.by and expr.of in graph.stage_of:  # ∂y_hat/∂f_1 = 1
        only = only and len(graph.inputs) + len(graph.parameters) == 1
    of = _shown(notation.graph.shown(expr.of), notation)
    by = _shown(expr.by, notation)
    sign = "d" if only else "∂"
    if isinstance(expr.of, Total) and isinstance(of, Derivative):
        if isinstance(by, Name):  # ∂²f/∂y∂x
            sign = max(sign, of.sign)
            return Derivative(of.of, (by, *of.by), sign, source=expr.name)
    return Derivative(of, (by,), sign, source=expr.name)


def _base_of(expr: Total) -> Symbol:
    """The y of d²y/dx², which is a function of x alone even where dy/dx = 1."""
    base: Symbol = expr.of
    while isinstance(base, Total) and base.by == expr.by:
        base = base.of
    return base


def _shown(name: Symbol, notation: Notation) -> Layout:
    """A name as it is, or the derivative that a name of a gradient stands for."""
    return layout(name, replace(notation, numbers=None))


def _local_derivative(expr: LocalDerivative, notation: Notation) -> Layout:
    names = variables(expr.expr, expr.by, notation.local)
    only = notation.style.uses_d and names <= {expr.by}
    if only and any(isinstance(t, Index) for t in free_leaves(expr.expr)):
        only = False
    of = layout(expr.expr, notation)
    by = (_shown(expr.by, notation),)
    return Derivative(of, by, "d" if only else "∂", source=str(expr))


def _number(expr: Any, notation: Notation) -> Layout:
    parts = as_quotient(expr) if expr.is_Float else None
    if parts is None:
        return exact_layout(expr)
    top = Fraction(exact_layout(abs(parts[0])), exact_layout(parts[1]))
    return Sum(((True, top),)) if expr.is_negative else top


def _constant(expr: Any, notation: Notation) -> Layout:
    return constant_layout(expr, e_is_taken="e" in notation.graph.names)


def _add(expr: Add, notation: Notation) -> Layout:
    if expr not in notation.sums:
        notation.sums[expr] = _sum(expr, notation)
    return notation.sums[expr]


def _sum(expr: Add, notation: Notation) -> Layout:
    terms: list[tuple[bool, Layout]] = []
    for term in ordered_terms(expr, notation.graph.positions):
        node = layout(term, notation)
        if isinstance(node, Sum) and len(node.terms) == 1:
            terms.append(node.terms[0])
        else:
            terms.append((False, node))
    return Sum(tuple(terms))


def _mul(expr: Mul, notation: Notation) -> Layout:
    factors = [
        part
        for factor in ordered_factors(expr, notation.graph.positions)
        for part in (factor.args if _is_root_product(factor) else (factor,))
    ]
    negative = False
    for place, factor in enumerate(factors):
        if (
            factor.is_Number
            and factor.is_negative
            and factor is not sp.S.NegativeInfinity
        ):
            negative = True
            is_minus = factor == -1 or is_one(-factor)
            factors[place : place + 1] = [] if is_minus else [-factor]
            break
    if len(factors) > 1:
        factors = [factor for factor in factors if not is_one(factor)]
    top, bottom = [], []
    for factor in factors:
        above, below = _above_and_below(factor)
        top += above
        bottom += below
    if bottom and top:
        top, bottom = _roots_below(top, bottom)
    node = _product(top, notation)
    if bottom:
        node = Fraction(node, _product(bottom, notation))
    return Sum(((True, node),)) if negative else node


def _is_root_product(factor: Expr) -> bool:
    """Whether a factor is √2/(2 √π), which goes with the others above and below."""
    if not isinstance(factor, Mul) or not factor.is_number:
        return False
    if any(part.is_Number and part.is_negative for part in factor.args):
        return False
    return any(isinstance(p, Pow) and abs(p.exp) == sp.S.Half for p in factor.args)


def _roots_below(top: list[Expr], bottom: list[Expr]) -> tuple[list[Expr], list[Expr]]:
    """Write √2/(2 √π) as 1/√(2 π), √2 x/2 as x/√2: SymPy has moved the root above."""
    root = next((f for f in top if _is_root(f) and f.base.is_Integer), None)
    below = next((f for f in bottom if _is_root(f) and f.base.is_Atom), None)
    number = next((f for f in bottom if f.is_Integer), None)
    if root is None or number is None or number % root.base:
        return top, bottom
    if below is None:
        is_plain = number == root.base and len(bottom) == 1 and len(top) > 1
        return ([f for f in top if f != root], [root]) if is_plain else (top, bottom)
    joined = Pow(Mul(root.base, below.base, evaluate=False), below.exp, evaluate=False)
    rest = [f for f in bottom if f not in (below, number)]
    left = [] if number == root.base else [number / root.base]
    return [f for f in top if f != root], [*left, *rest, joined]


def _is_root(expr: Expr) -> bool:
    return isinstance(expr, Pow) and expr.exp == sp.S.Half


def _above_and_below(factor: Expr) -> tuple[list[Expr], list[Expr]]:
    if isinstance(factor, sp.Rational) and factor.q != 1:
        return ([] if factor.p == 1 else [Integer(factor.p)]), [Integer(factor.q)]
    if factor.is_Float and (parts := as_quotient(factor)):
        return ([] if parts[0] == 1 else [parts[0]]), [parts[1]]
    if _is_inverse(factor):
        return [], [_inverted(factor)]
    return [factor], []


def _is_inverse(expr: Expr) -> bool:
    return isinstance(expr, Pow) and expr.exp.is_Rational and expr.exp.is_negative


def _inverted(power: Pow) -> Expr:
    exponent = -power.exp
    return power.base if exponent == 1 else Pow(power.base, exponent, evaluate=False)


def _product(factors: list[Expr], notation: Notation) -> Layout:
    if not factors:
        return Number("1")
    nodes = tuple(layout(factor, notation) for factor in factors)
    if len(nodes) == 1:
        return nodes[0]
    dot = notation.style.chain_sign
    return Product(nodes, "·" if notation.numbers is not None else "", dot)


def _chain(expr: Chain, notation: Notation) -> Layout:
    negative = expr.args[0] == -1 and len(expr.args) > 1  # −dx/dx, not −1 · dx/dx
    nodes = tuple(layout(factor, notation) for factor in expr.args[negative:])
    single = len(nodes) == 1
    node = nodes[0] if single else Product(nodes, notation.style.chain_sign)
    return Sum(((True, node),)) if negative else node


def _pow(expr: Pow, notation: Notation) -> Layout:
    if _is_inverse(expr):
        return Fraction(Number("1"), layout(_inverted(expr), notation))
    base = layout(expr.base, notation)
    if is_one(expr.exp):  # the 1.0 of x^2.0, differentiated
        return base
    if isinstance(expr.base, Abstract):  # f²(x) would be read as f(f(x))
        return Power(base, layout(expr.exp, notation))
    for degree in (2, 3):
        if expr.exp == sp.Rational(1, degree):
            return Root(base, degree)
    exponent = _enclosed(expr.exp, notation)
    if isinstance(base, Call) and base.power is None and expr.exp.is_Integer:
        return replace(base, power=exponent)
    return Power(base, exponent)


def _application(expr: Application, notation: Notation) -> Layout:
    function, *args = expr.args
    return Call(
        _shown(function, notation), tuple(layout(arg, notation) for arg in args)
    )


def _abstract(expr: Abstract, notation: Notation) -> Layout:
    """f(x, y); ∂f/∂x, where x is what f calls that argument; (∂f/∂x)(2, y) elsewhere.

    Where the argument has no name of its own the derivative is told by its slot.
    """
    head = read_name(expr.letter)
    args = tuple(layout(arg, notation) for arg in expr.arguments)
    if not any(expr.orders):
        return Call(head, args)
    sign = "d" if notation.style.uses_d and len(args) == 1 else "∂"
    named = notation.depends.formals.get((expr.letter, len(args)), expr.arguments)
    if notation.numbers is None and are_names(expr.arguments, IntegrationVariable):
        of = head if named == expr.arguments else Call(head, args)
        return Derivative(of, _taken(expr, expr.arguments, notation), sign)
    if named and are_names(named):
        return Call(Derivative(head, _taken(expr, named, notation), sign), args)
    if len(args) == 1 and expr.orders[0] <= MAX_PRIMES:
        primes = expr.orders[0]
        source = head.source + "′″‴"[primes - 1]
        return Call(replace(head, source=source, primes=head.primes + primes), args)
    slots = [
        Power(mark, Number(str(order))) if order > 1 else mark
        for slot, order in enumerate(expr.orders, start=1)
        if order and (mark := Name(f"∂_{slot}", "∂", indices=(str(slot),)))
    ]
    return Call(Product((*slots, head)), args)


def _taken(
    expr: Abstract, names: tuple[Symbol, ...], notation: Notation
) -> tuple[Layout, ...]:
    """The names by which a derivative is taken, each as often as it is."""
    return tuple(
        _shown(name, notation)
        for name, order in zip(names, expr.orders, strict=True)
        for _ in range(order)
    )


def _index(expr: Index, notation: Notation) -> Layout:
    return read_name(expr.name)


def _element(expr: Element | Chosen, notation: Notation) -> Layout:
    if notation.numbers is not None and expr in notation.numbers:
        return _symbol(expr, notation)
    base = read_name(expr.base.name)
    places = tuple(str(i).replace(" ", "").replace("-", "−") for i in expr.indices)
    return replace(base, source=str(expr), indices=(*base.indices, *places))


def _delta(expr: Delta, notation: Notation) -> Layout:
    index, place = (str(part).replace(" ", "").replace("-", "−") for part in expr.args)
    return Name(f"δ_{{{index},{place}}}", "δ", indices=(index, place))


def _reduction(expr: Reduction, notation: Notation) -> Layout:
    plain, unequal = taken_apart(expr)
    index, lower, upper = (layout(part, notation) for part in expr.bounds)
    others = (other_side(each, expr.index) for each in unequal)
    left_out = tuple((index, layout(other, notation)) for other in others)
    head = Big(expr.sign, index, lower, upper, left_out)
    return Repeated(head, layout(plain.body, notation))


def _integral(expr: DefiniteIntegral, notation: Notation) -> Layout:
    variable, lower, upper = (layout(part, notation) for part in expr.bounds)
    head = Big(expr.sign, None, lower, upper)
    return Repeated(head, layout(expr.body, notation), variable)


def _fence(left: str, right: str) -> Callable[[Expr, Notation], Layout]:
    return lambda expr, notation: Fence(left, layout(expr.args[0], notation), right)


def _factorial(expr: Expr, notation: Notation) -> Layout:
    inside = layout(expr.args[0], notation)
    if isinstance(inside, Name | Number):
        return Fence("", inside, "!")
    return Fence("(", inside, ")!")


def _binomial(expr: Expr, notation: Notation) -> Layout:
    top, bottom = (layout(arg, notation) for arg in expr.args)
    return Binomial(top, bottom)


def _cube_root(expr: Expr, notation: Notation) -> Layout:
    return Root(layout(expr.args[0], notation), 3)


def _heaviside(expr: Expr, notation: Notation) -> Layout:
    u = layout(expr.args[0], notation)
    at_zero = expr.args[1] if len(expr.args) > 1 else sp.S.Half
    sign = {Integer(0): ">", Integer(1): "≥"}.get(at_zero)
    if sign is None:
        rest = () if at_zero == sp.S.Half else (layout(at_zero, notation),)
        return Call("Heaviside", (u, *rest))
    condition = Relation((u, Number("0")), sign)
    return Cases(((Number("1"), condition), (Number("0"), None)))


def _piecewise(expr: sp.Piecewise, notation: Notation) -> Layout:
    return Cases(
        tuple(
            (layout(v, notation), None if c == sp.true else layout(c, notation))
            for v, c in expr.args
        )
    )


RELATIONS = {
    "StrictLessThan": "<",
    "StrictGreaterThan": ">",
    "LessThan": "≤",
    "GreaterThan": "≥",
    "Equality": "=",
    "Unequality": "≠",
    "And": "and",
    "Or": "or",
}


def _relation(expr: Any, notation: Notation) -> Layout:
    args = expr.args
    if isinstance(expr, sp.And | sp.Or):
        args = sorted(args, key=str)
    sign = RELATIONS[type(expr).__name__]
    return Relation(tuple(layout(arg, notation) for arg in args), sign)


_LAYOUTS: tuple[tuple[Any, Callable[[Any, Notation], Layout]], ...] = (
    (Partial, _partial),
    (Total, _total),
    (Symbol, _symbol),
    (LocalDerivative, _local_derivative),
    (Chain, _chain),
    (Application, _application),
    (Abstract, _abstract),
    (Index, _index),
    ((Element, Chosen), _element),
    (Delta, _delta),
    (Reduction, _reduction),
    (DefiniteIntegral, _integral),
    ((sp.Integer, sp.Rational, sp.Float), _number),
    ((sp.NumberSymbol, sp.core.numbers.Infinity), _constant),
    ((sp.core.numbers.NegativeInfinity, sp.core.numbers.NaN), _constant),
    ((sp.core.numbers.ComplexInfinity, sp.logic.boolalg.BooleanAtom), _constant),
    (Add, _add),
    (Mul, _mul),
    (Pow, _pow),
    (sp.Abs, _fence("|", "|")),
    (sp.floor, _fence("⌊", "⌋")),
    (sp.ceiling, _fence("⌈", "⌉")),
    (named_functions.cbrt, _cube_root),
    (named_functions.factorial, _factorial),
    (named_functions.binomial, _binomial),
    (sp.Heaviside, _heaviside),
    (sp.Piecewise, _piecewise),
    ((sp.core.relational.Relational, sp.And, sp.Or), _relation),
)
