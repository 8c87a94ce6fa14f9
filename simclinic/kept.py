"""Results of long computations, kept beside Python's compiled files.

What is kept follows from its key, so it can be lost at any time. Where Python may write no compiled files, nothing
is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path


def kept(source: Path, suffix: str, key: str, compute: Callable[[], bytes]) -> bytes:
    """Return what follows from a key, computed only if it has not been kept for the same key.

    Parameters
    ----------
    source
        The module to whose compiled file it belongs.
    suffix
        Ending of the name of the file in which it is kept.
    key
        The digest of everything from which it follows; one line of ASCII.
    compute
        Computes it.
    """
    path = Path(importlib.util.cache_from_source(str(source))).with_suffix(suffix)
    found = read(path, key)
    if found is not None:
        return found
    content = compute()
    if not sys.dont_write_bytecode:
        with contextlib.suppress(OSError):
            keep(path, key, content)
    return content


def read(path: Path, key: str) -> bytes | None:
    """Return what a file keeps for a key; None if there is no such file, or it is damaged or of another key."""
    with contextlib.suppress(OSError):
        head, _, content = path.read_bytes().partition(b"\n")
        if head == _head(key, content):
            return content
    return None


def keep(path: Path, key: str, content: bytes) -> None:
    """Write what follows from a key to a file, for :func:`read`; two processes may do so at once.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, _head(key, content) + b"\n" + content)


def _head(key: str, content: bytes) -> bytes:
    """Return the first line of a file: the key, and the digest of what follows."""
    return f"{key} {hashlib.sha256(content).hexdigest()}".encode()


def _write(path: Path, content: bytes) -> None:
    """Write a file as a whole; never part of it."""
    handle, new = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(new).chmod(0o644)
        Path(new).replace(path)
    except BaseException:
        Path(new).unlink()
        raise
