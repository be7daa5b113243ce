"""The command that trains: a network and a table in, losses and weights out.

The one rule kept here: what is not said is as in ``symgrad.train``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

import symgrad
from symgrad.errors import ArgumentValueError, check_name
from symgrad.options import examples, read_sizes, read_table, split
from symgrad.terminal import write


def train(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A CSV file: names in line 1, then numbers."
        ),
    ],
    of_network: Annotated[
        str, typer.Option("--network", "-n", metavar="SIZES", help="Such as 2-2-1.")
    ],
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            "-y",
            metavar="COLUMNS",
            help="The targets; the other columns are the inputs.",
            show_default="the last columns, one for each output",
        ),
    ] = None,
    learning_rate: Annotated[
        float, typer.Option("--learning-rate", "-r", help="How far a step goes.")
    ] = 0.1,
    epochs: Annotated[
        int, typer.Option("--epochs", "-e", help="How often all samples are seen.")
    ] = 100,
    method: Annotated[
        str,
        typer.Option(
            "--method", "-m", help="gradient descent, momentum, adam, or SciPy's."
        ),
    ] = "gradient descent",
    batch_size: Annotated[
        int | None, typer.Option("--batch-size", "-b", help="Samples in a mini-batch.")
    ] = None,
    loss: Annotated[
        str, typer.Option("--loss", help="Such as mean_squared_error, huber.")
    ] = "mean_squared_error",
    activation: Annotated[
        str, typer.Option("--activation", "-a", help="Of the hidden layers.")
    ] = "tanh",
    output_activation: Annotated[
        str, typer.Option("--output-activation", help="Of the last layer.")
    ] = "identity",
    initial: Annotated[
        str, typer.Option("--initial", help="standard_normal, glorot or he.")
    ] = "glorot",
    seed: Annotated[int, typer.Option("--seed", "-s", help="Of the draws.")] = 0,
    shown: Annotated[
        int, typer.Option("--shown", help="Print so many updates in full.")
    ] = 0,
    patience: Annotated[
        int | None,
        typer.Option("--patience", help="Stop after so many epochs without a fall."),
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option("--checkpoint", help="A file to go on from.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Losses as .csv, all as .json, a plot as .svg."
        ),
    ] = None,
) -> None:
    """Train a network on a table of numbers, and print losses and weights.

    Columns are used as they are: bring them to similar sizes first.
    """
    sizes = read_sizes(of_network.split("-"))
    graph = symgrad.network(sizes, activation, output_activation, loss)
    data = _columns(table, sizes, target)
    if output is not None and output.suffix not in (".csv", ".json", *_PLOTS):
        raise ArgumentValueError(
            f"{output.name!r} has no known suffix; expected .csv, .json, "
            f"{', '.join(_PLOTS)}"
        )
    history = symgrad.train(
        *(graph, data, learning_rate),
        epochs=epochs,
        method=method,
        batch_size=batch_size,
        start=symgrad.initial_weights(graph, initial, seed),
        seed=seed,
        shown=shown,
        patience=patience,
        checkpoint=checkpoint,
        resume=resume,
    )
    write(str(history))
    for name, value in history.weights.items():
        write(f"{name} = {value:.10g}".replace("-", "−"))
    if output is not None and output.suffix in _PLOTS:
        history.plot(output)
    elif output is not None:
        history.save(output)


_PLOTS = (".svg", ".png", ".pdf")


def _columns(
    table: Path, sizes: list[int], target: str | None
) -> tuple[np.ndarray, np.ndarray]:
    columns = read_table(table)
    names = list(columns)
    targets = split(target) if target is not None else names[-sizes[-1] :]
    for name in targets:
        check_name("column", name, names)
    inputs = [name for name in names if name not in targets]
    if (len(inputs), len(targets)) != (sizes[0], sizes[-1]):
        raise ArgumentValueError(
            f"the table has {len(inputs)} inputs and {len(targets)} targets, the "
            f"network {sizes[0]} and {sizes[-1]}; name the targets with --target"
        )
    X, y = (
        np.array([columns[name] for name in each], dtype=float).T
        for each in (inputs, targets)
    )
    return X, y


EXAMPLES: dict[Callable[..., None], str] = {
    train: examples(
        "symgrad train data.csv --network 2-3-1 --learning-rate 0.3",
        "symgrad train data.csv -n 2-3-1 --method adam --shown 2 -o losses.svg",
    ),
}
"""command -> the end of its help page"""
