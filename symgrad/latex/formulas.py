"""LaTeX as the text that symgrad reads, every product and bracket written out.

The one rule kept here: what people read in two ways is refused with both readings.
Products without a sign bind like ``*``, but not after a slash; a function without
brackets takes one value (``\\sin 2x``); ``\\log`` is the natural logarithm; a name
before a bracket is a call for f, g, h, k, F, G, H, and a product only after ``\\,``.
Over 300 lines, as its functions call each other in one circle.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from symgrad.errors import ArgumentTypeError, short
from symgrad.latex.calls import mark_calls
from symgrad.latex.cases import read_cases
from symgrad.latex.checks import (
    check_beside,
    check_bracketed,
    check_styles,
    check_vectors,
    factorials,
    fail_bare,
    is_blank,
    is_bracketed,
)
from symgrad.latex.commands import DERIVATIVE, FENCES
from symgrad.latex.operators import read_operator
from symgrad.latex.rows import Row, close, read_name
from symgrad.latex.tokens import BOX, Token, fail, tokens_of
from symgrad.vocabulary import BARE, is_known

_VALUES = frozenset(
    "number letter letters function greek accent frac sqrt group cases operatorname "
    "bound big binom styled call".split()
)
_JOINTS = ("where", "with", "and")
_FENCES = {"lfloor": "floor", "lceil": "ceiling", "lvert": "abs"}


def plain_text(latex: str) -> str:
    """Give the text that a LaTeX formula means, as ``formula`` reads it.

    >>> plain_text(r"\\hat{y} = \\frac{x^2}{1+x}")  # doctest: +SKIP
    'y_hat = ((x^(2))/(1 + x))'

    Raises ``FormulaError`` with the column for what cannot be read, or can be read in
    two ways.
    """
    if not isinstance(latex, str):
        raise ArgumentTypeError(f"{short(latex)} is no text; expected LaTeX in a str")
    row = Row(latex, mark_calls(latex, tokens_of(latex)))
    check_styles(latex, row.tokens)
    check_vectors(latex, row.tokens)
    statements: list[str] = []
    while True:
        if statements and is_blank(row):
            break
        left = _expression(row)
        if row.take("="):
            left += " = " + _expression(row)
        statements.append(left)
        if not _is_parted(row):
            break
    row.skip_gaps()
    if row.peek().kind != "end":
        fail(latex, row.peek().start, f"unexpected {row.peek().text!r}")
    return "; ".join(statements)


def _is_parted(row: Row) -> bool:
    r"""Take what stands between two statements: ``;``, ``\\``, ``, \quad``, where."""
    is_comma = row.take(",")
    if not is_comma:
        row.take(".")
    is_wide = is_comma and row.peek().text in ("quad", "qquad")
    row.skip_gaps()
    if row.peek().kind == "text" and row.peek().text.strip(",:") in _JOINTS:
        row.at += 1
        return True
    return row.take(";") or row.take("\\\\") or is_wide


def _inner(row: Row, tokens: Sequence[Token], start: int) -> str:
    """Read a whole group."""
    inside = Row(row.text, tokens)
    found = _expression(inside) if tokens else ""
    inside.skip_gaps()
    if not tokens or inside.peek().kind != "end":
        what = "nothing" if not tokens else f"unexpected {inside.peek().text!r}"
        fail(row.text, inside.peek().start if tokens else start, f"{what} in braces")
    return found


def _expression(row: Row) -> str:
    """Read a sum."""
    found = ""
    row.skip_gaps()
    while True:
        sign = " + " if row.take("+") else " - " if row.take("-") else ""
        if found and not sign:
            return found
        if found or sign == " - ":
            found += sign if found else "-"
        found += _term(row)


def _term(row: Row) -> str:
    """Read a product; after a slash only one value may stand."""
    found, before = _factor(row, "")
    parts = [found]
    slashed = False
    while True:
        gap = row.skip_gaps()
        token = row.peek()
        if token.kind == "sign" and token.text in "*/":
            if before == "bare":
                fail_bare(row, token)
            row.at += 1
            negative = "-" if row.take("-") else ""
            slashed = token.text == "/"
            found, before = _factor(row, before)
            parts += [token.text, f"({negative}{found})" if negative else found]
        elif _starts(row, token):
            if slashed:
                fail(
                    row.text, token.start, "a/bc is read in two ways; use \\frac{a}{bc}"
                )
            check_beside(row, token, before, gap)
            found, before = _factor(row, before)
            parts += ["*", found]
        else:
            return "".join(parts)


def _starts(row: Row, token: Token) -> bool:
    if token.kind == "bound":
        return token.text in FENCES
    if token.kind == "sign":
        return token.text == "(" or (token.text == "|" and not row.bars)
    return token.kind in _VALUES


def _factor(row: Row, before: str) -> tuple[str, str]:
    """Read a value with its power; say what kind of value it was."""
    row.skip_gaps()
    token = row.peek()
    if not _starts(row, token):
        what = f"unexpected {token.text!r}" if token.kind != "end" else "the end"
        if token.kind == "infinity":
            what = "\\infty is no number"
        fail(row.text, token.start, f"{what}; expected a number, a name or a bracket")
    if _is_function(row, token):
        found, kind = _call(row)
        if kind == "bare":
            return found, kind
    else:
        found, kind = _value(row)
    marks = factorials(row)
    if marks:
        found, kind = f"{found if kind == 'number' else f'({found})'}{marks}", "group"
    power = _power(row)
    if not power:
        return found, kind
    if token.kind == "styled" and power in ("(T)", "(intercal)"):
        fail(row.text, token.start, "a transpose is not read; write a sum of products")
    base = found if re.fullmatch(r"\w+'*", found) else f"({found})"
    return f"{base}^{power}", "power" if kind == "name" else kind


def _is_function(row: Row, token: Token) -> bool:
    r"""Whether a function begins: \sin, \mathrm{erf}(…), \Gamma(…)."""
    if token.kind in ("function", "operatorname", "call"):
        return True
    after = row.peek(1)
    opens = after.kind == "sign" and after.text == "(" and after.parts != BOX
    return token.kind in ("letters", "text") and opens and is_known(token.text)


def _power(row: Row) -> str:
    token = row.peek()
    if token.kind != "script" or token.text != "^":
        return ""
    row.at += 1
    made = f"({_script(row)})"
    after = row.peek()
    if after.kind == "script":
        fail(row.text, after.start, "a second index or power; use braces")
    return made


def _script(row: Row) -> str:
    """The one token, or the group, that is set as a power."""
    token = row.peek()
    row.at += 1
    if token.kind == "group":
        check_bracketed(row, token)
        return _inner(row, token.parts, token.start)
    long = token.kind == "number" and len(token.text) > 1
    if token.kind not in ("number", "letter", "greek") or long:
        fail(row.text, token.start, "a power of several signs; put it in braces")
    return _value(Row(row.text, [token]))[0]


def _value(row: Row) -> tuple[str, str]:
    """Read one value without its power."""
    token = row.peek()
    row.at += 1
    match token.kind:
        case "number":
            return token.text, "number"
        case "letter" | "letters" | "greek" | "accent" | "styled":
            return _name(row, token)
        case "big":
            kind = "group" if token.text == "integral" else "bare"
            return read_operator(row, token, _expression, _term), kind
        case "binom":
            above, below = (_inner(row, part, token.start) for part in token.parts)
            return f"binomial({above}, {below})", "group"
        case "frac":
            top, bottom = (_inner(row, part, token.start) for part in token.parts)
            if re.match(r"d(\*|$|\^)", top) and re.match(r"d\*", bottom):
                fail(row.text, token.start, DERIVATIVE)
            return f"(({top})/({bottom}))", "frac"
        case "sqrt":
            return _root(row, token), "group"
        case "group":
            found = f"({_inner(row, token.parts, token.start)})"
            is_name = re.fullmatch(r"\([^\W\d]\w*'*\)", found) is not None
            return found, "name" if is_name else "group"
        case "cases":
            return read_cases(row, token, _expression), "group"
        case "bound":
            found = _expression(row)
            name = _FENCES[token.text]
            close(row, token, "bound", FENCES[token.text])
            return f"{name}({found})", "group"
    bars = row.bars
    row.bars = bars + 1 if token.text == "|" else 0
    found = _expression(row)
    row.bars = bars
    close(row, token, "sign", "|" if token.text == "|" else ")")
    return (f"abs({found})" if token.text == "|" else f"({found})"), "group"


def _root(row: Row, token: Token) -> str:
    degree, inside = token.parts
    found = _inner(row, inside, token.start)
    if degree is None:
        return f"sqrt({found})"
    order = _inner(row, degree, token.start)
    return f"cbrt({found})" if order == "3" else f"(({found})^(1/({order})))"


# Names


def _name(row: Row, token: Token) -> tuple[str, str]:
    """Read a name with its accents, indices and primes; or Euler's number."""
    if token.kind == "letters" and token.text in ("e", "d"):
        if token.text == "d":
            fail(row.text, token.start, DERIVATIVE)
        return f"exp{_power(row) or '(1)'}", "group"
    found = read_name(row, token)
    return found, "group" if found == "pi" else "name"


