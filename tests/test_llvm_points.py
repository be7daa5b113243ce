"""One point through machine code: results, and nothing a caller passes does harm."""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from symgrad.chain_rule import jacobian
from symgrad.errors import ArgumentTypeError, ArgumentValueError
from symgrad.networks import network
from symgrad.numeric.backends import lambdify
from symgrad.numeric.llvm import entries

pytest.importorskip("llvmlite", reason="llvmlite is not installed")

POINT = [0.37, -1.21, 0.3, -0.7, 0.1, 0.9, 0.4, -0.2, 1.1, -0.6, 0.05]
NOTES = network([2, 2, 1])
F = lambdify(NOTES, backend="llvm")
VALUE, GRAD = lambdify(NOTES, backend="math")(*POINT)


def test_floats_give_arrays_and_the_point_gives_floats():
    for _ in range(3):  # the first call compiles, the others take the fast way
        value, grad = F(*POINT)
        assert (type(value), type(grad)) == (np.ndarray, np.ndarray)
        assert (value.shape, grad.shape) == ((), (9,))
        np.testing.assert_allclose(value, VALUE, rtol=1e-14)
        np.testing.assert_allclose(grad, GRAD, rtol=1e-14)
        value, grad = F.point(*POINT)
        assert (type(value), type(grad)) == (float, tuple)
        assert {type(g) for g in grad} == {float}
        np.testing.assert_allclose([value, *grad], [VALUE, *GRAD], rtol=1e-14)


def test_the_entry_is_machine_code():
    F(*POINT)
    assert type(F.func).__name__ == "builtin_function_or_method"
    assert type(F.point).__name__ == "builtin_function_or_method"


FORMS = {
    "value alone": (lambda **how: lambdify("w*x", [], **how)),
    "one partial": (lambda **how: lambdify("w*x", ["w"], **how)),
    "a Jacobian": (lambda **how: lambdify(network([1, 1, 2]), **how)),
    "values alone": (lambda **how: lambdify(network([1, 1, 2]), [], **how)),
    "one row": (lambda **how: lambdify(jacobian("w*x", ["w", "x"]), **how)),
}


def numbers(nested):
    """All floats of tuples of tuples, in order."""
    if type(nested) is float:
        return [nested]
    return [number for part in nested for number in numbers(part)]


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_result(name):
    ours, plain, math = (FORMS[name](backend=b) for b in ("llvm", "numpy", "math"))
    at = [0.5 - 0.25 * k for k in range(len(ours.args))]
    for _ in range(2):
        got, wanted = ours(*at), plain(*at)
        assert type(got) is type(wanted)
        both = zip(got, wanted, strict=True) if type(got) is tuple else [(got, wanted)]
        for one, other in both:
            assert one.shape == other.shape
            np.testing.assert_allclose(one, other, rtol=1e-14)
        assert repr(ours.point(*at)).count("(") == repr(math(*at)).count("(")
        np.testing.assert_allclose(
            numbers(ours.point(*at)), numbers(math(*at)), rtol=1e-14
        )


@pytest.mark.parametrize("sizes", [[8, 16, 16, 1], [16, 32, 32, 1]], ids=str)
def test_a_long_program_has_room_for_one_point(sizes):
    graph = network(sizes)  # the second is compiled without optimization
    f, plain = (lambdify(graph, backend=name) for name in ("llvm", "math"))
    at = np.random.default_rng(0).normal(size=len(f.args)).tolist()
    for _ in range(2):
        value, grad = f.point(*at)
        np.testing.assert_allclose(value, plain(*at)[0], rtol=1e-12)
        np.testing.assert_allclose(grad, plain(*at)[1], rtol=1e-9, atol=1e-13)


WEIGHTS = np.array(POINT[2:])
V = lambdify(NOTES, backend="llvm", layout="vector")


def unaligned(numbers):
    """The same numbers, at an address that is no multiple of 8."""
    room = bytearray(b"." + numbers.tobytes())
    return np.frombuffer(room, np.float64, len(numbers), 1)


class Own(np.ndarray):
    """An array of a user's own."""


