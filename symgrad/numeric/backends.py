"""Numeric functions of a formula: values and partials, on arrays or single numbers.

The one rule kept here: every back end keeps the same contract; a row of ``BACKENDS``
says only who computes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sympy import Symbol

from symgrad.elements import with_elements
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    check_name,
    short,
)
from symgrad.formulas import formula
from symgrad.graph import Graph, as_graph
from symgrad.indexed import data_and_counts
from symgrad.numeric.availability import able_backend
from symgrad.numeric.codegen import languages
from symgrad.numeric.codegen.data_harness import told_by_data
from symgrad.numeric.codegen.dialects import DIALECTS
from symgrad.numeric.codegen.modules import write_module
from symgrad.numeric.cupy_arrays import cupy_call
from symgrad.numeric.interpreter import run_tape
from symgrad.numeric.jax_arrays import jax_call
from symgrad.numeric.kernels import Kernel
from symgrad.numeric.shaping import RESULTS, ROWS, Form, shape_tape
from symgrad.numeric.sweeps import gradient_tape
from symgrad.numeric.tape import Tape
from symgrad.numeric.torch_arrays import torch_call
from symgrad.symbols import name_of

BACKENDS: dict[str, tuple[str, Callable[[Kernel], Callable[..., Any]]]] = {
    "numpy": ("block", lambda k: k.batch),
    "math": ("point", lambda k: k.single if k.vector else k.guarded_point),
    "scipy": ("block", lambda k: k.batch),
    "llvm": ("machine", lambda k: k.machine_code.arrays),
    "jax": ("package", lambda k: jax_call(k.job)),
    "torch": ("package", lambda k: torch_call(k.job)),
    "cupy": ("package", lambda k: cupy_call(k.job)),
}
"""name -> (the program it runs, kernel -> what is called)"""

AUTO = "numpy"
LAYOUTS = ("names", "vector")
REDUCTIONS = ("sum", "mean")
ACCURACIES = ("default", "fast")
LANGUAGES = ("python", "llvm", *languages.LANGUAGES)


class NumericFunction(functools.partial):  # type: ignore[type-arg]
    """A compiled formula: ``value, grad = f(*args)``.

    A subclass of ``partial``, because that calls generated code without a Python
    frame of its own, which is a fifth of the time of a small formula.

    Attributes: ``args`` and ``wrt`` (names, in order), ``backend``, ``layout``,
    ``operations``, ``graph``, ``tape``.
    """

    graph: Graph
    backend: str
    layout: str
    wrt: tuple[str, ...]
    kernel: Kernel

    def __new__(
        cls, graph: Graph, kernel: Kernel, wrt: tuple[str, ...], backend: str
    ) -> NumericFunction:
        call = BACKENDS[backend][1](kernel)
        if kernel.form is not None:
            call = kernel.form.around(call)
        made = super().__new__(cls, call)
        made.graph, made.kernel, made.wrt, made.backend = graph, kernel, wrt, backend
        made.layout = "vector" if kernel.vector else "names"
        return made

    @property
    def args(self) -> tuple[str, ...]:
        """The names of the arguments, in order."""
        return self.kernel.names

    @property
    def tape(self) -> Any:
        """The operations that are computed."""
        return self.kernel.tape

    @property
    def operations(self) -> int:
        """The number of operations for the value and all partials."""
        return self.kernel.tape.operations

    @property
    def source(self) -> str:
        """The generated source."""
        return getattr(self.kernel, f"{BACKENDS[self.backend][0]}_source")

    @property
    def point(self) -> Callable[..., Any]:
        """The fastest way to one point: floats in order in, floats out.

        >>> f = lambdify("w*x + b", ["w", "b"], backend="numpy")
        >>> f.point(2.0, 3.0, 1.0)
        (7.0, (3.0, 1.0))
        """
        if self.backend == "llvm":
            call = self.kernel.machine_code.floats
        else:
            able_backend(self.kernel.tape, "math")
            call = self.kernel.guarded_point
        form = self.kernel.form
        return call if form is None else form.at_a_point().around(call)

    @property
    def reduce(self) -> str | None:
        """What is done over the samples: None, "sum" or "mean"."""
        return self.kernel.reduce or None

    @property
    def python_source(self) -> str:
        """The generated Python, which machine code has beside it."""
        return self.kernel.block_source if self.backend == "llvm" else self.source

    def to_source(self, language: str, name: str = "f") -> str:
        r"""Give the source in a language; ``name`` is that of its function.

        >>> source = lambdify("w*x + b", "w").to_source("rust", "line")
        >>> print(*source.splitlines()[10:14], sep="\n")
        pub fn line(w: f64, x: f64, b: f64) -> (f64, [f64; 1]) {
            let y = w*x + b;
            (y, [x])
        }

        Raises ``UnknownNameError`` for a language, ``RuleError`` where it has no code
        for something in the formula.
        """
        check_name("language", language, LANGUAGES)
        if language == "python":
            return self.python_source
        if language == "llvm":
            able_backend(self.kernel.tape, "llvm")
            return self.kernel.machine_source
        return languages.write_source(self.graph, self.kernel, self.wrt, language, name)

    def save(
        self, path: str | Path, name: str = "f", language: str | None = None
    ) -> Path:
        """Write a file, in the language of its suffix or the one that is given.

        A Python module has a function ``f`` that keeps the contract of this one, and
        needs math and NumPy, not symgrad. In other languages the function is called
        ``name``: .c (with its .h beside it), .h (a header alone), .hpp, .mjs or .js,
        .rs, .jl, .f90.
        """
        if BACKENDS[self.backend][0] == "package":
            raise ArgumentValueError(
                f"a function of the back end {self.backend!r} is not saved as a "
                "module; save one of backend='numpy', or its source"
            )
        target = Path(path)
        if language is None:
            known = {".py": "python", **languages.SUFFIXES}
            if target.suffix.lower() not in known:
                raise ArgumentValueError(
                    f"cannot save to {short(str(path))}; expected a name that ends in "
                    f"{', '.join(known)}"
                )
            language = known[target.suffix.lower()]
        check_name("language", language, LANGUAGES)
        if language == "python":
            text = write_module(self.graph, self.kernel, self.wrt, self.backend)
            files = {"": text}
        elif language == "llvm":
            files = {"": self.to_source(language)}
        else:
            files = languages.write_files(
                self.graph, self.kernel, self.wrt, language, name
            )
        for suffix, text in files.items():
            place = target.with_suffix(suffix) if suffix else target
            place.write_text(text, encoding="utf-8", newline="\n")
        return target

    def __repr__(self) -> str:
        outputs = ", ".join(self.graph.shown(o).name for o in self.graph.outputs[:4])
        names = ", ".join(self.args[:8]) + (", …" if len(self.args) > 8 else "")
        return (
            f"<NumericFunction {outputs}({names}) and {len(self.wrt)} partials, "
            f"{self.operations} operations, backend {self.backend}>"
        )

    def __reduce__(self) -> Any:
        return NumericFunction, (self.graph, self.kernel, self.wrt, self.backend)


def lambdify(
    source: Any,
    wrt: Any = None,
    args: Sequence[str | Symbol] | None = None,
    backend: str = "auto",
    layout: str = "names",
    reduce: str | None = None,
    results: str = "both",
    rows: str = "variable",
    sparse: bool = False,
    accuracy: str = "default",
) -> NumericFunction:
    """Compile a formula and its partials into a fast function of numbers.

    >>> f = lambdify("w*x + b", "w")
    >>> value, grad = f(w=2.0, x=[1.0, 3.0], b=1.0)
    >>> value.tolist(), grad.tolist()
    ([3.0, 7.0], [[1.0, 3.0]])

    ``source`` is a Graph, a Gradient or whatever ``formula`` takes; ``wrt`` a name or
    a list of them, by default those of the Gradient, else the parameters, else every
    input that is no datum of a sum and no bound; ``[]`` gives the value alone.
    Arguments broadcast to one shape S; the last axis of data of a sum is their index.
    The value has shape S, the partials have (len(wrt), *S). Several outputs put their
    number before both. With ``layout="vector"`` the first argument is the 1-D vector
    of ``wrt``, then the others. With ``reduce="sum"`` or ``"mean"`` both are added or
    averaged over all samples, whose own results are not stored: the value is then one
    number, and there is one for each of ``wrt``.

    ``results="value"`` or ``"gradient"`` gives one of the two alone, and computes no
    more than it needs; ``rows="sample"`` puts the axes of S first, as a view; with
    ``sparse=True`` the partials of several outputs are a ``scipy.sparse.csr_array``,
    of which only what is not zero everywhere is computed.

    ``backend="math"`` takes and gives plain floats; ``"scipy"``, which is chosen where
    it is needed, has Bessel and Airy functions; ``"llvm"`` compiles machine code, whose
    calls also take ``out=`` (an array for the value and one for the partials) and
    ``threads=``; ``accuracy="fast"`` allows it errors of 5 units in the last place of a
    function instead of 3. ``"jax"`` and ``"torch"`` give functions for jit, vmap, grad,
    autograd and ``torch.compile``, whose derivatives of every order are symgrad's own,
    and ``"cupy"`` one for arrays of a GPU, each in arrays of that package.

    Raises ``UnknownNameError`` for unknown names, ``ArgumentTypeError`` for a set of
    arguments, ``RuleError`` where something has no rule or the back end no code for
    it, ``MissingPackageError`` where only SciPy has it, which is not installed.
    """
    check_name("results", results, RESULTS)
    check_name("rows", rows, ROWS)
    check_name("accuracy", accuracy, ACCURACIES)
    task = read_task(source, wrt, args, backend, layout)
    tape = gradient_tape(
        task.graph,
        task.variables,
        task.mode,
        outputs=task.outputs,
        arguments=task.arguments,
        with_values=results != "gradient",
    )
    form: Form | None = None
    if (results, rows, bool(sparse)) != ("both", "variable", False):
        tape, form = shape_tape(tape, task.listed, results, rows == "sample", sparse)
    count = len(task.variables) if layout == "vector" else 0
    return compiled(task, tape, count, backend, reduce, form, accuracy)


@dataclass(frozen=True)
class Task:
    """What shall be computed: outputs and variables of a graph, and its arguments.

    ``listed`` says that results have an axis for the outputs.
    """

    graph: Graph
    outputs: tuple[Symbol, ...]
    variables: tuple[Symbol, ...]
    arguments: tuple[Symbol, ...]
    listed: bool
    mode: str


def read_task(
    source: Any, wrt: Any, args: Any, backend: str = "auto", layout: str = "names"
) -> Task:
    """Read the arguments that all functions of this kind share."""
    gradient = source if hasattr(source, "row_names") else None
    graph = as_graph(source)
    if graph is None:
        graph = formula(source)
    if gradient is None:
        graph, wrt = with_elements(graph, wrt)
    outputs = graph.outputs if gradient is None else tuple(gradient.outputs)
    listed = len(outputs) > 1 or bool(getattr(gradient, "row_names", ()))
    variables = _variables(graph, wrt, gradient)
    check_name("backend", backend, ["auto", *BACKENDS])
    check_name("layout", layout, LAYOUTS)
    arguments = _arguments(graph, args)
    if layout == "vector":
        arguments = _vector_first(graph, variables, arguments)
    mode = getattr(gradient, "mode", "reverse")
    if listed and mode == "reverse":  # not asked for: several outputs have no best one
        mode = "cheapest"
    return Task(graph, outputs, variables, arguments, listed, mode)


def compiled(
    task: Task,
    tape: Tape,
    vector: int,
    backend: str,
    reduce: str | None,
    form: Form | None,
    accuracy: str = "default",
) -> NumericFunction:
    """Make a tape callable; ``vector`` counts the arguments of a vector layout."""
    backend = able_backend(tape, backend)
    package = backend if backend in DIALECTS and backend != "math" else "numpy"
    if form is not None and BACKENDS[backend][0] == "package":
        raise ArgumentValueError(
            f"the back end {backend!r} gives values and partials by variable, no other "
            "results, rows or products; use backend='numpy'"
        )
    added = _reduction(reduce, backend, tape)
    listed = task.listed or form is not None
    kernel = Kernel(tape, listed, vector, package, added, form, accuracy)
    same = task.outputs == task.graph.outputs
    graph = task.graph if same else task.graph.select(*task.outputs)
    names = tuple(v.name for v in task.variables)
    return NumericFunction(graph, kernel, names, backend)


def _reduction(reduce: str | None, backend: str, tape: Tape) -> str:
    """Check what shall be done over the samples."""
    if reduce is None:
        return ""
    check_name("reduce", reduce, REDUCTIONS)
    if backend == "math":
        raise ArgumentValueError(
            "backend 'math' has but one point, nothing to reduce; use backend 'numpy'"
        )
    if tape.data:
        raise ArgumentValueError(
            f"reduce is {reduce!r}, but the formula has data with an index and sums of "
            "its own; leave reduce out"
        )
    return reduce


def _variables(graph: Graph, wrt: Any, gradient: Any) -> tuple[Symbol, ...]:
    if wrt is None:
        if gradient is not None:
            return tuple(gradient.wrt)
        if graph.parameters:
            return graph.parameters
        fixed = set().union(*data_and_counts([s.expr for s in graph.stages]))
        return tuple(name for name in graph.inputs if name not in fixed)
    return _symbols(graph, "wrt", [wrt] if isinstance(wrt, str | Symbol) else wrt)


def _symbols(graph: Graph, what: str, names: Any) -> tuple[Symbol, ...]:
    """Find the symbols of a list of names, each once."""
    if isinstance(names, set | frozenset):
        raise ArgumentTypeError(
            f"{what} is a set, which has no order; expected a list or a tuple of names"
        )
    if isinstance(names, str | Symbol) or not isinstance(names, Iterable):
        raise ArgumentTypeError(
            f"{what} is {short(names)}; expected a list or a tuple of names"
        )
    found: dict[Symbol, None] = {}
    for name in names:
        symbol = graph.symbol(name)
        if symbol in found:
            raise ArgumentValueError(f"{what} has {symbol.name!r} twice")
        found[symbol] = None
    return tuple(found)


def _arguments(graph: Graph, args: Any) -> tuple[Symbol, ...]:
    leaves = (*graph.inputs, *graph.parameters)
    if args is None:
        return leaves
    chosen = _symbols(graph, "args", args)
    for symbol in chosen:
        if symbol not in leaves:
            raise ArgumentValueError(
                f"args has {symbol.name!r}, which is a stage; "
                "expected inputs and parameters"
            )
    missing = [leaf.name for leaf in leaves if leaf not in chosen]
    if missing:
        raise ArgumentValueError(
            f"args lacks {short(', '.join(missing))}; name every input and parameter"
        )
    return chosen


def _vector_first(
    graph: Graph, variables: tuple[Symbol, ...], arguments: tuple[Symbol, ...]
) -> tuple[Symbol, ...]:
    if not variables:
        raise ArgumentValueError("layout 'vector' needs at least one variable in wrt")
    for variable in variables:
        if variable in graph.stage_of:
            raise ArgumentValueError(
                f"stage {variable.name!r} is no argument, so it has no place in a "
                "vector; use layout 'names'"
            )
    return (*variables, *(a for a in arguments if a not in variables))


def evaluate(source: Any, at: Mapping[Any, Any]) -> dict[str, Any]:
    """Compute every stage at numbers.

    >>> evaluate("y = u^2; u = x + 1", {"x": 2})
    {'u': 3.0, 'y': 9.0}

    ``at`` gives a number or an array for each input and parameter, for data with an
    index a list. Labels are in the result too: ``y_hat`` beside ``f_1``.
    """
    graph = as_graph(source)
    if graph is None:
        graph = formula(source)
    if not isinstance(at, Mapping):
        raise ArgumentTypeError(
            f"at is {short(at)}; expected a mapping of names to numbers"
        )
    leaves = (*graph.inputs, *graph.parameters)
    given = {name_of(name): value for name, value in at.items()}
    for name in given:
        if graph.symbol(name) not in leaves:
            raise ArgumentValueError(
                f"{name!r} is a stage; give numbers for inputs and parameters"
            )
    stages = [stage.symbol for stage in graph.stages]
    tape = gradient_tape(graph, outputs=stages)
    if tape.data:
        given = told_by_data(tape.arguments, given, tape.data)
    missing = [leaf.name for leaf in leaves if leaf.name not in given]
    if missing:
        raise ArgumentTypeError(f"no number for {short(', '.join(missing))}")
    values = run_tape(tape, [given[leaf.name] for leaf in leaves])
    found: dict[str, Any] = {}
    for stage, value in zip(graph.stages, values, strict=True):
        number = float(value) if np.ndim(value) == 0 else value
        found[stage.symbol.name] = number
        if stage.label:
            found[stage.label] = number
    return found
