"""Networks, curves, inverses, directions, orders and several outputs, made at random.

The one rule kept here: what is expected comes from mpmath's differences of the tree
itself (curves by the textbook's formula of F's partials), never from symgrad.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import mpmath as M
from generated import Formula, Maker, Tree
from judges import DIGITS, MODULES, STEP, close, judge_page, stage_values
from oracles import FUNCTIONS, Outside, expr_value, tree_value
from round_trips import claim
from spelling import spell

import symgrad as sg
from symgrad.functions import ACTIVATIONS

TINY = "1e-20"
EXACT = 1e-12  # of second differences at 80 digits, where third ones are below 1e6
SAME = {"sigmoid": "logistic", "swish": "silu"}
Point = dict[str, Any]


def some_tree(pick: Random, names: tuple[str, ...], told: Counter[str]) -> Tree:
    """A tree that has all of the names, smooth everywhere or of any construct."""
    maker = Maker(pick)
    maker.left, maker.decimals = 8, False
    smooth = pick.random() < 0.5
    tree = maker.smooth(names, 2) if smooth else maker.tree(names, 3)
    for name in names:
        number = ("number", str(pick.randint(1, 4)))
        tree = ("+", tree, ("*", number, ("name", name)))
    told.update(maker.constructs)
    return tree


class Tried:
    """A tree as a function of a point, and its first and second partials."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def __call__(self, at: Mapping[str, Any]) -> Any:
        return tree_value(self.tree, at, Formula(()))

    def first(self, at: Point, by: str) -> Any:
        """A partial; ``Outside`` near a kink."""
        return _smooth(lambda step: self._first(at, by, step))

    def _first(self, at: Point, by: str, step: Any) -> Any:
        right, left = (self({**at, by: at[by] + s}) for s in (step, -step))
        return (right - left) / (2 * step)

    def second(self, at: Point, by: str, then: str) -> Any:
        """A second partial; ``Outside`` near a kink."""

        def quotient(step: Any) -> Any:
            if by == then:
                ends = [self({**at, by: at[by] + s}) for s in (step, 0, -step)]
                return (ends[0] - 2 * ends[1] + ends[2]) / step**2
            sides = [
                self._first({**at, then: at[then] + s}, by, step) for s in (step, -step)
            ]
            return (sides[0] - sides[1]) / (2 * step)

        return _smooth(quotient)


def _smooth(quotient: Callable[[Any], Any]) -> Any:
    one, two = quotient(M.mpf(TINY)), quotient(3 * M.mpf(TINY))
    if not close(one, two, 1e-15) or abs(one) > 1e6:
        raise Outside
    return one


def _at(pick: Random, names: tuple[str, ...]) -> Point:
    return {name: M.mpf(round(pick.uniform(-2, 2), 3)) for name in names}


def _tried(pick: Random, names: tuple[str, ...], make: Callable[[Point], Any]) -> Any:
    """What ``make`` gives at the first point that is inside, or None."""
    for _ in range(12):
        try:
            return make(_at(pick, names))
        except (Outside, ZeroDivisionError):
            continue
    return None


def judge_curve(pick: Random, told: Counter[str]) -> None:
    """F(x, y) = c: dy/dx and d²y/dx² of the curve through a random point."""
    tree = some_tree(pick, ("x", "y"), told)
    tried = Tried(tree)

    def expected(at: Point) -> Any:
        fx, fy = tried.first(at, "x"), tried.first(at, "y")
        fxx, fxy, fyy = (tried.second(at, *key) for key in ("xx", "xy", "yy"))
        if abs(fy) < 1e-3:
            raise Outside
        slope = -fx / fy
        bend = -(fxx + 2 * fxy * slope + fyy * slope**2) / fy
        return {**at, "c": tried(at)}, slope, bend

    found = sg.implicit(f"{spell(tree)} = c", "y", "x", order=2)
    at = _tried(pick, ("x", "y"), expected)
    if at is not None:
        _compare_orders(found, *at, told)
    judge_page(found, None, told)


