"""A formula as it is laid out, before any format writes it.

A layout node says what stands where (a fraction, a power, a call), in the order of
reading; it holds no SymPy and no markup. notation.py makes these trees, flow.py puts
them in a row, and the writers of the formats only spell out what they find.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Number:
    """A number without sign, as it is written: ``3``, ``0.25``."""

    text: str


@dataclass(frozen=True)
class Name:
    """A variable: ``w_10_2_1`` has base ``w`` and the indices ``10``, ``2``, ``1``.

    ``raised`` is an upper index that is no power: the layer in ``w^2_11``. Or, where
    ``is_function``, the letter that formularies have for a function: ψ.
    """

    source: str
    base: str
    accents: tuple[str, ...] = ()
    indices: tuple[str, ...] = ()
    primes: int = 0
    raised: str = field(default="", repr=False)
    is_function: bool = field(default=False, repr=False)


@dataclass(frozen=True)
class Word:
    """Upright letters: the name of a function, a constant, ``if``."""

    text: str


@dataclass(frozen=True)
class Sum:
    """Terms, each with whether it is subtracted; one term alone may be negative."""

    terms: tuple[tuple[bool, Layout], ...]


@dataclass(frozen=True)
class Product:
    """Factors side by side, or joined by a visible ``sign`` (· or ×).

    ``dot`` stands between derivatives where there is no such sign.
    """

    factors: tuple[Layout, ...]
    sign: str = ""
    dot: str = "·"


@dataclass(frozen=True)
class Fraction:
    """``top`` over ``bottom``."""

    top: Layout
    bottom: Layout


@dataclass(frozen=True)
class Binomial:
    """``top`` over ``bottom`` in brackets, without a bar."""

    top: Layout
    bottom: Layout


@dataclass(frozen=True)
class Power:
    """``base`` to the ``exponent``."""

    base: Layout
    exponent: Layout


@dataclass(frozen=True)
class Root:
    """The square root (degree 2) or the cube root (degree 3)."""

    inside: Layout
    degree: int = 2


@dataclass(frozen=True)
class Call:
    """A function of arguments; ``power`` stands at its name, as in tanh²(u).

    ``spelled`` keeps exp from being written as a power of e.
    """

    function: str | Layout
    args: tuple[Layout, ...]
    power: Layout | None = None
    spelled: bool = False


@dataclass(frozen=True)
class Fence:
    """Something between two bars or brackets, as in |u|."""

    left: str
    inside: Layout
    right: str


@dataclass(frozen=True)
class Derivative:
    """``of`` by the names in ``by``, the one taken last first, with ``sign`` d or ∂.

    What is ``held`` meanwhile stands as an index; ``source`` is its own name.
    """

    of: Layout
    by: tuple[Layout, ...]
    sign: str
    held: tuple[Layout, ...] = ()
    source: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True)
class Differential:
    """The d or ∂ of a derivative, with its order: ∂² stands above a second one."""

    sign: str
    order: int = 1


@dataclass(frozen=True)
class Cases:
    """Values with their conditions; the last condition may be missing."""

    rows: tuple[tuple[Layout, Layout | None], ...]


@dataclass(frozen=True)
class Relation:
    """Parts with the same sign between them: ``=``, ``<``, ``and`` …"""

    parts: tuple[Layout, ...]
    sign: str


@dataclass(frozen=True)
class Big:
    """The sign of a sum or product over an index, Σ or Π, with its bounds; or ∫.

    ``unequal`` is what the index leaves out, each as (index, what it is not).
    """

    sign: str
    index: Layout | None
    lower: Layout
    upper: Layout
    unequal: tuple[tuple[Layout, Layout], ...] = ()


@dataclass(frozen=True)
class Repeated:
    """A big sign before what is added, multiplied or integrated over ``variable``."""

    head: Big
    body: Layout
    variable: Layout | None = None


Layout = (
    Number
    | Name
    | Word
    | Sum
    | Product
    | Fraction
    | Power
    | Root
    | Binomial
    | Call
    | Fence
    | Derivative
    | Differential
    | Cases
    | Relation
    | Big
    | Repeated
)
"""Any layout node."""
