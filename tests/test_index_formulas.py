"""Formulas of statistics and physics with data, judged by PyTorch on whole arrays.

The oracle of a row is written by hand for tensors; its derivatives are PyTorch's. It
shares nothing with the reader, the rules or the tape.
"""

from __future__ import annotations

import math
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symgrad as sg

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

TOLERANCE = 1e-11  # some hundred roundings of numbers near 1, and quotients of them
N, M = 5, 4
T = torch
Row = tuple[str, list[str], str, Callable[[Any], Any]]

numbers = np.random.default_rng(5)
DATA: dict[str, Any] = {
    **{name: numbers.uniform(0.4, 1.6, N) for name in "xyvcqpz"},
    **{name: numbers.uniform(0.2, 0.8, M) for name in "aud"},
    "A": numbers.uniform(0.3, 1.2, (N, N)),
    "W": numbers.uniform(0.3, 1.2, (N, M)),
    "n": N,
    "m": M,
    **{"w": 0.7, "b": 0.3, "s": 1.3, "mu": 0.9, "lambda": 0.6, "t": 0.35, "theta": 0.8},
    "alpha": 1.7,
}


def logistic(v: Any) -> Any:
    return 1 / (1 + T.exp(-v))


def lagrange(at: Any) -> Any:
    total = 0
    for i in range(N):
        factors = [(at.t - at.x[j]) / (at.x[i] - at.x[j]) for j in range(N) if j != i]
        total = total + at.y[i] * math.prod(factors)
    return total


def vandermonde(at: Any) -> Any:
    pairs = [(i, j) for i in range(N) for j in range(i + 1, N)]
    return math.prod(at.x[j] - at.x[i] for i, j in pairs)


def correlation(at: Any) -> Any:
    x, y = at.x - at.x.mean(), at.y - at.y.mean()
    return (x * y).sum() / T.sqrt((x**2).sum() * (y**2).sum())


