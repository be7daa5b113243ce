"""What must hold of every formula, judged by oracles: ``judge`` raises or counts."""

from __future__ import annotations

import math
import pickle
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import mpmath as M
import numpy as np
import sympy as sp
from generated import HELD, Formula, parts_of
from oracles import Outside, expr_value, formula_value
from round_trips import MODULES, claim, is_well_formed, read_back
from spelling import spell, texts

import symgrad as sg
from symgrad.abstract_functions import abstract_functions
from symgrad.indexed import Chosen, Element
from symgrad.integrals import DefiniteIntegral
from symgrad.named_functions import DEFINITIONS
from symgrad.renderers import json
from symgrad.user_functions import UserCall

DIGITS = 80
COUNTS = ("n", "k")
STEP = "1e-25"
EXACT = 1e-18  # of a difference quotient, good to STEP**2 of its third derivative
FLOAT = 1e-9  # of float64, on top of what rounding is seen to do to the formula
WIDTH = 100


def close(left: Any, right: Any, tolerance: Any) -> bool:
    return bool(abs(left - right) <= tolerance * (1 + abs(left) + abs(right)))


def stage_values(graph: Any, at: dict[str, Any]) -> dict[str, Any]:
    """The values of all stages, computed by mpmath from what the page shows."""
    values = dict(at)
    for stage in graph.stages:
        values[stage.symbol.name] = expr_value(stage.expr, values)
    return values


def output_of(graph: Any) -> str:
    return str(graph.outputs[0].name)


@dataclass(frozen=True)
class Place:
    """A point where a formula is smooth and tame: its value, and its slopes."""

    at: dict[str, Any]
    value: Any
    slopes: dict[str, Any]

    @property
    def numbers(self) -> dict[str, Any]:
        """The point as a numeric function takes it: data are arrays."""
        return {
            name: np.array([float(data[k]) for k in sorted(data)])
            if isinstance(data, dict)
            else int(data)
            if name in COUNTS
            else float(data)
            for name, data in self.at.items()
        }


def points(formula: Formula, graph: Any, pick: Random) -> list[Place]:
    """Up to two points where the formula is smooth and tame, with its slopes."""
    names = [each.name for each in (*graph.inputs, *graph.parameters)]
    reached = reached_data(formula)
    found: list[Place] = []
    is_slow = bool(parts_of(formula, "integral"))
    for _ in range(6 if is_slow else 25):
        count = pick.randint(2, 4)
        at: dict[str, Any] = {}
        for name in names:
            if name in reached:
                places = reached[name](count)
                at[name] = {k: _number(pick) for k in places}
            else:
                at[name] = M.mpf(count) if name == "n" else _number(pick)
        ends = {name: plain_end(formula, name, count) for name in data_of(graph)}
        place = _place(formula, at, pick, ends)
        if place is not None:
            found.append(place)
        if len(found) == (1 if is_slow else 2):
            break
    return found


def _number(pick: Random) -> Any:
    return M.mpf(round(pick.uniform(-2.5, 2.5), 3))


def _place(
    formula: Formula, at: dict[str, Any], pick: Random, ends: dict[str, float]
) -> Place | None:
    """The point with slopes by each name, and by one datum of each data."""
    chosen = dict(at)
    data = [name for name, value in at.items() if isinstance(value, dict)]
    left = sorted({*data} & {*ends})
    try:
        value = formula_value(formula, at)
        slopes = {
            name: _slope(formula, at, name, None, value)
            for name in at
            if name not in (*data, "n", HELD)
        }
        if left:
            datum = pick.choice(left)
            k = pick.choice([k for k in sorted(at[datum]) if 1 <= k <= ends[datum]])
            slopes[f"{datum}_k"] = _slope(formula, at, datum, k, value)
            chosen |= {"k": M.mpf(k), f"{datum}_k": at[datum][k]}
    except Outside:
        return None
    return Place(chosen, value, slopes)


def _slope(formula: Formula, at: Any, name: str, k: int | None, value: Any) -> Any:
    """A central difference; ``Outside`` at a kink, a jump or a very steep place."""
    step = M.mpf(STEP)

    def moved(by: Any) -> Any:
        there = at[name] + by if k is None else {**at[name], k: at[name][k] + by}
        return formula_value(formula, {**at, name: there})

    up, down = (moved(step) - value) / step, (value - moved(-step)) / step
    if not close(up, down, 1e-9) or abs(up) > 1e8:
        raise Outside
    return (up + down) / 2


