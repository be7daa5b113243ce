"""What a closed bracket means: a call, with its arguments counted.

The one rule kept here: a wrong number of arguments is an error where the call stands.
"""

from __future__ import annotations

from collections.abc import Callable

from symgrad.reading.index_calls import write_reduction
from symgrad.reading.integral_calls import write_integral
from symgrad.reading.postfix import Pending, State
from symgrad.tokens import Token
from symgrad.vocabulary import FORMS, SPELLED_FORMS, check_arity


def write_call(state: State, opened: Pending, token: Token, name: str) -> None:
    """A function of the table."""
    check_arity(state.text, opened.start, name, opened.size)
    op = "log_base" if (name, opened.size) == ("log", 2) else "call"
    if op == "log_base" and state.text.startswith("Log", opened.start):
        state.fail(
            opened.start,
            "Log of two arguments has its base first in Mathematica; write "
            "log(x, base)",
        )
    _write(state, opened, token, (op, name))


def _write(state: State, opened: Pending, token: Token, call: tuple[str, str]) -> None:
    op, name = call
    state.add(op, name, opened.size, opened.start, token.end)
    if opened.power is not None:
        power = opened.power
        state.add("number", power.text, 0, power.start, power.end)
        state.add("power", "power", 2, opened.start, token.end)
        if state.word(1) == "^":
            state.fail(token.end, "a power of a power; write brackets")


def _log_base(state: State, opened: Pending, token: Token, name: str) -> None:
    check_arity(state.text, opened.start, f"log_{name}", opened.size)
    op = "number" if name.isdigit() else "name"
    if op == "name":
        state.uses.setdefault(name, opened.start)
    state.add(op, name, 0, opened.start, opened.end - 1)
    state.add("log_base", name, 2, opened.start, token.end)


def _power(state: State, opened: Pending, token: Token, name: str) -> None:
    check_arity(state.text, opened.start, name, opened.size)
    if name == "square":
        state.add("number", "2", 0, opened.start, token.end)
    state.add("power", "power", 2, opened.start, token.end)


def _form(state: State, opened: Pending, token: Token, name: str) -> None:
    check_arity(state.text, opened.start, name, opened.size)
    state.add(
        {**FORMS, **SPELLED_FORMS}[name], name, opened.size, opened.start, token.end
    )


def _piecewise(state: State, opened: Pending, token: Token, name: str) -> None:
    if not state.after_case:
        fail_pairs(state, token)
    state.after_case = False
    state.add("piecewise", name, 2 * opened.size, opened.start, token.end)


def _apply(state: State, opened: Pending, token: Token, name: str) -> None:
    wanted = state.words.functions[name]
    if opened.size != wanted:
        plural = "" if wanted == 1 else "s"
        state.fail(
            opened.start,
            f"{name} is defined with {wanted} argument{plural}, not {opened.size}",
        )
    state.add("apply", name, opened.size, opened.start, token.end)


def _abstract(state: State, opened: Pending, token: Token, name: str) -> None:
    letter = name.rstrip("'")
    orders = len(name) - len(letter)
    if orders and opened.size > 1:
        state.fail(
            opened.start,
            f"{name} has one argument, not {opened.size}; a partial derivative is "
            "taken with differentiate",
        )
    if orders > MAX_PRIMES:
        state.fail(opened.start, f"more than {MAX_PRIMES} primes; take the derivative")
    before = state.words.letters.setdefault(letter, opened.size)
    if before != opened.size:
        state.fail(
            opened.start,
            f"{name} has {opened.size} arguments here and {before} before; "
            "use another letter",
        )
    state.add("abstract", name, opened.size, opened.start, token.end)


MAX_PRIMES = 3
CALLS: dict[str, Callable[[State, Pending, Token, str], None]] = {
    "log_base": _log_base,
    "where": _form,
    "root": _form,
    "power": _power,
    "square": _power,
    "piecewise": _piecewise,
    "apply": _apply,
    "abstract": _abstract,
    "reduce": write_reduction,
    "integrate": write_integral,
}


def fail_pairs(state: State, token: Token) -> None:
    state.fail(
        token.start,
        "piecewise takes pairs (value, condition); write "
        "piecewise((x^2, x > 0), (0, true))",
    )
