"""What the rules are made of: their surroundings, and safe sums and products.

The one rule kept here: a product is never multiplied out, and a wide sum is never
searched twice.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sympy import Add, Expr, Integer, Mul, Symbol

from symgrad.decimals import product
from symgrad.derivation import Line, Step, Text
from symgrad.symbols import LocalDerivative, numbered, symbol, symbols_of

_NAMED_RULES = 3


@dataclass(frozen=True)
class Scope:
    """What the rules may know of the stage around an expression.

    ``value`` is the symbol of the stage whose whole expression is ``whole``; the
    derivative of a function is then told in that symbol (tanh' = 1 - f_1**2).
    ``local`` names a compound argument (``u_1``), the same argument always alike (but
    in two slots of one function, which ``again`` tells apart).
    ``stages`` are held here, but may move with x elsewhere on the page: no line writes
    their derivative by x as 0. ``derive`` derives a part by the rule that fits it.
    """

    whole: Expr
    value: Symbol | None
    local: Callable[..., Symbol]
    derive: Derive
    stages: Container[Symbol] = ()


def namer(taken: Sequence[Symbol], stem: str = "u") -> Callable[..., Symbol]:
    """Make a function that names arguments u_1, u_2, … in the order of asking."""
    used = {s.name for s in taken}
    names: dict[tuple[Expr, int], Symbol] = {}

    def local(argument: Expr, again: int = 0) -> Symbol:
        if (argument, again) not in names:
            name = next(new for new in numbered(stem) if new not in used)
            used.add(name)
            names[argument, again] = symbol(name)
        return names[argument, again]

    return local


_WHOLE_NAMES = ("rule", "sign", "theorem of calculus")
_TERMWISE = {
    "sum over an index": "sum rule over the index",
    "product over an index": "product rule over the index",
}


def brief_reason(step: Step, by: Expr) -> Text:
    """Say in a few words why a step has its result."""
    if step.rule in ("sum", "constant multiple", "variable"):
        if is_linear(step):
            return ("coefficient of ", by)
        rules = ("sum rule",) if step.rule == "sum" else ()
        if used := rules_used(step.substeps, by):
            return ("; ".join((*rules, *used)),)
    if step.rule.startswith("derivative of") or step.rule == "chain rule":
        return (step.rule,)
    if step.rule == "abstract function":
        return step.lines[-1].reason
    if step.rule in _TERMWISE:
        return (_TERMWISE[step.rule],)
    if step.rule.endswith(_WHOLE_NAMES):
        return (step.rule,)
    return (f"{step.rule} rule",)


def is_linear(step: Step) -> bool:
    """Whether a derivative is a coefficient: sums of multiples of the variable."""
    todo = [step]
    while todo:
        found = todo.pop()
        if found.rule in ("sum", "constant multiple"):
            todo += found.substeps
        elif found.rule not in ("constant", "variable"):
            return False
    return True


def rules_used(steps: Sequence[Step], by: Expr) -> tuple[str, ...]:
    """Name the rules that the terms of a sum need, none where they are too many."""
    found: dict[str, None] = {}
    for step in steps:
        if step.rule in ("sum", "constant multiple"):
            if not is_linear(step):
                found |= dict.fromkeys(rules_used(step.substeps, by))
        elif step.rule not in ("constant", "variable"):
            reason = brief_reason(step, by)
            found |= dict.fromkeys(part for part in reason if isinstance(part, str))
            if len(reason) > 1:
                return ()
    return tuple(found) if len(found) <= _NAMED_RULES else ()


def depends(expr: Expr, by: Symbol) -> bool:
    """Whether ``by`` occurs in ``expr``."""
    return by in symbol_set(expr)


def moves(expr: Expr, scope: Scope) -> bool:
    """Whether a stage is in ``expr``: held here, it may follow ``by`` elsewhere."""
    return any(name in scope.stages for name in symbol_set(expr))


@lru_cache(maxsize=4096)
def symbol_set(expr: Expr) -> frozenset[Symbol]:
    return frozenset(symbols_of(expr))


@lru_cache(maxsize=256)
def terms_with(expr: Add) -> dict[Symbol, list[Expr]]:
    """symbol -> the terms of a sum in which it occurs, so that wide sums stay cheap."""
    found: dict[Symbol, list[Expr]] = {}
    for term in expr.args:
        for name in symbols_of(term):
            found.setdefault(name, []).append(term)
    return found


def times(*factors: Expr) -> Expr:
    """Multiply, but do not spread a number over a bracket as SymPy does."""
    number = product(*(x for x in factors if x.is_number))
    rest = Mul(*(x for x in factors if not x.is_number))
    inner, left = rest.as_coeff_Mul()
    if inner != 1 and (inner.is_Float or number.is_Float):  # 2 · (0.5 x)
        number, rest = product(number, inner), left
    if number == 0:
        return Integer(0)
    if number == 1 or rest == 1:
        return rest if number == 1 else number
    if rest.is_Add:
        return Mul(*Mul.make_args(number), rest, evaluate=False)
    return Mul(number, rest)


def d(expr: Expr, by: Symbol) -> LocalDerivative:
    return LocalDerivative(expr, by)


def sum_of(*terms: Expr) -> Expr:
    """A sum as it stands; of one term that term, of none 0."""
    return Add(*terms, evaluate=False)


def step_of(
    rule: str,
    expr: Expr,
    by: Symbol,
    *lines: tuple[Expr, Text],
    substeps: tuple[Step, ...] = (),
    definitions: tuple[tuple[Symbol, Expr], ...] = (),
    notes: tuple[Text, ...] = (),
    formula: tuple[Expr, Expr] | None = None,
) -> Step:
    kept: list[Line] = []
    for line, reason in lines:
        if not kept or kept[-1].expr != line:
            kept.append(Line(line, reason))
    return Step(rule, d(expr, by), tuple(kept), definitions, notes, substeps, formula)


Derive = Callable[[Expr, Symbol, Scope], Step]
