"""The back ends of other packages: their arrays, transformations and derivatives.

Values are judged by mpmath, derivatives by JAX's and PyTorch's own differentiation of
functions written by hand here.
"""

from __future__ import annotations

import contextlib
import pickle
import warnings
from fractions import Fraction

import numpy as np
import pytest
import test_codegen as known
import test_special_functions as special

import symgrad as sg
from symgrad.errors import ArgumentTypeError, ArgumentValueError, RuleError
from symgrad.numeric.codegen.dialects import DIALECTS

SHOWN = {"jax": "JAX", "torch": "PyTorch"}
PARAMETERS = [0.3, -0.7, 0.1, 0.9, 0.4, -0.2, 1.1, -0.6, 0.05]
NOTES = sg.network([2, 2, 1])


def loaded(name):
    """Import a package, in double precision, or skip."""
    package = pytest.importorskip(name, reason=f"{SHOWN[name]} is not installed")
    if name == "jax":
        import jax.numpy

        jax.config.update("jax_enable_x64", True)
    return package


def arrays(name, values):
    values = np.asarray(values)
    if name == "torch":
        return loaded(name).tensor(values)
    return loaded(name).numpy.asarray(values)


def quiet(f, *args):
    """Call without warnings, and let JAX compile single operations, which is faster."""
    with warnings.catch_warnings(), contextlib.ExitStack() as stack:
        warnings.simplefilter("error")
        if f.backend == "jax":
            stack.enter_context(loaded("jax").disable_jit())
        return f(*args)


# --- every function ---------------------------------------------------------------

PAIRS = [
    (name, backend)
    for backend in SHOWN
    for name in known.ELEMENTARY
    if name not in DIALECTS[backend].lacks | DIALECTS["numpy"].lacks
]


@pytest.mark.parametrize(("name", "backend"), PAIRS)
def test_every_function_and_its_derivative(name, backend):
    """As NumPy has it, which test_codegen.py judges by mpmath."""
    loaded(backend)
    variables = list(known.arguments_of(name))
    graph = known.built(name)
    points = np.array(known.points_of(name)).T
    mine = quiet(sg.lambdify(graph, variables, backend=backend), *arrays_of(
        backend, points))  # fmt: skip
    value, grad = sg.lambdify(graph, variables, backend="numpy")(*points)
    # The functions of another package have roundings of their own. Where a derivative
    # is told by the function's own value, 1 - tanh²(25) has but its last place.
    if name == "gamma":
        keep = np.abs(points[0]) < 100
        points, value, grad = points[:, keep], value[keep], grad[:, keep]
    np.testing.assert_allclose(mine[0], value, rtol=1e-13, atol=1e-320)
    # XLA and PyTorch flush numbers below 2e-308, whose squares here and there are 0
    tame = (np.abs(points) > 1e-150).all(axis=0)
    np.testing.assert_allclose(
        np.asarray(mine[1])[:, tame], grad[:, tame], rtol=1e-8, atol=1e-15
    )


def arrays_of(backend, rows):
    return [arrays(backend, row) for row in rows]


ONLY_SCIPY = [(backend, f"{name}(2.5, x)") for backend in SHOWN
              for name in ("lowergamma", "uppergamma")]  # fmt: skip


@pytest.mark.parametrize(("backend", "text"), ONLY_SCIPY)
def test_functions_that_numpy_lacks(backend, text):
    loaded(backend)
    points = np.array([0.1, 0.7, 1.3, 4.2, 9.9])
    mine = quiet(sg.lambdify(text, backend=backend), arrays(backend, points))
    wanted = sg.lambdify(text, backend="scipy")(points)
    for got, exact in zip(mine, wanted, strict=True):
        np.testing.assert_allclose(got, exact, rtol=1e-11)


SPECIAL = [
    (case, backend)
    for backend in SHOWN
    for case in special.CASES
    if case.split()[0] not in DIALECTS[backend].lacks
]


@pytest.mark.parametrize(("case", "backend"), SPECIAL)
def test_special_functions(case, backend):
    loaded(backend)
    graph = special.graph_of(case)
    wrt = [] if case == "zeta" else ["x"]
    points = special.CASES[case][1]
    mine = quiet(sg.lambdify(graph, wrt, backend=backend), arrays(backend, points))
    wanted = sg.lambdify(graph, wrt, backend="numpy")(points)
    pairs = zip(mine, wanted, strict=True) if wrt else [(mine, wanted)]
    for got, exact in pairs:
        np.testing.assert_allclose(got, exact, rtol=1e-11, atol=1e-300)


