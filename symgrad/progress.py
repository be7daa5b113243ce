"""A bar for what takes more than a second, in a terminal and nowhere else.

The one rule kept here: a pipe, a file and a notebook never see it, and when the work
is done nothing of it is left on the screen. Written by hand: Rich would take a thread
and longer to load than most of what is waited for.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import TextIO, TypeVar

T = TypeVar("T")
PATIENCE = 1.0
"""Seconds without a bar."""
_EVERY = 0.1
_WIDTH = 30
_CLEAR = "\r\x1b[K"


def watched(
    items: Iterable[T],
    what: str,
    count: int | None = None,
    stream: TextIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[T]:
    """Give items one by one; where that takes long, with a bar on standard error.

    ``count`` says how many they are where they have no length.

    >>> list(watched([1, 2, 3], "squares"))
    [1, 2, 3]
    """
    shown = sys.stderr if stream is None else stream
    if count is None:
        assert isinstance(items, Sized)
        count = len(items)
    if shown is None or not shown.isatty():
        yield from items
        return
    next_time = clock() + PATIENCE
    is_shown = False
    try:
        for done, item in enumerate(items):
            if clock() >= next_time:
                is_shown = True
                next_time = clock() + _EVERY
                shown.write(_CLEAR + bar(min(done, count), count, what))
                shown.flush()
            yield item
    finally:
        if is_shown:
            shown.write(_CLEAR)
            shown.flush()


@contextmanager
def waiting(
    what: str, stream: TextIO | None = None, patience: float = PATIENCE
) -> Iterator[None]:
    """Tell the seconds that another program, or one long call, takes meanwhile."""
    shown = sys.stderr if stream is None else stream
    if shown is None or not shown.isatty():
        yield
        return
    is_done = threading.Event()

    def tell() -> None:
        start = time.monotonic()
        if is_done.wait(patience):
            return
        while True:
            shown.write(f"{_CLEAR}{what}: {time.monotonic() - start:.0f} s")
            shown.flush()
            if is_done.wait(1.0):
                break
        shown.write(_CLEAR)
        shown.flush()

    thread = threading.Thread(target=tell, name="symgrad waiting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_done.set()
        thread.join()


def bar(done: int, count: int, what: str) -> str:
    """A bar of what is done.

    >>> bar(1, 2, "equalities")
    '━━━━━━━━━━━━━━━─────────────── 1 of 2 equalities'
    """
    full = _WIDTH * done // count
    return f"{'━' * full}{'─' * (_WIDTH - full)} {done:,} of {count:,} {what}"
