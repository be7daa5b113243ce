"""Formulas made up at random, as trees of tuples; ``spelling.py`` writes them as text.

Nothing of symgrad is used here but the names of its table of functions. A tree is
``("number", "2")``, ``("name", "x")``, ``("pi",)``, ``("negate", u)``, ``("+", u, v)``
and so on, ``("call", name, u, …)``, ``("use", f, u, …)`` for a function of the text or
an abstract one, and ``("choose", u, condition, v)``; a condition is
``("compare", "<", u, v)``, ``("and", c, d)``, ``("or", c, d)`` or ``("not", c)``.
``("reduce", "sum", i, lower, upper, u)`` and ``("integral", t, lower, upper, u)`` bind
a name, ``("datum", d, i, 1)`` is d_{i+1}. ``zeta`` stands at ``HELD``, by which nothing
is differentiated.
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
BASES = ("d", "c")
INDICES = ("i", "j")
BOUND = ("tau", "nu")
HELD = "s_0"
INCOMPLETE = ("lowergamma", "uppergamma")
ORDERED = ("polygamma", "besselj", "bessely", "besseli", "besselk", *INCOMPLETE)
UNIT = ("asin", "acos", "atanh", "erfinv", "elliptic_k", "elliptic_e")
POSITIVE = (
    *("log", "log2", "log10", "log1p", "sqrt", "loggamma", "gamma", "beta"),
    *("digamma", "polygamma", "LambertW", "besselj", "bessely", "besseli", "besselk"),
    *("Ci", "li", "lowergamma", "uppergamma"),
)
STEEP = (
    *("Ei", "Shi", "Chi"),
    *("exp", "expm1", "sinh", "cosh", "gamma", "erfi", "airybi", "airybiprime"),
    *("loggamma", "beta", "besseli", "digamma", "polygamma", "factorial"),
)


@dataclass(frozen=True)
class Formula:
    """Definitions in the order they are computed; the last one is the output.

    ``functions``: name -> (parameters, body), written in the text; ``abstract``: the
    same for those that the text leaves open; ``users``: for those that are given
    beside it, with a derivative of their own or none; ``constructs``: what it has.
    """

    definitions: tuple[tuple[str, Tree], ...]
    functions: dict[str, tuple[tuple[str, ...], Tree]] = field(default_factory=dict)
    abstract: dict[str, tuple[tuple[str, ...], Tree]] = field(default_factory=dict)
    constructs: frozenset[str] = frozenset()
    users: dict[str, tuple[tuple[str, ...], Tree]] = field(default_factory=dict)

    @property
    def bodies(self) -> dict[str, tuple[tuple[str, ...], Tree]]:
        """Parameters and body of every function of its own."""
        return {**self.functions, **self.abstract, **self.users}


class Maker:
    """Draws one formula from a source of random choices."""

    def __init__(self, pick: Random) -> None:
        self.pick = pick
        self.constructs: set[str] = set()
        self.calls: dict[str, int] = {}
        self.left = 0
        self.decimals = pick.random() < 0.15
        self.indices: tuple[str, ...] = ()
        self.binds = 0.0
        self.is_open = False  # in a function's body no other name stands

    def tree(self, names: tuple[str, ...], depth: int) -> Tree:
        """A tree over some names, ``depth`` deep at most and ``self.left`` large."""
        self.left -= 1
        if depth <= 0 or self.left <= 0:
            return self.leaf(names)
        if self.pick.random() < self.binds:
            bind = self.pick.choice((self.reduce, self.reduce, self.integral))
            return bind(names, depth - 1)
        kind = self.pick.choices(
            ("leaf", "sum", "product", "quotient", "power", "call", "choice", "negate"),
            (10, 18, 20, 8, 10, 26, 4, 4),
        )[0]
        if kind == "leaf":
            return self.leaf(names)
        self.constructs.add(kind)
        return getattr(self, kind)(names, depth - 1)

    def leaf(self, names: tuple[str, ...]) -> Tree:
        if self.indices and self.pick.random() < 0.4:
            index, base = self.pick.choice(self.indices), self.pick.choice(BASES)
            return ("datum", base, index, self.pick.choice((0, 0, 0, 1, -1)))
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

    def reduce(self, names: tuple[str, ...], depth: int) -> Tree:
        """A sum or a product, over data mostly; an inner one may end at the index."""
        if len(self.indices) == len(INDICES):
            return self.leaf(names)
        op = self.pick.choice(("sum", "sum", "product"))
        self.constructs.add("sum in a sum" if self.indices else op + " over an index")
        ends = [("name", "n"), ("number", "3"), *(("name", i) for i in self.indices)]
        lower, upper = ("number", self.pick.choice("112")), self.pick.choice(ends)
        index = INDICES[len(self.indices)]
        outer, self.indices = self.indices, (*self.indices, index)
        inside = (*names, index) if self.pick.random() < 0.3 else names
        body = ("*", self.leaf(inside), self.tree(inside, min(depth, 2)))
        self.indices = outer
        return ("reduce", op, index, lower, upper, body)

    def integral(self, names: tuple[str, ...], depth: int) -> Tree:
        """An integral of what is smooth for every real number."""
        free = [name for name in BOUND if name not in names]
        if not free or self.indices:
            return self.leaf(names)
        self.constructs.add("integral")
        variable = free[0]
        sides = [("number", "0"), ("number", "1"), ("name", self.pick.choice(names))]
        sides.append(("call", "sin", sides[-1]))
        lower, upper = self.pick.sample(sides, 2)
        body = ("*", ("name", variable), self.smooth((*names, variable), 2))
        if self.pick.random() < 0.5:
            body = self.smooth((*names, variable), 3)
        return ("integral", variable, lower, upper, body)

    def smooth(self, names: tuple[str, ...], depth: int) -> Tree:
        """A tree that has every derivative at every point."""
        if depth <= 0:
            return ("name", self.pick.choice((*names, names[-1])))
        parts = self.smooth(names, depth - 1), self.smooth(names, depth - 1)
        kind = self.pick.randrange(4)
        if kind < 2:
            return ("+*"[kind], *parts)
        if kind == 2:
            return ("/", parts[0], ("+", ("number", "3"), ("call", "cos", parts[1])))
        call = self.pick.choice(("sin", "cos", "tanh", "exp"))
        return ("call", call, ("call", "sin", parts[0]) if call == "exp" else parts[0])

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
        name = self.pick.choice(list(FUNCTIONS))
        self.constructs.add(name)
        if name == "zeta":
            return ("call", name, ("name", HELD) if self.is_open else ("number", "3"))
        if name in ("Max", "Min"):
            count = self.pick.choice((2, 2, 3))
            return ("call", name, *(self.tree(names, depth) for _ in range(count)))
        u = self.inside(name, self.tree(names, depth))
        if name in INCOMPLETE:
            return ("call", name, ("number", self.pick.choice("123")), u)
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
    functions, abstract, users = {}, {}, {}
    kind = pick.randrange(12)
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
    elif kind == 3:
        maker.constructs.add("user function")
        parameters = ("s", "v")[: pick.randint(1, 2)]
        users["sat"] = (parameters, maker.tree(parameters, 2))
        maker.calls["sat"] = len(parameters)
    elif kind in (4, 5, 6):
        maker.binds = 0.12
    maker.is_open = True
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
    users = {name: row for name, row in users.items() if name in used}
    made = frozenset(maker.constructs)
    return Formula(tuple(definitions), functions, abstract, made, users)


def _body(arity: int) -> tuple[tuple[str, ...], Tree]:
    """A smooth function of some arguments, to stand in for an abstract one."""
    parameters = ("s", "v", "k")[:arity]
    tree: Tree = HALF
    for place, name in enumerate(parameters):
        inner = ("*", ("number", str(place + 2)), ("name", name))
        tree = ("+", ("*", tree, ("name", name)), ("call", "sin", inner))
    return parameters, tree


def parts_of(formula: Formula, kind: str) -> list[Tree]:
    """All trees of a kind within a formula."""
    found: list[Tree] = []
    todo: list[Any] = [tree for _, tree in formula.definitions]
    todo += [body for _, body in formula.bodies.values()]
    while todo:
        part = todo.pop()
        if isinstance(part, tuple):
            todo.extend(part)
            if part and part[0] == kind:
                found.append(part)
    return found


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
