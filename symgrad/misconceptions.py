"""Wrong ways to differentiate that students are known to take, to be recognized.

Each row of ``MISTAKES`` is one broken rule; the derivative with it is worked out for
every place of a formula where the rule applies, and for all of them at once. The one
rule kept here: the outer derivative of a function is that of the rules, never a second
table. The rows follow the errors that calculus teachers list, as A. Orton, Students'
understanding of differentiation, Educational Studies in Mathematics 14 (1983), 235.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp
from sympy import Add, Expr, Function, Mul, Pow, Symbol

from symgrad.rules.table import derive
from symgrad.substitution import replace
from symgrad.symbols import fresh, symbol, symbols_of

MAX_PLACES = 6


@dataclass(frozen=True)
class Mistake:
    """A broken rule: the rule's name and what was done instead."""

    rule: str
    words: str


MISTAKES: dict[str, Mistake] = {
    "inner forgotten": Mistake(
        "chain rule", "the derivative of the inner function is missing"
    ),
    "derivative inside": Mistake(
        "chain rule", "the derivative of the inner function stands inside the outer one"
    ),
    "product of derivatives": Mistake(
        "product rule", "the derivatives of the factors were multiplied"
    ),
    "first term alone": Mistake(
        "product rule", "only the first factor was differentiated"
    ),
    "second term alone": Mistake(
        "product rule", "only the second factor was differentiated"
    ),
    "product with minus": Mistake(
        "product rule", "the two terms are added, not subtracted"
    ),
    "quotient of derivatives": Mistake(
        "quotient rule", "numerator and denominator were differentiated each alone"
    ),
    "quotient turned": Mistake(
        "quotient rule", "the two terms of the numerator are in the wrong order"
    ),
    "quotient with plus": Mistake(
        "quotient rule", "the terms of the numerator are subtracted, not added"
    ),
    "denominator as it is": Mistake(
        "quotient rule", "the denominator is to be squared"
    ),
    "power not lowered": Mistake("power rule", "the exponent was not lowered by 1"),
    "power raised": Mistake("power rule", "the exponent was raised, not lowered"),
    "exponent no factor": Mistake("power rule", "the exponent is missing as a factor"),
    "integrated": Mistake("power rule", "this is the integral, not the derivative"),
    "exponential as power": Mistake(
        "exponential rule", "an exponential was taken for a power"
    ),
    "logarithm of the base": Mistake(
        "exponential rule", "the logarithm of the base is missing"
    ),
    "power of a power": Mistake(
        "logarithmic differentiation",
        "the exponent moves too, so the power rule alone does not hold",
    ),
    "base held": Mistake(
        "logarithmic differentiation",
        "the base moves too, so the exponential rule alone does not hold",
    ),
    "sign inside": Mistake(
        "derivative of the function", "a sign inside the outer derivative is the other"
    ),
    "sign": Mistake("derivative of the function", "the sign is the other one"),
    "function kept": Mistake(
        "derivative of the function", "the function itself was not differentiated"
    ),
    "constant kept": Mistake("constant", "a constant has the derivative 0"),
    "constant lost": Mistake("constant multiple", "a constant factor is missing"),
}
"""name -> the broken rule, the likeliest first"""


def wrong_derivatives(expr: Expr, by: Symbol) -> Iterator[tuple[Mistake, Expr]]:
    """Yield the derivatives of a formula with one rule broken, the likeliest first.

    >>> x = symbol("x")
    >>> for mistake, made in wrong_derivatives(sp.sin(x**2), x):
    ...     print(made, "|", mistake.rule, "|", mistake.words)
    ...     break
    cos(x**2) | chain rule | the derivative of the inner function is missing
    """
    for name, mistake in MISTAKES.items():
        walk = _Walk(by, name, None)
        everywhere = walk.derivative(expr)
        if not walk.places:
            continue
        yield mistake, everywhere
        if walk.places > 1:
            for place in range(min(walk.places, MAX_PLACES)):
                yield mistake, _Walk(by, name, place).derivative(expr)


