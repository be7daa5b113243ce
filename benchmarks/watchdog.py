"""Work that may hang, done in a child process that is killed when it does.

The one rule kept here: what is tried is told before it is tried, so that whatever ends
a run, a hang or a crash, is named by it.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from typing import Any

FORK = multiprocessing.get_context("fork")  # the child has all that is imported here


def watched(
    work: Callable[[Any], Any], items: Iterable[Any], seconds: float
) -> Iterator[tuple[Any, Any]]:
    """Yield each item with ``work(item)``, or None where its child was killed."""
    child = pipe = None
    for item in items:
        if child is None or pipe is None:
            pipe, other = FORK.Pipe()
            child = FORK.Process(target=_serve, args=(work, other), daemon=True)
            child.start()
            other.close()
        pipe.send(item)
        try:
            result = pipe.recv() if pipe.poll(seconds) else None
        except EOFError:  # it crashed
            result = None
        if result is None:
            child.kill()
            child.join()
            child = None
        yield item, result
    if child is not None:
        child.kill()


def _serve(work: Callable[[Any], Any], pipe: Any) -> None:
    while True:
        pipe.send(work(pipe.recv()))
