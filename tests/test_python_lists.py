"""Elements, lists, loops and calls in Python functions, against running them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.errors import BoundError, FormulaError

FACTOR = 2.5
ROWS = (1.0, 2.0, 3.0)
ARRAY = np.array([[1.5, 2.5], [0.5, -1.0]])
RATES = {"a": 2.0, "b": 0.5}
sat = sg.function("sat", "u/(1+u^2)")


class Neuron:
    """An object with numbers, lists and methods."""

    slope = 3.0

    def __init__(self) -> None:
        self.bias = 0.5
        self.weights = [1.0, 2.0]

    def act(self, u):
        return math.tanh(u) * self.slope

    def out(self, x, y):
        return self.act(self.weights[0] * x + self.weights[1] * y + self.bias)

    def __call__(self, x):
        return self.act(x)

    @staticmethod
    def half(x):
        return x / 2

    @classmethod
    def scaled(cls, x):
        return cls.slope * x


neuron = Neuron()


def square(t):
    return t * t


def norm(a, b=2.0, *, scale=1.0):
    s = square(a) + square(b)
    return scale * math.sqrt(s)


def powers(t):
    return t, t**2, t**3


def choose(t):
    if t > 0.5:
        return t**2
    return -t


def apply(function, t):
    return function(t) + function(2 * t)


def calls(x, y):
    return norm(x, y) * square(x) + norm(y) + norm(b=x, a=y, scale=2)


def several(x):
    a, b, c = powers(x)
    return a + b * c


def an_element_of_a_result(x, y):
    return powers(x)[1] * powers(y)[-1]


def a_choice_inside(x, y):
    return choose(x) + choose(y) * choose(x)


def passed_on(x):
    return apply(square, x) + apply(lambda t: t**3, x) + apply(math_free, x)


def math_free(t):
    return 1 / (1 + t)


def inner_functions(x, y):
    def scaled(t, by=2):
        return by * t * y

    cube = lambda t: t**3  # noqa: E731
    return scaled(x) + scaled(cube(x), by=3)


def late_names(x):
    k = 2

    def scaled(t):
        return k * t

    k = 3
    return scaled(x)


def at_once(x):
    return (lambda t: t**2 + 1)(x) + neuron(x) + Neuron.half(x) + neuron.scaled(x)


def methods(x, y):
    return neuron.out(x, y) ** 2


def numbers_outside(x):
    return FACTOR * x + ROWS[1] * x**2 + ROWS[-1] + ARRAY[1][0] * x + RATES["b"]


def elements(w, x):
    return math.tanh(w[0] * x[0] + w[1] * x[1] + w[2])


def matrix(m):
    return m[0][0] * m[1][1] - m[0, 1] * m[1, 0]


def keys(p):
    return p["rate"] * math.exp(-p["decay"])


def loops(x):
    s = 0
    for i in range(3):
        s += x[i] ** (i + 1) * ROWS[i]
    return s


def loops_plain(x):
    s = 0
    for i, row in enumerate(ROWS, start=1):
        s += row * x**i
    for a, b in zip((1, 2), (3, 4), strict=True):
        s += a * x**b
    for v in (x, x**2):
        s += v
    for k in reversed(range(2)):
        s = s * x + k
    return s


def leaving(x):
    s = 0
    for i in range(10):
        if i == 1:
            continue
        for j in range(3):
            if j == 2:
                break
            s += x**i * (j + 1)
        if i == 4:
            break
    return s


def comprehensions(x):
    a = [k * x**k for k in range(1, 5) if k % 2 == 1]
    b = sum(x**i * j for i in range(3) for j in range(2) if i != j)
    return sum(a) + b + math.prod(x - k for k in range(3)) + len(a)


def lists(x):
    xs = [x, *(x**2, x**3)]
    first, (second, third) = xs[0], xs[1:]
    return first * second + third + sum([0.5] * 3) + sum(xs + [x])  # noqa: RUF005


def folds(x, y):
    v = (x, y, x * y)
    return max(v) + min(v) + math.fsum(v) + np.sum([x, y]) + np.mean(v) + np.prod(v)


def products(x):
    u = (x[0], x[1])
    return np.dot(u, ROWS[:2]) + np.dot(ROWS, x) + math.dist(u, (1, 2))


def parts(x):
    return sum(a * b for a, b in zip(x[:2], ROWS, strict=False)) + sum(x[1:3])


def unpacked(p):
    x, y = p
    return x**2 * y


def known_length(x=(0.0, 0.0, 0.0)):
    return sum(v * v for v in x) / len(x) + x[-1]


def assigned(x, y):
    x *= 2
    x -= y
    z: float = x / 3
    z **= 2
    a = b = z + 1
    return a * b + z


def choices(x, y):
    if 0 < x <= 0.5 and not y > 2:
        z = x * y
    elif x > 0.75 or y == 1:
        return x - y
    else:
        z = np.where(x > 0.6, x**2, -x)
    return z + (1 if x < y < 2 else x)


def numpy_words(x, y):
    return np.maximum(x, y) + np.clip(x, 0.25, 0.5) * np.exp(-y) + abs(x - y) ** 1.5


def whole_parts(x, y):
    return (
        (10 * x) // 3 + (10 * y) % 3 + pow(x, 3) + math.factorial(4) + math.comb(5, 2)
    )


def own(x):
    return sat(x) + 2 * sat(x**2)


NUMBERS: dict[str, Callable[..., Any]] = {
    f.__name__: f
    for f in (
        calls,
        several,
        an_element_of_a_result,
        a_choice_inside,
        passed_on,
        inner_functions,
        late_names,
        at_once,
        methods,
        numbers_outside,
        loops_plain,
        leaving,
        comprehensions,
        lists,
        folds,
        assigned,
        choices,
        numpy_words,
        whole_parts,
    )
}


@pytest.mark.parametrize("name", NUMBERS)
def test_values_and_gradients_are_those_of_the_function(name: str) -> None:
    function = NUMBERS[name]
    graph = sg.formula(function)
    count = len(graph.inputs)
    compare(graph, lambda *point: function(*point), count)


LISTS: dict[str, tuple[Callable[..., Any], int, Callable[..., Any]]] = {
    "loops": (loops, 3, lambda *p: loops(p)),
    "elements": (elements, 5, lambda *p: elements(p[:3], p[3:])),
    "matrix": (matrix, 4, lambda *p: matrix(np.array(p).reshape(2, 2))),
    "keys": (keys, 2, lambda r, d: keys({"rate": r, "decay": d})),
    "products": (products, 3, lambda *p: products(p)),
    "parts": (parts, 3, lambda *p: parts(p)),
    "unpacked": (unpacked, 2, lambda *p: unpacked(p)),
    "known_length": (known_length, 3, lambda *p: known_length(p)),
}


@pytest.mark.parametrize("name", LISTS)
def test_elements_are_inputs_of_their_own(name: str) -> None:
    function, count, run = LISTS[name]
    graph = sg.formula(function)
    assert len(graph.inputs) == count
    compare(graph, run, count)


def compare(graph: sg.Graph, run: Callable[..., Any], count: int) -> None:
    """Compare with the function that is run, and with its difference quotients."""
    value_and_gradient = sg.lambdify(graph, [s.name for s in graph.inputs])
    numbers = random.Random(3)
    for _ in range(4):
        point = [numbers.uniform(0.1, 0.9) for _ in range(count)]
        value, gradient = value_and_gradient(*point)
        assert math.isclose(value, run(*point), rel_tol=1e-12)
        for k in range(count):
            h = 1e-5  # the quotient's own error is about h² and 1e-16/h
            above, below = ([*point] for _ in range(2))
            above[k] += h
            below[k] -= h
            quotient = (run(*above) - run(*below)) / (2 * h)
            assert math.isclose(gradient[k], quotient, rel_tol=1e-6, abs_tol=1e-7)


def test_names_of_elements() -> None:
    names = [s.name for s in sg.formula(elements).inputs]
    assert names == ["w_0", "w_1", "w_2", "x_0", "x_1"]
    names = [s.name for s in sg.formula(matrix).inputs]
    assert names == ["m_0_0", "m_0_1", "m_1_0", "m_1_1"]
    assert [s.name for s in sg.formula(keys).inputs] == ["p_rate", "p_decay"]


def test_calls_are_stages_under_the_function_s_name() -> None:
    stages = [f"{s.symbol} = {s.expr}" for s in sg.formula(calls).stages]
    assert stages[:4] == [
        "square_1 = x*x",
        "square_2 = y*y",
        "s = square_1 + square_2",
        "norm_1 = sqrt(s)",
    ]


def test_several_outputs_in_nested_lists() -> None:
    def f(x, y):
        return x * y, (x + y, [square(x)])

    graph = sg.formula(f)
    assert [s.name for s in graph.outputs] == ["y_1", "y_2", "y_3"]
    assert sg.jacobian(f, ["x"])["y_3", "x"] is not None
    point = sg.lambdify(f, backend="math")(2.0, 3.0)[0]
    assert point == (6.0, 5.0, 4.0)


def test_one_call_in_several_outputs() -> None:
    def twice(x):
        return square(x), square(x) + 1

    assert sg.lambdify(twice, backend="math")(3.0)[0] == (9.0, 10.0)


def test_own_functions_of_symgrad() -> None:
    assert sg.check_gradient(own).passed

    def unread(x):
        return hidden(x)  # noqa: F821

    with pytest.raises(FormulaError, match="'hidden' has no value here"):
        sg.formula(unread)
    hidden_function = sg.function("hidden", "u^3")
    graph = sg.formula(unread, functions=[hidden_function])
    assert sg.evaluate(graph, {"x": 2.0})["y"] == 8.0


def test_a_function_instead_of_one_that_cannot_be_read() -> None:
    def unread(x):
        return norm_of_c(x)

    norm_of_c = math.nextafter
    named = sg.function("norm_of_c", "u^2")
    assert sg.evaluate(sg.formula(unread, functions=[named]), {"x": 3.0})["y"] == 9.0


def test_nothing_is_run(tmp_path: Any) -> None:
    trap = tmp_path / "run"

    class Trap:
        """An object that tells when anything of it is run."""

        def __getattr__(self, name: str) -> Any:
            trap.touch()
            raise AttributeError(name)

        def __repr__(self) -> str:
            trap.touch()
            return "trap"

        @property
        def number(self) -> float:
            trap.touch()
            return 1.0

        def __len__(self) -> int:
            trap.touch()
            return 3

        def __call__(self, x):
            open(trap, "w").write("run")
            return x

        def method(self, x):
            return square(x)

    own_trap = Trap()

    def writes(x):
        return own_trap(x)

    def asks(x):
        return own_trap.number * x

    def takes(x):
        return own_trap[0] * x

    def raises(x):
        return helper(x)

    def helper(x):
        raise RuntimeError("was run")

    for function in (writes, asks, takes, raises):
        with pytest.raises(FormulaError):
            sg.formula(function)
    assert sg.formula(own_trap.method).inputs
    assert not trap.exists()


def test_async_functions_and_generators_are_named() -> None:
    async def waits(x):
        return x

    def yields(x):
        yield x

    with pytest.raises(FormulaError, match="is an async function, which"):
        sg.formula(waits)
    with pytest.raises(FormulaError, match="is a generator, which is not"):
        sg.formula(yields)


def deep(k: int) -> Callable[..., Any]:
    if k == 0:
        return lambda x: x + 1
    inner = deep(k - 1)
    return lambda x: inner(x) * x


def test_bounds() -> None:
    assert len(sg.formula(deep(10)).stages) == 11
    with pytest.raises(BoundError, match="MAX_CALLS"):
        sg.formula(deep(40))

    def long(x):
        return sum([x] * 10**7)

    with pytest.raises(BoundError, match="MAX_ITEMS"):
        sg.formula(long)
