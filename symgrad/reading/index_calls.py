"""``sum(expr, i, 1, n)`` and ``product(expr, i, 1, n)`` as the parser closes them.

The one rule kept here: between the brackets ``i`` is the index and a name that ends in
``_i`` is a datum; outside them the text has no such name.
"""

from __future__ import annotations

from collections.abc import Sequence

from symgrad.errors import short
from symgrad.reading.data_spellings import PLACES
from symgrad.reading.postfix import Instruction, Pending, State
from symgrad.tokens import Token

_ENDLESS = ("oo", "inf", "infinity", "∞")
_WORDS = {
    **dict.fromkeys(("Sum", "∑", "Σ"), "sum"),
    **dict.fromkeys(("Product", "prod", "∏", "Π"), "product"),
}


def write_reduction(state: State, opened: Pending, token: Token, name: str) -> None:
    """Rewrite the names of the body, and drop the index as an operand."""
    word = _WORDS.get(name, name)
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
    lower_steps, upper_steps = state.out[lower:upper], state.out[upper:]
    for bound in lower_steps:
        if bound.op == "name" and bound.value in _ENDLESS:
            state.fail(
                bound.start,
                "a sum without a beginning; write two, from 0 up and from 1 down",
            )
    state.out[body:] = [
        *(indexed(state, each, index) for each in state.out[body:at]),
        *lower_steps,
        *_upper(state, upper_steps),
    ]
    place = opened.start, token.end
    kind = "sum" if word == "mean" else word
    state.add("reduce", f"{kind} {index}", 3, *place)
    if word == "mean":  # one nth of the sum
        _check_mean(state, [*lower_steps, *upper_steps])
        state.out += upper_steps
        if [step.value for step in lower_steps] != ["1"]:
            state.out += lower_steps
            state.add("subtract", "subtract", 2, *place)
            state.add("number", "1", 0, *place)
            state.add("add", "add", 2, *place)
        state.add("divide", "divide", 2, *place)


def _upper(state: State, steps: list[Instruction]) -> list[Instruction]:
    """An upper bound as it is, or one instruction where a sum has no end."""
    endless = next((s for s in steps if s.op == "name" and s.value in _ENDLESS), None)
    if endless is None:
        return steps
    if any(step.op != "group" for step in steps if step is not endless):
        state.fail(
            endless.start,
            f"{endless.value} stands in a larger bound; expected {endless.value} alone",
        )
    return [endless._replace(op="infinity", value="+")]


def _check_mean(state: State, bounds: Sequence[Instruction]) -> None:
    for step in bounds:
        if step.op == "name" and step.value in _ENDLESS:
            state.fail(step.start, "a mean of endless data; expected a finite bound")


def operand_start(steps: Sequence[Instruction], end: int) -> int:
    """Where the operand begins whose last instruction is the one before ``end``."""
    wanted = 1
    while wanted:
        end -= 1
        wanted += steps[end].arity - 1
    return end


def indexed(state: State, step: Instruction, index: str) -> Instruction:
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
    spelled = []
    for each in places:
        free = each.startswith("?") and not each[1:].isdigit()
        spelled.append(f"={each[1:]}" if free else each.removeprefix("?"))
        if free and _letter(each) not in PLACES:
            shown = f"{base}_{{{','.join(p.removeprefix('?') for p in places)}}}"
            state.fail(
                step.start, f"{shown} has the index {each[1:]}, which no sum has"
            )
    value = " ".join([base, *spelled])
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


def _split_joined(state: State, bound: Sequence[str]) -> None:
    """Read x_{ij} as x_{i,j} where sums over i and over j are around it."""
    around: list[tuple[int, str]] = [(0, letter) for letter in bound]
    for place in range(len(state.out) - 1, -1, -1):
        step = state.out[place]
        while around and place < around[-1][0]:
            around.pop()
        if step.op == "reduce":
            lower = operand_start(state.out, operand_start(state.out, place))
            body = operand_start(state.out, lower)
            around.append((body, step.value.split()[1]))
        elif step.op == "name" and "_" in step.value:
            base, _, joined = step.value.rpartition("_")
            letters = {letter for start, letter in around if start <= place}
            if len(joined) > 1 and letters.issuperset(joined):
                value = " ".join([base, *joined])
                state.out[place] = step._replace(op="element", value=value)


def _other_name(taken: set[str]) -> str:
    return next(name for name in (*"abcdpqrstuvw", "data") if name not in taken)


def uses_of(state: State, bound: Sequence[str] = ()) -> dict[str, int]:
    """The names of a formula with sums, each where it first stands; ``y`` for y_i.

    ``bound`` are the indices of a formula that holds for every i, ``r_i = y_i - x_i``.
    """
    _split_joined(state, bound)
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
                start,
                f"{short(name)} has an index here and none elsewhere; rename one, "
                f"as in {_other_name({*names, *data})}_i for the data",
            )
    for name in data:
        base, _, last = name.rpartition("_")
        is_word = len(last) > 1 and last.isalpha()  # y_hat_i beside y_i is clear
        if base in data and not is_word:
            state.fail(
                uses[name],
                f"{short(name)} may be one of the data {base}_… "
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
