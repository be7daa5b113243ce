"""Python functions as graphs: the function itself, called, is the oracle."""

from __future__ import annotations

import functools
import linecache
import math
import random
from collections.abc import Callable
from math import exp as e_to_the
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import symgrad as sg
from symgrad.errors import BoundError, FormulaError, SymgradError
from symgrad.formulas import formula
from symgrad.functions import FUNCTIONS
from symgrad.graph import Graph
from symgrad.named_functions import relu
from symgrad.python.calls import MEANINGS, Member, formula_of, member_of
from symgrad.python.flow import MAX_STATEMENTS

GRAVITY = 9.81
HALF = sp.Rational(1, 2)
WORDS = "words"


def shown(graph: Graph) -> str:
    """The stages of a graph on one line."""
    return "; ".join(f"{s.symbol} = {s.expr}" for s in graph.stages)


def agrees(
    function: Callable[..., Any], graph: Graph, points: int = 40, least: float = -3
) -> int:
    """Compare with the function itself; give the number of points that it has."""
    rng = random.Random(3)
    compiled = sg.lambdify(graph, wrt=[], backend="math")
    compared = 0
    for _ in range(points):
        point = [rng.uniform(least, 3) for _ in graph.inputs]
        try:
            with np.errstate(all="ignore"):
                wanted = function(*point)
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        wanted = wanted if isinstance(wanted, tuple) else (wanted,)
        if any(isinstance(each, complex) for each in wanted):
            continue
        found = np.atleast_1d(compiled(*point))
        # one operation of Python is one of ours, up to the order of a sum
        assert np.allclose(found, wanted, rtol=1e-9, atol=1e-9, equal_nan=True), point
        compared += 1
    return compared


# What is read, and into which stages


def straight(x, y):
    """A docstring is no formula."""
    z = np.sin(x) * y + GRAVITY
    z = z**2
    w: float = 2 * z - x / 3
    w += math.pi * e_to_the(x)
    return w / 2


def early(x):
    if x > 0:
        return math.sqrt(x)
    elif x < -1:
        t = x * 2
        return t
    return -x


def nested_loops(x, y, n=4):
    s = 0
    for k in range(n):
        for j in range(k):
            s += x**k * y / (j + 1)
    return s, s * x


def swapped(x, y):
    if x > y:
        a, b = x, y**2
    else:
        a, b = y, x
    a, b = b, a
    return a - b


def halving(x):
    for i in range(3):
        if x > i:
            x = x / 2
    return x


def leaving(x):
    for i in range(3):
        if x > i:
            return x * i
        x = x + 0.3
    return x


def parity(x):
    for i in range(6):
        if i % 2 == 0:
            x = x + i // 2
        else:
            x = math.sin(x)
    return x


def counting_down(x):
    total = 0.0
    for i in range(5, 0, -2):
        total = total + x**i / i
    return total


def nested_choice(x, y):
    if x > 0:
        if y > 0:
            s = x * y
        else:
            s = x - y
        s = s + 1
    else:
        s = 0
    return s


def choice_of_several(x):
    r = x if x > 1 else 2 * x if x > 0 else 0
    return 1 + (r if r > 3 else r**2)


def return_in_the_middle(x, y):
    a = x * y
    if a > 1:
        b = a - 1
        if y < 0:
            return b**2
    else:
        b = a
    return b + x


def switched(x, debug=False):
    y = x**2
    if debug:
        print(y)
    return y


def local_imports(x):
    import math as m

    from numpy import cosh

    return m.cos(x) + cosh(x)


def dead_code(x):
    unused = x**7  # noqa: F841
    n = 3
    for _ in range(n):
        x = x * 1.5
    return x


def unused_parameter(x, a):
    return x


def keyword_only(x, *, slope):
    return x * slope


def constant_stage(x):
    h = 0.25
    return (x + h) ** 2


def several_targets(x):
    a = b = x + 1
    [c, d] = a, b * 2
    return a * b * c * d


