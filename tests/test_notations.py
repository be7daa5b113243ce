"""Formulas as people write them, each with its meaning written again in Python.

The right-hand sides share no code with the reader: they are Python's own arithmetic and
its math module. The points are drawn from the text itself, so each row is fixed.
"""

from __future__ import annotations

import doctest
import inspect
import random
import re
from collections.abc import Callable
from math import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cos,
    cosh,
    erf,
    exp,
    fabs,
    floor,
    log,
    pi,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import symgrad as sg
from symgrad.reading.selections import MAX_CASES

MEANINGS: dict[str, Callable[..., float]] = {
    # algebra
    "3x^2 - 2x + 1": lambda x: 3 * x * x - 2 * x + 1,
    "(x+1)(x-2)(x+3)": lambda x: (x + 1) * (x - 2) * (x + 3),
    "2(x+1)(x+2)": lambda x: 2 * (x + 1) * (x + 2),
    "(a+b)^2 - (a-b)^2": lambda a, b: 4 * a * b,
    "a x^2 + b x + c": lambda a, x, b, c: a * x**2 + b * x + c,
    "(-b + √(b^2 + 4a c))/(2a)": lambda b, a, c: (
        (-b + sqrt(b * b + 4 * a * c)) / (2 * a)
    ),
    "x^3 y^2 z": lambda x, y, z: x**3 * y**2 * z,
    "x²y³": lambda x, y: x**2 * y**3,
    "x⁻² + y⁻¹": lambda x, y: x**-2 + 1 / y,
    "2x⁴ − 3x³ + x² ÷ 2": lambda x: 2 * x**4 - 3 * x**3 + x**2 / 2,
    "5 x y z": lambda x, y, z: 5 * x * y * z,
    "x^2(x + 1)": lambda x: x * x * (x + 1),
    "(x+y)²(x−y)": lambda x, y: (x + y) ** 2 * (x - y),
    "1/(1+x)": lambda x: 1 / (1 + x),
    "(x² − 1)/(x² + 1)": lambda x: (x * x - 1) / (x * x + 1),
    "(2x+1)/(3x+2)": lambda x: (2 * x + 1) / (3 * x + 2),
    "x/(1 + x/(1 + x))": lambda x: x / (1 + x / (1 + x)),
    "x^(2/3)": lambda x: x ** (2 / 3),
    "x^-2": lambda x: x**-2,
    "x**0.5 * y**-1.5": lambda x, y: x**0.5 * y**-1.5,
    "2^x*3^y": lambda x, y: 2**x * 3**y,
    "2^x^2": lambda x: 2 ** (x**2),
    "-x^2": lambda x: -(x**2),
    "(-x)^2": lambda x: x * x,
    "x - -y": lambda x, y: x + y,
    "--x": lambda x: x,
    "[x + (y + 1)] z": lambda x, y, z: (x + y + 1) * z,
    "1.5e-1 x + .5": lambda x: 0.15 * x + 0.5,
    "x^y": lambda x, y: x**y,
    "x^x": lambda x: x**x,
    "a·b×c ⋅ d": lambda a, b, c, d: a * b * c * d,
    "x_1 x_2 + x_{10}": lambda x_1, x_2, x_10: x_1 * x_2 + x_10,
    "x₁x₂ + x₁₀": lambda x_1, x_2, x_10: x_1 * x_2 + x_10,
    "w_{1,2} x_2": lambda w_1_2, x_2: w_1_2 * x_2,
    "T_{max} - T_{min}": lambda T_max, T_min: T_max - T_min,
    "√x": lambda x: sqrt(x),
    "2√x + √(x+1)": lambda x: 2 * sqrt(x) + sqrt(x + 1),
    "√2 x": lambda x: sqrt(2) * x,
    "1/√x": lambda x: 1 / sqrt(x),
    "√√x": lambda x: x**0.25,
    "∛x + ∛(−8)": lambda x: x ** (1 / 3) - 2,
    "root(x, 4)": lambda x: x**0.25,
    "root(x, 3) root(y, 2)": lambda x, y: x ** (1 / 3) * y**0.5,
    "cbrt x": lambda x: x ** (1 / 3),
    "sqrt x + sqrt(y)": lambda x, y: sqrt(x) + sqrt(y),
    "|x - 2|": lambda x: fabs(x - 2),
    "2|x - y| + |y|": lambda x, y: 2 * fabs(x - y) + fabs(y),
    "||x| - 1|": lambda x: fabs(fabs(x) - 1),
    "|x|y - x|y - 3|": lambda x, y: fabs(x) * y - x * fabs(y - 3),
    "abs(x - 3)^3": lambda x: abs(x - 3) ** 3,
    # trigonometry
    "sin x": lambda x: sin(x),
    "2 sin x cos x": lambda x: 2 * sin(x) * cos(x),
    "sin 2x": lambda x: sin(2 * x),
    "sin(2x)": lambda x: sin(2 * x),
    "x sin x + cos x": lambda x: x * sin(x) + cos(x),
    "sin^2(x) + cos^2(x)": lambda x: 1.0,
    "sin²x − cos²x": lambda x: sin(x) ** 2 - cos(x) ** 2,
    "sin^3 x cos x": lambda x: sin(x) ** 3 * cos(x),
    "sin(x)^2": lambda x: sin(x) ** 2,
    "sin(x^2)": lambda x: sin(x * x),
    "3sin(x)cos(y)": lambda x, y: 3 * sin(x) * cos(y),
    "tan(x)/(1 + x)": lambda x: tan(x) / (1 + x),
    "sec(x)tan(x)": lambda x: tan(x) / cos(x),
    "csc x + cot x": lambda x: 1 / sin(x) + 1 / tan(x),
    "sin x + sin y": lambda x, y: sin(x) + sin(y),
    "sin(x + y)cos(x - y)": lambda x, y: sin(x + y) * cos(x - y),
    "A sin(ω t + φ)": lambda A, ω, t, φ: A * sin(ω * t + φ),
    "A sin(2π ν t)": lambda A, ν, t: A * sin(2 * pi * ν * t),
    "arctan(y/x)": lambda y, x: atan(y / x),
    "atan2(y, x)": lambda y, x: atan2(y, x),
    "arcsin(x/2) + acos(x/2)": lambda x: asin(x / 2) + acos(x / 2),
    "arctan x": lambda x: atan(x),
    "sin(π/6) x": lambda x: x / 2,
    "cos(pi x)": lambda x: cos(pi * x),
    "sin(cos(tan(x)))": lambda x: sin(cos(tan(x))),
    "sin(x)/x": lambda x: sin(x) / x,
    # exponentials, logarithms, hyperbolic
    "e^x": lambda x: exp(x),
    "e^-x": lambda x: exp(-x),
    "e^(-x^2/2)": lambda x: exp(-x * x / 2),
    "x e^-x": lambda x: x * exp(-x),
    "2e^x": lambda x: 2 * exp(x),
    "x² e^(2x)": lambda x: x * x * exp(2 * x),
    "e^x sin x": lambda x: exp(x) * sin(x),
    "e² x": lambda x: exp(2) * x,
    "exp x": lambda x: exp(x),
    "exp(x)exp(-y)": lambda x, y: exp(x - y),
    "ln x": lambda x: log(x),
    "x ln x - x": lambda x: x * log(x) - x,
    "ln(|x - 3|)": lambda x: log(fabs(x - 3)),
    "ln(x)/x": lambda x: log(x) / x,
    "log(x^2 + 1)": lambda x: log(x * x + 1),
    "log^2(x)": lambda x: log(x) ** 2,
    "log_2(x)": lambda x: log(x, 2),
    "log₁₀(x)": lambda x: log(x, 10),
    "log(x, 3)": lambda x: log(x, 3),
    "log(x, b + 1)": lambda x, b: log(x, b + 1),
    "sinh x cosh x": lambda x: sinh(x) * cosh(x),
    "1 - tanh² x": lambda x: 1 - tanh(x) ** 2,
    "cosh^2(x) - sinh^2(x)": lambda x: 1.0,
    "arsinh(x) + artanh(x/2)": lambda x: asinh(x) + atanh(x / 2),
    "acosh(x + 1)": lambda x: acosh(x + 1),
    "(e^x - e^-x)/(e^x + e^-x)": lambda x: tanh(x),
    "1/(1 + e^-x)": lambda x: 1 / (1 + exp(-x)),
    "sigmoid(w x + b)": lambda w, x, b: 1 / (1 + exp(-w * x - b)),
    "max(0, x - 1)": lambda x: max(0, x - 1),
    "min(x, y, 1)": lambda x, y: min(x, y, 1),
    "erf(x/√2)": lambda x: erf(x / sqrt(2)),
    "floor(3x)": lambda x: floor(3 * x),
    # physics
    "m c^2": lambda m, c: m * c**2,
    "(1/2) m v²": lambda m, v: m * v * v / 2,
    "m g h": lambda m, g, h: m * g * h,
    "G m_1 m_2/r^2": lambda G, m_1, m_2, r: G * m_1 * m_2 / r**2,
    "v_0 t + (1/2)a t^2": lambda v_0, t, a: v_0 * t + a * t * t / 2,
    "√(v_0² + 2 a s)": lambda v_0, a, s: sqrt(v_0**2 + 2 * a * s),
    "2π√(L/g)": lambda L, g: 2 * pi * sqrt(L / g),
    "πr²": lambda r: pi * r * r,
    "2πr*(r + h)": lambda r, h: 2 * pi * r * (r + h),
    "(4/3)πr³": lambda r: 4 / 3 * pi * r**3,
    "π r^2 h": lambda r, h: pi * r * r * h,
    "U^2/R": lambda U, R: U * U / R,
    "R_1 R_2/(R_1 + R_2)": lambda R_1, R_2: R_1 * R_2 / (R_1 + R_2),
    "1/(1/R_1 + 1/R_2)": lambda R_1, R_2: R_1 * R_2 / (R_1 + R_2),
    "q_1 q_2/(4π ε_0 r²)": lambda q_1, q_2, ε_0, r: q_1 * q_2 / (4 * pi * ε_0 * r**2),
    "n R T/V": lambda n, R, T, V: n * R * T / V,
    "(p + a n²/V²)(V - n b)": lambda p, a, n, V, b: (
        (p + a * n * n / V**2) * (V - n * b)
    ),
    "σ T^4": lambda σ, T: σ * T**4,
    "k_B T ln(W)": lambda k_B, T, W: k_B * T * log(W),
    "N_0 e^(-λ t)": lambda N_0, λ, t: N_0 * exp(-λ * t),
    "U_0*(1 - e^(-t/(R C)))": lambda U_0, t, R, C: U_0 * (1 - exp(-t / (R * C))),
    "A e^(-γ t) cos(ω t + φ)": lambda A, γ, t, ω, φ: A * exp(-γ * t) * cos(ω * t + φ),
    "m_0/√(1 - v²/(c + 2)²)": lambda m_0, v, c: m_0 / sqrt(1 - v**2 / (c + 2) ** 2),
    "4ε*((σ/r)^12 - (σ/r)^6)": lambda ε, σ, r: 4 * ε * ((σ / r) ** 12 - (σ / r) ** 6),
    "8π h ν³/(c³ (e^(h ν/(k T)) - 1))": lambda h, ν, c, k, T: (
        8 * pi * h * ν**3 / (c**3 * (exp(h * ν / (k * T)) - 1))
    ),
    "(1/√(2π)) e^(-x²/2)": lambda x: exp(-x * x / 2) / sqrt(2 * pi),
    "e^(-(x-μ)²/(2σ²))/(σ √(2π))": lambda x, μ, σ: (
        exp(-((x - μ) ** 2) / (2 * σ**2)) / (σ * sqrt(2 * pi))
    ),
    "V_max S/(K_m + S)": lambda V_max, S, K_m: V_max * S / (K_m + S),
    "K/(1 + A e^(-r t))": lambda K, A, r, t: K / (1 + A * exp(-r * t)),
    "P*(1 + r/n)^(n t)": lambda P, r, n, t: P * (1 + r / n) ** (n * t),
    "1/f": lambda f: 1 / f,
    "f g h": lambda f, g, h: f * g * h,
    "0.023*Re^0.8*Pr^0.4": lambda Re, Pr: 0.023 * Re**0.8 * Pr**0.4,
    "ħ ω*(n + 1/2)": lambda ħ, ω, n: ħ * ω * (n + 0.5),
    "Δx/Δt": lambda Δx, Δt: Δx / Δt,
    "alpha x + beta y": lambda alpha, x, beta, y: alpha * x + beta * y,
    "2 alpha β": lambda alpha, β: 2 * alpha * β,
    "beta gamma zeta": lambda beta, gamma, zeta: beta * gamma * zeta,
    "E N S Q": lambda E, N, S, Q: E * N * S * Q,
    # choices
    "x^2 if x > 1 else x": lambda x: x * x if x > 1 else x,
    "x if x < 0.8 else 2x if x < 1.2 else 3x": lambda x: (
        x if x < 0.8 else 2 * x if x < 1.2 else 3 * x
    ),
    "1 + (x if x > y else y)": lambda x, y: 1 + max(x, y),
    "piecewise((x^2, x > 1), (0, true))": lambda x: x * x if x > 1 else 0,
    "piecewise((1, x < 0.5), (2, x < 1), (3, otherwise))": lambda x: (
        1 if x < 0.5 else 2 if x < 1 else 3
    ),
    "if(x > 1, x, 0)": lambda x: x if x > 1 else 0,
    "where(x ≥ y, x - y, y - x)": lambda x, y: abs(x - y),
    "x if 0.5 < x < 1.5 else -x": lambda x: x if 0.5 < x < 1.5 else -x,
    "x if x > 1 and y > 1 else y": lambda x, y: x if x > 1 and y > 1 else y,
    "x if x > 1 or not y > 1 else y": lambda x, y: x if x > 1 or not y > 1 else y,
    "x if not (x > 1 and y > 1) else y": lambda x, y: x if not (x > 1 and y > 1) else y,
    "x if x ≠ y else 0": lambda x, y: x if x != y else 0,
    "x if x == y else 2": lambda x, y: x if x == y else 2,
    "x if x ≤ 1 ∧ y ≤ 1 else 5": lambda x, y: x if x <= 1 and y <= 1 else 5,
    "log(x - 1) if x > 1 else √(1 - x)": lambda x: log(x - 1) if x > 1 else sqrt(1 - x),
    "sin(x^2)/(1 + x) if x*y > 1 else cos(2x)^2": lambda x, y: (
        sin(x * x) / (1 + x) if x * y > 1 else cos(2 * x) ** 2
    ),
    # functions of the text
    "f(x) = x^2 + 1": lambda x: x * x + 1,
    "f(x) = x^2 + 1; y = f(3t) + f(2)": lambda t: 9 * t * t + 6,
    "f(x) = x^2 + 1\nf(t) f(2t)": lambda t: (t * t + 1) * (4 * t * t + 1),
    "g(x) = f(x)^2; f(t) = sin t": lambda x: sin(x) ** 2,
    "area(r) = πr²; V = h*area(r)": lambda h, r: pi * r * r * h,
    "dist(a, b) = √(a² + b²); dist(x - 3, dist(y, z))": lambda x, y, z: sqrt(
        (x - 3) ** 2 + y * y + z * z
    ),
    "f(x) = a x; y = f(f(f(x)))": lambda a, x: a**3 * x,
    "f(x) = u + x; u = 2t; y = f(u)": lambda t: 4 * t,
    "s(x) = 1/(1 + e^-x); s(x)(1 - s(x))": lambda x: exp(-x) / (1 + exp(-x)) ** 2,
    "h(x) = √x; h(x - 1) if x > 1 else h(1 - x)": lambda x: sqrt(abs(x - 1)),
    "f(x) = x if x > 1 else 1; f(x) f(y)": lambda x, y: max(x, 1) * max(y, 1),
    "z = f + y; f = 2x; y = x^2": lambda x: 2 * x + x * x,
}
MEANINGS = {text: meaning for text, meaning in MEANINGS.items() if meaning}