VECTORS = {
    "contiguous": WEIGHTS,
    "read-only": np.frombuffer(WEIGHTS.tobytes()),
    "every second": np.repeat(WEIGHTS, 2)[::2],
    "backwards": WEIGHTS[::-1].copy()[::-1],
    "unaligned": unaligned(WEIGHTS),
    "other byte order": WEIGHTS.astype(WEIGHTS.dtype.newbyteorder()),
    "subclass": WEIGHTS.view(Own),
    "list": WEIGHTS.tolist(),
    "tuple": tuple(WEIGHTS.tolist()),
    "pickled": pickle.loads(pickle.dumps(WEIGHTS)),
}


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_of_any_kind(name):
    for _ in range(2):
        value, grad = V(VECTORS[name], *POINT[:2])
        assert (type(value), value.shape, grad.shape) == (np.ndarray, (), (9,))
        np.testing.assert_array_equal(grad, F(*POINT)[1])
        np.testing.assert_array_equal(value, F(*POINT)[0])


def test_a_vector_stays_as_it_is_and_results_are_new():
    given = WEIGHTS.copy()
    first, second = V(given, *POINT[:2])[1], V(given, *POINT[:2])[1]
    assert not np.shares_memory(first, second)
    np.testing.assert_array_equal(given, WEIGHTS)
    counts = sys.getrefcount(given)
    for _ in range(100):
        V(given, *POINT[:2])
    assert sys.getrefcount(given) == counts
    assert V(given.astype(np.float32), *POINT[:2])[1].dtype == np.float32


def test_a_vector_beside_names_arrays_and_memory():
    V(WEIGHTS, *POINT[:2])
    x_1, x_2 = POINT[:2]
    named = V(WEIGHTS, x_2=x_2, x_1=x_1)
    np.testing.assert_array_equal(named[1], F(*POINT)[1])
    batch = V(WEIGHTS, np.array([x_1, 0.0]), x_2)
    assert (batch[0].shape, batch[1].shape) == ((2,), (9, 2))
    out = np.empty(()), np.empty(9)
    assert V(WEIGHTS, x_1, x_2, out=out)[1] is out[1]
    np.testing.assert_array_equal(out[1], F(*POINT)[1])
    alone = lambdify("w*x", "w", layout="vector", backend="llvm")
    for _ in range(2):
        assert [p.tolist() for p in alone(np.array([3.0]), 2.0)] == [6.0, [2.0]]
    assert V.point(*WEIGHTS.tolist(), x_1, x_2) == F.point(*POINT)


NO_VECTORS = {
    "nothing": [],
    "too short": [WEIGHTS[:-1], *POINT[:2]],
    "too long": [np.ones(10), *POINT[:2]],
    "empty": [np.empty(0), *POINT[:2]],
    "no axes": [np.array(1.0), *POINT[:2]],
    "two axes": [WEIGHTS.reshape(3, 3), *POINT[:2]],
    "a column": [WEIGHTS.reshape(9, 1), *POINT[:2]],
    "complex": [WEIGHTS * 1j, *POINT[:2]],
    "objects": [np.array([None] * 9), *POINT[:2]],
    "a number": [1.0, *POINT[:2]],
    "None": [None, *POINT[:2]],
    "one number more": [WEIGHTS, *POINT[:3]],
    "one number less": [WEIGHTS, POINT[0]],
    "all numbers": POINT,
    "a text": [WEIGHTS, POINT[0], "x"],
}


@pytest.mark.parametrize("name", NO_VECTORS)
def test_what_is_no_such_vector_is_refused(name):
    V(WEIGHTS, *POINT[:2])
    with pytest.raises((ArgumentTypeError, ArgumentValueError)):
        V(*NO_VECTORS[name])


class Number(float):
    """A float of a user's own."""


class Odd:
    def __float__(self):
        raise RuntimeError("no number")


ALIKE = {
    "whole": 1,
    "bool": True,
    "numpy double": np.float64(1),
    "numpy whole": np.int64(1),
    "no axes": np.array(1.0),
    "subclass": Number(1),
}


@pytest.mark.parametrize("name", ALIKE)
def test_other_numbers_are_numbers_too(name):
    at = [1.0, *POINT[1:]]
    given = [ALIKE[name], *POINT[1:]]
    np.testing.assert_array_equal(F(*given)[1], F(*at)[1])
    assert F.point(*given) == F.point(*at)


def test_single_precision_stays():
    value, grad = F(*(np.float32(p) for p in POINT))
    assert value.dtype == grad.dtype == np.float32
    np.testing.assert_allclose(grad, GRAD, rtol=1e-5)


def test_arguments_by_name():
    named = dict(zip(F.args, POINT, strict=True))
    assert F.point(**named) == F.point(*POINT)
    assert F.point(*POINT[:5], **dict(list(named.items())[5:])) == F.point(*POINT)
    np.testing.assert_array_equal(F(**named)[1], F(*POINT)[1])


