"""Sums of exponentials over an index, judged by mpmath where exp itself overflows."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

import symgrad as sg
from symgrad.numeric.code_notes import code_notes

mp = mpmath.mp.clone()
mp.dps = 80
BACKENDS = ("numpy", "math", "llvm", "jax", "torch", "cupy")
N, PLACE = 5, 2
RANDOM = np.random.default_rng(4)
LEVELS = ((0.0, 1.0), (800.0, 3.0), (-800.0, 3.0), (0.0, 1e4), (1e4, 30.0))
"""where the exponents lie, and how far apart"""


def lse(u: list[Any]) -> Any:
    return mp.log(sum(map(mp.exp, u)))


def share(u: list[Any], k: int) -> Any:
    return mp.exp(u[k]) / sum(map(mp.exp, u))


def mean(weights: list[Any], u: list[Any]) -> Any:
    total = sum(w * mp.exp(each) for w, each in zip(weights, u, strict=True))
    return total / sum(map(mp.exp, u))


Truth = Callable[[list[Any], list[Any], Any], Any]
"""(z, x, the variable t) -> the value; t is z_2, or w of a compound term"""


def at_t(z: list[Any], t: Any) -> list[Any]:
    return [*z[: PLACE - 1], t, *z[PLACE:]]


BY_Z: dict[str, Truth] = {
    "log(sum(exp(z_i), i, 1, n))": lambda z, x, t: lse(at_t(z, t)),
    "log(sum(exp(z_i), i, 1, n)/n)": lambda z, x, t: lse(at_t(z, t)) - mp.log(N),
    "z_k - log(sum(exp(z_i), i, 1, n))": lambda z, x, t: t - lse(at_t(z, t)),
    "exp(z_k)/sum(exp(z_j), j, 1, n)": lambda z, x, t: share(at_t(z, t), PLACE - 1),
    "log(exp(z_k)/sum(exp(z_j), j, 1, n))": lambda z, x, t: t - lse(at_t(z, t)),
    "p*exp(z_k); p = 1/sum(exp(z_j), j, 1, n)": (
        lambda z, x, t: share(at_t(z, t), PLACE - 1)
    ),
    "log(1 + sum(exp(z_i), i, 1, n))": lambda z, x, t: lse([*at_t(z, t), mp.mpf(0)]),
    "exp(z_k)/(1 + sum(exp(z_j), j, 1, n))": (
        lambda z, x, t: share([*at_t(z, t), mp.mpf(0)], PLACE - 1)
    ),
    "sum(exp(z_i), i, 1, 3)/sum(exp(z_j), j, 1, n)": (
        lambda z, x, t: sum(share(at_t(z, t), k) for k in range(3))
    ),
    "log(sum(exp(z_i), i, 1, 3)/sum(exp(z_j), j, 1, n))": (
        lambda z, x, t: lse(at_t(z, t)[:3]) - lse(at_t(z, t))
    ),
    "exp(2*z_k)/sum(exp(z_j), j, 1, n)^2": (
        lambda z, x, t: share(at_t(z, t), PLACE - 1) ** 2
    ),
    "sum(x_i*exp(z_i), i, 1, n)/sum(exp(z_j), j, 1, n)": (
        lambda z, x, t: mean(x, at_t(z, t))
    ),
    "log(sum(x_i*exp(z_i), i, 1, n))": lambda z, x, t: lse(
        [mp.log(w) + u for w, u in zip(x, at_t(z, t), strict=True)]
    ),
    "exp(z_k/2)/sqrt(sum(exp(z_j), j, 1, n))": (
        lambda z, x, t: mp.sqrt(share(at_t(z, t), PLACE - 1))
    ),
    "log(sum(exp(z_i) + exp(-z_i), i, 1, n))": (
        lambda z, x, t: lse([s * u for u in at_t(z, t) for s in (1, -1)])
    ),
    "log(sum(exp(z_i)*sum(exp(x_j), j, 1, n), i, 1, n))": (
        lambda z, x, t: lse(at_t(z, t)) + lse(x)
    ),
    "-sum(x_j*log(exp(z_j)/sum(exp(z_i), i, 1, n)), j, 1, n)": lambda z, x, t: (
        -sum(w * (u - lse(at_t(z, t))) for w, u in zip(x, at_t(z, t), strict=True))
    ),
}
BY_W: dict[str, Truth] = {
    "log(sum(exp(w*z_i + b), i, 1, n))": (lambda z, x, t: lse([t * u + 3 for u in z])),
    "log(sum(exp(-(z_i - w)^2/2), i, 1, n))": (
        lambda z, x, t: lse([-((u - t) ** 2) / 2 for u in z])
    ),
    "sum(x_i*exp(w*z_i), i, 1, n)/sum(exp(w*z_i), i, 1, n)": (
        lambda z, x, t: mean(x, [t * u for u in z])
    ),
    "log(sum(sum(exp(w*z_i*x_j), i, 1, j), j, 1, n))": (
        lambda z, x, t: lse([t * z[i] * x[j] for j in range(N) for i in range(j + 1)])
    ),
}


@pytest.fixture
def package(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A back end that is installed; NumPy stands in for CuPy."""
    name = str(request.param)
    if name in ("jax", "torch"):
        shown = {"jax": "JAX", "torch": "PyTorch"}[name]
        module = pytest.importorskip(name, reason=f"{shown} is not installed")
        if name == "jax":
            module.config.update("jax_enable_x64", True)
    if name == "llvm":
        pytest.importorskip("llvmlite", reason="llvmlite is not installed")
    if name == "cupy":
        from symgrad.numeric import cupy_arrays

        monkeypatch.setitem(__import__("sys").modules, "cupy", np)
        cupy_arrays.load_cupy.cache_clear()
    return name


