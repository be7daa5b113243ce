"""Commands for equations, matrices, differentials, numbers; how pages go out.

The one rule kept here: as in cli.py, a command calls ``symgrad``'s public names and
writes what they give. Over 300 lines, as every command names each of its options.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import mpmath
import typer

import symgrad
from symgrad.errors import check_name
from symgrad.options import (
    At,
    Check,
    Detail,
    Format,
    Mode,
    Notation,
    OfNetwork,
    OptionalSource,
    Output,
    Source,
    Syntax,
    Wrt,
    examples,
    read_bounds,
    read_decimals,
    read_graph,
    read_names,
    read_numbers,
    read_table,
    read_text,
)
from symgrad.terminal import page_width, print_page, save, write

Order = Annotated[
    int,
    typer.Option("--order", "-k", metavar="NUMBER", help="Differentiate this often."),
]
Equation = Annotated[
    str,
    typer.Argument(metavar="EQUATION", help='The equation, such as "x^2 + y^2 = 25".'),
]


def implicit(
    equation: Equation,
    of: Annotated[
        str, typer.Option("--of", metavar="NAME", help="What the equation defines.")
    ],
    wrt: Wrt = None,
    order: Order = 1,
    detail: Detail = "normal",
    at: At = None,
    notation: Notation = "textbook",
    format: Format = None,
    output: Output = None,
    syntax: Syntax = "text",
    check: Check = True,
) -> None:
    """Derive what an equation defines: both sides, collected, solved for dy/dx."""
    found = symgrad.implicit(read_text(equation, syntax), of, read_names(wrt), order)
    write_page(found, detail, at, notation, check, format, output)


def inverse(
    source: Source,
    wrt: Wrt = None,
    order: Order = 1,
    detail: Detail = "normal",
    at: At = None,
    notation: Notation = "textbook",
    format: Format = None,
    output: Output = None,
    syntax: Syntax = "text",
    check: Check = True,
) -> None:
    """Derive the inverse of a function: dy/dx is 1/(dx/dy)."""
    names = read_names(wrt)
    source = read_text(source, syntax)
    found = symgrad.inverse(source, names[0] if names else None, order)
    write_page(found, detail, at, notation, check, format, output)


def differential(
    source: Source,
    wrt: Wrt = None,
    along: Annotated[
        str | None,
        typer.Option(
            "--along", metavar="NUMBERS", help='A direction, such as "x=3, y=4".'
        ),
    ] = None,
    detail: Detail = "normal",
    at: At = None,
    notation: Notation = "textbook",
    format: Format = None,
    output: Output = None,
    syntax: Syntax = "text",
    check: Check = True,
) -> None:
    """Derive the total differential, or the derivative along a direction."""
    names = read_names(wrt)
    source = read_text(source, syntax)
    found: Any
    if along is None:
        found = symgrad.total_differential(source, names)
    else:
        parts = read_numbers(along) or {}
        found = symgrad.directional(source, parts, names)
    write_page(found, detail, at, notation, check, format, output)


def jacobian(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="FORMULA...", help='The functions, such as "p = x*y" "q = x + y".'
        ),
    ],
    wrt: Wrt = None,
    detail: Detail = "normal",
    mode: Mode = "reverse",
    at: At = None,
    notation: Notation = "textbook",
    format: Format = None,
    output: Output = None,
    syntax: Syntax = "text",
    check: Check = True,
) -> None:
    """Derive all partials of several functions: the Jacobian matrix."""
    texts = [read_text(source, syntax) for source in sources]
    source = texts[0] if len(texts) == 1 else texts
    found = symgrad.jacobian(source, read_names(wrt), mode)
    write_page(found, detail, at, notation, check, format, output)


def hessian(
    source: Source,
    wrt: Wrt = None,
    detail: Detail = "normal",
    at: At = None,
    notation: Notation = "textbook",
    format: Format = None,
    output: Output = None,
    syntax: Syntax = "text",
    check: Check = True,
) -> None:
    """Derive all second partials of a function: the Hessian matrix."""
    found = symgrad.hessian(read_text(source, syntax), read_names(wrt))
    write_page(found, detail, at, notation, check, format, output)


def tree(
    source: OptionalSource = None, of_network: OfNetwork = None, syntax: Syntax = "text"
) -> None:
    """Print the stages of a formula or a network as a tree."""
    write(str(read_graph(source, of_network, syntax)))


def evaluate(
    source: OptionalSource = None,
    of_network: OfNetwork = None,
    at: At = None,
    wrt: Wrt = None,
    digits: Annotated[
        int | None,
        typer.Option("--digits", metavar="NUMBER", help="So many right digits."),
    ] = None,
    syntax: Syntax = "text",
) -> None:
    """Compute the value and the partials at a point, on request to many digits.

    With --digits the numbers of the point are the decimals that are written.
    """
    graph = read_graph(source, of_network, syntax)
    outputs = [graph.shown(output).name for output in graph.outputs]
    backend = "numpy" if digits is None else "mpmath"
    f = symgrad.lambdify(graph, read_names(wrt), backend=backend, digits=digits)
    point = (read_numbers if digits is None else read_decimals)(at) or {}
    both = f(**point)
    value, grad = both if f.wrt else (both, ())
    values, rows = ([value], [grad]) if len(outputs) == 1 else (value, grad)
    sign = "d" if len(f.args) == 1 else "∂"
    for output, number in zip(outputs, values, strict=True):
        write(f"{output} = {_shown(number, digits)}")
    for output, row in zip(outputs, rows, strict=bool(f.wrt)):
        for name, number in zip(f.wrt, row, strict=bool(f.wrt)):
            write(f"{sign}{output}/{sign}{name} = {_shown(number, digits)}")


def _shown(number: Any, digits: int | None) -> str:
    if digits is None:
        return repr(float(number))
    text: str = mpmath.nstr(number, digits)
    return text


def fit(
    source: Source,
    table: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A CSV file: names in line 1, then numbers."
        ),
    ],
    start: Annotated[
        str | None,
        typer.Option(metavar="NUMBERS", help='First values, such as "a=1, b=0.5".'),
    ] = None,
    bounds: Annotated[
        str | None,
        typer.Option(metavar="RANGES", help='Limits, such as "a=0:, b=-3:3".'),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="The values to be fitted.",
            show_default="the formula's name",
        ),
    ] = None,
    sigma: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The values' standard deviations."),
    ] = None,
    loss: Annotated[
        str,
        typer.Option(
            help="linear, or robust: soft_l1, huber, cauchy, arctan.",
        ),
    ] = "linear",
    detail: Detail = "brief",
    format: Format = None,
    output: Output = None,
    syntax: Syntax = "text",
) -> None:
    """Fit the parameters of a formula to a table of data by least squares.

    Columns of the table that the formula does not name are not used.
    """
    graph = symgrad.formula(read_text(source, syntax))
    columns = read_table(table)
    names = {leaf.name for leaf in (*graph.inputs, *graph.parameters)}
    names |= {name for name in (target, sigma) if name is not None}
    names |= {graph.shown(output).name for output in graph.outputs}
    left = [name for name in columns if name not in names]
    if left:
        typer.echo(f"not used: {', '.join(left)}", err=True)
    used = {name: columns[name] for name in columns if name in names}
    found = symgrad.fit(
        *(graph, used, read_numbers(start)),
        bounds=read_bounds(bounds) or None,
        target=target,
        sigma=sigma,
        loss=loss,
    )
    if output is None and format is None:
        write(str(found))
    else:
        write_out(found.report(detail), format, output)


EXAMPLES: dict[Callable[..., None], str] = {
    implicit: examples(
        'symgrad implicit "x^2 + y^2 = 25" --of y --wrt x',
        'symgrad implicit "x^2 + y^2 = 25" --of y --wrt x --order 2 -o circle.html',
    ),
    inverse: examples('symgrad inverse "x = y + exp(y)" --order 2'),
    jacobian: examples(
        'symgrad jacobian "p = r*cos(t)" "q = r*sin(t)" --wrt r,t',
        'symgrad jacobian "p = x*y" "q = x + y" -o page.html',
    ),
    hessian: examples('symgrad hessian "x^2*sin(y)"'),
    evaluate: examples(
        'symgrad evaluate "tanh(w*x + b)" --at "w=0.5, x=2, b=0.1"',
        'symgrad evaluate "exp(x^2)" --at x=0.1 --digits 40',
    ),
    fit: examples(
        'symgrad fit "a*exp(-b*x) + c" data.csv',
        'symgrad fit "y = a*x + b" data.csv --sigma dy -o report.html',
    ),
    tree: examples("symgrad tree --network 2-2-2-1"),
    differential: examples(
        'symgrad differential "z = x^2*sin(y)"',
        'symgrad differential "z = x^2*y" --along "x=3, y=4"',
    ),
}
"""command -> the end of its help page"""


def write_page(
    source: Any,
    detail: str,
    at: str | None,
    notation: str,
    check: bool,
    format: str | None,
    output: Path | None,
    method: str = "chain rule",
    form: str = "short",
    views: list[str] | None = None,
) -> None:
    """Explain a source, and write the page in the format that was asked for."""
    if format is not None:
        check_name("format", format, symgrad.RENDERERS)
    page = symgrad.explain(
        source,
        detail=detail,
        at=read_numbers(at),
        notation=notation,
        check=check,
        method=method,
        form=form,
        views=views,
    )
    write_out(page, format, output)


def write_out(
    page: symgrad.Derivation, format: str | None, output: Path | None
) -> None:
    """Write a page to a file or the screen, in the format that was asked for."""
    if output is not None and format is None:
        save(output, lambda: page.save(output))
    elif output is not None:
        text = symgrad.render(page, format or "text")
        save(output, lambda: output.write_text(text, encoding="utf-8"))
    elif format in (None, "text"):
        print_page(symgrad.render(page, "text", width=page_width()))
    else:
        write(symgrad.render(page, format))


def write_gradient(
    source: str | symgrad.Graph,
    wrt: list[str] | None,
    detail: str,
    mode: str,
    at: str | None,
    notation: str,
    check: bool,
    format: str | None,
    output: Path | None,
    order: int | None = None,
    method: str = "chain rule",
    form: str = "short",
    views: list[str] | None = None,
) -> None:
    """Explain a gradient, or a derivative of some order, and write the page."""
    if order is not None:
        gradient = symgrad.derivative(source, read_names(wrt), order, mode)
    else:
        is_one = isinstance(source, str) or len(source.outputs) == 1
        work = symgrad.differentiate if is_one else symgrad.jacobian
        gradient = work(source, read_names(wrt), mode)
    look = (detail, at, notation, check, format, output, method, form)
    write_page(gradient, *look, views)