def points(names: list[str], text: str) -> dict[str, float]:
    draw = random.Random(text)
    return {name: draw.uniform(0.3, 1.7) for name in names}


@pytest.mark.parametrize("text", MEANINGS)
def test_the_meaning_of_a_formula(text: str) -> None:
    meaning = MEANINGS[text]
    names = list(inspect.signature(meaning).parameters)
    graph = sg.formula(text)
    inputs = [each.name for each in graph.inputs]
    assert set(inputs) >= set(names)
    for k in range(4):
        at = points(inputs, f"{text}{k}")
        expected = meaning(**{name: at[name] for name in names})
        found = sg.evaluate(graph, at)[graph.output.name]
        assert float(found) == pytest.approx(expected, rel=1e-11, abs=1e-13)


def test_the_table_is_large() -> None:
    assert len(MEANINGS) >= 150


# --- random formulas, written twice: for symgrad, and for Python -------------------

Pair = tuple[str, str]
LEAVES = st.sampled_from(
    [("x", "x"), ("y_1", "y_1"), ("β", "β"), ("2", "2"), ("0.5", "0.5"), ("π", "pi")]
)


def both(form: str, python: str) -> Callable[..., Pair]:
    """Put the parts into a form of each language."""

    def made(*parts: Pair) -> Pair:
        return form.format(*(p[0] for p in parts)), python.format(
            *(p[1] for p in parts)
        )

    return made


