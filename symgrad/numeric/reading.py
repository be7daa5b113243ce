"""SymPy expressions read into a recorder; the only numeric module that knows SymPy.

The one rule kept here: the order of operations is that of ordering.py, the order in
which the page shows them. Derivatives are read from the formulary, never made here.
Over 300 lines, as the terms of a sum are read by the very walk that meets the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from dataclasses import replace as changed
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy import Add, Basic, Expr, Mul, Pow, Symbol

from symgrad.abstract_functions import without_formula
from symgrad.errors import RuleError, short
from symgrad.functions import FUNCTIONS, function_name
from symgrad.graph import Graph
from symgrad.indexed import (
    Chosen,
    Delta,
    Element,
    Index,
    IndexedProduct,
    IndexedSum,
    Reduction,
    at_place,
    but,
    other_side,
    taken_apart,
)
from symgrad.integrals import DefiniteIntegral
from symgrad.numeric import axes
from symgrad.numeric.gates import is_gate, through_gates
from symgrad.numeric.integrands import (
    Integrand,
    arguments_of,
    jumps_of,
    written_out,
)
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.safe_forms import SafeRecorder
from symgrad.ordering import Positions, ordered_factors, ordered_terms
from symgrad.symbols import Abstract, Chain, Partial, Total
from symgrad.user_functions import LETTERS, UserCall

_RELATIONS: dict[type, str] = {
    sp.StrictLessThan: "less",
    sp.LessThan: "less_equal",
    sp.StrictGreaterThan: "greater",
    sp.GreaterThan: "greater_equal",
    sp.Equality: "equal",
    sp.Unequality: "not_equal",
}
_FOLDED = ("Max", "Min")


@dataclass
class Recording:
    """A graph in a recorder: the entry of each name, and which entries bear names."""

    recorder: Recorder
    numbers: dict[Symbol, int]
    positions: Positions
    memo: dict[Basic, int] = field(default_factory=dict)
    scope: dict[Index, int] = field(default_factory=dict)
    swept: bool = True
    """whether derivatives of what is recorded may be asked for"""


def record_graph(
    graph: Graph,
    leaves: Iterable[Symbol],
    held: Iterable[Symbol] = (),
    swept: bool = True,
    recorder: Recorder | None = None,
    slopes: Callable[[Recording, Symbol], int | None] = lambda *_: None,
) -> Recording:
    """Write every stage of a graph; a held stage is kept apart from its formula.

    ``leaves`` are the inputs and parameters in the order of the arguments;
    ``recorder`` is an empty one, where it shall not be that of floats; ``slopes``
    gives the entry of a stage that is better had otherwise than by its formula.

    Two names for one value are one entry, except for held stages: the derivative
    by one of two equal stages is not the derivative by the other.
    """
    recorder = SafeRecorder() if recorder is None else recorder
    recording = Recording(
        recorder,
        {leaf: recorder.record("argument", k) for k, leaf in enumerate(leaves)},
        graph.positions,
        swept=swept,
    )
    apart = set(held)
    for k, stage in enumerate(graph.stages):
        found = slopes(recording, stage.symbol)
        number = read(stage.expr, recording) if found is None else found
        if stage.symbol in apart:
            number = recorder.record("hold", number, k)
        recording.numbers[stage.symbol] = number
    return recording


def read(expr: Basic, recording: Recording) -> int:
    """Write an expression, its parts first, without recursion.

    Raises ``RuleError`` naming the part that symgrad does not know.
    """
    memo = recording.memo
    todo: list[tuple[Basic, bool]] = [(expr, False)]
    while todo:
        node, ready = todo.pop()
        if node in memo:
            continue
        if ready:
            memo[node] = _combine(node, recording)
            continue
        leaf = _leaf(node, recording)
        if leaf is not None:
            memo[node] = leaf
            continue
        todo.append((node, True))
        todo.extend((part, False) for part in reversed(parts_of(node)))
    return memo[expr]


def _leaf(node: Basic, recording: Recording) -> int | None:
    recorder = recording.recorder
    if isinstance(node, Abstract):
        raise without_formula(node)
    if isinstance(node, Reduction):
        return _reduction(node, recording)
    if isinstance(node, Index):
        return recording.scope[node]
    if isinstance(node, DefiniteIntegral):
        return _integral(node, recording)
    if isinstance(node, Symbol):
        return recording.numbers[node]
    if isinstance(node, sp.Integer):
        return recorder.constant(int(node))
    if isinstance(node, sp.Rational):
        return recorder.constant(Fraction(int(node.p), int(node.q)))
    if node in (sp.true, sp.false):
        return recorder.truth(node == sp.true)
    if node is sp.zoo:
        return recorder.constant(float("nan"))
    if isinstance(node, Expr) and not node.args and node.is_number:
        if node.is_extended_real is False:
            raise RuleError(f"{short(node)} is not real; symgrad computes real numbers")
        short_float = isinstance(node, sp.Float) and node._prec <= 53
        text = repr(float(node)) if short_float else str(node)
        return recorder.written(text, float(node.evalf(17)))
    return None


def _integral(node: DefiniteIntegral, recording: Recording) -> int:
    """The integrand is a program of its own, of its variable and its arguments."""
    node = written_out(node)
    bounds = [read(side, recording) for side in (node.lower, node.upper)]
    arguments = arguments_of(node)
    given = [read(argument, recording) for argument in arguments]
    inner = type(recording.recorder)()
    letters = [inner.record("argument", k) for k in range(1 + len(given))]
    known: dict[Basic, int] = dict(zip((node.index, *arguments), letters, strict=True))
    value = read(node.body, Recording(inner, {}, recording.positions, known))
    names = tuple(str(each) for each in (node.index, *arguments))
    jumps = jumps_of(node, arguments)
    integrand = Integrand(tuple(inner.entries), value, names, jumps)
    return recording.recorder.record("integral", integrand, *bounds, *given)


def parts_of(node: Basic) -> tuple[Basic, ...]:
    if isinstance(node, Pow) and _is_negative_power(node):
        return (node.base, -node.exp)
    if isinstance(node, Mul):
        return tuple(
            part
            for factor in node.args
            for part in (parts_of(factor) if is_denominator(factor) else (factor,))
        )
    if isinstance(node, sp.Piecewise):
        return tuple(part for case in node.args for part in case.args)
    return tuple(node.args)


def _is_negative_power(node: Pow) -> bool:
    return bool(node.exp.is_Number and node.exp.is_negative)


def is_denominator(factor: Basic) -> bool:
    return isinstance(factor, Pow) and _is_negative_power(factor)


def _combine(node: Basic, recording: Recording) -> int:
    if isinstance(node, UserCall):
        return _user(node, recording)
    combine = _COMBINE.get(type(node))
    if combine is not None:
        return combine(node, recording)
    name = _relation_or_function(node)
    arguments = [recording.memo[part] for part in node.args]
    recorder = recording.recorder
    if name in _RELATIONS.values():
        return recorder.relation(name, *arguments)
    if name in _FOLDED:
        number = arguments[0]
        for other in arguments[1:]:
            number = recorder.function(name, number, other)
        return number
    if name == "factorial":  # u! = Γ(u + 1)
        one = recorder.constant(1)
        return recorder.function("gamma", recorder.add(arguments[0], one))
    if name == "Heaviside":
        return recorder.function(name, *arguments[:2])
    return recorder.function(name, *arguments)


def _user(node: UserCall, recording: Recording) -> int:
    """A user's function: its formula, which keeps the derivative it was given."""
    definition, recorder = node.definition, recording.recorder
    if definition.formula is None:
        raise definition.without_formula()
    arguments = [recording.memo[part] for part in node.args]
    letters = dict(zip(LETTERS, arguments, strict=False))
    places = {each: (2, k, k) for k, each in enumerate(letters)}
    value = read(definition.formula, Recording(recorder, letters, places))
    if all(recorder.value(number) is not None for number in arguments):
        return value
    return recorder.record("user", value, definition, *arguments)