def truth_as_number(x, y):
    big = x > y
    return (x > 0) * y + big * 2 - (not big)


STAGES: dict[str, tuple[Callable[..., Any], str]] = {
    "straight": (
        straight,
        "z = y*sin(x) + 9.81; z_1 = z**2; w = -x/3 + 2*z_1; w_1 = w + pi*exp(x); "
        "f = w_1/2",
    ),
    "early": (
        early,
        "t = 2*x; y = Piecewise((sqrt(x), x > 0), (t, x < -1), (-x, True))",
    ),
    "nested loops": (
        nested_loops,
        "s = x*y; s_1 = s + x**2*y; s_2 = s_1 + x**2*y/2; s_3 = s_2 + x**3*y; "
        "s_4 = s_3 + x**3*y/2; s_5 = s_4 + x**3*y/3; y_2 = s_5*x",
    ),
    "swapped": (
        swapped,
        "a = Piecewise((x, x > y), (y, True)); b = Piecewise((y**2, x > y), (x, True));"
        " a_1 = b; b_1 = a; f = a_1 - b_1",
    ),
    "halving": (
        halving,
        "x_1 = Piecewise((x/2, x > 0), (x, True)); "
        "x_2 = Piecewise((x_1/2, x_1 > 1), (x_1, True)); "
        "x_3 = Piecewise((x_2/2, x_2 > 2), (x_2, True))",
    ),
    "leaving": (
        leaving,
        "x_1 = x + 0.3; x_2 = x_1 + 0.3; x_3 = x_2 + 0.3; y = Piecewise((0, x > 0), "
        "(x_1, x_1 > 1), (2*x_2, x_2 > 2), (x_3, True))",
    ),
    "parity": (
        parity,
        "x_2 = sin(x_1); x_3 = x_2 + 1; x_4 = sin(x_3); x_5 = x_4 + 2; x_6 = sin(x_5)",
    ),
    "dead code": (dead_code, "x_1 = 1.5*x; x_2 = 1.5*x_1; x_3 = 1.5*x_2"),
    "constant stage": (
        constant_stage,
        "h = 0.250000000000000; u_1 = h + x; y = u_1**2",
    ),
    "switched": (switched, "y = x**2"),
    "choice of several": (
        choice_of_several,
        "r = Piecewise((x, x > 1), (2*x, x > 0), (0, True)); "
        "u_1 = Piecewise((r, r > 3), (r**2, True)); y = u_1 + 1",
    ),
    "unused parameter": (unused_parameter, "y = x"),
}


@pytest.mark.parametrize("name", STAGES)
def test_assignments_are_stages(name: str) -> None:
    function, stages = STAGES[name]
    assert stages in shown(formula(function))


# Each on a line of its own: they are also read from one.
LAMBDAS: dict[str, Callable[..., Any]] = {
    "square": lambda x: x**2 + np.tanh(3 * x),
    "clip": lambda x, a, b: np.clip(x, a, b) if a < b else x,
    "where": lambda x, y: (
        np.where((x > 0) & (y < 1) | np.logical_not(x > y), x, 0) + (x > 1) * 3
    ),
    "whole": lambda x: x // 2 + x % 3 - (-x) % 2.5 + 7 // 2 + -7 % 3,
    "extremes": lambda x: max(x, 0, x**2) + min(x, 1) + abs(x) + np.maximum(x, 2),
    "powers": lambda x: pow(x, 2) + np.power(2.0, x) + math.e**x + 2 ** (x + 1),
    "constants": lambda x: x * math.tau + np.pi - math.e + np.e * 0x10 + 1e-7 + True,
    "sinc": lambda x: np.sinc(x) + np.heaviside(x, 0.5) + np.square(x),
    "atan2": lambda x, y: np.arctan2(x, y) + math.hypot(x, y) + math.degrees(x),
    "logs": lambda x: math.log(x) + math.log(x, 3) + np.log2(x) + math.log10(x),
    "chain": lambda x, y: 1 if -1 < x <= y < 2 else 2,
    "logic": lambda x, y: 1 if (x > 0 and not y > 0) or x == 2 else 2 * x,
    "truthy": lambda x: 1 / x if x else 0,
    "erf": lambda x: math.erf(x) + math.erfc(x) + math.fabs(x) + math.ceil(x),
    "unary": lambda x: +x - (-x) * 2,
    "closure of a module": lambda x: GRAVITY * x - float(x) * np.float64(2),
    "inverse": lambda x: np.arcsin(x) + math.acos(x) + np.arctanh(x) + math.asinh(x),
}