def reached_data(formula: Formula) -> dict[str, Callable[[int], range]]:
    """The places of each of the data that a formula reaches, by its count of terms."""
    spans: dict[str, list[tuple[int, str, int]]] = {}
    ends = {}
    for _, _, index, lower, upper, body in parts_of(formula, "reduce"):
        ends.setdefault(index, []).append((int(lower[1]), upper[1]))
        inner = Formula((("", body),))
        for _, base, at, offset in parts_of(inner, "datum"):
            if at == index:
                spans.setdefault(base, []).append((int(lower[1]), upper[1], offset))

    def places(rows: list[tuple[int, str, int]], count: int) -> range:
        first = min(low + offset for low, _, offset in rows)
        most = max(last(end, ends, count) + offset for _, end, offset in rows)
        return range(min(first, 1), max(most, 1) + 1)

    return {base: partial(places, rows) for base, rows in spans.items()}


def data_of(graph: Any) -> set[str]:
    """The names of data; 0·d_i has left none."""
    stages = (stage.expr.atoms(Element, Chosen) for stage in graph.stages)
    return {each.base.name for found in stages for each in found}


def last(end: str, ends: dict[str, list[tuple[int, str]]], count: int) -> int:
    """The last number of an index, which may end at another one."""
    if end in ends:
        return max(last(upper, ends, count) for _, upper in ends[end])
    return count if end == "n" else int(end)


def plain_end(formula: Formula, base: str, count: int) -> float:
    """Where "k is one of 1, …, n" holds of d_k: the end of the shortest plain sum."""
    found = math.inf
    for _, _, index, lower, upper, body in parts_of(formula, "reduce"):
        data = parts_of(Formula((("", body),)), "datum")
        if lower[1] == "1" and ("datum", base, index, 0) in data:
            found = min(found, int(upper[1]) if upper[1].isdecimal() else count)
    return found


def functions_of(formula: Formula, told: Counter[str]) -> list[Any]:
    """The functions that are given beside the text."""
    made = []
    for name, (parameters, body) in formula.users.items():
        text = f"{name}({', '.join(parameters)}) = {spell(body)}"
        made.append(sg.function(name, text))
        told["user functions"] += 1
    return made


def judge(formula: Formula, pick: Random, page: bool = True) -> Counter[str]:
    """Check everything that must hold of one formula; count what was compared."""
    digits = 50 if parts_of(formula, "integral") else DIGITS
    told: Counter[str] = Counter()
    with warnings.catch_warnings(), M.workdps(digits):
        warnings.simplefilter("error")
        users = functions_of(formula, told)
        graph = sg.formula(texts(formula), functions=users)
        spoken = sg.formula(
            texts(formula, pick), name=output_of(graph), functions=users
        )
        if not (graph.inputs or graph.parameters):
            told["no variable"] += 1
            return told
        chosen = points(formula, graph, pick)
        told["points"] += len(chosen)
        told["no point"] += not chosen
        wrt = list(chosen[0].slopes) if chosen else _variables(formula, graph)
        if not wrt:
            told["no variable"] += 1
            return told
        both = [sg.differentiate(graph, wrt, mode=m) for m in ("reverse", "forward")]
        filled = graph
        if abstract_functions(graph):
            bodies = {
                name: f"{name}({', '.join(row[0])}) = {spell(row[1])}"
                for name, row in formula.abstract.items()
                if name in {part.letter for part in abstract_functions(graph)}
            }
            filled, spoken = sg.fill(graph, bodies), sg.fill(spoken, bodies)
            both = [sg.fill(gradient, bodies) for gradient in both]
        ways = [filled, spoken, *read_back(filled, users, told)]
        # a decimal is a double, and what is folded of it is one too
        exact = 1e-9 if "decimals" in formula.constructs else EXACT
        for place in chosen:
            for which in ways:
                seen = stage_values(which, place.at)[output_of(which)]
                good = close(seen, place.value, exact)
                claim(good, "value", which, place.at, seen, place.value)
            if not set(place.slopes) <= set(wrt):
                continue
            if not _judge_slopes(both, place, exact, told):
                continue
            _judge_numbers(filled, both[0], place, told)
            judge_copy(both[0], place.at, exact)
        if chosen and not parts_of(formula, "reduce"):
            _judge_sympy(both[0], chosen[0], exact, told)
        if page:
            judge_page(graph, wrt, told)
    return told


