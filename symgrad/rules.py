"""The rules inside one stage, by name: an expression and a symbol give a Step.

``RULES`` is tried in order and the first rule that fits makes the Step. What a
function's derivative is stands in ``DERIVATIVES`` (derivatives.py), nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from functools import lru_cache

import sympy as sp
from sympy import Add, Expr, Integer, Mul, Piecewise, Pow, Symbol

from symgrad.derivation import Line, Step, Text
from symgrad.derivatives import DERIVATIVES, f, u, v
from symgrad.errors import RuleError, short
from symgrad.functions import FUNCTIONS, function_name
from symgrad.graph import MAX_DEPTH, measure, replace
from symgrad.symbols import Chain, LocalDerivative, numbered, symbol, symbols_of

__all__ = ["DERIVATIVES", "RULES", "Rule", "Scope", "derive", "f", "u", "v"]

_HALF = sp.Rational(1, 2)
_LISTED_TERMS = 4


@dataclass(frozen=True)
class Scope:
    """What the rules may know of the stage around an expression.

    ``value`` is the symbol of the stage whose whole expression is ``whole``; the
    derivative of a function is then told in that symbol (tanh' = 1 - f_1**2).
    ``local`` names a compound argument (``u_1``), the same argument always alike.
    ``stages`` are held here, but may move with x elsewhere on the page: no line writes
    their derivative by x as 0.
    """

    whole: Expr
    value: Symbol | None
    local: Callable[[Expr], Symbol]
    stages: Container[Symbol] = ()


@dataclass(frozen=True)
class Rule:
    """One named rule: its formula in general letters, when it fits, what it makes."""

    name: str
    formula: tuple[Expr, Expr] | None
    fits: Callable[[Expr, Symbol], bool]
    apply: Callable[[Expr, Symbol, Scope], Step]


def derive(
    expr: Expr,
    by: Symbol,
    value: Symbol | None = None,
    local: Callable[[Expr], Symbol] | None = None,
    stages: Container[Symbol] = (),
) -> Step:
    """Differentiate one expression by one symbol, every rule named.

    >>> x = symbol("x")
    >>> derive(3 * x**2, by=x).result
    6*x

    ``value`` is a symbol that stands for the whole expression, ``local`` names
    compound arguments, ``stages`` are symbols held here that may move elsewhere. Raises ``RuleError`` that names the sub-expression no rule
    fits, or where the expression is nested too deep to be explained.
    """
    depth = _depth(expr)
    if depth > MAX_DEPTH:
        raise RuleError(
            f"an expression nested {depth} levels deep (the bound MAX_DEPTH is "
            f"{MAX_DEPTH}); name its parts as stages of their own"
        )
    name = local or namer(symbols_of(expr))
    return _derive(expr, by, Scope(expr, value, name, stages))


def namer(taken: Sequence[Symbol], stem: str = "u") -> Callable[[Expr], Symbol]:
    """Make a function that names arguments u_1, u_2, … in the order of asking."""
    used = {s.name for s in taken}
    names: dict[Expr, Symbol] = {}

    def local(argument: Expr) -> Symbol:
        if argument not in names:
            name = next(new for new in numbered(stem) if new not in used)
            used.add(name)
            names[argument] = symbol(name)
        return names[argument]

    return local


def _derive(expr: Expr, by: Symbol, scope: Scope) -> Step:
    for rule in RULES:
        if rule.fits(expr, by):
            step = rule.apply(expr, by, scope)
            return step if step.formula else changed(step, formula=rule.formula)
    raise RuleError(
        f"no rule differentiates {short(expr)} (a {type(expr).__name__}); the known "
        "functions are the rows of symgrad.functions.FUNCTIONS"
    )


def brief_reason(step: Step, by: Expr) -> Text:
    """Say in a few words why a step has its result."""
    if step.rule in ("sum", "constant multiple", "variable"):
        coefficient = step.result
        if not coefficient.has(by):
            return ("coefficient of ", by)
    if step.rule.startswith("derivative of") or step.rule == "chain rule":
        return (step.rule,)
    return (f"{step.rule} rule",)


# --- what the rules are made of ---------------------------------------------------


def depends(expr: Expr, by: Symbol) -> bool:
    """Whether ``by`` occurs in ``expr``."""
    return by in _symbol_set(expr)


@lru_cache(maxsize=256)
def _depth(expr: Expr) -> int:
    return measure(expr)[1]


@lru_cache(maxsize=4096)
def _symbol_set(expr: Expr) -> frozenset[Symbol]:
    return frozenset(symbols_of(expr))


@lru_cache(maxsize=256)
def _terms_with(expr: Add) -> dict[Symbol, list[Expr]]:
    """symbol -> the terms of a sum in which it occurs, so that wide sums stay cheap."""
    found: dict[Symbol, list[Expr]] = {}
    for term in expr.args:
        for name in symbols_of(term):
            found.setdefault(name, []).append(term)
    return found


def times(*factors: Expr) -> Expr:
    """Multiply, but do not spread a number over a bracket as SymPy does."""
    number = Mul(*(x for x in factors if x.is_number))
    rest = Mul(*(x for x in factors if not x.is_number))
    if number == 1 or rest == 1 or number == 0:
        return number * rest
    if rest.is_Add:
        return Mul(number, rest, evaluate=False)
    return Mul(number, rest)


def _d(expr: Expr, by: Symbol) -> LocalDerivative:
    return LocalDerivative(expr, by)


def _sum(*terms: Expr) -> Expr:
    return terms[0] if len(terms) == 1 else Add(*terms, evaluate=False)


def _step(
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
    return Step(rule, _d(expr, by), tuple(kept), definitions, notes, substeps, formula)


# --- sums and products ------------------------------------------------------------


def _constant(expr: Expr, by: Symbol, scope: Scope) -> Step:
    reason = (by, " does not occur") if expr.free_symbols else ("a number",)
    return _step("constant", expr, by, (Integer(0), reason))


def _variable(expr: Expr, by: Symbol, scope: Scope) -> Step:
    return _step("variable", expr, by, (Integer(1), ("the variable itself",)))


def _split(expr: Mul, by: Symbol) -> tuple[list[Expr], list[Expr]]:
    free = [a for a in expr.args if not depends(a, by)]
    bound = [a for a in expr.args if depends(a, by)]
    return free, bound


def _has_constant(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, Mul) and bool(_split(expr, by)[0])


def _constant_multiple(expr: Expr, by: Symbol, scope: Scope) -> Step:
    free, bound = _split(expr, by)
    constant, rest = times(*free), Mul(*bound)
    inner = _derive(rest, by, scope)
    return _step(
        "constant multiple",
        expr,
        by,
        (Chain(constant, _d(rest, by)), ("constant multiple",)),
        (times(constant, inner.result), brief_reason(inner, by)),
        substeps=(inner,),
    )


def _sum_rule(expr: Add, by: Symbol, scope: Scope) -> Step:
    dependent = _terms_with(expr).get(by, [])
    listed = dependent
    if len(expr.args) <= _LISTED_TERMS:
        listed = [t for t in expr.args if depends(t, by) or not _moves(t, scope)]
    inner = tuple(_derive(term, by, scope) for term in listed)
    others: Text = ("sum rule",)
    if len(listed) < len(expr.args):
        others = ("sum rule; the terms without ", by, " are constant")
    result = Add(*(step.result for step in inner))
    reason: Text = ("term by term",)
    if not depends(result, by):
        reason = ("coefficient of ", by)
    derivatives = _sum(*(_d(term, by) for term in listed))
    return _step(
        "sum", expr, by, (derivatives, others), (result, reason), substeps=inner
    )


def _moves(term: Expr, scope: Scope) -> bool:
    return any(name in scope.stages for name in _symbol_set(term))


def _fraction(expr: Expr) -> tuple[list[Expr], list[Expr]]:
    above, below = [], []
    for factor in expr.args:
        if isinstance(factor, Pow) and factor.exp.is_Rational and factor.exp < 0:
            below.append(Pow(factor.base, -factor.exp))
        else:
            above.append(factor)
    return above, below


def _is_quotient(expr: Expr, by: Symbol) -> bool:
    if not isinstance(expr, Mul):
        return False
    above, below = _fraction(expr)
    return bool(above) and bool(below)


def _quotient(expr: Mul, by: Symbol, scope: Scope) -> Step:
    above, below = _fraction(expr)
    top, bottom = Mul(*above), Mul(*below)
    dtop, dbottom = _derive(top, by, scope), _derive(bottom, by, scope)

    def rule(a: Expr, b: Expr, join: Callable[..., Expr]) -> Expr:
        numerator = Add(
            join(a, bottom), Mul(-1, join(top, b), evaluate=False), evaluate=False
        )
        return Mul(numerator, Pow(bottom, -2), evaluate=False)

    result = (times(dtop.result, bottom) - times(top, dbottom.result)) * bottom**-2
    return _step(
        "quotient",
        expr,
        by,
        (rule(_d(top, by), _d(bottom, by), Chain), ("quotient rule",)),
        (result, ("differentiate numerator and denominator",)),
        substeps=(dtop, dbottom),
    )


def _is_product(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, Mul)


def _product(expr: Mul, by: Symbol, scope: Scope) -> Step:
    factors = list(expr.args)
    inner = tuple(_derive(factor, by, scope) for factor in factors)

    def terms(parts: Sequence[Expr], join: Callable[..., Expr]) -> list[Expr]:
        return [
            join(*factors[:k], part, *factors[k + 1 :]) for k, part in enumerate(parts)
        ]

    return _step(
        "product",
        expr,
        by,
        (_sum(*terms([_d(a, by) for a in factors], Chain)), ("product rule",)),
        (
            Add(*terms([step.result for step in inner], times)),
            ("differentiate each factor",),
        ),
        substeps=inner,
    )


# --- powers and exponentials ------------------------------------------------------


def _is_power(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, Pow) and expr.base == by and not depends(expr.exp, by)


def _power(expr: Pow, by: Symbol, scope: Scope) -> Step:
    if expr.exp == _HALF:
        return _from_table("sqrt", "square root", expr, by, scope)
    row = DERIVATIVES["power"][0]
    result = replace(row, {u: expr.base, v: expr.exp})
    notes = _note_domain("the power", "u ≠ 0", by) if expr.exp.is_negative else ()
    return _step("power", expr, by, (result, ("power rule",)), notes=notes)


def _is_exponential(expr: Expr, by: Symbol) -> bool:
    if isinstance(expr, sp.exp):
        return bool(expr.args[0] == by)
    return isinstance(expr, Pow) and expr.exp == by and not depends(expr.base, by)


def _exponential(expr: Expr, by: Symbol, scope: Scope) -> Step:
    if isinstance(expr, sp.exp):
        return _from_table("exp", "exponential", expr, by, scope)
    row = DERIVATIVES["power"][1]
    forms = {u: expr.args[0], f: _value(expr, scope)}
    return _step("exponential", expr, by, (replace(row, forms), ("exponential rule",)))


def _is_general_power(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, Pow) and depends(expr.exp, by) and depends(expr.base, by)


def _general_power(expr: Pow, by: Symbol, scope: Scope) -> Step:
    base, exponent = expr.args
    log = sp.log(base, evaluate=False)
    inner = _derive(Mul(exponent, log), by, scope)
    return _step(
        "general power",
        expr,
        by,
        (
            Chain(expr, _d(Mul(exponent, log), by)),
            ("general power rule: ", expr, " = exp(", Mul(exponent, log), ")"),
        ),
        (times(_value(expr, scope), inner.result), ("differentiate the exponent",)),
        substeps=(inner,),
        notes=((base, " > 0 is needed"),),
    )


# --- functions --------------------------------------------------------------------


def _value(expr: Expr, scope: Scope) -> Expr:
    return scope.value if scope.value is not None and expr == scope.whole else expr


def _from_table(name: str, rule: str, expr: Expr, by: Symbol, scope: Scope) -> Step:
    """Take the derivative of a function of ``by`` itself from its row."""
    place = next(k for k, a in enumerate(expr.args) if depends(a, by))
    row, arguments = _row(name, expr, place)
    forms = dict(zip((u, v), arguments, strict=False))
    plain = replace(row, {**forms, f: expr})
    told = replace(row, {**forms, f: _value(expr, scope)})
    why: Text = (rule,) if rule.startswith("derivative") else (f"{rule} rule",)
    return _step(
        rule,
        expr,
        by,
        (plain, why),
        (told, ("as ", _value(expr, scope), " = ", expr)),
        notes=_notes(name, by),
        formula=_formula(name, expr),
    )


def _row(name: str, expr: Expr, place: int) -> tuple[Expr, tuple[Expr, ...]]:
    row = DERIVATIVES[name]
    if name in ("Max", "Min") and len(expr.args) != 2:
        rest = expr.func(*(a for k, a in enumerate(expr.args) if k != place))
        return row[0], (expr.args[place], rest)
    return row[place], expr.args


def _formula(name: str, expr: Expr) -> tuple[Expr, Expr] | None:
    if len(DERIVATIVES[name]) != 1:
        return None
    general = sp.sqrt(u) if name == "sqrt" else FUNCTIONS[name].make(u)
    return _d(general, u), replace(DERIVATIVES[name][0], {f: general})


def _notes(name: str, by: Symbol) -> tuple[Text, ...]:
    row = FUNCTIONS[name]
    kinks: tuple[Text, ...] = ((row.kink_note,),) if row.kink_note else ()
    return kinks + _note_domain(name, row.domain, by)


def _note_domain(what: str, domain: str, by: Symbol) -> tuple[Text, ...]:
    """Say where a function is real, its argument by its own name."""
    if not domain:
        return ()
    before, *after = re.split(r"\bu\b", domain)
    named: list[Text] = [(by, text) for text in after]
    return ((f"{what} needs {before}", *(part for pair in named for part in pair)),)


def _named_rule(expr: Expr) -> str:
    if isinstance(expr, sp.log):
        return "logarithm"
    return f"derivative of {function_name(expr)}"


def _is_function(expr: Expr, by: Symbol) -> bool:
    if function_name(expr) not in DERIVATIVES:
        return False
    return [a for a in expr.args if depends(a, by)] == [by]


def _function(expr: Expr, by: Symbol, scope: Scope) -> Step:
    name = function_name(expr)
    assert name is not None
    return _from_table(name, _named_rule(expr), expr, by, scope)


def _inner(expr: Expr, by: Symbol) -> list[int]:
    """The slots of a function or a power in which ``by`` occurs."""
    if isinstance(expr, Pow) or function_name(expr) in DERIVATIVES:
        return [k for k, a in enumerate(expr.args) if depends(a, by)]
    return []


def _has_inner(expr: Expr, by: Symbol) -> bool:
    slots = _inner(expr, by)
    if isinstance(expr, Pow) and len(slots) == 2:
        return False
    return bool(slots)


def _chain(expr: Expr, by: Symbol, scope: Scope) -> Step:
    """df(u)/dx as the sum over the slots in which x occurs of df/du · du/dx."""
    slots = _inner(expr, by)
    names = {k: scope.local(expr.args[k]) for k in slots}
    arguments = [names.get(k, a) for k, a in enumerate(expr.args)]
    if expr.is_Function:
        outer = expr.func(*arguments, evaluate=False)
    else:
        outer = expr.func(*arguments)
    value = scope.value if expr == scope.whole else None
    outers, inners, rules, results = [], [], [], []
    back = {name: expr.args[k] for k, name in names.items()}
    for k, name in names.items():
        outer_step = _outer_step(outer, name, value)
        inner_step = _derive(expr.args[k], by, scope)
        inner_step = changed(inner_step, lhs=_d(name, by))
        outers.append(outer_step)
        inners.append(inner_step)
        rules.append(Chain(_d(outer, name), _d(name, by)))
        results.append(_chained(outer_step.result, inner_step.result))
    products = [
        times(*_factors(replace(o.result, back)), *_factors(i.result))
        for o, i in zip(outers, inners, strict=True)
    ]
    why = (*brief_reason(outers[0], by), "; ", *brief_reason(inners[0], by))
    if len(slots) > 1:
        why = ("each derivative by its own rule",)
    return _step(
        "chain rule",
        expr,
        by,
        (_sum(*rules), ("chain rule",)),
        (_sum(*results), why),
        (Add(*products), ("multiply the factors",)),
        definitions=tuple(back.items()),
        substeps=(*outers, *inners),
    )


def _chained(*factors: Expr) -> Expr:
    """The factors in their order, the ones that are 1 left out."""
    kept = [factor for factor in factors if factor != 1]
    return Chain(*kept) if kept else Integer(1)


@lru_cache(maxsize=512)
def _outer_step(outer: Expr, name: Symbol, value: Symbol | None) -> Step:
    """Derive f(u_1) by u_1: the same for every argument of a stage."""
    return _derive(outer, name, Scope(outer, value, namer(symbols_of(outer))))


def _factors(expr: Expr) -> tuple[Expr, ...]:
    return expr.args if isinstance(expr, Mul) else (expr,)


def _is_piecewise(expr: Expr, by: Symbol) -> bool:
    return isinstance(expr, Piecewise)


def _piecewise(expr: Piecewise, by: Symbol, scope: Scope) -> Step:
    branches = [(case.expr, case.cond) for case in expr.args]
    inner = tuple(_derive(branch, by, scope) for branch, _ in branches)
    conditions = [condition for _, condition in branches]
    rules = [(_d(branch, by), c) for branch, c in branches]
    results = [(s.result, c) for s, c in zip(inner, conditions, strict=True)]
    return _step(
        "piecewise",
        expr,
        by,
        (Piecewise(*rules, evaluate=False), ("each branch by itself",)),
        (Piecewise(*results, evaluate=False), ("differentiate each branch",)),
        substeps=inner,
        notes=(("where branches meet, the branch that its condition selects counts",),),
    )


# --- the table --------------------------------------------------------------------

_x, _w, _c, _n, _a = (symbol(name) for name in "xwcna")


def _general(left: Expr, right: Expr) -> tuple[Expr, Expr]:
    return _d(left, _x), right


_quotient_formula = Mul(
    Add(
        Chain(_d(u, _x), v),
        Mul(-1, Chain(u, _d(v, _x)), evaluate=False),
        evaluate=False,
    ),
    Pow(v, -2),
    evaluate=False,
)

# u, v and w are functions of x; c, n and a are constants; the first that fits counts.
RULES: tuple[Rule, ...] = (
    Rule(
        "constant",
        _general(_c, Integer(0)),
        lambda expr, by: not depends(expr, by),
        _constant,
    ),
    Rule(
        "variable",
        _general(_x, Integer(1)),
        lambda expr, by: bool(expr == by),
        _variable,
    ),
    Rule(
        "sum",
        _general(u + v, _sum(_d(u, _x), _d(v, _x))),
        lambda expr, by: isinstance(expr, Add),
        _sum_rule,
    ),
    Rule(
        "constant multiple",
        _general(_c * u, Chain(_c, _d(u, _x))),
        _has_constant,
        _constant_multiple,
    ),
    Rule("quotient", _general(u / v, _quotient_formula), _is_quotient, _quotient),
    Rule(
        "product",
        _general(u * v, _sum(Chain(_d(u, _x), v), Chain(u, _d(v, _x)))),
        _is_product,
        _product,
    ),
    Rule("power", _general(_x**_n, _n * _x ** (_n - 1)), _is_power, _power),
    Rule(
        "exponential",
        _general(_a**_x, _a**_x * sp.log(_a)),
        _is_exponential,
        _exponential,
    ),
    Rule(
        "general power",
        _general(u**v, Chain(u**v, _d(v * sp.log(u), _x))),
        _is_general_power,
        _general_power,
    ),
    Rule("function", None, _is_function, _function),
    Rule("piecewise", None, _is_piecewise, _piecewise),
    Rule(
        "chain rule",
        _general(_w, Chain(_d(_w, u), _d(u, _x))),
        _has_inner,
        _chain,
    ),
)
