"""Fortran 2008: a module whose procedures C can call.

The one rule kept here: what C's mathematical library has and Fortran lacks (log1p,
expm1, cbrt) is called there, through the standard's binding to C.
"""

from __future__ import annotations

from collections.abc import Sequence

from symgrad.numeric.codegen.languages.fortran_lines import (
    MAX_LINE,
    broken,
    from_c,
)
from symgrad.numeric.codegen.languages.language import (
    Header,
    Indexed,
    Language,
    Program,
    indented,
)
from symgrad.numeric.codegen.languages.sum_helpers import SUMS

_WORDS = """
abstract allocatable allocate assign associate asynchronous backspace bind block call
case character class close codimension common complex contains contiguous continue
critical cycle data deallocate default deferred dimension do double else elseif
elsewhere end enddo endfile endif entry enum enumerator equivalence error exit extends
external final flush forall format function generic go goto if implicit import in
include inout inquire int integer intent interface intrinsic is kind len lock logical
module namelist none nopass nullify only open operator optional out parameter pass
pause pointer precision print private procedure program protected public pure read
real recursive result return rewind rewrite save select sequence stop subroutine sum
submodule sync target then to type unlock use value volatile wait where while write n
i k at row dp inf nan merge
""".split()
_NAMES = """
abs acos acosh aint anint asin asinh atan atan2 atanh ceiling cos cosh erf erfc exp
floor gamma hypot log log10 log_gamma mod real sign sin sinh sqrt tan tanh
""".split()


def _number(value: float) -> str:
    text = repr(value)
    if "e" in text:
        digits, power = text.split("e")
        text = f"{digits if '.' in digits else digits + '.0'}e{int(power)}"
    return f"{text}_dp"


def _list(before: str, items: Sequence[str], after: str) -> str:
    """Write a list in one line, which ``broken`` breaks."""
    return f"{before}{', '.join(items)}{after}"


def _type(kind: str) -> str:
    kinds = {"float": "real(dp)", "bool": "logical", "place": "integer"}
    return {**kinds, "int": "integer(c_size_t)"}[kind]


def _helper(header: Header) -> tuple[list[str], list[str]]:
    names = [name for name, _ in header.parameters]
    lines = [f"! {header.about}"] if header.about else []
    head = _list(f"pure function {header.name}(", names, ") result(found)")
    body = []
    for name, kind in header.parameters:
        if kind.endswith("floats"):
            body.append(f"real(dp), intent(in) :: {name}(0:)")
        else:
            body.append(f"real(dp), value :: {name}")
    body.append("real(dp) :: found")
    body += declarations(header.locals)
    return [*lines, *head.split("\n"), *indented(body)], ["end function"]


