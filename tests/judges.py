"""What must hold of every formula, judged by oracles: ``judge`` raises or counts."""

from __future__ import annotations

import math
import pickle
import warnings
from collections import Counter
from random import Random
from typing import Any

import mpmath as M
import sympy as sp
from generated import Formula, texts
from oracles import Outside, expr_value, formula_value
from sympy.printing.str import StrPrinter

import symgrad as sg
from symgrad.abstract_functions import abstract_functions
from symgrad.functions import DEFINITIONS
from symgrad.renderers import json

DIGITS = 80
STEP = "1e-25"
EXACT = 1e-18  # of a difference quotient, good to STEP**2 of its third derivative
FLOAT = 1e-9  # of float64, on top of what rounding is seen to do to the formula
WIDTH = 100


class Fault(AssertionError):
    """Something that must hold of a formula does not."""


def claim(true: bool, what: str, *told: Any) -> None:
    if not true:
        raise Fault(f"{what}: {', '.join(map(str, told))}")


def close(left: Any, right: Any, tolerance: Any) -> bool:
    return bool(abs(left - right) <= tolerance * (1 + abs(left) + abs(right)))


class ExplicitPrinter(StrPrinter):
    """SymPy's own text with the words of a formula's conditions."""

    def _print_Piecewise(self, expr: Any) -> str:
        pairs = (f"({self._print(u)}, {self._print(c)})" for u, c in expr.args)
        return f"piecewise({', '.join(pairs)})"

    def _print_Relational(self, expr: Any) -> str:
        return f"({self._print(expr.lhs)} {expr.rel_op} {self._print(expr.rhs)})"

    def _print_And(self, expr: Any) -> str:
        return "(" + " and ".join(map(self._print, expr.args)) + ")"

    def _print_Or(self, expr: Any) -> str:
        return "(" + " or ".join(map(self._print, expr.args)) + ")"

    def _print_Not(self, expr: Any) -> str:
        return f"(not {self._print(expr.args[0])})"

    def _print_BooleanTrue(self, expr: Any) -> str:
        return "true"

    def _print_BooleanFalse(self, expr: Any) -> str:
        return "false"


def printed(graph: Any) -> str:
    """The stages of a graph as a text that can be read back."""
    write = ExplicitPrinter({"full_prec": False}).doprint
    return "; ".join(f"{s.symbol.name} = {write(s.expr)}" for s in graph.stages)


def stage_values(graph: Any, at: dict[str, Any]) -> dict[str, Any]:
    """The values of all stages, computed by mpmath from what the page shows."""
    values = dict(at)
    for stage in graph.stages:
        values[stage.symbol.name] = expr_value(stage.expr, values)
    return values


def output_of(graph: Any) -> str:
    return str(graph.outputs[0].name)


def points(formula: Formula, names: tuple[str, ...], pick: Random) -> list[Any]:
    """Up to two points where the formula is smooth and tame, with its slopes."""
    found: list[Any] = []
    for _ in range(25):
        at = {name: M.mpf(round(pick.uniform(-2.5, 2.5), 3)) for name in names}
        try:
            value = formula_value(formula, at)
            slopes = {name: _slope(formula, at, name, value) for name in names}
        except Outside:
            continue
        found.append((at, value, slopes))
        if len(found) == 2:
            break
    return found


def _slope(formula: Formula, at: dict[str, Any], name: str, value: Any) -> Any:
    """A central difference; ``Outside`` at a kink, a jump or a very steep place."""
    step = M.mpf(STEP)
    right = formula_value(formula, {**at, name: at[name] + step})
    left = formula_value(formula, {**at, name: at[name] - step})
    up, down = (right - value) / step, (value - left) / step
    if not close(up, down, 1e-9) or abs(up) > 1e8:
        raise Outside
    return (up + down) / 2


def judge(formula: Formula, pick: Random, page: bool = True) -> Counter[str]:
    """Check everything that must hold of one formula; count what was compared."""
    text = texts(formula)
    with warnings.catch_warnings(), M.workdps(DIGITS):
        warnings.simplefilter("error")
        graph = sg.formula(text)
        spoken = sg.formula(texts(formula, pick), name=output_of(graph))
        names = tuple(each.name for each in graph.inputs)
        told: Counter[str] = Counter()
        if not names:
            told["no variable"] += 1
            return told
        gradient = sg.differentiate(graph)
        forward = sg.differentiate(graph, mode="forward")
        filled = graph
        if abstract_functions(graph):
            bodies = {
                name: f"{name}({', '.join(row[0])}) = "
                + texts(Formula(((name, row[1]),))).partition(" = ")[2]
                for name, row in formula.abstract.items()
                if name in {part.letter for part in abstract_functions(graph)}
            }
            filled, spoken = sg.fill(graph, bodies), sg.fill(spoken, bodies)
            gradient, forward = sg.fill(gradient, bodies), sg.fill(forward, bodies)
        chosen = points(formula, names, pick)
        told["points"] += len(chosen)
        told["no point"] += not chosen
        back = sg.formula(printed(filled), name=output_of(graph))
        # a decimal is a double, and what is folded of it is one too
        exact = 1e-9 if "decimals" in formula.constructs else EXACT
        for at, value, slopes in chosen:
            for which in (filled, spoken, back):
                seen = stage_values(which, at)[output_of(which)]
                claim(close(seen, value, exact), "value", which, at, seen, value)
            if not _judge_slopes((gradient, forward), (at, slopes, exact), told):
                continue
            _judge_numbers(filled, gradient, at, value, slopes, told)
        if chosen:
            _judge_sympy(gradient, chosen[0], exact, told)
        if page:
            judge_page(graph, told)
    return told


