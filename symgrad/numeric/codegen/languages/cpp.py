"""C++: C++11, a header.

The one rule kept here: the code is that of C, but results are values of a type.
"""

from __future__ import annotations

from dataclasses import replace

from symgrad.numeric.codegen.languages.c import (
    CONSTANTS,
    FORMS,
    FUNCTIONS,
    WORDS,
    C,
    comment,
    contract,
    function,
    given,
    helper,
    parameters,
    results,
    stored,
)
from symgrad.numeric.codegen.languages.language import Program, fill, indented
from symgrad.numeric.codegen.languages.sum_helpers import SUMS


def _contract(p: Program) -> list[str]:
    lines = [f"{p.name}: one point."]
    names = ["value"] * bool(p.values) + ["grad"] * bool(p.variables)
    shape = " and ".join(names)
    if not p.values:
        lines[0] += " The result are the partials in that order."
    elif p.variables or p.listed:
        lines[0] += f" The result has {shape}, partials in that order."
    return [*lines, *contract(p)[1:]]


def _result(p: Program) -> tuple[str, str]:
    """The type of the results, and its definition."""
    value = f"std::array<double, {p.outputs}>" if p.listed else "double"
    if not p.variables:
        return value, ""
    rows = f"std::array<double, {p.variables}>"
    grad = f"std::array<{rows}, {p.outputs}>" if p.listed else rows
    if not p.values:
        return grad, ""
    fields = [f"    {value} value;", f"    {grad} grad;"]
    return f"{p.name}_result", "\n".join([f"struct {p.name}_result {{", *fields, "};"])


def _point(p: Program, kind: str) -> str:
    throws = p.indexed is not None and p.indexed.tables
    after = ")" if throws else ") noexcept"
    head = fill(f"inline {kind} {p.name}(", _parameters(p), after)
    lines = [f"(void){name};" for name in p.unused] + list(p.lines)
    target = "found.value" if p.variables else "found"
    if not p.variables and not p.listed:
        return function(head, [*lines, f"return {p.values[0]};"])
    lines.append(f"{kind} found;")
    grad = "found.grad" if p.values else "found"
    for k, code in enumerate(p.values):
        lines.append(f"{target}{f'[{k}]' * p.listed} = {code};")
    for j, row in enumerate(p.rows):
        for k, code in enumerate(row):
            lines.append(f"{grad}{f'[{j}]' * p.listed}[{k}] = {code};")
    return function(head, [*lines, "return found;"])


def _parameters(p: Program, pointer: str = "") -> list[str]:
    items = parameters(p, pointer, whole="std::ptrdiff_t")
    if p.vector is not None:
        name, size = p.vector
        items[0] = f"const std::array<double, {size}> &{name}"
    return items


def _batch(p: Program) -> str:
    items = ["std::size_t n", *_parameters(p, "__restrict")]
    head = fill(
        f"inline void {p.name}_batch(",
        [*items, *results("__restrict", p)],
        ") noexcept",
    )
    call = fill(f"const auto row = {p.name}(", given(p), ");")
    source = "row.value" if p.variables else "row"
    inner = [call]
    grad = "row.grad" if p.values else "row"
    if p.listed and p.values:
        inner += stored(p, source, "value", p.outputs)
    elif p.values:
        inner.append(f"value[i] = {source};")
    for j in range(p.outputs if p.variables else 0):
        for k in range(p.variables):
            place = j * p.variables + k
            row = "i" if place == 0 else f"{place}*n + i" if place > 1 else "n + i"
            part = f"{grad}{f'[{j}]' * p.listed}[{k}]"
            inner.append(f"grad[{row}] = {part};")
    loop = ["for (std::size_t i = 0; i < n; i++) {", *indented(inner), "}"]
    return function(head, loop)


def _program(p: Program) -> str:
    kind, definition = _result(p)
    heads = ["array", "cmath", "cstddef", "limits"]
    heads += ["vector"] * bool(p.indexed and p.indexed.tables)
    parts = [
        comment([*p.doc, "", *_contract(p)]),
        "\n".join(f"#include <{head}>" for head in heads),
        *(["\n".join(lines) for lines in p.helpers]),
        *([definition] if definition else []),
        _point(p, kind),
    ]
    if p.indexed is None:
        parts.append(_batch(p))
    mark = f"{p.name.upper()}_GRADIENT_HPP"
    head = f"#ifndef {mark}\n#define {mark}"
    return "\n\n".join([parts[0], head, *parts[1:], "#endif"]) + "\n"


_WHOLE = ("declare_int", "variable_int", "span", "span_down")
CPP = replace(
    C,
    name="c++",
    title="C++",
    suffixes=(".hpp", ".hh", ".hxx"),
    reserved=frozenset((*WORDS, "found", "array")),
    functions={name: f"std::{each}" for name, each in FUNCTIONS.items()},
    constants=CONSTANTS
    | {
        "inf": "std::numeric_limits<double>::infinity()",
        "nan": "std::numeric_limits<double>::quiet_NaN()",
        "True": "true",
        "False": "false",
    },
    forms={**FORMS, "declare_bool": "const bool {name} = {value};"}
    | {"variable_bool": "bool {name} = {value};"}
    | {"float": "static_cast<double>({0})", "int": "static_cast<int>({0})"}
    | {name: FORMS[name].replace("ptrdiff_t", "std::ptrdiff_t") for name in _WHOLE}
    | {"whole": "static_cast<std::ptrdiff_t>({0})"}
    | {"table_of": "std::vector<double> {name} = {table}({size});"},
    own=SUMS["c++"],
    function=lambda header: helper(header, "inline"),
    program=_program,
    companion=None,
)