FORMS = [
    (2, "({} + {})", "({} + {})"),
    (2, "({} − {})", "({} - {})"),
    (2, "({}*{})", "({} * {})"),
    (2, "(({}) ({}))", "({} * {})"),
    (2, "({}/{})", "({} / {})"),
    (1, "(-{})", "(-{})"),
    (1, "({})²", "({} ** 2)"),
    (1, "({})^-1", "({} ** -1)"),
    (1, "(2({}))", "(2 * {})"),
    (1, "|{}|", "abs({})"),
    (1, "√|{}|", "sqrt(abs({}))"),
    (1, "sin({})", "sin({})"),
    (1, "(x cos({}))", "(x * cos({}))"),
    (1, "tanh²({})", "(tanh({}) ** 2)"),
    (1, "(3atan({}))", "(3 * atan({}))"),
    (2, "max({}, {})", "max({}, {})"),
    (3, "({0} if {1} < {2} else 1)", "({0} if {1} < {2} else 1)"),
    (3, "if({0} ≥ {1} or {2} > 1, {0}, 2)", "({0} if {0} >= {1} or {2} > 1 else 2)"),
    (
        3,
        "piecewise(({0}, not ({1} <= {2} and {0} < 1)), ({1}, true))",
        "({0} if not ({1} <= {2} and {0} < 1) else {1})",
    ),
    (3, "where(0 < {0} < {1}, {1}, {2})", "({1} if 0 < {0} < {1} else {2})"),
]
PAIRS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(both(form, python), *[inner] * count) for count, form, python in FORMS
    ),
    max_leaves=9,
)
PYTHON = {"pi": pi, "sqrt": sqrt, "sin": sin, "cos": cos, "tanh": tanh, "atan": atan}
PYTHON |= {"abs": abs, "max": max, "__builtins__": {}}


