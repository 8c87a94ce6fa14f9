"""One writer at a time: a results folder's lock, which knows the process that holds it.

The lock itself is the operating system's, and goes with the process however that ends. The process's number
stands beside it for whoever is refused; neither the machine's nor anybody's name is kept.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from filelock import FileLock, Timeout

from simclinic.store.errors import FolderError

_LOCK, _HOLDER = ".lock", ".writer"


class Lock:
    """The lock of a results folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / _LOCK)

    def acquire(self) -> None:
        """Take the lock, or refuse at once.

        Raises
        ------
        FolderError
            If another process holds it.
        """
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise FolderError(
                f"{self._folder}: another simclinic is writing there just now{self._holder()}."
            ) from None
        # A file of its own each time: what a link in its place leads to stays as it is.
        (self._folder / _HOLDER).unlink(missing_ok=True)
        with (self._folder / _HOLDER).open("x", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")

    def release(self) -> None:
        """Give the lock back; nothing is done if it is not held."""
        if not self._lock.is_locked:
            return
        with contextlib.suppress(OSError):
            (self._folder / _HOLDER).unlink(missing_ok=True)
        self._lock.release()

    def _holder(self) -> str:
        try:
            return f" (process {int((self._folder / _HOLDER).read_text(encoding='ascii'))})"
        except (OSError, ValueError):
            return ""
