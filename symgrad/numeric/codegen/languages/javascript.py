"""JavaScript: an ES module with JSDoc.

The one rule kept here: arrays are Float64Array, and a batch writes into given ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from symgrad.numeric.codegen.languages.c import comment
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
abstract arguments async await boolean break byte case catch char class const continue
debugger default delete do double else enum eval export extends false final finally
float for function get goto if implements import in instanceof int interface let long
native new null of package private protected public return set short static super switch
synchronized this throw throws transient true try typeof undefined var void volatile
while with yield Infinity NaN Math Number Array Float64Array Object n i at row
globalThis window Symbol
""".split()
_NAMES = """
acos acosh asin asinh atan atan2 atanh cbrt ceil cos cosh exp expm1 floor hypot log
log10 log1p log2 sin sinh sqrt tan tanh
""".split()
_POWER = """/** u to the power v, 1 where u is 1 or v is 0, as IEEE has it. */
function {name}(u, v) {
    return u === 1 || (u === -1 && Math.abs(v) === Infinity) ? 1 : Math.pow(u, v);
}"""
_COPYSIGN = """/** The size of u with the sign of v. */
function {name}(u, v) {
    return v < 0 || Object.is(v, -0) ? -Math.abs(u) : Math.abs(u);
}"""


def _helper(header: Header) -> tuple[list[str], list[str]]:
    lines = [f"/** {header.about} */"] if header.about else []
    names = [name for name, _ in header.parameters]
    return [*lines, fill(f"function {header.name}(", names, ") {")], ["}"]


def _doc(p: Program, batch: bool) -> str:
    array = "Float64Array"
    lines = [f"The value and its partials for {'n points' if batch else 'one point'}."]
    if batch:
        lines = ["The same for n points, one array after the other in the results.", ""]
        lines.append("@param {number} n")
    if not p.variables:
        lines[0] = lines[0].replace(" and its partials", "")
    if not p.values:
        lines[0] = lines[0].replace("value and its partials", "partials")
    if p.vector is not None:
        lines.append(f"@param {{ArrayLike<number>}} {p.vector[0]}")
    kinds = {
        "row": "ArrayLike<number>",
        "matrix": "ArrayLike<ArrayLike<number>>",
        "count": "number",
    }
    for name in p.arguments:
        if (kind := p.kind(name)) in kinds:
            lines.append(f"@param {{{kinds[kind]}}} {name}")
            continue
        one = "number" if not batch or name in p.shared else "ArrayLike<number>"
        lines.append(f"@param {{{one}}} {name}")
    if batch:
        lines += [f"@param {{{array}}} [value]"] * bool(p.values)
        lines += [f"@param {{{array}}} [grad]"] * (p.variables > 0)
    one = "number[]" if p.listed else "number"
    one, grad = (array, array) if batch else (one, "number[]")
    text = f"{{value: {one}, grad: {grad}}}" if p.variables else one
    if not p.values:
        text = grad
    lines.append(f"@returns {{{text}}}")
    return comment(lines, "/**")


def _function(head: str, lines: Sequence[str]) -> str:
    return "\n".join([head, *indented(lines), "}"])


def _point(p: Program) -> str:
    names = [*([p.vector[0]] if p.vector else []), *p.arguments]
    head = fill(f"export function {p.name}(", names, ") {")
    lines = [*p.lines]
    if p.indexed is not None:
        checks = [_check(*each) for each in p.indexed.checks]
        lines = with_checks(lines, checks, p)
    if not p.values:
        return _function(head, [*lines, fill("return [", p.partials, "];")])
    value = fill("[", p.values, "]") if p.listed else p.values[0]
    if not p.variables:
        return _function(head, [*lines, f"return {value};"])
    lines.append(f"const value = {value};")
    lines.append(fill("const grad = [", p.partials, "];"))
    return _function(head, [*lines, "return { value, grad };"])


def _check(name: str, axis: int, length: str) -> str:
    test = f"{name}.length !== {length}"
    if axis:
        test = f"Array.from({name}).some((row) => row.length !== {length})"
    told = "rows of another length" if axis else "another length"
    return f'if ({test}) throw new RangeError("{name} has {told}");'


