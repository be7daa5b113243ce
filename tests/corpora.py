"""Formulas of textbooks and of other tools' tests, with a reading of their own.

``tests/data/*.txt`` hold a formula a line, ``formula`` or ``formula :: Python``, under
headings ``# …``; the second part is what a careful person reads, where it is not the
first with ``^`` for ``**``. A line ``! formula :: words`` must be refused with these
words. The one rule kept here: the values come from mpmath's run of the Python part, and
share no code with symgrad.
"""

from __future__ import annotations

import ast
import keyword
import linecache
import math
import re
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import CodeType
from typing import Any
from xml.etree import ElementTree

import mpmath as M
import numpy as np
import sympy as sp
from judges import claim, close, output_of, stage_values
from oracles import FUNCTIONS, Outside, apply, expr_value, tame

import symgrad as sg
from symgrad.functions import FUNCTIONS as TABLE

DATA = Path(__file__).parent / "data"
DIGITS = 50
STEP = "1e-17"
EXACT = 1e-13  # a decimal of the text is a double; a step costs STEP**2
FLOAT = 1e-8  # of float64, on top of what rounding is seen to do to the formula
RANGES = ((0.2, 2.2), (-2, 2), (1.05, 3), (-0.95, 0.95), (3, 30), (50, 500))
SECOND = 3  # variables up to which the second derivatives are compared

_ALSO = {
    **{"ln": "log", "abs": "Abs", "max": "Max", "min": "Min", "sgn": "sign"},
    **{f"arc{n}": f"a{n}" for n in ("sin", "cos", "tan", "cot", "sec", "csc")},
    **{f"ar{n}h": f"a{n}h" for n in ("sin", "cos", "tan", "cot", "sec", "csc")},
    **{f"arc{n}h": f"a{n}h" for n in ("sin", "cos", "tan", "cot", "sec", "csc")},
    **{"ceil": "ceiling", "sigmoid": "logistic"},
}


@dataclass(frozen=True)
class Entry:
    """A formula, where it stands, and the Python of what it means."""

    where: str
    text: str
    meant: str
    refused: bool = False


def entries(path: Path) -> Iterator[Entry]:
    """The formulas of a file, with the numbers of their lines."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        text, _, meant = line.removeprefix("!").partition(" :: ")
        text = text.strip().replace(" ;; ", "\n")
        meant = meant.strip() or text.replace("^", "**")
        yield Entry(f"{path.stem}:{number}", text, meant, line.startswith("!"))


class _Exact(ast.NodeTransformer):
    """Numbers as mpmath's, at the digits that are written."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        name = ast.Name("_number", ast.Load())
        return ast.Call(name, [ast.Constant(repr(node.value))], [])

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Pow):
            return node
        return ast.Call(ast.Name("_power", ast.Load()), [node.left, node.right], [])


def _power(base: Any, exponent: Any) -> Any:
    if base == 0 and exponent <= 0:
        raise Outside
    if base < 0 and exponent != M.floor(exponent):
        raise Outside
    return M.power(base, exponent)


def _checked(make: Any) -> Any:
    return lambda *values: apply(make, list(values))


_WORDS = {name: _checked(make) for name, make in FUNCTIONS.items()}
_WORDS |= {other: _WORDS[name] for other, name in _ALSO.items()}


def _sum(term: Any, first: Any, last: Any) -> Any:
    return M.fsum(term(M.mpf(i)) for i in range(int(first), int(last) + 1))


def _product(term: Any, first: Any, last: Any) -> Any:
    return M.fprod(term(M.mpf(i)) for i in range(int(first), int(last) + 1))


def names_of(meant: str) -> list[str]:
    """The variables of a Python text: names that are not called, set or constant."""
    tree = ast.parse(meant.replace(";", "\n").replace("\n ", "\n"))
    known = {"pi", "e"} if re.search(r"\be ?\*\*", meant) else {"pi"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            known.add(node.func.id)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            known.add(node.id)
        if isinstance(node, ast.arg):
            known.add(node.arg)
    found = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name)]
    return sorted({name for name in found if name not in known})


def compiled(meant: str) -> CodeType:
    """Python text whose last statement is a formula, as code that sets ``result``."""
    tree = ast.parse(meant.replace(";", "\n").replace("\n ", "\n"))
    last = tree.body[-1]
    value = last.value if isinstance(last, ast.Expr | ast.Assign) else None
    assert value is not None, meant
    tree.body[-1] = ast.Assign([ast.Name("result", ast.Store())], value)
    return compile(ast.fix_missing_locations(_Exact().visit(tree)), "corpus", "exec")