def _relation_or_function(node: Basic) -> str:
    name = _RELATIONS.get(type(node)) or function_name(node)
    if name is None:
        raise RuleError(
            f"{short(node)} cannot be computed: {type(node).__name__} is not a "
            "function symgrad knows; rewrite it in functions of symgrad.FUNCTIONS"
        )
    arity = 1 if name not in FUNCTIONS else FUNCTIONS[name].arity
    if name in FUNCTIONS and arity not in (-1, len(node.args)):
        raise RuleError(
            f"{short(node)} has {len(node.args)} arguments; "
            f"symgrad knows {name} of {arity}"
        )
    return name


def _sum(node: Add, recording: Recording) -> int:
    recorder, memo = recording.recorder, recording.memo
    first, *rest = ordered_terms(node, recording.positions)
    number = memo[first]
    for term in rest:
        number = recorder.add(number, memo[term])
    return number


def _product(node: Mul, recording: Recording) -> int:
    """A product; in one of the chain rule nothing flows through a dead branch."""
    recorder, memo = recording.recorder, recording.memo

    def product() -> int:
        return recorder.divide(*fraction(node, recording))

    if recording.scope and (zero := _zero_factor(node, recording)) is not None:
        return recorder.select(zero, recorder.constant(0), product())
    if not any(isinstance(part, Partial | Total) for part in node.args):
        return product()
    gates = [p for p in node.args if p in memo and is_gate(recorder, memo[p])]
    return through_gates(recorder, memo, gates, product)


