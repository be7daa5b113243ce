"""The reader: what binds tighter, what is refused and where, and that nothing runs."""

from __future__ import annotations

import ast
import builtins
import math
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad import tokens
from symgrad.errors import BoundError, FormulaError, SymgradError, UnknownNameError
from symgrad.functions import ALIASES, FUNCTIONS
from symgrad.reading.postfix import MAX_NESTING
from symgrad.reading.reader import read
from symgrad.tokens import MAX_LENGTH, MAX_TOKENS, is_name

SIGNS = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "power": "^",
}


def bracketed(text: str) -> str:
    """The one formula of a text with a bracket around every operation."""
    stack: list[str] = []
    for step in read(text).statements[0].program.instructions:
        values = stack[len(stack) - step.arity :]
        del stack[len(stack) - step.arity :]
        if step.op in SIGNS:
            stack.append(f"({values[0]}{SIGNS[step.op]}{values[1]})")
        elif step.op == "negate":
            stack.append(f"(-{values[0]})")
        elif step.op == "call":
            stack.append(f"{step.value}[{', '.join(values)}]")
        elif step.op in ("choose", "where", "piecewise", "log_base", "root"):
            stack.append(f"{step.op}[{', '.join(values)}]")
        elif step.op in ("abstract", "apply"):
            stack.append(f"{step.value}[{', '.join(values)}]")
        elif step.op == "compare":
            signs = step.value.split()
            rest = " ".join(f"{s} {v}" for s, v in zip(signs, values[1:], strict=True))
            stack.append(f"({values[0]} {rest})")
        elif step.op in ("and", "or"):
            stack.append(f"({values[0]} {step.op} {values[1]})")
        elif step.op == "not":
            stack.append(f"(not {values[0]})")
        elif step.op == "group":
            stack.extend(values)
        else:
            stack.append("EULER" if step.op == "euler" else step.value)
    assert len(stack) == 1
    return stack[0]


