"""Functions that a user adds: a name, a formula or none, and a derivative of its own.

The one rule kept here: nothing is registered. The node ``sat(x)`` carries its
definition in its class, wherever it goes; two equal definitions are one function.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy import Expr, Symbol
from sympy.core.function import FunctionClass

from symgrad.errors import ArgumentTypeError, ArgumentValueError, RuleError, short
from symgrad.symbols import symbol

LETTERS: tuple[Symbol, ...] = tuple(map(symbol, "uvwpqrst"))
"""The arguments in the formula and in the derivatives of every definition."""


@dataclass(frozen=True)
class UserFunction:
    """A function with its partial derivatives, one for each of its arguments.

    ``formula`` is None where only the derivatives are known; then it can be derived
    and printed, not computed. Called with SymPy expressions it gives a node.

    >>> u = LETTERS[0]
    >>> sat = UserFunction("sat", u / (1 + u**2), ((1 - u**2) / (1 + u**2) ** 2,))
    >>> sat(3 * symbol("x"))
    sat(3*x)
    >>> sat.at(sat.formula, (sp.Integer(2),))
    2/5
    """

    name: str
    formula: Expr | None
    derivatives: tuple[Expr, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.isidentifier():
            raise ArgumentValueError(
                f"{short(self.name)} is no name for a function; expected a letter, "
                "then letters, digits or _"
            )
        if not 1 <= len(self.derivatives) <= len(LETTERS):
            raise ArgumentValueError(
                f"{self.name} has {len(self.derivatives)} arguments; expected 1 to "
                f"{len(LETTERS)}, as in function('f', 'f(u, v) = u*v^2')"
            )
        parts = (*self.derivatives, *([] if self.formula is None else [self.formula]))
        for part in parts:
            if not isinstance(part, Expr):
                raise ArgumentTypeError(f"{short(part)} is no expression")
            if not part.free_symbols <= set(LETTERS[: self.arity]):
                known = ", ".join(x.name for x in LETTERS[: self.arity])
                raise ArgumentValueError(f"{short(part)} uses more than {known}")

    @property
    def arity(self) -> int:
        """The number of arguments."""
        return len(self.derivatives)

    def __call__(self, *args: Any) -> Expr:
        if len(args) != self.arity:
            plural = "" if self.arity == 1 else "s"
            raise ArgumentValueError(
                f"{self.name} takes {self.arity} argument{plural}, not {len(args)}"
            )
        for arg in args:
            if not isinstance(arg, Expr | int | float):
                raise ArgumentTypeError(
                    f"{self.name} is applied to {short(arg)}; expected SymPy "
                    f"expressions (in a text, write formula('{self.name}(x)', "
                    f"functions=[{self.name}]))"
                )
        made: Expr = _class_of(self)(*args, evaluate=False)
        return made

    def at(self, expr: Expr, args: tuple[Expr, ...]) -> Expr:
        """Give the formula or a derivative with other arguments."""
        found: Expr = expr.xreplace(dict(zip(LETTERS, args, strict=False)))
        return found

    def without_formula(self) -> RuleError:
        """Word the error for a function without a formula where a number is wanted."""
        return RuleError(
            f"{self.name} has no value: it was given a derivative but no formula; "
            f"give it one, as in function('{self.name}', formula, derivative=…)"
        )


class _UserClass(FunctionClass):
    """Classes of nodes are equal where their definitions are."""

    definition: UserFunction | None = None

    def __eq__(cls, other: object) -> bool:
        if cls is other:
            return True
        own = cls.definition
        return (
            own is not None
            and isinstance(other, _UserClass)
            and own == other.definition
        )

    def __hash__(cls) -> int:
        if cls.definition is None:
            return type.__hash__(cls)
        return hash((_UserClass, cls.definition))


class UserCall(sp.Function, metaclass=_UserClass):
    """A user's function at some arguments."""

    definition: UserFunction
    is_real = True

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.definition.__call__, tuple(self.args)

    def fdiff(self, argindex: int = 1) -> Expr:
        """The partial derivative as SymPy asks for it."""
        row = self.definition.derivatives[argindex - 1]
        return self.definition.at(row, self.args)

    def _eval_expand_func(self, **hints: Any) -> Expr:
        formula = self.definition.formula
        return self if formula is None else self.definition.at(formula, self.args)

    def _eval_evalf(self, prec: int) -> Expr | None:
        if self.definition.formula is None:
            return None
        value = self._eval_expand_func()._eval_evalf(prec)
        return value if value is not None and value.is_number else None


@lru_cache(maxsize=512)
def _class_of(definition: UserFunction) -> type[UserCall]:
    namespace = {
        "definition": definition,
        "nargs": definition.arity,
        "__module__": __name__,
    }
    return _UserClass(definition.name, (UserCall,), namespace)
