"""Trees and SymPy expressions computed by mpmath, with no arithmetic of symgrad.

A point counts where the formula is real and tame: every value between is finite and
below ``LARGEST``. ``Outside`` says that it is not.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import mpmath as M
import sympy as sp
from generated import Formula, Tree

from symgrad.user_functions import LETTERS

LARGEST = 1e12
SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class Outside(Exception):
    """The formula has no tame real value at this point."""


def _when(test: bool, value: Callable[[], Any]) -> Any:
    if not test:
        raise Outside
    return value()


def _erfcinv(u: Any) -> Any:
    return _when(0 < u < 2, lambda: M.erfinv(1 - u))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(M, name)
        for name in (
            *("exp", "expm1", "sin", "cos", "tan", "cot", "sec", "csc", "sinc"),
            *("atan", "atan2", "sinh", "cosh", "tanh", "coth", "sech", "csch"),
            *("asinh", "erf", "erfc", "erfi", "gamma", "digamma", "hypot"),
            *("asin", "acos", "acosh", "atanh", "acot", "asec", "acsc", "acoth"),
            *("asech", "acsch", "sqrt", "log", "floor", "sign", "airyai", "airybi"),
        )
    },
    "Abs": abs,
    "Max": max,
    "Min": min,
    "ceiling": M.ceil,
    "frac": lambda u: u - M.floor(u),
    "Heaviside": lambda u, *h: (M.sign(u) + 1) / 2,
    "factorial": M.factorial,
    "log2": lambda u: M.log(u, 2),
    "log10": M.log10,
    "log1p": lambda u: _when(u > -1, lambda: M.log1p(u)),
    "cbrt": lambda u: M.sign(u) * M.cbrt(abs(u)),
    "erfinv": lambda u: _when(abs(u) < 1, lambda: M.erfinv(u)),
    "erfcinv": _erfcinv,
    "LambertW": lambda u: _when(u > -M.exp(-1), lambda: M.lambertw(u)),
    "loggamma": lambda u: _when(u > 0, lambda: M.loggamma(u)),
    "polygamma": lambda n, u: M.polygamma(int(n), u),
    "binomial": M.binomial,
    "beta": lambda u, v: _when(u > 0 and v > 0, lambda: M.beta(u, v)),
    "besselj": M.besselj,
    "bessely": lambda n, u: _when(u > 0, lambda: M.bessely(n, u)),
    "besseli": M.besseli,
    "besselk": lambda n, u: _when(u > 0, lambda: M.besselk(n, u)),
    "Si": M.si,
    "fresnels": M.fresnels,
    "fresnelc": M.fresnelc,
    "Ci": lambda u: _when(u > 0, lambda: M.ci(u)),
    "Shi": M.shi,
    "Chi": lambda u: _when(u > 0, lambda: M.chi(u)),
    "Ei": lambda u: _when(u != 0, lambda: M.ei(u)),
    "li": lambda u: _when(u > 0 and u != 1, lambda: M.li(u)),
    "elliptic_k": lambda m: _when(m < 1, lambda: M.ellipk(m)),
    "elliptic_e": lambda m: _when(m <= 1, lambda: M.ellipe(m)),
    "lowergamma": lambda s, u: _when(s > 0 and u >= 0, lambda: M.gammainc(s, 0, u)),
    "uppergamma": lambda s, u: _when(s > 0 and u >= 0, lambda: M.gammainc(s, u)),
    "airyaiprime": lambda u: M.airyai(u, derivative=1),
    "airybiprime": lambda u: M.airybi(u, derivative=1),
    "zeta": lambda u: _when(u != 1, lambda: M.zeta(u)),
    "logistic": lambda u: 1 / (1 + M.exp(-u)),
    "relu": lambda u: max(u, M.mpf(0)),
    "leaky_relu": lambda u: u if u > 0 else u / 100,
    "elu": lambda u: u if u > 0 else M.expm1(u),
    "softplus": lambda u: M.log1p(M.exp(u)),
    "gelu": lambda u: u * (1 + M.erf(u / M.sqrt(2))) / 2,
    "silu": lambda u: u / (1 + M.exp(-u)),
    "softsign": lambda u: u / (1 + abs(u)),
    "identity": lambda u: u,
}


def tame(value: Any) -> Any:
    """A value that is real, finite and not too large; else ``Outside``."""
    if isinstance(value, M.mpc):
        if value.imag != 0:
            raise Outside
        value = value.real
    if not M.isfinite(value) or abs(value) > LARGEST:
        raise Outside
    return value


def _power(base: Any, exponent: Any) -> Any:
    if base == 0 and exponent <= 0:
        raise Outside
    if base < 0 and exponent != M.floor(exponent):
        raise Outside
    return M.power(base, exponent)


_OPERATORS: dict[str, Callable[..., Any]] = {
    "negate": operator.neg,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": _power,
    "not": operator.not_,
}


def _datum(data: Mapping[int, Any], place: int) -> Any:
    """One of the data; a term that the formula never reaches has none."""
    if place not in data:
        raise Outside
    return data[place]


def quad(integrand: Callable[[Any], Any], ends: list[Any]) -> Any:
    """An integral, by mpmath; ``Outside`` where mpmath itself is not sure."""
    value, error = M.quad(integrand, ends, error=True)
    if error > M.mpf(10) ** (10 - M.mp.dps) * (1 + abs(value)):
        raise Outside
    return tame(value)


def tree_value(tree: Tree, at: Mapping[str, Any], formula: Formula) -> Any:
    """The value of a tree, computed by mpmath at its present precision."""
    kind, *rest = tree
    if kind == "number":
        return M.mpf(rest[0])
    if kind == "name":
        return at[rest[0]]
    if kind == "pi":
        return M.pi + 0
    if kind == "choose":
        chosen = rest[0] if tree_value(rest[1], at, formula) else rest[2]
        return tree_value(chosen, at, formula)
    if kind == "datum":
        return _datum(at[rest[0]], int(at[rest[1]]) + rest[2])
    if kind == "reduce":
        op, index, lower, upper, body = rest
        ends = [int(tree_value(end, at, formula)) for end in (lower, upper)]
        here = ({**at, index: M.mpf(k)} for k in range(ends[0], ends[1] + 1))
        terms = [tree_value(body, each, formula) for each in here]
        return tame(M.fsum(terms) if op == "sum" else M.fprod(terms))
    if kind == "integral":
        index, lower, upper, body = rest
        ends = [tree_value(end, at, formula) for end in (lower, upper)]
        return quad(lambda t: tree_value(body, {**at, index: t}, formula), ends)
    if kind in ("and", "or"):
        values = (tree_value(part, at, formula) for part in rest)
        return all(values) if kind == "and" else any(values)
    name = rest.pop(0) if kind in ("call", "use", "compare") else ""
    values = [tree_value(part, at, formula) for part in rest]
    if kind == "compare":
        return SIGNS[name](*values)
    if kind == "use":
        parameters, body = formula.bodies[name]
        return tree_value(body, dict(zip(parameters, values, strict=True)), formula)
    make = FUNCTIONS[name] if kind == "call" else _OPERATORS[kind]
    return apply(make, values)


def apply(make: Callable[..., Any], values: list[Any]) -> Any:
    """A function at tame values; ``Outside`` where it has no tame value."""
    try:
        value = make(*values)
    except (ValueError, ZeroDivisionError, OverflowError, TypeError, ArithmeticError):
        raise Outside from None
    return value if isinstance(value, bool) else tame(value)


def formula_value(formula: Formula, at: Mapping[str, Any]) -> Any:
    """The value of the output of a formula."""
    values = dict(at)
    for name, tree in formula.definitions:
        values[name] = tree_value(tree, values, formula)
    return values[formula.definitions[-1][0]]


def expr_value(expr: Any, at: Mapping[str, Any]) -> Any:
    """The value of a SymPy expression, computed by mpmath at its present precision."""
    if isinstance(expr, sp.Symbol):
        return at[expr.name]
    kind = "UserCall" if hasattr(expr, "definition") else type(expr).__name__
    if kind in _OWN:
        return _OWN[kind](expr, at)
    if isinstance(expr, sp.Piecewise):
        for value, condition in expr.args:
            if expr_value(condition, at):
                return expr_value(value, at)
        raise Outside
    if expr in (sp.true, sp.false):
        return bool(expr)
    if expr.is_number and not expr.has(sp.Function):
        return tame(sp.N(expr, M.mp.dps)._to_mpmath(M.mp.prec))
    values = [expr_value(part, at) for part in expr.args]
    if isinstance(expr, sp.core.relational.Relational):
        return SIGNS[expr.rel_op](*values)
    if isinstance(expr, sp.And | sp.Or | sp.Not):
        test = {sp.And: all, sp.Or: any}.get(type(expr), lambda parts: not parts[0])
        return bool(test(values))
    if isinstance(expr, sp.Pow):
        return apply(_power, values)
    if isinstance(expr, sp.Add):
        return tame(M.fsum(values))
    if isinstance(expr, sp.Mul):
        return tame(M.fprod(values))
    return apply(FUNCTIONS[type(expr).__name__], values)


def _reduced(expr: Any, at: Mapping[str, Any]) -> Any:
    ends = [int(expr_value(end, at)) for end in (expr.lower, expr.upper)]
    here = ({**at, expr.index.name: M.mpf(k)} for k in range(ends[0], ends[1] + 1))
    terms = [expr_value(expr.body, each) for each in here]
    is_sum = type(expr).__name__ == "IndexedSum"
    return tame(M.fsum(terms) if is_sum else M.fprod(terms))


def _integral(expr: Any, at: Mapping[str, Any]) -> Any:
    ends = [expr_value(end, at) for end in (expr.lower, expr.upper)]
    name = expr.index.name
    return quad(lambda t: expr_value(expr.body, {**at, name: t}), ends)


def _element(expr: Any, at: Mapping[str, Any]) -> Any:
    return _datum(at[expr.base.name], int(expr_value(expr.index, at)))


def _delta(expr: Any, at: Mapping[str, Any]) -> Any:
    first, second = (expr_value(part, at) for part in expr.args)
    return M.mpf(first == second)


def _user(expr: Any, at: Mapping[str, Any]) -> Any:
    values = [expr_value(part, at) for part in expr.args]
    names = (letter.name for letter in LETTERS)
    return expr_value(expr.definition.formula, dict(zip(names, values, strict=False)))


_OWN: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "Index": lambda expr, at: at[expr.name],
    "IntegrationVariable": lambda expr, at: at[expr.name],
    "Element": _element,
    "Chosen": _element,
    "Delta": _delta,
    "IndexedSum": _reduced,
    "IndexedProduct": _reduced,
    "DefiniteIntegral": _integral,
    "UserCall": _user,
}
"""A node of symgrad's own -> its meaning, written here anew."""
