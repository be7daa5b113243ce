"""Expressions of a small part of Python translated into any language.

The one rule kept here: each piece has brackets where how strongly it binds asks for
them, and a number is a float wherever Python would make it one. The subset:
arithmetic, comparisons, conditional expressions, calls and places of a table.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from symgrad.numeric.codegen.languages.language import Language
from symgrad.numeric.codegen.languages.portable import ALIASES

ATOM, UNARY, TIMES, PLUS, COMPARE, NOT, AND, OR = 9, 7, 6, 5, 4, 3, 2, 1
_ARITHMETIC: dict[type, tuple[str, int]] = {
    ast.Add: (" + ", PLUS),
    ast.Sub: (" - ", PLUS),
    ast.Mult: ("*", TIMES),
    ast.Div: ("/", TIMES),
}
_COMPARISONS: dict[type, str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


@dataclass(frozen=True)
class Code:
    """A piece of target code, how strongly it binds, and its type."""

    text: str
    strength: int = ATOM
    type: str = "float"


@dataclass
class Expressions:
    """Translates expressions; ``spell`` gives a Python name its identifier.

    ``prefix`` stands before the names of helpers; ``types`` and ``tables`` tell the
    type of each name and the size of each table. What is called is noted in ``used``.
    """

    language: Language
    spell: Callable[[str], str]
    prefix: str = ""
    types: dict[str, str] = field(default_factory=dict)
    used: dict[str, None] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)

    def expression(self, node: ast.expr) -> Code:
        """Translate an expression."""
        return getattr(self, f"_{type(node).__name__}")(node)

    def number(self, node: ast.expr) -> Code:
        """Translate an expression that shall be a float."""
        return self.as_number(node, self.expression(node))

    def as_number(self, node: ast.expr, code: Code) -> Code:
        """The translation of an expression as a float: each is translated once."""
        if code.type == "int":
            if isinstance(node, ast.Constant):
                return Code(self.language.number(float(node.value)))  # type: ignore[arg-type]
            return Code(self.language.forms["float"].format(code.text))
        return code

    def test(self, node: ast.expr) -> Code:
        """Translate a condition; a number is one where it is not 0."""
        code = self.expression(node)
        if code.type == "bool":
            return code
        zero = self.language.number(0.0) if code.type == "float" else "0"
        unequal = self.language.operators.get("!=", "!=")
        return Code(f"{_guard(code, PLUS)} {unequal} {zero}", COMPARE, "bool")

    def _Constant(self, node: ast.Constant) -> Code:
        value = node.value
        if isinstance(value, bool):
            return Code(self.language.constants[str(value)], ATOM, "bool")
        if isinstance(value, int):
            return Code(str(value), ATOM, "int")
        assert isinstance(value, float), value
        return Code(self.language.number(value))

    def _Name(self, node: ast.Name) -> Code:
        if node.id in self.language.constants and node.id not in self.types:
            self.used[node.id] = None
            return Code(self.language.constants[node.id])
        return Code(self.spell(node.id), ATOM, self.types[node.id])

    def _UnaryOp(self, node: ast.UnaryOp) -> Code:
        if isinstance(node.op, ast.Not):
            inner = self.test(node.operand)
            sign = self.language.operators["not"]
            strength = UNARY if sign == "!" else NOT
            return Code(sign + _guard(inner, ATOM), strength, "bool")
        assert isinstance(node.op, ast.USub)
        inner = self.number(node.operand)
        sign = "-" + _guard(inner, ATOM if inner.text.startswith("-") else TIMES)
        return Code(sign, TIMES if inner.strength == TIMES else UNARY)

    def _BinOp(self, node: ast.BinOp) -> Code:
        if isinstance(node.op, ast.Pow):
            return self.call("pow", [self.number(node.left), self.number(node.right)])
        if isinstance(node.op, ast.Mod):
            return self.call("fmod", [self.number(node.left), self.number(node.right)])
        left, right = self._alike(node.left, node.right)
        kind = "float" if left.type == "float" else "int"
        sign, strength = _ARITHMETIC[type(node.op)]
        second = _guard(right, strength + 1)
        if second.startswith("-"):
            second = f"({second})"
        return Code(_guard(left, strength) + sign + second, strength, kind)

    def _alike(self, left: ast.expr, right: ast.expr) -> tuple[Code, Code]:
        """Two expressions, as floats where one of them is a float."""
        codes = self.expression(left), self.expression(right)
        if "float" not in (codes[0].type, codes[1].type):
            return codes
        return self.as_number(left, codes[0]), self.as_number(right, codes[1])

    def _Compare(self, node: ast.Compare) -> Code:
        sides = [node.left, *node.comparators]
        if isinstance(node.ops[0], ast.In):
            assert isinstance(sides[1], ast.Tuple)
            pairs = [(sides[0], "==", each) for each in sides[1].elts]
            return self._joined("or", [self._pair(*pair) for pair in pairs])
        pairs = [
            (left, _COMPARISONS[type(op)], right)
            for left, op, right in zip(sides, node.ops, sides[1:], strict=False)
        ]
        return self._joined("and", [self._pair(*pair) for pair in pairs])

    def _pair(self, left: ast.expr, sign: str, right: ast.expr) -> Code:
        texts = [_guard(code, PLUS) for code in self._alike(left, right)]
        spelled = self.language.operators.get(sign, sign)
        return Code(f"{texts[0]} {spelled} {texts[1]}", COMPARE, "bool")

    def _BoolOp(self, node: ast.BoolOp) -> Code:
        name = "and" if isinstance(node.op, ast.And) else "or"
        return self._joined(name, [self.test(each) for each in node.values])

    def _joined(self, name: str, codes: Sequence[Code]) -> Code:
        if len(codes) == 1:
            return codes[0]
        text = self.language.operators[name].join(_guard(c, COMPARE) for c in codes)
        return Code(text, AND if name == "and" else OR, "bool")

    def _IfExp(self, node: ast.IfExp) -> Code:
        test = self.test(node.test)
        both = self._alike(node.body, node.orelse)
        form = self.language.forms["choose"]
        parts = [_guard(test, OR), _guard(both[0], OR), both[1].text]
        strength = ATOM if form.endswith(")") else 0
        return Code(form.format(*parts), strength, both[0].type)

    def _Subscript(self, node: ast.Subscript) -> Code:
        assert isinstance(node.value, ast.Name)
        index = self.expression(node.slice)
        form = self.language.forms["element"]
        return Code(form.format(self.spell(node.value.id), index.text))

    def _Call(self, node: ast.Call) -> Code:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name == "float":
            return self.number(node.args[0])
        if name == "int":
            inner = self.number(node.args[0])
            return Code(self.language.forms["int"].format(inner.text), ATOM, "int")
        parts = []
        for arg in node.args:
            if isinstance(arg, ast.Name) and self.types.get(arg.id) == "floats":
                form = self.language.forms["table"]
                size = self.tables.get(arg.id, 0)
                parts.append(Code(form.format(self.spell(arg.id), size), ATOM))
            else:
                parts.append(self.number(arg))
        return self.call(name, parts)

    def call(self, name: str, parts: Sequence[Code]) -> Code:
        """Call a function by its name in Python's math module, or a helper."""
        name = ALIASES.get(name, name)
        self.used[name] = None
        spelled = self.language.functions.get(name, self.prefix + name)
        kind = "bool" if name == "isfinite" else "float"
        if "{" in spelled:
            return Code(spelled.format(*(part.text for part in parts)))
        return Code(f"{spelled}({', '.join(part.text for part in parts)})", ATOM, kind)


def _guard(code: Code, strength: int) -> str:
    return code.text if code.strength >= strength else f"({code.text})"
