"""A small part of Python translated, statement by statement, into any language.

The one rule kept here: what is translated is symgrad's own text, the programs that
python.py writes and the helpers beside it; whatever lies outside the subset is a
mistake of ours and stops with an assertion. The subset: functions of floats with
assignments, ``if``, ``while``, ``for`` over a range or a table, ``return``, arithmetic,
comparisons, conditional expressions and calls.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from symgrad.numeric.codegen.languages.expressions import Code, Expressions
from symgrad.numeric.codegen.languages.language import Header, Language, fill


@dataclass
class Translator:
    """Translates the statements of one function.

    ``counts`` tells how often each name is assigned; what is declared is noted in
    ``locals``.
    """

    expressions: Expressions
    counts: Counter[str] = field(default_factory=Counter)
    locals: list[tuple[str, str]] = field(default_factory=list)

    @property
    def language(self) -> Language:
        return self.expressions.language

    @property
    def types(self) -> dict[str, str]:
        return self.expressions.types

    def spell(self, name: str) -> str:
        return self.expressions.spell(name)

    def block(self, body: Sequence[ast.stmt], level: int) -> list[str]:
        """Translate statements, indented by their depth."""
        lines: list[str] = []
        for node in body:
            for line in getattr(self, f"_{type(node).__name__}")(node, level):
                lines.append(line)
        return lines

    def form(self, key: str, level: int, /, **parts: object) -> list[str]:
        """Write one form of the language as lines."""
        text = self.language.forms[key].format(**parts)
        return ["    " * level + line for line in text.split("\n")] if text else []

    def assign(self, name: str, code: Code, level: int) -> list[str]:
        """Write an assignment, which declares what it names first."""
        if name in self.types:
            spelled = self.spell(name)
            return self.form("assign", level, name=spelled, value=code.text)
        self.types[name] = code.type
        spelled = self.spell(name)
        self.locals.append((spelled, code.type))
        kind = "variable" if self.counts[name] > 1 else "declare"
        key = f"{kind}_{code.type}" if code.type != "float" else kind
        return self.form(key, level, name=spelled, value=code.text)

    def _Expr(self, node: ast.Expr, level: int) -> list[str]:
        assert isinstance(node.value, ast.Constant)  # a docstring
        return []

    def _Return(self, node: ast.Return, level: int) -> list[str]:
        assert node.value is not None
        return self.form(
            "return", level, value=self.expressions.number(node.value).text
        )

    def _Assign(self, node: ast.Assign, level: int) -> list[str]:
        (target,) = node.targets
        value = node.value
        if isinstance(target, ast.Subscript):
            code = self.expressions.expression(target)
            text = self.expressions.number(value).text
            return self.form("assign", level, name=code.text, value=text)
        assert isinstance(target, ast.Name)
        if isinstance(value, ast.Tuple):
            return self._table(target.id, value, level)
        if isinstance(value, ast.BinOp) and isinstance(value.left, ast.List):
            size = int(ast.literal_eval(value.right))
            self.types[target.id] = "work"
            spelled = self.spell(target.id)
            self.locals.append((spelled, f"work:{size}"))
            return self.form("work", level, name=spelled, size=size)
        code = self.expressions.expression(value)
        return self.assign(target.id, code, level)

    def _table(self, name: str, value: ast.Tuple, level: int) -> list[str]:
        """A table of constants."""
        numbers = [ast.literal_eval(each) for each in value.elts]
        items = [self.language.number(float(number)) for number in numbers]
        self.types[name], self.expressions.tables[name] = "floats", len(items)
        spelled = self.spell(name)
        self.locals.append((spelled, f"table:{len(items)}"))
        before, after = self.language.forms["numbers"].split("…")
        before, after = before.format(name=spelled, size=len(items)), after.format()
        if self.language.width:
            text = f"{before}{', '.join(items)}{after}"
        else:
            text = fill(before, items, after)
        return ["    " * level + line for line in text.split("\n")]

    def _AugAssign(self, node: ast.AugAssign, level: int) -> list[str]:
        assert isinstance(node.target, ast.Name)
        left = ast.Name(node.target.id)
        code = self.expressions.expression(ast.BinOp(left, node.op, node.value))
        return self.assign(node.target.id, code, level)

    def _If(self, node: ast.If, level: int) -> list[str]:
        lines = self.form("if", level, test=self.expressions.test(node.test).text)
        lines += self.block(node.body, level + 1)
        if node.orelse:
            lines += self.form("else", level) + self.block(node.orelse, level + 1)
        return lines + self.form("end_if", level)

    def _While(self, node: ast.While, level: int) -> list[str]:
        lines = self.form("while", level, test=self.expressions.test(node.test).text)
        return lines + self.block(node.body, level + 1) + self.form("end_loop", level)

    def _For(self, node: ast.For, level: int) -> list[str]:
        over, target = node.iter, node.target
        if isinstance(over, ast.Tuple):
            assert isinstance(target, ast.Name)
            table = f"{target.id}_table"
            lines = self._table(table, over, level)
            return lines + self._each("place", target.id, table, node.body, level)
        if isinstance(over, ast.Name):
            assert isinstance(target, ast.Name)
            return self._each("place", target.id, over.id, node.body, level)
        assert isinstance(over, ast.Call) and isinstance(over.func, ast.Name)
        if over.func.id == "enumerate":
            assert isinstance(target, ast.Tuple) and isinstance(over.args[0], ast.Name)
            place, name = (each.id for each in target.elts)  # type: ignore[attr-defined]
            return self._each(place, name, over.args[0].id, node.body, level)
        assert over.func.id == "range" and isinstance(target, ast.Name)
        return self._range(target.id, over.args, node.body, level)

    def _range(
        self, name: str, args: Sequence[ast.expr], body: Sequence[ast.stmt], level: int
    ) -> list[str]:
        self._declare_place(name)
        spelled = self.spell(name)
        if len(args) == 3:
            low = ast.literal_eval(args[1]) + 1
            high = self.expressions.expression(args[0]).text
            lines = self.form("down", level, name=spelled, high=high, low=low)
        else:
            codes = [self.expressions.expression(each) for each in args]
            first = codes[0].text if len(codes) > 1 else "0"
            end = codes[-1].text
            lines = self.form("up", level, name=spelled, low=first, end=end)
        return lines + self.block(body, level + 1) + self.form("end_loop", level)

    def _declare_place(self, name: str) -> None:
        if name not in self.types:
            self.types[name] = "int"
            self.locals.append((self.spell(name), "place"))

    def _each(
        self, place: str, name: str, table: str, body: Sequence[ast.stmt], level: int
    ) -> list[str]:
        """A loop over a table of constants, which may be a parameter."""
        self._declare_place(place)
        spelled = self.spell(place)
        form = self.language.forms["length"]
        end = self.expressions.tables.get(table) or form.format(self.spell(table))
        lines = self.form("up", level, name=spelled, low="0", end=end)
        element = self.language.forms["element"].format(self.spell(table), spelled)
        lines += self.assign(name, Code(element), level + 1)
        return lines + self.block(body, level + 1) + self.form("end_loop", level)


def assigned(body: Sequence[ast.stmt]) -> Counter[str]:
    """Count how often each name is assigned."""
    found: Counter[str] = Counter()
    for node in ast.walk(ast.Module(list(body), [])):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] += 2
        elif isinstance(node, ast.Assign):
            found.update(t.id for t in node.targets if isinstance(t, ast.Name))
    return found


def translate_helper(
    node: ast.FunctionDef,
    language: Language,
    prefix: str,
) -> tuple[list[str], list[str]]:
    """Translate a helper: its lines, and the names that it uses."""
    counts = assigned(node.body)
    types = dict(
        zip((a.arg for a in node.args.args), parameter_types(node), strict=True)
    )
    for name in types:
        counts[name] += 1
    spell = {name: f"{name}_" for name in language.helper_words} | {"_": "step"}
    expressions = Expressions(language, lambda n: spell.get(n, n), prefix, types)
    translator = Translator(expressions, counts)
    body = translator.block(node.body, 1)
    changed = {name for name in types if counts[name] > 1}
    parameters = [
        (spell.get(n, n), f"changed {kind}" if n in changed else kind)
        for n, kind in types.items()
        if n in {a.arg for a in node.args.args}
    ]
    about = (ast.get_docstring(node) or "").split("\n\n")[0]
    header = Header(prefix + node.name, parameters, translator.locals, "float", about)
    opening, closing = language.function(header)
    return [*opening, *body, *closing], list(expressions.used)


def parameter_types(node: ast.FunctionDef) -> list[str]:
    """The types of a helper's parameters, as it annotates them."""
    kinds = [ast.unparse(a.annotation) if a.annotation else "" for a in node.args.args]
    return ["float" if kind == "float" else "floats" for kind in kinds]
