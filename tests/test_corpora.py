"""Textbooks' and other tools' formulas next to mpmath's run of what they mean.

The values and slopes of all of them at one point, the second derivatives of every
tenth, the pages of every fortieth (``benchmarks/corpus.py`` does the rest). Left out:
points at a kink, outside a domain, or where a value passes 1e12.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import corpora
import pytest
import sympy as sp
from round_trips import Fault

PARTS = 20
EVERY = [
    entry
    for path in sorted(corpora.DATA.glob("*.txt"))
    for number, entry in enumerate(corpora.entries(path))
    if path.stem != "spellings" or number % 3 == 0  # other spellings of the same
]
READ = [entry for entry in EVERY if not entry.refused]


@pytest.mark.parametrize("part", range(PARTS))
def test_formulas_mean_what_a_reader_takes(part: int) -> None:
    told: Counter[str] = Counter()
    for number, entry in enumerate(READ[part::PARTS]):
        try:
            told += corpora.judge_values(entry, second=number % 10 == 0, count=1)
        except Exception as error:
            error.add_note(f"{entry.where}: {entry.text}")
            raise
    assert not told["no point"]
    assert told["slopes"] > 0 and told["numpy"] > 0 and told["second derivatives"] > 0


@pytest.mark.parametrize("entry", READ[3 :: 2 * PARTS], ids=lambda entry: entry.where)
def test_pages_are_true_and_well_formed(entry: Any) -> None:
    assert corpora.judge_pages(entry)["pages"] <= 1


@pytest.mark.parametrize(
    "entry", [e for e in EVERY if e.refused], ids=lambda entry: entry.where
)
def test_unclear_formulas_are_refused(entry: Any) -> None:
    assert corpora.judge_refusal(entry)["refused_rightly"] == 1


@pytest.mark.parametrize(
    ("text", "meant"),
    [("x^2*y", "x**2*y + 1e-9"), ("x - y", "y - x"), ("2*x", "2*x + 0*y")],
)
def test_the_judge_sees_a_wrong_reading(text: str, meant: str) -> None:
    with pytest.raises(Fault):
        corpora.judge_values(corpora.Entry("here:1", text, meant))


def is_whole(entry: Any, expr: sp.Expr) -> bool:
    return len(expr.free_symbols) == len(corpora.names_of(entry.meant))


PLAIN = [e for e in READ if not re.search(";| = | if |_\\b", e.meant)]


@pytest.mark.parametrize("part", range(5))
def test_sympy_and_python_mean_the_same(part: int) -> None:
    told: Counter[str] = Counter()
    for entry in PLAIN[part :: 8 * 5]:
        for make in (corpora.as_sympy, corpora.as_function):
            try:
                source = make(entry)
                if isinstance(source, sp.Expr) and not is_whole(entry, source):
                    continue  # SymPy has cancelled a name: x - x
                told += corpora.judge_values(entry, source, count=1)
            except Exception as error:
                error.add_note(f"{entry.where}: {entry.text}, {make.__name__}")
                raise
    assert told["slopes"] > 50 and told["numpy"] > 50
