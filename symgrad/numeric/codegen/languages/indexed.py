"""Loops over an index, data and tables translated into any language.

The one rule kept here: in a program an index and a count are whole numbers only where
they are a place or an end of a loop; in arithmetic they are floats, as in the formula.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from symgrad.numeric.codegen.languages.expressions import ATOM, PLUS, Code, Expressions
from symgrad.numeric.codegen.languages.language import Language
from symgrad.numeric.codegen.languages.translation import Translator, assigned

Linear = tuple[tuple[tuple[str, int], ...], int]
"""whole multiples of pieces of code, plus a whole number"""


def written(linear: Linear) -> Code:
    """Write whole multiples of pieces of code.

    >>> written(((("i", 1), ("n", -2)), -1)).text
    'i - 2*n - 1'
    """
    terms, number = linear
    text = ""
    for code, factor in (*terms, ("", number)):
        if factor == 0:
            continue
        size = abs(factor)
        piece = (code if size == 1 else f"{size}*{code}") if code else str(size)
        sign = "-" if factor < 0 else "+"
        text = f"{text} {sign} {piece}" if text else f"{'-' * (factor < 0)}{piece}"
    is_one = " " not in text and "*" not in text and not text.startswith("-")
    return Code(text or "0", ATOM if is_one else PLUS, "int")


def combined(left: Linear, right: Linear, sign: int = 1) -> Linear:
    """Add two, the second with a sign."""
    found = dict(left[0])
    for code, factor in right[0]:
        found[code] = found.get(code, 0) + sign * factor
    terms = tuple((code, factor) for code, factor in found.items() if factor)
    return terms, left[1] + sign * right[1]


def chosen(language: Language, linear: Linear) -> str:
    """Write one of two whole numbers to choose; Fortran's literals tell a kind."""
    text = written(linear).text
    return text if linear[0] else language.forms.get("literal", "{0}").format(text)


@dataclass
class IndexedExpressions(Expressions):
    """Expressions of a program with loops; ``sizes`` tells the axes of its tables.

    A table is told by the ends of each axis, data by the number of columns, where the
    language has them in one row after the other.
    """

    sizes: dict[str, list[tuple[Linear, Linear]]] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)

    def as_number(self, node: ast.expr, code: Code) -> Code:
        if code.type != "int" or isinstance(node, ast.Constant):
            return super().as_number(node, code)
        text = code.text if code.strength == ATOM else f"({code.text})"
        return Code(self.language.forms["float"].format(text))

    def _BinOp(self, node: ast.BinOp) -> Code:
        left, right = (self._as_float(side) for side in (node.left, node.right))
        return super()._BinOp(ast.BinOp(left, node.op, right))

    def _IfExp(self, node: ast.IfExp) -> Code:
        both = (self._as_float(side) for side in (node.body, node.orelse))
        return super()._IfExp(ast.IfExp(node.test, *both))

    def _as_float(self, node: ast.expr) -> ast.expr:
        """Mark a whole number that shall be a float."""
        if isinstance(node, ast.Name) and self.types.get(node.id) == "int":
            return ast.Call(ast.Name("float"), [node], [])
        return node

    def _Subscript(self, node: ast.Subscript) -> Code:
        places: list[ast.expr] = []
        base: ast.expr = node
        while isinstance(base, ast.Subscript):
            own = base.slice
            places[:0] = own.elts if isinstance(own, ast.Tuple) else [own]
            base = base.value
        assert isinstance(base, ast.Name)
        name = base.id
        if name in self.sizes:
            return self._cell(name, [self.linear(place) for place in places])
        if self.types[name] != "data":
            return super()._Subscript(node)
        return self._datum(name, [self.linear(place) for place in places])

    def _Call(self, node: ast.Call) -> Code:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name not in ("add", "added"):
            return super()._Call(node)
        first, *rest = node.args
        assert isinstance(first, ast.Name)
        given = Code(self.language.forms[f"to_{name}"].format(self.spell(first.id)))
        return self.call(name, [given, *(self.number(each) for each in rest)])

    def _datum(self, name: str, places: Sequence[Linear]) -> Code:
        start = ((), self.language.base)
        codes = [written(combined(place, start)) for place in places]
        parts = [c.text if c.strength == ATOM else f"({c.text})" for c in codes]
        if len(codes) == 1:
            return Code(self._one(self.spell(name), codes[0]))
        columns = self.columns.get(name, "")
        form = self.language.forms["datum"]
        column = codes[1].text if columns else parts[1]
        return Code(form.format(self.spell(name), parts[0], column, columns))

    def _one(self, spelled: str, code: Code) -> str:
        """A place of one row of numbers."""
        form = self.language.forms["place"]
        loose = "[{1}]" in form or "({1})" in form
        inside = code.text if loose or code.strength == ATOM else f"({code.text})"
        return form.format(spelled, inside)

    def _cell(self, name: str, places: Sequence[Linear]) -> Code:
        """A place of a table: row after row, where it has several axes."""
        (low, _), *rest = self.sizes[name]
        place = combined(places[0], low, -1)
        for own, (low, high) in zip(places[1:], rest, strict=True):
            length = written(combined(combined(high, low, -1), ((), 1)))
            row, size = written(place), length.text
            code = row.text if row.strength == ATOM else f"({row.text})"
            factor = size if length.strength == ATOM else f"({size})"
            place = combined((((f"{code}*{factor}", 1),), 0), combined(own, low, -1))
        place = combined(place, ((), self.language.base))
        return Code(self._one(self.spell(name), written(place)))

    def linear(self, node: ast.expr) -> Linear:
        """Read a place or a bound as whole multiples of whole numbers."""
        if isinstance(node, ast.Constant) and node.value == int(node.value):  # type: ignore[arg-type]
            return (), int(node.value)  # type: ignore[arg-type]
        if isinstance(node, ast.Name) and self.types.get(node.id) == "int":
            return ((self.spell(node.id), 1),), 0
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return combined(((), 0), self.linear(node.operand), -1)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            sign = 1 if isinstance(node.op, ast.Add) else -1
            return combined(self.linear(node.left), self.linear(node.right), sign)
        code = self.expression(node)
        if code.type == "int":
            return ((code.text if code.strength == ATOM else f"({code.text})", 1),), 0
        return ((self.language.forms["whole"].format(code.text), 1),), 0


