"""Numeric functions of a formula: values and partials, on arrays or single numbers.

The one rule kept here: every back end keeps the same contract; a row of ``BACKENDS``
says only who computes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sympy import Symbol

from symgrad.errors import (
    ArgumentValueError,
    check_name,
    check_path,
    check_switch,
)
from symgrad.graph import Graph
from symgrad.numeric.availability import able_backend
from symgrad.numeric.codegen import languages
from symgrad.numeric.codegen.dialects import DIALECTS
from symgrad.numeric.codegen.modules import write_module
from symgrad.numeric.cupy_arrays import cupy_call
from symgrad.numeric.dask_arrays import check_blocks, dask_call
from symgrad.numeric.exact_calls import EXACT, checked_digits, exactly, recorder_of
from symgrad.numeric.jax_arrays import jax_call
from symgrad.numeric.kernels import Kernel
from symgrad.numeric.shaping import RESULTS, ROWS, Form, shape_tape
from symgrad.numeric.sweeps import gradient_tape
from symgrad.numeric.tape import Tape
from symgrad.numeric.tasks import Task, checked_reduction, read_task
from symgrad.numeric.torch_arrays import torch_call

BACKENDS: dict[str, tuple[str, Callable[[Kernel], Callable[..., Any]]]] = {
    "numpy": ("block", lambda k: k.batch),
    "math": ("point", lambda k: k.single if k.vector else k.guarded_point),
    "scipy": ("block", lambda k: k.batch),
    "llvm": ("machine", lambda k: k.machine_call),
    "jax": ("package", lambda k: jax_call(k.job)),
    "torch": ("package", lambda k: torch_call(k.job)),
    "cupy": ("package", lambda k: cupy_call(k.job)),
    "dask": ("block", dask_call),
    "mpmath": ("exact", lambda k: k.exact_job("mpmath")),
    "sympy": ("exact", lambda k: k.exact_job("sympy")),
}
"""name -> (the program it runs, kernel -> what is called)"""

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
        """The generated source; what computes exactly has none, and says so."""
        self._check_source()
        return getattr(self.kernel, f"{BACKENDS[self.backend][0]}_source")

    @property
    def point(self) -> Callable[..., Any]:
        """The fastest way to one point: floats in order in, floats out.

        >>> f = lambdify("w*x + b", ["w", "b"], backend="numpy")
        >>> f.point(2.0, 3.0, 1.0)
        (7.0, (3.0, 1.0))
        """
        if self.backend in EXACT:
            return self
        if self.backend == "llvm" and not self.kernel.tape.data:
            call = self.kernel.machine_code.floats
        else:
            able_backend(self.kernel.tape, "math")
            call = self.kernel.quick_point
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

    def _check_source(self) -> None:
        if self.backend in EXACT:
            raise ArgumentValueError(
                f"the back end {self.backend!r} runs one operation after the other and "
                "has no source; use backend='numpy' for one"
            )

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
        self._check_source()
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
        self._check_source()
        if BACKENDS[self.backend][0] == "package":
            raise ArgumentValueError(
                f"a function of the back end {self.backend!r} is not saved as a "
                "module; save one of backend='numpy', or its source"
            )
        check_path(path)
        target = Path(path)
        language = languages.language_of(target) if language is None else language
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
    digits: int | None = None,
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
    it is needed, has Bessel and Airy functions; ``"llvm"`` compiles machine code. Calls
    of it and of ``"numpy"`` also take ``out=`` (an array for the value and one for the
    partials) and ``threads=``; ``accuracy="fast"`` allows it errors of 5 units in the
    last place of a function instead of 3. ``"jax"`` and ``"torch"`` give functions for
    jit, vmap, grad, autograd and ``torch.compile``, whose derivatives of every order
    are symgrad's own, and ``"cupy"`` one for arrays of a GPU, each in arrays of that
    package; ``"dask"``
    gives Dask's arrays, of which each block is computed by what ``"auto"`` chooses.

    ``"mpmath"`` gives ``digits`` right decimal digits (50 if nothing is said) as mpf,
    ``"sympy"`` exact numbers; both take whole numbers, fractions, decimals, texts such
    as ``"0.1"``, and floats as the binary fractions that they are.

    Raises ``UnknownNameError`` for unknown names, ``ArgumentTypeError`` for a set of
    arguments, ``RuleError`` where something has no rule or the back end no code for
    it, ``MissingPackageError`` where only SciPy has it, which is not installed.
    """
    check_name("results", results, RESULTS)
    check_name("rows", rows, ROWS)
    check_name("accuracy", accuracy, ACCURACIES)
    check_switch("sparse", sparse)
    check_name("backend", backend, ["auto", *BACKENDS])
    task = exactly(read_task(source, wrt, args, layout), backend)
    tape = gradient_tape(
        task.graph,
        task.variables,
        task.mode,
        outputs=task.outputs,
        arguments=task.arguments,
        with_values=results != "gradient",
        recorder=recorder_of(backend),
    )
    form: Form | None = None
    if (results, rows, bool(sparse)) != ("both", "variable", False):
        tape, form = shape_tape(tape, task.listed, results, rows == "sample", sparse)
    count = len(task.variables) if layout == "vector" else 0
    return compiled(task, tape, count, backend, reduce, form, accuracy, digits)


def compiled(
    task: Task,
    tape: Tape,
    vector: int,
    backend: str,
    reduce: str | None,
    form: Form | None,
    accuracy: str = "default",
    digits: int | None = None,
) -> NumericFunction:
    """Make a tape callable; ``vector`` counts the arguments of a vector layout."""
    count = checked_digits(digits, backend)
    backend = able_backend(tape, backend)
    dialect = able_backend(tape, "auto") if backend == "dask" else backend
    package = dialect if dialect in DIALECTS and dialect != "math" else "numpy"
    if form is not None and BACKENDS[backend][0] == "package":
        raise ArgumentValueError(
            f"the back end {backend!r} gives values and partials by variable, no other "
            "results, rows or products; use backend='numpy'"
        )
    if backend == "dask":
        check_blocks(tape, form)
    added = checked_reduction(reduce, backend, tape)
    listed = task.listed or form is not None
    if backend in EXACT and form is not None and form.sparse:
        raise ArgumentValueError(
            f"scipy.sparse has no matrices for numbers of {backend!r}; leave sparse out"
        )
    kernel = Kernel(tape, listed, vector, package, added, form, accuracy, count)
    same = task.outputs == task.graph.outputs
    graph = task.graph if same else task.graph.select(*task.outputs)
    names = tuple(v.name for v in task.variables)
    return NumericFunction(graph, kernel, names, backend)
