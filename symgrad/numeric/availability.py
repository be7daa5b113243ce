"""Which back end can compute a tape, and what to install for it.

The one rule kept here: a function that a back end lacks is named before anything is
compiled, with the back ends that have it.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.util import find_spec

from symgrad.errors import MissingPackageError, RuleError
from symgrad.numeric.codegen.dialects import DIALECTS
from symgrad.numeric.entries import INDEXED
from symgrad.numeric.llvm.data_sums import beyond
from symgrad.numeric.llvm.functions import has_no_code
from symgrad.numeric.nests import KEPT
from symgrad.numeric.tape import Tape

_AUTO = ("llvm", "numpy", "scipy")
LLVMLITE = (0, 45)
"""the first version with LLVM 20"""
MAX_AUTO = 20_000
"""operations; more are compiled to machine code only where that is asked for"""
_ALL = (*DIALECTS, "llvm", "mpmath", "sympy")
_PACKAGES = {
    "llvm": ("llvmlite", "llvmlite"),
    "jax": ("jax", "JAX"),
    "torch": ("torch", "PyTorch"),
    "cupy": ("cupy", "CuPy"),
    "dask": ("dask", "Dask"),
}
"""back end -> its package, and the name that people know"""
_MOVING_ORDER = "polygamma of an order that is no number"
_FIXED_ORDERS = ("jax", "torch", "cupy")


def able_backend(tape: Tape, backend: str) -> str:
    """Give the back end asked for, or with ``"auto"`` the first that can do all.

    Raises ``RuleError`` where it lacks a function, ``MissingPackageError`` where its
    package is not installed.
    """
    chosen = backend
    if backend == "auto":
        compiles = tape.operations <= MAX_AUTO and can_compile()
        names = _AUTO if compiles else _AUTO[1:]
        chosen = next(name for name in names if not lacking(tape, name))
    missing = lacking(tape, chosen)
    if missing:
        able = [name for name in _ALL if not lacking(tape, name)]
        named = [name for name in missing if name not in INDEXED] or missing
        raise RuleError(
            f"the back end {chosen!r} has no code for {', '.join(named)}; "
            f"use backend={' or '.join(map(repr, able))}"
        )
    if chosen == "llvm" and not can_compile():
        least = ".".join(map(str, LLVMLITE))
        raise MissingPackageError(
            f"the back end 'llvm' needs llvmlite {least} or later; "
            "pip install 'symgrad[llvm]'"
        )
    if chosen in ("mpmath", "sympy"):
        return chosen
    if chosen in _PACKAGES:
        package, shown = _PACKAGES[chosen]
        if not is_there(package):
            raise MissingPackageError(
                f"the back end {chosen!r} needs {shown}; "
                f"pip install 'symgrad[{chosen}]'"
            )
        return chosen
    package = DIALECTS[chosen].extra_module.partition(".")[0]
    if package and not is_there(package):
        needed = lacking(tape, "numpy")
        what = ", ".join(needed) if needed else f"the back end {chosen!r}"
        raise MissingPackageError(f"{what} needs SciPy; pip install {package}")
    return chosen


def is_there(package: str) -> bool:
    """Whether a package can be imported."""
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):  # it is blocked
        return False


@cache
def can_compile() -> bool:
    """Whether an llvmlite is installed whose LLVM reads what we write."""
    if not is_there("llvmlite"):
        return False
    numbers = version("llvmlite").split(".")[:2]
    return tuple(int(n) if n.isdigit() else 0 for n in numbers) >= LLVMLITE


def lacking(tape: Tape, backend: str) -> list[str]:
    """List the functions of a tape that a back end has no code for."""
    if backend == "llvm":
        absent = {entry[0] for entry in tape.entries if has_no_code(entry[0])}
        return sorted(absent.difference(KEPT, INDEXED).union(beyond(tape)))
    dialect = DIALECTS.get(backend)
    lacks = dialect.lacks if dialect is not None else frozenset()
    if backend == "sympy":
        lacks = frozenset(("integral",))
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