def judge_inverse(pick: Random, told: Counter[str]) -> None:
    """x = G(y): dy/dx and d²y/dx²."""
    tree = some_tree(pick, ("y",), told)
    tried = Tried(tree)

    def expected(at: Point) -> Any:
        slope, bend = tried.first(at, "y"), tried.second(at, "y", "y")
        if abs(slope) < 1e-3:
            raise Outside
        return {**at, "x": tried(at)}, 1 / slope, -bend / slope**3

    found = sg.inverse(f"x = {spell(tree)}", order=2)
    at = _tried(pick, ("y",), expected)
    if at is not None:
        _compare_orders(found, *at, told)
    judge_page(found, None, told)


def _compare_orders(
    found: Any, at: Point, slope: Any, bend: Any, told: Counter[str]
) -> None:
    for key, wanted in ((("x",), slope), (("x", "x"), bend)):
        try:
            seen = expr_value(found[key], at)
        except Outside:
            told["result outside"] += 1
            return
        claim(close(seen, wanted, EXACT), "curve", found[key], at, seen, wanted)
        told["slopes"] += 1
    f = sg.lambdify(found, wrt=[])
    number = f(**{name: float(at[name]) for name in f.args})
    with M.workprec(53):
        noise = abs(expr_value(found["x", "x"], at) - bend) * 1000
    limit = 1e-8 * (1 + abs(bend)) + noise
    claim(abs(number - bend) <= limit, "numbers of a curve", at, number, bend)
    told["numpy"] += 1


def judge_direction(pick: Random, told: Counter[str]) -> None:
    """The derivative along a vector of numbers, and the total differential."""
    names = ("x", "y", "t")[: pick.randint(2, 3)]
    tree = some_tree(pick, names, told)
    tried, unit = Tried(tree), pick.random() < 0.5
    vector = {name: pick.randint(-4, 4) for name in names}
    vector["x"] = vector["x"] or 1
    found = sg.directional(f"z = {spell(tree)}", vector, unit=unit)
    total = sg.total_differential(f"z = {spell(tree)}", list(names))

    def slopes(at: Point) -> Any:
        return at, {name: tried.first(at, name) for name in names}

    place = _tried(pick, names, slopes)
    if place is not None:
        at, wanted = place
        length = M.sqrt(sum(v * v for v in vector.values())) if unit else 1
        along = M.fsum(wanted[n] * vector[n] for n in names) / length
        moves = {f"d{name}": M.mpf(k + 2) / 7 for k, name in enumerate(names)}
        whole = M.fsum(wanted[n] * moves[f"d{n}"] for n in names)
        try:
            both = expr_value(found.expr, at), expr_value(total.expr, {**at, **moves})
        except Outside:
            told["result outside"] += 1
        else:
            claim(close(both[0], along, EXACT), "direction", found, at, both[0], along)
            claim(close(both[1], whole, EXACT), "total", total, at, both[1], whole)
            told["slopes"] += 2
    judge_page(pick.choice((found, total)), None, told)


def judge_orders(pick: Random, told: Counter[str]) -> None:
    """Second and mixed derivatives, alone and as a Hessian, in numbers too."""
    tree = some_tree(pick, ("x", "y"), told)
    tried, text = Tried(tree), spell(tree)

    def expected(at: Point) -> Any:
        return at, {key: tried.second(at, *key) for key in ("xx", "xy", "yy")}

    hessian = sg.hessian(text, ["x", "y"])
    place = _tried(pick, ("x", "y"), expected)
    if place is not None:
        at, wanted = place
        values = stage_values(hessian.graph, at)
        for (by, then), bend in wanted.items():
            again = sg.derivative(text, [by, then])
            try:
                seen = expr_value(hessian[by, then], values)
                inner = stage_values(again.graph, at)
                other = expr_value(again[then], inner)
            except Outside:
                told["result outside"] += 1
                continue
            claim(close(seen, bend, EXACT), "hessian", by, then, at, seen, bend)
            claim(close(other, bend, EXACT), "order 2", by, then, at, other, bend)
            told["slopes"] += 2
    judge_page(hessian, None, told)


