"""The ``symgrad`` command: the public door, from a shell.

The one rule kept here: a command only calls ``symgrad``'s public names and writes
what they give. A mistake of the user is one line on stderr and exit status 2. Over 300
lines, as every command names each of its options.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

import symgrad
from symgrad import exercise_commands, train_commands
from symgrad.commands import EXAMPLES, write_gradient
from symgrad.errors import SymgradError
from symgrad.options import (
    Activation,
    At,
    Check,
    Detail,
    Form,
    Format,
    Kind,
    Language,
    Layout,
    Method,
    Mode,
    Notation,
    OfNetwork,
    OptionalSource,
    Output,
    PictureFormat,
    Reduce,
    Results,
    Rows,
    Source,
    Syntax,
    Views,
    Wrt,
    examples,
    read_graph,
    read_names,
    read_numbers,
    read_sizes,
    read_text,
    split,
    word_mistake,
)
from symgrad.terminal import PIPE_CLOSED, save, write

_UsageError: type[Exception] = typer.BadParameter.__mro__[1]

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    name="symgrad",
    help="Derivatives of a formula or a small network: to read, to print, to run.",
    epilog=examples("symgrad notes --weight w_111"),
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status.

    >>> main(["code", "w*x + b", "--wrt", "w", "--backend", "math"])
    def point(w, x, b):
        y = w*x + b
        return y, (x,)
    0

    0 for success, 1 for a gradient check that failed, 2 for bad input (one line on
    stderr), 130 after Ctrl-C, 141 where the reader of a pipe has gone.
    """
    if not (sys.argv[1:] if arguments is None else arguments):
        arguments = ["--help"]
    try:
        status = app(arguments, prog_name="symgrad", standalone_mode=False)
        print(end="", flush=True)
    except SymgradError as error:
        return _fail(str(error))
    except _UsageError as error:
        return _fail(word_mistake(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return status if isinstance(status, int) else 0


def _fail(message: str) -> int:
    print(f"symgrad: error: {' '.join(message.split())}", file=sys.stderr)
    return BAD_INPUT


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"symgrad {symgrad.__version__}")
        raise typer.Exit()


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    pass


# The commands


@app.command(
    epilog=examples(
        "symgrad notes",
        "symgrad notes --weight w_111 -d full",
        "symgrad notes --view delta --notation nielsen",
        "symgrad notes -o notes.html",
    )
)
def notes(
    weight: Annotated[
        list[str] | None,
        typer.Option("--weight", "-w", help="One weight or bias.", show_default="all"),
    ] = None,
    detail: Detail = "normal",
    mode: Mode = "reverse",
    at: At = None,
    notation: Notation = "textbook",
    view: Views = None,
    format: Format = None,
    output: Output = None,
    check: Check = True,
) -> None:
    """Derive the notes' network: 2 inputs, 2 hidden neurons, 1 output, all tanh."""
    graph = symgrad.network([2, 2, 1])
    page = (detail, mode, at, notation, check, format, output)
    write_gradient(graph, weight, *page, views=view)


@app.command(
    epilog=examples(
        'symgrad derive "tanh(w*x + b)" --wrt w',
        'symgrad derive "x^2*sin(x)" --at x=2',
        'symgrad derive "z = x*y; y = x^2" --wrt x -o page.tex',
        'symgrad derive "x^2*sin(x)" --order 2',
        'symgrad derive "x^x" --method logarithmic',
    )
)
def derive(
    source: Source,
    wrt: Wrt = None,
    detail: Detail = "normal",
    mode: Mode = "reverse",
    order: Annotated[
        int | None,
        typer.Option("--order", "-k", metavar="NUMBER", help="Differentiate so often."),
    ] = None,
    method: Method = "chain rule",
    form: Form = "short",
    at: At = None,
    notation: Notation = "textbook",
    view: Views = None,
    format: Format = None,
    output: Output = None,
    syntax: Syntax = "text",
    check: Check = True,
) -> None:
    """Derive a formula step by step, every rule by its name."""
    page = (detail, mode, at, notation, check, format, output)
    text = read_text(source, syntax)
    write_gradient(text, wrt, *page, order=order, method=method, form=form, views=view)


@app.command(
    epilog=examples(
        "symgrad network 2 2 1 --wrt w_111",
        "symgrad network 2 2 2 1 --activation relu,relu,identity --detail brief",
    )
)
def network(
    sizes: Annotated[
        list[str], typer.Argument(help="The inputs, then the neurons of each layer.")
    ],
    activation: Activation = "tanh",
    output_activation: Annotated[
        str | None, typer.Option(help="Another activation for the last layer.")
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(help="A loss over the samples, such as mean_squared_error."),
    ] = None,
    ridge: Annotated[
        float | None, typer.Option(help="Strength of a penalty of squared weights.")
    ] = None,
    lasso: Annotated[
        float | None, typer.Option(help="Strength of a penalty of the weights' sizes.")
    ] = None,
    wrt: Wrt = None,
    detail: Detail = "normal",
    mode: Mode = "reverse",
    at: At = None,
    notation: Notation = "textbook",
    view: Views = None,
    format: Format = None,
    output: Output = None,
    check: Check = True,
) -> None:
    """Derive a network of any size, with the notes' names."""
    names = split(activation)
    chosen: str | list[str] = names[0] if len(names) == 1 else names
    given = {"ridge": ridge, "lasso": lasso}
    penalty = {name: size for name, size in given.items() if size is not None}
    graph = symgrad.network(
        read_sizes(sizes), chosen, output_activation, loss, penalty or None
    )
    page = (detail, mode, at, notation, check, format, output)
    write_gradient(graph, wrt, *page, views=view)


@app.command(
    epilog=examples(
        'symgrad code "tanh(w*x + b)"',
        "symgrad code --network 2-2-1 --results gradient --rows sample -o gradient.py",
        'symgrad code "tanh(w*x + b)" --wrt w -o gradient.c',
        'symgrad code "tanh(w*x + b)" --wrt w --language rust',
    )
)
def code(
    source: OptionalSource = None,
    of_network: OfNetwork = None,
    syntax: Syntax = "text",
    wrt: Wrt = None,
    language: Language = None,
    name: Annotated[
        str, typer.Option(help="The name of the function, in other languages.")
    ] = "f",
    backend: Annotated[
        str, typer.Option("--backend", "-b", help="numpy, math (floats) or llvm.")
    ] = "auto",
    results: Results = "both",
    rows: Rows = "variable",
    reduce: Reduce = None,
    layout: Layout = "names",
    output: Output = None,
) -> None:
    """Write source code for the value and the gradient, in the language of the suffix.

    A .py file is a module that runs without symgrad; on the screen stand the formulas.
    """
    graph = read_graph(source, of_network, syntax)
    names = read_names(wrt)
    function = symgrad.lambdify(
        graph, names, None, backend, layout, reduce, results, rows
    )
    if output is None:
        write(function.to_source(language or "python", name))
    else:
        save(output, lambda: function.save(output, name, language))


@app.command(
    epilog=examples(
        'symgrad check "tanh(w*x + b)"',
        'symgrad check "log(x)*y" --at "x=2, y=3"',
        "symgrad check --network 2-3-1",
    )
)
def check(
    source: OptionalSource = None,
    of_network: OfNetwork = None,
    syntax: Syntax = "text",
    wrt: Wrt = None,
    at: At = None,
) -> None:
    """Compare the compiled gradient with high-precision difference quotients.

    Exit status 1 where they disagree.
    """
    function = symgrad.lambdify(read_graph(source, of_network, syntax), read_names(wrt))
    report = symgrad.check_gradient(function, read_numbers(at))
    write(str(report))
    if not report.passed:
        raise typer.Exit(FAILED)


@app.command(
    epilog=examples(
        "symgrad draw --network 2-2-1 --wrt w_111 -o network.svg",
        'symgrad draw "tanh(w_1*x_1 + w_2*x_2 + b)" --kind neuron -o neuron.pdf',
        'symgrad draw "x*sin(x^2)" --kind operations --at x=2 --format tikz',
    )
)
def draw(
    source: OptionalSource = None,
    of_network: OfNetwork = None,
    syntax: Syntax = "text",
    wrt: Wrt = None,
    kind: Kind = "auto",
    at: At = None,
    format: PictureFormat = "svg",
    output: Output = None,
) -> None:
    """Draw a network or a formula as a picture, the paths of --wrt marked.

    The suffix of --output chooses the format: .svg, .tex, .dot, .png or .pdf.
    """
    picture = symgrad.draw(
        read_graph(source, of_network, syntax),
        read_names(wrt),
        kind=kind,
        at=read_numbers(at),
        format=format,
    )
    if output is None:
        write(picture)
    elif output.suffix:
        save(output, lambda: picture.save(output))
    else:
        save(output, lambda: output.write_text(picture, encoding="utf-8"))


for _command, _epilog in EXAMPLES.items():
    app.command(epilog=_epilog)(_command)
for _exercise, _epilog in exercise_commands.EXAMPLES.items():
    app.command(epilog=_epilog)(_exercise)

for _train, _epilog in train_commands.EXAMPLES.items():
    app.command(epilog=_epilog)(_train)