def judge_copy(gradient: Any, at: dict[str, Any], exact: float) -> None:
    """A pickled gradient means what it meant; its graph is what it was."""
    copy = pickle.loads(pickle.dumps(gradient))
    same = copy.graph == gradient.graph and str(copy.graph) == str(gradient.graph)
    claim(same, "pickled graph", gradient.graph)
    values = stage_values(copy.graph, at)
    for name in gradient.wrt:
        sides = expr_value(gradient[name], values), expr_value(copy[name], values)
        claim(close(*sides, exact), "pickled gradient", name, *sides)


def _variables(formula: Formula, graph: Any) -> list[str]:
    names = [each.name for each in (*graph.inputs, *graph.parameters)]
    data = reached_data(formula)
    found = [name for name in names if name not in (*data, "n", HELD)]
    return [*found, *(f"{name}_k" for name in names if name in data_of(graph))]


def _judge_slopes(
    both: list[Any], place: Place, exact: float, told: Counter[str]
) -> bool:
    """Both modes next to the oracle; False where a partial has no value there."""
    at, slopes = place.at, place.slopes
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


def _judge_sympy(gradient: Any, place: Place, exact: float, told: Counter[str]) -> None:
    at, slopes = place.at, place.slopes
    try:
        whole = gradient.graph.closed_form()
    except sg.BoundError:
        return
    if sp.count_ops(whole) > 150 or whole.has(DefiniteIntegral, UserCall):
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


def _rounded(gradient: Any, place: Place) -> dict[str, Any]:
    """What the value and the slopes are when every operation is rounded to a double."""
    with M.workprec(53):
        values = stage_values(gradient.graph, place.at)
        seen = {name: expr_value(gradient[name], values) for name in place.slopes}
        return {"": values[output_of(gradient.graph)], **seen}


def _is_edge(gradient: Any, place: Place) -> bool:
    """Whether a factor of the chain rule is infinite: asech(x/x) next to 1."""
    values = stage_values(gradient.graph, place.at)
    for edge in gradient.partials:
        try:
            expr_value(gradient.partials[edge].result, values)
        except sg.RuleError:  # by all data at once, or by the s of zeta(s)
            continue
        except Outside:
            return True
    return False


def _judge_numbers(graph: Any, gradient: Any, place: Place, told: Counter[str]) -> None:
    """The program next to the oracle, up to 1,000 times what rounding is seen to do."""
    try:
        rough = _rounded(gradient, place)
    except Outside:
        told["rounding outside"] += 1
        return
    if _is_edge(gradient, place):
        told["edge of a domain"] += 1
        return
    exact = {"": place.value, **place.slopes}
    point, wrt = place.numbers, list(place.slopes)
    for backend in ("numpy", "math"):
        try:
            f = sg.lambdify(graph, wrt, backend=backend)
        except sg.SymgradError as error:
            claim("use backend=" in str(error), "backend", error)
            if backend == "math":
                told["no math code"] += 1
                continue
            backend = "scipy"
            f = sg.lambdify(graph, wrt, backend=backend)
        seen, grad = f(**{name: point[name] for name in f.args})
        for name, number in zip(exact, (float(seen), *map(float, grad)), strict=True):
            noise = abs(rough[name] - exact[name]) * 1000
            limit = FLOAT * (1 + abs(exact[name])) + noise
            good = math.isfinite(number) and abs(number - exact[name]) <= limit
            claim(good, f"{backend} {name or 'value'}", point, number, exact[name])
            told[backend] += 1
        MODULES.add(f, point, (seen, grad), told)


def judge_page(source: Any, wrt: Any, told: Counter[str]) -> None:
    """Every equality of the full page, all formats, JSON and pickle."""
    page = sg.explain(source, wrt, detail="full", check=True)
    said = "".join(str(part) for check in page.checks for part in check)
    claim("NOT TRUE" not in said, "page", said)
    told["pages with no equality"] += "no equality" in said
    wide = [line for line in str(page).splitlines() if len(line) > WIDTH]
    claim(not wide, "width", *wide)
    for format in sg.RENDERERS:
        is_well_formed(format, sg.render(page, format))
    again = json.load(json.dump(page))
    claim(again == page and str(again) == str(page), "json")
    claim(pickle.loads(pickle.dumps(page)) == page, "pickle")
    for detail in ("brief", "normal"):
        claim(bool(str(sg.explain(source, wrt, detail=detail, check=False))), detail)
    told["pages"] += 1