@settings(max_examples=250, deadline=None, derandomize=True)
@given(PAIRS)
def test_random_formulas_mean_what_they_say(pair: Pair) -> None:
    text, python = pair
    text, at = f"{text} + 0*x + 0*y_1 + 0*β", {"x": 0.618, "y_1": 1.3247, "β": 0.4142}
    try:
        expected = eval(python, dict(PYTHON), dict(at))
        nearby = eval(python, dict(PYTHON), {n: v * (1 + 1e-13) for n, v in at.items()})
    except (ZeroDivisionError, OverflowError):
        assume(False)
    # Where the last digits decide (a comparison of equals, a cancellation), floats
    # cannot tell what is right.
    assume(abs(nearby - expected) <= 1e-9 * abs(expected) and abs(expected) < 1e100)
    try:
        graph = sg.formula(text, name="out")
    except sg.SymgradError as error:
        # Constants alone may divide by zero or be too close to compare.
        assert any(w in str(error) for w in ("zero", "too close", "real", "bound"))
        assume(False)
    found = float(sg.evaluate(graph, at)["out"])
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-12)


# --- what becomes a stage, and what derivatives come of it --------------------------

STAGES = {
    "f(x) = x^2; y = f(3t) + f(3t)": "u_1 = 3*t; f_1 = u_1**2; y = f_1 + f_1",
    "f(x) = x^2; y = f(a) + f(b)": "f_1 = a**2; f_2 = b**2; y = f_1 + f_2",
    "f(x) = x; y = f(a) + 1": "y = a + 1",
    "f(x) = x^2; y = f(3) + f_1": "y = f_1 + 9",
    "f(x) = x^2; y = f(t) + f_1": "f_2 = t**2; y = f_1 + f_2",
    "z = f(x, y); y = g(x); x = k(t)": "x = k(t); y = g(x); z = f(x, y)",
    "f(x^2 + 1)": "u_1 = x**2 + 1; y = f(u_1)",
    "f(2) + f(sin x)": "u_1 = sin(x); y = f(2) + f(u_1)",
    "f(y)": "F = f(y)",
    "x if 1 < 2 else 1/x": "y = x",
    "2 if 1 > 2 or π < 3 else 3": "y = 3",
    "f(x) = sqrt(x)/2; f(t) if t > 0 else 0": (
        "y = Piecewise((sqrt(t)/2, t > 0), (0, True))"
    ),
    "log(log(x)) if x > 1 else 0": "y = Piecewise((log(log(x)), x > 1), (0, True))",
    "a if x > 1 else b if x > 0 else c": (
        "y = Piecewise((a, x > 1), (b, x > 0), (c, True))"
    ),
    "log(x, 2)": "y = log(x)/log(2)",
    "2 if (x if x < 1 else 3) > 2 else 1": (
        "u_1 = Piecewise((x, x < 1), (3, True)); y = Piecewise((2, u_1 > 2), (1, True))"
    ),
}


