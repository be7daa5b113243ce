"""The options that commands share, and how their values are read.

The one rule kept here: a value is read in one place, and a bad one is named. Over 300
lines, as it is one list of options.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

import symgrad
from symgrad.errors import ArgumentValueError, short, unknown_name


def complete(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Complete a value in the shell from a table, loaded when it is asked for."""
    return lambda incomplete: [n for n in names() if n.startswith(incomplete)]


def examples(*lines: str) -> str:
    """Word the end of a help page: one command a line."""
    return "\n\n".join(("Examples:", *lines))


Source = Annotated[
    str,
    typer.Argument(
        metavar="FORMULA",
        help='The formula, such as "tanh(w*x + b)" or "y = u^2; u = x + 1".',
    ),
]
OptionalSource = Annotated[
    str | None,
    typer.Argument(
        metavar="FORMULA",
        help='The formula, such as "tanh(w*x + b)".',
        show_default=False,
    ),
]
OfNetwork = Annotated[
    str | None,
    typer.Option("--network", "-n", metavar="SIZES", help="A network instead: 2-2-1."),
]
Wrt = Annotated[
    list[str] | None,
    typer.Option(
        "--wrt",
        "-w",
        metavar="NAMES",
        help="Differentiate by these: one, or several parted by commas.",
        show_default="the parameters, else every variable",
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        help="text, markdown, latex, beamer, mathml, html, …",
        show_default="by the suffix of --output, else text",
        autocompletion=complete(lambda: symgrad.RENDERERS),
    ),
]
Language = Annotated[
    str | None,
    typer.Option(
        "--language",
        "-l",
        help="python, c, c-header, c++, javascript, rust, julia, fortran or llvm.",
        show_default="by the suffix of --output, else python",
        autocompletion=complete(lambda: symgrad.LANGUAGES),
    ),
]
Results = Annotated[
    str,
    typer.Option(
        "--results",
        help="What is computed: value, gradient or both.",
        autocompletion=complete(lambda: ("value", "gradient", "both")),
    ),
]
Rows = Annotated[
    str, typer.Option("--rows", help="One for each variable, or for each sample.")
]
Reduce = Annotated[
    str | None, typer.Option("--reduce", help="Give the sum or mean over the samples.")
]
Layout = Annotated[
    str,
    typer.Option(
        "--layout",
        help="Arguments by names, or the variables as one vector.",
        autocompletion=complete(lambda: ("names", "vector")),
    ),
]
Kind = Annotated[
    str,
    typer.Option(
        "--kind",
        "-k",
        help="neuron, network, stages or operations.",
        show_default="a network as one, else stages",
        autocompletion=complete(lambda: ("neuron", "network", "stages", "operations")),
    ),
]
PictureFormat = Annotated[
    str,
    typer.Option(
        "--format",
        "-f",
        help="svg, tikz or dot.",
        show_default="by the suffix of --output, else svg",
        autocompletion=complete(lambda: ("svg", "tikz", "dot")),
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to a file."),
]
Detail = Annotated[
    str,
    typer.Option(
        "--detail",
        "-d",
        help="brief, normal or full.",
        autocompletion=complete(lambda: ("brief", "normal", "full")),
    ),
]
Mode = Annotated[
    str,
    typer.Option(
        "--mode",
        "-m",
        help="Accumulate from the output (reverse) or from the variable (forward).",
        autocompletion=complete(lambda: ("reverse", "forward")),
    ),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="NUMBERS",
        help='A point, such as "x=1, w=0.5"; data of a sum are "x=[1, 2, 3]".',
    ),
]
Notation = Annotated[
    str,
    typer.Option(
        "--notation",
        help="textbook (d where one variable is left), notes (∂ and × throughout), or "
        "for networks the names of nielsen, bishop or goodfellow.",
        autocompletion=complete(
            lambda: ("textbook", "notes", "nielsen", "bishop", "goodfellow")
        ),
    ),
]
Views = Annotated[
    list[str] | None,
    typer.Option(
        "--view",
        "-v",
        metavar="NAME",
        help="chain rule, paths, reverse, forward, delta or weights; repeatable.",
        show_default="the chain rule, and tables where the detail has them",
        autocompletion=complete(
            lambda: ("chain rule", "paths", "reverse", "forward", "delta", "weights")
        ),
    ),
]
Method = Annotated[
    str,
    typer.Option(
        "--method",
        help='"chain rule", or logarithmic for products and powers.',
        autocompletion=complete(lambda: ("chain rule", "logarithmic")),
    ),
]
Form = Annotated[
    str,
    typer.Option(
        "--form",
        metavar="NAME",
        help="How results are written: short, factored, expanded, sech, …",
        autocompletion=complete(lambda: symgrad.FORMS),
    ),
]
Check = Annotated[
    bool, typer.Option("--check/--no-check", help="Recompute every equality.")
]
Activation = Annotated[
    str,
    typer.Option(
        "--activation",
        "-a",
        metavar="NAMES",
        help="tanh, logistic, relu, …; one, or one for each layer, parted by commas.",
        autocompletion=complete(lambda: symgrad.ACTIVATIONS),
    ),
]