def _batch(p: Program) -> str:
    count = len(p.partials)
    names = ["n", *([p.vector[0]] if p.vector else []), *p.arguments]
    if p.values:
        names.append(f"value = new Float64Array({f'{p.outputs} * ' * p.listed}n)")
    if count:
        names.append(f"grad = new Float64Array({count} * n)")
    head = fill(f"export function {p.name}_batch(", names, ") {")
    given = [p.vector[0]] if p.vector else []
    given += [name if name in p.shared else f"{name}[i]" for name in p.arguments]
    inner = [fill(f"const at = {p.name}(", given, ");")]
    source = "at.value" if count else "at"
    if p.listed and p.values:
        inner.append(
            f"for (let k = 0; k < {p.outputs}; k++) value[k * n + i] = {source}[k];"
        )
    elif p.values:
        inner.append(f"value[i] = {source};")
    if count:
        row = "at.grad" if p.values else "at"
        inner.append(f"for (let k = 0; k < {count}; k++) grad[k * n + i] = {row}[k];")
    lines = ["for (let i = 0; i < n; i++) {", *indented(inner), "}"]
    both = "{ value, grad }" if p.values else "grad"
    lines.append(f"return {both if count else 'value'};")
    return _function(head, lines)


def _program(p: Program) -> str:
    parts = [comment(p.doc, "/**")]
    parts += ["\n".join(lines) for lines in p.helpers]
    parts.append(f"{_doc(p, False)}\n{_point(p)}")
    if p.indexed is None:
        parts.append(f"{_doc(p, True)}\n{_batch(p)}")
    return "\n\n".join(parts) + "\n"


JAVASCRIPT = Language(
    name="javascript",
    title="JavaScript",
    suffixes=(".mjs", ".js"),
    reserved=frozenset(_WORDS),
    functions={
        **{name: f"Math.{name}" for name in _NAMES},
        **{"fabs": "Math.abs", "rint": "Math.round", "fmod": "({0} % {1})"},
        **{"whole_below": "Math.floor", "ceiling": "Math.ceil"},
        "isfinite": "Number.isFinite",
    },
    own={
        **{"pow": _POWER, "copysign": _COPYSIGN},
        **SUMS["javascript"],
    },
    knows_lengths=True,
    constants={
        **{"inf": "Infinity", "nan": "NaN", "pi": "Math.PI"},
        **{"True": "true", "False": "false"},
    },
    forms={
        **{"declare": "const {name} = {value};", "variable": "let {name} = {value};"},
        "declare_bool": "const {name} = {value};",
        "variable_bool": "let {name} = {value};",
        "assign": "{name} = {value};",
        "return": "return {value};",
        "if": "if ({test}) {{",
        "else": "}} else {{",
        "end_if": "}}",
        "while": "while ({test}) {{",
        "up": "for (let {name} = {low}; {name} < {end}; {name}++) {{",
        "down": "for (let {name} = {high}; {name} >= {low}; {name}--) {{",
        "end_loop": "}}",
        "choose": "{0} ? {1} : {2}",
        "element": "{0}[{1}]",
        "member": "{0}[{1}]",
        "numbers": "const {name} = […];",
        "work": "const {name} = new Array({size}).fill(0);",
        "table": "{0}",
        "length": "{0}.length",
        "float": "{0}",
        "int": "Math.trunc({0})",
        "declare_int": "const {name} = {value};",
        "variable_int": "let {name} = {value};",
        "span": "for (let {name} = {low}; {name} <= {high}; {name}++) {{",
        "span_down": "for (let {name} = {high}; {name} >= {low}; {name}--) {{",
        "place": "{0}[{1}]",
        "datum": "{0}[{1}][{2}]",
        "whole": "Math.trunc({0})",
        "do": "{call};",
        "to_add": "{0}",
        "to_added": "{0}",
        "table_of": "const {name} = {table}({size});",
        "size": "{0}.length",
        "columns": "({0}.length ? {0}[0].length : 0)",
    },
    operators={"and": " && ", "or": " || ", "not": "!", "==": "===", "!=": "!=="},
    function=_helper,
    program=_program,
)