@pytest.mark.parametrize("text", STAGES)
def test_what_becomes_a_stage(text: str) -> None:
    graph = sg.formula(text)
    shown = "; ".join(f"{s.symbol} = {s.expr}" for s in graph.stages)
    assert shown == STAGES[text]


REFUSED = [
    ("f(x) = f(x - 1) + 1; f(2)", "'f' is defined by itself"),
    ("f(x) = g(x); g(x) = f(x); y = f(2)", "f -> g -> f"),
    ("f(x) = y; y = f(2)", "f -> y -> f"),
    ("f(x) = x; g(x) = 2; f(3)", "'g' is defined and never used"),
    ("f(x) = x; f = 3", "'f' is defined twice"),
    ("f(x) = x^2; x = 3", "2 definitions are used by no other"),
    ("f(x) = x; u = 2t; f(u); u", "has no name"),
    ("x if 0 == sin(π) else 1", "too close to tell apart"),
    ("piecewise((x, 1 > 2))", "no branch"),
    ("log(x, -2)", "no real, finite value"),
    ("log(x, 1)", "divides by zero"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_what_is_refused(text: str, words: str) -> None:
    with pytest.raises(sg.FormulaError, match=words):
        sg.formula(text)


def test_a_dead_branch_leaks_nothing() -> None:
    text = "h(x) = √x; h(log(x)) if x > 1 else 0"
    value, gradient = sg.lambdify(text, backend="numpy")([-1.0, 0.0, 1.0])
    assert value.tolist() == [0, 0, 0] and gradient.tolist() == [[0, 0, 0]]


HUGE = {
    "doubling": "f0(x) = x + 1; "
    + "; ".join(f"f{k}(x) = f{k - 1}(2x) + f{k - 1}(3x)" for k in range(1, 40))
    + "; y = f39(t)",
    "doubling in a branch": "f0(x) = x + 1; "
    + "; ".join(f"f{k}(x) = f{k - 1}(x)*f{k - 1}(x)" for k in range(1, 40))
    + "; y = f39(t) if t > 0 else 0",
    "a long body": "f(x) = " + "+".join(["sin(x)"] * 3000) + "; y = f(a) + f(b) + f(c)",
    "deep branch": "x if x > 0 else " + "sin(" * 200 + "x" + ")" * 200,
    "deep choices": "(x if x > 0 else " * 1000 + "x" + ")" * 1000,
}


@pytest.mark.parametrize("case", HUGE)
def test_what_would_be_huge_is_bounded(case: str) -> None:
    with pytest.raises(sg.BoundError, match=r"MAX_[A-Z]+"):
        sg.formula(HUGE[case])


def test_long_chains_are_no_matter() -> None:
    chain = "; ".join(f"f{k}(x) = sin(f{k - 1}(x))" for k in range(1, 500))
    assert len(sg.formula(f"f0(x) = x^2; {chain}; y = f499(t)").stages) == 501
    choices = "1 if x < 1 else " * 40 + "x"
    assert len(sg.formula(choices).stages[0].expr.args) == 41
    conditions = " and ".join(f"x > {k}" for k in range(40))
    assert len(sg.formula(f"1 if {conditions} else 2").stages) == 1
    negations = "x if " + "not (" * 2000 + "x > 0" + ")" * 2000 + " else 1"
    assert str(sg.formula(negations).stages[0].expr.args[0].cond) == "x > 0"


# --- errors show the place ------------------------------------------------------------

CARETS = {
    "x + * y": "x + * y\n    ^",
    "a = 1\nb = 2 3": "b = 2 3\n      ^",
    "x + tahn(y)": "x + tahn(y)\n    ^",
    "2 + log(0)*x": "2 + log(0)*x\n    ^",
    "x" + " + x" * 30 + " + * x": ("…" + "+ x " * 7 + "+ * x\n" + " " * 31 + "^"),
    "\tx $": " x $\n   ^",
}


@pytest.mark.parametrize("text", CARETS, ids=repr)
def test_a_caret_shows_the_place(text: str) -> None:
    with pytest.raises(sg.SymgradError) as caught:
        sg.formula(text)
    error = caught.value
    assert error.caret == CARETS[text]
    assert error.text == text
    assert error.column is not None and error.line is not None
    line = text.splitlines()[error.line - 1]
    assert line[error.column - 1] in "*$3tl"
    assert "\n" not in str(error)
    notes = getattr(error, "__notes__", [error.caret])
    assert notes == [error.caret]


# --- the page that tells the language -------------------------------------------------

PAGE = (Path(__file__).parent.parent / "docs" / "formulas.md").read_text("utf-8")
READ_PART, REFUSED_PART = PAGE.split("## What is refused")


def rows(part: str) -> list[tuple[str, ...]]:
    found = re.findall(r"^\| `(.+)` \| `(.+)` \|$", part, re.MULTILINE)
    return [tuple(cell.replace("\\|", "|") for cell in row) for row in found]


READ, NOT_READ = rows(READ_PART), rows(REFUSED_PART)


def stages(text: str) -> list[tuple[str, str]]:
    return [(s.symbol.name, str(s.expr)) for s in sg.formula(text, name="out").stages]


@pytest.mark.parametrize(("text", "plain"), READ)
def test_the_page_says_how_a_text_is_read(text: str, plain: str) -> None:
    assert stages(text) == stages(plain)


@pytest.mark.parametrize(("text", "words"), NOT_READ)
def test_the_page_says_what_is_refused(text: str, words: str) -> None:
    with pytest.raises(sg.SymgradError, match=re.escape(words)):
        sg.formula(text)


def test_the_page_has_its_tables_and_its_examples_run() -> None:
    assert len(READ) > 30 and len(NOT_READ) > 10
    test = doctest.DocTestParser().get_doctest(PAGE, {}, "formulas.md", None, 0)
    assert len(test.examples) > 4
    shown: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=shown.append)
    assert not shown, "".join(shown)


CHAINS = {
    "else": lambda n: (
        " else ".join(f"x + {k} if x < {k}" for k in range(n)) + " else 0"
    ),
    "and": lambda n: "x if " + " and ".join(f"x > {k}" for k in range(n)) + " else 0",
    "or": lambda n: "x if " + " or ".join(f"x > {k}" for k in range(n)) + " else 0",
    "cases": lambda n: f"piecewise({', '.join(f'(x, x < {k})' for k in range(n))})",
}


@pytest.mark.parametrize("kind", CHAINS)
def test_chains_are_as_long_as_their_bound(kind: str) -> None:
    text = CHAINS[kind](MAX_CASES - 1)
    value = sg.lambdify(text)(7.5)[0]
    assert value == {"else": 15.5, "and": 0.0, "or": 7.5, "cases": 7.5}[kind]
    with pytest.raises(sg.BoundError, match="MAX_CASES"):
        sg.formula(CHAINS[kind](MAX_CASES + 1))


def test_mixed_chains_keep_their_precedence() -> None:
    text = "1 if x > 0 and x < 1 or not (x > 2 or x < 3) or x > 4 and x < 5 else 0"
    f = sg.lambdify(text, wrt=[])
    expected = [0 < v < 1 or 4 < v < 5 for v in (-1, 0.5, 2.5, 4.5, 6)]
    assert [bool(v) for v in f([-1.0, 0.5, 2.5, 4.5, 6.0])] == expected