PRECEDENCE = {
    # loose to tight
    "a + b*c": "(a+(b*c))",
    "a*b + c": "((a*b)+c)",
    "a*b^c": "(a*(b^c))",
    "a^b*c": "((a^b)*c)",
    # from left to right, but for powers
    "a - b - c": "((a-b)-c)",
    "a/b/c": "((a/b)/c)",
    "a/b*c": "((a/b)*c)",
    "2^3^2": "(2^(3^2))",
    "a**b**c": "(a^(b^c))",
    # unary minus
    "-x^2": "(-(x^2))",
    "-x*y": "((-x)*y)",
    "-a + b": "((-a)+b)",
    "2^-3": "(2^(-3))",
    "2^-3^2": "(2^(-(3^2)))",
    "2^-x*y": "((2^(-x))*y)",
    "a/-b*c": "((a/(-b))*c)",
    "a - -b": "(a-(-b))",
    "--x": "(-(-x))",
    "+x": "x",
    "x^+2": "(x^2)",
    # brackets
    "(a + b)*c": "((a+b)*c)",
    "[a + (b)]/c": "((a+b)/c)",
    "((x))": "x",
    # a number before a name or a bracket
    "2x": "(2*x)",
    "2 x": "(2*x)",
    "2x^2": "(2*(x^2))",
    "-2x": "((-2)*x)",
    "2(x + 1)^2": "(2*((x+1)^2))",
    "6/3*2x": "(((6/3)*2)*x)",
    "2sin(x)": "(2*sin[x])",
    # bars
    "|x|": "Abs[x]",
    "||x| - 1|": "Abs[(Abs[x]-1)]",
    "-|x|^2": "(-(Abs[x]^2))",
    "|a|*|b|": "(Abs[a]*Abs[b])",
    "|a + |b||": "Abs[(a+Abs[b])]",
    "sin(|x|)": "sin[Abs[x]]",
    # functions
    "Max(x, y + 1, 2)": "Max[x, (y+1), 2]",
    "atan2(y, x)": "atan2[y, x]",
    "ln(x)": "log[x]",
    "sin(x)^2": "(sin[x]^2)",
    "Heaviside(x, 1)": "Heaviside[x, 1]",
    # Euler's number, or a variable
    "e^x": "(EULER^x)",
    "e^x + e^-x": "((EULER^x)+(EULER^(-x)))",
    "e ** x": "(EULER^x)",
    "{x + 1}*{y}": "((x+1)*y)",
    "x^{2}y + e^{x}": "(((x^2)*y)+(EULER^x))",
    "e^x (x + 1)": "((EULER^x)*(x+1))",
    "|x||y|": "(Abs[x]*Abs[y])",
    "sin πx + cos 2πx": "(sin[(pi*x)]+cos[((2*pi)*x)])",
    "sin x * cos x": "(sin[x]*cos[x])",
    "⌊x⌋ + 2⌈x/2⌉": "(floor[x]+(2*ceiling[(x/2)]))",
    "Sin[x] + ArcTan[x] + SQRT(x)": "((sin[x]+atan[x])+sqrt[x])",
    "np.exp(-x) + math.pi": "(exp[(-x)]+pi)",
    "pow(x, 2) + Power[x, 3]": "((x^2)+(x^3))",
    "log_b(x)": "log_base[x, b]",
    "½x + x^½": "((1/2*x)+(x^1/2))",
    "1_000 x": "(1000*x)",
    "２𝑥 ＋ 3": "((2*x)+3)",
    "x\u200b + \ufeffy": "(x+y)",
    "tg(x)": "tan[x]",
    "n!/(k!(n - k)!)": "(factorial[n]/(factorial[k]*factorial[(n-k)]))",
    "2x! y + -x!^2": "(((2*factorial[x])*y)+(-(factorial[x]^2)))",
    "x if x != y else |x|!": "choose[x, (x != y), factorial[Abs[x]]]",
    "exp(e)": "exp[e]",
    # values side by side
    "x y": "(x*y)",
    "w_1 x_1 + w_2 x_2": "((w_1*x_1)+(w_2*x_2))",
    "(a + b)(c - d)": "((a+b)*(c-d))",
    "2(x)(y)": "((2*x)*y)",
    "a b/c": "((a*b)/c)",
    "a/b*c d": "(((a/b)*c)*d)",
    "x sin(x)": "(x*sin[x])",
    "sin(x)cos(x)": "(sin[x]*cos[x])",
    "(x)y": "(x*y)",
    "x^2 y": "((x^2)*y)",
    "x²y³": "((x^2)*(y^3))",
    "x^2(y + 1)": "((x^2)*(y+1))",
    "x^(2)y": "((x^2)*y)",
    "-x y": "((-x)*y)",
    "2 alpha β": "((2*alpha)*β)",
    "2πr": "((2*pi)*r)",
    "πr²": "(pi*(r^2))",
    "π_1 x": "(π_1*x)",
    "x₁x₂": "(x_1*x_2)",
    "x e^-x": "(x*(EULER^(-x)))",
    "2 mass": "(2*mass)",
    # roots
    "√x": "sqrt[x]",
    "2√x": "(2*sqrt[x])",
    "√2 x": "(sqrt[2]*x)",
    "√(x + 1) y": "(sqrt[(x+1)]*y)",
    "√√x": "sqrt[sqrt[x]]",
    "∛x/√|y|": "(cbrt[x]/sqrt[Abs[y]])",
    "√sin(x)": "sqrt[sin[x]]",
    # bars beside values
    "2|x|": "(2*Abs[x])",
    "x|y|": "(x*Abs[y])",
    "|x|y": "(Abs[x]*y)",
    "|a| + 2|b|": "(Abs[a]+(2*Abs[b]))",
    "(|a|)|b|": "(Abs[a]*Abs[b])",
    # functions without brackets, and their powers
    "sin x": "sin[x]",
    "2 sin x": "(2*sin[x])",
    "sin 2x": "sin[(2*x)]",
    "sin 2 x + 1": "(sin[(2*x)]+1)",
    "1/sin x": "(1/sin[x])",
    "sin x cos y": "(sin[x]*cos[y])",
    "x ln x - x": "((x*log[x])-x)",
    "|sin x|": "Abs[sin[x]]",
    "tanh": "tanh",
    "tanh + 1": "(tanh+1)",
    "tanh^2": "(tanh^2)",
    "log_e(x)": "log[x]",
    "sin^2(x)": "(sin[x]^2)",
    "sin²(x)": "(sin[x]^2)",
    "sin^2 x + cos² x": "((sin[x]^2)+(cos[x]^2))",
    "2sin^2(x)cos(x)": "((2*(sin[x]^2))*cos[x])",
    "-log^2(x)": "(-(log[x]^2))",
    # logarithms and roots with a base
    "log(x, 2)": "log_base[x, 2]",
    "log_2(x)": "log_base[x, 2]",
    "log₁₀(x)": "log_base[x, 10]",
    "root(x, 3)": "root[x, 3]",
    # choices
    "x if x > 0 else y": "choose[x, (x > 0), y]",
    "a if b < 1 else c if d < 1 else k": ("choose[a, (b < 1), choose[c, (d < 1), k]]"),
    "1 + x if x > 0 else 1 - y": "choose[(1+x), (x > 0), (1-y)]",
    "x if (x > 0) else y": "choose[x, (x > 0), y]",
    "a if 0 < x + 1 <= 2 ≠ y else b": "choose[a, (0 < (x+1) <= 2 != y), b]",
    "a if x > 0 or x < 1 and not y == 2 else b": (
        "choose[a, ((x > 0) or ((x < 1) and (not (y == 2)))), b]"
    ),
    "a if x ≤ 1 ∧ ¬(y ≥ 1) ∨ x ≠ 0 else b": (
        "choose[a, (((x <= 1) and (not (y >= 1))) or (x != 0)), b]"
    ),
    "a if true else b": "choose[a, True, b]",
    "if(x > 0, x, 0)": "where[(x > 0), x, 0]",
    "2where(x > 0, x, 0)": "(2*where[(x > 0), x, 0])",
    "piecewise((x^2, x > 0), (0, true))": "piecewise[(x^2), (x > 0), 0, True]",
    "Piecewise(((x), (x > 0)), [y, otherwise])": "piecewise[x, (x > 0), y, True]",
    # abstract functions
    "f(x) + 2f(y)": "(f[x]+(2*f[y]))",
    "φ(x, G(y))": "φ[x, G[y]]",
    "f (x, y)": "f[x, y]",
    # π is never part of a name
    "sin(nπx/L)": "sin[(((n*pi)*x)/L)]",
    "4π (a + b)": "((4*pi)*(a+b))",
    "pi(x + 1)": "(pi*(x+1))",
    "Δπ + xπ_1": "(Δπ+(x*π_1))",
    # characters
    "a − b": "(a-b)",
    "a·b×c": "((a*b)*c)",
    "a÷b": "(a/b)",
    "x² + x⁻¹": "((x^2)+(x^(-1)))",
    "x₁₂": "x_12",
    "π*r": "(pi*r)",
    "x' + x′": "(x'+x')",
    # numbers
    ".5": ".5",
    "1.": "1.",
    "1e-3": "1e-3",
    "1e−3": "1e-3",
    "2.5E−2": "2.5E-2",
    "2E+5": "2E+5",
    "2e - x": "((2*e)-x)",
}


