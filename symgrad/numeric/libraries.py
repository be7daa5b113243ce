"""Which back end can compute a tape, and what to install for it.

The one rule kept here: a function that a back end lacks is named before anything is
compiled, with the back ends that have it.
"""

from __future__ import annotations

from importlib.util import find_spec

from symgrad.errors import MissingPackageError, RuleError
from symgrad.numeric.codegen.dialects import DIALECTS
from symgrad.numeric.llvm.functions import has_no_code
from symgrad.numeric.tape import Tape

_AUTO = ("numpy", "scipy")
_ALL = (*DIALECTS, "llvm")
_PACKAGES = {
    "llvm": ("llvmlite", "llvmlite"),
    "jax": ("jax", "JAX"),
    "torch": ("torch", "PyTorch"),
    "cupy": ("cupy", "CuPy"),
}
"""back end -> its package, and the name that people know"""
_MOVING_ORDER = "polygamma of an order that is no number"
_FIXED_ORDERS = ("jax", "torch", "cupy")


def able_backend(tape: Tape, backend: str) -> str:
    """Give the back end asked for, or with ``"auto"`` the first that can do all.

    Raises ``RuleError`` where it lacks a function, ``MissingPackageError`` where its
    library is not installed.
    """
    chosen = backend
    if backend == "auto":
        chosen = next(name for name in _AUTO if not lacking(tape, name))
    missing = lacking(tape, chosen)
    if missing:
        able = [name for name in _ALL if not lacking(tape, name)]
        raise RuleError(
            f"the back end {chosen!r} has no code for {', '.join(missing)}; "
            f"use backend={' or '.join(map(repr, able))}"
        )
    if chosen in _PACKAGES:
        package, shown = _PACKAGES[chosen]
        if find_spec(package) is None:
            raise MissingPackageError(
                f"the back end {chosen!r} needs {shown}; "
                f"pip install 'symgrad[{chosen}]'"
            )
        return chosen
    library = DIALECTS[chosen].extra_library.partition(".")[0]
    if library and find_spec(library) is None:
        needed = lacking(tape, "numpy")
        what = ", ".join(needed) if needed else f"the back end {chosen!r}"
        raise MissingPackageError(f"{what} needs SciPy; pip install {library}")
    return chosen


def lacking(tape: Tape, backend: str) -> list[str]:
    """List the functions of a tape that a back end has no code for."""
    if backend == "llvm":
        return sorted({entry[0] for entry in tape.entries if has_no_code(entry[0])})
    dialect = DIALECTS.get(backend)
    lacks = dialect.lacks if dialect is not None else frozenset()
    found: set[str] = set()
    todo = [tape]
    while todo:
        inner = todo.pop()
        for entry in inner.entries:
            found.add(entry[0])
            if entry[0] == "polygamma" and backend in _FIXED_ORDERS:
                if inner.entries[entry[1]][0] != "constant":
                    found.add(_MOVING_ORDER)
            if entry[0] == "integral":
                todo.append(entry[1].tape)
    return sorted(found & {*lacks, _MOVING_ORDER})
