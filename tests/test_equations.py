"""Implicit and inverse functions, against SymPy's idiff and against roots found."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

import symgrad as sg
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    BoundError,
    FormulaError,
    SymgradError,
    UnknownNameError,
)

EQUATIONS = {
    "circle": ("x^2 + y^2 = 25", "y", "x"),
    "folium": ("x^3 + y^3 = 6*x*y", "y", "x"),
    "exponential": ("exp(x*y) = x + y", "y", "x"),
    "ellipse": ("x^2/a^2 + y^2/b^2 = 1", "y", "x"),
    "sphere": ("x^2 + y^2 + z^2 = 1", "z", "x"),
    "both sides": ("sin(x + y) = y^2*cos(x)", "y", "x"),
    "solved for y": ("y = x*exp(-y)", "y", "x"),
    "solved for x": ("x = y^3 + y", "y", "x"),
    "zero on the right": ("x*y + log(x + 2) - 1 = 0", "y", "x"),
    "no equals sign": ("y^5 + y - x", "y", "x"),
    "roots": ("sqrt(x) + sqrt(y) = 4", "y", "x"),
    "arctangent": ("atan(y/x) = log(sqrt(x^2 + y^2))", "y", "x"),
    "definitions": ("x^2 + u = 3; u = y^2", "y", "x"),
    "lemniscate": ("(x^2 + y^2)^2 = 2*(x^2 - y^2)", "y", "x"),
    "absolute value": ("abs(x) + abs(y) = 3", "y", "x"),
    "tanh": ("y = tanh(w*x + y)/2", "y", "w"),
    "adiabatic": ("p*V^1.4 = c", "p", "V"),
    "van der Waals": ("(p + a/V^2)*(V - b) = R*T", "V", "p"),
    "Kepler": ("M = E - k*sin(E)", "E", "M"),
    "greek": ("sin(theta) = n*sin(phi)", "phi", "theta"),
    "power": ("x^y = y^x", "y", "x"),
    "pole at y = 0": ("(3*y + 1/5)/(2/y + atan(3)) = y/x*(5 + y)", "y", "x"),
}


def curve(equation: str) -> sp.Expr:
    """Left minus right, read by SymPy itself."""
    first, *rest = [part.strip() for part in equation.split(";")]
    sides = [*first.split("="), "0"]
    names = "x y z a b u w p V c R T M E k theta phi n".split()
    local = {n: sp.Symbol(n, real=True) for n in names} | {"abs": sp.Abs}
    read = [
        sp.sympify(s.replace("^", "**"), locals=local, rational=True) for s in sides[:2]
    ]
    difference = read[0] - read[1]
    for part in rest:
        name, value = part.split("=")
        value = sp.sympify(value.replace("^", "**"), locals=local)
        difference = difference.subs(local[name.strip()], value)
    return difference


def slope(difference: sp.Expr, of: sp.Symbol, by: sp.Symbol, order: int) -> sp.Expr:
    """SymPy's diff on both sides, solved: -F_x/F_y, then the chain rule again."""
    first = -sp.diff(difference, by) / sp.diff(difference, of)
    found = first
    for _ in range(order - 1):
        found = sp.diff(found, by) + sp.diff(found, of) * first
    return found


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", EQUATIONS)
def test_derivatives_agree_with_sympy(name: str, order: int) -> None:
    equation, of, wrt = EQUATIONS[name]
    found = sg.implicit(equation, of, wrt, order)
    symbols = {s.name: s for s in found.names}
    oracle = slope(curve(equation), symbols[of], symbols[wrt], order)
    point = {s: sp.Rational(7 + 4 * k, 10) for k, s in enumerate(found.names)}
    mine, theirs = (sp.N(e.subs(point), 30) for e in (found[(wrt,) * order], oracle))
    assert theirs.is_real
    assert abs(mine - theirs) <= 1e-13 * abs(theirs)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", ["circle", "folium", "exponential", "solved for x"])
def test_idiff_agrees(name: str, order: int) -> None:
    equation, of, wrt = EQUATIONS[name]
    found = sg.implicit(equation, of, wrt, order)
    x, y = sp.Symbol("x", real=True), sp.Symbol("y", real=True)
    theirs = sp.idiff(curve(equation), y, x, order)
    assert sp.simplify(found[(wrt,) * order] - theirs) == 0


