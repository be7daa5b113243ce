"""Formulas made up at random, as trees of tuples, and their spelling as text.

Nothing of symgrad is used here but the names of its table of functions. A tree is
``("number", "2")``, ``("name", "x")``, ``("pi",)``, ``("negate", u)``, ``("+", u, v)``
and so on, ``("call", name, u, …)``, ``("use", f, u, …)`` for a function of the text or
an abstract one, and ``("choose", u, condition, v)``; a condition is
``("compare", "<", u, v)``, ``("and", c, d)``, ``("or", c, d)`` or ``("not", c)``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from symgrad.functions import FUNCTIONS

Tree = tuple[Any, ...]
NAMES = ("x", "y", "t", "a", "w_1", "x_1", "alpha", "lambda", "beta", "E", "N", "S")
WHOLE = ("2", "3", "1", "4", "0", "10", "7")
DECIMALS = ("2.5", "0.1", "1.75", ".5", "1e-3", "12.")
HALF = ("/", ("number", "1"), ("number", "2"))
SIGNS = ("<", "<=", ">", ">=", "==", "!=")
ABSTRACT = ("f", "g", "h", "φ")
ORDERED = ("polygamma", "besselj", "bessely", "besseli", "besselk")
ORDERED += ("lowergamma", "uppergamma")
UNIT = ("asin", "acos", "atanh", "erfinv", "elliptic_k", "elliptic_e")
POSITIVE = (
    *("log", "log2", "log10", "log1p", "sqrt", "loggamma", "gamma", "beta"),
    *("digamma", "polygamma", "LambertW", "besselj", "bessely", "besseli", "besselk"),
    *("Ci", "li", "lowergamma", "uppergamma"),
)
STEEP = (
    *("Ei", "Shi", "Chi"),
    *("exp", "expm1", "sinh", "cosh", "gamma", "erfi", "airybi", "airybiprime"),
    *("loggamma", "beta", "besseli", "digamma", "polygamma"),
)


@dataclass(frozen=True)
class Formula:
    """Definitions in the order they are computed; the last one is the output.

    ``functions``: name -> (parameters, body), written in the text; ``abstract``: the
    same for those that the text leaves open; ``constructs``: what the formula has.
    """

    definitions: tuple[tuple[str, Tree], ...]
    functions: dict[str, tuple[tuple[str, ...], Tree]] = field(default_factory=dict)
    abstract: dict[str, tuple[tuple[str, ...], Tree]] = field(default_factory=dict)
    constructs: frozenset[str] = frozenset()


class Maker:
    """Draws one formula from a source of random choices."""

    def __init__(self, pick: Random) -> None:
        self.pick = pick
        self.constructs: set[str] = set()
        self.calls: dict[str, int] = {}
        self.left = 0
        self.decimals = pick.random() < 0.15

    def tree(self, names: tuple[str, ...], depth: int) -> Tree:
        """A tree over some names, ``depth`` deep at most and ``self.left`` large."""
        self.left -= 1
        if depth <= 0 or self.left <= 0:
            return self.leaf(names)
        kind = self.pick.choices(
            ("leaf", "sum", "product", "quotient", "power", "call", "choice", "negate"),
            (10, 18, 20, 8, 10, 26, 4, 4),
        )[0]
        if kind == "leaf":
            return self.leaf(names)
        self.constructs.add(kind)
        return getattr(self, kind)(names, depth - 1)

    def leaf(self, names: tuple[str, ...]) -> Tree:
        if self.pick.random() < 0.75:
            return ("name", self.pick.choice(names))
        if self.pick.random() < 0.1:
            return ("pi",)
        return ("number", self.pick.choice(DECIMALS if self.decimals else WHOLE))

    def sum(self, names: tuple[str, ...], depth: int) -> Tree:
        sign = self.pick.choice("+-")
        return (sign, self.tree(names, depth), self.tree(names, depth))

    def product(self, names: tuple[str, ...], depth: int) -> Tree:
        return ("*", self.tree(names, depth), self.tree(names, depth))

    def quotient(self, names: tuple[str, ...], depth: int) -> Tree:
        return ("/", self.tree(names, depth), self.tree(names, depth))

    def negate(self, names: tuple[str, ...], depth: int) -> Tree:
        return ("negate", self.tree(names, depth))

    def power(self, names: tuple[str, ...], depth: int) -> Tree:
        base, number = self.tree(names, depth), ("number", self.pick.choice("12345"))
        kind = self.pick.randrange(5)
        if kind == 0:
            return ("^", base, ("negate", number))
        if kind == 1:
            return ("^", base, ("/", number, ("number", self.pick.choice("23"))))
        if kind == 2:
            positive = ("+", ("^", base, ("number", "2")), HALF)
            return ("^", positive, self.tree(names, depth))
        if kind == 3:
            return ("^", self.pick.choice((("number", "2"), ("pi",))), base)
        return ("^", base, number)

    def choice(self, names: tuple[str, ...], depth: int) -> Tree:
        condition = self.condition(names, depth)
        return ("choose", self.tree(names, depth), condition, self.tree(names, depth))

    def condition(self, names: tuple[str, ...], depth: int) -> Tree:
        kind = self.pick.randrange(6) if depth > 0 else 0
        if kind in (1, 2):
            self.constructs.add("and, or, not")
            parts = self.condition(names, depth - 1), self.condition(names, depth - 1)
            return ("and" if kind == 1 else "or", *parts)
        if kind == 3:
            self.constructs.add("and, or, not")
            return ("not", self.condition(names, depth - 1))
        sign = self.pick.choice(SIGNS)
        return ("compare", sign, self.tree(names, depth - 1), self.leaf(names))

    def call(self, names: tuple[str, ...], depth: int) -> Tree:
        if self.calls and self.pick.random() < 0.5:
            self.constructs.add("use")
            name = self.pick.choice(sorted(self.calls))
            arity = self.calls[name]
            return ("use", name, *(self.tree(names, depth) for _ in range(arity)))
        name = self.pick.choice([each for each in FUNCTIONS if each != "zeta"])
        self.constructs.add(name)
        if name in ("Max", "Min"):
            count = self.pick.choice((2, 2, 3))
            return ("call", name, *(self.tree(names, depth) for _ in range(count)))
        u = self.inside(name, self.tree(names, depth))
        if name in ORDERED:
            return ("call", name, ("number", self.pick.choice("0123")), u)
        if FUNCTIONS[name].arity == 2:
            return ("call", name, self.inside(name, self.tree(names, depth)), u)
        return ("call", name, u)

    def inside(self, name: str, u: Tree) -> Tree:
        """An argument, mostly brought into the domain, so that most points count."""
        if self.pick.random() < 0.25:
            return u
        square = ("^", u, ("number", "2"))
        if name in UNIT:
            return ("/", ("call", "sin", u), ("number", "2"))
        if name in ("asech", "erfcinv"):
            return ("call", "logistic", u)
        if name in ("acosh", "asec", "acsc", "acoth"):
            return ("+", square, ("number", "2"))
        if name in STEEP:
            return ("+", ("call", "atan", u), ("number", "2"))
        if name in POSITIVE:
            return ("+", square, HALF)
        return u


def make_formula(pick: Random, depth: int = 4, size: int = 24) -> Formula:
    """One formula: a text of one to four definitions, some with functions."""
    maker, names = Maker(pick), tuple(pick.sample(NAMES, pick.randint(1, 4)))
    maker.left = size
    functions, abstract = {}, {}
    kind = pick.randrange(8)
    if kind in (0, 1):
        maker.constructs.add("function of the text")
        for name in pick.sample(("f", "g", "F"), pick.randint(1, 2)):
            parameters = tuple(pick.sample(("s", "x", "v"), pick.randint(1, 2)))
            functions[name] = (parameters, maker.tree(parameters, 2))
            maker.calls[name] = len(parameters)
    elif kind == 2:
        maker.constructs.add("abstract function")
        for name in pick.sample(ABSTRACT, pick.randint(1, 2)):
            maker.calls[name] = pick.randint(1, 3)
            abstract[name] = _body(maker.calls[name])
    definitions: list[tuple[str, Tree]] = []
    for place in range(pick.choice((1, 1, 2, 3, 4))):
        maker.left = max(6, size // 2) if place else size
        tree = maker.tree(names, depth)
        if definitions:
            tree = ("+", tree, ("name", definitions[-1][0]))
        definitions.append((("p", "q", "r", "z")[place], tree))
        names = (*names, definitions[-1][0])
    if len(definitions) > 1:
        maker.constructs.add("definitions")
    if maker.decimals:
        maker.constructs.add("decimals")
    used = _used(functions, [tree for _, tree in definitions])
    functions = {name: row for name, row in functions.items() if name in used}
    abstract = {name: row for name, row in abstract.items() if name in used}
    return Formula(tuple(definitions), functions, abstract, frozenset(maker.constructs))


def _body(arity: int) -> tuple[tuple[str, ...], Tree]:
    """A smooth function of some arguments, to stand in for an abstract one."""
    parameters = ("s", "v", "k")[:arity]
    tree: Tree = HALF
    for place, name in enumerate(parameters):
        inner = ("*", ("number", str(place + 2)), ("name", name))
        tree = ("+", ("*", tree, ("name", name)), ("call", "sin", inner))
    return parameters, tree


def _used(functions: dict[str, Any], trees: list[Tree]) -> set[str]:
    """The functions that are reached from some trees."""
    found: set[str] = set()
    todo: list[Any] = list(trees)
    while todo:
        part = todo.pop()
        if not isinstance(part, tuple):
            continue
        todo.extend(part)
        if part and part[0] == "use" and part[1] not in found:
            found.add(part[1])
            if part[1] in functions:
                todo.append(functions[part[1]][1])
    return found


# --- as text ----------------------------------------------------------------------

_LEVELS = {"choose": 0, "+": 4, "-": 4, "*": 5, "/": 5, "negate": 6, "^": 7}


def spell(tree: Tree, pick: Random | None = None) -> str:
    """A tree as text: every bracket and ``*`` written, or in the ways people write."""
    return _explicit(tree) if pick is None else _loose(tree, pick)


def _explicit(tree: Tree) -> str:
    kind, *rest = tree
    if kind in ("number", "name"):
        return str(rest[0])
    if kind == "pi":
        return "pi"
    if kind in ("call", "use"):
        return f"{rest[0]}({', '.join(_explicit(u) for u in rest[1:])})"
    if kind == "compare":
        return f"({_explicit(rest[1])} {rest[0]} {_explicit(rest[2])})"
    parts = [_explicit(u) for u in rest]
    if kind == "negate":
        return f"(-{parts[0]})"
    if kind == "not":
        return f"(not {parts[0]})"
    if kind == "choose":
        return f"piecewise(({parts[0]}, {parts[1]}), ({parts[2]}, true))"
    return f"({parts[0]} {kind} {parts[1]})"


def _loose(tree: Tree, pick: Random) -> str:
    kind, *rest = tree
    if kind in ("number", "name"):
        return str(rest[0])
    if kind == "pi":
        return pick.choice(("pi", "π"))
    if kind in ("call", "use"):
        return f"{rest[0]}({', '.join(_loose(u, pick) for u in rest[1:])})"
    if kind == "choose":
        u, c, v = (_loose(part, pick) for part in rest)
        ways = f"if({c}, {u}, {v})", f"where({c}, {u}, {v})", f"(({u}) if {c} else {v})"
        return pick.choice(ways)
    if kind == "compare":
        sign = pick.choice(
            (rest[0], {"<=": "≤", ">=": "≥", "!=": "≠"}.get(rest[0], ""))
        )
        return f"{_loose(rest[1], pick)} {sign or rest[0]} {_loose(rest[2], pick)}"
    if kind in ("and", "or", "not"):
        parts = [f"({_loose(u, pick)})" for u in rest]
        return f"not {parts[0]}" if kind == "not" else f" {kind} ".join(parts)
    if kind == "negate":
        return f"-{_bracketed(rest[0], 6, pick)}"
    left, right = rest
    if kind == "*" and (left[0], right[0]) == ("number", "name") and left[1] != "0":
        return f"({left[1]}{right[1]})"
    if kind == "*" and pick.random() < 0.3:
        return f"(({_loose(left, pick)})({_loose(right, pick)}))"
    level = _LEVELS[kind]
    if kind == "^":
        below = _bracketed(left, 8, pick)
        return f"{below}{pick.choice(('^', '**'))}{_bracketed(right, 6, pick)}"
    return (
        f"{_bracketed(left, level, pick)} {kind} {_bracketed(right, level + 1, pick)}"
    )


def _bracketed(tree: Tree, level: int, pick: Random) -> str:
    text = _loose(tree, pick)
    return f"({text})" if _LEVELS.get(tree[0], 9) < level else text


def texts(formula: Formula, pick: Random | None = None) -> str:
    """The whole text; with ``pick`` as people write it, definitions in any order."""
    lines = [f"{name} = {spell(tree, pick)}" for name, tree in formula.definitions]
    for name, (parameters, body) in formula.functions.items():
        lines.append(f"{name}({', '.join(parameters)}) = {spell(body, pick)}")
    if pick is not None:
        pick.shuffle(lines)
    return "; ".join(lines)
