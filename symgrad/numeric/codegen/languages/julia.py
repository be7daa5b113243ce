"""Julia: functions of real numbers, nothing beyond Base.

The one rule kept here: nothing throws where a value is not real; it is NaN, as in every
other language.
"""

from __future__ import annotations

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
abstract baremodule begin break catch const continue do else elseif end export false
finally for function global if import in isa let local macro module mutable outer
primitive quote return struct true try type using where while Inf NaN Base Core Main pi
im e n i k at row size length
""".split()
_NAMES = """
atan asinh cbrt ceil copysign cosh exp expm1 floor hypot sinh tanh
""".split()
_REAL = {
    **{"log": "u < 0", "log2": "u < 0", "log10": "u < 0", "sqrt": "u < 0"},
    **{"sin": "isinf(u)", "cos": "isinf(u)", "tan": "isinf(u)", "log1p": "u < -1"},
    **{"asin": "abs(u) > 1", "acos": "abs(u) > 1", "atanh": "abs(u) > 1"},
    "acosh": "u < 1",
}
_OWN = {
    name: f"{{name}}(u) = {test} ? NaN : {name}(u)" for name, test in _REAL.items()
} | {
    "pow": "{name}(u, v) = u < 0 && isfinite(v) && v != round(v) ? NaN : "
    "float(u)^float(v)",
    "fmod": "{name}(u, v) = isinf(u) ? NaN : rem(u, v)",
}


def _helper(header: Header) -> tuple[list[str], list[str]]:
    names = [name for name, _ in header.parameters]
    lines = [f"# {header.about}"] if header.about else []
    return [*lines, fill(f"function {header.name}(", names, ")")], ["end"]


def _tuple(codes: list[str]) -> str:
    return fill("(", codes, ",)" if len(codes) == 1 else ")")


def _point(p: Program) -> str:
    names = [*([p.vector[0]] if p.vector else []), *p.arguments]
    value = _tuple(list(p.values)) if p.listed else "".join(p.values)
    if p.variables:
        grad = _tuple([_tuple(list(row)) for row in p.rows] if p.listed else p.partials)
        value = f"{value}, {grad}" if p.values else grad
    head = fill(f"function {p.name}(", names, ")")
    lines = list(p.lines)
    if p.indexed is not None:
        lines = with_checks(lines, [_check(*each) for each in p.indexed.checks], p)
    return "\n".join([head, *indented([*lines, f"return {value}"]), "end"])


def _check(name: str, axis: int, length: str) -> str:
    told = f'throw(DimensionMismatch("{name} has another size"))'
    return f"size({name}, {axis + 1}) == {length} || {told}"


def _batch(p: Program) -> str:
    count = len(p.partials)
    results = ["value"] * bool(p.values) + ["grad"] * bool(count)
    left = ["at"] * bool(p.values) + ["row"] * bool(count)
    names = [*results, *([p.vector[0]] if p.vector else []), *p.arguments]
    given = [p.vector[0]] if p.vector else []
    given += [name if name in p.shared else f"{name}[i]" for name in p.arguments]
    inner = [fill(f"{', '.join(left)} = {p.name}(", given, ")")]
    if p.listed and p.values:
        inner += [f"for k in 1:{p.outputs}", "    value[i, k] = at[k]", "end"]
    elif p.values:
        inner.append("value[i] = at")
    if p.listed and count:
        inner += [f"for j in 1:{p.outputs}, k in 1:{p.variables}"]
        inner += ["    grad[i, k, j] = row[j][k]", "end"]
    elif count:
        inner += [f"for k in 1:{count}", "    grad[i, k] = row[k]", "end"]
    head = fill(f"function {p.name}_batch!(", names, ")")
    body = [f"for i in axes({results[0]}, 1)", *indented(inner), "end"]
    return "\n".join([head, *indented([*body, f"return {', '.join(results)}"]), "end"])


def _program(p: Program) -> str:
    doc = "\n".join(f"# {line}".rstrip() for line in p.doc)
    parts = ["\n".join(lines) for lines in p.helpers]
    shape = "value[i]" if not p.listed else "value[i, k]"
    written = [shape] * bool(p.values)
    if p.variables:
        written.append("grad[i, k, output]" if p.listed else "grad[i, k]")
    about = f"# For many points: {' and '.join(written)}"
    about += " are written, what varies is a vector."
    results = ["value"] * bool(p.values) + ["partials"] * bool(p.variables)
    first = f"# The {' and its '.join(results)} for one point."
    parts.append(f"{first}\n{_point(p)}")
    if p.indexed is None:
        parts.append(f"{about}\n{_batch(p)}")
    return "\n\n".join([doc, *parts]) + "\n"


JULIA = Language(
    name="julia",
    title="Julia",
    suffixes=(".jl",),
    reserved=frozenset((*_WORDS, *_NAMES, *_REAL, "abs", "round", "float", "rem")),
    functions={
        **{name: name for name in _NAMES},
        **{"fabs": "abs", "rint": "round", "atan2": "atan", "isfinite": "isfinite"},
        **{"whole_below": "floor", "ceiling": "ceil"},
    },
    own={**_OWN, **SUMS["julia"]},
    prefixed=True,
    base=1,
    knows_lengths=True,
    constants={
        **{"inf": "Inf", "nan": "NaN", "pi": "3.141592653589793"},
        **{"True": "true", "False": "false"},
    },
    forms={
        **dict.fromkeys(
            (
                *("declare", "variable", "declare_bool", "variable_bool", "assign"),
                *("declare_int", "variable_int"),
            ),
            "{name} = {value}",
        ),
        "return": "return {value}",
        "if": "if {test}",
        "else": "else",
        "end_if": "end",
        "while": "while {test}",
        "up": "for {name} in {low}:({end} - 1)",
        "down": "for {name} in {high}:-1:{low}",
        "end_loop": "end",
        "choose": "{0} ? {1} : {2}",
        "element": "{0}[{1} + 1]",
        "member": "{0}[begin + {1}]",
        "numbers": "{name} = (…)",
        "work": "{name} = zeros({size})",
        "table": "{0}",
        "length": "length({0})",
        "float": "{0}",
        "int": "Int({0})",
        "span": "for {name} in {low}:{high}",
        "span_down": "for {name} in {high}:-1:{low}",
        "place": "{0}[{1}]",
        "datum": "{0}[{1}, {2}]",
        "whole": "Int({0})",
        "do": "{call}",
        "to_add": "{0}",
        "to_added": "{0}",
        "table_of": "{name} = zeros(max({size}, 0))",
        "size": "size({0}, 1)",
        "columns": "size({0}, 2)",
    },
    operators={"and": " && ", "or": " || ", "not": "!"},
    function=_helper,
    program=_program,
)
