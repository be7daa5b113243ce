"""Pieces of code, which know when they need brackets.

The one rule kept here: a piece is finished; nothing looks into its code again.
"""

from __future__ import annotations

from dataclasses import dataclass

ATOM = 9


@dataclass(frozen=True)
class Text:
    """A piece of code, how strongly it binds, and how deep it nests."""

    code: str
    strength: int = ATOM
    depth: int = 0
