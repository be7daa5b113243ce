"""Pages put together by hand, so that printing is tested without the mathematics."""

from __future__ import annotations

from sympy import Add, Integer, Mul, Rational, Symbol, exp, tanh

from symgrad.derivation import Derivation, Line, Section, Step, Table
from symgrad.graph import Graph, Stage
from symgrad.networks import network
from symgrad.symbols import Chain, LocalDerivative, Partial, Total, symbol

F1, F3, U1, U3 = (symbol(name) for name in ("f_1", "f_3", "u_1", "u_3"))
W111, W121, W311, W321 = (symbol(f"w_{k}") for k in (111, 121, 311, 321))
X1, X2, B1, B3, F2 = (symbol(name) for name in ("x_1", "x_2", "b_1", "b_3", "f_2"))


def notes_page(notation: str = "textbook", numbers: bool = False) -> Derivation:
    """The notes' weight w_111, as section 1 of the design words it."""
    graph = network([2, 2, 1])
    total = Total(F1, W111)
    outer, inner = Partial(F1, F3), Partial(F3, W111)
    u_1 = Add(Mul(W311, F3), Mul(W321, F2), B3)
    u_3 = Add(Mul(W111, X1), Mul(W121, X2), B1)
    product = W311 * X1 * (1 - F1**2) * (1 - F3**2)
    value = 0.0123456789 if numbers else None
    steps = (
        Step(
            "chain rule",
            total,
            (Line(Chain(outer, inner)),),
            notes=((W111, " reaches ", symbol("y_hat"), " only through ", F3),),
        ),
        Step(
            "chain rule",
            outer,
            (
                Line(
                    Chain(LocalDerivative(tanh(U1), U1), Partial(U1, F3)),
                    ("chain rule",),
                ),
                Line(
                    Chain(1 - F1**2, W311), ("derivative of tanh; coefficient of ", F3)
                ),
            ),
            ((U1, u_1),),
            substeps=(
                Step(
                    "derivative of tanh",
                    LocalDerivative(tanh(U1), U1),
                    (Line(1 - tanh(U1) ** 2), Line(1 - F1**2, ("as ", F1, " = tanh"))),
                    formula=(LocalDerivative(tanh(U3), U3), 1 - tanh(U3) ** 2),
                ),
            ),
        ),
        Step("chain rule", inner, (Line(Chain(1 - F3**2, X1)),), ((U3, u_3),)),
        Step(
            "product",
            total,
            (
                Line(product, ("multiply the factors",), value),
                Line(
                    graph.expand(product), ("in the weights and inputs alone",), value
                ),
            ),
        ),
    )
    rows = (((F1,), (u_1,), (total,)), (("a | b",), ("given",), (product,)))
    table = Table((("stage",), ("value",), ("adjoint",)), rows)
    point = (W311, X1, F1, F3, W111, X2, W121, B1, W321, F2, B3)
    numbered = tuple((s, 0.5 - 0.25 * k) for k, s in enumerate(point))
    numbered += tuple((symbol(f"w_2{k}1"), 1.5) for k in (1, 2))
    numbered += ((symbol("b_2"), -2e-7),)
    return Derivation(
        ("The derivative of ", symbol("y_hat"), " by ", W111),
        (
            Section((total,), (("a network of two layers",),), steps),
            Section(("Reverse accumulation",), table=table),
        ),
        (("✓ 6 equalities recomputed at 3 random points",),),
        graph,
        notation,
        numbered if numbers else (),
    )


NASTY = (
    "<script>",
    "a&b",
    "$x$",
    "%",
    "x_",
    "a\\b",
    "{",
    "p|q",
    "*e*",
    "名",
    "ŷ",
    "~^",
)


def nasty_page() -> Derivation:
    """A page whose names and words mean something to every format."""
    names = [Symbol(name, real=True) for name in NASTY]
    whole = Mul(*names[:6]) + Add(*names[6:])
    y = symbol("y")
    graph = Graph((Stage(y, whole),), (y,), tuple(names))
    lines = tuple(Line(Mul(Rational(2, 3), name, exp(name)), NASTY) for name in names)
    words = tuple(part for pair in zip(NASTY, names, strict=True) for part in pair)
    table = Table((("<b>|",), ("]]>",)), ((("a|b",), (names[7],)), (words, (whole,))))
    step = Step("rule <&>$%_^", Total(y, names[0]), lines, ((names[2], Integer(1)),))
    section = Section((*NASTY[:3], names[0]), (words,), (step,), table)
    return Derivation(words, (section,), (NASTY,), graph)