def test_single_precision_stays():
    torch = loaded("torch")
    for name in known.ELEMENTARY:
        if name in DIALECTS["torch"].lacks | DIALECTS["numpy"].lacks:
            continue
        variables = list(known.arguments_of(name))
        f = sg.lambdify(known.built(name), variables, backend="torch")
        args = [torch.full((3,), 0.5, dtype=torch.float32)] * len(variables)
        value, grad = f(*args)
        assert value.dtype == grad.dtype == torch.float32


# --- derivatives, by the packages' own differentiation ---------------------------

POINT = (0.37, -1.21, *PARAMETERS)


def network_by_hand(tanh):
    def y_hat(x_1, x_2, w111, w121, b1, w211, w221, b2, w311, w321, b3):
        f3 = tanh(w111 * x_1 + w121 * x_2 + b1)
        f2 = tanh(w211 * x_1 + w221 * x_2 + b2)
        return tanh(w311 * f3 + w321 * f2 + b3)

    return y_hat


def close(mine, theirs, rtol=1e-12):
    np.testing.assert_allclose(np.asarray(mine), np.asarray(theirs), rtol, 1e-14)


def test_jax_transforms_the_network():
    jax = loaded("jax")
    f, g = sg.lambdify(NOTES, backend="jax"), network_by_hand(jax.numpy.tanh)

    def value(*args):
        return f(*args)[0]

    some = (0, 2, 10)
    close(f(*POINT)[1], jax.grad(g, tuple(range(2, 11)))(*POINT))
    close(jax.grad(value, some)(*POINT), jax.grad(g, some)(*POINT))
    close(jax.hessian(value, some)(*POINT), jax.hessian(g, some)(*POINT))
    close(jax.jacrev(jax.jit(jax.grad(value, 3)))(*POINT),
          jax.jacrev(jax.grad(g, 3))(*POINT))  # fmt: skip
    by_gradient = jax.jacfwd(lambda *a: f(*a)[1][0], some)(*POINT)
    close(by_gradient, jax.jacfwd(jax.grad(g, 2), some)(*POINT))
    cube, plain = sg.lambdify("tanh(x)^3", [], backend="jax"), jax.numpy.tanh
    third = [jax.grad(jax.grad(jax.grad(h)))(0.7) for h in
             (cube, lambda x: plain(x) ** 3)]  # fmt: skip
    close(*third)
    x = jax.numpy.linspace(-1.0, 1.0, 5)
    batch = jax.vmap(f, (0, *[None] * 10))(x, *POINT[1:])
    close(batch[1].T, f(x, *POINT[1:])[1])
    close(batch[0], [g(each, *POINT[1:]) for each in x])


def test_jax_differentiates_by_our_rows(monkeypatch):
    """Were it JAX's own rule, the row of tanh in the formulary would not count."""
    jax = loaded("jax")
    from symgrad.derivatives import DERIVATIVES, u
    from symgrad.numeric import rows

    monkeypatch.setitem(DERIVATIVES, "tanh", (u**3,))
    rows.row_of.cache_clear()
    try:
        f = sg.lambdify("tanh(x)", [], backend="jax")
        assert jax.grad(f)(3.0) == 27.0
    finally:
        monkeypatch.undo()
        rows.row_of.cache_clear()


def test_torch_differentiates_the_network():
    torch = loaded("torch")
    f, g = sg.lambdify(NOTES, backend="torch"), network_by_hand(torch.tanh)
    x = torch.linspace(-1, 1, 4, dtype=torch.float64)
    args = [x, x.flip(0), *(torch.tensor(p, dtype=torch.float64) for p in PARAMETERS)]
    for each in args:
        each.requires_grad_()
    value, grad = f(*args)
    wanted = g(*args)
    close(value.detach(), wanted.detach())
    mine = torch.autograd.grad(value.sum(), args, create_graph=True)
    theirs = torch.autograd.grad(wanted.sum(), args, create_graph=True)
    for a, b in zip(mine, theirs, strict=True):
        close(a.detach(), b.detach())
    close(grad.sum(1).detach(), torch.stack(theirs[2:]).detach())
    second = [torch.autograd.grad(sum(d.sum() for d in ds), args, create_graph=True)
              for ds in (mine, theirs)]  # fmt: skip
    by_gradient = torch.autograd.grad(grad.sum(), args, retain_graph=True)
    expected = torch.autograd.grad(sum(d.sum() for d in theirs[2:]), args,
                                   retain_graph=True)  # fmt: skip
    for k in range(len(args)):
        close(second[0][k].detach(), second[1][k].detach())
        close(by_gradient[k], expected[k])
    third = [torch.autograd.grad(sum(d.sum() for d in ds), args[2])[0] for ds in second]
    close(*third)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PyTorch's own