Syntax = Annotated[
    str,
    typer.Option(
        "--syntax",
        help="How the formula is written: text or latex.",
        autocompletion=complete(lambda: symgrad.SYNTAXES),
    ),
]


def read_text(source: str, syntax: str) -> str:
    """Give a formula as symgrad's own text; of LaTeX, say on stderr what it means.

    >>> read_text("x^2", "text")
    'x^2'
    """
    if syntax not in symgrad.SYNTAXES:
        raise unknown_name("syntax", syntax, symgrad.SYNTAXES)
    text = symgrad.SYNTAXES[syntax](source)
    if text != source:
        typer.echo(f"understood: {text}", err=True)
    return text


def read_sizes(words: list[str]) -> list[int]:
    """Read the sizes of the layers.

    >>> read_sizes(["2", "2", "1"])
    [2, 2, 1]
    """
    for word in words:
        if not (word.isascii() and word.isdigit() and len(word) < 10):
            raise ArgumentValueError(
                f"layer size {short(word)} is not a whole number; "
                "expected sizes such as 2 2 1"
            )
    return [int(word) for word in words]


def split(text: str | None, sign: str = ",") -> list[str]:
    """Part a text at a sign and at spaces.

    >>> split("w, b c")
    ['w', 'b', 'c']
    """
    return [part.strip() for part in (text or "").replace(sign, " ").split()]


def read_names(wrt: list[str] | None) -> list[str] | None:
    """Read the names of one or several --wrt, each a list by commas."""
    return None if wrt is None else [name for part in wrt for name in split(part)]


def read_decimals(at: str | None) -> dict[str, Any] | None:
    """Read a point as ``read_numbers`` does; numbers stay the decimals they are.

    >>> read_decimals("x=0.1, y=[1, 2.5]")
    {'x': '0.1', 'y': ['1', '2.5']}
    """
    if read_numbers(at) is None:
        return None
    point: dict[str, Any] = {}
    for part in _PARTS.split(at or ""):
        name, _, number = (piece.strip() for piece in part.partition("="))
        if number.startswith("["):
            point[name] = json.loads(number, parse_int=str, parse_float=str)
        else:
            point[name] = number
    return point


def read_numbers(at: str | None) -> dict[str, Any] | None:
    """Read a point; data with an index are lists, as in JSON.

    >>> read_numbers("x=1, w=0.5")
    {'x': 1.0, 'w': 0.5}
    >>> read_numbers("x=[1, 2], w=[[0.5, 1], [2, 3]]")
    {'x': [1, 2], 'w': [[0.5, 1], [2, 3]]}
    """
    if at is None:
        return None
    point: dict[str, Any] = {}
    for part in _PARTS.split(at):
        name, sign, number = (piece.strip() for piece in part.partition("="))
        value = _value(number)
        if not sign or not name or value is None:
            raise ArgumentValueError(
                f"{short(part.strip())} in --at is not of the form x=0.5"
            )
        if name in point:
            raise ArgumentValueError(f"{short(name)} in --at is given twice")
        point[name] = value
    return point


