"""A compiled formula: what is called, what it tells of itself, how it is saved.

The one rule kept here: every back end keeps the same contract; a row of ``BACKENDS``
says only who computes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    check_name,
    check_path,
    short,
)
from symgrad.graph import Graph
from symgrad.numeric.availability import able_backend
from symgrad.numeric.codegen import languages
from symgrad.numeric.codegen.modules import write_module
from symgrad.numeric.cupy_arrays import cupy_call
from symgrad.numeric.dask_arrays import dask_call
from symgrad.numeric.exact_calls import EXACT
from symgrad.numeric.jax_arrays import jax_call
from symgrad.numeric.kernels import Kernel
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

        >>> import symgrad as sg
        >>> f = sg.lambdify("w*x + b", ["w", "b"], backend="numpy")
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

        >>> import symgrad as sg
        >>> source = sg.lambdify("w*x + b", "w").to_source("rust", "line")
        >>> print(*source.splitlines()[10:14], sep="\n")
        pub fn line(w: f64, x: f64, b: f64) -> (f64, [f64; 1]) {
            let y = w*x + b;
            (y, [x])
        }

        Raises ``UnknownNameError`` for a language, ``RuleError`` where it has no code
        for something in the formula.
        """
        check_name("language", language, LANGUAGES)
        _check_text(name)
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
        _check_text(name)
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


def _check_text(name: object) -> None:
    if not isinstance(name, str):
        raise ArgumentTypeError(
            f"name is {short(name)}; expected a text, what the function is called"
        )
