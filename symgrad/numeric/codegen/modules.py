"""A compiled formula as a module of its own, which needs only math and NumPy.

The one rule kept here: the module holds the very programs that run here, and the very
functions that check their arguments; nothing is written a second time.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from symgrad.errors import short
from symgrad.graph import Graph
from symgrad.numeric.codegen import data_harness, form_harness, harness, sum_harness
from symgrad.numeric.codegen.python import wrap

if TYPE_CHECKING:
    from symgrad.numeric.kernels import Kernel
    from symgrad.numeric.shaping import Form

MAX_SHOWN = 40

_HEAD = '''"""{title}

{formula}

{contract}
Written by symgrad; needs {needs}.
"""

from __future__ import annotations

{imports}
ArgumentTypeError, ArgumentValueError = TypeError, ValueError

{tables}
'''
_IMPORTS = """import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
"""
_NUMPY_CALL = '''def f(*args, **named):
    """See the top of this module."""
    {unpack}
    return run_blocks(block, {once}, SIZES, spread(ARGS, values, dtype), SPARE)
'''
_DATA_CALL = '''def f(*args, **named):
    """See the top of this module."""
    {unpack}
    return run_data(block, SIZES, ARGS, values, dtype, DATA, SPARE)
'''
_MATH_CALL = '''def f(*args, **named):
    """See the top of this module."""
    {unpack}
    floats = as_floats(ARGS, values)
    try:
        return point(*floats)
    except (ValueError, OverflowError, ZeroDivisionError):
        spreaded = spread(ARGS, floats)
        return as_tuples(run_blocks(block, {once}, SIZES, spreaded, SPARE))
'''
_MATH_DATA_CALL = '''def f(*args, **named):
    """See the top of this module."""
    {unpack}

    def run(values):
        return run_data(block, SIZES, ARGS, values, dtype, DATA, SPARE)

    return run_point(point, run, ARGS, values, DATA)
'''
_FORMED_CALL = '''

def f(*args, **named):
    """See the top of this module."""
    return formed(rows({args}, **named), PARTS, {by_sample}, {sparse})
'''
_APART = '''def array_programs():
    """Keep NumPy's functions apart from those of math that bear the same names."""
{source}
    return block, {once}