def read_bounds(text: str | None) -> dict[str, tuple[float | None, float | None]]:
    """Read bounds of parameters; an open side is left empty.

    >>> read_bounds("A=0:, phi=-3.2:3.2")
    {'A': (0.0, None), 'phi': (-3.2, 3.2)}
    """
    found: dict[str, tuple[float | None, float | None]] = {}
    for part in text.split(",") if text else ():
        match = _BOUND.fullmatch(part.strip())
        try:
            if match is None:
                raise ValueError
            name, *sides = match.groups()
            low, high = (float(side) if side else None for side in sides)
        except ValueError:
            raise ArgumentValueError(
                f"{short(part.strip())} in --bounds is not of the form a=0:10, a=0: "
                "or a=:10"
            ) from None
        if name in found:
            raise ArgumentValueError(f"{short(name)} in --bounds is given twice")
        found[name] = low, high
    return found


_BOUND = re.compile(r"(\w+)\s*=\s*([^:=]*?)\s*:\s*([^:=]*)")
_PARTS = re.compile(r",(?=[^=,\[\]]*=)")
"""the commas between x=[1, 2] and w=3"""


def _value(text: str) -> Any:
    """A number, or a list of numbers or of lists; None for anything else."""
    try:
        value = json.loads(text) if text.startswith("[") else float(text)
    except (ValueError, RecursionError):
        return None
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, list):
            todo.extend(one)
        elif isinstance(one, bool) or not isinstance(one, int | float) or one != one:
            return None
    return value


def read_table(path: Path) -> dict[str, list[float]]:
    """Read a CSV file of numbers under a line of names.

    Raises ``ArgumentValueError`` for a file that cannot be read, and names the line
    of a row of another length and of what is no number.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "expected text in UTF-8"
        raise ArgumentValueError(
            f"cannot read {short(str(path))}: {reason.lower()}"
        ) from None
    sign = max(",;\t", key=text.partition("\n")[0].count)
    rows = csv.reader(text.splitlines(), delimiter=sign)
    header = [name.strip() for name in next(rows, [])]
    if len(set(header)) < len(header) or not all(header):
        raise ArgumentValueError(
            f"the first line of {short(str(path))} is {short(sign.join(header))}; "
            "expected the columns' names, each another"
        )
    table: dict[str, list[float]] = {name: [] for name in header}
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            raise ArgumentValueError(
                f"line {rows.line_num} of {short(str(path))} has {len(row)} cells, "
                f"the first line {len(header)}"
            )
        for name, cell in zip(header, row, strict=True):
            try:
                table[name].append(float(cell))
            except ValueError:
                raise ArgumentValueError(
                    f"line {rows.line_num} of {short(str(path))} has {short(cell)} in "
                    f"column {name!r}; expected a number"
                ) from None
    return table


def read_graph(
    source: str | None, sizes: str | None, syntax: str = "text"
) -> symgrad.Graph:
    """Read a formula, or a network given as ``2-2-1``."""
    if (source is None) == (sizes is None):
        raise ArgumentValueError("expected either a formula or --network 2-2-1")
    if source is not None:
        return symgrad.formula(read_text(source, syntax))
    return symgrad.network(read_sizes(split(sizes, "-")))


def word_mistake(error: Any) -> str:
    """Word a mistake in the command line itself as symgrad words its errors."""
    option = getattr(error, "option_name", None)
    context = getattr(error, "ctx", None)
    message = str(error.format_message()).strip().rstrip(".")
    if not message:
        return "expected a command"
    if message.startswith("No such command") and context is not None:
        name = next(iter(message.split("'")[1:2]), "")
        return str(unknown_name("command", name, context.command.commands))
    if message.startswith("No such option") and context is not None:
        known = [name for p in context.command.params for name in p.opts]
        wording = str(unknown_name("option", option, [k for k in known if k[0] == "-"]))
        if not str(option).startswith("--"):
            wording += "; put -- before a formula that begins with a minus"
        return wording
    way_out = f"; see {context.command_path} --help" if context is not None else ""
    return message[:1].lower() + message[1:] + way_out
