"""Where every symbol is made: names are real symbols, derivatives are typed symbols.

``Partial`` (an edge of the graph, the other arguments held) and ``Total`` (through
all paths) are told apart by their type, never by the name they print.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from sympy import Expr, Symbol, Tuple
from sympy.core.symbol import Str

from symgrad.errors import ArgumentTypeError, short


def symbol(name: str) -> Symbol:
    """Make the real symbol called ``name``."""
    return Symbol(name, real=True)


def name_of(variable: str | Symbol) -> str:
    """Give the name behind a string or a Symbol, and refuse anything else."""
    if isinstance(variable, str):
        return variable
    if isinstance(variable, Symbol):
        return variable.name
    raise ArgumentTypeError(
        f"{short(variable)} is a {type(variable).__name__}; expected a name or a Symbol"
    )


def fresh(name: str, taken: Any) -> str:
    """Give ``name``, or the first of ``name_1``, ``name_2``, … that is not taken.

    >>> fresh("u", {"u", "u_1"})
    'u_2'
    """
    if name not in taken:
        return name
    return next(new for new in numbered(name) if new not in taken)


def numbered(name: str) -> Iterator[str]:
    """Yield ``name_1``, ``name_2``, …"""
    return (f"{name}_{k}" for k in itertools.count(1))


class Sampled(Symbol):
    """A name with one value for each sample: x_1 of a loss, written x_{1,i}.

    It is told apart from a name with one value for all by its type.
    """

    __slots__ = ()

    def __new__(cls, name: str) -> Sampled:
        self: Sampled = Symbol.__xnew__(cls, name, real=True)
        return self

    def _hashable_content(self) -> tuple[Any, ...]:
        return (type(self).__name__, self.name)

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (self.name,), {}

    def __getstate__(self) -> None:
        return None

    def __setstate__(self, state: Any) -> None:
        pass


def is_sampled(name: Any) -> bool:
    """Whether a name has one value for each sample, as the derivative of one has."""
    while isinstance(name, _Derivative):
        if is_sampled(name.of):
            return True
        name = name.by
    return isinstance(name, Sampled)


def alike(name: str, like: Symbol) -> Symbol:
    """Make a symbol of the kind of ``like``: for each sample, or for all."""
    return Sampled(name) if is_sampled(like) else symbol(name)


class _Derivative(Symbol):
    """A symbol that stands for the derivative of ``of`` by ``by``."""

    __slots__ = ("by", "of")

    of: Symbol
    by: Symbol
    sign = ""

    def __new__(cls, of: Symbol, by: Symbol) -> _Derivative:
        name = f"{cls.sign}{_bracketed(of)}/{cls.sign}{_bracketed(by)}"
        self: _Derivative = Symbol.__xnew__(cls, name, real=True)
        self.of, self.by = of, by
        return self

    def _hashable_content(self) -> tuple[Any, ...]:
        return (type(self).__name__, self.of, self.by)

    def __getnewargs_ex__(self) -> tuple[tuple[Symbol, Symbol], dict[str, Any]]:
        return (self.of, self.by), {}

    def __getstate__(self) -> None:
        return None

    def __setstate__(self, state: Any) -> None:
        pass


def _bracketed(name: Symbol) -> str:
    return f"({name.name})" if isinstance(name, _Derivative) else name.name


class Partial(_Derivative):
    """∂of/∂by of one stage, its other arguments held: an edge of the graph."""

    __slots__ = ()
    sign = "∂"


class Total(_Derivative):
    """The derivative of ``of`` by ``by`` through all paths."""

    __slots__ = ()
    sign = "d"


class LocalDerivative(Expr):
    """d expr/d by, not yet worked out: what a line of a derivation starts from.

    SymPy's own ``Derivative`` evaluates at once where the expression is constant.
    """

    is_commutative = True
    is_real = True

    def __new__(cls, expr: Expr, by: Symbol) -> LocalDerivative:
        made: LocalDerivative = Expr.__new__(cls, expr, by)
        return made

    @property
    def expr(self) -> Expr:
        return self.args[0]

    @property
    def by(self) -> Symbol:
        return self.args[1]


class Chain(Expr):
    """A product kept in the order of its factors, as the chain rule is written."""

    is_commutative = True
    is_real = True

    def __new__(cls, *factors: Expr) -> Expr:
        if len(factors) == 1:
            return factors[0]
        made: Chain = Expr.__new__(cls, *factors)
        return made


def symbols_of(expr: Expr) -> list[Symbol]:
    """List the symbols of ``expr`` in order of first appearance, without recursion."""
    found: dict[Symbol, None] = {}
    todo: list[Any] = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, Symbol):
            found[node] = None
        else:
            todo.extend(reversed(node.args))
    return list(found)


class Abstract(Expr):
    """A function without a formula, or one of its partial derivatives.

    ``orders`` says how often it is differentiated by each of its arguments:
    ``Abstract("f", (0, 0), x, y)`` is f(x, y), ``Abstract("f", (1, 0), x, y)`` its
    partial derivative by the first argument. SymPy's own undefined functions confuse
    the slots where an argument occurs twice, or depends on another.
    """

    is_commutative = True
    is_real = True

    def __new__(
        cls, function: str | Str, orders: Sequence[int], *arguments: Expr
    ) -> Abstract:
        letter = function if isinstance(function, Str) else Str(function)
        made: Abstract = Expr.__new__(cls, letter, Tuple(*orders), *arguments)
        return made

    @property
    def letter(self) -> str:
        """The name of the function."""
        return str(self.args[0].name)

    @property
    def orders(self) -> tuple[int, ...]:
        """How often it is differentiated by each argument."""
        return tuple(int(order) for order in self.args[1])

    @property
    def arguments(self) -> tuple[Expr, ...]:
        """What the function is applied to."""
        return tuple(self.args[2:])

    def differentiated(self, place: int) -> Abstract:
        """Its partial derivative by the argument at ``place``."""
        orders = list(self.orders)
        orders[place] += 1
        return Abstract(self.args[0], orders, *self.arguments)

    def _sympystr(self, printer: Any) -> str:
        """f(x, y), ∂²f(x, y)/∂x∂y; ∂_1 f(x, x) where a slot has no name of its own."""
        call = f"{self.letter}({', '.join(map(printer.doprint, self.arguments))})"
        if not any(self.orders):
            return call
        slots = [(a, n) for a, n in zip(self.arguments, self.orders, strict=True) if n]
        sign = "d" if len(self.orders) == 1 else "∂"
        if not all(a.is_Atom and not a.is_number for a in self.arguments) or len(
            set(self.arguments)
        ) < len(self.orders):
            taken = "".join(
                f"∂_{k}" + _raised(n) for k, n in enumerate(self.orders, 1) if n
            )
            return f"{taken} {call}"
        below = "".join(f"{sign}{printer.doprint(a)}{_raised(n)}" for a, n in slots)
        return f"{sign}{_raised(sum(self.orders))}{call}/{below}"


def _raised(order: int) -> str:
    """An order of differentiation as an exponent; none for a first derivative."""
    return "" if order == 1 else str(order).translate(_SUPERSCRIPTS)


_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Call(Expr):
    """``f_1(w_311, f_2(…))``: a stage written as a function of what it is made of."""

    is_commutative = True
    is_real = True

    def __new__(cls, function: Symbol, *arguments: Expr) -> Call:
        made: Call = Expr.__new__(cls, function, *arguments)
        return made