def _judge_slopes(
    both: tuple[Any, Any], chosen: tuple[Any, Any, float], told: Counter[str]
) -> bool:
    """Both modes next to the oracle; False where a partial has no value there."""
    at, slopes, exact = chosen
    for gradient in both:
        values = stage_values(gradient.graph, at)
        for name, slope in slopes.items():
            try:
                seen = expr_value(gradient[name], values)
            except Outside:
                told["partial outside"] += 1
                return False
            what = f"{gradient.mode} mode by {name}"
            claim(close(seen, slope, exact), what, gradient[name], at, seen, slope)
            told["slopes"] += 1
    return True


def _is_own(expr: Any) -> bool:
    return type(expr).__name__ in DEFINITIONS


def _defined(expr: Any) -> Any:
    return DEFINITIONS[type(expr).__name__](*expr.args)


def _judge_sympy(gradient: Any, chosen: Any, exact: float, told: Counter[str]) -> None:
    at, _, slopes = chosen
    try:
        whole = gradient.graph.closed_form()
    except sg.BoundError:
        return
    if sp.count_ops(whole) > 150:
        return
    whole = whole.xreplace({n: sp.Rational(n) for n in whole.atoms(sp.Float)})
    whole = whole.replace(_is_own, _defined)  # SymPy knows no derivative of it
    for symbol in gradient.wrt:
        try:
            other = expr_value(sp.diff(whole, symbol), at)
        except (Outside, KeyError, AttributeError, ValueError):
            continue  # SymPy has no derivative of that function, or none that is real
        slope = slopes[symbol.name]
        claim(close(other, slope, exact), "the oracles differ", symbol, other, slope)
        told["sympy.diff"] += 1


def _rounded(gradient: Any, at: dict[str, Any]) -> dict[str, Any]:
    """What the value and the slopes are when every operation is rounded to a double."""
    with M.workprec(53):
        values = stage_values(gradient.graph, at)
        seen = {name: expr_value(gradient[name], values) for name in at}
        return {"": values[output_of(gradient.graph)], **seen}


def _judge_numbers(
    graph: Any, gradient: Any, at: Any, value: Any, slopes: Any, told: Counter[str]
) -> None:
    """The program next to the oracle, up to 1,000 times what rounding is seen to do."""
    try:
        rough = _rounded(gradient, at)
    except Outside:
        told["rounding outside"] += 1
        return
    exact = {"": value, **slopes}
    point = {name: float(number) for name, number in at.items()}
    for backend in ("numpy", "math"):
        try:
            f = sg.lambdify(graph, list(at), backend=backend)
        except sg.SymgradError as error:
            claim("use backend=" in str(error), "backend", error)
            if backend == "math":
                told["no math code"] += 1
                continue
            f = sg.lambdify(graph, list(at), backend="scipy")
        seen, grad = f(**point)
        for name, number in zip(exact, (float(seen), *map(float, grad)), strict=True):
            noise = abs(rough[name] - exact[name]) * 1000
            limit = FLOAT * (1 + abs(exact[name])) + noise
            good = math.isfinite(number) and abs(number - exact[name]) <= limit
            claim(good, f"{backend} {name or 'value'}", point, number, exact[name])
            told[backend] += 1


def judge_page(source: Any, told: Counter[str]) -> None:
    """Every equality of the full page, all formats, JSON and pickle."""
    page = sg.explain(source, detail="full", check=True)
    said = "".join(str(part) for check in page.checks for part in check)
    claim("NOT TRUE" not in said, "page", said)
    told["pages with no equality"] += "no equality" in said
    wide = [line for line in str(page).splitlines() if len(line) > WIDTH]
    claim(not wide, "width", *wide)
    for format in sg.RENDERERS:
        claim(bool(sg.render(page, format)), format)
    again = json.load(json.dump(page))
    claim(again == page and str(again) == str(page), "json")
    claim(pickle.loads(pickle.dumps(page)) == page, "pickle")
    for detail in ("brief", "normal"):
        claim(bool(str(sg.explain(source, detail=detail, check=False))), detail)
    told["pages"] += 1