block, once = array_programs()
'''
_UNPACK = {
    False: "values, dtype = bind(ARGS, args, named), None",
    True: "values, dtype = unpack(ARGS, len(WRT), args, named)",
}
_SETTLE = {
    False: "values, dtype = settle(ARGS, args, named, DATA), None",
    True: "values, dtype = settle_vector(ARGS, len(WRT), args, named, DATA)",
}
_DATA_CHECKS = (
    data_harness.settle,
    data_harness.told_by_data,
    data_harness.places_of,
    data_harness.as_count,
    data_harness.spread_data,
    data_harness.cells_of,
    data_harness.checked_data,
    data_harness.run_data,
    data_harness.run_point,
    data_harness.settle_vector,
)
_NEEDS = {"scipy": "NumPy and SciPy"}
_DATA_CONTRACT = "\nThe last axis of data is their index; S is what stands before it."
_CONTRACTS = {
    ("numpy", False): "value, grad = f({args}): arrays that broadcast to one shape S",
    ("numpy", True): "value, grad = f(vector of WRT, {args}): arrays of one shape S",
    ("math", False): "value, grad = f({args}): floats in, floats out",
    ("math", True): "value, grad = f(vector of WRT, {args}): floats in, floats out",
}


def write_module(
    graph: Graph, kernel: Kernel, wrt: tuple[str, ...], backend: str
) -> str:
    """Write the source of the module; its function is called ``f``."""
    once = "once" if kernel.block_program.kept else "None"
    programs = [kernel.block_source]
    checks: list[Callable[..., Any]] = [harness.bind, harness.as_float]
    checks += [harness.refuse_masked, harness.as_real]
    checks += [harness.vector_of, harness.unpack, harness.spread, harness.claim]
    checks += [harness.run_blocks, harness.fill_blocks]
    if backend == "math":
        apart = textwrap.indent(kernel.block_source, "    ")
        programs = [_APART.format(source=apart, once=once), kernel.point_source]
        checks.append(harness.as_floats)
    call = _MATH_CALL if backend == "math" else _NUMPY_CALL
    unpack = _UNPACK[kernel.vector > 0]
    if kernel.tape.data:
        call = _MATH_DATA_CALL if backend == "math" else _DATA_CALL
        unpack = _SETTLE[kernel.vector > 0]
        checks += _DATA_CHECKS
    if kernel.tape.data or backend == "math":
        checks.append(harness.as_tuples)
    if kernel.reduce:
        checks.append(sum_harness.run_sums)
        call = call.replace("run_blocks(", "run_sums(")
        call = call.replace("SPARE)", repr(kernel.reduce) + ")")
    tail = ""
    if kernel.form is not None:
        checks += [form_harness.formed, form_harness.joined]
        call = call.replace("def f(", "def rows(")
        unpack = unpack.replace("len(WRT)", str(kernel.vector))
        tail = _formed_call(kernel.form)
    parts = [
        _head(graph, kernel, wrt, backend),
        *programs,
        *(inspect.getsource(check) for check in checks),
        call.format(
            unpack=unpack,
            once="once" if backend == "math" else once,
        )
        + tail,
    ]
    return "\n\n".join(part.strip("\n") + "\n" for part in parts)


def _formed_call(form: Form) -> str:
    """Write the function that puts the rows into the form that was asked for."""
    both = form.vectors
    return _FORMED_CALL.format(
        args="*args" if both is None else f"*joined(args, *{both}, ARGS)",
        by_sample=form.by_sample,
        sparse="csr_array" if form.sparse else None,
    )


def _shapes(form: Form) -> str:
    """Say of which shapes the results are."""
    shapes = []
    for _, _, lead, pattern in form.parts:
        sizes = [str(size) for size in lead]
        both = ["*S", *sizes] if form.by_sample else [*sizes, "*S"]
        shapes.append(f"{lead}, sparse" if pattern else f"({', '.join(both)})")
    return f";\nresults of the shapes {' and '.join(shapes)}."


def _head(graph: Graph, kernel: Kernel, wrt: tuple[str, ...], backend: str) -> str:
    outputs = ", ".join(graph.shown(o).name for o in graph.outputs[:MAX_SHOWN])
    rest = kernel.names[len(wrt) if kernel.vector else 0 :]
    names = ", ".join(rest[:12]) + (", …" if len(rest) > 12 else "")
    form = "math" if backend == "math" else "numpy"
    contract = _CONTRACTS[form, kernel.vector > 0].format(args=names)
    contract += ";\nvalue has shape S, grad (len(WRT), *S)." * (form == "numpy")
    if kernel.form is not None:
        contract = contract.partition(";")[0] + _shapes(kernel.form)
        contract = contract.replace("value, grad =", "results =")
        if kernel.form.vectors:
            contract = contract.replace("vector of WRT", "two vectors")
    elif kernel.reduce:
        contract = contract.replace(
            "value has shape S, grad (len(WRT), *S)",
            (f"the {kernel.reduce} over S: value is one number, grad has len(WRT)"),
        )
    if not wrt and kernel.form is None:
        contract = (
            contract.replace(", grad has len(WRT)", "")
            .replace("value, grad =", "value =")
            .replace(", grad (len(WRT), *S)", "")
        )
    sparse = kernel.form is not None and kernel.form.sparse
    package = "scipy" if sparse else kernel.package
    tables = [
        wrap("ARGS = [", [repr(name) for name in kernel.names], "]"),
        wrap("WRT = [", [repr(name) for name in wrt], "]"),
        f"SIZES = {kernel.sizes}",
        "SPARE = [], []",
    ]
    imports = _IMPORTS
    if kernel.form is not None:
        tables.append(f"PARTS = {kernel.form.parts}")
        if kernel.form.sparse:
            imports += "from scipy.sparse import csr_array\n"
    if kernel.tape.data:
        contract += _DATA_CONTRACT
        tables += [
            f"DATA = {kernel.tape.data}",
            f"MAX_CELLS, BLOCK_CELLS = {data_harness.MAX_CELLS}, "
            f"{data_harness.BLOCK_CELLS}",
        ]
    return _HEAD.format(
        title=_plain(f"{outputs} and its partials."),
        formula=_plain("\n".join(formula_lines(graph))),
        contract=_plain(contract),
        imports=imports,
        needs=_NEEDS.get(package, "Python's math and NumPy only"),
        tables="\n".join(tables),
    )


def formula_lines(graph: Graph) -> list[str]:
    """Write the stages of a graph, those that fit, as lines of a comment."""
    shown = graph.stages[:MAX_SHOWN]
    lines = [
        f"    {stage.label + ' = ' if stage.label else ''}{stage.symbol.name} = "
        f"{short(stage.expr, 200)}"
        for stage in shown
    ]
    if len(graph.stages) > len(shown):
        lines.append(f"    … and {len(graph.stages) - len(shown):,} more stages")
    return lines


def _plain(text: str) -> str:
    """Keep a user's names from ending the docstring."""
    return text.replace("\\", "\\\\").replace('"""', "'''")