ROWS: list[Row] = [
    # --- likelihoods
    (
        "-n/2*log(2π s^2) - sum((x_i - mu)^2, i, 1, n)/(2 s^2)",
        ["s", "mu"],
        "x_k",
        lambda at: (
            -N / 2 * T.log(2 * math.pi * at.s**2)
            - ((at.x - at.mu) ** 2).sum() / (2 * at.s**2)
        ),
    ),
    (
        "sum(y_i*log(lambda) - lambda - log(y_i!), i, 1, n)",
        ["lambda"],
        "y_k",
        lambda at: (
            at.y * T.log(at["lambda"]) - at["lambda"] - T.lgamma(at.y + 1)
        ).sum(),
    ),
    (
        "∑_{i=1}^{n} (y_i (w x_i + b) - exp(w x_i + b))",
        ["w", "b"],
        "x_k",
        lambda at: (at.y * (at.w * at.x + at.b) - T.exp(at.w * at.x + at.b)).sum(),
    ),
    (
        "p_i = logistic(w x_i + b);"
        "L = sum(y_i*ln(p_i) + (1 - y_i)*ln(1 - p_i), i, 1, n)",
        ["w", "b"],
        "x_k",
        lambda at: (
            at.y * T.log(logistic(at.w * at.x + at.b))
            + (1 - at.y) * T.log(1 - logistic(at.w * at.x + at.b))
        ).sum(),
    ),
    (
        "sum(softplus(w x_i + b) - y_i (w x_i + b), i, 1, n)",
        ["w", "b"],
        "x_k",
        lambda at: (
            T.nn.functional.softplus(at.w * at.x + at.b) - at.y * (at.w * at.x + at.b)
        ).sum(),
    ),
    (
        "n ln(lambda) - lambda ∑_{i=1}^{n} x_i",
        ["lambda"],
        "x_k",
        lambda at: N * T.log(at["lambda"]) - at["lambda"] * at.x.sum(),
    ),
    (
        "product(lambda*exp(-lambda*x_i), i, 1, n)",
        ["lambda"],
        "x_k",
        lambda at: (at["lambda"] * T.exp(-at["lambda"] * at.x)).prod(),
    ),
    (
        "product(theta^y_i*(1 - theta)^(1 - y_i), i, 1, n)",
        ["theta"],
        "y_k",
        lambda at: (at.theta**at.y * (1 - at.theta) ** (1 - at.y)).prod(),
    ),
    (
        "sum((alpha - 1)*ln(x_i) - x_i/s, i, 1, n) - n*(loggamma(alpha) + alpha*ln(s))",
        ["alpha", "s"],
        "x_k",
        lambda at: (
            ((at.alpha - 1) * T.log(at.x) - at.x / at.s).sum()
            - N * (T.lgamma(at.alpha) + at.alpha * T.log(at.s))
        ),
    ),
    (
        "-sum(log(1 + ((x_i - mu)/s)^2), i, 1, n) - n*log(π s)",
        ["mu", "s"],
        "x_k",
        lambda at: (
            -T.log(1 + ((at.x - at.mu) / at.s) ** 2).sum() - N * T.log(math.pi * at.s)
        ),
    ),
    (
        "n*log(alpha/s) + sum((alpha - 1)*log(x_i/s) - (x_i/s)^alpha, i, 1, n)",
        ["alpha", "s"],
        "x_k",
        lambda at: (
            N * T.log(at.alpha / at.s)
            + ((at.alpha - 1) * T.log(at.x / at.s) - (at.x / at.s) ** at.alpha).sum()
        ),
    ),
    # --- regression
    (
        "r_i = y_i - (w x_i + b); L = sum(r_i^2, i, 1, n)",
        ["w", "b"],
        "y_k",
        lambda at: ((at.y - at.w * at.x - at.b) ** 2).sum(),
    ),
    (
        "sum(v_i (y_i - w x_i - b)^2, i, 1, n)",
        ["w", "b"],
        "v_k",
        lambda at: (at.v * (at.y - at.w * at.x - at.b) ** 2).sum(),
    ),
    (
        "sum((y_i - w x_i)^2, i, 1, n) + lambda*w^2",
        ["w", "lambda"],
        "x_3",
        lambda at: ((at.y - at.w * at.x) ** 2).sum() + at["lambda"] * at.w**2,
    ),
    (
        "sum((y_i - sum(W_{i,j} a_j, j, 1, m))^2, i, 1, n)+ lambda*sum(a_j^2, j, 1, m)",
        ["lambda"],
        "a_k",
        lambda at: ((at.y - at.W @ at.a) ** 2).sum() + at["lambda"] * (at.a**2).sum(),
    ),
    (
        "e_i = y_i - sum(W[i, j]*a[j], j, 1, m); L = mean(e_i^2, i, 1, n)",
        [],
        "W_{2,k}",
        lambda at: ((at.y - at.W @ at.a) ** 2).mean(),
    ),
    (
        "sum(|y_i - w x_i - b|, i, 1, n)",
        ["w", "b"],
        "y_k",
        lambda at: (at.y - at.w * at.x - at.b).abs().sum(),
    ),
    (
        "r_i = y_i - w x_i; sum(if(|r_i| <= s, r_i^2/2, s*(|r_i| - s/2)), i, 1, n)",
        ["w", "s"],
        "y_k",
        lambda at: T.where(
            (at.y - at.w * at.x).abs() <= at.s,
            (at.y - at.w * at.x) ** 2 / 2,
            at.s * ((at.y - at.w * at.x).abs() - at.s / 2),
        ).sum(),
    ),
    (
        "sum(max(0, 1 - y_i (w x_i + b)), i, 1, n)/n + lambda*w^2",
        ["w", "b", "lambda"],
        "x_k",
        lambda at: (
            T.relu(1 - at.y * (at.w * at.x + at.b)).sum() / N + at["lambda"] * at.w**2
        ),
    ),
    (
        "sum((y_i - b*exp(-w*x_i))^2, i, 1, n)",
        ["w", "b"],
        "x_k",
        lambda at: ((at.y - at.b * T.exp(-at.w * at.x)) ** 2).sum(),
    ),
    (
        "sum(x_i y_i, i, 1, n)/sum(x_i^2, i, 1, n)",
        [],
        "x_k",
        lambda at: (at.x * at.y).sum() / (at.x**2).sum(),
    ),
    # --- moments
    ("mean(x_i, i, 1, n)", [], "x_k", lambda at: at.x.mean()),
    ("∑_{i=1}^{n} x_i/n", [], "x_k", lambda at: at.x.mean()),
    (
        "x_bar = mean(x_i, i, 1, n); sum((x_i - x_bar)^2, i, 1, n)/(n - 1)",
        [],
        "x_k",
        lambda at: at.x.var(),
    ),
    (
        "sum((x_i - sum(x_j, j, 1, n)/n)^2, i, 1, n)/(n - 1)",
        [],
        "x_2",
        lambda at: at.x.var(),
    ),
    (
        "sqrt(mean((x_i - mu)^2, i, 1, n))",
        ["mu"],
        "x_k",
        lambda at: T.sqrt(((at.x - at.mu) ** 2).mean()),
    ),
    (
        "mean(((x_i - mu)/s)^3, i, 1, n)",
        ["mu", "s"],
        "x_k",
        lambda at: (((at.x - at.mu) / at.s) ** 3).mean(),
    ),
    (
        "a = mean(x_i, i, 1, n); c = mean(y_i, i, 1, n);"
        "mean((x_i - a)*(y_i - c), i, 1, n)",
        [],
        "x_k",
        lambda at: ((at.x - at.x.mean()) * (at.y - at.y.mean())).mean(),
    ),
    (
        "a = mean(x_i, i, 1, n); c = mean(y_i, i, 1, n);"
        "sum((x_i - a)*(y_i - c), i, 1, n)"
        "/sqrt(sum((x_i - a)^2, i, 1, n)*sum((y_i - c)^2, i, 1, n))",
        [],
        "y_k",
        correlation,
    ),
    (
        "product(x_i, i, 1, n)^(1/n)",
        [],
        "x_k",
        lambda at: at.x.prod() ** (1 / N),
    ),
    ("n/sum(1/x_i, i, 1, n)", [], "x_k", lambda at: N / (1 / at.x).sum()),
    (
        "sum(v_i x_i, i, 1, n)/sum(v_i, i, 1, n)",
        [],
        "v_k",
        lambda at: (at.v * at.x).sum() / at.v.sum(),
    ),
    (
        "sum((x_i - c_i)^2/c_i, i, 1, n)",
        [],
        "c_k",
        lambda at: ((at.x - at.c) ** 2 / at.c).sum(),
    ),
    (
        "-sum(p_i*ln(p_i), i, 1, n)",
        [],
        "p_k",
        lambda at: -(at.p * T.log(at.p)).sum(),
    ),
    (
        "sum(p_i*ln(p_i/q_i), i, 1, n)",
        [],
        "q_k",
        lambda at: (at.p * T.log(at.p / at.q)).sum(),
    ),
    (
        "sum(|x_i|^alpha, i, 1, n)^(1/alpha)",
        ["alpha"],
        "x_k",
        lambda at: (at.x.abs() ** at.alpha).sum() ** (1 / at.alpha),
    ),
    (
        "sum(x_i y_i, i, 1, n)/sqrt(sum(x_i^2, i, 1, n) sum(y_i^2, i, 1, n))",
        [],
        "x_k",
        lambda at: (at.x * at.y).sum() / T.sqrt((at.x**2).sum() * (at.y**2).sum()),
    ),
    # --- softmax and its kin
    ("log(sum(exp(z_j), j, 1, n))", [], "z_k", lambda at: T.logsumexp(at.z, 0)),
    (
        "s*log(∑_{j=1}^{n} exp(z_j/s))",
        ["s"],
        "z_k",
        lambda at: at.s * T.logsumexp(at.z / at.s, 0),
    ),
    (
        "exp(z_2)/sum(exp(z_j), j, 1, n)",
        [],
        "z_k",
        lambda at: T.softmax(at.z, 0)[1],
    ),
    (
        "exp(z_3)/sum(exp(z_j), j, 1, n)",
        [],
        "z_3",
        lambda at: T.softmax(at.z, 0)[2],
    ),
    (
        "-ln(exp(z[1])/sum(exp(z[j]), j, 1, n))",
        [],
        "z_k",
        lambda at: -T.log_softmax(at.z, 0)[0],
    ),
    (
        "-sum(y_i*(z_i - log(sum(exp(z_j), j, 1, n))), i, 1, n)",
        [],
        "z_k",
        lambda at: -(at.y * T.log_softmax(at.z, 0)).sum(),
    ),
    (
        "q_i = exp(z_i/s); Z = sum(q_i, i, 1, n); sum(x_i q_i, i, 1, n)/Z",
        ["s"],
        "z_k",
        lambda at: (at.x * T.softmax(at.z / at.s, 0)).sum(),
    ),
    # --- polynomials and series
    (
        "sum(a_k*t^k, k, 1, m)",
        ["t"],
        "a_2",
        lambda at: sum(at.a[k] * at.t ** (k + 1) for k in range(M)),
    ),
    (
        "sum((-1)^k t^(2k + 1)/(2k + 1)!, k, 0, 8)",
        ["t"],
        "",
        lambda at: sum(
            (-1) ** k * at.t ** (2 * k + 1) / math.factorial(2 * k + 1)
            for k in range(9)
        ),
    ),
    (
        "sum(t^k/k!, k, 0, 12)",
        ["t"],
        "",
        lambda at: sum(at.t**k / math.factorial(k) for k in range(13)),
    ),
    (
        "u_0/2 + sum(a_k*cos(k t) + d_k*sin(k t), k, 1, m)",
        ["t", "u_0"],
        "d_3",
        lambda at: (
            at.u_0 / 2
            + sum(
                at.a[k] * T.cos((k + 1) * at.t) + at.d[k] * T.sin((k + 1) * at.t)
                for k in range(M)
            )
        ),
    ),
    (
        "4/π*sum(sin((2k - 1) t)/(2k - 1), k, 1, 10)",
        ["t"],
        "",
        lambda at: (
            4
            / math.pi
            * sum(T.sin((2 * k - 1) * at.t) / (2 * k - 1) for k in range(1, 11))
        ),
    ),
    (
        "sum(y_i*product((t - x_j)/(x_i - x_j) if j ≠ i else 1, j, 1, n), i, 1, n)",
        ["t"],
        "y_k",
        lagrange,
    ),
    (
        "l_i = product(if(j ≠ i, (t - x_j)/(x_i - x_j), 1), j, 1, n);"
        "sum(y_i l_i, i, 1, n)",
        ["t"],
        "x_2",
        lagrange,
    ),
    (
        "product(product(x_j - x_i, j, i + 1, n), i, 1, n - 1)",
        [],
        "x_k",
        vandermonde,
    ),
    (
        "∏_{i=1}^{n} (t - x_i)",
        ["t"],
        "x_k",
        lambda at: (at.t - at.x).prod(),
    ),
    # --- quadratic forms, chains, lattices
    (
        "sum(sum(x_i A_{ij} x_j, j, 1, n), i, 1, n)",
        [],
        "x_k",
        lambda at: at.x @ at.A @ at.x,
    ),
    (
        "sum(sum(x_i A_{i,j} y_j, j, 1, n), i, 1, n)",
        [],
        "A_{k,l}",
        lambda at: at.x @ at.A @ at.y,
    ),
    (
        "∑_{i=1}^{n} ∑_{j=1}^{m} (W_{i,j} - x_i a_j)^2",
        [],
        "a_k",
        lambda at: ((at.W - T.outer(at.x, at.a)) ** 2).sum(),
    ),
    (
        "sum(A_{i,i}, i, 1, n)",
        [],
        "A_{2,2}",
        lambda at: at.A.trace(),
    ),
    (
        "K_{ij} = exp(-(x_i - x_j)^2/s); sum(sum(y_i y_j K_{ij}, j, 1, n), i, 1, n)",
        ["s"],
        "x_k",
        lambda at: (
            T.outer(at.y, at.y) * T.exp(-((at.x[:, None] - at.x) ** 2) / at.s)
        ).sum(),
    ),
    (
        "sum(x_i x_{i+1}, i, 1, n - 1)",
        [],
        "x_k",
        lambda at: (at.x[:-1] * at.x[1:]).sum(),
    ),
    (
        "sum((x_{i+1} - x_i)^2, i, 1, n - 1)/2",
        [],
        "x_1",
        lambda at: ((at.x[1:] - at.x[:-1]) ** 2).sum() / 2,
    ),
    (
        "sum((x[i+1] - 2*x[i] + x[i-1])^2, i, 2, n - 1)",
        [],
        "x_k",
        lambda at: ((at.x[2:] - 2 * at.x[1:-1] + at.x[:-2]) ** 2).sum(),
    ),
    (
        "sum((x_{i+1} - x_i)^2, i, 1, n - 1) + (x_1 - x_n)^2",
        [],
        "x_k",
        lambda at: ((T.roll(at.x, -1) - at.x) ** 2).sum(),
    ),
    (
        "sum(sqrt((x_{i+1} - x_i)^2 + (y_{i+1} - y_i)^2), i, 1, n - 1)",
        [],
        "y_n",
        lambda at: T.sqrt(
            (at.x[1:] - at.x[:-1]) ** 2 + (at.y[1:] - at.y[:-1]) ** 2
        ).sum(),
    ),
    (
        "1/2*sum(x_i y_{i+1} - x_{i+1} y_i, i, 1, n - 1)",
        [],
        "x_k",
        lambda at: (at.x[:-1] * at.y[1:] - at.x[1:] * at.y[:-1]).sum() / 2,
    ),
    (
        "sum((x_i - w x_{i-1})^2, i, 2, n) + (1 - w^2)*x_1^2",
        ["w"],
        "x_1",
        lambda at: (
            ((at.x[1:] - at.w * at.x[:-1]) ** 2).sum() + (1 - at.w**2) * at.x[0] ** 2
        ),
    ),
    (
        "sum(sum(q_i q_j/sqrt((x_i - x_j)^2 + s^2), j, i + 1, n), i, 1, n - 1)",
        ["s"],
        "q_k",
        lambda at: (
            (T.outer(at.q, at.q) / T.sqrt((at.x[:, None] - at.x) ** 2 + at.s**2))
            .triu(1)
            .sum()
        ),
    ),
    (
        "sum((y_i + y_{i+1})/2*(x_{i+1} - x_i), i, 1, n - 1)",
        [],
        "x_k",
        lambda at: T.trapezoid(at.y, at.x),
    ),
    (
        "tanh(sum(c_i*tanh(sum(W_{i,j} a_j, j, 1, m)), i, 1, n) + b)",
        ["b"],
        "W_{k,l}",
        lambda at: T.tanh((at.c * T.tanh(at.W @ at.a)).sum() + at.b),
    ),
]
IDS = [row[0][:60] for row in ROWS]


