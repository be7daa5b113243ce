"""Programs in other languages, compiled by their own tools with warnings as errors.

The numbers must be those of NumPy to a few units in the last place.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from random import Random

import numpy as np
import pytest
import sympy as sp
from generated import make_formula
from spelling import texts
from toolchains import compiled

import symgrad as sg
from symgrad.errors import ArgumentTypeError
from symgrad.functions import FUNCTIONS
from symgrad.numeric.codegen.languages.expressions import Expressions

LANGUAGES = [name for name in sg.LANGUAGES if name not in ("python", "llvm")]
lambdify = partial(sg.lambdify, backend="numpy")
SIZES = (0.0, 1e-300, 1e-9, 0.3, 0.9, 1.0, 2.5, 7.25, 30.0, 709.0, 745.0, 1e5, 1e300)
EXTREMES = np.array([*SIZES, np.inf, *(-x for x in SIZES), -np.inf, np.nan])


def expected(f, args):
    with np.errstate(all="ignore"):
        found = f(*args)
    return found if f.wrt else (found, None)


def compare(got, want, tolerance, near_zero=1e-290, args=()):
    """Compare to some relative error; nan and infinities must be the same.

    Below ``near_zero`` the error is taken relative to that.
    """
    got, want = np.asarray(got), np.asarray(want)
    want = np.broadcast_to(want, got.shape)
    with np.errstate(all="ignore"):
        scale = np.maximum(np.abs(want), near_zero)
        same = np.abs(got - want) <= tolerance * scale
    same |= (got == want) | (np.isnan(got) & np.isnan(want))
    if not same.all():
        worst = np.argwhere(~same)[:4]
        told = [(tuple(p), got[tuple(p)], want[tuple(p)]) for p in worst]
        shown = [[float(a[p[-1]]) for a in args] for p in worst]
        raise AssertionError(f"{told} at {shown}")


WORDS = """
int double lambda fn end function self real value grad n i row let class result found
f_batch Math std merge dp inf at k val module begin
""".split()


def product_of(names):
    """A product of pairs of symbols that bear some names."""
    symbols = [sp.Symbol(name, real=True) for name in names]
    return sp.Add(*(a * b for a, b in pairwise(symbols)))


NOTES = sg.network([2, 2, 1])
PROGRAMS = {
    "one neuron": (lambdify("tanh(w*x + b)"), 1e-14),
    "value alone": (lambdify("x^2 + exp(-y)", []), 1e-15),
    "the notes' network": (lambdify(NOTES), 1e-13),
    "a Jacobian": (lambdify(sg.jacobian(sg.network([2, 3, 2]))), 1e-13),
    "several values": (lambdify(sg.network([2, 2, 2]), []), 1e-13),
    "one row": (lambdify(sg.jacobian("p = x*y", ["x"])), 1e-15),
    "a vector": (lambdify(NOTES, layout="vector"), 1e-13),
    "vector and data": (lambdify("w*x + sin(b)", ["b", "w"], layout="vector"), 1e-15),
    "an argument that is not used": (
        lambdify("2*x + 0*y", args=["y", "x"], wrt=["y", "x"]),
        1e-15,
    ),
    "no argument at all": (lambdify("y = 2 + 3"), 1e-15),
    "numbers": (lambdify("x*1e200*1e99 + 0.1 - 1e-290*y + x/3 + 1e16"), 1e-15),
    "choices": (
        lambdify("(x if x > 0 and not y < 1 else log(y)) + (1 if x == y else 0)"),
        1e-14,
    ),
    "constants that are not real": (lambdify("c = 2; y = log(1 - c) + x"), 1e-15),
    "powers": (lambdify("x^7 + 2^x + abs(x)^y + x^(-3) + (x - 10)^2.5"), 1e-12),
    "reserved words": (lambdify(product_of(WORDS)), 1e-13),
    "names that only case tells apart": (lambdify("x*X + w_1*W_1 + t_1*T_1"), 1e-14),
    "other alphabets": (lambdify(product_of(["σ", "Δt", "w'", "λ", "ж", "_a"])), 1e-13),
    "names of functions": (
        lambdify(
            product_of(["erf", "tanh", "lgamma", "y0", "tgamma", "floor", "exp"])
            + sp.sinh(sp.Symbol("x", real=True))
            + sp.gamma(sp.Symbol("x", real=True))
        ),
        1e-13,
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_programs(language, tmp_path):
    call = compiled([f for f, _ in PROGRAMS.values()], language, tmp_path)
    for k, (name, (f, tolerance)) in enumerate(PROGRAMS.items()):
        rng = np.random.default_rng(k)
        vector = f.kernel.vector
        args = [rng.normal(size=vector)] if vector else []
        for place in range(vector, len(f.args)):
            shared = place in f.tape.parameters
            args.append(rng.normal() if shared else rng.normal(size=7))
        value, grad = expected(f, args)
        got = call(k, args)
        try:
            compare(
                got[0], np.asarray(value)[..., None] if not args else value, tolerance
            )
            if f.wrt:
                compare(got[1], grad, tolerance, 0.1)
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from None


ALONE = {
    "a neuron": (("tanh(w*x + b)",), {}),
    "the notes' network": ((NOTES,), {}),
    "a Jacobian": ((sg.jacobian(sg.network([2, 3, 2])),), {}),
    "one variable": (("x^2*y", "x"), {}),
    "a vector": ((NOTES,), {"layout": "vector"}),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("results", ["value", "gradient"])
def test_the_value_or_the_gradient_alone(results, language, tmp_path):
    functions = [
        lambdify(*source, results=results, **options)
        for source, options in ALONE.values()
    ]
    call = compiled(functions, language, tmp_path)
    place = ["value", "gradient"].index(results)
    for k, f in enumerate(functions):
        rng = np.random.default_rng(k)
        vector = f.kernel.vector
        args = [rng.normal(size=vector)] if vector else []
        for name in range(vector, len(f.args)):
            shared = name in f.tape.parameters
            args.append(rng.normal() if shared else rng.normal(size=7))
        compare(call(k, args)[place], f(*args), 1e-13, 0.1)


# --- every function -------------------------------------------------------------------

LACKING = (
    *("besselj", "bessely", "besseli", "besselk"),
    *("airyai", "airyaiprime", "airybi", "airybiprime"),
    *("Si", "Ci", "Shi", "Chi", "Ei", "li", "fresnels", "fresnelc"),
    *("elliptic_k", "elliptic_e", "lowergamma", "uppergamma"),
)


def row(name):
    """A function of x, or of x and y, with its derivatives."""
    arity = {-1: 2}.get(FUNCTIONS[name].arity, FUNCTIONS[name].arity)
    arguments = ["x", "y"][:arity] if name != "Heaviside" else ["x"]
    if name == "polygamma":
        arguments = ["3", "x"]
    wrt = [n for n in ("x", "y") if n in arguments]
    try:
        return lambdify(f"{name}({', '.join(arguments)})", wrt)
    except sg.RuleError:
        return lambdify(f"{name}({', '.join(arguments)})", [], args=wrt)


# Logarithms of gamma functions as large as 1e6 cancel; so do the polynomials in cot.
VALUES = {"beta": 1e-9, "binomial": 5e-14}
GRADS = {"beta": 1e-8, "polygamma": 1e-9}
ROWS = [name for name in FUNCTIONS if name not in LACKING]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_function_everywhere(language, tmp_path):
    functions = [row(name) for name in ROWS]
    call = compiled(functions, language, tmp_path)
    faults = []
    for k, (name, f) in enumerate(zip(ROWS, functions, strict=True)):
        x = EXTREMES
        args = [x] if len(f.args) == 1 else [np.repeat(x, x.size), np.tile(x, x.size)]
        value, grad = expected(f, args)
        got = call(k, args)
        try:
            compare(got[0], value, VALUES.get(name, 2e-15), args=args)
            if f.wrt:
                compare(got[1], grad, GRADS.get(name, 1e-12), 1e-3, args)
        except AssertionError as error:
            faults.append((name, str(error)))
    assert not faults, "\n".join(f"{a}: {b}" for a, b in faults)


# --- formulas made at random ----------------------------------------------------------


def random_programs(count):
    """Generated formulas that NumPy alone computes, with their gradients."""
    found = []
    seed = 0
    while len(found) < count:
        pick = Random(seed)
        seed += 1
        formula = make_formula(pick, 1 + seed % 4, 14)
        if formula.abstract:
            continue
        try:
            f = lambdify(texts(formula))
        except sg.SymgradError:
            continue  # constant parts without a value, functions of SciPy
        kinds = {entry[0] for entry in f.tape.entries}
        if f.args and f.wrt and not kinds & {"integral", "index", "element"}:
            found.append(f)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_generated_formulas(language, tmp_path):
    functions = random_programs(40)
    call = compiled(functions, language, tmp_path)
    for k, f in enumerate(functions):
        rng = np.random.default_rng(k)
        args = [rng.normal(size=9) * 2 for _ in f.args]
        # What rounding alone does: the largest change where arguments move by an ulp.
        want = expected(f, args)
        moved = [expected(f, [a * (1 + s * 4e-16) for a in args]) for s in (-1, 1)]
        got = call(k, args)
        for part in (0, 1):
            with np.errstate(all="ignore"):
                moves = [np.abs(m[part] - want[part]) for m in moved]
                noise = np.nanmax([np.zeros_like(moves[0]), *moves], axis=0)
                error = np.abs(got[part] - want[part])
                near = error <= 1e-12 * (1 + np.abs(want[part])) + 20 * noise
            near |= np.isnan(got[part]) & np.isnan(want[part])
            near |= got[part] == want[part]
            assert near.all(), (str(f.graph), got[part][~near], want[part][~near])


# --- what a program says --------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_doc_comment_tells_the_formula_and_the_orders(language):
    f = lambdify("tanh(w*x + b)", ["b", "w"])
    source = f.to_source(language, "neuron")
    for said in ("y = tanh(u_1)", "w, x, b", "by b, w", "neuron_batch"):
        assert said in source
    assert source == lambdify("tanh(w*x + b)", ["b", "w"]).to_source(language, "neuron")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sign", ["*", "+"])
def test_nested_expressions_are_translated_once(sign, language, monkeypatch):
    seen = []
    translate = Expressions.expression
    monkeypatch.setattr(
        Expressions,
        "expression",
        lambda self, node: [seen.append(node), translate(self, node)][1],
    )
    sign = f" {sign} "
    indexed = "sum(" + sign.join(f"sin({k}*x_i)" for k in range(1, 13)) + ", i, 1, n)"
    for text in (sign.join(f"sin({k}*x)" for k in range(1, 13)), indexed):
        sg.lambdify(text, wrt=[], backend="math").to_source(language)
        assert 12 < len(seen) < 400
        seen.clear()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_language_lacks_is_one_error(language):
    with pytest.raises(sg.RuleError, match="has no code for besselj"):
        sg.lambdify("besselj(0, x)").to_source(language)
    with pytest.raises(sg.RuleError, match="has no code for integrals"):
        lambdify("integral(exp(-w*t^2), t, 0, 1)", "w").to_source(language)
    with pytest.raises(sg.RuleError, match="adds nothing over samples"):
        lambdify("w*x", "w", reduce="sum").to_source(language)
    with pytest.raises(sg.RuleError, match="leave rows, sparse and products out"):
        lambdify("w*x", "w", rows="sample").to_source(language)


def test_suffixes_tell_the_language(tmp_path):
    f = lambdify("w*x + b", "w")
    for suffix, language in {".c": "c", ".h": "c-header", ".rs": "rust"}.items():
        path = f.save(tmp_path / f"line{suffix}", "line")
        assert path.read_text("utf-8") == f.to_source(language, "line")
    f.save(tmp_path / "two.c")
    assert (tmp_path / "two.h").read_text("utf-8").count(");") == 2
    f.save(tmp_path / "text.txt", language="julia")
    assert (tmp_path / "text.txt").read_text("utf-8") == f.to_source("julia")
    with pytest.raises(sg.ArgumentValueError, match=r"ends in \.py, \.c, \.h"):
        f.save(tmp_path / "line.foo")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_name_ends_no_comment(language, tmp_path):
    name = "*/ x; /* */ end \n\\"
    x = sp.Symbol(name, real=True)
    call = compiled([lambdify(sp.sin(x) * x)], language, tmp_path)
    assert call(0, [np.array([2.0])])[0][0] == pytest.approx(2 * np.sin(2.0))


@pytest.mark.parametrize("name", [None, 3, ["f"], b"f"], ids=repr)
def test_a_function_is_called_by_a_text(name, tmp_path):
    f = sg.lambdify("x^2")
    with pytest.raises(ArgumentTypeError, match=r"name is .*; expected a text"):
        f.to_source("c", name)
    with pytest.raises(ArgumentTypeError, match=r"name is .*; expected a text"):
        f.save(tmp_path / "f.c", name)
