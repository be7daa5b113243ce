"""``sum(expr, i, 1, n)`` and ``product(expr, i, 1, n)`` as the parser closes them.

The one rule kept here: between the brackets ``i`` is the index and a name that ends in
``_i`` is a datum; outside them the text has no such name.
"""

from __future__ import annotations

from collections.abc import Sequence

from symgrad.errors import short
from symgrad.postfix import Instruction, Pending, State
from symgrad.tokens import Token

_ENDLESS = ("oo", "inf", "infinity", "∞")


def write_reduction(state: State, opened: Pending, token: Token, name: str) -> None:
    """Rewrite the names of the body, and drop the index as an operand."""
    if opened.size != 4:
        state.fail(
            opened.start,
            f"{name} takes 4 arguments, as in {name}(x_i^2, i, 1, n), not "
            f"{opened.size}",
        )
    upper = operand_start(state.out, len(state.out))
    lower = operand_start(state.out, upper)
    at = operand_start(state.out, lower)
    body = operand_start(state.out, at)
    step = state.out[at]
    if at != lower - 1 or step.op != "name" or "_" in step.value:
        state.fail(
            step.start,
            f"the second argument of {name} is its index, a plain name such as i",
        )
    index = step.value
    for bound in state.out[lower:]:
        if bound.value == index and bound.op in ("name", "index"):
            state.fail(bound.start, f"the index {index} stands in its own bound")
        if bound.op == "name" and bound.value in _ENDLESS:
            state.fail(bound.start, "an endless sum; expected a whole number or a name")
    state.out[body:] = [
        *(_indexed(state, each, index) for each in state.out[body:at]),
        *state.out[lower:],
    ]
    state.add("reduce", f"{name} {index}", 3, opened.start, token.end)


def operand_start(steps: Sequence[Instruction], end: int) -> int:
    """Where the operand begins whose last instruction is the one before ``end``."""
    wanted = 1
    while wanted:
        end -= 1
        wanted += steps[end].arity - 1
    return end


def _indexed(state: State, step: Instruction, index: str) -> Instruction:
    if step.op == "reduce" and step.value.split()[1] == index:
        state.fail(step.start, f"a sum over {index} within one; take another index")
    if step.op == "element" and index in step.value.split("_")[1:-1]:
        state.fail(
            step.start,
            f"{step.value} has two indices, which is not read; write the sums over "
            f"data of one index",
        )
    if step.op != "name":
        return step
    if step.value == index:
        return step._replace(op="index")
    base, _, last = step.value.rpartition("_")
    if last == index and base:
        return step._replace(op="element")
    return step


def uses_of(state: State) -> dict[str, int]:
    """The names of a formula with sums, each where it first stands; ``y`` for y_i."""
    uses: dict[str, int] = {}
    data: dict[str, int] = {}
    indices: dict[str, int] = {}
    for step in state.out:
        if step.op == "name":
            uses.setdefault(step.value, step.start)
        elif step.op == "element":
            base = step.value.rpartition("_")[0]
            data.setdefault(base, step.start)
            uses.setdefault(base, step.start)
        elif step.op in ("reduce", "integrate"):
            indices.setdefault(step.value.split()[1], step.start)
    names = {step.value for step in state.out if step.op == "name"}
    for name, start in data.items():
        if name in names:
            state.fail(
                start, f"{short(name)} has an index here and none elsewhere; rename one"
            )
    for name in names:
        if name.rpartition("_")[0] in data:
            state.fail(
                uses[name],
                f"{short(name)} may be one of the data {name.rpartition('_')[0]}_… "
                "here, or a name of its own; rename it",
            )
    for name, start in indices.items():
        if name in uses:
            state.fail(
                start,
                f"{short(name)} is bound here, by a sum or an integral, and a variable "
                "elsewhere; rename one",
            )
    return uses