class At(dict[str, Any]):
    """The data of a row as tensors, by attribute."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


def tensors() -> At:
    plain = {**DATA, "u_0": 0.45}
    return At(
        {
            name: torch.tensor(value, dtype=torch.float64, requires_grad=True)
            for name, value in plain.items()
        }
    )


def arguments(function: sg.NumericFunction, places: dict[str, int]) -> dict[str, Any]:
    known = {**DATA, "u_0": 0.45, **places}
    return {name: known[name] for name in function.args if name in known}


@pytest.mark.parametrize(("text", "names", "element", "judge"), ROWS, ids=IDS)
def test_values_and_gradients_are_those_of_pytorch(
    text: str, names: list[str], element: str, judge: Callable[[Any], Any]
) -> None:
    function = sg.lambdify(text, names)
    found = function(**arguments(function, {}))
    value, grad = found if names else (found, ())
    at = tensors()
    expected = judge(at)
    assert value == pytest.approx(expected.item(), rel=TOLERANCE)
    if names:
        true = torch.autograd.grad(expected, [at[name] for name in names])
        for slope, one in zip(grad, true, strict=True):
            assert slope == pytest.approx(one.item(), rel=TOLERANCE, abs=TOLERANCE)


@pytest.mark.parametrize(
    ("text", "element", "judge"),
    [(text, element, judge) for text, _, element, judge in ROWS if element],
    ids=[each for each, row in zip(IDS, ROWS, strict=True) if row[2]],
)
def test_derivatives_by_one_datum_are_those_of_pytorch(
    text: str, element: str, judge: Callable[[Any], Any]
) -> None:
    base, _, spelled = element.partition("_")
    letters = spelled.strip("{}").split(",")
    at = tensors()
    (true,) = torch.autograd.grad(judge(at), [at[base]])
    function = sg.lambdify(text, [element])
    lengths = DATA[base].shape
    for turn in range(1, max(lengths) + 1):
        places = {
            letter: min(turn + k, length) if letter not in DATA else DATA[letter]
            for k, (letter, length) in enumerate(zip(letters, lengths, strict=True))
            if not letter.isdecimal()
        }
        _, grad = function(**arguments(function, places))
        place = tuple(
            (int(letter) if letter.isdecimal() else places[letter]) - 1
            for letter in letters
        )
        wanted = true[place].item()
        assert grad[0] == pytest.approx(wanted, rel=TOLERANCE, abs=TOLERANCE), places


@pytest.mark.parametrize(("text", "names", "element"), [r[:3] for r in ROWS], ids=IDS)
def test_pages_are_checked(text: str, names: list[str], element: str) -> None:
    for name in [*names[:1], element]:
        if name:
            told = str(sg.explain(text, name).checks[0])
            found = re.match(r"\('✓ ([0-9]+) equalities recomputed", told)
            left = re.findall("([0-9]+) left out: (too small|outside)", told)
            # a sum that is 0 for all data; lines of a branch that is never taken
            assert found and told.count("left out") == len(left), (name, told)
            assert sum(int(n) for n, _ in left) <= int(found.group(1)) / 7, told


@pytest.mark.parametrize(
    ("text", "syntax"),
    [
        ("sum((y_i - y_hat_i)^2, i, 1, n)", "text"),
        (r"\sum_{i=1}^{n} (y_i - \hat{y}_i)^2", "latex"),
    ],
    ids=["text", "latex"],
)
def test_data_with_a_hat_stand_beside_the_data(text, syntax):
    f = sg.lambdify(sg.formula(text, syntax=syntax), "y_hat_k")
    value, grad = f(y=[1.0, 2.0], y_hat=[3.0, 5.0], k=[1, 2])
    assert value.tolist() == [13.0, 13.0] and grad.tolist() == [[4.0, 6.0]]


NAMED_FITS = {
    "text": ("L = sum((y_i - y_hat_i)^2, i, 1, n); y_hat_i = w*x_i", "text"),
    "accent": ("∑_{i=1}^{n} (y_i - ŷ_i)²; ŷ_i = w x_i", "text"),
    "two-words": ("sum((y_i - y_hat_k_i)^2, i, 1, n); y_hat_k_i = w*x_i", "text"),
    "other-letter": ("sum((y_j - y_hat_j)^2, j, 1, n); y_hat_i = w*x_i", "text"),
    "latex": (r"\sum_{i=1}^{n} (y_i - \hat{y}_i)^2; \hat{y}_i = w x_i", "latex"),
    "latex-inside": (r"\sum_{i=1}^n (y_i-\hat{y_i})^2 \\ \hat{y_i} = wx_i", "latex"),
    "latex-quad": (r"\sum_{i=1}^n (y_i - \hat y_i)^2, \quad \hat y_i = w x_i", "latex"),
    "latex-where": (
        r"L = \sum_{i=1}^n (y_i - \hat y_i)^2 \text{ where } \hat y_i = w x_i",
        "latex",
    ),
}


@pytest.mark.parametrize("case", NAMED_FITS)
def test_a_name_of_several_parts_may_be_defined_for_every_index(case: str) -> None:
    text, syntax = NAMED_FITS[case]
    graph = sg.formula(text, syntax=syntax)
    x, y = T.tensor([1.0, 2.0]).double(), T.tensor([2.0, 5.0]).double()
    w = T.tensor(1.5, dtype=T.float64, requires_grad=True)
    wanted = ((y - w * x) ** 2).sum()
    value, grad = sg.lambdify(graph, "w")(x=x.numpy(), y=y.numpy(), w=1.5)
    assert value == wanted.item()  # few digits: exact
    assert grad[0] == torch.autograd.grad(wanted, w)[0].item()
    assert "✓" in str(sg.explain(graph, "w").checks)


def test_the_page_states_the_formulas_for_every_index() -> None:
    text = "L = sum(r_i^2, i, 1, n); r_i = y_i - y_hat_i; y_hat_i = w*x_i"
    page = sg.explain(text, "w")
    told = [(str(s.lhs), str(s.result)) for s in page.sections[0].steps]
    assert told[1:] == [("r_i", "y_i - y_hat_i"), ("y_hat_i", "w*x_i")]
    assert "y_hat_i = w x_i" in str(page) and "written out" in str(page)
    assert sg.explain(text, "x_k").sections[0].steps[1:] == page.sections[0].steps[1:]
    assert pickle.loads(pickle.dumps(page)) == page
    assert sg.render(page, "json").count('"Family"') == 2


def test_a_table_of_several_parts_has_two_indices() -> None:
    text = "sum(sum(A_hat_{ij} x_i x_j, i, 1, n), j, 1, n); A_hat_{ij} = w*a_i*b_j"
    value, grad = sg.lambdify(text, "w")(
        w=2.0, a=[1.0, 2.0], b=[3.0, 4.0], x=[1.0, 3.0]
    )
    assert (value, grad[0]) == (2 * 7 * 15, 7 * 15)


BOUNDS = {
    "upper-first": "∑^{n}_{i=1} x_i^2 + b",
    "upper-letter": "∑^n_{i=1} x_i^2 + b",
    "dots-below": "∑_{i=1..n} x_i^2 + b",
    "dots-in-brackets": "∑(i=1..n) x_i^2 + b",
    "dots-in-a-call": "sum(x_i^2, i=1..n) + b",
    "equals-in-a-call": "sum(x_i^2, i = 1, n) + b",
    "ellipsis": "∑_{i=1…n} x_i^2 + b",
}


@pytest.mark.parametrize("case", BOUNDS)
def test_bounds_as_people_write_them(case: str) -> None:
    assert sg.formula(BOUNDS[case]) == sg.formula("sum(x_i^2, i, 1, n) + b")


def test_terms_beside_a_sum_keep_their_place() -> None:
    assert "y = x² + Σ" in str(sg.explain("y = x^2 + sum(a_i*x, i, 1, n)", "x"))
    assert "y = Σ" in str(sg.explain("y = sum(a_i*x, i, 1, n) + x*b", "x"))


def test_roots_of_sums_in_exponents_are_sqrt() -> None:
    page = sg.explain("x^sqrt(sum(a_i, i, 1, n))", "x")
    latex = sg.render(page, "latex-fragment")
    assert r"x^{\sqrt{\sum_{i=1}^{n}\,a_{i}} - 1}" in latex
    assert r"\surd\bigg" not in latex