def judge_outputs(pick: Random, told: Counter[str]) -> None:
    """The Jacobian of several formulas."""
    count = pick.randint(2, 3)
    trees = [some_tree(pick, ("x", "y"), told) for _ in range(count)]
    lines = [f"p_{k} = {spell(tree)}" for k, tree in enumerate(trees, 1)]
    graph = sg.formula("; ".join(lines), name=[f"p_{k + 1}" for k in range(count)])
    jacobian = sg.jacobian(graph, ["x", "y"])

    def expected(at: Point) -> Any:
        return at, [[Tried(tree).first(at, by) for by in "xy"] for tree in trees]

    place = _tried(pick, ("x", "y"), expected)
    if place is not None:
        at, wanted = place
        values = stage_values(jacobian.graph, at)
        for k, row in enumerate(wanted, 1):
            for by, slope in zip("xy", row, strict=True):
                try:
                    seen = expr_value(jacobian[f"p_{k}", by], values)
                except Outside:
                    told["result outside"] += 1
                    continue
                claim(close(seen, slope, EXACT), "jacobian", k, by, at, seen, slope)
                told["slopes"] += 1
    judge_page(jacobian, None, told)


def forward_pass(sizes: list[int], names: list[str], at: Point) -> list[Any]:
    """The outputs of a network, weight by weight as the notes number them."""
    layer, neuron = [at[f"x_{k + 1}"] for k in range(sizes[0])], 0
    for size, name in zip(sizes[1:], names, strict=True):
        following = []
        for _ in range(size):
            neuron += 1
            weight = f"w_{neuron}_{{}}_1" if neuron > 9 else f"w_{neuron}{{}}1"
            total = at[f"b_{neuron}"] + M.fsum(
                at[weight.format(k)] * x for k, x in enumerate(layer, 1)
            )
            following.append(FUNCTIONS[SAME.get(name, name)](total))
        layer = following
    return layer


def judge_network(pick: Random, told: Counter[str]) -> None:
    """A network of random sizes and activations: both modes, programs, the page."""
    sizes = [pick.randint(1, 4) for _ in range(pick.randint(2, 4))] + [1]
    names = pick.choices(sorted(ACTIVATIONS), k=len(sizes) - 1)
    told.update(names)
    graph = sg.network(sizes, activation=names)
    weights = [each.name for each in graph.parameters]
    leaves = [*(each.name for each in graph.inputs), *weights]
    at = {name: M.mpf(round(pick.uniform(-1, 1), 3)) for name in leaves}

    def forward(point: Point) -> Any:
        return forward_pass(sizes, names, point)[0]

    values, step = stage_values(graph, at), M.mpf(STEP)
    wanted = forward(at)
    claim(close(values[graph.output.name], wanted, 1e-25), "network", sizes, names)
    both = [sg.differentiate(graph, mode=mode) for mode in ("reverse", "forward")]
    point = {name: float(number) for name, number in at.items()}
    programs = []
    for backend in ("numpy", "math"):
        f = sg.lambdify(graph, weights, backend=backend)
        programs.append(f(**point))
        MODULES.add(f, point, programs[-1], told)
    for place, weight in enumerate(weights):
        ends = [forward({**at, weight: at[weight] + s}) for s in (step, -step)]
        slope = (ends[0] - ends[1]) / (2 * step)
        for gradient in both:
            seen = expr_value(gradient[weight], values)
            claim(close(seen, slope, 1e-18), gradient.mode, weight, seen, slope)
            told["slopes"] += 1
        for value, grad in programs:
            claim(close(float(value), wanted, 1e-12), "value", value, wanted)
            seen = float(grad[place])
            claim(close(seen, slope, 1e-11), "program", weight, seen, slope)
            told["numpy"] += 1
    judge_page(graph, None, told)


KINDS: dict[str, Callable[[Random, Counter[str]], None]] = {
    "networks": judge_network,
    "curves": judge_curve,
    "inverses": judge_inverse,
    "directions": judge_direction,
    "orders": judge_orders,
    "outputs": judge_outputs,
}


def judge_kind(kind: str, seed: int) -> Counter[str]:
    """Judge one object of a kind; count what was compared and what it is made of."""
    told: Counter[str] = Counter()
    with warnings.catch_warnings(), M.workdps(DIGITS):
        warnings.simplefilter("error")
        KINDS[kind](Random(f"{kind} {seed}"), told)
    return told