# Functions


def _call(row: Row) -> tuple[str, str]:
    """Read a function: its power or base, then brackets or one value."""
    token = row.peek()
    row.at += 1
    name = token.text
    power = base = ""
    while row.peek().kind == "script":
        is_power = row.peek().text == "^"
        row.at += 1
        made = _script(row)
        if is_power and made.startswith("-"):
            inverse = "the inverse" if token.kind == "call" else f"\\arc{name}"
            fail(
                row.text,
                token.start,
                f"{name}^{{{made}}} is the inverse or one over it; write {inverse} "
                f"or \\frac{{1}}{{{name} …}}",
            )
        power, base = (made, base) if is_power else (power, made)
    if base and name != "log":
        fail(row.text, token.start, f"{name} takes no index")
    row.skip_gaps()
    kind = "group"
    if row.peek().kind == "sign" and row.peek().text == "(":
        orders = [_inner(row, part, token.start) for part in token.parts]
        argument = ", ".join([*orders, _arguments(row)])
    elif row.peek().kind == "group" and is_bracketed(row.peek()):
        row.at += 1
        inside = Row(row.text, row.tokens[row.at - 1].parts)
        argument = _arguments(inside)
    elif name in ("max", "min") or (token.kind == "operatorname" and name not in BARE):
        fail(row.text, token.start, f"{name} needs brackets, as in {name}(x)")
    else:
        argument, kind = _bare(row, token), "bare"
    if base in ("2", "10"):
        name, base = f"log{base}", ""
    found = f"(log({argument})/log({base}))" if base else f"{name}({argument})"
    return (f"({found})^({power})" if power else found), kind


def _bare(row: Row, function: Token) -> str:
    """The argument of a function without brackets: x, x^2, 2x, a fraction."""
    token = row.peek()
    if not _starts(row, token) or token.kind in ("function", "operatorname"):
        fail(
            row.text, function.start, f"\\{function.text} needs an argument in brackets"
        )
    found, kind = _factor(row, "")
    row.skip_gaps()
    after = row.peek()
    if kind == "number" and after.kind in ("letter", "greek", "accent", "letters"):
        found += "*" + _factor(row, "")[0]
    return found


def _arguments(row: Row) -> str:
    """Read what stands in brackets, parted by commas."""
    opened = row.peek()
    row.at += 1
    bars, row.bars = row.bars, 0
    found = [_expression(row)]
    while row.take(","):
        found.append(_expression(row))
    row.bars = bars
    close(row, opened, "sign", ")")
    return ", ".join(found)
