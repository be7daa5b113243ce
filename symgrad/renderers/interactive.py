"""What the script of the HTML page reads: names by number, routes, program, fields.

The one rule kept here: nothing that stands in a page can end its script or its data.
"""

from __future__ import annotations

import json
import math
from itertools import chain
from typing import Any

from sympy import Expr, Symbol

from symgrad.derivation import Derivation, Script
from symgrad.symbols import Total

_REACH = 3.0


def key(expr: Expr) -> str:
    """What an expression is called in a tag."""
    return expr.name if isinstance(expr, Symbol) else str(expr)


def tag_numbers(derivation: Derivation) -> dict[str, int]:
    """name -> number of all that a page can light up or give a value."""
    found: dict[str, None] = {}
    if derivation.script is not None:
        script = derivation.script
        found.update((key(x), None) for x in (*script.arguments, *script.results))
    for route in derivation.routes:
        found[key(route.variable)] = None
        for same in route.factors:
            found.update((key(x), None) for x in same)
        found.update((key(x), None) for x in route.names)
    return {name: place for place, name in enumerate(found)}


def page_script(script: Script | None, page: str) -> str:
    """The program for the numbers, where there is one, and the page's own script."""
    source = "" if script is None else script.source.replace("export ", "")
    text = f'"use strict";\n{source}\n{page}'
    return text.replace("</", "<\\/").replace("<!--", "<\\!--")


def page_data(derivation: Derivation, numbers: dict[str, int]) -> str:
    """The data of a page as JSON that can stand in a script element."""
    script = derivation.script
    values = () if script is None else (*script.arguments, *script.results)
    data = {
        "names": list(numbers),
        "values": [numbers[key(x)] for x in values],
        "shown": bool(derivation.values),
        "routes": [
            {
                "variable": numbers[key(route.variable)],
                "picks": [
                    numbers[key(x)]
                    for x in (*chain.from_iterable(route.factors), *route.names)
                    if getattr(x, "by", None) == route.variable
                ],
                "factors": [
                    {
                        "of": key(same[0].of),
                        "by": key(same[0].by),
                        "names": [numbers[key(x)] for x in same],
                    }
                    for same in route.factors
                ],
                "names": [numbers[key(x)] for x in route.names],
            }
            for route in derivation.routes
        ],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def fields(derivation: Derivation) -> list[dict[str, Any]]:
    """The inputs and weights that can be changed, each with its derivative."""
    script = derivation.script
    if script is None:
        return []
    graph = derivation.program
    totals = set(script.results)
    found = []
    for name, start in zip(script.arguments, script.start, strict=True):
        total = Total(graph.outputs[0], name)
        shown = len(graph.outputs) == 1 and total in totals
        found.append(
            {
                "symbol": name,
                "start": _written(start),
                "is_list": isinstance(start, tuple),
                "reach": _reach(start),
                "total": total if shown else None,
            }
        )
    return found


def _written(start: float | tuple[float, ...]) -> str:
    return ", ".join(map(repr, start)) if isinstance(start, tuple) else repr(start)


def _reach(start: float | tuple[float, ...]) -> float:
    """How far a slider goes to both sides."""
    if isinstance(start, tuple):
        return _REACH
    return max(_REACH, math.ceil(2 * abs(start)))


def shown_outputs(derivation: Derivation) -> list[Symbol]:
    """The names of the outputs whose values stand above the fields."""
    graph, script = derivation.program, derivation.script
    known = () if script is None else script.results
    return [name for o in graph.outputs if (name := graph.shown(o)) in known]