ON_THE_CURVE = {  # equation, of, wrt, a start for the root
    "circle": ("x^2 + y^2 = 25", "y", "x", 3.0, 4.0),
    "lower half": ("x^2 + y^2 = 25", "y", "x", 3.0, -4.0),
    "exponential": ("exp(x*y) = x + y", "y", "x", 0.3, 0.8),
    "folium": ("x^3 + y^3 = 6*x*y", "y", "x", 1.0, 2.3),
    "power": ("x^y = y^x", "y", "x", 3.0, 2.5),
}


@pytest.mark.parametrize("name", ON_THE_CURVE)
def test_the_number_is_the_slope_of_the_root(name: str) -> None:
    equation, of, wrt, x, start = ON_THE_CURVE[name]
    difference = sp.lambdify(sp.symbols("x y", real=True), curve(equation), "mpmath")
    with mpmath.workdps(30):
        height = lambda t: mpmath.findroot(lambda s: difference(t, s), start)  # noqa: E731
        y = height(mpmath.mpf(x))
        slopes = [mpmath.diff(height, x, order) for order in (1, 2)]
    for order, expected in zip((1, 2), slopes, strict=True):
        number = sg.lambdify(sg.implicit(equation, of, wrt, order), wrt=[])
        assert float(number(x=x, y=float(y))) == pytest.approx(
            float(expected), rel=1e-8
        )


@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
@pytest.mark.parametrize("name", EQUATIONS)
def test_every_equality_of_the_page_holds(name: str, detail: str) -> None:
    equation, of, wrt = EQUATIONS[name]
    page = sg.explain(sg.implicit(equation, of, wrt, 2), detail=detail)
    assert str(page.checks[0][0]).startswith("✓"), page.checks
    assert "of the curve" in str(page.checks[0][0])
    assert str(page.checks[1][0]).startswith("the points: ")


def test_a_false_page_is_found_out() -> None:
    from dataclasses import replace

    found = sg.implicit("x^2 + y^2 = 25", "y", "x")
    x, y = found.wrt[0], found.of
    found.__dict__["derivatives"] = {(x,): x / y}  # the sign is wrong
    page = sg.explain(replace(found, order=1))
    assert str(page.checks[0][0]).startswith("✓")
    page = sg.explain(found)
    assert str(page.checks[0][0]).startswith("✗")


def test_the_points_are_on_the_curve() -> None:
    page = sg.explain(sg.implicit("x^2 + y^2 = 25", "y", "x"))
    points = str(page.checks[1][0]).removeprefix("the points: ").split("; ")
    assert len(points) == 3
    for point in points:
        x, y = (
            float(part.split("=")[1].replace("−", "-")) for part in point.split(",")
        )
        assert x**2 + y**2 == pytest.approx(25, rel=1e-3)


def test_the_page_says_the_steps() -> None:
    text = str(sg.explain(sg.implicit("x^2 + y^2 = 25", "y", "x", 2)))
    lines = (
        "2 x + 2 y · dy/dx = 0",
        "2 y · dy/dx = −2 x",
        "dy/dx = −x/y",
        "where 2 y is not 0",
        "= −(x² + y²)/y³",
        "= −25/y³",
    )
    for line in lines:
        assert line in text


def test_an_abstract_equation_gives_the_rule() -> None:
    page = sg.explain(sg.implicit("f(x, y) = 0", "y", "x"))
    assert "dy/dx = −(∂f/∂x)/(∂f/∂y)" in str(page)
    assert str(page.checks[0][0]).startswith("✓")
    assert "filled in at random (f)" in str(page.checks[0][0])


def test_several_variables() -> None:
    found = sg.implicit("x^2 + y^2 + z^2 = 1", "z", ["x", "y"], 2)
    x, y, z = (sp.Symbol(n, real=True) for n in "xyz")
    assert found["x"] == -x / z
    assert found["y"] == -y / z
    assert sp.simplify(found["x", "y"] + x * y / z**3) == 0
    assert found["y", "x"] == found["x", "y"]
    value = sg.lambdify(found, wrt=[])
    assert value.args == ("x", "y", "z")
    assert value(x=1.0, y=2.0, z=2.0).shape == (3,)


def test_a_sympy_equation_and_a_pair_are_read() -> None:
    a, b = sp.symbols("a b")
    assert sg.implicit(sp.Eq(a**2 + b**2, 1), b, a)[a] == -a / b
    assert (
        sg.implicit(("x^2", "1 - y^2"), "y", "x").expr
        == sg.implicit("x^2 + y^2 = 1", "y", "x").expr
    )


