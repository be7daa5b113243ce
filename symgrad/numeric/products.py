"""Products of a Jacobian or a Hessian with a vector, without the matrix.

The one rule kept here: a product is a sweep with a seed that the caller gives, so it
costs a small multiple of the function: a Hessian's is a tangent of the gradient
(Pearlmutter, Neural Computation 6 (1994) 147), forward over reverse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sympy import Symbol

from symgrad.errors import ArgumentValueError, GraphError, check_name
from symgrad.gradient import Gradient
from symgrad.indexed import IndexedProduct
from symgrad.numeric.backends import compiled
from symgrad.numeric.exact_calls import recorder_of
from symgrad.numeric.indexed_data import Found, as_table, check_variables, data_of
from symgrad.numeric.numeric_functions import BACKENDS, NumericFunction
from symgrad.numeric.reading import record_graph
from symgrad.numeric.recorder import Recorder
from symgrad.numeric.shaping import Form, Part
from symgrad.numeric.sweeps import reverse
from symgrad.numeric.tangents import push
from symgrad.numeric.tape import finish
from symgrad.numeric.tasks import Task, read_task
from symgrad.symbols import fresh, symbol

RESULTS = ("both", "value", "product")
"""what a call gives; the value of a Hessian product is the gradient"""


def jvp(
    source: Any,
    wrt: Any = None,
    args: Sequence[str | Symbol] | None = None,
    backend: str = "auto",
    layout: str = "names",
    reduce: str | None = None,
    results: str = "both",
    digits: int | None = None,
) -> NumericFunction:
    """Compile the product of the Jacobian with a vector v: ``value, product = f(…)``.

    >>> f = jvp("x^2*y", ["x", "y"])
    >>> f.args
    ('x', 'y', 'v_x', 'v_y')
    >>> value, product = f(3.0, 2.0, 1.0, 0.5)  # 2xy·1 + x²·0.5
    >>> float(value), float(product)
    (18.0, 16.5)

    The components of v are arguments of their own after the others, ``v_`` before the
    names of ``wrt``; with ``layout="vector"`` the first argument is the vector of
    ``wrt``, the second is v. Value and product have one shape: S for one output,
    ``(m, *S)`` for m. ``results="product"`` gives the product alone.

    All other arguments and errors are those of ``lambdify``.
    """
    task = _task(source, wrt, args, backend, layout, results)
    return _product("jvp", task, backend, layout, reduce, results, digits)


def vjp(
    source: Any,
    wrt: Any = None,
    args: Sequence[str | Symbol] | None = None,
    backend: str = "auto",
    layout: str = "names",
    reduce: str | None = None,
    results: str = "both",
    digits: int | None = None,
) -> NumericFunction:
    """Compile the product of a row u with the Jacobian: ``value, product = f(…)``.

    >>> f = vjp(["x*y", "x + y"], ["x", "y"])
    >>> f.args
    ('x', 'y', 'u_y_1', 'u_y_2')
    >>> value, product = f(3.0, 2.0, 1.0, 10.0)
    >>> value.tolist(), product.tolist()
    ([6.0, 5.0], [12.0, 13.0])

    The components of u are arguments of their own after the others, ``u_`` before the
    names of the outputs; with ``layout="vector"`` the first argument is the vector of
    ``wrt``, the second is u. The value has shape S, or ``(m, *S)`` for m outputs, the
    product ``(len(wrt), *S)``. ``results="product"`` gives the product alone.

    All other arguments and errors are those of ``lambdify``.
    """
    task = _task(source, wrt, args, backend, layout, results)
    return _product("vjp", task, backend, layout, reduce, results, digits)


def hvp(
    source: Any,
    wrt: Any = None,
    args: Sequence[str | Symbol] | None = None,
    backend: str = "auto",
    layout: str = "names",
    reduce: str | None = None,
    results: str = "both",
    digits: int | None = None,
) -> NumericFunction:
    """Compile the product of the Hessian with a vector v: ``grad, product = f(…)``.

    >>> f = hvp("x^2*y", ["x", "y"])
    >>> grad, product = f(3.0, 2.0, 1.0, 0.5)
    >>> grad.tolist(), product.tolist()
    ([12.0, 9.0], [7.0, 6.0])

    The components of v are arguments as those of ``jvp``. Gradient and product have
    the shape ``(len(wrt), *S)``. ``results="product"`` gives the product alone, as
    ``hessp`` of ``scipy.optimize`` has it.

    Raises ``GraphError`` where there are several outputs; all other arguments and
    errors are those of ``lambdify``.
    """
    task = _task(source, wrt, args, backend, layout, results)
    if len(task.outputs) == 1 and _has_products(task):
        # the tape has no second derivative of a product over an index; the page has
        first = Gradient(task.graph, task.outputs, task.variables).derivative_graph
        task = replace(task, graph=first, outputs=first.outputs, listed=True)
        return _product("jvp", task, backend, layout, reduce, results, digits)
    return _product("hvp", task, backend, layout, reduce, results, digits)


def _task(
    source: Any, wrt: Any, args: Any, backend: str, layout: str, results: str
) -> Task:
    """Check the choices and read what shall be computed."""
    check_name("backend", backend, ["auto", *BACKENDS])
    check_name("results", results, RESULTS)
    task = read_task(source, wrt, args, layout)
    if not task.variables:
        raise ArgumentValueError("wrt is empty; a product needs at least one variable")
    return task


def _product(
    kind: str,
    task: Task,
    backend: str,
    layout: str,
    reduce: str | None,
    results: str,
    digits: int | None,
) -> NumericFunction:
    """Compile one of the three: the values, and what a sweep with a seed makes."""
    letter, sweep = _SWEEPS[kind]
    of = task.outputs if kind == "vjp" else task.variables
    names = [task.graph.shown(symbol).name for symbol in of]
    directions = _fresh(letter, names, task)
    leaves: tuple[Symbol, ...] = (*task.arguments, *directions)
    count = len(task.variables) if layout == "vector" else 0
    if count:
        leaves = (*task.variables, *directions, *task.arguments[count:])
    held = [v for v in task.variables if v in task.graph.stage_of]
    recording = record_graph(task.graph, leaves, held, recorder=recorder_of(backend))
    numbers = recording.numbers
    rows, products = sweep(
        recording.recorder,
        [numbers[output] for output in task.outputs],
        [numbers[variable] for variable in task.variables],
        [numbers[direction] for direction in directions],
    )
    lead = (len(rows),) if task.listed or kind == "hvp" else ()
    shapes = (lead, (len(products),) if kind == "vjp" else lead)
    parts: list[Part] = []
    roots: list[int] = []
    for part, shape, name in zip((rows, products), shapes, RESULTS[1:], strict=True):
        if results in ("both", name):
            parts.append((len(roots), len(roots) + len(part), shape, None))
            roots += part
    data = _data(task, recording.recorder)
    tape = finish(
        recording.recorder,
        [leaf.name for leaf in leaves],
        roots,
        names=[(numbers[s.symbol], s.symbol.name) for s in task.graph.stages],
        parameters=_learned(task, leaves, directions),
        data=() if data is None else as_table(data, leaves),
    )
    vectors = (count, len(directions)) if count else None
    form = Form(tuple(parts), vectors=vectors, names=tape.arguments)
    length = sum(vectors) if vectors else 0
    return compiled(task, tape, length, backend, reduce, form, digits=digits)


def _has_products(task: Task) -> bool:
    return any(stage.expr.has(IndexedProduct) for stage in task.graph.stages)


_Entries = Sequence[int]


def _jvp(
    recorder: Recorder, values: _Entries, variables: _Entries, seeds: _Entries
) -> tuple[_Entries, _Entries]:
    moved = dict(zip(variables, seeds, strict=True))
    return values, push(recorder, values, moved)


def _vjp(
    recorder: Recorder, values: _Entries, variables: _Entries, seeds: _Entries
) -> tuple[_Entries, _Entries]:
    total = recorder.constant(0)
    for value, seed in zip(values, seeds, strict=True):
        total = recorder.add(total, recorder.multiply(seed, value))
    return values, reverse(recorder, total, variables)[0]


def _hvp(
    recorder: Recorder, values: _Entries, variables: _Entries, seeds: _Entries
) -> tuple[_Entries, _Entries]:
    if len(values) > 1:
        raise GraphError(
            f"the Hessian of {len(values)} outputs is no matrix; use "
            "graph.select(name) for one of them"
        )
    grads, _ = reverse(recorder, values[0], variables)
    return _jvp(recorder, grads, variables, seeds)


_SWEEPS: dict[str, tuple[str, Callable[..., tuple[_Entries, _Entries]]]] = {
    "jvp": ("v", _jvp),
    "vjp": ("u", _vjp),
    "hvp": ("v", _hvp),
}
"""kind -> (the letter of the vector, the values and the products on a recorder)"""


def _fresh(letter: str, names: Iterable[str], task: Task) -> tuple[Symbol, ...]:
    """Name the components of a vector as nothing else is named."""
    taken = set(task.graph.names)
    found = []
    for name in names:
        found.append(symbol(fresh(f"{letter}_{name}", taken)))
        taken.add(found[-1].name)
    return tuple(found)


def _data(task: Task, recorder: Recorder) -> Found | None:
    if not recorder.axes:
        return None
    data = data_of(task.graph)
    check_variables(data, task.variables)
    return data


def _learned(
    task: Task, leaves: Sequence[Symbol], directions: Sequence[Symbol]
) -> list[int]:
    """The places of what is no data: parameters and the vectors that go with them."""
    learned = {*task.graph.parameters, *directions} if task.graph.parameters else set()
    return [k for k, leaf in enumerate(leaves) if leaf in learned]
