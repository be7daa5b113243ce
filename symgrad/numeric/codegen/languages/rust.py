"""Rust: plain functions of f64 and slices, nothing beyond the standard library.

The one rule kept here: nothing is allocated; a batch writes into slices that are given.
"""

from __future__ import annotations

from collections.abc import Sequence

from symgrad.numeric.codegen.languages.language import (
    Header,
    Language,
    Program,
    fill,
    indented,
    with_checks,
)
from symgrad.numeric.codegen.languages.sum_helpers import SUMS

_WORDS = """
abstract as async await become box break const continue crate do dyn else enum extern
false final fn for gen if impl in let loop macro match mod move mut override priv pub
ref return self static struct super trait true try type typeof union unsafe unsized use
virtual where while yield Self f64 f32 usize i i32 u8 bool str n at row std core assert
""".split()
_NAMES = """
acos asin atan atan2 cbrt ceil copysign cos cosh exp floor hypot log10 log2 sin
sinh sqrt tan tanh
""".split()
_ALLOW = "#[allow(non_snake_case, unused_variables, unused_parens, clippy::all)]"


def _helper(header: Header) -> tuple[list[str], list[str]]:
    items = []
    for name, kind in header.parameters:
        start = "mut " if kind.startswith("changed") else ""
        type_ = "&[f64]" if kind.endswith("floats") else "f64"
        items.append(f"{start}{name}: {type_}")
    lines = [f"/// {header.about}"] if header.about else []
    head = fill(f"fn {header.name}(", items, ") -> f64 {")
    return [*lines, _ALLOW, head], ["}"]


def _parameters(p: Program, batch: bool = False) -> list[str]:
    items = []
    if p.vector is not None:
        items.append(f"{p.vector[0]}: &[f64; {p.vector[1]}]")
    kinds = {"row": "&[f64]", "matrix": "&[Vec<f64>]", "count": "i64"}
    for name in p.arguments:
        if (own := p.kind(name)) in kinds:
            items.append(f"{name}: {kinds[own]}")
            continue
        many = batch and name not in p.shared
        items.append(f"{name}: {'&[f64]' if many else 'f64'}")
    return items


def _array(codes: Sequence[str]) -> str:
    return fill("[", codes, "]")


def _point(p: Program) -> str:
    kind = f"[f64; {p.outputs}]" if p.listed else "f64"
    value = _array(p.values) if p.listed else "".join(p.values)
    if p.variables:
        rows = f"[f64; {p.variables}]"
        grad = _array(p.partials)
        if p.listed:
            rows = f"[{rows}; {p.outputs}]"
            grad = "[" + ", ".join(_array(row) for row in p.rows) + "]"
        kind = f"({kind}, {rows})" if p.values else rows
        value = f"({value}, {grad})" if p.values else grad
    head = fill(f"pub fn {p.name}(", _parameters(p), f") -> {kind} {{")
    lines = list(p.lines)
    if p.indexed is not None:
        lines = with_checks(lines, [_check(*each) for each in p.indexed.checks], p)
    return "\n".join([_ALLOW, head, *indented([*lines, value]), "}"])


def _check(name: str, axis: int, length: str) -> str:
    if axis:
        return f"assert!({name}.iter().all(|row| row.len() as i64 == {length}));"
    return f"assert_eq!({name}.len() as i64, {length});"


