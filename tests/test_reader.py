"""The reader: what binds tighter, what is refused and where, and that nothing runs."""

from __future__ import annotations

import ast
import builtins
import math
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad import tokens
from symgrad.errors import BoundError, FormulaError, SymgradError, UnknownNameError
from symgrad.functions import ALIASES, FUNCTIONS
from symgrad.parser import MAX_NESTING
from symgrad.reader import read
from symgrad.tokens import MAX_LENGTH, is_name

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
    "e^x + e": "((e^x)+e)",
    "exp(e)": "exp[e]",
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
    assert read(f"{name} + 1").names == (name,)
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
    ("x y", 3, "write *"),
    ("3 4", 3, "write *"),
    ("x 2", 3, "write *"),
    ("(a)(b)", 4, "write *"),
    ("2*x|y|", 4, "write * before |x|"),
    ("1/2x", 3, "read in two ways"),
    ("2^3x", 3, "read in two ways"),
    ("1/-2(x)", 4, "read in two ways"),
    ("x²^3", 2, "brackets"),
    ("sin x", 5, "sin( )"),
    ("sin^2(x)", 1, "sin(x)^2"),
    ("f(x)", 1, "abstract functions"),
    ("φ(x)", 1, "abstract functions"),
    ("a(b + c)", 1, "a*(b + c)"),
    ("2 + x_1(b)", 5, "x_1*( )"),
    ("pi(x)", 1, "pi*( )"),
    ("atan2(x)", 1, "2 arguments, not 1"),
    ("sin(x, y)", 1, "1 argument, not 2"),
    ("max(x)", 1, "2 or more arguments, not 1"),
    ("Heaviside(x, 1, 2)", 1, "1 or 2 arguments, not 3"),
    ("sin + sin(x)", 7, "both a function and a variable"),
    ("πr^2", 1, "π*r"),
    ("λ + lambda", 5, "printed alike"),
    ("0x10", 1, "decimal"),
    ("007", 1, "starts with 0"),
    ("1.2.3", 4, "'.3'"),
    ("x = y = z", 7, "second '='"),
    ("2*x = 3", 1, "left side"),
    ("= 3", 1, "left side"),
    ("x =", 1, "nothing is given"),
    ("pi = 3", 1, "3.14"),
    ("f(x) = x^2", 1, "definitions of functions"),
    ("x == y", 3, "one ="),
    ("x < y", 3, "comparisons"),
    ("x!", 2, "factorial"),
    ("_x", 1, "starts with a letter"),
    ("x_{1}", 3, "( ) or [ ]"),
    (r"\sqrt{x}", 1, "LaTeX"),
    ("50%", 3, "p/100"),
    ("x & y", 3, "unexpected '&'"),
    ("x \ud800", 3, "\\ud800"),
    ("'x'", 1, "prime"),
    ("½", 1, "unexpected '½'"),
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
        ("arctg(x)", "arctan"),
        ("sigmod(x)", "sigmoid"),
        ("Exp(x)", "exp"),
        ("LOG(x) + cso(y)", None),
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
    "import os",
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


def test_the_modules_of_the_reader_execute_nothing() -> None:
    forbidden = {"eval", "exec", "compile", "sympify", "parse_expr", "__import__"}
    for name in ("tokens", "vocabulary", "parser", "reader", "assembly", "formulas"):
        source = os.path.join(os.path.dirname(tokens.__file__), f"{name}.py")
        with open(source, encoding="utf-8") as file:
            tree = ast.parse(file.read())
        used = {
            node.id if isinstance(node, ast.Name) else node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Name | ast.Attribute)
        }
        assert not used & forbidden - {"compile"}, name  # re.compile is harmless


PIECES = st.sampled_from(
    "+ - * / ^ ** ( ) [ ] | , ; = \n x y e f pi 2 0 .5 1e3 sin( Max( log( sqrt( ² x' "
    "e^ αβ tahn( == _ { '".split(" ")
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
