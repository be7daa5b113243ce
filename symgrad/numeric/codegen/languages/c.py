"""C: C99, a source with its header, or a header alone.

The one rule kept here: a batch is a plain loop over ``restrict`` pointers that calls
the program for one point, so that a compiler may inline it and use vector registers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symgrad.numeric.codegen.languages.language import (
    Header,
    Language,
    Program,
    fill,
    indented,
)
from symgrad.numeric.codegen.languages.sum_helpers import SUMS

WORDS = """
alignas alignof and and_eq asm atomic_cancel auto bitand bitor bool break case catch
char char16_t char32_t char8_t class co_await co_return co_yield compl concept const
const_cast consteval constexpr constinit continue decltype default delete do double
dynamic_cast else enum explicit export extern false float for friend goto if inline int
long mutable namespace new noexcept not not_eq nullptr operator or or_eq private
protected public register reinterpret_cast requires restrict return short signed sizeof
static static_assert static_cast struct switch template this thread_local throw true try
typedef typeid typename typeof union unsigned using virtual void volatile wchar_t while
xor xor_eq I INFINITY NAN HUGE_VAL size_t std linux unix i n at row
acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2
expm1 fabs fdim floor fma fmax fmin fmod frexp gamma hypot ilogb isfinite isinf isnan
isnormal j0 j1 jn ldexp lgamma llrint llround log log10 log1p log2 logb lrint lround
modf nan nearbyint nextafter pow remainder remquo rint round scalbn signbit signgam sin
sinh sqrt tan tanh tgamma trunc y0 y1 yn abs div main errno assert index double_t
float_t M_PI M_E
""".split()
_NAMES = """
acos acosh asin asinh atan atan2 atanh cbrt copysign cos cosh erf erfc exp expm1 fabs
floor fmod hypot isfinite lgamma log log10 log1p log2 pow rint sin sinh sqrt tan tanh
""".split()
FUNCTIONS = {name: name for name in _NAMES}
FUNCTIONS |= {"gamma": "tgamma", "ceil": "ceil", "ceiling": "ceil"}
FUNCTIONS["whole_below"] = "floor"
FORMS = {
    "declare": "const double {name} = {value};",
    "variable": "double {name} = {value};",
    "declare_bool": "const {bool} {name} = {value};",
    "variable_bool": "{bool} {name} = {value};",
    "assign": "{name} = {value};",
    "return": "return {value};",
    "if": "if ({test}) {{",
    "else": "}} else {{",
    "end_if": "}}",
    "while": "while ({test}) {{",
    "up": "for (int {name} = {low}; {name} < {end}; {name}++) {{",
    "down": "for (int {name} = {high}; {name} >= {low}; {name}--) {{",
    "end_loop": "}}",
    "choose": "{0} ? {1} : {2}",
    "element": "{0}[{1}]",
    "member": "{0}[{1}]",
    "numbers": "static const double {name}[{size}] = {{…}};",
    "work": "double {name}[{size}] = {{0.0}};",
    "table": "{0}, {1}",
    "length": "{0}_count",
    "float": "(double){0}",
    "int": "(int)({0})",
    "unused": "(void){name};",
    "declare_int": "const ptrdiff_t {name} = {value};",
    "variable_int": "ptrdiff_t {name} = {value};",
    "span": "for (ptrdiff_t {name} = {low}; {name} <= {high}; {name}++) {{",
    "span_down": "for (ptrdiff_t {name} = {high}; {name} >= {low}; {name}--) {{",
    "place": "{0}[{1}]",
    "datum": "{0}[{1}*{3} + {2}]",
    "whole": "(ptrdiff_t)({0})",
    "do": "{call};",
    "to_add": "{0}",
    "to_added": "{0}",
    "table_of": "double *{name} = {table}({size});",
}
_OPERATORS = {"and": " && ", "or": " || ", "not": "!", "!=": "!="}
CONSTANTS = {
    **{"inf": "INFINITY", "nan": "NAN", "pi": "3.141592653589793"},
    **{"True": "1", "False": "0"},
}


def helper(header: Header, start: str) -> tuple[list[str], list[str]]:
    items = []
    for name, kind in header.parameters:
        if kind.endswith("floats"):
            items += [f"const double *{name}", f"int {name}_count"]
        else:
            items.append(f"double {name}")
    lines = [f"/* {header.about} */"] if header.about else []
    return [*lines, fill(f"{start} double {header.name}(", items, ")"), "{"], ["}"]


def comment(lines: Sequence[str], start: str = "/*", each: str = " *") -> str:
    """Write a block comment."""
    shown = [line.replace("*/", "* /").replace("/*", "/ *") for line in lines]
    body = [f"{each} {line}".rstrip() for line in shown]
    return "\n".join([start, *body, " */"])


def parameters(
    p: Program, pointer: str = "", row: bool = False, whole: str = "ptrdiff_t"
) -> list[str]:
    """The arguments, as numbers or, for a batch, as pointers where they vary."""
    items = []
    if p.vector is not None:
        items.append(f"const double {p.vector[0]}[{p.vector[1]}]")
    for name in p.given:
        kind = p.kind(name)
        if kind in ("row", "matrix"):
            items.append(f"const double *{name}")
        elif kind == "count":
            items.append(f"{whole} {name}")
        elif pointer and name not in p.shared:
            items.append(f"const double *{pointer} {name}")
        else:
            items.append(f"double {name}")
    if row and p.listed and p.values:
        items.append(f"double value[{p.outputs}]")
    if row and p.variables:
        items.append(f"double grad[{len(p.partials)}]")
    return items


def results(pointer: str, p: Program) -> list[str]:
    names = [*(["value"] if p.values else []), *(["grad"] if p.variables else [])]
    return [f"double *{pointer} {name}" for name in names]


def _point_head(p: Program, start: str) -> str:
    kind = "void" if p.listed or not p.values else "double"
    items = parameters(p, row=True) or ["void"]
    return fill(f"{start}{kind} {p.name}(", items, ")")


def _batch_head(p: Program, start: str) -> str:
    items = ["size_t n", *parameters(p, "restrict"), *results("restrict", p)]
    return fill(f"{start}void {p.name}_batch(", items, ")")


def _point(p: Program) -> list[str]:
    lines = [f"(void){name};" for name in p.unused]
    lines += p.lines
    if p.listed:
        lines += [f"value[{k}] = {code};" for k, code in enumerate(p.values)]
    lines += [f"grad[{k}] = {code};" for k, code in enumerate(p.partials)]
    tables = p.indexed.tables if p.indexed is not None else ()
    returns = p.values and not p.listed
    if tables and returns:
        lines.append(f"const double value = {p.values[0]};")
    lines += [f"free({name});" for name in tables]
    if not returns:
        return lines
    return [*lines, f"return {'value' if tables else p.values[0]};"]


def given(p: Program) -> list[str]:
    first = [p.vector[0]] if p.vector is not None else []
    return first + [name if name in p.shared else f"{name}[i]" for name in p.arguments]


def stored(p: Program, source: str, target: str, count: int) -> list[str]:
    if count <= 40:
        rows = ["i", "n + i", *(f"{k}*n + i" for k in range(2, count))]
        return [f"{target}[{rows[k]}] = {source}[{k}];" for k in range(count)]
    loop = f"for (size_t k = 0; k < {count}; k++) {{"
    return [loop, f"    {target}[k*n + i] = {source}[k];", "}"]


def _batch(p: Program) -> list[str]:
    """The loop over the samples."""
    inner = []
    args = given(p)
    if p.variables:
        inner.append(f"double row[{len(p.partials)}];")
    if p.listed and p.values:
        inner.append(f"double at[{p.outputs}];")
        args.append("at")
    if p.variables:
        args.append("row")
    call = fill(f"{p.name}(", args, ");")
    returns = p.values and not p.listed
    inner.append(f"value[i] = {call}" if returns else call)
    if p.listed and p.values:
        inner += stored(p, "at", "value", p.outputs)
    if p.variables:
        inner += stored(p, "row", "grad", len(p.partials))
    return ["for (size_t i = 0; i < n; i++) {", *indented(inner), "}"]


def function(head: str, lines: Sequence[str]) -> str:
    return "\n".join([head, "{", *indented(lines), "}"])


def contract(p: Program) -> list[str]:
    """What the doc comment says about the two functions."""
    lines = [f"{p.name}: one point."]
    if p.listed and p.values:
        lines[0] += f" value has the {p.outputs} outputs."
    if p.variables:
        rows = "one row for each output, " if p.listed else ""
        lines[0] += f" grad has {rows}{p.variables} partials in that order."
    if p.indexed is not None:
        return lines
    lines.append(f"{p.name}_batch: n points; what varies is an array of n numbers, and")
    lines.append("so is each output and each partial, one array after the other.")
    return lines


def _c(p: Program, static: str = "", guard: bool = False) -> str:
    helpers = ["\n".join(lines) for lines in p.helpers]
    memory = "\n#include <stdlib.h>" * bool(p.indexed and p.indexed.tables)
    parts = [
        comment([*p.doc, "", *contract(p)]),
        f"#include <math.h>\n#include <stddef.h>{memory}",
        *helpers,
        function(_point_head(p, static), _point(p)),
    ]
    if p.indexed is None:
        parts.append(function(_batch_head(p, static), _batch(p)))
    if guard:
        return _guarded(p, parts)
    return "\n\n".join(parts) + "\n"


def _guarded(p: Program, parts: list[str]) -> str:
    mark = f"{p.name.upper()}_GRADIENT_H"
    head = f"#ifndef {mark}\n#define {mark}"
    return "\n\n".join([parts[0], head, *parts[1:], "#endif"]) + "\n"


def _prototypes(p: Program) -> str:
    """The header beside a C source; C++ may include it too."""
    cpp = "#ifdef __cplusplus\n"
    items = ["size_t n", *parameters(p, "SYMGRAD_RESTRICT")]
    items += results("SYMGRAD_RESTRICT", p)
    if p.indexed is not None:
        head = f'{cpp}extern "C" {{\n#endif'
        end = f"{cpp}}}\n#endif"
        about = comment([*p.doc, "", *contract(p)])
        middle = _point_head(p, "") + ";"
        return _guarded(p, [about, "#include <stddef.h>", head, middle, end])
    parts = [
        comment([*p.doc, "", *contract(p)]),
        "#include <stddef.h>",
        f"{cpp}#define SYMGRAD_RESTRICT\n"
        f'extern "C" {{\n#else\n#define SYMGRAD_RESTRICT restrict\n#endif',
        _point_head(p, "") + ";",
        fill(f"void {p.name}_batch(", items, ")") + ";",
        f"#undef SYMGRAD_RESTRICT\n{cpp}}}\n#endif",
    ]
    return _guarded(p, parts)


C = Language(
    name="c",
    title="C",
    suffixes=(".c",),
    reserved=frozenset(WORDS),
    functions=FUNCTIONS,
    constants=CONSTANTS,
    forms={**FORMS, "declare_bool": "const int {name} = {value};"}
    | {"variable_bool": "int {name} = {value};"},
    operators=_OPERATORS,
    own=SUMS["c"],
    function=lambda header: helper(header, "static inline"),
    program=_c,
    prefixed=True,
    companion=(".h", _prototypes),
)
C_HEADER = replace(
    C,
    name="c-header",
    title="C",
    suffixes=(".h",),
    program=lambda p: _c(p, "static inline ", guard=True),
    companion=None,
)
