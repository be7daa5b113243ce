"""What a training leaves: losses, weights, updates; and its file, written whole or not.

The one rule kept here: a number is written so that reading gives it back bit for bit,
and a file is replaced only when its successor is on the disk.
"""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symgrad.descent import Update
from symgrad.errors import ArgumentValueError, short
from symgrad.plots import figure_of, saved


@dataclass(frozen=True)
class History:
    """A training: the loss before each update, and the weights at the end.

    ``losses`` has one number for each update (of its batch), ``epoch_losses`` the loss
    of all samples after each epoch. ``weights`` are the last, or where the training
    diverged those of the smallest loss. ``updates`` are the first steps in full.
    ``stopped`` says why it ended; ``diverged`` whether the loss grew beyond bounds.
    """

    losses: tuple[float, ...]
    epoch_losses: tuple[float, ...]
    weights: Mapping[str, float]
    stopped: str
    diverged: bool = False
    updates: tuple[Update, ...] = ()

    def __str__(self) -> str:
        first, last = (
            (self.epoch_losses[0], self.epoch_losses[-1])
            if self.epoch_losses
            else ("–", "–")
        )
        numbers = [x if isinstance(x, str) else f"{x:.6g}" for x in (first, last)]
        lines = [
            f"{_counted(len(self.losses), 'update')}, "
            f"{_counted(len(self.epoch_losses), 'epoch')}; "
            f"loss after the first {numbers[0]}, after the last {numbers[1]}",
            f"stopped: {self.stopped}",
            *(str(update) for update in self.updates),
        ]
        return "\n".join(lines)

    def plot(self, path: str | Path) -> None:
        """Draw the loss after each epoch, on a logarithmic axis; needs matplotlib."""
        figure = figure_of(6, 3.6)
        axes = figure.subplots()
        axes.plot(range(1, len(self.epoch_losses) + 1), self.epoch_losses)
        is_positive = all(loss > 0 for loss in self.epoch_losses)
        axes.set(
            xlabel="epoch", ylabel="loss", yscale="log" if is_positive else "linear"
        )
        saved(figure, path)

    @classmethod
    def load(cls, path: str | Path) -> History:
        """Read back what ``save`` wrote as ``.json``; the updates are not in it.

        Raises ``ArgumentValueError`` where the file is none.
        """
        try:
            told = json.loads(Path(path).read_text(encoding="utf-8"))
            return cls(
                tuple(map(float, told["losses"])),
                tuple(map(float, told["epoch_losses"])),
                {str(name): float(w) for name, w in told["weights"].items()},
                str(told["stopped"]),
                bool(told["diverged"]),
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ArgumentValueError(
                f"{short(str(path))} is no history of a training; save one as .json"
            ) from error

    def save(self, path: str | Path) -> None:
        """Write the losses as ``.csv`` (epoch, loss), or everything but the updates as
        ``.json``.

        Raises ``ArgumentValueError`` for another suffix.
        """
        target = Path(path)
        if target.suffix == ".json":
            told = {
                "losses": self.losses,
                "epoch_losses": self.epoch_losses,
                "weights": dict(self.weights),
                "stopped": self.stopped,
                "diverged": self.diverged,
            }
            write_whole(target, json.dumps(told))
        elif target.suffix == ".csv":
            text = io.StringIO()
            rows = csv.writer(text, lineterminator="\n")
            rows.writerow(["epoch", "loss"])
            rows.writerows(
                [k, repr(loss)] for k, loss in enumerate(self.epoch_losses, 1)
            )
            write_whole(target, text.getvalue())
        else:
            raise ArgumentValueError(
                f"{short(target.name)} has no known suffix; expected .csv or .json"
            )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def write_whole(target: Path, text: str) -> None:
    """Write a file beside the target, to the disk, then put it in its place."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_checkpoint(path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Read a checkpoint of a training with the same settings.

    Raises ``ArgumentValueError`` where it is none, or one of another training.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        known = found["settings"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArgumentValueError(
            f"{short(str(path))} is no checkpoint of a training; leave resume out to "
            "start anew"
        ) from error
    for name, value in settings.items():
        if known.get(name) != value:
            raise ArgumentValueError(
                f"the checkpoint {short(path.name)} has {name} = "
                f"{short(known.get(name))}, not {short(value)}; train with its "
                "settings, or start anew"
            )
    checkpoint: dict[str, Any] = found
    return checkpoint