def data(middle: float, width: float) -> tuple[list[float], list[float]]:
    z = RANDOM.uniform(-width, width, N) + middle
    return z.tolist(), RANDOM.uniform(0.1, 0.9, N).tolist()


def close(found: Any, truth: Any, bound: float) -> bool:
    """Within a bound, relative to what is larger than 1."""
    return bool(abs(mp.mpf(float(found)) - truth) <= bound * max(1, abs(truth)))


def judge(text: str, truth: Truth, name: str, backend: str, order: int = 1) -> None:
    source: Any = text if order == 1 else sg.hessian(text, name)
    f = sg.lambdify(source, None if order == 2 else name, backend=backend)
    for middle, width in LEVELS:
        z, x = data(middle, width)
        t = z[PLACE - 1] if name == "z_k" else 1.3
        exact = [[mp.mpf(each) for each in numbers] for numbers in (z, x)]
        known = {"z": z, "x": x, "n": N, "w": 1.3, "b": 3.0, "k": PLACE}
        given = {each: np.array(known[each]) for each in f.args if each in known}
        found = f(**given)
        for k in (0, 1):
            number = mp.diff(partial(truth, *exact), mp.mpf(t), k + order - 1)
            size = 1e-13
            if name == "w":  # w*z_i itself is rounded
                size = 1e-12 * max(1.0, abs(middle), width) ** (k + order - 1)
            assert close(np.ravel(found[k])[0], number, size), (middle, width, k)


CASES = [*((each, "z_k") for each in BY_Z), *((each, "w") for each in BY_W)]


NESTED = [text for text in (*BY_Z, *BY_W) if ", j)" in text]  # not in machine code
RUN = [
    (*case, b)
    for case in CASES
    for b in BACKENDS
    if b != "llvm" or case[0] not in NESTED
]


@pytest.mark.parametrize(("text", "name", "package"), RUN, indirect=["package"])
def test_no_sum_of_exponentials_is_lost(text: str, name: str, package: str) -> None:
    with np.errstate(over="ignore" if package == "cupy" else "warn"):
        judge(text, (BY_Z if name == "z_k" else BY_W)[text], name, package)


@pytest.mark.parametrize(("text", "name"), CASES)
def test_second_derivatives(text: str, name: str) -> None:
    judge(text, (BY_Z if name == "z_k" else BY_W)[text], name, "numpy", 2)


LSE, SHARE = "log(sum(exp(z_i), i, 1, n))", "exp(z_k)/sum(exp(z_j), j, 1, n)"
INF = math.inf


@pytest.mark.parametrize("backend", ["numpy", "math"])
@pytest.mark.parametrize(
    ("z", "log", "share"),
    [
        ([-INF, -INF, -INF], -INF, math.nan),
        ([1.0, INF, 2.0], INF, math.nan),
        ([1.0, -INF, 1.0], 1 + math.log(2), 0.0),
        ([1.0, math.nan, 1.0], math.nan, math.nan),
        ([math.nan, 1.0, 1.0], math.nan, math.nan),
        ([-INF, 5.0, -INF], 5.0, 1.0),
        ([1e308, 1e308, -1e308], 1e308, 0.5),
    ],
)
def test_infinite_numbers(
    z: list[float], log: float, share: float, backend: str
) -> None:
    found = float(sg.lambdify(LSE, [], backend=backend)(z=z))
    assert found == pytest.approx(log, rel=1e-15, nan_ok=True)
    found = float(sg.lambdify(SHARE, [], backend=backend)(z=z, k=2))
    assert found == pytest.approx(share, rel=1e-15, nan_ok=True)


def test_no_terms_have_no_logarithm() -> None:
    assert float(sg.lambdify(LSE, [])(z=np.zeros(0))) == -INF


def test_a_term_with_weight_zero_is_not_the_largest() -> None:
    f = sg.lambdify("log(sum(x_i*exp(z_i), i, 1, n))", [])
    assert float(f(x=[0.0, 2.0], z=[600.0, -100.0])) == -100 + math.log(2)


@pytest.mark.parametrize("z", [-50.0, -740.0])
def test_one_and_a_small_sum_keep_their_digits(z: float) -> None:
    truth = float(mp.log1p(3 * mp.exp(z)))
    for text in ("log(1 + sum(exp(z_i), i, 1, n))", "log1p(sum(exp(z_i), i, 1, n))"):
        assert float(sg.lambdify(text, [])(z=[z] * 3)) == pytest.approx(
            truth, rel=2e-13
        )
    f = sg.lambdify("log1p(sum(exp(z_i), i, 1, n))", [])
    assert float(f(z=[800.0] * 3)) == 800 + math.log(3)


