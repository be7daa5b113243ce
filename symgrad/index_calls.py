"""``sum(expr, i, 1, n)`` and ``product(expr, i, 1, n)`` as the parser closes them.

The one rule kept here: between the brackets ``i`` is the index and a name that ends in
``_i`` is a datum; outside them the text has no such name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    if step.op == "name" and step.value == index:
        return step._replace(op="index")
    if step.op not in ("name", "element"):
        return step
    name, *places = step.value.split()
    base, *parts = name.split("_")
    of_index = [cut_shift(part)[0] == index for part in parts]
    first = of_index.index(True) if True in of_index else len(parts)
    places = [*(f"?{part}" for part in parts[first:]), *places]  # ? is not bound yet
    bound = [place.startswith("?") and _letter(place) == index for place in places]
    if not any(bound):
        return step
    places = [p[1:] if own else p for p, own in zip(places, bound, strict=True)]
    return step._replace(
        op="element", value=" ".join(["_".join([base, *parts[:first]]), *places])
    )


def _letter(place: str) -> str:
    return cut_shift(place.removeprefix("?"))[0]


def cut_shift(place: str) -> tuple[str, int]:
    """Part i+1 into its letter and its shift.

    >>> cut_shift("i+1"), cut_shift("i-12"), cut_shift("i")
    (('i', 1), ('i', -12), ('i', 0))
    """
    for sign in "+-":
        letter, found, shift = place.partition(sign)
        if found:
            return letter, int(found + shift)
    return place, 0


def _closed(state: State, place: int, step: Instruction) -> str:
    """Give the name of some data, when all sums are closed; 3 is a place of its own."""
    base, *places = step.value.split()
    for each in places:
        if each.startswith("?") and not each[1:].isdigit():
            shown = f"{base}_{{{','.join(p.removeprefix('?') for p in places)}}}"
            state.fail(
                step.start, f"{shown} has the index {each[1:]}, which no sum has"
            )
    value = " ".join([base, *(each.removeprefix("?") for each in places)])
    state.out[place] = step._replace(value=value)
    return base


def _join_rows(state: State, data: dict[str, int], uses: dict[str, int]) -> None:
    """Read a_{1,i} beside a_{i,j} as one of these, not as data named a_1."""
    for place, step in enumerate(state.out):
        base, _, row = (
            step.value.split()[0].rpartition("_") if step.value else ("",) * 3
        )
        if step.op == "element" and row.isdigit() and base in data:
            value = " ".join([base, row, *step.value.split()[1:]])
            state.out[place] = step._replace(value=value)
            data.pop(f"{base}_{row}", None)
            uses.pop(f"{base}_{row}", None)


def check_places(state: State, uses: Mapping[str, int]) -> None:
    """Refuse x_{i+1} where no sum runs over i."""
    for name, start in uses.items():
        if "+" in name or "-" in name:
            base, _, place = name.rpartition("_")
            state.fail(
                start,
                f"{base}_{{{place}}} is a datum of a sum over {cut_shift(place)[0]}, "
                "and none is around it",
            )


def uses_of(state: State) -> dict[str, int]:
    """The names of a formula with sums, each where it first stands; ``y`` for y_i."""
    uses: dict[str, int] = {}
    data: dict[str, int] = {}
    indices: dict[str, int] = {}
    for place, step in enumerate(state.out):
        if step.op == "name":
            uses.setdefault(step.value, step.start)
        elif step.op == "element":
            base = _closed(state, place, step)
            data.setdefault(base, step.start)
            uses.setdefault(base, step.start)
        elif step.op in ("reduce", "integrate"):
            indices.setdefault(step.value.split()[1], step.start)
    _join_rows(state, data, uses)
    names = {step.value for step in state.out if step.op == "name"}
    for name, start in data.items():
        if name in names:
            state.fail(
                start, f"{short(name)} has an index here and none elsewhere; rename one"
            )
    for name in (*names, *data):
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