def _batch(p: Program) -> str:
    count = len(p.partials)
    items = [*_parameters(p, True), *(["value: &mut [f64]"] if p.values else [])]
    items += ["grad: &mut [f64]"] * (count > 0)
    head = fill(f"pub fn {p.name}_batch(", items, ") {")
    size = f"value.len() / {p.outputs}" if p.listed else "value.len()"
    lines = [f"let n = {size if p.values else f'grad.len() / {count}'};"]
    for name in p.arguments:
        if name not in p.shared:
            lines.append(f"assert_eq!({name}.len(), n);")
    if count:
        lines.append(f"assert_eq!(grad.len(), {count} * n);")
    given = [p.vector[0]] if p.vector else []
    given += [name if name in p.shared else f"{name}[i]" for name in p.arguments]
    names = ("(at, row)" if p.values else "row") if count else "at"
    inner = [fill(f"let {names} = {p.name}(", given, ");")]
    if p.listed and p.values:
        inner += [f"for k in 0..{p.outputs} {{", "    value[k * n + i] = at[k];", "}"]
    elif p.values:
        inner.append("value[i] = at;")
    if count:
        part = f"row[k / {p.variables}][k % {p.variables}]" if p.listed else "row[k]"
        inner += [f"for k in 0..{count} {{", f"    grad[k * n + i] = {part};", "}"]
    lines += ["for i in 0..n {", *indented(inner), "}"]
    allow = "#[allow(non_snake_case, clippy::all)]"
    return "\n".join([allow, head, *indented(lines), "}"])


def _program(p: Program) -> str:
    doc = "\n".join(f"// {line}".rstrip() for line in p.doc)
    parts = ["\n".join(lines) for lines in p.helpers]
    arguments = "what varies is a slice of n numbers, and so is each output"
    about = [
        f"/// For n points: {arguments}",
        "/// and each partial, one after the other.",
    ]
    results = ["value"] * bool(p.values) + ["partials"] * bool(p.variables)
    first = f"/// The {' and its '.join(results)} for one point."
    parts.append(f"{first}\n{_point(p)}")
    if p.indexed is None:
        parts.append("\n".join(about) + "\n" + _batch(p))
    return "\n\n".join([doc, *parts]) + "\n"


RUST = Language(
    name="rust",
    title="Rust",
    suffixes=(".rs",),
    reserved=frozenset(_WORDS),
    functions={
        **{name: f"f64::{name}" for name in _NAMES},
        **{"log": "f64::ln", "log1p": "f64::ln_1p", "expm1": "f64::exp_m1"},
        **{"fabs": "f64::abs", "rint": "f64::round", "pow": "f64::powf"},
        **{"whole_below": "f64::floor", "ceiling": "f64::ceil"},
        **{"isfinite": "f64::is_finite", "fmod": "(({0}) % ({1}))"},
    },
    constants={
        **{"inf": "f64::INFINITY", "nan": "f64::NAN", "pi": "std::f64::consts::PI"},
        **{"True": "true", "False": "false"},
    },
    forms={
        "declare": "let {name} = {value};",
        "variable": "let mut {name} = {value};",
        "declare_bool": "let {name} = {value};",
        "variable_bool": "let mut {name} = {value};",
        "assign": "{name} = {value};",
        "return": "return {value};",
        "if": "if {test} {{",
        "else": "}} else {{",
        "end_if": "}}",
        "while": "while {test} {{",
        "up": "for {name} in {low}..{end} {{",
        "down": "for {name} in ({low}..={high}).rev() {{",
        "end_loop": "}}",
        "choose": "if {0} {{ {1} }} else {{ {2} }}",
        "element": "{0}[{1}]",
        "member": "{0}[{1}]",
        "numbers": "let {name}: [f64; {size}] = […];",
        "work": "let mut {name} = [0.0_f64; {size}];",
        "table": "&{0}",
        "length": "{0}.len()",
        "float": "({0} as f64)",
        "int": "({0} as usize)",
        "declare_int": "let {name} = {value};",
        "variable_int": "let mut {name} = {value};",
        "span": "for {name} in {low}..={high} {{",
        "span_down": "for {name} in ({low}..={high}).rev() {{",
        "place": "{0}[{1} as usize]",
        "datum": "{0}[{1} as usize][{2} as usize]",
        "whole": "(({0}) as i64)",
        "do": "{call};",
        "to_add": "&mut {0}",
        "to_added": "&{0}",
        "table_of": "let mut {name} = vec![0.0_f64; {guarded}.max(0) as usize];",
        "size": "{0}.len() as i64",
        "columns": "{0}.first().map_or(0, Vec::len) as i64",
    },
    operators={"and": " && ", "or": " || ", "not": "!"},
    own=SUMS["rust"],
    knows_lengths=True,
    function=_helper,
    program=_program,
)