def test_torch_transforms():
    torch = loaded("torch")
    f, g = sg.lambdify(NOTES, backend="torch"), network_by_hand(torch.tanh)
    point = [torch.tensor(p, dtype=torch.float64) for p in POINT]
    places = tuple(range(len(POINT)))
    mine = torch.func.hessian(lambda *a: f(*a)[0], places)(*point)
    theirs = torch.func.hessian(g, places)(*point)
    close(mine, theirs)
    batch = torch.func.vmap(f, (0, *[None] * 10))(torch.ones(3).double(), *point[1:])
    assert batch[0].shape == (3,) and batch[1].shape == (3, 9)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_torch_compile_in_one_graph():
    torch = loaded("torch")
    f = sg.lambdify("exp(-x^2)*sin(w*x)", ["w"], backend="torch")
    fast = torch.compile(f, fullgraph=True, backend="aot_eager")
    x = torch.linspace(-1, 2, 7, dtype=torch.float64, requires_grad=True)
    w = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
    found = []
    for h in (f, fast, lambda x, w: (torch.exp(-(x**2)) * torch.sin(w * x), None)):
        value = h(x=x, w=w)[0]
        found.append([value, *torch.autograd.grad(value.sum(), (x, w))])
    for one, two, by_hand in zip(*found, strict=True):
        close(one.detach(), by_hand.detach())
        close(two.detach(), by_hand.detach())


@pytest.mark.parametrize("backend", SHOWN)
def test_a_wider_network(backend):
    loaded(backend)
    graph = sg.network([8, 6, 6, 1])
    rng = np.random.default_rng(3)
    names = sg.lambdify(graph, backend="numpy").args
    args = [rng.normal(size=5) if n[0] in "xy" else rng.normal() for n in names]
    mine = quiet(sg.lambdify(graph, backend=backend), *args)
    for got, wanted in zip(mine, sg.lambdify(graph, backend="numpy")(*args),
                           strict=True):  # fmt: skip
        close(got, wanted, 1e-10)


# --- the contract -----------------------------------------------------------------