def fraction(node: Basic, recording: Recording) -> tuple[int, int]:
    """Give numerator and denominator of a product whose parts are written already.

    The sign comes out of a product: ``-2*x`` is read as it is, ``-x*y`` as -(x*y).
    """
    recorder, memo = recording.recorder, recording.memo
    one = recorder.constant(1)
    numerator = denominator = coefficient = one
    factors = node.args if isinstance(node, Mul) else (node,)
    if isinstance(node, Mul):
        factors = ordered_factors(node, recording.positions)
    for factor in factors:
        below = is_denominator(factor)
        number = _positive_power(factor, recording) if below else memo[factor]
        if recorder.value(number) is not None:
            turn = recorder.divide if below else recorder.multiply
            coefficient = turn(coefficient, number)
        elif below:
            denominator = recorder.multiply(denominator, number)
        elif numerator == one and recorder.value(coefficient) != -1:
            numerator, coefficient = recorder.multiply(coefficient, number), one
        else:
            numerator = recorder.multiply(numerator, number)
    return recorder.multiply(coefficient, numerator), denominator


def _positive_power(node: Pow, recording: Recording) -> int:
    base, exponent = parts_of(node)
    recorder, memo = recording.recorder, recording.memo
    return recorder.power(memo[base], memo[exponent])


def _power(node: Pow, recording: Recording) -> int:
    recorder, memo = recording.recorder, recording.memo
    if _is_negative_power(node):
        return recorder.divide(recorder.constant(1), _positive_power(node, recording))
    if node.base is sp.E:
        return recorder.function("exp", memo[node.exp])
    return recorder.power(memo[node.base], memo[node.exp])


def _piecewise(node: sp.Piecewise, recording: Recording) -> int:
    recorder, memo = recording.recorder, recording.memo
    number = recorder.constant(float("nan"))  # where no condition holds
    for case in reversed(node.args):
        branch, condition = case.args
        number = recorder.select(memo[condition], memo[branch], number)
    return number


def _connect(name: str) -> Callable[[Any, Recording], int]:
    def connect(node: Basic, recording: Recording) -> int:
        first, *rest = (recording.memo[part] for part in node.args)
        for other in rest:
            first = recording.recorder.connect(name, first, other)
        return first

    return connect


def _invert(node: Basic, recording: Recording) -> int:
    return recording.recorder.invert(recording.memo[node.args[0]])


def _chain(node: Chain, recording: Recording) -> int:
    numbers = [recording.memo[factor] for factor in node.args]
    product = numbers[0]
    for factor in numbers[1:]:
        product = recording.recorder.multiply(product, factor)
    return product


# --- sums and products over an index -------------------------------------------------


