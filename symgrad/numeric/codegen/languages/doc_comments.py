"""What the doc comment of a program says: the formula, its arguments, the results.

The one rule kept here: every order that a caller has to keep is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from symgrad.graph import Graph
from symgrad.numeric.codegen.languages.data_arguments import DataArguments
from symgrad.numeric.codegen.modules import formula_lines

if TYPE_CHECKING:
    from symgrad.numeric.kernels import Kernel

MAX_SHOWN = 12


def doc_comment(
    graph: Graph,
    kernel: Kernel,
    wrt: Sequence[str],
    arguments: Sequence[str],
    vector: tuple[str, int] | None,
    data: DataArguments | None,
) -> list[str]:
    """The doc comment: the formula, the arguments and the results in their order."""
    outputs = [graph.shown(o).name for o in graph.outputs]
    shown = _listed(outputs)
    lines = [f"{shown} and its partials." if wrt else f"{shown}.", ""]
    lines += [*formula_lines(graph), ""]
    pairs = list(zip(kernel.names, arguments, strict=True))
    told = data.told if data is not None else set()
    pairs = [p for k, p in enumerate(pairs) if k >= kernel.vector and k not in told]
    said = [n if n == a else f"{a} (for {n})" for n, a in pairs]
    if data is not None:
        for place, (_, identifier) in reversed([*enumerate(pairs)]):
            if identifier in data.columns:
                said.insert(place + 1, data.columns[identifier])
    if vector is not None:
        said = [f"{vector[0]} ({_listed(list(wrt))})", *said]
    lines.append(f"Arguments, in this order: {_listed(said)}.")
    lines += [] if data is None else data.about()
    if wrt:
        lines.append(f"Partials, in this order: by {_listed(list(wrt))}.")
    lines.append("Written by symgrad.")
    plain = ["".join(c if c.isprintable() else " " for c in line) for line in lines]
    return [part for line in plain for part in _wrapped(line)]


def _listed(names: Sequence[str]) -> str:
    more = f", … ({len(names) - MAX_SHOWN:,} more)" if len(names) > MAX_SHOWN else ""
    return ", ".join(names[:MAX_SHOWN]) + more


def _wrapped(line: str, width: int = 80) -> list[str]:
    if line.startswith(" "):
        return [line]
    lines = [""]
    for word in line.split(" "):
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines
