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
    with contextlib.suppress(OSError):
        head, _, content = path.read_bytes().partition(b"\n")
        if head == _head(key, content):
            return content
    content = compute()
    if not sys.dont_write_bytecode:
        with contextlib.suppress(OSError):
            _write(path, _head(key, content) + b"\n" + content)
    return content


def _head(key: str, content: bytes) -> bytes:
    """Return the first line of a file: the key, and the digest of what follows."""
    return f"{key} {hashlib.sha256(content).hexdigest()}".encode()


def _write(path: Path, content: bytes) -> None:
    """Write a file as a whole; never part of it."""
    path.parent.mkdir(exist_ok=True)
    handle, new = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(new).chmod(0o644)
        Path(new).replace(path)
    except OSError:
        Path(new).unlink()
        raise