FUNCTIONS_READ: dict[str, Callable[..., Any]] = {
    **{name: function for name, (function, _) in STAGES.items()},
    **LAMBDAS,
    "counting down": counting_down,
    "nested choice": nested_choice,
    "return in the middle": return_in_the_middle,
    "local imports": local_imports,
    "several targets": several_targets,
    "truth as number": truth_as_number,
}


@pytest.mark.parametrize("name", FUNCTIONS_READ)
def test_the_graph_gives_what_the_function_returns(name: str) -> None:
    function = FUNCTIONS_READ[name]
    assert agrees(function, formula(function)) >= 8


def test_parameters_are_the_inputs_in_order() -> None:
    assert [s.name for s in formula(unused_parameter).inputs] == ["x", "a"]
    assert [s.name for s in formula(keyword_only).inputs] == ["x", "slope"]
    assert [s.name for s in formula(nested_loops).inputs] == ["x", "y"]


def test_outputs_are_named() -> None:
    assert [s.name for s in formula(nested_loops).outputs] == ["s_5", "y_2"]
    assert formula(straight).output.name == "f"  # y is a parameter
    assert formula(straight, name="loss").output.name == "loss"
    assert formula(halving).output.name == "x_3"
    both = formula(nested_loops, name=["a", "b"])
    assert [s.name for s in both.outputs] == ["a", "b"]
    with pytest.raises(SymgradError, match="1 names for 2 returned values"):
        formula(nested_loops, name="a")
    with pytest.raises(FormulaError, match="cannot be called 'w'"):
        formula(straight, name="w")


def test_sympy_functions_are_read() -> None:
    graph = formula(
        lambda x: sp.Piecewise((sp.sin(x), x > 0), (HALF * relu(x) + sp.cbrt(x), True))
    )
    assert (
        shown(graph) == "y = Piecewise((sin(x), x > 0), (x**(1/3) + relu(x)/2, True))"
    )


def test_dead_branches_leak_nothing() -> None:
    def guarded(x):
        if x > 0:
            root = math.sqrt(x)
            y = root * 2
        else:
            y = 0
        return y

    value, grad = sg.lambdify(guarded)(np.array([-1.0, 0.0, 4.0]))
    assert np.allclose(value, [0, 0, 4])
    assert np.allclose(grad, [[0, 0, 0.5]])


def test_derivatives_of_a_function() -> None:
    gradient = sg.differentiate(straight, "x")
    x, y = sp.symbols("x y", real=True)
    z = (sp.sin(x) * y + sp.Float(9.81)) ** 2
    wanted = sp.diff((2 * z - x / 3 + sp.pi * sp.exp(x)) / 2, x)
    found = gradient.closed_form("x")
    at = {x: 0.7, y: -1.3}
    assert abs(float(found.subs(at)) - float(wanted.subs(at))) < 1e-10


# Which function is meant


def test_two_lambdas_on_one_line() -> None:
    first, second = (lambda x: x + 1), (lambda x: x * 3)
    assert shown(formula(first)) == "y = x + 1"
    assert shown(formula(second)) == "y = 3*x"