def test_batches_and_single_precision() -> None:
    z = RANDOM.uniform(-1000, 1000, (4, 6))
    value, grad = sg.lambdify(LSE, "z_k")(z=z, k=np.array([1.0, 2.0, 3.0, 4.0]))
    assert value.shape == (4,) and grad.shape == (1, 4)
    for row, number in zip(z.tolist(), value, strict=True):
        assert close(number, lse([mp.mpf(u) for u in row]), 1e-15)
    short = sg.lambdify(LSE, [])(z=z.astype(np.float32))
    assert short.dtype == np.float32 and np.allclose(short, value, rtol=1e-6)


@pytest.mark.parametrize("size", [1024, 200_000])
@pytest.mark.parametrize("level", [0.0, 900.0, -900.0])
def test_machine_code_over_many_terms(size: int, level: float) -> None:
    pytest.importorskip("llvmlite", reason="llvmlite is not installed")
    x = np.random.default_rng(2).uniform(-30, 30, size)
    text = "log(sum(exp(w*x_i + b), i, 1, n))"
    f = sg.lambdify(text, ["w", "b"], backend="llvm")
    value, grad = f(x=x, w=2.0, b=level)
    top = (2 * x).max()
    powers = np.exp(2 * x - top)
    assert float(value) == pytest.approx(
        level + top + math.log(math.fsum(powers)), rel=1e-14
    )
    assert grad == pytest.approx([powers @ x / powers.sum(), 1.0], rel=1e-11)
    both = f(x=x, w=2.0, b=level, threads=2)
    assert both[0] == value and (both[1] == grad).all()
    x[7] = math.nan
    assert np.isnan(f(x=x, w=2.0, b=level)[0])


@pytest.mark.parametrize("backend", ["numpy", "math"])
@pytest.mark.parametrize("text", [LSE, SHARE])
def test_saved_modules(text: str, backend: str, tmp_path: Path) -> None:
    f = sg.lambdify(text, "z_k", backend=backend)
    path = f.save(tmp_path / "saved.py")
    spec = importlib.util.spec_from_file_location("saved", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    at = {"z": [900.0, 901.0, -900.0], "k": 2.0}
    found, own = module.f(**at), f(**at)
    assert np.isfinite(own[0]) and found[0] == own[0] and found[1] == own[1]


def test_autograd_gives_the_softmax() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    z = torch.tensor([900.0, 901.0, 895.0], dtype=torch.float64, requires_grad=True)
    sg.lambdify(LSE, [], backend="torch")(z=z).backward()
    assert torch.allclose(z.grad, torch.softmax(z, 0), rtol=1e-14)


def test_jax_differentiates_it_twice() -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    jax.config.update("jax_enable_x64", True)
    z = jax.numpy.asarray([900.0, 901.0, 895.0])
    f = sg.lambdify(LSE, [], backend="jax")
    p = np.asarray(jax.nn.softmax(z))
    assert np.allclose(jax.grad(lambda u: f(z=u))(z), p, rtol=1e-14)
    bend = jax.hessian(lambda u: f(z=u))(z)
    assert np.allclose(bend, np.diag(p) - np.outer(p, p), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("order", [1, 2])
def test_a_softmax_of_three_names(order: int) -> None:
    text = "exp(a)/(exp(a) + exp(b) + 2*exp(c))"
    source: Any = text if order == 1 else sg.hessian(text, "a")
    f = sg.lambdify(source, "a" if order == 1 else None, backend="numpy")
    for a, b, c in ((800, 801, 799), (-900, -901, -899), (800, -800, 0), (-1e4, 3, 5)):
        found = f(a=float(a), b=float(b), c=float(c))

        def truth(u: Any, b: Any = b, c: Any = c) -> Any:
            return mp.exp(u) / (mp.exp(u) + mp.exp(b) + 2 * mp.exp(c))

        for k in (0, 1):
            number = mp.diff(truth, mp.mpf(a), k + order - 1)
            assert close(np.ravel(found[k])[0], number, 1e-13)


def test_the_page_says_what_is_taken_out() -> None:
    (note,) = code_notes(sg.formula(LSE))
    assert note[0].startswith("code computes log(sum(exp(u_i))) as m + log(sum(exp(u_i")
    (note,) = code_notes(sg.formula(SHARE))
    assert note[0].startswith("code computes exp(u)/sum(exp(u_i)) as exp(u - m)/sum(")


def test_sums_that_are_not_divided_by_stay() -> None:
    text = "sum(exp(z_i), i, 1, n)"
    assert "largest" not in sg.lambdify(text, "z_k", backend="numpy").source


@pytest.mark.parametrize("backend", ["mpmath", "sympy"])
def test_exact_numbers_keep_the_form_that_was_written(backend: str) -> None:
    value = sg.lambdify(LSE, [], backend=backend)(z=[0, 0, 0])
    assert close(value, mp.log(3), 1e-15)