@pytest.mark.parametrize("text", PRECEDENCE)
def test_precedence(text: str) -> None:
    assert bracketed(text) == PRECEDENCE[text]


NAMES = (
    "w_111 x' x'' y_hat beta gamma lambda zeta E I N S Q O np math del class tanh exp "
    "f g α φ_1 ŷ x_ A1b2 é 变量"
)


@pytest.mark.parametrize("name", NAMES.split())
def test_ordinary_names(name: str) -> None:
    assert read(f"2*{name} + 1").names == (name,)
    assert read(f"{name} = 3*q").statements[0].name == name
    assert is_name(name)


@pytest.mark.parametrize("text", ["", "1x", "_x", "a b", "a+b", "x;", " x", "x₁", "½"])
def test_texts_that_are_no_name(text: str) -> None:
    assert not is_name(text)


def test_names_stand_in_order_of_first_appearance() -> None:
    reading = read("z = f*y + b; y = tanh(w*x); q = z")
    assert reading.names == ("z", "f", "y", "b", "w", "x", "q")


STATEMENTS = {
    "a = 1; b = a": ["a", "b"],
    "a = 1\nb = a": ["a", "b"],
    "a = 1\r\n\r\nb = a\n": ["a", "b"],
    ";a = 1;;b = 2;": ["a", "b"],
    "a = Max(1,\n 2)\nb = a": ["a", "b"],
    "a = 1 +\n 2\nb = a": ["a", "b"],
    "a = 1\n  + 2\nb = a": ["a", "b"],
    "a =\n 1; b = a": ["a", "b"],
    "x + 1": [None],
    "\n x + 1 \n": [None],
}


