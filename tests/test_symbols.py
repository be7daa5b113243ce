"""Symbols: derivatives are told apart by type, and survive what users do to them."""

from __future__ import annotations

import pickle

import pytest
from sympy import Symbol

from symgrad.errors import ArgumentTypeError
from symgrad.symbols import (
    Chain,
    LocalDerivative,
    Partial,
    Total,
    fresh,
    name_of,
    symbol,
    symbols_of,
)

x, y, z = symbol("x"), symbol("y"), symbol("z")


@pytest.mark.parametrize("kind", [Partial, Total])
def test_equal_by_type_and_parts(kind):
    assert kind(y, x) == kind(y, x)
    assert hash(kind(y, x)) == hash(kind(y, x))
    assert kind(y, x) != kind(z, x)
    assert kind(y, x) != kind(y, z)


def test_partial_is_no_total_even_under_one_name():
    assert Partial(y, x) != Total(y, x)
    assert Partial(y, x) != Symbol(Partial(y, x).name, real=True)
    assert Partial(y, x) - Total(y, x) != 0


@pytest.mark.parametrize("kind", [Partial, Total])
def test_survives_pickle_and_xreplace(kind):
    made = kind(y, kind(z, x))
    again = pickle.loads(pickle.dumps(made))
    assert again == made
    assert (again.of, again.by) == (y, kind(z, x))
    assert (2 * made).xreplace({made: x}) == 2 * x


def test_nested_derivatives_have_distinct_names():
    assert Partial(Partial(y, x), z).name != Partial(y, Partial(x, z)).name


def test_chain_keeps_its_order():
    assert Chain(y, x).args == (y, x)
    assert Chain(x) == x


def test_local_derivative_of_a_constant_stays():
    assert LocalDerivative(symbol("c"), x).args == (symbol("c"), x)


def test_symbols_of_lists_each_once():
    assert set(symbols_of(x * y + x)) == {x, y}
    assert len(symbols_of(x * y + x)) == 2


def test_fresh_skips_what_is_taken():
    assert fresh("u", set()) == "u"
    assert fresh("u", {"u", "u_1"}) == "u_2"


def test_name_of_refuses_other_things():
    assert name_of(x) == name_of("x") == "x"
    with pytest.raises(ArgumentTypeError, match="expected a name or a Symbol"):
        name_of(3)  # type: ignore[arg-type]