def _reduction(node: Reduction, recording: Recording) -> int:
    """A sum or product; its body is read in a scope in which the index has a value."""
    recorder = recording.recorder
    if node.upper is sp.oo:
        raise RuleError(
            f"{short(node)} has no end and is not computed; give a bound, such as 100, "
            "and see that the rest does not count"
        )
    lower, upper = (read(bound, recording) for bound in (node.lower, node.upper))
    if not recording.swept and isinstance(node, IndexedProduct):
        found = _others(node, (lower, upper), recording)
        if found is not None:
            return found
    axis = axes.index(recorder, node.index.name, lower, upper)
    inner = changed(recording, memo={}, scope={**recording.scope, node.index: axis})
    kind = "sum" if isinstance(node, IndexedSum) else "product"
    over = recorder.axes.get(recorder.masks.get(axis, axis), ())
    return axes.reduction(recorder, kind, read(node.body, inner), axis, over)


def _others(
    node: IndexedProduct, bounds: tuple[int, int], recording: Recording
) -> int | None:
    """In a sum over i, Π_{j≠i} with its bounds: in two passes over the factors."""
    recorder, scope = recording.recorder, recording.scope
    plain, unequal = taken_apart(node)
    for each in unequal:
        index = other_side(each, node.index)
        if index in scope and recorder.entries[scope[index]][2:] == bounds:
            rest = (one for one in unequal if one is not each)
            body = at_place(but(plain, *rest).body, node.index, index)
            number = read(body, changed(recording, memo={}))
            return axes.others(recorder, number, scope[index])
    return None


def _zero_factor(node: Mul, recording: Recording) -> int | None:
    """In j·w^(j − 1), the condition that j is 0: so is the product, w may be 0 too."""
    if not any(isinstance(p, Pow) and p.exp.atoms(Index) for p in node.args):
        return None
    recorder, zero = recording.recorder, recording.recorder.constant(0)
    found = None
    for part in node.args:
        if part.atoms(Index) and not (part.atoms(Symbol) or isinstance(part, Pow)):
            is_zero = recorder.relation("equal", recording.memo[part], zero)
            found = is_zero if found is None else recorder.connect("or", found, is_zero)
    return found


def _element(node: Any, recording: Recording) -> int:
    """A datum y_i; outside the bounds of i, where nothing counts, its place is nan."""
    recorder = recording.recorder
    indices = node.indices
    numbers = [recording.memo[index] for index in indices]
    over = {axis for k in numbers for axis in recorder.axes.get(k, ())}
    plain = all(isinstance(i, Index) or is_shifted(i) for i in indices)
    if not plain:
        nowhere = recorder.constant(float("nan"))
        for mask, _ in axes.masks_over(recorder, over):
            numbers = [recorder.select(mask, k, nowhere) for k in numbers]
    return recorder.record_indexed("element", recording.numbers[node.base], *numbers)


def is_shifted(index: Basic) -> bool:
    """Whether an index expression is i + 1 or i - 2, so that a slice serves."""
    return (
        isinstance(index, Add)
        and len(index.args) == 2
        and any(isinstance(arg, sp.Integer) for arg in index.args)
        and any(isinstance(arg, Index) for arg in index.args)
    )


def _chosen(node: Chosen, recording: Recording) -> int:
    recorder, memo = recording.recorder, recording.memo
    here = recorder.truth(True)
    for index, place in zip(node.indices, node.places, strict=True):
        if index == place:
            continue
        same = recorder.relation("equal", memo[index], memo[place])
        here = recorder.connect("and", here, same)
    return recorder.select(here, memo[node.element], _element(node, recording))


def _delta(node: Delta, recording: Recording) -> int:
    recorder = recording.recorder
    here = recorder.relation("equal", *(recording.memo[arg] for arg in node.args))
    return recorder.select(here, recorder.constant(1), recorder.constant(0))


_COMBINE: dict[type, Callable[[Any, Recording], int]] = {
    Chosen: _chosen,
    Delta: _delta,
    Element: _element,
    Add: _sum,
    Mul: _product,
    Pow: _power,
    sp.Piecewise: _piecewise,
    sp.And: _connect("and"),
    sp.Or: _connect("or"),
    sp.Not: _invert,
    Chain: _chain,
}