@pytest.mark.parametrize("text", STATEMENTS, ids=repr)
def test_statements(text: str) -> None:
    assert [each.name for each in read(text).statements] == STATEMENTS[text]


ERRORS = [
    # text, column, a word of the message
    ("2*(x", 3, "never closed"),
    ("|x", 1, "never closed"),
    ("x)", 2, "closes nothing"),
    ("[x)", 3, "'['"),
    ("(|x)", 4, "'|'"),
    ("x +* y", 4, "expected a number, a name or a bracket"),
    ("x +", 4, "ends after '+'"),
    ("()", 2, "nothing in the brackets"),
    ("log()", 5, "nothing in the brackets"),
    ("(x,)", 3, "comma"),
    ("sin(x,)", 7, "unexpected ')'"),
    ("sin(,x)", 5, "unexpected ','"),
    ("a, b", 2, "decimal number has a point"),
    ("1,5*x", 2, "decimal number has a point"),
    ("3 4", 3, "write *"),
    ("x 2", 3, "write *"),
    # what can be read in two ways
    ("1/2x", 2, "(1/2)*x or 1/(2*x)"),
    ("1/2 x", 2, "(1/2)*x or 1/(2*x)"),
    ("1/∛\tx y", 2, "two ways"),  # found by fuzzing: the tab was quoted as it is
    ("x + a/b c", 6, "(a/b)*c or a/(b*c)"),
    ("x/2(y + 1)", 2, "(x/2)*(…) or x/(2*(…))"),
    ("(x)/2√y", 4, "two ways"),
    ("1/-2(x)", 2, "two ways"),
    ("1/x^2 y", 2, "(1/x^2)*y or 1/(x^2*y)"),
    ("1/2sin(x)", 2, "(1/2)*sin(…) or 1/(2*sin(…))"),
    ("2^3x", 2, "2^3*x or 2^(3*x)"),
    ("e^2x", 2, "e^2*x or e^(2*x)"),
    ("e^-2x", 2, "e^-2*x or e^(-2*x)"),
    ("√2x", 1, "sqrt(2)*x or sqrt(2*x)"),
    ("√2(x + 1)", 1, "sqrt(2)*(…) or sqrt(2*(…))"),
    ("√x^2", 1, "sqrt(x)^… or sqrt(x^…)"),
    ("3√x²", 2, "sqrt(x)^… or sqrt(x^…)"),
    ("√-x", 1, "sqrt( )"),
    ("|a|b|c|", 5, "two ways"),
    ("|2|x||", 5, "two ways"),
    ("|a|(b + c)|d|", 11, "two ways"),
    ("sin x^2", 1, "sin(x)^… or sin(x^…)"),
    ("sin x y", 1, "sin(x)*y or sin(x*y)"),
    ("1 + sin x/2", 5, "sin(x)/… or sin(x/…)"),
    ("sin 2x y", 1, "sin(2*x)*y or sin(2*x*y)"),
    ("sin^2x", 1, "sin^2(x) with brackets"),
    ("sin^-1(x)", 1, "asin(…) or 1/sin(…)"),
    ("sin⁻¹ x", 1, "asin(…) or 1/sin(…)"),
    ("log^-1(x)", 1, "1/log(…)"),
    ("sin^n(x)", 1, "sin(…)^n"),
    ("sin^2(x)^3", 9, "brackets"),
    ("f^2(x)", 1, "f(…)^2 or f^2*(…)"),
    ("sin cos x", 1, "sin( )"),
    ("2*xe^-x", 3, "x*e^…"),
    ("e^x + e", 7, "exp( ) for the number"),
    ("ωt", 1, "ω*t"),
    ("x + rω_1", 5, "r*ω_1"),
    ("xⁿ", 2, "x^n"),
    # side by side
    ("hello world", 7, "write * for a product"),
    ("x hello", 3, "write * for a product"),
    ("(x)2", 4, "write * for a product"),
    ("x (y + 1)", 1, "x*( )"),
    # conditions
    ("x > 0", 1, "is a condition where a number is expected"),
    ("1 + (x > 0)", 5, "is a condition"),
    ("x if y else 2", 6, "'y' is no condition"),
    ("x if y < 1 and z else 2", 16, "'z' is no condition"),
    ("(x > 0) + 1 if x > 0 else 1", 1, "is a condition"),
    ("if(x, 1, 2)", 4, "'x' is no condition"),
    ("where(x > 0, 1)", 1, "where takes 3 arguments, not 2"),
    ("x if x > 0", 3, "without its else"),
    ("x else 3", 3, "without its if"),
    ("if x > 0", 1, "write a if c else b, or if(c, a, b)"),
    ("x if x = 0 else 1", 8, "write == to compare"),
    ("if(x = 0, 1, 2)", 6, "write == to compare"),
    ("piecewise(x^2, x > 0)", 14, "pairs"),
    ("piecewise((x^2, x > 0), 0)", 26, "pairs"),
    ("piecewise((x^2, x > 0) + 1)", 24, "pairs"),
    ("piecewise((x, x > 0, 1))", 23, "pairs"),
    ("x < ", 4, "ends after '<'"),
    ("< x", 1, "unexpected '<'"),
    ("x not y", 3, "expected and, or"),
    ("true", 1, "is a condition"),
    ("else = 3", 1, "a word of its own"),
    # functions of the text, and abstract ones
    ("f(x) = x; f(1, 2)", 11, "defined with 1 argument, not 2"),
    ("f(x) = x; f + 1", 11, "is a function of this text"),
    ("f(x, x) = x", 6, "a second 'x'"),
    ("f(f) = 2", 3, "a second 'f'"),
    ("sin(x) = x", 1, "a function already"),
    ("f(2) = 3", 1, "left side"),
    ("f(x + 1) = 3", 1, "left side"),
    ("f(π) = 3", 3, "3.14"),
    ("f(true) = 3", 3, "a word of its own"),
    ("f(x) + f(x, y)", 8, "2 arguments here and 1 before"),
    ("y = f(x); z = f(x, y)", 15, "2 arguments here and 1 before"),
    ("f(x) + f", 1, "both a function and a variable"),
    ("root(x)", 1, "2 arguments, not 1"),
    ("log(x, 2, 3)", 1, "1 or 2 arguments, not 3"),
    ("log_2(x, y)", 1, "1 argument, not 2"),
    ("x²^3", 2, "brackets"),
    ("a(b + c)", 1, "a*(b + c)"),
    ("2 + x_1(b)", 5, "x_1*( )"),
    ("h_f = f (L/D) v^2", 7, "write f*(…) for a product, or f(…)"),
    ("g_Na m³ h (V - E)", 9, "write h*(…) for a product, or h(…)"),
    ("atan2(x)", 1, "2 arguments, not 1"),
    ("sin(x, y)", 1, "1 argument, not 2"),
    ("max(x)", 1, "2 or more arguments, not 1"),
    ("Heaviside(x, 1, 2)", 1, "1 or 2 arguments, not 3"),
    ("sin + sin(x)", 7, "both a function and a variable"),
    ("λ + lambda", 5, "printed alike"),
    ("0x10", 1, "decimal"),
    ("007", 1, "starts with 0"),
    ("1.2.3", 4, "'.3'"),
    ("x = y = z", 7, "second '='"),
    ("2*x = 3", 1, "left side"),
    ("= 3", 1, "left side"),
    ("x =", 1, "nothing is given"),
    ("pi = 3", 1, "3.14"),
    ("!x", 1, "a factorial follows"),
    ("x!!", 2, "(x!)!"),
    ("x^2!", 4, "(x^n)!"),
    ("√x!", 3, "sqrt(x)!"),
    ("sin x!", 1, "two ways"),
    ("_x", 1, "starts with a letter"),
    (r"\sqrt{x}", 1, "LaTeX"),
    ("50%", 3, "p/100"),
    ("x & y", 3, "unexpected '&'"),
    ("x \ud800", 3, "\\ud800"),
    ("'x'", 1, "prime"),
    ("٣", 1, "unexpected '٣'"),
]


