"""``integral(expr, t, a, b)`` as the parser closes it.

The one rule kept here: in the integrand ``t`` is the variable of integration; nowhere
else in the text is there such a name.
"""

from __future__ import annotations

from symgrad.reading.index_calls import operand_start
from symgrad.reading.postfix import Instruction, Pending, State
from symgrad.tokens import Token

INFINITE = ("oo", "inf", "infinity", "∞")


def write_integral(state: State, opened: Pending, token: Token, name: str) -> None:
    """Rewrite the names of the integrand, and drop its variable as an operand."""
    if opened.size != 4:
        state.fail(
            opened.start,
            f"{name} takes 4 arguments, as in {name}(x*t^2, t, 0, 1), not "
            f"{opened.size}"
            + ("; an integral without bounds is no function" * (opened.size == 2)),
        )
    upper = operand_start(state.out, len(state.out))
    lower = operand_start(state.out, upper)
    at = operand_start(state.out, lower)
    body = operand_start(state.out, at)
    step = state.out[at]
    if at != lower - 1 or step.op != "name":
        state.fail(
            step.start,
            f"the second argument of {name} is its variable, a name such as t",
        )
    variable = step.value
    for bound in state.out[lower:]:
        if bound.value == variable and bound.op in ("name", "variable", "index"):
            state.fail(
                bound.start,
                f"the variable of integration {variable} stands in its own bound; "
                "take another letter inside",
            )
    state.out[body:] = [
        *(_local(state, each, variable) for each in state.out[body:at]),
        *_bound(state, state.out[lower:upper]),
        *_bound(state, state.out[upper:]),
    ]
    state.add("integrate", f"integral {variable}", 3, opened.start, token.end)


def _local(state: State, step: Instruction, variable: str) -> Instruction:
    is_binder = step.op in ("reduce", "integrate")
    if is_binder and step.value.split()[1] == variable:
        state.fail(
            step.start, f"{variable} is bound twice, one in the other; rename one"
        )
    is_variable = step.op == "name" and step.value == variable
    return step._replace(op="variable") if is_variable else step


def _bound(state: State, steps: list[Instruction]) -> list[Instruction]:
    """A bound as it is, or one instruction where it is infinite."""
    endless = next((s for s in steps if s.op == "name" and s.value in INFINITE), None)
    if endless is None:
        return steps
    signs = [step.op for step in steps if step is not endless and step.op != "group"]
    if signs not in ([], ["negate"]):
        state.fail(
            endless.start,
            f"{endless.value} stands in a larger bound; expected {endless.value} or "
            f"-{endless.value} alone",
        )
    return [endless._replace(op="infinity", value="-" if signs else "+")]