@pytest.mark.parametrize("notation", ["textbook", "notes"])
def test_both_notations(notation: str) -> None:
    found = sg.implicit("x^2 + y^2 = 25", "y", "x")
    text = str(sg.explain(found, notation=notation))
    assert ("∂y/∂x = −x/y" if notation == "notes" else "dy/dx = −x/y") in text


def test_numbers_stand_on_the_page_only_on_the_curve() -> None:
    found = sg.implicit("x^2 + y^2 = 25", "y", "x")
    assert "≈ −3/4 ≈ −0.75" in str(sg.explain(found, at={"x": 3, "y": 4}))
    with pytest.raises(ArgumentValueError, match="not on the curve"):
        sg.explain(found, at={"x": 3, "y": 3})


@pytest.mark.parametrize("format", list(sg.RENDERERS))
def test_pages_are_written_in_every_format(format: str) -> None:
    page = sg.explain(sg.implicit("exp(x*y) = x + y", "y", "x", 2))
    assert len(sg.render(page, format)) > 100


def test_a_page_goes_through_json() -> None:
    from symgrad.renderers.json import dump, load

    page = sg.explain(sg.implicit("x^2 + y^2 = 25", "y", "x"))
    assert str(load(dump(page))) == str(page)


@pytest.mark.parametrize(
    ("equation", "of", "wrt", "order", "kind"),
    [
        ("x^2 + y^2 = 25 = z", "y", "x", 1, FormulaError),
        ("= 25", "y", "x", 1, FormulaError),
        ("x^2 + = 25", "y", "x", 1, FormulaError),
        ("x^2 + y^2 = 25", "q", "x", 1, UnknownNameError),
        ("x^2 + y^2 = 25", "y", "q", 1, UnknownNameError),
        ("x^2 + y^2 = 25", "y", "y", 1, ArgumentValueError),
        ("y^2 = 25", "y", None, 1, ArgumentValueError),
        ("x^2 + y^2 = 25", "y", "x", 0, ArgumentValueError),
        ("x^2 + y^2 = 25", "y", "x", 13, BoundError),
        ("x + y - y = 1", "y", "x", 1, SymgradError),
        (25, "y", "x", 1, ArgumentTypeError),
    ],
)
def test_mistakes_are_named(
    equation: object, of: str, wrt: object, order: int, kind: type
) -> None:
    with pytest.raises(kind):
        sg.implicit(equation, of, wrt, order)  # type: ignore[arg-type]


INVERSES = {
    "sum": ("x = y + exp(y)", None),
    "sine": ("sin(x)", None),
    "tangent": ("tan(x)", None),
    "cubic": ("x = y^3 + y", None),
    "hyperbolic": ("x = sinh(y)", None),
    "with a parameter": ("x = a*y + y^3", "y"),
    "stages": ("x = u + y; u = exp(y)", None),
    "tanh": ("x = tanh(y)", None),
}


@pytest.mark.parametrize("name", INVERSES)
def test_inverse_derivatives(name: str) -> None:
    source, wrt = INVERSES[name]
    found = sg.inverse(source, wrt, order=2)
    by, of = found.wrt[0], found.of
    forward = sg.formula(source).closed_form()
    first = 1 / sp.diff(forward, of)
    second = -sp.diff(forward, of, 2) / sp.diff(forward, of) ** 3
    point = {s: sp.Rational(3, 10 + k) for k, s in enumerate(found.names)}
    for mine, theirs in ((found[by], first), (found[by, by], second)):
        assert abs(sp.N((mine - theirs).subs(point), 30)) < 1e-25
    assert by.name not in sg.lambdify(found, wrt=[]).args
    page = sg.explain(found)
    assert str(page.checks[0][0]).startswith("✓"), page.checks


def test_inverse_mistakes_are_named() -> None:
    with pytest.raises(ArgumentValueError, match="name the one"):
        sg.inverse("a*y + y^3")
    with pytest.raises(ArgumentValueError, match="does not depend"):
        sg.inverse("z = a + 0*y", "y")


def test_abstract_sides_are_not_said_twice() -> None:
    page = str(sg.explain(sg.implicit("f(x, y) = 0", "y", "x")))
    assert "∂f/∂x = ∂f/∂x" not in page and "insert the partials" not in page
    assert "dy/dx = −(∂f/∂x)/(∂f/∂y)" in page
    page = str(sg.explain(sg.inverse("x = g(y)")))
    assert "dy/dx = 1/(dg/dy)" in page and "d g(y)/dy" not in page