def declarations(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Declare local variables; a table of constants is one too."""
    lines = []
    for name, kind in dict.fromkeys(pairs):
        head, _, size = kind.partition(":")
        if head == "work":
            lines.append(f"real(dp) :: {name}(0:{int(size) - 1})")
        elif head == "table":
            lines.append(f"real(dp) :: {name}(0:{int(size) - 1})")
        elif head == "allocated":
            lines.append(f"real(dp), allocatable :: {name}(:)")
        else:
            lines.append(f"{_type(kind)} :: {name}")
    return lines


def _sized(name: str, sizes: Sequence[str]) -> str:
    return f"{name}({', '.join(sizes)})" if sizes else name


def _arguments(p: Program, batch: bool) -> tuple[list[str], list[str]]:
    """The names of the dummy arguments, and their declarations."""
    names, lines = [], []
    if batch:
        names.append("n")
        lines.append("integer(c_size_t), intent(in), value :: n")
    if p.vector is not None:
        names.append(p.vector[0])
        lines.append(f"real(dp), intent(in) :: {p.vector[0]}({p.vector[1]})")
    whole = "integer(c_size_t), intent(in), value"
    counts = [name for name in p.given if p.kind(name) == "count"]
    lines += [f"{whole} :: {name}" for name in counts]
    for name in p.given:
        many = batch and name not in p.shared
        names.append(name)
        if name in counts:
            continue
        if p.indexed is not None and name in p.indexed.data:
            lines.append(f"real(dp), intent(in) :: {name}({_shape(p.indexed, name)})")
            continue
        kind = "real(dp), intent(in)" + ("" if many else ", value")
        lines.append(f"{kind} :: {name}{'(n)' * many}")
    shape = [*(["n"] if batch else []), *([str(p.outputs)] if p.listed else [])]
    if p.values:
        names.append("val")
        lines.append(f"real(dp), intent(out) :: {_sized('val', shape)}")
    if p.variables:
        first = ["n"] if batch else []
        sizes = [*first, str(p.variables), *([str(p.outputs)] if p.listed else [])]
        names.append("grad")
        lines.append(f"real(dp), intent(out) :: {_sized('grad', sizes)}")
    return names, lines


def _shape(indexed: Indexed, name: str) -> str:
    """The lengths of data; of the last axis it need not be known."""
    sizes = [size or "*" for size in indexed.data[name]]
    if name in indexed.columns:
        sizes[0] = indexed.columns[name]
    return ", ".join(sizes)


def _subroutine(
    p: Program, batch: bool, lines: Sequence[str], own: Sequence[str]
) -> list[str]:
    name = f"{p.name}_batch" if batch else p.name
    names, declared = _arguments(p, batch)
    head = _list(f"pure subroutine {name}(", names, f') bind(c, name="{name}")')
    body = [*declared, *own, "", *lines]
    return [*head.split("\n"), *indented(body), "end subroutine"]


def _point(p: Program) -> list[str]:
    lines = [f"associate (unused => {n}); end associate" for n in p.unused]
    lines += p.lines
    for k, code in enumerate(p.values):
        lines.append(f"val{f'({k + 1})' * p.listed} = {code}")
    for j, row in enumerate(p.rows):
        for k, code in enumerate(row):
            place = f"{k + 1}, {j + 1}" if p.listed else f"{k + 1}"
            lines.append(f"grad({place}) = {code}")
    return _subroutine(p, False, lines, declarations(p.locals))


def _batch(p: Program) -> list[str]:
    own = ["integer(c_size_t) :: i"]
    given = [p.vector[0]] if p.vector is not None else []
    given += [name if name in p.shared else f"{name}(i)" for name in p.arguments]
    if p.values:
        given.append("val(i, :)" if p.listed else "val(i)")
    inner = []
    if p.listed and p.values:
        own.append(f"real(dp) :: at({p.outputs})")
        given[-1] = "at"
        inner.append("val(i, :) = at")
    if p.variables:
        shape = f"{p.variables}, {p.outputs}" if p.listed else str(p.variables)
        own.append(f"real(dp) :: row({shape})")
        given.append("row")
        inner.append(f"grad(i, :{', :' * p.listed}) = row")
    call = _list(f"call {p.name}(", given, ")")
    body = ["do i = 1, n", *indented([call, *inner]), "end do"]
    return _subroutine(p, True, body, own)


def _constants(p: Program) -> list[str]:
    bits = {"inf": "9218868437227405312", "nan": "9221120237041090560"}
    return [
        f"real(dp), parameter :: {name} = transfer({bits[name]}_int64, 1.0_dp)"
        for name in sorted(bits)
        if name in p.used
    ]


def _program(p: Program) -> str:
    constants = _constants(p)
    kinds = ["c_double, c_size_t", *(["int64"] if constants else [])]
    uses = [f"use, intrinsic :: iso_c_binding, only: {kinds[0]}"]
    names = [p.name, *([f"{p.name}_batch"] if p.indexed is None else [])]
    if constants:
        uses.append("use, intrinsic :: iso_fortran_env, only: int64")
    if "isfinite" in p.used:
        uses.append("use, intrinsic :: ieee_arithmetic, only: ieee_is_finite")
    head = [
        *(f"! {line}".rstrip() for line in p.doc),
        f"module {p.name}_gradient",
        *indented(uses),
        "    implicit none",
        "    private",
        f"    public :: {', '.join(names)}",
        "    integer, parameter :: dp = c_double",
        *indented(constants),
        *indented(from_c(p.used)),
        "contains",
    ]
    procedures = [["! The results for one point.", *_point(p)]]
    if p.indexed is None:
        about = "! The results for n points; what varies is an array."
        procedures.append([about, *_batch(p)])
    procedures += [list(each) for each in p.helpers]
    lines = list(head)
    for procedure in procedures:
        lines += [
            "",
            *indented([part for text in procedure for part in text.split("\n")]),
        ]
    lines += ["end module"]
    return "\n".join(each for line in lines for each in broken(line)) + "\n"


FORTRAN = Language(
    name="fortran",
    title="Fortran",
    suffixes=(".f90", ".f95", ".f03", ".f08"),
    reserved=frozenset((*_WORDS, *_NAMES, "val", "grad", "found", "unused")),
    functions={
        **{n: n for n in _NAMES if n not in ("sign", "mod", "floor", "ceiling")},
        **{"fabs": "abs", "copysign": "sign", "fmod": "mod", "lgamma": "log_gamma"},
        **{"rint": "anint", "pow": "({0})**({1})", "isfinite": "ieee_is_finite"},
        **{"floor": "c_floor", "whole_below": "c_floor", "ceiling": "c_ceil"},
        **{name: f"c_{name}" for name in ("log1p", "expm1", "cbrt", "log2")},
    },
    number=_number,
    ignores_case=True,
    prefixed=True,
    width=MAX_LINE,
    base=1,
    own=SUMS["fortran"],
    constants={
        **{"inf": "inf", "nan": "nan", "pi": "3.141592653589793_dp"},
        **{"True": ".true.", "False": ".false."},
    },
    forms={
        **dict.fromkeys(
            (
                *("declare", "variable", "declare_bool", "variable_bool", "assign"),
                *("declare_int", "variable_int"),
            ),
            "{name} = {value}",
        ),
        "return": "found = {value}\nreturn",
        "if": "if ({test}) then",
        "else": "else",
        "end_if": "end if",
        "while": "do while ({test})",
        "up": "do {name} = {low}, ({end}) - 1",
        "down": "do {name} = {high}, {low}, -1",
        "end_loop": "end do",
        "choose": "merge({1}, {2}, {0})",
        "element": "{0}({1})",
        "member": "{0}(1 + {1})",
        "numbers": "{name} = [real(dp) :: …]",
        "work": "{name} = 0.0_dp",
        "table": "{0}",
        "length": "size({0})",
        "float": "real({0}, dp)",
        "int": "int({0})",
        "span": "do {name} = {low}, {high}",
        "span_down": "do {name} = {high}, {low}, -1",
        "place": "{0}({1})",
        "datum": "{0}({1}, {2})",
        "whole": "int({0}, c_size_t)",
        "literal": "{0}_c_size_t",
        "do": "call {call}",
        "to_add": "{0}",
        "to_added": "{0}",
        "table_of": "allocate({name}({size}), source=0.0_dp)",
    },
    operators={
        **{"and": " .and. ", "or": " .or. ", "not": ".not. ", "!=": "/="},
    },
    function=_helper,
    program=_program,
)