@dataclass
class IndexedTranslator(Translator):
    """Translates the statements of a program with loops; ``tables`` are its own."""

    expressions: IndexedExpressions
    tables: list[str] = field(default_factory=list)

    def _Expr(self, node: ast.Expr, level: int) -> list[str]:
        call = node.value
        assert isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        text = self.expressions.expression(call).text
        return self.form("do", level, call=text)

    def _Assign(self, node: ast.Assign, level: int) -> list[str]:
        (target,), value = node.targets, node.value
        called = isinstance(value, ast.Call) and isinstance(value.func, ast.Name)
        name = value.func.id if called else ""  # type: ignore[attr-defined]
        if name == "table":
            return self._new_table(target.id, value.args, level)  # type: ignore[attr-defined]
        if name == "whole":
            return self._new_whole(target.id, value.args[0], level)  # type: ignore[attr-defined]
        if isinstance(value, ast.Name):
            value = self.expressions._as_float(value)
        return super()._Assign(ast.Assign([target], value), level)

    def _new_whole(self, name: str, value: ast.expr, level: int) -> list[str]:
        if isinstance(value, ast.IfExp):
            both = [
                self.expressions.linear(side) for side in (value.body, value.orelse)
            ]
            test = self.expressions.test(value.test).text
            sides = [chosen(self.language, side) for side in both]
            text = self.language.forms["choose"].format(test, *sides)
        else:
            text = written(self.expressions.linear(value)).text
        return self.assign(name, Code(text, 0, "int"), level)

    def _new_table(self, name: str, ends: Sequence[ast.expr], level: int) -> list[str]:
        axes, sizes = [], []
        for pair in ends:
            assert isinstance(pair, ast.Tuple)
            low, high = (self.expressions.linear(end) for end in pair.elts)
            axes.append((low, high))
            sizes.append(written(combined(combined(high, low, -1), ((), 1))))
        size = sizes[0].text
        if len(sizes) > 1:
            size = "*".join(
                s.text if s.strength == ATOM else f"({s.text})" for s in sizes
            )
        self.expressions.sizes[name], self.types[name] = axes, "table"
        spelled = self.spell(name)
        self.locals.append((spelled, "allocated"))
        self.tables.append(spelled)
        if "table" in self.language.own:
            self.expressions.used["table"] = None
        helper = f"{self.expressions.prefix}table"
        guarded = size if size.isidentifier() else f"({size})"
        told = {"size": size, "guarded": guarded, "table": helper}
        return self.form("table_of", level, name=spelled, **told)

    def _For(self, node: ast.For, level: int) -> list[str]:
        """A loop, whose names are its own."""
        call = node.iter
        assert isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        assert isinstance(node.target, ast.Name)
        low, high = (written(self.expressions.linear(end)).text for end in call.args)
        before, counts = dict(self.types), self.counts
        name = node.target.id
        self.types[name], self.counts = "int", assigned(node.body)
        spelled = self.spell(name)
        self.locals.append((spelled, "int"))
        lines = self.form(call.func.id, level, name=spelled, low=low, high=high)
        lines += self.block(node.body, level + 1) + self.form("end_loop", level)
        for added in set(self.types) - set(before):
            del self.types[added]
        self.counts = counts
        return lines
