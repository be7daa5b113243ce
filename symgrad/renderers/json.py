"""Derivations as JSON and back, equal to the original in every expression.

The one rule kept here: what is stored is the page as data. Expressions go through
trees.py, which keeps them unevaluated; the kinds of data come from the dataclasses.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from sympy import Basic

from symgrad import trees
from symgrad.derivation import (
    Derivation,
    Edge,
    Line,
    Node,
    Picture,
    Reference,
    Route,
    Script,
    Section,
    Step,
    Table,
)
from symgrad.errors import FormulaError, SymgradError, short
from symgrad.graph import Family, Graph, Stage

FORMAT = "symgrad derivation"
VERSION = 1

_TYPES: dict[str, Callable[..., Any]] = {
    kind.__name__: kind
    for kind in (
        *(Derivation, Section, Step, Line, Table),
        *(Picture, Node, Edge, Route, Script, Graph, Stage, Family),
    )
}


def dump(derivation: Derivation) -> str:
    """Write a derivation as JSON.

    An expression is ``{"expr": tree}``, a dataclass an object with its ``type``.
    """
    page = {"format": FORMAT, "version": VERSION, "page": _pack(derivation)}
    return json.dumps(page, ensure_ascii=False, indent=1) + "\n"


def load(text: str) -> Derivation:
    """Read what ``dump`` wrote.

    Raises ``FormulaError`` for text that is not such a page, or of another version.
    """
    try:
        page = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormulaError(
            f"not a page stored by symgrad: not JSON ({short(str(error))})"
        ) from None
    if not isinstance(page, dict) or page.get("format") != FORMAT:
        raise FormulaError(
            f"not a page stored by symgrad: expected the format {FORMAT!r}; save a "
            "derivation as .json first"
        )
    if page.get("version") != VERSION:
        raise FormulaError(
            f"a page of version {short(page.get('version'))}; this symgrad reads "
            f"version {VERSION}, save the page again"
        )
    try:
        found = _unpack(page.get("page"))
    except SymgradError:
        raise
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        raise _wrong_shape(error) from None
    if not isinstance(found, Derivation):
        raise _wrong_shape(f"expected a Derivation, not a {type(found).__name__}")
    return found


def _wrong_shape(reason: object) -> FormulaError:
    return FormulaError(
        f"a page of the wrong shape: {short(str(reason))}; save it again"
    )


def _pack(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        packed = {name: _pack(inner) for name, inner in fields.items()}
        return {"type": type(value).__name__, **packed}
    if isinstance(value, Basic):
        return {"expr": trees.to_tree(value)}
    if isinstance(value, tuple):
        return [_pack(inner) for inner in value]
    if isinstance(value, Reference):
        return {"words": str(value), "section": _pack(value.target)}
    if isinstance(value, float):
        return value if value - value == 0 else {"float": repr(value)}
    return value


def _unpack(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_unpack(inner) for inner in value)
    if not isinstance(value, dict):
        return value
    if set(value) == {"expr"}:
        return trees.from_tree(value["expr"])
    if set(value) == {"float"}:
        return float(value["float"])
    if set(value) == {"words", "section"}:
        return Reference(value["words"], _unpack(value["section"]))
    fields = {name: _unpack(inner) for name, inner in value.items() if name != "type"}
    if value.get("type") not in _TYPES:
        raise _wrong_shape(f"unknown type {value.get('type')!r}")
    return _TYPES[value["type"]](**fields)
