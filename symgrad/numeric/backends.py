"""Formulas compiled into functions of numbers, on arrays or single numbers.

The one rule kept here: a tape is made once, and the back end chosen, before anything
is compiled; what a back end cannot do is an error here, not when it is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Symbol

from symgrad.errors import ArgumentValueError, check_name, check_switch
from symgrad.numeric.availability import able_backend
from symgrad.numeric.codegen.dialects import DIALECTS
from symgrad.numeric.dask_arrays import check_blocks
from symgrad.numeric.exact_calls import EXACT, checked_digits, exactly, recorder_of
from symgrad.numeric.kernels import Kernel
from symgrad.numeric.numeric_functions import BACKENDS, NumericFunction
from symgrad.numeric.shaping import RESULTS, ROWS, Form, shape_tape
from symgrad.numeric.sweeps import gradient_tape
from symgrad.numeric.tape import Tape
from symgrad.numeric.tasks import Task, checked_reduction, read_task
from symgrad.progress import waiting

ACCURACIES = ("default", "fast")


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
    The value has shape S, the partials ``(len(wrt), *S)``. Several outputs put their
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
    with waiting("writing the function"):
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
            is_by_sample = rows == "sample"
            tape, form = shape_tape(tape, task.listed, results, is_by_sample, sparse)
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