WRONG = {
    "none": [],
    "too few": POINT[:-1],
    "too many": [*POINT, 1.0],
    "a thousand": POINT * 100,
    "nothing": [None, *POINT[1:]],
    "text": ["1.0", *POINT[1:]],
    "bytes": [b"1", *POINT[1:]],
    "complex": [1j, *POINT[1:]],
    "a set": [{1.0}, *POINT[1:]],
    "a mapping": [{}, *POINT[1:]],
    "an object": [Odd(), *POINT[1:]],
    "a type": [float, *POINT[1:]],
    "beyond": [10**400, *POINT[1:]],
    "last is wrong": [*POINT[:-1], "x"],
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("how", ["arrays", "floats"])
def test_wrong_arguments_are_refused(name, how):
    F.point(*POINT)
    call = F if how == "arrays" else F.point
    with pytest.raises((ArgumentTypeError, ArgumentValueError)):
        call(*WRONG[name])
    with pytest.raises(ArgumentTypeError, match="unknown argument 'nobody'"):
        call(*POINT[:-1], nobody=1.0)
    with pytest.raises(ArgumentTypeError, match="given twice"):
        call(*POINT[:-1], x_1=1.0)


def test_a_point_takes_no_arrays():
    with pytest.raises(ArgumentTypeError, match="array of shape"):
        F.point(np.arange(3.0), *POINT[1:])


def test_nothing_leaks_and_nothing_is_freed_twice():
    f = lambdify(NOTES, backend="llvm")
    f.point(*POINT)
    counts = [sys.getrefcount(p) for p in POINT]
    for _ in range(1000):
        f.point(*POINT)
        f(*POINT)
        f(*POINT[:-1], b_3=POINT[-1])
    assert [sys.getrefcount(p) for p in POINT] == counts
    del f
    gc.collect()


def test_results_live_on_without_the_function():
    f = lambdify("exp(x)", ["x"], backend="llvm")
    f(1.0)
    value, grad = f(1.0)
    call = f.point
    del f
    gc.collect()
    assert call(0.0) == (1.0, (1.0,))
    np.testing.assert_allclose([value, *grad], np.exp(1.0), rtol=1e-15)


def test_where_python_is_another_the_checks_take_over(monkeypatch):
    monkeypatch.setattr(entries, "_methods", lambda: None)
    f = lambdify(NOTES, backend="llvm")
    assert f.point(*POINT) == F.point(*POINT)
    named = dict(zip(f.args, POINT, strict=True))
    np.testing.assert_array_equal(f(**named)[1], F(*POINT)[1])
    with pytest.raises(ArgumentTypeError, match="missing"):
        f.point(*POINT[:-1])


def test_copies_have_an_entry_of_their_own():
    again = pickle.loads(pickle.dumps(F))
    assert again.point(*POINT) == F.point(*POINT)


def run(script):
    """Run a script in a process of its own, which must end by itself and well."""
    head = """
        import gc, os, signal, sys, threading
        import numpy as np
        import symgrad as sg
        f = sg.lambdify(sg.network([2, 2, 1]), backend="llvm")
        at = [0.1*k for k in range(11)]
        f.point(*at); f(*at)
    """
    text = textwrap.dedent(head) + textwrap.dedent(script)
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", text],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


HARMLESS = {
    "nonsense": """
        import itertools
        bad = [None, "", b"", 1j, (), [], {}, {1}, object(), float, Ellipsis, 10**400,
               float("nan"), np.float64(1), np.array([1, 2.0]), np.array([]),
               np.array("x"), np.ma.masked, memoryview(b"12345678"), lambda: 1]
        for call in (f, f.point):
            for value in bad:
                for place in range(11):
                    given = [*at[:place], value, *at[place + 1:]]
                    try: call(*given)
                    except (TypeError, ValueError): pass
            for count in (0, 1, 10, 12, 13, 1000, 100_000):
                try: call(*[1.0]*count)
                except TypeError: pass
        print("well")
    """,
    "nonsense for a vector": """
        v = sg.lambdify(sg.network([2, 2, 1]), backend="llvm", layout="vector")
        w = np.ones(9); v(w, 0.1, 0.2)
        bad = [None, "", 1j, (), [], {}, object(), float, 1.0, np.float64(1), w[:8],
               np.ones((9, 9)), np.ones(9, np.int8), np.ones(9, bool), w.reshape(3, 3),
               np.ones(9, complex), np.ones(9, "datetime64[s]"), np.ones(9, object),
               np.ones(9, "f2"), np.ones(9, ">f8"), np.empty((9, 0)), np.array(1.0),
               np.lib.stride_tricks.as_strided(w, (1 << 40,), (0,)),
               np.ones(9, [("a", float)]), np.ma.ones(9), memoryview(w), np.matrix(w)]
        for value in bad:
            for given in ((value, 0.1, 0.2), (w, value, 0.2), (w, 0.1, value)):
                try: v(*given)
                except (TypeError, ValueError, MemoryError): pass
        for count in (0, 1, 2, 4, 1000):
            try: v(w, *[1.0]*(count - 1))
            except TypeError: pass
        v(np.broadcast_to(1.0, 9), 0.1, 0.2)
        print("well")
    """,
    "memory": """
        for out in (np.empty((9, 5)), (np.empty(5), np.empty((9, 5), np.float32)),
                    (np.empty(5), np.empty((9, 5))[::-1]), (None, np.empty((9, 5))),
                    (np.empty(5)[::-1], None), (1, 2), "ab", (np.empty(4), None)):
            try: f(np.arange(5.0), *at[1:], out=out)
            except (TypeError, ValueError): pass
        for count in (0, 1, 2, 7, 8, 9, 63, 64, 65, 1000):
            room = np.full((12, count + 2), 7.0)
            f(np.linspace(0, 1, count), *at[1:], out=(room[0, 1:-1], None))
            grad = np.full((11, count), 7.0)
            f(np.linspace(0, 1, count), *at[1:], out=(None, grad[1:-1]))
            assert (grad[0] == 7).all() and (grad[-1] == 7).all()
            assert (room[0, ::count + 1] == 7).all() and (room[1:] == 7).all()
        print("well")
    """,
    "a large batch of one number": """
        x = np.broadcast_to(np.float64(0.5), (1000, 1000))
        value, grad = f(x, *at[1:])
        assert np.ptp(value) == 0 and grad.shape == (9, 1000, 1000)
        try: f(np.broadcast_to(0.5, (1 << 40,)), *at[1:])
        except MemoryError: print("well")
    """,
    "signals": """
        if not hasattr(signal, "setitimer"):
            print("well"); sys.exit()
        seen = []
        signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        x = np.linspace(-1, 1, 300_000)
        first = f(x, *at[1:])[1].sum()
        while len(seen) < 20:
            assert f(x, *at[1:], threads=3)[1].sum() == first
            f.point(*at)
        signal.setitimer(signal.ITIMER_REAL, 0)
        print("well")
    """,
    "an interrupt in the middle": """
        if not hasattr(signal, "setitimer"):
            print("well"); sys.exit()
        def stop(*_): raise KeyboardInterrupt
        signal.signal(signal.SIGALRM, stop)
        x = np.linspace(-1, 1, 2_000_000)
        caught = 0
        for k in range(8):
            signal.setitimer(signal.ITIMER_REAL, 0.002 + 0.001*k)
            try:
                while True:
                    f(x, *at[1:], threads=2)
            except KeyboardInterrupt:
                caught += 1
        signal.setitimer(signal.ITIMER_REAL, 0)
        assert caught == 8
        f(x, *at[1:]); print("well")
    """,
    "functions that come and go": """
        for k in range(8):
            g = sg.lambdify(f"sin(x)*{k}", ["x"], backend="llvm")
            g(1.0); g(np.arange(3.0)); g.point(2.0)
            if k % 2: kept = g.point
            del g
            gc.collect()
        kept(1.0); print("well")
    """,
    "threads on one function": """
        def work(): 
            for k in range(100): f.point(*at); f(np.arange(5.0), *at[1:])
        threads = [threading.Thread(target=work) for _ in range(6)]
        for t in threads: t.start()
        for t in threads: t.join()
        print("well")
    """,
    "a fork": """
        if not hasattr(os, "fork"):
            print("well"); sys.exit()
        f(np.arange(1e5), *at[1:], threads=2)
        child = os.fork()
        if not child:
            f(np.arange(1e5), *at[1:], threads=2); f.point(*at)
            g = sg.lambdify("cos(x)", ["x"], backend="llvm"); g(1.0)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0; print("well")
    """,
}


@pytest.mark.parametrize("name", HARMLESS)
def test_the_process_lives_on(name):
    assert run(HARMLESS[name]) == "well\n"
