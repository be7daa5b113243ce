"""The random functions of the checks: their derivatives, and their constancy."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest

from symgrad.numeric.high_precision import context
from symgrad.numeric.stand_ins import stand_in

ORDERS = [
    *itertools.product(range(3), repeat=1),
    *itertools.product(range(3), repeat=2),
    *itertools.product(range(2), repeat=3),
]


@pytest.mark.parametrize("orders", ORDERS, ids=str)
@pytest.mark.parametrize("letter", ["f", "φ"])
def test_derivatives_are_those_of_the_function(
    letter: str, orders: tuple[int, ...]
) -> None:
    plain = stand_in(letter, (0,) * len(orders))
    at = tuple(map(context.mpf, ("0.3", "-1.1", "0.7")[: len(orders)]))
    expected = context.diff(plain, at, orders)  # finite differences
    found = stand_in(letter, orders)(*at)
    assert abs(found - expected) < 1e-25 * max(1, abs(expected))


def test_each_letter_and_each_slot_is_another() -> None:
    at = (context.mpf(1), context.mpf(2))
    values = [stand_in(letter, (0, 0))(*at) for letter in "fghkFGHφψ"]
    values += [stand_in("f", orders)(*at) for orders in ((1, 0), (0, 1), (1, 1))]
    values.append(stand_in("f", (0, 0))(*reversed(at)))
    assert len(set(values)) == len(values)


def test_the_same_in_every_process() -> None:
    code = (
        "from symgrad.numeric.stand_ins import stand_in; "
        "print(stand_in('f', (1, 0))(1, 2))"
    )
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**environment, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert told == {str(stand_in("f", (1, 0))(1, 2))}


@pytest.mark.parametrize("value", [context.inf, context.nan, context.mpf(2) ** 9999])
def test_what_is_far_outside_is_nan(value: object) -> None:
    assert context.isnan(stand_in("f", (0,))(value))
