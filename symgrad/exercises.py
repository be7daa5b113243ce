"""Exercises with a worked solution: a formula, blanks to fill in, hints one by one.

The one rule kept here: an exercise is told by its seed and its level alone, the same in
every process.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import replace as changed
from pathlib import Path

from sympy import Expr, Symbol

from symgrad.chain_rule import differentiate
from symgrad.derivation import Derivation, Line, Section, Step, Text, listed
from symgrad.errors import ArgumentTypeError, BoundError, check_switch, short
from symgrad.explanation import explain
from symgrad.formulas import formula
from symgrad.gradient import Gradient
from symgrad.graph import Graph
from symgrad.networks import network
from symgrad.page_parts import WHY
from symgrad.symbols import LocalDerivative, fresh, symbol

_BLANK = 0.6
"""which part of the steps between the first and the last has a blank"""


@dataclass(frozen=True)
class Exercise:
    """A formula to differentiate, with its solution and a sheet with blanks.

    ``blanks`` maps each letter of the sheet to what it stands for; ``hints`` name the
    rules in the order in which they are needed.
    """

    seed: int
    level: int
    graph: Graph
    variable: Symbol
    sheet: Derivation
    solution: Derivation
    blanks: Mapping[str, Expr]
    hints: tuple[str, ...]

    @property
    def question(self) -> str:
        """The task as one sentence."""
        return "".join(map(str, self.sheet.sections[0].text[0]))

    @property
    def gradient(self) -> Gradient:
        """The derivative asked for, one variable."""
        return differentiate(self.graph, self.variable)

    @property
    def answer(self) -> Expr:
        """The derivative in inputs and parameters alone."""
        return self.gradient.closed_form(self.variable)

    def __str__(self) -> str:
        return str(self.sheet)

    def save(self, path: str | Path, solution: bool = False) -> Path:
        """Write the sheet, or with ``solution`` what it leads to; by the suffix."""
        check_switch("solution", solution)
        return (self.solution if solution else self.sheet).save(path)


def exercise(seed: int = 0, level: int = 1) -> Exercise:
    """Make an exercise: a formula, its sheet with blanks, and its worked solution.

    >>> task = exercise(seed=7, level=3)
    >>> task.question
    'Differentiate y = tanh(2*x**2 + 3) by x, and find what A, B and C stand for.'
    >>> task.blanks["B"]
    4*x

    Levels: 1 powers and sums, 2 products and quotients, 3 the chain rule, 4 several
    rules at once, 5 several variables, 6 one neuron, 7 a network. The same seed and
    level give the same exercise in every process.

    Raises ``BoundError`` for a level that is not there.
    """
    for name, value in {"seed": seed, "level": level}.items():
        if isinstance(value, bool) or not isinstance(value, int):
            raise ArgumentTypeError(
                f"{name} is {short(value)}; expected a whole number"
            )
    if level not in LEVELS:
        raise BoundError(f"level is {level}; expected 1 to {max(LEVELS)}")
    pick = random.Random(f"{level}:{seed}")
    source, name = LEVELS[level](pick)
    graph = source if isinstance(source, Graph) else formula(source)
    variable = graph.symbol(name)
    solution = explain(graph, variable)
    if sum(len(section.steps) for section in solution.sections[1:]) == 1:
        solution = explain(graph, variable, detail="full")  # the parts of the one step
        kept = tuple(s for s in solution.sections if s.title != WHY)
        solution = changed(solution, sections=kept)
    sections, blanks = _with_blanks(solution, graph, pick)
    task = _task(graph, variable, solution, [*blanks])
    checks: Text = ("to be filled in: ", ", ".join(blanks))
    sheet = changed(
        solution,
        sections=(task, *sections),
        checks=(checks,),
        values=(),
        routes=(),
        script=None,
    )
    hints = tuple(dict.fromkeys(_rules(solution)))
    return Exercise(seed, level, graph, variable, sheet, solution, blanks, hints)


def _task(
    graph: Graph, variable: Symbol, solution: Derivation, letters: list[str]
) -> Section:
    output = graph.outputs[0]
    whole: tuple[str | Expr, ...] = (graph.shown(output),)
    if not graph.parameters:
        whole = (*whole, " = ", graph.closed_form(output))
    names = listed([symbol(letter) for letter in letters])
    verb = "stands" if len(letters) == 1 else "stand"
    text: Text = (
        *("Differentiate ", *whole, " by ", variable),
        *(", and find what ", *names, f" {verb} for."),
    )
    first = solution.sections[0]
    return changed(first, title=("The task",), text=(text, *first.text))


def _with_blanks(
    solution: Derivation, graph: Graph, pick: random.Random
) -> tuple[tuple[Section, ...], dict[str, Expr]]:
    """The derivation with letters for some results, and always for the last one."""
    blanks: dict[str, Expr] = {}
    taken = dict.fromkeys((*graph.names, *graph.labels))
    sections = []
    for section in solution.sections[1:]:
        if section.table is not None and not section.steps:
            continue
        last = len(section.steps) - 1
        steps = []
        for place, step in enumerate(section.steps):
            if last == 0:
                step = _parts_blank(step, blanks, taken)
            elif place == last or (place and pick.random() < _BLANK):
                step = _blank(step, blanks, taken, whole=place == last)
            steps.append(step)
        sections.append(changed(section, steps=tuple(steps)))
    return tuple(sections), blanks


def _parts_blank(step: Step, blanks: dict[str, Expr], taken: dict[str, None]) -> Step:
    """The only step of a page, with letters for its parts and for the result."""
    parts = [s for s in step.substeps if s.rule not in ("constant", "variable")]
    inner = tuple(_blank(part, blanks, taken, whole=True) for part in parts)
    outer = _blank(step, blanks, taken, whole=False)
    return changed(outer, substeps=inner)


def _blank(
    step: Step, blanks: dict[str, Expr], taken: dict[str, None], whole: bool
) -> Step:
    """A step with a letter for its result; the steps inside it would tell it."""
    letter = next(c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in taken)
    name = symbol(fresh(letter, taken))
    taken[name.name] = None
    blanks[name.name] = step.result
    kept = () if whole else step.lines[:1]
    if not any(line.expr.has(LocalDerivative) for line in kept):
        kept = ()  # worked out already
    return changed(step, lines=(*kept, Line(name, (step.rule,))), substeps=())


def _rules(solution: Derivation) -> list[str]:
    found: list[str] = []
    todo: list[Step] = []
    for section in solution.sections[:0:-1]:
        steps = section.steps
        todo += (steps[:-1] if len(steps) > 1 else steps)[
            ::-1
        ]  # the last one multiplies
    while todo:
        step = todo.pop()
        if step.rule not in ("constant", "variable"):
            found.append(step.rule)
        todo.extend(reversed(step.substeps))
    return found


# --- the levels ---------------------------------------------------------------------

Made = tuple[str | Graph, str]


def _powers(pick: random.Random) -> Made:
    n, m = sorted(pick.sample(range(2, 7), 2), reverse=True)
    a, b, c = (pick.randint(2, 9) for _ in range(3))
    end = pick.choice([f" + {c}", f" - {c}*x", f" + {c}/x", " + sqrt(x)"])
    return f"{a}*x^{n} - {b}*x^{m}{end}", "x"


def _products(pick: random.Random) -> Made:
    a, n = pick.randint(2, 6), pick.randint(2, 4)
    first = pick.choice([f"x^{n}", f"({a}*x + 1)", f"(x^{n} - {a})"])
    second = pick.choice(["sin(x)", "exp(x)", "log(x)", "cos(x)"])
    below = pick.choice([f"(x + {a})", f"(x^2 + {a})", "sin(x)"])
    forms = [f"{first}*{second}", f"{first}/{below}", f"{second}/{first}"]
    return pick.choice(forms), "x"


def _chains(pick: random.Random) -> Made:
    a, b, n = pick.randint(2, 5), pick.randint(1, 9), pick.randint(2, 3)
    inner = pick.choice([f"{a}*x + {b}", f"{a}*x^{n} + {b}", f"x^{n} - {b}*x"])
    outer = pick.choice(["sin", "cos", "exp", "tanh", "power"])
    if outer == "power":
        return f"({inner})^{pick.randint(3, 6)}", "x"
    if pick.random() < 0.3:
        root = pick.choice(["sqrt", "log"])
        return f"{root}({a}*x^2 + {b})", "x"
    return f"{outer}({inner})", "x"


def _mixed(pick: random.Random) -> Made:
    a, b, n = pick.randint(2, 5), pick.randint(2, 5), pick.randint(2, 4)
    forms = [
        f"x^{n}*exp(-{a}*x)",
        f"log({a}*x^2 + {b})/x",
        f"sin(x^{n})*cos({a}*x)",
        f"tanh({a}*x)^{n}",
        f"exp({a}*x)/(x^2 + {b})",
        f"sqrt(sin({a}*x) + {b})",
        f"x*atan({a}*x)",
        f"x^x*exp(-{a}*x)" if n == 2 else f"x^{n}*log({a}*x + {b})",
        f"exp(-{a}*x^2)*sin({b}*x)",
    ]
    return pick.choice(forms), "x"


def _several(pick: random.Random) -> Made:
    a, b = pick.randint(2, 5), pick.randint(2, 5)
    c, d = pick.randint(2, 9), pick.choice(["sin", "cos", "exp", "tanh"])
    forms = [
        f"x^{a}*y + {d}({b}*x*y)",
        f"{c}*exp(-{a}*x/y)",
        f"{c}*x*y/(x^2 + {a}*y^2)",
        f"log({b}*x^2 + {a}*y)*y^{b}",
        f"sqrt({b}*x^2 + {a}*y^2 + {c})",
        f"x*{d}({a}*y) + y^{b}*{d}(x)",
        f"{d}(x^{a} - {c}*y)/y",
        f"({a}*x + {b}*y)^{c}",
    ]
    return pick.choice(forms), pick.choice("xy")


def _neuron(pick: random.Random) -> Made:
    name = pick.choice(["tanh", "logistic", "softplus", "atan", "sin", "softsign"])
    count = pick.randint(1, 4)
    total = " + ".join(f"w_{k}*x_{k}" for k in range(1, count + 1))
    neuron = f"{name}({total} + b)"
    text = pick.choice(
        [neuron, f"({neuron} - t)^2", f"v*{neuron} + c", f"log(1 + ({neuron} - t)^2)"]
    )
    return text, pick.choice([f"w_{pick.randint(1, count)}", "b"])


def _network(pick: random.Random) -> Made:
    sizes = pick.choice([[2, 2, 1], [1, 2, 1], [2, 1, 2, 1], [3, 2, 1], [1, 3, 1]])
    graph = network(sizes, pick.choice(["tanh", "logistic", "softplus"]))
    return graph, pick.choice(graph.parameters).name


LEVELS: dict[int, Callable[[random.Random], Made]] = {
    1: _powers,
    2: _products,
    3: _chains,
    4: _mixed,
    5: _several,
    6: _neuron,
    7: _network,
}
"""level -> what makes a formula of it, and the variable to differentiate by"""
