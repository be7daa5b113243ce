"""The order of terms: as the user wrote them, in formulas and in their derivatives."""

import pytest

from symgrad.chain_rule import differentiate
from symgrad.formulas import formula
from symgrad.graph import Graph
from symgrad.renderers.notation import layout, notation_of
from symgrad.renderers.plain import plain

# formula -> as it is shown; the variable -> the derivative as it is shown
SHOWN = {
    "a0 + a1 x + a2 x^2 + a3 x^3": ("a0 + a1 x + a2 x² + a3 x³",),
    "a x^2 + b x + c": ("a x² + b x + c", "x", "2 a x + b"),
    "c + b x + a x^2": ("c + b x + a x²", "x", "b + 2 a x"),
    "a_3 x^3 + a_2 x^2 + a_1 x + a_0": (
        "a_3 x³ + a_2 x² + a_1 x + a_0",
        "x",
        "3 a_3 x² + 2 a_2 x + a_1",
    ),
    "a_0 + a_1 x + a_2 x^2 + a_3 x^3 + a_4 x^4": (
        "a_0 + a_1 x + a_2 x² + a_3 x³ + a_4 x⁴",
        "x",
        "a_1 + 2 a_2 x + 3 a_3 x² + 4 a_4 x³",
    ),
    "y_0 + v t + a t^2/2": ("y_0 + v t + a t²/2", "t", "v + a t"),
    "y_0 + v_0 t - g t^2/2": ("y_0 + v_0 t − g t²/2", "t", "v_0 − g t"),
    "A cos(ω t) + B sin(ω t)": ("A cos(ω t) + B sin(ω t)",),
    "A exp(-k t) + B": ("A exp(−k t) + B", "t", "−A k exp(u_1)"),
    "exp(-k t) + B": ("exp(−k t) + B",),
    "y - w x - b": ("y − w x − b", "w", "−x"),
    "w x + b": ("w x + b",),
    "b + w x": ("b + w x",),
    "w_1 x_1 + w_2 x_2 + b": ("w_1 x_1 + w_2 x_2 + b",),
    "a + b x + c y + d x^2 + e x y + f y^2": (
        "a + b x + c y + d x² + e x y + f y²",
        "x",
        "b + 2 d x + e y",
    ),
    "a x^2 + b x y + c y^2": ("a x² + b x y + c y²", "y", "b x + 2 c y"),
    "x^3 + 3 x^2 y + 3 x y^2 + y^3": (
        "x³ + 3 x² y + 3 x y² + y³",
        "x",
        "3 x² + 6 x y + 3 y²",
    ),
    "x^3 + a x^2 + b x + c": ("x³ + a x² + b x + c", "x", "3 x² + 2 a x + b"),
    "1 + a x + b x^2": ("1 + a x + b x²", "x", "a + 2 b x"),
    "a x + b x^2 + 1": ("1 + a x + b x²",),
    "a x^2 + b x + 1": ("a x² + b x + 1", "x", "2 a x + b"),
    "x^3 - 2x + 1": ("x³ − 2 x + 1", "x", "3 x² − 2"),
    "1 - x^2": ("1 − x²", "x", "−2 x"),
    "x^2 + y^2 + z^2": ("x² + y² + z²",),
    "m g h + m v^2/2": ("m g h + m v²/2",),
    "E_0 + p^2/(2 m)": ("E_0 + p²/(2 m)",),
    "a^2 - 2 a b + b^2": ("a² − 2 a b + b²", "a", "2 a − 2 b"),
    "x0 + x1 t + x2 t^2": ("x0 + x1 t + t² x2",),
    "s^2 + 2 ζ ω s + ω^2": ("s² + 2 s ζ ω + ω²", "s", "2 s + 2 ζ ω"),
    "x^2 + sin(x) + 5": ("x² + sin(x) + 5", "x", "2 x + cos(x)"),
    "a x + b/x": ("a x + b/x", "x", "a − b/x²"),
    "a0/2 + a1 cos(x) + b1 sin(x) + a2 cos(2x) + b2 sin(2x)": (
        "a0/2 + a1 cos(x) + b1 sin(x) + a2 cos(2 x) + b2 sin(2 x)",
    ),
    "R + ω L - 1/(ω C)": ("R + ω L − 1/(ω C)", "ω", "L + 1/(ω² C)"),
    "c_0 + c_1 (x - a) + c_2 (x - a)^2": ("c_0 + c_1 (x − a) + c_2 (x − a)²",),
}


def shown(graph: Graph, expr: object) -> str:
    return plain(layout(expr, notation_of(graph)))


@pytest.mark.parametrize("text", SHOWN)
def test_terms_keep_the_order_in_which_they_were_written(text: str) -> None:
    expected, *derivative = SHOWN[text]
    graph = formula(text.replace(" (", "*("))
    assert shown(graph, graph.closed_form()) == expected
    if derivative:
        by, slope = derivative
        assert shown(graph, differentiate(graph, by)[by]) == slope
