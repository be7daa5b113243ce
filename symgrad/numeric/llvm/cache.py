"""Compiled code kept on disk, so that a program is compiled once for each machine.

The one rule kept here: the cache only saves time. Whatever is missing, damaged, foreign
or forbidden is compiled anew, without a word.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

VARIABLE = "SYMGRAD_CACHE"
"""the environment variable: a folder, or ``off``"""
OFF = ("off", "0", "no", "false")
LIMIT = 256 << 20
"""bytes that all files may have; the ones unused for longest are removed"""
SUFFIX = ".symgrad-code"
_MAGIC = b"symgrad machine code 1\n"


def folder() -> Path | None:
    """Say where compiled code is kept, None where it is not.

    That is what the variable SYMGRAD_CACHE names, else the user's folder for such
    things: ``$XDG_CACHE_HOME/symgrad`` or ``~/.cache/symgrad``, on macOS
    ``~/Library/Caches/symgrad``, on Windows ``%LOCALAPPDATA%\\symgrad\\Cache``.
    """
    named = os.environ.get(VARIABLE, "")
    if named.lower() in OFF:
        return None
    if named:
        return Path(named)
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
        return (Path(base) if base else home / "AppData/Local") / "symgrad/Cache"
    if sys.platform == "darwin":
        return home / "Library/Caches/symgrad"
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else home / ".cache") / "symgrad"


def key(parts: Iterable[str]) -> str:
    """Give the name of what was compiled from these texts."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        digest.update(f"{len(encoded)}:".encode() + encoded)
    return digest.hexdigest()


def read(name: str) -> bytes | None:
    """Give the code kept under a name, if it is there, ours and undamaged."""
    where = folder()
    if where is None:
        return None
    path = where / f"{name}{SUFFIX}"
    try:
        if not (_is_ours(where) and _is_ours(path)):
            return None
        content = path.read_bytes()
    except OSError:
        return None
    start = len(_MAGIC) + 32
    image = content[start:]
    if content[:start] != _MAGIC + hashlib.sha256(image).digest():
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    return image


def write(name: str, image: bytes) -> None:
    """Keep code under a name; a file appears whole or not at all."""
    where = folder()
    if where is None:
        return
    try:
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(where):
            return
        handle, temporary = tempfile.mkstemp(dir=where, suffix=".part")
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + hashlib.sha256(image).digest() + image)
        os.replace(temporary, where / f"{name}{SUFFIX}")
        _prune(where)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _is_ours(path: Path) -> bool:
    """Whether nobody else could have put code there for us to run."""
    if not hasattr(os, "geteuid"):
        return True
    found = path.stat()
    others = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return found.st_uid == os.geteuid() and not others


def _prune(where: Path) -> None:
    """Remove the files that were not used for longest, beyond the limit."""
    files = []
    for entry in os.scandir(where):
        if entry.name.endswith((SUFFIX, ".part")):
            with contextlib.suppress(OSError):
                found = entry.stat()
                files.append((found.st_mtime, found.st_size, entry.path))
    total = sum(size for _, size, _ in files)
    for _, size, path in sorted(files):
        if total <= LIMIT:
            break
        with contextlib.suppress(OSError):
            os.unlink(path)
            total -= size