class _Walk:
    """Differentiate with one rule broken, at one place or at all."""

    def __init__(self, by: Symbol, broken: str, place: int | None) -> None:
        self.by = by
        self.broken = broken
        self.place = place
        self.places = 0

    def breaks(self, name: str) -> bool:
        """Whether the rule is broken here; each call of it is a place."""
        if name != self.broken:
            return False
        self.places += 1
        return self.place is None or self.place == self.places - 1

    def derivative(self, expr: Expr) -> Expr:
        if not expr.has(self.by):
            return sp.Integer(0)
        if expr == self.by:
            return sp.Integer(1)
        if isinstance(expr, Add):
            return Add(*(self._term(term) for term in expr.args))
        if isinstance(expr, Mul):
            return self._product(expr)
        if isinstance(expr, Pow):
            return self._power(expr)
        return self._function(expr)

    def _term(self, term: Expr) -> Expr:
        if term.has(self.by):
            return self.derivative(term)
        return term if self.breaks("constant kept") else sp.Integer(0)

    def _product(self, expr: Expr) -> Expr:
        top, bottom = sp.fraction(expr)
        if bottom.has(self.by):
            return self._quotient(top, bottom)
        moving = [factor for factor in expr.args if factor.has(self.by)]
        constant = Mul(*(factor for factor in expr.args if not factor.has(self.by)))
        if constant not in (1, -1) and self.breaks("constant lost"):
            constant = sp.Integer(1)
        return constant * self._two(moving[0], Mul(*moving[1:]))

    def _two(self, first: Expr, second: Expr) -> Expr:
        if second == 1:
            return self.derivative(first)
        one, two = self.derivative(first), self.derivative(second)
        if self.breaks("product of derivatives"):
            return one * two
        if self.breaks("first term alone"):
            return one * second
        if self.breaks("second term alone"):
            return first * two
        if self.breaks("product with minus"):
            return one * second - first * two
        return one * second + first * two

    def _quotient(self, top: Expr, bottom: Expr) -> Expr:
        up, down = self.derivative(top), self.derivative(bottom)
        if self.breaks("quotient of derivatives"):
            return up / down
        if self.breaks("quotient turned"):
            return (top * down - up * bottom) / bottom**2
        if self.breaks("quotient with plus"):
            return (up * bottom + top * down) / bottom**2
        if self.breaks("denominator as it is"):
            return (up * bottom - top * down) / bottom
        return (up * bottom - top * down) / bottom**2

    def _power(self, expr: Expr) -> Expr:
        base, exponent = expr.args
        if exponent.has(self.by):
            inner = self.derivative(exponent)
            if base.has(self.by):
                if self.breaks("power of a power"):
                    return exponent * base ** (exponent - 1) * self.derivative(base)
                if self.breaks("base held"):
                    return expr * sp.log(base) * inner
                return expr * (
                    inner * sp.log(base) + exponent * self.derivative(base) / base
                )
            if self.breaks("exponential as power"):
                return exponent * base ** (exponent - 1)
            if self.breaks("logarithm of the base"):
                return expr * inner
            return expr * sp.log(base) * self._inner(exponent, inner)
        if self.breaks("power not lowered"):
            return exponent * expr * self.derivative(base)
        if self.breaks("power raised"):
            return exponent * base ** (exponent + 1) * self.derivative(base)
        if self.breaks("exponent no factor"):
            return base ** (exponent - 1) * self.derivative(base)
        if exponent != -1 and self.breaks("integrated"):
            return base ** (exponent + 1) / (exponent + 1)
        inner = self._inner(base, self.derivative(base))
        return exponent * base ** (exponent - 1) * inner

    def _inner(self, argument: Expr, derivative: Expr) -> Expr:
        is_missing = argument != self.by and self.breaks("inner forgotten")
        return sp.Integer(1) if is_missing else derivative

    def _function(self, expr: Expr) -> Expr:
        moving = [place for place, arg in enumerate(expr.args) if arg.has(self.by)]
        return Add(*(self._by_argument(expr, place) for place in moving))

    def _by_argument(self, expr: Expr, place: int) -> Expr:
        argument = expr.args[place]
        inner = self.derivative(argument)
        if isinstance(expr, sp.exp) and self.breaks("exponential as power"):
            return argument * sp.exp(argument - 1)
        if argument != self.by and self.breaks("derivative inside"):
            return self._outer(expr, place, inner)
        outer = self._outer(expr, place, argument)
        if isinstance(outer, Add) and self.breaks("sign inside"):
            first, rest = outer.as_coeff_Add()
            outer = first - rest
        if not isinstance(expr, sp.exp) and self.breaks("function kept"):
            outer = expr
        if isinstance(expr, Function) and self.breaks("sign"):
            outer = -outer
        return outer * self._inner(argument, inner)

    def _outer(self, expr: Expr, place: int, at: Expr) -> Expr:
        """The derivative of a function by one argument, by the rules, at a point."""
        u = symbol(fresh("u", {s.name for s in symbols_of(expr)}))
        arguments = [u if k == place else arg for k, arg in enumerate(expr.args)]
        made = derive(expr.func(*arguments, evaluate=False), u).result
        return replace(made, {u: at})
