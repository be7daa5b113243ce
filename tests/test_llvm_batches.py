"""Small batches through the entry of machine code: results, and nothing does harm.

Every case is computed twice: by a function that has seen no batch, which goes through
all checks in Python, and by one that is warm, which takes the fast way if it can.
"""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest

from symgrad.chain_rule import jacobian
from symgrad.errors import SymgradError
from symgrad.networks import network
from symgrad.numeric.backends import lambdify
from symgrad.numeric.llvm import arrays, entries, points

pytest.importorskip("llvmlite", reason="llvmlite is not installed")

X = np.linspace(-2, 2, 100)
WHOLE = np.arange(250.0)


class Own(np.ndarray):
    """An array of a caller's own kind."""


def warm(*how, **options):
    """A function that has computed a batch of its first argument, and a fresh one."""
    f, fresh = (lambdify(*how, backend="llvm", **options) for _ in range(2))
    f(X, *[0.5] * (len(f.args) - 1))
    return f, fresh


def is_quick(f):
    return int(f.kernel.machine_code.points.told["arrays_entry"][entries.RUN]) != 0


FORMS = {
    "value alone": ("tanh(x)*w", []),
    "one partial": ("x*w", ["w"]),
    "two partials": ("x*tanh(w)", ["w", "x"]),
    "a constant partial": ("3*x + w", ["x", "w"]),
    "a Jacobian": (jacobian(["x*w", "exp(x)", "x + w"], ["x", "w"]),),
    "values alone": (["x*w", "exp(x)"], []),
    "a network": (network([2, 2, 1]),),
    "an argument called out": ("x*out", ["out"]),
}


@pytest.mark.parametrize("size", [2, 7, 8, 9, 64, 1000])
@pytest.mark.parametrize("form", FORMS)
def test_small_batches_are_those_of_numpy(form, size):
    f, _ = warm(*FORMS[form])
    assert is_quick(f)
    numbers = [0.3 + 0.1 * k for k in range(len(f.args) - 1)]
    x = np.linspace(-1, 3, size)
    wanted = lambdify(*FORMS[form], backend="numpy")(x, *numbers)
    found = f(x, *numbers)
    assert type(found) is type(wanted)
    pairs = (
        zip(found, wanted, strict=True) if type(found) is tuple else [(found, wanted)]
    )
    for mine, theirs in pairs:
        assert (mine.shape, mine.dtype) == (theirs.shape, theirs.dtype)
        np.testing.assert_allclose(mine, theirs, rtol=1e-14, atol=1e-15)


def test_the_fast_way_is_taken(monkeypatch):
    f, _ = warm("tanh(x)*w", ["w"])
    slow = []
    monkeypatch.setattr(arrays.Arrays, "__call__", lambda *_, **__: slow.append(1))
    f(X, 2.0)
    f(X[:7], 2.0)
    f(X, 2.0, out=(np.empty(100), np.empty((1, 100))))
    assert not slow
    f(X, X)
    assert slow


def outs(size):
    """What a caller may give as out= for ``size`` samples of two partials."""
    base = np.empty(4 * size + 1)
    frozen = np.empty(size)
    frozen.flags.writeable = False
    value, grad = np.empty(size), np.empty((2, size))
    return {
        "right": (value, grad),
        "a list": [value, grad],
        "parts of one": (base[:size], base[size : 3 * size].reshape(2, size)),
        "sharing": (base[:size], base[size - 1 : 3 * size - 1].reshape(2, size)),
        "none": None,
        "nones": (None, None),
        "half": (value, None),
        "three": (value, grad, grad),
        "one": (value,),
        "an array": value,
        "read-only": (frozen, grad),
        "too short": (np.empty(size - 1), grad),
        "turned": (value, np.empty((size, 2)).T),
        "flat": (value, np.empty(2 * size)),
        "three axes": (value, np.empty((1, 2, size))),
        "wrong rows": (value, np.empty((3, size))),
        "single precision": (np.empty(size, np.float32), grad),
        "steps": (base[: 2 * size : 2], grad),
        "other bytes": (value.astype(">f8"), grad),
        "not aligned": (np.empty(8 * size + 1, np.uint8)[1:].view(float), grad),
        "a kind of array": (value, grad.view(Own)),
        "numbers": (1.0, 2.0),
        "text": "value",
    }


def same(first, second):
    """Compare two calls: equal arrays, or the same error."""
    results = []
    for call in (first, second):
        try:
            results.append(call())
        except SymgradError as error:
            results.append((type(error), str(error)))
    if isinstance(results[0][0], type):
        assert results[0] == results[1]
    else:
        for mine, theirs in zip(*results, strict=True):
            np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("kind", outs(3))
def test_memory_of_the_caller_is_checked_as_slowly(kind):
    f, fresh = warm("x*tanh(w)", ["w", "x"])
    given, other = outs(50)[kind], outs(50)[kind]
    x = np.linspace(0, 1, 50)
    same(lambda: f(x, 0.5, out=given), lambda: fresh(x, 0.5, out=other))


def test_the_callers_memory_comes_back_and_is_filled():
    f, fresh = warm("x*tanh(w)", ["w", "x"])
    out = np.empty(100), np.empty((2, 100))
    value, grad = f(X, 0.5, out=out)
    assert (value is out[0], grad is out[1]) == (True, True)
    np.testing.assert_array_equal(grad, fresh(X, 0.5)[1])