def test_closures_methods_and_inner_functions() -> None:
    def make(c: Any) -> Callable[..., Any]:
        def inner(x):
            return c * x**2

        return inner

    class Spring:
        k = 3.0

        def __init__(self) -> None:
            self.rest = 2.5

        def energy(self, x):
            return self.k * (x - self.rest) ** 2 / 2

        def again(self, x):
            return self.energy(x)

    assert shown(formula(make(2.5))) == "y = 2.5*x**2"
    assert shown(formula(make(-3))) == "y = -3*x**2"
    assert shown(formula(Spring().energy)) == "u_1 = x - 2.5; y = 3*u_1**2/2"
    assert shown(formula(Spring().again)) == shown(formula(Spring().energy))
    for function, match in (
        (make("s"), "'c' is a str"),
        (make(math.nan), "no number that a float can hold"),
        (make(1j), "'c' is a complex"),
        (Spring, "no function written in Python"),
    ):
        with pytest.raises(SymgradError, match=match):
            formula(function)


def test_a_decorated_function_is_not_guessed_at() -> None:
    def doubled(function):
        @functools.wraps(function)
        def inner(x):
            return 2 * function(x)

        return inner

    @doubled
    def f(x):
        return x**2

    with pytest.raises(FormulaError, match="changed by a decorator"):
        formula(f)
    assert shown(formula(f.__wrapped__)) == "y = x**2"


@pytest.mark.parametrize(
    "function",
    [math.sin, np.tanh, print, sp.sin, int, functools.partial(early)],
    ids=["sin", "tanh", "print", "sympy", "int", "partial"],
)
def test_a_function_without_source_is_refused(function: Any) -> None:
    said = "no function written in Python|without its argument|a partial has no source"
    with pytest.raises(FormulaError, match=said):
        formula(function)


def test_a_function_typed_at_a_prompt_is_refused() -> None:
    namespace: dict[str, Any] = {}
    exec("def f(x): return x", namespace)  # as a prompt does, without a file
    with pytest.raises(FormulaError, match="the source of 'f' cannot be found"):
        formula(namespace["f"])


def from_text(text: str, **values: Any) -> Callable[..., Any]:
    """A function of a text, with a source, as a notebook makes it."""
    name = f"<cell {hash(text)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    namespace: dict[str, Any] = {"np": np, "math": math, "sp": sp, **values}
    exec(compile(text, name, "exec"), namespace)
    return namespace["f"]


def test_a_changed_file_is_noticed() -> None:
    function = from_text("def f(x): return x\n")
    name = function.__code__.co_filename
    linecache.cache[name] = (9, None, ["# new\n", "def f(x): return x\n"], name)
    with pytest.raises(FormulaError, match="is not where it was"):
        formula(function)


# What is refused, and at which line