@pytest.mark.parametrize("backend", SHOWN)
def test_shapes_and_layouts(backend):
    loaded(backend)
    x = arrays(backend, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    value, grad = sg.lambdify("w + 0*x", ["w", "x"], backend=backend)(2.0, x)
    assert value.shape == (2, 3) and grad.shape == (2, 2, 3)
    assert sg.lambdify("w*x", [], backend=backend)(w=2.0, x=x).shape == (2, 3)
    many = sg.lambdify(
        sg.jacobian(sg.formula("a = w*x; b = w + x", ["a", "b"]), ["w"]),
        backend=backend,
    )
    value, grad = many(2.0, x)
    assert value.shape == (2, 2, 3) and grad.shape == (2, 1, 2, 3)
    vector = sg.lambdify("w*x + b", ["w", "b"], layout="vector", backend=backend)
    value, grad = vector(arrays(backend, [2.0, 1.0]), x)
    close(value, 2 * np.asarray(x) + 1)
    for reduce in ("sum", "mean"):
        f = sg.lambdify("w*x + b", ["w", "b"], backend=backend, reduce=reduce)
        value, grad = f(2.0, x, 1.0)
        add = getattr(np, reduce)
        close(value, add(2 * np.asarray(x) + 1))
        close(grad, [add(np.asarray(x)), add(np.ones((2, 3)))])
    constant = sg.lambdify("3", backend=backend)()
    assert float(constant) == 3.0 and constant.shape == ()


LAYOUTS = {
    "negative strides": lambda x: x[::-1],
    "big-endian": lambda x: x.astype(">f8")[::-1],
    "long": lambda x: x[::-1].astype(np.longdouble),
    "a field": lambda x: np.rec.fromarrays([x[::-1], x > 0])["f0"],
}


@pytest.mark.parametrize("backend", SHOWN)
@pytest.mark.parametrize("kind", LAYOUTS)
def test_numpy_arrays_of_any_layout(backend, kind):
    loaded(backend)
    x = np.array([0.5, -1.0, 2.0])
    f = sg.lambdify("sin(x)*w", "w", backend=backend)
    assert np.allclose(np.asarray(f(LAYOUTS[kind](x), 2.0)[0]), 2 * np.sin(x[::-1]))


@pytest.mark.parametrize("backend", SHOWN)
def test_a_fraction_keeps_its_digits(backend):
    loaded(backend)
    f = sg.lambdify("x*w", "w", backend=backend)
    x = np.array([1.0])
    assert np.array_equal(f(Fraction(1, 3), x)[0], f(1 / 3, x)[0])


WRONG = {
    "ragged": ([[1.0], [1.0, 2.0]], "is of type list, which"),
    "an iterator": (iter([1.0]), "is of type list_iterator; expected a real number"),
    "text in a list": (["word"], "is of type list, which"),
    "objects": (np.array([None]), "has dtype object"),
    "masked": (np.ma.masked_equal([1.0, 2.0], 2.0), "has masked values"),
}


@pytest.mark.parametrize("backend", SHOWN)
@pytest.mark.parametrize("case", WRONG)
def test_wrong_arguments_are_told_in_one_line(backend, case):
    loaded(backend)
    value, words = WRONG[case]
    with pytest.raises((ArgumentTypeError, ArgumentValueError)) as caught:
        sg.lambdify("x*w", "w", backend=backend)(value, 2.0)
    assert f"argument 'x' {words}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("backend", SHOWN)
def test_a_number_is_no_vector(backend):
    loaded(backend)
    f = sg.lambdify("x*w", "w", backend=backend, layout="vector")
    with pytest.raises(ArgumentTypeError, match="the vector is of type float"):
        f(1.0, 2.0)


@pytest.mark.parametrize("backend", SHOWN)
def test_errors(backend):
    loaded(backend)
    f = sg.lambdify("w*x", backend=backend)
    with pytest.raises(ArgumentTypeError, match="missing arguments: x"):
        f(1.0)
    with pytest.raises(ArgumentTypeError, match="argument 'x' is of type str"):
        f(1.0, "2")
    with pytest.raises(ArgumentTypeError, match=r"has dtype .*complex128"):
        f(1.0, np.array([1j]))
    with pytest.raises(ArgumentValueError, match="do not broadcast"):
        f(np.ones(2), np.ones(3))
    vector = sg.lambdify("w*x", ["w"], backend=backend, layout="vector")
    with pytest.raises(ArgumentValueError, match=r"expected \(1,\)"):
        vector([1.0, 2.0], 1.0)
    with pytest.raises(RuleError, match=r"no code for besselj.*backend='scipy'"):
        sg.lambdify("besselj(0, x)", [], backend=backend)
    with pytest.raises(RuleError, match=r"no code for integral.*'numpy'"):
        sg.lambdify("integral(w*t, t, 0, 1)", "w", backend=backend)
    with pytest.raises(RuleError, match="order that is no number"):
        sg.lambdify("polygamma(n, x)", [], backend=backend)
    with pytest.raises(ArgumentValueError, match="no other results, rows"):
        sg.lambdify("w*x", "w", backend=backend, results="gradient")
    with pytest.raises(ArgumentValueError, match="not saved as a module"):
        f.save("f.py")


@pytest.mark.parametrize("backend", SHOWN)
def test_pickles(backend):
    loaded(backend)
    f = sg.lambdify("tanh(w*x)", "w", backend=backend)
    again = pickle.loads(pickle.dumps(f))
    assert again.source == f.source and again.backend == backend
    close(again(2.0, 3.0)[0], f(2.0, 3.0)[0])


@pytest.mark.parametrize("backend", SHOWN)
def test_dead_branches_leak_nothing(backend):
    """Neither into the derivatives that a package takes itself, of any order."""
    package = loaded(backend)
    f = sg.lambdify("Piecewise((sqrt(x), x > 0), (0, True))", backend=backend)
    if backend == "jax":
        value = lambda x: f(x)[0]  # noqa: E731
        found = [package.grad(value)(0.0), package.grad(package.grad(value))(0.0)]
        found += [package.grad(package.grad(value))(4.0)]
    else:
        found = []
        for at in (0.0, 0.0, 4.0):
            x = package.tensor(at, dtype=package.float64, requires_grad=True)
            (first,) = package.autograd.grad(f(x)[0], x, create_graph=True)
            (second,) = package.autograd.grad(first, x)
            found.append(second.item() if found else first.item())
    assert [float(each) for each in found] == [0.0, 0.0, -1 / 32]


def test_cupy_over_its_stand_in(monkeypatch):
    """The same source over NumPy, as no GPU is at hand."""
    from symgrad.numeric import cupy_arrays

    monkeypatch.setitem(__import__("sys").modules, "cupy", np)
    cupy_arrays.load_cupy.cache_clear()
    try:
        for name in known.ELEMENTARY:
            variables = list(known.arguments_of(name))
            if name in DIALECTS["cupy"].lacks:
                continue
            f = sg.lambdify(known.built(name), variables, backend="cupy")
            assert "from cupy import" in f.source or "import" not in f.source
            g = sg.lambdify(known.built(name), variables, backend="numpy")
            points = np.array(known.points_of(name)).T
            with np.errstate(all="ignore"):
                mine = f(*points)
            for got, wanted in zip(mine, g(*points), strict=True):
                np.testing.assert_allclose(got, wanted, rtol=1e-12)
        value, grad = f(*np.float32(points))
        assert value.dtype == grad.dtype == np.float32
    finally:
        cupy_arrays.load_cupy.cache_clear()
