"""Programs for one point with data, compiled by other languages' own tools.

Warnings are errors. Every language is called with the same few arrays: the data of all
cases one after the other, their numbers of rows and columns, and the single numbers.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from toolchains import DOUBLES, FLAGS, TOOLS, needs, run

SIZES = ctypes.POINTER(ctypes.c_size_t)
KNOWS_LENGTHS = ("javascript", "rust", "julia")


@dataclass(frozen=True)
class Case:
    """A formula with data: what each argument is, and what the data tell.

    ``counts`` are the arguments that are whole numbers, ``lengths`` those of them that
    are the length of data, ``elements`` what is one of the data; ``strides`` the
    matrices whose number of columns nothing else tells.
    """

    function: Any
    given: Mapping[str, Any]
    counts: tuple[str, ...] = ()
    lengths: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    strides: tuple[str, ...] = ()

    def arguments(self, language: str) -> list[str]:
        dropped = {*self.elements}
        if language in KNOWS_LENGTHS:
            dropped |= {*self.lengths}
        vector = self.function.kernel.vector
        return [name for name in self.function.args[vector:] if name not in dropped]

    @property
    def data(self) -> list[str]:
        return [name for name in self.function.args if np.ndim(self.given.get(name, 0))]

    @property
    def numbers(self) -> list[str]:
        held = {*self.data, *self.elements}
        return [name for name in self.function.args if name not in held]


def compiled_points(cases: Sequence[Case], language: str, folder: Path) -> Any:
    """Compile the cases as f_0, f_1, …; gives what calls one of them."""
    needs(language)
    if language == "julia":
        return None
    names = [f"f_{k}" for k in range(len(cases))]
    suffix = {"c": ".c", "c-header": ".h", "c++": ".hpp", "rust": ".rs"}
    suffix |= {"javascript": ".mjs", "fortran": ".f90"}
    files = [
        case.function.save(folder / f"{name}{suffix[language]}", name)
        for case, name in zip(cases, names, strict=True)
    ]
    if language == "javascript":
        return lambda k: _node(cases[k], names[k], folder)
    library = folder / "library.so"
    if language == "rust":
        shims = [_rust(case, name) for case, name in zip(cases, names, strict=True)]
        (folder / "all.rs").write_text("\n".join(shims))
        flags = ["--crate-type=cdylib", "-O", "-D", "warnings", "--edition=2021"]
        run(["rustc", *flags, str(folder / "all.rs"), "-o", str(library)])
    else:
        _build(cases, names, language, folder, files, library)
    loaded = ctypes.CDLL(str(library))
    return lambda k: _foreign(cases[k], getattr(loaded, f"call_{names[k]}"), language)


def _build(
    cases: Sequence[Case],
    names: Sequence[str],
    language: str,
    folder: Path,
    files: Sequence[Path],
    library: Path,
) -> None:
    pairs = list(zip(cases, names, strict=True))
    end = "cpp" if language == "c++" else "c"
    shim = folder / f"all.{end}"
    heads = {"c": ".h", "c-header": ".h", "c++": ".hpp"}
    text = "#include <stddef.h>\n"
    for case, name in pairs:
        if language in heads:
            text += f'#include "{name}{heads[language]}"\n'
        text += _c_shim(case, name, language)
    shim.write_text(text)
    more = [str(file) for file in files] if language in ("c", "fortran") else []
    if language == "fortran":
        run(["gfortran", *FLAGS[language], "-c", *more], cwd=folder)
        more = [str(folder / f"{name}.o") for name in names]
    flags = FLAGS["c++" if end == "cpp" else "c"]
    tool = TOOLS["c++" if end == "cpp" else "c"]
    libraries = ["-lgfortran", "-lm"] if language == "fortran" else ["-lm"]
    run([tool, *flags, str(shim), *more, "-o", str(library), *libraries])


_ABI = (
    "const double *const *data, const size_t *rows, const size_t *columns, "
    "const double *numbers, const double *vector, double *value, double *grad"
)


def _c_shim(case: Case, name: str, language: str) -> str:
    f, given, kinds = case.function, [], []
    if f.kernel.vector:
        size = f.kernel.vector
        array = f"*(const std::array<double, {size}> *)vector"
        given.append(array if language == "c++" else "vector")
        kinds.append("const double *")
    for each in case.arguments(language):
        if each in case.data:
            place = case.data.index(each)
            given.append(f"data[{place}]")
            kinds.append("const double *")
            if each in case.strides and language != "fortran":
                given.append(f"(ptrdiff_t)columns[{place}]")
                kinds.append("ptrdiff_t")
            continue
        number = f"numbers[{case.numbers.index(each)}]"
        given.append(f"(ptrdiff_t){number}" if each in case.counts else number)
        kinds.append("ptrdiff_t" if each in case.counts else "double")
    unused = "".join(
        f"(void){each}; " for each in ("data", "rows", "columns", "numbers", "vector")
    )
    head = f"void call_{name}({_ABI})"
    text = head + ";\n"
    results = ["value", "grad"] if f.wrt else ["value"]
    if language == "c++":
        parts = "found.value", "found.grad"
        text = f'extern "C" {text}{head} {{ {unused}'
        call = f"const auto found = {name}({', '.join(given)}); "
        if not f.wrt:
            return text + call + "(void)grad; *value = found; }\n"
        copies = [
            f"__builtin_memcpy({r}, &{p}, sizeof {p}); "
            for r, p in zip(results, parts, strict=True)
        ]
        return text + call + "".join(copies) + "}\n"
    if language == "fortran":
        kinds += ["double *"] * len(results)
        text += f"void {name}({', '.join(kinds)});\n"
        body = f"{name}({', '.join([*given, *results])}); "
    elif f.kernel.listed:
        body = f"{name}({', '.join([*given, *results])}); "
    else:
        body = f"*value = {name}({', '.join([*given, *results[1:]])}); "
    return f"{text}{head} {{ {unused}(void)grad; {body}}}\n"


def _rust(case: Case, name: str) -> str:
    f, given = case.function, []
    if f.kernel.vector:
        given.append(f"&*(vector as *const [f64; {f.kernel.vector}])")
    for each in case.arguments("rust"):
        if each in case.data:
            k = case.data.index(each)
            row = f"std::slice::from_raw_parts(*data.add({k}), *rows.add({k}))"
            if np.ndim(case.given[each]) == 2:
                size = f"*rows.add({k}) * *columns.add({k})"
                row = f"&std::slice::from_raw_parts(*data.add({k}), {size})"
                row += f".chunks((*columns.add({k})).max(1))"
                row += ".map(|r| r.to_vec()).collect::<Vec<_>>()"
            given.append(row)
            continue
        number = f"*numbers.add({case.numbers.index(each)})"
        given.append(f"({number}) as i64" if each in case.counts else number)
    result = f"let found = {name}::{name}({', '.join(given)});"
    parts = "found.0", "found.1"
    if not f.wrt:
        parts = ("found", "0.0")
    stores = f"*(value as *mut _) = {parts[0]}; "
    if f.wrt:
        stores += f"*(grad as *mut _) = {parts[1]};"
    types = "data: *const *const f64, rows: *const usize, columns: *const usize, "
    types += "numbers: *const f64, vector: *const f64, value: *mut f64, grad: *mut f64"
    quiet = "let _ = (data, rows, columns, numbers, vector, grad);"
    return (
        f'mod {name} {{ include!("{name}.rs"); }}\n#[no_mangle]\n'
        f'pub unsafe extern "C" fn call_{name}({types}) '
        f"{{ {quiet} {result} {stores} }}\n"
    )


def _results(case: Case) -> tuple[Any, Any]:
    f = case.function
    outputs = (len(f.tape.values),) if f.kernel.listed else ()
    return np.full(outputs, 77.0), np.full((*outputs, len(f.wrt)), 77.0)


def _foreign(case: Case, call: Any, language: str) -> tuple[Any, Any]:
    arrays = [np.asarray(case.given[name], float) for name in case.data]
    order = "F" if language == "fortran" else "C"
    flat = [np.array(array.ravel(order=order)) for array in arrays]
    pointers = (DOUBLES * max(1, len(flat)))(*(a.ctypes.data_as(DOUBLES) for a in flat))
    rows = np.array([len(array) for array in arrays] or [0], np.uintp)
    columns = np.array([array.shape[-1] for array in arrays] or [0], np.uintp)
    numbers = np.array([case.given.get(n, 0.0) for n in case.numbers] or [0.0], float)
    vector = np.array(case.given.get("", [0.0]), float)
    value, grad = _results(case)
    call(
        pointers,
        rows.ctypes.data_as(SIZES),
        columns.ctypes.data_as(SIZES),
        *(each.ctypes.data_as(DOUBLES) for each in (numbers, vector, value, grad)),
    )
    return value, grad


def _node(case: Case, name: str, folder: Path) -> tuple[Any, Any]:
    f = case.function
    given = [list(case.given[""])] if f.kernel.vector else []
    given += [np.asarray(case.given[n]).tolist() for n in case.arguments("javascript")]
    script = (
        f"import {{ {name} }} from './{name}.mjs';\n"
        f"const found = {name}(...{json.dumps(given)});\n"
        "const text = (x) => Array.isArray(x) ? x.map(text) : String(x);\n"
        "const { value, grad } = found.grad ? found : { value: found, grad: [] };\n"
        "console.log(JSON.stringify([text(value), text(grad)]));\n"
    )
    (folder / f"{name}_run.mjs").write_text(script)
    value, grad = json.loads(run(["node", f"{name}_run.mjs"], cwd=folder))
    shapes = _results(case)
    numbers = (np.asarray(each, float).ravel() for each in (value, grad))
    return tuple(n.reshape(s.shape) for n, s in zip(numbers, shapes, strict=True))