@pytest.mark.parametrize(("text", "column", "words"), ERRORS, ids=lambda v: repr(v))
def test_errors_name_the_column(text: str, column: int, words: str) -> None:
    with pytest.raises(FormulaError) as caught:
        read(text)
    message = str(caught.value)
    assert message.startswith(f"column {column}: ")
    assert words in message
    assert "\n" not in message and not message.endswith(".")
    assert message.isprintable()


def test_errors_name_the_line_where_there_are_several() -> None:
    with pytest.raises(FormulaError, match=r"^line 2, column 5: "):
        read("a = 1\nb = *")
    with pytest.raises(FormulaError, match=r"^line 3, column 1: "):
        read("a = 1\r\n\r\n_b = 2")


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("tahn(x)", "tanh"),
        ("sine(x)", "sin"),
        ("arctn(x)", "arctan"),
        ("sigmod(x)", "sigmoid"),
        ("Expp(x)", "exp"),
        ("LOQ(x) + cso(y)", None),
    ],
)
def test_unknown_functions_offer_the_nearest(text: str, nearest: str | None) -> None:
    with pytest.raises(UnknownNameError) as caught:
        read(text)
    message = str(caught.value)
    assert message.startswith("column 1: unknown function")
    if nearest is not None:
        assert f"did you mean {nearest!r}" in message
    assert "known: exp, log" in message