def value_of(code: CodeType, at: dict[str, Any]) -> Any:
    """The value at a point, or ``Outside``."""
    own = {"_number": lambda n: M.mpf(n), "_power": _power, "pi": +M.pi, "e": +M.e}
    space = {**_WORDS, **own, "sum_": _sum, "product_": _product, **at}
    space |= {f"{name}_": value for name, value in at.items()}  # lambda_
    try:
        exec(code, space)
    except ZeroDivisionError:
        raise Outside from None
    return tame(space["result"])


def slope_of(code: CodeType, at: dict[str, Any], name: str) -> Any:
    """A central difference; ``Outside`` at a kink, a jump or a very steep place."""
    step = M.mpf(STEP)
    value = value_of(code, at)
    right = value_of(code, {**at, name: at[name] + step})
    left = value_of(code, {**at, name: at[name] - step})
    up, down = (right - value) / step, (value - left) / step
    if not close(up, down, 1e-9) or abs(up) > 1e10:
        raise Outside
    return (up + down) / 2


def second_of(code: CodeType, at: dict[str, Any], x: str, y: str) -> Any:
    """A second difference, at more digits."""
    step = M.mpf("1e-12")

    def moved(a: int, b: int) -> Any:
        there = dict(at)
        there[x] += a * step
        there[y] += b * step
        return value_of(code, there)

    corners = moved(1, 1) - moved(1, -1) - moved(-1, 1) + moved(-1, -1)
    return corners / (4 * step**2)


def points(code: CodeType, names: list[str], seed: int, count: int = 2) -> list[Any]:
    """Points where the formula is smooth and tame, with its value and slopes."""
    pick, found = Random(seed), []
    for trial in range(48 * len(RANGES)):
        own = [RANGES[trial % len(RANGES)]]
        if trial >= 16 * len(RANGES):  # v < c: each name has a range of its own
            own = [pick.choice(RANGES) for _ in names]
        pairs = zip(names, own * len(names), strict=False)
        at = {n: M.mpf(round(pick.uniform(*r), 3)) for n, r in pairs}
        try:
            value = value_of(code, at)
            slopes = {name: slope_of(code, at, name) for name in names}
        except Outside:
            continue
        found.append((at, value, slopes))
        if len(found) == count:
            break
    return found


def judge_values(
    entry: Entry, source: Any = None, second: bool = False, count: int = 2
) -> Counter[str]:
    """Values, slopes in both modes and in two back ends, next to the meaning."""
    told: Counter[str] = Counter()
    code, names = compiled(entry.meant), names_of(entry.meant)
    with warnings.catch_warnings(), M.workdps(DIGITS):
        warnings.simplefilter("error")
        graph = sg.formula(entry.text if source is None else source)
        read = sorted(str(each.name) for each in graph.inputs)
        names = [n[:-1] if keyword.iskeyword(n[:-1]) else n for n in names]
        claim(read == names, "names", read, names)
        if not names:
            claim(
                close(
                    stage_values(graph, {})[output_of(graph)], value_of(code, {}), EXACT
                ),
                "constant",
            )
            return told
        chosen = points(code, names, zlib.crc32(entry.text.encode()), count)
        told["points"] += len(chosen)
        told["no point"] += not chosen
        both = [sg.differentiate(graph, names, mode=m) for m in ("reverse", "forward")]
        programs = _programs(graph, names)
        for at, value, slopes in chosen:
            _judge_exact(both, at, value, slopes, told)
            _judge_floats(both[0], programs, at, value, slopes, told)
        if second and chosen and len(names) <= SECOND:
            _judge_second(graph, code, names, chosen[0], told)
    return told


def _programs(graph: Any, names: list[str]) -> list[Any]:
    found = []
    for backend in ("numpy", "math"):
        try:
            found.append(sg.lambdify(graph, names, backend=backend))
        except sg.SymgradError as error:
            claim("use backend=" in str(error), "backend", error)
            if backend == "numpy":
                found.append(sg.lambdify(graph, names, backend="scipy"))
    return found


def _judge_exact(both: Any, at: Any, value: Any, slopes: Any, told: Any) -> None:
    for gradient in both:
        values = stage_values(gradient.graph, at)
        seen = values[output_of(gradient.graph)]
        claim(close(seen, value, EXACT), "value", at, seen, value)
        for name, slope in slopes.items():
            try:
                seen = expr_value(gradient[name], values)
            except Outside:
                told["partial outside"] += 1
                continue
            what = f"{gradient.mode} mode by {name}"
            claim(close(seen, slope, EXACT), what, gradient[name], at, seen, slope)
            told["slopes"] += 1