@pytest.mark.parametrize("shift", [-99, -1, 0, 1, 99, 100])
def test_results_over_an_argument_do_not_disturb_it(shift):
    f, fresh = warm("x*tanh(w)", ["w"])
    memory = np.linspace(-1, 1, 300)
    x = memory[100:200]
    wanted = fresh(x.copy(), 0.5)
    out = memory[100 + shift : 200 + shift], np.empty((1, 100))
    found = f(x, 0.5, out=out)
    np.testing.assert_array_equal(found[0], wanted[0])
    np.testing.assert_array_equal(found[1], wanted[1])


ARGUMENTS = {
    "steps": lambda: (WHOLE[::2], 0.5),
    "backwards": lambda: (WHOLE[::-1], 0.5),
    "two axes": lambda: (WHOLE.reshape(2, 125), 0.5),
    "single precision": lambda: (WHOLE.astype(np.float32), 0.5),
    "other bytes": lambda: (WHOLE.astype(">f8"), 0.5),
    "whole numbers": lambda: (np.arange(9), 0.5),
    "not aligned": lambda: (np.zeros(81, np.uint8)[1:].view(float), 0.5),
    "a kind of array": lambda: (WHOLE.view(Own), 0.5),
    "masked": lambda: (np.ma.array([1.0, 2.0], mask=[0, 1]), 0.5),
    "a list": lambda: ([1.0, 2.0], 0.5),
    "a frozen array": lambda: (np.frombuffer(WHOLE.tobytes()), 0.5),
    "one sample": lambda: (np.array([2.0]), 0.5),
    "no sample": lambda: (np.empty(0), 0.5),
    "no axis": lambda: (np.array(2.0), 0.5),
    "another length": lambda: (WHOLE, WHOLE[:-1]),
    "one beside many": lambda: (WHOLE, np.array([0.5])),
    "none beside many": lambda: (np.empty(0), WHOLE),
    "two arrays": lambda: (WHOLE, WHOLE + 1),
    "the other one": lambda: (0.5, WHOLE),
    "a whole number": lambda: (WHOLE, 2),
    "a truth": lambda: (WHOLE, True),
    "a number of numpy's": lambda: (WHOLE, np.float64(2)),
    "complex numbers": lambda: (WHOLE + 0j, 0.5),
    "objects": lambda: (WHOLE.astype(object), 0.5),
    "text": lambda: (WHOLE, "0.5"),
    "nothing": lambda: (WHOLE, None),
    "too few": lambda: (WHOLE,),
    "too many": lambda: (WHOLE, 0.5, 0.5),
    "beyond the small": lambda: (np.ones(points.MAX_BATCH // 3 + 1), 0.5),
    "nan and infinite": lambda: (np.array([np.nan, np.inf, -0.0]), 0.5),
}


@pytest.mark.parametrize("kind", ARGUMENTS)
def test_arguments_are_checked_as_slowly(kind):
    f, fresh = warm("x*tanh(w)", ["w", "x"])
    args = ARGUMENTS[kind]()
    for _ in range(2):
        same(lambda: f(*args), lambda: fresh(*args))


def test_names_are_bound():
    f, fresh = warm("x*tanh(w)", ["w", "x"])
    wanted = fresh(X, 0.5)
    out = np.empty(100), np.empty((2, 100))
    calls = (
        lambda: f(X, w=0.5),
        lambda: f(w=0.5, x=X),
        lambda: f(X, w=0.5, out=out),
        lambda: f(X, 0.5, out=out, threads=2),
        lambda: f(X, 0.5, **{"".join(["o", "ut"]): out}),
    )
    for call in calls:
        same(call, lambda: wanted)
    with pytest.raises(SymgradError, match="given twice"):
        f(X, 0.5, x=X)
    with pytest.raises(SymgradError, match="unknown argument 'oüt'"):
        f(X, 0.5, oüt=out)


def test_no_reference_is_lost_or_kept():
    f, _ = warm("x*tanh(w)", ["w", "x"])
    value, grad, x = np.empty(100), np.empty((2, 100)), X.copy()
    out, watched = (value, grad), (value, grad, x, np.empty)
    bad = (value, grad[:, 1:])
    before = [sys.getrefcount(each) for each in watched]
    blocks = 0
    for rounds in range(1000):
        if rounds == 500:
            blocks = sys.getallocatedblocks()
        f(x, 0.5, out=out)
        f(x, 0.5)
        if rounds % 100 == 0:
            with pytest.raises(SymgradError):
                f(x, 0.5, out=bad)
    assert sys.getallocatedblocks() - blocks < 200  # a leak is 500 at least
    assert [sys.getrefcount(each) for each in watched] == before
    made, like = f(x, 0.5), (np.empty(1), np.empty(1))
    assert sys.getrefcount(made) == sys.getrefcount(like)
    for mine, other in zip(made, like, strict=True):
        assert sys.getrefcount(mine) == sys.getrefcount(other)


def test_threads_may_use_different_layouts_of_one_function():
    f, fresh = warm("x*tanh(w)", ["w", "x"])
    cases = [(X, 0.5), (0.5, X), (X, X), (X[:50], 2.0)]
    wanted = [fresh(*case) for case in cases]
    wrong: list[int] = []

    def work(number: int) -> None:
        for k in range(400):
            place = (number + k) % len(cases)
            for mine, theirs in zip(f(*cases[place]), wanted[place], strict=True):
                if not np.array_equal(mine, theirs):
                    wrong.append(place)

    workers = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wrong == []


def test_long_programs_and_many_arguments_go_the_slow_way():
    many = [f"x_{k}" for k in range(70)]
    f, _ = warm(" + ".join(many), [])
    assert not is_quick(f)
    f, _ = warm("x*w", ["w"], reduce="sum")
    assert not is_quick(f)
    np.testing.assert_allclose(f(X, 2.0)[0], 2 * X.sum(), atol=1e-12)