@pytest.mark.parametrize("text", ["", "  ", "\n;\n", ";"], ids=repr)
def test_an_empty_text_is_an_error(text: str) -> None:
    with pytest.raises(FormulaError, match="is empty"):
        read(text)


BOUNDS = {
    "length": "x" + "+x" * (MAX_LENGTH // 2),
    "tokens": "x" + "+x" * (MAX_TOKENS // 2),
    "nesting": "(" * (MAX_NESTING + 1) + "x" + ")" * (MAX_NESTING + 1),
    "signs": "-" * (MAX_NESTING + 1) + "x",
    "digits": "1" * (tokens.MAX_DIGITS + 1),
    "exponent": "1e1000000000000",
    "negative exponent": "1e-1000",
    "name": "x" * (tokens.MAX_NAME + 1),
}


@pytest.mark.parametrize("case", BOUNDS)
def test_bounds(case: str) -> None:
    with pytest.raises(BoundError, match=r"MAX_[A-Z]+"):
        read(BOUNDS[case])


def test_deep_formulas_need_no_stack() -> None:
    program = read("tanh(" * 5000 + "x" + ")" * 5000).statements[0].program
    assert len(program.instructions) == 5001


@pytest.mark.parametrize("name", [*FUNCTIONS, *ALIASES])
def test_every_function_of_the_table_is_read(name: str) -> None:
    row = FUNCTIONS[ALIASES.get(name, name)]
    arguments = ["x", "y"] if row.arity != 1 else ["x"]
    text = f"{name}({', '.join(arguments)})"
    assert bracketed(text) == f"{row.name}[{', '.join(arguments)}]"


HOSTILE = [
    "__import__('os').system('touch hacked')",
    "().__class__.__bases__[0].__subclasses__()",
    "eval('1')",
    "exec('import os')",
    "open('hacked', 'w')",
    "lambda: 1",
    "x.__class__",
    "[c for c in ()]",
    "os.system('ls')",
    "print(1)",
    "f'{x}'",
    "x if y else z",
    "Symbol('x')",
    "globals()",
    "y := 3",
    "@x",
    "$(ls)",
    "`ls`",
    "x\x00y",
    "#",
    '"x"',
]


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_hostile_texts_are_errors_and_nothing_runs(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError(f"{text!r} was executed")

    with monkeypatch.context() as patched:
        for module, name in [
            (builtins, "eval"),
            (builtins, "exec"),
            (builtins, "compile"),
            (builtins, "print"),
            (builtins, "open"),
            (os, "system"),
        ]:
            patched.setattr(module, name, refuse)
        try:
            read(text)
        except SymgradError as error:
            caught: SymgradError | None = error
        else:
            caught = None
    assert caught is not None


ROOT = Path(tokens.__file__).parent
OTHERS = "characters tokens spellings vocabulary definitions formulas".split()
READER = [
    *(ROOT / "reading").glob("*.py"),
    *(ROOT / "latex").glob("*.py"),
    *(ROOT / f"{name}.py" for name in OTHERS),
]


def test_the_modules_of_the_reader_execute_nothing() -> None:
    forbidden = {"eval", "exec", "compile", "sympify", "parse_expr", "__import__"}
    assert len(READER) > 30
    for source in READER:
        tree = ast.parse(source.read_text(encoding="utf-8"))
        used = {
            node.id if isinstance(node, ast.Name) else node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Name | ast.Attribute)
        }
        assert not used & forbidden - {"compile"}, source  # re.compile is harmless


PIECES = st.sampled_from(
    "+ - * / ^ ** ( ) [ ] | , ; = \n x y e f pi 2 0 .5 1e3 sin( Max( log( sqrt( ² x' "
    "e^ αβ tahn( == _ { ' π √ sin 2x x_{1} < >= and or not if else true if( where( "
    "f(x)= piecewise(( ω cos^2 ∧ ∛ log_2( root( f( g( != x₁".split(" ")
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        reading = read(text)
    except SymgradError as error:
        message = str(error)
        assert message and "\n" not in message and message.isprintable()
    else:
        for statement in reading.statements:
            depth = 0
            for step in statement.program.instructions:
                depth += 1 - step.arity
                assert depth >= 1, "an instruction takes a value that is not there"
            assert depth == 1


BINARY = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}


def written(tree: object) -> tuple[str, int]:
    """A random tree with the fewest brackets, and how tightly its top binds."""
    if isinstance(tree, str):
        return tree, 9
    assert isinstance(tree, tuple)
    op, *parts = tree
    if op == "negate":
        inner, tight = written(parts[0])
        return f"-{inner if tight >= 3 else f'({inner})'}", 3
    if op == "call":
        return f"{parts[0]}({written(parts[1])[0]})", 9
    mine = BINARY[op]
    (left, a), (right, b) = written(parts[0]), written(parts[1])
    keep_left = a > mine or (a == mine and op != "^")
    keep_right = b > mine or (b == mine and op == "^")
    left = left if keep_left else f"({left})"
    right = right if keep_right else f"({right})"
    return f"{left} {op} {right}", mine


def spelled(tree: object) -> str:
    """The same tree with all brackets, as ``bracketed`` writes it."""
    if isinstance(tree, str):
        return tree
    assert isinstance(tree, tuple)
    op, *parts = tree
    if op == "negate":
        return f"(-{spelled(parts[0])})"
    if op == "call":
        return f"{parts[0]}[{spelled(parts[1])}]"
    return f"({spelled(parts[0])}{op}{spelled(parts[1])})"


LEAVES = st.sampled_from(["x", "y_1", "w", "2", "0.5", "13"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(sorted(BINARY)), inner, inner),
        st.tuples(st.just("negate"), inner),
        st.tuples(st.just("call"), st.sampled_from(["sin", "exp"]), inner),
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(TREES)
def test_minimal_brackets_are_read_back(tree: object) -> None:
    assert bracketed(written(tree)[0]) == spelled(tree)


def test_the_oracle_of_the_round_trip_agrees_with_python() -> None:
    tree = ("-", ("negate", ("^", "x", "2")), ("/", "2", ("*", "x", "13")))
    text = written(tree)[0].replace("^", "**")
    assert math.isclose(eval(text, {"x": 3.0}), -9 - 2 / 39)
