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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from symgrad.numeric.codegen.languages.language import Header, Language, fill
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
class Translator:
    """Translates one function; ``spell`` gives a Python name its identifier.

    ``prefix`` stands before the names of helpers. What is called is noted in ``used``,
    what is declared in ``locals``.
    """

    language: Language
    spell: Callable[[str], str]
    prefix: str = ""
    types: dict[str, str] = field(default_factory=dict)
    used: dict[str, None] = field(default_factory=dict)
    locals: list[tuple[str, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    tables: dict[str, int] = field(default_factory=dict)

    # --- expressions ---------------------------------------------------------------

    def expression(self, node: ast.expr) -> Code:
        """Translate an expression."""
        return getattr(self, f"_{type(node).__name__}")(node)

    def number(self, node: ast.expr) -> Code:
        """Translate an expression that shall be a float."""
        code = self.expression(node)
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
        both = self.expression(node.left), self.expression(node.right)
        kind = "float" if any(code.type == "float" for code in both) else "int"
        if kind == "float":
            both = self.number(node.left), self.number(node.right)
        sign, strength = _ARITHMETIC[type(node.op)]
        left, right = both
        second = _guard(right, strength + 1)
        if second.startswith("-"):
            second = f"({second})"
        return Code(_guard(left, strength) + sign + second, strength, kind)

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
        both = self.expression(left), self.expression(right)
        if "float" in (both[0].type, both[1].type):
            both = self.number(left), self.number(right)
        texts = [_guard(code, PLUS) for code in both]
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
        both = self.expression(node.body), self.expression(node.orelse)
        if any(code.type == "float" for code in both):
            both = self.number(node.body), self.number(node.orelse)
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

    # --- statements ----------------------------------------------------------------

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
        return self.form("return", level, value=self.number(node.value).text)

    def _Assign(self, node: ast.Assign, level: int) -> list[str]:
        (target,) = node.targets
        value = node.value
        if isinstance(target, ast.Subscript):
            code = self._Subscript(target)
            text = self.number(value).text
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
        code = self.expression(value)
        return self.assign(target.id, code, level)

    def _table(self, name: str, value: ast.Tuple, level: int) -> list[str]:
        """A table of constants."""
        numbers = [ast.literal_eval(each) for each in value.elts]
        items = [self.language.number(float(number)) for number in numbers]
        self.types[name], self.tables[name] = "floats", len(items)
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
        code = self.expression(ast.BinOp(left, node.op, node.value))
        return self.assign(node.target.id, code, level)

    def _If(self, node: ast.If, level: int) -> list[str]:
        lines = self.form("if", level, test=self.test(node.test).text)
        lines += self.block(node.body, level + 1)
        if node.orelse:
            lines += self.form("else", level) + self.block(node.orelse, level + 1)
        return lines + self.form("end_if", level)

    def _While(self, node: ast.While, level: int) -> list[str]:
        lines = self.form("while", level, test=self.test(node.test).text)
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
            high = self.expression(args[0]).text
            lines = self.form("down", level, name=spelled, high=high, low=low)
        else:
            codes = [self.expression(each) for each in args]
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
        end = self.tables.get(table) or form.format(self.spell(table))
        lines = self.form("up", level, name=spelled, low="0", end=end)
        element = self.language.forms["element"].format(self.spell(table), spelled)
        lines += self.assign(name, Code(element), level + 1)
        return lines + self.block(body, level + 1) + self.form("end_loop", level)


def _guard(code: Code, strength: int) -> str:
    return code.text if code.strength >= strength else f"({code.text})"


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
    translator = Translator(
        language, lambda n: spell.get(n, n), prefix, types, counts=counts
    )
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
    return [*opening, *body, *closing], list(translator.used)


def parameter_types(node: ast.FunctionDef) -> list[str]:
    """The types of a helper's parameters, as it annotates them."""
    kinds = [ast.unparse(a.annotation) if a.annotation else "" for a in node.args.args]
    return ["float" if kind == "float" else "floats" for kind in kinds]