REFUSED: dict[str, tuple[str, str]] = {
    "while": ("while x > 0:\n  x -= 1\nreturn x", "line 2, column 2: 'while x > 0: …'"),
    "try": ("try:\n  a = x\nexcept ValueError:\n  a = 0\nreturn a", "a try statement"),
    "with": ("with x:\n  pass\nreturn x", "a with statement"),
    "raise": ("if x > 0:\n  raise ValueError\nreturn x", "line 3, .*an exception"),
    "assert": ("assert x > 0\nreturn x", "an assertion"),
    "print": ("print(x)\nreturn x", "'print\\(x\\)' is a value that nothing uses"),
    "unknown": ("return foo(x)", "line 2, column 9: 'foo' has no value here"),
    "user": ("return helper(x)", "of the kind Constant, which is not read"),
    "attribute": ("return np.linalg(x)", "unknown name of numpy 'linalg'"),
    "near": ("return np.arcsinn(x)", "did you mean 'arcsin'"),
    "module": ("return random.gauss(x)", "module for formulas 'random'"),
    "reduction": ("return np.sum(x)", "needs the length of x, which is not known"),
    "comprehension": ("return {i: x for i in range(3)}", "a comprehension"),
    "generator": ("return sum(x for i in y)", "'y' has no value here"),
    "filter": ("return sum(x for i in range(3) if x > i)", "chooses elements by a v"),
    "subscript": ("return x[x]", "'x' is no index known beforehand"),
    "from the end": ("return x[-1]", "counts from an end that is not known"),
    "both": ("return x[0] + x", "uses x as a number and x_0 as its element"),
    "taken": ("x_0 = 2.5\nreturn x[0]*x_0", "the function has that name too"),
    "key": ("return x['a b']", "which is no name"),
    "out": ("a = [x, 1]\nreturn a[2]", "out of the list, which has 2"),
    "item": ("a = [x, 1]\na[0] = 2\nreturn a[0]", "lists are made at once"),
    "append": ("a = []\na.append(x)\nreturn a[0]", "a value that nothing uses"),
    "list as number": ("a = [x, 1]\nreturn a*x", "computes with a list"),
    "list of lists": ("return sum([[x]])", "of lists inside a list"),
    "unequal": ("return np.dot([x, 1], [x])", "not equally long"),
    "recursion": ("return f(x - 1)", "calls itself; recursion is not read"),
    "too many": ("return (lambda t: t)(x, x)", "gives 2 arguments, it takes 1"),
    "left out": ("return (lambda t, s: t)(x)", "gives no s, which has no number"),
    "unknown keyword": ("return (lambda t: t)(s=x)", "gives s, which it does not"),
    "factorial": ("return math.factorial(x)", "gamma\\(x \\+ 1\\) is x!"),
    "dictionary": ("return {'a': x}['a']", "a dictionary"),
    "decorated": ("@shown\ndef g(t):\n  return t\nreturn g(x)", "by a decorator"),
    "any number": ("return (lambda *t: x)(x)", "of any number of arguments"),
    "text": ("return 'x'", "is no real number"),
    "complex": ("return x + 1j", "'1j' is no real number"),
    "infinity": ("return x + 1e999", "no number that a float can hold"),
    "keyword": ("return np.clip(x, a_min=0, a_max=1)", "arguments by keyword"),
    "axis": ("return np.sin(x, x)", "gives sin 2 arguments"),
    "one": ("return max(x)", "needs the length of x"),
    "branch": (
        "if x > 0:\n  t = x\nreturn t",
        "'t' has no value on every way .* line 2",
    ),
    "bound": ("for i in range(x):\n  x = x + 1\nreturn x", "no whole number known"),
    "iterable": ("for i in x + 1:\n  x = x + i\nreturn x", "is no list; expected"),
    "else": ("for i in range(2):\n  x += 1\nelse:\n  x = 0\nreturn x", "has an else"),
    "break": ("for i in range(2):\n  if x > i: break\nreturn x", "a break that dep"),
    "continue": ("for i in range(2):\n  if x > i: continue\nreturn x", "a continue"),
    "no return": ("y = x", "does not return on every way"),
    "half a return": ("if x > 0:\n  return x", "line 2, .*not return on every way"),
    "bare return": ("return", "returns nothing"),
    "uneven": ("if x > 0:\n  return x, x\nreturn x", "equally many values"),
    "module as value": ("return np", "is no number; expected a number or a call"),
    "function as value": ("return np.sin", "is no number; expected a number or a call"),
    "call of a number": ("return math.pi(x)", "calls a number"),
    "call of a parameter": ("return x(2)", "calls what is no known function"),
    "bits": ("return 1 if x & 3 else 0", "joins what is no comparison"),
    "inversion": ("return 1 if ~(x > 0) else 0", "turns bits"),
    "and of values": ("return x and 3", "joins what is no comparison"),
    "membership": ("return 1 if x in (1, 2) else 0", "compares by something else"),
    "walrus": ("return (t := x) + t", "an assignment inside an expression"),
    "unpacking": ("a, b = x + 1\nreturn a", "is no list; expected"),
    "too few": ("a, b = x, x, x\nreturn a", "has 3 values for 2 names"),
    "target": ("x.y = 3\nreturn x", "is no name; only names are given values"),
    "global": ("global q\nreturn x", "a change outside the function"),
    "class": ("class A:\n  pass\nreturn x", "a class inside the function"),
    "division": ("return x / 0", "divides by zero"),
    "log of": ("return x + math.log(-1)", "no real, finite value"),
    "matrix": ("return x @ x", "of the kind BinOp"),
    "string": ("return WORDS", "'WORDS' is a str"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_named_with_its_line(name: str) -> None:
    body, match = REFUSED[name]
    text = "def f(x):\n" + "".join(f" {line}\n" for line in body.splitlines())
    function = from_text(text, helper=shown, random=random, WORDS=WORDS)
    with pytest.raises(SymgradError, match=match) as caught:
        formula(function)
    assert "\n" not in str(caught.value)


SIGNATURES = {
    "*args": "def f(*args): return 1",
    "**kwargs": "def f(x, **kwargs): return x",
    "nothing": "def f(): return 1",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_parameters_that_are_no_inputs_are_refused(name: str) -> None:
    with pytest.raises(FormulaError, match=r"line 1|column"):
        formula(from_text(SIGNATURES[name] + "\n"))


LONG = {
    "rounds": "def f(x):\n for i in range(10**9):\n  x = x + i\n return x",
    "nested": "def f(x):\n for i in range(200):\n  for j in range(99):\n   x += j\n return x",  # noqa: E501
    "choices": "def f(x):\n for i in range(99):\n  if x > i: return i\n return x",
    "number": "def f(x): return x + 10**400",
}


@pytest.mark.parametrize("name", LONG)
def test_bounds(name: str) -> None:
    with pytest.raises(BoundError):
        formula(from_text(LONG[name] + "\n"))


def test_long_functions_within_the_bounds() -> None:
    rounds = MAX_STATEMENTS // 5
    function = from_text(
        f"def f(x):\n for i in range({rounds}):\n  x = x/2 + i\n return x\n"
    )
    assert len(formula(function).stages) == rounds
    text = "def f(x):\n return " + " + ".join(["x"] * 2000) + "\n"
    assert shown(formula(from_text(text))).startswith("y = x + x")


def test_nothing_is_run() -> None:
    ran: list[int] = []

    class Trap:
        def __getattr__(self, name: str) -> float:
            ran.append(1)
            return 1.0

        def method(self, x):
            ran.append(1)
            return self.hidden * x

    def f(x):
        ran.append(1)
        return x

    for function in (f, Trap().method):
        with pytest.raises(FormulaError):
            formula(function)
    assert not ran


# The table of functions


ROWS = [
    pytest.param(module, name, id=f"{module}.{name}")
    for module, functions in MEANINGS.items()
    for name, formulas in functions.items()
    if formulas and module in ("math", "numpy", "builtins", "scipy.special")
]


def formula_is_real_above_zero(name: str) -> bool:
    """lgamma is log|Γ| also below 0, where symgrad's loggamma is nan."""
    return name in ("lgamma", "gammaln")


@pytest.mark.parametrize(("module", "name"), ROWS)
def test_a_function_means_what_its_module_means(module: str, name: str) -> None:
    import importlib

    owner = importlib.import_module(module)
    if not hasattr(owner, name):
        pytest.skip(f"this version of {module} has no {name}")
    function = getattr(owner, name)
    compared = 0
    for count in (1, 2, 3):
        member = member_of(function)
        assert member is not None
        if formula_of(Member(module, name), count) is None or (
            name in ("max", "min") and count == 1
        ):
            continue
        args = "abc"[:count]
        f = from_text(
            f"def f({', '.join(args)}):\n return function({', '.join(args)})\n",
            function=function,
        )
        least = 0.1 if formula_is_real_above_zero(name) else -3
        compared += agrees(f, formula(f), least=least)
    assert compared >= 8


def test_the_table_names_only_what_is_there() -> None:
    for functions in MEANINGS.values():
        for formulas in functions.values():
            for text in formulas:
                assert text.count("…") < 2
    assert set(FUNCTIONS) >= {"logistic", "digamma"}


# Generated programs


VALUES = st.sampled_from(["x", "y", "2", "0.5", "-3", "t", "s"])


def expressions(names: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        condition = st.tuples(inner, st.sampled_from(["<", ">=", "<="]), inner)
        return st.one_of(
            st.tuples(inner, st.sampled_from("+-*"), inner).map(
                lambda p: f"({p[0]} {p[1]} {p[2]})"
            ),
            st.tuples(st.sampled_from(["np.sin", "math.tanh", "abs"]), inner).map(
                lambda p: f"{p[0]}({p[1]})"
            ),
            inner.map(lambda e: f"(1 / (1 + ({e})**2))"),
            st.tuples(inner, condition, inner).map(
                lambda p: f"({p[0]} if {' '.join(p[1])} else {p[2]})"
            ),
        )

    return st.recursive(names, grow, max_leaves=6)


EXPRESSIONS = expressions(VALUES)
CONDITIONS = st.tuples(EXPRESSIONS, st.sampled_from(["<", ">"]), EXPRESSIONS).map(
    " ".join
)
ASSIGNMENTS = st.tuples(
    st.sampled_from(["t", "s", "x"]), st.sampled_from(["=", "+=", "-="]), EXPRESSIONS
).map(lambda p: [" ".join(p)])


def indented(lines: list[str]) -> list[str]:
    return [" " + line for line in lines]


def statements() -> st.SearchStrategy[list[str]]:
    def grow(inner: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
        return st.one_of(
            st.tuples(inner, inner).map(lambda p: p[0] + p[1]),
            st.tuples(CONDITIONS, inner, inner).map(
                lambda p: [
                    f"if {p[0]}:",
                    *indented(p[1]),
                    "else:",
                    *indented(p[2]),
                ]
            ),
            st.tuples(CONDITIONS, inner).map(
                lambda p: [f"if {p[0]}:", *indented(p[1])]
            ),
            st.tuples(CONDITIONS, EXPRESSIONS).map(
                lambda p: [f"if {p[0]}:", f" return {p[1]}"]
            ),
            st.tuples(st.integers(1, 3), inner).map(
                lambda p: [f"for t in range({p[0]}):", *indented(p[1])]
            ),
        )

    return st.recursive(ASSIGNMENTS, grow, max_leaves=5)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(statements(), EXPRESSIONS)
def test_generated_programs(body: list[str], result: str) -> None:
    lines = ["t = 1", "s = x*y", *body, f"return {result}"]
    text = "def f(x, y):\n" + "\n".join(indented(lines)) + "\n"
    function = from_text(text)
    agrees(function, formula(function), 12)


def of_named_formulas(x):
    return logit(x) + clip(x, 0.2, 2) * mish(x)  # noqa: F821


def test_functions_that_are_formulas_under_a_name_may_be_called() -> None:
    value, grad = sg.lambdify(of_named_formulas, backend="math")(0.7)
    wanted = sg.lambdify("logit(x) + clip(x, 0.2, 2)*mish(x)", backend="math")(0.7)
    assert math.isclose(value, wanted[0]) and math.isclose(grad[0], wanted[1][0])
    soft = math.log1p(math.exp(0.7))
    by_hand = math.log(0.7 / 0.3) + 0.7 * 0.7 * math.tanh(soft)
    assert math.isclose(value, by_hand)


def test_functions_of_scipy_that_are_formulas() -> None:
    special = pytest.importorskip("scipy.special", reason="SciPy is not installed")

    def f(x):
        return special.ndtr(x) + special.logit(x) + special.log_expit(x)

    value, _ = sg.lambdify(f, backend="math")(0.3)
    wanted = special.ndtr(0.3) + special.logit(0.3) + special.log_expit(0.3)
    assert math.isclose(value, wanted, rel_tol=1e-14)