def _judge_floats(
    gradient: Any, programs: Any, at: Any, value: Any, slopes: Any, told: Any
) -> None:
    names = list(slopes)
    try:
        with M.workprec(53):
            values = stage_values(gradient.graph, at)
            rough = [values[output_of(gradient.graph)]]
            rough += [expr_value(gradient[name], values) for name in names]
    except Outside:
        told["rounding outside"] += 1
        return
    exact = [value, *slopes.values()]
    for f in programs:
        seen, grad = f(**{name: float(number) for name, number in at.items()})
        for k, number in enumerate((float(seen), *map(float, grad))):
            limit = FLOAT * (1 + abs(exact[k])) + 1000 * abs(rough[k] - exact[k])
            good = abs(number - exact[k]) <= limit
            claim(good, f"{f.backend}", ["value", *names][k], at, number, exact[k])
            told[f.backend] += 1


def _judge_second(graph: Any, code: Any, names: Any, chosen: Any, told: Any) -> None:
    at = chosen[0]
    hessian = sg.hessian(graph, names)
    values = stage_values(hessian.graph, at)
    for x in names:
        for y in names:
            try:
                exact = second_of(code, at, x, y)
                seen = expr_value(hessian[x, y], values)
            except Outside:
                told["second outside"] += 1
                continue
            if abs(exact) > 1e10:
                continue
            claim(
                close(seen, exact, 1e-9), "second", x, y, hessian[x, y], at, seen, exact
            )
            told["second derivatives"] += 1


def judge_pages(entry: Entry) -> Counter[str]:
    """Pages at three details: every line true, every format well formed."""
    told: Counter[str] = Counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for detail in ("brief", "normal", "full"):
            page = sg.explain(entry.text, detail=detail)
            said = "".join(str(part) for check in page.checks for part in check)
            claim("NOT TRUE" not in said, "page", said)
            claim("recomputed" in said or "no equality" in said, "unchecked", said)
            told["checked" if "recomputed" in said else "no equality"] += 1
            told["left out"] += "left out" in said
        wide = [line for line in str(page).splitlines() if len(line) > 100]
        claim(not wide, "width", *wide)
        for format in sg.RENDERERS:
            written = sg.render(page, format)
            claim(bool(written), format)
            if format in ("mathml",):
                ElementTree.fromstring(written)
            if format == "latex":
                bare = re.sub(r"\\[\\{}]", "", written)
                claim(bare.count("{") == bare.count("}"), "braces")
                claim(written.count(r"\left") == written.count(r"\right"), "left")
        told["pages"] += 1
    return told


def judge_refusal(entry: Entry) -> Counter[str]:
    """A formula that can be read in two ways is refused with the words given."""
    try:
        sg.formula(entry.text)
    except sg.SymgradError as error:
        claim(entry.meant in str(error), "words", error)
        return Counter(refused_rightly=1)
    claim(False, "read, not refused", sg.formula(entry.text).closed_form())
    return Counter()


_SYMPY_WORDS = {
    **{name: row.make for name, row in TABLE.items()},
    **{other: TABLE[name].make for other, name in _ALSO.items()},
    "root": sp.root,
    "pi": sp.pi,
    "e": sp.E,
}


class _Whole(ast.NodeTransformer):
    """Whole numbers as SymPy's, so that 1/3 is a third."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        kind = "Integer" if isinstance(node.value, int) else "Float"
        return ast.Call(ast.Name(kind, ast.Load()), [node], [])


def as_sympy(entry: Entry) -> Any:
    """The formula as SymPy builds it from the Python of what it means."""
    names = names_of(entry.meant)
    tree = ast.parse(entry.meant, mode="eval")
    code = compile(ast.fix_missing_locations(_Whole().visit(tree)), "corpus", "eval")
    space = {name: sp.Symbol(name.removesuffix("_"), real=True) for name in names}
    numbers = {"Integer": sp.Integer, "Float": sp.Float}
    return eval(code, {**_SYMPY_WORDS, **numbers, **space})


def as_function(entry: Entry) -> Any:
    """The formula as a Python function whose source can be read."""
    *lines, last = entry.meant.split(";")
    body = "".join(f"    {line.strip()}\n" for line in lines)
    names = ", ".join(names_of(entry.meant))
    last = re.sub(r"\be\b(?= ?\*\*)", "exp(1)", last.strip())
    text = f"def formula({names}):\n{body}    return {last}\n"
    where = f"<{entry.where}>"
    linecache.cache[where] = (len(text), None, text.splitlines(True), where)
    space = {"Abs": abs, "Max": max, "Min": min, **_PYTHON_WORDS}
    exec(compile(text, where, "exec"), space)
    return space["formula"]


_PYTHON_WORDS = {
    **{name: getattr(sp, name, row.make) for name, row in TABLE.items()},
    **{name: getattr(sp, m, TABLE[m].make) for name, m in _ALSO.items()},
    **{name: getattr(np, name) for name in ("log2", "log10", "log1p", "expm1")},
    **{"cbrt": np.cbrt, "hypot": np.hypot, "abs": abs, "pi": math.pi},
    **{"max": max, "min": min, "floor": math.floor, "ceil": math.ceil},
}
