"""Generated programs compiled by other languages' own tools, and called from here.

Warnings are errors. Every program is called through its loop over a batch: C, C++,
Rust and Fortran as a shared library by ctypes, JavaScript by node with JSON.
"""

from __future__ import annotations

import ctypes
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TOOLS = {
    "c": "gcc",
    "c-header": "gcc",
    "c++": "g++",
    "javascript": "node",
    "rust": "rustc",
    "julia": "julia",
    "fortran": "gfortran",
}
WARN = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-O2", "-shared", "-fPIC"]
FLAGS = {
    "c": ["-std=c99", "-Wshadow", *WARN],
    "c++": ["-std=c++11", "-Wshadow", *WARN],
    "fortran": ["-std=f2018", *WARN, "-Wno-compare-reals"],
}
DOUBLES = ctypes.POINTER(ctypes.c_double)


def needs(language: str) -> None:
    """Skip a test whose tool is not there."""
    if shutil.which(TOOLS[language]) is None:
        pytest.skip(f"{TOOLS[language]} is not installed")


def run(command: Sequence[str], **options: Any) -> str:
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command[0]}: {done.stderr[-6000:]}"
    return done.stdout


def shapes(f: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes of the value and of the partials before the one of the samples."""
    form = f.kernel.form
    if form is not None:
        own = form.parts[0][2]
        return ((), own) if form.results == "gradient" else (own, ())
    outputs = (len(f.tape.values),) if f.kernel.listed else ()
    return outputs, (*outputs, len(f.wrt)) if f.wrt else ()


def parts(f: Any) -> list[str]:
    """The results that a program has."""
    form = f.kernel.form
    if form is not None:
        return ["grad"] if form.results == "gradient" else ["value"]
    return ["value", "grad"] if f.wrt else ["value"]


def compiled(functions: Sequence[Any], language: str, folder: Path) -> Any:
    """Compile functions as f_0, f_1, …; gives what calls one of them on arrays."""
    needs(language)
    names = [f"f_{k}" for k in range(len(functions))]
    if language == "javascript":
        for f, name in zip(functions, names, strict=True):
            f.save(folder / f"{name}.mjs", name)
        return lambda k, args: _node(functions[k], names[k], args, folder)
    library = folder / "library.so"
    _build(functions, names, language, folder, library)
    loaded = ctypes.CDLL(str(library))

    def call(k: int, args: Sequence[Any]) -> tuple[Any, Any]:
        prefix = "c_" if language in ("c-header", "c++", "rust") else ""
        return _foreign(
            functions[k], getattr(loaded, f"{prefix}{names[k]}_batch"), args
        )

    return call


def _build(
    functions: Sequence[Any],
    names: Sequence[str],
    language: str,
    folder: Path,
    library: Path,
) -> None:
    suffix = {"c": ".c", "c-header": ".h", "c++": ".hpp", "rust": ".rs"}
    files = []
    shims = []
    for f, name in zip(functions, names, strict=True):
        path = f.save(folder / f"{name}{suffix.get(language, '.f90')}", name)
        files.append(str(path))
        shims.append(_shim(f, name, language, path.name))
    if language == "c":
        check = "".join(f'#include "{name}.h"\n' for name in names)
        (folder / "headers.cpp").write_text(check)
        run(["g++", "-Wall", "-Wextra", "-fsyntax-only", str(folder / "headers.cpp")])
        run(["gcc", *FLAGS["c"], *files, "-o", str(library), "-lm"])
    elif language in ("c-header", "c++"):
        end = "c" if language == "c-header" else "cpp"
        source = folder / f"all.{end}"
        source.write_text("\n".join(shims))
        flags = FLAGS["c" if end == "c" else "c++"]
        run([TOOLS[language], *flags, str(source), "-o", str(library), "-lm"])
    elif language == "fortran":
        run(["gfortran", *FLAGS["fortran"], *files, "-o", str(library)], cwd=folder)
    else:
        source = folder / "all.rs"
        source.write_text("\n".join(shims))
        flags = ["--crate-type=cdylib", "-O", "-D", "warnings", "--edition=2021"]
        run(["rustc", *flags, str(source), "-o", str(library)])


def _shim(f: Any, name: str, language: str, file: str) -> str:
    """A function that ctypes can call, where the language does not give one."""
    arguments = list(f.args)
    head = f'#include "{file}"\n'
    count = len(arguments) - f.kernel.vector
    shared = [k - f.kernel.vector for k in f.tape.parameters]
    letters = [f"a{k}" for k in range(count)]
    vector = ["v"] * bool(f.kernel.vector)
    results = parts(f)
    kinds = ["double " if k in shared else "const double *" for k in range(count)]
    if language == "rust":
        value, grad = (int(np.prod(shape)) for shape in shapes(f))
        kinds = ["f64" if k in shared else "*const f64" for k in range(count)]
        items = [f"{v}: &[f64; {f.kernel.vector}]" for v in vector]
        items += [f"{x}: {kind}" for x, kind in zip(letters, kinds, strict=True)]
        items += [f"{r}: *mut f64" for r in results]
        given = list(vector)
        for k, x in enumerate(letters):
            given.append(x if k in shared else f"std::slice::from_raw_parts({x}, n)")
        sizes = {"value": value, "grad": grad}
        for r in results:
            given.append(f"std::slice::from_raw_parts_mut({r}, {sizes[r]} * n)")
        return (
            f'mod {name} {{ include!("{file}"); }}\n'
            f'#[no_mangle]\npub unsafe extern "C" '
            f"fn c_{name}_batch(n: usize, {', '.join(items)}) "
            f"{{ {name}::{name}_batch({', '.join(given)}) }}\n"
        )
    items = [f"const double *{v}" for v in vector]
    items += [kind + x for x, kind in zip(letters, kinds, strict=True)]
    items += [f"double *{r}" for r in results]
    given = ["n", *vector, *letters, *results]
    start = ""
    if language == "c++":
        start = 'extern "C" '
        if vector:
            size = f.kernel.vector
            given[1] = f"*(const std::array<double, {size}> *)v"
    prototype = f"{start}void c_{name}_batch(size_t n, {', '.join(items)})"
    body = f"{{ {name}_batch({', '.join(given)}); }}"
    return f"{head}{prototype};\n{prototype} {body}\n"


def _foreign(f: Any, function: Any, args: Sequence[Any]) -> tuple[Any, Any]:
    n = max((np.size(a) for a in args[bool(f.kernel.vector) :]), default=1)
    vector = f.kernel.vector
    given: list[Any] = [ctypes.c_size_t(n)]
    kept = []
    for k, arg in enumerate(args):
        place = k - bool(vector) + vector
        if place in f.tape.parameters and not (vector and k == 0):
            given.append(ctypes.c_double(float(arg)))
            continue
        array = np.array(arg, float)
        if not (vector and k == 0):
            array = np.ascontiguousarray(np.broadcast_to(array, (n,)))
        kept.append(array)
        given.append(array.ctypes.data_as(DOUBLES))
    outputs, rows = shapes(f)
    value, grad = np.full((*outputs, n), 77.0), np.full((*rows, n), 77.0)
    arrays = {"value": value, "grad": grad}
    given += [arrays[name].ctypes.data_as(DOUBLES) for name in parts(f)]
    function(*given)
    return value, grad


def _node(f: Any, name: str, args: Sequence[Any], folder: Path) -> tuple[Any, Any]:
    n = max((np.size(a) for a in args[bool(f.kernel.vector) :]), default=1)
    vector = f.kernel.vector
    given = []
    for k, arg in enumerate(args):
        place = k - bool(vector) + vector
        array = np.array(arg, float)
        is_vector = vector and k == 0
        if not is_vector and place not in f.tape.parameters:
            array = np.broadcast_to(array, (n,))
        given.append(np.vectorize(repr, otypes=[object])(array).tolist())
    script = (
        f"import * as m from './{name}.mjs';\n"
        "const read = (a) => Array.isArray(a) ? a.map(read) : "
        "({ inf: Infinity, '-inf': -Infinity, nan: NaN })[a] ?? Number(a);\n"
        f"const found = m.{name}_batch({n}, ...{json.dumps(given)}.map(read));\n"
        "const text = (x) => Object.is(x, -0) ? '-0' : String(x);\n"
        "const show = (a) => Array.from(a, text);\n"
        "console.log(JSON.stringify(found.value ? "
        "[show(found.value), show(found.grad)] : [show(found), []]));\n"
    )
    (folder / f"{name}_run.mjs").write_text(script)
    value, grad = json.loads(run(["node", f"{name}_run.mjs"], cwd=folder))
    outputs, rows = shapes(f)
    if parts(f) == ["grad"]:
        value, grad = [], value
    numbers = [np.array([float(x) for x in each]) for each in (value, grad)]
    if parts(f) == ["grad"]:
        return None, numbers[1].reshape((*rows, n))
    if parts(f) == ["value"]:
        return numbers[0].reshape((*outputs, n)), None
    return numbers[0].reshape((*outputs, n)), numbers[1].reshape((*rows, n))


def output_of(code: str, folder: Path) -> str:
    """What ``code`` prints beside a saved ``module.py``, without symgrad and SymPy."""
    head = "import sys; sys.path.insert(0, sys.argv[1]); import module\n"
    alone = "\nassert not {'symgrad', 'sympy'} & set(sys.modules)\n"
    ran = subprocess.run(
        [sys.executable, "-I", "-c", head + code + alone, str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.strip()
