"""The spelling of generated formulas as text: explicit, or in the ways people write.

The one rule kept here: nothing of symgrad is used, and every spelling of a tree means
the tree.
"""

from __future__ import annotations

from random import Random
from typing import Any

from generated import Formula, Tree

_LEVELS = {"choose": 0, "+": 4, "-": 4, "*": 5, "/": 5, "negate": 6, "^": 7}


def spell(tree: Tree, pick: Random | None = None) -> str:
    """A tree as text: every bracket and ``*`` written, or in the ways people write."""
    return _explicit(tree) if pick is None else _loose(tree, pick)


def _explicit(tree: Tree) -> str:
    kind, *rest = tree
    if kind in ("number", "name"):
        return str(rest[0])
    if kind == "datum":
        return _datum(rest, "{}_{}")
    if kind == "pi":
        return "pi"
    if kind == "reduce":
        body, lower, upper = (_explicit(u) for u in (rest[4], rest[2], rest[3]))
        return f"{rest[0]}({body}, {rest[1]}, {lower}, {upper})"
    if kind == "integral":
        body, lower, upper = (_explicit(u) for u in (rest[3], rest[1], rest[2]))
        return f"integral({body}, {rest[0]}, {lower}, {upper})"
    if kind in ("call", "use"):
        return f"{rest[0]}({', '.join(_explicit(u) for u in rest[1:])})"
    if kind == "compare":
        return f"({_explicit(rest[1])} {rest[0]} {_explicit(rest[2])})"
    parts = [_explicit(u) for u in rest]
    if kind == "negate":
        return f"(-{parts[0]})"
    if kind == "not":
        return f"(not {parts[0]})"
    if kind == "choose":
        return f"piecewise(({parts[0]}, {parts[1]}), ({parts[2]}, true))"
    return f"({parts[0]} {kind} {parts[1]})"


def _datum(rest: list[Any], form: str) -> str:
    base, index, offset = rest
    if not offset:
        return form.format(base, index)
    place = f"{index}{offset:+d}"
    return form.format(base, place if "[" in form else "{" + place + "}")


def _loose(tree: Tree, pick: Random) -> str:
    kind, *rest = tree
    if kind in ("number", "name"):
        return str(rest[0])
    if kind == "datum":
        return _datum(rest, pick.choice(("{}_{}", "{}[{}]")))
    if kind == "pi":
        return pick.choice(("pi", "π"))
    if kind == "reduce":
        body, lower, upper = (_loose(u, pick) for u in (rest[4], rest[2], rest[3]))
        return f"{rest[0]}({body}, {rest[1]}, {lower}, {upper})"
    if kind == "integral":
        body, lower, upper = (_loose(u, pick) for u in (rest[3], rest[1], rest[2]))
        name = pick.choice(("integral", "integrate", "int"))
        return f"{name}({body}, {rest[0]}, {lower}, {upper})"
    if kind == "call" and rest[0] == "factorial" and pick.random() < 0.5:
        return f"({_loose(rest[1], pick)})!"
    if kind in ("call", "use"):
        return f"{rest[0]}({', '.join(_loose(u, pick) for u in rest[1:])})"
    if kind == "choose":
        u, c, v = (_loose(part, pick) for part in rest)
        ways = f"if({c}, {u}, {v})", f"where({c}, {u}, {v})", f"(({u}) if {c} else {v})"
        return pick.choice(ways)
    if kind == "compare":
        sign = pick.choice(
            (rest[0], {"<=": "≤", ">=": "≥", "!=": "≠"}.get(rest[0], ""))
        )
        return f"{_loose(rest[1], pick)} {sign or rest[0]} {_loose(rest[2], pick)}"
    if kind in ("and", "or", "not"):
        parts = [f"({_loose(u, pick)})" for u in rest]
        return f"not {parts[0]}" if kind == "not" else f" {kind} ".join(parts)
    if kind == "negate":
        return f"-{_bracketed(rest[0], 6, pick)}"
    left, right = rest
    if kind == "*" and (left[0], right[0]) == ("number", "name") and left[1] != "0":
        return f"({left[1]}{right[1]})"
    if kind == "*" and pick.random() < 0.3:
        return f"(({_loose(left, pick)})({_loose(right, pick)}))"
    level = _LEVELS[kind]
    if kind == "^":
        below = _bracketed(left, 8, pick)
        return f"{below}{pick.choice(('^', '**'))}{_bracketed(right, 6, pick)}"
    return (
        f"{_bracketed(left, level, pick)} {kind} {_bracketed(right, level + 1, pick)}"
    )


def _bracketed(tree: Tree, level: int, pick: Random) -> str:
    text = _loose(tree, pick)
    return f"({text})" if _LEVELS.get(tree[0], 9) < level else text


def texts(formula: Formula, pick: Random | None = None) -> str:
    """The whole text; with ``pick`` as people write it, definitions in any order."""
    lines = [f"{name} = {spell(tree, pick)}" for name, tree in formula.definitions]
    for name, (parameters, body) in formula.functions.items():
        lines.append(f"{name}({', '.join(parameters)}) = {spell(body, pick)}")
    if pick is not None:
        pick.shuffle(lines)
    return "; ".join(lines)
